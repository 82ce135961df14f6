//! The benches: each measures Headwater beside a floor, in one run and over one corpus.
//!
//! `cargo bench -- [NAME]... [--corpus CORPUS]` measures; without a name, all of them. A
//! floor is the least that any program doing this work must do, made of the same
//! libraries, so a ratio means the same on every machine. Costs are CPU seconds, since
//! wall time says more about the neighbours than about the code; memory is measured in a
//! process of its own. `cargo test` runs every bench over the example site, so that none
//! of them rots.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "benches read the environment and the clock, and print"
)]

mod child;
mod convert;
mod corpus;
mod cql;
mod floor;
mod http;
mod index;
mod measure;
mod search;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use corpus::Corpus;
use measure::Effort;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// One bench: its name, what it compares, how it is run.
struct Bench {
    name: &'static str,
    about: &'static str,
    run: fn(&Corpus, Effort) -> Result<()>,
}

const BENCHES: &[Bench] = &[
    Bench {
        name: "convert",
        about: "storage format to Markdown and text / reading the XML and copying its text",
        run: convert::run,
    },
    Bench {
        name: "index",
        about: "JSON Lines to a committed generation / tantivy and SQLite alone, same terms",
        run: index::run,
    },
    Bench {
        name: "search",
        about: "ten results with a cited passage each / tantivy's top ten ids",
        run: search::run,
    },
    Bench {
        name: "http",
        about: "POST /v1/search / axum with an answer that lies ready",
        run: http::run,
    },
    Bench {
        name: "cql",
        about: "ten documents by metadata filters / ten of all pages; reading a query",
        run: cql::run,
    },
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.split_first() {
        Some((first, rest)) if first == child::FLAG => child::run(rest),
        _ => run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<()> {
    // Cargo says `--bench` when it measures and nothing when it tests.
    let effort = if args.iter().any(|arg| arg == "--bench") {
        Effort::Measure
    } else {
        Effort::Test
    };
    let mut names = Vec::new();
    let mut wanted = None;
    let mut args = args.iter().filter(|arg| *arg != "--bench");
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--corpus" => wanted = Some(args.next().context("--corpus needs a value")?.as_str()),
            "--list" | "--help" => {
                list();
                return Ok(());
            }
            // What the test harness understands and a bench has no use for.
            flag if flag.starts_with('-') => {}
            name => names.push(name),
        }
    }
    if let Some(unknown) = names.iter().find(|name| find(name).is_none()) {
        // `cargo test NAME` filters tests by name in every binary.
        if effort == Effort::Test {
            return Ok(());
        }
        list();
        bail!("no bench is called `{unknown}`");
    }
    let corpus = Corpus::choose(wanted, effort)?;
    println!("{corpus}");
    for bench in BENCHES {
        if names.is_empty() || names.contains(&bench.name) {
            println!("\n{}: {}", bench.name, bench.about);
            (bench.run)(&corpus, effort).with_context(|| format!("bench `{}`", bench.name))?;
        }
    }
    Ok(())
}

fn find(name: &str) -> Option<&'static Bench> {
    BENCHES.iter().find(|bench| bench.name == name)
}

fn list() {
    for bench in BENCHES {
        println!("{}: {}", bench.name, bench.about);
    }
    println!("{}", corpus::HELP);
}
