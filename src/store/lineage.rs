//! What live rows name above themselves: ancestors and containers.
//!
//! The table `above` counts mentions by id, so that the directory finds the ids that no
//! row has without reading any metadata. A batch collects its differences here and
//! writes them once, since thousands of pages name the same few ancestors.

use std::collections::{BTreeMap, HashSet};

use rusqlite::{OptionalExtension, Transaction, params};
use serde::Deserialize;

use crate::model::{Ancestor, ContentId, ContentRef, SiteId, Status};

use super::error::StoreResult;
use super::schema::signed;

/// What is above one row, as its metadata tell it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub(crate) struct Above {
    #[serde(default)]
    pub(crate) ancestors: Vec<Ancestor>,
    #[serde(default)]
    pub(crate) container: Option<ContentRef>,
    #[serde(default)]
    pub(crate) space_key: Option<String>,
}

impl Above {
    /// Whether documents that hang on this row get another lineage.
    pub(crate) fn leads_elsewhere(&self, new: &Self) -> bool {
        let ids = |above: &Self| -> Vec<ContentId> {
            let container = above.container.iter().map(|container| &container.id);
            let ancestors = above.ancestors.iter().map(|ancestor| &ancestor.id);
            ancestors.chain(container).cloned().collect()
        };
        self.space_key != new.space_key || ids(self) != ids(new)
    }
}

/// Number of mentions of one id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Mentions {
    /// As an ancestor whose list may matter.
    ancestors: i64,
    /// As an ancestor that is said to be a draft or in the trash.
    gone: i64,
    /// As what an attachment or comment hangs on.
    containers: i64,
}

impl Mentions {
    /// What [`super::directory`] reads of the counts. When it stays, so do the gates.
    fn decides(self) -> [bool; 3] {
        [
            self.ancestors + self.containers > 0,
            self.ancestors + self.gone > 0,
            self.containers > 0,
        ]
    }
}

/// Differences of the counts in one transaction.
#[derive(Debug, Default)]
pub(crate) struct MentionChanges {
    by_id: BTreeMap<String, Mentions>,
}

impl MentionChanges {
    pub(crate) fn add(&mut self, above: &Above) {
        self.count(above, 1);
    }

    pub(crate) fn remove(&mut self, above: &Above) {
        self.count(above, -1);
    }

    fn count(&mut self, above: &Above, by: i64) {
        for ancestor in &above.ancestors {
            let mentions = self.of(&ancestor.id);
            match ancestor.status {
                Some(Status::Draft | Status::Trashed) => mentions.gone += by,
                _ => mentions.ancestors += by,
            }
        }
        if let Some(container) = &above.container {
            self.of(&container.id).containers += by;
        }
    }

    fn of(&mut self, id: &ContentId) -> &mut Mentions {
        if !self.by_id.contains_key(id.as_str()) {
            self.by_id.insert(id.0.clone(), Mentions::default());
        }
        self.by_id.entry(id.0.clone()).or_default()
    }

    /// Writes the counts. Returns whether gates change by them.
    pub(crate) fn write(self, tx: &Transaction<'_>, site: SiteId) -> StoreResult<bool> {
        let mut matters = false;
        let changed = self.by_id.into_iter();
        for (id, by) in changed.filter(|(_, by)| *by != Mentions::default()) {
            let old = mentions(tx, site, &id)?;
            let new = Mentions {
                ancestors: old.ancestors + by.ancestors,
                gone: old.gone + by.gone,
                containers: old.containers + by.containers,
            };
            matters |= old.decides() != new.decides();
            write_mentions(tx, site, &id, new)?;
        }
        Ok(matters)
    }
}

fn mentions(tx: &Transaction<'_>, site: SiteId, id: &str) -> StoreResult<Mentions> {
    let sql = "SELECT ancestors, gone, containers FROM above WHERE site = ?1 AND id = ?2";
    let mut statement = tx.prepare_cached(sql)?;
    let found = statement.query_row(params![site.0, id], |row| {
        Ok(Mentions {
            ancestors: row.get(0)?,
            gone: row.get(1)?,
            containers: row.get(2)?,
        })
    });
    Ok(found.optional()?.unwrap_or_default())
}

fn write_mentions(
    tx: &Transaction<'_>,
    site: SiteId,
    id: &str,
    mentions: Mentions,
) -> StoreResult<()> {
    if mentions == Mentions::default() {
        let sql = "DELETE FROM above WHERE site = ?1 AND id = ?2";
        tx.prepare_cached(sql)?.execute(params![site.0, id])?;
        return Ok(());
    }
    let mut statement = tx.prepare_cached(
        "INSERT INTO above (site, id, ancestors, gone, containers) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET ancestors = excluded.ancestors, gone = excluded.gone,
           containers = excluded.containers",
    )?;
    let Mentions {
        ancestors,
        gone,
        containers,
    } = mentions;
    statement.execute(params![site.0, id, ancestors, gone, containers])?;
    Ok(())
}

/// Numbers of the live rows that hang on these ids, directly or on what hangs on them,
/// among those written before `seq`.
pub(crate) fn contained(
    tx: &Transaction<'_>,
    site: SiteId,
    ids: Vec<String>,
    before: u64,
) -> StoreResult<Vec<i64>> {
    let mut statement = tx.prepare_cached(
        "SELECT num, id FROM content
         WHERE site = ?1 AND container = ?2 AND deleted = 0 AND seq <= ?3",
    )?;
    let mut found = Vec::new();
    let mut open = ids;
    let mut seen: HashSet<String> = open.iter().cloned().collect();
    while let Some(id) = open.pop() {
        let mut rows = statement.query(params![site.0, id, signed(before)])?;
        while let Some(row) = rows.next()? {
            let (num, id): (i64, String) = (row.get(0)?, row.get(1)?);
            if seen.insert(id.clone()) {
                found.push(num);
                open.push(id);
            }
        }
    }
    Ok(found)
}

/// What is above a row through what it hangs on: ancestors of the container and, where
/// containers hang on something themselves, that too. Root first. The space is that of
/// the nearest container that names one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ContainerChain {
    pub(crate) ancestors: Vec<ContentId>,
    pub(crate) space_key: Option<String>,
}

impl ContainerChain {
    pub(crate) fn of(
        tx: &Transaction<'_>,
        site: SiteId,
        container: &ContentId,
    ) -> StoreResult<Self> {
        let sql = "SELECT info FROM content WHERE site = ?1 AND id = ?2 AND deleted = 0";
        let mut statement = tx.prepare_cached(sql)?;
        let mut chain = Self::default();
        let mut seen = HashSet::new();
        let mut next = Some(container.clone());
        while let Some(id) = next.take().filter(|id| seen.insert(id.clone())) {
            let info: Option<String> = statement
                .query_row(params![site.0, id.as_str()], |row| row.get(0))
                .optional()?;
            let Some(info) = info else { break };
            let above: Above = serde_json::from_str(&info)?;
            let ids = above.ancestors.into_iter().rev();
            chain.ancestors.extend(ids.map(|ancestor| ancestor.id));
            chain.space_key = chain.space_key.or(above.space_key);
            next = above.container.map(|container| container.id);
            chain.ancestors.extend(next.clone());
        }
        chain.ancestors.reverse();
        Ok(chain)
    }
}
