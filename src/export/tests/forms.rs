//! Files and folders of every form.

use super::*;
use crate::export::embedded;
use crate::model::User;
use crate::ports::Deployment;

#[test]
fn one_document_or_many_lines() {
    let lines = format!("{ONE}\n{TWO}");
    for (name, text) in [
        ("a.jsonl", lines.clone()),
        ("a.jsonl", format!("\u{feff}{ONE}\r\n\r\n  {TWO}\r\n")),
        ("a.ndjson", lines.clone()),
        ("a.json", format!("[{ONE},{TWO}]")),
        ("a.json", format!("[\n  {ONE},\n  {TWO}\n]\n")),
        ("a.json", format!(r#"{{"results":[{ONE},{TWO}],"size":2}}"#)),
        (
            "a.json",
            format!(
                "{{\n\"start\": 0, \"results\" : [ {ONE} , {TWO} ], \"_links\": {{\"x\": [1]}}}}"
            ),
        ),
        ("a.json", lines.clone()),
        (
            "a.json",
            format!("{{\"results\":[{ONE}]}}\n{{\"results\":[{TWO}]}}"),
        ),
        ("a.jsonl", format!("[{ONE},{TWO}]")),
        ("a.jsonl", format!("{{\"results\":[{ONE},{TWO}]}}")),
        (
            "a.jsonl",
            format!("{{\"content\":{ONE}}}\n{{\"content\":{TWO}}}"),
        ),
    ] {
        assert_eq!(told_file(name, text.as_bytes()), BOTH, "{name}: {text}");
        for packed in [gz(text.as_bytes()), zst(text.as_bytes())] {
            assert_eq!(
                told_file(&format!("{name}.gz"), &packed),
                BOTH,
                "{name}: {text}"
            );
            assert_eq!(told_file("dump.zst", &packed), BOTH, "{name}: {text}");
        }
    }
}

#[test]
fn one_object_may_span_lines() {
    let text = "{\n  \"id\": \"1\",\n  \"type\": \"page\",\n  \"title\": \"One\"\n}\n";
    for name in ["a.json", "a.json.gz", "a.gz"] {
        check_file(
            name,
            text.as_bytes(),
            expect![[r#"
            page 1 `One`
            Complete
        "#]],
        );
    }
}

#[test]
fn the_first_bytes_tell_what_the_name_does_not() {
    let lines = format!("{ONE}\n{TWO}");
    assert_eq!(told_file("dump", lines.as_bytes()), BOTH);
    assert_eq!(told_file("dump.bak", &gz(lines.as_bytes())), BOTH);
    assert_eq!(told_file("dump.jsonl", &zst(lines.as_bytes())), BOTH);
    assert_eq!(told_file("dump.jsonl.gz", lines.as_bytes()), BOTH);
}

#[test]
fn members_and_frames_follow_each_other() {
    let (one, two) = (format!("{ONE}\n"), format!("{TWO}\n"));
    let members = [gz(one.as_bytes()), gz(two.as_bytes())].concat();
    assert_eq!(told_file("a.jsonl.gz", &members), BOTH);
    let frames = [zst(one.as_bytes()), zst(two.as_bytes())].concat();
    assert_eq!(told_file("a.jsonl.zst", &frames), BOTH);
}

const SITE: &[(&str, &[u8])] = &[
    ("site.json", br#"{"name":"tarn","base_url":"https://tarn.example/wiki/","deployment":"datacenter","time_zone":"Europe/Oslo"}"#),
    ("spaces.jsonl", br#"{"key":"OPS","name":"Operations","_links":{"webui":"/spaces/OPS"}}"#),
    ("people.jsonl", br#"{"accountId":"a1","displayName":"Ingrid"}"#),
    ("groups.jsonl", br#"{"name":"duty","id":"g1","members":["a1"]}"#),
    (
        "watchers.jsonl",
        br#"{"contentId":"3","accountId":"a1"}
{"contentId":"3","username":"Bo"}
{"contentId":"9","accountId":"a1"}"#,
    ),
    (
        "favourites.jsonl",
        br#"{"accountId":"a1","contentId":3}
{"accountId":"a1","spaceKey":"OPS"}"#,
    ),
    (
        "properties.jsonl",
        br#"{"contentId":"3","key":"Review","value":{"due":"2026-10-01","n":2}}"#,
    ),
    ("content/OPS.jsonl", br#"{"id":3,"type":"page","title":"Pumps","_links":{"webui":"/spaces/OPS/3"}}"#),
    ("content/ENG.jsonl", br#"{"id":"2","type":"comment","title":"Re: Pumps"}"#),
    ("attachments/3/list.json", b"not read"),
];

const SITE_TOLD: &str = "\
space OPS `Operations`
person a1 [duty g1]
comment 2 `Re: Pumps`
page 3 `Pumps`
Complete
";

fn url(kept: &Kept) -> Option<String> {
    match kept.items.last() {
        Some(SourceItem::Content { content, .. }) => content.url.clone(),
        _ => None,
    }
}

#[test]
fn what_is_told_beside_content_is_joined_to_it() {
    let mut source = embedded(SITE);
    let told = source.site().unwrap().told;
    assert!(told.watchers && told.favourites);
    let names: Vec<_> = told.properties.unwrap().into_keys().collect();
    assert_eq!(names, ["[review].due", "[review].n"]);
    let mut kept = Kept::default();
    source.read(&mut kept).unwrap();
    let Some(SourceItem::Content { content, .. }) = kept.items.last() else {
        panic!("the last item is content");
    };
    let names =
        |users: &[User]| -> Vec<String> { users.iter().flat_map(User::identifiers).collect() };
    assert_eq!(names(&content.watchers), ["a1", "bo"]);
    assert_eq!(names(&content.starred_by), ["a1"]);
    assert_eq!(content.properties[0].key, "Review");
    let person = kept.items.iter().find_map(|item| match item {
        SourceItem::Person(person) => Some(person),
        _ => None,
    });
    let starred = &person.unwrap().starred_spaces;
    assert_eq!(starred.iter().collect::<Vec<_>>(), ["OPS"]);
    let one = folder(&[("one.jsonl", ONE.as_bytes())]);
    let bare = open(&one.path().join("one.jsonl"), None).unwrap();
    assert!(bare.site().unwrap().told.is_nothing());
}

#[test]
fn a_bad_line_beside_content_is_named() {
    check_files(
        &[
            ("content/A.jsonl", ONE.as_bytes()),
            ("watchers.jsonl", br#"{"contentId":"1"}"#),
            ("favourites.jsonl", br#"{"accountId":"a1"}"#),
            ("properties.jsonl", br#"{"contentId":"1","key":"k"}"#),
        ],
        expect![[r#"
            page 1 `One`
            ! watchers.jsonl:1: parse: `accountId`: expected an account id, user key or user name
            ! favourites.jsonl:1: parse: `contentId`: expected the id of a content item
            ! properties.jsonl:1: parse: `value`: expected the value of a property
            Partial
        "#]],
    );
}

#[test]
fn a_site_is_read_in_order_from_disk_and_from_memory() {
    let dir = folder(SITE);
    for mut source in [open(dir.path(), None).unwrap(), embedded(SITE)] {
        let site = source.site().unwrap();
        assert_eq!(site.name, "tarn");
        assert_eq!(site.base_url, "https://tarn.example/wiki");
        assert_eq!(site.deployment, Deployment::Datacenter);
        assert_eq!(site.time_zone.as_deref(), Some("Europe/Oslo"));
        let mut kept = Kept::default();
        let completeness = source.read(&mut kept).unwrap();
        assert_eq!(told(&kept, completeness), SITE_TOLD);
        assert_eq!(
            url(&kept).unwrap(),
            "https://tarn.example/wiki/spaces/OPS/3"
        );
        // A bar that ends at its end, without ever going back.
        assert_eq!(kept.progress.last().copied(), source.size_hint());
        assert!(kept.progress.is_sorted());
    }
}

#[test]
fn a_folder_of_content_files_is_a_site() {
    let files: [(&str, &[u8]); 4] = [
        ("b.jsonl.gz", &gz(TWO.as_bytes())),
        ("a.json", ONE.as_bytes()),
        ("README.md", b"# not content"),
        (".hidden.jsonl", b"{}"),
    ];
    check_files(
        &files,
        expect![[r#"
        page 1 `One`
        page 2 `Two`
        Complete
    "#]],
    );
}

#[test]
fn paths_without_content_are_refused() {
    let dir = folder(&[("README.md", b"x"), ("export.zip", b"PK\x03\x04")]);
    let kind = |path: &Path| open(path, None).err().map(|error| error.kind);
    assert_eq!(
        kind(&dir.path().join("none")),
        Some(PortErrorKind::NotFound)
    );
    assert_eq!(kind(dir.path()), Some(PortErrorKind::Input));
    assert_eq!(
        kind(&dir.path().join("README.md")),
        Some(PortErrorKind::Input)
    );
    assert_eq!(
        kind(&dir.path().join("export.zip")),
        Some(PortErrorKind::Input)
    );
}

#[track_caller]
fn check_site(line: &str, name: Option<&str>, expected: (&str, &str, Deployment)) {
    let dir = folder(&[("dump-7.jsonl.gz", &gz(line.as_bytes()))]);
    let source = open(&dir.path().join("dump-7.jsonl.gz"), name).unwrap();
    let SiteInfo {
        name,
        base_url,
        deployment,
        ..
    } = source.site().unwrap();
    assert_eq!((name.as_str(), base_url.as_str(), deployment), expected);
}

#[test]
fn a_lone_file_is_named_after_its_site() {
    let base = r#"{"id":1,"_links":{"base":"https://x.atlassian.net/wiki/"}}"#;
    let own = r#"{"id":1,"_links":{"self":"https://w.example/c/rest/api/content/1"}}"#;
    let gateway = r#"{"id":1,"_links":{"self":"https://api.atlassian.com/ex/confluence/c/wiki/rest/api/content/1"}}"#;
    check_site(gateway, None, ("dump-7", "", Deployment::Cloud));
    let (cloud, datacenter) = (Deployment::Cloud, Deployment::Datacenter);
    let url = "https://x.atlassian.net/wiki";
    check_site(base, None, (url, url, cloud));
    check_site(base, Some("ours"), ("ours", url, cloud));
    check_site(
        own,
        None,
        ("https://w.example/c", "https://w.example/c", datacenter),
    );
    check_site(
        &format!("not JSON\n{ONE}\n{own}"),
        Some("o"),
        ("o", "https://w.example/c", datacenter),
    );
    check_site(ONE, None, ("dump-7", "", cloud));
}

#[test]
fn a_sink_that_has_enough_stops_the_source() {
    let dir = folder(SITE);
    for n in 1..=4 {
        let mut kept = Kept {
            stop_after: Some(n),
            ..Kept::default()
        };
        let completeness = open(dir.path(), None).unwrap().read(&mut kept).unwrap();
        assert_eq!(kept.items.len(), n);
        assert_eq!(completeness, Completeness::Partial);
    }
}
