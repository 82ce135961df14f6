//! What can keep a question from being answered.

use crate::ports::PortError;

use super::api::{CqlMistake, FieldError};

/// Result of a flow of this module.
pub(crate) type Answer<T> = Result<T, SearchError>;

/// Why there is no answer. An empty answer is not an error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SearchError {
    /// Every mistake of the request, at once.
    #[error("{}", first(.0))]
    Invalid(Vec<FieldError>),
    /// The CQL text cannot be used.
    #[error("{}", .mistakes.first().map_or("CQL cannot be used", |m| m.message.as_str()))]
    Cql {
        cql: String,
        mistakes: Vec<CqlMistake>,
    },
    /// Missing or invisible: both look the same.
    #[error("document `{0}` was not found")]
    NotFound(String),
    /// The document is there in another version than the one asked for.
    #[error("version {asked} of `{id}` is not kept")]
    VersionNotKept { id: String, asked: u32, kept: u32 },
    /// The document has no such section.
    #[error("`{id}` has no section `{section}`")]
    NoSection { id: String, section: String },
    #[error("the cursor has expired")]
    CursorExpired,
    /// The source form is not kept, or is already newer than what is indexed.
    #[error("`{id}` cannot be given as `{format}` now")]
    FormatUnavailable { id: String, format: &'static str },
    /// The block tree costs more tokens than are allowed, and cannot be cut.
    #[error("the block tree of `{id}` takes {est_tokens} tokens, more than {max_tokens}")]
    TooLarge {
        id: String,
        est_tokens: u32,
        max_tokens: u32,
    },
    #[error(transparent)]
    Port(#[from] PortError),
}

impl SearchError {
    /// Whether a clause of the CQL text can only be answered by the site.
    pub(crate) fn is_not_local(&self) -> bool {
        matches!(self, Self::Cql { mistakes, .. }
            if mistakes.iter().any(|mistake| mistake.code == "unavailable_offline"))
    }

    /// Mistakes with pointers, for every kind of bad request.
    pub(crate) fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(errors) => errors.clone(),
            Self::Cql { mistakes, .. } => mistakes.iter().map(cql_field).collect(),
            _ => Vec::new(),
        }
    }

    /// What the caller can do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::VersionNotKept { id, kept, .. } => Some(format!(
                "the index holds version {kept}: ask for `{id}` without a version"
            )),
            Self::NoSection { .. } => {
                Some("the outline lists the sections and their ids".to_owned())
            }
            Self::CursorExpired => Some("ask again without `cursor`".to_owned()),
            Self::TooLarge { .. } => {
                Some("raise `max_tokens`, or read `markdown` in parts".to_owned())
            }
            Self::FormatUnavailable { .. } => Some("`markdown` is always there".to_owned()),
            _ => None,
        }
    }
}

fn cql_field(mistake: &CqlMistake) -> FieldError {
    FieldError {
        pointer: "/cql".to_owned(),
        code: mistake.code.clone(),
        start: Some(mistake.start),
        end: Some(mistake.end),
        message: mistake.message.clone(),
        expected: mistake.expected.clone(),
        hint: mistake.hint.clone(),
    }
}

fn first(errors: &[FieldError]) -> String {
    match errors {
        [] => "the request cannot be used".to_owned(),
        [one] => format!("{}: {}", one.pointer, one.message),
        [one, rest @ ..] => format!("{}: {} (and {} more)", one.pointer, one.message, rest.len()),
    }
}
