//! What all requests share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::Semaphore;
use tokio::task;

use crate::config::High;

use super::backend::{Answer, Backend};
use super::error::{Problem, ProblemKind};
use super::metrics;

/// The server's part of the settings.
#[derive(Debug, Clone)]
pub(crate) struct ServerOptions {
    pub(crate) listen: std::net::SocketAddr,
    /// Beside loopback names; with or without port.
    pub(crate) allowed_hosts: Vec<String>,
    /// `scheme://host:port`.
    pub(crate) allowed_origins: Vec<String>,
    /// Requests worked on at once; as many more may wait.
    pub(crate) max_concurrent: usize,
    pub(crate) request_deadline: Duration,
    pub(crate) body_limit_bytes: usize,
    pub(crate) shutdown_grace: Duration,
    /// Whether the log has the text of queries.
    pub(crate) log_queries: bool,
}

impl From<&High> for ServerOptions {
    fn from(high: &High) -> Self {
        Self {
            listen: high.listen,
            allowed_hosts: high.allowed_hosts.clone(),
            allowed_origins: high.allowed_origins.clone(),
            max_concurrent: high.max_concurrent,
            request_deadline: high.request_deadline,
            body_limit_bytes: high.body_limit_bytes,
            shutdown_grace: high.shutdown_grace,
            log_queries: high.log_queries,
        }
    }
}

/// State of a running server.
pub(crate) struct ServerState {
    pub(super) options: ServerOptions,
    pub(super) backend: Arc<dyn Backend>,
    /// A permit for each request that is worked on or waits.
    pub(super) admission: Arc<Semaphore>,
    /// A permit for each piece of blocking work.
    workers: Arc<Semaphore>,
    draining: AtomicBool,
    pub(super) started: Instant,
    pub(super) metrics: PrometheusHandle,
}

impl ServerState {
    #[expect(clippy::disallowed_methods, reason = "the uptime counts from here")]
    pub(crate) fn new(options: ServerOptions, backend: Arc<dyn Backend>) -> Self {
        Self {
            admission: Arc::new(Semaphore::new(admitted(&options))),
            workers: Arc::new(Semaphore::new(workers(options.max_concurrent))),
            options,
            backend,
            draining: AtomicBool::new(false),
            started: Instant::now(),
            metrics: metrics::recorder(),
        }
    }

    /// Whether the server is on its way out.
    pub(super) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Takes no further requests and waits for those that run.
    pub(super) async fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
        let all = u32::try_from(admitted(&self.options)).unwrap_or(u32::MAX);
        // Never closed; and a closed gate would be as good as an empty one.
        let _ = self.admission.acquire_many(all).await;
    }

    /// Asks the backend off the async threads. A search is pure work, so there are only
    /// about as many at once as there are cores; the others wait within their deadline.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Backend) -> Answer<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let permit = self.workers.clone().acquire_owned().await;
        let backend = self.backend.clone();
        let work = task::spawn_blocking(move || {
            // Held by the work and not by the request: work that nobody waits for any
            // more takes its place until it ends.
            let _permit = permit;
            question(&*backend)
        });
        match work.await {
            Ok(answer) => answer.map_err(Problem::from),
            // It panicked. The panic hook has told the log.
            Err(_) => Err(Problem::plain(ProblemKind::Internal)),
        }
    }
}

/// As many wait as are worked on.
fn admitted(options: &ServerOptions) -> usize {
    options
        .max_concurrent
        .saturating_mul(2)
        .min(Semaphore::MAX_PERMITS)
}

fn workers(max_concurrent: usize) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    // One more than the cores, because some work waits for the disk.
    max_concurrent.clamp(1, cores + 1)
}
