//! Content properties, and what a source tells beside its content.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A property that an app, or Confluence itself, keeps with a content item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ContentProperty {
    pub(crate) key: String,
    pub(crate) value: Value,
}

/// A single value inside a property.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Leaf {
    Text(String),
    Number(f64),
}

/// How a value inside a property can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PropertyKind {
    Text,
    Number,
    /// A text that is a date.
    Date,
}

impl ContentProperty {
    /// Paths with dots, and what stands there. Lists have no path: Confluence does not
    /// index them either.
    pub(crate) fn leaves(&self) -> Vec<(String, Leaf)> {
        let mut leaves = Vec::new();
        let mut open = vec![(String::new(), &self.value)];
        while let Some((path, value)) = open.pop() {
            let leaf = match value {
                Value::Object(object) => {
                    let dot = if path.is_empty() { "" } else { "." };
                    let inner = object.iter().rev();
                    open.extend(inner.map(|(key, value)| (format!("{path}{dot}{key}"), value)));
                    continue;
                }
                Value::String(text) => Leaf::Text(text.clone()),
                Value::Bool(truth) => Leaf::Text(truth.to_string()),
                Value::Number(number) => match number.as_f64() {
                    Some(number) => Leaf::Number(number),
                    None => continue,
                },
                Value::Array(_) | Value::Null => continue,
            };
            leaves.push((path, leaf));
        }
        leaves
    }
}

impl Leaf {
    pub(crate) fn kinds(&self) -> impl Iterator<Item = PropertyKind> {
        let first = match self {
            Self::Text(_) => PropertyKind::Text,
            Self::Number(_) => PropertyKind::Number,
        };
        let date = self.instant().map(|_| PropertyKind::Date);
        std::iter::once(first).chain(date)
    }

    /// The instant of a text that is a date: without a zone in UTC, without a time the
    /// beginning of the day.
    pub(crate) fn instant(&self) -> Option<Timestamp> {
        let Self::Text(text) = self else { return None };
        // The shortest is `2026-10-01`; a bare year is a number in quotes.
        if text.len() < 10 || !text.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let zoned = text.parse::<Timestamp>().ok();
        let local = || text.parse::<DateTime>().ok();
        let day = || Some(text.parse::<Date>().ok()?.at(0, 0, 0, 0));
        let utc = |local: DateTime| Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp());
        zoned.or_else(|| local().or_else(day).and_then(utc))
    }
}

/// What a source tells beside its content. Where it does not tell, nobody may be said to
/// watch or to have starred nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) watchers: bool,
    pub(crate) favourites: bool,
    /// Kinds of value by key and path of properties; see [`property_name`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) properties: Option<BTreeMap<String, BTreeSet<PropertyKind>>>,
}

impl Told {
    pub(crate) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// What both tell: an answer over two sites needs both to know.
    pub(crate) fn and(self, other: &Self) -> Self {
        let properties = self.properties.zip(other.properties.as_ref());
        Self {
            watchers: self.watchers && other.watchers,
            favourites: self.favourites && other.favourites,
            properties: properties.map(|(mut all, more)| {
                for (name, kinds) in more {
                    all.entry(name.clone()).or_default().extend(kinds);
                }
                all
            }),
        }
    }

    /// Adds the values of a property.
    pub(crate) fn add(&mut self, property: &ContentProperty) {
        let known = self.properties.get_or_insert_default();
        for (path, leaf) in property.leaves() {
            let name = property_name(&property.key, &path);
            known.entry(name).or_default().extend(leaf.kinds());
        }
    }
}

/// `content.property[KEY].path` as it is compared: in lower case.
pub(crate) fn property_name(key: &str, path: &str) -> String {
    let dot = if path.is_empty() { "" } else { "." };
    format!("[{key}]{dot}{path}").to_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn leaves_have_paths() {
        let value = json!({"a": {"b": 1, "c": ["x"]}, "due": "2026-10-01", "ok": true, "no": null});
        let property = ContentProperty {
            key: "Review".to_owned(),
            value,
        };
        let paths: Vec<_> = property.leaves();
        assert_eq!(
            paths,
            [
                ("a.b".to_owned(), Leaf::Number(1.0)),
                ("due".to_owned(), Leaf::Text("2026-10-01".to_owned())),
                ("ok".to_owned(), Leaf::Text("true".to_owned())),
            ]
        );
        let mut told = Told::default();
        told.add(&property);
        let names: Vec<_> = told.properties.unwrap().into_iter().collect();
        assert_eq!(names[1].0, "[review].due");
        assert_eq!(names[1].1.len(), 2);
    }

    #[test]
    fn dates_are_told_from_texts() {
        let instant = |text: &str| {
            Leaf::Text(text.to_owned())
                .instant()
                .map(|at| at.to_string())
        };
        assert_eq!(instant("2026-10-01").unwrap(), "2026-10-01T00:00:00Z");
        assert_eq!(
            instant("2026-10-01T12:00:00+02:00").unwrap(),
            "2026-10-01T10:00:00Z"
        );
        assert_eq!(instant("2026-10-01T12:00").unwrap(), "2026-10-01T12:00:00Z");
        for text in ["2026", "20", "operations", "2026-13-01", ""] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
