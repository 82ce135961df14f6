//! The folders of judged collections, read and checked.
#![expect(
    clippy::disallowed_methods,
    reason = "reads the folders named on the command line"
)]

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::app::same_place;
use crate::eval::{self, Judgement, Manifest, Query, Split};

/// Where documents are; equal places are indexed once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    Corpus(PathBuf),
    Sources(Vec<PathBuf>),
}

/// A collection without its documents.
pub(crate) struct Collection {
    pub(crate) name: String,
    pub(crate) place: Place,
    /// All of them, also those that are not asked.
    pub(crate) queries: Vec<Query>,
    pub(crate) judgements: Vec<Judgement>,
    split: Split,
}

impl Collection {
    pub(crate) fn asked(&self) -> Vec<&Query> {
        let asked = self.queries.iter().filter(|query| self.split.admits(query));
        asked.collect()
    }
}

/// Reads the collections. `from` says where the documents of all of them are, if it says
/// anything.
pub(crate) fn open(dirs: &[PathBuf], from: &[PathBuf], split: Split) -> Result<Vec<Collection>> {
    for path in from {
        if !path.exists() {
            bail!("--from: there is nothing at {}", path.display());
        }
    }
    let mut names = HashSet::new();
    let mut collections = Vec::new();
    for dir in dirs {
        let collection = collection(dir, from, split)?;
        if !names.insert(collection.name.clone()) {
            bail!("two collections are called `{}`", collection.name);
        }
        collections.push(collection);
    }
    Ok(collections)
}

fn collection(dir: &Path, from: &[PathBuf], split: Split) -> Result<Collection> {
    if !dir.is_dir() {
        bail!(
            "{} is not a folder\nhint: a collection is a folder with queries.jsonl and qrels.tsv",
            dir.display()
        );
    }
    let manifest = manifest(dir)?;
    let path = dir.join("queries.jsonl");
    let queries = eval::queries(&text(&path)?)
        .map_err(|error| anyhow::anyhow!("{}:{error}", path.display()))?;
    let path = dir.join("qrels.tsv");
    let judgements = eval::judgements(&text(&path)?)
        .map_err(|error| anyhow::anyhow!("{}:{error}", path.display()))?;
    let collection = Collection {
        place: place(dir, &manifest, from)?,
        name: manifest.name.unwrap_or_else(|| folder_name(dir)),
        queries,
        judgements,
        split,
    };
    if collection.queries.is_empty() {
        bail!("{}: no questions in queries.jsonl", dir.display());
    }
    if collection.asked().is_empty() {
        bail!(
            "{}: no question is of this split\nhint: `split` of a question is `calibrate` or `report`; --split all asks every one",
            dir.display()
        );
    }
    Ok(collection)
}

fn manifest(dir: &Path) -> Result<Manifest> {
    let path = dir.join("collection.json");
    if !path.exists() {
        return Ok(Manifest::default());
    }
    eval::manifest(&text(&path)?).map_err(|error| {
        anyhow::anyhow!(
            "{}: expected an object with `name` and `from`: {error}",
            path.display()
        )
    })
}

fn place(dir: &Path, manifest: &Manifest, from: &[PathBuf]) -> Result<Place> {
    if !from.is_empty() {
        return Ok(sources(from.iter().cloned()));
    }
    let corpus = ["corpus.jsonl", "corpus.jsonl.gz"].map(|name| dir.join(name));
    if let Some(corpus) = corpus.iter().find(|path| path.exists()) {
        return Ok(Place::Corpus(same_place(corpus)));
    }
    if manifest.from.is_empty() {
        bail!(
            "{} has no documents\nhint: give corpus.jsonl, --from PATH, or collection.json with `from`",
            dir.display()
        );
    }
    let paths = manifest.from.iter().map(|path| dir.join(path));
    if let Some(missing) = paths.clone().find(|path| !path.exists()) {
        let file = dir.join("collection.json");
        bail!(
            "{}: there is nothing at {}",
            file.display(),
            missing.display()
        );
    }
    Ok(sources(paths))
}

fn sources(paths: impl Iterator<Item = PathBuf>) -> Place {
    Place::Sources(paths.map(|path| same_place(&path)).collect())
}

/// The name of the folder itself, whatever way leads to it.
fn folder_name(dir: &Path) -> String {
    let place = same_place(dir);
    let name = place.file_name().unwrap_or(place.as_os_str());
    name.to_string_lossy().into_owned()
}

/// The text of a file.
pub(crate) fn text(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    String::from_utf8(bytes).with_context(|| format!("{} is not UTF-8", path.display()))
}
