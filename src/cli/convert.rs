//! `headwater convert`: a body in storage format, ADF, HTML or wiki markup in, Markdown, text or everything out.
#![expect(
    clippy::disallowed_methods,
    reason = "reads the file named on the command line"
)]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::args::{ConvertArgs, ConvertForm, ConvertFrom};
use super::out::{Flow, stdout};
use super::{Outcome, note};
use crate::app::convert;
use crate::search::api::{BodyRepresentation, ConvertRequest, ConvertResponse};
use crate::storage;

/// Lines converted at a time; with both cores at work, order is kept.
const BATCH: usize = 64;

pub(crate) fn run(args: &ConvertArgs) -> Result<Outcome> {
    if args.macros {
        return macros();
    }
    let mut input = open(args.file.as_deref())?;
    if args.jsonl {
        return lines(&mut *input, args.from.map(told));
    }
    let mut bytes = Vec::new();
    input
        .read_to_end(&mut bytes)
        .context("cannot read the body")?;
    let converted = convert(ConvertRequest {
        body: String::from_utf8_lossy(&bytes).into_owned(),
        representation: args.from.map(told),
        title: Some(args.title.clone()),
    });
    for warning in &converted.warnings {
        note(format_args!(
            "warning: {} at byte {}: {}",
            warning.code, warning.byte_offset, warning.detail
        ));
    }
    let mut out = stdout();
    let _ = match args.to {
        ConvertForm::Markdown => out.line(&converted.markdown)?,
        ConvertForm::Text => out.line(&converted.text)?,
        ConvertForm::Json => out.json(&converted)?,
    };
    out.finish()?;
    Ok(Outcome::Done)
}

fn macros() -> Result<Outcome> {
    let mut out = stdout();
    for rule in storage::RULES {
        let (source, markdown) = rule.example();
        let _ = out.line(rule.names().join(", "))?;
        let _ = out.line(format_args!("    {}", rule.doc()))?;
        let _ = out.line(format_args!("    {source}"))?;
        for line in markdown.lines() {
            let _ = out.line(format_args!("      {line}"))?;
        }
    }
    out.finish()?;
    Ok(Outcome::Done)
}

fn open(file: Option<&Path>) -> Result<Box<dyn BufRead>> {
    match file {
        Some(path) if path != Path::new("-") => {
            let file = std::fs::File::open(path);
            let file = file.with_context(|| format!("cannot read {}", path.display()))?;
            Ok(Box::new(BufReader::new(file)))
        }
        _ => Ok(Box::new(std::io::stdin().lock())),
    }
}

/// What the command line says of all bodies.
fn told(from: ConvertFrom) -> BodyRepresentation {
    match from {
        ConvertFrom::Storage => BodyRepresentation::Storage,
        ConvertFrom::Adf => BodyRepresentation::Adf,
        ConvertFrom::Html => BodyRepresentation::Html,
        ConvertFrom::Wiki => BodyRepresentation::Wiki,
    }
}

/// A line of `--jsonl`.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: Value,
    /// The body, in whatever it is written.
    storage: String,
    #[serde(default)]
    representation: Option<BodyRepresentation>,
    #[serde(default)]
    title: String,
}

/// What is written for a line.
#[derive(Serialize)]
struct Numbered {
    id: Value,
    #[serde(flatten)]
    converted: ConvertResponse,
}

/// A line that cannot be read yields a line that says so, in its place.
fn lines(input: &mut dyn BufRead, told: Option<BodyRepresentation>) -> Result<Outcome> {
    let mut out = stdout();
    let mut failed = 0_u64;
    let mut number = 0_u64;
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        while batch.len() < BATCH {
            let mut line = Vec::new();
            if input
                .read_until(b'\n', &mut line)
                .context("cannot read the lines")?
                == 0
            {
                break;
            }
            number += 1;
            if !line.trim_ascii().is_empty() {
                batch.push((number, line));
            }
        }
        if batch.is_empty() {
            break;
        }
        let results: Vec<_> = batch
            .par_iter()
            .map(|(number, line)| one(*number, line, told))
            .collect();
        for (value, ok) in results {
            failed += u64::from(!ok);
            if out.json_line(&value)? == Flow::Stop {
                return Ok(Outcome::Done);
            }
        }
    }
    out.finish()?;
    if failed > 0 {
        note(format_args!("{failed} of {number} lines could not be read"));
        return Ok(Outcome::Failed);
    }
    Ok(Outcome::Done)
}

fn one(number: u64, line: &[u8], told: Option<BodyRepresentation>) -> (Value, bool) {
    let parsed: Result<Line, _> = serde_json::from_slice(line);
    let result = parsed
        .context("not a line with `id` and `storage`")
        .and_then(|line| {
            let converted = convert(ConvertRequest {
                body: line.storage,
                representation: told.or(line.representation),
                title: Some(line.title),
            });
            let id = line.id;
            Ok(serde_json::to_value(Numbered { id, converted })?)
        });
    match result {
        Ok(value) => (value, true),
        Err(error) => (
            json!({"line": number, "error": format!("{error:#}")}),
            false,
        ),
    }
}
