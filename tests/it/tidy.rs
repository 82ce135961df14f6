//! Guards over the source itself: who may import whom, where each foreign crate is at
//! home, how files look.
//!
//! [`LAYERS`] and [`HOMES`] are the only statement of the layers; ARCHITECTURE.md tells
//! them in words. What a file names is found by `support::names`.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::names::{Name, Named, names};
use crate::support::{files_below, text_of};

/// Module -> modules of this crate that it may name. A row names rows above it only, so
/// the table cannot hold a cycle.
const LAYERS: &[(&str, &[&str])] = &[
    // words
    ("model", &[]),
    // pure
    ("analysis", &["model"]),
    ("storage", &["model"]),
    ("attachments", &["model"]),
    ("cql", &["model", "analysis"]),
    ("ports", &["model", "cql"]),
    ("eval", &["model"]),
    // adapters
    ("index", &["model", "analysis", "cql", "ports"]),
    ("store", &["model", "ports"]),
    ("worker", &["model", "attachments", "ports"]),
    ("confluence", &["model", "ports"]),
    ("export", &["model", "ports"]),
    // flows
    ("ingest", FLOW),
    ("sync", FLOW),
    ("search", FLOW),
    // edges
    ("config", &["model"]),
    ("server", &["model", "cql", "ports", "search", "config"]),
    ("app", BELOW),
    ("cli", BELOW),
    // for `benches/` alone
    (
        "bench_support",
        &["model", "analysis", "cql", "storage", "index"],
    ),
];

/// What flows know: everything pure and the ports, never an adapter.
const FLOW: &[&str] = &[
    "model",
    "analysis",
    "storage",
    "attachments",
    "cql",
    "ports",
];

/// Stands for every row above.
const BELOW: &[&str] = &["*"];

/// Foreign crate -> modules that may name it; `*` where its types are plain words of
/// every part. A crate without a row is refused.
const HOMES: &[(&str, &[&str])] = &[
    ("anyhow", &["cli", "main"]),
    ("axum", &["server"]),
    ("clap", &["cli"]),
    ("csv", &["attachments", "storage"]),
    ("ctrlc", &["cli"]),
    ("expect_test", &["*"]),
    // `storage` unpacks diagrams, and packed bodies in its tests over large data.
    ("flate2", &["cli", "export", "storage"]),
    ("frostem", &["analysis"]),
    // `storage` only in its tests, as a second reader.
    ("html2text", &["attachments", "export", "storage"]),
    ("html5ever", &["storage"]),
    ("indicatif", &["cli"]),
    ("jiff", &["*"]),
    ("metrics", &["app", "server"]),
    ("metrics_exporter_prometheus", &["app", "server"]),
    ("memchr", &["storage"]),
    ("mimalloc", &["main"]),
    ("nom", &["cql"]),
    ("proptest", &["*"]),
    ("pulldown_cmark", &["attachments", "server", "storage"]),
    ("quick_xml", &["attachments", "export", "storage"]),
    ("rayon", &["cli", "ingest"]),
    ("reqwest", &["cli"]),
    ("rusqlite", &["store"]),
    ("rustc_hash", &["*"]),
    ("serde", &["*"]),
    ("serde_json", &["*"]),
    (
        "sha2",
        &[
            "app", "cli", "export", "ingest", "model", "search", "server", "store",
        ],
    ),
    ("tantivy", &["bench_support", "index"]),
    (
        "tempfile",
        &["app", "cli", "config", "export", "index", "store"],
    ),
    ("thiserror", &["*"]),
    ("tokio", &["app", "cli", "server"]),
    ("toml", &["config"]),
    ("tower", &["server"]),
    ("tower_http", &["server"]),
    ("tracing", &["*"]),
    ("tracing_subscriber", &["cli"]),
    (
        "unicode_normalization",
        &["analysis", "cql", "model", "storage"],
    ),
    ("unicode_segmentation", &["analysis", "cql"]),
    ("utoipa", &["search", "server"]),
    ("utoipa_axum", &["server"]),
    ("whatlang", &["analysis"]),
    // `storage` only in those tests.
    ("zstd", &["cli", "export", "index", "storage", "store"]),
];

/// Modules that may do something; tests anywhere may.
const DOERS: &[&str] = &[
    "index",
    "store",
    "worker",
    "confluence",
    "export",
    "config",
    "server",
    "app",
    "cli",
    "main",
];

/// Longest file, in lines.
const MAX_LINES: usize = 800;

#[test]
fn modules_import_downwards_only() {
    report(sources(), layer_faults);
}

#[test]
fn foreign_crates_stay_at_home() {
    report(sources(), home_faults);
}

/// `clippy.toml` keeps files, clock, environment and threads out; adapters and edges lift
/// the ban for themselves, others may not.
#[test]
fn only_adapters_and_edges_do_anything() {
    report(sources(), ban_faults);
}

#[test]
fn files_are_whole() {
    report(
        sources().into_iter().chain(tests()).chain(benches()),
        file_faults,
    );
}

/// The project speaks of itself: no folder of somebody's machine stands in it.
#[test]
fn no_machine_paths() {
    let files = TRACKED.iter().flat_map(|path| files_below(path));
    report(files, machine_path_faults);
}

/// Crates come from the public registry, whatever mirror a machine uses.
#[test]
fn lock_file_names_the_public_registry() {
    let lock = text_of("Cargo.lock").expect("text");
    for line in lock.lines().filter(|line| line.starts_with("source = ")) {
        assert!(
            line.ends_with("github.com/rust-lang/crates.io-index\""),
            "{line}"
        );
    }
}

#[test]
fn tables_fit_the_package() {
    let modules: BTreeSet<String> = sources().iter().map(|path| module_of(path)).collect();
    for module in modules
        .iter()
        .filter(|m| !matches!(m.as_str(), "lib" | "main"))
    {
        assert!(
            LAYERS.iter().any(|(name, _)| name == module),
            "`{module}` has no layer"
        );
    }
    for (row, (module, may)) in LAYERS.iter().enumerate() {
        for name in may.iter().filter(|name| **name != "*") {
            let below = LAYERS[..row].iter().any(|(other, _)| other == name);
            assert!(
                below,
                "`{module}` may import `{name}`, which is not above it in the table"
            );
        }
    }
    let manifest: toml::Table = toml::from_str(&text_of("Cargo.toml").expect("text")).unwrap();
    let tables = ["dependencies", "dev-dependencies"]
        .iter()
        .filter_map(|key| manifest[*key].as_table());
    let crates: BTreeSet<String> = tables
        .flat_map(|table| table.keys().map(|key| key.replace('-', "_")))
        .collect();
    // Used by these tests and the benches alone, never in `src`.
    let crates: BTreeSet<&str> = crates
        .iter()
        .map(String::as_str)
        .filter(|name| !["cpu_time", "proc_macro2"].contains(name))
        .collect();
    assert_eq!(
        crates,
        HOMES.iter().map(|(name, _)| *name).collect(),
        "rows of HOMES"
    );
}

#[test]
fn planted_imports_are_caught() {
    let not = &["`cql` may not import `store`"];
    check_imports("cql/eval", "use crate::store::Db;", not);
    check_imports("cql/eval", "use crate::{model, store};", not);
    check_imports(
        "cql/eval",
        "use crate::{model::{A, B}, store::{self, Db}};",
        not,
    );
    check_imports("cql/eval", "fn f() { crate::store::open(1); }", not);
    check_imports("cql/eval", "fn f() { log!(\"{}\", crate::store::N); }", not);
    check_imports("cql/eval", "use crate::model::User;", &[]);
    check_imports(
        "cql/eval",
        "use crate::new::X;",
        &["`cql` may not import `new`"],
    );
    check_imports("app", "use crate::{store, index, server};", &[]);
    let upwards = &["`search` may not import `app`"];
    check_imports("search/mod", "pub(crate) use crate::app;", upwards);
    let whole = &["`crate` as a whole hides what is imported"];
    check_imports("cql/eval", "use crate as all;", whole);
    check_imports("cql/eval", "use crate::*;", whole);
    check_imports("cql/eval", "use crate::{self as all};", whole);
}

#[test]
fn planted_steps_to_the_root_are_caught() {
    let root = &["`super::` reaches the root of the crate; name it `crate::…`"];
    check_imports("cql/mod", "use super::store;", root);
    check_imports("ports", "use super::{store};", root);
    check_imports("cql/eval", "use super::super::store;", root);
    check_imports("cql/mod", "mod a { use super::super::store; }", root);
    check_imports("cql/eval", "use super::Plan; mod t { use super::*; }", &[]);
    check_imports("cql/mod", "mod t { fn f() { super::g() } }", &[]);
}

#[test]
fn planted_crates_are_caught() {
    let foreign = &["crate `tantivy` is at home in bench_support, index, not in `cql`"];
    check_imports("cql/eval", "use tantivy::Index;", foreign);
    check_imports(
        "cql/eval",
        "use {serde::Serialize, tantivy::Index};",
        foreign,
    );
    check_imports("cql/eval", "fn f() -> ::tantivy::Score { 0. }", foreign);
    check_imports("cql/eval", "use tantivy as t;", foreign);
    check_imports("cql/eval", "use self::tantivy::Index;", &[]);
    check_imports("index/mod", "use tantivy::Index;", &[]);
    let attribute = &["crate `tokio` is at home in app, cli, server, not in `cql`"];
    check_imports("cql/eval", "#[tokio::test] fn f() {}", attribute);
}

/// Faults of a file `src/MODULE.rs` whose third line is `source`.
#[track_caller]
fn check_imports(module: &str, source: &str, faults: &[&str]) {
    let path = format!("src/{module}.rs");
    let source = format!("//! Planted.\n\n{source}");
    let mut found = layer_faults(&path, &source);
    found.extend(home_faults(&path, &source));
    let faults: Vec<_> = faults
        .iter()
        .map(|fault| format!("{path}:3: {fault}"))
        .collect();
    assert_eq!(found, faults, "{source}");
}

#[test]
fn planted_faults_of_files_are_caught() {
    let check = |path: &str, source: &str, fault: &str| {
        assert_eq!(file_faults(path, source), [fault], "{source}");
    };
    check(
        "src/a.rs",
        "fn f() {}",
        "src/a.rs:1: no `//!` says what the file is for",
    );
    check(
        "src/a.rs",
        "//! A.\n#[test]\n#[ignore]\nfn f() {}",
        "src/a.rs:3: `ignore` does not belong here",
    );
    check(
        "src/a.rs",
        "//! A.\nfn f() { todo!() }",
        "src/a.rs:2: `todo` does not belong here",
    );
    check(
        "src/a.rs",
        &"//! A.\n".repeat(801),
        "src/a.rs:801: longer than 800 lines",
    );
    assert!(file_faults("src/a.rs", "//! A `todo!`.\nfn f() { ignore(1) }").is_empty());
    let lifted = "//! A.\n#![expect(clippy::disallowed_methods)]";
    let fault = "src/cql/eval.rs:2: `cql` does no I/O and knows no time";
    assert_eq!(ban_faults("src/cql/eval.rs", lifted), [fault]);
    assert!(ban_faults("src/store/mod.rs", lifted).is_empty());
    let planted = format!("see {}work/x", '/');
    assert_eq!(machine_path_faults("README.md", &planted).len(), 1);
    assert!(machine_path_faults("README.md", "https://wiki.example/home/work").is_empty());
}

/// Everything that is in the repository, apart from the lock file.
const TRACKED: &[&str] = &[
    ".ci",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.toml",
    "README.md",
    "benches",
    "clippy.toml",
    "deny.toml",
    "fixtures",
    "justfile",
    "rustfmt.toml",
    "schema",
    "src",
    "tests",
];

fn sources() -> Vec<String> {
    rust_files("src")
}

fn tests() -> Vec<String> {
    rust_files("tests")
}

fn benches() -> Vec<String> {
    rust_files("benches")
}

fn rust_files(path: &str) -> Vec<String> {
    let files = files_below(path).into_iter();
    files
        .filter(|path| Path::new(path).extension() == Some("rs".as_ref()))
        .collect()
}

#[track_caller]
fn report(files: impl IntoIterator<Item = String>, faults: impl Fn(&str, &str) -> Vec<String>) {
    let texts = files
        .into_iter()
        .filter_map(|path| Some((text_of(&path)?, path)));
    let found: Vec<String> = texts
        .flat_map(|(text, path)| faults(&path, &text))
        .collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// `src/cql/eval.rs` -> `cql`, `src/ports.rs` -> `ports`.
fn module_of(path: &str) -> String {
    let below = path.strip_prefix("src/").unwrap_or(path);
    let first = below.split('/').next().unwrap_or(below);
    first.trim_end_matches(".rs").to_owned()
}

/// How deep the module of a file stands below the root of the crate.
fn depth_of(path: &str) -> usize {
    let parts = path.split('/').count() - 1;
    let root = path.ends_with("/mod.rs") || path.ends_with("/lib.rs") || path.ends_with("/main.rs");
    parts - usize::from(root)
}

/// The names in a file, or the fault that it cannot be read.
fn names_in(path: &str, source: &str) -> Result<Vec<Named>, Vec<String>> {
    names(source, depth_of(path)).map_err(|err| vec![format!("{path}:1: {err}")])
}

fn layer_faults(path: &str, source: &str) -> Vec<String> {
    let module = module_of(path);
    // The head of the crate publishes what it likes; `main` is a crate of its own.
    if matches!(module.as_str(), "lib" | "main") {
        return Vec::new();
    }
    let found = match names_in(path, source) {
        Ok(found) => found,
        Err(faults) => return faults,
    };
    let fault = |Named { line, name }: &Named| match name {
        Name::Module(name) if !may_import(&module, name) => {
            Some(format!("{path}:{line}: `{module}` may not import `{name}`"))
        }
        Name::Whole => Some(format!(
            "{path}:{line}: `crate` as a whole hides what is imported"
        )),
        Name::Root => Some(format!(
            "{path}:{line}: `super::` reaches the root of the crate; name it `crate::…`"
        )),
        _ => None,
    };
    found.iter().filter_map(fault).collect()
}

fn may_import(module: &str, name: &str) -> bool {
    let Some(row) = LAYERS.iter().position(|(other, _)| *other == module) else {
        return false;
    };
    let (_, may) = LAYERS[row];
    let below = || LAYERS[..row].iter().any(|(other, _)| *other == name);
    module == name || may.contains(&name) || (may == BELOW && below())
}

fn home_faults(path: &str, source: &str) -> Vec<String> {
    let module = module_of(path);
    let found = match names_in(path, source) {
        Ok(found) => found,
        Err(faults) => return faults,
    };
    let fault = |Named { line, name }: &Named| {
        let Name::Head(name) = name else { return None };
        let (_, homes) = HOMES.iter().find(|(krate, _)| krate == name)?;
        let at_home = homes.contains(&"*") || homes.contains(&module.as_str());
        let homes = homes.join(", ");
        (!at_home).then(|| {
            format!("{path}:{line}: crate `{name}` is at home in {homes}, not in `{module}`")
        })
    };
    found.iter().filter_map(fault).collect()
}

fn ban_faults(path: &str, source: &str) -> Vec<String> {
    let module = module_of(path);
    if DOERS.contains(&module.as_str()) || path.contains("test") {
        return Vec::new();
    }
    let lifts = |(at, line): (usize, &str)| {
        let lifted = line.contains("clippy::disallowed_methods");
        let fault = format!(
            "{path}:{}: `{module}` does no I/O and knows no time",
            at + 1
        );
        lifted.then_some(fault)
    };
    source.lines().enumerate().filter_map(lifts).collect()
}

fn file_faults(path: &str, source: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !source.starts_with("//! ") {
        faults.push(format!("{path}:1: no `//!` says what the file is for"));
    }
    let lines = source.lines().count();
    if lines > MAX_LINES {
        faults.push(format!("{path}:{lines}: longer than {MAX_LINES} lines"));
    }
    match names_in(path, source) {
        Ok(found) => faults.extend(found.iter().filter_map(|Named { line, name }| match name {
            Name::Call(name) if matches!(name.as_str(), "ignore" | "todo" | "unimplemented") => {
                Some(format!("{path}:{line}: `{name}` does not belong here"))
            }
            _ => None,
        })),
        Err(unreadable) => faults.extend(unreadable),
    }
    faults
}

fn machine_path_faults(path: &str, text: &str) -> Vec<String> {
    let roots = ["work", "home", "root", "Users"].map(|root| format!("/{root}/"));
    let starts = |line: &str, root: &String| {
        line.match_indices(root.as_str()).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            before.is_none_or(|c| c.is_whitespace() || "\"'`(=:".contains(c))
        })
    };
    let fault = |(at, line): (usize, &str)| {
        let root = roots.iter().find(|root| starts(line, root))?;
        Some(format!(
            "{path}:{}: `{root}` is a folder of some machine",
            at + 1
        ))
    };
    text.lines().enumerate().filter_map(fault).collect()
}
