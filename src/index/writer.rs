//! Writing a generation: a document replaces its older version in one batch, the store's
//! `seq` is in the commit itself.
#![expect(clippy::disallowed_methods, reason = "an index is files in a folder")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;
use tantivy::indexer::{LogMergePolicy, UserOperation};
use tantivy::schema::Term;
use tantivy::store::Compressor;
use tantivy::{Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, TantivyError};

use super::engine_error;
use super::packed::Packer;
use super::queue::{Queue, Row};
use super::reader::Snapshot;
use super::rows::row;
use super::schema::{FORMAT_VERSION, Fields};
use super::tokenizer::{HeadwaterTokenizer, TOKENIZER};
use crate::ports::{
    Engine, EngineSearcher, IndexChange, IndexDocument, PortError, PortErrorKind, PortResult,
};

/// How a generation is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IndexOptions {
    pub(crate) threads: usize,
    /// Memory of all writing threads together, in bytes.
    pub(crate) budget: usize,
}

impl Default for IndexOptions {
    fn default() -> Self {
        // Half of the cores write while the others convert. A thread with more memory writes
        // fewer, larger segments, and every question pays for each segment.
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let threads = (cores / 2).clamp(1, 4);
        Self {
            threads,
            budget: threads * (144 << 20),
        }
    }
}

/// Bytes of rows that may wait for the writing threads.
const QUEUED: usize = 16 << 20;

/// One run of writes.
struct Writing {
    writer: IndexWriter<Row>,
    queue: Arc<Queue>,
    packer: Packer,
    /// Nothing was committed before, so nothing is replaced.
    fresh: bool,
}

/// What the row of a document takes, nearly.
fn bytes(item: &IndexDocument) -> usize {
    let converted = &item.document.converted;
    converted.text.len() + converted.markdown.len()
}

/// What a commit says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Payload {
    format: u32,
    seq: u64,
}

/// One index on disk.
pub(crate) struct TantivyEngine {
    index: Index,
    reader: IndexReader,
    fields: Fields,
    options: IndexOptions,
    /// The newest commit that was loaded, and when its file was written.
    newest: Mutex<Option<(Option<SystemTime>, Arc<Snapshot>)>>,
    meta: PathBuf,
}

impl TantivyEngine {
    /// Makes an empty index in an empty folder.
    pub(crate) fn create(dir: &Path, options: IndexOptions) -> PortResult<Self> {
        let fields = Fields::new();
        let settings = IndexSettings {
            // What is stored is packed already.
            docstore_compression: Compressor::None,
            docstore_compress_dedicated_thread: false,
            ..Default::default()
        };
        let directory = MmapDirectory::open(dir).map_err(|cause| opening(dir, cause.into()))?;
        let index = Index::create(directory, fields.schema.clone(), settings);
        Self::with(
            index.map_err(|cause| opening(dir, cause))?,
            fields,
            dir,
            options,
        )
    }

    /// Opens an index; [`PortErrorKind::Format`] when another version wrote it.
    pub(crate) fn open(dir: &Path, options: IndexOptions) -> PortResult<Self> {
        let index = Index::open_in_dir(dir).map_err(|cause| opening(dir, cause))?;
        let fields = Fields::new();
        let payload = payload(&index)?;
        if payload.format != FORMAT_VERSION || index.schema() != fields.schema {
            let context = format!(
                "index format {} was written by another version of headwater, this one has {}",
                payload.format, FORMAT_VERSION
            );
            return Err(PortError::new(PortErrorKind::Format, context));
        }
        Self::with(index, fields, dir, options)
    }

    fn with(index: Index, fields: Fields, dir: &Path, options: IndexOptions) -> PortResult<Self> {
        index
            .tokenizers()
            .register(TOKENIZER, HeadwaterTokenizer::default());
        // Readers are reloaded when the commit file changes: the library's own watcher
        // may still serve the old state right after a commit.
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            // Rows are read once for an answer; kept blocks are memory for nothing.
            .doc_store_cache_num_blocks(0)
            .try_into();
        let reader = reader.map_err(|cause| opening(dir, cause))?;
        let meta = dir.join("meta.json");
        Ok(Self {
            index,
            reader,
            fields,
            options,
            newest: Mutex::new(None),
            meta,
        })
    }

    fn writer(&self) -> PortResult<IndexWriter<Row>> {
        let IndexOptions { threads, budget } = self.options;
        let writer = self
            .index
            .writer_with_num_threads(threads, budget)
            .map_err(|cause| {
                let kind = match cause {
                    TantivyError::LockFailure(..) => PortErrorKind::Busy,
                    _ => PortErrorKind::Other,
                };
                PortError::caused(kind, "index: another process is writing this index", cause)
            })?;
        let mut merges = LogMergePolicy::default();
        // Deleted rows still count in BM25, so they may not pile up.
        merges.set_del_docs_ratio_before_merge(0.2);
        writer.set_merge_policy(Box::new(merges));
        Ok(writer)
    }

    fn write(&self, writing: &mut Writing, change: &IndexChange) -> PortResult<()> {
        let delete = |key: &crate::model::DocumentKey| {
            UserOperation::Delete(Term::from_field_text(self.fields.key, &key.to_string()))
        };
        let mut operations: Vec<UserOperation<Row>> = Vec::new();
        match change {
            IndexChange::Delete(key) => operations.push(delete(key)),
            IndexChange::Put(item) => {
                if !writing.fresh {
                    operations.push(delete(&item.document.key()));
                }
                let row = row(&self.fields, &mut writing.packer, item)?;
                let place = writing.queue.enter(bytes(item));
                operations.push(UserOperation::Add(Row::new(row, &place)));
            }
        }
        let run = writing.writer.run(operations);
        run.map_err(engine_error("write"))?;
        Ok(())
    }

    /// The newest commit, also one of another process.
    fn newest(&self) -> PortResult<Arc<Snapshot>> {
        let written = std::fs::metadata(&self.meta)
            .and_then(|meta| meta.modified())
            .ok();
        let mut newest = self.newest.lock().expect("nobody panics while holding it");
        if let Some((seen, snapshot)) = &*newest
            && written.is_some()
            && *seen == written
        {
            return Ok(Arc::clone(snapshot));
        }
        self.reader.reload().map_err(engine_error("reload"))?;
        let snapshot = Snapshot::new(self.reader.searcher(), self.fields.clone(), self.seq()?)?;
        let snapshot = Arc::new(snapshot);
        *newest = Some((written, Arc::clone(&snapshot)));
        Ok(snapshot)
    }
}

impl Engine for TantivyEngine {
    fn seq(&self) -> PortResult<u64> {
        Ok(payload(&self.index)?.seq)
    }

    fn apply(
        &self,
        changes: &mut dyn Iterator<Item = PortResult<IndexChange>>,
        seq: u64,
    ) -> PortResult<()> {
        let error = engine_error("commit");
        let mut writing = Writing {
            writer: self.writer()?,
            queue: Queue::new(QUEUED),
            packer: Packer::new().map_err(|cause| {
                PortError::caused(PortErrorKind::Other, "index: set up packing", cause)
            })?,
            fresh: self.index.load_metas().map_err(&error)?.segments.is_empty(),
        };
        for change in changes {
            self.write(&mut writing, &change?)?;
        }
        let payload = serde_json::to_string(&Payload {
            format: FORMAT_VERSION,
            seq,
        });
        let mut commit = writing.writer.prepare_commit().map_err(&error)?;
        commit.set_payload(&payload.expect("two numbers are always written"));
        commit.commit().map_err(&error)?;
        writing.writer.wait_merging_threads().map_err(error)
    }

    fn searcher(&self) -> PortResult<Arc<dyn EngineSearcher>> {
        Ok(self.newest()?)
    }
}

/// What the last commit says; nothing committed yet is `seq` 0.
fn payload(index: &Index) -> PortResult<Payload> {
    let meta = index
        .load_metas()
        .map_err(engine_error("read the commit"))?;
    let Some(text) = meta.payload else {
        return Ok(Payload {
            format: FORMAT_VERSION,
            seq: 0,
        });
    };
    serde_json::from_str(&text).map_err(|cause| {
        PortError::caused(
            PortErrorKind::Format,
            "index: the commit cannot be read",
            cause,
        )
    })
}

fn opening(dir: &Path, cause: TantivyError) -> PortError {
    let kind = match cause {
        TantivyError::OpenDirectoryError(_) => PortErrorKind::NotFound,
        TantivyError::IncompatibleIndex(_)
        | TantivyError::SchemaError(_)
        | TantivyError::DataCorruption(_)
        | TantivyError::OpenReadError(_)
        | TantivyError::DeserializeError(_) => PortErrorKind::Format,
        _ => PortErrorKind::Other,
    };
    PortError::caused(kind, format!("index: open {}", dir.display()), cause)
}
