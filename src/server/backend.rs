//! What the server asks of the rest of the program.
//!
//! One blocking trait, so that the routes know no index and no store. `app` implements
//! it; tests use a small stand-in.

use jiff::Timestamp;

use crate::model::Identity;
use crate::ports::RunRecord;
use crate::search::SearchError;
use crate::search::api::{
    ConvertRequest, ConvertResponse, CqlCompleteRequest, CqlCompleteResponse, CqlExplainResponse,
    CqlRequest, CqlSearchRequest, CqlSearchResponse, CqlValidation, DocumentResponse,
    OutlineResponse, ReadRequest, RelatedRequest, RelatedResponse, SearchRequest, SearchResponse,
};

/// Everything that requests are answered from. Calls block, and may take as long as a
/// search does; [`Backend::ready`] and [`Backend::permission_epoch`] are quick.
pub(crate) trait Backend: Send + Sync + 'static {
    fn search(&self, request: SearchRequest, identity: &Identity) -> Answer<SearchResponse>;

    /// `id` is a document id of any form, or a URL of the site.
    fn read(&self, id: &str, request: ReadRequest, identity: &Identity)
    -> Answer<DocumentResponse>;

    fn outline(&self, id: &str, identity: &Identity) -> Answer<OutlineResponse>;

    fn related(
        &self,
        id: &str,
        request: RelatedRequest,
        identity: &Identity,
    ) -> Answer<RelatedResponse>;

    fn cql_validate(&self, request: CqlRequest, identity: &Identity) -> Answer<CqlValidation>;

    fn cql_explain(&self, request: CqlRequest, identity: &Identity) -> Answer<CqlExplainResponse>;

    fn cql_complete(
        &self,
        request: CqlCompleteRequest,
        identity: &Identity,
    ) -> Answer<CqlCompleteResponse>;

    fn cql_search(
        &self,
        request: CqlSearchRequest,
        identity: &Identity,
    ) -> Answer<CqlSearchResponse>;

    /// A body converted, whoever asks.
    fn convert(&self, request: ConvertRequest) -> Answer<ConvertResponse>;

    /// Rises when somebody may see something else than before.
    fn permission_epoch(&self) -> u64;

    /// Whether there is something to answer from.
    fn ready(&self) -> Readiness;

    fn status(&self) -> Answer<BackendStatus>;
}

/// Result of a backend. Behind a [`SearchError::Port`], `NotFound` means that there is no
/// index yet, `Busy` and `Format` that it cannot be used now.
pub(crate) type Answer<T> = Result<T, SearchError>;

/// Whether requests can be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Readiness {
    pub(crate) index_open: bool,
    /// The generation that answers, once there is one.
    pub(crate) generation: Option<u64>,
}

/// What a backend tells of itself to whoever runs it.
#[derive(Debug, Clone, Default)]
pub(crate) struct BackendStatus {
    pub(crate) generation: u64,
    /// Number of documents by content type, over everything that was read.
    pub(crate) documents: Vec<(String, u64)>,
    /// Index and store together.
    pub(crate) bytes_on_disk: u64,
    /// The newest run of each source and kind.
    pub(crate) runs: Vec<RunRecord>,
    /// When permissions were last read; absent for sources that do not age.
    pub(crate) permissions_synced_at: Option<Timestamp>,
    /// Hash of the settings in use, without secrets.
    pub(crate) config_digest: String,
}
