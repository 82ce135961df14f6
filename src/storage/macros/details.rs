//! Page properties: tables that other pages report on, as keys with values.

use std::slice::IterMut;

use super::super::plain;
use super::{Builder, MacroCall, MacroRule};
use crate::model::{Block, BlockKind, Cell, Property, PropertyText, Row, Table};

/// Bytes of the id of page properties, which each of them repeats.
const LONGEST_GROUP: usize = 200;

/// Page properties.
pub(super) struct Details;

impl MacroRule for Details {
    fn names(&self) -> &'static [&'static str] {
        &["details"]
    }

    fn doc(&self) -> &'static str {
        "Its tables as one line for each property; recorded by key."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="details"><ac:rich-text-body><table><tbody><tr><th>Owner:</th><td>Mira</td></tr><tr><th>State</th><td>open</td></tr></tbody></table></ac:rich-text-body></ac:structured-macro>"#,
            "**Owner:** Mira\n**State:** open",
        )
    }

    fn convert(&self, mut call: MacroCall, out: &mut Builder<'_>) {
        let mut group = call.line(&["id"]);
        if let Some(group) = &mut group {
            group.truncate(group.floor_char_boundary(LONGEST_GROUP));
        }
        let hidden = call
            .param("hidden")
            .is_some_and(|hidden| hidden.eq_ignore_ascii_case("true"));
        let mut blocks = call.take_rich();
        properties(&mut blocks, group.as_deref(), out);
        for block in &mut blocks {
            block.hidden |= hidden;
        }
        out.splice(blocks);
        out.bodies(call);
    }
}

/// Turns the tables among these blocks, and in boxes and lists among them, into properties.
fn properties(blocks: &mut [Block], group: Option<&str>, out: &mut Builder<'_>) {
    let mut stack = vec![blocks.iter_mut()];
    while let Some(level) = stack.last_mut() {
        let Some(block) = level.next() else {
            stack.pop();
            continue;
        };
        if let BlockKind::Table(table) = &mut block.kind {
            let blocks = read(std::mem::take(table), group, &block.source);
            record(&blocks, out);
            block.kind = BlockKind::Section {
                condition: None,
                language: None,
                blocks,
            };
        } else {
            open(&mut block.kind, &mut stack);
        }
    }
}

fn open<'b>(kind: &'b mut BlockKind, stack: &mut Vec<IterMut<'b, Block>>) {
    match kind {
        BlockKind::Panel { blocks, .. }
        | BlockKind::Expand { blocks, .. }
        | BlockKind::Section { blocks, .. }
        | BlockKind::Definition { blocks }
        | BlockKind::Quote { blocks } => stack.push(blocks.iter_mut()),
        BlockKind::List { items, .. } => {
            stack.extend(items.iter_mut().rev().map(|item| item.iter_mut()));
        }
        _ => {}
    }
}

fn record(blocks: &[Block], out: &mut Builder<'_>) {
    for block in blocks {
        let BlockKind::Properties { group, pairs } = &block.kind else {
            continue;
        };
        for pair in pairs {
            let property = PropertyText {
                group: group.clone(),
                key: pair.key.clone(),
                value: plain::blocks(&pair.value),
            };
            let bytes = property.key.len() + property.value.len();
            match out.property_budget.checked_sub(bytes) {
                Some(left) => {
                    out.property_budget = left;
                    out.meta.properties.push(property);
                }
                None => out
                    .warnings
                    .note("property_too_long", out.offset, &pair.key),
            }
        }
    }
}

/// One table as properties, with the rows that are none as tables in their place.
fn read(table: Table, group: Option<&str>, source: &std::ops::Range<usize>) -> Vec<Block> {
    let Table {
        caption,
        caption_number,
        header_rows,
        rows,
    } = table;
    let make = |kind| Block {
        kind,
        source: source.clone(),
        number: 0,
        hidden: false,
    };
    let mut out = Vec::new();
    if !caption.is_empty() {
        let number = caption_number;
        let caption = make(BlockKind::Paragraph { inlines: caption });
        out.push(Block { number, ..caption });
    }
    let group = group.map(str::to_owned);
    let horizontal = header_rows == 1 && rows.len() == 2 && !starts_with_header(&rows[1]);
    if horizontal {
        let pairs = across(rows);
        out.push(make(BlockKind::Properties { group, pairs }));
        return out;
    }
    let two_columns = header_rows == 0 && rows.iter().all(|row| row.cells.len() == 2);
    for row in rows {
        let keyed = two_columns || starts_with_header(&row) || row.cells.len() == 2;
        match keyed.then(|| key(&row)).flatten() {
            Some(key) => push_pair(&mut out, row, key, group.as_ref(), make),
            None => push_row(&mut out, row, make),
        }
    }
    out
}

fn push_pair(
    out: &mut Vec<Block>,
    row: Row,
    key: String,
    group: Option<&String>,
    make: impl Fn(BlockKind) -> Block,
) {
    let mut cells = row.cells.into_iter();
    let key_numbers = cells
        .next()
        .map(|key| plain::numbers(&key.blocks).collect());
    let key_numbers = key_numbers.unwrap_or_default();
    let value = cells.flat_map(|cell| cell.blocks).collect();
    let pair = Property {
        key,
        key_numbers,
        value,
    };
    if let Some(Block {
        kind: BlockKind::Properties { pairs, .. },
        ..
    }) = out.last_mut()
    {
        pairs.push(pair);
        return;
    }
    out.push(make(BlockKind::Properties {
        group: group.cloned(),
        pairs: vec![pair],
    }));
}

fn push_row(out: &mut Vec<Block>, row: Row, make: impl Fn(BlockKind) -> Block) {
    if row.cells.iter().all(|cell| cell.blocks.is_empty()) {
        return;
    }
    if let Some(Block {
        kind: BlockKind::Table(table),
        ..
    }) = out.last_mut()
    {
        table.rows.push(row);
        return;
    }
    let table = Table {
        rows: vec![row],
        ..Table::default()
    };
    out.push(make(BlockKind::Table(table)));
}

/// Column heads are keys, the only other row holds the values.
fn across(rows: Vec<Row>) -> Vec<Property> {
    let mut rows = rows.into_iter().map(|row| row.cells);
    let heads = rows.next().unwrap_or_default();
    let mut values = rows.next().unwrap_or_default().into_iter();
    let pair = |head: Cell| {
        let value = values.next().map(|cell| cell.blocks).unwrap_or_default();
        Property {
            key: trimmed(&plain::blocks(&head.blocks)),
            key_numbers: plain::numbers(&head.blocks).collect(),
            value,
        }
    };
    let pairs: Vec<Property> = heads.into_iter().map(pair).collect();
    let useful = |pair: &Property| !pair.key.is_empty() || !pair.value.is_empty();
    pairs.into_iter().filter(useful).collect()
}

fn starts_with_header(row: &Row) -> bool {
    row.cells.first().is_some_and(|cell| cell.header)
}

fn key(row: &Row) -> Option<String> {
    let key = trimmed(&plain::blocks(&row.cells.first()?.blocks));
    (!key.is_empty()).then_some(key)
}

/// White space collapsed, without a colon at the end.
fn trimmed(key: &str) -> String {
    let key = key.split_whitespace().collect::<Vec<_>>().join(" ");
    key.trim_end_matches([':', '：']).trim_end().to_owned()
}
