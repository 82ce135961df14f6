//! Work in a process of its own, so that its peak of memory is its own.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{http, index};

/// First argument of a child.
pub(crate) const FLAG: &str = "--child";

/// Starts this program as a child and reads what it answers.
pub(crate) fn ask<T: DeserializeOwned>(job: &str, args: &[&OsStr]) -> Result<T> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let output = Command::new(program)
        .args([FLAG, job])
        .args(args)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start this program again")?;
    if !output.status.success() {
        bail!("the child `{job}` ended with {}", output.status);
    }
    serde_json::from_slice(&output.stdout).with_context(|| format!("answer of the child `{job}`"))
}

/// The other side of [`ask`].
pub(crate) fn run(args: &[String]) -> Result<()> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["index-ours", source, data] => answer(&index::ours(source, data)?),
        ["index-floor", records, dir] => answer(&index::floor(records, dir)?),
        ["hello"] => http::hello(),
        _ => bail!("no child does {args:?}"),
    }
}

fn answer(value: &impl Serialize) -> Result<()> {
    println!("{}", serde_json::to_string(value)?);
    Ok(())
}
