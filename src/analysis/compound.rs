//! German compounds and their parts, so that `Übergabe` finds `Wärmeübergabestation`.
//!
//! A word is cut into words of a list of common ones, with the letters that German puts
//! between them. One part may be unknown, since names and rare words are compounded too,
//! if what stands beside it is long enough to be no accident. The list is our own; words
//! that are missing from it are parts that are not found, nothing worse.

use std::ops::Range;
use std::sync::OnceLock;

use rustc_hash::FxHashSet;

/// Letters of the shortest word that is looked at.
const SHORTEST_WORD: usize = 8;
/// Letters of the longest; longer ones are data.
const LONGEST_WORD: usize = 60;
/// Letters of the shortest unknown part, and of the known part beside it.
const SHORTEST_UNKNOWN: usize = 4;
const SHORTEST_BESIDE: usize = 5;
/// More parts than this are a sentence without blanks.
const MOST_PARTS: usize = 6;

/// Between parts.
const LINKS: &[&str] = &["", "s", "es", "n", "en", "er", "e"];
/// Behind the last part.
const ENDINGS: &[&str] = &[
    "", "e", "en", "n", "er", "ern", "es", "s", "em", "se", "sen", "innen", "in",
];
/// What no unknown part begins with: the word before it goes on, or is derived.
const SUFFIXES: &[&str] = &[
    "ung", "ier", "isch", "lich", "heit", "keit", "los", "bar", "ig", "schaft", "haft", "nis",
];
/// Prefixes of verbs are no words, whatever follows.
const PREFIXES: &[&str] = &["be", "ent", "er", "ge", "miss", "ver", "zer"];

/// What is known of the words of the list.
fn words() -> &'static FxHashSet<&'static str> {
    static WORDS: OnceLock<FxHashSet<&str>> = OnceLock::new();
    WORDS.get_or_init(|| include_str!("german.txt").split_whitespace().collect())
}

/// A way to cut the letters before some place.
#[derive(Debug, Clone, Copy)]
struct Cut {
    cost: usize,
    from: usize,
    /// Letters of the part itself, without what links it.
    len: usize,
    known: bool,
    unknowns: usize,
    parts: usize,
}

/// Parts, and runs of neighbouring parts, of a word in lower case without accents, as
/// ranges of its bytes. Empty where it is no compound.
pub(super) fn parts(word: &str) -> Vec<Range<usize>> {
    let fits = (SHORTEST_WORD..=LONGEST_WORD).contains(&word.len());
    if !fits || !word.bytes().all(|byte| byte.is_ascii_lowercase()) || is_known(word) {
        return Vec::new();
    }
    let Some(single) = single_parts(word) else {
        return Vec::new();
    };
    let mut runs = Vec::new();
    for (first, part) in single.iter().enumerate() {
        for last in &single[first..] {
            let run = part.start..last.end;
            if run.len() < single[single.len() - 1].end - single[0].start {
                runs.push(run);
            }
        }
    }
    runs
}

/// Whether it is a word of the list, perhaps inflected.
fn is_known(word: &str) -> bool {
    ENDINGS.iter().any(|ending| {
        word.strip_suffix(ending)
            .is_some_and(|stem| words().contains(stem))
    })
}

/// The cheapest way to cut the whole word: few parts, rather known ones.
fn single_parts(word: &str) -> Option<Vec<Range<usize>>> {
    let mut best: Vec<Option<Cut>> = vec![None; word.len() + 1];
    for end in 2..=word.len() {
        let starts = (0..end - 1).filter(|start| *start == 0 || best[*start].is_some());
        let cuts = starts.flat_map(|start| cuts(word, start..end, best[start]));
        best[end] = cuts.min_by_key(|cut| cut.cost);
    }
    let last = best[word.len()].filter(|cut| cut.parts > 1)?;
    let mut parts = Vec::with_capacity(last.parts);
    let mut at = Some(last);
    while let Some(cut) = at {
        parts.push(cut.from..cut.from + cut.len);
        at = best[cut.from];
    }
    parts.reverse();
    // The last part keeps its ending, which the stemmer knows better.
    if let Some(last) = parts.last_mut() {
        last.end = word.len();
    }
    Some(parts)
}

/// Ways in which a range is one part behind what stands before it.
fn cuts(word: &str, range: Range<usize>, before: Option<Cut>) -> impl Iterator<Item = Cut> {
    let text = &word[range.clone()];
    let is_last = range.end == word.len();
    let joints = if is_last { ENDINGS } else { LINKS };
    let (cost, unknowns, parts) =
        before.map_or((0, 0, 0), |cut| (cut.cost, cut.unknowns, cut.parts));
    let known = joints.iter().filter_map(move |joint| {
        let stem = text.strip_suffix(joint)?;
        (stem.len() > 1 && words().contains(stem)).then(|| Cut {
            // Short words are found everywhere; three letters count little.
            cost: cost + 10 + joint.len() + 8_usize.saturating_sub(stem.len()),
            from: range.start,
            len: stem.len(),
            known: true,
            unknowns,
            parts: parts + 1,
        })
    });
    let unknown = may_be_unknown(word, &range, before).then_some(Cut {
        cost: cost + 40 + range.len(),
        from: range.start,
        len: range.len(),
        known: false,
        unknowns: unknowns + 1,
        parts: parts + 1,
    });
    let known: Vec<Cut> = known.collect();
    known
        .into_iter()
        .chain(unknown)
        .filter(|cut| cut.parts <= MOST_PARTS)
        .filter(move |cut| cut.known || cut.unknowns == 1)
        .filter(move |cut| before.is_none_or(|before| goes_with(before, *cut)))
}

/// An unknown part has a long known one beside it.
fn goes_with(before: Cut, cut: Cut) -> bool {
    match (before.known, cut.known) {
        (true, true) => true,
        (true, false) => before.len >= SHORTEST_BESIDE,
        (false, _) => cut.known && cut.len >= SHORTEST_BESIDE,
    }
}

fn may_be_unknown(word: &str, range: &Range<usize>, before: Option<Cut>) -> bool {
    let text = &word[range.clone()];
    let at_an_end = range.start == 0 || range.end == word.len();
    at_an_end
        && text.len() >= SHORTEST_UNKNOWN
        && text.len() < word.len()
        && before.is_none_or(|before| before.unknowns == 0)
        && !SUFFIXES.iter().any(|suffix| text.starts_with(suffix))
        && !(range.start == 0 && PREFIXES.contains(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: &str) {
        let found = parts(word).into_iter().map(|part| &word[part]);
        assert_eq!(found.collect::<Vec<_>>().join(" "), expected, "{word}");
    }

    #[test]
    fn compounds_are_cut_where_a_reader_cuts_them() {
        check(
            "warmeubergabestationen",
            "warme warmeubergabe ubergabe ubergabestationen stationen",
        );
        check("hausanschluss", "haus anschluss");
        check("sicherheitsventile", "sicherheit ventile");
        check("rechnungsprufung", "rechnung prufung");
        check("stromausfall", "strom ausfall");
        check("urlaubsantrag", "urlaub antrag");
        check("arbeitszeiten", "arbeit zeiten");
    }

    #[test]
    fn one_part_may_be_a_name() {
        check("moorbekleitung", "moorbek leitung");
        check("kettleserver", "kettle server");
    }

    #[test]
    fn words_that_are_none_stay_whole() {
        for word in [
            "ubergabe",
            "verwaltungen",
            "verarbeitung",
            "entwicklungen",
            "international",
            "geschwindigkeit",
            "kubernetes",
            "wichtigkeit",
            "straßenbahn",
            "v2station",
        ] {
            check(word, "");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig {
            failure_persistence: None,
            ..proptest::prelude::ProptestConfig::default()
        })]

        #[test]
        fn parts_are_within_the_word(word in "(haus|en|s|warme|x|ung|leitung|ab){2,9}|[a-z]{0,70}") {
            for part in parts(&word) {
                proptest::prop_assert!(part.len() > 1 && part.len() < word.len());
                proptest::prop_assert!(word.get(part).is_some());
            }
        }
    }
}
