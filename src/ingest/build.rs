//! The store's changes as index operations: converted and cut on all cores, in the
//! order of the store, a bounded batch at a time.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::summary::summarize;
use super::{Phase, Step, Watch};
use crate::analysis::detect;
use crate::model::{Converted, Document, SiteId, Space, Status, Told};
use crate::ports::{
    Change, Deployment, Failure, IndexChange, IndexDocument, PortError, PortErrorKind, PortResult,
    SiteInfo, Store, Stored,
};
use crate::storage::{self, Names};

/// Items converted at a time; with bodies of the largest size allowed this bounds memory.
const BATCH: usize = 256;

/// What is needed to make documents of stored items: spaces, sites and names, read once.
pub(crate) struct Builder {
    sites: HashMap<SiteId, SiteInfo>,
    spaces: HashMap<(SiteId, String), Space>,
    names: People,
    now: Timestamp,
}

/// Display names by identifier.
struct People(HashMap<String, String>);

impl Names for People {
    fn user(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }
}

impl Builder {
    pub(crate) fn new(store: &dyn Store, now: Timestamp) -> PortResult<Self> {
        let spaces = store.spaces()?.into_iter();
        Ok(Self {
            sites: store.sites()?.into_iter().collect(),
            spaces: spaces
                .map(|(site, space)| ((site, space.key.clone()), space))
                .collect(),
            names: People(store.directory()?.names()),
            now,
        })
    }

    /// A stored item as it is indexed and evaluated.
    pub(crate) fn document(&self, stored: &Stored) -> Document {
        let content = &stored.content;
        let converted = self.convert(stored);
        let language = detect(sample(&content.title, &converted));
        let space = content
            .space_key
            .as_ref()
            .and_then(|key| self.spaces.get(&(stored.site, key.clone())).cloned());
        Document {
            site: stored.site,
            content: content.clone(),
            space,
            container_ancestors: stored.container_ancestors.clone(),
            converted,
            language,
            channels: stored.channels.clone(),
            content_hash: format!("sha256:{}", stored.hash),
        }
    }

    fn convert(&self, stored: &Stored) -> Converted {
        let Some(body) = &stored.body else {
            return Converted::default();
        };
        let content = &stored.content;
        // Data Center renders every page itself; in Cloud the body shows who does.
        let server_rendered = match self.sites.get(&stored.site).map(|site| site.deployment) {
            Some(Deployment::Datacenter) => Some(true),
            _ => None,
        };
        let context = storage::Context {
            title: &content.title,
            space_key: content.space_key.as_deref(),
            server_rendered,
        };
        storage::convert(body, &context, &self.names)
    }

    fn site(&self, site: SiteId) -> SiteInfo {
        self.sites.get(&site).cloned().unwrap_or_else(|| SiteInfo {
            name: String::new(),
            base_url: String::new(),
            deployment: Deployment::Cloud,
            time_zone: None,
            told: Told::default(),
        })
    }

    /// The index operation for a change. An item that is not current is not served.
    fn operation(&self, change: &Change) -> (IndexChange, u64) {
        let stored = match change {
            Change::Put { stored, .. } if stored.content.status == Status::Current => stored,
            Change::Put { stored, .. } => {
                let key = crate::model::DocumentKey::new(stored.site, stored.content.id.clone());
                return (IndexChange::Delete(key), 0);
            }
            Change::Delete { key, .. } => return (IndexChange::Delete(key.clone()), 0),
        };
        let document = self.document(stored);
        let warnings = document.converted.meta.warnings.len() as u64;
        let summary = summarize(&document, &self.site(stored.site), self.now);
        (
            IndexChange::Put(IndexDocument { document, summary }),
            warnings,
        )
    }
}

/// Text that shows the language: prose, not the code that a page may begin with.
fn sample<'c>(title: &'c str, converted: &'c Converted) -> &'c str {
    use crate::model::SegmentKind;
    let prose = converted.segments.iter().find(|segment| {
        matches!(segment.kind, SegmentKind::Paragraph | SegmentKind::ListItem)
            && segment.text.len() > 40
    });
    let from = prose.map_or(0, |segment| segment.text.start);
    match converted.text.get(from..) {
        Some(text) if text.len() > 20 => text,
        _ => title,
    }
}

/// What building did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BuildReport {
    pub(crate) documents: u64,
    pub(crate) deleted: u64,
    /// Conversion warnings over all documents.
    pub(crate) warnings: u64,
    pub(crate) failures: Vec<Failure>,
}

/// An iterator of index operations over everything that changed after a `seq`.
pub(crate) struct IndexChanges<'a> {
    store: &'a dyn Store,
    builder: &'a Builder,
    watch: &'a dyn Watch,
    after: u64,
    total: u64,
    ready: std::vec::IntoIter<IndexChange>,
    pub(crate) report: BuildReport,
}

impl<'a> IndexChanges<'a> {
    pub(crate) fn new(
        store: &'a dyn Store,
        builder: &'a Builder,
        after: u64,
        watch: &'a dyn Watch,
    ) -> PortResult<Self> {
        Ok(Self {
            store,
            builder,
            watch,
            after,
            total: store.changes_count(after)?,
            ready: Vec::new().into_iter(),
            report: BuildReport::default(),
        })
    }

    fn refill(&mut self) -> PortResult<bool> {
        let changes = self.store.changes(self.after, BATCH)?;
        let Some(last) = changes.last() else {
            return Ok(false);
        };
        self.after = seq(last);
        let builder = self.builder;
        let made: Vec<_> = changes
            .into_par_iter()
            .map(|change| attempt(builder, &change))
            .collect();
        let mut ready = Vec::with_capacity(made.len());
        for result in made {
            match result {
                Ok((change, warnings)) => {
                    match &change {
                        IndexChange::Put(_) => self.report.documents += 1,
                        IndexChange::Delete(_) => self.report.deleted += 1,
                    }
                    self.report.warnings += warnings;
                    ready.push(change);
                }
                Err(failure) => self.report.failures.push(failure),
            }
        }
        self.ready = ready.into_iter();
        let done = self.report.documents + self.report.deleted;
        let total = Some(self.total);
        self.watch.step(Step {
            phase: Phase::Indexing,
            done,
            total,
            items: done,
        });
        Ok(true)
    }
}

impl Iterator for IndexChanges<'_> {
    type Item = PortResult<IndexChange>;

    fn next(&mut self) -> Option<PortResult<IndexChange>> {
        loop {
            if let Some(change) = self.ready.next() {
                return Some(Ok(change));
            }
            if self.watch.stopped() {
                return Some(Err(PortError::new(
                    PortErrorKind::Stopped,
                    "stopped while indexing",
                )));
            }
            match self.refill() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

fn seq(change: &Change) -> u64 {
    match change {
        Change::Put { seq, .. } | Change::Delete { seq, .. } => *seq,
    }
}

/// One item may not end a run, even if a bug makes it panic.
fn attempt(builder: &Builder, change: &Change) -> Result<(IndexChange, u64), Failure> {
    catch_unwind(AssertUnwindSafe(|| builder.operation(change))).map_err(|panic| {
        let cause = panic.downcast_ref::<String>().map(String::as_str);
        let cause = cause.or_else(|| panic.downcast_ref::<&str>().copied());
        let id = match change {
            Change::Put { stored, .. } => stored.content.id.clone(),
            Change::Delete { key, .. } => key.id.clone(),
        };
        Failure {
            step: "convert".to_owned(),
            place: None,
            id: Some(id),
            cause: format!("internal error: {}", cause.unwrap_or("panicked")),
        }
    })
}
