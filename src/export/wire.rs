//! Content objects of the REST API (v1, and of v2 what is named alike) as our words.
//!
//! Only `id`, `type` and `title` must be there. Everything else that is missing or odd
//! counts as not told: optional fields differ between editions, expansions and tools,
//! and none of them is worth a lost page. What decides who may view is the exception,
//! see [`super::restrictions`].

use std::collections::HashSet;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::model::{
    Ancestor, AttachmentInfo, Content, ContentId, ContentProperty, ContentRef, ContentType, Label,
    RawBody, Representation, Restrictions, Status, User, Version,
};

use super::json::{self, Refusal, at, list, path_end, text};
use super::people::{self, account};
use super::restrictions;
use super::site::normal_url;

/// What objects are read with.
pub(crate) struct WireContext<'a> {
    /// Address of the site; empty when it is not known.
    pub(crate) base_url: &'a str,
}

/// An item, or why it is none.
pub(crate) type WireItem = Result<(Content, Option<RawBody>), Refusal>;

/// Reads the object or, where a line holds a list, the objects of it.
pub(crate) fn read(bytes: &[u8], context: &WireContext<'_>) -> Vec<WireItem> {
    let value = match json::parse(bytes) {
        Ok(value) => value,
        Err(refusal) => return vec![Err(refusal)],
    };
    let items = match value {
        Value::Array(items) => items,
        Value::Object(mut object) if !object.contains_key("id") => match object.remove("results") {
            Some(Value::Array(items)) => items,
            Some(other) => {
                object.insert("results".to_owned(), other);
                vec![Value::Object(object)]
            }
            None => vec![Value::Object(object)],
        },
        value => vec![value],
    };
    items
        .into_iter()
        .map(|item| item_of(item, context))
        .collect()
}

/// The site's address as an object tells it. With scoped tokens answers name Atlassian's
/// gateway, which shows no pages to people.
pub(crate) fn base_url(object: &Value) -> Option<String> {
    let own = text(object, &["_links", "self"]);
    let own = own.and_then(|own| Some(own.split_once("/rest/api/")?.0.to_owned()));
    let told = [text(object, &["_links", "base"]), own];
    let mut urls = told.into_iter().flatten().map(|url| normal_url(&url));
    urls.find(|url| url.contains("://") && !url.contains("://api.atlassian.com/"))
}

/// The absolute address of the page that shows an object.
pub(crate) fn link(object: &Value, base: &str) -> Option<String> {
    let webui = text(object, &["_links", "webui"])?;
    if webui.contains("://") {
        return Some(webui);
    }
    let base = match base {
        "" => base_url(object)?,
        base => base.to_owned(),
    };
    let slash = if webui.starts_with('/') { "" } else { "/" };
    Some(format!("{base}{slash}{webui}"))
}

fn item_of(mut object: Value, context: &WireContext<'_>) -> WireItem {
    // Results of a search wrap the content object.
    if object.get("id").is_none()
        && let Some(content) = object.get_mut("content").filter(|value| value.is_object())
    {
        object = content.take();
    }
    if !object.is_object() {
        return Err(Refusal::new("expected an object"));
    }
    let body = take_body(&mut object);
    let id = text(&object, &["id"]).map(|id| ContentId::new(id.trim()));
    let required = |key: &str, what: &str| {
        let value = object.get(key).filter(|value| value.is_string());
        let value = value.and_then(json::scalar);
        value.ok_or_else(|| Refusal::new(format!("`{key}`: expected {what}")).of(id.clone()))
    };
    let Some(content_id) = id.clone().filter(|id| !id.as_str().is_empty()) else {
        return Err(Refusal::new("`id`: expected a string or a whole number"));
    };
    let kind = required("type", "a string such as `page`")?;
    let title = required("title", "a string")?;
    let content = Content::new(ContentType::parse(&kind), content_id, title);
    Ok((fill(content, &object, context), body))
}

fn fill(content: Content, object: &Value, context: &WireContext<'_>) -> Content {
    let Above {
        ancestors,
        is_told: above_is_told,
    } = above(object, &content);
    let restrictions = match restrictions::read(object) {
        // Whether something above restricts it cannot be known.
        Restrictions::None if !above_is_told => Restrictions::Unknown,
        restrictions => restrictions,
    };
    let attachment = (content.kind == ContentType::Attachment).then(|| attachment(object));
    Content {
        status: text(object, &["status"]).map_or(Status::Current, Status::from),
        space_key: space_key(object),
        version: version(object),
        created: time(object, &["history", "createdDate"]).or_else(|| time(object, &["createdAt"])),
        creator: at(object, &["history", "createdBy"])
            .and_then(people::user)
            .or_else(|| account(text(object, &["authorId"]))),
        contributors: contributors(object),
        ancestors,
        labels: labels(object),
        container: container(object, &content.kind),
        attachment,
        url: link(object, context.base_url),
        position: position(object),
        properties: properties(object),
        restrictions,
        ..content
    }
}

/// Takes the body out of the object, since it is the bulk of it.
fn take_body(object: &mut Value) -> Option<RawBody> {
    const ORDER: [&str; 7] = [
        "storage",
        "atlas_doc_format",
        "wiki",
        "view",
        "export_view",
        "styled_view",
        "editor",
    ];
    let bodies = object.get_mut("body")?;
    let mut fallback = None;
    for key in ORDER {
        let Some(body) = bodies.get_mut(key) else {
            continue;
        };
        let representation = representation(body, key);
        let value = match body.get_mut("value").map(Value::take) {
            Some(Value::String(value)) => value,
            // Some tools keep the tree of the Atlassian document format as it is.
            Some(tree @ Value::Object(_)) => tree.to_string(),
            _ => continue,
        };
        let is_empty = value.is_empty();
        let value = if value.contains('\0') {
            json::clean(&value)
        } else {
            value
        };
        let body = RawBody {
            representation,
            value,
        };
        if !is_empty {
            return Some(body);
        }
        fallback = fallback.or(Some(body));
    }
    fallback
}

fn representation(body: &Value, key: &str) -> Representation {
    let told = text(body, &["representation"]);
    match told.as_deref().unwrap_or(key) {
        "storage" => Representation::Storage,
        "atlas_doc_format" => Representation::Adf,
        "wiki" => Representation::Wiki,
        _ => Representation::Html,
    }
}

fn space_key(object: &Value) -> Option<String> {
    let space = ["_expandable", "space"];
    text(object, &["space", "key"])
        .or_else(|| text(object, &["space"]))
        .or_else(|| path_end(object, &space, "space"))
        .or_else(|| text(object, &["container", "key"]))
        .or_else(|| path_end(object, &["_expandable", "container"], "space"))
        .or_else(|| text(object, &["container", "space", "key"]))
        .or_else(|| path_end(object, &["container", "_expandable", "space"], "space"))
}

fn version(object: &Value) -> Version {
    let number = at(object, &["version", "number"]).and_then(Value::as_u64);
    let by = at(object, &["version", "by"])
        .or_else(|| at(object, &["history", "lastUpdated", "by"]))
        .and_then(people::user)
        .or_else(|| account(text(object, &["version", "authorId"])));
    Version {
        number: number.and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
        when: time(object, &["version", "when"])
            .or_else(|| time(object, &["version", "createdAt"]))
            .or_else(|| time(object, &["history", "lastUpdated", "when"])),
        by,
        message: text(object, &["version", "message"]),
    }
}

fn contributors(object: &Value) -> Vec<User> {
    let publishers = ["history", "contributors", "publishers", "users"];
    let users = list(object, &publishers).unwrap_or_default();
    users.iter().filter_map(people::user).collect()
}

fn labels(object: &Value) -> Vec<Label> {
    let labels = list(object, &["metadata", "labels"]).or_else(|| list(object, &["labels"]));
    let labels = labels.unwrap_or_default().iter().filter_map(|label| {
        Some(Label {
            prefix: text(label, &["prefix"]).unwrap_or_else(|| "global".to_owned()),
            name: text(label, &["name"]).or_else(|| text(label, &["label"]))?,
        })
    });
    labels.collect()
}

/// Ancestors, and whether the object tells them all.
struct Above {
    ancestors: Vec<Ancestor>,
    is_told: bool,
}

fn above(object: &Value, content: &Content) -> Above {
    let inherits = matches!(content.kind, ContentType::Page | ContentType::Other(_));
    let Some(told) = at(object, &["ancestors"]) else {
        return Above {
            ancestors: parent(object).into_iter().collect(),
            // Pages inherit from what is above; what was not expanded is not known.
            is_told: !inherits || at(object, &["_expandable", "ancestors"]).is_none(),
        };
    };
    let Some(entries) = list(told, &[]) else {
        return Above {
            ancestors: Vec::new(),
            is_told: false,
        };
    };
    let read: Vec<Ancestor> = entries.iter().filter_map(ancestor).collect();
    let is_told = read.len() == entries.len();
    // An item that stands above itself, or twice, would be a tree without a root.
    let mut seen = HashSet::from([content.id.clone()]);
    let ancestors = read
        .into_iter()
        .filter(|above| seen.insert(above.id.clone()));
    Above {
        ancestors: ancestors.collect(),
        is_told,
    }
}

fn ancestor(value: &Value) -> Option<Ancestor> {
    Some(Ancestor {
        id: ContentId(text(value, &["id"])?),
        kind: text(value, &["type"]).map_or(ContentType::Page, |kind| ContentType::parse(&kind)),
        title: text(value, &["title"]).unwrap_or_default(),
        status: text(value, &["status"]).map(Status::from),
    })
}

/// REST v2 names the direct parent alone.
fn parent(object: &Value) -> Option<Ancestor> {
    let kind = text(object, &["parentType"]);
    Some(Ancestor {
        id: ContentId(text(object, &["parentId"])?),
        kind: kind.map_or(ContentType::Page, |kind| ContentType::parse(&kind)),
        title: String::new(),
        status: None,
    })
}

/// The container of a page is its space, which is told elsewhere.
fn container(object: &Value, kind: &ContentType) -> Option<ContentRef> {
    if matches!(kind, ContentType::Page | ContentType::BlogPost) {
        return None;
    }
    let whole = at(object, &["container"]).filter(|value| value.get("key").is_none());
    let id = whole.and_then(|container| text(container, &["id"]));
    let id = id
        .or_else(|| path_end(object, &["_expandable", "container"], "content"))
        .or_else(|| text(object, &["pageId"]))
        .or_else(|| text(object, &["blogPostId"]))
        .or_else(|| text(object, &["customContentId"]))?;
    Some(ContentRef {
        id: ContentId(id),
        kind: whole
            .and_then(|container| text(container, &["type"]))
            .map(|kind| ContentType::parse(&kind)),
        title: whole.and_then(|container| text(container, &["title"])),
    })
}

fn attachment(object: &Value) -> AttachmentInfo {
    let extensions = |key: &'static str| {
        let places = [vec!["extensions", key], vec!["metadata", key], vec![key]];
        places.into_iter().find_map(|path| text(object, &path))
    };
    AttachmentInfo {
        media_type: extensions("mediaType"),
        size_bytes: extensions("fileSize").and_then(|size| size.parse().ok()),
        comment: extensions("comment"),
    }
}

/// Properties as `metadata.properties` expands them, and the content state that some
/// answers carry by itself.
fn properties(object: &Value) -> Vec<ContentProperty> {
    let expanded = at(object, &["metadata", "properties"]).and_then(Value::as_object);
    let named = expanded
        .into_iter()
        .flatten()
        .filter_map(|(key, property)| {
            let value = property.get("value")?.clone();
            Some(ContentProperty {
                key: key.clone(),
                value,
            })
        });
    let state = at(object, &["contentState"]).filter(|state| state.get("name").is_some());
    let state = state.map(|state| ContentProperty {
        key: "content-state".to_owned(),
        value: state.clone(),
    });
    named.chain(state).collect()
}

/// Data Center says −1 for "by title".
fn position(object: &Value) -> Option<i64> {
    let position = text(object, &["extensions", "position"])
        .or_else(|| text(object, &["position"]))
        .and_then(|position| position.parse().ok());
    position.filter(|position| *position >= 0)
}

/// ISO 8601 with a zone; without one, UTC. Whole numbers are milliseconds.
fn time(object: &Value, path: &[&str]) -> Option<Timestamp> {
    let value = at(object, path)?;
    if let Some(millis) = value.as_i64() {
        return Timestamp::from_millisecond(millis).ok();
    }
    let text = value.as_str()?.trim();
    let zoned = Timestamp::from_str(text).ok();
    zoned.or_else(|| {
        let local = DateTime::from_str(text).ok()?;
        Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })
}
