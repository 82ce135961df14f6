//! Rows on their way to the writing threads, bounded in bytes.
//!
//! The library's own queue is bounded in documents, ten thousand of them, which for pages
//! is hundreds of megabytes when conversion is faster than indexing.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tantivy::TantivyDocument;
use tantivy::schema::{Document, Field};

/// How long a full queue is waited for. Writing threads that died never make room; going
/// on then lets the writer report its own error.
const PATIENCE: Duration = Duration::from_secs(20);

/// Counts the bytes that wait.
pub(crate) struct Queue {
    waiting: Mutex<usize>,
    room: Condvar,
    most: usize,
}

impl Queue {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            waiting: Mutex::new(0),
            room: Condvar::new(),
            most,
        })
    }

    /// Waits until there is room for so many bytes; more than fit at all pass alone.
    pub(crate) fn enter(self: &Arc<Self>, bytes: usize) -> Arc<Place> {
        let full = |waiting: &mut usize| *waiting > 0 && *waiting + bytes > self.most;
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.room.wait_timeout_while(waiting, PATIENCE, full);
        *waited.unwrap_or_else(PoisonError::into_inner).0 += bytes;
        Arc::new(Place {
            queue: Arc::clone(self),
            bytes,
        })
    }
}

/// Room taken in a queue, given back when it is dropped.
pub(crate) struct Place {
    queue: Arc<Queue>,
    bytes: usize,
}

impl Drop for Place {
    fn drop(&mut self) {
        let waiting = self.queue.waiting.lock();
        *waiting.unwrap_or_else(PoisonError::into_inner) -= self.bytes;
        self.queue.room.notify_all();
    }
}

/// A row and the place that it and the other rows of its document have in the queue.
pub(crate) struct Row {
    pub(crate) document: TantivyDocument,
    _place: Arc<Place>,
}

impl Row {
    pub(crate) fn new(document: TantivyDocument, place: &Arc<Place>) -> Self {
        Self {
            document,
            _place: Arc::clone(place),
        }
    }
}

impl Document for Row {
    type Value<'a> = <TantivyDocument as Document>::Value<'a>;
    type FieldsValuesIter<'a> = <TantivyDocument as Document>::FieldsValuesIter<'a>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        self.document.iter_fields_and_values()
    }

    fn get_sorted_field_values(&self) -> Vec<(Field, Vec<Self::Value<'_>>)> {
        self.document.get_sorted_field_values()
    }

    fn into_tantivy_document(self) -> TantivyDocument {
        self.document
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_is_waited_for() {
        let queue = Queue::new(10);
        let first = queue.enter(8);
        let entered = std::thread::scope(|scope| {
            let second = scope.spawn(|| queue.enter(8));
            // What has its place alone is let in whatever its size.
            drop(first);
            second.join().is_ok()
        });
        assert!(entered);
        assert_eq!(*queue.waiting.lock().unwrap(), 0);
        let huge = queue.enter(1_000);
        assert_eq!(*queue.waiting.lock().unwrap(), 1_000);
        drop(huge);
        assert_eq!(*queue.waiting.lock().unwrap(), 0);
    }
}
