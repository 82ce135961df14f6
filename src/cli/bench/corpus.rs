//! `headwater bench corpus`: what a corpus is made of, so that figures measured over two
//! corpora can be compared.
//!
//! Words and terms are those of the index: conversion and analysis are the ones that
//! `reindex` uses.

use std::collections::BTreeMap;

use anyhow::Result;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use rustc_hash::FxHashSet;
use serde::Serialize;

use super::super::out::stdout;
use super::super::watch::Terminal;
use super::super::{Outcome, note};
use super::args::CorpusArgs;
use super::percentile;
use crate::analysis::{Analyzer, EXACT, detect};
use crate::export;
use crate::ingest::{Phase, Step, Watch};
use crate::model::{Content, RawBody};
use crate::ports::{Failure, PortResult, SourceItem, SourceSink};
use crate::storage::{self, Context, NoNames};

/// Items converted at a time.
const BATCH: usize = 256;
/// Rows of a long table that people are shown; JSON has them all.
const SHOWN: usize = 12;

pub(crate) fn run(args: &CorpusArgs) -> Result<Outcome> {
    let terminal = Terminal::new()?;
    let mut source = export::open(&args.from, None)?;
    let mut gathering = Gathering {
        total: source.size_hint(),
        ..Gathering::new(&terminal)
    };
    let read = source.read(&mut gathering);
    terminal.clear();
    read?;
    gathering.flush();
    let facts = gathering.facts();
    let mut out = stdout();
    if args.json {
        let _ = out.json(&facts)?;
    } else {
        for line in facts.lines() {
            let _ = out.line(line)?;
        }
    }
    out.finish()?;
    if terminal.stopped() {
        note("stopped; these are facts of what was read until then");
    }
    for failure in gathering.failures.iter().take(20) {
        note(format_args!("failed: {failure}"));
    }
    let whole = gathering.failures.is_empty() && !terminal.stopped();
    Ok(if whole {
        Outcome::Done
    } else {
        Outcome::Failed
    })
}

/// Facts about a corpus. Tables go from a name to a number of items.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Facts {
    items: u64,
    types: BTreeMap<String, u64>,
    statuses: BTreeMap<String, u64>,
    spaces: BTreeMap<String, u64>,
    people: u64,
    /// Of the bodies as they are kept.
    body_bytes: u64,
    /// After conversion.
    text_bytes: u64,
    words: u64,
    /// Different terms.
    vocabulary: u64,
    body_lengths: Lengths,
    text_lengths: Lengths,
    languages: BTreeMap<String, u64>,
    labels: BTreeMap<String, u64>,
    /// How often each is used.
    macros: BTreeMap<String, u64>,
    attachments: Attachments,
    restricted: u64,
    warnings: u64,
    failures: u64,
}

/// Of bodies that are not empty, in bytes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
struct Lengths {
    p10: u64,
    p50: u64,
    p90: u64,
    p99: u64,
    max: u64,
}

#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
struct Attachments {
    files: u64,
    bytes: u64,
    media_types: BTreeMap<String, u64>,
}

impl Lengths {
    fn of(mut lengths: Vec<u64>) -> Self {
        lengths.sort_unstable();
        let at = |percent| percentile(&lengths, percent);
        Self {
            p10: at(10.0),
            p50: at(50.0),
            p90: at(90.0),
            p99: at(99.0),
            max: at(100.0),
        }
    }

    fn line(self, what: &str) -> String {
        let Self {
            p10,
            p50,
            p90,
            p99,
            max,
        } = self;
        format!("{what} in bytes: p10 {p10}, p50 {p50}, p90 {p90}, p99 {p99}, max {max}")
    }
}

impl Facts {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("items: {}", self.items),
            table("types", &self.types),
            table("statuses", &self.statuses),
            table("spaces", &self.spaces),
            format!("people: {}", self.people),
            format!("body bytes: {}", self.body_bytes),
            format!("text bytes: {}", self.text_bytes),
            format!("words: {}, {} different terms", self.words, self.vocabulary),
            self.body_lengths.line("bodies"),
            self.text_lengths.line("texts"),
            table("languages", &self.languages),
            table("labels", &self.labels),
            table("macros", &self.macros),
            format!(
                "attachments: {} files, {} bytes",
                self.attachments.files, self.attachments.bytes
            ),
        ];
        if self.attachments.files > 0 {
            lines.push(table("media types", &self.attachments.media_types));
        }
        lines.push(format!(
            "restricted: {}; conversion warnings: {}; failures: {}",
            self.restricted, self.warnings, self.failures
        ));
        lines
    }
}

/// The most frequent names of a table first.
fn table(label: &str, counts: &BTreeMap<String, u64>) -> String {
    let mut rows: Vec<(&String, &u64)> = counts.iter().collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let shown = rows.iter().take(SHOWN);
    let shown: Vec<String> = shown
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    let more = if rows.len() > SHOWN { ", …" } else { "" };
    format!("{label}: {} ({}{more})", rows.len(), shown.join(", "))
}

/// Takes in what a source delivers.
struct Gathering<'a> {
    facts: Facts,
    waiting: Vec<(Content, Option<RawBody>)>,
    vocabulary: FxHashSet<Box<str>>,
    body_lengths: Vec<u64>,
    text_lengths: Vec<u64>,
    failures: Vec<Failure>,
    total: Option<u64>,
    watch: &'a dyn Watch,
}

/// What one body adds.
struct Counted {
    body_bytes: u64,
    text_bytes: u64,
    words: u64,
    language: &'static str,
    macros: BTreeMap<String, u32>,
    warnings: u64,
    terms: FxHashSet<Box<str>>,
}

impl<'a> Gathering<'a> {
    fn new(watch: &'a dyn Watch) -> Self {
        Self {
            facts: Facts::default(),
            waiting: Vec::new(),
            vocabulary: FxHashSet::default(),
            body_lengths: Vec::new(),
            text_lengths: Vec::new(),
            failures: Vec::new(),
            total: None,
            watch,
        }
    }

    /// Counts what waits.
    fn flush(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        let counted: Vec<Option<Counted>> = waiting
            .par_iter()
            .map_init(Analyzer::new, |analyzer, (content, body)| {
                body.as_ref().map(|body| count(content, body, analyzer))
            })
            .collect();
        for (content, _) in &waiting {
            self.facts.add_metadata(content);
        }
        for counted in counted.into_iter().flatten() {
            self.add_body(counted);
        }
    }

    fn add_body(&mut self, counted: Counted) {
        let facts = &mut self.facts;
        facts.body_bytes += counted.body_bytes;
        facts.text_bytes += counted.text_bytes;
        facts.words += counted.words;
        facts.warnings += counted.warnings;
        for (name, count) in counted.macros {
            *facts.macros.entry(name).or_default() += u64::from(count);
        }
        if counted.body_bytes > 0 {
            bump(&mut facts.languages, counted.language);
            self.body_lengths.push(counted.body_bytes);
            self.text_lengths.push(counted.text_bytes);
        }
        self.vocabulary.extend(counted.terms);
    }

    fn facts(&mut self) -> Facts {
        Facts {
            vocabulary: self.vocabulary.len() as u64,
            body_lengths: Lengths::of(std::mem::take(&mut self.body_lengths)),
            text_lengths: Lengths::of(std::mem::take(&mut self.text_lengths)),
            failures: self.failures.len() as u64,
            ..std::mem::take(&mut self.facts)
        }
    }
}

impl Facts {
    fn add_metadata(&mut self, content: &Content) {
        self.items += 1;
        bump(&mut self.types, content.kind.as_str());
        bump(&mut self.statuses, content.status.as_str());
        if let Some(key) = &content.space_key {
            bump(&mut self.spaces, key);
        }
        for label in &content.labels {
            bump(&mut self.labels, &label.name);
        }
        if content.restrictions != crate::model::Restrictions::None {
            self.restricted += 1;
        }
        if let Some(file) = &content.attachment {
            self.attachments.files += 1;
            self.attachments.bytes += file.size_bytes.unwrap_or(0);
            let kind = file.media_type.as_deref().unwrap_or("unknown");
            bump(&mut self.attachments.media_types, kind);
        }
    }
}

fn bump(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => {
            counts.insert(name.to_owned(), 1);
        }
    }
}

fn count(content: &Content, body: &RawBody, analyzer: &mut Analyzer) -> Counted {
    let context = Context {
        title: &content.title,
        space_key: content.space_key.as_deref(),
        server_rendered: None,
    };
    let converted = storage::convert(body, &context, &NoNames);
    let language = detect(&converted.text);
    let mut terms: FxHashSet<Box<str>> = FxHashSet::default();
    let words = analyzer.for_each(&converted.text, language, |term| {
        if !term.term.starts_with(EXACT) && !terms.contains(term.term) {
            terms.insert(term.term.into());
        }
    });
    Counted {
        body_bytes: body.value.len() as u64,
        text_bytes: converted.text.len() as u64,
        words: u64::from(words),
        language: language.code(),
        warnings: converted.meta.warnings.len() as u64,
        macros: converted.meta.macros,
        terms,
    }
}

impl SourceSink for Gathering<'_> {
    fn item(&mut self, item: SourceItem) -> PortResult<bool> {
        match item {
            SourceItem::Content { content, body } => self.waiting.push((content, body)),
            SourceItem::Person(_) => self.facts.people += 1,
            SourceItem::Space(_) => {}
        }
        if self.waiting.len() >= BATCH {
            self.flush();
        }
        Ok(!self.watch.stopped())
    }

    fn failure(&mut self, failure: Failure) {
        self.failures.push(failure);
    }

    fn progress(&mut self, bytes: u64) {
        self.watch.step(Step {
            phase: Phase::Reading,
            done: bytes,
            total: self.total,
            items: self.facts.items,
        });
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::ingest::Unwatched;

    #[test]
    fn facts_of_a_small_corpus() {
        let lines = r#"{"id":"1","type":"page","title":"A","space":{"key":"ENG"},"metadata":{"labels":{"results":[{"name":"pump"}]}},"body":{"storage":{"value":"<p>The pump turns the other pumps</p><ac:structured-macro ac:name=\"toc\" />"}}}
{"id":"2","type":"blogpost","title":"B","space":{"key":"OPS"},"body":{"storage":{"value":"<p>Die Pumpe läuft nicht und das ist nicht gut für alle</p>"}}}
{"id":"att3","type":"attachment","title":"a.pdf","container":{"id":"1","type":"page"},"metadata":{"mediaType":"application/pdf"},"extensions":{"fileSize":1200}}
{"type":"page","title":"no id"}
"#;
        let dir = tempfile::tempdir().unwrap();
        let from = dir.path().join("dump.jsonl");
        #[expect(clippy::disallowed_methods, reason = "a source is a file")]
        std::fs::write(&from, lines).unwrap();
        let mut gathering = Gathering::new(&Unwatched);
        export::open(&from, None)
            .unwrap()
            .read(&mut gathering)
            .unwrap();
        gathering.flush();
        let facts = gathering.facts();
        expect![[r#"
            items: 3
            types: 3 (attachment 1, blogpost 1, page 1)
            statuses: 1 (current 3)
            spaces: 2 (ENG 1, OPS 1)
            people: 0
            body bytes: 135
            text bytes: 84
            words: 17, 14 different terms
            bodies in bytes: p10 61, p50 61, p90 74, p99 74, max 74
            texts in bytes: p10 30, p50 30, p90 54, p99 54, max 54
            languages: 2 (de 1, en 1)
            labels: 1 (pump 1)
            macros: 1 (toc 1)
            attachments: 1 files, 1200 bytes
            media types: 1 (application/pdf 1)
            restricted: 0; conversion warnings: 0; failures: 1"#]]
        .assert_eq(&facts.lines().join("\n"));
    }
}
