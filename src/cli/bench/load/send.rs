//! Sending the requests of a load and noting when they were answered.
#![expect(
    clippy::disallowed_methods,
    reason = "a load is threads that look at the clock"
)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::cli::progress::{Progress, Unit};
use crate::ingest::Watch;

/// Requests of an open loop that may wait for answers at once. Beyond it the next one
/// waits, and its wait counts as latency.
const IN_FLIGHT: usize = 4_096;
/// An answer that takes longer is an error.
const TIMEOUT: Duration = Duration::from_mins(1);
/// How often progress is shown and a wish to stop is seen.
const TICK: Duration = Duration::from_millis(50);

/// What is to be asked, and how.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) url: reqwest::Url,
    /// Asked in turn.
    pub(crate) bodies: Vec<String>,
    pub(crate) identity: Option<String>,
    pub(crate) arrivals: Arrivals,
    pub(crate) duration: Duration,
    pub(crate) requests: u64,
    pub(crate) warmup: u64,
}

/// When requests are sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Arrivals {
    /// Each worker asks when it was answered.
    Closed { workers: u32 },
    /// So many a second, evenly.
    Open { rate: f64 },
}

/// What came back.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    /// Of answers with status 200, in microseconds.
    pub(crate) latencies: Vec<u64>,
    /// Kind of error to how often.
    pub(crate) errors: BTreeMap<String, u64>,
    /// Bytes of the bodies that came back.
    pub(crate) bytes: u64,
    pub(crate) elapsed: Duration,
    pub(crate) stopped: bool,
}

/// Sends a plan.
pub(crate) struct Sender<'a> {
    shared: Arc<Shared>,
    runtime: Handle,
    watch: &'a dyn Watch,
}

/// What every request in flight needs.
struct Shared {
    plan: Plan,
    client: reqwest::Client,
    next: AtomicU64,
    stop: AtomicBool,
    sent: Mutex<Sent>,
}

impl<'a> Sender<'a> {
    pub(crate) fn new(plan: &Plan, runtime: Handle, watch: &'a dyn Watch) -> Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build();
        let shared = Shared {
            plan: plan.clone(),
            client: client.context("cannot make a client")?,
            next: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            sent: Mutex::default(),
        };
        Ok(Self {
            shared: Arc::new(shared),
            runtime,
            watch,
        })
    }

    /// Asks some questions that are not counted; the first must be answered.
    pub(crate) fn warm_up(&self) -> Result<()> {
        let plan = &self.shared.plan;
        for number in 0..plan.warmup.max(1) {
            let answer = self.runtime.block_on(self.shared.ask(number));
            if let Err(kind) = answer
                && number == 0
            {
                bail!("{} does not answer a search: {kind}", plan.url);
            }
            if self.watch.stopped() {
                break;
            }
        }
        Ok(())
    }

    /// The whole load.
    pub(crate) fn run(self) -> Sent {
        let start = Instant::now();
        std::thread::scope(|scope| {
            let sending = scope.spawn(|| match self.shared.plan.arrivals {
                Arrivals::Closed { workers } => self.closed(workers, start),
                Arrivals::Open { rate } => self.open(rate, start),
            });
            self.show(start, || sending.is_finished());
        });
        let mut sent = std::mem::take(&mut *self.shared.sent());
        sent.elapsed = start.elapsed();
        sent.stopped = self.watch.stopped();
        sent
    }

    fn closed(&self, workers: u32, start: Instant) {
        let end = start + self.shared.plan.duration;
        let tasks = (0..workers).map(|_| {
            let shared = Arc::clone(&self.shared);
            self.runtime.spawn(async move {
                while let Some(number) = shared.ticket() {
                    let begun = Instant::now();
                    if begun >= end {
                        break;
                    }
                    let answer = shared.ask(number).await;
                    shared.note(begun, answer);
                }
            })
        });
        let tasks: Vec<_> = tasks.collect();
        for task in tasks {
            // A worker that panicked has said so; the others go on.
            let _ = self.runtime.block_on(task);
        }
    }

    /// Sleeps on a thread of its own: a timer of the runtime is late by up to a
    /// millisecond, which would count as latency.
    fn open(&self, rate: f64, start: Instant) {
        let room = Arc::new(Semaphore::new(IN_FLIGHT));
        let end = start + self.shared.plan.duration;
        while let Some(number) = self.shared.ticket() {
            let due = start + Duration::from_secs_f64(number as f64 / rate);
            if due >= end {
                break;
            }
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let place = self.runtime.block_on(Arc::clone(&room).acquire_owned());
            let shared = Arc::clone(&self.shared);
            self.runtime.spawn(async move {
                let answer = shared.ask(number).await;
                shared.note(due, answer);
                drop(place);
            });
        }
        let all = u32::try_from(IN_FLIGHT).expect("it is small");
        let _ = self.runtime.block_on(room.acquire_many(all));
    }

    /// Shows how far it is until `done`, and passes on that somebody asked for an end.
    fn show(&self, start: Instant, done: impl Fn() -> bool) {
        let seconds = self.shared.plan.duration.as_secs();
        let mut progress = Progress::stderr("asking", Unit::Items("seconds"), Some(seconds));
        while !done() {
            std::thread::sleep(TICK);
            if self.watch.stopped() {
                self.shared.stop.store(true, Ordering::Relaxed);
            }
            let answers = self.shared.sent().latencies.len();
            let elapsed = start.elapsed().as_secs().min(seconds);
            progress.report(elapsed, &format!("{answers} answers"));
        }
        progress.finish("asked");
    }
}

impl Shared {
    /// The number of the next request; `None` when there is none.
    fn ticket(&self) -> Option<u64> {
        if self.stop.load(Ordering::Relaxed) {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        (number < self.plan.requests).then_some(number)
    }

    /// Bytes of the body of the answer, or the kind of error.
    async fn ask(&self, number: u64) -> Result<usize, String> {
        let bodies = &self.plan.bodies;
        let at = usize::try_from(number % bodies.len() as u64).unwrap_or(0);
        let mut request = self
            .client
            .post(self.plan.url.clone())
            .header("content-type", "application/json")
            .body(bodies[at].clone());
        if let Some(identity) = &self.plan.identity {
            request = request.header("headwater-user", identity);
        }
        let answer = request.send().await.map_err(|error| kind(&error))?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| kind(&error))?;
        if status == reqwest::StatusCode::OK {
            Ok(body.len())
        } else {
            Err(format!("status {}", status.as_u16()))
        }
    }

    fn note(&self, since: Instant, answer: Result<usize, String>) {
        // What fails because it was stopped is nobody's fault.
        if self.stop.load(Ordering::Relaxed) {
            return;
        }
        let latency = u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mut sent = self.sent();
        match answer {
            Ok(bytes) => {
                sent.latencies.push(latency);
                sent.bytes += bytes as u64;
            }
            Err(kind) => *sent.errors.entry(kind).or_default() += 1,
        }
    }

    fn sent(&self) -> MutexGuard<'_, Sent> {
        self.sent.lock().expect("nobody panics while holding it")
    }
}

fn kind(error: &reqwest::Error) -> String {
    let kind = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "cannot connect"
    } else if error.is_body() || error.is_decode() {
        "broken answer"
    } else {
        "connection lost"
    };
    kind.to_owned()
}
