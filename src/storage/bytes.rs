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
    pair_position(bytes, |byte, _| class(byte))
}

/// The place of the first byte that makes a pair of a class with the byte after it; behind the
/// last byte comes a zero.
#[inline]
pub(super) fn pair_position(bytes: &[u8], class: impl Fn(u8, u8) -> bool) -> Option<usize> {
    let next = |at: usize| bytes.get(at + 1).copied().unwrap_or_default();
    let mut at = 0;
    while let Some(chunk) = bytes.get(at..=at + CHUNK) {
        let pairs = chunk[..CHUNK].iter().zip(&chunk[1..]);
        let any = pairs.fold(false, |any, (byte, next)| any | class(*byte, *next));
        if any {
            break;
        }
        at += CHUNK;
    }
    (at..bytes.len()).find(|at| class(bytes[*at], next(*at)))
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
