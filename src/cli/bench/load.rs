//! `headwater bench load`: many searches over HTTP, and how long their answers took.
//!
//! A closed loop asks as fast as it is answered, so a slow server is asked less and looks
//! better than people would find it. The open loop sends at a fixed rate and counts each
//! answer from the moment its request *should* have been sent: what waited behind a slow
//! answer counts as slow.

mod report;
mod send;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::super::out::stdout;
use super::super::watch::Terminal;
use super::super::{Outcome, note, open_app_in};
use super::args::LoadArgs;
use super::procfs;
use super::serving::Serving;
use crate::app::open_sources;
use crate::config::High;
use crate::export;
use crate::ports::{Completeness, Failure, PortResult, SourceItem, SourceSink};
use report::Report;
use send::{Arrivals, Plan};

/// Titles taken as questions, where none are given.
const MOST_TITLES: usize = 1_000;

pub(crate) fn run(args: &LoadArgs, settings: impl FnOnce() -> Result<High>) -> Result<Outcome> {
    let queries = queries(args)?;
    let terminal = Terminal::new()?;
    // Both live until the load has ended.
    let mut data = None;
    let mut serving = None;
    let url = match (&args.url, &args.from) {
        (Some(url), _) => url.clone(),
        (None, Some(from)) => {
            let dir = data.insert(tempfile::tempdir().context("cannot make a data directory")?);
            let app = open_app_in(dir.path(), &settings()?)?;
            let sources = open_sources(std::slice::from_ref(from), None)?;
            let read = app.reindex(sources, false, &terminal);
            terminal.clear();
            if read?.stopped {
                return Ok(Outcome::Failed);
            }
            drop(app);
            serving.insert(Serving::start(dir.path())?).url.clone()
        }
        (None, None) => serving
            .insert(Serving::start(&settings()?.data_dir)?)
            .url
            .clone(),
    };
    let server = args.pid.or_else(|| match &serving {
        Some(serving) => Some(serving.pid()),
        None => procfs::listener(local_port(&url)?),
    });
    let plan = plan(args, &url, queries)?;
    let report = measure(&plan, server, &terminal)?;
    print(&report, args)?;
    Ok(if report.failed() {
        Outcome::Failed
    } else {
        Outcome::Done
    })
}

fn plan(args: &LoadArgs, url: &str, queries: Vec<String>) -> Result<Plan> {
    let url = url.trim_end_matches('/');
    let url = reqwest::Url::parse(&format!("{url}/v1/search"));
    let bodies = queries.iter().map(|query| {
        serde_json::json!({"query": query, "limit": args.limit, "passages_per_document": 1})
    });
    Ok(Plan {
        url: url.context("--url: expected an address such as `http://127.0.0.1:8080`")?,
        bodies: bodies.map(|body| body.to_string()).collect(),
        identity: args.identity.clone(),
        arrivals: match args.rate {
            Some(rate) => Arrivals::Open { rate },
            None => Arrivals::Closed {
                workers: args.workers,
            },
        },
        duration: Duration::try_from_secs_f64(args.duration).context("--duration")?,
        requests: args.requests.unwrap_or(u64::MAX),
        warmup: args.warmup,
    })
}

fn measure(plan: &Plan, server: Option<u32>, terminal: &Terminal) -> Result<Report> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the threads of the client")?;
    let sender = send::Sender::new(plan, runtime.handle().clone(), terminal)?;
    sender.warm_up()?;
    let before = server.and_then(procfs::usage);
    let sent = sender.run();
    let after = server.and_then(procfs::usage);
    let used = before.zip(after).zip(server);
    Ok(Report::new(plan, sent, used))
}

fn print(report: &Report, args: &LoadArgs) -> Result<()> {
    let mut out = stdout();
    if args.json {
        let _ = out.json(report)?;
    } else {
        for line in report.lines() {
            let _ = out.line(line)?;
        }
    }
    out.finish()?;
    if report.stopped {
        note("stopped early");
    }
    Ok(())
}

/// The port, where the server runs on this machine.
fn local_port(url: &str) -> Option<u16> {
    let url = reqwest::Url::parse(url).ok()?;
    let local = matches!(url.host_str()?, "127.0.0.1" | "localhost" | "[::1]");
    url.port_or_known_default().filter(|_| local)
}

fn queries(args: &LoadArgs) -> Result<Vec<String>> {
    let mut queries = args.query.clone();
    if let Some(file) = &args.queries {
        queries.extend(read_queries(file)?);
    }
    if queries.is_empty()
        && let Some(from) = &args.from
    {
        queries = titles(from)?;
    }
    if queries.is_empty() {
        bail!("there is no question to ask\nhint: give some with --query or --queries");
    }
    Ok(queries)
}

#[expect(clippy::disallowed_methods, reason = "reads the file of questions")]
fn read_queries(file: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(file);
    let text = text.with_context(|| format!("cannot read {}", file.display()))?;
    let mut queries = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        queries.push(query_in(line).with_context(|| format!("{}:{}", file.display(), number + 1))?);
    }
    Ok(queries)
}

fn query_in(line: &str) -> Result<String> {
    if !line.starts_with('{') {
        return Ok(line.trim().to_owned());
    }
    let value: Value = serde_json::from_str(line)?;
    let named = ["text", "query"]
        .iter()
        .find_map(|name| value[name].as_str());
    let query = named.context("expected an object with `text` or `query`")?;
    ensure!(!query.trim().is_empty(), "the question is empty");
    Ok(query.to_owned())
}

/// Titles of a source, the first of them.
fn titles(from: &Path) -> Result<Vec<String>> {
    struct Titles(Vec<String>);
    impl SourceSink for Titles {
        fn item(&mut self, item: SourceItem) -> PortResult<bool> {
            if let SourceItem::Content { content, .. } = item
                && !content.title.trim().is_empty()
            {
                self.0.push(content.title);
            }
            Ok(self.0.len() < MOST_TITLES)
        }

        fn failure(&mut self, _failure: Failure) {}

        fn progress(&mut self, _bytes: u64) {}
    }
    let mut titles = Titles(Vec::new());
    let _: Completeness = export::open(from, None)?.read(&mut titles)?;
    Ok(titles.0)
}
