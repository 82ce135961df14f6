//! Ten metadata filters and what reading a query costs.
//!
//! A filter is asked as anybody asks it: text in, the first ten documents and the exact
//! size of the whole list out. The floor is the same call for everything there is, which
//! counts and fetches just as much and filters nothing.

use std::collections::HashMap;
use std::hint::black_box;

use anyhow::{Context, Result};
use headwater::Headwater;
use headwater::api::CqlSearchRequest;
use headwater::bench_support::checks;

use crate::corpus::{Corpus, Page};
use crate::measure::{Cost, Effort, Sample, cost, ratio, row};

const ROUNDS: usize = 200;
/// Most values of one list.
const LONGEST: usize = 10_000;
/// Goal for one filter, in seconds of CPU.
const GOAL: f64 = 2e-3;

pub(crate) fn run(corpus: &Corpus, effort: Effort) -> Result<()> {
    reading(corpus, effort)?;
    let dir = tempfile::tempdir()?;
    let headwater = Headwater::open(dir.path())?;
    headwater.reindex(&[&corpus.path])?;
    let floor = asked(&headwater, "type = page", effort)?;
    show("floor (every page)", &floor);
    let mut within = 0;
    let filters = filters(corpus);
    for (name, cql) in &filters {
        let filter = asked(&headwater, cql, effort).with_context(|| (*name).to_owned())?;
        within += usize::from(show(name, &filter) <= GOAL);
        row(
            "",
            format_args!(
                "{} documents, {} bytes of CQL, reading it {:.0} us",
                filter.documents,
                cql.len(),
                filter.reading * 1e6
            ),
        );
        ratio(filter.cpu(), floor.cpu(), "to the floor");
    }
    row(
        "",
        format_args!("{within} of {} within 2 ms of CPU", filters.len()),
    );
    Ok(())
}

/// Reading and checking a query of two hundred characters.
fn reading(corpus: &Corpus, effort: Effort) -> Result<()> {
    let facts = Facts::of(corpus);
    let mut cql = format!(
        "space in (\"{}\", ENG) and type in (page, blogpost) and (label = \"{}\" or title ~ \"winter plan*\") \
         and created >= \"2024-01-01\" and lastmodified < now(\"-2w\") and creator != \"712020:nobody\"",
        facts.space, facts.labels[0]
    );
    cql.push_str(" order by lastmodified desc");
    let repeats = effort.rounds(2_000);
    checks(&cql).map_err(anyhow::Error::msg)?;
    let ((), cost) = cost(|| {
        for _ in 0..repeats {
            black_box(checks(black_box(&cql)).is_ok());
        }
    });
    row(
        "parse and check",
        format_args!(
            "{:.1} us of CPU for {} characters (goal: at most 50)",
            cost.cpu / repeats as f64 * 1e6,
            cql.chars().count()
        ),
    );
    Ok(())
}

struct Asked {
    costs: Sample,
    documents: u64,
    /// Seconds of CPU for the text alone.
    reading: f64,
}

impl Asked {
    fn cpu(&self) -> f64 {
        self.costs.mean()
    }
}

fn asked(headwater: &Headwater, cql: &str, effort: Effort) -> Result<Asked> {
    let request = CqlSearchRequest {
        cql: cql.to_owned(),
        limit: Some(10),
        cursor: None,
    };
    // The first call warms it up.
    let documents = headwater.cql(&request, None)?.total.documents;
    let mut costs: Vec<Cost> = Vec::new();
    for _ in 0..effort.rounds(ROUNDS) {
        let (answer, cost) = cost(|| headwater.cql(&request, None));
        black_box(answer?);
        costs.push(cost);
    }
    let repeats = effort.rounds(20);
    let ((), reading) = cost(|| {
        for _ in 0..repeats {
            black_box(checks(black_box(cql)).is_ok());
        }
    });
    Ok(Asked {
        costs: Sample::new(costs.iter().map(|cost| cost.cpu).collect()),
        documents,
        reading: reading.cpu / repeats as f64,
    })
}

/// Prints it; gives the mean CPU in seconds.
fn show(name: &str, asked: &Asked) -> f64 {
    row(
        name,
        format_args!(
            "CPU a query: mean {:.0} us, p50 {:.0} us, p99 {:.0} us",
            asked.cpu() * 1e6,
            asked.costs.median() * 1e6,
            asked.costs.percentile(99) * 1e6
        ),
    );
    asked.cpu()
}

/// Values that the corpus has most of.
struct Facts {
    space: String,
    spaces: Vec<String>,
    labels: [String; 2],
    creator: String,
    ancestor: String,
    word: String,
}

impl Facts {
    fn of(corpus: &Corpus) -> Self {
        let pages = &corpus.pages;
        let spaces = most(pages.iter().map(|page| page.space.as_str()));
        let labels = most(
            pages
                .iter()
                .flat_map(|page| page.labels.iter().map(String::as_str)),
        );
        let at = |values: &[String], n: usize| {
            let value = values.get(n).or(values.first()).cloned();
            value.unwrap_or_else(|| "none".to_owned())
        };
        let creators = most(pages.iter().map(|page| page.creator.as_str()));
        let ancestors = most(
            pages
                .iter()
                .flat_map(|page| page.ancestors.iter().map(String::as_str)),
        );
        let words = most(
            pages
                .iter()
                .flat_map(|page| page.title.split(' '))
                .filter(|word| word.len() > 4 && word.chars().all(char::is_alphabetic)),
        );
        Self {
            space: at(&spaces, 0),
            labels: [at(&labels, 0), at(&labels, 1)],
            creator: at(&creators, 0),
            ancestor: at(&ancestors, 0),
            word: at(&words, 0),
            spaces,
        }
    }
}

/// Distinct values, the most frequent first, equal ones by themselves.
fn most<'a>(values: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for value in values.filter(|value| !value.is_empty()) {
        *counts.entry(value).or_default() += 1;
    }
    let mut order: Vec<_> = counts.into_iter().collect();
    order.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    order
        .into_iter()
        .map(|(value, _)| value.to_owned())
        .collect()
}

fn filters(corpus: &Corpus) -> Vec<(&'static str, String)> {
    let facts = Facts::of(corpus);
    let Facts {
        space,
        labels: [label, other],
        creator,
        ancestor,
        word,
        spaces,
    } = &facts;
    let three: Vec<String> = spaces
        .iter()
        .take(3)
        .map(|key| format!("\"{key}\""))
        .collect();
    let ids = ids(corpus);
    let person = format!("(creator = \"{creator}\" or contributor = \"{creator}\")");
    let dates = "created >= \"2025-01-01\" and created < \"2026-01-01\"";
    vec![
        ("one value", format!("space = \"{space}\"")),
        ("IN of 3", format!("space in ({})", three.join(", "))),
        ("IN of 10,000", format!("id in ({})", ids.join(", "))),
        ("NOT", format!("type = page and not space = \"{space}\"")),
        ("range of dates", dates.to_owned()),
        ("ancestor", format!("ancestor = {ancestor}")),
        (
            "label AND label",
            format!("label = \"{label}\" and label = \"{other}\""),
        ),
        ("creator OR contributor", person.clone()),
        ("title phrase", format!("title ~ \"\\\"{word}\\\"\"")),
        (
            "all of them nested",
            format!(
                "(space in ({}) and not label = \"{other}\" and ({dates} or ancestor = {ancestor}) \
                 and (label = \"{label}\" or {person} or title ~ \"\\\"{word}\\\"\")) or id in ({}) \
                 order by lastmodified desc",
                three.join(", "),
                ids.iter().take(100).copied().collect::<Vec<_>>().join(", ")
            ),
        ),
    ]
}

/// As many ids as a list may hold, from all over the corpus.
fn ids(corpus: &Corpus) -> Vec<&str> {
    let every = (corpus.pages.len() / LONGEST).max(1);
    let ids = corpus.pages.iter().map(|page: &Page| page.id.as_str());
    ids.step_by(every).take(LONGEST).collect()
}
