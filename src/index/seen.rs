//! What viewers may see of a generation, kept for the next question.
//!
//! A set is kept under the whole access filter that it was made of. So a change of rights,
//! which makes another filter, finds nothing here, and a generation never changes.

use std::sync::{Arc, Mutex, PoisonError};

use super::docs::Docs;
use crate::ports::{AccessFilter, PortResult};

/// Sets that are kept: of a million rows each takes 125 kB.
const MOST: usize = 32;

/// The sets, the one that was last asked for at the end.
#[derive(Default)]
pub(crate) struct Seen(Mutex<Vec<(AccessFilter, Arc<Docs>)>>);

impl Seen {
    /// The set of an access filter, made if it is not here.
    pub(crate) fn get_or(
        &self,
        access: &AccessFilter,
        make: impl FnOnce() -> PortResult<Arc<Docs>>,
    ) -> PortResult<Arc<Docs>> {
        if *access == AccessFilter::default() {
            return make();
        }
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut list = kept();
        if let Some(at) = list.iter().position(|(known, _)| known == access) {
            let found = list.remove(at);
            let docs = Arc::clone(&found.1);
            list.push(found);
            return Ok(docs);
        }
        // Others need not wait while it is made; two may make the same.
        drop(list);
        let docs = make()?;
        let mut list = kept();
        if list.len() >= MOST {
            list.remove(0);
        }
        list.push((access.clone(), Arc::clone(&docs)));
        Ok(docs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(number: usize) -> AccessFilter {
        AccessFilter {
            channels: None,
            failed_gates: vec![number.to_string()],
        }
    }

    #[test]
    fn what_was_asked_for_last_is_kept_and_no_more() {
        let seen = Seen::default();
        let made = |access: &AccessFilter| {
            let mut made = false;
            let make = || {
                made = true;
                Ok(Arc::new(Docs::default()))
            };
            seen.get_or(access, make).unwrap();
            made
        };
        for number in 0..MOST {
            assert!(made(&gate(number)));
        }
        assert!(!made(&gate(0)));
        assert!(
            made(&gate(MOST)),
            "the place of the one that waited longest"
        );
        assert!(!made(&gate(0)));
        assert!(made(&gate(1)));
        let more = AccessFilter {
            channels: Some(Vec::new()),
            ..gate(0)
        };
        assert!(made(&more), "a filter that differs anywhere is another one");
    }
}
