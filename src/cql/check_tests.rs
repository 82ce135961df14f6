//! Meaning: every code with its place, warnings, and what plans values become.

#![expect(
    clippy::needless_pass_by_value,
    reason = "expectations are written where they are passed"
)]

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::*;
use crate::cql;
use crate::cql::context::Nobody;
use crate::model::{ContentProperty, Directory, Person, Told, User};

const NOW: &str = "2026-10-02T07:00:00Z";

fn person(account: &str, name: &str, email: &str) -> Person {
    let user = User {
        account_id: Some(account.to_owned()),
        username: Some(name.to_owned()),
        display_name: Some(name.to_uppercase()),
        email: Some(email.to_owned()),
        ..User::default()
    };
    Person {
        user,
        ..Person::default()
    }
}

fn directory() -> Directory {
    let people = vec![
        person("70:ab", "Mara", "mara@example.org"),
        person("70:cd", "tom", "ops@example.org"),
        person("70:ef", "ida", "ops@example.org"),
    ];
    Directory {
        people,
        ..Directory::default()
    }
}

/// All errors, one a line: code, marked text, hint.
#[track_caller]
fn check(text: &str, expected: Expect) {
    let context = Context::detached(NOW.parse().unwrap());
    let errors = cql::plan(text, &context).expect_err(text);
    let lines = errors.iter().map(|error| {
        let hint = error
            .hint
            .as_ref()
            .map(|hint| format!(" ({hint})"))
            .unwrap_or_default();
        let (code, marked) = (error.code, &text[error.span.clone()]);
        format!("{code} `{marked}`: {}{hint}", error.message)
    });
    expected.assert_eq(&lines.collect::<Vec<_>>().join("\n"));
}

/// The filter of a query that Mara asks in Berlin, standing in the space OPS.
#[track_caller]
fn plan(text: &str, expected: Expect) {
    expected.assert_eq(&show(&checked(text).plan.filter));
}

#[track_caller]
fn warns(text: &str, expected: Expect) {
    let warnings = checked(text).warnings;
    let lines = warnings
        .iter()
        .map(|w| format!("{} `{}`: {}", w.code, &text[w.span.clone()], w.message));
    expected.assert_eq(&lines.collect::<Vec<_>>().join("\n"));
}

#[track_caller]
fn checked(text: &str) -> Checked {
    let directory = directory();
    let keys = ["OPS", "ENG", "~mara"].map(String::from);
    let (told, starred) = (told(), BTreeSet::from(["OPS".to_owned()]));
    let context = Context {
        told: &told,
        starred_spaces: &starred,
        zone: TimeZone::get("Europe/Berlin").unwrap(),
        viewer: Some(&directory.people[0].user),
        space_key: Some("OPS"),
        people: &directory,
        space_keys: Some(&keys),
        data_center: true,
        ..Context::detached(NOW.parse().unwrap())
    };
    cql::plan(text, &context).unwrap_or_else(|errors| panic!("{}", errors[0].render(text)))
}

fn show(filter: &Filter) -> String {
    let all = |parts: &[Filter], by: &str| parts.iter().map(show).collect::<Vec<_>>().join(by);
    match filter {
        Filter::All => "all".to_owned(),
        Filter::None => "none".to_owned(),
        Filter::And(parts) => format!("({})", all(parts, " & ")),
        Filter::Or(parts) => format!("({})", all(parts, " | ")),
        Filter::Not(inner) => format!("!{}", show(inner)),
        Filter::Clause(plan::Clause::Terms { column, values }) => {
            format!("{column}:{}", values.join(",").replace('\u{1f}', "␟"))
        }
        Filter::Clause(plan::Clause::Ids { column, numbers }) => {
            let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
            format!("{column}:{}", numbers.join(","))
        }
        Filter::Clause(plan::Clause::Range { column, from, to }) => {
            let at = |at: Option<i64>| {
                at.map(|at| Timestamp::from_millisecond(at).unwrap().to_string())
                    .unwrap_or_default()
            };
            format!("{column}:{}..{}", at(*from), at(*to))
        }
        Filter::Clause(plan::Clause::Between { column, from, to }) => {
            format!("{column}:{from:?}..{to:?}")
        }
        Filter::Clause(plan::Clause::Text { fields, .. }) => format!("{fields:?}"),
    }
}

#[test]
fn unknown_names_are_guessed() {
    check(
        "lastmodifed > now() and author = x and labels = y",
        expect![[r"
        unknown_field `lastmodifed`: unknown field `lastmodifed` (did you mean `lastmodified`?)
        unknown_field `author`: unknown field `author` (did you mean `creator`?)
        unknown_field `labels`: unknown field `labels` (did you mean `label`?)"]],
    );
    check(
        "status = current and content.property[a].b > 1 and arch.state = x",
        expect![[r#"
            unknown_field `status`: unknown field `status` (CQL has no status field; it finds current content only)
            unknown_field `content.property[a].b`: unknown field `content.property[a].b`: no content has this property (an app may define it on the site; the source that was read tells no properties)
            unknown_field `arch.state`: unknown field `arch.state` (an app may define such a field on the site; this index has none)"#]],
    );
    check(
        "created > yesterday() and created < startOfDai()",
        expect![[r"
        unknown_function `yesterday`: unknown function `yesterday()` (the functions are currentUser(), currentSpace(), favouriteSpaces(), recentlyViewedContent(), recentlyViewedSpaces(), now(), startOfDay(), endOfDay(), startOfWeek(), endOfWeek(), startOfMonth(), endOfMonth(), startOfYear(), endOfYear())
        unknown_function `startOfDai`: unknown function `startOfDai()` (did you mean `startOfDay()`?)"]],
    );
}

#[test]
fn operators_belong_to_fields() {
    check(
        "space ~ DEV or content ~ x or created in (now()) or label > a",
        expect![[r#"
            operator_not_allowed `~`: `space` cannot be used with ~; it supports = != IN NOT IN (to search the name of a space use `space.title`)
            operator_not_allowed `~`: `id` cannot be used with ~; it supports = != IN NOT IN (to search the text of content use `text`)
            operator_not_allowed `in`: `created` cannot be used with IN; it supports = != > >= < <= (write several comparisons: created >= "…" AND created < "…")
            operator_not_allowed `>`: `label` cannot be used with >; it supports = != IN NOT IN"#]],
    );
}

#[test]
fn functions_belong_to_fields_and_operators() {
    check(
        "title = currentUser() or text ~ now() or created = currentSpace()",
        expect![[r"
        function_not_allowed `currentUser()`: `currentUser()` is for user fields: contributor, creator, favourite, mention, user, watcher
        function_not_allowed `now()`: `now()` is for date fields: created, lastmodified
        function_not_allowed `currentSpace()`: `currentSpace()` is for space fields: space"]],
    );
    check(
        "space = favouriteSpaces() and container in recentlyViewedContent(1)",
        expect![[r"
        operator_not_allowed `=`: `favouriteSpaces()` cannot be used with =; it supports IN NOT IN
        function_not_allowed `recentlyViewedContent(1)`: `recentlyViewedContent()` is for content fields: ancestor, id, parent"]],
    );
}

#[test]
fn arguments_are_checked() {
    check(
        r#"created > now("-4x") or created > now("a","b") or created > startOfMonth("-1") or id in recentlyViewedContent() or id in recentlyViewedContent(x) or creator = currentUser("a")"#,
        expect![[r#"
            bad_argument `"-4x"`: `-4x` is not an increment (an increment is a sign, a number and one of y M w d h m, such as "-7d")
            bad_argument `"b"`: `now()` takes one argument at most (for example now("-7d"))
            bad_argument `"-1"`: `-1` is not an increment (CQL increments need a unit, for example "-1M")
            bad_argument `recentlyViewedContent()`: `recentlyViewedContent()` needs an argument: how many to take (for example recentlyViewedContent(10))
            bad_argument `x`: `recentlyViewedContent` takes numbers
            bad_argument `"a"`: `currentUser()` takes no argument (for example currentUser())"#]],
    );
    check(
        r#"created > now("99999y")"#,
        expect![[r#"bad_argument `now("99999y")`: this date is too far away"#]],
    );
}

#[test]
fn values_are_checked() {
    check(
        "type = blog or type in (page, attachement, quux)",
        expect![[r"
        unknown_type `blog`: unknown content type `blog` (did you mean `blogpost`?)
        unknown_type `attachement`: unknown content type `attachement` (did you mean `attachment`?)
        unknown_type `quux`: unknown content type `quux` (types are page, blogpost, comment, attachment, whiteboard, database, embed, folder, space, user, slide)"]],
    );
    check(
        r#"parent = home and id in (12, "att", att7)"#,
        expect![[r#"
        invalid_id `home`: `parent` takes a numeric content id (the id is the number in the page's address)
        invalid_id `"att"`: `id` takes a numeric content id (the id is the number in the page's address)"#]],
    );
    check(
        r#"created > "2024-02-30" and created > -7d and created > "2026-05-12T09:00:00Z""#,
        expect![[r#"
            invalid_date `"2024-02-30"`: `2024-02-30` is not a date; use yyyy-MM-dd or yyyy-MM-dd HH:mm (February 2024 has 29 days)
            invalid_date `-7d`: `-7d` is not a date; use yyyy-MM-dd or yyyy-MM-dd HH:mm (use now("-7d"))
            invalid_date `"2026-05-12T09:00:00Z"`: `2026-05-12T09:00:00Z` is not a date; use yyyy-MM-dd or yyyy-MM-dd HH:mm (write "2026-05-12 09:00")"#]],
    );
}

#[test]
fn text_errors_stand_inside_the_value() {
    check(
        r#"text ~ "a \"*x" or text ~ "\"" or title ~ "" or text ~ "say \"hi\" *x" or text ~ "wi*n~" or text ~ "AND x" or text ~ "(a" or text ~ "a)" or text ~ "\"a b\"~3" or text ~ "--" or text ~ "a~7""#,
        expect![[r#"
            bad_text_query `\"`: this phrase has no closing quote (a sign of the search language is taken literally after two backslashes)
            bad_text_query `\"`: this phrase has no closing quote (a sign of the search language is taken literally after two backslashes)
            bad_text_query `""`: there is no word to search for
            bad_text_query `*x`: a wildcard cannot be the first character of a word (search for the beginning of the word)
            bad_text_query `wi*n~`: a word cannot be fuzzy and have wildcards
            bad_text_query `AND`: `AND` needs words on both sides (put the word in double quotes to search for it)
            bad_text_query `(`: this parenthesis is never closed (a sign of the search language is taken literally after two backslashes)
            bad_text_query `)`: this parenthesis was never opened (a sign of the search language is taken literally after two backslashes)
            bad_text_query `--`: there is no word to search for
            bad_text_query `a~7`: the distance of a fuzzy word is 1 or 2"#]],
    );
    let deep = format!("text ~ \"{}a{}\"", "(".repeat(100), ")".repeat(100));
    let context = Context::detached(Timestamp::UNIX_EPOCH);
    assert_eq!(
        cql::plan(&deep, &context).unwrap_err()[0].code,
        ErrorCode::TooComplex
    );
}

#[test]
fn order_is_checked() {
    check(
        "type = page order by label, creatr, created",
        expect![[r"
            not_sortable `label`: `label` cannot be sorted by (sort by created, creator, id, lastmodified, space, space.key, title, type)
            unknown_field `creatr`: unknown field `creatr` (did you mean `creator`?)"]],
    );
    let order = checked("type = page order by Content desc, title, space.key asc")
        .plan
        .order;
    let shown: Vec<_> = order
        .iter()
        .map(|key| (key.column, key.descending))
        .collect();
    assert_eq!(
        shown,
        [("id_sort", true), ("title_sort", false), ("space", false)]
    );
}

#[test]
fn what_is_not_here_is_never_dropped() {
    let text = r#"watcher = x or pageStatus = "Draft" or space in (favouriteSpaces(), A) or space.type = favourite or user.fullname ~ jo or creator = currentUser() or space = currentSpace()"#;
    check(
        text,
        expect![[r#"
            unavailable_offline `watcher`: `watcher` is not in the local index; only the site can answer it (the source that was read does not tell who watches)
            unavailable_offline `pageStatus`: `pageStatus` is not in the local index; only the site can answer it (the source that was read does not tell the state of content)
            unavailable_offline `favouriteSpaces()`: `favouriteSpaces()` is not in the local index; only the site can answer it (the source that was read does not tell what is starred)
            unavailable_offline `favourite`: the type `favourite` is not in the local index; only the site can answer it (the source that was read does not tell what is starred)
            unavailable_offline `user.fullname`: `user.fullname` is not in the local index; only the site can answer it (it belongs to the site's search of people; content is found by creator, contributor, mention or watcher)
            needs_context `currentUser()`: `currentUser()` cannot be answered: there is nobody who asks
            needs_context `currentSpace()`: `currentSpace()` cannot be answered: no current space was given"#]],
    );
    let context = Context::detached(Timestamp::UNIX_EPOCH);
    assert!(cql::findings(text, &context).is_valid());
    assert!(!cql::findings("watcher > 1", &context).is_valid());
}

#[test]
fn terms_are_folded_as_columns_are() {
    plan(
        "space in (ops, Ops, eng) and label != \"Öl\" and type = Page",
        expect!["(space:eng,ops & !label:öl & type:page)"],
    );
    plan(
        r#"id in (att12, 7) and title = "\"Rollback Plan\"""#,
        expect![[r#"(id:7,12 & title_key:"rollback plan",rollback plan)"#]],
    );
    plan(
        "parent in (\"007\", '12 ', att7, 12, 7, 0, 99999999999999999999) and ancestor != 0",
        expect!["((parent:7,12 | parent:0,007,99999999999999999999) & !ancestor:0)"],
    );
    plan(
        "type not in (page) and content = 5 and space = currentSpace()",
        expect!["(!type:page & id:5 & space:ops)"],
    );
}

#[test]
fn people_go_by_all_their_names() {
    plan(
        "creator = currentUser() or creator = MARA",
        expect!["(creator:70:ab,mara | creator:70:ab,MARA,mara)"],
    );
    plan(
        r#"mention in ("70:ab", "mara@example.org", nobody, "ops@example.org")"#,
        expect!["mention:70:ab,mara,mara@example.org,nobody,ops@example.org"],
    );
}

#[test]
fn dates_are_half_open_ranges_in_the_zone() {
    plan(
        "created = 2026-10-25 or created != 2026/3/29",
        expect![
            "(created:2026-10-24T22:00:00Z..2026-10-25T23:00:00Z | !created:2026-03-28T23:00:00Z..2026-03-29T22:00:00Z)"
        ],
    );
    plan(
        "created >= 2026-10-25 or created < 2026-10-25",
        expect!["(created:2026-10-24T22:00:00Z.. | created:..2026-10-24T22:00:00Z)"],
    );
    plan(
        "created > 2026-10-25 or created <= 2026-10-25",
        expect!["(created:2026-10-24T22:00:00.001Z.. | created:..2026-10-24T22:00:00.001Z)"],
    );
    plan(
        r#"lastmodified = "2026-10-02 9:00" or lastmodified = now() or lastmodified > startOfDay("-1d")"#,
        expect![
            "(lastmodified:2026-10-02T07:00:00Z..2026-10-02T07:01:00Z | lastmodified:2026-10-02T07:00:00Z..2026-10-02T07:00:00.001Z | lastmodified:2026-09-30T22:00:00.001Z..)"
        ],
    );
}

#[test]
fn warnings_say_how_it_was_read() {
    warns(
        "label = a or label = b and (type = page and id = 1 or id = 2) or id = 3",
        expect![[r#"
        mixed_and_or `label = a or label = b and (type = page and id = 1 or id = 2) or id = 3`: read as (((label = "a" OR label = "b") AND ((type = "page" AND id = "1") OR id = "2")) OR id = "3"); add parentheses to make it explicit
        mixed_and_or `(type = page and id = 1 or id = 2)`: read as ((type = "page" AND id = "1") OR id = "2"); add parentheses to make it explicit"#]],
    );
    warns(
        "created > 2014-09-01 and created <= 2014-12-31 and created > now(-7d)",
        expect![[r#"
        start_of_day `2014-09-01`: `> 2014-09-01` includes most of that day; write `>= 2014-09-02` for the days after it
        start_of_day `2014-12-31`: `<= 2014-12-31` ends where that day begins; write `< 2015-01-01` to include it
        unquoted_increment `-7d`: an increment is quoted: "-7d""#]],
    );
    warns(
        r#"space in (ops, OPD, XXXX, "~mara") and type in (space, page) and creator = "Mara@example.org" and label = a-b"#,
        expect![[r#"
        unknown_space `OPD`: no space has the key `OPD`; did you mean `OPS`?
        unknown_space `XXXX`: no space has the key `XXXX`
        type_without_content `space`: nothing in this index has the type `space`; it holds content
        email_literal `"Mara@example.org"`: CQL does not know e-mail addresses; read as MARA, whose address this is
        unquoted_hyphen `a-b`: Data Center wants quotes around a value with `-`"#]],
    );
    warns(
        "creator = currentUser and label = now",
        expect![
            "function_without_parentheses `currentUser`: `currentUser` is read as a value; the function is written currentUser()"
        ],
    );
    warns(
        "label = “ops”",
        expect![[
            r#"typographic_quotes `“ops”`: typographic quotes are part of the value; write " or '"#
        ]],
    );
    warns(
        "(label = a or label = b) and type = page and id = 1",
        expect![""],
    );
}

#[test]
fn only_a_positive_text_clause_ranks() {
    let ranks = |text| checked(text).plan.filter.has_positive_text();
    assert!(ranks("type = page and not (title !~ a or id = 1)"));
    assert!(ranks("text ~ \"a -b\"") && !ranks("text ~ \"-b\""));
    assert!(!ranks("type = page and (not text ~ a or title !~ b)"));
}

/// What the site of Mara tells beside content.
fn told() -> Told {
    let mut told = Told {
        watchers: true,
        favourites: true,
        properties: None,
    };
    told.add(&ContentProperty {
        key: "Review".to_owned(),
        value: serde_json::json!({"due": "2026-10-01", "months": 6, "owner": "ops"}),
    });
    told
}

#[test]
fn properties_are_compared_by_what_they_hold() {
    plan(
        "content.property[review].owner in (OPS, eng)",
        expect!["((property:[review].owner␟tops) | (property:[review].owner␟teng))"],
    );
    plan(
        "Content.Property[REVIEW].months >= 6",
        expect![[
            r#"(property:"[review].months\u{1f}nc018000000000000".."[review].months\u{1f}ng")"#
        ]],
    );
    plan(
        "content.property[review].due < \"2026-10-02\" and content.property[review].due != now()",
        expect![[
            r#"((property:"[review].due\u{1f}d".."[review].due\u{1f}d800001a0f97b4300") & !((property: | property:"[review].due\u{1f}d800001a0fb69a580".."[review].due\u{1f}d800001a0fb69a581")))"#
        ]],
    );
    beside(
        "content.property[review].owners = x or content.property[review].owner > 5 or content.property[review].months > x",
        expect![[r#"
            unknown_field: unknown field `content.property[review].owners`: no content has this property (Some("did you mean `content.property[review].owner`?"))
            operator_not_allowed: `content.property[review].owner` cannot be used with >; its values are texts: = != IN NOT IN (None)
            bad_argument: `x` is not a number, and the values are (None)"#]],
    );
    warns(
        "content.property[review].months = six",
        expect!["never_equal `six`: no value can equal `six`: they are numbers"],
    );
}

#[test]
fn stars_are_private() {
    plan(
        "favourite = currentUser() or space.type in (favourite, global)",
        expect!["(favourite:70:ab,mara | (space_type:global | space:ops))"],
    );
    plan(
        "space in (favouriteSpaces(), ENG)",
        expect!["space:eng,ops"],
    );
    plan("favourite != mara", expect!["!favourite:70:ab,mara"]);
    beside(
        "favourite = bob",
        expect![[
            r#"needs_context: stars are private: only those of whoever asks can be seen (Some("write currentUser()"))"#
        ]],
    );
    plan("watcher = bob", expect!["watcher:bob"]);
}

/// Errors of a query that Mara asks.
#[track_caller]
fn beside(text: &str, expected: Expect) {
    let directory = directory();
    let (told, starred) = (told(), BTreeSet::from(["OPS".to_owned()]));
    let context = Context {
        viewer: Some(&directory.people[0].user),
        people: &directory,
        told: &told,
        starred_spaces: &starred,
        ..Context::detached(NOW.parse().unwrap())
    };
    let errors = cql::plan(text, &context).unwrap_err();
    let lines = errors
        .iter()
        .map(|e| format!("{}: {} ({:?})", e.code, e.message, e.hint));
    expected.assert_eq(&lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_tree_shows_how_it_was_read() {
    let query = cql::parse("not (label in (a, b) or created > now(\"-1d\")) order by created desc")
        .unwrap();
    expect![[r#"{"filter":{"not":{"or":[{"field":"label","op":"IN","value":["a","b"]},{"field":"created","op":">","value":{"function":"now(\"-1d\")"}}]}},"order_by":["created DESC"]}"#]]
        .assert_eq(&cql::tree(&query).to_string());
}

/// Labelled queries from public documents and code, judged as a site would.
#[test]
fn real_queries_are_judged_as_labelled() {
    let Some(folder) = corpus() else { return };
    let lines = read(&folder.join("cql/queries.jsonl"));
    let context = Context {
        people: &Nobody,
        ..Context::detached(NOW.parse().unwrap())
    };
    let mut wrong = Vec::new();
    let mut judged = 0;
    for line in lines.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = case["cql"].as_str().unwrap();
        let Some(valid) = case["valid"].as_bool() else {
            continue;
        };
        judged += 1;
        let findings = cql::findings(text, &context);
        if findings.is_valid() != valid {
            let codes: Vec<_> = findings
                .errors
                .iter()
                .map(|error| error.code.as_str())
                .collect();
            wrong.push(format!(
                "{text}: labelled {valid}, found {codes:?} ({})",
                case["why"]
            ));
        }
    }
    assert!(judged > 400, "{judged} queries were labelled");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[expect(clippy::disallowed_methods, reason = "where the large data is")]
fn corpus() -> Option<std::path::PathBuf> {
    let folder = std::env::var_os("HEADWATER_CORPUS");
    if folder.is_none() {
        use std::io::Write;
        let _ = writeln!(
            std::io::stderr(),
            "skipped: HEADWATER_CORPUS names no folder"
        );
    }
    folder.map(Into::into)
}

#[expect(clippy::disallowed_methods, reason = "reads a file of the large data")]
fn read(path: &std::path::Path) -> String {
    std::fs::read_to_string(path).unwrap()
}
