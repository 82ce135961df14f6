//! From a question to ranked, cited passages, and from an id to text.
//!
//! One path for every interface. Nothing here names an engine or a store: it works
//! over `ports`, and nothing reaches an engine without the asker's access filter.

pub mod api;
mod cursor;
mod error;
mod filter;
pub(crate) mod input;
mod offsets;
mod query;
mod rank;
mod reach;
mod stopwords;
mod words;

pub(crate) use cursor::generation_of;
pub(crate) use error::{SearchError, SearchResult};
pub(crate) use reach::Reach;
