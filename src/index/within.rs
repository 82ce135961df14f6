//! A set of rows as a query, to rank within it.

use std::sync::Arc;

use tantivy::index::SegmentId;
use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentOrdinal, SegmentReader, TERMINATED, TantivyError};

use super::docs::Docs;

/// Matches the rows of a set, all with score 0.
#[derive(Debug, Clone)]
pub(crate) struct Within {
    docs: Arc<Docs>,
    /// By ordinal.
    segments: Vec<SegmentId>,
}

impl Within {
    /// A set of this generation.
    pub(crate) fn new(searcher: &tantivy::Searcher, docs: Arc<Docs>) -> Self {
        let segments = searcher.segment_readers().iter();
        Self {
            docs,
            segments: segments.map(SegmentReader::segment_id).collect(),
        }
    }
}

impl Query for Within {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(WithinWeight(self.clone())))
    }
}

struct WithinWeight(Within);

impl Weight for WithinWeight {
    fn scorer(&self, reader: &SegmentReader, _: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let Within { docs, segments } = &self.0;
        let id = reader.segment_id();
        let Some((segment, _)) = (0..).zip(segments).find(|(_, known)| **known == id) else {
            return Ok(Box::new(EmptyScorer));
        };
        let rows = docs.in_segment(segment).count();
        Ok(Box::new(WithinScorer {
            doc: docs.next(segment, 0).unwrap_or(TERMINATED),
            rows: u32::try_from(rows).unwrap_or(u32::MAX),
            docs: Arc::clone(docs),
            segment,
        }))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        let message = "a filter is not explained".to_owned();
        Err(TantivyError::InvalidArgument(message))
    }
}

struct WithinScorer {
    docs: Arc<Docs>,
    segment: SegmentOrdinal,
    doc: DocId,
    rows: u32,
}

impl DocSet for WithinScorer {
    fn advance(&mut self) -> DocId {
        if self.doc != TERMINATED {
            self.doc = self
                .docs
                .next(self.segment, self.doc + 1)
                .unwrap_or(TERMINATED);
        }
        self.doc
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            self.doc = self.docs.next(self.segment, target).unwrap_or(TERMINATED);
        }
        self.doc
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        self.rows
    }
}

impl Scorer for WithinScorer {
    fn score(&mut self) -> Score {
        0.0
    }
}
