//! What every interface calls: search, read, outline and CQL, each for one identity.

use std::time::Instant;

use super::session::{everything, mistake, not_local, warning};
use super::{App, Moment, Session};
use crate::cql;
use crate::ingest::Builder;
use crate::model::{DocumentKey, Identity, Representation};
use crate::ports::{Failure, PortError, PortErrorKind, PortResult, RunRecord, SiteInfo, Store};
use crate::search::api::{
    CqlExplainResponse, CqlMistake, CqlRequest, CqlSearchRequest, CqlSearchResponse, CqlValidation,
    DocumentResponse, OutlineResponse, ReadRequest, RelatedRequest, RelatedResponse, SearchRequest,
    SearchResponse,
};
use crate::search::{Answer, Original, Originals, SearchError, generation_of};

use crate::store::ContentCount;

/// What `status` shows.
#[derive(Debug, Clone, serde::Serialize)]
pub(crate) struct Status {
    pub(crate) data_dir: String,
    pub(crate) started_at: jiff::Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) generation: Option<u64>,
    /// What the store keeps, also what is not served: drafts, archived and trashed items.
    pub(crate) kept: Vec<ContentCount>,
    /// Number of documents by content type.
    pub(crate) documents: Vec<(String, u64)>,
    /// Store and serving index together.
    pub(crate) bytes_on_disk: u64,
    /// Changes of the store that the index does not have yet.
    pub(crate) behind: u64,
    pub(crate) sites: Vec<SiteInfo>,
    /// Newest first.
    pub(crate) runs: Vec<RunRecord>,
    /// Of those runs.
    pub(crate) failures: Vec<Failure>,
}

/// Runs shown.
const RUNS: usize = 5;

impl App {
    /// Ranked, cited passages.
    pub(crate) fn search(
        &self,
        request: &SearchRequest,
        identity: &Identity,
    ) -> Answer<SearchResponse> {
        let begun = Instant::now();
        let session = if request.cql.is_some() {
            self.asked(identity, request.cursor.as_deref())?
        } else {
            let generation = request.cursor.as_deref().and_then(generation_of);
            let session = self.plain_session(identity, generation)?;
            session.ok_or_else(not_ready)?
        };
        let mut answer = session.search().search(request)?;
        answer.took_ms = millis(begun);
        Ok(answer)
    }

    /// A document by id or URL.
    pub(crate) fn read(
        &self,
        id: &str,
        request: &ReadRequest,
        identity: &Identity,
    ) -> Answer<DocumentResponse> {
        let session = self.asked(identity, request.cursor.as_deref())?;
        session.search().read(id, request, self)
    }

    /// The headings of a document.
    pub(crate) fn outline(&self, id: &str, identity: &Identity) -> Answer<OutlineResponse> {
        let session = self.asked(identity, None)?;
        session.search().outline(id)
    }

    /// Documents of one relation to a document.
    pub(crate) fn related(
        &self,
        id: &str,
        request: &RelatedRequest,
        identity: &Identity,
    ) -> Answer<RelatedResponse> {
        let session = self.asked(identity, None)?;
        session.search().related(id, request)
    }

    /// Documents that a CQL text matches, in its order.
    pub(crate) fn cql_search(
        &self,
        request: &CqlSearchRequest,
        identity: &Identity,
    ) -> Answer<CqlSearchResponse> {
        let begun = Instant::now();
        let session = self.asked(identity, request.cursor.as_deref())?;
        let mut answer = session.search().cql_search(request)?;
        answer.took_ms = millis(begun);
        Ok(answer)
    }

    /// What is wrong with a CQL text.
    pub(crate) fn cql_validate(
        &self,
        request: &CqlRequest,
        identity: &Identity,
    ) -> Answer<CqlValidation> {
        let text = &request.cql;
        let findings = self.moment(identity)?.findings(text);
        Ok(CqlValidation {
            valid: findings.is_valid(),
            errors: findings
                .errors
                .iter()
                .map(|error| mistake(text, error))
                .collect(),
            warnings: remarks(text, &findings.warnings),
        })
    }

    /// How a CQL text is read, and how much it matches for this identity.
    pub(crate) fn cql_explain(
        &self,
        request: &CqlRequest,
        identity: &Identity,
    ) -> Answer<CqlExplainResponse> {
        let text = &request.cql;
        let session = self.asked(identity, None)?;
        explain(text, &session.at, Some(&session))
    }

    fn asked(&self, identity: &Identity, cursor: Option<&str>) -> Answer<Session> {
        let generation = cursor.and_then(generation_of);
        Ok(self.session(identity, generation)?.ok_or_else(not_ready)?)
    }

    /// What is kept and indexed, and how the last runs went.
    pub(crate) fn status(&self) -> PortResult<Status> {
        let searcher = self.searcher()?;
        let documents = searcher
            .as_ref()
            .map(|searcher| searcher.count_by_type(&everything()));
        let runs = self.store.runs(RUNS)?;
        let mut failures = Vec::new();
        for run in &runs {
            failures.extend(self.store.failures(run.id)?);
        }
        let generation = searcher.as_ref().map(|searcher| searcher.generation());
        let behind = match generation {
            Some(generation) => self.store.changes_count(generation)?,
            None => self.store.changes_count(0)?,
        };
        Ok(Status {
            data_dir: self.dir.display().to_string(),
            started_at: self.started,
            generation,
            kept: self.store.counts()?,
            documents: documents.transpose()?.unwrap_or_default(),
            bytes_on_disk: self.bytes_on_disk()?,
            behind,
            sites: self
                .store
                .sites()?
                .into_iter()
                .map(|(_, site)| site)
                .collect(),
            runs,
            failures,
        })
    }
}

/// How a CQL text is read, with a clock and zone of the caller's; without a session
/// nothing is counted.
pub(crate) fn explain(
    text: &str,
    at: &Moment,
    session: Option<&Session>,
) -> Answer<CqlExplainResponse> {
    let refused = |errors: &[cql::Error]| SearchError::Cql {
        cql: text.to_owned(),
        mistakes: errors.iter().map(|error| mistake(text, error)).collect(),
    };
    let query = cql::parse(text).map_err(|error| refused(&[error]))?;
    let findings = cql::examine(&query, &at.context());
    if !findings.is_valid() {
        return Err(refused(&findings.errors));
    }
    let documents = match (&findings.plan, session) {
        (Some(plan), Some(session)) => {
            let query = session.reach.query(None, plan.filter.clone());
            Some(session.searcher.count(&query)?)
        }
        _ => None,
    };
    let types = &["page", "blogpost"];
    let send = |since| cql::send(text, &query, &cql::Listing { types, since });
    let sent = send(None);
    Ok(CqlExplainResponse {
        normalized: query.to_string(),
        tree: cql::tree(&query),
        sent: sent.text,
        sent_for_changes: send(Some(cql::Since::Minutes(60))).text,
        sent_warnings: remarks(text, &sent.warnings),
        documents,
        not_local: not_local(text, &findings.errors),
        time_zone: at.zone.iana_name().unwrap_or("UTC").to_owned(),
        warnings: remarks(text, &findings.warnings),
    })
}

fn remarks(text: &str, warnings: &[cql::Warning]) -> Vec<CqlMistake> {
    warnings
        .iter()
        .map(|remark| warning(text, remark))
        .collect()
}

/// Says that nothing was ever read in; interfaces give it their own word.
fn not_ready() -> PortError {
    PortError::new(PortErrorKind::NotFound, "nothing is indexed yet")
}

fn millis(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}

impl Originals for App {
    fn original(&self, key: &DocumentKey) -> PortResult<Option<Original>> {
        let Some(stored) = self.store.content(key)? else {
            return Ok(None);
        };
        let document = Builder::new(&self.store, self.now())?.document(&stored);
        let representation = match stored.body.as_ref().map(|body| body.representation) {
            Some(Representation::Adf) => "adf",
            Some(Representation::Wiki) => "wiki",
            Some(Representation::Html) => "html",
            Some(Representation::Storage) | None => "storage",
        };
        let body = serde_json::to_value(&document.converted.body).map_err(|cause| {
            PortError::caused(
                PortErrorKind::Other,
                format!("write the tree of {key}"),
                cause,
            )
        })?;
        Ok(Some(Original {
            version: stored.content.version.number,
            representation: representation.to_owned(),
            source: stored.body.map(|body| body.value).unwrap_or_default(),
            text: document.converted.text,
            body,
        }))
    }
}
