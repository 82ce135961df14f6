//! Looks for bytes that need care, many at a time.
//!
//! Nearly all text needs none, so what is to be found is rare and the way to it long. A
//! class is a handful of comparisons without branches, which the compiler turns into
//! instructions on whole chunks; a table of 256 entries would be read byte by byte.

/// Bytes looked at together.
const CHUNK: usize = 16;

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
    let any = |at: usize| {
        let chunk = |at: usize| bytes[at..].first_chunk::<CHUNK>();
        let (Some(chunk), Some(next)) = (chunk(at), chunk(at + 1)) else {
            return false;
        };
        let pairs = chunk.iter().zip(next);
        pairs.fold(0, |any, (byte, next)| any | u8::from(class(*byte, *next))) != 0
    };
    let next = |at: usize| bytes.get(at + 1).copied().unwrap_or_default();
    let is = |at: &usize| class(bytes[*at], next(*at));
    let Some(last) = bytes.len().checked_sub(CHUNK + 1) else {
        return (0..bytes.len()).find(is);
    };
    let mut at = 0;
    while at < last && !any(at) {
        at += CHUNK;
    }
    // The rest with what is before it makes a last chunk; the last byte has no next.
    if at >= last && !any(last) {
        at = bytes.len() - 1;
    }
    (at..bytes.len()).find(is)
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
