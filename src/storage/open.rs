//! What each element does when it opens.

use super::anchors::HeadingIds;
use super::build::{Builder, Raw, RawPurpose};
use super::elements::Close;
use super::flow::{AdfFrame, FlowKind, ListFrame, MacroFrame, TaskFrame};
use super::macros::{MacroBody, Param};
use super::para::{LinkSource, MarkKind, OpenLink};
use super::scan::Attributes;
use super::tag::{Mark, Ordered, Tag, TaskField};
use super::{links, table};
use crate::model::{BlockKind, Embed, Inline, Target, Task, TaskState};

impl Builder<'_> {
    pub(super) fn skip(&mut self) -> Close {
        self.skip += 1;
        Close::Skip
    }

    pub(super) fn boundary(&mut self) -> Close {
        match self.top().para.level {
            0 => self.flush(),
            _ => self.space(),
        }
        Close::Flush
    }

    pub(super) fn space(&mut self) {
        self.top().para.space();
        if let Some(ids) = &mut self.ids {
            ids.text(" ");
        }
    }

    pub(super) fn capture(&mut self, purpose: RawPurpose) -> Close {
        self.raw = Some(Raw::new(purpose));
        Close::Raw
    }

    fn container(&mut self, kind: FlowKind) -> Close {
        self.push_flow(kind);
        Close::Flow
    }

    pub(super) fn count_macro(&mut self, attributes: Attributes<'_>) {
        // In the plain body of a macro it is text, not a macro of the page.
        if self.nesting > 0 {
            return;
        }
        let name = attributes.get("ac:name").unwrap_or_default();
        let name = name.trim();
        // Most stand there already, as they are written.
        if let Some(count) = self.meta.macros.get_mut(name) {
            *count += 1;
        } else if !name.is_empty() {
            *self.meta.macros.entry(name.to_lowercase()).or_default() += 1;
        }
    }

    pub(super) fn unknown_element(&mut self, name: &str) {
        self.note_once("unknown_element", name);
    }

    /// Warns of something by its name, once for each name.
    pub(super) fn note_once(&mut self, code: &'static str, name: &str) {
        let fits = self.unknown_elements.len() < 64;
        if fits && self.unknown_elements.insert(format!("{code} {name}")) {
            self.warnings.note(code, self.offset, name);
        }
    }

    pub(super) fn open_in_raw(&mut self, tag: Tag, attributes: Attributes<'_>) -> Close {
        let Some(raw) = &mut self.raw else {
            return Close::Nothing;
        };
        match tag {
            Tag::Parameter | Tag::TaskField(_) | Tag::AdfAttribute => return self.skip(),
            Tag::Break => raw.text.push('\n'),
            Tag::Annotation if attributes.mention("tex") => raw.annotation = Some(raw.text.len()),
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
    pub(super) fn open(&mut self, tag: Tag, attributes: Attributes<'_>) -> Close {
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
                let given = self.headings_have_ids.then(|| attributes.filled("id"));
                self.ids = Some(std::mem::take(&mut self.spare_ids).of(given.flatten()));
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
            Tag::Math => self.capture(RawPurpose::Math),
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
            Tag::Embed | Tag::Source => {
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
            Tag::TaskField(TaskField::Uuid) => self.capture(RawPurpose::TaskUuid),
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
            Tag::Label => {
                self.space();
                Close::Space
            }
            Tag::Annotation
            | Tag::Inline
            | Tag::Svg
            | Tag::LinkBody
            | Tag::Void
            | Tag::Skip
            | Tag::Resource
            | Tag::Unknown => Close::Nothing,
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
                self.record_anchor(&name);
                self.top().para.push(Inline::Anchor { name });
            }
            return Close::Nothing;
        };
        let source = if attributes.mention("data-card-appearance") {
            LinkSource::Card
        } else {
            LinkSource::A
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
    pub(super) fn start_link(&mut self, link: OpenLink) -> Close {
        if self.top().para.open_link().is_some() {
            return Close::Nothing;
        }
        let ids_mark = self.ids.as_ref().map_or(0, HeadingIds::mark);
        let blocks_before = self.top().blocks.len();
        self.top().para.open(MarkKind::Link(Box::new(OpenLink {
            ids_mark,
            blocks_before,
            ..link
        })));
        Close::Link
    }

    fn embed(&mut self, attributes: Attributes<'_>) {
        let url = attributes
            .filled("src")
            .or_else(|| attributes.filled("data"));
        let url = url.filter(|url| url.starts_with("http://") || url.starts_with("https://"));
        if let Some(url) = url {
            self.meta.embeds.push(Embed { url: url.clone() });
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
            ids_mark: self.ids.as_ref().map_or(0, HeadingIds::mark),
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
                frame.bodies.push(MacroBody::Rich(blocks));
            }
        }
    }

    fn open_task(&mut self) -> Close {
        let depth = self.task_depth();
        let index = self.meta.tasks.len();
        let headings = u32::try_from(self.meta.headings.len()).unwrap_or(u32::MAX);
        self.meta.tasks.push(Task {
            id: None,
            uuid: None,
            state: TaskState::default(),
            text: String::new(),
            assignee: None,
            mentions: Vec::new(),
            due: None,
            depth,
            heading_path: Vec::new(),
            block: None,
            heading: headings.checked_sub(1),
        });
        self.settle_tasks();
        self.container(FlowKind::Task(Box::new(TaskFrame {
            index,
            ..TaskFrame::default()
        })))
    }

    /// In how many tasks a new one would stand. A list right in a list has those of the task
    /// before it.
    fn task_depth(&mut self) -> u32 {
        let open = self.open_flows().iter();
        let (mut lists, mut tasks) = (0_u32, 0_u32);
        for flow in open {
            lists += u32::from(matches!(flow.kind, FlowKind::Tasks(_)));
            tasks += u32::from(matches!(flow.kind, FlowKind::Task(_)));
        }
        tasks.max(lists.saturating_sub(1))
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
}
