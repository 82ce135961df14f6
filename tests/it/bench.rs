//! `headwater bench`, run as people run it.

use std::fs;

use crate::support::program::Data;
use crate::support::repository;
use crate::support::serving::Server;

fn site() -> String {
    repository("fixtures/site").display().to_string()
}

#[test]
fn a_server_is_started_and_loaded() {
    let data = Data::new();
    let from = site();
    let asked = [
        "bench",
        "load",
        "--json",
        "--requests",
        "12",
        "--warmup",
        "1",
    ];
    let closed = ["--workers", "2", "--from", &from];
    let report = data.run(asked.iter().chain(&closed)).with_code(0).json();
    assert_eq!(report["answers"], 12);
    assert_eq!(report["errors"], 0);
    assert_eq!(report["arrivals"], "closed");
    let latency = |name: &str| report["latency_ms"][name].as_f64().unwrap();
    let order = ["p50", "p90", "p99", "p99_9", "max"].map(latency);
    assert!(order[0] > 0.0 && order.is_sorted(), "{order:?}");
    assert!(report["bytes_per_answer"].as_u64().unwrap() > 100);
    // The data directory of the settings is left alone.
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
}

#[test]
fn a_running_server_is_loaded_at_a_rate() {
    let data = Data::of(&[&repository("fixtures/site")]);
    let server = Server::of(data.path());
    let url = format!("http://{}", server.address);
    let questions = data.path().join("questions");
    fs::write(&questions, "care home\n{\"text\": \"torque\"}\n\n").unwrap();
    let questions = questions.to_str().unwrap();
    let asked = [
        "bench",
        "load",
        "--json",
        "--url",
        &url,
        "--queries",
        questions,
    ];
    let open = ["--rate", "200", "--requests", "10", "--as", "anonymous"];
    let report = data.run(asked.iter().chain(&open)).with_code(0).json();
    assert_eq!(
        (&report["answers"], &report["queries"]),
        (&10.into(), &2.into())
    );
    assert_eq!(report["rate"], 200.0);
    if cfg!(target_os = "linux") {
        assert!(report["server"]["resident_bytes"].as_u64().unwrap() > 1_000_000);
    }

    // What is refused is counted, and told by the exit code.
    let open = [
        "--requests",
        "3",
        "--warmup",
        "0",
        "--workers",
        "1",
        "--as",
        "email:",
    ];
    let ran = data.run(asked.iter().chain(&open)).with_code(1);
    assert!(
        ran.err.contains("does not answer a search: status 400"),
        "{ran:?}"
    );
}

#[test]
fn a_load_needs_questions_and_a_server() {
    let data = Data::new();
    data.run(["bench", "load", "--url", "http://127.0.0.1:1"])
        .with_code(2);
    let nobody = [
        "bench",
        "load",
        "--url",
        "http://127.0.0.1:1",
        "--query",
        "x",
    ];
    let ran = data.run(nobody).with_code(1);
    assert!(ran.err.contains("cannot connect"), "{ran:?}");
    let ran = data
        .run(["bench", "load", "--url", "x", "--query", "x"])
        .with_code(1);
    assert!(ran.err.contains("--url: expected an address"), "{ran:?}");
    data.run(["bench", "load", "--query", "x", "--rate", "0"])
        .with_code(2);
}

#[test]
fn a_multiplied_site_is_indexed() {
    let data = Data::new();
    let from = site();
    let made = data.path().join("made.jsonl.zst");
    let made = made.to_str().unwrap();
    let asked = ["bench", "multiply", "--from", &from, "--count", "300"];
    let to_file = ["--out", made, "--json"];
    let report = data.run(asked.iter().chain(&to_file)).with_code(0).json();
    assert_eq!(report["pages"], 300);
    let indexed = data.reindex_json(made.as_ref());
    assert_eq!(indexed["sources"][0]["counts"]["added"], 300);
    assert_eq!(indexed["sources"][0]["counts"]["failed"], 0);

    let lines = data.run(asked.iter().chain(&["--out", "-"])).with_code(0);
    assert_eq!(lines.json_lines().len(), 300);
    let facts = data
        .run(["bench", "corpus", "--json", "--from", made])
        .with_code(0)
        .json();
    assert_eq!(facts["items"], 300);

    let nothing = data.path().join("nothing.jsonl");
    fs::write(&nothing, "").unwrap();
    let asked = ["bench", "multiply", "--count", "3", "--out", made, "--from"];
    let from = [nothing.to_str().unwrap()];
    let ran = data.run(asked.iter().chain(&from)).with_code(1);
    assert!(ran.err.contains("holds no page with a body"), "{ran:?}");
}

#[test]
fn facts_of_a_corpus() {
    let data = Data::new();
    let from = site();
    let facts = data
        .run(["bench", "corpus", "--json", "--from", &from])
        .with_code(0)
        .json();
    let count = |name: &str| facts[name].as_u64().unwrap();
    let types = facts["types"].as_object().unwrap();
    let sum: u64 = types.values().filter_map(serde_json::Value::as_u64).sum();
    assert_eq!(sum, count("items"));
    assert!(count("vocabulary") < count("words"));
    assert!(count("text_bytes") < count("body_bytes"));
    let lines = data.run(["bench", "corpus", "--from", &from]).with_code(0);
    assert!(lines.out.contains("\nlanguages: "), "{}", lines.out);
}
