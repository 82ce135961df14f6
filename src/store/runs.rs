//! Runs and what failed in them.

use std::str::FromStr;

use jiff::Timestamp;
use rusqlite::{Row, Transaction, params};

use crate::ports::{Failure, RunCounts, RunEnd, RunId, RunRecord, RunStatus};

use super::error::{StoreError, StoreResult};

pub(crate) fn begin(
    tx: &Transaction<'_>,
    kind: &str,
    source: &str,
    now: Timestamp,
) -> StoreResult<RunId> {
    let status = serde_json::to_string(&RunStatus::Running)?;
    let counts = serde_json::to_string(&RunCounts::default())?;
    tx.execute(
        "INSERT INTO run (kind, source, status, started_at, counts) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![kind, source, status, now.to_string(), counts],
    )?;
    Ok(RunId(tx.last_insert_rowid()))
}

pub(crate) fn finish(
    tx: &Transaction<'_>,
    run: RunId,
    end: &RunEnd,
    now: Timestamp,
) -> StoreResult<()> {
    let status = serde_json::to_string(&end.status)?;
    let counts = serde_json::to_string(&end.counts)?;
    let changed = tx.execute(
        "UPDATE run SET status = ?2, counts = ?3, message = ?4, finished_at = ?5 WHERE id = ?1",
        params![run.0, status, counts, end.message, now.to_string()],
    )?;
    match changed {
        0 => Err(StoreError::NoRun(run.0)),
        _ => Ok(()),
    }
}

pub(crate) fn record_failures(
    tx: &Transaction<'_>,
    run: RunId,
    failures: &[Failure],
) -> StoreResult<()> {
    let sql = "SELECT count(*) FROM failure WHERE run = ?1";
    let first: i64 = tx.query_row(sql, [run.0], |row| row.get(0))?;
    let mut insert =
        tx.prepare_cached("INSERT INTO failure (run, place, info) VALUES (?1, ?2, ?3)")?;
    for (place, failure) in (first..).zip(failures) {
        insert.execute(params![run.0, place, serde_json::to_string(failure)?])?;
    }
    Ok(())
}

pub(crate) fn newest(tx: &Transaction<'_>, limit: usize) -> StoreResult<Vec<RunRecord>> {
    let mut statement = tx.prepare_cached(
        "SELECT id, kind, source, status, started_at, finished_at, counts, message
         FROM run ORDER BY id DESC LIMIT ?1",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query([limit])?;
    let mut runs = Vec::new();
    while let Some(row) = rows.next()? {
        runs.push(record(row)?);
    }
    Ok(runs)
}

pub(crate) fn failures(tx: &Transaction<'_>, run: RunId) -> StoreResult<Vec<Failure>> {
    let mut statement =
        tx.prepare_cached("SELECT info FROM failure WHERE run = ?1 ORDER BY place")?;
    let mut rows = statement.query([run.0])?;
    let mut failures = Vec::new();
    while let Some(row) = rows.next()? {
        failures.push(serde_json::from_str(
            row.get_ref(0)?.as_str().map_err(text)?,
        )?);
    }
    Ok(failures)
}

fn record(row: &Row<'_>) -> StoreResult<RunRecord> {
    let started_at: String = row.get(4)?;
    let finished_at: Option<String> = row.get(5)?;
    Ok(RunRecord {
        id: RunId(row.get(0)?),
        kind: row.get(1)?,
        source: row.get(2)?,
        status: serde_json::from_str(row.get_ref(3)?.as_str().map_err(text)?)?,
        started_at: time(&started_at)?,
        finished_at: finished_at.as_deref().map(time).transpose()?,
        counts: serde_json::from_str(row.get_ref(6)?.as_str().map_err(text)?)?,
        message: row.get(7)?,
    })
}

fn time(text: &str) -> StoreResult<Timestamp> {
    Timestamp::from_str(text).map_err(|source| StoreError::Time {
        text: text.to_owned(),
        source,
    })
}

fn text(error: rusqlite::types::FromSqlError) -> rusqlite::Error {
    error.into()
}
