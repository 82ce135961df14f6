//! The documents of a collection by number, and the names by which judgements may call
//! them.

use std::collections::HashMap;

use crate::model::PublicId;

/// Documents in their own order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Catalogue {
    shown: Vec<String>,
    /// `None`: several documents have this name, so it names none.
    named: HashMap<String, Option<usize>>,
}

impl Catalogue {
    /// Adds the next document by the id it is shown with and the other names it has.
    pub(crate) fn add(&mut self, shown: String, others: impl IntoIterator<Item = String>) {
        let number = self.shown.len();
        let mut names: Vec<String> = others.into_iter().chain([shown.clone()]).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let same_name = self.named.entry(name);
            same_name
                .and_modify(|have| *have = None)
                .or_insert(Some(number));
        }
        self.shown.push(shown);
    }

    pub(crate) fn len(&self) -> usize {
        self.shown.len()
    }

    /// The id that a document is shown with.
    pub(crate) fn id(&self, number: usize) -> &str {
        self.shown.get(number).map_or("", String::as_str)
    }

    /// The document of this name; an id may carry a version or passage, which do not
    /// count.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        if let Some(found) = self.named.get(name) {
            return *found;
        }
        let id: PublicId = name.parse().ok()?;
        let bare = PublicId {
            version: None,
            passage: None,
            ..id
        };
        self.named.get(&bare.to_string()).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_have_several_names() {
        let mut catalogue = Catalogue::default();
        let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        catalogue.add("a/page:1".to_owned(), names(&["1", "page:1", "a/1"]));
        catalogue.add("b/page:1".to_owned(), names(&["1", "page:1", "b/1"]));
        catalogue.add("a/attachment:att2".to_owned(), names(&["att2"]));
        let found = ["a/page:1", "b/1", "att2", "b/page:1@4#p2"].map(|id| catalogue.find(id));
        assert_eq!(found, [Some(0), Some(1), Some(2), Some(1)]);
        // Of either site, so of none.
        assert_eq!(catalogue.find("1"), None);
        assert_eq!(catalogue.find("nothing like an id"), None);
        assert_eq!((catalogue.len(), catalogue.id(2)), (3, "a/attachment:att2"));
    }
}
