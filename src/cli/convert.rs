//! `headwater convert`: a body in storage format, ADF, HTML or wiki markup in, Markdown, text or everything out.
#![expect(
    clippy::disallowed_methods,
    reason = "reads the file named on the command line"
)]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::args::{ConvertArgs, ConvertForm, ConvertFrom};
use super::out::{Flow, stdout};
use super::{Outcome, note};
use crate::model::{Converted, RawBody, Representation};
use crate::storage::{self, NoNames};

/// Lines converted at a time; with both cores at work, order is kept.
const BATCH: usize = 64;

pub(crate) fn run(args: &ConvertArgs) -> Result<Outcome> {
    if args.macros {
        return macros();
    }
    let mut input = open(args.file.as_deref())?;
    if args.jsonl {
        return lines(&mut *input, Told(args.from));
    }
    let mut bytes = Vec::new();
    input
        .read_to_end(&mut bytes)
        .context("cannot read the body")?;
    let value = String::from_utf8_lossy(&bytes).into_owned();
    let representation = Told(args.from).of(&value, None);
    let converted = convert(value, &args.title, representation);
    for warning in &converted.meta.warnings {
        note(format_args!(
            "warning: {} at byte {}: {}",
            warning.code, warning.byte_offset, warning.detail
        ));
    }
    let mut out = stdout();
    let _ = match args.to {
        ConvertForm::Markdown => out.line(&converted.markdown)?,
        ConvertForm::Text => out.line(&converted.text)?,
        ConvertForm::Json => out.json(&as_json(None, &converted)?)?,
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
#[derive(Clone, Copy)]
struct Told(Option<ConvertFrom>);

impl Told {
    /// The representation of a body: as told for all, else for this, else what it looks like.
    fn of(self, value: &str, told: Option<Representation>) -> Representation {
        match self.0 {
            Some(ConvertFrom::Storage) => Representation::Storage,
            Some(ConvertFrom::Adf) => Representation::Adf,
            Some(ConvertFrom::Html) => Representation::Html,
            Some(ConvertFrom::Wiki) => Representation::Wiki,
            None => told.unwrap_or_else(|| storage::detect(value)),
        }
    }
}

fn convert(value: String, title: &str, representation: Representation) -> Converted {
    let body = RawBody {
        representation,
        value,
    };
    storage::convert(
        &body,
        &storage::Context {
            title,
            space_key: None,
            server_rendered: None,
        },
        &NoNames,
    )
}

/// A line of `--jsonl`.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: Value,
    /// The body, in whatever it is written.
    storage: String,
    #[serde(default)]
    representation: Option<Representation>,
    #[serde(default)]
    title: String,
}

/// A line that cannot be read yields a line that says so, in its place.
fn lines(input: &mut dyn BufRead, told: Told) -> Result<Outcome> {
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

fn one(number: u64, line: &[u8], told: Told) -> (Value, bool) {
    let parsed: Result<Line, _> = serde_json::from_slice(line);
    let result = parsed
        .context("not a line with `id` and `storage`")
        .and_then(|line| {
            let representation = told.of(&line.storage, line.representation);
            let converted = convert(line.storage, &line.title, representation);
            as_json(Some(line.id), &converted)
        });
    match result {
        Ok(value) => (value, true),
        Err(error) => (
            json!({"line": number, "error": format!("{error:#}")}),
            false,
        ),
    }
}

fn as_json(id: Option<Value>, converted: &Converted) -> Result<Value> {
    let mut object = Map::new();
    if let Some(id) = id {
        object.insert("id".to_owned(), id);
    }
    object.insert("markdown".to_owned(), converted.markdown.clone().into());
    object.insert("text".to_owned(), converted.text.clone().into());
    let Value::Object(meta) = serde_json::to_value(&converted.meta)? else {
        anyhow::bail!("the metadata record is no object");
    };
    object.extend(meta);
    Ok(Value::Object(object))
}
