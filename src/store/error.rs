//! What goes wrong inside the store, and which kind of port error it is outside.

use rusqlite::ErrorCode;

use crate::ports::{PortError, PortErrorKind};

/// A failure below the port; [`StoreError::at`] adds what was being done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error(transparent)]
    Sql(#[from] rusqlite::Error),
    #[error("JSON of a row")]
    Json(#[from] serde_json::Error),
    #[error("packed body of a row")]
    Packing(#[source] std::io::Error),
    #[error("time `{text}` of a row")]
    Time {
        text: String,
        #[source]
        source: jiff::Error,
    },
    #[error("directory `{path}`")]
    Directory {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error(
        "the store has format {found}, this version knows up to {known}; hint: use the version that wrote it, or another data directory"
    )]
    Newer { found: i64, known: i64 },
    #[error("the file is a database of something else")]
    Foreign,
    #[error("there is no run {0}")]
    NoRun(i64),
}

/// Result inside the store.
pub(crate) type StoreResult<T> = Result<T, StoreError>;

impl StoreError {
    pub(crate) fn at(self, context: impl Into<String>) -> PortError {
        PortError::caused(self.kind(), context, self)
    }

    fn kind(&self) -> PortErrorKind {
        match self {
            Self::Newer { .. } | Self::Foreign | Self::Json(_) | Self::Time { .. } => {
                PortErrorKind::Format
            }
            Self::NoRun(_) => PortErrorKind::NotFound,
            Self::Sql(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => PortErrorKind::Busy,
                Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => PortErrorKind::Format,
                _ => PortErrorKind::Other,
            },
            Self::Packing(_) | Self::Directory { .. } => PortErrorKind::Other,
        }
    }
}
