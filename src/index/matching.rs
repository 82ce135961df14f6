//! Filters of the port as sets of rows.
//!
//! Each clause is worked out on its own, from whole postings, dictionaries or columns, and
//! the sets are joined; a listing then knows its size and sorts only what matches. What is
//! in the set is what [`cql::eval`](crate::cql::eval) says, and tests hold it to that.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::postings::BlockSegmentPostings;
use tantivy::query::{EnableScoring, Query};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{InvertedIndexReader, Searcher};

use super::columns::Columns;
use super::compile::{Compiler, Leaf};
use super::docs::{Docs, Rows};
use super::engine_error;
use super::numbers::Numbers;
use super::schema::column_name;
use crate::cql::plan::{Clause, Filter, TextExpr, TextField};
use crate::model::id_number;
use crate::ports::{AccessFilter, PortError, PortErrorKind, PortResult, Scored};

/// From here on values are looked for by going through what there is.
const MANY: usize = 64;
/// A look-up in a dictionary takes as long as going on by about so many of its terms.
const LOOK_UP: usize = 16;

/// What a filter comes down to: text clauses taken apart as far as connectives go.
enum Wanted<'f> {
    All,
    And(Vec<Wanted<'f>>),
    Or(Vec<Wanted<'f>>),
    Not(Box<Wanted<'f>>),
    Clause(&'f Clause),
    Text(TextField, &'f TextExpr),
}

impl<'f> Wanted<'f> {
    /// The parser bounds the depth of this recursion.
    fn of(filter: &'f Filter) -> Self {
        match filter {
            Filter::All => Self::All,
            Filter::None => Self::Or(Vec::new()),
            Filter::And(parts) => Self::And(parts.iter().map(Self::of).collect()),
            Filter::Or(parts) => Self::Or(parts.iter().map(Self::of).collect()),
            Filter::Not(inner) => Self::Not(Box::new(Self::of(inner))),
            Filter::Clause(Clause::Text { fields, expr }) => Self::text(fields, expr),
            Filter::Clause(clause) => Self::Clause(clause),
        }
    }

    /// Words may be spread over the fields; each is in one of them.
    fn text(fields: &[TextField], expr: &'f TextExpr) -> Self {
        let all = |parts: &'f [TextExpr]| parts.iter().map(|part| Self::text(fields, part));
        match expr {
            TextExpr::And(parts) => Self::And(all(parts).collect()),
            TextExpr::Or(parts) => Self::Or(all(parts).collect()),
            TextExpr::Not(inner) => Self::Not(Box::new(Self::text(fields, inner))),
            leaf => Self::Or(
                fields
                    .iter()
                    .map(|field| Self::Text(*field, leaf))
                    .collect(),
            ),
        }
    }
}

/// Works out filters over one generation.
pub(crate) struct Matcher<'a> {
    pub(crate) compiler: Compiler<'a>,
    pub(crate) columns: &'a Columns,
    /// All rows that are there.
    pub(crate) documents: &'a Arc<Docs>,
}

impl Matcher<'_> {
    /// The rows of `within` that pass.
    pub(crate) fn passing(&self, filter: &Filter, within: &Arc<Docs>) -> PortResult<Arc<Docs>> {
        if *filter == Filter::All {
            return Ok(Arc::clone(within));
        }
        let mut docs = Docs::clone(within);
        self.narrow(&Wanted::of(filter), &mut docs)?;
        Ok(Arc::new(docs))
    }

    /// The rows that may be seen: of channels of the project, behind none of the failed gates.
    pub(crate) fn visible(&self, access: &AccessFilter) -> PortResult<Arc<Docs>> {
        if *access == AccessFilter::default() {
            return Ok(Arc::clone(self.documents));
        }
        let mut docs = Docs::clone(self.documents);
        let fields = self.compiler.fields;
        if let Some(channels) = &access.channels {
            let mut reached = docs.none_like();
            self.terms(fields.channel, channels, &mut reached)?;
            docs.keep(&reached);
        }
        let mut hidden = docs.none_like();
        self.terms(fields.lineage, &access.failed_gates, &mut hidden)?;
        docs.remove(&hidden);
        Ok(Arc::new(docs))
    }

    /// The rows that a scored clause matches.
    pub(crate) fn ranked(&mut self, scored: &Scored) -> PortResult<Docs> {
        let mut docs = self.documents.none_like();
        let mut terms: HashMap<TextField, Vec<&str>> = HashMap::new();
        let mut phrases = Vec::new();
        let mut open = vec![scored];
        while let Some(scored) = open.pop() {
            match scored {
                Scored::Term { field, term, .. } => terms.entry(*field).or_default().push(term),
                Scored::Phrase { .. } => phrases.push(scored),
                Scored::AnyOf(parts) | Scored::DisMax { clauses: parts, .. } => open.extend(parts),
            }
        }
        // A phrase one of whose words matches alone adds nothing.
        phrases.retain(|scored| match scored {
            Scored::Phrase {
                field,
                terms: phrase,
                ..
            } => {
                let alone = terms.get(field);
                !alone.is_some_and(|alone| phrase.iter().any(|word| alone.contains(&word.as_str())))
            }
            _ => true,
        });
        for (field, mut terms) in terms {
            terms.retain(|term| self.compiler.present(term));
            self.words(self.compiler.fields.text_field(field), &terms, &mut docs)?;
        }
        for phrase in phrases {
            if let Some(query) = self.compiler.scored(phrase)? {
                self.query(&*query, &mut docs)?;
            }
        }
        Ok(docs)
    }

    fn searcher(&self) -> &Searcher {
        self.compiler.dictionary.searcher()
    }

    /// Leaves what is wanted.
    fn narrow(&self, wanted: &Wanted<'_>, docs: &mut Docs) -> PortResult<()> {
        match wanted {
            Wanted::All => {}
            Wanted::And(parts) => {
                for part in parts {
                    if docs.is_empty() {
                        break;
                    }
                    self.narrow(part, docs)?;
                }
            }
            Wanted::Not(inner) => docs.remove(&self.matching(inner)?),
            Wanted::Or(_) | Wanted::Clause(_) | Wanted::Text(..) => {
                docs.keep(&self.matching(wanted)?);
            }
        }
        Ok(())
    }

    /// What is wanted; rows that are no longer there may be among it.
    fn matching(&self, wanted: &Wanted<'_>) -> PortResult<Docs> {
        let mut docs = self.documents.none_like();
        self.add(wanted, &mut docs)?;
        Ok(docs)
    }

    fn add(&self, wanted: &Wanted<'_>, docs: &mut Docs) -> PortResult<()> {
        match wanted {
            Wanted::All => docs.add(self.documents),
            Wanted::Or(parts) => {
                for part in parts {
                    self.add(part, docs)?;
                }
            }
            Wanted::And(_) | Wanted::Not(_) => {
                let mut rest = Docs::clone(self.documents);
                self.narrow(wanted, &mut rest)?;
                docs.add(&rest);
            }
            Wanted::Clause(clause) => self.clause(clause, docs)?,
            Wanted::Text(field, expr) => {
                for leaf in self.compiler.leaf(*field, expr)? {
                    self.leaf(&leaf, docs)?;
                }
            }
        }
        Ok(())
    }

    fn clause(&self, clause: &Clause, docs: &mut Docs) -> PortResult<()> {
        match clause {
            Clause::Terms { column, values } => {
                let field = self.column(column)?;
                if *column == "id" && self.are_many(values.len()) {
                    return self.ids(field, values, docs);
                }
                self.terms(field, values, docs)
            }
            Clause::Ids { column, numbers } => {
                let field = self.column(column)?;
                if *column == "id" && self.are_many(numbers.len()) {
                    self.numbers(numbers.clone(), docs);
                    return Ok(());
                }
                let ids: Vec<String> = numbers.iter().map(u64::to_string).collect();
                self.terms(field, &ids, docs)
            }
            Clause::Range { column, from, to } => {
                let from = from.unwrap_or(i64::MIN);
                let last = match to {
                    // Half open, so nothing is before the first instant of all.
                    Some(to) => to.checked_sub(1),
                    None => Some(i64::MAX),
                };
                match last {
                    Some(last) if from <= last => self.range(column, from, last, docs),
                    _ => Ok(()),
                }
            }
            Clause::Between { column, from, to } => {
                self.between(self.column(column)?, from, to, docs)
            }
            // Taken apart before.
            Clause::Text { .. } => Ok(()),
        }
    }

    fn column(&self, name: &str) -> PortResult<Field> {
        self.compiler.fields.keyword(name).ok_or_else(|| {
            PortError::new(
                PortErrorKind::Other,
                format!("index: there is no column `{name}`"),
            )
        })
    }

    /// Rows that have one of these values.
    fn terms(&self, field: Field, values: &[impl AsRef<str>], docs: &mut Docs) -> PortResult<()> {
        self.each_index(field, docs, |index, rows| {
            let dictionary = index.terms();
            if values.len() > MANY && dictionary.num_terms() < values.len() * LOOK_UP {
                return along(index, values, rows);
            }
            for value in values {
                if let Some(info) = dictionary.get(value.as_ref().as_bytes())? {
                    let option = IndexRecordOption::Basic;
                    insert(
                        index.read_block_postings_from_terminfo(&info, option)?,
                        rows,
                    );
                }
            }
            Ok(())
        })
    }

    /// Rows that have one of these words, which are those of a question and looked up by now.
    fn words(&self, field: Field, words: &[&str], docs: &mut Docs) -> PortResult<()> {
        let error = engine_error("count");
        let terms = self.compiler.dictionary.field(field).map_err(&error)?;
        for word in words {
            let known = terms.term(word).map_err(&error)?;
            for ordinal in (0..).take(self.searcher().segment_readers().len()) {
                let Some(place) = known.place(ordinal) else {
                    continue;
                };
                let index = terms.index(ordinal);
                let option = IndexRecordOption::Basic;
                let postings = index.read_block_postings_from_terminfo(&place.info, option);
                let postings = postings.map_err(|cause| error(cause.into()))?;
                insert(postings, &mut docs.segment_mut(ordinal));
            }
        }
        Ok(())
    }

    /// Terms of one field of text, of which one must be there, or a query for each row.
    fn leaf(&self, leaf: &Leaf, docs: &mut Docs) -> PortResult<()> {
        match leaf {
            Leaf::Terms(field, terms) => self.terms(*field, terms, docs),
            Leaf::Query(query) => self.query(query.as_ref(), docs),
        }
    }

    /// Rows that a query of the library matches.
    pub(crate) fn query(&self, query: &dyn Query, docs: &mut Docs) -> PortResult<()> {
        let error = engine_error("filter by text");
        let searcher = self.searcher();
        let weight = query.weight(EnableScoring::disabled_from_searcher(searcher));
        let weight = weight.map_err(&error)?;
        for (ordinal, segment) in (0..).zip(searcher.segment_readers()) {
            let mut rows = docs.segment_mut(ordinal);
            let each = weight.for_each_no_score(segment, &mut |found| rows.extend(found));
            each.map_err(&error)?;
        }
        Ok(())
    }

    fn range(&self, column: &str, from: i64, last: i64, docs: &mut Docs) -> PortResult<()> {
        let name = column_name(column);
        let error = engine_error("filter by date");
        let mut found = Vec::new();
        for (ordinal, columns) in self.columns.by_segment() {
            let Some(column) = columns.date(&name).map_err(&error)? else {
                continue;
            };
            // The library takes a range that ends before all values for one with the first.
            if last < column.min_value() || column.max_value() < from {
                continue;
            }
            let rows = 0..self.searcher().segment_reader(ordinal).max_doc();
            found.clear();
            column.get_docids_for_value_range(from..=last, rows, &mut found);
            docs.segment_mut(ordinal).extend(&found);
        }
        Ok(())
    }

    fn between(&self, field: Field, from: &str, to: &str, docs: &mut Docs) -> PortResult<()> {
        self.each_index(field, docs, |index, rows| {
            let range = index.terms().range().ge(from.as_bytes()).lt(to.as_bytes());
            let mut terms = range.into_stream()?;
            while terms.advance() {
                let option = IndexRecordOption::Basic;
                insert(
                    index.read_block_postings_from_terminfo(terms.value(), option)?,
                    rows,
                );
            }
            Ok(())
        })
    }

    /// Rows with one of many ids that are not all numbers.
    fn ids(&self, field: Field, ids: &[String], docs: &mut Docs) -> PortResult<()> {
        let mut numbers = Vec::with_capacity(ids.len());
        let mut others = Vec::new();
        for id in ids {
            match id_number(id) {
                Some((number, false)) => numbers.push(number),
                _ => others.push(id),
            }
        }
        self.numbers(numbers, docs);
        self.terms(field, &others, docs)
    }

    /// Whether going through the numbers of all documents costs less than looking up so many
    /// ids one by one.
    fn are_many(&self, ids: usize) -> bool {
        let documents = usize::try_from(self.documents.count()).unwrap_or(usize::MAX);
        ids > MANY && ids.saturating_mul(MANY) >= documents
    }

    /// Rows whose id is one of these. The column of ids has the bare number: an attachment's
    /// is that of the page of its number.
    fn numbers(&self, numbers: Vec<u64>, docs: &mut Docs) {
        let numbers = Numbers::new(numbers);
        for (ordinal, columns) in self.columns.by_segment() {
            let found = numbers.rows(&columns.number, |number| number >> 1);
            docs.segment_mut(ordinal).extend(&found);
        }
    }

    fn each_index(
        &self,
        field: Field,
        docs: &mut Docs,
        each: impl Fn(&InvertedIndexReader, &mut Rows<'_>) -> std::io::Result<()>,
    ) -> PortResult<()> {
        let error = engine_error("filter");
        for (ordinal, segment) in (0..).zip(self.searcher().segment_readers()) {
            let index = segment.inverted_index(field).map_err(&error)?;
            each(&index, &mut docs.segment_mut(ordinal)).map_err(|cause| error(cause.into()))?;
        }
        Ok(())
    }
}

/// Goes through a dictionary and many values side by side.
fn along(
    index: &InvertedIndexReader,
    values: &[impl AsRef<str>],
    rows: &mut Rows<'_>,
) -> std::io::Result<()> {
    let mut values: Vec<&[u8]> = values
        .iter()
        .map(|value| value.as_ref().as_bytes())
        .collect();
    values.sort_unstable();
    let mut values = values.into_iter().peekable();
    let mut terms = index.terms().stream()?;
    while terms.advance() {
        while values.next_if(|value| *value < terms.key()).is_some() {}
        match values.peek() {
            None => break,
            Some(value) if *value == terms.key() => {
                let option = IndexRecordOption::Basic;
                insert(
                    index.read_block_postings_from_terminfo(terms.value(), option)?,
                    rows,
                );
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn insert(mut postings: BlockSegmentPostings, rows: &mut Rows<'_>) {
    while !postings.docs().is_empty() {
        rows.extend(postings.docs());
        postings.advance();
    }
}
