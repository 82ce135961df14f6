//! The best rows for a sum of words, in one walk.
//!
//! Rows are gone through in windows. The lists of terms that alone may lift a row into the
//! result are added up over a whole window; the others, whose terms are common and so worth
//! little, are looked into for those rows only that come near enough (MaxScore, Turtle and
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
const WINDOW: u32 = 4_096;

/// Largest sum of weights, in units of a sum. Half of what fits, so that no sum overflows.
const LARGEST: f32 = (1_u32 << 31) as f32;
/// Most units of a score of 1: more than `f32` tells apart in scores that occur.
const FINEST: f32 = (1_u32 << 20) as f32;

/// A term and what it is worth in a row that has nothing else.
pub(crate) struct Weighted {
    pub(crate) field: Arc<FieldTerms>,
    pub(crate) known: Arc<Known>,
    pub(crate) weight: f32,
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
            let mut lists = Vec::with_capacity(self.terms.len());
            for term in &self.terms {
                if let Some(place) = term.known.place(ordinal) {
                    lists.push(List::open(term, place, ordinal, units)?);
                }
            }
            let mut others = Vec::with_capacity(self.others.len());
            for other in &self.others {
                let scorer = other.scorer(reader, units)?;
                if scorer.doc() != TERMINATED {
                    others.push(scorer);
                }
            }
            // The same weights add up in the same way whatever stood in the question first.
            lists.sort_by(|a, b| a.most.cmp(&b.most));
            let segment = Segment {
                passing: self.passing,
                ordinal,
                rows: reader.max_doc(),
                lists,
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

    /// Units of a score of 1: a power of two, so that only digits are cut off.
    fn units(&self) -> f32 {
        let most: f32 = self.terms.iter().map(|term| term.weight).sum();
        // A phrase is worth its words, and a question has not many.
        let most = 2.0 * most + 1_000.0 * self.others.len() as f32;
        let mut units = FINEST;
        while units > 1.0 && most * units > LARGEST {
            units /= 2.0;
        }
        units
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
    /// Most that a row gains by it, in units.
    most: u32,
    /// Highest share of the weight so far.
    peak: f32,
    /// Whether every row so far was gone through.
    whole: bool,
}

impl<'a> List<'a> {
    fn open(
        term: &'a Weighted,
        place: &'a Place,
        segment: SegmentOrdinal,
        units: f32,
    ) -> std::io::Result<Self> {
        let index = term.field.index(segment);
        let option = IndexRecordOption::WithFreqs;
        let weight = term.weight * units;
        Ok(Self {
            postings: index.read_block_postings_from_terminfo(&place.info, option)?,
            at: 0,
            field: &term.field,
            place,
            segment,
            weight,
            most: gain(weight, place.peak()),
            peak: 0.0,
            whole: true,
        })
    }

    fn doc(&self) -> DocId {
        self.postings.docs().get(self.at).copied().unwrap_or(TERMINATED)
    }

    /// Adds the gains of all rows from `start` up to `end`.
    fn add_up(&mut self, sums: &mut [u32], start: DocId, end: DocId) {
        if self.doc() < start {
            self.seek(start);
        }
        let lengths = self.field.lengths(self.segment);
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
                let norm = self.field.norms[usize::from(lengths.fieldnorm_id(*doc))];
                let share = share(*frequency, norm);
                self.peak = self.peak.max(share);
                sums[(doc - start) as usize] += gain(self.weight, share);
            }
            self.at = until;
            if until < docs.len() {
                return;
            }
            self.postings.advance();
            self.at = 0;
        }
        if self.whole {
            self.place.set_peak(self.peak);
        }
    }

    /// What a row gains by this term. Rows are asked for in order.
    fn gain_of(&mut self, doc: DocId) -> u32 {
        if self.doc() < doc {
            self.seek(doc);
        }
        if self.doc() != doc {
            return 0;
        }
        let length = self.field.lengths(self.segment).fieldnorm_id(doc);
        let frequency = self.postings.freq(self.at);
        gain(self.weight, share(frequency, self.field.norms[usize::from(length)]))
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

/// In units; a row that matches never gains nothing.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "weights are positive and their sum fits"
)]
fn gain(weight: f32, share: f32) -> u32 {
    ((weight * share) as i32 as u32).max(1)
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
    fn walk(mut self, sums: &mut [u32], best: &mut Best) {
        let mut start = 0;
        while let Some(next) = self.next_row(start, best.floor) {
            start = next;
            let end = start.saturating_add(WINDOW).min(self.rows);
            self.window(sums, start, end, best);
            start = end;
        }
    }

    /// The first row from `start` on that may be in the result.
    fn next_row(&mut self, start: DocId, floor: u32) -> Option<DocId> {
        let mut together = 0_u32;
        self.optional = 0;
        for list in &self.lists {
            together = together.saturating_add(list.most);
            if together >= floor {
                break;
            }
            self.optional += 1;
        }
        let lists = self.lists[self.optional..].iter().map(List::doc);
        let others = self.others.iter().map(|other| other.doc());
        let next = lists.chain(others).min()?.max(start);
        if next >= self.rows {
            return None;
        }
        self.passing.next(self.ordinal, next)
    }

    fn window(&mut self, sums: &mut [u32], start: DocId, end: DocId, best: &mut Best) {
        let sums = &mut sums[..(end - start) as usize];
        sums.fill(0);
        let (optional, lists) = self.lists.split_at_mut(self.optional);
        for list in lists {
            list.add_up(sums, start, end);
        }
        for other in &mut self.others {
            add_up(&mut **other, sums, start, end);
        }
        let together = optional.iter().fold(0_u32, |sum, list| sum.saturating_add(list.most));
        for (doc, sum) in (start..end).zip(sums.iter()) {
            if *sum < best.floor.saturating_sub(together).max(1) {
                continue;
            }
            let address = DocAddress::new(self.ordinal, doc);
            if self.passing.contains(address)
                && let Some(sum) = completed(optional, doc, *sum, together, best.floor)
            {
                best.add(sum, address);
            }
        }
    }
}

/// The whole sum of a row; nothing where it cannot reach `floor`.
fn completed(
    optional: &mut [List<'_>],
    doc: DocId,
    mut sum: u32,
    mut together: u32,
    floor: u32,
) -> Option<u32> {
    for list in optional.iter_mut().rev() {
        if sum.saturating_add(together) < floor {
            return None;
        }
        together -= list.most;
        sum += list.gain_of(doc);
    }
    (sum >= floor).then_some(sum)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "scores are positive and their sum fits"
)]
fn add_up(other: &mut dyn Scorer, sums: &mut [u32], start: DocId, end: DocId) {
    let mut doc = other.doc();
    if doc < start {
        doc = other.seek(start);
    }
    while doc < end {
        sums[(doc - start) as usize] += (other.score() as i32 as u32).max(1);
        doc = other.advance();
    }
}

/// The best rows so far.
struct Best {
    k: usize,
    kept: Vec<(u32, DocAddress)>,
    /// From so many on they are thinned out.
    full: usize,
    /// What a row must have to be in the result.
    floor: u32,
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

    fn add(&mut self, sum: u32, address: DocAddress) {
        self.kept.push((sum, address));
        if self.kept.len() >= self.full {
            self.thin_out();
            // Where very many are as good as the last one, not at each of them.
            self.full = self.full.max(2 * self.kept.len());
        }
    }

    fn thin_out(&mut self) {
        let falling = |a: &(u32, DocAddress), b: &(u32, DocAddress)| -> Ordering { b.0.cmp(&a.0) };
        let (_, last, _) = self.kept.select_nth_unstable_by(self.k - 1, falling);
        // Scores that are equal to five digits differ by less than a ten thousandth.
        let floor = last.0 - last.0 / 8_192;
        self.floor = self.floor.max(floor);
        self.kept.retain(|(sum, _)| *sum >= floor);
    }
}
