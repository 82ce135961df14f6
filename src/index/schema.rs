//! The columns of the index, from one table, and the version of all that is on disk.
//!
//! CQL's columns come from [`cql::fields::COLUMNS`](crate::cql::fields::COLUMNS); the rest
//! is what the engine needs itself. `schema/index.json` is printed from here.

use tantivy::schema::{
    FAST, Field, IndexRecordOption, NumericOptions, STORED, STRING, Schema, SchemaBuilder,
    TextFieldIndexing, TextOptions,
};

use super::tokenizer::TOKENIZER;
use crate::cql::fields::COLUMNS;
use crate::cql::plan::TextField;

/// Raised whenever rows, columns or terms change their meaning. An index of another
/// version is rebuilt from the store, which is said.
pub(crate) const FORMAT_VERSION: u32 = 5;

/// How the engine's own columns are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Exact terms.
    Keyword,
    /// Exact terms, also readable by row.
    FastKeyword,
    /// Unsigned number, readable by row.
    Number,
    /// Analysed terms with positions.
    Positions,
    /// Bytes to serve from.
    Stored,
}

const OWN: &[(&str, Shape, &str)] = &[
    ("key", Shape::FastKeyword, "SITE:ID"),
    (
        "channel",
        Shape::Keyword,
        "channels that reach the document",
    ),
    (
        "lineage",
        Shape::Keyword,
        "gates of the item, its space, its container, its ancestors",
    ),
    (
        "language",
        Shape::Keyword,
        "language of the stems, ISO 639-1",
    ),
    (
        "number",
        Shape::Number,
        "the content id as a number, for ties",
    ),
    ("site", Shape::Number, "number of the site"),
    (
        "text",
        Shape::Positions,
        "title, own text and labels, a gap between each; a term U+0001 where a heading or passage begins and where the own text ends",
    ),
    ("title", Shape::Positions, "title"),
    ("space_title", Shape::Positions, "name of the space"),
    (
        "creator_name",
        Shape::Positions,
        "public and display name of the creator",
    ),
    (
        "page",
        Shape::Stored,
        "facts of the document as JSON, ranges of its segments and its own Markdown, packed",
    ),
    (
        "record",
        Shape::Stored,
        "what is filled in when the document is read, and what other documents show of it, as packed JSON",
    ),
];

/// The fields of an index by name, resolved once.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    pub(crate) schema: Schema,
    pub(crate) key: Field,
    pub(crate) channel: Field,
    pub(crate) lineage: Field,
    pub(crate) language: Field,
    pub(crate) number: Field,
    pub(crate) site: Field,
    pub(crate) text: Field,
    pub(crate) title: Field,
    pub(crate) space_title: Field,
    pub(crate) creator_name: Field,
    pub(crate) page: Field,
    pub(crate) record: Field,
    /// In the order of `COLUMNS`.
    pub(crate) columns: Vec<Field>,
}

impl Fields {
    pub(crate) fn new() -> Self {
        let mut builder = Schema::builder();
        for (name, shape, _) in OWN {
            add(&mut builder, name, *shape);
        }
        let columns = COLUMNS.iter().map(|column| {
            let name = column_name(column.name);
            if column.date {
                return builder.add_i64_field(&name, NumericOptions::default().set_fast());
            }
            let shape = if column.sort {
                Shape::FastKeyword
            } else {
                Shape::Keyword
            };
            add(&mut builder, &name, shape)
        });
        let columns = columns.collect();
        Self::resolve(builder.build(), columns)
    }

    fn resolve(schema: Schema, columns: Vec<Field>) -> Self {
        let field = |name| {
            schema
                .get_field(name)
                .expect("every name is in the table above")
        };
        Self {
            key: field("key"),
            channel: field("channel"),
            lineage: field("lineage"),
            language: field("language"),
            number: field("number"),
            site: field("site"),
            text: field("text"),
            title: field("title"),
            space_title: field("space_title"),
            creator_name: field("creator_name"),
            page: field("page"),
            record: field("record"),
            columns,
            schema,
        }
    }

    /// The field of a CQL column; `None` for a name that is in no table.
    pub(crate) fn column(
        &self,
        name: &str,
    ) -> Option<(Field, &'static crate::cql::fields::Column)> {
        let at = COLUMNS.iter().position(|column| column.name == name)?;
        Some((self.columns[at], &COLUMNS[at]))
    }

    /// The field of exact terms of a name: a CQL column, or one of the engine's own that may
    /// be filtered by.
    pub(crate) fn keyword(&self, name: &str) -> Option<Field> {
        match name {
            "language" => Some(self.language),
            _ => self.column(name).map(|(field, _)| field),
        }
    }

    pub(crate) fn text_field(&self, field: TextField) -> Field {
        match field {
            TextField::Text => self.text,
            TextField::Title => self.title,
            TextField::SpaceTitle => self.space_title,
            TextField::CreatorName => self.creator_name,
        }
    }
}

/// CQL's columns have names of their own, so that `title` can be text and keyword.
pub(crate) fn column_name(column: &str) -> String {
    format!("cql_{column}")
}

fn add(builder: &mut SchemaBuilder, name: &str, shape: Shape) -> Field {
    let analysed = || {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(TOKENIZER)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        TextOptions::default().set_indexing_options(indexing)
    };
    match shape {
        Shape::Keyword => builder.add_text_field(name, STRING),
        Shape::FastKeyword => builder.add_text_field(name, STRING | FAST),
        Shape::Number => builder.add_u64_field(name, FAST),
        Shape::Positions => builder.add_text_field(name, analysed()),
        Shape::Stored => builder.add_bytes_field(name, STORED),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    /// The contract as a file: every column, its kind and what is in it.
    fn schema_json() -> Json {
        let own = OWN.iter().map(|(name, shape, doc)| {
            let (kind, tokenizer) = match shape {
                Shape::Keyword | Shape::FastKeyword => ("keyword", Some("raw")),
                Shape::Number => ("u64", None),
                Shape::Positions => ("text", Some(TOKENIZER)),
                Shape::Stored => ("bytes", None),
            };
            let positions = matches!(shape, Shape::Positions);
            let fast = matches!(shape, Shape::FastKeyword | Shape::Number);
            json!({
                "name": name, "type": kind, "tokenizer": tokenizer, "positions": positions,
                "stored": matches!(shape, Shape::Stored), "fast": fast, "doc": doc,
            })
        });
        let cql = COLUMNS.iter().map(|column| {
            json!({
                "name": column_name(column.name),
                "type": if column.date { "i64" } else { "keyword" },
                "tokenizer": if column.date { None } else { Some("raw") },
                "positions": false, "stored": false, "fast": column.date || column.sort,
                "doc": format!("CQL column `{}`{}", column.name,
                    if column.multi { ", several values" } else { "" }),
            })
        });
        json!({
            "format_version": FORMAT_VERSION,
            "columns": own.chain(cql).collect::<Vec<_>>(),
        })
    }

    #[test]
    fn the_contract_is_what_is_built() {
        let printed = serde_json::to_string_pretty(&schema_json()).unwrap() + "\n";
        expect_test::expect_file!["../../schema/index.json"].assert_eq(&printed);
    }
}
