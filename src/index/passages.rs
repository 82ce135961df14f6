//! Scores of passages and positions of terms for a few documents, read straight from the
//! postings: the rows wanted are known, so nothing is searched.

use std::collections::HashMap;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::Postings;
use tantivy::schema::{Field, IndexRecordOption, Term};
use tantivy::{DocAddress, DocSet, Searcher, TERMINATED, TantivyError};

use crate::ports::Scored;

const K1: f32 = 1.2;
const B: f32 = 0.75;

/// A document row and how many passage rows follow it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PassageRange {
    pub(crate) address: DocAddress,
    pub(crate) count: u32,
}

/// Best passages of each document: (number of the passage, score), best first.
pub(crate) fn best(
    searcher: &Searcher,
    field: Field,
    rows: u64,
    ranges: &[PassageRange],
    scored: &[Scored],
) -> Result<Vec<Vec<(u32, f32)>>, TantivyError> {
    let weights = weights(searcher, field, rows, scored)?;
    let mut tallies: Vec<Tally> = ranges.iter().map(|range| Tally::new(range.count)).collect();
    for ordinal in segments(ranges) {
        let segment = searcher.segment_reader(ordinal);
        let index = segment.inverted_index(field)?;
        let norms = segment.get_fieldnorms_reader(field)?;
        // Postings only go forward, so the documents of a segment are visited in order.
        let here = in_order(ranges, ordinal);
        for (number, weight) in weights.list.iter().enumerate() {
            let postings = index.read_postings(&weight.term, IndexRecordOption::WithFreqs)?;
            let Some(mut postings) = postings else {
                continue;
            };
            for at in &here {
                let first = ranges[*at].address.doc_id + 1;
                let last = first + ranges[*at].count;
                let mut doc = forward(&mut postings, first);
                while doc < last {
                    let score = weight.score(postings.term_freq(), doc, &norms);
                    tallies[*at].add(doc - first, number, score);
                    doc = postings.advance();
                }
            }
        }
    }
    Ok(tallies
        .into_iter()
        .map(|tally| tally.ranked(scored, &weights))
        .collect())
}

/// Positions of each term in each document: `[document][term]`.
pub(crate) fn positions(
    searcher: &Searcher,
    field: Field,
    documents: &[DocAddress],
    terms: &[Option<&str>],
) -> Result<Vec<Vec<Vec<u32>>>, TantivyError> {
    let mut found = vec![vec![Vec::new(); terms.len()]; documents.len()];
    let ranges: Vec<_> = documents
        .iter()
        .map(|address| PassageRange {
            address: *address,
            count: 0,
        })
        .collect();
    for ordinal in segments(&ranges) {
        let index = searcher.segment_reader(ordinal).inverted_index(field)?;
        let here = in_order(&ranges, ordinal);
        for (number, term) in terms.iter().enumerate() {
            let Some(term) = term else { continue };
            let term = Term::from_field_text(field, term);
            let option = IndexRecordOption::WithFreqsAndPositions;
            let Some(mut postings) = index.read_postings(&term, option)? else {
                continue;
            };
            for at in &here {
                let wanted = documents[*at].doc_id;
                if forward(&mut postings, wanted) == wanted {
                    postings.positions(&mut found[*at][number]);
                }
            }
        }
    }
    Ok(found)
}

fn segments(ranges: &[PassageRange]) -> Vec<u32> {
    let mut ordinals: Vec<u32> = ranges
        .iter()
        .map(|range| range.address.segment_ord)
        .collect();
    ordinals.sort_unstable();
    ordinals.dedup();
    ordinals
}

fn in_order(ranges: &[PassageRange], ordinal: u32) -> Vec<usize> {
    let mut here: Vec<usize> = (0..ranges.len())
        .filter(|at| ranges[*at].address.segment_ord == ordinal)
        .collect();
    here.sort_by_key(|at| ranges[*at].address.doc_id);
    here
}

/// Moves to the first row at or after `target`, never backwards.
fn forward(postings: &mut impl DocSet, target: u32) -> u32 {
    let doc = postings.doc();
    if doc == TERMINATED || doc >= target {
        doc
    } else {
        postings.seek(target)
    }
}

/// BM25 of one term among passage rows.
struct Weight {
    term: Term,
    idf: f32,
    average: f32,
}

impl Weight {
    fn score(&self, frequency: u32, doc: u32, norms: &FieldNormReader) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "counts of words in a passage")]
        let (frequency, length) = (frequency as f32, norms.fieldnorm(doc) as f32);
        let norm = K1 * (1.0 - B + B * length / self.average);
        self.idf * (1.0 + K1) * frequency / (frequency + norm)
    }
}

struct Weights {
    list: Vec<Weight>,
    numbers: HashMap<String, usize>,
}

fn weights(
    searcher: &Searcher,
    field: Field,
    rows: u64,
    scored: &[Scored],
) -> Result<Weights, TantivyError> {
    let tokens = searcher
        .segment_readers()
        .iter()
        .map(|segment| segment.inverted_index(field));
    let mut total = 0;
    for index in tokens {
        total += index?.total_num_tokens();
    }
    #[expect(clippy::cast_precision_loss, reason = "an average")]
    let average = (total as f32 / rows.max(1) as f32).max(1.0);
    let mut weights = Weights {
        list: Vec::new(),
        numbers: HashMap::new(),
    };
    let mut pending: Vec<&Scored> = scored.iter().collect();
    while let Some(clause) = pending.pop() {
        let terms: &[String] = match clause {
            Scored::Term { term, .. } => std::slice::from_ref(term),
            Scored::Phrase { terms, .. } => terms,
            Scored::AnyOf(parts) | Scored::AllOf(parts) | Scored::DisMax { clauses: parts, .. } => {
                pending.extend(parts);
                continue;
            }
            Scored::Boosted { must, should } => {
                pending.push(must);
                pending.extend(should);
                continue;
            }
        };
        for text in terms {
            if weights.numbers.contains_key(text) {
                continue;
            }
            let term = Term::from_field_text(field, text);
            let idf = idf(searcher.doc_freq(&term)?, rows);
            weights.numbers.insert(text.clone(), weights.list.len());
            weights.list.push(Weight { term, idf, average });
        }
    }
    Ok(weights)
}

#[expect(clippy::cast_precision_loss, reason = "a logarithm follows")]
fn idf(frequency: u64, rows: u64) -> f32 {
    let frequency = frequency.min(rows) as f32;
    ((rows as f32 - frequency + 0.5) / (frequency + 0.5)).ln_1p()
}

/// Scores of the terms in the passages of one document.
struct Tally {
    count: u32,
    scores: HashMap<(u32, usize), f32>,
}

impl Tally {
    fn new(count: u32) -> Self {
        Self {
            count,
            scores: HashMap::new(),
        }
    }

    fn add(&mut self, passage: u32, term: usize, score: f32) {
        self.scores.insert((passage, term), score);
    }

    fn ranked(&self, scored: &[Scored], weights: &Weights) -> Vec<(u32, f32)> {
        let score = |passage: u32| -> f32 {
            let term = |text: &str| {
                let number = weights.numbers.get(text)?;
                self.scores.get(&(passage, *number)).copied()
            };
            scored.iter().map(|clause| evaluate(clause, &term)).sum()
        };
        let mut ranked: Vec<_> = (0..self.count).map(|at| (at, score(at))).collect();
        ranked.retain(|(_, score)| *score > 0.0);
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked
    }
}

/// A scored clause over one passage. Passage rows have no positions, so a phrase counts
/// as its weakest word.
fn evaluate(clause: &Scored, term: &impl Fn(&str) -> Option<f32>) -> f32 {
    match clause {
        Scored::Term {
            term: text, boost, ..
        } => term(text).unwrap_or(0.0) * boost,
        Scored::Phrase { terms, boost, .. } => {
            let weakest = terms
                .iter()
                .map(|text| term(text).unwrap_or(0.0))
                .reduce(f32::min);
            weakest.unwrap_or(0.0) * boost
        }
        Scored::AnyOf(parts) => parts.iter().map(|part| evaluate(part, term)).sum(),
        Scored::AllOf(parts) => {
            let scores: Vec<f32> = parts.iter().map(|part| evaluate(part, term)).collect();
            if scores.contains(&0.0) {
                0.0
            } else {
                scores.iter().sum()
            }
        }
        Scored::DisMax { clauses, tie } => {
            let scores: Vec<f32> = clauses.iter().map(|part| evaluate(part, term)).collect();
            let best = scores.iter().copied().fold(0.0, f32::max);
            best + tie * (scores.iter().sum::<f32>() - best)
        }
        Scored::Boosted { must, should } => {
            let must = evaluate(must, term);
            let should: f32 = should.iter().map(|part| evaluate(part, term)).sum();
            if must > 0.0 { must + should } else { 0.0 }
        }
    }
}
