//! Wiring: the only place that names concrete adapters, and what every interface calls.
//!
//! An [`App`] is one data directory: the store, the generations of the index, and a lock
//! that one writer at a time holds. Reading never waits for a writer.
#![expect(
    clippy::disallowed_methods,
    reason = "opens the data directory and reads the clock"
)]

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::export;
use crate::index::{Generations, IndexOptions};
use crate::ingest::{self, BuildReport, Builder, Destination, IndexChanges, ReadReport, Watch};
use crate::model::{Directory, Document};
use crate::ports::{
    Clock, Completeness, Engine, EngineSearcher, PortError, PortErrorKind, PortResult, RunCounts,
    RunEnd, RunId, RunStatus, Source, Store,
};
use crate::search::Facts;
use crate::store::{self, SqliteStore};

mod calls;
mod complete;
mod convert;
mod demo;
mod evaluate;
#[cfg(test)]
mod filling_tests;
mod library;
mod serving;
mod session;

pub(crate) use calls::{Status, explain};
pub(crate) use convert::convert;
pub(crate) use demo::{DEMO_QUESTION, demo_source};
pub(crate) use evaluate::{Measured, Naming, open_corpus, same_place};
pub use library::{AskedError, DataError, Error, Headwater, Reindexed};
pub(crate) use session::{Moment, Session};

/// How long a generation that was switched from stays open, so that cursors live.
const HELD: jiff::SignedDuration = jiff::SignedDuration::from_mins(10);
/// Generations held at most; each keeps files open.
const MOST_HELD: usize = 64;

/// The machine's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// How an [`App`] behaves, as far as the data directory does not say.
#[derive(Clone)]
pub(crate) struct AppOptions {
    pub(crate) index: IndexOptions,
    /// Zone of CQL's dates; `None`: the zone of the site, else UTC.
    pub(crate) time_zone: Option<TimeZone>,
    pub(crate) week_start: jiff::civil::Weekday,
}

impl Default for AppOptions {
    fn default() -> Self {
        let index = IndexOptions::default();
        Self {
            index,
            time_zone: None,
            week_start: jiff::civil::Weekday::Monday,
        }
    }
}

/// One data directory.
pub(crate) struct App {
    dir: PathBuf,
    options: AppOptions,
    store: SqliteStore,
    generations: Generations,
    clock: Arc<dyn Clock>,
    directory: Mutex<Option<Arc<Directory>>>,
    facts: Mutex<Option<FactsOf>>,
    held: Mutex<Vec<HeldGeneration>>,
    started: Timestamp,
}

/// A generation and the facts gathered about it.
type FactsOf = (Arc<dyn EngineSearcher>, Arc<Facts>);

struct HeldGeneration {
    searcher: Arc<dyn EngineSearcher>,
    /// When a newer one took its place.
    superseded: Option<Timestamp>,
}

/// The index beside the store.
#[derive(Debug, Clone, PartialEq, Eq)]
enum IndexState {
    UpToDate,
    /// Or not there at all.
    Behind,
    /// Another version of headwater wrote it, says this text.
    Foreign(String),
}

/// What `reindex` did.
#[derive(Debug)]
pub(crate) struct ReindexReport {
    /// One for each source, in the order given.
    pub(crate) reads: Vec<(String, ReadReport)>,
    /// `None`: nothing changed, so the index stayed as it is.
    pub(crate) build: Option<BuildReport>,
    /// Why everything was built anew, where that is not plain.
    pub(crate) rebuilt_because: Option<String>,
    /// Somebody asked for an end; the next run goes on.
    pub(crate) stopped: bool,
    pub(crate) generation: u64,
    pub(crate) documents: u64,
}

impl ReindexReport {
    /// Whether anything went wrong on the way.
    pub(crate) fn failed(&self) -> bool {
        let failed = |read: &ReadReport| {
            read.counts.failed > 0 || read.completeness == Completeness::Partial
        };
        self.reads.iter().any(|(_, read)| failed(read))
            || self
                .build
                .as_ref()
                .is_some_and(|build| !build.failures.is_empty())
    }
}

impl App {
    /// Opens a data directory, and makes it if it is new.
    pub(crate) fn open(dir: &Path, options: AppOptions, clock: Arc<dyn Clock>) -> PortResult<Self> {
        fs::create_dir_all(dir).map_err(|cause| {
            let context = format!("make the data directory {}", dir.display());
            PortError::caused(PortErrorKind::Other, context, cause)
        })?;
        Ok(Self {
            store: store::open(dir)?,
            generations: Generations::new(dir.join("index"), options.index)?,
            dir: dir.to_owned(),
            started: clock.now(),
            options,
            clock,
            directory: Mutex::new(None),
            facts: Mutex::new(None),
            held: Mutex::new(Vec::new()),
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Reads sources into the store and builds a new generation if that changed anything,
    /// if there is none, or if `force` asks for it.
    ///
    /// [`PortErrorKind::Busy`] when another process writes this directory.
    pub(crate) fn reindex(
        &self,
        sources: Vec<(String, Box<dyn Source>)>,
        force: bool,
        watch: &dyn Watch,
    ) -> PortResult<ReindexReport> {
        let _lock = self.lock()?;
        let mut reads = Vec::new();
        for (label, mut source) in sources {
            let channel = format!("from:{label}");
            let destination = Destination {
                store: &self.store,
                label: &label,
                channel: &channel,
            };
            let read = ingest::read_in(&mut *source, &destination, &*self.clock, watch)?;

            reads.push((label, read));
            if watch.stopped() {
                break;
            }
        }
        let state = self.state()?;
        let rebuild = force || state != IndexState::UpToDate;

        let mut stopped = watch.stopped();
        let mut build = None;
        if rebuild && !stopped {
            let run = self.store.begin_run("build", "store", self.now())?;
            match self.build(watch) {
                Ok(report) => build = Some(report),
                Err(error) if error.kind == PortErrorKind::Stopped => stopped = true,
                Err(error) => return Err(error),
            }
            self.end_build(run, build.as_ref())?;
        }
        let rebuilt_because = match state {
            IndexState::Foreign(why) if build.is_some() => Some(why),
            _ => None,
        };
        let (generation, documents) = self.size()?;
        Ok(ReindexReport {
            reads,
            build,
            rebuilt_because,
            stopped,
            generation,
            documents,
        })
    }

    fn lock(&self) -> PortResult<File> {
        let path = self.dir.join("lock");
        let failed = |cause: std::io::Error| {
            let context = format!("lock the data directory {}", self.dir.display());
            PortError::caused(PortErrorKind::Other, context, cause)
        };
        let file = File::create(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(PortError::new(
                PortErrorKind::Busy,
                format!("another process is writing {}", self.dir.display()),
            )),
            Err(TryLockError::Error(cause)) => Err(failed(cause)),
        }
    }

    /// Whether the index is what the store has.
    fn state(&self) -> PortResult<IndexState> {
        match self.generations.current() {
            Ok(Some(engine)) if engine.seq()? >= self.store.last_seq()? => Ok(IndexState::UpToDate),
            Ok(_) => Ok(IndexState::Behind),
            Err(error) if error.kind == PortErrorKind::Format => {
                Ok(IndexState::Foreign(error.to_string()))
            }
            Err(error) => Err(error),
        }
    }

    /// Writes everything the store has into a new generation and switches to it.
    fn build(&self, watch: &dyn Watch) -> PortResult<BuildReport> {
        let seq = self.store.last_seq()?;
        let builder = Builder::new(&self.store, self.now())?;
        let new = self.generations.begin()?;
        let mut changes = IndexChanges::new(&self.store, &builder, 0, watch)?;
        new.engine.apply(&mut changes, seq)?;
        self.generations.publish(new)?;
        Ok(changes.report)
    }

    /// Brings the serving generation up to what the store has, and builds it anew when
    /// another version of headwater wrote it. Says what it did.
    ///
    /// While a reindex is under way or was interrupted the store is between two states;
    /// then the old generation serves on, and the next reindex completes it.
    pub(crate) fn catch_up(&self, watch: &dyn Watch) -> PortResult<Option<String>> {
        let engine = match self.generations.current() {
            Ok(Some(engine)) => engine,
            Ok(None) if self.store.last_seq()? == 0 || self.interrupted()? => return Ok(None),
            Ok(None) => {
                let _lock = self.lock()?;
                self.build(watch)?;
                return Ok(Some(
                    "there was no index; built it from the store".to_owned(),
                ));
            }
            Err(error) if error.kind == PortErrorKind::Format => {
                let _lock = self.lock()?;
                self.build(watch)?;
                return Ok(Some(format!("{error}; rebuilt it from the store")));
            }
            Err(error) => return Err(error),
        };
        let (have, want) = (engine.seq()?, self.store.last_seq()?);
        if have >= want || self.interrupted()? {
            return Ok(None);
        }
        let _lock = self.lock()?;
        let builder = Builder::new(&self.store, self.now())?;
        let mut changes = IndexChanges::new(&self.store, &builder, have, watch)?;
        engine.apply(&mut changes, want)?;
        let BuildReport {
            documents, deleted, ..
        } = changes.report;
        Ok(Some(format!(
            "the index was behind the store; replayed {documents} documents and {deleted} deletions"
        )))
    }

    /// Whether the last read or build did not come to its end.
    pub(crate) fn interrupted(&self) -> PortResult<bool> {
        let whole = [RunStatus::Succeeded, RunStatus::SucceededWithFailures];
        let newest = self.store.runs(1)?;
        Ok(newest.iter().any(|run| !whole.contains(&run.status)))
    }

    /// Ends the run of a build; `None`: it was stopped.
    fn end_build(&self, run: RunId, build: Option<&BuildReport>) -> PortResult<()> {
        let Some(build) = build else {
            let end = RunEnd {
                status: RunStatus::Cancelled,
                counts: RunCounts::default(),
                message: None,
            };
            return self.store.finish_run(run, &end, self.now());
        };
        self.store.record_failures(run, &build.failures)?;
        let status = if build.failures.is_empty() {
            RunStatus::Succeeded
        } else {
            RunStatus::SucceededWithFailures
        };
        let counts = RunCounts {
            added: build.documents,
            failed: build.failures.len() as u64,
            warnings: build.warnings,
            ..RunCounts::default()
        };
        let end = RunEnd {
            status,
            counts,
            message: None,
        };
        self.store.finish_run(run, &end, self.now())
    }

    fn size(&self) -> PortResult<(u64, u64)> {
        let Some(engine) = self.generations.current()? else {
            return Ok((0, 0));
        };
        let searcher = engine.searcher()?;
        Ok((
            searcher.generation(),
            searcher.count(&session::everything())?,
        ))
    }

    /// The serving generation; `None` before the first. It and those before it are held
    /// for a while, so that cursors find theirs ([`App::generation`]).
    pub(crate) fn searcher(&self) -> PortResult<Option<Arc<dyn EngineSearcher>>> {
        let Some(engine) = self.generations.current()? else {
            return Ok(None);
        };
        let newest = engine.searcher()?;
        let now = self.now();
        let mut held = self.held.lock().expect("nobody panics while holding it");
        if let Some(last) = held.last_mut() {
            if Arc::ptr_eq(&last.searcher, &newest) {
                return Ok(Some(newest));
            }
            last.superseded = Some(now);
        }
        held.retain(|old| {
            old.superseded
                .is_none_or(|since| now.duration_since(since) < HELD)
        });
        if held.len() >= MOST_HELD {
            held.remove(0);
        }
        held.push(HeldGeneration {
            searcher: Arc::clone(&newest),
            superseded: None,
        });
        Ok(Some(newest))
    }

    /// A generation that is still held.
    pub(crate) fn generation(&self, generation: u64) -> Option<Arc<dyn EngineSearcher>> {
        let held = self.held.lock().expect("nobody panics while holding it");
        let found = held
            .iter()
            .rev()
            .find(|held| held.searcher.generation() == generation);
        found.map(|held| Arc::clone(&held.searcher))
    }

    /// People and gates now.
    pub(crate) fn directory(&self) -> PortResult<Arc<Directory>> {
        let epoch = self.store.directory_epoch()?;
        let mut cached = self
            .directory
            .lock()
            .expect("nobody panics while holding it");
        if let Some(directory) = &*cached
            && directory.epoch == epoch
        {
            return Ok(Arc::clone(directory));
        }
        let directory = Arc::new(self.store.directory()?);
        *cached = Some(Arc::clone(&directory));
        Ok(directory)
    }

    /// Every live document of the store as CQL's evaluator reads it, without an index.
    /// Memory grows with the store: for tests and small sources.
    pub(crate) fn documents(&self) -> PortResult<Vec<Document>> {
        let mut documents = Vec::new();
        self.each_document(&mut |document| {
            documents.push(document);
            Ok(())
        })?;
        Ok(documents)
    }

    fn bytes_on_disk(&self) -> PortResult<u64> {
        let store = fs::metadata(self.dir.join(store::FILE_NAME)).map_or(0, |file| file.len());
        Ok(store + self.generations.bytes()?)
    }

    /// Tells settings apart without showing them.
    fn config_digest(&self) -> String {
        use std::fmt::Write;

        use sha2::{Digest, Sha256};
        let zone = self
            .options
            .time_zone
            .as_ref()
            .and_then(TimeZone::iana_name);
        let text = format!("{zone:?} {:?}", self.options.week_start);
        let digest = Sha256::digest(text.as_bytes());
        let mut out = String::new();
        for byte in digest.iter().take(8) {
            let _ = write!(out, "{byte:02x}");
        }
        out
    }

    /// The zone in which CQL reads dates.
    pub(crate) fn time_zone(&self) -> PortResult<TimeZone> {
        if let Some(zone) = &self.options.time_zone {
            return Ok(zone.clone());
        }
        let sites = self.store.sites()?;
        let named = sites.iter().find_map(|(_, site)| site.time_zone.as_deref());
        Ok(named
            .and_then(|name| TimeZone::get(name).ok())
            .unwrap_or(TimeZone::UTC))
    }
}

/// Opens the sources named on a command line; the label of each is its canonical path.
pub(crate) fn open_sources(
    paths: &[PathBuf],
    name: Option<&str>,
) -> PortResult<Vec<(String, Box<dyn Source>)>> {
    let open = |path: &PathBuf| {
        let label = fs::canonicalize(path).map_err(|cause| {
            let kind = PortErrorKind::NotFound;
            PortError::caused(kind, format!("read {}", path.display()), cause)
        })?;
        Ok((label.display().to_string(), export::open(path, name)?))
    };
    paths.iter().map(open).collect()
}
