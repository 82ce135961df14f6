//! Words and phrases of the port as terms and queries of tantivy: what is ranked, and
//! the leaves of text clauses. What narrows is in [`matching`](super::matching).

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::query::{
    BooleanQuery, BoostQuery, DisjunctionMaxQuery, PhraseQuery, Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption, Term};

use super::expand;
use super::near::Near;
use super::schema::Fields;
use super::stats::{Dictionary, FieldTerms, Known};
use super::steady::Steady;
use crate::analysis::{QueryPosition, alike, term_language};
use crate::cql::plan::{TextExpr, TextField};
use crate::ports::{PortResult, Scored};

/// What a text expression asks of a field.
pub(crate) enum Leaf {
    /// One of these terms.
    Terms(Field, Vec<String>),
    Query(Box<dyn Query>),
}

/// A scored clause taken apart: a row's score is the sum of what matches.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) terms: Vec<ScoredTerm>,
    /// What is no term.
    pub(crate) others: Vec<Box<dyn Query>>,
}

/// A term that is in this generation.
pub(crate) struct ScoredTerm {
    pub(crate) term: Term,
    pub(crate) field: Arc<FieldTerms>,
    pub(crate) known: Arc<Known>,
    pub(crate) boost: f32,
    /// Number of its word; a document has one term of a word at most.
    pub(crate) word: usize,
}

/// Compiles against one generation: wildcards need its dictionary, and languages that
/// it does not have are left out.
pub(crate) struct Compiler<'a> {
    pub(crate) dictionary: &'a Dictionary,
    pub(crate) fields: &'a Fields,
    /// Marks of the languages of this generation.
    pub(crate) marks: &'a [&'static str],
    /// Filled while compiling: terms that are one word, and how many rows hold it.
    pub(crate) words: HashMap<Term, u64>,
}

impl Compiler<'_> {
    /// What a text expression without connectives asks of one field: one of these.
    pub(crate) fn leaf(&self, field: TextField, expr: &TextExpr) -> PortResult<Vec<Leaf>> {
        let field = self.fields.text_field(field);
        let searcher = self.dictionary.searcher();
        let terms = match expr {
            TextExpr::Phrase(positions) => match &positions[..] {
                [position] => self.forms(position),
                _ => return Ok(self.phrases(field, positions)),
            },
            TextExpr::Near { positions, slop } => {
                return Ok(vec![self.near(field, positions, *slop)]);
            }
            TextExpr::Wildcard(pattern) => expand::wildcard(searcher, field, self.marks, pattern)?,
            TextExpr::Fuzzy { term, distance } => expand::fuzzy(searcher, field, term, *distance)?,
            TextExpr::And(_) | TextExpr::Or(_) | TextExpr::Not(_) => return Ok(Vec::new()),
        };
        Ok(vec![Leaf::Terms(field, terms)])
    }

    /// Terms that stand for a word and can be in this generation.
    fn forms(&self, position: &QueryPosition) -> Vec<String> {
        let present = position.plain.iter().filter(|term| self.present(term));
        present.cloned().collect()
    }

    /// A document has terms of one language, so each language makes a phrase of its own.
    fn phrases(&self, field: Field, positions: &[QueryPosition]) -> Vec<Leaf> {
        let mut phrases: Vec<Vec<Term>> = Vec::new();
        for mark in self.marks {
            let words = positions.iter().map(|position| in_language(position, mark));
            let words: Option<Vec<Term>> = words
                .map(|word| Some(Term::from_field_text(field, word?)))
                .collect();
            phrases.extend(words.filter(|words| words.len() > 1 && !phrases.contains(words)));
        }
        let phrases = phrases.into_iter().map(PhraseQuery::new);
        phrases
            .map(|phrase| Leaf::Query(Box::new(phrase)))
            .collect()
    }

    /// A document has terms of one language, so the terms of all may stand for a word.
    fn near(&self, field: Field, positions: &[QueryPosition], slop: u32) -> Leaf {
        let terms = |forms: Vec<String>| {
            let terms = forms.iter().map(|form| Term::from_field_text(field, form));
            terms.collect()
        };
        let words = positions.iter().map(|position| terms(self.forms(position)));
        Leaf::Query(Box::new(Near {
            field,
            words: words.collect(),
            same: alike(positions),
            slop,
        }))
    }

    pub(crate) fn present(&self, term: &str) -> bool {
        let mark = term_language(term);
        mark.is_empty() || self.marks.contains(&mark)
    }

    /// `None`: nothing can match.
    pub(crate) fn scored(&mut self, scored: &Scored) -> PortResult<Option<Box<dyn Query>>> {
        match scored {
            Scored::Term { field, term, boost } => {
                if !self.present(term) {
                    return Ok(None);
                }
                let field = self.fields.text_field(*field);
                if self.frequency(field, term)? == 0 {
                    return Ok(None);
                }
                let term = Term::from_field_text(field, term);
                let query = Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs));
                Ok(Some(boosted(query, *boost)))
            }
            Scored::Phrase {
                field,
                terms,
                boost,
            } => {
                if terms.len() < 2 || !terms.iter().all(|term| self.present(term)) {
                    return Ok(None);
                }
                let field = self.fields.text_field(*field);
                let terms = terms
                    .iter()
                    .map(|term| Term::from_field_text(field, term))
                    .collect();
                let phrase = Steady::boxed(Box::new(PhraseQuery::new(terms)));
                Ok(Some(boosted(phrase, *boost)))
            }
            Scored::AnyOf(parts) => Ok(union(self.scored_parts(parts)?)),
            Scored::DisMax { clauses, tie } => {
                self.one_word(clauses)?;
                let mut compiled = self.scored_parts(clauses)?;
                match compiled.len() {
                    0 | 1 => Ok(compiled.pop()),
                    _ => Ok(Some(Box::new(DisjunctionMaxQuery::with_tie_breaker(
                        compiled, *tie,
                    )))),
                }
            }
        }
    }

    fn scored_parts(&mut self, parts: &[Scored]) -> PortResult<Vec<Box<dyn Query>>> {
        let compiled = parts.iter().map(|part| self.scored(part));
        let compiled: Vec<_> = compiled.collect::<PortResult<_>>()?;
        Ok(compiled.into_iter().flatten().collect())
    }

    /// Takes a clause apart, sums and words into their terms.
    pub(crate) fn parts(&mut self, scored: &Scored) -> PortResult<Parts> {
        let mut parts = Parts::default();
        let mut word = 0;
        // Popped from the end, so pushed in reverse to keep the order.
        let mut open = vec![scored];
        while let Some(scored) = open.pop() {
            word += 1;
            match scored {
                Scored::AnyOf(inner) => open.extend(inner.iter().rev()),
                // A document has terms of one language, so the best of these is their sum.
                Scored::DisMax { clauses, .. } if one_for_each_language(clauses) => {
                    let first = parts.terms.len();
                    for clause in clauses {
                        parts.terms.extend(self.term(clause, word)?);
                    }
                    self.same_word(&parts.terms[first..]);
                }
                Scored::Term { .. } => parts.terms.extend(self.term(scored, word)?),
                other => parts.others.extend(self.scored(other)?),
            }
        }
        Ok(parts)
    }

    fn term(&self, scored: &Scored, word: usize) -> PortResult<Option<ScoredTerm>> {
        let Scored::Term { field, term, boost } = scored else {
            return Ok(None);
        };
        if !self.present(term) {
            return Ok(None);
        }
        let number = self.fields.text_field(*field);
        let error = super::engine_error("read the dictionary");
        let field = self.dictionary.field(number).map_err(&error)?;
        let known = field.term(term).map_err(&error)?;
        Ok((known.frequency > 0).then(|| ScoredTerm {
            term: Term::from_field_text(number, term),
            field,
            known,
            boost: *boost,
            word,
        }))
    }

    /// Terms of one field that are the same word share the number of rows.
    fn same_word(&mut self, terms: &[ScoredTerm]) {
        if terms.len() > 1 {
            let sum = terms.iter().map(|term| term.known.frequency).sum();
            let terms = terms.iter().map(|term| (term.term.clone(), sum));
            self.words.extend(terms);
        }
    }

    fn frequency(&self, field: Field, term: &str) -> PortResult<u64> {
        let found = self.dictionary.frequency(field, term);
        found.map_err(super::engine_error("read the dictionary"))
    }

    /// Terms under one dis-max in one field are the same word in several languages: they
    /// share the number of rows.
    fn one_word(&mut self, clauses: &[Scored]) -> PortResult<()> {
        let mut by_field: Vec<(Field, Vec<&str>)> = Vec::new();
        for clause in clauses {
            if let Scored::Term { field, term, .. } = clause
                && self.present(term)
            {
                let field = self.fields.text_field(*field);
                match by_field.iter_mut().find(|(have, _)| *have == field) {
                    Some((_, terms)) => terms.push(term),
                    None => by_field.push((field, vec![term])),
                }
            }
        }
        for (field, terms) in by_field {
            let mut there = Vec::with_capacity(terms.len());
            let mut sum = 0;
            for term in terms {
                let frequency = self.frequency(field, term)?;
                sum += frequency;
                if frequency > 0 {
                    there.push(term);
                }
            }
            if there.len() > 1 {
                let terms = there.into_iter();
                let terms = terms.map(|term| (Term::from_field_text(field, term), sum));
                self.words.extend(terms);
            }
        }
        Ok(())
    }
}

/// Whether these are terms of one field, no two of one language.
fn one_for_each_language(clauses: &[Scored]) -> bool {
    let mut seen: Vec<(TextField, &str)> = Vec::with_capacity(clauses.len());
    clauses.iter().all(|clause| match clause {
        Scored::Term { field, term, .. } => {
            let place = (*field, term_language(term));
            let new = !seen.contains(&place) && seen.first().is_none_or(|(f, _)| f == field);
            seen.push(place);
            new
        }
        _ => false,
    })
}

/// The form of a position in one language; words of no language are in all of them.
fn in_language<'p>(position: &'p QueryPosition, mark: &str) -> Option<&'p String> {
    let of = |wanted: &str| {
        position
            .plain
            .iter()
            .find(|term| term_language(term) == wanted)
    };
    of(mark).or_else(|| of(""))
}

fn boosted(query: Box<dyn Query>, boost: f32) -> Box<dyn Query> {
    if (boost - 1.0).abs() < f32::EPSILON {
        return query;
    }
    Box::new(BoostQuery::new(query, boost))
}

fn union(mut parts: Vec<Box<dyn Query>>) -> Option<Box<dyn Query>> {
    match parts.len() {
        0 | 1 => parts.pop(),
        _ => Some(Box::new(BooleanQuery::union(parts))),
    }
}
