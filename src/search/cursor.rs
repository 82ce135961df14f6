//! Cursors: opaque to callers, bound to what they continue.
//!
//! A cursor holds the generation (or, for reading, nothing that a new generation
//! changes), a hash of question and asker, and a place. It is not signed: the access
//! filter is applied anew whatever a cursor says, so a made-up place shows nothing that the
//! question itself would not.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// A place in a list or a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// Generation of the index that gave the list.
    pub(crate) generation: u64,
    /// Of question and asker, or of a document's text and the part asked for.
    pub(crate) binding: Binding,
    /// Results, documents or bytes already given.
    pub(crate) place: u64,
    /// Passages already given, which later ranks follow.
    pub(crate) passages: u64,
}

/// In cursors that are bound to a text and not to a generation; no commit has it.
pub(crate) const ANY_GENERATION: u64 = 0;

/// Eight bytes of a SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Binding(u64);

impl Binding {
    pub(crate) fn of(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.len().to_le_bytes());
            hash.update(part.as_bytes());
        }
        let digest = hash.finalize();
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&digest[..8]);
        Self(u64::from_be_bytes(bytes))
    }
}

impl Cursor {
    /// The cursor, if it continues exactly this.
    pub(crate) fn continues(self, generation: u64, binding: Binding) -> Option<Self> {
        (self.generation == generation && self.binding == binding).then_some(self)
    }
}

/// The generation that a cursor asks for, so that its searcher can be looked up; `None`
/// when any will do.
pub(crate) fn generation_of(cursor: &str) -> Option<u64> {
    let cursor: Cursor = cursor.parse().ok()?;
    Some(cursor.generation).filter(|generation| *generation != ANY_GENERATION)
}

/// SHA-256 of a text as `sha256:` and hexadecimal digits.
pub(crate) fn content_hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let mut out = String::with_capacity(7 + 64);
    out.push_str("sha256:");
    for byte in digest {
        out.extend([byte >> 4, byte & 15].map(hex_digit));
    }
    out
}

fn hex_digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0')
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "c1.{:x}-{:016x}-{:x}-{:x}",
            self.generation, self.binding.0, self.place, self.passages
        )
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.strip_prefix("c1.").ok_or(())?;
        let mut numbers = rest.split('-').map(|n| u64::from_str_radix(n, 16));
        let mut next = || numbers.next().and_then(Result::ok).ok_or(());
        let cursor = Self {
            generation: next()?,
            binding: Binding(next()?),
            place: next()?,
            passages: next()?,
        };
        numbers.next().is_none().then_some(cursor).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_what_it_prints_and_continues_only_its_own() {
        let binding = Binding::of(&["ice", "anonymous"]);
        let cursor = Cursor {
            generation: 8123,
            binding,
            place: 8,
            passages: 21,
        };
        let text = cursor.to_string();
        assert_eq!(text.parse(), Ok(cursor));
        assert_eq!(generation_of(&text), Some(8123));
        let reading = Cursor {
            generation: ANY_GENERATION,
            ..cursor
        };
        assert_eq!(generation_of(&reading.to_string()), None);
        assert_eq!(cursor.continues(8123, binding), Some(cursor));
        assert_eq!(cursor.continues(8124, binding), None);
        assert_eq!(
            cursor.continues(8123, Binding::of(&["icea", "nonymous"])),
            None
        );
        for bad in [
            "",
            "c1.",
            "c1.1-2-3",
            "c1.1-2-3-4-5",
            "c1.x-2-3-4",
            "c2.1-2-3-4",
        ] {
            assert_eq!(bad.parse::<Cursor>(), Err(()), "{bad}");
        }
    }

    #[test]
    fn hashes_are_sha256() {
        assert_eq!(
            content_hash(""),
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
