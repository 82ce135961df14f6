//! A whole reindex beside what nobody can leave out: tantivy writing one field of the same
//! terms, and SQLite writing the same packed bodies.
//!
//! Each side runs in a process of its own. The floor finds texts and packed bodies ready
//! in a file.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

use anyhow::Result;
use headwater::Headwater;
use headwater::bench_support::{convert, with_language};
use serde::{Deserialize, Serialize};

use crate::child::ask;
use crate::corpus::Corpus;
use crate::floor;
use crate::measure::{Bytes, Cost, Effort, bytes_below, cost, peak_memory, ratio, row};

/// What one side took.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Side {
    pub(crate) cost: Cost,
    /// Share of the database, where it was measured apart.
    pub(crate) database: Option<Cost>,
    pub(crate) documents: u64,
    /// Largest resident memory, in bytes.
    pub(crate) memory: u64,
    pub(crate) index_bytes: u64,
    pub(crate) store_bytes: u64,
}

pub(crate) fn run(corpus: &Corpus, _effort: Effort) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let records = dir.path().join("records");
    let text_bytes = prepare(corpus, &records)?;
    let source = corpus.unpacked(dir.path())?;
    let data = dir.path().join("data");
    let ours: Side = ask("index-ours", &[source.as_os_str(), data.as_os_str()])?;
    let alone = dir.path().join("floor");
    let floor: Side = ask("index-floor", &[records.as_os_str(), alone.as_os_str()])?;
    show("floor", &floor, text_bytes);
    if let Some(database) = floor.database {
        let Cost { cpu, wall } = database;
        row(
            "  of it SQLite",
            format_args!("{cpu:.2} CPU s, {wall:.2} s"),
        );
    }
    show("Headwater", &ours, text_bytes);
    ratio(
        rate(&ours),
        rate(&floor),
        "goal: at least 0.7 of the floor's items per CPU second",
    );
    Ok(())
}

fn rate(side: &Side) -> f64 {
    side.documents as f64 / side.cost.cpu
}

fn show(label: &str, side: &Side, text_bytes: u64) {
    let Cost { cpu, wall } = side.cost;
    row(
        label,
        format_args!(
            "{:.0} items per CPU second ({} items, {cpu:.2} CPU s, {wall:.2} s, {:.2} cores busy)",
            rate(side),
            side.documents,
            side.cost.cores()
        ),
    );
    row(
        "",
        format_args!(
            "peak memory {}, index {} = {:.2} of the text ({}), store {}",
            Bytes(side.memory),
            Bytes(side.index_bytes),
            side.index_bytes as f64 / text_bytes as f64,
            Bytes(text_bytes),
            Bytes(side.store_bytes)
        ),
    );
}

/// The child that is Headwater.
pub(crate) fn ours(source: &str, data: &str) -> Result<Side> {
    let (done, cost) = cost(|| Headwater::open(data)?.reindex(&[source]));
    let index_bytes = bytes_below(&Path::new(data).join("index"))?;
    Ok(Side {
        cost,
        database: None,
        documents: done?.documents,
        memory: peak_memory(),
        index_bytes,
        store_bytes: bytes_below(Path::new(data))? - index_bytes,
    })
}

/// The child that is the floor.
pub(crate) fn floor(records: &str, dir: &str) -> Result<Side> {
    let dir = Path::new(dir);
    let index = dir.join("index");
    std::fs::create_dir_all(&index)?;
    let terms = floor::headwater_terms();
    let (built, indexing) =
        cost(|| floor::build(&index, terms, Records::open(Path::new(records))?));
    let documents = built?;
    let file = dir.join("bodies.db");
    let (written, database) = cost(|| floor::keep(&file, Records::open(Path::new(records))?));
    written?;
    let index_bytes = bytes_below(&index)?;
    Ok(Side {
        cost: indexing + database,
        database: Some(database),
        documents,
        memory: peak_memory(),
        index_bytes,
        store_bytes: bytes_below(dir)? - index_bytes,
    })
}

/// Writes what the floor starts from; gives the bytes of all texts.
fn prepare(corpus: &Corpus, path: &Path) -> Result<u64> {
    let mut out = BufWriter::new(File::create(path)?);
    let mut packer = zstd::bulk::Compressor::new(floor::PACKING)?;
    let mut bytes = 0;
    for page in &corpus.pages {
        let text = convert(&page.title, page.storage.clone()).text;
        bytes += text.len() as u64;
        let record = Record {
            text: with_language(&format!("{}\n{text}", page.title)),
            packed: packer.compress(page.storage.as_bytes())?,
        };
        for part in [record.text.as_bytes(), &record.packed] {
            out.write_all(&u64::try_from(part.len())?.to_le_bytes())?;
            out.write_all(part)?;
        }
    }
    out.flush()?;
    Ok(bytes)
}

/// A page as the floor gets it.
pub(crate) struct Record {
    /// Title and text.
    pub(crate) text: String,
    pub(crate) packed: Vec<u8>,
}

/// Reads what [`prepare`] wrote, one page at a time.
struct Records {
    input: BufReader<File>,
    left: u64,
}

impl Records {
    fn open(path: &Path) -> Result<Self> {
        let file = File::open(path)?;
        let left = file.metadata()?.len();
        let input = BufReader::with_capacity(1 << 20, file);
        Ok(Self { input, left })
    }

    fn part(&mut self) -> Result<Vec<u8>> {
        let mut length = [0; 8];
        self.input.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        let mut part = vec![0; usize::try_from(length)?];
        self.input.read_exact(&mut part)?;
        self.left -= length + 8;
        Ok(part)
    }

    fn record(&mut self) -> Result<Record> {
        let text = String::from_utf8(self.part()?)?;
        let packed = self.part()?;
        Ok(Record { text, packed })
    }
}

impl Iterator for Records {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        (self.left > 0).then(|| self.record())
    }
}
