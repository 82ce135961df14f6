//! Byte ranges of a text as callers count them: code points, UTF-16 units or bytes,
//! with lines.

use std::ops::Range;

use super::api::{Highlight, OffsetUnit, Span};

/// Length of a text in a unit.
pub(crate) fn length(text: &str, unit: OffsetUnit) -> usize {
    // Counted over bytes: a character begins with any byte that is not a continuation,
    // and takes two UTF-16 units when it begins with 0xf0 or more.
    let starts = || count(text, |byte| byte & 0xc0 != 0x80);
    let wide = || count(text, |byte| byte >= 0xf0);
    match unit {
        OffsetUnit::Byte => text.len(),
        OffsetUnit::CodePoint => starts(),
        OffsetUnit::Utf16 => starts() + wide(),
    }
}

/// The byte at which `offset` units have gone by; the end of the text when it is shorter. An
/// offset inside a character gives the beginning of that character.
pub(crate) fn byte_of(text: &str, offset: usize, unit: OffsetUnit) -> usize {
    let mut passed = 0;
    for (at, c) in text.char_indices() {
        let next = passed
            + match unit {
                OffsetUnit::Byte => c.len_utf8(),
                OffsetUnit::CodePoint => 1,
                OffsetUnit::Utf16 => c.len_utf16(),
            };
        if next > offset {
            return at;
        }
        passed = next;
    }
    text.len()
}

/// A range of a text, as it is served.
pub(crate) fn span(text: &str, range: &Range<usize>, unit: OffsetUnit) -> Span {
    let before = &text[..range.start];
    let within = &text[range.clone()];
    let start = length(before, unit);
    let start_line = lines(before) + 1;
    Span {
        start,
        end: start + length(within, unit),
        unit,
        start_line,
        end_line: start_line + lines(within.strip_suffix('\n').unwrap_or(within)),
    }
}

/// Ranges that rise, in a unit. One walk over the text.
pub(crate) fn highlights(text: &str, ranges: &[Range<usize>], unit: OffsetUnit) -> Vec<Highlight> {
    let (mut byte, mut passed) = (0, 0);
    let mut advance = |to: usize| {
        passed += length(&text[byte..to], unit);
        byte = to;
        passed
    };
    let mut out = Vec::with_capacity(ranges.len());
    for range in ranges {
        let start = advance(range.start);
        let end = advance(range.end);
        out.push(Highlight { start, end });
    }
    out
}

/// Bytes of the lines `first..=last`, counted from 1 and clipped to the text.
pub(crate) fn line_range(text: &str, first: usize, last: usize) -> Range<usize> {
    let mut starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
    let start = starts.nth(first.saturating_sub(1)).unwrap_or(text.len());
    let end = match last.checked_sub(first) {
        Some(more) => starts.nth(more).unwrap_or(text.len()),
        None => start,
    };
    start..end
}

fn lines(text: &str) -> usize {
    count(text, |byte| byte == b'\n')
}

/// How many bytes are of a kind: added up in bytes, so that many are looked at at once.
fn count(text: &str, is: impl Fn(u8) -> bool) -> usize {
    let blocks = text.as_bytes().chunks(usize::from(u8::MAX));
    let of_block = |block: &[u8]| {
        block
            .iter()
            .fold(0_u8, |sum, byte| sum + u8::from(is(*byte)))
    };
    blocks.map(|block| usize::from(of_block(block))).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UNITS: [OffsetUnit; 3] = [OffsetUnit::CodePoint, OffsetUnit::Utf16, OffsetUnit::Byte];

    /// Cuts a text by offsets the way a caller in each unit would.
    fn cut(text: &str, start: usize, end: usize, unit: OffsetUnit) -> String {
        match unit {
            OffsetUnit::Byte => text[start..end].to_owned(),
            OffsetUnit::CodePoint => text.chars().skip(start).take(end - start).collect(),
            OffsetUnit::Utf16 => {
                let units: Vec<u16> = text.encode_utf16().collect();
                String::from_utf16(&units[start..end]).unwrap()
            }
        }
    }

    #[test]
    fn lines_are_counted_from_one_and_end_inclusive() {
        let text = "a\nb\nc\n";
        let lines = |range| {
            let span = span(text, &range, OffsetUnit::Byte);
            (span.start_line, span.end_line)
        };
        assert_eq!(lines(0..1), (1, 1));
        assert_eq!(lines(0..2), (1, 1));
        assert_eq!(lines(2..5), (2, 3));
        assert_eq!(line_range(text, 2, 3), 2..6);
        assert_eq!(line_range(text, 1, 1), 0..2);
        assert_eq!(line_range(text, 9, 12), 6..6);
        assert_eq!(line_range(text, 3, 1), 4..4);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_unit_cuts_the_same_text(head in "[a-zé🚢冬\n]{0,20}", body in "[a-zé🚢冬\n]{0,20}", tail in "[a-zé🚢冬\n]{0,9}") {
            let text = format!("{head}{body}{tail}");
            let range = head.len()..head.len() + body.len();
            for unit in UNITS {
                let span = span(&text, &range, unit);
                prop_assert_eq!(cut(&text, span.start, span.end, unit), body.clone());
                prop_assert_eq!(byte_of(&text, span.start, unit), range.start);
                prop_assert_eq!(byte_of(&text, span.end, unit), range.end);
                let marks = highlights(&text, std::slice::from_ref(&range), unit);
                prop_assert_eq!((marks[0].start, marks[0].end), (span.start, span.end));
            }
        }
    }
}
