//! Any text as wiki markup, as a body and inside storage format: no panic, segments in order,
//! the same result twice.
//!
//! The modules are taken in by path, since the converter is no public item.
//! Run with `cargo fuzz run --fuzz-dir tests/fuzz wiki fixtures/storage`.
#![no_main]
#![allow(dead_code, unused_imports)]

mod checked;
#[path = "../../../src/model/mod.rs"]
mod model;
#[path = "../../../src/storage/mod.rs"]
mod storage;

use model::Representation;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let markup = String::from_utf8_lossy(bytes).into_owned();
    let inside = format!(
        "<p>a <ac:macro ac:name=\"unmigrated-inline-wiki-markup\"><ac:plain-text-body><![CDATA[{markup}]]></ac:plain-text-body></ac:macro> b</p>"
    );
    checked::check(Representation::Wiki, markup.as_bytes());
    checked::check(Representation::Storage, inside.as_bytes());
});
