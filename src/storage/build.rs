//! Builds the block tree while the body is read: the state, and how blocks and
//! paragraphs come into being. What each element does stands in `elements`.
//!
//! A block in the middle of inline text splits the paragraph: marks are closed before it
//! and opened again after it, so the order of what is read never changes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::anchors::{HeadingIds, Squeezed};
use super::flow::{Closed, Flow, FlowKind};
use super::macros::Param;
use super::numbers::Units;
use super::para::OpenLink;
use super::plain;
use super::scan::{self, Scanner};
use super::warn::Warnings;
use super::{Context, Names, para, place};
use crate::model::{
    Anchor, AskedName, Block, BlockIndex, BlockKind, Heading, Inline, Link, Mention, Metadata,
    NameKind, Target, User,
};

/// About how many bytes of a body become one block that stands in no other.
const BYTES_OF_A_BLOCK: usize = 512;

/// Text that is kept as it is: code, and fields that are no content.
#[derive(Debug, Default)]
pub(super) struct Raw {
    pub(super) purpose: RawPurpose,
    pub(super) text: String,
    /// A CDATA section was seen: white space around it is layout, not content.
    pub(super) cdata: bool,
    pub(super) language: Option<String>,
    /// Where the source of a formula begins.
    pub(super) annotation: Option<usize>,
}

/// What becomes of raw text.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) enum RawPurpose {
    #[default]
    PlainBody,
    Pre,
    /// A formula; its source, when that stands beside its presentation.
    Math,
    TaskId,
    TaskUuid,
    TaskStatus,
    /// An attribute of the current editor's format, by its key.
    AdfAttribute(String),
}

/// The builder. One per body; bodies inside bodies share it.
pub(crate) struct Builder<'c> {
    pub(super) context: &'c Context<'c>,
    names: &'c dyn Names,
    title: Squeezed,
    pub(super) meta: Metadata,
    pub(super) warnings: Warnings,
    /// The open containers, and behind them the room of some that were closed.
    flows: Vec<Flow>,
    /// How many are open.
    depth: usize,
    pub(super) raw: Option<Raw>,
    pub(super) param: Option<Param>,
    /// Open elements that are never visible.
    pub(super) skip: u32,
    pub(super) ids: Option<HeadingIds>,
    /// Of a heading that is closed.
    pub(super) spare_ids: HeadingIds,
    /// Open `time` elements: the date, and the text inside so far.
    pub(super) times: Vec<(String, String)>,
    pub(super) adf_understood: bool,
    /// Weight of cells that may still be repeated for row spans.
    pub(super) repeat_budget: usize,
    /// Weight of excerpts that may still be copied.
    pub(super) excerpt_budget: usize,
    /// Bytes of page properties that may still be recorded. Those in others are repeated once
    /// for each level.
    pub(super) property_budget: usize,
    asked: BTreeSet<AskedName>,
    /// Those who are in the metadata, and where.
    people: BTreeMap<User, u32>,
    /// Headings have their ids already, as in rendered HTML.
    pub(super) headings_have_ids: bool,
    pub(super) unknown_elements: BTreeSet<String>,
    /// Elements were nested too deep.
    pub(super) flattened: bool,
    /// Bodies inside the body that is being read.
    pub(super) nesting: u32,
    /// Numbers of blocks that are given away.
    numbers: u32,
    /// Blocks whose content went to another one, or is in another one too: the number of either.
    pub(super) moved: Vec<(u32, u32)>,
    /// The current token's place in the body.
    pub(super) offset: usize,
    pub(super) end: usize,
}

impl<'c> Builder<'c> {
    pub(super) fn new(context: &'c Context<'c>, names: &'c dyn Names, bytes: usize) -> Self {
        Self {
            context,
            names,
            title: Squeezed::new(context.title),
            meta: Metadata {
                bytes,
                ..Metadata::default()
            },
            warnings: Warnings::default(),
            flows: vec![root(bytes)],
            depth: 1,
            raw: None,
            param: None,
            skip: 0,
            ids: None,
            spare_ids: HeadingIds::default(),
            times: Vec::new(),
            adf_understood: false,
            repeat_budget: bytes + (1 << 20),
            excerpt_budget: 1 << 20,
            property_budget: bytes + (1 << 20),
            asked: BTreeSet::new(),
            people: BTreeMap::new(),
            headings_have_ids: false,
            unknown_elements: BTreeSet::new(),
            flattened: false,
            nesting: 0,
            numbers: 0,
            moved: Vec::new(),
            offset: 0,
            end: 0,
        }
    }

    /// The finished tree, the record, and where its entries stand.
    pub(super) fn finish(mut self) -> (Vec<Block>, Metadata, Units) {
        self.flush();
        let blocks = std::mem::take(&mut self.top().blocks);
        self.meta.names = self.asked.into_iter().collect();
        self.meta.well_formed = !self.warnings.damaged;
        self.meta.warnings = self.warnings.list;
        self.meta.warnings_dropped = self.warnings.dropped;
        (blocks, self.meta, Units::new(self.numbers, self.moved))
    }

    /// The innermost container.
    #[inline]
    pub(super) fn top(&mut self) -> &mut Flow {
        &mut self.flows[self.depth - 1]
    }

    /// The open containers, outermost first.
    pub(super) fn open_flows(&self) -> &[Flow] {
        &self.flows[..self.depth]
    }

    #[inline]
    pub(super) fn push_flow(&mut self, kind: FlowKind) {
        self.flush();
        self.enter(kind);
    }

    /// Opens a container without ending the paragraph it may turn out to belong to.
    #[inline]
    pub(super) fn enter(&mut self, kind: FlowKind) {
        match self.flows.get_mut(self.depth) {
            Some(flow) => flow.open(kind, self.offset),
            None => self.flows.push(Flow::new(kind, self.offset)),
        }
        self.depth += 1;
        let end = self.end;
        self.top().para.source = end;
    }

    /// Closes the innermost container. The root is never closed.
    #[inline]
    pub(super) fn pop_flow(&mut self) -> Option<Closed> {
        if self.depth == 1 {
            return None;
        }
        self.depth -= 1;
        self.flows.get_mut(self.depth).map(Flow::close)
    }

    /// Ends the paragraph of the innermost container.
    #[inline]
    pub(super) fn flush(&mut self) {
        let offset = self.offset;
        let para = &mut self.top().para;
        if para.is_untouched() {
            para.source = offset;
        } else {
            self.flush_text();
        }
    }

    fn flush_text(&mut self) {
        let offset = self.offset;
        let para = &mut self.top().para;
        let source = std::mem::replace(&mut para.source, offset);
        if para.is_empty() {
            para.take();
            return;
        }
        let level = para.level;
        let inlines = para.take();
        self.link_begins();
        let kind = match level {
            0 => BlockKind::Paragraph { inlines },
            _ => self.heading(level, inlines),
        };
        self.place(kind, source..offset.max(source));
    }

    /// A link of whose label the first part is in the block that is being made stands there.
    fn link_begins(&mut self) {
        let begins = |link: &mut OpenLink| link.parts == 1;
        if self.top().para.open_link().is_some_and(begins) {
            let block = self.here();
            if let Some(link) = self.top().para.open_link() {
                link.block = block;
            }
        }
    }

    fn heading(&mut self, level: u8, inlines: Vec<Inline>) -> BlockKind {
        let text = plain::text(&inlines);
        // An image beside the words may show none.
        let text = match text.trim() {
            trimmed if trimmed.len() < text.len() => trimmed.to_owned(),
            _ => text,
        };
        let ids = self.ids.take().unwrap_or_default();
        let block = Some(self.here());
        let index = u32::try_from(self.meta.headings.len()).unwrap_or(u32::MAX);
        self.meta.headings.push(Heading {
            level,
            text,
            // Apps that show a body inside the body give its headings no ids.
            anchor_s: match self.nesting {
                0 => ids.server(&self.title),
                _ => String::new(),
            },
            anchor_f: ids.current().filter(|_| self.nesting == 0),
            parent: None,
            block,
        });
        self.ids = Some(ids.recycled());
        BlockKind::Heading {
            level,
            index,
            inlines,
        }
    }

    /// Where an entry of the record stands: in the next block of this container. It is the
    /// number of that block until all is written, then its index.
    pub(super) fn here(&mut self) -> u32 {
        if self.top().number == 0 {
            self.numbers += 1;
            self.top().number = self.numbers;
        }
        self.top().number
    }

    /// By which the record names a block that is there already.
    pub(super) fn number_of(&mut self, block: &mut Block) -> u32 {
        if block.number == 0 {
            self.numbers += 1;
            block.number = self.numbers;
        }
        block.number
    }

    /// What stood in the block of this number goes to the next one of this container.
    pub(super) fn move_here(&mut self, number: u32) {
        if number > 0 {
            let here = self.here();
            self.moved.push((number, here));
        }
    }

    fn place(&mut self, kind: BlockKind, source: Range<usize>) {
        let block = Block {
            kind,
            source,
            number: std::mem::take(&mut self.top().number),
            hidden: false,
        };
        let blocks = &mut self.top().blocks;
        // Most containers hold one block or two: an item, a cell.
        match blocks.capacity() {
            0 => *blocks = vec![block],
            capacity => {
                if capacity == 1 {
                    blocks.reserve_exact(1);
                }
                blocks.push(block);
            }
        }
    }

    /// Adds a block where the reader is now.
    #[inline]
    pub(super) fn block(&mut self, kind: BlockKind, source: Range<usize>) {
        self.flush();
        self.place(kind, source);
    }

    /// Adds finished blocks.
    pub(super) fn splice(&mut self, mut blocks: Vec<Block>) {
        if blocks.is_empty() {
            return;
        }
        self.flush();
        // What was noted here stands in the first of them.
        let number = std::mem::take(&mut self.top().number);
        if number > 0 {
            match blocks[0].number {
                0 => blocks[0].number = number,
                first => self.moved.push((number, first)),
            }
        }
        let place = &mut self.top().blocks;
        // Where containers that vanish stand in each other, what came first is little and what
        // was in the innermost grows: the little is moved.
        if place.len() < blocks.len() {
            blocks.splice(..0, place.drain(..));
            *place = blocks;
        } else {
            place.append(&mut blocks);
        }
    }

    /// Adds something inline.
    #[inline]
    pub(super) fn inline(&mut self, inline: Inline) {
        if let Some(ids) = &mut self.ids {
            ids.inline(&inline);
        }
        self.top().para.push(inline);
    }

    /// Adds inlines that were read elsewhere, as a block of this number.
    pub(super) fn append(&mut self, inlines: Vec<Inline>, number: u32) {
        self.move_here(number);
        self.top().para.append(inlines);
    }

    /// Adds plain text that is no markup, such as the value of a visible parameter.
    pub(super) fn words(&mut self, text: &str) {
        let offset = self.offset;
        let top = self.flows.get_mut(self.depth - 1);
        let warnings = &mut self.warnings;
        if let Some(top) = top {
            top.para.literal(text, offset, warnings);
        }
    }

    /// Adds text between tags, of which so many bytes at the beginning are known to be plain.
    #[inline]
    pub(super) fn scanned(&mut self, raw: &str, plain: usize) {
        if self.skip > 0 {
            return;
        }
        if let Some(capture) = &mut self.raw {
            return capture.text(raw);
        }
        if let Some(param) = &mut self.param {
            let text = scan::decode(raw);
            if param.text.is_empty() {
                param.text = text.into_owned();
            } else {
                param.text.push_str(&text);
            }
            return;
        }
        if self.ids.is_some() || !self.times.is_empty() {
            self.note_visible(&scan::decode(raw));
        }
        let offset = self.offset;
        let top = self.flows.get_mut(self.depth - 1);
        let warnings = &mut self.warnings;
        if let Some(top) = top {
            top.para.text(raw, plain, offset, warnings);
        }
    }

    /// Adds the content of a CDATA section.
    pub(super) fn cdata(&mut self, raw: &str) {
        if self.skip > 0 {
            return;
        }
        if let Some(capture) = &mut self.raw {
            return capture.section(raw);
        }
        if let Some(param) = &mut self.param {
            param.text.push_str(raw);
            return;
        }
        self.note_visible(raw);
        self.words(raw);
    }

    /// Tells those who keep their own copy of the text.
    fn note_visible(&mut self, text: &str) {
        if let Some(ids) = &mut self.ids {
            ids.text(text);
        }
        if let Some((_, seen)) = self.times.last_mut() {
            seen.push_str(text);
        }
    }

    /// What a person is called, asked of whoever knows people.
    pub(super) fn name_of(&mut self, user: &User) -> Option<String> {
        let folded = |name: &Option<String>| name.as_deref().map(str::to_lowercase);
        let keys = [
            user.account_id.clone(),
            folded(&user.user_key),
            folded(&user.username),
        ];
        for key in keys.into_iter().flatten() {
            let name = self.names.user(&key).map(str::to_owned);
            let kind = NameKind::User;
            self.asked.insert(AskedName { kind, key });
            if name.is_some() {
                return name;
            }
        }
        user.name().map(str::to_owned)
    }

    /// Records a person, once, where the first mention is that is shown.
    pub(super) fn note_person(&mut self, user: User) {
        let here = self.here();
        if let Some(first) = self.people.get(&user) {
            if *first != here {
                self.moved.push((*first, here));
            }
            return;
        }
        self.people.insert(user.clone(), here);
        let block = Some(here);
        self.meta.mentions.push(Mention { user, block });
    }

    /// Adds a mention: the name as shown, the ids only in the metadata.
    pub(super) fn mention(&mut self, mut user: User) {
        let name = self.name_of(&user);
        let shown = name.as_deref().map(plain::cleaned);
        let text = format!("@{}", shown.as_deref().unwrap_or("unknown user"));
        user.display_name = name;
        self.note_person(user.clone());
        self.inline(Inline::Mention {
            user: Box::new(user),
            text,
        });
    }

    /// URL of an interwiki shortcut, when somebody knows it.
    pub(super) fn shortcut(&mut self, key: &str) -> Option<String> {
        self.asked.insert(AskedName {
            kind: NameKind::Shortcut,
            key: key.to_owned(),
        });
        self.names.shortcut(key).map(str::to_owned)
    }

    /// Records a place that links can lead to.
    pub(super) fn record_anchor(&mut self, name: &str) {
        let name = name.to_owned();
        self.meta.anchors.push(Anchor { name });
    }

    /// Records an outgoing link that stands here.
    pub(super) fn record_link(
        &mut self,
        target: &Target,
        label: &[Inline],
        source: Cow<'static, str>,
    ) {
        let block = Some(self.here());
        self.record_labelled(target, label_text(target, label), source, block);
    }

    /// The same with its label as text, wherever it stands. What points nowhere is no link.
    pub(super) fn record_labelled(
        &mut self,
        target: &Target,
        mut label: String,
        source: Cow<'static, str>,
        block: BlockIndex,
    ) {
        para::compose(&mut label);
        if *target == Target::Unknown {
            return;
        }
        if let Target::Attachment {
            file_name,
            container,
        } = target
        {
            self.record_attachment_at(block, file_name, container.as_deref(), "link");
        }
        self.meta.links.push(Link {
            target: target.clone(),
            label,
            source,
            block,
        });
    }

    /// Reads storage format inside the body; its blocks are returned, not placed.
    pub(super) fn fragment(&mut self, source: &str, place: &Range<usize>) -> Vec<Block> {
        self.inside(place, |builder| {
            super::elements::read(builder, Scanner::new(source));
        })
    }

    /// The blocks of what is read inside the body; they are returned, not placed. Offsets
    /// inside it mean nothing outside, so all of it stands at this place, and damage in there
    /// is not damage of the body.
    pub(super) fn inside(
        &mut self,
        place: &Range<usize>,
        read: impl FnOnce(&mut Self),
    ) -> Vec<Block> {
        let (offset, end) = (self.offset, self.end);
        let (warned, damaged) = (self.warnings.list.len(), self.warnings.damaged);
        self.enter(FlowKind::Root);
        self.nesting += 1;
        read(self);
        self.nesting -= 1;
        (self.offset, self.end) = (offset, end);
        self.flush();
        let flow = self.pop_flow();
        let mut blocks = flow.map(|flow| flow.blocks).unwrap_or_default();
        place::all_at(&mut blocks, place);
        for warning in &mut self.warnings.list[warned..] {
            warning.byte_offset = place.start;
        }
        self.warnings.damaged = damaged;
        blocks
    }
}

/// What a link is called in the record: its label, or what stands for it.
pub(super) fn label_text(target: &Target, label: &[Inline]) -> String {
    match plain::text(label) {
        text if text.is_empty() => plain::automatic_label(target),
        text => text,
    }
}

/// The container of a body that is so long.
fn root(bytes: usize) -> Flow {
    Flow {
        blocks: Vec::with_capacity(bytes / BYTES_OF_A_BLOCK),
        ..Flow::new(FlowKind::Root, 0)
    }
}

impl Raw {
    pub(super) fn new(purpose: RawPurpose) -> Self {
        Self {
            purpose,
            ..Self::default()
        }
    }

    fn text(&mut self, raw: &str) {
        let layout = self.purpose != RawPurpose::Pre && self.cdata;
        if layout && raw.trim_ascii().is_empty() {
            return;
        }
        para::push_literal(&mut self.text, &scan::decode(raw));
    }

    fn section(&mut self, raw: &str) {
        if self.purpose != RawPurpose::Pre && !self.cdata && self.text.trim_ascii().is_empty() {
            self.text.clear();
        }
        self.cdata = true;
        para::push_literal(&mut self.text, raw);
    }

    /// A break between lines, unless one is there.
    pub(super) fn line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }
}
