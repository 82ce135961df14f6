//! CQL, Confluence's query language: text to tree to plan, and the plan's meaning.
//!
//! ```text
//! text --lexer--> tokens --parse--> Query --check--> Plan --eval--> documents
//! ```
//!
//! There is no published grammar; `schema/cql.ebnf` is the one that is read here. The
//! tables of fields, columns and functions are the only places that name any. An engine
//! gets a [`plan::Plan`] and compiles it; [`eval`] says what it must answer.

mod ast;
mod check;
mod columns;
mod complete;
mod context;
#[cfg(test)]
mod coverage_tests;
mod dates;
mod error;
pub(crate) mod eval;
mod explain;
pub(crate) mod fields;
pub(crate) mod functions;
#[cfg(test)]
mod grammar_tests;
mod input;
mod lexer;
mod parse;
pub(crate) mod pattern;
pub(crate) mod plan;
mod properties;
mod refuse;
mod send;
mod suggest;
mod text;
mod values;

pub(crate) use check::{Checked, Findings, check, examine};
pub(crate) use complete::{Completion, Known, KnownValue, NothingKnown, complete};
pub(crate) use context::Context;
pub(crate) use error::{Diagnostic, Error, ErrorCode, Warning, code_points, pointer};
pub(crate) use eval::run;
pub(crate) use explain::tree;
pub(crate) use parse::{MAX_BYTES_WITH_LISTS, parse};
pub(crate) use send::{Listing, Since, send};

/// Reads and checks a query: [`parse()`] and [`check()`].
pub(crate) fn plan(text: &str, context: &Context<'_>) -> Result<Checked, Vec<Error>> {
    let query = parse(text).map_err(|error| vec![error])?;
    check(&query, context)
}

/// Everything there is to say about a text, also where it is wrong.
pub(crate) fn findings(text: &str, context: &Context<'_>) -> Findings {
    match parse(text) {
        Ok(query) => examine(&query, context),
        Err(error) => Findings {
            plan: None,
            errors: vec![error],
            warnings: Vec::new(),
        },
    }
}
