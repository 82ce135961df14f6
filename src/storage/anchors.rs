//! The ids that Confluence gives to headings.
//!
//! Two generators are in use. Pages rendered on the server (Data Center, and Cloud's
//! `body.view`) prefix the page title and remove all white space. Cloud's current editor
//! makes its own in the browser: text of the heading's nodes, each white-space character
//! a hyphen, and a name in brackets for nodes that have no text.
#![expect(
    clippy::needless_bitwise_bool,
    reason = "without branches a whole chunk is compared at once"
)]

use std::fmt::Write as _;

use super::bytes;
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
    pub(super) fn of(self, given: Option<String>) -> Self {
        Self { given, ..self }
    }

    /// Those of a heading of which nothing is known yet, in the room of these.
    pub(super) fn recycled(mut self) -> Self {
        self.visible.clear();
        self.nodes.clear();
        Self {
            visible: self.visible,
            nodes: self.nodes,
            ..Self::default()
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        self.visible.push_str(text);
        let mut rest = text;
        while let Some(at) = uneven(rest.as_bytes()) {
            self.nodes(&rest[..at]);
            self.nodes(" ");
            rest = rest[at..].trim_ascii_start();
        }
        self.nodes(rest);
    }

    /// Text without white space but single spaces.
    fn nodes(&mut self, text: &str) {
        let text = match text.strip_prefix(' ') {
            Some(rest) if self.nodes.ends_with(' ') => rest,
            _ => text,
        };
        self.nodes.push_str(text);
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

    /// A node that began at `mark` and counts by its kind, whatever its text.
    pub(super) fn node(&mut self, mark: usize, kind: &str) {
        self.nodes.truncate(mark);
        self.nodes.push_str(kind);
    }

    /// Rule of server rendering, for the page title of now; not yet unique.
    pub(super) fn server(&self, title: &Squeezed) -> String {
        if let Some(given) = &self.given {
            return given.clone();
        }
        let Squeezed(title) = title;
        let mut id = String::with_capacity(title.len() + self.visible.len() + 4);
        id.push_str(title);
        id.push('-');
        push_squeezed(&mut id, &self.visible);
        if !id.starts_with(|c: char| c.is_ascii_alphabetic()) {
            id.insert_str(0, "id-");
        }
        id
    }

    /// Rule of the current editor; not yet unique.
    pub(super) fn current(&self) -> Option<String> {
        let id = self.nodes.trim();
        if self.unknowable || id.is_empty() {
            return None;
        }
        if id.is_ascii() {
            let bytes = id.bytes().map(|byte| match byte {
                b'\t'..=b'\r' | b' ' => b'-',
                _ => byte,
            });
            return String::from_utf8(bytes.collect()).ok();
        }
        let hyphenated = id.chars().map(|c| if c.is_whitespace() { '-' } else { c });
        Some(hyphenated.collect())
    }
}

/// Where white space stands that is more than a single space.
fn uneven(text: &[u8]) -> Option<usize> {
    bytes::pair_position(text, |byte, next| {
        (byte.wrapping_sub(b'\t') <= b'\r' - b'\t') & (byte != 0xb)
            | ((byte == b' ') & (next == b' '))
    })
}

/// A text without its white space.
#[derive(Debug, Default)]
pub(super) struct Squeezed(String);

impl Squeezed {
    pub(super) fn new(text: &str) -> Self {
        let mut squeezed = String::with_capacity(text.len());
        push_squeezed(&mut squeezed, text);
        Self(squeezed)
    }
}

fn push_squeezed(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = bytes::position(rest.as_bytes(), |byte| (byte <= b' ') | (byte >= 0x80)) {
        out.push_str(&rest[..at]);
        let c = rest[at..].chars().next().expect("something was found");
        if !c.is_whitespace() {
            out.push(c);
        }
        rest = &rest[at + c.len_utf8()..];
    }
    out.push_str(rest);
}

/// Gives repeated ids their `.1`, `.2` in document order.
pub(super) fn make_unique(headings: &mut [Heading]) {
    let server = headings.iter_mut().map(|heading| &mut heading.anchor_s);
    number(server.filter(|id| !id.is_empty()).collect());
    let current = headings.iter_mut();
    number(
        current
            .filter_map(|heading| heading.anchor_f.as_mut())
            .collect(),
    );
}

/// Numbers equal ids. Sorted instead of hashed: their author must not decide what it costs.
fn number(mut ids: Vec<&mut String>) {
    ids.sort();
    for same in ids.chunk_by_mut(|a, b| a == b) {
        for (at, id) in same.iter_mut().enumerate().skip(1) {
            // A `String` takes whatever is written.
            let _ = write!(id, ".{at}");
        }
    }
}
