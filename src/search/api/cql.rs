//! What is asked of CQL and answered about it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{IndexState, Notice, SpaceRef, Total};

/// A CQL text to check or to explain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CqlRequest {
    #[schema(max_length = 8192, example = "space = OPS and label = safety")]
    pub cql: String,
}

/// Whether a CQL text can be used.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct CqlValidation {
    pub valid: bool,
    pub errors: Vec<CqlMistake>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<CqlMistake>,
}

/// A mistake in a CQL text, or something in it that is likely to be one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct CqlMistake {
    #[schema(example = "unknown_field")]
    pub code: String,
    pub message: String,
    /// Code points from the beginning.
    pub start: usize,
    /// Exclusive.
    pub end: usize,
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
    /// Visible documents that match; absent while something is not local.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documents: Option<u64>,
    /// Clauses that only the site can answer.
    pub not_local: Vec<NotLocal>,
    /// Zone of dates that are written without one.
    pub time_zone: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<CqlMistake>,
}

/// A clause that only the site can answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NotLocal {
    pub clause: String,
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
    /// `ORDER BY` is allowed.
    #[schema(max_length = 8192, example = "label = safety order by title")]
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
    pub cql: String,
    pub results: Vec<ListedDocument>,
    pub total: Total,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    pub notices: Vec<Notice>,
    pub index: IndexState,
    pub took_ms: u64,
}

/// A document of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListedDocument {
    pub id: String,
    pub r#type: String,
    pub title: String,
    pub url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<SpaceRef>,
    pub version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}
