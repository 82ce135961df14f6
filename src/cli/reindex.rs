//! `headwater reindex`: sources into the store, the store into a new generation.

use std::fmt::Write;

use anyhow::Result;
use serde_json::{Value, json};

use super::args::ReindexArgs;
use super::out::stdout;
use super::watch::Terminal;
use super::{Outcome, note, open_app};
use crate::app::{ReindexReport, open_sources};
use crate::config::High;
use crate::ingest::{BuildReport, ReadReport};
use crate::ports::Failure;

/// Failures printed; all of them are kept with the run.
const SHOWN: usize = 20;

pub(crate) fn run(settings: &High, args: &ReindexArgs) -> Result<Outcome> {
    let sources = open_sources(&args.from, args.name.as_deref())?;
    let app = open_app(settings)?;
    let terminal = Terminal::new()?;
    // Without a source everything is built anew: that is what was asked for.
    let force = args.force || sources.is_empty();
    let report = app.reindex(sources, force, &terminal);
    terminal.clear();
    let report = report?;
    show_failures(&report);
    let mut out = stdout();
    if args.json {
        let _ = out.json(&as_json(&report))?;
    } else {
        for line in lines(&report) {
            let _ = out.line(line)?;
        }
    }
    out.finish()?;
    let whole = !report.failed() && !report.stopped;
    Ok(if whole {
        Outcome::Done
    } else {
        Outcome::Failed
    })
}

fn show_failures(report: &ReindexReport) {
    let of_reads = report.reads.iter().flat_map(|(_, read)| &read.failures);
    let of_build = report.build.iter().flat_map(|build| &build.failures);
    let failures: Vec<&Failure> = of_reads.chain(of_build).collect();
    for failure in failures.iter().take(SHOWN) {
        note(format_args!("failed: {failure}"));
    }
    if failures.len() > SHOWN {
        note(format_args!(
            "and {} more; `headwater status --json` lists them all",
            failures.len() - SHOWN
        ));
    }
}

fn lines(report: &ReindexReport) -> Vec<String> {
    let mut lines = Vec::new();
    for (label, read) in &report.reads {
        let ReadReport {
            counts, message, ..
        } = read;
        lines.push(format!(
            "{label}: {} added, {} updated, {} unchanged, {} removed, {} failed",
            counts.added, counts.updated, counts.unchanged, counts.removed, counts.failed
        ));
        lines.extend(message.iter().map(|message| format!("{label}: {message}")));
    }
    lines.extend(
        report
            .rebuilt_because
            .iter()
            .map(|why| format!("built anew: {why}")),
    );
    lines.push(match &report.build {
        Some(build) => built(report, build),
        None if report.stopped => "stopped; run it again to go on".to_owned(),
        None => format!(
            "nothing changed; {} documents are indexed",
            report.documents
        ),
    });
    lines
}

fn built(report: &ReindexReport, build: &BuildReport) -> String {
    let mut line = format!("indexed {} documents", report.documents);
    if build.warnings > 0 {
        let _ = write!(line, ", {} conversion warnings", build.warnings);
    }
    if !build.failures.is_empty() {
        let _ = write!(line, ", {} failed", build.failures.len());
    }
    line
}

fn as_json(report: &ReindexReport) -> Value {
    let reads = report.reads.iter().map(|(source, read)| {
        json!({
            "source": source, "run": read.run, "status": read.status, "counts": read.counts,
            "failures": read.failures, "message": read.message,
        })
    });
    let build = report.build.as_ref().map(|build| {
        json!({
            "documents": build.documents, "warnings": build.warnings, "failures": build.failures,
        })
    });
    json!({
        "sources": reads.collect::<Vec<_>>(), "build": build, "stopped": report.stopped,
        "generation": report.generation, "documents": report.documents,
    })
}
