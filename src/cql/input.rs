//! Tokens as nom's input, the error that remembers the farthest place and what could
//! have stood there, and the few combinators that the grammar is built of.

use std::iter::Enumerate;

use nom::error::{ErrorKind, ParseError};
use nom::{Err, IResult, Needed, Parser};

use super::ast::Span;
use super::error::{Error, ErrorCode};
use super::lexer::{Symbol, Token, TokenKind};

/// Groups and negations inside each other.
pub(crate) const MAX_DEPTH: usize = 64;

/// What is left to read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tokens<'a, 't> {
    pub(super) text: &'t str,
    pub(super) all: &'a [Token<'t>],
    pub(super) from: usize,
    to: usize,
    depth: usize,
}

/// What a parser of this grammar returns.
pub(super) type Parsed<'a, 't, O> = IResult<Tokens<'a, 't>, O, Failure>;

impl<'a, 't> Tokens<'a, 't> {
    pub(super) fn new(text: &'t str, all: &'a [Token<'t>]) -> Self {
        let to = all.len();
        Self {
            text,
            all,
            from: 0,
            to,
            depth: 0,
        }
    }

    pub(super) fn peek(&self) -> Option<&'a Token<'t>> {
        self.nth(0)
    }

    pub(super) fn nth(&self, n: usize) -> Option<&'a Token<'t>> {
        self.all[..self.to].get(self.from + n)
    }

    /// All that is left.
    pub(super) fn rest(&self) -> &'a [Token<'t>] {
        &self.all[self.from..self.to]
    }

    /// The token `n` before the next one.
    pub(super) fn back(&self, n: usize) -> Option<&'a Token<'t>> {
        self.all.get(self.from.checked_sub(n)?)
    }

    /// The same, one token earlier.
    pub(super) fn retreat(self) -> Self {
        let from = self.from.saturating_sub(1);
        Self { from, ..self }
    }

    /// The next token's place, or the end of the text.
    pub(super) fn span(&self) -> Span {
        let end = self.text.len();
        self.peek().map_or(end..end, Token::span)
    }

    /// The next token as it was written.
    pub(super) fn shown(&self) -> &'t str {
        self.peek().map_or("", |token| token.text)
    }

    /// The next token if it is unquoted.
    pub(super) fn word(&self) -> Option<&'t str> {
        word(self.peek()?)
    }

    pub(super) fn symbol(&self) -> Option<Symbol> {
        match self.peek()?.kind {
            TokenKind::Symbol(symbol) => Some(symbol),
            _ => None,
        }
    }

    pub(super) fn next_is(&self, kind: TokenKind) -> bool {
        self.peek().is_some_and(|token| token.kind == kind)
    }

    /// Whether the tokens from the `n`th are these words.
    pub(super) fn words(&self, n: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(at, wanted)| {
            let found = self.nth(n + at).and_then(word);
            found.is_some_and(|found| found.eq_ignore_ascii_case(wanted))
        })
    }
}

/// The text of an unquoted token.
pub(super) fn word<'t>(token: &Token<'t>) -> Option<&'t str> {
    (token.kind == TokenKind::Word).then_some(token.text)
}

impl<'a, 't> nom::Input for Tokens<'a, 't> {
    type Item = &'a Token<'t>;
    type Iter = std::slice::Iter<'a, Token<'t>>;
    type IterIndices = Enumerate<Self::Iter>;

    fn input_len(&self) -> usize {
        self.to - self.from
    }

    fn take(&self, index: usize) -> Self {
        let to = self.from + index;
        Self { to, ..*self }
    }

    fn take_from(&self, index: usize) -> Self {
        let from = self.from + index;
        Self { from, ..*self }
    }

    fn take_split(&self, index: usize) -> (Self, Self) {
        (self.take_from(index), self.take(index))
    }

    fn position<P: Fn(Self::Item) -> bool>(&self, predicate: P) -> Option<usize> {
        self.iter_elements().position(predicate)
    }

    fn iter_elements(&self) -> Self::Iter {
        self.all[self.from..self.to].iter()
    }

    fn iter_indices(&self) -> Self::IterIndices {
        self.iter_elements().enumerate()
    }

    fn slice_index(&self, count: usize) -> Result<usize, Needed> {
        let missing = count.saturating_sub(self.input_len());
        if missing == 0 {
            Ok(count)
        } else {
            Err(Needed::new(missing))
        }
    }
}

/// Why a parser did not match: the farthest token reached and what it could have been.
/// Once it is certain what is wrong, `error` says it and parsing ends.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    at: usize,
    expected: Vec<&'static str>,
    error: Option<Box<Error>>,
}

impl Failure {
    fn new(input: &Tokens<'_, '_>, expected: Vec<&'static str>) -> Self {
        let at = input.from;
        Self {
            at,
            expected,
            error: None,
        }
    }

    /// The error to report for this query.
    pub(super) fn into_error(self, text: &str, all: &[Token<'_>]) -> Error {
        let Self {
            at,
            expected,
            error,
        } = self;
        error.map_or_else(
            || {
                let place = all.get(at).map_or(text.len()..text.len(), Token::span);
                Error::new(ErrorCode::TrailingInput, place, "this cannot be read here")
                    .expected(expected)
            },
            |error| *error,
        )
    }
}

impl ParseError<Tokens<'_, '_>> for Failure {
    fn from_error_kind(input: Tokens<'_, '_>, _: ErrorKind) -> Self {
        Self::new(&input, Vec::new())
    }

    fn append(_: Tokens<'_, '_>, _: ErrorKind, other: Self) -> Self {
        other
    }

    /// Alternatives at one place add up; otherwise the one that got farther counts.
    fn or(mut self, other: Self) -> Self {
        match self.at.cmp(&other.at) {
            std::cmp::Ordering::Less => return other,
            std::cmp::Ordering::Greater => return self,
            std::cmp::Ordering::Equal => {}
        }
        for name in other.expected {
            if !self.expected.contains(&name) {
                self.expected.push(name);
            }
        }
        self
    }
}

/// Takes the next token if `read` makes something of it; `label` names it to readers.
pub(super) fn token<'a, 't: 'a, O>(
    label: &'static str,
    read: impl Fn(&'a Token<'t>) -> Option<O>,
) -> impl Parser<Tokens<'a, 't>, Output = O, Error = Failure> {
    move |input: Tokens<'a, 't>| match input.peek().and_then(&read) {
        Some(found) => Ok((nom::Input::take_from(&input, 1), found)),
        None => Err(mismatch(input, label)),
    }
}

/// Something else than what `label` names.
pub(super) fn mismatch(input: Tokens<'_, '_>, label: &'static str) -> Err<Failure> {
    Err::Error(Failure::new(&input, vec![label]))
}

/// A token of this very kind.
pub(super) fn mark<'a, 't: 'a>(
    kind: TokenKind,
    label: &'static str,
) -> impl Parser<Tokens<'a, 't>, Output = Span, Error = Failure> {
    token(label, move |token| {
        (token.kind == kind).then(|| token.span())
    })
}

/// A keyword in any case.
pub(super) fn keyword<'a, 't: 'a>(
    name: &'static str,
) -> impl Parser<Tokens<'a, 't>, Output = Span, Error = Failure> {
    token(name, move |token| {
        let found = word(token)?.eq_ignore_ascii_case(name);
        found.then(|| token.span())
    })
}

/// Makes a mismatch final: no alternative is tried any more, and `explain` says what is
/// wrong at the place where `parser` began.
pub(super) fn must<'a, 't: 'a, P, F>(
    mut parser: P,
    explain: F,
) -> impl Parser<Tokens<'a, 't>, Output = P::Output, Error = Failure>
where
    P: Parser<Tokens<'a, 't>, Error = Failure>,
    F: Fn(Tokens<'a, 't>) -> Error,
{
    move |input: Tokens<'a, 't>| match parser.parse(input) {
        Err(Err::Error(failure)) => {
            let mut error = explain(input);
            if error.expected.is_empty() {
                error.expected = failure.expected.iter().map(ToString::to_string).collect();
            }
            Err(refuse_at(input, error))
        }
        other => other,
    }
}

/// A final error.
pub(super) fn refuse_at(input: Tokens<'_, '_>, error: Error) -> Err<Failure> {
    let mut failure = Failure::new(&input, Vec::new());
    failure.error = Some(Box::new(error));
    Err::Failure(failure)
}

/// Runs a parser one level deeper, within [`MAX_DEPTH`].
pub(super) fn deeper<'a, 't: 'a, P>(
    mut parser: P,
) -> impl Parser<Tokens<'a, 't>, Output = P::Output, Error = Failure>
where
    P: Parser<Tokens<'a, 't>, Error = Failure>,
{
    move |input: Tokens<'a, 't>| {
        let depth = input.depth + 1;
        if depth > MAX_DEPTH {
            return Err(refuse_at(input, too_deep(input.span())));
        }
        let (rest, output) = parser.parse(Tokens { depth, ..input })?;
        Ok((
            Tokens {
                depth: input.depth,
                ..rest
            },
            output,
        ))
    }
}

pub(super) fn too_deep(span: Span) -> Error {
    let message = format!("more than {MAX_DEPTH} levels of groups and negations");
    Error::new(ErrorCode::TooComplex, span, message)
}
