//! What somebody may have meant: names within two edits.

/// The longest name that is compared; edits in more are no slip of the pen.
const LONGEST: usize = 64;

/// Candidates within two edits, nearest first, in their own order among equals.
pub(super) fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let written: Vec<char> = written.chars().take(LONGEST).collect();
    let limit = 2.min(written.len().saturating_sub(1));
    let near = names.into_iter().filter_map(|name| {
        let chars: Vec<char> = name.to_lowercase().chars().take(LONGEST).collect();
        let distance = distance(&written, &chars);
        (distance <= limit).then_some((distance, name))
    });
    let mut near: Vec<_> = near.collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().map(|(_, name)| name).collect()
}

/// Insertions, deletions, substitutions and swaps of neighbours that make `a` of `b`,
/// where no part is changed twice (optimal string alignment).
pub(super) fn distance(a: &[char], b: &[char]) -> usize {
    let mut before = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let change = last[j] + usize::from(x != y);
            let mut best = change.min(last[j + 1] + 1).min(row[j] + 1);
            let swapped = i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y;
            if swapped {
                let swap: usize = before[j - 1];
                best = best.min(swap + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_is_one_edit() {
        let distance = |a: &str, b: &str| {
            distance(
                &a.chars().collect::<Vec<_>>(),
                &b.chars().collect::<Vec<_>>(),
            )
        };
        let cases = [
            ("lable", "label", 1),
            ("", "ab", 2),
            ("a", "a", 0),
            ("ca", "abc", 3),
        ];
        for (a, b, expected) in cases {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn short_names_need_more_in_common() {
        assert_eq!(
            nearest("labl", ["title", "label", "table"]),
            ["label", "table"]
        );
        assert!(nearest("x", ["id"]).is_empty());
    }
}
