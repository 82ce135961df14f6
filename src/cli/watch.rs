//! Shows long work and lets ctrl-c end it: a first signal asks, a second one ends the
//! process as if nobody had listened.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};

use super::progress::{Progress, Unit};
use crate::ingest::{Phase, Step, Watch};

/// Progress on standard error, and a flag that signals set.
pub(crate) struct Terminal {
    stop: Arc<AtomicBool>,
    shown: Mutex<Option<(Phase, Progress)>>,
}

impl Terminal {
    /// Takes over ctrl-c and SIGTERM of this process.
    pub(crate) fn new() -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        let handler = move || {
            if asked.swap(true, Ordering::Relaxed) {
                // The store and the index are whole at any moment, so this loses nothing
                // that was committed.
                std::process::abort();
            }
            super::note("stopping; once more ends at once");
        };
        ctrlc::set_handler(handler).context("cannot listen for ctrl-c")?;
        Ok(Self {
            stop,
            shown: Mutex::new(None),
        })
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        if let Some((phase, progress)) = self.lock().take() {
            let done = match phase {
                Phase::Reading => "read",
                Phase::Indexing => "indexed",
            };
            progress.finish(done);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(Phase, Progress)>> {
        self.shown.lock().expect("nobody panics while holding it")
    }
}

impl Watch for Terminal {
    fn step(&self, step: Step) {
        let mut shown = self.lock();
        if shown.as_ref().is_none_or(|(phase, _)| *phase != step.phase) {
            if let Some((_, progress)) = shown.take() {
                progress.finish("read");
            }
            let (label, unit) = match step.phase {
                Phase::Reading => ("reading", Unit::Bytes),
                Phase::Indexing => ("indexing", Unit::Items("documents")),
            };
            *shown = Some((step.phase, Progress::stderr(label, unit, step.total)));
        }
        if let Some((phase, progress)) = &mut *shown {
            let note = match phase {
                Phase::Reading => format!("{} items", step.items),
                Phase::Indexing => String::new(),
            };
            progress.report(step.done, &note);
        }
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
