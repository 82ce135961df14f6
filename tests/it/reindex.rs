//! Reading sources again: what did not change changes nothing, what did is all that does.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::program::Data;
use crate::support::site::{
    DOCUMENTS, ITEMS, SiteCopy, bad, many_pages, page, questions, shared, site, write_lines,
};
use crate::support::{same, stable};

#[test]
fn a_second_read_changes_nothing() {
    let data = Data::of(&[&site()]);
    let before = answers(&data);
    let report = data.reindex_json(&site());
    assert_eq!(counts(&report), [0, 0, ITEMS as u64, 0, 0], "{report}");
    assert_eq!(report["build"], Value::Null, "{report}");
    same(&answers(&data), &before, "answers");
}

#[test]
fn a_read_into_an_empty_directory_gives_the_same_answers_again() {
    let again = answers(&Data::of(&[&site()]));
    same(&again, &answers(shared()), "answers");
}

#[test]
fn building_anew_from_the_store_gives_the_same_answers() {
    let data = Data::of(&[&site()]);
    let before = answers(&data);
    let ran = data.run(["reindex"]).with_code(0);
    let said = format!("indexed {DOCUMENTS} documents");
    assert!(ran.out.contains(&said), "{}", ran.out);
    same(&answers(&data), &before, "answers");
    let from = site();
    let forced = ["reindex", "--force", "--from", from.to_str().expect("text")];
    data.run(forced).with_code(0);
    same(&answers(&data), &before, "answers");
}

#[test]
fn what_changed_at_the_source_is_all_that_changes() {
    let copy = SiteCopy::new();
    let data = Data::of(&[copy.path()]);
    let before = answers(&data);
    copy.edit("OPS", |objects| {
        let mut added = page("1100161");
        added["id"] = json!("1100999");
        added["title"] = json!("Kingfisher hut");
        objects.retain(|object| object["id"] != "1100117");
        let changed = objects.iter_mut().find(|object| object["id"] == "1100161");
        let changed = changed.expect("a page of the site");
        changed["version"]["number"] = json!(99);
        changed["body"]["storage"]["value"] = json!("<p>Ask the quokka at the desk.</p>");
        objects.push(added);
    });
    let report = data.reindex_json(copy.path());
    assert_eq!(counts(&report), [1, 1, ITEMS as u64 - 2, 1, 0], "{report}");
    assert_eq!(data.found("quokka"), ["page:1100161"]);
    assert!(
        data.found("kingfisher hut")
            .contains(&"page:1100999".to_owned())
    );
    data.run(["read", "page:1100117"]).with_code(3);
    let gone = data.run(["cql", "run", "id = 1100117"]);
    assert_eq!(gone.with_code(3).out, "");

    // And back again: as if nothing had happened, but for the number of the generation.
    let back = SiteCopy::new();
    std::fs::copy(
        back.path().join("content/OPS.jsonl"),
        copy.path().join("content/OPS.jsonl"),
    )
    .expect("a file of the site");
    let report = data.reindex_json(copy.path());
    assert_eq!(counts(&report), [1, 1, ITEMS as u64 - 2, 1, 0], "{report}");
    same(
        &without_generations(&answers(&data)),
        &without_generations(&before),
        "answers",
    );
}

#[test]
fn a_changed_restriction_alone_takes_effect() {
    let copy = SiteCopy::new();
    let data = Data::of(&[copy.path()]);
    let person = ["--as", "email:nadia.haddad@tarnfell.example"];
    let read = |data: &Data| {
        data.run(["read", "page:1100161"].iter().chain(&person))
            .code
    };
    assert_eq!(read(&data), Some(0));
    copy.edit("OPS", |objects| {
        let of = |id: &str| objects.iter().position(|object| object["id"] == id);
        let (open, closed) = (of("1100161").expect("open"), of("1100150").expect("closed"));
        objects[open]["restrictions"] = objects[closed]["restrictions"].clone();
    });
    let report = data.reindex_json(copy.path());
    assert_eq!(counts(&report), [0, 1, ITEMS as u64 - 1, 0, 0], "{report}");
    assert_eq!(read(&data), Some(3));
}

/// Only a complete read proves that something is gone.
#[test]
fn a_read_that_breaks_off_removes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pages.jsonl.gz");
    let pages = many_pages(60);
    pack(&path, &pages);
    let data = Data::of(&[&path]);
    let before = answers(&data);

    let mut changed = pages.clone();
    changed[0]["body"]["storage"]["value"] = json!("<p>Ask the quokka at the desk.</p>");
    changed[0]["version"]["number"] = json!(99);
    pack(&path, &changed);
    let bytes = std::fs::read(&path).expect("the file");
    std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("a shorter file");
    let ran = data.reindex(&path).with_code(1);
    assert!(ran.out.contains(" 0 removed"), "{}", ran.out);
    assert!(ran.err.contains("pages.jsonl.gz:"), "{}", ran.err);
    assert_eq!(listed(&data).len(), 60);
    assert_eq!(data.found("quokka"), ["page:2000000"]);

    pack(&path, &pages);
    data.reindex(&path).with_code(0);
    same(
        &without_generations(&answers(&data)),
        &without_generations(&before),
        "answers",
    );
    pack(&path, &pages[..59]);
    let report = data.reindex_json(&path);
    assert_eq!(counts(&report), [0, 0, 59, 1, 0], "{report}");
}

#[test]
fn reading_one_source_leaves_the_other_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let other = folder.path().join("other.jsonl");
    let pages = many_pages(10);
    write_lines(&other, &pages);
    let data = Data::of(&[&site(), &other]);
    assert_eq!(listed(&data).len(), DOCUMENTS + 10);

    write_lines(&other, &pages[..4]);
    let report = data.reindex_json(&other);
    assert_eq!(counts(&report), [0, 0, 4, 6, 0], "{report}");
    assert_eq!(listed(&data).len(), DOCUMENTS + 4);
    let report = data.reindex_json(&site());
    assert_eq!(counts(&report), [0, 0, ITEMS as u64, 0, 0], "{report}");
    assert_eq!(listed(&data).len(), DOCUMENTS + 4);
}

#[test]
fn an_item_lives_while_any_source_has_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let [one, two] = ["one.jsonl", "two.jsonl"].map(|name| folder.path().join(name));
    let pages = many_pages(3);
    write_lines(&one, &pages[..2]);
    write_lines(&two, &pages[1..]);
    let data = Data::of(&[&one, &two]);
    assert_eq!(listed(&data), ["2000000", "2000001", "2000002"]);
    write_lines(&one, &pages[2..]);
    data.reindex(&one).with_code(0);
    assert_eq!(listed(&data), ["2000001", "2000002"]);
}

/// Only where documents of several sites are served does an id have to name its site.
#[test]
fn a_source_without_items_changes_no_name() {
    let data = Data::of(&[&site(), &bad("empty.jsonl")]);
    let found = data.found("How long does a full restore of the readings database take?");
    assert_eq!(found[0], "page:1200123");
    data.run(["read", "page:1200123"]).with_code(0);
    let several = Data::of(&[&site(), &bad("array.json")]);
    let found = several.found("How long does a full restore of the readings database take?");
    assert_eq!(found[0], "tarnfell/page:1200123");
    // Ids without it still lead to the document.
    several.run(["read", "page:1200123"]).with_code(0);
}

/// Plain, packed in two ways, and as the list that the REST API answers with.
#[test]
fn the_form_of_a_source_makes_no_difference() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let pages = many_pages(20);
    write_lines(&path("a.jsonl"), &pages);
    pack(&path("b.jsonl.gz"), &pages);
    let plain = std::fs::read(path("a.jsonl")).expect("the file");
    let packed = zstd::encode_all(&*plain, 3).expect("packed");
    std::fs::write(path("c.jsonl.zst"), packed).expect("a folder that can be written");
    let list = json!({"results": pages, "start": 0, "limit": 20, "size": 20}).to_string();
    std::fs::write(path("d.json"), list).expect("a folder that can be written");

    let expected = answers(&Data::of(&[&path("a.jsonl")]));
    for name in ["b.jsonl.gz", "c.jsonl.zst", "d.json"] {
        same(&answers(&Data::of(&[&path(name)])), &expected, name);
    }
}

#[test]
fn a_source_that_is_not_there_is_said_and_changes_nothing() {
    let data = Data::of(&[&bad("array.json")]);
    for path in ["/nowhere/at/all", "nowhere.jsonl"] {
        let ran = data.reindex(Path::new(path)).with_code(1);
        assert!(ran.err.contains(path), "{}", ran.err);
        assert_eq!(ran.out, "");
    }
    assert_eq!(listed(&data).len(), 3);
    let empty = tempfile::tempdir().expect("a folder");
    let ran = data.reindex(empty.path()).with_code(1);
    assert!(ran.err.starts_with("error: "), "{}", ran.err);
    assert_eq!(listed(&data).len(), 3);
}

/// Answers to all questions, with what may differ taken out.
fn answers(data: &Data) -> Vec<Value> {
    let questions = questions().into_iter();
    questions
        .map(|(question, _)| stable(data.search(&question, &["--limit", "5"])))
        .collect()
}

fn without_generations(answers: &[Value]) -> Vec<Value> {
    let mut answers = answers.to_vec();
    for answer in &mut answers {
        answer["index"]["generation"] = Value::Null;
        // A cursor names the generation that it belongs to.
        answer["omitted"]["next_cursor"] = Value::Null;
    }
    answers
}

/// Ids of all documents.
fn listed(data: &Data) -> Vec<String> {
    let all = "type in (page, blogpost, comment, attachment) order by id";
    let ran = data.run(["cql", "run", all]).with_code(0);
    ran.out.lines().map(str::to_owned).collect()
}

/// Added, updated, unchanged, removed, failed of the first source.
fn counts(report: &Value) -> [u64; 5] {
    let counts = &report["sources"][0]["counts"];
    ["added", "updated", "unchanged", "removed", "failed"]
        .map(|name| counts[name].as_u64().expect("a count"))
}

fn pack(path: &Path, objects: &[Value]) {
    use std::io::Write;
    let file = std::fs::File::create(path).expect("a folder that can be written");
    let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    for object in objects {
        writeln!(packed, "{object}").expect("a file that can be written");
    }
    packed.finish().expect("a file that can be written");
}
