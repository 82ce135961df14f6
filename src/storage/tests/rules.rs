//! The registry itself, and each rule's example.

use std::collections::HashSet;

use super::storage;
use crate::storage::RULES;

#[test]
fn every_rule_reads_as_its_example_says() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let (source, expected) = rule.example();
        let got = storage(source).markdown;
        if got != expected {
            wrong.push(format!(
                "{:?}\nexpected: {expected}\n     got: {got}",
                rule.names()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_rule_is_documented_and_every_name_is_one_rules_own() {
    let mut names = HashSet::new();
    for rule in RULES {
        assert!(rule.doc().ends_with('.'), "{:?}", rule.names());
        for name in rule.names() {
            assert_eq!(*name, name.to_lowercase());
            assert!(names.insert(*name), "`{name}` stands in two rules");
        }
    }
}
