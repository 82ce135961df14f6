//! The calls into `analysis`, in one place: the positions of a question and the terms
//! of a served text.

use std::fmt;
use std::sync::{Mutex, PoisonError};

pub(crate) use crate::analysis::query_positions as positions;
#[cfg(test)]
pub(crate) use crate::analysis::tokens;
pub(crate) use crate::analysis::{Analyzer, Wanted};

/// Words of each language that an analyzer of [`Analyzers`] keeps.
const MOST_KEPT: usize = 10_000;

/// Analyzers that are not in use. Served texts repeat their words from answer to answer, so
/// what was stemmed once is kept; there are as many as answers were made at once.
#[derive(Default)]
pub(crate) struct Analyzers(Mutex<Vec<Analyzer>>);

impl Analyzers {
    /// Lends one.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Analyzer) -> T) -> T {
        let idle = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle().pop();
        let mut analyzer = kept.unwrap_or_else(|| Analyzer::keeping(MOST_KEPT));
        let done = work(&mut analyzer);
        idle().push(analyzer);
        done
    }
}

impl fmt::Debug for Analyzers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Analyzers")
    }
}
