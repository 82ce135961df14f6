//! The calls into `analysis`, in one place: the positions of a question and the tokens
//! of a served text.

use crate::analysis::QueryPosition;
use crate::model::Lang;

/// A token of a served text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// Bytes of the text.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// As it stands in the index.
    pub(crate) plain: String,
}

/// Consecutive positions of a piece of a question.
pub(crate) fn positions(text: &str) -> Vec<QueryPosition> {
    stand_in(text)
        .map(|(start, word)| QueryPosition {
            plain: vec![word.to_lowercase()],
            exact: word.to_lowercase(),
            span: start..start + word.len(),
        })
        .collect()
}

/// Tokens of a served text.
pub(crate) fn tokens(text: &str, _lang: Lang) -> Vec<Token> {
    stand_in(text)
        .map(|(start, word)| Token {
            start,
            end: start + word.len(),
            plain: word.to_lowercase(),
        })
        .collect()
}

fn stand_in(text: &str) -> impl Iterator<Item = (usize, &str)> {
    use unicode_segmentation::UnicodeSegmentation;
    text.unicode_word_indices()
}
