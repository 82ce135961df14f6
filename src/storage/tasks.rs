//! What can be read out of a task: its text, who it is for, until when.
//!
//! The first person mentioned is the assignee and the first date is the due date;
//! sub-tasks count for themselves only.

use super::plain::{self, Leaf, Leaves, Subtasks};
use crate::model::{Block, Inline, Task, User};

/// People of one task that are kept.
const MOST_MENTIONS: usize = 100;

/// Fills in what the blocks of a task tell.
pub(super) fn describe(task: &mut Task, blocks: &[Block]) {
    task.text = plain::without_tasks(blocks);
    for leaf in Leaves::new(blocks, Subtasks::Skip) {
        if let Leaf::Inlines(inlines) = leaf {
            search(inlines, &mut task.mentions, &mut task.due);
        }
    }
    task.assignee = task.mentions.first().cloned();
}

fn search(inlines: &[Inline], mentions: &mut Vec<User>, due: &mut Option<String>) {
    for inline in inlines {
        match inline {
            Inline::Mention { user, .. }
                if mentions.len() < MOST_MENTIONS && !mentions.contains(user) =>
            {
                mentions.push((**user).clone());
            }
            Inline::Date { date } if due.is_none() => *due = Some(date.clone()),
            Inline::Strong { inlines }
            | Inline::Em { inlines }
            | Inline::Strike { inlines }
            | Inline::Link { label: inlines, .. } => search(inlines, mentions, due),
            _ => {}
        }
    }
}
