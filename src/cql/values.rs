//! What single values mean: literals and calls to terms, instants and text expressions.

use super::ast::{Call, Literal, Operand, Span};
use super::check::{Checker, Place, is_starred, not_here};
use super::dates::{self, Increment, Moment};
use super::error::{Error, ErrorCode, Warning};
use super::fields::{Beside, Kind, Op};
use super::functions::{self, Function, Yields};
use super::plan::TextExpr;
use super::{suggest, text};
use crate::analysis::fold_keyword;
use crate::model::User;

/// Content types that Confluence accepts; apps add others, with a colon in their names.
pub(super) const TYPES: &[&str] = &[
    "page",
    "blogpost",
    "comment",
    "attachment",
    "whiteboard",
    "database",
    "embed",
    "folder",
    "space",
    "user",
    "slide",
];

/// What people call content types.
const TYPE_SYNONYMS: &[(&str, &str)] = &[
    ("article", "page"),
    ("blog", "blogpost"),
    ("blogs", "blogpost"),
    ("document", "page"),
    ("file", "attachment"),
    ("news", "blogpost"),
    ("post", "blogpost"),
];

/// Unknown space keys that are remarked on in one clause.
const MOST_UNKNOWN: usize = 5;

impl Checker<'_> {
    /// The terms of one operand.
    pub(super) fn values(&mut self, place: Place<'_>, operand: &Operand, out: &mut Vec<String>) {
        match operand {
            Operand::Call(call) => self.call(place, call, out),
            Operand::Literal(literal) => {
                self.warn_of_bare(literal);
                self.warn_of_bare_function(place, literal);
                self.literal(place, literal, out);
            }
        }
    }

    fn literal(&mut self, place: Place<'_>, literal: &Literal, out: &mut Vec<String>) {
        match place.field.kind {
            Kind::ContentId => out.extend(self.content_id(place, literal)),
            Kind::ContentType => out.extend(self.content_type(literal)),
            Kind::SpaceType => {
                if !is_starred(literal) {
                    out.push(fold_keyword(&literal.text()));
                }
            }
            Kind::User => {
                let before = out.len();
                self.person(literal, out);
                if place.field.beside == Some(Beside::Favourites) {
                    self.own_stars(literal, &out[before..]);
                }
            }
            Kind::Keyword if place.field.beside == Some(Beside::Properties) => {
                out.push(fold_keyword(literal.text().trim().trim_matches('"')));
            }
            Kind::KeywordAndText => titles(literal, out),
            Kind::Keyword | Kind::SpaceKey | Kind::Text | Kind::Date | Kind::Property => {
                out.push(fold_keyword(&literal.text()));
            }
        }
    }

    fn content_id(&mut self, place: Place<'_>, literal: &Literal) -> Option<String> {
        let text = literal.text();
        let text = text.trim();
        let digits = text.strip_prefix("att").unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            return Some(digits.to_owned());
        }
        let message = format!("`{}` takes a numeric content id", place.field.name);
        let error = Error::new(ErrorCode::InvalidId, literal.span(), message);
        self.refuse(error.hint("the id is the number in the page's address"));
        None
    }

    fn content_type(&mut self, literal: &Literal) -> Option<String> {
        let name = fold_keyword(&literal.text());
        if matches!(name.as_str(), "space" | "user") {
            let message = format!("nothing in this index has the type `{name}`; it holds content");
            self.warn(Warning::new(
                "type_without_content",
                literal.span(),
                message,
            ));
        }
        if name.contains(':') || TYPES.contains(&name.as_str()) {
            return Some(name);
        }
        let message = format!("unknown content type `{}`", literal.text());
        let error = Error::new(ErrorCode::UnknownType, literal.span(), message);
        let synonym = TYPE_SYNONYMS
            .iter()
            .find(|(word, _)| *word == name)
            .map(|(_, kind)| *kind);
        let near = suggest::nearest(&name, TYPES.iter().copied());
        self.refuse(match synonym.or(near.first().copied()) {
            Some(kind) => error
                .hint(format!("did you mean `{kind}`?"))
                .expected([kind]),
            None => error
                .hint(format!("types are {}", TYPES.join(", ")))
                .expected(TYPES.to_vec()),
        });
        None
    }

    /// Keys of the spaces that whoever asks has starred. Stars of others are private, and
    /// where no source tells them, none may be said to be missing.
    pub(super) fn starred(&mut self, what: &str, span: Span) -> Vec<String> {
        if !self.context.knows(Beside::Favourites) {
            let hint = "the source that was read does not tell what is starred";
            self.refuse(not_here(what, span).hint(hint));
            return Vec::new();
        }
        if self.context.viewer.is_none() {
            let message = format!("{what} cannot be answered: there is nobody who asks");
            self.refuse(Error::new(ErrorCode::NeedsContext, span, message));
        }
        let keys = self.context.starred_spaces.iter();
        let mut keys: Vec<String> = keys.map(|key| fold_keyword(key)).collect();
        keys.sort_unstable();
        keys
    }

    /// Only one's own stars may be asked for.
    fn own_stars(&mut self, literal: &Literal, names: &[String]) {
        let Some(viewer) = self.context.viewer else {
            let message = "stars are private: nobody asks, so there are none to see";
            let error = Error::new(ErrorCode::NeedsContext, literal.span(), message);
            self.refuse(error.hint("ask on somebody's behalf, and write currentUser()"));
            return;
        };
        if !viewer.identifiers().any(|own| names.contains(&own)) {
            let message = "stars are private: only those of whoever asks can be seen";
            let error = Error::new(ErrorCode::NeedsContext, literal.span(), message);
            self.refuse(error.hint("write currentUser()"));
        }
    }

    /// A person by all the names that content may use for them. A literal that nobody
    /// is known by stands for itself, both as an account id and as a user name.
    fn person(&mut self, literal: &Literal, out: &mut Vec<String>) {
        let text = literal.text();
        let text = text.trim();
        out.extend([text.to_owned(), text.to_lowercase()]);
        let people = self.context.people;
        let named = people.named(text);
        if !named.is_empty() || !text.contains('@') {
            out.extend(named.into_iter().flat_map(User::identifiers));
            return;
        }
        let [user] = people.with_email(text)[..] else {
            return;
        };
        out.extend(user.identifiers());
        // Who has an address is not told to everybody who can guess it.
        let name = user.name().filter(|_| self.context.sees_all);
        let name = name.unwrap_or("the person");
        let message =
            format!("CQL does not know e-mail addresses; read as {name}, whose address this is");
        self.warn(Warning::new("email_literal", literal.span(), message));
    }

    fn call(&mut self, place: Place<'_>, call: &Call, out: &mut Vec<String>) {
        let Some(function) = self.function(place, call) else {
            return;
        };
        let context = self.context;
        match function.yields {
            Yields::Viewer => match context.viewer {
                Some(user) => out.extend(user.identifiers()),
                None => self.needs(call, "there is nobody who asks"),
            },
            Yields::CurrentSpace => match context.space_key {
                Some(key) => out.push(fold_keyword(key)),
                None => self.needs(call, "no current space was given"),
            },
            Yields::StarredSpaces => {
                let what = format!("`{}()`", function.name);
                out.extend(self.starred(&what, call.span.clone()));
            }
            Yields::Offline => {
                if self.arguments_are_numbers(call) {
                    let error = not_here(&format!("`{}()`", function.name), call.span.clone());
                    self.refuse(error.hint(
                        "no source tells what somebody has looked at; \
                         contributor = currentUser() finds what they have worked on",
                    ));
                }
            }
            // Dates have no terms; such a call does not fit any other field.
            Yields::Now | Yields::Bound(..) => {}
        }
    }

    fn needs(&mut self, call: &Call, missing: &str) {
        let message = format!("`{}()` cannot be answered: {missing}", call.name.text);
        self.refuse(Error::new(
            ErrorCode::NeedsContext,
            call.span.clone(),
            message,
        ));
    }

    fn arguments_are_numbers(&mut self, call: &Call) -> bool {
        let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let wrong = call
            .arguments
            .iter()
            .find(|argument| !number(&argument.text()));
        if let Some(wrong) = wrong {
            let message = format!("`{}` takes numbers", call.name.text);
            self.refuse(Error::new(ErrorCode::BadArgument, wrong.span(), message));
        }
        wrong.is_none()
    }

    /// The instant or period of a date.
    pub(super) fn moment(&mut self, place: Place<'_>, operand: &Operand) -> Option<Moment> {
        match operand {
            Operand::Call(call) => {
                let function = self.function(place, call)?;
                self.date_call(function, call)
            }
            Operand::Literal(literal) => self.date_literal(place, literal),
        }
    }

    fn date_literal(&mut self, place: Place<'_>, literal: &Literal) -> Option<Moment> {
        match self.context.calendar().literal(&literal.text()) {
            Ok(moment) => {
                self.warn_of_whole_day(place, literal, moment);
                Some(moment)
            }
            Err(hint) => {
                let message = format!(
                    "`{}` is not a date; use yyyy-MM-dd or yyyy-MM-dd HH:mm",
                    literal.text()
                );
                let error = Error::new(ErrorCode::InvalidDate, literal.span(), message);
                let error = error.expected(["yyyy-MM-dd", "yyyy-MM-dd HH:mm"]);
                self.refuse(match hint {
                    Some(hint) => error.hint(hint),
                    None => error,
                });
                None
            }
        }
    }

    fn warn_of_whole_day(&mut self, place: Place<'_>, literal: &Literal, moment: Moment) {
        let Some(next) = moment.day.and_then(|day| day.tomorrow().ok()) else {
            return;
        };
        let text = &literal.text();
        let message = match place.clause.op {
            Op::Gt => format!(
                "`> {text}` includes most of that day; write `>= {next}` for the days after it"
            ),
            Op::Le => {
                format!("`<= {text}` ends where that day begins; write `< {next}` to include it")
            }
            _ => return,
        };
        self.warn(Warning::new("start_of_day", literal.span(), message));
    }

    fn date_call(&mut self, function: &Function, call: &Call) -> Option<Moment> {
        let by = match call.arguments.first() {
            Some(argument) => Some(self.increment(argument)?),
            None => None,
        };
        let calendar = self.context.calendar();
        let at = match function.yields {
            Yields::Bound(edge, unit) => calendar.bound(edge, unit, by),
            _ => calendar.now(by),
        };
        if at.is_none() {
            let message = "this date is too far away";
            self.refuse(Error::new(
                ErrorCode::BadArgument,
                call.span.clone(),
                message,
            ));
        }
        at.map(Moment::instant)
    }

    fn increment(&mut self, argument: &Literal) -> Option<Increment> {
        match dates::increment(&argument.text()) {
            Ok(increment) => {
                if !argument.quoted {
                    let message = format!("an increment is quoted: \"{}\"", argument.text());
                    let warning = Warning::new("unquoted_increment", argument.span(), message);
                    self.warn(warning);
                }
                Some(increment)
            }
            Err(hint) => {
                let message = format!("`{}` is not an increment", argument.text());
                let error = Error::new(ErrorCode::BadArgument, argument.span(), message);
                self.refuse(error.hint(hint));
                None
            }
        }
    }

    /// A text value, analysed.
    pub(super) fn text_expr(&mut self, literal: &Literal) -> Option<TextExpr> {
        self.warn_of_bare(literal);
        match text::parse(&literal.text()) {
            Ok(expr) => Some(expr),
            Err(wrong) => {
                let inside = literal.place(&wrong.span);
                let span = if inside.is_empty() {
                    literal.span()
                } else {
                    inside
                };
                let error = Error::new(wrong.code, span, wrong.message);
                self.refuse(match wrong.hint {
                    Some(hint) => error.hint(hint),
                    None => error,
                });
                None
            }
        }
    }

    fn warn_of_bare(&mut self, literal: &Literal) {
        if literal.quoted {
            return;
        }
        let span = literal.span();
        if literal
            .text()
            .starts_with(['“', '”', '„', '‘', '’', '«', '»'])
        {
            let message = "typographic quotes are part of the value; write \" or '";
            self.warn(Warning::new("typographic_quotes", span, message));
        } else if self.context.data_center && literal.text().contains('-') {
            let message = "Data Center wants quotes around a value with `-`";
            self.warn(Warning::new("unquoted_hyphen", span, message));
        }
    }

    /// `creator = currentUser` asks for a person of that name.
    fn warn_of_bare_function(&mut self, place: Place<'_>, literal: &Literal) {
        // Lists are long, and mostly of numbers.
        if literal.quoted
            || !literal
                .text()
                .starts_with(|c: char| c.is_ascii_alphabetic())
        {
            return;
        }
        let function = functions::find(&literal.text());
        let Some(function) = function.filter(|function| function.fits(place.field)) else {
            return;
        };
        let name = function.name;
        let message = format!(
            "`{}` is read as a value; the function is written {name}()",
            literal.text()
        );
        let span = literal.span();
        self.warn(Warning::new("function_without_parentheses", span, message));
    }

    pub(super) fn warn_of_unknown_spaces(&mut self, place: Place<'_>) {
        let Some(keys) = self.context.space_keys else {
            return;
        };
        let known: std::collections::HashSet<String> =
            keys.iter().map(|key| fold_keyword(key)).collect();
        let literals = place
            .clause
            .right
            .operands()
            .iter()
            .filter_map(|operand| match operand {
                Operand::Literal(literal) => Some(literal),
                Operand::Call(_) => None,
            });
        let unknown = literals.filter(|literal| !known.contains(&fold_keyword(&literal.text())));
        for literal in unknown.take(MOST_UNKNOWN) {
            let near = suggest::nearest(
                &fold_keyword(&literal.text()),
                keys.iter().map(String::as_str),
            );
            let hint = near.first().map(|key| format!("; did you mean `{key}`?"));
            let message = format!(
                "no space has the key `{}`{}",
                literal.text(),
                hint.unwrap_or_default()
            );
            self.warn(Warning::new("unknown_space", literal.span(), message));
        }
    }
}

/// A title as it is, and without the inner quotes that Cloud's reference prints.
fn titles(literal: &Literal, out: &mut Vec<String>) {
    let title = fold_keyword(&literal.text());
    let bare = title
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    out.extend(bare.map(fold_keyword));
    out.push(title);
}
