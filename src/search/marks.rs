//! What in a piece of Markdown is not read: destinations of links, fences, tags. Highlights
//! stay out of it, and no cut goes through a link.
//!
//! This reads the Markdown that conversion writes, not all that people may write. It is one
//! walk; look-ahead is bounded, so hostile text costs no more than its length.

use std::ops::Range;

use crate::model::Lang;

use super::words::{Analyzer, Wanted};

/// Longest destination of a link and longest tag that are looked for, in bytes.
const LONGEST_DESTINATION: usize = 4_096;
const LONGEST_TAG: usize = 256;

/// Marks of a piece of Markdown, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Marks {
    /// Not read by anybody.
    pub(crate) hidden: Vec<Range<usize>>,
    /// Whole links and images.
    pub(crate) links: Vec<Range<usize>>,
}

/// Ranges of the text whose words are wanted, rising and apart from each other.
pub(crate) fn highlights(
    analyzer: &mut Analyzer,
    text: &str,
    lang: Lang,
    wanted: &Wanted<'_>,
) -> Vec<Range<usize>> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let hidden = Marks::of(text).hidden;
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut next = 0;
    analyzer.find(text, lang, wanted, |token| {
        while hidden
            .get(next)
            .is_some_and(|range| range.end <= token.start)
        {
            next += 1;
        }
        if hidden
            .get(next)
            .is_some_and(|range| range.start < token.end)
        {
            return;
        }
        match ranges.last_mut() {
            // Pairs of characters overlap where text has no spaces.
            Some(last) if token.start <= last.end => last.end = last.end.max(token.end),
            _ => ranges.push(token.start..token.end),
        }
    });
    ranges
}

impl Marks {
    pub(crate) fn of(text: &str) -> Self {
        let mut marks = Self::default();
        let mut fence: Option<&str> = None;
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let range = at..at + line.trim_end_matches('\n').len();
            match (fence, fence_of(line)) {
                (None, Some(opened)) => {
                    fence = Some(opened);
                    marks.hidden.push(range);
                }
                (Some(opened), Some(closed)) if closed.starts_with(opened) => {
                    fence = None;
                    marks.hidden.push(range);
                }
                (Some(_), _) => {}
                (None, None) => marks.line(text, range),
            }
            at += line.len();
        }
        marks
    }

    fn line(&mut self, text: &str, line: Range<usize>) {
        let bytes = text.as_bytes();
        let mut open: Vec<usize> = Vec::new();
        let mut at = line.start;
        while at < line.end {
            at = match bytes[at] {
                b'\\' => at + 2,
                b'`' => after_code(&text[..line.end], at),
                b'[' => {
                    open.push(at);
                    at + 1
                }
                b']' => self.close(text, at, line.end, open.pop()),
                b'<' => self.tag(text, at, line.end),
                _ => at + 1,
            };
        }
    }

    /// At `]`: with a destination behind it, this ends a link.
    fn close(&mut self, text: &str, at: usize, end: usize, open: Option<usize>) -> usize {
        let Some(destination) = open.and_then(|_| destination(text, at + 1, end)) else {
            return at + 1;
        };
        let start = open.map_or(at, |open| {
            let image = open > 0 && text.as_bytes()[open - 1] == b'!';
            open - usize::from(image)
        });
        self.hidden.push(at..destination);
        self.links.push(start..destination);
        destination
    }

    fn tag(&mut self, text: &str, at: usize, end: usize) -> usize {
        let bytes = &text.as_bytes()[at + 1..end.min(at + LONGEST_TAG)];
        let named = bytes
            .first()
            .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'/');
        let close = bytes.iter().position(|b| *b == b'>');
        match close {
            // `<https://…>` is read as it stands.
            Some(close) if named && !bytes[..close].contains(&b':') => {
                self.hidden.push(at..at + 1 + close + 1);
                at + 1 + close + 1
            }
            _ => at + 1,
        }
    }
}

/// The run of fence characters that a line begins with, quotation marks aside.
fn fence_of(line: &str) -> Option<&str> {
    let line = line.trim_start_matches([' ', '>', '\t']);
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let run = line.len() - line.trim_start_matches(mark).len();
    // A code span may begin a line too; a fence has no mark behind its run.
    let rest = &line[run..];
    (run >= 3 && !(mark == '`' && rest.contains('`'))).then_some(&line[..run])
}

/// Past a code span, or past its opening run when nothing closes it.
fn after_code(line: &str, at: usize) -> usize {
    let rest = &line[at..];
    let run = rest.len() - rest.trim_start_matches('`').len();
    let closed = rest[run..].find(&rest[..run]);
    closed.map_or(at + run, |n| at + run + n + run)
}

/// End of `(…)` that begins at `at`.
fn destination(text: &str, at: usize, end: usize) -> Option<usize> {
    let bytes = &text.as_bytes()[at..end.min(at + LONGEST_DESTINATION)];
    if bytes.first() != Some(&b'(') {
        return None;
    }
    let mut depth = 0_usize;
    let mut escaped = false;
    for (n, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(at + n + 1),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::search::words;

    fn check(text: &str, hidden: &[&str], links: &[&str]) {
        let marks = Marks::of(text);
        let shown = |ranges: &[Range<usize>]| -> Vec<String> {
            ranges.iter().map(|r| text[r.clone()].to_owned()).collect()
        };
        assert_eq!(shown(&marks.hidden), hidden, "{text}");
        assert_eq!(shown(&marks.links), links, "{text}");
    }

    #[test]
    fn destinations_fences_and_tags_are_not_read() {
        check(
            "see [the rules](https://x/ice) now",
            &["](https://x/ice)"],
            &["[the rules](https://x/ice)"],
        );
        check("![ice](ice.png)", &["](ice.png)"], &["![ice](ice.png)"]);
        check(
            "[![a](b)](c)",
            &["](b)", "](c)"],
            &["![a](b)", "[![a](b)](c)"],
        );
        check("[a](b(c)d) [x] (y)", &["](b(c)d)"], &["[a](b(c)d)"]);
        check("`[a](b)` \\[a](b)", &[], &[]);
        check("a<br>b <https://x> 3 < 4", &["<br>"], &[]);
        check(
            "> ```rust\n> [a](b)\n> ```\n[a](b)",
            &["> ```rust", "> ```", "](b)"],
            &["[a](b)"],
        );
        check("```a``` b", &[], &[]);
    }

    #[test]
    fn highlights_are_whole_matched_words() {
        let text = "Ice: the [ice gauge](https://ice.example/gauge)<br>ices\n```ice\nice\n```";
        let positions = words::positions("ice gauge");
        let terms = positions
            .iter()
            .flat_map(|p| p.plain.iter().map(String::as_str));
        let wanted = Wanted::new(terms);
        let ranges = highlights(&mut Analyzer::new(), text, Lang::En, &wanted);
        let shown: Vec<_> = ranges.iter().map(|r| &text[r.clone()]).collect();
        assert_eq!(shown, ["Ice", "ice", "gauge", "ices", "ice"]);
        assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_is_read_to_its_end(text in "[\\[\\]()`<>!\\\\ a~\né]{0,60}") {
            let marks = Marks::of(&text);
            for range in marks.hidden.iter().chain(&marks.links) {
                prop_assert!(text.get(range.clone()).is_some());
            }
            prop_assert!(marks.hidden.windows(2).all(|pair| pair[0].end <= pair[1].start));
        }
    }
}
