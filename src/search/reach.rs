//! Who asks and what that reaches: the one way to an engine.
//!
//! The access filter is private here. Queries and look-ups are made by [`Reach`] alone,
//! so that nothing can be asked of an engine without it.

use crate::cql::plan::Filter;
use crate::model::{Directory, DocumentKey, Identity, Viewer};
use crate::ports::{AccessFilter, EngineQuery, EngineSearcher, Hit, PortResult, Scored};

use super::api::Notice;

/// The asking identity, resolved, with the filter that it means.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    viewer: Viewer,
    access: AccessFilter,
}

impl Reach {
    /// What an identity may see through these channels; `None` means all channels.
    /// An identity that the directory does not know is anonymous.
    pub(crate) fn new(
        directory: &Directory,
        identity: &Identity,
        channels: Option<Vec<String>>,
    ) -> Self {
        let viewer = directory.resolve(identity);
        let mut failed_gates = directory.failed_gates(&viewer);
        failed_gates.sort_unstable();
        let access = AccessFilter {
            channels,
            failed_gates,
        };
        Self { viewer, access }
    }

    pub(crate) fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// A query that sees only what may be seen.
    pub(crate) fn query(&self, scored: Option<Scored>, filter: Filter) -> EngineQuery {
        EngineQuery {
            scored,
            filter,
            access: self.access.clone(),
        }
    }

    /// The row of a key, if it may be seen.
    pub(crate) fn find(
        &self,
        searcher: &dyn EngineSearcher,
        key: &DocumentKey,
    ) -> PortResult<Option<Hit>> {
        searcher.find(key, &self.access)
    }

    /// Text that is equal exactly when the reach is: cursors are bound to it.
    pub(crate) fn fingerprint(&self) -> String {
        format!("{:?}\n{:?}", self.viewer, self.access)
    }

    /// What an answer says about who asked.
    pub(crate) fn notices(&self) -> Vec<Notice> {
        let (code, message) = match self.viewer {
            Viewer::Service => (
                "service_view",
                "no identity was given: this answer sees everything that was indexed",
            ),
            Viewer::Anonymous { unknown: true } => (
                "identity_unknown",
                "the identity is not known here and was treated as anonymous",
            ),
            _ => return Vec::new(),
        };
        vec![Notice {
            code: code.to_owned(),
            message: message.to_owned(),
            terms: Vec::new(),
        }]
    }
}
