//! Bodies with what they should become, side by side in `fixtures/storage`.
//!
//! `NAME.xml` is a body, `NAME.md` its Markdown and `NAME.txt` its text. Bodies in other
//! representations are `NAME.adf.json` and `NAME.html`; what becomes of those stands beside
//! them under `NAME.adf` and `NAME.html`.
//! `UPDATE_EXPECT=1` rewrites the expectations.
#![allow(clippy::disallowed_methods, reason = "reads and rewrites expectations")]

use std::fs;
use std::path::{Path, PathBuf};

use super::{assert_segments, convert_as};
use crate::model::Representation;

fn bodies(ending: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/storage"));
    let entries = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut bodies: Vec<PathBuf> = entries
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    bodies.sort();
    assert!(!bodies.is_empty());
    bodies
}

/// All bodies, one behind the other.
pub(super) fn all_bodies() -> String {
    let read = |path: &PathBuf| fs::read_to_string(path).unwrap();
    bodies(".xml").iter().map(read).collect()
}

#[test]
fn bodies_become_what_stands_beside_them() {
    let mut wrong = Vec::new();
    for (ending, representation) in [
        (".xml", Representation::Storage),
        (".adf.json", Representation::Adf),
        (".html", Representation::Html),
    ] {
        for body in bodies(ending) {
            wrong.extend(compare(&body, ending, representation));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn compare(body: &Path, ending: &str, representation: Representation) -> Vec<String> {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let converted = convert_as(representation, &fs::read_to_string(body).unwrap());
    assert_segments(&converted);
    let name = body.to_string_lossy();
    let stem = match ending {
        ".html" => &name,
        _ => name.trim_end_matches(".xml").trim_end_matches(".json"),
    };
    let mut wrong = Vec::new();
    for (ending, got) in [("md", &converted.markdown), ("txt", &converted.text)] {
        let expected = format!("{stem}.{ending}");
        let got = format!("{got}\n");
        if update {
            fs::write(&expected, got).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != got {
            wrong.push(format!("{expected}:\n{got}"));
        }
    }
    wrong
}
