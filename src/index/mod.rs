//! tantivy behind [`ports::Engine`](crate::ports::Engine).
//!
//! A row is a document. Its passages are no rows: a term in its text marks where each begins
//! ([`bounds`]), so they are found by the positions of words. What surprises: terms come from
//! `analysis` with every language in one field, so BM25 gets its own statistics ([`stats`]).
//!
//! What a query means and how results are shown is decided above.

mod baseline;
mod bounds;
mod columns;
mod compile;
mod docs;
mod expand;
mod generations;
mod matching;
mod near;
mod numbers;
mod packed;
mod passages;
mod queue;
mod reader;
mod rows;
mod schema;
mod seen;
mod sort;
mod stats;
mod steady;
mod tokenizer;
mod top;
mod writer;

#[cfg(test)]
mod agree_tests;
#[cfg(test)]
mod tests;

pub(crate) use baseline::BaselineWriter;
pub(crate) use generations::Generations;
pub(crate) use tokenizer::{HeadwaterTokenizer, tagged};
pub(crate) use writer::IndexOptions;

use crate::ports::{PortError, PortErrorKind};

/// Gives an error of the library the fact that helps: what was being done.
fn engine_error(what: &str) -> impl Fn(tantivy::TantivyError) -> PortError + '_ {
    move |error| PortError::caused(PortErrorKind::Other, format!("index: {what}"), error)
}
