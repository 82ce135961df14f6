//! The source on disk, so that any section of any page can be had without holding them.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use anyhow::{Context, Result};
use rustc_hash::FxHashSet;

use super::sections::sections;
use crate::ingest::{Phase, Step, Watch};
use crate::model::{Content, ContentId, ContentType, RawBody, Representation, Status};
use crate::ports::{Failure, PortError, PortErrorKind, PortResult, Source, SourceItem, SourceSink};

/// Ids of the result start above all of the source, or here where those are too large.
const LARGE_ID: u64 = 1_000_000_000;
const LARGEST_ID: u64 = 100_000_000_000_000_000;

/// The pages of a source.
pub(crate) struct Spool {
    file: File,
    pages: Vec<Page>,
    /// Places of all sections, page by page.
    sections: Vec<Place>,
    /// Pages of each space.
    spaces: Vec<Vec<u32>>,
    numbers: HashMap<ContentId, u64>,
    /// First id of the result.
    pub(crate) first_id: u64,
    /// Items that are no current page or blog post in storage format.
    pub(crate) skipped: u64,
    pub(crate) failures: Vec<Failure>,
}

/// Bytes of the file.
type Place = Range<u64>;

struct Page {
    /// Its metadata, as JSON.
    content: Place,
    sections: Range<u32>,
    space: u32,
    /// Its title stands twice in its space.
    is_ambiguous: bool,
}

impl Spool {
    pub(crate) fn read(source: &mut dyn Source, watch: &dyn Watch) -> Result<Self> {
        let file = tempfile::tempfile().context("cannot make a temporary file")?;
        let mut filling = Filling {
            out: BufWriter::with_capacity(1 << 20, file),
            at: 0,
            spool_pages: Vec::new(),
            sections: Vec::new(),
            spaces: Vec::new(),
            space_numbers: HashMap::new(),
            titles: FxHashSet::default(),
            numbers: HashMap::new(),
            largest_id: 0,
            skipped: 0,
            failures: Vec::new(),
            total: source.size_hint(),
            watch,
        };
        source.read(&mut filling)?;
        let Filling {
            out,
            spool_pages,
            sections,
            spaces,
            numbers,
            largest_id,
            skipped,
            failures,
            ..
        } = filling;
        let file = out
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error);
        Ok(Self {
            file: file.context("cannot write a temporary file")?,
            pages: spool_pages,
            sections,
            spaces,
            numbers,
            first_id: if largest_id < LARGEST_ID {
                largest_id + 1
            } else {
                LARGE_ID
            },
            skipped,
            failures,
        })
    }

    pub(crate) fn pages(&self) -> u64 {
        self.pages.len() as u64
    }

    pub(crate) fn content(&mut self, page: u64) -> Result<Content> {
        let place = self.page(page).content.clone();
        let mut bytes = Vec::new();
        self.append(place, &mut bytes)?;
        serde_json::from_slice(&bytes).context("cannot read the temporary file")
    }

    /// How many sections the page has.
    pub(crate) fn sections(&self, page: u64) -> usize {
        self.page(page).sections.len()
    }

    /// Appends a section of a page.
    pub(crate) fn section(&mut self, page: u64, section: usize, out: &mut Vec<u8>) -> Result<()> {
        let first = self.page(page).sections.start as usize;
        let place = self.sections[first + section].clone();
        self.append(place, out)
    }

    /// The pages that share a space with this one, itself among them.
    pub(crate) fn neighbours(&self, page: u64) -> &[u32] {
        &self.spaces[self.page(page).space as usize]
    }

    pub(crate) fn is_ambiguous(&self, page: u64) -> bool {
        self.page(page).is_ambiguous
    }

    /// The number of a page of the source by its id.
    pub(crate) fn number(&self, id: &ContentId) -> Option<u64> {
        self.numbers.get(id).copied()
    }

    fn page(&self, page: u64) -> &Page {
        &self.pages[usize::try_from(page).expect("pages are counted in memory")]
    }

    fn append(&mut self, place: Place, out: &mut Vec<u8>) -> Result<()> {
        let length = place.end - place.start;
        self.file.seek(SeekFrom::Start(place.start))?;
        let read = Read::by_ref(&mut self.file).take(length).read_to_end(out)?;
        anyhow::ensure!(read as u64 == length, "the temporary file was cut");
        Ok(())
    }
}

/// Takes in what a source delivers.
struct Filling<'a> {
    out: BufWriter<File>,
    at: u64,
    spool_pages: Vec<Page>,
    sections: Vec<Place>,
    spaces: Vec<Vec<u32>>,
    space_numbers: HashMap<Option<String>, u32>,
    /// Of space and title.
    titles: FxHashSet<(u32, String)>,
    numbers: HashMap<ContentId, u64>,
    largest_id: u64,
    skipped: u64,
    failures: Vec<Failure>,
    total: Option<u64>,
    watch: &'a dyn Watch,
}

impl Filling<'_> {
    fn add(&mut self, content: &Content, body: &str) -> PortResult<()> {
        let metadata = serde_json::to_vec(content).map_err(broken)?;
        let page = u32::try_from(self.spool_pages.len()).map_err(broken)?;
        let space = self.space(content.space_key.as_ref());
        self.spaces[space as usize].push(page);
        let first = u32::try_from(self.sections.len()).map_err(broken)?;
        let content_place = self.keep(&metadata)?;
        for part in sections(body) {
            let place = self.keep(body[part].as_bytes())?;
            self.sections.push(place);
        }
        let last = u32::try_from(self.sections.len()).map_err(broken)?;
        self.spool_pages.push(Page {
            content: content_place,
            sections: first..last,
            space,
            is_ambiguous: !self.titles.insert((space, content.title.clone())),
        });
        self.numbers.insert(content.id.clone(), u64::from(page));
        Ok(())
    }

    fn space(&mut self, key: Option<&String>) -> u32 {
        let next = u32::try_from(self.spaces.len()).unwrap_or(u32::MAX);
        let number = *self.space_numbers.entry(key.cloned()).or_insert(next);
        if number == next {
            self.spaces.push(Vec::new());
        }
        number
    }

    fn keep(&mut self, bytes: &[u8]) -> PortResult<Place> {
        self.out.write_all(bytes).map_err(broken)?;
        let start = self.at;
        self.at += bytes.len() as u64;
        Ok(start..self.at)
    }
}

impl SourceSink for Filling<'_> {
    fn item(&mut self, item: SourceItem) -> PortResult<bool> {
        let SourceItem::Content { content, body } = item else {
            return Ok(true);
        };
        if let Some((number, _)) = content.id.number() {
            self.largest_id = self.largest_id.max(number);
        }
        let is_page = matches!(content.kind, ContentType::Page | ContentType::BlogPost);
        match body {
            Some(RawBody {
                representation: Representation::Storage,
                value,
            }) if is_page && content.status == Status::Current => self.add(&content, &value)?,
            _ => self.skipped += 1,
        }
        Ok(!self.watch.stopped())
    }

    fn failure(&mut self, failure: Failure) {
        self.failures.push(failure);
    }

    fn progress(&mut self, bytes: u64) {
        self.watch.step(Step {
            phase: Phase::Reading,
            done: bytes,
            total: self.total,
            items: self.spool_pages.len() as u64,
        });
    }
}

fn broken(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> PortError {
    PortError::caused(
        PortErrorKind::Other,
        "keep the source in a temporary file",
        cause,
    )
}
