//! What a search may be asked.

use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// A question, a CQL filter, or both.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchRequest {
    /// Plain language, keywords, `"exact phrase"`, `-word`, `field:word` for `title`,
    /// `label`, `space`, `file`. Required unless `cql` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<Queries>,
    /// CQL that narrows the search, evaluated in the index; `ORDER BY` is refused here. At most
    /// 16 KiB, not counting what stands in lists; 10,000 values in a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 1048576,
        example = "space = OPS and type in (page, attachment)"
    )]
    pub cql: Option<String>,
    /// The same narrowing without CQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<SearchFilter>,
    /// Most results: documents, or passages when `group_by` is `none`. Default 8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 50, default = 8)]
    pub limit: Option<u32>,
    /// Budget for all `text` together, in estimated tokens. Default 4,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 200, maximum = 100_000, default = 4000)]
    pub max_tokens: Option<u32>,
    /// How much text around a hit. Default `passage`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Context>,
    /// Default `document`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_by: Option<GroupBy>,
    /// Most passages under one document. Default 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10, default = 3)]
    pub passages_per_document: Option<u32>,
    /// Where the list stops. Default `auto`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<Cutoff>,
    /// `omitted.next_cursor` of the previous answer to the same question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Adds why each result is where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explain: Option<bool>,
    /// What `span` and `highlights` count. Default `code_point`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_unit: Option<OffsetUnit>,
    /// Preference for recent versions among near-equals. Default `auto`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freshness: Option<Freshness>,
    /// Whether documents whose best passages are copies of each other are shown once, the
    /// others under `also_in`. Default `true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(default = true)]
    pub dedupe: Option<bool>,
    /// How documents are found. Default `auto`, which is `lexical` as long as no vectors are
    /// built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Parts that are added to the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include: Option<Vec<Include>>,
    /// Shape of the answer. Default `native`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
}

/// A question, or several that are asked at once and answered by one ranking: a document
/// counts for every one of them that it answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Queries {
    /// 1 to 2,048 characters.
    One(String),
    /// At most eight, each ranked alone with what narrows it; the lists are fused by place.
    Several(Vec<String>),
}

/// By hand, because the derive knows no bounds for the parts of an enum.
impl PartialSchema for Queries {
    fn schema() -> RefOr<Schema> {
        let text = || {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .min_length(Some(1))
                .max_length(Some(2_048))
        };
        let several = ArrayBuilder::new()
            .items(text())
            .min_items(Some(1))
            .max_items(Some(8));
        let either = OneOfBuilder::new().item(text()).item(several).description(Some(
            "A question, or several that are asked at once, each ranked alone with what narrows \
             it, and fused by place.",
        ));
        either
            .examples([serde_json::json!(
                "when do we cancel sailings because of ice"
            )])
            .into()
    }
}

impl ToSchema for Queries {}

impl Queries {
    /// The questions in order.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(several) => several,
        }
    }
}

impl From<String> for Queries {
    fn from(one: String) -> Self {
        Self::One(one)
    }
}

impl From<&str> for Queries {
    fn from(one: &str) -> Self {
        Self::One(one.to_owned())
    }
}

/// A part that is added to an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Include {
    /// The passages right before and after those shown, as far as `max_tokens` allows.
    Neighbors,
    /// The headings of each document.
    Outline,
    /// Attachments of each document, at most 20.
    Attachments,
    /// Comments on each document, at most 20, newest first.
    Comments,
    /// The same as `explain`.
    Explain,
}

/// How documents are found. An open list: `hybrid` comes with vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// What this index can do best.
    #[default]
    Auto,
    /// By words.
    Lexical,
}

/// Shape of an answer. An open list, of which one is served now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// The answer as it is described here.
    #[default]
    Native,
}

/// Fields are combined with AND, among each other and with `cql`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchFilter {
    /// Space keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<Values>,
    /// `page`, `blogpost`, `attachment`, `comment`, …
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind_of_content: Option<Values>,
    /// Names of labels; case does not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Values>,
    /// Ids of pages above the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ancestor: Option<Values>,
    /// Account id or user name of the creator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Values>,
    /// Time of the current version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<TimeRange>,
    /// Time of the first version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<TimeRange>,
    /// ISO 639-1 codes; `und` for documents whose language is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Values>,
    /// Kinds of passage: `prose`, `table`, `code`, `list`, `task`, `properties`,
    /// `comment`, `attachment`. Passages of other kinds are not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Values>,
    /// Only these documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_id: Option<Values>,
}

/// A value, a list that means any of it, or sets that must all hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Values {
    /// Just this value.
    One(String),
    /// Any of these; an empty list matches nothing.
    AnyOf(Vec<String>),
    /// Any of, all of and none of, combined.
    Sets(ValueSets),
}

/// Sets of values that must all hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueSets {
    /// At least one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any: Option<Vec<String>>,
    /// Every one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<Vec<String>>,
    /// None of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub none: Option<Vec<String>>,
}

/// Bounds of a time: RFC 3339, or a date that means its beginning in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeRange {
    /// At this time or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2025-10-01T00:00:00Z")]
    pub gte: Option<String>,
    /// Later than this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gt: Option<String>,
    /// At this time or earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lte: Option<String>,
    /// Earlier than this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lt: Option<String>,
}

/// How much text around a hit is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Context {
    /// The passage alone.
    #[default]
    Passage,
    /// The whole section around the hit, without its subsections' siblings.
    Section,
    /// Whole documents, best first, while the budget lasts.
    Document,
}

/// Whether passages stand under their documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// At most `passages_per_document` passages under each document.
    #[default]
    Document,
    /// A flat list: each result has one passage, and a document may come several times.
    None,
}

/// Where the list stops: a rule, or the lowest score that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Cutoff {
    /// A rule by its name.
    Rule(CutoffRule),
    /// 0 to 1.
    Floor(f64),
}

/// Named rules for the end of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CutoffRule {
    /// Where relevance falls off.
    Auto,
    /// Always fills `limit`.
    None,
}

/// What offsets count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OffsetUnit {
    /// Unicode code points.
    #[default]
    CodePoint,
    /// UTF-16 code units, as in JavaScript and Java.
    Utf16,
    /// Bytes of UTF-8.
    Byte,
}

/// Preference for recent versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// Age does not count.
    None,
    /// May reorder documents whose scores lie within 10 % of each other.
    Mild,
    /// May reorder documents whose scores lie within 25 % of each other.
    Strong,
    /// `mild` where the question asks for what is current, else `none`.
    #[default]
    Auto,
}
