//! The statistics BM25 is given.
//!
//! Three things differ from tantivy's own: documents and passages share an index, so
//! each must be counted by its own rows; a word has one term for each language, which
//! are one word (else a word would be rare, and so precious, in the language that few
//! pages are written in); and filters do not count.

use std::collections::HashMap;

use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::{Field, IndexRecordOption, Term};
use tantivy::{Searcher, TantivyError};

/// Statistics over the rows of one kind.
pub(crate) struct RowStats<'a> {
    pub(crate) searcher: &'a Searcher,
    pub(crate) rows: u64,
    /// Terms that are the same word: how many rows hold one of them.
    pub(crate) words: HashMap<Term, u64>,
}

impl Bm25StatisticsProvider for RowStats<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        let entry = self.searcher.schema().get_field_entry(field);
        let counted = entry.field_type().get_index_record_option();
        if !counted.is_some_and(IndexRecordOption::has_freq) {
            return Ok(self.rows);
        }
        self.searcher.total_num_tokens(field)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.rows.max(1))
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let found = match self.words.get(term) {
            Some(frequency) => *frequency,
            None => self.searcher.doc_freq(term)?,
        };
        // The formula asserts that no term is in more rows than there are.
        Ok(found.min(self.rows.max(1)))
    }
}

/// How many rows hold each term.
pub(crate) fn frequencies(searcher: &Searcher, terms: &[Term]) -> Result<Vec<u64>, TantivyError> {
    terms.iter().map(|term| searcher.doc_freq(term)).collect()
}
