//! A search over HTTP beside axum answering the same request with 6 kB that lie ready:
//! CPU of the server's process for each request, asked by the same client.
//!
//! The client is `headwater bench load`, so what it finds here can be found on any server.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use axum::http::header::CONTENT_TYPE;
use axum::routing::post;
use headwater::Headwater;
use serde_json::Value;

use crate::child;
use crate::corpus::Corpus;
use crate::measure::{Bytes, Effort, row};

const PROGRAM: &str = env!("CARGO_BIN_EXE_headwater");
/// Bytes of the ready answer.
const HELLO: usize = 6_000;

pub(crate) fn run(corpus: &Corpus, effort: Effort) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let data = dir.path().join("data");
    Headwater::open(&data)?.reindex(&[&corpus.path])?;
    let queries = dir.path().join("queries.jsonl");
    let lines = corpus
        .queries
        .iter()
        .map(|query| serde_json::json!({"text": query}).to_string());
    std::fs::write(&queries, lines.collect::<Vec<_>>().join("\n"))?;

    let hello = Hello::start()?;
    let (url, pid) = (OsStr::new(&hello.url), hello.child.id().to_string());
    let asked = ["--url".as_ref(), url, "--pid".as_ref(), pid.as_ref()];
    let floor = load(&data, &queries, &asked, effort)?;
    let ours = load(&data, &queries, &[], effort)?;
    let floor = show("floor (axum)", &floor)?;
    let ours = show("Headwater", &ours)?;
    row(
        "ratio",
        format_args!("{:.1}, {:.0} us more a request", ours / floor, ours - floor),
    );
    Ok(())
}

/// A closed loop of one worker.
fn load(data: &Path, queries: &Path, args: &[&OsStr], effort: Effort) -> Result<Value> {
    let (requests, warmup) = match effort {
        Effort::Measure => ("5000", "500"),
        Effort::Test => ("20", "1"),
    };
    let output = Command::new(PROGRAM)
        .arg("--data")
        .arg(data)
        .args([
            "bench",
            "load",
            "--json",
            "--workers",
            "1",
            "--duration",
            "60",
        ])
        .args(["--requests", requests, "--warmup", warmup, "--queries"])
        .arg(queries)
        .args(args)
        .stderr(Stdio::piped())
        .output()
        .context("cannot start the load")?;
    if !output.status.success() {
        bail!(
            "the load failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    serde_json::from_slice(&output.stdout).context("report of the load")
}

/// Prints a report; gives the CPU of a request in microseconds.
fn show(label: &str, report: &Value) -> Result<f64> {
    let figure = |value: &Value| value.as_f64().context("a figure is missing");
    let (latency, server) = (&report["latency_ms"], &report["server"]);
    let cpu = figure(&server["cpu_us_per_request"])?;
    let peak = server["peak_bytes"].as_u64().unwrap_or(0);
    row(
        label,
        format_args!(
            "server CPU a request: {cpu:.0} us; latency p50 {:.2} ms, p99 {:.2} ms; {} requests, {} \
             bytes an answer; peak memory {}",
            figure(&latency["p50"])?,
            figure(&latency["p99"])?,
            report["answers"],
            report["bytes_per_answer"],
            Bytes(peak)
        ),
    );
    Ok(cpu)
}

/// The floor's server in a child; it ends with its value.
struct Hello {
    child: Child,
    url: String,
}

impl Hello {
    fn start() -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args([child::FLAG, "hello"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        let out = child.stdout.take().context("no standard output")?;
        BufReader::new(out).read_line(&mut url)?;
        Ok(Self {
            child,
            url: url.trim().to_owned(),
        })
    }
}

impl Drop for Hello {
    fn drop(&mut self) {
        // Both fail where it has ended, which is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The child: says its address, and serves until nobody holds its standard input.
pub(crate) fn hello() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let answer: &'static str = format!("{{\"hello\":\"{}\"}}", "x".repeat(HELLO)).leak();
        let hello = async move |_: String| ([(CONTENT_TYPE, "application/json")], answer);
        let router = axum::Router::new().route("/v1/search", post(hello));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}", listener.local_addr()?);
        tokio::spawn(async { axum::serve(listener, router).await });
        let end = || std::io::stdin().read_to_end(&mut Vec::new());
        tokio::task::spawn_blocking(end).await??;
        Ok(())
    })
}
