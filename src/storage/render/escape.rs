//! Markdown escapes: text must not form markup that its author did not write.
//!
//! Only what would be active is escaped, so that names and paths stay readable:
//! `my_var` is left alone, `_so_` is not.
#![expect(
    clippy::needless_bitwise_bool,
    reason = "without branches a whole chunk is compared at once"
)]

use std::fmt::Write as _;

use super::super::bytes;
use super::super::para::is_invisible;

/// Where text is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Place {
    /// Nothing but the prefix stands before it on its line.
    pub(super) line_start: bool,
    /// In a table cell, where `|` ends it.
    pub(super) cell: bool,
    /// In the label of a link, where brackets end it.
    pub(super) label: bool,
}

/// Whether a byte may be active somewhere; `^` and `}` are let in, to compare ranges.
fn is_special(byte: u8) -> bool {
    (byte.wrapping_sub(b'[') <= b'`' - b'[')
        | (byte.wrapping_sub(b'|') <= b'~' - b'|')
        | (byte == b'*')
        | (byte == b'<')
}

/// Appends text with back-slashes where it would mean something.
pub(super) fn push(out: &mut String, text: &str, place: Place) {
    let bytes = text.as_bytes();
    let mut run = 0;
    if place.line_start
        && let Some(at) = line_start(text)
    {
        out.push_str(&text[..at]);
        out.push('\\');
        run = at;
    }
    let mut at = run;
    while let Some(found) = bytes::position(&bytes[at..], is_special) {
        at += found;
        if is_active(bytes, at, place) && !(at == run && run > 0 && out.ends_with('\\')) {
            out.push_str(&text[run..at]);
            out.push('\\');
            run = at;
        }
        at += 1;
    }
    out.push_str(&text[run..]);
}

fn is_active(bytes: &[u8], at: usize, place: Place) -> bool {
    let before = at.checked_sub(1).and_then(|at| bytes.get(at)).copied();
    let after = bytes.get(at + 1).copied();
    match bytes[at] {
        b'\\' => after.is_none_or(|byte| byte.is_ascii_punctuation()),
        b'`' => true,
        b'*' => !(is_space(before) && is_space(after)),
        b'_' => {
            let inside = is_word(before) && is_word(after);
            let alone = is_space(before) && is_space(after);
            !inside && !alone
        }
        b'[' => place.label || after != Some(b' '),
        b']' => place.label || matches!(after, None | Some(b'(' | b'[' | b':')),
        b'<' => after
            .is_none_or(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'/' | b'!' | b'?')),
        b'~' => before == Some(b'~') || after.is_none_or(|byte| byte == b'~'),
        b'|' => place.cell,
        _ => false,
    }
}

/// Past an edge of the text another inline may follow, so an edge counts as a space
/// only for itself.
fn is_space(byte: Option<u8>) -> bool {
    byte.is_some_and(|byte| byte == b' ')
}

fn is_word(byte: Option<u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80)
}

/// Where a line that starts like this needs a back-slash so that it stays text.
fn line_start(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let ends = |at: usize| bytes.get(at).is_none_or(|byte| *byte == b' ');
    match bytes.first()? {
        b'#' => {
            let level = bytes.iter().take_while(|byte| **byte == b'#').count();
            (level <= 6 && ends(level)).then_some(0)
        }
        b'>' | b'|' | b'=' => Some(0),
        b'-' if bytes.iter().all(|byte| matches!(byte, b'-' | b' ')) => Some(0),
        b'-' | b'+' => ends(1).then_some(0),
        b'0'..=b'9' => {
            let digits = bytes
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            let point = matches!(bytes.get(digits), Some(b'.' | b')'));
            (digits <= 9 && point && ends(digits + 1)).then_some(digits)
        }
        _ => None,
    }
}

/// Appends TeX so that it stays between its dollar signs and makes no HTML. A space behind
/// `<` means nothing in a formula.
pub(super) fn push_tex(out: &mut String, tex: &str, place: Place) {
    let bytes = tex.as_bytes();
    let (mut run, mut escaped) = (0, false);
    for (at, byte) in bytes.iter().enumerate() {
        let before = match byte {
            b'$' if !escaped => "\\",
            b'|' if place.cell && !escaped => "\\",
            _ => "",
        };
        let after = match byte {
            b'<' if is_active(bytes, at, place) => " ",
            _ => "",
        };
        if !(before.is_empty() && after.is_empty()) {
            let end = at + usize::from(before.is_empty());
            out.push_str(&tex[run..end]);
            out.push_str(before);
            out.push_str(after);
            run = end;
        }
        escaped = *byte == b'\\' && !escaped;
    }
    out.push_str(&tex[run..]);
    if escaped {
        // It would take its meaning from the dollar sign behind it.
        out.push(' ');
    }
}

/// What keeps a further line of a formula from being anything else.
pub(super) fn tex_indent(line: &str) -> &'static str {
    let marks = b"#>-+=*_`~|:0123456789";
    match line.as_bytes().first() {
        Some(first) if marks.contains(first) => "    ",
        _ => "",
    }
}

/// Keeps number signs at the end of a heading, which Markdown would take for the heading's.
pub(super) fn closing_marks(markdown: &mut String) {
    let text = markdown.trim_end_matches('#');
    if text.len() < markdown.len() && text.ends_with([' ', '\t']) {
        markdown.insert(text.len(), '\\');
    }
}

/// The length of a run of back-ticks longer than any in the text, at least `least`.
pub(super) fn fence(text: &str, least: usize) -> usize {
    let (mut longest, mut run, mut last) = (0, 0, None);
    for at in memchr::memchr_iter(b'`', text.as_bytes()) {
        run = if last == at.checked_sub(1) && at > 0 {
            run + 1
        } else {
            1
        };
        longest = longest.max(run);
        last = Some(at);
    }
    least.max(if longest >= least { longest + 1 } else { least })
}

/// Appends a link's destination.
pub(super) fn push_url(out: &mut String, url: &str) {
    let mut rest = url;
    while let Some(at) = bytes::position(rest.as_bytes(), may_not_stand_in_url) {
        out.push_str(&rest[..at]);
        let c = rest[at..].chars().next().expect("something was found");
        match c {
            ' ' => out.push_str("%20"),
            '(' => out.push_str("%28"),
            ')' => out.push_str("%29"),
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '|' => out.push_str("%7C"),
            '\\' => out.push_str("%5C"),
            c if c.is_control() => {}
            // It names another place without it, and nobody sees it.
            c if c.is_whitespace() || is_invisible(c) => push_percent(out, c),
            c => out.push(c),
        }
        rest = &rest[at + c.len_utf8()..];
    }
    out.push_str(rest);
}

fn push_percent(out: &mut String, c: char) {
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        // A `String` takes whatever is written.
        let _ = write!(out, "%{byte:02X}");
    }
}

/// What Markdown may take for the end of the destination, and what might be white space.
fn may_not_stand_in_url(byte: u8) -> bool {
    (byte <= b' ')
        | (byte >= 0x7f)
        | (byte == b'(')
        | (byte == b')')
        | (byte == b'<')
        | (byte == b'>')
        | (byte == b'|')
        | (byte == b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_active_is_escaped() {
        let line = Place {
            line_start: true,
            ..Place::default()
        };
        let cell = Place {
            cell: true,
            ..Place::default()
        };
        let label = Place {
            label: true,
            ..Place::default()
        };
        let cases = [
            ("my_var_name", Place::default(), "my_var_name"),
            ("_so_ *so*", Place::default(), r"\_so\_ \*so\*"),
            ("2 * 3", Place::default(), "2 * 3"),
            ("a < b <b>", Place::default(), r"a < b \<b>"),
            ("[x](y)", Place::default(), r"\[x\](y)"),
            ("C:\\dir\\_x", Place::default(), r"C:\dir\\\_x"),
            ("`a`", Place::default(), r"\`a\`"),
            ("# no", line, r"\# no"),
            ("#7 yes", line, "#7 yes"),
            ("1. no", line, r"1\. no"),
            ("1.5 yes", line, "1.5 yes"),
            ("- no", line, r"\- no"),
            ("---", line, r"\---"),
            ("-x", line, "-x"),
            ("> no", line, r"\> no"),
            ("a | b", cell, r"a \| b"),
            ("[a]", label, r"\[a\]"),
        ];
        for (text, place, expected) in cases {
            let mut out = String::new();
            push(&mut out, text, place);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn what_nobody_sees_in_an_address_is_written_out() {
        for (url, expected) in [
            ("a b(1).png", "a%20b%281%29.png"),
            ("5.36\u{202f}PM\u{200b}.png", "5.36%E2%80%AFPM%E2%80%8B.png"),
            ("htt\tps://x\n", "https://x"),
            ("\u{a0}", "%C2%A0"),
            ("ü", "ü"),
        ] {
            let mut out = String::new();
            push_url(&mut out, url);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn a_formula_stays_a_formula() {
        let cell = Place {
            cell: true,
            ..Place::default()
        };
        let cases = [
            (r"a<b \$ $c", Place::default(), r"a< b \$ \$c"),
            ("1 < 2<3", Place::default(), "1 < 2<3"),
            (r"|x| \| \\$", Place::default(), r"|x| \| \\\$"),
            (r"|x| \| y", cell, r"\|x\| \| y"),
            (r"a\", Place::default(), r"a\ "),
            (r"a\\", Place::default(), r"a\\"),
        ];
        for (tex, place, expected) in cases {
            let mut out = String::new();
            push_tex(&mut out, tex, place);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn signs_at_the_end_of_a_heading_stay_in_it() {
        for (line, expected) in [
            ("## a ##", r"## a \##"),
            ("## In C#", "## In C#"),
            ("# #", r"# \#"),
            ("## a", "## a"),
        ] {
            let mut line = line.to_owned();
            closing_marks(&mut line);
            assert_eq!(line, expected);
        }
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fence("a", 3), 3);
        assert_eq!(fence("```", 3), 4);
        assert_eq!(fence("a`b", 1), 2);
        assert_eq!(fence("a``b", 1), 3);
    }
}
