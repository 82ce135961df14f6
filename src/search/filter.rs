//! The filter of a request as the tree that CQL's plans are made of.
//!
//! Both narrow the same columns, so `{"space": "OPS"}` and `space = OPS` cannot differ.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::analysis::fold_keyword;
use crate::cql::plan::{Clause, Filter};
use crate::model::{PASSAGE_KINDS, PublicId};

use super::api::{FieldError, SearchFilter, TimeRange, Values};
use super::query::all_of;

/// Columns of the index that requests narrow by.
pub(crate) mod column {
    pub(crate) const SPACE: &str = "space";
    pub(crate) const TYPE: &str = "type";
    pub(crate) const LABEL: &str = "label";
    pub(crate) const ANCESTOR: &str = "ancestor";
    pub(crate) const CREATOR: &str = "creator";
    pub(crate) const CREATED: &str = "created";
    pub(crate) const MODIFIED: &str = "lastmodified";
    pub(crate) const ID: &str = "id";
    pub(crate) const LANGUAGE: &str = "language";
}

/// Most values of one field.
const MOST_VALUES: usize = 200;

/// The filter of a request, compiled.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Narrowing {
    pub(crate) filter: Filter,
    /// Kinds of passage to show; `None`: every kind.
    pub(crate) kinds: Option<Kinds>,
}

/// Which kinds of passage are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kinds {
    any: Option<Vec<String>>,
    none: Vec<String>,
}

impl Kinds {
    pub(crate) fn admits(&self, kind: &str) -> bool {
        let wanted = self
            .any
            .as_ref()
            .is_none_or(|any| any.iter().any(|have| have == kind));
        wanted && !self.none.iter().any(|have| have == kind)
    }
}

/// Compiles a filter; every mistake goes to `errors`.
pub(crate) fn compile(filter: &SearchFilter, errors: &mut Vec<FieldError>) -> Narrowing {
    let mut compiler = Compiler {
        errors,
        filters: Vec::new(),
    };
    let fields: [(&str, &'static str, &Option<Values>, Reader); 7] = [
        ("space", column::SPACE, &filter.space, keyword),
        ("type", column::TYPE, &filter.kind_of_content, keyword),
        ("labels", column::LABEL, &filter.labels, keyword),
        ("ancestor", column::ANCESTOR, &filter.ancestor, content_id),
        ("author", column::CREATOR, &filter.author, person),
        ("language", column::LANGUAGE, &filter.language, keyword),
        ("document_id", column::ID, &filter.document_id, content_id),
    ];
    for (name, column, values, reader) in fields {
        compiler.values(name, column, values.as_ref(), reader);
    }
    compiler.range("updated_at", column::MODIFIED, filter.updated_at.as_ref());
    compiler.range("created_at", column::CREATED, filter.created_at.as_ref());
    let kinds = filter.kind.as_ref().map(|values| compiler.kinds(values));
    Narrowing {
        filter: all_of(compiler.filters),
        kinds,
    }
}

/// The forms of a value that a column may hold.
type Reader = fn(&str) -> Result<Vec<String>, String>;

#[expect(clippy::unnecessary_wraps, reason = "one of several readers")]
fn keyword(value: &str) -> Result<Vec<String>, String> {
    Ok(vec![fold_keyword(value)])
}

/// Account ids stand as they are, user names folded.
#[expect(clippy::unnecessary_wraps, reason = "one of several readers")]
fn person(value: &str) -> Result<Vec<String>, String> {
    let value = value.trim();
    let folded = value.to_lowercase();
    Ok(if folded == value {
        vec![folded]
    } else {
        vec![value.to_owned(), folded]
    })
}

fn content_id(value: &str) -> Result<Vec<String>, String> {
    let id: PublicId = value.trim().parse()?;
    // Columns hold the ids of attachments without their prefix, as CQL compares them.
    let digits = id.id.as_str().strip_prefix("att");
    let digits = digits.filter(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    Ok(vec![digits.unwrap_or(id.id.as_str()).to_owned()])
}

struct Compiler<'a> {
    errors: &'a mut Vec<FieldError>,
    filters: Vec<Filter>,
}

impl Compiler<'_> {
    fn error(&mut self, pointer: String, message: String) {
        self.errors.push(FieldError {
            pointer,
            code: "invalid_value".to_owned(),
            message,
            ..FieldError::default()
        });
    }

    fn values(
        &mut self,
        name: &str,
        column: &'static str,
        values: Option<&Values>,
        reader: Reader,
    ) {
        let Some(values) = values else { return };
        let (any, all, none) = sets(values);
        if let Some(any) = any {
            let any = self.read(name, any, reader);
            self.filters.push(terms(column, any.concat()));
        }
        for values in self.read(name, all, reader) {
            self.filters.push(terms(column, values));
        }
        let none = self.read(name, none, reader).concat();
        if !none.is_empty() {
            self.filters
                .push(Filter::Not(Box::new(terms(column, none))));
        }
    }

    fn read(&mut self, name: &str, values: &[String], reader: Reader) -> Vec<Vec<String>> {
        if values.len() > MOST_VALUES {
            let message = format!("{} values; at most {MOST_VALUES}", values.len());
            self.error(format!("/filter/{name}"), message);
        }
        let mut out = Vec::with_capacity(values.len());
        for value in values.iter().take(MOST_VALUES) {
            match reader(value) {
                Ok(_) if value.trim().is_empty() => {
                    self.error(format!("/filter/{name}"), "a value is empty".to_owned());
                }
                Ok(values) => out.push(values),
                Err(message) => self.error(format!("/filter/{name}"), message),
            }
        }
        out
    }

    fn range(&mut self, name: &str, column: &'static str, range: Option<&TimeRange>) {
        let Some(range) = range else { return };
        // Half open, in milliseconds: `gt` and `lte` move to the next one.
        let mut bound = |key: &str, value: Option<&String>, after: i64| {
            let value = value?;
            match instant(value) {
                Ok(time) => Some(time.as_millisecond() + after),
                Err(message) => {
                    self.error(format!("/filter/{name}/{key}"), message);
                    None
                }
            }
        };
        let from = [
            bound("gte", range.gte.as_ref(), 0),
            bound("gt", range.gt.as_ref(), 1),
        ];
        let to = [
            bound("lt", range.lt.as_ref(), 0),
            bound("lte", range.lte.as_ref(), 1),
        ];
        let clause = Clause::Range {
            column,
            from: from.into_iter().flatten().max(),
            to: to.into_iter().flatten().min(),
        };
        self.filters.push(Filter::Clause(clause));
    }

    fn kinds(&mut self, values: &Values) -> Kinds {
        let (any, all, none) = sets(values);
        let unknown = |kind: &&String| !PASSAGE_KINDS.contains(&kind.as_str());
        let given = any.unwrap_or_default().iter().chain(all).chain(none);
        for kind in given.filter(unknown) {
            self.errors.push(FieldError {
                pointer: "/filter/kind".to_owned(),
                code: "invalid_value".to_owned(),
                message: format!("unknown kind of passage `{kind}`"),
                expected: PASSAGE_KINDS.map(str::to_owned).to_vec(),
                ..FieldError::default()
            });
        }
        if !all.is_empty() {
            let message = "a passage has one kind: use `any`".to_owned();
            self.error("/filter/kind/all".to_owned(), message);
        }
        Kinds {
            any: any.map(<[String]>::to_vec),
            none: none.to_vec(),
        }
    }
}

/// `any`, `all`, `none`. No `any` at all differs from an empty one, which nothing is in.
fn sets(values: &Values) -> (Option<&[String]>, &[String], &[String]) {
    match values {
        Values::One(value) => (Some(std::slice::from_ref(value)), &[], &[]),
        Values::AnyOf(values) => (Some(values), &[], &[]),
        Values::Sets(sets) => (
            sets.any.as_deref(),
            sets.all.as_deref().unwrap_or_default(),
            sets.none.as_deref().unwrap_or_default(),
        ),
    }
}

fn terms(column: &'static str, values: Vec<String>) -> Filter {
    if values.is_empty() {
        return Filter::None;
    }
    Filter::Clause(Clause::Terms { column, values })
}

fn instant(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    let date: Option<Date> = text.parse().ok();
    date.and_then(|date| date.to_zoned(TimeZone::UTC).ok())
        .map(|zoned| zoned.timestamp())
        .ok_or_else(|| {
            format!("`{text}` is not a time: expected RFC 3339, for example 2026-10-02T07:31:05Z")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expected: &str) {
        let filter: SearchFilter = serde_json::from_str(json).unwrap();
        let mut errors = Vec::new();
        let narrowing = compile(&filter, &mut errors);
        let shown = if errors.is_empty() {
            show(&narrowing.filter)
        } else {
            let pointers: Vec<_> = errors.iter().map(|e| e.pointer.as_str()).collect();
            pointers.join(" ")
        };
        assert_eq!(shown, expected, "{json}");
    }

    fn show(filter: &Filter) -> String {
        let many = |filters: &[Filter]| filters.iter().map(show).collect::<Vec<_>>().join(" & ");
        match filter {
            Filter::And(filters) => many(filters),
            Filter::Not(inner) => format!("!{}", show(inner)),
            Filter::Clause(Clause::Terms { column, values }) => {
                format!("{column}={}", values.join("|"))
            }
            Filter::Clause(Clause::Range { column, from, to }) => {
                format!("{column} in {from:?}..{to:?}")
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_typing_error_never_widens() {
        for json in [
            r#"{"labels": {"anny": ["x"]}}"#,
            r#"{"lables": "x"}"#,
            r#"{"updated_at": {"ge": "2026-01-01"}}"#,
            r#"{"space": {"any": "OPS"}}"#,
        ] {
            assert!(
                serde_json::from_str::<SearchFilter>(json).is_err(),
                "{json}"
            );
        }
    }

    #[test]
    fn filters_compile_to_the_columns_of_cql() {
        check("{}", "All");
        check(r#"{"space": "OPS"}"#, "space=ops");
        check(
            r#"{"space": ["OPS", "HR"], "type": "page"}"#,
            "space=ops|hr & type=page",
        );
        check(
            r#"{"labels": {"any": ["Safety"], "all": ["a", "b"], "none": ["draft"]}}"#,
            "label=safety & label=a & label=b & !label=draft",
        );
        check(
            r#"{"document_id": ["page:1", "attachment:att2"], "ancestor": "page:7@3"}"#,
            "ancestor=7 & id=1|2",
        );
        check(r#"{"labels": []}"#, "None");
        check(
            r#"{"updated_at": {"gte": "1970-01-02", "lte": "1970-01-03T00:00:00Z"}}"#,
            "lastmodified in Some(86400000)..Some(172800001)",
        );
        check(
            r#"{"updated_at": {"gte": "soon"}, "kind": "tabel", "document_id": "page:"}"#,
            "/filter/document_id /filter/updated_at/gte /filter/kind",
        );
    }
}
