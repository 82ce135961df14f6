//! What may be put in where a CQL text is being written, out of what the asker may see:
//! spaces they may view, values and people of documents that are visible to them.

use super::{App, Session};
use crate::cql::plan::{Clause, Filter};
use crate::cql::{self, Known, KnownValue};
use crate::model::{Identity, Person, Space};
use crate::ports::PortResult;
use crate::search::Answer;
use crate::search::api::{CqlCompleteRequest, CqlCompleteResponse, CqlCompletion};

impl App {
    /// Fields, operators, functions and visible values for a place in a CQL text.
    pub(crate) fn cql_complete(
        &self,
        request: &CqlCompleteRequest,
        identity: &Identity,
    ) -> Answer<CqlCompleteResponse> {
        let text = &request.cql;
        let cursor = request.cursor.map_or(text.len(), |cursor| {
            let place = text.char_indices().nth(cursor as usize);
            place.map_or(text.len(), |(at, _)| at)
        });
        let session = self.session(identity, None)?;
        let visible = match &session {
            Some(session) => Some(Visible {
                session,
                spaces: self.visible_spaces(&session.at.directory, session.reach.viewer())?,
            }),
            None => None,
        };
        let known: &dyn Known = match &visible {
            Some(visible) => visible,
            None => &cql::NothingKnown,
        };
        let cql::Completion { span, items } = cql::complete(text, cursor, known);
        let place = cql::code_points(text, &span);
        let items = items.into_iter().map(|item| CqlCompletion {
            kind: item.kind.as_str().to_owned(),
            label: item.label,
            insert: item.insert,
            detail: item.detail,
        });
        Ok(CqlCompleteResponse {
            start: place.start,
            end: place.end,
            items: items.collect(),
        })
    }
}

/// What an asker may see.
struct Visible<'a> {
    session: &'a Session,
    spaces: Vec<Space>,
}

impl Visible<'_> {
    /// Somebody is visible to themselves, and as whoever wrote something that is.
    fn has_written(&self, person: &Person) -> PortResult<bool> {
        let viewer = self.session.reach.viewer().person();
        if viewer.is_some_and(|viewer| viewer.user == person.user) {
            return Ok(true);
        }
        let mut values: Vec<String> = person.user.identifiers().collect();
        values.sort_unstable();
        let clause = Filter::Clause(Clause::Terms {
            column: "contributor",
            values,
        });
        let query = self.session.reach.query(None, clause);
        Ok(self.session.searcher.count(&query)? > 0)
    }
}

impl Known for Visible<'_> {
    fn spaces(&self, begun: &str, most: usize) -> Vec<KnownValue> {
        let wanted = |space: &&Space| begins(&space.key, begun) || word_begins(&space.name, begun);
        let found = self.spaces.iter().filter(wanted).take(most);
        let known = |space: &Space| KnownValue {
            value: space.key.clone(),
            detail: Some(space.name.clone()),
        };
        found.map(known).collect()
    }

    /// What the index cannot tell is left out: help is not worth an error.
    fn people(&self, begun: &str, most: usize) -> Vec<KnownValue> {
        let people = self.session.at.directory.people.iter();
        let named = people.filter_map(|person| {
            let name = person.user.name()?;
            word_begins(name, begun).then_some((person, name))
        });
        let visible = named.filter(|(person, _)| self.has_written(person).unwrap_or_default());
        let known = visible.filter_map(|(person, name)| {
            Some(KnownValue {
                value: person.user.identifiers().next()?,
                detail: Some(name.to_owned()),
            })
        });
        known.take(most).collect()
    }

    fn column(&self, column: &str, begun: &str, most: usize) -> Vec<KnownValue> {
        let all = self.session.reach.query(None, Filter::All);
        let begun = begun.to_lowercase();
        let values = self.session.searcher.values(column, &begun, &all, most);
        // Labels that somebody keeps for themselves are nobody else's help.
        let values = values.unwrap_or_default().into_iter();
        let values = values.filter(|value| !value.starts_with("my:"));
        let known = |value| KnownValue {
            value,
            detail: None,
        };
        values.map(known).collect()
    }
}

fn begins(name: &str, begun: &str) -> bool {
    name.to_lowercase().starts_with(&begun.to_lowercase())
}

fn word_begins(name: &str, begun: &str) -> bool {
    begins(name, begun) || name.split_whitespace().any(|word| begins(word, begun))
}
