//! Reads content rows back, with everything that belongs to them.

use std::collections::HashMap;

use rusqlite::{Row, Transaction, params};
use serde::Serialize;

use crate::model::{
    Content, ContentId, DocumentKey, RawBody, Representation, Restrictions, SiteId,
};
use crate::ports::{Change, Stored};

use super::error::{StoreError, StoreResult};
use super::lineage::ContainerChain;
use super::schema::{signed, unsigned};

/// Columns of a whole row, in the order in which [`Reader::change`] takes them.
const COLUMNS: &str = "
SELECT num, content.site, content.id, seq, deleted, info, hash, restrictions,
  representation, size, packed
FROM content
LEFT JOIN gate ON gate.site = content.site AND gate.id = content.id
LEFT JOIN body ON body.content = num";

/// Bytes of bodies that end a batch early: bodies may be 20 MB each.
const BATCH_BYTES: usize = 8 << 20;

/// Number of live items of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ContentCount {
    pub(crate) site: SiteId,
    /// Content type.
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) count: u64,
}

pub(crate) fn changes(tx: &Transaction<'_>, after: u64, limit: usize) -> StoreResult<Vec<Change>> {
    let sql = format!("{COLUMNS} WHERE seq > ?1 ORDER BY seq LIMIT ?2");
    let mut statement = tx.prepare_cached(&sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![signed(after), limit])?;
    let mut reader = Reader::new(tx)?;
    let mut changes = Vec::new();
    let mut bytes = 0;
    while bytes < BATCH_BYTES
        && let Some(row) = rows.next()?
    {
        let change = reader.change(row)?;
        if let Change::Put { stored, .. } = &change {
            bytes += stored.body.as_ref().map_or(0, |body| body.value.len());
        }
        changes.push(change);
    }
    Ok(changes)
}

pub(crate) fn changes_count(tx: &Transaction<'_>, after: u64) -> StoreResult<u64> {
    let sql = "SELECT count(*) FROM content WHERE seq > ?1";
    let mut statement = tx.prepare_cached(sql)?;
    let count: i64 = statement.query_row([signed(after)], |row| row.get(0))?;
    Ok(unsigned(count))
}

pub(crate) fn content(tx: &Transaction<'_>, key: &DocumentKey) -> StoreResult<Option<Stored>> {
    let sql = format!("{COLUMNS} WHERE content.site = ?1 AND content.id = ?2 AND deleted = 0");
    let mut statement = tx.prepare_cached(&sql)?;
    let mut rows = statement.query(params![key.site.0, key.id.as_str()])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    match Reader::new(tx)?.change(row)? {
        Change::Put { stored, .. } => Ok(Some(stored)),
        Change::Delete { .. } => Ok(None),
    }
}

pub(crate) fn counts(tx: &Transaction<'_>) -> StoreResult<Vec<ContentCount>> {
    let mut statement = tx.prepare_cached(
        "SELECT site, kind, status, count(*) FROM content WHERE deleted = 0
         GROUP BY site, kind, status ORDER BY site, kind, status",
    )?;
    let counts = statement.query_map([], |row| {
        Ok(ContentCount {
            site: SiteId(row.get(0)?),
            kind: row.get(1)?,
            status: row.get(2)?,
            count: unsigned(row.get(3)?),
        })
    })?;
    Ok(counts.collect::<Result<_, _>>()?)
}

/// Puts rows together; what many rows share is read once.
struct Reader<'t> {
    tx: &'t Transaction<'t>,
    unpacker: zstd::bulk::Decompressor<'static>,
    chains: HashMap<(SiteId, ContentId), ContainerChain>,
}

impl<'t> Reader<'t> {
    fn new(tx: &'t Transaction<'t>) -> StoreResult<Self> {
        Ok(Self {
            tx,
            unpacker: zstd::bulk::Decompressor::new().map_err(StoreError::Packing)?,
            chains: HashMap::new(),
        })
    }

    fn change(&mut self, row: &Row<'_>) -> StoreResult<Change> {
        let site = SiteId(row.get(1)?);
        let seq = unsigned(row.get(3)?);
        if row.get(4)? {
            let id: String = row.get(2)?;
            let key = DocumentKey::new(site, ContentId(id));
            return Ok(Change::Delete { seq, key });
        }
        let mut content = info(row)?;
        let chain = match &content.container {
            Some(container) => self.chain(site, &container.id)?,
            None => ContainerChain::default(),
        };
        // Its space's gate stands before an attachment whether or not the source
        // repeats the space there.
        content.space_key = content.space_key.or(chain.space_key);
        let stored = Stored {
            site,
            content,
            body: self.body(row)?,
            channels: self.channels(row.get(0)?)?,
            container_ancestors: chain.ancestors,
            hash: hex(&row.get::<_, Vec<u8>>(6)?),
        };
        Ok(Change::Put { seq, stored })
    }

    fn chain(&mut self, site: SiteId, container: &ContentId) -> StoreResult<ContainerChain> {
        let key = (site, container.clone());
        if let Some(chain) = self.chains.get(&key) {
            return Ok(chain.clone());
        }
        let chain = ContainerChain::of(self.tx, site, container)?;
        self.chains.insert(key, chain.clone());
        Ok(chain)
    }

    fn body(&mut self, row: &Row<'_>) -> StoreResult<Option<RawBody>> {
        let Some(representation) = row.get::<_, Option<String>>(8)? else {
            return Ok(None);
        };
        let representation: Representation = serde_json::from_str(&representation)?;
        let size = usize::try_from(row.get::<_, i64>(9)?).unwrap_or(0);
        let packed = row.get_ref(10)?.as_blob().map_err(rusqlite::Error::from)?;
        let value = self.unpacker.decompress(packed, size);
        let value = String::from_utf8(value.map_err(StoreError::Packing)?)
            .map_err(|error| StoreError::Packing(std::io::Error::other(error)))?;
        Ok(Some(RawBody {
            representation,
            value,
        }))
    }

    fn channels(&self, num: i64) -> StoreResult<Vec<String>> {
        let mut statement = self.tx.prepare_cached(
            "SELECT name FROM membership JOIN channel ON channel.num = membership.channel
             WHERE content = ?1 ORDER BY name",
        )?;
        let names = statement.query_map([num], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }
}

fn info(row: &Row<'_>) -> StoreResult<Content> {
    let info = row.get_ref(5)?.as_str().map_err(rusqlite::Error::from)?;
    let mut content: Content = serde_json::from_str(info)?;
    let restrictions: Option<String> = row.get(7)?;
    if let Some(restrictions) = restrictions {
        content.restrictions = serde_json::from_str::<Restrictions>(&restrictions)?;
    }
    Ok(content)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").expect("writing to a string cannot fail");
        out
    })
}
