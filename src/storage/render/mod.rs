//! Two renderings of one tree, written side by side: Markdown and text.
//!
//! Units are the leaves: a paragraph, a row, a block of code. Each is begun and ended in
//! both renderings at once, so its two ranges always belong together. The tree is walked
//! with a stack of its own.

mod cell;
mod escape;
mod indent;
mod inline;

use std::ops::Range;
use std::slice::Iter;

use super::numbers::Units;
use super::para::is_invisible;
use super::plain;
use escape::Place;
use indent::{Lead, SPACES};

use crate::model::{
    Block, BlockKind, Body, Converted, Edge, Fill, Inline, LinkPlace, Metadata, Property, Segment,
    SegmentKind, Table, Target, TaskItem, Transclusion, TransclusionKind,
};

/// About how many bytes of a body become one unit.
const BYTES_OF_A_UNIT: usize = 160;

/// Places of one table that are filled in behind it.
const MOST_WAITING: usize = 64;

/// Renders a body.
pub(super) fn render(body: Body, meta: Metadata, units: Units) -> Converted {
    let mut renderer = Renderer::new(meta);
    renderer.units = units;
    renderer.run(&body.blocks);
    let Renderer {
        markdown,
        text,
        segments,
        edges,
        link_places,
        mut meta,
        units,
        ..
    } = renderer;
    units.settle(&segments, &mut meta);
    Converted {
        body,
        markdown,
        text,
        segments,
        edges,
        link_places,
        meta,
    }
}

/// A part of a body by itself.
pub(super) struct Part {
    pub(super) markdown: String,
    pub(super) edges: Vec<Edge>,
    pub(super) link_places: Vec<LinkPlace>,
}

/// Renders a part of a body by itself, in Markdown with what is filled in there. The
/// metadata of the whole body is lent.
pub(super) fn part(blocks: &[Block], meta: Metadata) -> (Part, Metadata) {
    let bytes = meta.bytes;
    // Its length is not that of the body.
    let mut renderer = Renderer::new(Metadata { bytes: 0, ..meta });
    renderer.run(blocks);
    let Renderer {
        markdown,
        edges,
        link_places,
        meta,
        ..
    } = renderer;
    let part = Part {
        markdown,
        edges,
        link_places,
    };
    (part, Metadata { bytes, ..meta })
}

/// Text as a line of Markdown that means nothing but itself, also in the label of a link.
pub(crate) fn escaped(text: &str) -> String {
    escaped_in(text, Place::default())
}

/// The same for a cell of a table.
pub(crate) fn escaped_cell(text: &str) -> String {
    let cell = true;
    escaped_in(
        text,
        Place {
            cell,
            ..Place::default()
        },
    )
}

fn escaped_in(text: &str, place: Place) -> String {
    let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let place = Place {
        line_start: true,
        label: true,
        ..place
    };
    let mut out = String::with_capacity(visible.len());
    let words: Vec<&str> = visible.split_whitespace().collect();
    escape::push(&mut out, &words.join(" "), place);
    out
}

/// Distance to the unit before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    Line,
    Blank,
}

/// How line breaks inside a unit come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Break {
    Newline,
    Space,
    /// The unit is one line of Markdown, whatever it holds.
    Flat,
}

struct Renderer {
    markdown: String,
    text: String,
    segments: Vec<Segment>,
    edges: Vec<Edge>,
    link_places: Vec<LinkPlace>,
    /// What stands in a cell or a property, to be filled in behind the whole.
    waiting: Vec<Fill>,
    meta: Metadata,
    /// Where the blocks that the record names come to stand.
    units: Units,
    /// The numbers of blocks of which no unit is written yet.
    numbers: Vec<u32>,
    /// What every line begins with: quote marks, indentation, a list marker.
    prefix: String,
    /// Where in the prefix markers stand that only the next line has.
    markers: Vec<Range<usize>>,
    /// What only the first line of an item has and what does not indent: the box of a task.
    lead: Lead,
    /// Open quotes, items and definitions, each of which indents.
    levels: usize,
    /// How long the prefix is on the deepest level that indents.
    floor: usize,
    /// Where the block that is being written stands in the body.
    source: usize,
    /// Shortest prefix since the last unit, which is what a blank line gets.
    shared: usize,
    gap: Gap,
    /// Open headings, outermost first.
    outline: Vec<u32>,
    group: u32,
    /// Open blocks that share one group.
    grouped: u32,
    /// What a paragraph is here.
    leaf: SegmentKind,
    /// Items that are open around this.
    lists: u32,
    /// Where the content of the current Markdown line begins.
    line: usize,
    line_break: Break,
    place: Place,
    /// Between the lines of a flat unit.
    separator: &'static str,
}

enum Work<'b> {
    Blocks(Iter<'b, Block>),
    Items(Iter<'b, Vec<Block>>, Option<u32>),
    Tasks(Iter<'b, TaskItem>),
    /// The next unit stands right below.
    Line,
    Blank,
    /// Back to a prefix of this length.
    Outdent(usize),
    Leaf(SegmentKind),
    EndList,
    EndGroup,
}

struct Start {
    markdown: usize,
    text: usize,
    content: usize,
}

impl Renderer {
    fn new(meta: Metadata) -> Self {
        Self {
            markdown: String::with_capacity(meta.bytes),
            text: String::with_capacity(meta.bytes),
            segments: Vec::with_capacity(meta.bytes / BYTES_OF_A_UNIT),
            edges: Vec::new(),
            link_places: Vec::new(),
            waiting: Vec::new(),
            meta,
            units: Units::default(),
            numbers: Vec::new(),
            prefix: String::new(),
            markers: Vec::new(),
            lead: Lead::default(),
            levels: 0,
            floor: 0,
            source: 0,
            shared: 0,
            gap: Gap::Blank,
            outline: Vec::new(),
            group: 0,
            grouped: 0,
            leaf: SegmentKind::Paragraph,
            lists: 0,
            line: 0,
            line_break: Break::Newline,
            place: Place::default(),
            separator: "<br>",
        }
    }

    fn run(&mut self, blocks: &[Block]) {
        let mut stack = vec![Work::Blocks(blocks.iter())];
        while let Some(work) = stack.pop() {
            match work {
                Work::Blocks(mut rest) => {
                    if let Some(block) = rest.next() {
                        stack.push(Work::Blocks(rest));
                        self.block(block, &mut stack);
                        self.settle_edges();
                    }
                }
                Work::Items(rest, number) => self.item(rest, number, &mut stack),
                Work::Tasks(rest) => self.task(rest, &mut stack),
                Work::Line => self.gap = Gap::Line,
                Work::Blank => self.gap = Gap::Blank,
                Work::Outdent(length) => self.outdent(length),
                Work::Leaf(kind) => self.leaf = kind,
                Work::EndList => self.lists -= 1,
                Work::EndGroup => self.grouped -= 1,
            }
        }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one flat match over the kinds of block"
    )]
    fn block<'b>(&mut self, block: &'b Block, stack: &mut Vec<Work<'b>>) {
        let source = &block.source;
        self.source = source.start;
        let waiting = self.numbers.len();
        self.numbers
            .extend(Some(block.number).filter(|number| *number > 0));
        let deeper = stack.len();
        if self.grouped == 0 {
            self.group += 1;
        }
        match &block.kind {
            BlockKind::Heading {
                level,
                index,
                inlines,
            } => self.heading(*level, *index, inlines, source),
            BlockKind::Paragraph { inlines } => self.paragraph(inlines, source),
            BlockKind::List {
                ordered,
                start,
                items,
            } => {
                self.open_list(stack);
                stack.push(Work::Items(items.iter(), ordered.then_some(*start)));
            }
            BlockKind::TaskList { tasks } => {
                self.open_list(stack);
                stack.push(Work::Tasks(tasks.iter()));
            }
            BlockKind::Code {
                language,
                title,
                text,
            } => {
                let language = language.as_deref().unwrap_or_default();
                self.titled(title.as_deref(), language, text, source);
            }
            BlockKind::Quote { blocks } => {
                self.quote(blocks, stack);
                self.set_leaf(SegmentKind::Quote, stack);
                stack.push(Work::Blocks(blocks.iter()));
            }
            BlockKind::Definition { blocks } => {
                self.indent(": ", blocks, stack);
                stack.push(Work::Blocks(blocks.iter()));
                self.gap = Gap::Line;
            }
            BlockKind::Table(table) => self.table(table, source),
            BlockKind::Panel {
                panel,
                title,
                blocks,
            } => self.panel(panel, title, blocks, source, stack),
            BlockKind::Expand { title, blocks } => {
                self.bold_title(title, source);
                stack.push(Work::Blocks(blocks.iter()));
            }
            BlockKind::Section { blocks, .. } => stack.push(Work::Blocks(blocks.iter())),
            BlockKind::Figure { image, caption } => {
                self.unit(SegmentKind::Other, source, |this| this.image(image));
                stack.push(Work::Blocks(caption.iter()));
            }
            BlockKind::Properties { pairs, .. } => self.properties(pairs, source),
            BlockKind::Rule => self.unit(SegmentKind::Other, source, |this| {
                this.markdown.push_str("---");
            }),
            BlockKind::Math { tex, .. } => self.math(tex, source),
            BlockKind::Diagram {
                engine,
                source: text,
                title,
                ..
            } => {
                self.diagram(engine, text.as_deref(), title.as_deref(), block);
            }
            BlockKind::Transclusion { kind, target, name } => {
                let label = transclusion_label(*kind);
                self.label(label, &plain::automatic_label(target), source);
                self.transclusion(*kind, target, name.as_ref());
            }
            BlockKind::Generated { label, index, .. } => {
                if let Some(label) = label {
                    self.label("", label, source);
                    self.generated(*index);
                }
            }
            BlockKind::Decision { inlines, .. } => {
                self.unit(SegmentKind::Paragraph, source, |this| {
                    this.markdown.push_str("Decision: ");
                    this.inlines(inlines);
                });
            }
        }
        if stack.len() == deeper {
            // Nothing stands in a block that shows nothing.
            self.numbers.truncate(waiting);
        }
    }

    fn transclusion(&mut self, kind: TransclusionKind, target: &Target, name: Option<&String>) {
        self.wait(Fill::Transclusion(Transclusion {
            kind,
            target: target.clone(),
            name: name.cloned(),
            block: None,
        }));
    }

    fn generated(&mut self, index: Option<u32>) {
        let list = index.and_then(|index| self.meta.generated.get(index as usize));
        if let Some(list) = list.cloned() {
            self.wait(Fill::Generated(list));
        }
    }

    /// Notes what is filled in behind the block that is being written. Cells that are
    /// repeated ask for the same once more.
    fn wait(&mut self, fill: Fill) {
        if self.waiting.len() < MOST_WAITING && !self.waiting.contains(&fill) {
            self.waiting.push(fill);
        }
    }

    fn settle_edges(&mut self) {
        for fill in std::mem::take(&mut self.waiting) {
            self.edges.push(Edge {
                at: self.markdown.len(),
                prefix: self.prefix.clone(),
                fill,
            });
        }
    }

    /// The block of this number stands in the unit that is being written.
    #[inline]
    fn note(&mut self, number: u32) {
        self.units.note(number, self.segments.len());
    }

    fn note_all(&mut self, numbers: &[u32]) {
        for number in numbers {
            self.note(*number);
        }
    }

    /// Writes one unit in both renderings.
    fn unit(&mut self, kind: SegmentKind, source: &Range<usize>, write: impl FnOnce(&mut Self)) {
        let start = self.begin();
        write(self);
        self.end(kind, source, &start);
    }

    #[inline]
    fn begin(&mut self) -> Start {
        while let Some(number) = self.numbers.pop() {
            self.note(number);
        }
        let text = self.text.len();
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        if !self.markdown.is_empty() {
            self.markdown.push('\n');
            if self.gap == Gap::Blank {
                self.markdown
                    .push_str(self.prefix[..self.shared].trim_end());
                self.markdown.push('\n');
            }
        }
        let markdown = self.markdown.len();
        self.markdown.push_str(&self.prefix);
        self.write_lead();
        self.line = self.markdown.len();
        // What follows in this unit and after it is only indented.
        while let Some(marker) = self.markers.pop() {
            let spaces = &SPACES[..marker.len()];
            self.prefix.replace_range(marker, spaces);
        }
        Start {
            markdown,
            text,
            content: self.text.len(),
        }
    }

    fn end(&mut self, kind: SegmentKind, source: &Range<usize>, start: &Start) {
        let mut text = start.content..self.text.len();
        if text.is_empty() {
            self.text.truncate(start.text);
            text = start.text..start.text;
        }
        self.segments.push(Segment {
            kind,
            markdown: start.markdown..self.markdown.len(),
            text,
            source: source.clone(),
            heading: self.outline.last().copied(),
            group: self.group,
        });
        self.gap = Gap::Blank;
        self.shared = self.prefix.len();
    }

    /// A further line of the same unit, in Markdown.
    #[inline]
    fn next_line(&mut self) {
        self.markdown.push('\n');
        self.markdown.push_str(&self.prefix);
        self.line = self.markdown.len();
    }

    fn set_leaf(&mut self, kind: SegmentKind, stack: &mut Vec<Work<'_>>) {
        stack.push(Work::Leaf(self.leaf));
        self.leaf = kind;
    }

    fn open_group(&mut self, stack: &mut Vec<Work<'_>>) {
        self.grouped += 1;
        stack.push(Work::EndGroup);
    }

    fn heading(&mut self, level: u8, index: u32, inlines: &[Inline], source: &Range<usize>) {
        self.enter_heading(level, index);
        self.outline.push(index);
        let before = std::mem::replace(&mut self.line_break, Break::Space);
        self.unit(SegmentKind::Heading, source, |this| {
            this.markdown
                .push_str(&"######"[..usize::from(level.clamp(1, 6))]);
            this.markdown.push(' ');
            this.inlines(inlines);
            escape::closing_marks(&mut this.markdown);
        });
        self.line_break = before;
    }

    /// Closes the headings that this one ends, and notes under which it stands.
    fn enter_heading(&mut self, level: u8, index: u32) {
        let headings = &self.meta.headings;
        let ends = |open: &u32| {
            headings
                .get(*open as usize)
                .is_none_or(|open| open.level >= level)
        };
        while self.outline.last().is_some_and(ends) {
            self.outline.pop();
        }
        let parent = self.outline.last().copied();
        if let Some(heading) = self.meta.headings.get_mut(index as usize) {
            heading.parent = parent;
        }
    }

    fn paragraph(&mut self, inlines: &[Inline], source: &Range<usize>) {
        let image = inlines
            .iter()
            .all(|inline| matches!(inline, Inline::Image { .. }));
        let kind = if image { SegmentKind::Other } else { self.leaf };
        self.unit(kind, source, |this| this.inlines(inlines));
    }

    /// Code below its title. The record names the code, where there is some.
    fn titled(&mut self, title: Option<&str>, language: &str, text: &str, source: &Range<usize>) {
        if let Some(title) = title {
            let mut numbers = Vec::new();
            if !text.is_empty() {
                std::mem::swap(&mut numbers, &mut self.numbers);
            }
            self.unit(SegmentKind::Title, source, |this| {
                this.markdown.push_str("**");
                this.words(title);
                this.markdown.push_str("**");
            });
            self.numbers = numbers;
        }
        self.fenced(language, text, source);
    }

    fn bold_title(&mut self, title: &[Inline], source: &Range<usize>) {
        if title.is_empty() {
            return;
        }
        self.unit(SegmentKind::Title, source, |this| this.marked("**", title));
    }

    fn fenced(&mut self, language: &str, text: &str, source: &Range<usize>) {
        if text.is_empty() {
            return;
        }
        self.unit(SegmentKind::Code, source, |this| {
            let fence = escape::fence(text, 3);
            this.ticks(fence);
            this.markdown.push_str(language);
            this.next_line();
            let mut from = 0;
            for at in memchr::memchr_iter(b'\n', text.as_bytes()) {
                this.markdown.push_str(&text[from..at]);
                this.next_line();
                from = at + 1;
            }
            this.markdown.push_str(&text[from..]);
            this.next_line();
            this.ticks(fence);
            this.text.push_str(text);
        });
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one kind of block")]
    fn panel<'b>(
        &mut self,
        panel: &str,
        title: &'b [Inline],
        blocks: &'b [Block],
        source: &Range<usize>,
        stack: &mut Vec<Work<'b>>,
    ) {
        if panel == "panel" {
            self.bold_title(title, source);
            stack.push(Work::Blocks(blocks.iter()));
            return;
        }
        self.quote(&[], stack);
        let label = panel_label(panel, self.meta.current_editor);
        self.unit(SegmentKind::Title, source, |this| {
            this.markdown.push_str("**");
            this.markdown.push_str(&label);
            this.markdown.push_str(":**");
            if !title.is_empty() {
                this.markdown.push(' ');
                this.inlines(title);
            }
        });
        stack.push(Work::Blocks(blocks.iter()));
    }

    fn properties(&mut self, pairs: &[Property], source: &Range<usize>) {
        for (at, pair) in pairs.iter().enumerate() {
            if at > 0 {
                self.gap = Gap::Line;
            }
            self.unit(SegmentKind::Property, source, |this| {
                this.note_all(&pair.key_numbers);
                this.markdown.push_str("**");
                this.words(&pair.key);
                this.markdown.push_str(":**");
                if !pair.value.is_empty() {
                    this.markdown.push(' ');
                    this.text.push(' ');
                    this.flat(&pair.value, "; ");
                }
            });
        }
    }

    fn math(&mut self, tex: &str, source: &Range<usize>) {
        self.unit(SegmentKind::Other, source, |this| {
            this.markdown.push_str("$$");
            // An empty line would end the formula.
            let lines = tex.lines().filter(|line| !line.trim().is_empty());
            for (at, line) in lines.enumerate() {
                if at > 0 {
                    this.next_line();
                    // Indented, a line of a paragraph begins nothing else.
                    this.markdown.push_str(escape::tex_indent(line));
                }
                escape::push_tex(&mut this.markdown, line, this.place);
            }
            this.markdown.push_str("$$");
            this.text.push_str(tex);
        });
    }

    fn diagram(&mut self, engine: &str, text: Option<&str>, title: Option<&str>, block: &Block) {
        if let Some(text) = text {
            return self.titled(title, engine, text, &block.source);
        }
        let Some(title) = title else { return };
        self.unit(SegmentKind::Other, &block.source, |this| {
            this.markdown.push_str("Diagram: ");
            this.words(title);
        });
    }

    /// A line that stands in Markdown only.
    fn label(&mut self, label: &str, what: &str, source: &Range<usize>) {
        self.unit(SegmentKind::Other, source, |this| {
            this.markdown.push_str(label);
            let place = Place {
                line_start: label.is_empty(),
                ..this.place
            };
            for word in what.split_whitespace().enumerate() {
                if word.0 > 0 {
                    this.markdown.push(' ');
                }
                escape::push(
                    &mut this.markdown,
                    word.1,
                    Place {
                        line_start: place.line_start && word.0 == 0,
                        ..place
                    },
                );
            }
        });
    }

    fn table(&mut self, table: &Table, source: &Range<usize>) {
        if !table.caption.is_empty() {
            self.unit(SegmentKind::Title, source, |this| {
                this.note(table.caption_number);
                this.marked("**", &table.caption);
            });
        }
        let width = table
            .rows
            .iter()
            .map(|row| row.cells.len())
            .max()
            .unwrap_or(0);
        let (head, body) = table.rows.split_at(table.header_rows.min(table.rows.len()));
        self.unit(SegmentKind::TableHeader, source, |this| {
            this.table_head(head, width);
        });
        let headers = |row: &crate::model::Row| row.cells.first().is_some_and(|cell| cell.header);
        let head_column = !body.is_empty() && body.iter().all(headers);
        for row in body {
            self.gap = Gap::Line;
            self.unit(SegmentKind::TableRow, &row.source, |this| {
                this.table_row(row, head_column);
            });
        }
    }
}

/// What a line says that stands for a part of another page.
fn transclusion_label(kind: TransclusionKind) -> &'static str {
    match kind {
        TransclusionKind::Page => "Included page: ",
        TransclusionKind::Excerpt => "Excerpt from: ",
    }
}

/// The name of a box. The editors of Cloud and Data Center mean different things by the
/// same stored name.
fn panel_label(panel: &str, current_editor: bool) -> String {
    let label = match panel {
        "warning" if current_editor => "Error",
        "note" if current_editor => "Warning",
        "tip" if current_editor => "Success",
        "info" => "Info",
        "note" => "Note",
        "warning" => "Warning",
        "tip" => "Tip",
        other => {
            let name = other.strip_prefix("adf-").unwrap_or(other);
            let known = ["info", "note", "tip", "warning", "error", "success"];
            let name = known
                .into_iter()
                .find(|known| *known == name)
                .unwrap_or("panel");
            return name[..1].to_uppercase() + &name[1..];
        }
    };
    label.to_owned()
}
