//! A query as it is written: clauses, groups, order, each with its place.
//!
//! Printing is canonical: values are always quoted, names stand in the spelling of the
//! registries, and every group inside another stands in parentheses, so that what is
//! printed reads the same under any rule of precedence.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::ops::Range;

use super::fields::{self, Op};
use super::functions;
use super::lexer;

/// Bytes of the query.
pub(crate) type Span = Range<usize>;

/// A whole query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query<'t> {
    pub(crate) filter: Expr<'t>,
    pub(crate) order: Vec<Sort<'t>>,
}

/// A boolean tree; the parser bounds its depth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expr<'t> {
    Group(Group<'t>),
    Not { inner: Box<Expr<'t>>, span: Span },
    Clause(Clause<'t>),
}

/// Two or more parts under one connective.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group<'t> {
    pub(crate) connective: Connective,
    pub(crate) parts: Vec<Expr<'t>>,
    pub(crate) span: Span,
    /// Made by reading from left to right where `AND` and `OR` stand on one level, not
    /// by parentheses.
    pub(crate) implicit: bool,
}

/// `AND` or `OR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Connective {
    And,
    Or,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clause<'t> {
    pub(crate) field: Name<'t>,
    pub(crate) op: Op,
    pub(crate) op_span: Span,
    pub(crate) right: Right<'t>,
    pub(crate) span: Span,
}

/// A name as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name<'t> {
    pub(crate) text: &'t str,
    pub(crate) span: Span,
}

/// Right side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Right<'t> {
    Value(Operand<'t>),
    List {
        values: Vec<Operand<'t>>,
        span: Span,
    },
}

impl<'t> Right<'t> {
    /// The value, or the values of the list.
    pub(crate) fn operands(&self) -> &[Operand<'t>] {
        match self {
            Self::Value(operand) => std::slice::from_ref(operand),
            Self::List { values, .. } => values,
        }
    }
}

/// A literal or a function call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operand<'t> {
    Literal(Literal<'t>),
    Call(Box<Call<'t>>),
}

/// A written value. It borrows from the query, since a list may have ten thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Literal<'t> {
    /// Without the quotes, with what is escaped.
    pub(crate) inside: &'t str,
    /// Byte of the query, that of the quote if there is one.
    pub(crate) start: usize,
    pub(crate) quoted: bool,
    /// Whether a backslash stands before a quote or a backslash.
    pub(crate) escapes: bool,
}

impl<'t> Literal<'t> {
    /// The value.
    pub(crate) fn text(&self) -> Cow<'t, str> {
        if self.escapes {
            Cow::Owned(lexer::unescaped(self.inside))
        } else {
            Cow::Borrowed(self.inside)
        }
    }

    /// With the quotes.
    pub(crate) fn span(&self) -> Span {
        let quotes = 2 * usize::from(self.quoted);
        self.start..self.start + self.inside.len() + quotes
    }

    /// Where bytes of the value stand in the query.
    pub(crate) fn place(&self, inner: &Span) -> Span {
        let at = |offset: usize| {
            let inside = if self.escapes {
                lexer::written_at(self.inside, offset)
            } else {
                offset
            };
            self.start + usize::from(self.quoted) + inside
        };
        at(inner.start)..at(inner.end)
    }
}

/// `name(argument, …)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call<'t> {
    pub(crate) name: Name<'t>,
    pub(crate) arguments: Vec<Literal<'t>>,
    pub(crate) span: Span,
}

/// One key of `ORDER BY`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sort<'t> {
    pub(crate) field: Name<'t>,
    pub(crate) direction: Option<Direction>,
}

/// Direction of a sort key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Ascending,
    Descending,
}

impl Expr<'_> {
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Group(Group { span, .. })
            | Self::Not { span, .. }
            | Self::Clause(Clause { span, .. }) => span.clone(),
        }
    }
}

impl Connective {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::And => "AND",
            Self::Or => "OR",
        }
    }
}

impl Display for Query<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.filter)?;
        for (n, sort) in self.order.iter().enumerate() {
            f.write_str(if n == 0 { " ORDER BY " } else { ", " })?;
            write!(f, "{sort}")?;
        }
        Ok(())
    }
}

impl Display for Expr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(group) => group.fmt(f),
            Self::Not { inner, .. } => write!(f, "NOT {}", Part(inner)),
            Self::Clause(clause) => clause.fmt(f),
        }
    }
}

impl Display for Group<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, part) in self.parts.iter().enumerate() {
            if n > 0 {
                write!(f, " {} ", self.connective.as_str())?;
            }
            Part(part).fmt(f)?;
        }
        Ok(())
    }
}

/// An expression inside another one.
struct Part<'a>(&'a Expr<'a>);

impl Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Expr::Group(group) => write!(f, "({group})"),
            other => other.fmt(f),
        }
    }
}

impl Display for Clause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = fields::canonical(self.field.text);
        write!(f, "{field} {} ", self.op.as_str())?;
        match &self.right {
            Right::Value(operand) => operand.fmt(f),
            Right::List { values, .. } => {
                f.write_str("(")?;
                separated(f, values)?;
                f.write_str(")")
            }
        }
    }
}

impl Display for Operand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(literal) => literal.fmt(f),
            Self::Call(call) => call.fmt(f),
        }
    }
}

impl Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quote(&self.text()))
    }
}

impl Display for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = functions::find(self.name.text).map_or(self.name.text, |known| known.name);
        write!(f, "{name}(")?;
        separated(f, &self.arguments)?;
        f.write_str(")")
    }
}

impl Display for Sort<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = fields::canonical(self.field.text);
        match self.direction {
            None => write!(f, "{field}"),
            Some(Direction::Ascending) => write!(f, "{field} ASC"),
            Some(Direction::Descending) => write!(f, "{field} DESC"),
        }
    }
}

fn separated<T: Display>(f: &mut fmt::Formatter<'_>, items: &[T]) -> fmt::Result {
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            f.write_str(", ")?;
        }
        item.fmt(f)?;
    }
    Ok(())
}

/// A value as CQL text. The backslash goes first: it must not escape the quote's own.
pub(crate) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
