//! Which passages are copies of each other: by the runs of words they share.

use std::collections::HashSet;

/// Words of a run.
const RUN: usize = 5;
/// Share of common runs from which two passages are copies.
const COPY: f64 = 0.9;

/// What a passage is compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prints {
    /// Folded text, for passages of few words.
    text: String,
    runs: HashSet<String>,
    /// Words with digits: amounts, dates, identifiers. Where they differ, so do the facts.
    values: Vec<String>,
}

impl Prints {
    pub(crate) fn of(text: &str) -> Self {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let runs = words.windows(RUN).map(|run| run.join(" ")).collect();
        let values = words
            .iter()
            .filter(|word| word.bytes().any(|b| b.is_ascii_digit()));
        Self {
            values: values.cloned().collect(),
            text: words.join(" "),
            runs,
        }
    }

    /// Whether two passages say the same but for white space, case and a few words.
    pub(crate) fn is_copy(&self, other: &Self) -> bool {
        if self.text == other.text {
            return true;
        }
        if self.values != other.values {
            return false;
        }
        let common = self.runs.intersection(&other.runs).count();
        let all = self.runs.len() + other.runs.len() - common;
        common > 0 && common as f64 >= COPY * all as f64
    }
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
