//! A process that is killed while it reads or builds costs nothing but time.

use std::path::Path;
use std::time::Instant;

use serde_json::Value;

use crate::support::program::Data;
use crate::support::serving::Server;
use crate::support::site::{many_pages, questions, site, write_lines};
use crate::support::{same, stable};

/// Moments of the run at which it is killed.
const MOMENTS: u32 = 10;

/// A server that runs beside serves the old generation on; the next run completes, and then all is as if nothing had been killed.
#[test]
fn a_killed_reindex_is_made_up_for_by_the_next() {
    let folder = tempfile::tempdir().expect("a folder");
    let dump = folder.path().join("dump.jsonl");
    write_lines(&dump, &many_pages(1_500));
    let before = Data::of(&[&site()]);
    let old = answers(&Server::of(before.path()));

    let clean = before.copy();
    let begun = Instant::now();
    reindex(&clean, &dump);
    let whole = begun.elapsed();
    let new = answers(&Server::of(clean.path()));
    assert_ne!(old, new, "the dump changes the answers");

    let mut killed = 0;
    for moment in 1..=MOMENTS {
        let data = before.copy();
        let server = Server::of(data.path());
        let from = dump.to_str().expect("text");
        let run = data.spawn(["reindex", "--name", "tarnfell", "--from", from]);
        std::thread::sleep(whole * moment / (MOMENTS + 1));
        run.signal("KILL");
        let ended = run.end(b"");
        if ended.code.is_some() {
            // It was quicker this time, and is done.
            assert_eq!(ended.code, Some(0), "{ended:?}");
        } else {
            killed += 1;
            same(
                &answers(&server),
                &old,
                &format!("moment {moment}, the old generation"),
            );
        }
        reindex(&data, &dump);
        same(
            &answers(&server),
            &new,
            &format!("moment {moment}, the next run"),
        );
        let status = data.status();
        assert_eq!(status["behind"], 0, "moment {moment}: {status}");
    }
    assert!(killed >= MOMENTS / 2, "{killed} runs were killed");
}

/// The store is half way to the new dump then, and nobody may see that.
#[test]
fn after_a_kill_new_commands_answer_from_the_old_generation() {
    let folder = tempfile::tempdir().expect("a folder");
    let dump = folder.path().join("dump.jsonl");
    write_lines(&dump, &many_pages(1_500));
    let from = dump.to_str().expect("text");
    let data = Data::of(&[&site()]);
    let old = answers(&Server::of(data.path()));
    let mut run = data.spawn(["reindex", "--name", "tarnfell", "--from", from]);
    // Said once the first batch is in the store.
    assert!(run.says("reading: "), "{:?}", run.end(b""));
    run.signal("KILL");
    assert_eq!(run.end(b"").code, None, "it ended before it was killed");
    same(
        &answers(&Server::of(data.path())),
        &old,
        "a server after the kill",
    );
    data.run(["search", "heat", "--json"]).with_code(0);
    assert_ne!(data.status()["behind"], 0);
    reindex(&data, &dump);
    let clean = Data::of(&[&site()]);
    reindex(&clean, &dump);
    let [made_up, clean] = [&data, &clean].map(|data| answers(&Server::of(data.path())));
    same(&made_up, &clean, "the next run");
}

#[test]
fn ctrl_c_ends_a_reindex_cleanly_and_the_next_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let dump = folder.path().join("dump.jsonl");
    write_lines(&dump, &many_pages(1_500));
    let from = dump.to_str().expect("text");
    let data = Data::of(&[&site()]);
    let server = Server::of(data.path());
    let old = answers(&server);

    let mut run = data.spawn(["reindex", "--name", "tarnfell", "--from", from]);
    assert!(run.says("reading: "), "{:?}", run.end(b""));
    run.signal("INT");
    let ended = run.end(b"");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.err.contains("stopping; once more ends at once"),
        "{ended:?}"
    );
    assert!(
        ended.out.contains("stopped; run it again to go on"),
        "{ended:?}"
    );
    same(&answers(&server), &old, "the old generation");

    reindex(&data, &dump);
    let clean = Data::of(&[&site()]);
    reindex(&clean, &dump);
    same(
        &answers(&server),
        &answers(&Server::of(clean.path())),
        "the next run",
    );
}

#[test]
fn two_writers_do_not_meet() {
    let folder = tempfile::tempdir().expect("a folder");
    let dump = folder.path().join("dump.jsonl");
    write_lines(&dump, &many_pages(1_500));
    let from = dump.to_str().expect("text");
    let data = Data::of(&[&site()]);
    let mut run = data.spawn(["reindex", "--name", "tarnfell", "--from", from]);
    assert!(run.says("reading: "), "{:?}", run.end(b""));
    // Stopped, it holds on to the directory for as long as it takes.
    run.signal("STOP");
    let second = data.reindex(&site()).with_code(1);
    assert!(
        second.err.contains("another process is writing"),
        "{}",
        second.err
    );
    let question = data.search("care home", &[]);
    assert_ne!(
        question["results"],
        serde_json::json!([]),
        "readers do not wait"
    );
    run.signal("CONT");
    run.end(b"").with_code(0);
}

/// Reads the dump as a part of the site.
fn reindex(data: &Data, dump: &Path) {
    let from = dump.to_str().expect("text");
    data.run(["reindex", "--name", "tarnfell", "--from", from])
        .with_code(0);
}

fn answers(server: &Server) -> Vec<Value> {
    let questions = questions().into_iter().map(|(question, _)| question);
    let ask = |question: String| {
        let body = serde_json::json!({"query": question, "limit": 5});
        let response = server.post("/v1/search", &body);
        assert_eq!(response.status, 200, "{response:?}");
        let mut answer = stable(response.json());
        // Counts the writes of the store, of which a killed run makes some twice; whether
        // all sources were read to their end is what a killed run changes.
        answer["index"] = Value::Null;
        answer["omitted"]["next_cursor"] = Value::Null;
        answer
    };
    questions.map(ask).collect()
}
