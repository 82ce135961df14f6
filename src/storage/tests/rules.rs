//! The registry itself, and each rule's example.

use std::collections::HashSet;

use super::storage;
use crate::storage::RULES;

#[test]
fn every_rule_reads_as_its_example_says() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let (source, expected) = rule.example();
        let got = storage(source).markdown;
        if got != expected {
            wrong.push(format!(
                "{:?}\nexpected: {expected}\n     got: {got}",
                rule.names()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_rule_is_documented_and_every_name_is_one_rules_own() {
    let mut names = HashSet::new();
    for rule in RULES {
        assert!(rule.doc().ends_with('.'), "{:?}", rule.names());
        for name in rule.names() {
            assert_eq!(*name, name.to_lowercase());
            assert!(names.insert(*name), "`{name}` stands in two rules");
        }
    }
}

/// Names of the macros that a rule must know, as makers of Confluence and of apps write them:
/// containers and text, lists that are computed, references to other content.
const KNOWN: &str = "
    info note warning tip code paste-code-macro code-block newcode noformat expand panel excerpt
    details section column align center div span lozenge html-wrap scroll-landscape
    scroll-portrait scroll-pagebreak toc-zone clickable show-if hide-if content-layer
    content-column content-block scroll-ignore scroll-only scroll-title scroll-exportbutton
    ui-tabs ui-tab localtabgroup localtab tabs-group tab-pane deck card ui-expand ui-steps ui-step
    ui-text-box auitabs auitabspage alert auimessage tipbox note-box auibuttongroup auibutton
    button-hyperlink status markdown mohamicorp-markdown html html-include rss iframe widget
    mathblock mathinline latex latex-block latex-inline eazy-math-block eazy-math-inline
    easy-math-block easy-math-inline mathjax-block-macro mathjax-inline-macro unit footnote
    cfm-footnote cfm-tooltip tooltip
    sv-translation english german translation loremipsum cheese multiexcerpt multiexcerpt-macro
    shared-block unmigrated-wiki-markup unmigrated-inline-wiki-markup table-filter table-excerpt
    pivot-table table-transformer table-chart table-joiner table-spreadsheet csv table-plus excel
    chart

    toc children pagetree pagetreesearch recently-updated recently-updated-dashboard attachments
    space-attachments gallery contentbylabel blog-posts content-by-user livesearch search
    contributors contributors-summary popular-labels recently-used-labels related-labels
    listlabels change-history favpages spaces spaces-list space-details spacejump index navmap
    network global-reports tasks-report-macro tasklist create-from-template create-space-button
    status-list gadget im content-report-table detailssummary rw-pagetree content-tree listusers
    userlister calendar team-calendars roadmap swagger-ui swagger-open-api viewport-redirect
    redirect easy-heading-free easyheading-macro numberedheadings

    include excerpt-include multiexcerpt-include multiexcerpt-include-macro include-shared-block
    contentincludebylabel include-file param-include profile profile-picture jira jiraissues
    jirachart anchor view-file viewpdf viewdoc viewxls viewppt preview multimedia attachment-list
    drawio drawio-sketch inc-drawio gliffy lucidchart miro-macro-resizing figma-for-confluence
    balsamiq mindmap plantuml plantumlrender mermaid-macro mermaid confluence-mermaid-macro
    graphviz zenuml-sequence-macro zenuml-openapi d2 kroki plantumlcloud mermaid-cloud
";

#[test]
fn every_known_macro_has_a_rule() {
    let unknown: Vec<&str> = KNOWN
        .split_whitespace()
        .filter(|name| crate::storage::macros::rule(name).is_none())
        .collect();
    assert_eq!(unknown, Vec::<&str>::new());
}

/// Elements that a body may hold, those of Confluence and those of HTML.
const ELEMENTS: &str = "
    h1 h2 h3 h4 h5 h6 p br hr strong b em i del s strike u ins small big font span cite abbr label
    mark sub sup code tt kbd samp var pre blockquote ul ol li dl dt dd table thead tbody tfoot tr
    th td caption colgroup col a img time div section article header footer main aside center
    fieldset figure figcaption details summary iframe embed object video audio form input select
    option button textarea math svg script style template noscript ac:layout ac:layout-section
    ac:layout-cell ac:adf-extension ac:adf-node ac:adf-attribute ac:adf-content ac:adf-fallback
    ac:task-list ac:task ac:task-id ac:task-uuid ac:task-status ac:task-body ac:placeholder
    ac:inline-comment-marker ac:emoticon ac:image ac:caption ac:link ac:link-body
    ac:plain-text-link-body ac:structured-macro ac:macro ac:parameter ac:default-parameter
    ac:rich-text-body ac:plain-text-body ri:page ri:blog-post ri:attachment ri:url ri:shortcut
    ri:user ri:space ri:content-entity
";

#[test]
fn every_macro_and_element_stands_in_a_body_with_its_expectation() {
    let bodies = super::goldens::all_bodies();
    let macros = KNOWN
        .split_whitespace()
        .filter(|name| !bodies.contains(&format!("ac:name=\"{name}\"")));
    assert_eq!(macros.collect::<Vec<_>>(), Vec::<&str>::new());
    let begins = |name: &str| {
        [">", " ", "/"]
            .iter()
            .any(|end| bodies.contains(&format!("<{name}{end}")))
    };
    let elements = ELEMENTS.split_whitespace().filter(|name| !begins(name));
    assert_eq!(elements.collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn what_is_not_known_is_named_once_and_keeps_its_text() {
    let node = "<ac:adf-extension><ac:adf-node type=\"mood\"><ac:adf-content><p>calm</p></ac:adf-content></ac:adf-node><ac:adf-fallback>no</ac:adf-fallback></ac:adf-extension>";
    let link =
        "<p><ac:link><ri:template ri:name=\"t\"/><ac:link-body>form</ac:link-body></ac:link></p>";
    let converted = storage(&[node, link, "<blink>now</blink>", node, link].concat());
    assert_eq!(converted.text, "calm\nform\nnow\ncalm\nform");
    let warnings = converted.meta.warnings.iter();
    let named: Vec<_> = warnings
        .map(|warning| (warning.code.as_str(), warning.detail.as_str()))
        .collect();
    let expected = [
        ("unknown_adf_node", "mood"),
        ("unknown_resource", "ri:template"),
        ("unknown_element", "blink"),
    ];
    assert_eq!(named, expected);
    assert!(converted.meta.well_formed);
}

#[test]
fn of_a_drawing_only_what_describes_it_is_text() {
    let drawing = "<svg><title>Flow</title><desc>Gate to vault</desc><g><title>Gate</title><text>x12<tspan>y9</tspan></text></g></svg>";
    let converted = storage(&format!("<p>See {drawing} above</p>"));
    assert_eq!(converted.text, "See Flow Gate to vault Gate above");
}

#[test]
fn tasks_know_their_ids_people_dates_and_headings() {
    let person = |id: &str| format!("<ac:link><ri:user ri:account-id=\"{id}\"/></ac:link>");
    let task = |id: &str, uuid: &str, body: &str| {
        format!(
            "<ac:task><ac:task-id>{id}</ac:task-id>{uuid}<ac:task-status>incomplete</ac:task-status><ac:task-body>{body}</ac:task-body></ac:task>"
        )
    };
    let inner = format!(
        "<ac:task-list>{}</ac:task-list>",
        task("2", "", &person("c"))
    );
    let outer = format!(
        "{} {} {} <time datetime=\"2031-05-20\"/>{inner}",
        person("a"),
        person("b"),
        person("a")
    );
    let list = |tasks: &str| format!("<ac:task-list>{tasks}</ac:task-list>");
    let body = [
        list(&task("0", "", "before")),
        "<h1>One</h1><h2>Two</h2>".to_owned(),
        list(&task("1", "<ac:task-uuid> f00d </ac:task-uuid>", &outer)),
    ]
    .concat();
    let converted = storage(&body);
    assert!(!converted.text.contains("f00d"), "{}", converted.text);
    let tasks = converted.meta.tasks.iter().map(|task| {
        let people = task
            .mentions
            .iter()
            .filter_map(|user| user.account_id.as_deref());
        let assignee = task
            .assignee
            .as_ref()
            .and_then(|user| user.account_id.as_deref());
        (
            task.id.as_deref().unwrap_or_default(),
            task.uuid.as_deref(),
            people.collect::<Vec<_>>().join(" "),
            assignee,
            task.due.as_deref(),
            task.heading,
        )
    });
    assert_eq!(
        tasks.collect::<Vec<_>>(),
        [
            ("0", None, String::new(), None, None, None),
            (
                "1",
                Some("f00d"),
                "a b".into(),
                Some("a"),
                Some("2031-05-20"),
                Some(1)
            ),
            ("2", None, "c".into(), Some("c"), None, Some(1)),
        ]
    );
}
