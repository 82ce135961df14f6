//! What reading asks and answers: the document object, its text, its outline.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Anchor, IndexState, OffsetUnit, Span, Truncated};

/// Which part of a document, in which form. As query parameters of
/// `GET /v1/documents/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReadRequest {
    /// Without it, the document object alone is given; a part or a budget that is asked
    /// for means `markdown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<ReadFormat>,
    /// A heading's text, a path joined by ` > `, or an id of the outline. The section
    /// comes with its subsections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(example = "Ice rules")]
    pub section: Option<String>,
    /// A window of lines, `80-140`, from 1, both ends included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<String>,
    /// A window of offsets, `4100-4900`, end excluded, in `offset_unit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<String>,
    /// Most estimated tokens of text in one answer. Default 6,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 200, maximum = 100_000, default = 6000)]
    #[param(minimum = 200, maximum = 100_000, default = 6000)]
    pub max_tokens: Option<u32>,
    /// `content.next_cursor` of the previous part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// What spans count. Default `code_point`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_unit: Option<OffsetUnit>,
}

/// Forms of a document's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadFormat {
    #[default]
    Markdown,
    /// Without marks, as it is indexed.
    Text,
    /// The block tree.
    Json,
    /// The source form, as Confluence keeps it.
    Storage,
}

/// A document, with a part of its text when that was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DocumentResponse {
    #[serde(flatten)]
    pub document: DocumentObject,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
}

/// The facts of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DocumentObject {
    #[schema(example = "page:4587521")]
    pub id: String,
    /// `page`, `blogpost`, `attachment`, `comment`, …
    pub r#type: String,
    pub title: String,
    pub url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<SpaceRef>,
    /// Root first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ancestors: Vec<ContentAncestor>,
    /// `current`, …
    pub status: String,
    pub version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Author>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_editor: Option<Author>,
    pub labels: Vec<String>,
    /// ISO 639-1, `und` when it is not known.
    pub language: String,
    /// Of the whole Markdown.
    pub est_tokens: u32,
    pub content_hash: String,
    pub indexed_at: String,
    pub parts: Parts,
    pub extraction: Extraction,
    /// Of attachments: media type, file name, size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<Attachment>,
    /// What an attachment or comment hangs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<Container>,
}

/// A space as documents name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SpaceRef {
    #[schema(example = "OPS")]
    pub key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A page above a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContentAncestor {
    pub id: String,
    pub title: String,
}

/// A person by display name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Author {
    pub name: String,
}

/// What a document is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Parts {
    pub sections: u32,
    pub tables: u32,
    pub code_blocks: u32,
}

/// Whether all of the source could be turned into text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Extraction {
    pub complete: bool,
    /// `macro_not_rendered: jira`, `image_without_alt`, …
    pub warnings: Vec<String>,
    /// Warnings beyond those listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more_warnings: Option<u32>,
}

/// The facts that only attachments have.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Attachment {
    pub file_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
}

/// What an attachment or comment hangs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Container {
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// A part of a document's text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Content {
    pub format: ReadFormat,
    /// The parts of a cursor, in order and without anything between them, are the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The block tree, with `format` `json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub body: Option<serde_json::Value>,
    /// What `storage` is written in: `storage`, `adf`, `wiki`, `html`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub representation: Option<String>,
    /// Where `text` stands in the document's Markdown; with `format` `markdown` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// Headings above the beginning of the text, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heading_path: Vec<String>,
    /// What was asked for goes on before or after this text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncated: Option<Truncated>,
    pub est_tokens: u32,
    pub max_tokens: u32,
    pub estimator: String,
    /// Absent when this is the last part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// The headings of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OutlineResponse {
    pub id: String,
    pub title: String,
    pub url: String,
    pub version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    pub est_tokens: u32,
    pub headings: Vec<OutlineHeading>,
    pub index: IndexState,
}

/// One heading and the section below it, subsections included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OutlineHeading {
    /// Stable for the version; accepted as `section`.
    #[schema(example = "h3")]
    pub id: String,
    pub level: u8,
    pub text: String,
    /// Id of the heading it stands under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    pub anchor: Anchor,
    pub url: String,
    /// From 1.
    pub start_line: usize,
    /// Inclusive.
    pub end_line: usize,
    /// Of the whole section.
    pub est_tokens: u32,
}
