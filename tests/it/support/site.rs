//! The fixture site as the tests use it: where it stands, who is in it, what is asked of
//! it, and copies with some items changed or left out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use super::program::{Data, copy_folder};
use super::{repository, text_of};

/// The folder of the site.
pub(crate) fn site() -> PathBuf {
    repository("fixtures/site")
}

/// A small broken input.
pub(crate) fn bad(name: &str) -> PathBuf {
    repository("fixtures/bad").join(name)
}

/// The site in a data directory that tests only read.
pub(crate) fn shared() -> &'static Data {
    static SHARED: OnceLock<Data> = OnceLock::new();
    SHARED.get_or_init(|| Data::of(&[&site()]))
}

/// People that see the same, and what they do not see.
pub(crate) struct View {
    /// As `--as` and `Headwater-User` take them.
    pub(crate) people: &'static [&'static str],
    /// Number of the items with status `current`.
    pub(crate) sees: usize,
    pub(crate) hidden_spaces: &'static [&'static str],
    /// Items of other spaces.
    pub(crate) hidden_items: &'static [&'static str],
}

/// The table "Who may see what" of `fixtures/README.md`.
pub(crate) const VIEWS: &[View] = &[
    View {
        people: &["anonymous", "email:gus.thornbury@tarnfell.example"],
        sees: 32,
        hidden_spaces: &["ENG", "PPL", "MOOR"],
        hidden_items: &["1100150", "1100152", "1500104"],
    },
    View {
        people: &["email:ingrid.solheim@tarnfell.example"],
        sees: 81,
        hidden_spaces: &[],
        hidden_items: &[
            "1100150", "1100152", "1200140", "1200141", "1200150", "1300122", "1300123", "1500104",
            "1500202",
        ],
    },
    View {
        people: &[
            "email:tomasz.wieczorek@tarnfell.example",
            "email:owen.prichard@tarnfell.example",
        ],
        sees: 66,
        hidden_spaces: &["MOOR"],
        hidden_items: &[
            "1100152",
            "1200140",
            "1200141",
            "1200150",
            "1300120",
            "1300121",
            "1300122",
            "1300123",
            "1500104",
            "1500202",
            "att1600301",
        ],
    },
    View {
        people: &[
            "email:priya.raghunathan@tarnfell.example",
            "email:samuel.okonjo@tarnfell.example",
        ],
        sees: 68,
        hidden_spaces: &["MOOR"],
        hidden_items: &[
            "1100150",
            "1100152",
            "1200150",
            "1300120",
            "1300121",
            "1300122",
            "1300123",
            "1500104",
            "att1600301",
        ],
    },
    View {
        people: &["account:712020:1a6f0c52-0004-4e11-9b30-5d0c7e2a1004"],
        sees: 70,
        hidden_spaces: &["MOOR"],
        hidden_items: &[
            "1100150", "1100152", "1200140", "1200141", "1200150", "1500104", "1500202",
        ],
    },
    View {
        people: &["email:ruth.eastaway@tarnfell.example"],
        sees: 69,
        hidden_spaces: &["MOOR"],
        hidden_items: &[
            "1100150", "1100152", "1200140", "1200141", "1200150", "1300123", "1500104", "1500202",
        ],
    },
    View {
        people: &[
            "email:callum.reddy@tarnfell.example",
            "email:dario.venturi@tarnfell.example",
        ],
        sees: 68,
        hidden_spaces: &["MOOR"],
        hidden_items: &[
            "1200140",
            "1200141",
            "1200150",
            "1300120",
            "1300121",
            "1300122",
            "1300123",
            "1500202",
            "att1600301",
        ],
    },
    View {
        people: &[
            "email:nadia.haddad@tarnfell.example",
            "email:mei.tanabe@tarnfell.example",
            "account:712020:1a6f0c52-0011-4e11-9b30-5d0c7e2a1011",
            "account:712020:1a6f0c52-0012-4e11-9b30-5d0c7e2a1012",
        ],
        sees: 65,
        hidden_spaces: &["MOOR"],
        hidden_items: NADIA,
    },
    View {
        people: &["account:712020:1a6f0c52-0014-4e11-9b30-5d0c7e2a1014"],
        sees: 78,
        hidden_spaces: &[],
        hidden_items: NADIA,
    },
    View {
        people: &[
            "account:712020:1a6f0c52-0015-4e11-9b30-5d0c7e2a1015",
            "email:malte.sievers@tarnfell.example",
        ],
        sees: 77,
        hidden_spaces: &[],
        hidden_items: &[
            "1100150",
            "1100152",
            "1200140",
            "1200141",
            "1200150",
            "1300120",
            "1300121",
            "1300122",
            "1300123",
            "1400140",
            "1500104",
            "1500202",
            "att1600301",
        ],
    },
];

const NADIA: &[&str] = &[
    "1100150",
    "1100152",
    "1200140",
    "1200141",
    "1200150",
    "1300120",
    "1300121",
    "1300122",
    "1300123",
    "1500104",
    "1500202",
    "att1600301",
];

impl View {
    pub(crate) fn hides(&self, item: &Item) -> bool {
        self.hidden_spaces.contains(&&*item.space) || self.hidden_items.contains(&&*item.id)
    }
}

/// An item with status `current`.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) space: String,
    pub(crate) kind: String,
    pub(crate) title: String,
}

impl Item {
    /// As callers name it.
    pub(crate) fn public_id(&self) -> String {
        format!("{}:{}", self.kind, self.id)
    }
}

/// All items with status `current`, read without the program.
pub(crate) fn items() -> Vec<Item> {
    let text = |object: &Value, name: &str| object[name].as_str().unwrap_or_default().to_owned();
    let mut items = Vec::new();
    for space in ["OPS", "ENG", "PPL", "MOOR"] {
        let objects = objects(&site(), space).into_iter();
        items.extend(
            objects
                .filter(|object| object["status"] == "current")
                .map(|object| Item {
                    id: text(&object, "id"),
                    space: space.to_owned(),
                    kind: text(&object, "type"),
                    title: text(&object, "title"),
                }),
        );
    }
    assert_eq!(items.len(), 90);
    items
}

/// The objects of a space, as they are in its file.
fn objects(site: &Path, space: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(content_file(site, space)).expect("a file of the site");
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON in each line"))
        .collect()
}

fn content_file(site: &Path, space: &str) -> PathBuf {
    site.join("content").join(format!("{space}.jsonl"))
}

/// The questions of `fixtures/README.md` and the ids of the documents that answer them.
pub(crate) fn questions() -> Vec<(String, Vec<String>)> {
    let readme = text_of("fixtures/README.md").expect("text");
    let rows = readme
        .lines()
        .skip_while(|line| !line.starts_with("| question |"));
    let rows = rows.skip(2).take_while(|line| line.starts_with('|'));
    let questions: Vec<_> = rows
        .map(|row| {
            let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
            let gold = cells[2].split(|c: char| !c.is_ascii_alphanumeric());
            let gold = gold.filter(|word| word.ends_with(|c: char| c.is_ascii_digit()));
            (
                cells[0].trim().to_owned(),
                gold.map(str::to_owned).collect(),
            )
        })
        .collect();
    assert!(questions.len() >= 20, "{questions:?}");
    questions
}

/// A copy of the site that a test may change.
pub(crate) struct SiteCopy(TempDir);

impl SiteCopy {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder for the copy");
        copy_folder(&site(), dir.path());
        Self(dir)
    }

    /// One without these ids.
    pub(crate) fn without(ids: &BTreeSet<&str>) -> Self {
        let copy = Self::new();
        for space in ["OPS", "ENG", "PPL", "MOOR"] {
            copy.edit(space, |objects| {
                objects.retain(|object| {
                    !ids.contains(object["id"].as_str().expect("ids of the site are text"))
                });
            });
        }
        copy
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Changes the objects of a space.
    pub(crate) fn edit(&self, space: &str, edit: impl FnOnce(&mut Vec<Value>)) {
        let mut objects = objects(self.path(), space);
        edit(&mut objects);
        write_lines(&content_file(self.path(), space), &objects);
    }
}

pub(crate) fn write_lines(path: &Path, objects: &[Value]) {
    let lines: Vec<String> = objects.iter().map(|object| format!("{object}\n")).collect();
    std::fs::write(path, lines.concat()).expect("a folder that can be written");
}

/// The object of a page of the site that is visible to everybody, to build others from.
pub(crate) fn page(id: &str) -> Value {
    let pages = objects(&site(), "OPS").into_iter();
    let mut found = pages.filter(|page| page["id"] == id);
    found.next().expect("a page of the site")
}

/// Pages of the site over and over, under new ids and titles.
pub(crate) fn many_pages(number: usize) -> Vec<Value> {
    let short = |page: &Value| {
        let body = page["body"]["storage"]["value"].as_str();
        page["type"] == "page" && body.is_some_and(|body| body.len() < 1_000)
    };
    let spaces = ["OPS", "ENG", "MOOR"].into_iter();
    let pages: Vec<Value> = spaces
        .flat_map(|space| objects(&site(), space))
        .filter(|page| page["status"] == "current" && short(page))
        .collect();
    let copy = |number: usize| {
        let mut page = pages[number % pages.len()].clone();
        let title = page["title"].as_str().unwrap_or_default();
        page["title"] = format!("{title} {number}").into();
        page["id"] = (2_000_000 + number).to_string().into();
        page["ancestors"] = Value::Array(Vec::new());
        page
    };
    (0..number).map(copy).collect()
}
