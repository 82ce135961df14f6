//! Listings by CQL: completeness before relevance, in CQL's own order.

use super::api::{CqlSearchRequest, CqlSearchResponse, ListedDocument, SpaceRef};
use super::cite;
use super::cursor::{Binding, Cursor};
use super::error::{Answer, SearchError};
use super::flow::{OrderBy, Search, exact};
use crate::cql::plan::{Clause, Filter};
use crate::model::{Brief, ContentType};
use crate::ports::Hit;

impl Search<'_> {
    /// Documents that a CQL text matches. `took_ms` is left 0 for whoever measures.
    pub(crate) fn cql_search(&self, request: &CqlSearchRequest) -> Answer<CqlSearchResponse> {
        let mut errors = Vec::new();
        let limit = super::input::listing_limit(request, &mut errors);
        let binding = Binding::of(&["cql", &request.cql, &self.reach.fingerprint()]);
        let cursor = self.cursor(request.cursor.as_deref(), binding, &mut errors);
        let plan = self.plan(Some(&request.cql), OrderBy::Allowed, &mut errors)?;
        if !errors.is_empty() {
            return Err(SearchError::Invalid(errors));
        }
        let offset = cursor?.map_or(0, |cursor| {
            usize::try_from(cursor.place).unwrap_or(usize::MAX)
        });
        // An empty text is everything, as at the site.
        let plan = plan.unwrap_or(crate::cql::plan::Plan {
            filter: crate::cql::plan::Filter::All,
            order: Vec::new(),
        });
        let (mut hits, count) = self.listed(plan.filter, &plan.order, offset, limit + 1)?;
        let goes_on = hits.len() > limit;
        hits.truncate(limit);
        let documents = self.searcher.briefs(&hits)?;
        let results = hits.iter().zip(&documents);
        let results = results.map(|(hit, document)| self.listed_document(hit, document));
        Ok(CqlSearchResponse {
            cql: request.cql.clone(),
            results: results.collect(),
            total: exact(count),
            next_cursor: goes_on.then(|| {
                let cursor = Cursor {
                    generation: self.searcher.generation(),
                    binding,
                    place: offset.saturating_add(limit) as u64,
                    passages: 0,
                };
                cursor.to_string()
            }),
            notices: self.reach.notices(),
            index: self.index_state(),
            took_ms: 0,
        })
    }
}

impl Search<'_> {
    /// Most attachments or comments listed beside a document.
    const HANGING: usize = 20;

    pub(super) fn listed_document(&self, hit: &Hit, document: &Brief) -> ListedDocument {
        let space = document.space_key.clone().map(|key| SpaceRef {
            key,
            name: document.space_name.clone(),
            url: None,
        });
        let id = self
            .facts
            .sites
            .public_id(&hit.key, &document.kind, &document.id);
        ListedDocument {
            id: id.to_string(),
            r#type: document.kind.to_string(),
            title: document.title.clone(),
            url: document.url.clone(),
            space,
            version: document.version.number,
            updated_at: document.version.when.map(cite::time),
        }
    }

    /// Visible attachments or comments of a document, newest first.
    pub(crate) fn hanging(&self, on: &Hit, kind: &ContentType) -> Answer<Vec<ListedDocument>> {
        let is = |column, value| {
            Filter::Clause(Clause::Terms {
                column,
                values: vec![value],
            })
        };
        let filter = Filter::And(vec![
            is("container", on.key.id.to_string()),
            is("type", kind.to_string()),
        ]);
        let (mut hits, _) = self.listed(filter, &[], 0, Self::HANGING)?;
        hits.retain(|hit| hit.key.site == on.key.site);
        let documents = self.searcher.briefs(&hits)?;
        let listed = hits.iter().zip(&documents);
        Ok(listed
            .map(|(hit, document)| self.listed_document(hit, document))
            .collect())
    }

    /// Every document of a plan, in its order.
    pub(crate) fn listed_all(&self, plan: &crate::cql::plan::Plan) -> Answer<Vec<Hit>> {
        let all = self.reach.query(None, plan.filter.clone());
        let all = self.searcher.count(&all)?;
        let limit = usize::try_from(all).unwrap_or(usize::MAX);
        Ok(self.listed(plan.filter.clone(), &plan.order, 0, limit)?.0)
    }
}
