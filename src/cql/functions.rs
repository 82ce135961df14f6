//! Every function CQL knows: one row each. The checker reads arity and place here, and
//! the evaluation of dates is named here.

use super::dates::{Edge, Unit};
use super::fields::{EQ, Field, Kind, Op, RANGE};

/// What a call stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Yields {
    /// Whoever asks.
    Viewer,
    /// The space that the caller said it stands in.
    CurrentSpace,
    /// The current instant.
    Now,
    /// The first or last instant of the current period.
    Bound(Edge, Unit),
    /// The spaces that whoever asks has starred.
    StarredSpaces,
    /// Something only the site knows.
    Offline,
}

/// A function.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Function {
    /// Canonical spelling; any case is read.
    pub(crate) name: &'static str,
    pub(crate) yields: Yields,
    /// Kinds of field it may be compared with.
    pub(crate) kinds: &'static [Kind],
    pub(crate) ops: &'static [Op],
    /// Least and most arguments.
    pub(crate) arity: (usize, usize),
    pub(crate) arguments: &'static str,
    pub(crate) doc: &'static str,
}

const SETS: &[Op] = &[Op::In, Op::NotIn];

const fn date(name: &'static str, yields: Yields, doc: &'static str) -> Function {
    let (kinds, ops): (&[Kind], _) = (&[Kind::Date, Kind::Property], RANGE);
    Function {
        name,
        yields,
        kinds,
        ops,
        arity: (0, 1),
        arguments: "increment",
        doc,
    }
}

const fn site(name: &'static str, kinds: &'static [Kind], arity: (usize, usize)) -> Function {
    let (yields, ops) = (Yields::Offline, SETS);
    Function {
        name,
        yields,
        kinds,
        ops,
        arity,
        arguments: "",
        doc: "",
    }
}

const fn start(name: &'static str, unit: Unit, doc: &'static str) -> Function {
    date(name, Yields::Bound(Edge::Start, unit), doc)
}

const fn end(name: &'static str, unit: Unit, doc: &'static str) -> Function {
    date(name, Yields::Bound(Edge::End, unit), doc)
}

/// The functions.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function {
        name: "currentUser",
        yields: Yields::Viewer,
        kinds: &[Kind::User],
        ops: EQ,
        arity: (0, 0),
        arguments: "",
        doc: "Whoever asks.",
    },
    Function {
        name: "currentSpace",
        yields: Yields::CurrentSpace,
        kinds: &[Kind::SpaceKey],
        ops: EQ,
        arity: (0, 0),
        arguments: "",
        doc: "The space that the caller stands in.",
    },
    Function {
        yields: Yields::StarredSpaces,
        doc: "The spaces that whoever asks has starred.",
        ..site("favouriteSpaces", &[Kind::SpaceKey], (0, 0))
    },
    Function {
        arguments: "limit, offset",
        doc: "What whoever asks has looked at last.",
        ..site("recentlyViewedContent", &[Kind::ContentId], (1, 2))
    },
    Function {
        arguments: "limit",
        doc: "The spaces that whoever asks has looked at last.",
        ..site("recentlyViewedSpaces", &[Kind::SpaceKey], (1, 1))
    },
    date("now", Yields::Now, "The current instant."),
    start("startOfDay", Unit::Day, "Midnight before now."),
    end("endOfDay", Unit::Day, "The last instant of today."),
    start("startOfWeek", Unit::Week, "The start of this week."),
    end("endOfWeek", Unit::Week, "The last instant of this week."),
    start("startOfMonth", Unit::Month, "The start of this month."),
    end("endOfMonth", Unit::Month, "The last instant of this month."),
    start("startOfYear", Unit::Year, "The start of this year."),
    end("endOfYear", Unit::Year, "The last instant of this year."),
];

impl Function {
    /// A call as it may be written.
    pub(crate) fn example(&self) -> String {
        let arguments = match (self.yields, self.arity) {
            (_, (_, 0)) => "",
            (Yields::Offline, _) => "10",
            _ => "\"-7d\"",
        };
        format!("{}({arguments})", self.name)
    }

    /// Whether it may be compared with the field.
    pub(crate) fn fits(&self, field: &Field) -> bool {
        // Of the content ids, `container` alone takes no function, and of the space
        // keys the one that is an alias with a dot.
        self.kinds.contains(&field.kind) && !matches!(field.name, "container" | "space.key")
    }
}

/// The function of a name, in any case.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS
        .iter()
        .find(|function| function.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cql::fields::FIELDS;

    #[test]
    fn every_function_is_described_and_fits_somewhere() {
        for function in FUNCTIONS {
            assert!(!function.doc.is_empty(), "{}", function.name);
            assert_eq!(
                function.arguments.is_empty(),
                function.arity.1 == 0,
                "{}",
                function.name
            );
            assert!(
                FIELDS.iter().any(|field| function.fits(field)),
                "{}",
                function.name
            );
            let loud = function.name.to_uppercase();
            assert_eq!(find(&loud).unwrap().name, function.name);
        }
    }
}
