//! Requests as callers write them, checked: every mistake is reported at once, with a
//! pointer, and defaults are applied in this one place.
//!
//! The derived deserializers stop at the first mistake, so HTTP bodies come through
//! [`search_request`] instead: it reads field by field and collects.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::api::{
    Context, CqlSearchRequest, Cutoff, CutoffRule, FieldError, GroupBy, OffsetUnit, ReadFormat,
    ReadRequest, SearchFilter, SearchRequest,
};

/// Longest question, in characters.
pub(crate) const LONGEST_QUERY: usize = 2_048;
/// Longest CQL text, in characters.
pub(crate) const LONGEST_CQL: usize = 8_192;
const LIMIT: (u32, u32, u32) = (8, 1, 50);
const SEARCH_TOKENS: (u32, u32, u32) = (4_000, 200, 100_000);
const READ_TOKENS: (u32, u32, u32) = (6_000, 200, 100_000);
const PASSAGES: (u32, u32, u32) = (3, 1, 10);
const LISTED: (u32, u32, u32) = (50, 1, 500);

/// How a search is carried out: bounds kept, defaults applied.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SearchOptions {
    pub(crate) limit: usize,
    pub(crate) max_tokens: u32,
    pub(crate) context: Context,
    pub(crate) group_by: GroupBy,
    pub(crate) passages: usize,
    pub(crate) cutoff: Cutoff,
    pub(crate) explain: bool,
    pub(crate) unit: OffsetUnit,
}

/// How a document is read: bounds kept, defaults applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReadOptions {
    pub(crate) format: ReadFormat,
    pub(crate) max_tokens: u32,
    pub(crate) unit: OffsetUnit,
}

/// Bounds and defaults of a search; mistakes go to `errors`.
pub(crate) fn search_options(
    request: &SearchRequest,
    errors: &mut Vec<FieldError>,
) -> SearchOptions {
    let written = |text: &Option<String>| text.as_ref().is_some_and(|t| !t.trim().is_empty());
    if !written(&request.query) && !written(&request.cql) {
        let message = "give `query`, `cql` or both".to_owned();
        errors.push(mistake("/query", "required", message));
    }
    longest("/query", request.query.as_deref(), LONGEST_QUERY, errors);
    longest("/cql", request.cql.as_deref(), LONGEST_CQL, errors);
    if let Some(Cutoff::Floor(floor)) = request.cutoff
        && !(0.0..=1.0).contains(&floor)
    {
        let message = format!("{floor} is not `auto`, `none` or a number from 0 to 1");
        errors.push(mistake("/cutoff", "out_of_range", message));
    }
    SearchOptions {
        limit: bounded("/limit", request.limit, LIMIT, errors) as usize,
        max_tokens: bounded("/max_tokens", request.max_tokens, SEARCH_TOKENS, errors),
        context: request.context.unwrap_or_default(),
        group_by: request.group_by.unwrap_or_default(),
        passages: bounded(
            "/passages_per_document",
            request.passages_per_document,
            PASSAGES,
            errors,
        ) as usize,
        cutoff: request.cutoff.unwrap_or(Cutoff::Rule(CutoffRule::Auto)),
        explain: request.explain.unwrap_or(false),
        unit: request.offset_unit.unwrap_or_default(),
    }
}

/// Bounds and defaults of a reading.
pub(crate) fn read_options(request: &ReadRequest, errors: &mut Vec<FieldError>) -> ReadOptions {
    let windows = [
        ("/section", request.section.is_some()),
        ("/lines", request.lines.is_some()),
        ("/span", request.span.is_some()),
    ];
    let mut given = windows.iter().filter(|(_, given)| *given);
    given.next();
    for (pointer, _) in given {
        let message = "give one of `section`, `lines` and `span`".to_owned();
        errors.push(mistake(pointer, "invalid_value", message));
    }
    let format = request.format.unwrap_or_default();
    for (pointer, given) in windows {
        if given && format != ReadFormat::Markdown {
            let message = "parts are cut from `markdown` only".to_owned();
            errors.push(mistake(pointer, "invalid_value", message));
        }
    }
    ReadOptions {
        format,
        max_tokens: bounded("/max_tokens", request.max_tokens, READ_TOKENS, errors),
        unit: request.offset_unit.unwrap_or_default(),
    }
}

/// The limit of a listing.
pub(crate) fn listing_limit(request: &CqlSearchRequest, errors: &mut Vec<FieldError>) -> usize {
    longest("/cql", Some(&request.cql), LONGEST_CQL, errors);
    bounded("/limit", request.limit, LISTED, errors) as usize
}

/// A window `first-last`.
pub(crate) fn window(
    pointer: &str,
    text: &str,
    errors: &mut Vec<FieldError>,
) -> Option<(usize, usize)> {
    let read = || {
        let (first, last) = text.split_once('-')?;
        let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        (first <= last).then_some((first, last))
    };
    let window = read();
    if window.is_none() {
        let message = format!("`{text}` is not a window: expected FIRST-LAST, for example 80-140");
        errors.push(mistake(pointer, "invalid_value", message));
    }
    window
}

/// Reads the JSON body of a search.
///
/// # Errors
///
/// Every unknown field and wrong type, each with its pointer. Bounds are checked by
/// [`search_options`].
pub(crate) fn search_request(body: &Value) -> Result<SearchRequest, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut fields = Fields::new("", body, &mut errors);
    let request = SearchRequest {
        query: fields.take("query"),
        cql: fields.take("cql"),
        filter: None,
        limit: fields.take("limit"),
        max_tokens: fields.take("max_tokens"),
        context: fields.take("context"),
        group_by: fields.take("group_by"),
        passages_per_document: fields.take("passages_per_document"),
        cutoff: fields.take("cutoff"),
        cursor: fields.take("cursor"),
        explain: fields.take("explain"),
        offset_unit: fields.take("offset_unit"),
        freshness: fields.take("freshness"),
    };
    let filter = fields.value("filter");
    fields.finish();
    let filter = filter.map(|filter| search_filter(filter, &mut errors));
    let request = SearchRequest { filter, ..request };
    if errors.is_empty() {
        Ok(request)
    } else {
        Err(errors)
    }
}

fn search_filter(body: &Value, errors: &mut Vec<FieldError>) -> SearchFilter {
    let mut fields = Fields::new("/filter", body, errors);
    let filter = SearchFilter {
        space: fields.take("space"),
        kind_of_content: fields.take("type"),
        labels: fields.take("labels"),
        ancestor: fields.take("ancestor"),
        author: fields.take("author"),
        updated_at: fields.take("updated_at"),
        created_at: fields.take("created_at"),
        language: fields.take("language"),
        kind: fields.take("kind"),
        document_id: fields.take("document_id"),
    };
    fields.finish();
    filter
}

/// Reads the JSON body of a listing.
pub(crate) fn cql_search_request(body: &Value) -> Result<CqlSearchRequest, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut fields = Fields::new("", body, &mut errors);
    let cql = fields.take("cql");
    let request = CqlSearchRequest {
        cql: cql.unwrap_or_default(),
        limit: fields.take("limit"),
        cursor: fields.take("cursor"),
    };
    let missing = fields.value("cql").is_none();
    fields.finish();
    if missing {
        errors.push(mistake("/cql", "required", "`cql` is missing".to_owned()));
    }
    if errors.is_empty() {
        Ok(request)
    } else {
        Err(errors)
    }
}

/// Query parameters as the body that means the same: numbers and booleans are read as
/// such, everything else is a string. `rename` gives parameters another name.
pub(crate) fn body_of_parameters<'a>(
    parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    rename: &[(&str, &str)],
) -> Result<Value, Vec<FieldError>> {
    const TYPED: [&str; 5] = [
        "limit",
        "max_tokens",
        "passages_per_document",
        "explain",
        "cutoff",
    ];
    let mut body = Map::new();
    let mut errors = Vec::new();
    for (name, text) in parameters {
        let renamed = rename.iter().find(|(from, _)| *from == name);
        let name = renamed.map_or(name, |(_, to)| to);
        let typed = || serde_json::from_str(text).ok().filter(is_scalar);
        let value = if TYPED.contains(&name) { typed() } else { None };
        let value = value.unwrap_or_else(|| Value::String(text.to_owned()));
        if body.insert(name.to_owned(), value).is_some() {
            let message = format!("`{name}` is given twice");
            errors.push(mistake(&format!("/{name}"), "invalid_value", message));
        }
    }
    if errors.is_empty() {
        Ok(Value::Object(body))
    } else {
        Err(errors)
    }
}

/// Reads the query parameters of a reading.
pub(crate) fn read_request(body: &Value) -> Result<ReadRequest, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut fields = Fields::new("", body, &mut errors);
    let request = ReadRequest {
        format: fields.take("format"),
        section: fields.take("section"),
        lines: fields.take("lines"),
        span: fields.take("span"),
        max_tokens: fields.take("max_tokens"),
        cursor: fields.take("cursor"),
        offset_unit: fields.take("offset_unit"),
    };
    fields.finish();
    if errors.is_empty() {
        Ok(request)
    } else {
        Err(errors)
    }
}

fn is_scalar(value: &Value) -> bool {
    value.is_number() || value.is_boolean()
}

/// The fields of one JSON object, read one by one.
struct Fields<'a, 'e> {
    pointer: &'static str,
    object: Option<&'a Map<String, Value>>,
    known: Vec<&'static str>,
    errors: &'e mut Vec<FieldError>,
}

impl<'a, 'e> Fields<'a, 'e> {
    fn new(pointer: &'static str, body: &'a Value, errors: &'e mut Vec<FieldError>) -> Self {
        if !body.is_object() {
            let message = format!("expected an object, found {}", type_name(body));
            errors.push(mistake(pointer, "wrong_type", message));
        }
        Self {
            pointer,
            object: body.as_object(),
            known: Vec::new(),
            errors,
        }
    }

    /// The value of a field; `null` is absent.
    fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.object?.get(name).filter(|value| !value.is_null())
    }

    fn take<T: DeserializeOwned>(&mut self, name: &'static str) -> Option<T> {
        let value = self.value(name)?;
        match T::deserialize(value) {
            Ok(value) => Some(value),
            Err(error) => {
                let pointer = format!("{}/{name}", self.pointer);
                self.errors.push(unreadable(pointer, value, &error));
                None
            }
        }
    }

    fn finish(self) {
        for name in self.object.into_iter().flat_map(Map::keys) {
            if self.known.contains(&name.as_str()) {
                continue;
            }
            let near = nearest(name, &self.known);
            let message = match near {
                Some(near) => format!("unknown field `{name}`; did you mean `{near}`?"),
                None => format!("unknown field `{name}`"),
            };
            self.errors.push(FieldError {
                pointer: format!("{}/{}", self.pointer, escape(name)),
                code: "unknown_field".to_owned(),
                message,
                expected: match near {
                    Some(near) => vec![near.to_owned()],
                    None => self.known.iter().map(|&name| name.to_owned()).collect(),
                },
                ..FieldError::default()
            });
        }
    }
}

fn unreadable(pointer: String, value: &Value, error: &serde_json::Error) -> FieldError {
    // An untagged enum only says that no variant fits, so the value's type says more.
    let said = error.to_string();
    let message = if said.contains("untagged") {
        format!("{} does not fit here", type_name(value))
    } else {
        said
    };
    mistake(&pointer, "wrong_type", message)
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A name as a part of a JSON pointer.
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The known name that differs by at most two letters, of a short name by one.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    if name.len() > 40 {
        return None;
    }
    let near = |known: &&&str| distance(name, known) <= known.len().div_ceil(3).min(2);
    known
        .iter()
        .filter(near)
        .min_by_key(|known| distance(name, known))
        .copied()
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, b) in b.iter().enumerate() {
            let swap = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = swap.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

fn bounded(
    pointer: &str,
    value: Option<u32>,
    (default, least, most): (u32, u32, u32),
    errors: &mut Vec<FieldError>,
) -> u32 {
    let value = value.unwrap_or(default);
    if !(least..=most).contains(&value) {
        let message = format!("{value} is out of bounds: {least} to {most}");
        errors.push(mistake(pointer, "out_of_range", message));
    }
    value
}

fn longest(pointer: &str, text: Option<&str>, most: usize, errors: &mut Vec<FieldError>) {
    let length = text.map_or(0, |text| text.chars().count());
    if length > most {
        let message = format!("{length} characters; at most {most}");
        errors.push(mistake(pointer, "out_of_range", message));
    }
}

fn mistake(pointer: &str, code: &str, message: String) -> FieldError {
    FieldError {
        pointer: pointer.to_owned(),
        code: code.to_owned(),
        message,
        ..FieldError::default()
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::json;

    use super::*;

    fn check(body: &Value, expected: &Expect) {
        let errors = match search_request(body) {
            Err(errors) => errors,
            Ok(request) => {
                let mut errors = Vec::new();
                search_options(&request, &mut errors);
                errors
            }
        };
        let line = |e: &FieldError| format!("{} {}: {}\n", e.pointer, e.code, e.message);
        expected.assert_eq(&errors.iter().map(line).collect::<String>());
    }

    #[test]
    fn every_mistake_is_reported_at_once() {
        check(
            &json!({"qeury": "ice", "limit": "many", "filter": {"lables": "x", "space": 7}, "explain": 1, "a/b": 1}),
            &expect![[r#"
                /limit wrong_type: invalid type: string "many", expected u32
                /explain wrong_type: invalid type: integer `1`, expected a boolean
                /a~1b unknown_field: unknown field `a/b`
                /qeury unknown_field: unknown field `qeury`; did you mean `query`?
                /filter/space wrong_type: a number does not fit here
                /filter/lables unknown_field: unknown field `lables`; did you mean `labels`?
            "#]],
        );
        check(
            &json!({"query": " ", "limit": 0, "max_tokens": 199, "cutoff": 1.5}),
            &expect![[r#"
                /query required: give `query`, `cql` or both
                /cutoff out_of_range: 1.5 is not `auto`, `none` or a number from 0 to 1
                /limit out_of_range: 0 is out of bounds: 1 to 50
                /max_tokens out_of_range: 199 is out of bounds: 200 to 100000
            "#]],
        );
        check(
            &json!([]),
            &expect![[r#"
                 wrong_type: expected an object, found a list
            "#]],
        );
        check(
            &json!({"query": "ice", "cursor": null, "filter": null}),
            &expect![""],
        );
    }

    #[test]
    fn parameters_mean_what_the_body_means() {
        let parameters = [
            ("q", "12"),
            ("limit", "3"),
            ("cutoff", "none"),
            ("explain", "true"),
        ];
        let body = body_of_parameters(parameters, &[("q", "query")]).unwrap();
        let request = search_request(&body).unwrap();
        assert_eq!(request.query.as_deref(), Some("12"));
        assert_eq!(request.limit, Some(3));
        assert_eq!(request.cutoff, Some(Cutoff::Rule(CutoffRule::None)));
        assert_eq!(request.explain, Some(true));
        let twice = body_of_parameters([("q", "a"), ("q", "b")], &[]).unwrap_err();
        assert_eq!(twice[0].pointer, "/q");
    }
}
