//! What to say where the grammar does not go on: one function per place.

use super::ast::{Name, Span, quote};
use super::error::{Error, ErrorCode};
use super::fields::{self, Op};
use super::functions;
use super::input::{Tokens, word};
use super::lexer::{Symbol, Token, TokenKind};

/// Words that must be quoted to be values and are never fields.
pub(crate) const RESERVED: &[&str] = &[
    "after", "and", "as", "avg", "before", "begin", "by", "commit", "contains", "count",
    "distinct", "else", "empty", "end", "explain", "from", "having", "if", "in", "inner", "insert",
    "into", "is", "isnull", "left", "like", "limit", "max", "min", "not", "null", "or", "order",
    "outer", "right", "select", "sum", "then", "was", "where", "update",
];

/// Characters that must be quoted.
const RESERVED_CHARACTERS: &str = "+.,;?|*/%^$#@[]";

fn is_reserved(text: &str) -> bool {
    // All are letters; lists are long, and mostly of numbers.
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && RESERVED.iter().any(|word| word.eq_ignore_ascii_case(text))
}

fn reserved_character(text: &str) -> Option<(usize, char)> {
    let reserved = |c: char| c.is_ascii_punctuation() && RESERVED_CHARACTERS.contains(c);
    text.char_indices().find(|(_, c)| reserved(*c))
}

/// A name without dots: a function's.
pub(super) fn is_plain_name(text: &str) -> bool {
    !is_reserved(text) && reserved_character(text).is_none()
}

/// Names with dots, and `content.property[KEY].path`.
pub(super) fn is_field_name(text: &str) -> bool {
    let tail = fields::property_path(text).unwrap_or(text);
    let dotted = tail.is_empty() || tail.split('.').all(|part| !part.is_empty());
    dotted
        && !is_reserved(text)
        && !text.starts_with('&')
        && reserved_character(&tail.replace('.', "")).is_none()
}

/// `&&` and `||`, which are two characters of a word to the lexer.
pub(super) fn is_doubled_connective(text: &str) -> bool {
    matches!(text, "&&" | "||")
}

fn error(code: ErrorCode, input: Tokens<'_, '_>, message: impl Into<String>) -> Error {
    Error::new(code, input.span(), message)
}

/// `end of query`, or the token in back-ticks.
fn found(input: Tokens<'_, '_>) -> String {
    match input.peek() {
        Some(_) => format!("`{}`", input.shown()),
        None => "the end of the query".to_owned(),
    }
}

/// Characters of other languages for what CQL writes in words.
fn foreign_sign(input: Tokens<'_, '_>) -> Option<Error> {
    let (sign, cql) = match (input.word(), input.symbol()) {
        (Some("&&"), _) => ("&&", "AND"),
        (Some("||"), _) => ("||", "OR"),
        (_, Some(Symbol::Bang)) => ("!", "NOT"),
        _ => return None,
    };
    let message = format!("`{sign}` is not CQL; write {cql}");
    Some(error(ErrorCode::UnexpectedCharacter, input, message).expected([cql]))
}

/// No field name where one must stand.
pub(super) fn field(input: Tokens<'_, '_>) -> Error {
    if let Some(error) = foreign_sign(input) {
        return error;
    }
    let message = format!("expected a field name, found {}", found(input));
    let error = error(ErrorCode::ExpectedField, input, message).expected(["field"]);
    let quoted = matches!(
        input.peek().map(|t| &t.kind),
        Some(TokenKind::Quoted { .. })
    );
    match input.word().map(str::to_ascii_lowercase).as_deref() {
        Some("select") => error.hint("CQL has no SELECT; write the conditions alone"),
        Some("order") if input.from == 0 => {
            error.hint("a query needs a condition before ORDER BY, for example type = page")
        }
        Some("and" | "or") if input.from > 0 => {
            error.hint("two connectives stand together, or a clause is missing between them")
        }
        Some(word) if is_reserved(word) => {
            error.hint(format!("`{word}` is a reserved word and never a field"))
        }
        _ if quoted => error.hint("field names stand without quotes"),
        None if input.next_is(TokenKind::Close) => {
            error.hint("there is no condition between these parentheses")
        }
        None if input.peek().is_none() && input.from > 0 => {
            error.hint("another condition was announced, for example label = draft")
        }
        _ => error,
    }
}

/// No operator after a field.
pub(super) fn operator(input: Tokens<'_, '_>, field: &Name<'_>) -> Error {
    let name = field.text;
    if input.symbol() == Some(Symbol::Bang) {
        let message = "`!` alone is not CQL; write != or !~, or NOT before the field";
        return error(ErrorCode::UnexpectedCharacter, input, message).expected(["!=", "!~"]);
    }
    if let Some(error) = foreign_operator(input, name) {
        return error;
    }
    let message = format!(
        "expected an operator after `{name}`, found {}",
        found(input)
    );
    let error = error(ErrorCode::ExpectedOperator, input, message);
    let error = error.expected(Op::ALL.map(Op::as_str));
    match functions::find(name) {
        Some(_) if input.next_is(TokenKind::Open) => error.hint(format!(
            "a condition begins with a field; {name}() is a value"
        )),
        _ => error,
    }
}

fn foreign_operator(input: Tokens<'_, '_>, field: &str) -> Option<Error> {
    if input.words(0, &["not"]) {
        return foreign_negation(input, field);
    }
    let word = input.word()?.to_ascii_uppercase();
    let hint = match word.as_str() {
        "IS" | "ISNULL" | "WAS" => {
            "CQL cannot ask for missing values; compare with values by = or IN".to_owned()
        }
        "LIKE" => format!("write {field} ~ \"word*\""),
        "CONTAINS" | "MATCHES" => format!("write {field} ~ \"words\""),
        "BETWEEN" => format!("write {field} >= \"…\" AND {field} <= \"…\""),
        "EQUALS" => format!("write {field} = \"…\""),
        _ => return None,
    };
    let message = format!("CQL has no {word} operator");
    Some(error(ErrorCode::NoSuchOperator, input, message).hint(hint))
}

/// `NOT LIKE` and its like.
fn foreign_negation(input: Tokens<'_, '_>, field: &str) -> Option<Error> {
    let after = input.nth(1)?;
    let word = word(after)?.to_ascii_uppercase();
    let hint = match word.as_str() {
        "LIKE" => format!("write {field} !~ \"word*\""),
        "CONTAINS" | "MATCHES" => format!("write {field} !~ \"words\""),
        "BETWEEN" => format!("write ({field} < \"…\" OR {field} > \"…\")"),
        _ => return None,
    };
    let message = format!("CQL has no NOT {word} operator");
    let span = input.span().start..after.end();
    Some(Error::new(ErrorCode::NoSuchOperator, span, message).hint(hint))
}

/// Signs that stand together and are no operator: `==`, `<>`, `=>`.
///
/// `=~` is left alone: it is an unquoted personal space key far more often.
pub(super) fn double_sign(input: Tokens<'_, '_>) -> Option<Error> {
    let start = input.back(1)?.start;
    let mut end = input.back(1)?.end();
    let mut rest = input;
    while rest.symbol().is_some() && rest.span().start == end {
        end = rest.span().end;
        rest = nom::Input::take_from(&rest, 1);
    }
    let sign = &input.text[start..end];
    if rest.from == input.from || matches!(sign, "=~" | "!=~") {
        return None;
    }
    let cql = match sign {
        "==" | "===" => "=",
        "<>" | "!==" | "=!" | "><" => "!=",
        "=>" => ">=",
        "=<" => "<=",
        "~=" | "~~" => "~",
        _ => "one operator",
    };
    let message = format!("`{sign}` is not CQL; write {cql}");
    Some(Error::new(ErrorCode::UnexpectedCharacter, start..end, message).expected([cql]))
}

/// No value where one must stand.
pub(super) fn value(input: Tokens<'_, '_>) -> Error {
    let before = input.back(1).map_or("", |token| token.text);
    let message = format!("expected a value after `{before}`, found {}", found(input));
    let error = error(ErrorCode::ExpectedValue, input, message).expected(["value", "function"]);
    match input.peek().map(|token| &token.kind) {
        Some(TokenKind::Symbol(Symbol::Match)) => {
            let key = input.nth(1).and_then(word).unwrap_or("name");
            let field = input.back(2).and_then(word).unwrap_or("space");
            error.hint(format!(
                "a personal space key must be quoted: {field} = \"~{key}\""
            ))
        }
        Some(TokenKind::Open) => error.hint("a list needs IN: space IN (\"A\", \"B\")"),
        _ => error,
    }
}

/// An unquoted value that needs quotes.
pub(super) fn bare_value(input: Tokens<'_, '_>) -> Option<Error> {
    let text = input.word().filter(|text| !is_doubled_connective(text))?;
    if input.words(0, &["order", "by"]) {
        return Some(value(input));
    }
    if is_reserved(text) {
        let message = format!("`{text}` is a reserved word; quote it to use it as a value");
        let error = error(ErrorCode::ReservedWord, input, message);
        return Some(error.hint(format!("write {}", quote(text))));
    }
    if is_dated(text) {
        return None;
    }
    let (at, c) = reserved_character(text)?;
    let start = input.span().start + at;
    let message = format!(
        "`{c}` needs quotes: {}{}",
        comparison_before(input),
        quote(text)
    );
    let error = Error::new(
        ErrorCode::ReservedCharacter,
        start..start + c.len_utf8(),
        message,
    );
    Some(if fields::find(text).is_some() {
        error.hint("two fields cannot be compared with each other")
    } else {
        error
    })
}

/// Three numbers as in a date, the only values that the reference prints with a reserved
/// character. Whether it is a date, and in which order, is said later.
fn is_dated(text: &str) -> bool {
    let mut parts = text.split(['-', '/']);
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    parts.by_ref().take(3).filter(|part| number(part)).count() == 3 && parts.next().is_none()
}

/// `field = ` if that is what stands before the next token.
fn comparison_before(input: Tokens<'_, '_>) -> String {
    let sign = input
        .back(1)
        .filter(|token| matches!(token.kind, TokenKind::Symbol(_)));
    let field = input.back(2).filter(|token| word(token).is_some());
    match (field, sign) {
        (Some(field), Some(sign)) => {
            format!("{} {} ", field.text, sign.text)
        }
        _ => String::new(),
    }
}

/// An unquoted argument that cannot be one. Signs of increments may stand.
pub(super) fn bare_argument(input: Tokens<'_, '_>) -> Option<Error> {
    let text = input.word()?;
    let nested = input
        .nth(1)
        .is_some_and(|token| token.kind == TokenKind::Open);
    let signed = text.strip_prefix('+').unwrap_or(text);
    let bad = nested || is_reserved(text) || reserved_character(signed).is_some();
    bad.then(|| error(ErrorCode::BadArgument, input, argument_message(input)))
}

fn argument_message(input: Tokens<'_, '_>) -> String {
    format!("expected a quoted argument, found {}", found(input))
}

/// Something else than `,` or `)` in a call.
pub(super) fn in_call(input: Tokens<'_, '_>, open: &Span) -> Error {
    // A list of arguments ends before a comma that nothing follows.
    let comma = usize::from(input.next_is(TokenKind::Comma));
    let input = nom::Input::take_from(&input, comma);
    if input.peek().is_none() {
        return never_closed(open);
    }
    let message = match input.back(1).map(|token| &token.kind) {
        Some(TokenKind::Open | TokenKind::Comma) => argument_message(input),
        _ => format!("expected `,` or `)`, found {}", found(input)),
    };
    error(ErrorCode::BadArgument, input, message).expected([",", ")"])
}

/// Something else than a list after `IN`.
pub(super) fn list(input: Tokens<'_, '_>) -> Error {
    let message = format!("IN needs a list in parentheses, found {}", found(input));
    let error = error(ErrorCode::ExpectedList, input, message).expected(["(", "function"]);
    match input.word().filter(|text| is_plain_name(text)) {
        Some(text) => error.hint(format!("write IN ({})", quote(text))),
        None => error,
    }
}

/// Something else than `,` or `)` in a list.
pub(super) fn in_list(input: Tokens<'_, '_>, open: &Span) -> Error {
    if input.peek().is_none() {
        return never_closed(open);
    }
    let message = format!(
        "unexpected {}; values of a list are separated by commas",
        found(input)
    );
    let error = error(ErrorCode::TrailingInput, input, message).expected([",", ")"]);
    error.hint("a value with a blank must be quoted")
}

/// Something else than `)` at the end of a group.
pub(super) fn in_group(input: Tokens<'_, '_>, open: &Span) -> Error {
    if input.peek().is_none() {
        return never_closed(open);
    }
    if input.words(0, &["order", "by"]) {
        return misplaced(input.span());
    }
    let error = leftover(input);
    error.expected(["AND", "OR", ")"])
}

fn never_closed(open: &Span) -> Error {
    let message = "this parenthesis is never closed";
    Error::new(ErrorCode::UnbalancedParenthesis, open.clone(), message).expected([")"])
}

fn misplaced(span: Span) -> Error {
    let message = "ORDER BY goes to the end, outside parentheses";
    Error::new(ErrorCode::OrderByMisplaced, span, message)
}

/// No `BY` after `ORDER`.
pub(super) fn by(input: Tokens<'_, '_>) -> Error {
    let message = format!("expected BY after ORDER, found {}", found(input));
    error(ErrorCode::MissingConnective, input, message).expected(["BY"])
}

/// Something after the last sort key.
pub(super) fn after_order(input: Tokens<'_, '_>, order: &Span) -> Error {
    match input.word().map(str::to_ascii_lowercase).as_deref() {
        Some("and" | "or" | "not") => return misplaced(order.clone()),
        Some("order") => return misplaced(input.span()),
        _ => {}
    }
    let span = input.span().start..input.text.len();
    let message = format!("unexpected {} after the order", found(input));
    let error = Error::new(ErrorCode::TrailingInput, span, message);
    let error = error.expected(["ASC", "DESC", ",", "end of query"]);
    match input.word() {
        Some(word) if word.len() > 4 && names_a_direction(word) => {
            error.hint("the directions are ASC and DESC")
        }
        Some(_) => error.hint("sort keys are separated by commas"),
        None => error,
    }
}

/// Whether a word is one of those that ASC and DESC are short for.
fn names_a_direction(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    ["ascending", "descending"]
        .iter()
        .any(|long| long.starts_with(&word))
}

/// Something after a complete clause or group.
pub(super) fn leftover(input: Tokens<'_, '_>) -> Error {
    if let Some(error) = foreign_sign(input) {
        return error;
    }
    if starts_clause(input) {
        let message = format!("expected AND, OR or ORDER BY, found {}", found(input));
        let span = input.span().start..clause_end(input);
        let error = Error::new(ErrorCode::MissingConnective, span, message);
        return error.expected(["AND", "OR", "ORDER BY"]);
    }
    let span = input.span().start..input.text.len();
    let message = format!("unexpected {}", found(input));
    let error = Error::new(ErrorCode::TrailingInput, span, message).expected([
        "AND",
        "OR",
        "ORDER BY",
        "end of query",
    ]);
    match leftover_hint(input) {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

fn starts_clause(input: Tokens<'_, '_>) -> bool {
    if input.next_is(TokenKind::Open) || input.words(0, &["not"]) {
        return true;
    }
    let named = input.word().is_some_and(is_field_name);
    let sign = matches!(
        input.nth(1).map(|token| &token.kind),
        Some(TokenKind::Symbol(_))
    );
    named && (sign || input.words(1, &["in"]) || input.words(1, &["not", "in"]))
}

/// The end of the clause that starts here, as far as its first value.
fn clause_end(input: Tokens<'_, '_>) -> usize {
    let sign = matches!(
        input.nth(1).map(|token| &token.kind),
        Some(TokenKind::Symbol(_))
    );
    let last = input.nth(2).filter(|_| sign).or_else(|| input.peek());
    last.map_or(input.text.len(), Token::end)
}

fn leftover_hint(input: Tokens<'_, '_>) -> Option<String> {
    let before = input.back(1)?;
    let next = input.peek()?;
    match (before.kind, next.kind) {
        (_, TokenKind::Close) => Some("no parenthesis is open here".to_owned()),
        (_, TokenKind::Comma) => Some("several values need IN: space IN (\"A\", \"B\")".to_owned()),
        (_, TokenKind::Word) if next.text.eq_ignore_ascii_case("limit") => {
            Some("CQL has no LIMIT; the number of results is asked for beside the query".to_owned())
        }
        (TokenKind::Word, TokenKind::Word) => {
            let head = comparison_before(input.retreat());
            let last = (0..)
                .map_while(|n| input.nth(n))
                .take_while(|token| word(token).is_some_and(|word| !is_reserved(word)));
            let end = last.last().map_or(before.end(), Token::end);
            let value = quote(&input.text[before.start..end]);
            Some(format!(
                "a value with a blank must be quoted: {head}{value}"
            ))
        }
        (TokenKind::Quoted { .. }, TokenKind::Word | TokenKind::Quoted { .. }) => {
            Some("a quote inside a value is written `\\\"`".to_owned())
        }
        (TokenKind::Word, TokenKind::Symbol(_)) => {
            Some("a value with such a character must be quoted".to_owned())
        }
        _ => None,
    }
}

/// Names of all functions, for messages.
pub(super) fn function_names() -> Vec<String> {
    functions::FUNCTIONS
        .iter()
        .map(|function| format!("{}()", function.name))
        .collect()
}
