//! Wildcards and fuzzy terms held against single terms.

use super::suggest;

/// Whether a term matches a pattern of `?` (one character) and `*` (any number).
///
/// The last `*` takes one character more whenever what follows it does not fit, so time
/// is at most the product of the lengths.
pub(crate) fn wildcard(pattern: &str, term: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let term: Vec<char> = term.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while t < term.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p + 1, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == term[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((after, taken)) => {
                    star = Some((after, taken + 1));
                    (p, t) = (after, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Whether a term is within so many edits; a swap of neighbours is one.
pub(crate) fn fuzzy(wanted: &str, distance: u8, term: &str) -> bool {
    let limit = usize::from(distance);
    if wanted.len().abs_diff(term.len()) > limit * 4 {
        return false;
    }
    let chars = |text: &str| text.chars().collect::<Vec<_>>();
    suggest::distance(&chars(wanted), &chars(term)) <= limit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        let cases = [
            ("win*", "win", true),
            ("win*", "windows", true),
            ("wi*95", "windows95", true),
            ("wi*95", "windows96", false),
            ("te?t", "test", true),
            ("te?t", "tet", false),
            ("a*b*c", "axbxbc", true),
            ("a*b*c", "axbx", false),
            ("日?", "日本", true),
            ("*", "", true),
        ];
        for (pattern, term, expected) in cases {
            assert_eq!(wildcard(pattern, term), expected, "{pattern} {term}");
        }
    }

    #[test]
    fn fuzzy_terms() {
        assert!(fuzzy("roam", 1, "foam") && fuzzy("raom", 1, "roam"));
        assert!(!fuzzy("roam", 1, "foams") && fuzzy("roam", 2, "foams"));
    }
}
