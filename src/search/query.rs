//! What a plain question asks: words that rank, and parts that narrow.
//!
//! ```text
//! question = { part }
//! part     = [ "-" ] [ field ":" ] ( word | '"' words '"' )
//! field    = "title" | "label" | "space" | "file"
//! ```
//!
//! A plain word never has to be there: documents that lack one rank lower. A quoted phrase,
//! a field and a minus do narrow. What does not read as one of these is a plain word, so that
//! no question is ever refused: `error: timeout`, `https://…`, `-1`, a lone quote.

use crate::analysis::{QueryPosition, fold_keyword, surface, term_language};
use crate::cql::plan::{Clause, Filter, TextExpr, TextField};
use crate::model::Lang;
use crate::ports::Scored;

use super::filter::column;
use super::stopwords;
use super::words;

/// Weight of a word in the title, which already counts once in the text.
const TITLE_BOOST: f32 = 0.5;
/// Weight of an identifier standing whole, beside its parts.
const WHOLE_BOOST: f32 = 1.0;
/// Longest phrase that is looked for as a whole; a longer run of text without spaces is a
/// sentence and is found by its parts.
const LONGEST_WHOLE: usize = 8;
/// Most positions that rank; a longer question is an excerpt and its beginning decides.
const MOST_WORDS: usize = 64;

/// A question, taken apart.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Question {
    /// What ranks, in the order of the question.
    pub(crate) words: Vec<Word>,
    /// Wholes with several positions: identifiers, runs without spaces, phrases.
    wholes: Vec<Vec<Vec<String>>>,
    /// What must hold.
    pub(crate) filter: Filter,
    /// Words that only ask and were left out.
    pub(crate) dropped: Vec<String>,
    /// The language, when its words give it away.
    pub(crate) lang: Option<Lang>,
}

/// One position of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// As written.
    pub(crate) text: String,
    /// Plain terms, any of which satisfies it.
    pub(crate) plain: Vec<String>,
    /// The exact form as the index marks it, where it differs from a plain term.
    pub(crate) exact: Option<String>,
    /// Stands right after the word before it in the same whole.
    pub(crate) joined: bool,
}

/// A part of the question as written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part<'a> {
    negative: bool,
    field: Option<Field>,
    quoted: bool,
    text: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Title,
    Label,
    Space,
    File,
}

const FIELDS: [(&str, Field); 4] = [
    ("title", Field::Title),
    ("label", Field::Label),
    ("space", Field::Space),
    ("file", Field::File),
];

impl Question {
    pub(crate) fn parse(text: &str) -> Self {
        let parts = parts(text);
        let mut question = Self {
            lang: stopwords::guess(plain(&parts)),
            ..Self::default()
        };
        let stop = |part: &Part<'_>| {
            let lang = question.lang;
            part.is_plain() && lang.is_some_and(|lang| stopwords::is_stop_word(part.text, lang))
        };
        let stops: Vec<bool> = parts.iter().map(stop).collect();
        let says = |(part, stop): (&Part<'_>, &bool)| !part.negative && !stop;
        // When nothing else is left, the question words are what was asked for.
        let drop = parts.iter().zip(&stops).any(says);
        let mut narrow = Vec::new();
        for (part, stop) in parts.iter().zip(stops) {
            if stop && drop {
                question.dropped.push(part.text.to_owned());
            } else if let Some(filter) = question.add(part) {
                narrow.push(filter);
            }
        }
        question.filter = all_of(narrow);
        question.words.truncate(MOST_WORDS);
        question
    }

    /// Several questions as one, for choosing passages: all of their words. What narrows holds
    /// only when every one of them narrows, and then admits what any of them does.
    pub(crate) fn all(parts: &[Self]) -> Self {
        let mut parsed = parts.iter().cloned();
        let mut all = parsed.next().unwrap_or_default();
        let mut filters = vec![std::mem::take(&mut all.filter)];
        for question in parsed {
            for word in question.words {
                if !all.words.iter().any(|have| have.plain == word.plain) {
                    all.words.push(word);
                }
            }
            for whole in question.wholes {
                if !all.wholes.contains(&whole) {
                    all.wholes.push(whole);
                }
            }
            filters.push(question.filter);
            all.dropped.extend(question.dropped);
            all.lang = all.lang.or(question.lang);
        }
        all.filter = match filters.len() {
            1 => filters.swap_remove(0),
            _ if filters.contains(&Filter::All) => Filter::All,
            _ => Filter::Or(filters),
        };
        all.words.truncate(MOST_WORDS);
        all
    }

    /// Adds what ranks; returns what narrows.
    fn add(&mut self, part: &Part<'_>) -> Option<Filter> {
        let positions = words::positions(part.text);
        if part.ranks() {
            self.rank(part.text, &positions);
        }
        let filter = part.filter(positions)?;
        Some(if part.negative {
            Filter::Not(Box::new(filter))
        } else {
            filter
        })
    }

    fn rank(&mut self, text: &str, positions: &[QueryPosition]) {
        for (n, position) in positions.iter().enumerate() {
            // Pairs of a run without spaces all have the place of the run.
            let shared = |n: usize| positions.get(n).is_some_and(|p| p.span == position.span);
            let shared = shared(n + 1) || n.checked_sub(1).is_some_and(shared);
            let written = text.get(position.span.clone()).filter(|_| !shared);
            let written = written.unwrap_or(&position.exact);
            let same = position
                .plain
                .iter()
                .all(|term| surface(term) == position.exact);
            self.words.push(Word {
                text: written.to_owned(),
                plain: position.plain.clone(),
                exact: (!same).then(|| format!("{}{}", crate::analysis::EXACT, position.exact)),
                joined: n > 0,
            });
        }
        if (2..=LONGEST_WHOLE).contains(&positions.len()) {
            let whole = positions.iter().map(|position| position.plain.clone());
            self.wholes.push(whole.collect());
        }
    }

    /// Whether the question asks for what holds now.
    pub(crate) fn wants_current(&self) -> bool {
        const CURRENT: [&str; 12] = [
            "current",
            "currently",
            "latest",
            "newest",
            "now",
            "today",
            "recent",
            "aktuell",
            "aktuelle",
            "aktuellen",
            "neueste",
            "derzeit",
        ];
        let written = self.words.iter().map(|word| word.text.to_lowercase());
        let dropped = self.dropped.iter().map(|word| word.to_lowercase());
        written
            .chain(dropped)
            .any(|word| CURRENT.contains(&word.as_str()))
    }

    /// One clause for each word, then one for each whole.
    pub(crate) fn clauses(&self) -> Vec<Scored> {
        let words = self.words.iter().map(word_clause);
        let wholes = self.wholes.iter().filter_map(|whole| whole_clause(whole));
        words.chain(wholes).collect()
    }

    /// The scored clause; nothing when the question has no words.
    pub(crate) fn scored(&self) -> Option<Scored> {
        let clauses = self.clauses();
        (!clauses.is_empty()).then_some(Scored::AnyOf(clauses))
    }
}

/// BM25 over the text plus half of it over the title.
pub(crate) fn word_clause(word: &Word) -> Scored {
    let over = |field, boost| {
        let term = |term: &String| Scored::Term {
            field,
            term: term.clone(),
            boost,
        };
        best_of(word.plain.iter().map(term).collect())
    };
    Scored::AnyOf(vec![
        over(TextField::Text, 1.0),
        over(TextField::Title, TITLE_BOOST),
    ])
}

/// All parts in a row, once for each language: a document has the stems of one language,
/// and terms that carry none, such as numbers, fit all.
fn whole_clause(whole: &[Vec<String>]) -> Option<Scored> {
    let mut languages: Vec<&str> = Vec::new();
    for term in whole.iter().flatten() {
        if !languages.contains(&term_language(term)) {
            languages.push(term_language(term));
        }
    }
    let phrase = |language: &str| -> Option<Scored> {
        let of = |plain: &Vec<String>, language: &str| {
            plain.iter().find(|t| term_language(t) == language).cloned()
        };
        let terms = whole
            .iter()
            .map(|plain| of(plain, language).or_else(|| of(plain, "")));
        Some(Scored::Phrase {
            field: TextField::Text,
            terms: terms.collect::<Option<_>>()?,
            boost: WHOLE_BOOST,
        })
    };
    let phrases: Vec<_> = languages.into_iter().filter_map(phrase).collect();
    (!phrases.is_empty()).then(|| best_of(phrases))
}

fn best_of(mut clauses: Vec<Scored>) -> Scored {
    match clauses.len() {
        1 => clauses.remove(0),
        _ => Scored::DisMax { clauses, tie: 0.0 },
    }
}

/// All of these; nothing to say is everything.
pub(crate) fn all_of(mut filters: Vec<Filter>) -> Filter {
    filters.retain(|filter| *filter != Filter::All);
    match filters.len() {
        0 => Filter::All,
        1 => filters.remove(0),
        _ => Filter::And(filters),
    }
}

impl Part<'_> {
    fn is_plain(&self) -> bool {
        !self.negative && self.field.is_none() && !self.quoted
    }

    fn ranks(&self) -> bool {
        !self.negative && !matches!(self.field, Some(Field::Label | Field::Space))
    }

    fn filter(&self, positions: Vec<QueryPosition>) -> Option<Filter> {
        let phrase = |fields| {
            (!positions.is_empty()).then_some(Filter::Clause(Clause::Text {
                fields,
                expr: TextExpr::Phrase(positions),
            }))
        };
        match self.field {
            Some(Field::Label) => Some(terms(column::LABEL, fold_keyword(self.text))),
            Some(Field::Space) => Some(terms(column::SPACE, fold_keyword(self.text))),
            Some(Field::Title) => phrase(&[TextField::Title]),
            Some(Field::File) => Some(Filter::And(vec![
                terms(column::TYPE, "attachment".to_owned()),
                phrase(&[TextField::Title])?,
            ])),
            // The text of a page has its title, that of a comment does not.
            None if self.quoted || self.negative => phrase(&[TextField::Text, TextField::Title]),
            None => None,
        }
    }
}

fn terms(column: &'static str, value: String) -> Filter {
    Filter::Clause(Clause::Terms {
        column,
        values: vec![value],
    })
}

fn plain<'a>(parts: &'a [Part<'_>]) -> impl Iterator<Item = &'a str> + Clone {
    parts
        .iter()
        .filter(|part| part.is_plain())
        .map(|part| part.text)
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut rest = text.trim_start();
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (part, after) = next_part(rest);
        parts.push(part);
        rest = after.trim_start();
    }
    parts
}

fn next_part(text: &str) -> (Part<'_>, &str) {
    let (negative, body) = match text.strip_prefix('-') {
        Some(body) if excludes(body) => (true, body),
        _ => (false, text),
    };
    let (field, body) = field_of(body);
    if let Some((quoted, after)) = quoted(body) {
        let part = Part {
            negative,
            field,
            quoted: true,
            text: quoted,
        };
        return (part, after);
    }
    let end = body.find(char::is_whitespace).unwrap_or(body.len());
    let (text, after) = body.split_at(end);
    let part = Part {
        negative,
        field,
        quoted: false,
        text,
    };
    (part, after)
}

/// Whether what follows a minus is something to leave out; a number is not.
fn excludes(body: &str) -> bool {
    let word = body.split(char::is_whitespace).next().unwrap_or_default();
    let number = word
        .chars()
        .all(|c| c.is_ascii_digit() || ".,%".contains(c));
    !number && word.starts_with(|c: char| c.is_alphanumeric() || c == '"')
}

fn field_of(text: &str) -> (Option<Field>, &str) {
    let found = text.split_once(':').and_then(|(name, value)| {
        let name = name.to_ascii_lowercase();
        let field = FIELDS.iter().find(|(known, _)| *known == name)?.1;
        let given = value.starts_with(|c: char| !c.is_whitespace());
        given.then_some((field, value))
    });
    found.map_or((None, text), |(field, value)| (Some(field), value))
}

/// The inside of a quotation that is closed and has something in it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let close = match text.chars().next()? {
        '"' => '"',
        '“' | '„' => '”',
        _ => return None,
    };
    let open = text.chars().next().map_or(0, char::len_utf8);
    // German closes with the mark that English opens with.
    let ends = |c: char| c == close || (text.starts_with('„') && c == '“');
    let (inside, after) = text[open..].split_once(ends)?;
    (!inside.trim().is_empty()).then_some((inside, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(question: &Question) -> Vec<&str> {
        question.words.iter().map(|w| w.text.as_str()).collect()
    }

    fn check(text: &str, expected: &[&str], narrows: usize) {
        let question = Question::parse(text);
        assert_eq!(words(&question), expected, "{text}");
        let count = match &question.filter {
            Filter::All => 0,
            Filter::And(filters) if !text.contains("file:") => filters.len(),
            _ => 1,
        };
        assert_eq!(count, narrows, "{text}: {:?}", question.filter);
    }

    #[test]
    fn questions_are_taken_apart() {
        check(
            "when do we cancel sailings because of ice",
            &["cancel", "sailings", "because", "ice"],
            0,
        );
        check("how do I", &["how", "do", "I"], 0);
        check("ice \"outer pier\"", &["ice", "outer", "pier"], 1);
        check("ice -draft label:safety", &["ice"], 2);
        check(
            "title:\"winter timetable\" space:OPS",
            &["winter", "timetable"],
            2,
        );
        check("file:berths.xlsx", &["berths", "xlsx"], 1);
        check("exit code -1", &["exit", "code", "1"], 0);
        check("error: timeout", &["error", "timeout"], 0);
        check("a lone \" quote", &["lone", "quote"], 0);
        check("-ice", &[], 1);
        check("title:", &["title"], 0);
        check("", &[], 0);
        check("„Ablegen bei Eis“", &["Ablegen", "bei", "Eis"], 1);
    }

    #[test]
    fn several_questions_rank_together_and_narrow_only_together() {
        let all = |texts: &[&str]| {
            Question::all(
                &texts
                    .iter()
                    .map(|text| Question::parse(text))
                    .collect::<Vec<_>>(),
            )
        };
        let both = all(&["ice gauge", "gauge -draft"]);
        assert_eq!(words(&both), ["ice", "gauge"]);
        assert_eq!(both.filter, Filter::All);
        let narrowed = all(&["ice label:safety", "gauge -draft"]);
        assert!(matches!(narrowed.filter, Filter::Or(filters) if filters.len() == 2));
        assert!(all(&["latest rule"]).wants_current());
        assert!(!all(&["rule"]).wants_current());
        assert_eq!(all(&[]), Question::default());
    }

    #[test]
    fn an_identifier_ranks_whole_and_by_its_parts() {
        let question = Question::parse("OPS-118");
        assert_eq!(words(&question), ["OPS", "118"]);
        assert!(question.words[1].joined);
        let clauses = question.clauses();
        assert_eq!(clauses.len(), 3);
        let Scored::DisMax {
            clauses: phrases, ..
        } = &clauses[2]
        else {
            panic!("{:?}", clauses[2]);
        };
        let phrase = |terms: [&str; 2]| Scored::Phrase {
            field: TextField::Text,
            terms: terms.map(str::to_owned).to_vec(),
            boost: WHOLE_BOOST,
        };
        assert!(phrases.contains(&phrase(["op", "118"])));
        assert!(phrases.contains(&phrase(["de:ops", "118"])));
    }

    #[test]
    fn stop_words_in_quotes_stay() {
        assert_eq!(
            words(&Question::parse("\"to be or not\"")),
            ["to", "be", "or", "not"]
        );
    }

    #[test]
    fn a_long_question_ranks_by_its_beginning() {
        let text = "gauge ".repeat(2_000);
        assert_eq!(Question::parse(&text).words.len(), MOST_WORDS);
    }
}
