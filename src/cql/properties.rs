//! Content properties: `content.property[KEY].path` against the values that were read.
//!
//! One index column holds the values of all properties, each as a term of name, kind and
//! value, written so that terms of one name and kind stand in the order of the values. A
//! range is then a range of terms.

use super::ast::{Clause, Literal, Operand};
use super::check::{Checker, Place};
use super::error::{Error, ErrorCode, Warning};
use super::fields::{self, EQ, Op};
use super::plan::{self, Filter};
use super::suggest;
use crate::analysis::fold_keyword;
use crate::model::{ContentProperty, Leaf, PropertyKind, property_name};

/// Name of the column.
pub(super) const COLUMN: &str = "property";

/// Characters of a text that are compared; engines do not take terms of any length.
const LONGEST_TEXT: usize = 500;

/// Between name and value; no name holds it.
const SEPARATOR: char = '\u{1f}';

/// The terms of a property.
pub(super) fn terms(property: &ContentProperty) -> Vec<String> {
    let mut terms = Vec::new();
    for (path, leaf) in property.leaves() {
        let name = property_name(&property.key, &path);
        if let Some(at) = leaf.instant() {
            terms.push(date(&name, super::columns::floor_millis(at)));
        }
        terms.push(match &leaf {
            Leaf::Text(value) => text(&name, value),
            Leaf::Number(value) => number(&name, *value),
        });
    }
    terms
}

fn start(name: &str, kind: PropertyKind) -> String {
    let kind = match kind {
        PropertyKind::Text => 't',
        PropertyKind::Number => 'n',
        PropertyKind::Date => 'd',
    };
    let name = name.replace(SEPARATOR, " ");
    format!("{name}{SEPARATOR}{kind}")
}

fn text(name: &str, value: &str) -> String {
    let value: String = fold_keyword(value).chars().take(LONGEST_TEXT).collect();
    start(name, PropertyKind::Text) + &value
}

fn number(name: &str, value: f64) -> String {
    // Adding zero makes -0 the other one. Bits of floats are in order but for the sign.
    let bits = (value + 0.0).to_bits();
    let ordered = if bits >> 63 == 1 {
        !bits
    } else {
        bits | 1 << 63
    };
    format!("{}{ordered:016x}", start(name, PropertyKind::Number))
}

fn date(name: &str, millis: i64) -> String {
    let ordered = millis.cast_unsigned() ^ 1 << 63;
    format!("{}{ordered:016x}", start(name, PropertyKind::Date))
}

/// Bounds of the terms of one name and kind.
struct Bounds {
    from: String,
    to: String,
}

impl Bounds {
    fn all(name: &str, kind: PropertyKind) -> Self {
        let from = start(name, kind);
        // Above every hexadecimal digit.
        let to = format!("{from}g");
        Self { from, to }
    }

    fn filter(self) -> Filter {
        Filter::Clause(plan::Clause::Between {
            column: COLUMN,
            from: self.from,
            to: self.to,
        })
    }
}

/// The first term after another one.
fn after(mut term: String) -> String {
    term.push('\0');
    term
}

impl Checker<'_> {
    /// A clause over a property, without its negation.
    pub(super) fn property(&mut self, place: Place<'_>) -> Filter {
        let Place { clause, .. } = place;
        let Some((key, path)) = fields::property(clause.field.text) else {
            return Filter::None;
        };
        let name = property_name(key, path);
        let told = self.context.told;
        let Some(kinds) = told.properties.as_ref().and_then(|all| all.get(&name)) else {
            self.refuse(self.unknown_property(clause, &name));
            return Filter::None;
        };
        let kinds: Vec<PropertyKind> = kinds.iter().copied().collect();
        let ordered = kinds.iter().any(|kind| *kind != PropertyKind::Text);
        if !EQ.contains(&clause.op) && !ordered {
            self.refuse(only_texts(clause));
            return Filter::None;
        }
        let operands = clause.right.operands().iter();
        let parts = operands.filter_map(|operand| {
            if EQ.contains(&clause.op) {
                self.equal(place, &name, &kinds, operand)
            } else {
                self.ordered(place, &name, &kinds, operand)
            }
        });
        Filter::Or(parts.collect())
    }

    fn unknown_property(&self, clause: &Clause, name: &str) -> Error {
        let written = &clause.field.text;
        let span = clause.field.span.clone();
        let message = format!("unknown field `{written}`: no content has this property");
        let error = Error::new(ErrorCode::UnknownField, span, message);
        let Some(known) = &self.context.told.properties else {
            return error.hint(
                "an app may define it on the site; the source that was read tells no properties",
            );
        };
        let near = suggest::nearest(name, known.keys().map(String::as_str));
        let near = near.iter().take(if self.context.sees_all { 3 } else { 0 });
        let near: Vec<String> = near.map(|name| format!("content.property{name}")).collect();
        match near.first() {
            Some(first) => error
                .hint(format!("did you mean `{first}`?"))
                .expected(near),
            None => error.hint("an app may define it on the site, without a value so far"),
        }
    }

    /// A value that may be text, number and date at once is held against all of them.
    fn equal(
        &mut self,
        place: Place<'_>,
        name: &str,
        kinds: &[PropertyKind],
        operand: &Operand,
    ) -> Option<Filter> {
        let mut values = Vec::new();
        let mut day = None;
        match operand {
            Operand::Call(_) => day = Some(self.moment(place, operand)?),
            Operand::Literal(literal) => {
                if kinds.contains(&PropertyKind::Text) {
                    values.push(text(name, &literal.text()));
                }
                if kinds.contains(&PropertyKind::Number) {
                    values.extend(number_of(literal).map(|value| number(name, value)));
                }
                if kinds.contains(&PropertyKind::Date) {
                    day = self.context.calendar().literal(literal.text().trim()).ok();
                }
                if values.is_empty() && day.is_none() {
                    self.warn_of_no_number(literal);
                }
            }
        }
        values.sort_unstable();
        let terms = plan::Clause::Terms {
            column: COLUMN,
            values,
        };
        let mut parts = vec![Filter::Clause(terms)];
        parts.extend(day.map(|moment| {
            let (from, to) = (date(name, moment.from), date(name, moment.to));
            Bounds { from, to }.filter()
        }));
        Some(Filter::Or(parts))
    }

    fn ordered(
        &mut self,
        place: Place<'_>,
        name: &str,
        kinds: &[PropertyKind],
        operand: &Operand,
    ) -> Option<Filter> {
        let (kind, term) = match operand {
            Operand::Literal(literal) if kinds.contains(&PropertyKind::Number) => {
                match number_of(literal) {
                    Some(value) => (PropertyKind::Number, number(name, value)),
                    None if kinds.contains(&PropertyKind::Date) => {
                        let moment = self.moment(place, operand)?;
                        (PropertyKind::Date, date(name, moment.from))
                    }
                    None => {
                        self.refuse(no_number(literal));
                        return None;
                    }
                }
            }
            _ => {
                let moment = self.moment(place, operand)?;
                (PropertyKind::Date, date(name, moment.from))
            }
        };
        let all = Bounds::all(name, kind);
        let bounds = match place.clause.op {
            Op::Gt => Bounds {
                from: after(term),
                ..all
            },
            Op::Ge => Bounds { from: term, ..all },
            Op::Lt => Bounds { to: term, ..all },
            _ => Bounds {
                to: after(term),
                ..all
            },
        };
        Some(bounds.filter())
    }

    fn warn_of_no_number(&mut self, literal: &Literal) {
        let message = format!("no value can equal `{}`: they are numbers", literal.text());
        self.warn(Warning::new("never_equal", literal.span(), message));
    }
}

fn number_of(literal: &Literal) -> Option<f64> {
    let value: f64 = literal.text().trim().parse().ok()?;
    value.is_finite().then_some(value)
}

fn only_texts(clause: &Clause) -> Error {
    let (name, op) = (&clause.field.text, clause.op.as_str());
    let message =
        format!("`{name}` cannot be used with {op}; its values are texts: = != IN NOT IN");
    let error = Error::new(
        ErrorCode::OperatorNotAllowed,
        clause.op_span.clone(),
        message,
    );
    error.expected(EQ.iter().map(|op| op.as_str()))
}

fn no_number(literal: &Literal) -> Error {
    let message = format!("`{}` is not a number, and the values are", literal.text());
    Error::new(ErrorCode::BadArgument, literal.span(), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_stand_in_the_order_of_their_values() {
        let numbers = [-1e300, -2.5, -0.0, 0.0, 1e-9, 3.0, 12.0, 1e300];
        let terms = numbers.map(|value| number("a", value));
        assert!(terms.is_sorted());
        assert_eq!(terms[2], terms[3]);
        let dates = [i64::MIN, -1, 0, 1, i64::MAX].map(|at| date("a", at));
        assert!(dates.is_sorted());
        let all = Bounds::all("a", PropertyKind::Date);
        assert!(dates.iter().all(|term| all.from <= *term && *term < all.to));
    }
}
