//! What reading asks and answers: the document object, its text, its outline.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Anchor, IndexState, ListedDocument, Notice, OffsetUnit, Span, Total, Truncated};

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
    /// Whether included pages and computed lists are filled in, in `markdown`, and labels made
    /// links, as far as the caller may see them. Default `true`; `false` with `lines` or `span`,
    /// so that what is cited reads back as it was cited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expand: Option<bool>,
}

/// Forms of a document's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadFormat {
    /// Headings, tables, code and links as Markdown; what spans and lines count.
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
    /// What is known about the document, without its text.
    #[serde(flatten)]
    pub document: DocumentObject,
    /// The text, or a part of it; absent when none was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
}

/// The facts of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DocumentObject {
    /// Names the document in every call; with several sites, the site's name stands before
    /// it.
    #[schema(example = "page:4587521")]
    pub id: String,
    /// `page`, `blogpost`, `attachment`, `comment`, …
    pub r#type: String,
    /// As in Confluence; of an attachment, its file name.
    pub title: String,
    /// Absolute; opens the document in Confluence.
    pub url: String,
    /// The space it belongs to; absent when that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<SpaceRef>,
    /// Root first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ancestors: Vec<ContentAncestor>,
    /// `current`, …
    pub status: String,
    /// Number of the version that is indexed, as Confluence counts.
    pub version: u32,
    /// Time of the first version, RFC 3339 in UTC; absent when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// Time of this version, RFC 3339 in UTC; absent when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// Who created it; absent when that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Author>,
    /// Who made this version; absent when that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_editor: Option<Author>,
    /// Names of its labels, without prefixes.
    pub labels: Vec<String>,
    /// ISO 639-1, `und` when it is not known.
    pub language: String,
    /// Of the whole Markdown.
    pub est_tokens: u32,
    /// `sha256:` and a hash in hexadecimal of the source, facts and body; it changes when
    /// either does.
    pub content_hash: String,
    /// When this version went into the index, RFC 3339 in UTC.
    pub indexed_at: String,
    /// How many sections, tables and code blocks it has.
    pub parts: Parts,
    /// What could not be turned into text, if anything.
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
    /// The short name that CQL and filters take.
    #[schema(example = "OPS")]
    pub key: String,
    /// The full name; absent when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Opens the space in Confluence; given in the document object only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A page above a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContentAncestor {
    /// Can be read like any document, if the caller may see it.
    pub id: String,
    /// As it was when the document was indexed.
    pub title: String,
}

/// A person by display name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Author {
    /// As Confluence displays it.
    pub name: String,
}

/// What a document is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Parts {
    /// Number of headings, each of which begins a section.
    pub sections: u32,
    /// Number of tables in the text.
    pub tables: u32,
    /// Number of code blocks in the text.
    pub code_blocks: u32,
}

/// Whether all of the source could be turned into text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Extraction {
    /// True when there are no warnings.
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
    /// With its extension, as it is called in Confluence.
    pub file_name: String,
    /// For example `application/pdf`; absent when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Size of the file in bytes; absent when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
}

/// What an attachment or comment hangs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Container {
    /// Id of the page or other document that it hangs on.
    pub id: String,
    /// Title of that document; absent when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// A part of a document's text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Content {
    /// The form that is given: the one asked for, or `markdown`.
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
    /// Where `text` without what is `filled` in stands in the document's own Markdown; with
    /// `format` `markdown` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// Parts of `text` that are not the document's own, in order; with `format` `markdown`
    /// only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filled: Vec<Filled>,
    /// Headings above the beginning of the text, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heading_path: Vec<String>,
    /// What was asked for goes on before or after this text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncated: Option<Truncated>,
    /// Estimated tokens of `text`, or of `body` written as JSON.
    pub est_tokens: u32,
    /// The budget that this part was held to, in estimated tokens.
    pub max_tokens: u32,
    /// Name of the rule by which tokens are estimated.
    pub estimator: String,
    /// Absent when this is the last part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A part of a text that was filled in when it was read. It stands in no span of the
/// document: what it says is cited from where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Filled {
    /// First offset in `text`, in `offset_unit`.
    pub start: usize,
    /// Offset behind its end.
    pub end: usize,
    /// What it is.
    pub kind: FilledKind,
    /// Name of the macro that asked for a list.
    #[serde(default, rename = "macro", skip_serializing_if = "Option::is_none")]
    pub macro_name: Option<String>,
    /// The documents whose text stands there, the included one first, then what is included
    /// in it; behind the label of a link, what it leads to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<FilledSource>,
    /// Entries or rows of a list that are shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<u64>,
    /// Entries or rows that the caller may see; absent when they were not counted to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Something was left out: too long, too many or too deep.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

/// What was filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilledKind {
    /// The text of another page or blog post.
    Page,
    /// A part of one.
    Excerpt,
    /// A list or a table, computed from the index.
    List,
    /// What makes a link of a label: the bracket before it, and behind it the id and, where
    /// the page names none, the title.
    Link,
}

/// A document whose text was filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FilledSource {
    /// Can be read like any document.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Absolute; opens it in Confluence.
    pub url: String,
    /// Number of the version that stands there.
    pub version: u32,
}

/// Which documents to list beside a document. As query parameters of
/// `GET /v1/documents/{id}/related`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RelatedRequest {
    /// The relation that is asked for.
    #[param(example = "links_in")]
    pub kind: RelatedKind,
    /// Most results. Default 50.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 200, default = 50)]
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
}

/// How documents can be related. An open list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RelatedKind {
    /// Directly below it.
    Children,
    /// Directly above it.
    Parent,
    /// Below the same page.
    Siblings,
    /// Pages and posts that its text links to, in the order of the text.
    LinksOut,
    /// Documents whose text links to it, newest first.
    LinksIn,
    /// Documents that include it or an excerpt of it, newest first.
    IncludedBy,
    /// Files that hang on it.
    Attachments,
    /// Comments on it, newest first.
    Comments,
}

/// Documents that are related to a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RelatedResponse {
    /// Id of the document that was asked about, in its normal form.
    pub id: String,
    /// The relation that was asked for.
    pub kind: RelatedKind,
    /// What the caller may see of them.
    pub results: Vec<ListedDocument>,
    /// How many there are for the caller.
    pub total: Total,
    /// What the caller should know about this answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
    /// State of the index that answered.
    pub index: IndexState,
}

/// The headings of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OutlineResponse {
    /// Id of the document, in its normal form.
    pub id: String,
    /// Title of the document.
    pub title: String,
    /// Absolute; opens the document in Confluence.
    pub url: String,
    /// Number of the version whose headings these are.
    pub version: u32,
    /// Time of that version, RFC 3339 in UTC; absent when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// Estimated tokens of the whole Markdown.
    pub est_tokens: u32,
    /// In document order; empty when the document has none.
    pub headings: Vec<OutlineHeading>,
    /// State of the index that this was read from.
    pub index: IndexState,
}

/// One heading and the section below it, subsections included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OutlineHeading {
    /// Stable for the version; accepted as `section`.
    #[schema(example = "h3")]
    pub id: String,
    /// Depth, 1 for the outermost kind of heading.
    pub level: u8,
    /// The heading as plain text.
    pub text: String,
    /// Id of the heading it stands under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Where a link into the page points to.
    pub anchor: Anchor,
    /// Opens the page at the heading; without a known anchor, the page.
    pub url: String,
    /// From 1.
    pub start_line: usize,
    /// Inclusive.
    pub end_line: usize,
    /// Of the whole section.
    pub est_tokens: u32,
}
