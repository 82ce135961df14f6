//! Characters to tokens with spans.
//!
//! The surprise: an unquoted run of characters is one token whatever it holds. Whether
//! `v1.2` is two names, a date or a value that needs quotes depends on where it stands,
//! and only the parser knows that. Keywords are plain runs too, for the same reason.

use std::ops::Range;

use super::error::{Error, ErrorCode};

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token<'t> {
    pub(crate) kind: TokenKind<'t>,
    /// Bytes of the query.
    pub(crate) span: Range<usize>,
}

/// Kinds of token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenKind<'t> {
    /// Unquoted run.
    Word(&'t str),
    Quoted(Quoted),
    /// A run of `= ! ~ < >`, longest match first, or what is no operator at all.
    Symbol(Symbol),
    Open,
    Close,
    Comma,
}

/// A quoted string without its quotes and escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Quoted {
    pub(crate) text: String,
    /// Bytes of `text` before which a backslash was taken out, ascending.
    pub(crate) escapes: Vec<usize>,
}

/// Operators that are written with signs, and the sign that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symbol {
    Eq,
    Ne,
    Match,
    NotMatch,
    Gt,
    Ge,
    Lt,
    Le,
    Bang,
}

const SYMBOLS: [(&str, Symbol); 9] = [
    ("!=", Symbol::Ne),
    ("!~", Symbol::NotMatch),
    (">=", Symbol::Ge),
    ("<=", Symbol::Le),
    ("=", Symbol::Eq),
    ("~", Symbol::Match),
    (">", Symbol::Gt),
    ("<", Symbol::Lt),
    ("!", Symbol::Bang),
];

/// Cuts a query into tokens. The only error is a quote that is never closed.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token<'_>>, Error> {
    // In a long list a value is about as long as this; growing would copy them all.
    let mut tokens = Vec::with_capacity(text.len() / 4);
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let (kind, len) = token(text, at, c)?;
        let span = at..at + len;
        at = span.end;
        tokens.push(Token { kind, span });
    }
    Ok(tokens)
}

/// The token that starts with `c` and its length in bytes, which is never 0.
fn token(text: &str, at: usize, c: char) -> Result<(TokenKind<'_>, usize), Error> {
    let rest = &text[at..];
    if c.is_ascii_digit() {
        // Long lists are numbers.
        let digits = rest.bytes().position(|byte| !byte.is_ascii_digit());
        let digits = digits.unwrap_or(rest.len());
        if matches!(rest.as_bytes().get(digits), None | Some(b',' | b')' | b' ')) {
            return Ok((TokenKind::Word(&rest[..digits]), digits));
        }
    }
    match c {
        '(' => return Ok((TokenKind::Open, 1)),
        ')' => return Ok((TokenKind::Close, 1)),
        ',' => return Ok((TokenKind::Comma, 1)),
        '"' | '\'' => return quoted(text, at, c),
        _ => {}
    }
    let mut symbols = SYMBOLS.iter().filter(|_| begins_symbol(c));
    let symbol = symbols.find(|(sign, _)| rest.starts_with(sign));
    if let Some((sign, symbol)) = symbol {
        return Ok((TokenKind::Symbol(*symbol), sign.len()));
    }
    let len = run(rest);
    Ok((TokenKind::Word(&rest[..len]), len))
}

fn begins_symbol(c: char) -> bool {
    matches!(c, '=' | '!' | '~' | '<' | '>')
}

/// Whether a character ends an unquoted run.
fn ends_run(c: char) -> bool {
    begins_symbol(c) || matches!(c, '(' | ')' | ',' | '"' | '\'') || c.is_whitespace()
}

const PROPERTY: &str = "content.property[";

/// Length of the run at the start. The key in `content.property[KEY]` may hold anything.
pub(super) fn run(rest: &str) -> usize {
    let head = rest.get(..PROPERTY.len());
    let key = head
        .filter(|head| head.eq_ignore_ascii_case(PROPERTY))
        .and_then(|head| Some(head.len() + rest[head.len()..].find(']')? + 1));
    let from = key.unwrap_or(0);
    rest[from..]
        .find(ends_run)
        .map_or(rest.len(), |end| from + end)
}

fn quoted(text: &str, at: usize, quote: char) -> Result<(TokenKind<'_>, usize), Error> {
    let mut out = Quoted {
        text: String::new(),
        escapes: Vec::new(),
    };
    let mut chars = text[at + 1..].char_indices().peekable();
    while let Some((offset, c)) = chars.next() {
        if c == quote {
            return Ok((TokenKind::Quoted(out), 1 + offset + 1));
        }
        // Other escapes keep both characters, for the text search language reads them.
        let escaped = chars.next_if(|(_, next)| c == '\\' && matches!(next, '"' | '\'' | '\\'));
        if escaped.is_some() {
            out.escapes.push(out.text.len());
        }
        out.text.push(escaped.map_or(c, |(_, next)| next));
    }
    let error = Error::new(
        ErrorCode::UnterminatedString,
        at..at + 1,
        "this quote is never closed",
    );
    Err(error
        .hint("a quote inside a string is written `\\\"` or `\\'`")
        .expected([quote]))
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
    fn check(text: &str, expected: Expect) {
        let shown = |token: Token| match token.kind {
            TokenKind::Word(word) => format!("{word}@{}", token.span.start),
            TokenKind::Quoted(quoted) => format!("{:?}", quoted.text),
            TokenKind::Symbol(symbol) => format!("{symbol:?}"),
            other => format!("{other:?}"),
        };
        let all: Vec<_> = tokens(text).unwrap().into_iter().map(shown).collect();
        expected.assert_eq(&all.join(" "));
    }

    #[test]
    fn blanks_are_not_needed() {
        check(
            "type in(page,blogpost)and\u{a0}a!=b",
            expect!["type@0 in@5 Open page@8 Comma blogpost@13 Close and@22 a@27 Ne b@30"],
        );
    }

    #[test]
    fn signs_take_the_longest_match() {
        check(
            "a>=b<=c!~d==e!f",
            expect!["a@0 Ge b@3 Le c@6 NotMatch d@9 Eq Eq e@12 Bang f@14"],
        );
    }

    #[test]
    fn a_backslash_escapes_quotes_and_itself_only() {
        check(
            r#""a\"b" 'it\'s "x"' "\\+" "\+" "C\D""#,
            expect![[r#""a\"b" "it's \"x\"" "\\+" "\\+" "C\\D""#]],
        );
    }

    #[test]
    fn property_keys_hold_anything() {
        check(
            "content.property[my key, (1)].a.b > 1",
            expect!["content.property[my key, (1)].a.b@0 Gt 1@36"],
        );
    }

    #[test]
    fn an_open_quote_is_the_place_of_the_error() {
        let error = tokens(r#"a = "x" and b = 'y\'"#).unwrap_err();
        assert_eq!(
            (error.code, error.span),
            (ErrorCode::UnterminatedString, 16..17)
        );
    }
}
