//! Bodies that are not storage format and have no reader of their own yet: their words
//! are kept as plain paragraphs, with a warning, so that the page can be found.

use serde_json::Value;

use super::para;
use crate::model::{Block, BlockKind, Inline, Metadata};

/// Wiki markup, paragraph by paragraph, as it is written.
fn wiki(source: &str) -> (Vec<Block>, Metadata) {
    let paragraphs = source
        .split("\n\n")
        .map(|text| text.lines().map(clean).collect());
    (
        paragraphs.filter_map(paragraph).collect(),
        unsupported(source),
    )
}

/// The current editor's JSON: the texts of each block. Other text is kept as it is.
pub(super) fn adf(source: &str) -> (Vec<Block>, Metadata) {
    let blocks = match serde_json::from_str::<Value>(source) {
        Ok(value) => paragraphs(&value)
            .into_iter()
            .filter_map(paragraph)
            .collect(),
        Err(_) => wiki(source).0,
    };
    (blocks, unsupported(source))
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

/// The lines of each node that holds text. The JSON reader bounds the depth.
fn paragraphs(value: &Value) -> Vec<Vec<String>> {
    let mut out: Vec<Vec<String>> = Vec::new();
    let mut stack = vec![value];
    while let Some(node) = stack.pop() {
        let content = node.get("content").and_then(Value::as_array);
        let kind = node.get("type").and_then(Value::as_str).unwrap_or_default();
        if matches!(
            kind,
            "paragraph" | "heading" | "codeBlock" | "taskItem" | "decisionItem"
        ) {
            out.push(text(node).lines().map(clean).collect());
            continue;
        }
        match content {
            Some(content) => stack.extend(content.iter().rev()),
            None => out.push(text(node).lines().map(clean).collect()),
        }
    }
    out
}

fn text(node: &Value) -> String {
    let mut out = String::new();
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        let attribute = |name: &str| {
            node.get("attrs")
                .and_then(|attrs| attrs.get(name)?.as_str())
        };
        let own = node.get("text").and_then(Value::as_str);
        let own = own
            .or_else(|| attribute("text"))
            .or_else(|| attribute("title"));
        out.push_str(own.unwrap_or_default());
        if node.get("type").and_then(Value::as_str) == Some("hardBreak") {
            out.push('\n');
        }
        if let Some(content) = node.get("content").and_then(Value::as_array) {
            stack.extend(content.iter().rev());
        }
    }
    out
}
