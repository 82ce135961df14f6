//! What was damaged or left out, kept to the first hundred.

use crate::model::Warning;

/// Warnings kept per body; the rest are only counted.
const KEPT: usize = 100;
/// Longest detail, in bytes.
const DETAIL: usize = 80;

/// Collects warnings and whether the body was well formed.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    pub(super) list: Vec<Warning>,
    pub(super) dropped: u32,
    /// Something that a strict reader of XML would have refused.
    pub(super) damaged: bool,
}

impl Warnings {
    /// Records something a reader should know about.
    pub(super) fn note(&mut self, code: &'static str, byte_offset: usize, detail: &str) {
        if self.list.len() == KEPT {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        let detail = &detail[..detail.floor_char_boundary(DETAIL)];
        self.list.push(Warning {
            code: code.to_owned(),
            byte_offset,
            detail: detail.to_owned(),
        });
    }

    /// Adds those of something that is part of the body.
    pub(super) fn append(&mut self, others: Self) {
        let room = KEPT.saturating_sub(self.list.len());
        let over = others.list.len().saturating_sub(room);
        let over = u32::try_from(over).unwrap_or(u32::MAX);
        self.list.extend(others.list.into_iter().take(room));
        self.dropped = self.dropped.saturating_add(others.dropped);
        self.dropped = self.dropped.saturating_add(over);
        self.damaged |= others.damaged;
    }

    /// Records damage: the body is not well formed.
    pub(super) fn damage(&mut self, code: &'static str, byte_offset: usize, detail: &str) {
        self.damaged = true;
        self.note(code, byte_offset, detail);
    }
}
