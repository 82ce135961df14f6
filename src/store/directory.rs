//! People and gates: who may pass, as far as the store knows.
//!
//! What could not be read counts as closed: a space without permissions, content whose
//! restriction is unknown, an ancestor or container that no row has. Only an ancestor
//! that is a draft or in the trash gates nothing, as Confluence does not let its list
//! be inherited.

use std::collections::{BTreeSet, HashSet};

use rusqlite::{Row, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::model::{
    ContentId, Directory, Gate, GateId, GateState, Person, Restrictions, SiteId, SpacePermissions,
    User,
};

use super::error::StoreResult;
use super::schema::{self, Counter};

#[derive(Serialize, Deserialize)]
struct PersonRow {
    user: User,
    groups: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    starred_spaces: BTreeSet<String>,
}

pub(crate) fn put_people(tx: &Transaction<'_>, site: SiteId, people: &[Person]) -> StoreResult<()> {
    let new = people.iter().map(|person| {
        serde_json::to_string(&PersonRow {
            user: person.user.clone(),
            groups: person.groups.clone(),
            starred_spaces: person.starred_spaces.clone(),
        })
    });
    let new = new.collect::<Result<Vec<_>, _>>()?;
    let mut statement =
        tx.prepare_cached("SELECT info FROM person WHERE site = ?1 ORDER BY place")?;
    let old = statement.query_map([site.0], |row| row.get::<_, String>(0))?;
    if old.collect::<Result<Vec<_>, _>>()? == new {
        return Ok(());
    }
    tx.execute("DELETE FROM person WHERE site = ?1", [site.0])?;
    let mut insert =
        tx.prepare_cached("INSERT INTO person (site, place, info) VALUES (?1, ?2, ?3)")?;
    for (place, info) in (0_i64..).zip(new) {
        insert.execute(params![site.0, place, info])?;
    }
    schema::raise_epoch(tx)
}

pub(crate) fn directory(tx: &Transaction<'_>) -> StoreResult<Directory> {
    let mut gates = space_gates(tx)?;
    gates.extend(orphan_space_gates(tx)?);
    gates.extend(content_gates(tx)?);
    gates.extend(missing_gates(tx)?);
    Ok(Directory {
        people: people(tx)?,
        gates,
        epoch: schema::counter(tx, Counter::Epoch)?,
    })
}

fn people(tx: &Transaction<'_>) -> StoreResult<Vec<Person>> {
    let mut statement = tx.prepare_cached("SELECT info FROM person ORDER BY site, place")?;
    let mut rows = statement.query([])?;
    let mut people = Vec::new();
    while let Some(row) = rows.next()? {
        let info = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        let PersonRow {
            user,
            groups,
            starred_spaces,
        } = serde_json::from_str(info)?;
        people.push(Person {
            user,
            groups,
            starred_spaces,
        });
    }
    Ok(people)
}

fn space_gates(tx: &Transaction<'_>) -> StoreResult<Vec<Gate>> {
    let mut statement =
        tx.prepare_cached("SELECT site, key, permissions FROM space ORDER BY site, key")?;
    let mut rows = statement.query([])?;
    let mut gates = Vec::new();
    while let Some(row) = rows.next()? {
        let permissions: String = row.get(2)?;
        let state = space_state(serde_json::from_str(&permissions)?);
        if state != GateState::Open {
            let id = space_gate_id(row)?;
            gates.push(Gate { id, state });
        }
    }
    Ok(gates)
}

fn space_state(permissions: SpacePermissions) -> GateState {
    match permissions {
        SpacePermissions::Known {
            anonymous: true, ..
        } => GateState::Open,
        SpacePermissions::Unstated
        | SpacePermissions::Known {
            all_users: true, ..
        } => GateState::Identified,
        SpacePermissions::Known { users, groups, .. } => only(users, groups),
        SpacePermissions::Unknown => GateState::Closed,
    }
}

/// Spaces that content names and that have no row: closed on a site that describes its
/// spaces; on one that describes none, a lone dump, everybody who is identified passes.
fn orphan_space_gates(tx: &Transaction<'_>) -> StoreResult<Vec<Gate>> {
    let mut statement = tx.prepare_cached(
        "SELECT DISTINCT site, space, EXISTS (SELECT 1 FROM space s WHERE s.site = c.site)
         FROM content c
         WHERE deleted = 0 AND space IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM space s WHERE s.site = c.site AND s.key = c.space)
         ORDER BY site, space",
    )?;
    let mut rows = statement.query([])?;
    let mut gates = Vec::new();
    while let Some(row) = rows.next()? {
        let described: bool = row.get(2)?;
        let state = if described {
            GateState::Closed
        } else {
            GateState::Identified
        };
        let id = space_gate_id(row)?;
        gates.push(Gate { id, state });
    }
    Ok(gates)
}

/// The restrictions of live rows. That of a draft or of something in the trash holds
/// for itself and for what hangs on it, but is lifted for pages below it.
fn content_gates(tx: &Transaction<'_>) -> StoreResult<Vec<Gate>> {
    let mut statement = tx.prepare_cached(
        "SELECT g.site, g.id, g.restrictions
         FROM gate g
         JOIN content c ON c.site = g.site AND c.id = g.id AND c.deleted = 0
         LEFT JOIN above a ON a.site = g.site AND a.id = g.id
         WHERE NOT (c.status IN ('draft', 'trashed')
           AND ifnull(a.ancestors + a.gone > 0 AND a.containers = 0, 0))
         ORDER BY g.site, g.id",
    )?;
    let mut rows = statement.query([])?;
    let mut gates = Vec::new();
    while let Some(row) = rows.next()? {
        let restrictions: String = row.get(2)?;
        let state = match serde_json::from_str(&restrictions)? {
            Restrictions::None => continue,
            Restrictions::Only { users, groups } => only(users, groups),
            Restrictions::Unknown => GateState::Closed,
        };
        let id = content_gate_id(row)?;
        gates.push(Gate { id, state });
    }
    Ok(gates)
}

/// Ids that live rows name above themselves and that no live row has, unless each
/// mention says that it is a draft or in the trash.
fn missing_gates(tx: &Transaction<'_>) -> StoreResult<Vec<Gate>> {
    let mut statement = tx.prepare_cached(
        "SELECT a.site, a.id FROM above a
         WHERE a.ancestors + a.containers > 0
           AND NOT EXISTS (SELECT 1 FROM content c
             WHERE c.site = a.site AND c.id = a.id AND c.deleted = 0)
         ORDER BY a.site, a.id",
    )?;
    let mut rows = statement.query([])?;
    let mut gates = Vec::new();
    while let Some(row) = rows.next()? {
        let id = content_gate_id(row)?;
        let state = GateState::Closed;
        gates.push(Gate { id, state });
    }
    Ok(gates)
}

fn only(users: Vec<String>, groups: Vec<String>) -> GateState {
    GateState::Only {
        users: HashSet::from_iter(users),
        groups: HashSet::from_iter(groups),
    }
}

fn space_gate_id(row: &Row<'_>) -> StoreResult<GateId> {
    Ok(GateId::Space(SiteId(row.get(0)?), row.get(1)?))
}

fn content_gate_id(row: &Row<'_>) -> StoreResult<GateId> {
    Ok(GateId::Content(SiteId(row.get(0)?), ContentId(row.get(1)?)))
}
