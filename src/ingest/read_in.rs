//! A source into the store, in bounded batches, with nothing lost on the way: what could
//! not be taken in is counted, kept with the run and named.

use crate::model::{Content, Person, RawBody, SiteId};
use crate::ports::{
    Clock, Completeness, Failure, PortResult, PutCounts, RunCounts, RunEnd, RunId, RunStatus,
    Source, SourceItem, SourceSink, Store,
};

use super::{Phase, Step, Watch};

/// Items written in one transaction, and the bytes of bodies that end a batch early.
const BATCH_ITEMS: usize = 500;
const BATCH_BYTES: usize = 16 << 20;

/// What reading a source did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReadReport {
    pub(crate) run: RunId,
    pub(crate) counts: RunCounts,
    pub(crate) failures: Vec<Failure>,
    pub(crate) completeness: Completeness,
    pub(crate) status: RunStatus,
    /// Said to the person: why nothing was removed, that it was stopped.
    pub(crate) message: Option<String>,
}

/// Where a source is read into.
pub(crate) struct Destination<'a> {
    pub(crate) store: &'a dyn Store,
    /// What the run calls the source.
    pub(crate) label: &'a str,
    /// What reaches the content from then on.
    pub(crate) channel: &'a str,
}

/// Reads a source into the store under a channel.
///
/// Errors of the store end it; everything that was written stays, and the next read goes
/// on from there. The run is recorded whatever happens.
pub(crate) fn read_in(
    source: &mut dyn Source,
    destination: &Destination<'_>,
    clock: &dyn Clock,
    watch: &dyn Watch,
) -> PortResult<ReadReport> {
    let Destination {
        store,
        label,
        channel,
    } = *destination;
    let site = store.site(&source.site()?)?;
    let run = store.begin_run("reindex", label, clock.now())?;
    let mut sink = Sink {
        store,
        watch,
        run,
        site,
        channel,
        total: source.size_hint(),
        people: Vec::new(),
        batch: Vec::new(),
        bytes: 0,
        counts: PutCounts::default(),
        read: 0,
        failures: Vec::new(),
        recorded: 0,
    };
    let outcome = source.read(&mut sink).and_then(|completeness| {
        sink.flush()?;
        Ok(completeness)
    });
    let end = match outcome {
        Ok(completeness) => sink.end(completeness),
        Err(error) => Err(error),
    };
    match end {
        Ok(report) => {
            let end = RunEnd {
                status: report.status,
                counts: report.counts,
                message: report.message.clone(),
            };
            store.finish_run(run, &end, clock.now())?;
            Ok(report)
        }
        Err(error) => {
            // What was read before is kept; the run says why it ended.
            let kept = sink.flush().and_then(|()| sink.record());
            let end = RunEnd {
                status: RunStatus::Failed,
                counts: sink.run_counts(0),
                message: Some(error.to_string()),
            };
            store.finish_run(run, &end, clock.now())?;
            kept?;
            Err(error)
        }
    }
}

struct Sink<'a> {
    store: &'a dyn Store,
    watch: &'a dyn Watch,
    run: RunId,
    site: SiteId,
    channel: &'a str,
    total: Option<u64>,
    people: Vec<Person>,
    batch: Vec<(Content, Option<RawBody>)>,
    bytes: usize,
    counts: PutCounts,
    /// Bytes of the source.
    read: u64,
    failures: Vec<Failure>,
    /// How many of the failures are in the store already.
    recorded: usize,
}

impl Sink<'_> {
    fn flush(&mut self) -> PortResult<()> {
        if !self.people.is_empty() {
            let people = std::mem::take(&mut self.people);
            self.store.put_people(self.site, &people)?;
        }
        if self.batch.is_empty() {
            return Ok(());
        }
        let batch = std::mem::take(&mut self.batch);
        self.bytes = 0;
        let counts = self
            .store
            .put_content(self.run, self.site, self.channel, &batch)?;
        self.counts.added += counts.added;
        self.counts.updated += counts.updated;
        self.counts.unchanged += counts.unchanged;
        self.show();
        self.record()
    }

    fn record(&mut self) -> PortResult<()> {
        self.store
            .record_failures(self.run, &self.failures[self.recorded..])?;
        self.recorded = self.failures.len();
        Ok(())
    }

    fn show(&self) {
        let items = self.counts.added + self.counts.updated + self.counts.unchanged;
        let (done, total) = (self.read, self.total);
        self.watch.step(Step {
            phase: Phase::Reading,
            done,
            total,
            items,
        });
    }

    fn run_counts(&self, removed: u64) -> RunCounts {
        RunCounts {
            added: self.counts.added,
            updated: self.counts.updated,
            unchanged: self.counts.unchanged,
            removed,
            failed: self.failures.len() as u64,
            warnings: 0,
        }
    }

    /// Only a complete read proves that something is gone.
    fn end(&mut self, completeness: Completeness) -> PortResult<ReadReport> {
        self.record()?;
        let stopped = self.watch.stopped();
        let complete = completeness == Completeness::Complete && !stopped;
        let removed = if complete {
            self.store
                .remove_unseen(self.run, self.site, self.channel)?
        } else {
            0
        };
        let message = match (stopped, complete) {
            (true, _) => Some("stopped; run it again to go on".to_owned()),
            (false, false) => {
                Some("the source was not read completely, so nothing was removed".to_owned())
            }
            (false, true) => None,
        };
        let status = match (stopped, self.failures.is_empty() && complete) {
            (true, _) => RunStatus::Cancelled,
            (false, true) => RunStatus::Succeeded,
            (false, false) => RunStatus::SucceededWithFailures,
        };
        Ok(ReadReport {
            run: self.run,
            counts: self.run_counts(removed),
            failures: std::mem::take(&mut self.failures),
            completeness,
            status,
            message,
        })
    }
}

impl SourceSink for Sink<'_> {
    fn item(&mut self, item: SourceItem) -> PortResult<bool> {
        match item {
            SourceItem::Space(space) => self.store.put_space(self.site, &space)?,
            SourceItem::Person(person) => self.people.push(person),
            SourceItem::Content { content, body } => {
                self.bytes += body.as_ref().map_or(0, |body| body.value.len());
                self.batch.push((content, body));
                if self.batch.len() >= BATCH_ITEMS || self.bytes >= BATCH_BYTES {
                    self.flush()?;
                }
            }
        }
        Ok(!self.watch.stopped())
    }

    fn failure(&mut self, failure: Failure) {
        self.failures.push(failure);
    }

    fn progress(&mut self, bytes: u64) {
        self.read = bytes;
    }
}
