//! What stands in brackets and between exclamation marks, and addresses in the text.
//!
//! A link is `[target]` or `[label|target|tip]`; the tip is shown to nobody here. Which
//! kind of target it is shows in its first and last characters.

use std::ops::Range;

use super::super::links::{href, percent_decode};
use crate::model::{ContentId, Target, User};

/// A link as written; places count from its bracket.
#[derive(Debug, PartialEq)]
pub(super) struct Link {
    pub(super) label: Option<Range<usize>>,
    pub(super) target: Target,
    pub(super) length: usize,
}

/// An image, or another file that is shown.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Image {
    pub(super) target: Target,
    pub(super) alt: Option<String>,
}

impl Link {
    /// Whether it is one word in brackets that names no kind of target.
    pub(super) fn is_bare_title(&self) -> bool {
        self.label.is_none()
            && matches!(
                self.target,
                Target::Page {
                    space: None,
                    anchor: None,
                    ..
                }
            )
    }
}

/// The link that begins at the bracket that `rest` begins with.
pub(super) fn link(rest: &str) -> Option<Link> {
    let close = bracket_end(rest)?;
    let inner = &rest[1..close];
    let bars = bars(inner);
    let (label, named) = match bars.as_slice() {
        [] => (None, inner),
        [bar] => (Some(0..*bar), &inner[bar + 1..]),
        [first, .., last] if is_tip(&inner[last + 1..]) => {
            let before = bars[bars.len() - 2];
            (Some(0..before.max(*first)), &inner[before + 1..*last])
        }
        [.., last] => (Some(0..*last), &inner[last + 1..]),
    };
    let target = target(named.trim())?;
    let label = label.filter(|label| !inner[label.clone()].trim().is_empty());
    let label = label.map(|label| label.start + 1..label.end + 1);
    if target == Target::Unknown && label.is_none() {
        return None;
    }
    Some(Link {
        label,
        target,
        length: close + 1,
    })
}

/// Where the bracket closes, on the same line and before another one opens.
fn bracket_end(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b']' => return Some(at),
            b'[' | b'\n' => return None,
            _ => at += 1,
        }
    }
}

/// The bars that separate; those of an image or in monospaced text do not.
fn bars(inner: &str) -> Vec<usize> {
    let bytes = inner.as_bytes();
    let mut bars = Vec::new();
    let mut at = 0;
    let mut monospaced = super::braces::Monospace::default();
    // Looked for once: an exclamation mark without a partner is text.
    let last_mark = inner.rfind('!');
    while at < bytes.len() {
        at += match bytes[at] {
            b'\\' => 2,
            b'!' if last_mark.is_some_and(|last| last > at) => {
                image(&inner[at..]).map_or(1, |(_, length)| length)
            }
            b'{' => monospaced
                .at(inner, at)
                .map_or(1, |content| content.end + 2 - at),
            b'|' => {
                bars.push(at);
                1
            }
            _ => 1,
        };
    }
    bars
}

/// Whether the last of three parts is a tip and no target: it reads like a sentence.
fn is_tip(text: &str) -> bool {
    let text = text.trim();
    !text.contains("://") && !text.starts_with(['#', '^', '~', '/', '$'])
}

/// What the text in a link names. `None`: nothing at all.
fn target(text: &str) -> Option<Target> {
    let text = unescaped(text);
    let first = text.chars().next()?;
    let rest = &text[first.len_utf8()..];
    Some(match first {
        '#' => named(rest, |name| Target::Anchor { name })?,
        '^' => attachment(rest, None)?,
        '$' if is_number(rest) => Target::Content {
            id: ContentId::new(rest),
        },
        '~' if rest.trim().is_empty() => return None,
        '~' if !rest.contains(':') => Target::User {
            user: Box::new(User {
                username: Some(rest.trim().to_owned()),
                ..User::default()
            }),
        },
        '/' => blog_post(None, &text).unwrap_or_else(|| href(&text)),
        '\\' => Target::Url { url: text },
        _ if has_scheme(&text) => href(&text),
        _ => page_or_other(&text)?,
    })
}

fn named(text: &str, target: impl FnOnce(String) -> Target) -> Option<Target> {
    let text = text.trim();
    (!text.is_empty()).then(|| target(text.to_owned()))
}

fn attachment(name: &str, container: Option<Target>) -> Option<Target> {
    let mut file_name = name.trim().to_owned();
    super::super::para::compose(&mut file_name);
    (!file_name.is_empty()).then(|| Target::Attachment {
        file_name,
        container: container.map(Box::new),
    })
}

fn page_or_other(text: &str) -> Option<Target> {
    if let Some((page, file_name)) = text.split_once('^') {
        return attachment(file_name, page_or_space(page.trim()));
    }
    if let Some((parameter, key)) = text.rsplit_once('@')
        && !parameter.trim().is_empty()
        && !key.is_empty()
        && !key.contains(char::is_whitespace)
    {
        if key.contains('.') {
            return Some(href(&format!("mailto:{text}")));
        }
        return Some(Target::Shortcut {
            key: key.to_owned(),
            parameter: parameter.trim().to_owned(),
        });
    }
    page_or_space(text)
}

/// `Title`, `SPACE:Title`, `SPACE:/2031/01/02/Title` or `SPACE:`, with an anchor or without.
fn page_or_space(text: &str) -> Option<Target> {
    let (space, title) = match text.split_once(':') {
        Some((key, title)) if is_space_key(key) && !title.starts_with(' ') => (Some(key), title),
        _ => (None, text),
    };
    let space = space.map(str::to_owned);
    if title.starts_with('/')
        && let Some(post) = blog_post(space.clone(), title)
    {
        return Some(post);
    }
    let (title, anchor) = anchored(title);
    match (space, title) {
        (Some(key), "") => Some(Target::Space { key }),
        (None, "") => None,
        (space, title) => Some(Target::Page {
            id: None,
            space,
            title: Some(title.to_owned()),
            anchor,
        }),
    }
}

fn anchored(title: &str) -> (&str, Option<String>) {
    match title.split_once('#') {
        Some((title, anchor)) => {
            let anchor = Some(anchor.trim().to_owned()).filter(|anchor| !anchor.is_empty());
            (title.trim(), anchor)
        }
        None => (title.trim(), None),
    }
}

/// `/2031/01/02/Title`.
fn blog_post(space: Option<String>, path: &str) -> Option<Target> {
    let mut parts = path.strip_prefix('/')?.splitn(4, '/');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str, most: usize| is_number(part) && part.len() <= most;
    if !(year.len() == 4 && digits(year, 4) && digits(month, 2) && digits(day, 2)) {
        return None;
    }
    let (title, anchor) = anchored(parts.next()?);
    (!title.is_empty()).then(|| Target::BlogPost {
        space,
        title: title.to_owned(),
        day: Some(format!("{year}-{month:0>2}-{day:0>2}")),
        anchor,
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Keys are letters and digits; those of personal spaces are user names.
fn is_space_key(key: &str) -> bool {
    match key.strip_prefix('~') {
        Some(name) => !name.is_empty() && !name.contains(char::is_whitespace),
        None => !key.is_empty() && key.chars().all(char::is_alphanumeric),
    }
}

/// Schemes that need no slashes; all others do.
const BARE_SCHEMES: [&str; 5] = ["mailto:", "javascript:", "vbscript:", "data:", "tel:"];

fn has_scheme(text: &str) -> bool {
    let starts = |scheme: &str| {
        text.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    if BARE_SCHEMES.iter().any(|scheme| starts(scheme)) {
        return true;
    }
    let scheme = text.split("://").next().unwrap_or_default();
    scheme.len() < text.len()
        && !scheme.is_empty()
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Without the back-slashes that protect a character.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(next)) if next.is_ascii_punctuation() && *next != '\\' => {}
            _ => out.push(c),
        }
    }
    out
}

/// Schemes that make an address in the text a link.
const SCHEMES: [&str; 9] = [
    "https", "http", "ftp", "ftps", "sftp", "file", "smb", "nntp", "irc",
];

/// Longest mail address that is looked for, in bytes.
const LONGEST_ADDRESS: usize = 256;

/// Length of the scheme that ends here, before `rest`, which begins with a colon.
pub(super) fn scheme_before(before: &str, rest: &str) -> Option<usize> {
    let letters = before
        .bytes()
        .rev()
        .take(16)
        .take_while(u8::is_ascii_alphabetic)
        .count();
    let scheme = &before[before.len() - letters..];
    let is = |name: &str| scheme.eq_ignore_ascii_case(name);
    if rest.starts_with("://") {
        return SCHEMES.iter().any(|name| is(name)).then_some(letters);
    }
    let mut address = rest.bytes().skip(1).take(LONGEST_ADDRESS);
    let mut address = address
        .by_ref()
        .take_while(|byte| !byte.is_ascii_whitespace());
    (is("mailto") && address.any(|byte| byte == b'@')).then_some(letters)
}

/// Length of the rest of an address, from its colon, without what ends a sentence.
pub(super) fn url_length(rest: &str) -> Option<usize> {
    let stop = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(
                c,
                '<' | '>' | '"' | '|' | '[' | ']' | '{' | '}' | '\\' | '^' | '`'
            )
    };
    let end = rest.find(stop).unwrap_or(rest.len());
    let mut url = &rest[..end];
    let pairs = url.contains('(');
    loop {
        let shorter = url.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_']);
        let shorter = match shorter.strip_suffix(')') {
            Some(inner) if !pairs => inner,
            _ => shorter,
        };
        if shorter.len() == url.len() {
            break;
        }
        url = shorter;
    }
    (url.len() > "://".len()).then_some(url.len())
}

/// The image that begins at the exclamation mark that `rest` begins with, and its length.
pub(super) fn image(rest: &str) -> Option<(Image, usize)> {
    let inner = &rest[1..];
    let end = memchr::memchr2(b'!', b'\n', inner.as_bytes())?;
    let inside = &inner[..end];
    if inner.as_bytes()[end] != b'!' || inside.trim() != inside {
        return None;
    }
    if inner[end + 1..].starts_with(char::is_alphanumeric) {
        return None;
    }
    let (name, params) = inside.split_once('|').unwrap_or((inside, ""));
    let target = shown(name.trim())?;
    let alt = param(params, "alt").or_else(|| param(params, "title"));
    Some((Image { target, alt }, end + 2))
}

/// The file or address that an image comes from; `None` when this reads like a sentence.
fn shown(name: &str) -> Option<Target> {
    let name = unescaped(name);
    if has_scheme(&name) || name.starts_with('/') {
        return match href(&name) {
            Target::Unknown => None,
            _ if name.contains(char::is_whitespace) => None,
            _ => Some(Target::Url { url: name }),
        };
    }
    let (_, ending) = name.rsplit_once('.')?;
    let is_ending =
        (1..=5).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_ending {
        return None;
    }
    match name.split_once('^') {
        Some((page, file)) => attachment(&percent_decode(file), page_or_space(page.trim())),
        None => attachment(&name, None),
    }
}

/// A parameter among `name=value` with commas or bars between them.
fn param(params: &str, wanted: &str) -> Option<String> {
    let params = params.split(['|', ',']);
    let mut pairs = params.filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))?;
    let value = unescaped(value.trim().trim_matches(['"', '\'']));
    (!value.is_empty()).then_some(value)
}

/// Whether a file of this name is a picture, as against a film, a sound or a document.
pub(super) fn is_picture(target: &Target) -> bool {
    const OTHERS: [&str; 22] = [
        "avi", "doc", "docx", "flv", "m4v", "mov", "mp3", "mp4", "mpeg", "mpg", "pdf", "ppt",
        "pptx", "ram", "rm", "swf", "wav", "wma", "wmv", "xls", "xlsx", "zip",
    ];
    let name = match target {
        Target::Attachment { file_name, .. } => file_name,
        Target::Url { url } => url,
        _ => return true,
    };
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    !OTHERS
        .iter()
        .any(|other| ending.eq_ignore_ascii_case(other))
}
