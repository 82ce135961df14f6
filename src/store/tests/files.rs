//! Stores on disk: reopening, versions, readers beside a writer.
#![expect(clippy::disallowed_methods, reason = "writes its own files")]

use rusqlite::Connection;

use super::*;
use crate::ports::PortErrorKind;
use crate::store::error::StoreError;
use crate::store::schema::{self, MIGRATIONS};
use crate::store::{FILE_NAME, open};

#[test]
fn a_store_is_there_again_when_it_is_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("new");
    let site = {
        let store = open(&dir).unwrap();
        let site = store.site(&info("wiki")).unwrap();
        let run = store
            .begin_run("import", "test", Timestamp::UNIX_EPOCH)
            .unwrap();
        let items = parse("page 1 body:text").1;
        store.put_content(run, site, "c", &items).unwrap();
        site
    };
    let store = open(&dir).unwrap();
    assert_eq!(store.site(&info("wiki")).unwrap(), site);
    assert_eq!(store.last_seq().unwrap(), 1);
    let key = DocumentKey::new(site, ContentId::new("1"));
    let stored = store.content(&key).unwrap().unwrap();
    assert_eq!(stored.body.unwrap().value, "text");
}

#[test]
fn readers_do_not_wait_for_a_writer() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let site = store.site(&info("wiki")).unwrap();
    let mut other = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    let writing = other
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .unwrap();
    writing.execute("UPDATE counter SET value = 9", []).unwrap();
    assert_eq!(store.last_seq().unwrap(), 0);
    assert_eq!(store.sites().unwrap(), [(site, info("wiki"))]);
    writing.commit().unwrap();
    assert_eq!(store.last_seq().unwrap(), 9);
}

#[track_caller]
fn check_refused(make: impl FnOnce(&std::path::Path), expected: &str) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(FILE_NAME);
    make(&path);
    let before = std::fs::read(&path).unwrap();
    let Err(error) = open(dir.path()) else {
        panic!("opened");
    };
    assert_eq!(error.kind, PortErrorKind::Format);
    let cause = error.source.as_ref().unwrap().to_string();
    assert!(cause.contains(expected), "{cause}");
    assert!(error.to_string().contains(FILE_NAME), "{error}");
    assert_eq!(
        std::fs::read(&path).unwrap(),
        before,
        "the file was changed"
    );
}

#[test]
fn what_is_no_store_of_ours_is_refused_and_left_alone() {
    check_refused(
        |path| {
            drop(open(path.parent().unwrap()).unwrap());
            let db = Connection::open(path).unwrap();
            db.pragma_update(None, "user_version", 99).unwrap();
            db.pragma_update(None, "journal_mode", "delete").unwrap();
        },
        "format 99",
    );
    check_refused(
        |path| {
            let db = Connection::open(path).unwrap();
            db.execute_batch("CREATE TABLE song (name TEXT)").unwrap();
        },
        "something else",
    );
    check_refused(
        |path| {
            let text = "not a database, but long enough to look at".repeat(40);
            std::fs::write(path, text).unwrap();
        },
        "not a database",
    );
}

#[test]
fn migrations_run_once_and_in_order() {
    let mut db = Connection::open_in_memory().unwrap();
    let steps = [
        "CREATE TABLE a (x)",
        "INSERT INTO a VALUES (1)",
        "UPDATE a SET x = x + 1",
    ];
    let value = |db: &Connection| db.query_row("SELECT x FROM a", [], |row| row.get::<_, i64>(0));
    schema::migrate(&mut db, &steps[..2]).unwrap();
    assert_eq!(value(&db), Ok(1));
    schema::migrate(&mut db, &steps).unwrap();
    schema::migrate(&mut db, &steps).unwrap();
    assert_eq!(value(&db), Ok(2));
    let older = schema::migrate(&mut db, &steps[..2]);
    assert!(matches!(
        older,
        Err(StoreError::Newer { found: 3, known: 2 })
    ));
}

#[test]
fn a_migration_that_fails_leaves_the_version_before() {
    let mut db = Connection::open_in_memory().unwrap();
    let steps = [
        "CREATE TABLE a (x)",
        "CREATE TABLE b (x); CREATE TABLE a (x)",
    ];
    schema::migrate(&mut db, &steps).unwrap_err();
    let tables = db.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0));
    assert_eq!(tables, Ok(0_i64));
}

#[test]
fn a_batch_that_fails_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let site = store.site(&info("wiki")).unwrap();
    let items = parse("page 1 body:a\n page 2 body:b").1;
    let run = store
        .begin_run("import", "test", Timestamp::UNIX_EPOCH)
        .unwrap();
    let db = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    let trigger = "CREATE TRIGGER stop BEFORE INSERT ON content WHEN new.id = '2'
        BEGIN SELECT raise(ABORT, 'disk full'); END";
    db.execute_batch(trigger).unwrap();
    store.put_content(run, site, "c", &items).unwrap_err();
    assert_eq!(store.last_seq().unwrap(), 0);
    assert_eq!(store.changes_count(0).unwrap(), 0);
    db.execute_batch("DROP TRIGGER stop").unwrap();
    let counts = store.put_content(run, site, "c", &items).unwrap();
    assert_eq!(counts.added, 2);
}

#[test]
fn every_migration_is_strict() {
    let mut db = Connection::open_in_memory().unwrap();
    schema::migrate(&mut db, MIGRATIONS).unwrap();
    let loose = "SELECT count(*) FROM pragma_table_list
        WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' AND strict = 0";
    assert_eq!(db.query_row(loose, [], |row| row.get::<_, i64>(0)), Ok(0));
}
