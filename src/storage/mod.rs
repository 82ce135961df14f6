//! From what Confluence stores to what can be searched and cited: block tree, Markdown,
//! text, segments and metadata, in one pass over the body.
//!
//! Storage format is XML-like and often damaged, so the reader is lenient by
//! construction and never fails; what it met is in the warnings. Nothing is looked up
//! here: names of people come from [`Names`], titles and addresses of other pages are
//! somebody else's business at read time.
//!
//! The text has one line for each line of a block; the cells of a table row are
//! separated by tabs.

mod adf;
mod adf_doc;
mod anchors;
mod build;
mod bytes;
mod close;
mod detect;
mod elements;
mod entity;
mod flow;
mod html;
mod links;
mod macros;
mod media;
mod numbers;
mod open;
mod packed;
mod para;
mod place;
mod plain;
mod render;
mod scan;
mod table;
mod tag;
mod tasks;
mod warn;
mod wiki;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use detect::detect;
pub(crate) use macros::RULES;
pub(crate) use render::{escaped, escaped_cell};

use std::sync::LazyLock;

use build::Builder;
use memchr::memmem;
use numbers::Units;
use scan::Scanner;
use write::Writer;

use crate::model::{Block, Body, Converted, Metadata, RawBody, Representation, Warning};

/// Longest body that is read, in bytes.
const LONGEST_BODY: usize = 20 << 20;

/// What only the current editor writes.
static LOCAL_ID: LazyLock<memmem::Finder<'static>> =
    LazyLock::new(|| memmem::Finder::new("local-id="));

/// What the page around a body adds to its meaning.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    /// Title of the page; part of the anchors of its headings.
    pub(crate) title: &'a str,
    pub(crate) space_key: Option<&'a str>,
    /// Whether the server renders the page, as on Data Center and in Cloud's legacy
    /// editor. `None`: the body has to tell.
    pub(crate) server_rendered: Option<bool>,
}

/// Who knows what people and shortcuts are called.
pub(crate) trait Names {
    /// The name to show of a person, by account id, lower-cased user key or lower-cased
    /// user name.
    fn user(&self, id: &str) -> Option<&str>;

    /// The URL of an interwiki shortcut, with `%s` where its parameter goes.
    fn shortcut(&self, _key: &str) -> Option<&str> {
        None
    }
}

/// Knows nobody.
pub(crate) struct NoNames;

impl Names for NoNames {
    fn user(&self, _id: &str) -> Option<&str> {
        None
    }
}

/// Converts a body. Never fails, and the same input gives the same output.
pub(crate) fn convert(body: &RawBody, context: &Context<'_>, names: &dyn Names) -> Converted {
    let source = &body.value[..body.value.floor_char_boundary(LONGEST_BODY)];
    let builder = |source: &str| Builder::new(context, names, source.len());
    let representation = match body.representation {
        Representation::Html if html::is_storage_format(source) => Representation::Storage,
        told => told,
    };
    let (blocks, mut meta, units) = match representation {
        Representation::Html => {
            let mut builder = builder(source);
            builder.headings_have_ids = true;
            read_written(html::write(source), builder)
        }
        Representation::Storage => read(source, builder(source)),
        Representation::Adf => read_written(adf_doc::write(source), builder(source)),
        Representation::Wiki => read_wiki(source, builder(source)),
    };
    if source.len() < body.value.len() {
        warn(&mut meta, "body_cut", source.len());
    }
    meta.bytes = body.value.len();
    meta.representation = representation;
    meta.current_editor = match context.server_rendered {
        Some(server_rendered) => !server_rendered,
        None if representation == Representation::Adf => true,
        // It is known already when one of its own elements was read.
        None => meta.current_editor || LOCAL_ID.find(source.as_bytes()).is_some(),
    };
    anchors::make_unique(&mut meta.headings);
    let meta = excerpts(meta);
    render::render(Body { blocks }, meta, units)
}

/// Writes each excerpt by itself, as other pages show it.
fn excerpts(mut meta: Metadata) -> Metadata {
    let mut excerpts = std::mem::take(&mut meta.excerpts);
    for excerpt in &mut excerpts {
        let blocks = std::mem::take(&mut excerpt.blocks);
        let rendered;
        (rendered, meta) = render::part(&blocks, meta);
        let render::Part {
            markdown,
            edges,
            link_places,
        } = rendered;
        (excerpt.markdown, excerpt.edges) = (markdown, edges);
        excerpt.link_places = link_places;
    }
    meta.excerpts = excerpts;
    meta
}

fn read(source: &str, mut builder: Builder<'_>) -> (Vec<Block>, Metadata, Units) {
    elements::read(&mut builder, Scanner::new(source));
    builder.finish()
}

/// Reads what was written of a body in another representation.
fn read_written(written: Writer, mut builder: Builder<'_>) -> (Vec<Block>, Metadata, Units) {
    let (written, places, warnings) = written.finish();
    builder.warnings = warnings;
    elements::read_from(&mut builder, Scanner::new(&written), places);
    builder.finish()
}

fn read_wiki(source: &str, mut builder: Builder<'_>) -> (Vec<Block>, Metadata, Units) {
    wiki::read(&mut builder, source);
    builder.finish()
}

fn warn(meta: &mut Metadata, code: &str, byte_offset: usize) {
    let detail = String::new();
    meta.warnings.push(Warning {
        code: code.to_owned(),
        byte_offset,
        detail,
    });
}
