//! What may not be seen, in every macro that shows something of other pages.

use super::{Page, card, details, file, link, macro_of, page, read, site, tasks};
use crate::app::Headwater;
use crate::search::api::{RelatedKind, RelatedRequest};

/// Macros that show something of other pages, each on a page of its own.
fn showing() -> Vec<(&'static str, String)> {
    let of = |name: &'static str, parameters: &[(&str, &str)]| (name, macro_of(name, parameters));
    vec![
        of("include", &[("", "Zanzibar")]),
        of("include", &[("", "<ri:page ri:content-id=\"50\"/>")]),
        of("include", &[("", "Through")]),
        of("excerpt-include", &[("", "Zanzibar")]),
        of("excerpt-include", &[("", "Zanzibar"), ("name", "named")]),
        of(
            "multiexcerpt-include",
            &[("page", "Zanzibar"), ("name", "named")],
        ),
        of("children", &[]),
        of("children", &[("all", "true"), ("excerptType", "simple")]),
        of("children", &[("page", "Zanzibar")]),
        of(
            "children",
            &[("first", "1"), ("sort", "title"), ("reverse", "true")],
        ),
        of("pagetree", &[("root", "@self")]),
        of("pagetree", &[("root", "Zanzibar")]),
        of("contentbylabel", &[("labels", "secret")]),
        of(
            "contentbylabel",
            &[("cql", "label = secret or title ~ Zanzibar"), ("max", "1")],
        ),
        of("content-report-table", &[("labels", "secret")]),
        of("recently-updated", &[("max", "3")]),
        of("recently-updated-dashboard", &[("max", "90")]),
        of("blog-posts", &[]),
        of("blog-posts", &[("content", "entire")]),
        of("blog-posts", &[("content", "excerpts")]),
        of("attachments", &[("patterns", "zanzi.*")]),
        of("contributors-summary", &[("spaces", "OPS")]),
        of(
            "contributors",
            &[("scope", "descendants"), ("showCount", "true")],
        ),
        of("content-by-user", &[("name", "mira"), ("max", "90")]),
        of("detailssummary", &[("cql", "type = page")]),
        of(
            "detailssummary",
            &[("label", "secret"), ("headings", "Zanzikey")],
        ),
        of("tasks-report-macro", &[("spaceAndPage", "space:OPS")]),
        of("tasks-report-macro", &[("pages", "50")]),
        of("attachments", &[("page", "Zanzibar")]),
        of("attachments", &[]),
        of("space-attachments", &[]),
        of("gallery", &[("page", "Zanzibar")]),
        ("link", link("<ri:page ri:content-id=\"50\"/>")),
        ("link", link("<ri:page ri:content-title=\"Zanzibar\"/>")),
        ("link", link("<ri:attachment ri:filename=\"zanzi.png\"/>")),
        ("link", link("<ri:content-entity ri:content-id=\"52\"/>")),
        ("card", card("https://wiki.example/spaces/OPS/pages/50")),
    ]
}

fn secrets() -> Vec<Page> {
    let excerpt = |name: &str| {
        format!(
            "<ac:structured-macro ac:name=\"excerpt\"><ac:parameter ac:name=\"name\">{name}</ac:parameter><ac:rich-text-body><p>Zanzitext</p></ac:rich-text-body></ac:structured-macro>"
        )
    };
    let body = excerpt("")
        + &excerpt("named")
        + &details("", &[("Zanzikey", "Zanzivalue")])
        + &tasks(&[("incomplete", "Zanzitask"), ("complete", "Zanzidone")]);
    let mut pages = vec![
        page(50, "Zanzibar", &[1], &body)
            .secret()
            .labelled("secret"),
        page(51, "Zanzichild", &[1, 50], "").labelled("secret"),
        page(52, "Zanzipost", &[], &body)
            .secret()
            .of("OPS", "blogpost"),
        file(53, 50, "zanzifile.png", "image/png"),
        file(54, 50, "zanziplan.pdf", "application/pdf"),
    ];
    for (at, _) in (100..).zip(showing()) {
        pages.push(page(200 + at, &format!("Zanzi under {at}"), &[1, at], &body).secret());
        pages.push(Page {
            secret: true,
            ..file(400 + at, at, "zanzi.png", "image/png")
        });
    }
    pages
}

/// The property: reading among hidden pages and where there never were any is the same.
#[test]
fn what_is_hidden_is_filled_in_for_nobody_else() {
    let mut open = vec![
        page(1, "Home", &[], "<p>home</p>"),
        page(
            2,
            "Through",
            &[1],
            &macro_of("include", &[("", "Zanzibar")]),
        ),
    ];
    for (at, (_, body)) in (100..).zip(showing()) {
        open.push(page(at, &format!("Host {at}"), &[1], &body));
    }
    let whole: Vec<Page> = open.iter().cloned().chain(secrets()).collect();
    let (_whole, whole) = site(&whole);
    let (_less, less) = site(&open);
    for (at, (name, body)) in (100..).zip(showing()) {
        let (shown, hidden) = (read(&whole, at, "mira"), read(&whole, at, "anonymous"));
        assert_ne!(shown, hidden, "{name}: {body}");
        assert_eq!(hidden, read(&less, at, "anonymous"), "{name}");
    }
}

#[test]
fn what_is_hidden_is_related_to_nothing_for_anybody_else() {
    let link = "<p><ac:link><ri:page ri:content-title=\"Zanzibar\"/></ac:link> <ac:link><ri:page ri:content-title=\"Home\"/></ac:link></p>";
    let open = vec![
        page(1, "Home", &[], "<p>home</p>"),
        page(
            2,
            "Open",
            &[1],
            &(link.to_owned() + &macro_of("include", &[("", "Home")])),
        ),
    ];
    let mut whole = open.clone();
    whole.extend(secrets());
    let pointing = link.replace("Zanzibar", "Open") + &macro_of("excerpt-include", &[("", "open")]);
    whole.push(page(60, "Zanzipointer", &[1], &pointing).secret());
    whole.push(Page {
        secret: true,
        ..file(61, 2, "zanzi.png", "image/png")
    });
    let (_whole, whole) = site(&whole);
    let (_less, less) = site(&open);
    let related = |headwater: &Headwater, id: u32, kind, asker| {
        let request = RelatedRequest { kind, limit: None };
        let answer = headwater.related(&format!("page:{id}"), &request, Some(asker));
        let answer = answer.unwrap();
        let ids = answer.results.into_iter().map(|result| result.id);
        (ids.collect::<Vec<_>>(), answer.total.documents)
    };
    let check = |id, kind, mira: &[&str], others: &[&str]| {
        for (asker, expected) in [("mira", mira), ("anonymous", others)] {
            let expected: Vec<String> = expected.iter().map(|id| (*id).to_owned()).collect();
            let total = expected.len() as u64;
            assert_eq!(
                related(&whole, id, kind, asker),
                (expected, total),
                "{kind:?} {asker}"
            );
        }
        let without = related(&less, id, kind, "anonymous");
        assert_eq!(related(&whole, id, kind, "anonymous"), without, "{kind:?}");
    };
    check(
        2,
        RelatedKind::LinksOut,
        &["page:50", "page:1"],
        &["page:1"],
    );
    check(2, RelatedKind::LinksIn, &["page:60"], &[]);
    check(1, RelatedKind::LinksIn, &["page:60", "page:2"], &["page:2"]);
    check(2, RelatedKind::IncludedBy, &["page:60"], &[]);
    check(1, RelatedKind::IncludedBy, &["page:2"], &["page:2"]);
    check(2, RelatedKind::Attachments, &["attachment:att61"], &[]);
    check(2, RelatedKind::Parent, &["page:1"], &["page:1"]);
    check(2, RelatedKind::Comments, &[], &[]);
    check(2, RelatedKind::Children, &[], &[]);
    for kind in [RelatedKind::Children, RelatedKind::Siblings] {
        let id = if kind == RelatedKind::Children { 1 } else { 2 };
        let (shown, _) = related(&whole, id, kind, "mira");
        assert!(shown.contains(&"page:50".to_owned()), "{shown:?}");
        let hidden = related(&whole, id, kind, "anonymous");
        assert_eq!(hidden, related(&less, id, kind, "anonymous"));
    }
}

#[test]
fn a_hidden_page_is_not_found_by_its_relations() {
    let mut pages = vec![page(1, "Home", &[], "")];
    pages.extend(secrets());
    let (_dir, whole) = site(&pages);
    let request = RelatedRequest {
        kind: RelatedKind::LinksIn,
        limit: None,
    };
    for id in ["page:50", "page:7050"] {
        let error = whole.related(id, &request, Some("anonymous")).unwrap_err();
        assert_eq!(
            error.to_string().replace(id, "ID"),
            "document `ID` was not found"
        );
    }
}
