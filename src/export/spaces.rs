//! Space objects and who may view a space, in the shapes of the different editions.

use html2text::config;
use html2text::render::TrivialDecorator;
use serde_json::Value;

use crate::model::{ContentId, Space, SpacePermissions, Status};

use super::json::{self, Refusal, at, list, path_end, text};
use super::people;
use super::wire::link;

/// Bytes of a description's HTML that are read. Confluence's are short, and the time for
/// elements in each other grows with the square of their depth.
const LONGEST_DESCRIPTION: usize = 16 << 10;

pub(crate) fn read(bytes: &[u8], base_url: &str) -> Result<Space, Refusal> {
    let object = json::parse(bytes)?;
    let Some(key) = text(&object, &["key"]) else {
        return Err(Refusal::new("`key`: expected the key of a space"));
    };
    let homepage = text(&object, &["homepage", "id"])
        .or_else(|| text(&object, &["homepageId"]))
        .or_else(|| path_end(&object, &["_expandable", "homepage"], "content"));
    let description = text(&object, &["description", "plain", "value"])
        .or_else(|| plain(&text(&object, &["description", "view", "value"])?))
        .or_else(|| text(&object, &["description"]));
    Ok(Space {
        name: text(&object, &["name"]).unwrap_or_else(|| key.clone()),
        kind: text(&object, &["type"]),
        status: text(&object, &["status"]).map_or(Status::Current, Status::from),
        description,
        homepage: homepage.map(ContentId),
        categories: categories(&object),
        url: link(&object, base_url),
        permissions: permissions(object.get("permissions")),
        key,
    })
}

/// The text of a description that is given as HTML; absent where there is none.
fn plain(html: &str) -> Option<String> {
    let html = &html[..html.floor_char_boundary(LONGEST_DESCRIPTION)];
    // Without lines drawn around tables, and wide enough that no line is broken.
    let config = config::with_decorator(TrivialDecorator::new()).raw_mode(true);
    let text = config.string_from_read(html.as_bytes(), html.len()).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Categories are the labels of a space with the prefix `team`.
fn categories(object: &Value) -> Vec<String> {
    let labels = list(object, &["metadata", "labels"]).unwrap_or_default();
    let labels = labels
        .iter()
        .filter(|label| text(label, &["prefix"]).as_deref() == Some("team"))
        .filter_map(|label| text(label, &["name"]));
    let named = list(object, &["categories"]).unwrap_or_default();
    let named = named.iter().filter_map(json::scalar);
    let mut categories: Vec<String> = labels.chain(named).collect();
    categories.dedup();
    categories
}

/// Who may view, as the entries say it that grant reading the space itself.
#[derive(Default)]
struct Grants {
    anonymous: bool,
    all_users: bool,
    users: Vec<String>,
    groups: Vec<String>,
}

/// What is missing or no list was not told, which is not the same as an empty list.
fn permissions(value: Option<&Value>) -> SpacePermissions {
    let Some(entries) = value.and_then(|value| list(value, &[])) else {
        return SpacePermissions::Unknown;
    };
    let mut grants = Grants::default();
    for entry in entries.iter().filter(|entry| grants_reading(entry)) {
        grants.add(entry);
    }
    for names in [&mut grants.users, &mut grants.groups] {
        names.sort();
        names.dedup();
    }
    SpacePermissions::Known {
        anonymous: grants.anonymous,
        all_users: grants.all_users,
        users: grants.users,
        groups: grants.groups,
    }
}

/// An entry of a role has no operation: every role may read.
fn grants_reading(entry: &Value) -> bool {
    let Some(operation) = at(entry, &["operation"]) else {
        return at(entry, &["roleId"]).is_some();
    };
    let names = ["operation", "key", "operationKey"];
    let key = names.iter().find_map(|name| text(operation, &[*name]));
    let target = text(operation, &["targetType"]);
    key.as_deref() == Some("read") && target.is_none_or(|target| target == "space")
}

impl Grants {
    fn add(&mut self, entry: &Value) {
        // v1 of Cloud: lists of subjects, or everybody.
        let is_anonymous = at(entry, &["anonymousAccess"]).and_then(Value::as_bool);
        self.anonymous |= is_anonymous == Some(true);
        let users = list(entry, &["subjects", "user"]).unwrap_or_default();
        self.users.extend(users.iter().flat_map(people::user_names));
        let groups = list(entry, &["subjects", "group"]).unwrap_or_default();
        self.groups
            .extend(groups.iter().flat_map(people::group_names));
        // v2 and roles: one principal by id. Data Center: one subject by key or name.
        if let Some(principal) = at(entry, &["principal"]) {
            self.add_principal(principal);
        }
        if let Some(subject) = at(entry, &["subject"]) {
            self.add_subject(subject);
        }
    }

    fn add_principal(&mut self, principal: &Value) {
        let kind = text(principal, &["type"]).or_else(|| text(principal, &["principalType"]));
        let id = text(principal, &["id"]).or_else(|| text(principal, &["principalId"]));
        let (Some(kind), Some(id)) = (kind, id) else {
            return;
        };
        match (kind.to_ascii_lowercase().as_str(), id.as_str()) {
            ("user", _) => self.users.push(id),
            ("group", _) => self.groups.push(id),
            (_, "anonymous-users") => self.anonymous = true,
            (_, "authenticated-users" | "all-licensed-users") => self.all_users = true,
            // Classes of administrators are groups that no group list names.
            _ => {}
        }
    }

    fn add_subject(&mut self, subject: &Value) {
        match text(subject, &["type"]).as_deref() {
            Some("user") => self.users.extend(people::user_names(subject)),
            Some("group") => self.groups.extend(people::group_names(subject)),
            Some("anonymous") => self.anonymous = true,
            _ => {}
        }
    }
}
