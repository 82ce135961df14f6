//! The tree of a query as JSON, for people who want to see how it was read.

use serde_json::{Value, json};

use super::ast::{Clause, Expr, Operand, Query, Right};
use super::fields;

/// `{"filter": …, "order_by": […]}`; a filter is `{"and": […]}`, `{"or": […]}`,
/// `{"not": …}` or a clause `{"field", "op", "value"}`.
pub(crate) fn tree(query: &Query) -> Value {
    let order = query.order.iter().map(ToString::to_string);
    json!({ "filter": expr(&query.filter), "order_by": order.collect::<Vec<_>>() })
}

/// The parser bounds the depth of this recursion.
fn expr(tree: &Expr) -> Value {
    match tree {
        Expr::Group(group) => {
            let parts: Vec<Value> = group.parts.iter().map(expr).collect();
            json!({ group.connective.as_str().to_lowercase(): parts })
        }
        Expr::Not { inner, .. } => json!({ "not": expr(inner) }),
        Expr::Clause(clause) => comparison(clause),
    }
}

fn comparison(clause: &Clause) -> Value {
    let value = match &clause.right {
        Right::Value(single) => operand(single),
        Right::List { values, .. } => values.iter().map(operand).collect(),
    };
    let field = fields::canonical(clause.field.text);
    json!({ "field": field, "op": clause.op.as_str(), "value": value })
}

fn operand(operand: &Operand) -> Value {
    match operand {
        Operand::Literal(literal) => json!(literal.text()),
        Operand::Call(call) => json!({ "function": call.to_string() }),
    }
}
