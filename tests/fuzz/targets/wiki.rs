//! Any text as wiki markup, as a body and inside storage format: no panic, segments in order,
//! the same result twice.
//!
//! The modules are taken in by path, since the converter is no public item.
//! Run with `cargo fuzz run --fuzz-dir tests/fuzz wiki fixtures/storage`.
#![no_main]
#![allow(dead_code, unused_imports)]

#[path = "../../../src/model/mod.rs"]
mod model;
#[path = "../../../src/storage/mod.rs"]
mod storage;

use model::{RawBody, Representation};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let markup = String::from_utf8_lossy(bytes).into_owned();
    let inside = format!(
        "<p>a <ac:macro ac:name=\"unmigrated-inline-wiki-markup\"><ac:plain-text-body><![CDATA[{markup}]]></ac:plain-text-body></ac:macro> b</p>"
    );
    check(Representation::Wiki, markup);
    check(Representation::Storage, inside);
});

fn check(representation: Representation, value: String) {
    let body = RawBody {
        representation,
        value,
    };
    let context = storage::Context {
        title: "Page",
        space_key: None,
        server_rendered: None,
    };
    let converted = storage::convert(&body, &context, &storage::NoNames);
    let mut end = (0, 0);
    for segment in &converted.segments {
        assert!(segment.markdown.start >= end.0 && segment.text.start >= end.1);
        assert!(converted.markdown.get(segment.markdown.clone()).is_some());
        assert!(converted.text.get(segment.text.clone()).is_some());
        end = (segment.markdown.end, segment.text.end);
    }
    assert!(converted == storage::convert(&body, &context, &storage::NoNames));
}
