//! Stems, by language, with a memo of what was stemmed before.
//!
//! The stemmer is half of the cost of analysis, and a text repeats its words: a memo of
//! raw word to terms takes most of it away. The memo is bounded and is emptied when full.

use frostem::{Algorithm, Stemmer};
use rustc_hash::FxHashMap;

use super::fold::{fold_exact, strip_accents};
use super::{EXACT, compound};
use crate::model::Lang;

/// Languages with a stemmer, and how their terms are marked. English terms are bare.
pub(crate) const STEMMED: &[(Lang, &str, Algorithm)] = &[
    (Lang::En, "", Algorithm::English),
    (Lang::De, GERMAN, Algorithm::German),
    (Lang::Fr, "fr:", Algorithm::French),
    (Lang::Es, "es:", Algorithm::Spanish),
    (Lang::It, "it:", Algorithm::Italian),
    (Lang::Nl, "nl:", Algorithm::Dutch),
    (Lang::Pt, "pt:", Algorithm::Portuguese),
];

const GERMAN: &str = "de:";

/// Mark of words in a language without a stemmer.
pub(crate) const UNSTEMMED: &str = "x:";

/// Words longer than this are data, not language: they are neither stemmed nor kept in
/// the memo.
const LONGEST_WORD: usize = 40;

/// A term longer than this is cut: no engine takes terms of any length.
pub(crate) const LONGEST_TERM: usize = 128;

/// Words of a memo.
pub(crate) const MEMO_ENTRIES: usize = 100_000;

/// The two forms of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Forms {
    /// With the mark of its language.
    pub(crate) plain: Box<str>,
    /// With [`EXACT`]; `None` where it does not differ.
    pub(crate) exact: Option<Box<str>>,
    /// Plain terms of the parts of a German compound.
    pub(crate) parts: Box<[Box<str>]>,
}

/// Stems words of one language.
pub(crate) struct LanguageStemmer {
    mark: &'static str,
    stemmer: Option<Stemmer>,
    memo: FxHashMap<Box<str>, Forms>,
    /// Words that the memo has at most.
    most: usize,
}

/// A word folded, which is the same in every language.
pub(crate) struct Folded {
    /// NFKC and case folded, accents kept.
    pub(crate) exact: String,
    /// Without accents.
    bare: String,
}

impl Folded {
    pub(crate) fn new(word: &str) -> Self {
        let exact = fold_exact(cut(word));
        Self {
            bare: strip_accents(&exact),
            exact,
        }
    }
}

impl LanguageStemmer {
    pub(crate) fn new(lang: Lang, most: usize) -> Self {
        let row = STEMMED
            .iter()
            .find(|(have, _, _)| *have == stemmed_as(lang));
        let (mark, stemmer) = match row {
            Some((_, mark, algorithm)) => (*mark, Some(Stemmer::new(*algorithm))),
            None => (UNSTEMMED, None),
        };
        Self {
            mark,
            stemmer,
            memo: FxHashMap::default(),
            most,
        }
    }

    /// Calls `with` with the forms of a word.
    pub(crate) fn forms<R>(&mut self, word: &str, with: impl FnOnce(&Forms) -> R) -> R {
        if let Some(forms) = self.memo.get(word) {
            return with(forms);
        }
        let forms = self.make(word);
        let result = with(&forms);
        if word.len() <= LONGEST_WORD {
            if self.memo.len() >= self.most {
                self.memo.clear();
            }
            self.memo.insert(word.into(), forms);
        }
        result
    }

    fn make(&self, word: &str) -> Forms {
        let Folded { exact, bare } = &Folded::new(word);
        let stem = self.stem(bare);
        let marked = self.marked(bare, &stem);
        let differs = *stem != **exact;
        let parts = if self.mark == GERMAN {
            self.parts(bare, &marked)
        } else {
            Box::default()
        };
        Forms {
            exact: differs.then(|| format!("{EXACT}{exact}").into()),
            plain: marked.into(),
            parts,
        }
    }

    /// The plain term of a word alone.
    pub(crate) fn plain(&self, word: &Folded) -> String {
        self.marked(&word.bare, &self.stem(&word.bare))
    }

    fn marked(&self, bare: &str, stem: &str) -> String {
        let mark = if is_neutral(bare) { "" } else { self.mark };
        [mark, stem].concat()
    }

    fn parts(&self, folded: &str, whole: &str) -> Box<[Box<str>]> {
        let parts = compound::parts(folded).into_iter();
        let parts = parts.map(|part| format!("{}{}", self.mark, self.stem(&folded[part])));
        parts
            .filter(|part| part != whole)
            .map(String::into_boxed_str)
            .collect()
    }

    fn stem<'w>(&self, folded: &'w str) -> std::borrow::Cow<'w, str> {
        match &self.stemmer {
            Some(stemmer) if !is_neutral(folded) && folded.len() <= LONGEST_WORD => {
                stemmer.stem(folded)
            }
            _ => folded.into(),
        }
    }
}

/// Latin words among Chinese, Japanese and Korean are product names and English.
fn stemmed_as(lang: Lang) -> Lang {
    match lang {
        Lang::Ja | Lang::Ko | Lang::Zh => Lang::En,
        other => other,
    }
}

/// Words with digits (`v2`, `118`, `utf8`) are of no language.
fn is_neutral(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

fn cut(word: &str) -> &str {
    if word.len() <= LONGEST_TERM {
        return word;
    }
    let end = (0..=LONGEST_TERM)
        .rev()
        .find(|at| word.is_char_boundary(*at));
    &word[..end.unwrap_or(0)]
}

/// The mark of the language a plain term carries: empty for English, for words of no
/// language and for CJK.
pub(crate) fn term_language(term: &str) -> &str {
    match term.as_bytes() {
        [b'x', b':', ..] => &term[..2],
        [a, b, b':', ..] if a.is_ascii_lowercase() && b.is_ascii_lowercase() => &term[..3],
        _ => "",
    }
}

/// The mark of documents of this language.
pub(crate) fn language_mark(lang: Lang) -> &'static str {
    let row = STEMMED
        .iter()
        .find(|(have, _, _)| *have == stemmed_as(lang));
    row.map_or(UNSTEMMED, |(_, mark, _)| mark)
}
