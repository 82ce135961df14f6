//! Where the entries of the metadata record stand.

use std::borrow::Cow;

use super::{storage, words};
use crate::model::{BlockIndex, Converted, Metadata, Segment, SegmentKind};
use crate::storage::plain;

/// What an entry says, and the block it names.
struct Entry<'c> {
    what: &'c str,
    words: Cow<'c, str>,
    block: BlockIndex,
    /// It takes several blocks, of which the first may show nothing but a frame.
    several: bool,
}

/// Entries whose words are shown somewhere else than in the block they name.
pub(super) fn misplaced(converted: &Converted) -> Vec<String> {
    let wrong = |entry: &Entry<'_>| !stands(entry, converted);
    let entries = entries(&converted.meta);
    let entries = entries.into_iter().filter(wrong);
    let entries = entries.map(|entry| format!("{} {:?}", entry.what, entry.words));
    entries
        .chain(misplaced_code(converted))
        .chain(misplaced_images(converted))
        .collect()
}

fn entries(meta: &Metadata) -> Vec<Entry<'_>> {
    let entry = |what, words: &'_ str, block, several| Entry {
        what,
        words: Cow::Owned(words.to_owned()),
        block,
        several,
    };
    let mut entries = Vec::new();
    for heading in &meta.headings {
        entries.push(entry("heading", &heading.text, heading.block, false));
    }
    for link in &meta.links {
        // An `a` without text shows nothing, and is called what it leads to. What a macro
        // leads to need not be shown.
        let bare = link.source == "a" && link.label == plain::automatic_label(&link.target);
        if !bare && !link.source.starts_with("macro:") {
            entries.push(entry("link", &link.label, link.block, false));
        }
    }
    for mention in &meta.mentions {
        // A macro may name people without showing them.
        let name = mention.user.name().filter(|_| mention.block.is_some());
        entries.push(entry(
            "mention",
            name.unwrap_or_default(),
            mention.block,
            false,
        ));
    }
    for task in &meta.tasks {
        entries.push(entry("task", &task.text, task.block, true));
    }
    for edge in &meta.transclusions {
        let label = plain::automatic_label(&edge.target);
        entries.push(entry("transclusion", &label, edge.block, false));
    }
    for excerpt in &meta.excerpts {
        // Its marks are not those of its blocks.
        let word = words(&excerpt.markdown).next();
        entries.push(entry(
            "excerpt",
            word.unwrap_or_default(),
            excerpt.block,
            true,
        ));
    }
    entries
}

/// Whether the first word of an entry stands where it says, or is not shown at all.
fn stands(entry: &Entry<'_>, converted: &Converted) -> bool {
    let Converted {
        markdown,
        text,
        segments,
        ..
    } = converted;
    let Some(word) = entry.words.split_whitespace().next() else {
        return true;
    };
    let here = entry.block.is_some_and(|block| {
        let Segment {
            markdown: lines,
            text: plain,
            ..
        } = &segments[block as usize];
        let end = if entry.several { text.len() } else { plain.end };
        let lines = &markdown[lines.clone()];
        // A link may begin with a picture, which has no text.
        text[plain.start..end].contains(word) || lines.contains(word) || lines.contains("![")
    });
    here || !text.contains(word)
}

fn misplaced_images(converted: &Converted) -> impl Iterator<Item = String> {
    let images = converted.meta.attachments.iter();
    let images = images.filter(|file| file.role == "image");
    images.filter_map(|file| {
        let name = plain::cleaned(&file.file_name);
        let block = file.block.map(|block| &converted.segments[block as usize]);
        let lines = block.map_or("", |block| &converted.markdown[block.markdown.clone()]);
        // Where it has another text, its name is only in the address.
        let shown = converted.markdown.contains(&format!("![{name}]"));
        let wrong = shown && !lines.contains("![");
        wrong.then(|| format!("image {name} in {lines:?}"))
    })
}

fn misplaced_code(converted: &Converted) -> impl Iterator<Item = String> {
    converted.meta.code.iter().filter_map(|code| {
        let block = code.block.map(|block| &converted.segments[block as usize]);
        let kind = block.map(|block| block.kind);
        let right = matches!(
            kind,
            Some(
                SegmentKind::Code
                    | SegmentKind::Title
                    | SegmentKind::TableHeader
                    | SegmentKind::TableRow
                    | SegmentKind::Property
            )
        );
        (!right).then(|| format!("code {code:?} in {kind:?}"))
    })
}

/// What stands in the blocks that the entries of a body name: the kind of entry, and the
/// block.
fn check(body: &str, expected: &[(&str, &str)]) {
    let converted = storage(body);
    let meta = serde_json::to_value(&converted.meta).unwrap();
    let mut got = Vec::new();
    for list in [
        "headings",
        "links",
        "mentions",
        "tasks",
        "code",
        "attachments",
        "transclusions",
        "excerpts",
    ] {
        for entry in meta[list].as_array().unwrap() {
            let block = entry["block"].as_u64().map(usize::try_from);
            let shown = block.map_or("nowhere", |block| {
                &converted.markdown[converted.segments[block.unwrap()].markdown.clone()]
            });
            got.push((list, shown.to_owned()));
        }
    }
    let got: Vec<(&str, &str)> = got.iter().map(|(list, shown)| (*list, &**shown)).collect();
    assert_eq!(got, expected, "{body}");
}

const LINK: &str = r#"<a href="https://h.example/x">Huts</a>"#;
const SHOWN: &str = "[Huts](https://h.example/x)";

fn call(name: &str, body: &str) -> String {
    format!(r#"<ac:structured-macro ac:name="{name}">{body}</ac:structured-macro>"#)
}

fn rich(name: &str, body: &str) -> String {
    call(
        name,
        &format!("<ac:rich-text-body>{body}</ac:rich-text-body>"),
    )
}

#[test]
fn entries_name_the_block_they_stand_in() {
    check(
        &format!("<h1>Top</h1><p>One</p><p>See {LINK}.</p>"),
        &[("headings", "# Top"), ("links", &format!("See {SHOWN}."))],
    );
    let map = "<ri:attachment ri:filename=\"map.png\"/><ac:caption><p>The way</p></ac:caption>";
    check(
        &format!("<p>Map</p><ac:image>{map}</ac:image>"),
        &[("attachments", "![map.png](map.png)")],
    );
    let page = "<ac:link><ri:page ri:content-title=\"Rotas\"/></ac:link>";
    let page = format!("<ac:parameter ac:name=\"\">{page}</ac:parameter>");
    check(
        &format!("<p>Map</p>{}", call("include", &page)),
        &[("transclusions", "Included page: Rotas")],
    );
    // A link of a paragraph that shows nothing, and one around paragraphs.
    let around = "<a href=\"https://h.example/x\"><p>One</p><p>Two</p></a>";
    check(
        &format!("<p>Text</p><p>More <a href=\"https://h.example/x\"></a></p>{around}"),
        &[("links", "More"), ("links", "[One](https://h.example/x)")],
    );
}

/// A macro in a line is part of it; one of blocks is not, and the line goes on behind it.
#[test]
fn entries_in_macros_name_the_block_that_is_shown() {
    check(
        &format!("<p>Before {} after</p>", rich("unheard-of", LINK)),
        &[("links", &format!("Before {SHOWN} after"))],
    );
    let info = rich("info", &format!("<p>First</p><p>{LINK}</p>"));
    check(
        &format!("<p>Before {info} after {LINK}</p>"),
        &[
            ("links", &format!("> {SHOWN}")),
            ("links", &format!("after {SHOWN}")),
        ],
    );
    let code = "<ac:plain-text-body><![CDATA[let x;]]></ac:plain-text-body>";
    check(
        &format!("<p>Before {}</p>", call("code", code)),
        &[("code", "```\nlet x;\n```")],
    );
    let excerpt = rich("excerpt", "<p>First</p><p>Second</p>");
    check(
        &format!("<p>Before {LINK}{excerpt}</p>"),
        &[("links", &format!("Before {SHOWN}")), ("excerpts", "First")],
    );
    check(
        &format!("<p>We ship {}.</p>", rich("excerpt", "on Tuesday")),
        &[("excerpts", "We ship on Tuesday.")],
    );
    let key = "<tr><th>Key</th><td>7</td></tr>";
    let owner = "<ac:link><ri:user ri:username=\"ida\"/></ac:link>";
    let owner = format!("<tr><th>Owner</th><td>{owner}</td></tr>");
    let table = format!("<table><tbody>{key}{owner}</tbody></table>");
    check(
        &format!("<p>Facts</p>{}", rich("details", &table)),
        &[("mentions", "**Owner:** @ida")],
    );
}

#[test]
fn entries_in_tables_name_the_row() {
    let row = |cell: &str| format!("<tr><td>{cell}</td><td>b</td></tr>");
    let head = "<tr><th>Hut</th><th>Beds</th></tr>";
    check(
        &format!("<table>{head}{}{}</table>", row("a"), row(LINK)),
        &[("links", &format!("| {SHOWN} | b |"))],
    );
    check(
        &format!(
            "<table><caption>See {LINK}</caption>{}{}</table>",
            row("a"),
            row("c")
        ),
        &[("links", &format!("**See {SHOWN}**"))],
    );
    // A key is written anew.
    let key = format!("<tr><th>{LINK}</th><td></td></tr><tr><th>Key</th><td>7</td></tr>");
    check(
        &rich("details", &format!("<table>{key}</table>")),
        &[("links", "**Huts:**")],
    );
}

#[test]
fn tasks_say_under_which_headings_they_stand() {
    let task = |body: &str| {
        format!(
            "<ac:task-list><ac:task><ac:task-status>complete</ac:task-status><ac:task-body>{body}</ac:task-body></ac:task></ac:task-list>"
        )
    };
    let body = format!(
        "{}<h1>Hut</h1><h2>Roof</h2>{}<h1>Path</h1>{}{}",
        task("early"),
        task(&format!("tiles{}", task("nails"))),
        task("posts"),
        task(" ")
    );
    let converted = storage(&body);
    let tasks = converted.meta.tasks.iter();
    let shown = |block: usize| &converted.markdown[converted.segments[block].markdown.clone()];
    let tasks = tasks.map(|task| {
        let block = task.block.map(|block| shown(block as usize));
        (task.heading_path.join(" > "), block.unwrap_or_default())
    });
    assert_eq!(
        tasks.collect::<Vec<_>>(),
        [
            (String::new(), "- [x] early"),
            ("Hut > Roof".to_owned(), "- [x] tiles"),
            ("Hut > Roof".to_owned(), "  - [x] nails"),
            ("Path".to_owned(), "- [x] posts"),
            ("Path".to_owned(), ""),
        ]
    );
}

/// A heading is repeated for each of its tasks, so a body must not grow by it without bound.
#[test]
fn long_headings_over_many_tasks_stay_small() {
    let task = "<ac:task-list><ac:task><ac:task-body>x</ac:task-body></ac:task></ac:task-list>";
    let heading = format!("<h1>{}</h1>", "ö".repeat(10_000));
    let body = heading + &task.repeat(30_000);
    let converted = storage(&body);
    let paths = converted
        .meta
        .tasks
        .iter()
        .flat_map(|task| &task.heading_path);
    let bytes: usize = paths.map(String::len).sum();
    assert!(bytes > 1 << 20, "{bytes}");
    assert!(bytes <= body.len() + (1 << 20), "{bytes}");
}
