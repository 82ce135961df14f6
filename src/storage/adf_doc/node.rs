//! A node: its kind, text, attributes, content and marks.

use std::borrow::Cow;

use super::json::Json;

/// A node of the document.
pub(super) struct Node<'j, 's> {
    pub(super) json: &'j Json<'s>,
    pub(super) kind: Cow<'s, str>,
    pub(super) text: Option<Cow<'s, str>>,
    /// The list of nodes in it.
    pub(super) content: Option<usize>,
    attrs: Option<usize>,
    marks: Option<usize>,
}

impl<'j, 's> Node<'j, 's> {
    pub(super) fn read(json: &'j Json<'s>, item: usize) -> Self {
        let mut node = Node {
            json,
            kind: Cow::Borrowed(""),
            text: None,
            content: None,
            attrs: None,
            marks: None,
        };
        for (key, value) in json.entries(item) {
            match &*key {
                "type" => node.kind = json.text(value).unwrap_or_default(),
                "text" => node.text = json.scalar(value),
                "content" if json.is_list(value) => node.content = Some(value),
                "attrs" => node.attrs = Some(value),
                "marks" => node.marks = Some(value),
                _ => {}
            }
        }
        node
    }

    /// An attribute that is a text, number or truth value, unless it is empty.
    pub(super) fn attr(&self, name: &str) -> Option<Cow<'s, str>> {
        let text = self.json.scalar(self.raw_attr(name)?)?;
        (!text.trim().is_empty()).then_some(text)
    }

    /// Any attribute.
    pub(super) fn raw_attr(&self, name: &str) -> Option<usize> {
        self.json.get(self.attrs?, name)
    }

    /// A value in attributes of attributes, unless it is empty.
    pub(super) fn deep_attr(&self, path: &[&str]) -> Option<Cow<'s, str>> {
        let text = self.json.scalar(self.json.path(self.attrs?, path)?)?;
        (!text.trim().is_empty()).then_some(text)
    }

    /// The marks, each as a node.
    pub(super) fn marks(&self) -> impl Iterator<Item = Node<'j, 's>> {
        let marks = self
            .marks
            .into_iter()
            .flat_map(|marks| self.json.inside(marks));
        marks.map(|mark| Node::read(self.json, mark))
    }

    /// Whether it stands in lines of text.
    pub(super) fn is_inline(&self) -> bool {
        matches!(
            &*self.kind,
            "text"
                | "hardBreak"
                | "status"
                | "date"
                | "mention"
                | "emoji"
                | "inlineCard"
                | "mediaInline"
                | "inlineExtension"
                | "placeholder"
                | "unsupportedInline"
                | "confluenceUnsupportedInline"
                | "confluenceJiraIssue"
        )
    }
}
