//! What is read out of one content object.

use jiff::Timestamp;

use super::*;
use crate::model::{ContentType, Representation, Status};

/// A page with further fields.
fn page(fields: &str) -> String {
    format!(r#"{{"id":"1","type":"page","title":"x",{fields}}}"#)
}

const WHOLE: &str = r#"{"id":"65537","type":"page","status":"archived","title":"Pumps","ari":"ignored",
        "space":{"id":7,"key":"OPS","name":"Operations"},
        "version":{"number":30,"when":"2024-04-15T03:06:08.895Z","message":"","minorEdit":false,
          "by":{"type":"known","accountId":"a1","displayName":"Ingrid"}},
        "history":{"createdDate":"2023-11-24T15:35:23.916+09:00","createdBy":{"userKey":"K1","username":"INGRID"},
          "contributors":{"publishers":{"users":[{"accountId":"a1"},{"type":"unknown"},{"accountId":"a2"}]}}},
        "ancestors":[{"id":"1","type":"folder","title":"Root","status":"current"},{"id":2,"title":"Parent"}],
        "metadata":{"labels":{"results":[{"prefix":"global","name":"pumps"},{"prefix":"my","name":"later"}]}},
        "extensions":{"position":99},
        "body":{"storage":{"value":"<p>x</p>","representation":"storage"}},
        "_links":{"webui":"/spaces/OPS/pages/65537","base":"https://w.example/wiki/"}}"#;

#[test]
fn a_whole_object() {
    let (content, body) = object(&WHOLE.replace('\n', " "));
    expect![[r#"
        {
          "id": "65537",
          "kind": "page",
          "status": "archived",
          "title": "Pumps",
          "space_key": "OPS",
          "version": {
            "number": 30,
            "when": "2024-04-15T03:06:08.895Z",
            "by": {
              "account_id": "a1",
              "display_name": "Ingrid"
            }
          },
          "created": "2023-11-24T06:35:23.916Z",
          "creator": {
            "user_key": "K1",
            "username": "INGRID"
          },
          "contributors": [
            {
              "account_id": "a1"
            },
            {
              "account_id": "a2"
            }
          ],
          "ancestors": [
            {
              "id": "1",
              "kind": "folder",
              "title": "Root",
              "status": "current"
            },
            {
              "id": "2",
              "kind": "page",
              "title": "Parent"
            }
          ],
          "labels": [
            {
              "prefix": "global",
              "name": "pumps"
            },
            {
              "prefix": "my",
              "name": "later"
            }
          ],
          "url": "https://w.example/wiki/spaces/OPS/pages/65537",
          "position": 99,
          "restrictions": "None"
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&content).unwrap());
    assert_eq!(body.unwrap().value, "<p>x</p>");
}

#[test]
fn the_least_that_is_enough() {
    let (content, body) = object(r#"{"id":12345678901234567890,"type":"PAGE","title":""}"#);
    assert_eq!(
        content,
        Content::new(
            ContentType::Page,
            crate::model::ContentId::new("12345678901234567890"),
            ""
        )
    );
    assert_eq!(body, None);
    // What is odd counts as not told.
    let odd = page(
        r#""status":null,"space":[],"version":"3","history":null,"ancestors":null,"metadata":7,
        "extensions":{"position":"none"},"body":{"storage":{"value":null}},"_links":[]"#,
    );
    let (content, body) = object(&odd.replace('\n', " "));
    assert_eq!(
        content,
        Content::new(ContentType::Page, crate::model::ContentId::new("1"), "x")
    );
    assert_eq!(body, None);
}

#[test]
fn an_attachment_and_where_it_hangs() {
    let (content, _) = object(
        &r#"{"id":"att5","type":"attachment","status":"current","title":"plan.pdf",
        "metadata":{"mediaType":"application/pdf"},
        "extensions":{"fileSize":630588,"comment":"signed"},
        "_expandable":{"container":"/rest/api/content/544","space":"/rest/api/space/OPS","ancestors":""},
        "_links":{"webui":"/pages/viewpageattachments.action?pageId=544","self":"https://w.example/c/rest/api/content/att5"}}"#
            .replace('\n', " "),
    );
    let attachment = content.attachment.unwrap();
    assert_eq!(attachment.media_type.as_deref(), Some("application/pdf"));
    assert_eq!(attachment.size_bytes, Some(630_588));
    assert_eq!(attachment.comment.as_deref(), Some("signed"));
    assert_eq!(content.container.unwrap().id.as_str(), "544");
    assert_eq!(content.space_key.as_deref(), Some("OPS"));
    assert_eq!(
        content.url.as_deref(),
        Some("https://w.example/c/pages/viewpageattachments.action?pageId=544")
    );
    assert_eq!(content.restrictions, Restrictions::None);

    let comment = r#"{"id":"6","type":"comment","title":"Re","container":{"id":544,"type":"page","title":"Pumps","space":{"key":"OPS"}}}"#;
    let (content, _) = object(comment);
    let container = content.container.unwrap();
    assert_eq!(container.kind, Some(ContentType::Page));
    assert_eq!(container.title.as_deref(), Some("Pumps"));
    assert_eq!(content.space_key.as_deref(), Some("OPS"));
}

#[test]
fn the_container_of_a_page_is_its_space() {
    let (content, _) = object(&page(r#""container":{"id":7,"key":"OPS","type":"global"}"#));
    assert_eq!(content.container, None);
    assert_eq!(content.space_key.as_deref(), Some("OPS"));
    let (content, _) = object(&page(
        r#""_expandable":{"container":"/rest/api/space/~ada?x=1"}"#,
    ));
    assert_eq!(content.space_key.as_deref(), Some("~ada"));
}

#[test]
fn objects_of_version_2_where_they_are_named_alike() {
    let (content, body) = object(&page(
        r#""createdAt":"2024-07-14T06:38:35.226Z","authorId":"a3","parentId":"5","parentType":"folder","position":618,
        "version":{"number":7,"createdAt":"2024-08-05T02:46:23.021Z","authorId":"a4"},
        "body":{"atlas_doc_format":{"representation":"atlas_doc_format","value":"{}"}}"#
            .replace('\n', " ")
            .as_str(),
    ));
    assert_eq!(content.creator.unwrap().account_id.as_deref(), Some("a3"));
    assert_eq!(
        content.version.by.unwrap().account_id.as_deref(),
        Some("a4")
    );
    assert_eq!(content.position, Some(618));
    assert_eq!(
        content.ancestors[0].kind,
        ContentType::Other("folder".to_owned())
    );
    assert_eq!(body.unwrap().representation, Representation::Adf);
    let file = r#"{"id":"att1","type":"attachment","title":"f","pageId":"9","mediaType":"text/csv","fileSize":3}"#;
    let (content, _) = object(file);
    assert_eq!(content.container.unwrap().id.as_str(), "9");
    assert_eq!(content.attachment.unwrap().size_bytes, Some(3));
}

#[test]
fn times_with_every_kind_of_zone() {
    let instant: Timestamp = "2023-11-24T06:35:23Z".parse().unwrap();
    for text in [
        "2023-11-24T06:35:23Z",
        "2023-11-24T06:35:23.000Z",
        "2023-11-24T15:35:23.000+09:00",
        "2023-11-24T15:35:23.000+0900",
        "2023-11-24T15:35:23+0900",
        "2023-11-24T04:35:23.000-02:00",
        "2023-11-24T06:35:23.000",
    ] {
        let (content, _) = object(&page(&format!(r#""history":{{"createdDate":"{text}"}}"#)));
        assert_eq!(content.created, Some(instant), "{text}");
    }
    for text in ["yesterday", "", "2023-13-01T00:00:00Z"] {
        let (content, _) = object(&page(&format!(r#""history":{{"createdDate":"{text}"}}"#)));
        assert_eq!(content.created, None, "{text}");
    }
}

#[test]
fn the_best_body_is_taken() {
    let body = |fields: &str| {
        let body = object(&page(&format!(r#""body":{{{fields}}}"#))).1;
        body.map(|body| format!("{:?} {}", body.representation, body.value))
    };
    for (fields, expected) in [
        (
            r#""view":{"value":"v"},"storage":{"value":"s"}"#,
            Some("Storage s"),
        ),
        (
            r#""view":{"value":"v"},"atlas_doc_format":{"value":"a"}"#,
            Some("Adf a"),
        ),
        (
            r#""atlas_doc_format":{"value":{"type":"doc"}}"#,
            Some(r#"Adf {"type":"doc"}"#),
        ),
        (
            r#""storage":null,"export_view":{"value":"e"}"#,
            Some("Html e"),
        ),
        (
            r#""storage":{"value":""},"editor":{"value":"e"}"#,
            Some("Html e"),
        ),
        (r#""storage":{"value":""}"#, Some("Storage ")),
        (
            r#""storage":{"value":"w","representation":"wiki"}"#,
            Some("Wiki w"),
        ),
        (r#""storage":{"value":null}"#, None),
        (r#""storage":{}"#, None),
    ] {
        assert_eq!(body(fields).as_deref(), expected, "{fields}");
    }
}

#[test]
fn statuses_and_types_are_an_open_list() {
    let (content, _) = object(r#"{"id":"1","type":"whiteboard","title":"x","status":"odd"}"#);
    assert_eq!(content.kind, ContentType::Other("whiteboard".to_owned()));
    assert_eq!(content.status, Status::Other("odd".to_owned()));
}

#[track_caller]
fn check_restrictions(fields: &str, expected: &str) {
    let got = match object(&page(fields)).0.restrictions {
        Restrictions::None => "none".to_owned(),
        Restrictions::Unknown => "unknown".to_owned(),
        Restrictions::Only { users, groups } => {
            format!("{} / {}", users.join(" "), groups.join(" "))
        }
    };
    assert_eq!(got, expected, "{fields}");
}

#[test]
fn restrictions_that_are_told() {
    let read = |user: &str, group: &str| {
        format!(
            r#""restrictions":{{"read":{{"operation":"read","restrictions":{{"user":{user},"group":{group}}}}}}}"#
        )
    };
    let none = r#"{"results":[],"size":0}"#;
    let ada = r#"{"results":[{"accountId":"a:1","userKey":"ABC","username":"Ada"}],"size":1}"#;
    let ops = r#"{"results":[{"name":"Ops","id":"g1"}],"size":1}"#;
    check_restrictions(&read(none, none), "none");
    check_restrictions(&read(ada, none), "a:1 abc ada / ");
    check_restrictions(&read(none, ops), " / Ops g1");
    check_restrictions(&read(ada, ops), "a:1 abc ada / Ops g1");
    // Somebody is named whom nobody can be.
    check_restrictions(&read(r#"{"results":[{"type":"unknown"}]}"#, none), " / ");
    // Lists that were cut.
    check_restrictions(&read(r#"{"results":[],"size":3}"#, none), " / ");
    check_restrictions(
        &read(none, r#"{"results":[],"_links":{"next":"/x"}}"#),
        " / ",
    );
    check_restrictions(&read(ada, "null"), "a:1 abc ada / ");
}

#[test]
fn restrictions_that_are_not_told() {
    check_restrictions(r#""status":"current""#, "none");
    check_restrictions(r#""_expandable":{"restrictions":""}"#, "unknown");
    check_restrictions(r#""_expandable":{"ancestors":""}"#, "unknown");
    check_restrictions(r#""ancestors":[{"title":"without an id"}]"#, "unknown");
    for odd in [
        "null",
        "[]",
        "{}",
        r#"{"read":null}"#,
        r#"{"read":7}"#,
        r#"{"read":{"restrictions":[]}}"#,
        r#"{"read":{"restrictions":{}}}"#,
        r#"{"read":{"restrictions":{"user":{"results":[]}}}}"#,
        r#"{"read":{"restrictions":{"user":7,"group":{"results":[]}}}}"#,
        r#"{"update":{"restrictions":{"user":{"results":[]},"group":{"results":[]}}}}"#,
    ] {
        check_restrictions(&format!(r#""restrictions":{odd}"#), "unknown");
    }
}
