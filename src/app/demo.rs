//! The example site, built into the program.

use crate::export;
use crate::ports::Source;

/// The question that `serve --demo` asks of itself.
pub(crate) const DEMO_QUESTION: &str =
    "How quickly must a technician reach a care home without heating?";

macro_rules! site_files {
    ($($folder:literal => [$($name:literal),+ $(,)?]),+ $(,)?) => {
        &[$($((
            concat!($folder, $name),
            include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/site/", $folder, $name)),
        )),+),+]
    };
}

/// Path within the site, bytes; written folder by folder. A test compares the list with the folder.
const FILES: &[(&str, &[u8])] = site_files![
    "" => [
        "site.json", "spaces.jsonl", "people.jsonl", "groups.jsonl", "watchers.jsonl",
        "favourites.jsonl", "properties.jsonl"
    ],
    "content/" => [
        "ENG.jsonl", "GASW.jsonl", "HOK.jsonl", "MOOR.jsonl", "OPS.jsonl", "PPL.jsonl",
        "~mtanabe.jsonl"
    ],
    "attachments/1100114/" => ["van-checklist.md"],
    "attachments/1100117/" => ["alarm-codes.csv"],
    "attachments/1100121/" => ["substation-diagram.svg", "tf-90-data-sheet.pdf"],
    "attachments/1100131/" => ["compensation-paid-2025.xlsx"],
    "attachments/1100141/" => ["skelby-visitors.pptx"],
    "attachments/1100142/" => ["点検記録-2026.txt"],
    "attachments/1100308/" => ["water-samples-2026.csv"],
    "attachments/1100331/" => ["tariff-2026.xml"],
    "attachments/1100338/" => ["nc-1-notes.txt"],
    "attachments/1100351/" => ["trailer-t1-instructions.md"],
    "attachments/1100352/" => ["stock-2026-09.csv"],
    "attachments/1200132/" => ["ingest-2026-02-20.txt"],
    "attachments/1200310/" => ["kn4b-5.3.1.manifest.xml"],
    "attachments/1200312/" => ["strainer-trial.txt"],
    "attachments/1200318/" => ["laptop-notes.md"],
    "attachments/1200319/" => ["rig-display.html", "rig-plan.svg"],
    "attachments/1200322/" => ["ledgerline-checks.sql"],
    "attachments/1200324/" => ["heat-cost-index-2026.csv"],
    "attachments/1200327/" => ["bills_v2.py"],
    "attachments/1200332/" => ["flags-2026-10.yaml"],
    "attachments/1200333/" => ["duty-room-screens.drawio", "screen-colours.png"],
    "attachments/1200340/" => ["apology.eml"],
    "attachments/1200341/" => ["boot-SK-0912.log"],
    "attachments/1200350/" => ["on-call-2026-q4.ics"],
    "attachments/1200370/" => [
        "gateway-order-form.pdf", "gateway-samples.zip", "kettle-in-ten-minutes.pptx",
        "lamp-post-letter-2023.rtf", "lamp-post-letter.odt", "node-lamp.gif", "radio-masts.json",
        "rig-wall.jpg", "site-survey.docx", "spare-parts-2026.xlsx"
    ],
    "attachments/1300112/" => ["travel-claim-form.docx"],
    "attachments/1300121/" => ["salary-bands-2026.csv"],
    "attachments/1300310/" => ["rooms.json"],
    "attachments/1300314/" => ["packing-list-moorbek.md"],
    "attachments/1400112/" => ["emissionsmessung-2026.pdf"],
    "attachments/1400114/" => ["messprotokoll-vorlage.txt"],
    "attachments/1400121/" => ["angebot-muster.odt"],
    "attachments/1400304/" => ["checkliste-elektrofilter.txt"],
    "attachments/1400310/" => ["netzschema.svg"],
    "attachments/1400324/" => ["begrenzer-altstadt-2019.csv"],
    "attachments/1400352/" => ["nordkabel-versicherung.eml"],
    "attachments/1400358/" => ["deichaecker-notizen-bodengutachten.md"],
    "attachments/1700104/" => ["gb3-start-card.txt"],
    "attachments/1700113/" => ["air-measurements-2024.csv"],
    "attachments/1800133/" => ["sensor-kousei-2026.csv"],
    "attachments/1800134/" => ["kukaku-map.svg"],
    "attachments/1800141/" => ["touban-2026-12.ics"],
    "attachments/1800156/" => ["getsuji-2026-09.html"],
    "attachments/1800194/" => ["fuyu-no-onegai.txt"],
    "attachments/1900131/" => ["packing-list.txt"],
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
