//! Reads JSON that is not quite JSON, and takes values out of it by path.
//!
//! Dumps hold what JavaScript lets pass and `serde_json` does not: half of a surrogate
//! pair, NUL and other control bytes within strings, broken UTF-8. Such a line is
//! repaired and tried once more, since one odd character is no reason to lose a page.

use serde_json::Value;

use crate::model::ContentId;
use crate::ports::Failure;

/// Why an object could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) id: Option<ContentId>,
    /// Field and expectation.
    pub(crate) cause: String,
}

impl Refusal {
    pub(crate) fn new(cause: impl Into<String>) -> Self {
        Self {
            id: None,
            cause: cause.into(),
        }
    }

    pub(crate) fn of(self, id: Option<ContentId>) -> Self {
        Self { id, ..self }
    }

    pub(crate) fn at(self, step: &str, place: String) -> Failure {
        Failure {
            step: step.to_owned(),
            place: Some(place),
            id: self.id,
            cause: self.cause,
        }
    }
}

/// Parses one value.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, Refusal> {
    let error = match serde_json::from_slice(bytes) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    serde_json::from_slice(&repaired(bytes)).map_err(|_| refusal(bytes, &error))
}

fn refusal(bytes: &[u8], error: &serde_json::Error) -> Refusal {
    Refusal::new(format!("not JSON: {error}")).of(guess_id(bytes))
}

/// Replaces lone surrogates, control bytes and broken UTF-8.
fn repaired(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, tail @ ..] = rest {
        rest = tail;
        if *byte != b'\\' {
            out.push(if *byte < 0x20 { b' ' } else { *byte });
            continue;
        }
        let pair = [
            unit(tail),
            tail.get(5..).and_then(|tail| match tail {
                [b'\\', tail @ ..] => unit(tail),
                _ => None,
            }),
        ];
        let (kept, skipped): (&[u8], usize) = match pair {
            [Some(0xd800..0xdc00), Some(0xdc00..0xe000)] => (&tail[..11], 11),
            [Some(0xd800..0xe000), _] => (b"ufffd", 5),
            _ => (&tail[..tail.len().min(1)], tail.len().min(1)),
        };
        out.push(b'\\');
        out.extend_from_slice(kept);
        rest = &tail[skipped..];
    }
    out
}

/// The UTF-16 unit of an escape, behind its backslash.
fn unit(escape: &[u8]) -> Option<u16> {
    let [b'u', digits @ ..] = escape else {
        return None;
    };
    let digits = std::str::from_utf8(digits.get(..4)?).ok()?;
    u16::from_str_radix(digits, 16).ok()
}

/// The `id` at the top of an object that cannot be parsed, as far as it can be seen.
fn guess_id(bytes: &[u8]) -> Option<ContentId> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let length = string_length(&bytes[at..])?;
                let text = &bytes[at..at + length];
                at += length + 1;
                if depth == 1 && text == b"id" {
                    return id_value(bytes.get(at..)?);
                }
            }
            _ => {}
        }
    }
    None
}

/// Bytes up to the closing quote.
fn string_length(bytes: &[u8]) -> Option<usize> {
    let mut escaped = false;
    bytes.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    })
}

fn id_value(bytes: &[u8]) -> Option<ContentId> {
    let bytes = bytes
        .trim_ascii_start()
        .strip_prefix(b":")?
        .trim_ascii_start();
    let bytes = bytes.strip_prefix(b"\"").unwrap_or(bytes);
    let end = bytes.iter().position(|byte| !byte.is_ascii_alphanumeric());
    let id = std::str::from_utf8(&bytes[..end?]).ok()?;
    (!id.is_empty()).then(|| ContentId::new(id))
}

/// The value at a path of keys; null is nothing.
pub(crate) fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    let mut value = value;
    for key in path {
        value = value.get(key)?;
    }
    (!value.is_null()).then_some(value)
}

/// Text at a path: a string that is not empty, or a whole number.
pub(crate) fn text(value: &Value, path: &[&str]) -> Option<String> {
    scalar(at(value, path)?).filter(|text| !text.is_empty())
}

/// A string, or a whole number as one. NUL, which databases and parsers of markup
/// cannot hold, is replaced.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(clean(text)),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

pub(crate) fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// The list at a path: an array, or a REST list's `results`.
pub(crate) fn list<'v>(value: &'v Value, path: &[&str]) -> Option<&'v [Value]> {
    let value = at(value, path)?;
    let array = value
        .as_array()
        .or_else(|| value.get("results")?.as_array());
    array.map(Vec::as_slice)
}

/// The last part of a REST path such as `/rest/api/space/ENG`, when it is of `kind`.
pub(crate) fn path_end(value: &Value, path: &[&str], kind: &str) -> Option<String> {
    let path = text(value, path)?;
    let (_, end) = path.rsplit_once(&format!("/rest/api/{kind}/"))?;
    let end = end.split(['/', '?']).next().unwrap_or(end);
    (!end.is_empty()).then(|| end.to_owned())
}
