//! Bounds and defaults of requests, in this one place; every mistake is reported at
//! once, with a pointer.
//!
//! Interfaces that read JSON check names and types before. Bounds are checked here all the
//! same, for the command line and the library.

use super::api::{
    Context, CqlSearchRequest, Cutoff, CutoffRule, FieldError, Freshness, GroupBy, Include,
    OffsetUnit, Queries, ReadFormat, ReadRequest, RelatedRequest, SearchRequest,
};

/// Longest question, in characters.
pub(crate) const LONGEST_QUERY: usize = 2_048;
/// Most questions asked at once.
const MOST_QUERIES: usize = 8;
/// Longest CQL text, in characters: as much as is read at all, for the sake of long lists.
pub(crate) const LONGEST_CQL: usize = crate::cql::MAX_BYTES_WITH_LISTS;
const LIMIT: (u32, u32, u32) = (8, 1, 50);
const SEARCH_TOKENS: (u32, u32, u32) = (4_000, 200, 100_000);
const READ_TOKENS: (u32, u32, u32) = (6_000, 200, 100_000);
const PASSAGES: (u32, u32, u32) = (3, 1, 10);
const LISTED: (u32, u32, u32) = (50, 1, 500);
const RELATED: (u32, u32, u32) = (50, 1, 200);

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
    pub(crate) dedupe: bool,
    pub(crate) include: Vec<Include>,
    pub(crate) freshness: Freshness,
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
    let questions = request.query.as_ref().map_or(&[][..], Queries::as_slice);
    let asked = questions.iter().any(|question| !question.trim().is_empty());
    let narrowed = request
        .cql
        .as_ref()
        .is_some_and(|cql| !cql.trim().is_empty());
    if !asked && !narrowed {
        let message = "give `query`, `cql` or both".to_owned();
        errors.push(mistake("/query", "required", message));
    }
    if questions.len() > MOST_QUERIES {
        let message = format!("{} questions are more than {MOST_QUERIES}", questions.len());
        errors.push(mistake("/query", "out_of_range", message));
    }
    for question in questions.iter().take(MOST_QUERIES) {
        longest("/query", Some(question), LONGEST_QUERY, errors);
    }
    longest("/cql", request.cql.as_deref(), LONGEST_CQL, errors);
    if let Some(Cutoff::Floor(floor)) = request.cutoff
        && !(0.0..=1.0).contains(&floor)
    {
        let message = format!("{floor} is not `auto`, `none` or a number from 0 to 1");
        errors.push(mistake("/cutoff", "out_of_range", message));
    }
    let mut include: Vec<Include> = Vec::new();
    for part in request.include.iter().flatten() {
        if !include.contains(part) {
            include.push(*part);
        }
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
        explain: request.explain.unwrap_or(false) || include.contains(&Include::Explain),
        include,
        dedupe: request.dedupe.unwrap_or(true),
        freshness: request.freshness.unwrap_or_default(),
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

/// The limit of a list of related documents.
pub(crate) fn related_limit(request: &RelatedRequest, errors: &mut Vec<FieldError>) -> usize {
    bounded("/limit", request.limit, RELATED, errors) as usize
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

    use super::*;

    fn check(request: &SearchRequest, expected: &Expect) {
        let mut errors = Vec::new();
        search_options(request, &mut errors);
        let line = |e: &FieldError| format!("{} {}: {}\n", e.pointer, e.code, e.message);
        expected.assert_eq(&errors.iter().map(line).collect::<String>());
    }

    #[test]
    fn every_mistake_is_reported_at_once() {
        let request = SearchRequest {
            query: Some(" ".into()),
            limit: Some(0),
            max_tokens: Some(199),
            cutoff: Some(Cutoff::Floor(1.5)),
            passages_per_document: Some(11),
            ..SearchRequest::default()
        };
        check(
            &request,
            &expect![[r"
            /query required: give `query`, `cql` or both
            /cutoff out_of_range: 1.5 is not `auto`, `none` or a number from 0 to 1
            /limit out_of_range: 0 is out of bounds: 1 to 50
            /max_tokens out_of_range: 199 is out of bounds: 200 to 100000
            /passages_per_document out_of_range: 11 is out of bounds: 1 to 10
        "]],
        );
        let request = SearchRequest {
            query: Some("ice ".repeat(600).into()),
            cql: Some("x".repeat(LONGEST_CQL + 1)),
            ..SearchRequest::default()
        };
        check(
            &request,
            &expect![[r"
            /query out_of_range: 2400 characters; at most 2048
            /cql out_of_range: 1048577 characters; at most 1048576
        "]],
        );
    }

    #[test]
    fn defaults_are_those_of_the_api() {
        let request = SearchRequest {
            query: Some("ice".into()),
            ..SearchRequest::default()
        };
        let mut errors = Vec::new();
        let options = search_options(&request, &mut errors);
        assert_eq!(errors, []);
        assert_eq!(
            (options.limit, options.max_tokens, options.passages),
            (8, 4_000, 3)
        );
        assert_eq!(
            read_options(&ReadRequest::default(), &mut errors).max_tokens,
            6_000
        );
    }

    #[test]
    fn windows_are_two_numbers_that_rise() {
        let mut errors = Vec::new();
        assert_eq!(window("/lines", "80-140", &mut errors), Some((80, 140)));
        for bad in ["", "80", "140-80", "-1-2", "a-b"] {
            assert_eq!(window("/lines", bad, &mut errors), None, "{bad}");
        }
        assert_eq!(errors.len(), 5);
    }
}
