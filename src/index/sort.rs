//! Documents in the order of columns: a collector that keeps the first `k`.
//!
//! Within a segment strings are compared by their place in its dictionary; only the
//! winners' strings are read, to compare between segments. A document without a value
//! comes first when ascending. Ties go by id.

use std::cmp::Ordering;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

/// One key of the order: an index field and its direction.
#[derive(Debug, Clone)]
pub(crate) struct ColumnKey {
    pub(crate) field: String,
    pub(crate) date: bool,
    pub(crate) descending: bool,
}

/// Collects the first `k` documents of an order.
pub(crate) struct FirstSorted {
    pub(crate) keys: Vec<ColumnKey>,
    pub(crate) k: usize,
}

/// A value as it compares between segments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SortValue {
    Missing,
    Number(u64),
    Text(String),
}

/// A document with the values it is sorted by; the last two are its id.
pub(crate) type SortedDoc = (Vec<SortValue>, DocAddress);

impl FirstSorted {
    fn compare(&self, a: &SortedDoc, b: &SortedDoc) -> Ordering {
        let directions = self
            .keys
            .iter()
            .map(|key| key.descending)
            .chain([false, false]);
        for ((a, b), descending) in a.0.iter().zip(&b.0).zip(directions) {
            let order = if descending { b.cmp(a) } else { a.cmp(b) };
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    }
}

impl Collector for FirstSorted {
    type Fruit = Vec<SortedDoc>;
    type Child = FirstSortedSegment;

    fn for_segment(
        &self,
        ordinal: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<FirstSortedSegment> {
        let fast = segment.fast_fields();
        let mut columns = Vec::with_capacity(self.keys.len() + 2);
        for key in &self.keys {
            let column = if key.date {
                KeyColumn::Date(fast.column_opt::<i64>(&key.field)?)
            } else {
                KeyColumn::Text(fast.str(&key.field)?)
            };
            columns.push((column, key.descending));
        }
        columns.push((KeyColumn::Number(fast.u64("number")?), false));
        columns.push((KeyColumn::Text(fast.str("key")?), false));
        Ok(FirstSortedSegment {
            ordinal,
            columns,
            k: self.k,
            kept: Vec::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<Vec<SortedDoc>>) -> tantivy::Result<Vec<SortedDoc>> {
        let mut all: Vec<_> = fruits.into_iter().flatten().collect();
        all.sort_by(|a, b| self.compare(a, b));
        all.truncate(self.k);
        Ok(all)
    }
}

enum KeyColumn {
    Date(Option<Column<i64>>),
    Number(Column<u64>),
    Text(Option<StrColumn>),
}

impl KeyColumn {
    /// A number that orders documents of this segment; 0 for no value.
    fn rank(&self, doc: DocId) -> u64 {
        let rank = match self {
            Self::Date(column) => {
                let value = column.as_ref().and_then(|column| column.first(doc));
                value.map(|millis| millis.cast_unsigned() ^ (1 << 63))
            }
            Self::Number(column) => column.first(doc),
            Self::Text(column) => column.as_ref().and_then(|column| column.ords().first(doc)),
        };
        rank.map_or(0, |rank| rank.saturating_add(1))
    }

    fn value(&self, rank: u64) -> SortValue {
        let Some(rank) = rank.checked_sub(1) else {
            return SortValue::Missing;
        };
        let Self::Text(column) = self else {
            return SortValue::Number(rank);
        };
        let mut text = String::new();
        let known = column
            .as_ref()
            .map(|column| column.ord_to_str(rank, &mut text));
        match known {
            Some(Ok(true)) => SortValue::Text(text),
            _ => SortValue::Missing,
        }
    }
}

/// The first `k` of one segment.
pub(crate) struct FirstSortedSegment {
    ordinal: SegmentOrdinal,
    columns: Vec<(KeyColumn, bool)>,
    k: usize,
    kept: Vec<(Vec<u64>, DocId)>,
}

impl FirstSortedSegment {
    fn prune(&mut self) {
        if self.kept.len() > self.k {
            self.kept.select_nth_unstable(self.k);
            self.kept.truncate(self.k);
        }
    }
}

impl SegmentCollector for FirstSortedSegment {
    type Fruit = Vec<SortedDoc>;

    fn collect(&mut self, doc: DocId, _score: Score) {
        let ranks = self.columns.iter().map(|(column, descending)| {
            let rank = column.rank(doc);
            if *descending { u64::MAX - rank } else { rank }
        });
        self.kept.push((ranks.collect(), doc));
        if self.kept.len() >= 2 * self.k + 1024 {
            self.prune();
        }
    }

    fn harvest(mut self) -> Vec<SortedDoc> {
        self.prune();
        let Self {
            ordinal,
            columns,
            kept,
            ..
        } = self;
        let values = |ranks: Vec<u64>| {
            let pairs = columns.iter().zip(ranks);
            let rank = |descending: bool, rank| if descending { u64::MAX - rank } else { rank };
            pairs
                .map(|((column, down), r)| column.value(rank(*down, r)))
                .collect()
        };
        let address = |doc| DocAddress::new(ordinal, doc);
        kept.into_iter()
            .map(|(ranks, doc)| (values(ranks), address(doc)))
            .collect()
    }
}
