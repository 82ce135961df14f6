//! What an index keeps of a document to serve it without anything else: the facts of
//! the document object, its headings, the ranges of its passages and segments.

use std::ops::Range;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Ancestor, AttachmentInfo, ContentId, ContentRef, ContentType, Heading, Label, Lang,
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
    /// Kept beside the facts, by [`pack_headings`](super::pack_headings).
    #[serde(skip)]
    pub(crate) headings: Vec<Heading>,
    /// Kept beside the facts, by [`pack_passages`](super::pack_passages).
    #[serde(skip)]
    pub(crate) passages: Vec<Passage>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) warnings: Vec<Warning>,
    /// Warnings beyond those kept.
    #[serde(default)]
    pub(crate) warnings_dropped: u32,
}

/// The part of a [`Summary`] that a list shows, read from the same JSON.
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
