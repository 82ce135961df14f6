//! Blocks of wiki markup, line by line, into the builder.
//!
//! Macro bodies and table cells are contexts of their own on an explicit stack: a body is
//! read as if it were a page, whatever stands around it. Tables are in `rows`.

use memchr::{memchr, memchr2};

use super::super::anchors::HeadingIds;
use super::braces::{self, Brace, Role};
use super::lex::{self, Kind, Mark, Piece, Side};
use super::lines::{Item, is_rule, item, line_tag, params};
use super::links::{self, Image};
use crate::model::{BlockKind, Inline, Target};
use crate::storage::build::Builder;
use crate::storage::elements::Close;
use crate::storage::flow::{FlowKind, MacroFrame};
use crate::storage::macros::MacroBody;
use crate::storage::media::old_name;
use crate::storage::para::{self, LinkSource, OpenLink};
use crate::storage::scan::{self, Attributes};
use crate::storage::tag::{self, Ordered, Tag};

/// Macro bodies and cells that may stand in each other; deeper ones become part of what
/// is around them.
const DEEPEST: usize = 32;
/// Lists that may stand in each other.
const DEEPEST_LIST: usize = 24;
/// Containers that the builder may have open, of the body around this one too.
const MOST_FLOWS: usize = 480;
/// Text that is resolved at once, in bytes.
const LONGEST_RUN: usize = 256 << 10;

/// Reads wiki markup into the builder.
pub(in crate::storage) fn read(builder: &mut Builder<'_>, source: &str) {
    let braces = braces::find(source, &mut builder.warnings);
    let pieces = lex::pieces(source, &braces, &mut builder.warnings);
    let mut reader = Reader {
        b: builder,
        source,
        braces: &braces,
        pieces: &pieces,
        next_piece: 0,
        at: 0,
        contexts: vec![Context::new(ContextKind::Body)],
        flattened: false,
    };
    while reader.at < source.len() {
        reader.step();
    }
    reader.finish();
}

/// What is read as if it were a page.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) kind: ContextKind,
    /// At the start of a line, where blocks are told apart.
    pub(super) line_start: bool,
    /// Open lists: length of the marker, and whether it counts.
    lists: Vec<(usize, Ordered)>,
    pub(super) table: Option<Row>,
    /// A heading or a quoted line is open and ends with the line.
    line: Option<(Close, Tag)>,
    marks: Vec<OpenMark>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContextKind {
    Body,
    /// A macro's, by the place of its first tag.
    Macro(usize),
    Cell,
}

/// The row that is being read, and where it ends at the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    None,
    Open { end: usize },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OpenMark {
    Mark(Mark, Close),
    Link(Close),
}

impl Context {
    pub(super) fn new(kind: ContextKind) -> Self {
        Self {
            kind,
            line_start: true,
            lists: Vec::new(),
            table: None,
            line: None,
            marks: Vec::new(),
        }
    }
}

pub(super) struct Reader<'s, 'b, 'c> {
    pub(super) b: &'b mut Builder<'c>,
    pub(super) source: &'s str,
    pub(super) braces: &'b [Brace<'s>],
    pub(super) pieces: &'b [Piece],
    pub(super) next_piece: usize,
    pub(super) at: usize,
    pub(super) contexts: Vec<Context>,
    /// It was said that something is too deep.
    flattened: bool,
}

impl Reader<'_, '_, '_> {
    /// Reads one line's beginning, one piece or the text before the next.
    fn step(&mut self) {
        self.place(self.at, self.at);
        if self.top().line_start {
            return self.line_start();
        }
        while self
            .pieces
            .get(self.next_piece)
            .is_some_and(|piece| piece.start < self.at)
        {
            self.next_piece += 1;
        }
        let piece = self.pieces.get(self.next_piece);
        if let Some(piece) = piece.filter(|piece| piece.start == self.at) {
            self.next_piece += 1;
            self.at = piece.end;
            self.place(piece.start, piece.end);
            return self.piece(piece);
        }
        self.text(piece.map_or(self.source.len(), |piece| piece.start));
    }

    pub(super) fn place(&mut self, start: usize, end: usize) {
        (self.b.offset, self.b.end) = (start, end);
    }

    pub(super) fn top(&mut self) -> &mut Context {
        self.contexts
            .last_mut()
            .expect("that of the body stays to the end")
    }

    /// Text up to the next piece, the end of the line or that of the cell.
    fn text(&mut self, limit: usize) {
        let rest = &self.source.as_bytes()[self.at..limit];
        let in_cell = self.top().kind == ContextKind::Cell;
        let stop = if in_cell {
            memchr2(b'\n', b'|', rest)
        } else {
            memchr(b'\n', rest)
        };
        let end = self.at + stop.unwrap_or(rest.len());
        self.words(&self.source[self.at..end]);
        self.at = end;
        if stop.is_some() {
            match self.source.as_bytes()[end] {
                b'\n' => self.end_line(),
                _ => self.bar(),
            }
        }
    }

    /// Puts text in which references are resolved; `&` alone is text.
    fn words(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let (run, more) = rest.split_at(rest.floor_char_boundary(LONGEST_RUN));
            self.b.cdata(&scan::decode(run));
            rest = more;
        }
    }

    /// Ends a line: what was on one line only, and a row that is complete.
    fn end_line(&mut self) {
        self.at += 1;
        self.end_marks();
        let at = self.at;
        if let Some((close, tag)) = self.top().line.take() {
            self.b.close(close, tag);
        }
        if self.top().kind == ContextKind::Cell && self.row_end().is_none_or(|end| at > end) {
            self.end_row();
        }
        self.top().line_start = true;
    }

    /// What the line that begins here is.
    fn line_start(&mut self) {
        let rest = &self.source[self.at..];
        let line = &rest[..memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len())];
        let text = line.trim_start_matches([' ', '\t', '\r']);
        if text.is_empty() {
            self.end_blocks();
            self.at += line.len() + 1;
            self.at = self.at.min(self.source.len());
            return;
        }
        let start = self.at + line.len() - text.len();
        self.top().line_start = false;
        if text.starts_with('|') && self.top().kind != ContextKind::Cell && self.fits() {
            return self.row(start);
        }
        if let Some(item) = item(text, self.top().lists.is_empty()) {
            return self.item(item, start);
        }
        if is_rule(text) {
            self.end_blocks();
            self.place(start, start + text.len());
            self.b
                .block(BlockKind::Rule, start..start + text.trim_end().len());
            self.at = start + text.trim_end().len();
            return;
        }
        if let Some((tag, length)) = line_tag(text) {
            self.end_blocks();
            self.place(start, start);
            let close = self.b.open(tag, Attributes::default());
            self.top().line = Some((close, tag));
            return self.begin_text(start + length);
        }
        if self.top().table.is_some() {
            self.end_table();
        }
        self.b.top().para.line_break();
        self.begin_text(start);
    }

    /// Text begins here: macros and images in it are inline unless they have the line to
    /// themselves.
    fn begin_text(&mut self, start: usize) {
        let rest = &self.source[start..];
        self.at = start + rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let apart = self.stands_apart();
        let para = &mut self.b.top().para;
        if para.is_empty() {
            para.source = start;
            para.explicit = !apart;
        }
    }

    /// Whether one macro or image is all there is from here to the end of the line.
    fn stands_apart(&self) -> bool {
        let mut pieces = self.pieces[self.next_piece..].iter();
        let Some(piece) = pieces.find(|piece| piece.start >= self.at) else {
            return false;
        };
        let end = match &piece.kind {
            _ if piece.start != self.at => return false,
            Kind::Image(_) => piece.end,
            Kind::Brace(place) => match self.braces[*place].role {
                Role::Open { close } => self.braces[close].end,
                _ => piece.end,
            },
            _ => return false,
        };
        let after = self.source[end..].trim_start_matches([' ', '\t', '\r']);
        after.is_empty() || after.starts_with('\n')
    }

    /// Ends the paragraph and all that goes on from line to line.
    fn end_blocks(&mut self) {
        self.end_lists();
        self.end_table();
        self.end_paragraph();
    }

    pub(super) fn end_paragraph(&mut self) {
        self.b.flush();
        self.b.top().para.explicit = false;
    }

    fn end_marks(&mut self) {
        while let Some(open) = self.top().marks.pop() {
            self.close_mark(open);
        }
    }

    fn close_mark(&mut self, open: OpenMark) {
        match open {
            OpenMark::Mark(_, close) | OpenMark::Link(close) => self.b.close(close, Tag::Inline),
        }
    }

    pub(super) fn end_lists(&mut self) {
        while !self.top().lists.is_empty() {
            self.end_list();
        }
    }

    fn end_list(&mut self) {
        if self.top().lists.pop().is_some() {
            self.b.close(Close::Flow, Tag::Item);
            self.b.close(Close::Flow, Tag::Inline);
        }
    }

    /// Whether one more container may be opened.
    fn fits(&mut self) -> bool {
        let fits = self.contexts.len() < DEEPEST && self.b.open_flows().len() < MOST_FLOWS;
        if !fits && !std::mem::replace(&mut self.flattened, true) {
            self.b.warnings.note("depth_flattened", self.at, "");
        }
        fits
    }

    /// An item: lists that are deeper end, and one begins where none is as deep.
    fn item(&mut self, item: Item, start: usize) {
        self.end_table();
        let Item { depth, ordered, .. } = item;
        let depth = depth.min(DEEPEST_LIST);
        while let Some((open, kind)) = self.top().lists.last().copied() {
            if open < depth || open == depth && kind == ordered {
                break;
            }
            // The outermost list goes on when its first items were written too deep.
            if let ([outermost], true) = (self.top().lists.as_mut_slice(), kind == ordered) {
                outermost.0 = depth;
                break;
            }
            self.end_list();
        }
        self.place(start, start);
        match self.top().lists.last() {
            Some((open, _)) if *open == depth => self.b.close(Close::Flow, Tag::Item),
            _ => {
                if self.top().lists.is_empty() {
                    self.end_paragraph();
                }
                if !self.fits() {
                    self.b.top().para.line_break();
                    return self.begin_text(start + item.length);
                }
                self.b.open(Tag::List(ordered), Attributes::default());
                self.top().lists.push((depth, ordered));
            }
        }
        self.b.open(Tag::Item, Attributes::default());
        self.begin_text(start + item.length);
    }

    /// Ends all that is open in the innermost context.
    pub(super) fn end_context(&mut self) {
        self.end_marks();
        if let Some((close, tag)) = self.top().line.take() {
            self.b.close(close, tag);
        }
        self.end_blocks();
    }

    fn finish(&mut self) {
        self.place(self.source.len(), self.source.len());
        while let Some(context) = self.contexts.last() {
            match context.kind {
                ContextKind::Body => break,
                ContextKind::Cell => self.end_row(),
                ContextKind::Macro(_) => self.end_macro(),
            }
        }
        self.end_context();
    }

    fn piece(&mut self, piece: &Piece) {
        match &piece.kind {
            Kind::Brace(place) => self.brace(*place),
            Kind::Mark(mark, Side::Open) => self.open_mark(*mark),
            Kind::Mark(mark, _) => self.end_mark(*mark),
            Kind::Monospace(content) => {
                let text = links::unescaped(&self.source[content.clone()]);
                let close = self
                    .b
                    .open(Tag::Mark(tag::Mark::Code), Attributes::default());
                self.words(&text);
                self.b.close(close, Tag::Inline);
            }
            Kind::LinkOpen(target) => self.open_link((**target).clone(), LinkSource::Link),
            Kind::LinkClose => self.end_link(),
            Kind::Link(target) => self.link(target),
            Kind::Image(image) => self.image(image, piece),
            Kind::Url => self.url(&self.source[piece.start..piece.end]),
            Kind::Emoticon(name) => {
                let text = old_name(name).unwrap_or_default();
                self.b.inline(Inline::Emoji { text });
            }
            Kind::Sign(sign) => self.b.cdata(sign),
            Kind::LineBreak => {
                self.b.open(Tag::Break, Attributes::default());
            }
            Kind::Escape => {
                let next = self.source[self.at..].chars().next();
                let length = next.map_or(0, char::len_utf8);
                self.b.cdata(&self.source[self.at..self.at + length]);
                self.at += length;
            }
        }
    }

    fn open_mark(&mut self, mark: Mark) {
        let close = match mark {
            Mark::Strong => self.plain_mark(tag::Mark::Strong),
            Mark::Em => self.plain_mark(tag::Mark::Em),
            Mark::Strike => self.plain_mark(tag::Mark::Strike),
            Mark::Inserted | Mark::Super | Mark::Sub | Mark::Cite => Close::Nothing,
        };
        self.top().marks.push(OpenMark::Mark(mark, close));
    }

    fn plain_mark(&mut self, mark: tag::Mark) -> Close {
        self.b.open(Tag::Mark(mark), Attributes::default())
    }

    fn end_mark(&mut self, mark: Mark) {
        self.end_marks_to(|open| matches!(open, OpenMark::Mark(found, _) if *found == mark));
    }

    fn end_link(&mut self) {
        self.end_marks_to(|open| matches!(open, OpenMark::Link(_)));
    }

    /// Closes marks up to the innermost that is meant, if it is open here.
    fn end_marks_to(&mut self, meant: impl Fn(&OpenMark) -> bool) {
        let Some(place) = self.top().marks.iter().rposition(meant) else {
            return;
        };
        while self.top().marks.len() > place {
            if let Some(open) = self.top().marks.pop() {
                self.close_mark(open);
            }
        }
    }

    fn open_link(&mut self, target: Target, source: LinkSource) {
        let close = self.b.start_link(OpenLink {
            target: Some(target),
            source,
            ..OpenLink::default()
        });
        self.top().marks.push(OpenMark::Link(close));
    }

    fn link(&mut self, target: &Target) {
        self.open_link(target.clone(), LinkSource::Link);
        if let Target::Url { url } = target
            && let Some(address) = url.strip_prefix("mailto:")
        {
            self.b.cdata(address);
        }
        self.end_link();
    }

    fn url(&mut self, url: &str) {
        self.open_link(
            Target::Url {
                url: url.to_owned(),
            },
            LinkSource::A,
        );
        self.b.cdata(url);
        self.end_link();
    }

    fn image(&mut self, image: &Image, piece: &Piece) {
        if !links::is_picture(&image.target) {
            return self.link(&image.target);
        }
        let inline = self.b.top().para.is_inline_context();
        let Image { target, alt } = image.clone();
        let image = self.b.image(target, alt);
        if inline {
            return self.b.inline_image(image);
        }
        let caption = Vec::new();
        self.b.block(
            BlockKind::Figure {
                image: Box::new(image),
                caption,
            },
            piece.start..piece.end,
        );
    }

    fn brace(&mut self, place: usize) {
        let brace = &self.braces[place];
        match &brace.role {
            Role::Nothing => {}
            Role::Alone => {
                if brace.name != "quote" {
                    self.open_macro(brace);
                    self.b.close(Close::Flow, Tag::Macro);
                }
            }
            Role::Literal(body) => {
                self.open_macro(brace);
                let mut text = String::new();
                para::push_literal(&mut text, &self.source[body.clone()]);
                para::compose(&mut text);
                if let FlowKind::Macro(frame) = &mut self.b.top().kind {
                    frame.bodies.push(MacroBody::Plain(text));
                }
                self.b.close(Close::Flow, Tag::Macro);
            }
            Role::Open { .. } => self.open_body(place),
            Role::Close { open } => self.close_body(*open),
        }
    }

    fn open_macro(&mut self, brace: &Brace<'_>) {
        if self.b.nesting == 0 {
            *self.b.meta.macros.entry(brace.name.clone()).or_default() += 1;
        }
        let inline = self.b.top().para.is_inline_context();
        let ids_mark = self.b.ids.as_ref().map_or(0, HeadingIds::mark);
        self.b.enter(FlowKind::Macro(Box::new(MacroFrame {
            name: brace.name.clone(),
            params: params(brace.params),
            bodies: Vec::new(),
            inline,
            ids_mark,
        })));
    }

    fn open_body(&mut self, place: usize) {
        if !self.fits() {
            self.b.boundary();
            return;
        }
        let brace = &self.braces[place];
        if brace.name == "quote" {
            self.b.open(Tag::Quote, Attributes::default());
        } else {
            self.open_macro(brace);
            self.b.open(Tag::RichBody, Attributes::default());
        }
        self.contexts.push(Context::new(ContextKind::Macro(place)));
    }

    /// Closes the body that was opened there, unless it was too deep to be one.
    fn close_body(&mut self, open: usize) {
        let is = |context: &Context| context.kind == ContextKind::Macro(open);
        let near = self.contexts.len().saturating_sub(2);
        if !self.contexts[near..].iter().any(is) {
            self.b.boundary();
            return;
        }
        if self.top().kind == ContextKind::Cell {
            self.end_row();
        }
        self.end_macro();
    }

    fn end_macro(&mut self) {
        let ContextKind::Macro(open) = self.top().kind else {
            return;
        };
        self.end_marks();
        if let Some((close, tag)) = self.top().line.take() {
            self.b.close(close, tag);
        }
        self.end_lists();
        self.end_table();
        self.b.top().para.explicit = false;
        self.contexts.pop();
        if self.braces[open].name == "quote" {
            self.b.close(Close::Flow, Tag::Quote);
        } else {
            self.b.close(Close::RichBody, Tag::RichBody);
            self.b.close(Close::Flow, Tag::Macro);
        }
    }
}
