//! The plainest English analysis, for the baseline that rankings are measured against.
//!
//! Runs of letters and digits in lower case, without the 33 stop words of Lucene's English
//! analyser, stemmed by Snowball. It shares nothing with how documents are indexed, so
//! that a change there cannot move the baseline.

use frostem::{Algorithm, Stemmer};

/// Lucene's `ENGLISH_STOP_WORDS_SET`, which tantivy has too.
const STOP_WORDS: [&str; 33] = [
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it",
    "no", "not", "of", "on", "or", "such", "that", "the", "their", "then", "there", "these",
    "they", "this", "to", "was", "will", "with",
];

/// Longer runs are data, not words, and are left out, as tantivy's own analysers do.
const LONGEST: usize = 40;

/// Turns text into plain English terms.
pub(crate) struct PlainEnglish(Stemmer);

impl Default for PlainEnglish {
    fn default() -> Self {
        Self(Stemmer::new(Algorithm::English))
    }
}

impl PlainEnglish {
    /// Calls `sink` with every term in the order of the text.
    pub(crate) fn for_each(&self, text: &str, mut sink: impl FnMut(&str)) {
        let words = text.split(|c: char| !c.is_alphanumeric());
        for word in words.filter(|word| (1..LONGEST).contains(&word.len())) {
            let word = word.to_lowercase();
            if STOP_WORDS.binary_search(&&*word).is_err() {
                sink(&self.0.stem(&word));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_words_go_and_the_rest_is_stemmed() {
        assert!(STOP_WORDS.is_sorted());
        let mut terms = Vec::new();
        let text = format!("The pumps' re-starting, NOT in Köln: v2 {}", "x".repeat(40));
        PlainEnglish::default().for_each(&text, |term| terms.push(term.to_owned()));
        assert_eq!(terms, ["pump", "re", "start", "köln", "v2"]);
    }
}
