//! The floors that are made of tantivy and SQLite alone.

use std::path::Path;

use anyhow::Result;
use headwater::bench_support::{tokenizer, writers};
use rusqlite::{Connection, params};
use tantivy::collector::TopDocs;
use tantivy::columnar::Column;
use tantivy::directory::MmapDirectory;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{
    FAST, Field, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::store::{Compressor, ZstdCompressor};
use tantivy::tokenizer::{
    AsciiFoldingFilter, LowerCaser, RemoveLongFilter, SimpleTokenizer, StopWordFilter,
    TextAnalyzer, Token, TokenFilter, TokenStream, Tokenizer,
};
use tantivy::{Index, IndexSettings, IndexWriter, Searcher, TantivyDocument, Term};

use crate::index::Record;

/// Level at which Headwater packs bodies and what it serves.
pub(crate) const PACKING: i32 = 1;

const TEXT: &str = "text";
const ID: &str = "id";
const ANALYZER: &str = "floor";
/// Bodies in one transaction.
const BATCH: usize = 500;

/// The terms that Headwater's own index has.
pub(crate) fn headwater_terms() -> TextAnalyzer {
    TextAnalyzer::from(tokenizer())
}

/// The usual English analysis: folded, without stop words, stemmed.
pub(crate) fn english_terms() -> TextAnalyzer {
    let stop_words = STOP_WORDS.split(' ').map(str::to_owned);
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(40))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .filter(StopWordFilter::remove(stop_words))
        .filter(EnglishStems)
        .build()
}

const STOP_WORDS: &str = "a an and are as at be but by for if in into is it no not of on or such \
that the their then there these they this to was will with";

/// One field of text, stored, and an id. Gives the number of documents.
pub(crate) fn build(
    dir: &Path,
    analyzer: TextAnalyzer,
    records: impl Iterator<Item = Result<Record>>,
) -> Result<u64> {
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(ANALYZER)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let options = TextOptions::default().set_indexing_options(indexing);
    let text = schema.add_text_field(TEXT, options | STORED);
    let id = schema.add_u64_field(ID, FAST);
    let settings = IndexSettings {
        docstore_compression: Compressor::Zstd(ZstdCompressor {
            compression_level: Some(PACKING),
        }),
        ..Default::default()
    };
    let index = Index::create(MmapDirectory::open(dir)?, schema.build(), settings)?;
    index.tokenizers().register(ANALYZER, analyzer);
    let (threads, budget) = writers();
    let mut writer: IndexWriter = index.writer_with_num_threads(threads, budget)?;
    let mut count = 0;
    for record in records {
        let mut row = TantivyDocument::default();
        row.add_u64(id, count);
        row.add_text(text, record?.text);
        writer.add_document(row)?;
        count += 1;
    }
    writer.commit()?;
    writer.wait_merging_threads()?;
    Ok(count)
}

/// Bodies into a table, durable as Headwater's store is.
pub(crate) fn keep(file: &Path, mut records: impl Iterator<Item = Result<Record>>) -> Result<()> {
    let mut connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.execute_batch(
        "CREATE TABLE body (content INTEGER PRIMARY KEY, packed BLOB NOT NULL) STRICT",
    )?;
    let mut ended = false;
    while !ended {
        let transaction = connection.transaction()?;
        {
            let sql = "INSERT INTO body (packed) VALUES (?1)";
            let mut statement = transaction.prepare_cached(sql)?;
            for _ in 0..BATCH {
                let Some(record) = records.next() else {
                    ended = true;
                    break;
                };
                statement.execute(params![record?.packed])?;
            }
        }
        transaction.commit()?;
    }
    Ok(())
}

/// An index that [`build`] made, open for searching.
pub(crate) struct Floor {
    searcher: Searcher,
    ids: Vec<Column<u64>>,
    text: Field,
    analyzer: TextAnalyzer,
}

impl Floor {
    pub(crate) fn open(dir: &Path, analyzer: TextAnalyzer) -> Result<Self> {
        let index = Index::open_in_dir(dir)?;
        let searcher = index.reader()?.searcher();
        let readers = searcher.segment_readers().iter();
        let ids = readers.map(|reader| reader.fast_fields().u64(ID));
        Ok(Self {
            ids: ids.collect::<tantivy::Result<_>>()?,
            text: index.schema().get_field(TEXT)?,
            searcher,
            analyzer,
        })
    }

    /// Ids of the ten best for any of the words.
    pub(crate) fn top_ten(&mut self, query: &str) -> Result<Vec<u64>> {
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        let mut tokens = self.analyzer.token_stream(query);
        while let Some(token) = tokens.next() {
            let term = Term::from_field_text(self.text, &token.text);
            let clause = TermQuery::new(term, IndexRecordOption::WithFreqs);
            clauses.push((Occur::Should, Box::new(clause)));
        }
        let best = TopDocs::with_limit(10).order_by_score();
        let hits = self.searcher.search(&BooleanQuery::new(clauses), &best)?;
        let id = |segment: u32, doc| self.ids[segment as usize].first(doc).unwrap_or_default();
        Ok(hits
            .into_iter()
            .map(|(_, address)| id(address.segment_ord, address.doc_id))
            .collect())
    }
}

/// The Snowball stemmer, as tantivy's own filter applies it where that is compiled in.
#[derive(Clone)]
struct EnglishStems;

#[derive(Clone)]
struct EnglishTokenizer<T>(T);

struct EnglishStream<S> {
    stream: S,
    stemmer: frostem::Stemmer,
}

impl TokenFilter for EnglishStems {
    type Tokenizer<T: Tokenizer> = EnglishTokenizer<T>;

    fn transform<T: Tokenizer>(self, tokenizer: T) -> EnglishTokenizer<T> {
        EnglishTokenizer(tokenizer)
    }
}

impl<T: Tokenizer> Tokenizer for EnglishTokenizer<T> {
    type TokenStream<'a> = EnglishStream<T::TokenStream<'a>>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Self::TokenStream<'a> {
        EnglishStream {
            stream: self.0.token_stream(text),
            stemmer: frostem::Stemmer::new(frostem::Algorithm::English),
        }
    }
}

impl<S: TokenStream> TokenStream for EnglishStream<S> {
    fn advance(&mut self) -> bool {
        if !self.stream.advance() {
            return false;
        }
        let token = self.stream.token_mut();
        let stem = self.stemmer.stem(&token.text);
        if stem != token.text {
            token.text = stem.into_owned();
        }
        true
    }

    fn token(&self) -> &Token {
        self.stream.token()
    }

    fn token_mut(&mut self) -> &mut Token {
        self.stream.token_mut()
    }
}
