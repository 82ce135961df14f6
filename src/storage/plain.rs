//! The text of parts of a tree, for labels, keys and metadata.

use std::borrow::Cow;

use super::para;
use crate::model::{Block, BlockKind, Inline, Target};

/// Appends what a reader sees of these inlines.
///
/// Nesting is bounded: no mark stands in itself.
pub(super) fn inlines(inlines: &[Inline], out: &mut String) {
    for inline in inlines {
        match inline {
            Inline::Text { text } | Inline::Code { text } | Inline::Emoji { text } => {
                out.push_str(text);
            }
            Inline::Mention { text, .. } => out.push_str(text),
            Inline::Strong { inlines: inner }
            | Inline::Em { inlines: inner }
            | Inline::Strike { inlines: inner } => self::inlines(inner, out),
            Inline::Link { target, label } => {
                if label.is_empty() {
                    out.push_str(&automatic_label(target));
                } else {
                    self::inlines(label, out);
                }
            }
            Inline::Image { image } => out.push_str(image.alt.as_deref().unwrap_or_default()),
            Inline::Date { date } => out.push_str(date),
            Inline::Status { title, .. } => out.push_str(title),
            Inline::JiraIssue { key } => out.push_str(key),
            Inline::Math { tex } => out.push_str(tex),
            Inline::LineBreak => out.push(' '),
            Inline::Anchor { .. } => {}
        }
    }
}

/// What a reader sees of these inlines.
#[inline]
pub(super) fn text(list: &[Inline]) -> String {
    if let [Inline::Text { text }] = list {
        return text.clone();
    }
    let mut out = String::new();
    inlines(list, &mut out);
    out
}

/// Adds these inlines to what stood in other lines before them.
pub(super) fn add_line(list: &[Inline], lines: &mut Option<String>) {
    let lines = lines.get_or_insert_default();
    if !lines.is_empty() {
        lines.push(' ');
    }
    inlines(list, lines);
}

/// Whether another word right after this would be part of its last word.
pub(super) fn ends_in_word(inline: &Inline) -> bool {
    let mut text = String::new();
    inlines(std::slice::from_ref(inline), &mut text);
    text.ends_with(char::is_alphanumeric)
}

/// The same of something set apart that shows this text. One that shows none, such as an image
/// without words, changes nothing.
pub(super) fn goes_on(text: &str, word: bool) -> bool {
    text.ends_with(char::is_alphanumeric) || (text.is_empty() && word)
}

/// The value of an attribute or parameter as a reader sees it: composed, and without what is
/// invisible, like all text.
pub(super) fn cleaned(value: &str) -> Cow<'_, str> {
    if value.is_ascii() {
        return Cow::Borrowed(value);
    }
    let visible = |c: &char| !para::is_invisible(*c);
    let mut text: String = value.chars().filter(visible).collect();
    para::compose(&mut text);
    Cow::Owned(text)
}

/// White space collapsed, and cleaned. `None`: nothing is left.
pub(super) fn line(value: &str) -> Option<String> {
    let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = cleaned(&line);
    (!line.is_empty()).then(|| line.into_owned())
}

/// What stands for a link without a label.
pub(super) fn automatic_label(target: &Target) -> String {
    let anchored = |title: &str, anchor: &Option<String>| match anchor {
        Some(anchor) => format!("{title}#{anchor}"),
        None => title.to_owned(),
    };
    let label = match target {
        Target::Page {
            title: Some(title),
            anchor,
            ..
        }
        | Target::BlogPost { title, anchor, .. } => anchored(title, anchor),
        Target::Page { id: Some(id), .. } | Target::Content { id } => format!("content {id}"),
        Target::Attachment { file_name, .. } => file_name.clone(),
        Target::Url { url } => url.clone(),
        Target::Space { key } => key.clone(),
        Target::User { user } => format!("@{}", user.name().unwrap_or("unknown user")),
        Target::Anchor { name } => name.clone(),
        Target::Shortcut { key, parameter } => format!("{parameter}@{key}"),
        Target::Page { anchor, .. } => anchor.clone().unwrap_or_default(),
        Target::Unknown => String::new(),
    };
    match cleaned(&label) {
        Cow::Borrowed(_) => label,
        Cow::Owned(label) => label,
    }
}

/// Everything that hangs under a block, in document order, without recursion.
pub(super) struct Leaves<'b> {
    stack: Vec<Piece<'b>>,
    subtasks: Subtasks,
}

/// Whether task lists are walked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subtasks {
    Walk,
    Skip,
}

/// A leaf of a tree.
pub(super) enum Leaf<'b> {
    Inlines(&'b [Inline]),
    Text(&'b str),
    /// Entries of the record name what follows by this number.
    Number(u32),
}

enum Piece<'b> {
    Blocks(std::slice::Iter<'b, Block>),
    Leaf(Leaf<'b>),
}

impl<'b> Leaves<'b> {
    pub(super) fn new(blocks: &'b [Block], subtasks: Subtasks) -> Self {
        Self {
            stack: vec![Piece::Blocks(blocks.iter())],
            subtasks,
        }
    }

    fn open(&mut self, block: &'b Block) {
        let from = self.stack.len();
        self.number(block.number);
        match &block.kind {
            BlockKind::Heading { inlines, .. }
            | BlockKind::Paragraph { inlines }
            | BlockKind::Decision { inlines, .. } => self.inlines(inlines),
            BlockKind::List { items, .. } => {
                for item in items {
                    self.blocks(item);
                }
            }
            BlockKind::TaskList { tasks } if self.subtasks == Subtasks::Walk => {
                for task in tasks {
                    self.blocks(&task.blocks);
                }
            }
            BlockKind::Code { title, text, .. } => {
                self.text(title.as_deref());
                self.text(Some(text));
            }
            BlockKind::Quote { blocks }
            | BlockKind::Definition { blocks }
            | BlockKind::Section { blocks, .. } => self.blocks(blocks),
            BlockKind::Table(table) => {
                self.number(table.caption_number);
                self.inlines(&table.caption);
                let cells = table.rows.iter().flat_map(|row| &row.cells);
                cells.for_each(|cell| self.blocks(&cell.blocks));
            }
            BlockKind::Panel { title, blocks, .. } | BlockKind::Expand { title, blocks } => {
                self.inlines(title);
                self.blocks(blocks);
            }
            BlockKind::Figure { image, caption } => {
                self.text(image.alt.as_deref());
                self.blocks(caption);
            }
            BlockKind::Properties { pairs, .. } => {
                for pair in pairs {
                    pair.key_numbers.iter().for_each(|at| self.number(*at));
                    self.text(Some(&pair.key));
                    self.blocks(&pair.value);
                }
            }
            BlockKind::Math { tex, .. } => self.text(Some(tex)),
            BlockKind::Diagram { source, title, .. } => {
                self.text(title.as_deref());
                self.text(source.as_deref());
            }
            BlockKind::TaskList { .. }
            | BlockKind::Rule
            | BlockKind::Transclusion { .. }
            | BlockKind::Generated { .. } => {}
        }
        self.stack[from..].reverse();
    }

    fn blocks(&mut self, blocks: &'b [Block]) {
        self.stack.push(Piece::Blocks(blocks.iter()));
    }

    fn inlines(&mut self, inlines: &'b [Inline]) {
        self.stack.push(Piece::Leaf(Leaf::Inlines(inlines)));
    }

    fn number(&mut self, number: u32) {
        if number > 0 {
            self.stack.push(Piece::Leaf(Leaf::Number(number)));
        }
    }

    fn text(&mut self, text: Option<&'b str>) {
        self.stack
            .extend(text.map(|text| Piece::Leaf(Leaf::Text(text))));
    }
}

impl<'b> Iterator for Leaves<'b> {
    type Item = Leaf<'b>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.stack.pop()? {
                Piece::Leaf(leaf) => return Some(leaf),
                Piece::Blocks(mut blocks) => {
                    if let Some(block) = blocks.next() {
                        self.stack.push(Piece::Blocks(blocks));
                        self.open(block);
                    }
                }
            }
        }
    }
}

/// The numbers by which entries of the record name these blocks and those in them.
pub(super) fn numbers(blocks: &[Block]) -> impl Iterator<Item = u32> {
    Leaves::new(blocks, Subtasks::Walk).filter_map(|leaf| match leaf {
        Leaf::Number(number) => Some(number),
        Leaf::Inlines(_) | Leaf::Text(_) => None,
    })
}

/// What a reader sees of these blocks, one line.
pub(super) fn blocks(blocks: &[Block]) -> String {
    lines(blocks, Subtasks::Walk)
}

/// What a reader sees of these blocks, without the tasks below.
pub(super) fn without_tasks(blocks: &[Block]) -> String {
    lines(blocks, Subtasks::Skip)
}

fn lines(blocks: &[Block], subtasks: Subtasks) -> String {
    let mut out = String::new();
    for leaf in Leaves::new(blocks, subtasks) {
        let before = out.len();
        if before > 0 {
            out.push(' ');
        }
        let start = out.len();
        match leaf {
            Leaf::Inlines(list) => inlines(list, &mut out),
            Leaf::Text(text) => out.push_str(text),
            Leaf::Number(_) => {}
        }
        if out.len() == start {
            out.truncate(before);
        }
    }
    out
}
