//! `analysis` in the shape tantivy asks for.
//!
//! A field has one tokenizer but documents have languages, so the first character of a
//! value says the language ([`tagged`]); it is no letter and yields no term.

use std::ops::Range;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::analysis::{Analyzer, TEXT_GAP};
use crate::model::Lang;

/// Name under which indexes know it.
pub(crate) const TOKENIZER: &str = "headwater";

/// First code point of a private-use block; text has none, the converter drops them.
const FIRST_TAG: u32 = 0xE000;

/// A text with its language in front.
pub(crate) fn tagged(lang: Lang, text: &str) -> String {
    let number = (FIRST_TAG..).zip(Lang::ALL).find(|(_, have)| *have == lang);
    let tag = number.and_then(|(code, _)| char::from_u32(code));
    let mut out = String::with_capacity(text.len() + 3);
    out.extend(tag);
    out.push_str(text);
    out
}

fn language(text: &str) -> Lang {
    let code = text.chars().next().map_or(0, u32::from);
    let at = code
        .checked_sub(FIRST_TAG)
        .and_then(|at| usize::try_from(at).ok());
    at.and_then(|at| Lang::ALL.get(at))
        .copied()
        .unwrap_or_default()
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
        analyzer.for_each(text, language(text), |term| {
            let start = terms.len();
            terms.push_str(term.term);
            tokens.push((start..terms.len(), term.position, term.start..term.end));
        });
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
