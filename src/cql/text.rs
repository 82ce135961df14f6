//! The language inside a text value, the right side of `~`.
//!
//! ```text
//! any    = all , { ( "OR" | "||" ) , all } ;
//! all    = part , { [ "AND" | "&&" ] , part } ;
//! part   = ( "NOT" | "!" | "+" | "-" ) , part | "(" , any , ")" | phrase | word ;
//! phrase = '"' … '"' , [ "~" , number ] ;
//! word   = characters , [ "~" , [ "1" | "2" ] ] , [ "^" , number ] ;
//! ```
//!
//! It is Lucene's, with `AND` as the default. Other than there, `AND` binds tighter than
//! `OR`: Lucene lets `a OR b c` match by `c` alone, which nobody expects of a filter.
//! Boosts are read and have no effect, for a filter does not rank. Ranges (`[a TO b]`) are
//! refused: they are not in Confluence's reference and ask for nothing useful.
//!
//! A quote at the start of a word must have a partner; one inside a word that has none is
//! a mark like any other (`19" rack`).
//!
//! Punctuation that is no operator is the analyser's business: a word that it cuts
//! becomes a phrase, one without letters or digits vanishes.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::error::ErrorCode;
use super::plan::TextExpr;
use crate::analysis::{self, MOST_NEAR, QueryPosition};

/// Groups and negations inside each other.
const MAX_DEPTH: usize = 64;

/// What is wrong with a text value, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextError {
    pub(super) code: ErrorCode,
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) hint: Option<&'static str>,
}

/// Reads a text value.
pub(super) fn parse(text: &str) -> Result<TextExpr, TextError> {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
    };
    let expr = reader.any()?;
    reader.blanks();
    if reader.at < text.len() {
        let message = "this parenthesis was never opened";
        return Err(reader.error(reader.at..reader.at + 1, message, Some(ESCAPE)));
    }
    expr.ok_or_else(|| reader.error(0..text.len(), "there is no word to search for", None))
}

const ESCAPE: &str = "a sign of the search language is taken literally after two backslashes";

/// An expression, or nothing where there was nothing to search for.
type Part = Result<Option<TextExpr>, TextError>;

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

/// One character of a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letter {
    Plain(char),
    /// After a backslash.
    Escaped(char),
}

impl Letter {
    fn is_wild(self) -> bool {
        matches!(self, Self::Plain('*' | '?'))
    }

    /// Whether an analyser may cut a word here.
    fn separates(self) -> bool {
        !self.is_wild() && !self.char().is_alphanumeric() && self.char() != '_'
    }

    fn char(self) -> char {
        match self {
            Self::Plain(c) | Self::Escaped(c) => c,
        }
    }
}

impl<'a> Reader<'a> {
    #[expect(
        clippy::unused_self,
        reason = "reads like the other steps of the reader"
    )]
    fn error(&self, span: Range<usize>, message: &str, hint: Option<&'static str>) -> TextError {
        let (code, message) = (ErrorCode::BadTextQuery, message.to_owned());
        TextError {
            code,
            span,
            message,
            hint,
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Takes a word of the language that stands alone.
    fn keyword(&mut self, names: &[&str]) -> Option<Range<usize>> {
        self.blanks();
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || "()\"".contains(c));
        let word = &rest[..end.unwrap_or(rest.len())];
        names.contains(&word).then(|| {
            let start = self.at;
            self.at += word.len();
            start..self.at
        })
    }

    fn any(&mut self) -> Part {
        let mut parts = Vec::new();
        parts.extend(self.all()?);
        while let Some(or) = self.keyword(&["OR", "||"]) {
            self.operand_after(&or)?;
            parts.extend(self.all()?);
        }
        Ok(joined(parts, TextExpr::Or))
    }

    fn all(&mut self) -> Part {
        let mut parts = Vec::new();
        loop {
            parts.extend(self.part()?);
            if let Some(and) = self.keyword(&["AND", "&&"]) {
                self.operand_after(&and)?;
                continue;
            }
            self.blanks();
            let here = self.at;
            let ends =
                self.peek().is_none_or(|c| c == ')') || self.keyword(&["OR", "||"]).is_some();
            self.at = here;
            if ends {
                return Ok(joined(parts, TextExpr::And));
            }
        }
    }

    /// An operator needs something on its right.
    fn operand_after(&mut self, operator: &Range<usize>) -> Result<(), TextError> {
        self.blanks();
        let here = self.at;
        let missing = self.peek().is_none_or(|c| c == ')')
            || self.keyword(&["OR", "||", "AND", "&&"]).is_some();
        self.at = here;
        if missing {
            Err(self.lonely(operator.clone()))
        } else {
            Ok(())
        }
    }

    fn lonely(&self, operator: Range<usize>) -> TextError {
        let message = format!(
            "`{}` needs words on both sides",
            &self.text[operator.clone()]
        );
        self.error(
            operator,
            &message,
            Some("put the word in double quotes to search for it"),
        )
    }

    fn part(&mut self) -> Part {
        if let Some(operator) = self.keyword(&["OR", "||", "AND", "&&"]) {
            return Err(self.lonely(operator));
        }
        if let Some(not) = self.keyword(&["NOT"]) {
            self.operand_after(&not)?;
            return self.negated();
        }
        self.blanks();
        let next = self.rest().chars().nth(1);
        let prefixes = next.is_some_and(|c| !c.is_whitespace() && c != ')');
        match self.peek() {
            Some('-' | '!') if prefixes => {
                self.at += 1;
                self.negated()
            }
            Some('+') if prefixes => {
                self.at += 1;
                self.nested(Self::part)
            }
            Some('(') => self.group(),
            Some('"') => self.phrase(),
            Some('[' | '{') => self.bracket(),
            _ => self.word(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Part) -> Part {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("more than {MAX_DEPTH} levels of groups and negations");
            let error = self.error(self.at..self.at, &message, None);
            return Err(TextError {
                code: ErrorCode::TooComplex,
                ..error
            });
        }
        let part = read(self);
        self.depth -= 1;
        part
    }

    fn negated(&mut self) -> Part {
        let part = self.nested(Self::part)?;
        Ok(part.map(|part| TextExpr::Not(Box::new(part))))
    }

    fn group(&mut self) -> Part {
        let open = self.at;
        self.at += 1;
        self.blanks();
        let part = if self.peek() == Some(')') {
            None
        } else {
            self.nested(Self::any)?
        };
        if self.peek() != Some(')') {
            let message = "this parenthesis is never closed";
            return Err(self.error(open..open + 1, message, Some(ESCAPE)));
        }
        self.at += 1;
        self.boost();
        Ok(part)
    }

    fn phrase(&mut self) -> Part {
        let open = self.at;
        let mut phrase = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        loop {
            match chars.next() {
                Some((offset, '"')) => {
                    self.at = open + offset + 1;
                    break;
                }
                Some((_, '\\')) => phrase.extend(chars.next().map(|(_, c)| c)),
                Some((_, c)) => phrase.push(c),
                None => {
                    let message = "this phrase has no closing quote";
                    return Err(self.error(open..open + 1, message, Some(ESCAPE)));
                }
            }
        }
        let slop = self.slop()?.filter(|slop| *slop > 0);
        self.boost();
        match (positions(&phrase), slop) {
            (Some(TextExpr::Phrase(positions)), Some(slop)) if positions.len() > 1 => {
                self.near(open..self.at, positions, slop)
            }
            (phrase, _) => Ok(phrase),
        }
    }

    fn near(&self, span: Range<usize>, positions: Vec<QueryPosition>, slop: u32) -> Part {
        if positions.len() <= MOST_NEAR {
            return Ok(Some(TextExpr::Near { positions, slop }));
        }
        let message = format!("at most {MOST_NEAR} words can be asked for near each other");
        let error = self.error(span, &message, None);
        Err(TextError {
            code: ErrorCode::TooComplex,
            ..error
        })
    }

    /// Takes `~3` behind a phrase.
    fn slop(&mut self) -> Result<Option<u32>, TextError> {
        let Some(rest) = self.rest().strip_prefix('~') else {
            return Ok(None);
        };
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let span = self.at..self.at + 1 + digits;
        let hint = "the number after a phrase says how far its words may be from each other";
        let Ok(slop) = rest[..digits].parse::<u32>() else {
            let message = "`~` after a phrase needs a number, for example \"ice rules\"~3";
            return Err(self.error(span, message, Some(hint)));
        };
        if slop as usize > MOST_NEAR {
            let message = format!("words can be asked for at most {MOST_NEAR} apart");
            return Err(self.error(span, &message, Some(hint)));
        }
        self.at = span.end;
        Ok(Some(slop))
    }

    /// A range is refused; any other bracket is punctuation.
    fn bracket(&mut self) -> Part {
        let inner = self.rest().split([']', '}']).next().unwrap_or_default();
        if inner.contains(" TO ") {
            let span = self.at..self.at + inner.len();
            return Err(self.error(span, "ranges of words cannot be asked for", Some(ESCAPE)));
        }
        self.word()
    }

    /// Skips `^2`.
    fn boost(&mut self) {
        if let Some(number) = self.rest().strip_prefix('^') {
            let end = number.find(|c: char| !c.is_ascii_digit() && c != '.');
            self.at += 1 + end.unwrap_or(number.len());
        }
    }

    fn word(&mut self) -> Part {
        let start = self.at;
        let mut letters = self.letters();
        let span = start..self.at;
        strip_boost(&mut letters);
        let fuzzy =
            strip_fuzzy(&mut letters).map_err(|message| self.error(span.clone(), message, None))?;
        let wild = letters.iter().any(|letter| letter.is_wild());
        match fuzzy {
            Some(_) if wild => {
                Err(self.error(span, "a word cannot be fuzzy and have wildcards", None))
            }
            None if wild => self.wildcard(&letters, span),
            Some(fuzziness) => Ok(fuzzy_word(&letters, fuzziness)),
            None => Ok(positions(&string(&letters))),
        }
    }

    /// Takes the characters of a word.
    fn letters(&mut self) -> Vec<Letter> {
        let mut letters = Vec::new();
        let mut chars = self.rest().char_indices();
        let mut len = self.rest().len();
        while let Some((offset, c)) = chars.next() {
            // A quote inside a word that has no partner is an inch mark, not a phrase.
            let phrase = c == '"' && has_quote(chars.as_str());
            if c.is_whitespace() || "()".contains(c) || phrase {
                len = offset;
                break;
            }
            if c == '\\' {
                // At the very end it escapes nothing and is dropped.
                letters.extend(chars.next().map(|(_, next)| Letter::Escaped(next)));
            } else {
                letters.push(Letter::Plain(c));
            }
        }
        self.at += len;
        letters
    }

    /// A pattern. The analyser may cut such a word or not, so a pattern with punctuation
    /// is tried whole and as its pieces.
    fn wildcard(&self, letters: &[Letter], span: Range<usize>) -> Part {
        let wild_only = |piece: &[Letter]| piece.iter().all(|letter| letter.is_wild());
        let pieces = letters.split(|letter| letter.separates());
        let pieces: Vec<&[Letter]> = pieces.filter(|piece| !piece.is_empty()).collect();
        let leads = |piece: &[Letter]| piece.first().is_some_and(|letter| letter.is_wild());
        if leads(letters) || pieces.iter().any(|piece| leads(piece) && !wild_only(piece)) {
            let message = "a wildcard cannot be the first character of a word";
            return Err(self.error(span, message, Some("search for the beginning of the word")));
        }
        let parts = pieces.into_iter().filter(|piece| !wild_only(piece));
        let pieces = joined(parts.filter_map(piece_expr).collect(), TextExpr::And);
        // The pattern cannot hold a literal `*` or `?`, and no indexed word has one.
        let literal = |letter: &Letter| matches!(letter, Letter::Escaped('*' | '?'));
        let cut = letters.iter().any(|letter| letter.separates());
        if !cut || letters.iter().any(literal) {
            return Ok(pieces);
        }
        let whole = TextExpr::Wildcard(fold(&string(letters)));
        Ok(pieces.map(|pieces| TextExpr::Or(vec![whole, pieces])))
    }
}

/// A piece of a pattern, between punctuation.
fn piece_expr(piece: &[Letter]) -> Option<TextExpr> {
    let text = string(piece);
    if piece.iter().any(|letter| letter.is_wild()) {
        Some(TextExpr::Wildcard(fold(&text)))
    } else {
        positions(&text)
    }
}

/// Whether a quote follows that no backslash stands before.
fn has_quote(text: &str) -> bool {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return true,
            '\\' => drop(chars.next()),
            _ => {}
        }
    }
    false
}

fn string(letters: &[Letter]) -> String {
    letters.iter().map(|letter| letter.char()).collect()
}

/// The form in which exact forms are indexed.
fn fold(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase()
}

fn joined(mut parts: Vec<TextExpr>, join: fn(Vec<TextExpr>) -> TextExpr) -> Option<TextExpr> {
    match parts.len() {
        0 | 1 => parts.pop(),
        _ => Some(join(parts)),
    }
}

fn positions(text: &str) -> Option<TextExpr> {
    let positions = analysis::query_positions(text);
    (!positions.is_empty()).then_some(TextExpr::Phrase(positions))
}

/// A word that the analyser cuts is fuzzy in each of its parts.
fn fuzzy_word(letters: &[Letter], fuzziness: Fuzziness) -> Option<TextExpr> {
    let positions = analysis::query_positions(&string(letters));
    let fuzzy = |QueryPosition { exact: term, .. }| {
        let distance = match fuzziness {
            Fuzziness::Edits(edits) => edits,
            Fuzziness::ByLength if term.chars().count() <= 5 => 1,
            Fuzziness::ByLength => 2,
        };
        TextExpr::Fuzzy { term, distance }
    };
    joined(positions.into_iter().map(fuzzy).collect(), TextExpr::And)
}

/// Takes `^2` off the end.
fn strip_boost(letters: &mut Vec<Letter>) {
    let number =
        |letter: &Letter| matches!(letter, Letter::Plain(c) if c.is_ascii_digit() || *c == '.');
    let hat = letters
        .iter()
        .rposition(|letter| *letter == Letter::Plain('^'));
    if let Some(hat) = hat.filter(|hat| letters[hat + 1..].iter().all(number)) {
        letters.truncate(hat);
    }
}

/// How far a found word may be from the one that was written.
#[derive(Clone, Copy)]
enum Fuzziness {
    /// One edit in words of up to five characters, two in longer ones.
    ByLength,
    Edits(u8),
}

/// Takes `~`, `~1` or `~2` off the end.
fn strip_fuzzy(letters: &mut Vec<Letter>) -> Result<Option<Fuzziness>, &'static str> {
    let tilde = letters
        .iter()
        .rposition(|letter| *letter == Letter::Plain('~'));
    let Some(tilde) = tilde.filter(|tilde| *tilde > 0) else {
        return Ok(None);
    };
    let fuzziness = match string(&letters[tilde + 1..]).as_str() {
        "" => Fuzziness::ByLength,
        "1" => Fuzziness::Edits(1),
        "2" => Fuzziness::Edits(2),
        number if number.parse::<f32>().is_ok() => {
            return Err("the distance of a fuzzy word is 1 or 2");
        }
        _ => return Ok(None),
    };
    letters.truncate(tilde);
    Ok(Some(fuzziness))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(expr: &TextExpr) -> String {
        let all = |parts: &[TextExpr]| parts.iter().map(show).collect::<Vec<_>>().join(" ");
        match expr {
            TextExpr::Phrase(positions) => {
                let words: Vec<_> = positions.iter().map(|at| at.exact.as_str()).collect();
                words.join("_")
            }
            TextExpr::Wildcard(pattern) => pattern.clone(),
            TextExpr::Fuzzy { term, distance } => format!("{term}~{distance}"),
            TextExpr::Near { positions, slop } => {
                let words: Vec<_> = positions.iter().map(|at| at.exact.as_str()).collect();
                format!("{}~{slop}", words.join("_"))
            }
            TextExpr::And(parts) => format!("({})", all(parts)),
            TextExpr::Or(parts) => format!("[{}]", all(parts)),
            TextExpr::Not(inner) => format!("-{}", show(inner)),
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(show(&parse(text).unwrap()), expected, "{text}");
    }

    #[test]
    fn operators() {
        check("pump OR valve leak", "[pump (valve leak)]");
        check("(pump || valve) && leak", "([pump valve] leak)");
        check("+pump -valve !leak NOT alarm", "(pump -valve -leak -alarm)");
        check("-(pump valve)", "-(pump valve)");
        check("not or and", "(not or and)");
        check("pump - valve -", "(pump valve)");
    }

    #[test]
    fn words_and_phrases() {
        check("\"call the desk\" pump", "(call_the_desk pump)");
        check("pump^2 \"a b\"^0.5 (valve)^3", "(pump a_b valve)");
        check(
            "Pump~ exchanger~ exchanger~1",
            "(pump~1 exchanger~2 exchanger~1)",
        );
        check("Data* te?t", "(data* te?t)");
        check("node.j*", "[node.j* (node j*)]");
        check("(v2) [draft] plan", "(v2 draft plan)");
    }

    #[test]
    fn a_backslash_takes_the_sign() {
        check(r"\-pump", "pump");
        check(r#"\"pump valve\""#, "(pump valve)");
        check(r"pump\*", "pump");
        check(r"pump\", "pump");
        check("19\" rack", "(19 rack)");
    }

    #[test]
    fn phrases_with_a_distance() {
        check("\"call desk\"~3 pump", "(call_desk~3 pump)");
        check("\"call desk\"~0", "call_desk");
        check("\"call\"~3", "call");
        check("\"a b\"~2^4", "a_b~2");
        for text in ["\"a b\"~", "\"a b\"~x", "\"a b\"~51", "\"a b\"~99999999999"] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.code, ErrorCode::BadTextQuery, "{text}");
        }
    }

    #[test]
    fn ranges_are_refused() {
        assert_eq!(parse("[a TO b]").unwrap_err().code, ErrorCode::BadTextQuery);
    }
}
