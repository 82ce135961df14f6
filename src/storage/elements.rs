//! What each element does when it opens and when it closes.
//!
//! The stack of open elements lives here, beside the builder's stack of containers. An
//! end tag closes up to its match; elements deeper than the limit keep their place on
//! the stack, but make no containers any more, so nothing below ever nests deeper.

use super::build::{Builder, Raw, RawPurpose};
use super::flow::{AdfFrame, Flow, FlowKind, ListFrame, MacroFrame, TaskFrame};
use super::links;
use super::macros::{self, Param};
use super::para::{LinkSource, MarkKind, OpenLink};
use super::scan::{Attributes, Scanner, StartTag, Token};
use super::table::{self, RawCell, RawRow, TableFrame};
use super::tag::{CellKind, Mark, Ordered, Tag, TaskField};
use crate::model::{Block, BlockKind, Inline, Target, Task, TaskItem};

/// Elements that may stand in each other and still make containers.
const DEEPEST: usize = 512;
/// Tags and texts read of one body.
const MOST_NODES: usize = 2_000_000;

/// An open element.
struct Open<'s> {
    name: &'s str,
    tag: Tag,
    close: Close,
    hidden: bool,
}

/// What closing an element does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Close {
    Nothing,
    Flush,
    Paragraph,
    Heading,
    Mark(Mark),
    Link,
    Flow,
    Raw,
    Param,
    Skip,
    Head,
    Time,
    RichBody,
    Term,
}

/// Reads a whole body into the builder.
pub(super) fn read(builder: &mut Builder<'_>, mut scanner: Scanner<'_>) {
    let mut parser = Parser {
        b: builder,
        stack: Vec::new(),
    };
    let mut nodes = 0;
    loop {
        let token = scanner.next(&mut parser.b.warnings);
        let Some((offset, token)) = token else { break };
        nodes += 1;
        if nodes > MOST_NODES {
            parser.b.warnings.note("node_limit", offset, "");
            break;
        }
        parser.b.offset = offset;
        parser.b.end = scanner.offset();
        parser.token(token);
    }
    parser.b.offset = parser.b.end;
    if !parser.stack.is_empty() {
        parser
            .b
            .warnings
            .damage("element_not_closed", parser.b.offset, "");
    }
    while !parser.stack.is_empty() {
        parser.pop();
    }
}

struct Parser<'s, 'b, 'c> {
    b: &'b mut Builder<'c>,
    stack: Vec<Open<'s>>,
}

impl<'s> Parser<'s, '_, '_> {
    fn token(&mut self, token: Token<'s>) {
        match token {
            Token::Text(text) => self.b.text(text),
            Token::CData(text) => self.b.cdata(text),
            Token::End(name) => self.end(name),
            Token::Start(start) => self.start(start),
        }
    }

    fn start(&mut self, start: StartTag<'s>) {
        let StartTag {
            name,
            attributes,
            empty,
        } = start;
        let tag = Tag::of(name);
        let close = self.open(name, tag, attributes);
        let hidden = attributes.mention("style") && is_hidden(attributes);
        self.b.hidden += u32::from(hidden);
        self.stack.push(Open {
            name,
            tag,
            close,
            hidden,
        });
        if empty || matches!(tag, Tag::Void | Tag::Break | Tag::Rule | Tag::Img) {
            self.pop();
        }
    }

    /// Closes what the end tag names, and everything in it that is still open.
    fn end(&mut self, name: &str) {
        if self.stack.last().is_some_and(|open| open.name == name) {
            return self.pop();
        }
        let is = |open: &Open<'_>| same_name(open.name, name);
        let near = self.stack.len().saturating_sub(DEEPEST);
        let Some(at) = self.stack[near..].iter().rposition(is) else {
            if !matches!(Tag::of(name), Tag::Void | Tag::Break | Tag::Rule | Tag::Img) {
                self.b
                    .warnings
                    .damage("end_tag_ignored", self.b.offset, name);
            }
            return;
        };
        self.b
            .warnings
            .damage("element_not_closed", self.b.offset, name);
        self.close_to(near + at);
    }

    fn close_to(&mut self, depth: usize) {
        while self.stack.len() > depth {
            self.pop();
        }
    }

    /// Closes elements until the innermost container is closed.
    fn close_container(&mut self) {
        let at = self
            .stack
            .iter()
            .rposition(|open| open.close == Close::Flow);
        if let Some(at) = at {
            self.close_to(at);
        }
    }

    fn pop(&mut self) {
        let Some(open) = self.stack.pop() else { return };
        self.b.close(open.close, open.tag);
        self.b.hidden -= u32::from(open.hidden);
    }

    fn open(&mut self, name: &'s str, tag: Tag, attributes: Attributes<'s>) -> Close {
        if tag == Tag::Macro {
            self.b.count_macro(attributes);
        }
        if self.b.skip > 0 || tag == Tag::Skip {
            return self.b.skip();
        }
        if self.b.raw.is_some() {
            return self.b.open_in_raw(tag, attributes);
        }
        if self.b.param.is_some() {
            return self.open_in_param(name, tag, attributes);
        }
        if self.stack.len() >= DEEPEST {
            return self.open_flat(tag);
        }
        self.close_implied(tag);
        match tag {
            Tag::Row if !matches!(self.b.top().kind, FlowKind::Table(_)) => self.b.boundary(),
            Tag::Cell(_) if !self.open_row() => self.b.boundary(),
            Tag::Resource => {
                let inside = self
                    .stack
                    .last()
                    .is_some_and(|open| open.tag == Tag::Resource);
                self.b.deliver(links::resource(name, attributes), inside);
                Close::Nothing
            }
            Tag::Unknown => {
                self.b.unknown_element(name);
                Close::Nothing
            }
            _ => self.b.open(tag, attributes),
        }
    }

    fn open_in_param(&mut self, name: &str, tag: Tag, attributes: Attributes<'_>) -> Close {
        match tag {
            Tag::Resource => {
                let inside = self
                    .stack
                    .last()
                    .is_some_and(|open| open.tag == Tag::Resource);
                self.b.deliver(links::resource(name, attributes), inside);
                Close::Nothing
            }
            Tag::Parameter | Tag::TaskField(_) | Tag::AdfAttribute => self.b.skip(),
            Tag::Link => {
                if let (Some(param), Some(anchor)) =
                    (&mut self.b.param, attributes.filled("ac:anchor"))
                {
                    param.anchor = Some(anchor);
                }
                Close::Nothing
            }
            _ => Close::Nothing,
        }
    }

    /// Beyond the depth limit: what would not be seen is still not seen, and everything
    /// else becomes part of what is around it.
    fn open_flat(&mut self, tag: Tag) -> Close {
        if self.b.unknown_elements.insert(String::new()) {
            self.b.warnings.note("depth_flattened", self.b.offset, "");
        }
        match tag {
            Tag::Parameter | Tag::TaskField(_) | Tag::AdfAttribute => self.b.skip(),
            Tag::PlainBody => self.b.capture(RawPurpose::PlainBody),
            Tag::Pre => self.b.capture(RawPurpose::Pre),
            Tag::Break => {
                self.b.top().para.line_break();
                Close::Nothing
            }
            Tag::Mark(_)
            | Tag::Inline
            | Tag::Anchor
            | Tag::Link
            | Tag::LinkBody
            | Tag::CommentMarker
            | Tag::Resource
            | Tag::Time
            | Tag::Unknown
            | Tag::Void => Close::Nothing,
            _ => self.b.boundary(),
        }
    }

    /// Items, rows and cells end where the next one begins, as in HTML.
    fn close_implied(&mut self, tag: Tag) {
        match (tag, &self.b.top().kind) {
            (Tag::Item, FlowKind::Item)
            | (Tag::Cell(_), FlowKind::Cell(_))
            | (Tag::Row | Tag::Rows | Tag::Head, FlowKind::Row(_)) => self.close_container(),
            (Tag::Row | Tag::Rows | Tag::Head, FlowKind::Cell(_)) => {
                self.close_container();
                self.close_container();
            }
            _ => {}
        }
    }

    /// Makes sure that a cell stands in a row. `false`: there is no table.
    fn open_row(&mut self) -> bool {
        match self.b.top().kind {
            FlowKind::Row(_) => true,
            FlowKind::Table(_) => {
                let close = self.b.open(Tag::Row, Attributes::default());
                self.stack.push(Open {
                    name: "tr",
                    tag: Tag::Row,
                    close,
                    hidden: false,
                });
                true
            }
            _ => false,
        }
    }
}

/// Whether an end tag closes this element; `ac:ax:name` was seen for `ac:name`.
fn same_name(open: &str, end: &str) -> bool {
    open == end
        || open.eq_ignore_ascii_case(end)
        || matches!(
            (open.strip_prefix("ac:"), end.strip_prefix("ac:").and_then(|end| end.split_once(':'))),
            (Some(open), Some((_, end))) if open == end
        )
}

fn is_hidden(attributes: Attributes<'_>) -> bool {
    let Some(style) = attributes.get("style") else {
        return false;
    };
    let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
    let style = style.to_ascii_lowercase();
    style.contains("display:none") || style.contains("visibility:hidden")
}

impl Builder<'_> {
    fn skip(&mut self) -> Close {
        self.skip += 1;
        Close::Skip
    }

    fn boundary(&mut self) -> Close {
        match self.top().para.level {
            0 => self.flush(),
            _ => self.space(),
        }
        Close::Flush
    }

    fn space(&mut self) {
        self.top().para.space();
        if let Some(ids) = &mut self.ids {
            ids.text(" ");
        }
    }

    fn capture(&mut self, purpose: RawPurpose) -> Close {
        self.raw = Some(Raw::new(purpose));
        Close::Raw
    }

    fn container(&mut self, kind: FlowKind) -> Close {
        self.push_flow(kind);
        Close::Flow
    }

    fn count_macro(&mut self, attributes: Attributes<'_>) {
        let name = attributes.get("ac:name").unwrap_or_default();
        let name = name.trim().to_lowercase();
        if !name.is_empty() {
            *self.meta.macros.entry(name).or_default() += 1;
        }
    }

    fn unknown_element(&mut self, name: &str) {
        if self.unknown_elements.len() < 64 && self.unknown_elements.insert(name.to_owned()) {
            self.warnings.note("unknown_element", self.offset, name);
        }
    }

    fn open_in_raw(&mut self, tag: Tag, attributes: Attributes<'_>) -> Close {
        let Some(raw) = &mut self.raw else {
            return Close::Nothing;
        };
        match tag {
            Tag::Parameter | Tag::TaskField(_) | Tag::AdfAttribute => return self.skip(),
            Tag::Break => raw.text.push('\n'),
            Tag::Mark(Mark::Code) if raw.language.is_none() => {
                let class = attributes.get("class").unwrap_or_default();
                let language = class
                    .split_whitespace()
                    .find_map(|class| class.strip_prefix("language-"));
                raw.language = language.map(str::to_owned);
            }
            Tag::Paragraph | Tag::Block | Tag::Item | Tag::Row | Tag::Heading(_) => raw.line(),
            Tag::Cell(_) => raw.text.push('\t'),
            _ => {}
        }
        Close::Nothing
    }

    #[expect(clippy::too_many_lines, reason = "one flat table of elements")]
    fn open(&mut self, tag: Tag, attributes: Attributes<'_>) -> Close {
        match tag {
            Tag::Paragraph if self.top().para.level > 0 => {
                self.space();
                Close::Nothing
            }
            Tag::Paragraph => {
                self.flush();
                let end = self.offset;
                let para = &mut self.top().para;
                para.explicit = true;
                para.source = end;
                Close::Paragraph
            }
            Tag::Heading(_) if self.top().para.level > 0 => Close::Nothing,
            Tag::Heading(level) => {
                self.flush();
                self.ids = Some(super::anchors::HeadingIds::default());
                self.top().para.level = level;
                Close::Heading
            }
            Tag::Break => {
                self.top().para.line_break();
                if let Some(ids) = &mut self.ids {
                    ids.text(" ");
                }
                Close::Nothing
            }
            Tag::Rule => {
                self.block(BlockKind::Rule, self.offset..self.end);
                Close::Nothing
            }
            Tag::Mark(mark) => self.open_mark(mark),
            Tag::Inline if attributes.mention("line-through") => self.open_mark(Mark::Strike),
            Tag::Inline if attributes.mention("katex-html") => self.skip(),
            Tag::Pre => {
                self.flush();
                self.capture(RawPurpose::Pre)
            }
            Tag::Quote => self.container(FlowKind::Quote),
            Tag::Definition => self.container(FlowKind::Definition),
            Tag::Term | Tag::Summary => {
                self.flush();
                self.top().para.open(MarkKind::Plain(Mark::Strong));
                Close::Term
            }
            Tag::List(ordered) => self.open_list(ordered, attributes),
            Tag::Item => {
                self.settle_list();
                self.container(FlowKind::Item)
            }
            Tag::Table => self.container(FlowKind::Table(Box::default())),
            Tag::Head | Tag::Rows => self.open_rows(tag),
            Tag::Row => {
                self.settle_table();
                self.container(FlowKind::Row(Vec::new()))
            }
            Tag::Cell(kind) => {
                self.settle_row();
                self.container(FlowKind::Cell(table::cell(kind, attributes)))
            }
            Tag::Caption => self.container(FlowKind::Caption),
            Tag::Anchor => self.open_anchor(attributes),
            Tag::Img => {
                self.img(attributes);
                Close::Nothing
            }
            Tag::Time => {
                let date = attributes.filled("datetime").unwrap_or_default();
                self.times.push((date, String::new()));
                Close::Time
            }
            Tag::Embed => {
                self.embed(attributes);
                Close::Nothing
            }
            Tag::Macro => self.open_macro(attributes),
            Tag::Parameter => {
                let name = attributes.get("ac:name").unwrap_or_default();
                self.param = Some(Param {
                    name: name.trim().to_lowercase(),
                    ..Param::default()
                });
                Close::Param
            }
            Tag::RichBody => {
                self.flush();
                Close::RichBody
            }
            Tag::PlainBody => {
                self.close_plain_before();
                self.capture(RawPurpose::PlainBody)
            }
            Tag::Link => self.open_link(attributes),
            Tag::Image => {
                self.open_image(attributes);
                Close::Flow
            }
            Tag::Emoticon => {
                self.emoticon(attributes);
                Close::Nothing
            }
            Tag::TaskList => self.container(FlowKind::Tasks(Vec::new())),
            Tag::Task => self.open_task(),
            Tag::TaskField(TaskField::Id) => self.capture(RawPurpose::TaskId),
            Tag::TaskField(TaskField::Status) => self.capture(RawPurpose::TaskStatus),
            Tag::CommentMarker => {
                self.meta.comment_refs.extend(attributes.filled("ac:ref"));
                Close::Nothing
            }
            Tag::AdfExtension => {
                self.adf_understood = false;
                Close::Nothing
            }
            Tag::AdfNode => self.open_adf(attributes),
            Tag::AdfAttribute => {
                let key = attributes.filled("key").unwrap_or_default();
                self.capture(RawPurpose::AdfAttribute(key))
            }
            Tag::AdfFallback if self.adf_understood => self.skip(),
            Tag::Block | Tag::TaskBody | Tag::AdfFallback => self.boundary(),
            Tag::Inline | Tag::LinkBody | Tag::Void | Tag::Skip | Tag::Resource | Tag::Unknown => {
                Close::Nothing
            }
        }
    }

    fn open_mark(&mut self, mark: Mark) -> Close {
        let para = &mut self.top().para;
        if para.has_mark(mark) || para.has_mark(Mark::Code) {
            return Close::Nothing;
        }
        para.open(MarkKind::Plain(mark));
        Close::Mark(mark)
    }

    fn open_list(&mut self, ordered: Ordered, attributes: Attributes<'_>) -> Close {
        let start = attributes
            .get("start")
            .and_then(|start| start.trim().parse().ok());
        self.container(FlowKind::List(Box::new(ListFrame {
            ordered: ordered == Ordered::Yes,
            start: start.unwrap_or(1),
            items: Vec::new(),
        })))
    }

    fn open_rows(&mut self, tag: Tag) -> Close {
        self.flush();
        match &mut self.top().kind {
            FlowKind::Table(table) => {
                table.in_head = tag == Tag::Head;
                Close::Head
            }
            _ => Close::Flush,
        }
    }

    fn open_anchor(&mut self, attributes: Attributes<'_>) -> Close {
        let Some(href) = attributes.get("href") else {
            let name = attributes
                .filled("name")
                .or_else(|| attributes.filled("id"));
            if let Some(name) = name {
                self.meta.anchors.push(name.clone());
                self.top().para.push(Inline::Anchor { name });
            }
            return Close::Nothing;
        };
        let source = match attributes.mention("data-card-appearance") {
            true => LinkSource::Card,
            false => LinkSource::A,
        };
        self.start_link(OpenLink {
            target: Some(links::href(&href)),
            source,
            ..OpenLink::default()
        })
    }

    fn open_link(&mut self, attributes: Attributes<'_>) -> Close {
        let appearance = attributes.get("ac:card-appearance");
        let source = match appearance.as_deref() {
            Some("inline") => LinkSource::Card,
            _ => LinkSource::Link,
        };
        let anchor = attributes.filled("ac:anchor");
        self.start_link(OpenLink {
            anchor,
            source,
            ..OpenLink::default()
        })
    }

    /// Links do not nest: the inner one keeps its text and loses its target.
    fn start_link(&mut self, link: OpenLink) -> Close {
        if self.top().para.open_link().is_some() {
            return Close::Nothing;
        }
        let ids_mark = self
            .ids
            .as_ref()
            .map_or(0, super::anchors::HeadingIds::mark);
        self.top()
            .para
            .open(MarkKind::Link(Box::new(OpenLink { ids_mark, ..link })));
        Close::Link
    }

    fn embed(&mut self, attributes: Attributes<'_>) {
        let url = attributes
            .filled("src")
            .or_else(|| attributes.filled("data"));
        let url = url.filter(|url| url.starts_with("http://") || url.starts_with("https://"));
        if let Some(url) = url {
            self.meta.embeds.push(url.clone());
            let target = Box::new(Target::Url { url });
            self.inline(Inline::Link {
                target,
                label: Vec::new(),
            });
        }
    }

    fn open_macro(&mut self, attributes: Attributes<'_>) -> Close {
        let name = attributes.get("ac:name").unwrap_or_default();
        let frame = MacroFrame {
            name: name.trim().to_lowercase(),
            inline: self.top().para.is_inline_context(),
            ..MacroFrame::default()
        };
        self.enter(FlowKind::Macro(Box::new(frame)));
        Close::Flow
    }

    /// What stood in a macro before a plain body is a body of its own.
    fn close_plain_before(&mut self) {
        if let FlowKind::Macro(_) = self.top().kind {
            self.flush();
            let blocks = std::mem::take(&mut self.top().blocks);
            if let FlowKind::Macro(frame) = &mut self.top().kind
                && !blocks.is_empty()
            {
                frame.bodies.push(macros::MacroBody::Rich(blocks));
            }
        }
    }

    fn open_task(&mut self) -> Close {
        let open = self
            .flows
            .iter()
            .filter(|flow| matches!(flow.kind, FlowKind::Task(_)));
        let depth = u32::try_from(open.count()).unwrap_or(u32::MAX);
        let index = self.meta.tasks.len();
        self.meta.tasks.push(Task {
            id: None,
            done: false,
            text: String::new(),
            assignee: None,
            due: None,
            depth,
        });
        self.settle_tasks();
        self.container(FlowKind::Task(Box::new(TaskFrame {
            index,
            depth,
            ..TaskFrame::default()
        })))
    }

    fn open_adf(&mut self, attributes: Attributes<'_>) -> Close {
        let inline = self.top().para.is_inline_context();
        let kind = attributes.filled("type").unwrap_or_default();
        self.enter(FlowKind::Adf(Box::new(AdfFrame {
            kind,
            attributes: Vec::new(),
            inline,
        })));
        Close::Flow
    }

    fn close(&mut self, close: Close, tag: Tag) {
        match close {
            Close::Nothing => {
                if let Some(raw) = &mut self.raw
                    && matches!(tag, Tag::Paragraph | Tag::Block | Tag::Item | Tag::Row)
                {
                    raw.line();
                }
            }
            Close::Flush => {
                self.boundary();
            }
            Close::Paragraph => {
                self.flush();
                self.top().para.explicit = false;
            }
            Close::Heading => {
                self.flush();
                self.top().para.level = 0;
                self.ids = None;
            }
            Close::Mark(mark) => {
                if let Some(open) = self.top().para.close() {
                    self.top().para.wrap(mark, open.inlines);
                }
            }
            Close::Term => {
                if let Some(open) = self.top().para.close() {
                    self.top().para.wrap(Mark::Strong, open.inlines);
                }
                self.flush();
            }
            Close::Link => self.close_link(),
            Close::Flow => self.close_flow(),
            Close::Raw => self.close_raw(),
            Close::Param => self.close_param(),
            Close::Skip => self.skip -= 1,
            Close::Head => {
                self.flush();
                if let FlowKind::Table(table) = &mut self.top().kind {
                    table.in_head = false;
                }
            }
            Close::Time => self.close_time(),
            Close::RichBody => self.close_rich(),
        }
    }

    fn close_rich(&mut self) {
        // Bare text may turn out to be all there is; then the macro is inline.
        match self.top().blocks.is_empty() {
            true => self.top().para.space(),
            false => self.flush(),
        }
    }

    fn close_param(&mut self) {
        let Some(param) = self.param.take() else {
            return;
        };
        match &mut self.top().kind {
            FlowKind::Macro(frame) if frame.params.len() < 1000 => frame.params.push(param),
            _ => self
                .warnings
                .note("parameter_dropped", self.offset, &param.name),
        }
    }

    fn close_raw(&mut self) {
        let Some(raw) = self.raw.take() else { return };
        let Raw {
            purpose,
            mut text,
            language,
            ..
        } = raw;
        super::para::compose(&mut text);
        let at = self.offset;
        match (purpose, &mut self.top().kind) {
            (RawPurpose::PlainBody, FlowKind::Macro(frame)) => {
                frame.bodies.push(macros::MacroBody::Plain(text));
            }
            (RawPurpose::TaskId, FlowKind::Task(task)) => {
                task.id = Some(text.trim().to_owned()).filter(|id| !id.is_empty());
            }
            (RawPurpose::TaskStatus, FlowKind::Task(task)) => task.done = text.trim() == "complete",
            (RawPurpose::AdfAttribute(key), FlowKind::Adf(adf)) => adf.attributes.push((key, text)),
            (RawPurpose::PlainBody | RawPurpose::Pre, _) => {
                let source = self.top().para.source.min(at)..self.end;
                self.code(language, None, text, source);
            }
            _ => {}
        }
    }

    fn close_time(&mut self) {
        let Some((date, seen)) = self.times.pop() else {
            return;
        };
        if date.is_empty() {
            return;
        }
        self.meta.dates.push(date.clone());
        let seen = seen.trim();
        if seen.is_empty() {
            return self.inline(Inline::Date { date });
        }
        if seen != date {
            self.words(" (");
            self.top().para.push(Inline::Date { date });
            self.words(")");
        }
    }

    fn close_flow(&mut self) {
        let bare = self.top().blocks.is_empty();
        let may_be_inline = match &self.top().kind {
            FlowKind::Macro(frame) => frame.inline && frame.bodies.is_empty(),
            FlowKind::Adf(frame) => frame.inline,
            FlowKind::Caption => true,
            _ => false,
        };
        let inlines = match bare && may_be_inline {
            true => self.top().para.take(),
            false => Vec::new(),
        };
        self.flush();
        self.settle_list();
        self.settle_tasks();
        self.settle_table();
        self.settle_row();
        let Some(mut flow) = self.pop_flow() else {
            return;
        };
        let source = flow.range(self.end);
        let blocks = std::mem::take(&mut flow.blocks);
        match flow.kind {
            FlowKind::Root => self.splice(blocks),
            FlowKind::Quote => {
                self.unless_empty(blocks, source, |blocks| BlockKind::Quote { blocks })
            }
            FlowKind::Definition => {
                self.unless_empty(blocks, source, |blocks| BlockKind::Definition { blocks });
            }
            FlowKind::List(frame) => self.close_list(*frame, source),
            FlowKind::Item => self.close_item(blocks, source),
            FlowKind::Tasks(tasks) => self.close_tasks(tasks, source),
            FlowKind::Task(frame) => self.close_task(*frame, blocks, source),
            FlowKind::Table(frame) => self.close_table(*frame, source),
            FlowKind::Row(cells) => self.close_row(cells, source),
            FlowKind::Cell(frame) => self.close_cell(RawCell {
                frame,
                blocks,
                source,
            }),
            FlowKind::Caption => self.close_caption(inlines, blocks),
            FlowKind::Macro(frame) => self.close_macro(*frame, blocks, inlines, source),
            FlowKind::Image(frame) => {
                let flow = Flow {
                    kind: FlowKind::Root,
                    blocks,
                    ..flow
                };
                self.close_image(*frame, flow);
            }
            FlowKind::Adf(frame) => self.close_adf(*frame, blocks, inlines, source),
        }
    }

    fn unless_empty(
        &mut self,
        blocks: Vec<Block>,
        source: std::ops::Range<usize>,
        kind: impl FnOnce(Vec<Block>) -> BlockKind,
    ) {
        match blocks.is_empty() {
            true => self.flush(),
            false => self.block(kind(blocks), source),
        }
    }

    /// What stands in a list outside its items belongs to the item before.
    fn settle_list(&mut self) {
        if !matches!(self.top().kind, FlowKind::List(_)) {
            return;
        }
        self.flush();
        let top = self.top();
        let mut stray = std::mem::take(&mut top.blocks);
        let FlowKind::List(frame) = &mut top.kind else {
            return;
        };
        match frame.items.last_mut() {
            _ if stray.is_empty() => {}
            Some(item) => item.append(&mut stray),
            None => frame.items.push(stray),
        }
    }

    fn close_list(&mut self, frame: ListFrame, source: std::ops::Range<usize>) {
        let ListFrame {
            ordered,
            start,
            items,
        } = frame;
        if items.is_empty() {
            return self.flush();
        }
        self.block(
            BlockKind::List {
                ordered,
                start,
                items,
            },
            source,
        );
    }

    /// An item outside any list goes on with the list before it or begins one.
    fn close_item(&mut self, blocks: Vec<Block>, source: std::ops::Range<usize>) {
        if let FlowKind::List(frame) = &mut self.top().kind {
            if !blocks.is_empty() {
                frame.items.push(blocks);
            }
            return;
        }
        self.flush();
        if let Some(Block {
            kind: BlockKind::List { items, .. },
            ..
        }) = self.top().blocks.last_mut()
        {
            items.push(blocks);
            return;
        }
        let items = vec![blocks];
        self.block(
            BlockKind::List {
                ordered: false,
                start: 1,
                items,
            },
            source,
        );
    }

    /// A task list directly in a task list holds the sub-tasks of the task before.
    fn settle_tasks(&mut self) {
        if !matches!(self.top().kind, FlowKind::Tasks(_)) {
            return;
        }
        self.flush();
        let top = self.top();
        let mut stray = std::mem::take(&mut top.blocks);
        let FlowKind::Tasks(tasks) = &mut top.kind else {
            return;
        };
        match tasks.last_mut() {
            _ if stray.is_empty() => {}
            Some(task) => task.blocks.append(&mut stray),
            None => tasks.push(TaskItem {
                done: false,
                blocks: stray,
            }),
        }
    }

    fn close_tasks(&mut self, mut tasks: Vec<TaskItem>, source: std::ops::Range<usize>) {
        tasks.retain(|task| !task.blocks.is_empty());
        if tasks.is_empty() {
            return self.flush();
        }
        self.block(BlockKind::TaskList { tasks }, source);
    }

    fn close_task(&mut self, frame: TaskFrame, blocks: Vec<Block>, source: std::ops::Range<usize>) {
        let TaskFrame {
            id, done, index, ..
        } = frame;
        if let Some(task) = self.meta.tasks.get_mut(index) {
            super::tasks::describe(task, &blocks);
            (task.id, task.done) = (id, done);
        }
        let item = TaskItem { done, blocks };
        if let FlowKind::Tasks(tasks) = &mut self.top().kind {
            return tasks.push(item);
        }
        self.close_tasks(vec![item], source);
    }

    /// What stands in a table outside its rows becomes a row where it stood.
    fn settle_table(&mut self) {
        if !matches!(self.top().kind, FlowKind::Table(_)) {
            return;
        }
        self.flush();
        let source = self.top().source..self.offset;
        let blocks = std::mem::take(&mut self.top().blocks);
        if !blocks.is_empty() {
            let cell = stray_cell(blocks, source.clone());
            self.push_row(vec![cell], source);
        }
    }

    fn push_row(&mut self, cells: Vec<RawCell>, source: std::ops::Range<usize>) {
        if let FlowKind::Table(frame) = &mut self.top().kind {
            let in_head = frame.in_head;
            frame.rows.push(RawRow {
                cells,
                in_head,
                source,
            });
        }
    }

    fn settle_row(&mut self) {
        if !matches!(self.top().kind, FlowKind::Row(_)) {
            return;
        }
        self.flush();
        let source = self.top().source..self.offset;
        let blocks = std::mem::take(&mut self.top().blocks);
        if let FlowKind::Row(cells) = &mut self.top().kind
            && !blocks.is_empty()
        {
            cells.push(stray_cell(blocks, source));
        }
    }

    fn close_row(&mut self, cells: Vec<RawCell>, source: std::ops::Range<usize>) {
        if !cells.is_empty() {
            self.push_row(cells, source);
        }
    }

    fn close_cell(&mut self, cell: RawCell) {
        match &mut self.top().kind {
            FlowKind::Row(cells) => cells.push(cell),
            _ => self.splice(cell.blocks),
        }
    }

    fn close_caption(&mut self, inlines: Vec<Inline>, blocks: Vec<Block>) {
        match &mut self.top().kind {
            FlowKind::Table(table) if table.rows.is_empty() && !inlines.is_empty() => {
                if !table.caption.is_empty() {
                    table.caption.push(Inline::LineBreak);
                }
                table.caption.extend(inlines);
            }
            _ => {
                self.append(inlines);
                self.flush();
                self.splice(blocks);
            }
        }
    }
}

fn stray_cell(blocks: Vec<Block>, source: std::ops::Range<usize>) -> RawCell {
    let frame = super::flow::CellFrame {
        kind: CellKind::Data,
        columns: 1,
        rows: 1,
    };
    RawCell {
        frame,
        blocks,
        source,
    }
}
