//! The calls into `analysis`, in one place: the positions of a question and the terms
//! of a served text.

pub(crate) use crate::analysis::query_positions as positions;
#[cfg(test)]
pub(crate) use crate::analysis::tokens;
pub(crate) use crate::analysis::{Analyzer, Wanted};
