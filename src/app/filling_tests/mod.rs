//! What is filled in when a page is read, over a whole data directory: what it shows, and
//! that it shows nobody anything that is hidden from them.
#![allow(clippy::disallowed_methods, reason = "writes a small site to read in")]

mod bounds;
mod hidden;
mod includes;
mod links;
mod lists;

use std::fmt::Write as _;

use expect_test::Expect;
use serde_json::{Value, json};

use super::Headwater;
use crate::search::api::{Content, ReadFormat, ReadRequest};

/// A page of the made-up site.
#[derive(Clone)]
struct Page {
    id: u32,
    space: &'static str,
    kind: &'static str,
    title: String,
    /// Root first.
    above: Vec<u32>,
    labels: Vec<&'static str>,
    body: String,
    /// Only Mira may view it.
    secret: bool,
    media: Option<&'static str>,
}

fn page(id: u32, title: &str, above: &[u32], body: &str) -> Page {
    Page {
        id,
        space: "OPS",
        kind: "page",
        title: title.to_owned(),
        above: above.to_vec(),
        labels: Vec::new(),
        body: body.to_owned(),
        secret: false,
        media: None,
    }
}

impl Page {
    fn secret(self) -> Self {
        Self {
            secret: true,
            ..self
        }
    }

    fn labelled(self, label: &'static str) -> Self {
        Self {
            labels: vec![label],
            ..self
        }
    }

    fn of(self, space: &'static str, kind: &'static str) -> Self {
        Self {
            space,
            kind,
            ..self
        }
    }

    fn json(&self) -> Value {
        let id = |id: u32, kind: &str| match kind {
            "attachment" => format!("att{id}"),
            _ => id.to_string(),
        };
        let readers: Vec<Value> = self
            .secret
            .then(|| json!({"type": "known", "accountId": "mira", "displayName": "Mira"}))
            .into_iter()
            .collect();
        let labels = self.labels.iter();
        let labels: Vec<Value> = labels
            .map(|name| json!({"prefix": "global", "name": name}))
            .collect();
        let mut object = json!({
            "id": id(self.id, self.kind), "type": self.kind, "status": "current",
            "title": self.title, "space": {"key": self.space},
            "version": {"number": 3, "when": format!("2031-03-{:02}T10:00:00.000Z", self.id % 28 + 1),
                "by": {"type": "known", "accountId": "mira", "displayName": "Mira"}},
            "history": {"createdDate": format!("2031-02-{:02}T10:00:00.000Z", self.id % 28 + 1),
                "createdBy": {"type": "known", "accountId": "mira", "displayName": "Mira"}},
            "metadata": {"labels": {"results": labels}},
            "restrictions": {"read": {"restrictions": {"user": {"results": readers}, "group": {"results": []}}}},
            "_links": {"webui": format!("/spaces/{}/pages/{}", self.space, self.id), "base": "https://wiki.example"},
        });
        if let Some(media) = self.media {
            object["extensions"] = json!({"mediaType": media, "fileSize": 2048});
            let on = self.above.last().copied().unwrap_or_default();
            object["container"] = json!({"id": on.to_string(), "type": "page", "title": "x"});
        } else {
            let above = self.above.iter();
            let above: Vec<Value> = above
                .map(|id| json!({"id": id.to_string(), "type": "page", "title": "x"}))
                .collect();
            object["ancestors"] = json!(above);
            object["body"] = json!({"storage": {"value": self.body, "representation": "storage"}});
        }
        object
    }
}

fn file(id: u32, on: u32, name: &str, media: &'static str) -> Page {
    Page {
        kind: "attachment",
        media: Some(media),
        ..page(id, name, &[on], "")
    }
}

fn site(pages: &[Page]) -> (tempfile::TempDir, Headwater) {
    let dir = tempfile::tempdir().unwrap();
    let from = dir.path().join("site");
    std::fs::create_dir_all(from.join("content")).unwrap();
    let describe =
        json!({"name": "wiki", "base_url": "https://wiki.example", "deployment": "cloud"});
    std::fs::write(from.join("site.json"), describe.to_string()).unwrap();
    let mut spaces = String::new();
    for key in ["OPS", "ENG"] {
        let space = json!({
            "key": key, "name": key, "type": "global", "status": "current",
            "homepage": {"id": "1", "type": "page", "title": "Home"},
            "permissions": [{"operation": {"operation": "read", "targetType": "space"}, "anonymousAccess": true}],
        });
        writeln!(spaces, "{space}").unwrap();
    }
    std::fs::write(from.join("spaces.jsonl"), spaces).unwrap();
    let mira = json!({"type": "known", "accountId": "mira", "displayName": "Mira"});
    std::fs::write(from.join("people.jsonl"), format!("{mira}\n")).unwrap();
    let mut lines = String::new();
    for page in pages {
        writeln!(lines, "{}", page.json()).unwrap();
    }
    std::fs::write(from.join("content/all.jsonl"), lines).unwrap();
    let headwater = Headwater::open(dir.path().join("data")).unwrap();
    let done = headwater.reindex(&[&from]).unwrap();
    assert_eq!(done.failures, Vec::<String>::new());
    (dir, headwater)
}

fn read(headwater: &Headwater, id: u32, asker: &str) -> Content {
    read_as(headwater, id, asker, &ReadRequest::default())
}

fn read_as(headwater: &Headwater, id: u32, asker: &str, request: &ReadRequest) -> Content {
    let request = ReadRequest {
        format: Some(ReadFormat::Markdown),
        ..request.clone()
    };
    let id = format!("page:{id}");
    headwater
        .read(&id, &request, Some(asker))
        .unwrap()
        .content
        .unwrap()
}

/// The text of page 9 among these pages, as Mira reads it.
#[track_caller]
fn check(pages: &[Page], expected: &Expect) {
    let (_dir, headwater) = site(pages);
    let content = read(&headwater, 9, "mira");
    let text = content.text.clone().unwrap();
    expected.assert_eq(&text);
    // Without what is filled in, it is the document's own text.
    let own = ReadRequest {
        expand: Some(false),
        ..ReadRequest::default()
    };
    let own = read_as(&headwater, 9, "mira", &own);
    assert_eq!(own.filled, []);
    let mut chars: Vec<char> = text.chars().collect();
    for part in content.filled.iter().rev() {
        chars.drain(part.start..part.end);
    }
    assert_eq!(Some(chars.into_iter().collect()), own.text);
    assert_eq!(content.span, own.span);
}

fn macro_of(name: &str, parameters: &[(&str, &str)]) -> String {
    let mut body = format!("<ac:structured-macro ac:name=\"{name}\">");
    for (key, value) in parameters {
        write!(
            body,
            "<ac:parameter ac:name=\"{key}\">{value}</ac:parameter>"
        )
        .unwrap();
    }
    body + "</ac:structured-macro>"
}

fn link(resource: &str) -> String {
    format!("<p>See <ac:link>{resource}</ac:link>.</p>")
}

/// A smart link, which shows the title of what it leads to.
fn card(url: &str) -> String {
    format!("<p><a href=\"{url}\" data-card-appearance=\"inline\">{url}</a></p>")
}

const RULES: &str = "<h2>Rules</h2><p>No smoking.</p>";

fn details(id: &str, rows: &[(&str, &str)]) -> String {
    let mut body = format!(
        "<ac:structured-macro ac:name=\"details\"><ac:parameter ac:name=\"id\">{id}</ac:parameter><ac:rich-text-body><table><tbody>"
    );
    for (key, value) in rows {
        write!(body, "<tr><th>{key}</th><td>{value}</td></tr>").unwrap();
    }
    body + "</tbody></table></ac:rich-text-body></ac:structured-macro>"
}

fn tasks(tasks: &[(&str, &str)]) -> String {
    let mut body = "<ac:task-list>".to_owned();
    for (state, text) in tasks {
        write!(body, "<ac:task><ac:task-id>1</ac:task-id><ac:task-status>{state}</ac:task-status><ac:task-body>{text}</ac:task-body></ac:task>").unwrap();
    }
    body + "</ac:task-list>"
}
