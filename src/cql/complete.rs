//! What may stand at a place of a query that is being written: fields, operators,
//! functions, values, connectives.
//!
//! The text before the cursor is walked token by token; what is wrong in it is passed
//! over, since a text that is being written is seldom right. Values of a site come from
//! [`Known`], which knows what the asker may see.

use std::ops::Range;

use super::ast::quote;
use super::fields::{self, FIELDS, Field, Kind, Op};
use super::functions::{FUNCTIONS, Function};
use super::input::word;
use super::lexer::{self, Symbol, Token, TokenKind};
use super::values::TYPES;

/// Most items of an answer.
const MOST_ITEMS: usize = 50;
/// Most values of one kind that are asked for.
const MOST_VALUES: usize = 20;

/// What can be put in at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Completion {
    /// Bytes that an item takes the place of.
    pub(crate) span: Range<usize>,
    pub(crate) items: Vec<Item>,
}

/// One thing to put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) kind: ItemKind,
    /// What to show.
    pub(crate) label: String,
    /// What to write.
    pub(crate) insert: String,
    pub(crate) detail: Option<String>,
}

/// Kinds of item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ItemKind {
    Field,
    Operator,
    Function,
    Keyword,
    Value,
}

impl ItemKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Field => "field",
            Self::Operator => "operator",
            Self::Function => "function",
            Self::Keyword => "keyword",
            Self::Value => "value",
        }
    }
}

/// A value of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownValue {
    pub(crate) value: String,
    pub(crate) detail: Option<String>,
}

/// Values that the asker may see, each beginning as it was begun to be written.
pub(crate) trait Known {
    /// Keys of spaces; a name may begin so too.
    fn spaces(&self, begun: &str, most: usize) -> Vec<KnownValue>;
    /// Account ids or names of people whose shown name has a word that begins so.
    fn people(&self, begun: &str, most: usize) -> Vec<KnownValue>;
    /// Values of an index column.
    fn column(&self, column: &str, begun: &str, most: usize) -> Vec<KnownValue>;
}

/// A site of which nothing is known.
pub(crate) struct NothingKnown;

impl Known for NothingKnown {
    fn spaces(&self, _: &str, _: usize) -> Vec<KnownValue> {
        Vec::new()
    }

    fn people(&self, _: &str, _: usize) -> Vec<KnownValue> {
        Vec::new()
    }

    fn column(&self, _: &str, _: &str, _: usize) -> Vec<KnownValue> {
        Vec::new()
    }
}

/// What may stand at `cursor`, in bytes of the text.
pub(crate) fn complete(text: &str, cursor: usize, known: &dyn Known) -> Completion {
    let mut cursor = cursor.min(text.len());
    while !text.is_char_boundary(cursor) {
        cursor -= 1;
    }
    let begun = Begun::of(text, cursor);
    let mut place = Place::Clause;
    let mut depth = 0_usize;
    let mut before: Option<&Token<'_>> = None;
    for token in &begun.tokens {
        place = place.after(token, before, &mut depth);
        before = Some(token);
    }
    let mut out = Out {
        begun: &begun,
        items: Vec::new(),
    };
    out.fill(&place, depth, known);
    let mut items = out.items;
    items.truncate(MOST_ITEMS);
    Completion {
        span: begun.span,
        items,
    }
}

/// The text before the cursor: whole tokens, and what was begun there.
struct Begun<'t> {
    tokens: Vec<Token<'t>>,
    /// Without quotes.
    text: String,
    quoted: bool,
    /// What is replaced: all of the token that the cursor stands in.
    span: Range<usize>,
}

impl<'t> Begun<'t> {
    fn of(text: &'t str, cursor: usize) -> Self {
        let head = &text[..cursor];
        let rest = &text[cursor..];
        match lexer::tokens(head) {
            Ok(mut tokens) => {
                let is_begun = tokens
                    .last()
                    .is_some_and(|last| last.end() == cursor && word(last).is_some());
                let last = if is_begun { tokens.pop() } else { None };
                let start = last.as_ref().map_or(cursor, |last| last.start);
                let len = if is_begun { lexer::run(rest) } else { 0 };
                Self {
                    tokens,
                    text: text[start..cursor].to_owned(),
                    quoted: false,
                    span: start..cursor + len,
                }
            }
            Err(open) => {
                let start = open.span.start;
                let quote = head[start..].chars().next().unwrap_or('"');
                let close = rest.find([quote, '\n', ',', ')']);
                let close = close.filter(|at| rest[*at..].starts_with(quote));
                Self {
                    tokens: lexer::tokens(&head[..start]).unwrap_or_default(),
                    text: head[start + 1..].to_owned(),
                    quoted: true,
                    span: start..cursor + close.map_or(0, |at| at + 1),
                }
            }
        }
    }

    fn begins(&self, name: &str) -> bool {
        let (name, begun) = (name.to_lowercase(), self.text.to_lowercase());
        name.starts_with(&begun)
    }
}

/// Where in a query the next token stands.
#[derive(Debug, Clone)]
enum Place {
    /// A clause begins, or a negation or group.
    Clause,
    Operator(String),
    /// `NOT` was written behind a field.
    In(String),
    Value(String, Op),
    /// A list or a function.
    Set(String, Op),
    /// In a list.
    Listed(String, Op),
    /// Behind a value of a list.
    Comma(String, Op),
    /// In the parentheses of a call, and where its end leads.
    Argument(Box<Place>),
    /// Behind a clause.
    Connective,
    By,
    Sort,
    Direction,
}

impl Place {
    fn after(self, token: &Token<'_>, before: Option<&Token<'_>>, depth: &mut usize) -> Self {
        let is = |name: &str| word(token).is_some_and(|found| found.eq_ignore_ascii_case(name));
        let kind = token.kind;
        let value = matches!(kind, TokenKind::Word | TokenKind::Quoted { .. });
        let opens = kind == TokenKind::Open;
        let calls = opens && before.is_some_and(|before| word(before).is_some());
        match self {
            Self::Clause if is("not") => Self::Clause,
            Self::Clause if opens => {
                *depth += 1;
                Self::Clause
            }
            Self::Clause => word(token).map_or(Self::Clause, |name| Self::Operator(name.into())),
            Self::Operator(field) | Self::In(field) if is("in") => {
                let negated = before
                    .and_then(word)
                    .is_some_and(|w| w.eq_ignore_ascii_case("not"));
                Self::Set(field, if negated { Op::NotIn } else { Op::In })
            }
            Self::Operator(field) if is("not") => Self::In(field),
            Self::Operator(field) | Self::In(field) => match kind {
                TokenKind::Symbol(symbol) => Self::Value(field, op(symbol)),
                _ => Self::Operator(field),
            },
            Self::Value(..) if value => Self::Connective,
            Self::Value(field, op) => Self::Value(field, op),
            Self::Set(field, op) if opens => Self::Listed(field, op),
            Self::Set(..) if value => Self::Connective,
            Self::Set(field, op) => Self::Set(field, op),
            Self::Listed(field, op) if value => Self::Comma(field, op),
            Self::Comma(field, op) if calls => Self::Argument(Box::new(Self::Comma(field, op))),
            Self::Comma(field, op) if kind == TokenKind::Comma => Self::Listed(field, op),
            Self::Listed(..) | Self::Comma(..) if kind == TokenKind::Close => Self::Connective,
            Self::Listed(field, op) => Self::Listed(field, op),
            Self::Comma(field, op) => Self::Comma(field, op),
            Self::Argument(next) if kind == TokenKind::Close => *next,
            Self::Argument(next) => Self::Argument(next),
            Self::Connective if calls => Self::Argument(Box::new(Self::Connective)),
            Self::Connective if is("and") || is("or") => Self::Clause,
            Self::Connective if is("order") => Self::By,
            Self::Connective => {
                if kind == TokenKind::Close {
                    *depth = depth.saturating_sub(1);
                }
                Self::Connective
            }
            Self::By if is("by") => Self::Sort,
            Self::By => Self::By,
            Self::Sort => word(token).map_or(Self::Sort, |_| Self::Direction),
            Self::Direction if kind == TokenKind::Comma => Self::Sort,
            Self::Direction => Self::Direction,
        }
    }
}

fn op(symbol: Symbol) -> Op {
    match symbol {
        Symbol::Eq | Symbol::Bang => Op::Eq,
        Symbol::Ne => Op::Ne,
        Symbol::Match => Op::Match,
        Symbol::NotMatch => Op::NotMatch,
        Symbol::Gt => Op::Gt,
        Symbol::Ge => Op::Ge,
        Symbol::Lt => Op::Lt,
        Symbol::Le => Op::Le,
    }
}

struct Out<'a> {
    begun: &'a Begun<'a>,
    items: Vec<Item>,
}

impl Out<'_> {
    fn fill(&mut self, place: &Place, depth: usize, known: &dyn Known) {
        match place {
            Place::Clause => {
                let fields = FIELDS.iter().map(|field| (field.name, field.doc));
                self.names(ItemKind::Field, fields);
                self.names(
                    ItemKind::Keyword,
                    [("NOT", "the next condition does not hold")],
                );
            }
            Place::Operator(field) => {
                let all: &[Op] = fields::find(field).map_or(&Op::ALL, |field| field.ops);
                let ops = all.iter().map(|op| (op.as_str(), ""));
                self.names(ItemKind::Operator, ops);
            }
            Place::In(_) => self.names(ItemKind::Operator, [("IN", "")]),
            Place::Set(field, op) => {
                if let Some(field) = fields::find(field) {
                    self.functions(field, *op);
                }
                self.names(ItemKind::Keyword, [("(", "a list")]);
            }
            Place::Value(field, op) | Place::Listed(field, op) => {
                if let Some(field) = fields::find(field) {
                    self.values(field, *op, known);
                }
            }
            Place::Comma(..) => self.names(ItemKind::Keyword, [(",", ""), (")", "")]),
            Place::Argument(_) => {}
            Place::Connective => {
                self.names(
                    ItemKind::Keyword,
                    [("AND", ""), ("OR", ""), ("ORDER BY", "")],
                );
                if depth > 0 {
                    self.names(ItemKind::Keyword, [(")", "")]);
                }
            }
            Place::By => self.names(ItemKind::Keyword, [("BY", "")]),
            Place::Sort => {
                let sortable = FIELDS.iter().filter(|field| field.sort.is_some());
                self.names(
                    ItemKind::Field,
                    sortable.map(|field| (field.name, field.doc)),
                );
            }
            Place::Direction => self.names(ItemKind::Keyword, [("ASC", ""), ("DESC", "")]),
        }
    }

    /// Those of the names that begin as the text does.
    fn names<'n>(&mut self, kind: ItemKind, names: impl IntoIterator<Item = (&'n str, &'n str)>) {
        if self.begun.quoted {
            return;
        }
        for (name, doc) in names {
            if self.begun.begins(name) {
                self.items.push(Item {
                    kind,
                    label: name.to_owned(),
                    insert: name.to_owned(),
                    detail: (!doc.is_empty()).then(|| doc.to_owned()),
                });
            }
        }
    }

    fn functions(&mut self, field: &Field, op: Op) {
        if self.begun.quoted {
            return;
        }
        let fits = |function: &&Function| function.fits(field) && function.ops.contains(&op);
        for function in FUNCTIONS.iter().filter(fits) {
            if self.begun.begins(function.name) {
                self.items.push(Item {
                    kind: ItemKind::Function,
                    label: format!("{}({})", function.name, function.arguments),
                    insert: function.example(),
                    detail: Some(function.doc.to_owned()),
                });
            }
        }
    }

    fn values(&mut self, field: &Field, op: Op, known: &dyn Known) {
        let begun = &self.begun.text;
        let column = |name: &str| known.column(name, begun, MOST_VALUES);
        let found = match field.kind {
            Kind::SpaceKey => known.spaces(begun, MOST_VALUES),
            // Stars are those of whoever asks, and there is a function for that.
            Kind::User if field.beside != Some(fields::Beside::Favourites) => {
                known.people(begun, MOST_VALUES)
            }
            Kind::ContentType => {
                let all = TYPES
                    .iter()
                    .filter(|name| !matches!(**name, "space" | "user"));
                self.plain(all.copied());
                column("type")
            }
            Kind::SpaceType => {
                self.plain(["global", "personal", "favourite"]);
                column("space_type")
            }
            Kind::Keyword => match field.source {
                fields::Source::Column(name) => column(name),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        for KnownValue { value, detail } in found {
            let insert = quote(&value);
            if self.items.iter().all(|item| item.insert != insert) {
                self.items.push(Item {
                    kind: ItemKind::Value,
                    label: value,
                    insert,
                    detail,
                });
            }
        }
        self.functions(field, op);
    }

    fn plain<'n>(&mut self, values: impl IntoIterator<Item = &'n str>) {
        for value in values {
            if self.begun.begins(value) {
                self.items.push(Item {
                    kind: ItemKind::Value,
                    label: value.to_owned(),
                    insert: quote(value),
                    detail: None,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Site;

    impl Site {
        fn of(all: &[&str], begun: &str) -> Vec<KnownValue> {
            let found = all
                .iter()
                .filter(|value| value.to_lowercase().starts_with(begun));
            let known = |value: &&str| KnownValue {
                value: (*value).to_owned(),
                detail: None,
            };
            found.map(known).collect()
        }
    }

    impl Known for Site {
        fn spaces(&self, begun: &str, _: usize) -> Vec<KnownValue> {
            Self::of(&["OPS", "~mara"], begun)
        }

        fn people(&self, begun: &str, _: usize) -> Vec<KnownValue> {
            Self::of(&["70:ab"], begun)
        }

        fn column(&self, column: &str, begun: &str, _: usize) -> Vec<KnownValue> {
            match column {
                "label" => Self::of(&["draft", "dr\"x", "ops"], begun),
                "type" => Self::of(&["page", "ac:board"], begun),
                _ => Vec::new(),
            }
        }
    }

    /// `|` is the cursor; what is put in stands behind the text that it replaces.
    #[track_caller]
    fn check(text: &str, replaced: &str, expected: &str) {
        let cursor = text.find('|').unwrap();
        let text = text.replacen('|', "", 1);
        let Completion { span, items } = complete(&text, cursor, &Site);
        let inserts: Vec<&str> = items.iter().map(|item| item.insert.as_str()).collect();
        assert_eq!(&text[span], replaced, "{text}");
        assert_eq!(inserts.join(" "), expected, "{text}");
    }

    #[test]
    fn fields_begin_clauses() {
        check("la|", "la", "label lastmodified");
        check(
            "type = page and (space.t|x = a",
            "space.tx",
            "space.title space.type",
        );
        check("not MEN|", "MEN", "mention");
        check("n|", "n", "NOT");
        check("type = page or zzz|", "zzz", "");
    }

    #[test]
    fn operators_are_those_of_the_field() {
        check("text |", "", "~ !~");
        check("title no|", "no", "NOT IN");
        check("label not |", "", "IN");
        check("nothing |", "", "= != ~ !~ > >= < <= IN NOT IN");
    }

    #[test]
    fn values_are_those_that_may_be_seen() {
        check("space = |", "", "\"OPS\" \"~mara\" currentSpace()");
        check("space = \"~|\" and label = x", "\"~\"", "\"~mara\"");
        check("label in (ops, d|", "d", "\"draft\" \"dr\\\"x\"");
        check(
            "label in (ops, 'dr|aft')",
            "'draft'",
            "\"draft\" \"dr\\\"x\"",
        );
        check("type = p|", "p", "\"page\"");
        check("type != a|", "a", "\"attachment\" \"ac:board\"");
        check("creator = |", "", "\"70:ab\" currentUser()");
        check("favourite = |", "", "currentUser()");
        check(
            "space in |",
            "",
            "currentSpace() favouriteSpaces() recentlyViewedSpaces(10) (",
        );
        check("created > startOfD|", "startOfD", "startOfDay(\"-7d\")");
        check("created > now(|", "", "");
        check("title ~ |", "", "");
        check("nothing = |", "", "");
    }

    #[test]
    fn what_follows_a_clause() {
        check("type = page |", "", "AND OR ORDER BY");
        check("(type = page o|", "o", "OR ORDER BY");
        check("(type = page |", "", "AND OR ORDER BY )");
        check("created > now(\"-1d\") a|", "a", "AND");
        check("label in (a |", "", ", )");
        check("space in (favouriteSpaces() |", "", ", )");
        check("label in (a, b) |", "", "AND OR ORDER BY");
        check("type = page order |", "", "BY");
        check("type = page order by c|", "c", "created creator");
        check("type = page order by created d|", "d", "DESC");
        check("type = page order by created desc, ti|", "ti", "title");
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig {
            failure_persistence: None,
            ..proptest::prelude::ProptestConfig::default()
        })]

        #[test]
        fn any_text_and_cursor_will_do(
            text in "([a-z=~!<>(),'\" é]|space|label| in |\\(\"){0,20}",
            cursor in 0..80_usize,
        ) {
            let completion = complete(&text, cursor, &Site);
            proptest::prop_assert!(text.get(completion.span).is_some());
        }
    }
}
