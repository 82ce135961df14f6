//! Lists of pages, posts and attachments.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::cql::plan::{Filter, SortKey};
use crate::model::{ContentId, GeneratedList};
use crate::ports::Hit;
use crate::search::error::Answer;
use crate::search::flow::Search;
use crate::storage::escaped;

use super::names::NamePatterns;
use super::params::{Params, Spaces, is};
use super::people::history;
use super::{Listed, Listing, Row};

/// Most entries of one list.
pub(super) const MOST_ENTRIES: usize = 500;
/// Levels of a tree that is shown to its end.
const MOST_LEVELS: usize = 20;
/// Entries that Confluence shows where the author did not say how many.
const USUAL: usize = 15;
/// Longest text of a blog post in a list, in bytes.
const LONGEST_POST: usize = 8 << 10;
/// Longest excerpt beside an entry, in characters.
const LONGEST_EXCERPT: usize = 300;

impl Search<'_> {
    /// What a macro on the page `here` lists; `None` for those that are not computed here.
    pub(super) fn listing(&self, list: &GeneratedList, here: &Row) -> Answer<Option<Listed>> {
        let params = Params(list);
        match list.name.as_str() {
            "children" => self.children(&params, here),
            "pagetree" | "rw-pagetree" | "content-tree" => self.page_tree(&params, here),
            "contentbylabel"
            | "contentincludebylabel"
            | "content-report-table"
            | "recently-updated"
            | "recently-updated-dashboard"
            | "blog-posts"
            | "content-by-user" => self.content(&params, here).map(Some),
            "attachments" | "space-attachments" | "gallery" | "attachment-list" => {
                self.attachments(&params, here)
            }
            "detailssummary" => self.report(&params, here).map(Some),
            "tasks-report-macro" => self.tasks(&params, here).map(Some),
            "contributors" | "contributors-summary" => self.contributors(&params, here),
            "change-history" => Ok(Some(history(here))),
            _ => Ok(None),
        }
    }

    fn children(&self, params: &Params<'_>, here: &Row) -> Answer<Option<Listed>> {
        let root = match params.first(&["page", "root", ""]) {
            Some(name) => self.named_page(name, here)?,
            None => Some(here.clone()),
        };
        let Some(root) = root else { return Ok(None) };
        let depth = match params.number(&["depth"]) {
            _ if params.flag("all") || params.flag("allchildren") => None,
            Some(0) => None,
            Some(depth) => Some(depth),
            None => Some(1),
        };
        let tree = Tree {
            depth,
            first: params.number(&["first"]),
            excerpts: shows_excerpts(params),
        };
        self.tree(&root, &tree, params, here)
    }

    fn page_tree(&self, params: &Params<'_>, here: &Row) -> Answer<Option<Listed>> {
        let name = params.first(&["root"]).unwrap_or("@home");
        let Some(root) = self.named_page(name, here)? else {
            return Ok(None);
        };
        let tree = Tree {
            depth: None,
            first: None,
            excerpts: shows_excerpts(params),
        };
        self.tree(&root, &tree, params, here)
    }

    /// What is below a page, level by level. A page below a hidden one is hidden too, so
    /// nothing that may be seen is out of reach.
    fn tree(
        &self,
        root: &Row,
        tree: &Tree,
        params: &Params<'_>,
        here: &Row,
    ) -> Answer<Option<Listed>> {
        let kinds = || is("type", ["page", "folder"]);
        let root_id = bare(&root.hit);
        let mut below: HashMap<String, Vec<Row>> = HashMap::new();
        let mut parents = vec![root_id.clone()];
        let (mut found, mut cut) = (0, false);
        for level in 0..tree.depth.unwrap_or(MOST_LEVELS).min(MOST_LEVELS) {
            let ids = parents.iter().map(String::as_str);
            let filter = Filter::And(vec![is("parent", ids), kinds()]);
            let left = MOST_ENTRIES - found;
            let order = order(params).unwrap_or(BY_TITLE);
            let (mut rows, of_level) = self.rows(&filter, &[order], left, here)?;
            cut |= of_level > rows.len() as u64;
            if params.order().is_none() {
                rows.sort_by_key(|row| row.document.summary.position.unwrap_or(i64::MAX));
            }
            if let Some(first) = tree.first.filter(|_| level == 0) {
                rows.truncate(first);
            }
            found += rows.len();
            parents = rows.iter().map(|row| bare(&row.hit)).collect();
            for row in rows {
                let parent = row.document.summary.ancestors.last();
                let parent = parent.map(|parent| parent.id.to_string());
                below
                    .entry(parent.unwrap_or_default())
                    .or_default()
                    .push(row);
            }
            if parents.is_empty() || found == MOST_ENTRIES {
                break;
            }
        }
        let total = match tree.depth {
            None if tree.first.is_none() => {
                let filter = Filter::And(vec![is("ancestor", [root_id.as_str()]), kinds()]);
                let (_, total) = self.rows(&filter, &[BY_TITLE], 0, here)?;
                cut |= total > found as u64;
                Some(total)
            }
            _ if cut => None,
            _ => Some(found as u64),
        };
        let entries = self.drawn(&root_id, below, tree.excerpts)?;
        Ok(Some(Listed::List(Listing {
            head: Vec::new(),
            entries,
            total,
            cut,
        })))
    }

    /// The lines of a tree, from its root down.
    fn drawn(
        &self,
        root: &str,
        mut below: HashMap<String, Vec<Row>>,
        excerpts: Excerpts,
    ) -> Answer<Vec<String>> {
        let mut entries = Vec::new();
        let mut stack = vec![below.remove(root).unwrap_or_default().into_iter()];
        while let Some(level) = stack.last_mut() {
            let Some(row) = level.next() else {
                stack.pop();
                continue;
            };
            let indent = "  ".repeat(stack.len() - 1);
            let excerpt = self.excerpt_beside(&row, excerpts)?;
            entries.push(format!("{indent}- {}{excerpt}", self.titled(&row)));
            // Each list of children is taken once, so this ends.
            stack.push(
                below
                    .remove(&bare(&row.hit))
                    .unwrap_or_default()
                    .into_iter(),
            );
        }
        Ok(entries)
    }

    /// Content by labels, by CQL, by time or by person.
    fn content(&self, params: &Params<'_>, here: &Row) -> Answer<Listed> {
        let name = params.0.name.as_str();
        let labelled = matches!(
            name,
            "contentbylabel" | "contentincludebylabel" | "content-report-table"
        );
        if labelled && params.first(&["cql", "labels", "label"]).is_none() {
            return Ok(Listed::List(Listing::default()));
        }
        let key = here.document.summary.space_key.as_deref();
        let mut parts = vec![wanted(params, here)];
        let mut order = params.order();
        let recent = params.first(&["time"]).map(recent);
        for cql in params.first(&["cql"]).into_iter().chain(recent.as_deref()) {
            match self.planner.plan_in(cql, key) {
                Ok(plan) => {
                    parts.push(plan.filter);
                    order = order.or_else(|| plan.order.first().copied());
                }
                Err(mistakes) => return Ok(refused(&mistakes)),
            }
        }
        let newest = match name {
            "blog-posts" => "created",
            _ => "lastmodified",
        };
        let order = order.unwrap_or(SortKey {
            column: newest,
            descending: true,
        });
        let asked = params.number(&["max", "maxresults", "count"]);
        let most = asked.unwrap_or(USUAL).min(MOST_ENTRIES);
        let (rows, total) = self.rows(&Filter::And(parts), &[order], most, here)?;
        let excerpts = shows_excerpts(params);
        let mut entries = Vec::with_capacity(rows.len());
        let mut cut = false;
        for row in &rows {
            let excerpt = match excerpts {
                Excerpts::Entire if name == "blog-posts" => {
                    cut |= row.document.markdown.len() > LONGEST_POST;
                    entire(&row.document.markdown)
                }
                _ => self.excerpt_beside(row, excerpts)?,
            };
            entries.push(format!(
                "- {}{}{excerpt}",
                self.titled(row),
                dated(row, newest)
            ));
        }
        Ok(Listed::List(Listing {
            head: Vec::new(),
            entries,
            total: Some(total),
            cut: cut
                || asked.is_some_and(|asked| asked > MOST_ENTRIES) && total > rows.len() as u64,
        }))
    }

    /// Files that hang on a page, or on anything in a space.
    fn attachments(&self, params: &Params<'_>, here: &Row) -> Answer<Option<Listed>> {
        let patterns = params.list(&["patterns", "pattern"]);
        let patterns = match NamePatterns::read(&patterns) {
            Ok(patterns) => patterns,
            Err(reason) => return Ok(Some(Listed::Refused(reason))),
        };
        let mut parts = vec![is("type", ["attachment"]), params.labels()];
        if params.0.name == "space-attachments" {
            let key = here.document.summary.space_key.as_deref();
            parts.push(params.spaces(&["space", "spaces"], key, Spaces::Here));
        } else {
            let page = match params.first(&["page"]) {
                Some(name) => self.named_page(name, here)?,
                None => Some(here.clone()),
            };
            let Some(page) = page else { return Ok(None) };
            parts.push(is("container", [bare(&page.hit).as_str()]));
        }
        let order = params.order().unwrap_or(SortKey {
            column: "lastmodified",
            descending: true,
        });
        let (mut rows, mut total) = self.rows(&Filter::And(parts), &[order], MOST_ENTRIES, here)?;
        let cut = total > rows.len() as u64;
        if params.0.name == "gallery" {
            rows.retain(is_image);
            total = rows.len() as u64;
        }
        if !patterns.is_empty() {
            rows.retain(|row| patterns.fit(&row.document.summary.title));
            total = rows.len() as u64;
        }
        if params
            .first(&["sortby"])
            .is_some_and(|by| by.eq_ignore_ascii_case("size"))
        {
            rows.sort_by_key(|row| row.document.summary.attachment.as_ref()?.size_bytes);
            if params.reversed() {
                rows.reverse();
            }
        }
        let entries = rows
            .iter()
            .map(|row| format!("- {}{}", self.titled(row), file(row)));
        Ok(Some(Listed::List(Listing {
            head: Vec::new(),
            entries: entries.collect(),
            total: Some(total),
            cut,
        })))
    }

    /// The first excerpt of a page in one line, where excerpts are shown.
    fn excerpt_beside(&self, row: &Row, excerpts: Excerpts) -> Answer<String> {
        if excerpts != Excerpts::Shown {
            return Ok(String::new());
        }
        let record = self.record(&row.hit)?;
        let Some(excerpt) = record.excerpts.first() else {
            return Ok(String::new());
        };
        let words: Vec<&str> = excerpt.markdown.split_whitespace().collect();
        let text = words.join(" ");
        let cut = text.chars().count() > LONGEST_EXCERPT;
        let mut shown: String = text.chars().take(LONGEST_EXCERPT).collect();
        if cut {
            shown.push('…');
        }
        Ok(format!(": {shown}"))
    }
}

/// What content is asked for in parameters other than CQL.
fn wanted(params: &Params<'_>, here: &Row) -> Filter {
    let name = params.0.name.as_str();
    let spaces = match name {
        "contentbylabel"
        | "contentincludebylabel"
        | "content-by-user"
        | "content-report-table"
        | "recently-updated-dashboard" => Spaces::All,
        _ => Spaces::Here,
    };
    let key = here.document.summary.space_key.as_deref();
    let mut parts = vec![
        params.labels(),
        params.spaces(&["spaces", "space", "spacekey", "key"], key, spaces),
        match name {
            "blog-posts" => is("type", ["blogpost"]),
            "content-report-table" => is("type", ["page"]),
            _ => params.types(&["types", "type"]),
        },
    ];
    let people = params.list(&["author", "user", "name", "creator"]);
    if !people.is_empty() {
        parts.push(by_anyone(&people));
    }
    if params.flag("excludecurrent") {
        let own = is("id", [bare(&here.hit).as_str()]);
        parts.push(Filter::Not(Box::new(own)));
    }
    Filter::And(parts)
}

/// CQL for what was made within a time such as `7d`.
fn recent(time: &str) -> String {
    format!("created >= now(\"-{}\")", time.trim_start_matches('-'))
}

/// How a tree of pages is shown.
struct Tree {
    /// Levels; `None`: all.
    depth: Option<usize>,
    /// Pages of the first level.
    first: Option<usize>,
    excerpts: Excerpts,
}

/// Whether excerpts stand beside entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Excerpts {
    Shown,
    /// The whole text, of blog posts.
    Entire,
    Hidden,
}

fn shows_excerpts(params: &Params<'_>) -> Excerpts {
    let kind = params.first(&["excerpttype", "excerpt", "content"]);
    match kind.unwrap_or_default().to_ascii_lowercase().as_str() {
        "true" | "simple" | "rich content" | "rich" | "excerpt" | "excerpts" => Excerpts::Shown,
        "entire" => Excerpts::Entire,
        _ => Excerpts::Hidden,
    }
}

/// A whole text below its entry, without what it would include itself.
fn entire(markdown: &str) -> String {
    let cut = markdown.len() > LONGEST_POST;
    let end = markdown.floor_char_boundary(LONGEST_POST.min(markdown.len()));
    let end = if cut {
        markdown[..end].rfind('\n').unwrap_or(end)
    } else {
        end
    };
    let mut text = String::new();
    for line in markdown[..end].trim_end().lines() {
        text.push('\n');
        if !line.is_empty() {
            text.push_str("  ");
            text.push_str(line);
        }
    }
    if !text.is_empty() {
        text.insert(0, '\n');
    }
    if cut {
        let all = markdown.len();
        let _ = write!(text, "\n\n  (cut: {end} of {all} bytes are shown)");
    }
    text
}

const BY_TITLE: SortKey = SortKey {
    column: "title_sort",
    descending: false,
};

fn order(params: &Params<'_>) -> Option<SortKey> {
    params.order()
}

/// The id as columns hold it.
pub(crate) fn bare(hit: &Hit) -> String {
    number(&hit.key.id)
}

fn number(id: &ContentId) -> String {
    let text = id.as_str();
    let digits = text
        .strip_prefix("att")
        .filter(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    digits.unwrap_or(text).to_owned()
}

/// Made or changed by one of these people.
pub(super) fn by_anyone(people: &[&str]) -> Filter {
    let ids = people
        .iter()
        .flat_map(|id| [(*id).to_owned(), id.to_lowercase()]);
    let mut values: Vec<String> = ids.collect();
    values.sort();
    values.dedup();
    Filter::Clause(crate::cql::plan::Clause::Terms {
        column: "contributor",
        values,
    })
}

/// Why CQL on a page cannot be answered here.
pub(super) fn refused(mistakes: &[crate::search::api::CqlMistake]) -> Listed {
    let reason = mistakes
        .first()
        .map_or("its CQL cannot be used", |m| m.message.as_str());
    Listed::Refused(reason.to_owned())
}

fn dated(row: &Row, column: &str) -> String {
    let summary = &row.document.summary;
    let (when, by) = match column {
        "created" => (summary.created, &summary.author),
        _ => (summary.version.when, &summary.last_editor),
    };
    let date = when.map(|when| when.strftime("%Y-%m-%d").to_string());
    let by = by.as_deref().map(escaped);
    let facts: Vec<String> = date.into_iter().chain(by).collect();
    if facts.is_empty() {
        return String::new();
    }
    format!(" ({})", facts.join(", "))
}

fn is_image(row: &Row) -> bool {
    let attachment = row.document.summary.attachment.as_ref();
    let kind = attachment.and_then(|attachment| attachment.media_type.as_deref());
    kind.is_some_and(|kind| kind.starts_with("image/"))
}

/// Media type, size, version and day of a file.
fn file(row: &Row) -> String {
    let summary = &row.document.summary;
    let attachment = summary.attachment.as_ref();
    let kind = attachment.and_then(|attachment| attachment.media_type.as_deref());
    let size = attachment.and_then(|attachment| attachment.size_bytes);
    let version = Some(format!("v{}", summary.version.number));
    let date = summary
        .version
        .when
        .map(|when| when.strftime("%Y-%m-%d").to_string());
    let facts = [kind.map(escaped), size.map(in_bytes), version, date];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    format!(" ({})", facts.join(", "))
}

fn in_bytes(size: u64) -> String {
    match size {
        0..1_000 => format!("{size} bytes"),
        1_000..1_000_000 => format!("{} kB", size.div_ceil(1_000)),
        _ => format!("{} MB", size.div_ceil(1_000_000)),
    }
}
