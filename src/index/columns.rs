//! The fast columns of a generation, each opened when it is first asked for: opening one
//! costs more than reading what a question needs of it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Searcher, SegmentOrdinal, SegmentReader};

/// The columns of all segments.
pub(crate) struct Columns {
    /// By ordinal of the segment.
    segments: Vec<SegmentColumns>,
}

/// The columns of one segment. A generation never changes, so neither do they.
pub(crate) struct SegmentColumns {
    reader: SegmentReader,
    pub(crate) number: Column<u64>,
    pub(crate) site: Column<u64>,
    opened: Mutex<HashMap<String, Opened>>,
}

#[derive(Clone)]
enum Opened {
    Date(Option<Column<i64>>),
    Text(Option<StrColumn>),
}

impl Columns {
    pub(crate) fn new(searcher: &Searcher) -> tantivy::Result<Self> {
        let segments = searcher.segment_readers().iter().map(SegmentColumns::new);
        Ok(Self {
            segments: segments.collect::<tantivy::Result<_>>()?,
        })
    }

    pub(crate) fn of(&self, segment: SegmentOrdinal) -> &SegmentColumns {
        &self.segments[segment as usize]
    }

    pub(crate) fn by_segment(&self) -> impl Iterator<Item = (SegmentOrdinal, &SegmentColumns)> {
        (0..).zip(&self.segments)
    }

    /// The key of a row, as it is written in the index.
    pub(crate) fn key(&self, address: DocAddress) -> tantivy::Result<String> {
        let column = self.of(address.segment_ord).text("key")?;
        let mut text = String::new();
        if let Some(column) = column
            && let Some(ord) = column.ords().first(address.doc_id)
        {
            column.ord_to_str(ord, &mut text)?;
        }
        Ok(text)
    }
}

impl SegmentColumns {
    fn new(reader: &SegmentReader) -> tantivy::Result<Self> {
        let fast = reader.fast_fields();
        Ok(Self {
            number: fast.u64("number")?,
            site: fast.u64("site")?,
            reader: reader.clone(),
            opened: Mutex::default(),
        })
    }

    /// See [`id_number`](super::rows::id_number); that of the last ids for a row without.
    pub(crate) fn number_of(&self, doc: DocId) -> u64 {
        self.number.first(doc).unwrap_or(u64::MAX)
    }

    /// A column of instants; `None` where no row of the segment has one.
    pub(crate) fn date(&self, name: &str) -> tantivy::Result<Option<Column<i64>>> {
        let open = || Ok(Opened::Date(self.reader.fast_fields().column_opt(name)?));
        match self.opened(name, open)? {
            Opened::Date(column) => Ok(column),
            Opened::Text(_) => Ok(None),
        }
    }

    /// A column of exact terms; `None` where no row of the segment has one.
    pub(crate) fn text(&self, name: &str) -> tantivy::Result<Option<StrColumn>> {
        let open = || Ok(Opened::Text(self.reader.fast_fields().str(name)?));
        match self.opened(name, open)? {
            Opened::Text(column) => Ok(column),
            Opened::Date(_) => Ok(None),
        }
    }

    fn opened(
        &self,
        name: &str,
        open: impl FnOnce() -> tantivy::Result<Opened>,
    ) -> tantivy::Result<Opened> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(column) = opened.get(name) {
            return Ok(column.clone());
        }
        let column = open()?;
        opened.insert(name.to_owned(), column.clone());
        Ok(column)
    }
}
