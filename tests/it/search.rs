//! Every span that an answer cites leads to the text that it quotes.
//!
//! Expectations come from the document as `read` gives it, cut here by counting anew: the
//! program's own conversions of offsets are what is under test.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::support::program::Data;
use crate::support::serving::Server;
use crate::support::site::{questions, shared};
use crate::support::{ids, stable};

/// Besides the questions: words that reach every kind of passage and script.
const WORDS: &[&str] = &[
    "heat",
    "valve",
    "leak",
    "pressure",
    "gateway",
    "certificate",
    "torque",
    "OPS-118",
    "A-207",
    "VC-17",
    "KTL-E031",
    "v2.13.2",
    "python",
    "systemctl",
    "readings",
    "leave",
    "salary",
    "codes",
    "checklist",
    "Wärmezähler",
    "Pflegeheim",
    "Hausanschluss",
    "Störung",
    "圧縮機",
    "潤滑油",
    "bicycle",
    "2025",
    "Harbour Street",
    "duty",
    "expenses",
];

fn asked() -> Vec<String> {
    let questions = questions().into_iter().map(|(question, _)| question);
    questions
        .chain(WORDS.iter().map(|word| (*word).to_owned()))
        .collect()
}

#[test]
fn every_cited_span_reads_back_as_the_quoted_text() {
    let data = shared();
    let mut library = Library::default();
    let (mut passages, mut highlights, mut tables) = (0, 0, 0);
    for question in asked() {
        for context in ["passage", "section"] {
            let args = [
                "--cutoff",
                "none",
                "--max-tokens",
                "20000",
                "--context",
                context,
            ];
            let answer = data.search(&question, &args);
            for passage in passages_of(&answer) {
                let markdown = library.markdown(data, text(&passage["document_id"]));
                check_span(passage, markdown, |text| text.chars().count(), "code_point");
                check_citation(passage);
                highlights += check_highlights(passage, &question);
                passages += 1;
                tables += usize::from(passage["table_header"].is_object());
            }
        }
    }
    assert!(passages > 500, "{passages} passages");
    assert!(highlights > 1_000, "{highlights} highlights");
    assert!(
        tables > 0,
        "no passage begins below the header of its table"
    );
}

#[test]
fn spans_count_in_the_unit_that_was_asked_for() {
    let data = shared();
    let server = Server::of(data.path());
    let mut library = Library::default();
    for (unit, length) in [
        (
            "utf16",
            (|text| text.encode_utf16().count()) as fn(&str) -> usize,
        ),
        ("byte", str::len),
        ("code_point", |text| text.chars().count()),
    ] {
        for question in asked() {
            let body = json!({"query": question, "offset_unit": unit, "max_tokens": 20_000});
            let response = server.post("/v1/search", &body);
            assert_eq!(response.status, 200, "{response:?}");
            for passage in passages_of(&response.json()) {
                let markdown = library.markdown(data, text(&passage["document_id"]));
                check_span(passage, markdown, length, unit);
                for range in ranges(&passage["highlights"]) {
                    cut(text(&passage["text"]), range, length);
                }
            }
        }
    }
}

#[test]
fn a_small_budget_cuts_text_and_the_spans_with_it() {
    let data = shared();
    let mut library = Library::default();
    let mut truncated = 0;
    for question in asked() {
        let answer = data.search(&question, &["--max-tokens", "200", "--context", "document"]);
        let used: u64 = passages_of(&answer)
            .filter_map(|passage| passage["est_tokens"].as_u64())
            .sum();
        assert!(used <= 200, "{question}: {used} tokens");
        assert_eq!(answer["usage"]["est_tokens"], used, "{question}");
        for passage in passages_of(&answer) {
            let markdown = library.markdown(data, text(&passage["document_id"]));
            check_span(passage, markdown, |text| text.chars().count(), "code_point");
            truncated += usize::from(passage["truncated"].is_string());
        }
    }
    assert!(truncated > 10, "{truncated} passages were cut");
}

/// FIXME: one line of a log of 42 KB has all the words, each once. Its stretch is worth less
/// than short pages that have fewer of the words, but in their titles and again and again.
const MISSED: &[&str] = &["bicycle in the intake of the heat pump"];

/// Each question finds what the fixtures say answers it, among the first three.
#[test]
fn questions_find_the_documents_that_answer_them() {
    let mut missed = Vec::new();
    for (question, gold) in questions() {
        let found = ids(&shared().search(&question, &["--limit", "3"]));
        let is_gold = |id: &String| gold.iter().any(|gold| id.ends_with(&format!(":{gold}")));
        if !gold.is_empty() && !found.iter().any(is_gold) {
            missed.push(question);
        }
    }
    assert_eq!(missed, MISSED);
}

#[test]
fn the_pages_of_a_list_join_to_the_list() {
    let data = shared();
    for question in ["heat", "gateway", "Moorbek"] {
        let (joined, whole) = (pages(data, question, "7"), pages(data, question, "50"));
        assert!(joined.len() > 7, "{question}: {joined:?}");
        assert_eq!(joined, whole, "{question}");
    }
}

/// The whole list, read in pages of a size.
fn pages(data: &Data, question: &str, limit: &str) -> Vec<String> {
    let mut joined = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut args = vec![
            "--cutoff",
            "none",
            "--max-tokens",
            "100000",
            "--limit",
            limit,
        ];
        if let Some(cursor) = &cursor {
            args.extend(["--cursor", cursor]);
        }
        let page = data.search(question, &args);
        joined.extend(ids(&page));
        let next = page["omitted"]["next_cursor"].as_str();
        cursor = next.map(str::to_owned);
        if cursor.is_none() {
            return joined;
        }
    }
}

#[test]
fn the_same_question_gets_the_same_answer() {
    for question in asked() {
        let once = stable(shared().search(&question, &["--explain"]));
        let again = stable(shared().search(&question, &["--explain"]));
        assert_eq!(once, again, "{question}");
    }
}

#[test]
fn an_empty_answer_says_why() {
    for (args, code) in [
        (&["xyzzyplugh"][..], "no_visible_match"),
        (&["heat", "--cql", "space = NOWHERE"], "filter_excludes_all"),
        (
            &["heat", "--cql", "space = OPS and space = ENG"],
            "filter_excludes_all",
        ),
    ] {
        let ran = shared()
            .run(["search", "--json"].iter().chain(args))
            .with_code(3);
        let answer = ran.json();
        assert_eq!(answer["match"], "none", "{args:?}");
        let notices = answer["notices"].as_array().expect("notices");
        let said = notices.iter().any(|notice| notice["code"] == code);
        assert!(said, "{args:?}: {notices:?}");
    }
}

/// Documents as `read` gives them, each read once.
#[derive(Default)]
struct Library(HashMap<String, String>);

impl Library {
    fn markdown(&mut self, data: &Data, id: &str) -> &str {
        self.0
            .entry(id.to_owned())
            .or_insert_with(|| whole(data, id))
    }
}

/// All pages of a document's own text, joined.
fn whole(data: &Data, id: &str) -> String {
    let mut joined = String::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut args = vec!["read", id, "--own", "--json", "--max-tokens", "1500"];
        if let Some(cursor) = &cursor {
            args.extend(["--cursor", cursor]);
        }
        let part = data.run(args).with_code(0).json();
        let content = &part["content"];
        let at = joined.chars().count();
        assert_eq!(content["span"]["start"], at, "{id}: pages leave a gap");
        joined += text(&content["text"]);
        cursor = content["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            return joined;
        }
    }
}

fn passages_of(answer: &Value) -> impl Iterator<Item = &Value> {
    let results = answer["results"].as_array().expect("results");
    results
        .iter()
        .flat_map(|result| result["passages"].as_array().expect("passages"))
}

fn check_span(passage: &Value, markdown: &str, length: fn(&str) -> usize, unit: &str) {
    let id = &passage["id"];
    let span = &passage["span"];
    assert_eq!(span["unit"], unit, "{id}");
    let range = range(span);
    let quoted = cut(markdown, range, length);
    assert!(!quoted.trim().is_empty(), "{id} quotes nothing");
    let header = &passage["table_header"];
    let expected = if header.is_object() {
        cut(markdown, self::range(header), length).to_owned() + quoted
    } else {
        quoted.to_owned()
    };
    assert_eq!(passage["text"], expected, "{id}");

    let before = &markdown[..quoted.as_ptr() as usize - markdown.as_ptr() as usize];
    let first = before.matches('\n').count() + 1;
    let within = quoted.strip_suffix('\n').unwrap_or(quoted);
    let last = first + within.matches('\n').count();
    assert_eq!(span["start_line"], first, "{id}");
    assert_eq!(span["end_line"], last, "{id}");
}

fn check_citation(passage: &Value) {
    let citation = &passage["citation"];
    let shown = text(&citation["text"]);
    for url in [&citation["url"], &passage["url"], &passage["deep_url"]] {
        let url = text(url);
        assert!(
            url.starts_with("https://tarnfell.example/wiki/") && !url.contains(' '),
            "{passage}"
        );
    }
    assert_eq!(citation["label"], passage["rank"].to_string(), "{passage}");
    let version = format!("v{}", passage["version"]);
    let space = text(&passage["space"]["key"]);
    for part in [text(&passage["title"]), space, &version] {
        assert!(!part.is_empty() && shown.contains(part), "{part}: {shown}");
    }
}

/// Highlights rise and each begins and ends a word. Returns how many there are.
fn check_highlights(passage: &Value, question: &str) -> usize {
    let whole = text(&passage["text"]);
    let ranges = ranges(&passage["highlights"]);
    let mut end = 0;
    for &(start, stop) in &ranges {
        assert!(end <= start && start < stop, "{question}: {passage}");
        end = stop;
        let word = cut(whole, (start, stop), |text| text.chars().count());
        let at = word.as_ptr() as usize - whole.as_ptr() as usize;
        let before = whole[..at].chars().next_back();
        let after = whole[at + word.len()..].chars().next();
        let (first, last) = (word.chars().next(), word.chars().next_back());
        assert!(
            first.is_some_and(char::is_alphanumeric)
                && !goes_on(before, first)
                && !goes_on(last, after),
            "{question}: `{word}` is not a word of\n{whole}"
        );
    }
    ranges.len()
}

/// Whether a word goes on between two characters. Names such as `keepBuffer` are two words;
/// where there are no spaces there is no telling.
fn goes_on(left: Option<char>, right: Option<char>) -> bool {
    let wide = |c: char| c as u32 >= 0x2e80;
    match (left, right) {
        (Some(l), Some(r)) if wide(l) || wide(r) => false,
        (Some(l), Some(r)) if l.is_lowercase() && r.is_uppercase() => false,
        (Some(l), Some(r)) => l.is_alphabetic() && r.is_alphabetic(),
        _ => false,
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn range(value: &Value) -> (usize, usize) {
    let number = |name: &str| {
        let number = value[name].as_u64().expect("an offset");
        usize::try_from(number).expect("an offset")
    };
    (number("start"), number("end"))
}

fn ranges(value: &Value) -> Vec<(usize, usize)> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(range)
        .collect()
}

/// The part of a text between two offsets in the unit that `length` counts.
fn cut(text: &str, (start, end): (usize, usize), length: fn(&str) -> usize) -> &str {
    let byte = |offset: usize| {
        let mut passed = 0;
        for (at, c) in text.char_indices() {
            if passed == offset {
                return at;
            }
            passed += length(c.encode_utf8(&mut [0; 4]));
        }
        assert_eq!(passed, offset, "not a boundary of a character in {text:?}");
        text.len()
    };
    &text[byte(start)..byte(end)]
}
