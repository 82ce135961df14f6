//! Headings of a document and the sections below them, as ranges of its Markdown.

use std::ops::Range;

use crate::model::{Heading, SegmentKind, Summary};
use crate::ports::Fetched;

/// Indices of the headings above and including one, outermost first.
pub(crate) fn path(headings: &[Heading], innermost: Option<u32>) -> Vec<usize> {
    let mut path = Vec::new();
    let mut next = innermost;
    // A parent stands before its child, so this ends even if the record is damaged.
    while let Some(index) = next.map(|index| index as usize) {
        let Some(heading) = headings.get(index) else {
            break;
        };
        path.push(index);
        next = heading.parent.filter(|parent| (*parent as usize) < index);
    }
    path.reverse();
    path
}

/// Texts of the headings above and including one, outermost first.
pub(crate) fn path_texts(summary: &Summary, innermost: Option<u32>) -> Vec<String> {
    let path = path(&summary.headings, innermost);
    let texts = path.into_iter().map(|n| summary.headings[n].text.clone());
    texts.filter(|text| !text.is_empty()).collect()
}

/// Where each heading stands, in document order: its index and its first byte.
pub(crate) fn starts(document: &Fetched) -> Vec<(u32, usize)> {
    let units = document.units.iter();
    let headings = units.filter(|unit| unit.kind == SegmentKind::Heading);
    headings
        .filter_map(|unit| Some((unit.heading?, unit.markdown.start)))
        .collect()
}

/// The section of each heading, subsections included, in document order.
pub(crate) fn ranges(document: &Fetched) -> Vec<(u32, Range<usize>)> {
    let level = |index: u32| {
        document
            .summary
            .headings
            .get(index as usize)
            .map(|h| h.level)
    };
    let mut sections: Vec<(u32, Range<usize>)> = Vec::new();
    // Positions in `sections` of headings whose section is open.
    let mut open: Vec<usize> = Vec::new();
    for (index, start) in starts(document) {
        while let Some(&last) = open.last()
            && level(sections[last].0) >= level(index)
        {
            sections[last].1.end = start;
            open.pop();
        }
        open.push(sections.len());
        sections.push((index, start..document.markdown.len()));
    }
    sections
}

/// The section around a passage: that of its innermost heading, or what stands before the
/// first heading.
pub(crate) fn around(document: &Fetched, heading: Option<u32>) -> Range<usize> {
    let Some(heading) = heading else {
        let first = starts(document).first().map(|(_, start)| *start);
        return 0..first.unwrap_or(document.markdown.len());
    };
    let sections = ranges(document);
    let found = sections.into_iter().find(|(index, _)| *index == heading);
    found.map_or(0..document.markdown.len(), |(_, range)| range)
}

/// The heading that a caller names: an id of the outline, a path joined by ` > `, or the
/// text of a heading. The first one in the document wins.
pub(crate) fn find(summary: &Summary, wanted: &str) -> Option<u32> {
    let headings = &summary.headings;
    let by_id = wanted
        .strip_prefix('h')
        .and_then(|n| n.parse::<usize>().ok())
        .and_then(|n| n.checked_sub(1))
        .filter(|n| *n < headings.len());
    let wanted: Vec<String> = wanted.split(" > ").map(fold).collect();
    let whole = fold(&wanted.join(" > "));
    let ends_as_wanted = |n: usize| {
        let path = path(headings, u32::try_from(n).ok());
        let tail = path.len().checked_sub(wanted.len());
        tail.is_some_and(|tail| {
            let texts = path[tail..].iter().map(|&n| fold(&headings[n].text));
            texts.eq(wanted.iter().cloned())
        })
    };
    let named = |n: &usize| fold(&headings[*n].text) == whole || ends_as_wanted(*n);
    let found = (0..headings.len()).find(named).or(by_id)?;
    u32::try_from(found).ok()
}

/// The id of a heading in the outline.
pub(crate) fn outline_id(index: usize) -> String {
    format!("h{}", index + 1)
}

/// White space and case do not tell headings apart.
fn fold(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::testing::document;

    const PAGE: &str = "Intro.\n\n# Ice rules\n\nRules.\n\n## When a sailing is cancelled\n\nAt 9 cm.\n\n# Contacts\n\nCall.\n\n## When a sailing is cancelled\n\nCall too.\n";

    #[test]
    fn sections_hold_their_subsections() {
        let document = document("1", "Winter", PAGE);
        let shown = |range: &Range<usize>| document.markdown[range.clone()].replace('\n', "|");
        let sections = ranges(&document);
        let texts: Vec<_> = sections.iter().map(|(_, range)| shown(range)).collect();
        assert_eq!(
            texts,
            [
                "# Ice rules||Rules.||## When a sailing is cancelled||At 9 cm.||",
                "## When a sailing is cancelled||At 9 cm.||",
                "# Contacts||Call.||## When a sailing is cancelled||Call too.|",
                "## When a sailing is cancelled||Call too.|",
            ]
        );
        assert_eq!(shown(&around(&document, None)), "Intro.||");
    }

    #[test]
    fn headings_are_found_by_text_path_and_id() {
        let document = document("1", "Winter", PAGE);
        for (wanted, expected) in [
            ("ice  Rules", Some(0)),
            ("When a sailing is cancelled", Some(1)),
            ("Contacts > When a sailing is cancelled", Some(3)),
            ("h3", Some(2)),
            ("h0", None),
            ("h9", None),
            ("Ice", None),
        ] {
            assert_eq!(find(&document.summary, wanted), expected, "{wanted}");
        }
    }
}
