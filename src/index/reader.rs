//! One generation, held open: everything that is asked of an index.

use std::cmp::Reverse;
use std::sync::Arc;

use tantivy::query::EnableScoring;
use tantivy::schema::{Field, IndexRecordOption, Term};
use tantivy::store::StoreReader;
use tantivy::{DocAddress, Searcher};

use super::columns::Columns;
use super::compile::Compiler;
use super::docs::Docs;
use super::engine_error;
use super::matching::Matcher;
use super::packed::{StoredBytes, Unpacker};
use super::passages;
use super::rows::number_id;
use super::schema::{Fields, column_name};
use super::seen::Seen;
use super::sort::{self, ColumnKey};
use super::stats::{Dictionary, RowStats};
use super::top::Sum;
use crate::analysis::{language_mark, term_language};
use crate::cql::plan::{Clause, Filter, SortKey};
use crate::model::{Brief, DocumentKey, Lang, Record, SiteId};
use crate::ports::{
    AccessFilter, EngineQuery, EngineSearcher, Fetched, Hit, Listed, PortError, PortErrorKind,
    PortResult, Scored,
};

/// A searcher and what was read about its generation once.
pub(crate) struct Snapshot {
    searcher: Searcher,
    dictionary: Dictionary,
    columns: Columns,
    /// All of its rows.
    documents: Arc<Docs>,
    seen: Seen,
    fields: Fields,
    seq: u64,
    rows: u64,
    marks: Vec<&'static str>,
    sites: Vec<SiteId>,
    /// What is stored of rows, by ordinal of the segment.
    stores: Vec<StoreReader>,
    unpacker: Unpacker,
}

impl Snapshot {
    pub(crate) fn new(searcher: Searcher, fields: Fields, seq: u64) -> PortResult<Self> {
        let error = engine_error("read statistics");
        // Deleted rows count as long as their terms do.
        let rows = searcher
            .segment_readers()
            .iter()
            .map(|s| u64::from(s.max_doc()));
        let mut marks: Vec<&'static str> = vec![""];
        for lang in Lang::ALL {
            let term = Term::from_field_text(fields.language, lang.code());
            let mark = language_mark(lang);
            if !marks.contains(&mark) && searcher.doc_freq(&term).map_err(&error)? > 0 {
                marks.push(mark);
            }
        }
        let stores = searcher.segment_readers().iter();
        let stores: std::io::Result<_> = stores.map(|s| s.get_store_reader(0)).collect();
        Ok(Self {
            rows: rows.sum(),
            sites: sites(&searcher).map_err(&error)?,
            columns: Columns::new(&searcher).map_err(&error)?,
            documents: Arc::new(Docs::all(&searcher)),
            seen: Seen::default(),
            dictionary: Dictionary::new(searcher.clone()),
            searcher,
            fields,
            seq,
            marks,
            // Rows are read once for an answer; kept blocks are memory for nothing.
            stores: stores.map_err(|cause| error(cause.into()))?,
            unpacker: Unpacker::default(),
        })
    }

    fn compiler(&self) -> Compiler<'_> {
        Compiler {
            dictionary: &self.dictionary,
            fields: &self.fields,
            marks: &self.marks,
            words: std::collections::HashMap::new(),
        }
    }

    fn matcher(&self) -> Matcher<'_> {
        Matcher {
            compiler: self.compiler(),
            columns: &self.columns,
            documents: &self.documents,
        }
    }

    /// The rows that an access filter lets through.
    fn visible(&self, access: &AccessFilter) -> PortResult<Arc<Docs>> {
        self.seen.get_or(access, || self.matcher().visible(access))
    }

    /// The rows that pass filter and access.
    fn passing(&self, query: &EngineQuery) -> PortResult<Arc<Docs>> {
        let visible = self.visible(&query.access)?;
        self.matcher().passing(&query.filter, &visible)
    }

    /// The rows that match altogether.
    fn matching(&self, query: &EngineQuery) -> PortResult<Arc<Docs>> {
        let passing = self.passing(query)?;
        let Some(scored) = &query.scored else {
            return Ok(passing);
        };
        let mut found = self.matcher().ranked(scored)?;
        found.keep(&passing);
        Ok(Arc::new(found))
    }

    /// What is ranked, within the rows that pass.
    fn best(&self, query: &EngineQuery, k: usize) -> PortResult<Vec<(f32, DocAddress)>> {
        let passing = self.passing(query)?;
        let mut compiler = self.compiler();
        let scored = query.scored.as_ref();
        let Some(parts) = scored.map(|scored| compiler.parts(scored)).transpose()? else {
            return Ok(passing.addresses().map(|row| (0.0, row)).collect());
        };
        let stats = RowStats {
            dictionary: &self.dictionary,
            rows: self.rows,
            words: compiler.words,
        };
        let scoring = EnableScoring::enabled_from_statistics_provider(&stats, &self.searcher);
        let others = parts.others.iter().map(|other| other.weight(scoring));
        let sum = Sum {
            others: others
                .collect::<tantivy::Result<_>>()
                .map_err(engine_error("search"))?,
            terms: parts
                .terms
                .into_iter()
                .map(|term| stats.weighted(term))
                .collect(),
            passing: &passing,
        };
        sum.best(&self.searcher, k).map_err(engine_error("search"))
    }

    /// The key of a row, from numbers where the id is one.
    fn key(&self, address: DocAddress) -> tantivy::Result<DocumentKey> {
        let columns = self.columns.of(address.segment_ord);
        if let Some(id) = number_id(columns.number_of(address.doc_id)) {
            let site = columns.site.first(address.doc_id).unwrap_or_default();
            return Ok(DocumentKey::new(
                SiteId(u32::try_from(site).unwrap_or_default()),
                id,
            ));
        }
        let text = self.columns.key(address)?;
        text.parse().map_err(tantivy::TantivyError::InternalError)
    }

    fn hit(&self, score: f32, address: DocAddress) -> tantivy::Result<Hit> {
        let key = self.key(address)?;
        let address = u64::from(address.segment_ord) << 32 | u64::from(address.doc_id);
        Ok(Hit {
            key,
            score,
            address,
        })
    }

    /// The first `k` of these rows: by score to five digits, then by id, since sums of the
    /// same scores differ behind that.
    fn first(&self, rows: Vec<(f32, DocAddress)>, k: usize) -> tantivy::Result<Vec<Hit>> {
        let mut sorted = Vec::with_capacity(rows.len());
        for (score, address) in rows {
            let columns = self.columns.of(address.segment_ord);
            let number = columns.number_of(address.doc_id);
            let name = match number_id(number) {
                Some(_) => None,
                None => Some(self.key(address)?.id.order_key()),
            };
            let site = columns.site.first(address.doc_id);
            sorted.push((
                Reverse(round(score).to_bits()),
                number,
                name,
                site,
                score,
                address,
            ));
        }
        sorted.sort_unstable_by(|a, b| (a.0, a.1, &a.2, a.3).cmp(&(b.0, b.1, &b.2, b.3)));
        sorted.truncate(k);
        let hits = sorted.into_iter();
        hits.map(|(.., score, address)| self.hit(score, address))
            .collect()
    }

    /// All rows that hold a term.
    fn rows_of(&self, term: &Term) -> tantivy::Result<Vec<DocAddress>> {
        let mut found = Vec::new();
        for (ordinal, segment) in (0..).zip(self.searcher.segment_readers()) {
            let index = segment.inverted_index(term.field())?;
            let Some(mut rows) = index.read_block_postings(term, IndexRecordOption::Basic)? else {
                continue;
            };
            while !rows.docs().is_empty() {
                let addresses = rows.docs().iter().map(|doc| DocAddress::new(ordinal, *doc));
                found.extend(addresses);
                rows.advance();
            }
        }
        Ok(found)
    }

    fn column_key(&self, key: SortKey) -> PortResult<ColumnKey> {
        let column = self.fields.column(key.column);
        let Some((_, column)) = column.filter(|(_, column)| column.sort || column.date) else {
            let message = format!("index: `{}` is no column to sort by", key.column);
            return Err(PortError::new(PortErrorKind::Other, message));
        };
        Ok(ColumnKey {
            field: column_name(column.name),
            date: column.date,
            descending: key.descending,
        })
    }

    fn fetched(&self, hit: &Hit) -> PortResult<Fetched> {
        let page = self.stored(hit, self.fields.page)?.unwrap_or_default();
        let page = self.unpacker.page(&page);
        page.map_err(|cause| damaged("text", hit, cause))
    }

    fn brief(&self, hit: &Hit) -> PortResult<Brief> {
        let page = self.stored(hit, self.fields.page)?.unwrap_or_default();
        let brief = self.unpacker.brief(&page);
        brief.map_err(|cause| damaged("text", hit, cause))
    }

    fn record(&self, hit: &Hit) -> PortResult<Record> {
        let Some(record) = self.stored(hit, self.fields.record)? else {
            return Ok(Record::default());
        };
        let record = self.unpacker.json(&record);
        record.map_err(|cause| damaged("record", hit, cause))
    }

    fn stored(&self, hit: &Hit, field: Field) -> PortResult<Option<Vec<u8>>> {
        let address = address(hit);
        let store = &self.stores[address.segment_ord as usize];
        let bytes = StoredBytes::read(store, address.doc_id, field);
        bytes.map_err(engine_error("read a document"))
    }

    /// Terms that can be in this generation: those of languages it does not have cost a
    /// look-up in every dictionary for nothing.
    fn present<'t>(&self, terms: &'t [String]) -> Vec<Option<&'t str>> {
        let here = |term: &&'t str| {
            let mark = term_language(term);
            mark.is_empty() || self.marks.contains(&mark)
        };
        terms
            .iter()
            .map(|term| Some(term.as_str()).filter(here))
            .collect()
    }

    fn types(&self) -> PortResult<Vec<String>> {
        let error = engine_error("read the dictionary");
        let Some((field, _)) = self.fields.column("type") else {
            return Ok(Vec::new());
        };
        let mut types = Vec::new();
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(field).map_err(&error)?;
            let mut stream = index
                .terms()
                .stream()
                .map_err(|cause| error(cause.into()))?;
            while stream.advance() {
                types.push(String::from_utf8_lossy(stream.key()).into_owned());
            }
        }
        types.sort_unstable();
        types.dedup();
        Ok(types)
    }
}

/// Values of a column that are looked at for some that the asker may see.
const MOST_TRIED: usize = 500;

impl EngineSearcher for Snapshot {
    fn generation(&self) -> u64 {
        self.seq
    }

    fn search(&self, query: &EngineQuery, k: usize) -> PortResult<Vec<Hit>> {
        if k == 0 {
            return Ok(Vec::new());
        }
        let best = self.best(query, k)?;
        self.first(best, k).map_err(engine_error("search"))
    }

    fn count(&self, query: &EngineQuery) -> PortResult<u64> {
        Ok(self.matching(query)?.count())
    }

    fn list(
        &self,
        query: &EngineQuery,
        sort: &[SortKey],
        offset: usize,
        limit: usize,
    ) -> PortResult<Listed> {
        let keys = sort.iter().map(|key| self.column_key(*key));
        let keys = keys.collect::<PortResult<Vec<_>>>()?;
        let docs = self.matching(query)?;
        let error = engine_error("list");
        let first = sort::first(&self.columns, &docs, &keys, offset.saturating_add(limit));
        let page = first.map_err(&error)?.into_iter().skip(offset);
        let hits = page.map(|address| self.hit(0.0, address));
        Ok(Listed {
            hits: hits.collect::<tantivy::Result<_>>().map_err(error)?,
            total: docs.count(),
        })
    }

    fn passages(
        &self,
        documents: &[(&Hit, &Fetched)],
        terms: &[Scored],
        n: usize,
    ) -> PortResult<Vec<Vec<(u32, f32)>>> {
        let error = engine_error("pick passages");
        let documents: Vec<_> = documents
            .iter()
            .map(|(hit, document)| (address(hit), *document))
            .collect();
        let field = self.fields.text;
        let best = passages::best(&self.dictionary, field, self.rows, &documents, terms);
        let mut best = best.map_err(error)?;
        for ranked in &mut best {
            ranked.truncate(n);
        }
        Ok(best)
    }

    fn sites(&self) -> PortResult<Vec<SiteId>> {
        Ok(self.sites.clone())
    }

    fn positions(&self, hits: &[Hit], words: &[&[String]]) -> PortResult<Vec<Vec<Vec<u32>>>> {
        let words = words.iter().map(|terms| self.present(terms));
        let words = words.map(|terms| terms.into_iter().flatten().collect());
        let words: Vec<Vec<&str>> = words.collect();
        let documents: Vec<DocAddress> = hits.iter().map(address).collect();
        passages::positions(&self.dictionary, self.fields.text, &documents, &words)
            .map_err(engine_error("read positions"))
    }

    fn stand(&self, hits: &[Hit], terms: &[String]) -> PortResult<Vec<Vec<bool>>> {
        let terms = self.present(terms);
        let documents: Vec<DocAddress> = hits.iter().map(address).collect();
        passages::stand(&self.dictionary, self.fields.text, &documents, &terms)
            .map_err(engine_error("read positions"))
    }

    fn fetch(&self, hits: &[Hit]) -> PortResult<Vec<Fetched>> {
        hits.iter().map(|hit| self.fetched(hit)).collect()
    }

    fn briefs(&self, hits: &[Hit]) -> PortResult<Vec<Brief>> {
        hits.iter().map(|hit| self.brief(hit)).collect()
    }

    fn records(&self, hits: &[Hit]) -> PortResult<Vec<Record>> {
        hits.iter().map(|hit| self.record(hit)).collect()
    }

    fn find(&self, key: &DocumentKey, access: &AccessFilter) -> PortResult<Option<Hit>> {
        let visible = self.visible(access)?;
        let error = engine_error("find a document");
        let key = Term::from_field_text(self.fields.key, &key.to_string());
        let rows = self.rows_of(&key).map_err(&error)?;
        let row = rows.into_iter().find(|row| visible.contains(*row));
        row.map(|row| self.hit(0.0, row)).transpose().map_err(error)
    }

    fn doc_freq(&self, terms: &[String]) -> PortResult<Vec<u64>> {
        let error = engine_error("read the dictionary");
        let text = self.dictionary.field(self.fields.text).map_err(&error)?;
        let frequency = |term: Option<&str>| match term {
            Some(term) => Ok(text.term(term)?.frequency),
            None => Ok(0),
        };
        let present = self.present(terms).into_iter();
        present
            .map(frequency)
            .collect::<tantivy::Result<_>>()
            .map_err(error)
    }

    fn values(
        &self,
        column: &str,
        prefix: &str,
        query: &EngineQuery,
        limit: usize,
    ) -> PortResult<Vec<String>> {
        let Some((field, column)) = self.fields.column(column) else {
            return Ok(Vec::new());
        };
        let mut values = Vec::new();
        for term in super::expand::beginning(&self.searcher, field, prefix, MOST_TRIED)? {
            if values.len() == limit {
                break;
            }
            let clause = Clause::Terms {
                column: column.name,
                values: vec![term.clone()],
            };
            let filter = Filter::And(vec![query.filter.clone(), Filter::Clause(clause)]);
            let query = EngineQuery {
                filter,
                ..query.clone()
            };
            if self.count(&query)? > 0 {
                values.push(term);
            }
        }
        Ok(values)
    }

    fn count_by_type(&self, query: &EngineQuery) -> PortResult<Vec<(String, u64)>> {
        let mut counts = Vec::new();
        for kind in self.types()? {
            let clause = Clause::Terms {
                column: "type",
                values: vec![kind.clone()],
            };
            let filter = Filter::And(vec![query.filter.clone(), Filter::Clause(clause)]);
            let count = self.count(&EngineQuery {
                filter,
                ..query.clone()
            })?;
            if count > 0 {
                counts.push((kind, count));
            }
        }
        Ok(counts)
    }
}

fn damaged(
    what: &str,
    hit: &Hit,
    cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> PortError {
    let context = format!("index: {what} of {} is damaged", hit.key);
    PortError::caused(PortErrorKind::Format, context, cause)
}

#[expect(clippy::cast_possible_truncation, reason = "two halves of one number")]
fn address(hit: &Hit) -> DocAddress {
    DocAddress::new((hit.address >> 32) as u32, hit.address as u32)
}

/// Most indexes have one site, which the bounds of the column tell without reading it.
fn sites(searcher: &Searcher) -> tantivy::Result<Vec<SiteId>> {
    let mut sites = std::collections::BTreeSet::new();
    for segment in searcher.segment_readers() {
        let column = segment.fast_fields().u64("site")?;
        if column.values.num_vals() == 0 {
            continue;
        }
        if column.min_value() == column.max_value() {
            sites.insert(column.min_value());
        } else {
            sites.extend(segment.doc_ids_alive().filter_map(|doc| column.first(doc)));
        }
    }
    Ok(sites
        .into_iter()
        .filter_map(|site| u32::try_from(site).ok())
        .map(SiteId)
        .collect())
}

/// To five significant digits.
fn round(score: f32) -> f32 {
    if score <= 0.0 || !score.is_finite() {
        return 0.0;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a power of ten within f32")]
    let digits = score.log10().floor() as i32;
    let scale = 10_f32.powi(4 - digits);
    (score * scale).round() / scale
}
