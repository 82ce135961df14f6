//! What each element does when it closes, and where what stands in the wrong place goes.

use std::ops::Range;

use super::build::{Builder, Raw, RawPurpose};
use super::elements::Close;
use super::flow::{Bare, CellFrame, FlowKind, ListFrame, TaskFrame};
use super::macros::MacroBody;
use super::table::{RawCell, RawRow};
use super::tag::{CellKind, Mark, Tag};
use super::{para, plain, tasks};
use crate::model::{Block, BlockKind, Inline, TaskItem, TaskState};

impl Builder<'_> {
    pub(super) fn close(&mut self, close: Close, tag: Tag) {
        match close {
            Close::Nothing => {
                if let Some(raw) = &mut self.raw
                    && matches!(tag, Tag::Paragraph | Tag::Block | Tag::Item | Tag::Row)
                {
                    raw.line();
                }
            }
            Close::Space => self.space(),
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
                self.spare_ids = self.ids.take().unwrap_or_default().recycled();
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
        if self.top().blocks.is_empty() {
            self.top().para.set_apart();
        } else {
            self.flush();
        }
    }

    fn close_param(&mut self) {
        let Some(param) = self.param.take() else {
            return;
        };
        match &mut self.top().kind {
            FlowKind::Macro(frame) if frame.params.is_empty() => frame.params = vec![param],
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
            annotation,
            ..
        } = raw;
        if purpose != RawPurpose::Math {
            para::compose(&mut text);
        }
        let at = self.offset;
        match (purpose, &mut self.top().kind) {
            (RawPurpose::PlainBody, FlowKind::Macro(frame)) => {
                frame.bodies.push(MacroBody::Plain(text));
            }
            (RawPurpose::TaskId, FlowKind::Task(task)) => {
                task.id = Some(text.trim().to_owned()).filter(|id| !id.is_empty());
            }
            (RawPurpose::TaskUuid, FlowKind::Task(task)) => {
                task.uuid = Some(text.trim().to_owned()).filter(|id| !id.is_empty());
            }
            (RawPurpose::TaskStatus, FlowKind::Task(task)) if text.trim() == "complete" => {
                task.state = TaskState::Complete;
            }
            (RawPurpose::AdfAttribute(key), FlowKind::Adf(adf)) => adf.attributes.push((key, text)),
            (RawPurpose::Math, _) => self.formula(&text, annotation),
            (RawPurpose::PlainBody | RawPurpose::Pre, _) => {
                let source = self.top().para.source.min(at)..self.end;
                self.code(language, None, text, source);
            }
            _ => {}
        }
    }

    /// A formula in the text: its TeX source if that stands there, else its text.
    fn formula(&mut self, text: &str, annotation: Option<usize>) {
        let tex = annotation.and_then(|at| text.get(at..)).map(str::trim);
        match tex.filter(|tex| !tex.is_empty()) {
            Some(tex) => self.inline(Inline::Math {
                tex: tex.to_owned(),
            }),
            None => self.words(text),
        }
    }

    fn close_time(&mut self) {
        let Some((date, seen)) = self.times.pop() else {
            return;
        };
        let Some(date) = plain::line(&date) else {
            return;
        };
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
        let edges = self.top().para.edges();
        let mut held = Bare::default();
        if bare && may_be_inline {
            held.inlines = self.top().para.take();
        }
        let edges = if held.inlines.is_empty() {
            (false, false)
        } else {
            // What was only said of a block would make one.
            held.number = self.top().number;
            edges
        };
        self.flush();
        match self.top().kind {
            FlowKind::List(_) => self.settle_list(),
            FlowKind::Tasks(_) => self.settle_tasks(),
            FlowKind::Table(_) => self.settle_table(),
            FlowKind::Row(_) => self.settle_row(),
            _ => {}
        }
        let Some(mut flow) = self.pop_flow() else {
            return;
        };
        let source = flow.range(self.end);
        let blocks = std::mem::take(&mut flow.blocks);
        if edges.0 {
            self.top().para.space();
        }
        match flow.kind {
            FlowKind::Root => self.splice(blocks),
            FlowKind::Quote => {
                self.unless_empty(blocks, source, |blocks| BlockKind::Quote { blocks });
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
            FlowKind::Cell(frame) => self.close_cell(RawCell { frame, blocks }),
            FlowKind::Caption => self.close_caption(held, blocks),
            FlowKind::Macro(frame) => self.close_macro(*frame, blocks, held, source),
            FlowKind::Image(frame) => self.close_image(*frame, blocks, source),
            FlowKind::Adf(frame) => self.close_adf(*frame, blocks, held, source),
        }
        if edges.1 {
            self.top().para.space();
        }
    }

    fn unless_empty(
        &mut self,
        blocks: Vec<Block>,
        source: Range<usize>,
        kind: impl FnOnce(Vec<Block>) -> BlockKind,
    ) {
        if blocks.is_empty() {
            self.flush();
        } else {
            self.block(kind(blocks), source);
        }
    }

    /// What stands in a list outside its items belongs to the item before.
    pub(super) fn settle_list(&mut self) {
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

    fn close_list(&mut self, frame: ListFrame, source: Range<usize>) {
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
    fn close_item(&mut self, blocks: Vec<Block>, source: Range<usize>) {
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
    pub(super) fn settle_tasks(&mut self) {
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

    fn close_tasks(&mut self, mut tasks: Vec<TaskItem>, source: Range<usize>) {
        tasks.retain(|task| !task.blocks.is_empty());
        if tasks.is_empty() {
            return self.flush();
        }
        self.block(BlockKind::TaskList { tasks }, source);
    }

    fn close_task(&mut self, frame: TaskFrame, mut blocks: Vec<Block>, source: Range<usize>) {
        let TaskFrame {
            id,
            uuid,
            state,
            index,
        } = frame;
        // Its own words, or what else it has.
        let own = blocks
            .iter()
            .position(|block| !matches!(block.kind, BlockKind::TaskList { .. }));
        let block = blocks.get_mut(own.unwrap_or(0));
        let block = block.map(|block| self.number_of(block));
        if let Some(task) = self.meta.tasks.get_mut(index) {
            tasks::describe(task, &blocks);
            (task.id, task.uuid, task.state) = (id, uuid, state);
            task.block = block;
        }
        let done = state == TaskState::Complete;
        let item = TaskItem { done, blocks };
        if let FlowKind::Tasks(tasks) = &mut self.top().kind {
            return tasks.push(item);
        }
        self.close_tasks(vec![item], source);
    }

    /// What stands in a table outside its rows becomes a row where it stood.
    pub(super) fn settle_table(&mut self) {
        if !matches!(self.top().kind, FlowKind::Table(_)) {
            return;
        }
        self.flush();
        let source = self.top().source..self.offset;
        let blocks = std::mem::take(&mut self.top().blocks);
        if !blocks.is_empty() {
            let cell = stray_cell(blocks);
            self.push_row(vec![cell], source);
        }
    }

    fn push_row(&mut self, cells: Vec<RawCell>, source: Range<usize>) {
        if let FlowKind::Table(frame) = &mut self.top().kind {
            let in_head = frame.in_head;
            frame.rows.push(RawRow {
                cells,
                in_head,
                source,
            });
        }
    }

    pub(super) fn settle_row(&mut self) {
        if !matches!(self.top().kind, FlowKind::Row(_)) {
            return;
        }
        self.flush();
        let blocks = std::mem::take(&mut self.top().blocks);
        if let FlowKind::Row(cells) = &mut self.top().kind
            && !blocks.is_empty()
        {
            cells.push(stray_cell(blocks));
        }
    }

    fn close_row(&mut self, cells: Vec<RawCell>, source: Range<usize>) {
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

    fn close_caption(&mut self, held: Bare, blocks: Vec<Block>) {
        let Bare { inlines, number } = held;
        match &mut self.top().kind {
            FlowKind::Table(table) if table.rows.is_empty() && !inlines.is_empty() => {
                if !table.caption.is_empty() {
                    table.caption.push(Inline::LineBreak);
                }
                table.caption.extend(inlines);
                match table.caption_number {
                    0 => table.caption_number = number,
                    first if number > 0 => self.moved.push((number, first)),
                    _ => {}
                }
            }
            _ => {
                self.append(inlines, number);
                self.flush();
                self.splice(blocks);
            }
        }
    }
}

fn stray_cell(blocks: Vec<Block>) -> RawCell {
    let frame = CellFrame {
        kind: CellKind::Data,
        columns: 1,
        rows: 1,
    };
    RawCell { frame, blocks }
}
