//! Where the blocks of a body inside the body stand: where that body does.

use std::ops::Range;

use crate::model::{Block, BlockKind};

/// Puts these blocks and everything in them at one place, without recursion.
pub(super) fn all_at(blocks: &mut [Block], place: &Range<usize>) {
    let mut open = vec![blocks];
    while let Some(blocks) = open.pop() {
        for block in blocks {
            block.source = place.clone();
            enter(&mut block.kind, place, &mut open);
        }
    }
}

fn enter<'b>(kind: &'b mut BlockKind, place: &Range<usize>, open: &mut Vec<&'b mut [Block]>) {
    match kind {
        BlockKind::List { items, .. } => open.extend(items.iter_mut().map(Vec::as_mut_slice)),
        BlockKind::TaskList { tasks } => {
            open.extend(tasks.iter_mut().map(|task| task.blocks.as_mut_slice()));
        }
        BlockKind::Table(table) => {
            for row in &mut table.rows {
                row.source = place.clone();
                let cells = row.cells.iter_mut();
                open.extend(cells.map(|cell| cell.blocks.as_mut_slice()));
            }
        }
        BlockKind::Properties { pairs, .. } => {
            open.extend(pairs.iter_mut().map(|pair| pair.value.as_mut_slice()));
        }
        BlockKind::Quote { blocks }
        | BlockKind::Definition { blocks }
        | BlockKind::Panel { blocks, .. }
        | BlockKind::Expand { blocks, .. }
        | BlockKind::Section { blocks, .. }
        | BlockKind::Figure {
            caption: blocks, ..
        } => open.push(blocks),
        BlockKind::Heading { .. }
        | BlockKind::Paragraph { .. }
        | BlockKind::Code { .. }
        | BlockKind::Rule
        | BlockKind::Math { .. }
        | BlockKind::Diagram { .. }
        | BlockKind::Transclusion { .. }
        | BlockKind::Generated { .. }
        | BlockKind::Decision { .. } => {}
    }
}
