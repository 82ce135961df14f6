//! What is measured over: a dump of pages and the questions asked of it.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::measure::{Bytes, Effort};

pub(crate) const HELP: &str = "\
--corpus CORPUS, or the variable HEADWATER_BENCH: `fixtures` (the example site), `docs-2k` or
`docs-31k` in the folder that HEADWATER_CORPUS names, or the path of a dump. Absent: `docs-2k`
where HEADWATER_CORPUS is set, else `fixtures`.";

/// Largest window a zstd dump may ask for, as a power of two.
const WINDOW_LOG: u32 = 27;

/// A dump, read.
pub(crate) struct Corpus {
    pub(crate) name: String,
    /// What `reindex` is given.
    pub(crate) path: PathBuf,
    pub(crate) pages: Vec<Page>,
    pub(crate) queries: Vec<String>,
}

/// One content item, as far as benches look at it.
pub(crate) struct Page {
    pub(crate) id: String,
    pub(crate) space: String,
    pub(crate) labels: Vec<String>,
    /// Account id.
    pub(crate) creator: String,
    /// Ids, root first.
    pub(crate) ancestors: Vec<String>,
    pub(crate) title: String,
    pub(crate) storage: String,
}

impl Corpus {
    /// What the command line and the environment ask for.
    pub(crate) fn choose(wanted: Option<&str>, effort: Effort) -> Result<Self> {
        let folder = std::env::var_os("HEADWATER_CORPUS").map(PathBuf::from);
        let named = std::env::var("HEADWATER_BENCH").ok();
        let default = if folder.is_some() {
            "docs-2k"
        } else {
            "fixtures"
        };
        let name = match effort {
            Effort::Measure => wanted.or(named.as_deref()).unwrap_or(default),
            Effort::Test => wanted.unwrap_or("fixtures"),
        };
        let dump = |file: &str| -> Result<PathBuf> {
            let folder = folder.as_deref().context("HEADWATER_CORPUS is not set")?;
            Ok(folder.join("corpus").join(file))
        };
        let path = match name {
            "fixtures" => Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/site"),
            "docs-2k" => dump("docs-2k.jsonl.gz")?,
            "docs-31k" => dump("docs-31k.jsonl.zst")?,
            path => PathBuf::from(path),
        };
        let judged = folder.filter(|_| name.starts_with("docs-"));
        let judged = judged.map(|folder| folder.join("ir/docs-links/queries.jsonl"));
        Self::read(name, path, judged.as_deref())
    }

    fn read(name: &str, path: PathBuf, queries: Option<&Path>) -> Result<Self> {
        let mut pages = Vec::new();
        for file in files(&path)? {
            for_each_line(&file, |line| pages.push(page(line)))?;
        }
        let mut asked = Vec::new();
        if let Some(queries) = queries {
            for_each_line(queries, |line| asked.push(text(line, "text")))?;
        } else {
            let titles = pages.iter().map(|page| page.title.clone());
            asked.extend(titles.filter(|title| !title.is_empty()).take(500));
        }
        Ok(Self {
            name: name.to_owned(),
            path,
            pages,
            queries: asked,
        })
    }

    /// Bytes of storage format.
    pub(crate) fn storage_bytes(&self) -> usize {
        self.pages.iter().map(|page| page.storage.len()).sum()
    }

    /// The dump as plain JSON Lines in `dir`, so that unpacking is not measured; a folder
    /// stays where it is.
    pub(crate) fn unpacked(&self, dir: &Path) -> Result<PathBuf> {
        if self.path.is_dir() {
            return Ok(self.path.clone());
        }
        let path = dir.join("dump.jsonl");
        let mut plain = File::create(&path)?;
        std::io::copy(&mut open(&self.path)?, &mut plain)?;
        Ok(path)
    }
}

impl fmt::Display for Corpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "corpus {}: {} items, {} of storage format, {} queries",
            self.name,
            self.pages.len(),
            Bytes(self.storage_bytes() as u64),
            self.queries.len()
        )
    }
}

/// Files of content: those of a site folder in the order of their names, or the file
/// itself.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let content = path.join("content");
    let entries = content.read_dir();
    let entries = entries.with_context(|| format!("cannot read {}", content.display()))?;
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    files.sort();
    Ok(files)
}

fn open(path: &Path) -> Result<Box<dyn Read>> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let ending = path.extension().and_then(|ending| ending.to_str());
    Ok(match ending {
        Some("gz") => Box::new(flate2::read::MultiGzDecoder::new(BufReader::new(file))),
        Some("zst") => {
            let mut decoder = zstd::Decoder::new(file)?;
            decoder.window_log_max(WINDOW_LOG)?;
            Box::new(decoder)
        }
        _ => Box::new(file),
    })
}

fn for_each_line(path: &Path, mut each: impl FnMut(&Value)) -> Result<()> {
    let place = |number: usize| format!("{}:{}", path.display(), number + 1);
    for (number, line) in BufReader::with_capacity(1 << 20, open(path)?)
        .lines()
        .enumerate()
    {
        let line = line.with_context(|| place(number))?;
        let value = serde_json::from_str(&line).with_context(|| place(number))?;
        each(&value);
    }
    Ok(())
}

fn page(line: &Value) -> Page {
    let each = |list: &Value, field| -> Vec<String> {
        let list = list.as_array().map_or(&[][..], Vec::as_slice);
        list.iter().map(|value| text(value, field)).collect()
    };
    Page {
        id: text(line, "id"),
        space: text(&line["space"], "key"),
        labels: each(&line["metadata"]["labels"]["results"], "name"),
        creator: text(&line["history"]["createdBy"], "accountId"),
        ancestors: each(&line["ancestors"], "id"),
        title: text(line, "title"),
        storage: text(&line["body"]["storage"], "value"),
    }
}

fn text(object: &Value, field: &str) -> String {
    object[field].as_str().unwrap_or_default().to_owned()
}
