//! What a line begins with, and the parameters of macros.

use memchr::memchr2;

use super::links;
use crate::storage::macros::Param;
use crate::storage::scan;
use crate::storage::tag::{Ordered, Tag};

/// The marker of an item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) depth: usize,
    pub(super) ordered: Ordered,
    /// Its length with the white space behind it.
    pub(super) length: usize,
}

/// The item that a line begins. Several hyphens are a dash, unless a list is going on.
pub(super) fn item(text: &str, first: bool) -> Option<Item> {
    let bytes = text.as_bytes();
    let marker = |byte: &&u8| matches!(byte, b'*' | b'-' | b'#');
    let depth = bytes.iter().take_while(marker).count();
    let space = bytes.get(depth)?;
    if depth == 0 || !matches!(space, b' ' | b'\t') || text[depth..].trim().is_empty() {
        return None;
    }
    let hyphens = bytes[..depth].iter().all(|byte| *byte == b'-');
    if hyphens && depth > 1 && first {
        return None;
    }
    let counts = bytes[depth - 1] == b'#';
    Some(Item {
        depth,
        ordered: if counts { Ordered::Yes } else { Ordered::No },
        length: depth + 1,
    })
}

pub(super) fn is_rule(text: &str) -> bool {
    let text = text.trim_end();
    text.len() >= 4 && text.bytes().all(|byte| byte == b'-')
}

/// What a line is from its first word on: a heading or a quotation; and where its text begins.
pub(super) fn line_tag(text: &str) -> Option<(Tag, usize)> {
    let bytes = text.as_bytes();
    let (tag, length) = match bytes {
        [b'h' | b'H', level @ b'1'..=b'6', b'.', ..] => (Tag::Heading(level - b'0'), 3),
        [b'b', b'q', b'.', ..] => (Tag::Quote, 3),
        _ => return None,
    };
    let space = text[length..].starts_with([' ', '\t']);
    (space && !text[length..].trim().is_empty()).then_some((tag, length))
}

/// `value|name=value`: what has no name stands under the empty one.
pub(super) fn params(text: &str) -> Vec<Param> {
    const MOST: usize = 1000;
    let parts = split_escaped(text).into_iter().take(MOST);
    let filled = parts.filter(|part| !part.trim().is_empty());
    filled
        .map(|part| {
            let is_name = |name: &&str| {
                let name = name.trim();
                let name_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.: ".contains(&byte);
                !name.is_empty() && name.len() <= 64 && name.bytes().all(name_byte)
            };
            let (name, value) = match part.split_once('=') {
                Some((name, value)) if is_name(&name) => (name.trim().to_lowercase(), value),
                _ => (String::new(), part),
            };
            let text = links::unescaped(&scan::decode(value)).trim().to_owned();
            Param {
                name,
                text,
                ..Param::default()
            }
        })
        .collect()
}

/// Parts between bars that no back-slash protects.
fn split_escaped(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let (mut at, mut from) = (0, 0);
    while let Some(next) = memchr2(b'|', b'\\', &bytes[at..]) {
        at += next;
        if bytes[at] == b'|' {
            parts.push(&text[from..at]);
            at += 1;
            from = at;
        } else {
            at = (at + 2).min(bytes.len());
        }
    }
    parts.push(&text[from..]);
    parts
}
