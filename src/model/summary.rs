//! What an index keeps of a document to serve it without anything else: the facts of
//! the document object, its headings, the ranges of its passages and segments.

use std::ops::Range;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Ancestor, AttachmentInfo, ContentId, ContentRef, ContentType, Heading, Label, Lang, Segment,
    SegmentKind, Status, Version, Warning,
};

/// Facts of a document as it stood when it was indexed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Summary {
    pub(crate) id: ContentId,
    pub(crate) kind: ContentType,
    #[serde(default)]
    pub(crate) status: Status,
    pub(crate) title: String,
    /// Absolute, never empty.
    pub(crate) url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) space_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) space_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) space_url: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) ancestors: Vec<Ancestor>,
    pub(crate) version: Version,
    /// Place among its siblings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) position: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) created: Option<Timestamp>,
    /// Display name of the creator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) author: Option<String>,
    /// Display name of who made the current version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_editor: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) labels: Vec<Label>,
    pub(crate) language: Lang,
    /// Of the whole Markdown, by the named estimator.
    pub(crate) est_tokens: u32,
    /// `sha256:…`
    pub(crate) content_hash: String,
    pub(crate) indexed_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) container: Option<ContentRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attachment: Option<AttachmentInfo>,
    /// Headings have ids by rule F in the browser; else by rule S.
    #[serde(default)]
    pub(crate) current_editor: bool,
    pub(crate) tables: u32,
    pub(crate) code_blocks: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) headings: Vec<Heading>,
    /// Kept beside the facts, by [`pack_passages`].
    #[serde(skip)]
    pub(crate) passages: Vec<Passage>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) warnings: Vec<Warning>,
    /// Warnings beyond those kept.
    #[serde(default)]
    pub(crate) warnings_dropped: u32,
}

/// The part of a [`Summary`] that a list shows, read from the same JSON: headings and
/// passages are most of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Brief {
    pub(crate) id: ContentId,
    pub(crate) kind: ContentType,
    pub(crate) title: String,
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) space_key: Option<String>,
    #[serde(default)]
    pub(crate) space_name: Option<String>,
    pub(crate) version: Version,
}

impl Summary {
    pub(crate) fn brief(&self) -> Brief {
        Brief {
            id: self.id.clone(),
            kind: self.kind.clone(),
            title: self.title.clone(),
            url: self.url.clone(),
            space_key: self.space_key.clone(),
            space_name: self.space_name.clone(),
            version: self.version.clone(),
        }
    }
}

/// A retrievable part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Passage {
    /// Bytes of the document's Markdown, whole segments.
    pub(crate) markdown: Range<usize>,
    /// Bytes of the document's text; empty once it was indexed, when positions of terms tell.
    pub(crate) text: Range<usize>,
    /// Index of the innermost heading; its parents lead to the root.
    pub(crate) heading: Option<u32>,
    /// One of [`PASSAGE_KINDS`].
    pub(crate) kind: &'static str,
    /// Bytes of the Markdown of a table's header rows, when the passage begins below them.
    pub(crate) table_header: Option<Range<usize>>,
}

/// What a passage consists of, or what it is a passage of.
pub(crate) const PASSAGE_KINDS: [&str; 8] = [
    "prose",
    "table",
    "code",
    "list",
    "task",
    "properties",
    "comment",
    "attachment",
];

/// The part of a segment that reading needs: its kind, range and heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) kind: SegmentKind,
    pub(crate) markdown: Range<usize>,
    pub(crate) heading: Option<u32>,
    pub(crate) group: u32,
}

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
