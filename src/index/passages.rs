//! Scores of passages and positions of terms for a few documents, read straight from the
//! postings: the rows wanted are known, so nothing is searched.

use std::collections::HashMap;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::Postings;
use tantivy::schema::{Field, IndexRecordOption, Term};
use tantivy::{DocAddress, DocSet, Searcher, TERMINATED, TantivyError};

use super::stats::Dictionary;
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
    dictionary: &Dictionary,
    field: Field,
    rows: u64,
    ranges: &[PassageRange],
    scored: &[Scored],
) -> Result<Vec<Vec<(u32, f32)>>, TantivyError> {
    let searcher = dictionary.searcher();
    let mut weights = Weights::new(dictionary, field, rows)?;
    let clauses = weights.clauses(scored)?;
    let tally = |range: &PassageRange| Tally::new(range.count, weights.list.len());
    let mut tallies: Vec<Tally> = ranges.iter().map(tally).collect();
    for ordinal in segments(ranges) {
        let segment = searcher.segment_reader(ordinal);
        let index = segment.inverted_index(field)?;
        let norms = segment.get_fieldnorms_reader(field)?;
        // Postings only go forward, so the documents of a segment are visited in order.
        let here = in_order(ranges, ordinal);
        for (number, weight) in weights.list.iter().enumerate() {
            if weight.frequency == 0 {
                continue;
            }
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
        .map(|tally| tally.ranked(&clauses))
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
    frequency: u64,
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

/// A scored clause over numbers of terms. Passage rows have no positions, so a phrase
/// counts as its weakest word.
enum Numbered {
    Term(usize, f32),
    Weakest(Vec<usize>, f32),
    Sum(Vec<Numbered>),
    Best(Vec<Numbered>, f32),
}

/// The terms of a question, each once.
struct Weights<'a> {
    dictionary: &'a Dictionary,
    field: Field,
    rows: u64,
    average: f32,
    list: Vec<Weight>,
    numbers: HashMap<String, usize>,
}

impl<'a> Weights<'a> {
    fn new(dictionary: &'a Dictionary, field: Field, rows: u64) -> Result<Self, TantivyError> {
        let mut total = 0;
        for segment in dictionary.searcher().segment_readers() {
            total += segment.inverted_index(field)?.total_num_tokens();
        }
        #[expect(clippy::cast_precision_loss, reason = "an average")]
        let average = (total as f32 / rows.max(1) as f32).max(1.0);
        Ok(Self {
            dictionary,
            field,
            rows,
            average,
            list: Vec::new(),
            numbers: HashMap::new(),
        })
    }

    fn clauses(&mut self, scored: &[Scored]) -> Result<Vec<Numbered>, TantivyError> {
        scored.iter().map(|clause| self.clause(clause)).collect()
    }

    fn clause(&mut self, clause: &Scored) -> Result<Numbered, TantivyError> {
        Ok(match clause {
            Scored::Term { term, boost, .. } => Numbered::Term(self.number(term)?, *boost),
            Scored::Phrase { terms, boost, .. } => {
                let numbers = terms.iter().map(|term| self.number(term));
                Numbered::Weakest(numbers.collect::<Result<_, _>>()?, *boost)
            }
            Scored::AnyOf(parts) => Numbered::Sum(self.clauses(parts)?),
            Scored::DisMax { clauses, tie } => Numbered::Best(self.clauses(clauses)?, *tie),
        })
    }

    fn number(&mut self, text: &str) -> Result<usize, TantivyError> {
        if let Some(number) = self.numbers.get(text) {
            return Ok(*number);
        }
        let term = Term::from_field_text(self.field, text);
        let frequency = self.dictionary.frequency(&term)?;
        self.numbers.insert(text.to_owned(), self.list.len());
        self.list.push(Weight {
            term,
            frequency,
            idf: idf(frequency, self.rows),
            average: self.average,
        });
        Ok(self.list.len() - 1)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a logarithm follows")]
fn idf(frequency: u64, rows: u64) -> f32 {
    let frequency = frequency.min(rows) as f32;
    ((rows as f32 - frequency + 0.5) / (frequency + 0.5)).ln_1p()
}

/// Scores of the terms in the passages of one document, passage by passage.
struct Tally {
    terms: usize,
    scores: Vec<f32>,
}

impl Tally {
    fn new(passages: u32, terms: usize) -> Self {
        Self {
            terms,
            scores: vec![0.0; passages as usize * terms],
        }
    }

    fn add(&mut self, passage: u32, term: usize, score: f32) {
        self.scores[passage as usize * self.terms + term] = score;
    }

    fn ranked(&self, clauses: &[Numbered]) -> Vec<(u32, f32)> {
        let score = |terms: &[f32]| clauses.iter().map(|clause| clause.score(terms)).sum();
        let passages = self.scores.chunks_exact(self.terms.max(1));
        let mut ranked: Vec<(u32, f32)> = (0..).zip(passages.map(score)).collect();
        ranked.retain(|(_, score)| *score > 0.0);
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked
    }
}

impl Numbered {
    /// Over the scores of the terms in one passage.
    fn score(&self, terms: &[f32]) -> f32 {
        match self {
            Self::Term(number, boost) => terms[*number] * boost,
            Self::Weakest(numbers, boost) => {
                let weakest = numbers.iter().map(|number| terms[*number]).reduce(f32::min);
                weakest.unwrap_or(0.0) * boost
            }
            Self::Sum(parts) => parts.iter().map(|part| part.score(terms)).sum(),
            Self::Best(parts, tie) => {
                let (mut best, mut sum) = (0.0_f32, 0.0);
                for score in parts.iter().map(|part| part.score(terms)) {
                    best = best.max(score);
                    sum += score;
                }
                best + tie * (sum - best)
            }
        }
    }
}
