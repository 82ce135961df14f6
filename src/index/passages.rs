//! Positions of terms in a few documents, read straight from the postings, and the scores of
//! their passages: the rows wanted are known, so nothing is searched.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocSet, TERMINATED, TantivyError};

use super::bounds::{BOUND, Layout};
use super::stats::{B, Dictionary, FieldTerms, K1};
use crate::analysis::TEXT_GAP;
use crate::ports::{Fetched, Scored};

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
    let mut weights = Weights {
        field: dictionary.field(field)?,
        rows,
        list: Vec::new(),
        numbers: FxHashMap::default(),
    };
    let clauses = weights.clauses(scored)?;
    let there = weights.list.iter().map(|weight| {
        let known = weight.frequency > 0;
        Vec::from_iter(known.then_some(weight.text))
    });
    let terms: Vec<Vec<&str>> = std::iter::once(vec![BOUND]).chain(there).collect();
    let addresses: Vec<DocAddress> = documents.iter().map(|(address, _)| *address).collect();
    let found = positions(dictionary, field, &addresses, &terms)?;
    let ranked = documents.iter().zip(&found).map(|((_, document), found)| {
        let parts = Parts::new(document, &found[0]);
        parts.map_or_else(Vec::new, |parts| {
            parts.ranked(&weights.list, &found[1..], &clauses)
        })
    });
    Ok(ranked.collect())
}

/// Positions of each word in each document: `[document][word]`. A word is any of its terms.
pub(crate) fn positions(
    dictionary: &Dictionary,
    field: Field,
    documents: &[DocAddress],
    words: &[Vec<&str>],
) -> Result<Vec<Vec<Vec<u32>>>, TantivyError> {
    let mut found = vec![vec![Vec::new(); words.len()]; documents.len()];
    let option = IndexRecordOption::WithFreqsAndPositions;
    let terms = words.iter().enumerate();
    let terms = terms.flat_map(|(word, terms)| terms.iter().map(move |term| (word, *term)));
    each_row(
        &*dictionary.field(field)?,
        documents,
        terms,
        option,
        |word, at, postings| {
            let positions: &mut Vec<u32> = &mut found[at][word];
            let first = positions.is_empty();
            postings.append_positions_with_offset(0, positions);
            if !first {
                positions.sort_unstable();
                positions.dedup();
            }
        },
    )?;
    Ok(found)
}

/// Whether each term stands in each document: `[document][term]`.
pub(crate) fn stand(
    dictionary: &Dictionary,
    field: Field,
    documents: &[DocAddress],
    terms: &[Option<&str>],
) -> Result<Vec<Vec<bool>>, TantivyError> {
    let mut found = vec![vec![false; terms.len()]; documents.len()];
    let terms = terms.iter().enumerate();
    let terms = terms.filter_map(|(number, term)| Some((number, (*term)?)));
    let option = IndexRecordOption::Basic;
    each_row(
        &*dictionary.field(field)?,
        documents,
        terms,
        option,
        |number, at, _| {
            found[at][number] = true;
        },
    )?;
    Ok(found)
}

/// Calls `with` for each document that has a term: what the term came with, the number of the
/// document, and the postings, which are at it.
fn each_row<'t>(
    field: &FieldTerms,
    documents: &[DocAddress],
    terms: impl Iterator<Item = (usize, &'t str)>,
    option: IndexRecordOption,
    mut with: impl FnMut(usize, usize, &mut SegmentPostings),
) -> Result<(), TantivyError> {
    let terms = terms.map(|(word, term)| Ok((word, field.term(term)?)));
    let terms: Vec<_> = terms.collect::<tantivy::Result<_>>()?;
    for ordinal in segments(documents) {
        let index = field.index(ordinal);
        // Postings only go forward, so the documents of a segment are visited in order.
        let here = in_order(documents, ordinal);
        for (word, term) in &terms {
            let Some(place) = term.place(ordinal) else {
                continue;
            };
            let mut postings = index.read_postings_from_terminfo(&place.info, option)?;
            for at in &here {
                let wanted = documents[*at].doc_id;
                match forward(&mut postings, wanted) {
                    TERMINATED => break,
                    doc if doc == wanted => with(*word, *at, &mut postings),
                    _ => {}
                }
            }
        }
    }
    Ok(())
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
struct Weight<'t> {
    text: &'t str,
    frequency: u64,
    idf: f32,
}

impl Weight<'_> {
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
        terms: &[Weight<'_>],
        found: &[Vec<u32>],
        clauses: &[Numbered],
    ) -> Vec<(u32, f32)> {
        // Most terms of a question are those of other languages, and in no passage.
        let here = |(number, at): (usize, &Vec<u32>)| (!at.is_empty()).then_some(number);
        let here: Vec<usize> = found.iter().enumerate().filter_map(here).collect();
        let counts: Vec<Counts> = here.iter().map(|n| self.counts(&found[*n])).collect();
        let mut scores = vec![0.0; terms.len()];
        let clauses: Vec<Numbered> = clauses.iter().filter_map(|c| c.over(found)).collect();
        let mut ranked = Vec::new();
        let mut above = Above::default();
        for (number, passage) in (0..).zip(&self.document.summary.passages) {
            let Some(own) = self.layout.part(passage.markdown.start) else {
                continue;
            };
            let mut length = self.title() + self.length(own);
            for part in above.of(self, passage.heading) {
                if *part != own {
                    length += self.length(*part);
                }
            }
            let mut any = false;
            for (n, counts) in here.iter().zip(&counts) {
                let frequency = counts.in_passage(own, &above.parts);
                any |= frequency > 0;
                scores[*n] = if frequency == 0 {
                    0.0
                } else {
                    terms[*n].score(frequency, length)
                };
            }
            if !any {
                continue;
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

    fn length(&self, part: usize) -> u32 {
        self.bounds[part + 1] - self.bounds[part]
    }

    /// Words of the title, which stands between two gaps.
    fn title(&self) -> u32 {
        let first = self.bounds.first().copied().unwrap_or_default();
        first.saturating_sub(2 * TEXT_GAP)
    }
}

/// Parts of the headings above a passage, kept for the next passage below the same heading.
#[derive(Default)]
struct Above {
    heading: Option<u32>,
    parts: Vec<usize>,
}

impl Above {
    fn of(&mut self, document: &Parts<'_>, innermost: Option<u32>) -> &[usize] {
        if self.heading == innermost {
            return &self.parts;
        }
        self.heading = innermost;
        self.parts.clear();
        let headings = &document.document.summary.headings;
        let mut at = innermost;
        while let Some(heading) = at.and_then(|at| headings.get(at as usize)) {
            self.parts
                .extend(at.and_then(|at| document.layout.heading(at)));
            // A parent stands before its child, so this ends.
            at = heading.parent.filter(|parent| Some(*parent) < at);
        }
        &self.parts
    }
}

/// How often a term stands in the title and in each part.
struct Counts {
    title: u32,
    parts: Vec<u32>,
}

impl Counts {
    fn in_passage(&self, own: usize, above: &[usize]) -> u32 {
        let above = above.iter().filter(|part| **part != own);
        let above: u32 = above.map(|part| self.parts[*part]).sum();
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
struct Weights<'t> {
    field: Arc<FieldTerms>,
    rows: u64,
    list: Vec<Weight<'t>>,
    numbers: FxHashMap<&'t str, usize>,
}

impl<'t> Weights<'t> {
    fn clauses(&mut self, scored: &'t [Scored]) -> Result<Vec<Numbered>, TantivyError> {
        scored.iter().map(|clause| self.clause(clause)).collect()
    }

    fn clause(&mut self, clause: &'t Scored) -> Result<Numbered, TantivyError> {
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

    fn number(&mut self, text: &'t str) -> Result<usize, TantivyError> {
        if let Some(number) = self.numbers.get(text) {
            return Ok(*number);
        }
        let frequency = self.field.term(text)?.frequency;
        self.numbers.insert(text, self.list.len());
        self.list.push(Weight {
            text,
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
    /// What is left of it where only some of the terms stand; the rest adds nothing.
    fn over(&self, found: &[Vec<u32>]) -> Option<Self> {
        let there = |number: &usize| !found[*number].is_empty();
        let all = |parts: &[Self]| -> Option<Vec<Self>> {
            let parts: Vec<Self> = parts.iter().filter_map(|part| part.over(found)).collect();
            (!parts.is_empty()).then_some(parts)
        };
        match self {
            Self::Term(number, boost) => there(number).then_some(Self::Term(*number, *boost)),
            Self::Weakest(numbers, boost) => {
                let whole = numbers.iter().all(there);
                whole.then(|| Self::Weakest(numbers.clone(), *boost))
            }
            Self::Sum(parts) => Some(Self::Sum(all(parts)?)),
            Self::Best(parts, tie) => Some(Self::Best(all(parts)?, *tie)),
        }
    }

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
