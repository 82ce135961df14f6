//! How good a ranking is: judged collections, the figures over them, and whether two
//! rankings differ by more than chance.
//!
//! Pure: texts of files and ranks in, figures out. Reading files and asking questions is
//! left to `app` and `cli`.

mod catalogue;
mod collection;
mod metrics;
mod report;
mod rows;
mod significance;

pub(crate) use catalogue::Catalogue;
pub(crate) use collection::{Judgement, Manifest, Query, Split, judgements, manifest, queries};
pub(crate) use report::{Comparison, Figures, Report, compare, report};
pub(crate) use rows::{EarlierRow, Ranking, Row, earlier, relevant_by_query, row};
pub(crate) use significance::Paired;
