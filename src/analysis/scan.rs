//! Where words begin and end.
//!
//! A word is a run of letters, digits and marks; runs of CJK characters are cut out of
//! it. Punctuation inside identifiers (`ferry_slot.max_load`) separates words that stand
//! at consecutive positions, so that the whole is found as a phrase and each part alone.

/// A run of the text that becomes terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: WordKind,
}

/// What kind of run a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WordKind {
    /// Only ASCII letters and digits.
    Ascii,
    Letters,
    /// Han, kana or Hangul.
    Cjk,
}

/// The words of a text in order.
pub(crate) struct Words<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Words<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn char_at(&self, at: usize) -> Option<char> {
        self.text.get(at..)?.chars().next()
    }

    /// End of a word that begins at `start` with a letter or digit that is not CJK.
    fn word_end(&self, start: usize) -> (usize, WordKind) {
        let bytes = self.text.as_bytes();
        let mut at = start;
        let mut kind = WordKind::Ascii;
        loop {
            while bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
                at += 1;
            }
            let Some(c) = self.char_at(at) else {
                return (at, kind);
            };
            let joined = if is_apostrophe(c) {
                self.apostrophe_joins(start, at, c)
            } else {
                !c.is_ascii() && is_word_char(c) && !is_cjk(c)
            };
            if !joined {
                return (at, kind);
            }
            kind = WordKind::Letters;
            at += c.len_utf8();
        }
    }

    /// `don't` is one word, `l'eau` are two: the part before an elision is short.
    fn apostrophe_joins(&self, start: usize, at: usize, apostrophe: char) -> bool {
        let after = self.char_at(at + apostrophe.len_utf8());
        let before = &self.text[start..at];
        after.is_some_and(|c| c.is_alphabetic() && !is_cjk(c))
            && before.chars().count() > 2
            && before.chars().all(char::is_alphabetic)
    }

    fn cjk_end(&self, start: usize) -> usize {
        let rest = &self.text[start..];
        rest.find(|c| !is_cjk(c))
            .map_or(self.text.len(), |len| start + len)
    }
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        let bytes = self.text.as_bytes();
        loop {
            let byte = *bytes.get(self.at)?;
            if byte.is_ascii() {
                if !byte.is_ascii_alphanumeric() {
                    self.at += 1;
                    continue;
                }
            } else {
                let c = self.char_at(self.at)?;
                if is_cjk(c) {
                    let start = self.at;
                    self.at = self.cjk_end(start);
                    return Some(Word {
                        start,
                        end: self.at,
                        kind: WordKind::Cjk,
                    });
                }
                // U+02BC is a letter to Unicode, but no word begins with it.
                if !is_word_char(c) || is_mark(c) || is_apostrophe(c) {
                    self.at += c.len_utf8();
                    continue;
                }
            }
            let start = self.at;
            let (end, kind) = self.word_end(start);
            self.at = end;
            return Some(Word { start, end, kind });
        }
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{02BC}')
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}

fn is_mark(c: char) -> bool {
    c >= '\u{300}' && unicode_normalization::char::is_combining_mark(c)
}

/// Scripts written without spaces between words, and Hangul, whose words carry endings:
/// both are found by any run of their characters.
pub(crate) fn is_cjk(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11FF}'     // Hangul Jamo
        | '\u{2E80}'..='\u{2FDF}'   // radicals
        | '\u{3005}'..='\u{3007}'   // iteration mark, closing mark, zero
        | '\u{3021}'..='\u{3029}'
        | '\u{3041}'..='\u{3096}'   // Hiragana
        | '\u{3099}'..='\u{309A}'   // voicing marks
        | '\u{309D}'..='\u{309F}'
        | '\u{30A1}'..='\u{30FA}'   // Katakana
        | '\u{30FC}'..='\u{30FF}'
        | '\u{3105}'..='\u{318E}'   // Bopomofo, Hangul compatibility
        | '\u{31A0}'..='\u{31BF}'
        | '\u{31F0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{A960}'..='\u{A97C}'
        | '\u{AC00}'..='\u{D7FF}'   // Hangul syllables
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FF66}'..='\u{FF9F}'   // half-width Katakana
        | '\u{20000}'..='\u{3FFFF}')
}

/// The parts of a camel-case word, as byte ranges; empty when it has none.
///
/// `maxLoad` is `max`, `Load`; `HTTPServer` is `HTTP`, `Server`; `iPhone` stays whole,
/// since its first part is a single letter.
pub(crate) fn camel_parts(word: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = word.as_bytes();
    let lower = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_lowercase);
    let upper = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_uppercase);
    let cut = |i: &usize| upper(*i) && (lower(i - 1) || (upper(i - 1) && lower(i + 1)));
    let cuts: Vec<usize> = (1..bytes.len()).filter(cut).collect();
    if cuts.is_empty() {
        return Vec::new();
    }
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain(std::iter::once(bytes.len()));
    let parts: Vec<_> = starts.zip(ends).map(|(start, end)| start..end).collect();
    if parts.iter().any(|part| part.len() < 2) {
        Vec::new()
    } else {
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let words: Vec<_> = Words::new(text)
            .map(|word| &text[word.start..word.end])
            .collect();
        assert_eq!(words, expected);
    }

    #[test]
    fn words_end_where_a_reader_sees_their_end() {
        check(
            "The ice-gauge reads 9 cm.",
            &["The", "ice", "gauge", "reads", "9", "cm"],
        );
        check(
            "ferry_slot.max_load v2.14.0",
            &["ferry", "slot", "max", "load", "v2", "14", "0"],
        );
        check("don't l'eau Köln’s", &["don't", "l", "eau", "Köln’s"]);
        check(
            "e\u{301}te\u{301} 'quoted'",
            &["e\u{301}te\u{301}", "quoted"],
        );
        check("Java入門と実践 2版", &["Java", "入門と実践", "2", "版"]);
        check("한국어 문서", &["한국어", "문서"]);
        check("ʼtis Qurʼan", &["tis", "Qurʼan"]);
        check(" \u{301}\u{0} — ", &[]);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig {
            failure_persistence: None,
            ..proptest::prelude::ProptestConfig::default()
        })]

        #[test]
        fn words_are_ordered_and_never_empty(text in "[a-zäʼ'’\u{301}東テ가0-9 ._]{0,40}|.{0,40}") {
            let mut end = 0;
            for word in Words::new(&text) {
                proptest::prop_assert!(word.start >= end && word.end > word.start);
                proptest::prop_assert!(text.get(word.start..word.end).is_some());
                end = word.end;
            }
        }
    }

    #[test]
    fn camel_case_is_cut_between_words() {
        let parts = |word: &str| -> Vec<String> {
            camel_parts(word)
                .into_iter()
                .map(|part| word[part].to_owned())
                .collect()
        };
        assert_eq!(parts("maxLoad"), ["max", "Load"]);
        assert_eq!(parts("HTTPServer"), ["HTTP", "Server"]);
        assert!(parts("Kubernetes").is_empty());
        assert!(parts("iPhone").is_empty());
        assert!(parts("OPS").is_empty());
    }
}
