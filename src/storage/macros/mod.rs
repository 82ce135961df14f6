//! Macros: the general rule, and the registry of those that have one of their own.
//!
//! A macro is known by its name alone. What no rule knows is read by the general rule:
//! its bodies are content and its parameters are not, because configuration in the text
//! is worse than a missing title.

mod code;
mod containers;
mod details;
mod diagrams;
mod generated;
mod inline;
mod json;
mod panels;
mod references;
mod text;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::build::Builder;
use super::flow::{Bare, MacroFrame};
use super::plain;
use crate::model::{Block, BlockKind, CodeBlock, Inline, Target};

/// How one macro family reads. Never fails: what it does not know, it keeps as text.
pub(crate) trait MacroRule: Sync {
    /// Lower-case names.
    fn names(&self) -> &'static [&'static str];
    /// What it does, for the documented list.
    fn doc(&self) -> &'static str;
    /// Storage format in, Markdown out; run as a test.
    fn example(&self) -> (&'static str, &'static str);
    /// Puts what a reader sees, and records what is not text.
    fn convert(&self, call: MacroCall, out: &mut Builder<'_>);
}

/// Every rule; adding a macro is a rule and its line here.
pub(crate) const RULES: &[&dyn MacroRule] = &[
    &panels::Admonition,
    &panels::Panel,
    &panels::Alert,
    &code::Code,
    &code::NoFormat,
    &generated::Toc,
    &generated::List,
    &containers::Expand,
    &containers::Excerpt,
    &containers::Transparent,
    &containers::Layout,
    &containers::Tab,
    &containers::Nothing,
    &inline::Anchor,
    &inline::Status,
    &inline::Jira,
    &inline::Profile,
    &inline::Footnote,
    &references::Include,
    &references::ExcerptInclude,
    &references::ViewFile,
    &references::Web,
    &references::Button,
    &references::Redirect,
    &diagrams::Source,
    &diagrams::Packed,
    &diagrams::Drawing,
    &details::Details,
    &text::Math,
    &text::Unit,
    &text::Markdown,
    &text::Html,
    &text::Csv,
    &text::Chart,
    &text::Roadmap,
    &text::Unmigrated,
    &containers::Conditional,
    &containers::Translation,
];

static BY_NAME: LazyLock<HashMap<&'static str, &'static dyn MacroRule>> = LazyLock::new(|| {
    let pairs = RULES
        .iter()
        .flat_map(|rule| rule.names().iter().map(move |name| (*name, *rule)));
    pairs.collect()
});

/// Apps that have several macros of one kind, by how their names begin, and the macro whose
/// rule they share.
pub(crate) const FAMILIES: &[(&str, &str)] = &[
    ("swagger-", "swagger"),
    ("miro", "miro"),
    ("figma", "figma"),
    ("zenuml", "zenuml"),
];

/// The rule of a macro.
pub(super) fn rule(name: &str) -> Option<&'static dyn MacroRule> {
    let own = BY_NAME.get(name).copied();
    own.or_else(|| {
        let family = FAMILIES.iter().find(|(head, _)| name.starts_with(head));
        family.and_then(|(_, rule)| BY_NAME.get(rule).copied())
    })
}

/// A parameter: its text, and the resources named in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Param {
    /// Lower case; empty for the parameter without a name.
    pub(super) name: String,
    pub(super) text: String,
    pub(super) targets: Vec<Option<Target>>,
    pub(super) anchor: Option<String>,
}

impl Param {
    /// Where the next resource identifier goes. One that names a container is put into
    /// the attachment before it.
    pub(super) fn slot(&mut self) -> &mut Option<Target> {
        let waits = |target: &Option<Target>| {
            matches!(
                target,
                Some(Target::Attachment {
                    container: None,
                    ..
                })
            )
        };
        if !self.targets.last().is_some_and(waits) {
            self.targets.push(None);
        }
        self.targets.last_mut().expect("one was just pushed")
    }
}

/// A body of a macro.
#[derive(Debug)]
pub(crate) enum MacroBody {
    Rich(Vec<Block>),
    Plain(String),
}

/// A macro as it stands in a body.
pub(crate) struct MacroCall {
    pub(super) name: String,
    params: Vec<Param>,
    bodies: Vec<MacroBody>,
    /// A body without any block, standing beside text.
    inlines: Vec<Inline>,
    /// The number that it would have as a block.
    number: u32,
    /// It stands beside text.
    inline: bool,
    source: Range<usize>,
}

impl MacroCall {
    /// The first value of a parameter, unless it is empty. The empty name is the
    /// parameter without one.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        let values = self.params.iter().filter(|param| param.name == name);
        values
            .map(|param| param.text.trim())
            .find(|text| !text.is_empty())
    }

    /// The first of several parameters that has a value.
    pub(super) fn first_param(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.param(name))
    }

    /// The same as a reader sees it, in one line.
    pub(super) fn line(&self, names: &[&str]) -> Option<String> {
        plain::line(self.first_param(names)?)
    }

    /// The first resource in a parameter.
    pub(super) fn target(&self, name: &str) -> Option<&Target> {
        let values = self.params.iter().filter(|param| param.name == name);
        values.flat_map(|param| &param.targets).flatten().next()
    }

    /// Every resource in every parameter.
    pub(super) fn targets(&self) -> impl Iterator<Item = &Target> {
        self.params
            .iter()
            .flat_map(|param| &param.targets)
            .flatten()
    }

    /// Takes the plain bodies as one text; `None` when there are none.
    pub(super) fn take_plain(&mut self) -> Option<String> {
        if let [MacroBody::Plain(text)] = self.bodies.as_mut_slice() {
            return Some(std::mem::take(text));
        }
        self.plain()
    }

    /// The plain bodies as one text; `None` when there are none.
    pub(super) fn plain(&self) -> Option<String> {
        let plain = self.bodies.iter().filter_map(|body| match body {
            MacroBody::Plain(text) => Some(text.as_str()),
            MacroBody::Rich(_) => None,
        });
        let plain: Vec<&str> = plain.collect();
        (!plain.is_empty()).then(|| plain.join("\n"))
    }

    /// Makes the body inline or a block, when the macro says which.
    fn shape(&mut self) {
        let told = self
            .param("atlassian-macro-output-type")
            .unwrap_or_default();
        if told.eq_ignore_ascii_case("inline") && self.inline && self.inlines.is_empty() {
            self.flatten();
        } else if told.eq_ignore_ascii_case("block") {
            self.set_apart();
        }
    }

    /// Makes a body of a single paragraph inline.
    fn flatten(&mut self) {
        let [MacroBody::Rich(blocks)] = self.bodies.as_mut_slice() else {
            return;
        };
        let [block] = blocks.as_mut_slice() else {
            return;
        };
        if let BlockKind::Paragraph { inlines } = &mut block.kind {
            self.inlines = std::mem::take(inlines);
            self.number = block.number;
            self.bodies.clear();
        }
    }

    /// Makes an inline body a block.
    fn set_apart(&mut self) {
        let inlines = std::mem::take(&mut self.inlines);
        if !inlines.is_empty() {
            let block = self.make(BlockKind::Paragraph { inlines });
            self.bodies.insert(0, MacroBody::Rich(vec![block]));
        }
    }

    /// Takes all that stands in rich bodies.
    fn take_rich(&mut self) -> Vec<Block> {
        let inlines = std::mem::take(&mut self.inlines);
        let mut blocks = Vec::new();
        if !inlines.is_empty() {
            blocks.push(self.make(BlockKind::Paragraph { inlines }));
        }
        for body in &mut self.bodies {
            if let MacroBody::Rich(rich) = body {
                blocks.append(rich);
            }
        }
        blocks
    }

    fn make(&self, kind: BlockKind) -> Block {
        Block {
            kind,
            source: self.source.clone(),
            number: self.number,
            hidden: false,
        }
    }

    /// Parameters as text, resources as a parameter would name them; for metadata only.
    fn parameters(&self) -> Vec<(String, String)> {
        let value = |param: &Param| {
            let named: Vec<String> = param.targets.iter().flatten().map(named).collect();
            if named.is_empty() {
                param.text.trim().to_owned()
            } else {
                named.join(",")
            }
        };
        self.params
            .iter()
            .map(|param| (param.name.clone(), value(param)))
            .collect()
    }
}

impl Builder<'_> {
    /// Closes a macro: its rule, or the general one, says what it becomes.
    pub(super) fn close_macro(
        &mut self,
        frame: MacroFrame,
        blocks: Vec<Block>,
        held: Bare,
        source: Range<usize>,
    ) {
        let MacroFrame {
            name,
            params,
            mut bodies,
            inline,
            ids_mark,
        } = frame;
        let has_text = name == "status";
        let Bare { inlines, number } = held;
        if !blocks.is_empty() {
            bodies.push(MacroBody::Rich(blocks));
        }
        let call = MacroCall {
            name,
            params,
            bodies,
            inlines,
            number,
            inline,
            source,
        };
        let before = (self.top().number, self.top().blocks.len());
        match rule(&call.name) {
            Some(rule) => rule.convert(call, self),
            None => self.unknown_macro(call),
        }
        let top = self.top();
        if top.para.is_empty() && top.blocks.len() == before.1 {
            // It shows nothing, so what it was told stands in no block.
            top.number = before.0;
        }
        if !has_text && let Some(ids) = &mut self.ids {
            ids.node(ids_mark, "[inlineExtension]");
        }
    }

    /// The general rule.
    fn unknown_macro(&mut self, mut call: MacroCall) {
        const TITLES: [&str; 6] = ["title", "text", "label", "caption", "heading", "summary"];
        let mut titles = TITLES.iter().filter_map(|name| call.line(&[*name]));
        if let Some(title) = titles.find(|title| is_words(title)) {
            self.bold_line(&title, &call);
        }
        call.shape();
        self.flush_before_blocks(&call);
        self.record_targets(&call);
        let copy = call.line(&["searchtext"]);
        if let Some(copy) = copy.filter(|_| call.bodies.is_empty() && call.inlines.is_empty()) {
            let inlines = vec![Inline::Text { text: copy }];
            if call.inline {
                self.append(inlines, 0);
            } else {
                self.block(BlockKind::Paragraph { inlines }, call.source.clone());
            }
        }
        self.bodies(call);
    }

    /// Puts the bodies of a macro in their order: rich ones as blocks, plain ones as code.
    fn bodies(&mut self, call: MacroCall) {
        let MacroCall {
            bodies,
            inlines,
            number,
            source,
            ..
        } = call;
        self.append(inlines, number);
        for body in bodies {
            match body {
                MacroBody::Rich(blocks) => self.splice(blocks),
                MacroBody::Plain(text) => match json::texts(&text) {
                    Some(texts) => texts.into_iter().for_each(|text| {
                        self.code(None, None, text, source.clone());
                    }),
                    None => self.code(None, None, text, source.clone()),
                },
            }
        }
    }

    /// Puts what stands in rich bodies, inline where it stood inline, and plain bodies
    /// after it.
    fn transparent(&mut self, call: MacroCall) {
        self.bodies(call);
    }

    /// A line that heads what follows.
    fn bold_line(&mut self, text: &str, call: &MacroCall) {
        let text = text.to_owned();
        let inlines = vec![Inline::Strong {
            inlines: vec![Inline::Text { text }],
        }];
        if call.inline {
            return self.append(inlines, 0);
        }
        self.block(BlockKind::Paragraph { inlines }, call.source.clone());
    }

    /// Puts code and records it; white space alone is no code.
    pub(super) fn code(
        &mut self,
        language: Option<String>,
        title: Option<String>,
        mut text: String,
        source: Range<usize>,
    ) {
        const LONGEST: usize = 2 << 20;
        if text.len() > LONGEST {
            self.warnings.note("code_cut", self.offset, "");
            text.truncate(text.floor_char_boundary(LONGEST));
        }
        text.truncate(text.trim_end().len());
        let start = text.find(|c: char| c != '\n' && c != '\r').unwrap_or(0);
        text.drain(..start);
        if text.is_empty() && title.is_none() {
            return self.flush();
        }
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).count();
        let lines = breaks + usize::from(!text.is_empty());
        self.flush();
        let block = Some(self.here());
        self.meta.code.push(CodeBlock {
            language: language.clone(),
            title: title.clone(),
            lines,
            block,
        });
        self.block(
            BlockKind::Code {
                language,
                title,
                text,
            },
            source,
        );
    }

    /// Ends the paragraph before the blocks of a macro, so that what is noted of it stands in
    /// these.
    fn flush_before_blocks(&mut self, call: &MacroCall) {
        let rich = |body: &MacroBody| matches!(body, MacroBody::Rich(_));
        if call.bodies.iter().any(rich) {
            self.flush();
        }
    }

    /// Ends the paragraph before a macro that will be a block.
    fn flush_unless_inline(&mut self, call: &MacroCall) {
        if !call.inline {
            self.flush();
        }
    }

    /// Records all that the parameters of a macro point to.
    fn record_targets(&mut self, call: &MacroCall) {
        for target in call.targets() {
            self.record_target(target, &call.name);
        }
    }

    /// Records what a macro parameter points to.
    fn record_target(&mut self, target: &Target, name: &str) {
        match target {
            Target::Attachment {
                file_name,
                container,
            } => {
                self.record_attachment(file_name, container.as_deref(), "media");
            }
            Target::User { user } => {
                let mut user = (**user).clone();
                user.display_name = self.name_of(&user);
                self.note_person(user);
            }
            Target::Unknown | Target::Space { .. } => {}
            target => {
                let name = &name[..name.floor_char_boundary(LONGEST_NAME)];
                self.record_link(target, &[], format!("macro:{name}").into());
            }
        }
    }
}

/// Bytes of the name of a macro in the record, where each of its links repeats it.
const LONGEST_NAME: usize = 200;

/// A resource as text: `KEY:Title` or `page:ID` of a page, the key of a space, an id of a
/// person.
fn named(target: &Target) -> String {
    match target {
        Target::Page { id: Some(id), .. } | Target::Content { id } => format!("page:{id}"),
        Target::Page {
            space: Some(space),
            title: Some(title),
            ..
        }
        | Target::BlogPost {
            space: Some(space),
            title,
            ..
        } => format!("{space}:{title}"),
        Target::User { user } => user.identifiers().next().unwrap_or_default(),
        target => plain::automatic_label(target),
    }
}

/// Whether a parameter's value is something to read: a letter, and not too long.
fn is_words(text: &str) -> bool {
    text.chars().any(char::is_alphabetic) && text.chars().count() <= 200
}
