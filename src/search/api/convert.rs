//! A body to convert, and what became of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// A body of a page, comment or post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConvertRequest {
    /// The body as Confluence gives it. An ADF document is the text of its JSON.
    #[schema(example = "<p>Ferries stop at <strong>9 cm</strong> of ice.</p>")]
    pub body: String,
    /// In what the body is written. Absent: what it looks like; wiki markup looks like
    /// text, so it has to be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub representation: Option<BodyRepresentation>,
    /// Title of the page, which is part of the anchors of its headings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// In what a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BodyRepresentation {
    /// Storage format.
    Storage,
    /// An ADF document, as JSON.
    Adf,
    /// Wiki markup of old versions.
    Wiki,
    /// A rendered page: `view`, `export_view`, an HTML export.
    Html,
}

/// A body as text, and what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ConvertResponse {
    /// As Markdown.
    pub markdown: String,
    /// As plain text: a line for each line of a block, tabs between the cells of a row.
    pub text: String,
    /// Its blocks in order: the smallest parts that a passage begins or ends with. What lies
    /// between them is white space or marks.
    pub blocks: Vec<ConvertBlock>,
    /// What was damaged, dropped or cut.
    pub warnings: Vec<ConvertWarning>,
    /// The rest of the metadata record: `headings`, `anchors`, `links`, `mentions`, `tasks`,
    /// `properties`, `code`, `attachments`, `transclusions`, `excerpts`, `generated`, `jira`,
    /// `dates`, `statuses`, `macros` and more. What a body has none of may be
    /// absent. `block` of an entry is the place in `blocks` of the block that it stands in,
    /// or begins in; absent where nothing of it is shown.
    #[serde(flatten)]
    pub record: BTreeMap<String, Value>,
}

/// A block of a body. Ranges are the first byte and the one behind the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConvertBlock {
    /// `heading`, `paragraph`, `list_item`, `task`, `table_header`, `table_row`, `code`,
    /// `property`, `quote`, `title` or `other`.
    #[schema(example = "paragraph")]
    pub kind: String,
    /// In `markdown`, whole lines.
    #[schema(example = json!([0, 40]))]
    pub markdown: [usize; 2],
    /// In `text`.
    #[schema(example = json!([0, 36]))]
    pub text: [usize; 2],
    /// In the body.
    #[schema(example = json!([0, 52]))]
    pub source: [usize; 2],
    /// Place in `headings` of the innermost heading it stands under; of a heading, its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<u32>,
}

/// Something in a body was damaged or was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConvertWarning {
    /// A stable word with underscores.
    #[schema(example = "element_dropped")]
    pub code: String,
    /// Where in the body, in bytes.
    pub byte_offset: usize,
    /// What it was, where that says more.
    pub detail: String,
}
