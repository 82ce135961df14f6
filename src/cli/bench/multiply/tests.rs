//! Corpora that were made, read back by our own reader.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::ingest::Unwatched;
use crate::model::{Content, RawBody, Restrictions};
use crate::ports::{Completeness, Failure, PortResult, SourceItem, SourceSink};

const SOURCE: &str = r#"{"id":"10","type":"page","title":"Home","space":{"key":"ENG"},"body":{"storage":{"value":"<p>home lead</p><h1>Ways</h1><p>home ways</p>"}},"_links":{"webui":"/spaces/ENG/pages/10","base":"https://w.example/wiki"}}
{"id":"11","type":"page","title":"Pumps","space":{"key":"ENG"},"ancestors":[{"id":"10","type":"page","title":"Home"}],"metadata":{"labels":{"results":[{"prefix":"global","name":"pump"}]}},"body":{"storage":{"value":"<p>pumps lead, see <ac:link><ri:page ri:content-title=\"Home\" /></ac:link></p><h2>Seals</h2><p>seals</p><h2>Bolts</h2><p>bolts</p>"}},"version":{"number":3,"when":"2026-01-02T03:04:05Z","by":{"accountId":"a-1","displayName":"Ada"}}}
{"id":"12","type":"page","title":"Pumps","space":{"key":"ENG"},"ancestors":[{"id":"10","type":"page","title":"Home"},{"id":"11","type":"page","title":"Pumps"}],"restrictions":{"read":{"restrictions":{"user":{"results":[{"accountId":"a-1"}]},"group":{"results":[]}}}},"body":{"storage":{"value":"<p>second</p><h2>Valves</h2><p>valves</p>"}}}
{"id":"13","type":"blogpost","title":"News","space":{"key":"OPS"},"body":{"storage":{"value":"<p>news</p>"}}}
{"id":"14","type":"page","title":"Empty","space":{"key":"OPS"},"body":{"storage":{"value":""}}}
{"id":"15","type":"comment","title":"Re: Home","container":{"id":"10","type":"page"},"body":{"storage":{"value":"<p>aye</p>"}}}
"#;

#[derive(Default)]
struct Read(Vec<(Content, Option<RawBody>)>);

impl SourceSink for Read {
    fn item(&mut self, item: SourceItem) -> PortResult<bool> {
        if let SourceItem::Content { content, body } = item {
            self.0.push((content, body));
        }
        Ok(true)
    }

    fn failure(&mut self, failure: Failure) {
        panic!("{failure}");
    }

    fn progress(&mut self, _bytes: u64) {}
}

/// The bytes of the file that is made, and what our reader makes of it.
fn multiplied(count: u64, seed: u64, name: &str) -> (Vec<u8>, Vec<(Content, Option<RawBody>)>) {
    let dir = tempfile::tempdir().unwrap();
    let from = dir.path().join("source.jsonl");
    fs::write(&from, SOURCE).unwrap();
    let out = dir.path().join(name);
    let args = MultiplyArgs {
        from: from.clone(),
        count,
        out: out.clone(),
        seed,
        json: false,
    };
    let mut source = export::open(&from, None).unwrap();
    let mut spool = Spool::read(&mut *source, &Unwatched).unwrap();
    assert_eq!((spool.pages(), spool.skipped), (5, 1));
    let mut output = Output::create(&out).unwrap();
    let written = write(&mut spool, &args, &mut output, &Unwatched).unwrap();
    assert!(written.whole && !out.exists());
    output.finish().unwrap();
    let mut read = Read::default();
    let whole = export::open(&out, None).unwrap().read(&mut read).unwrap();
    assert_eq!(whole, Completeness::Complete);
    assert_eq!(dir.path().read_dir().unwrap().count(), 2);
    (fs::read(out).unwrap(), read.0)
}

#[test]
fn the_same_seed_makes_the_same_bytes() {
    for name in ["out.jsonl", "out.jsonl.gz", "out.jsonl.zst"] {
        let (first, items) = multiplied(23, 1, name);
        assert_eq!(first, multiplied(23, 1, name).0, "{name}");
        assert_ne!(first, multiplied(23, 2, name).0, "{name}");
        assert_eq!(items, multiplied(23, 1, "other.jsonl").1, "{name}");
    }
}

#[test]
fn ids_and_titles_are_unique_and_new() {
    for count in [1, 3, 5, 23, 100] {
        let (_, items) = multiplied(count, 7, "out.jsonl");
        let ids: BTreeSet<_> = items.iter().map(|(content, _)| &content.id).collect();
        assert_eq!(ids.len() as u64, count);
        assert!(ids.iter().all(|id| id.number().unwrap().0 > 15));
        let titles: BTreeSet<_> = items
            .iter()
            .map(|(content, _)| (&content.space_key, &content.title))
            .collect();
        assert_eq!(titles.len() as u64, count);
    }
}

#[test]
fn ancestors_are_pages_of_the_same_copy() {
    for count in [2, 4, 10, 23] {
        let (_, items) = multiplied(count, 7, "out.jsonl");
        let titles: BTreeMap<_, _> = items
            .iter()
            .map(|(content, _)| (&content.id, &content.title))
            .collect();
        for (content, _) in &items {
            let copy = content.title.rsplit(' ').next().unwrap();
            for above in &content.ancestors {
                assert_eq!(titles[&above.id], &above.title);
                let of = above.title.rsplit(' ').next().unwrap();
                assert_eq!(of.split('.').next(), copy.split('.').next());
            }
        }
    }
    let (_, items) = multiplied(10, 7, "out.jsonl");
    let depths: Vec<usize> = items
        .iter()
        .map(|(content, _)| content.ancestors.len())
        .collect();
    assert_eq!(depths, [0, 1, 2, 0, 0, 0, 1, 2, 0, 0]);
}

#[test]
fn bodies_are_sections_of_pages_of_the_space() {
    let (_, items) = multiplied(500, 3, "out.jsonl");
    let mut mixed = 0;
    for (content, body) in &items {
        let body = &body.as_ref().unwrap().value;
        let title = content.title.as_str();
        match title.split(' ').next() {
            Some("Pumps") => {
                let sections = if title.contains('.') { 1 } else { 2 };
                assert_eq!(body.matches("<h").count(), sections, "{body}");
                let own = if title.contains('.') {
                    "valves"
                } else {
                    "seals"
                };
                mixed += usize::from(!body.contains(own));
            }
            Some("News") => assert_eq!(body, "<p>news</p>"),
            Some("Empty") => assert_eq!(body, ""),
            _ => {}
        }
        assert!(content.space_key.as_deref() == Some("OPS") || !body.contains("news"));
        if let Some((_, link)) = body.split_once("ri:content-title=\"Home ") {
            let copy = title.rsplit(' ').next().unwrap().split('.').next().unwrap();
            assert!(link.starts_with(&format!("{copy}\"")), "{title}: {body}");
        }
    }
    assert!(mixed > 20, "{mixed}");
}

#[test]
fn a_page_keeps_what_is_known_of_it() {
    let (_, items) = multiplied(5, 3, "out.jsonl");
    let pumps = &items[1].0;
    assert_eq!(pumps.title, "Pumps 1");
    assert_eq!(pumps.labels[0].name, "pump");
    assert_eq!(pumps.version.number, 3);
    assert_eq!(
        pumps.version.when.unwrap().to_string(),
        "2026-01-02T03:04:05Z"
    );
    assert_eq!(
        pumps.version.by.as_ref().unwrap().display_name.as_deref(),
        Some("Ada")
    );
    assert_eq!(pumps.restrictions, Restrictions::None);
    assert!(matches!(items[2].0.restrictions, Restrictions::Only { .. }));
    let url = items[0].0.url.as_deref();
    assert_eq!(url, Some("https://w.example/wiki/spaces/ENG/pages/16"));
}
