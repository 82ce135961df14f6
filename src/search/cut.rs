//! Where a text ends when it has to fit a budget.
//!
//! Pages of a reading must join to the whole, so they may end anywhere if there is no
//! better place. A shown passage may not: rather than cutting a word, a code line, a table
//! row or a link, it is not shown.

use std::ops::Range;

use crate::analysis::estimate::prefix_within;
use crate::model::{SegmentKind, Unit};

use super::marks::Marks;

/// The end of the page that begins at `range.start`; beyond it unless the range is empty. The
/// last place that fits: before a unit, after a line, after a word, between characters.
pub(crate) fn page_end(text: &str, units: &[Unit], range: &Range<usize>, budget: u32) -> usize {
    let rest = &text[range.clone()];
    let limit = prefix_within(rest, budget);
    if limit == rest.len() {
        return range.end;
    }
    let fitting = &rest[..limit];
    let before_unit = units
        .partition_point(|unit| unit.markdown.start <= range.start + limit)
        .checked_sub(1)
        .map(|n| units[n].markdown.start)
        .filter(|start| *start > range.start);
    let after = |wanted: fn(char) -> bool| {
        let (at, c) = fitting.char_indices().rev().find(|(_, c)| wanted(*c))?;
        Some(range.start + at + c.len_utf8())
    };
    before_unit
        .or_else(|| after(|c| c == '\n'))
        .or_else(|| after(char::is_whitespace))
        .or_else(|| (limit > 0).then_some(range.start + limit))
        .unwrap_or_else(|| {
            // Not even one character fits, which no budget that is accepted allows.
            range.start + rest.chars().next().map_or(0, char::len_utf8)
        })
}

/// The end of a passage that begins at `range.start` and has to be cut; `None` when there
/// is no place where it may be.
pub(crate) fn passage_end(
    text: &str,
    units: &[Unit],
    range: &Range<usize>,
    budget: u32,
) -> Option<usize> {
    let limit = range.start + prefix_within(&text[range.clone()], budget);
    if limit == range.end {
        return Some(range.end);
    }
    let inside = units
        .iter()
        .filter(|unit| range.start < unit.markdown.end && unit.markdown.start < range.end);
    let whole = inside
        .clone()
        .map(|unit| unit.markdown.end)
        .take_while(|end| *end <= limit)
        .last();
    // A heading alone tells nothing, so it does not count as a part worth showing.
    let only_headings = inside
        .clone()
        .take_while(|unit| unit.markdown.end <= limit)
        .all(|unit| unit.kind == SegmentKind::Heading);
    if let (Some(end), false) = (whole, only_headings) {
        return Some(end);
    }
    let first = inside.clone().find(|unit| unit.markdown.end > limit)?;
    within_unit(text, first, range.start.max(first.markdown.start), limit)
}

fn within_unit(text: &str, unit: &Unit, start: usize, limit: usize) -> Option<usize> {
    if start >= limit {
        return None;
    }
    let fitting = &text[start..limit];
    match unit.kind {
        SegmentKind::TableHeader | SegmentKind::TableRow => None,
        SegmentKind::Code => fitting
            .rfind('\n')
            .filter(|at| fitting[..*at].contains('\n'))
            .map(|at| start + at),
        _ => {
            let marks = Marks::of(&text[start..unit.markdown.end]);
            let free = |at: &usize| !marks.links.iter().any(|l| l.start < *at && *at < l.end);
            let sentence = ends_of_sentences(fitting).filter(free).last();
            let word = || {
                let spaces = fitting.char_indices().rev();
                let mut ends = spaces.filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at);
                ends.find(free)
            };
            let end = sentence.or_else(word).filter(|at| *at > 0)?;
            Some(start + end)
        }
    }
}

/// Bytes after a mark that ends a sentence and has white space behind it; after any such
/// mark of scripts that put none there.
fn ends_of_sentences(text: &str) -> impl Iterator<Item = usize> {
    let next = |at: usize| text[at..].chars().next();
    text.char_indices().filter_map(move |(at, c)| {
        let end = at + c.len_utf8();
        let closes = match c {
            '.' | '!' | '?' | '…' => next(end).is_some_and(char::is_whitespace),
            '。' | '！' | '？' => true,
            _ => false,
        };
        closes.then_some(end)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analysis::estimate::est_tokens;
    use crate::search::testing::document;

    fn cut(markdown: &str, budget: u32) -> Option<String> {
        let document = document("1", "T", markdown);
        let range = 0..markdown.len();
        let end = passage_end(markdown, &document.units, &range, budget)?;
        let text = markdown[..end].to_owned();
        assert!(est_tokens(&text) <= budget, "{text}");
        Some(text)
    }

    #[test]
    fn passages_end_at_units_sentences_and_words() {
        let check = |markdown, budget, expected: Option<&str>| {
            assert_eq!(cut(markdown, budget).as_deref(), expected, "{markdown}");
        };
        check("One two.\n\nThree four five six.", 5, Some("One two."));
        check("One two. Three four five six", 5, Some("One two."));
        check("One two three four five six", 4, Some("One two three"));
        check(
            "One [two three four](x) five six seven eight",
            4,
            Some("One"),
        );
        check(
            "| a | b |\n| --- | --- |\n| one two three four five | six |",
            4,
            None,
        );
        check("Overlongwordthatgoeson", 2, None);
        check("冬の。時刻表です", 4, Some("冬の。"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn pages_join_to_the_whole(markdown in "([a-zé冬 ]{0,30}[.\n]{0,2}){0,12}", budget in 1_u32..20) {
            let document = document("1", "T", &markdown);
            let mut at = 0;
            let mut joined = String::new();
            while at < markdown.len() {
                let end = page_end(&markdown, &document.units, &(at..markdown.len()), budget);
                prop_assert!(end > at);
                prop_assert!(est_tokens(&markdown[at..end]) <= budget);
                joined.push_str(&markdown[at..end]);
                at = end;
            }
            prop_assert_eq!(joined, markdown);
        }
    }
}
