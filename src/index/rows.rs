//! A document as a row.

use tantivy::TantivyDocument;

use super::bounds::text_bounds;
use super::packed::Packer;
use super::schema::Fields;
use super::tokenizer::{marked, tagged};
use crate::cql::fields::{COLUMNS, Value, text_parts};
use crate::cql::plan::TextField;
use crate::model::{ContentId, Converted, Document, Record};
use crate::ports::{IndexDocument, PortError, PortErrorKind, PortResult};

/// A document as a row.
pub(crate) fn row(
    fields: &Fields,
    packer: &mut Packer,
    item: &IndexDocument,
) -> PortResult<TantivyDocument> {
    let document = &item.document;
    let mut row = TantivyDocument::default();
    let key = document.key();
    row.add_text(fields.key, key.to_string());
    for channel in &document.channels {
        row.add_text(fields.channel, channel);
    }
    for gate in document.lineage() {
        row.add_text(fields.lineage, gate.to_string());
    }
    row.add_text(fields.language, document.language.code());
    row.add_u64(fields.number, id_number(&key.id));
    row.add_u64(fields.site, u64::from(key.site.0));
    add_text(&mut row, fields, item);
    add_columns(&mut row, fields, document);
    let packing =
        |cause| PortError::caused(PortErrorKind::Other, format!("index: pack {key}"), cause);
    let Converted {
        markdown, segments, ..
    } = &document.converted;
    let page = packer.page(&item.summary, segments, markdown);
    row.add_bytes(fields.page, &page.map_err(packing)?);
    let record = Record::of(&document.converted);
    if !record.is_empty() {
        row.add_bytes(fields.record, &packer.json(&record).map_err(packing)?);
    }
    Ok(row)
}

/// Values of one field stand apart by a gap that no phrase crosses.
fn add_text(row: &mut TantivyDocument, fields: &Fields, item: &IndexDocument) {
    let document = &item.document;
    let own = document.converted.text.as_str();
    for text_field in TextField::ALL {
        let field = fields.text_field(text_field);
        for part in text_parts(text_field, document) {
            if part.is_empty() {
                continue;
            }
            // The own text is the one that has passages.
            let text = if text_field == TextField::Text && std::ptr::eq(part, own) {
                let segments = &document.converted.segments;
                let bounds = text_bounds(own, segments, &item.summary.passages);
                marked(document.language, own, &bounds)
            } else {
                tagged(document.language, part)
            };
            row.add_text(field, text);
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
