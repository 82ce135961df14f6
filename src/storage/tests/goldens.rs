//! Bodies with what they should become, side by side in `fixtures/storage`.
//!
//! `NAME.xml` is a body, `NAME.md` its Markdown and `NAME.txt` its text.
//! `UPDATE_EXPECT=1` rewrites the expectations.
#![allow(clippy::disallowed_methods, reason = "reads and rewrites expectations")]

use std::fs;
use std::path::PathBuf;

use super::{assert_segments, storage};

fn bodies() -> Vec<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/storage"));
    let entries = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut bodies: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|ending| ending == "xml"))
        .collect();
    bodies.sort();
    assert!(!bodies.is_empty());
    bodies
}

/// All bodies, one behind the other.
pub(super) fn all_bodies() -> String {
    let read = |path: &PathBuf| fs::read_to_string(path).unwrap();
    bodies().iter().map(read).collect()
}

#[test]
fn bodies_become_what_stands_beside_them() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let bodies = bodies();
    let mut wrong = Vec::new();
    for body in bodies {
        let converted = storage(&fs::read_to_string(&body).unwrap());
        assert_segments(&converted);
        for (ending, got) in [("md", &converted.markdown), ("txt", &converted.text)] {
            let expected = body.with_extension(ending);
            let got = format!("{got}\n");
            if update {
                fs::write(&expected, got).unwrap();
            } else if fs::read_to_string(&expected).unwrap_or_default() != got {
                wrong.push(format!("{}:\n{got}", expected.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
