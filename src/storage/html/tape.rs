//! A rendered page as a flat list of elements and text.
//!
//! Nothing nests: an element knows where it ends. So depth costs nothing, a part of the page
//! is passed over in one step, and nothing that is deep has to be taken down again. Which
//! end tag closes what follows HTML as far as renderers of Confluence need it.

use super::super::scan::{Attributes, Scanner, StartTag, Token};
use super::super::tag::Tag;
use super::super::warn::Warnings;

/// Elements and texts read of one body.
const MOST_NODES: usize = 2_000_000;
/// Open elements that an end tag looks through.
const NEAR: usize = 512;

/// An element or text, and its place in the body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'s> {
    pub(super) at: usize,
    pub(super) kind: Kind<'s>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Kind<'s> {
    Element(Element<'s>),
    /// As written, with references.
    Text(&'s str),
    /// As it is.
    Literal(&'s str),
}

/// An element; its content reaches to `end` in the list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'s> {
    pub(super) name: &'s str,
    pub(super) tag: Tag,
    pub(super) attributes: Attributes<'s>,
    pub(super) end: usize,
}

/// Cuts a page into its list.
pub(super) fn read<'s>(source: &'s str, warnings: &mut Warnings) -> Vec<Node<'s>> {
    let mut reader = Reader {
        nodes: Vec::new(),
        open: Vec::new(),
    };
    let mut scanner = Scanner::html(source);
    while let Some((at, token)) = scanner.next("", warnings) {
        if reader.nodes.len() >= MOST_NODES {
            warnings.note("node_limit", at, "");
            break;
        }
        match token {
            Token::Text(text, _) => reader.push(at, Kind::Text(text)),
            // Only for a name that was given above.
            Token::Close => {}
            Token::CData(text) => reader.push(at, Kind::Literal(text)),
            Token::End(name) => reader.end(name, at, warnings),
            Token::Start(start) => {
                reader.start(at, start);
                if !start.empty && is_raw_text(start.name) {
                    scanner.pass_raw_text(start.name);
                }
            }
        }
    }
    reader.close_to(0);
    reader.nodes
}

struct Reader<'s> {
    nodes: Vec<Node<'s>>,
    /// Elements that are open, by their places in the list.
    open: Vec<usize>,
}

impl<'s> Reader<'s> {
    fn push(&mut self, at: usize, kind: Kind<'s>) {
        self.nodes.push(Node { at, kind });
    }

    fn start(&mut self, at: usize, start: StartTag<'s>) {
        let StartTag {
            name,
            attributes,
            empty,
        } = start;
        let tag = Tag::of(name);
        self.close_implied(tag);
        let place = self.nodes.len();
        self.push(
            at,
            Kind::Element(Element {
                name,
                tag,
                attributes,
                end: place + 1,
            }),
        );
        if !empty && !is_void(tag) {
            self.open.push(place);
        }
    }

    /// Items, cells, rows and the like end where the next one begins.
    fn close_implied(&mut self, tag: Tag) {
        let near = self.open.len().saturating_sub(NEAR);
        let at = match implied(tag) {
            Implied::Nothing => return,
            Implied::Paragraph => match self.open.last() {
                Some(place) if self.tag(*place) == Tag::Paragraph => self.open.len() - 1,
                _ => return,
            },
            Implied::Within(ended, held) => {
                let mut found = None;
                for at in (near..self.open.len()).rev() {
                    let open = self.tag(self.open[at]);
                    if ended(open) {
                        found = Some(at);
                    }
                    if held(open) {
                        break;
                    }
                }
                match found {
                    Some(at) => at,
                    None => return,
                }
            }
        };
        self.close_to(at);
    }

    fn end(&mut self, name: &str, at: usize, warnings: &mut Warnings) {
        let near = self.open.len().saturating_sub(NEAR);
        let open = &self.open[near..];
        let is = |place: &usize| match self.nodes[*place].kind {
            Kind::Element(element) => element.name.eq_ignore_ascii_case(name),
            _ => false,
        };
        match open.iter().rposition(is) {
            Some(found) => self.close_to(near + found),
            None if is_void(Tag::of(name)) || Tag::of(name) == Tag::Paragraph => {}
            None => warnings.damage("end_tag_ignored", at, name),
        }
    }

    fn close_to(&mut self, depth: usize) {
        let after = self.nodes.len();
        for place in self.open.drain(depth..) {
            if let Kind::Element(element) = &mut self.nodes[place].kind {
                element.end = after;
            }
        }
    }

    fn tag(&self, place: usize) -> Tag {
        match self.nodes[place].kind {
            Kind::Element(element) => element.tag,
            _ => Tag::Unknown,
        }
    }
}

/// What a start tag closes.
enum Implied {
    Nothing,
    /// A paragraph around it.
    Paragraph,
    /// The outermost element of the first kind that no element of the second kind holds.
    Within(fn(Tag) -> bool, fn(Tag) -> bool),
}

fn implied(tag: Tag) -> Implied {
    match tag {
        Tag::Item => Implied::Within(
            |tag| tag == Tag::Item,
            |tag| matches!(tag, Tag::List(_) | Tag::Item | Tag::Cell(_)),
        ),
        Tag::Term | Tag::Definition => Implied::Within(
            |tag| matches!(tag, Tag::Term | Tag::Definition),
            |tag| matches!(tag, Tag::Block | Tag::Term | Tag::Definition | Tag::Cell(_)),
        ),
        Tag::Cell(_) => Implied::Within(
            |tag| matches!(tag, Tag::Cell(_)),
            |tag| matches!(tag, Tag::Row | Tag::Rows | Tag::Head | Tag::Table),
        ),
        Tag::Row => Implied::Within(
            |tag| tag == Tag::Row,
            |tag| matches!(tag, Tag::Rows | Tag::Head | Tag::Table),
        ),
        Tag::Rows | Tag::Head => Implied::Within(
            |tag| matches!(tag, Tag::Rows | Tag::Head | Tag::Row),
            |tag| tag == Tag::Table,
        ),
        Tag::Paragraph | Tag::Heading(_) => Implied::Paragraph,
        _ => Implied::Nothing,
    }
}

fn is_void(tag: Tag) -> bool {
    matches!(tag, Tag::Void | Tag::Break | Tag::Rule | Tag::Img)
}

fn is_raw_text(name: &str) -> bool {
    const RAW: [&str; 5] = ["script", "style", "noembed", "noframes", "xmp"];
    RAW.iter().any(|raw| raw.eq_ignore_ascii_case(name))
}
