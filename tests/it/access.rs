//! What somebody may not see changes nothing for them: no answer, no total, no message.
//!
//! The whole site, seen by a person, is compared with a site that never had what is hidden
//! from that person. Scores are left out, since they may know how common a word is.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::ids;
use crate::support::program::Data;
use crate::support::serving::Server;
use crate::support::site::{DOCUMENTS, Item, SiteCopy, VIEWS, View, items, questions, shared};

#[test]
fn everybody_sees_as_much_as_the_readme_says() {
    let server = Server::of(shared().path());
    for (view, person) in people() {
        let (seen, total) = listed(&server, person);
        let expected: BTreeSet<String> = items()
            .iter()
            .filter(|item| !view.hides(item))
            .map(Item::public_id)
            .collect();
        assert_eq!(seen, expected, "{person}");
        assert_eq!(
            (seen.len(), total),
            (view.sees, view.sees as u64),
            "{person}"
        );
    }
    let (all, total) = listed(&server, "");
    assert_eq!(
        (all.len(), total),
        (DOCUMENTS, DOCUMENTS as u64),
        "the service view"
    );
}

/// Each view asks for one item in so many, each for others, and so all of them together
/// ask for every item some times.
const SHARE: usize = 8;

#[test]
fn what_is_hidden_never_appears_in_a_search() {
    let server = Server::of(shared().path());
    let items = items();
    for (number, view) in VIEWS.iter().enumerate() {
        let person = view.people[0];
        let hidden: BTreeSet<String> = items
            .iter()
            .filter(|item| view.hides(item))
            .map(Item::public_id)
            .collect();
        let others = items.iter().skip(number % SHARE).step_by(SHARE);
        let closed = items.iter().filter(|item| view.closes(&item.id));
        for item in others.chain(closed) {
            let found = found(&server, &item.title, person);
            let shown: Vec<_> = found.ids.intersection(&hidden).collect();
            assert!(shown.is_empty(), "{person}: {}: {shown:?}", item.title);
            if !view.hides(item) {
                let id = item.public_id();
                assert!(found.ids.contains(&id), "{person} does not find {id}");
            }
        }
    }
}

#[test]
fn what_is_hidden_is_as_missing_as_what_was_never_there() {
    let server = Server::of(shared().path());
    let items = items();
    for (number, (view, person)) in people().enumerate() {
        let closed = items.iter().filter(|item| view.closes(&item.id));
        let hidden = items.iter().filter(|item| view.hides(item));
        let others = hidden.skip(number % SHARE).step_by(SHARE);
        for item in closed.chain(others) {
            let id = item.public_id();
            let missing = format!("{}:7{}", item.kind, item.id);
            for path in ["", "/outline", "?format=markdown", "?format=text"] {
                let of = |id: &str| {
                    let path = format!("/v1/documents/{id}{path}");
                    let response = server.get_as(&path, Some(person));
                    assert_eq!(response.status, 404, "{person}: {path}");
                    without_id(&response.body, id)
                };
                assert_eq!(of(&id), of(&missing), "{person}: {id}{path}");
            }
        }
    }
}

#[test]
fn the_command_line_tells_no_more_than_the_server() {
    let data = shared();
    for view in VIEWS.iter().filter(|view| view.closes("1100150")) {
        let person = view.people[0];
        for command in ["read", "outline"] {
            let of = |id: &str| {
                let ran = data.run([command, id, "--as", person]).with_code(3);
                assert_eq!(ran.out, "");
                ran.err.replace(id, "ID")
            };
            assert_eq!(of("page:1100150"), of("page:7100150"), "{person}");
            assert_eq!(of("1100150"), of("7100150"), "{person}");
        }
    }
    for (view, person) in people().filter(|(view, _)| view.hidden_spaces.contains(&"MOOR")) {
        let ran = data.run(["cql", "run", "space = MOOR", "--as", person]);
        assert_eq!(ran.with_code(3).out, "", "{person}");
        let all = "type in (page, blogpost, comment, attachment)";
        for engine in ["tantivy", "eval", "all"] {
            let ran = data.run(["cql", "run", all, "--as", person, "--engine", engine]);
            let ran = ran.with_code(0);
            let ids: BTreeSet<&str> = ran.out.lines().collect();
            assert_eq!(ids.len(), view.sees, "{person} with {engine}");
            let shown = ids.iter().find(|id| view.closes(id));
            assert_eq!(shown, None, "{person} with {engine}");
        }
    }
}

/// The property: the whole site and the site without what is hidden answer alike.
#[test]
fn hidden_documents_change_no_answer() {
    let whole = Server::of(shared().path());
    for view in VIEWS {
        let items = items();
        let hidden: BTreeSet<&str> = items
            .iter()
            .filter(|item| view.hides(item))
            .map(|item| &*item.id)
            .collect();
        let copy = SiteCopy::without(&hidden);
        let data = Data::of(&[copy.path()]);
        let less = Server::of(data.path());
        let person = view.people[0];
        for question in asked(&items, view) {
            let (of_whole, of_less) = (
                found(&whole, &question, person),
                found(&less, &question, person),
            );
            assert_eq!(of_whole, of_less, "{person}: {question}");
        }
        for cql in CQL {
            let of = |server: &Server| {
                let body = json!({"cql": cql, "limit": 500});
                let response = server.post_as("/v1/cql/search", &body, Some(person));
                let answer = response.json();
                (
                    response.status,
                    answer["results"].clone(),
                    answer["total"].clone(),
                )
            };
            assert_eq!(of(&whole), of(&less), "{person}: {cql}");
        }
        for id in &hidden {
            let of = |server: &Server| {
                let response = server.get_as(&format!("/v1/documents/{id}"), Some(person));
                (response.status, without_id(&response.body, id))
            };
            assert_eq!(of(&whole), of(&less), "{person}: {id}");
        }
    }
}

#[test]
fn nobody_unknown_sees_more_than_anonymous() {
    let server = Server::of(shared().path());
    let (anonymous, _) = listed(&server, "anonymous");
    for person in [
        "email:nobody@tarnfell.example",
        "account:712020:0",
        "username:ingrid",
        "email:",
    ] {
        let response = server.post_as(
            "/v1/cql/search",
            &json!({"cql": "type in (page, blogpost, comment, attachment)"}),
            Some(person),
        );
        if response.status == 200 {
            let (seen, _) = listed(&server, person);
            assert!(seen.is_subset(&anonymous), "{person}");
        }
    }
}

/// Texts whose documents differ from view to view.
const CQL: &[&str] = &[
    "space = MOOR order by title",
    "type = page order by created desc",
    "label = \"plant\" order by id",
    "text ~ \"heat\" order by id",
    "title ~ \"pay*\" order by id",
    "creator = currentUser() order by id",
    "ancestor = 1300101 order by id",
    "space != OPS and text ~ \"codes\" order by id",
];

/// Titles of what is hidden, the questions, and words that stand in hidden texts.
fn asked(items: &[Item], view: &View) -> Vec<String> {
    let closed = items.iter().filter(|item| view.closes(&item.id));
    let apart = items.iter().filter(|item| view.hides(item)).step_by(12);
    let titles = closed.chain(apart).map(|item| item.title.clone());
    let questions = questions().into_iter().map(|(question, _)| question);
    let words = [
        "salary",
        "codes",
        "Stadt",
        "heat",
        "SSH key",
        "Bereitschaft",
    ];
    titles
        .chain(questions)
        .chain(words.map(str::to_owned))
        .collect()
}

fn people() -> impl Iterator<Item = (&'static View, &'static str)> {
    VIEWS
        .iter()
        .flat_map(|view| view.people.iter().map(move |person| (view, *person)))
}

/// What an answer says apart from scores and what hangs on them.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    ids: BTreeSet<String>,
    total: Value,
    /// Codes and words.
    notices: BTreeSet<String>,
}

/// Everything that a question finds, over all pages of the list.
fn found(server: &Server, question: &str, person: &str) -> Found {
    let mut body = json!({
        "query": question, "cutoff": "none", "limit": 50, "max_tokens": 100_000,
        "passages_per_document": 1,
    });
    let mut all = BTreeSet::new();
    let mut first: Option<Value> = None;
    loop {
        let response = server.post_as("/v1/search", &body, Some(person));
        assert_eq!(response.status, 200, "{response:?}");
        let answer = response.json();
        all.extend(ids(&answer));
        let next = answer["omitted"]["next_cursor"].clone();
        first.get_or_insert(answer);
        if next.is_null() {
            break;
        }
        body["cursor"] = next;
    }
    let first = first.expect("a page");
    let notices = first["notices"].as_array().expect("notices");
    let notices = notices.iter().map(ToString::to_string);
    assert_eq!(
        first["total"]["documents"],
        all.len(),
        "{person}: {question}"
    );
    Found {
        ids: all,
        total: first["total"].clone(),
        notices: notices.collect(),
    }
}

/// Everything that somebody sees; `""` is the service view.
fn listed(server: &Server, person: &str) -> (BTreeSet<String>, u64) {
    let mut body = json!({"cql": "type in (page, blogpost, comment, attachment)", "limit": 500});
    let user = Some(person).filter(|person| !person.is_empty());
    let mut seen = BTreeSet::new();
    loop {
        let answer = server.post_as("/v1/cql/search", &body, user).json();
        let results = answer["results"].as_array().expect("results");
        let ids = results.iter().filter_map(|result| result["id"].as_str());
        seen.extend(ids.map(str::to_owned));
        if answer["next_cursor"].is_null() {
            return (
                seen,
                answer["total"]["documents"].as_u64().expect("a total"),
            );
        }
        body["cursor"] = answer["next_cursor"].clone();
    }
}

/// A problem without what is particular to the request.
fn without_id(body: &str, id: &str) -> String {
    let mut problem: Value = serde_json::from_str(body).expect("a problem");
    problem["request_id"] = Value::Null;
    problem.to_string().replace(id, "ID")
}
