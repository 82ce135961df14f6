//! Rendered pages.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{assert_segments, convert_as, storage};
use crate::model::{Converted, Representation, Target};

fn html(source: &str) -> Converted {
    convert_as(Representation::Html, source)
}

/// A page, its Markdown and the codes of its warnings.
#[track_caller]
fn check(source: &str, markdown: &str, warnings: &[&str]) {
    let converted = html(source);
    assert_segments(&converted);
    assert_eq!(converted.markdown, markdown, "{source}");
    let codes = converted.meta.warnings.iter().map(|warning| &*warning.code);
    assert_eq!(codes.collect::<Vec<_>>(), warnings, "{source}");
}

#[test]
fn only_the_content_of_a_whole_page_is_read() {
    let chrome = "<div id=\"breadcrumb-section\"><p>crumb</p></div>";
    let whole = |content: &str| {
        format!(
            "<!DOCTYPE html><html><head><title>t</title></head><body>{chrome}{content}<div id=\"footer\">foot</div></body></html>"
        )
    };
    check(
        &whole("<div id=\"main-content\"><p>x</p></div><p>y</p>"),
        "x",
        &[],
    );
    check(
        &whole("<div class=\"a wiki-content\"><p>x</p></div><p>y</p>"),
        "x",
        &[],
    );
    check(
        &whole("<p>x</p><div class=\"greybox\">file</div>"),
        "x",
        &[],
    );
    // A page need not have all of its tags.
    check(
        "<!DOCTYPE html><title>t</title><p>x</p><div id=\"main-content\">y</div>z",
        "y",
        &[],
    );
    // A part of a page has nothing around its content, whatever it is called.
    for part in [
        "<p>x</p><div class=\"wiki-content\">y</div><div class=\"greybox\">z</div>",
        "<p>x</p><div id=\"main-content\">y</div><div id=\"footer\">z</div>",
        "<p>x</p><html><body><div id=\"header\">y</div><p class=\"wiki-content\">z</body>",
    ] {
        check(part, "x\n\ny\n\nz", &[]);
    }
    // A place to jump to is no content.
    check("<body><a id=\"main-content\"></a>x", "x", &[]);
}

#[test]
fn what_could_run_or_is_not_shown_is_dropped_and_said() {
    check(
        "<p>x</p><script>if (a</b) \"<p>\" </script><p>y</p>",
        "x\n\ny",
        &["element_dropped"],
    );
    check("<p>x<script>never ends", "x", &["element_dropped"]);
    check(
        "<h1>x<style>a{b:c}</style></h1><style>d</style>",
        "# x",
        &["element_dropped"],
    );
    check(
        "<p>x<i style=\"visibility: hidden\">y</i><b hidden>z</b></p>",
        "x",
        &["hidden_text_dropped"; 2],
    );
    // A name is not made of what is hidden in it, and not everything hidden is text.
    check(
        "<a class=\"confluence-userlink\" href=\"/x\">Ida<i style=\"display:none\">y</i></a>",
        "[Ida](/x)",
        &["hidden_text_dropped"],
    );
    check(
        "<p style=\"-webkit-backface-visibility: hidden; overflow: hidden\">x</p>",
        "x",
        &[],
    );
    check(
        "<video><source src=\"https://x.example/a.mp4\">too old</video><audio>too old</audio>",
        "[a.mp4](https://x.example/a.mp4)",
        &[],
    );
    check(
        "<p onclick=\"x()\"><a href=\"java\tscript:x()\">y</a></p>",
        "y",
        &[],
    );
}

#[test]
fn what_html_leaves_open_ends_where_the_next_begins() {
    check(
        "<p>a<p>b<ul><li>c<li>d<ul><li>e</ul><li>f</ul>g",
        "a\n\nb\n\n- c\n- d\n  - e\n- f\n\ng",
        &[],
    );
    check(
        "<table><tr><th>a<th>b<tr><td>c<td>d</table>",
        "| a | b |\n| --- | --- |\n| c | d |",
        &[],
    );
    check(
        "<dl><dt>a<dd>b<dt>c<dd>d</dl>",
        "**a**\n: b\n\n**c**\n: d",
        &[],
    );
    check(
        "<P>a<BR>b <IMG SRC=x.png ALT=c></P>",
        "a\nb ![c](x.png)",
        &[],
    );
    check("<p>a</p></div><p>b", "a\n\nb", &["end_tag_ignored"]);
}

/// A page is what a browser makes of it.
#[test]
fn pages_follow_the_rules_of_browsers() {
    for (source, markdown) in [
        // What is left open ends where HTML says, and not before.
        ("<p>a<div>b</div>c", "a\n\nb\n\nc"),
        ("<p>a<h2>b</h2>", "a\n\n## b"),
        ("<p>a<span><ul><li>b</ul></span>c", "a\n\n- b\n\nc"),
        (
            "<ul><li>a<p>b<li>c<div><li>d</div></ul>",
            "- a\n\n  b\n- c\n- d",
        ),
        (
            "<table><tr><td>a<ul><li>b<td>c<tbody><tr><td>d</table>e",
            "|  |  |\n| --- | --- |\n| a<br>- b | c |\n| d |  |\n\ne",
        ),
        ("<p><b>a<p>b</b>c", "**a**\n\n**b**c"),
        ("<b>a<i>b</b>c</i>d", "**a*b****c*d"),
        ("<a href=x>a<a href=y>b</a>c", "[a](x)[b](y)c"),
        ("<h1>a</h2>b", "# a\n\nb"),
        ("a</p>b", "a\n\nb"),
        ("a</br>b", "a\nb"),
        // What stands in a table without being part of it is shown in front of it.
        (
            "<table><tr><td>a</td></tr>b<tr>c<td>d</table>e",
            "bc\n\n|  |\n| --- |\n| a |\n| d |\n\ne",
        ),
        ("<table><p>a<tr><td>b</table>", "a\n\nb"),
        ("<td>a<tr>b", "ab"),
        // Text in which nothing is a tag.
        ("<p>a<textarea><b>b</textarea>c", "a\n\n\\<b>b\n\nc"),
        ("<title>a<p></title>b", "b"),
        ("a<xmp><p>b</xmp>c", "a\n\n```\n<p>b\n```\n\nc"),
        ("a<iframe src=x><p>b</iframe>c", "ac"),
        ("a<noscript><p>b</noscript>c<noembed>d</noembed>e", "ace"),
        ("a<script><!--<script></script>b</script>c", "ac"),
        ("<pre>\n\na</pre>", "```\na\n```"),
        ("a<plaintext><b>b</b>", "a\n\n```\n<b>b</b>\n```"),
        // What is a comment.
        ("a<!-- <b> -- > b -->c<!-->d<!--->e<!--x--!>f", "acdef"),
        ("a<![CDATA[b]]>c<?d ?>e</>f</ g>h<!i>j", "acefhj"),
        ("<svg><desc><![CDATA[<a>]]></desc></svg>b", "\\<a> b"),
        ("a<!doctype x>b", "ab"),
        // References, with and without their ends.
        (
            "&notit; &notin; &ampx &copy2 &#65 &#x41;&#128; &nope; &",
            "¬it; ∉ &x ©2 A A€ &nope; &",
        ),
        (
            "<a href=\"/x?a=1&copy=2&lt;3\">b</a>",
            "[b](/x?a=1&copy=2%3C3)",
        ),
        ("a\0b&#0;c\r\nd\re", "ab\u{fffd}c d e"),
        // Attributes.
        ("<a HREF=x href=y>b</a>", "[b](x)"),
        ("<a/href='x'title=\"y\">b</a>", "[b](x)"),
        ("<p =a>b<p a=>c<p a='<'>d", "b\n\nc\n\nd"),
        ("<img alt=a src=b.png/>", "![a](b.png/)"),
        // Drawings and formulas end where text of the page begins.
        (
            "<svg><title>a</title><g><text>b</text><style>c</style></g></svg>d",
            "a d",
        ),
        ("<svg><g>a<p>b</svg>c", "a\n\nbc"),
        ("<math><mi>x</mi><mo>=</mo><mn>1</mn></math>", "x=1"),
        (
            "<svg/>a<svg><foreignObject><p>b</p></foreignObject></svg>",
            "a\n\nb",
        ),
        // What could hide the rest of the page does not.
        ("<frameset><frame></frameset>a", "a"),
        ("<select><option>a<option>b</select>c", "a\n\nb\n\nc"),
        ("</html></body>a<body class=x>b<html>c", "abc"),
        ("a < b <3 <- c", "a < b <3 <- c"),
    ] {
        let converted = html(source);
        assert_segments(&converted);
        assert_eq!(converted.markdown, markdown, "{source}");
    }
}

#[test]
fn rare_elements_are_read_as_what_they_are() {
    check("a<dir><li>b</dir>c", "a\n\n- b\n\nc", &[]);
    check("a<dialog open>b</dialog>c", "a\n\nb\n\nc", &[]);
    check(
        "<ruby>a<rp>(<rt>b<rp>)</ruby> <output>c</output>",
        "a(b) c",
        &[],
    );
    check(
        "<at:var>a</at:var><AC:placeholder>b</AC:placeholder>",
        "ab",
        &[],
    );
    check("a<input type=checkbox>b", "a b", &[]);
    // Their ends end what is open in them.
    check("<svg><g></svg>b", "b", &["unknown_element"]);
    check("<datalist><i>a</datalist><search><i>b</search>", "*b*", &[]);
}

#[test]
fn parts_of_a_macro_are_known_only_inside_it() {
    check(
        "<div class=\"panelHeader\">a</div><p class=\"title\">b</p><span class=\"expand-control-text\">c</span>",
        "a\n\nb\n\nc",
        &[],
    );
    check(
        "<div class=\"panel\"><div class=\"panelContent\"><div class=\"panelHeader\">a</div><p class=\"title\">b</p></div></div>",
        "a\n\nb",
        &[],
    );
    check("<div class=\"panel\">bare</div>", "bare", &[]);
    check(
        "<ul class=\"inline-task-list\"><li>a<li data-inline-task-id=\"1\" class=\"checked\">b</ul>",
        "- [ ] a\n- [x] b",
        &[],
    );
    check(
        "<a class=\"confluence-userlink\" href=\"/x\"><img src=\"/a.png\" alt=\"b\"></a>",
        "[![b](/a.png)](/x)",
        &[],
    );
    // In text that is kept as it is there are none.
    for code in ["<pre>", "<div data-macro-name=\"code\"><pre>"] {
        check(
            &format!(
                "{code}a <span class=\"status-macro\">b</span> <a class=\"user-mention\" href=\"/x\">c</a> <i class=\"toc-macro\">d</i>"
            ),
            "```\na b c d\n```",
            &[],
        );
    }
    check("<div data-macro-name=\"code\">no pre</div>", "no pre", &[]);
    check(
        "<div class=\"code panel\"><pre data-syntaxhighlighter-params=\"brush: java; gutter: false\">x</pre></div>",
        "```\nx\n```",
        &[],
    );
    check("<div data-macro-name=\"expand\"><p>a</p></div>", "a", &[]);
    check("<AC:parameter>a</AC:parameter><o:p>b</o:p>", "ab", &[]);
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one page, all that is recorded of it"
)]
fn the_record_is_that_of_storage_format() {
    let converted = html(include_str!("../../../fixtures/storage/rendered.html"));
    let meta = &converted.meta;
    let macros: Vec<_> = meta
        .macros
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    assert_eq!(
        macros.join(", "),
        "anchor 1, badge 1, children 1, code 2, details 1, excerpt 1, expand 1, info 1, jira 1, noformat 1, note 1, panel 1, status 1, tip 1, toc 1, unheard-of 1, warning 1"
    );
    assert_eq!(meta.headings[0].anchor_s, "Page-Coldstart");
    let anchors = meta.anchors.iter().map(|anchor| &*anchor.name);
    assert_eq!(anchors.collect::<Vec<_>>(), ["here", "Page-limits"]);
    let link = |label: &str| {
        let found = meta.links.iter().find(|link| link.label == label);
        serde_json::to_string(&found.unwrap().target).unwrap()
    };
    for (label, target) in [
        (
            "a page",
            r#"{"kind":"page","content_id":"77","space_key":"KILN","title":"Glazes","anchor":"Glazes-Matt"}"#,
        ),
        ("a post", r#"{"kind":"content","content_id":"88"}"#),
        (
            "not yet written",
            r#"{"kind":"page","space_key":"KILN","title":"Shelf plan"}"#,
        ),
        (
            "a report",
            r#"{"kind":"url","url":"https://site.example/plugins/report.action"}"#,
        ),
        ("up", r#"{"kind":"anchor","anchor":"Page-Coldstart"}"#),
    ] {
        assert_eq!(link(label), target, "{label}");
    }
    let mention = &meta.mentions[0].user;
    assert_eq!(mention.account_id.as_deref(), Some("acc-1"));
    assert_eq!(mention.display_name.as_deref(), Some("Ida Holm"));
    let files: Vec<_> = meta
        .attachments
        .iter()
        .map(|file| format!("{} {}", file.role, file.file_name))
        .collect();
    assert_eq!(
        files,
        ["link curve.pdf", "image kiln front.png", "link log.ods"]
    );
    assert!(matches!(
        meta.attachments[0].container,
        Some(Target::Content { .. })
    ));
    assert_eq!(meta.jira[0].key.as_deref(), Some("KILN-4"));
    assert_eq!(meta.excerpts[0].markdown, "on Tuesday");
    let properties: Vec<_> = meta
        .properties
        .iter()
        .map(|pair| format!("{}={}", pair.key, pair.value))
        .collect();
    assert_eq!(properties, ["Owner=Ida", "State=hot"]);
    let tasks: Vec<_> = meta
        .tasks
        .iter()
        .map(|task| (task.id.as_deref().unwrap(), task.is_done(), task.depth))
        .collect();
    assert_eq!(tasks, [("3", true, 0), ("4", false, 1), ("5", false, 0)]);
    let languages: Vec<_> = meta
        .code
        .iter()
        .map(|code| code.language.as_deref())
        .collect();
    assert_eq!(languages, [Some("javascript"), Some("sql"), None, None]);
}

#[test]
fn storage_format_that_is_said_to_be_html_is_read_as_what_it_is() {
    let body = include_str!("../../../fixtures/storage/macros.xml");
    assert_eq!(html(body), storage(body));
}

#[test]
fn blocks_point_into_the_page() {
    let source = "<p>x</p><div class=\"panel\"><div class=\"panelContent\"><p>here</p></div></div>";
    let converted = html(source);
    let segment = converted.segments.last().unwrap();
    assert_eq!(&source[segment.source.clone()], "<p>here</p></div></div>");
}

/// Wherever something is moved to, it comes from where it was written.
#[test]
fn warnings_and_blocks_know_their_places() {
    for (source, code) in [
        ("<p>a&amp;b\r\n</i>", "end_tag_ignored"),
        ("<p>a&amp</i>", "end_tag_ignored"),
        ("<!-- > --><p>a</i>", "end_tag_ignored"),
        ("<svg><![CDATA[ > <b ]]></svg></i>", "end_tag_ignored"),
        ("<p a='>' b=\"<\">ä</p><script>", "element_dropped"),
        (
            "<title>a</b></title c='>'>b<p hidden>",
            "hidden_text_dropped",
        ),
        ("<p>a<!-- b <p>", "comment_cut"),
        ("<p>a<p b='", "tag_cut"),
        ("</select></div>", "end_tag_ignored"),
    ] {
        let warnings = html(source).meta.warnings;
        let warning = warnings.iter().find(|warning| warning.code == code);
        let at = warning.unwrap_or_else(|| panic!("{source}: {warnings:?}"));
        let here = &source[at.byte_offset..];
        let begins = [
            "</i>",
            "<script>",
            "<p hidden>",
            "<!-- b",
            "<p b='",
            "</select>",
        ];
        assert!(
            begins.iter().any(|begins| here.starts_with(begins)),
            "{source}: {here}"
        );
    }
    for source in [
        "&amp<p>x</p>",
        "<table>a<tr><td>b</td></tr><p>x</p></table>",
    ] {
        let segments = html(source).segments;
        let here = |source: &str| source.contains("<p>x</p>");
        assert!(
            segments
                .iter()
                .any(|segment| here(&source[segment.source.clone()])),
            "{source}: {segments:?}"
        );
    }
}

#[test]
fn depth_and_size_are_no_matter() {
    let depth = 10_000;
    for (open, close) in [
        ("<div>", "</div>"),
        ("<ul><li>", "</li></ul>"),
        ("<b>", "</b>"),
        ("<blockquote>", ""),
        ("<table><tr><td>", ""),
        (
            "<div class=\"expand-container\"><div class=\"expand-content\">",
            "</div></div>",
        ),
        ("<a href=x>", "</a>"),
        ("<a class=confluence-userlink href=x>", ""),
        ("<div data-macro-name=x>", "</div>"),
        ("<li>", ""),
        ("<p>", ""),
    ] {
        let converted = html(&(open.repeat(depth) + "deep" + &close.repeat(depth)));
        assert!(converted.text.contains("deep"), "{open}");
    }
    // Where there is no room for a drawing's title, a page's title still ends.
    let page = "<svg>".repeat(600) + "<title>a<p>b<title>c</title><p>d";
    assert_eq!(html(&page).text, "a\nb\nd");
    let attributes: String = (0..100_000).flat_map(|_| [" a=\"<\"", " b"]).collect();
    check(&format!("<p{attributes}>x</p>"), "x", &[]);
    assert_eq!(html(&"<p a=\"".repeat(20_000)).text, "");
}

/// A link or a mark around much is not said again without end.
#[test]
fn what_is_opened_again_costs_no_more_than_it_says() {
    let long = "x".repeat(20_000);
    for around in [
        format!("<a href=\"/{long}\">"),
        format!("<p><a href=\"/{long}\">"),
        format!("<p><font style=\"{long}\">"),
    ] {
        let converted = html(&(around.clone() + &"<p>y".repeat(500)));
        assert!(
            converted.markdown.len() < 20 * long.len(),
            "{}",
            &around[..9]
        );
        assert_eq!(converted.text.matches('y').count(), 500);
    }
    // It is recorded once.
    for around in ["<a href=\"/x\">", "<h2><a href=\"/x\">"] {
        let converted = html(&(around.to_owned() + "<p>a<p>b"));
        assert_eq!(converted.meta.links.len(), 1, "{around}");
    }
    let heading = html("<a href=\"https://x.example/y\"><h2>a</h2></a>");
    assert_eq!(heading.markdown, "## [a](https://x.example/y)");
    assert_eq!(heading.meta.links[0].label, "a");
    // One of usual length is, for longer.
    let page = "<a href=\"/x\">".to_owned() + &"<p>y".repeat(500);
    assert_eq!(html(&page).markdown.matches("(/x)").count(), 500);
}

/// HTML that people wrote into a macro, in a browser's reading and in no other.
#[test]
fn html_in_a_macro_is_what_a_browser_makes_of_it() {
    for (html, markdown, warnings) in [
        ("<p>a<p>b<ul><li>c<li>d</ul>", "a\n\nb\n\n- c\n- d", &[][..]),
        (
            "<table><tr><th>a<th>b<tr><td>c<td>d</table>",
            "| a | b |\n| --- | --- |\n| c | d |",
            &[],
        ),
        (
            "<IMG SRC=/a.png ALT='b c'><a href=/x?a=1&copy=2>d</a>",
            "![b c](/a.png) [d](/x?a=1&copy=2)",
            &[],
        ),
        (
            "&copy 1 &amp &nope; <!-- x -- > -->a",
            "© 1 & &nope; a",
            &[],
        ),
        (
            "<html><head><title>t</title></head><body class=wiki-content><div id=header>a</div><div id=main-content>b</div></body></html>c",
            "a\n\nb\n\nc",
            &[],
        ),
        // It was not made by Confluence, whatever its classes say.
        (
            "<div class=panel><b class=panelHeader>a</b></div><i data-macro-name=toc>b</i><ul class=inline-task-list><li data-inline-task-id=1>c</ul>",
            "**a**\n\n*b*\n\n- c",
            &[],
        ),
        // To a browser these are names like any other.
        (
            "<ac:link><ri:page ri:content-title=\"x\"/><ac:link-body>a</ac:link-body></ac:link><ac:task-list><ac:task><ac:task-status>b</ac:task-status></ac:task></ac:task-list><ac:structured-macro ac:name=\"html\"><ac:plain-text-body>c</ac:plain-text-body></ac:structured-macro>",
            "abc",
            &[],
        ),
        (
            "<script>x</script>a<style>x</style><p hidden>x<p style='display:none'>x<a href='java\tscript:x'>b</a>",
            "a",
            &[
                "element_dropped",
                "element_dropped",
                "hidden_text_dropped",
                "hidden_text_dropped",
            ],
        ),
        (
            "a<a href='java\tscript:x'>b</a></i>",
            "ab",
            &["end_tag_ignored"],
        ),
    ] {
        let converted = typed("html", html);
        assert_segments(&converted);
        assert_eq!(converted.markdown, markdown, "{html}");
        let meta = &converted.meta;
        let codes = meta.warnings.iter().map(|warning| &*warning.code);
        assert_eq!(codes.collect::<Vec<_>>(), warnings, "{html}");
        assert!(meta.well_formed && meta.tasks.is_empty(), "{html}");
        assert_eq!(meta.macros.len(), 1, "{html}");
    }
}

#[test]
fn html_in_markdown_is_read_the_same_way() {
    for (text, markdown) in [
        ("a <b>b<p>c</b>", "a **b**\n\n**c**"),
        (
            "<details><summary>a</summary>\n\n# b\n\n</details>",
            "**a**\n\n# b",
        ),
        ("<ul><li>a<li>b</ul>\n\nc", "- a\n- b\n\nc"),
        (
            "| a |\n|---|\n| <img src=/b.png alt=c> |\n\n~~~rust\nx <b>\n\n  y\n~~~",
            "| a |\n| --- |\n| ![c](/b.png) |\n\n```rust\nx <b>\n\n  y\n```",
        ),
    ] {
        assert_eq!(typed("markdown", text).markdown, markdown, "{text}");
    }
}

/// What is found in the plain body of a macro stands where the macro does.
#[test]
fn places_in_a_macro_are_those_of_the_macro() {
    for (name, text) in [
        ("html", "<p>x</i>"),
        ("markdown", "x</i>"),
        ("unmigrated-wiki-markup", "x"),
    ] {
        let source = macro_of(name, text);
        let source = format!("<p>before</p>{source}<p>after</p>");
        let converted = storage(&source);
        let place = source.find("<ac:").unwrap();
        let segment = &converted.segments[1].source;
        assert!(segment.start == place && segment.end > place, "{name}");
        let warnings = &converted.meta.warnings;
        assert!(
            warnings.iter().all(|warning| warning.byte_offset == place),
            "{name}: {warnings:?}"
        );
    }
}

fn typed(name: &str, text: &str) -> Converted {
    storage(&macro_of(name, text))
}

fn macro_of(name: &str, text: &str) -> String {
    format!(
        "<ac:structured-macro ac:name=\"{name}\"><ac:plain-text-body><![CDATA[{text}]]></ac:plain-text-body></ac:structured-macro>"
    )
}

/// Pieces that pages are made of.
const PIECES: &[&str] = &[
    "<p>",
    "</p>",
    "<div class=\"panel\">",
    "<div class=\"panelHeader\">",
    "<div class=\"panelContent\">",
    "</div>",
    "<div data-macro-name=\"code\">",
    "<pre data-syntaxhighlighter-params=\"brush: x\">",
    "</pre>",
    "<span class=\"jira-issue\" data-jira-key=\"A-1\">",
    "<span data-macro-name=\"excerpt\">",
    "<span data-macro-name=\"anchor\" id=\"i\">",
    "<span class=\"status-macro aui-lozenge-new\">",
    "</span>",
    "<ul class=\"inline-task-list\">",
    "<li data-inline-task-id=\"1\">",
    "</li>",
    "</ul>",
    "<table>",
    "<tr>",
    "<td rowspan=\"3\">",
    "<th colspan=2>",
    "</table>",
    "<a href=\"/display/K/T\" data-linked-resource-type=\"page\">",
    "<a class=\"confluence-userlink\" href=\"x\">",
    "</a>",
    "<img class=\"emoticon\">",
    "<img src=\"/download/attachments/1/a.png\">",
    "<div class=\"expand-container\">",
    "<div class=\"expand-content\">",
    "<span class=\"expand-control-text\">",
    "<style>",
    "</style>",
    "<script>",
    "</script>",
    "<body>",
    "<div id=\"main-content\">",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE",
    "<h2 id=\"x\">",
    "</h2>",
    "w",
    " ",
    "&amp;",
    "&",
    "<",
    "\"",
    "<b>",
    "</b>",
    "<time datetime=\"2031-01-02\">",
    "</time>",
    "<br>",
    "<div style=\"display:none\">",
    "<blockquote>",
    "<details>",
    "<svg>",
    "<title>",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn anything_is_read_and_read_the_same_twice(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..120),
        junk in ".{0,12}",
    ) {
        let source = pieces.concat() + &junk;
        for name in ["html", "markdown"] {
            assert_segments(&typed(name, &source));
        }
        let converted = html(&source);
        assert_segments(&converted);
        prop_assert!(converted == html(&source));
    }

    /// Every word of a page is there once, in its order.
    #[test]
    fn no_words_are_lost(wraps in prop::collection::vec(0..WRAPS.len(), 1..40)) {
        let mut source = String::new();
        let mut open = Vec::new();
        for (at, wrap) in wraps.iter().enumerate() {
            source.push_str(WRAPS[*wrap].0);
            write!(source, "<p>w{at}w</p>").unwrap();
            open.push(WRAPS[*wrap].1);
            if at % 4 == 3 {
                source.extend(open.drain(..).rev());
            }
        }
        source.extend(open.drain(..).rev());
        let text = html(&source).text;
        let found = super::words(&text).filter(|word| word.starts_with('w'));
        let expected = (0..wraps.len()).map(|at| format!("w{at}w"));
        prop_assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }
}

const WRAPS: &[(&str, &str)] = &[
    ("<div>", "</div>"),
    (
        "<div class=\"panel\"><div class=\"panelContent\">",
        "</div></div>",
    ),
    ("<div class=\"panel\">", "</div>"),
    ("<div data-macro-name=\"leak\">", "</div>"),
    (
        "<div class=\"confluence-information-macro-note\"><div class=\"confluence-information-macro-body\">",
        "</div></div>",
    ),
    (
        "<div class=\"expand-container\"><div class=\"expand-content\" style=\"display:none\">",
        "</div></div>",
    ),
    ("<ul><li>", "</li></ul>"),
    (
        "<ul class=\"inline-task-list\"><li data-inline-task-id=\"7\">",
        "</li></ul>",
    ),
    ("<table><tr><td>", "</td><td></td></tr></table>"),
    ("<div data-macro-name=\"excerpt\">", "</div>"),
    ("<blockquote>", "</blockquote>"),
    (
        "<div class=\"columnLayout\"><div class=\"innerCell\">",
        "</div></div>",
    ),
    ("<div data-macro-name=\"code\">", "</div>"),
];
