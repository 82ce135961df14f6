//! Folding: which differences of writing do not count.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The form in which labels, keys and titles are compared for equality: NFC, trimmed,
/// lower case.
pub(crate) fn fold_keyword(text: &str) -> String {
    let text = text.trim();
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfc().collect::<String>().to_lowercase()
}

/// The exact form of a word: NFKC and case folded, accents kept, one kind of apostrophe.
pub(crate) fn fold_exact(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    let folded: String = word.nfkc().collect::<String>().to_lowercase();
    let straight = |c| {
        if matches!(c, '\u{2019}' | '\u{02BC}') {
            '\''
        } else {
            c
        }
    };
    folded.chars().map(straight).nfc().collect()
}

/// Takes the accents off an exact form. Letters that are no letter plus accent by
/// Unicode, but are read as one (`ß`, `ø`), are spelled out.
pub(crate) fn strip_accents(exact: &str) -> String {
    if exact.is_ascii() {
        return exact.to_owned();
    }
    let mut out = String::with_capacity(exact.len());
    for c in exact.nfd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            'þ' => out.push_str("th"),
            'ı' => out.push('i'),
            _ => out.push(c),
        }
    }
    out.nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_fall_only_in_the_plain_form() {
        assert_eq!(fold_exact("ÜBERGABE"), "übergabe");
        assert_eq!(strip_accents("übergabe"), "ubergabe");
        assert_eq!(strip_accents("straße"), "strasse");
        assert_eq!(fold_exact("ﬁle’s"), "file's");
        assert_eq!(fold_keyword("  Te\u{301}st "), "tést");
    }
}
