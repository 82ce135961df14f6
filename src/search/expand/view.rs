//! A document's Markdown with what is filled in, and the way back to its own.

use std::ops::Range;

use crate::model::Unit;
use crate::ports::Fetched;
use crate::search::api::{Filled, OffsetUnit};
use crate::search::offsets;

/// Text to put into a document's own Markdown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Insertion {
    /// Byte of the own Markdown.
    pub(crate) at: usize,
    pub(crate) side: Side,
    pub(crate) text: String,
    /// Says what it is; its offsets are set when a page of the view is served.
    pub(crate) filled: Filled,
}

/// What of the own text at its place an insertion belongs to, in the order in which
/// insertions stand at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    /// To what it follows.
    Behind,
    /// To nothing: it has lines of its own.
    Below,
    /// To what follows.
    Before,
}

/// The Markdown that is served: the document's own, whole and in order, with insertions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct View {
    pub(crate) text: String,
    /// The document's own units, where they stand in the view.
    pub(crate) units: Vec<Unit>,
    inserted: Vec<Inserted>,
}

#[derive(Debug, Clone, PartialEq)]
struct Inserted {
    at: usize,
    side: Side,
    /// Bytes of the view.
    range: Range<usize>,
    filled: Filled,
}

impl View {
    /// The document with nothing filled in.
    pub(crate) fn own(document: &Fetched) -> Self {
        Self {
            text: document.markdown.clone(),
            units: document.units.clone(),
            inserted: Vec::new(),
        }
    }

    /// The document with insertions, which rise by place and side and stand on boundaries of
    /// characters.
    pub(crate) fn new(document: &Fetched, insertions: Vec<Insertion>) -> Self {
        let more = insertions
            .iter()
            .map(|insertion| insertion.text.len())
            .sum::<usize>();
        let mut view = Self {
            text: String::with_capacity(document.markdown.len() + more),
            units: Vec::new(),
            inserted: Vec::with_capacity(insertions.len()),
        };
        let mut done = 0;
        for insertion in insertions {
            let Insertion {
                at,
                side,
                text,
                filled,
            } = insertion;
            view.text.push_str(&document.markdown[done..at]);
            let start = view.text.len();
            view.text.push_str(&text);
            let range = start..view.text.len();
            view.inserted.push(Inserted {
                at,
                side,
                range,
                filled,
            });
            done = at;
        }
        view.text.push_str(&document.markdown[done..]);
        let moved = document.units.iter().map(|unit| {
            let range = &unit.markdown;
            let start = view.of_own(range.start);
            let end = view.place(range.end, Side::Behind);
            Unit {
                markdown: start..end.max(start),
                ..unit.clone()
            }
        });
        view.units = moved.collect();
        view
    }

    /// Where a byte of the own Markdown stands: behind what is filled in there, but for what
    /// belongs to it.
    pub(crate) fn of_own(&self, byte: usize) -> usize {
        self.place(byte, Side::Below)
    }

    /// The same behind no more than what has this side or an earlier one.
    fn place(&self, byte: usize, side: Side) -> usize {
        let passed = |inserted: &Inserted| match inserted.side {
            _ if inserted.at != byte => inserted.at < byte,
            own => own <= side,
        };
        let n = self.inserted.partition_point(passed);
        match n.checked_sub(1).map(|n| &self.inserted[n]) {
            Some(last) => last.range.end + (byte - last.at),
            None => byte,
        }
    }

    /// The byte of the own Markdown; all that is filled in at a place is that place.
    pub(crate) fn to_own(&self, byte: usize) -> usize {
        let n = self
            .inserted
            .partition_point(|inserted| inserted.range.start <= byte);
        match n.checked_sub(1).map(|n| &self.inserted[n]) {
            Some(last) => last.at + byte.saturating_sub(last.range.end),
            None => byte,
        }
    }

    /// What is filled in on a page of the view, cut to it, with offsets in the page's text.
    pub(crate) fn filled(&self, page: &Range<usize>, unit: OffsetUnit) -> Vec<Filled> {
        let on_page = self.inserted.iter().filter_map(|inserted| {
            let start = inserted.range.start.max(page.start);
            let end = inserted.range.end.min(page.end);
            (start < end).then(|| (start - page.start..end - page.start, &inserted.filled))
        });
        let (ranges, filled): (Vec<_>, Vec<_>) = on_page.unzip();
        let marks = offsets::highlights(&self.text[page.clone()], &ranges, unit);
        let moved = marks.into_iter().zip(filled).map(|(mark, filled)| Filled {
            start: mark.start,
            end: mark.end,
            ..filled.clone()
        });
        moved.collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::search::api::FilledKind;
    use crate::search::testing::document;

    fn filled() -> Filled {
        Filled {
            start: 0,
            end: 0,
            kind: FilledKind::Page,
            macro_name: None,
            sources: Vec::new(),
            listed: None,
            total: None,
            truncated: false,
        }
    }

    fn view(markdown: &str, insertions: &[(usize, &str)]) -> View {
        let make = |(at, text): &(usize, &str)| Insertion {
            at: *at,
            side: Side::Below,
            text: (*text).to_owned(),
            filled: filled(),
        };
        View::new(
            &document("1", "T", markdown),
            insertions.iter().map(make).collect(),
        )
    }

    #[test]
    fn units_move_and_keep_their_text() {
        let markdown = "One.\n\nTwo.\n\nThree.";
        let view = view(markdown, &[(4, "\n\n> a"), (10, "\n\n> b")]);
        assert_eq!(view.text, "One.\n\n> a\n\nTwo.\n\n> b\n\nThree.");
        let texts: Vec<&str> = view
            .units
            .iter()
            .map(|u| &view.text[u.markdown.clone()])
            .collect();
        assert_eq!(texts, ["One.", "Two.", "Three."]);
    }

    #[test]
    fn links_are_parts_of_their_units() {
        let markdown = "Ink, pen.\n\nPaper";
        let link = |at: usize, side, text: &str| Insertion {
            at,
            side,
            text: text.to_owned(),
            filled: filled(),
        };
        let view = View::new(
            &document("1", "T", markdown),
            vec![
                link(0, Side::Before, "["),
                link(3, Side::Behind, "](page:2)"),
                link(9, Side::Below, "\n\n> Below."),
                link(11, Side::Before, "["),
                link(16, Side::Behind, "](page:3)"),
            ],
        );
        let texts: Vec<&str> = view
            .units
            .iter()
            .map(|u| &view.text[u.markdown.clone()])
            .collect();
        assert_eq!(texts, ["[Ink](page:2), pen.", "[Paper](page:3)"]);
        assert_eq!(view.of_own(11), view.text.find("[Paper").unwrap());
        assert_eq!(view.to_own(view.of_own(11)), 11);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever page of a view is served: without what is filled in, it is the document's
        /// own Markdown at the span.
        #[test]
        fn a_page_without_what_is_filled_in_is_the_own_text(
            blocks in prop::collection::vec("[a-zé🚢 ]{1,9}", 1..6),
            inserts in prop::collection::vec("(\n\n> [xé]{0,5})?", 6),
            cuts in (0_usize..200, 0_usize..200),
        ) {
            let markdown = blocks.join("\n\n");
            let mut at = 0;
            let mut insertions = Vec::new();
            for (block, text) in blocks.iter().zip(&inserts) {
                at += block.len();
                insertions.push((at, text.as_str()));
                at += 2;
            }
            let view = view(&markdown, &insertions);
            let boundary = |at: usize| view.text.floor_char_boundary(at.min(view.text.len()));
            let (a, b) = (boundary(cuts.0), boundary(cuts.1));
            let page = a.min(b)..a.max(b);
            let mut own = view.text[page.clone()].to_owned();
            for part in view.filled(&page, OffsetUnit::Byte).iter().rev() {
                own.replace_range(part.start..part.end, "");
            }
            let span = view.to_own(page.start)..view.to_own(page.end);
            prop_assert_eq!(&own, &markdown[span]);
            for at in 0..=markdown.len() {
                prop_assert_eq!(view.to_own(view.of_own(at)), at);
            }
        }
    }
}
