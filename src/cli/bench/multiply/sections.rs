//! Where a body in storage format can be cut: before its headings, where nothing is open.
//!
//! Parts that are cut so can be put together in any order and stay well-formed. A body
//! that is not well-formed, or that is all in one layout, is one section.

use std::ops::Range;

/// The sections of a body in bytes, in order, covering all of it; none of an empty one.
pub(crate) fn sections(body: &str) -> Vec<Range<usize>> {
    if body.trim().is_empty() {
        return Vec::new();
    }
    let mut cuts = cuts(body).unwrap_or_default();
    cuts.insert(0, 0);
    cuts.push(body.len());
    let parts = cuts.windows(2).map(|pair| pair[0]..pair[1]);
    parts.filter(|part| !part.is_empty()).collect()
}

/// Starts of the headings at the outermost level; `None` when something does not close.
fn cuts(body: &str) -> Option<Vec<usize>> {
    let mut cuts = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(found) = body[at..].find('<') {
        let start = at + found;
        let rest = &body[start..];
        at = start
            + if rest.starts_with("<!--") {
                end(rest, "-->")?
            } else if rest.starts_with("<![CDATA[") {
                end(rest, "]]>")?
            } else if rest.starts_with("</") {
                depth = depth.checked_sub(1)?;
                end(rest, ">")?
            } else {
                if depth == 0 && is_heading(rest) {
                    cuts.push(start);
                }
                let length = tag_end(rest)?;
                if !rest[..length].ends_with("/>") {
                    depth += 1;
                }
                length
            };
    }
    (depth == 0).then_some(cuts)
}

fn end(rest: &str, mark: &str) -> Option<usize> {
    rest.find(mark).map(|at| at + mark.len())
}

/// Length of a tag, whose attributes may hold `>`.
fn tag_end(rest: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

fn is_heading(rest: &str) -> bool {
    let bytes = rest.as_bytes();
    let name = matches!(bytes.get(1), Some(b'h')) && matches!(bytes.get(2), Some(b'1'..=b'6'));
    name && !bytes
        .get(3)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_cut_before_outer_headings() {
        let check = |body: &str, expected: &[&str]| {
            let found: Vec<&str> = sections(body).into_iter().map(|part| &body[part]).collect();
            assert_eq!(found, expected);
        };
        check("", &[]);
        check("  ", &[]);
        check("<p>a</p>", &["<p>a</p>"]);
        check(
            "<h1>a</h1>b<h2 id=\"x>y\">c</h2>",
            &["<h1>a</h1>b", "<h2 id=\"x>y\">c</h2>"],
        );
        check("<p>a<br/></p><h3>b</h3>", &["<p>a<br/></p>", "<h3>b</h3>"]);
        // Inside a panel, a comment or code there is no cut.
        for whole in [
            "<x:y><h1>a</h1></x:y>",
            "<!-- <h1> --><p>a</p>",
            "<p><![CDATA[<h1>]]></p>",
            "<p>a</p><hr/><h7>b</h7>",
            // Not well-formed.
            "<h1>a</h1><p>b<h2>c</h2>",
            "</p><h2>c</h2>",
            "<h1>a</h1><p",
            "<h1>a</h1><p title=\"b>",
        ] {
            check(whole, &[whole]);
        }
    }
}
