//! The token estimator `hw-approx-1`: how many tokens a language model is likely to
//! count for a text, without knowing the model.
//!
//! A word of Latin letters and digits counts a token for each four characters begun, a
//! Chinese, Japanese or Korean character one, a punctuation mark or line break one, and
//! any other run of characters one for each three bytes begun. White space is free. It is meant
//! to err upwards. Appending to a text never lowers its number, and the parts of a text
//! never add up to less than the whole; budgets rely on both.

use std::ops::Range;

/// Estimated tokens of a text.
pub(crate) fn est_tokens(text: &str) -> u32 {
    let mut meter = Meter::default();
    meter.read(text);
    meter.tokens
}

/// Estimated tokens of parts of a text, each as if alone, and of the whole text. Parts that
/// follow each other cost no second look at the text.
pub(crate) fn est_tokens_of(
    text: &str,
    parts: impl Iterator<Item = Range<usize>>,
) -> (Vec<u32>, u32) {
    let mut meter = Meter::default();
    let mut at = 0;
    let mut of_part = |part: Range<usize>| {
        if at <= part.start {
            meter.read(&text[at..part.start]);
            at = part.start;
        }
        if at != part.start || meter.is_inside() {
            return est_tokens(&text[part]);
        }
        let before = meter.tokens;
        at = part.end;
        meter.read(&text[part]);
        meter.tokens - before
    };
    let parts = parts.map(&mut of_part).collect();
    meter.read(&text[at..]);
    (parts, meter.tokens)
}

/// Length in bytes of the longest beginning of the text that costs at most `budget`.
pub(crate) fn prefix_within(text: &str, budget: u32) -> usize {
    let mut meter = Meter::default();
    for (at, c) in text.char_indices() {
        meter.push(c);
        if meter.tokens > budget {
            return at;
        }
    }
    text.len()
}

/// Counts while characters go by.
#[derive(Debug, Clone, Copy, Default)]
struct Meter {
    /// Of everything so far, what is begun included.
    tokens: u32,
    /// Characters of the Latin word that is open.
    word: u32,
    /// Bytes of any other run that is open.
    other: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Space,
    /// One token by itself.
    Single,
    Word,
    Other,
}

impl Meter {
    fn read(&mut self, text: &str) {
        let mut at = 0;
        loop {
            at += self.usual(&text.as_bytes()[at..]);
            let Some(c) = text[at..].chars().next() else {
                return;
            };
            self.push(c);
            at += c.len_utf8();
        }
    }

    /// Counts up to the first byte that is not usual, without a branch for each byte: words
    /// are most of any text, and too short to be guessed well. Gives the bytes counted.
    fn usual(&mut self, bytes: &[u8]) -> usize {
        let Self {
            mut tokens,
            mut word,
            ..
        } = *self;
        let mut counted = 0;
        for byte in bytes {
            let usual = USUAL[usize::from(*byte)];
            if usual == UNUSUAL {
                break;
            }
            let of_word = u32::from(usual & WORD);
            tokens += of_word & u32::from(word.is_multiple_of(4)) | u32::from(usual >> 1);
            word = (word + 1) & of_word.wrapping_neg();
            counted += 1;
        }
        if counted > 0 {
            *self = Self {
                tokens,
                word,
                other: 0,
            };
        }
        counted
    }

    fn push(&mut self, c: char) {
        match class(c) {
            Class::Space => (self.word, self.other) = (0, 0),
            Class::Single => {
                (self.word, self.other) = (0, 0);
                self.tokens += 1;
            }
            Class::Word => {
                self.tokens += u32::from(self.word.is_multiple_of(4));
                (self.word, self.other) = (self.word + 1, 0);
            }
            Class::Other => {
                let bytes = self.other + u32::try_from(c.len_utf8()).unwrap_or(4);
                self.tokens += bytes.div_ceil(3) - self.other.div_ceil(3);
                (self.word, self.other) = (0, bytes);
            }
        }
    }

    /// Whether a run is open that the next character may belong to.
    fn is_inside(&self) -> bool {
        self.word + self.other > 0
    }
}

const WORD: u8 = 1;
const SINGLE: u8 = 2;
/// Neither; what ends a run and costs nothing.
const SPACE: u8 = 0;
const UNUSUAL: u8 = 4;

/// Classes of the bytes that are characters alone and no control characters.
const USUAL: [u8; 256] = {
    let mut classes = [UNUSUAL; 256];
    let mut c: u8 = 0;
    while c < 128 {
        classes[c as usize] = match c {
            b'\n' => SINGLE,
            b' ' | b'\t' | b'\r' => SPACE,
            _ if c.is_ascii_alphanumeric() => WORD,
            _ if c.is_ascii_punctuation() => SINGLE,
            _ => UNUSUAL,
        };
        c += 1;
    }
    classes
};

fn class(c: char) -> Class {
    match c {
        '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => Class::Single,
        'a'..='z' | 'A'..='Z' | '0'..='9' => Class::Word,
        ' ' | '\t' | '\r' => Class::Space,
        _ if c.is_ascii_punctuation() => Class::Single,
        // Latin-1 and Latin Extended letters, combining marks, Latin Extended Additional.
        'ª' | 'º' | '\u{c0}'..='\u{24f}' | '\u{300}'..='\u{36f}' | '\u{1e00}'..='\u{1eff}'
            if !matches!(c, '×' | '÷') =>
        {
            Class::Word
        }
        _ if c.is_whitespace() => Class::Space,
        _ if is_cjk(c) || is_punctuation(c) => Class::Single,
        _ => Class::Other,
    }
}

fn is_cjk(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11ff}'     // Hangul jamo
        | '\u{2e80}'..='\u{2fdf}'   // radicals
        | '\u{3000}'..='\u{a4cf}'   // marks, kana, bopomofo, ideographs, Yi
        | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7ff}'   // Hangul syllables
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}'
        | '\u{ff00}'..='\u{ffef}'   // full and half width forms
        | '\u{1b000}'..='\u{1b16f}'
        | '\u{20000}'..='\u{3ffff}')
}

fn is_punctuation(c: char) -> bool {
    matches!(c, '\u{a1}'..='\u{bf}' | '×' | '÷' | '\u{2010}'..='\u{205e}' | '\u{2e00}'..='\u{2e7f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn counts_follow_the_definition() {
        for (text, tokens) in [
            ("", 0),
            ("   \t ", 0),
            ("ice", 1),
            ("sailing", 2),
            ("Überfahrt", 3),
            ("9 cm or more", 4),
            ("OPS-118", 3),
            ("one\ntwo", 3),
            ("フェリー", 4),
            ("冬の時刻表", 5),
            ("여객선", 3),
            // Seven letters of two bytes each.
            ("Причал", 4),
            ("“yes”", 3),
            ("…", 1),
            ("🚢", 2),
        ] {
            assert_eq!(est_tokens(text), tokens, "{text:?}");
        }
    }

    #[test]
    fn a_beginning_fits_and_the_next_character_would_not() {
        let text = "A sailing is cancelled when the ice gauge reads 9 cm.";
        for budget in 0..=est_tokens(text) {
            let len = prefix_within(text, budget);
            assert!(est_tokens(&text[..len]) <= budget);
            if let Some(c) = text[len..].chars().next() {
                assert!(est_tokens(&text[..len + c.len_utf8()]) > budget);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whole_words_count_as_their_characters(text in "[a-zé0-9 \\n\\t\u{0}-\u{2f}語🚢]{0,60}") {
            let mut meter = Meter::default();
            text.chars().for_each(|c| meter.push(c));
            prop_assert_eq!(est_tokens(&text), meter.tokens);
        }

        #[test]
        fn parts_count_as_if_alone(
            pieces in prop::collection::vec("[a-zé0-9 \\n,\u{0}語🚢]{0,12}", 0..8),
            swapped: bool,
        ) {
            let text = pieces.concat();
            let mut ends: Vec<usize> = Vec::new();
            for piece in &pieces {
                ends.push(ends.last().unwrap_or(&0) + piece.len());
            }
            let starts = std::iter::once(&0).chain(&ends);
            // Each second piece belongs to no part.
            let mut parts: Vec<_> = starts.zip(&ends).map(|(a, b)| *a..*b).step_by(2).collect();
            if swapped {
                parts.reverse();
            }
            let alone: Vec<u32> = parts.iter().map(|part| est_tokens(&text[part.clone()])).collect();
            let whole = est_tokens(&text);
            prop_assert_eq!(est_tokens_of(&text, parts.into_iter()), (alone, whole));
        }

        #[test]
        fn appending_never_lowers_and_parts_never_undercut(a in "\\PC{0,40}", b in "\\PC{0,40}") {
            let whole = est_tokens(&format!("{a}{b}"));
            prop_assert!(whole >= est_tokens(&a));
            prop_assert!(whole <= est_tokens(&a) + est_tokens(&b));
        }
    }
}
