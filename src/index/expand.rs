//! Wildcards and fuzzy words as the terms of a generation that they match.
//!
//! The tests themselves are CQL's own, the same that its evaluator uses, so that the two
//! cannot differ.

use std::collections::BTreeSet;

use tantivy::Searcher;
use tantivy::schema::Field;

use super::bounds::BOUND;
use super::engine_error;
use crate::analysis::{EXACT, surface};
use crate::cql::pattern;
use crate::ports::PortResult;

/// Terms whose surface form matches the pattern; only those that begin like it are read.
pub(crate) fn wildcard(
    searcher: &Searcher,
    field: Field,
    marks: &[&str],
    pattern: &str,
) -> PortResult<Vec<String>> {
    let literal = pattern.split(['?', '*']).next().unwrap_or_default();
    let exact = EXACT.to_string();
    let mut found = BTreeSet::new();
    for mark in marks.iter().copied().chain(["", exact.as_str()]) {
        let prefix = format!("{mark}{literal}");
        collect(searcher, field, &prefix, &mut found, |form| {
            pattern::wildcard(pattern, form)
        })?;
    }
    Ok(found.into_iter().collect())
}

/// Terms whose surface form is within `distance` of the word.
pub(crate) fn fuzzy(
    searcher: &Searcher,
    field: Field,
    word: &str,
    distance: u8,
) -> PortResult<Vec<String>> {
    let mut found = BTreeSet::new();
    collect(searcher, field, "", &mut found, |form| {
        pattern::fuzzy(word, distance, form)
    })?;
    Ok(found.into_iter().collect())
}

/// Terms that begin with `prefix`, at most `limit`.
pub(crate) fn beginning(
    searcher: &Searcher,
    field: Field,
    prefix: &str,
    limit: usize,
) -> PortResult<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let error = engine_error("read the dictionary");
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(field).map_err(&error)?;
        let range = index.terms().range().ge(prefix.as_bytes());
        let mut stream = range.into_stream().map_err(|cause| error(cause.into()))?;
        let mut taken = 0;
        while taken < limit && stream.advance() && stream.key().starts_with(prefix.as_bytes()) {
            taken += 1;
            found.extend(std::str::from_utf8(stream.key()).map(str::to_owned));
        }
    }
    Ok(found.into_iter().take(limit).collect())
}

fn collect(
    searcher: &Searcher,
    field: Field,
    prefix: &str,
    found: &mut BTreeSet<String>,
    matches: impl Fn(&str) -> bool,
) -> PortResult<()> {
    let error = engine_error("read the dictionary");
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(field).map_err(&error)?;
        let range = index.terms().range().ge(prefix.as_bytes());
        let mut stream = range.into_stream().map_err(|cause| error(cause.into()))?;
        while stream.advance() {
            if !stream.key().starts_with(prefix.as_bytes()) {
                break;
            }
            let Ok(term) = std::str::from_utf8(stream.key()) else {
                continue;
            };
            if term != BOUND && matches(surface(term)) {
                found.insert(term.to_owned());
            }
        }
    }
    Ok(())
}
