//! Lists that Confluence computes: nothing of them stands in the body, so nothing goes
//! into the text. A label line says in Markdown what stands there.

use super::super::plain;
use super::{Builder, MacroCall, MacroRule};
use crate::model::{BlockKind, GeneratedList};

/// The table of contents: headings that are there anyway.
pub(super) struct Toc;

impl MacroRule for Toc {
    fn names(&self) -> &'static [&'static str] {
        &[
            "toc",
            "spacejump",
            "navmap",
            "livesearch",
            "search",
            "pagetreesearch",
            "create-space-button",
            "create-from-template",
            "im",
            "gadget",
        ]
    }

    fn doc(&self) -> &'static str {
        "Nothing to read: headings that stand on the page, search boxes and buttons."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="toc"><ac:parameter ac:name="maxLevel">3</ac:parameter></ac:structured-macro><h2>Scope</h2>"#,
            "## Scope",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        record(&call, out);
        out.transparent(call);
    }
}

/// Every other computed list.
pub(super) struct List;

impl MacroRule for List {
    fn names(&self) -> &'static [&'static str] {
        &[
            "children",
            "pagetree",
            "rw-pagetree",
            "content-tree",
            "recently-updated",
            "recently-updated-dashboard",
            "attachments",
            "space-attachments",
            "gallery",
            "contentbylabel",
            "contentincludebylabel",
            "blog-posts",
            "content-by-user",
            "contributors",
            "contributors-summary",
            "popular-labels",
            "recently-used-labels",
            "related-labels",
            "listlabels",
            "change-history",
            "favpages",
            "spaces",
            "spaces-list",
            "space-details",
            "index",
            "network",
            "global-reports",
            "tasks-report-macro",
            "tasklist",
            "status-list",
            "content-report-table",
            "detailssummary",
            "listusers",
            "userlister",
            "calendar",
            "team-calendars",
            "attachment-list",
        ]
    }

    fn doc(&self) -> &'static str {
        "A label line; what it was told is kept for whoever fills it."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="children"><ac:parameter ac:name="all">true</ac:parameter></ac:structured-macro>"#,
            "(list of child pages)",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        if call.name == "gallery" {
            gallery(&call, out);
        }
        let what = describe(&call.name);
        let cql = call.line(&["cql"]);
        let label = match cql {
            Some(cql) => format!("({what}: {cql})"),
            None => format!("({what})"),
        };
        let index = record(&call, out);
        put_label(&call, label, index, out);
        out.transparent(call);
    }
}

/// A gallery has a title, and may name its images; else it shows all that the page has.
fn gallery(call: &MacroCall, out: &mut Builder<'_>) {
    if let Some(title) = call.line(&["title"]) {
        out.bold_line(&title, call);
    }
    // The line that stands for them is a block.
    out.flush();
    let images = call.param("include").unwrap_or_default().split(',');
    for image in images.filter_map(plain::line) {
        out.record_attachment(&image, None, "image");
    }
}

/// Keeps what a list was told; returns where.
fn record(call: &MacroCall, out: &mut Builder<'_>) -> Option<u32> {
    let index = u32::try_from(out.meta.generated.len()).ok();
    let parameters = call.parameters();
    out.meta.generated.push(GeneratedList {
        name: call.name.clone(),
        parameters,
    });
    index
}

/// A line that stands in Markdown only.
pub(super) fn put_label(
    call: &MacroCall,
    label: String,
    index: Option<u32>,
    out: &mut Builder<'_>,
) {
    let kind = BlockKind::Generated {
        name: call.name.clone(),
        label: Some(label),
        index,
    };
    out.block(kind, call.source.clone());
}

fn describe(name: &str) -> &'static str {
    match name {
        "children" => "list of child pages",
        "pagetree" | "rw-pagetree" | "content-tree" => "page tree",
        "recently-updated" | "recently-updated-dashboard" => "list of recently updated content",
        "attachments" | "space-attachments" | "attachment-list" => "list of attachments",
        "gallery" => "gallery of images",
        "contentbylabel" | "contentincludebylabel" => "list of content by label",
        "blog-posts" => "list of blog posts",
        "content-by-user" => "list of content by user",
        "contributors" | "contributors-summary" => "list of contributors",
        "change-history" => "change history",
        "tasks-report-macro" | "tasklist" => "list of tasks",
        "detailssummary" => "page properties report",
        "content-report-table" => "content report",
        "calendar" | "team-calendars" => "calendar",
        "listusers" | "userlister" => "list of users",
        "spaces" | "spaces-list" | "space-details" => "list of spaces",
        "index" => "index of pages",
        _ if name.contains("label") => "list of labels",
        _ => "generated list",
    }
}
