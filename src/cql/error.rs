//! What is wrong with a query: code, place, message, hint, and how it is shown.
//!
//! Spans are bytes inside this crate. They leave it as code points, which every
//! language counts alike; that needs the text, so an error is exported together with
//! its query and keeps no copy of it.

use std::fmt;
use std::ops::Range;

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation;

/// The 28 ways in which a query can be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErrorCode {
    EmptyQuery,
    UnterminatedString,
    UnexpectedCharacter,
    ReservedCharacter,
    ReservedWord,
    ExpectedField,
    UnknownField,
    ExpectedOperator,
    OperatorNotAllowed,
    NoSuchOperator,
    ExpectedValue,
    EmptyList,
    ExpectedList,
    UnbalancedParenthesis,
    TrailingInput,
    MissingConnective,
    InvalidDate,
    UnknownFunction,
    FunctionNotAllowed,
    BadArgument,
    NeedsContext,
    InvalidId,
    UnknownType,
    BadTextQuery,
    NotSortable,
    OrderByMisplaced,
    UnavailableOffline,
    TooComplex,
}

impl ErrorCode {
    /// Every code.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 28] = [
        Self::EmptyQuery,
        Self::UnterminatedString,
        Self::UnexpectedCharacter,
        Self::ReservedCharacter,
        Self::ReservedWord,
        Self::ExpectedField,
        Self::UnknownField,
        Self::ExpectedOperator,
        Self::OperatorNotAllowed,
        Self::NoSuchOperator,
        Self::ExpectedValue,
        Self::EmptyList,
        Self::ExpectedList,
        Self::UnbalancedParenthesis,
        Self::TrailingInput,
        Self::MissingConnective,
        Self::InvalidDate,
        Self::UnknownFunction,
        Self::FunctionNotAllowed,
        Self::BadArgument,
        Self::NeedsContext,
        Self::InvalidId,
        Self::UnknownType,
        Self::BadTextQuery,
        Self::NotSortable,
        Self::OrderByMisplaced,
        Self::UnavailableOffline,
        Self::TooComplex,
    ];

    /// The spelling outside.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::EmptyQuery => "empty_query",
            Self::UnterminatedString => "unterminated_string",
            Self::UnexpectedCharacter => "unexpected_character",
            Self::ReservedCharacter => "reserved_character",
            Self::ReservedWord => "reserved_word",
            Self::ExpectedField => "expected_field",
            Self::UnknownField => "unknown_field",
            Self::ExpectedOperator => "expected_operator",
            Self::OperatorNotAllowed => "operator_not_allowed",
            Self::NoSuchOperator => "no_such_operator",
            Self::ExpectedValue => "expected_value",
            Self::EmptyList => "empty_list",
            Self::ExpectedList => "expected_list",
            Self::UnbalancedParenthesis => "unbalanced_parenthesis",
            Self::TrailingInput => "trailing_input",
            Self::MissingConnective => "missing_connective",
            Self::InvalidDate => "invalid_date",
            Self::UnknownFunction => "unknown_function",
            Self::FunctionNotAllowed => "function_not_allowed",
            Self::BadArgument => "bad_argument",
            Self::NeedsContext => "needs_context",
            Self::InvalidId => "invalid_id",
            Self::UnknownType => "unknown_type",
            Self::BadTextQuery => "bad_text_query",
            Self::NotSortable => "not_sortable",
            Self::OrderByMisplaced => "order_by_misplaced",
            Self::UnavailableOffline => "unavailable_offline",
            Self::TooComplex => "too_complex",
        }
    }

    /// Whether the query is wrong in itself. The other codes say that a sound query
    /// cannot be answered here: by this index, or for this caller.
    pub(crate) fn invalidates(self) -> bool {
        !matches!(self, Self::UnavailableOffline | Self::NeedsContext)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One reason to refuse a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Error {
    pub(crate) code: ErrorCode,
    /// Bytes of the query.
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// What could have stood there instead.
    pub(crate) expected: Vec<String>,
}

impl Error {
    pub(crate) fn new(code: ErrorCode, span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            code,
            span,
            message: message.into(),
            hint: None,
            expected: Vec::new(),
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn expected<I: Into<String>>(mut self, names: impl IntoIterator<Item = I>) -> Self {
        self.expected = names.into_iter().map(Into::into).collect();
        self
    }

    /// The form that leaves the process.
    pub(crate) fn diagnostic(&self, query: &str) -> Diagnostic {
        Diagnostic::new(
            self.code.as_str(),
            &self.message,
            code_points(query, &self.span),
        )
        .with(self.hint.clone(), self.expected.clone())
    }

    /// Message, query line, carets, hint.
    pub(crate) fn render(&self, query: &str) -> String {
        let mut out = format!("{}\n{}", self.message, pointer(query, &self.span));
        if let Some(hint) = &self.hint {
            out.push_str("\nhint: ");
            out.push_str(hint);
        }
        out
    }
}

/// A remark on a query that is answered all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Warning {
    /// `snake_case`, stable.
    pub(crate) code: &'static str,
    /// Bytes of the query.
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
}

impl Warning {
    pub(crate) fn new(code: &'static str, span: Range<usize>, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code,
            span,
            message,
        }
    }

    /// The form that leaves the process.
    pub(crate) fn diagnostic(&self, query: &str) -> Diagnostic {
        Diagnostic::new(self.code, &self.message, code_points(query, &self.span))
    }

    /// Message, query line, carets.
    pub(crate) fn render(&self, query: &str) -> String {
        format!("{}\n{}", self.message, pointer(query, &self.span))
    }
}

/// An error or a warning as callers read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Diagnostic {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// Code points of the query, from 0.
    pub(crate) start: usize,
    /// Exclusive.
    pub(crate) end: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) expected: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
}

impl Diagnostic {
    fn new(code: &'static str, message: &str, place: Range<usize>) -> Self {
        Self {
            code,
            message: message.to_owned(),
            start: place.start,
            end: place.end,
            expected: Vec::new(),
            hint: None,
        }
    }

    fn with(mut self, hint: Option<String>, expected: Vec<String>) -> Self {
        self.hint = hint;
        self.expected = expected;
        self
    }
}

/// Bytes to code points.
pub(crate) fn code_points(query: &str, span: &Range<usize>) -> Range<usize> {
    let count = |end: usize| {
        let starts = query.char_indices().map(|(at, _)| at);
        starts.take_while(|at| *at < end).count()
    };
    count(span.start)..count(span.end)
}

/// Columns that a tab is shown as. A fixed width, because the line is indented and a
/// terminal's own tab stops would shift the carets.
const TAB: &str = "    ";

/// Characters of a line that are shown before and after the place.
const SURROUNDINGS: usize = 100;

/// The line that holds the start of the span, and carets below it. A long line is shown
/// in part.
pub(crate) fn pointer(query: &str, span: &Range<usize>) -> String {
    let start = floor(query, span.start);
    let line_start = query[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = query[start..]
        .find('\n')
        .map_or(query.len(), |at| start + at);
    let line_end = line_start + query[line_start..line_end].trim_end_matches('\r').len();
    let line_end = line_end.max(start);
    // A span that goes on over a line break is marked to the end of its first line.
    let end = floor(query, span.end).clamp(start, line_end);
    let before = shown(last_part(&query[line_start..start]));
    let marked = shown(first_part(&query[start..end]));
    let after = shown(first_part(&query[end..line_end]));
    let indent = " ".repeat(width(&before));
    let carets = "^".repeat(width(&marked).max(1));
    format!("  {before}{marked}{after}\n  {indent}{carets}")
}

/// Text as a terminal shows it in one line.
fn shown((cut, text, goes_on): (bool, &str, bool)) -> String {
    let text = text.replace('\t', TAB);
    let text = text.replace(|c: char| c.is_control(), "\u{fffd}");
    let dots = |cut| if cut { "…" } else { "" };
    format!("{}{text}{}", dots(cut), dots(goes_on))
}

fn first_part(text: &str) -> (bool, &str, bool) {
    match text.char_indices().nth(SURROUNDINGS) {
        Some((at, _)) => (false, &text[..at], true),
        None => (false, text, false),
    }
}

fn last_part(text: &str) -> (bool, &str, bool) {
    match text.char_indices().nth_back(SURROUNDINGS) {
        Some((at, _)) => (true, &text[at..], false),
        None => (false, text, false),
    }
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Terminal columns: a grapheme takes one, wide East Asian ones and emoji two.
fn width(text: &str) -> usize {
    let graphemes = text.graphemes(true);
    graphemes
        .map(|grapheme| match grapheme.chars().next() {
            Some(first) if is_wide(first) || grapheme.contains('\u{fe0f}') => 2,
            Some('\u{200b}'..='\u{200f}' | '\u{feff}') | None => 0,
            Some(_) => 1,
        })
        .sum()
}

/// East Asian Width `W` and `F`, as blocks (Unicode Standard Annex 11).
fn is_wide(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x115F | 0x231A..=0x231B | 0x2E80..=0x303E | 0x3041..=0xA4CF
        | 0xA960..=0xA97F | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F300..=0x1F64F | 0x1F680..=0x1F6FF
        | 0x1F900..=0x1F9FF | 0x20000..=0x3FFFD)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "expectations are written where they are passed"
    )]
    fn check(query: &str, marked: &str, expected: Expect) {
        let at = query.find(marked).unwrap();
        let error =
            Error::new(ErrorCode::UnknownField, at..at + marked.len(), "unknown").hint("try again");
        expected.assert_eq(&error.render(query));
    }

    #[test]
    fn carets_stand_under_what_is_meant() {
        check(
            "type = page and labl = x",
            "labl",
            expect![[r"
                unknown
                  type = page and labl = x
                                  ^^^^
                hint: try again"]],
        );
    }

    #[test]
    fn width_is_that_of_the_screen() {
        let query = "title = \"運用\"\te\u{301} and 標識";
        let at = query.find("標識").unwrap();
        let error = Error::new(ErrorCode::UnknownField, at..query.len(), "unknown");
        let lines = ["unknown", "  title = \"運用\"    e\u{301} and 標識"];
        let carets = format!("  {}^^^^", " ".repeat("title = \"----\"    e and ".len()));
        assert_eq!(
            error.render(query),
            format!("{}\n{carets}", lines.join("\n"))
        );
    }

    #[test]
    fn only_the_line_of_the_error_is_shown() {
        check(
            "type = page\r\nand labl = x\r\nand a = b",
            "labl = x\r\nand",
            expect![[r"
                unknown
                  and labl = x
                      ^^^^^^^^
                hint: try again"]],
        );
    }

    #[test]
    fn a_long_line_is_shown_in_part() {
        let list = vec!["1234567"; 5_000].join(",");
        let query = format!("id in ({list}) and labl = x and id in ({list})");
        let at = query.find("labl").unwrap();
        let error = Error::new(ErrorCode::UnknownField, at..at + 4, "unknown");
        let lines = error.render(&query);
        let widths: Vec<_> = lines.lines().map(|line| line.chars().count()).collect();
        assert_eq!(widths, [7, 2 + 102 + 4 + 101, 2 + 102 + 4]);
    }

    #[test]
    fn places_leave_as_code_points() {
        let error = Error::new(ErrorCode::InvalidId, 9..13, "no").expected(["a"]);
        let json = serde_json::to_string(&error.diagnostic("t = \"é\" 日x")).unwrap();
        expect![[r#"{"code":"invalid_id","message":"no","start":8,"end":10,"expected":["a"]}"#]]
            .assert_eq(&json);
    }

    #[test]
    fn serde_and_display_spell_codes_alike() {
        for code in [
            ErrorCode::EmptyQuery,
            ErrorCode::NeedsContext,
            ErrorCode::TooComplex,
        ] {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
