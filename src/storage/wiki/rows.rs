//! Tables: rows, cells, and where they end.
//!
//! A bar at the end of a line ends its row. Without one, the row goes on over further lines
//! as long as a bar is still to come before a blank line or the next row.

use memchr::memchr;

use super::braces::Role;
use super::lex::Kind;
use super::read::{Context, ContextKind, Reader, Row};
use crate::storage::elements::Close;
use crate::storage::scan::Attributes;
use crate::storage::tag::{CellKind, Tag};

impl Reader<'_, '_, '_> {
    /// A row: its first bar stands here.
    pub(super) fn row(&mut self, start: usize) {
        self.end_lists();
        self.place(start, start);
        if self.top().table.is_none() {
            self.end_paragraph();
            self.b.open(Tag::Table, Attributes::default());
        }
        let end = self.last_line_of_row(start);
        self.top().table = Some(Row::Open { end });
        self.b.open(Tag::Row, Attributes::default());
        self.at = start;
        self.cell();
    }

    /// The end of the line in which the last bar of this row stands.
    fn last_line_of_row(&self, start: usize) -> usize {
        let bytes = self.source.as_bytes();
        let mut at = start + 1;
        let mut last = start;
        let mut next = self.braces.partition_point(|brace| brace.start < start);
        let mut first_line = true;
        loop {
            let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
            let line = self.source[at..end].trim_start();
            if !first_line && (line.is_empty() || line.starts_with('|')) {
                break;
            }
            first_line = false;
            // A macro goes on to its end, whatever stands in it.
            let skipped = loop {
                let Some(brace) = self.braces.get(next).filter(|brace| brace.start < end) else {
                    break None;
                };
                next += 1;
                match brace.role {
                    Role::Open { close } if self.braces[close].end > end => {
                        next = close + 1;
                        break Some((brace.start, self.braces[close].end));
                    }
                    Role::Literal(_) if brace.end > end => break Some((brace.start, brace.end)),
                    // The macro around the table ends here.
                    Role::Close { open } if self.braces[open].start < start => {
                        let bar = memchr::memrchr(b'|', &bytes[at..brace.start]);
                        return bar.map_or(last, |_| brace.start).max(last);
                    }
                    _ => {}
                }
            };
            let to = skipped.map_or(end, |(start, _)| start.max(at));
            if memchr::memrchr(b'|', &bytes[at..to]).is_some() {
                last = to;
            }
            match skipped {
                Some((_, after)) => {
                    at = after;
                    first_line = true;
                }
                None if end == bytes.len() => break,
                None => at = end + 1,
            }
        }
        let line = memchr(b'\n', &bytes[last..]);
        line.map_or(bytes.len(), |line| last + line)
    }

    pub(super) fn row_end(&self) -> Option<usize> {
        let around = self.contexts.iter().rev().nth(1)?;
        match around.table {
            Some(Row::Open { end }) => Some(end),
            _ => None,
        }
    }

    /// Opens the cell whose bars stand here.
    fn cell(&mut self) {
        let double = self.source[self.at..].starts_with("||");
        let kind = if double {
            CellKind::Header
        } else {
            CellKind::Data
        };
        self.at += 1 + usize::from(double);
        self.b.open(Tag::Cell(kind), Attributes::default());
        self.contexts.push(Context::new(ContextKind::Cell));
        let rest = &self.source[self.at..];
        let text = rest.trim_start_matches([' ', '\t', '\r']);
        // Blank lines end a row, not white space after a bar.
        if text.starts_with('\n') || text.starts_with('|') {
            self.top().line_start = false;
            self.at += rest.len() - text.len();
        }
    }

    /// A bar in a cell: the cell ends, and with it the row if nothing follows.
    pub(super) fn bar(&mut self) {
        self.end_cell();
        let rest = &self.source[self.at..];
        let after = rest.strip_prefix('|').unwrap_or(rest);
        let after = after.strip_prefix('|').unwrap_or(after);
        let after = after.trim_start_matches([' ', '\t', '\r']);
        let row_ends = after.is_empty() || after.starts_with('\n') || self.ends_here(after);
        if row_ends {
            self.at = self.source.len() - after.len();
            self.end_row();
            return;
        }
        self.cell();
    }

    /// Whether the macro around the table closes where `after` begins.
    fn ends_here(&self, after: &str) -> bool {
        let at = self.source.len() - after.len();
        let piece = self.pieces[self.next_piece..]
            .iter()
            .find(|piece| piece.start >= at);
        piece.is_some_and(|piece| {
            piece.start == at
                && matches!(&piece.kind, Kind::Brace(place)
                    if matches!(self.braces[*place].role, Role::Close { .. }))
        })
    }

    fn end_cell(&mut self) {
        if self.top().kind != ContextKind::Cell {
            return;
        }
        self.end_context();
        self.contexts.pop();
        self.b.close(Close::Flow, Tag::Cell(CellKind::Data));
    }

    /// Ends the row, and the cell that is still open in it.
    pub(super) fn end_row(&mut self) {
        self.end_cell();
        if let Some(Row::Open { .. }) = self.top().table {
            self.top().table = Some(Row::None);
            self.b.close(Close::Flow, Tag::Row);
        }
    }

    pub(super) fn end_table(&mut self) {
        if self.top().table.is_none() {
            return;
        }
        if let Some(Row::Open { .. }) = self.top().table {
            self.b.close(Close::Flow, Tag::Row);
        }
        self.top().table = None;
        self.b.close(Close::Flow, Tag::Table);
    }
}
