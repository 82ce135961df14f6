//! The terms of a text with their positions and places.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::query::surface;
use super::scan::{Word, WordKind, Words, camel_parts};
use super::stem::{LanguageStemmer, MEMO_ENTRIES, language_mark};
use crate::model::Lang;

/// One term of a text, borrowed for the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TermRef<'t> {
    pub(crate) term: &'t str,
    pub(crate) position: u32,
    /// Bytes of the text.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Turns texts of any language into terms; holds a memo for each language it met, so keep
/// one for a thread and reuse it.
pub(crate) struct Analyzer {
    stemmers: Vec<(Lang, LanguageStemmer)>,
    /// Words of a memo.
    most: usize,
}

impl Analyzer {
    pub(crate) fn new() -> Self {
        Self::keeping(MEMO_ENTRIES)
    }

    /// Keeps at most so many words of each language.
    pub(crate) fn keeping(most: usize) -> Self {
        Self {
            stemmers: Vec::new(),
            most,
        }
    }

    /// Calls `sink` with every term in order of position; the forms of one word share
    /// its position. Returns the number of positions.
    pub(crate) fn for_each(
        &mut self,
        text: &str,
        lang: Lang,
        sink: impl FnMut(TermRef<'_>),
    ) -> u32 {
        self.walk(text, lang, |_| true, sink)
    }

    /// Calls `sink` with those of the terms that are wanted, in order of position.
    pub(crate) fn find(
        &mut self,
        text: &str,
        lang: Lang,
        wanted: &Wanted<'_>,
        mut sink: impl FnMut(TermRef<'_>),
    ) {
        // The parts of a compound begin anywhere in it.
        let any = lang == Lang::De;
        let english = language_mark(lang).is_empty();
        let admits = |word: &str| any || wanted.begins(word, english);
        self.walk(text, lang, admits, |term| {
            if wanted.terms.contains(term.term) {
                sink(term);
            }
        });
    }

    fn walk(
        &mut self,
        text: &str,
        lang: Lang,
        admits: impl Fn(&str) -> bool,
        mut sink: impl FnMut(TermRef<'_>),
    ) -> u32 {
        let stemmer = self.stemmer(lang);
        let mut position = 0;
        for word in Words::new(text) {
            if word.kind == WordKind::Cjk {
                position = cjk_terms(text, word, position, &mut sink);
            } else {
                each_part(text, word, |part, place| {
                    if admits(part) {
                        form_terms(part, place, position, stemmer, &mut sink);
                    }
                });
                position += 1;
            }
        }
        position
    }

    fn stemmer(&mut self, lang: Lang) -> &mut LanguageStemmer {
        let found = self.stemmers.iter().position(|(have, _)| *have == lang);
        let at = found.unwrap_or_else(|| {
            self.stemmers
                .push((lang, LanguageStemmer::new(lang, self.most)));
            self.stemmers.len() - 1
        });
        &mut self.stemmers[at].1
    }
}

impl Default for Analyzer {
    fn default() -> Self {
        Self::new()
    }
}

/// Terms that are looked for in texts.
pub(crate) struct Wanted<'t> {
    terms: FxHashSet<&'t str>,
    /// By the first byte, where it is ASCII: what the second may be, as bits of [`kind`]; 0
    /// where none begins so.
    first: [u32; 128],
}

/// All kinds of a second byte.
const ANY: u32 = u32::MAX;

/// What a byte is told apart by: letters of English, all else. `y` is `i`, since `dying` has
/// the stem of `die`.
fn kind(byte: u8) -> u32 {
    match byte.to_ascii_lowercase() {
        b'y' => kind(b'i'),
        letter @ b'a'..=b'z' => 1 << (letter - b'a'),
        byte if byte.is_ascii() => 1 << 26,
        // An accent may be taken off.
        _ => ANY,
    }
}

impl<'t> Wanted<'t> {
    pub(crate) fn new(terms: impl Iterator<Item = &'t str>) -> Self {
        let terms: FxHashSet<&str> = terms.collect();
        let mut first = [0; 128];
        for term in &terms {
            let mut bytes = surface(term).bytes();
            let byte = bytes.next().map_or(0, usize::from);
            if let Some(first) = first.get_mut(byte) {
                *first |= bytes.next().map_or(ANY, kind);
            }
        }
        Self { terms, first }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a word may have one of them: no stemmer changes the beginning of a word, and
    /// English ones but the first letter only as [`kind`] says.
    fn begins(&self, word: &str, english: bool) -> bool {
        let mut bytes = word.bytes();
        let Some(first) = bytes.next() else {
            return true;
        };
        let Some(second) = self.first.get(usize::from(first.to_ascii_lowercase())) else {
            return true;
        };
        let follows = bytes.next().filter(|_| english).map_or(ANY, kind);
        second & follows != 0
    }
}

/// The word itself, and the parts of a camel-case word, which stand at the same position.
fn each_part(text: &str, word: Word, mut with: impl FnMut(&str, Range<usize>)) {
    let whole = &text[word.start..word.end];
    with(whole, word.start..word.end);
    if word.kind != WordKind::Ascii || !has_inner_capital(whole) {
        return;
    }
    for part in camel_parts(whole) {
        let place = word.start + part.start..word.start + part.end;
        with(&whole[part], place);
    }
}

fn has_inner_capital(word: &str) -> bool {
    word.as_bytes().iter().skip(1).any(u8::is_ascii_uppercase)
        && word.bytes().any(|byte| byte.is_ascii_lowercase())
}

fn form_terms(
    word: &str,
    place: Range<usize>,
    position: u32,
    stemmer: &mut LanguageStemmer,
    sink: &mut impl FnMut(TermRef<'_>),
) {
    let Range { start, end } = place;
    stemmer.forms(word, |forms| {
        sink(TermRef {
            term: &forms.plain,
            position,
            start,
            end,
        });
        if let Some(exact) = &forms.exact {
            sink(TermRef {
                term: exact,
                position,
                start,
                end,
            });
        }
        // A reader sees the whole word; a part alone is no word there.
        for part in &forms.parts {
            sink(TermRef {
                term: part,
                position,
                start,
                end,
            });
        }
    });
}

/// Each character alone, and each pair of neighbours, at the position of the first.
fn cjk_terms(text: &str, run: Word, mut position: u32, sink: &mut impl FnMut(TermRef<'_>)) -> u32 {
    use unicode_normalization::UnicodeNormalization;
    let source = &text[run.start..run.end];
    // Half-width forms and decomposed syllables become the usual characters; then places
    // of single characters are not known any more, and the whole run stands for each.
    let folded: String = source.nfkc().collect();
    let same = folded == source;
    let mut chars = folded.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let place = |to: usize| {
            if same {
                (run.start + at, run.start + to)
            } else {
                (run.start, run.end)
            }
        };
        let (start, stop) = place(end);
        sink(TermRef {
            term: &folded[at..end],
            position,
            start,
            end: stop,
        });
        if let Some(&(next, following)) = chars.peek() {
            let to = next + following.len_utf8();
            let (start, stop) = place(to);
            sink(TermRef {
                term: &folded[at..to],
                position,
                start,
                end: stop,
            });
        }
        position += 1;
    }
    position
}

/// A word of a text with the terms an index holds for it.
#[cfg(test)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// Bytes of the text.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) position: u32,
    pub(crate) plain: String,
    /// Without [`EXACT`](super::EXACT); `None` where it does not differ from the plain
    /// term without its language.
    pub(crate) exact: Option<String>,
}

/// The tokens of a text.
#[cfg(test)]
pub(crate) fn tokens(text: &str, lang: Lang) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    Analyzer::new().for_each(text, lang, |term| {
        match term.term.strip_prefix(super::EXACT) {
            Some(exact) => {
                if let Some(last) = tokens.last_mut() {
                    last.exact = Some(exact.to_owned());
                }
            }
            None => tokens.push(Token {
                start: term.start,
                end: term.end,
                position: term.position,
                plain: term.term.to_owned(),
                exact: None,
            }),
        }
    });
    tokens
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[track_caller]
    fn check(text: &str, lang: Lang, expected: Expect) {
        let mut out = Vec::new();
        Analyzer::new().for_each(text, lang, |term| {
            out.push(format!("{}@{}", term.term, term.position));
            assert!(text.get(term.start..term.end).is_some());
        });
        expected.assert_eq(&out.join(" "));
    }

    #[test]
    fn stems_stand_with_the_exact_form_where_it_differs() {
        check(
            "Sailings run; it was running.",
            Lang::En,
            expect!["sail@0 =sailings@0 run@1 it@2 was@3 run@4 =running@4"],
        );
    }

    #[test]
    fn other_languages_carry_their_mark() {
        check(
            "Die Übergaben 2026",
            Lang::De,
            expect!["de:die@0 de:ubergab@1 =übergaben@1 2026@2"],
        );
        check(
            "Ordinary words",
            Lang::Other,
            expect!["x:ordinary@0 x:words@1"],
        );
    }

    #[test]
    fn parts_of_german_compounds_stand_with_them() {
        check(
            "Wärmeübergabe prüfen, Hausanschlüsse",
            Lang::De,
            expect![
                "de:warmeubergab@0 =wärmeübergabe@0 de:warm@0 de:ubergab@0 de:pruf@1 =prüfen@1 de:hausanschluss@2 =hausanschlüsse@2 de:haus@2 de:anschluss@2"
            ],
        );
    }

    #[test]
    fn identifiers_are_consecutive_words() {
        check(
            "ferry_slot.maxLoad OPS-118",
            Lang::En,
            expect!["ferri@0 =ferry@0 slot@1 maxload@2 max@2 load@2 op@3 =ops@3 118@4"],
        );
    }

    #[test]
    fn looking_for_terms_finds_what_going_through_all_finds() {
        let texts = [
            (
                "Dying skis lied; Éclairs and HTTPServers RUNNING idly 9 times",
                Lang::En,
            ),
            ("Hausanschlüsse für Wärmeübergaben", Lang::De),
            ("L'école des élèves", Lang::Fr),
            ("東京都のJava入門", Lang::Ja),
        ];
        for (text, lang) in texts {
            let mut all: Vec<(String, usize, usize)> = Vec::new();
            let mut analyzer = Analyzer::new();
            analyzer.for_each(text, lang, |term| {
                all.push((term.term.to_owned(), term.start, term.end));
            });
            for (term, _, _) in &all {
                let expected: Vec<_> = all.iter().filter(|(have, _, _)| have == term).collect();
                let mut found = Vec::new();
                let wanted = Wanted::new(std::iter::once(term.as_str()));
                analyzer.find(text, lang, &wanted, |term| {
                    found.push((term.term.to_owned(), term.start, term.end));
                });
                assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{term}");
            }
        }
    }

    #[test]
    fn cjk_runs_are_pairs_and_single_characters() {
        check(
            "東京都 ﾃｽﾄ",
            Lang::Ja,
            expect!["東@0 東京@0 京@1 京都@1 都@2 テ@3 テス@3 ス@4 スト@4 ト@5"],
        );
    }
}
