//! Wiki markup, as pages before Confluence 4 were written in it, and comments and texts that
//! were never migrated.
//!
//! Three passes, each linear: which tag of a macro closes which, over the whole body
//! ([`braces`]); marks, links and other pieces of a line ([`lex`]); then blocks, line by line,
//! into the same builder that storage format is read into ([`read`]). What fits no rule is
//! text, so nothing an author wrote is lost.

mod braces;
mod lex;
mod lines;
mod links;
mod read;
mod rows;

use super::build::Builder;
use super::flow::FlowKind;
use crate::model::Block;

pub(super) use read::read;

impl Builder<'_> {
    /// Reads wiki markup inside the body; its blocks are returned, not placed.
    pub(super) fn wiki_fragment(&mut self, source: &str) -> Vec<Block> {
        let (offset, end) = (self.offset, self.end);
        self.enter(FlowKind::Root);
        self.nesting += 1;
        read(self, source);
        self.nesting -= 1;
        (self.offset, self.end) = (offset, end);
        self.flush();
        let flow = self.pop_flow();
        let mut blocks = flow.map(|flow| flow.blocks).unwrap_or_default();
        // Offsets inside it mean nothing outside; its blocks stand where it stands.
        for block in &mut blocks {
            block.source = offset..end;
        }
        blocks
    }
}
