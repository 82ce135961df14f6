//! Any bytes as a body: no panic, segments in order, the same result twice.
//!
//! The modules are taken in by path, since the converter is no public item.
//! Run with `cargo fuzz run --fuzz-dir tests/fuzz body fixtures/storage`.
#![no_main]
#![allow(dead_code, unused_imports)]

#[path = "../../../src/model/mod.rs"]
mod model;
#[path = "../../../src/storage/mod.rs"]
mod storage;

use model::{RawBody, Representation};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let representation = match bytes.first() {
        Some(0) => Representation::Html,
        Some(1) => Representation::Wiki,
        Some(2) => Representation::Adf,
        _ => Representation::Storage,
    };
    let body = RawBody {
        representation,
        value: String::from_utf8_lossy(bytes).into_owned(),
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
});
