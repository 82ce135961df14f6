//! Rendered pages (`view`, `export_view`, HTML exports), written down as storage format.
//!
//! Macros leave their names and well-known classes behind; from these a page is written as
//! the storage format it may have been rendered from, and read by its rules. What a macro
//! computed is text of the page here. Headings keep the ids that the server gave them.
//!
//! HTML that people put into a macro is written down the same way, but none of its classes,
//! ids and names means more than it does to a browser.
//!
//! The page is read by html5ever, so it has the elements that a browser shows, whatever its
//! tags say: [`feed`] gives it the page piece by piece, [`filter`] keeps its work within
//! bounds, [`tree`] takes its nodes and [`tape`] has them in their order.

mod boxes;
mod feed;
mod filter;
mod links;
mod media;
mod tape;
mod tree;

use std::collections::BTreeSet;
use std::ops::Range;

use tape::{Attributes, Element, Kind, Page};

use super::build::Builder;
use super::elements::{self, is_hidden};
use super::scan::Scanner;
use super::tag::Tag;
use super::write::Writer;
use crate::model::Block;

/// Who made the HTML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Author {
    /// Confluence: its classes say what macros something was.
    Server,
    /// People, in a macro: its classes and ids are their own affair.
    Person,
}

/// Writes a rendered page as storage format.
pub(super) fn write(source: &str) -> Writer {
    write_of(source, Author::Server)
}

/// Writes HTML that somebody put into a page as storage format without any macro: all of it is
/// content, whatever it is called.
fn write_typed(source: &str) -> Writer {
    write_of(source, Author::Person)
}

fn write_of(source: &str, author: Author) -> Writer {
    let mut out = Writer::default();
    let page = feed::read(source, &mut out.warnings);
    let content = match author {
        Author::Server => content(&page),
        Author::Person => Content::all(&page),
    };
    let mut walk = Walk {
        author,
        page: &page,
        out,
        frames: Vec::new(),
        inside: Vec::new(),
        dropped: BTreeSet::new(),
        whole: content.whole,
        links: 0,
        bytes: source.len(),
    };
    walk.run(content.first, content.end);
    walk.out
}

/// Whether this is storage format, whatever it is said to be.
pub(super) fn is_storage_format(source: &str) -> bool {
    ["<ac:", "<ri:"]
        .iter()
        .any(|tag| memchr::memmem::find(source.as_bytes(), tag.as_bytes()).is_some())
}

/// Where the content stands.
struct Content {
    first: usize,
    end: usize,
    /// No part of a whole page says that it is the content.
    whole: bool,
}

impl Content {
    fn all(page: &Page) -> Self {
        Self {
            first: 0,
            end: page.len(),
            whole: page.body.is_some(),
        }
    }
}

/// A part of a page that is content, as the first thing that says so. The place to which a link
/// skips, which has the same id on many sites, is none.
fn content(page: &Page) -> Content {
    let mut marked = None;
    for (place, node) in page.range(0, page.len()).enumerate() {
        let Kind::Element(element) = node.kind else {
            continue;
        };
        if element.tag != Tag::Block {
            continue;
        }
        let inside = page.body.is_some_and(|body| body <= node.at);
        let classed = element.attributes.has_class("wiki-content");
        let named = element.attributes.get("id") == Some("main-content");
        if named && (inside || classed) {
            marked = Some((place, element.end));
            break;
        }
        if marked.is_none() && inside && classed {
            marked = Some((place, element.end));
        }
    }
    match marked {
        Some((place, end)) => Content {
            first: place + 1,
            end,
            whole: false,
        },
        None => Content::all(page),
    }
}

impl Builder<'_> {
    /// Reads HTML that people wrote inside the body; its blocks are returned, not placed.
    pub(super) fn html_fragment(&mut self, source: &str, place: &Range<usize>) -> Vec<Block> {
        let (written, places, warnings) = write_typed(source).finish();
        self.inside(place, |builder| {
            builder.warnings.append(warnings);
            elements::read_from(builder, Scanner::new(&written), places);
        })
    }
}

/// End tags, innermost first.
type Ends = &'static [&'static str];
const TASKS: Ends = &["ac:task-list"];

/// An element whose content is being written.
struct Frame<'s> {
    end: usize,
    close: Ends,
    /// The name of an element that is written as it is.
    name: Option<&'s str>,
    /// It is one of those in `inside`.
    inside: bool,
    link: bool,
}

/// What is being read, where its parts are known by their classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// The body of one of the others: its content is that of any page.
    Body,
    Information,
    Panel,
    Code,
    /// Text that is kept as it is; nothing in it is known by its classes.
    Pre,
    Expand,
    Jira,
}

struct Walk<'s> {
    author: Author,
    page: &'s Page,
    out: Writer,
    frames: Vec<Frame<'s>>,
    inside: Vec<Inside>,
    /// Kinds of element that were dropped.
    dropped: BTreeSet<&'static str>,
    whole: bool,
    /// Links that are open.
    links: u32,
    bytes: usize,
}

/// What becomes of an element.
enum Step {
    /// It is left out, or written already, with all in it.
    Pass,
    /// It is written as it is.
    Same,
    /// Its content goes between what was written and these end tags.
    Content(Ends),
    /// The same, and its parts are known.
    Enter(Inside, Ends),
    /// The same, and its content is the label of a link.
    Link(Ends),
}

impl<'s> Walk<'s> {
    fn run(&mut self, first: usize, end: usize) {
        let mut at = first;
        while at < end {
            let node = self.page.node(at);
            self.out.at(node.at);
            while self.frames.last().is_some_and(|frame| frame.end <= at) {
                self.leave();
            }
            at = match node.kind {
                Kind::Text(text) => {
                    self.text(text);
                    at + 1
                }
                Kind::Element(element) => self.element(at, element),
            };
        }
        let after = self.page.range(end, end + 1).next();
        self.out.at(after.map_or(self.bytes, |after| after.at));
        while !self.frames.is_empty() {
            self.leave();
        }
    }

    fn leave(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        for name in frame.close {
            self.out.close(name);
        }
        if let Some(name) = frame.name {
            self.out.close(name);
        }
        if frame.inside {
            self.inside.pop();
        }
        self.links -= u32::from(frame.link);
    }

    fn text(&mut self, text: &str) {
        // Between the parts of an issue there is nothing but a dash.
        if self.inside.last() == Some(&Inside::Jira) && matches!(text.trim(), "-" | "") {
            return self.out.verbatim(" ");
        }
        self.out.text(text);
    }

    /// Writes an element, and says what comes next.
    fn element(&mut self, at: usize, element: Element<'s>) -> usize {
        let step = self.step(at, element);
        let link = matches!(step, Step::Link(_));
        let (close, inside, name) = match step {
            Step::Pass => return element.end,
            Step::Link(close) => (close, None, None),
            Step::Content(close) => (close, None, None),
            Step::Enter(inside, close) => (close, Some(inside), None),
            Step::Same => {
                let name = written_name(element);
                self.same(name, element.attributes);
                (&[] as Ends, None, Some(name))
            }
        };
        self.inside.extend(inside);
        self.links += u32::from(link);
        self.frames.push(Frame {
            end: element.end,
            close,
            name,
            inside: inside.is_some(),
            link,
        });
        at + 1
    }

    fn step(&mut self, at: usize, element: Element<'s>) -> Step {
        let attributes = element.attributes;
        if element.tag == Tag::Skip {
            self.note_dropped(element.name);
            return Step::Pass;
        }
        let folded = self.author == Author::Server && attributes.has_class("expand-content");
        if is_unseen(attributes) && !folded {
            let place = self.out.place();
            self.out.warnings.note("hidden_text_dropped", place, "");
            return Step::Pass;
        }
        if let Tag::Embed = element.tag {
            return self.embed(at, element);
        }
        // What is typed into stands between words.
        if element.name == "input" && attributes.get("type") != Some("hidden") {
            self.out.verbatim(" ");
            return Step::Pass;
        }
        if self.author == Author::Person || self.inside.last() == Some(&Inside::Pre) {
            return Step::Same;
        }
        if self.whole && is_chrome(attributes) {
            return Step::Pass;
        }
        self.part(element)
            .or_else(|| self.boxed(at, element))
            .unwrap_or_else(|| self.plain(at, element))
    }

    /// What shows something from elsewhere. What stands in most of them is for those who cannot
    /// show it.
    fn embed(&mut self, at: usize, element: Element<'s>) -> Step {
        if !matches!(element.name, "audio" | "iframe" | "video") {
            return Step::Same;
        }
        let mut inside = self.page.range(at + 1, element.end);
        let own = element.attributes.filled("src");
        let src = own.or_else(|| {
            inside.find_map(|node| match node.kind {
                Kind::Element(one) if one.name == "source" => one.attributes.filled("src"),
                _ => None,
            })
        });
        let src = src.map(|src| ("src", src));
        self.out.open(element.name, src.as_slice());
        self.out.close(element.name);
        Step::Pass
    }

    /// Elements that are known by their names.
    fn plain(&mut self, at: usize, element: Element<'s>) -> Step {
        let attributes = element.attributes;
        match element.tag {
            Tag::Pre => {
                self.same("pre", attributes);
                Step::Enter(Inside::Pre, &["pre"])
            }
            Tag::Anchor => self.link(at, element),
            Tag::Img => {
                self.img(attributes);
                Step::Pass
            }
            Tag::List(_) if attributes.has_class("inline-task-list") => {
                self.out.open("ac:task-list", &[]);
                Step::Content(TASKS)
            }
            Tag::Item => {
                let id = attributes.filled("data-inline-task-id");
                let listed = self.frames.last().is_some_and(|list| list.close == TASKS);
                if id.is_some() || listed {
                    self.task(id, attributes)
                } else {
                    Step::Same
                }
            }
            _ => Step::Same,
        }
    }

    fn task(&mut self, id: Option<&str>, attributes: Attributes<'_>) -> Step {
        self.out.open("ac:task", &[]);
        if let Some(id) = id {
            self.out.element("ac:task-id", &[], id);
        }
        let done = attributes.has_class("checked");
        let status = if done { "complete" } else { "incomplete" };
        self.out.element("ac:task-status", &[], status);
        self.out.open("ac:task-body", &[]);
        Step::Content(&["ac:task-body", "ac:task"])
    }

    /// Opens the same element, with the attributes that somebody reads.
    fn same(&mut self, name: &str, attributes: Attributes<'_>) {
        const KEPT: [&str; 15] = [
            "href",
            "src",
            "alt",
            "data",
            "id",
            "name",
            "class",
            "style",
            "title",
            "colspan",
            "rowspan",
            "start",
            "datetime",
            "encoding",
            "data-card-appearance",
        ];
        let kept = KEPT
            .iter()
            .filter_map(|key| Some((*key, attributes.get(key)?)));
        let values: Vec<_> = kept.collect();
        self.out.open(name, &values);
    }

    /// Warns of what could run, once for each kind.
    fn note_dropped(&mut self, name: &str) {
        const RUNS: [&str; 3] = ["script", "style", "template"];
        let runs = RUNS.iter().find(|runs| name.eq_ignore_ascii_case(runs));
        if let Some(runs) = runs
            && self.dropped.insert(runs)
        {
            let place = self.out.place();
            self.out.warnings.note("element_dropped", place, runs);
        }
    }

    /// The words in an element, when it is short and shows all of them.
    fn short_text(&self, at: usize, element: Element<'_>) -> Option<String> {
        const MOST: usize = 16;
        if element.end - at > MOST + 1 {
            return None;
        }
        let mut nodes = self.page.range(at + 1, element.end);
        nodes.try_fold(String::new(), |words, node| match node.kind {
            Kind::Text(text) => Some(words + text),
            Kind::Element(one) if one.tag == Tag::Skip || is_unseen(one.attributes) => None,
            Kind::Element(_) => Some(words),
        })
    }
}

/// Whether an element is there and not shown.
fn is_unseen(attributes: Attributes<'_>) -> bool {
    attributes.get("hidden").is_some() || attributes.get("style").is_some_and(is_hidden)
}

/// The name under which an element is written; one of another vocabulary is none of storage
/// format's own, and not every name is one there.
fn written_name(element: Element<'_>) -> &str {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if element.name.bytes().all(plain) {
        element.name
    } else {
        "span"
    }
}

/// What stands around the content of a page.
fn is_chrome(attributes: Attributes<'_>) -> bool {
    const IDS: [&str; 8] = [
        "breadcrumb-section",
        "breadcrumbs",
        "footer",
        "header",
        "title-heading",
        "likes-and-labels-container",
        "comments-section",
        "navigation",
    ];
    const CLASSES: [&str; 3] = ["greybox", "page-metadata", "footer-body"];
    IDS.iter()
        .any(|chrome| attributes.get("id") == Some(chrome))
        || CLASSES.iter().any(|chrome| attributes.has_class(chrome))
}
