//! One page of the result, as a content object of the REST API.

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::pick::{Picks, Spread, Stand};
use super::spool::Spool;
use crate::model::{Ancestor, Content, Restrictions, User};

/// Pages that the sections of a page are taken from, itself among them.
const DONORS: usize = 3;

/// Appends the page of this number as one line without its end.
pub(crate) fn write(
    spool: &mut Spool,
    count: u64,
    seed: u64,
    number: u64,
    out: &mut Vec<u8>,
) -> Result<()> {
    let spread = Spread::new(spool.pages(), count);
    let stand = spread.stand(number);
    let body = body(spool, stand, &mut Picks::new(seed, number))?;
    let content = spool.content(stand.page)?;
    let above = content.ancestors.iter().filter_map(|ancestor| {
        let page = spool.number(&ancestor.id)?;
        let above = Stand { page, ..stand };
        spread.has(above).then_some((ancestor, above))
    });
    let ancestors: Vec<Value> = above
        .map(|(ancestor, above)| ancestor_object(spool, ancestor, above))
        .collect();
    let object = object(spool, stand, &content, ancestors, body);
    serde_json::to_writer(out, &object).context("cannot write a page")
}

/// As many sections as the page has, from it and its donors; the first stays a first one.
fn body(spool: &mut Spool, stand: Stand, picks: &mut Picks) -> Result<String> {
    let mut donors = [stand.page; DONORS];
    for donor in donors.iter_mut().skip(1) {
        let neighbours = spool.neighbours(stand.page);
        *donor = u64::from(neighbours[picks.below(neighbours.len())]);
    }
    let mut taken: Vec<(u64, usize)> = Vec::new();
    for own in 0..spool.sections(stand.page) {
        let donor = donors[picks.below(DONORS)];
        let choice = match (own, spool.sections(donor)) {
            (0, 1..) => (donor, 0),
            (_, sections @ 2..) => (donor, 1 + picks.below(sections - 1)),
            _ => (stand.page, own),
        };
        let is_new = !taken.contains(&choice);
        taken.push(if is_new { choice } else { (stand.page, own) });
    }
    let mut bytes = Vec::new();
    for (page, section) in taken {
        spool.section(page, section, &mut bytes)?;
    }
    let text = String::from_utf8(bytes).context("the temporary file is no text")?;
    Ok(with_copied_titles(&text, stand.copy))
}

/// Links to pages of the source become links to pages of the same copy.
fn with_copied_titles(body: &str, copy: u64) -> String {
    const TITLE: &str = "ri:content-title=\"";
    let mut out = String::with_capacity(body.len() + 64);
    let mut rest = body;
    while let Some(found) = rest.find(TITLE) {
        let value = found + TITLE.len();
        let Some(length) = rest[value..].find('"') else {
            break;
        };
        out.push_str(&rest[..value + length]);
        out.push_str(&suffix(copy));
        rest = &rest[value + length..];
    }
    out.push_str(rest);
    out
}

fn suffix(copy: u64) -> String {
    format!(" {}", copy + 1)
}

/// Titles are unique in a space, so a copy's number makes them so; of two that were the
/// same, the later one also says which page it is.
fn title(spool: &Spool, title: &str, stand: Stand) -> String {
    let suffix = suffix(stand.copy);
    if spool.is_ambiguous(stand.page) {
        return format!("{title}{suffix}.{}", stand.page);
    }
    format!("{title}{suffix}")
}

fn id(spool: &Spool, stand: Stand) -> String {
    let number = stand.copy * spool.pages() + stand.page;
    (spool.first_id + number).to_string()
}

fn ancestor_object(spool: &Spool, ancestor: &Ancestor, above: Stand) -> Value {
    json!({
        "id": id(spool, above), "type": ancestor.kind, "status": "current",
        "title": title(spool, &ancestor.title, above),
    })
}

fn object(
    spool: &Spool,
    stand: Stand,
    content: &Content,
    ancestors: Vec<Value>,
    body: String,
) -> Map<String, Value> {
    let id = id(spool, stand);
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("type", json!(content.kind));
    put("status", json!(content.status));
    put("title", title(spool, &content.title, stand).into());
    if let Some(key) = &content.space_key {
        put("space", json!({"key": key}));
        let kind = match content.kind {
            crate::model::ContentType::BlogPost => "blog",
            _ => "pages",
        };
        put(
            "_links",
            links(content, &format!("/spaces/{key}/{kind}/{id}")),
        );
    }
    put("version", version(content));
    put("history", history(content));
    put("ancestors", ancestors.into());
    let labels = content.labels.iter();
    let labels: Vec<Value> = labels
        .map(|label| json!({"prefix": label.prefix, "name": label.name}))
        .collect();
    put("metadata", json!({"labels": {"results": labels}}));
    if let Some(position) = content.position {
        put("extensions", json!({"position": position}));
    }
    if let Some(restrictions) = restrictions(&content.restrictions) {
        put("restrictions", restrictions);
    }
    put(
        "body",
        json!({"storage": {"value": body, "representation": "storage"}}),
    );
    put("id", id.into());
    object
}

fn links(content: &Content, webui: &str) -> Value {
    let base = content
        .url
        .as_deref()
        .and_then(|url| url.split_once("/spaces/"));
    match base {
        Some((base, _)) => json!({"webui": webui, "base": base}),
        None => json!({"webui": webui}),
    }
}

fn version(content: &Content) -> Value {
    let version = &content.version;
    object_of([
        ("number", json!(version.number)),
        ("when", json!(version.when)),
        ("by", user(version.by.as_ref())),
        ("message", json!(version.message)),
    ])
}

fn history(content: &Content) -> Value {
    let contributors: Vec<Value> = content
        .contributors
        .iter()
        .map(|by| user(Some(by)))
        .collect();
    let contributors = match contributors[..] {
        [] => Value::Null,
        _ => json!({"publishers": {"users": contributors}}),
    };
    object_of([
        ("createdDate", json!(content.created)),
        ("createdBy", user(content.creator.as_ref())),
        ("contributors", contributors),
    ])
}

fn user(user: Option<&User>) -> Value {
    let Some(user) = user else { return Value::Null };
    object_of([
        ("accountId", json!(user.account_id)),
        ("userKey", json!(user.user_key)),
        ("username", json!(user.username)),
        ("displayName", json!(user.display_name)),
        ("publicName", json!(user.public_name)),
        ("email", json!(user.email)),
    ])
}

/// Without what is not known.
fn object_of<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(
        fields
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

/// Only those may view the copy who may view the page.
fn restrictions(restrictions: &Restrictions) -> Option<Value> {
    match restrictions {
        Restrictions::None => None,
        // Reads as unknown again.
        Restrictions::Unknown => Some(json!({})),
        Restrictions::Only { users, groups } => {
            let users: Vec<Value> = users.iter().map(|id| json!({"accountId": id})).collect();
            let groups: Vec<Value> = groups.iter().map(|name| json!({"name": name})).collect();
            Some(json!({"read": {"restrictions": {
                "user": list(&users), "group": list(&groups),
            }}}))
        }
    }
}

fn list(results: &impl Serialize) -> Value {
    json!({"results": results})
}
