//! The tables, their versions, and the two counters.
//!
//! `user_version` counts the migrations that ran. A released migration is never
//! edited: a change of the tables is a new one at the end.

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::error::{StoreError, StoreResult};

/// Step `n` leads from version `n` to `n + 1`.
pub(crate) const MIGRATIONS: &[&str] = &[VERSION_1];

/// Content rows are numbered, so that memberships and bodies name them by a small
/// integer. Bodies stand apart from metadata: scans of rows do not read them.
/// `above` counts how often an id is named as an ancestor or container by live rows.
const VERSION_1: &str = "
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO counter VALUES ('seq', 0), ('epoch', 0);

CREATE TABLE site (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  info TEXT NOT NULL
) STRICT;

CREATE TABLE space (
  site INTEGER NOT NULL REFERENCES site (id),
  key TEXT NOT NULL,
  info TEXT NOT NULL,
  permissions TEXT NOT NULL,
  PRIMARY KEY (site, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
  site INTEGER NOT NULL REFERENCES site (id),
  place INTEGER NOT NULL,
  info TEXT NOT NULL,
  PRIMARY KEY (site, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE content (
  num INTEGER PRIMARY KEY,
  site INTEGER NOT NULL REFERENCES site (id),
  id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  version INTEGER NOT NULL,
  space TEXT,
  kind TEXT,
  status TEXT,
  container TEXT,
  hash BLOB,
  body_hash BLOB,
  info TEXT,
  UNIQUE (site, id)
) STRICT;
CREATE UNIQUE INDEX content_seq ON content (seq);
CREATE INDEX content_container ON content (site, container)
  WHERE deleted = 0 AND container IS NOT NULL;
CREATE INDEX content_place ON content (site, space, kind, status) WHERE deleted = 0;

CREATE TABLE body (
  content INTEGER PRIMARY KEY REFERENCES content (num),
  representation TEXT NOT NULL,
  size INTEGER NOT NULL,
  packed BLOB NOT NULL
) STRICT;

CREATE TABLE gate (
  site INTEGER NOT NULL,
  id TEXT NOT NULL,
  restrictions TEXT NOT NULL,
  PRIMARY KEY (site, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE above (
  site INTEGER NOT NULL,
  id TEXT NOT NULL,
  ancestors INTEGER NOT NULL,
  gone INTEGER NOT NULL,
  containers INTEGER NOT NULL,
  PRIMARY KEY (site, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE channel (num INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE membership (
  content INTEGER NOT NULL REFERENCES content (num),
  channel INTEGER NOT NULL REFERENCES channel (num),
  last_run INTEGER NOT NULL,
  PRIMARY KEY (content, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  status TEXT NOT NULL,
  started_at TEXT NOT NULL,
  finished_at TEXT,
  counts TEXT NOT NULL,
  message TEXT
) STRICT;

CREATE TABLE failure (
  run INTEGER NOT NULL REFERENCES run (id),
  place INTEGER NOT NULL,
  info TEXT NOT NULL,
  PRIMARY KEY (run, place)
) STRICT, WITHOUT ROWID;
";

/// Brings a database to the newest version.
///
/// # Errors
///
/// [`StoreError::Newer`] and [`StoreError::Foreign`] leave the file as it is.
pub(crate) fn migrate(connection: &mut Connection, migrations: &[&str]) -> StoreResult<()> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    // Looked at before the lock is asked for: the usual case needs none.
    if version(connection)? == known {
        return Ok(());
    }
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&tx)?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    if found < 0 || (found == 0 && has_tables(&tx)?) {
        return Err(StoreError::Foreign);
    }
    let ran = usize::try_from(found).unwrap_or(0);
    for migration in migrations.iter().skip(ran) {
        tx.execute_batch(migration)?;
    }
    tx.pragma_update(None, "user_version", known)?;
    tx.commit()?;
    Ok(())
}

fn version(connection: &Connection) -> StoreResult<i64> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn has_tables(connection: &Connection) -> StoreResult<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_master)";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

/// Numbers that only rise.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Counter {
    /// Last `seq` given to a content row.
    Seq,
    /// Epoch of the directory.
    Epoch,
}

impl Counter {
    fn name(self) -> &'static str {
        match self {
            Self::Seq => "seq",
            Self::Epoch => "epoch",
        }
    }
}

pub(crate) fn counter(tx: &Transaction<'_>, counter: Counter) -> StoreResult<u64> {
    let sql = "SELECT value FROM counter WHERE name = ?1";
    let mut statement = tx.prepare_cached(sql)?;
    let value: i64 = statement.query_row([counter.name()], |row| row.get(0))?;
    Ok(unsigned(value))
}

pub(crate) fn set_counter(tx: &Transaction<'_>, counter: Counter, value: u64) -> StoreResult<()> {
    let sql = "UPDATE counter SET value = ?2 WHERE name = ?1";
    let mut statement = tx.prepare_cached(sql)?;
    statement.execute(params![counter.name(), signed(value)])?;
    Ok(())
}

/// Tells that [`crate::ports::Store::directory`] answers otherwise from now on.
pub(crate) fn raise_epoch(tx: &Transaction<'_>) -> StoreResult<()> {
    let epoch = counter(tx, Counter::Epoch)?;
    set_counter(tx, Counter::Epoch, epoch + 1)
}

/// SQLite's integers are signed; nothing here ever counts that far.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
