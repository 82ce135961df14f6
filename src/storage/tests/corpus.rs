//! Real bodies, where somebody has some: the folder that `HEADWATER_CORPUS` names.
//! Without it these tests say so and pass.
//!
//! What a reader must see is counted by another parser than ours.
#![allow(
    clippy::disallowed_methods,
    reason = "reads a corpus that is not part of the package"
)]

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::events::Event;
use serde::Serialize;

use super::{assert_segments, convert_as, page, wiki, without_blocks, words};
use crate::model::{Converted, Representation};

pub(super) fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("HEADWATER_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        writeln!(std::io::stderr(), "skipped: HEADWATER_CORPUS is not set").unwrap();
    }
    folder
}

/// What another parser finds in a body.
#[derive(Default)]
struct Visible {
    /// Text that a reader sees.
    text: String,
    /// Text of plain bodies.
    code: String,
    /// Values of attributes and parameters that stand for something to read.
    shown: String,
    /// Values of all other parameters.
    config: String,
}

/// Parameters whose value a reader sees, by their names in lower case. The one without a name
/// is a title, a place or a language.
const SHOWN: &[&str] = &[
    "",
    "title",
    "label",
    "text",
    "caption",
    "heading",
    "summary",
    "name",
    "key",
    "colour",
    "color",
    "body",
    "tooltip",
    "filename",
    "file",
    "diagramname",
    "diagramdisplayname",
    "displayname",
    "panelicontext",
    "redirectmessage",
    "searchtext",
    "source",
    "data",
    "url",
    "user",
    "page",
];

/// Attributes whose value stands for something to read.
const SHOWING: &[&str] = &[
    "ri:content-title",
    "ri:filename",
    "ri:space-key",
    "ri:value",
    "ri:username",
    "ri:key",
    "ri:parameter",
    "ri:content-id",
    "ac:anchor",
    "ac:alt",
    "ac:title",
    "ac:name",
    "ac:emoji-fallback",
    "ac:emoji-shortname",
    "ac:emoji-id",
    "alt",
    "title",
    "href",
    "src",
    "data",
    "datetime",
    "panel-type",
];

const SKIPPED: &[&str] = &[
    "ac:parameter",
    "ac:default-parameter",
    "ac:task-id",
    "ac:task-uuid",
    "ac:task-status",
    "ac:adf-attribute",
    "ac:adf-fallback",
    "ac:placeholder",
    "script",
    "style",
    "template",
    "noscript",
    "head",
    "colgroup",
    "mrow",
    "at:var",
    "at:declarations",
];

const INLINE: &[&str] = &[
    "a",
    "abbr",
    "ac:inline-comment-marker",
    "ac:link",
    "ac:link-body",
    "ac:plain-text-link-body",
    "b",
    "big",
    "cite",
    "code",
    "del",
    "em",
    "font",
    "i",
    "ins",
    "kbd",
    "s",
    "samp",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "time",
    "tt",
    "u",
    "var",
    "ac:emoticon",
    "label",
];

#[expect(clippy::too_many_lines, reason = "one flat match over events")]
fn visible(body: &str) -> Option<Visible> {
    let mut reader = Reader::from_str(body);
    reader.config_mut().check_end_names = true;
    let mut found = Visible::default();
    let (mut skipped, mut plain, mut depth) = (0_u32, 0_u32, 0_i32);
    let mut parameter: Option<bool> = None;
    loop {
        match reader.read_event().ok()? {
            Event::Eof => return (depth == 0).then_some(found),
            Event::Start(tag) => {
                depth += 1;
                let name = tag.name().as_ref().to_owned();
                let written = tag.to_string();
                let twin = written.contains("katex-html");
                let unseen = written.contains("display:none") || written.contains("display: none");
                let skips = twin || unseen || SKIPPED.contains(&name.as_str());
                skipped += u32::from(skipped > 0 || skips);
                if name == "ac:parameter" || name == "ac:default-parameter" {
                    let of = attribute(&written, "ac:name").unwrap_or_default();
                    parameter = Some(SHOWN.contains(&of.to_lowercase().as_str()));
                }
                found.attributes(&written);
                plain += u32::from(plain > 0 || name == "ac:plain-text-body");
                boundary(&mut found, &name);
            }
            Event::End(tag) => {
                depth -= 1;
                let name = tag.name().as_ref().to_owned();
                skipped = skipped.saturating_sub(1);
                if name == "ac:parameter" || name == "ac:default-parameter" {
                    parameter = None;
                }
                plain = plain.saturating_sub(1);
                boundary(&mut found, &name);
            }
            Event::Empty(tag) => {
                boundary(&mut found, tag.name().as_ref());
                found.attributes(&tag);
            }
            Event::Text(text) if parameter.is_some() => {
                found.parameter(parameter, &text);
            }
            _ if skipped > 0 => {}
            Event::Text(text) => {
                let text = text.to_string();
                if plain > 0 {
                    found.code.push_str(&text);
                } else {
                    found.text.push_str(&text);
                }
            }
            Event::CData(text) => {
                let text = text.to_string();
                if plain > 0 {
                    found.code.push_str(&text);
                } else {
                    found.text.push_str(&text);
                }
            }
            Event::GeneralRef(name) => {
                let name = name.to_string();
                let resolved = match name.strip_prefix('#') {
                    Some(number) => number
                        .strip_prefix('x')
                        .map_or_else(
                            || number.parse().ok(),
                            |hex| u32::from_str_radix(hex, 16).ok(),
                        )
                        .and_then(char::from_u32)
                        .map(String::from),
                    None => ENTITIES
                        .iter()
                        .find(|(entity, _)| *entity == name)
                        .map(|(_, text)| (*text).to_owned()),
                };
                let resolved = resolved.unwrap_or_else(|| format!("&{name};"));
                if plain > 0 {
                    found.code.push_str(&resolved);
                } else {
                    found.text.push_str(&resolved);
                }
            }
            _ => {}
        }
    }
}

impl Visible {
    fn parameter(&mut self, shown: Option<bool>, text: &str) {
        let place = match shown {
            Some(true) => &mut self.shown,
            _ => &mut self.config,
        };
        place.push(' ');
        place.push_str(text);
    }

    fn attributes(&mut self, tag: &str) {
        for name in SHOWING {
            if let Some(value) = attribute(tag, name) {
                self.shown.push(' ');
                self.shown.push_str(value);
            }
        }
    }
}

/// The value of an attribute of a tag as it is written.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    rest.split('"').next()
}

/// Words of configuration that a text shows although no reader sees them.
fn leaked(visible: &Visible, text: &str) -> Vec<String> {
    let seen = [&visible.text, &visible.code, &visible.shown];
    let seen: String = seen.map(|part| cleaned(part) + " ").concat();
    let (seen, got) = (count(&seen), count(text));
    let config = cleaned(&visible.config);
    let leaks = count(&config).into_keys().filter(|word| {
        word.chars().count() > 2 && got.contains_key(word) && !seen.contains_key(word)
    });
    leaks.map(str::to_owned).collect()
}

/// The named references that stand for letters in real bodies; all others are no words.
const ENTITIES: &[(&str, &str)] = &[
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("eacute", "é"),
    ("egrave", "è"),
    ("acirc", "â"),
    ("uuml", "ü"),
    ("auml", "ä"),
    ("ouml", "ö"),
    ("iacute", "í"),
    ("oacute", "ó"),
    ("ccedil", "ç"),
    ("szlig", "ß"),
    ("rsquo", "’"),
    ("lsquo", "‘"),
    ("rdquo", "”"),
    ("ldquo", "“"),
    ("ndash", "–"),
    ("mdash", "—"),
    ("hellip", "…"),
    ("rarr", "→"),
    ("copy", "©"),
    ("harr", "↔"),
    ("deg", "°"),
    ("sbquo", "‚"),
    ("reg", "®"),
    ("trade", "™"),
    ("middot", "·"),
    ("bull", "•"),
    ("larr", "←"),
    ("laquo", "«"),
    ("raquo", "»"),
    ("times", "×"),
];

fn boundary(found: &mut Visible, name: &str) {
    if !INLINE.contains(&name) {
        found.text.push(' ');
        found.code.push(' ');
    }
}

fn cleaned(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let hidden = |c: &char| {
        !matches!(
            c,
            '\u{ad}' | '\u{200b}' | '\u{feff}' | '\u{200e}' | '\u{200f}' | '\u{2060}'
        )
    };
    text.chars().filter(hidden).nfc().collect()
}

fn count(text: &str) -> HashMap<&str, usize> {
    let mut counts = HashMap::new();
    for word in words(text) {
        *counts.entry(word).or_default() += 1;
    }
    counts
}

/// Words of `wanted` that are missing, out of how many.
fn missing(wanted: &str, text: &str) -> (Vec<String>, usize) {
    let got = count(text);
    let wanted = cleaned(wanted);
    let mut absent = Vec::new();
    let mut total = 0;
    for (word, n) in count(&wanted) {
        total += n;
        let there = got.get(word).copied().unwrap_or(0);
        // Words of two inline elements may be one, as they are for a reader.
        if there < n && text.matches(word).count() < n {
            absent.push(format!("{word} ({there}/{n})"));
        }
    }
    absent.sort();
    (absent, total)
}

#[derive(Default)]
struct Tally {
    bodies: usize,
    bytes: usize,
    time: std::time::Duration,
    words: usize,
    unread: usize,
    lost: Vec<String>,
}

impl Tally {
    fn take(&mut self, name: &str, title: &str, body: &str) -> Converted {
        let start = std::time::Instant::now();
        let converted = page(title, body);
        self.time += start.elapsed();
        self.bodies += 1;
        self.bytes += body.len();
        assert_segments(&converted);
        let Some(visible) = visible(body) else {
            self.unread += 1;
            return converted;
        };
        let leaks = leaked(&visible, &converted.text);
        if !leaks.is_empty() {
            self.lost
                .push(format!("{name} shows configuration: {}", leaks.join(", ")));
        }
        for (part, wanted) in [("text", &visible.text), ("code", &visible.code)] {
            let (absent, total) = missing(wanted, &converted.text);
            self.words += total;
            if !absent.is_empty() {
                self.lost
                    .push(format!("{name} {part}: {}", absent.join(", ")));
            }
        }
        converted
    }

    fn report(&self, name: &str) {
        let megabytes = self.bytes as f64 / 1e6;
        writeln!(
            std::io::stderr(),
            "{name}: {} bodies, {megabytes:.1} MB in {:?} ({:.1} MB/s), {} words, {} not read by the other parser",
            self.bodies,
            self.time,
            megabytes / self.time.as_secs_f64(),
            self.words,
            self.unread,
        )
        .unwrap();
        assert!(
            self.lost.is_empty(),
            "{} bodies lost words:\n{}",
            self.lost.len(),
            self.lost.join("\n")
        );
    }
}

#[test]
fn no_word_of_collected_bodies_is_lost() {
    let Some(folder) = corpus() else { return };
    let mut tally = Tally::default();
    let mut files: Vec<PathBuf> = fs::read_dir(folder.join("corpus/storage"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "xml"))
        .collect();
    files.sort();
    for file in files {
        let body = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        tally.take(&file.file_name().unwrap().to_string_lossy(), "Page", &body);
    }
    tally.report("collected bodies");
}

#[test]
fn no_word_of_documentation_pages_is_lost() {
    let Some(folder) = corpus() else { return };
    let file = fs::File::open(folder.join("corpus/docs-2k.jsonl.gz")).unwrap();
    let pages = flate2::read::MultiGzDecoder::new(file);
    take_pages(pages, 1, "documentation pages");
}

#[test]
fn no_word_of_many_documentation_pages_is_lost() {
    let Some(folder) = corpus() else { return };
    let file = fs::File::open(folder.join("corpus/docs-31k.jsonl.zst")).unwrap();
    let pages = zstd::stream::read::Decoder::new(file).unwrap();
    // All of them take minutes without optimisation.
    let slow = std::env::var_os("SLOW_TESTS").is_some();
    let step = if slow { 1 } else { 8 };
    take_pages(pages, step, "many documentation pages");
}

/// Every so many lines of content objects.
fn take_pages(pages: impl Read, step: usize, name: &str) {
    let mut tally = Tally::default();
    for line in BufReader::new(pages).lines().step_by(step) {
        let page: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let body = text(&page["body"]["storage"]["value"]);
        tally.take(&text(&page["id"]), &text(&page["title"]), &body);
    }
    tally.report(name);
}

/// Text of real pages, code too, read as if it were wiki markup: what looks like markup in it
/// may be read as such, and nothing else may be missing.
#[test]
fn no_word_of_real_text_is_lost_as_wiki_markup() {
    let Some(folder) = corpus() else { return };
    let file = fs::File::open(folder.join("corpus/docs-2k.jsonl.gz")).unwrap();
    let pages = BufReader::new(flate2::read::MultiGzDecoder::new(file));
    let (mut lost, mut total) = (Vec::new(), 0);
    for line in pages.lines() {
        let page: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let body = page["body"]["storage"]["value"]
            .as_str()
            .unwrap_or_default();
        let Some(found) = visible(body) else { continue };
        let text = format!("{}\n\n{}", found.text, found.code);
        let converted = wiki(&text);
        assert_segments(&converted);
        // Targets, tips and parameters are read by nobody, and signs become pictures.
        let (absent, of) = missing(&without_markup(&text), &converted.text);
        total += of;
        lost.extend(
            absent
                .into_iter()
                .map(|word| format!("{}: {word}", page["id"])),
        );
    }
    writeln!(std::io::stderr(), "real text as wiki markup: {total} words").unwrap();
    assert!(lost.is_empty(), "{} lost:\n{}", lost.len(), lost.join("\n"));
}

/// Without what stands in brackets, braces and between exclamation marks on one line, and
/// without letters in parentheses.
fn without_markup(text: &str) -> String {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let mut rest = line;
        while let Some(at) = rest.find(['[', '{', '!', '(']) {
            out.push_str(&rest[..at]);
            let close = match rest.as_bytes()[at] {
                b'[' => ']',
                b'{' => '}',
                b'!' => '!',
                _ => ')',
            };
            let end = rest[at + 1..].find(close).map_or(at, |end| at + end + 1);
            out.push(' ');
            rest = &rest[end + 1..];
        }
        out.push_str(rest);
    }
    out
}

#[test]
fn headings_get_the_ids_that_confluence_gives() {
    let Some(folder) = corpus() else { return };
    let mut checked = 0;
    for file in fs::read_dir(folder.join("api/recordings")).unwrap() {
        let file = file.unwrap().path();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with("-page-v1.json") {
            checked += check_headings(&file);
        }
    }
    writeln!(std::io::stderr(), "{checked} heading ids").unwrap();
    assert!(checked > 0);
}

fn check_headings(file: &Path) -> usize {
    let recorded: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let (Some(title), Some(storage), Some(view)) = recorded_page(&recorded) else {
        return 0;
    };
    let ours = page(&title, &storage);
    let ours: Vec<&str> = ours
        .meta
        .headings
        .iter()
        .map(|heading| heading.anchor_s.as_str())
        .collect();
    let theirs = heading_ids(&view);
    assert_eq!(ours, theirs, "{}", file.display());
    theirs.len()
}

fn heading_ids(view: &str) -> Vec<String> {
    let tags = view
        .split("<h")
        .skip(1)
        .filter(|tag| tag.starts_with(|c: char| ('1'..='6').contains(&c)));
    let id = |tag: &str| {
        let tag = tag.split('>').next()?;
        let id = tag.split(" id=\"").nth(1)?.split('"').next()?;
        Some(
            id.replace("&amp;", "&")
                .replace("&quot;", "\"")
                .replace("&lt;", "<")
                .replace("&gt;", ">"),
        )
    };
    tags.filter_map(id).collect()
}

/// The same page in both: the words are the same, except that a smart link to a page shows
/// its address where storage format has its title.
#[test]
fn documents_say_what_storage_format_says() {
    let Some(folder) = corpus() else { return };
    let folder = folder.join("corpus/storage");
    let index = fs::read_to_string(folder.join("index.jsonl")).unwrap();
    let mut pairs = 0;
    let mut wrong = Vec::new();
    for line in index.lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let read = |key: &str| {
            let name = record[key].as_str()?;
            Some(fs::read_to_string(folder.join(name)).unwrap())
        };
        let (Some(storage), Some(document)) = (read("file"), read("adf")) else {
            continue;
        };
        pairs += 1;
        let [storage, document] = [
            convert_as(Representation::Storage, &storage),
            convert_as(Representation::Adf, &document),
        ];
        assert_segments(&document);
        wrong.extend(
            differences(&storage, &document).map(|words| format!("{}: {words}", record["file"])),
        );
    }
    writeln!(std::io::stderr(), "{pairs} pages in both").unwrap();
    assert!(pairs > 0);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Words and facts of which one has more than the other.
fn differences(storage: &Converted, document: &Converted) -> impl Iterator<Item = String> {
    let mut counts: HashMap<String, i32> = HashMap::new();
    for (converted, by) in [(storage, 1), (document, -1)] {
        let meta = &converted.meta;
        for word in words(&converted.text) {
            *counts.entry(word.to_owned()).or_default() += by;
        }
        let cards = meta.links.iter().filter(|link| link.source == "card");
        for word in cards.flat_map(|card| words(&card.label)) {
            *counts.entry(word.to_owned()).or_default() -= by;
        }
        let headings = facts(&meta.headings);
        let macros = meta
            .macros
            .iter()
            .map(|(name, count)| format!("{name} {count}"));
        let tasks = meta
            .tasks
            .iter()
            .map(|task| format!("{} {}", task.is_done(), task.text));
        let code = facts(&meta.code);
        for fact in headings.chain(macros).chain(tasks).chain(code) {
            *counts.entry(fact).or_default() += by;
        }
    }
    let differ = counts.into_iter().filter(|(_, count)| *count != 0);
    differ.map(|(word, count)| format!("{count:+} {word}"))
}

/// Entries as text, wherever they stand.
fn facts(entries: &impl Serialize) -> impl Iterator<Item = String> {
    let entries = without_blocks(serde_json::to_value(entries).unwrap());
    let entries: Vec<serde_json::Value> = serde_json::from_value(entries).unwrap();
    entries.into_iter().map(|entry| entry.to_string())
}

/// A page as the server rendered it keeps the ids of its headings, and says what its storage
/// format says, but for captions of images, which the server leaves out.
#[test]
fn rendered_pages_say_what_storage_format_says() {
    let Some(folder) = corpus() else { return };
    let mut pages = 0;
    for file in fs::read_dir(folder.join("api/recordings")).unwrap() {
        let file = file.unwrap().path();
        if !file.to_string_lossy().ends_with("-page-v1.json") {
            continue;
        }
        let recorded: serde_json::Value =
            serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let (Some(_), Some(storage), Some(view)) = recorded_page(&recorded) else {
            continue;
        };
        pages += 1;
        let rendered = convert_as(Representation::Html, &view);
        assert_segments(&rendered);
        let ids: Vec<&str> = rendered
            .meta
            .headings
            .iter()
            .map(|heading| &*heading.anchor_s)
            .collect();
        assert_eq!(ids, heading_ids(&view), "{}", file.display());
        let storage = convert_as(Representation::Storage, &storage);
        let known: HashSet<&str> = words(&storage.text).collect();
        let new: Vec<&str> = words(&rendered.text)
            .filter(|word| !known.contains(word))
            .collect();
        assert!(new.is_empty(), "{}: {new:?}", file.display());
        assert!(words(&rendered.text).count() * 10 > words(&storage.text).count() * 9);
    }
    writeln!(std::io::stderr(), "{pages} rendered pages").unwrap();
    assert!(pages > 0);
}

/// Title, storage format and rendered page of an answer of the REST API.
pub(super) fn recorded_page(
    recorded: &serde_json::Value,
) -> (Option<String>, Option<String>, Option<String>) {
    let found = |path: &str| {
        let direct = recorded.pointer(path);
        let wrapped = ["/response/body", "/body", "/response", "/json"]
            .iter()
            .find_map(|prefix| recorded.pointer(&format!("{prefix}{path}")));
        direct
            .or(wrapped)
            .and_then(serde_json::Value::as_str)
            .map(str::to_owned)
    };
    (
        found("/title"),
        found("/body/storage/value"),
        found("/body/view/value"),
    )
}
