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

use std::ops::Range;

use super::build::Builder;
use crate::model::Block;

pub(super) use read::read;

impl Builder<'_> {
    /// Reads wiki markup inside the body; its blocks are returned, not placed.
    pub(super) fn wiki_fragment(&mut self, source: &str, place: &Range<usize>) -> Vec<Block> {
        self.inside(place, |builder| read(builder, source))
    }
}
