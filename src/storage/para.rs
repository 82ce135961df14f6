//! The paragraph under construction: white space, open marks, line breaks.
//!
//! White space and breaks are kept back until something visible follows, and then put
//! outside marks that are still empty. So blocks are trimmed, marks hold no white space
//! at their edges, and `<b>foo</b>bar` stays one word, all in one pass.
#![expect(
    clippy::needless_bitwise_bool,
    reason = "without branches a whole chunk is compared at once"
)]

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::entity::{self, Reference};
use super::tag::Mark;
use super::warn::Warnings;
use super::{bytes, plain};
use crate::model::{Inline, Target};

/// What an open inline element will become.
#[derive(Debug)]
pub(super) enum MarkKind {
    Plain(Mark),
    Link(Box<OpenLink>),
}

/// A link whose label is still being read.
#[derive(Debug, Default)]
pub(super) struct OpenLink {
    pub(super) target: Option<Target>,
    pub(super) anchor: Option<String>,
    pub(super) source: LinkSource,
    /// Blocks stood in the label, and so many parts of it are already out.
    pub(super) parts: usize,
    /// What came before a block in the label and is already out.
    pub(super) split: Option<String>,
    /// Where its label begins in the ids of the heading around it.
    pub(super) ids_mark: usize,
    /// Of its container, when it began.
    pub(super) blocks_before: usize,
    /// The block that its label begins in, once a part is out.
    pub(super) block: u32,
}

/// Which element a link came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum LinkSource {
    #[default]
    Link,
    A,
    Card,
}

impl LinkSource {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::A => "a",
            Self::Card => "card",
        }
    }
}

/// An open mark and what stands in it so far.
#[derive(Debug)]
pub(super) struct OpenMark {
    pub(super) kind: MarkKind,
    pub(super) inlines: Vec<Inline>,
}

/// What is kept back until something visible follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Gap {
    #[default]
    None,
    /// So many spaces, and whether the last one collapses with the next.
    Spaces(usize, bool),
    Break,
}

/// The paragraph, heading or bare text that a block container is reading.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about what was just put"
)]
pub(super) struct Para {
    inlines: Vec<Inline>,
    pub(super) marks: Vec<OpenMark>,
    gap: Gap,
    /// Something stands on the current line.
    started: bool,
    /// White space stood before the first thing.
    led: bool,
    /// Something was put that a reader sees.
    visible: bool,
    /// The last thing put ends like a word, so that another word right after it is the
    /// same word.
    word: bool,
    /// The last thing put stands apart from text, such as a status in its box.
    boxed: bool,
    /// Something was put that is not plain ASCII, so it may have to be composed.
    foreign: bool,
    /// 0: a paragraph.
    pub(super) level: u8,
    /// A `p` is open around it, as against bare text in a cell or item.
    pub(super) explicit: bool,
    pub(super) source: usize,
    /// Room of a mark that has been closed, for the next one.
    spare: Vec<Inline>,
}

impl Para {
    /// Whether anything visible stands in it.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        !self.visible
    }

    /// Whether nothing at all came into it since it was taken last.
    #[inline]
    pub(super) fn is_untouched(&self) -> bool {
        let nothing = !self.started && !self.boxed && self.gap == Gap::None;
        nothing && self.inlines.is_empty() && self.marks.is_empty()
    }

    /// Whether an inline element here stands beside other text.
    pub(super) fn is_inline_context(&self) -> bool {
        self.explicit || self.visible || self.level > 0
    }

    /// Adds text as written between tags. `offset` is where it stands in the body; `plain`, how
    /// many bytes at its beginning are known to need no care.
    #[inline]
    pub(super) fn text(&mut self, raw: &str, plain: usize, offset: usize, warnings: &mut Warnings) {
        if plain == raw.len() {
            return self.plain(raw);
        }
        let resolve = Resolve::References;
        let written = Written {
            raw,
            plain,
            resolve,
            offset,
        };
        self.cleaned(written, warnings);
    }

    /// Adds text in which `&` means itself.
    pub(super) fn literal(&mut self, raw: &str, offset: usize, warnings: &mut Warnings) {
        let written = Written {
            raw,
            plain: 0,
            resolve: Resolve::Nothing,
            offset,
        };
        self.cleaned(written, warnings);
    }

    fn cleaned(&mut self, written: Written<'_>, warnings: &mut Warnings) {
        let Written {
            raw,
            plain,
            resolve,
            offset,
        } = written;
        let bytes = raw.as_bytes();
        let (mut at, mut run) = (0, 0);
        while at < bytes.len() {
            if at == run && is_space(bytes[at]) {
                self.space();
                at += spaces(&bytes[at..]);
                run = at;
                continue;
            }
            at = if at < plain {
                plain
            } else {
                care(&bytes[at..], resolve).map_or(bytes.len(), |found| at + found)
            };
            let Some(class) = bytes.get(at) else { break };
            let Some((piece, length)) = special(&raw[at..], *class) else {
                at += char_length(*class);
                continue;
            };
            self.words(&raw[run..at]);
            self.piece(piece, offset + at, warnings);
            at += length;
            run = at;
        }
        self.words(&raw[run..]);
    }

    /// Text in which nothing needs care but a space at either end.
    #[inline]
    fn plain(&mut self, text: &str) {
        if let Some(text) = text.strip_prefix(' ') {
            self.space();
            self.words(text);
        } else {
            self.words(text);
        }
    }

    /// Text in which nothing needs care but a space at its end.
    #[inline]
    fn words(&mut self, text: &str) {
        if let Some(text) = text.strip_suffix(' ') {
            self.run(text);
            self.space();
        } else {
            self.run(text);
        }
    }

    fn piece(&mut self, piece: Piece, offset: usize, warnings: &mut Warnings) {
        match piece {
            Piece::Space => self.space(),
            Piece::Reference(Reference::Char(c)) => self.char(c),
            Piece::Reference(Reference::Pair(a, b)) => {
                self.char(a);
                self.char(b);
            }
            Piece::Reference(Reference::Illegal) => {
                warnings.damage("illegal_reference", offset, "");
                self.char(char::REPLACEMENT_CHARACTER);
            }
            Piece::Ampersand => {
                warnings.damage("bare_ampersand", offset, "");
                self.run("&");
            }
            Piece::Char(c) => self.char(c),
            Piece::Forbidden => warnings.damage("control_dropped", offset, ""),
        }
    }

    /// One character that has been resolved.
    fn char(&mut self, c: char) {
        match c {
            ' ' | '\t' | '\r' | '\n' | '\u{c}' => self.space(),
            '\u{a0}' => self.fixed_space(),
            '\u{2028}' | '\u{2029}' => self.line_break(),
            _ if is_invisible(c) => {}
            _ => self.run(c.encode_utf8(&mut [0; 4])),
        }
    }

    fn run(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if self.boxed && self.word && text.starts_with(char::is_alphanumeric) {
            self.apart();
        }
        self.settle();
        self.visible = true;
        self.boxed = false;
        self.foreign |= !text.is_ascii();
        self.word = ends_in_word(text);
        push_text(self.innermost(), text);
    }

    /// Adds something that is no text.
    pub(super) fn push(&mut self, inline: Inline) {
        if let Inline::Anchor { .. } = inline {
            return self.innermost().push(inline);
        }
        let shown = boxed_text(&inline);
        if self.word
            && shown
                .as_deref()
                .is_some_and(|text| text.starts_with(char::is_alphanumeric))
        {
            self.apart();
        }
        self.settle();
        self.visible = true;
        // Its texts are not looked into here.
        self.foreign = true;
        self.boxed = shown.is_some();
        self.word = match shown {
            Some(text) => plain::goes_on(&text, self.word),
            None => plain::ends_in_word(&inline),
        };
        self.innermost().push(inline);
    }

    /// Keeps what comes next from becoming one word with what is there.
    fn apart(&mut self) {
        if self.gap == Gap::None {
            self.gap = Gap::Spaces(1, false);
        }
    }

    /// A space that collapses with its neighbours.
    #[inline]
    pub(super) fn space(&mut self) {
        self.gap = match self.gap {
            Gap::None => Gap::Spaces(1, true),
            Gap::Spaces(n, false) => Gap::Spaces(n + 1, true),
            gap => gap,
        };
    }

    /// A space that does not collapse.
    fn fixed_space(&mut self) {
        self.gap = match self.gap {
            Gap::None => Gap::Spaces(1, false),
            Gap::Spaces(n, _) => Gap::Spaces(n + 1, false),
            Gap::Break => Gap::Break,
        };
    }

    /// A line break; a space where lines cannot be broken.
    pub(super) fn line_break(&mut self) {
        match self.level {
            0 => self.gap = Gap::Break,
            _ => self.space(),
        }
    }

    /// Writes what was kept back, outside marks that are still empty.
    #[inline]
    fn settle(&mut self) {
        let gap = std::mem::take(&mut self.gap);
        if !self.started {
            self.started = true;
            self.led = gap != Gap::None;
        } else if gap != Gap::None {
            self.write_gap(gap);
        }
    }

    fn write_gap(&mut self, gap: Gap) {
        let empty = self.marks.iter().rev();
        let empty = empty.take_while(|mark| mark.inlines.is_empty()).count();
        let depth = self.marks.len() - empty;
        let place = match depth {
            0 => &mut self.inlines,
            _ => &mut self.marks[depth - 1].inlines,
        };
        match gap {
            Gap::Break => place.push(Inline::LineBreak),
            Gap::Spaces(1, _) => push_text(place, " "),
            Gap::Spaces(n, _) => push_text(place, &" ".repeat(n)),
            Gap::None => {}
        }
    }

    #[inline]
    fn innermost(&mut self) -> &mut Vec<Inline> {
        match self.marks.last_mut() {
            Some(mark) => &mut mark.inlines,
            None => &mut self.inlines,
        }
    }

    /// Whether this mark is open already; marks in themselves say nothing more.
    pub(super) fn has_mark(&self, mark: Mark) -> bool {
        let same = |open: &OpenMark| matches!(open.kind, MarkKind::Plain(kind) if kind == mark);
        self.marks.iter().any(same)
    }

    /// The innermost open link.
    pub(super) fn open_link(&mut self) -> Option<&mut OpenLink> {
        self.marks
            .iter_mut()
            .rev()
            .find_map(|mark| match &mut mark.kind {
                MarkKind::Link(link) => Some(&mut **link),
                MarkKind::Plain(_) => None,
            })
    }

    pub(super) fn open(&mut self, kind: MarkKind) {
        let inlines = std::mem::take(&mut self.spare);
        self.marks.push(OpenMark { kind, inlines });
    }

    /// Takes the innermost mark off; the caller puts back what it becomes.
    pub(super) fn close(&mut self) -> Option<OpenMark> {
        self.marks.pop()
    }

    /// Puts a finished mark where it stood, unless there is nothing in it.
    pub(super) fn wrap(&mut self, mark: Mark, inlines: Vec<Inline>) {
        if inlines.is_empty() {
            return;
        }
        if mark != Mark::Code {
            return join(self.innermost(), mark, inlines);
        }
        self.spare = join_code(self.innermost(), inlines);
    }

    /// Puts what something that was open here has become, where it stood; white space kept back
    /// stays after it.
    pub(super) fn put(&mut self, inline: Inline) {
        self.innermost().push(inline);
    }

    /// Puts back what was open here, where it stood; white space kept back stays after it.
    pub(super) fn put_back(&mut self, inlines: impl IntoIterator<Item = Inline>) {
        self.innermost().extend(inlines);
    }

    /// Whether white space stood before the first thing and after the last.
    pub(super) fn edges(&self) -> (bool, bool) {
        (self.led, self.gap != Gap::None)
    }

    /// What follows is set apart from what is here.
    pub(super) fn set_apart(&mut self) {
        self.boxed = true;
    }

    /// Puts inlines that are already finished.
    pub(super) fn append(&mut self, inlines: Vec<Inline>) {
        for inline in inlines {
            match inline {
                Inline::Text { text } => self.run(&text),
                Inline::LineBreak => self.line_break(),
                other => self.push(other),
            }
        }
    }

    /// Ends the line of thought here: everything so far, with open marks closed, while
    /// they stay open for what follows. Empty when there was nothing to see.
    pub(super) fn take(&mut self) -> Vec<Inline> {
        self.gap = Gap::None;
        if !self.visible && self.inlines.is_empty() && self.marks.is_empty() {
            (self.word, self.boxed, self.started) = (false, false, false);
            return Vec::new();
        }
        (self.word, self.boxed) = (false, false);
        self.started = false;
        let foreign = std::mem::take(&mut self.foreign);
        if !std::mem::take(&mut self.visible) {
            self.inlines.clear();
            self.marks.iter_mut().for_each(|mark| mark.inlines.clear());
            return Vec::new();
        }
        for depth in (0..self.marks.len()).rev() {
            let inlines = std::mem::take(&mut self.marks[depth].inlines);
            if inlines.is_empty() {
                continue;
            }
            let (outer, inner) = self.marks.split_at_mut(depth);
            let place = match outer.last_mut() {
                Some(mark) => &mut mark.inlines,
                None => &mut self.inlines,
            };
            match &mut inner[0].kind {
                MarkKind::Plain(Mark::Code) => drop(join_code(place, inlines)),
                MarkKind::Plain(mark) => join(place, *mark, inlines),
                MarkKind::Link(link) => place.extend(link.part(inlines)),
            }
        }
        if foreign {
            normalise(&mut self.inlines);
        }
        // As long as it has to be, while the room is kept for the next paragraph.
        self.inlines.drain(..).collect()
    }

    /// Makes it an empty one, in the same room.
    pub(super) fn reset(&mut self) {
        let Self {
            inlines,
            marks,
            gap,
            started,
            led,
            visible,
            word,
            boxed,
            foreign,
            level,
            explicit,
            source: _,
            spare: _,
        } = self;
        inlines.clear();
        marks.clear();
        *gap = Gap::None;
        for fact in [started, led, visible, word, boxed, foreign, explicit] {
            *fact = false;
        }
        *level = 0;
    }
}

/// The text of what a reader sees set apart from the words around it, although no white
/// space is written there: boxes, dates, people, labels that are not the author's.
fn boxed_text(inline: &Inline) -> Option<String> {
    match inline {
        Inline::Status { .. }
        | Inline::JiraIssue { .. }
        | Inline::Date { .. }
        | Inline::Mention { .. }
        | Inline::Image { .. } => {}
        Inline::Link { label, .. } if label.is_empty() => {}
        _ => return None,
    }
    let mut text = String::new();
    plain::inlines(std::slice::from_ref(inline), &mut text);
    Some(text)
}

/// Whether the last character is a letter or a digit.
#[inline]
fn ends_in_word(text: &str) -> bool {
    match text.as_bytes().last() {
        Some(byte) if byte.is_ascii() => byte.is_ascii_alphanumeric(),
        _ => text.ends_with(char::is_alphanumeric),
    }
}

/// Text as it stands in the body.
struct Written<'t> {
    raw: &'t str,
    /// Bytes at the beginning that are known to need no care.
    plain: usize,
    resolve: Resolve,
    offset: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resolve {
    References,
    Nothing,
}

/// Appends a mark, or goes on with the one before when it is the same.
fn join(place: &mut Vec<Inline>, mark: Mark, mut inlines: Vec<Inline>) {
    let before = match (mark, place.last_mut()) {
        (Mark::Strong, Some(Inline::Strong { inlines })) => Some(inlines),
        (Mark::Em, Some(Inline::Em { inlines })) => Some(inlines),
        (Mark::Strike, Some(Inline::Strike { inlines })) => Some(inlines),
        _ => None,
    };
    if let Some(before) = before {
        before.append(&mut inlines);
        return;
    }
    place.push(match mark {
        Mark::Strong => Inline::Strong { inlines },
        Mark::Em => Inline::Em { inlines },
        Mark::Strike => Inline::Strike { inlines },
        Mark::Code => return drop(join_code(place, inlines)),
    });
}

/// The same for code. What held its inlines is given back empty.
fn join_code(place: &mut Vec<Inline>, mut inlines: Vec<Inline>) -> Vec<Inline> {
    if let Some(Inline::Code { text }) = place.last_mut() {
        plain::inlines(&inlines, text);
    } else if let [Inline::Text { text }] = inlines.as_mut_slice() {
        let text = std::mem::take(text);
        place.push(Inline::Code { text });
    } else {
        push_code(place, &mut inlines);
    }
    inlines.clear();
    inlines
}

/// A code span holds text only, so what is no text keeps its place between two spans.
fn push_code(place: &mut Vec<Inline>, inlines: &mut Vec<Inline>) {
    let mut text = String::new();
    for inline in inlines.drain(..) {
        match inline {
            Inline::LineBreak | Inline::Image { .. } | Inline::Anchor { .. } => {
                if !text.is_empty() {
                    place.push(Inline::Code {
                        text: std::mem::take(&mut text),
                    });
                }
                place.push(inline);
            }
            other => plain::inlines(std::slice::from_ref(&other), &mut text),
        }
    }
    if !text.is_empty() {
        place.push(Inline::Code { text });
    }
}

fn push_text(place: &mut Vec<Inline>, more: &str) {
    if let Some(Inline::Text { text }) = place.last_mut() {
        return text.push_str(more);
    }
    // What follows is mostly a space, or nothing.
    let mut text = String::with_capacity(more.len() + 1);
    text.push_str(more);
    // Most paragraphs are one text.
    if place.capacity() == 0 {
        *place = vec![Inline::Text { text }];
    } else {
        place.push(Inline::Text { text });
    }
}

/// Brings the text of inlines into Unicode's composed form.
fn normalise(inlines: &mut [Inline]) {
    for inline in inlines {
        match inline {
            Inline::Text { text } | Inline::Code { text } => compose(text),
            Inline::Strong { inlines }
            | Inline::Em { inlines }
            | Inline::Strike { inlines }
            | Inline::Link { label: inlines, .. } => normalise(inlines),
            _ => {}
        }
    }
}

/// Brings text into Unicode's composed form, NFC.
pub(super) fn compose(text: &mut String) {
    if text.is_ascii() {
        return;
    }
    let Some(at) = maybe_open(text) else { return };
    // The character before it may be what a mark belongs to.
    let before = text[..at]
        .char_indices()
        .next_back()
        .map_or(0, |(at, _)| at);
    if is_nfc_quick(text[before..].chars()) != IsNormalized::Yes {
        *text = text.nfc().collect();
    }
}

/// The first character that may not be composed.
fn maybe_open(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    // Everything below U+0300 is composed; its first byte is below 0xcc.
    while let Some(found) = bytes::position(&bytes[at..], |byte| byte >= 0xcc) {
        at += found;
        // Such characters come in words.
        while bytes.get(at).is_some_and(|byte| *byte >= 0xcc) {
            let c = text[at..].chars().next()?;
            if !is_composed(c) {
                return Some(at);
            }
            at += c.len_utf8();
        }
    }
    None
}

/// Frequent characters that are composed whatever stands around them: Latin, Cyrillic
/// letters, punctuation, arrows to boxes, ideographs and the letters beside them, emoji.
fn is_composed(c: char) -> bool {
    matches!(c, '\0'..='\u{2ff}' | '\u{410}'..='\u{44f}' | '\u{2010}'..='\u{205e}'
        | '\u{2190}'..='\u{2328}' | '\u{232b}'..='\u{2adb}' | '\u{3000}'..='\u{3029}'
        | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}' | '\u{fe0f}' | '\u{ff01}'..='\u{ff9d}'
        | '\u{1f300}'..='\u{1faff}')
}

/// Characters that no reader sees and that can hide or reorder text: soft hyphen, zero
/// width space, byte order mark, marks and overrides of writing direction, tags. Joiners
/// stay, because several scripts and emoji need them.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    ) || entity::is_forbidden(c)
}

/// Literal text, as in code: line ends become `\n`, nothing collapses.
pub(super) fn push_literal(out: &mut String, raw: &str) {
    let (mut at, mut run) = (0, 0);
    while let Some(found) = literal_care(&raw.as_bytes()[at..]) {
        at += found;
        let rest = &raw[at..];
        let c = rest.chars().next().expect("something was found");
        let line = match c {
            '\r' => !rest.starts_with("\r\n"),
            '\u{2028}' | '\u{2029}' => true,
            _ if is_invisible(c) => false,
            _ => {
                at += c.len_utf8();
                continue;
            }
        };
        out.push_str(&raw[run..at]);
        if line {
            out.push('\n');
        }
        at += c.len_utf8();
        run = at;
    }
    out.push_str(&raw[run..]);
}

/// The first byte that may begin what literal text does not hold.
fn literal_care(bytes: &[u8]) -> Option<usize> {
    bytes::position(bytes, |byte| {
        (byte < 0x20) & (byte != b'\n') & (byte != b'\t') | begins_care(byte)
    })
}

enum Piece {
    Space,
    Reference(Reference),
    Ampersand,
    Char(char),
    Forbidden,
}

/// What stands at the start of `rest` if it is more than plain text, and its length.
fn special(rest: &str, first: u8) -> Option<(Piece, usize)> {
    match first {
        b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' => Some((Piece::Space, spaces(rest.as_bytes()))),
        b'&' => Some(match entity::decode(rest) {
            Some((reference, length)) => (Piece::Reference(reference), length),
            None => (Piece::Ampersand, 1),
        }),
        _ => {
            let c = rest.chars().next()?;
            let piece = match c {
                _ if entity::is_forbidden(c) => Piece::Forbidden,
                '\u{a0}' | '\u{2028}' | '\u{2029}' => Piece::Char(c),
                _ if is_invisible(c) => Piece::Char(c),
                _ => return None,
            };
            Some((piece, c.len_utf8()))
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

/// How many bytes of white space stand here.
fn spaces(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| is_space(**byte)).count()
}

/// The first byte that may be more than plain text. A single space is plain.
fn care(bytes: &[u8], resolve: Resolve) -> Option<usize> {
    // Where `&` means itself, a control stands in for it: all of them need care anyway.
    let ampersand = match resolve {
        Resolve::References => b'&',
        Resolve::Nothing => 0,
    };
    bytes::pair_position(bytes, |byte, next| {
        needs_care(byte, next) | (byte == ampersand)
    })
}

/// The same for text between tags, which ends with a `<`.
#[inline]
pub(super) fn care_or_tag(bytes: &[u8]) -> Option<usize> {
    bytes::pair_position(bytes, |byte, next| {
        needs_care(byte, next) | (byte == b'&') | (byte == b'<')
    })
}

fn needs_care(byte: u8, next: u8) -> bool {
    (byte < 0x20) | begins_care(byte) | ((byte == b' ') & (next == b' '))
}

/// Whether this is the first byte of the characters that are invisible, break lines or are
/// spaces of their own kind.
fn begins_care(byte: u8) -> bool {
    (byte == 0xc2) | (byte == 0xd8) | (byte == 0xe2) | (byte == 0xef) | (byte == 0xf3)
}

fn char_length(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use unicode_normalization::char::canonical_combining_class;

    use super::*;

    #[test]
    fn what_counts_as_composed_is_composed() {
        for c in ('\0'..=char::MAX).filter(|c| is_composed(*c)) {
            let quick = is_nfc_quick(std::iter::once(c));
            assert_eq!(quick, IsNormalized::Yes, "{c:?}");
            assert_eq!(canonical_combining_class(c), 0, "{c:?}");
        }
    }
}
