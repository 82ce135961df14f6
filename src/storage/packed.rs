//! Sources of diagrams that an app packed into a parameter: base64, often of a raw deflate
//! stream, sometimes percent-encoded inside.
//!
//! A small parameter can unpack to anything, so the result is bounded; one that is longer or
//! breaks off is none, because half a diagram says something else.

use std::io::Read;

use flate2::read::DeflateDecoder;

use super::links::percent_decode;

/// Longest source that is unpacked, in bytes.
const LONGEST: u64 = 256 << 10;

/// Whether the bytes behind base64 are a deflate stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Deflate,
    Plain,
}

/// The text in a parameter; `None` when it is damaged or too long.
pub(super) fn unpack(data: &str, packing: Packing) -> Option<String> {
    let bytes = base64(&percent_decode(data))?;
    let bytes = match packing {
        Packing::Plain => bytes,
        Packing::Deflate => inflate(&bytes)?,
    };
    let text = String::from_utf8(bytes).ok()?;
    let text = percent_decode(&text);
    let fits = text.len() as u64 <= LONGEST && !text.trim().is_empty();
    fits.then_some(text)
}

fn inflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    // A stream that breaks off is an error of the decoder.
    let mut bounded = DeflateDecoder::new(bytes).take(LONGEST + 1);
    bounded.read_to_end(&mut out).ok()?;
    (out.len() as u64 <= LONGEST).then_some(out)
}

/// Both alphabets, with or without padding; white space does not count.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0_u8);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::DeflateEncoder;

    use super::*;

    fn encode(bytes: &[u8]) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = String::new();
        for chunk in bytes.chunks(3) {
            let group = chunk
                .iter()
                .fold(0_u32, |group, byte| group << 8 | u32::from(*byte))
                << (8 * (3 - chunk.len()));
            for at in 0..=chunk.len() {
                let index = group >> (18 - 6 * at) & 63;
                out.push(char::from(ALPHABET[index as usize]));
            }
        }
        out
    }

    fn deflate(text: &str) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn packed_sources_come_back() {
        let source = "@startuml\nGate -> Vault: öffnen\n@enduml";
        let escaped = "%40startuml%0AGate -> Vault%3A %C3%B6ffnen%0A%40enduml";
        for text in [source, escaped] {
            let plain = encode(text.as_bytes());
            assert_eq!(unpack(&plain, Packing::Plain).as_deref(), Some(source));
            let packed = encode(&deflate(text));
            assert_eq!(unpack(&packed, Packing::Deflate).as_deref(), Some(source));
        }
    }

    #[test]
    fn damage_and_bombs_are_nothing() {
        let packed = deflate(&"Gate -> Vault ".repeat(200));
        let short = encode(&packed[..packed.len() / 2]);
        assert_eq!(unpack(&short, Packing::Deflate), None);
        let bomb = encode(&deflate(&"a".repeat(300 << 10)));
        assert!(bomb.len() < 2000);
        assert_eq!(unpack(&bomb, Packing::Deflate), None);
        for bad in ["", "!!!", "%%%", "/////w=="] {
            assert_eq!(unpack(bad, Packing::Plain), None, "{bad}");
            assert_eq!(unpack(bad, Packing::Deflate), None, "{bad}");
        }
    }
}
