//! The current editor's documents (ADF), written down as storage format.
//!
//! The editor stores its pages in both; what a node is in one, Confluence itself says in the
//! other. So a document becomes the storage format of the same page, with the same macros,
//! and is read by its rules. Three things a document does not tell: titles of linked pages
//! (it has their address), names of attached files (it has ids), and what an app shows.
//!
//! Nodes are visited with a stack of its own, so depth is no matter.

mod extension;
mod inline;
mod json;
mod media;
mod node;

use std::borrow::Cow;
use std::collections::BTreeSet;

use json::Json;
use node::Node;

use super::write::Writer;

/// Writes a document as storage format. What is no document is kept as the text it is.
pub(super) fn write(source: &str) -> Writer {
    let mut out = Writer::default();
    let start = source.len() - source.trim_start().len();
    if !source[start..].starts_with('{') {
        return not_a_document(source);
    }
    let json = Json::read(source, &mut out.warnings);
    let root = Node::read(&json, 0);
    if root.content.is_none() && root.kind != "doc" {
        return not_a_document(source);
    }
    let mut walk = Walk {
        json: &json,
        out,
        frames: Vec::new(),
        unknown: BTreeSet::new(),
        comments: BTreeSet::new(),
    };
    walk.node(&root);
    walk.run();
    let mut out = walk.out;
    let rest = source[json.end..].trim();
    if !rest.is_empty() {
        out.at(json.end);
        out.warnings.damage("json_damaged", json.end, "");
        out.element("p", &[], rest);
    }
    out
}

fn not_a_document(source: &str) -> Writer {
    let mut out = Writer::default();
    if !source.trim().is_empty() {
        out.warnings.damage("not_a_document", 0, "");
        out.plain(source);
    }
    out
}

/// End tags, innermost first.
type Ends = &'static [&'static str];

/// A node whose content is being written.
#[derive(Debug, Default)]
struct Frame {
    next: usize,
    end: usize,
    close: Ends,
    /// Its content is inline.
    inline: bool,
    /// Its content is code.
    code: bool,
    /// It is an image, which is written already; what is left is its caption.
    image: bool,
    /// It is a table with numbered rows: how many came so far.
    numbered: Option<u32>,
    /// The address of the link that is open, and its end tags.
    link: Option<(usize, Ends)>,
}

struct Walk<'j, 's> {
    json: &'j Json<'s>,
    out: Writer,
    frames: Vec<Frame>,
    unknown: BTreeSet<String>,
    /// Ids of comments that were met.
    comments: BTreeSet<String>,
}

/// What becomes of a node.
enum Step {
    /// It is written.
    Done,
    /// Its content goes between what was written and these end tags.
    Content(Ends),
    Inline(Ends),
    Framed(Frame),
}

impl<'s> Walk<'_, 's> {
    fn run(&mut self) {
        while let Some(frame) = self.frames.last_mut() {
            if frame.next < frame.end {
                let item = frame.next;
                frame.next = self.json.after(item);
                self.item(item);
                continue;
            }
            self.end_link();
            if let Some(frame) = self.frames.pop() {
                self.out.at(self.json.place(frame.end));
                self.close(frame.close);
            }
        }
    }

    fn top(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    fn close(&mut self, ends: Ends) {
        for name in ends {
            self.out.close(name);
        }
    }

    /// Something in a list of nodes. What is no node keeps its words.
    fn item(&mut self, item: usize) {
        self.out.at(self.json.place(item));
        if self.json.is_object(item) {
            let node = Node::read(self.json, item);
            return self.node(&node);
        }
        if self.json.is_list(item) {
            let inline = self.is_inline();
            return self.push(
                Some(item),
                Frame {
                    inline,
                    ..Frame::default()
                },
            );
        }
        if let Some(text) = self.json.scalar(item) {
            self.words(&text);
        }
    }

    fn node(&mut self, node: &Node<'_, 's>) {
        let step = match self.top() {
            Some(Frame { code: true, .. }) => self.in_code(node),
            _ if node.is_inline() => self.inline_node(node),
            _ => {
                self.end_link();
                self.block_node(node)
            }
        };
        let frame = match step {
            Step::Done => return,
            Step::Content(close) => Frame {
                close,
                ..Frame::default()
            },
            Step::Inline(close) => Frame {
                close,
                inline: true,
                ..Frame::default()
            },
            Step::Framed(frame) => frame,
        };
        self.push(node.content, frame);
    }

    /// Goes on with what stands in a list.
    fn push(&mut self, list: Option<usize>, frame: Frame) {
        let (next, end) = match list {
            Some(list) => (list + 1, self.json.after(list)),
            None => (frame.next, frame.end),
        };
        self.frames.push(Frame { next, end, ..frame });
    }

    fn is_inline(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.inline)
    }

    /// Words where they stand: a paragraph of their own between blocks.
    fn words(&mut self, text: &str) {
        if self.is_inline() {
            self.out.text(text);
        } else if !text.trim().is_empty() {
            self.out.element("p", &[], text);
        }
    }

    #[expect(clippy::too_many_lines, reason = "one flat table of nodes")]
    fn block_node(&mut self, node: &Node<'_, 's>) -> Step {
        let out = &mut self.out;
        match &*node.kind {
            "doc" => Step::Content(&[]),
            "paragraph" => {
                out.open("p", &[]);
                Step::Inline(&["p"])
            }
            "heading" => {
                let name = heading(node.attr("level").as_deref());
                out.open(name[0], &[]);
                Step::Inline(name)
            }
            "bulletList" => {
                out.open("ul", &[]);
                Step::Content(&["ul"])
            }
            "orderedList" => {
                let start = node.attr("order");
                out.open("ol", &[("start", start.as_deref().unwrap_or("1"))]);
                Step::Content(&["ol"])
            }
            "listItem" => {
                out.open("li", &[]);
                Step::Content(&["li"])
            }
            "blockquote" => {
                out.open("blockquote", &[]);
                Step::Content(&["blockquote"])
            }
            "rule" => {
                out.empty("hr", &[]);
                Step::Done
            }
            "codeBlock" => {
                out.macro_open("code");
                if let Some(language) = node.attr("language") {
                    out.parameter("language", &language);
                }
                out.open("ac:plain-text-body", &[]);
                Step::Framed(Frame {
                    code: true,
                    close: &["ac:plain-text-body", "ac:structured-macro"],
                    ..Frame::default()
                })
            }
            "panel" => self.panel(node),
            "expand" | "nestedExpand" => {
                out.macro_open("expand");
                if let Some(title) = node.attr("title") {
                    out.parameter("title", &title);
                }
                out.open("ac:rich-text-body", &[]);
                Step::Content(RICH)
            }
            "layoutSection" => {
                out.open("ac:layout", &[]);
                out.open("ac:layout-section", &[]);
                Step::Content(&["ac:layout-section", "ac:layout"])
            }
            "layoutColumn" => {
                out.open("ac:layout-cell", &[]);
                Step::Content(&["ac:layout-cell"])
            }
            "table" => {
                out.open("table", &[]);
                out.open("tbody", &[]);
                let numbered = node.attr("isNumberColumnEnabled");
                Step::Framed(Frame {
                    numbered: numbered.filter(|told| told == "true").map(|_| 0),
                    close: &["tbody", "table"],
                    ..Frame::default()
                })
            }
            "tableRow" => {
                out.open("tr", &[]);
                self.number(node);
                Step::Content(&["tr"])
            }
            "tableHeader" => self.cell(node, &["th"]),
            "tableCell" => self.cell(node, &["td"]),
            "taskList" => {
                out.open("ac:task-list", &[]);
                Step::Content(&["ac:task-list"])
            }
            "taskItem" => self.task(node, true),
            "blockTaskItem" => self.task(node, false),
            "decisionList" => {
                out.open("ac:adf-extension", &[]);
                out.open("ac:adf-node", &[("type", "decision-list")]);
                Step::Content(&["ac:adf-node", "ac:adf-extension"])
            }
            "decisionItem" => {
                out.open("ac:adf-node", &[("type", "decision-item")]);
                out.adf_attribute("state", node.attr("state").as_deref().unwrap_or("DECIDED"));
                out.open("ac:adf-content", &[]);
                Step::Inline(&["ac:adf-content", "ac:adf-node"])
            }
            "mediaSingle" => self.media_single(node),
            "mediaGroup" => Step::Content(&[]),
            "media" => self.media(node),
            "caption" => self.caption(),
            "blockCard" | "embedCard" => {
                out.open("p", &[]);
                self.card(node);
                self.out.close("p");
                Step::Done
            }
            "extension" | "bodiedExtension" | "multiBodiedExtension" => self.extension(node),
            "extensionFrame" => {
                out.open("ac:rich-text-body", &[]);
                Step::Content(&["ac:rich-text-body"])
            }
            "syncBlock" => self.sync_block(node),
            "bodiedSyncBlock" => self.synced_source(node),
            "confluenceUnsupportedBlock" => self.stored(node),
            "unsupportedBlock" => self.unsupported(node),
            _ => self.unknown(node),
        }
    }

    /// A box, as the editor stores the kinds it has (storage-format.md 11).
    fn panel(&mut self, node: &Node<'_, 's>) -> Step {
        let out = &mut self.out;
        let kind = node.attr("panelType").unwrap_or(Cow::Borrowed("info"));
        let name = match &*kind {
            "info" => "info",
            "tip" | "success" => "tip",
            "warning" => "note",
            "error" => "warning",
            "custom" => "panel",
            _ => {
                out.open("ac:adf-extension", &[]);
                out.open("ac:adf-node", &[("type", "panel")]);
                out.adf_attribute("panel-type", &kind);
                out.open("ac:adf-content", &[]);
                return Step::Content(&["ac:adf-content", "ac:adf-node", "ac:adf-extension"]);
            }
        };
        out.macro_open(name);
        if let Some(icon) = node.attr("panelIconText").filter(|_| name == "panel") {
            out.parameter("panelIconText", &icon);
        }
        out.open("ac:rich-text-body", &[]);
        Step::Content(RICH)
    }

    fn cell(&mut self, node: &Node<'_, 's>, name: Ends) -> Step {
        let columns = node.attr("colspan").unwrap_or_default();
        let rows = node.attr("rowspan").unwrap_or_default();
        self.out
            .open(name[0], &[("colspan", &columns), ("rowspan", &rows)]);
        Step::Content(name)
    }

    /// The number that the page shows before a row, as the storage format keeps it: header
    /// rows have none.
    fn number(&mut self, row: &Node<'_, 's>) {
        let json = self.json;
        let mut cells = row.content.into_iter().flat_map(|list| json.inside(list));
        let Some(Frame {
            numbered: Some(count),
            ..
        }) = self.frames.last_mut()
        else {
            return;
        };
        if cells.all(|cell| Node::read(json, cell).kind == "tableHeader") {
            return self.out.element("th", &[], "");
        }
        *count += 1;
        let count = count.to_string();
        self.out.element("td", &[], &count);
    }

    fn task(&mut self, node: &Node<'_, 's>, inline: bool) -> Step {
        let out = &mut self.out;
        out.open("ac:task", &[]);
        out.element("ac:task-id", &[], &node.attr("localId").unwrap_or_default());
        let done = node.attr("state").is_some_and(|state| state == "DONE");
        let status = if done { "complete" } else { "incomplete" };
        out.element("ac:task-status", &[], status);
        out.open("ac:task-body", &[]);
        let close: Ends = &["ac:task-body", "ac:task"];
        if inline {
            Step::Inline(close)
        } else {
            Step::Content(close)
        }
    }

    /// A node that the editor could not name: what it stands for.
    fn unsupported(&mut self, node: &Node<'_, 's>) -> Step {
        let original = node.raw_attr("originalValue");
        let Some(original) = original.filter(|item| self.json.is_object(*item)) else {
            return self.unknown(node);
        };
        self.note_unknown(&Node::read(self.json, original).kind);
        let inline = self.is_inline();
        Step::Framed(Frame {
            next: original,
            end: self.json.after(original),
            inline,
            ..Frame::default()
        })
    }

    /// A node that this does not know: its content, else its text.
    fn unknown(&mut self, node: &Node<'_, 's>) -> Step {
        self.note_unknown(&node.kind);
        if node.content.is_none() {
            let text = node.text.clone().or_else(|| node.attr("text"));
            if let Some(text) = text.or_else(|| node.attr("title")) {
                self.words(&text);
            }
            return Step::Done;
        }
        if self.is_inline() {
            return Step::Inline(&[]);
        }
        self.out.open("div", &[]);
        Step::Inline(&["div"])
    }

    fn note_unknown(&mut self, kind: &str) {
        const MOST: usize = 64;
        if self.unknown.len() < MOST && self.unknown.insert(kind.to_owned()) {
            let place = self.out.place();
            self.out.warnings.note("unknown_node", place, kind);
        }
    }
}

/// Ends of a macro with blocks in it.
const RICH: Ends = &["ac:rich-text-body", "ac:structured-macro"];

fn heading(level: Option<&str>) -> Ends {
    match level.and_then(|level| level.parse::<f64>().ok()) {
        Some(level) if level >= 6.0 => &["h6"],
        Some(level) if level >= 5.0 => &["h5"],
        Some(level) if level >= 4.0 => &["h4"],
        Some(level) if level >= 3.0 => &["h3"],
        Some(level) if level >= 2.0 => &["h2"],
        _ => &["h1"],
    }
}
