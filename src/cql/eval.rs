//! Answers a plan over documents in memory, slowly and obviously: what an index answers
//! must agree with this.
//!
//! There is no score here. Where a plan would be ordered by score, the order is that of
//! plans without text: last modification descending, then id.

use std::cell::OnceCell;
use std::cmp::Ordering;

use super::columns::{self, Value};
use super::pattern;
use super::plan::{Clause, Filter, Plan, SortKey, TextExpr, TextField};
use crate::analysis::{IndexedText, surface};
use crate::model::{Document, id_number};

/// Whether a document passes a filter.
pub(crate) fn matches(filter: &Filter, document: &Document) -> bool {
    Texts::new(document).pass(filter)
}

/// The documents that pass, in the plan's order.
pub(crate) fn run<'a>(plan: &Plan, documents: &[&'a Document]) -> Vec<&'a Document> {
    let found = documents
        .iter()
        .copied()
        .filter(|document| matches(&plan.filter, document));
    let mut found: Vec<_> = found.collect();
    found.sort_by(|a, b| compare(&plan.order, a, b));
    found
}

const NEWEST_FIRST: &[SortKey] = &[SortKey {
    column: "lastmodified",
    descending: true,
}];

fn compare(order: &[SortKey], a: &Document, b: &Document) -> Ordering {
    let order = if order.is_empty() {
        NEWEST_FIRST
    } else {
        order
    };
    let keys = order.iter().map(|key| {
        let by = value(key.column, a).cmp(&value(key.column, b));
        if key.descending { by.reverse() } else { by }
    });
    let by_keys = keys
        .into_iter()
        .find(|by| by.is_ne())
        .unwrap_or(Ordering::Equal);
    let id = |document| value("id_sort", document);
    by_keys
        .then_with(|| id(a).cmp(&id(b)))
        .then_with(|| a.site.cmp(&b.site))
}

/// The single value to sort by; a missing one is less than all others.
fn value(column: &str, document: &Document) -> Option<Value> {
    let column = columns::column(column).expect("the checker names columns that exist");
    (column.read)(document).into_iter().next()
}

/// A document and its texts, analysed when they are first asked for.
struct Texts<'a> {
    document: &'a Document,
    text: OnceCell<Vec<IndexedText>>,
    title: OnceCell<Vec<IndexedText>>,
    space_title: OnceCell<Vec<IndexedText>>,
    creator_name: OnceCell<Vec<IndexedText>>,
}

impl<'a> Texts<'a> {
    fn new(document: &'a Document) -> Self {
        Self {
            document,
            text: OnceCell::new(),
            title: OnceCell::new(),
            space_title: OnceCell::new(),
            creator_name: OnceCell::new(),
        }
    }

    /// The depth of a filter is bounded by the parser.
    fn pass(&self, filter: &Filter) -> bool {
        match filter {
            Filter::All => true,
            Filter::None => false,
            Filter::And(parts) => parts.iter().all(|part| self.pass(part)),
            Filter::Or(parts) => parts.iter().any(|part| self.pass(part)),
            Filter::Not(inner) => !self.pass(inner),
            Filter::Clause(clause) => self.clause(clause),
        }
    }

    fn clause(&self, clause: &Clause) -> bool {
        match clause {
            Clause::Terms { column, values } => self
                .values(column)
                .iter()
                .any(|value| matches!(value, Value::Str(term) if values.contains(term))),
            Clause::Ids { column, numbers } => self.values(column).iter().any(|value| {
                let Value::Str(term) = value else {
                    return false;
                };
                matches!(id_number(term), Some((id, false)) if numbers.binary_search(&id).is_ok())
            }),
            Clause::Range { column, from, to } => self.values(column).iter().any(|value| {
                let Value::Millis(at) = *value else {
                    return false;
                };
                from.is_none_or(|from| from <= at) && to.is_none_or(|to| at < to)
            }),
            Clause::Between { column, from, to } => self
                .values(column)
                .iter()
                .any(|value| matches!(value, Value::Str(term) if from <= term && term < to)),
            Clause::Text { fields, expr } => self.text(fields, expr),
        }
    }

    fn values(&self, column: &str) -> Vec<Value> {
        columns::column(column).map_or_else(Vec::new, |column| (column.read)(self.document))
    }

    /// Words may be spread over the parts of the fields; a phrase is inside one of them.
    fn text(&self, fields: &[TextField], expr: &TextExpr) -> bool {
        let some = |test: &dyn Fn(&IndexedText) -> bool| {
            fields
                .iter()
                .any(|field| self.parts(*field).iter().any(test))
        };
        match expr {
            TextExpr::Phrase(positions) => some(&|part| part.has_phrase(positions)),
            TextExpr::Wildcard(pattern) => some(&|part| {
                part.terms()
                    .any(|term| pattern::wildcard(pattern, surface(term)))
            }),
            TextExpr::Fuzzy {
                term: wanted,
                distance,
            } => some(&|part| {
                part.terms()
                    .any(|term| pattern::fuzzy(wanted, *distance, surface(term)))
            }),
            TextExpr::Near { positions, slop } => some(&|part| part.has_near(positions, *slop)),
            TextExpr::And(parts) => parts.iter().all(|part| self.text(fields, part)),
            TextExpr::Or(parts) => parts.iter().any(|part| self.text(fields, part)),
            TextExpr::Not(inner) => !self.text(fields, inner),
        }
    }

    fn parts(&self, field: TextField) -> &[IndexedText] {
        let cell = match field {
            TextField::Text => &self.text,
            TextField::Title => &self.title,
            TextField::SpaceTitle => &self.space_title,
            TextField::CreatorName => &self.creator_name,
        };
        cell.get_or_init(|| {
            let parts = columns::text_parts(field, self.document).into_iter();
            parts
                .map(|part| IndexedText::new(part, self.document.language))
                .collect()
        })
    }
}

#[cfg(test)]
#[path = "eval_tests.rs"]
mod tests;
