//! The calls into `analysis`, in one place: the positions of a question and the tokens
//! of a served text.

pub(crate) use crate::analysis::query_positions as positions;
pub(crate) use crate::analysis::tokens;
