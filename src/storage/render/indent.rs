//! What stands before the lines of quotes, lists and definitions: marks and indentation.
//!
//! Every line carries what all containers around it put there, so the depth that is shown is
//! bounded: what stands deeper is written on the deepest level that is shown and says how deep
//! it is. The tree keeps its depth.

use std::fmt::Write as _;
use std::slice::Iter;

use super::super::warn;
use super::{Gap, Renderer, Work};
use crate::model::{Block, BlockKind, SegmentKind, TaskItem, Warning};

/// Levels that indent.
const MOST_LEVELS: usize = 12;

/// As wide as the widest marker.
pub(super) const SPACES: &str = "                ";

/// What stands in front of the first line of an item and does not indent.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lead {
    /// The box of a task.
    checkbox: &'static str,
    /// The level, where the indentation does not show it.
    level: usize,
}

impl Renderer {
    /// Puts a marker before the next line and spaces before those after it, until the
    /// container that holds these blocks ends.
    pub(super) fn indent(&mut self, marker: &str, blocks: &[Block], stack: &mut Vec<Work<'_>>) {
        self.enter_level(blocks, stack);
        if self.levels > MOST_LEVELS {
            self.cut_prefix(self.floor);
        }
        let at = self.prefix.len();
        self.prefix.push_str(marker);
        self.markers.push(at..self.prefix.len());
    }

    pub(super) fn quote(&mut self, blocks: &[Block], stack: &mut Vec<Work<'_>>) {
        self.open_group(stack);
        self.enter_level(blocks, stack);
        if self.levels <= MOST_LEVELS {
            self.prefix.push_str("> ");
        }
    }

    fn enter_level(&mut self, blocks: &[Block], stack: &mut Vec<Work<'_>>) {
        stack.push(Work::Outdent(self.prefix.len()));
        self.levels += 1;
        if self.levels <= MOST_LEVELS {
            return;
        }
        if self.levels == MOST_LEVELS + 1 {
            self.floor = self.prefix.len();
            self.note_flattened();
        }
        // In front of anything else it would be taken for the text of a paragraph.
        if let Some(BlockKind::Paragraph { .. }) = blocks.first().map(|block| &block.kind) {
            self.lead.level = self.levels;
        }
    }

    fn note_flattened(&mut self) {
        const CODE: &str = "indentation_flattened";
        let known = |warning: &Warning| warning.code == CODE;
        if !self.meta.warnings.iter().any(known) {
            warn(&mut self.meta, CODE, self.source);
        }
    }

    /// Back to the prefix of the container around, which had this length.
    pub(super) fn outdent(&mut self, length: usize) {
        self.levels -= 1;
        self.lead = Lead::default();
        self.cut_prefix(length);
        // Below the deepest level there are only spaces, of which an item inside took some.
        self.prefix
            .extend(std::iter::repeat_n(' ', length - self.prefix.len()));
    }

    fn cut_prefix(&mut self, length: usize) {
        self.markers.retain(|marker| marker.end <= length);
        self.prefix.truncate(length);
        self.shared = self.shared.min(length);
    }

    pub(super) fn write_lead(&mut self) {
        let Lead { checkbox, level } = std::mem::take(&mut self.lead);
        self.markdown.push_str(checkbox);
        if level > 0 {
            // A `String` takes whatever is written.
            let _ = write!(self.markdown, "(level {level}) ");
        }
    }

    pub(super) fn open_list(&mut self, stack: &mut Vec<Work<'_>>) {
        stack.push(Work::Blank);
        if self.lists > 0 {
            self.gap = Gap::Line;
        }
        self.lists += 1;
        self.open_group(stack);
        stack.push(Work::EndList);
    }

    pub(super) fn item<'b>(
        &mut self,
        mut rest: Iter<'b, Vec<Block>>,
        number: Option<u32>,
        stack: &mut Vec<Work<'b>>,
    ) {
        let Some(blocks) = rest.next() else { return };
        stack.push(Work::Items(
            rest,
            number.map(|number| number.saturating_add(1)),
        ));
        if blocks.is_empty() {
            return;
        }
        stack.push(Work::Line);
        match number {
            Some(number) => self.indent(&format!("{number}. "), blocks, stack),
            None => self.indent("- ", blocks, stack),
        }
        self.set_leaf(SegmentKind::ListItem, stack);
        stack.push(Work::Blocks(blocks.iter()));
    }

    pub(super) fn task<'b>(&mut self, mut rest: Iter<'b, TaskItem>, stack: &mut Vec<Work<'b>>) {
        let Some(task) = rest.next() else { return };
        stack.push(Work::Tasks(rest));
        stack.push(Work::Line);
        self.indent("- ", &task.blocks, stack);
        self.lead.checkbox = if task.done { "[x] " } else { "[ ] " };
        self.set_leaf(SegmentKind::Task, stack);
        stack.push(Work::Blocks(task.blocks.iter()));
    }
}
