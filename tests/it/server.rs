//! The server as a process: what it answers, what it picks up, how it ends.

use std::io::Write;

use serde_json::{Value, json};

use crate::support::program::Data;
use crate::support::serving::{Server, answer};
use crate::support::site::{many_pages, questions, shared, site, write_lines};
use crate::support::{same, stable};

#[test]
fn http_and_the_command_line_give_the_same_answer() {
    let data = shared();
    let server = Server::of(data.path());
    for (question, _) in questions() {
        let by_body = server.post("/v1/search", &json!({"query": question, "limit": 4}));
        assert_eq!(by_body.status, 200, "{by_body:?}");
        let url = format!("/v1/search?limit=4&q={}", encoded(&question));
        let by_url = server.get(&url);
        let by_command = data.search(&question, &["--limit", "4"]);
        let answers = [by_url.json(), by_command].map(alike);
        let expected = alike(by_body.json());
        for other in &answers {
            same(
                std::slice::from_ref(other),
                std::slice::from_ref(&expected),
                &question,
            );
        }
    }
    for id in ["page:1100111", "att1600103", "1500102", "blogpost:1100202"] {
        let read = server.get(&format!("/v1/documents/{id}?format=markdown"));
        let by_command = data.run(["read", id, "--json"]).with_code(0).json();
        assert_eq!(stable(read.json()), stable(by_command), "{id}");
        let outline = server.get(&format!("/v1/documents/{id}/outline"));
        let by_command = data.run(["outline", id, "--json"]).with_code(0).json();
        assert_eq!(stable(outline.json()), stable(by_command), "{id}");
    }
}

/// Nobody is logged in, so both are the service view; each says it in its own words.
fn alike(answer: Value) -> Value {
    let mut answer = stable(answer);
    let notices = answer["notices"].as_array_mut().expect("notices");
    notices.retain(|notice| notice["code"] != "service_view");
    answer
}

#[test]
fn the_demo_answers_with_a_citation_and_shows_how_to_ask() {
    let data = Data::new();
    let mut server = Server::start(data.path(), &["--demo"]);
    let said = server.out_until("-d '{").to_owned();
    assert!(said.contains("90"), "{said}");
    assert!(said.contains("https://tarnfell.example/wiki/"), "{said}");
    let curl = format!("curl -s http://{}/v1/search", server.address);
    assert!(said.contains(&curl), "{said}");
    let (_, body) = said.rsplit_once("-d '").expect("the curl line");
    let (body, _) = body.split_once('\'').expect("the curl line");
    let body: Value = serde_json::from_str(body).expect("JSON in the curl line");
    let response = server.post("/v1/search", &body);
    assert_eq!(
        response.json()["results"][0]["document"]["id"],
        "page:1100111"
    );
    // The throw-away folder of the demo is not the data directory.
    let used = data.path().join("store.db");
    assert!(!used.exists());
}

#[test]
fn it_is_ready_once_something_is_indexed() {
    let data = Data::new();
    let server = Server::of(data.path());
    assert_eq!(server.get("/livez").status, 200);
    assert_eq!(server.get("/readyz").status, 503);
    let early = server.get("/v1/search?q=heat");
    assert_eq!(early.status, 503, "{early:?}");
    data.reindex(&site()).with_code(0);
    assert_eq!(server.get("/readyz").status, 200);
    let found = server.get("/v1/search?q=heat");
    assert_ne!(found.json()["results"], json!([]));
    for path in ["/v1/status", "/metrics", "/openapi.json"] {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
}

/// Over HTTP a body becomes what it becomes on the command line.
#[test]
fn bodies_are_converted_over_http_too() {
    let server = Server::of(shared().path());
    let storage = "<h2>Ice</h2><p>Stay <b>ashore</b></i>.</p><script>x</script>";
    for (body, from) in [
        (storage, None),
        ("h2. Ice\nStay *ashore*.", Some("wiki")),
        ("<p>Stay <b>ashore", Some("html")),
    ] {
        let asked = json!({"body": body, "representation": from, "title": "Winter"});
        let over_http = server.post("/v1/convert", &asked).json();
        assert!(
            over_http["markdown"]
                .as_str()
                .unwrap()
                .contains("**ashore**")
        );
        let mut args = vec!["convert", "--to", "json", "--title", "Winter"];
        args.extend(from.iter().flat_map(|from| ["--from", from]));
        let at_hand = shared().run_with(args, body.as_bytes()).with_code(0);
        assert_eq!(over_http, at_hand.json(), "{body}");
    }
    let wrong = json!({"storage": "<p>x</p>", "representation": "pdf"});
    let problem = server.post("/v1/convert", &wrong);
    assert_eq!(problem.status, 422);
    let pointers = problem.json()["errors"].as_array().unwrap().len();
    assert_eq!(pointers, 3, "{problem:?}");
}

#[test]
fn a_reindex_beside_is_picked_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let dump = folder.path().join("dump.jsonl");
    let mut pages = many_pages(3);
    pages[0]["body"]["storage"]["value"] = json!("<p>Ask the quokka at the desk.</p>");
    write_lines(&dump, &pages);
    let data = Data::of(&[&site()]);
    let server = Server::of(data.path());
    let found = |words: &str| {
        let answer = server.get(&format!("/v1/search?q={words}")).json();
        crate::support::ids(&answer).len()
    };
    assert_eq!(found("quokka"), 0);
    let from = dump.to_str().expect("text");
    let add = ["reindex", "--name", "tarnfell", "--from", from];
    data.run(add).with_code(0);
    assert_eq!(found("quokka"), 1);
    write_lines(&dump, &pages[1..]);
    data.run(add).with_code(0);
    assert_eq!(found("quokka"), 0);
    assert_eq!(server.get("/v1/documents/2000000").status, 404);
}

/// A request that has begun when the signal comes is answered.
#[test]
fn sigterm_ends_it_cleanly_with_a_request_under_way() {
    for signal in ["TERM", "INT"] {
        let server = Server::of(shared().path());
        let body = json!({"query": "heat", "limit": 50, "cutoff": "none"}).to_string();
        let mut open = server.connect();
        let head = format!(
            "POST /v1/search HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            server.address,
            body.len()
        );
        let (first, rest) = body.split_at(10);
        open.write_all(head.as_bytes()).expect("it listens");
        open.write_all(first.as_bytes()).expect("it listens");
        // Any answer on another connection: by then the first request was taken in.
        assert_eq!(server.get("/livez").status, 200);
        server.signal(signal);
        while server.get("/readyz").status == 200 {
            std::thread::yield_now();
        }
        open.write_all(rest.as_bytes()).expect("it still reads");
        let response = answer(open);
        assert_eq!(response.status, 200, "{signal}: {response:?}");
        let (code, said) = server.end();
        assert_eq!(code, Some(0), "{signal}: {said}");
    }
}

#[test]
fn an_address_in_use_or_open_to_the_network_is_refused() {
    let server = Server::of(shared().path());
    let taken = server.address.to_string();
    for (address, words) in [
        (&*taken, "cannot listen on"),
        ("0.0.0.0:0", "everybody in the network"),
    ] {
        let ran = shared().run(["serve", "--listen", address]).with_code(1);
        assert!(ran.err.contains(words), "{}", ran.err);
    }
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}
