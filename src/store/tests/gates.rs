//! Who sees what: a truth table.

use super::*;

/// `expected` names for ada, bob and anonymous the ids they see.
#[track_caller]
fn check(site: &str, expected: [&str; 3]) {
    let bench = Bench::new();
    bench.store.put_people(bench.site, &people()).unwrap();
    bench.put("c", site);
    let viewers = viewers();
    let got = ["ada", "bob", "anonymous"].map(|name| {
        let seen = bench.visible(&viewers[name]);
        seen.into_iter().collect::<Vec<_>>().join(" ")
    });
    assert_eq!(got, expected, "{site}");
    let all = parse(site).1.len();
    assert_eq!(bench.visible(&viewers["service"]).len(), all, "{site}");
}

#[test]
fn spaces() {
    check("space S open\n page 1 space:S", ["1", "1", "1"]);
    check("space S all\n page 1 space:S", ["1", "1", ""]);
    check("space S users:bob\n page 1 space:S", ["", "1", ""]);
    check("space S groups:eng\n page 1 space:S", ["1", "", ""]);
    check("space S groups:g-1\n page 1 space:S", ["1", "", ""]);
    check("space S\n page 1 space:S", ["", "", ""]);
    check("space S unstated\n page 1 space:S", ["1", "1", ""]);
    check("space S unknown\n page 1 space:S", ["", "", ""]);
}

#[test]
fn spaces_that_no_row_describes() {
    check("page 1 space:S", ["1", "1", ""]);
    check(
        "space T open\n page 1 space:S\n page 2 space:T",
        ["2", "2", "2"],
    );
    check("page 1", ["1", "1", "1"]);
}

#[test]
fn restrictions() {
    check("page 1 only:ada", ["1", "", ""]);
    check("page 1 only:@eng", ["1", "", ""]);
    check("page 1 only:@eng,bob", ["1", "1", ""]);
    check("page 1 only:", ["", "", ""]);
    check("page 1 unknown", ["", "", ""]);
}

#[test]
fn every_layer_must_pass() {
    check(
        "space S open\n page 1 space:S only:ada\n page 2 space:S above:1",
        ["1 2", "", ""],
    );
    check(
        "page 1 only:ada\n page 2 above:1\n page 3 above:1,2",
        ["1 2 3", "", ""],
    );
    check(
        "page 1 only:@eng\n page 2 above:1 only:ada",
        ["1 2", "", ""],
    );
    check("page 1 only:ada\n page 2 above:1 only:bob", ["1", "", ""]);
    check("space S users:bob\n page 1 space:S only:ada", ["", "", ""]);
    check(
        "page 1\n page 2 above:1 only:bob\n page 3 above:1,2",
        ["1", "1 2 3", "1"],
    );
    check("folder 1 only:ada\n page 2 above:1", ["1 2", "", ""]);
}

#[test]
fn what_hangs_on_a_page_is_seen_like_it() {
    check("page 1 only:ada\n attachment a2 on:1", ["1 a2", "", ""]);
    check(
        "page 1 only:ada\n page 2 above:1\n comment 3 on:2",
        ["1 2 3", "", ""],
    );
    check(
        "space S users:bob\n page 1 space:S\n attachment a2 on:1",
        ["", "1 a2", ""],
    );
    check("page 1\n attachment a2 on:1 only:bob", ["1", "1 a2", "1"]);
    check("attachment a2 on:1", ["", "", ""]);
}

#[test]
fn ancestors_that_no_row_has() {
    check("page 2 above:1", ["", "", ""]);
    check("page 2 above:1=current", ["", "", ""]);
    check("page 2 above:1=draft", ["2", "2", "2"]);
    check("page 2 above:1=trashed", ["2", "2", "2"]);
    check("page 2 above:1=trashed\n page 3 above:1", ["", "", ""]);
    check("page 2 above:1=trashed\n attachment a3 on:1", ["", "", ""]);
}

#[test]
fn ancestors_that_are_drafts_or_in_the_trash() {
    check(
        "page 1 status:trashed only:ada\n page 2 above:1",
        ["1 2", "1 2", "1 2"],
    );
    check("page 1 status:draft only:ada", ["1", "", ""]);
    check(
        "page 1 status:draft only:ada\n attachment a2 on:1",
        ["1 a2", "", ""],
    );
    check(
        "page 1 status:archived only:ada\n page 2 above:1",
        ["1 2", "", ""],
    );
}

#[test]
fn an_ancestor_that_appears_opens_and_one_that_goes_closes() {
    let bench = Bench::new();
    let anonymous = Viewer::Anonymous { unknown: false };
    let seen = || bench.visible(&anonymous).len();
    bench.put("c", "page 2 above:1");
    let epoch = bench.epoch();
    assert_eq!(seen(), 0);
    bench.put("c", "page 1");
    assert!(bench.epoch() > epoch);
    assert_eq!(seen(), 2);
    let epoch = bench.epoch();
    bench.replace("c", "page 2 above:1");
    assert!(bench.epoch() > epoch);
    assert_eq!(seen(), 0);
    let epoch = bench.epoch();
    bench.put("c", "page 2 above:1=trashed");
    assert!(bench.epoch() > epoch);
    assert_eq!(seen(), 1);
}
