//! The same analysis for questions, where the language is not known, and a text as an
//! index would hold it, for evaluating without one.

use std::collections::HashMap;
use std::ops::Range;

use super::EXACT;
use super::fold::fold_exact;
use super::near::{alike, near};
use super::scan::{WordKind, Words};
use super::stem::{Folded, LanguageStemmer, STEMMED};
use super::terms::Analyzer;
use crate::model::Lang;

/// One position of a query text and the plain terms that satisfy it: one for each
/// language, since a query's language is not known. A document holds terms of its own
/// language only, so the others do no harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueryPosition {
    pub(crate) plain: Vec<String>,
    /// NFKC, case folded, not stemmed, without [`EXACT`].
    pub(crate) exact: String,
    /// Bytes of the query text.
    pub(crate) span: Range<usize>,
}

/// The consecutive positions of a query text. Several positions are a phrase.
pub(crate) fn query_positions(text: &str) -> Vec<QueryPosition> {
    let languages = STEMMED
        .iter()
        .map(|(lang, _, _)| *lang)
        .chain([Lang::Other]);
    // Each word of a question is stemmed once, so nothing is kept.
    let stemmers: Vec<_> = languages
        .map(|lang| LanguageStemmer::new(lang, 0))
        .collect();
    let mut positions = Vec::new();
    for word in Words::new(text) {
        let source = &text[word.start..word.end];
        if word.kind == WordKind::Cjk {
            positions.extend(cjk_positions(source, word.start..word.end));
            continue;
        }
        let mut plain: Vec<String> = Vec::new();
        let folded = Folded::new(source);
        for stemmer in &stemmers {
            let term = stemmer.plain(&folded);
            if !plain.contains(&term) {
                plain.push(term);
            }
        }
        positions.push(QueryPosition {
            plain,
            exact: fold_exact(source),
            span: word.start..word.end,
        });
    }
    positions
}

/// Pairs of a run; a lone character is asked for alone.
fn cjk_positions(run: &str, place: Range<usize>) -> Vec<QueryPosition> {
    use unicode_normalization::UnicodeNormalization;
    let chars: Vec<char> = run.nfkc().collect();
    let position = |pair: &[char]| {
        let term: String = pair.iter().collect();
        QueryPosition {
            plain: vec![term.clone()],
            exact: term,
            span: place.clone(),
        }
    };
    if chars.len() == 1 {
        vec![position(&chars)]
    } else {
        chars.windows(2).map(position).collect()
    }
}

/// A text as an index would hold it, for evaluating a query without one.
#[derive(Debug, Clone, Default)]
pub(crate) struct IndexedText {
    positions: HashMap<String, Vec<u32>>,
}

impl IndexedText {
    pub(crate) fn new(text: &str, lang: Lang) -> Self {
        let mut positions: HashMap<String, Vec<u32>> = HashMap::new();
        Analyzer::new().for_each(text, lang, |term| {
            positions
                .entry(term.term.to_owned())
                .or_default()
                .push(term.position);
        });
        Self { positions }
    }

    /// Whether the positions follow one another somewhere.
    pub(crate) fn has_phrase(&self, phrase: &[QueryPosition]) -> bool {
        let Some((first, rest)) = phrase.split_first() else {
            return false;
        };
        let follows = |start: u32| {
            (start + 1..)
                .zip(rest)
                .all(|(at, position)| self.stands_at(position, at))
        };
        let starts = first
            .plain
            .iter()
            .filter_map(|term| self.positions.get(term));
        starts.flatten().any(|start| follows(*start))
    }

    /// Whether the positions stand close together; see [`near`].
    pub(crate) fn has_near(&self, words: &[QueryPosition], slop: u32) -> bool {
        let list = |word: &QueryPosition| {
            let found = word
                .plain
                .iter()
                .filter_map(|term| self.positions.get(term));
            let mut list: Vec<u32> = found.flatten().copied().collect();
            list.sort_unstable();
            list.dedup();
            list
        };
        let lists: Vec<Vec<u32>> = words.iter().map(list).collect();
        near(&lists, &alike(words), slop)
    }

    fn stands_at(&self, position: &QueryPosition, at: u32) -> bool {
        let lists = position
            .plain
            .iter()
            .filter_map(|term| self.positions.get(term));
        lists
            .into_iter()
            .any(|list| list.binary_search(&at).is_ok())
    }

    /// All terms: plain ones with the mark of their language, exact ones with [`EXACT`].
    pub(crate) fn terms(&self) -> impl Iterator<Item = &str> {
        self.positions.keys().map(String::as_str)
    }
}

/// The form of a term that wildcards and fuzzy words are tested against: exact forms
/// without their mark, plain terms without their language. A plain term stands for the
/// exact form where the two do not differ; where they do, the bare stem is tested too.
pub(crate) fn surface(term: &str) -> &str {
    match term.strip_prefix(EXACT) {
        Some(exact) => exact,
        None => &term[super::term_language(term).len()..],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, lang: Lang, found: &[&str], not_found: &[&str]) {
        let indexed = IndexedText::new(text, lang);
        for query in found {
            assert!(
                indexed.has_phrase(&query_positions(query)),
                "{query} in {text}"
            );
        }
        for query in not_found {
            assert!(
                !indexed.has_phrase(&query_positions(query)),
                "{query} not in {text}"
            );
        }
    }

    #[test]
    fn inflections_case_and_accents_do_not_matter() {
        check(
            "Sailings were cancelled at Køge",
            Lang::En,
            &["sailing", "SAILINGS", "cancel", "cancelled at koge", "Køge"],
            &["sailed away", "at cancelled"],
        );
        check(
            "Die Rechnungen der Straße",
            Lang::De,
            &["Rechnung", "strasse"],
            &["rechner"],
        );
    }

    #[test]
    fn german_compounds_are_found_by_their_parts() {
        check(
            "Die Wärmeübergabestationen am Hausanschluss prüfen",
            Lang::De,
            &[
                "Übergabe",
                "Station",
                "Wärmeübergabe",
                "übergabestation",
                "Anschluss prüfen",
                "Wärmeübergabestation",
            ],
            &["Gabe", "Haus prüfen am"],
        );
    }

    #[test]
    fn identifiers_are_found_whole_and_by_parts() {
        check(
            "set ferry_slot.maxLoad in /etc/ferry.conf (see OPS-118)",
            Lang::En,
            &[
                "ferry_slot.maxload",
                "maxLoad",
                "load",
                "/etc/ferry.conf",
                "ops-118",
                "118",
            ],
            &["ops-119", "ferry.maxload"],
        );
    }

    #[test]
    fn any_run_of_cjk_is_found() {
        check(
            "冬季の時刻表を確認する",
            Lang::Ja,
            &["時刻", "刻", "時刻表を", "する"],
            &["時表", "表時"],
        );
    }
}
