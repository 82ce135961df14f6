//! The command line: arguments in, one call of `app`, the answer out.
//!
//! Data goes to standard output, everything else to standard error. What an exit code
//! means stands at [`Outcome`].

mod args;
mod bench;
mod convert;
mod cql;
mod eval;
mod out;
mod outline;
mod progress;
mod read;
mod reindex;
mod search;
mod serve;
mod status;
mod watch;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Parser;

use crate::app::{App, AppOptions, SystemClock};
use crate::config::{self, High, Low};
use crate::model::Identity;
use args::{Cli, Command, CqlCommand, ViewArgs};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// 0
    Done,
    /// 1: partly failed, an invalid query, a case that failed.
    Failed,
    /// 3
    NoMatch,
    /// 4: there is no index yet.
    NotReady,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::SUCCESS,
            Outcome::Failed => Self::from(1),
            Outcome::NoMatch => Self::from(3),
            Outcome::NotReady => Self::from(4),
        }
    }
}

/// The whole program: reads the arguments of this process, does what they say, prints what
/// went wrong as a chain, and gives the exit code.
pub fn main() -> ExitCode {
    match run() {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            note(format_args!("error: {error:#}"));
            ExitCode::from(1)
        }
    }
}

fn run() -> Result<Outcome> {
    // `--help` and mistakes of usage end here, with code 0 or 2.
    let Cli {
        data,
        config,
        command,
    } = Cli::parse();
    let flags = Low {
        data_dir: data,
        ..Low::default()
    };
    let settings = |flags| -> Result<High> { Ok(config::load(flags, config.as_deref())?) };
    match command {
        Command::Reindex(args) => reindex::run(&settings(flags)?, &args),
        Command::Search(args) => search::run(&settings(flags)?, args),
        Command::Read(args) => read::run(&settings(flags)?, args),
        Command::Outline(args) => outline::run(&settings(flags)?, &args),
        Command::Cql(CqlCommand::Check(args)) => cql::check(&args),
        Command::Cql(CqlCommand::Explain(args)) => cql::explain(&settings(flags)?, &args),
        Command::Cql(CqlCommand::Run(args)) => cql::run(&settings(flags)?, &args),
        Command::Cql(CqlCommand::Test(args)) => cql::test(&args),
        Command::Cql(CqlCommand::Fields) => cql::fields(),
        Command::Convert(args) => convert::run(&args),
        Command::Eval(args) => eval::run(&settings(flags)?, &args),
        Command::Bench(command) => bench::run(command, || settings(flags)),
        Command::Status(args) => status::run(&settings(flags)?, &args),
        Command::Serve(args) => {
            let flags = Low {
                listen: args.listen,
                ..flags
            };
            serve::run(&settings(flags)?, &args)
        }
    }
}

/// Opens the data directory of the settings.
fn open_app(settings: &High) -> Result<App> {
    open_app_in(&settings.data_dir, settings)
}

fn open_app_in(dir: &Path, settings: &High) -> Result<App> {
    let options = AppOptions {
        time_zone: settings.time_zone.clone(),
        week_start: settings.week_start,
        ..AppOptions::default()
    };
    App::open(dir, options, Arc::new(SystemClock)).context("cannot open the data directory")
}

/// The data directory of the settings with an index that is what the store has; `None`
/// when nothing was ever read in, which is said.
fn ready_app(settings: &High) -> Result<Option<App>> {
    let app = open_app(settings)?;
    match app.catch_up(&crate::ingest::Unwatched) {
        Ok(Some(said)) => note(format_args!("note: {said}")),
        Ok(None) => {}
        // Another process writes; what serves is still whole.
        Err(error) if error.kind == crate::ports::PortErrorKind::Busy => {}
        Err(error) => return Err(error.into()),
    }
    if app.searcher()?.is_none() {
        note(format_args!(
            "nothing is indexed in {} yet\n\
             hint: `headwater reindex --from PATH` reads a fixture site or a dump",
            settings.data_dir.display()
        ));
        return Ok(None);
    }
    Ok(Some(app))
}

fn identity(view: &ViewArgs) -> Result<Identity> {
    match &view.identity {
        None => Ok(Identity::Service),
        Some(text) => text
            .parse()
            .map_err(|message| anyhow::anyhow!("--as {text}: {message}")),
    }
}

/// A line for the person, on standard error.
fn note(text: impl std::fmt::Display) {
    use std::io::Write;
    // Nobody can be told that standard error is gone.
    let _ = writeln!(std::io::stderr(), "{text}");
}
