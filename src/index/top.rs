//! The best rows for a sum of words, in one walk.
//!
//! Rows are gone through in windows. The lists of terms that alone may lift a row into the
//! result are added up over a whole window; the others, whose terms are common and so worth
//! little, are looked into for those rows only that come near enough (`MaxScore`, Turtle and
//! Flood 1995, over windows as Lucene has it). As results get better, fewer lists are added
//! up. Neither a filter nor a phrase gets in the way of that, and what differs from the
//! library's own way: scores are whole numbers while they are added up, so the order of
//! adding decides nothing, and rows whose scores are equal to five digits are all kept until
//! their ids are compared.

use std::cmp::Ordering;
use std::sync::Arc;

use tantivy::postings::BlockSegmentPostings;
use tantivy::query::{Scorer, Weight};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocId, Searcher, SegmentOrdinal, TERMINATED};

use super::docs::Docs;
use super::stats::{FieldTerms, Known, Place};

/// Rows that are added up together: their sums fit the nearest cache.
const WINDOW: u32 = if cfg!(test) { 64 } else { 4_096 };
/// Sums that are looked at together: one for each bit.
const BLOCK: usize = u32::BITS as usize;
/// Looking for a row in a list takes as long as adding up so many rows.
const LOOK_UP: usize = 8;

/// A weight in units is at most this: half of the whole numbers that `f32` tells apart.
const LARGEST: f32 = (1_u32 << 22) as f32;
/// A sum is less than this.
const LARGEST_SUM: f32 = (1_u32 << 30) as f32;
/// Added to a number below it, this leaves the nearest whole number in the lowest bits.
const WHOLE: f32 = (1_u32 << 23) as f32;

/// A term and what it is worth in a row that has nothing else.
pub(crate) struct Weighted {
    pub(crate) field: Arc<FieldTerms>,
    pub(crate) known: Arc<Known>,
    pub(crate) weight: f32,
    /// Terms of one word: a row has one of them at most.
    pub(crate) word: usize,
}

/// What is asked: each row's score is the sum of what matches.
pub(crate) struct Sum<'a> {
    pub(crate) terms: Vec<Weighted>,
    /// What is no term: phrases, for one.
    pub(crate) others: Vec<Box<dyn Weight>>,
    /// Rows that may be in the result.
    pub(crate) passing: &'a Docs,
}

impl Sum<'_> {
    /// The `k` best rows and all that are as good as the last of them to five digits, in no
    /// order.
    pub(crate) fn best(
        &self,
        searcher: &Searcher,
        k: usize,
    ) -> tantivy::Result<Vec<(f32, DocAddress)>> {
        let units = self.units();
        let mut best = Best::new(k);
        let mut sums = vec![0; WINDOW as usize];
        for (ordinal, reader) in (0..).zip(searcher.segment_readers()) {
            let mut others = Vec::with_capacity(self.others.len());
            for other in &self.others {
                let scorer = other.scorer(reader, units)?;
                if scorer.doc() != TERMINATED {
                    others.push(scorer);
                }
            }
            let segment = Segment {
                passing: self.passing,
                ordinal,
                rows: reader.max_doc(),
                lists: self.lists(ordinal, units)?,
                others,
                optional: 0,
            };
            segment.walk(&mut sums, &mut best);
        }
        let rows = best.kept.into_iter();
        Ok(rows
            .map(|(sum, address)| (sum as f32 / units, address))
            .collect())
    }

    /// The lists of a segment, by what a row gains at most, rising.
    fn lists(&self, ordinal: SegmentOrdinal, units: f32) -> std::io::Result<Vec<List<'_>>> {
        let place = |term: &'_ Weighted| {
            let place = term.known.place(ordinal)?;
            Some(gain(term.weight * units, place.peak()))
        };
        let there = self.terms.iter();
        let there = there.filter_map(|term| Some((place(term)?, term)));
        let mut there: Vec<(i32, &Weighted)> = there.collect();
        there.sort_by_key(|(most, _)| *most);
        // The most that rows gain by the lists so far, of each word and altogether.
        let mut words: Vec<(usize, i32)> = Vec::new();
        let mut together = 0;
        let mut lists = Vec::with_capacity(there.len());
        for (most, term) in there {
            let at = words.iter().position(|(word, _)| *word == term.word);
            let at = at.unwrap_or_else(|| {
                words.push((term.word, 0));
                words.len() - 1
            });
            together += most - std::mem::replace(&mut words[at].1, most);
            lists.extend(List::open(term, ordinal, units, together)?);
        }
        Ok(lists)
    }

    /// Units of a score of 1: a power of two, so that only digits are cut off.
    fn units(&self) -> f32 {
        // A phrase is worth a few words.
        let others = if self.others.is_empty() { 0.0 } else { 256.0 };
        let weights = self.terms.iter().map(|term| term.weight);
        let most = weights.fold(others, f32::max).max(f32::MIN_POSITIVE);
        let count = (self.terms.len() + self.others.len()).max(1) as f32;
        let largest = LARGEST.min(LARGEST_SUM / count);
        (largest / most).log2().floor().exp2()
    }
}

/// The rows of one term in one segment.
struct List<'a> {
    postings: BlockSegmentPostings,
    /// Place in the block that is read.
    at: usize,
    field: &'a FieldTerms,
    place: &'a Place,
    segment: SegmentOrdinal,
    /// In units.
    weight: f32,
    /// Most that a row gains by this list and those before it, in units.
    together: i32,
    /// Highest share of the weight so far.
    peak: f32,
    /// Whether every row so far was gone through.
    whole: bool,
}

impl<'a> List<'a> {
    fn open(
        term: &'a Weighted,
        segment: SegmentOrdinal,
        units: f32,
        together: i32,
    ) -> std::io::Result<Option<Self>> {
        let Some(place) = term.known.place(segment) else {
            return Ok(None);
        };
        let index = term.field.index(segment);
        let option = IndexRecordOption::WithFreqs;
        Ok(Some(Self {
            postings: index.read_block_postings_from_terminfo(&place.info, option)?,
            at: 0,
            field: &term.field,
            place,
            segment,
            weight: term.weight * units,
            together,
            peak: 0.0,
            whole: true,
        }))
    }

    fn doc(&self) -> DocId {
        self.postings
            .docs()
            .get(self.at)
            .copied()
            .unwrap_or(TERMINATED)
    }

    /// Adds the gains of all rows from `start` up to `end`.
    fn add_up(&mut self, sums: &mut [i32], start: DocId, end: DocId) {
        if self.doc() < start {
            self.seek(start);
        }
        let (norms, lengths) = (&*self.field.norms, self.field.lengths(self.segment));
        let (weight, mut peak) = (self.weight, self.peak);
        loop {
            let docs = self.postings.docs();
            let Some(last) = docs.last() else { break };
            let until = if *last < end {
                docs.len()
            } else {
                self.at + docs[self.at..].partition_point(|doc| *doc < end)
            };
            let here = self.at..until;
            let rows = docs[here.clone()].iter().zip(&self.postings.freqs()[here]);
            for (doc, frequency) in rows {
                let norm = norms[usize::from(lengths.fieldnorm_id(*doc))];
                let share = share(*frequency, norm);
                if share > peak {
                    peak = share;
                }
                sums[(doc - start) as usize] += gain(weight, share);
            }
            self.at = until;
            if until < docs.len() {
                self.peak = peak;
                return;
            }
            self.postings.advance();
            self.at = 0;
        }
        self.peak = peak;
        if self.whole {
            self.place.set_peak(peak);
        }
    }

    /// About how many rows it has among so many.
    fn rows_in(&self, rows: usize) -> usize {
        let all = self.field.lengths(self.segment).num_docs().max(1);
        let share = u64::from(self.place.info.doc_freq) * rows as u64 / u64::from(all);
        usize::try_from(share).unwrap_or(usize::MAX)
    }

    /// What a row gains by this term. Rows are asked for in order.
    fn gain_of(&mut self, doc: DocId) -> i32 {
        if self.doc() < doc {
            self.seek(doc);
        }
        if self.doc() != doc {
            return 0;
        }
        let length = self.field.lengths(self.segment).fieldnorm_id(doc);
        let frequency = self.postings.freq(self.at);
        gain(
            self.weight,
            share(frequency, self.field.norms[usize::from(length)]),
        )
    }

    /// To the first row from `target` on.
    fn seek(&mut self, target: DocId) {
        self.whole = false;
        let docs = self.postings.docs();
        match docs.last() {
            Some(last) if *last >= target => {
                self.at += docs[self.at..].partition_point(|doc| *doc < target);
            }
            Some(_) => self.at = self.postings.seek(target),
            None => {}
        }
    }
}

/// The share of a term's weight that a row gains.
fn share(frequency: u32, norm: f32) -> f32 {
    let frequency = frequency as f32;
    frequency / (frequency + norm)
}

/// In units, at least one: a row that matches never gains nothing.
fn gain(weight: f32, share: f32) -> i32 {
    let bits = (weight * share + WHOLE).to_bits() - WHOLE.to_bits();
    bits.cast_signed() + 1
}

/// One segment on the way.
struct Segment<'a> {
    passing: &'a Docs,
    ordinal: SegmentOrdinal,
    rows: u32,
    /// By what a row gains at most, rising.
    lists: Vec<List<'a>>,
    others: Vec<Box<dyn Scorer>>,
    /// So many of the first lists cannot lift a row into the result together.
    optional: usize,
}

impl Segment<'_> {
    fn walk(mut self, sums: &mut [i32], best: &mut Best) {
        let mut start = 0;
        while let Some(next) = self.next_row(start, best.floor) {
            start = next;
            let end = start.saturating_add(WINDOW).min(self.rows);
            self.window(sums, start, end, best);
            start = end;
        }
    }

    /// The first row from `start` on that may be in the result.
    fn next_row(&mut self, start: DocId, floor: i32) -> Option<DocId> {
        self.optional = self.lists.partition_point(|list| list.together < floor);
        let lists = self.lists[self.optional..].iter().map(List::doc);
        let others = self.others.iter().map(|other| other.doc());
        let next = lists.chain(others).min()?.max(start);
        if next >= self.rows {
            return None;
        }
        self.passing.next(self.ordinal, next)
    }

    fn window(&mut self, sums: &mut [i32], start: DocId, end: DocId, best: &mut Best) {
        let sums = &mut sums[..(end - start) as usize];
        sums.fill(0);
        let (optional, lists) = self.lists.split_at_mut(self.optional);
        for list in lists {
            list.add_up(sums, start, end);
        }
        for other in &mut self.others {
            add_up(&mut **other, sums, start, end);
        }
        let optional = dense_added(optional, sums, start, end, best.floor);
        let together = together(optional);
        let starts = (start..end).step_by(BLOCK);
        for (first, block) in starts.zip(sums.chunks(BLOCK)) {
            let mut near = at_least(block, (best.floor - together).max(1));
            while near != 0 {
                let place = near.trailing_zeros();
                near &= near - 1;
                let address = DocAddress::new(self.ordinal, first + place);
                let sum = block[place as usize];
                if self.passing.contains(address)
                    && let Some(sum) = completed(optional, first + place, sum, best.floor)
                {
                    best.add(sum, address);
                }
            }
        }
    }
}

/// The most that a row gains by these lists.
fn together(lists: &[List<'_>]) -> i32 {
    lists.last().map_or(0, |list| list.together)
}

/// Which sums of a block are at least so much, as bits.
fn at_least(block: &[i32], least: i32) -> u32 {
    let bits = (0..)
        .zip(block)
        .map(|(place, sum)| u32::from(*sum >= least) << place);
    bits.fold(0, |all: u32, bit: u32| all | bit)
}

/// Adds up optional lists, the most worth first, as long as looking into one for each row that
/// comes near enough would cost more. Returns those that are left.
fn dense_added<'l, 'a>(
    optional: &'l mut [List<'a>],
    sums: &mut [i32],
    start: DocId,
    end: DocId,
    floor: i32,
) -> &'l mut [List<'a>] {
    let mut left = optional.len();
    while left > 0 {
        let list = &mut optional[left - 1];
        let least = (floor - list.together).max(1);
        let near = sums.iter().filter(|sum| **sum >= least).count();
        if near * LOOK_UP < list.rows_in(sums.len()) {
            break;
        }
        list.add_up(sums, start, end);
        left -= 1;
    }
    &mut optional[..left]
}

/// The whole sum of a row; nothing where it cannot reach `floor`.
fn completed(optional: &mut [List<'_>], doc: DocId, mut sum: i32, floor: i32) -> Option<i32> {
    for list in optional.iter_mut().rev() {
        if sum + list.together < floor {
            return None;
        }
        sum += list.gain_of(doc);
    }
    (sum >= floor).then_some(sum)
}

fn add_up(other: &mut dyn Scorer, sums: &mut [i32], start: DocId, end: DocId) {
    let mut doc = other.doc();
    if doc < start {
        doc = other.seek(start);
    }
    while doc < end {
        let score = other.score().min(LARGEST);
        sums[(doc - start) as usize] += gain(score, 1.0);
        doc = other.advance();
    }
}

/// The best rows so far.
struct Best {
    k: usize,
    kept: Vec<(i32, DocAddress)>,
    /// From so many on they are thinned out.
    full: usize,
    /// What a row must have to be in the result.
    floor: i32,
}

impl Best {
    fn new(k: usize) -> Self {
        Self {
            k,
            kept: Vec::new(),
            full: k.saturating_mul(2).max(32),
            floor: 1,
        }
    }

    fn add(&mut self, sum: i32, address: DocAddress) {
        self.kept.push((sum, address));
        if self.kept.len() >= self.full {
            self.thin_out();
            // Where very many are as good as the last one, not at each of them.
            self.full = self.full.max(2 * self.kept.len());
        }
    }

    fn thin_out(&mut self) {
        let falling = |a: &(i32, DocAddress), b: &(i32, DocAddress)| -> Ordering { b.0.cmp(&a.0) };
        let (_, last, _) = self.kept.select_nth_unstable_by(self.k - 1, falling);
        // Scores that are equal to five digits differ by less than a ten thousandth.
        let floor = last.0 - last.0 / 8_192;
        self.floor = self.floor.max(floor);
        self.kept.retain(|(sum, _)| *sum >= floor);
    }
}
