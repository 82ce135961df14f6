//! Which file names a list of attachments shows.
//!
//! Authors write regular expressions (`.*\.pdf`) or, against the book, shell patterns
//! (`*.pdf`). What both have in common and what people write is read: literal characters, any
//! character, and any number of any. Everything else is refused by name, since a wrong list
//! is worse than none.

/// Patterns of which one must fit all of a name, in any case of letters. None: every name.
#[derive(Debug)]
pub(super) struct NamePatterns(Vec<Vec<Step>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Char(char),
    AnyChar,
    Anything,
}

/// Longest pattern, in characters.
const LONGEST: usize = 200;

impl NamePatterns {
    pub(super) fn read(texts: &[&str]) -> Result<Self, String> {
        let steps = texts.iter().map(|text| {
            steps(text).ok_or_else(|| format!("its file name pattern `{text}` cannot be used"))
        });
        steps.collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn fit(&self, name: &str) -> bool {
        let name: Vec<char> = name.to_lowercase().chars().collect();
        self.0.iter().any(|steps| fits(steps, &name))
    }
}

fn steps(text: &str) -> Option<Vec<Step>> {
    let text = text.trim().to_lowercase();
    let text = text.strip_prefix('^').unwrap_or(&text);
    let text = text.strip_suffix('$').unwrap_or(text);
    if text.chars().count() > LONGEST {
        return None;
    }
    let mut steps = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(next)) if !next.is_alphanumeric() => {
                steps.push(Step::Char(*next));
                chars.next();
            }
            ('.', Some('*')) => {
                steps.push(Step::Anything);
                chars.next();
            }
            ('.', Some('+')) => {
                steps.extend([Step::AnyChar, Step::Anything]);
                chars.next();
            }
            ('.', _) => steps.push(Step::AnyChar),
            ('*', _) => steps.push(Step::Anything),
            ('\\' | '[' | ']' | '(' | ')' | '{' | '}' | '|' | '+' | '?' | '^' | '$', _) => {
                return None;
            }
            (c, _) => steps.push(Step::Char(c)),
        }
    }
    Some(steps)
}

/// Goes back to the last place where anything may stand, so time is at most the product.
fn fits(steps: &[Step], name: &[char]) -> bool {
    let (mut step, mut at) = (0, 0);
    let mut again: Option<(usize, usize)> = None;
    while at < name.len() {
        match steps.get(step) {
            Some(Step::Anything) => {
                again = Some((step, at));
                step += 1;
            }
            Some(Step::AnyChar) => (step, at) = (step + 1, at + 1),
            Some(Step::Char(c)) if *c == name[at] => (step, at) = (step + 1, at + 1),
            _ => {
                let Some((anything, from)) = again else {
                    return false;
                };
                again = Some((anything, from + 1));
                (step, at) = (anything + 1, from + 1);
            }
        }
    }
    steps[step..].iter().all(|step| *step == Step::Anything)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_both_kinds_fit_whole_names() {
        let check = |pattern: &str, name: &str, expected: bool| {
            let patterns = NamePatterns::read(&[pattern]).unwrap();
            assert_eq!(patterns.fit(name), expected, "{pattern} {name}");
        };
        check(r".*\.pdf", "Plan.PDF", true);
        check("*.pdf", "plan.pdf", true);
        check("*.pdf", "plan.pdf.png", false);
        check(r"^plan-.+\.png$", "plan-.png", false);
        check(r"^plan-.+\.png$", "plan-2.png", true);
        check("a*b*c", "axxbyybc", true);
    }

    #[test]
    fn what_is_not_read_is_refused() {
        for pattern in ["(a|b)", "[ab]", "a{2}", "a+", "a?", "\\d"] {
            let refused = NamePatterns::read(&[pattern]).unwrap_err();
            assert!(refused.contains(pattern), "{refused}");
        }
    }
}
