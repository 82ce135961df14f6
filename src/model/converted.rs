//! What one conversion of one body yields: two renderings of one block tree, the
//! segments that tie them together, and the metadata record (storage-format.md 15).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{Block, Body, Representation, Target, TransclusionKind, User};

/// The result of a conversion.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Converted {
    pub(crate) body: Body,
    /// For snippets and readers.
    pub(crate) markdown: String,
    /// The same content in the same order without marks, for the index.
    pub(crate) text: String,
    /// Leaf units in document order; their ranges never overlap in either rendering,
    /// and together they cover all that is not white space or a mark between units.
    pub(crate) segments: Vec<Segment>,
    /// What is filled in when the document is read, in the order of the Markdown.
    pub(crate) edges: Vec<Edge>,
    /// In the order of the Markdown; they do not overlap.
    pub(crate) link_places: Vec<LinkPlace>,
    pub(crate) meta: Metadata,
}

/// A place of the Markdown that is filled in when the document is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Edge {
    /// Byte of the Markdown right behind the line that stands there, or behind the table
    /// or list of properties that the line is part of.
    pub(crate) at: usize,
    /// What every line there begins with: quote marks, indentation.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) prefix: String,
    pub(crate) fill: Fill,
}

/// What a place is filled with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fill {
    /// The text of another page.
    Transclusion(Transclusion),
    /// A list that is computed.
    Generated(GeneratedList),
}

/// The label of a link to other content in the Markdown. Whoever may see what it leads to
/// gets a link when the document is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LinkPlace {
    /// Bytes of the Markdown; of a link that is one already, empty and before the bracket
    /// that ends its label.
    pub(crate) label: Range<usize>,
    pub(crate) target: Target,
    /// The body names an id or an address and no title, so the title is a part of the label.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) untitled: bool,
}

/// The smallest unit that a passage may begin or end with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) kind: SegmentKind,
    /// Bytes in [`Converted::markdown`], whole lines.
    pub(crate) markdown: Range<usize>,
    /// Bytes in [`Converted::text`].
    pub(crate) text: Range<usize>,
    /// Bytes of the raw body.
    pub(crate) source: Range<usize>,
    /// Index into [`Metadata::headings`] of the innermost heading this stands under;
    /// for a heading its own index.
    pub(crate) heading: Option<u32>,
    /// Units that belong together (one table, one list, one code block, one panel)
    /// share a number; a passage rather ends between groups than inside one.
    pub(crate) group: u32,
}

/// What a segment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SegmentKind {
    Heading,
    Paragraph,
    ListItem,
    Task,
    /// Header rows of a table, in Markdown together with the delimiter row.
    TableHeader,
    TableRow,
    /// A whole fenced block.
    Code,
    Property,
    Quote,
    /// The title line of a panel, expand or tab.
    Title,
    /// A label line or a figure.
    Other,
}

impl SegmentKind {
    /// What it is called outside.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Heading => "heading",
            Self::Paragraph => "paragraph",
            Self::ListItem => "list_item",
            Self::Task => "task",
            Self::TableHeader => "table_header",
            Self::TableRow => "table_row",
            Self::Code => "code",
            Self::Property => "property",
            Self::Quote => "quote",
            Self::Title => "title",
            Self::Other => "other",
        }
    }
}

/// A heading and the ids Confluence gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Heading {
    pub(crate) level: u8,
    /// As shown, without marks.
    pub(crate) text: String,
    /// Server-rendered pages (rule S), for the title the page had when converted.
    pub(crate) anchor_s: String,
    /// Pages of Cloud's current editor (rule F); absent when it cannot be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) anchor_f: Option<String>,
    /// Index of the heading this one stands under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<u32>,
    /// An index does not keep it: there the units name their headings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) block: BlockIndex,
}

/// Index into [`Converted::segments`] of the unit that an entry of the record stands in, or
/// of the first one where it takes several. Absent where nothing of it is shown.
/// Until the body is written it holds the number of a [`Block`] instead.
pub(crate) type BlockIndex = Option<u32>;

/// Everything about a body that is not its text.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts of a body, each a field of the record"
)]
pub(crate) struct Metadata {
    pub(crate) headings: Vec<Heading>,
    pub(crate) anchors: Vec<Anchor>,
    pub(crate) links: Vec<Link>,
    /// Each person once, in order of first mention.
    pub(crate) mentions: Vec<Mention>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) properties: Vec<PropertyText>,
    pub(crate) code: Vec<CodeBlock>,
    pub(crate) attachments: Vec<AttachmentRef>,
    pub(crate) transclusions: Vec<Transclusion>,
    pub(crate) excerpts: Vec<Excerpt>,
    pub(crate) generated: Vec<GeneratedList>,
    pub(crate) jira: Vec<JiraRef>,
    pub(crate) dates: Vec<String>,
    pub(crate) statuses: Vec<StatusRef>,
    pub(crate) embeds: Vec<Embed>,
    /// Lower-case macro name to how often it stands in the body.
    pub(crate) macros: BTreeMap<String, u32>,
    pub(crate) comment_refs: Vec<String>,
    /// Names asked for; a rename of one of them re-renders this body.
    pub(crate) names: Vec<AskedName>,
    pub(crate) warnings: Vec<Warning>,
    /// Warnings beyond the first hundred.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) warnings_dropped: u32,
    /// A macro holds HTML of its own.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) has_raw_html: bool,
    /// A part was left in wiki markup when the rest was migrated.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) unmigrated: bool,
    /// In which the body was read.
    pub(crate) representation: Representation,
    pub(crate) well_formed: bool,
    /// The page was made with Cloud's current editor, as far as the body shows.
    pub(crate) current_editor: bool,
    pub(crate) bytes: usize,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// A place that links can lead to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Anchor {
    pub(crate) name: String,
}

/// A person who is mentioned, and where for the first time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Mention {
    #[serde(flatten)]
    pub(crate) user: User,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) block: BlockIndex,
}

/// Something from elsewhere that the page shows in itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Embed {
    pub(crate) url: String,
}

/// A name that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct AskedName {
    pub(crate) kind: NameKind,
    /// Account id, user key or user name in lower case; key of a shortcut.
    pub(crate) key: String,
}

/// Of what a name was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NameKind {
    User,
    Shortcut,
}

/// An outgoing link (storage-format.md 7.2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Link {
    #[serde(flatten)]
    pub(crate) target: Target,
    pub(crate) label: String,
    /// `link`, `a`, `card` or `macro:NAME`.
    pub(crate) source: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) block: BlockIndex,
}

/// A task with what can be read out of its text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Task {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) uuid: Option<String>,
    pub(crate) state: TaskState,
    pub(crate) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) assignee: Option<User>,
    /// Everybody who is mentioned, once each; sub-tasks count for themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) mentions: Vec<User>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) due: Option<String>,
    pub(crate) depth: u32,
    /// The headings it stands under, outermost first; long ones are cut.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) heading_path: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) block: BlockIndex,
    /// Index of the innermost of its headings.
    #[serde(skip)]
    pub(crate) heading: Option<u32>,
}

impl Task {
    /// Whether it is done.
    pub(crate) fn is_done(&self) -> bool {
        self.state == TaskState::Complete
    }
}

/// Whether a task is done. What is neither said nor known is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaskState {
    Complete,
    #[default]
    Incomplete,
}

/// A page property as plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PropertyText {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) group: Option<String>,
    pub(crate) key: String,
    pub(crate) value: String,
}

/// A code block without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CodeBlock {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    pub(crate) lines: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) block: BlockIndex,
}

/// A file that the body shows or links.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AttachmentRef {
    pub(crate) file_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) container: Option<Target>,
    /// `image`, `link`, `view`, `media`, `diagram`.
    pub(crate) role: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) block: BlockIndex,
}

/// A part of the body that other pages may show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub(crate) struct Excerpt {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// Readers of the page itself do not see it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) hidden: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) block: BlockIndex,
    /// Its text alone.
    pub(crate) markdown: String,
    /// What is filled in there; offsets count in its own Markdown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) edges: Vec<Edge>,
    /// As for the whole; bytes of its own Markdown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) link_places: Vec<LinkPlace>,
    /// Its tree, until it is written.
    #[serde(skip)]
    pub(crate) blocks: Vec<Block>,
}

/// An included page or excerpt, as an edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Transclusion {
    pub(crate) kind: TransclusionKind,
    pub(crate) target: Target,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// In the record alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) block: BlockIndex,
}

/// A computed list with what it was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GeneratedList {
    #[serde(rename = "macro")]
    pub(crate) name: String,
    pub(crate) parameters: Vec<(String, String)>,
}

/// A Jira issue or query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub(crate) struct JiraRef {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) jql: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) server: Option<String>,
}

/// A status lozenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct StatusRef {
    pub(crate) title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) colour: Option<String>,
}

/// Something in the body was damaged or was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Warning {
    /// snake_case, stable.
    pub(crate) code: String,
    pub(crate) byte_offset: usize,
    pub(crate) detail: String,
}
