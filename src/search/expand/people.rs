//! Who wrote a page, and its versions, as far as the index knows: who made it, and who made
//! its current version. What lies between is not kept, and the text says so.

use std::collections::BTreeMap;

use crate::cql::plan::Filter;
use crate::search::error::Answer;
use crate::search::flow::Search;
use crate::storage::{escaped, escaped_cell};

use super::lists::{MOST_ENTRIES, bare};
use super::params::{Params, Spaces, is};
use super::report::{table_head, table_row};
use super::{Listed, Listing, Row};

/// Most pages whose authors are gathered for one list.
const MOST_PAGES: usize = 1000;

/// What somebody did on the pages that are looked at.
#[derive(Debug, Default)]
struct Share {
    made: usize,
    changed: usize,
    latest: Option<jiff::Timestamp>,
}

impl Search<'_> {
    /// People who made or last changed a page, its children or all below it, or the pages of
    /// spaces.
    pub(super) fn contributors(&self, params: &Params<'_>, here: &Row) -> Answer<Option<Listed>> {
        let key = here.document.summary.space_key.as_deref();
        let filter = if params.first(&["spaces", "space"]).is_some() {
            params.spaces(&["spaces", "space"], key, Spaces::Here)
        } else {
            let page = match params.first(&["page"]) {
                Some(name) => self.named_page(name, here)?,
                None => Some(here.clone()),
            };
            let Some(page) = page else { return Ok(None) };
            scope(params, &bare(&page.hit))
        };
        let kinds = is("type", ["page", "blogpost"]);
        let filter = Filter::And(vec![filter, kinds, params.labels()]);
        let (rows, total) = self.rows(&filter, &[], MOST_PAGES, here)?;
        let people = shares(&rows);
        let limit = params.number(&["limit"]).unwrap_or(MOST_ENTRIES);
        let all = people.len();
        let people = ordered(people, params);
        let shown = people.iter().take(limit.min(MOST_ENTRIES));
        let facts = params.0.name == "contributors-summary" || params.flag("showcount");
        let entries = shown.map(|(name, share)| {
            if facts {
                return format!("- {} ({})", escaped(name), share.said());
            }
            format!("- {}", escaped(name))
        });
        let unread = total > rows.len() as u64;
        Ok(Some(Listed::List(Listing {
            head: vec![
                "Known of each page: who made it, and who made its current version.".to_owned(),
                String::new(),
            ],
            entries: entries.collect(),
            total: (!unread).then_some(all as u64),
            cut: unread || all > MOST_ENTRIES,
        })))
    }
}

impl Share {
    fn said(&self) -> String {
        let date = self
            .latest
            .map(|when| when.strftime("%Y-%m-%d").to_string());
        let facts = [
            (self.made > 0).then(|| format!("{} made", self.made)),
            (self.changed > 0).then(|| format!("{} last changed", self.changed)),
            date,
        ];
        let facts: Vec<String> = facts.into_iter().flatten().collect();
        facts.join(", ")
    }
}

/// The page, the pages right below it or all of them; the page itself counts each time.
fn scope(params: &Params<'_>, id: &str) -> Filter {
    let own = is("id", [id]);
    match params
        .first(&["scope"])
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        Some("children") => Filter::Or(vec![own, is("parent", [id])]),
        Some("descendants") => Filter::Or(vec![own, is("ancestor", [id])]),
        _ => own,
    }
}

fn shares(rows: &[Row]) -> BTreeMap<String, Share> {
    let mut people: BTreeMap<String, Share> = BTreeMap::new();
    for row in rows {
        let summary = &row.document.summary;
        if let Some(author) = &summary.author {
            let share = people.entry(author.clone()).or_default();
            share.made += 1;
            share.latest = share.latest.max(summary.created);
        }
        if let Some(editor) = summary
            .last_editor
            .as_ref()
            .filter(|_| summary.version.number > 1)
        {
            let share = people.entry(editor.clone()).or_default();
            share.changed += 1;
            share.latest = share.latest.max(summary.version.when);
        }
    }
    people
}

/// By how much they did, by name or by time; equals by name.
fn ordered(people: BTreeMap<String, Share>, params: &Params<'_>) -> Vec<(String, Share)> {
    let mut people: Vec<(String, Share)> = people.into_iter().collect();
    match params
        .first(&["order"])
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        Some("name") => {}
        Some("update") => people.sort_by_key(|(_, share)| std::cmp::Reverse(share.latest)),
        _ => people.sort_by_key(|(_, share)| std::cmp::Reverse(share.made + share.changed)),
    }
    if params.reversed() {
        people.reverse();
    }
    people
}

/// The versions of a page that are known: the current one, and when the page was made.
pub(super) fn history(here: &Row) -> Listed {
    let summary = &here.document.summary;
    let version = &summary.version;
    let date = |when: Option<jiff::Timestamp>| {
        when.map(|when| when.strftime("%Y-%m-%d").to_string())
            .unwrap_or_default()
    };
    let row = |number: u32, when: Option<jiff::Timestamp>, by: &Option<String>, note: &str| {
        table_row([
            format!("v{number}"),
            date(when),
            escaped_cell(by.as_deref().unwrap_or_default()),
            escaped_cell(note),
        ])
    };
    let note = version.message.as_deref().unwrap_or_default();
    let mut entries = vec![row(
        version.number,
        version.when,
        &summary.last_editor,
        note,
    )];
    if version.number > 1 && (summary.created.is_some() || summary.author.is_some()) {
        entries.push(row(1, summary.created, &summary.author, ""));
    }
    Listed::List(Listing {
        head: table_head(["Version", "Published", "Changed by", "Comment"]),
        cut: u64::from(version.number) > entries.len() as u64,
        entries,
        total: Some(u64::from(version.number)),
    })
}
