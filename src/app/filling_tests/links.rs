//! Labels that become links for those who may see what they lead to.

use expect_test::expect;

use super::{RULES, card, check, file, link, macro_of, page};

#[test]
fn labels_become_links_wherever_they_stand() {
    let to = |title: &str, label: &str| {
        format!(
            "<ac:link><ri:page ri:content-title=\"{title}\"/><ac:link-body>{label}</ac:link-body></ac:link>"
        )
    };
    let host = [
        format!("<h2>{}</h2>", to("House rules", "Rules")),
        format!(
            "<p>{}{} and {}.</p>",
            to("House rules", "one"),
            to("house RULES", "two [of 2]"),
            to("Nowhere", "none")
        ),
        format!("<p><strong>{}</strong></p>", to("House rules", "<em>loud</em>")),
        format!(
            "<table><tbody><tr><th>{}</th><td>{}</td></tr><tr><th>b</th><td>c</td></tr></tbody></table>",
            to("House rules", "head"),
            to("House rules", "cell")
        ),
        link("<ri:attachment ri:filename=\"plan.pdf\"/>"),
        link("<ri:attachment ri:filename=\"plan.pdf\"><ri:page ri:content-title=\"House rules\"/></ri:attachment>"),
        link("<ri:blog-post ri:content-title=\"News\" ri:posting-day=\"2031/02/04\"/>"),
        macro_of("include", &[("", "Linking")]),
    ]
    .concat();
    check(
        &[
            page(9, "Host", &[], &host),
            page(2, "House rules", &[], RULES),
            page(3, "News", &[], "").of("OPS", "blogpost"),
            page(
                4,
                "Linking",
                &[],
                &format!("<p>See {}.</p>", to("House rules", "them")),
            ),
            file(5, 9, "plan.pdf", "application/pdf"),
        ],
        &expect![[r#"
            ## [Rules](page:2)

            [one](page:2)[two \[of 2\]](page:2) and none.

            **[*loud*](page:2)**

            |  |  |
            | --- | --- |
            | **[head](page:2)** | [cell](page:2) |
            | **b** | c |

            See [plan.pdf](attachment:att5).

            See plan.pdf.

            See [News](blogpost:3).

            Included page: Linking

            > Included from: [Linking](page:4)
            >
            > See [them](page:2)."#]],
    );
}

#[test]
fn a_link_that_names_nothing_gets_the_title_of_its_page() {
    let host = [
        link("<ri:page ri:content-id=\"2\"/>"),
        link("<ri:content-entity ri:content-id=\"3\"/>"),
        link("<ri:content-entity ri:content-id=\"4\"/>"),
        link("<ri:page ri:content-id=\"2\" ri:content-title=\"House rules\"/>"),
        format!(
            "<ul><li>{}</li></ul>",
            card("https://wiki.example/spaces/OPS/pages/2/House+rules")
        ),
        card("https://elsewhere.example/spaces/OPS/pages/2/House+rules"),
        card("https://elsewhere.example/news"),
    ]
    .concat();
    check(
        &[
            page(9, "Host", &[], &host),
            page(2, "House rules", &[], RULES),
            page(3, "*New* kilns", &[], "").of("ENG", "blogpost"),
        ],
        &expect![[r#"
            See [content 2: House rules](page:2).

            See [content 3: \*New\* kilns](blogpost:3).

            See content 4.

            See [House rules](page:2).

            - [House+rules: House rules](https://wiki.example/spaces/OPS/pages/2/House+rules)

            [House+rules](https://elsewhere.example/spaces/OPS/pages/2/House+rules)

            [news](https://elsewhere.example/news)"#]],
    );
}
