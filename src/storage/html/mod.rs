//! Rendered pages (`view`, `export_view`, HTML exports), written down as storage format.
//!
//! Macros leave their names and well-known classes behind; from these a page is written as
//! the storage format it may have been rendered from, and read by its rules. What a macro
//! computed is text of the page here. Headings keep the ids that the server gave them.
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

use tape::{Attributes, Element, Kind, Page};

use super::elements::is_hidden;
use super::tag::Tag;
use super::write::Writer;

/// Writes a rendered page as storage format.
pub(super) fn write(source: &str) -> Writer {
    let mut out = Writer::default();
    let page = feed::read(source, &mut out.warnings);
    let content = content(&page);
    let mut walk = Walk {
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

/// A part of a page that is content, as the first thing that says so.
fn content(page: &Page) -> Content {
    let mut marked = None;
    for (place, node) in page.range(0, page.len()).enumerate() {
        let Kind::Element(element) = node.kind else {
            continue;
        };
        if element.attributes.get("id") == Some("main-content") {
            marked = Some((place, element.end));
            break;
        }
        let inside = page.body.is_some_and(|body| body <= node.at);
        if marked.is_none() && inside && element.attributes.has_class("wiki-content") {
            marked = Some((place, element.end));
        }
    }
    match marked {
        Some((place, end)) => Content {
            first: place + 1,
            end,
            whole: false,
        },
        None => Content {
            first: 0,
            end: page.len(),
            whole: page.body.is_some(),
        },
    }
}

/// End tags, innermost first.
type Ends = &'static [&'static str];

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
    Expand,
    Jira,
}

struct Walk<'s> {
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
        let unseen = attributes.get("hidden").is_some();
        let styled = attributes.get("style").is_some_and(is_hidden);
        if (unseen || styled) && !attributes.has_class("expand-content") {
            let place = self.out.place();
            self.out.warnings.note("hidden_text_dropped", place, "");
            return Step::Pass;
        }
        if self.whole && is_chrome(attributes) {
            return Step::Pass;
        }
        self.part(element)
            .or_else(|| self.boxed(at, element))
            .unwrap_or_else(|| self.plain(at, element))
    }

    /// Elements that are known by their names.
    fn plain(&mut self, at: usize, element: Element<'s>) -> Step {
        let attributes = element.attributes;
        match element.tag {
            Tag::Anchor => self.link(at, element),
            Tag::Img => {
                self.img(attributes);
                Step::Pass
            }
            Tag::List(_) if attributes.has_class("inline-task-list") => {
                self.out.open("ac:task-list", &[]);
                Step::Content(&["ac:task-list"])
            }
            Tag::Item => match attributes.filled("data-inline-task-id") {
                Some(id) => self.task(id, attributes),
                None => Step::Same,
            },
            // What stands in it is for those who cannot show it.
            Tag::Embed if element.name == "iframe" => {
                self.same(element.name, attributes);
                self.out.close(element.name);
                Step::Pass
            }
            _ => Step::Same,
        }
    }

    fn task(&mut self, id: &str, attributes: Attributes<'_>) -> Step {
        self.out.open("ac:task", &[]);
        self.out.element("ac:task-id", &[], id);
        let done = attributes.has_class("checked");
        let status = if done { "complete" } else { "incomplete" };
        self.out.element("ac:task-status", &[], status);
        self.out.open("ac:task-body", &[]);
        Step::Content(&["ac:task-body", "ac:task"])
    }

    /// Opens the same element, with the attributes that somebody reads.
    fn same(&mut self, name: &str, attributes: Attributes<'_>) {
        const KEPT: [&str; 14] = [
            "href",
            "src",
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

    /// The words in an element, when it is short.
    fn short_text(&self, at: usize, element: Element<'_>) -> Option<String> {
        const MOST: usize = 16;
        let nodes = self.page.range(at + 1, element.end);
        let text = nodes.map(|node| match node.kind {
            Kind::Text(text) => text,
            Kind::Element(_) => "",
        });
        (element.end - at <= MOST + 1).then(|| text.collect())
    }
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
