//! Any bytes as a body: no panic, segments in order, the same result twice.
//!
//! The modules are taken in by path, since the converter is no public item.
//! Run with `cargo fuzz run --fuzz-dir tests/fuzz body fixtures/storage`.
#![no_main]
#![allow(dead_code, unused_imports)]

mod checked;
#[path = "../../../src/model/mod.rs"]
mod model;
#[path = "../../../src/storage/mod.rs"]
mod storage;

use model::Representation;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (representation, bytes) = match bytes.split_first() {
        Some((0, rest)) => (Representation::Html, rest),
        Some((1, rest)) => (Representation::Wiki, rest),
        Some((2, rest)) => (Representation::Adf, rest),
        _ => (Representation::Storage, bytes),
    };
    checked::check(representation, bytes);
});
