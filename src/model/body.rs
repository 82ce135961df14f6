//! The block tree: what a body says, whatever it was written in.
//!
//! Later stages read nothing else. Included pages and lists that Confluence computes
//! stand here as edges ([`BlockKind::Transclusion`], [`BlockKind::Generated`]), never
//! as text.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{ContentId, User};

/// A whole body.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(crate) struct Body {
    pub(crate) blocks: Vec<Block>,
}

/// One block and where it stood in the source. Most are paragraphs, and there are many: what
/// is large and rare is boxed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Block {
    pub(crate) kind: BlockKind,
    /// Bytes of the raw body.
    #[serde(skip)]
    pub(crate) source: Range<usize>,
    /// By which the entries of the metadata record that stand here name this block; 0 where
    /// there are none.
    #[serde(skip)]
    pub(crate) number: u32,
    /// Written so that readers of the page do not see it (`hidden=true`, `display:none`).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) hidden: bool,
}

/// Kinds of block (storage-format.md 4).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum BlockKind {
    Heading {
        level: u8,
        /// Index into [`Metadata::headings`](super::Metadata::headings), where its
        /// anchors are.
        index: u32,
        inlines: Vec<Inline>,
    },
    Paragraph {
        inlines: Vec<Inline>,
    },
    List {
        ordered: bool,
        start: u32,
        items: Vec<Vec<Block>>,
    },
    TaskList {
        tasks: Vec<TaskItem>,
    },
    Code {
        #[serde(skip_serializing_if = "Option::is_none")]
        language: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        text: String,
    },
    Quote {
        blocks: Vec<Block>,
    },
    /// What a definition list says of the term above.
    Definition {
        blocks: Vec<Block>,
    },
    Table(Table),
    Panel {
        /// The stored macro name: `info`, `note`, `warning`, `tip`, `panel`. Panels in the
        /// current editor's own format have its name after `adf-`.
        panel: String,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        title: Vec<Inline>,
        blocks: Vec<Block>,
    },
    Expand {
        #[serde(skip_serializing_if = "Vec::is_empty")]
        title: Vec<Inline>,
        blocks: Vec<Block>,
    },
    /// A block boundary without a mark of its own: layout cells, `div`, unknown macros.
    Section {
        /// The macro that shows it to some readers only: `show-if`, `hide-if`.
        #[serde(skip_serializing_if = "Option::is_none")]
        condition: Option<String>,
        /// Of a page in several languages, as the author wrote it.
        #[serde(skip_serializing_if = "Option::is_none")]
        language: Option<String>,
        blocks: Vec<Block>,
    },
    Figure {
        image: Box<Image>,
        caption: Vec<Block>,
    },
    Properties {
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        pairs: Vec<Property>,
    },
    Rule,
    Math {
        tex: String,
        display: bool,
    },
    Diagram {
        engine: Box<str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        source: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<Box<str>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        attachment: Option<Box<str>>,
    },
    Transclusion {
        kind: TransclusionKind,
        target: Box<Target>,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// A list that Confluence computes: the macro and the line that stands for it.
    Generated {
        #[serde(rename = "macro")]
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        label: Option<String>,
        /// Index into [`Metadata::generated`](super::Metadata::generated), where it says
        /// what to list; absent where nothing can be listed.
        #[serde(skip)]
        index: Option<u32>,
    },
    Decision {
        state: String,
        inlines: Vec<Inline>,
    },
}

/// A task of a task list; `blocks` holds its text and sub-tasks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct TaskItem {
    pub(crate) done: bool,
    pub(crate) blocks: Vec<Block>,
}

/// Rows of cells after spans were laid out: every row has as many cells.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(crate) struct Table {
    pub(crate) caption: Vec<Inline>,
    /// Of the block that the caption was.
    #[serde(skip)]
    pub(crate) caption_number: u32,
    /// Leading rows that are headers.
    pub(crate) header_rows: usize,
    pub(crate) rows: Vec<Row>,
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(crate) struct Row {
    pub(crate) cells: Vec<Cell>,
    #[serde(skip)]
    pub(crate) source: Range<usize>,
}

/// One cell; `header` is `th`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(crate) struct Cell {
    pub(crate) header: bool,
    pub(crate) blocks: Vec<Block>,
}

/// A row of page properties.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Property {
    pub(crate) key: String,
    /// Of the blocks that the key was.
    #[serde(skip)]
    pub(crate) key_numbers: Vec<u32>,
    pub(crate) value: Vec<Block>,
}

/// Text inside a block.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Inline {
    Text {
        text: String,
    },
    Strong {
        inlines: Vec<Inline>,
    },
    Em {
        inlines: Vec<Inline>,
    },
    Strike {
        inlines: Vec<Inline>,
    },
    Code {
        text: String,
    },
    Link {
        target: Box<Target>,
        /// Empty: the automatic label of the target stands for it.
        label: Vec<Inline>,
    },
    Mention {
        user: Box<User>,
        /// As shown, with the `@`.
        text: String,
    },
    Image {
        image: Box<Image>,
    },
    Emoji {
        text: String,
    },
    Date {
        date: String,
    },
    Status {
        title: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        colour: Option<String>,
    },
    LineBreak,
    Anchor {
        name: String,
    },
    JiraIssue {
        key: String,
    },
    Math {
        tex: String,
    },
}

/// An image by attachment name or URL.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Image {
    pub(crate) target: Target,
    /// Alternative text that is more than the file name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) alt: Option<String>,
}

/// What a link, image or inclusion points to (storage-format.md 7.2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Target {
    Page {
        #[serde(rename = "content_id", skip_serializing_if = "Option::is_none")]
        id: Option<ContentId>,
        /// Absent: the space of the page that holds the link.
        #[serde(rename = "space_key", skip_serializing_if = "Option::is_none")]
        space: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        anchor: Option<String>,
    },
    #[serde(rename = "blog")]
    BlogPost {
        #[serde(rename = "space_key", skip_serializing_if = "Option::is_none")]
        space: Option<String>,
        title: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        day: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        anchor: Option<String>,
    },
    Attachment {
        file_name: String,
        /// The page that holds it; absent: this page.
        #[serde(skip_serializing_if = "Option::is_none")]
        container: Option<Box<Target>>,
    },
    Url {
        url: String,
    },
    Space {
        #[serde(rename = "space_key")]
        key: String,
    },
    User {
        user: Box<User>,
    },
    Anchor {
        #[serde(rename = "anchor")]
        name: String,
    },
    Shortcut {
        key: String,
        parameter: String,
    },
    Content {
        #[serde(rename = "content_id")]
        id: ContentId,
    },
    Unknown,
}

/// How another page's text is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TransclusionKind {
    Page,
    Excerpt,
}
