//! Text to terms, the one place for it: the index, CQL's evaluator, ranking and any
//! other engine use these terms and no others.
//!
//! At each position stands the *plain* term: case and accents folded, stemmed by the
//! language of the document and, but for English, carrying that language (`de:rechn`),
//! so that a German stem never meets an English one. The *exact* form (NFKC, case
//! folded, accents kept) stands beside it, marked with [`EXACT`], only where it differs.
//! The parts of a German compound stand at its position as plain terms. Runs of Chinese, Japanese and Korean are overlapping pairs and single characters.
//!
//! What a term is worth, and which words of a question do not matter, is decided in
//! `search`.

mod compound;
pub(crate) mod estimate;
mod fold;
mod language;
mod near;
mod plain;
mod query;
mod scan;
mod stem;
mod terms;

pub(crate) use fold::fold_keyword;
pub(crate) use language::detect;
pub(crate) use near::{MOST_NEAR, TEXT_GAP, alike, near};
pub(crate) use plain::PlainEnglish;
pub(crate) use query::{IndexedText, QueryPosition, query_positions, surface};
pub(crate) use stem::{language_mark, term_language};
#[cfg(test)]
pub(crate) use terms::tokens;
pub(crate) use terms::{Analyzer, Wanted};

/// First character of an exact form among the terms of a text field.
pub(crate) const EXACT: char = '=';
