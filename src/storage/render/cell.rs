//! Table rows, and everything else that has to fit on one line of Markdown.
//!
//! A cell never ends its row: lines become `<br>`, bars are escaped, tables in tables
//! become lines. In text, lines stay lines and cells are separated by tabs.

use std::slice::Iter;

use super::super::plain;
use super::{Break, Renderer, panel_label, transclusion_label};
use crate::model::{Block, BlockKind, Cell, LinkPlace, Property, Row, Table, TaskItem};

enum Flat<'b> {
    Blocks(Iter<'b, Block>),
    Items(Iter<'b, Vec<Block>>, Option<u32>),
    Tasks(Iter<'b, TaskItem>),
    Rows(Iter<'b, Row>),
    Cells(Iter<'b, Cell>, bool),
    Pairs(Iter<'b, Property>),
}

/// Where a flat unit began; at its beginning no separator is due.
#[derive(Clone, Copy)]
struct Origin {
    markdown: usize,
    text: usize,
}

impl Renderer {
    /// The header line and the line below it. Several header rows are joined by column
    /// in Markdown and stay rows in text.
    pub(super) fn table_head(&mut self, head: &[Row], width: usize) {
        if let [row] = head {
            self.table_row(row, false);
        } else {
            self.joined_head(head, width);
        }
        self.next_line();
        self.markdown.push('|');
        (0..width.max(1)).for_each(|_| self.markdown.push_str(" --- |"));
    }

    fn joined_head(&mut self, head: &[Row], width: usize) {
        let text = self.text.len();
        self.markdown.push('|');
        for column in 0..width.max(1) {
            self.markdown.push(' ');
            let start = self.markdown.len();
            let mut last = String::new();
            for cell in head.iter().filter_map(|row| row.cells.get(column)) {
                let before = self.markdown.len();
                if before > start {
                    self.markdown.push_str(" / ");
                }
                let inside = self.markdown.len();
                self.cell(&cell.blocks);
                if self.markdown.len() == inside || self.markdown[inside..] == last {
                    self.markdown.truncate(before);
                    self.cut_link_places(before);
                } else {
                    self.markdown[inside..].clone_into(&mut last);
                }
            }
            self.markdown.push_str(" |");
        }
        self.text.truncate(text);
        for (at, row) in head.iter().enumerate() {
            if at > 0 {
                self.text.push('\n');
            }
            let markdown = self.markdown.len();
            self.table_row(row, false);
            self.markdown.truncate(markdown);
            self.cut_link_places(markdown);
        }
    }

    /// One row. Rows are as wide as the table, except where that would be too much to
    /// write; a short row is as good.
    pub(super) fn table_row(&mut self, row: &Row, head_column: bool) {
        let text = self.text.len();
        self.markdown.push('|');
        for (column, cell) in row.cells.iter().enumerate() {
            self.markdown.push(' ');
            if column > 0 {
                self.text.push('\t');
            }
            let start = self.markdown.len();
            self.cell(&cell.blocks);
            if head_column && column == 0 {
                self.embolden(start);
            }
            self.markdown.push_str(" |");
        }
        let used = self.text[text..].trim_end_matches('\t').len();
        self.text.truncate(text + used);
    }

    /// Makes a cell bold that is not yet.
    fn embolden(&mut self, start: usize) {
        let cell = &self.markdown[start..];
        if !cell.is_empty() && !cell.contains("**") && !cell.contains("<br>") {
            self.markdown.insert_str(start, "**");
            self.markdown.push_str("**");
            let inside = |place: &&mut LinkPlace| place.label.start >= start;
            for place in self.link_places.iter_mut().rev().take_while(inside) {
                place.label.start += "**".len();
                place.label.end += "**".len();
            }
        }
    }

    fn cell(&mut self, blocks: &[Block]) {
        let before = std::mem::replace(&mut self.place.cell, true);
        self.flat(blocks, "<br>");
        self.place.cell = before;
    }

    /// Writes blocks on one line of Markdown, with `separator` between their lines.
    pub(super) fn flat(&mut self, blocks: &[Block], separator: &'static str) {
        let outer = std::mem::replace(&mut self.separator, separator);
        let before = std::mem::replace(&mut self.line_break, Break::Flat);
        let origin = Origin {
            markdown: self.markdown.len(),
            text: self.text.len(),
        };
        let mut stack = vec![Flat::Blocks(blocks.iter())];
        while let Some(work) = stack.pop() {
            match work {
                Flat::Blocks(mut rest) => {
                    if let Some(block) = rest.next() {
                        stack.push(Flat::Blocks(rest));
                        self.flat_block(block, origin, &mut stack);
                    }
                }
                Flat::Items(mut rest, number) => {
                    let Some(item) = rest.next() else { continue };
                    stack.push(Flat::Items(
                        rest,
                        number.map(|number| number.saturating_add(1)),
                    ));
                    let marker =
                        number.map_or_else(|| "- ".to_owned(), |number| format!("{number}. "));
                    self.flat_item(&marker, item, origin, &mut stack);
                }
                Flat::Tasks(mut rest) => {
                    let Some(task) = rest.next() else { continue };
                    stack.push(Flat::Tasks(rest));
                    let marker = if task.done { "[x] " } else { "[ ] " };
                    self.flat_item(marker, &task.blocks, origin, &mut stack);
                }
                Flat::Rows(mut rest) => {
                    let Some(row) = rest.next() else { continue };
                    stack.push(Flat::Rows(rest));
                    stack.push(Flat::Cells(row.cells.iter(), true));
                }
                Flat::Cells(rest, first) => self.flat_cells(rest, first, &mut stack),
                Flat::Pairs(rest) => self.flat_pair(rest, origin, &mut stack),
            }
        }
        self.line_break = before;
        self.separator = outer;
    }

    fn flat_cells<'b>(&mut self, mut rest: Iter<'b, Cell>, first: bool, stack: &mut Vec<Flat<'b>>) {
        let Some(cell) = rest.next() else { return };
        if !first && !cell.blocks.is_empty() {
            self.markdown.push_str(" /");
        }
        stack.push(Flat::Cells(rest, false));
        stack.push(Flat::Blocks(cell.blocks.iter()));
    }

    fn flat_pair<'b>(
        &mut self,
        mut rest: Iter<'b, Property>,
        origin: Origin,
        stack: &mut Vec<Flat<'b>>,
    ) {
        let Some(pair) = rest.next() else { return };
        stack.push(Flat::Pairs(rest));
        self.note_all(&pair.key_numbers);
        self.flat_line(origin);
        self.words(&pair.key);
        if pair.value.is_empty() {
            return self.markdown.push(':');
        }
        self.markdown.push_str(": ");
        stack.push(Flat::Blocks(pair.value.iter()));
    }

    /// A new line inside the unit, unless it has just begun or the line goes on: after a
    /// marker or a key, and between cells of a table in a cell.
    fn flat_line(&mut self, origin: Origin) {
        let written = &self.markdown[origin.markdown..];
        let marker = ["- ", ". ", "[x] ", "[ ] "]
            .iter()
            .any(|mark| written.ends_with(mark));
        let key = written.ends_with(": ");
        let cells = written.ends_with(" /");
        if cells {
            self.markdown.push(' ');
        } else if !written.is_empty() && !marker && !key {
            self.markdown.push_str(self.separator);
        }
        if self.text.len() > origin.text && !self.text.ends_with('\n') && !marker {
            self.text.push(match (cells, key) {
                (true, _) => '\t',
                (_, true) => ' ',
                _ => '\n',
            });
        }
    }

    pub(super) fn flat_break(&mut self) {
        self.markdown.push_str(self.separator);
        self.text.push('\n');
    }

    fn flat_item<'b>(
        &mut self,
        marker: &str,
        blocks: &'b [Block],
        origin: Origin,
        stack: &mut Vec<Flat<'b>>,
    ) {
        if blocks.is_empty() {
            return;
        }
        self.flat_line(origin);
        self.markdown.push_str(marker);
        stack.push(Flat::Blocks(blocks.iter()));
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one flat match over the kinds of block"
    )]
    fn flat_block<'b>(&mut self, block: &'b Block, origin: Origin, stack: &mut Vec<Flat<'b>>) {
        self.note(block.number);
        match &block.kind {
            BlockKind::Heading {
                level,
                index,
                inlines,
            } => {
                let outline = self.outline.clone();
                self.enter_heading(*level, *index);
                self.outline = outline;
                self.flat_line(origin);
                self.marked("**", inlines);
            }
            BlockKind::Paragraph { inlines } => {
                self.flat_line(origin);
                self.inlines(inlines);
            }
            BlockKind::Decision { inlines, .. } => {
                self.flat_line(origin);
                self.markdown.push_str("Decision: ");
                self.inlines(inlines);
            }
            BlockKind::List {
                ordered,
                start,
                items,
            } => {
                stack.push(Flat::Items(items.iter(), ordered.then_some(*start)));
            }
            BlockKind::TaskList { tasks } => stack.push(Flat::Tasks(tasks.iter())),
            BlockKind::Code { title, text, .. } => {
                self.flat_title(title.as_deref(), origin);
                self.flat_code(text, origin);
            }
            BlockKind::Quote { blocks }
            | BlockKind::Definition { blocks }
            | BlockKind::Section { blocks, .. } => stack.push(Flat::Blocks(blocks.iter())),
            BlockKind::Table(table) => self.flat_table(table, origin, stack),
            BlockKind::Panel {
                panel,
                title,
                blocks,
            } => {
                if panel != "panel" {
                    self.flat_line(origin);
                    let label = panel_label(panel, self.meta.current_editor);
                    self.markdown.push_str(&label);
                    self.markdown
                        .push_str(if title.is_empty() { ":" } else { ": " });
                    self.inlines(title);
                } else if !title.is_empty() {
                    self.flat_line(origin);
                    self.marked("**", title);
                }
                stack.push(Flat::Blocks(blocks.iter()));
            }
            BlockKind::Expand { title, blocks } => {
                self.flat_line(origin);
                self.marked("**", title);
                stack.push(Flat::Blocks(blocks.iter()));
            }
            BlockKind::Figure { image, caption } => {
                self.flat_line(origin);
                self.image(image);
                stack.push(Flat::Blocks(caption.iter()));
            }
            BlockKind::Properties { pairs, .. } => stack.push(Flat::Pairs(pairs.iter())),
            BlockKind::Math { tex, .. } => {
                self.flat_line(origin);
                self.inlines(&[crate::model::Inline::Math { tex: tex.clone() }]);
            }
            BlockKind::Diagram { source, title, .. } => {
                match (source, title) {
                    (None, Some(title)) => {
                        self.flat_line(origin);
                        self.markdown.push_str("Diagram: ");
                        self.words(title);
                    }
                    _ => self.flat_title(title.as_deref(), origin),
                }
                self.flat_code(source.as_deref().unwrap_or_default(), origin);
            }
            BlockKind::Transclusion { kind, target, name } => {
                let what = transclusion_label(*kind);
                let label = format!("{what}{}", plain::automatic_label(target));
                self.flat_label(&label, origin);
                self.transclusion(*kind, target, name.as_ref());
            }
            BlockKind::Generated { label, index, .. } => {
                self.flat_label(label.as_deref().unwrap_or_default(), origin);
                self.generated(*index);
            }
            BlockKind::Rule => {}
        }
    }

    fn flat_title(&mut self, title: Option<&str>, origin: Origin) {
        if let Some(title) = title {
            self.flat_line(origin);
            self.words(title);
        }
    }

    fn flat_code(&mut self, text: &str, origin: Origin) {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            self.flat_line(origin);
            self.code(line);
        }
    }

    fn flat_label(&mut self, label: &str, origin: Origin) {
        if label.is_empty() {
            return;
        }
        let text = self.text.len();
        self.flat_line(origin);
        self.words(label);
        self.text.truncate(text);
    }

    fn flat_table<'b>(&mut self, table: &'b Table, origin: Origin, stack: &mut Vec<Flat<'b>>) {
        if !table.caption.is_empty() {
            self.flat_line(origin);
            self.note(table.caption_number);
            self.inlines(&table.caption);
        }
        stack.push(Flat::Rows(table.rows.iter()));
    }
}
