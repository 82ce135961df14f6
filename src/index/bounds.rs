//! Where the passages of a document lie among the positions of its text.
//!
//! Passages have no terms of their own: wherever a heading or a passage begins, and where
//! the text ends, the text has the term [`BOUND`]. Its positions and those of the words of a
//! question tell how often each word stands in each passage. So a text is analysed and
//! written once, and passages cost nothing until some are asked for.

use crate::model::{Passage, Segment, SegmentKind, Unit};

/// The term at bounds. Words have no control characters, so nobody's word is this.
pub(super) const BOUND: &str = "\u{1}";

/// Where headings and passages begin, in bytes of the text, in order; the end of the
/// text comes last. As many as [`Layout::starts`] and one more.
pub(super) fn text_bounds(text: &str, segments: &[Segment], passages: &[Passage]) -> Vec<usize> {
    let headings = segments
        .iter()
        .filter(|segment| segment.kind == SegmentKind::Heading)
        .map(|segment| (segment.markdown.start, segment.text.start));
    let passages = passages
        .iter()
        .map(|passage| (passage.markdown.start, passage.text.start));
    let mut starts: Vec<(usize, usize)> = headings.chain(passages).collect();
    starts.sort_unstable();
    starts.dedup_by_key(|(markdown, _)| *markdown);
    let mut last = 0;
    let mut bounds: Vec<usize> = Vec::with_capacity(starts.len() + 1);
    for (_, at) in starts {
        last = last.max(text.floor_char_boundary(at));
        bounds.push(last);
    }
    bounds.push(text.len());
    bounds
}

/// The parts of a document that begin at its bounds.
pub(super) struct Layout {
    /// Bytes of the Markdown, rising.
    starts: Vec<usize>,
    /// Part of each heading.
    headings: Vec<Option<usize>>,
}

impl Layout {
    pub(super) fn new(units: &[Unit], passages: &[Passage], headings: usize) -> Self {
        let of_heading = |unit: &&Unit| unit.kind == SegmentKind::Heading;
        let mut starts: Vec<usize> = units
            .iter()
            .filter(of_heading)
            .map(|unit| unit.markdown.start)
            .chain(passages.iter().map(|passage| passage.markdown.start))
            .collect();
        starts.sort_unstable();
        starts.dedup();
        let mut layout = Self {
            starts,
            headings: vec![None; headings],
        };
        for unit in units.iter().filter(of_heading) {
            let part = layout.part(unit.markdown.start);
            let heading = unit.heading.map(|heading| heading as usize);
            if let Some(heading) = heading.and_then(|at| layout.headings.get_mut(at)) {
                *heading = part;
            }
        }
        layout
    }

    /// Number of parts.
    pub(super) fn parts(&self) -> usize {
        self.starts.len()
    }

    /// The part that begins there.
    pub(super) fn part(&self, markdown: usize) -> Option<usize> {
        self.starts.binary_search(&markdown).ok()
    }

    pub(super) fn heading(&self, heading: u32) -> Option<usize> {
        self.headings.get(heading as usize).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(markdown: usize, text: usize) -> Passage {
        Passage {
            markdown: markdown..markdown + 5,
            text: text..text + 5,
            heading: None,
            kind: "prose",
            table_header: None,
        }
    }

    #[test]
    fn writing_and_reading_see_the_same_bounds() {
        let heading = |markdown: usize, text: usize, number| Segment {
            kind: SegmentKind::Heading,
            markdown: markdown..markdown + 4,
            text: text..text + 2,
            source: 0..0,
            heading: Some(number),
            group: 0,
        };
        let segments = [heading(0, 0, 0), heading(20, 11, 1)];
        // The second heading has nothing under it and is a passage itself.
        let passages = [passage(6, 3), passage(20, 11)];
        let text = "Aa\nbbbb bb Éé";
        assert_eq!(
            text_bounds(text, &segments, &passages),
            [0, 3, 11, text.len()]
        );
        let units = crate::model::unpack_units(&crate::model::pack_units(&segments));
        let layout = Layout::new(&units, &passages, 2);
        assert_eq!(layout.parts(), 3);
        assert_eq!([layout.heading(0), layout.heading(1)], [Some(0), Some(2)]);
        assert_eq!([layout.part(6), layout.part(20)], [Some(1), Some(2)]);
    }
}
