//! What each element is to the builder.
//!
//! Names are matched as written, prefix included; nothing is resolved, since exporters
//! bind the prefixes to whatever they like, or not at all.

/// The part an element plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    Paragraph,
    Heading(u8),
    Break,
    Rule,
    Mark(Mark),
    /// Inline without a mark of its own; `span` and the like.
    Inline,
    Pre,
    Quote,
    List(Ordered),
    Item,
    Term,
    Definition,
    Table,
    Head,
    Rows,
    Row,
    Cell(CellKind),
    Caption,
    Anchor,
    Img,
    Time,
    /// A block boundary and nothing else.
    Block,
    Summary,
    Embed,
    /// One of the files that a player around it may show; never has an end tag.
    Source,
    /// Never visible, whatever is in it.
    Skip,
    /// Never has content or an end tag.
    Void,
    Math,
    /// A drawing, of which only what describes it is text.
    Svg,
    /// What describes a drawing or a part of it.
    Label,
    /// The source of a formula beside its presentation.
    Annotation,
    Macro,
    Parameter,
    RichBody,
    PlainBody,
    Link,
    LinkBody,
    Image,
    Emoticon,
    TaskList,
    Task,
    TaskField(TaskField),
    TaskBody,
    CommentMarker,
    Resource,
    AdfExtension,
    AdfNode,
    AdfAttribute,
    AdfFallback,
    Unknown,
}

/// Marks that Markdown can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Strong,
    Em,
    Strike,
    Code,
}

/// Whether list items are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ordered {
    Yes,
    No,
}

/// `th` or `td`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellKind {
    Header,
    Data,
}

/// The parts of a task that are not its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TaskField {
    Id,
    Uuid,
    Status,
}

impl Tag {
    /// The part of an element that a browser would read: to it names of storage format mean
    /// nothing.
    pub(super) fn of_html(name: &str) -> Self {
        if name.contains(':') {
            return Self::Unknown;
        }
        Self::of(name)
    }

    /// Looks a name up; HTML may be written in capitals.
    #[inline]
    pub(super) fn of(name: &str) -> Self {
        match find(name) {
            Some(tag) => tag,
            None if name.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                find(&name.to_ascii_lowercase()).unwrap_or(Self::Unknown)
            }
            None if name.starts_with("ri:") => Self::Resource,
            None => Self::Unknown,
        }
    }
}

#[inline]
fn find(name: &str) -> Option<Tag> {
    let mut slot = slot(name.as_bytes());
    loop {
        let place = usize::from(SLOTS[slot]);
        let (key, tag) = TAGS.get(place)?;
        if same(key.as_bytes(), name.as_bytes()) {
            return Some(*tag);
        }
        slot = (slot + 1) % SLOTS.len();
    }
}

/// Whether two names are the same. Most are a letter or two, for which a call is long.
#[inline]
fn same(a: &[u8], b: &[u8]) -> bool {
    match (a, b) {
        ([a], [b]) => a == b,
        ([a, c], [b, d]) => (a, c) == (b, d),
        _ => a == b,
    }
}

/// Where the search for a name begins.
#[inline]
const fn slot(name: &[u8]) -> usize {
    let length = name.len();
    if length == 0 {
        return 0;
    }
    let (first, middle, last) = (name[0], name[length / 2], name[length - 1]);
    let mixed = length * 71 + first as usize * 37 + middle as usize * 13 + last as usize * 151;
    (mixed ^ (mixed >> 7)) % 512
}

/// Places in [`TAGS`], each in the slot of its name or the next free one.
const SLOTS: [u8; 512] = {
    let mut slots = [u8::MAX; 512];
    let mut place = 0;
    while place < TAGS.len() {
        let mut at = slot(TAGS[place].0.as_bytes());
        while slots[at] != u8::MAX {
            at = (at + 1) % slots.len();
        }
        #[expect(clippy::cast_possible_truncation, reason = "fewer tags than bytes")]
        let byte = place as u8;
        assert!(byte < u8::MAX, "too many tags");
        slots[at] = byte;
        place += 1;
    }
    slots
};

/// Sorted by name.
const TAGS: &[(&str, Tag)] = &[
    ("a", Tag::Anchor),
    ("abbr", Tag::Inline),
    ("ac:adf-attribute", Tag::AdfAttribute),
    ("ac:adf-content", Tag::Block),
    ("ac:adf-extension", Tag::AdfExtension),
    ("ac:adf-fallback", Tag::AdfFallback),
    ("ac:adf-fragment-mark", Tag::Skip),
    ("ac:adf-mark", Tag::Skip),
    ("ac:adf-node", Tag::AdfNode),
    ("ac:adf-parameter", Tag::Inline),
    ("ac:caption", Tag::Block),
    ("ac:default-parameter", Tag::Parameter),
    ("ac:emoticon", Tag::Emoticon),
    ("ac:image", Tag::Image),
    ("ac:inline-comment-marker", Tag::CommentMarker),
    ("ac:layout", Tag::Block),
    ("ac:layout-cell", Tag::Block),
    ("ac:layout-section", Tag::Block),
    ("ac:link", Tag::Link),
    ("ac:link-body", Tag::LinkBody),
    ("ac:macro", Tag::Macro),
    ("ac:parameter", Tag::Parameter),
    ("ac:placeholder", Tag::Skip),
    ("ac:plain-text-body", Tag::PlainBody),
    ("ac:plain-text-link-body", Tag::LinkBody),
    ("ac:rich-text-body", Tag::RichBody),
    ("ac:structured-macro", Tag::Macro),
    ("ac:task", Tag::Task),
    ("ac:task-body", Tag::TaskBody),
    ("ac:task-id", Tag::TaskField(TaskField::Id)),
    ("ac:task-list", Tag::TaskList),
    ("ac:task-status", Tag::TaskField(TaskField::Status)),
    ("ac:task-uuid", Tag::TaskField(TaskField::Uuid)),
    ("acronym", Tag::Inline),
    ("address", Tag::Block),
    ("annotation", Tag::Annotation),
    ("annotation-xml", Tag::Skip),
    ("area", Tag::Void),
    ("article", Tag::Block),
    ("aside", Tag::Block),
    ("at:declarations", Tag::Skip),
    ("at:var", Tag::Skip),
    ("audio", Tag::Embed),
    ("b", Tag::Mark(Mark::Strong)),
    ("base", Tag::Void),
    ("bdi", Tag::Inline),
    ("bdo", Tag::Inline),
    ("big", Tag::Inline),
    ("blockquote", Tag::Quote),
    ("body", Tag::Block),
    ("br", Tag::Break),
    ("button", Tag::Inline),
    ("canvas", Tag::Inline),
    ("caption", Tag::Caption),
    ("center", Tag::Block),
    ("cite", Tag::Inline),
    ("code", Tag::Mark(Mark::Code)),
    ("col", Tag::Void),
    ("colgroup", Tag::Skip),
    ("datalist", Tag::Block),
    ("dd", Tag::Definition),
    ("del", Tag::Mark(Mark::Strike)),
    ("desc", Tag::Label),
    ("details", Tag::Block),
    ("dfn", Tag::Inline),
    ("dialog", Tag::Block),
    ("dir", Tag::List(Ordered::No)),
    ("div", Tag::Block),
    ("dl", Tag::Block),
    ("dt", Tag::Term),
    ("em", Tag::Mark(Mark::Em)),
    ("embed", Tag::Embed),
    ("fieldset", Tag::Block),
    ("figcaption", Tag::Block),
    ("figure", Tag::Block),
    ("font", Tag::Inline),
    ("footer", Tag::Block),
    ("form", Tag::Block),
    ("h1", Tag::Heading(1)),
    ("h2", Tag::Heading(2)),
    ("h3", Tag::Heading(3)),
    ("h4", Tag::Heading(4)),
    ("h5", Tag::Heading(5)),
    ("h6", Tag::Heading(6)),
    ("head", Tag::Skip),
    ("header", Tag::Block),
    ("hgroup", Tag::Block),
    ("hr", Tag::Rule),
    ("html", Tag::Block),
    ("i", Tag::Mark(Mark::Em)),
    ("iframe", Tag::Embed),
    ("img", Tag::Img),
    ("input", Tag::Void),
    ("ins", Tag::Inline),
    ("kbd", Tag::Mark(Mark::Code)),
    ("label", Tag::Inline),
    ("legend", Tag::Block),
    ("li", Tag::Item),
    ("link", Tag::Void),
    ("listing", Tag::Pre),
    ("main", Tag::Block),
    ("map", Tag::Inline),
    ("mark", Tag::Inline),
    ("marquee", Tag::Inline),
    ("math", Tag::Math),
    ("menu", Tag::List(Ordered::No)),
    ("meta", Tag::Void),
    ("meter", Tag::Inline),
    ("nav", Tag::Block),
    ("nobr", Tag::Inline),
    ("noscript", Tag::Skip),
    ("object", Tag::Embed),
    ("ol", Tag::List(Ordered::Yes)),
    ("optgroup", Tag::Block),
    ("option", Tag::Block),
    ("output", Tag::Inline),
    ("p", Tag::Paragraph),
    ("param", Tag::Void),
    ("picture", Tag::Inline),
    ("plaintext", Tag::Pre),
    ("pre", Tag::Pre),
    ("progress", Tag::Inline),
    ("q", Tag::Inline),
    ("rp", Tag::Inline),
    ("rt", Tag::Inline),
    ("ruby", Tag::Inline),
    ("s", Tag::Mark(Mark::Strike)),
    ("samp", Tag::Mark(Mark::Code)),
    ("script", Tag::Skip),
    ("search", Tag::Block),
    ("section", Tag::Block),
    ("select", Tag::Block),
    ("slot", Tag::Inline),
    ("small", Tag::Inline),
    ("source", Tag::Source),
    ("span", Tag::Inline),
    ("strike", Tag::Mark(Mark::Strike)),
    ("strong", Tag::Mark(Mark::Strong)),
    ("style", Tag::Skip),
    ("sub", Tag::Inline),
    ("summary", Tag::Summary),
    ("sup", Tag::Inline),
    ("svg", Tag::Svg),
    ("table", Tag::Table),
    ("tbody", Tag::Rows),
    ("td", Tag::Cell(CellKind::Data)),
    ("template", Tag::Skip),
    ("textarea", Tag::Block),
    ("tfoot", Tag::Rows),
    ("th", Tag::Cell(CellKind::Header)),
    ("thead", Tag::Head),
    ("time", Tag::Time),
    ("title", Tag::Label),
    ("tr", Tag::Row),
    ("track", Tag::Void),
    ("tt", Tag::Mark(Mark::Code)),
    ("u", Tag::Inline),
    ("ul", Tag::List(Ordered::No)),
    ("var", Tag::Mark(Mark::Code)),
    ("video", Tag::Embed),
    ("wbr", Tag::Void),
    ("xmp", Tag::Pre),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_capitals_do_not_matter() {
        assert!(TAGS.is_sorted_by(|a, b| a.0 < b.0));
        for (name, tag) in TAGS {
            assert_eq!(Tag::of(name), *tag, "{name}");
        }
        assert_eq!(Tag::of("TD"), Tag::Cell(CellKind::Data));
        assert_eq!(Tag::of("ri:unheard-of"), Tag::Resource);
        assert_eq!(Tag::of("blink"), Tag::Unknown);
    }
}
