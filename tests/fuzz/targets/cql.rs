//! Any text as a query: no panic, places within the text, and what is printed reads the same.
//!
//! The modules are taken in by path, since the parser is no public item.
//! Run with `cargo fuzz run --fuzz-dir tests/fuzz cql`.
#![no_main]
#![allow(dead_code, unused_imports)]

#[path = "../../../src/analysis/mod.rs"]
mod analysis;
#[path = "../../../src/cql/mod.rs"]
mod cql;
#[path = "../../../src/model/mod.rs"]
mod model;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // The first byte is where a cursor stands.
    let Some((cursor, bytes)) = bytes.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(bytes);
    let context = cql::Context {
        data_center: cursor % 2 == 0,
        ..cql::Context::detached(jiff::Timestamp::UNIX_EPOCH)
    };
    let findings = cql::findings(&text, &context);
    for error in &findings.errors {
        assert!(text.get(error.span.clone()).is_some(), "{error:?}");
        let _ = error.render(&text);
    }
    for warning in &findings.warnings {
        assert!(text.get(warning.span.clone()).is_some(), "{warning:?}");
        let _ = warning.render(&text);
    }
    let completion = cql::complete(&text, usize::from(*cursor), &cql::NothingKnown);
    assert!(text.get(completion.span).is_some());
    let Ok(query) = cql::parse(&text) else {
        return;
    };
    let printed = query.to_string();
    match cql::parse(&printed) {
        Ok(again) => {
            assert_eq!(again.to_string(), printed);
            // What is read without parentheses is printed with them, and means the same.
            let (as_written, as_printed) = (
                cql::examine(&query, &context),
                cql::examine(&again, &context),
            );
            assert_eq!(as_written.plan, as_printed.plan, "{printed}");
        }
        // Quotes and parentheses make a text longer than it was.
        Err(error) => assert_eq!(error.code, cql::ErrorCode::TooComplex, "{printed}"),
    }
    let listing = cql::Listing {
        types: &["page"],
        since: Some(cql::Since::Minutes(90)),
    };
    let sent = cql::send(&text, &query, &listing);
    match cql::parse(&sent.text) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.code, cql::ErrorCode::TooComplex, "{}", sent.text),
    }
});
