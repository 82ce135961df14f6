//! What is compiled agrees with CQL's evaluator, on random filters over random content.

use std::sync::OnceLock;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use super::tests::{Fixture, page};
use crate::analysis::query_positions;
use crate::cql::fields::{COLUMNS, Value};
use crate::cql::plan::{Clause, Filter, SortKey, TextExpr, TextField};
use crate::cql::{self, plan::Plan};
use crate::model::{
    Ancestor, ContentId, ContentProperty, ContentType, Document, Label, Lang, Space, User, Version,
    id_number,
};
use crate::ports::{AccessFilter, EngineQuery, IndexChange, IndexDocument};

const WORDS: &[&str] = &[
    "valve",
    "valves",
    "pump",
    "Pumpe",
    "Pumpen",
    "geprüft",
    "checked",
    "OPS-118",
    "v2.14",
    "max_load",
    "maxLoad",
    "café",
    "時刻表",
    "時刻",
    "the",
    "running",
    "run",
    "straße",
    "news",
    "new",
];

struct Corpus {
    fixture: Fixture,
    documents: Vec<Document>,
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())].clone()
    }

    fn text(&mut self, most: usize) -> String {
        let words = self.roll(most + 1);
        (0..words)
            .map(|_| self.pick(WORDS))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

fn user(dice: &mut Dice) -> User {
    User {
        account_id: Some(format!("a{}", dice.roll(4))),
        username: (dice.roll(2) == 0).then(|| format!("Name{}", dice.roll(3))),
        display_name: Some(dice.text(2)),
        ..User::default()
    }
}

fn property(dice: &mut Dice) -> ContentProperty {
    let values = [
        json!({"due": "2026-10-01", "n": 1.5}),
        json!({"due": "later", "n": -3}),
        json!({"n": "12", "name": "Rough draft"}),
        json!({"name": "verified"}),
    ];
    let keys = ["review", "content-state"];
    ContentProperty {
        key: dice.pick(&keys).to_owned(),
        value: dice.pick(&values),
    }
}

fn random_document(dice: &mut Dice, number: usize) -> IndexDocument {
    let paragraphs: Vec<String> = (0..dice.roll(4)).map(|_| dice.text(8)).collect();
    let paragraphs: Vec<&str> = paragraphs.iter().map(String::as_str).collect();
    let title = dice.text(4);
    let lang = dice.pick(&[Lang::En, Lang::De, Lang::Ja, Lang::Other, Lang::En]);
    let mut item = page(&(number + 1).to_string(), &title, lang, &paragraphs);
    let content = &mut item.document.content;
    content.kind = dice.pick(&[
        ContentType::Page,
        ContentType::BlogPost,
        ContentType::Comment,
        ContentType::Attachment,
    ]);
    if content.kind == ContentType::Attachment {
        content.id = ContentId::new(format!("att{number}"));
    }
    let space = dice.pick(&["OPS", "ENG", "~jdoe"]).to_owned();
    item.document.space = (dice.roll(3) > 0).then(|| Space {
        key: space.clone(),
        name: dice.text(3),
        kind: Some("global".to_owned()),
        status: crate::model::Status::Current,
        description: None,
        homepage: None,
        categories: Vec::new(),
        url: None,
        permissions: crate::model::SpacePermissions::Unstated,
    });
    content.space_key = (dice.roll(5) > 0).then_some(space);
    let labels = ["ops", "draft", "how-to", "OPS"];
    content.labels = (0..dice.roll(3))
        .map(|_| Label {
            prefix: "global".to_owned(),
            name: dice.pick(&labels).to_owned(),
        })
        .collect();
    content.ancestors = (0..dice.roll(3))
        .map(|_| Ancestor {
            id: ContentId::new(dice.roll(6).to_string()),
            kind: ContentType::Page,
            title: String::new(),
            status: None,
        })
        .collect();
    let day = |dice: &mut Dice| {
        let millis = i64::try_from(dice.roll(1000)).unwrap() * 1_000;
        (dice.roll(6) > 0).then(|| Timestamp::from_millisecond(millis).unwrap())
    };
    content.created = day(dice);
    content.creator = (dice.roll(4) > 0).then(|| user(dice));
    content.contributors = (0..dice.roll(3)).map(|_| user(dice)).collect();
    content.watchers = (0..dice.roll(3)).map(|_| user(dice)).collect();
    content.starred_by = (0..dice.roll(2)).map(|_| user(dice)).collect();
    content.properties = (0..dice.roll(3)).map(|_| property(dice)).collect();
    content.version = Version {
        number: 1,
        when: day(dice),
        by: None,
        message: None,
    };
    item
}

fn corpus() -> &'static Corpus {
    static CORPUS: OnceLock<Corpus> = OnceLock::new();
    CORPUS.get_or_init(|| {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
        let items: Vec<_> = (0..150)
            .map(|number| random_document(&mut dice, number))
            .collect();
        let documents = items.iter().map(|item| item.document.clone()).collect();
        let (first, second) = items.split_at(90);
        let fixture = Fixture::new(first.to_vec());
        // A second segment, and some rows that were replaced.
        let again = first.iter().take(20).chain(second).cloned();
        fixture.apply(again.map(IndexChange::Put).collect(), 2);
        Corpus { fixture, documents }
    })
}

/// Enough rows that most are passed over once the first of an order are kept.
fn many() -> &'static Corpus {
    static CORPUS: OnceLock<Corpus> = OnceLock::new();
    CORPUS.get_or_init(|| {
        let mut dice = Dice(0x2545_F491_4F6C_DD1D);
        let items: Vec<_> = (0..900)
            .map(|number| random_document(&mut dice, number))
            .collect();
        let documents = items.iter().map(|item| item.document.clone()).collect();
        let (first, second) = items.split_at(600);
        let fixture = Fixture::new(first.to_vec());
        fixture.apply(second.iter().cloned().map(IndexChange::Put).collect(), 2);
        Corpus { fixture, documents }
    })
}

/// Both ends and the middle of a list, and its size.
fn check_many(filter: &Filter, order: &[SortKey]) {
    let Corpus { fixture, documents } = many();
    let documents: Vec<&Document> = documents.iter().collect();
    let plan = Plan {
        filter: filter.clone(),
        order: order.to_vec(),
    };
    let expected: Vec<&str> = cql::run(&plan, &documents)
        .iter()
        .map(|doc| doc.content.id.as_str())
        .collect();
    let query = EngineQuery {
        scored: None,
        filter: filter.clone(),
        access: AccessFilter::default(),
    };
    for (offset, limit) in [(0, 1), (0, 10), (300, 20), (0, 2_000)] {
        let listed = fixture.searcher().list(&query, order, offset, limit);
        let listed = listed.unwrap();
        let ids: Vec<&str> = listed.hits.iter().map(|hit| hit.key.id.as_str()).collect();
        let page = expected.iter().copied().skip(offset).take(limit);
        assert_eq!(ids, page.collect::<Vec<_>>(), "{order:?} from {offset}");
        assert_eq!(listed.total, expected.len() as u64);
    }
}

#[test]
fn the_first_of_many_are_those_of_the_evaluator() {
    let sortable = COLUMNS.iter().filter(|column| column.sort);
    let key = |column, descending| SortKey { column, descending };
    for column in sortable {
        for descending in [false, true] {
            check_many(&Filter::All, &[key(column.name, descending)]);
            let then = [key("type", !descending), key(column.name, descending)];
            check_many(&Filter::All, &then);
        }
    }
}

#[test]
fn long_lists_of_values_are_those_of_the_evaluator() {
    let documents = &many().documents;
    for column in COLUMNS.iter().filter(|column| !column.date) {
        let values = documents.iter().flat_map(|doc| (column.read)(doc));
        let mut values: Vec<String> = values
            .filter_map(|value| match value {
                Value::Str(text) => Some(text),
                Value::Millis(_) => None,
            })
            .collect();
        values.sort_unstable();
        values.dedup();
        // Every other one, and some that nobody has.
        let mut wanted: Vec<String> = values.into_iter().step_by(2).collect();
        wanted.extend((0..200).map(|n| format!("{n}x")));
        wanted.extend((0..200).map(|n| (n * 1_000_003).to_string()));
        wanted.extend(["007", "0", ""].map(str::to_owned));
        let numbers = numbers(&wanted);
        let column = column.name;
        let clauses = [
            Clause::Ids { column, numbers },
            Clause::Terms {
                column,
                values: wanted,
            },
        ];
        let by_id = [SortKey {
            column: "id_sort",
            descending: false,
        }];
        for clause in clauses {
            let filter = Filter::Clause(clause);
            check_many(&filter, &by_id);
            check_many(&Filter::Not(Box::new(filter)), &by_id);
        }
    }
}

/// The ids among some values.
fn numbers(values: &[String]) -> Vec<u64> {
    let numbers = values.iter().filter_map(|value| match id_number(value) {
        Some((number, false)) => Some(number),
        _ => None,
    });
    let distinct: std::collections::BTreeSet<u64> = numbers.collect();
    distinct.into_iter().collect()
}

fn expression() -> impl Strategy<Value = TextExpr> {
    let word = prop::sample::select(WORDS);
    let phrase = prop::collection::vec(word.clone(), 1..4)
        .prop_map(|words| TextExpr::Phrase(query_positions(&words.join(" "))));
    let wildcard =
        prop::sample::select(&["v*", "pump?", "geprüf*", "run*", "m?x", "時*", "x*"][..])
            .prop_map(|pattern| TextExpr::Wildcard(pattern.to_owned()));
    let fuzzy = (
        prop::sample::select(&["valbe", "pmup", "runs", "newt"][..]),
        1..3_u8,
    )
        .prop_map(|(term, distance)| TextExpr::Fuzzy {
            term: term.to_owned(),
            distance,
        });
    let near =
        (prop::collection::vec(word, 2..5), 1..12_u32).prop_map(|(words, slop)| TextExpr::Near {
            positions: query_positions(&words.join(" ")),
            slop,
        });
    let leaf = prop_oneof![4 => phrase, 2 => near, 1 => wildcard, 1 => fuzzy];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(TextExpr::And),
            prop::collection::vec(inner.clone(), 1..3).prop_map(TextExpr::Or),
            inner.prop_map(|inner| TextExpr::Not(Box::new(inner))),
        ]
    })
}

/// A clause over a column, with values that documents have and some that none has.
fn column_clause() -> impl Strategy<Value = Filter> {
    let at = 0..COLUMNS.len();
    (
        at,
        prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(at, picks, from, to)| {
            let column = &COLUMNS[at];
            let documents = corpus().documents.iter();
            let values: Vec<Value> = documents.flat_map(|doc| (column.read)(doc)).collect();
            if column.date {
                let instant = |pick: Option<&prop::sample::Index>| match (pick, values.is_empty()) {
                    (Some(pick), false) => match pick.get(&values) {
                        Value::Millis(millis) => *millis,
                        Value::Str(_) => 0,
                    },
                    _ => 500,
                };
                return Filter::Clause(Clause::Range {
                    column: column.name,
                    from: from.then(|| instant(picks.first())),
                    to: to.then(|| instant(picks.get(1))),
                });
            }
            if to && column.name == "property" {
                let mut bounds: Vec<String> = picks
                    .iter()
                    .map(|pick| match pick.get(&values) {
                        Value::Str(text) => text.clone(),
                        Value::Millis(_) => String::new(),
                    })
                    .collect();
                bounds.sort_unstable();
                return Filter::Clause(Clause::Between {
                    column: column.name,
                    from: bounds.first().cloned().unwrap_or_default(),
                    to: bounds.get(1).map_or("~".to_owned(), Clone::clone),
                });
            }
            let mut wanted = vec!["nobody has this".to_owned()];
            for pick in picks.iter().filter(|_| !values.is_empty()) {
                if let Value::Str(text) = pick.get(&values) {
                    wanted.push(text.clone());
                }
            }
            let column = column.name;
            let numbers = numbers(&wanted);
            Filter::Clause(if from && !numbers.is_empty() {
                Clause::Ids { column, numbers }
            } else {
                Clause::Terms {
                    column,
                    values: wanted,
                }
            })
        })
}

fn filter() -> impl Strategy<Value = Filter> {
    let fields: &[&'static [TextField]] = &[
        &[TextField::Text],
        &[TextField::Title],
        &[TextField::SpaceTitle],
        &[TextField::CreatorName],
        &[TextField::Title, TextField::Text],
    ];
    let text = (prop::sample::select(fields.to_vec()), expression())
        .prop_map(|(fields, expr)| Filter::Clause(Clause::Text { fields, expr }));
    let leaf = prop_oneof![
        4 => column_clause(),
        4 => text,
        1 => Just(Filter::All),
        1 => Just(Filter::None),
    ];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::Or),
            inner.prop_map(|inner| Filter::Not(Box::new(inner))),
        ]
    })
}

fn order() -> impl Strategy<Value = Vec<SortKey>> {
    let sortable: Vec<&'static str> = COLUMNS
        .iter()
        .filter(|column| column.sort)
        .map(|column| column.name)
        .collect();
    let key = (prop::sample::select(sortable), any::<bool>())
        .prop_map(|(column, descending)| SortKey { column, descending });
    prop::collection::vec(key, 1..4)
}

fn cases() -> u32 {
    #[expect(
        clippy::disallowed_methods,
        reason = "long checks are asked for by a variable"
    )]
    let slow = std::env::var_os("SLOW_TESTS").is_some();
    if slow { 100_000 } else { 2_000 }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_index_answers_like_the_evaluator(filter in filter(), order in order()) {
        let Corpus { fixture, documents } = corpus();
        let documents: Vec<&Document> = documents.iter().collect();
        let plan = Plan { filter: filter.clone(), order: order.clone() };
        let expected: Vec<String> =
            cql::run(&plan, &documents).iter().map(|doc| doc.content.id.0.clone()).collect();
        let query = EngineQuery { scored: None, filter, access: AccessFilter::default() };
        let searcher = fixture.searcher();
        let listed = searcher.list(&query, &order, 0, 1_000).unwrap();
        prop_assert_eq!(listed.total, expected.len() as u64);
        let listed: Vec<String> = listed.hits.into_iter().map(|hit| hit.key.id.0).collect();
        prop_assert_eq!(&listed, &expected);
        prop_assert_eq!(searcher.count(&query).unwrap(), expected.len() as u64);
        let paged = searcher.list(&query, &order, 3, 5).unwrap();
        let paged: Vec<String> = paged.hits.into_iter().map(|hit| hit.key.id.0).collect();
        prop_assert_eq!(paged, expected.into_iter().skip(3).take(5).collect::<Vec<_>>());
    }
}
