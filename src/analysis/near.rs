//! Words that stand close together: one definition for the evaluator and the index.

use std::collections::{BTreeMap, HashMap};

use super::QueryPosition;

/// Positions left free before each text of a field, so that nearness as far as
/// [`MOST_NEAR`] never goes from one text of a field to the next.
pub(crate) const TEXT_GAP: u32 = 128;

/// The largest distance, and the most words, that can be asked for.
pub(crate) const MOST_NEAR: usize = 50;

/// Whether one position of each list can be chosen such that the words stand in a span at
/// most `slop` longer than the phrase they would make. So `"a b"~1` is also `a x b`, and
/// `"a b"~2` also `b a` (Lucene's measure). Lists are ascending. A word that is said
/// twice needs two places: `same` has the first word that is alike, for each.
pub(crate) fn near(lists: &[Vec<u32>], same: &[usize], slop: u32) -> bool {
    // Where the phrase would begin if this word stood in its place.
    let begins = lists.iter().zip(0_i64..).enumerate();
    let begins = begins.flat_map(|(word, (list, shift))| {
        list.iter()
            .map(move |position| (i64::from(*position) - shift, word, *position))
    });
    let mut begins: Vec<(i64, usize, u32)> = begins.collect();
    begins.sort_unstable();
    let mut window = Window::new(same);
    let mut first = 0;
    for (begin, word, position) in &begins {
        window.add(*word, *position);
        while begin - begins[first].0 > i64::from(slop) {
            window.remove(begins[first].1, begins[first].2);
            first += 1;
        }
        if window.is_full() {
            return true;
        }
    }
    false
}

/// The first word that shares a term with a word, for each word.
pub(crate) fn alike(words: &[QueryPosition]) -> Vec<usize> {
    let mut first: HashMap<&str, usize> = HashMap::new();
    let words = words.iter().enumerate();
    words
        .map(|(at, word)| {
            let seen = word
                .plain
                .iter()
                .filter_map(|term| first.get(term.as_str()));
            let found = seen.min().copied().unwrap_or(at);
            for term in &word.plain {
                first.entry(term).or_insert(found);
            }
            found
        })
        .collect()
}

/// Positions of each word within a stretch of beginnings.
struct Window<'a> {
    same: &'a [usize],
    /// How many words are alike, at the first of them.
    wanted: Vec<usize>,
    /// Positions by first word, with how often they are in.
    held: Vec<BTreeMap<u32, usize>>,
    /// Positions of each word.
    counts: Vec<usize>,
}

impl<'a> Window<'a> {
    fn new(same: &'a [usize]) -> Self {
        let mut wanted = vec![0; same.len()];
        for at in same {
            wanted[*at] += 1;
        }
        Self {
            same,
            wanted,
            held: vec![BTreeMap::new(); same.len()],
            counts: vec![0; same.len()],
        }
    }

    fn add(&mut self, word: usize, position: u32) {
        self.counts[word] += 1;
        *self.held[self.same[word]].entry(position).or_default() += 1;
    }

    fn remove(&mut self, word: usize, position: u32) {
        self.counts[word] -= 1;
        let held = &mut self.held[self.same[word]];
        if let Some(count) = held.get_mut(&position) {
            *count -= 1;
            if *count == 0 {
                held.remove(&position);
            }
        }
    }

    fn is_full(&self) -> bool {
        let enough = self.held.iter().zip(&self.wanted);
        self.counts.iter().all(|count| *count > 0)
            && enough
                .into_iter()
                .all(|(held, wanted)| held.len() >= *wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_is_what_must_be_moved() {
        let cases: [(&[&[u32]], u32, bool); 11] = [
            (&[&[4], &[5]], 0, true),
            (&[&[4], &[6]], 0, false),
            (&[&[4], &[6]], 1, true),
            (&[&[5], &[4]], 1, false),
            (&[&[5], &[4]], 2, true),
            (&[&[1, 40], &[20, 43]], 2, true),
            (&[&[1], &[3], &[6]], 3, true),
            (&[&[1], &[3], &[6]], 2, false),
            // Two words at one place, such as the parts of `maxLoad`.
            (&[&[3], &[3]], 1, true),
            (&[&[3], &[3]], 0, false),
            (&[&[1], &[]], 50, false),
        ];
        for (lists, slop, expected) in cases {
            let lists: Vec<Vec<u32>> = lists.iter().map(|list| list.to_vec()).collect();
            let same: Vec<usize> = (0..lists.len()).collect();
            assert_eq!(near(&lists, &same, slop), expected, "{lists:?} {slop}");
        }
    }

    #[test]
    fn a_word_said_twice_needs_two_places() {
        let words = super::super::query_positions("ice rules ice");
        let same = alike(&words);
        assert_eq!(same, [0, 1, 0]);
        let lists = |ice: &[u32]| [ice.to_vec(), vec![4], ice.to_vec()];
        assert!(!near(&lists(&[3]), &same, 50));
        assert!(near(&lists(&[3, 5]), &same, 0));
        assert!(near(&lists(&[3, 7]), &same, 2));
    }
}
