//! Macros whose plain body is a language of its own.

use pulldown_cmark::{Event, Options, Parser, html};

use serde_json::Value;

use super::super::flow::CellFrame;
use super::super::links::percent_decode;
use super::super::para::push_literal;
use super::super::table::{RawCell, RawRow, TableFrame};
use super::super::tag::CellKind;
use super::references::embed;
use super::{Builder, MacroCall, MacroRule};
use crate::model::{Block, BlockKind, Inline};

/// Formulas.
pub(super) struct Math;

impl MacroRule for Math {
    fn names(&self) -> &'static [&'static str] {
        &[
            "mathblock",
            "mathinline",
            "latex",
            "latex-block",
            "latex-inline",
            "eazy-math-block",
            "easy-math-block",
            "easy-math-inline",
            "eazy-math-inline",
            "mathjax-block-macro",
            "mathjax-inline-macro",
        ]
    }

    fn doc(&self) -> &'static str {
        "The TeX source between dollar signs; the anchor is recorded."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<p>With <ac:structured-macro ac:name="mathinline"><ac:parameter ac:name="body">a_1^2</ac:parameter></ac:structured-macro> apples</p>"#,
            "With $a_1^2$ apples",
        )
    }

    fn convert(&self, mut call: MacroCall, out: &mut Builder<'_>) {
        let tex = call
            .plain()
            .or_else(|| call.line(&["body", "equation", ""]));
        let tex = tex
            .map(|tex| tex.trim().to_owned())
            .filter(|tex| !tex.is_empty());
        if let Some(name) = call.line(&["anchor"]) {
            out.record_anchor(&name);
        }
        let source = call.source.clone();
        let display = !call.name.contains("inline") && !call.inline;
        out.splice(call.take_rich());
        match tex {
            Some(tex) if display => out.block(BlockKind::Math { tex, display }, source),
            Some(tex) => out.inline(Inline::Math { tex }),
            None => {}
        }
    }
}

/// A quantity with its unit.
pub(super) struct Unit;

impl MacroRule for Unit {
    fn names(&self) -> &'static [&'static str] {
        &["unit"]
    }

    fn doc(&self) -> &'static str {
        "What it says, in the line."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<p>Keep <ac:structured-macro ac:name="unit"><ac:parameter ac:name="body">4 mm</ac:parameter></ac:structured-macro> free</p>"#,
            "Keep 4 mm free",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        if let Some(text) = call.line(&["body"]) {
            out.words(&text);
        }
        out.transparent(call);
    }
}

/// Markdown in a body.
pub(super) struct Markdown;

impl MacroRule for Markdown {
    fn names(&self) -> &'static [&'static str] {
        &["markdown", "mohamicorp-markdown", "markdown-macro"]
    }

    fn doc(&self) -> &'static str {
        "Its Markdown as blocks."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="markdown"><ac:plain-text-body><![CDATA[# Kit

* rope
* *good* boots]]></ac:plain-text-body></ac:structured-macro>"#,
            "# Kit\n\n- rope\n- *good* boots",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        let Some(text) = call.plain().filter(|_| out.nesting == 0) else {
            named_elsewhere(&call, out);
            return out.transparent(call);
        };
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let mut page = String::new();
        let mut raw = false;
        let events = Parser::new_ext(&text, options)
            .inspect(|event| raw |= matches!(event, Event::Html(_) | Event::InlineHtml(_)));
        html::push_html(&mut page, events);
        // What comes of Markdown alone is well formed, and read without a browser's rules.
        let blocks = if raw {
            out.html_fragment(&page, &call.source)
        } else {
            out.fragment(&page, &call.source)
        };
        embedded(blocks, call, out);
    }
}

/// Markdown may stand in a file or at a URL; nothing is fetched.
fn named_elsewhere(call: &MacroCall, out: &mut Builder<'_>) {
    if let Some(file_name) = call.line(&["attachment", "file"]) {
        out.record_attachment(&file_name, None, "view");
        out.words(&file_name);
        out.flush();
    } else {
        embed(call, out);
    }
}

/// HTML in a body.
pub(super) struct Html;

impl MacroRule for Html {
    fn names(&self) -> &'static [&'static str] {
        &["html", "html-bobswift"]
    }

    fn doc(&self) -> &'static str {
        "Its HTML as a browser shows it, without what could run."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="html"><ac:plain-text-body><![CDATA[<script>run()</script><p>Plain <b>words</b></p>]]></ac:plain-text-body></ac:structured-macro>"#,
            "Plain **words**",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        out.meta.has_raw_html = true;
        match call.plain().filter(|_| out.nesting == 0) {
            Some(text) => {
                let blocks = out.html_fragment(&text, &call.source);
                embedded(blocks, call, out);
            }
            None => out.transparent(call),
        }
    }
}

/// Puts what a plain body was read as in its place: a single paragraph of a macro that stands
/// in a line stays in the line.
fn embedded(mut blocks: Vec<Block>, mut call: MacroCall, out: &mut Builder<'_>) {
    if call.inline
        && let [
            Block {
                kind: BlockKind::Paragraph { inlines },
                number,
                ..
            },
        ] = blocks.as_mut_slice()
    {
        out.append(std::mem::take(inlines), *number);
        blocks.clear();
    }
    let rich = call.take_rich();
    out.splice(blocks);
    out.splice(rich);
}

/// Comma-separated values.
pub(super) struct Csv;

impl MacroRule for Csv {
    fn names(&self) -> &'static [&'static str] {
        &["csv"]
    }

    fn doc(&self) -> &'static str {
        "A table; its first line is the header."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="csv"><ac:plain-text-body><![CDATA[Hut,Beds
"Upper, new",12]]></ac:plain-text-body></ac:structured-macro>"#,
            "| Hut | Beds |\n| --- | --- |\n| Upper, new | 12 |",
        )
    }

    fn convert(&self, mut call: MacroCall, out: &mut Builder<'_>) {
        let delimiter = delimiter(call.param("delimiter").unwrap_or(","));
        let Some(text) = call.plain() else {
            return out.transparent(call);
        };
        let source = call.source.clone();
        let rows = records(&text, delimiter).into_iter().enumerate();
        let rows = rows.map(|(at, fields)| {
            let kind = if at == 0 {
                CellKind::Header
            } else {
                CellKind::Data
            };
            let cells = fields.into_iter();
            let cells = cells.map(|text| cell(text, kind, &call)).collect();
            RawRow {
                cells,
                in_head: at == 0,
                source: source.clone(),
            }
        });
        let rows = rows.collect();
        out.splice(call.take_rich());
        out.close_table(
            TableFrame {
                rows,
                ..TableFrame::default()
            },
            source,
        );
    }
}

fn cell(text: String, kind: CellKind, call: &MacroCall) -> RawCell {
    let block = |text| {
        call.make(BlockKind::Paragraph {
            inlines: vec![Inline::Text { text }],
        })
    };
    let blocks: Vec<Block> = Some(text)
        .filter(|text| !text.is_empty())
        .map(block)
        .into_iter()
        .collect();
    let frame = CellFrame {
        kind,
        columns: 1,
        rows: 1,
    };
    RawCell { frame, blocks }
}

/// What separates fields: a character, or its name.
fn delimiter(told: &str) -> u8 {
    match told.to_ascii_lowercase().as_str() {
        "tab" | "\\t" => b'\t',
        "comma" => b',',
        "semicolon" => b';',
        "pipe" => b'|',
        "colon" => b':',
        _ => told.bytes().next().filter(u8::is_ascii).unwrap_or(b','),
    }
}

/// The fields of each line that has any.
fn records(text: &str, delimiter: u8) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    // A text in memory that is valid UTF-8 can always be read.
    let records = reader.records().filter_map(Result::ok);
    let fields = records.map(|record| record.iter().map(words).collect());
    fields
        .filter(|fields: &Vec<String>| fields.iter().any(|field| !field.is_empty()))
        .collect()
}

fn words(field: &str) -> String {
    field.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A chart over a table.
pub(super) struct Chart;

impl MacroRule for Chart {
    fn names(&self) -> &'static [&'static str] {
        &["chart"]
    }

    fn doc(&self) -> &'static str {
        "Its title, then the table of its data."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="chart"><ac:parameter ac:name="title">Guests</ac:parameter><ac:parameter ac:name="type">pie</ac:parameter><ac:rich-text-body><table><tbody><tr><th>May</th><td>3</td></tr></tbody></table></ac:rich-text-body></ac:structured-macro>"#,
            "**Guests**\n\n|  |  |\n| --- | --- |\n| **May** | 3 |",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        if let Some(title) = call.line(&["title"]) {
            out.bold_line(&title, &call);
        }
        out.transparent(call);
    }
}

/// A plan drawn as lanes with bars.
pub(super) struct Roadmap;

impl MacroRule for Roadmap {
    fn names(&self) -> &'static [&'static str] {
        &["roadmap"]
    }

    fn doc(&self) -> &'static str {
        "Its title, then the titles of its lanes with their bars, then its markers."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="roadmap"><ac:parameter ac:name="title">Huts</ac:parameter><ac:parameter ac:name="source">%7B%22lanes%22%3A%5B%7B%22title%22%3A%22Roofs%22%2C%22color%22%3A%22%23aab%22%2C%22bars%22%3A%5B%7B%22title%22%3A%22North%20face%22%7D%5D%7D%5D%2C%22markers%22%3A%5B%7B%22title%22%3A%22Snow%22%7D%5D%7D</ac:parameter></ac:structured-macro>"#,
            "**Huts**\n\n- Roofs\n  - North face\n- Snow",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        let source = call.param("source").map(percent_decode);
        let plan = source.and_then(|source| serde_json::from_str::<Value>(&source).ok());
        let title = call.line(&["title"]).or_else(|| titled(plan.as_ref()?));
        if let Some(title) = title {
            out.bold_line(&title, &call);
        }
        if let Some(plan) = plan {
            let items = plan_items(&plan, &call);
            if !items.is_empty() {
                let kind = BlockKind::List {
                    ordered: false,
                    start: 1,
                    items,
                };
                out.block(kind, call.source.clone());
            }
        }
        out.transparent(call);
    }
}

fn plan_items(plan: &Value, call: &MacroCall) -> Vec<Vec<Block>> {
    let list = |value: &Value, key: &str| value.get(key).and_then(Value::as_array).cloned();
    let item = |value: &Value| {
        let text = titled(value)?;
        let inlines = vec![Inline::Text { text }];
        Some(vec![call.make(BlockKind::Paragraph { inlines })])
    };
    let mut items = Vec::new();
    for lane in list(plan, "lanes").unwrap_or_default() {
        let bars = list(&lane, "bars").unwrap_or_default();
        let bars: Vec<Vec<Block>> = bars.iter().filter_map(item).collect();
        let mut blocks = item(&lane).unwrap_or_default();
        if !bars.is_empty() {
            blocks.push(call.make(BlockKind::List {
                ordered: false,
                start: 1,
                items: bars,
            }));
        }
        if !blocks.is_empty() {
            items.push(blocks);
        }
    }
    items.extend(
        list(plan, "markers")
            .unwrap_or_default()
            .iter()
            .filter_map(item),
    );
    items
}

/// The title of a part of a plan, cleaned as text of a body is.
fn titled(value: &Value) -> Option<String> {
    let title = value.get("title")?.as_str()?;
    let mut text = String::new();
    push_literal(&mut text, title);
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    (!text.is_empty()).then_some(text)
}

/// Text that Confluence could not migrate from wiki markup.
pub(super) struct Unmigrated;

impl MacroRule for Unmigrated {
    fn names(&self) -> &'static [&'static str] {
        &["unmigrated-wiki-markup", "unmigrated-inline-wiki-markup"]
    }

    fn doc(&self) -> &'static str {
        "Its body, read as wiki markup."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="unmigrated-wiki-markup"><ac:plain-text-body><![CDATA[h2. Rules
The *old* ones hold.]]></ac:plain-text-body></ac:structured-macro>"#,
            "## Rules\n\nThe **old** ones hold.",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        out.meta.unmigrated = true;
        let Some(text) = call.plain() else {
            return out.transparent(call);
        };
        let blocks = out.wiki_fragment(&text, &call.source);
        embedded(blocks, call, out);
    }
}
