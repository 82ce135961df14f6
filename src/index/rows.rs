//! A document as rows: the document row first, its passage rows right behind.

use tantivy::TantivyDocument;

use super::schema::{DOCUMENT_ROW, Fields, PASSAGE_ROW};
use super::tokenizer::tagged;
use crate::cql::fields::{COLUMNS, Value, text_parts};
use crate::cql::plan::TextField;
use crate::model::{ContentId, Document, Passage, Summary, pack_units};
use crate::ports::{IndexDocument, PortError, PortErrorKind, PortResult};

/// The rows of a document, in the order they must be written.
pub(crate) fn rows(fields: &Fields, item: &IndexDocument) -> PortResult<Vec<TantivyDocument>> {
    let passages = &item.summary.passages;
    let mut rows = Vec::with_capacity(passages.len() + 1);
    rows.push(document_row(fields, item)?);
    for passage in passages {
        rows.push(passage_row(fields, item, passage));
    }
    Ok(rows)
}

fn document_row(fields: &Fields, item: &IndexDocument) -> PortResult<TantivyDocument> {
    let document = &item.document;
    let mut row = TantivyDocument::default();
    let key = document.key();
    row.add_text(fields.key, key.to_string());
    row.add_text(fields.row, DOCUMENT_ROW);
    for channel in &document.channels {
        row.add_text(fields.channel, channel);
    }
    for gate in document.lineage() {
        row.add_text(fields.lineage, gate.to_string());
    }
    row.add_text(fields.language, document.language.code());
    row.add_u64(fields.number, id_number(&key.id));
    row.add_u64(fields.site, u64::from(key.site.0));
    row.add_u64(fields.passages, item.summary.passages.len() as u64);
    add_text(&mut row, fields, document);
    add_columns(&mut row, fields, document);
    let summary = serde_json::to_string(&item.summary).map_err(|error| {
        PortError::caused(
            PortErrorKind::Other,
            format!("index: write facts of {key}"),
            error,
        )
    })?;
    row.add_text(fields.summary, &summary);
    row.add_text(fields.markdown, &document.converted.markdown);
    row.add_bytes(fields.units, &pack_units(&document.converted.segments));
    Ok(row)
}

/// Values of one field stand apart by a gap that no phrase crosses.
fn add_text(row: &mut TantivyDocument, fields: &Fields, document: &Document) {
    for text_field in TextField::ALL {
        let field = fields.text_field(text_field);
        for part in text_parts(text_field, document) {
            if !part.is_empty() {
                row.add_text(field, tagged(document.language, part));
            }
        }
    }
}

fn add_columns(row: &mut TantivyDocument, fields: &Fields, document: &Document) {
    for (column, field) in COLUMNS.iter().zip(&fields.columns) {
        let most = if column.multi { usize::MAX } else { 1 };
        for value in (column.read)(document).into_iter().take(most) {
            match value {
                Value::Str(text) => row.add_text(*field, text),
                Value::Millis(millis) => row.add_i64(*field, millis),
            }
        }
    }
}

/// Title and headings take part in matching a passage; its text does not repeat them.
fn passage_row(fields: &Fields, item: &IndexDocument, passage: &Passage) -> TantivyDocument {
    let document = &item.document;
    let mut row = TantivyDocument::default();
    row.add_text(fields.key, document.key().to_string());
    row.add_text(fields.row, PASSAGE_ROW);
    let mut text = document.content.title.clone();
    for heading in heading_path(&item.summary, passage.heading) {
        text.push('\n');
        text.push_str(heading);
    }
    text.push('\n');
    text.push_str(
        document
            .converted
            .text
            .get(passage.text.clone())
            .unwrap_or_default(),
    );
    row.add_text(fields.passage, tagged(document.language, &text));
    row
}

/// Headings from the outermost to the given one.
fn heading_path(summary: &Summary, innermost: Option<u32>) -> Vec<&str> {
    let mut path = Vec::new();
    let mut at = innermost;
    while let Some(heading) = at.and_then(|at| summary.headings.get(at as usize)) {
        path.push(heading.text.as_str());
        // A parent stands before its child, so this ends.
        at = heading.parent.filter(|parent| Some(*parent) < at);
    }
    path.reverse();
    path
}

/// A number in the order of ids: numeric ids by number, an attachment after the page of
/// the same number, everything else last.
pub(crate) fn id_number(id: &ContentId) -> u64 {
    id.number().map_or(u64::MAX, |(number, attachment)| {
        number << 1 | u64::from(attachment)
    })
}

/// Undoes [`id_number`]; `None` where the id must be read from the key column.
pub(crate) fn number_id(number: u64) -> Option<ContentId> {
    if number == u64::MAX {
        return None;
    }
    let prefix = if number & 1 == 1 { "att" } else { "" };
    Some(ContentId::new(format!("{prefix}{}", number >> 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_as_numbers_in_order() {
        let ids = ["1", "att1", "2", "4587521", "999999999999999999"].map(ContentId::new);
        let numbers = ids.clone().map(|id| id_number(&id));
        assert!(numbers.is_sorted());
        assert_eq!(numbers.map(number_id), ids.map(Some));
        for odd in ["", "x", "007", "att", "12345678901234567890"] {
            assert_eq!(number_id(id_number(&ContentId::new(odd))), None, "{odd}");
        }
    }
}
