//! Block containers under construction: one [`Flow`] per open element that holds blocks.
//!
//! Every flow can take blocks and bare text, also those of elements that should hold
//! neither (`ul`, `tr`, a macro outside its bodies): whatever an author managed to put
//! there is kept in its place when the flow is finished.

use std::ops::Range;

use super::macros::{MacroBody, Param};
use super::para::Para;
use super::table::{RawCell, TableFrame};
use super::tag::CellKind;
use crate::model::{Block, Inline, Target, TaskItem, TaskState};

/// An open block container.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) kind: FlowKind,
    pub(super) blocks: Vec<Block>,
    pub(super) para: Para,
    /// Where its start tag stands.
    pub(super) source: usize,
    /// The number of the block that comes next, where the record names it; else 0.
    pub(super) number: u32,
}

/// What a container becomes when it closes.
#[derive(Debug)]
pub(super) enum FlowKind {
    /// The body itself or a body inside it.
    Root,
    Quote,
    Definition,
    List(Box<ListFrame>),
    Item,
    Tasks(Vec<TaskItem>),
    Task(Box<TaskFrame>),
    Table(Box<TableFrame>),
    Row(Vec<RawCell>),
    Cell(CellFrame),
    Caption,
    Macro(Box<MacroFrame>),
    Image(Box<ImageFrame>),
    Adf(Box<AdfFrame>),
}

/// A list and its finished items.
#[derive(Debug)]
pub(super) struct ListFrame {
    pub(super) ordered: bool,
    pub(super) start: u32,
    pub(super) items: Vec<Vec<Block>>,
}

/// What a task says besides its text.
#[derive(Debug, Default)]
pub(super) struct TaskFrame {
    pub(super) id: Option<String>,
    pub(super) uuid: Option<String>,
    pub(super) state: TaskState,
    /// Place in the metadata, which lists a task before its sub-tasks.
    pub(super) index: usize,
}

/// A table cell as its tag described it.
#[derive(Debug, Clone, Copy)]
pub(super) struct CellFrame {
    pub(super) kind: CellKind,
    pub(super) columns: usize,
    pub(super) rows: usize,
}

/// A macro with what was read of it so far.
#[derive(Debug, Default)]
pub(super) struct MacroFrame {
    pub(super) name: String,
    pub(super) params: Vec<Param>,
    pub(super) bodies: Vec<MacroBody>,
    /// It stands beside text.
    pub(super) inline: bool,
    /// Where it begins in the ids of the heading around it.
    pub(super) ids_mark: usize,
}

/// An image whose resource and caption are still to come.
#[derive(Debug, Default)]
pub(super) struct ImageFrame {
    pub(super) target: Option<Target>,
    pub(super) alt: Option<String>,
    pub(super) emoticon: bool,
    pub(super) inline: bool,
}

/// A node of the current editor's own format.
#[derive(Debug, Default)]
pub(super) struct AdfFrame {
    pub(super) kind: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) inline: bool,
}

/// What a container held when it closed.
#[derive(Debug)]
pub(super) struct Closed {
    pub(super) kind: FlowKind,
    pub(super) blocks: Vec<Block>,
    source: usize,
}

/// What stood in a container in which there is no block: it may stay in the line.
#[derive(Debug, Default)]
pub(super) struct Bare {
    pub(super) inlines: Vec<Inline>,
    /// By which the record names it, as if it were a block; 0 where it does not.
    pub(super) number: u32,
}

impl Flow {
    pub(super) fn new(kind: FlowKind, source: usize) -> Self {
        Self {
            kind,
            blocks: Vec::new(),
            para: Para::default(),
            source,
            number: 0,
        }
    }

    /// Makes an empty container, in the room of one that was closed.
    #[inline]
    pub(super) fn open(&mut self, kind: FlowKind, source: usize) {
        (self.kind, self.source, self.number) = (kind, source, 0);
    }

    /// Takes what it holds and leaves its room.
    #[inline]
    pub(super) fn close(&mut self) -> Closed {
        self.para.reset();
        Closed {
            kind: std::mem::replace(&mut self.kind, FlowKind::Root),
            blocks: std::mem::take(&mut self.blocks),
            source: self.source,
        }
    }
}

impl Closed {
    /// Bytes of the body from its start tag to here.
    pub(super) fn range(&self, end: usize) -> Range<usize> {
        self.source..end.max(self.source)
    }
}
