//! Macros by the names and classes that they leave on a rendered page.

use super::super::tag::Tag;
use super::tape::{Attributes, Element, Kind};
use super::{Ends, Inside, Step, Walk};

/// Ends of a macro with blocks in it.
const RICH: Ends = &["ac:rich-text-body", "ac:structured-macro"];
const MACRO: Ends = &["ac:structured-macro"];
const PARAMETER: Ends = &["ac:parameter"];
const PLAIN_BODY: Ends = &["ac:plain-text-body"];

/// Macros whose rendered content is what their body was.
const WITH_BODY: [&str; 8] = [
    "excerpt",
    "details",
    "multiexcerpt",
    "multiexcerpt-macro",
    "shared-block",
    "sv-translation",
    "show-if",
    "hide-if",
];

impl<'s> Walk<'s> {
    /// A macro, when the element is one.
    pub(super) fn boxed(&mut self, at: usize, element: Element<'s>) -> Option<Step> {
        let attributes = element.attributes;
        let name = attributes.text("data-macro-name");
        if name.is_empty() && attributes.get("class").is_none() {
            return None;
        }
        let name = name.to_lowercase();
        let is = |macro_name: &str, class: &str| name == macro_name || attributes.has_class(class);
        if let Some(kind) = information(&name, attributes) {
            self.out.macro_open(kind);
            return Some(Step::Enter(Inside::Information, MACRO));
        }
        if is("toc", "toc-macro") {
            // It repeats the headings.
            self.out.macro_open("toc");
            self.out.close("ac:structured-macro");
            return Some(Step::Pass);
        }
        if is("status", "status-macro") {
            return Some(self.status(attributes));
        }
        if name == "anchor" || attributes.has_class("confluence-anchor-link") {
            return Some(self.anchor(attributes));
        }
        if is("expand", "expand-container") {
            return Some(self.enter("expand", Inside::Expand));
        }
        if is("noformat", "preformatted") && element.tag == Tag::Block {
            return Some(self.enter("noformat", Inside::Code));
        }
        let is_panel = attributes.has_class("panel") && element.tag == Tag::Block;
        if name == "code" || (attributes.has_class("code") && is_panel) {
            return Some(self.enter("code", Inside::Code));
        }
        if name == "panel" || (name.is_empty() && is_panel) {
            return Some(self.enter("panel", Inside::Panel));
        }
        if let Some(key) = attributes.filled("data-jira-key")
            && is("jira", "jira-issue")
        {
            return Some(self.issue(at, key));
        }
        (!name.is_empty()).then(|| self.other(&name))
    }

    fn enter(&mut self, name: &str, inside: Inside) -> Step {
        self.out.macro_open(name);
        Step::Enter(inside, MACRO)
    }

    /// Any other macro: its content, and its name for the record.
    fn other(&mut self, name: &str) -> Step {
        if WITH_BODY.contains(&name) {
            self.out.macro_open(name);
            self.out.open("ac:rich-text-body", &[]);
            return Step::Enter(Inside::Body, RICH);
        }
        self.out.open("ac:adf-node", &[("type", "extension")]);
        self.out.adf_attribute("extension-key", name);
        Step::Enter(Inside::Body, &["ac:adf-node"])
    }

    fn status(&mut self, attributes: Attributes<'_>) -> Step {
        const COLOURS: [(&str, &str); 9] = [
            ("aui-lozenge-success", "Green"),
            ("aui-lozenge-error", "Red"),
            ("aui-lozenge-removed", "Red"),
            ("aui-lozenge-current", "Yellow"),
            ("aui-lozenge-moved", "Yellow"),
            ("aui-lozenge-complete", "Blue"),
            ("aui-lozenge-progress", "Blue"),
            ("aui-lozenge-inprogress", "Blue"),
            ("aui-lozenge-new", "Purple"),
        ];
        self.out.macro_open("status");
        let colour = COLOURS
            .iter()
            .find(|(class, _)| attributes.has_class(class));
        if let Some((_, colour)) = colour {
            self.out.parameter("colour", colour);
        }
        self.out.open("ac:parameter", &[("ac:name", "title")]);
        Step::Content(&["ac:parameter", "ac:structured-macro"])
    }

    fn anchor(&mut self, attributes: Attributes<'_>) -> Step {
        self.out.macro_open("anchor");
        let id = attributes
            .filled("id")
            .or_else(|| attributes.filled("name"));
        self.out.parameter("", id.unwrap_or_default());
        Step::Content(MACRO)
    }

    /// A part of the macro around it, when the element is one.
    pub(super) fn part(&mut self, element: Element<'s>) -> Option<Step> {
        let attributes = element.attributes;
        let class = |class: &str| attributes.has_class(class);
        match self.inside.last()? {
            Inside::Body | Inside::Pre => None,
            Inside::Information => match element.tag {
                _ if class("confluence-information-macro-body") => Some(self.body()),
                _ if class("confluence-information-macro-icon") => Some(Step::Pass),
                Tag::Paragraph if class("title") => Some(self.title()),
                _ => None,
            },
            Inside::Panel if class("panelHeader") => Some(self.title()),
            Inside::Panel if class("panelContent") => Some(self.body()),
            Inside::Expand => match element.tag {
                _ if class("expand-content") => Some(self.body()),
                _ if class("expand-control-text") => Some(self.title()),
                _ if class("expand-icon") || class("expand-control-icon") => Some(Step::Pass),
                _ if class("expand-control") => Some(Step::Content(&[])),
                _ => None,
            },
            Inside::Code => self.code_part(element),
            Inside::Jira => Self::jira_part(element),
            Inside::Panel => None,
        }
    }

    fn title(&mut self) -> Step {
        self.out.open("ac:parameter", &[("ac:name", "title")]);
        Step::Content(PARAMETER)
    }

    fn body(&mut self) -> Step {
        self.out.open("ac:rich-text-body", &[]);
        Step::Enter(Inside::Body, &["ac:rich-text-body"])
    }

    fn code_part(&mut self, element: Element<'s>) -> Option<Step> {
        let attributes = element.attributes;
        let class = |class: &str| attributes.has_class(class);
        if class("collapse-source") || class("collapse-spinner-wrapper") {
            return Some(Step::Pass);
        }
        if class("panelHeader") {
            return Some(self.title());
        }
        if class("panelContent") {
            return Some(Step::Content(&[]));
        }
        if element.tag != Tag::Pre {
            return None;
        }
        if let Some(language) = language(attributes) {
            self.out.parameter("language", language);
        }
        self.out.open("ac:plain-text-body", &[]);
        Some(Step::Enter(Inside::Pre, PLAIN_BODY))
    }

    /// An issue; its summary and state are text behind its key.
    fn issue(&mut self, at: usize, key: &str) -> Step {
        self.out.macro_open("jira");
        self.out.parameter("key", key);
        let near = self.page.range(at + 1, at + 5);
        let href = near.filter_map(|node| match node.kind {
            Kind::Element(link) if is_issue_key(link) => link.attributes.filled("href"),
            _ => None,
        });
        let href = href.map(|href| href.split_once("/browse/").map(|(base, _)| base.to_owned()));
        if let Some(base) = href.flatten().next() {
            self.out.parameter("baseurl", &base);
        }
        self.out.close("ac:structured-macro");
        Step::Enter(Inside::Jira, &[])
    }

    fn jira_part(element: Element<'s>) -> Option<Step> {
        if element.tag == Tag::Img || is_issue_key(element) {
            return Some(Step::Pass);
        }
        // Its state looks like a macro.
        (element.tag == Tag::Inline).then_some(Step::Content(&[]))
    }
}

fn is_issue_key(element: Element<'_>) -> bool {
    element.tag == Tag::Anchor && element.attributes.has_class("jira-issue-key")
}

/// The kind of an information box.
fn information(name: &str, attributes: Attributes<'_>) -> Option<&'static str> {
    const CLASSES: [(&str, &str); 4] = [
        ("info", "confluence-information-macro-information"),
        ("note", "confluence-information-macro-note"),
        ("warning", "confluence-information-macro-warning"),
        ("tip", "confluence-information-macro-tip"),
    ];
    let is = |(kind, class): &&(&'static str, &str)| *kind == name || attributes.has_class(class);
    CLASSES.iter().find(is).map(|(kind, _)| *kind)
}

/// The language of code, as its highlighter was told. It is told Java where the author said
/// nothing, so that says nothing.
fn language(attributes: Attributes<'_>) -> Option<&str> {
    let told = attributes.filled("data-syntaxhighlighter-params");
    let told = told
        .or_else(|| attributes.filled("class"))
        .unwrap_or_default();
    let brush = told.split(';').find_map(|pair| {
        let (key, value) = pair.split_once(':')?;
        (key.trim() == "brush").then(|| value.trim())
    });
    let brush = brush.filter(|brush| *brush != "java");
    brush.or_else(|| {
        let mut classes = told.split_ascii_whitespace();
        classes.find_map(|class| {
            class
                .strip_prefix("code-")
                .or_else(|| class.strip_prefix("language-"))
        })
    })
}
