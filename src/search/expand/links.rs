//! Links: a label whose page may be seen becomes a link to it.

use crate::model::{LinkPlace, Target};
use crate::search::api::{Filled, FilledKind};
use crate::search::error::Answer;
use crate::storage::escaped;

use super::view::{Insertion, Side};
use super::{Filler, Row, Search, filled};

/// Targets that are looked up for one text, over all that is filled in there. Labels beyond
/// them stay labels.
pub(super) const MOST: usize = 100;

impl Filler<'_, '_> {
    /// What makes links of labels. Places of a damaged record are passed over.
    pub(super) fn linked(
        &mut self,
        places: &[&LinkPlace],
        markdown: &str,
        here: &Row,
    ) -> Answer<Vec<Insertion>> {
        let mut insertions = Vec::new();
        let mut known: Vec<(&Target, Option<Row>)> = Vec::new();
        let mut done = 0;
        for place in places {
            let label = &place.label;
            if label.start < done || markdown.get(label.clone()).is_none() {
                continue;
            }
            let found = known
                .iter()
                .position(|(target, _)| *target == &place.target);
            let at = match found {
                Some(at) => at,
                None if self.links_left == 0 => continue,
                None => {
                    self.links_left -= 1;
                    let row = self.search.linked_to(&place.target, here)?;
                    known.push((&place.target, row));
                    known.len() - 1
                }
            };
            if let Some(row) = &known[at].1 {
                done = label.end;
                insertions.extend(self.link(place, row));
            }
        }
        Ok(insertions)
    }

    fn link(&self, place: &LinkPlace, row: &Row) -> impl Iterator<Item = Insertion> {
        let is_link = matches!(place.target, Target::Url { .. });
        let mut text = String::new();
        if place.untitled {
            text.push_str(": ");
            text.push_str(&escaped(&row.document.summary.title));
        }
        if !is_link {
            text.push_str("](");
            text.push_str(&self.search.destination(row));
            text.push(')');
        }
        let open = Insertion {
            at: place.label.start,
            side: Side::Before,
            text: "[".to_owned(),
            filled: filled(FilledKind::Link),
        };
        let close = Insertion {
            at: place.label.end,
            side: Side::Behind,
            text,
            filled: Filled {
                sources: vec![self.search.source(row)],
                ..filled(FilledKind::Link)
            },
        };
        Some(open).filter(|_| !is_link).into_iter().chain([close])
    }
}

impl Search<'_> {
    fn linked_to(&self, target: &Target, here: &Row) -> Answer<Option<Row>> {
        match target {
            Target::Url { url } => self.at_url(url, here),
            Target::Attachment {
                file_name,
                container,
            } => self.file(file_name, container.as_deref(), here),
            target => self.target(target, here),
        }
    }
}
