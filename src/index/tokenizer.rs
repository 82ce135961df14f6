//! `analysis` in the shape tantivy asks for.
//!
//! A field has one tokenizer but documents have languages, so the first character of a
//! value says the language ([`tagged`]); it is no letter and yields no term.

use std::ops::Range;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::bounds::BOUND;
use crate::analysis::{Analyzer, TEXT_GAP};
use crate::model::Lang;

/// Name under which indexes know it.
pub(crate) const TOKENIZER: &str = "headwater";

/// First code point of a private-use block; text has none, the converter drops them.
const FIRST_TAG: u32 = 0xE000;
/// Bytes of a tag.
const TAG: usize = 3;
/// Stands at the bounds of a text, and behind the tag to say that it has some.
const MARK: char = '\u{E0FF}';

/// A text with its language in front.
pub(crate) fn tagged(lang: Lang, text: &str) -> String {
    let number = (FIRST_TAG..).zip(Lang::ALL).find(|(_, have)| *have == lang);
    let tag = number.and_then(|(code, _)| char::from_u32(code));
    let mut out = String::with_capacity(text.len() + 3);
    out.extend(tag);
    out.push_str(text);
    out
}

/// A text with its language in front and a mark at each of its bounds, which rise.
pub(crate) fn marked(lang: Lang, text: &str, bounds: &[usize]) -> String {
    let mark = MARK.len_utf8();
    let mut out = String::with_capacity(text.len() + mark * (bounds.len() + 2));
    out.push_str(&tagged(lang, ""));
    out.push(MARK);
    // A text may have the same private character, which is no part of any word.
    let add = |out: &mut String, part: &str| {
        for (number, part) in part.split(MARK).enumerate() {
            out.push_str(if number == 0 { "" } else { " " });
            out.push_str(part);
        }
    };
    let mut from = 0;
    for bound in bounds {
        add(&mut out, text.get(from..*bound).unwrap_or_default());
        out.push(MARK);
        from = *bound;
    }
    add(&mut out, text.get(from..).unwrap_or_default());
    out
}

/// Takes a value apart: language, whether bounds are marked, text.
fn untagged(value: &str) -> (Lang, bool, &str) {
    let code = value.chars().next().map_or(0, u32::from);
    let at = code
        .checked_sub(FIRST_TAG)
        .and_then(|at| usize::try_from(at).ok());
    let Some(lang) = at.and_then(|at| Lang::ALL.get(at)) else {
        return (Lang::default(), false, value);
    };
    let text = value.get(TAG..).unwrap_or_default();
    match text.strip_prefix(MARK) {
        Some(text) => (*lang, true, text),
        None => (*lang, false, text),
    }
}

/// The tokenizer; a clone starts with an empty memo.
#[derive(Default)]
pub(crate) struct HeadwaterTokenizer {
    analyzer: Analyzer,
    token: Token,
}

impl Clone for HeadwaterTokenizer {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Tokenizer for HeadwaterTokenizer {
    type TokenStream<'a> = HeadwaterStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> HeadwaterStream<'a> {
        let Self { analyzer, token } = self;
        token.reset();
        HeadwaterStream {
            analyzer,
            token,
            text,
            tokens: None,
        }
    }
}

/// The terms of one text.
pub(crate) struct HeadwaterStream<'a> {
    analyzer: &'a mut Analyzer,
    token: &'a mut Token,
    text: &'a str,
    /// What is left, for who asks for one after the other. A writer does not.
    tokens: Option<std::vec::IntoIter<Token>>,
}

impl TokenStream for HeadwaterStream<'_> {
    fn advance(&mut self) -> bool {
        if self.tokens.is_none() {
            let mut tokens = Vec::new();
            self.process(&mut |token| tokens.push(token.clone()));
            self.tokens = Some(tokens.into_iter());
        }
        let Some(token) = self.tokens.as_mut().and_then(Iterator::next) else {
            return false;
        };
        *self.token = token;
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }

    fn process(&mut self, sink: &mut dyn FnMut(&Token)) {
        let Self {
            analyzer,
            token,
            text,
            tokens,
        } = self;
        if let Some(tokens) = tokens {
            return tokens.for_each(|token| sink(&token));
        }
        *tokens = Some(Vec::new().into_iter());
        let mut add = |term: &str, position: u32, place: Range<usize>| {
            token.text.clear();
            token.text.push_str(term);
            // Each text of a field begins behind a gap.
            token.position = (position + TEXT_GAP) as usize;
            (token.offset_from, token.offset_to) = (place.start, place.end);
            sink(token);
        };
        let (lang, bounded, text) = untagged(text);
        let (mut at, mut position, mut rest) = (TAG, 0, text);
        loop {
            let bound = if bounded { rest.find(MARK) } else { None };
            let part = &rest[..bound.unwrap_or(rest.len())];
            position += analyzer.for_each(part, lang, |term| {
                let place = at + term.start..at + term.end;
                add(term.term, position + term.position, place);
            });
            let Some(bound) = bound else { break };
            add(BOUND, position, at + bound..at + bound);
            at += bound + MARK.len_utf8();
            rest = &rest[bound + MARK.len_utf8()..];
        }
    }
}
