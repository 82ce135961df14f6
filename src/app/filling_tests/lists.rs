//! Lists and tables that are computed.

use expect_test::expect;

use super::{Page, check, details, file, macro_of, page, read, site, tasks};

fn family() -> Vec<Page> {
    vec![
        page(1, "Home", &[], "<p>home</p>"),
        page(2, "Beta", &[1, 9], ""),
        page(3, "Alpha", &[1, 9], ""),
        page(4, "Under [Beta] | x", &[1, 9, 2], ""),
        page(5, "Deep", &[1, 9, 2, 4], ""),
    ]
}

fn with_host(mut pages: Vec<Page>, body: &str) -> Vec<Page> {
    pages.push(page(9, "Host", &[1], body));
    pages
}

#[test]
fn children_and_trees_are_drawn_to_the_depth_that_is_asked_for() {
    let host = [
        macro_of("children", &[]),
        macro_of(
            "children",
            &[("depth", "2"), ("sort", "title"), ("reverse", "true")],
        ),
        macro_of("children", &[("all", "true"), ("first", "1")]),
        macro_of(
            "children",
            &[("page", "<ri:page ri:content-title=\"Beta\"/>")],
        ),
        macro_of("children", &[("page", "Nowhere")]),
        macro_of("pagetree", &[("root", "@self")]),
        macro_of("pagetree", &[]),
    ]
    .concat();
    check(
        &with_host(family(), &host),
        &expect![[r#"
        (list of child pages)

        > Listed from the index (2)
        >
        > - [Alpha](page:3)
        > - [Beta](page:2)

        (list of child pages)

        > Listed from the index (3)
        >
        > - [Beta](page:2)
        >   - [Under \[Beta\] | x](page:4)
        > - [Alpha](page:3)

        (list of child pages)

        > Listed from the index (1)
        >
        > - [Alpha](page:3)

        (list of child pages)

        > Listed from the index (1)
        >
        > - [Under \[Beta\] | x](page:4)

        (list of child pages)

        (page tree)

        > Listed from the index (4)
        >
        > - [Alpha](page:3)
        > - [Beta](page:2)
        >   - [Under \[Beta\] | x](page:4)
        >     - [Deep](page:5)

        (page tree)

        > Listed from the index (5)
        >
        > - [Host](page:9)
        >   - [Alpha](page:3)
        >   - [Beta](page:2)
        >     - [Under \[Beta\] | x](page:4)
        >       - [Deep](page:5)"#]],
    );
}

#[test]
fn content_is_listed_by_label_cql_and_time() {
    let mut pages = family();
    pages.push(page(21, "Plan", &[], "").labelled("plan"));
    pages.push(
        page(22, "Old plan", &[], "")
            .labelled("plan")
            .of("ENG", "page"),
    );
    pages.push(page(23, "First post", &[], "").of("OPS", "blogpost"));
    pages.push(page(24, "Second post", &[], "").of("OPS", "blogpost"));
    let host = [
        macro_of("contentbylabel", &[("labels", "plan"), ("spaces", "@self")]),
        macro_of(
            "contentbylabel",
            &[("cql", "label = \"plan\" order by title")],
        ),
        macro_of(
            "contentbylabel",
            &[
                ("cql", "label = plan and space = currentSpace()"),
                ("max", "1"),
            ],
        ),
        macro_of("contentbylabel", &[("cql", "lable = plan")]),
        macro_of("contentbylabel", &[("cql", "favourite = currentUser()")]),
        macro_of("recently-updated", &[("max", "2"), ("types", "page")]),
        macro_of("blog-posts", &[("max", "5")]),
    ]
    .concat();
    check(
        &with_host(pages, &host),
        &expect![[r#"
        (list of content by label)

        > Listed from the index (1)
        >
        > - [Plan](page:21) (2031-03-22, Mira)

        (list of content by label: label = "plan" order by title)

        > Listed from the index (2)
        >
        > - [Old plan](page:22) (2031-03-23, Mira)
        > - [Plan](page:21) (2031-03-22, Mira)

        (list of content by label: label = plan and space = currentSpace())

        > Listed from the index (1)
        >
        > - [Plan](page:21) (2031-03-22, Mira)

        (list of content by label: lable = plan)

        > Not listed here: unknown field \`lable\`

        (list of content by label: favourite = currentUser())

        > Not listed here: \`favourite\` is not in the local index; only the site can answer it

        (list of recently updated content)

        > Listed from the index (2 of 7)
        >
        > - [Plan](page:21) (2031-03-22, Mira)
        > - [Host](page:9) (2031-03-10, Mira)

        (list of blog posts)

        > Listed from the index (2)
        >
        > - [Second post](blogpost:24) (2031-02-25, Mira)
        > - [First post](blogpost:23) (2031-02-24, Mira)"#]],
    );
}

#[test]
fn attachments_are_listed_with_what_they_are() {
    let mut pages = family();
    pages.push(file(31, 9, "plan.pdf", "application/pdf"));
    pages.push(file(32, 9, "roof.png", "image/png"));
    pages.push(file(33, 2, "other.pdf", "application/pdf"));
    let host = [
        macro_of("attachments", &[("sortBy", "name")]),
        macro_of("attachments", &[("page", "Beta")]),
        macro_of("gallery", &[]),
        macro_of(
            "space-attachments",
            &[("sortBy", "name"), ("sortOrder", "descending")],
        ),
    ]
    .concat();
    check(
        &with_host(pages, &host),
        &expect![[r#"
        (list of attachments)

        > Listed from the index (2)
        >
        > - [plan.pdf](attachment:att31) (application/pdf, 3 kB, v3, 2031-03-04)
        > - [roof.png](attachment:att32) (image/png, 3 kB, v3, 2031-03-05)

        (list of attachments)

        > Listed from the index (1)
        >
        > - [other.pdf](attachment:att33) (application/pdf, 3 kB, v3, 2031-03-06)

        (gallery of images)

        > Listed from the index (1)
        >
        > - [roof.png](attachment:att32) (image/png, 3 kB, v3, 2031-03-05)

        (list of attachments)

        > Listed from the index (3)
        >
        > - [roof.png](attachment:att32) (image/png, 3 kB, v3, 2031-03-05)
        > - [plan.pdf](attachment:att31) (application/pdf, 3 kB, v3, 2031-03-04)
        > - [other.pdf](attachment:att33) (application/pdf, 3 kB, v3, 2031-03-06)"#]],
    );
}

#[test]
fn a_report_has_every_page_and_every_key() {
    let one = details("a", &[("Owner", "Mira"), ("Cost", "9")])
        + &details("b", &[("owner", "Jo"), ("Note", "x | y")]);
    let two = details("a", &[("Cost", "10"), ("State", "open")]);
    let pages = vec![
        page(1, "Home", &[], ""),
        page(21, "One", &[], &one).labelled("project"),
        page(22, "Two", &[], &two).labelled("project"),
        page(23, "No properties", &[], "").labelled("project"),
    ];
    let host = [
        macro_of(
            "detailssummary",
            &[
                ("cql", "label = project and space = currentSpace()"),
                ("sortBy", "Title"),
            ],
        ),
        macro_of(
            "detailssummary",
            &[
                ("label", "project"),
                ("id", "a"),
                ("sortBy", "Cost"),
                ("firstcolumn", "Project"),
            ],
        ),
        macro_of(
            "detailssummary",
            &[
                ("label", "project"),
                ("headings", "Note, Owner"),
                ("sortBy", "Title"),
                ("reverseSort", "true"),
            ],
        ),
        macro_of("detailssummary", &[("label", "none")]),
    ]
    .concat();
    check(
        &with_host(pages, &host),
        &expect![[r#"
        (page properties report: label = project and space = currentSpace())

        > Listed from the index (2)
        >
        > | Title | Cost | State | Owner | Note |
        > | --- | --- | --- | --- | --- |
        > | [One](page:21) | 9 |  | Mira; Jo | x \| y |
        > | [Two](page:22) | 10 | open |  |  |

        (page properties report)

        > Listed from the index (2)
        >
        > | Project | Cost | State | Owner |
        > | --- | --- | --- | --- |
        > | [One](page:21) | 9 |  | Mira |
        > | [Two](page:22) | 10 | open |  |

        (page properties report)

        > Listed from the index (2)
        >
        > | Title | Note | Owner |
        > | --- | --- | --- |
        > | [Two](page:22) |  |  |
        > | [One](page:21) | x \| y | Mira; Jo |

        (page properties report)

        > Listed from the index: nothing"#]],
    );
}

#[test]
fn a_task_report_has_the_tasks_that_are_asked_for() {
    let mira = "<ac:link><ri:user ri:account-id=\"mira\"/></ac:link>";
    let list = tasks(&[
        ("incomplete", "Someday"),
        (
            "incomplete",
            &format!("Sweep {mira} by <time datetime=\"2031-05-02\"/>"),
        ),
        ("incomplete", "Paint by <time datetime=\"2031-05-01\"/>"),
        ("complete", "Done already"),
    ]);
    let pages = vec![
        page(1, "Home", &[], ""),
        page(21, "Work", &[1], &list).labelled("work"),
    ];
    let host = [
        macro_of("tasks-report-macro", &[("spaceAndPage", "space:OPS")]),
        macro_of(
            "tasks-report-macro",
            &[("labels", "work"), ("assignees", "MIRA")],
        ),
        macro_of(
            "tasks-report-macro",
            &[("pages", "1"), ("status", "complete")],
        ),
        macro_of("tasks-report-macro", &[("spaces", "ENG")]),
        macro_of("tasks-report-macro", &[("creators", "mira")]),
    ]
    .concat();
    check(
        &with_host(pages, &host),
        &expect![[r#"
        (list of tasks)

        > Listed from the index (3)
        >
        > | Task | Due | Assignee | Page |
        > | --- | --- | --- | --- |
        > | Paint by 2031-05-01 | 2031-05-01 |  | [Work](page:21) |
        > | Sweep @Mira by 2031-05-02 | 2031-05-02 | Mira | [Work](page:21) |
        > | Someday |  |  | [Work](page:21) |

        (list of tasks)

        > Listed from the index (1)
        >
        > | Task | Due | Assignee | Page |
        > | --- | --- | --- | --- |
        > | Sweep @Mira by 2031-05-02 | 2031-05-02 | Mira | [Work](page:21) |

        (list of tasks)

        > Listed from the index (1)
        >
        > | Task | Due | Assignee | Page |
        > | --- | --- | --- | --- |
        > | Done already |  |  | [Work](page:21) |

        (list of tasks)

        > Listed from the index: nothing

        (list of tasks)

        > Not listed here: who made a task is not kept"#]],
    );
}

#[test]
fn blog_posts_are_shown_as_much_as_the_author_asked_for() {
    let post = "<ac:structured-macro ac:name=\"excerpt\"><ac:rich-text-body><p>In short.</p></ac:rich-text-body></ac:structured-macro><ul><li>at length</li></ul>";
    let shown = |content: &str| macro_of("blog-posts", &[("content", content)]);
    let pages = [
        page(1, "Home", &[], ""),
        page(23, "Post", &[], post).of("OPS", "blogpost"),
        page(24, "Long post", &[], &"<p>A line of it.</p>".repeat(1000)).of("ENG", "blogpost"),
        page(
            9,
            "Here",
            &[1],
            &["titles", "excerpts", "entire"].map(shown).concat(),
        ),
    ];
    check(
        &pages,
        &expect![[r#"
        (list of blog posts)

        > Listed from the index (1)
        >
        > - [Post](blogpost:23) (2031-02-24, Mira)

        (list of blog posts)

        > Listed from the index (1)
        >
        > - [Post](blogpost:23) (2031-02-24, Mira): In short.

        (list of blog posts)

        > Listed from the index (1)
        >
        > - [Post](blogpost:23) (2031-02-24, Mira)
        >
        >   In short.
        >
        >   - at length"#]],
    );
    let long = macro_of("blog-posts", &[("content", "entire"), ("spaces", "ENG")]);
    let (_dir, headwater) = site(&[
        page(1, "Home", &[], ""),
        pages[2].clone(),
        page(9, "Here", &[1], &long),
    ]);
    let text = read(&headwater, 9, "mira").text.unwrap();
    assert!(text.ends_with(" bytes are shown)"), "{text}");
    assert!(text.len() < 16 << 10, "{}", text.len());
}

#[test]
fn attachments_are_chosen_by_their_names() {
    let shown = |patterns: &str| macro_of("attachments", &[("patterns", patterns)]);
    let pages = [
        page(1, "Home", &[], ""),
        file(30, 9, "plan.pdf", "application/pdf"),
        file(31, 9, "plan.png", "image/png"),
        file(32, 9, "Rota.XLSX", "application/vnd.ms-excel"),
        page(
            9,
            "Here",
            &[1],
            &[r".*\.pdf,rota.*", "*.png", "(a|b)"].map(shown).concat(),
        ),
    ];
    check(
        &pages,
        &expect![[r#"
        (list of attachments)

        > Listed from the index (2)
        >
        > - [Rota.XLSX](attachment:att32) (application/vnd.ms-excel, 3 kB, v3, 2031-03-05)
        > - [plan.pdf](attachment:att30) (application/pdf, 3 kB, v3, 2031-03-03)

        (list of attachments)

        > Listed from the index (1)
        >
        > - [plan.png](attachment:att31) (image/png, 3 kB, v3, 2031-03-04)

        (list of attachments)

        > Not listed here: its file name pattern \`(a|b)\` cannot be used"#]],
    );
}

#[test]
fn people_and_versions_are_what_the_index_knows_of_them() {
    let body = macro_of("contributors", &[])
        + &macro_of(
            "contributors-summary",
            &[("page", "Home"), ("scope", "descendants")],
        )
        + &macro_of("change-history", &[]);
    let pages = [
        page(1, "Home", &[], ""),
        page(2, "Other", &[1], ""),
        page(9, "Here", &[1], &body),
    ];
    check(
        &pages,
        &expect![[r#"
        (list of contributors)

        > Listed from the index (1)
        >
        > Known of each page: who made it, and who made its current version.
        >
        > - Mira

        (list of contributors)

        > Listed from the index (1)
        >
        > Known of each page: who made it, and who made its current version.
        >
        > - Mira (3 made, 3 last changed, 2031-03-10)

        (change history)

        > Listed from the index (2 of 3)
        >
        > | Version | Published | Changed by | Comment |
        > | --- | --- | --- | --- |
        > | v3 | 2031-03-10 | Mira |  |
        > | v1 | 2031-02-10 | Mira |  |"#]],
    );
}
