//! What a checked query means: a filter tree over plain values and an order. People,
//! dates and functions are already resolved; engines get this and never CQL text.

use crate::analysis::QueryPosition;

/// A resolved query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    pub(crate) filter: Filter,
    /// Empty: by score if a positive text clause stands in the filter, else last
    /// modification descending; ties by id ascending in both.
    pub(crate) order: Vec<SortKey>,
}

/// A boolean tree of clauses; negation is plain complement.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Filter {
    #[default]
    All,
    None,
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Clause(Clause),
}

/// One test of a document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Clause {
    /// One of the field's values is one of these. Values are folded as the column is;
    /// the checker sorts them and leaves none twice.
    Terms {
        column: &'static str,
        values: Vec<String>,
    },
    /// One of the field's values is one of these content ids, in ascending order and none
    /// twice. Ids that are no numbers, or are written with zeros before, are terms.
    Ids {
        column: &'static str,
        numbers: Vec<u64>,
    },
    /// The instant lies in `from..to` (milliseconds since 1970 UTC, half open).
    Range {
        column: &'static str,
        from: Option<i64>,
        to: Option<i64>,
    },
    /// One of the values is a term in `from..to`, by code point.
    Between {
        column: &'static str,
        from: String,
        to: String,
    },
    Text {
        fields: &'static [TextField],
        expr: TextExpr,
    },
}

/// CQL's text search language after analysis (cql.md 9).
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TextExpr {
    /// Consecutive positions; one position is a word.
    Phrase(Vec<QueryPosition>),
    /// `?` one character, `*` any number, over exact forms; folded like them.
    ///
    /// A position whose exact form is its plain term has no marked term, so patterns and
    /// fuzzy terms are held against marked terms without their mark *and* against plain
    /// ones. A bare stem (`databas` of `database`) is therefore found too.
    Wildcard(String),
    /// Levenshtein distance with transpositions counted once, over exact forms, read as
    /// for [`TextExpr::Wildcard`].
    Fuzzy {
        term: String,
        distance: u8,
    },
    /// Positions in any order within a span that is at most `slop` longer than the phrase;
    /// see [`near`](crate::analysis::near).
    Near {
        positions: Vec<QueryPosition>,
        slop: u32,
    },
    And(Vec<TextExpr>),
    Or(Vec<TextExpr>),
    Not(Box<TextExpr>),
}

/// One key of an order. What has no value comes first ascending, last descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SortKey {
    /// Name of a sortable column.
    pub(crate) column: &'static str,
    pub(crate) descending: bool,
}

/// Text fields of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum TextField {
    /// Title, own text and labels, with gaps between that no phrase crosses.
    Text,
    Title,
    SpaceTitle,
    /// Public and display name of the creator, with a gap between.
    CreatorName,
}

impl TextField {
    pub(crate) const ALL: [Self; 4] =
        [Self::Text, Self::Title, Self::SpaceTitle, Self::CreatorName];
}

impl Filter {
    /// Whether a text clause counts for a match, so that there is something to rank by.
    pub(crate) fn has_positive_text(&self) -> bool {
        let mut stack = vec![(self, true)];
        while let Some((filter, positive)) = stack.pop() {
            match filter {
                Self::And(parts) | Self::Or(parts) => {
                    stack.extend(parts.iter().map(|part| (part, positive)));
                }
                Self::Not(inner) => stack.push((inner, !positive)),
                Self::Clause(Clause::Text { expr, .. }) => {
                    if expr.has_leaf(positive) {
                        return true;
                    }
                }
                Self::Clause(_) | Self::All | Self::None => {}
            }
        }
        false
    }
}

impl TextExpr {
    /// Whether a word or phrase stands under an even number of negations, or an odd one.
    fn has_leaf(&self, even: bool) -> bool {
        let mut stack = vec![(self, true)];
        while let Some((expr, sign)) = stack.pop() {
            match expr {
                Self::And(parts) | Self::Or(parts) => {
                    stack.extend(parts.iter().map(|part| (part, sign)));
                }
                Self::Not(inner) => stack.push((inner, !sign)),
                Self::Phrase(_) | Self::Wildcard(_) | Self::Fuzzy { .. } | Self::Near { .. } => {
                    if sign == even {
                        return true;
                    }
                }
            }
        }
        false
    }
}
