//! A channel's query as the site gets it, in a listing of all its content or of what
//! changed.
//!
//! The query itself is sent as it was written, so that the site reads it its own way; it
//! stands in parentheses, so that no `OR` in it gets out, and without its order. What is
//! added stands before it: a query may not open with a negation, and Cloud ignores a
//! `siteSearch` that stands neither first nor last. Its text is asked for once more by
//! `text`, which no server ignores.

use super::ast::{Call, Clause, Connective, Expr, Operand, Query, Right, Span, quote};
use super::error::Warning;
use super::fields::{self, Kind, Op, Source};
use super::functions::{self, Yields};
use super::lexer;
use crate::analysis::fold_keyword;

/// What is asked for around a query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Listing<'a> {
    /// Content types; none for all.
    pub(crate) types: &'a [&'a str],
    /// From when on changes are asked for, oldest first.
    pub(crate) since: Option<Since>,
}

/// A watermark. Dates of CQL have minutes and the zone of whoever asks, which is not known
/// for certain; the first form needs no zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Since {
    /// So many minutes before the site's own now.
    Minutes(u64),
    /// Local time in a zone that was learnt.
    #[cfg_attr(not(test), expect(dead_code, reason = "for sites that refuse now()"))]
    Local(jiff::civil::DateTime),
}

/// A query as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) text: String,
    /// What will not work, or will not stay as it is; spans are those of the query.
    pub(crate) warnings: Vec<Warning>,
}

/// What to send for a query that was read from `text`.
pub(crate) fn send(text: &str, query: &Query, listing: &Listing<'_>) -> Sent {
    let mut parts = Vec::new();
    for clause in site_searches(&query.filter) {
        let value = right(&clause.right);
        parts.push(format!("siteSearch ~ {value}"));
        parts.push(format!("text ~ {value}"));
    }
    parts.extend(listing.since.as_ref().map(watermark));
    if !listing.types.is_empty() {
        let types: Vec<String> = listing.types.iter().map(|name| quote(name)).collect();
        parts.push(format!("type IN ({})", types.join(", ")));
    }
    parts.push(format!("({})", without_order(text, query)));
    let mut sent = parts.join(" AND ");
    if listing.since.is_some() {
        sent.push_str(" ORDER BY lastmodified ASC");
    }
    let warnings = remarks(query, parts.len() == 1);
    Sent {
        text: sent,
        warnings,
    }
}

fn watermark(since: &Since) -> String {
    match since {
        Since::Minutes(minutes) => format!("lastmodified >= now(\"-{minutes}m\")"),
        Since::Local(at) => format!("lastmodified >= \"{}\"", at.strftime("%Y-%m-%d %H:%M")),
    }
}

/// The text of the query up to `ORDER BY`.
fn without_order<'t>(text: &'t str, query: &Query) -> &'t str {
    let order = query.order.first().and_then(|sort| {
        let tokens = lexer::tokens(text).ok()?;
        let key = tokens
            .iter()
            .position(|token| token.start == sort.field.span.start)?;
        Some(tokens[key.checked_sub(2)?].start)
    });
    text[..order.unwrap_or(text.len())].trim()
}

/// Clauses that everything found must satisfy.
fn conjuncts<'a, 't>(filter: &'a Expr<'t>) -> Vec<&'a Clause<'t>> {
    let mut open = vec![filter];
    let mut found = Vec::new();
    while let Some(expr) = open.pop() {
        match expr {
            Expr::Group(group) if group.connective == Connective::And => {
                open.extend(group.parts.iter().rev());
            }
            Expr::Clause(clause) => found.push(clause),
            Expr::Group(_) | Expr::Not { .. } => {}
        }
    }
    found
}

fn is_site_search(clause: &Clause) -> bool {
    fields::canonical(clause.field.text) == "siteSearch"
}

fn site_searches<'a, 't>(filter: &'a Expr<'t>) -> impl Iterator<Item = &'a Clause<'t>> {
    let all = conjuncts(filter).into_iter();
    all.filter(|clause| is_site_search(clause) && clause.op == Op::Match)
}

fn right(right: &Right) -> String {
    let values: Vec<String> = right.operands().iter().map(ToString::to_string).collect();
    values.join(", ")
}

fn remarks(query: &Query, alone: bool) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut open = vec![&query.filter];
    if alone && let Some((op, span)) = negative_start(&query.filter) {
        let message = format!("a site may refuse a query that begins with {op}");
        warnings.push(Warning::new("negative_start", span, message));
    }
    while let Some(expr) = open.pop() {
        match expr {
            Expr::Group(group) => open.extend(group.parts.iter().rev()),
            Expr::Not { inner, .. } => open.push(inner),
            Expr::Clause(clause) => remark(clause, &mut warnings),
        }
    }
    let sure: Vec<Span> = site_searches(&query.filter)
        .map(|clause| clause.span.clone())
        .collect();
    warnings.retain(|warning| warning.code != NESTED || !sure.contains(&warning.span));
    warnings.sort_by_key(|warning| warning.span.start);
    warnings
}

const NESTED: &str = "site_search_ignored";

/// The first clause, if it excludes.
fn negative_start(filter: &Expr) -> Option<(&'static str, Span)> {
    let mut first = filter;
    while let Expr::Group(group) = first {
        first = group.parts.first()?;
    }
    match first {
        Expr::Not { span, .. } => Some(("NOT", span.clone())),
        Expr::Clause(clause) if clause.op.is_negative() => {
            Some((clause.op.as_str(), clause.span.clone()))
        }
        _ => None,
    }
}

fn remark(clause: &Clause, warnings: &mut Vec<Warning>) {
    let mut warn = |code, span: &Span, message: &str| {
        warnings.push(Warning::new(code, span.clone(), message));
    };
    let field = fields::find(clause.field.text);
    if field.is_some_and(|field| matches!(field.source, Source::Offline)) {
        let message = "not sent: the site answers this in its search of people alone";
        warn("not_for_content", &clause.field.span, message);
    }
    if is_site_search(clause) {
        let message = "Cloud may ignore siteSearch here; text finds the same and is never ignored";
        warn(NESTED, &clause.span, message);
    }
    if field.is_some_and(|field| field.name == "space.type") {
        let message = "Cloud was seen to accept space.type and not to filter by it";
        warn("may_not_filter", &clause.field.span, message);
    }
    let typed = field.is_some_and(|field| field.kind == Kind::ContentType);
    for operand in clause.right.operands() {
        match operand {
            Operand::Literal(literal) if typed && fold_keyword(literal.inside) == "user" => {
                let message = "Cloud was seen to accept the type `user` and not to filter by it";
                warn("may_not_filter", &literal.span(), message);
            }
            Operand::Literal(_) => {}
            Operand::Call(call) => {
                if let Some((code, message)) = remark_of_call(call) {
                    warn(code, &call.span, message);
                }
            }
        }
    }
    let dated = field.is_some_and(|field| field.kind == Kind::Date);
    if dated && matches!(clause.op, Op::Lt | Op::Le) {
        let message = "content leaves the channel when it is changed after this date";
        if field.is_some_and(|field| field.name == "lastmodified") {
            warn("moves_with_time", &clause.span, message);
        }
    }
}

fn remark_of_call(call: &Call) -> Option<(&'static str, &'static str)> {
    let function = functions::find(call.name.text)?;
    Some(match function.yields {
        Yields::Viewer => (
            "connected_account",
            "at the site this is the connected account, not whoever asks",
        ),
        Yields::StarredSpaces | Yields::Offline => (
            "connected_account",
            "at the site this is what the connected account has starred or looked at",
        ),
        Yields::CurrentSpace => (
            "needs_space",
            "the site answers this only for a request that names a space",
        ),
        Yields::Now | Yields::Bound(..) => (
            "moves_with_time",
            "content falls out of the channel as time goes by",
        ),
    })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::cql::parse;

    const PAGES: &[&str] = &["page", "blogpost"];

    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "expectations are written where they are passed"
    )]
    fn check(text: &str, since: Option<Since>, expected: Expect) {
        let types = PAGES;
        let query = parse(text).unwrap();
        let sent = send(text, &query, &Listing { types, since });
        // Whatever is sent is CQL, and means what was written, narrowed.
        let again =
            parse(&sent.text).unwrap_or_else(|error| panic!("{}", error.render(&sent.text)));
        let Expr::Group(group) = &again.filter else {
            panic!("{}", sent.text);
        };
        assert_eq!(group.connective, Connective::And, "{}", sent.text);
        assert!(again.to_string().contains(&query.filter.to_string()));
        let mut lines = vec![sent.text];
        let remarks = sent.warnings.iter();
        lines.extend(remarks.map(|w| format!("{} `{}`", w.code, &text[w.span.clone()])));
        expected.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn the_query_stands_in_parentheses_as_it_was_written() {
        check(
            "space = OPS",
            None,
            expect![[r#"type IN ("page", "blogpost") AND (space = OPS)"#]],
        );
        check(
            "label = a or  space=ENG",
            None,
            expect![[r#"type IN ("page", "blogpost") AND (label = a or  space=ENG)"#]],
        );
        check(
            "(label = a) or (label = b)",
            None,
            expect![[r#"type IN ("page", "blogpost") AND ((label = a) or (label = b))"#]],
        );
        check(
            "label = \"x) or (type = page\"",
            None,
            expect![[r#"type IN ("page", "blogpost") AND (label = "x) or (type = page")"#]],
        );
    }

    #[test]
    fn its_order_is_cut_off() {
        check(
            "space = OPS order by title",
            None,
            expect![[r#"type IN ("page", "blogpost") AND (space = OPS)"#]],
        );
        check(
            "(space = OPS) ORDER\nBY created desc, id",
            None,
            expect![[r#"type IN ("page", "blogpost") AND ((space = OPS))"#]],
        );
        check(
            "title = \"order by\" order by lastmodified",
            None,
            expect![[r#"type IN ("page", "blogpost") AND (title = "order by")"#]],
        );
    }

    #[test]
    fn a_positive_clause_stands_first() {
        check(
            "not label = draft",
            None,
            expect![[r#"type IN ("page", "blogpost") AND (not label = draft)"#]],
        );
        let alone = send(
            "label != draft",
            &parse("label != draft").unwrap(),
            &Listing::default(),
        );
        assert_eq!(alone.text, "(label != draft)");
        assert_eq!(alone.warnings[0].code, "negative_start");
    }

    #[test]
    fn changes_are_asked_for_from_a_watermark_on() {
        check(
            "space = OPS",
            Some(Since::Minutes(95)),
            expect![[
                r#"lastmodified >= now("-95m") AND type IN ("page", "blogpost") AND (space = OPS) ORDER BY lastmodified ASC"#
            ]],
        );
        let at = jiff::civil::date(2026, 3, 29).at(2, 5, 59, 0);
        check(
            "space = OPS order by title",
            Some(Since::Local(at)),
            expect![[
                r#"lastmodified >= "2026-03-29 02:05" AND type IN ("page", "blogpost") AND (space = OPS) ORDER BY lastmodified ASC"#
            ]],
        );
    }

    #[test]
    fn site_search_stands_first_and_is_asked_for_twice() {
        check(
            "space = OPS and siteSearch ~ \"ice \\\"a b\\\"\" and label = x",
            None,
            expect![[
                r#"siteSearch ~ "ice \"a b\"" AND text ~ "ice \"a b\"" AND type IN ("page", "blogpost") AND (space = OPS and siteSearch ~ "ice \"a b\"" and label = x)"#
            ]],
        );
        check(
            "space = OPS and (siteSearch ~ ice or label = x)",
            None,
            expect![[r#"
                type IN ("page", "blogpost") AND (space = OPS and (siteSearch ~ ice or label = x))
                site_search_ignored `siteSearch ~ ice`"#]],
        );
    }

    #[test]
    fn what_the_site_reads_otherwise_is_remarked_on() {
        check(
            "creator = currentUser() and created > now(\"-7d\") and space in favouriteSpaces() and user = x and lastmodified < \"2026-01-01\" and space = currentSpace() and space.type = global and type in (page, User)",
            None,
            expect![[r#"
                type IN ("page", "blogpost") AND (creator = currentUser() and created > now("-7d") and space in favouriteSpaces() and user = x and lastmodified < "2026-01-01" and space = currentSpace() and space.type = global and type in (page, User))
                connected_account `currentUser()`
                moves_with_time `now("-7d")`
                connected_account `favouriteSpaces()`
                not_for_content `user`
                moves_with_time `lastmodified < "2026-01-01"`
                needs_space `currentSpace()`
                may_not_filter `space.type`
                may_not_filter `User`"#]],
        );
    }
}
