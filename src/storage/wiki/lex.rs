//! Everything in a body that is more than text, found in one pass before blocks are made.
//!
//! Marks follow Confluence's own boundary rules: one opens where no letter or digit stands
//! before it and no white space after it, closes where it is the other way around, and
//! both stand on one line. Of several that could open, the first does. What does not
//! fit is text, and stands in no list: whatever lies between two [`Piece`]s is text.

use std::ops::Range;

use super::braces::{Brace, Monospace, Role};
use super::links;
use crate::model::Target;
use crate::storage::bytes;
use crate::storage::warn::Warnings;

/// Pieces found in one body; behind them all is text.
const MOST_PIECES: usize = 2_000_000;
/// Longest superscript or subscript inside a word, in bytes.
const LONGEST_INDEX: usize = 64;

/// Something that is no text.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
}

/// What it is.
#[derive(Debug)]
pub(super) enum Kind {
    /// A macro's tag, by its place in the list.
    Brace(usize),
    Mark(Mark, Side),
    Monospace(Range<usize>),
    LinkOpen(Box<Target>),
    LinkClose,
    /// A link that has no label of its own.
    Link(Box<Target>),
    Image(Box<links::Image>),
    Url,
    Emoticon(&'static str),
    Sign(&'static str),
    LineBreak,
    /// A back-slash that only protects what follows.
    Escape,
}

/// Marks of wiki markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Strong,
    Em,
    Strike,
    Inserted,
    Super,
    Sub,
    Cite,
}

/// Which end of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Open,
    Close,
    /// Opens, if something closes it.
    Perhaps,
}

const MARKS: usize = 7;

/// Marks that may still be closed, by place in the list of pieces.
type Pending = [Option<usize>; MARKS];

/// All pieces in their order, without overlaps.
pub(super) fn pieces(source: &str, braces: &[Brace<'_>], warnings: &mut Warnings) -> Vec<Piece> {
    let mut lexer = Lexer {
        source,
        braces,
        next_brace: 0,
        at: 0,
        found: Vec::new(),
        pending: vec![Pending::default()],
        link_ends: Vec::new(),
        monospace: Monospace::default(),
    };
    while lexer.step() {
        if lexer.found.len() >= MOST_PIECES {
            warnings.note("node_limit", lexer.at, "");
            break;
        }
    }
    let mut found = lexer.found;
    found.retain(|piece| !matches!(piece.kind, Kind::Mark(_, Side::Perhaps)));
    found
}

struct Lexer<'s, 'b> {
    source: &'s str,
    braces: &'b [Brace<'s>],
    next_brace: usize,
    at: usize,
    found: Vec<Piece>,
    /// One for each macro body and label that is open.
    pending: Vec<Pending>,
    /// Where the open label ends, and where its link does.
    link_ends: Vec<(usize, usize)>,
    monospace: Monospace,
}

impl Lexer<'_, '_> {
    /// Reads on to the next byte that may matter and what begins there. `false`: the end.
    fn step(&mut self) -> bool {
        let bytes = self.source.as_bytes();
        let special = |byte: &u8| SPECIAL[usize::from(*byte)];
        let Some(next) = bytes[self.at..].iter().position(special) else {
            return self.end_link(bytes.len());
        };
        let at = self.at + next;
        if self.end_link(at) {
            return true;
        }
        self.at = at;
        let length = self.read(bytes[at]).unwrap_or(1);
        self.at = at + length;
        true
    }

    /// Closes the label that ends before here, if there is one. `false`: there is none.
    fn end_link(&mut self, before: usize) -> bool {
        match self.link_ends.last() {
            Some((label, end)) if *label <= before => {
                let (label, end) = (*label, *end);
                self.link_ends.pop();
                self.leave();
                self.at = label;
                self.push(end - label, Kind::LinkClose);
                self.at = end;
                true
            }
            _ => false,
        }
    }

    fn push(&mut self, length: usize, kind: Kind) {
        self.found.push(Piece {
            start: self.at,
            end: self.at + length,
            kind,
        });
    }

    fn put(&mut self, length: usize, kind: Kind) -> usize {
        self.push(length, kind);
        length
    }

    fn pending(&mut self) -> &mut Pending {
        self.pending
            .last_mut()
            .expect("that of the body itself stays")
    }

    fn leave(&mut self) {
        if self.pending.len() > 1 {
            self.pending.pop();
        }
    }

    /// What begins here, and its length; `None` for text.
    fn read(&mut self, byte: u8) -> Option<usize> {
        let rest = &self.source[self.at..];
        match byte {
            b'\n' | b'|' => {
                *self.pending() = Pending::default();
                None
            }
            b'\\' => self.back_slash(rest),
            b'{' => self.brace(rest),
            b'[' => self.link(rest),
            b'!' => self.image(rest),
            b':' => self.url(rest).or_else(|| self.emoticon(rest)),
            b';' | b'(' => self.emoticon(rest),
            b'-' if rest.as_bytes().get(1) == Some(&b'-') => Some(self.dash(rest)),
            b'-' => Some(self.mark(Mark::Strike, 1)),
            b'*' => Some(self.mark(Mark::Strong, 1)),
            b'_' => Some(self.mark(Mark::Em, 1)),
            b'+' => Some(self.mark(Mark::Inserted, 1)),
            b'^' => Some(self.mark(Mark::Super, 1)),
            b'~' => Some(self.mark(Mark::Sub, 1)),
            b'?' if rest.starts_with("??") => Some(self.mark(Mark::Cite, 2)),
            _ => None,
        }
    }

    fn before(&self) -> Option<char> {
        self.source[..self.at].chars().next_back()
    }

    /// A line break, or the protection of one character.
    fn back_slash(&mut self, rest: &str) -> Option<usize> {
        let next = *rest.as_bytes().get(1)?;
        if next == b'\\' {
            if !self.is_network_path(rest) {
                self.push(2, Kind::LineBreak);
            }
            return Some(2);
        }
        if next.is_ascii_punctuation() {
            self.push(1, Kind::Escape);
            return Some(2);
        }
        None
    }

    /// Whether `\\server\folder` stands here.
    fn is_network_path(&self, rest: &str) -> bool {
        if self.before().is_some_and(|c| !c.is_whitespace()) {
            return false;
        }
        let word = rest[2..].bytes().take(256);
        let mut word = word.take_while(|byte| !byte.is_ascii_whitespace());
        word.next().is_some_and(|byte| byte.is_ascii_alphanumeric())
            && word.any(|byte| byte == b'\\')
    }

    fn brace(&mut self, rest: &str) -> Option<usize> {
        self.skip_braces(self.at);
        if let Some(brace) = self.braces.get(self.next_brace)
            && brace.start == self.at
        {
            match brace.role {
                Role::Open { .. } => self.pending.push(Pending::default()),
                Role::Close { .. } => self.leave(),
                _ => {}
            }
            return Some(self.put(brace.end - brace.start, Kind::Brace(self.next_brace)));
        }
        if let Some(content) = self.monospace.at(self.source, self.at)
            && self.inside_label(content.end + 2)
        {
            let length = content.end + 2 - self.at;
            return Some(self.put(length, Kind::Monospace(content)));
        }
        let (mark, length) = forced(rest)?;
        Some(self.forced_mark(mark, length))
    }

    fn skip_braces(&mut self, to: usize) {
        while self
            .braces
            .get(self.next_brace)
            .is_some_and(|brace| brace.start < to)
        {
            self.next_brace += 1;
        }
    }

    /// Whether what ends here lies in the label that is being read, if one is.
    fn inside_label(&self, end: usize) -> bool {
        self.link_ends.last().is_none_or(|(label, _)| end <= *label)
    }

    /// A mark by the boundary rules.
    fn mark(&mut self, mark: Mark, length: usize) -> usize {
        let rest = &self.source[self.at + length..];
        let own = self.source.as_bytes()[self.at];
        let before = self.before();
        let after = rest.chars().next();
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let is_gap = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let is_own = |c: Option<char>| c == Some(char::from(own));
        let index = matches!(mark, Mark::Super | Mark::Sub);
        let may_close = !is_gap(before) && !is_own(before) && (index || !is_word(after));
        if may_close
            && let Some(open) = self.pending()[mark as usize]
            && (!index || self.is_index(open, is_word(after)))
        {
            return self.close_mark(mark, open, length);
        }
        let may_open = !is_gap(after) && !is_own(after) && (index || !is_word(before));
        if may_open && self.pending()[mark as usize].is_none_or(|_| index) {
            return self.open_mark(mark, length);
        }
        length
    }

    /// Whether what was opened and ends here may be raised or lowered: inside a word that
    /// is something short without white space.
    fn is_index(&self, open: usize, word_after: bool) -> bool {
        let Piece { start, end, .. } = self.found[open];
        let word_before = self.source[..start].ends_with(char::is_alphanumeric);
        let inside = &self.source[end..self.at];
        !(word_before || word_after)
            || inside.len() <= LONGEST_INDEX && !inside.contains(char::is_whitespace)
    }

    fn open_mark(&mut self, mark: Mark, length: usize) -> usize {
        let place = self.found.len();
        self.pending()[mark as usize] = Some(place);
        self.put(length, Kind::Mark(mark, Side::Perhaps))
    }

    /// Closes a mark; others that opened in it and are still open are text.
    fn close_mark(&mut self, mark: Mark, open: usize, length: usize) -> usize {
        self.found[open].kind = Kind::Mark(mark, Side::Open);
        for pending in self.pending().iter_mut() {
            if pending.is_some_and(|place| place >= open) {
                *pending = None;
            }
        }
        self.put(length, Kind::Mark(mark, Side::Close))
    }

    /// A mark in braces, which may stand inside a word.
    fn forced_mark(&mut self, mark: Mark, length: usize) -> usize {
        match self.pending()[mark as usize] {
            Some(open) => self.close_mark(mark, open, length),
            None => self.open_mark(mark, length),
        }
    }

    fn dash(&mut self, rest: &str) -> usize {
        let length = rest.bytes().take_while(|byte| *byte == b'-').count();
        let after = rest[length..].chars().next();
        let alone =
            self.before().is_none_or(char::is_whitespace) && after.is_none_or(char::is_whitespace);
        match length {
            2 if alone => self.put(length, Kind::Sign("–")),
            3 if alone => self.put(length, Kind::Sign("—")),
            _ => length,
        }
    }

    fn emoticon(&mut self, rest: &str) -> Option<usize> {
        if self.before().is_some_and(char::is_alphanumeric) {
            return None;
        }
        let (sign, name) = EMOTICONS.iter().find(|(sign, _)| rest.starts_with(sign))?;
        if rest[sign.len()..].starts_with(char::is_alphanumeric) {
            return None;
        }
        Some(self.put(sign.len(), Kind::Emoticon(name)))
    }

    /// A bare address; its scheme has already gone by.
    fn url(&mut self, rest: &str) -> Option<usize> {
        let from = self.found.last().map_or(0, |piece| piece.end);
        let before = &self.source[from.min(self.at)..self.at];
        let scheme = links::scheme_before(before, rest)?;
        let limit = self
            .link_ends
            .last()
            .map_or(self.source.len(), |ends| ends.0);
        let length = links::url_length(&self.source[self.at..limit.max(self.at)])?;
        let start = self.at - scheme;
        self.found.push(Piece {
            start,
            end: self.at + length,
            kind: Kind::Url,
        });
        Some(length)
    }

    fn image(&mut self, rest: &str) -> Option<usize> {
        if self.before().is_some_and(char::is_alphanumeric) {
            return None;
        }
        let (image, length) = links::image(rest)?;
        let end = self.at + length;
        self.skip_braces(self.at);
        let braced = self.braces.get(self.next_brace);
        if braced.is_some_and(|brace| brace.start < end) || !self.inside_label(end) {
            return None;
        }
        Some(self.put(length, Kind::Image(Box::new(image))))
    }

    fn link(&mut self, rest: &str) -> Option<usize> {
        if !self.link_ends.is_empty() {
            return None;
        }
        let link = links::link(rest)?;
        // `args[i]`, which is code more often than a link.
        if link.is_bare_title() && self.before().is_some_and(char::is_alphanumeric) {
            return None;
        }
        let end = self.at + link.length;
        let label = link
            .label
            .map(|label| self.at + label.start..self.at + label.end);
        self.skip_braces(self.at);
        if !self.holds(label.as_ref(), end) {
            return None;
        }
        let target = Box::new(link.target);
        match label {
            None => Some(self.put(link.length, Kind::Link(target))),
            Some(label) => {
                self.pending.push(Pending::default());
                self.link_ends.push((label.end, end));
                let length = label.start - self.at;
                Some(self.put(length, Kind::LinkOpen(target)))
            }
        }
    }

    /// Whether macros that begin in a link end in its label. Those in its target are text.
    fn holds(&self, label: Option<&Range<usize>>, end: usize) -> bool {
        let inside = self.braces[self.next_brace..].iter();
        inside.take_while(|brace| brace.start < end).all(|brace| {
            let last = match brace.role {
                Role::Open { close } => self.braces[close].end,
                Role::Close { open } if self.braces[open].start < self.at => return false,
                _ => brace.end,
            };
            let in_label = label.is_some_and(|label| last <= label.end);
            in_label
                || matches!(brace.role, Role::Alone | Role::Nothing)
                    && label.is_none_or(|label| brace.start >= label.end)
        })
    }
}

/// A mark in braces, and its length.
fn forced(rest: &str) -> Option<(Mark, usize)> {
    const FORCED: [(&str, Mark); 7] = [
        ("{*}", Mark::Strong),
        ("{_}", Mark::Em),
        ("{-}", Mark::Strike),
        ("{+}", Mark::Inserted),
        ("{^}", Mark::Super),
        ("{~}", Mark::Sub),
        ("{??}", Mark::Cite),
    ];
    let found = FORCED.iter().find(|(sign, _)| rest.starts_with(sign))?;
    Some((found.1, found.0.len()))
}

/// Signs and the names of their emoji; longer ones before those they begin with.
const EMOTICONS: [(&str, &str); 21] = [
    (":)", "smile"),
    (":(", "sad"),
    (":P", "cheeky"),
    (":D", "laugh"),
    (";)", "wink"),
    ("(y)", "thumbs-up"),
    ("(n)", "thumbs-down"),
    ("(i)", "information"),
    ("(/)", "tick"),
    ("(x)", "cross"),
    ("(!)", "warning"),
    ("(+)", "plus"),
    ("(-)", "minus"),
    ("(?)", "question"),
    ("(on)", "light-on"),
    ("(off)", "light-off"),
    ("(*)", "yellow-star"),
    ("(*y)", "yellow-star"),
    ("(*r)", "red-star"),
    ("(*g)", "green-star"),
    ("(*b)", "blue-star"),
];

/// Bytes that may begin something.
const SPECIAL: [bool; 256] = bytes::table(b"\n|\\{[!:;(-*_+^~?");
