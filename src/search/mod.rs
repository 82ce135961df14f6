//! From a question to ranked, cited passages, and from an id to text.
//!
//! One path for every interface. Nothing here names an engine or a store: it works
//! over `ports`, and nothing reaches an engine without the asker's access filter.

mod address;
mod answer;
pub mod api;
mod cite;
mod copies;
mod cursor;
mod cut;
mod error;
mod expand;
mod filter;
mod flow;
pub(crate) mod input;
mod listing;
mod marks;
mod notices;
mod offsets;
mod passages;
mod query;
mod rank;
mod reach;
mod read;
mod related;
mod sections;
mod stopwords;
mod stretch;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod textual;
mod words;

pub(crate) use cite::Sites;
pub(crate) use cursor::generation_of;
pub(crate) use error::{Answer, SearchError};
pub(crate) use flow::{Facts, OrderBy, Planner, Search};
pub(crate) use reach::Reach;
pub(crate) use read::{Original, Originals};
