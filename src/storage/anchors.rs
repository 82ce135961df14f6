//! The ids that Confluence gives to headings.
//!
//! Two generators are in use. Pages rendered on the server (Data Center, and Cloud's
//! `body.view`) prefix the page title and remove all white space. Cloud's current editor
//! makes its own in the browser: text of the heading's nodes, each white-space character
//! a hyphen, and a name in brackets for nodes that have no text.

use std::collections::HashMap;

use crate::model::{Heading, Inline};

/// What the ids of one heading are made of.
#[derive(Debug, Default)]
pub(super) struct HeadingIds {
    /// Visible text, characters without width included.
    visible: String,
    /// What the browser's generator reads.
    nodes: String,
    /// A node's text cannot be known here.
    unknowable: bool,
    /// The id that the server gave it.
    given: Option<String>,
}

impl HeadingIds {
    /// The ids of a heading that may have one already.
    pub(super) fn given(given: Option<String>) -> Self {
        Self {
            given,
            ..Self::default()
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        self.visible.push_str(text);
        for c in text.chars() {
            if !c.is_ascii_whitespace() {
                self.nodes.push(c);
            } else if !self.nodes.ends_with(' ') {
                self.nodes.push(' ');
            }
        }
    }

    /// A node that is no text.
    pub(super) fn inline(&mut self, inline: &Inline) {
        match inline {
            Inline::Text { text } | Inline::Emoji { text } => self.nodes.push_str(text),
            Inline::Status { title, .. } => {
                self.visible.push_str(title);
                self.nodes.push_str(title);
            }
            Inline::Mention { user, text } => {
                self.visible.push_str(text);
                self.nodes.push_str(text);
                self.unknowable |= user.name().is_none();
            }
            Inline::Date { .. } => self.nodes.push_str("[date]"),
            Inline::Image { .. } => self.nodes.push_str("[mediaInline]"),
            Inline::Link { target, label } if label.is_empty() => {
                self.label(&super::plain::automatic_label(target));
            }
            Inline::LineBreak => self.nodes.push(' '),
            _ => self.nodes.push_str("[inlineExtension]"),
        }
    }

    /// The label that a link has of itself.
    pub(super) fn label(&mut self, label: &str) {
        self.visible.push_str(label);
        self.nodes.push_str(label);
    }

    /// Remembers where a link begins.
    pub(super) fn mark(&self) -> usize {
        self.nodes.len()
    }

    /// A smart link that began at `mark` counts as a card, whatever its text.
    pub(super) fn card(&mut self, mark: usize) {
        self.nodes.truncate(mark);
        self.nodes.push_str("[inlineCard]");
    }

    /// Rule of server rendering, for the page title of now; not yet unique.
    pub(super) fn server(&self, title: &str) -> String {
        if let Some(given) = &self.given {
            return given.clone();
        }
        let squeezed =
            |text: &str| -> String { text.chars().filter(|c| !c.is_whitespace()).collect() };
        let id = format!("{}-{}", squeezed(title), squeezed(&self.visible));
        if id.starts_with(|c: char| c.is_ascii_alphabetic()) {
            id
        } else {
            format!("id-{id}")
        }
    }

    /// Rule of the current editor; not yet unique.
    pub(super) fn current(&self) -> Option<String> {
        let id = self.nodes.trim();
        if self.unknowable || id.is_empty() {
            return None;
        }
        let hyphenated = id.chars().map(|c| if c.is_whitespace() { '-' } else { c });
        Some(hyphenated.collect())
    }
}

/// Gives repeated ids their `.1`, `.2` in document order.
pub(super) fn make_unique(headings: &mut [Heading]) {
    let mut server = Unique::default();
    let mut current = Unique::default();
    for heading in headings {
        if !heading.anchor_s.is_empty() {
            server.next(&mut heading.anchor_s);
        }
        if let Some(anchor) = &mut heading.anchor_f {
            current.next(anchor);
        }
    }
}

#[derive(Default)]
struct Unique(HashMap<String, u32>);

impl Unique {
    fn next(&mut self, id: &mut String) {
        match self.0.get_mut(id.as_str()) {
            Some(seen) => {
                let suffix = format!(".{seen}");
                *seen += 1;
                id.push_str(&suffix);
            }
            None => {
                self.0.insert(id.clone(), 1);
            }
        }
    }
}
