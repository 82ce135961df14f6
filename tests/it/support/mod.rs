//! What several files of tests share.

pub(crate) mod names;
pub(crate) mod pipe;
pub(crate) mod program;
pub(crate) mod serving;
pub(crate) mod site;

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A file or folder of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// All files below a folder, or the file itself, as paths from the root of the
/// repository with `/`; sorted, so that messages come in a stable order.
pub(crate) fn files_below(path: &str) -> Vec<String> {
    let mut files = Vec::new();
    let mut open = vec![path.to_owned()];
    while let Some(path) = open.pop() {
        let full = repository(&path);
        if full.is_dir() {
            let entries = full.read_dir().expect("folder of the repository");
            open.extend(entries.map(|entry| {
                let name = entry.expect("entry of the repository").file_name();
                format!("{path}/{}", name.to_string_lossy())
            }));
        } else if full.is_file() {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The text of a file of the repository; `None` where it is not text.
pub(crate) fn text_of(path: &str) -> Option<String> {
    let bytes = std::fs::read(repository(path)).expect("file of the repository");
    String::from_utf8(bytes).ok()
}

/// Ids of the documents of an answer, best first.
pub(crate) fn ids(answer: &Value) -> Vec<String> {
    let results = answer["results"].as_array().expect("results");
    let id = |result: &Value| result["document"]["id"].as_str().map(str::to_owned);
    results.iter().filter_map(id).collect()
}

/// An answer without what may differ between two that are the same: how long it took and
/// when things were read.
pub(crate) fn stable(mut answer: Value) -> Value {
    const TIMES: &[&str] = &[
        "took_ms",
        "request_id",
        "indexed_at",
        "synced_at",
        "permissions_synced_at",
    ];
    let mut open = vec![&mut answer];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => {
                fields.retain(|name, _| !TIMES.contains(&name.as_str()));
                open.extend(fields.values_mut());
            }
            Value::Array(values) => open.extend(values),
            _ => {}
        }
    }
    answer
}

/// Fails at the first place where two answers differ.
#[track_caller]
pub(crate) fn same(left: &[Value], right: &[Value], what: &str) {
    assert_eq!(left.len(), right.len(), "{what}");
    let mut open: Vec<(String, &Value, &Value)> = left
        .iter()
        .zip(right)
        .enumerate()
        .map(|(n, (left, right))| (format!("/{n}"), left, right))
        .collect();
    open.reverse();
    while let Some((at, left, right)) = open.pop() {
        match (left, right) {
            (Value::Object(l), Value::Object(r)) if l.len() == r.len() => {
                let pairs = l.iter().rev();
                open.extend(pairs.map(|(name, l)| (format!("{at}/{name}"), l, &right[name])));
            }
            (Value::Array(l), Value::Array(r)) if l.len() == r.len() => {
                let pairs = l.iter().zip(r).enumerate().rev();
                open.extend(pairs.map(|(n, (l, r))| (format!("{at}/{n}"), l, r)));
            }
            _ => assert_eq!(left, right, "{what}: {at}"),
        }
    }
}
