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
    /// Folded text, for passages of few words.
    text: String,
    /// Hashes of the runs, each once, rising.
    runs: Vec<u64>,
    /// Hash of the words with digits: amounts, dates, identifiers. Where they differ, so do
    /// the facts.
    values: u64,
}

impl Prints {
    pub(crate) fn of(text: &str) -> Self {
        let hashes = BuildHasherDefault::<FxHasher>::default();
        let lower = text.to_lowercase();
        let mut text = String::with_capacity(lower.len());
        let mut words: Vec<u64> = Vec::new();
        let mut values: Vec<u64> = Vec::new();
        for word in lower.split_whitespace() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
            let hash = hashes.hash_one(word);
            words.push(hash);
            if word.bytes().any(|byte| byte.is_ascii_digit()) {
                values.push(hash);
            }
        }
        let mut runs: Vec<u64> = words.windows(RUN).map(|run| hashes.hash_one(run)).collect();
        runs.sort_unstable();
        runs.dedup();
        Self {
            text,
            runs,
            values: hashes.hash_one(values),
        }
    }

    /// Whether two passages say the same but for white space, case and a few words.
    pub(crate) fn is_copy(&self, other: &Self) -> bool {
        if self.values != other.values {
            return false;
        }
        if self.text == other.text {
            return true;
        }
        let common = common(&self.runs, &other.runs);
        let all = self.runs.len() + other.runs.len() - common;
        common > 0 && common as f64 >= COPY * all as f64
    }
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
        let copy = |a: &str, b: &str| Prints::of(a).is_copy(&Prints::of(b));
        assert!(copy("Close the valve", "close  the\nVALVE"));
        assert!(!copy("close the valve", "open the valve"));
        assert!(copy(&words(0, 100), &format!("{} more", words(0, 100))));
        assert!(!copy(&words(0, 20), &words(0, 30)));
        let torque = |n: u8| format!("{} {n} Nm", words(0, 100));
        assert!(!copy(&torque(45), &torque(60)));
        assert!(!copy("", "x"));
    }
}
