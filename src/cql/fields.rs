//! Every field CQL knows here: one row each. Checker, evaluator, index columns and
//! documentation read this table.
//!
//! A field that only the site can answer has a row too, with [`Source::Offline`]: it is
//! checked like any other and then refused by name, never dropped.

use std::borrow::Cow;

use super::plan::TextField;

pub(crate) use super::columns::{COLUMNS, Column, Value, text_parts, title_key};

/// How a field's values are written and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Folded keyword.
    Keyword,
    ContentId,
    ContentType,
    SpaceKey,
    SpaceType,
    User,
    Date,
    /// Only `~`.
    Text,
    /// Keyword and text: `title`.
    KeywordAndText,
    /// Number, text or date, as the values are.
    Property,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Eq,
    Ne,
    Match,
    NotMatch,
    Gt,
    Ge,
    Lt,
    Le,
    In,
    NotIn,
}

impl Op {
    pub(crate) const ALL: [Self; 10] = [
        Self::Eq,
        Self::Ne,
        Self::Match,
        Self::NotMatch,
        Self::Gt,
        Self::Ge,
        Self::Lt,
        Self::Le,
        Self::In,
        Self::NotIn,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Match => "~",
            Self::NotMatch => "!~",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::In => "IN",
            Self::NotIn => "NOT IN",
        }
    }

    /// The complement of another one.
    pub(crate) fn is_negative(self) -> bool {
        matches!(self, Self::Ne | Self::NotMatch | Self::NotIn)
    }
}

/// Sets of operators, as Confluence's reference tables group them.
pub(crate) const EQ: &[Op] = &[Op::Eq, Op::Ne, Op::In, Op::NotIn];
pub(crate) const RANGE: &[Op] = &[Op::Eq, Op::Ne, Op::Gt, Op::Ge, Op::Lt, Op::Le];
pub(crate) const TEXT: &[Op] = &[Op::Match, Op::NotMatch];
const EQ_AND_TEXT: &[Op] = &[Op::Eq, Op::Ne, Op::In, Op::NotIn, Op::Match, Op::NotMatch];
const MATCH: &[Op] = &[Op::Match];
const LISTED: &[Op] = &[Op::Eq, Op::In];

/// Where a field's values are found.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source {
    Column(&'static str),
    Text(&'static [TextField]),
    /// The column for equality, the text fields for `~`.
    Both(&'static str, &'static [TextField]),
    /// Known to the site alone.
    Offline,
}

/// What a source may tell beside its content, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beside {
    Watchers,
    Favourites,
    Properties,
}

/// A field.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    /// Canonical spelling; any case is read.
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) kind: Kind,
    pub(crate) ops: &'static [Op],
    pub(crate) source: Source,
    /// What must have been told for the field to be answered.
    pub(crate) beside: Option<Beside>,
    /// Column to sort by.
    pub(crate) sort: Option<&'static str>,
    pub(crate) doc: &'static str,
}

impl Field {
    /// Names of functions that may stand as this field's value.
    pub(crate) fn functions(&self) -> impl Iterator<Item = &'static str> + '_ {
        let all = super::functions::FUNCTIONS.iter();
        all.filter(|function| function.fits(self))
            .map(|function| function.name)
    }
}

const fn row(name: &'static str, kind: Kind, ops: &'static [Op], source: Source) -> Field {
    Field {
        name,
        aliases: &[],
        kind,
        ops,
        source,
        beside: None,
        sort: None,
        doc: "",
    }
}

impl Field {
    const fn alias(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    const fn beside(self, beside: Beside) -> Self {
        Self {
            beside: Some(beside),
            ..self
        }
    }

    const fn sort(self, column: &'static str) -> Self {
        Self {
            sort: Some(column),
            ..self
        }
    }

    const fn doc(self, doc: &'static str) -> Self {
        Self { doc, ..self }
    }
}

const ANY_TEXT: Source = Source::Text(&[TextField::Text]);

/// The fields, by name.
pub(crate) const FIELDS: &[Field] = &[
    row("ancestor", Kind::ContentId, EQ, Source::Column("ancestor"))
        .doc("Every page or folder above the content, at any depth."),
    row(
        "container",
        Kind::ContentId,
        EQ,
        Source::Column("container"),
    )
    .doc("The content that a comment or an attachment hangs on."),
    row("contributor", Kind::User, EQ, Source::Column("contributor"))
        .doc("Anyone who created or edited the content."),
    row("created", Kind::Date, RANGE, Source::Column("created"))
        .sort("created")
        .doc("When the content was created."),
    row("creator", Kind::User, EQ, Source::Column("creator"))
        .sort("creator_sort")
        .doc("Who created the content; account id, user name or user key."),
    row(
        "creator.fullname",
        Kind::Text,
        MATCH,
        Source::Text(&[TextField::CreatorName]),
    )
    .doc("The creator's public or display name."),
    row("favourite", Kind::User, EQ, Source::Column("favourite"))
        .alias(&["favorite"])
        .beside(Beside::Favourites)
        .doc("Content that whoever asks has starred."),
    row("id", Kind::ContentId, EQ, Source::Column("id"))
        .alias(&["content"])
        .sort("id_sort")
        .doc("The content id; the prefix of attachment ids may be left out."),
    row("label", Kind::Keyword, EQ, Source::Column("label"))
        .doc("A label without its prefix; personal labels are written with `my:`."),
    row(
        "lastmodified",
        Kind::Date,
        RANGE,
        Source::Column("lastmodified"),
    )
    .sort("lastmodified")
    .doc("When the current version was made."),
    row("macro", Kind::Keyword, EQ, Source::Column("macro"))
        .doc("The storage format name of a macro that stands in the body."),
    row("mention", Kind::User, EQ, Source::Column("mention"))
        .doc("Anyone who is mentioned in the body."),
    row(
        "pageStatus",
        Kind::Keyword,
        EQ,
        Source::Column("page_status"),
    )
    .beside(Beside::Properties)
    .doc("The content state that authors set, such as `Rough draft`."),
    row("parent", Kind::ContentId, EQ, Source::Column("parent"))
        .doc("The page or folder directly above the content."),
    row("siteSearch", Kind::Text, TEXT, ANY_TEXT)
        .doc("What the search page of the site sends; the same as `text`."),
    row("space", Kind::SpaceKey, EQ, Source::Column("space"))
        .sort("space")
        .doc("The key of the space."),
    row(
        "space.category",
        Kind::Keyword,
        EQ,
        Source::Column("space_category"),
    )
    .doc("A category of the space."),
    row("space.key", Kind::SpaceKey, EQ, Source::Column("space"))
        .sort("space")
        .doc("The key of the space."),
    row(
        "space.title",
        Kind::Text,
        TEXT,
        Source::Text(&[TextField::SpaceTitle]),
    )
    .doc("The name of the space."),
    row(
        "space.type",
        Kind::SpaceType,
        EQ,
        Source::Column("space_type"),
    )
    .doc("`global`, `personal` or another type that the site gives a space."),
    row("text", Kind::Text, TEXT, ANY_TEXT).doc("Title, own text and labels."),
    row(
        "title",
        Kind::KeywordAndText,
        EQ_AND_TEXT,
        Source::Both("title_key", &[TextField::Title]),
    )
    .sort("title_sort")
    .doc("The title; `=` compares all of it without regard to case, `~` searches in it."),
    row("type", Kind::ContentType, EQ, Source::Column("type"))
        .sort("type")
        .doc("`page`, `blogpost`, `comment`, `attachment` or another content type."),
    row("user", Kind::User, EQ, Source::Offline).doc("A person; for the site's search of people."),
    row("user.accountid", Kind::Keyword, LISTED, Source::Offline)
        .doc("A person's account id; for the site's search of people."),
    row("user.fullname", Kind::Text, MATCH, Source::Offline)
        .doc("The beginning of a person's name; for the site's search of people."),
    row("user.userkey", Kind::Keyword, LISTED, Source::Offline)
        .doc("A person's user key; for the site's search of people."),
    row("watcher", Kind::User, EQ, Source::Column("watcher"))
        .beside(Beside::Watchers)
        .doc("Anyone who watches the content."),
];

const EQ_AND_RANGE: &[Op] = &[
    Op::Eq,
    Op::Ne,
    Op::In,
    Op::NotIn,
    Op::Gt,
    Op::Ge,
    Op::Lt,
    Op::Le,
];

/// `content.property[KEY].path`, whatever key and path.
pub(crate) static PROPERTY: Field = row(
    "content.property",
    Kind::Property,
    EQ_AND_RANGE,
    Source::Column(super::properties::COLUMN),
)
.doc(
    "A value inside a content property: content.property[KEY].path; ranges for numbers and dates.",
);

/// Names that are often written and the field that is meant.
const SYNONYMS: &[(&str, &str)] = &[
    ("author", "creator"),
    ("body", "text"),
    ("content.space", "space"),
    ("labels", "label"),
    ("modified", "lastmodified"),
    ("owner", "creator"),
    ("project", "space"),
    ("space.name", "space.title"),
    ("spaces", "space"),
    ("spacekey", "space"),
    ("summary", "text"),
    ("updated", "lastmodified"),
];

/// Names that are often written and that no single field stands for.
const ADVICE: &[(&str, &str)] = &[
    (
        "attachment",
        "write type = attachment; the file's name is its title",
    ),
    (
        "attachments",
        "write type = attachment; the file's name is its title",
    ),
    (
        "container.space",
        "an attachment has the space of its page: write space = …",
    ),
    (
        "fileextension",
        "write type = attachment AND title ~ …: the file's name is its title",
    ),
    (
        "filename",
        "write type = attachment AND title ~ …: the file's name is its title",
    ),
    (
        "mediatype",
        "CQL has no media type; write type = attachment AND title ~ …",
    ),
    (
        "space.id",
        "spaces are named by their keys: write space = …",
    ),
    (
        "state",
        "CQL has no state field; content states are asked for by pageStatus",
    ),
    (
        "status",
        "CQL has no status field; it finds current content only",
    ),
    (
        "subtype",
        "only the site tells kinds of page apart; type = page finds all of them",
    ),
    (
        "task.assignee",
        "CQL knows no tasks; people in them are asked for by mention",
    ),
    ("task.status", NO_TASKS),
    (
        "user.email",
        "people are named by account id; write creator = …",
    ),
];

const NO_TASKS: &str = "CQL knows no tasks";

/// What to write instead of a name that stands for no single field.
pub(crate) fn advice(name: &str) -> Option<&'static str> {
    let found = ADVICE
        .iter()
        .find(|(written, _)| written.eq_ignore_ascii_case(name));
    let of_task = name
        .get(..5)
        .is_some_and(|head| head.eq_ignore_ascii_case("task."));
    found
        .map(|(_, advice)| *advice)
        .or(of_task.then_some(NO_TASKS))
}

/// The field of a name or alias, in any case.
pub(crate) fn find(name: &str) -> Option<&'static Field> {
    if property(name).is_some() {
        return Some(&PROPERTY);
    }
    FIELDS.iter().find(|field| {
        let mut names = std::iter::once(&field.name).chain(field.aliases);
        names.any(|known| known.eq_ignore_ascii_case(name))
    })
}

/// How a name is printed.
pub(crate) fn canonical(name: &str) -> Cow<'_, str> {
    match find(name) {
        // The key and the path are the app's own.
        Some(field) if field.kind == Kind::Property => {
            Cow::Owned(format!("{}{}", field.name, &name[field.name.len()..]))
        }
        Some(field) => Cow::Borrowed(field.name),
        None => Cow::Borrowed(name),
    }
}

/// What follows `content.property[KEY]`, if the name begins so: empty or `.path`,
/// without the dot.
pub(crate) fn property_path(name: &str) -> Option<&str> {
    property(name).map(|(_, path)| path)
}

/// Key and path of `content.property[KEY].path`.
pub(crate) fn property(name: &str) -> Option<(&str, &str)> {
    const HEAD: &str = "content.property[";
    let head = name.get(..HEAD.len())?;
    let (key, tail) = name[HEAD.len()..].split_once(']')?;
    let tail = if tail.is_empty() {
        tail
    } else {
        tail.strip_prefix('.')?
    };
    head.eq_ignore_ascii_case(HEAD).then_some((key, tail))
}

/// Fields that an unknown name may stand for, best first.
pub(crate) fn similar(name: &str) -> Vec<&'static str> {
    let name = name.to_lowercase();
    let meant = SYNONYMS.iter().find(|(written, _)| *written == name);
    if let Some((_, field)) = meant {
        return vec![field];
    }
    let names = FIELDS.iter().map(|field| field.name);
    super::suggest::nearest(&name, names)
        .into_iter()
        .take(3)
        .collect()
}

/// Fields that can be sorted by.
pub(crate) fn sortable() -> Vec<&'static str> {
    FIELDS
        .iter()
        .filter(|field| field.sort.is_some())
        .map(|field| field.name)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_name_means_one_field() {
        let mut seen = HashSet::new();
        for field in FIELDS {
            for name in field.aliases.iter().chain([&field.name]) {
                assert!(seen.insert(name.to_lowercase()), "{name} twice");
            }
            assert!(!field.doc.is_empty(), "{} is not described", field.name);
        }
        for (written, meant) in SYNONYMS {
            assert!(
                !seen.contains(*written) && find(meant).is_some(),
                "{written}"
            );
        }
    }

    #[test]
    fn fields_name_columns_that_exist() {
        for field in FIELDS {
            if let Source::Column(name) | Source::Both(name, _) = field.source {
                let found = crate::cql::columns::column(name).expect(name);
                assert_eq!(found.date, field.kind == Kind::Date, "{}", field.name);
            }
            if let Some(name) = field.sort {
                assert!(
                    crate::cql::columns::column(name).expect(name).sort,
                    "{}",
                    field.name
                );
            }
        }
    }

    #[test]
    fn property_keys_may_hold_dots_and_blanks() {
        assert_eq!(property_path("content.property[a b.c].x.y"), Some("x.y"));
        assert_eq!(property_path("Content.Property[a]"), Some(""));
        assert_eq!(property_path("content.property[a]x"), None);
    }
}
