//! The one integration binary: whatever is tested through the library's public items,
//! the command line or the repository itself. Tests of single parts stand beside them.
#![expect(
    clippy::disallowed_methods,
    reason = "tests read the repository and run the program"
)]

mod access;
mod bad;
mod bench;
mod cli;
mod cql;
mod eval;
mod kill;
mod licences;
mod reindex;
mod search;
mod server;
mod support;
mod tidy;
