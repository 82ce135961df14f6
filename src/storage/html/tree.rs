//! The tree of a page while it is built: nodes in one list, joined by their places.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{ExpandedName, LocalName, Namespace, QualName, local_name, ns};

use super::super::tag::Tag;
use super::filter;
use super::tape::{self, Flat, Page, What};

/// Elements and texts read of one body.
const MOST_NODES: usize = 2_000_000;
const NONE: u32 = u32::MAX;
/// The document, which is the first node.
const DOCUMENT: u32 = 0;

/// An element, by its place in the list. It carries its name, which is asked for most.
#[derive(Debug, Clone)]
pub(super) struct Handle {
    id: u32,
    ns: Namespace,
    name: LocalName,
    /// One of those that are opened again in the next paragraph.
    pub(super) formatting: bool,
}

impl Handle {
    fn document() -> Self {
        Self {
            id: DOCUMENT,
            ns: ns!(),
            name: local_name!(""),
            formatting: false,
        }
    }
}

/// What the builder of HTML's tree fills.
pub(super) struct Sink {
    tree: RefCell<Tree>,
    /// Place in the body of what is being read.
    pub(super) at: Cell<usize>,
    /// Elements made so far.
    pub(super) created: Cell<usize>,
    /// Bytes of their attributes.
    pub(super) created_bytes: Cell<usize>,
    /// Formatting that is opened now was opened before, and needs no attributes.
    pub(super) bare: Cell<bool>,
    /// Whether an end tag was found to end nothing since this was last cleared.
    pub(super) fault: Cell<Fault>,
}

/// What the builder said of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Nothing,
    /// The tag is not allowed here; some end tags end something all the same.
    Unexpected,
    /// There is nothing that it ends.
    NothingToEnd,
}

impl Default for Sink {
    fn default() -> Self {
        let tree = Tree {
            nodes: vec![Node::new(0, None)],
            text: String::new(),
            attributes: Vec::new(),
        };
        Self {
            tree: RefCell::new(tree),
            at: Cell::new(0),
            created: Cell::new(0),
            created_bytes: Cell::new(0),
            bare: Cell::new(false),
            fault: Cell::new(Fault::Nothing),
        }
    }
}

impl Sink {
    /// No more nodes are taken.
    pub(super) fn is_full(&self) -> bool {
        self.tree.borrow().nodes.len() >= MOST_NODES
    }

    fn place(&self) -> u32 {
        u32::try_from(self.at.get()).unwrap_or(u32::MAX)
    }

    fn insert(&self, before: u32, parent: u32, child: NodeOrText<Handle>) {
        let mut tree = self.tree.borrow_mut();
        match child {
            NodeOrText::AppendNode(node) => {
                tree.detach(node.id);
                tree.insert(node.id, parent, before);
            }
            NodeOrText::AppendText(text) => tree.text(self.place(), &text, parent, before),
        }
    }

    fn parent(&self, node: &Handle) -> u32 {
        self.tree.borrow().nodes[node.id as usize].parent
    }
}

impl TreeSink for Sink {
    type Handle = Handle;
    type Output = Page;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Page {
        self.tree.into_inner().flatten()
    }

    fn parse_error(&self, told: Cow<'static, str>) {
        // These are all that the builder says of an end tag that it passes over.
        let fault = match &*told {
            "Unexpected token" => Fault::Unexpected,
            "Found special tag while closing generic tag"
            | "No matching tag to close"
            | "No heading tag to close"
            | "Formatting element not open"
            | "Formatting element not in scope"
            | "Null form element pointer on </form>"
            | "Form element not in scope on </form>" => Fault::NothingToEnd,
            _ => return,
        };
        if self.fault.get() != Fault::NothingToEnd {
            self.fault.set(fault);
        }
    }

    fn get_document(&self) -> Handle {
        Handle::document()
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        ExpandedName {
            ns: &target.ns,
            local: &target.name,
        }
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<html5ever::Attribute>,
        _: ElementFlags,
    ) -> Handle {
        self.created.set(self.created.get() + 1);
        let mut tree = self.tree.borrow_mut();
        let QualName { ns, local, .. } = name;
        let formatting = filter::is_formatting(&local);
        let first = tree.attributes.len();
        let bare = formatting && self.bare.get();
        let read = attributes
            .into_iter()
            .filter(|_| !bare)
            .filter_map(|one| Some((tape::read_attribute(&one.name.local)?, one.value)));
        tree.attributes.extend(read);
        let bytes: usize = tree.attributes[first..]
            .iter()
            .map(|(_, value)| value.len())
            .sum();
        self.created_bytes.set(self.created_bytes.get() + bytes);
        let element = What::Element {
            name: local.clone(),
            tag: tag(&ns, &local),
            attributes: (place(first), place(tree.attributes.len())),
            end: 0,
        };
        let id = tree.push(Node::new(self.place(), Some(element)));
        Handle {
            id,
            ns,
            name: local,
            formatting,
        }
    }

    fn create_comment(&self, _: StrTendril) -> Handle {
        Handle {
            id: self.tree.borrow_mut().push(Node::new(0, None)),
            ..Handle::document()
        }
    }

    fn create_pi(&self, _: StrTendril, data: StrTendril) -> Handle {
        self.create_comment(data)
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.insert(NONE, parent.id, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &Handle,
        previous: &Handle,
        child: NodeOrText<Handle>,
    ) {
        if self.parent(element) == NONE {
            self.append(previous, child);
        } else {
            self.append_before_sibling(element, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &Handle) -> Handle {
        target.clone()
    }

    fn same_node(&self, x: &Handle, y: &Handle) -> bool {
        x.id == y.id
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        self.insert(sibling.id, self.parent(sibling), child);
    }

    fn add_attrs_if_missing(&self, _: &Handle, _: Vec<html5ever::Attribute>) {}

    fn remove_from_parent(&self, target: &Handle) {
        self.tree.borrow_mut().detach(target.id);
    }

    fn reparent_children(&self, node: &Handle, parent: &Handle) {
        self.tree.borrow_mut().move_children(node.id, parent.id);
    }
}

/// The part that an element plays. A page's title is not shown on it, while a drawing's is.
fn tag(ns: &Namespace, name: &LocalName) -> Tag {
    match &**name {
        "title" | "datalist" | "noembed" | "noframes" if *ns == ns!(html) => Tag::Skip,
        name => Tag::of_html(name),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "lists are far shorter")]
fn place(at: usize) -> u32 {
    at as u32
}

struct Tree {
    nodes: Vec<Node>,
    text: String,
    attributes: Vec<tape::Attribute>,
}

/// A node and those next to it.
struct Node {
    parent: u32,
    first: u32,
    last: u32,
    previous: u32,
    next: u32,
    at: u32,
    what: Option<What>,
}

impl Node {
    fn new(at: u32, what: Option<What>) -> Self {
        Self {
            parent: NONE,
            first: NONE,
            last: NONE,
            previous: NONE,
            next: NONE,
            at,
            what,
        }
    }
}

impl Tree {
    fn push(&mut self, node: Node) -> u32 {
        let id = place(self.nodes.len());
        self.nodes.push(node);
        id
    }

    fn at(&mut self, id: u32) -> &mut Node {
        &mut self.nodes[id as usize]
    }

    /// Puts a node that is nowhere in front of another one, or at the end.
    fn insert(&mut self, id: u32, parent: u32, before: u32) {
        let previous = self.before(parent, before);
        let node = self.at(id);
        (node.parent, node.previous, node.next) = (parent, previous, before);
        self.join(parent, previous, id);
        self.join(parent, id, before);
    }

    /// What stands in front of a place.
    fn before(&self, parent: u32, before: u32) -> u32 {
        match before {
            NONE => self.nodes[parent as usize].last,
            _ => self.nodes[before as usize].previous,
        }
    }

    /// Makes two nodes neighbours; without one of them, the other is at an edge.
    fn join(&mut self, parent: u32, left: u32, right: u32) {
        match left {
            NONE => self.at(parent).first = right,
            _ => self.at(left).next = right,
        }
        match right {
            NONE => self.at(parent).last = left,
            _ => self.at(right).previous = left,
        }
    }

    fn detach(&mut self, id: u32) {
        let &mut Node {
            parent,
            previous,
            next,
            ..
        } = self.at(id);
        if parent == NONE {
            return;
        }
        self.join(parent, previous, next);
        let node = self.at(id);
        (node.parent, node.previous, node.next) = (NONE, NONE, NONE);
    }

    fn move_children(&mut self, from: u32, to: u32) {
        let &mut Node { first, last, .. } = self.at(from);
        if first == NONE {
            return;
        }
        let mut child = first;
        while child != NONE {
            let node = self.at(child);
            node.parent = to;
            child = node.next;
        }
        let end = self.at(to).last;
        self.join(to, end, first);
        self.at(to).last = last;
        let from = self.at(from);
        (from.first, from.last) = (NONE, NONE);
    }

    /// Adds to the text in front of a place, or makes one there.
    fn text(&mut self, at: u32, text: &str, parent: u32, before: u32) {
        let start = place(self.text.len());
        self.text.push_str(text);
        let behind = place(self.text.len());
        let previous = self.before(parent, before);
        if previous != NONE
            && let Some(What::Text { end, .. }) = &mut self.at(previous).what
            && *end == start
        {
            *end = behind;
            return;
        }
        let text = What::Text { start, end: behind };
        let id = self.push(Node::new(at, Some(text)));
        self.insert(id, parent, before);
    }

    /// Writes the tree down in the order in which it is shown.
    fn flatten(mut self) -> Page {
        let mut nodes: Vec<Flat> = Vec::new();
        let mut open: Vec<(u32, usize)> = Vec::new();
        let root = self.nodes[DOCUMENT as usize].first;
        let mut id = self
            .nodes
            .get(root as usize)
            .map_or(NONE, |root| root.first);
        loop {
            if id == NONE {
                let Some((parent, flat)) = open.pop() else {
                    break;
                };
                let behind = place(nodes.len());
                if let What::Element { end, .. } = &mut nodes[flat].what {
                    *end = behind;
                }
                id = self.at(parent).next;
                continue;
            }
            let node = self.at(id);
            let (at, next) = (node.at, node.next);
            let Some(what) = node.what.take() else {
                id = next;
                continue;
            };
            let element = matches!(what, What::Element { .. });
            if element {
                open.push((id, nodes.len()));
                id = node.first;
            } else {
                id = next;
            }
            nodes.push(Flat { at, what });
        }
        Page {
            nodes,
            text: self.text,
            attributes: self.attributes,
            body: None,
        }
    }
}
