//! Included pages and excerpts.

use expect_test::expect;

use super::{RULES, check, macro_of, page};

#[test]
fn an_included_page_stands_in_quotes_below_its_label() {
    let host = format!(
        "<p>Before.</p>{}<p>After.</p>",
        macro_of("include", &[("", "House rules")])
    );
    check(
        &[
            page(9, "Host", &[], &host),
            page(2, "House rules", &[], RULES),
        ],
        &expect![[r#"
            Before.

            Included page: House rules

            > Included from: [House rules](page:2)
            >
            > ## Rules
            >
            > No smoking.

            After."#]],
    );
}

#[test]
fn an_excerpt_is_taken_by_its_name_or_as_the_first() {
    let excerpt = |name: &str, text: &str| {
        format!(
            "<ac:structured-macro ac:name=\"excerpt\"><ac:parameter ac:name=\"hidden\">true</ac:parameter><ac:parameter ac:name=\"name\">{name}</ac:parameter><ac:rich-text-body>{text}</ac:rich-text-body></ac:structured-macro>"
        )
    };
    let rules = format!(
        "<p>Long text.</p>{}{}<p>Ships <ac:structured-macro ac:name=\"excerpt\"><ac:parameter ac:name=\"name\">when</ac:parameter><ac:rich-text-body>on Tuesday</ac:rich-text-body></ac:structured-macro>.</p>",
        excerpt("first", "<p>One.</p>"),
        excerpt("second", "<p>Two.</p><ul><li>three</li></ul>"),
    );
    let include = |name: &str| macro_of("excerpt-include", &[("", "Rules"), ("name", name)]);
    let host = [
        include(""),
        include("Second"),
        include("when"),
        include("none"),
    ]
    .concat();
    check(
        &[page(9, "Host", &[], &host), page(2, "Rules", &[], &rules)],
        &expect![[r#"
            Excerpt from: Rules

            > Excerpt from: [Rules](page:2)
            >
            > One.

            Excerpt from: Rules

            > Excerpt from: [Rules](page:2)
            >
            > Two.
            >
            > - three

            Excerpt from: Rules

            > Excerpt from: [Rules](page:2)
            >
            > on Tuesday

            Excerpt from: Rules"#]],
    );
}

#[test]
fn a_title_is_looked_up_in_the_own_space_first_and_only_there() {
    let host = [
        macro_of("include", &[("", "Rules")]),
        macro_of("include", &[("", "ENG:Rules")]),
        macro_of(
            "include",
            &[(
                "",
                "<ac:link><ri:page ri:content-title=\"Only there\"/></ac:link>",
            )],
        ),
        macro_of(
            "include",
            &[(
                "",
                "<ri:page ri:space-key=\"ENG\" ri:content-title=\"Only there\"/>",
            )],
        ),
        macro_of(
            "include",
            &[(
                "",
                "<ri:blog-post ri:posting-day=\"2031/02/07\" ri:content-title=\"News\"/>",
            )],
        ),
    ]
    .concat();
    check(
        &[
            page(9, "Host", &[], &host),
            page(2, "Rules", &[], "<p>Of operations.</p>"),
            page(3, "rules", &[], "<p>Of engineers.</p>").of("ENG", "page"),
            page(4, "Only there", &[], "<p>There.</p>").of("ENG", "page"),
            page(5, "News", &[], "<p>Old news.</p>").of("OPS", "blogpost"),
            page(6, "News", &[], "<p>New news.</p>").of("OPS", "blogpost"),
        ],
        &expect![[r#"
            Included page: Rules

            > Included from: [Rules](page:2)
            >
            > Of operations.

            Included page: Rules

            > Included from: [rules](page:3)
            >
            > Of engineers.

            Included page: Only there

            Included page: Only there

            > Included from: [Only there](page:4)
            >
            > There.

            Included page: News

            > Included from: [News](blogpost:6)
            >
            > New news."#]],
    );
}

#[test]
fn pages_in_pages_end_at_cycles_and_at_the_third_level() {
    let include = |title: &str| macro_of("include", &[("", title)]);
    let text = |text: &str, title: &str| format!("<p>{text}.</p>{}", include(title));
    check(
        &[
            page(9, "A", &[], &text("a", "B")),
            page(2, "B", &[], &text("b", "C")),
            page(3, "C", &[], &(text("c", "D") + &include("A"))),
            page(4, "D", &[], &text("d", "E")),
            page(5, "E", &[], "<p>e</p>"),
        ],
        &expect![[r#"
            a.

            Included page: B

            > Included from: [B](page:2)
            >
            > b.
            >
            > Included page: C
            >
            > > Included from: [C](page:3)
            > >
            > > c.
            > >
            > > Included page: D
            > >
            > > > Included from: [D](page:4)
            > > >
            > > > d.
            > > >
            > > > Included page: E
            > >
            > > Included page: A
            > >
            > > > Included from: [A](page:9)
            > > >
            > > > (not repeated: it includes itself)"#]],
    );
}

#[test]
fn what_stands_in_tables_lists_and_boxes_is_filled_in_beside_them() {
    let include = macro_of("include", &[("", "Rules")]);
    let host = format!(
        "<table><tbody><tr><th>A</th><th>B</th></tr><tr><td>{include}</td><td>x</td></tr></tbody></table><ul><li><p>Item</p>{include}</li><li>Next</li></ul><ac:structured-macro ac:name=\"info\"><ac:rich-text-body>{include}<p>Box.</p></ac:rich-text-body></ac:structured-macro>"
    );
    check(
        &[page(9, "Host", &[], &host), page(2, "Rules", &[], RULES)],
        &expect![[r#"
            | A | B |
            | --- | --- |
            | Included page: Rules | x |

            > Included from: [Rules](page:2)
            >
            > ## Rules
            >
            > No smoking.

            - Item

              Included page: Rules

              > Included from: [Rules](page:2)
              >
              > ## Rules
              >
              > No smoking.
            - Next

            > **Info:**
            >
            > Included page: Rules
            >
            > > Included from: [Rules](page:2)
            > >
            > > ## Rules
            > >
            > > No smoking.
            >
            > Box."#]],
    );
}
