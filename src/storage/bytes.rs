//! Looks for bytes that need care, many at a time.
//!
//! Nearly all text needs none, so what is to be found is rare and the way to it long. A
//! class is a handful of comparisons without branches, which the compiler turns into
//! instructions on whole chunks; a table of 256 entries would be read byte by byte.

/// Bytes looked at together.
const CHUNK: usize = 16;

/// A class of bytes as a table, for what is read byte by byte anyway.
pub(super) const fn table(class: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at < class.len() {
        table[class[at] as usize] = true;
        at += 1;
    }
    table
}

/// The place of the first byte of a class.
#[inline]
pub(super) fn position(bytes: &[u8], class: impl Fn(u8) -> bool) -> Option<usize> {
    let any = |chunk: &[u8; CHUNK]| {
        let any = chunk
            .iter()
            .fold(0, |any, byte| any | u8::from(class(*byte)));
        any != 0
    };
    let mut at = 0;
    while let Some(chunk) = bytes[at..].first_chunk()
        && !any(chunk)
    {
        at += CHUNK;
    }
    // The rest with what is before it makes a last chunk.
    if bytes.len() - at < CHUNK && bytes.last_chunk().is_some_and(|chunk| !any(chunk)) {
        return None;
    }
    (at..bytes.len()).find(|at| class(bytes[*at]))
}

/// The place of the first byte that makes a pair of a class with the byte after it; behind the
/// last byte comes a zero.
#[inline]
pub(super) fn pair_position(bytes: &[u8], class: impl Fn(u8, u8) -> bool) -> Option<usize> {
    let first = |chunk: &[u8; CHUNK], next: &[u8; CHUNK]| {
        let mut flags = [0; CHUNK];
        for at in 0..CHUNK {
            flags[at] = u8::from(class(chunk[at], next[at]));
        }
        first_set(flags)
    };
    let mut at = 0;
    while let Some(next) = bytes.get(at + 1..).and_then(<[u8]>::first_chunk) {
        let chunk = bytes[at..].first_chunk()?;
        if let Some(found) = first(chunk, next) {
            return Some(at + found);
        }
        at += CHUNK;
    }
    let rest = &bytes[at..];
    let (chunk, next) = (padded(rest), padded(rest.get(1..).unwrap_or_default()));
    let found = first(&chunk, &next).filter(|found| *found < rest.len());
    found.map(|found| at + found)
}

/// At most a chunk, filled up with zeros.
fn padded(bytes: &[u8]) -> [u8; CHUNK] {
    let mut chunk = [0; CHUNK];
    let length = bytes.len().min(CHUNK);
    chunk[..length].copy_from_slice(&bytes[..length]);
    chunk
}

/// The place of the first one among zeros.
fn first_set(flags: [u8; CHUNK]) -> Option<usize> {
    let flags = u128::from_le_bytes(flags);
    (flags != 0).then(|| flags.trailing_zeros() as usize / 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_found_wherever_it_stands() {
        for length in 0..50 {
            let mut text = vec![b'a'; length];
            assert_eq!(position(&text, |byte| byte == b'b'), None);
            assert_eq!(pair_position(&text, |a, b| (a, b) == (b'a', b'b')), None);
            for at in (0..length).rev() {
                text[at] = b'b';
                assert_eq!(position(&text, |byte| byte == b'b'), Some(at));
                let pair = pair_position(&text, |a, b| (a, b) == (b'a', b'b'));
                assert_eq!(pair, at.checked_sub(1));
            }
        }
    }
}
