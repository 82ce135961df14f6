//! The store: one SQLite file with raw bodies, metadata, people, gates, channels and
//! runs, behind [`Store`].
//!
//! What would surprise: deleted items stay as rows without content, because an index
//! that is behind must still hear of them; and restrictions live beside the content,
//! outside of its hash and its `seq`, because they re-index nothing.
//!
//! A write is one transaction. There is one writer connection; readers have their own
//! and see the last committed state. What a body says is nobody's business here.

mod connections;
mod content;
mod directory;
mod error;
mod lineage;
mod read;
mod runs;
mod schema;
mod sites;

#[cfg(test)]
mod tests;

use std::path::Path;

use jiff::Timestamp;

use crate::model::{Content, Directory, DocumentKey, Person, RawBody, SiteId, Space};
use crate::ports::{
    Change, Failure, PortResult, PutCounts, RunEnd, RunId, RunRecord, SiteInfo, Store, Stored,
};

use connections::Connections;
pub(crate) use read::ContentCount;

/// Name of the database in the data directory.
pub(crate) const FILE_NAME: &str = "store.db";

/// [`Store`] on SQLite.
pub(crate) struct SqliteStore {
    connections: Connections,
}

/// Opens the store of a data directory, and makes directory and store if they are new.
///
/// # Errors
///
/// `Format` when the file is not a store or was written by a newer version, `Busy` when
/// another process keeps it locked.
pub(crate) fn open(dir: &Path) -> PortResult<SqliteStore> {
    let path = dir.join(FILE_NAME);
    let connections = Connections::open(&path)
        .map_err(|error| error.at(format!("open store `{}`", path.display())))?;
    Ok(SqliteStore { connections })
}

/// A store that is gone when it is dropped.
#[cfg(test)]
pub(crate) fn open_in_memory() -> PortResult<SqliteStore> {
    let connections = Connections::in_memory().map_err(|error| error.at("open store in memory"))?;
    Ok(SqliteStore { connections })
}

impl SqliteStore {
    /// Number of items by site, type and status.
    pub(crate) fn counts(&self) -> PortResult<Vec<ContentCount>> {
        let counts = self.connections.read(read::counts);
        counts.map_err(|error| error.at("count content"))
    }
}

impl Store for SqliteStore {
    fn site(&self, info: &SiteInfo) -> PortResult<SiteId> {
        let site = self.connections.write(|tx| sites::put_site(tx, info));
        site.map_err(|error| error.at(format!("write site `{}`", info.name)))
    }

    fn sites(&self) -> PortResult<Vec<(SiteId, SiteInfo)>> {
        let sites = self.connections.read(sites::sites);
        sites.map_err(|error| error.at("read sites"))
    }

    fn put_space(&self, site: SiteId, space: &Space) -> PortResult<()> {
        let done = self
            .connections
            .write(|tx| sites::put_space(tx, site, space));
        done.map_err(|error| error.at(format!("write space `{}`", space.key)))
    }

    fn spaces(&self) -> PortResult<Vec<(SiteId, Space)>> {
        let spaces = self.connections.read(sites::spaces);
        spaces.map_err(|error| error.at("read spaces"))
    }

    fn put_people(&self, site: SiteId, people: &[Person]) -> PortResult<()> {
        let done = self
            .connections
            .write(|tx| directory::put_people(tx, site, people));
        done.map_err(|error| error.at("write people"))
    }

    fn put_content(
        &self,
        run: RunId,
        site: SiteId,
        channel: &str,
        items: &[(Content, Option<RawBody>)],
    ) -> PortResult<PutCounts> {
        let counts = self
            .connections
            .write(|tx| content::put(tx, run, site, channel, items));
        counts.map_err(|error| error.at(format!("write {} items", items.len())))
    }

    fn remove_unseen(&self, run: RunId, site: SiteId, channel: &str) -> PortResult<u64> {
        let removed = self
            .connections
            .write(|tx| content::remove_unseen(tx, run, site, channel));
        removed.map_err(|error| error.at(format!("remove what left channel `{channel}`")))
    }

    fn last_seq(&self) -> PortResult<u64> {
        let seq = self
            .connections
            .read(|tx| schema::counter(tx, schema::Counter::Seq));
        seq.map_err(|error| error.at("read the last seq"))
    }

    fn changes(&self, after: u64, limit: usize) -> PortResult<Vec<Change>> {
        let changes = self.connections.read(|tx| read::changes(tx, after, limit));
        changes.map_err(|error| error.at(format!("read changes after seq {after}")))
    }

    fn changes_count(&self, after: u64) -> PortResult<u64> {
        let count = self.connections.read(|tx| read::changes_count(tx, after));
        count.map_err(|error| error.at(format!("count changes after seq {after}")))
    }

    fn content(&self, key: &DocumentKey) -> PortResult<Option<Stored>> {
        let stored = self.connections.read(|tx| read::content(tx, key));
        stored.map_err(|error| error.at(format!("read content {key}")))
    }

    fn directory(&self) -> PortResult<Directory> {
        let directory = self.connections.read(directory::directory);
        directory.map_err(|error| error.at("read people and gates"))
    }

    fn directory_epoch(&self) -> PortResult<u64> {
        let epoch = self
            .connections
            .read(|tx| schema::counter(tx, schema::Counter::Epoch));
        epoch.map_err(|error| error.at("read the directory's epoch"))
    }

    fn begin_run(&self, kind: &str, source: &str, now: Timestamp) -> PortResult<RunId> {
        let run = self
            .connections
            .write(|tx| runs::begin(tx, kind, source, now));
        run.map_err(|error| error.at(format!("begin run of `{source}`")))
    }

    fn record_failures(&self, run: RunId, failures: &[Failure]) -> PortResult<()> {
        let done = self
            .connections
            .write(|tx| runs::record_failures(tx, run, failures));
        done.map_err(|error| error.at(format!("record failures of run {}", run.0)))
    }

    fn finish_run(&self, run: RunId, end: &RunEnd, now: Timestamp) -> PortResult<()> {
        let done = self.connections.write(|tx| runs::finish(tx, run, end, now));
        done.map_err(|error| error.at(format!("finish run {}", run.0)))
    }

    fn runs(&self, limit: usize) -> PortResult<Vec<RunRecord>> {
        let runs = self.connections.read(|tx| runs::newest(tx, limit));
        runs.map_err(|error| error.at("read runs"))
    }

    fn failures(&self, run: RunId) -> PortResult<Vec<Failure>> {
        let failures = self.connections.read(|tx| runs::failures(tx, run));
        failures.map_err(|error| error.at(format!("read failures of run {}", run.0)))
    }
}
