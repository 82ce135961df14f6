//! What a search answers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ListedDocument, OffsetUnit, OutlineHeading, Queries, SpaceRef};

/// Ranked, cited passages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SearchResponse {
    /// The question as it was understood.
    pub query: QueryEcho,
    /// Best first; without anything to rank by, the newest first.
    pub results: Vec<SearchResult>,
    /// How well the best result answers.
    pub r#match: Match,
    /// How many visible documents the whole list has.
    pub total: Total,
    /// What was found and is not in this answer, and how to get it.
    pub omitted: Omitted,
    /// What the caller should know about this answer; why it is empty, if it is.
    pub notices: Vec<Notice>,
    /// Useful next calls.
    pub next: Vec<NextCall>,
    /// What the answer costs its reader, in estimated tokens.
    pub usage: Usage,
    /// State of the index that answered.
    pub index: IndexState,
    /// How the list came about; absent unless `explain` was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explain: Option<SearchExplanation>,
    /// Time from question to answer inside the service, in milliseconds.
    pub took_ms: u64,
}

/// The question as it was understood.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct QueryEcho {
    /// The words as they were sent; absent when only `cql` was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Queries>,
    /// The CQL as it was sent; absent when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cql: Option<String>,
    /// Language of the question, when its words give it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// `lexical`.
    pub mode: String,
}

/// One document with its best passages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SearchResult {
    /// The document that the passages are from.
    pub document: ResultDocument,
    /// 0 to 1, falling with rank; roughly comparable between questions; not a
    /// probability.
    pub score: f64,
    /// Visible documents whose best passage is a copy of this one's, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_in: Vec<String>,
    /// Best first; exactly one when `group_by` is `none`.
    pub passages: Vec<PassageObject>,
    /// Passages next to those above, in the order of the document; absent unless asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub neighbors: Vec<PassageObject>,
    /// Headings of the document; absent unless asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outline: Vec<OutlineHeading>,
    /// Visible attachments of the document; absent unless asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<ListedDocument>,
    /// Visible comments on the document; absent unless asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<ListedDocument>,
    /// Why it is where it is; absent unless `explain` was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explain: Option<ResultExplanation>,
}

/// The facts of a document that stand beside its passages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ResultDocument {
    /// Reads, outlines and filters take it.
    #[schema(example = "page:4587521")]
    pub id: String,
    /// `page`, `blogpost`, `attachment`, `comment`, …
    pub r#type: String,
    /// As in Confluence; of an attachment, its file name.
    pub title: String,
    /// Absolute; opens the document in Confluence.
    pub url: String,
    /// Number of the version that is indexed and quoted.
    pub version: u32,
    /// Time of that version, RFC 3339 in UTC; absent when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// The space it belongs to; absent when that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<SpaceRef>,
    /// Titles, root first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ancestors: Vec<String>,
    /// Names of its labels, without prefixes; absent when it has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Estimated tokens of the whole Markdown: what reading all of it costs.
    pub est_tokens: u32,
}

/// A piece of a document's own Markdown with its citation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PassageObject {
    /// From 1, over all passages of the list.
    pub rank: u32,
    /// Pinned to the version; another version may number its passages otherwise.
    #[schema(example = "page:4587521@14#p7")]
    pub id: String,
    /// Id of the document, without version and passage.
    pub document_id: String,
    /// Type of the document: `page`, `blogpost`, `attachment`, `comment`, …
    pub r#type: String,
    /// Title of the document.
    pub title: String,
    /// Headings above the passage, outermost first.
    pub heading_path: Vec<String>,
    /// The document's Markdown at `span`. When `table_header` is given, the header rows
    /// of the table stand before it.
    pub text: String,
    /// `markdown`.
    pub format: String,
    /// `prose`, `table`, `code`, `list`, `task`, `properties`, `comment`, `attachment`.
    pub kind: String,
    /// Matched words, as ranges of `text`.
    pub highlights: Vec<Highlight>,
    /// Where the passage stands in the document's Markdown.
    pub span: Span,
    /// Where the repeated header rows stand in the document's Markdown. Present only
    /// when the passage begins below the header of its table; `text` is then these
    /// rows followed by the Markdown at `span`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_header: Option<Span>,
    /// Which end was cut to fit the budget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncated: Option<Truncated>,
    /// Absolute; opens the document in Confluence.
    pub url: String,
    /// Opens at the heading, where there is one; else equals `url`.
    pub deep_url: String,
    /// What `deep_url` points to, and how surely.
    pub anchor: Anchor,
    /// Space of the document; absent when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<SpaceRef>,
    /// Titles of the pages above the document, root first; absent when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ancestors: Vec<String>,
    /// Number of the version that is quoted.
    pub version: u32,
    /// Time of that version, RFC 3339 in UTC; absent when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// Names of the document's labels; absent when it has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// 0 to 1, never above the document's score; not a probability.
    pub score: f64,
    /// Of `text`.
    pub est_tokens: u32,
    /// `sha256:` and the hash of `text` in hexadecimal.
    pub content_hash: String,
    /// What to print beside a quotation of it.
    pub citation: Citation,
}

/// A range of a passage's `text`, in the unit of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Highlight {
    /// Offset of the first character, from 0.
    pub start: usize,
    /// Exclusive.
    pub end: usize,
}

/// A range of a document's own Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Span {
    /// Offset of the first character, from 0.
    pub start: usize,
    /// Exclusive.
    pub end: usize,
    /// What `start` and `end` count.
    pub unit: OffsetUnit,
    /// From 1.
    pub start_line: usize,
    /// The line of the last character, inclusive.
    pub end_line: usize,
}

/// Which ends of a text were cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Truncated {
    /// There is more before the text.
    Head,
    /// There is more after the text.
    Tail,
    /// There is more before and after the text.
    Both,
}

/// The id of the heading above a passage, as Confluence gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Anchor {
    /// Not percent-encoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Whether the value stands in the page, was worked out, or is not known.
    pub confidence: AnchorConfidence,
}

/// How an anchor is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnchorConfidence {
    /// An id that stands in the page.
    Exact,
    /// Built by the product's rule for headings.
    Derived,
    /// No anchor is known; links open the page as a whole.
    None,
}

/// What to print beside a quoted passage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Citation {
    /// Rank of the passage, to print beside what is quoted.
    #[schema(example = "1")]
    pub label: String,
    /// Title, heading, space, version and day, as far as they are known.
    #[schema(
        example = "Winter timetable and ice rules › When a sailing is cancelled (OPS, v14, 2026-10-02)"
    )]
    pub text: String,
    /// Absolute; opens the page at the heading, where there is one.
    pub url: String,
}

/// How well the best result answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// The best document has most of what was asked.
    Strong,
    /// It has only a part of it.
    Weak,
    /// Nothing was found; `notices` says why.
    None,
}

/// How many visible documents there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Total {
    /// Visible documents in the whole list; what the cutoff left out is not counted.
    pub documents: u64,
    /// Whether there may be more.
    pub relation: Relation,
}

/// Whether a total was counted to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// There are exactly that many.
    Exact,
    /// Counting stopped early: there may be more.
    AtLeast,
}

/// What was found and is not in this answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Omitted {
    /// Passages that did not fit `max_tokens`.
    pub by_budget: u64,
    /// Documents whose relevance was too low.
    pub by_cutoff: u64,
    /// Continues the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Something the caller should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Notice {
    /// `no_visible_match`, `filter_excludes_all`, `terms_unknown`, `service_view`,
    /// `identity_unknown`; an open list.
    pub code: String,
    /// The same for people, with names and a way out where there is one.
    pub message: String,
    /// The words it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<String>,
}

/// A call that is likely to help next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NextCall {
    /// `read`, `outline` or `search`.
    pub call: String,
    /// The document to call it with; absent for `search`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The section to read, headings joined by ` > `; absent for the whole document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// What the call would bring.
    pub why: String,
}

/// What the answer costs its reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// Of all `text` together.
    pub est_tokens: u32,
    /// The budget that the answer was held to.
    pub max_tokens: u32,
    /// Name of the rule by which tokens are estimated.
    pub estimator: String,
}

/// The state of the index that answered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct IndexState {
    /// Names this state of the index; cursors of searches and listings belong to one.
    pub generation: u64,
    /// When the newest read of a source ended, RFC 3339 in UTC; absent before the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synced_at: Option<String>,
    /// When permissions were last read on their own, RFC 3339 in UTC; absent when they never
    /// were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions_synced_at: Option<String>,
    /// The last read of every source came to its end without failures.
    pub complete: bool,
}

/// How the question was taken apart and why the list stopped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SearchExplanation {
    /// Words of the question that count, in its order.
    pub words: Vec<ExplainedWord>,
    /// Question words that were left out.
    pub dropped: Vec<String>,
    /// Why no further result follows.
    pub stopped: String,
}

/// One word of the question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExplainedWord {
    /// As it was written.
    pub word: String,
    /// Index terms that satisfy it.
    pub terms: Vec<String>,
    /// Share of the question's weight, 0 to 1; rare words weigh more.
    pub weight: f64,
}

/// Why a document is where it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ResultExplanation {
    /// BM25 over text and title.
    pub lexical: f64,
    /// Added for neighbouring words of the question that stand close, and for exact forms.
    pub proximity: f64,
    /// Added to a long document whose best stretch matches better than the whole.
    pub stretch: f64,
    /// Added to a recent version, where the question asks for that.
    pub freshness: f64,
    /// Share of the question's weight that the document has, 0 to 1.
    pub coverage: f64,
    /// Words of the question that it has.
    pub matched: Vec<String>,
}

/// One mistake in a request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body; for a query parameter `/NAME`.
    #[schema(example = "/filter/labels")]
    pub pointer: String,
    /// `unknown_field`, `wrong_type`, `out_of_range`, `required`, `invalid_value`, or
    /// an error code of CQL.
    pub code: String,
    /// Code points from the beginning of the CQL text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<usize>,
    /// Exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<usize>,
    /// What is wrong, for people.
    pub message: String,
    /// What would have been right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<String>,
    /// What to write instead, where that can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}
