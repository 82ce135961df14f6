//! Documents in which words stand close together.
//!
//! tantivy's own phrases with slop measure otherwise and want one term at each place. So
//! positions are read here and given to [`near`](crate::analysis::near), which the
//! evaluator asks too.

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption, Term};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED, TantivyError};

use crate::analysis::near;

/// Words of one field, each with the terms that stand for it, and how far they may be.
#[derive(Debug, Clone)]
pub(crate) struct Near {
    pub(crate) field: Field,
    pub(crate) words: Vec<Vec<Term>>,
    /// See [`alike`](crate::analysis::alike).
    pub(crate) same: Vec<usize>,
    pub(crate) slop: u32,
}

impl Query for Near {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(NearWeight(self.clone())))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        for term in self.words.iter().flatten() {
            visitor(term, true);
        }
    }
}

struct NearWeight(Near);

impl Weight for NearWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let Near {
            field,
            words,
            same,
            slop,
        } = &self.0;
        let index = reader.inverted_index(*field)?;
        let mut read = Vec::with_capacity(words.len());
        for terms in words {
            let mut word = Word::default();
            for term in terms {
                let option = IndexRecordOption::WithFreqsAndPositions;
                word.postings.extend(index.read_postings(term, option)?);
            }
            if word.postings.is_empty() {
                return Ok(Box::new(EmptyScorer));
            }
            read.push(word);
        }
        let lists = vec![Vec::new(); read.len()];
        let mut scorer = NearScorer {
            words: read,
            same: same.clone(),
            slop: *slop,
            lists,
            doc: 0,
            score: boost,
        };
        scorer.find(0);
        Ok(Box::new(scorer))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        let message = "closeness of words is not explained".to_owned();
        Err(TantivyError::InvalidArgument(message))
    }
}

/// The postings of the terms of one word.
#[derive(Default)]
struct Word {
    postings: Vec<SegmentPostings>,
    buffer: Vec<u32>,
}

impl Word {
    /// The first document from `target` on.
    fn seek(&mut self, target: DocId) -> DocId {
        let found = self.postings.iter_mut().map(|postings| {
            if postings.doc() < target {
                postings.seek(target)
            } else {
                postings.doc()
            }
        });
        found.min().unwrap_or(TERMINATED)
    }

    fn positions(&mut self, doc: DocId, out: &mut Vec<u32>) {
        out.clear();
        for postings in self.postings.iter_mut().filter(|found| found.doc() == doc) {
            postings.positions(&mut self.buffer);
            out.extend_from_slice(&self.buffer);
        }
        out.sort_unstable();
        out.dedup();
    }
}

struct NearScorer {
    words: Vec<Word>,
    same: Vec<usize>,
    slop: u32,
    /// Positions in one document, kept for their memory.
    lists: Vec<Vec<u32>>,
    doc: DocId,
    score: Score,
}

impl NearScorer {
    /// Goes to the first match from `target` on.
    fn find(&mut self, target: DocId) -> DocId {
        let mut target = target;
        loop {
            target = self.all(target);
            if target == TERMINATED || self.matches(target) {
                self.doc = target;
                return target;
            }
            target += 1;
        }
    }

    /// The first document from `target` on that has all words.
    fn all(&mut self, target: DocId) -> DocId {
        let mut target = target;
        loop {
            let found = self.words.iter_mut().map(|word| word.seek(target)).max();
            match found {
                Some(found) if found > target => target = found,
                _ => return target,
            }
        }
    }

    fn matches(&mut self, doc: DocId) -> bool {
        for (word, list) in self.words.iter_mut().zip(&mut self.lists) {
            word.positions(doc, list);
        }
        near(&self.lists, &self.same, self.slop)
    }
}

impl DocSet for NearScorer {
    fn advance(&mut self) -> DocId {
        if self.doc == TERMINATED {
            return TERMINATED;
        }
        self.find(self.doc + 1)
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc >= target {
            return self.doc;
        }
        self.find(target)
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        let sizes = self.words.iter().map(|word| {
            let sizes = word.postings.iter().map(DocSet::size_hint);
            sizes.fold(0, u32::saturating_add)
        });
        sizes.min().unwrap_or(0)
    }
}

impl Scorer for NearScorer {
    fn score(&mut self) -> Score {
        self.score
    }
}
