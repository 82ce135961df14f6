//! Writes storage format: how bodies in other representations reach the one reader.
//!
//! A document of the current editor and a rendered page are written down as the storage
//! format that says the same, and read like any other body. So paragraphs, tables, macros
//! and the metadata record have one set of rules, whatever a body came in. What is written
//! remembers where in the body it comes from; offsets are those of the body.

use super::warn::Warnings;

/// What was written, and where each part of it comes from.
#[derive(Debug, Default)]
pub(super) struct Writer {
    out: String,
    places: Vec<Place>,
    source: usize,
    pub(super) warnings: Warnings,
}

/// From this byte of what was written on, it comes from that byte of the body.
#[derive(Debug, Clone, Copy)]
struct Place {
    written: usize,
    source: usize,
}

impl Writer {
    /// What follows comes from here.
    pub(super) fn at(&mut self, source: usize) {
        self.source = source;
        let written = self.out.len();
        match self.places.last_mut() {
            Some(last) if last.written == written => last.source = source,
            Some(last) if last.source == source => {}
            _ => self.places.push(Place { written, source }),
        }
    }

    /// Where what is being written comes from.
    pub(super) fn place(&self) -> usize {
        self.source
    }

    pub(super) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.out.push('>');
    }

    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.out.push_str("/>");
    }

    pub(super) fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// An element with nothing but text in it.
    pub(super) fn element(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        self.text(text);
        self.close(name);
    }

    pub(super) fn parameter(&mut self, name: &str, value: &str) {
        self.element("ac:parameter", &[("ac:name", name)], value);
    }

    pub(super) fn macro_open(&mut self, name: &str) {
        self.open("ac:structured-macro", &[("ac:name", name)]);
    }

    /// An attribute of a node in the current editor's own format.
    pub(super) fn adf_attribute(&mut self, key: &str, value: &str) {
        self.element("ac:adf-attribute", &[("key", key)], value);
    }

    pub(super) fn text(&mut self, text: &str) {
        escape(&mut self.out, text);
    }

    /// Text in which nothing collapses, as in code.
    pub(super) fn literal(&mut self, text: &str) {
        self.out.push_str("<![CDATA[");
        self.out.push_str(&text.replace("]]>", "]]]]><![CDATA[>"));
        self.out.push_str("]]>");
    }

    /// What is storage format already.
    pub(super) fn verbatim(&mut self, written: &str) {
        self.out.push_str(written);
    }

    /// Text that is in no markup: paragraphs and lines as they are.
    pub(super) fn plain(&mut self, source: &str) {
        let mut paragraph = false;
        let mut at = 0;
        for line in source.split_inclusive('\n') {
            self.at(at);
            at += line.len();
            let line = line.trim();
            match (line.is_empty(), paragraph) {
                (true, true) => self.close("p"),
                (true, false) => {}
                (false, true) => self.empty("br", &[]),
                (false, false) => self.open("p", &[]),
            }
            paragraph = !line.is_empty();
            self.text(line);
        }
        if paragraph {
            self.close("p");
        }
    }

    pub(super) fn finish(self) -> (String, Places, Warnings) {
        let places = Places {
            list: self.places,
            next: 0,
        };
        (self.out, places, self.warnings)
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            escape(&mut self.out, value);
            self.out.push('"');
        }
    }
}

/// Tells where in the body something that was written comes from. It is asked in order.
#[derive(Debug, Default)]
pub(super) struct Places {
    list: Vec<Place>,
    next: usize,
}

impl Places {
    /// The byte of the body behind this byte of what is read; the same byte where the body
    /// itself is read.
    #[inline]
    pub(super) fn source(&mut self, read: usize) -> usize {
        while self
            .list
            .get(self.next)
            .is_some_and(|place| place.written <= read)
        {
            self.next += 1;
        }
        match self.next.checked_sub(1) {
            Some(last) => self.list[last].source,
            None => read,
        }
    }
}

fn escape(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = memchr::memchr3(b'&', b'<', b'"', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            _ => "&quot;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_remembers_where_it_comes_from() {
        let mut out = Writer::default();
        out.at(7);
        out.open("p", &[("class", "a\"<&")]);
        out.at(20);
        out.text("x < y");
        out.close("p");
        let (written, mut places, _) = out.finish();
        assert_eq!(written, "<p class=\"a&quot;&lt;&amp;\">x &lt; y</p>");
        let found = [0, 5, 30, 40].map(|read| places.source(read));
        assert_eq!(found, [7, 7, 20, 20]);
    }

    #[test]
    fn plain_text_keeps_its_paragraphs_and_lines() {
        let mut out = Writer::default();
        out.plain("one\ntwo\n\n\n  three & <four>");
        let (written, ..) = out.finish();
        assert_eq!(written, "<p>one<br/>two</p><p>three &amp; &lt;four></p>");
    }
}
