//! The cases in `fixtures/cql` leave nothing out: every field by every operator that it
//! has, every function, every code of an error.
#![expect(
    clippy::disallowed_methods,
    reason = "reads the cases of the repository"
)]

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::ast::{Expr, Operand};
use super::error::ErrorCode;
use super::fields::{self, FIELDS, Op, PROPERTY, Source};
use super::functions::{self, FUNCTIONS};
use super::parse::parse;

fn cases() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cql");
    let files = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|end| end == "jsonl"));
    let texts = files.map(|path| std::fs::read_to_string(path).unwrap());
    let texts: Vec<String> = texts.collect();
    let lines = texts.iter().flat_map(|text| text.lines());
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// What occurs in queries that are answered, and in those that are refused.
#[derive(Default)]
struct Seen {
    used: BTreeSet<(&'static str, &'static str)>,
    named: BTreeSet<&'static str>,
    called: BTreeSet<&'static str>,
    sorted: BTreeSet<&'static str>,
    codes: BTreeSet<String>,
}

impl Seen {
    fn case(&mut self, case: &Value) {
        let answered = case["expect_ids"].is_array();
        self.codes
            .extend(case["expect_error"].as_str().map(str::to_owned));
        let Ok(query) = parse(case["cql"].as_str().unwrap()) else {
            return;
        };
        let sorts = query.order.iter().filter(|_| answered);
        let sorted = sorts.filter_map(|sort| fields::find(sort.field.text));
        self.sorted.extend(sorted.map(|field| field.name));
        let mut open = vec![&query.filter];
        while let Some(expr) = open.pop() {
            let clause = match expr {
                Expr::Group(group) => {
                    open.extend(&group.parts);
                    continue;
                }
                Expr::Not { inner, .. } => {
                    open.push(inner);
                    continue;
                }
                Expr::Clause(clause) => clause,
            };
            for operand in clause.right.operands() {
                if let Operand::Call(call) = operand {
                    let function = functions::find(call.name.text);
                    self.called.extend(function.map(|function| function.name));
                }
            }
            if let Some(field) = fields::find(clause.field.text) {
                self.named.insert(field.name);
                if answered {
                    self.used.insert((field.name, clause.op.as_str()));
                }
            }
        }
    }
}

#[test]
fn the_cases_leave_nothing_out() {
    let cases = cases();
    assert!(cases.len() >= 300, "{} cases", cases.len());
    let mut seen = Seen::default();
    for case in &cases {
        seen.case(case);
    }
    let mut missing = Vec::new();
    for field in FIELDS.iter().chain([&PROPERTY]) {
        if !seen.named.contains(field.name) {
            missing.push(field.name.to_owned());
        }
        let answered = !matches!(field.source, Source::Offline);
        for op in field
            .ops
            .iter()
            .copied()
            .map(Op::as_str)
            .filter(|_| answered)
        {
            if !seen.used.contains(&(field.name, op)) {
                missing.push(format!("{} {op}", field.name));
            }
        }
        if field.sort.is_some() && !seen.sorted.contains(field.name) {
            missing.push(format!("ORDER BY {}", field.name));
        }
    }
    let functions = FUNCTIONS.iter().map(|function| function.name);
    let functions = functions.filter(|name| !seen.called.contains(name));
    missing.extend(functions.map(|name| format!("{name}()")));
    let codes = ErrorCode::ALL.iter().map(|code| code.as_str());
    missing.extend(
        codes
            .filter(|code| !seen.codes.contains(*code))
            .map(str::to_owned),
    );
    assert!(missing.is_empty(), "no case has {}", missing.join(", "));
}
