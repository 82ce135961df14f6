//! What several files of tests share.

pub(crate) mod names;

use std::path::{Path, PathBuf};

/// A file or folder of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// All files below a folder, or the file itself, as paths from the root of the
/// repository with `/`; sorted, so that messages come in a stable order.
pub(crate) fn files_below(path: &str) -> Vec<String> {
    let mut files = Vec::new();
    let mut open = vec![path.to_owned()];
    while let Some(path) = open.pop() {
        let full = repository(&path);
        if full.is_dir() {
            let entries = full.read_dir().expect("folder of the repository");
            open.extend(entries.map(|entry| {
                let name = entry.expect("entry of the repository").file_name();
                format!("{path}/{}", name.to_string_lossy())
            }));
        } else if full.is_file() {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The text of a file of the repository; `None` where it is not text.
pub(crate) fn text_of(path: &str) -> Option<String> {
    let bytes = std::fs::read(repository(path)).expect("file of the repository");
    String::from_utf8(bytes).ok()
}
