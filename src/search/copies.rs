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
}

impl Prints {
    pub(crate) fn of(text: &str) -> Self {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let runs = words.windows(RUN).map(|run| run.join(" ")).collect();
        Self {
            text: words.join(" "),
            runs,
        }
    }

    /// Whether two passages say the same but for white space, case and a few words.
    pub(crate) fn is_copy(&self, other: &Self) -> bool {
        if self.text == other.text {
            return true;
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
    fn copies_differ_in_little() {
        let words = |n: usize| {
            (0..n)
                .map(|n| format!("word{n}"))
                .collect::<Vec<_>>()
                .join(" ")
        };
        let copy = |a: &str, b: &str| Prints::of(a).is_copy(&Prints::of(b));
        assert!(copy("Close the valve", "close  the\nVALVE"));
        assert!(!copy("close the valve", "open the valve"));
        assert!(copy(&words(100), &format!("{} more", words(100))));
        assert!(!copy(&words(20), &words(30)));
        assert!(!copy("", "x"));
    }
}
