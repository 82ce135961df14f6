//! Bodies that are not storage format and have no reader of their own yet: their words
//! are kept as plain paragraphs, with a warning, so that the page can be found.

use super::para;
use crate::model::{Block, BlockKind, Inline, Metadata};

/// Wiki markup, paragraph by paragraph, as it is written.
pub(super) fn wiki(source: &str) -> (Vec<Block>, Metadata) {
    let paragraphs = source
        .split("\n\n")
        .map(|text| text.lines().map(clean).collect());
    (
        paragraphs.filter_map(paragraph).collect(),
        unsupported(source),
    )
}

fn unsupported(source: &str) -> Metadata {
    let mut meta = Metadata {
        bytes: source.len(),
        well_formed: true,
        ..Metadata::default()
    };
    super::warn(&mut meta, "representation_not_supported", 0);
    meta
}

fn clean(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    para::push_literal(&mut out, line);
    para::compose(&mut out);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn paragraph(lines: Vec<String>) -> Option<Block> {
    let mut inlines = Vec::new();
    for text in lines.into_iter().filter(|line| !line.is_empty()) {
        if !inlines.is_empty() {
            inlines.push(Inline::LineBreak);
        }
        inlines.push(Inline::Text { text });
    }
    let kind = BlockKind::Paragraph { inlines };
    match &kind {
        BlockKind::Paragraph { inlines } if inlines.is_empty() => None,
        _ => Some(Block {
            kind,
            source: 0..0,
            hidden: false,
        }),
    }
}
