//! A search in process, ten results with one cited passage each, beside tantivy's ten best
//! ids from one field of English terms.

use std::hint::black_box;
use std::path::Path;

use anyhow::{Context, Result};
use headwater::Headwater;
use headwater::api::{Cutoff, CutoffRule, Queries, SearchRequest};
use headwater::bench_support::convert;

use crate::corpus::Corpus;
use crate::floor::{self, Floor};
use crate::index::Record;
use crate::measure::{Cost, Effort, Sample, cost, ratio, row};

const ROUNDS: usize = 5;

pub(crate) fn run(corpus: &Corpus, effort: Effort) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let mut floor = build_floor(corpus, dir.path())?;
    let headwater = Headwater::open(dir.path().join("data"))?;
    headwater.reindex(&[&corpus.path])?;

    let mut found = Found::default();
    let (mut floors, mut ours) = (Vec::new(), Vec::new());
    // The first round warms both up and is not counted.
    for round in 0..=effort.rounds(ROUNDS) {
        for query in &corpus.queries {
            let (ids, of_floor) = cost(|| floor.top_ten(query));
            black_box(ids?);
            let (answer, of_ours) = cost(|| headwater.search(&request(query), None));
            let answer = answer.with_context(|| query.clone())?;
            if round > 0 {
                found.results += answer.results.len();
                found.answers += 1;
                floors.push(of_floor);
                ours.push(of_ours);
            }
        }
    }
    let floor = show("floor (tantivy)", &floors);
    let ours = show("Headwater", &ours);
    row(
        "",
        format_args!(
            "{:.1} results an answer, {} answers",
            found.results as f64 / found.answers as f64,
            found.answers
        ),
    );
    ratio(ours, floor, "goal: at most 4 times the floor's CPU");
    Ok(())
}

#[derive(Default)]
struct Found {
    results: usize,
    answers: usize,
}

/// Ten documents, whatever relevance says, with one passage each.
fn request(query: &str) -> SearchRequest {
    SearchRequest {
        query: Some(Queries::One(query.to_owned())),
        limit: Some(10),
        passages_per_document: Some(1),
        cutoff: Some(Cutoff::Rule(CutoffRule::None)),
        ..SearchRequest::default()
    }
}

fn build_floor(corpus: &Corpus, dir: &Path) -> Result<Floor> {
    let dir = dir.join("floor");
    std::fs::create_dir_all(&dir)?;
    let records = corpus.pages.iter().map(|page| {
        let text = convert(&page.title, page.storage.clone()).text;
        Ok(Record {
            text: format!("{}\n{text}", page.title),
            packed: Vec::new(),
        })
    });
    floor::build(&dir, floor::english_terms(), records)?;
    Floor::open(&dir, floor::english_terms())
}

/// Prints the costs of queries; gives their mean CPU.
fn show(label: &str, costs: &[Cost]) -> f64 {
    let sample = |of: fn(&Cost) -> f64| Sample::new(costs.iter().map(of).collect());
    let (cpu, wall) = (sample(|cost| cost.cpu), sample(|cost| cost.wall));
    let micros = |seconds: f64| format!("{:.0}", seconds * 1e6);
    row(
        label,
        format_args!(
            "CPU a query: mean {} us, p50 {} us, p99 {} us; wall: p50 {} us, p99 {} us",
            micros(cpu.mean()),
            micros(cpu.median()),
            micros(cpu.percentile(99)),
            micros(wall.median()),
            micros(wall.percentile(99))
        ),
    );
    cpu.mean()
}
