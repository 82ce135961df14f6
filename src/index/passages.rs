//! Positions of terms in a few documents, read straight from the postings, and the scores of
//! their passages: the rows wanted are known, so nothing is searched.

use std::collections::HashMap;

use tantivy::postings::Postings;
use tantivy::schema::{Field, IndexRecordOption, Term};
use tantivy::{DocAddress, DocSet, Searcher, TERMINATED, TantivyError};

use super::bounds::{BOUND, Layout};
use super::stats::Dictionary;
use crate::analysis::TEXT_GAP;
use crate::ports::{Fetched, Scored};

const K1: f32 = 1.2;
const B: f32 = 0.75;

/// Words of a passage, title and heading path among them, on average. Passages are cut to a
/// size, so this is near to what any collection has.
const AVERAGE: f32 = 150.0;

/// Best passages of each document: (number of the passage, score), best first.
///
/// BM25 over the words of the passage, its heading path and the title, with the document
/// frequencies of the whole index.
pub(crate) fn best(
    dictionary: &Dictionary,
    field: Field,
    rows: u64,
    documents: &[(DocAddress, &Fetched)],
    scored: &[Scored],
) -> Result<Vec<Vec<(u32, f32)>>, TantivyError> {
    let mut weights = Weights::new(dictionary, field, rows);
    let clauses = weights.clauses(scored)?;
    let there = weights.list.iter().map(|weight| {
        let known = weight.frequency > 0;
        known.then_some(weight.text.as_str())
    });
    let terms: Vec<Option<&str>> = std::iter::once(Some(BOUND)).chain(there).collect();
    let addresses: Vec<DocAddress> = documents.iter().map(|(address, _)| *address).collect();
    let found = positions(dictionary.searcher(), field, &addresses, &terms)?;
    let ranked = documents.iter().zip(&found).map(|((_, document), found)| {
        let parts = Parts::new(document, &found[0]);
        parts.map_or_else(Vec::new, |parts| {
            parts.ranked(&weights.list, &found[1..], &clauses)
        })
    });
    Ok(ranked.collect())
}

/// Positions of each term in each document: `[document][term]`.
pub(crate) fn positions(
    searcher: &Searcher,
    field: Field,
    documents: &[DocAddress],
    terms: &[Option<&str>],
) -> Result<Vec<Vec<Vec<u32>>>, TantivyError> {
    let mut found = vec![vec![Vec::new(); terms.len()]; documents.len()];
    for ordinal in segments(documents) {
        let index = searcher.segment_reader(ordinal).inverted_index(field)?;
        // Postings only go forward, so the documents of a segment are visited in order.
        let here = in_order(documents, ordinal);
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

fn segments(documents: &[DocAddress]) -> Vec<u32> {
    let mut ordinals: Vec<u32> = documents.iter().map(|at| at.segment_ord).collect();
    ordinals.sort_unstable();
    ordinals.dedup();
    ordinals
}

fn in_order(documents: &[DocAddress], ordinal: u32) -> Vec<usize> {
    let mut here: Vec<usize> = (0..documents.len())
        .filter(|at| documents[*at].segment_ord == ordinal)
        .collect();
    here.sort_by_key(|at| documents[*at].doc_id);
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

/// A term of the question.
struct Weight {
    text: String,
    frequency: u64,
    idf: f32,
}

impl Weight {
    /// BM25 of the term in a passage of so many words.
    fn score(&self, frequency: u32, length: u32) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "counts of words in a passage")]
        let (frequency, length) = (frequency as f32, length as f32);
        let norm = K1 * (1.0 - B + B * length / AVERAGE);
        self.idf * (1.0 + K1) * frequency / (frequency + norm)
    }
}

/// A document cut at its bounds.
struct Parts<'d> {
    document: &'d Fetched,
    layout: Layout,
    /// Positions at which the parts begin; the end of the text comes last.
    bounds: &'d [u32],
}

impl<'d> Parts<'d> {
    /// `None` when the positions are not those of the document, as after damage.
    fn new(document: &'d Fetched, bounds: &'d [u32]) -> Option<Self> {
        let summary = &document.summary;
        let layout = Layout::new(&document.units, &summary.passages, summary.headings.len());
        (bounds.len() == layout.parts() + 1).then_some(Self {
            document,
            layout,
            bounds,
        })
    }

    /// `found`: rising positions of each term.
    fn ranked(
        &self,
        terms: &[Weight],
        found: &[Vec<u32>],
        clauses: &[Numbered],
    ) -> Vec<(u32, f32)> {
        let counts: Vec<Counts> = found.iter().map(|at| self.counts(at)).collect();
        let mut scores = vec![0.0; terms.len()];
        let mut ranked = Vec::new();
        for (number, passage) in (0..).zip(&self.document.summary.passages) {
            let Some(own) = self.layout.part(passage.markdown.start) else {
                continue;
            };
            let above = self.headings(passage.heading, own);
            let length = self.title() + self.length(own);
            let length = above
                .iter()
                .fold(length, |sum, part| sum + self.length(*part));
            for ((score, term), counts) in scores.iter_mut().zip(terms).zip(&counts) {
                let frequency = counts.in_passage(own, &above);
                *score = if frequency == 0 {
                    0.0
                } else {
                    term.score(frequency, length)
                };
            }
            let score: f32 = clauses.iter().map(|clause| clause.score(&scores)).sum();
            if score > 0.0 {
                ranked.push((number, score));
            }
        }
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked
    }

    fn counts(&self, positions: &[u32]) -> Counts {
        let mut counts = Counts {
            title: 0,
            parts: vec![0; self.layout.parts()],
        };
        let mut part = 0;
        for at in positions {
            while self.bounds.get(part).is_some_and(|bound| bound <= at) {
                part += 1;
            }
            match part {
                0 => counts.title += 1,
                // Labels stand behind the text and belong to no part of it.
                _ if part == self.bounds.len() => break,
                _ => counts.parts[part - 1] += 1,
            }
        }
        counts
    }

    /// Parts of the headings above a passage, its own part left out.
    fn headings(&self, innermost: Option<u32>, own: usize) -> Vec<usize> {
        let headings = &self.document.summary.headings;
        let mut above = Vec::new();
        let mut at = innermost;
        while let Some(heading) = at.and_then(|at| headings.get(at as usize)) {
            above.extend(at.and_then(|at| self.layout.heading(at)));
            // A parent stands before its child, so this ends.
            at = heading.parent.filter(|parent| Some(*parent) < at);
        }
        above.retain(|part| *part != own);
        above
    }

    fn length(&self, part: usize) -> u32 {
        self.bounds[part + 1] - self.bounds[part]
    }

    /// Words of the title, which stands between two gaps.
    fn title(&self) -> u32 {
        let first = self.bounds.first().copied().unwrap_or_default();
        first.saturating_sub(2 * TEXT_GAP)
    }
}

/// How often a term stands in the title and in each part.
struct Counts {
    title: u32,
    parts: Vec<u32>,
}

impl Counts {
    fn in_passage(&self, own: usize, above: &[usize]) -> u32 {
        let above: u32 = above.iter().map(|part| self.parts[*part]).sum();
        self.title + self.parts[own] + above
    }
}

/// A scored clause over numbers of terms. A phrase counts as its weakest word: whether it
/// stands there in a row was decided when documents were ranked.
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
    list: Vec<Weight>,
    numbers: HashMap<String, usize>,
}

impl<'a> Weights<'a> {
    fn new(dictionary: &'a Dictionary, field: Field, rows: u64) -> Self {
        Self {
            dictionary,
            field,
            rows,
            list: Vec::new(),
            numbers: HashMap::new(),
        }
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
            text: text.to_owned(),
            frequency,
            idf: idf(frequency, self.rows),
        });
        Ok(self.list.len() - 1)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a logarithm follows")]
fn idf(frequency: u64, rows: u64) -> f32 {
    let frequency = frequency.min(rows) as f32;
    ((rows as f32 - frequency + 0.5) / (frequency + 0.5)).ln_1p()
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
