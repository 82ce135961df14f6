//! Which representation a body is in, where nobody says (storage-format.md 2).

use crate::model::Representation;

/// What a body looks like. Wiki markup looks like text, so it is never found.
pub(crate) fn detect(body: &str) -> Representation {
    let start = body.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if start.starts_with('{') {
        // Storage format does not begin so, unless it is bare text.
        let document = ["\"type\"", "\"content\""];
        return if document.iter().all(|key| start.contains(key)) || start.contains("\"doc\"") {
            Representation::Adf
        } else {
            Representation::Storage
        };
    }
    let begins = |tag: &str| {
        let head = start.get(..tag.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(tag))
    };
    let rendered = ["class=\"conf-macro", " conf-macro ", "data-macro-name=\""];
    let page = begins("<!doctype html") || begins("<html");
    let html = page || rendered.iter().any(|mark| body.contains(mark));
    if html && !super::html::is_storage_format(body) {
        Representation::Html
    } else {
        Representation::Storage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_known_by_their_looks() {
        for (body, expected) in [
            ("<p>x</p>", Representation::Storage),
            ("plain", Representation::Storage),
            ("{code}x{code}", Representation::Storage),
            (
                " {\n \"version\": 1, \"type\": \"doc\"}",
                Representation::Adf,
            ),
            ("<!DOCTYPE HTML><html><p>x", Representation::Html),
            (
                "<div class=\"conf-macro\" data-macro-name=\"x\">y</div>",
                Representation::Html,
            ),
            (
                "<p>conf-macro data-macro-name=\"x\"<ac:image/></p>",
                Representation::Storage,
            ),
        ] {
            assert_eq!(detect(body), expected, "{body}");
        }
    }
}
