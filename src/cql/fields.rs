//! Every field CQL knows here: one row each. Checker, evaluator, index columns and
//! documentation read this table.

use super::plan::TextField;
use crate::model::Document;

/// How a field's values are written and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Folded keyword.
    Keyword,
    ContentId,
    ContentType,
    SpaceKey,
    User,
    Date,
    /// Only `~`.
    Text,
    /// Keyword and text: `title`.
    KeywordAndText,
}

/// A value of a document, as its index column holds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    Str(String),
    /// Milliseconds since 1970 UTC.
    Millis(i64),
}

/// An index column: `Str` columns hold exact terms, `Millis` columns instants.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) date: bool,
    /// Several values in one document.
    pub(crate) multi: bool,
    /// Can be sorted by; single-valued.
    pub(crate) sort: bool,
    pub(crate) read: fn(&Document) -> Vec<Value>,
}

/// Every column, in the order of the index schema.
pub(crate) const COLUMNS: &[Column] = &[];
