//! Blocks of wiki markup, line by line, into the builder.
//!
//! Macro bodies and table cells are contexts of their own on an explicit stack: a body is
//! read as if it were a page, whatever stands around it. A row of a table goes on over
//! several lines as long as a bar is still to come before a blank line or the next row.

use memchr::{memchr, memchr2};

use super::braces::{self, Brace, Role};
use super::lex::{self, Kind, Mark, Piece, Side};
use super::links::{self, Image};
use crate::model::{BlockKind, Inline, Target};
use crate::storage::build::Builder;
use crate::storage::elements::Close;
use crate::storage::flow::{FlowKind, MacroFrame};
use crate::storage::macros::{MacroBody, Param};
use crate::storage::media::old_name;
use crate::storage::para::{self, LinkSource, OpenLink};
use crate::storage::scan::{self, Attributes};
use crate::storage::tag::{self, CellKind, Ordered, Tag};

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
struct Context {
    kind: ContextKind,
    /// At the start of a line, where blocks are told apart.
    line_start: bool,
    /// Open lists: length of the marker, and whether it counts.
    lists: Vec<(usize, Ordered)>,
    table: Option<Row>,
    /// A heading or a quoted line is open and ends with the line.
    line: Option<(Close, Tag)>,
    marks: Vec<OpenMark>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ContextKind {
    Body,
    /// A macro's, by the place of its first tag.
    Macro(usize),
    Cell,
}

/// The row that is being read, and where it ends at the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    None,
    Open { end: usize },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OpenMark {
    Mark(Mark, Close),
    Link(Close),
}

impl Context {
    fn new(kind: ContextKind) -> Self {
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

struct Reader<'s, 'b, 'c> {
    b: &'b mut Builder<'c>,
    source: &'s str,
    braces: &'b [Brace<'s>],
    pieces: &'b [Piece],
    next_piece: usize,
    at: usize,
    contexts: Vec<Context>,
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

    fn place(&mut self, start: usize, end: usize) {
        (self.b.offset, self.b.end) = (start, end);
    }

    fn top(&mut self) -> &mut Context {
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

    fn end_paragraph(&mut self) {
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

    fn end_lists(&mut self) {
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
        let fits = self.contexts.len() < DEEPEST && self.b.flows.len() < MOST_FLOWS;
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

    /// A row: its first bar stands here.
    fn row(&mut self, start: usize) {
        self.end_lists();
        self.place(start, start);
        if self.top().table.is_none() {
            self.end_paragraph();
            self.b.open(Tag::Table, Attributes::default());
        }
        let end = self.last_line_of_row(start);
        self.top().table = Some(Row::Open { end });
        self.b.open(Tag::Row, Attributes::default());
        self.at = start;
        self.cell();
    }

    /// The end of the line in which the last bar of this row stands.
    fn last_line_of_row(&self, start: usize) -> usize {
        let bytes = self.source.as_bytes();
        let mut at = start + 1;
        let mut last = start;
        let mut next = self.braces.partition_point(|brace| brace.start < start);
        let mut first_line = true;
        loop {
            let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
            let line = self.source[at..end].trim_start();
            if !first_line && (line.is_empty() || line.starts_with('|')) {
                break;
            }
            first_line = false;
            // A macro goes on to its end, whatever stands in it.
            let skipped = loop {
                let Some(brace) = self.braces.get(next).filter(|brace| brace.start < end) else {
                    break None;
                };
                next += 1;
                match brace.role {
                    Role::Open { close } if self.braces[close].end > end => {
                        next = close + 1;
                        break Some((brace.start, self.braces[close].end));
                    }
                    Role::Literal(_) if brace.end > end => break Some((brace.start, brace.end)),
                    // The macro around the table ends here.
                    Role::Close { open } if self.braces[open].start < start => {
                        let bar = memchr::memrchr(b'|', &bytes[at..brace.start]);
                        return bar.map_or(last, |_| brace.start).max(last);
                    }
                    _ => {}
                }
            };
            let to = skipped.map_or(end, |(start, _)| start.max(at));
            if memchr::memrchr(b'|', &bytes[at..to]).is_some() {
                last = to;
            }
            match skipped {
                Some((_, after)) => {
                    at = after;
                    first_line = true;
                }
                None if end == bytes.len() => break,
                None => at = end + 1,
            }
        }
        let line = memchr(b'\n', &bytes[last..]);
        line.map_or(bytes.len(), |line| last + line)
    }

    fn row_end(&self) -> Option<usize> {
        let around = self.contexts.iter().rev().nth(1)?;
        match around.table {
            Some(Row::Open { end }) => Some(end),
            _ => None,
        }
    }

    /// Opens the cell whose bars stand here.
    fn cell(&mut self) {
        let double = self.source[self.at..].starts_with("||");
        let kind = if double {
            CellKind::Header
        } else {
            CellKind::Data
        };
        self.at += 1 + usize::from(double);
        self.b.open(Tag::Cell(kind), Attributes::default());
        self.contexts.push(Context::new(ContextKind::Cell));
        let rest = &self.source[self.at..];
        let text = rest.trim_start_matches([' ', '\t', '\r']);
        // Blank lines end a row, not white space after a bar.
        if text.starts_with('\n') || text.starts_with('|') {
            self.top().line_start = false;
            self.at += rest.len() - text.len();
        }
    }

    /// A bar in a cell: the cell ends, and with it the row if nothing follows.
    fn bar(&mut self) {
        self.end_cell();
        let rest = &self.source[self.at..];
        let after = rest.strip_prefix('|').unwrap_or(rest);
        let after = after.strip_prefix('|').unwrap_or(after);
        let after = after.trim_start_matches([' ', '\t', '\r']);
        let row_ends = after.is_empty() || after.starts_with('\n') || self.ends_here(after);
        if row_ends {
            self.at = self.source.len() - after.len();
            self.end_row();
            return;
        }
        self.cell();
    }

    /// Whether the macro around the table closes where `after` begins.
    fn ends_here(&self, after: &str) -> bool {
        let at = self.source.len() - after.len();
        let piece = self.pieces[self.next_piece..]
            .iter()
            .find(|piece| piece.start >= at);
        piece.is_some_and(|piece| {
            piece.start == at
                && matches!(&piece.kind, Kind::Brace(place)
                    if matches!(self.braces[*place].role, Role::Close { .. }))
        })
    }

    fn end_cell(&mut self) {
        if self.top().kind != ContextKind::Cell {
            return;
        }
        self.end_context();
        self.contexts.pop();
        self.b.close(Close::Flow, Tag::Cell(CellKind::Data));
    }

    /// Ends the row, and the cell that is still open in it.
    fn end_row(&mut self) {
        self.end_cell();
        if let Some(Row::Open { .. }) = self.top().table {
            self.top().table = Some(Row::None);
            self.b.close(Close::Flow, Tag::Row);
        }
    }

    fn end_table(&mut self) {
        if self.top().table.is_none() {
            return;
        }
        if let Some(Row::Open { .. }) = self.top().table {
            self.b.close(Close::Flow, Tag::Row);
        }
        self.top().table = None;
        self.b.close(Close::Flow, Tag::Table);
    }

    /// Ends all that is open in the innermost context.
    fn end_context(&mut self) {
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
        self.b
            .block(BlockKind::Figure { image, caption }, piece.start..piece.end);
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
        self.b.enter(FlowKind::Macro(Box::new(MacroFrame {
            name: brace.name.clone(),
            params: params(brace.params),
            bodies: Vec::new(),
            inline,
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

/// The marker of an item.
#[derive(Debug, Clone, Copy)]
struct Item {
    depth: usize,
    ordered: Ordered,
    /// Its length with the white space behind it.
    length: usize,
}

/// The item that a line begins. Several hyphens are a dash, unless a list is going on.
fn item(text: &str, first: bool) -> Option<Item> {
    let bytes = text.as_bytes();
    let marker = |byte: &&u8| matches!(byte, b'*' | b'-' | b'#');
    let depth = bytes.iter().take_while(marker).count();
    let space = bytes.get(depth)?;
    if depth == 0 || !matches!(space, b' ' | b'\t') || text[depth..].trim().is_empty() {
        return None;
    }
    let hyphens = bytes[..depth].iter().all(|byte| *byte == b'-');
    if hyphens && depth > 1 && first {
        return None;
    }
    let counts = bytes[depth - 1] == b'#';
    Some(Item {
        depth,
        ordered: if counts { Ordered::Yes } else { Ordered::No },
        length: depth + 1,
    })
}

fn is_rule(text: &str) -> bool {
    let text = text.trim_end();
    text.len() >= 4 && text.bytes().all(|byte| byte == b'-')
}

/// What a line is from its first word on: a heading or a quotation; and where its text begins.
fn line_tag(text: &str) -> Option<(Tag, usize)> {
    let bytes = text.as_bytes();
    let (tag, length) = match bytes {
        [b'h' | b'H', level @ b'1'..=b'6', b'.', ..] => (Tag::Heading(level - b'0'), 3),
        [b'b', b'q', b'.', ..] => (Tag::Quote, 3),
        _ => return None,
    };
    let space = text[length..].starts_with([' ', '\t']);
    (space && !text[length..].trim().is_empty()).then_some((tag, length))
}

/// `value|name=value`: what has no name stands under the empty one.
fn params(text: &str) -> Vec<Param> {
    const MOST: usize = 1000;
    let parts = split_escaped(text).into_iter().take(MOST);
    let filled = parts.filter(|part| !part.trim().is_empty());
    filled
        .map(|part| {
            let is_name = |name: &&str| {
                let name = name.trim();
                let name_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.: ".contains(&byte);
                !name.is_empty() && name.len() <= 64 && name.bytes().all(name_byte)
            };
            let (name, value) = match part.split_once('=') {
                Some((name, value)) if is_name(&name) => (name.trim().to_lowercase(), value),
                _ => (String::new(), part),
            };
            let text = links::unescaped(&scan::decode(value)).trim().to_owned();
            Param {
                name,
                text,
                ..Param::default()
            }
        })
        .collect()
}

/// Parts between bars that no back-slash protects.
fn split_escaped(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let (mut at, mut from) = (0, 0);
    while let Some(next) = memchr2(b'|', b'\\', &bytes[at..]) {
        at += next;
        if bytes[at] == b'|' {
            parts.push(&text[from..at]);
            at += 1;
            from = at;
        } else {
            at = (at + 2).min(bytes.len());
        }
    }
    parts.push(&text[from..]);
    parts
}
