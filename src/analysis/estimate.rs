//! The token estimator `hw-approx-1`: how many tokens a language model is likely to
//! count for a text, without knowing the model.
//!
//! A word of Latin letters and digits counts a token for each four characters begun, a
//! Chinese, Japanese or Korean character one, a punctuation mark or line break one, and
//! any other run of characters one for each three bytes begun. White space is free. It is meant
//! to err upwards. Appending to a text never lowers its number, and the parts of a text
//! never add up to less than the whole; budgets rely on both.

/// Estimated tokens of a text.
pub(crate) fn est_tokens(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let mut meter = Meter::default();
    let mut at = 0;
    while let Some(&first) = bytes.get(at) {
        match ascii_class(first) {
            // Words are most of any text: their ends are found by bytes.
            Some(Class::Word) => {
                let word = bytes[at..].iter().position(|byte| !is_word(*byte));
                let word = word.unwrap_or(bytes.len() - at);
                meter.word(u32::try_from(word).unwrap_or(u32::MAX));
                at += word;
            }
            Some(Class::Space) => {
                meter.close(0);
                at += 1;
            }
            Some(Class::Single) => {
                meter.close(1);
                at += 1;
            }
            Some(Class::Other) => {
                meter.take(Class::Other, 1, 1);
                at += 1;
            }
            None => {
                let c = text[at..].chars().next().unwrap_or_default();
                meter.push(c);
                at += c.len_utf8();
            }
        }
    }
    meter.total()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Class of an ASCII byte; nothing for a part of another character.
fn ascii_class(byte: u8) -> Option<Class> {
    CLASSES.get(usize::from(byte)).copied()
}

const CLASSES: [Class; 128] = {
    let mut classes = [Class::Other; 128];
    let mut c: u8 = 0;
    while c < 128 {
        classes[c as usize] = match c {
            b'\n' => Class::Single,
            b' ' | b'\t' | b'\r' | 0x0b | 0x0c => Class::Space,
            _ if c.is_ascii_alphanumeric() => Class::Word,
            _ if c.is_ascii_punctuation() => Class::Single,
            _ => Class::Other,
        };
        c += 1;
    }
    classes
};

/// Length in bytes of the longest beginning of the text that costs at most `budget`.
pub(crate) fn prefix_within(text: &str, budget: u32) -> usize {
    let mut meter = Meter::default();
    for (at, c) in text.char_indices() {
        meter.push(c);
        if meter.total() > budget {
            return at;
        }
    }
    text.len()
}

/// Counts while characters go by.
#[derive(Debug, Clone, Copy, Default)]
struct Meter {
    /// Tokens of everything before the open run.
    closed: u32,
    run: Run,
}

#[derive(Debug, Clone, Copy, Default)]
enum Run {
    #[default]
    None,
    /// Characters of a Latin word.
    Word(u32),
    /// Bytes of any other run.
    Bytes(u32),
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
    fn push(&mut self, c: char) {
        let bytes = u32::try_from(c.len_utf8()).unwrap_or(4);
        self.take(class(c), 1, bytes);
    }

    /// So many characters of a word.
    #[inline]
    fn word(&mut self, characters: u32) {
        match self.run {
            Run::None => self.run = Run::Word(characters),
            _ => self.take(Class::Word, characters, 0),
        }
    }

    fn take(&mut self, class: Class, characters: u32, bytes: u32) {
        match (class, self.run) {
            (Class::Space, _) => self.close(0),
            (Class::Single, _) => self.close(1),
            (Class::Word, Run::Word(n)) => self.run = Run::Word(n.saturating_add(characters)),
            (Class::Word, _) => self.open(Run::Word(characters)),
            (Class::Other, Run::Bytes(n)) => self.run = Run::Bytes(n.saturating_add(bytes)),
            (Class::Other, _) => self.open(Run::Bytes(bytes)),
        }
    }

    #[inline]
    fn close(&mut self, more: u32) {
        self.closed = self.total().saturating_add(more);
        self.run = Run::None;
    }

    fn open(&mut self, run: Run) {
        self.close(0);
        self.run = run;
    }

    #[inline]
    fn total(&self) -> u32 {
        let open = match self.run {
            Run::None => 0,
            Run::Word(characters) => characters.div_ceil(4),
            Run::Bytes(bytes) => bytes.div_ceil(3),
        };
        self.closed.saturating_add(open)
    }
}

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
            prop_assert_eq!(est_tokens(&text), meter.total());
        }

        #[test]
        fn appending_never_lowers_and_parts_never_undercut(a in "\\PC{0,40}", b in "\\PC{0,40}") {
            let whole = est_tokens(&format!("{a}{b}"));
            prop_assert!(whole >= est_tokens(&a));
            prop_assert!(whole <= est_tokens(&a) + est_tokens(&b));
        }
    }
}
