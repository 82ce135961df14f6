//! [`App`] behind the server's port.

use super::App;
use crate::model::Identity;
use crate::ports::Store;
use crate::search::api::{
    ConvertRequest, ConvertResponse, CqlCompleteRequest, CqlCompleteResponse, CqlExplainResponse,
    CqlRequest, CqlSearchRequest, CqlSearchResponse, CqlValidation, DocumentResponse,
    OutlineResponse, ReadRequest, RelatedRequest, RelatedResponse, SearchRequest, SearchResponse,
};
use crate::server::{self, Backend, BackendStatus, Readiness};

impl Backend for App {
    fn search(
        &self,
        request: SearchRequest,
        identity: &Identity,
    ) -> server::Answer<SearchResponse> {
        App::search(self, &request, identity)
    }

    fn read(
        &self,
        id: &str,
        request: ReadRequest,
        identity: &Identity,
    ) -> server::Answer<DocumentResponse> {
        App::read(self, id, &request, identity)
    }

    fn outline(&self, id: &str, identity: &Identity) -> server::Answer<OutlineResponse> {
        App::outline(self, id, identity)
    }

    fn related(
        &self,
        id: &str,
        request: RelatedRequest,
        identity: &Identity,
    ) -> server::Answer<RelatedResponse> {
        App::related(self, id, &request, identity)
    }

    fn cql_validate(
        &self,
        request: CqlRequest,
        identity: &Identity,
    ) -> server::Answer<CqlValidation> {
        App::cql_validate(self, &request, identity)
    }

    fn cql_explain(
        &self,
        request: CqlRequest,
        identity: &Identity,
    ) -> server::Answer<CqlExplainResponse> {
        App::cql_explain(self, &request, identity)
    }

    fn cql_complete(
        &self,
        request: CqlCompleteRequest,
        identity: &Identity,
    ) -> server::Answer<CqlCompleteResponse> {
        App::cql_complete(self, &request, identity)
    }

    fn cql_search(
        &self,
        request: CqlSearchRequest,
        identity: &Identity,
    ) -> server::Answer<CqlSearchResponse> {
        App::cql_search(self, &request, identity)
    }

    fn convert(&self, request: ConvertRequest) -> server::Answer<ConvertResponse> {
        Ok(super::convert(request))
    }

    fn permission_epoch(&self) -> u64 {
        // Unreadable now: an epoch that no answer was given under.
        self.store.directory_epoch().unwrap_or(u64::MAX)
    }

    fn ready(&self) -> Readiness {
        match self.searcher() {
            Ok(searcher) => Readiness {
                index_open: true,
                generation: searcher.map(|searcher| searcher.generation()),
            },
            Err(_) => Readiness {
                index_open: false,
                generation: None,
            },
        }
    }

    fn status(&self) -> server::Answer<BackendStatus> {
        let status = App::status(self)?;
        Ok(BackendStatus {
            generation: status.generation.unwrap_or_default(),
            documents: status.documents,
            bytes_on_disk: status.bytes_on_disk,
            runs: status.runs,
            permissions_synced_at: None,
            config_digest: self.config_digest(),
        })
    }
}
