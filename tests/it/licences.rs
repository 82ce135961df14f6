//! Every crate in the tree has a licence that deny.toml allows.
//!
//! `cargo deny` checks the same list where it is installed; building it takes longer
//! than all other checks together, so this test reads the licences from cargo itself.

use std::collections::BTreeSet;
use std::process::Command;

use crate::support::text_of;

#[test]
fn licences_of_all_crates_are_allowed() {
    let allowed = allowed();
    let packages = packages();
    assert!(packages.len() > 100, "{} crates", packages.len());
    let refused: Vec<_> = packages
        .iter()
        .filter(|(_, licence)| !is_allowed(licence, &allowed))
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn licence_expressions_are_read() {
    let allowed: BTreeSet<String> = ["MIT", "Zlib", "Apache-2.0 WITH LLVM-exception"]
        .map(str::to_owned)
        .into();
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND GPL-3.0", false),
        ("MIT AND Zlib OR GPL-3.0", true),
        ("(GPL-3.0 OR MIT) AND Zlib", true),
        ("(GPL-3.0 OR MIT) AND ISC", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0", false),
    ] {
        assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
    }
}

fn allowed() -> BTreeSet<String> {
    let deny: toml::Table = toml::from_str(&text_of("deny.toml").expect("text")).expect("TOML");
    let list = deny["licenses"]["allow"].as_array().expect("a list");
    list.iter()
        .map(|licence| licence.as_str().expect("a string").to_owned())
        .collect()
}

/// Name and licence of every crate that is built on this platform.
fn packages() -> Vec<(String, String)> {
    let metadata = run(
        env!("CARGO"),
        &[
            "metadata",
            "--locked",
            "--offline",
            "--format-version=1",
            // Crates of other platforms are not there to be read.
            "--filter-platform",
            &host(),
        ],
    );
    let metadata: serde_json::Value = serde_json::from_str(&metadata).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    packages
        .iter()
        .map(|package| (text(&package["name"]), text(&package["license"])))
        .collect()
}

fn host() -> String {
    let version = run("rustc", &["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("rustc names its host").to_owned()
}

fn run(program: &str, args: &[&str]) -> String {
    let output = Command::new(program)
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the toolchain that built this");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {args:?}: {errors}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Reads an SPDX expression; `/` is the old way to write `OR`. Parentheses are taken
/// away from the inside out.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let mut expression = expression.replace('/', " OR ");
    while let Some(close) = expression.find(')') {
        let Some(open) = expression[..close].rfind('(') else {
            return false;
        };
        let inner = is_allowed_flat(&expression[open + 1..close], allowed);
        let value = if inner { "TRUE" } else { "FALSE" };
        expression.replace_range(open..=close, value);
    }
    is_allowed_flat(&expression, allowed)
}

/// `AND` binds tighter than `OR`.
fn is_allowed_flat(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let one = |licence: &str| licence == "TRUE" || allowed.contains(licence);
    expression
        .split(" OR ")
        .any(|all| all.split(" AND ").all(|licence| one(licence.trim())))
}
