//! Tables: rows of cells with spans become a grid.
//!
//! A cell that spans rows is repeated in each of them, so that every row can be read
//! alone; what spans columns stands in the first. Both are bounded, since spans let a
//! small body ask for a huge grid.

use std::ops::Range;

use super::build::Builder;
use super::flow::CellFrame;
use super::plain::{self, Leaf, Leaves, Subtasks};
use super::scan::Attributes;
use super::tag::CellKind;
use crate::model::{Block, BlockKind, Cell, Inline, Row, Table};

/// Largest span of a cell.
const LARGEST_SPAN: usize = 1000;
/// Cells of one table after spans were laid out.
const MOST_CELLS: usize = 200_000;

/// A table and its rows so far.
#[derive(Debug, Default)]
pub(super) struct TableFrame {
    pub(super) caption: Vec<Inline>,
    pub(super) caption_number: u32,
    pub(super) rows: Vec<RawRow>,
    pub(super) in_head: bool,
}

/// A row as written.
#[derive(Debug)]
pub(super) struct RawRow {
    pub(super) cells: Vec<RawCell>,
    pub(super) in_head: bool,
    pub(super) source: Range<usize>,
}

/// A cell as written.
#[derive(Debug)]
pub(super) struct RawCell {
    pub(super) frame: CellFrame,
    pub(super) blocks: Vec<Block>,
}

/// What a `td` or `th` says of itself.
pub(super) fn cell(kind: CellKind, attributes: Attributes<'_>) -> CellFrame {
    let plain = !attributes.mention("span");
    let span = |name: &str| {
        if plain {
            1
        } else {
            read_span(attributes, name)
        }
    };
    CellFrame {
        kind,
        columns: span("colspan"),
        rows: span("rowspan"),
    }
}

fn read_span(attributes: Attributes<'_>, name: &str) -> usize {
    let value = attributes.get(name);
    let value = value.and_then(|value| value.trim().parse::<usize>().ok());
    value.unwrap_or(1).clamp(1, LARGEST_SPAN)
}

/// A cell that still covers rows below.
struct Carried {
    rows: usize,
    cell: Cell,
    weight: usize,
}

impl Builder<'_> {
    /// Places a finished table; one cell alone is no table.
    pub(super) fn close_table(&mut self, frame: TableFrame, source: Range<usize>) {
        let TableFrame {
            caption,
            caption_number,
            mut rows,
            ..
        } = frame;
        if let [RawRow { cells, .. }] = rows.as_mut_slice()
            && let [cell] = cells.as_mut_slice()
        {
            let blocks = std::mem::take(&mut cell.blocks);
            self.append(caption, caption_number);
            return self.splice(blocks);
        }
        if rows.is_empty() {
            self.append(caption, caption_number);
            return self.flush();
        }
        let header_rows = rows.iter().take_while(|row| is_header(row)).count();
        let rows = self.grid(rows);
        // A table of headers only has no header above anything.
        let header_rows = if header_rows == rows.len() && rows.len() > 1 {
            1
        } else {
            header_rows
        };
        let table = Table {
            caption,
            caption_number,
            header_rows,
            rows,
        };
        self.block(BlockKind::Table(table), source);
    }

    fn grid(&mut self, raw: Vec<RawRow>) -> Vec<Row> {
        let mut grid = Grid {
            carried: Vec::new(),
            room: MOST_CELLS,
            budget: self.repeat_budget,
            short: false,
            width: 0,
        };
        let mut rows: Vec<Row> = Vec::with_capacity(raw.len());
        for row in raw {
            let source = row.source;
            let cells = grid.lay_out(row.cells);
            rows.push(Row { cells, source });
        }
        self.repeat_budget = grid.budget;
        if grid.short {
            self.warnings.note("table_span_cut", self.offset, "");
        }
        let width = grid.width;
        if width.saturating_mul(rows.len()) > MOST_CELLS {
            self.warnings.note("table_cells_cut", self.offset, "");
            for row in &mut rows {
                row.cells.truncate(width);
            }
            return rows;
        }
        for row in &mut rows {
            row.cells.resize_with(width, Cell::default);
        }
        rows
    }
}

/// Lays rows out one after the other.
struct Grid {
    carried: Vec<Option<Carried>>,
    /// Cells that spans may still add.
    room: usize,
    /// Weight of what may still be repeated. Tables in repeated cells repeat cells of
    /// their own, so without this a small body could double with every level.
    budget: usize,
    /// Something was not repeated.
    short: bool,
    /// Columns in which a cell begins. Cells often span more than there are, to be sure to
    /// span all.
    width: usize,
}

impl Grid {
    fn lay_out(&mut self, raw: Vec<RawCell>) -> Vec<Cell> {
        let mut row = Vec::with_capacity(raw.len());
        for cell in raw {
            self.repeat(&mut row);
            self.width = self.width.max(row.len() + 1);
            self.put(cell, &mut row);
        }
        self.repeat(&mut row);
        // What a cell above covers further right, beyond the last cell of this row.
        let last = self.carried.iter().rposition(Option::is_some);
        while last.is_some_and(|last| last >= row.len()) && self.take_room() {
            row.push(Cell::default());
            self.repeat(&mut row);
        }
        if self.room == 0 {
            self.carried.clear();
        }
        row
    }

    fn take_room(&mut self) -> bool {
        self.short |= self.room == 0;
        let room = self.room;
        self.room = room.saturating_sub(1);
        room > 0
    }

    /// Repeats the cells from above that cover the next places of this row.
    fn repeat(&mut self, row: &mut Vec<Cell>) {
        while matches!(self.carried.get(row.len()), Some(Some(_))) && self.take_room() {
            let Some(Some(above)) = self.carried.get_mut(row.len()) else {
                return;
            };
            above.rows -= 1;
            let cell = match self.budget.checked_sub(above.weight) {
                Some(left) if above.rows > 0 => {
                    self.budget = left;
                    above.cell.clone()
                }
                _ => std::mem::take(&mut above.cell),
            };
            let done = above.rows == 0;
            let place = row.len();
            row.push(cell);
            if done {
                self.carried[place] = None;
            }
        }
    }

    fn put(&mut self, raw: RawCell, row: &mut Vec<Cell>) {
        let RawCell { frame, blocks, .. } = raw;
        let header = frame.kind == CellKind::Header;
        let columns = frame.columns.min(self.room + 1);
        self.room -= columns - 1;
        let cell = Cell { header, blocks };
        if frame.rows > 1 && self.room > 0 {
            self.carry(&cell, frame.rows - 1, row.len()..row.len() + columns);
        }
        row.push(cell);
        row.extend((1..columns).map(|_| empty(header)));
    }

    /// Remembers a cell for the rows below.
    fn carry(&mut self, cell: &Cell, rows: usize, places: Range<usize>) {
        let weight = weigh(&cell.blocks, self.budget);
        let mut copy = empty(cell.header);
        match self.budget.checked_sub(weight) {
            Some(left) => {
                self.budget = left;
                copy.blocks.clone_from(&cell.blocks);
            }
            None => self.short = true,
        }
        let length = self.carried.len().max(places.end);
        self.carried.resize_with(length, || None);
        for slot in &mut self.carried[places.clone()] {
            let cell = empty(cell.header);
            let weight = 1;
            *slot = Some(Carried { rows, cell, weight });
        }
        let cell = copy;
        self.carried[places.start] = Some(Carried { rows, cell, weight });
    }
}

fn empty(header: bool) -> Cell {
    let blocks = Vec::new();
    Cell { header, blocks }
}

/// About how many bytes a copy of these blocks takes; more than `enough` is not counted.
pub(super) fn weigh(blocks: &[Block], enough: usize) -> usize {
    let mut weight = 1;
    let mut text = String::new();
    for leaf in Leaves::new(blocks, Subtasks::Walk) {
        match leaf {
            Leaf::Number(_) => continue,
            Leaf::Text(text) => weight += text.len(),
            Leaf::Inlines(inlines) => {
                plain::inlines(inlines, &mut text);
                weight += text.len();
                text.clear();
            }
        }
        weight += 64;
        if weight > enough {
            break;
        }
    }
    weight
}

fn is_header(row: &RawRow) -> bool {
    let all = |cell: &RawCell| cell.frame.kind == CellKind::Header;
    row.in_head || (!row.cells.is_empty() && row.cells.iter().all(all))
}
