//! What each element does when it opens and when it closes.
//!
//! The stack of open elements lives here, beside the builder's stack of containers. An
//! end tag closes up to its match; elements deeper than the limit keep their place on
//! the stack, but make no containers any more, so nothing below ever nests deeper.

use super::build::{Builder, RawPurpose};
use super::flow::FlowKind;
use super::scan::{Attributes, Scanner, StartTag, Token};
use super::tag::{Mark, Tag};
use super::write::Places;

/// Elements that may stand in each other and still make containers.
const DEEPEST: usize = 512;
/// Tags and texts read of one body.
const MOST_NODES: usize = 2_000_000;

/// An open element.
struct Open<'s> {
    name: &'s str,
    tag: Tag,
    close: Close,
}

/// What closing an element does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Close {
    Nothing,
    Space,
    Flush,
    Paragraph,
    Heading,
    Mark(Mark),
    Link,
    Flow,
    Raw,
    Param,
    Skip,
    Head,
    Time,
    RichBody,
    Term,
}

/// Reads a whole body into the builder.
pub(super) fn read(builder: &mut Builder<'_>, scanner: Scanner<'_>) {
    read_from(builder, scanner, Places::default());
}

/// Reads what was written of a body in another representation.
pub(super) fn read_from(builder: &mut Builder<'_>, mut scanner: Scanner<'_>, mut places: Places) {
    let mut parser = Parser {
        b: builder,
        stack: Vec::new(),
    };
    let mut nodes = 0;
    loop {
        let open = parser.stack.last().map_or("", |open| open.name);
        let token = scanner.next(open, &mut parser.b.warnings);
        let Some((offset, token)) = token else { break };
        nodes += 1;
        if nodes > MOST_NODES {
            parser.b.warnings.note("node_limit", offset, "");
            break;
        }
        parser.b.offset = places.source(offset);
        // What stands in a table without being part of it was taken out in front of it.
        parser.b.end = places.source(scanner.offset()).max(parser.b.offset);
        parser.token(token);
    }
    parser.b.offset = parser.b.end;
    if !parser.stack.is_empty() {
        parser
            .b
            .warnings
            .damage("element_not_closed", parser.b.offset, "");
    }
    while !parser.stack.is_empty() {
        parser.pop();
    }
}

struct Parser<'s, 'b, 'c> {
    b: &'b mut Builder<'c>,
    stack: Vec<Open<'s>>,
}

impl<'s> Parser<'s, '_, '_> {
    fn token(&mut self, token: Token<'s>) {
        match token {
            Token::Text(text, plain) => self.b.scanned(text, plain),
            Token::CData(text) => self.b.cdata(text),
            Token::Close => self.pop(),
            Token::End(name) => self.end(name),
            Token::Start(start) => self.start(start),
        }
    }

    fn start(&mut self, start: StartTag<'s>) {
        let StartTag {
            name,
            attributes,
            empty,
        } = start;
        let tag = Tag::of(name);
        if attributes.are_cut() {
            self.b
                .warnings
                .note("attribute_value_cut", self.b.offset, name);
        }
        // Only the current editor writes such.
        self.b.meta.current_editor |= tag == Tag::AdfExtension;
        let styled = attributes.mention("style").then(|| attributes.get("style"));
        let hidden = styled.flatten().is_some_and(|style| is_hidden(&style));
        let close = if hidden {
            self.open_hidden(tag, attributes)
        } else {
            self.open(name, tag, attributes)
        };
        self.stack.push(Open { name, tag, close });
        if empty || is_void(tag) {
            self.pop();
        }
    }

    /// Closes what the end tag names, and everything in it that is still open.
    fn end(&mut self, name: &str) {
        if self.stack.last().is_some_and(|open| open.name == name) {
            return self.pop();
        }
        let is = |open: &Open<'_>| same_name(open.name, name);
        let near = self.stack.len().saturating_sub(DEEPEST);
        let Some(at) = self.stack[near..].iter().rposition(is) else {
            if !is_void(Tag::of(name)) {
                self.b
                    .warnings
                    .damage("end_tag_ignored", self.b.offset, name);
            }
            return;
        };
        self.b
            .warnings
            .damage("element_not_closed", self.b.offset, name);
        self.close_to(near + at);
    }

    fn close_to(&mut self, depth: usize) {
        while self.stack.len() > depth {
            self.pop();
        }
    }

    /// Closes elements until the innermost container is closed.
    fn close_container(&mut self) {
        let at = self
            .stack
            .iter()
            .rposition(|open| open.close == Close::Flow);
        if let Some(at) = at {
            self.close_to(at);
        }
    }

    fn pop(&mut self) {
        let Some(open) = self.stack.pop() else { return };
        self.b.close(open.close, open.tag);
    }

    /// Warns of what could run, once for each kind.
    fn note_dropped(&mut self, name: &str) {
        const RUNS: [&str; 3] = ["script", "style", "template"];
        let runs = RUNS.iter().find(|runs| name.eq_ignore_ascii_case(runs));
        if let Some(runs) = runs
            && self.b.skip == 0
            && self.b.unknown_elements.insert(format!("dropped {runs}"))
        {
            let offset = self.b.offset;
            self.b.warnings.note("element_dropped", offset, runs);
        }
    }

    /// What is styled away is text that no reader of the page sees, so it may have been put
    /// there for somebody else.
    fn open_hidden(&mut self, tag: Tag, attributes: Attributes<'_>) -> Close {
        if tag == Tag::Macro {
            self.b.count_macro(attributes);
        }
        if self.b.skip == 0 {
            self.b
                .warnings
                .note("hidden_text_dropped", self.b.offset, "");
        }
        self.b.skip()
    }

    fn open(&mut self, name: &'s str, tag: Tag, attributes: Attributes<'s>) -> Close {
        if tag == Tag::Macro {
            self.b.count_macro(attributes);
        }
        if self.b.skip > 0 || tag == Tag::Skip {
            self.note_dropped(name);
            return self.b.skip();
        }
        if self.b.raw.is_some() {
            return self.b.open_in_raw(tag, attributes);
        }
        if self.b.param.is_some() {
            return self.open_in_param(name, tag, attributes);
        }
        if self.stack.len() >= DEEPEST {
            return self.open_flat(tag);
        }
        self.close_implied(tag);
        match tag {
            Tag::Row if !matches!(self.b.top().kind, FlowKind::Table(_)) => self.b.boundary(),
            Tag::Cell(_) if !self.open_row() => self.b.boundary(),
            Tag::Resource => {
                let inside = self
                    .stack
                    .last()
                    .is_some_and(|open| open.tag == Tag::Resource);
                self.b.resource(name, attributes, inside);
                Close::Nothing
            }
            // What is lettered in a drawing makes no sense without it.
            Tag::Unknown if name == "text" && self.is_in(Tag::Svg) => self.b.skip(),
            Tag::Unknown => {
                self.b.unknown_element(name);
                Close::Nothing
            }
            _ => self.b.open(tag, attributes),
        }
    }

    fn is_in(&self, tag: Tag) -> bool {
        self.stack.iter().any(|open| open.tag == tag)
    }

    fn open_in_param(&mut self, name: &str, tag: Tag, attributes: Attributes<'_>) -> Close {
        match tag {
            Tag::Resource => {
                let inside = self
                    .stack
                    .last()
                    .is_some_and(|open| open.tag == Tag::Resource);
                self.b.resource(name, attributes, inside);
                Close::Nothing
            }
            Tag::Parameter | Tag::TaskField(_) | Tag::AdfAttribute => self.b.skip(),
            Tag::Link => {
                if let (Some(param), Some(anchor)) =
                    (&mut self.b.param, attributes.filled("ac:anchor"))
                {
                    param.anchor = Some(anchor);
                }
                Close::Nothing
            }
            _ => Close::Nothing,
        }
    }

    /// Beyond the depth limit: what would not be seen is still not seen, and everything
    /// else becomes part of what is around it.
    fn open_flat(&mut self, tag: Tag) -> Close {
        if !std::mem::replace(&mut self.b.flattened, true) {
            self.b.warnings.note("depth_flattened", self.b.offset, "");
        }
        match tag {
            Tag::Parameter | Tag::TaskField(_) | Tag::AdfAttribute => self.b.skip(),
            Tag::PlainBody => self.b.capture(RawPurpose::PlainBody),
            Tag::Pre => self.b.capture(RawPurpose::Pre),
            Tag::Break => {
                self.b.top().para.line_break();
                Close::Nothing
            }
            Tag::Mark(_)
            | Tag::Inline
            | Tag::Svg
            | Tag::Label
            | Tag::Anchor
            | Tag::Link
            | Tag::LinkBody
            | Tag::CommentMarker
            | Tag::Resource
            | Tag::Time
            | Tag::Math
            | Tag::Annotation
            | Tag::Unknown
            | Tag::Void => Close::Nothing,
            _ => self.b.boundary(),
        }
    }

    /// Items, rows and cells end where the next one begins, as in HTML.
    fn close_implied(&mut self, tag: Tag) {
        match (tag, &self.b.top().kind) {
            (Tag::Item, FlowKind::Item)
            | (Tag::Cell(_), FlowKind::Cell(_))
            | (Tag::Row | Tag::Rows | Tag::Head, FlowKind::Row(_)) => self.close_container(),
            (Tag::Row | Tag::Rows | Tag::Head, FlowKind::Cell(_)) => {
                self.close_container();
                self.close_container();
            }
            _ => {}
        }
    }

    /// Makes sure that a cell stands in a row. `false`: there is no table.
    fn open_row(&mut self) -> bool {
        match self.b.top().kind {
            FlowKind::Row(_) => true,
            FlowKind::Table(_) => {
                let close = self.b.open(Tag::Row, Attributes::default());
                self.stack.push(Open {
                    name: "tr",
                    tag: Tag::Row,
                    close,
                });
                true
            }
            _ => false,
        }
    }
}

/// Whether an element never has an end tag.
pub(super) fn is_void(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::Void | Tag::Break | Tag::Rule | Tag::Img | Tag::Source
    )
}

/// Whether an end tag closes this element; `ac:ax:name` was seen for `ac:name`.
fn same_name(open: &str, end: &str) -> bool {
    open == end
        || open.eq_ignore_ascii_case(end)
        || matches!(
            (open.strip_prefix("ac:"), end.strip_prefix("ac:").and_then(|end| end.split_once(':'))),
            (Some(open), Some((_, end))) if open == end
        )
}

/// Whether a style takes away what has it.
pub(super) fn is_hidden(style: &str) -> bool {
    const HIDDEN: [(&str, &str); 4] = [
        ("display", "none"),
        ("visibility", "hidden"),
        ("visibility", "collapse"),
        ("content-visibility", "hidden"),
    ];
    style.split(';').any(|declaration| {
        let (property, value) = declaration.split_once(':').unwrap_or_default();
        let value = value.split('!').next().unwrap_or_default();
        let is = |text: &str, word| text.trim().eq_ignore_ascii_case(word);
        HIDDEN
            .iter()
            .any(|(named, hides)| is(property, named) && is(value, hides))
    })
}
