//! Headings, passages and segments as few bytes: what an index keeps of them is read for
//! every answer, and as JSON it took longer than everything else about a document.

use super::summary::{PASSAGE_KINDS, Passage, Unit};
use super::{Heading, Segment, SegmentKind};

const KINDS: [SegmentKind; 11] = [
    SegmentKind::Heading,
    SegmentKind::Paragraph,
    SegmentKind::ListItem,
    SegmentKind::Task,
    SegmentKind::TableHeader,
    SegmentKind::TableRow,
    SegmentKind::Code,
    SegmentKind::Property,
    SegmentKind::Quote,
    SegmentKind::Title,
    SegmentKind::Other,
];

/// Packs segments as variable-length numbers; about five bytes each.
pub(crate) fn pack_units(segments: &[Segment]) -> Vec<u8> {
    let mut out = Vec::with_capacity(segments.len() * 5);
    let mut end = 0;
    for segment in segments {
        let kind = KINDS
            .iter()
            .position(|kind| *kind == segment.kind)
            .unwrap_or(KINDS.len() - 1);
        push_number(&mut out, kind);
        push_number(&mut out, segment.markdown.start - end);
        push_number(&mut out, segment.markdown.len());
        push_number(
            &mut out,
            segment.heading.map_or(0, |heading| heading as usize + 1),
        );
        push_number(&mut out, segment.group as usize);
        end = segment.markdown.end;
    }
    out
}

/// Undoes [`pack_units`]; stops at what it cannot read.
pub(crate) fn unpack_units(mut bytes: &[u8]) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut end = 0;
    while let Some(unit) = take_unit(&mut bytes, end) {
        end = unit.markdown.end;
        units.push(unit);
    }
    units
}

fn take_unit(bytes: &mut &[u8], end: usize) -> Option<Unit> {
    let kind = *KINDS.get(take_number(bytes)?)?;
    let start = end + take_number(bytes)?;
    let len = take_number(bytes)?;
    let heading = u32::try_from(take_number(bytes)?).ok()?.checked_sub(1);
    let group = u32::try_from(take_number(bytes)?).ok()?;
    Some(Unit {
        kind,
        markdown: start..start + len,
        heading,
        group,
    })
}

/// Packs passages as variable-length numbers; about eight bytes each.
pub(crate) fn pack_passages(passages: &[Passage]) -> Vec<u8> {
    let mut out = Vec::with_capacity(passages.len() * 8);
    let mut end = 0;
    for passage in passages {
        let kind = PASSAGE_KINDS.iter().position(|kind| *kind == passage.kind);
        push_number(&mut out, kind.unwrap_or_default());
        // They do not overlap, but nothing here depends on it.
        let start = passage.markdown.start;
        push_number(&mut out, start.checked_sub(end).map_or(0, |gap| gap + 1));
        if start < end {
            push_number(&mut out, start);
        }
        push_number(&mut out, passage.markdown.len());
        push_number(
            &mut out,
            passage.heading.map_or(0, |heading| heading as usize + 1),
        );
        let header = passage.table_header.as_ref();
        push_number(&mut out, header.map_or(0, |header| header.len() + 1));
        if let Some(header) = header {
            push_number(&mut out, header.start);
        }
        end = passage.markdown.end;
    }
    out
}

/// Undoes [`pack_passages`]; stops at what it cannot read.
pub(crate) fn unpack_passages(mut bytes: &[u8]) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut end = 0;
    while let Some(passage) = take_passage(&mut bytes, end) {
        end = passage.markdown.end;
        passages.push(passage);
    }
    passages
}

fn take_passage(bytes: &mut &[u8], end: usize) -> Option<Passage> {
    let kind = *PASSAGE_KINDS.get(take_number(bytes)?)?;
    let start = match take_number(bytes)? {
        0 => take_number(bytes)?,
        gap => end.checked_add(gap - 1)?,
    };
    let markdown = start..start.checked_add(take_number(bytes)?)?;
    let heading = u32::try_from(take_number(bytes)?).ok()?.checked_sub(1);
    let table_header = match take_number(bytes)? {
        0 => None,
        len => {
            let start = take_number(bytes)?;
            Some(start..start.checked_add(len - 1)?)
        }
    };
    Some(Passage {
        markdown,
        text: 0..0,
        heading,
        kind,
        table_header,
    })
}

/// Packs headings: numbers, and texts with their length before them.
pub(crate) fn pack_headings(headings: &[Heading]) -> Vec<u8> {
    let mut out = Vec::with_capacity(headings.len() * 48);
    for heading in headings {
        out.push(heading.level);
        push_number(&mut out, heading.parent.map_or(0, |at| at as usize + 1));
        push_text(&mut out, &heading.text);
        push_text(&mut out, &heading.anchor_s);
        out.push(u8::from(heading.anchor_f.is_some()));
        if let Some(anchor) = &heading.anchor_f {
            push_text(&mut out, anchor);
        }
    }
    out
}

/// Undoes [`pack_headings`]; stops at what it cannot read.
pub(crate) fn unpack_headings(mut bytes: &[u8]) -> Vec<Heading> {
    std::iter::from_fn(|| take_heading(&mut bytes)).collect()
}

fn take_heading(bytes: &mut &[u8]) -> Option<Heading> {
    Some(Heading {
        level: *bytes.split_off_first()?,
        parent: u32::try_from(take_number(bytes)?).ok()?.checked_sub(1),
        text: take_text(bytes)?,
        anchor_s: take_text(bytes)?,
        anchor_f: match *bytes.split_off_first()? {
            0 => None,
            _ => Some(take_text(bytes)?),
        },
        block: None,
    })
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    push_number(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn take_text(bytes: &mut &[u8]) -> Option<String> {
    let length = take_number(bytes)?;
    let text = std::str::from_utf8(bytes.split_off(..length)?);
    text.ok().map(str::to_owned)
}

#[expect(clippy::cast_possible_truncation, reason = "masked to seven bits")]
fn push_number(out: &mut Vec<u8>, mut n: usize) {
    while n >= 0x80 {
        out.push((n & 0x7f) as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn take_number(bytes: &mut &[u8]) -> Option<usize> {
    let mut n = 0;
    for shift in (0..usize::BITS).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        n |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(n);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    #[test]
    fn passages_come_back_as_they_went() {
        let passage = |kind, markdown: Range<usize>, heading, table_header| Passage {
            markdown,
            text: 0..0,
            heading,
            kind,
            table_header,
        };
        let passages = [
            passage("prose", 0..100, None, None),
            passage("table", 102..70_000, Some(3), Some(50..60)),
            // Out of order and overlapping, as damage may have it.
            passage("attachment", 90..90, Some(0), Some(0..0)),
        ];
        let packed = pack_passages(&passages);
        assert_eq!(unpack_passages(&packed), passages);
        for end in 0..packed.len() {
            assert!(unpack_passages(&packed[..end]).len() < 3);
        }
        assert!(unpack_passages(&[255; 40]).is_empty());
    }

    #[test]
    fn headings_come_back_as_they_went() {
        let heading = |level, text: &str, anchor_f: Option<&str>, parent| Heading {
            level,
            text: text.into(),
            anchor_s: format!("Page-{text}"),
            anchor_f: anchor_f.map(str::to_owned),
            parent,
            block: None,
        };
        let long = "long ".repeat(100);
        let headings = [
            heading(1, "Übergabe", Some("Übergabe"), None),
            heading(2, "", Some(""), Some(0)),
            heading(6, &long, None, Some(1)),
        ];
        let packed = pack_headings(&headings);
        assert_eq!(unpack_headings(&packed), headings);
        for end in 0..packed.len() {
            assert!(unpack_headings(&packed[..end]).len() < 3);
        }
        assert!(unpack_headings(&[255; 40]).is_empty());
    }

    #[test]
    fn units_come_back_as_they_went() {
        let segment = |kind, start: usize, end: usize, heading| Segment {
            kind,
            markdown: start..end,
            text: 0..0,
            source: 0..0,
            heading,
            group: 3,
        };
        let segments = [
            segment(SegmentKind::Heading, 0, 10, Some(0)),
            segment(SegmentKind::Code, 12, 70_000, Some(0)),
            segment(SegmentKind::Other, 70_001, 70_001, None),
        ];
        let units = unpack_units(&pack_units(&segments));
        assert_eq!(units.len(), 3);
        for (unit, segment) in units.iter().zip(&segments) {
            assert_eq!(
                (unit.kind, &unit.markdown),
                (segment.kind, &segment.markdown)
            );
            assert_eq!((unit.heading, unit.group), (segment.heading, segment.group));
        }
    }
}
