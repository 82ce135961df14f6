//! What each parameter of a macro, attribute of an element and kind of body does, as a body
//! and the Markdown it becomes, or what of it is recorded.

use serde_json::{Value, json};

use super::{check, convert_as, page, storage, without_blocks};
use crate::model::Representation;

/// A macro with parameters as `name=value`, and a rich body.
fn rich(name: &str, params: &str, body: &str) -> String {
    macro_with(
        name,
        params,
        &format!("<ac:rich-text-body>{body}</ac:rich-text-body>"),
    )
}

/// The same with a plain body.
fn plain(name: &str, params: &str, body: &str) -> String {
    macro_with(
        name,
        params,
        &format!("<ac:plain-text-body><![CDATA[{body}]]></ac:plain-text-body>"),
    )
}

/// The same without a body.
fn bare(name: &str, params: &str) -> String {
    macro_with(name, params, "")
}

fn macro_with(name: &str, params: &str, body: &str) -> String {
    let params: Vec<String> = params
        .split('|')
        .filter_map(|param| param.split_once('='))
        .map(|(name, value)| format!("<ac:parameter ac:name=\"{name}\">{value}</ac:parameter>"))
        .collect();
    let params = params.concat();
    format!("<ac:structured-macro ac:name=\"{name}\">{params}{body}</ac:structured-macro>")
}

/// A field of the metadata record.
#[track_caller]
fn recorded(body: &str, field: &str, expected: &Value) {
    let mut meta = serde_json::to_value(storage(body).meta).unwrap();
    assert_eq!(&without_blocks(meta[field].take()), expected, "{body}");
}

#[test]
fn values_are_cleaned_as_text_is() {
    for (body, markdown) in [
        (rich("info", "title=a\u{200b}b e\u{301}", "<p>x</p>"), "> **Info:** ab é\n>\n> x"),
        (rich("expand", "title=a\u{202e}b", "<p>x</p>"), "**ab**\n\nx"),
        (plain("code", "title=a\u{ad}b", "x"), "**ab**\n\n```\nx\n```"),
        (bare("status", "title=e\u{301}"), "é"),
        (bare("mathblock", "body=a\u{200b}b"), "$$ab$$"),
        (bare("profile", "user=mi\u{200b}ra"), "@mira"),
        (plain("app", "", r#"{"text":"a\u200bb e\u0301"}"#), "```\nab é\n```"),
        ("<ac:link><ri:page ri:content-title=\"a\u{200b}b e\u{301}\"/></ac:link>".into(), "ab é"),
        ("<ac:image ac:alt=\"a\u{200b}b\"><ri:attachment ri:filename=\"f.png\"/></ac:image>".into(), "![ab](f.png)"),
        ("<p><ac:emoticon ac:emoji-fallback=\"a\u{200b}b\"/></p>".into(), "ab"),
        ("<p><time datetime=\"2031-\u{200b}01-02\"/></p>".into(), "2031-01-02"),
        ("<p><a href=\"https://h.example/a\u{202e}b\" data-card-appearance=\"inline\">https://h.example/a\u{202e}b</a></p>".into(), "[ab](https://h.example/a%E2%80%AEb)"),
    ] {
        check(&body, markdown);
    }
    recorded(
        &bare("mathblock", "body=a^2|anchor=square"),
        "anchors",
        &json!([{"name": "square"}]),
    );
    // In an address every character counts.
    recorded(
        &bare("anchor", "=a\u{200b}b"),
        "anchors",
        &json!([{"name": "a\u{200b}b"}]),
    );
}

#[test]
fn nothing_that_could_run_is_where_a_macro_leads() {
    for body in [
        bare("redirect", "location=javascript:run()"),
        rich("clickable", "link= JavaScript:run()", ""),
        bare("auibutton", "link=vbscript:run()"),
        bare("button-hyperlink", "url=data:text/html,run"),
    ] {
        check(&body, "");
        recorded(&body, "links", &json!([]));
    }
}

#[test]
fn macros_lead_to_urls_and_pages() {
    let page =
        |space: &str, title: &str| json!({"kind": "page", "space_key": space, "title": title});
    for (body, target) in [
        (
            rich("clickable", "link=OPS:Rota", "<p>x</p>"),
            page("OPS", "Rota"),
        ),
        (
            rich(
                "clickable",
                "link=<ri:page ri:content-title=\"Rota\" ri:space-key=\"OPS\"/>",
                "<p>x</p>",
            ),
            page("OPS", "Rota"),
        ),
        (
            bare("auibutton", "title=Go|url=/display/OPS/Night+rota"),
            page("OPS", "Night rota"),
        ),
        (
            bare("auibutton", "title=Go|url=mailto:a@h.example"),
            json!({"kind": "url", "url": "mailto:a@h.example"}),
        ),
        (
            "<a href=\"/pages/viewpage.action?spaceKey=OPS&amp;title=Night+rota%21\">x</a>".into(),
            page("OPS", "Night rota!"),
        ),
    ] {
        let links = storage(&body).meta.links;
        let targets = links
            .iter()
            .map(|link| serde_json::to_value(&link.target).unwrap());
        assert_eq!(targets.collect::<Vec<_>>(), [target], "{body}");
    }
}

#[test]
fn macros_without_a_rule_show_what_reads_like_text() {
    for (body, markdown) in [
        (
            rich("app", "title=123|label=Rota", "<p>x</p>"),
            "**Rota**\n\nx",
        ),
        (
            bare("app", "title=Rota|searchText=Night shifts"),
            "**Rota**\n\nNight shifts",
        ),
        (rich("app", "searchText=Night shifts", "<p>x</p>"), "x"),
        (
            plain(
                "app",
                "",
                r#"{"title":"T","n":[1,2.5,null,true],"code":"C","parts":[{"text":["x","y"]},{"source":"z"}],"id":"q"}"#,
            ),
            "```\nT\n```\n\n```\nC\n```\n\n```\nx\n```\n\n```\ny\n```\n\n```\nz\n```",
        ),
        (
            plain("app", "", r#"{"id":"q"}"#),
            "```\n{\"id\":\"q\"}\n```",
        ),
        (
            plain("app", "", r#"{"text":"q"} more"#),
            "```\n{\"text\":\"q\"} more\n```",
        ),
    ] {
        check(&body, markdown);
    }
}

#[test]
fn a_body_is_inline_or_a_block_as_its_macro_says() {
    let told =
        |name, kind: &str, body| rich(name, &format!("atlassian-macro-output-type={kind}"), body);
    for name in ["excerpt", "app"] {
        for (kind, body, markdown) in [
            ("INLINE", "<p>b</p>", "a b c"),
            ("INLINE", "<p>b</p><p>d</p>", "a\n\nb\n\nd\n\nc"),
            ("BLOCK", "b", "a\n\nb\n\nc"),
            ("BLOCK", "<p>b</p>", "a\n\nb\n\nc"),
        ] {
            check(&format!("<p>a {} c</p>", told(name, kind, body)), markdown);
        }
        check(&told(name, "INLINE", "<p>b</p>"), "b");
    }
}

#[test]
fn containers_show_their_titles_and_keep_apart() {
    let column = |body| rich("column", "width=40%", body);
    for (body, markdown) in [
        (
            rich("expand", "title=Click here to expand...", "<p>x</p>"),
            "x",
        ),
        (
            rich("expand", "title=Click here to expand the rota", "<p>x</p>"),
            "**Click here to expand the rota**\n\nx",
        ),
        (rich("ui-expand", "label=Rota", "<p>x</p>"), "**Rota**\n\nx"),
        (
            rich("panel", "panelIconText=:oncall:|title=Rota", "<p>x</p>"),
            "**:oncall: Rota**\n\nx",
        ),
        (
            rich("panel", "panelIconText=Dr. No|panelIcon=:no:", "<p>x</p>"),
            "**Dr. No**\n\nx",
        ),
        (rich("panel", "panelIconText=oncall.png", "<p>x</p>"), "x"),
        (format!("{}{}", column("a"), column("b")), "a\n\nb"),
        (
            format!(
                "<p>x {} y</p>",
                rich("section", "", &(column("a") + &column("<b>b</b>")))
            ),
            "x\n\na\n\n**b**\n\ny",
        ),
        (
            "<p>a</p><video><source src=\"https://h.example/v/7\"></video>".into(),
            "a\n\n[7](https://h.example/v/7)",
        ),
    ] {
        check(&body, markdown);
    }
}

#[test]
fn remarks_stand_in_parentheses_whatever_their_body() {
    for name in ["footnote", "cfm-footnote"] {
        for remark in [
            rich(name, "", "once"),
            rich(name, "", "<p>once</p>"),
            plain(name, "", "once"),
            bare(name, "text=once"),
        ] {
            check(
                &format!("<p>Rare{remark}, or not</p>"),
                "Rare (once), or not",
            );
        }
        check(
            &format!("<p>Rare{}</p>", bare(name, "text=42")),
            "Rare (42)",
        );
    }
    check(
        &format!("<p>a {}</p>", rich("tooltip", "text=once", "<p>rare</p>")),
        "a rare (once)",
    );
}

#[test]
fn values_in_lines_are_cut_where_their_delimiter_stands() {
    let table = "| a | b |\n| --- | --- |\n| 1 | 2 |";
    for (delimiter, body) in [
        ("", "a,b\n1,2"),
        ("delimiter=Tab", "a\tb\n1\t2"),
        ("delimiter=semicolon", "a;b\n1;2\n"),
        ("delimiter=pipe", "a|b\n\n1|2"),
    ] {
        check(&plain("csv", delimiter, body), table);
    }
    check(
        &plain("csv", "", "a,b\n\"x \"\"y\"\"\nz\",2\n\"open,3"),
        "| a | b |\n| --- | --- |\n| x \"y\" z | 2 |\n| open,3 |  |",
    );
    // A quotation mark inside a field is an inch.
    check(
        &plain("csv", "", "a,b\n5\" pipe,2\n,\n6\" pipe,3"),
        "| a | b |\n| --- | --- |\n| 5\" pipe | 2 |\n| 6\" pipe | 3 |",
    );
}

#[test]
fn issues_files_and_drawings_are_recorded_by_their_parameters() {
    let jira = |value: Value| ("jira", value);
    let files = |value: Value| ("attachments", value);
    let page = json!({"kind": "page", "space_key": "OPS", "title": "Rota"});
    for (body, (field, expected)) in [
        (bare("jira", "server=Tracker"), jira(json!([]))),
        (
            bare(
                "jiraissues",
                "url=https://t.example/sr/x.xml?tempMax=9&amp;jqlQuery=project+%3D+OPS&amp;field=key",
            ),
            jira(json!([{"jql": "project = OPS"}])),
        ),
        (
            bare(
                "view-file",
                "name=<ri:attachment ri:filename=\"a.pdf\"/>|page=OPS:Rota",
            ),
            files(json!([{"file_name": "a.pdf", "container": page, "role": "view"}])),
        ),
        (
            bare(
                "multimedia",
                "name=a.mp4|page=Rota|space=<ri:space ri:space-key=\"OPS\"/>",
            ),
            files(json!([{"file_name": "a.mp4", "container": page, "role": "view"}])),
        ),
        (
            bare("multimedia", "name=a.mp4|page=Rota|space=OPS"),
            files(json!([{"file_name": "a.mp4", "container": page, "role": "view"}])),
        ),
        (
            bare(
                "include-file",
                "name=<ri:attachment ri:filename=\"a.txt\"/>",
            ),
            files(json!([{"file_name": "a.txt", "role": "view"}])),
        ),
        (
            bare("swagger-ui", "name=<ri:attachment ri:filename=\"a.yml\"/>"),
            files(json!([{"file_name": "a.yml", "role": "media"}])),
        ),
        (
            bare("gallery", "include=a.png, b c.png"),
            files(
                json!([{"file_name": "a.png", "role": "image"}, {"file_name": "b c.png", "role": "image"}]),
            ),
        ),
        (
            bare("plantuml", "filename=a.puml"),
            files(json!([{"file_name": "a.puml", "role": "diagram"}])),
        ),
    ] {
        recorded(&body, field, &expected);
    }
}

#[test]
fn drawings_and_queries_are_shown_by_their_parameters() {
    let drawn = storage(&bare("inc-drawio", "diagramDisplayName=Plan|pageId=42"))
        .meta
        .attachments;
    let container = json!({"kind": "content", "content_id": "42"});
    let names = ["Plan", "Plan.png", "Plan.drawio"];
    let expected =
        names.map(|name| json!({"file_name": name, "container": container, "role": "diagram"}));
    let drawn = serde_json::to_value(drawn).unwrap();
    assert_eq!(without_blocks(drawn), json!(expected));
    for (body, markdown) in [
        (
            bare("jira", "jql=project = OPS|summary=Late shifts"),
            "Late shifts\n\nJira issues: project = OPS",
        ),
        (bare("plantuml", "filename=a.puml"), "Diagram: a.puml"),
        (plain("kroki", "type=d2", "a -> b"), "```d2\na -> b\n```"),
    ] {
        check(&body, markdown);
    }
}

#[test]
fn images_and_emoji_take_the_name_that_says_most() {
    let image = |attributes| {
        format!("<ac:image {attributes}><ri:attachment ri:filename=\"f.png\"/></ac:image>")
    };
    for (body, markdown) in [
        (
            image("ac:alt=\"f.png\" ac:title=\"Rota\""),
            "![Rota](f.png)",
        ),
        (image("ac:alt=\"Rota\" ac:title=\"More\""), "![Rota](f.png)"),
        (image("ac:alt=\"f.png\""), "![f.png](f.png)"),
        (
            "<p><img src=\"https://h.example/f.png\" alt=\"f.png\" title=\"Rota\"/></p>".into(),
            "![Rota](https://h.example/f.png)",
        ),
        (
            "<p><ac:emoticon ac:emoji-shortname=\"oncall\"/></p>".into(),
            ":oncall:",
        ),
    ] {
        check(&body, markdown);
    }
}

#[test]
fn properties_stand_in_lists_too_and_spans_reach_no_further_than_the_table() {
    let rows = "<tr><td>Owner</td><td colspan=\"9\">Mira</td></tr><tr><td>State</td><td colspan=\"9\">open</td></tr>";
    let table = format!("<table><tbody>{rows}</tbody></table>");
    check(
        &table,
        "|  |  |\n| --- | --- |\n| Owner | Mira |\n| State | open |",
    );
    let properties = json!([{"key": "Owner", "value": "Mira"}, {"key": "State", "value": "open"}]);
    for body in [
        table.clone(),
        format!("<ul><li>Now<ul><li>{table}</li></ul></li></ul>"),
    ] {
        recorded(&rich("details", "", &body), "properties", &properties);
    }
}

#[test]
fn links_around_blocks_are_recorded_once_with_their_whole_label() {
    for (body, label) in [
        ("<a href=\"https://h.example/\"><p>a</p><p>b</p></a>", "a b"),
        (
            "<p>x <a href=\"https://h.example/\">a<div>b</div>c</a></p>",
            "a b c",
        ),
    ] {
        recorded(
            body,
            "links",
            &json!([{"kind": "url", "url": "https://h.example/", "label": label, "source": "a"}]),
        );
    }
    recorded(
        "<a href=\"javascript:run()\"><p>a</p></a>",
        "links",
        &json!([]),
    );
}

#[test]
fn sub_tasks_are_deeper_however_they_are_nested() {
    let task = |body: &str| {
        format!(
            "<ac:task><ac:task-status>incomplete</ac:task-status><ac:task-body>{body}</ac:task-body></ac:task>"
        )
    };
    let list = |tasks: &str| format!("<ac:task-list>{tasks}</ac:task-list>");
    let inner = list(&task("c"));
    for body in [
        list(&(task("a") + &list(&(task("b") + &inner)))),
        list(&task(&format!("a{}", list(&task(&format!("b{inner}")))))),
    ] {
        let tasks = storage(&body).meta.tasks;
        let depths = tasks.iter().map(|task| (task.text.as_str(), task.depth));
        assert_eq!(depths.collect::<Vec<_>>(), [("a", 0), ("b", 1), ("c", 2)]);
    }
}

#[test]
fn macros_in_headings_count_as_one_node() {
    for (macros, anchor) in [
        (bare("app", ""), "A-[inlineExtension]-b"),
        (rich("footnote", "", "once"), "A-[inlineExtension]-b"),
        (bare("jira", "key=OPS-7"), "A-[inlineExtension]-b"),
        (bare("status", "title=IN USE"), "A-IN-USE-b"),
    ] {
        let headings = page("T", &format!("<h1>A {macros} b</h1>")).meta.headings;
        assert_eq!(headings[0].anchor_f.as_deref(), Some(anchor), "{macros}");
    }
}

#[test]
fn formulas_and_headings_form_no_markup_of_their_own() {
    for (body, markdown) in [
        ("<h2>Ranks #</h2>".to_owned(), "## Ranks \\#"),
        (
            plain("mathblock", "", "a\n\n# b\n+ c<d>\n$$ x"),
            "$$a\n    # b\n    + c< d>\n\\$\\$ x$$",
        ),
        (
            format!("<p>{}</p>", plain("mathinline", "", "x<y$")),
            "$x< y\\$$",
        ),
        (
            format!(
                "<table><tr><th>a</th><th>b</th></tr><tr><td>{}</td><td>c</td></tr></table>",
                plain("mathinline", "", "|x|")
            ),
            "| a | b |\n| --- | --- |\n| $\\|x\\|$ | c |",
        ),
    ] {
        check(&body, markdown);
    }
}

#[test]
fn what_stands_for_something_says_so_in_cells_too() {
    for (cell, label) in [
        (bare("include", "=Rota"), "Included page: Rota"),
        (bare("excerpt-include", "=Rota"), "Excerpt from: Rota"),
        (bare("drawio", "diagramName=Plan"), "Diagram: Plan"),
        (bare("children", ""), "(list of child pages)"),
    ] {
        let table = format!(
            "<table><tr><th>a</th><th>b</th></tr><tr><td>{cell}</td><td>c</td></tr></table>"
        );
        check(
            &table,
            &format!("| a | b |\n| --- | --- |\n| {label} | c |"),
        );
    }
}

#[test]
fn an_image_between_words_is_between_words() {
    let image = "<ac:image><ri:attachment ri:filename=\"f.png\"/></ac:image>";
    for (body, text) in [
        (format!("<p>a{image}b</p>"), "a b"),
        (format!("<p>a {image}, b</p>"), "a , b"),
        (format!("<p>{image}b</p>"), "b"),
    ] {
        assert_eq!(storage(&body).text, text);
    }
}

#[test]
fn every_space_of_a_heading_is_in_its_id() {
    let text = |text: &str| json!({"type": "text", "text": text});
    let nodes = json!([text("A  b   c "), {"type": "date", "attrs": {"timestamp": "0"}}]);
    let heading = json!({"type": "heading", "attrs": {"level": 2}, "content": nodes});
    let doc = json!({"type": "doc", "version": 1, "content": [heading]}).to_string();
    let headings = convert_as(Representation::Adf, &doc).meta.headings;
    assert_eq!(headings[0].anchor_f.as_deref(), Some("A--b---c-[date]"));
}

#[test]
fn the_text_of_a_heading_has_no_white_space_around_it() {
    let image = "<ac:image><ri:attachment ri:filename=\"f.png\"/></ac:image>";
    for heading in [format!("{image} Rota"), format!("Rota {image}")] {
        let headings = storage(&format!("<h2>{heading}</h2>")).meta.headings;
        assert_eq!(headings[0].text, "Rota");
    }
}

#[test]
fn bodies_in_a_line_stay_in_the_line() {
    let html = plain("html", "", "some <b>bold</b>");
    let markdown = plain("markdown", "", "some **bold**");
    for macro_in_line in [html, markdown] {
        let body = format!("<p>see {macro_in_line} here</p>");
        check(&body, "see some **bold** here");
        let alone = format!("<p>see</p>{macro_in_line}<p>here</p>");
        check(&alone, "see\n\nsome **bold**\n\nhere");
    }
    let blocks = plain("html", "", "<p>a</p><p>b</p>");
    check(
        &format!("<p>see {blocks} here</p>"),
        "see\n\na\n\nb\n\nhere",
    );
}

#[test]
fn markdown_that_stands_elsewhere_is_named() {
    let url = bare("markdown", "url=https://code.example/guide.md");
    check(&url, "[guide.md](https://code.example/guide.md)");
    recorded(
        &url,
        "embeds",
        &json!([{"url": "https://code.example/guide.md"}]),
    );
    check(&bare("markdown", "attachment=guide.md"), "guide.md");
    check(&bare("markdown", ""), "");
}

#[test]
fn titles_of_drawings_are_words_of_their_own() {
    let drawing = "<svg><title>Icon</title><g><desc>of a hut</desc></g></svg>";
    check(&format!("<p>a{drawing}b</p>"), "a Icon of a hut b");
    let page = convert_as(Representation::Html, &format!("<p>a{drawing}b</p>"));
    assert_eq!(page.markdown, "a Icon of a hut b");
}

/// Page properties in a cell keep their lines, and their values what they are.
#[test]
fn properties_in_a_cell_are_lines_of_it() {
    let row = |key: &str, value: &str| format!("<tr><th>{key}</th><td>{value}</td></tr>");
    let link = "<p>See <a href=\"https://h.example/\">huts</a></p>";
    let rows = row("Key", "7") + &row("Owner", "") + &row("More", link) + &row("Last", "x");
    let details = rich("details", "", &format!("<table>{rows}</table>"));
    let body = format!(
        "<table><tr><td>{details}</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>"
    );
    let converted = storage(&body);
    assert_eq!(
        converted.markdown.lines().nth(2),
        Some("| Key: 7<br>Owner:<br>More: See [huts](https://h.example/)<br>Last: x | b |")
    );
    let text = "Key 7\nOwner\nMore See huts\nLast x\tb\nc\td";
    assert_eq!(converted.text, text);
}

/// What names nothing leaves the line as it is.
#[test]
fn drawings_without_a_name_do_not_end_a_line() {
    for name in ["drawio", "mermaid", "plantumlcloud", "gliffy"] {
        check(&format!("<p>a {} b</p>", bare(name, "")), "a b");
    }
}

/// What is linked in the caption of an image is not the image.
#[test]
fn captions_keep_their_links() {
    let image = "<ri:attachment ri:filename=\"f.png\"/>";
    let person = "<ac:link><ri:user ri:username=\"ida\"/></ac:link>";
    let page = "<ac:link><ri:page ri:content-title=\"Rotas\"/></ac:link>";
    let caption = format!("<ac:caption><p>By {person} for {page}</p></ac:caption>");
    for body in [format!("{image}{caption}"), format!("{caption}{image}")] {
        check(
            &format!("<ac:image>{body}</ac:image>"),
            "![f.png](f.png)\n\nBy @ida for Rotas",
        );
    }
}
