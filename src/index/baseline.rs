//! What rankings are measured against: tantivy's BM25 as it is (k1 1.2, b 0.75) over one
//! field with plain English terms, in memory.
//!
//! It has its own analysis, its own index and the library's own statistics: whatever
//! changes in how documents are indexed and ranked, this stays.

use tantivy::collector::TopDocs;
use tantivy::collector::sort_key::{SortBySimilarityScore, SortByStaticFastValue};
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{
    FAST, Field, IndexRecordOption, Schema, Term, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use tantivy::{Index, IndexWriter, Order, Searcher, TantivyDocument};

use super::engine_error;
use crate::analysis::PlainEnglish;
use crate::ports::{Baseline, PortResult};

const TOKENIZER: &str = "plain";
const NUMBER: &str = "number";
/// Of the one writing thread, in bytes.
const BUDGET: usize = 100 << 20;

/// A baseline that is being filled.
pub(crate) struct BaselineWriter {
    index: Index,
    writer: IndexWriter,
    text: Field,
    number: Field,
    added: u64,
}

impl BaselineWriter {
    pub(crate) fn new() -> PortResult<Self> {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(TOKENIZER)
            .set_index_option(IndexRecordOption::WithFreqs);
        let options = TextOptions::default().set_indexing_options(indexing);
        let text = schema.add_text_field("text", options);
        let number = schema.add_u64_field(NUMBER, FAST);
        let index = Index::create_in_ram(schema.build());
        index.tokenizers().register(TOKENIZER, PlainTokenizer);
        let writer = index.writer_with_num_threads(1, BUDGET);
        Ok(Self {
            writer: writer.map_err(engine_error("begin the baseline"))?,
            index,
            text,
            number,
            added: 0,
        })
    }

    /// Adds the next document; its number is how many were added before.
    pub(crate) fn add(&mut self, text: &str) -> PortResult<()> {
        let mut document = TantivyDocument::default();
        document.add_text(self.text, text);
        document.add_u64(self.number, self.added);
        self.added += 1;
        let added = self.writer.add_document(document);
        added.map_err(engine_error("fill the baseline"))?;
        Ok(())
    }

    /// Everything that was added, ready to be asked.
    pub(crate) fn finish(mut self) -> PortResult<Box<dyn Baseline>> {
        let error = engine_error("finish the baseline");
        self.writer.commit().map_err(&error)?;
        self.writer.wait_merging_threads().map_err(&error)?;
        Ok(Box::new(PlainBm25 {
            searcher: self.index.reader().map_err(&error)?.searcher(),
            text: self.text,
        }))
    }
}

struct PlainBm25 {
    searcher: Searcher,
    text: Field,
}

impl Baseline for PlainBm25 {
    fn rank(&self, question: &str, k: usize) -> PortResult<Vec<usize>> {
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        PlainEnglish::default().for_each(question, |term| {
            let term = Term::from_field_text(self.text, term);
            let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
            clauses.push((Occur::Should, Box::new(query)));
        });
        if clauses.is_empty() || k == 0 {
            return Ok(Vec::new());
        }
        let order = (
            SortBySimilarityScore,
            (SortByStaticFastValue::<u64>::for_field(NUMBER), Order::Asc),
        );
        let collector = TopDocs::with_limit(k).order_by(order);
        let found = self
            .searcher
            .search(&BooleanQuery::new(clauses), &collector)
            .map_err(engine_error("ask the baseline"))?;
        let number = |((_, number), _): ((f32, Option<u64>), tantivy::DocAddress)| {
            usize::try_from(number?).ok()
        };
        Ok(found.into_iter().filter_map(number).collect())
    }
}

/// [`PlainEnglish`] in the shape tantivy asks for.
#[derive(Clone)]
struct PlainTokenizer;

impl Tokenizer for PlainTokenizer {
    type TokenStream<'a> = PlainStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> PlainStream {
        let mut terms = Vec::new();
        PlainEnglish::default().for_each(text, |term| terms.push(term.to_owned()));
        PlainStream {
            terms: terms.into_iter(),
            token: Token::default(),
        }
    }
}

struct PlainStream {
    terms: std::vec::IntoIter<String>,
    token: Token,
}

impl TokenStream for PlainStream {
    fn advance(&mut self) -> bool {
        let Some(term) = self.terms.next() else {
            return false;
        };
        self.token.text = term;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_documents_come_in_their_own_order() {
        let mut writer = BaselineWriter::new().unwrap();
        for text in [
            "cold pump",
            "A pump, two pumps",
            "cold pump",
            "the valve",
            "",
        ] {
            writer.add(text).unwrap();
        }
        let baseline = writer.finish().unwrap();
        let rank = |question, k| baseline.rank(question, k).unwrap();
        assert_eq!(rank("Pumping?", 10), [1, 0, 2]);
        assert_eq!(rank("cold valves", 10), [3, 0, 2]);
        assert_eq!(rank("cold valves", 2), [3, 0]);
        assert_eq!(rank("the", 10), [0_usize; 0]);
        assert_eq!(rank("quokka", 10), [0_usize; 0]);
    }
}
