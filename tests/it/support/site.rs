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

/// All objects of the site, and those of them with status `current`.
pub(crate) const ITEMS: usize = 542;
pub(crate) const DOCUMENTS: usize = 525;

const SPACES: &[&str] = &["OPS", "ENG", "PPL", "MOOR", "GASW", "HOK", "~mtanabe"];

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
    /// What they see of [`CLOSED`].
    opened: &'static [&'static str],
}

/// Items with a restricted list in front of them; the table "Restrictions" there.
const CLOSED: &[&str] = &[
    "1100150",
    "1100152",
    "1100343",
    "1200140",
    "1200141",
    "1200150",
    "1200380",
    "1200381",
    "1300120",
    "1300121",
    "1300122",
    "1300123",
    "1300333",
    "1300340",
    "1300341",
    "1300342",
    "1400140",
    "1400334",
    "1400362",
    "1500104",
    "1500202",
    "1502118",
    "1503120",
    "1700117",
    "1800142",
    "1800154",
    "1800204",
    "1800205",
    "1900140",
    "att1600301",
];

/// The table "Who may see what" of `fixtures/README.md`.
pub(crate) const VIEWS: &[View] = &[
    View {
        people: &["anonymous", "email:gus.thornbury@auditline.example"],
        sees: 116,
        hidden_spaces: &["ENG", "PPL", "MOOR", "GASW", "HOK", "~mtanabe"],
        opened: &[],
    },
    View {
        people: &["email:ingrid.solheim@tarnfell.example"],
        sees: 502,
        hidden_spaces: &[],
        opened: &[
            "1300120",
            "1300121",
            "1400140",
            "1400362",
            "1700117",
            "1800154",
            "att1600301",
        ],
    },
    View {
        people: &["email:tomasz.wieczorek@tarnfell.example"],
        sees: 411,
        hidden_spaces: &["MOOR"],
        opened: &["1100150", "1100343", "1503120", "1700117"],
    },
    View {
        people: &["email:priya.raghunathan@tarnfell.example"],
        sees: 413,
        hidden_spaces: &["MOOR"],
        opened: &[
            "1200140", "1200141", "1200380", "1200381", "1500202", "1700117",
        ],
    },
    View {
        people: &["account:712020:1a6f0c52-0004-4e11-9b30-5d0c7e2a1004"],
        sees: 419,
        hidden_spaces: &["MOOR"],
        opened: &[
            "1300120",
            "1300121",
            "1300122",
            "1300123",
            "1300340",
            "1300341",
            "1300342",
            "1502118",
            "1700117",
            "1800204",
            "1800205",
            "att1600301",
        ],
    },
    View {
        people: &["email:callum.reddy@tarnfell.example"],
        sees: 320,
        hidden_spaces: &["MOOR", "HOK"],
        opened: &["1100150", "1100152", "1100343", "1500104", "1503120"],
    },
    View {
        people: &["email:dario.venturi@tarnfell.example"],
        sees: 321,
        hidden_spaces: &["MOOR", "HOK"],
        opened: &[
            "1100150", "1100152", "1100343", "1300333", "1500104", "1503120",
        ],
    },
    View {
        people: &["email:owen.prichard@tarnfell.example"],
        sees: 316,
        hidden_spaces: &["MOOR", "HOK"],
        opened: &["1100150"],
    },
    View {
        people: &["email:nadia.haddad@tarnfell.example"],
        sees: 318,
        hidden_spaces: &["MOOR", "HOK"],
        opened: &["1100343", "1300333", "1503120"],
    },
    View {
        people: &["email:mei.tanabe@tarnfell.example"],
        sees: 409,
        hidden_spaces: &["MOOR"],
        opened: &["1800142", "1900140"],
    },
    View {
        people: &["email:samuel.okonjo@tarnfell.example"],
        sees: 320,
        hidden_spaces: &["MOOR", "HOK"],
        opened: &["1200140", "1200141", "1200380", "1200381", "1500202"],
    },
    View {
        people: &["account:712020:1a6f0c52-0011-4e11-9b30-5d0c7e2a1011"],
        sees: 317,
        hidden_spaces: &["MOOR", "HOK"],
        opened: &["1200380", "1300333"],
    },
    View {
        people: &["account:712020:1a6f0c52-0012-4e11-9b30-5d0c7e2a1012"],
        sees: 316,
        hidden_spaces: &["MOOR", "HOK"],
        opened: &["1200380"],
    },
    View {
        people: &["email:ruth.eastaway@tarnfell.example"],
        sees: 322,
        hidden_spaces: &["MOOR", "HOK"],
        opened: &[
            "1300120",
            "1300121",
            "1300122",
            "1300340",
            "1300341",
            "1700117",
            "att1600301",
        ],
    },
    View {
        people: &["account:712020:1a6f0c52-0014-4e11-9b30-5d0c7e2a1014"],
        sees: 499,
        hidden_spaces: &[],
        opened: &["1400140", "1400334", "1400362", "1700117"],
    },
    View {
        people: &[
            "account:712020:1a6f0c52-0015-4e11-9b30-5d0c7e2a1015",
            "email:malte.sievers@tarnfell.example",
        ],
        sees: 404,
        hidden_spaces: &["HOK"],
        opened: &["1400334"],
    },
    View {
        people: &["email:haruka.sato@tarnfell.example"],
        sees: 412,
        hidden_spaces: &["MOOR"],
        opened: &["1502118", "1800142", "1800154", "1800204", "1800205"],
    },
    View {
        people: &[
            "email:kenji.takahashi@tarnfell.example",
            "email:aoi.kudo@tarnfell.example",
            "email:ren.nakajima@tarnfell.example",
        ],
        sees: 408,
        hidden_spaces: &["MOOR"],
        opened: &["1800142"],
    },
    View {
        people: &["email:michiko.yoshida@tarnfell.example"],
        sees: 411,
        hidden_spaces: &["MOOR"],
        opened: &["1502118", "1800142", "1800204", "1800205"],
    },
];

impl View {
    pub(crate) fn hides(&self, item: &Item) -> bool {
        self.hidden_spaces.contains(&&*item.space) || self.closes(&item.id)
    }

    /// Whether a restriction hides the item, in whatever space it is.
    pub(crate) fn closes(&self, id: &str) -> bool {
        CLOSED.contains(&id) && !self.opened.contains(&id)
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
    for space in SPACES {
        let objects = objects(&site(), space).into_iter();
        items.extend(
            objects
                .filter(|object| object["status"] == "current")
                .map(|object| Item {
                    id: text(&object, "id"),
                    space: (*space).to_owned(),
                    kind: text(&object, "type"),
                    title: text(&object, "title"),
                }),
        );
    }
    assert_eq!(items.len(), DOCUMENTS);
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
        for space in SPACES {
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
