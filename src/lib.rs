//! An embedded search index and query engine for Confluence: it reads pages, blog posts,
//! comments and attachments, and answers questions with ranked snippets whose citations
//! can be checked, never showing a person what Confluence would not show that person.
//!
//! A whole program, over the example site of this repository:
//!
//! ```
//! use headwater::Headwater;
//! use headwater::api::SearchRequest;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dir = tempfile::tempdir()?;
//! # let site = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/site");
//! let headwater = Headwater::open(dir.path())?;
//! headwater.reindex(&[site])?;
//!
//! let mut request = SearchRequest::default();
//! request.query = Some("How quickly must a technician reach a care home?".into());
//! let answer = headwater.search(&request, Some("anonymous"))?;
//!
//! let best = &answer.results[0].passages[0];
//! assert_eq!(best.title, "Call-out response times");
//! assert!(best.text.contains("90 minutes"));
//! assert!(best.citation.url.starts_with("https://tarnfell.example/wiki/"));
//! # Ok(())
//! # }
//! ```
//!
//! The command line and the HTTP server call the same functions with the same types.
//!
//! # Crate features
//!
//! There are none.

mod analysis;
mod app;
#[doc(hidden)]
pub mod bench_support;
mod cli;
mod config;
mod cql;
mod eval;
mod export;
mod index;
mod ingest;
mod model;
mod ports;
mod search;
mod server;
mod storage;
mod store;

pub use app::{AskedError, DataError, Error, Headwater, Reindexed};
pub use cli::main as run_cli;
pub use search::api;
