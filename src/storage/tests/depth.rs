//! What stands deep: shown up to a depth, read to any, and never longer than what it is made of.

use std::fmt::Write as _;

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::{assert_segments, storage, words};
use crate::model::Converted;

const SHAPES: [(&str, &str); 6] = [
    ("<ul><li>", "</li></ul>"),
    ("<ol><li><p>", "</p></li></ol>"),
    ("<blockquote><p>", "</p></blockquote>"),
    ("<dl><dt>term</dt><dd>", "</dd></dl>"),
    (
        "<ac:task-list><ac:task><ac:task-status>complete</ac:task-status><ac:task-body>",
        "</ac:task-body></ac:task></ac:task-list>",
    ),
    (
        "<ac:structured-macro ac:name=\"info\"><ac:rich-text-body>",
        "</ac:rich-text-body></ac:structured-macro>",
    ),
];

/// Levels in each other, each with a word before and one after what is in it.
fn nested(shape: (&str, &str), depth: usize) -> String {
    let (open, close) = shape;
    let mut body = String::new();
    for level in 0..depth {
        body.push_str(open);
        let _ = write!(body, "in{level} ");
    }
    for level in (0..depth).rev() {
        let _ = write!(body, "<p>out{level}</p>");
        body.push_str(close);
    }
    body
}

fn is_warned(converted: &Converted) -> bool {
    let codes = converted.meta.warnings.iter().map(|warning| &warning.code);
    codes
        .filter(|code| *code == "indentation_flattened")
        .count()
        == 1
}

/// The words that another reader finds in Markdown.
fn seen(markdown: &str) -> Vec<String> {
    let mut text = String::new();
    for event in Parser::new_ext(markdown, Options::all()) {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            _ => text.push(' '),
        }
    }
    let numbered = words(&text).filter(|word| word.starts_with("in") || word.starts_with("out"));
    let own = numbered.filter(|word| word.ends_with(|c: char| c.is_ascii_digit()));
    own.map(str::to_owned).collect()
}

#[test]
fn no_word_is_lost_at_any_depth_and_another_reader_finds_them_all() {
    for shape in SHAPES {
        for depth in [1, 5, 11, 12, 13, 14, 30, 120] {
            let body = nested(shape, depth);
            let converted = storage(&body);
            assert_segments(&converted);
            let inward = (0..depth).map(|level| format!("in{level}"));
            let outward = (0..depth).rev().map(|level| format!("out{level}"));
            let expected: Vec<String> = inward.chain(outward).collect();
            assert_eq!(seen(&converted.text), expected, "{body}");
            assert_eq!(
                seen(&converted.markdown),
                expected,
                "{}",
                converted.markdown
            );
            assert_eq!(is_warned(&converted), depth > 12, "{depth} of {shape:?}");
        }
    }
}

#[test]
fn levels_that_are_shown_are_levels_to_another_reader() {
    for depth in [1, 5, 12] {
        let converted = storage(&nested(SHAPES[0], depth));
        let mut open = 0;
        let mut deepest = 0;
        for event in Parser::new(&converted.markdown) {
            match event {
                Event::Start(Tag::List(_)) => open += 1,
                Event::End(pulldown_cmark::TagEnd::List(_)) => open -= 1,
                _ => {}
            }
            deepest = deepest.max(open);
        }
        assert_eq!(deepest, depth, "{}", converted.markdown);
    }
}

#[test]
fn what_stands_deeper_says_how_deep() {
    let converted = storage(&nested(SHAPES[0], 15));
    let lines: Vec<&str> = converted.markdown.lines().collect();
    assert_eq!(lines[11], format!("{}- in11", " ".repeat(22)));
    assert_eq!(lines[12], format!("{}- (level 13) in12", " ".repeat(24)));
    assert_eq!(lines[14], format!("{}- (level 15) in14", " ".repeat(24)));
    // The text has no labels.
    assert!(!converted.text.contains("level"));
    let quoted = storage(&nested(SHAPES[2], 14)).markdown;
    assert!(
        quoted.contains(&format!("\n{}(level 14) in13\n", "> ".repeat(12))),
        "{quoted}"
    );
}

#[test]
fn what_is_written_grows_with_what_is_read_and_not_with_its_depth() {
    for shape in SHAPES {
        for depth in [10, 100, 240, 2_000] {
            let body = nested(shape, depth).repeat(3);
            let written = storage(&body).markdown.len();
            assert!(written < 4 * body.len(), "{depth} of {shape:?}: {written}");
        }
    }
}
