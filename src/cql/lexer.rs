//! Characters to tokens with spans.
//!
//! The surprise: an unquoted run of characters is one token whatever it holds. Whether
//! `v1.2` is two names, a date or a value that needs quotes depends on where it stands,
//! and only the parser knows that. Keywords are plain runs too, for the same reason.

use std::ops::Range;

use super::error::{Error, ErrorCode};

/// One token; small, since a long list has thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'t> {
    pub(crate) kind: TokenKind,
    /// As it was written.
    pub(crate) text: &'t str,
    /// Byte of the query.
    pub(crate) start: usize,
}

impl<'t> Token<'t> {
    /// Bytes of the query.
    pub(crate) fn span(&self) -> Range<usize> {
        self.start..self.end()
    }

    pub(crate) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// What stands between the quotes of a string, with its escapes.
    pub(crate) fn inside(&self) -> &'t str {
        &self.text[1..self.text.len() - 1]
    }
}

/// Kinds of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Unquoted run.
    Word,
    /// A string in quotes, which may have escapes.
    Quoted {
        escapes: bool,
    },
    /// A run of `= ! ~ < >`, longest match first, or what is no operator at all.
    Symbol(Symbol),
    Open,
    Close,
    Comma,
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
    let mut start = 0;
    while let Some(byte) = text.as_bytes().get(start) {
        let blank = blank(text, start, *byte);
        if blank > 0 {
            start += blank;
            continue;
        }
        let (kind, len) = token(text, start, *byte)?;
        let text = &text[start..start + len];
        tokens.push(Token { kind, text, start });
        start += len;
    }
    Ok(tokens)
}

/// Length of the blank that starts with `byte`, 0 for anything else.
fn blank(text: &str, at: usize, byte: u8) -> usize {
    if byte.is_ascii() {
        return usize::from(char::from(byte).is_whitespace());
    }
    let c = text[at..].chars().next();
    c.filter(|c| c.is_whitespace()).map_or(0, char::len_utf8)
}

/// The token that starts with `byte` and its length in bytes, which is never 0.
fn token(text: &str, at: usize, byte: u8) -> Result<(TokenKind, usize), Error> {
    match byte {
        b',' => return Ok((TokenKind::Comma, 1)),
        b'0'..=b'9' => {
            if let Some(len) = number(&text.as_bytes()[at..]) {
                return Ok((TokenKind::Word, len));
            }
        }
        b'(' => return Ok((TokenKind::Open, 1)),
        b')' => return Ok((TokenKind::Close, 1)),
        b'"' | b'\'' => return quoted(text, at, byte),
        _ => {}
    }
    let rest = &text[at..];
    let mut symbols = SYMBOLS.iter().filter(|_| begins_symbol(char::from(byte)));
    let symbol = symbols.find(|(sign, _)| rest.starts_with(sign));
    if let Some((sign, symbol)) = symbol {
        return Ok((TokenKind::Symbol(*symbol), sign.len()));
    }
    Ok((TokenKind::Word, run(rest)))
}

/// Length of the number at the start, where a number is all of the run: long lists are
/// made of these.
fn number(rest: &[u8]) -> Option<usize> {
    let digits = rest.iter().position(|byte| !byte.is_ascii_digit());
    let digits = digits.unwrap_or(rest.len());
    matches!(rest.get(digits), None | Some(b',' | b')' | b' ')).then_some(digits)
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

fn quoted(text: &str, at: usize, quote: u8) -> Result<(TokenKind, usize), Error> {
    let inside = &text.as_bytes()[at + 1..];
    let mut escapes = false;
    let mut end = 0;
    while let Some(byte) = inside.get(end) {
        if *byte == quote {
            return Ok((TokenKind::Quoted { escapes }, 1 + end + 1));
        }
        let escaped = is_escape(&inside[end..]);
        escapes |= escaped;
        end += 1 + usize::from(escaped);
    }
    let error = Error::new(
        ErrorCode::UnterminatedString,
        at..at + 1,
        "this quote is never closed",
    );
    Err(error
        .hint("a quote inside a string is written `\\\"` or `\\'`")
        .expected([char::from(quote)]))
}

/// Whether a backslash stands here for the sign behind it. Other escapes keep both
/// characters, for the text search language reads them.
fn is_escape(inside: &[u8]) -> bool {
    matches!(inside, [b'\\', b'"' | b'\'' | b'\\', ..])
}

/// Takes the backslashes out that stand for the sign behind them.
pub(crate) fn unescaped(inside: &str) -> String {
    let mut out = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(at) = rest.find('\\') {
        let skipped = usize::from(is_escape(&rest.as_bytes()[at..]));
        // What follows the backslash is a sign of ASCII, or the backslash itself stays.
        let end = at + 1 + skipped;
        out.push_str(&rest[..at]);
        out.push_str(&rest[at + skipped..end]);
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// Where a byte of an unescaped string stands in what was written.
pub(crate) fn written_at(inside: &str, offset: usize) -> usize {
    let bytes = inside.as_bytes();
    let (mut at, mut unescaped) = (0, 0);
    while at < bytes.len() && unescaped < offset {
        at += 1 + usize::from(is_escape(&bytes[at..]));
        unescaped += 1;
    }
    at
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
            TokenKind::Word => format!("{}@{}", token.text, token.start),
            TokenKind::Quoted { .. } => format!("{:?}", unescaped(token.inside())),
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
    fn places_in_a_string_are_those_that_were_written() {
        let cases: [(&str, &str, &[usize]); 4] = [
            (r#"a\"é\+\\b"#, r#"a"é\+\b"#, &[0, 1, 3, 5, 6, 7, 9]),
            (r"\", r"\", &[0]),
            (r"\\\'x\y", r"\'x\y", &[0, 2, 4, 5, 6]),
            ("", "", &[]),
        ];
        for (inside, text, places) in cases {
            assert_eq!(unescaped(inside), text);
            let found = text.char_indices().map(|(at, _)| written_at(inside, at));
            assert_eq!(found.collect::<Vec<_>>(), places, "{inside}");
            assert_eq!(written_at(inside, text.len()), inside.len());
        }
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
