//! Figures of a whole collection, out of the outcomes of its questions.
//!
//! Means are over the questions that have an answer in the collection. The others, which
//! have no relevant document, ask whether the list is empty when it should be.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::metrics::{Scores, mean, percentile};
use super::rows::{EarlierRow, Row, round};
use super::significance::Paired;

/// A collection's figures, as `--json` prints them. A figure over no questions is `null`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Report {
    pub(crate) collection: String,
    pub(crate) documents: usize,
    /// All that were asked.
    pub(crate) queries: usize,
    /// Those with a relevant document.
    pub(crate) answerable: usize,
    pub(crate) unanswerable: usize,
    /// Depth of `ndcg` and `mrr`.
    pub(crate) k: usize,
    #[serde(flatten)]
    pub(crate) figures: Figures,
    /// Mean share of relevant documents in the lists as they are served.
    pub(crate) precision_cut: Option<f64>,
    /// Mean number of documents in them.
    pub(crate) served: Option<f64>,
    /// Share of the unanswerable questions whose served list is empty.
    pub(crate) none_right: Option<f64>,
    /// Share of the answerable questions whose served list is empty.
    pub(crate) none_wrong: Option<f64>,
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
    pub(crate) baseline: Baseline,
    /// This ranking beside the baseline.
    pub(crate) against_baseline: Differences,
    /// This ranking beside that of an earlier run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) against_earlier: Option<Comparison>,
    /// Figures by `kind`, `lang` and `split` of the questions, where they have such.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) groups: BTreeMap<&'static str, BTreeMap<String, Group>>,
    /// Questions that got an error for an answer.
    pub(crate) failed: usize,
    /// Judgements of questions that the collection does not have.
    pub(crate) unknown_queries: usize,
    /// Judgements of documents that are not indexed.
    pub(crate) unknown_documents: usize,
}

/// Means over the answerable questions.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub(crate) struct Figures {
    pub(crate) ndcg: Option<f64>,
    pub(crate) recall_5: Option<f64>,
    pub(crate) recall_10: Option<f64>,
    pub(crate) recall_100: Option<f64>,
    pub(crate) mrr: Option<f64>,
}

/// Plain BM25 over the same documents.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Baseline {
    #[serde(flatten)]
    pub(crate) figures: Figures,
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
}

/// Paired comparisons over the same questions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Differences {
    pub(crate) ndcg: Paired,
    pub(crate) mrr: Paired,
}

/// A comparison with an earlier run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Comparison {
    /// Questions that both runs answered.
    pub(crate) queries: usize,
    /// Answerable questions of this run that the earlier one does not have.
    pub(crate) unmatched: usize,
    pub(crate) ndcg_before: Option<f64>,
    pub(crate) mrr_before: Option<f64>,
    #[serde(flatten)]
    pub(crate) differences: Differences,
}

/// Figures of some of the questions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Group {
    pub(crate) queries: usize,
    #[serde(flatten)]
    pub(crate) figures: Figures,
    pub(crate) baseline: Figures,
    pub(crate) precision_cut: Option<f64>,
    pub(crate) none_right: Option<f64>,
    pub(crate) none_wrong: Option<f64>,
}

/// Sums up the rows of a collection. What depends on its files is left 0.
pub(crate) fn report(collection: &str, k: usize, rows: &[Row]) -> Report {
    let all: Vec<&Row> = rows.iter().collect();
    let Group {
        figures,
        baseline,
        precision_cut,
        none_right,
        none_wrong,
        ..
    } = group(&all);
    let answerable = rows.iter().filter(|row| row.scores.is_some()).count();
    let times = |share| millis(rows.iter().map(|row| row.ms), share);
    let baseline_times = |share| millis(rows.iter().map(|row| row.baseline.ms), share);
    Report {
        collection: collection.to_owned(),
        documents: 0,
        queries: rows.len(),
        answerable,
        unanswerable: rows.len() - answerable,
        k,
        figures,
        precision_cut,
        served: mean(rows.iter().map(|row| row.cut as f64)).map(round),
        none_right,
        none_wrong,
        p50_ms: times(0.5),
        p99_ms: times(0.99),
        baseline: Baseline {
            figures: baseline,
            p50_ms: baseline_times(0.5),
            p99_ms: baseline_times(0.99),
        },
        against_baseline: differences(rows.iter().filter_map(|row| {
            let (this, other) = (row.scores?, row.baseline.scores?);
            Some(((this.ndcg, other.ndcg), (this.rr, other.rr)))
        })),
        against_earlier: None,
        groups: groups(rows),
        failed: rows.iter().filter(|row| row.error.is_some()).count(),
        unknown_queries: 0,
        unknown_documents: 0,
    }
}

fn millis(times: impl Iterator<Item = f64>, share: f64) -> Option<f64> {
    percentile(times.collect(), share).map(|ms| (ms * 1e3).round() / 1e3)
}

/// The figures of a run beside those of an earlier one.
pub(crate) fn compare(rows: &[Row], earlier: &[EarlierRow]) -> Comparison {
    let key = |row: &EarlierRow| (row.collection.clone(), row.query.clone());
    let before: HashMap<_, _> = earlier.iter().map(|row| (key(row), row)).collect();
    let mut unmatched = 0;
    let mut pairs = Vec::new();
    for row in rows {
        let Some(scores) = row.scores else { continue };
        let before = before.get(&(row.collection.clone(), row.query.clone()));
        let before = before.and_then(|before| Some((before.ndcg?, before.rr?)));
        match before {
            Some((ndcg, rr)) => pairs.push(((scores.ndcg, ndcg), (scores.rr, rr))),
            None => unmatched += 1,
        }
    }
    Comparison {
        queries: pairs.len(),
        unmatched,
        ndcg_before: mean(pairs.iter().map(|(ndcg, _)| ndcg.1)).map(round),
        mrr_before: mean(pairs.iter().map(|(_, rr)| rr.1)).map(round),
        differences: differences(pairs.into_iter()),
    }
}

/// Of pairs (this, other) of nDCG and of reciprocal ranks.
fn differences(pairs: impl Iterator<Item = ((f64, f64), (f64, f64))>) -> Differences {
    let (ndcg, rr): (Vec<_>, Vec<_>) = pairs.unzip();
    let rounded = |paired: Paired| Paired {
        difference: round(paired.difference),
        p: round(paired.p),
        ..paired
    };
    Differences {
        ndcg: rounded(Paired::of(&ndcg)),
        mrr: rounded(Paired::of(&rr)),
    }
}

fn groups(rows: &[Row]) -> BTreeMap<&'static str, BTreeMap<String, Group>> {
    type Label = fn(&Row) -> Option<&String>;
    let labels: [(&'static str, Label); 3] = [
        ("kind", |row| row.kind.as_ref()),
        ("lang", |row| row.lang.as_ref()),
        ("split", |row| row.split.as_ref()),
    ];
    let mut groups = BTreeMap::new();
    for (name, label) in labels {
        let mut members: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
        for row in rows {
            if let Some(value) = label(row) {
                members.entry(value.clone()).or_default().push(row);
            }
        }
        if !members.is_empty() {
            let figures = members
                .into_iter()
                .map(|(value, rows)| (value, group(&rows)));
            groups.insert(name, figures.collect());
        }
    }
    groups
}

fn group(rows: &[&Row]) -> Group {
    let (answerable, unanswerable): (Vec<&Row>, Vec<&Row>) =
        rows.iter().copied().partition(|row| row.scores.is_some());
    let empty = |rows: &[&Row]| {
        let empty = rows.iter().map(|row| f64::from(u8::from(row.cut == 0)));
        mean(empty).map(round)
    };
    Group {
        queries: rows.len(),
        figures: figures(answerable.iter().filter_map(|row| row.scores)),
        baseline: figures(answerable.iter().filter_map(|row| row.baseline.scores)),
        precision_cut: mean(answerable.iter().filter_map(|row| row.precision)).map(round),
        none_right: empty(&unanswerable),
        none_wrong: empty(&answerable),
    }
}

fn figures(scores: impl Iterator<Item = Scores>) -> Figures {
    let scores: Vec<Scores> = scores.collect();
    let mean_of = |figure: fn(&Scores) -> f64| mean(scores.iter().map(figure)).map(round);
    Figures {
        ndcg: mean_of(|s| s.ndcg),
        recall_5: mean_of(|s| s.recall_5),
        recall_10: mean_of(|s| s.recall_10),
        recall_100: mean_of(|s| s.recall_100),
        mrr: mean_of(|s| s.rr),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::rows::tests::{catalogue, query};
    use crate::eval::{Query, Ranking, earlier, row};

    /// Kind, relevant document, ranking, number of served ones, baseline.
    type Case<'a> = (&'a str, &'a str, &'a [usize], usize, &'a [usize]);

    fn rows(cases: &[Case<'_>]) -> Vec<Row> {
        let one = |(n, case): (usize, &Case<'_>)| {
            let (kind, gold, ranked, served, baseline) = *case;
            let ranking = Ranking {
                ranked: ranked.to_vec(),
                served: ranked.iter().take(served).map(|n| vec![*n]).collect(),
                baseline: baseline.to_vec(),
                ms: n as f64,
                ..Ranking::default()
            };
            let query = Query {
                kind: Some(kind.to_owned()),
                ..query(&n.to_string())
            };
            let gold: Vec<_> = gold
                .split_whitespace()
                .map(|id| (id.to_owned(), 1.0))
                .collect();
            row("c", &query, &gold, &catalogue(), (&ranking, 10))
        };
        cases.iter().enumerate().map(one).collect()
    }

    #[test]
    fn questions_without_an_answer_count_apart() {
        let rows = rows(&[
            ("a", "1", &[1, 2], 2, &[2, 1]),
            ("b", "1", &[2], 0, &[1]),
            ("b", "", &[1], 0, &[1]),
            ("b", "", &[1], 1, &[1]),
        ]);
        let report = report("c", 10, &rows);
        assert_eq!(
            (report.queries, report.answerable, report.unanswerable),
            (4, 2, 2)
        );
        assert_eq!(
            (report.figures.ndcg, report.figures.mrr),
            (Some(0.5), Some(0.5))
        );
        assert_eq!(report.precision_cut, Some(0.25));
        assert_eq!(
            (report.none_right, report.none_wrong),
            (Some(0.5), Some(0.5))
        );
        assert_eq!((report.p50_ms, report.p99_ms), (Some(1.0), Some(3.0)));
        let ndcg = report.against_baseline.ndcg;
        assert_eq!((ndcg.wins, ndcg.losses, ndcg.ties), (1, 1, 0));
        let kinds = &report.groups["kind"];
        assert_eq!(kinds["a"].figures.ndcg, Some(1.0));
        assert_eq!(
            (kinds["a"].none_right, kinds["b"].none_wrong),
            (None, Some(1.0))
        );
        assert!(!report.groups.contains_key("lang"));
    }

    #[test]
    fn runs_are_compared_question_by_question() {
        let before = rows(&[("a", "1", &[2, 1], 1, &[]), ("a", "2", &[2], 1, &[])]);
        let lines: Vec<_> = before
            .iter()
            .map(|r| serde_json::to_string(r).unwrap())
            .collect();
        let before = earlier(&lines.join("\n")).unwrap();
        let now = rows(&[
            ("a", "1", &[1], 1, &[]),
            ("a", "2", &[2], 1, &[]),
            ("a", "3", &[3], 1, &[]),
            ("a", "", &[3], 1, &[]),
        ]);
        let comparison = compare(&now, &before);
        assert_eq!((comparison.queries, comparison.unmatched), (2, 1));
        assert_eq!(comparison.mrr_before, Some(0.75));
        let mrr = comparison.differences.mrr;
        assert_eq!(
            (mrr.difference, mrr.p, mrr.wins, mrr.ties),
            (0.25, 1.0, 1, 1)
        );
    }

    #[test]
    fn figures_over_nothing_are_null() {
        let report = serde_json::to_value(report("c", 10, &[])).unwrap();
        for name in [
            "ndcg",
            "mrr",
            "precision_cut",
            "none_right",
            "none_wrong",
            "p50_ms",
        ] {
            assert!(report[name].is_null(), "{name}: {report}");
        }
    }
}
