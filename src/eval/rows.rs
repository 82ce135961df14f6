//! One question's outcome, as `--per-query` writes it and as later runs compare with it.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::catalogue::Catalogue;
use super::collection::{Judgement, LineError, Query};
use super::metrics::{Scores, scores};

/// What is relevant for each question, and judgements that say nothing here.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Relevant {
    by_query: HashMap<String, Vec<(String, f64)>>,
    /// Judgements of questions that the collection does not have.
    pub(crate) unknown_queries: Vec<String>,
    /// Relevant documents that are not indexed: nobody can find them.
    pub(crate) unknown_documents: Vec<String>,
}

impl Relevant {
    /// Ids and grades; nothing for a question that has no answer.
    pub(crate) fn of(&self, query: &str) -> &[(String, f64)] {
        self.by_query.get(query).map_or(&[], Vec::as_slice)
    }
}

/// Sorts judgements by question. `queries` are all of the collection, also those that are
/// not asked now.
pub(crate) fn relevant_by_query(
    queries: &[Query],
    judgements: &[Judgement],
    catalogue: &Catalogue,
) -> Relevant {
    let known: HashSet<&str> = queries.iter().map(|query| query.id.as_str()).collect();
    let mut relevant = Relevant::default();
    for judgement in judgements {
        let Judgement {
            query,
            document,
            grade,
        } = judgement;
        if !known.contains(query.as_str()) {
            relevant.unknown_queries.push(query.clone());
            continue;
        }
        if catalogue.find(document).is_none() {
            relevant.unknown_documents.push(document.clone());
        }
        if *grade > 0.0 {
            let of_query = relevant.by_query.entry(query.clone()).or_default();
            of_query.push((document.clone(), *grade));
        }
    }
    relevant
}

/// What two rankings answered to one question, as numbers of the catalogue.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Ranking {
    /// In order, not cut where relevance falls off.
    pub(crate) ranked: Vec<usize>,
    /// What a caller gets: each result with the copies that are named beside it.
    pub(crate) served: Vec<Vec<usize>>,
    /// Time of the served answer, in milliseconds.
    pub(crate) ms: f64,
    pub(crate) baseline: Vec<usize>,
    pub(crate) baseline_ms: f64,
    /// Why there is no answer.
    pub(crate) error: Option<String>,
}

/// One question's outcome.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Row {
    pub(crate) collection: String,
    /// Id of the question.
    pub(crate) query: String,
    pub(crate) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lang: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) split: Option<String>,
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    pub(crate) identity: Option<String>,
    /// Depth of `ndcg` and `rr`.
    pub(crate) k: usize,
    /// Absent for a question without an answer in the collection.
    #[serde(flatten)]
    pub(crate) scores: Option<Scores>,
    /// Share of the served documents that are relevant; 0 when none is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) precision: Option<f64>,
    /// Documents of the served list.
    pub(crate) cut: usize,
    /// The relevant documents, most relevant first.
    pub(crate) gold: Vec<Gold>,
    /// The first `k` of the ranking.
    pub(crate) top: Vec<String>,
    pub(crate) ms: f64,
    pub(crate) baseline: BaselineRow,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

/// A relevant document and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Gold {
    pub(crate) id: String,
    pub(crate) grade: f64,
    /// From 1; `None` beyond the documents looked at.
    pub(crate) rank: Option<usize>,
    pub(crate) baseline_rank: Option<usize>,
}

/// The same question asked of the baseline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct BaselineRow {
    #[serde(flatten)]
    pub(crate) scores: Option<Scores>,
    pub(crate) top: Vec<String>,
    pub(crate) ms: f64,
}

/// Scores what was answered.
pub(crate) fn row(
    collection: &str,
    query: &Query,
    relevant: &[(String, f64)],
    catalogue: &Catalogue,
    (ranking, k): (&Ranking, usize),
) -> Row {
    let gold = Judged::new(relevant, catalogue);
    let top = |documents: &[usize]| -> Vec<String> {
        let first = documents.iter().take(k);
        first.map(|n| catalogue.id(*n).to_owned()).collect()
    };
    let scored = |documents: &[usize]| {
        let ranked: Vec<f64> = documents.iter().map(|n| gold.grade(*n)).collect();
        (!gold.grades.is_empty()).then(|| rounded(scores(&ranked, &gold.grades, k)))
    };
    Row {
        collection: collection.to_owned(),
        query: query.id.clone(),
        text: query.text.clone(),
        kind: query.kind.clone(),
        lang: query.lang.clone(),
        split: query.split.clone(),
        identity: query.identity.clone(),
        k,
        scores: scored(&ranking.ranked),
        precision: (!gold.grades.is_empty()).then(|| gold.precision(&ranking.served)),
        cut: ranking.served.len(),
        gold: gold.places(ranking),
        top: top(&ranking.ranked),
        ms: round(ranking.ms),
        baseline: BaselineRow {
            scores: scored(&ranking.baseline),
            top: top(&ranking.baseline),
            ms: round(ranking.baseline_ms),
        },
        error: ranking.error.clone(),
    }
}

/// The relevant documents of one question, each once.
struct Judged {
    by_number: HashMap<usize, f64>,
    grades: Vec<f64>,
    gold: Vec<(String, f64, Option<usize>)>,
}

impl Judged {
    fn new(relevant: &[(String, f64)], catalogue: &Catalogue) -> Self {
        let named = |(id, grade): &(String, f64)| (id.clone(), *grade, catalogue.find(id));
        let mut gold: Vec<_> = relevant.iter().map(named).collect();
        gold.sort_by(|a, b| b.1.total_cmp(&a.1));
        // Two names of one document are one judgement; the higher grade counts.
        let mut seen = HashSet::new();
        gold.retain(|(_, _, number)| number.is_none_or(|number| seen.insert(number)));
        Self {
            by_number: gold
                .iter()
                .filter_map(|(_, g, n)| Some(((*n)?, *g)))
                .collect(),
            grades: gold.iter().map(|(_, grade, _)| *grade).collect(),
            gold,
        }
    }

    fn grade(&self, number: usize) -> f64 {
        self.by_number.get(&number).copied().unwrap_or(0.0)
    }

    /// A result counts when it or a copy named beside it is relevant.
    fn precision(&self, served: &[Vec<usize>]) -> f64 {
        let good = |result: &&Vec<usize>| result.iter().any(|n| self.grade(*n) > 0.0);
        let good = served.iter().filter(good).count();
        round(good as f64 / served.len().max(1) as f64)
    }

    fn places(&self, ranking: &Ranking) -> Vec<Gold> {
        let place = |documents: &[usize], number: Option<usize>| {
            let number = number?;
            documents.iter().position(|n| *n == number).map(|at| at + 1)
        };
        let gold = self.gold.iter();
        gold.map(|(id, grade, number)| Gold {
            id: id.clone(),
            grade: *grade,
            rank: place(&ranking.ranked, *number),
            baseline_rank: place(&ranking.baseline, *number),
        })
        .collect()
    }
}

/// Six places: more than any decision needs, and the same on every machine.
pub(crate) fn round(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

fn rounded(scores: Scores) -> Scores {
    Scores {
        ndcg: round(scores.ndcg),
        recall_5: round(scores.recall_5),
        recall_10: round(scores.recall_10),
        recall_100: round(scores.recall_100),
        rr: round(scores.rr),
    }
}

/// What a comparison needs of a line that an earlier run wrote.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct EarlierRow {
    pub(crate) collection: String,
    pub(crate) query: String,
    pub(crate) k: usize,
    pub(crate) ndcg: Option<f64>,
    pub(crate) rr: Option<f64>,
}

/// Reads what `--per-query` wrote.
pub(crate) fn earlier(text: &str) -> Result<Vec<EarlierRow>, LineError> {
    let lines = text.lines().enumerate();
    let lines = lines.filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(n, line)| {
            serde_json::from_str(line).map_err(|error| LineError {
                line: n + 1,
                cause: format!("not a line of `--per-query`: {error}"),
            })
        })
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn catalogue() -> Catalogue {
        let mut catalogue = Catalogue::default();
        for n in 0..5 {
            catalogue.add(format!("page:{n}"), [n.to_string()]);
        }
        catalogue
    }

    pub(crate) fn query(id: &str) -> Query {
        Query {
            id: id.to_owned(),
            text: "how cold".to_owned(),
            kind: None,
            lang: None,
            split: None,
            identity: None,
        }
    }

    fn relevant(judged: &[(&str, f64)]) -> Vec<(String, f64)> {
        judged
            .iter()
            .map(|(id, g)| ((*id).to_owned(), *g))
            .collect()
    }

    #[test]
    fn a_row_says_where_the_relevant_documents_stand() {
        let ranking = Ranking {
            ranked: vec![3, 1, 0],
            served: vec![vec![3], vec![2, 1]],
            baseline: vec![1],
            ..Ranking::default()
        };
        let judged = relevant(&[("0", 1.0), ("page:1", 2.0), ("1", 1.0), ("gone", 1.0)]);
        let row = row("c", &query("q"), &judged, &catalogue(), (&ranking, 2));
        let gold: Vec<_> = row
            .gold
            .iter()
            .map(|g| (&*g.id, g.rank, g.baseline_rank))
            .collect();
        let expected = [
            ("page:1", Some(2), Some(1)),
            ("0", Some(3), None),
            ("gone", None, None),
        ];
        assert_eq!(gold, expected);
        assert_eq!(row.top, ["page:3", "page:1"]);
        assert_eq!((row.cut, row.precision), (2, Some(0.5)));
        let scores = row.scores.unwrap();
        assert_eq!((scores.recall_5, scores.rr), (0.666_667, 0.5));
        // (2 / log2(3)) / (2 + 1 / log2(3))
        assert!((scores.ndcg - 0.479_630).abs() < 1e-5, "{scores:?}");
    }

    #[test]
    fn a_question_without_an_answer_has_no_scores() {
        let row = row(
            "c",
            &query("q"),
            &[],
            &catalogue(),
            (&Ranking::default(), 10),
        );
        let line = serde_json::to_string(&row).unwrap();
        assert!(
            !line.contains("ndcg") && !line.contains("precision"),
            "{line}"
        );
        let earlier = earlier(&line).unwrap();
        assert_eq!((earlier[0].ndcg, earlier[0].k), (None, 10));
    }

    #[test]
    fn judgements_that_name_nothing_are_told() {
        let judgement = |query: &str, document: &str, grade| Judgement {
            query: query.to_owned(),
            document: document.to_owned(),
            grade,
        };
        let judgements = [
            judgement("q1", "page:1", 1.0),
            judgement("q1", "2", 0.0),
            judgement("q1", "gone", 1.0),
            judgement("q9", "1", 1.0),
        ];
        let relevant = relevant_by_query(&[query("q1")], &judgements, &catalogue());
        assert_eq!(relevant.of("q1").len(), 2);
        assert_eq!(relevant.of("q9").len(), 0);
        assert_eq!(relevant.unknown_queries, ["q9"]);
        assert_eq!(relevant.unknown_documents, ["gone"]);
    }

    #[test]
    fn a_file_of_something_else_is_no_earlier_run() {
        let error = earlier("{\"collection\":\"c\"}").unwrap_err().to_string();
        assert!(
            error.starts_with("1: not a line of `--per-query`: missing field"),
            "{error}"
        );
    }
}
