//! Macros that hold content and add at most a title to it.

use super::super::table::weigh;
use super::references::linked;
use super::{Builder, MacroBody, MacroCall, MacroRule};
use crate::model::{Block, BlockKind, Inline};

/// What is folded away on the page; the index sees it.
pub(super) struct Expand;

impl MacroRule for Expand {
    fn names(&self) -> &'static [&'static str] {
        &["expand"]
    }

    fn doc(&self) -> &'static str {
        "Its title as a bold line, then the body."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="expand"><ac:parameter ac:name="title">Old ways</ac:parameter><ac:rich-text-body><p>By hand.</p></ac:rich-text-body></ac:structured-macro>"#,
            "**Old ways**\n\nBy hand.",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        let title = call.line(&["title", ""]);
        let title = title.filter(|title| !is_default_title(title));
        titled(title, call, out);
    }
}

/// What the page shows where an author wrote no title.
fn is_default_title(title: &str) -> bool {
    let title = title.trim_end_matches(['.', '…']).trim_end();
    title == "Click here to expand"
}

/// Tabs, cards and steps: each has a title.
pub(super) struct Tab;

impl MacroRule for Tab {
    fn names(&self) -> &'static [&'static str] {
        &[
            "ui-expand",
            "ui-tab",
            "localtab",
            "tab-pane",
            "card",
            "ui-step",
            "ui-text-box",
            "auitabspage",
            "ui-tabs",
            "localtabgroup",
            "tabs-group",
            "deck",
            "ui-steps",
            "auitabs",
            "scroll-title",
        ]
    }

    fn doc(&self) -> &'static str {
        "Its title as a bold line, then the body, in order."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="ui-tab"><ac:parameter ac:name="title">Linux</ac:parameter><ac:rich-text-body><p>Use apt.</p></ac:rich-text-body></ac:structured-macro>"#,
            "**Linux**\n\nUse apt.",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        titled(call.line(&["title", "label", "name"]), call, out);
    }
}

fn titled(title: Option<String>, mut call: MacroCall, out: &mut Builder<'_>) {
    let title: Vec<Inline> = title
        .map(|text| Inline::Text { text })
        .into_iter()
        .collect();
    let source = call.source.clone();
    let blocks = call.take_rich();
    if title.is_empty() {
        out.splice(blocks);
    } else {
        out.block(BlockKind::Expand { title, blocks }, source);
    }
    out.bodies(call);
}

/// A part that other pages may show.
pub(super) struct Excerpt;

impl MacroRule for Excerpt {
    fn names(&self) -> &'static [&'static str] {
        &[
            "excerpt",
            "multiexcerpt",
            "multiexcerpt-macro",
            "shared-block",
        ]
    }

    fn doc(&self) -> &'static str {
        "Its body in place, also when it is hidden; recorded by its name."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<p>We ship <ac:structured-macro ac:name="excerpt"><ac:parameter ac:name="atlassian-macro-output-type">INLINE</ac:parameter><ac:rich-text-body>every Tuesday</ac:rich-text-body></ac:structured-macro>.</p>"#,
            "We ship every Tuesday.",
        )
    }

    fn convert(&self, mut call: MacroCall, out: &mut Builder<'_>) {
        call.shape();
        let name = call.line(&["name", "multiexcerptname", "shared-block-key"]);
        let hidden = call
            .param("hidden")
            .is_some_and(|hidden| hidden.eq_ignore_ascii_case("true"));
        if hidden {
            call.set_apart();
        }
        let blocks = out.excerpted(&call);
        out.flush_before_blocks(&call);
        let block = Some(out.here());
        out.meta.excerpts.push(crate::model::Excerpt {
            name,
            hidden,
            block,
            blocks,
            ..crate::model::Excerpt::default()
        });
        if hidden {
            let mut blocks = call.take_rich();
            for block in &mut blocks {
                block.hidden = true;
            }
            out.splice(blocks);
        }
        out.transparent(call);
    }
}

impl Builder<'_> {
    /// A copy of what stands in an excerpt. Excerpts in excerpts are copied once for each
    /// level, so what may be copied is bounded.
    fn excerpted(&mut self, call: &MacroCall) -> Vec<Block> {
        let mut blocks = Vec::new();
        if !call.inlines.is_empty() {
            let inlines = call.inlines.clone();
            blocks.push(call.make(BlockKind::Paragraph { inlines }));
        }
        let rich = call.bodies.iter().filter_map(|body| match body {
            MacroBody::Rich(rich) => Some(rich),
            MacroBody::Plain(_) => None,
        });
        for rich in rich {
            let weight = weigh(rich, self.excerpt_budget);
            let Some(left) = self.excerpt_budget.checked_sub(weight) else {
                self.warnings.note("excerpt_too_long", self.offset, "");
                break;
            };
            self.excerpt_budget = left;
            blocks.extend_from_slice(rich);
        }
        blocks
    }
}

/// Layout, and conditions that do not concern the text.
pub(super) struct Transparent;

impl MacroRule for Transparent {
    fn names(&self) -> &'static [&'static str] {
        &[
            "align",
            "center",
            "div",
            "span",
            "lozenge",
            "html-wrap",
            "scroll-landscape",
            "scroll-portrait",
            "scroll-pagebreak",
            "toc-zone",
            "clickable",
            "scroll-ignore",
            "scroll-only",
            "scroll-exportbutton",
            "numberedheadings",
            "table-filter",
            "table-excerpt",
            "pivot-table",
            "table-transformer",
            "table-chart",
            "table-joiner",
            "table-spreadsheet",
            "table-plus",
            "excel",
            "auibuttongroup",
        ]
    }

    fn doc(&self) -> &'static str {
        "The body only."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="clickable"><ac:parameter ac:name="link">https://h.example/</ac:parameter><ac:rich-text-body><p>Left side.</p></ac:rich-text-body></ac:structured-macro>"#,
            "Left side.",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        if call.name == "clickable"
            && let Some(target) = linked(&call, &["link"])
        {
            out.flush_before_blocks(&call);
            out.record_link(&target, &[], "macro:clickable".into());
        }
        out.transparent(call);
    }
}

/// Columns side by side: each is apart from the others, whatever stands in it.
pub(super) struct Layout;

impl MacroRule for Layout {
    fn names(&self) -> &'static [&'static str] {
        &[
            "section",
            "column",
            "content-layer",
            "content-column",
            "content-block",
        ]
    }

    fn doc(&self) -> &'static str {
        "The body only, apart from what is around it."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="column"><ac:parameter ac:name="width">40%</ac:parameter><ac:rich-text-body>Left side.</ac:rich-text-body></ac:structured-macro><ac:structured-macro ac:name="column"><ac:rich-text-body>Right side.</ac:rich-text-body></ac:structured-macro>"#,
            "Left side.\n\nRight side.",
        )
    }

    fn convert(&self, mut call: MacroCall, out: &mut Builder<'_>) {
        call.set_apart();
        out.flush();
        out.transparent(call);
    }
}

/// What only some readers see, or see at some time; the index sees it.
pub(super) struct Conditional;

impl MacroRule for Conditional {
    fn names(&self) -> &'static [&'static str] {
        &["show-if", "hide-if"]
    }

    fn doc(&self) -> &'static str {
        "The body, marked as conditional in the tree."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="show-if"><ac:parameter ac:name="group">staff</ac:parameter><ac:rich-text-body><p>Back door.</p></ac:rich-text-body></ac:structured-macro>"#,
            "Back door.",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        let condition = Some(call.name.clone());
        marked(condition, None, call, out);
    }
}

/// One language of a page that has several.
pub(super) struct Translation;

impl MacroRule for Translation {
    fn names(&self) -> &'static [&'static str] {
        &[
            "sv-translation",
            "translation",
            "english",
            "german",
            "french",
            "spanish",
            "italian",
            "dutch",
            "portuguese",
            "japanese",
            "korean",
            "chinese",
            "polish",
            "russian",
        ]
    }

    fn doc(&self) -> &'static str {
        "The body, marked with its language in the tree."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="sv-translation"><ac:parameter ac:name="language">de</ac:parameter><ac:rich-text-body><p>Guten Tag.</p></ac:rich-text-body></ac:structured-macro>"#,
            "Guten Tag.",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        let language = call.line(&["language", "lang", ""]);
        let language = language.or_else(|| {
            let named = !call.name.contains("translation");
            named.then(|| call.name.clone())
        });
        marked(None, language, call, out);
    }
}

/// A body in blocks gets a mark; text in a line stays in its line.
fn marked(
    condition: Option<String>,
    language: Option<String>,
    mut call: MacroCall,
    out: &mut Builder<'_>,
) {
    if call.inlines.is_empty() {
        let source = call.source.clone();
        let blocks = call.take_rich();
        if !blocks.is_empty() {
            let kind = BlockKind::Section {
                condition,
                language,
                blocks,
            };
            out.block(kind, source);
        }
    }
    out.transparent(call);
}

/// Macros that show nothing of their own: filler text, and tools for reading the page.
pub(super) struct Nothing;

impl MacroRule for Nothing {
    fn names(&self) -> &'static [&'static str] {
        &[
            "loremipsum",
            "cheese",
            "easy-heading-free",
            "easyheading-macro",
        ]
    }

    fn doc(&self) -> &'static str {
        "Nothing, except a body that an author put in."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<p>Before</p><ac:structured-macro ac:name="easy-heading-free"><ac:parameter ac:name="text">navigation</ac:parameter></ac:structured-macro>"#,
            "Before",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        out.transparent(call);
    }
}
