//! Any bytes as a rendered page: no panic, segments in order, the same result twice.
//!
//! The modules are taken in by path, since the converter is no public item.
//! Run with `cargo fuzz run --fuzz-dir tests/fuzz html fixtures/storage`.
#![no_main]
#![allow(dead_code, unused_imports)]

mod checked;
#[path = "../../../src/model/mod.rs"]
mod model;
#[path = "../../../src/storage/mod.rs"]
mod storage;

use model::Representation;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checked::check(Representation::Html, bytes));
