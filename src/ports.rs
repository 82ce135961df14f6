//! The blocking traits between the flows and what they run on: where content comes
//! from ([`Source`]), where it is kept ([`Store`]), where it is found ([`Engine`]) and
//! what time it is ([`Clock`]).
//!
//! Async stays inside adapters. Errors are [`PortError`]: a kind that flows decide by,
//! and a chain that people read.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cql::plan::{Filter, SortKey, TextField};
use crate::model::{
    Brief, Content, ContentId, Directory, Document, DocumentKey, Person, RawBody, Record, SiteId,
    Space, Summary, Told, Unit,
};

/// What went wrong behind a port.
#[derive(Debug, thiserror::Error)]
#[error("{context}")]
pub(crate) struct PortError {
    pub(crate) kind: PortErrorKind,
    /// What was being done, with the fact that helps: path, id, line.
    pub(crate) context: String,
    #[source]
    pub(crate) source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What a flow can do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PortErrorKind {
    /// Another process holds the lock.
    Busy,
    /// There is no such thing: path, run, generation.
    NotFound,
    /// Written by another version; rebuilding from the store mends it.
    Format,
    /// The input cannot be read at all.
    Input,
    /// Whoever watches asked for an end.
    Stopped,
    /// Disk, database or engine.
    Other,
}

impl PortError {
    pub(crate) fn new(kind: PortErrorKind, context: impl Into<String>) -> Self {
        Self {
            kind,
            context: context.into(),
            source: None,
        }
    }

    pub(crate) fn caused(
        kind: PortErrorKind,
        context: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            kind,
            context: context.into(),
            source: Some(source.into()),
        }
    }
}

/// Result of a port.
pub(crate) type PortResult<T> = Result<T, PortError>;

// ---------------------------------------------------------------- sources

/// Where content comes from. Sources stream: memory does not grow with the corpus.
pub(crate) trait Source: Send {
    /// Name, base URL and zone of the site, as far as the source knows.
    fn site(&self) -> PortResult<SiteInfo>;

    /// How much there is to read in bytes, for a progress bar.
    fn size_hint(&self) -> Option<u64>;

    /// Delivers everything in order: spaces and people first, then content.
    ///
    /// Returns whether the source was read to its end. A bad item goes to
    /// [`SourceSink::failure`] and reading goes on. An error means that nothing
    /// further can be read; what was delivered stays.
    fn read(&mut self, sink: &mut dyn SourceSink) -> PortResult<Completeness>;
}

/// What a source delivers into. `false` asks it to stop.
pub(crate) trait SourceSink {
    fn item(&mut self, item: SourceItem) -> PortResult<bool>;
    fn failure(&mut self, failure: Failure);
    /// Bytes of the input consumed so far.
    fn progress(&mut self, bytes: u64);
}

/// One thing that a source has.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "moved once, straight into the store"
)]
pub(crate) enum SourceItem {
    Space(Space),
    Person(Person),
    Content {
        content: Content,
        body: Option<RawBody>,
    },
}

/// Whether everything that the source has was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Completeness {
    /// What is not in here any more is gone.
    Complete,
    /// Something could not be read or the sink stopped: absence proves nothing.
    Partial,
}

/// The site as a source describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SiteInfo {
    pub(crate) name: String,
    pub(crate) base_url: String,
    pub(crate) deployment: Deployment,
    /// IANA name, for CQL's dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) time_zone: Option<String>,
    /// What the source that was read last tells beside content.
    #[serde(default, skip_serializing_if = "Told::is_nothing")]
    pub(crate) told: Told,
}

/// Product edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Deployment {
    #[default]
    Cloud,
    Datacenter,
}

/// One item that could not be taken in. Kept with the run, can be retried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// `read`, `parse`, `convert`, `store`, `index`.
    pub(crate) step: String,
    /// File and line, `content/OPS.jsonl:17`, where the item came from a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
    /// Content id, when it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<ContentId>,
    pub(crate) cause: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        if let Some(id) = &self.id {
            write!(f, "id {id}: ")?;
        }
        write!(f, "{}: {}", self.step, self.cause)
    }
}

// ------------------------------------------------------------------ store

/// The truth: raw bodies, metadata, people, gates, memberships, runs. Every content row
/// has a rising `seq`; an index that says up to which `seq` it goes can be replayed.
pub(crate) trait Store: Send + Sync {
    /// The site of this name, made if it is new; its description is updated.
    fn site(&self, info: &SiteInfo) -> PortResult<SiteId>;
    fn sites(&self) -> PortResult<Vec<(SiteId, SiteInfo)>>;

    fn put_space(&self, site: SiteId, space: &Space) -> PortResult<()>;
    fn spaces(&self) -> PortResult<Vec<(SiteId, Space)>>;
    /// Replaces the people of a site and their groups.
    fn put_people(&self, site: SiteId, people: &[Person]) -> PortResult<()>;

    /// Writes content in one transaction. An item whose version, metadata and body hash
    /// are those already kept and which is already in this channel is left alone, so a
    /// second run changes nothing and an interrupted one goes on.
    ///
    /// Records the membership (channel, item) and that this run saw it.
    fn put_content(
        &self,
        run: RunId,
        site: SiteId,
        channel: &str,
        items: &[(Content, Option<RawBody>)],
    ) -> PortResult<PutCounts>;

    /// Ends the membership of items of this channel that the run did not see; an item
    /// that is in no channel any more becomes a deletion with a `seq`. Returns how many.
    fn remove_unseen(&self, run: RunId, site: SiteId, channel: &str) -> PortResult<u64>;

    /// Highest `seq` given so far.
    fn last_seq(&self) -> PortResult<u64>;
    /// Changes with `seq > after`, in order: at least one while there are any, at most `limit`,
    /// fewer where bodies are large.
    fn changes(&self, after: u64, limit: usize) -> PortResult<Vec<Change>>;
    /// How many rows [`Store::changes`] would deliver in all.
    fn changes_count(&self, after: u64) -> PortResult<u64>;
    /// One item as it is now.
    fn content(&self, key: &DocumentKey) -> PortResult<Option<Stored>>;

    /// People and gates now. Gates of ancestors that no row has and that were not proven
    /// draft or trashed are closed.
    fn directory(&self) -> PortResult<Directory>;
    /// Rises when [`Store::directory`] would answer otherwise. Cheap.
    fn directory_epoch(&self) -> PortResult<u64>;

    fn begin_run(&self, kind: &str, source: &str, now: Timestamp) -> PortResult<RunId>;
    fn record_failures(&self, run: RunId, failures: &[Failure]) -> PortResult<()>;
    fn finish_run(&self, run: RunId, end: &RunEnd, now: Timestamp) -> PortResult<()>;
    /// Newest first.
    fn runs(&self, limit: usize) -> PortResult<Vec<RunRecord>>;
    fn failures(&self, run: RunId) -> PortResult<Vec<Failure>>;
}

/// A run's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct RunId(pub(crate) i64);

/// What a batch of writes did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct PutCounts {
    pub(crate) added: u64,
    pub(crate) updated: u64,
    pub(crate) unchanged: u64,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RunEnd {
    pub(crate) status: RunStatus,
    pub(crate) counts: RunCounts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
}

/// Counts of a run, in items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct RunCounts {
    pub(crate) added: u64,
    pub(crate) updated: u64,
    pub(crate) unchanged: u64,
    pub(crate) removed: u64,
    pub(crate) failed: u64,
    /// Conversion warnings, summed over the bodies.
    pub(crate) warnings: u64,
}

/// State of a run. `Running` without a live process is an interrupted run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RunStatus {
    Running,
    Succeeded,
    SucceededWithFailures,
    Cancelled,
    Failed,
}

/// A run as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RunRecord {
    pub(crate) id: RunId,
    pub(crate) kind: String,
    pub(crate) source: String,
    pub(crate) status: RunStatus,
    pub(crate) started_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) finished_at: Option<Timestamp>,
    pub(crate) counts: RunCounts,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
}

/// A change of the store, in the order of `seq`.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "deletions are few beside items")]
pub(crate) enum Change {
    Put { seq: u64, stored: Stored },
    Delete { seq: u64, key: DocumentKey },
}

/// A content item as the store keeps it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored {
    pub(crate) site: SiteId,
    pub(crate) content: Content,
    pub(crate) body: Option<RawBody>,
    /// Ids of the channels that reach it.
    pub(crate) channels: Vec<String>,
    /// What is above its container, root first, when the container is kept.
    pub(crate) container_ancestors: Vec<ContentId>,
    /// SHA-256 of metadata and body, in hexadecimal.
    pub(crate) hash: String,
}

// ----------------------------------------------------------------- engine

/// An index. Documents are found by
/// [`EngineQuery`]; nothing here knows CQL text or a person.
pub(crate) trait Engine: Send + Sync {
    /// The `seq` up to which the store is in this index.
    fn seq(&self) -> PortResult<u64>;
    /// Replaces and deletes by key, then commits with `seq` in the commit itself. An error
    /// among the changes is returned and nothing is committed.
    fn apply(
        &self,
        changes: &mut dyn Iterator<Item = PortResult<IndexChange>>,
        seq: u64,
    ) -> PortResult<()>;
    /// A view of the newest generation, for as long as it is held; the same one until
    /// there is a newer.
    fn searcher(&self) -> PortResult<Arc<dyn EngineSearcher>>;
}

/// A write to an index.
#[derive(Debug, Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "deletions are few beside documents"
)]
pub(crate) enum IndexChange {
    Put(IndexDocument),
    Delete(DocumentKey),
}

/// A document with its passages, cut.
#[derive(Debug, Clone)]
pub(crate) struct IndexDocument {
    pub(crate) document: Document,
    /// Kept for serving.
    pub(crate) summary: Summary,
}

/// One generation of an index. Everything asked of it is of that generation.
pub(crate) trait EngineSearcher: Send + Sync {
    /// Rises with every commit.
    fn generation(&self) -> u64;
    /// Ranked documents: score descending, then id. At most `k`.
    fn search(&self, query: &EngineQuery, k: usize) -> PortResult<Vec<Hit>>;
    /// How many documents match.
    fn count(&self, query: &EngineQuery) -> PortResult<u64>;
    /// Documents in the order of `sort` after `offset`, at most `limit`, unranked.
    fn list(
        &self,
        query: &EngineQuery,
        sort: &[SortKey],
        offset: usize,
        limit: usize,
    ) -> PortResult<Listed>;
    /// Sites that have documents in this generation.
    fn sites(&self) -> PortResult<Vec<SiteId>>;
    /// The best passages of each document, best first: (number of the passage, score).
    fn passages(
        &self,
        documents: &[(&Hit, &Fetched)],
        terms: &[Scored],
        n: usize,
    ) -> PortResult<Vec<Vec<(u32, f32)>>>;
    /// Positions of words in the whole text of each hit, rising: `[hit][word][occurrence]`. A
    /// word is any of its terms.
    fn positions(&self, hits: &[Hit], words: &[&[String]]) -> PortResult<Vec<Vec<Vec<u32>>>>;
    /// Whether each term stands in the text of each hit: `[hit][term]`.
    fn stand(&self, hits: &[Hit], terms: &[String]) -> PortResult<Vec<Vec<bool>>>;
    /// What is served of each hit.
    fn fetch(&self, hits: &[Hit]) -> PortResult<Vec<Fetched>>;
    /// What a list shows of each hit.
    fn briefs(&self, hits: &[Hit]) -> PortResult<Vec<Brief>>;
    /// The metadata record of each hit.
    fn records(&self, hits: &[Hit]) -> PortResult<Vec<Record>>;
    /// The row of a key, if this generation has it and the query's access admits it.
    fn find(&self, key: &DocumentKey, access: &AccessFilter) -> PortResult<Option<Hit>>;
    /// In how many documents each term stands (service-wide statistics).
    fn doc_freq(&self, terms: &[String]) -> PortResult<Vec<u64>>;
    /// Values of a CQL column that begin with `prefix`, each of some document that the query
    /// matches, in their own order. At most `limit`.
    fn values(
        &self,
        column: &str,
        prefix: &str,
        query: &EngineQuery,
        limit: usize,
    ) -> PortResult<Vec<String>>;
    /// Number of documents by content type that a query matches.
    fn count_by_type(&self, query: &EngineQuery) -> PortResult<Vec<(String, u64)>>;
}

/// A query as engines get it: scored clauses, filter, access. All three must hold; the
/// scored clause decides the order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EngineQuery {
    /// `None`: everything that passes the filters, all with score 0.
    pub(crate) scored: Option<Scored>,
    pub(crate) filter: Filter,
    pub(crate) access: AccessFilter,
}

/// Who may see: applied before ranking, counting and everything else.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct AccessFilter {
    /// `Some`: only documents of one of these channels.
    pub(crate) channels: Option<Vec<String>>,
    /// Gates the viewer fails; a row that names one of them does not exist.
    pub(crate) failed_gates: Vec<String>,
}

/// Scored clauses: a closed list, because these score alike on every engine.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scored {
    /// One analysed term of a text field.
    Term {
        field: TextField,
        term: String,
        boost: f32,
    },
    /// Exact phrase (slop 0) of analysed terms at consecutive positions.
    Phrase {
        field: TextField,
        terms: Vec<String>,
        boost: f32,
    },
    /// The sum of what matches; at least one must.
    AnyOf(Vec<Scored>),
    /// The best counts, the others `tie` of theirs.
    DisMax { clauses: Vec<Scored>, tie: f32 },
}

/// A document of one generation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hit {
    pub(crate) key: DocumentKey,
    pub(crate) score: f32,
    /// The engine's own address of the row within its generation.
    pub(crate) address: u64,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Listed {
    pub(crate) hits: Vec<Hit>,
    /// Size of the whole list.
    pub(crate) total: u64,
}

/// What is served of a document.
#[derive(Debug, Clone)]
pub(crate) struct Fetched {
    pub(crate) summary: Summary,
    pub(crate) markdown: String,
    pub(crate) units: Vec<Unit>,
}

/// The plainest ranking, which others are measured against.
pub(crate) trait Baseline: Send + Sync {
    /// Numbers of the documents in the order they were added, best first, at most `k`; equal
    /// scores in the order of the documents.
    fn rank(&self, question: &str, k: usize) -> PortResult<Vec<usize>>;
}

/// What time it is. Everything that needs the time is given it from here.
pub(crate) trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}
