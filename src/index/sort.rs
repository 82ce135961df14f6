//! The first documents of a set in the order of columns.
//!
//! Within a segment a row is compared by a number that stands for its first key, and by
//! anything else only where those are equal; once `k` rows are kept, most others are
//! passed over after one look. Only the winners' strings are read, to compare between
//! segments. A document without a value comes first when ascending. Ties go by id.

use std::cell::OnceCell;
use std::cmp::Ordering;

use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId};

use super::columns::{Columns, SegmentColumns};
use super::docs::Docs;

/// Rows looked at together.
const BLOCK: usize = 128;

/// One key of the order: an index field and its direction.
#[derive(Debug, Clone)]
pub(crate) struct ColumnKey {
    pub(crate) field: String,
    pub(crate) date: bool,
    pub(crate) descending: bool,
}

/// The first `k` rows of a set.
pub(crate) fn first(
    columns: &Columns,
    docs: &Docs,
    keys: &[ColumnKey],
    k: usize,
) -> tantivy::Result<Vec<DocAddress>> {
    if k == 0 {
        return Ok(Vec::new());
    }
    let mut winners = Vec::new();
    for (ordinal, segment) in columns.by_segment() {
        let mut first = FirstOfSegment::new(segment, keys, k)?;
        first.take(docs.in_segment(ordinal));
        for doc in first.kept() {
            let address = DocAddress::new(ordinal, doc);
            winners.push(first.winner(columns, address)?);
        }
    }
    let descending: Vec<bool> = keys.iter().map(|key| key.descending).collect();
    winners.sort_by(|a, b| a.compare(b, &descending));
    let winners = winners.into_iter().take(k);
    Ok(winners.map(|winner| winner.address).collect())
}

/// A value as it compares between segments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum SortValue {
    Missing,
    Number(u64),
    Text(String),
}

/// One of the first of its segment.
struct Winner<'a> {
    values: Vec<SortValue>,
    number: u64,
    address: DocAddress,
    columns: &'a Columns,
    /// Read where the number does not tell rows apart.
    key: OnceCell<String>,
}

impl Winner<'_> {
    fn compare(&self, other: &Self, descending: &[bool]) -> Ordering {
        let values = self.values.iter().zip(&other.values);
        for ((a, b), descending) in values.zip(descending) {
            let order = directed(a.cmp(b), *descending);
            if order != Ordering::Equal {
                return order;
            }
        }
        let by_number = self.number.cmp(&other.number);
        by_number.then_with(|| self.key().cmp(other.key()))
    }

    fn key(&self) -> &str {
        // A key that cannot be read is found out when the row is.
        self.key
            .get_or_init(|| self.columns.key(self.address).unwrap_or_default())
    }
}

fn directed(order: Ordering, descending: bool) -> Ordering {
    if descending { order.reverse() } else { order }
}

enum KeyColumn {
    Date(Option<Column<i64>>),
    Text(Option<StrColumn>),
}

impl KeyColumn {
    fn open(segment: &SegmentColumns, key: &ColumnKey) -> tantivy::Result<Self> {
        Ok(if key.date {
            Self::Date(segment.date(&key.field)?)
        } else {
            Self::Text(segment.text(&key.field)?)
        })
    }

    /// Numbers that order rows of this segment; 0 for no value.
    fn ranks(&self, docs: &[DocId], ranks: &mut [u64]) {
        match self {
            Self::Date(Some(column)) => {
                let mut values = [None; BLOCK];
                column.first_vals(docs, &mut values[..docs.len()]);
                for (rank, value) in ranks.iter_mut().zip(values) {
                    *rank = value.map_or(0, |at| rank_of(at.cast_unsigned() ^ (1 << 63)));
                }
            }
            Self::Text(Some(column)) => {
                let mut values = [None; BLOCK];
                column.ords().first_vals(docs, &mut values[..docs.len()]);
                for (rank, value) in ranks.iter_mut().zip(values) {
                    *rank = value.map_or(0, rank_of);
                }
            }
            Self::Date(None) | Self::Text(None) => ranks[..docs.len()].fill(0),
        }
    }

    fn rank(&self, doc: DocId) -> u64 {
        let mut rank = [0];
        self.ranks(&[doc], &mut rank);
        rank[0]
    }

    fn value(&self, rank: u64) -> tantivy::Result<SortValue> {
        let Some(value) = rank.checked_sub(1) else {
            return Ok(SortValue::Missing);
        };
        let Self::Text(column) = self else {
            return Ok(SortValue::Number(value));
        };
        let mut text = String::new();
        if let Some(column) = column {
            column.ord_to_str(value, &mut text)?;
        }
        Ok(SortValue::Text(text))
    }
}

fn rank_of(value: u64) -> u64 {
    value.saturating_add(1)
}

/// A row and the rank of its first key, turned round where that descends.
type Kept = (u64, DocId);

/// The first `k` of one segment.
struct FirstOfSegment<'a> {
    segment: &'a SegmentColumns,
    key: Option<StrColumn>,
    columns: Vec<(KeyColumn, bool)>,
    k: usize,
    kept: Vec<Kept>,
    /// The last of `k` rows that were kept: what comes after it is not among the first.
    worst: Option<Kept>,
}

impl<'a> FirstOfSegment<'a> {
    fn new(segment: &'a SegmentColumns, keys: &[ColumnKey], k: usize) -> tantivy::Result<Self> {
        let open = |key: &ColumnKey| Ok((KeyColumn::open(segment, key)?, key.descending));
        Ok(Self {
            segment,
            key: segment.text("key")?,
            columns: keys.iter().map(open).collect::<tantivy::Result<_>>()?,
            k,
            kept: Vec::new(),
            worst: None,
        })
    }

    fn take(&mut self, docs: impl Iterator<Item = DocId>) {
        let mut block = Vec::with_capacity(BLOCK);
        for doc in docs {
            block.push(doc);
            if block.len() == BLOCK {
                self.take_block(&block);
                block.clear();
            }
        }
        self.take_block(&block);
        self.prune();
    }

    fn take_block(&mut self, block: &[DocId]) {
        let mut ranks = [0; BLOCK];
        if let Some((column, descending)) = self.columns.first() {
            column.ranks(block, &mut ranks);
            if *descending {
                ranks.iter_mut().for_each(|rank| *rank = u64::MAX - *rank);
            }
        }
        for row in ranks.into_iter().zip(block.iter().copied()) {
            let beaten = |worst| self.compare(row, worst) == Ordering::Greater;
            if !self.worst.is_some_and(beaten) {
                self.kept.push(row);
            }
        }
        if self.kept.len() >= 2 * self.k + BLOCK {
            self.prune();
        }
    }

    fn prune(&mut self) {
        if self.kept.len() <= self.k {
            return;
        }
        let mut kept = std::mem::take(&mut self.kept);
        kept.select_nth_unstable_by(self.k - 1, |a, b| self.compare(*a, *b));
        kept.truncate(self.k);
        self.worst = kept.last().copied();
        self.kept = kept;
    }

    fn compare(&self, a: Kept, b: Kept) -> Ordering {
        a.0.cmp(&b.0).then_with(|| self.compare_rest(a.1, b.1))
    }

    fn compare_rest(&self, a: DocId, b: DocId) -> Ordering {
        for (column, descending) in self.columns.iter().skip(1) {
            let order = directed(column.rank(a).cmp(&column.rank(b)), *descending);
            if order != Ordering::Equal {
                return order;
            }
        }
        let numbers = self.segment.number_of(a).cmp(&self.segment.number_of(b));
        numbers.then_with(|| self.key_rank(a).cmp(&self.key_rank(b)))
    }

    fn key_rank(&self, doc: DocId) -> Option<u64> {
        self.key.as_ref()?.ords().first(doc)
    }

    fn kept(&self) -> impl Iterator<Item = DocId> + '_ {
        self.kept.iter().map(|(_, doc)| *doc)
    }

    fn winner<'c>(&self, columns: &'c Columns, address: DocAddress) -> tantivy::Result<Winner<'c>> {
        let values = self.columns.iter();
        let values = values.map(|(column, _)| column.value(column.rank(address.doc_id)));
        Ok(Winner {
            values: values.collect::<tantivy::Result<_>>()?,
            number: self.segment.number_of(address.doc_id),
            address,
            columns,
            key: OnceCell::new(),
        })
    }
}
