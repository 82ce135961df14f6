//! The statistics BM25 is given, and the dictionaries that they come from.
//!
//! Two things differ from tantivy's own: a word has one term for each language, which are
//! one word (else a word would be rare, and so precious, in the language that few pages are
//! written in); and filters do not count.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::TermInfo;
use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::{Field, IndexRecordOption, Term};
use tantivy::{InvertedIndexReader, Searcher, SegmentOrdinal};

use super::compile::ScoredTerm;
use super::top::Weighted;

/// tantivy's own, which are constants there.
pub(crate) const K1: f32 = 1.2;
pub(crate) const B: f32 = 0.75;

/// Terms of a field that are kept; they are forgotten when there are more.
const MEMO_ENTRIES: usize = 20_000;

/// The dictionaries of a generation. A term is asked for several times for each question,
/// and each look-up costs a walk in every segment, so what was found is kept: a generation
/// never changes.
pub(crate) struct Dictionary {
    searcher: Searcher,
    fields: Mutex<FxHashMap<Field, Arc<FieldTerms>>>,
}

/// One field of a generation.
pub(crate) struct FieldTerms {
    /// By ordinal of the segment.
    segments: Vec<FieldSegment>,
    /// What BM25 adds to how often a term stands in a row, by code of the row's length.
    pub(crate) norms: Box<[f32; 256]>,
    known: Mutex<FxHashMap<Box<str>, Arc<Known>>>,
}

struct FieldSegment {
    index: Arc<InvertedIndexReader>,
    lengths: FieldNormReader,
}

/// A term of one field, and where its rows are listed.
pub(crate) struct Known {
    /// In how many rows it stands.
    pub(crate) frequency: u64,
    /// By ordinal of the segment.
    segments: Box<[Option<Place>]>,
}

/// A term in one segment.
pub(crate) struct Place {
    pub(crate) info: TermInfo,
    /// Bits of the highest share of its weight that it has in any row; 1 until its rows were
    /// gone through.
    peak: AtomicU32,
}

impl Dictionary {
    pub(crate) fn new(searcher: Searcher) -> Self {
        Self {
            searcher,
            fields: Mutex::default(),
        }
    }

    pub(crate) fn searcher(&self) -> &Searcher {
        &self.searcher
    }

    pub(crate) fn field(&self, field: Field) -> tantivy::Result<Arc<FieldTerms>> {
        let mut fields = self.fields.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(terms) = fields.get(&field) {
            return Ok(Arc::clone(terms));
        }
        let terms = Arc::new(FieldTerms::new(&self.searcher, field)?);
        fields.insert(field, Arc::clone(&terms));
        Ok(terms)
    }

    /// In how many rows a term stands.
    pub(crate) fn frequency(&self, field: Field, term: &str) -> tantivy::Result<u64> {
        Ok(self.field(field)?.term(term)?.frequency)
    }
}

impl FieldTerms {
    fn new(searcher: &Searcher, field: Field) -> tantivy::Result<Self> {
        let readers = searcher.segment_readers();
        let mut segments = Vec::with_capacity(readers.len());
        let (mut words, mut rows) = (0, 0);
        for reader in readers {
            let index = reader.inverted_index(field)?;
            let lengths = reader.fieldnorms_readers().get_field(field)?;
            words += index.total_num_tokens();
            rows += u64::from(reader.max_doc());
            segments.push(FieldSegment {
                lengths: lengths.unwrap_or_else(|| FieldNormReader::constant(reader.max_doc(), 1)),
                index,
            });
        }
        Ok(Self {
            segments,
            norms: norms(words as f32 / rows.max(1) as f32),
            known: Mutex::default(),
        })
    }

    pub(crate) fn index(&self, segment: SegmentOrdinal) -> &InvertedIndexReader {
        &self.segments[segment as usize].index
    }

    /// Codes of the lengths of rows.
    pub(crate) fn lengths(&self, segment: SegmentOrdinal) -> &FieldNormReader {
        &self.segments[segment as usize].lengths
    }

    /// A term, whether it stands anywhere or not.
    pub(crate) fn term(&self, text: &str) -> tantivy::Result<Arc<Known>> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known().get(text) {
            return Ok(Arc::clone(found));
        }
        let look_up = |segment: &FieldSegment| -> std::io::Result<Option<Place>> {
            let info = segment.index.terms().get(text.as_bytes())?;
            Ok(info.map(Place::new))
        };
        let segments: std::io::Result<Box<[Option<Place>]>> =
            self.segments.iter().map(look_up).collect();
        let segments = segments?;
        let places = segments.iter().flatten();
        let found = Arc::new(Known {
            frequency: places.map(|place| u64::from(place.info.doc_freq)).sum(),
            segments,
        });
        let mut known = known();
        if known.len() >= MEMO_ENTRIES {
            known.clear();
        }
        known.insert(text.into(), Arc::clone(&found));
        Ok(found)
    }
}

impl Known {
    pub(crate) fn place(&self, segment: SegmentOrdinal) -> Option<&Place> {
        self.segments.get(segment as usize)?.as_ref()
    }
}

impl Place {
    fn new(info: TermInfo) -> Self {
        Self {
            info,
            peak: AtomicU32::new(1.0_f32.to_bits()),
        }
    }

    pub(crate) fn peak(&self) -> f32 {
        f32::from_bits(self.peak.load(Ordering::Relaxed))
    }

    pub(crate) fn set_peak(&self, share: f32) {
        self.peak.store(share.to_bits(), Ordering::Relaxed);
    }
}

/// By code of a length, for rows of so many words on average.
fn norms(average: f32) -> Box<[f32; 256]> {
    let mut norms = Box::new([0.0; 256]);
    for (code, norm) in (0..=u8::MAX).zip(norms.iter_mut()) {
        let length = FieldNormReader::id_to_fieldnorm(code) as f32;
        *norm = K1 * (1.0 - B + B * length / average);
    }
    norms
}

/// Rarity of a term: `frequency` of `rows` have it.
pub(crate) fn idf(frequency: u64, rows: u64) -> f32 {
    let frequency = frequency.min(rows);
    let others = (rows - frequency) as f32;
    (1.0 + (others + 0.5) / (frequency as f32 + 0.5)).ln()
}

/// Statistics over all rows.
pub(crate) struct RowStats<'a> {
    pub(crate) dictionary: &'a Dictionary,
    pub(crate) rows: u64,
    /// Terms that are the same word: how many rows hold one of them.
    pub(crate) words: HashMap<Term, u64>,
}

impl RowStats<'_> {
    /// A term with what it is worth.
    pub(crate) fn weighted(&self, scored: ScoredTerm) -> Weighted {
        let word = self.words.get(&scored.term).copied();
        let frequency = word.unwrap_or(scored.known.frequency);
        Weighted {
            weight: scored.boost * idf(frequency, self.rows) * (1.0 + K1),
            word: scored.word,
            field: scored.field,
            known: scored.known,
        }
    }
}

impl Bm25StatisticsProvider for RowStats<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        let searcher = self.dictionary.searcher();
        let entry = searcher.schema().get_field_entry(field);
        let counted = entry.field_type().get_index_record_option();
        if !counted.is_some_and(IndexRecordOption::has_freq) {
            return Ok(self.rows);
        }
        searcher.total_num_tokens(field)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.rows.max(1))
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let found = match (self.words.get(term), term.value().as_str()) {
            (Some(frequency), _) => *frequency,
            (None, Some(text)) => self.dictionary.frequency(term.field(), text)?,
            (None, None) => self.dictionary.searcher().doc_freq(term)?,
        };
        // The formula asserts that no term is in more rows than there are.
        Ok(found.min(self.rows.max(1)))
    }
}
