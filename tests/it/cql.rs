//! CQL from outside: the cases, what may be completed for whom, what a message may tell.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::files_below;
use crate::support::program::Data;
use crate::support::repository;
use crate::support::serving::Server;
use crate::support::site::{shared, site};

#[test]
fn every_engine_passes_every_case() {
    let mut args = vec!["cql".to_owned(), "test".to_owned()];
    let cases = files_below("fixtures/cql").into_iter();
    let cases = cases.filter(|path| path.rsplit_once('.').is_some_and(|(_, end)| end == "jsonl"));
    args.extend(cases.map(|path| repository(&path).display().to_string()));
    args.extend(["--engine", "all", "--from"].map(str::to_owned));
    args.push(site().display().to_string());
    let ran = Data::new().run(args).with_code(0);
    assert!(ran.out.ends_with(" passed, 0 failed\n"), "{}", ran.out);
}

const ANONYMOUS: &str = "anonymous";
/// Malte is in the group `moorbek`, and in no restricted list.
const MALTE: &str = "account:712020:1a6f0c52-0016-4e11-9b30-5d0c7e2a1016";

/// What is put in at the end of a text.
fn completed(server: &Server, text: &str, person: &str) -> BTreeSet<String> {
    let body = json!({"cql": text});
    let answer = server.post_as("/v1/cql/complete", &body, Some(person));
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = answer.json();
    let items = answer["items"].as_array().expect("items").iter();
    let inserts = items.map(|item| item["insert"].as_str().expect("insert").to_owned());
    inserts.collect()
}

#[test]
fn completions_name_only_what_the_asker_may_see() {
    let server = Server::of(shared().path());
    let spaces = completed(&server, "space = ", ANONYMOUS);
    assert!(
        spaces.contains("\"OPS\"") && !spaces.contains("\"MOOR\""),
        "{spaces:?}"
    );
    let spaces = completed(&server, "space in (OPS, m", MALTE);
    assert!(spaces.contains("\"MOOR\""), "{spaces:?}");
    // `vertraulich` stands on pages of MOOR alone, one of them restricted.
    let labels = completed(&server, "label = vertr", ANONYMOUS);
    assert!(labels.is_empty(), "{labels:?}");
    let labels = completed(&server, "label = deut", MALTE);
    assert_eq!(labels, BTreeSet::from(["\"deutsch\"".to_owned()]));
    // Malte and others of the branch have written in MOOR alone.
    let people = completed(&server, "creator = malte", ANONYMOUS);
    assert!(people.is_empty(), "{people:?}");
    let people = completed(&server, "creator = Malte", MALTE);
    assert_eq!(people.len(), 1, "{people:?}");
    let own = completed(&server, "label = \"my:", MALTE);
    assert!(own.is_empty(), "{own:?}");
}

#[test]
fn a_remark_names_no_hidden_space() {
    let server = Server::of(shared().path());
    let remarks = |text: &str, person: &str| -> Value {
        let body = json!({"cql": text});
        let answer = server.post_as("/v1/cql/validate", &body, Some(person));
        answer.json()["warnings"].clone()
    };
    // To whom it is hidden, a space is as unknown as one that was never there.
    let hidden = remarks("space = MOOR", ANONYMOUS)[0].clone();
    assert_eq!(hidden["code"], "unknown_space");
    assert!(
        !remarks("space = MOOS", ANONYMOUS)
            .to_string()
            .contains("MOOR")
    );
    assert!(remarks("space = MOOS", MALTE).to_string().contains("MOOR"));
    assert_eq!(remarks("space = MOOR", MALTE), Value::Null);
    let named = remarks("creator = \"malte.sievers@tarnfell.example\"", ANONYMOUS);
    assert!(!named.to_string().contains("Sievers"), "{named}");
}

#[test]
fn explain_shows_what_a_site_is_asked() {
    let text = "label = a or label = b order by title";
    let answer = shared()
        .run(["cql", "explain", text, "--json"])
        .with_code(0)
        .json();
    assert_eq!(
        answer["sent"],
        "type IN (\"page\", \"blogpost\") AND (label = a or label = b)"
    );
    let changes = answer["sent_for_changes"].as_str().expect("a text");
    assert!(
        changes.starts_with("lastmodified >= now(\"-60m\") AND "),
        "{changes}"
    );
}

#[test]
fn a_request_may_list_ten_thousand_ids() {
    let server = Server::of(shared().path());
    let known = [1_100_111, 1_100_202];
    let ids = (0..9_998).map(|n| 2_000_000 + 7 * n).chain(known);
    let ids: Vec<String> = ids.map(|id: u64| id.to_string()).collect();
    let narrowed = format!("id in ({})", ids.join(", "));
    let listed = server.post("/v1/cql/search", &json!({"cql": narrowed}));
    assert_eq!(listed.status, 200, "{}", listed.body);
    assert_eq!(listed.json()["total"]["documents"], 2);
    let searched = json!({"query": "page", "cql": narrowed});
    assert_eq!(server.post("/v1/search", &searched).status, 200);
    let longer = format!("id in ({}, 1)", ids.join(", "));
    let refused = server.post("/v1/cql/search", &json!({"cql": longer}));
    assert_eq!(refused.status, 422);
    assert_eq!(refused.json()["errors"][0]["code"], "too_complex");
}

#[test]
fn a_refusal_says_what_to_write() {
    let server = Server::of(shared().path());
    let body = json!({"cql": "status = current"});
    let validated = server.post("/v1/cql/validate", &body).json();
    let hint = &validated["errors"][0]["hint"];
    assert!(hint.is_string(), "{validated}");
    for (path, body) in [
        ("/v1/cql/search", body),
        (
            "/v1/search",
            json!({"query": "ice", "cql": "status = current"}),
        ),
    ] {
        let refused = server.post(path, &body);
        assert_eq!(refused.status, 422, "{path}");
        assert_eq!(&refused.json()["errors"][0]["hint"], hint, "{path}");
    }
}
