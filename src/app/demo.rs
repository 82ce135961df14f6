//! The example site, built into the program.

use crate::export;
use crate::ports::Source;

/// The question that `serve --demo` asks of itself.
pub(crate) const DEMO_QUESTION: &str =
    "How quickly must a technician reach a care home without heating?";

macro_rules! site_files {
    ($($path:literal),+ $(,)?) => {
        &[$((
            $path,
            include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/site/", $path)),
        )),+]
    };
}

/// Path within the site, bytes. A test compares the list with the folder.
const FILES: &[(&str, &[u8])] = site_files![
    "site.json",
    "spaces.jsonl",
    "people.jsonl",
    "groups.jsonl",
    "watchers.jsonl",
    "favourites.jsonl",
    "properties.jsonl",
    "content/ENG.jsonl",
    "content/MOOR.jsonl",
    "content/OPS.jsonl",
    "content/PPL.jsonl",
    "attachments/1100114/van-checklist.md",
    "attachments/1100117/alarm-codes.csv",
    "attachments/1100121/substation-diagram.svg",
    "attachments/1200132/ingest-2026-02-20.txt",
    "attachments/1300121/salary-bands-2026.csv",
    "attachments/1400114/messprotokoll-vorlage.txt",
];

/// The example site as a source.
pub(crate) fn demo_source() -> (String, Box<dyn Source>) {
    ("demo".to_owned(), export::embedded(FILES))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    fn files_below(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files_below(&path, found);
            } else {
                found.push(path);
            }
        }
    }

    #[test]
    fn the_whole_site_is_built_in() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/site");
        let mut found = Vec::new();
        files_below(&root, &mut found);
        let name = |path: &PathBuf| path.strip_prefix(&root).unwrap().display().to_string();
        let mut on_disk: Vec<String> = found.iter().map(name).collect();
        on_disk.sort_unstable();
        let mut built_in: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        built_in.sort_unstable();
        assert_eq!(built_in, on_disk);
    }
}
