//! The current editor's documents.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{assert_segments, convert_as};
use crate::model::{Converted, Representation};

fn adf(source: &str) -> Converted {
    convert_as(Representation::Adf, source)
}

fn document(content: &str) -> String {
    format!(r#"{{"type":"doc","version":1,"content":[{content}]}}"#)
}

/// A document, its Markdown and the codes of its warnings.
#[track_caller]
fn check(source: &str, markdown: &str, warnings: &[&str]) {
    let converted = adf(source);
    assert_segments(&converted);
    assert_eq!(converted.markdown, markdown, "{source}");
    let codes = converted.meta.warnings.iter().map(|warning| &*warning.code);
    assert_eq!(codes.collect::<Vec<_>>(), warnings, "{source}");
}

#[test]
fn what_is_no_document_keeps_its_words() {
    check("", "", &[]);
    check("  \n", "", &[]);
    check(
        "Just & text\nof two lines",
        "Just & text\nof two lines",
        &["not_a_document"],
    );
    check(
        r#"[{"type":"doc"}]"#,
        r#"\[{"type":"doc"}\]"#,
        &["not_a_document"],
    );
    check(r#"{"a":"words"}"#, r#"{"a":"words"}"#, &["not_a_document"]);
    check(r#"{"type":"doc"}"#, "", &[]);
    check(&document(""), "", &[]);
}

#[test]
fn a_damaged_document_is_read_as_far_as_it_goes() {
    let cut = r#"{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"half a sent"#;
    check(cut, "half a sent", &["json_cut", "json_cut"]);
    let text = r#"{"type":"paragraph","content":[{"type":"text","text":"x"}]}"#;
    check(
        &(document(text) + " and more"),
        "x\n\nand more",
        &["json_damaged"],
    );
    check(
        &document(r#""bare",7,null,["deeper"]"#),
        "bare\n\n7\n\ndeeper",
        &[],
    );
    check(
        &document(r#"{"type":7,"content":"no list","text":"kept"}"#),
        "kept",
        &["unknown_node"],
    );
    let level =
        r#"{"type":"heading","attrs":{"level":"9"},"content":[{"type":"text","text":"x"}]}"#;
    check(&document(level), "###### x", &[]);
    let date = r#"{"type":"paragraph","content":[{"type":"date","attrs":{"timestamp":"soon"}}]}"#;
    check(&document(date), "soon", &[]);
}

#[test]
fn the_record_is_that_of_storage_format() {
    let converted = adf(include_str!("../../../fixtures/storage/nodes.adf.json"));
    let meta = &converted.meta;
    let count = |name: &str| meta.macros.get(name).copied().unwrap_or_default();
    let macros = [
        "code", "expand", "info", "note", "tip", "warning", "panel", "status",
    ];
    assert_eq!(macros.map(count), [2, 2, 1, 1, 2, 1, 1, 1]);
    assert_eq!(meta.dates, ["2030-10-08", "2030-10-09"]);
    assert_eq!(meta.comment_refs, ["c-1"]);
    let mentions = meta.mentions.iter();
    let mentions = mentions.map(|mention| {
        let user = &mention.user;
        (user.account_id.as_deref(), user.display_name.as_deref())
    });
    assert_eq!(
        mentions.collect::<Vec<_>>(),
        [
            (Some("acc-1"), Some("Ida Holm")),
            (Some("acc-2"), Some("Jon"))
        ]
    );
    let tasks = meta.tasks.iter();
    let tasks = tasks.map(|task| (task.id.as_deref(), task.is_done(), &*task.text, task.depth));
    assert_eq!(
        tasks.collect::<Vec<_>>(),
        [
            (Some("t1"), false, "Sweep @Jon 2030-10-09", 0),
            (Some("t2"), true, "the floor", 1),
            (Some("t3"), true, "Count shelves", 0),
        ]
    );
    let links = meta.links.iter();
    let links: Vec<_> = links
        .map(|link| format!("{} {}", link.source, link.label))
        .collect();
    assert_eq!(
        links[..4],
        [
            "a in one piece",
            "a another",
            "link a page",
            "card https://site.example/wiki/spaces/KILN/pages/78/Shelf+plan"
        ]
    );
    let files = meta.attachments.iter().map(|file| &*file.file_name);
    assert_eq!(
        files.collect::<Vec<_>>(),
        [
            "shelf plan.png",
            "ash.png",
            "curve.pdf",
            "spark.png",
            "logbook.ods"
        ]
    );
    assert_eq!(meta.transclusions.len(), 1);
    assert_eq!(meta.excerpts[0].markdown, "Wear goggles.");
    assert!(meta.current_editor && meta.well_formed);
    assert_eq!(
        meta.headings[0].anchor_f.as_deref(),
        Some("Cold-start-of-the-kiln")
    );
    assert_eq!(meta.headings[0].anchor_s, "Page-Coldstartofthekiln");
}

#[test]
fn blocks_point_into_the_document() {
    let source = document(
        r#"{"type":"rule"},{"type":"paragraph","content":[{"type":"text","text":"here"}]}"#,
    );
    let converted = adf(&source);
    let segment = &converted.segments[1];
    let at = source.find(r#"{"type":"paragraph""#).unwrap();
    assert_eq!(segment.source.start, at);
    assert!(segment.source.end > at && segment.source.end <= source.len());
}

#[test]
fn depth_is_no_matter() {
    for kind in [
        "bulletList",
        "blockquote",
        "unheardOf",
        "table",
        "taskList",
        "expand",
    ] {
        let depth = 10_000;
        let mut source = "{\"type\":\"doc\",\"content\":[".to_owned();
        for _ in 0..depth {
            write!(source, "{{\"type\":\"{kind}\",\"content\":[").unwrap();
        }
        source.push_str(r#"{"type":"paragraph","content":[{"type":"text","text":"deep"}]}"#);
        source.push_str(&"]}".repeat(depth + 1));
        let converted = adf(&source);
        assert!(converted.text.contains("deep"), "{kind}");
        assert!(converted.meta.well_formed, "{kind}");
    }
    let original = "{\"type\":\"unsupportedBlock\",\"attrs\":{\"originalValue\":".repeat(10_000);
    let source = document(&(original + r#"{"type":"text","text":"deep"}"# + &"}}".repeat(10_000)));
    assert_eq!(adf(&source).text.trim(), "deep");
}

/// Pieces that JSON and documents are made of.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\"type\":",
    "\"content\":[",
    "\"attrs\":{",
    "\"marks\":[",
    "\"text\":\"w\"",
    "\"paragraph\"",
    "\"text\"",
    "\"table\"",
    "\"tableRow\"",
    "\"tableCell\"",
    "\"rowspan\":99",
    "\"extension\"",
    "\"extensionKey\":\"details\"",
    "\"extensionType\":\"com.atlassian.confluence.macro.core\"",
    "\"macroParams\":{",
    "\"parameters\":{",
    "\"__bodyContent\":",
    "\"value\":\"]]>\"",
    "\"codeBlock\"",
    "\"mention\"",
    "\"mediaSingle\"",
    "\"media\"",
    "\"caption\"",
    "\"alt\":\"a.png\"",
    "\"link\"",
    "\"href\":\"x\"",
    "\"cxhtml\":\"</p><p>\"",
    "\"taskList\"",
    "\"taskItem\"",
    "\"decisionItem\"",
    "\"bulletList\"",
    "\"listItem\"",
    "null",
    "1e9",
    "\u{fffd}",
    "\\u12",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn anything_is_read_and_read_the_same_twice(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..120),
        junk in ".{0,12}",
    ) {
        let content = pieces.concat() + &junk;
        for source in [content.clone(), document(&content), format!("{{{content}")] {
            let converted = adf(&source);
            assert_segments(&converted);
            prop_assert!(converted == adf(&source));
        }
    }

    /// Every text of a document of known and unknown nodes is there, in its order.
    #[test]
    fn no_words_are_lost(kinds in prop::collection::vec(0..NODES.len(), 1..40)) {
        let mut source = String::new();
        let mut open = Vec::new();
        for (at, kind) in kinds.iter().enumerate() {
            let node = format!(r#"{{"type":"{}","content":["#, NODES[*kind]);
            source.push_str(&node);
            write!(source, r#"{{"type":"paragraph","content":[{{"type":"text","text":"w{at}w"}}]}},"#).unwrap();
            open.push("]}");
            if at % 3 == 2 {
                source.push_str(r#"{"type":"rule"}"#);
                source.extend(open.drain(..));
                source.push(',');
            }
        }
        source.push_str(r#"{"type":"rule"}"#);
        source.extend(open.drain(..));
        let text = adf(&document(&source)).text;
        let found = super::words(&text).filter(|word| word.starts_with('w'));
        let expected = (0..kinds.len()).map(|at| format!("w{at}w"));
        prop_assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }
}

const NODES: &[&str] = &[
    "bulletList",
    "listItem",
    "panel",
    "expand",
    "blockquote",
    "layoutSection",
    "layoutColumn",
    "table",
    "tableRow",
    "tableCell",
    "taskList",
    "blockTaskItem",
    "decisionItem",
    "bodiedExtension",
    "extensionFrame",
    "unheardOf",
    "mediaGroup",
    "caption",
    "heading",
    "bodiedSyncBlock",
];
