//! [`App`] for programs that embed Headwater: the few public items of the crate.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{App, AppOptions, SystemClock, open_sources};
use crate::ingest::Unwatched;
use crate::model::Identity;
use crate::ports::PortError;
use crate::search::SearchError;
use crate::search::api::{
    CqlSearchRequest, CqlSearchResponse, DocumentResponse, OutlineResponse, ReadRequest,
    SearchRequest, SearchResponse,
};

/// One data directory: a store, an index, and everything that is asked of them.
///
/// Calls block. A value can be shared between threads; one process at a time may write a
/// directory, any number may read it.
pub struct Headwater {
    app: App,
}

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data directory, a source or the index cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// What was asked cannot be answered: a field, CQL text, an id or a cursor.
    #[error(transparent)]
    Asked(#[from] AskedError),
    /// The text is no identity.
    #[error("`{text}` is no identity: {reason}")]
    Identity {
        /// As it was given.
        text: String,
        /// What was expected.
        reason: String,
    },
}

/// Trouble with the data directory, a source or the index.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct DataError(#[from] PortError);

/// Trouble with what was asked.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct AskedError(Box<SearchError>);

/// What [`Headwater::reindex`] did, in items.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reindexed {
    /// New in the store.
    pub added: u64,
    /// Newer than what was kept.
    pub updated: u64,
    /// Already kept.
    pub unchanged: u64,
    /// No longer in a source that was read completely.
    pub removed: u64,
    /// One line for each item that could not be taken in.
    pub failures: Vec<String>,
    /// Documents that can be found now.
    pub documents: u64,
}

impl Headwater {
    /// Opens a data directory, and makes it if it is new.
    ///
    /// # Errors
    ///
    /// When the directory cannot be made or was written by a newer version.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, Error> {
        let options = AppOptions::default();
        let app = App::open(dir.as_ref(), options, Arc::new(SystemClock)).map_err(DataError)?;
        Ok(Self { app })
    }

    /// Reads sources (fixture sites, REST dumps) into the store and indexes what changed.
    /// Without a source, builds the index anew from the store.
    ///
    /// # Errors
    ///
    /// When a source cannot be opened or another process writes this directory. A bad item
    /// is no error; it is reported.
    pub fn reindex<P: AsRef<Path>>(&self, sources: &[P]) -> Result<Reindexed, Error> {
        let paths: Vec<PathBuf> = sources
            .iter()
            .map(|path| path.as_ref().to_owned())
            .collect();
        let opened = open_sources(&paths, None).map_err(DataError)?;
        let force = opened.is_empty();
        let report = self
            .app
            .reindex(opened, force, &Unwatched)
            .map_err(DataError)?;
        let sum = |count: fn(&crate::ports::RunCounts) -> u64| {
            report
                .reads
                .iter()
                .map(|(_, read)| count(&read.counts))
                .sum()
        };
        let of_reads = report.reads.iter().flat_map(|(_, read)| &read.failures);
        let of_build = report.build.iter().flat_map(|build| &build.failures);
        Ok(Reindexed {
            added: sum(|counts| counts.added),
            updated: sum(|counts| counts.updated),
            unchanged: sum(|counts| counts.unchanged),
            removed: sum(|counts| counts.removed),
            failures: of_reads.chain(of_build).map(ToString::to_string).collect(),
            documents: report.documents,
        })
    }

    /// Ranked, cited passages for a question. `asker` is `account:ID`, `email:ADDRESS`,
    /// `username:NAME` or `anonymous`; `None` sees everything that was read in.
    ///
    /// # Errors
    ///
    /// When the request cannot be used. That nothing was found is no error.
    pub fn search(
        &self,
        request: &SearchRequest,
        asker: Option<&str>,
    ) -> Result<SearchResponse, Error> {
        let identity = identity(asker)?;
        self.app.search(request, &identity).map_err(asked)
    }

    /// A document by its id, such as `page:4587521`, or by its URL.
    ///
    /// # Errors
    ///
    /// When there is no such document that the asker may see.
    pub fn read(
        &self,
        id: &str,
        request: &ReadRequest,
        asker: Option<&str>,
    ) -> Result<DocumentResponse, Error> {
        let identity = identity(asker)?;
        self.app.read(id, request, &identity).map_err(asked)
    }

    /// The headings of a document.
    ///
    /// # Errors
    ///
    /// When there is no such document that the asker may see.
    pub fn outline(&self, id: &str, asker: Option<&str>) -> Result<OutlineResponse, Error> {
        let identity = identity(asker)?;
        self.app.outline(id, &identity).map_err(asked)
    }

    /// Every document that a CQL text matches, in CQL's own order.
    ///
    /// # Errors
    ///
    /// When the text is not CQL or asks what only the site can answer.
    pub fn cql(
        &self,
        request: &CqlSearchRequest,
        asker: Option<&str>,
    ) -> Result<CqlSearchResponse, Error> {
        let identity = identity(asker)?;
        self.app.cql_search(request, &identity).map_err(asked)
    }
}

fn identity(asker: Option<&str>) -> Result<Identity, Error> {
    let Some(text) = asker else {
        return Ok(Identity::Service);
    };
    text.parse().map_err(|reason| Error::Identity {
        text: text.to_owned(),
        reason,
    })
}

fn asked(error: SearchError) -> Error {
    match error {
        SearchError::Port(error) => Error::Data(DataError(error)),
        error => Error::Asked(AskedError(Box::new(error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::api::{Include, Queries};

    fn site() -> (tempfile::TempDir, Headwater) {
        let dir = tempfile::tempdir().unwrap();
        let headwater = Headwater::open(dir.path()).unwrap();
        let site = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/site");
        let done = headwater.reindex(&[site]).unwrap();
        assert_eq!((done.added, done.failures.len()), (542, 0));
        (dir, headwater)
    }

    fn request(query: &str) -> SearchRequest {
        SearchRequest {
            query: Some(query.into()),
            ..SearchRequest::default()
        }
    }

    #[test]
    fn what_is_included_stays_within_the_budget_and_the_rights() {
        let (_dir, headwater) = site();
        let all = vec![
            Include::Neighbors,
            Include::Outline,
            Include::Attachments,
            Include::Comments,
        ];
        let mut asked = SearchRequest {
            include: Some(all),
            passages_per_document: Some(1),
            limit: Some(1),
            ..request("technician reach care home without heating")
        };
        let answer = headwater.search(&asked, Some("anonymous")).unwrap();
        let best = &answer.results[0];
        assert_eq!(best.document.id, "page:1100111");
        assert!(!best.neighbors.is_empty());
        assert!(
            best.neighbors
                .iter()
                .all(|near| near.id != best.passages[0].id)
        );
        assert!(
            best.outline
                .iter()
                .any(|heading| heading.text.starts_with("Priority 1"))
        );
        assert!(
            best.comments
                .iter()
                .any(|comment| comment.id == "comment:1500101")
        );
        asked.max_tokens = Some(200);
        let answer = headwater.search(&asked, Some("anonymous")).unwrap();
        assert!(answer.usage.est_tokens <= 200);

        let hidden = SearchRequest {
            include: asked.include.clone(),
            ..request("salary bands")
        };
        let answer = headwater.search(&hidden, Some("anonymous")).unwrap();
        let attached = answer.results.iter().flat_map(|result| &result.attachments);
        assert!(
            attached
                .into_iter()
                .all(|file| file.title != "salary-bands-2026.csv")
        );
    }

    #[test]
    fn several_questions_are_answered_by_one_ranking() {
        let (_dir, headwater) = site();
        let questions = [
            "bicycle in the intake",
            "Which torque for the union nuts of a TF-25?",
        ];
        let several = Queries::Several(questions.map(str::to_owned).to_vec());
        let asked = SearchRequest {
            query: Some(several),
            ..SearchRequest::default()
        };
        let answer = headwater.search(&asked, None).unwrap();
        let ids: Vec<&str> = answer
            .results
            .iter()
            .map(|result| result.document.id.as_str())
            .collect();
        let alone = |question: &str| {
            let answer = headwater.search(&request(question), None).unwrap();
            answer.results[0].document.id.clone()
        };
        for question in questions {
            assert!(
                ids.contains(&alone(question).as_str()),
                "{question}: {ids:?}"
            );
        }
        let excluded = ["bicycle in the intake", "torque -TF-25", " "];
        let several = Queries::Several(excluded.map(str::to_owned).to_vec());
        let asked = SearchRequest {
            query: Some(several),
            ..SearchRequest::default()
        };
        let answer = headwater.search(&asked, None).unwrap();
        assert!(
            answer
                .results
                .iter()
                .all(|result| result.document.id != "page:1100123")
        );

        assert!(
            headwater
                .search(&request("torque"), Some("email:"))
                .is_err()
        );
    }
}
