//! Where the entries of the metadata record stand.
//!
//! While a body is read nobody knows how it will be written, so an entry gets the number of
//! the block it stands in. Who writes a block notes which unit it became, and in the end
//! numbers become indices of units. A block whose content went to another one, such as that
//! of a macro in a line, stands where that one does.

use crate::model::{BlockIndex, Heading, Metadata, Segment, SegmentKind};

/// Bytes of one heading in the path of a task.
const LONG_HEADING: usize = 200;
/// Bytes that the paths of a body's tasks may have together, besides as many as the body has.
const PATHS: usize = 1 << 20;

/// The units that numbered blocks became.
#[derive(Debug, Default)]
pub(super) struct Units {
    units: Vec<BlockIndex>,
    /// Blocks whose content went to another one, or is in another one too: the number of either.
    moved: Vec<(u32, u32)>,
}

impl Units {
    /// None is written yet.
    pub(super) fn new(numbers: u32, moved: Vec<(u32, u32)>) -> Self {
        let units = vec![None; numbers as usize];
        Self { units, moved }
    }

    /// A block begins in this unit. It counts where it is written first.
    #[inline]
    pub(super) fn note(&mut self, number: u32, unit: usize) {
        if number > 0
            && let Some(slot @ None) = self.units.get_mut(number as usize - 1)
        {
            *slot = u32::try_from(unit).ok();
        }
    }

    /// Names units instead of blocks in all entries.
    pub(super) fn settle(mut self, segments: &[Segment], meta: &mut Metadata) {
        // What was moved twice was first moved to where the second move began. Of several
        // places the first one counts.
        let written = self.units.clone();
        for (from, to) in std::mem::take(&mut self.moved).into_iter().rev() {
            let at = from as usize - 1;
            if written[at].is_none()
                && let Some(unit) = self.unit(to)
            {
                self.units[at] = Some(unit);
            }
        }
        for block in entries(meta) {
            *block = block.and_then(|number| self.unit(number));
        }
        for task in &mut meta.tasks {
            let segment = task.block.map(|block| &segments[block as usize]);
            // Headings in a row do not go on behind it.
            task.heading = match segment {
                Some(segment) if !is_flat(segment.kind) => segment.heading,
                _ => task.heading,
            };
        }
        paths(meta);
    }

    fn unit(&self, number: u32) -> BlockIndex {
        let at = (number as usize).checked_sub(1)?;
        self.units.get(at).copied().flatten()
    }
}

/// Whether all that stands in such a unit is written on one line.
fn is_flat(kind: SegmentKind) -> bool {
    matches!(
        kind,
        SegmentKind::TableHeader | SegmentKind::TableRow | SegmentKind::Property
    )
}

/// Where each entry stands that says so.
fn entries(meta: &mut Metadata) -> impl Iterator<Item = &mut BlockIndex> {
    let headings = meta.headings.iter_mut().map(|entry| &mut entry.block);
    let links = meta.links.iter_mut().map(|entry| &mut entry.block);
    let mentions = meta.mentions.iter_mut().map(|entry| &mut entry.block);
    let tasks = meta.tasks.iter_mut().map(|entry| &mut entry.block);
    let code = meta.code.iter_mut().map(|entry| &mut entry.block);
    let attachments = meta.attachments.iter_mut().map(|entry| &mut entry.block);
    let edges = meta.transclusions.iter_mut().map(|entry| &mut entry.block);
    let excerpts = meta.excerpts.iter_mut().map(|entry| &mut entry.block);
    let people = headings.chain(links).chain(mentions).chain(tasks);
    people
        .chain(code)
        .chain(attachments)
        .chain(edges)
        .chain(excerpts)
}

/// Writes out under which headings the tasks stand. A heading is repeated for each of its
/// tasks, so that is bounded.
fn paths(meta: &mut Metadata) {
    let mut room = meta.bytes.saturating_add(PATHS);
    for task in &mut meta.tasks {
        let path = path(&meta.headings, task.heading);
        let bytes = path.iter().map(|text| text.len()).sum();
        if let Some(left) = room.checked_sub(bytes) {
            room = left;
            task.heading_path = path.into_iter().map(str::to_owned).collect();
        }
    }
}

/// This heading and those above it, outermost first.
fn path(headings: &[Heading], innermost: Option<u32>) -> Vec<&str> {
    let mut path = Vec::new();
    let mut open = innermost;
    while let Some(heading) = open.and_then(|at| headings.get(at as usize)) {
        let text = &heading.text;
        path.push(&text[..text.floor_char_boundary(LONG_HEADING)]);
        open = heading.parent;
    }
    path.reverse();
    path
}
