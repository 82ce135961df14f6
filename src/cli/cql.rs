//! `headwater cql …`: check, explain and run CQL; and the case files that hold the
//! evaluator and the index to the same answers.
#![expect(
    clippy::disallowed_methods,
    reason = "reads the files named on the command line"
)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::json;

use super::args::{
    CqlCheckArgs, CqlContextArgs, CqlExplainArgs, CqlRunArgs, CqlTestArgs, EngineArg,
};
use super::out::{Flow, stdout};
use super::{Outcome, identity, note, ready_app};
use crate::app::{
    App, AppOptions, Moment, Session, SystemClock, explain as explain_cql, open_sources,
};
use crate::config::High;
use crate::cql::{self, plan::Plan};
use crate::ingest::Unwatched;
use crate::model::{Document, Identity};
use crate::ports::Clock;
use crate::search::SearchError;

/// Prints why something was not answered. Mistakes in CQL are shown under the text.
pub(crate) fn refused(error: SearchError) -> Result<Outcome> {
    match &error {
        SearchError::Cql { cql, mistakes } => {
            for mistake in mistakes {
                let span = bytes(cql, mistake.start)..bytes(cql, mistake.end);
                note(format_args!(
                    "{}\n{}",
                    mistake.message,
                    cql::pointer(cql, &span)
                ));
                if let Some(hint) = &mistake.hint {
                    note(format_args!("hint: {hint}"));
                }
            }
            return Ok(Outcome::Failed);
        }
        SearchError::Invalid(fields) => {
            for field in fields {
                note(format_args!("{}: {}", field.pointer, field.message));
            }
            return Ok(Outcome::Failed);
        }
        SearchError::Port(_) => return Err(error.into()),
        _ => note(format_args!("{error}")),
    }
    if let Some(hint) = error.hint() {
        note(format_args!("hint: {hint}"));
    }
    let nothing_there = matches!(
        error,
        SearchError::NotFound(_)
            | SearchError::VersionNotKept { .. }
            | SearchError::NoSection { .. }
    );
    Ok(if nothing_there {
        Outcome::NoMatch
    } else {
        Outcome::Failed
    })
}

fn bytes(text: &str, code_points: usize) -> usize {
    text.char_indices()
        .nth(code_points)
        .map_or(text.len(), |(at, _)| at)
}

pub(crate) fn check(args: &CqlCheckArgs) -> Result<Outcome> {
    if let Some(file) = &args.jsonl {
        return check_lines(file);
    }
    let text = args.cql.as_deref().unwrap_or_default();
    let findings = cql::findings(text, &cql::Context::detached(SystemClock.now()));
    if args.json {
        let mut out = stdout();
        let _ = out.json(&verdict(text, &findings))?;
        out.finish()?;
    } else {
        for error in &findings.errors {
            note(error.render(text));
        }
        for warning in &findings.warnings {
            note(format_args!("warning: {}", warning.render(text)));
        }
        if findings.is_valid() && findings.errors.is_empty() {
            let mut out = stdout();
            let _ = out.line("valid")?;
            out.finish()?;
        }
    }
    Ok(if findings.is_valid() {
        Outcome::Done
    } else {
        Outcome::Failed
    })
}

fn verdict(text: &str, findings: &cql::Findings) -> serde_json::Value {
    let errors: Vec<_> = findings
        .errors
        .iter()
        .map(|error| error.diagnostic(text))
        .collect();
    let warnings: Vec<_> = findings
        .warnings
        .iter()
        .map(|warning| warning.diagnostic(text))
        .collect();
    json!({"cql": text, "valid": findings.is_valid(), "errors": errors, "warnings": warnings})
}

/// The registries, as they are.
pub(crate) fn fields() -> Result<Outcome> {
    use crate::cql::{fields::FIELDS, functions::FUNCTIONS};
    let mut out = stdout();
    for field in FIELDS {
        let ops: Vec<&str> = field.ops.iter().map(|op| op.as_str()).collect();
        let _ = out.line(format_args!("{}  {}", field.name, ops.join(" ")))?;
        let _ = out.line(format_args!("    {}", field.doc))?;
        let functions: Vec<&str> = field.functions().collect();
        if !functions.is_empty() {
            let _ = out.line(format_args!("    functions: {}", functions.join(", ")))?;
        }
    }
    let _ = out.line("")?;
    for function in FUNCTIONS {
        let _ = out.line(format_args!("{}({})", function.name, function.arguments))?;
        let _ = out.line(format_args!("    {}", function.doc))?;
    }
    out.finish()?;
    Ok(Outcome::Done)
}

#[derive(Deserialize)]
struct QueryLine {
    cql: String,
}

/// A line that cannot be read yields a line that says so, in its place.
fn check_lines(file: &Path) -> Result<Outcome> {
    let context = cql::Context::detached(SystemClock.now());
    let mut out = stdout();
    let mut all_valid = true;
    let mut unread = 0_u64;
    for (number, line) in (1_u64..).zip(lines(file)?) {
        let line = line.with_context(|| format!("cannot read {}", file.display()))?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let verdict = match serde_json::from_slice(&line).context("not a line with `cql`") {
            Ok(QueryLine { cql: text }) => {
                let findings = cql::findings(&text, &context);
                all_valid &= findings.is_valid();
                verdict(&text, &findings)
            }
            Err(error) => {
                unread += 1;
                json!({"line": number, "error": format!("{error:#}")})
            }
        };
        if out.json_line(&verdict)? == Flow::Stop {
            return Ok(Outcome::Done);
        }
    }
    out.finish()?;
    if unread > 0 {
        all_valid = false;
        note(format_args!("{unread} lines could not be read"));
    }
    Ok(if all_valid {
        Outcome::Done
    } else {
        Outcome::Failed
    })
}

fn lines(file: &Path) -> Result<Box<dyn Iterator<Item = std::io::Result<Vec<u8>>>>> {
    if file == Path::new("-") {
        return Ok(Box::new(std::io::stdin().lock().split(b'\n')));
    }
    let opened = std::fs::File::open(file);
    let opened = opened.with_context(|| format!("cannot read {}", file.display()))?;
    Ok(Box::new(BufReader::new(opened).split(b'\n')))
}

pub(crate) fn explain(settings: &High, args: &CqlExplainArgs) -> Result<Outcome> {
    let identity = identity(&args.at.view)?;
    let app = super::open_app(settings)?;
    let mut session = app.session(&identity, None)?;
    let mut alone = None;
    let at = match &mut session {
        Some(session) => &mut session.at,
        None => alone.insert(app.moment(&identity)?),
    };
    set(at, args.at.now, args.at.timezone.as_deref())?;
    let at = match (&session, &alone) {
        (Some(session), _) => &session.at,
        (None, Some(alone)) => alone,
        (None, None) => bail!("there is nothing to explain against"),
    };
    let answer = match explain_cql(&args.cql, at, session.as_ref()) {
        Ok(answer) => answer,
        Err(error) => return refused(error),
    };
    let mut out = stdout();
    if args.json {
        let _ = out.json(&answer)?;
    } else {
        let _ = out.line(format_args!("read as: {}", answer.normalized))?;
        let _ = out.line(format_args!("sent as: {}", answer.sent))?;
        let _ = out.line(format_args!("for changes: {}", answer.sent_for_changes))?;
        let _ = out.line(format_args!("dates in: {}", answer.time_zone))?;
        if let Some(documents) = answer.documents {
            let _ = out.line(format_args!("matches: {documents} documents"))?;
        }
        for clause in &answer.not_local {
            let _ = out.line(format_args!(
                "not local: {} ({})",
                clause.clause, clause.reason
            ))?;
        }
        for warning in &answer.warnings {
            let _ = out.line(format_args!("warning: {}", warning.message))?;
        }
        for warning in &answer.sent_warnings {
            let _ = out.line(format_args!("if sent: {}", warning.message))?;
        }
        let _ = out.json(&answer.tree)?;
    }
    out.finish()?;
    Ok(Outcome::Done)
}

fn set(at: &mut Moment, now: Option<Timestamp>, zone: Option<&str>) -> Result<()> {
    if let Some(now) = now {
        at.now = now;
    }
    if let Some(zone) = zone {
        at.zone = TimeZone::get(zone)
            .with_context(|| format!("`{zone}` is not an IANA zone such as Europe/Berlin"))?;
    }
    Ok(())
}

pub(crate) fn run(settings: &High, args: &CqlRunArgs) -> Result<Outcome> {
    let identity = identity(&args.at.view)?;
    let held;
    let app = if let Some(path) = &args.from {
        held = Loaded::new(path)?;
        &held.app
    } else {
        let Some(app) = ready_app(settings)? else {
            return Ok(Outcome::NotReady);
        };
        held = Loaded { app, _dir: None };
        &held.app
    };
    let Some(mut session) = app.session(&identity, None)? else {
        return Ok(Outcome::NotReady);
    };
    let CqlContextArgs { now, timezone, .. } = &args.at;
    set(&mut session.at, *now, timezone.as_deref())?;
    let plan = match cql::plan(&args.cql, &session.at.context()) {
        Ok(checked) => checked.plan,
        Err(errors) => {
            for error in &errors {
                note(error.render(&args.cql));
            }
            return Ok(Outcome::Failed);
        }
    };
    let documents;
    let mut ids = Vec::new();
    if args.engine != EngineArg::Tantivy {
        documents = app.documents()?;
        ids = evaluated(&plan, &documents, &session);
    }
    if args.engine != EngineArg::Eval {
        let found = listed(&plan, &session)?;
        if args.engine == EngineArg::All {
            same("the index", found.clone(), &ids, !ranked(&plan))?;
        }
        ids = found;
    }
    let mut out = stdout();
    if args.json {
        let _ = out.json(&ids)?;
    } else {
        for id in &ids {
            if out.line(id)? == Flow::Stop {
                break;
            }
        }
    }
    out.finish()?;
    Ok(if ids.is_empty() {
        Outcome::NoMatch
    } else {
        Outcome::Done
    })
}

/// A source read into a data directory of its own.
struct Loaded {
    app: App,
    _dir: Option<tempfile::TempDir>,
}

impl Loaded {
    fn new(path: &Path) -> Result<Self> {
        let dir = tempfile::tempdir().context("cannot make a data directory")?;
        let app = App::open(dir.path(), AppOptions::default(), Arc::new(SystemClock))?;
        let sources = open_sources(&[path.to_owned()], None)?;
        let report = app.reindex(sources, false, &Unwatched)?;
        for (_, read) in &report.reads {
            for failure in &read.failures {
                note(format_args!("failed: {failure}"));
            }
        }
        Ok(Self {
            app,
            _dir: Some(dir),
        })
    }
}

/// Ids by the index.
fn listed(plan: &Plan, session: &Session) -> Result<Vec<String>> {
    let hits = session.search().listed_all(plan)?;
    Ok(hits.into_iter().map(|hit| hit.key.id.0).collect())
}

/// Ids by the evaluator, over what the viewer may see.
fn evaluated(plan: &Plan, documents: &[Document], session: &Session) -> Vec<String> {
    let failed = session.at.directory.failed_gates(session.reach.viewer());
    let visible = |document: &&Document| {
        !document
            .lineage()
            .iter()
            .any(|gate| failed.contains(&gate.to_string()))
    };
    let visible: Vec<&Document> = documents.iter().filter(visible).collect();
    let found = cql::run(plan, &visible);
    found
        .into_iter()
        .map(|document| document.content.id.0.clone())
        .collect()
}

/// Whether the index orders by score, which the evaluator does not have.
fn ranked(plan: &Plan) -> bool {
    plan.order.is_empty() && plan.filter.has_positive_text()
}

/// A line of a case file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    cql: String,
    #[serde(default)]
    as_user: Option<String>,
    #[serde(default)]
    now: Option<Timestamp>,
    #[serde(default)]
    timezone: Option<String>,
    #[serde(default)]
    expect_ids: Option<Vec<String>>,
    #[serde(default)]
    ordered: bool,
    #[serde(default)]
    cqlcontext: Option<CaseContext>,
    #[serde(default)]
    expect_error: Option<String>,
    /// For the reader of the file.
    #[serde(default)]
    #[serde(rename = "why")]
    _why: Option<String>,
}

/// What `cqlcontext` may carry; only the space key means anything here.
#[derive(Deserialize)]
struct CaseContext {
    #[serde(default, rename = "spaceKey")]
    space_key: Option<String>,
}

pub(crate) fn test(args: &CqlTestArgs) -> Result<Outcome> {
    let loaded = Loaded::new(&args.from)?;
    let documents = loaded.app.documents()?;
    let (mut passed, mut failed) = (0_u64, 0_u64);
    for file in &args.cases {
        for (number, line) in lines(file)?.enumerate() {
            let line = line.with_context(|| format!("cannot read {}", file.display()))?;
            if line.trim_ascii().is_empty() {
                continue;
            }
            match test_line(&loaded.app, &documents, &line, args.engine) {
                Ok(()) => passed += 1,
                Err(error) => {
                    failed += 1;
                    note(format_args!("{}:{}: {error:#}", file.display(), number + 1));
                }
            }
        }
    }
    let mut out = stdout();
    let _ = out.line(format_args!("{passed} passed, {failed} failed"))?;
    out.finish()?;
    Ok(if failed == 0 {
        Outcome::Done
    } else {
        Outcome::Failed
    })
}

fn test_line(app: &App, documents: &[Document], line: &[u8], engine: EngineArg) -> Result<()> {
    let case: Case = serde_json::from_slice(line).context("not a case")?;
    let identity = match &case.as_user {
        None => Identity::Service,
        Some(text) => text.parse().map_err(anyhow::Error::msg)?,
    };
    let session = app.session(&identity, None)?;
    let mut session = session.context("there is nothing to test against")?;
    set(&mut session.at, case.now, case.timezone.as_deref())?;
    session.at.space_key = case.cqlcontext.and_then(|context| context.space_key);
    let planned = cql::plan(&case.cql, &session.at.context());
    let plan = match (planned, &case.expect_error) {
        (Ok(checked), None) => checked.plan,
        (Ok(_), Some(code)) => bail!("expected the error {code}, but it is valid"),
        (Err(errors), Some(code)) => {
            let codes: Vec<&str> = errors.iter().map(|error| error.code.as_str()).collect();
            if codes.contains(&code.as_str()) {
                return Ok(());
            }
            bail!("expected the error {code}, got {}", codes.join(", "));
        }
        (Err(errors), None) => {
            let shown: Vec<String> = errors.iter().map(|error| error.render(&case.cql)).collect();
            bail!("refused: {}", shown.join("\n"));
        }
    };
    let expected = case.expect_ids.context("a case expects ids or an error")?;
    if engine != EngineArg::Tantivy {
        same(
            "eval",
            evaluated(&plan, documents, &session),
            &expected,
            case.ordered,
        )?;
    }
    if engine != EngineArg::Eval {
        same("tantivy", listed(&plan, &session)?, &expected, case.ordered)?;
    }
    Ok(())
}

fn same(engine: &str, mut got: Vec<String>, expected: &[String], ordered: bool) -> Result<()> {
    let mut expected = expected.to_vec();
    if !ordered {
        got.sort_unstable();
        expected.sort_unstable();
    }
    if got != expected {
        bail!("{engine} gives {got:?}, expected {expected:?}");
    }
    Ok(())
}
