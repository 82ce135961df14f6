//! Tests of the store. Sites are written as text, one thing a line:
//!
//! ```text
//! space ENG users:ada groups:eng      or `open`, `all`, `unstated`, `unknown`
//! page 2 space:ENG v:3 above:1,9=trashed only:ada,@eng status:draft body:text
//! attachment a1 on:2 label:x
//! ```

mod files;
mod gates;
mod laws;
mod random;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::model::{
    Ancestor, Content, ContentId, ContentRef, ContentType, Converted, Document, DocumentKey, Label,
    Lang, Person, RawBody, Representation, Restrictions, SiteId, Space, SpacePermissions, Status,
    User, Viewer,
};
use crate::ports::{Change, Deployment, PutCounts, RunId, SiteInfo, Store, Stored};

use super::{SqliteStore, open_in_memory};

type Item = (Content, Option<RawBody>);

fn info(name: &str) -> SiteInfo {
    SiteInfo {
        name: name.to_owned(),
        base_url: "https://wiki.example".to_owned(),
        deployment: Deployment::Datacenter,
        time_zone: None,
        told: crate::model::Told::default(),
    }
}

/// A store with one site, and runs that have numbers of their own.
struct Bench {
    store: SqliteStore,
    site: SiteId,
}

impl Bench {
    fn new() -> Self {
        let store = open_in_memory().unwrap();
        let site = store.site(&info("wiki")).unwrap();
        Self { store, site }
    }

    fn run(&self) -> RunId {
        let now = Timestamp::UNIX_EPOCH;
        self.store.begin_run("import", "test", now).unwrap()
    }

    /// Puts spaces and content as one run, without removing anything.
    fn put(&self, channel: &str, text: &str) -> (RunId, PutCounts) {
        let run = self.run();
        (run, self.put_in(run, channel, text))
    }

    fn put_in(&self, run: RunId, channel: &str, text: &str) -> PutCounts {
        let (spaces, items) = parse(text);
        for space in &spaces {
            self.store.put_space(self.site, space).unwrap();
        }
        let counts = self.store.put_content(run, self.site, channel, &items);
        counts.unwrap()
    }

    /// Puts and removes what is not in `text`, as a complete source does.
    fn replace(&self, channel: &str, text: &str) -> u64 {
        let (run, _) = self.put(channel, text);
        self.store.remove_unseen(run, self.site, channel).unwrap()
    }

    fn get(&self, id: &str) -> Option<Stored> {
        let key = DocumentKey::new(self.site, ContentId::new(id));
        self.store.content(&key).unwrap()
    }

    fn seq(&self) -> u64 {
        self.store.last_seq().unwrap()
    }

    fn epoch(&self) -> u64 {
        self.store.directory_epoch().unwrap()
    }

    /// Changes after `seq` as `+id` and `-id`, in order.
    fn changes(&self, after: u64) -> String {
        let changes = self.store.changes(after, usize::MAX).unwrap();
        assert_eq!(
            changes.len() as u64,
            self.store.changes_count(after).unwrap()
        );
        let names = changes.iter().map(|change| match change {
            Change::Put { stored, .. } => format!("+{}", stored.content.id),
            Change::Delete { key, .. } => format!("-{}", key.id),
        });
        names.collect::<Vec<_>>().join(" ")
    }

    /// Ids that a viewer sees, in order.
    fn visible(&self, viewer: &Viewer) -> BTreeSet<String> {
        let directory = self.store.directory().unwrap();
        let failed: BTreeSet<_> = directory.failed_gates(viewer).into_iter().collect();
        let changes = self.store.changes(0, usize::MAX).unwrap();
        let stored = changes.into_iter().filter_map(|change| match change {
            Change::Put { stored, .. } => Some(stored),
            Change::Delete { .. } => None,
        });
        let documents = stored.map(document);
        let seen = documents.filter(|document| {
            let mut lineage = document.lineage().into_iter();
            !lineage.any(|gate| failed.contains(&gate.to_string()))
        });
        seen.map(|document| document.content.id.0).collect()
    }
}

fn document(stored: Stored) -> Document {
    Document {
        site: stored.site,
        content: stored.content,
        space: None,
        container_ancestors: stored.container_ancestors,
        converted: Converted::default(),
        language: Lang::En,
        channels: stored.channels,
        content_hash: stored.hash,
    }
}

/// `ada` is in group `eng`, `bob` in none.
fn people() -> Vec<Person> {
    let person = |name: &str, groups: &[&str]| Person {
        user: User {
            account_id: Some(name.to_owned()),
            ..User::default()
        },
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        ..Person::default()
    };
    vec![person("ada", &["eng", "g-1"]), person("bob", &[])]
}

fn viewers() -> BTreeMap<String, Viewer> {
    let mut viewers = BTreeMap::from([
        ("anonymous".to_owned(), Viewer::Anonymous { unknown: false }),
        ("service".to_owned(), Viewer::Service),
    ]);
    for person in people() {
        let name = person.user.account_id.clone().unwrap();
        viewers.insert(name, Viewer::Person(person));
    }
    viewers
}

fn parse(text: &str) -> (Vec<Space>, Vec<Item>) {
    let mut spaces = Vec::new();
    let mut items = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut words = line.split_whitespace();
        let (kind, id) = (words.next().unwrap(), words.next().unwrap());
        if kind == "space" {
            spaces.push(space(id, words));
        } else {
            items.push(item(kind, id, words));
        }
    }
    (spaces, items)
}

fn space<'t>(key: &str, words: impl Iterator<Item = &'t str>) -> Space {
    let (mut anonymous, mut all_users) = (false, false);
    let (mut users, mut groups) = (Vec::new(), Vec::new());
    let mut name = key.to_owned();
    let mut other = None;
    for word in words {
        match word.split_once(':') {
            Some(("users", names)) => users = list(names),
            Some(("groups", names)) => groups = list(names),
            Some(("name", new)) => name = new.to_owned(),
            _ if word == "open" => anonymous = true,
            _ if word == "all" => all_users = true,
            _ if word == "unstated" => other = Some(SpacePermissions::Unstated),
            _ if word == "unknown" => other = Some(SpacePermissions::Unknown),
            _ => panic!("what is {word}?"),
        }
    }
    Space {
        key: key.to_owned(),
        name,
        kind: None,
        status: Status::Current,
        description: None,
        homepage: None,
        categories: Vec::new(),
        url: None,
        permissions: other.unwrap_or(SpacePermissions::Known {
            anonymous,
            all_users,
            users,
            groups,
        }),
    }
}

fn item<'t>(kind: &str, id: &str, words: impl Iterator<Item = &'t str>) -> Item {
    let mut content = Content::new(ContentType::parse(kind), ContentId::new(id), "Title");
    content.version.number = 1;
    let mut body = None;
    for word in words {
        match word.split_once(':').unwrap_or((word, "")) {
            ("space", key) => content.space_key = Some(key.to_owned()),
            ("v", number) => content.version.number = number.parse().unwrap(),
            ("title", title) => content.title = title.to_owned(),
            ("status", status) => content.status = Status::from(status.to_owned()),
            ("above", ids) => content.ancestors = ids.split(',').map(ancestor).collect(),
            ("on", id) => content.container = Some(container(id)),
            ("only", names) => content.restrictions = only(names),
            ("unknown", _) => content.restrictions = Restrictions::Unknown,
            ("label", name) => content.labels.push(Label {
                prefix: "global".to_owned(),
                name: name.to_owned(),
            }),
            ("body", value) => {
                body = Some(RawBody {
                    representation: Representation::Storage,
                    value: value.to_owned(),
                });
            }
            _ => panic!("what is {word}?"),
        }
    }
    (content, body)
}

fn ancestor(text: &str) -> Ancestor {
    let (id, status) = match text.split_once('=') {
        Some((id, status)) => (id, Some(Status::from(status.to_owned()))),
        None => (text, None),
    };
    Ancestor {
        id: ContentId::new(id),
        kind: ContentType::Page,
        title: String::new(),
        status,
    }
}

fn container(id: &str) -> ContentRef {
    ContentRef {
        id: ContentId::new(id),
        kind: None,
        title: None,
    }
}

/// `ada,@eng`; nothing is a list without anybody in it.
fn only(names: &str) -> Restrictions {
    let (groups, users): (Vec<_>, Vec<_>) = list(names)
        .into_iter()
        .partition(|name| name.starts_with('@'));
    Restrictions::Only {
        users,
        groups: groups.iter().map(|name| name[1..].to_owned()).collect(),
    }
}

fn list(names: &str) -> Vec<String> {
    let names = names.split(',').filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}
