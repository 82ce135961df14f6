//! `headwater eval` over small collections of its own: figures that can be worked out by
//! hand, the shape of what it prints and writes, and files that cannot be used.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::program::{Data, Ran};

/// Five documents, of which the last two are equally short and say the same of `heron`.
const CORPUS: &str = r#"{"id":"ice","title":"Ice rules","text":"A sailing is cancelled at nine centimetres.\n\nThe harbour office decides."}
{"id":"pier","title":"Pier","text":"Gauges stand at the north pier & at the <south> pier."}
{"id":"fuel","title":"Fuel","text":"Diesel is ordered on Mondays."}
{"id":"heron1","title":"Heron","text":"heron nest"}
{"id":"heron2","title":"Heron","text":"heron nest"}
"#;

const QUERIES: &str = r#"{"id":"q1","text":"when is a sailing cancelled","kind":"howto","split":"report"}
{"id":"q2","text":"heron nest","kind":"lookup","split":"calibrate"}
{"id":"q3","text":"quokka","kind":"none","split":"report"}
{"id":4,"text":"where do gauges stand","kind":"howto","lang":"en"}
"#;

const QRELS: &str = "q1\tice\t1\nq2\theron2\t1\n4\tpier\t1\n4\tfuel\t0\n";

/// A folder with collections and sources.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// One with a whole collection in `c`.
    fn whole() -> Self {
        let folder = Self::new();
        folder.write("c/corpus.jsonl", CORPUS);
        folder.judged("c");
        folder
    }

    fn judged(&self, name: &str) {
        self.write(&format!("{name}/queries.jsonl"), QUERIES);
        self.write(&format!("{name}/qrels.tsv"), QRELS);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    fn run(&self, args: &[&str]) -> Ran {
        let data = Data::new();
        let full = |arg: &&str| match arg.strip_prefix('@') {
            Some(name) => self.path(name).display().to_string(),
            None => (*arg).to_owned(),
        };
        let ran = data.run(std::iter::once("eval".to_owned()).chain(args.iter().map(full)));
        // Nothing of it stays in the data directory.
        let entries = data.path().read_dir().expect("a folder").count();
        assert_eq!(entries, 0, "{ran:?}");
        ran
    }

    /// Content objects with these bodies, as a dump.
    fn dump(&self, name: &str) {
        let page = |id: &str, title: &str, body: &str| {
            let space = json!({"key": "OPS", "name": "Operations"});
            let body = json!({"storage": {"value": body, "representation": "storage"}});
            json!({"id": id, "type": "page", "title": title, "space": space, "body": body})
        };
        let comment = json!({
            "id": "503", "type": "comment", "title": "Re: Ice rules",
            "container": {"id": "501", "type": "page"}, "space": {"key": "OPS"},
            "body": {"storage": {"value": "<p>Gauges freeze too.</p>", "representation": "storage"}},
        });
        let objects = [
            page(
                "501",
                "Ice rules",
                "<p>A sailing is <b>cancelled</b> at 9 cm.</p>",
            ),
            page("502", "Heron", "<p>heron nest</p>"),
            comment,
        ];
        let lines: Vec<String> = objects.iter().map(|object| format!("{object}\n")).collect();
        self.write(name, &lines.concat());
    }
}

fn figure(report: &Value, name: &str) -> f64 {
    report[name]
        .as_f64()
        .unwrap_or_else(|| panic!("{name}: {report}"))
}

#[track_caller]
fn near(report: &Value, expected: &[(&str, f64)]) {
    for (name, expected) in expected {
        let got = figure(report, name);
        assert!((got - expected).abs() < 1e-4, "{name}: {got}\n{report:#}");
    }
}

#[test]
fn figures_are_those_of_the_lists() {
    let folder = Folder::whole();
    let report = folder.run(&["@c", "--json"]).with_code(0).json();
    // `heron2` is behind its equal: 1/log2(3) and 1/2; the others are first.
    let ndcg = (2.0 + 0.630_93) / 3.0;
    let means = [
        ("ndcg", ndcg),
        ("mrr", 2.5 / 3.0),
        ("recall_5", 1.0),
        ("recall_10", 1.0),
    ];
    near(&report, &means);
    near(&report["baseline"], &means);
    near(
        &report,
        &[
            ("recall_100", 1.0),
            ("none_right", 1.0),
            ("none_wrong", 0.0),
        ],
    );
    assert_eq!(report["collection"], "c");
    let counts = ["queries", "answerable", "unanswerable", "documents", "k"];
    assert_eq!(
        counts.map(|name| report[name].as_u64()),
        [4, 3, 1, 5, 10].map(Some)
    );
    for name in ["precision_cut", "p50_ms", "p99_ms"] {
        assert!(figure(&report, name) > 0.0, "{name}: {report}");
    }
    let against = &report["against_baseline"]["ndcg"];
    let counts = ["wins", "losses", "ties"].map(|name| against[name].as_u64());
    assert_eq!((counts, &against["p"]), ([0, 0, 3].map(Some), &json!(1.0)));
    near(&report["groups"]["kind"]["lookup"], &[("ndcg", 0.630_93)]);
    assert_eq!(report["groups"]["kind"]["none"]["ndcg"], Value::Null);
    near(&report["groups"]["kind"]["none"], &[("none_right", 1.0)]);
    let at_one = folder
        .run(&["@c", "--json", "--k", "1"])
        .with_code(0)
        .json();
    near(
        &at_one,
        &[("ndcg", 2.0 / 3.0), ("mrr", 2.0 / 3.0), ("recall_5", 1.0)],
    );
}

#[test]
fn people_get_a_table() {
    let folder = Folder::whole();
    let ran = folder.run(&["@c"]).with_code(0);
    let expected = [
        "c: 5 documents, 4 questions, 3 of them with an answer",
        "ndcg@10",
        "headwater",
        "plain BM25",
        "won/lost/tied",
        "empty for 0 of 3 with an answer (wrong); empty for 1 of 1 without (right)",
        "kind howto",
    ];
    for words in expected {
        assert!(ran.out.contains(words), "{words}\n{}", ran.out);
    }
}

#[test]
fn several_collections_are_an_array_and_packed_ones_are_read() {
    let folder = Folder::whole();
    folder.judged("d");
    let packed = std::fs::File::create(folder.path("d/corpus.jsonl.gz")).expect("a file");
    let mut packed = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, CORPUS.as_bytes()).expect("room");
    packed.finish().expect("room");
    let reports = folder.run(&["@c", "@d", "--json"]).with_code(0).json();
    let reports = reports.as_array().expect("an array");
    let names: Vec<&Value> = reports.iter().map(|report| &report["collection"]).collect();
    assert_eq!(names, ["c", "d"]);
    assert_eq!(reports[0]["ndcg"], reports[1]["ndcg"]);
}

#[test]
fn documents_come_from_a_source_when_one_is_given() {
    let folder = Folder::whole();
    folder.dump("dump.jsonl");
    folder.write(
        "c/qrels.tsv",
        "q1\tpage:501\t1\nq2\t502\t1\n4\tcomment:503\t1\n4\tgone\t1\n",
    );
    let rows = folder.path("rows.jsonl").display().to_string();
    let args = [
        "@c",
        "--json",
        "--from",
        "@dump.jsonl",
        "--per-query",
        &rows,
    ];
    let ran = folder.run(&args).with_code(0);
    let report = ran.json();
    assert_eq!(report["documents"], 3);
    assert_eq!(report["unknown_documents"], 1);
    assert!(
        ran.err.contains("documents that are not there: gone"),
        "{}",
        ran.err
    );
    near(&report, &[("mrr", 1.0), ("recall_100", 2.5 / 3.0)]);
    let rows = std::fs::read_to_string(rows).expect("the rows");
    assert!(rows.contains("\"top\":[\"comment:503\""), "{rows}");
}

#[test]
fn a_collection_may_name_its_source() {
    let folder = Folder::new();
    folder.dump("dump.jsonl");
    for name in ["a", "b"] {
        folder.judged(name);
        folder.write(
            &format!("{name}/qrels.tsv"),
            "q1\t501\t1\nq2\tpage:502\t1\n",
        );
        let manifest = json!({"name": format!("named {name}"), "from": ["../dump.jsonl"]});
        folder.write(&format!("{name}/collection.json"), &manifest.to_string());
    }
    let ran = folder.run(&["@a", "@b", "--json"]).with_code(0);
    let reports = ran.json();
    assert_eq!(reports[1]["collection"], "named b");
    near(&reports[1], &[("ndcg", 1.0)]);
    // The same content is indexed once.
    assert_eq!(ran.err.matches("indexing:").count(), 1, "{}", ran.err);
}

#[test]
fn splits_are_asked_apart() {
    let folder = Folder::whole();
    for (split, queries, unknown) in [("calibrate", 1, 0), ("report", 2, 0), ("all", 4, 0)] {
        let report = folder
            .run(&["@c", "--json", "--split", split])
            .with_code(0)
            .json();
        assert_eq!(report["queries"], queries, "{split}");
        assert_eq!(report["unknown_queries"], unknown, "{split}");
    }
}

#[test]
fn an_asker_is_measured_by_what_may_be_seen() {
    let folder = Folder::new();
    let restricted = |id: &str, users: Value| {
        let read = json!({"operation": "read", "restrictions": {
            "user": {"results": users}, "group": {"results": []}}});
        json!({
            "id": id, "type": "page", "title": format!("Codes {id}"), "space": {"key": "OPS"},
            "body": {"storage": {"value": "<p>alarm codes</p>", "representation": "storage"}},
            "restrictions": {"read": read},
        })
    };
    let mine = json!([{"type": "known", "accountId": "a1"}]);
    let other = json!([{"type": "known", "accountId": "a2"}]);
    let pages = [restricted("1", other), restricted("2", mine)];
    let lines: Vec<String> = pages.iter().map(|page| format!("{page}\n")).collect();
    folder.write("dump.jsonl", &lines.concat());
    let query = json!({"id": "q", "text": "alarm codes", "as": "account:a1"});
    folder.write("c/queries.jsonl", &query.to_string());
    folder.write("c/qrels.tsv", "q\t2\t1\n");
    let report = folder
        .run(&["@c", "--json", "--from", "@dump.jsonl"])
        .with_code(0)
        .json();
    near(&report, &[("mrr", 1.0), ("precision_cut", 1.0)]);
    near(&report["baseline"], &[("mrr", 1.0)]);
}

#[test]
fn runs_are_compared() {
    let folder = Folder::whole();
    folder
        .run(&["@c", "--per-query", "@before.jsonl"])
        .with_code(0);
    let text = std::fs::read_to_string(folder.path("before.jsonl")).expect("the rows");
    let rows: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON in each line"))
        .collect();
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[1]["query"], "q2");
    let gold = json!([{"id": "heron2", "grade": 1.0, "rank": 2, "baseline_rank": 2}]);
    assert_eq!(rows[1]["gold"], gold);
    assert_eq!(rows[1]["top"], json!(["heron1", "heron2"]));
    // One of the two is a copy, so one result is served, and it is right.
    assert_eq!(
        (&rows[1]["cut"], &rows[1]["precision"]),
        (&json!(1), &json!(1.0))
    );
    assert_eq!(
        (&rows[2]["cut"], &rows[2]["ndcg"]),
        (&json!(0), &Value::Null)
    );

    let args = [
        "@c",
        "--json",
        "--compare",
        "@before.jsonl",
        "--per-query",
        "@before.jsonl",
    ];
    let report = folder.run(&args).with_code(0).json();
    let against = &report["against_earlier"];
    assert_eq!(
        (&against["queries"], &against["unmatched"]),
        (&json!(3), &json!(0))
    );
    assert_eq!(
        (&against["ndcg"]["ties"], &against["ndcg"]["p"]),
        (&json!(3), &json!(1.0))
    );
    let other = folder
        .run(&["@c", "--k", "5", "--compare", "@before.jsonl"])
        .with_code(1);
    assert!(other.err.contains("written with --k 10"), "{}", other.err);
}

/// What is said of a collection in `c` where one file is this, with exit code 1.
#[track_caller]
fn check_bad(file: &str, text: &str, said: &str) {
    let folder = Folder::whole();
    folder.write(&format!("c/{file}"), text);
    let ran = folder.run(&["@c"]).with_code(1);
    assert!(ran.err.contains(said), "{said}\n{}", ran.err);
    assert_eq!(ran.out, "");
}

#[test]
fn lines_that_cannot_be_used_are_named() {
    check_bad(
        "queries.jsonl",
        "{\"id\":\"1\"}",
        "queries.jsonl:1: expected an object",
    );
    check_bad("queries.jsonl", "", "no questions in queries.jsonl");
    let twice = format!("{QUERIES}{QUERIES}");
    check_bad(
        "queries.jsonl",
        &twice,
        "queries.jsonl:5: query `q1` is on line 1 already",
    );
    check_bad("qrels.tsv", "q1\tice\n", "qrels.tsv:1: expected query id");
    check_bad(
        "corpus.jsonl",
        "{\"id\":\"1\"}\n",
        "corpus.jsonl:1: id 1: parse: `text` is missing",
    );
    let twice = format!("{CORPUS}{CORPUS}");
    check_bad(
        "corpus.jsonl",
        &twice,
        "corpus.jsonl:6: id ice: parse: this id is on line 1 already",
    );
    check_bad("corpus.jsonl", &twice, "5 documents cannot be used");
    check_bad(
        "collection.json",
        "[1]",
        "collection.json: expected an object",
    );
}

#[test]
fn what_is_missing_is_named() {
    let folder = Folder::whole();
    let without = |name: &str| {
        let folder = Folder::whole();
        std::fs::remove_file(folder.path(name)).expect("a file");
        folder.run(&["@c"]).with_code(1).err
    };
    for name in ["queries.jsonl", "qrels.tsv"] {
        assert!(without(&format!("c/{name}")).contains(name), "{name}");
    }
    assert!(without("c/corpus.jsonl").contains("has no documents"));
    let err = |args: &[&str]| folder.run(args).with_code(1).err;
    assert!(err(&["@nowhere"]).contains("is not a folder"));
    assert!(err(&["@c", "--from", "@nowhere"]).contains("there is nothing at"));
    assert!(err(&["@c", "--per-query", "@nowhere/rows"]).contains("cannot write"));
    assert!(err(&["@c", "@c"]).contains("two collections are called `c`"));
    assert!(err(&["@c", "--compare", "@c/qrels.tsv"]).contains("not a line of `--per-query`"));
    folder.write("c/queries.jsonl", "{\"id\":\"1\",\"text\":\"a\"}");
    assert!(err(&["@c", "--split", "report"]).contains("no question is of this split"));
    folder.run(&["@c", "--k", "0"]).with_code(2);
}

/// Judgements of unknown questions are counted; a question that is refused scores nothing.
#[test]
fn what_says_nothing_is_counted() {
    let folder = Folder::whole();
    folder.write("c/qrels.tsv", &format!("{QRELS}q9\tice\t1\n"));
    let report = folder.run(&["@c", "--json"]).with_code(0).json();
    assert_eq!(report["unknown_queries"], 1);
    let long = json!({"id": "q1", "text": "ice ".repeat(600)});
    folder.write("c/queries.jsonl", &long.to_string());
    let ran = folder.run(&["@c", "--json"]).with_code(1);
    assert_eq!(ran.json()["failed"], 1);
    assert!(
        ran.err.contains("query `q1`: /query: 2400 characters"),
        "{}",
        ran.err
    );
    near(&ran.json(), &[("ndcg", 0.0), ("none_wrong", 1.0)]);
}

/// Whoever measures the fixtures needs nothing but their folder.
#[test]
fn questions_of_the_fixtures_are_answered() {
    let questions = crate::support::repository("fixtures/questions");
    if !Path::exists(&questions.join("queries.jsonl")) {
        return;
    }
    let questions = questions.display().to_string();
    let report = Folder::new()
        .run(&[&questions, "--json"])
        .with_code(0)
        .json();
    assert_eq!(report["unknown_queries"], 0, "{report}");
    assert_eq!(report["unknown_documents"], 0, "{report}");
    assert!(figure(&report, "ndcg") > 0.5, "{report}");
}
