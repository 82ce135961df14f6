//! URLs of the site as ids: whoever has a link to a page has its id.
//!
//! All forms that Confluence gives out are read. Whether the address is one of the site that
//! a document came from is decided by the document's own URL.

use crate::analysis::fold_keyword;
use crate::cql::plan::{Clause, Filter};
use crate::model::ContentId;

/// What a URL of Confluence names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    Id(ContentId),
    /// Data Center's `/display/KEY/Title`.
    Title {
        space: String,
        title: String,
    },
}

impl Address {
    /// Reads a URL; `None` for what is no URL or names no content.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let (_, rest) = url.split_once("://")?;
        let (_, path) = rest.split_once('/')?;
        let path = path.split('#').next().unwrap_or_default();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        // A comment or attachment is named beside the page that shows it.
        for name in ["focusedCommentId", "pageId"] {
            if let Some(id) = parameter(query, name).and_then(numeric) {
                return Some(Self::Id(id));
            }
        }
        let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let after = |name: &str| {
            let at = segments.iter().position(|part| *part == name)?;
            Some(&segments[at + 1..])
        };
        if let Some([code]) = after("x") {
            return tiny(code).map(Self::Id);
        }
        if let Some([space, title, ..]) = after("display") {
            return Some(Self::Title {
                space: decode(space),
                title: decode(title),
            });
        }
        // A blog post's id stands behind its year, month and day.
        if let Some([_, _, _, post, ..]) = after("blog") {
            return id(post).map(Self::Id);
        }
        after("pages")?.iter().copied().find_map(id).map(Self::Id)
    }

    /// The filter that finds a page by space and title.
    pub(crate) fn filter(space: &str, title: &str) -> Filter {
        let is = |column, value| {
            Filter::Clause(Clause::Terms {
                column,
                values: vec![value],
            })
        };
        Filter::And(vec![
            is("space", fold_keyword(space)),
            is("title_key", fold_keyword(title)),
            is("type", "page".to_owned()),
        ])
    }
}

/// Whether two URLs are of one server.
pub(crate) fn same_server(a: &str, b: &str) -> bool {
    let server = |url: &str| {
        let (scheme, rest) = url.split_once("://")?;
        let host = rest.split(['/', '?', '#']).next()?;
        Some((scheme.to_ascii_lowercase(), host.to_ascii_lowercase()))
    };
    server(a).is_some() && server(a) == server(b)
}

fn id(segment: &str) -> Option<ContentId> {
    numeric(segment.to_owned())
}

fn numeric(text: String) -> Option<ContentId> {
    let digits = text.strip_prefix("att").unwrap_or(&text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| ContentId::new(text))
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .into_iter()
        .find(|(key, _)| *key == name)
        .map(|(_, value)| decode(value))
}

/// `%XX` and `+`; bytes that are no UTF-8 stay as replacement characters.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let hex = |byte: u8| char::from(byte).to_digit(16);
        let pair = match (byte, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match pair {
            Some((high, low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                rest = &after[2..];
            }
            None => bytes.push(if byte == b'+' { b' ' } else { byte }),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A short link: base64 of the id's bytes, lowest first, with `-` and `_` for `/` and `+`
/// and without the `A`s at the end (zero bits).
fn tiny(code: &str) -> Option<ContentId> {
    if code.is_empty() || code.len() > 11 {
        return None;
    }
    let mut id = 0_u128;
    for (at, byte) in code.bytes().enumerate() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'_' => 62,
            b'-' => 63,
            _ => return None,
        };
        // Six bits, the highest first within a byte, the lowest byte first.
        for bit in 0..6 {
            let place = at * 6 + bit;
            let set = value >> (5 - bit) & 1;
            id |= u128::from(set) << (place / 8 * 8 + 7 - place % 8);
        }
    }
    u64::try_from(id)
        .ok()
        .map(|id| ContentId::new(id.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, id: &str) {
        let expected = Some(Address::Id(ContentId::new(id)));
        assert_eq!(Address::parse(url), expected, "{url}");
    }

    #[test]
    fn every_form_of_a_page_url_is_an_id() {
        check(
            "https://a.example/wiki/spaces/OPS/pages/1100111/Call-out+times#Summary",
            "1100111",
        );
        check(
            "https://a.example/wiki/spaces/OPS/pages/edit-v2/1100111",
            "1100111",
        );
        check(
            "https://a.example/wiki/spaces/OPS/blog/2026/03/04/1600201/News",
            "1600201",
        );
        check(
            "https://a.example/pages/viewpage.action?pageId=42&x=1",
            "42",
        );
        check("https://a.example/wiki/pages/1100111", "1100111");
        check("https://a.example/wiki/x/iABeIg", "576585864");
        let comment = "https://a.example/wiki/spaces/OPS/pages/1100111/T?focusedCommentId=1500101";
        check(comment, "1500101");
    }

    #[test]
    fn data_center_names_pages_by_title() {
        let title = Address::Title {
            space: "~jdoe".into(),
            title: "Plan B (neu)".into(),
        };
        let url = "https://wiki.example/display/~jdoe/Plan+B+%28neu%29";
        assert_eq!(Address::parse(url), Some(title));
    }

    #[test]
    fn what_names_no_content_is_no_address() {
        for url in [
            "page:1100111",
            "https://a.example",
            "https://a.example/wiki/spaces/OPS",
            "https://a.example/x/",
            "https://a.example/x/%",
            "https://a.example/pages/viewpage.action?pageId=x",
        ] {
            assert_eq!(Address::parse(url), None, "{url}");
        }
        assert!(same_server("https://A.example/x", "https://a.example/y"));
        assert!(!same_server("https://a.example/x", "https://b.example/x"));
    }
}
