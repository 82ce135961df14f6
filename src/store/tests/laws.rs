//! What holds whatever is written: sequence numbers, runs, channels, removal.

use super::*;
use crate::ports::{Failure, PortErrorKind, RunCounts, RunEnd, RunStatus};

const SITE: &str = "
    page 1 space:ENG body:<p>one</p>
    page 2 space:ENG above:1 label:x body:<p>two</p>
    attachment a3 space:ENG on:2
";

fn counts(added: u64, updated: u64, unchanged: u64) -> PutCounts {
    PutCounts {
        added,
        updated,
        unchanged,
    }
}

#[test]
fn what_is_put_comes_back() {
    let bench = Bench::new();
    let (_, items) =
        parse("page 7 space:ENG v:4 above:1,2=draft only:ada,@eng label:x body:<p>é</p>");
    bench
        .store
        .put_content(bench.run(), bench.site, "c", &items)
        .unwrap();
    let stored = bench.get("7").unwrap();
    assert_eq!(stored.content, items[0].0);
    assert_eq!(stored.body, items[0].1);
    assert_eq!(stored.channels, ["c"]);
    assert_eq!(stored.hash.len(), 64);
    assert_eq!(bench.get("8"), None);
}

#[test]
fn a_second_run_changes_nothing() {
    let bench = Bench::new();
    assert_eq!(bench.put("c", SITE).1, counts(3, 0, 0));
    let (seq, epoch) = (bench.seq(), bench.epoch());
    let (run, again) = bench.put("c", SITE);
    assert_eq!(again, counts(0, 0, 3));
    assert_eq!(bench.store.remove_unseen(run, bench.site, "c").unwrap(), 0);
    assert_eq!((bench.seq(), bench.epoch()), (seq, epoch));
    assert_eq!(bench.changes(seq), "");
}

#[test]
fn an_interrupted_run_goes_on() {
    let bench = Bench::new();
    bench.put("c", "page 1 body:a\n page 2 body:b");
    let (run, counted) = bench.put("c", "page 1 body:a\n page 2 body:b\n page 3 body:c");
    assert_eq!(counted, counts(1, 0, 2));
    assert_eq!(bench.store.remove_unseen(run, bench.site, "c").unwrap(), 0);
    assert_eq!(bench.changes(0), "+1 +2 +3");
}

#[test]
fn each_change_is_the_last_one() {
    let bench = Bench::new();
    bench.put("c", SITE);
    for (line, counted, changes) in [
        ("page 1 space:ENG body:<p>uno</p>", counts(0, 1, 0), "+1"),
        (
            "page 1 space:ENG v:2 body:<p>uno</p>",
            counts(0, 1, 0),
            "+1",
        ),
        (
            "page 1 space:ENG v:2 label:y body:<p>uno</p>",
            counts(0, 1, 0),
            "+1",
        ),
        ("page 1 space:ENG v:2 label:y", counts(0, 1, 0), "+1"),
        ("page 1 space:ENG v:2 label:y", counts(0, 0, 1), ""),
        ("page 4 body:x", counts(1, 0, 0), "+4"),
    ] {
        let seq = bench.seq();
        assert_eq!(bench.put("c", line).1, counted, "{line}");
        assert_eq!(bench.changes(seq), changes, "{line}");
    }
    assert_eq!(bench.get("1").unwrap().body, None);
    assert_eq!(bench.changes(0), "+2 +a3 +1 +4");
}

#[test]
fn changes_come_in_slices() {
    let bench = Bench::new();
    bench.put("c", "page 1\n page 2\n page 3\n page 4");
    let mut seqs = Vec::new();
    let mut after = 0;
    loop {
        let slice = bench.store.changes(after, 3).unwrap();
        let Some(Change::Put { seq, .. }) = slice.last() else {
            break;
        };
        after = *seq;
        seqs.push(slice.len());
    }
    assert_eq!(seqs, [3, 1]);
    assert_eq!(after, bench.seq());
}

#[test]
fn restrictions_change_the_directory_alone() {
    let bench = Bench::new();
    bench.put("c", "page 1 body:x");
    for line in [
        "page 1 body:x only:ada",
        "page 1 body:x only:bob",
        "page 1 body:x unknown",
        "page 1 body:x",
    ] {
        let (seq, epoch, hash) = (bench.seq(), bench.epoch(), bench.get("1").unwrap().hash);
        assert_eq!(bench.put("c", line).1, counts(0, 1, 0), "{line}");
        assert_eq!(bench.seq(), seq, "{line}");
        assert!(bench.epoch() > epoch, "{line}");
        assert_eq!(bench.get("1").unwrap().hash, hash, "{line}");
        assert_eq!(bench.put("c", line).1, counts(0, 0, 1), "{line}");
    }
}

#[test]
fn what_left_the_source_is_deleted() {
    let bench = Bench::new();
    bench.put("c", SITE);
    let seq = bench.seq();
    assert_eq!(bench.replace("c", "page 1 space:ENG body:<p>one</p>"), 2);
    assert_eq!(bench.changes(seq), "-2 -a3");
    assert_eq!(bench.changes(0), "+1 -2 -a3");
    assert_eq!(bench.get("2"), None);

    let seq = bench.seq();
    assert_eq!(bench.put("c", SITE).1, counts(2, 0, 1));
    assert_eq!(bench.changes(seq), "+2 +a3");
    assert_eq!(bench.get("2").unwrap().body.unwrap().value, "<p>two</p>");
}

#[test]
fn a_deletion_takes_its_gate_along() {
    let bench = Bench::new();
    bench.put("c", "page 1 only:ada");
    bench.replace("c", "page 2");
    bench.put("c", "page 1");
    assert_eq!(
        bench.get("1").unwrap().content.restrictions,
        Restrictions::None
    );
    assert!(bench.store.directory().unwrap().gates.is_empty());
}

#[test]
fn items_stay_while_any_channel_reaches_them() {
    let bench = Bench::new();
    bench.put("a", "page 1\n page 2");
    let seq = bench.seq();
    assert_eq!(bench.put("b", "page 1").1, counts(0, 1, 0));
    assert_eq!(bench.changes(seq), "+1");
    assert_eq!(bench.get("1").unwrap().channels, ["a", "b"]);

    let seq = bench.seq();
    assert_eq!(bench.replace("a", ""), 2);
    assert_eq!(bench.changes(seq), "-2 +1");
    assert_eq!(bench.get("1").unwrap().channels, ["b"]);
    assert_eq!(bench.replace("b", ""), 1);
    assert_eq!(bench.get("1"), None);
}

#[test]
fn sites_do_not_mix() {
    let bench = Bench::new();
    let other = bench.store.site(&info("other")).unwrap();
    assert_ne!(bench.site, other);
    bench.put("c", "page 1 body:here");
    let items = parse("page 1 body:there\n page 2").1;
    let run = bench.run();
    let put = bench.store.put_content(run, other, "c", &items);
    assert_eq!(put.unwrap(), counts(2, 0, 0));
    // The run saw nothing of the first site, and that must not matter.
    assert_eq!(bench.store.remove_unseen(run, other, "c").unwrap(), 0);
    assert_eq!(bench.get("1").unwrap().body.unwrap().value, "here");
}

#[test]
fn of_equal_ids_the_higher_version_and_then_the_later_line_counts() {
    for (lines, body) in [
        ("page 1 v:2 body:new\n page 1 v:1 body:old", "new"),
        ("page 1 v:1 body:old\n page 1 v:2 body:new", "new"),
        ("page 1 v:2 body:a\n page 1 v:2 body:b", "b"),
    ] {
        let bench = Bench::new();
        let run = bench.run();
        bench.put_in(run, "c", lines);
        assert_eq!(bench.get("1").unwrap().body.unwrap().value, body, "{lines}");
        let seq = bench.seq();
        bench.put("c", lines);
        assert_eq!(bench.seq(), seq, "{lines}: a second run");

        // The same over two batches of one run.
        let bench = Bench::new();
        let run = bench.run();
        for line in lines.lines() {
            bench.put_in(run, "c", line);
        }
        assert_eq!(bench.get("1").unwrap().body.unwrap().value, body, "{lines}");
    }
}

#[test]
fn an_old_copy_in_another_source_does_not_win() {
    let bench = Bench::new();
    bench.put("a", "page 1 v:5 body:new");
    bench.put("b", "page 1 v:3 body:old only:bob");
    let stored = bench.get("1").unwrap();
    assert_eq!(stored.body.unwrap().value, "new");
    assert_eq!(stored.content.restrictions, Restrictions::None);
    assert_eq!(stored.channels, ["a", "b"]);
    bench.replace("a", "");
    bench.put("b", "page 1 v:3 body:old");
    assert_eq!(bench.get("1").unwrap().body.unwrap().value, "old");
}

#[test]
fn what_hangs_on_a_page_follows_its_moves() {
    let bench = Bench::new();
    bench.put(
        "c",
        "page 2 space:ENG above:1\n attachment a3 on:2\n comment 4 on:a3",
    );
    let stored = bench.get("4").unwrap();
    let ids: Vec<_> = stored
        .container_ancestors
        .iter()
        .map(ContentId::as_str)
        .collect();
    assert_eq!(ids, ["1", "2"]);
    assert_eq!(stored.content.space_key.as_deref(), Some("ENG"));

    let seq = bench.seq();
    bench.put("c", "page 2 space:ENG above:1 title:Renamed");
    assert_eq!(bench.changes(seq), "+2");
    bench.put("c", "page 2 space:ENG above:9,1 title:Renamed");
    assert_eq!(bench.changes(seq), "+2 +a3 +4");
    let seq = bench.seq();
    bench.replace("c", "attachment a3 on:2\n comment 4 on:a3");
    assert_eq!(bench.changes(seq), "-2 +a3 +4");
    assert!(bench.get("a3").unwrap().container_ancestors.is_empty());
}

#[test]
fn what_names_no_space_follows_its_container_to_another() {
    let bench = Bench::new();
    bench.put("c", "page 2 space:ENG\n attachment a3 on:2");
    let seq = bench.seq();
    bench.put("c", "page 2 space:OPS");
    assert_eq!(bench.changes(seq), "+2 +a3");
    let space = bench.get("a3").unwrap().content.space_key;
    assert_eq!(space.as_deref(), Some("OPS"));
}

#[test]
fn the_epoch_tells_when_the_directory_changes() {
    for (before, write) in [
        ("page 1 space:A", "page 1 space:B"),
        (
            "page 1 status:draft only:ada\n page 2 above:1",
            "page 1 only:ada",
        ),
        ("page 1 status:draft only:ada\n page 2", "page 2 above:1"),
        (
            "page 1 status:draft only:ada\n page 2 above:1\n comment 3",
            "comment 3 on:1",
        ),
        ("page 2 above:1=trashed", "page 2 above:1=current"),
        ("page 2 above:1", "page 1"),
    ] {
        let bench = Bench::new();
        bench.put("c", before);
        let (epoch, gates) = (bench.epoch(), bench.store.directory().unwrap().gates);
        bench.put("c", write);
        let changed = bench.store.directory().unwrap().gates != gates;
        assert!(changed, "{before} / {write}");
        assert!(bench.epoch() > epoch, "{before} / {write}");
    }
    let bench = Bench::new();
    bench.put("c", "space A all\n page 1 space:A\n page 2 space:A above:1");
    let epoch = bench.epoch();
    bench.put("c", "page 2 space:A above:1 v:2 label:x title:New body:y");
    assert_eq!(bench.epoch(), epoch);
}

#[test]
fn things_that_hang_on_each_other_end() {
    let bench = Bench::new();
    bench.put("c", "comment 1 on:2\n comment 2 on:1\n comment 3 on:3");
    assert_eq!(bench.changes(0), "+1 +2 +3");
    bench.replace("c", "comment 2 on:1");
    assert_eq!(bench.changes(0), "-1 -3 +2");
}

#[test]
fn a_space_that_is_renamed_renews_its_content() {
    let bench = Bench::new();
    bench.put(
        "c",
        "space ENG all\n page 1 space:ENG\n attachment a2 on:1\n page 3 space:OPS",
    );
    let (seq, epoch) = (bench.seq(), bench.epoch());
    bench.put("c", "space ENG all");
    assert_eq!((bench.seq(), bench.epoch()), (seq, epoch));
    bench.put("c", "space ENG users:ada");
    assert_eq!(bench.seq(), seq);
    assert!(bench.epoch() > epoch);
    bench.put("c", "space ENG users:ada name:Engineering");
    assert_eq!(bench.changes(seq), "+1 +a2");
    assert_eq!(bench.store.spaces().unwrap()[0].1.name, "Engineering");
}

#[test]
fn people_are_replaced_as_a_whole() {
    let bench = Bench::new();
    bench.store.put_people(bench.site, &people()).unwrap();
    let epoch = bench.epoch();
    bench.store.put_people(bench.site, &people()).unwrap();
    assert_eq!(bench.epoch(), epoch);
    assert_eq!(bench.store.directory().unwrap().people, people());
    bench.store.put_people(bench.site, &people()[1..]).unwrap();
    assert!(bench.epoch() > epoch);
    assert_eq!(bench.store.directory().unwrap().people, people()[1..]);
}

#[test]
fn a_site_keeps_what_a_poorer_description_leaves_out() {
    let store = open_in_memory().unwrap();
    let rich = SiteInfo {
        time_zone: Some("Europe/Oslo".to_owned()),
        ..info("wiki")
    };
    let id = store.site(&rich).unwrap();
    let poor = SiteInfo {
        base_url: String::new(),
        deployment: Deployment::Cloud,
        ..info("wiki")
    };
    assert_eq!(store.site(&poor).unwrap(), id);
    assert_eq!(store.sites().unwrap(), [(id, rich.clone())]);
    let moved = SiteInfo {
        base_url: "https://new.example".to_owned(),
        ..rich
    };
    store.site(&moved).unwrap();
    assert_eq!(store.sites().unwrap(), [(id, moved)]);
}

#[test]
fn runs_and_failures_are_kept() {
    let bench = Bench::new();
    let first = bench.run();
    let second = bench.run();
    let failure = |cause: &str| Failure {
        step: "parse".to_owned(),
        place: Some("content/ENG.jsonl:3".to_owned()),
        id: None,
        cause: cause.to_owned(),
    };
    bench
        .store
        .record_failures(first, &[failure("a"), failure("b")])
        .unwrap();
    bench.store.record_failures(first, &[failure("c")]).unwrap();
    let end = RunEnd {
        status: RunStatus::SucceededWithFailures,
        counts: RunCounts {
            failed: 3,
            ..RunCounts::default()
        },
        message: None,
    };
    let now = Timestamp::from_second(60).unwrap();
    bench.store.finish_run(first, &end, now).unwrap();

    let causes: Vec<_> = bench.store.failures(first).unwrap();
    assert_eq!(causes, [failure("a"), failure("b"), failure("c")]);
    let runs = bench.store.runs(10).unwrap();
    assert_eq!(
        runs.iter().map(|run| run.id).collect::<Vec<_>>(),
        [second, first]
    );
    assert_eq!(runs[0].status, RunStatus::Running);
    assert_eq!(runs[1].status, RunStatus::SucceededWithFailures);
    assert_eq!(runs[1].finished_at, Some(now));
    assert_eq!(runs[1].counts.failed, 3);
    let error = bench.store.finish_run(RunId(99), &end, now).unwrap_err();
    assert_eq!(error.kind, PortErrorKind::NotFound);
}

#[test]
fn content_is_counted_by_type_and_status() {
    let bench = Bench::new();
    bench.put(
        "c",
        "page 1\n page 2 status:archived\n page 3\n comment 4 on:1\n page 5",
    );
    bench.replace(
        "c",
        "page 1\n page 2 status:archived\n page 3\n comment 4 on:1",
    );
    let counts = bench.store.counts().unwrap();
    let counts: Vec<_> = counts
        .iter()
        .map(|count| format!("{} {} {}", count.kind, count.status, count.count))
        .collect();
    assert_eq!(
        counts,
        ["comment current 1", "page archived 1", "page current 2"]
    );
}
