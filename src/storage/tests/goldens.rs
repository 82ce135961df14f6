//! Bodies with what they should become, side by side in `fixtures/storage`.
//!
//! `NAME.xml` is a body in storage format and `NAME.wiki` one in wiki markup; `NAME.md` is
//! its Markdown and `NAME.txt` its text.
//! `UPDATE_EXPECT=1` rewrites the expectations.
#![allow(clippy::disallowed_methods, reason = "reads and rewrites expectations")]

use std::fs;
use std::path::PathBuf;

use super::{assert_segments, storage, wiki};

fn bodies(ending: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/storage"));
    let entries = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut bodies: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    bodies.sort();
    assert!(!bodies.is_empty());
    bodies
}

/// All bodies in storage format, one behind the other.
pub(super) fn all_bodies() -> String {
    let read = |path: &PathBuf| fs::read_to_string(path).unwrap();
    bodies("xml").iter().map(read).collect()
}

#[test]
fn bodies_become_what_stands_beside_them() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let bodies = [("xml", bodies("xml")), ("wiki", bodies("wiki"))];
    let bodies = bodies
        .iter()
        .flat_map(|(ending, bodies)| bodies.iter().map(move |body| (*ending, body)));
    let mut wrong = Vec::new();
    for (ending, body) in bodies {
        let value = fs::read_to_string(body).unwrap();
        let converted = match ending {
            "wiki" => wiki(&value),
            _ => storage(&value),
        };
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
