//! Feeds a page to html5ever's tokenizer, so that the place of everything is known and the
//! work stays within bounds.
//!
//! The tokenizer does not tell places. It is fed one tag, one comment or one run of text at a
//! time, so what it emits meanwhile comes from there. Attributes beyond a number are left out
//! on the way: the tokenizer compares each with all before it.

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tokenizer, TokenizerOpts};
use memchr::{memchr, memchr_iter, memchr2, memrchr};

use super::filter::Filter;
use super::tape::Page;
use crate::storage::warn::Warnings;

/// Attributes read of one tag.
const MOST_ATTRIBUTES: usize = 128;

/// Reads a page.
pub(super) fn read(source: &str, warnings: &mut Warnings) -> Page {
    let options = TokenizerOpts {
        discard_bom: false,
        ..TokenizerOpts::default()
    };
    let mut feed = Feed {
        source,
        at: 0,
        tokenizer: Tokenizer::new(Filter::new(source.len(), std::mem::take(warnings)), options),
        queue: BufferQueue::default(),
    };
    while feed.at < source.len() {
        if feed.filter().is_full() {
            feed.filter().warn("node_limit", feed.at);
            break;
        }
        feed.step();
    }
    let Feed { tokenizer, .. } = feed;
    tokenizer.end();
    let (page, found) = tokenizer.sink.finish();
    *warnings = found;
    page
}

struct Feed<'s> {
    source: &'s str,
    at: usize,
    tokenizer: Tokenizer<Filter>,
    queue: BufferQueue,
}

impl Feed<'_> {
    fn filter(&self) -> &Filter {
        &self.tokenizer.sink
    }

    fn step(&mut self) {
        let rest = &self.source.as_bytes()[self.at..];
        let raw = self.filter().in_raw_text();
        match rest {
            [b'<', b'/', ..] if raw && self.ends_raw_text() => self.tag(),
            _ if raw => self.raw_text(),
            [b'<', b'/', byte, ..] if byte.is_ascii_alphabetic() => self.tag(),
            [b'<', byte, ..] if byte.is_ascii_alphabetic() => self.tag(),
            [b'<', b'!' | b'?', ..] | [b'<', b'/', _, ..] => self.declaration(),
            _ => self.text(),
        }
    }

    /// Gives this much to the tokenizer; what it makes of it comes from here.
    fn push(&mut self, length: usize) {
        self.filter().at(self.at);
        self.send(self.at + length);
    }

    fn send(&mut self, to: usize) {
        let piece = &self.source[self.at..to];
        self.queue.push_back(StrTendril::from_slice(piece));
        let _ = self.tokenizer.feed(&self.queue);
        self.at = to;
    }

    /// Text up to the next `<` that begins something.
    fn text(&mut self) {
        let rest = &self.source.as_bytes()[self.at..];
        let begins = |at: &usize| {
            let next = rest.get(at + 1);
            *at > 0 && next.is_none_or(|byte| byte.is_ascii_alphabetic() || b"/!?".contains(byte))
        };
        let end = memchr_iter(b'<', rest).find(begins).unwrap_or(rest.len());
        self.push(end);
        // A reference without its semicolon is only known to end by what follows.
        let open = memrchr(b'&', &rest[..end])
            .is_some_and(|at| rest[at + 1..end].iter().all(|byte| in_reference(*byte)));
        self.filter().expect_text(open);
    }

    /// Text in which nothing is a tag but one end tag.
    fn raw_text(&mut self) {
        let rest = &self.source.as_bytes()[self.at..];
        let end = match memchr2(b'<', b'>', &rest[1..]) {
            Some(at) if rest[at + 1] == b'>' => at + 2,
            Some(at) => at + 1,
            None => rest.len(),
        };
        self.push(end);
    }

    /// Whether the end tag of what is raw stands here.
    fn ends_raw_text(&self) -> bool {
        let rest = &self.source.as_bytes()[self.at + 2..];
        self.filter().raw_text_named(|name| {
            let delimits = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
            rest.get(..name.len())
                .is_some_and(|end| end.eq_ignore_ascii_case(name.as_bytes()))
                && rest.get(name.len()).is_some_and(delimits)
        })
    }

    fn tag(&mut self) {
        let rest = &self.source.as_bytes()[self.at..];
        let start = self.at;
        let Some(tag) = TagEnd::of(rest) else {
            // All that follows is in this tag, and no tag without its end is one.
            self.filter().damage("tag_cut", start);
            self.at = self.source.len();
            return;
        };
        self.push(tag.attributes);
        if tag.attributes < tag.end {
            self.at = start + tag.end - 1;
            self.send(start + tag.end);
        }
    }

    /// A comment, or what is read as one.
    fn declaration(&mut self) {
        let start = self.at;
        let rest = &self.source[start..];
        self.filter().begin_declaration();
        let ends: fn(&Filter, &str) -> bool = if rest.starts_with("<!--") {
            |filter, _| filter.comment_ended()
        } else if rest.starts_with("<![CDATA[") {
            |filter, read| !filter.in_cdata() || read.ends_with("]]>")
        } else {
            |_, _| true
        };
        loop {
            let rest = &self.source.as_bytes()[self.at..];
            let Some(end) = memchr(b'>', rest) else {
                self.push(rest.len());
                return self.filter().damage("comment_cut", start);
            };
            self.push(end + 1);
            if ends(self.filter(), &self.source[start..self.at]) {
                return;
            }
        }
    }
}

fn in_reference(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'#'
}

/// How much of a tag is read, and where it ends.
#[derive(Debug, PartialEq, Eq)]
struct TagEnd {
    /// Up to here its attributes are read; the end when all are.
    attributes: usize,
    end: usize,
}

impl TagEnd {
    /// Finds the end of the tag at the beginning, by the rules of HTML's tokenizer.
    fn of(tag: &[u8]) -> Option<Self> {
        let until = |from: usize, ends: fn(u8) -> bool| {
            let found = tag[from..].iter().position(|byte| ends(*byte));
            found.map(|found| from + found)
        };
        let mut at = until(2, |byte| is_space(byte) || matches!(byte, b'/' | b'>'))?;
        let mut cut = None;
        let mut attributes = 0;
        loop {
            at = until(at, |byte| !is_space(byte) && byte != b'/')?;
            if tag[at] == b'>' {
                let end = at + 1;
                let attributes = cut.unwrap_or(end);
                return Some(Self { attributes, end });
            }
            attributes += 1;
            if attributes == MOST_ATTRIBUTES + 1 {
                cut = Some(at);
            }
            // The name may begin with an equals sign.
            at = until(at + 1, |byte| is_space(byte) || b"/>=".contains(&byte))?;
            at = until(at, |byte| !is_space(byte))?;
            if tag[at] != b'=' {
                continue;
            }
            at = until(at + 1, |byte| !is_space(byte))?;
            at = match tag[at] {
                quote @ (b'"' | b'\'') => at + 2 + memchr(quote, &tag[at + 1..])?,
                _ => until(at, |byte| is_space(byte) || byte == b'>')?,
            };
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::html::tape::Kind;

    #[test]
    fn the_end_of_a_tag_is_that_of_the_tokenizer() {
        for (tag, end) in [
            ("<p>x", Some(3)),
            ("</p >x", Some(5)),
            ("<p/>x", Some(4)),
            ("<p a='>' b=\">\">x", Some(15)),
            ("<p a=b\">x", Some(8)),
            ("<p a'>x", Some(6)),
            ("<p a = >x", Some(8)),
            ("<p =>x", Some(5)),
            ("<p =a='>'>x", Some(10)),
            ("<p a='b'c>x", Some(10)),
            ("<p a='b", None),
            ("<p a", None),
        ] {
            let found = TagEnd::of(tag.as_bytes()).map(|found| found.end);
            assert_eq!(found, end, "{tag}");
            // What stands behind the end is text.
            let page = read(tag, &mut Warnings::default());
            assert_eq!(page.text == "x", end.is_some(), "{tag}");
        }
        let many = format!("<p{}>", " a".repeat(MOST_ATTRIBUTES + 2));
        let found = TagEnd::of(many.as_bytes()).unwrap();
        assert_eq!(found.end - found.attributes, " a>".len() + 1);
    }

    /// Pages that cost their readers much, if anything did.
    fn hostile() -> Vec<String> {
        const LENGTH: usize = 150_000;
        let repeated = |first: &str, piece: &dyn Fn(usize) -> String| {
            let mut page = first.to_owned();
            for at in 0.. {
                page += &piece(at);
                if page.len() > LENGTH {
                    break;
                }
            }
            page
        };
        let classes = (0..60).map(|at| format!("<b class={at}>"));
        let classes = classes.collect::<Vec<_>>().concat();
        let deep = "<div>".repeat(500);
        let mut pages = vec![
            repeated("", &|at| format!("<b class={at}>x")),
            repeated("", &|at| format!("<b class={at}><p>x</b>")),
            repeated("", &|at| format!("<a href={at}><b><p>x</a>")),
            repeated("", &|at| format!("<name-{at}>x")),
            repeated("<p ", &|at| format!("a{at} ")) + ">x",
            repeated("<title></title ", &|at| format!("a{at} ")) + ">x",
        ];
        for (first, piece) in [
            ("", "<div>x"),
            ("", "<table>x"),
            ("", "<table><tr><td>x"),
            ("<table>", "<tr>x"),
            ("", "<svg><g>x"),
            ("", "<svg><style>x"),
            ("", "<math><mi><table>x"),
            ("", "<ul><li>x"),
            ("", "<object>x"),
            ("", "<nobr>x"),
            ("", "<a href=x>x"),
            ("", "<select><option>x"),
            ("", "<b><div><div><div>x</b>"),
            ("<table><tr>", "<td><applet></td><td><b>x</b></td>"),
            ("", "x<b></p>"),
            ("", "x<1"),
            ("", "x&amp"),
            (&*deep, "<p>x"),
            (&*deep, "<b>x</b>"),
            (&*classes, "<p>x"),
            (&*classes, "<b class=c>x</b>"),
            (&*format!("<p>{classes}"), "<p>x</p>"),
            (&*format!("<table><td>{classes}"), "<td><p>x</p>x<p>"),
        ] {
            pages.push(repeated(first, &|_| piece.to_owned()));
        }
        pages
    }

    #[test]
    fn hostile_pages_cost_what_others_do_and_keep_their_text() {
        for page in hostile() {
            let head = &page[..60];
            let tags = page.matches('<').count();
            let read = read(&page, &mut Warnings::default());
            // Every step of the builder is one through what is open or one to a node.
            assert!(read.len() < 5 * tags + 12_000, "{head}: {}", read.len());
            assert!(depth(&read) < 700, "{head}: {}", depth(&read));
            let said = |text: &str| text.matches('x').count();
            let tags: usize = ["class=x", "href=x"]
                .iter()
                .map(|tag| page.matches(tag).count())
                .sum();
            assert_eq!(said(&read.text), said(&page) - tags, "{head}");
        }
    }

    fn depth(page: &Page) -> usize {
        let mut open: Vec<usize> = Vec::new();
        let mut deepest = 0;
        for (at, node) in page.range(0, page.len()).enumerate() {
            while open.last().is_some_and(|end| *end <= at) {
                open.pop();
            }
            if let Kind::Element(element) = node.kind {
                open.push(element.end);
                deepest = deepest.max(open.len());
            }
        }
        deepest
    }
}
