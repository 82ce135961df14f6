//! Connections: one that writes, behind a mutex, and as many that read as are in use
//! at once.
//!
//! A store in memory has the writer alone, since SQLite's shared memory databases lock
//! readers out while somebody writes.
#![expect(
    clippy::disallowed_methods,
    reason = "makes the data directory of the database"
)]

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::error::{StoreError, StoreResult};
use super::schema;

/// How long a statement waits for another process.
const BUSY: Duration = Duration::from_secs(5);
/// Idle readers kept open.
const IDLE_READERS: usize = 8;
const STATEMENTS: usize = 64;

pub(crate) struct Connections {
    writer: Mutex<Connection>,
    readers: Option<Readers>,
}

struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Connections {
    pub(crate) fn open(path: &Path) -> StoreResult<Self> {
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir).map_err(|source| StoreError::Directory {
                path: dir.display().to_string(),
                source,
            })?;
        }
        let mut writer = connect(path)?;
        // Refuse before anything is changed in a file that is not ours.
        schema::migrate(&mut writer, schema::MIGRATIONS)?;
        writer.pragma_update(None, "journal_mode", "wal")?;
        writer.pragma_update(None, "synchronous", "normal")?;
        Ok(Self {
            writer: Mutex::new(writer),
            readers: Some(Readers {
                path: path.to_owned(),
                idle: Mutex::default(),
            }),
        })
    }

    #[cfg(test)]
    pub(crate) fn in_memory() -> StoreResult<Self> {
        let mut writer = Connection::open_in_memory()?;
        schema::migrate(&mut writer, schema::MIGRATIONS)?;
        Ok(Self {
            writer: Mutex::new(writer),
            readers: None,
        })
    }

    /// Runs `work` in one transaction that is kept only if it succeeds.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> StoreResult<T>,
    ) -> StoreResult<T> {
        let mut writer = lock(&self.writer);
        let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&tx)?;
        tx.commit()?;
        Ok(value)
    }

    /// Runs `work` over one committed state.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> StoreResult<T>,
    ) -> StoreResult<T> {
        let Some(readers) = &self.readers else {
            let mut writer = lock(&self.writer);
            return work(&writer.transaction()?);
        };
        let mut reader = readers.take()?;
        let value = work(&reader.transaction()?)?;
        readers.give(reader);
        Ok(value)
    }
}

impl Readers {
    fn take(&self) -> StoreResult<Connection> {
        if let Some(reader) = lock(&self.idle).pop() {
            return Ok(reader);
        }
        let reader = connect(&self.path)?;
        reader.pragma_update(None, "query_only", true)?;
        Ok(reader)
    }

    fn give(&self, reader: Connection) {
        let mut idle = lock(&self.idle);
        if idle.len() < IDLE_READERS {
            idle.push(reader);
        }
    }
}

fn connect(path: &Path) -> StoreResult<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// A panic while the lock was held rolled its transaction back, so what is behind the
/// lock is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
