//! Tables over several pages: page properties and tasks.

use std::collections::HashMap;

use crate::cql::plan::Filter;
use crate::model::{PropertyText, Record, Task, User};
use crate::search::error::Answer;
use crate::search::flow::Search;
use crate::storage::escaped_cell;

use super::lists::{MOST_ENTRIES, bare, refused};
use super::params::{Params, Spaces, is};
use super::{Listed, Listing, Row};

/// Most pages that are looked through for one table.
const MOST_PAGES: usize = 1000;
/// Most columns of a report.
const MOST_COLUMNS: usize = 100;

/// One row of a report: a page and its properties by folded key.
struct Line {
    row: Row,
    values: HashMap<String, Vec<String>>,
}

impl Search<'_> {
    /// A page properties report: a row for each page, a column for each key.
    pub(super) fn report(&self, params: &Params<'_>, here: &Row) -> Answer<Listed> {
        let key = here.document.summary.space_key.as_deref();
        let mut parts = vec![is("macro", ["details"]), params.labels()];
        let mut order = Vec::new();
        match params.first(&["cql"]) {
            Some(cql) => match self.planner.plan_in(cql, key) {
                Ok(plan) => {
                    parts.push(plan.filter);
                    order = plan.order;
                }
                Err(mistakes) => return Ok(refused(&mistakes)),
            },
            None => parts.push(params.spaces(&["spaces", "space", "spacekey"], key, Spaces::Here)),
        }
        let (rows, total) = self.rows(&Filter::And(parts), &order, MOST_PAGES, here)?;
        let unread = total > rows.len() as u64;
        let hits: Vec<_> = rows.iter().map(|row| row.hit.clone()).collect();
        let records = self.searcher.records(&hits)?;
        let wanted = params.first(&["id"]);
        let mut found = Vec::new();
        let mut lines = Vec::new();
        for (row, record) in rows.into_iter().zip(records) {
            let properties = record
                .properties
                .iter()
                .filter(|property| in_group(property, wanted));
            let mut values: HashMap<String, Vec<String>> = HashMap::new();
            for property in properties {
                let folded = folded(&property.key);
                if !found.iter().any(|(key, _)| *key == folded) && found.len() < MOST_COLUMNS {
                    found.push((folded.clone(), property.key.clone()));
                }
                values
                    .entry(folded)
                    .or_default()
                    .push(property.value.clone());
            }
            if !values.is_empty() {
                lines.push(Line { row, values });
            }
        }
        let columns = columns(params, found);
        let title = params.first(&["firstcolumn"]).unwrap_or("Title");
        sort(&mut lines, params, title);
        let total = lines.len();
        let entries = lines.iter().take(MOST_ENTRIES).map(|line| {
            let cells = columns.iter().map(|(key, _)| {
                let values = line.values.get(key).map(Vec::as_slice).unwrap_or_default();
                escaped_cell(&values.join("; "))
            });
            table_row(std::iter::once(self.titled(&line.row).replace('|', "\\|")).chain(cells))
        });
        let heads = std::iter::once(title).chain(columns.iter().map(|(_, name)| name.as_str()));
        Ok(Listed::List(Listing {
            entries: entries.collect(),
            head: table_head(heads),
            total: (!unread).then_some(total as u64),
            cut: unread || total > MOST_ENTRIES,
        }))
    }

    /// A task report: open tasks unless it asks for the others.
    pub(super) fn tasks(&self, params: &Params<'_>, here: &Row) -> Answer<Listed> {
        let unknown = [
            ("creators", "who made a task is not kept"),
            ("createddatefrom", "when a task was made is not kept"),
            ("createdatefrom", "when a task was made is not kept"),
        ];
        for (name, reason) in unknown {
            if params.first(&[name]).is_some() {
                return Ok(Listed::Refused(reason.to_owned()));
            }
        }
        let done = params
            .first(&["status"])
            .is_some_and(|status| status.eq_ignore_ascii_case("complete"));
        let state = if done { "done" } else { "open" };
        let parts = vec![is("task", [state]), params.labels(), places(params, here)];
        let (rows, total) = self.rows(&Filter::And(parts), &[], MOST_PAGES, here)?;
        let unread = total > rows.len() as u64;
        let hits: Vec<_> = rows.iter().map(|row| row.hit.clone()).collect();
        let records = self.searcher.records(&hits)?;
        let assignees: Vec<String> = params
            .list(&["assignees", "assignee"])
            .iter()
            .map(|id| id.to_lowercase())
            .collect();
        let mut tasks: Vec<(Task, &Row)> = Vec::new();
        for (row, Record { tasks: of_page, .. }) in rows.iter().zip(records) {
            let wanted = of_page.into_iter().filter(|task| {
                task.is_done() == done && !task.text.is_empty() && is_for(task, &assignees)
            });
            tasks.extend(wanted.map(|task| (task, row)));
        }
        // What has no date comes last, all else keeps the order of pages and text.
        tasks.sort_by(|(a, _), (b, _)| (a.due.is_none(), &a.due).cmp(&(b.due.is_none(), &b.due)));
        if params.reversed() {
            tasks.reverse();
        }
        let total = tasks.len();
        let entries = tasks.iter().take(MOST_ENTRIES).map(|(task, row)| {
            let assignee = task
                .assignee
                .as_ref()
                .and_then(User::name)
                .unwrap_or_default();
            table_row([
                escaped_cell(&task.text),
                escaped_cell(task.due.as_deref().unwrap_or_default()),
                escaped_cell(assignee),
                self.titled(row).replace('|', "\\|"),
            ])
        });
        Ok(Listed::List(Listing {
            entries: entries.collect(),
            head: table_head(["Task", "Due", "Assignee", "Page"]),
            total: (!unread).then_some(total as u64),
            cut: unread || total > MOST_ENTRIES,
        }))
    }
}

/// Where tasks are looked for: `space:KEY` and `page:ID` in one parameter, or spaces and
/// pages in their own. A page stands for all below it.
fn places(params: &Params<'_>, here: &Row) -> Filter {
    let mut places = Vec::new();
    let page = |id: &str| {
        let here = bare(&here.hit);
        let id = if id.eq_ignore_ascii_case("@self") {
            here.as_str()
        } else {
            id
        };
        Filter::Or(vec![is("id", [id]), is("ancestor", [id])])
    };
    for place in params.list(&["spaceandpage", "spacesandpages"]) {
        match place.split_once(':') {
            Some(("space", key)) => places.push(is("space", [key.trim()])),
            Some(("page", id)) => places.push(page(id.trim())),
            _ => places.push(is("space", [place])),
        }
    }
    for id in params.list(&["pages", "page"]) {
        places.push(page(id.strip_prefix("page:").unwrap_or(id)));
    }
    if params.first(&["spaces", "space"]).is_some() {
        let key = here.document.summary.space_key.as_deref();
        places.push(params.spaces(&["spaces", "space"], key, Spaces::All));
    }
    if places.is_empty() {
        return Filter::All;
    }
    Filter::Or(places)
}

fn is_for(task: &Task, assignees: &[String]) -> bool {
    if assignees.is_empty() {
        return true;
    }
    let mut ids = task.assignee.iter().flat_map(User::identifiers);
    ids.any(|id| assignees.contains(&id.to_lowercase()))
}

fn in_group(property: &PropertyText, wanted: Option<&str>) -> bool {
    wanted.is_none_or(|id| {
        let group = property.group.as_deref().unwrap_or_default();
        group.eq_ignore_ascii_case(id)
    })
}

/// Keys are compared without case and with white space collapsed.
fn folded(key: &str) -> String {
    let words: Vec<&str> = key.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// The columns that the author chose, else all that were found.
fn columns(params: &Params<'_>, found: Vec<(String, String)>) -> Vec<(String, String)> {
    let chosen = params.list(&["headings"]);
    if chosen.is_empty() {
        return found;
    }
    let chosen = chosen.into_iter().take(MOST_COLUMNS);
    chosen.map(|name| (folded(name), name.to_owned())).collect()
}

/// Orders rows by a column; numbers as numbers. Equal rows stay as they were.
fn sort(lines: &mut [Line], params: &Params<'_>, title: &str) {
    let Some(by) = params.first(&["sortby"]) else {
        if params.reversed() {
            lines.reverse();
        }
        return;
    };
    let by = folded(by);
    let value = |line: &Line| {
        if by == folded(title) || by == "title" {
            return folded(&line.row.document.summary.title);
        }
        let values = line.values.get(&by).map(Vec::as_slice);
        folded(&values.unwrap_or_default().join(" "))
    };
    lines.sort_by_cached_key(|line| {
        let text = value(line);
        // Bits of positive numbers order as the numbers do; negative ones come first.
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        let bits = number.map(|number| {
            let bits = number.to_bits().cast_signed();
            bits ^ ((bits >> 63) & i64::MAX)
        });
        (text.is_empty(), bits.is_none(), bits, text)
    });
    if params.reversed() {
        lines.reverse();
    }
}

pub(super) fn table_row(cells: impl IntoIterator<Item = String>) -> String {
    let mut row = String::from("|");
    for cell in cells {
        row.push(' ');
        row.push_str(&cell);
        row.push_str(" |");
    }
    row
}

pub(super) fn table_head<'h>(heads: impl IntoIterator<Item = &'h str>) -> Vec<String> {
    let heads: Vec<String> = heads.into_iter().map(escaped_cell).collect();
    let rule = table_row(heads.iter().map(|_| "---".to_owned()));
    vec![table_row(heads), rule]
}
