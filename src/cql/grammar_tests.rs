//! The published grammar and the parser agree: what is made from `schema/cql.ebnf` is read.
//!
//! A small reader of ISO 14977 is here: alternatives, sequences, options, repetitions,
//! exceptions, terminals and special sequences.

use std::collections::HashMap;

use proptest::prelude::*;

use super::parse::parse;

const GRAMMAR: &str = include_str!("../../schema/cql.ebnf");

#[derive(Debug, Clone)]
enum Part {
    Terminal(String),
    Rule(String),
    /// Any character, or any blank, as the exceptions around it tell.
    Special,
    Any(Vec<Part>),
    All(Vec<Part>),
    Option(Box<Part>),
    Repeat(Box<Part>),
    Except(Box<Part>, Box<Part>),
}

struct Grammar {
    rules: HashMap<String, Part>,
    /// Least number of rules inside each other that a rule can end with.
    heights: HashMap<String, usize>,
}

/// Rules whose parts stand together without a blank.
const TOKENS: &[&str] = &[
    "call_head",
    "property",
    "other_field",
    "string",
    "word",
    "name",
    "simple",
    "date",
    "increment",
    "year",
    "month",
    "day",
];

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn blanks(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            let Some(comment) = self.rest.strip_prefix("(*") else {
                return;
            };
            self.rest = comment.split_once("*)").expect("comments end").1;
        }
    }

    fn takes(&mut self, sign: char) -> bool {
        self.blanks();
        let found = self.rest.strip_prefix(sign);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn rule(&mut self) -> Option<(String, Part)> {
        self.blanks();
        let name = self.name()?;
        assert!(self.takes('='), "{name}");
        let part = self.any();
        assert!(
            self.takes(';'),
            "{name}: {}",
            &self.rest[..40.min(self.rest.len())]
        );
        Some((name, part))
    }

    fn name(&mut self) -> Option<String> {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!name.is_empty()).then(|| name.to_owned())
    }

    fn any(&mut self) -> Part {
        let mut parts = vec![self.all()];
        while self.takes('|') {
            parts.push(self.all());
        }
        Part::Any(parts)
    }

    fn all(&mut self) -> Part {
        let mut parts = vec![self.except()];
        while self.takes(',') {
            parts.push(self.except());
        }
        Part::All(parts)
    }

    fn except(&mut self) -> Part {
        let part = self.one();
        if self.takes('-') {
            return Part::Except(Box::new(part), Box::new(self.one()));
        }
        part
    }

    fn one(&mut self) -> Part {
        for (open, close) in [('(', ')'), ('[', ']'), ('{', '}')] {
            if self.takes(open) {
                let inner = self.any();
                assert!(self.takes(close), "{}", self.rest);
                return match open {
                    '(' => inner,
                    '[' => Part::Option(Box::new(inner)),
                    _ => Part::Repeat(Box::new(inner)),
                };
            }
        }
        for quote in ['"', '\'', '?'] {
            if self.takes(quote) {
                let (text, rest) = self.rest.split_once(quote).expect("quotes end");
                self.rest = rest;
                return match quote {
                    '?' => Part::Special,
                    _ => Part::Terminal(text.to_owned()),
                };
            }
        }
        Part::Rule(self.name().expect("a name"))
    }
}

impl Grammar {
    fn read() -> Self {
        let mut reader = Reader { rest: GRAMMAR };
        let rules = std::iter::from_fn(|| reader.rule()).collect();
        let mut grammar = Self {
            rules,
            heights: HashMap::new(),
        };
        // Each round knows the rules that are one higher.
        for _ in 0..grammar.rules.len() {
            for (name, part) in &grammar.rules {
                if let Some(height) = grammar.height(part) {
                    grammar.heights.insert(name.clone(), height + 1);
                    break;
                }
            }
            let known: Vec<_> = grammar
                .rules
                .iter()
                .filter_map(|(name, part)| Some((name.clone(), grammar.height(part)? + 1)))
                .collect();
            grammar.heights.extend(known);
        }
        grammar
    }

    fn height(&self, part: &Part) -> Option<usize> {
        match part {
            Part::Terminal(_) | Part::Special | Part::Option(_) | Part::Repeat(_) => Some(0),
            Part::Rule(name) => self.heights.get(name).copied(),
            Part::Any(parts) => parts.iter().filter_map(|part| self.height(part)).min(),
            Part::All(parts) => {
                let heights = parts.iter().map(|part| self.height(part));
                heights.collect::<Option<Vec<_>>>()?.into_iter().max()
            }
            Part::Except(part, _) => self.height(part),
        }
    }

    /// Whether a part is exactly this text; for exceptions, which are short.
    fn is(&self, part: &Part, text: &str) -> bool {
        match part {
            Part::Terminal(terminal) => terminal.eq_ignore_ascii_case(text),
            Part::Special => text.chars().all(char::is_whitespace),
            Part::Rule(name) => self.is(&self.rules[name], text),
            Part::Any(parts) => parts.iter().any(|part| self.is(part, text)),
            Part::All(parts) => parts.len() == 1 && self.is(&parts[0], text),
            _ => panic!("no exception is so long"),
        }
    }
}

/// Numbers out of which choices are made.
struct Dice {
    numbers: Vec<u8>,
    at: usize,
}

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        let number = self.numbers[self.at % self.numbers.len()];
        // Numbers that were used come again as others.
        let turn = self.at / self.numbers.len() * 7;
        self.at += 1;
        (usize::from(number) + turn) % sides
    }
}

const CHARACTERS: &str = "aZ9_:-&ä日~ /.\\\"'*()[]=!<>,+?#@|%^$;";
/// Rules inside each other, after which the shortest way out is taken.
const DEEPEST: usize = 14;

struct Writer<'a> {
    grammar: &'a Grammar,
    dice: Dice,
    out: String,
}

impl Writer<'_> {
    fn write(&mut self, part: &Part, depth: usize, joined: bool) {
        match part {
            Part::Terminal(text) => {
                self.out.push_str(text);
                self.blank(joined);
            }
            Part::Special => {
                let all: Vec<char> = CHARACTERS.chars().collect();
                let at = self.dice.roll(all.len());
                self.out.push(all[at]);
            }
            Part::Rule(name) => {
                let token = TOKENS.contains(&name.as_str());
                let part = self.grammar.rules[name].clone();
                self.write(&part, depth + 1, joined || token);
                self.blank(joined);
            }
            Part::Any(parts) => {
                let part = self.choice(parts, depth);
                self.write(&part, depth, joined);
            }
            Part::All(parts) => {
                for part in parts {
                    self.write(part, depth, joined);
                }
            }
            Part::Option(part) => {
                if depth < DEEPEST && self.dice.roll(2) == 1 {
                    self.write(part, depth, joined);
                }
            }
            Part::Repeat(part) => {
                let most = if depth < DEEPEST { 3 } else { 1 };
                for _ in 0..self.dice.roll(most) {
                    self.write(part, depth, joined);
                }
            }
            Part::Except(part, exception) => self.write_except(part, exception, depth, joined),
        }
    }

    fn write_except(&mut self, part: &Part, exception: &Part, depth: usize, joined: bool) {
        let start = self.out.len();
        for _ in 0..200 {
            self.write(part, depth, true);
            if !self.grammar.is(exception, &self.out[start..]) {
                self.blank(joined);
                return;
            }
            self.out.truncate(start);
        }
        // Too unlucky; a letter is never an exception.
        self.out.push('a');
        self.blank(joined);
    }

    fn choice(&mut self, parts: &[Part], depth: usize) -> Part {
        if depth < DEEPEST {
            return parts[self.dice.roll(parts.len())].clone();
        }
        let lowest = parts
            .iter()
            .min_by_key(|part| self.grammar.height(part).unwrap_or(99));
        lowest.expect("there are alternatives").clone()
    }

    fn blank(&mut self, joined: bool) {
        if !joined && !self.out.ends_with(' ') {
            self.out.push(' ');
        }
    }
}

fn grammar() -> &'static Grammar {
    static READ: std::sync::OnceLock<Grammar> = std::sync::OnceLock::new();
    READ.get_or_init(Grammar::read)
}

#[test]
fn every_rule_is_defined_and_ends() {
    let grammar = grammar();
    assert!(grammar.rules.len() > 30);
    for name in grammar.rules.keys() {
        assert!(grammar.heights.contains_key(name), "{name} never ends");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 3_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_the_grammar_makes_is_read(numbers in prop::collection::vec(any::<u8>(), 20..200)) {
        let dice = Dice { numbers, at: 0 };
        let mut writer = Writer { grammar: grammar(), dice, out: String::new() };
        writer.write(&Part::Rule("query".to_owned()), 0, false);
        let text = writer.out;
        let query = parse(&text);
        prop_assert!(query.is_ok(), "{}", query.unwrap_err().render(&text));
        let printed = query.unwrap().to_string();
        prop_assert_eq!(parse(&printed).unwrap().to_string(), printed);
    }
}
