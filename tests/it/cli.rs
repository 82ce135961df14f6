//! The contract of the command line: exit codes, what goes to which output, and the
//! shapes that scripts read.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::program::Data;
use crate::support::site::{bad, shared, site};

#[test]
fn exit_codes_tell_how_a_command_ended() {
    let empty = Data::new();
    let none: &[&str] = &[];
    for (data, args, code) in [
        (shared(), &["search", "heat"][..], 0),
        (shared(), &["status"], 0),
        (shared(), &["--help"], 0),
        (shared(), &["--version"], 0),
        (shared(), &["cql", "check", "space = "], 1),
        (shared(), &["search", "heat", "--cql", "space = "], 1),
        (shared(), &["search", "heat", "--cutoff", "often"], 1),
        (shared(), &["search", "heat", "--limit", "0"], 1),
        (shared(), &["search", "heat", "--cursor", "nonsense"], 1),
        (shared(), &["search", "heat", "--as", "email:"], 1),
        (shared(), &["read", "page:1100160", "--format", "json"], 1),
        (shared(), &["cql", "run", "lable = x"], 1),
        (shared(), &["cql", "explain", "lable = x"], 1),
        (shared(), &["convert", "/nowhere.xml"], 1),
        (shared(), none, 2),
        (shared(), &["serach", "heat"], 2),
        (shared(), &["search"], 2),
        (shared(), &["search", "heat", "--limit", "many"], 2),
        (shared(), &["search", "heat", "--json", "--jsonl"], 2),
        (shared(), &["search", "xyzzyplugh"], 3),
        (shared(), &["read", "page:1"], 3),
        (shared(), &["outline", "page:1"], 3),
        (shared(), &["cql", "run", "id = 1"], 3),
        (shared(), &["read", "page:1100111@2"], 3),
        (
            shared(),
            &["read", "page:1100111", "--section", "Nowhere"],
            3,
        ),
        (&empty, &["search", "heat"], 4),
        (&empty, &["read", "page:1"], 4),
        (&empty, &["outline", "page:1"], 4),
        (&empty, &["cql", "run", "id = 1"], 4),
        (&empty, &["status"], 4),
    ] {
        let ran = data.run(args);
        assert_eq!(ran.code, Some(code), "{args:?}: {ran:?}");
        let is_answer = code == 0 || args.contains(&"status");
        assert_eq!(ran.out.is_empty(), !is_answer, "{args:?}: {ran:?}");
        // Notes may stand beside an answer; without one there is always a reason.
        let is_empty_list = code == 3 && args.contains(&"run");
        let is_told = is_answer || is_empty_list || !ran.err.is_empty();
        assert!(is_told, "{args:?}: {ran:?}");
        assert!(
            !is_answer || !ran.err.contains("error"),
            "{args:?}: {ran:?}"
        );
    }
}

#[test]
fn json_is_one_document_and_nothing_else() {
    let data = shared();
    let from = site();
    let from = from.to_str().expect("text");
    for args in [
        &["search", "care home", "--json"][..],
        &["search", "care home", "--format", "json"],
        &["read", "page:1100111", "--json"],
        &["read", "page:1100111", "--format", "json"],
        &["outline", "page:1100111", "--json"],
        &["status", "--json"],
        &["cql", "check", "space = OPS", "--json"],
        &["cql", "explain", "space = OPS", "--json"],
        &["cql", "run", "space = OPS", "--json"],
        &["cql", "run", "space = OPS", "--json", "--from", from],
    ] {
        let ran = data.run(args).with_code(0);
        ran.json();
        assert!(ran.out.ends_with('\n'), "{args:?}");
    }
    let data = Data::new();
    data.reindex_json(&site());
    let ran = data.run(["search", "xyzzyplugh", "--json"]).with_code(3);
    assert_eq!(ran.json()["results"], json!([]));
    let ran = data.run(["cql", "check", "space =", "--json"]).with_code(1);
    assert_eq!(ran.json()["valid"], false);
}

#[test]
fn jsonl_is_one_passage_a_line() {
    let lines = shared().run(["search", "heat", "--jsonl"]).with_code(0);
    let lines = lines.json_lines();
    let answer = shared().search("heat", &[]);
    let results = answer["results"].as_array().expect("results");
    let passages: Vec<&Value> = results
        .iter()
        .flat_map(|result| result["passages"].as_array().expect("passages"))
        .collect();
    assert_eq!(lines.iter().collect::<Vec<_>>(), passages);
}

#[test]
fn text_for_people_cites_every_passage() {
    let ran = shared().run(["search", "care home"]).with_code(0);
    assert!(ran.out.starts_with("1. "), "{}", ran.out);
    let answer = shared().search("care home", &[]);
    for result in answer["results"].as_array().expect("results") {
        for passage in result["passages"].as_array().expect("passages") {
            let citation = &passage["citation"];
            for part in [&citation["text"], &citation["url"]] {
                assert!(ran.out.contains(part.as_str().expect("text")), "{part}");
            }
        }
    }
}

/// As `headwater search … --jsonl | head -1` does.
#[test]
fn a_reader_that_goes_away_is_a_quiet_end() {
    let data = shared();
    let many = "<p>word</p>".repeat(20_000);
    let lines: String = (0..200)
        .map(|id| json!({"id": id, "storage": many}).to_string() + "\n")
        .collect();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bodies.jsonl");
    std::fs::write(&file, lines).expect("a folder that can be written");
    let file = file.to_str().expect("text");
    for args in [
        &["convert", "--jsonl", file][..],
        &[
            "search",
            "heat",
            "--jsonl",
            "--limit",
            "50",
            "--max-tokens",
            "100000",
            "--cutoff",
            "none",
        ],
        &["read", "page:1100160", "--max-tokens", "100000"],
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_headwater"))
            .env_clear()
            .env("HOME", data.path())
            .arg("--data")
            .arg(data.path())
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program was built");
        let mut first = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        out.read_line(&mut first).expect("a line");
        drop(out);
        let ended = child.wait_with_output().expect("a child");
        let err = String::from_utf8(ended.stderr).expect("text");
        assert!(!first.is_empty(), "{args:?}");
        assert_eq!(ended.status.code(), Some(0), "{args:?}: {err}");
        assert!(
            !err.contains("error") && !err.contains("panicked"),
            "{args:?}: {err}"
        );
    }
}

#[test]
fn cql_check_points_at_the_mistake() {
    let ran = shared().run(["cql", "check", "space = OPS and lable = x"]);
    let ran = ran.with_code(1);
    assert_eq!(ran.out, "");
    let shown = "  space = OPS and lable = x\n                  ^^^^^\n";
    assert!(ran.err.contains(shown), "{}", ran.err);
    assert!(
        ran.err.contains("hint: did you mean `label`?"),
        "{}",
        ran.err
    );
    let ran = shared().run(["cql", "check", "space = OPS"]).with_code(0);
    assert_eq!((&*ran.out, &*ran.err), ("valid\n", ""));
    // Wide and astral characters are one place each, as in an editor.
    let ran = shared().run(["cql", "check", "title = \"äöü😀\" and lable = x"]);
    assert!(ran.with_code(1).err.contains("^^^^^"));
}

#[test]
fn cql_check_answers_line_by_line() {
    let input = "{\"cql\":\"space = OPS\"}\n\n{\"cql\":\"space =\"}\n{\"cql\":\"lable = x\"}\n";
    let args = ["cql", "check", "--jsonl", "-"];
    let ran = shared().run_with(args, input.as_bytes()).with_code(1);
    let lines = ran.json_lines();
    let valid: Vec<_> = lines.iter().map(|line| line["valid"].clone()).collect();
    assert_eq!(valid, [json!(true), json!(false), json!(false)]);
    assert_eq!(lines[1]["errors"][0]["start"], 7);
    assert_eq!(lines[2]["errors"][0]["code"], "unknown_field");
    let ran = shared().run_with(args, b"{\"cql\":\"space = OPS\"}\n");
    ran.with_code(0);
    // What is no query is said in its place, and the rest is answered.
    let input = b"{\"cql\":\"space = OPS\"}\nspace = OPS\n\xff\n{\"cql\":\"type = page\"}\n";
    let ran = shared().run_with(args, input).with_code(1);
    let lines = ran.json_lines();
    assert_eq!(lines[1]["line"], 2);
    assert!(lines[2]["error"].is_string());
    assert_eq!(lines[3]["valid"], true);
}

#[test]
fn cql_runs_on_a_source_without_a_data_directory() {
    let from = site();
    let from = from.to_str().expect("text");
    let query = "space = MOOR and type = blogpost or id = 1100111 order by id";
    let expected = "1100111\n1400201\n1400210\n1400211\n1400212\n";
    let empty = Data::new();
    for engine in ["eval", "tantivy", "all"] {
        let ran = empty.run(["cql", "run", query, "--from", from, "--engine", engine]);
        assert_eq!(ran.with_code(0).out, expected, "{engine}");
    }
    let of_data = shared().run(["cql", "run", query]).with_code(0);
    assert_eq!(of_data.out, expected);
    let ran = empty.run(["cql", "run", "lable = x", "--from", from]);
    assert!(ran.with_code(1).err.contains("^^^^^"));
}

#[test]
fn cql_run_reads_dates_at_the_moment_and_in_the_zone_given() {
    let query = "lastmodified > now(\"-1w\") order by id";
    let at = |now: &str| {
        let args = ["cql", "run", query, "--now", now, "--engine", "all"];
        shared().run(args).out.lines().count()
    };
    assert!(at("2026-11-09T12:00:00Z") > 0);
    assert_eq!(at("2036-11-09T12:00:00Z"), 0);
    let ran = shared().run(["cql", "run", query, "--timezone", "Mars/Base"]);
    assert!(ran.with_code(1).err.contains("Mars/Base"));
}

#[test]
fn cql_test_counts_cases_in_its_last_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let from = site();
    let run = |cases: &[Value]| {
        let file = folder.path().join("cases.jsonl");
        crate::support::site::write_lines(&file, cases);
        let file = file.to_str().expect("text").to_owned();
        let from = from.to_str().expect("text");
        Data::new().run(["cql", "test", &file, "--from", from])
    };
    let good = [
        json!({"cql": "id = 1100111", "expect_ids": ["1100111"]}),
        json!({"cql": "lable = x", "expect_error": "unknown_field"}),
        json!({"cql": "space = MOOR", "as_user": "anonymous", "expect_ids": []}),
        json!({"cql": "id in (1100112, 1100111) order by id desc", "ordered": true,
               "expect_ids": ["1100112", "1100111"], "why": "the order counts"}),
    ];
    let ran = run(&good).with_code(0);
    assert_eq!(ran.out.lines().last(), Some("4 passed, 0 failed"));
    let wrong = [
        good[0].clone(),
        json!({"cql": "id = 1100111", "expect_ids": ["1100112"]}),
        json!({"cql": "id = 1100111", "expect_error": "unknown_field"}),
        json!({"cql": "id in (1100112, 1100111) order by id", "ordered": true,
               "expect_ids": ["1100112", "1100111"]}),
        json!({"no": "case"}),
    ];
    let ran = run(&wrong).with_code(1);
    assert_eq!(ran.out.lines().last(), Some("1 passed, 4 failed"));
    for line in 2..=5 {
        let place = format!("cases.jsonl:{line}: ");
        assert!(ran.err.contains(&place), "{place} {}", ran.err);
    }
}

#[test]
fn convert_reads_standard_input_files_and_lines() {
    let data = Data::new();
    let body = "<h2>Ice rules</h2><p>Stay <strong>ashore</strong>.</p>";
    let markdown = "## Ice rules\n\nStay **ashore**.\n";
    for args in [&["convert"][..], &["convert", "-"]] {
        let ran = data.run_with(args, body.as_bytes()).with_code(0);
        assert_eq!(ran.out.trim_end(), markdown.trim_end());
    }
    let file = data.path().join("body.xml");
    std::fs::write(&file, body).expect("a folder that can be written");
    let file = file.to_str().expect("text");
    let ran = data.run(["convert", file]).with_code(0);
    assert_eq!(ran.out.trim_end(), markdown.trim_end());
    let ran = data.run(["convert", file, "--to", "text"]).with_code(0);
    assert!(ran.out.contains("Stay ashore."), "{}", ran.out);
    let ran = data.run(["convert", file, "--to", "json"]).with_code(0);
    let json = ran.json();
    assert_eq!(json["markdown"], markdown.trim_end());
    let [heading, line] = json["blocks"].as_array().expect("a list").as_slice() else {
        panic!("{json}");
    };
    assert_eq!(heading["kind"], "heading");
    assert_eq!(
        *line,
        json!({"kind": "paragraph", "markdown": [14, 30], "text": [10, 22], "source": [18, 50], "heading": 0})
    );
    assert_eq!(json["headings"][0]["block"], 0);

    let lines = [
        json!({"id": "a", "storage": body}).to_string(),
        "no JSON".to_owned(),
        json!({"id": 7, "storage": "<p>Second</p>"}).to_string(),
        json!({"id": "c"}).to_string(),
    ];
    let input = lines.join("\n");
    let ran = data.run_with(["convert", "--jsonl"], input.as_bytes());
    let out = ran.clone().with_code(1).json_lines();
    assert_eq!(out.len(), 4, "{out:?}");
    assert_eq!(
        (&out[0]["id"], &out[0]["markdown"]),
        (&json!("a"), &json!(markdown.trim_end()))
    );
    assert_eq!((&out[1]["line"], &out[3]["line"]), (&json!(2), &json!(4)));
    assert!(out[1]["error"].is_string() && out[3]["error"].is_string());
    assert_eq!(
        (&out[2]["id"], &out[2]["text"]),
        (&json!(7), &json!("Second"))
    );
    assert!(
        ran.err.contains("2 of 4 lines could not be read"),
        "{}",
        ran.err
    );
}

#[test]
fn convert_knows_other_representations_by_their_looks_or_by_what_it_is_told() {
    let data = Data::new();
    let document = r#"{"type":"doc","version":1,"content":[{"type":"paragraph","content":
        [{"type":"text","text":"ashore","marks":[{"type":"strong"}]}]}]}"#;
    let page = "<!doctype html><body><div id=\"footer\">f</div><p><b>ashore</b></p>";
    for (args, body, markdown) in [
        (&["convert"][..], document, "**ashore**"),
        (&["convert", "--from", "adf"], document, "**ashore**"),
        (&["convert"], page, "**ashore**"),
        (
            &["convert", "--from", "html"],
            "<p><b>ashore</b>",
            "**ashore**",
        ),
        (&["convert", "--from", "storage"], page, "f\n\n**ashore**"),
    ] {
        let ran = data.run_with(args, body.as_bytes()).with_code(0);
        assert_eq!(ran.out.trim_end(), markdown, "{args:?} {body}");
    }
    let lines = [
        json!({"id": 1, "storage": document}).to_string(),
        json!({"id": 2, "storage": "<p>a", "representation": "html"}).to_string(),
    ];
    let ran = data.run_with(["convert", "--jsonl"], lines.join("\n").as_bytes());
    let out = ran.with_code(0).json_lines();
    let read = |at: usize| (out[at]["representation"].clone(), out[at]["text"].clone());
    assert_eq!(read(0), (json!("adf"), json!("ashore")));
    assert_eq!(read(1), (json!("html"), json!("a")));
    data.run(["convert", "--from", "pdf"]).with_code(2);
}

#[test]
fn broken_bodies_are_converted_with_a_warning() {
    let body = "salt marsh < 3 metres <p>the <b>godwit</p> waits</b> <![CDATA[ebb & flow";
    let ran = Data::new()
        .run_with(["convert"], body.as_bytes())
        .with_code(0);
    for words in ["salt marsh", "godwit", "waits"] {
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
    assert!(ran.err.contains("warning: "), "{}", ran.err);
}

#[test]
fn progress_and_failures_never_reach_standard_output() {
    let ran = Data::new().reindex(&bad("bad-lines.jsonl")).with_code(1);
    assert!(
        !ran.out.contains("reading: ") && !ran.out.contains("parse: "),
        "{}",
        ran.out
    );
    assert!(
        ran.err.contains("reading: ") && ran.err.contains("parse: "),
        "{}",
        ran.err
    );
}
