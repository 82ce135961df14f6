//! Input that is broken: what is lost is named, and nothing else is lost.

use proptest::prelude::*;

use super::*;
use crate::export::json;

#[test]
fn a_bad_line_costs_no_other() {
    let lines = [
        ONE,
        "{\"id\":\"7\",\"type\":\"page\",\"title\":\"cut",
        r#"{"space":{"id":5},"id":8,"title":nope}"#,
        "<html>",
        "7",
        r#"{"type":"page","title":"No id"}"#,
        r#"{"id":"9","title":"No type"}"#,
        r#"{"id":"10","type":"page"}"#,
        r#"{"id":"11","type":"page","title":null}"#,
        r#"{"id":"12","type":["page"],"title":"x"}"#,
        r#"{"id":{},"type":"page","title":"x"}"#,
        r#"{"id":"","type":"page","title":"x"}"#,
        r#"{"id":1e40,"type":"page","title":"x"}"#,
        TWO,
    ];
    check_files(
        &[("content/X.jsonl", lines.join("\n").as_bytes())],
        expect![[r#"
            page 1 `One`
            page 2 `Two`
            ! content/X.jsonl:2: id 7: parse: not JSON: EOF while parsing a string at line 1 column 36
            ! content/X.jsonl:3: id 8: parse: not JSON: expected ident at line 1 column 35
            ! content/X.jsonl:4: parse: not JSON: expected value at line 1 column 1
            ! content/X.jsonl:5: parse: expected an object
            ! content/X.jsonl:6: parse: `id`: expected a string or a whole number
            ! content/X.jsonl:7: id 9: parse: `type`: expected a string such as `page`
            ! content/X.jsonl:8: id 10: parse: `title`: expected a string
            ! content/X.jsonl:9: id 11: parse: `title`: expected a string
            ! content/X.jsonl:10: id 12: parse: `type`: expected a string such as `page`
            ! content/X.jsonl:11: parse: `id`: expected a string or a whole number
            ! content/X.jsonl:12: parse: `id`: expected a string or a whole number
            ! content/X.jsonl:13: parse: `id`: expected a string or a whole number
            Partial
        "#]],
    );
}

#[test]
fn odd_characters_lose_no_line() {
    let lines: [&[u8]; 7] = [
        br#"{"id":"1","type":"page","title":"lone \ud83d end"}"#,
        br#"{"id":"2","type":"page","title":"lone \udc00\ud83d\u0041"}"#,
        br#"{"id":"3","type":"page","title":"pair \ud83d\ude00 and \ud83d"}"#,
        br#"{"id":"4","type":"page","title":"backslash \\ud83d \ud83d\\"}"#,
        b"{\"id\":\"5\",\"type\":\"page\",\"title\":\"nul \0 tab \t\"}",
        br#"{"id":"6","type":"page","title":"nul \u0000","body":{"storage":{"value":"a\u0000b"}}}"#,
        b"{\"id\":\"7\",\"type\":\"page\",\"title\":\"latin \xe9\"}",
    ];
    check_file(
        "a.jsonl",
        &lines.join(&b'\n'),
        expect![[r#"
        page 1 `lone � end`
        page 2 `lone ��A`
        page 3 `pair 😀 and �`
        page 4 `backslash \ud83d �\`
        page 5 `nul   tab  `
        page 6 `nul �` Storage `a�b`
        page 7 `latin �`
        Complete
    "#]],
    );
}

#[test]
fn files_that_are_cut_are_partial() {
    let lines: Vec<String> = (0..20_000)
        .map(|n| {
            format!(
                r#"{{"id":"{n}","type":"page","title":"Page {}"}}"#,
                n * 7919 % 20_011
            )
        })
        .collect();
    let text = lines.join("\n");
    for (name, packed) in [
        ("a.jsonl.gz", gz(text.as_bytes())),
        ("a.jsonl.zst", zst(text.as_bytes())),
        (
            "a.json.gz",
            gz(format!("[{}]", lines.join(",\n")).as_bytes()),
        ),
    ] {
        let dir = folder(&[
            (name, &packed[..packed.len() / 2]),
            ("b.jsonl", ONE.as_bytes()),
        ]);
        let (kept, completeness) = read(dir.path());
        assert_eq!(completeness, Completeness::Partial, "{name}");
        assert_eq!(kept.failures.len(), 1, "{name}");
        let failure = kept.failures[0].to_string();
        assert!(failure.starts_with(&format!("{name}:")), "{failure}");
        assert!(
            failure.contains("read: the file cannot be read further"),
            "{failure}"
        );
        // Half of it, and the whole of the file after it.
        assert!(kept.items.len() > 5_000, "{name}: {}", kept.items.len());
        assert!(line(kept.items.last().unwrap()).contains("One"), "{name}");
    }
}

#[test]
fn what_only_looks_packed_fails() {
    check_file(
        "a.jsonl.gz",
        b"\x1f\x8bnot really",
        expect![[r#"
        ! a.jsonl.gz: read: invalid gzip header
        Partial
    "#]],
    );
    check_file(
        "a.zst",
        b"\x28\xb5\x2f\xfdnot really",
        expect![[r#"
        ! a.zst: read: Unsupported frame parameter
        Partial
    "#]],
    );
}

#[test]
fn documents_that_do_not_end_are_partial() {
    for text in [
        format!("[{ONE},{TWO}"),
        format!("[{ONE},{TWO},{{\"id\":\"3\""),
        format!("{{\"results\":[{ONE},{TWO}]"),
    ] {
        let dir = folder(&[("a.json", text.as_bytes())]);
        let (kept, completeness) = read(dir.path());
        assert_eq!((kept.items.len(), kept.failures.len()), (2, 1), "{text}");
        assert_eq!(completeness, Completeness::Partial);
    }
}

#[test]
fn empty_files_are_complete() {
    for name in ["a.jsonl", "a.json", "a.gz"] {
        for text in ["", " \n\n", "\u{feff}"] {
            check_file(
                name,
                text.as_bytes(),
                expect![[r#"
                Complete
            "#]],
            );
        }
    }
}

#[test]
fn equal_ids_are_delivered_as_they_come() {
    check_file(
        "a.jsonl",
        [ONE, ONE].join("\n").as_bytes(),
        expect![[r#"
            page 1 `One`
            page 1 `One`
            Complete
        "#]],
    );
}

#[test]
fn nobody_stands_above_himself() {
    let above = |line: &str| {
        let ids = object(line).0.ancestors.into_iter().map(|above| above.id.0);
        ids.collect::<Vec<_>>().join(" ")
    };
    let line = |ancestors: &str| {
        format!(r#"{{"id":"1","type":"page","title":"x","ancestors":[{ancestors}]}}"#)
    };
    assert_eq!(above(&line(r#"{"id":"2"},{"id":"1"},{"id":"3"}"#)), "2 3");
    assert_eq!(above(&line(r#"{"id":1}"#)), "");
    assert_eq!(above(&line(r#"{"id":"2"},{"id":"3"},{"id":"2"}"#)), "2 3");
}

#[test]
fn nesting_without_end_is_refused_and_not_followed() {
    let deep = format!(
        r#"{{"id":"5","type":"page","title":"x","metadata":{}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    for (name, text) in [
        ("a.jsonl", format!("{deep}\n{ONE}")),
        ("a.json", format!("[{deep},{ONE}]")),
    ] {
        let dir = folder(&[(name, text.as_bytes())]);
        let (kept, _) = read(dir.path());
        assert_eq!(kept.items.len(), 1, "{name}");
        assert_eq!(
            kept.failures[0].id.as_ref().unwrap().as_str(),
            "5",
            "{name}"
        );
    }
}

#[test]
fn long_lines_are_read() {
    let body = "x".repeat(20 * 1024 * 1024);
    let long = format!(
        r#"{{"id":"1","type":"page","title":"Long","body":{{"storage":{{"value":"{body}"}}}}}}"#
    );
    for (name, text) in [
        ("a.jsonl", format!("{long}\n{TWO}")),
        ("a.json", format!("[{long},{TWO}]")),
    ] {
        let dir = folder(&[(name, text.as_bytes())]);
        let (kept, completeness) = read(dir.path());
        assert_eq!(
            (kept.items.len(), completeness),
            (2, Completeness::Complete)
        );
        let SourceItem::Content {
            body: Some(read), ..
        } = &kept.items[0]
        else {
            panic!("no body");
        };
        assert_eq!(read.value.len(), body.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Escapes of every kind, whole and cut, in one string among others.
    #[test]
    fn one_odd_string_costs_no_other(odd in r#"(\\u[dD][89abcdf]|\\[unt\\"]|[0-9a-fu]|\x00|\x1f|é){0,12}"#) {
        let line = format!(r#"{{"id":"1","odd":"{odd}","title":"pair \ud83d\ude00"}}"#);
        if let Ok(value) = json::parse(line.as_bytes()) {
            prop_assert_eq!(value["title"].as_str(), Some("pair 😀"));
            prop_assert_eq!(value["id"].as_str(), Some("1"));
        }
        json::parse(odd.as_bytes()).ok();
    }

    #[test]
    fn any_units_in_an_escape_are_read(units in prop::collection::vec(any::<u16>(), 0..6)) {
        let escapes: Vec<_> = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
        let line = format!(r#"{{"x":"{}"}}"#, escapes.concat());
        let value = json::parse(line.as_bytes()).unwrap();
        let expected = String::from_utf16_lossy(&units);
        prop_assert_eq!(value["x"].as_str(), Some(expected.as_str()));
    }
}
