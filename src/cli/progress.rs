//! How far a long command is: a bar on a terminal, plain lines elsewhere, both on
//! standard error.
//!
//! Lines come at most every two seconds, so that a log of a long run stays short; the
//! caller may report as often as it likes. Time is measured here and nowhere below.
#![expect(
    clippy::disallowed_methods,
    reason = "lines are thinned out by the clock"
)]

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

const BETWEEN_LINES: Duration = Duration::from_secs(2);

/// The progress of one piece of work.
pub(crate) struct Progress {
    shown: Shown,
    label: String,
    unit: Unit,
    total: Option<u64>,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Bytes of input.
    Bytes,
    /// Things of this name, in the plural.
    Items(&'static str),
}

enum Shown {
    Bar(ProgressBar),
    Lines {
        out: Box<dyn Write + Send>,
        last: Option<Instant>,
    },
}

impl Progress {
    /// On standard error. `total` is absent where the amount is not known before.
    pub(crate) fn stderr(label: &str, unit: Unit, total: Option<u64>) -> Self {
        let shown = if io::stderr().is_terminal() {
            Shown::Bar(bar(label, unit, total))
        } else {
            Shown::Lines {
                out: Box::new(io::stderr()),
                last: None,
            }
        };
        Self::new(shown, label, unit, total)
    }

    fn new(shown: Shown, label: &str, unit: Unit, total: Option<u64>) -> Self {
        Self {
            shown,
            label: label.to_owned(),
            unit,
            total,
        }
    }

    /// `done` of the total, and a few words on what is at hand.
    pub(crate) fn report(&mut self, done: u64, note: &str) {
        self.report_at(done, note, Instant::now());
    }

    fn report_at(&mut self, done: u64, note: &str, now: Instant) {
        let line = self.line(done, note);
        match &mut self.shown {
            Shown::Bar(bar) => {
                bar.set_position(done);
                bar.set_message(note.to_owned());
            }
            Shown::Lines { out, last } => {
                if last.is_some_and(|last| now.duration_since(last) < BETWEEN_LINES) {
                    return;
                }
                *last = Some(now);
                // Progress that cannot be shown is no reason to end the work.
                let _ = writeln!(out, "{line}");
            }
        }
    }

    /// A line that stays, above the bar where there is one.
    pub(crate) fn message(&mut self, text: &str) {
        match &mut self.shown {
            Shown::Bar(bar) => bar.suspend(|| {
                let _ = writeln!(io::stderr(), "{text}");
            }),
            Shown::Lines { out, .. } => {
                let _ = writeln!(out, "{text}");
            }
        }
    }

    /// Takes the bar away and leaves one last line.
    pub(crate) fn finish(mut self, text: &str) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
        self.message(text);
    }

    fn line(&self, done: u64, note: &str) -> String {
        let show = |n: u64| match self.unit {
            Unit::Bytes => indicatif::BinaryBytes(n).to_string(),
            Unit::Items(_) => n.to_string(),
        };
        let mut line = format!("{}: {}", self.label, show(done));
        if let Some(total) = self.total {
            line.push_str(" of ");
            line.push_str(&show(total));
        }
        if let Unit::Items(name) = self.unit {
            line.push(' ');
            line.push_str(name);
        }
        if !note.is_empty() {
            line.push_str(", ");
            line.push_str(note);
        }
        line
    }
}

fn bar(label: &str, unit: Unit, total: Option<u64>) -> ProgressBar {
    let amount = match (unit, total) {
        (Unit::Bytes, Some(_)) => "{bytes}/{total_bytes}",
        (Unit::Bytes, None) => "{bytes}",
        (Unit::Items(_), Some(_)) => "{pos}/{len}",
        (Unit::Items(_), None) => "{pos}",
    };
    let template = match total {
        Some(_) => format!("{{prefix}} {{bar:30}} {amount} {{eta}} {{wide_msg}}"),
        None => format!("{{prefix}} {{spinner}} {amount} {{wide_msg}}"),
    };
    let style =
        ProgressStyle::with_template(&template).expect("the templates above are well formed");
    let bar = total.map_or_else(ProgressBar::no_length, ProgressBar::new);
    bar.with_style(style).with_prefix(label.to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn lines(unit: Unit, total: Option<u64>) -> (Progress, Written) {
        let written = Written::default();
        let shown = Shown::Lines {
            out: Box::new(written.clone()),
            last: None,
        };
        (Progress::new(shown, "reading", unit, total), written)
    }

    fn text(written: &Written) -> String {
        String::from_utf8(written.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn lines_are_two_seconds_apart() {
        let (mut progress, written) = lines(Unit::Items("pages"), Some(40));
        let start = Instant::now();
        for tenth in 0..40 {
            let now = start + Duration::from_millis(100 * tenth);
            progress.report_at(tenth, "", now);
        }
        progress.finish("read 40 pages");
        let expected = "reading: 0 of 40 pages\nreading: 20 of 40 pages\nread 40 pages\n";
        assert_eq!(text(&written), expected);
    }

    #[test]
    fn bytes_are_shown_for_people() {
        let (mut progress, written) = lines(Unit::Bytes, None);
        progress.report(3 * 1024 * 1024, "2 failures");
        assert_eq!(text(&written), "reading: 3.00 MiB, 2 failures\n");
    }
}
