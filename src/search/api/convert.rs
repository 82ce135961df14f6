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
    /// What was damaged, dropped or cut.
    pub warnings: Vec<ConvertWarning>,
    /// The rest of the metadata record: `headings`, `anchors`, `links`, `mentions`, `tasks`,
    /// `properties`, `code`, `attachments`, `transclusions`, `excerpts`, `generated`, `jira`,
    /// `dates`, `statuses`, `macros` and more. What a body has none of may be
    /// absent.
    #[serde(flatten)]
    pub record: BTreeMap<String, Value>,
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
