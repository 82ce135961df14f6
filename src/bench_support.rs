//! Single steps of the road from a page to a hit, for the benches in `benches/`.
//!
//! Not part of the API: it is hidden from the documentation and may change in any
//! release. Whole runs are measured through the public items.

use crate::analysis::detect;
use crate::index::{HeadwaterTokenizer, IndexOptions, tagged};
use crate::model::{RawBody, Representation};
use crate::storage::{self, Context, NoNames};

/// What conversion makes of a body.
#[derive(Debug)]
pub struct Texts {
    /// Markdown, as it is served.
    pub markdown: String,
    /// Text, as it is analysed.
    pub text: String,
}

/// Storage format by way of the block tree.
pub fn convert(title: &str, storage: String) -> Texts {
    let body = RawBody {
        representation: Representation::Storage,
        value: storage,
    };
    let context = Context {
        title,
        space_key: None,
        server_rendered: None,
    };
    let converted = storage::convert(&body, &context, &NoNames);
    Texts {
        markdown: converted.markdown,
        text: converted.text,
    }
}

/// Reads and checks a CQL text without a site.
///
/// # Errors
///
/// The first mistake, as text.
pub fn checks(cql: &str) -> Result<(), String> {
    let context = crate::cql::Context::detached(jiff::Timestamp::UNIX_EPOCH);
    match crate::cql::plan(cql, &context) {
        Ok(_) => Ok(()),
        Err(mistakes) => Err(mistakes
            .first()
            .map_or_else(String::new, ToString::to_string)),
    }
}

/// A text as [`tokenizer`] wants it: with its language in front.
pub fn with_language(text: &str) -> String {
    tagged(detect(text), text)
}

/// The tokenizer of the index.
pub fn tokenizer() -> impl tantivy::tokenizer::Tokenizer {
    HeadwaterTokenizer::default()
}

/// How an index is written here: number of writing threads, and bytes of memory they
/// have together.
pub fn writers() -> (usize, usize) {
    let IndexOptions { threads, budget } = IndexOptions::default();
    (threads, budget)
}
