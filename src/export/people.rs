//! Users and groups, and how restrictions name them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use crate::model::{Person, User};

use super::json::{self, Refusal, list, scalar, text};

/// A user object of any edition.
pub(crate) fn user(object: &Value) -> Option<User> {
    let account_id = text(object, &["accountId"]);
    // Only where there are no account ids is `name` the name to log in with.
    let name = || text(object, &["name"]).filter(|_| account_id.is_none());
    let user = User {
        user_key: text(object, &["userKey"]).or_else(|| text(object, &["key"])),
        username: text(object, &["username"]).or_else(name),
        display_name: text(object, &["displayName"]),
        public_name: text(object, &["publicName"]),
        email: text(object, &["email"]),
        account_id,
    };
    (user != User::default()).then_some(user)
}

/// A user known by the account id alone, as REST v2 names them.
pub(crate) fn account(id: Option<String>) -> Option<User> {
    id.map(|id| User {
        account_id: Some(id),
        ..User::default()
    })
}

/// The names by which a list of users may mean this one.
pub(crate) fn user_names(object: &Value) -> Vec<String> {
    user(object).map_or_else(Vec::new, |user| user.identifiers().collect())
}

/// Id and name of a group.
pub(crate) fn group_names(object: &Value) -> Vec<String> {
    let names = [text(object, &["id"]), text(object, &["name"])];
    names.into_iter().flatten().collect()
}

/// People and groups while they are read; membership joins them at the end.
#[derive(Default)]
pub(crate) struct People {
    users: Vec<User>,
    /// Place in `users` by identifier.
    places: HashMap<String, usize>,
    /// Ids and names of groups by identifier of the member.
    groups: BTreeMap<String, BTreeSet<String>>,
    /// Members that no user object describes, as they were written.
    strangers: BTreeMap<String, User>,
}

impl People {
    pub(crate) fn add_person(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let object = json::parse(bytes)?;
        let user = user(&object)
            .filter(|user| user.identifiers().next().is_some())
            .ok_or_else(|| {
                Refusal::new("`accountId`: expected an account id, user key or user name")
            })?;
        self.put(user);
        Ok(())
    }

    /// The same person twice is one person, as described last.
    fn put(&mut self, user: User) {
        let known = user
            .identifiers()
            .find_map(|id| self.places.get(&id).copied());
        let place = known.unwrap_or(self.users.len());
        for id in user.identifiers() {
            self.places.insert(id, place);
        }
        match self.users.get_mut(place) {
            Some(have) => *have = user,
            None => self.users.push(user),
        }
    }

    pub(crate) fn add_group(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let object = json::parse(bytes)?;
        let names = group_names(&object);
        if names.is_empty() {
            return Err(Refusal::new("`name`: expected the name or id of a group"));
        }
        let members = list(&object, &["members"]).unwrap_or_default();
        for member in members.iter().filter_map(member) {
            let id = member.identifiers().next().unwrap_or_default();
            self.groups
                .entry(id.clone())
                .or_default()
                .extend(names.iter().cloned());
            self.strangers.entry(id).or_insert(member);
        }
        Ok(())
    }

    pub(crate) fn into_persons(mut self) -> Vec<Person> {
        let strangers = std::mem::take(&mut self.strangers);
        for (id, user) in strangers {
            // A bare member is an account id or, in older editions, a user name.
            if !self.places.contains_key(&id) && !self.places.contains_key(&id.to_lowercase()) {
                self.put(user);
            }
        }
        let mut groups: Vec<BTreeSet<String>> = vec![BTreeSet::new(); self.users.len()];
        for (id, names) in self.groups {
            let place = self
                .places
                .get(&id)
                .or_else(|| self.places.get(&id.to_lowercase()));
            if let Some(groups) = place.and_then(|place| groups.get_mut(*place)) {
                groups.extend(names);
            }
        }
        let persons = self.users.into_iter().zip(groups);
        persons
            .map(|(user, groups)| Person {
                user,
                groups,
                ..Person::default()
            })
            .collect()
    }
}

/// A member: a bare identifier or a user object.
fn member(value: &Value) -> Option<User> {
    let user = match scalar(value) {
        Some(id) => account(Some(id).filter(|id| !id.is_empty())),
        None => user(value),
    };
    user.filter(|user| user.identifiers().next().is_some())
}
