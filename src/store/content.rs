//! Writes content: batches of a run, and the removal of what a run did not see.
//!
//! The hash of a row is over metadata and body without restrictions; equal hashes mean
//! that nothing is written but the membership. Everything in a batch that concerns many
//! rows (mentions, rows that hang on changed pages, counters) is written once at its end.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};

use crate::model::{Content, RawBody, Restrictions, SiteId};
use crate::ports::{PutCounts, RunId};

use super::error::{StoreError, StoreResult};
use super::lineage::{self, Above, MentionChanges};
use super::schema::{self, Counter};

/// Bodies are packed once and unpacked at each rebuild; higher levels cost more time
/// than they save in space.
const ZSTD_LEVEL: i32 = 1;

/// See [`crate::ports::Store::put_content`].
pub(crate) fn put(
    tx: &Transaction<'_>,
    run: RunId,
    site: SiteId,
    channel: &str,
    items: &[(Content, Option<RawBody>)],
) -> StoreResult<PutCounts> {
    let mut batch = Batch::new(tx, run, site, channel)?;
    let mut counts = PutCounts::default();
    let winners = winners(items);
    for (at, (content, body)) in items.iter().enumerate() {
        let loses = winners.get(content.id.as_str()) != Some(&at);
        let outcome = if loses {
            Outcome::Unchanged
        } else {
            batch.put(content, body.as_ref())?
        };
        match outcome {
            Outcome::Added => counts.added += 1,
            Outcome::Updated => counts.updated += 1,
            Outcome::Unchanged => counts.unchanged += 1,
        }
    }
    batch.finish()?;
    Ok(counts)
}

/// See [`crate::ports::Store::remove_unseen`]. Returns the number of ended memberships.
pub(crate) fn remove_unseen(
    tx: &Transaction<'_>,
    run: RunId,
    site: SiteId,
    channel: &str,
) -> StoreResult<u64> {
    let mut batch = Batch::new(tx, run, site, channel)?;
    let unseen = batch.unseen()?;
    for num in &unseen {
        batch.leave(*num)?;
    }
    batch.finish()?;
    Ok(unseen.len() as u64)
}

/// Which of several items with one id counts: the higher version, then the later one.
fn winners(items: &[(Content, Option<RawBody>)]) -> HashMap<&str, usize> {
    let mut winners: HashMap<&str, usize> = HashMap::with_capacity(items.len());
    for (at, (content, _)) in items.iter().enumerate() {
        let best = winners.entry(content.id.as_str()).or_insert(at);
        if items[*best].0.version.number <= content.version.number {
            *best = at;
        }
    }
    winners
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Added,
    Updated,
    Unchanged,
}

/// A row as it was before this write.
struct Row {
    num: i64,
    deleted: bool,
    version: u32,
    space: Option<String>,
    status: Option<String>,
    hash: Option<Vec<u8>>,
    body_hash: Option<Vec<u8>>,
}

/// An item as it is written.
struct Prepared {
    info: String,
    hash: [u8; 32],
    body_hash: Option<[u8; 32]>,
    above: Above,
}

impl Prepared {
    fn new(content: &Content, body: Option<&RawBody>) -> StoreResult<Self> {
        let info = serde_json::to_string(&Content {
            restrictions: Restrictions::None,
            ..content.clone()
        })?;
        let body_hash = body.map(hash_body).transpose()?;
        let mut hash = Sha256::new();
        hash.update(&info);
        hash.update(body_hash.unwrap_or_default());
        Ok(Self {
            info,
            hash: hash.finalize().into(),
            body_hash,
            above: Above {
                ancestors: content.ancestors.clone(),
                container: content.container.clone(),
                space_key: content.space_key.clone(),
            },
        })
    }
}

fn hash_body(body: &RawBody) -> StoreResult<[u8; 32]> {
    let mut hash = Sha256::new();
    hash.update(serde_json::to_string(&body.representation)?);
    hash.update(&body.value);
    Ok(hash.finalize().into())
}

/// One transaction of one run in one channel.
struct Batch<'t> {
    tx: &'t Transaction<'t>,
    run: RunId,
    site: SiteId,
    channel: i64,
    seq: SeqWriter<'t>,
    packer: zstd::bulk::Compressor<'static>,
    mentions: MentionChanges,
    /// Ids of rows whose contained rows get another lineage.
    moved: Vec<String>,
    directory_changed: bool,
}

impl<'t> Batch<'t> {
    fn new(tx: &'t Transaction<'t>, run: RunId, site: SiteId, channel: &str) -> StoreResult<Self> {
        Ok(Self {
            tx,
            run,
            site,
            channel: channel_num(tx, channel)?,
            seq: SeqWriter::new(tx)?,
            packer: zstd::bulk::Compressor::new(ZSTD_LEVEL).map_err(StoreError::Packing)?,
            mentions: MentionChanges::default(),
            moved: Vec::new(),
            directory_changed: false,
        })
    }

    fn put(&mut self, content: &Content, body: Option<&RawBody>) -> StoreResult<Outcome> {
        let row = self.find(content.id.as_str())?;
        let live = row.as_ref().filter(|row| !row.deleted);
        let seen = match live {
            Some(row) => self.last_run(row.num)?,
            None => None,
        };
        if let Some(row) = live
            && self.outranks(row, content, seen)?
        {
            return self.join(row.num, seen);
        }
        let gate_changed = self.put_gate(content)?;
        let item = Prepared::new(content, body)?;
        if let Some(row) = live
            && row.hash.as_deref() == Some(&item.hash)
        {
            let outcome = self.join(row.num, seen)?;
            return Ok(if gate_changed {
                Outcome::Updated
            } else {
                outcome
            });
        }
        self.write(content, body, &item, row.as_ref())
    }

    /// An older version loses against one that this very run brought, and against one
    /// that another channel still reaches. Where this channel is alone, its source has
    /// gone back and is followed.
    fn outranks(&self, row: &Row, content: &Content, seen: Option<i64>) -> StoreResult<bool> {
        if row.version <= content.version.number {
            return Ok(false);
        }
        Ok(seen == Some(self.run.0) || self.is_elsewhere(row.num)?)
    }

    /// Keeps the row as it is and notes that the run saw it.
    fn join(&mut self, num: i64, seen: Option<i64>) -> StoreResult<Outcome> {
        if seen == Some(self.run.0) {
            return Ok(Outcome::Unchanged);
        }
        self.write_membership(num)?;
        if seen.is_some() {
            return Ok(Outcome::Unchanged);
        }
        // Channels are part of the row.
        self.seq.renew(num)?;
        Ok(Outcome::Updated)
    }

    fn write(
        &mut self,
        content: &Content,
        body: Option<&RawBody>,
        item: &Prepared,
        row: Option<&Row>,
    ) -> StoreResult<Outcome> {
        let live = row.filter(|row| !row.deleted);
        let old_above = match live {
            Some(row) => Some(self.above(row.num)?),
            None => None,
        };
        let num = self.write_row(content, item)?;
        if row.and_then(|row| row.body_hash.as_deref()) != item.body_hash.as_ref().map(|h| &h[..]) {
            self.write_body(num, body)?;
        }
        self.write_membership(num)?;

        if old_above
            .as_ref()
            .is_none_or(|old| old.leads_elsewhere(&item.above))
        {
            self.moved.push(content.id.0.clone());
        }
        if old_above.as_ref() != Some(&item.above) {
            if let Some(old) = &old_above {
                self.mentions.remove(old);
            }
            self.mentions.add(&item.above);
        }
        self.directory_changed |= live.is_none_or(|row| {
            row.space != content.space_key || row.status.as_deref() != Some(content.status.as_str())
        });
        Ok(match live {
            Some(_) => Outcome::Updated,
            None => Outcome::Added,
        })
    }

    /// Ends the membership of a row; without any other it becomes a deletion.
    fn leave(&mut self, num: i64) -> StoreResult<()> {
        let sql = "DELETE FROM membership WHERE content = ?1 AND channel = ?2";
        let mut statement = self.tx.prepare_cached(sql)?;
        statement.execute(params![num, self.channel])?;
        if self.is_elsewhere(num)? {
            return self.seq.renew(num);
        }
        let above = self.above(num)?;
        self.mentions.remove(&above);
        self.directory_changed = true;
        let mut statement = self.tx.prepare_cached(
            "UPDATE content SET deleted = 1, space = NULL, kind = NULL, status = NULL,
               container = NULL, hash = NULL, body_hash = NULL, info = NULL
             WHERE num = ?1 RETURNING id",
        )?;
        let id: String = statement.query_row([num], |row| row.get(0))?;
        let mut statement = self
            .tx
            .prepare_cached("DELETE FROM gate WHERE site = ?1 AND id = ?2")?;
        statement.execute(params![self.site.0, id])?;
        self.moved.push(id);
        self.write_body(num, None)?;
        self.seq.renew(num)
    }

    fn finish(mut self) -> StoreResult<()> {
        let moved = std::mem::take(&mut self.moved);
        // Rows of this batch have their new `seq` already.
        for num in lineage::contained(self.tx, self.site, moved, self.seq.first)? {
            self.seq.renew(num)?;
        }
        self.seq.finish()?;
        let mentions_matter = self.mentions.write(self.tx, self.site)?;
        if mentions_matter || self.directory_changed {
            schema::raise_epoch(self.tx)?;
        }
        Ok(())
    }

    fn find(&self, id: &str) -> StoreResult<Option<Row>> {
        let mut statement = self.tx.prepare_cached(
            "SELECT num, deleted, version, space, status, hash, body_hash
             FROM content WHERE site = ?1 AND id = ?2",
        )?;
        let row = statement.query_row(params![self.site.0, id], |row| {
            Ok(Row {
                num: row.get(0)?,
                deleted: row.get(1)?,
                version: row.get(2)?,
                space: row.get(3)?,
                status: row.get(4)?,
                hash: row.get(5)?,
                body_hash: row.get(6)?,
            })
        });
        Ok(row.optional()?)
    }

    /// The run of this channel that saw the row last.
    fn last_run(&self, num: i64) -> StoreResult<Option<i64>> {
        let sql = "SELECT last_run FROM membership WHERE content = ?1 AND channel = ?2";
        let mut statement = self.tx.prepare_cached(sql)?;
        let run = statement.query_row(params![num, self.channel], |row| row.get(0));
        Ok(run.optional()?)
    }

    fn is_elsewhere(&self, num: i64) -> StoreResult<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM membership WHERE content = ?1 AND channel <> ?2)";
        let mut statement = self.tx.prepare_cached(sql)?;
        Ok(statement.query_row(params![num, self.channel], |row| row.get(0))?)
    }

    fn unseen(&self) -> StoreResult<Vec<i64>> {
        let mut statement = self.tx.prepare_cached(
            "SELECT num FROM membership JOIN content ON num = content
             WHERE channel = ?1 AND last_run <> ?2 AND site = ?3 ORDER BY seq",
        )?;
        let parameters = params![self.channel, self.run.0, self.site.0];
        let nums = statement.query_map(parameters, |row| row.get(0))?;
        Ok(nums.collect::<Result<_, _>>()?)
    }

    fn above(&self, num: i64) -> StoreResult<Above> {
        let sql = "SELECT info FROM content WHERE num = ?1";
        let mut statement = self.tx.prepare_cached(sql)?;
        let info: String = statement.query_row([num], |row| row.get(0))?;
        Ok(serde_json::from_str(&info)?)
    }

    fn write_row(&mut self, content: &Content, item: &Prepared) -> StoreResult<i64> {
        let mut statement = self.tx.prepare_cached(
            "INSERT INTO content (site, id, seq, deleted, version, space, kind, status,
               container, hash, body_hash, info)
             VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (site, id) DO UPDATE SET seq = excluded.seq, deleted = 0,
               version = excluded.version, space = excluded.space, kind = excluded.kind,
               status = excluded.status, container = excluded.container,
               hash = excluded.hash, body_hash = excluded.body_hash, info = excluded.info
             RETURNING num",
        )?;
        let parameters = params![
            self.site.0,
            content.id.as_str(),
            schema::signed(self.seq.next()),
            content.version.number,
            content.space_key,
            content.kind.as_str(),
            content.status.as_str(),
            content
                .container
                .as_ref()
                .map(|container| container.id.as_str()),
            &item.hash[..],
            item.body_hash.as_ref().map(|hash| &hash[..]),
            item.info,
        ];
        Ok(statement.query_row(parameters, |row| row.get(0))?)
    }

    fn write_body(&mut self, num: i64, body: Option<&RawBody>) -> StoreResult<()> {
        let Some(body) = body else {
            let sql = "DELETE FROM body WHERE content = ?1";
            self.tx.prepare_cached(sql)?.execute([num])?;
            return Ok(());
        };
        let packed = self.packer.compress(body.value.as_bytes());
        let packed = packed.map_err(StoreError::Packing)?;
        let representation = serde_json::to_string(&body.representation)?;
        let mut statement = self.tx.prepare_cached(
            "INSERT OR REPLACE INTO body (content, representation, size, packed)
             VALUES (?1, ?2, ?3, ?4)",
        )?;
        let size = i64::try_from(body.value.len()).unwrap_or(i64::MAX);
        statement.execute(params![num, representation, size, packed])?;
        Ok(())
    }

    fn write_membership(&self, num: i64) -> StoreResult<()> {
        let mut statement = self.tx.prepare_cached(
            "INSERT INTO membership (content, channel, last_run) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET last_run = excluded.last_run",
        )?;
        statement.execute(params![num, self.channel, self.run.0])?;
        Ok(())
    }

    /// Returns whether the item's own restriction is another one now.
    fn put_gate(&mut self, content: &Content) -> StoreResult<bool> {
        let key = params![self.site.0, content.id.as_str()];
        let sql = "SELECT restrictions FROM gate WHERE site = ?1 AND id = ?2";
        let mut statement = self.tx.prepare_cached(sql)?;
        let old: Option<String> = statement.query_row(key, |row| row.get(0)).optional()?;
        let new = match &content.restrictions {
            Restrictions::None => None,
            restrictions => Some(serde_json::to_string(restrictions)?),
        };
        if old == new {
            return Ok(false);
        }
        self.directory_changed = true;
        let Some(new) = new else {
            let sql = "DELETE FROM gate WHERE site = ?1 AND id = ?2";
            self.tx.prepare_cached(sql)?.execute(key)?;
            return Ok(true);
        };
        let sql = "INSERT OR REPLACE INTO gate (site, id, restrictions) VALUES (?1, ?2, ?3)";
        let mut statement = self.tx.prepare_cached(sql)?;
        statement.execute(params![self.site.0, content.id.as_str(), new])?;
        Ok(true)
    }
}

fn channel_num(tx: &Transaction<'_>, name: &str) -> StoreResult<i64> {
    let mut insert = tx.prepare_cached("INSERT OR IGNORE INTO channel (name) VALUES (?1)")?;
    insert.execute([name])?;
    let mut select = tx.prepare_cached("SELECT num FROM channel WHERE name = ?1")?;
    Ok(select.query_row([name], |row| row.get(0))?)
}

/// Gives numbers in this transaction; the counter is written once, by
/// [`SeqWriter::finish`].
pub(crate) struct SeqWriter<'t> {
    tx: &'t Transaction<'t>,
    /// The last number of the transaction before.
    first: u64,
    last: u64,
}

impl<'t> SeqWriter<'t> {
    pub(crate) fn new(tx: &'t Transaction<'t>) -> StoreResult<Self> {
        let first = schema::counter(tx, Counter::Seq)?;
        Ok(Self {
            tx,
            first,
            last: first,
        })
    }

    fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Makes a row one that changed last.
    pub(crate) fn renew(&mut self, num: i64) -> StoreResult<()> {
        let seq = self.next();
        let sql = "UPDATE content SET seq = ?2 WHERE num = ?1";
        self.tx
            .prepare_cached(sql)?
            .execute(params![num, schema::signed(seq)])?;
        Ok(())
    }

    pub(crate) fn finish(self) -> StoreResult<()> {
        if self.last == self.first {
            return Ok(());
        }
        schema::set_counter(self.tx, Counter::Seq, self.last)
    }
}
