//! What is served of a document, packed: each document alone, so that reading one unpacks
//! nothing else.
//!
//! The library's own store packs blocks of several documents and sets up its unpacker anew
//! for each, which took most of the time of an answer.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use serde::de::DeserializeOwned;
use tantivy::DocId;
use tantivy::schema::Field;
use tantivy::schema::document::{
    DeserializeError, DocumentDeserialize, DocumentDeserializer, ValueDeserialize,
    ValueDeserializer,
};
use tantivy::store::StoreReader;
use zstd::bulk::{Compressor, Decompressor};

use crate::model::{
    Brief, Segment, Summary, pack_headings, pack_passages, pack_units, unpack_headings,
    unpack_passages, unpack_units,
};
use crate::ports::Fetched;

const LEVEL: i32 = 1;

/// Facts, headings, passages and segments of a page, before its Markdown.
const PARTS: usize = 4;

/// Bytes of the lengths of the parts, at the beginning of a page.
const LENGTHS: usize = 4 * PARTS;

/// Longest page that is unpacked, in bytes: a body is at most 20 MB, and its Markdown not
/// many times that.
const MOST: usize = 1 << 30;

/// Why a document could not be packed or unpacked.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Packs what is served of documents.
pub(super) struct Packer {
    compressor: Compressor<'static>,
    plain: Vec<u8>,
}

impl Packer {
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self {
            compressor: Compressor::new(LEVEL)?,
            plain: Vec::new(),
        })
    }

    /// Facts, headings, passages, ranges of the segments, and the Markdown, in this order; the
    /// lengths of all but the last stand before them.
    pub(super) fn page(
        &mut self,
        summary: &Summary,
        segments: &[Segment],
        markdown: &str,
    ) -> Result<Vec<u8>, Cause> {
        let Self { compressor, plain } = self;
        plain.clear();
        plain.extend([0; LENGTHS]);
        serde_json::to_writer(&mut *plain, summary)?;
        let facts = plain.len() - LENGTHS;
        let headings = pack_headings(&summary.headings);
        let passages = pack_passages(&summary.passages);
        let units = pack_units(segments);
        let lengths: [usize; PARTS] = [facts, headings.len(), passages.len(), units.len()];
        for (place, length) in plain.chunks_exact_mut(4).zip(lengths) {
            place.copy_from_slice(&u32::try_from(length)?.to_le_bytes());
        }
        for part in [&headings[..], &passages, &units, markdown.as_bytes()] {
            plain.extend_from_slice(part);
        }
        Ok(compressor.compress(plain)?)
    }

    /// Anything as JSON.
    pub(super) fn json(&mut self, value: &impl serde::Serialize) -> Result<Vec<u8>, Cause> {
        self.plain.clear();
        serde_json::to_writer(&mut self.plain, value)?;
        Ok(self.compressor.compress(&self.plain)?)
    }
}

/// Unpacks, for many threads; setting up an unpacker costs more than a page does.
#[derive(Default)]
pub(super) struct Unpacker {
    idle: Mutex<Vec<Decompressor<'static>>>,
}

impl Unpacker {
    pub(super) fn page(&self, packed: &[u8]) -> Result<Fetched, Cause> {
        let plain = self.plain(packed)?;
        let ([facts, headings, passages, units], markdown) = parts(&plain)?;
        let mut summary: Summary = serde_json::from_slice(facts)?;
        summary.headings = unpack_headings(headings);
        summary.passages = unpack_passages(passages);
        Ok(Fetched {
            summary,
            units: unpack_units(units),
            markdown: std::str::from_utf8(markdown)?.to_owned(),
        })
    }

    pub(super) fn brief(&self, packed: &[u8]) -> Result<Brief, Cause> {
        let plain = self.plain(packed)?;
        let ([facts, ..], _) = parts(&plain)?;
        Ok(serde_json::from_slice(facts)?)
    }

    pub(super) fn json<T: DeserializeOwned>(&self, packed: &[u8]) -> Result<T, Cause> {
        Ok(serde_json::from_slice(&self.plain(packed)?)?)
    }

    fn plain(&self, packed: &[u8]) -> Result<Vec<u8>, Cause> {
        let size = Decompressor::upper_bound(packed).ok_or("not packed")?;
        if size > MOST {
            return Err("too long".into());
        }
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle().pop();
        let mut decompressor = match kept {
            Some(decompressor) => decompressor,
            None => Decompressor::new()?,
        };
        let plain = decompressor.decompress(packed, size)?;
        idle().push(decompressor);
        Ok(plain)
    }
}

/// The parts of a page, and the Markdown behind them.
fn parts(plain: &[u8]) -> Result<([&[u8]; PARTS], &[u8]), Cause> {
    let (lengths, mut rest) = plain.split_at_checked(LENGTHS).ok_or("too short")?;
    let mut parts = [&[][..]; PARTS];
    for (part, length) in parts.iter_mut().zip(lengths.chunks_exact(4)) {
        let length = usize::try_from(u32::from_le_bytes(length.try_into()?))?;
        (*part, rest) = rest.split_at_checked(length).ok_or("too short")?;
    }
    Ok((parts, rest))
}

/// The stored bytes of a row, each with its field.
pub(super) struct StoredBytes(Vec<(Field, Vec<u8>)>);

impl StoredBytes {
    /// One value of a row.
    pub(super) fn read(
        store: &StoreReader,
        row: DocId,
        field: Field,
    ) -> tantivy::Result<Option<Vec<u8>>> {
        let bytes = store.get_document_bytes(row)?;
        if let Some(values) = values(&bytes) {
            let found = values.into_iter().find(|(have, _)| *have == field);
            return Ok(found.map(|(_, place)| bytes[place].to_vec()));
        }
        let Self(values) = store.get(row)?;
        let found = values.into_iter().find(|(have, _)| *have == field);
        Ok(found.map(|(_, bytes)| bytes))
    }
}

/// Places of the values in a stored row that has only bytes; `None` for anything else.
///
/// The library reads bytes one by one, which was a quarter of the time of a listing. The
/// row is as it writes it: number of values, and of each its field, kind and length before
/// it. Should that change, it is read the slow way.
fn values(row: &[u8]) -> Option<Vec<(Field, Range<usize>)>> {
    /// Kind of a value that is bytes.
    const BYTES: u8 = 4;
    let mut rest = row;
    let count = number(&mut rest)?;
    let mut values = Vec::with_capacity(count.min(8));
    for _ in 0..count {
        let field = rest.split_off(..4)?;
        let field = Field::from_field_id(u32::from_le_bytes(field.try_into().ok()?));
        if *rest.split_off_first()? != BYTES {
            return None;
        }
        let length = number(&mut rest)?;
        let start = row.len() - rest.len();
        rest.split_off(..length)?;
        values.push((field, start..start + length));
    }
    rest.is_empty().then_some(values)
}

/// A number in groups of seven bits, lowest first; the last byte has the high bit.
fn number(rest: &mut &[u8]) -> Option<usize> {
    let mut number = 0_u64;
    for shift in (0..u64::BITS).step_by(7) {
        let byte = *rest.split_off_first()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 != 0 {
            return usize::try_from(number).ok();
        }
    }
    None
}

/// A value that is bytes.
struct Bytes(Vec<u8>);

impl ValueDeserialize for Bytes {
    fn deserialize<'de, D>(deserializer: D) -> Result<Self, DeserializeError>
    where
        D: ValueDeserializer<'de>,
    {
        deserializer.deserialize_bytes().map(Self)
    }
}

impl DocumentDeserialize for StoredBytes {
    fn deserialize<'de, D>(mut deserializer: D) -> Result<Self, DeserializeError>
    where
        D: DocumentDeserializer<'de>,
    {
        let mut found = Vec::new();
        while let Some((field, Bytes(bytes))) = deserializer.next_field::<Bytes>()? {
            found.push((field, bytes));
        }
        Ok(Self(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_pages_are_errors() {
        let mut packer = Packer::new().unwrap();
        let packed = packer.json(&"not a page").unwrap();
        let unpacker = Unpacker::default();
        assert_eq!(unpacker.json::<String>(&packed).unwrap(), "not a page");
        for bytes in [&packed[..], &packed[..packed.len() / 2], b"", b"plain"] {
            assert!(unpacker.page(bytes).is_err());
            assert!(unpacker.brief(bytes).is_err());
        }
    }

    #[test]
    fn rows_are_read_as_the_library_writes_them() {
        use tantivy::schema::{STORED, Schema};

        let mut builder = Schema::builder();
        let fields = ["a", "b"].map(|name| builder.add_bytes_field(name, STORED));
        let index = tantivy::Index::create_in_ram(builder.build());
        let mut writer = index.writer_with_num_threads(1, 20 << 20).unwrap();
        let long = vec![7; 70_000];
        for bytes in [&b"x"[..], b"", &long] {
            let mut row = tantivy::TantivyDocument::default();
            row.add_bytes(fields[0], bytes);
            row.add_bytes(fields[1], b"second");
            writer.add_document(row).unwrap();
        }
        writer
            .add_document(tantivy::TantivyDocument::default())
            .unwrap();
        writer.commit().unwrap();
        let searcher = index.reader().unwrap().searcher();
        let store = searcher.segment_reader(0).get_store_reader(0).unwrap();
        let read = |row, field| StoredBytes::read(&store, row, field).unwrap();
        for (row, bytes) in (0..).zip([&b"x"[..], b"", &long]) {
            assert_eq!(read(row, fields[0]).as_deref(), Some(bytes));
            assert_eq!(read(row, fields[1]).as_deref(), Some(&b"second"[..]));
            let stored = store.get_document_bytes(row).unwrap();
            assert_eq!(values(&stored).unwrap().len(), 2);
            for end in 0..stored.len().min(100) {
                assert!(values(&stored[..end]).is_none());
            }
        }
        assert_eq!(read(3, fields[0]), None);
    }
}
