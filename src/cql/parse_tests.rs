//! Syntax: what is read, what is refused and where, and that what is printed reads the same.

#![expect(
    clippy::needless_pass_by_value,
    reason = "expectations are written where they are passed"
)]

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::cql::ast::quote;
use crate::cql::fields::FIELDS;
use crate::cql::functions::FUNCTIONS;

/// Prints the canonical form, and makes sure that it reads the same.
#[track_caller]
fn check(text: &str, expected: Expect) {
    let query = parse(text).unwrap_or_else(|error| panic!("{}", error.render(text)));
    let printed = query.to_string();
    assert_eq!(parse(&printed).unwrap().to_string(), printed);
    expected.assert_eq(&printed);
}

/// The code, and the marked text in brackets.
#[track_caller]
fn refused(text: &str, expected: &str) {
    let error = parse(text).expect_err(text);
    let (start, end) = (error.span.start, error.span.end);
    let marked = format!("{}[{}]{}", &text[..start], &text[start..end], &text[end..]);
    assert_eq!(
        format!("{} {marked}", error.code),
        expected,
        "{}",
        error.render(text)
    );
}

#[test]
fn and_and_or_bind_alike_from_left_to_right() {
    check(
        "label=a or label=b and type=page or id=1",
        expect![[r#"((label = "a" OR label = "b") AND type = "page") OR id = "1""#]],
    );
    check(
        "label=a and label=b and label=c",
        expect![[r#"label = "a" AND label = "b" AND label = "c""#]],
    );
    check(
        "(((label=a)) and (label=b and label=c))",
        expect![[r#"label = "a" AND (label = "b" AND label = "c")"#]],
    );
}

#[test]
fn not_binds_to_the_next_clause_or_group() {
    check(
        "not label = a and not not (type = page or type=blogpost)",
        expect![[r#"NOT label = "a" AND NOT NOT (type = "page" OR type = "blogpost")"#]],
    );
}

#[test]
fn names_are_printed_as_the_registries_spell_them() {
    check(
        "Space IN(FAVOURITESPACES(),'FS') and LASTMODIFIED>NOW(-7d) Order By Content DESC,title",
        expect![[
            r#"space IN (favouriteSpaces(), "FS") AND lastmodified > now("-7d") ORDER BY id DESC, title"#
        ]],
    );
    check(
        "space not in recentlyViewedSpaces(10)",
        expect!["space NOT IN recentlyViewedSpaces(\"10\")"],
    );
    check(
        "Content.Property[a b].c >= 5",
        expect![[r#"content.property[a b].c >= "5""#]],
    );
}

#[test]
fn unquoted_values() {
    check(
        "created > 2014/09/01 and created < 2014-09-03",
        expect![[r#"created > "2014/09/01" AND created < "2014-09-03""#]],
    );
    // Whether it is a date is the checker's to say.
    check(
        "created = 31/12/2025 and created != 2024-01/05 and label = 10-20",
        expect![[r#"created = "31/12/2025" AND created != "2024-01/05" AND label = "10-20""#]],
    );
    check(
        "label in (release-notes, needs_review, a:b, r&d, 運用)",
        expect![[r#"label IN ("release-notes", "needs_review", "a:b", "r&d", "運用")"#]],
    );
}

#[test]
fn escapes_survive_printing() {
    check(
        r#"text ~ "\+ \\+ \"a\" it's" and title = 'it\'s "x"'"#,
        expect![[r#"text ~ "\\+ \\+ \"a\" it's" AND title = "it's \"x\"""#]],
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "one flat table")]
fn refusals_name_the_place() {
    let cases = [
        ("", "empty_query []"),
        (" \n\u{a0}", "empty_query [] \n\u{a0}"),
        ("type = \"page", "unterminated_string type = [\"]page"),
        (
            "type = page && label = x",
            "unexpected_character type = page [&&] label = x",
        ),
        (
            "type = page || label = x",
            "unexpected_character type = page [||] label = x",
        ),
        ("type == page", "unexpected_character type [==] page"),
        ("type===page", "unexpected_character type[===]page"),
        ("type <> page", "unexpected_character type [<>] page"),
        (
            "created => \"2024-01-01\"",
            "unexpected_character created [=>] \"2024-01-01\"",
        ),
        ("!type = page", "unexpected_character [!]type = page"),
        ("type ! page", "unexpected_character type [!] page"),
        ("title = v1.2", "reserved_character title = v1[.]2"),
        (
            "title = creator.fullname",
            "reserved_character title = creator[.]fullname",
        ),
        ("label in (a@b)", "reserved_character label in (a[@]b)"),
        ("label = 1/2", "reserved_character label = 1[/]2"),
        ("label = 1/2/3/4", "reserved_character label = 1[/]2/3/4"),
        ("label = /1/2", "reserved_character label = [/]1/2"),
        ("space = and", "reserved_word space = [and]"),
        ("label in (a, Limit)", "reserved_word label in (a, [Limit])"),
        ("and type = page", "expected_field [and] type = page"),
        ("type = page and", "expected_field type = page and[]"),
        (
            "type = page or or type = x",
            "expected_field type = page or [or] type = x",
        ),
        ("()", "expected_field ([)]"),
        ("order by created", "expected_field [order] by created"),
        ("\"type\" = page", "expected_field [\"type\"] = page"),
        (
            "type = page order by",
            "expected_field type = page order by[]",
        ),
        ("a..b = 1", "expected_field [a..b] = 1"),
        ("type page", "expected_operator type [page]"),
        ("type", "expected_operator type[]"),
        ("label not x", "expected_operator label [not] x"),
        ("label IS NULL", "no_such_operator label [IS] NULL"),
        ("title like x", "no_such_operator title [like] x"),
        ("title not like x", "no_such_operator title [not like] x"),
        (
            "created between a and b",
            "no_such_operator created [between] a and b",
        ),
        ("space =", "expected_value space =[]"),
        ("space=~jdoe", "expected_value space=[~]jdoe"),
        ("space = (DEV)", "expected_value space = [(]DEV)"),
        ("space in (DEV,)", "expected_value space in (DEV,[)]"),
        (
            "type = order by created",
            "expected_value type = [order] by created",
        ),
        ("space in ()", "empty_list space in [()]"),
        ("space in DEV", "expected_list space in [DEV]"),
        ("space in", "expected_list space in[]"),
        ("(type = page", "unbalanced_parenthesis [(]type = page"),
        ("space in (DEV", "unbalanced_parenthesis space in [(]DEV"),
        ("created > now(", "unbalanced_parenthesis created > now[(]"),
        ("type = page)", "trailing_input type = page[)]"),
        ("space = My Space", "trailing_input space = My [Space]"),
        ("space in (DEV QA)", "trailing_input space in (DEV [QA])"),
        (
            "text ~ \"a \"b c\"\"",
            "trailing_input text ~ \"a \"[b c\"\"]",
        ),
        ("text ~ roam~", "trailing_input text ~ roam[~]"),
        (
            "type = page order by created desc title",
            "trailing_input type = page order by created desc [title]",
        ),
        (
            "type = page type = blogpost",
            "missing_connective type = page [type = blogpost]",
        ),
        (
            "type = page (label = a)",
            "missing_connective type = page [(]label = a)",
        ),
        (
            "type = page not label = a",
            "missing_connective type = page [not] label = a",
        ),
        (
            "type = page order created",
            "missing_connective type = page order [created]",
        ),
        (
            "created > now(\"a\" \"b\")",
            "bad_argument created > now(\"a\" [\"b\"])",
        ),
        (
            "created > now(now())",
            "bad_argument created > now([now]())",
        ),
        (
            "id in recentlyViewedContent(1,)",
            "bad_argument id in recentlyViewedContent(1,[)]",
        ),
        (
            "(type = page order by created)",
            "order_by_misplaced (type = page [order] by created)",
        ),
        (
            "type = page order by title and id = 1",
            "order_by_misplaced type = page [order] by title and id = 1",
        ),
        (
            "id = 1 order by id order by title",
            "order_by_misplaced id = 1 order by id [order] by title",
        ),
    ];
    for (text, expected) in cases {
        refused(text, expected);
    }
}

/// The quoted names of a rule of the published grammar.
fn rule(name: &str) -> Vec<&'static str> {
    let grammar = include_str!("../../schema/cql.ebnf");
    let (_, rest) = grammar.split_once(&format!("\n{name} ")).expect(name);
    let (body, _) = rest.split_once(';').unwrap();
    let mut names: Vec<_> = body.split('"').skip(1).step_by(2).collect();
    names.sort_unstable();
    names
}

#[test]
fn the_published_grammar_has_the_names_of_the_registries() {
    fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names
    }
    assert_eq!(
        rule("known_field"),
        sorted(FIELDS.iter().map(|field| field.name))
    );
    let aliases = FIELDS.iter().flat_map(|field| field.aliases).copied();
    assert_eq!(rule("alias"), sorted(aliases));
    assert_eq!(
        rule("known_function"),
        sorted(FUNCTIONS.iter().map(|function| function.name))
    );
    assert_eq!(rule("reserved"), sorted(refuse::RESERVED.iter().copied()));
    let signs = Op::ALL[..8].iter().map(|op| op.as_str());
    assert_eq!(rule("sign"), sorted(signs));
}

#[track_caller]
fn shown(text: &str, expected: Expect) {
    expected.assert_eq(&parse(text).expect_err(text).render(text));
}

#[test]
fn hints_help() {
    shown(
        "type = page and space = My Own Space and label = x",
        expect![[r#"
            unexpected `Own`
              type = page and space = My Own Space and label = x
                                         ^^^^^^^^^^^^^^^^^^^^^^^
            hint: a value with a blank must be quoted: space = "My Own Space""#]],
    );
    shown(
        "space=~jdoe",
        expect![[r#"
            expected a value after `=`, found `~`
              space=~jdoe
                    ^
            hint: a personal space key must be quoted: space = "~jdoe""#]],
    );
    shown(
        "title not like x",
        expect![[r#"
        CQL has no NOT LIKE operator
          title not like x
                ^^^^^^^^
        hint: write title !~ "word*""#]],
    );
    shown(
        "now() > created",
        expect![[r#"
        expected an operator after `now`, found `(`
          now() > created
             ^
        hint: a condition begins with a field; now() is a value"#]],
    );
    shown(
        "type = page order by created descending",
        expect![[r#"
        unexpected `descending` after the order
          type = page order by created descending
                                       ^^^^^^^^^^
        hint: the directions are ASC and DESC"#]],
    );
    shown(
        "title = v1.2",
        expect![[r#"
            `.` needs quotes: title = "v1.2"
              title = v1.2
                        ^"#]],
    );
}

#[test]
fn what_could_stand_there_is_named() {
    let expected = |text| parse(text).unwrap_err().expected.join(" ");
    assert_eq!(expected("type"), "= != ~ !~ > >= < <= IN NOT IN");
    assert_eq!(expected("(type = page label"), "AND OR )");
    assert_eq!(
        expected("type = page label"),
        "AND OR ORDER BY end of query"
    );
    assert_eq!(expected("type ="), "value function");
}

#[test]
fn limits_are_errors() {
    let nested = |n: usize| format!("{}type = page{}", "(".repeat(n), ")".repeat(n));
    assert!(parse(&nested(MAX_DEPTH)).is_ok());
    let alternating = "id=1 or id=1 and ".repeat(960) + "id=1";
    let long_value = format!("title = \"{}\"", "a".repeat(MAX_BYTES));
    let list = |n: usize| format!("id in ({})", vec!["1234567"; n].join(","));
    let too_much = [
        nested(MAX_DEPTH + 1),
        nested(7_000),
        format!("{}type = page", "not ".repeat(4_000)),
        alternating,
        long_value,
        list(MAX_LIST + 1),
        "x".repeat(MAX_BYTES_WITH_LISTS + 1),
    ];
    for text in too_much {
        assert_eq!(parse(&text).unwrap_err().code, ErrorCode::TooComplex);
    }
    assert!(parse(&list(MAX_LIST)).is_ok());
}

/// Texts that live as long as the queries that are made of them.
fn kept(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn literal() -> impl Strategy<Value = Literal<'static>> {
    let text = prop_oneof![".{0,8}", "[a-z]{1,6}", r#"[\\"' ()a]{0,6}"#];
    text.prop_map(|text| {
        let written = kept(quote(&text));
        Literal {
            inside: &written[1..written.len() - 1],
            start: 0,
            quoted: true,
            escapes: written[1..].contains('\\'),
        }
    })
}

fn name(names: Vec<&'static str>) -> impl Strategy<Value = Name<'static>> {
    proptest::sample::select(names).prop_map(|text| Name { text, span: 0..0 })
}

fn any_field() -> impl Strategy<Value = Name<'static>> {
    let known = FIELDS.iter().map(|field| field.name);
    name(
        known
            .chain(["state", "arch.status", "content.property[a (1)].b"])
            .collect(),
    )
}

fn any_call() -> impl Strategy<Value = Operand<'static>> {
    let names = FUNCTIONS.iter().map(|function| function.name).collect();
    (name(names), prop::collection::vec(literal(), 0..3)).prop_map(|(name, arguments)| {
        Operand::Call(Box::new(Call {
            name,
            arguments,
            span: 0..0,
        }))
    })
}

fn any_operand() -> impl Strategy<Value = Operand<'static>> {
    prop_oneof![3 => literal().prop_map(Operand::Literal), 1 => any_call()]
}

fn any_clause() -> impl Strategy<Value = Expr<'static>> {
    let single = (proptest::sample::select(&Op::ALL[..8]), any_operand());
    let single = single.prop_map(|(op, operand)| (op, Right::Value(operand)));
    let set = prop_oneof![
        prop::collection::vec(any_operand(), 1..4)
            .prop_map(|values| Right::List { values, span: 0..0 }),
        any_call().prop_map(Right::Value),
    ];
    let several = (proptest::sample::select(&Op::ALL[8..]), set);
    (any_field(), prop_oneof![single, several]).prop_map(|(field, (op, right))| {
        Expr::Clause(Clause {
            field,
            op,
            op_span: 0..0,
            right,
            span: 0..0,
        })
    })
}

fn any_expr() -> impl Strategy<Value = Expr<'static>> {
    any_clause().prop_recursive(5, 24, 4, |inner| {
        let connective = prop_oneof![Just(Connective::And), Just(Connective::Or)];
        let parts = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            (connective, parts).prop_map(|(connective, parts)| {
                Expr::Group(Group {
                    connective,
                    parts,
                    span: 0..0,
                    implicit: false,
                })
            }),
            inner.prop_map(|inner| Expr::Not {
                inner: Box::new(inner),
                span: 0..0
            }),
        ]
    })
}

fn any_query() -> impl Strategy<Value = Query<'static>> {
    let direction = prop_oneof![
        Just(None),
        Just(Some(Direction::Ascending)),
        Just(Some(Direction::Descending))
    ];
    let sort = (any_field(), direction).prop_map(|(field, direction)| Sort { field, direction });
    (any_expr(), prop::collection::vec(sort, 0..3))
        .prop_map(|(filter, order)| Query { filter, order })
}

/// Takes out what only the text of a query decides.
fn strip(query: &mut Query<'_>) {
    for sort in &mut query.order {
        sort.field.span = 0..0;
    }
    strip_expr(&mut query.filter);
}

fn strip_expr(expr: &mut Expr<'_>) {
    match expr {
        Expr::Group(group) => {
            group.span = 0..0;
            group.parts.iter_mut().for_each(strip_expr);
        }
        Expr::Not { inner, span } => {
            *span = 0..0;
            strip_expr(inner);
        }
        Expr::Clause(clause) => {
            (clause.span, clause.op_span, clause.field.span) = (0..0, 0..0, 0..0);
            match &mut clause.right {
                Right::Value(operand) => strip_operand(operand),
                Right::List { values, span } => {
                    *span = 0..0;
                    values.iter_mut().for_each(strip_operand);
                }
            }
        }
    }
}

fn strip_operand(operand: &mut Operand<'_>) {
    let literals = match operand {
        Operand::Literal(literal) => std::slice::from_mut(literal),
        Operand::Call(call) => {
            (call.span, call.name.span) = (0..0, 0..0);
            &mut call.arguments[..]
        }
    };
    for literal in literals {
        literal.start = 0;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_reads_the_same(query in any_query()) {
        let printed = query.to_string();
        let mut read = parse(&printed).map_err(|error| TestCaseError::fail(error.render(&printed)))?;
        strip(&mut read);
        prop_assert_eq!(read, query);
    }

    #[test]
    fn no_text_makes_it_panic(text in any_text()) {
        let context = crate::cql::Context::detached(jiff::Timestamp::UNIX_EPOCH);
        for error in crate::cql::findings(&text, &context).errors {
            prop_assert!(text.get(error.span.clone()).is_some(), "{:?}", error);
            error.render(&text);
            error.diagnostic(&text);
        }
    }
}

/// Random characters, and words of the language in random order.
fn any_text() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "type",
        "text",
        "created",
        "creator",
        "and",
        "or",
        "not",
        "in",
        "order",
        "by",
        "desc",
        "=",
        "!=",
        "~",
        "!~",
        ">",
        "<=",
        "(",
        ")",
        ",",
        "\"a b\"",
        "'x*'",
        "\"-7d\"",
        "now",
        "(",
        "currentUser()",
        "now(-7d)",
        "\"",
        "'",
        "\\",
        "é",
        "2024-01-01",
        "\"\\\"a OR (b -c~\\\"\"",
        "content.property[",
        "]",
        "&&",
        "!",
        ".",
        "\t",
        "\n",
        "日本",
    ];
    let words = prop::collection::vec(proptest::sample::select(WORDS), 0..16);
    let glue = proptest::sample::select(&[" ", ""][..]);
    prop_oneof![
        ".{0,40}",
        "text ~ \"[ a*?~()\\\\+!&|^0-9\"-]{0,20}\"",
        (words, glue).prop_map(|(words, glue)| words.join(glue)),
    ]
}
