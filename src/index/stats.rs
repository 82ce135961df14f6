//! The statistics BM25 is given.
//!
//! Two things differ from tantivy's own: a word has one term for each language, which are
//! one word (else a word would be rare, and so precious, in the language that few pages are
//! written in); and filters do not count.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tantivy::Searcher;
use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::{Field, IndexRecordOption, Term};

/// Entries of the memo of a dictionary; it is emptied when it is full.
const MEMO_ENTRIES: usize = 20_000;

/// The dictionaries of a generation. How many rows hold a term is asked several times for
/// each question and costs a look-up in every segment, so it is kept: a generation never
/// changes.
pub(crate) struct Dictionary {
    searcher: Searcher,
    known: Mutex<HashMap<Term, u64>>,
}

impl Dictionary {
    pub(crate) fn new(searcher: Searcher) -> Self {
        Self {
            searcher,
            known: Mutex::default(),
        }
    }

    pub(crate) fn searcher(&self) -> &Searcher {
        &self.searcher
    }

    /// In how many rows a term stands.
    pub(crate) fn frequency(&self, term: &Term) -> tantivy::Result<u64> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(frequency) = known().get(term) {
            return Ok(*frequency);
        }
        let frequency = self.searcher.doc_freq(term)?;
        let mut known = known();
        if known.len() >= MEMO_ENTRIES {
            known.clear();
        }
        known.insert(term.clone(), frequency);
        Ok(frequency)
    }
}

/// Statistics over all rows.
pub(crate) struct RowStats<'a> {
    pub(crate) dictionary: &'a Dictionary,
    pub(crate) rows: u64,
    /// Terms that are the same word: how many rows hold one of them.
    pub(crate) words: HashMap<Term, u64>,
}

impl Bm25StatisticsProvider for RowStats<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        let searcher = self.dictionary.searcher();
        let entry = searcher.schema().get_field_entry(field);
        let counted = entry.field_type().get_index_record_option();
        if !counted.is_some_and(IndexRecordOption::has_freq) {
            return Ok(self.rows);
        }
        searcher.total_num_tokens(field)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.rows.max(1))
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let found = match self.words.get(term) {
            Some(frequency) => *frequency,
            None => self.dictionary.frequency(term)?,
        };
        // The formula asserts that no term is in more rows than there are.
        Ok(found.min(self.rows.max(1)))
    }
}
