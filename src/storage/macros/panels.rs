//! Boxes: what is set apart from the text around it.

use super::super::media::is_file_name;
use super::{Builder, MacroCall, MacroRule};
use crate::model::{BlockKind, Inline};

fn title(call: &MacroCall) -> Vec<Inline> {
    let text = call.line(&["title"]);
    text.map(|text| Inline::Text { text }).into_iter().collect()
}

fn boxed(panel: &str, mut call: MacroCall, out: &mut Builder<'_>) {
    let title = title(&call);
    let source = call.source.clone();
    let blocks = call.take_rich();
    if !title.is_empty() || !blocks.is_empty() {
        let panel = panel.to_owned();
        out.block(
            BlockKind::Panel {
                panel,
                title,
                blocks,
            },
            source,
        );
    }
    out.bodies(call);
}

/// The four boxes with a meaning.
pub(super) struct Admonition;

impl MacroRule for Admonition {
    fn names(&self) -> &'static [&'static str] {
        &["info", "note", "warning", "tip"]
    }

    fn doc(&self) -> &'static str {
        "A quoted box with its kind as label and its title."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="info"><ac:parameter ac:name="title">Read first</ac:parameter><ac:rich-text-body><p>Keys rotate on Monday.</p></ac:rich-text-body></ac:structured-macro>"#,
            "> **Info:** Read first\n>\n> Keys rotate on Monday.",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        let name = call.name.clone();
        boxed(&name, call, out);
    }
}

/// A box without a meaning of its own.
pub(super) struct Panel;

impl MacroRule for Panel {
    fn names(&self) -> &'static [&'static str] {
        &["panel"]
    }

    fn doc(&self) -> &'static str {
        "Its title as a bold line, its icon once, then the body."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="panel"><ac:parameter ac:name="bgColor">#EAE6FF</ac:parameter><ac:parameter ac:name="title">On call</ac:parameter><ac:rich-text-body><p>Ask Mira.</p></ac:rich-text-body></ac:structured-macro>"#,
            "**On call**\n\nAsk Mira.",
        )
    }

    fn convert(&self, mut call: MacroCall, out: &mut Builder<'_>) {
        let mut title = title(&call);
        let icon = call.line(&["panelicontext"]);
        if let Some(text) = icon.filter(|icon| !is_file_name(icon)) {
            let space = if title.is_empty() { "" } else { " " };
            title.insert(0, Inline::Text { text: text + space });
        }
        let source = call.source.clone();
        let blocks = call.take_rich();
        if !title.is_empty() || !blocks.is_empty() {
            let panel = "panel".to_owned();
            out.block(
                BlockKind::Panel {
                    panel,
                    title,
                    blocks,
                },
                source,
            );
        }
        out.bodies(call);
    }
}

/// Boxes of apps, by the kind they say they are.
pub(super) struct Alert;

impl MacroRule for Alert {
    fn names(&self) -> &'static [&'static str] {
        &["alert", "auimessage", "tipbox", "note-box"]
    }

    fn doc(&self) -> &'static str {
        "A box of the kind that its `type` names."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="alert"><ac:parameter ac:name="type">Warning</ac:parameter><ac:rich-text-body><p>Do not unplug.</p></ac:rich-text-body></ac:structured-macro>"#,
            "> **Warning:**\n>\n> Do not unplug.",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        let kind = call.param("type").unwrap_or_default().to_lowercase();
        let panel = match kind.as_str() {
            "warning" | "error" | "danger" => "warning",
            "note" | "attention" => "note",
            "tip" | "success" => "tip",
            _ if call.name == "tipbox" => "tip",
            _ if call.name == "note-box" => "note",
            _ => "info",
        };
        boxed(panel, call, out);
    }
}
