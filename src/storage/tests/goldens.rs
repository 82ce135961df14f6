//! Bodies with what they should become, side by side in `fixtures/storage`.
//!
//! `NAME.xml` is a body in storage format and `NAME.wiki` one in wiki markup; `NAME.md` is
//! its Markdown and `NAME.txt` its text. Bodies in other representations are `NAME.adf.json`
//! and `NAME.html`; what becomes of those stands beside them under `NAME.adf` and
//! `NAME.html`.
//! `UPDATE_EXPECT=1` rewrites the expectations.
#![allow(clippy::disallowed_methods, reason = "reads and rewrites expectations")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{assert_segments, convert_as};
use crate::model::{Record, Representation};

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

/// All bodies in storage format, one behind the other.
pub(super) fn all_bodies() -> String {
    let read = |path: &PathBuf| fs::read_to_string(path).unwrap();
    bodies(".xml").iter().map(read).collect()
}

#[test]
fn bodies_become_what_stands_beside_them() {
    let mut wrong = Vec::new();
    for (ending, representation) in [
        (".xml", Representation::Storage),
        (".wiki", Representation::Wiki),
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
        _ => name
            .trim_end_matches(".xml")
            .trim_end_matches(".wiki")
            .trim_end_matches(".json"),
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

/// What an index keeps of a body comes back as it was: a record of which one entry could not
/// be read would be lost whole.
#[test]
fn records_come_back_as_they_were_kept() {
    let mut kinds = BTreeSet::new();
    for body in bodies(".xml") {
        let converted = convert_as(Representation::Storage, &fs::read_to_string(&body).unwrap());
        let record = Record::of(&converted);
        let kept = serde_json::to_string(&record).unwrap();
        let back: Record = serde_json::from_str(&kept).unwrap();
        assert!(back == without_indices(record), "{}", body.display());
        let links = serde_json::to_value(&back.links).unwrap();
        let links = links.as_array().unwrap().iter();
        kinds.extend(links.map(|link| link["kind"].as_str().unwrap().to_owned()));
    }
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    assert_eq!(
        kinds,
        [
            "anchor",
            "attachment",
            "blog",
            "content",
            "page",
            "shortcut",
            "space",
            "url",
            "user",
        ]
    );
}

/// The index of a task's heading serves only while the body is written.
fn without_indices(mut record: Record) -> Record {
    for task in &mut record.tasks {
        task.heading = None;
    }
    record
}
