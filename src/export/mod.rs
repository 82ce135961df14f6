//! Offline sources: a fixture site, a folder of content files, or a single file, plain
//! or packed, on disk or built into the program.
//!
//! Everything here is told by looking, not by flags: what a folder holds, whether a
//! file is packed, whether it is one JSON document or JSON Lines. Content streams; only
//! people and groups are held as a whole, since membership joins the two files.
//!
//! A source is *complete* only when every item of it was delivered. One line that fails
//! makes it partial, also when its id is known: to remove what a broken line stands for
//! would lose a document over a typing error.

mod elements;
mod extras;
mod files;
mod input;
mod json;
mod people;
mod plain;
mod restrictions;
mod site;
mod spaces;
mod wire;

#[cfg(test)]
mod tests;

use std::path::Path;

use crate::ports::{
    Completeness, Failure, PortError, PortErrorKind, PortResult, SiteInfo, Source, SourceItem,
    SourceSink,
};

use elements::{Cut, Elements};
use extras::Extras;
use files::{Folder, Layout, MemoryFolder};
use input::{Input, Progress};
use wire::WireContext;

pub(crate) use plain::open_plain;

/// Opens a file or folder. `name` is the site's name, where the caller gives one.
///
/// # Errors
///
/// `NotFound` when there is nothing at `path`, `Input` when it holds no content.
pub(crate) fn open(path: &Path, name: Option<&str>) -> PortResult<Box<dyn Source>> {
    let (folder, layout) = files::look(path)?;
    Ok(Box::new(Offline {
        folder: Box::new(folder),
        layout,
        name: name.map(str::to_owned),
    }))
}

/// A fixture site that is built into the program: path within the site, bytes.
pub(crate) fn embedded(files: &'static [(&'static str, &'static [u8])]) -> Box<dyn Source> {
    let folder = MemoryFolder::new(files);
    let layout = Layout::of_site(folder.names());
    Box::new(Offline {
        folder: Box::new(folder),
        layout,
        name: None,
    })
}

/// A source of files.
struct Offline {
    folder: Box<dyn Folder>,
    layout: Layout,
    name: Option<String>,
}

impl Source for Offline {
    fn site(&self) -> PortResult<SiteInfo> {
        let site = site::describe(self.folder.as_ref(), &self.layout, self.name.as_deref())?;
        let told = extras::told(self.folder.as_ref(), &self.layout);
        Ok(SiteInfo { told, ..site })
    }

    fn size_hint(&self) -> Option<u64> {
        let names = self.layout.inputs();
        Some(names.map(|name| self.folder.size(name)).sum())
    }

    fn read(&mut self, sink: &mut dyn SourceSink) -> PortResult<Completeness> {
        let folder = self.folder.as_ref();
        let base_url = site::describe(folder, &self.layout, self.name.as_deref())?.base_url;
        let mut reading = Reading {
            folder,
            sink,
            progress: Progress::default(),
            extras: Extras::default(),
            completeness: Completeness::Complete,
            stopped: false,
        };
        reading.spaces(self.layout.spaces.as_deref(), &base_url)?;
        reading.extras(&self.layout)?;
        reading.people(&self.layout)?;
        for name in &self.layout.content {
            reading.content(name, &base_url)?;
        }
        Ok(reading.completeness)
    }
}

/// One pass over the files.
struct Reading<'a> {
    folder: &'a dyn Folder,
    sink: &'a mut dyn SourceSink,
    progress: Progress,
    extras: Extras,
    completeness: Completeness,
    stopped: bool,
}

impl Reading<'_> {
    fn spaces(&mut self, name: Option<&str>, base_url: &str) -> PortResult<()> {
        let Some(name) = name else { return Ok(()) };
        self.each(name, |reading, cut| {
            match spaces::read(&cut.bytes, base_url) {
                Ok(space) => reading.deliver(SourceItem::Space(space)),
                Err(refusal) => reading.fail(refusal.at("parse", cut.place(name))),
            }
        })
    }

    fn extras(&mut self, layout: &Layout) -> PortResult<()> {
        type Add = fn(&mut Extras, &[u8]) -> Result<(), json::Refusal>;
        let files: [(&Option<String>, Add); 3] = [
            (&layout.watchers, Extras::add_watcher),
            (&layout.favourites, Extras::add_star),
            (&layout.properties, Extras::add_property),
        ];
        for (name, add) in files {
            let Some(name) = name.as_deref() else {
                continue;
            };
            self.each(name, |reading, cut| {
                match add(&mut reading.extras, &cut.bytes) {
                    Ok(()) => Ok(()),
                    Err(refusal) => reading.fail(refusal.at("parse", cut.place(name))),
                }
            })?;
        }
        Ok(())
    }

    fn people(&mut self, layout: &Layout) -> PortResult<()> {
        let mut people = people::People::default();
        if let Some(name) = layout.people.as_deref() {
            self.each(name, |reading, cut| match people.add_person(&cut.bytes) {
                Ok(()) => Ok(()),
                Err(refusal) => reading.fail(refusal.at("parse", cut.place(name))),
            })?;
        }
        if let Some(name) = layout.groups.as_deref() {
            self.each(name, |reading, cut| match people.add_group(&cut.bytes) {
                Ok(()) => Ok(()),
                Err(refusal) => reading.fail(refusal.at("parse", cut.place(name))),
            })?;
        }
        for mut person in people.into_persons() {
            self.extras.join_person(&mut person);
            self.deliver(SourceItem::Person(person))?;
        }
        Ok(())
    }

    fn content(&mut self, name: &str, base_url: &str) -> PortResult<()> {
        self.each(name, |reading, cut| {
            let context = WireContext { base_url };
            for item in wire::read(&cut.bytes, &context) {
                match item {
                    Ok((mut content, body)) => {
                        reading.extras.join(&mut content);
                        reading.deliver(SourceItem::Content { content, body })?;
                    }
                    Err(refusal) => reading.fail(refusal.at("parse", cut.place(name)))?,
                }
            }
            Ok(())
        })
    }

    /// Hands every element of a file to `take`; what cannot be cut out of it fails.
    fn each(
        &mut self,
        name: &str,
        mut take: impl FnMut(&mut Self, &Cut) -> PortResult<()>,
    ) -> PortResult<()> {
        if self.stopped {
            return Ok(());
        }
        let input = match Input::open(self.folder, name, &self.progress) {
            Ok(input) => input,
            Err(error) => return self.fail(unreadable(name.to_owned(), &error)),
        };
        let mut elements = Elements::new(input, files::form(name));
        while !self.stopped {
            match elements.next() {
                None => break,
                Some(Ok(cut)) => take(self, &cut)?,
                Some(Err(refusal)) => {
                    let place = format!("{name}:{}", refusal.line);
                    self.fail(unreadable(place, &refusal.cause))?;
                }
            }
            self.sink.progress(self.progress.bytes());
        }
        self.sink.progress(self.progress.bytes());
        Ok(())
    }

    fn deliver(&mut self, item: SourceItem) -> PortResult<()> {
        if !self.stopped && !self.sink.item(item)? {
            self.stopped = true;
            self.completeness = Completeness::Partial;
        }
        Ok(())
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "reads like `deliver` in the arms of a match"
    )]
    fn fail(&mut self, failure: Failure) -> PortResult<()> {
        self.completeness = Completeness::Partial;
        self.sink.failure(failure);
        Ok(())
    }
}

fn unreadable(place: String, cause: &dyn std::fmt::Display) -> Failure {
    Failure {
        step: "read".to_owned(),
        place: Some(place),
        id: None,
        cause: cause.to_string(),
    }
}

fn not_found(path: &Path, error: std::io::Error) -> PortError {
    let kind = match error.kind() {
        std::io::ErrorKind::NotFound => PortErrorKind::NotFound,
        _ => PortErrorKind::Input,
    };
    PortError::caused(kind, format!("read `{}`", path.display()), error)
}
