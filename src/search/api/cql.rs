//! What is asked of CQL and answered about it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{IndexState, Notice, SpaceRef, Total};

/// A CQL text to check or to explain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CqlRequest {
    /// `ORDER BY` is allowed. At most 16 KiB, not counting what stands in lists; 10,000 values
    /// in a list.
    #[schema(max_length = 1048576, example = "space = OPS and label = safety")]
    pub cql: String,
}

/// Whether a CQL text can be used.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct CqlValidation {
    /// Whether it is right in itself; clauses that only the site can answer do not make it
    /// wrong.
    pub valid: bool,
    /// What keeps it from being answered here; empty when nothing does.
    pub errors: Vec<CqlMistake>,
    /// What can be answered but is probably not meant; absent when there is nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<CqlMistake>,
}

/// A mistake in a CQL text, or something in it that is likely to be one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct CqlMistake {
    /// The kind of mistake, in snake case; stable, for programs.
    #[schema(example = "unknown_field")]
    pub code: String,
    /// What is wrong, for people.
    pub message: String,
    /// Code points from the beginning.
    pub start: usize,
    /// Exclusive.
    pub end: usize,
    /// What would be right in its place; absent when that cannot be listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// What a CQL text means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CqlExplainResponse {
    /// The text in normal form.
    pub normalized: String,
    /// The syntax tree.
    #[schema(value_type = Object)]
    pub tree: serde_json::Value,
    /// What a site is asked for, where this is a channel's query: its pages and blog posts.
    pub sent: String,
    /// The same for what changed, here within the last hour.
    pub sent_for_changes: String,
    /// What the site reads otherwise, or what changes as time goes by, if this is sent;
    /// absent when there is nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent_warnings: Vec<CqlMistake>,
    /// Visible documents that match; absent while something is not local.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documents: Option<u64>,
    /// Clauses that only the site can answer.
    pub not_local: Vec<NotLocal>,
    /// Zone of dates that are written without one.
    pub time_zone: String,
    /// What is probably not meant as it is written; absent when there is nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<CqlMistake>,
}

/// A place in a CQL text that is being written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CqlCompleteRequest {
    /// As far as it is written, right or wrong.
    #[schema(max_length = 8192, example = "space = OPS and lab")]
    pub cql: String,
    /// Where the cursor stands, in code points from the beginning. Default: at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 8192, example = 19)]
    pub cursor: Option<u32>,
}

/// What may stand at a place of a CQL text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct CqlCompleteResponse {
    /// First code point that an item takes the place of.
    pub start: usize,
    /// Exclusive.
    pub end: usize,
    /// Fields, operators, functions, connectives, and values of what the caller may see.
    pub items: Vec<CqlCompletion>,
}

/// Something to put in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CqlCompletion {
    /// `field`, `operator`, `function`, `keyword` or `value`.
    pub kind: String,
    /// What to show.
    pub label: String,
    /// What to write, quoted where it must be.
    pub insert: String,
    /// More about it, such as the name of a space or of a person; absent when there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// A clause that only the site can answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NotLocal {
    /// As it stands in the text.
    pub clause: String,
    /// Why the index cannot answer it.
    pub reason: String,
    /// Code points from the beginning.
    pub start: usize,
    /// Exclusive.
    pub end: usize,
}

/// A listing in CQL's own order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CqlSearchRequest {
    /// `ORDER BY` is allowed. At most 16 KiB, not counting what stands in lists; 10,000 values
    /// in a list.
    #[schema(max_length = 1048576, example = "label = safety order by title")]
    pub cql: String,
    /// Most documents in one answer. Default 50.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<u32>,
    /// `next_cursor` of the previous answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Documents that match, in CQL's order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CqlSearchResponse {
    /// The text as it was sent.
    pub cql: String,
    /// This part of the list, in the order of `ORDER BY` where there is one.
    pub results: Vec<ListedDocument>,
    /// Size of the whole list, always exact.
    pub total: Total,
    /// Continues the list; absent at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// What the caller should know about this answer, such as on whose behalf it was given.
    pub notices: Vec<Notice>,
    /// State of the index that answered.
    pub index: IndexState,
    /// Time from question to answer inside the service, in milliseconds.
    pub took_ms: u64,
}

/// A document of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListedDocument {
    /// Names the document in every call, for example `page:4587521`.
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
    /// Number of the version that is indexed.
    pub version: u32,
    /// Time of that version, RFC 3339 in UTC; absent when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}
