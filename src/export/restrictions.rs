//! The view restriction of a content object.
//!
//! Confluence lists who may view; two empty lists mean that what is above decides, not
//! that nobody may. Whatever looks like a list that was not told is *unknown*, which
//! closes the item: a reader who sees too little asks, one who sees too much does not.

use serde_json::Value;

use crate::model::Restrictions;

use super::json::{at, list, text};
use super::people;

/// Reads `restrictions.read`. Without any trace of it, the source has no restrictions.
pub(crate) fn read(object: &Value) -> Restrictions {
    let Some(restrictions) = object.get("restrictions") else {
        let not_expanded = object
            .get("_expandable")
            .is_some_and(|expandable| expandable.get("restrictions").is_some());
        return if not_expanded {
            Restrictions::Unknown
        } else {
            Restrictions::None
        };
    };
    let subjects = ["read", "restrictions"];
    let Some(subjects) = at(restrictions, &subjects).filter(|value| value.is_object()) else {
        return Restrictions::Unknown;
    };
    let users = Subjects::of(subjects, "user");
    let groups = Subjects::of(subjects, "group");
    match (users, groups) {
        (Subjects::Nobody, Subjects::Nobody) => Restrictions::None,
        // One list that names somebody is enough to close the item to all others.
        (Subjects::Untold | Subjects::Nobody, Subjects::Untold)
        | (Subjects::Untold, Subjects::Nobody) => Restrictions::Unknown,
        (users, groups) => Restrictions::Only {
            users: users.names(people::user_names),
            groups: groups.names(people::group_names),
        },
    }
}

/// One of the two lists.
enum Subjects<'v> {
    /// Missing or not a list.
    Untold,
    Nobody,
    /// At least one, even if none of them can be read.
    Some(&'v [Value]),
}

impl<'v> Subjects<'v> {
    fn of(subjects: &'v Value, kind: &str) -> Self {
        let Some(results) = list(subjects, &[kind]) else {
            return Self::Untold;
        };
        let size = at(subjects, &[kind, "size"]).and_then(Value::as_u64);
        // A list that was cut before its first entry still restricts.
        let has_more = text(subjects, &[kind, "_links", "next"]).is_some();
        if results.is_empty() && size.unwrap_or(0) == 0 && !has_more {
            return Self::Nobody;
        }
        Self::Some(results)
    }

    fn names(self, of: impl Fn(&Value) -> Vec<String>) -> Vec<String> {
        let Self::Some(results) = self else {
            return Vec::new();
        };
        let mut names: Vec<String> = results.iter().flat_map(of).collect();
        // The order of a list says nothing, and an answer may come in any.
        names.sort();
        names.dedup();
        names
    }
}
