//! `headwater eval`: judged questions asked of a throw-away index, and figures of how well
//! they were answered, beside those of plain BM25 over the same texts.
#![expect(
    clippy::disallowed_methods,
    reason = "reads and writes the files named on the command line"
)]

mod files;
mod table;

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::args::{EvalArgs, SplitArg};
use super::out::stdout;
use super::progress::{Progress, Unit};
use super::watch::Terminal;
use super::{Outcome, note, open_app_in};
use crate::app::{Measured, Naming, open_corpus, open_sources};
use crate::config::High;
use crate::eval::{self, EarlierRow, Report, Row, Split};
use crate::ingest::Watch;
use crate::ports::Failure;
use files::{Collection, Place};

/// Names shown of what could not be used; all are counted.
const SHOWN: usize = 5;

pub(crate) fn run(settings: &High, args: &EvalArgs) -> Result<Outcome> {
    let split = match args.split {
        SplitArg::Calibrate => Split::Calibrate,
        SplitArg::Report => Split::Report,
        SplitArg::All => Split::All,
    };
    // Everything that is small is read before anything is indexed, so that mistakes show
    // at once. An earlier run may stand in the file that is written below.
    let collections = files::open(&args.collections, &args.from, split)?;
    let k = usize::from(args.k);
    let earlier = args.compare.as_deref().map(|path| earlier(path, k));
    let earlier = earlier.transpose()?;
    if let Some(path) = &args.per_query {
        writable(path)?;
    }
    let mut bench = Bench {
        settings,
        terminal: Terminal::new()?,
        k,
        measured: HashMap::new(),
        whole: true,
    };
    let mut reports = Vec::new();
    let mut all = Vec::new();
    for collection in &collections {
        let Some((report, rows)) = bench.measure(collection, earlier.as_deref())? else {
            note("stopped");
            return Ok(Outcome::Failed);
        };
        reports.push(report);
        all.extend(rows);
    }
    if let Some(path) = &args.per_query {
        write_rows(path, &all)?;
    }
    print(&reports, args)?;
    let failed = reports.iter().any(|report| report.failed > 0);
    Ok(if bench.whole && !failed {
        Outcome::Done
    } else {
        Outcome::Failed
    })
}

fn print(reports: &[Report], args: &EvalArgs) -> Result<()> {
    let mut out = stdout();
    if args.json {
        let _ = match reports {
            [one] => out.json(one)?,
            several => out.json(&several)?,
        };
    } else {
        for report in reports {
            let _ = out.text(&table::table(report))?;
        }
    }
    out.finish()?;
    Ok(())
}

fn earlier(path: &Path, k: usize) -> Result<Vec<EarlierRow>> {
    let text = files::text(path)?;
    let rows =
        eval::earlier(&text).map_err(|error| anyhow::anyhow!("{}:{error}", path.display()))?;
    if let Some(other) = rows.iter().find(|row| row.k != k) {
        bail!(
            "{} was written with --k {}, which cannot be compared with --k {k}",
            path.display(),
            other.k
        );
    }
    Ok(rows)
}

/// Fails now rather than when everything was asked; what is in the file stays till then.
fn writable(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    let opened = options.append(true).create(true).open(path);
    opened.with_context(|| format!("cannot write {}", path.display()))?;
    Ok(())
}

fn write_rows(path: &Path, rows: &[Row]) -> Result<()> {
    let mut lines = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut lines, row)?;
        lines.push(b'\n');
    }
    let written = std::fs::File::create(path).and_then(|mut file| file.write_all(&lines));
    written.with_context(|| format!("cannot write {}", path.display()))
}

/// What was indexed so far; the same documents are indexed once.
struct Bench<'s> {
    settings: &'s High,
    terminal: Terminal,
    k: usize,
    measured: HashMap<Place, (Measured, TempDir)>,
    /// Nothing failed on the way.
    whole: bool,
}

impl Bench<'_> {
    /// Asks the questions of a collection; `None` when somebody asked for an end.
    fn measure(
        &mut self,
        collection: &Collection,
        earlier: Option<&[EarlierRow]>,
    ) -> Result<Option<(Report, Vec<Row>)>> {
        if !self.measured.contains_key(&collection.place) {
            let Some(measured) = self.index(collection)? else {
                return Ok(None);
            };
            self.measured.insert(collection.place.clone(), measured);
        }
        let (measured, _) = self
            .measured
            .get_mut(&collection.place)
            .expect("it was put there");
        let relevant = eval::relevant_by_query(
            &collection.queries,
            &collection.judgements,
            measured.catalogue(),
        );
        let asked = collection.asked();
        let unit = Unit::Items("questions");
        let total = Some(asked.len() as u64);
        let mut progress = Progress::stderr(&collection.name, unit, total);
        let mut rows = Vec::with_capacity(asked.len());
        for query in asked {
            if self.terminal.stopped() {
                return Ok(None);
            }
            let ranking = measured.ask(query, self.k)?;
            if let Some(error) = &ranking.error {
                progress.message(&format!("query `{}`: {error}", query.id));
            }
            let gold = relevant.of(&query.id);
            let answered = (&ranking, self.k);
            rows.push(eval::row(
                &collection.name,
                query,
                gold,
                measured.catalogue(),
                answered,
            ));
            progress.report(rows.len() as u64, "");
        }
        progress.finish(&format!("{}: asked", collection.name));
        let mut report = eval::report(&collection.name, self.k, &rows);
        report.documents = measured.catalogue().len();
        report.against_earlier = earlier.map(|earlier| eval::compare(&rows, earlier));
        report.unknown_queries = relevant.unknown_queries.len();
        report.unknown_documents = relevant.unknown_documents.len();
        tell(collection, "unknown queries", &relevant.unknown_queries);
        tell(
            collection,
            "documents that are not there",
            &relevant.unknown_documents,
        );
        Ok(Some((report, rows)))
    }

    /// Indexes the documents of a collection; `None` when somebody asked for an end.
    fn index(&mut self, collection: &Collection) -> Result<Option<(Measured, TempDir)>> {
        let dir = tempfile::tempdir().context("cannot make a throw-away data directory")?;
        let app = open_app_in(dir.path(), self.settings)?;
        let (sources, naming) = match &collection.place {
            Place::Corpus(path) => (vec![open_corpus(path)?], Naming::Own),
            Place::Sources(paths) => (open_sources(paths, None)?, Naming::Public),
        };
        let report = app.reindex(sources, true, &self.terminal);
        self.terminal.clear();
        let report = report?;
        if report.stopped {
            return Ok(None);
        }
        let of_reads = report.reads.iter().flat_map(|(_, read)| &read.failures);
        let of_build = report.build.iter().flat_map(|build| &build.failures);
        let failures: Vec<&Failure> = of_reads.chain(of_build).collect();
        for failure in failures.iter().take(SHOWN) {
            note(format_args!("failed: {failure}"));
        }
        if let (Place::Corpus(path), false) = (&collection.place, failures.is_empty()) {
            // Figures over a part of a collection would not be those of the collection.
            bail!(
                "{}: {} documents cannot be used",
                path.display(),
                failures.len()
            );
        }
        if failures.len() > SHOWN {
            note(format_args!("and {} more", failures.len() - SHOWN));
        }
        self.whole &= !report.failed();
        Ok(Some((Measured::new(app, naming)?, dir)))
    }
}

/// Says which judgements say nothing.
fn tell(collection: &Collection, what: &str, names: &[String]) {
    if names.is_empty() {
        return;
    }
    let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    let more = if names.len() > SHOWN { ", …" } else { "" };
    note(format_args!(
        "note: {}: {} judgements name {what}: {}{more}",
        collection.name,
        names.len(),
        shown.join(", ")
    ));
}
