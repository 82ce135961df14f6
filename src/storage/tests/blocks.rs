//! Where the entries of the metadata record stand.

use super::{storage, words};
use crate::model::{BlockIndex, Converted, Metadata, Segment, SegmentKind};
use crate::storage::plain;

/// What an entry says, and the block it names.
struct Entry<'c> {
    what: &'c str,
    words: String,
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
        words: words.to_owned(),
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
        let name = mention.user.name().unwrap_or_default();
        entries.push(entry("mention", name, mention.block, false));
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
    let message = "<ac:parameter ac:name=\"redirectMessage\">Moved</ac:parameter>";
    let place = "<ac:parameter ac:name=\"location\">https://h.example/x</ac:parameter>";
    check(
        &call("redirect", &format!("{message}{place}")),
        &[("links", "[x](https://h.example/x)")],
    );
    let hidden = "<ac:parameter ac:name=\"hidden\">true</ac:parameter>";
    let hidden = hidden.to_owned() + "<ac:rich-text-body>far</ac:rich-text-body>";
    check(
        &format!("<p>We go {} now</p>", call("excerpt", &hidden)),
        &[("excerpts", "far")],
    );
    let titled = format!("<ac:parameter ac:name=\"title\">x.rs</ac:parameter>{code}");
    check(&call("code", &titled), &[("code", "```\nlet x;\n```")]);
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

/// What is recorded and not shown stands in no block, whatever comes next.
#[test]
fn entries_that_are_not_shown_name_no_block() {
    let page =
        "<ac:parameter ac:name=\"page\"><ri:page ri:content-title=\"Rotas\"/></ac:parameter>";
    let link = "<a href=\"https://h.example/x\"></a>";
    for body in [
        &format!("{}<p>Next</p>", call("unheard-of", page)),
        &format!("<p>Text</p>{}<p>Next</p>", call("unheard-of", page)),
        &format!("<p>{link}</p><p>Next</p>"),
        &format!("<ul><li>{link}</li><li>Next</li></ul>"),
    ] {
        check(body, &[("links", "nowhere")]);
    }
    let drawing = call(
        "drawio",
        "<ac:parameter ac:name=\"diagramName\">0123456789abcdef0123</ac:parameter>",
    );
    let file = ("attachments", "nowhere");
    check(&format!("{drawing}<p>Next</p>"), &[file, file, file]);
    let task = |body: &str| format!("<ac:task><ac:task-body>{body}</ac:task-body></ac:task>");
    let tasks = task(&drawing) + &task("next");
    check(
        &format!("<ac:task-list>{tasks}</ac:task-list>"),
        &[
            ("tasks", "nowhere"),
            ("tasks", "- [ ] next"),
            file,
            file,
            file,
        ],
    );
    // A person counts where the first mention is that is shown.
    let ida = "<ri:user ri:username=\"ida\"/>";
    let unseen = call(
        "unheard-of",
        &format!("<ac:parameter ac:name=\"u\">{ida}</ac:parameter>"),
    );
    let seen = format!("<ac:link>{ida}</ac:link>");
    check(
        &format!("<blockquote>{unseen}</blockquote><p>By {seen}</p><p>{seen}</p>"),
        &[("mentions", "By @ida")],
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
    let captions = format!("<caption>One</caption><caption>Two {LINK}</caption>");
    check(
        &format!("<table>{captions}{}{}</table>", row("a"), row("c")),
        &[("links", &format!("**One\nTwo {SHOWN}**"))],
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
    ) + "<table><tr><td><h1>Cell</h1></td><td>b</td></tr></table>"
        + &task(&format!("{}own", task("sub")));
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
            ("Path".to_owned(), "  own"),
            ("Path".to_owned(), "- - [x] sub"),
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

/// Containers that an entry may stand in, with what stands around it.
const AROUND: [(&str, &str); 24] = [
    ("<p>", "</p>"),
    ("<p>text ", " text</p>"),
    ("text ", " text"),
    ("<div>", "</div>"),
    ("<blockquote>", "</blockquote>"),
    ("<ul><li>", "</li><li>text</li></ul>"),
    ("<ul><li>text<ol><li>", "</li></ol></li></ul>"),
    ("<dl><dt>text</dt><dd>", "</dd></dl>"),
    ("<h2>text ", "</h2>"),
    ("<strong>", "</strong>"),
    (
        "<table><tr><td>text</td><td>text</td></tr><tr><td>text</td><td>",
        "</td></tr></table>",
    ),
    (
        "<table><tr><th rowspan=\"2\">",
        "</th><td>text</td></tr><tr><td>text</td></tr></table>",
    ),
    (
        "<table><caption>text ",
        "</caption><tr><td>text</td><td>text</td></tr></table>",
    ),
    (
        "<ac:layout><ac:layout-section><ac:layout-cell>",
        "</ac:layout-cell></ac:layout-section></ac:layout>",
    ),
    (
        "<ac:task-list><ac:task><ac:task-body>text</ac:task-body></ac:task><ac:task><ac:task-body>",
        "</ac:task-body></ac:task></ac:task-list>",
    ),
    (
        "<ac:image><ri:url ri:value=\"https://h.example/i\"/><ac:caption><p>",
        "</p></ac:caption></ac:image>",
    ),
    ("<MACRO info><RICH>", "</RICH></MACRO>"),
    ("<MACRO expand><TITLE><RICH>", "</RICH></MACRO>"),
    ("<MACRO unheard-of><TITLE><RICH>", "</RICH></MACRO>"),
    ("<MACRO excerpt><RICH>", "</RICH></MACRO>"),
    ("<MACRO excerpt><HIDDEN><RICH>", "</RICH></MACRO>"),
    ("<MACRO footnote><RICH>", "</RICH></MACRO>"),
    (
        "<MACRO details><RICH><table><tr><th>text</th><td>",
        "</td></tr><tr><th>text</th><td>text</td></tr></table></RICH></MACRO>",
    ),
    (
        "<MACRO details><RICH><table><tr><th>",
        "</th><td>text</td></tr><tr><th>text</th><td>text</td></tr></table></RICH></MACRO>",
    ),
];

/// Entries whose words are `WORD`, and which list holds them.
const ENTRIES: [(&str, &str); 7] = [
    ("links", "<a href=\"https://h.example/x\">WORD</a>"),
    (
        "links",
        "<ac:link><ri:page ri:content-title=\"WORD\"/></ac:link>",
    ),
    (
        "mentions",
        "<ac:link><ri:user ri:username=\"WORD\"/></ac:link>",
    ),
    (
        "attachments",
        "<ac:image ac:alt=\"WORD x\"><ri:attachment ri:filename=\"f.png\"/></ac:image>",
    ),
    (
        "transclusions",
        "<MACRO include><PAGE><ri:page ri:content-title=\"WORD\"/></PAGE></MACRO>",
    ),
    ("code", "<MACRO code><TITLE><PLAIN>WORD</PLAIN></MACRO>"),
    (
        "tasks",
        "<ac:task-list><ac:task><ac:task-body>WORD</ac:task-body></ac:task></ac:task-list>",
    ),
];

/// One entry in some containers, after something that shows nothing and before more text.
fn nested(entry: &str, around: &[usize]) -> String {
    let mut body = entry.to_owned();
    for at in around {
        let (open, close) = AROUND[*at];
        body = format!("{open}{body}{close}");
    }
    let nothing = "<MACRO unheard-of><PAGE><ri:page ri:content-title=\"hidden\"/></PAGE></MACRO>";
    let body = format!("<p>text</p>{nothing}{body}<p>text</p>");
    [
        ("<MACRO ", "<ac:structured-macro ac:name="),
        ("</MACRO>", "</ac:structured-macro>"),
        (
            "<TITLE>",
            "<ac:parameter ac:name=\"title\">text</ac:parameter>",
        ),
        (
            "<HIDDEN>",
            "<ac:parameter ac:name=\"hidden\">true</ac:parameter>",
        ),
        ("<PAGE>", "<ac:parameter ac:name=\"page\">"),
        ("</PAGE>", "</ac:parameter>"),
        ("<RICH>", "<ac:rich-text-body>"),
        ("</RICH>", "</ac:rich-text-body>"),
        ("<PLAIN>", "<ac:plain-text-body><![CDATA["),
        ("</PLAIN>", "]]></ac:plain-text-body>"),
    ]
    .iter()
    .fold(body, |body, (short, long)| body.replace(short, long))
}

/// Every entry in every two containers in each other is where it says.
#[test]
fn entries_are_where_they_say_in_whatever_they_stand() {
    let mut wrong = Vec::new();
    let every = 0..AROUND.len();
    for (list, entry) in ENTRIES {
        for around in every
            .clone()
            .flat_map(|a| every.clone().map(move |b| [a, b]))
        {
            let body = nested(entry, &around);
            let converted = storage(&body);
            let meta = serde_json::to_value(&converted.meta).unwrap();
            let entries = meta[list].as_array().unwrap();
            let mut own = entries
                .iter()
                .filter(|entry| list != "tasks" || entry["text"] == "WORD");
            let block = own.next_back().and_then(|entry| entry["block"].as_u64());
            let lines = block.map(|block| {
                let segment = &converted.segments[usize::try_from(block).unwrap()];
                &converted.markdown[segment.markdown.clone()]
            });
            let shown = converted.markdown.contains("WORD");
            // The key of a property is its words, and no label of another page.
            if list == "transclusions" && around.contains(&(AROUND.len() - 1)) {
                continue;
            }
            if !lines.is_some_and(|lines| lines.contains("WORD")) && shown {
                wrong.push(format!("{list} in {lines:?}: {body}"));
            }
            if !shown {
                wrong.push(format!("{list} is lost: {body}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}
