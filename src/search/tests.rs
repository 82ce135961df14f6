//! The whole flow over an engine in memory.

use std::collections::HashSet;

use proptest::prelude::*;

use super::api::*;
use super::testing::{FewClauses, Memory};
use super::*;
use crate::analysis::estimate::est_tokens;
use crate::model::{Directory, DocumentKey, Gate, GateState, Identity, Person, SiteId, User};
use crate::ports::PortResult;

const PAGES: [(&str, &str, &str); 4] = [
    (
        "1",
        "Winter timetable and ice rules",
        "# Ice rules\n\nThe ice gauge stands at the outer pier.\n\n## When a sailing is cancelled\n\nA sailing is cancelled when the ice gauge reads 9 cm. The harbour master decides.\n\n# Contacts\n\nCall the harbour office.\n",
    ),
    (
        "2",
        "Gauge maintenance",
        "Clean the gauge every month.\n\n# Parts\n\n| Part | Number |\n| --- | --- |\n| gauge | OPS-118 |\n",
    ),
    (
        "3",
        "Canteen menu",
        "Soup on Mondays. Fish — 冬の 🚢 — on Fridays.\n",
    ),
    (
        "4",
        "Hidden ice plan",
        "The secret ice gauge plan named zanzibar.\n",
    ),
];

struct World {
    memory: Memory,
    directory: Directory,
    facts: Facts,
}

impl World {
    fn new() -> Self {
        let mut memory = Memory::of(&PAGES);
        let gate = memory.gate("4");
        let person = Person {
            user: User {
                account_id: Some("ines".to_owned()),
                ..User::default()
            },
            ..Person::default()
        };
        let state = GateState::Only {
            users: HashSet::from(["ines".to_owned()]),
            groups: HashSet::new(),
        };
        Self {
            facts: Facts {
                sites: Sites(vec![(SiteId(1), "wiki".to_owned())]),
                documents: memory.documents.len() as u64,
                complete: true,
                ..Facts::default()
            },
            memory,
            directory: Directory {
                people: vec![person],
                gates: vec![Gate { id: gate, state }],
                epoch: 1,
            },
        }
    }

    fn with<T>(&self, identity: &Identity, run: impl FnOnce(&Search<'_>) -> T) -> T {
        let reach = Reach::new(&self.directory, identity, None);
        run(&Search {
            searcher: &self.memory,
            reach: &reach,
            planner: &FewClauses,
            facts: &self.facts,
        })
    }

    fn search(&self, request: &SearchRequest) -> SearchResponse {
        self.with(&Identity::Anonymous, |search| search.search(request))
            .unwrap()
    }

    fn read(&self, id: &str, request: &ReadRequest) -> Answer<DocumentResponse> {
        self.with(&Identity::Anonymous, |search| {
            search.read(id, request, &NoOriginals)
        })
    }
}

struct NoOriginals;

impl Originals for NoOriginals {
    fn original(&self, _key: &DocumentKey) -> PortResult<Option<Original>> {
        Ok(None)
    }
}

fn ask(query: &str) -> SearchRequest {
    SearchRequest {
        query: Some(query.into()),
        ..SearchRequest::default()
    }
}

fn ids(response: &SearchResponse) -> Vec<&str> {
    response
        .results
        .iter()
        .map(|r| r.document.id.as_str())
        .collect()
}

fn codes(response: &SearchResponse) -> Vec<&str> {
    response.notices.iter().map(|n| n.code.as_str()).collect()
}

/// A text cut the way a caller counts.
fn cut(text: &str, start: usize, end: usize, unit: OffsetUnit) -> String {
    match unit {
        OffsetUnit::Byte => text[start..end].to_owned(),
        OffsetUnit::CodePoint => text.chars().skip(start).take(end - start).collect(),
        OffsetUnit::Utf16 => {
            let units: Vec<u16> = text.encode_utf16().collect();
            String::from_utf16(&units[start..end]).unwrap()
        }
    }
}

#[test]
fn a_question_gets_a_cited_passage() {
    let response =
        World::new().search(&ask("when is a sailing cancelled because of the ice gauge"));
    assert_eq!(ids(&response)[0], "page:1");
    let passage = &response.results[0].passages[0];
    assert_eq!(passage.id, "page:1@14#p1");
    assert_eq!(
        passage.heading_path,
        ["Ice rules", "When a sailing is cancelled"]
    );
    assert!(passage.text.starts_with("A sailing is cancelled"));
    let url = "https://brightwater.example/wiki/pages/1#When-a-sailing-is-cancelled";
    assert_eq!(
        (passage.deep_url.as_str(), passage.citation.url.as_str()),
        (url, url)
    );
    assert_eq!(
        passage.citation.text,
        "Winter timetable and ice rules › When a sailing is cancelled (OPS, v14, 2026-10-02)"
    );
    assert_eq!(passage.updated_at.as_deref(), Some("2026-10-02T07:31:05Z"));
    assert_eq!(response.r#match, Match::Strong);
    assert_eq!(
        response.next[0].section.as_deref(),
        Some("Ice rules > When a sailing is cancelled")
    );
}

#[test]
fn spans_and_highlights_are_right_in_every_unit() {
    let world = World::new();
    for unit in [OffsetUnit::Byte, OffsetUnit::CodePoint, OffsetUnit::Utf16] {
        for context in [Context::Passage, Context::Section, Context::Document] {
            let response = world.search(&SearchRequest {
                offset_unit: Some(unit),
                context: Some(context),
                cutoff: Some(Cutoff::Rule(CutoffRule::None)),
                ..ask("gauge fridays")
            });
            assert_eq!(response.results.len(), 3);
            for passage in response.results.iter().flat_map(|r| &r.passages) {
                let documents = &world.memory.documents;
                let of_id = |d: &&crate::ports::Fetched| {
                    passage.document_id.ends_with(d.summary.id.as_str())
                };
                let whole = &documents.iter().find(of_id).unwrap().markdown;
                let span = passage.span;
                assert_eq!(cut(whole, span.start, span.end, unit), passage.text);
                let lines: Vec<_> = whole.lines().collect();
                let lines = lines[span.start_line - 1..span.end_line].join("\n");
                assert!(lines.contains(&passage.text));
                assert!(!passage.highlights.is_empty(), "{}", passage.text);
                for mark in &passage.highlights {
                    let word = cut(&passage.text, mark.start, mark.end, unit).to_lowercase();
                    assert!(word == "gauge" || word == "fridays", "{word}");
                }
            }
        }
    }
}

#[test]
fn scores_fall_with_rank() {
    let response = World::new().search(&SearchRequest {
        cutoff: Some(Cutoff::Rule(CutoffRule::None)),
        ..ask("ice gauge pier harbour fish")
    });
    let passages: Vec<_> = response.results.iter().flat_map(|r| &r.passages).collect();
    let ranks: Vec<_> = passages.iter().map(|p| p.rank).collect();
    assert_eq!(
        ranks,
        (1..=u32::try_from(ranks.len()).unwrap()).collect::<Vec<_>>()
    );
    assert!(
        passages
            .windows(2)
            .all(|pair| pair[0].score >= pair[1].score)
    );
    assert!(passages.iter().all(|p| (0.0..=1.0).contains(&p.score)));
}

#[test]
fn an_empty_answer_says_why() {
    let world = World::new();
    let check = |request: &SearchRequest, expected: &[&str]| {
        let response = world.search(request);
        assert_eq!(response.r#match, Match::None, "{request:?}");
        assert_eq!(codes(&response), expected, "{request:?}");
    };
    check(&ask("submarine"), &["terms_unknown", "no_visible_match"]);
    check(
        &SearchRequest {
            cql: Some("space = HR".to_owned()),
            ..ask("gauge")
        },
        &["filter_excludes_all"],
    );
    check(&ask("\"pier outer\""), &["filter_excludes_all"]);
}

#[test]
fn what_is_hidden_changes_nothing_for_others() {
    let world = World::new();
    let mut without = World::new();
    without.memory.documents.truncate(3);
    for query in [
        "zanzibar",
        "secret ice gauge plan",
        "ice",
        "\"named zanzibar\"",
    ] {
        let (with, without) = (world.search(&ask(query)), without.search(&ask(query)));
        assert_eq!(ids(&with), ids(&without), "{query}");
        assert_eq!(with.total, without.total, "{query}");
        assert_eq!(with.notices, without.notices, "{query}");
    }
    for id in ["page:4", "page:999", "4", "nonsense here", "blogpost:1"] {
        let error = world.read(id, &ReadRequest::default()).unwrap_err();
        assert!(matches!(error, SearchError::NotFound(_)), "{id}");
    }
    let ines = Identity::Account("ines".to_owned());
    let seen = world
        .with(&ines, |search| search.search(&ask("zanzibar")))
        .unwrap();
    assert_eq!(ids(&seen), ["page:4"]);
}

#[test]
fn the_answer_says_for_whom_it_is() {
    let world = World::new();
    let said = |identity: &Identity| {
        let response = world
            .with(identity, |search| search.search(&ask("soup")))
            .unwrap();
        codes(&response).join(" ")
    };
    assert_eq!(said(&Identity::Service), "service_view");
    assert_eq!(
        said(&Identity::Account("nobody".to_owned())),
        "identity_unknown"
    );
    assert_eq!(said(&Identity::Anonymous), "");
}

#[test]
fn pages_of_a_list_join_to_the_list() {
    let world = World::new();
    let request = |limit, cursor| SearchRequest {
        limit: Some(limit),
        cursor,
        cutoff: Some(Cutoff::Rule(CutoffRule::None)),
        ..ask("gauge fridays")
    };
    let whole = world.search(&request(50, None));
    let (mut joined, mut ranks, mut cursor) = (Vec::new(), Vec::new(), None);
    loop {
        let page = world.search(&request(1, cursor));
        joined.extend(ids(&page).iter().map(|id| (*id).to_owned()));
        ranks.extend(
            page.results
                .iter()
                .flat_map(|r| &r.passages)
                .map(|p| p.rank),
        );
        cursor = page.omitted.next_cursor.clone();
        if cursor.is_none() {
            break;
        }
    }
    // A cursor is bound to everything that was asked, the limit included.
    assert_eq!(joined, ids(&whole));
    assert_eq!(
        ranks,
        (1..=u32::try_from(ranks.len()).unwrap()).collect::<Vec<_>>()
    );
}

#[test]
fn a_cursor_continues_only_its_own_question() {
    let mut world = World::new();
    let request = SearchRequest {
        limit: Some(1),
        cutoff: Some(Cutoff::Rule(CutoffRule::None)),
        ..ask("gauge fridays")
    };
    let cursor = world.search(&request).omitted.next_cursor;
    assert_eq!(generation_of(cursor.as_deref().unwrap()), Some(7));
    let other = SearchRequest {
        cursor: cursor.clone(),
        ..ask("soup")
    };
    let error = world
        .with(&Identity::Anonymous, |s| s.search(&other))
        .unwrap_err();
    assert_eq!(error.fields()[0].pointer, "/cursor");
    let mine = SearchRequest { cursor, ..request };
    let error = world
        .with(&Identity::Service, |s| s.search(&mine))
        .unwrap_err();
    assert_eq!(error.fields()[0].pointer, "/cursor");
    world.memory.generation += 1;
    let error = world
        .with(&Identity::Anonymous, |s| s.search(&mine))
        .unwrap_err();
    assert!(matches!(error, SearchError::CursorExpired));
}

#[test]
fn cql_alone_lists_documents_with_their_opening() {
    let world = World::new();
    let request = SearchRequest {
        cql: Some("space = OPS".to_owned()),
        ..SearchRequest::default()
    };
    let response = world.search(&request);
    assert_eq!(ids(&response), ["page:1", "page:2", "page:3"]);
    assert_eq!(
        response.total,
        Total {
            documents: 3,
            relation: Relation::Exact
        }
    );
    assert!(response.results.iter().all(|r| r.passages.len() == 1));
    let request = SearchRequest {
        cql: Some("text ~ soup".to_owned()),
        ..SearchRequest::default()
    };
    let response = world.search(&request);
    assert_eq!(ids(&response), ["page:3"]);
    assert_eq!(
        response.results[0].passages[0].highlights[0],
        Highlight { start: 0, end: 4 }
    );
}

#[test]
fn mistakes_of_every_kind_come_together() {
    let world = World::new();
    let request = SearchRequest {
        cql: Some("nonsense".to_owned()),
        limit: Some(0),
        cursor: Some("c9".to_owned()),
        ..ask("ice")
    };
    let error = world
        .with(&Identity::Anonymous, |s| s.search(&request))
        .unwrap_err();
    let pointers: Vec<_> = error.fields().into_iter().map(|e| e.pointer).collect();
    assert_eq!(pointers, ["/limit", "/cql", "/cursor"]);
    let request = SearchRequest {
        limit: None,
        cursor: None,
        ..request
    };
    let error = world
        .with(&Identity::Anonymous, |s| s.search(&request))
        .unwrap_err();
    assert!(matches!(error, SearchError::Cql { .. }));
}

#[test]
fn listings_page_in_order() {
    let world = World::new();
    let mut request = CqlSearchRequest {
        cql: "space = OPS".to_owned(),
        limit: Some(2),
        cursor: None,
    };
    let list = |request: &CqlSearchRequest| {
        world
            .with(&Identity::Anonymous, |s| s.cql_search(request))
            .unwrap()
    };
    let first = list(&request);
    assert_eq!(first.total.documents, 3);
    request.cursor = first.next_cursor;
    let second = list(&request);
    let all: Vec<_> = first
        .results
        .iter()
        .chain(&second.results)
        .map(|d| d.id.as_str())
        .collect();
    assert_eq!(all, ["page:1", "page:2", "page:3"]);
    assert_eq!(second.next_cursor, None);
}

#[test]
fn a_flat_list_has_one_passage_in_each_result() {
    let response = World::new().search(&SearchRequest {
        group_by: Some(GroupBy::None),
        ..ask("ice gauge harbour")
    });
    assert!(response.results.len() > 1);
    assert!(response.results.iter().all(|r| r.passages.len() == 1));
}

#[test]
fn equal_questions_give_equal_bytes() {
    let world = World::new();
    let json = || serde_json::to_string(&world.search(&ask("ice gauge"))).unwrap();
    assert_eq!(json(), json());
}

#[test]
fn parts_of_a_document_are_read() {
    let world = World::new();
    let text = |request: ReadRequest| {
        let content = world.read("page:1@14", &request).unwrap().content.unwrap();
        (content.text.unwrap(), content.heading_path.join(" > "))
    };
    let section = |section: &str| ReadRequest {
        section: Some(section.to_owned()),
        ..ReadRequest::default()
    };
    let (contacts, path) = text(section("Contacts"));
    assert_eq!(
        (contacts.as_str(), path.as_str()),
        ("# Contacts\n\nCall the harbour office.\n", "Contacts")
    );
    assert_eq!(text(section("h3")).0, contacts);
    let (nested, path) = text(section("Ice rules > When a sailing is cancelled"));
    assert!(nested.starts_with("## When"));
    assert_eq!(path, "Ice rules > When a sailing is cancelled");
    let lines = ReadRequest {
        lines: Some("1-3".to_owned()),
        ..ReadRequest::default()
    };
    assert_eq!(
        text(lines).0,
        "# Ice rules\n\nThe ice gauge stands at the outer pier.\n"
    );
    let span = ReadRequest {
        span: Some("2-11".to_owned()),
        ..ReadRequest::default()
    };
    assert_eq!(text(span).0, "Ice rules");
    let error = world.read("page:1", &section("Nothing")).unwrap_err();
    assert!(matches!(error, SearchError::NoSection { .. }));
    let error = world
        .read("page:1@13", &ReadRequest::default())
        .unwrap_err();
    assert!(error.hint().unwrap().contains("version 14"));
    assert_eq!(
        world
            .read("page:1", &ReadRequest::default())
            .unwrap()
            .content,
        None
    );
}

#[test]
fn the_outline_tells_lines_and_sizes() {
    let world = World::new();
    let outline = world
        .with(&Identity::Anonymous, |s| s.outline("page:1"))
        .unwrap();
    let shown: Vec<_> = outline
        .headings
        .iter()
        .map(|h| {
            (
                h.id.as_str(),
                h.level,
                h.parent.as_deref(),
                h.start_line,
                h.end_line,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("h1", 1, None, 1, 7),
            ("h2", 2, Some("h1"), 5, 7),
            ("h3", 1, None, 9, 11)
        ]
    );
    assert!(outline.headings[0].est_tokens > outline.headings[1].est_tokens);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn no_answer_exceeds_its_budget(
        blocks in proptest::collection::vec("(# [a-z]{1,9}|([a-z]{1,12}[ .,]{1,2}){1,80}gauge)", 1..12),
        max_tokens in 200_u32..600,
        context in 0_usize..3,
    ) {
        let markdown = blocks.join("\n\n");
        let mut world = World::new();
        world.memory = Memory::of(&[("1", "T", &markdown), ("2", "U", &markdown)]);
        let context = [Context::Passage, Context::Section, Context::Document][context];
        let request = SearchRequest {
            max_tokens: Some(max_tokens),
            context: Some(context),
            ..ask("gauge")
        };
        let response = world.search(&request);
        let texts = response.results.iter().flat_map(|r| &r.passages).map(|p| est_tokens(&p.text));
        let sum: u32 = texts.sum();
        prop_assert!(sum <= max_tokens);
        prop_assert_eq!(sum, response.usage.est_tokens);
    }

    #[test]
    fn the_parts_of_a_reading_join_to_the_whole(
        blocks in proptest::collection::vec("(#{1,3} [a-z]{1,9}|([a-zé冬]{1,40}[ .,\n]{1,2}){0,90})", 0..14),
        max_tokens in 200_u32..400,
    ) {
        let markdown = blocks.join("\n\n");
        let mut world = World::new();
        world.memory = Memory::of(&[("1", "T", &markdown)]);
        let mut request = ReadRequest { max_tokens: Some(max_tokens), ..ReadRequest::default() };
        let mut joined = String::new();
        loop {
            let content = world.read("page:1", &request).unwrap().content.unwrap();
            let text = content.text.unwrap();
            prop_assert!(est_tokens(&text) <= max_tokens);
            let span = content.span.unwrap();
            prop_assert_eq!(cut(&markdown, span.start, span.end, span.unit), text.clone());
            joined.push_str(&text);
            request.cursor = content.next_cursor;
            if request.cursor.is_none() {
                break;
            }
        }
        prop_assert_eq!(joined, markdown);
    }
}
