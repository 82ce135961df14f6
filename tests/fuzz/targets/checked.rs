//! What every conversion must hold, whatever came in: segments in order and on character
//! boundaries, entries of the record in a segment or in none, and the same result twice.

use crate::model::{RawBody, Representation};
use crate::storage::{self, Context, NoNames};

pub(crate) fn check(representation: Representation, bytes: &[u8]) {
    let body = RawBody {
        representation,
        value: String::from_utf8_lossy(bytes).into_owned(),
    };
    let context = Context {
        title: "Page",
        space_key: None,
        server_rendered: None,
    };
    let converted = storage::convert(&body, &context, &NoNames);
    let mut end = (0, 0);
    for segment in &converted.segments {
        assert!(segment.markdown.start >= end.0 && segment.text.start >= end.1);
        assert!(converted.markdown.get(segment.markdown.clone()).is_some());
        assert!(converted.text.get(segment.text.clone()).is_some());
        assert!(segment.source.end <= body.value.len());
        end = (segment.markdown.end, segment.text.end);
    }
    let meta = &converted.meta;
    let headings = meta.headings.iter().map(|entry| entry.block);
    let links = meta.links.iter().map(|entry| entry.block);
    let mentions = meta.mentions.iter().map(|entry| entry.block);
    let attachments = meta.attachments.iter().map(|entry| entry.block);
    let transclusions = meta.transclusions.iter().map(|entry| entry.block);
    let tasks = meta.tasks.iter().map(|entry| entry.block);
    let code = meta.code.iter().map(|entry| entry.block);
    let excerpts = meta.excerpts.iter().map(|entry| entry.block);
    let named = headings.chain(links).chain(mentions).chain(tasks);
    let shown = code.chain(attachments).chain(transclusions).chain(excerpts);
    for block in named.chain(shown).flatten() {
        assert!((block as usize) < converted.segments.len());
    }
    assert!(converted == storage::convert(&body, &context, &NoNames));
}
