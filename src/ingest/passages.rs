//! Cuts a converted body into passages.
//!
//! A passage follows headings and never contains one: its heading path says where it
//! stands. It ends between blocks that belong together (a table, a list, a code block)
//! where they fit, between their rows, items or lines where they do not.

use std::ops::Range;

use crate::analysis::estimate::{est_tokens, est_tokens_of};
use crate::model::{Converted, Passage, Segment, SegmentKind};

/// Size a passage grows to, in estimated tokens.
const WANTED: usize = 250;
/// Size no passage exceeds, unless a single line does.
const MOST: usize = 500;
/// A passage smaller than this rather takes a whole block more.
const SMALL: usize = 80;

/// The passages of a body in document order, whose ranges do not overlap, and the estimated
/// tokens of the whole body.
pub(crate) fn cut_passages(converted: &Converted) -> (Vec<Passage>, u32) {
    let parts = converted.segments.iter();
    let parts = parts.map(|segment| segment.markdown.clone());
    let (tokens, whole) = est_tokens_of(&converted.markdown, parts);
    let mut cutter = Cutter {
        converted,
        passages: Vec::new(),
        open: None,
    };
    let segments = &converted.segments;
    let mut at = 0;
    while at < segments.len() {
        let end = group_end(segments, at);
        if segments[at].kind == SegmentKind::Heading {
            cutter.heading(&segments[at..end]);
        } else {
            cutter.group(&segments[at..end], &tokens[at..end]);
        }
        at = end;
    }
    cutter.close();
    (cutter.passages, whole)
}

fn group_end(segments: &[Segment], start: usize) -> usize {
    let first = &segments[start];
    if first.kind == SegmentKind::Heading {
        return start + 1;
    }
    let same = |next: &&Segment| {
        next.group == first.group
            && next.heading == first.heading
            && next.kind != SegmentKind::Heading
    };
    start + segments[start..].iter().take_while(same).count()
}

/// A passage that still grows.
struct Open {
    markdown: Range<usize>,
    text: Range<usize>,
    heading: Option<u32>,
    tokens: usize,
    kind: Option<&'static str>,
    table_header: Option<Range<usize>>,
    /// Only a heading so far; its section's first block takes its place.
    bare_heading: bool,
}

struct Cutter<'a> {
    converted: &'a Converted,
    passages: Vec<Passage>,
    open: Option<Open>,
}

impl Cutter<'_> {
    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        if open.markdown.is_empty() {
            return;
        }
        self.passages.push(Passage {
            markdown: open.markdown,
            text: open.text,
            heading: open.heading,
            kind: open.kind.unwrap_or("prose"),
            table_header: open.table_header,
        });
    }

    /// A heading ends what is open. It becomes a passage itself only if nothing follows
    /// under it, so that a page of headings can be cited.
    fn heading(&mut self, heading: &[Segment]) {
        self.close();
        for segment in heading {
            self.start(segment, 0, None);
        }
        if let Some(open) = &mut self.open {
            open.bare_heading = true;
        }
    }

    fn group(&mut self, group: &[Segment], tokens: &[u32]) {
        if self.open.as_ref().is_some_and(|open| open.bare_heading) {
            self.open = None;
        }
        let tokens = || tokens.iter().map(|tokens| *tokens as usize);
        let total: usize = tokens().sum();
        self.make_room(total, group[0].heading);
        if total <= MOST {
            for (segment, tokens) in group.iter().zip(tokens()) {
                self.add(segment, tokens, None);
            }
            return;
        }
        let header = group
            .iter()
            .find(|segment| segment.kind == SegmentKind::TableHeader);
        for (segment, tokens) in group.iter().zip(tokens()) {
            if tokens > MOST {
                self.split(segment);
                continue;
            }
            self.make_room(tokens, segment.heading);
            let below = header.filter(|header| header.markdown.end <= segment.markdown.start);
            self.add(segment, tokens, below);
        }
    }

    /// Closes what is open if so much more does not belong into it.
    fn make_room(&mut self, tokens: usize, heading: Option<u32>) {
        let Some(open) = &self.open else { return };
        let limit = if open.tokens < SMALL { MOST } else { WANTED };
        if open.heading != heading || open.tokens + tokens > limit {
            self.close();
        }
    }

    fn add(&mut self, segment: &Segment, tokens: usize, header: Option<&Segment>) {
        let kind = passage_kind(segment.kind);
        let Some(open) = &mut self.open else {
            return self.start(segment, tokens, header);
        };
        open.markdown.end = open.markdown.end.max(segment.markdown.end);
        open.text.end = open.text.end.max(segment.text.end);
        open.tokens += tokens;
        if kind.is_some() && open.kind != kind {
            open.kind = if open.kind.is_none() {
                kind
            } else {
                Some("prose")
            };
        }
    }

    fn start(&mut self, segment: &Segment, tokens: usize, header: Option<&Segment>) {
        self.open = Some(Open {
            markdown: segment.markdown.clone(),
            text: segment.text.clone(),
            heading: segment.heading,
            tokens,
            kind: passage_kind(segment.kind),
            table_header: header.map(|header| header.markdown.clone()),
            bare_heading: false,
        });
    }

    /// A unit that is too large alone: cut at lines, else at sentence ends, else at blanks.
    fn split(&mut self, segment: &Segment) {
        self.close();
        let source = &self.converted.markdown[segment.markdown.clone()];
        let text = &self.converted.text[segment.text.clone()];
        let pieces = pieces(source);
        let mut text_from = 0;
        for (number, piece) in pieces.iter().enumerate() {
            let last = number + 1 == pieces.len();
            let text_to = if last {
                text.len()
            } else {
                proportional(piece.end, source.len(), text)
            };
            let text_to = text_to.max(text_from);
            self.start(segment, 0, None);
            if let Some(open) = &mut self.open {
                let base = segment.markdown.start;
                open.markdown = base + piece.start..base + piece.end;
                open.text = segment.text.start + text_from..segment.text.start + text_to;
            }
            self.close();
            text_from = text_to;
        }
    }
}

fn passage_kind(kind: SegmentKind) -> Option<&'static str> {
    match kind {
        SegmentKind::Paragraph | SegmentKind::Quote => Some("prose"),
        SegmentKind::ListItem => Some("list"),
        SegmentKind::Task => Some("task"),
        SegmentKind::TableHeader | SegmentKind::TableRow => Some("table"),
        SegmentKind::Code => Some("code"),
        SegmentKind::Property => Some("properties"),
        SegmentKind::Heading | SegmentKind::Title | SegmentKind::Other => None,
    }
}

/// Consecutive pieces of about the wanted size that cover the text but for white space
/// between them.
fn pieces(text: &str) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut size = 0;
    for part in parts(text) {
        let tokens = est_tokens(&text[part.clone()]) as usize;
        match pieces.last_mut() {
            Some(last) if size + tokens <= WANTED => {
                last.end = part.end;
                size += tokens;
            }
            _ => {
                pieces.push(part);
                size = tokens;
            }
        }
    }
    pieces
}

/// The smallest parts a cut may leave: lines; sentences of a line that is too long; words
/// of such a sentence.
fn parts(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    for line in split_after(text, 0..text.len(), |c, _| c == '\n') {
        if est_tokens(&text[line.clone()]) as usize <= WANTED {
            parts.push(line);
            continue;
        }
        for sentence in split_after(text, line, ends_sentence) {
            if est_tokens(&text[sentence.clone()]) as usize <= WANTED {
                parts.push(sentence);
            } else {
                parts.extend(words(text, sentence));
            }
        }
    }
    parts
}

fn ends_sentence(c: char, next: Option<char>) -> bool {
    matches!(c, '。' | '！' | '？')
        || (matches!(c, '.' | '!' | '?') && next.is_none_or(char::is_whitespace))
}

/// A run without a blank is cut by characters: at worst it is a megabyte of base64.
fn words(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    const LONGEST: usize = 400;
    let mut words = Vec::new();
    for word in split_after(text, range, |c, _| c == ' ') {
        let mut start = word.start;
        while word.end - start > LONGEST {
            let cut = (start + 1..=start + LONGEST)
                .rev()
                .find(|at| text.is_char_boundary(*at));
            let cut = cut.unwrap_or(word.end);
            words.push(start..cut);
            start = cut;
        }
        words.push(start..word.end);
    }
    words
}

fn split_after(
    text: &str,
    range: Range<usize>,
    ends: impl Fn(char, Option<char>) -> bool,
) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = range.start;
    let mut chars = text[range.clone()].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let end = range.start + at + c.len_utf8();
        if ends(c, next) {
            parts.push(start..end);
            start = end;
        }
    }
    if start < range.end {
        parts.push(start..range.end);
    }
    parts
}

/// The place in `text` that corresponds to `at` of `whole` bytes of its other rendering,
/// moved on to the next blank. Only used to decide which words a piece is found by.
fn proportional(at: usize, whole: usize, text: &str) -> usize {
    let guess = text.len() * at / whole.max(1);
    let boundary = (guess..text.len()).find(|at| text.is_char_boundary(*at));
    let from = boundary.unwrap_or(text.len());
    text[from..]
        .find(char::is_whitespace)
        .map_or(text.len(), |blank| from + blank)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Heading, Metadata};

    /// `kind:group:text` lines; the text stands alike in both renderings.
    fn converted(lines: &[(SegmentKind, u32, String)]) -> Converted {
        let mut out = Converted::default();
        let mut heading = None;
        for (kind, group, text) in lines {
            if *kind == SegmentKind::Heading {
                heading = Some(u32::try_from(out.meta.headings.len()).unwrap());
                out.meta.headings.push(Heading {
                    level: 1,
                    text: text.clone(),
                    anchor_s: String::new(),
                    anchor_f: None,
                    parent: None,
                    block: None,
                });
            }
            let start = out.markdown.len();
            out.markdown.push_str(text);
            let range = start..out.markdown.len();
            out.markdown.push('\n');
            out.segments.push(Segment {
                kind: *kind,
                markdown: range.clone(),
                text: range,
                source: 0..0,
                heading,
                group: *group,
            });
        }
        out.text.clone_from(&out.markdown);
        out.meta = Metadata {
            headings: out.meta.headings,
            ..Metadata::default()
        };
        out
    }

    fn words(n: usize) -> String {
        "word ".repeat(n).trim_end().to_owned()
    }

    #[test]
    fn passages_follow_headings_and_leave_them_out() {
        let body = converted(&[
            (SegmentKind::Paragraph, 0, "before".into()),
            (SegmentKind::Heading, 1, "One".into()),
            (SegmentKind::Paragraph, 2, "first".into()),
            (SegmentKind::ListItem, 3, "item".into()),
            (SegmentKind::Heading, 4, "Two".into()),
        ]);
        let (passages, _) = cut_passages(&body);
        let texts: Vec<_> = passages
            .iter()
            .map(|p| &body.markdown[p.markdown.clone()])
            .collect();
        assert_eq!(texts, ["before", "first\nitem", "Two"]);
        assert_eq!(passages[1].heading, Some(0));
        assert_eq!(passages[1].kind, "prose");
    }

    #[test]
    fn a_table_that_does_not_fit_is_cut_between_rows() {
        let mut lines = vec![(SegmentKind::TableHeader, 0, "| head |".to_owned())];
        lines.extend((0..20).map(|_| (SegmentKind::TableRow, 0, words(50))));
        let body = converted(&lines);
        let (passages, _) = cut_passages(&body);
        assert!(passages.len() > 2);
        assert_eq!(passages[0].table_header, None);
        for passage in &passages[1..] {
            assert_eq!(passage.table_header, Some(0..8));
            assert!(
                body.markdown[passage.markdown.clone()]
                    .lines()
                    .all(|row| row.len() > 100)
            );
        }
    }

    #[test]
    fn nothing_is_lost_and_nothing_is_huge() {
        let code = format!("```\n{}```", "let x = call(a, b);\n".repeat(2_000));
        let body = converted(&[
            (SegmentKind::Paragraph, 0, words(3_000)),
            (SegmentKind::Code, 1, code),
            (SegmentKind::Paragraph, 2, "x".repeat(20_000)),
        ]);
        let (passages, _) = cut_passages(&body);
        let mut covered = 0;
        let mut end = 0;
        for passage in &passages {
            assert!(passage.markdown.start >= end, "overlap");
            end = passage.markdown.end;
            covered += passage.markdown.len();
            let size = est_tokens(&body.markdown[passage.markdown.clone()]) as usize;
            assert!(size <= MOST, "{size}");
        }
        assert!(
            covered + 10 >= body.markdown.len(),
            "{covered} of {}",
            body.markdown.len()
        );
    }
}
