//! Sites and spaces.

use rusqlite::{OptionalExtension, Transaction, params};

use crate::model::{SiteId, Space, SpacePermissions};
use crate::ports::SiteInfo;

use super::content::SeqWriter;
use super::error::StoreResult;
use super::schema;

/// The number of a site. What a new description leaves out (an address, a time zone)
/// stays as it was told before.
pub(crate) fn put_site(tx: &Transaction<'_>, info: &SiteInfo) -> StoreResult<SiteId> {
    let sql = "SELECT id, info FROM site WHERE name = ?1";
    let found = tx.query_row(sql, [&info.name], |row| {
        Ok((row.get::<_, u32>(0)?, row.get::<_, String>(1)?))
    });
    let Some((id, old)) = found.optional()? else {
        tx.execute(
            "INSERT INTO site (name, info) VALUES (?1, ?2)",
            params![info.name, serde_json::to_string(info)?],
        )?;
        let sql = "SELECT id FROM site WHERE name = ?1";
        return Ok(SiteId(tx.query_row(sql, [&info.name], |row| row.get(0))?));
    };
    let known: SiteInfo = serde_json::from_str(&old)?;
    let mut info = info.clone();
    if info.base_url.is_empty() {
        info.base_url = known.base_url;
        info.deployment = known.deployment;
    }
    info.time_zone = info.time_zone.or(known.time_zone);
    let new = serde_json::to_string(&info)?;
    if new != old {
        let sql = "UPDATE site SET info = ?2 WHERE id = ?1";
        tx.execute(sql, params![id, new])?;
    }
    Ok(SiteId(id))
}

pub(crate) fn sites(tx: &Transaction<'_>) -> StoreResult<Vec<(SiteId, SiteInfo)>> {
    let mut statement = tx.prepare_cached("SELECT id, info FROM site ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut sites = Vec::new();
    while let Some(row) = rows.next()? {
        let info: String = row.get(1)?;
        sites.push((SiteId(row.get(0)?), serde_json::from_str(&info)?));
    }
    Ok(sites)
}

/// Documents carry what is said of their space, so a change of that gives its content
/// a new `seq`. Permissions are a gate and change the directory alone.
pub(crate) fn put_space(tx: &Transaction<'_>, site: SiteId, space: &Space) -> StoreResult<()> {
    let permissions = serde_json::to_string(&space.permissions)?;
    let info = serde_json::to_string(&Space {
        permissions: SpacePermissions::Unstated,
        ..space.clone()
    })?;
    let sql = "SELECT info, permissions FROM space WHERE site = ?1 AND key = ?2";
    let old = tx.query_row(sql, params![site.0, space.key], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    });
    let old = old.optional()?;
    let same_info = old.as_ref().is_some_and(|(old, _)| *old == info);
    let same_permissions = old.as_ref().is_some_and(|(_, old)| *old == permissions);
    if same_info && same_permissions {
        return Ok(());
    }
    tx.execute(
        "INSERT INTO space (site, key, info, permissions) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET info = excluded.info, permissions = excluded.permissions",
        params![site.0, space.key, info, permissions],
    )?;
    if !same_permissions {
        schema::raise_epoch(tx)?;
    }
    if !same_info {
        renew_content(tx, site, &space.key)?;
    }
    Ok(())
}

fn renew_content(tx: &Transaction<'_>, site: SiteId, key: &str) -> StoreResult<()> {
    let mut seq = SeqWriter::new(tx)?;
    // Attachments and comments may leave the naming of the space to what they hang on.
    let mut statement = tx.prepare_cached(
        "SELECT num FROM content WHERE site = ?1 AND space = ?2 AND deleted = 0
         UNION
         SELECT c.num FROM content p JOIN content c ON c.site = p.site AND c.container = p.id
         WHERE p.site = ?1 AND p.space = ?2 AND p.deleted = 0 AND c.deleted = 0
           AND c.container IS NOT NULL AND c.space IS NULL",
    )?;
    let nums = statement.query_map(params![site.0, key], |row| row.get::<_, i64>(0))?;
    let nums = nums.collect::<Result<Vec<_>, _>>()?;
    for num in nums {
        seq.renew(num)?;
    }
    seq.finish()
}

pub(crate) fn spaces(tx: &Transaction<'_>) -> StoreResult<Vec<(SiteId, Space)>> {
    let sql = "SELECT site, info, permissions FROM space ORDER BY site, key";
    let mut statement = tx.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut spaces = Vec::new();
    while let Some(row) = rows.next()? {
        let (info, permissions): (String, String) = (row.get(1)?, row.get(2)?);
        let mut space: Space = serde_json::from_str(&info)?;
        space.permissions = serde_json::from_str(&permissions)?;
        spaces.push((SiteId(row.get(0)?), space));
    }
    Ok(spaces)
}
