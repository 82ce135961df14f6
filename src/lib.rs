//! Headwater.
#![allow(dead_code, unused_imports)]
mod analysis;
mod app;
mod cli;
mod config;
mod cql;
mod export;
mod index;
mod ingest;
mod model;
mod ports;
mod search;
mod server;
mod storage;
mod store;

/// Runs the command line of this process.
pub fn run_cli() -> std::process::ExitCode {
    match cli::run() {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            std::process::ExitCode::from(1)
        }
    }
}
