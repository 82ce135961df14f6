//! What the converter promises.

use super::*;

fn storage(value: &str) -> Converted {
    let body = RawBody {
        representation: Representation::Storage,
        value: value.to_owned(),
    };
    let context = Context {
        title: "Page",
        space_key: None,
        server_rendered: None,
    };
    convert(&body, &context, &NoNames)
}

#[test]
fn every_rule_reads_as_its_example_says() {
    for rule in RULES {
        let (source, expected) = rule.example();
        assert_eq!(storage(source).markdown, expected, "{:?}", rule.names());
    }
}
