//! Finds the macros of a body and which tag closes which, before anything else is read.
//!
//! One tag both opens and closes in wiki markup: `{panel}` closes the innermost open panel
//! when there is one and it has no parameters, else it opens one. So pairs are found first,
//! over the whole body, and the rest of the reader sees macros that nest properly. Braces
//! that make no macro (`/users/{id}`, `${name}`, the end of a function) stay text.

use std::collections::HashMap;
use std::ops::Range;

use memchr::{memchr, memchr2};

use super::super::macros;
use super::super::warn::Warnings;

/// Macros read of one body; braces behind them are text.
const MOST_TAGS: usize = 500_000;

/// A tag, and all of a macro whose body is literal.
#[derive(Debug)]
pub(super) struct Brace<'s> {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Lower case.
    pub(super) name: String,
    pub(super) params: &'s str,
    pub(super) role: Role,
}

/// What a tag does. Numbers are places in the list of tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    Open {
        close: usize,
    },
    Close {
        open: usize,
    },
    /// A macro without a body.
    Alone,
    /// The whole macro with its body, in which nothing is read.
    Literal(Range<usize>),
    /// Colours: no macro, nothing to read.
    Nothing,
}

/// All tags in their order.
pub(super) fn find<'s>(source: &'s str, warnings: &mut Warnings) -> Vec<Brace<'s>> {
    let mut finder = Finder {
        source,
        found: Vec::new(),
        open: Vec::new(),
        by_name: HashMap::new(),
        never_closed: Vec::new(),
        monospace: Monospace::default(),
        warnings,
    };
    finder.run();
    finder.leave(0);
    let Finder {
        found, warnings, ..
    } = finder;
    settled(found, warnings)
}

/// A tag whose role may still change.
#[derive(Debug)]
struct Found<'s> {
    brace: Brace<'s>,
    fate: Fate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    /// Never closed, of a macro that has a body.
    Unclosed,
    /// Never closed, of a macro that nobody knows.
    Unknown,
    /// No macro at all.
    Text,
}

/// Drops what is text and counts the places anew.
fn settled<'s>(found: Vec<Found<'s>>, warnings: &mut Warnings) -> Vec<Brace<'s>> {
    let mut places = Vec::with_capacity(found.len());
    let mut next = 0;
    for found in &found {
        places.push(next);
        next += usize::from(found.fate != Fate::Text);
    }
    let mut out = Vec::with_capacity(next);
    for Found { mut brace, fate } in found {
        match fate {
            Fate::Kept => {}
            Fate::Unclosed => warnings.damage("macro_not_closed", brace.start, &brace.name),
            Fate::Unknown | Fate::Text => {
                warnings.note("unknown_macro", brace.start, &brace.name);
            }
        }
        if fate == Fate::Text {
            continue;
        }
        match &mut brace.role {
            Role::Open { close } => *close = places[*close],
            Role::Close { open } => *open = places[*open],
            _ => {}
        }
        out.push(brace);
    }
    out
}

struct Finder<'s, 'w> {
    source: &'s str,
    found: Vec<Found<'s>>,
    /// Tags that may still be closed.
    open: Vec<usize>,
    /// Per name, places in `open`.
    by_name: HashMap<String, Vec<usize>>,
    /// Literal macros whose end was looked for and is not ahead.
    never_closed: Vec<String>,
    monospace: Monospace,
    warnings: &'w mut Warnings,
}

/// A tag as written.
struct Written<'s> {
    name: &'s str,
    params: &'s str,
    end: usize,
}

impl<'s> Finder<'s, '_> {
    fn run(&mut self) {
        let bytes = self.source.as_bytes();
        let mut at = 0;
        while let Some(next) = memchr2(b'{', b'\\', &bytes[at..]) {
            at += next;
            if bytes[at] == b'\\' {
                at += 1 + usize::from(at + 1 < bytes.len() && bytes[at + 1].is_ascii());
                continue;
            }
            if let Some(content) = self.monospace.at(self.source, at) {
                at = content.end + 2;
                continue;
            }
            if bytes.get(at + 1) == Some(&b'{') {
                at += 1;
                continue;
            }
            match written(self.source, at) {
                Some(tag) => at = self.tag(at, &tag),
                None => at += 1,
            }
            if self.found.len() >= MOST_TAGS {
                self.warnings.note("node_limit", at, "");
                break;
            }
        }
    }

    /// Takes a tag in; returns where to go on.
    fn tag(&mut self, start: usize, tag: &Written<'s>) -> usize {
        let name = tag.name.to_ascii_lowercase();
        let bare = tag.params.is_empty();
        if matches!(name.as_str(), "color" | "colour") {
            self.push(start, name, tag, Role::Nothing);
            return tag.end;
        }
        if bare
            && let Some(place) = self
                .by_name
                .get(&name)
                .and_then(|open| open.last().copied())
        {
            self.close(place, start, name, tag);
            return tag.end;
        }
        if self.source[..start].ends_with('$') {
            return tag.end;
        }
        if is_literal(&name) {
            return self.literal(start, name, tag);
        }
        if has_no_body(&name) {
            if !bare || says_something_alone(&name) {
                self.push(start, name, tag, Role::Alone);
            }
            return tag.end;
        }
        if is_known(&name) || tag.params.contains('=') || self.stands_alone(start, tag.end) {
            self.by_name
                .entry(name.clone())
                .or_default()
                .push(self.open.len());
            self.open.push(self.found.len());
            self.push(start, name, tag, Role::Alone);
        }
        tag.end
    }

    fn push(&mut self, start: usize, name: String, tag: &Written<'s>, role: Role) {
        let end = match &role {
            Role::Literal(body) => body.end + name.len() + "{}".len(),
            _ => tag.end,
        };
        self.found.push(Found {
            brace: Brace {
                start,
                end,
                name,
                params: tag.params,
                role,
            },
            fate: Fate::Kept,
        });
    }

    /// Closes what was opened at this place of `open`; all inside it has no body.
    fn close(&mut self, place: usize, start: usize, name: String, tag: &Written<'s>) {
        self.leave(place + 1);
        let open = self.open.pop().expect("it was found there");
        if let Some(places) = self.by_name.get_mut(&name) {
            places.pop();
        }
        self.found[open].brace.role = Role::Open {
            close: self.found.len(),
        };
        self.push(start, name, tag, Role::Close { open });
    }

    /// What is open from this place on will not be closed any more.
    fn leave(&mut self, place: usize) {
        while self.open.len() > place {
            let Some(at) = self.open.pop() else { return };
            let name = &self.found[at].brace.name;
            if let Some(places) = self.by_name.get_mut(name) {
                places.pop();
            }
            self.found[at].fate = self.without_end(&self.found[at].brace);
        }
    }

    /// What becomes of a tag that should have a body and is never closed.
    fn without_end(&self, brace: &Brace<'_>) -> Fate {
        match (is_known(&brace.name), brace.params.contains('=')) {
            (false, true) => Fate::Unknown,
            (false, false) => Fate::Text,
            (true, _) if brace.params.is_empty() && !self.stands_alone(brace.start, brace.end) => {
                Fate::Text
            }
            (true, _) => Fate::Unclosed,
        }
    }

    /// A macro whose body nobody reads: up to the next tag of its name.
    fn literal(&mut self, start: usize, name: String, tag: &Written<'s>) -> usize {
        let ahead = !self.never_closed.contains(&name);
        let body = ahead
            .then(|| literal_end(self.source, tag.end, &name))
            .flatten();
        if let Some(body) = body {
            let end = body.end + name.len() + "{}".len();
            self.push(start, name, tag, Role::Literal(body));
            return end;
        }
        self.never_closed.push(name.clone());
        self.push(start, name, tag, Role::Alone);
        if let Some(found) = self.found.last() {
            let fate = self.without_end(&found.brace);
            let last = self.found.len() - 1;
            self.found[last].fate = fate;
        }
        tag.end
    }

    /// Whether nothing else stands on its line, as authors write macros with a body.
    fn stands_alone(&self, start: usize, end: usize) -> bool {
        let before = self.source[..start].trim_end_matches([' ', '\t']);
        let after = self.source[end..].trim_start_matches([' ', '\t', '\r']);
        (before.is_empty() || before.ends_with('\n'))
            && (after.is_empty() || after.starts_with('\n'))
    }
}

/// Where a literal body ends: before the next tag of its name, in any case of letters.
fn literal_end(source: &str, from: usize, name: &str) -> Option<Range<usize>> {
    let bytes = source.as_bytes();
    let mut at = from;
    while let Some(next) = memchr(b'{', &bytes[at..]) {
        let open = at + next;
        let end = open + 1 + name.len();
        let same = bytes
            .get(open + 1..end)
            .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()));
        let escaped = open > from && bytes[open - 1] == b'\\';
        if same && !escaped && bytes.get(end) == Some(&b'}') {
            return Some(from..open);
        }
        at = open + 1;
    }
    None
}

/// A tag that begins at this brace: a name, then nothing or a colon and parameters.
fn written(source: &str, at: usize) -> Option<Written<'_>> {
    let rest = &source[at + 1..];
    let bytes = rest.as_bytes();
    let name_byte = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let length = bytes
        .iter()
        .take(64)
        .take_while(|byte| name_byte(byte))
        .count();
    if !bytes.first()?.is_ascii_alphabetic() {
        return None;
    }
    let (params, end) = match bytes.get(length)? {
        b'}' => ("", length),
        b':' => {
            let from = length + 1;
            let end = from + params_end(&bytes[from..])?;
            (&rest[from..end], end)
        }
        _ => return None,
    };
    Some(Written {
        name: &rest[..length],
        params,
        end: at + 1 + end + 1,
    })
}

/// Where parameters end; they stand on one line and hold no braces of their own.
fn params_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b'}' => return Some(at),
            b'{' | b'\n' => return None,
            _ => at += 1,
        }
    }
}

/// Finds `{{text}}`, which stands on one line and in which nothing else is read.
#[derive(Debug, Default)]
pub(super) struct Monospace {
    /// No end stands before here: remembered, so that looking stays linear.
    none_before: usize,
}

impl Monospace {
    /// The text between the braces that begin here.
    pub(super) fn at(&mut self, source: &str, at: usize) -> Option<Range<usize>> {
        let bytes = source.as_bytes();
        if !bytes[at..].starts_with(b"{{") || at < self.none_before {
            return None;
        }
        let from = at + 2;
        let mut end = from;
        loop {
            match memchr2(b'}', b'\n', &bytes[end..]) {
                Some(next) if bytes[end + next] == b'}' => {
                    end += next;
                    if end > from && bytes.get(end + 1) == Some(&b'}') {
                        break;
                    }
                    end += 1;
                }
                Some(next) => {
                    self.none_before = end + next;
                    return None;
                }
                None => {
                    self.none_before = bytes.len();
                    return None;
                }
            }
        }
        // `{{${name}}}`: the last two braces are the end.
        while bytes.get(end + 2) == Some(&b'}') {
            end += 1;
        }
        let content = source[from..end].trim_ascii();
        (!content.is_empty()).then_some(from..end)
    }
}

fn rule_has(name: &str, one_of: &[&str]) -> bool {
    let rule = macros::rule(name);
    rule.is_some_and(|rule| rule.names().iter().any(|name| one_of.contains(name)))
}

/// Macros that have a rule, and quotations.
fn is_known(name: &str) -> bool {
    name == "quote" || macros::rule(name).is_some()
}

/// Macros that never have a body, by one name of each rule.
fn has_no_body(name: &str) -> bool {
    const RULES: [&str; 13] = [
        "anchor",
        "children",
        "excerpt-include",
        "include",
        "jira",
        "loremipsum",
        "profile",
        "redirect",
        "roadmap",
        "status",
        "toc",
        "view-file",
        "widget",
    ];
    rule_has(name, &RULES)
}

/// Macros that a reader sees although they were told nothing.
fn says_something_alone(name: &str) -> bool {
    rule_has(name, &["children", "loremipsum", "toc"])
}

/// Macros whose body is a language of its own, by one name of each rule; then those that
/// have no rule.
fn is_literal(name: &str) -> bool {
    const RULES: [&str; 8] = [
        "code",
        "csv",
        "html",
        "markdown",
        "mathblock",
        "noformat",
        "plantuml",
        "unmigrated-wiki-markup",
    ];
    const OTHERS: [&str; 8] = [
        "beanshell",
        "groovy",
        "javascript",
        "script",
        "sql",
        "style",
        "velocity",
        "xslt",
    ];
    OTHERS.contains(&name) || rule_has(name, &RULES)
}
