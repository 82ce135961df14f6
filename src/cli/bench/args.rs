//! Arguments of `headwater bench`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `bench …`
#[derive(Debug, Subcommand)]
pub(crate) enum BenchCommand {
    /// Ask a server many questions and say how long its answers took
    Load(LoadArgs),
    /// Make a larger corpus out of a corpus, for measuring alone: sections move between pages,
    /// whoever may view those
    Multiply(MultiplyArgs),
    /// Say what a corpus is made of
    Corpus(CorpusArgs),
}

/// `bench load`
#[derive(Debug, Args)]
pub(crate) struct LoadArgs {
    /// Address of a running server [default: one is started over the data directory]
    #[arg(long, value_name = "URL", conflicts_with = "from")]
    pub(crate) url: Option<String>,
    /// Start a server over this source, in a throw-away data directory
    #[arg(long, value_name = "PATH")]
    pub(crate) from: Option<PathBuf>,
    /// Questions, one a line: plain, or JSON with `text` or `query` [default: titles of `--from`]
    #[arg(long, value_name = "FILE", required_unless_present_any = ["query", "from"])]
    pub(crate) queries: Option<PathBuf>,
    /// A question; may be repeated
    #[arg(long, value_name = "TEXT")]
    pub(crate) query: Vec<String>,
    /// Closed loop: so many workers, each asking as soon as it is answered
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) workers: u32,
    /// Open loop instead: so many requests a second, whether or not earlier ones are answered
    #[arg(long, value_name = "PER_SECOND", conflicts_with = "workers", value_parser = positive)]
    pub(crate) rate: Option<f64>,
    /// How long to ask, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = positive)]
    pub(crate) duration: f64,
    /// Stop after so many requests
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) requests: Option<u64>,
    /// Requests before the clock starts
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) warmup: u64,
    /// Results a request asks for
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=50))]
    pub(crate) limit: u32,
    /// On whose behalf, as in `search --as`
    #[arg(long = "as", value_name = "IDENTITY")]
    pub(crate) identity: Option<String>,
    /// Process of the server, for its CPU and memory [default: found by its port on this machine]
    #[arg(long, value_name = "PID")]
    pub(crate) pid: Option<u32>,
    #[arg(long)]
    pub(crate) json: bool,
}

/// `bench multiply`
#[derive(Debug, Args)]
pub(crate) struct MultiplyArgs {
    /// Pages to recombine: a dump or a fixture site
    #[arg(long, value_name = "PATH")]
    pub(crate) from: PathBuf,
    /// Pages to make
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub(crate) count: u64,
    /// JSON Lines, packed where the name ends in .zst or .gz; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// The same seed makes the same pages
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Print what was made as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `bench corpus`
#[derive(Debug, Args)]
pub(crate) struct CorpusArgs {
    /// A dump or a fixture site
    #[arg(long, value_name = "PATH")]
    pub(crate) from: PathBuf,
    #[arg(long)]
    pub(crate) json: bool,
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(number),
        _ => Err("a number above 0 is needed".to_owned()),
    }
}
