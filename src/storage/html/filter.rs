//! Stands between html5ever's tokenizer and its builder of the tree, and keeps what the builder
//! does within bounds.
//!
//! The builder follows the rules of browsers, and these look through the open elements and the
//! formatting that is still wanted at nearly every tag. So both are kept short: elements that
//! are too deep become line breaks, formatting that is too deep is left out, and formatting
//! that is opened again and again without end is ended. No text is lost by that.

use std::cell::{Cell, RefCell};

use html5ever::interface::Tracer;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Tag as Token, TagKind, Token as Any, TokenSink, TokenSinkResult};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{LocalName, QualName, local_name, ns};
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::elements;
use super::super::tag::Tag;
use super::super::warn::Warnings;
use super::tape::{self, Page};
use super::tree::{Fault, Handle, Sink};

/// Elements that may be open, with the formatting that is still wanted; browsers stop at as many.
const MOST_OPEN: usize = 512;
/// The same of formatting alone. What is open is counted as wanted too.
const MOST_FORMATTING: usize = 64;
/// Elements that bound formatting, so that it is looked for no further.
const MOST_BOUNDS: usize = 1000;
/// Elements made for each tag, over some for the size of the page; beyond that formatting is
/// ended.
const MADE_BY_TAG: usize = 4;
const BYTES_FOR_ONE_MADE: usize = 4;
const MOST_MADE_BESIDE: usize = 10_000;
/// Bytes of attributes of all that is made, for each byte of the page; beyond that as well.
const MADE_BYTES: usize = 8;
/// Names that are kept although nobody knows them.
const MOST_NAMES: usize = 256;

/// Elements that are opened again in the next paragraph.
const FORMATTING: [LocalName; 14] = [
    local_name!("a"),
    local_name!("b"),
    local_name!("big"),
    local_name!("code"),
    local_name!("em"),
    local_name!("font"),
    local_name!("i"),
    local_name!("nobr"),
    local_name!("s"),
    local_name!("small"),
    local_name!("strike"),
    local_name!("strong"),
    local_name!("tt"),
    local_name!("u"),
];

/// Takes tokens and hands them on.
pub(super) struct Filter {
    builder: TreeBuilder<Handle, Sink>,
    warnings: RefCell<Warnings>,
    /// What the next tags and text come from, when text from before is still to come.
    next_at: Cell<Option<usize>>,
    body: Cell<Option<usize>>,
    reading: RefCell<Reading>,
    comment_ended: Cell<bool>,
    in_cdata: Cell<bool>,
    measure: Cell<Measure>,
    /// Open elements that were left out, by their names.
    left_out: RefCell<FxHashMap<LocalName, u32>>,
    names: RefCell<FxHashSet<LocalName>>,
    bounds: Cell<usize>,
    /// Tags that may have opened or closed something.
    forwarded: Cell<usize>,
    tags: Cell<usize>,
    /// Formatting is no longer read.
    plain: Cell<bool>,
    /// Length of the page.
    bytes: usize,
}

/// What the tokenizer reads.
#[derive(Clone, PartialEq, Eq)]
enum Reading {
    Markup,
    /// Text up to this end tag.
    Raw(LocalName, RawKind),
    /// Text to the end.
    Plain,
}

/// How much is open.
#[derive(Debug, Clone, Copy, Default)]
struct Measure {
    open: usize,
    formatting: usize,
    /// Elements made when it was measured.
    created: usize,
    /// Tags handed on by then.
    forwarded: usize,
}

/// Counts what the builder holds.
#[derive(Default)]
struct Count {
    open: Cell<usize>,
    formatting: Cell<usize>,
}

impl Tracer for Count {
    type Handle = Handle;

    fn trace_handle(&self, node: &Handle) {
        self.open.set(self.open.get() + 1);
        let formatting = usize::from(node.formatting);
        self.formatting.set(self.formatting.get() + formatting);
    }
}

impl Filter {
    /// A page is read as the content of an element, as what is rendered stands in one.
    pub(super) fn new(bytes: usize, warnings: Warnings) -> Self {
        let sink = Sink::default();
        let around = QualName::new(None, ns!(html), local_name!("div"));
        let around = html5ever::interface::create_element(&sink, around, Vec::new());
        let options = TreeBuilderOpts::default();
        Self {
            builder: TreeBuilder::new_for_fragment(sink, around, None, options),
            warnings: RefCell::new(warnings),
            next_at: Cell::new(None),
            body: Cell::new(None),
            reading: RefCell::new(Reading::Markup),
            comment_ended: Cell::new(false),
            in_cdata: Cell::new(false),
            measure: Cell::default(),
            left_out: RefCell::default(),
            names: RefCell::default(),
            bounds: Cell::new(0),
            forwarded: Cell::new(1),
            tags: Cell::new(0),
            plain: Cell::new(false),
            bytes,
        }
    }

    pub(super) fn finish(self) -> (Page, Warnings) {
        use html5ever::interface::TreeSink as _;
        let mut page = self.builder.sink.finish();
        page.body = self.body.get();
        (page, self.warnings.into_inner())
    }

    /// What comes now stands here in the body.
    pub(super) fn at(&self, at: usize) {
        if self.next_at.get().is_some() {
            self.next_at.set(Some(at));
        } else {
            self.builder.sink.at.set(at);
        }
    }

    /// Whether text of the last piece only comes with the next one.
    pub(super) fn expect_text(&self, expected: bool) {
        let at = self.builder.sink.at.get();
        self.next_at.set(expected.then_some(at));
    }

    pub(super) fn is_full(&self) -> bool {
        self.builder.sink.is_full()
    }

    pub(super) fn warn(&self, code: &'static str, at: usize) {
        self.warnings.borrow_mut().note(code, at, "");
    }

    pub(super) fn damage(&self, code: &'static str, at: usize) {
        self.warnings.borrow_mut().damage(code, at, "");
    }

    pub(super) fn in_raw_text(&self) -> bool {
        *self.reading.borrow() != Reading::Markup
    }

    /// Whether the element whose text is read has such a name.
    pub(super) fn raw_text_named(&self, named: impl Fn(&str) -> bool) -> bool {
        matches!(&*self.reading.borrow(), Reading::Raw(name, _) if named(name))
    }

    pub(super) fn begin_declaration(&self) {
        self.comment_ended.set(false);
        self.in_cdata.set(false);
    }

    pub(super) fn comment_ended(&self) -> bool {
        self.comment_ended.get()
    }

    pub(super) fn in_cdata(&self) -> bool {
        self.in_cdata.get()
    }

    fn place(&self) -> usize {
        self.builder.sink.at.get()
    }

    /// What was to come from before has come.
    fn go_on(&self) {
        if let Some(at) = self.next_at.take() {
            self.builder.sink.at.set(at);
        }
    }

    fn tag(&self, mut tag: Token) {
        self.go_on();
        self.tags.set(self.tags.get() + 1);
        self.end_formatting();
        self.rename(&mut tag);
        match tag.kind {
            TagKind::StartTag => self.start(tag),
            TagKind::EndTag => self.end(tag),
        }
    }

    fn start(&self, mut tag: Token) {
        tag.attrs
            .retain(|one| tape::read_attribute(&one.name.local).is_some());
        self.note_whole(&tag.name);
        if self.is_too_much(&tag.name) {
            return self.leave_out(&tag);
        }
        self.forward(tag);
    }

    /// A whole page says so before anything else; a document that was put into a page is none.
    /// Its body begins at the tag, if it has one.
    fn note_whole(&self, name: &LocalName) {
        let body = *name == local_name!("body");
        let begins = body || matches!(&**name, "html" | "head");
        if begins && self.tags.get() <= 1 {
            self.body.set(Some(0));
        }
        if body && self.body.get() == Some(0) {
            self.body.set(Some(self.place()));
        }
    }

    fn is_too_much(&self, name: &LocalName) -> bool {
        let formatting = is_formatting(name);
        if formatting && self.plain.get() {
            return true;
        }
        if is_bound(name) {
            self.bounds.set(self.bounds.get() + 1);
            if self.bounds.get() > MOST_BOUNDS {
                return true;
            }
        }
        if formatting && self.measured(|measure| measure.formatting, MOST_FORMATTING) {
            return true;
        }
        self.nests(name) && self.measured(|measure| measure.open, MOST_OPEN) && !self.in_table(name)
    }

    /// Whether there can be something in it that is no text. In drawings and formulas there
    /// always can.
    fn nests(&self, name: &LocalName) -> bool {
        !(is_void(name) || is_raw_text(name)) || self.is_foreign()
    }

    /// Whether a drawing or a formula is read.
    fn is_foreign(&self) -> bool {
        self.builder
            .adjusted_current_node_present_but_not_in_html_namespace()
    }

    /// Parts of a table nest no deeper than their table.
    fn in_table(&self, name: &LocalName) -> bool {
        is_table_part(name) && !self.is_left_out(&local_name!("table"))
    }

    fn is_left_out(&self, name: &LocalName) -> bool {
        self.left_out.borrow().contains_key(name)
    }

    /// Whether something has grown to its bound. It is only looked at when it may have.
    fn measured(&self, of: fn(&Measure) -> usize, bound: usize) -> bool {
        let measure = self.measure.get();
        let created = self.builder.sink.created.get();
        if of(&measure) + (created - measure.created) * 2 < bound {
            return false;
        }
        if measure.forwarded == self.forwarded.get() {
            return of(&measure) >= bound;
        }
        of(&self.count()) >= bound
    }

    fn count(&self) -> Measure {
        let count = Count::default();
        self.builder.trace_handles(&count);
        let measure = Measure {
            open: count.open.get(),
            formatting: count.formatting.get(),
            created: self.builder.sink.created.get(),
            forwarded: self.forwarded.get(),
        };
        self.measure.set(measure);
        measure
    }

    /// A start tag for which there is no room. Where it would have begun a line, one begins.
    fn leave_out(&self, tag: &Token) {
        if self.left_out.borrow().is_empty() && !self.plain.get() {
            self.warn("depth_flattened", self.place());
        }
        let one = !(tag.self_closing && Tag::of_html(&tag.name) == Tag::Unknown);
        *self
            .left_out
            .borrow_mut()
            .entry(tag.name.clone())
            .or_default() += u32::from(one);
        self.separate(&tag.name);
    }

    fn separate(&self, name: &LocalName) {
        if !is_inline(Tag::of_html(name)) {
            self.forward(named(local_name!("br"), TagKind::StartTag));
        }
    }

    fn end(&self, mut tag: Token) {
        tag.attrs = Vec::new();
        if self.reading.replace(Reading::Markup) != Reading::Markup {
            // The builder waits for it.
            return self.forward(tag);
        }
        if self.was_left_out(&tag.name) {
            return self.separate(&tag.name);
        }
        if self.plain.get() && is_formatting(&tag.name) {
            return;
        }
        if !is_inline(Tag::of_html(&tag.name)) {
            self.left_out.borrow_mut().clear();
        }
        let name = tag.name.clone();
        // In a drawing the end of anything ends what is open in it.
        let anyhow = self.is_foreign() || ends_anyhow(&name);
        self.builder.sink.fault.set(Fault::Nothing);
        self.forward(tag);
        let ignored = match self.builder.sink.fault.get() {
            Fault::Nothing => false,
            Fault::NothingToEnd => !ends_nothing(&name),
            Fault::Unexpected => !ends_nothing(&name) && !anyhow,
        };
        if ignored {
            let at = self.place();
            self.warnings
                .borrow_mut()
                .damage("end_tag_ignored", at, &name);
        }
    }

    fn was_left_out(&self, name: &LocalName) -> bool {
        let mut left_out = self.left_out.borrow_mut();
        let Some(open) = left_out.get_mut(name) else {
            return false;
        };
        *open = open.saturating_sub(1);
        if *open == 0 {
            left_out.remove(name);
        }
        true
    }

    fn forward(&self, tag: Token) {
        let name = tag.name.clone();
        if name != local_name!("br") || self.is_foreign() {
            self.forwarded.set(self.forwarded.get() + 1);
        }
        let reading = match self.builder.process_token(Any::TagToken(tag), 1) {
            TokenSinkResult::RawData(kind) => Reading::Raw(name, kind),
            TokenSinkResult::Plaintext => Reading::Plain,
            _ => return,
        };
        *self.reading.borrow_mut() = reading;
    }

    /// Whether far more is made than was written.
    fn is_made_of_little(&self) -> bool {
        let sink = &self.builder.sink;
        let beside = (self.bytes / BYTES_FOR_ONE_MADE).min(MOST_MADE_BESIDE);
        let elements = sink.created.get() >= self.tags.get() * MADE_BY_TAG + beside;
        // Once formatting is no longer read, what is made of it has no attributes.
        let bytes = sink.created_bytes.get() > self.bytes * MADE_BYTES && !self.plain.get();
        elements || bytes
    }

    /// Ends all formatting when far more is made than was written.
    fn end_formatting(&self) {
        if !self.is_made_of_little() || self.in_raw_text() {
            return;
        }
        if !self.plain.replace(true) {
            self.warn("formatting_dropped", self.place());
            self.builder.sink.bare.set(true);
        }
        for name in &FORMATTING {
            let mut wanted = self.count().formatting;
            while wanted > 0 {
                self.forward(named(name.clone(), TagKind::EndTag));
                let left = self.count().formatting;
                if left >= wanted {
                    break;
                }
                wanted = left;
            }
        }
        self.tags.set(self.builder.sink.created.get() / MADE_BY_TAG);
    }

    /// Names that nobody knows are kept up to a number.
    fn rename(&self, tag: &mut Token) {
        if !tag.name.is_dynamic() || self.names.borrow().contains(&tag.name) {
            return;
        }
        if self.names.borrow().len() < MOST_NAMES {
            self.names.borrow_mut().insert(tag.name.clone());
        } else {
            tag.name = local_name!("span");
        }
    }
}

impl TokenSink for Filter {
    type Handle = Handle;

    fn process_token(&self, token: Any, line: u64) -> TokenSinkResult<Handle> {
        match token {
            Any::TagToken(tag) => {
                self.tag(tag);
                return match &*self.reading.borrow() {
                    Reading::Markup => TokenSinkResult::Continue,
                    Reading::Raw(_, kind) => TokenSinkResult::RawData(*kind),
                    Reading::Plain => TokenSinkResult::Plaintext,
                };
            }
            Any::CommentToken(_) => self.comment_ended.set(true),
            Any::DoctypeToken(_) if self.tags.get() == 0 => self.body.set(Some(0)),
            Any::DoctypeToken(_) | Any::ParseError(_) => {}
            Any::CharacterTokens(_) | Any::NullCharacterToken | Any::EOFToken => {
                let _ = self.builder.process_token(token, line);
                self.go_on();
            }
        }
        TokenSinkResult::Continue
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        let foreign = self.is_foreign();
        self.in_cdata.set(foreign);
        foreign
    }
}

fn named(name: LocalName, kind: TagKind) -> Token {
    Token {
        kind,
        name,
        self_closing: false,
        attrs: Vec::new(),
        had_duplicate_attributes: false,
    }
}

pub(super) fn is_formatting(name: &LocalName) -> bool {
    FORMATTING.contains(name)
}

fn is_bound(name: &LocalName) -> bool {
    matches!(&**name, "applet" | "marquee" | "object" | "template")
}

fn is_table_part(name: &LocalName) -> bool {
    let tag = Tag::of_html(name);
    matches!(
        tag,
        Tag::Cell(_) | Tag::Row | Tag::Rows | Tag::Head | Tag::Caption
    ) || *name == local_name!("colgroup")
}

fn is_void(name: &LocalName) -> bool {
    elements::is_void(Tag::of_html(name))
        || matches!(
            &**name,
            "basefont" | "bgsound" | "embed" | "frame" | "image" | "keygen"
        )
}

fn is_raw_text(name: &LocalName) -> bool {
    matches!(
        &**name,
        "iframe"
            | "noembed"
            | "noframes"
            | "noscript"
            | "script"
            | "style"
            | "textarea"
            | "title"
            | "xmp"
    )
}

/// Whether it stands in a line.
fn is_inline(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::Mark(_)
            | Tag::Inline
            | Tag::Anchor
            | Tag::Time
            | Tag::Math
            | Tag::Annotation
            | Tag::Embed
            | Tag::Skip
            | Tag::Void
            | Tag::Unknown
    )
}

/// Whether there never is an element to end: a page is read as the content of one.
fn ends_nothing(name: &LocalName) -> bool {
    is_void(name) || matches!(&**name, "html" | "head" | "body")
}

/// Whether the end of an element also ends what is open in it, although that is not allowed.
fn ends_anyhow(name: &LocalName) -> bool {
    is_inline(Tag::of_html(name))
        || matches!(
            &**name,
            "datalist" | "desc" | "legend" | "option" | "optgroup" | "search"
        )
}
