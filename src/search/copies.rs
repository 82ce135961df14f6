//! Which passages are copies of each other: by the runs of words they share.

use std::hash::{BuildHasher, BuildHasherDefault};

use rustc_hash::FxHasher;

/// Words of a run.
const RUN: usize = 5;
/// Share of common runs from which two passages are copies.
const COPY: f64 = 0.9;

/// What a passage is compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prints {
    /// Hashes of the words, folded.
    words: Vec<u64>,
    /// Hash of the words with digits: amounts, dates, identifiers. Where they differ, so do
    /// the facts.
    values: u64,
    /// Hashes of the runs, each once, rising; made when they are first compared, which most
    /// never are.
    runs: Option<Vec<u64>>,
}

impl Prints {
    pub(crate) fn of(text: &str) -> Self {
        let lower = text.to_lowercase();
        let hashes = hashes();
        let mut words: Vec<u64> = Vec::new();
        let mut values: Vec<u64> = Vec::new();
        let mut add = |word: &str| {
            let hash = hashes.hash_one(word);
            words.push(hash);
            if word.bytes().any(|byte| byte.is_ascii_digit()) {
                values.push(hash);
            }
        };
        if lower.is_ascii() {
            lower.split_ascii_whitespace().for_each(&mut add);
        } else {
            lower.split_whitespace().for_each(&mut add);
        }
        Self {
            values: hashes.hash_one(values),
            words,
            runs: None,
        }
    }

    /// Whether two passages say the same but for white space, case and a few words.
    pub(crate) fn is_copy(&mut self, other: &mut Self) -> bool {
        if self.values != other.values {
            return false;
        }
        if self.words == other.words {
            return true;
        }
        let (mine, theirs) = (self.runs(), other.runs());
        let most = mine.len().min(theirs.len());
        if (most as f64) < COPY * mine.len().max(theirs.len()) as f64 {
            return false;
        }
        let common = common(mine, theirs);
        let all = mine.len() + theirs.len() - common;
        common > 0 && common as f64 >= COPY * all as f64
    }

    fn runs(&mut self) -> &[u64] {
        self.runs.get_or_insert_with(|| {
            let hashes = hashes();
            let runs = self.words.windows(RUN).map(|run| hashes.hash_one(run));
            let mut runs: Vec<u64> = runs.collect();
            runs.sort_unstable();
            runs.dedup();
            runs
        })
    }
}

fn hashes() -> BuildHasherDefault<FxHasher> {
    BuildHasherDefault::default()
}

/// How many numbers two rising lists share.
fn common(left: &[u64], right: &[u64]) -> usize {
    let mut rest = right.iter().peekable();
    let shared = left.iter().filter(|number| {
        while rest.next_if(|other| other < number).is_some() {}
        rest.peek() == Some(number)
    });
    shared.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_differ_in_little_and_never_in_a_number() {
        let words = |from: u8, to: u8| {
            let word =
                |n: u8| format!("{}{}", char::from(b'a' + n / 26), char::from(b'a' + n % 26));
            (from..to).map(word).collect::<Vec<_>>().join(" ")
        };
        let copy = |a: &str, b: &str| Prints::of(a).is_copy(&mut Prints::of(b));
        assert!(copy("Close the valve", "close  the\nVALVE"));
        assert!(!copy("close the valve", "open the valve"));
        assert!(copy(&words(0, 100), &format!("{} more", words(0, 100))));
        assert!(!copy(&words(0, 20), &words(0, 30)));
        let torque = |n: u8| format!("{} {n} Nm", words(0, 100));
        assert!(!copy(&torque(45), &torque(60)));
        assert!(!copy("", "x"));
    }
}
