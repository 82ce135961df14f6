//! CQL text to [`Query`], with nom over tokens.
//!
//! ```text
//! query    = level , [ "ORDER" , "BY" , sort , { "," , sort } ] ;
//! level    = unary , { ( "AND" | "OR" ) , unary } ;
//! unary    = "NOT" , unary | "(" , level , ")" | clause ;
//! clause   = field , ( sign , value | [ "NOT" ] , "IN" , set ) ;
//! set      = "(" , value , { "," , value } , ")" | function ;
//! value    = string | word | function ;
//! ```
//!
//! `AND` and `OR` bind alike, from left to right: that is what Confluence documents,
//! though most readers expect otherwise; the checker warns where it matters. What is
//! wrong at a place is worded in `refuse`; meaning is not looked at here.

use nom::branch::alt;
use nom::combinator::{eof, opt, value};
use nom::multi::{many0, separated_list0, separated_list1};
use nom::sequence::pair;
use nom::{Err, Parser};

use super::ast::{
    Call, Clause, Connective, Direction, Expr, Group, Literal, Name, Operand, Query, Right, Sort,
    Span,
};
use super::error::{Error, ErrorCode};
use super::fields::Op;
use super::functions;
use super::input::{
    MAX_DEPTH, Parsed, Tokens, deeper, keyword, mark, mismatch, must, refuse_at, token, too_deep,
    word,
};
use super::lexer::{self, Symbol, Token, TokenKind};
use super::refuse;

/// Bytes of a query, not counting the values of lists.
pub(crate) const MAX_BYTES: usize = 16 * 1024;
/// Bytes of a query with everything.
pub(crate) const MAX_BYTES_WITH_LISTS: usize = 1024 * 1024;
/// Values of one list.
pub(crate) const MAX_LIST: usize = 10_000;

/// Reads a query. The error is the first one.
pub(crate) fn parse(text: &str) -> Result<Query<'_>, Error> {
    if text.len() > MAX_BYTES_WITH_LISTS {
        return Err(too_long(MAX_BYTES_WITH_LISTS));
    }
    let all = lexer::tokens(text)?;
    if all.is_empty() {
        return Err(Error::new(
            ErrorCode::EmptyQuery,
            0..0,
            "the query is empty",
        ));
    }
    if text.len() - bytes_in_lists(&all) > MAX_BYTES {
        return Err(too_long(MAX_BYTES));
    }
    let query = match query(Tokens::new(text, &all)) {
        Ok((_, query)) => query,
        Err(Err::Error(failure) | Err::Failure(failure)) => {
            return Err(failure.into_error(text, &all));
        }
        Err(Err::Incomplete(_)) => unreachable!("no streaming parser is used"),
    };
    if height(&query.filter) > MAX_DEPTH {
        return Err(too_deep(query.filter.span()));
    }
    Ok(query)
}

fn too_long(limit: usize) -> Error {
    let message = format!("the query is longer than {limit} bytes");
    Error::new(ErrorCode::TooComplex, 0..0, message)
}

/// Bytes between the parentheses of lists. A list of ten thousand ids is no
/// complication, and it does not fit into what is enough for everything else.
fn bytes_in_lists(all: &[Token<'_>]) -> usize {
    let mut bytes = 0;
    let mut open: Option<usize> = None;
    for (at, token) in all.iter().enumerate() {
        if !matches!(token.kind, TokenKind::Close | TokenKind::Open) {
            continue;
        }
        bytes += open.take().map_or(0, |start| token.start - start);
        let before = at.checked_sub(1).and_then(|before| word(&all[before]));
        if token.kind == TokenKind::Open
            && before.is_some_and(|word| word.eq_ignore_ascii_case("in"))
        {
            open = Some(token.end());
        }
    }
    bytes
}

/// Levels of the tree. Reading from left to right nests without parentheses, so this is
/// not the depth of parsing; the stack is explicit for the same reason.
fn height(filter: &Expr<'_>) -> usize {
    let mut highest = 0;
    let mut stack = vec![(filter, 1)];
    while let Some((expr, depth)) = stack.pop() {
        highest = highest.max(depth);
        match expr {
            Expr::Group(group) => stack.extend(group.parts.iter().map(|part| (part, depth + 1))),
            Expr::Not { inner, .. } => stack.push((inner, depth + 1)),
            Expr::Clause(_) => {}
        }
    }
    highest
}

fn query<'a, 't>(input: Tokens<'a, 't>) -> Parsed<'a, 't, Query<'t>> {
    let (input, filter) = level(input)?;
    let order_at = input.span();
    let (input, order) = opt(order_by).parse(input)?;
    let ended = order.is_some();
    let explain = |rest| {
        if ended {
            refuse::after_order(rest, &order_at)
        } else {
            refuse::leftover(rest)
        }
    };
    let (input, _) = must(eof, explain).parse(input)?;
    let order = order.unwrap_or_default();
    Ok((input, Query { filter, order }))
}

fn level<'a, 't>(input: Tokens<'a, 't>) -> Parsed<'a, 't, Expr<'t>> {
    let connective = alt((
        value(Connective::And, keyword("AND")),
        value(Connective::Or, keyword("OR")),
    ));
    let (input, (first, rest)) = pair(unary, many0(pair(connective, unary))).parse(input)?;
    Ok((input, combine(first, rest)))
}

/// Left to right: a part joins the group so far, or the group so far becomes the first
/// part of a new one.
fn combine<'t>(first: Expr<'t>, rest: Vec<(Connective, Expr<'t>)>) -> Expr<'t> {
    let mut parts = vec![first];
    let mut current = None;
    for (connective, part) in rest {
        if let Some(previous) = current.replace(connective).filter(|c| *c != connective) {
            parts = vec![group(previous, parts, true)];
        }
        parts.push(part);
    }
    match current {
        Some(connective) => group(connective, parts, false),
        None => parts.swap_remove(0),
    }
}

fn group(connective: Connective, parts: Vec<Expr<'_>>, implicit: bool) -> Expr<'_> {
    let start = parts.first().map_or(0, |part| part.span().start);
    let end = parts.last().map_or(start, |part| part.span().end);
    Expr::Group(Group {
        connective,
        parts,
        span: start..end,
        implicit,
    })
}

fn unary<'a, 't>(input: Tokens<'a, 't>) -> Parsed<'a, 't, Expr<'t>> {
    must(alt((negation, parentheses, clause)), refuse::field).parse(input)
}

fn negation<'a, 't>(input: Tokens<'a, 't>) -> Parsed<'a, 't, Expr<'t>> {
    let (input, not) = keyword("NOT").parse(input)?;
    let (input, inner) = deeper(unary).parse(input)?;
    let span = not.start..inner.span().end;
    Ok((
        input,
        Expr::Not {
            inner: Box::new(inner),
            span,
        },
    ))
}

fn parentheses<'a, 't>(input: Tokens<'a, 't>) -> Parsed<'a, 't, Expr<'t>> {
    let (input, open) = mark(TokenKind::Open, "(").parse(input)?;
    let (input, mut inner) = deeper(level).parse(input)?;
    let explain = |rest: Tokens<'_, '_>| refuse::in_group(rest, &open);
    let (input, close) = must(mark(TokenKind::Close, ")"), explain).parse(input)?;
    if let Expr::Group(group) = &mut inner {
        group.span = open.start..close.end;
    }
    Ok((input, inner))
}

fn clause<'a, 't>(input: Tokens<'a, 't>) -> Parsed<'a, 't, Expr<'t>> {
    let (input, field) = field(input)?;
    let explain = |rest: Tokens<'_, '_>| refuse::operator(rest, &field);
    let (input, (op, op_span)) = must(operator, explain).parse(input)?;
    let (input, right) = match op {
        Op::In | Op::NotIn => must(set, refuse::list).parse(input)?,
        _ => comparison(input)?,
    };
    let end = input.back(1).map_or(op_span.end, Token::end);
    let span = field.span.start..end;
    Ok((
        input,
        Expr::Clause(Clause {
            field,
            op,
            op_span,
            right,
            span,
        }),
    ))
}

fn field<'a, 't>(input: Tokens<'a, 't>) -> Parsed<'a, 't, Name<'t>> {
    token("field", |token| {
        let text = word(token).filter(|text| refuse::is_field_name(text))?;
        let span = token.span();
        Some(Name { text, span })
    })
    .parse(input)
}

fn operator<'a, 't>(input: Tokens<'a, 't>) -> Parsed<'a, 't, (Op, Span)> {
    let not_in = pair(keyword("NOT"), keyword("IN"));
    alt((
        sign,
        keyword("IN").map(|span| (Op::In, span)),
        not_in.map(|(not, within): (Span, Span)| (Op::NotIn, not.start..within.end)),
    ))
    .parse(input)
}

fn sign<'a, 't>(input: Tokens<'a, 't>) -> Parsed<'a, 't, (Op, Span)> {
    let one = |label, wanted, op| {
        mark(TokenKind::Symbol(wanted), label).map(move |span: Span| (op, span))
    };
    alt((
        one("=", Symbol::Eq, Op::Eq),
        one("!=", Symbol::Ne, Op::Ne),
        one("~", Symbol::Match, Op::Match),
        one("!~", Symbol::NotMatch, Op::NotMatch),
        one(">", Symbol::Gt, Op::Gt),
        one(">=", Symbol::Ge, Op::Ge),
        one("<", Symbol::Lt, Op::Lt),
        one("<=", Symbol::Le, Op::Le),
    ))
    .parse(input)
}

fn comparison<'a, 't>(input: Tokens<'a, 't>) -> Parsed<'a, 't, Right<'t>> {
    if let Some(error) = refuse::double_sign(input) {
        return Err(refuse_at(input, error));
    }
    must(operand, refuse::value).map(Right::Value).parse(input)
}

fn set<'a, 't>(input: Tokens<'a, 't>) -> Parsed<'a, 't, Right<'t>> {
    alt((
        list,
        call.map(|call| Right::Value(Operand::Call(Box::new(call)))),
    ))
    .parse(input)
}

fn list<'a, 't>(input: Tokens<'a, 't>) -> Parsed<'a, 't, Right<'t>> {
    let (input, open) = mark(TokenKind::Open, "(").parse(input)?;
    if let Some(close) = input.peek().filter(|token| token.kind == TokenKind::Close) {
        let span = open.start..close.end();
        let error = Error::new(ErrorCode::EmptyList, span, "the list is empty");
        return Err(refuse_at(input, error));
    }
    let (input, values) = members(input)?;
    let explain = |rest: Tokens<'_, '_>| refuse::in_list(rest, &open);
    let (input, close) = must(mark(TokenKind::Close, ")"), explain).parse(input)?;
    let span = open.start..close.end;
    if values.len() > MAX_LIST {
        let message = format!("the list has more than {MAX_LIST} values");
        return Err(refuse_at(
            input,
            Error::new(ErrorCode::TooComplex, span, message),
        ));
    }
    Ok((input, Right::List { values, span }))
}

/// A number or a string and the comma behind it, nearly all that long lists have: nothing
/// about it can be wrong here.
fn plain<'t>(input: Tokens<'_, 't>) -> Option<Literal<'t>> {
    let [value, comma, ..] = input.rest() else {
        return None;
    };
    let digits = || value.text.bytes().all(|byte| byte.is_ascii_digit());
    let sound = comma.kind == TokenKind::Comma && (value.kind != TokenKind::Word || digits());
    as_literal(value).filter(|_| sound)
}

/// Values with commas between: a loop, since there may be ten thousand.
fn members<'a, 't>(mut input: Tokens<'a, 't>) -> Parsed<'a, 't, Vec<Operand<'t>>> {
    let rest = input.rest().iter();
    let ahead = rest.take_while(|token| !matches!(token.kind, TokenKind::Open | TokenKind::Close));
    let mut values = Vec::with_capacity(ahead.count() / 2 + 1);
    loop {
        if let Some(literal) = plain(input) {
            values.push(Operand::Literal(literal));
            input = nom::Input::take_from(&input, 2);
            continue;
        }
        let (rest, value) = match literal(input) {
            Ok((rest, literal)) if !rest.next_is(TokenKind::Open) => {
                (rest, Operand::Literal(literal))
            }
            _ => must(operand, refuse::value).parse(input)?,
        };
        values.push(value);
        if !rest.next_is(TokenKind::Comma) {
            return Ok((rest, values));
        }
        input = nom::Input::take_from(&rest, 1);
    }
}

fn operand<'a, 't>(input: Tokens<'a, 't>) -> Parsed<'a, 't, Operand<'t>> {
    alt((
        call.map(|call| Operand::Call(Box::new(call))),
        literal.map(Operand::Literal),
    ))
    .parse(input)
}

fn literal<'a, 't>(input: Tokens<'a, 't>) -> Parsed<'a, 't, Literal<'t>> {
    if let Some(error) = refuse::bare_value(input) {
        return Err(refuse_at(input, error));
    }
    any_literal(input)
}

fn any_literal<'a, 't>(input: Tokens<'a, 't>) -> Parsed<'a, 't, Literal<'t>> {
    token("value", as_literal).parse(input)
}

fn as_literal<'t>(token: &Token<'t>) -> Option<Literal<'t>> {
    let (inside, quoted, escapes) = match token.kind {
        TokenKind::Word if !refuse::is_doubled_connective(token.text) => (token.text, false, false),
        TokenKind::Quoted { escapes } => (token.inside(), true, escapes),
        _ => return None,
    };
    Some(Literal {
        inside,
        start: token.start,
        quoted,
        escapes,
    })
}

/// A name is a call if its parenthesis follows at once, or if it is a function's.
/// Otherwise `space = DEV (…)` would be read as a call of `DEV`.
fn call<'a, 't>(input: Tokens<'a, 't>) -> Parsed<'a, 't, Call<'t>> {
    // Nearly all values are none, and lists are long.
    if input.nth(1).is_none_or(|next| next.kind != TokenKind::Open) {
        return Err(mismatch(input, "function"));
    }
    let name = token("function", |token| {
        let text = word(token).filter(|text| refuse::is_plain_name(text))?;
        let span = token.span();
        Some(Name { text, span })
    });
    let known = |name: &Name<'_>, open: &Span| {
        name.span.end == open.start || functions::find(name.text).is_some()
    };
    let (input, (name, open)) = nom::combinator::verify(
        pair(name, mark(TokenKind::Open, "(")),
        |(name, open): &(Name<'_>, Span)| known(name, open),
    )
    .parse(input)?;
    let comma = mark(TokenKind::Comma, ",");
    let (input, arguments) = separated_list0(comma, argument).parse(input)?;
    let explain = |rest: Tokens<'_, '_>| refuse::in_call(rest, &open);
    let (input, close) = must(mark(TokenKind::Close, ")"), explain).parse(input)?;
    let span = name.span.start..close.end;
    Ok((
        input,
        Call {
            name,
            arguments,
            span,
        },
    ))
}

fn argument<'a, 't>(input: Tokens<'a, 't>) -> Parsed<'a, 't, Literal<'t>> {
    if let Some(error) = refuse::bare_argument(input) {
        return Err(refuse_at(input, error));
    }
    any_literal(input)
}

fn order_by<'a, 't>(input: Tokens<'a, 't>) -> Parsed<'a, 't, Vec<Sort<'t>>> {
    let by = must(keyword("BY"), refuse::by);
    let (input, _) = pair(keyword("ORDER"), by).parse(input)?;
    separated_list1(mark(TokenKind::Comma, ","), sort).parse(input)
}

fn sort<'a, 't>(input: Tokens<'a, 't>) -> Parsed<'a, 't, Sort<'t>> {
    let direction = alt((
        value(Direction::Ascending, keyword("ASC")),
        value(Direction::Descending, keyword("DESC")),
    ));
    let (input, field) = must(field, refuse::field).parse(input)?;
    let (input, direction) = opt(direction).parse(input)?;
    Ok((input, Sort { field, direction }))
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
