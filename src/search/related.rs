//! What a document is connected with: above and below it, what it points to, what points to
//! it, what hangs on it. Only what may be seen is listed and counted.

use crate::cql::fields::title_key;
use crate::cql::plan::{Clause, Filter, SortKey};
use crate::model::{ContentType, PublicId};
use crate::ports::Hit;

use super::api::{ListedDocument, RelatedKind, RelatedRequest, RelatedResponse, Relation, Total};
use super::error::{Answer, SearchError};
use super::expand::{Row, bare};
use super::flow::{Search, exact};
use super::input;

/// Links of one document that are followed.
const MOST_LINKS: usize = 500;

impl Search<'_> {
    /// Documents of one relation to a document.
    pub(crate) fn related(&self, id: &str, request: &RelatedRequest) -> Answer<RelatedResponse> {
        let mut errors = Vec::new();
        let limit = input::related_limit(request, &mut errors);
        if !errors.is_empty() {
            return Err(SearchError::Invalid(errors));
        }
        let (id, row) = self.opened(id)?;
        let (results, total) = match request.kind {
            RelatedKind::LinksOut => self.links_out(&row, limit)?,
            kind => self.connected(&row, kind, limit)?,
        };
        Ok(RelatedResponse {
            id: id.to_string(),
            kind: request.kind,
            results,
            total,
            notices: self.reach.notices(),
            index: self.index_state(),
        })
    }

    fn connected(
        &self,
        row: &Row,
        kind: RelatedKind,
        limit: usize,
    ) -> Answer<(Vec<ListedDocument>, Total)> {
        let Some((filter, order)) = relation(row, kind) else {
            return Ok((Vec::new(), exact(0)));
        };
        let (rows, total) = self.rows(&filter, &[order], limit, row)?;
        let results = rows
            .iter()
            .map(|row| self.listed_document(&row.hit, &row.document.summary.brief()));
        Ok((results.collect(), exact(total)))
    }

    /// In the order of the text, each once.
    fn links_out(&self, row: &Row, limit: usize) -> Answer<(Vec<ListedDocument>, Total)> {
        let record = self.record(&row.hit)?;
        let links = record.links.len();
        let mut found: Vec<Hit> = Vec::new();
        let mut results = Vec::new();
        for link in record.links.iter().take(MOST_LINKS) {
            let Some(target) = self.target(&link.target, row)? else {
                continue;
            };
            if target.hit.key == row.hit.key || found.iter().any(|hit| hit.key == target.hit.key) {
                continue;
            }
            if results.len() < limit {
                results.push(self.listed_document(&target.hit, &target.document.summary.brief()));
            }
            found.push(target.hit);
        }
        let relation = if links > MOST_LINKS {
            Relation::AtLeast
        } else {
            Relation::Exact
        };
        let documents = found.len() as u64;
        Ok((
            results,
            Total {
                documents,
                relation,
            },
        ))
    }

    fn opened(&self, id: &str) -> Answer<(PublicId, Row)> {
        let opened = self.open(id)?;
        let row = Row {
            hit: opened.hit,
            document: opened.document,
        };
        Ok((opened.id, row))
    }
}

/// The filter and order of a relation; `None` where there can be nothing.
fn relation(row: &Row, kind: RelatedKind) -> Option<(Filter, SortKey)> {
    let summary = &row.document.summary;
    let id = || bare(&row.hit);
    let is = |column, values: Vec<String>| Filter::Clause(Clause::Terms { column, values });
    let not = |filter| Filter::Not(Box::new(filter));
    let hangs = || {
        let kinds = [ContentType::Comment, ContentType::Attachment];
        is("type", kinds.map(|kind| kind.to_string()).to_vec())
    };
    let on_it = |kind: ContentType| {
        let container = is("container", vec![id()]);
        Filter::And(vec![container, is("type", vec![kind.to_string()])])
    };
    let by_title = SortKey {
        column: "title_sort",
        descending: false,
    };
    let newest = SortKey {
        column: "lastmodified",
        descending: true,
    };
    let named = || {
        let mut keys = vec![id()];
        let space = summary.space_key.as_deref();
        keys.extend(space.map(|space| title_key(space, &summary.title)));
        keys
    };
    let above = summary.ancestors.last().map(|parent| parent.id.to_string());
    Some(match kind {
        RelatedKind::Children => {
            let below = is("parent", vec![id()]);
            (Filter::And(vec![below, not(hangs())]), by_title)
        }
        RelatedKind::Parent => (is("id", vec![above?]), by_title),
        RelatedKind::Siblings => {
            let beside = is("parent", vec![above?]);
            let others = not(is("id", vec![id()]));
            (Filter::And(vec![beside, others, not(hangs())]), by_title)
        }
        RelatedKind::LinksIn => (is("link", named()), newest),
        RelatedKind::IncludedBy => (is("include", named()), newest),
        RelatedKind::Attachments => (on_it(ContentType::Attachment), by_title),
        RelatedKind::Comments => (on_it(ContentType::Comment), newest),
        RelatedKind::LinksOut => return None,
    })
}
