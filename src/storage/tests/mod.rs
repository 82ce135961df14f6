//! What the converter promises.

mod adf;
mod anchors;
mod blocks;
mod corpus;
mod depth;
mod goldens;
mod html;
mod laws;
mod parameters;
mod rules;
mod safety;
mod second;
mod wiki;

use super::{Context, NoNames, convert};
use crate::model::{Converted, RawBody, Representation};

/// Converts a body of the page `Page`.
fn storage(value: &str) -> Converted {
    page("Page", value)
}

/// Converts wiki markup of the page `Page`.
fn wiki(value: &str) -> Converted {
    body("Page", Representation::Wiki, value)
}

fn page(title: &str, value: &str) -> Converted {
    body(title, Representation::Storage, value)
}

fn body(title: &str, representation: Representation, value: &str) -> Converted {
    let body = RawBody {
        representation,
        value: value.to_owned(),
    };
    let context = Context {
        title,
        space_key: None,
        server_rendered: None,
    };
    convert(&body, &context, &NoNames)
}

/// Converts a body of the page `Page` in any representation.
fn convert_as(representation: Representation, value: &str) -> Converted {
    let body = RawBody {
        representation,
        value: value.to_owned(),
    };
    let context = Context {
        title: "Page",
        space_key: None,
        server_rendered: None,
    };
    convert(&body, &context, &NoNames)
}

/// Words as an index sees them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// Entries without the blocks they stand in.
fn without_blocks(mut entries: serde_json::Value) -> serde_json::Value {
    for entry in entries.as_array_mut().into_iter().flatten() {
        if let Some(entry) = entry.as_object_mut() {
            entry.remove("block");
        }
    }
    entries
}

/// Segments are in order, apart from each other and on character boundaries, and what lies
/// between them is white space or a quote mark. What an entry of the record says stands in
/// the block it names.
fn assert_segments(converted: &Converted) {
    let Converted {
        markdown,
        text,
        segments,
        ..
    } = converted;
    let (mut in_markdown, mut in_text) = (0, 0);
    for segment in segments {
        let between = markdown
            .get(in_markdown..segment.markdown.start)
            .expect("in order");
        assert!(
            between.chars().all(|c| c.is_whitespace() || c == '>'),
            "{between:?}"
        );
        let between = text.get(in_text..segment.text.start).expect("in order");
        assert!(between.chars().all(char::is_whitespace), "{between:?}");
        let lines = markdown
            .get(segment.markdown.clone())
            .expect("on boundaries");
        assert!(!lines.ends_with('\n'));
        let before = &markdown[..segment.markdown.start];
        assert!(
            before.is_empty() || before.ends_with('\n'),
            "whole lines: {lines:?}"
        );
        assert!(text.get(segment.text.clone()).is_some());
        (in_markdown, in_text) = (segment.markdown.end, segment.text.end);
        if let Some(heading) = segment.heading {
            assert!((heading as usize) < converted.meta.headings.len());
        }
    }
    assert!(markdown[in_markdown..].trim().is_empty());
    assert!(text[in_text..].trim().is_empty());
    let misplaced = blocks::misplaced(converted);
    assert!(misplaced.is_empty(), "{misplaced:#?}");
}

/// A body, the Markdown it becomes, and what was done about its white space.
#[track_caller]
fn check(body: &str, markdown: &str) {
    let converted = storage(body);
    assert_segments(&converted);
    assert_eq!(converted.markdown, markdown, "{body}");
}

#[test]
fn white_space_at_the_edges_of_inline_elements_stays_where_it_separates() {
    check(
        "<p>x<a href=\"https://h.example\">foo </a>bar</p>",
        "x[foo](https://h.example) bar",
    );
    check("<p>x<a href=\"javascript:x\"> foo</a>bar</p>", "x foobar");
    check("<p>x<b> foo </b>bar</p>", "x **foo** bar");
    check(
        "<p>x<ac:structured-macro ac:name=\"span\"><ac:rich-text-body> foo </ac:rich-text-body></ac:structured-macro>bar</p>",
        "x foo bar",
    );
    check(
        "<p>is<ac:structured-macro ac:name=\"status\"><ac:parameter ac:name=\"title\">ON</ac:parameter></ac:structured-macro>now, <time datetime=\"2031-01-02\"/>.</p>",
        "is ON now, 2031-01-02.",
    );
}
