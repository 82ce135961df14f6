//! The ids of headings, by both generators, as published.

use super::page;

/// A heading on the page `Plan B`, with its ids by server rendering and in the browser.
#[track_caller]
fn check(heading: &str, server: &str, browser: Option<&str>) {
    check_on("Plan B", heading, server, browser);
}

#[track_caller]
fn check_on(title: &str, heading: &str, server: &str, browser: Option<&str>) {
    let converted = page(title, &format!("<h2>{heading}</h2>"));
    let heading = &converted.meta.headings[0];
    assert_eq!(
        (heading.anchor_s.as_str(), heading.anchor_f.as_deref()),
        (server, browser)
    );
}

#[test]
fn ids_hold_what_the_heading_holds() {
    check("Ice rules", "PlanB-Icerules", Some("Ice-rules"));
    check(
        "a (b) c.d, e/f? &gt; g-h",
        "PlanB-a(b)c.d,e/f?>g-h",
        Some("a-(b)-c.d,-e/f?->-g-h"),
    );
    check(
        "<strong>Bold</strong> and <code>x_y</code>",
        "PlanB-Boldandx_y",
        Some("Bold-and-x_y"),
    );
    check("One<br/>two", "PlanB-Onetwo", Some("One-two"));
    check("겨울 규칙", "PlanB-겨울규칙", Some("겨울-규칙"));
    check_on("겨울", "Rules", "id-겨울-Rules", Some("Rules"));
    check_on("2031 plan", "Rules", "id-2031plan-Rules", Some("Rules"));
    check_on("a\u{200b}b", "Rules", "a\u{200b}b-Rules", Some("Rules"));
}

#[test]
fn nodes_that_are_no_text_stand_by_their_kind() {
    let status = "<ac:structured-macro ac:name=\"status\"><ac:parameter ac:name=\"title\">ON HOLD</ac:parameter></ac:structured-macro>";
    check(
        &format!("Pump {status}"),
        "PlanB-PumpONHOLD",
        Some("Pump-ON-HOLD"),
    );
    let date = "<time datetime=\"2031-05-01\"/>";
    let converted = page("Plan B", &format!("<h2>Due {date}</h2>"));
    assert_eq!(
        converted.meta.headings[0].anchor_f.as_deref(),
        Some("Due-[date]")
    );
    let anchor = "<ac:structured-macro ac:name=\"anchor\"><ac:parameter ac:name=\"\">x</ac:parameter></ac:structured-macro>";
    check(
        &format!("{anchor}Due"),
        "PlanB-Due",
        Some("[inlineExtension]Due"),
    );
    let card = "<a href=\"https://wiki.example/x\" data-card-appearance=\"inline\">https://wiki.example/x</a>";
    let converted = page("Plan B", &format!("<h2>See {card}</h2>"));
    assert_eq!(
        converted.meta.headings[0].anchor_f.as_deref(),
        Some("See-[inlineCard]")
    );
    let image = "<ac:image><ri:attachment ri:filename=\"a.png\"/></ac:image>";
    check(
        &format!("Pic {image}"),
        "PlanB-Pic",
        Some("Pic-[mediaInline]"),
    );
    let link = "<ac:link><ri:page ri:content-title=\"Rope care\"/></ac:link>";
    check(
        &format!("On {link}"),
        "PlanB-OnRopecare",
        Some("On-Rope-care"),
    );
    // Who is meant is not known here, so neither is the id.
    let nobody = "<ac:link><ri:user ri:account-id=\"x\"/></ac:link>";
    let converted = page("Plan B", &format!("<h2>Ask {nobody}</h2>"));
    assert_eq!(converted.meta.headings[0].anchor_f, None);
    let emoji = "<ac:emoticon ac:name=\"tick\"/>";
    let converted = page("Plan B", &format!("<h2>Done {emoji}</h2>"));
    assert_eq!(
        converted.meta.headings[0].anchor_f.as_deref(),
        Some("Done-✅")
    );
}

#[test]
fn white_space_that_is_kept_counts_each_time() {
    check("a&nbsp;b", "PlanB-ab", Some("a-b"));
    check("a&nbsp;&nbsp;b", "PlanB-ab", Some("a--b"));
    check(" a \n b ", "PlanB-ab", Some("a-b"));
}

#[test]
fn repeats_are_numbered_wherever_they_stand() {
    let body = "<h1>A</h1><ac:structured-macro ac:name=\"info\"><ac:rich-text-body><h2>A</h2></ac:rich-text-body></ac:structured-macro><table><tbody><tr><td><h3>A</h3></td><td>x</td></tr></tbody></table><h2>a</h2><h2>A</h2>";
    let converted = page("P", body);
    let ids: Vec<_> = converted
        .meta
        .headings
        .iter()
        .map(|heading| {
            (
                heading.anchor_s.as_str(),
                heading.anchor_f.as_deref().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("P-A", "A"),
        ("P-A.1", "A.1"),
        ("P-A.2", "A.2"),
        ("P-a", "a"),
        ("P-A.3", "A.3"),
    ];
    assert_eq!(ids, expected);
}
