//! The words of a CQL text's own text clauses: what a search without a question is
//! ordered by and highlights.

use crate::analysis::QueryPosition;
use crate::cql::plan::{Clause, Filter, TextExpr, TextField};
use crate::ports::Scored;

use super::query::{Word, word_clause};

/// Scored clauses for text clauses that every match satisfies. `None` when there is none: a
/// clause under `or` may not decide which documents are found.
pub(crate) fn scored(filter: &Filter) -> Option<Scored> {
    let words = words(filter);
    (!words.is_empty()).then(|| Scored::AnyOf(words.iter().map(word_clause).collect()))
}

/// Words of phrases that every match contains.
pub(crate) fn words(filter: &Filter) -> Vec<Word> {
    let mut words = Vec::new();
    let mut open = vec![filter];
    while let Some(filter) = open.pop() {
        match filter {
            // Popped from the end, so pushed in reverse to keep the order.
            Filter::And(filters) => open.extend(filters.iter().rev()),
            // Titles of spaces and names of people are no part of a document's text.
            Filter::Clause(Clause::Text { fields, expr })
                if fields.iter().all(|field| is_own(*field)) =>
            {
                add_phrases(expr, &mut words);
            }
            _ => {}
        }
    }
    words
}

fn is_own(field: TextField) -> bool {
    matches!(field, TextField::Text | TextField::Title)
}

fn add_phrases(expr: &TextExpr, words: &mut Vec<Word>) {
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        match expr {
            TextExpr::And(all) => open.extend(all.iter().rev()),
            TextExpr::Phrase(positions) => {
                let phrase = positions.iter().enumerate();
                words.extend(phrase.map(|(n, position)| word(position, n > 0)));
            }
            TextExpr::Near { positions, .. } => {
                words.extend(positions.iter().map(|position| word(position, false)));
            }
            _ => {}
        }
    }
}

fn word(position: &QueryPosition, joined: bool) -> Word {
    Word {
        text: position.exact.clone(),
        plain: position.plain.clone(),
        exact: None,
        joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::words::positions;

    fn text(word: &str) -> Filter {
        Filter::Clause(Clause::Text {
            fields: &[TextField::Text],
            expr: TextExpr::Phrase(positions(word)),
        })
    }

    #[test]
    fn only_what_every_match_has_counts() {
        let shown = |filter: &Filter| -> Vec<String> {
            words(filter).into_iter().map(|word| word.text).collect()
        };
        assert_eq!(shown(&text("ice gauge")), ["ice", "gauge"]);
        let and = Filter::And(vec![text("ice"), Filter::All, text("gauge")]);
        assert_eq!(shown(&and), ["ice", "gauge"]);
        assert!(shown(&Filter::Or(vec![text("ice"), Filter::All])).is_empty());
        assert!(shown(&Filter::Not(Box::new(text("ice")))).is_empty());
    }
}
