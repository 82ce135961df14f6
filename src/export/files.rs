//! Folders of files, on disk or in memory, and what lies where in them.
//!
//! Names within a folder use `/` on every system, since they are the places that
//! failures name.
#![expect(clippy::disallowed_methods, reason = "reads exports from disk")]

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::ports::{PortError, PortErrorKind, PortResult};

use super::input::{self, Packing};
use super::not_found;

/// A folder of files, as far as a source needs it.
pub(crate) trait Folder: Send {
    /// Opens a file by its name within the folder.
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send>>;
    /// Bytes of a file; 0 when that cannot be told.
    fn size(&self, name: &str) -> u64;
    /// What to call a site that says nothing about itself.
    fn label(&self) -> String;
}

/// A folder on disk.
pub(crate) struct DiskFolder {
    root: PathBuf,
    label: String,
}

impl Folder for DiskFolder {
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(fs::File::open(self.root.join(name))?))
    }

    fn size(&self, name: &str) -> u64 {
        let metadata = fs::metadata(self.root.join(name));
        metadata.map_or(0, |metadata| metadata.len())
    }

    fn label(&self) -> String {
        self.label.clone()
    }
}

/// A folder that is built into the program.
pub(crate) struct MemoryFolder {
    files: &'static [(&'static str, &'static [u8])],
}

impl MemoryFolder {
    pub(crate) fn new(files: &'static [(&'static str, &'static [u8])]) -> Self {
        Self { files }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.files
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect()
    }

    fn bytes(&self, name: &str) -> Option<&'static [u8]> {
        let file = self.files.iter().find(|(have, _)| *have == name);
        file.map(|(_, bytes)| *bytes)
    }
}

impl Folder for MemoryFolder {
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send>> {
        match self.bytes(name) {
            Some(bytes) => Ok(Box::new(bytes)),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn size(&self, name: &str) -> u64 {
        self.bytes(name).map_or(0, |bytes| bytes.len() as u64)
    }

    fn label(&self) -> String {
        "embedded".to_owned()
    }
}

/// Which file of a folder is what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Layout {
    pub(crate) site: Option<String>,
    pub(crate) spaces: Option<String>,
    pub(crate) people: Option<String>,
    pub(crate) groups: Option<String>,
    pub(crate) watchers: Option<String>,
    pub(crate) favourites: Option<String>,
    pub(crate) properties: Option<String>,
    /// Content files, in the order of their names.
    pub(crate) content: Vec<String>,
}

impl Layout {
    /// Tells a site from its file names: content stands in `content/`; a folder without
    /// one is a folder of content files.
    pub(crate) fn of_site(mut names: Vec<String>) -> Self {
        names.sort();
        let mut layout = Self::default();
        let mut loose = Vec::new();
        for name in names {
            match name.split_once('/') {
                Some(("content", rest)) if is_data(rest) => layout.content.push(name),
                Some(_) => {}
                None => layout.place(name, &mut loose),
            }
        }
        if layout.content.is_empty() {
            layout.content = loose;
        }
        layout
    }

    fn of_file(name: String) -> Self {
        Self {
            content: vec![name],
            ..Self::default()
        }
    }

    fn place(&mut self, name: String, loose: &mut Vec<String>) {
        if !is_data(&name) {
            return;
        }
        match stem(&name) {
            "site" => self.site = Some(name),
            "spaces" => self.spaces = Some(name),
            "people" => self.people = Some(name),
            "groups" => self.groups = Some(name),
            "watchers" => self.watchers = Some(name),
            "favourites" => self.favourites = Some(name),
            "properties" => self.properties = Some(name),
            _ => loose.push(name),
        }
    }

    /// Every file that a pass reads.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &str> {
        let heads = [
            &self.spaces,
            &self.watchers,
            &self.favourites,
            &self.properties,
            &self.people,
            &self.groups,
        ];
        let content = self.content.iter().map(String::as_str);
        heads
            .into_iter()
            .flatten()
            .map(String::as_str)
            .chain(content)
    }

    fn is_empty(&self) -> bool {
        self.site.is_none() && self.inputs().next().is_none()
    }
}

/// Looks what is at a path.
pub(crate) fn look(path: &Path) -> PortResult<(DiskFolder, Layout)> {
    let metadata = fs::metadata(path).map_err(|error| not_found(path, error))?;
    let name = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = name.file_name().unwrap_or(name.as_os_str());
    if metadata.is_dir() {
        let folder = DiskFolder {
            root: path.to_owned(),
            label: name.to_string_lossy().into_owned(),
        };
        let names = list(path).map_err(|error| not_found(path, error))?;
        let layout = Layout::of_site(names);
        if layout.is_empty() {
            return Err(no_content(path));
        }
        return Ok((folder, layout));
    }
    // The name as it was given, not the one a link leads to, so that places say it.
    let Some(file) = path.file_name().and_then(|name| name.to_str()) else {
        return Err(no_content(path));
    };
    if !is_data(file) && !looks_like_data(path).map_err(|error| not_found(path, error))? {
        return Err(no_content(path));
    }
    let folder = DiskFolder {
        root: path.parent().map(Path::to_owned).unwrap_or_default(),
        label: stem(file).to_owned(),
    };
    Ok((folder, Layout::of_file(file.to_owned())))
}

/// A file by itself, whatever its name.
pub(crate) fn file(path: &Path) -> io::Result<(DiskFolder, String)> {
    let is_file = fs::metadata(path)?.is_file();
    let name = path.file_name().and_then(|name| name.to_str());
    let Some(name) = name.filter(|_| is_file) else {
        return Err(io::Error::other("not a file"));
    };
    let folder = DiskFolder {
        root: path.parent().map(Path::to_owned).unwrap_or_default(),
        label: stem(name).to_owned(),
    };
    Ok((folder, name.to_owned()))
}

/// A file of any other name counts when it begins like JSON or is packed.
fn looks_like_data(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    fs::File::open(path)?.take(512).read_to_end(&mut head)?;
    let text = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&head);
    let is_packed = input::packing(&head) != Packing::Plain;
    Ok(is_packed || matches!(text.trim_ascii_start(), [b'{' | b'[', ..]))
}

fn no_content(path: &Path) -> PortError {
    let context = format!(
        "`{}` holds no content files; hint: give a fixture site, a folder or a file of \
         REST content objects (.json, .jsonl, .gz, .zst)",
        path.display()
    );
    PortError::new(PortErrorKind::Input, context)
}

/// Names at the top and in `content/`, to any depth there.
fn list(root: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    let mut open = vec![String::new()];
    while let Some(prefix) = open.pop() {
        for entry in fs::read_dir(root.join(&prefix))? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let name = format!("{prefix}{name}");
            let is_content = name == "content" || name.starts_with("content/");
            if !entry.file_type()?.is_dir() {
                names.push(name);
            } else if is_content {
                open.push(format!("{name}/"));
            }
        }
    }
    Ok(names)
}

/// In which form a file holds its objects, as its name tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Lines,
    /// One JSON document, or several one after the other.
    Document,
    /// The first bytes tell.
    Unknown,
}

pub(crate) fn form(name: &str) -> Form {
    let name = unpacked_name(name).to_ascii_lowercase();
    match name.rsplit_once('.') {
        Some((_, "jsonl" | "ndjson")) => Form::Lines,
        Some((_, "json")) => Form::Document,
        _ => Form::Unknown,
    }
}

fn is_data(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    !file.starts_with('.') && (unpacked_name(name) != name || form(name) != Form::Unknown)
}

/// The name without the ending of its packing.
fn unpacked_name(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((rest, ending)) if ["gz", "zst"].contains(&ending.to_ascii_lowercase().as_str()) => {
            rest
        }
        _ => name,
    }
}

/// The name without any of its endings.
pub(crate) fn stem(name: &str) -> &str {
    let name = unpacked_name(name);
    match name.rsplit_once('.') {
        Some((stem, _)) if form(name) != Form::Unknown => stem,
        _ => name,
    }
}
