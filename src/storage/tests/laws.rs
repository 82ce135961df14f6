//! What holds for every body, well formed or not.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{assert_segments, storage, words};

/// A body with the words that must be seen, in order, and the shape of its blocks.
#[derive(Debug, Clone, Default)]
struct Made {
    body: String,
    /// Each entry is one word as a reader sees it.
    words: Vec<String>,
}

#[derive(Debug, Clone)]
enum Piece {
    Paragraph(Vec<Run>),
    Heading(u8, Vec<Run>),
    List(bool, Vec<Vec<Run>>),
    Table(Vec<Vec<Vec<Run>>>),
    Code(usize),
    Wrapped(&'static str, &'static str, Vec<Piece>),
}

/// Text that is one word or more, cut by marks.
#[derive(Debug, Clone)]
struct Run {
    marks: Vec<usize>,
    broken: bool,
}

const MARKS: [(&str, &str); 8] = [
    ("", ""),
    ("<strong>", "</strong>"),
    ("<em>", "</em>"),
    ("<span style=\"color: teal\">", "</span>"),
    ("<code>", "</code>"),
    ("<sup>", "</sup>"),
    (
        "<ac:inline-comment-marker ac:ref=\"leak-ref\">",
        "</ac:inline-comment-marker>",
    ),
    ("<a href=\"https://leak.example/x\">", "</a>"),
];

const WRAPS: [(&str, &str); 7] = [
    ("<div class=\"leak\">", "</div>"),
    ("<blockquote>", "</blockquote>"),
    (
        "<ac:structured-macro ac:name=\"info\" ac:macro-id=\"leak\"><ac:parameter ac:name=\"icon\">leak</ac:parameter><ac:rich-text-body>",
        "</ac:rich-text-body></ac:structured-macro>",
    ),
    (
        "<ac:structured-macro ac:name=\"unheard-of\"><ac:parameter ac:name=\"mode\">leak</ac:parameter><ac:rich-text-body>",
        "</ac:rich-text-body></ac:structured-macro>",
    ),
    (
        "<ac:task-list><ac:task><ac:task-id>leak</ac:task-id><ac:task-status>complete</ac:task-status><ac:task-body>",
        "</ac:task-body></ac:task></ac:task-list>",
    ),
    (
        "<ac:layout><ac:layout-section ac:type=\"leak\"><ac:layout-cell>",
        "</ac:layout-cell></ac:layout-section></ac:layout>",
    ),
    ("<p>", "</p>"),
];

fn run() -> impl Strategy<Value = Run> {
    (prop::collection::vec(0..MARKS.len(), 1..4), any::<bool>())
        .prop_map(|(marks, broken)| Run { marks, broken })
}

fn runs() -> impl Strategy<Value = Vec<Run>> {
    prop::collection::vec(run(), 1..4)
}

fn piece() -> impl Strategy<Value = Piece> {
    let leaf = prop_oneof![
        runs().prop_map(Piece::Paragraph),
        (1_u8..=6, runs()).prop_map(|(level, runs)| Piece::Heading(level, runs)),
        (any::<bool>(), prop::collection::vec(runs(), 1..4))
            .prop_map(|(ordered, items)| Piece::List(ordered, items)),
        prop::collection::vec(prop::collection::vec(runs(), 1..4), 1..4).prop_map(Piece::Table),
        (1_usize..4).prop_map(Piece::Code),
    ];
    leaf.prop_recursive(3, 24, 3, |inner| {
        (0..WRAPS.len(), prop::collection::vec(inner, 1..4))
            .prop_map(|(wrap, inner)| Piece::Wrapped(WRAPS[wrap].0, WRAPS[wrap].1, inner))
    })
}

fn made() -> impl Strategy<Value = Made> {
    prop::collection::vec(piece(), 0..6).prop_map(|pieces| {
        let mut made = Made::default();
        for piece in &pieces {
            made.piece(piece);
        }
        made
    })
}

impl Made {
    fn piece(&mut self, piece: &Piece) {
        match piece {
            Piece::Paragraph(runs) => self.element("p", runs),
            Piece::Heading(level, runs) => self.element(&format!("h{level}"), runs),
            Piece::List(ordered, items) => {
                let list = if *ordered { "ol" } else { "ul" };
                let _ = write!(self.body, "<{list}>");
                for item in items {
                    self.element("li", item);
                }
                let _ = write!(self.body, "</{list}>");
            }
            Piece::Table(rows) => {
                self.body.push_str("<table><tbody>");
                for row in rows {
                    self.body.push_str("<tr>");
                    for cell in row {
                        self.element("td", cell);
                    }
                    self.body.push_str("</tr>");
                }
                self.body.push_str("</tbody></table>");
            }
            Piece::Code(lines) => self.code(*lines),
            Piece::Wrapped(open, close, inner) => {
                self.body.push_str(open);
                for piece in inner {
                    self.piece(piece);
                }
                self.body.push_str(close);
            }
        }
    }

    fn element(&mut self, name: &str, runs: &[Run]) {
        let _ = write!(self.body, "<{name}>");
        for run in runs {
            self.run(run);
        }
        let _ = write!(self.body, "</{name}>");
    }

    /// One word out of several marked parts, then a break of some kind.
    fn run(&mut self, run: &Run) {
        let mut word = String::new();
        for mark in &run.marks {
            let part = format!("w{}x", self.words.len() * 10 + word.len());
            let (open, close) = MARKS[*mark];
            self.body.push_str(open);
            self.body.push_str(&part);
            self.body.push_str(close);
            word.push_str(&part);
        }
        self.words.push(word);
        if run.broken {
            return self.body.push_str("<br/>");
        }
        // White space also stands inside marks, at either edge of what it separates.
        let (open, close) = MARKS[run.marks[0]];
        let _ = write!(self.body, "{open} \n {close}");
    }

    fn code(&mut self, lines: usize) {
        self.body.push_str("<ac:structured-macro ac:name=\"code\"><ac:parameter ac:name=\"language\">leak</ac:parameter><ac:plain-text-body><![CDATA[");
        for _ in 0..lines {
            let word = format!("c{}", self.words.len());
            let _ = writeln!(self.body, "  {word}");
            self.words.push(word);
        }
        self.body
            .push_str("]]></ac:plain-text-body></ac:structured-macro>");
    }
}

/// Tags and other sharp things in any order.
#[expect(clippy::too_many_lines, reason = "a list")]
fn rubble() -> impl Strategy<Value = String> {
    let shard = prop_oneof![
        Just("<p>"),
        Just("</p>"),
        Just("<table>"),
        Just("<tr>"),
        Just("<td rowspan=\"9\" colspan=\"3\">"),
        Just("</td>"),
        Just("</tr>"),
        Just("</table>"),
        Just("<ul>"),
        Just("<li>"),
        Just("</ul>"),
        Just("</li>"),
        Just("<ac:structured-macro ac:name=\"details\">"),
        Just("<ac:structured-macro ac:name=\"code\">"),
        Just("<ac:structured-macro ac:name=\"html\">"),
        Just("</ac:structured-macro>"),
        Just("<ac:parameter ac:name=\"title\">"),
        Just("</ac:parameter>"),
        Just("<ac:plain-text-body>"),
        Just("</ac:plain-text-body>"),
        Just("<ac:rich-text-body>"),
        Just("</ac:rich-text-body>"),
        Just("<![CDATA["),
        Just("]]>"),
        Just("<!--"),
        Just("-->"),
        Just("<ac:link>"),
        Just("</ac:link>"),
        Just("<ri:page ri:content-title=\"T\"/>"),
        Just("<ri:attachment ri:filename=\"f\">"),
        Just("<h2>"),
        Just("</h2>"),
        Just("<b>"),
        Just("</b>"),
        Just("<code>"),
        Just("</code>"),
        Just("<a href='x'>"),
        Just("</a>"),
        Just("<br>"),
        Just("<pre>"),
        Just("</pre>"),
        Just("<ac:task-list>"),
        Just("<ac:task>"),
        Just("<ac:task-body>"),
        Just("</ac:task>"),
        Just("</ac:task-list>"),
        Just("<ac:image>"),
        Just("</ac:image>"),
        Just("<ac:caption>"),
        Just("<time datetime=\"2031-01-02\">"),
        Just("</time>"),
        Just("<ac:adf-extension>"),
        Just("<ac:adf-node type=\"panel\">"),
        Just("</ac:adf-node>"),
        Just("<ac:adf-fallback>"),
        Just("</ac:adf-extension>"),
        Just("<caption>"),
        Just("</caption>"),
        Just("<dl><dt>"),
        Just("<dd>"),
        Just("<thead>"),
        Just("<th>"),
        Just("<summary>"),
        Just("&amp;"),
        Just("&bogus;"),
        Just("&#0;"),
        Just("<"),
        Just("</"),
        Just("<p class=\"x"),
        Just("<p a='"),
        Just("]]"),
        Just("e\u{301}"),
        Just("\u{200b}"),
        Just("\0"),
        Just("word"),
        Just(" "),
        Just("*_[x](y)"),
        Just("\n"),
        Just("| a |"),
        Just("# "),
        Just("<!DOCTYPE a [<!ENTITY b \"c\">]>"),
    ];
    prop::collection::vec(shard, 0..60).prop_map(|shards| shards.concat())
}

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        cases: 400,
        ..ProptestConfig::default()
    }
}

#[test]
fn a_break_before_an_image_that_names_nothing_ends_no_line() {
    for body in [
        "]]><br><ac:image></ac:image><p>x",
        "a<br/><img/>",
        "a<br/><ac:image><ri:attachment ri:filename=\"\"/></ac:image>",
    ] {
        assert_segments(&storage(body));
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn words_are_whole_in_order_and_alone(made in made()) {
        let converted = storage(&made.body);
        let seen: Vec<&str> = words(&converted.text).collect();
        prop_assert_eq!(seen, made.words, "{}", made.body);
        prop_assert!(converted.meta.well_formed);
        assert_segments(&converted);
        prop_assert!(!converted.markdown.contains("leak-ref"));
    }

    #[test]
    fn every_word_of_the_text_is_in_the_markdown(made in made()) {
        let converted = storage(&made.body);
        let markdown: std::collections::HashSet<&str> = words(&converted.markdown).collect();
        // Marks may cut a word in Markdown, so only whole code words are looked for.
        for word in made.words.iter().filter(|word| word.starts_with('c')) {
            prop_assert!(markdown.contains(word.as_str()));
        }
    }

    #[test]
    fn rubble_is_read_the_same_twice(body in rubble()) {
        let converted = storage(&body);
        assert_segments(&converted);
        prop_assert_eq!(converted, storage(&body));
    }

    #[test]
    fn any_text_is_read(body in any::<String>()) {
        let converted = storage(&body);
        assert_segments(&converted);
    }
}

/// Bodies made to be slow or deep. That these tests end is what they test.
#[test]
fn depth_and_length_are_bounded() {
    let deep =
        |open: &str, close: &str, n: usize| format!("{}core{}", open.repeat(n), close.repeat(n));
    let cases = [
        deep("<div>", "</div>", 10_000),
        deep("<ul><li>", "</li></ul>", 10_000),
        deep("<blockquote>", "</blockquote>", 10_000),
        deep("<b><i>", "</i></b>", 10_000),
        deep("<table><tr><td>a</td><td>", "</td></tr></table>", 10_000),
        deep(
            "<ac:structured-macro ac:name=\"info\"><ac:rich-text-body>",
            "</ac:rich-text-body></ac:structured-macro>",
            10_000,
        ),
        deep(
            "<ac:task-list><ac:task><ac:task-body>",
            "</ac:task-body></ac:task></ac:task-list>",
            10_000,
        ),
        format!("core{}", "</p>".repeat(200_000)),
        format!("{}core", "<p>".repeat(100_000)),
        format!("core{}", "<![CDATA[".repeat(100_000)),
        format!("core{}", "<!--".repeat(100_000)),
        format!("core{}", "&".repeat(1_000_000)),
        format!("<p>core {}</p>", "a ".repeat(500_000)),
        format!("core <p {}>", "a='b' ".repeat(100_000)),
        format!("core <p {}", "a=\"".repeat(100_000)),
        format!(
            "<table><tr><td>core</td></tr>{}</table>",
            "<tr><td colspan=\"1000\" rowspan=\"1000\">x</td></tr>".repeat(2_000)
        ),
        format!(
            "core{}",
            "<table><tr><td rowspan=\"2\">x".repeat(60)
                + &"</td><td>y</td></tr><tr><td>z</td></tr></table>".repeat(60)
        ),
        format!("core{}", "<h1>same</h1>".repeat(20_000)),
    ];
    for body in cases {
        let converted = storage(&body);
        assert!(
            words(&converted.text).any(|word| word == "core"),
            "{}",
            &body[..40]
        );
        assert_segments(&converted);
    }
}
