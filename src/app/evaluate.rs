//! A ranking measured: the questions of a judged collection asked as anybody would ask
//! them, and the same questions asked of the baseline over the same texts.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::App;
use crate::eval::{Catalogue, Query, Ranking};
use crate::export;
use crate::index::BaselineWriter;
use crate::ingest::Builder;
use crate::model::{Document, DocumentKey, Identity, PublicId, Status};
use crate::ports::{Baseline, Change, PortError, PortErrorKind, PortResult, Source, Store};
use crate::search::api::{Cutoff, CutoffRule, SearchRequest, SearchResponse};
use crate::search::{Answer, SearchError};

/// Documents looked at of each ranking.
const DEPTH: usize = 100;
/// A search serves no more.
const MOST_SERVED: usize = 50;

/// How the documents of a collection are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// As callers see them: `page:4587521`.
    Public,
    /// By the ids that the collection gave them.
    Own,
}

/// Opens a collection's own documents.
pub(crate) fn open_corpus(path: &Path) -> PortResult<(String, Box<dyn Source>)> {
    let source = export::open_plain(path)?;
    Ok((path.display().to_string(), source))
}

/// What a path leads to, so that two ways to one place are seen to be one.
pub(crate) fn same_place(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// A data directory with everything that measuring needs.
pub(crate) struct Measured {
    app: App,
    catalogue: Catalogue,
    numbers: HashMap<DocumentKey, usize>,
    baseline: Box<dyn Baseline>,
    /// What each asker may see; the baseline knows no permissions.
    visible: HashMap<String, HashSet<usize>>,
}

impl Measured {
    /// Numbers the documents of a data directory that was filled, and builds the baseline
    /// over their texts.
    pub(crate) fn new(app: App, naming: Naming) -> PortResult<Self> {
        let sites = app.store.sites()?;
        let mut baseline = BaselineWriter::new()?;
        let mut catalogue = Catalogue::default();
        let mut numbers = HashMap::new();
        app.each_document(&mut |document| {
            let content = &document.content;
            let text = format!("{}\n{}", content.title, document.converted.text);
            baseline.add(&text)?;
            numbers.insert(document.key(), catalogue.len());
            let site = sites.iter().find(|(id, _)| *id == document.site);
            let site = site.map(|(_, site)| site.name.clone());
            let public = |site: Option<String>| PublicId {
                site,
                ..PublicId::new(content.kind.clone(), content.id.clone())
            };
            let own = content.id.to_string();
            let prefix = site.clone().filter(|_| sites.len() > 1);
            let shown = match naming {
                Naming::Own => own.clone(),
                Naming::Public => public(prefix.clone()).to_string(),
            };
            // An answer names a document with its site as soon as there are several.
            let bare_site = site.iter().map(|site| format!("{site}/{own}"));
            let others = [
                own.clone(),
                public(None).to_string(),
                public(prefix).to_string(),
            ];
            catalogue.add(shown, others.into_iter().chain(bare_site));
            Ok(())
        })?;
        Ok(Self {
            baseline: baseline.finish()?,
            app,
            catalogue,
            numbers,
            visible: HashMap::new(),
        })
    }

    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Asks a question. One that is refused has an empty answer that says why.
    pub(crate) fn ask(&mut self, query: &Query, k: usize) -> PortResult<Ranking> {
        let mut ranking = Ranking::default();
        let identity = match identity(query) {
            Ok(identity) => identity,
            Err(message) => {
                ranking.error = Some(message);
                return Ok(ranking);
            }
        };
        match self.answer(query, &identity, k, &mut ranking) {
            Ok(()) => {}
            Err(SearchError::Port(error)) => return Err(error),
            Err(refused) => ranking.error = Some(said(&refused)),
        }
        let begun = Instant::now();
        ranking.baseline = self.plain(query, &identity)?;
        ranking.baseline_ms = millis(begun);
        Ok(ranking)
    }

    fn answer(
        &self,
        query: &Query,
        identity: &Identity,
        k: usize,
        ranking: &mut Ranking,
    ) -> Answer<()> {
        let served = u32::try_from(k.min(MOST_SERVED)).unwrap_or(u32::MAX);
        let request = SearchRequest {
            query: Some(query.text.as_str().into()),
            limit: Some(served),
            ..SearchRequest::default()
        };
        // First, so that what is timed below is not a first touch of the index's pages.
        let ranked = self.app.ranked(&request, identity)?;
        let numbers = ranked.iter().filter_map(|key| self.numbers.get(key));
        ranking.ranked = numbers.copied().collect();
        let begun = Instant::now();
        let answer = self.app.search(&request, identity)?;
        ranking.ms = millis(begun);
        ranking.served = self.served(&answer);
        Ok(())
    }

    fn served(&self, answer: &SearchResponse) -> Vec<Vec<usize>> {
        let number = |id: &String| self.catalogue.find(id);
        let results = answer.results.iter();
        results
            .map(|result| {
                let ids = std::iter::once(&result.document.id).chain(&result.also_in);
                ids.filter_map(number).collect()
            })
            .collect()
    }

    /// The baseline's ranking of what the asker may see.
    fn plain(&mut self, query: &Query, identity: &Identity) -> PortResult<Vec<usize>> {
        let Some(asker) = &query.identity else {
            return self.baseline.rank(&query.text, DEPTH);
        };
        if !self.visible.contains_key(asker) {
            let keys = self.app.visible(identity)?;
            let seen = keys.iter().filter_map(|key| self.numbers.get(key)).copied();
            self.visible.insert(asker.clone(), seen.collect());
        }
        let visible = &self.visible[asker];
        let all = self.baseline.rank(&query.text, self.catalogue.len())?;
        let seen = all.into_iter().filter(|number| visible.contains(number));
        Ok(seen.take(DEPTH).collect())
    }
}

fn identity(query: &Query) -> Result<Identity, String> {
    let Some(text) = &query.identity else {
        return Ok(Identity::Service);
    };
    let parsed: Result<Identity, _> = text.parse();
    parsed.map_err(|message| format!("as `{text}`: {message}"))
}

/// Why a question was refused, in one line.
fn said(error: &SearchError) -> String {
    match error {
        SearchError::Invalid(fields) => {
            let one = |field: &crate::search::api::FieldError| {
                format!("{}: {}", field.pointer, field.message)
            };
            fields.iter().map(one).collect::<Vec<_>>().join("; ")
        }
        error => error.to_string(),
    }
}

fn millis(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e3
}

impl App {
    /// The order of documents for a question, whether or not relevance falls off on the
    /// way; at most [`DEPTH`].
    fn ranked(&self, request: &SearchRequest, identity: &Identity) -> Answer<Vec<DocumentKey>> {
        let uncut = SearchRequest {
            cutoff: Some(Cutoff::Rule(CutoffRule::None)),
            ..request.clone()
        };
        let session = self.session(identity, None)?.ok_or_else(nothing_indexed)?;
        session.search().ranking(&uncut, DEPTH)
    }

    fn visible(&self, identity: &Identity) -> PortResult<Vec<DocumentKey>> {
        let session = self.session(identity, None)?.ok_or_else(nothing_indexed)?;
        let everything = session.reach.query(None, crate::cql::plan::Filter::All);
        let most = usize::try_from(session.facts.documents).unwrap_or(usize::MAX);
        let hits = session.searcher.list(&everything, &[], 0, most)?.hits;
        Ok(hits.into_iter().map(|hit| hit.key).collect())
    }

    /// Every document that is served, in the order of the store, one at a time.
    pub(super) fn each_document(
        &self,
        with: &mut dyn FnMut(Document) -> PortResult<()>,
    ) -> PortResult<()> {
        let builder = Builder::new(&self.store, self.now())?;
        let mut after = 0;
        loop {
            let changes = self.store.changes(after, 500)?;
            if changes.is_empty() {
                return Ok(());
            }
            for change in changes {
                match change {
                    Change::Put { seq, stored } => {
                        after = seq;
                        if stored.content.status == Status::Current {
                            with(builder.document(&stored))?;
                        }
                    }
                    Change::Delete { seq, .. } => after = seq,
                }
            }
        }
    }
}

fn nothing_indexed() -> PortError {
    PortError::new(PortErrorKind::NotFound, "nothing is indexed")
}
