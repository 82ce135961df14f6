//! What an index keeps of a document for CQL, and for what is listed of documents when
//! others are read: exact values in columns, and the parts of its text fields. An index is built from [`COLUMNS`], `eval` reads through them, a
//! plan names them; so all three compare the same values.

use jiff::Timestamp;

use super::plan::TextField;
use super::properties;
use crate::analysis::fold_keyword;
use crate::model::{Content, ContentId, ContentType, Document, Label, Target, User};

/// A value of a document, as its index column holds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    Str(String),
    /// Milliseconds since 1970 UTC.
    Millis(i64),
}

/// An index column: `Str` columns hold exact terms, `Millis` columns instants.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) date: bool,
    /// Several values in one document.
    pub(crate) multi: bool,
    /// Can be sorted by; single-valued.
    pub(crate) sort: bool,
    pub(crate) read: fn(&Document) -> Vec<Value>,
}

const fn terms(name: &'static str, read: fn(&Document) -> Vec<Value>) -> Column {
    Column {
        name,
        date: false,
        multi: true,
        sort: false,
        read,
    }
}

const fn term(name: &'static str, read: fn(&Document) -> Vec<Value>) -> Column {
    Column {
        name,
        date: false,
        multi: false,
        sort: true,
        read,
    }
}

const fn date(name: &'static str, read: fn(&Document) -> Vec<Value>) -> Column {
    Column {
        name,
        date: true,
        multi: false,
        sort: true,
        read,
    }
}

/// The columns. Those that end in `_sort` are there for order alone.
pub(crate) const COLUMNS: &[Column] = &[
    term("id", |doc| one(bare_id(&doc.content.id))),
    term("type", |doc| one(doc.content.kind.as_str().to_lowercase())),
    term("space", |doc| {
        doc.content
            .space_key
            .iter()
            .map(|key| folded(key))
            .collect()
    }),
    terms("space_category", |doc| {
        let categories = doc.space.iter().flat_map(|space| &space.categories);
        categories.map(|category| folded(category)).collect()
    }),
    term("space_type", |doc| {
        let kinds = doc.space.iter().filter_map(|space| space.kind.as_deref());
        kinds.map(folded).collect()
    }),
    term("title_key", |doc| one(fold_keyword(&doc.content.title))),
    terms("label", |doc| {
        doc.content.labels.iter().map(label).collect()
    }),
    terms("ancestor", |doc| {
        let ids = doc.content.ancestors.iter().map(|ancestor| &ancestor.id);
        ids.map(|id| Value::Str(bare_id(id))).collect()
    }),
    term("parent", |doc| parent(&doc.content)),
    term("container", |doc| container(&doc.content)),
    terms("creator", |doc| users(&doc.content.creator)),
    terms("contributor", |doc| {
        let content = &doc.content;
        let all = content.creator.iter().chain(&content.contributors);
        users(all.chain(&content.version.by))
    }),
    terms("mention", |doc| {
        let mentions = doc.converted.meta.mentions.iter();
        users(mentions.map(|mention| &mention.user))
    }),
    terms("macro", |doc| {
        doc.converted
            .meta
            .macros
            .keys()
            .map(|name| folded(name))
            .collect()
    }),
    terms("link", |doc| {
        let links = doc.converted.meta.links.iter();
        targets(doc, links.map(|link| &link.target))
    }),
    terms("include", |doc| {
        let edges = doc.converted.meta.transclusions.iter();
        targets(doc, edges.map(|edge| &edge.target))
    }),
    terms("task", |doc| {
        let tasks = &doc.converted.meta.tasks;
        let states = [(false, "open"), (true, "done")].into_iter();
        let has = states.filter(|(done, _)| tasks.iter().any(|task| task.is_done() == *done));
        has.map(|(_, state)| Value::Str(state.to_owned())).collect()
    }),
    terms("watcher", |doc| users(&doc.content.watchers)),
    terms("favourite", |doc| users(&doc.content.starred_by)),
    terms("page_status", |doc| {
        let named = doc.content.properties.iter().filter(|property| {
            matches!(
                property.key.as_str(),
                "content-state" | "content-state-published"
            )
        });
        let names = named.filter_map(|property| property.value.get("name")?.as_str());
        names.map(folded).collect()
    }),
    terms(properties::COLUMN, |doc| {
        let all = doc.content.properties.iter().flat_map(properties::terms);
        let distinct: std::collections::BTreeSet<String> = all.collect();
        distinct.into_iter().map(Value::Str).collect()
    }),
    date("created", |doc| millis(doc.content.created)),
    date("lastmodified", |doc| millis(doc.content.version.when)),
    term("title_sort", |doc| one(title_order(&doc.content.title))),
    term("id_sort", |doc| one(doc.content.id.order_key())),
    term("creator_sort", |doc| {
        let first = doc
            .content
            .creator
            .iter()
            .find_map(|user| user.identifiers().next());
        first.into_iter().map(Value::Str).collect()
    }),
];

/// The pages and blog posts that a document points to, each once: by id where the body
/// names one, else by space and title.
fn targets<'a>(doc: &Document, targets: impl Iterator<Item = &'a Target>) -> Vec<Value> {
    let here = doc.content.space_key.as_deref();
    let keys = targets.filter_map(|target| target_key(target, here));
    let distinct: std::collections::BTreeSet<String> = keys.collect();
    distinct.into_iter().map(Value::Str).collect()
}

/// How the columns of links name what is pointed to from a page in the space `here`.
fn target_key(target: &Target, here: Option<&str>) -> Option<String> {
    match target {
        Target::Page { id: Some(id), .. } | Target::Content { id } => Some(bare_id(id)),
        Target::Page {
            space,
            title: Some(title),
            ..
        }
        | Target::BlogPost { space, title, .. } => {
            let space = space.as_deref().or(here)?;
            Some(title_key(space, title))
        }
        _ => None,
    }
}

/// How the columns of links name a page by its space and title.
pub(crate) fn title_key(space: &str, title: &str) -> String {
    format!("{}/{}", fold_keyword(space), fold_keyword(title))
}

/// The column of this name.
pub(crate) fn column(name: &str) -> Option<&'static Column> {
    COLUMNS.iter().find(|column| column.name == name)
}

/// The texts of a field. A phrase never goes from one to the next, so an index puts a
/// gap between them.
pub(crate) fn text_parts(field: TextField, doc: &Document) -> Vec<&str> {
    let content = &doc.content;
    match field {
        TextField::Title => vec![&content.title],
        TextField::SpaceTitle => doc.space.iter().map(|space| &*space.name).collect(),
        TextField::CreatorName => {
            let creator = content.creator.iter();
            let names = creator.flat_map(|user| [&user.public_name, &user.display_name]);
            names.filter_map(|name| name.as_deref()).collect()
        }
        TextField::Text => {
            // Somebody's personal labels are nobody else's search words.
            let labels = content.labels.iter().filter(|label| label.prefix != "my");
            // The title of a comment is that of its page once more.
            let title = Some(&*content.title).filter(|_| content.kind != ContentType::Comment);
            let head = title.into_iter().chain([&*doc.converted.text]);
            head.chain(labels.map(|label| &*label.name)).collect()
        }
    }
}

/// An id without the prefix that attachments have in some answers of the site.
pub(super) fn bare_id(id: &ContentId) -> String {
    let text = id.as_str();
    let digits = text
        .strip_prefix("att")
        .filter(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    digits.unwrap_or(text).to_owned()
}

fn one(text: String) -> Vec<Value> {
    vec![Value::Str(text)]
}

fn folded(text: &str) -> Value {
    Value::Str(fold_keyword(text))
}

fn label(label: &Label) -> Value {
    if label.prefix == "my" {
        folded(&format!("my:{}", label.name))
    } else {
        folded(&label.name)
    }
}

fn parent(content: &Content) -> Vec<Value> {
    let direct = content
        .ancestors
        .last()
        .filter(|_| content.kind != ContentType::Comment);
    direct
        .into_iter()
        .map(|ancestor| Value::Str(bare_id(&ancestor.id)))
        .collect()
}

/// The container of a page is its space in the site's answers, which is no content.
fn container(content: &Content) -> Vec<Value> {
    let container = content.container.iter();
    let hangs = !matches!(content.kind, ContentType::Page | ContentType::BlogPost);
    container
        .filter(|_| hangs)
        .map(|above| Value::Str(bare_id(&above.id)))
        .collect()
}

fn users<'a>(users: impl IntoIterator<Item = &'a User>) -> Vec<Value> {
    let ids = users.into_iter().flat_map(User::identifiers);
    let distinct: std::collections::BTreeSet<String> = ids.collect();
    distinct.into_iter().map(Value::Str).collect()
}

fn millis(instant: Option<Timestamp>) -> Vec<Value> {
    instant
        .into_iter()
        .map(|at| Value::Millis(floor_millis(at)))
        .collect()
}

/// Whole milliseconds, rounded down also before 1970.
pub(super) fn floor_millis(instant: Timestamp) -> i64 {
    let floor = instant.as_nanosecond().div_euclid(1_000_000);
    i64::try_from(floor).expect("jiff's instants fit into milliseconds")
}

/// Titles are ordered by their case-folded NFKC form, by code point, then as they are.
fn title_order(title: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let folded: String = title
        .nfkc()
        .collect::<String>()
        .to_lowercase()
        .nfkc()
        .collect();
    format!("{folded}\0{title}")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn columns_are_single_valued_where_they_are_sorted() {
        let names: HashSet<_> = COLUMNS.iter().map(|column| column.name).collect();
        assert_eq!(names.len(), COLUMNS.len());
        assert!(COLUMNS.iter().all(|column| !(column.sort && column.multi)));
    }

    #[test]
    fn titles_differ_by_case_last() {
        let mut titles = ["b", "B", "a b", "ab", "Ａ", "é"].map(title_order);
        titles.sort();
        let shown = titles.map(|title| title.split_once('\0').unwrap().1.to_owned());
        assert_eq!(shown, ["Ａ", "a b", "ab", "B", "b", "é"]);
    }

    #[test]
    fn instants_round_down_before_1970() {
        assert_eq!(floor_millis(Timestamp::new(0, -1).unwrap()), -1);
        assert_eq!(floor_millis(Timestamp::new(0, 1_999_999).unwrap()), 1);
    }
}
