//! Tests of the offline sources: what goes in as text, what comes out as text.
#![expect(
    clippy::disallowed_methods,
    clippy::needless_pass_by_value,
    clippy::needless_raw_string_hashes,
    reason = "writes its own files; expectations are written by a tool"
)]

mod bad;
mod corpus;
mod forms;
mod objects;
mod people;
mod split;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use expect_test::{Expect, expect};

use crate::model::{Content, RawBody, Restrictions, SpacePermissions};
use crate::ports::{
    Completeness, Failure, PortErrorKind, PortResult, SiteInfo, SourceItem, SourceSink,
};

use super::open;

/// Keeps everything, and stops when it was told so many items.
#[derive(Default)]
struct Kept {
    items: Vec<SourceItem>,
    failures: Vec<Failure>,
    progress: Vec<u64>,
    stop_after: Option<usize>,
}

impl SourceSink for Kept {
    fn item(&mut self, item: SourceItem) -> PortResult<bool> {
        self.items.push(item);
        Ok(self.stop_after != Some(self.items.len()))
    }

    fn failure(&mut self, failure: Failure) {
        self.failures.push(failure);
    }

    fn progress(&mut self, bytes: u64) {
        self.progress.push(bytes);
    }
}

/// A folder of files, named and filled.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    dir
}

fn read(path: &Path) -> (Kept, Completeness) {
    let mut kept = Kept::default();
    let completeness = open(path, None).unwrap().read(&mut kept).unwrap();
    (kept, completeness)
}

/// The items, failures and completeness of a folder, a line each.
fn told(kept: &Kept, completeness: Completeness) -> String {
    let mut out = String::new();
    for item in &kept.items {
        writeln!(out, "{}", line(item)).unwrap();
    }
    for failure in &kept.failures {
        writeln!(out, "! {failure}").unwrap();
    }
    writeln!(out, "{completeness:?}").unwrap();
    out
}

fn line(item: &SourceItem) -> String {
    match item {
        SourceItem::Space(space) => format!("space {} `{}`", space.key, space.name),
        SourceItem::Person(person) => {
            let groups: Vec<_> = person.groups.iter().map(String::as_str).collect();
            let id = person.user.identifiers().next().unwrap();
            format!("person {id} [{}]", groups.join(" "))
        }
        SourceItem::Content { content, body } => {
            let body = body.as_ref().map_or(String::new(), |body| {
                format!(" {:?} `{}`", body.representation, body.value)
            });
            format!("{} {} `{}`{body}", content.kind, content.id, content.title)
        }
    }
}

#[track_caller]
fn check_files(files: &[(&str, &[u8])], expected: Expect) {
    let dir = folder(files);
    let (kept, completeness) = read(dir.path());
    expected.assert_eq(&told(&kept, completeness));
}

/// One file of content objects.
#[track_caller]
fn check_file(name: &str, bytes: &[u8], expected: Expect) {
    expected.assert_eq(&told_file(name, bytes));
}

fn told_file(name: &str, bytes: &[u8]) -> String {
    let dir = folder(&[(name, bytes)]);
    let (kept, completeness) = read(&dir.path().join(name));
    told(&kept, completeness)
}

/// The one content object of a line.
fn object(line: &str) -> (Content, Option<RawBody>) {
    let dir = folder(&[("one.jsonl", line.as_bytes())]);
    let (mut kept, _) = read(&dir.path().join("one.jsonl"));
    assert_eq!(kept.failures, [], "{line}");
    match kept.items.pop() {
        Some(SourceItem::Content { content, body }) => (content, body),
        other => panic!("{other:?}"),
    }
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn zst(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

const ONE: &str = r#"{"id":"1","type":"page","title":"One"}"#;
const TWO: &str = r#"{"id":"2","type":"page","title":"Two"}"#;

/// What is told of [`ONE`] and [`TWO`].
const BOTH: &str = "page 1 `One`\npage 2 `Two`\nComplete\n";
