//! Broken input: what is good in it is found, what is not is counted and named, and
//! nothing panics, hangs or is lost without a word.
//!
//! What each file must lead to stands in `fixtures/README.md`.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::program::{Data, Ran};
use crate::support::site::{bad, many_pages, page, write_lines};

/// Reads a file and checks the exit code, the counts that are told, and that each failure
/// is named on standard error and kept for `status`.
#[track_caller]
fn check(path: &Path, [added, failed]: [usize; 2], failures: &[&str]) -> (Data, Ran) {
    let data = Data::new();
    let ran = data.reindex(path);
    assert_eq!(ran.code, Some(i32::from(failed > 0)), "{ran:?}");
    let counts = format!(": {added} added, 0 updated, ");
    assert!(ran.out.contains(&counts), "{ran:?}");
    assert!(ran.out.contains(&format!(", {failed} failed\n")), "{ran:?}");
    let told: Vec<&str> = ran
        .err
        .lines()
        .filter_map(|line| line.strip_prefix("failed: "))
        .collect();
    assert_eq!(told.len(), failed, "{ran:?}");
    let partial = ran
        .out
        .contains("not read completely, so nothing was removed");
    assert_eq!(partial, failed > 0, "{ran:?}");
    let kept = data.status()["failures"].clone();
    assert_eq!(kept.as_array().map(Vec::len), Some(failed), "{kept}");
    for failure in failures {
        assert!(
            told.iter().any(|told| told.starts_with(failure)),
            "{failure}: {told:#?}"
        );
        let place = failure.split(": ").next().expect("a place");
        let kept = kept.as_array().into_iter().flatten();
        assert!(kept.clone().any(|kept| kept["place"] == place), "{failure}");
    }
    (data, ran)
}

#[test]
fn a_file_without_items_is_no_failure() {
    let (data, _) = check(&bad("empty.jsonl"), [0, 0], &[]);
    assert_eq!(data.run(["search", "heron"]).code, Some(3));
}

#[test]
fn arrays_and_lists_of_the_rest_api_are_read() {
    for name in ["array.json", "results.json"] {
        let (data, _) = check(&bad(name), [3, 0], &[]);
        assert_eq!(listed(&data), ["9000101", "9000102", "9000103"], "{name}");
    }
}

#[test]
fn of_a_packed_file_that_is_cut_the_whole_lines_are_read() {
    let failures = ["truncated.jsonl.gz:4: read: "];
    let (data, _) = check(&bad("truncated.jsonl.gz"), [3, 1], &failures);
    assert_eq!(listed(&data), ["9000101", "9000102", "9000103"]);
}

#[test]
fn byte_order_marks_and_carriage_returns_do_no_harm() {
    let (data, _) = check(&bad("bom-crlf.jsonl"), [2, 0], &[]);
    assert_eq!(listed(&data), ["9000301", "9000302"]);
}

#[test]
fn bytes_that_are_no_text_are_shown_as_such() {
    let (data, _) = check(&bad("bad-utf8.jsonl"), [2, 0], &[]);
    let read = data.run(["read", "9000201", "--json"]).with_code(0).json();
    let title = read["title"].as_str().expect("a title");
    assert!(title.contains('\u{fffd}'), "{title}");
    data.run(["read", "9000202"]).with_code(0);
}

#[test]
fn nesting_without_end_costs_at_most_its_line() {
    let (data, _) = check(&bad("deep.jsonl"), [2, 1], &["deep.jsonl:1: id 9000401: "]);
    assert_eq!(listed(&data), ["9000402", "9000403"]);
    let markdown = data.run(["read", "9000402"]).with_code(0).out;
    assert!(!markdown.trim().is_empty());
    // All forms and both engines go through the same depth.
    for form in ["text", "json"] {
        data.run([
            "read",
            "9000402",
            "--format",
            form,
            "--max-tokens",
            "100000",
        ])
        .with_code(0);
    }
}

#[test]
fn ten_thousand_of_every_nesting_element_are_read_to_the_text_within() {
    let nests = [
        ("<div>", "</div>"),
        ("<ul><li>", "</li></ul>"),
        ("<blockquote>", "</blockquote>"),
        ("<table><tr><td>", "</td></tr></table>"),
        ("<strong>", "</strong>"),
        (
            "<ac:structured-macro ac:name=\"panel\"><ac:rich-text-body>",
            "</ac:rich-text-body></ac:structured-macro>",
        ),
    ];
    let pages = nests.iter().enumerate().map(|(n, (open, close))| {
        let (open, close) = (open.repeat(10_000), close.repeat(10_000));
        body_page(n, &format!("{open}<p>kittiwake{n}</p>{close}"))
    });
    let (_folder, path) = file(&pages.collect::<Vec<_>>());
    let (data, _) = check(&path, [nests.len(), 0], &[]);
    for (n, nest) in nests.iter().enumerate() {
        assert_eq!(data.found(&format!("kittiwake{n}")).len(), 1, "{nest:?}");
        data.run(["read", &id(n), "--format", "json", "--max-tokens", "100000"])
            .with_code(0);
    }
}

#[test]
fn bad_lines_are_counted_and_named_and_the_others_read() {
    let failures = [
        "bad-lines.jsonl:2: parse: not JSON",
        "bad-lines.jsonl:3: id 9000003: parse: not JSON",
        "bad-lines.jsonl:4: parse: expected an object",
        "bad-lines.jsonl:5: parse: `id`",
        "bad-lines.jsonl:6: id 9000006: parse: `title`",
        "bad-lines.jsonl:7: id 9000007: parse: `type`",
    ];
    let (data, _) = check(&bad("bad-lines.jsonl"), [20, 6], &failures);
    let served = [
        1, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 24, 25, 26, 28,
    ];
    let served: Vec<String> = served.iter().map(|n| format!("90000{n:02}")).collect();
    assert_eq!(
        data.run(["read", "9000027"]).code,
        Some(3),
        "status `limbo`"
    );
    for id in &served {
        data.run(["read", id]).with_code(0);
    }
    for (words, id) in [
        ("both legs", "page:9000001"),
        ("curlew", "page:9000008"),
        ("avocet", "page:9000009"),
        ("snipe", "page:9000013"),
        ("salt marsh", "page:9000014"),
        ("godwit", "page:9000014"),
        ("ebb & flow", "page:9000014"),
        ("ruff", "page:9000015"),
        ("dawn", "page:9000015"),
        ("knot", "page:9000016"),
        ("dunlin", "page:9000016"),
    ] {
        assert_eq!(
            data.found(words).first().map(String::as_str),
            Some(id),
            "{words}"
        );
    }
    let bitterns = data.found("bittern");
    assert_eq!(bitterns.len(), 2, "{bitterns:?}");
    assert!(!data.run(["read", "9000001"]).out.contains("one leg"));
    let read = data.run(["read", "9000013", "--json"]).json();
    assert_eq!(read["ancestors"], Value::Null, "its own ancestor");
    let read = data.run(["read", "9000022", "--json"]).json();
    assert_eq!(read["updated_at"], Value::Null, "impossible dates");
    let kind = &data.run(["read", "9000026", "--json"]).json()["type"];
    assert_eq!(kind, "mudflat");
}

#[test]
fn what_cannot_be_read_of_gates_is_closed() {
    let data = Data::new();
    data.reindex(&bad("bad-lines.jsonl")).with_code(1);
    for id in ["9000023", "9000024", "9000025"] {
        data.run(["read", id]).with_code(0);
        for person in ["anonymous", "account:712020:0", "email:a@b.example"] {
            data.run(["read", id, "--as", person]).with_code(3);
        }
    }
}

#[test]
fn a_body_over_the_limit_is_cut_and_warned_of() {
    let mut body = "<p>razorbill stands at the beginning</p>".to_owned();
    while body.len() < 21 << 20 {
        body += "<p>Water flows from the heat pump through the valve to the house.</p>";
    }
    body += "<p>guillemot stands at the end</p>";
    let (_folder, path) = file(&[body_page(0, &body), body_page(1, "<p>fulmar</p>")]);
    let data = Data::new();
    let ran = data.reindex(&path);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(data.found("razorbill"), ["page:3000000"]);
    assert_eq!(data.found("fulmar"), ["page:3000001"]);
    assert!(data.found("guillemot").is_empty());
    let read = data.run(["read", "3000000", "--json", "--max-tokens", "200"]);
    let read = read.with_code(0).json();
    let warnings = read["extraction"]["warnings"].to_string();
    assert!(
        warnings.contains("cut") || warnings.contains("truncated"),
        "{warnings}"
    );
    assert!(ran.out.contains("warning"), "{}", ran.out);
}

#[test]
fn nul_bytes_in_bodies_titles_and_labels_are_survived() {
    let mut page = body_page(0, "<p>shear\u{0}water and pet\u{0}rel</p>");
    page["title"] = json!("Out at\u{0} sea");
    page["metadata"] =
        json!({"labels": {"results": [{"prefix": "global", "name": "sea\u{0}bird"}]}});
    let (_folder, path) = file(&[page]);
    let (data, _) = check(&path, [1, 0], &[]);
    assert_eq!(data.found("water"), data.found("rel"));
    data.run(["read", "3000000"]).with_code(0);
}

#[test]
fn of_items_with_one_id_the_newest_counts() {
    let of = |version: u32, words: &str| {
        let mut page = body_page(0, &format!("<p>{words}</p>"));
        page["version"]["number"] = version.into();
        page
    };
    let versions = [
        of(2, "second"),
        of(3, "third"),
        of(1, "first"),
        of(3, "again"),
    ];
    let (_folder, path) = file(&versions);
    let (data, _) = check(&path, [1, 0], &[]);
    assert_eq!(data.run(["read", "3000000"]).out.trim(), "again");
    assert!(data.found("second").is_empty());
}

#[test]
fn ancestors_in_a_circle_end_nothing() {
    let pages = (0..50).map(|n| {
        let mut page = body_page(n, "<p>tern</p>");
        page["ancestors"] = json!([{"id": id((n + 1) % 50)}, {"id": id((n + 49) % 50)}]);
        page
    });
    let (_folder, path) = file(&pages.collect::<Vec<_>>());
    let (data, _) = check(&path, [50, 0], &[]);
    assert_eq!(data.found("tern").len(), 50);
    // Fifty copies of one sentence are one answer, unless all are asked for.
    let once = data.search("tern", &["--cutoff", "none", "--limit", "50"]);
    assert_eq!(once["results"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        once["results"][0]["also_in"].as_array().map(Vec::len),
        Some(49)
    );
    let query = format!("ancestor = {}", id(3));
    let ran = data
        .run(["cql", "run", &query, "--engine", "all"])
        .with_code(0);
    assert_eq!(ran.out.lines().count(), 2, "{}", ran.out);
}

#[test]
fn a_packed_file_cut_anywhere_is_read_up_to_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pages.jsonl.gz");
    let file = std::fs::File::create(&path).expect("a file");
    let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    for page in many_pages(30) {
        writeln!(packed, "{page}").expect("a file");
    }
    packed.finish().expect("a file");
    let bytes = std::fs::read(&path).expect("a file");
    for part in [1, 10, 50, 90, 99] {
        std::fs::write(&path, &bytes[..bytes.len() * part / 100]).expect("a file");
        let ran = Data::new().reindex(&path).with_code(1);
        assert!(ran.err.contains("pages.jsonl.gz"), "{part} %: {}", ran.err);
    }
}

#[test]
fn files_that_hold_no_json_are_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in [
        ("notes.txt", &b"The heron stands on one leg."[..]),
        ("page.html", b"<html><p>The heron.</p></html>"),
        ("zeros.jsonl", &[0; 4096]),
        ("not-gz.jsonl.gz", b"{\"id\":\"1\"}"),
        ("not-zst.jsonl.zst", b"{\"id\":\"1\"}"),
        ("number.json", b"42"),
        ("half.json", b"[{\"id\":\"1\","),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a folder that can be written");
        let ran = Data::new().reindex(&path).with_code(1);
        assert!(ran.err.contains(name), "{name}: {}", ran.err);
    }
}

/// A page that everybody may see.
fn body_page(number: usize, body: &str) -> Value {
    let mut page = page("1100161");
    page["id"] = id(number).into();
    page["title"] = format!("Seabirds {number}").into();
    page["ancestors"] = json!([]);
    page["body"]["storage"]["value"] = body.into();
    page
}

fn id(number: usize) -> String {
    (3_000_000 + number).to_string()
}

fn file(objects: &[Value]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pages.jsonl");
    write_lines(&path, objects);
    (folder, path)
}

/// Ids of all documents.
fn listed(data: &Data) -> Vec<String> {
    let all = "type in (page, blogpost, comment, attachment) order by id";
    let ran = data.run(["cql", "run", all]).with_code(0);
    ran.out.lines().map(str::to_owned).collect()
}
