//! Character references.
//!
//! The named ones are HTML5's, which hold all of XHTML 1.0's; bodies use them although
//! no document type declares them. The table stands in `entities.txt`, sorted by name.

use std::sync::LazyLock;

/// Longest name in the table, in bytes.
const LONGEST: usize = 31;

/// What a reference stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reference {
    Char(char),
    /// The few HTML5 names that mean two characters.
    Pair(char, char),
    /// A number that no text may hold; the reader sees U+FFFD.
    Illegal,
}

/// Reads the reference at the start of `text`, which begins with `&`, and its length.
///
/// `None`: the ampersand is literal.
pub(super) fn decode(text: &str) -> Option<(Reference, usize)> {
    let body = text.as_bytes().get(1..)?;
    let window = &body[..body.len().min(LONGEST + 1)];
    let end = window.iter().position(|byte| *byte == b';')?;
    let name = text.get(1..=end)?;
    let reference = match name.strip_prefix('#') {
        Some(number) => numeric(number)?,
        None => named(name)?,
    };
    Some((reference, end + 2))
}

fn numeric(number: &str) -> Option<Reference> {
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let value = u32::from_str_radix(digits, radix).unwrap_or(u32::MAX);
    let allowed = char::from_u32(value).filter(|c| !is_forbidden(*c));
    Some(allowed.map_or(Reference::Illegal, Reference::Char))
}

/// Characters that XML does not allow in a document.
pub(super) fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

fn named(name: &str) -> Option<Reference> {
    match name {
        "nbsp" => return Some(Reference::Char('\u{a0}')),
        "amp" => return Some(Reference::Char('&')),
        "lt" => return Some(Reference::Char('<')),
        "gt" => return Some(Reference::Char('>')),
        "quot" => return Some(Reference::Char('"')),
        _ => {}
    }
    let at = TABLE.binary_search_by(|(key, _)| (*key).cmp(name)).ok()?;
    Some(TABLE[at].1)
}

static TABLE: LazyLock<Vec<(&'static str, Reference)>> = LazyLock::new(|| {
    include_str!("entities.txt")
        .lines()
        .filter_map(|line| {
            let mut parts = line.split(' ');
            let name = parts.next()?;
            let mut code = || char::from_u32(u32::from_str_radix(parts.next()?, 16).ok()?);
            let first = code()?;
            let reference = match code() {
                Some(second) => Reference::Pair(first, second),
                None => Reference::Char(first),
            };
            Some((name, reference))
        })
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_numbers_and_what_is_neither() {
        let cases: &[(&str, Option<(Reference, usize)>)] = &[
            ("&amp;", Some((Reference::Char('&'), 5))),
            ("&Uuml;", Some((Reference::Char('Ü'), 6))),
            ("&uuml;x", Some((Reference::Char('ü'), 6))),
            ("&thetasym;", Some((Reference::Char('ϑ'), 10))),
            ("&#x1F600;", Some((Reference::Char('😀'), 9))),
            ("&#65;", Some((Reference::Char('A'), 5))),
            ("&#0;", Some((Reference::Illegal, 4))),
            ("&#xD800;", Some((Reference::Illegal, 8))),
            ("&#99999999999;", Some((Reference::Illegal, 14))),
            ("&notarealentity;", None),
            ("& b;", None),
            ("&", None),
            ("&;", None),
            ("&#x;", None),
        ];
        for (text, expected) in cases {
            assert_eq!(decode(text), *expected, "{text}");
        }
    }

    #[test]
    fn the_table_is_sorted_and_whole() {
        assert_eq!(TABLE.len(), 2125);
        assert!(TABLE.is_sorted_by(|a, b| a.0 < b.0));
        assert!(TABLE.iter().all(|(name, _)| name.len() <= LONGEST));
    }
}
