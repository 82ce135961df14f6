//! What a fixture site tells beside its content: who watches, who has starred what, and
//! content properties. All of it is joined to the items it is about, so it is held as a
//! whole, as people and groups are.

use std::collections::{BTreeSet, HashMap};

use crate::model::{Content, ContentProperty, Person, Told, User};

use super::elements::Elements;
use super::files::{self, Folder, Layout};
use super::input::{Input, Progress};
use super::json::{self, Refusal, text};
use super::people;

/// Watchers, stars and properties while content is read.
#[derive(Default)]
pub(crate) struct Extras {
    watchers: HashMap<String, Vec<User>>,
    stars: HashMap<String, Vec<User>>,
    /// Keys of spaces by identifier of whoever starred them.
    spaces: HashMap<String, BTreeSet<String>>,
    properties: HashMap<String, Vec<ContentProperty>>,
}

impl Extras {
    pub(crate) fn add_watcher(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let object = json::parse(bytes)?;
        let id = content_id(&object)?;
        let watcher = person(&object)?;
        self.watchers.entry(id).or_default().push(watcher);
        Ok(())
    }

    pub(crate) fn add_star(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let object = json::parse(bytes)?;
        let user = person(&object)?;
        if let Some(key) = text(&object, &["spaceKey"]) {
            for name in user.identifiers() {
                self.spaces.entry(name).or_default().insert(key.clone());
            }
        } else {
            let id = content_id(&object)?;
            self.stars.entry(id).or_default().push(user);
        }
        Ok(())
    }

    pub(crate) fn add_property(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let (id, property) = property(bytes)?;
        self.properties.entry(id).or_default().push(property);
        Ok(())
    }

    /// Adds to an item what was told of it.
    pub(crate) fn join(&mut self, content: &mut Content) {
        let id = content.id.as_str();
        content.watchers.extend(taken(&mut self.watchers, id));
        content.starred_by.extend(taken(&mut self.stars, id));
        content.properties.extend(taken(&mut self.properties, id));
    }

    /// Adds to a person the spaces they have starred.
    pub(crate) fn join_person(&mut self, person: &mut Person) {
        for name in person.user.identifiers() {
            let keys = self.spaces.get(&name).into_iter().flatten();
            person.starred_spaces.extend(keys.cloned());
        }
    }
}

/// An item that stands twice in a source is told the same of both times.
fn taken<T: Clone>(told: &mut HashMap<String, Vec<T>>, id: &str) -> Vec<T> {
    told.get(id).cloned().unwrap_or_default()
}

fn content_id(object: &serde_json::Value) -> Result<String, Refusal> {
    let id = text(object, &["contentId"]).map(|id| id.trim().to_owned());
    id.filter(|id| !id.is_empty())
        .ok_or_else(|| Refusal::new("`contentId`: expected the id of a content item"))
}

fn person(object: &serde_json::Value) -> Result<User, Refusal> {
    people::user(object)
        .filter(|user| user.identifiers().next().is_some())
        .ok_or_else(|| Refusal::new("`accountId`: expected an account id, user key or user name"))
}

fn property(bytes: &[u8]) -> Result<(String, ContentProperty), Refusal> {
    let mut object = json::parse(bytes)?;
    let id = content_id(&object)?;
    let key = text(&object, &["key"]).filter(|key| !key.is_empty());
    let key = key.ok_or_else(|| Refusal::new("`key`: expected the key of a property"))?;
    let value = object.get_mut("value").map(serde_json::Value::take);
    let value = value.ok_or_else(|| Refusal::new("`value`: expected the value of a property"))?;
    Ok((id, ContentProperty { key, value }))
}

/// Which of it a site has, and the paths of its properties. What cannot be read is left
/// to the reading itself to report.
pub(crate) fn told(folder: &dyn Folder, layout: &Layout) -> Told {
    let mut told = Told {
        watchers: layout.watchers.is_some(),
        favourites: layout.favourites.is_some(),
        properties: layout.properties.is_some().then(Default::default),
    };
    let Some(name) = layout.properties.as_deref() else {
        return told;
    };
    let Ok(input) = Input::open(folder, name, &Progress::default()) else {
        return told;
    };
    for cut in Elements::new(input, files::form(name)).flatten() {
        if let Ok((_, property)) = property(&cut.bytes) {
            told.add(&property);
        }
    }
    told
}
