//! Wiki markup: what the goldens do not show.

use std::collections::HashMap;
use std::fmt::Write as _;

use proptest::prelude::*;

use super::{assert_segments, check, storage, wiki, words};
use crate::model::{Converted, Representation, Target};

/// Markup and its Markdown.
#[track_caller]
fn reads(markup: &str, markdown: &str) {
    let converted = wiki(markup);
    assert_segments(&converted);
    assert_eq!(converted.markdown, markdown, "{markup}");
}

#[track_caller]
fn warns(markup: &str, code: &str) {
    let warnings = wiki(markup).meta.warnings;
    assert!(
        warnings.iter().any(|warning| warning.code == code),
        "{code}: {warnings:?}"
    );
}

#[test]
fn marks_open_and_close_where_words_begin_and_end() {
    reads("(*bold*), *b*. _a_-*b*", "(**bold**), **b**. *a*-**b**");
    reads("a*b* *c*d * e* *f *", "a\\*b\\* **c\\*d * e** \\*f \\*");
    reads("*a _b* c_", "**a \\_b** c\\_");
    reads("*one\ntwo*", "\\*one\ntwo\\*");
    reads("||*a|b*||", "|  |  |\n| --- | --- |\n| **\\*a** | b\\* |");
    reads(
        "~/bin and ~/lib, 2^10^ and x^2 + y^2",
        "~/bin and ~/lib, 210 and x^2 + y^2",
    );
}

#[test]
fn metadata_is_that_of_the_same_page_in_storage_format() {
    let markup = "h2. Fares\n[the rota|OPS:Rota#nights] [~mira] [^plan.pdf] [TICKETS|7@T]\n\
        \n!map.png!\n\n{anchor:here}\n{code:java|title=A}x{code}\n{children:depth=2}\n\
        {include:OPS:Rota}\n{excerpt:name=e}E{excerpt}\n{details}\n||Owner|Mira|\n{details}\n{jira:FER-1}";
    let body = "<h2>Fares</h2><p><ac:link ac:anchor=\"nights\"><ri:page ri:space-key=\"OPS\" ri:content-title=\"Rota\"/><ac:link-body>the rota</ac:link-body></ac:link> \
        <ac:link><ri:user ri:username=\"mira\"/></ac:link> <ac:link><ri:attachment ri:filename=\"plan.pdf\"/></ac:link> \
        <ac:link><ri:shortcut ri:key=\"T\" ri:parameter=\"7\"/><ac:link-body>TICKETS</ac:link-body></ac:link></p>\
        <ac:image><ri:attachment ri:filename=\"map.png\"/></ac:image>\
        <p><ac:structured-macro ac:name=\"anchor\"><ac:parameter ac:name=\"\">here</ac:parameter></ac:structured-macro></p>\
        <ac:structured-macro ac:name=\"code\"><ac:parameter ac:name=\"\">java</ac:parameter><ac:parameter ac:name=\"title\">A</ac:parameter><ac:plain-text-body><![CDATA[x]]></ac:plain-text-body></ac:structured-macro>\
        <ac:structured-macro ac:name=\"children\"><ac:parameter ac:name=\"depth\">2</ac:parameter></ac:structured-macro>\
        <ac:structured-macro ac:name=\"include\"><ac:parameter ac:name=\"\">OPS:Rota</ac:parameter></ac:structured-macro>\
        <ac:structured-macro ac:name=\"excerpt\"><ac:parameter ac:name=\"name\">e</ac:parameter><ac:rich-text-body><p>E</p></ac:rich-text-body></ac:structured-macro>\
        <ac:structured-macro ac:name=\"details\"><ac:rich-text-body><table><tr><th>Owner</th><td>Mira</td></tr></table></ac:rich-text-body></ac:structured-macro>\
        <ac:structured-macro ac:name=\"jira\"><ac:parameter ac:name=\"\">FER-1</ac:parameter></ac:structured-macro>";
    let (left, mut right) = (wiki(markup), storage(body));
    let mut meta = left.meta.clone();
    (meta.bytes, right.meta.bytes) = (0, 0);
    assert_eq!(meta.representation, Representation::Wiki);
    meta.representation = Representation::Storage;
    assert_eq!(format!("{meta:#?}"), format!("{:#?}", right.meta));
    assert_eq!(left.text, right.text);
    assert_eq!(left.meta.headings[0].anchor_s, "Page-Fares");
}

fn targets(markup: &str) -> Vec<Target> {
    let links = wiki(markup).meta.links;
    links.into_iter().map(|link| link.target).collect()
}

#[test]
fn links_name_what_they_lead_to() {
    let page = |space: Option<&str>, title: &str, anchor: Option<&str>| Target::Page {
        id: None,
        space: space.map(str::to_owned),
        title: Some(title.to_owned()),
        anchor: anchor.map(str::to_owned),
    };
    let post = |space: Option<&str>| Target::BlogPost {
        space: space.map(str::to_owned),
        title: "Post".to_owned(),
        day: Some("2031-02-03".to_owned()),
        anchor: None,
    };
    let cases = [
        ("[Page]", page(None, "Page", None)),
        (
            "[l|OPS:Page#a b|tip]",
            page(Some("OPS"), "Page", Some("a b")),
        ),
        ("[~mira:Page]", page(Some("~mira"), "Page", None)),
        ("[Release: notes]", page(None, "Release: notes", None)),
        ("[/2031/02/03/Post]", post(None)),
        ("[l|OPS:/2031/2/3/Post]", post(Some("OPS"))),
        (
            "[OPS:]",
            Target::Space {
                key: "OPS".to_owned(),
            },
        ),
        (
            "[#top]",
            Target::Anchor {
                name: "top".to_owned(),
            },
        ),
        (
            "[x|Page^f.pdf]",
            Target::Attachment {
                file_name: "f.pdf".to_owned(),
                container: Some(Box::new(page(None, "Page", None))),
            },
        ),
        (
            "see http://h.example/a_b?c=*d*.",
            Target::Url {
                url: "http://h.example/a_b?c=*d".to_owned(),
            },
        ),
        (
            "[l|HTTPS://h.example/(a)]",
            Target::Url {
                url: "HTTPS://h.example/(a)".to_owned(),
            },
        ),
    ];
    for (markup, target) in cases {
        assert_eq!(targets(markup), [target], "{markup}");
    }
    assert_eq!(targets("[l|javascript:x] a[i] [] [a\nb] \\[Page]"), []);
}

#[test]
fn macros_that_are_not_closed_or_not_known_keep_their_content() {
    reads(
        "{panel}\nIn *it*.\n\n{info}A{info}",
        "In **it**.\n\n> **Info:**\n>\n> A",
    );
    warns("{panel}\nIn it.", "macro_not_closed");
    warns("a {own:size=2} b", "unknown_macro");
    warns("a\n{own}\nb", "unknown_macro");
    warns("{code}\nnot *closed*", "macro_not_closed");
    reads("{code}\nnot *closed*", "not **closed**");
    // What is not closed in a macro ends with it.
    reads(
        "{info}a {note} b{info} *c*",
        "> **Info:**\n>\n> a {note} b\n\n**c**",
    );
    assert!(!wiki("{panel}").meta.well_formed);
    let macros = wiki("{toc}{TOC}{info}{tip}x{tip}{info}{code}{note}{code}{color:red}x{color}")
        .meta
        .macros;
    let counted: Vec<(&str, u32)> = macros
        .iter()
        .map(|(name, count)| (name.as_str(), *count))
        .collect();
    assert_eq!(counted, [("code", 1), ("info", 1), ("tip", 1), ("toc", 2)]);
}

#[test]
fn text_that_was_not_migrated_is_read_where_it_stands() {
    let unmigrated = |name: &str, text: &str| {
        format!(
            "<ac:structured-macro ac:name=\"{name}\"><ac:plain-text-body><![CDATA[{text}]]></ac:plain-text-body></ac:structured-macro>"
        )
    };
    let block = unmigrated(
        "unmigrated-wiki-markup",
        "h2. Old\n||a||b||\n|*1*|2|\n{info}x{info}",
    );
    check(
        &block,
        "## Old\n\n| a | b |\n| --- | --- |\n| **1** | 2 |\n\n> **Info:**\n>\n> x",
    );
    let inline = unmigrated("unmigrated-inline-wiki-markup", "*old* [rules|Rules]");
    check(
        &format!("<p>The {inline} hold.</p>"),
        "The **old** rules hold.",
    );
    let meta = storage(&block).meta;
    assert!(meta.unmigrated);
    // In the plain body of a macro, a macro is text and a heading has no place to jump to.
    assert_eq!(
        meta.macros.keys().collect::<Vec<_>>(),
        ["unmigrated-wiki-markup"]
    );
    assert_eq!(meta.headings[0].anchor_s, "");
    let deep = "<div>".repeat(400)
        + &"<blockquote>".repeat(100)
        + &unmigrated(
            "unmigrated-wiki-markup",
            &("{quote:x=1}".repeat(300) + &"*".repeat(300) + " core"),
        );
    assert!(storage(&deep).text.contains("core"));
}

#[test]
fn line_ends_of_every_kind_end_lines() {
    let markup = "* a\n* b\n\n||h||\n|c|\n\nd\n----\ne";
    let expected = wiki(markup).markdown;
    assert_eq!(wiki(&markup.replace('\n', "\r\n")).markdown, expected);
}

/// What a body may be full of.
const SHARDS: &[&str] = &[
    "{",
    "}",
    "*",
    "[",
    "]",
    "!",
    "|",
    "||",
    "\\",
    "-",
    "(",
    ":",
    "{{",
    "}}",
    "{a:",
    "{info}",
    "{info:x=1}",
    "{info}{note:a=1}",
    "{code}",
    "{code:a}",
    "[a|",
    "[a|b]",
    "!a.b",
    "!a.b|",
    "_a",
    "*a *",
    "??",
    "{*}",
    "http://",
    "mailto:",
    "mailto:a@",
    "\n",
    "\n|",
    "|a\n",
    "\n* ",
    "\n** a",
    "\n{quote}",
    "|{info}|",
    "\\\\a\\",
    " -- ",
    "h1. ",
    "\nh1. a",
    "\nbq. a",
    "{quote}{panel:a=1}|",
    "{style}",
    "[{info}|",
    "[!a.b|",
    "|\n{info}\n|",
    "&",
    "~a",
    "^a^",
    "{color:red}",
    "http://a)",
    "{xyz}\n",
    "\n{xyz}\n",
    "[~",
    "[^",
    "{{a}",
    " ",
    "\n-",
];

/// Bodies made to be slow or deep. That these tests end is what they test.
#[test]
fn depth_and_length_are_bounded() {
    const MANY: usize = 20_000;
    for shard in SHARDS {
        for (before, after) in [
            ("core ", ""),
            ("core\n", "\n"),
            ("core *[", "]*|}}\n{info}"),
        ] {
            let body = format!("{before}{}{after}", shard.repeat(MANY));
            let converted = wiki(&body);
            assert!(
                words(&converted.text).any(|word| word == "core"),
                "{shard:?}"
            );
        }
    }
    let nested = "{panel:a=1}\n|a {info:b=1}\n* b\n".repeat(2_000);
    let converted = wiki(&(nested.clone() + &"{info}|\n{panel}\n".repeat(2_000) + "core"));
    assert!(converted.text.contains("core"));
    warns(
        &(nested + &"{info}|\n{panel}\n".repeat(2_000)),
        "depth_flattened",
    );
    let list = (1..3_000).fold(String::new(), |mut list, depth| {
        let _ = writeln!(list, "{} item", "*".repeat(depth));
        list
    });
    assert!(wiki(&list).markdown.len() < 1 << 20);
}

/// Markup with the words that must be seen, in order.
fn piece() -> impl Strategy<Value = String> {
    let word = "[a-z]{1,6}";
    let line = prop_oneof![
        Just("* ".to_owned()),
        Just("*# ".to_owned()),
        Just("- ".to_owned()),
        Just("h2. ".to_owned()),
        Just("bq. ".to_owned()),
        Just("|".to_owned()),
        Just("||".to_owned()),
        Just(String::new()),
    ];
    let mark = prop_oneof![
        Just(("*", "*")),
        Just(("_", "_")),
        Just(("-", "-")),
        Just(("+", "+")),
        Just(("??", "??")),
        Just(("{{", "}}")),
        Just(("{*}", "{*}")),
        Just(("{color:#123}", "{color}")),
        Just(("[", "|#leak]")),
        Just(("[", "]")),
        Just(("{quote}", "{quote}")),
        Just(("{info}", "{info}")),
        Just(("{own:leak=1}", "{own}")),
        Just(("\n{code}", "{code}\n")),
        Just(("\n{panel}\n", "\n{panel}\n")),
        Just(("*_", "_*")),
        Just(("\\*", "\\*")),
        Just(("", "")),
    ];
    let after = prop_oneof![
        Just(" "),
        Just("\n"),
        Just("\n\n"),
        Just(" | "),
        Just("\\\\ "),
        Just(" |\n"),
        Just("\n----\n")
    ];
    (line, mark, prop::collection::vec(word, 1..4), after).prop_map(
        |(line, (open, close), words, after)| {
            format!("{line}{open}{}{close}{after}", words.join(" "))
        },
    )
}

fn rubble() -> impl Strategy<Value = String> {
    let shards = [
        "*",
        "_",
        "-",
        "--",
        "----",
        "+",
        "^",
        "~",
        "??",
        "{{",
        "}}",
        "{",
        "}",
        "[",
        "]",
        "|",
        "||",
        "!",
        "\\",
        "\\\\",
        "\n",
        "\n\n",
        "\r\n",
        " ",
        "word",
        "é",
        "e\u{301}",
        "#",
        "* ",
        "# ",
        "** ",
        "h1. ",
        "bq. ",
        "{info}",
        "{info:a=b}",
        "{quote}",
        "{code}",
        "{code:x}",
        "{own}",
        "{own:a=b}",
        "{toc}",
        "{color:red}",
        "{color}",
        "{html}",
        "<p>",
        "{details}",
        "[a|b]",
        "[^f.x]",
        "[~u]",
        "!a.png!",
        "!a.png|alt=x!",
        "http://h.example/",
        "mailto:a@b",
        ":)",
        "(/)",
        "{anchor:x}",
        "{status:title=T}",
        "\u{200b}",
        "\0",
        "&amp;",
        "&",
        "{*}",
        "{markdown}",
        "{csv}",
        "a,b",
    ];
    prop::collection::vec(prop::sample::select(shards.to_vec()), 0..60)
        .prop_map(|shards| shards.concat())
}

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        cases: 500,
        ..ProptestConfig::default()
    }
}

fn counts(converted: &Converted) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for word in words(&converted.text) {
        *counts.entry(word.to_owned()).or_default() += 1;
    }
    counts
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn words_are_whole_and_none_is_lost(pieces in prop::collection::vec(piece(), 0..12)) {
        let markup = pieces.concat();
        let converted = wiki(&markup);
        assert_segments(&converted);
        let seen = counts(&converted);
        prop_assert!(!seen.contains_key("leak"), "{}", markup);
        // Marks inside a word are gone, and so are the names of what marks it up.
        let plain = ["{{", "}}", "{*}", "{color:#123}", "{color}", "|#leak]", "{quote}", "{info}", "{own:leak=1}", "{own}", "{code}", "{panel}", "h2.", "bq."];
        let plain = plain.iter().fold(markup.clone(), |text, mark| text.replace(mark, " "));
        let mut expected: HashMap<&str, usize> = HashMap::new();
        for word in words(&plain) {
            *expected.entry(word).or_default() += 1;
        }
        for (word, count) in expected {
            let found = seen.get(word).copied().unwrap_or_default();
            prop_assert!(found >= count, "{word} {found} of {count}\n{markup}\n---\n{}", converted.text);
        }
    }

    #[test]
    fn rubble_is_read_the_same_twice(body in rubble()) {
        let converted = wiki(&body);
        assert_segments(&converted);
        prop_assert_eq!(converted, wiki(&body));
    }

    #[test]
    fn any_text_is_read(body in any::<String>()) {
        let converted = wiki(&body);
        assert_segments(&converted);
    }
}
