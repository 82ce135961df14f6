//! Tables: rows of cells with spans become a grid.
//!
//! A cell that spans rows is repeated in each of them, so that every row can be read
//! alone; what spans columns stands in the first. Both are bounded, since spans let a
//! small body ask for a huge grid.

use std::ops::Range;

use super::build::Builder;
use super::flow::CellFrame;
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
    pub(super) source: Range<usize>,
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
    size: usize,
}

impl Builder<'_> {
    /// Places a finished table; one cell alone is no table.
    pub(super) fn close_table(&mut self, frame: TableFrame, source: Range<usize>) {
        let TableFrame {
            caption, mut rows, ..
        } = frame;
        if let [RawRow { cells, .. }] = rows.as_mut_slice()
            && let [cell] = cells.as_mut_slice()
        {
            let blocks = std::mem::take(&mut cell.blocks);
            self.append(caption);
            return self.splice(blocks);
        }
        if rows.is_empty() {
            self.append(caption);
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
            header_rows,
            rows,
        };
        self.block(BlockKind::Table(table), source);
    }

    fn grid(&mut self, raw: Vec<RawRow>) -> Vec<Row> {
        let mut carried: Vec<Option<Carried>> = Vec::new();
        let mut rows = Vec::with_capacity(raw.len());
        let mut cells = 0;
        for row in raw {
            let source = row.source;
            let row = self.lay_out(row.cells, &mut carried, MOST_CELLS.saturating_sub(cells));
            cells += row.len();
            rows.push(Row { cells: row, source });
        }
        let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        if width.saturating_mul(rows.len()) > MOST_CELLS {
            self.warnings.note("table_cells_cut", self.offset, "");
            return rows;
        }
        for row in &mut rows {
            row.cells.resize_with(width, Cell::default);
        }
        rows
    }

    fn lay_out(
        &mut self,
        raw: Vec<RawCell>,
        carried: &mut Vec<Option<Carried>>,
        room: usize,
    ) -> Vec<Cell> {
        let mut row = Vec::with_capacity(raw.len());
        for cell in raw {
            self.fill_carried(carried, &mut row);
            put(cell, carried, &mut row, room);
        }
        self.fill_carried(carried, &mut row);
        // What a cell above covers further right, beyond the last cell of this row.
        let last = carried.iter().rposition(Option::is_some);
        while row.len() < room && last.is_some_and(|last| last >= row.len()) {
            row.push(Cell::default());
            self.fill_carried(carried, &mut row);
        }
        row
    }

    /// Repeats the cells from above that cover the next places of this row.
    fn fill_carried(&mut self, carried: &mut [Option<Carried>], row: &mut Vec<Cell>) {
        while let Some(slot) = carried.get_mut(row.len()) {
            let Some(above) = slot else {
                return;
            };
            above.rows -= 1;
            let affordable = self.repeat_budget.checked_sub(above.size);
            let cell = match affordable {
                Some(_) => above.cell.clone(),
                None => Cell {
                    header: above.cell.header,
                    blocks: Vec::new(),
                },
            };
            if affordable.is_none() {
                self.warnings.note("table_span_cut", self.offset, "");
            }
            self.repeat_budget = affordable.unwrap_or(self.repeat_budget);
            row.push(cell);
            if above.rows == 0 {
                *slot = None;
            }
        }
    }
}

fn put(raw: RawCell, carried: &mut Vec<Option<Carried>>, row: &mut Vec<Cell>, room: usize) {
    let RawCell {
        frame,
        blocks,
        source,
    } = raw;
    let header = frame.kind == CellKind::Header;
    let columns = frame.columns.min(room.saturating_sub(row.len())).max(1);
    let first = row.len();
    let cell = Cell { header, blocks };
    if frame.rows > 1 {
        carried.resize_with(carried.len().max(first + columns), || None);
        let size = source.len().max(1);
        let rest = || Cell {
            header,
            blocks: Vec::new(),
        };
        let rows = frame.rows - 1;
        carried[first] = Some(Carried {
            rows,
            cell: cell.clone(),
            size,
        });
        for slot in &mut carried[first + 1..first + columns] {
            *slot = Some(Carried {
                rows,
                cell: rest(),
                size: 1,
            });
        }
    }
    row.push(cell);
    row.extend((1..columns).map(|_| Cell {
        header,
        blocks: Vec::new(),
    }));
}

fn is_header(row: &RawRow) -> bool {
    let all = |cell: &RawCell| cell.frame.kind == CellKind::Header;
    row.in_head || (!row.cells.is_empty() && row.cells.iter().all(all))
}
