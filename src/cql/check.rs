//! From what is written to what is meant: names, operators, values, functions.
//!
//! All errors of a query are reported, not only the first. A clause that cannot be
//! answered here is an error too; dropping it would return more than was asked for.
//! What single values mean is in `values`.

use super::ast::{
    Call, Clause, Connective, Direction, Expr, Group, Literal, Name, Operand, Query, Sort, Span,
    quote,
};
use super::context::Context;
use super::error::{Error, ErrorCode, Warning};
use super::fields::{self, Beside, Field, Kind, Op, Source};
use super::functions::{self, Function};
use super::plan::{self, Filter, Plan, SortKey, TextField};
use super::refuse;
use crate::model::id_number;

/// Errors, and warnings, that are kept. A list may have ten thousand wrong values.
const MOST_FINDINGS: usize = 100;

/// A query that can be answered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Checked {
    pub(crate) plan: Plan,
    pub(crate) warnings: Vec<Warning>,
}

/// Everything there is to say about a query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Findings {
    /// `None` if there are errors.
    pub(crate) plan: Option<Plan>,
    /// In the order of the text.
    pub(crate) errors: Vec<Error>,
    pub(crate) warnings: Vec<Warning>,
}

impl Findings {
    /// Whether the query is right in itself, though it may not be answered here.
    pub(crate) fn is_valid(&self) -> bool {
        !self.errors.iter().any(|error| error.code.invalidates())
    }
}

/// Checks a query, or says all that is wrong with it.
pub(crate) fn check(query: &Query, context: &Context<'_>) -> Result<Checked, Vec<Error>> {
    let Findings {
        plan,
        errors,
        warnings,
    } = examine(query, context);
    match plan {
        Some(plan) => Ok(Checked { plan, warnings }),
        None => Err(errors),
    }
}

/// Checks a query and keeps the warnings also where there are errors.
pub(crate) fn examine(query: &Query, context: &Context<'_>) -> Findings {
    let mut checker = Checker::new(context);
    let filter = checker.expr(&query.filter);
    let order = query
        .order
        .iter()
        .filter_map(|sort| checker.sort(sort))
        .collect();
    let Checker {
        mut errors,
        mut warnings,
        ..
    } = checker;
    errors.sort_by_key(|error| error.span.start);
    warnings.sort_by_key(|warning| warning.span.start);
    let plan = errors.is_empty().then_some(Plan { filter, order });
    Findings {
        plan,
        errors,
        warnings,
    }
}

/// The state of one check.
pub(super) struct Checker<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) errors: Vec<Error>,
    pub(super) warnings: Vec<Warning>,
}

/// Where a value stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) field: &'static Field,
    pub(super) clause: &'a Clause<'a>,
}

impl<'a> Checker<'a> {
    fn new(context: &'a Context<'a>) -> Self {
        Self {
            context,
            errors: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub(super) fn refuse(&mut self, error: Error) {
        if self.errors.len() < MOST_FINDINGS {
            self.errors.push(error);
        }
    }

    pub(super) fn warn(&mut self, warning: Warning) {
        if self.warnings.len() < MOST_FINDINGS {
            self.warnings.push(warning);
        }
    }

    /// The parser bounds the depth of this recursion.
    fn expr(&mut self, expr: &Expr) -> Filter {
        match expr {
            Expr::Group(group) => {
                self.warn_of_mixture(group);
                let parts = group.parts.iter().map(|part| self.expr(part)).collect();
                match group.connective {
                    Connective::And => Filter::And(parts),
                    Connective::Or => Filter::Or(parts),
                }
            }
            Expr::Not { inner, .. } => Filter::Not(Box::new(self.expr(inner))),
            Expr::Clause(clause) => self.clause(clause),
        }
    }

    fn warn_of_mixture(&mut self, group: &Group) {
        let first = group.parts.first();
        let mixed = matches!(first, Some(Expr::Group(first)) if first.implicit);
        // Inner parts of one mixture are part of the outermost one's reading.
        if mixed && !group.implicit {
            let message = format!("read as ({group}); add parentheses to make it explicit");
            self.warn(Warning::new("mixed_and_or", group.span.clone(), message));
        }
    }

    /// A filter that stands for nothing if there was an error.
    fn clause(&mut self, clause: &Clause) -> Filter {
        let Some(field) = fields::find(clause.field.text) else {
            self.refuse(unknown_field(&clause.field));
            return Filter::None;
        };
        if !field.ops.contains(&clause.op) {
            self.refuse(operator_not_allowed(field, clause));
            return Filter::None;
        }
        let place = Place { field, clause };
        let filter = if field.kind == Kind::Property {
            self.property(place)
        } else {
            self.comparison(place)
        };
        if let Some(hint) = self.missing(field) {
            let what = format!("`{}`", field.name);
            self.refuse(not_here(&what, clause.field.span.clone()).hint(hint));
        }
        if clause.op.is_negative() {
            Filter::Not(Box::new(filter))
        } else {
            filter
        }
    }

    /// What to do instead, if this index cannot answer a field.
    fn missing(&self, field: &Field) -> Option<&'static str> {
        if matches!(field.source, Source::Offline) {
            return Some(
                "it belongs to the site's search of people; content is found by creator, \
                 contributor, mention or watcher",
            );
        }
        let beside = field.beside.filter(|beside| !self.context.knows(*beside))?;
        // A property that is not known is refused by name.
        match beside {
            Beside::Watchers => Some("the source that was read does not tell who watches"),
            Beside::Favourites => Some("the source that was read does not tell what is starred"),
            Beside::Properties if field.kind == Kind::Property => None,
            Beside::Properties => {
                Some("the source that was read does not tell the state of content")
            }
        }
    }

    /// The clause without its negation.
    fn comparison(&mut self, place: Place<'_>) -> Filter {
        let text = matches!(place.clause.op, Op::Match | Op::NotMatch);
        let filter = match place.field.source {
            Source::Text(fields) | Source::Both(_, fields) if text => self.text(place, fields),
            Source::Offline if text => self.text(place, &[]),
            Source::Column(column) if place.field.kind == Kind::Date => self.range(place, column),
            Source::Column(column) if place.field.kind == Kind::SpaceType => {
                return self.space_types(place, column);
            }
            Source::Column(column) if place.field.kind == Kind::ContentId => {
                return self.ids(place, column);
            }
            Source::Column(column) | Source::Both(column, _) => Some(self.terms(place, column)),
            // Checked for its values, and refused all the same.
            Source::Offline => Some(self.terms(place, "")),
            // The operators of such a field are `~` and `!~`.
            Source::Text(_) => None,
        };
        filter.map_or(Filter::None, Filter::Clause)
    }

    fn terms(&mut self, place: Place<'_>, column: &'static str) -> plan::Clause {
        let mut values = Vec::new();
        for operand in place.clause.right.operands() {
            self.values(place, operand, &mut values);
        }
        if place.field.kind == Kind::SpaceKey {
            self.warn_of_unknown_spaces(place);
        }
        plan::Clause::Terms {
            column,
            values: sorted(values),
        }
    }

    /// Ids are kept as numbers, but for those that would be written otherwise (`007`).
    fn ids(&mut self, place: Place<'_>, column: &'static str) -> Filter {
        let operands = place.clause.right.operands();
        let mut numbers = Vec::with_capacity(operands.len());
        let mut others = Vec::new();
        for operand in operands {
            match operand {
                // Nothing can be wrong about such a literal.
                Operand::Literal(literal) => match id_number(literal.inside) {
                    Some((number, _)) => numbers.push(number),
                    None => self.values(place, operand, &mut others),
                },
                Operand::Call(_) => self.values(place, operand, &mut others),
            }
        }
        let mut values = Vec::new();
        for other in others {
            match id_number(&other) {
                Some((number, _)) => numbers.push(number),
                None => values.push(other),
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        let ids = (!numbers.is_empty()).then_some(plan::Clause::Ids { column, numbers });
        let values = sorted(values);
        let others = (!values.is_empty()).then_some(plan::Clause::Terms { column, values });
        match (ids, others) {
            (Some(ids), Some(others)) => Filter::Or([ids, others].map(Filter::Clause).into()),
            (ids, others) => ids.or(others).map_or(Filter::None, Filter::Clause),
        }
    }

    /// `favourite` is a type of space that depends on who asks.
    fn space_types(&mut self, place: Place<'_>, column: &'static str) -> Filter {
        let kinds = self.terms(place, column);
        let mut parts = vec![Filter::Clause(kinds)];
        let literals = place.clause.right.operands().iter();
        let mut literals = literals.filter_map(|operand| match operand {
            Operand::Literal(literal) => Some(literal),
            Operand::Call(_) => None,
        });
        if let Some(literal) = literals.find(|literal| is_starred(literal)) {
            let values = self.starred("the type `favourite`", literal.span());
            parts.push(Filter::Clause(plan::Clause::Terms {
                column: "space",
                values,
            }));
        }
        match parts.len() {
            1 => parts.swap_remove(0),
            _ => Filter::Or(parts),
        }
    }

    fn range(&mut self, place: Place<'_>, column: &'static str) -> Option<plan::Clause> {
        let moment = self.moment(place, place.clause.right.operands().first()?)?;
        let (from, to) = match place.clause.op {
            Op::Gt => (Some(moment.from + 1), None),
            Op::Ge => (Some(moment.from), None),
            Op::Lt => (None, Some(moment.from)),
            Op::Le => (None, Some(moment.from + 1)),
            _ => (Some(moment.from), Some(moment.to)),
        };
        Some(plan::Clause::Range { column, from, to })
    }

    fn text(&mut self, place: Place<'_>, fields: &'static [TextField]) -> Option<plan::Clause> {
        let expr = match place.clause.right.operands().first()? {
            Operand::Literal(literal) => self.text_expr(literal)?,
            Operand::Call(call) => {
                self.function(place, call);
                return None;
            }
        };
        Some(plan::Clause::Text { fields, expr })
    }

    /// The function of a call, if it may stand where it stands.
    pub(super) fn function(&mut self, place: Place<'_>, call: &Call) -> Option<&'static Function> {
        let Some(function) = functions::find(call.name.text) else {
            self.refuse(unknown_function(call));
            return None;
        };
        if !function.fits(place.field) {
            self.refuse(function_not_allowed(function, call));
            return None;
        }
        let Place { clause, .. } = place;
        if !function.ops.contains(&clause.op) {
            let (name, op, ops) = (function.name, clause.op.as_str(), signs(function.ops));
            let message = format!("`{name}()` cannot be used with {op}; it supports {ops}");
            let error = Error::new(
                ErrorCode::OperatorNotAllowed,
                clause.op_span.clone(),
                message,
            );
            self.refuse(error.expected(function.ops.iter().map(|op| op.as_str())));
            return None;
        }
        let (least, most) = function.arity;
        if (least..=most).contains(&call.arguments.len()) {
            return Some(function);
        }
        self.refuse(wrong_arity(function, call));
        None
    }

    fn sort(&mut self, sort: &Sort) -> Option<SortKey> {
        let Some(field) = fields::find(sort.field.text) else {
            self.refuse(unknown_field(&sort.field));
            return None;
        };
        let Some(column) = field.sort else {
            let names = fields::sortable();
            let message = format!("`{}` cannot be sorted by", field.name);
            let error = Error::new(ErrorCode::NotSortable, sort.field.span.clone(), message);
            let hint = format!("sort by {}", names.join(", "));
            self.refuse(error.hint(hint).expected(names));
            return None;
        };
        let descending = sort.direction == Some(Direction::Descending);
        Some(SortKey { column, descending })
    }
}

/// In the order of strings, none twice. Most differ in their first eight bytes, which are
/// compared as one number.
fn sorted(values: Vec<String>) -> Vec<String> {
    if values.is_sorted_by(|a, b| a < b) {
        return values;
    }
    let head = |value: &String| {
        let mut head = [0; 8];
        let bytes = value.as_bytes();
        let len = bytes.len().min(head.len());
        head[..len].copy_from_slice(&bytes[..len]);
        u64::from_be_bytes(head)
    };
    let mut keyed: Vec<(u64, String)> = values.into_iter().map(|v| (head(&v), v)).collect();
    keyed.sort_unstable();
    keyed.dedup();
    keyed.into_iter().map(|(_, value)| value).collect()
}

/// Whether a type of space is the starred ones.
pub(super) fn is_starred(literal: &Literal<'_>) -> bool {
    let text = literal.text();
    let name = text.trim();
    ["favourite", "favorite"]
        .iter()
        .any(|word| name.eq_ignore_ascii_case(word))
}

/// A sound clause or call that this index has no data for.
pub(super) fn not_here(what: &str, span: Span) -> Error {
    let message = format!("{what} is not in the local index; only the site can answer it");
    Error::new(ErrorCode::UnavailableOffline, span, message)
}

fn signs(ops: &[Op]) -> String {
    ops.iter()
        .map(|op| op.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

fn operator_not_allowed(field: &Field, clause: &Clause) -> Error {
    let (name, op, ops) = (field.name, clause.op.as_str(), signs(field.ops));
    let message = format!("`{name}` cannot be used with {op}; it supports {ops}");
    let error = Error::new(
        ErrorCode::OperatorNotAllowed,
        clause.op_span.clone(),
        message,
    );
    let error = error.expected(field.ops.iter().map(|op| op.as_str()));
    match operator_hint(field, clause) {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

fn operator_hint(field: &Field, clause: &Clause) -> Option<String> {
    let name = field.name;
    let value = match clause.right.operands().first() {
        Some(Operand::Literal(literal)) => literal.text(),
        _ => "…".into(),
    };
    match (name, field.kind, clause.op) {
        ("id", _, Op::Match | Op::NotMatch) => {
            Some("to search the text of content use `text`".to_owned())
        }
        ("space", _, Op::Match | Op::NotMatch) => {
            Some("to search the name of a space use `space.title`".to_owned())
        }
        (_, Kind::Date, Op::In | Op::NotIn) => Some(format!(
            "write several comparisons: {name} >= \"…\" AND {name} < \"…\""
        )),
        (_, Kind::Date, Op::Match | Op::NotMatch) => {
            Some(format!("dates are compared: write {name} >= …"))
        }
        (_, Kind::Text, Op::Eq | Op::In) => {
            let value = quote(&value.replace('"', "\\\""));
            Some(format!("write {name} ~ {value}"))
        }
        (_, Kind::Text, Op::Ne | Op::NotIn) if field.ops.contains(&Op::NotMatch) => {
            Some(format!("write {name} !~ {}", quote(&value)))
        }
        (_, Kind::ContentId | Kind::Keyword | Kind::User | Kind::ContentType, Op::Match) => Some(
            format!("values of `{name}` are compared whole: write {name} = …"),
        ),
        _ => None,
    }
}

fn unknown_field(name: &Name<'_>) -> Error {
    let message = format!("unknown field `{}`", name.text);
    let error = Error::new(ErrorCode::UnknownField, name.span.clone(), message);
    if let Some(hint) = fields::advice(name.text) {
        return error.hint(hint);
    }
    let similar = fields::similar(name.text);
    let hint = match similar.first() {
        Some(first) => format!("did you mean `{first}`?"),
        None => "an app may define such a field on the site; this index has none".to_owned(),
    };
    error.hint(hint).expected(similar)
}

fn unknown_function(call: &Call) -> Error {
    let name = &call.name.text;
    let message = format!("unknown function `{name}()`");
    let error = Error::new(ErrorCode::UnknownFunction, call.name.span.clone(), message);
    let names = functions::FUNCTIONS.iter().map(|function| function.name);
    let near = super::suggest::nearest(&name.to_lowercase(), names);
    if let Some(first) = near.first() {
        let hint = format!("did you mean `{first}()`?");
        return error.hint(hint).expected(near);
    }
    let names = refuse::function_names();
    let hint = format!("the functions are {}", names.join(", "));
    error.hint(hint).expected(names)
}

fn function_not_allowed(function: &Function, call: &Call) -> Error {
    let fields = fields::FIELDS.iter().filter(|field| function.fits(field));
    let fields: Vec<&str> = fields.map(|field| field.name).collect();
    let kind = match function.kinds.first() {
        Some(Kind::User) => "user",
        Some(Kind::Date) => "date",
        Some(Kind::ContentId) => "content",
        _ => "space",
    };
    let message = format!(
        "`{}()` is for {kind} fields: {}",
        function.name,
        fields.join(", ")
    );
    Error::new(ErrorCode::FunctionNotAllowed, call.span.clone(), message).expected(fields)
}

fn wrong_arity(function: &Function, call: &Call) -> Error {
    let (_, most) = function.arity;
    let surplus = call.arguments.get(most).map(Literal::span);
    let name = function.name;
    let message = match (function.arity, surplus.is_some()) {
        ((_, 0), _) => format!("`{name}()` takes no argument"),
        ((_, 1), true) => format!("`{name}()` takes one argument at most"),
        (_, true) => format!("`{name}()` takes two arguments at most"),
        _ => format!("`{name}()` needs an argument: how many to take"),
    };
    let span = surplus.unwrap_or_else(|| call.span.clone());
    let error = Error::new(ErrorCode::BadArgument, span, message);
    error.hint(format!("for example {}", function.example()))
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
