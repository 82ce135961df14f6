//! Cutting a document into its objects agrees with a JSON parser.

use proptest::prelude::*;
use serde_json::Value;

use crate::export::elements::Elements;
use crate::export::files::{Form, MemoryFolder};
use crate::export::input::{Input, Progress};

fn elements(text: &str, form: Form, limit: usize) -> Vec<Result<String, u64>> {
    let bytes: &'static [u8] = Box::leak(text.as_bytes().into());
    let folder = MemoryFolder::new(Box::leak(Box::new([("f", bytes)])));
    let input = Input::open(&folder, "f", &Progress::default()).unwrap();
    let elements = Elements::with_limit(input, form, limit);
    let cuts = elements.map(|cut| match cut {
        Ok(cut) => Ok(String::from_utf8(cut.bytes).unwrap()),
        Err(error) => Err(error.line),
    });
    cuts.collect()
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i32>().prop_map(Value::from),
        r#"[a"\\\[\]\{\},: ]{0,6}"#.prop_map(Value::from),
        Just(Value::from("results")),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let key = prop_oneof!["[a\"\\\\]{0,3}", Just("id".to_owned())];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn elements_are_those_of_a_parser(values in prop::collection::vec(json(), 0..5), pretty in any::<bool>()) {
        let print = |value: &Value| if pretty {
            serde_json::to_string_pretty(value).unwrap()
        } else {
            value.to_string()
        };
        let list = serde_json::json!({"_links": {"results": 1}, "results": values, "size": [1, "]"]});
        for whole in [Value::from(values.clone()), list] {
            let cut = elements(&print(&whole), Form::Document, usize::MAX);
            let cut: Vec<Value> = cut
                .into_iter()
                .map(|cut| serde_json::from_str(&cut.unwrap()).unwrap())
                .collect();
            prop_assert_eq!(&cut, &values);
        }
    }

    #[test]
    fn no_bytes_make_it_panic_or_hang(text in "[\\[\\]{}\",:\\\\ a\n]{0,40}") {
        for form in [Form::Document, Form::Lines, Form::Unknown] {
            elements(&text, form, 5);
        }
    }
}

#[test]
fn what_is_too_long_is_skipped() {
    let long = format!("\"{}\"", "x".repeat(200_000));
    for (form, text) in [
        (Form::Lines, format!("1\n{long}\n\n3\n")),
        (Form::Document, format!("[1,\n{long},\n\n3]")),
        (Form::Document, format!("[1,\n{{\"a\":{long}}},\n\n3]")),
    ] {
        let expected = [Ok("1".to_owned()), Err(2), Ok("3".to_owned())];
        assert_eq!(elements(&text, form, 100), expected);
    }
}
