//! Passages as a reader sees them: their Markdown as HTML, with the matched words marked.
//!
//! What stands in a passage was written by anybody. So no HTML of it is passed on but line
//! breaks, a link leads to the web or nowhere, and an image is its description.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use crate::search::api::PassageObject;

use super::page::{escape, is_web};

/// The passage as HTML.
pub(super) fn rendered(passage: &PassageObject) -> String {
    html_of(&passage.text, &marks(passage))
}

fn html_of(text: &str, marks: &[Range<usize>]) -> String {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let events = Parser::new_ext(text, options).into_offset_iter();
    let events = events.flat_map(|(event, range)| shown(event, range, text, marks));
    let mut out = String::new();
    html::push_html(&mut out, events);
    out
}

/// The matched words as ranges of bytes. Highlights count code points here, because the
/// page does not ask for another unit.
fn marks(passage: &PassageObject) -> Vec<Range<usize>> {
    let places: Vec<usize> = passage.text.char_indices().map(|(at, _)| at).collect();
    let byte = |n: usize| places.get(n).copied().unwrap_or(passage.text.len());
    let highlights = passage.highlights.iter();
    highlights
        .map(|highlight| byte(highlight.start)..byte(highlight.end))
        .collect()
}

/// What becomes of an event that stands at `range` in the text.
fn shown<'t>(
    event: Event<'t>,
    range: Range<usize>,
    text: &'t str,
    marks: &[Range<usize>],
) -> Vec<Event<'t>> {
    let html = |html: String| Event::InlineHtml(CowStr::from(html));
    match event {
        Event::Text(word) if text.get(range.clone()) == Some(&word) => {
            marked(text, range, marks).into_iter().map(html).collect()
        }
        // An entity is another text than stands there.
        Event::Text(word) => vec![Event::Text(word)],
        Event::Code(code) => {
            let start = text[range.clone()].find(&*code).map(|at| range.start + at);
            let inside = start.map(|start| marked(text, start..start + code.len(), marks));
            let inside = inside.map_or_else(|| escape(&code), |parts| parts.concat());
            vec![html(format!("<code>{inside}</code>"))]
        }
        Event::InlineHtml(tag) | Event::Html(tag) => match tag.trim() {
            "<br>" => vec![html("<br>".to_owned())],
            _ => vec![Event::Text(tag)],
        },
        Event::Start(Tag::HtmlBlock) => vec![Event::Start(Tag::Paragraph)],
        Event::End(TagEnd::HtmlBlock) => vec![Event::End(TagEnd::Paragraph)],
        Event::Start(Tag::Heading { .. }) => vec![Event::Start(heading())],
        Event::End(TagEnd::Heading(_)) => vec![Event::End(heading().to_end())],
        Event::Start(Tag::Link { dest_url, .. }) if is_web(&dest_url) => vec![html(format!(
            "<a href=\"{}\" rel=\"noreferrer\">",
            escape(&dest_url)
        ))],
        Event::Start(Tag::Link { .. }) => vec![html("<a>".to_owned())],
        Event::End(TagEnd::Link) => vec![html("</a>".to_owned())],
        // Our own Markdown has no line breaks that mean nothing.
        Event::SoftBreak => vec![Event::HardBreak],
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => Vec::new(),
        other => vec![other],
    }
}

/// Headings of passages stand below that of the document.
fn heading() -> Tag<'static> {
    Tag::Heading {
        level: HeadingLevel::H3,
        id: None,
        classes: Vec::new(),
        attrs: Vec::new(),
    }
}

/// A stretch of text in pieces, those that are marked in their element.
fn marked(text: &str, range: Range<usize>, marks: &[Range<usize>]) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut at = range.start;
    let from = marks.partition_point(|mark| mark.end <= range.start);
    for mark in &marks[from..] {
        let (start, end) = (mark.start.max(at), mark.end.min(range.end));
        if start >= end {
            break;
        }
        pieces.push(escape(&text[at..start]));
        pieces.push(format!("<mark>{}</mark>", escape(&text[start..end])));
        at = end;
    }
    pieces.push(escape(&text[at..range.end]));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_is_shown_and_nothing_else() {
        let check = |text: &str, marks: &[&str], expected: &str| {
            let places = marks.iter().map(|mark| {
                let start = text.find(mark).unwrap();
                start..start + mark.len()
            });
            let places: Vec<_> = places.collect();
            assert_eq!(html_of(text, &places).trim_end(), expected, "{text}");
        };
        check(
            "a **good** rope & \\* knot",
            &["good", "rope & \\*"],
            "<p>a <strong><mark>good</mark></strong> <mark>rope &amp; </mark><mark>*</mark> knot</p>",
        );
        check(
            "é `a<b` c",
            &["a<b"],
            "<p>é <code><mark>a&lt;b</mark></code> c</p>",
        );
        check(
            "```sh\nls <x>\n```",
            &["ls"],
            "<pre><code class=\"language-sh\"><mark>ls</mark> &lt;x&gt;\n</code></pre>",
        );
        check(
            "| a |\n| --- |\n| b<br>c |",
            &["b", "c"],
            "<table><thead><tr><th>a</th></tr></thead><tbody>\n\
             <tr><td><mark>b</mark><br><mark>c</mark></td></tr>\n</tbody></table>",
        );
        check(
            "[go](https://a.example/?x=\"y\") [page](page:12) [run](javascript:go())",
            &[],
            "<p><a href=\"https://a.example/?x=&quot;y&quot;\" rel=\"noreferrer\">go</a> \
             <a>page</a> <a>run</a></p>",
        );
        check(
            "![a *view*](https://a.example/x.png)",
            &["view"],
            "<p>a <em><mark>view</mark></em></p>",
        );
        check(
            "# Top\n\nx",
            &["Top"],
            "<h3><mark>Top</mark></h3>\n<p>x</p>",
        );
        check(
            "<script>run()</script>\n\n<b>x</b>",
            &[],
            "<p>&lt;script&gt;run()&lt;/script&gt;\n</p>\n<p>&lt;b&gt;x&lt;/b&gt;</p>",
        );
    }
}
