//! Macros that point to something: included pages, files, things on the web.
//!
//! What is included is found and cited where it is written, so its text never becomes
//! part of this page; only the edge is kept.

use super::super::links;
use super::{Builder, MacroCall, MacroRule};
use crate::model::{BlockKind, Embed, Inline, Target, Transclusion, TransclusionKind};

/// An included page.
pub(super) struct Include;

impl MacroRule for Include {
    fn names(&self) -> &'static [&'static str] {
        &["include", "include-file", "param-include"]
    }

    fn doc(&self) -> &'static str {
        "A label line with the title; the edge is recorded."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="include"><ac:parameter ac:name=""><ac:link><ri:page ri:content-title="House rules"/></ac:link></ac:parameter></ac:structured-macro>"#,
            "Included page: House rules",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        transclude(TransclusionKind::Page, call, out);
    }
}

/// A part of another page.
pub(super) struct ExcerptInclude;

impl MacroRule for ExcerptInclude {
    fn names(&self) -> &'static [&'static str] {
        &[
            "excerpt-include",
            "multiexcerpt-include",
            "multiexcerpt-include-macro",
            "include-shared-block",
        ]
    }

    fn doc(&self) -> &'static str {
        "A label line with the title; the edge is recorded."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="excerpt-include"><ac:parameter ac:name="">OPS:Rotas</ac:parameter><ac:parameter ac:name="nopanel">true</ac:parameter></ac:structured-macro>"#,
            "Excerpt from: Rotas",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        transclude(TransclusionKind::Excerpt, call, out);
    }
}

fn transclude(kind: TransclusionKind, call: MacroCall, out: &mut Builder<'_>) {
    let name = call.line(&["name", "multiexcerptname", "shared-block-key"]);
    if let Some(target) = page(&call, &["", "page", "pagewithexcerpt", "default"]) {
        out.flush();
        let edge = Transclusion {
            kind,
            target: target.clone(),
            name: name.clone(),
            block: Some(out.here()),
        };
        out.meta.transclusions.push(edge);
        out.block(
            BlockKind::Transclusion {
                kind,
                target: Box::new(target),
                name,
            },
            call.source.clone(),
        );
    } else if let Some(Target::Attachment { file_name, .. }) = call.target("name") {
        // A file of this page is shown in it.
        let file_name = file_name.clone();
        out.flush_unless_inline(&call);
        out.record_attachment(&file_name, None, "view");
        let target = Target::Attachment {
            file_name,
            container: None,
        };
        link(target, Vec::new(), &call, out);
    }
    out.transparent(call);
}

/// The page that a parameter names, as resource or as `Title` or `SPACE:Title`.
fn page(call: &MacroCall, names: &[&str]) -> Option<Target> {
    if let Some(target) = names.iter().find_map(|name| call.target(name)) {
        return Some(target.clone());
    }
    let text = call.line(names)?;
    let is_key = |key: &str| {
        !key.is_empty()
            && key
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
            || key.starts_with('~') && !key.contains(char::is_whitespace)
    };
    let (space, title) = match text.split_once(':') {
        Some((key, title)) if is_key(key) => (Some(key.to_owned()), title.trim().to_owned()),
        _ => (None, text),
    };
    Some(Target::Page {
        id: None,
        space,
        title: Some(title),
        anchor: None,
    })
}

/// A file shown on the page.
pub(super) struct ViewFile;

impl MacroRule for ViewFile {
    fn names(&self) -> &'static [&'static str] {
        &[
            "view-file",
            "viewpdf",
            "viewdoc",
            "viewxls",
            "viewppt",
            "preview",
            "multimedia",
        ]
    }

    fn doc(&self) -> &'static str {
        "The file's name, as a reference to the attachment."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="view-file"><ac:parameter ac:name="name"><ri:attachment ri:filename="rota.xlsx"/></ac:parameter><ac:parameter ac:name="height">250</ac:parameter></ac:structured-macro>"#,
            "rota.xlsx",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        if let Some((file_name, container)) = file(&call) {
            out.flush_unless_inline(&call);
            out.record_attachment(&file_name, container.as_deref(), "view");
            let target = Target::Attachment {
                file_name,
                container,
            };
            link(target, Vec::new(), &call, out);
        } else if let Some(url) = url(&call) {
            link(url, Vec::new(), &call, out);
        }
        out.transparent(call);
    }
}

/// The file that a macro names, and the page that has it unless it is this one.
fn file(call: &MacroCall) -> Option<(String, Option<Box<Target>>)> {
    let (file_name, container) = call
        .targets()
        .find_map(|target| match target {
            Target::Attachment {
                file_name,
                container,
            } => Some((file_name.clone(), container.clone())),
            _ => None,
        })
        .or_else(|| Some((call.line(&["name", "file", ""])?, None)))?;
    let other = || {
        let mut page = page(call, &["page"])?;
        if let Target::Page { space, .. } | Target::BlogPost { space, .. } = &mut page
            && space.is_none()
        {
            *space = match call.target("space") {
                Some(Target::Space { key }) => Some(key.clone()),
                _ => call.line(&["space"]),
            };
        }
        Some(Box::new(page))
    };
    let container = container.or_else(other);
    Some((file_name, container))
}

/// Something on the web, shown in the page.
pub(super) struct Web;

impl MacroRule for Web {
    fn names(&self) -> &'static [&'static str] {
        &[
            "html-include",
            "rss",
            "iframe",
            "widget",
            "swagger",
            "swagger-open-api",
            "open-api",
        ]
    }

    fn doc(&self) -> &'static str {
        "A link; nothing is fetched."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="widget"><ac:parameter ac:name="url"><ri:url ri:value="https://video.example/42"/></ac:parameter><ac:parameter ac:name="width">640</ac:parameter></ac:structured-macro>"#,
            "[42](https://video.example/42)",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        if !embed(&call, out) {
            out.record_targets(&call);
        }
        out.transparent(call);
    }
}

/// A button is a link.
pub(super) struct Button;

impl MacroRule for Button {
    fn names(&self) -> &'static [&'static str] {
        &["auibutton", "button-hyperlink", "button"]
    }

    fn doc(&self) -> &'static str {
        "Its title as a link."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="auibutton"><ac:parameter ac:name="title">Order</ac:parameter><ac:parameter ac:name="url">https://shop.example/</ac:parameter></ac:structured-macro>"#,
            "[Order](https://shop.example/)",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        let title = call.line(&["title", "label", "text"]);
        let label: Vec<Inline> = title
            .map(|text| Inline::Text { text })
            .into_iter()
            .collect();
        match linked(&call, &["page", "link"]) {
            Some(target) => link(target, label, &call, out),
            None => out.append(label, 0),
        }
        out.transparent(call);
    }
}

/// A page that sends its reader elsewhere.
pub(super) struct Redirect;

impl MacroRule for Redirect {
    fn names(&self) -> &'static [&'static str] {
        &["redirect", "viewport-redirect"]
    }

    fn doc(&self) -> &'static str {
        "A link to where it leads, after its message."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="redirect"><ac:parameter ac:name="location">https://new.example/</ac:parameter></ac:structured-macro>"#,
            "[new.example](https://new.example/)",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        if let Some(message) = call.line(&["redirectmessage"]) {
            out.words(&message);
            out.words(" ");
        }
        match linked(&call, &["location", "page", ""]) {
            Some(target) => link(target, Vec::new(), &call, out),
            None => out.flush(),
        }
        out.transparent(call);
    }
}

/// Where a macro leads: to a URL, or to the page that one of these parameters names.
pub(super) fn linked(call: &MacroCall, pages: &[&str]) -> Option<Target> {
    let page = || {
        let named = pages.iter().any(|name| call.target(name).is_some());
        // What may run code is neither.
        let runs = |text| links::href(text) == Target::Unknown;
        if !named && call.first_param(pages).is_some_and(runs) {
            return None;
        }
        page(call, pages)
    };
    url(call).or_else(page)
}

/// A link to the address from which a macro takes what it shows; whether there is one.
pub(super) fn embed(call: &MacroCall, out: &mut Builder<'_>) -> bool {
    let Some(target) = url(call) else {
        return false;
    };
    if let Target::Url { url } = &target {
        out.meta.embeds.push(Embed { url: url.clone() });
    }
    link(target, Vec::new(), call, out);
    true
}

/// The URL that a macro was given, as resource or as text.
fn url(call: &MacroCall) -> Option<Target> {
    const NAMES: [&str; 6] = ["url", "link", "location", "src", "source", ""];
    let named = call
        .targets()
        .find(|target| matches!(target, Target::Url { .. }));
    if let Some(target) = named {
        return Some(target.clone());
    }
    let text = call.first_param(&NAMES)?;
    match links::href(text) {
        Target::Url { url } if url.contains("://") || url.starts_with("mailto:") => {
            Some(Target::Url { url })
        }
        // A path of the site itself.
        page @ (Target::Page { .. } | Target::Space { .. }) => Some(page),
        _ => None,
    }
}

fn link(target: Target, label: Vec<Inline>, call: &MacroCall, out: &mut Builder<'_>) {
    out.flush_unless_inline(call);
    if !matches!(target, Target::Attachment { .. }) {
        out.record_link(&target, &label, format!("macro:{}", call.name).into());
    }
    let link = Inline::Link {
        target: Box::new(target),
        label,
    };
    if call.inline {
        return out.inline(link);
    }
    out.block(
        BlockKind::Paragraph {
            inlines: vec![link],
        },
        call.source.clone(),
    );
}
