//! Cuts a body into tags, text and CDATA, lenient by construction.
//!
//! There is no strict pass before a lenient one: the rules for damage only apply where
//! a strict reader would have stopped, so a well-formed body reads the same under both,
//! and damage is noted on the way. Every byte is looked at a bounded number of times.
//! What a tag means, and which end tag closes what, is the builder's business.
#![expect(
    clippy::needless_bitwise_bool,
    reason = "without branches a whole chunk is compared at once"
)]

use std::borrow::Cow;

use memchr::{memchr, memchr3, memmem};

use super::bytes;
use super::entity::{self, Reference};
use super::para;
use super::warn::Warnings;

/// Longest value of an attribute, in bytes.
const LONGEST_VALUE: usize = 1 << 20;

/// A piece of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'s> {
    Start(StartTag<'s>),
    /// The end tag of the innermost open element.
    Close,
    End(&'s str),
    /// With how many bytes at its beginning are known to be plain.
    Text(&'s str, usize),
    /// What stands between `<![CDATA[` and its end; nothing in it is resolved.
    CData(&'s str),
}

/// A start tag; attributes are read when somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StartTag<'s> {
    pub(super) name: &'s str,
    pub(super) attributes: Attributes<'s>,
    pub(super) empty: bool,
}

/// The scanner and where it stands.
pub(super) struct Scanner<'s> {
    source: &'s str,
    at: usize,
    /// No `]]>` or `-->` stands ahead: remembered, so that looking stays linear.
    no_cdata_end: bool,
    no_comment_end: bool,
}

impl<'s> Scanner<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Self {
            source,
            at: 0,
            no_cdata_end: false,
            no_comment_end: false,
        }
    }

    /// Byte offset of what comes next.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    /// The next piece and where it begins. `open` is the name of the innermost open element,
    /// empty when there is none.
    #[inline]
    pub(super) fn next(
        &mut self,
        open: &str,
        warnings: &mut Warnings,
    ) -> Option<(usize, Token<'s>)> {
        while self.at < self.source.len() {
            let start = self.at;
            if let Some(token) = self.step(open, warnings) {
                return Some((start, token));
            }
        }
        None
    }

    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    #[inline]
    fn bytes(&self) -> &'s [u8] {
        &self.source.as_bytes()[self.at..]
    }

    /// What stands here, from a byte to another, both counted from here.
    #[inline]
    fn piece(&self, from: usize, to: usize) -> &'s str {
        &self.source[self.at + from..self.at + to]
    }

    #[inline]
    fn step(&mut self, open: &str, warnings: &mut Warnings) -> Option<Token<'s>> {
        let bytes = self.bytes();
        if bytes.first() != Some(&b'<') {
            return Some(self.plain_text());
        }
        match bytes.get(1) {
            Some(b'/') if self.closes(open) => Some(Token::Close),
            Some(b'/') => Some(self.end_tag(warnings)),
            Some(b'!') => self.declaration(warnings),
            Some(b'?') => self.instruction(warnings),
            Some(byte) if is_name_start(*byte) => Some(self.start_tag(warnings)),
            _ => Some(self.literal(warnings)),
        }
    }

    /// Text up to the next `<`. What needs care is looked for on the way there.
    #[inline]
    fn plain_text(&mut self) -> Token<'s> {
        let bytes = self.bytes();
        let plain = para::care_or_tag(bytes).unwrap_or(bytes.len());
        let end = match bytes.get(plain) {
            None | Some(b'<') => plain,
            _ => memchr(b'<', &bytes[plain..]).map_or(bytes.len(), |at| plain + at),
        };
        let text = self.piece(0, end);
        self.at += end;
        Token::Text(text, plain)
    }

    fn text(&mut self, length: usize) -> Token<'s> {
        let text = &self.rest()[..length];
        self.at += length;
        Token::Text(text, 0)
    }

    /// A `<` that begins nothing, with the text up to the next one.
    #[cold]
    fn literal(&mut self, warnings: &mut Warnings) -> Token<'s> {
        warnings.damage("bare_angle_bracket", self.at, "");
        let rest = self.rest().as_bytes();
        let end = memchr(b'<', &rest[1..]).map_or(rest.len(), |at| at + 1);
        self.text(end)
    }

    /// Goes past the end tag of the innermost element if it stands here, which is half of all
    /// tags.
    #[inline]
    fn closes(&mut self, open: &str) -> bool {
        let rest = &self.bytes()[2..];
        let closes = !open.is_empty()
            && rest.get(open.len()) == Some(&b'>')
            && rest.starts_with(open.as_bytes());
        if closes {
            self.at += open.len() + 3;
        }
        closes
    }

    fn end_tag(&mut self, warnings: &mut Warnings) -> Token<'s> {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        if !bytes.get(2).is_some_and(|byte| is_name_start(*byte)) {
            return self.literal(warnings);
        }
        let plain = name_length(&bytes[2..]) + 2;
        if bytes.get(plain) == Some(&b'>') {
            self.at += plain + 1;
            return Token::End(&rest[2..plain]);
        }
        let end = memchr::memchr2(b'>', b'<', &bytes[plain..]).map(|at| at + plain);
        let (length, skip) = match end {
            Some(at) if bytes[at] == b'>' => (at, at + 1),
            _ => {
                warnings.damage("tag_cut", self.at, "");
                (plain, plain)
            }
        };
        let name = rest[2..length].trim_ascii_end();
        let name = &name[..name_length(name.as_bytes())];
        self.at += skip;
        Token::End(name)
    }

    #[inline]
    fn start_tag(&mut self, warnings: &mut Warnings) -> Token<'s> {
        let bytes = self.bytes();
        let plain = name_length(&bytes[1..]) + 1;
        let name = self.piece(1, plain);
        if bytes.get(plain) == Some(&b'>') {
            self.at += plain + 1;
            return Token::Start(StartTag {
                name,
                attributes: Attributes::default(),
                empty: false,
            });
        }
        let Some(end) = self.tag_end(plain, warnings) else {
            return self.literal(warnings);
        };
        let empty = bytes[end - 1] == b'/';
        let attributes = self.piece(plain, end - usize::from(empty));
        let closed = bytes.get(end) == Some(&b'>');
        self.at += end + usize::from(closed);
        Token::Start(StartTag {
            name,
            attributes: Attributes(attributes),
            empty,
        })
    }

    /// Where the tag ends whose name ends at `at`, both counted from its `<`; `None` when this
    /// is no tag.
    fn tag_end(&self, mut at: usize, warnings: &mut Warnings) -> Option<usize> {
        let bytes = self.bytes();
        let mut found = None;
        loop {
            // Kept while it is still ahead: many quoted values before one far end must
            // not make the way to it be walked again and again.
            if found.is_none_or(|found| found < at) {
                found = memchr3(b'>', b'<', b'"', &bytes[at..]).map(|found| at + found);
            }
            // An apostrophe only quotes after an equals sign, which is rare enough to
            // look for in what was just skipped.
            let stop = found.unwrap_or(bytes.len());
            if let Some(quote) = quoting_apostrophe(&bytes[at..stop]) {
                at = self.after_quote(at + quote, b'\'')?;
                continue;
            }
            match found.map(|found| bytes[found]) {
                Some(b'>') => return Some(stop),
                Some(b'"') => match self.after_quote(stop, b'"') {
                    Some(after) => at = after,
                    None => return self.cut_quote(stop, warnings),
                },
                _ => return self.cut_tag(stop, warnings),
            }
        }
    }

    /// After the quoted value that begins at `open`. A `<` in it means damage when
    /// what follows looks like a tag.
    fn after_quote(&self, open: usize, quote: u8) -> Option<usize> {
        let bytes = self.bytes();
        let from = open + 1;
        let end = memchr::memchr2(quote, b'<', &bytes[from..])?;
        (bytes[from + end] == quote).then_some(from + end + 1)
    }

    /// A quotation that never ends: the tag ends at the first `>` after it began.
    #[cold]
    fn cut_quote(&self, open: usize, warnings: &mut Warnings) -> Option<usize> {
        warnings.damage("attribute_cut", self.at, "");
        let bytes = self.rest().as_bytes();
        let next = memchr::memchr2(b'>', b'<', &bytes[open + 1..])?;
        Some(open + 1 + next)
    }

    /// No `>` before the next tag: still a tag when it has attributes.
    #[cold]
    fn cut_tag(&self, stop: usize, warnings: &mut Warnings) -> Option<usize> {
        let inner = &self.rest().as_bytes()[..stop];
        memchr(b'=', inner)?;
        warnings.damage("tag_cut", self.at, "");
        Some(stop)
    }

    fn declaration(&mut self, warnings: &mut Warnings) -> Option<Token<'s>> {
        let rest = self.rest();
        if rest.starts_with("<![CDATA[") {
            return Some(self.cdata(warnings));
        }
        if let Some(comment) = rest.strip_prefix("<!--") {
            self.comment(comment, warnings);
            return None;
        }
        if rest.starts_with("<![endif") || rest.starts_with("<![if") {
            self.at += memchr(b'>', rest.as_bytes()).map_or(rest.len(), |at| at + 1);
            return None;
        }
        if rest.as_bytes().get(2).is_some_and(u8::is_ascii_alphabetic) {
            warnings.damage("declaration_dropped", self.at, "");
            self.at += declaration_length(rest);
            return None;
        }
        Some(self.literal(warnings))
    }

    fn comment(&mut self, comment: &str, warnings: &mut Warnings) {
        let end = if self.no_comment_end {
            None
        } else {
            memmem::find(comment.as_bytes(), b"-->")
        };
        self.no_comment_end = end.is_none();
        if let Some(end) = end {
            self.at += "<!--".len() + end + "-->".len();
        } else {
            warnings.damage("comment_cut", self.at, "");
            self.at += "<!--".len();
        }
    }

    fn cdata(&mut self, warnings: &mut Warnings) -> Token<'s> {
        self.at += "<![CDATA[".len();
        let rest = self.rest();
        let end = if self.no_cdata_end {
            None
        } else {
            memmem::find(rest.as_bytes(), b"]]>")
        };
        if let Some(end) = end {
            self.at += end + "]]>".len();
            return Token::CData(&rest[..end]);
        }
        self.no_cdata_end = true;
        warnings.damage("cdata_cut", self.at, "");
        let end = memmem::find(rest.as_bytes(), b"</ac:plain-text-").unwrap_or(rest.len());
        self.at += end;
        Token::CData(&rest[..end])
    }

    #[cold]
    fn instruction(&mut self, warnings: &mut Warnings) -> Option<Token<'s>> {
        let rest = self.rest();
        match memchr(b'>', rest.as_bytes()) {
            Some(end) => {
                self.at += end + 1;
                None
            }
            None => Some(self.literal(warnings)),
        }
    }
}

/// Where an apostrophe begins a value.
fn quoting_apostrophe(bytes: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'\'', bytes).find(|at| {
        let before = bytes[..*at].trim_ascii_end();
        before.last() == Some(&b'=')
    })
}

/// Length of a `<!NAME …>`, with an internal subset in brackets if it has one.
fn declaration_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let end = memchr(b'>', bytes).map_or(bytes.len(), |at| at + 1);
    if memchr(b'[', &bytes[..end]).is_none() {
        return end;
    }
    memmem::find(bytes, b"]>").map_or(end, |at| at + 2)
}

#[inline]
fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

#[inline]
fn name_length(bytes: &[u8]) -> usize {
    let end = bytes.iter().position(|byte| !IN_NAME[usize::from(*byte)]);
    end.unwrap_or(bytes.len())
}

const IN_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "it is below 256")]
        let c = byte as u8;
        table[byte] =
            c.is_ascii_alphanumeric() || matches!(c, b'_' | b':' | b'-' | b'.') || c >= 0x80;
        byte += 1;
    }
    table
};

/// The attributes of one start tag, unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Attributes<'s>(&'s str);

impl<'s> Attributes<'s> {
    /// The value of the first attribute of this name. When `ac:name` or `ri:name` is
    /// asked for and missing, the bare local name counts, as some producers write it.
    #[inline]
    pub(super) fn get(self, name: &str) -> Option<Cow<'s, str>> {
        if let Some(value) = self.first(name) {
            return Some(decode(short(value)));
        }
        // Both prefixes that are asked for have two letters.
        let local = name.get(3..).filter(|_| name.as_bytes()[2] == b':');
        let mut fallback = None;
        for (key, value) in self.iter() {
            if key == name {
                return Some(decode(short(value)));
            }
            if Some(key) == local && fallback.is_none() {
                fallback = Some(value);
            }
        }
        fallback.map(|value| decode(short(value)))
    }

    /// The value, when it is the first and written as it mostly is.
    #[inline]
    fn first(self, name: &str) -> Option<&'s str> {
        let rest = self.0.strip_prefix(' ')?.strip_prefix(name)?;
        let quoted = rest.strip_prefix("=\"")?;
        let end = memchr(b'"', quoted.as_bytes())?;
        Some(&quoted[..end])
    }

    /// The value, when there is one and it is not empty.
    pub(super) fn filled(self, name: &str) -> Option<String> {
        let value = self.get(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// Whether a value is longer than what is read of it.
    pub(super) fn are_cut(self) -> bool {
        let long = |(_, value): (&str, &str)| value.len() > LONGEST_VALUE;
        self.0.len() > LONGEST_VALUE && self.iter().any(long)
    }

    /// Whether the raw attributes contain this; a cheap look before reading them.
    #[inline]
    pub(super) fn mention(self, needle: &str) -> bool {
        let (bytes, needle) = (self.0.as_bytes(), needle.as_bytes());
        if bytes.len() < needle.len() {
            return false;
        }
        // A tag is too short for a search that has to be prepared.
        let rare = |byte: &u8| matches!(byte, b'y' | b'-' | b'x' | b'p');
        let rare = needle.iter().position(rare).unwrap_or(0);
        memchr::memchr_iter(needle[rare], bytes).any(|at| {
            let begin = at.checked_sub(rare);
            begin.is_some_and(|begin| bytes[begin..].starts_with(needle))
        })
    }

    fn iter(self) -> AttributeIter<'s> {
        AttributeIter(self.0)
    }
}

struct AttributeIter<'s>(&'s str);

impl<'s> Iterator for AttributeIter<'s> {
    type Item = (&'s str, &'s str);

    fn next(&mut self) -> Option<Self::Item> {
        let between = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'/';
        let begin = self.0.bytes().position(|byte| !between(&byte))?;
        let rest = &self.0[begin..];
        let length = rest
            .bytes()
            .position(|byte| ENDS_NAME[usize::from(byte)])
            .unwrap_or(rest.len());
        let (name, rest) = rest.split_at(length);
        let after = rest.trim_ascii_start();
        let Some(value) = after.strip_prefix('=') else {
            self.0 = rest;
            return Some((name, ""));
        };
        let (value, rest) = split_value(value.trim_ascii_start());
        self.0 = rest;
        Some((name, value))
    }
}

/// What ends the name of an attribute: an equals sign, white space, a slash.
const ENDS_NAME: [bool; 256] = bytes::table(b"= \t\n\r\x0c/");

fn split_value(text: &str) -> (&str, &str) {
    if let Some(quote @ (b'"' | b'\'')) = text.as_bytes().first() {
        let quoted = &text[1..];
        let end = memchr(*quote, quoted.as_bytes());
        return end.map_or((quoted, ""), |end| (&quoted[..end], &quoted[end + 1..]));
    }
    let end = text.find(|c: char| c.is_ascii_whitespace());
    text.split_at(end.unwrap_or(text.len()))
}

/// As much of a value as is read.
fn short(value: &str) -> &str {
    &value[..value.floor_char_boundary(LONGEST_VALUE)]
}

/// Resolves references, drops what text may not hold.
pub(super) fn decode(raw: &str) -> Cow<'_, str> {
    let care = |byte: u8| (byte < 0x20) | (byte == b'&') | (byte == 0xef);
    if bytes::position(raw.as_bytes(), care).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = if let Some((reference, length)) = entity::decode(rest) {
            push_reference(&mut out, reference);
            length
        } else {
            out.push('&');
            1
        };
        rest = &rest[length..];
    }
    out.push_str(rest);
    out.retain(|c| !entity::is_forbidden(c));
    Cow::Owned(out)
}

fn push_reference(out: &mut String, reference: Reference) {
    match reference {
        Reference::Char(c) => out.push(c),
        Reference::Pair(a, b) => out.extend([a, b]),
        Reference::Illegal => out.push(char::REPLACEMENT_CHARACTER),
    }
}
