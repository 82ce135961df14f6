//! A rendered page as a flat list of elements and text.
//!
//! Nothing nests: an element knows where it ends. So depth costs nothing, a part of the page
//! is passed over in one step, and nothing that is deep has to be taken down again.

use html5ever::LocalName;
use html5ever::tendril::StrTendril;

use super::super::tag::Tag;

/// A page in the order in which it is shown.
pub(super) struct Page {
    pub(super) nodes: Vec<Flat>,
    /// All texts, one behind the other.
    pub(super) text: String,
    /// Attributes of all elements.
    pub(super) attributes: Vec<Attribute>,
    /// Where a whole page says that its body begins.
    pub(super) body: Option<usize>,
}

/// An attribute that somebody reads.
pub(super) type Attribute = (&'static str, StrTendril);

/// An element or text as the list holds it.
pub(super) struct Flat {
    /// Its place in the body.
    pub(super) at: u32,
    pub(super) what: What,
}

/// Ranges are those of the page's lists.
#[derive(Clone)]
pub(super) enum What {
    Text {
        start: u32,
        end: u32,
    },
    Element {
        name: LocalName,
        tag: Tag,
        attributes: (u32, u32),
        /// The node behind its content.
        end: u32,
    },
}

/// An element or text, and its place in the body.
#[derive(Clone, Copy)]
pub(super) struct Node<'p> {
    pub(super) at: usize,
    pub(super) kind: Kind<'p>,
}

#[derive(Clone, Copy)]
pub(super) enum Kind<'p> {
    Element(Element<'p>),
    Text(&'p str),
}

/// An element; its content reaches to `end` in the list.
#[derive(Clone, Copy)]
pub(super) struct Element<'p> {
    pub(super) name: &'p str,
    pub(super) tag: Tag,
    pub(super) attributes: Attributes<'p>,
    pub(super) end: usize,
}

impl Page {
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn node(&self, at: usize) -> Node<'_> {
        self.view(&self.nodes[at])
    }

    /// The nodes from one place to another.
    pub(super) fn range(&self, from: usize, to: usize) -> impl Iterator<Item = Node<'_>> {
        let to = to.min(self.nodes.len());
        self.nodes[from.min(to)..to]
            .iter()
            .map(|flat| self.view(flat))
    }

    fn view<'p>(&'p self, flat: &'p Flat) -> Node<'p> {
        let kind = match &flat.what {
            What::Text { start, end } => Kind::Text(&self.text[*start as usize..*end as usize]),
            What::Element {
                name,
                tag,
                attributes: (first, last),
                end,
            } => Kind::Element(Element {
                name,
                tag: *tag,
                attributes: Attributes(&self.attributes[*first as usize..*last as usize]),
                end: *end as usize,
            }),
        };
        Node {
            at: flat.at as usize,
            kind,
        }
    }
}

/// The attributes of an element, references resolved.
#[derive(Clone, Copy)]
pub(super) struct Attributes<'p>(&'p [Attribute]);

impl<'p> Attributes<'p> {
    pub(super) fn get(self, name: &str) -> Option<&'p str> {
        let found = self.0.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| &**value)
    }

    /// The value, when there is one and it is not empty.
    pub(super) fn filled(self, name: &str) -> Option<&'p str> {
        let value = self.get(name)?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// The value, empty when there is none.
    pub(super) fn text(self, name: &str) -> &'p str {
        self.filled(name).unwrap_or_default()
    }

    /// Whether one of its classes is this.
    pub(super) fn has_class(self, class: &str) -> bool {
        self.get("class")
            .is_some_and(|classes| classes.split_ascii_whitespace().any(|one| one == class))
    }
}

/// The attribute of this name, if anybody reads it. The rest are let go when a page is read, so
/// that an element never has many.
pub(super) fn read_attribute(name: &str) -> Option<&'static str> {
    let at = READ.binary_search(&name).ok()?;
    Some(READ[at])
}

/// Sorted by name; `color`, `face`, `size` and `type` are for the rules of HTML itself.
const READ: &[&str] = &[
    "alt",
    "class",
    "color",
    "colspan",
    "data",
    "data-account-id",
    "data-base-url",
    "data-card-appearance",
    "data-emoji-fallback",
    "data-emoji-id",
    "data-emoji-shortname",
    "data-emoticon-name",
    "data-image-src",
    "data-inline-task-id",
    "data-jira-key",
    "data-linked-resource-container-id",
    "data-linked-resource-default-alias",
    "data-linked-resource-id",
    "data-linked-resource-type",
    "data-macro-name",
    "data-syntaxhighlighter-params",
    "data-userkey",
    "data-username",
    "datetime",
    "encoding",
    "face",
    "hidden",
    "href",
    "id",
    "name",
    "rowspan",
    "size",
    "src",
    "start",
    "style",
    "title",
    "type",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_found_by_their_names() {
        assert!(READ.is_sorted());
        assert_eq!(read_attribute("hidden"), Some("hidden"));
        assert_eq!(read_attribute("onclick"), None);
    }
}
