//! Links: what resource identifiers and hrefs point to, and how links close.
//!
//! Titles are not resolved here, nor are ids: a link keeps what the body says, and
//! whoever serves the page looks the target up under the asker's rights.

use super::build::{Builder, label_text};
use super::flow::FlowKind;
use super::para::{LinkSource, MarkKind, OpenLink, OpenMark};
use super::plain;
use super::scan::Attributes;
use crate::model::{AttachmentRef, BlockIndex, ContentId, Inline, Target, User};

/// Resource identifiers that can point somewhere.
const RESOURCES: [&str; 8] = [
    "ri:page",
    "ri:blog-post",
    "ri:attachment",
    "ri:url",
    "ri:shortcut",
    "ri:user",
    "ri:space",
    "ri:content-entity",
];

/// Reads an `ri:` element.
///
/// `here` is the key of the space that the body is in: macros name it `currentSpace()` and
/// `@self`.
pub(super) fn resource(name: &str, attributes: Attributes<'_>, here: Option<&str>) -> Target {
    let get = |key: &str| attributes.filled(key);
    let space = || match get("ri:space-key") {
        Some(key) if key == "currentSpace()" || key == "@self" => here.map(str::to_owned),
        key => key,
    };
    match name {
        "ri:page" => Target::Page {
            id: get("ri:content-id").map(ContentId::new),
            space: space(),
            title: get("ri:content-title"),
            anchor: None,
        },
        "ri:blog-post" => Target::BlogPost {
            space: space(),
            title: get("ri:content-title").unwrap_or_default(),
            day: get("ri:posting-day").map(|day| day.replace('/', "-")),
            anchor: None,
        },
        "ri:attachment" => match get("ri:filename") {
            Some(mut file_name) => {
                super::para::compose(&mut file_name);
                Target::Attachment {
                    file_name,
                    container: None,
                }
            }
            None => Target::Unknown,
        },
        "ri:url" => get("ri:value").map_or(Target::Unknown, |url| href(&url)),
        "ri:shortcut" => match (
            get("ri:key"),
            get("ri:parameter").or_else(|| get("ri:value")),
        ) {
            (Some(key), Some(parameter)) => Target::Shortcut { key, parameter },
            _ => Target::Unknown,
        },
        "ri:user" => Target::User {
            user: Box::new(user(attributes)),
        },
        "ri:space" => space().map_or(Target::Unknown, |key| Target::Space { key }),
        "ri:content-entity" => get("ri:content-id").map_or(Target::Unknown, |id| Target::Content {
            id: ContentId::new(id),
        }),
        _ => Target::Unknown,
    }
}

fn user(attributes: Attributes<'_>) -> User {
    User {
        account_id: attributes.filled("ri:account-id"),
        user_key: attributes.filled("ri:userkey"),
        username: attributes.filled("ri:username"),
        // Not in storage format; other representations show the name itself.
        display_name: attributes.filled("ri:display-name"),
        ..User::default()
    }
}

/// Classifies an `href`; what may run code points nowhere.
pub(super) fn href(href: &str) -> Target {
    let href = href.trim();
    if let Some(fragment) = href.strip_prefix('#') {
        return if fragment.is_empty() {
            Target::Unknown
        } else {
            Target::Anchor {
                name: percent_decode(fragment),
            }
        };
    }
    if href.starts_with("https://") || href.starts_with("http://") {
        let url = href.to_owned();
        return Target::Url { url };
    }
    let scheme = scheme(href);
    match scheme.as_deref() {
        Some("javascript" | "vbscript" | "data") => Target::Unknown,
        Some(_) => Target::Url {
            url: href.to_owned(),
        },
        None if href.is_empty() => Target::Unknown,
        None => page_path(href).unwrap_or_else(|| Target::Url {
            url: href.to_owned(),
        }),
    }
}

/// The scheme as a browser reads it: white space and controls inside do not count.
fn scheme(href: &str) -> Option<String> {
    let mut scheme = String::new();
    for c in href.chars().take(64) {
        match c {
            ':' => return (!scheme.is_empty()).then_some(scheme),
            _ if c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.') => {
                scheme.push(c.to_ascii_lowercase());
            }
            _ if c.is_control() || c.is_whitespace() => {}
            _ => return None,
        }
    }
    None
}

/// A page by a path of this site: `…/pages/ID`, `…?pageId=ID`, `/display/KEY/Title`,
/// `…/viewpage.action?spaceKey=KEY&title=Title`.
pub(super) fn page_path(path: &str) -> Option<Target> {
    let (path, anchor) = match path.split_once('#') {
        Some((path, anchor)) => (path, Some(percent_decode(anchor))),
        None => (path, None),
    };
    let anchor = anchor.filter(|anchor| !anchor.is_empty());
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let raw = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let mut values = pairs.filter(|(key, value)| *key == name && !value.is_empty());
        values.next().map(|(_, value)| value)
    };
    let value = |name: &str| Some(percent_decode(&raw(name)?.replace('+', " ")));
    let page_id = raw("pageId");
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let after = |name: &str| {
        segments
            .iter()
            .position(|part| *part == name)
            .map(|at| at + 1)
    };
    let in_path = after("pages").and_then(|at| segments.get(at)).copied();
    let space = after("spaces")
        .and_then(|at| segments.get(at))
        .map(|key| percent_decode(key));
    let digits = |id: &&str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(id) = page_id.or(in_path).filter(digits) {
        let id = Some(ContentId::new(id));
        return Some(Target::Page {
            id,
            space,
            title: None,
            anchor,
        });
    }
    if let Some(title) = value("title").filter(|_| path.ends_with("viewpage.action")) {
        let space = value("spaceKey");
        return Some(Target::Page {
            id: None,
            space,
            title: Some(title),
            anchor,
        });
    }
    let at = after("display")?;
    let key = percent_decode(segments.get(at)?);
    match segments.get(at + 1) {
        Some(title) => Some(Target::Page {
            id: None,
            space: Some(key),
            title: Some(percent_decode(&title.replace('+', " "))),
            anchor,
        }),
        None => Some(Target::Space { key }),
    }
}

/// Whether this names content that an index may have.
pub(super) fn is_content(target: &Target) -> bool {
    matches!(
        target,
        Target::Page { .. }
            | Target::BlogPost { .. }
            | Target::Content { .. }
            | Target::Attachment { .. }
    )
}

/// Whether an id is all that is known of what is linked to.
pub(super) fn is_untitled(target: &Target) -> bool {
    matches!(
        target,
        Target::Page {
            id: Some(_),
            title: None,
            ..
        } | Target::Content { .. }
    )
}

/// Whether an address may be that of a page, by its form.
pub(super) fn is_page_url(url: &str) -> bool {
    let path = url
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('/'));
    path.is_some_and(|(_, path)| matches!(page_path(path), Some(Target::Page { .. })))
}

/// Undoes percent-encoding; what is not valid stays as it is.
pub(super) fn percent_decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes
            .get(at + 1..at + 3)
            .and_then(|hex| std::str::from_utf8(hex).ok());
        let value = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (bytes[at], value) {
            (b'%', Some(value)) => {
                out.push(value);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

/// The host and last part of a URL's path, to stand for it.
pub(super) fn last_segment(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let path = path.trim_end_matches('/');
    match path.rsplit_once('/') {
        Some((_, last)) if !last.is_empty() => last,
        _ => url,
    }
}

/// Parts of a label that have the target for certain, and the bytes that targets take in more.
const FEW_PARTS: usize = 16;
const PARTS_BYTES: usize = 16 << 10;
/// Bytes of the label in the record, from which no further part is added.
const LONG_LABEL: usize = 4 << 10;

impl OpenLink {
    /// A part of the label that stands in a block of its own. In many parts a long target is not
    /// said again and again: what is written would grow with both.
    pub(super) fn part(&mut self, label: Vec<Inline>) -> Vec<Inline> {
        self.parts += 1;
        if self
            .split
            .as_ref()
            .is_none_or(|label| label.len() < LONG_LABEL)
        {
            plain::add_line(&label, &mut self.split);
        }
        let said = self.target.as_ref().map_or(0, length);
        let said = said + self.anchor.as_ref().map_or(0, String::len);
        if self.parts > FEW_PARTS && self.parts.saturating_mul(said) > PARTS_BYTES {
            return label;
        }
        let target = Box::new(with_anchor(self.target.clone(), self.anchor.clone()));
        vec![Inline::Link { target, label }]
    }
}

/// Bytes of what a target says.
fn length(target: &Target) -> usize {
    let known = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    match target {
        Target::Page {
            space,
            title,
            anchor,
            ..
        } => known(space) + known(title) + known(anchor),
        Target::BlogPost {
            space,
            title,
            anchor,
            ..
        } => known(space) + title.len() + known(anchor),
        Target::Attachment { file_name, .. } => file_name.len(),
        Target::Url { url } => url.len(),
        Target::Space { key } => key.len(),
        Target::Anchor { name } => name.len(),
        Target::Shortcut { key, parameter } => key.len() + parameter.len(),
        Target::User { .. } | Target::Content { .. } | Target::Unknown => 0,
    }
}

impl Builder<'_> {
    /// Reads a resource identifier, inside another or not.
    pub(super) fn resource(&mut self, name: &str, attributes: Attributes<'_>, inside: bool) {
        let target = resource(name, attributes, self.context.space_key);
        if !RESOURCES.contains(&name) {
            self.note_once("unknown_resource", name);
        }
        self.deliver(target, inside);
    }

    /// Gives a resource identifier to what is waiting for one: the parameter, the image
    /// or the link around it. Inside an attachment's identifier it names the container.
    pub(super) fn deliver(&mut self, target: Target, inside_resource: bool) {
        if self.skip > 0 || self.raw.is_some() {
            return;
        }
        let Some(slot) = self.slot() else { return };
        match slot {
            Some(Target::Attachment { container, .. }) if inside_resource => {
                *container = Some(Box::new(target));
            }
            Some(_) => {}
            None => *slot = Some(target),
        }
    }

    fn slot(&mut self) -> Option<&mut Option<Target>> {
        if self.param.is_some() {
            return self.param.as_mut().map(super::macros::Param::slot);
        }
        let top = self.top();
        // In the caption of an image there may be links.
        match (top.para.open_link(), &mut top.kind) {
            (Some(link), _) => Some(&mut link.target),
            (None, FlowKind::Image(image)) => Some(&mut image.target),
            _ => None,
        }
    }

    /// Closes the innermost link.
    pub(super) fn close_link(&mut self) {
        let Some(OpenMark {
            kind: MarkKind::Link(link),
            mut inlines,
        }) = self.top().para.close()
        else {
            return;
        };
        let mut link = *link;
        let source = link.source;
        let target = with_anchor(link.target.take(), link.anchor.take());
        if source == LinkSource::Card
            && let Some(ids) = &mut self.ids
        {
            ids.node(link.ids_mark, "[inlineCard]");
        }
        let bare = inlines
            .iter()
            .all(|inline| matches!(inline, Inline::Anchor { .. }));
        if link.split.is_some() {
            return self.close_split(target, link, inlines);
        }
        match target {
            Target::User { user } if bare => self.mention(*user),
            Target::Unknown => self.keep(inlines),
            target => {
                let itself = is_url_itself(source, &target, &inlines);
                if bare || itself {
                    inlines.clear();
                }
                let block = match source {
                    LinkSource::A if bare => self.around(link.blocks_before),
                    _ => Some(self.here()),
                };
                let label = label_text(&target, &inlines);
                self.record_labelled(&target, label, source.as_str().into(), block);
                let target = Box::new(self.resolve_shortcut(target));
                let link = Inline::Link {
                    target,
                    label: inlines,
                };
                match source {
                    _ if !bare => self.top().para.put(link),
                    // An `a` without text shows nothing; others have a label of their own.
                    LinkSource::A => {}
                    LinkSource::Card => self.top().para.push(link),
                    LinkSource::Link => self.inline(link),
                }
            }
        }
    }

    /// Where a link stands that has no label: around the blocks since it began, or in a line.
    fn around(&mut self, blocks_before: usize) -> BlockIndex {
        let mut blocks = std::mem::take(&mut self.top().blocks);
        let first = blocks.get_mut(blocks_before);
        let first = first.map(|block| self.number_of(block));
        self.top().blocks = blocks;
        match first {
            None if self.top().para.is_empty() => None,
            None => Some(self.here()),
            first => first,
        }
    }

    /// Closes a link in whose label a block stood: what came before is a link already.
    fn close_split(&mut self, target: Target, link: OpenLink, label: Vec<Inline>) {
        let mut before = link.split;
        let bare = label
            .iter()
            .all(|inline| matches!(inline, Inline::Anchor { .. }));
        if !bare {
            plain::add_line(&label, &mut before);
        }
        let source = link.source.as_str().into();
        let block = Some(link.block);
        self.record_labelled(&target, before.unwrap_or_default(), source, block);
        if bare || target == Target::Unknown {
            return self.keep(label);
        }
        let target = Box::new(self.resolve_shortcut(target));
        self.top().para.put(Inline::Link { target, label });
    }

    /// Puts back the label of a link that points nowhere.
    fn keep(&mut self, inlines: Vec<Inline>) {
        self.top().para.put_back(inlines);
    }

    fn resolve_shortcut(&mut self, target: Target) -> Target {
        if let Target::Shortcut { key, parameter } = &target
            && let Some(url) = self.shortcut(key)
        {
            return Target::Url {
                url: url.replace("%s", parameter),
            };
        }
        target
    }

    /// Records a file that the body shows or links.
    pub(super) fn record_attachment(
        &mut self,
        file_name: &str,
        container: Option<&Target>,
        role: &'static str,
    ) {
        let block = Some(self.here());
        self.record_attachment_at(block, file_name, container, role);
    }

    /// The same of a file that stands elsewhere.
    pub(super) fn record_attachment_at(
        &mut self,
        block: BlockIndex,
        file_name: &str,
        container: Option<&Target>,
        role: &'static str,
    ) {
        self.meta.attachments.push(AttachmentRef {
            file_name: file_name.to_owned(),
            container: container.cloned(),
            role: role.into(),
            block,
        });
    }
}

/// A smart link shows its URL only because it has no title here.
fn is_url_itself(source: LinkSource, target: &Target, label: &[Inline]) -> bool {
    match (source, target, label) {
        (LinkSource::Card, Target::Url { url }, [Inline::Text { text }]) => {
            *text == plain::cleaned(url)
        }
        _ => false,
    }
}

fn with_anchor(target: Option<Target>, name: Option<String>) -> Target {
    match (target, name) {
        (None, Some(name)) => Target::Anchor { name },
        (
            Some(Target::Page {
                id,
                space,
                title,
                anchor: None,
            }),
            name,
        ) => Target::Page {
            id,
            space,
            title,
            anchor: name,
        },
        (
            Some(Target::BlogPost {
                space,
                title,
                day,
                anchor: None,
            }),
            name,
        ) => Target::BlogPost {
            space,
            title,
            day,
            anchor: name,
        },
        (Some(target), _) => target,
        (None, None) => Target::Unknown,
    }
}
