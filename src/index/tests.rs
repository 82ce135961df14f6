//! The engine over a handful of documents, through the port.
#![expect(clippy::disallowed_methods, reason = "looks at the folder")]

use std::sync::Arc;

use jiff::Timestamp;

use super::{Generations, IndexOptions};
use crate::analysis::{TEXT_GAP, query_positions, tokens};
use crate::cql::plan::{Clause, Filter, TextExpr, TextField};
use crate::model::{
    Content, ContentId, ContentType, Converted, Document, DocumentKey, Lang, Passage, Segment,
    SegmentKind, SiteId, Summary,
};
use crate::ports::{
    AccessFilter, Engine, EngineQuery, EngineSearcher, IndexChange, IndexDocument, PortResult,
    Scored,
};

/// A page whose paragraphs are its passages.
#[expect(clippy::too_many_lines, reason = "one line for each fact")]
pub(super) fn page(id: &str, title: &str, lang: Lang, paragraphs: &[&str]) -> IndexDocument {
    let text = paragraphs.join("\n");
    let mut start = 0;
    let mut ranges = Vec::new();
    for paragraph in paragraphs {
        ranges.push(start..start + paragraph.len());
        start += paragraph.len() + 1;
    }
    let segment = |range: &std::ops::Range<usize>| Segment {
        kind: SegmentKind::Paragraph,
        markdown: range.clone(),
        text: range.clone(),
        source: 0..0,
        heading: None,
        group: 0,
    };
    let converted = Converted {
        markdown: text.clone(),
        text,
        segments: ranges.iter().map(segment).collect(),
        ..Converted::default()
    };
    let passage = |range: std::ops::Range<usize>| Passage {
        markdown: range.clone(),
        text: range,
        heading: None,
        kind: "prose",
        table_header: None,
    };
    let mut content = Content::new(ContentType::Page, ContentId::new(id), title);
    content.space_key = Some("OPS".to_owned());
    let summary = Summary {
        id: content.id.clone(),
        kind: content.kind.clone(),
        status: content.status.clone(),
        title: title.to_owned(),
        url: format!("https://heat.example/wiki/{id}"),
        space_key: content.space_key.clone(),
        space_name: None,
        space_url: None,
        ancestors: Vec::new(),
        version: content.version.clone(),
        position: None,
        created: None,
        author: None,
        last_editor: None,
        labels: Vec::new(),
        language: lang,
        est_tokens: 1,
        content_hash: String::new(),
        indexed_at: Timestamp::UNIX_EPOCH,
        container: None,
        attachment: None,
        current_editor: false,
        tables: 0,
        code_blocks: 0,
        headings: Vec::new(),
        passages: ranges.into_iter().map(passage).collect(),
        warnings: Vec::new(),
        warnings_dropped: 0,
    };
    let document = Document {
        site: SiteId(1),
        content,
        space: None,
        container_ancestors: Vec::new(),
        converted,
        language: lang,
        channels: vec!["from:test".to_owned()],
        content_hash: String::new(),
    };
    IndexDocument { document, summary }
}

pub(super) struct Fixture {
    _dir: tempfile::TempDir,
    engine: Arc<super::writer::TantivyEngine>,
}

impl Fixture {
    pub(super) fn new(pages: Vec<IndexDocument>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = IndexOptions {
            threads: 1,
            budget: 20 << 20,
        };
        let generations = Generations::new(dir.path(), options).unwrap();
        let new = generations.begin().unwrap();
        let mut changes = pages.into_iter().map(|page| Ok(IndexChange::Put(page)));
        new.engine.apply(&mut changes, 1).unwrap();
        generations.publish(new).unwrap();
        let engine = generations
            .current()
            .unwrap()
            .expect("it was just published");
        Self { _dir: dir, engine }
    }

    pub(super) fn apply(&self, changes: Vec<IndexChange>, seq: u64) {
        let mut changes = changes.into_iter().map(PortResult::Ok);
        self.engine.apply(&mut changes, seq).unwrap();
    }

    pub(super) fn searcher(&self) -> Arc<dyn EngineSearcher> {
        self.engine.searcher().unwrap()
    }

    fn found(&self, query: &EngineQuery) -> Vec<String> {
        let hits = self.searcher().search(query, 10).unwrap();
        assert_eq!(self.searcher().count(query).unwrap(), hits.len() as u64);
        hits.into_iter().map(|hit| hit.key.id.0).collect()
    }
}

fn query(scored: Option<Scored>, filter: Filter) -> EngineQuery {
    EngineQuery {
        scored,
        filter,
        access: AccessFilter::default(),
    }
}

fn word(text: &str) -> Scored {
    let variants = query_positions(text).remove(0).plain;
    let term = |term| Scored::Term {
        field: TextField::Text,
        term,
        boost: 1.0,
    };
    Scored::DisMax {
        clauses: variants.into_iter().map(term).collect(),
        tie: 0.0,
    }
}

fn text(value: &str) -> Filter {
    let expr = TextExpr::Phrase(query_positions(value));
    Filter::Clause(Clause::Text {
        fields: &[TextField::Text],
        expr,
    })
}

fn site() -> Vec<IndexDocument> {
    vec![
        page(
            "10",
            "Valve checks",
            Lang::En,
            &["Close the valve.", "Wait nine minutes; valves cool"],
        ),
        page(
            "9",
            "Ventile",
            Lang::De,
            &["Die Ventile werden jährlich geprüft."],
        ),
        page("7", "Empty", Lang::En, &[]),
        page(
            "att8",
            "plan.txt",
            Lang::En,
            &["Valve plan 118 for the boiler house"],
        ),
    ]
}

#[test]
fn words_are_found_in_their_language_and_ranked() {
    let fixture = Fixture::new(site());
    assert_eq!(
        fixture.found(&query(Some(word("valves")), Filter::All)),
        ["10", "att8"]
    );
    assert_eq!(
        fixture.found(&query(Some(word("Ventil")), Filter::All)),
        ["9"]
    );
    assert_eq!(
        fixture.found(&query(Some(word("geprueft")), Filter::All)),
        ["9"]
    );
    assert_eq!(
        fixture.found(&query(Some(word("geprüfte")), Filter::All)),
        ["9"]
    );
}

#[test]
fn filters_count_documents_and_not_their_passages() {
    let fixture = Fixture::new(site());
    assert_eq!(fixture.found(&query(None, Filter::All)).len(), 4);
    let not = |filter| Filter::Not(Box::new(filter));
    assert_eq!(fixture.found(&query(None, not(text("valve")))), ["7", "9"]);
    assert_eq!(
        fixture.found(&query(None, not(not(text("valve"))))),
        ["att8", "10"]
    );
    assert_eq!(fixture.found(&query(None, text("nine minutes"))), ["10"]);
    let across = text("checks close");
    assert!(
        fixture.found(&query(None, across)).is_empty(),
        "a phrase ends with the title"
    );
    let none = Filter::And(vec![text("valve"), Filter::None]);
    assert!(fixture.found(&query(None, none)).is_empty());
}

#[test]
fn a_failed_gate_hides_a_document_from_everything() {
    let fixture = Fixture::new(site());
    let access = AccessFilter {
        channels: None,
        failed_gates: vec!["1:c:10".to_owned()],
    };
    let asked = EngineQuery {
        access: access.clone(),
        ..query(Some(word("valve")), Filter::All)
    };
    assert_eq!(fixture.found(&asked), ["att8"]);
    let key = DocumentKey::new(SiteId(1), ContentId::new("10"));
    assert!(fixture.searcher().find(&key, &access).unwrap().is_none());
    assert!(
        fixture
            .searcher()
            .find(&key, &AccessFilter::default())
            .unwrap()
            .is_some()
    );
    let elsewhere = AccessFilter {
        channels: Some(vec!["other".into()]),
        failed_gates: vec![],
    };
    assert!(
        fixture
            .found(&EngineQuery {
                access: elsewhere,
                ..asked
            })
            .is_empty()
    );
}

#[test]
fn passages_stay_with_their_document_through_updates() {
    let fixture = Fixture::new(site());
    let longer = ["The plan.", "A valve is a valve.", "Nothing here."];
    let put = |page| IndexChange::Put(page);
    fixture.apply(
        vec![
            put(page("10", "Valve checks", Lang::En, &longer)),
            IndexChange::Delete(DocumentKey::new(SiteId(1), ContentId::new("9"))),
            put(page("11", "More", Lang::En, &["no", "valves"])),
        ],
        2,
    );
    assert_eq!(fixture.engine.seq().unwrap(), 2);
    let searcher = fixture.searcher();
    let hits = searcher
        .search(&query(Some(word("valve")), Filter::All), 10)
        .unwrap();
    let fetched = searcher.fetch(&hits).unwrap();
    let of_hits: Vec<_> = hits.iter().zip(&fetched).collect();
    let best = searcher.passages(&of_hits, &[word("valve")], 3).unwrap();
    for ((hit, best), fetched) in hits.iter().zip(&best).zip(&fetched) {
        let (first, score) = best[0];
        let passage = &fetched.summary.passages[first as usize];
        let text = &fetched.markdown[passage.markdown.clone()];
        let words = tokens(text, Lang::En);
        assert!(
            words.iter().any(|token| token.plain == "valv"),
            "{}: {text}",
            hit.key
        );
        assert!(score > 0.0);
    }
    let positions = searcher.positions(&hits, &[&["valv".to_owned()]]).unwrap();
    let of = |id: &str| {
        hits.iter()
            .position(|hit| hit.key.id.as_str() == id)
            .unwrap()
    };
    assert_eq!(
        positions[of("11")],
        [vec![TEXT_GAP + 1 + 1 + TEXT_GAP + 1]],
        "after a gap, the title, a gap and one word"
    );
}

#[test]
fn as_many_are_counted_as_are_ranked() {
    let fixture = Fixture::new(site());
    let searcher = fixture.searcher();
    let phrase = |terms: &[&str]| Scored::Phrase {
        field: TextField::Text,
        terms: terms.iter().map(|term| (*term).to_owned()).collect(),
        boost: 1.0,
    };
    for scored in [
        word("valve"),
        phrase(&["valv", "check"]),
        phrase(&["check", "valv"]),
        Scored::AnyOf(vec![word("plan"), phrase(&["valv", "check"])]),
        Scored::AnyOf(vec![word("valve"), phrase(&["valv", "check"])]),
        word("nowhere"),
    ] {
        let query = query(Some(scored), Filter::All);
        let ranked = searcher.search(&query, 1_000).unwrap().len() as u64;
        assert_eq!(searcher.count(&query).unwrap(), ranked, "{query:?}");
    }
}

#[test]
fn equal_scores_are_ordered_by_id_even_beyond_the_margin() {
    let pages = (1..=200_u32)
        .rev()
        .map(|id| page(&id.to_string(), "Same", Lang::En, &["valve"]));
    let fixture = Fixture::new(pages.collect());
    let expected: Vec<String> = (1..=10).map(|id: u32| id.to_string()).collect();
    assert_eq!(
        fixture
            .searcher()
            .search(&query(Some(word("valve")), Filter::All), 10)
            .unwrap()
            .into_iter()
            .map(|hit| hit.key.id.0)
            .collect::<Vec<_>>(),
        expected
    );
}

/// A page of words that get rarer along the list, each from numbers that look random.
fn page_of_words(number: u32, lang: Lang) -> IndexDocument {
    const WORDS: [&str; 12] = [
        "pump", "valve", "check", "meter", "pier", "ice", "gauge", "plan", "berth", "night",
        "sluice", "ferry",
    ];
    let mut state = number.wrapping_mul(2_654_435_761);
    let mut next = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    let length = 1 + next(40);
    let mut word = || WORDS[next(WORDS.len()).min(next(WORDS.len()))];
    let text: Vec<&str> = (0..length).map(|_| word()).collect();
    page(&number.to_string(), word(), lang, &[&text.join(" ")])
}

/// With as many rows wanted as there are, none is ever passed over.
#[test]
fn the_best_rows_are_the_first_of_all_rows() {
    let languages = [Lang::En, Lang::En, Lang::De, Lang::Other];
    let pages = (1..=700).zip(languages.into_iter().cycle());
    let pages = pages.map(|(number, lang)| page_of_words(number, lang));
    let fixture = Fixture::new(pages.collect());
    let more = (701..=900).map(|number| IndexChange::Put(page_of_words(number, Lang::En)));
    fixture.apply(more.collect(), 2);
    let searcher = fixture.searcher();
    let in_title = |text: &str| match word(text) {
        Scored::DisMax { mut clauses, tie } => {
            for clause in &mut clauses {
                if let Scored::Term { field, boost, .. } = clause {
                    (*field, *boost) = (TextField::Title, 0.5);
                }
            }
            Scored::DisMax { clauses, tie }
        }
        other => other,
    };
    let phrase = Scored::Phrase {
        field: TextField::Text,
        terms: ["night", "plan"].map(str::to_owned).to_vec(),
        boost: 1.0,
    };
    let sum = |words: &[&str]| {
        let both = |text: &&str| [word(text), in_title(text)];
        Scored::AnyOf(words.iter().flat_map(both).collect())
    };
    for scored in [
        sum(&["pump"]),
        sum(&["pump", "ferry"]),
        sum(&["pump", "valve", "check", "sluice", "berth"]),
        Scored::AnyOf(vec![sum(&["night", "plan"]), phrase.clone()]),
        phrase,
    ] {
        for filter in [Filter::All, text("gauge"), text("ferry"), text("nowhere")] {
            let query = query(Some(scored.clone()), filter);
            let all = searcher.search(&query, 2_000).unwrap();
            assert_eq!(
                all.len() as u64,
                searcher.count(&query).unwrap(),
                "{query:?}"
            );
            for k in [1, 5, 20, 100, 300] {
                let best = searcher.search(&query, k).unwrap();
                assert_eq!(best, all[..all.len().min(k)], "the first {k} of {query:?}");
            }
        }
    }
}

#[test]
fn a_killed_rebuild_leaves_the_serving_generation_alone() {
    let dir = tempfile::tempdir().unwrap();
    let options = IndexOptions {
        threads: 1,
        budget: 20 << 20,
    };
    let generations = Generations::new(dir.path(), options).unwrap();
    assert!(generations.current().unwrap().is_none());
    for seq in 1..4 {
        let new = generations.begin().unwrap();
        let mut changes = site().into_iter().map(|page| Ok(IndexChange::Put(page)));
        new.engine.apply(&mut changes, seq).unwrap();
        generations.publish(new).unwrap();
        // Another one begins and never ends.
        drop(generations.begin().unwrap());
        let engine = generations.current().unwrap().expect("it was published");
        assert_eq!(engine.seq().unwrap(), seq);
    }
    let left = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(
        left, 3,
        "CURRENT, the serving generation and the unfinished one"
    );
}
