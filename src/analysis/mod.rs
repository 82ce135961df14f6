//! Text to tokens, the one place for it: the index, CQL's evaluator, ranking and any
//! other engine use these tokens and no others.
//!
//! At each position stands the *plain* term (case and accents folded, stemmed by the
//! language of the document). The *exact* form (NFKC, case folded, accents kept) stands
//! beside it, marked with [`EXACT`], only where it differs.

pub(crate) mod estimate;

use crate::model::Lang;

/// First character of an exact form among the terms of a text field.
pub(crate) const EXACT: char = '=';

/// One position of a query text and the plain terms that satisfy it: one for each
/// distinct stem over the languages, since a query's language is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueryPosition {
    pub(crate) plain: Vec<String>,
    /// NFKC, case folded, not stemmed, without [`EXACT`].
    pub(crate) exact: String,
    /// Bytes of the query text.
    pub(crate) span: std::ops::Range<usize>,
}

/// The consecutive positions of a query text. Several positions are a phrase.
pub(crate) fn query_positions(text: &str) -> Vec<QueryPosition> {
    let _ = text;
    Vec::new()
}

/// A text as an index would hold it, for evaluating a query without one.
#[derive(Debug, Clone, Default)]
pub(crate) struct IndexedText {
    positions: std::collections::HashMap<String, Vec<u32>>,
}

impl IndexedText {
    pub(crate) fn new(text: &str, lang: Lang) -> Self {
        let _ = (text, lang);
        Self::default()
    }

    /// Whether the positions follow one another somewhere.
    pub(crate) fn has_phrase(&self, phrase: &[QueryPosition]) -> bool {
        let _ = phrase;
        false
    }

    /// All terms: plain ones bare, exact ones with [`EXACT`].
    pub(crate) fn terms(&self) -> impl Iterator<Item = &str> {
        self.positions.keys().map(String::as_str)
    }
}

/// Casts a label, key or title into the form in which equality is decided: NFC, trimmed,
/// lower case.
pub(crate) fn fold_keyword(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.trim().nfc().collect::<String>().to_lowercase()
}
