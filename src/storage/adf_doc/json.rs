//! JSON as a flat list of what stands in it, with places.
//!
//! Depth costs nothing, since nothing nests: an object or a list knows where it ends. What
//! is damaged is read as far as it goes, as with every body. What the values mean is not
//! known here.

use std::borrow::Cow;

use super::super::warn::Warnings;

/// Values and keys read of one document.
const MOST_ITEMS: usize = 4_000_000;

/// A document.
pub(super) struct Json<'s> {
    source: &'s str,
    items: Vec<Item>,
    /// Where the first value ends.
    pub(super) end: usize,
}

/// Where an object or list stops in `items`; of everything else, where it stops in the
/// source.
#[derive(Debug, Clone, Copy)]
struct Item {
    at: u32,
    end: u32,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    List,
    Key,
    Text,
    /// A number, `true`, `false`, `null`, or what should be one of them.
    Word,
}

/// An object or list that is being read.
struct Open {
    item: usize,
    object: bool,
    /// The next text is a key.
    key: bool,
}

impl<'s> Json<'s> {
    /// Reads the first value.
    pub(super) fn read(source: &'s str, warnings: &mut Warnings) -> Self {
        let json = Self {
            source,
            items: Vec::new(),
            end: source.len(),
        };
        let mut reader = Reader {
            json,
            open: Vec::new(),
            warnings,
        };
        reader.read();
        reader.json
    }

    /// Whether there is a value at all, and it is an object.
    pub(super) fn is_object(&self, item: usize) -> bool {
        self.is(item, Kind::Object)
    }

    pub(super) fn is_list(&self, item: usize) -> bool {
        self.is(item, Kind::List)
    }

    fn is(&self, item: usize, kind: Kind) -> bool {
        self.items.get(item).is_some_and(|item| item.kind == kind)
    }

    /// Byte of the source; behind the last item, where the value ends.
    pub(super) fn place(&self, item: usize) -> usize {
        self.items
            .get(item)
            .map_or(self.end, |item| item.at as usize)
    }

    /// The item behind this one and all that is in it.
    pub(super) fn after(&self, item: usize) -> usize {
        match self.items.get(item) {
            Some(Item {
                kind: Kind::Object | Kind::List,
                end,
                ..
            }) => *end as usize,
            _ => item + 1,
        }
    }

    /// What stands directly in an object or list.
    pub(super) fn inside(&self, item: usize) -> impl Iterator<Item = usize> {
        let end = self.after(item);
        let first = (item + 1 < end).then_some(item + 1);
        std::iter::successors(first, move |item| {
            Some(self.after(*item)).filter(|next| *next < end)
        })
    }

    /// Keys and values of an object.
    pub(super) fn entries(&self, object: usize) -> impl Iterator<Item = (Cow<'s, str>, usize)> {
        let keys = self
            .inside(object)
            .filter(move |item| self.is_object(object) && self.is(*item, Kind::Key));
        keys.filter_map(move |key| {
            let value = key + 1;
            let is_value = value < self.after(object) && !self.is(value, Kind::Key);
            is_value.then(|| (unescape(self.raw(key)), value))
        })
    }

    /// The value under a key.
    pub(super) fn get(&self, object: usize, key: &str) -> Option<usize> {
        let found = self.entries(object).find(|(name, _)| name == key);
        found.map(|(_, value)| value)
    }

    /// The value under a key of a value under a key.
    pub(super) fn path(&self, object: usize, keys: &[&str]) -> Option<usize> {
        keys.iter()
            .try_fold(object, |object, key| self.get(object, key))
    }

    /// A text.
    pub(super) fn text(&self, item: usize) -> Option<Cow<'s, str>> {
        self.is(item, Kind::Text).then(|| unescape(self.raw(item)))
    }

    /// A text, number or truth value as text.
    pub(super) fn scalar(&self, item: usize) -> Option<Cow<'s, str>> {
        if self.is(item, Kind::Word) {
            let word = self.raw(item);
            return (word != "null").then_some(Cow::Borrowed(word));
        }
        self.text(item)
    }

    fn raw(&self, item: usize) -> &'s str {
        let Item { at, end, .. } = self.items[item];
        &self.source[at as usize..end as usize]
    }
}

struct Reader<'s, 'w> {
    json: Json<'s>,
    open: Vec<Open>,
    warnings: &'w mut Warnings,
}

impl Reader<'_, '_> {
    fn read(&mut self) {
        let bytes = self.json.source.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if self.json.items.len() >= MOST_ITEMS {
                self.warnings.note("node_limit", at, "");
                break;
            }
            at = match bytes[at] {
                byte if byte.is_ascii_whitespace() => at + 1,
                byte @ (b'{' | b'[') => self.begin(at, byte == b'{'),
                byte @ (b'}' | b']') => self.finish(at, byte == b'}'),
                b',' => self.expect(at, Open::after_comma),
                b':' => self.expect(at, Open::after_colon),
                b'"' => self.string(at),
                _ => self.word(at),
            };
            if self.open.is_empty() && !self.json.items.is_empty() {
                self.json.end = at;
                return;
            }
        }
        if !self.open.is_empty() {
            self.warnings.damage("json_cut", at, "");
        }
        while self.close().is_some() {}
    }

    fn begin(&mut self, at: usize, object: bool) -> usize {
        let item = self.json.items.len();
        let kind = if object { Kind::Object } else { Kind::List };
        self.push(kind, at, at);
        let key = object;
        self.open.push(Open { item, object, key });
        at + 1
    }

    fn finish(&mut self, at: usize, object: bool) -> usize {
        let closed = self.close();
        if closed.is_none_or(|open| open.object != object) {
            self.warnings.damage("json_damaged", at, "");
        }
        at + 1
    }

    fn close(&mut self) -> Option<Open> {
        let open = self.open.pop()?;
        let end = self.json.items.len();
        self.json.items[open.item].end = offset(end);
        Some(open)
    }

    fn expect(&mut self, at: usize, change: fn(&mut Open)) -> usize {
        if let Some(open) = self.open.last_mut() {
            change(open);
        }
        at + 1
    }

    fn string(&mut self, at: usize) -> usize {
        let bytes = self.json.source.as_bytes();
        let mut end = at + 1;
        loop {
            match memchr::memchr2(b'"', b'\\', &bytes[end..]) {
                Some(found) if bytes[end + found] == b'\\' => {
                    end = (end + found + 2).min(bytes.len());
                }
                Some(found) => {
                    end += found;
                    break;
                }
                None => {
                    self.warnings.damage("json_cut", at, "");
                    end = bytes.len();
                    break;
                }
            }
        }
        let end = self.json.source.floor_char_boundary(end);
        let kind = match self.open.last() {
            Some(Open { key: true, .. }) => Kind::Key,
            _ => Kind::Text,
        };
        self.push(kind, at + 1, end.max(at + 1));
        end + 1
    }

    fn word(&mut self, at: usize) -> usize {
        let rest = &self.json.source[at..];
        let stop = |c: char| {
            c.is_ascii_whitespace() || matches!(c, ',' | ':' | '{' | '}' | '[' | ']' | '"')
        };
        let length = rest.find(stop).unwrap_or(rest.len());
        let word = &rest[..length];
        let known = matches!(word, "true" | "false" | "null") || word.parse::<f64>().is_ok();
        if !known {
            self.warnings.damage("json_damaged", at, word);
        }
        self.push(Kind::Word, at, at + length);
        at + length
    }

    fn push(&mut self, kind: Kind, at: usize, end: usize) {
        let (at, end) = (offset(at), offset(end));
        self.json.items.push(Item { at, end, kind });
    }
}

impl Open {
    fn after_comma(&mut self) {
        self.key = self.object;
    }

    fn after_colon(&mut self) {
        self.key = false;
    }
}

/// Bodies are at most 20 MB.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Undoes escapes; what is none is kept as it is.
fn unescape(raw: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(c) = rest.chars().next() else { break };
        rest = &rest[c.len_utf8()..];
        match c {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' | 'f' => out.push(' '),
            'u' => {
                let (c, length) = code_point(rest);
                out.push(c);
                rest = &rest[length..];
            }
            other => out.push(other),
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character behind `\u`, and how much of `rest` says it.
fn code_point(rest: &str) -> (char, usize) {
    let unit = |text: &str| u32::from_str_radix(text.get(..4)?, 16).ok();
    let Some(first) = unit(rest) else {
        return (char::REPLACEMENT_CHARACTER, 0);
    };
    let second = rest.get(4..).and_then(|rest| rest.strip_prefix("\\u"));
    match (first, second.and_then(unit)) {
        (0xd800..0xdc00, Some(second @ 0xdc00..0xe000)) => {
            let point = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            (
                char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER),
                10,
            )
        }
        _ => (
            char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER),
            4,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every text with the keys that lead to it.
    fn texts(source: &str) -> (Vec<String>, bool) {
        let mut warnings = Warnings::default();
        let json = Json::read(source, &mut warnings);
        let scalars = (0..json.items.len()).filter_map(|item| json.scalar(item));
        (scalars.map(Cow::into_owned).collect(), warnings.damaged)
    }

    #[track_caller]
    fn check(source: &str, expected: &[&str], damaged: bool) {
        let (texts, is_damaged) = texts(source);
        assert_eq!(texts, expected, "{source}");
        assert_eq!(is_damaged, damaged, "{source}");
    }

    #[test]
    fn values_are_read_whatever_becomes_of_the_rest() {
        check(
            r#"{"a":"x","b":[1,true,null,"y"]}"#,
            &["x", "1", "true", "y"],
            false,
        );
        check(
            r#"{"a":"\u0041\uD83D\uDE00\n\"\\\/"}"#,
            &["A😀\n\"\\/"],
            false,
        );
        check(r#"{"a":"\ud800x \uzz"}"#, &["\u{fffd}x \u{fffd}zz"], false);
        check(r#"{"a":["x","y"#, &["x", "y"], true);
        check(r#"{"a":["x"}"#, &["x"], true);
        check(r#"{"a" "b":"x"}"#, &["x"], false);
        check(r#"{"a":oops,"b":"x"}"#, &["oops", "x"], true);
        check("\"\\", &[""], true);
    }

    #[test]
    fn depth_is_no_matter() {
        let mut source = "{\"a\":[".repeat(50_000);
        source.push_str("\"x\"");
        source.push_str(&"]}".repeat(50_000));
        let (found, damaged) = texts(&source);
        assert_eq!(found, ["x"]);
        assert!(!damaged);
    }

    #[test]
    fn a_path_leads_to_a_value() {
        let mut warnings = Warnings::default();
        let json = Json::read(r#"{"k":{"x":1},"a":{"b":{"c":"d"}}} rest"#, &mut warnings);
        let found = json
            .path(0, &["a", "b", "c"])
            .and_then(|item| json.text(item));
        assert_eq!(found.as_deref(), Some("d"));
        assert_eq!(json.get(0, "x"), None);
        assert_eq!(json.end, 33);
    }
}
