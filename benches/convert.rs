//! Conversion beside the floor of any converter that reads the XML: quick-xml's events
//! with text and CDATA copied and entities replaced. Also whether time grows in step with
//! the size and the nesting of a body.

use std::fmt::Write;
use std::hint::black_box;

use anyhow::Result;
use headwater::bench_support::convert;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::corpus::{Corpus, Page};
use crate::measure::{Bytes, Effort, Sample, cost, ratio, row};

const ROUNDS: usize = 7;
/// Bytes that one measurement goes over at least, so that the clock can tell.
const LEAST: usize = 20_000_000;

#[expect(clippy::unnecessary_wraps, reason = "the shape of every bench")]
pub(crate) fn run(corpus: &Corpus, effort: Effort) -> Result<()> {
    let bytes = corpus.storage_bytes();
    let passes = match effort {
        Effort::Measure => LEAST.div_ceil(bytes.max(1)),
        Effort::Test => 1,
    };
    let rate = |seconds: f64| (bytes * passes) as f64 / 1e6 / seconds;
    let (mut floors, mut ours) = (Vec::new(), Vec::new());
    // Side by side, so that a busy moment hits both.
    for _ in 0..effort.rounds(ROUNDS) {
        floors.push(rate(cost(|| repeat(passes, corpus, copied)).1.cpu));
        ours.push(rate(cost(|| repeat(passes, corpus, converted)).1.cpu));
    }
    let (floor, ours) = (Sample::new(floors), Sample::new(ours));
    row("floor (quick-xml)", mb_per_second(floor.median()));
    row("Headwater", mb_per_second(ours.median()));
    ratio(
        ours.median(),
        floor.median(),
        "goal: at least 0.35 of the floor",
    );
    linearity(effort);
    Ok(())
}

fn mb_per_second(rate: f64) -> String {
    format!("{rate:.1} MB per CPU second")
}

fn repeat(passes: usize, corpus: &Corpus, work: fn(&Page) -> usize) {
    for _ in 0..passes {
        let sum: usize = corpus.pages.iter().map(work).sum();
        black_box(sum);
    }
}

fn converted(page: &Page) -> usize {
    // The body is handed over, as the store does; its copy is part of what is measured.
    let texts = convert(&page.title, page.storage.clone());
    texts.markdown.len() + texts.text.len()
}

/// Everything that a converter cannot leave out.
fn copied(page: &Page) -> usize {
    let mut reader = Reader::from_str(&page.storage);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    let mut out = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Text(text)) => out.push_str(&text),
            Ok(Event::CData(data)) => out.push_str(&data),
            Ok(Event::GeneralRef(entity)) => match entity.resolve_char_ref() {
                Ok(Some(char)) => out.push(char),
                _ => match quick_xml::escape::resolve_predefined_entity(&entity) {
                    Some(text) => out.push_str(text),
                    None => out.push_str(&entity),
                },
            },
            // A damaged body ends where it is damaged.
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    out.len()
}

const SIZES: &[usize] = &[10_000, 100_000, 1_000_000, 10_000_000];
const DEPTHS: &[usize] = &[10, 100, 1_000, 10_000];

fn linearity(effort: Effort) {
    let most = match effort {
        Effort::Measure => usize::MAX,
        Effort::Test => 10_000,
    };
    for size in SIZES.iter().filter(|size| **size <= most) {
        let label = format!("a body of {}", Bytes(*size as u64));
        timed(&label, &mixed(*size), effort);
    }
    for (shape, open, close) in NESTED {
        for depth in DEPTHS.iter().filter(|depth| **depth <= most) {
            let body = nested(open, close, *depth, 1_000_000.min(most));
            timed(&format!("{shape}, {depth} deep"), &body, effort);
        }
    }
}

fn timed(label: &str, body: &str, effort: Effort) {
    let passes = match effort {
        Effort::Measure => (LEAST / 4).div_ceil(body.len()),
        Effort::Test => 1,
    };
    let work = || {
        for _ in 0..passes {
            black_box(convert("Synthetic", body.to_owned()));
        }
    };
    let best = (0..effort.rounds(3)).map(|_| cost(work).1.cpu);
    let best = best.fold(f64::INFINITY, f64::min);
    let rate = (passes * body.len()) as f64 / 1e6 / best;
    row(label, mb_per_second(rate));
}

/// A body of about this size with what pages have: headings, paragraphs with links, lists,
/// tables, code, panels.
fn mixed(size: usize) -> String {
    let mut body = String::with_capacity(size + 2_000);
    let mut number = 0;
    while body.len() < size {
        number += 1;
        let _ = write!(
            body,
            "<h2>Section {number}</h2><p>The <strong>feed pump</strong> of unit {number} is \
             serviced by <ac:link><ri:page ri:content-title=\"Crew {number}\" />\
             <ac:plain-text-link-body><![CDATA[crew {number}]]></ac:plain-text-link-body></ac:link> \
             &mdash; see <a href=\"https://example.org/{number}\">the manual</a> &amp; the notes.</p>\
             <ul><li>Close the valve<ul><li>left one first</li></ul></li><li>Open it again</li></ul>\
             <table><tbody><tr><th>Part</th><th>Torque</th></tr><tr><td>Union {number}</td>\
             <td>{number} Nm</td></tr></tbody></table><ac:structured-macro ac:name=\"code\">\
             <ac:parameter ac:name=\"language\">sh</ac:parameter><ac:plain-text-body>\
             <![CDATA[pumpctl stop --unit {number}\npumpctl drain\n]]></ac:plain-text-body>\
             </ac:structured-macro><ac:structured-macro ac:name=\"info\"><ac:rich-text-body>\
             <p>Wear gloves, size {number}.</p></ac:rich-text-body></ac:structured-macro>"
        );
    }
    body
}

/// Ways to nest: name, what opens a level, what closes it.
const NESTED: &[(&str, &str, &str)] = &[
    ("lists", "<ul><li>level", "</li></ul>"),
    ("quotes", "<blockquote><p>level</p>", "</blockquote>"),
    (
        "panels",
        "<ac:structured-macro ac:name=\"panel\"><ac:rich-text-body><p>level</p>",
        "</ac:rich-text-body></ac:structured-macro>",
    ),
    (
        "tables",
        "<table><tbody><tr><td>level",
        "</td></tr></tbody></table>",
    ),
];

/// Towers of this depth, as many as make about `size` bytes.
fn nested(open: &str, close: &str, depth: usize, size: usize) -> String {
    let tower = open.repeat(depth) + &close.repeat(depth);
    tower.repeat(size.div_ceil(tower.len()))
}
