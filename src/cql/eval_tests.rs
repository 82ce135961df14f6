//! What plans mean, over a handful of made-up documents.

use jiff::Timestamp;

use super::*;
use crate::cql::{self, Context};
use crate::model::{
    Ancestor, Content, ContentId, ContentRef, ContentType, Converted, Label, Lang, Mention, SiteId,
    Space, User,
};

fn doc(id: &str, kind: ContentType, title: &str, text: &str) -> Document {
    let mut content = Content::new(kind, ContentId::new(id), title);
    content.space_key = Some("OPS".to_owned());
    Document {
        site: SiteId(1),
        content,
        space: None,
        container_ancestors: Vec::new(),
        converted: Converted {
            text: text.to_owned(),
            ..Converted::default()
        },
        language: Lang::En,
        channels: Vec::new(),
        content_hash: String::new(),
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn user(account: &str, name: &str) -> User {
    User {
        account_id: Some(account.to_owned()),
        display_name: Some(name.to_owned()),
        ..User::default()
    }
}

fn label(prefix: &str, name: &str) -> Label {
    Label {
        prefix: prefix.to_owned(),
        name: name.to_owned(),
    }
}

fn ancestor(id: &str) -> Ancestor {
    Ancestor {
        id: ContentId::new(id),
        kind: ContentType::Page,
        title: String::new(),
        status: None,
    }
}

/// Two pages below each other, a blog post, a comment and an attachment.
fn site() -> Vec<Document> {
    let mut plan = doc(
        "9",
        ContentType::Page,
        "Rollback Plan",
        "Stop the pumps, then call the desk.",
    );
    plan.content.labels = vec![label("global", "ops"), label("my", "later")];
    plan.content.created = Some(at("2026-03-28T23:30:00Z"));
    plan.content.version.when = Some(at("2026-09-01T08:00:00Z"));
    plan.content.creator = Some(user("70:ab", "Mara Lind"));
    plan.converted.meta.macros.insert("toc".to_owned(), 1);
    plan.converted.meta.mentions = vec![Mention {
        user: user("70:cd", "Tom"),
        block: None,
    }];

    let mut child = doc(
        "10",
        ContentType::Page,
        "rollback plan",
        "Databases and pumps.",
    );
    child.content.ancestors = vec![ancestor("1"), ancestor("9")];
    child.content.labels = vec![label("global", "draft"), label("global", "pump")];
    child.content.version.when = Some(at("2026-09-01T08:00:00Z"));
    child.content.version.by = Some(user("70:cd", "Tom"));
    child.space = Some(Space {
        key: "OPS".to_owned(),
        name: "Night Operations".to_owned(),
        kind: Some("Global".to_owned()),
        status: crate::model::Status::Current,
        description: None,
        homepage: None,
        categories: vec!["Shift".to_owned()],
        url: None,
        permissions: crate::model::SpacePermissions::Unstated,
    });

    let mut post = doc(
        "100",
        ContentType::BlogPost,
        "News",
        "Call for hands at the desk",
    );
    post.content.space_key = Some("ENG".to_owned());
    post.content.version.when = Some(at("2026-10-01T08:00:00Z"));

    let mut comment = doc(
        "11",
        ContentType::Comment,
        "Re: Rollback Plan",
        "Looks right",
    );
    comment.content.ancestors = vec![ancestor("9")];
    comment.content.container = Some(ContentRef {
        id: ContentId::new("9"),
        kind: None,
        title: None,
    });

    let mut file = doc("att12", ContentType::Attachment, "Pump survey.pdf", "");
    file.content.container = comment.content.container.clone();
    file.content.labels = vec![label("global", "scan")];
    vec![plan, child, post, comment, file]
}

/// Ids of what a query finds, in its order.
#[track_caller]
fn check(text: &str, expected: &str) {
    let context = Context::detached("2026-10-02T07:00:00Z".parse().unwrap());
    let checked =
        cql::plan(text, &context).unwrap_or_else(|errors| panic!("{}", errors[0].render(text)));
    let site = site();
    let found = run(&checked.plan, &site.iter().collect::<Vec<_>>());
    let ids: Vec<_> = found
        .iter()
        .map(|document| document.content.id.as_str())
        .collect();
    assert_eq!(ids.join(" "), expected, "{text}");
}

#[test]
fn keywords() {
    let cases = [
        ("type = page order by id", "9 10"),
        ("space = eng", "100"),
        ("label = OPS", "9"),
        ("label = later or label = \"my:later\"", "9"),
        ("title = \"ROLLBACK plan \" order by id", "9 10"),
        ("title in (news, \"\\\"News\\\"\")", "100"),
        ("macro = TOC", "9"),
        ("space.type = global and space.category = shift", "10"),
        ("id in (att12, 9) order by id", "9 att12"),
        ("content = 12", "att12"),
    ];
    for (text, expected) in cases {
        check(text, expected);
    }
}

#[test]
fn the_tree_of_pages() {
    let cases = [
        ("ancestor = 9 order by id", "10 11"),
        ("ancestor = 1", "10"),
        ("parent = 9", "10"),
        ("parent = 1", ""),
        ("container = 9 order by id", "11 att12"),
        ("not container = 9 order by id", "9 10 100"),
    ];
    for (text, expected) in cases {
        check(text, expected);
    }
}

#[test]
fn people() {
    let cases = [
        ("creator = \"70:ab\"", "9"),
        ("contributor in (\"70:ab\", \"70:cd\") order by id", "9 10"),
        ("mention = \"70:cd\"", "9"),
        ("creator.fullname ~ lind", "9"),
    ];
    for (text, expected) in cases {
        check(text, expected);
    }
}

#[test]
fn negation_is_the_complement_also_of_what_is_missing() {
    let cases = [
        ("label != ops order by id", "10 11 att12 100"),
        ("label not in (ops, draft) order by id", "11 att12 100"),
        ("text !~ pumps order by id", "11 100"),
        ("created != 2026-03-28 order by id", "10 11 att12 100"),
        (
            "not (type = page or type = comment) order by id",
            "att12 100",
        ),
    ];
    for (text, expected) in cases {
        check(text, expected);
    }
}

#[test]
fn words_may_be_spread_but_phrases_may_not() {
    let cases = [
        ("text ~ \"rollback pumps\" order by id", "9 10"),
        ("text ~ \"\\\"the desk\\\"\" order by id", "9 100"),
        ("text ~ \"\\\"plan stop\\\"\"", ""),
        ("text ~ \"\\\"draft pump\\\"\"", ""),
        ("text ~ \"desk -pumps\"", "100"),
        ("text ~ \"stop OR hands\" order by id", "9 100"),
        ("text ~ \"(stop OR hands) desk NOT news\"", "9"),
        ("text ~ \"data* OR foo\"", "10"),
        ("text ~ \"surve?.pdf\"", "att12"),
        ("text ~ \"rolback~\" order by id", "9 10"),
        ("siteSearch ~ scan", "att12"),
        ("title ~ pumps", "att12"),
        ("space.title ~ night", "10"),
        ("text ~ later", ""),
        ("text ~ \"19\\\" OR hands\"", "100"),
    ];
    for (text, expected) in cases {
        check(text, expected);
    }
}

#[test]
fn orders() {
    let cases = [
        // The newest first; what has no date last; ids by their numbers.
        ("space = ops or space = eng", "100 9 10 11 att12"),
        ("space in (ops, eng) order by title", "100 att12 11 9 10"),
        (
            "space in (ops, eng) order by lastmodified, id desc",
            "att12 11 10 9 100",
        ),
        (
            "space in (ops, eng) order by type desc, space, title desc",
            "10 9 11 100 att12",
        ),
        (
            "space in (ops, eng) order by creator desc",
            "9 10 11 att12 100",
        ),
    ];
    for (text, expected) in cases {
        check(text, expected);
    }
}

#[test]
fn a_long_list_is_no_burden() {
    let ids: Vec<String> = (0..10_000).map(|n| (1_000_000 + n).to_string()).collect();
    check(&format!("id in ({}, 9)", ids[1..].join(", ")), "9");
}
