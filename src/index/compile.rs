//! Queries of the port as tantivy queries.
//!
//! tantivy answers a pure negation with nothing, so [`Compiler::complement`] is the only
//! place that builds one: it puts all document rows beside it. Filters are constant
//! scores of zero, which the library skips when scoring.

use std::collections::HashMap;
use std::ops::Bound;

use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, Occur,
    PhraseQuery, Query, RangeQuery, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption, Term};

use super::expand;
use super::near::Near;
use super::schema::Fields;
use super::stats::Dictionary;
use super::steady::Steady;
use crate::analysis::{QueryPosition, alike, term_language};
use crate::cql::plan::{Clause, Filter, TextExpr, TextField};
use crate::ports::{AccessFilter, EngineQuery, PortError, PortErrorKind, PortResult, Scored};

type Clauses = Vec<(Occur, Box<dyn Query>)>;

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
    /// The whole query: what is asked, narrowed by filter and access.
    pub(crate) fn query(&mut self, query: &EngineQuery) -> PortResult<Box<dyn Query>> {
        let mut clauses: Clauses = Vec::new();
        let scored = match &query.scored {
            Some(scored) => match self.scored(scored)? {
                Some(scored) => Some(scored),
                None => return Ok(Box::new(EmptyQuery)),
            },
            None => None,
        };
        self.narrow(&query.filter, &mut clauses)?;
        self.access(&query.access, &mut clauses);
        match scored {
            Some(scored) if clauses.is_empty() => return Ok(scored),
            Some(scored) => clauses.insert(0, (Occur::Must, scored)),
            None => clauses.insert(0, (Occur::Must, unscored(self.all_documents()))),
        }
        Ok(Box::new(BooleanQuery::new(clauses)))
    }

    /// A filter as clauses beside others, without a conjunction of its own.
    fn narrow(&mut self, filter: &Filter, clauses: &mut Clauses) -> PortResult<()> {
        match filter {
            Filter::All => {}
            Filter::And(parts) => {
                for part in parts {
                    self.narrow(part, clauses)?;
                }
            }
            Filter::Not(inner) => {
                clauses.push((Occur::MustNot, Steady::boxed(self.filter(inner)?)));
            }
            _ => clauses.push((Occur::Must, unscored(self.filter(filter)?))),
        }
        Ok(())
    }

    /// Who may see: channels of the project, and none of the failed gates.
    pub(crate) fn access(&self, access: &AccessFilter, clauses: &mut Clauses) {
        if let Some(channels) = &access.channels {
            let channels = terms(self.fields.channel, channels);
            clauses.push((Occur::Must, unscored(one_of(channels))));
        }
        if !access.failed_gates.is_empty() {
            let gates = terms(self.fields.lineage, &access.failed_gates);
            clauses.push((Occur::MustNot, one_of(gates)));
        }
    }

    fn all_documents(&self) -> Box<dyn Query> {
        Box::new(AllQuery)
    }

    fn complement(&self, inner: Box<dyn Query>) -> Box<dyn Query> {
        let clauses = vec![
            (Occur::Must, self.all_documents()),
            (Occur::MustNot, Steady::boxed(inner)),
        ];
        Box::new(BooleanQuery::new(clauses))
    }

    fn filter(&mut self, filter: &Filter) -> PortResult<Box<dyn Query>> {
        match filter {
            Filter::All => Ok(self.all_documents()),
            Filter::None => Ok(Box::new(EmptyQuery)),
            Filter::And(_) => {
                let mut clauses = vec![(Occur::Must, self.all_documents())];
                self.narrow(filter, &mut clauses)?;
                Ok(Box::new(BooleanQuery::new(clauses)))
            }
            Filter::Or(parts) => {
                let parts = parts.iter().map(|part| self.filter(part));
                Ok(Box::new(BooleanQuery::union(
                    parts.collect::<PortResult<_>>()?,
                )))
            }
            Filter::Not(inner) => {
                let inner = self.filter(inner)?;
                Ok(self.complement(inner))
            }
            Filter::Clause(clause) => self.clause(clause),
        }
    }

    fn clause(&mut self, clause: &Clause) -> PortResult<Box<dyn Query>> {
        match clause {
            Clause::Terms { column, values } => {
                let field = self.column(column)?;
                Ok(one_of(terms(field, values)))
            }
            Clause::Range { column, from, to } => {
                let field = self.column(column)?;
                let term = |millis: &i64| Term::from_field_i64(field, *millis);
                if from.is_none() && to.is_none() {
                    // No bounds: whatever has a value.
                    let lowest = Bound::Included(term(&i64::MIN));
                    return Ok(Box::new(RangeQuery::new(lowest, Bound::Unbounded)));
                }
                let from = from
                    .as_ref()
                    .map_or(Bound::Unbounded, |at| Bound::Included(term(at)));
                let to = to
                    .as_ref()
                    .map_or(Bound::Unbounded, |at| Bound::Excluded(term(at)));
                Ok(Box::new(RangeQuery::new(from, to)))
            }
            Clause::Between { column, from, to } => {
                let field = self.column(column)?;
                let from = Bound::Included(Term::from_field_text(field, from));
                let to = Bound::Excluded(Term::from_field_text(field, to));
                Ok(Box::new(RangeQuery::new(from, to)))
            }
            Clause::Text { fields, expr } => self.text(fields, expr),
        }
    }

    fn column(&self, name: &str) -> PortResult<Field> {
        self.fields.keyword(name).ok_or_else(|| {
            PortError::new(
                PortErrorKind::Other,
                format!("index: there is no column `{name}`"),
            )
        })
    }

    fn text(&mut self, fields: &[TextField], expr: &TextExpr) -> PortResult<Box<dyn Query>> {
        match expr {
            TextExpr::And(parts) => {
                let mut clauses: Clauses = vec![(Occur::Must, self.all_documents())];
                for part in parts {
                    clauses.push((Occur::Must, self.text(fields, part)?));
                }
                Ok(Box::new(BooleanQuery::new(clauses)))
            }
            TextExpr::Or(parts) => {
                let parts = parts.iter().map(|part| self.text(fields, part));
                Ok(Box::new(BooleanQuery::union(
                    parts.collect::<PortResult<_>>()?,
                )))
            }
            TextExpr::Not(inner) => {
                let inner = self.text(fields, inner)?;
                Ok(self.complement(inner))
            }
            leaf => {
                let leaves = fields.iter().map(|field| self.leaf(*field, leaf));
                let mut leaves = leaves.collect::<PortResult<Vec<_>>>()?;
                if leaves.len() == 1 {
                    return Ok(leaves.swap_remove(0));
                }
                Ok(Box::new(BooleanQuery::union(leaves)))
            }
        }
    }

    fn leaf(&self, field: TextField, expr: &TextExpr) -> PortResult<Box<dyn Query>> {
        let field = self.fields.text_field(field);
        match expr {
            TextExpr::Phrase(positions) => Ok(self.phrase(field, positions)),
            TextExpr::Near { positions, slop } => Ok(self.near(field, positions, *slop)),
            TextExpr::Wildcard(pattern) => Ok(one_of(expand::wildcard(
                self.dictionary.searcher(),
                field,
                self.marks,
                pattern,
            )?)),
            TextExpr::Fuzzy { term, distance } => Ok(one_of(expand::fuzzy(
                self.dictionary.searcher(),
                field,
                term,
                *distance,
            )?)),
            TextExpr::And(_) | TextExpr::Or(_) | TextExpr::Not(_) => Ok(Box::new(EmptyQuery)),
        }
    }

    /// A document has terms of one language, so each language makes a phrase of its own.
    fn phrase(&self, field: Field, positions: &[QueryPosition]) -> Box<dyn Query> {
        if let [position] = positions {
            let present = position.plain.iter().filter(|term| self.present(term));
            return one_of(
                present
                    .map(|term| Term::from_field_text(field, term))
                    .collect(),
            );
        }
        let mut phrases: Vec<Vec<Term>> = Vec::new();
        for mark in self.marks {
            let words = positions.iter().map(|position| in_language(position, mark));
            let words: Option<Vec<Term>> = words
                .map(|word| Some(Term::from_field_text(field, word?)))
                .collect();
            phrases.extend(words.filter(|words| words.len() > 1 && !phrases.contains(words)));
        }
        let phrases = phrases
            .into_iter()
            .map(|phrase| Steady::boxed(Box::new(PhraseQuery::new(phrase))));
        Box::new(BooleanQuery::union(phrases.collect()))
    }

    /// A document has terms of one language, so the terms of all may stand for a word.
    fn near(&self, field: Field, positions: &[QueryPosition], slop: u32) -> Box<dyn Query> {
        let word = |position: &QueryPosition| {
            let present = position.plain.iter().filter(|term| self.present(term));
            present
                .map(|term| Term::from_field_text(field, term))
                .collect()
        };
        let words = positions.iter().map(word).collect();
        let same = alike(positions);
        Steady::boxed(Box::new(Near {
            field,
            words,
            same,
            slop,
        }))
    }

    fn present(&self, term: &str) -> bool {
        let mark = term_language(term);
        mark.is_empty() || self.marks.contains(&mark)
    }

    /// `None`: nothing can match.
    fn scored(&mut self, scored: &Scored) -> PortResult<Option<Box<dyn Query>>> {
        match scored {
            Scored::Term { field, term, boost } => {
                if !self.present(term) {
                    return Ok(None);
                }
                let term = Term::from_field_text(self.fields.text_field(*field), term);
                if self.frequency(&term)? == 0 {
                    return Ok(None);
                }
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

    /// Parts of a sum, sums and words taken apart: tantivy skips whole blocks of documents
    /// in a plain union of terms, and in nothing that is nested.
    fn scored_parts(&mut self, parts: &[Scored]) -> PortResult<Vec<Box<dyn Query>>> {
        let mut compiled = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Scored::AnyOf(inner) => compiled.extend(self.scored_parts(inner)?),
                // A document has terms of one language, so the best of these is their sum.
                Scored::DisMax { clauses, .. } if one_for_each_language(clauses) => {
                    self.one_word(clauses)?;
                    compiled.extend(self.scored_parts(clauses)?);
                }
                other => compiled.extend(self.scored(other)?),
            }
        }
        Ok(compiled)
    }

    fn frequency(&self, term: &Term) -> PortResult<u64> {
        let found = self.dictionary.frequency(term);
        found.map_err(super::engine_error("read the dictionary"))
    }

    /// Terms under one dis-max in one field are the same word in several languages: they
    /// share the number of rows.
    fn one_word(&mut self, clauses: &[Scored]) -> PortResult<()> {
        let mut by_field: HashMap<Field, Vec<Term>> = HashMap::new();
        for clause in clauses {
            if let Scored::Term { field, term, .. } = clause
                && self.present(term)
            {
                let field = self.fields.text_field(*field);
                by_field
                    .entry(field)
                    .or_default()
                    .push(Term::from_field_text(field, term));
            }
        }
        for terms in by_field.into_values().filter(|terms| terms.len() > 1) {
            let mut sum = 0;
            for term in &terms {
                sum += self.frequency(term)?;
            }
            self.words.extend(terms.into_iter().map(|term| (term, sum)));
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

fn terms(field: Field, values: &[String]) -> Vec<Term> {
    values
        .iter()
        .map(|value| Term::from_field_text(field, value))
        .collect()
}

fn one_of(mut terms: Vec<Term>) -> Box<dyn Query> {
    match terms.len() {
        0 => Box::new(EmptyQuery),
        1 => Box::new(TermQuery::new(
            terms.swap_remove(0),
            IndexRecordOption::Basic,
        )),
        _ => Box::new(TermSetQuery::new(terms)),
    }
}

fn unscored(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, 0.0))
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
