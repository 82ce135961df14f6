//! Plain bodies that are JSON, in which some apps keep their text.

use std::fmt;

use serde::de::DeserializeSeed;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use super::super::para;

/// Keys whose values are text to read.
const KEYS: [&str; 6] = ["body", "text", "content", "title", "source", "code"];

/// The texts in a plain body that is JSON, in their order. `None`: it is no JSON, or has none.
pub(super) fn texts(body: &str) -> Option<Vec<String>> {
    if !body.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let mut texts = Vec::new();
    let mut json = serde_json::Deserializer::from_str(body);
    let reader = Reader {
        texts: &mut texts,
        wanted: false,
    };
    reader.deserialize(&mut json).ok()?;
    json.end().ok()?;
    (!texts.is_empty()).then_some(texts)
}

/// Reads a value as it comes, because a parsed object forgets the order of its keys. The
/// parser allows 128 levels, so the depth is bounded.
struct Reader<'t> {
    texts: &'t mut Vec<String>,
    /// The value stands under one of the keys.
    wanted: bool,
}

impl<'j> DeserializeSeed<'j> for Reader<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'j>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'j> Visitor<'j> for Reader<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        if self.wanted {
            let mut text = String::with_capacity(value.len());
            para::push_literal(&mut text, value);
            para::compose(&mut text);
            self.texts.push(text);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'j>>(self, mut values: A) -> Result<(), A::Error> {
        let Self { texts, wanted } = self;
        while values
            .next_element_seed(Reader { texts, wanted })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'j>>(self, mut entries: A) -> Result<(), A::Error> {
        let Self { texts, .. } = self;
        while let Some(key) = entries.next_key::<std::borrow::Cow<'_, str>>()? {
            let wanted = KEYS.contains(&&*key);
            entries.next_value_seed(Reader { texts, wanted })?;
        }
        Ok(())
    }
}
