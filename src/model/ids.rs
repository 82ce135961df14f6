//! Identifiers: Confluence's content ids, our keys, and the ids callers see.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ContentType;

/// A Confluence content id as its REST API prints it: digits, for attachments
/// `att` and digits. Other strings are kept as they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ContentId(pub(crate) String);

impl ContentId {
    pub(crate) fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// A string whose byte order is the order of ids: numeric ids by their number,
    /// whatever their length, then everything else.
    ///
    /// The `att` prefix does not count, since CQL compares ids without it.
    pub(crate) fn order_key(&self) -> String {
        match self.number() {
            Some((number, attachment)) => {
                format!("{number:018}{}", if attachment { "a" } else { "" })
            }
            None => format!("~{}", self.0),
        }
    }

    /// The number of a numeric id and whether it is an attachment's. Only the form that
    /// printing the number gives back counts, and only up to 18 digits.
    pub(crate) fn number(&self) -> Option<(u64, bool)> {
        id_number(&self.0)
    }
}

/// See [`ContentId::number`].
pub(crate) fn id_number(id: &str) -> Option<(u64, bool)> {
    let digits = id.strip_prefix("att").unwrap_or(id).as_bytes();
    if digits.len() > 18 || matches!(digits, [] | [b'0', ..]) {
        return None;
    }
    // One pass: lists of ids are long.
    let number = digits.iter().try_fold(0, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        Some(number * 10 + digit)
    })?;
    Some((number, digits.len() < id.len()))
}

impl fmt::Display for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The number a store gives to a site. Sites have names outside; inside, a small
/// number keeps keys short.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub(crate) struct SiteId(pub(crate) u32);

/// What identifies a document everywhere inside: the site and the content id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct DocumentKey {
    pub(crate) site: SiteId,
    pub(crate) id: ContentId,
}

impl DocumentKey {
    pub(crate) fn new(site: SiteId, id: ContentId) -> Self {
        Self { site, id }
    }
}

impl fmt::Display for DocumentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.site.0, self.id)
    }
}

/// `a key is SITE:ID`, for keys that come back out of an index.
impl FromStr for DocumentKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (site, id) = text
            .split_once(':')
            .ok_or_else(|| format!("`{text}` is not a key"))?;
        let site = site.parse().map_err(|_| format!("`{text}` is not a key"))?;
        Ok(Self::new(SiteId(site), ContentId::new(id)))
    }
}

/// The id a caller sees and may build: `page:4587521`, with a version
/// `page:4587521@14`, with a passage `page:4587521@14#p7`; `NAME/page:…` names the
/// site where there are several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicId {
    pub(crate) site: Option<String>,
    /// `None`: a bare content id was given.
    pub(crate) kind: Option<ContentType>,
    pub(crate) id: ContentId,
    pub(crate) version: Option<u32>,
    pub(crate) passage: Option<u32>,
}

impl PublicId {
    pub(crate) fn new(kind: ContentType, id: ContentId) -> Self {
        Self {
            site: None,
            kind: Some(kind),
            id,
            version: None,
            passage: None,
        }
    }
}

impl fmt::Display for PublicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(site) = &self.site {
            write!(f, "{site}/")?;
        }
        if let Some(kind) = &self.kind {
            write!(f, "{kind}:")?;
        }
        write!(f, "{}", self.id)?;
        if let Some(version) = self.version {
            write!(f, "@{version}")?;
        }
        if let Some(passage) = self.passage {
            write!(f, "#p{passage}")?;
        }
        Ok(())
    }
}

/// Errors say which part of the id could not be read.
impl FromStr for PublicId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = |what: &str| format!("`{text}` is not a document id: {what}");
        let (site, rest) = match text.rsplit_once('/') {
            Some((site, rest)) => (Some(site.to_owned()), rest),
            None => (None, text),
        };
        let (rest, passage) = match rest.split_once("#p") {
            Some((rest, n)) => (rest, Some(n.parse().map_err(|_| bad("passage number"))?)),
            None => (rest, None),
        };
        let (rest, version) = match rest.split_once('@') {
            Some((rest, n)) => (rest, Some(n.parse().map_err(|_| bad("version number"))?)),
            None => (rest, None),
        };
        let (kind, id) = match rest.split_once(':') {
            Some((kind, id)) => (Some(ContentType::parse(kind)), id),
            None => (None, rest),
        };
        if id.is_empty() || id.chars().any(char::is_whitespace) {
            return Err(bad("expected TYPE:ID, for example page:4587521"));
        }
        Ok(Self {
            site,
            kind,
            id: ContentId::new(id),
            version,
            passage,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_ids_print_what_they_read() {
        for text in [
            "page:4587521",
            "attachment:att12",
            "page:1@14",
            "page:1@14#p7",
            "a/page:1",
        ] {
            let id: PublicId = text.parse().unwrap();
            assert_eq!(id.to_string(), text);
        }
        for bad in ["", "page:", "page:1@x", "page:1#px", "page:a b"] {
            assert!(bad.parse::<PublicId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn ids_are_ordered_by_number() {
        let mut ids = ["att9", "10", "9", "100", "x1"].map(ContentId::new);
        ids.sort_by_key(ContentId::order_key);
        assert_eq!(ids.map(|id| id.0), ["9", "att9", "10", "100", "x1"]);
    }
}
