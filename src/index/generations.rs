//! Generations on disk: `gen-N/` folders and the file `CURRENT` that names one.
//!
//! A rebuild writes beside the serving generation and is switched to by an atomic rename,
//! so a killed rebuild leaves nothing but a folder that the next one wipes. A server
//! watches `CURRENT`. Unlinked files stay readable for whoever holds them open.
#![expect(clippy::disallowed_methods, reason = "an index is files in a folder")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::writer::{IndexOptions, TantivyEngine};
use crate::ports::{PortError, PortErrorKind, PortResult};

const CURRENT: &str = "CURRENT";

/// The folder of all generations.
pub(crate) struct Generations {
    dir: PathBuf,
    options: IndexOptions,
    open: Mutex<Option<(String, Arc<TantivyEngine>)>>,
}

/// A generation that is being written and serves nobody yet.
pub(crate) struct NewGeneration {
    name: String,
    pub(crate) engine: TantivyEngine,
}

impl Generations {
    pub(crate) fn new(dir: impl Into<PathBuf>, options: IndexOptions) -> PortResult<Self> {
        let dir = dir.into();
        fs::create_dir_all(&dir).map_err(|cause| disk(&dir, "make", cause))?;
        Ok(Self {
            dir,
            options,
            open: Mutex::new(None),
        })
    }

    /// The generation that serves; `None` before the first. [`PortErrorKind::Format`] when
    /// another version of headwater wrote it.
    pub(crate) fn current(&self) -> PortResult<Option<Arc<TantivyEngine>>> {
        let Some(name) = self.current_name()? else {
            return Ok(None);
        };
        let mut open = self.open.lock().expect("nobody panics while holding it");
        if let Some((have, engine)) = &*open
            && *have == name
        {
            return Ok(Some(Arc::clone(engine)));
        }
        let engine = Arc::new(TantivyEngine::open(&self.dir.join(&name), self.options)?);
        *open = Some((name, Arc::clone(&engine)));
        Ok(Some(engine))
    }

    fn current_name(&self) -> PortResult<Option<String>> {
        let path = self.dir.join(CURRENT);
        match fs::read_to_string(&path) {
            Ok(name) => Ok(number(name.trim()).map(folder)),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(disk(&path, "read", cause)),
        }
    }

    /// An empty generation beside the serving one. The caller holds the writer's lock.
    pub(crate) fn begin(&self) -> PortResult<NewGeneration> {
        let serving = self
            .current_name()?
            .and_then(|name| number(&name))
            .unwrap_or(0);
        let name = folder(serving + 1);
        let dir = self.dir.join(&name);
        // What a killed rebuild left.
        if dir.exists() {
            fs::remove_dir_all(&dir).map_err(|cause| disk(&dir, "remove", cause))?;
        }
        fs::create_dir_all(&dir).map_err(|cause| disk(&dir, "make", cause))?;
        Ok(NewGeneration {
            name,
            engine: TantivyEngine::create(&dir, self.options)?,
        })
    }

    /// Makes a written generation the serving one, and removes those before it.
    pub(crate) fn publish(&self, new: NewGeneration) -> PortResult<()> {
        let NewGeneration { name, engine } = new;
        drop(engine);
        let (path, next) = (self.dir.join(CURRENT), self.dir.join("CURRENT.next"));
        write_through(&next, &name).map_err(|cause| disk(&next, "write", cause))?;
        fs::rename(&next, &path).map_err(|cause| disk(&path, "switch", cause))?;
        self.sweep(&name)
    }

    fn sweep(&self, keep: &str) -> PortResult<()> {
        let entries = fs::read_dir(&self.dir).map_err(|cause| disk(&self.dir, "read", cause))?;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if number(&name).is_some() && name != keep {
                // Somebody may still read it; what stays is swept by the next rebuild.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        Ok(())
    }

    /// Bytes on disk of the serving generation.
    pub(crate) fn bytes(&self) -> PortResult<u64> {
        let Some(name) = self.current_name()? else {
            return Ok(0);
        };
        let dir = self.dir.join(name);
        let entries = fs::read_dir(&dir).map_err(|cause| disk(&dir, "read", cause))?;
        Ok(entries
            .flatten()
            .filter_map(|entry| entry.metadata().ok())
            .map(|meta| meta.len())
            .sum())
    }
}

fn folder(number: u64) -> String {
    format!("gen-{number}")
}

fn number(name: &str) -> Option<u64> {
    name.strip_prefix("gen-")?.parse().ok()
}

fn write_through(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut file = fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn disk(path: &Path, what: &str, cause: std::io::Error) -> PortError {
    PortError::caused(
        PortErrorKind::Other,
        format!("index: {what} {}", path.display()),
        cause,
    )
}
