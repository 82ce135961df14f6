//! From a source to a generation: content into the store, the store into an index.
//!
//! Two steps that know nothing of each other: [`read_in`] fills the store from a source,
//! [`IndexChanges`] turns what the store has into index operations. The store is the
//! truth, so the second step alone is a rebuild.

mod build;
mod passages;
mod read_in;
mod summary;

pub(crate) use build::{BuildReport, Builder, IndexChanges};
pub(crate) use passages::cut_passages;
pub(crate) use read_in::{Destination, ReadReport, read_in};

/// Where a long job is, for whoever shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) phase: Phase,
    pub(crate) done: u64,
    pub(crate) total: Option<u64>,
    /// Items read or indexed so far.
    pub(crate) items: u64,
}

/// Part of a long job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Counted in bytes of the source.
    Reading,
    /// Counted in documents.
    Indexing,
}

/// Watches a long job and may stop it.
pub(crate) trait Watch: Sync {
    fn step(&self, step: Step);
    /// Asked often; `true` ends the job at the next item.
    fn stopped(&self) -> bool;
}

/// Watches nothing.
pub(crate) struct Unwatched;

impl Watch for Unwatched {
    fn step(&self, _step: Step) {}

    fn stopped(&self) -> bool {
        false
    }
}
