//! People, groups and spaces.

use serde_json::json;

use super::*;

fn site(people: &str, groups: &str) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("people.jsonl", people.as_bytes().to_vec()),
        ("groups.jsonl", groups.as_bytes().to_vec()),
        ("content/A.jsonl", Vec::new()),
    ]
}

#[track_caller]
fn check(people: &str, groups: &str, expected: Expect) {
    let files = site(people, groups);
    let files: Vec<_> = files
        .iter()
        .map(|(name, bytes)| (*name, bytes.as_slice()))
        .collect();
    check_files(&files, expected);
}

#[test]
fn people_know_their_groups_by_id_and_name() {
    check(
        "{\"accountId\":\"a1\"}\n{\"userKey\":\"K2\",\"username\":\"Bob\"}\n{\"accountId\":\"a3\"}",
        "{\"name\":\"eng\",\"id\":\"g1\",\"members\":[\"a1\",\"BOB\"]}\n{\"name\":\"ops\",\"members\":[{\"accountId\":\"a1\"}]}",
        expect![[r#"
            person a1 [eng g1 ops]
            person bob [eng g1]
            person a3 []
            Complete
        "#]],
    );
}

#[test]
fn members_whom_nothing_describes_are_people() {
    check(
        "",
        "{\"name\":\"eng\",\"members\":[\"a1\",\"a2\",\"\",null]}",
        expect![[r#"
            person a1 [eng]
            person a2 [eng]
            Complete
        "#]],
    );
}

#[test]
fn the_same_person_twice_is_one() {
    check(
        "{\"accountId\":\"a1\",\"displayName\":\"Old\"}\n{\"accountId\":\"a1\",\"displayName\":\"New\"}",
        "",
        expect![[r#"
            person a1 []
            Complete
        "#]],
    );
}

#[test]
fn what_is_no_person_or_group_fails() {
    check(
        "{\"displayName\":\"Nobody\"}\nx",
        "{\"members\":[]}",
        expect![[r#"
            ! people.jsonl:1: parse: `accountId`: expected an account id, user key or user name
            ! people.jsonl:2: parse: not JSON: expected value at line 1 column 1
            ! groups.jsonl:1: parse: `name`: expected the name or id of a group
            Partial
        "#]],
    );
}

#[track_caller]
fn check_permissions(permissions: &str, expected: &str) {
    let space = format!(r#"{{"key":"A"{permissions}}}"#);
    let dir = folder(&[("spaces.jsonl", space.as_bytes())]);
    let (kept, _) = read(dir.path());
    let [SourceItem::Space(space)] = &kept.items[..] else {
        panic!("{:?} {:?}", kept.items, kept.failures);
    };
    let got = match &space.permissions {
        SpacePermissions::Unstated => "unstated".to_owned(),
        SpacePermissions::Unknown => "unknown".to_owned(),
        SpacePermissions::Known {
            anonymous,
            all_users,
            users,
            groups,
        } => format!(
            "{}{}{} / {}",
            if *anonymous { "anonymous " } else { "" },
            if *all_users { "all " } else { "" },
            users.join(" "),
            groups.join(" ")
        ),
    };
    assert_eq!(got, expected, "{permissions}");
}

#[test]
fn permissions_in_the_shape_of_every_edition() {
    check_permissions("", "unknown");
    check_permissions(r#","permissions":null"#, "unknown");
    check_permissions(r#","permissions":"""#, "unknown");
    check_permissions(r#","permissions":[]"#, " / ");
    let read = r#""operation":{"operation":"read","targetType":"space"}"#;
    for (entry, expected) in [
        (format!(r#"{{{read},"anonymousAccess":true}}"#), "anonymous  / "),
        (
            format!(r#"{{{read},"subjects":{{"user":{{"results":[{{"accountId":"a1"}}]}},"group":{{"results":[{{"name":"eng","id":"g1"}}]}}}}}}"#),
            "a1 / eng g1",
        ),
        (r#"{"operation":{"operation":"create","targetType":"page"},"anonymousAccess":true}"#.to_owned(), " / "),
        (r#"{"operation":{"operation":"read","targetType":"page"},"anonymousAccess":true}"#.to_owned(), " / "),
        (r#"{"principal":{"type":"user","id":"a1"},"operation":{"key":"read","targetType":"space"}}"#.to_owned(), "a1 / "),
        (r#"{"principal":{"type":"group","id":"g1"},"operation":{"key":"read","targetType":"space"}}"#.to_owned(), " / g1"),
        (r#"{"principal":{"type":"role","id":"anonymous-users"},"operation":{"key":"read","targetType":"space"}}"#.to_owned(), "anonymous  / "),
        (r#"{"principal":{"principalType":"ACCESS_CLASS","principalId":"authenticated-users"},"roleId":"r1"}"#.to_owned(), "all  / "),
        (r#"{"principal":{"type":"ACCESS_CLASS","id":"all-product-admins"},"roleId":"r1"}"#.to_owned(), " / "),
        (r#"{"operation":{"operationKey":"read","targetType":"space"},"subject":{"type":"user","userKey":"K1"}}"#.to_owned(), "k1 / "),
        (r#"{"operation":{"operationKey":"read","targetType":"space"},"subject":{"type":"group","name":"eng"}}"#.to_owned(), " / eng"),
        (r#"7,{"principal":null,"roleId":"r"}"#.to_owned(), " / "),
    ] {
        check_permissions(&format!(r#","permissions":[{entry}]"#), expected);
        check_permissions(&format!(r#","permissions":{{"results":[{entry}]}}"#), expected);
    }
}

#[test]
fn a_whole_space() {
    let dir = folder(&[
        (
            "spaces.jsonl",
            br#"{"id":7,"key":"OPS","name":"Operations","type":"global","status":"archived","description":{"plain":{"value":"Pumps"}},"_expandable":{"homepage":"/rest/api/content/65537"},"metadata":{"labels":{"results":[{"prefix":"team","name":"field"},{"prefix":"global","name":"x"}]}},"_links":{"webui":"/spaces/OPS"},"permissions":[]}"#,
        ),
        ("site.json", br#"{"name":"s","base_url":"https://w.example"}"#),
    ]);
    let (kept, _) = read(dir.path());
    let [SourceItem::Space(space)] = &kept.items[..] else {
        panic!("{:?}", kept.items);
    };
    expect![[r#"
        {
          "key": "OPS",
          "name": "Operations",
          "kind": "global",
          "status": "archived",
          "description": "Pumps",
          "homepage": "65537",
          "categories": [
            "field"
          ],
          "url": "https://w.example/spaces/OPS",
          "permissions": {
            "Known": {
              "anonymous": false,
              "all_users": false,
              "users": [],
              "groups": []
            }
          }
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(space).unwrap());
}

#[test]
fn descriptions_are_plain_text() {
    let deep = "<div>".repeat(100_000) + "Pumps";
    for (description, expected) in [
        (
            json!({"plain": {"value": "Pumps"}, "view": {"value": "<p>Fans</p>"}}),
            Some("Pumps"),
        ),
        (json!("Pumps"), Some("Pumps")),
        (
            json!({"view": {"value": "<p>Pumps &amp; <a href=\"https://h.example\"><b>fans</b></a></p><script>run()</script><ul><li>one</li></ul>"}}),
            Some("Pumps & fans\none"),
        ),
        (json!({"view": {"value": "<p> </p>"}}), None),
        (json!({"view": {"value": deep}}), None),
    ] {
        let line = json!({"key": "OPS", "description": description}).to_string();
        let dir = folder(&[("spaces.jsonl", line.as_bytes())]);
        let (kept, _) = read(dir.path());
        let [SourceItem::Space(space)] = &kept.items[..] else {
            panic!("{:?}", kept.items);
        };
        assert_eq!(space.description.as_deref(), expected);
    }
}
