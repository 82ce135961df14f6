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
        out.extend(part.chars().map(|c| if c == MARK { ' ' } else { c }));
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
    terms: String,
    tokens: Vec<(Range<usize>, u32, Range<usize>)>,
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
        let Self {
            analyzer,
            terms,
            tokens,
            token,
        } = self;
        terms.clear();
        tokens.clear();
        let (lang, bounded, text) = untagged(text);
        let mut add = |term: &str, position: u32, place: Range<usize>| {
            let start = terms.len();
            terms.push_str(term);
            tokens.push((start..terms.len(), position, place));
        };
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
        token.reset();
        HeadwaterStream {
            terms,
            tokens: tokens.iter(),
            token,
        }
    }
}

/// The terms of one text.
pub(crate) struct HeadwaterStream<'a> {
    terms: &'a str,
    tokens: std::slice::Iter<'a, (Range<usize>, u32, Range<usize>)>,
    token: &'a mut Token,
}

impl TokenStream for HeadwaterStream<'_> {
    fn advance(&mut self) -> bool {
        let Some((term, position, place)) = self.tokens.next() else {
            return false;
        };
        self.token.text.clear();
        self.token.text.push_str(&self.terms[term.clone()]);
        // Each text of a field begins behind a gap.
        self.token.position = (*position + TEXT_GAP) as usize;
        self.token.offset_from = place.start;
        self.token.offset_to = place.end;
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}
