//! The command line as clap reads it.

use std::fmt::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::bench::BenchCommand;

/// Ranked, cited snippets from Confluence, for people and AI services.
#[derive(Debug, Parser)]
#[command(
    name = "headwater",
    version,
    after_help = "Data goes to standard output, everything else to standard error.\n\
    Exit codes: 0 done, 1 error or partly failed, 2 usage, 3 no match, 4 not ready."
)]
pub(crate) struct Cli {
    /// Folder of the store and the index [default: `headwater` in the user's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// File of settings
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read sources into the store and build a new index from it
    Reindex(ReindexArgs),
    /// Find ranked snippets with citations
    Search(SearchArgs),
    /// Print a document
    Read(ReadArgs),
    /// Print the headings of a document
    Outline(OutlineArgs),
    /// Check, explain and run CQL without a site
    #[command(subcommand)]
    Cql(CqlCommand),
    /// Turn a storage format body into Markdown or text
    Convert(ConvertArgs),
    /// Measure the ranking over judged questions, beside plain BM25
    Eval(EvalArgs),
    /// Show what is kept and indexed, and the last runs
    Status(StatusArgs),
    /// Serve the HTTP API and the web page
    Serve(ServeArgs),
    /// Load a server, make large corpora, describe a corpus
    #[command(subcommand)]
    Bench(BenchCommand),
}

/// `reindex`
#[derive(Debug, Args)]
pub(crate) struct ReindexArgs {
    /// Fixture site, REST JSON or JSON Lines, plain, .gz or .zst; absent: rebuild from the store
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub(crate) from: Vec<PathBuf>,
    /// Name of the site, where the source does not say it
    #[arg(long, requires = "from")]
    pub(crate) name: Option<String>,
    /// Build a new index even if nothing changed
    #[arg(long)]
    pub(crate) force: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `search`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(crate) struct SearchArgs {
    /// The question
    pub(crate) query: String,
    /// Narrow the search by a CQL expression
    #[arg(long)]
    pub(crate) cql: Option<String>,
    #[command(flatten)]
    pub(crate) view: ViewArgs,
    /// Most results
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u32>,
    /// Budget for all texts together
    #[arg(long, value_name = "N")]
    pub(crate) max_tokens: Option<u32>,
    /// How much text around a hit
    #[arg(long, value_enum)]
    pub(crate) context: Option<ContextArg>,
    /// Where the list stops: `auto`, `none` or a score from 0 to 1
    #[arg(long, value_name = "RULE")]
    pub(crate) cutoff: Option<String>,
    /// Continue where an earlier answer ended
    #[arg(long)]
    pub(crate) cursor: Option<String>,
    /// Show documents whose best passages are copies of each other one by one
    #[arg(long)]
    pub(crate) no_dedupe: bool,
    /// Shape of the output
    #[arg(long, value_enum, default_value_t = SearchFormat::Text)]
    pub(crate) format: SearchFormat,
    /// The same as `--format json`
    #[arg(long)]
    pub(crate) json: bool,
    /// Print one passage a line, as JSON
    #[arg(long, conflicts_with = "json")]
    pub(crate) jsonl: bool,
    /// Say how each result came about
    #[arg(long)]
    pub(crate) explain: bool,
}

/// Whose view.
#[derive(Debug, Args)]
pub(crate) struct ViewArgs {
    /// On whose behalf: account:ID, email:ADDRESS, username:NAME, anonymous; absent: the service view
    #[arg(long = "as", value_name = "IDENTITY")]
    pub(crate) identity: Option<String>,
}

/// How much of a document a result shows.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ContextArg {
    Passage,
    Section,
    Document,
}

/// Output of `search`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SearchFormat {
    Text,
    Json,
}

/// `read`
#[derive(Debug, Args)]
pub(crate) struct ReadArgs {
    /// A document's id, such as page:4587521
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) view: ViewArgs,
    #[arg(long, value_enum, default_value_t = ReadForm::Markdown)]
    pub(crate) format: ReadForm,
    /// Only this section: a heading, a path joined by ` > `, or an id of the outline
    #[arg(long)]
    pub(crate) section: Option<String>,
    #[arg(long, value_name = "N")]
    pub(crate) max_tokens: Option<u32>,
    #[arg(long)]
    pub(crate) cursor: Option<String>,
    /// Only the document's own text, without included pages, computed lists and links to pages
    #[arg(long)]
    pub(crate) own: bool,
    /// Print the whole answer as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Text form of a document.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ReadForm {
    Markdown,
    Text,
    Json,
}

/// `outline`
#[derive(Debug, Args)]
pub(crate) struct OutlineArgs {
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) view: ViewArgs,
    #[arg(long)]
    pub(crate) json: bool,
}

/// `cql …`
#[derive(Debug, Subcommand)]
pub(crate) enum CqlCommand {
    /// Say what is wrong with a query, and where
    Check(CqlCheckArgs),
    /// Show how a query is read
    Explain(CqlExplainArgs),
    /// Print the ids of what matches, in CQL's order
    Run(CqlRunArgs),
    /// Run case files and count what passed
    Test(CqlTestArgs),
    /// List the fields and functions that are known here
    Fields,
}

/// `cql check`
#[derive(Debug, Args)]
pub(crate) struct CqlCheckArgs {
    #[arg(required_unless_present = "jsonl")]
    pub(crate) cql: Option<String>,
    /// Lines with `cql` in, with `valid`, `errors` and `warnings` out; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "cql")]
    pub(crate) jsonl: Option<PathBuf>,
    #[arg(long)]
    pub(crate) json: bool,
}

/// `cql explain`
#[derive(Debug, Args)]
pub(crate) struct CqlExplainArgs {
    pub(crate) cql: String,
    #[command(flatten)]
    pub(crate) at: CqlContextArgs,
    #[arg(long)]
    pub(crate) json: bool,
}

/// `cql run`
#[derive(Debug, Args)]
pub(crate) struct CqlRunArgs {
    pub(crate) cql: String,
    /// Read this source instead of the data directory
    #[arg(long, value_name = "PATH")]
    pub(crate) from: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) at: CqlContextArgs,
    #[arg(long, value_enum, default_value_t = EngineArg::Tantivy)]
    pub(crate) engine: EngineArg,
    #[arg(long)]
    pub(crate) json: bool,
}

/// Who asks, and when and where it is.
#[derive(Debug, Args)]
pub(crate) struct CqlContextArgs {
    #[command(flatten)]
    pub(crate) view: ViewArgs,
    /// The present moment, such as 2026-10-02T07:00:00Z [default: the clock]
    #[arg(long, value_name = "INSTANT")]
    pub(crate) now: Option<jiff::Timestamp>,
    /// IANA name of the zone in which dates are read [default: the site's, else UTC]
    #[arg(long, value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
}

/// `cql test`
#[derive(Debug, Args)]
pub(crate) struct CqlTestArgs {
    /// Files of cases, one JSON object a line: a query, who asks and when, the ids expected or
    /// the error
    #[arg(required = true)]
    pub(crate) cases: Vec<PathBuf>,
    #[arg(long, value_name = "PATH")]
    pub(crate) from: PathBuf,
    #[arg(long, value_enum, default_value_t = EngineArg::All)]
    pub(crate) engine: EngineArg,
}

/// What evaluates CQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineArg {
    /// Slow and obvious, over the content itself
    Eval,
    /// The index
    Tantivy,
    /// Both, which must agree
    All,
}

/// `convert`
#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// `-` or absent: standard input
    pub(crate) file: Option<PathBuf>,
    /// What the body is written in; absent: what it looks like, storage format or else
    #[arg(long, value_enum, value_name = "REPRESENTATION")]
    pub(crate) from: Option<ConvertFrom>,
    #[arg(long, value_enum, default_value_t = ConvertForm::Markdown)]
    pub(crate) to: ConvertForm,
    /// Lines {"id","storage"} in, results in the same order out
    #[arg(long)]
    pub(crate) jsonl: bool,
    /// Title of the page, for anchors
    #[arg(long, default_value = "")]
    pub(crate) title: String,
    /// List the macros that have a rule of their own, and what each becomes
    #[arg(long, conflicts_with_all = ["file", "jsonl"])]
    pub(crate) macros: bool,
}

/// Input of `convert`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConvertFrom {
    Storage,
    /// The current editor's documents, as JSON
    Adf,
    /// Rendered pages: `view`, `export_view`, HTML exports
    Html,
    Wiki,
}

/// Output of `convert`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConvertForm {
    Markdown,
    Text,
    Json,
}

/// `eval`
#[derive(Debug, Args)]
#[command(after_long_help = EVAL_HELP)]
pub(crate) struct EvalArgs {
    /// Folders of collections: queries.jsonl, qrels.tsv, and corpus.jsonl or corpus.jsonl.gz
    #[arg(required = true, value_name = "DIR")]
    pub(crate) collections: Vec<PathBuf>,
    /// Source of the documents instead of corpus.jsonl; may be given several times, read together
    #[arg(long, value_name = "PATH")]
    pub(crate) from: Vec<PathBuf>,
    /// Depth of nDCG and MRR, and most documents of the served list
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(crate) k: u8,
    /// Which questions count; one that names no split counts for `all` only
    #[arg(long, value_enum, default_value_t = SplitArg::All)]
    pub(crate) split: SplitArg,
    /// Write one line of JSON for each question
    #[arg(long, value_name = "FILE")]
    pub(crate) per_query: Option<PathBuf>,
    /// Compare with what an earlier run wrote by `--per-query`
    #[arg(long, value_name = "FILE")]
    pub(crate) compare: Option<PathBuf>,
    /// Print the figures as JSON: one object for one collection, an array for several
    #[arg(long)]
    pub(crate) json: bool,
}

/// Part of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SplitArg {
    Calibrate,
    Report,
    All,
}

const EVAL_HELP: &str = "\
Files of a collection:
  queries.jsonl    {\"id\",\"text\"} a line; `kind`, `lang`, `split` (calibrate or report) and `as`
                   (on whose behalf) may be there
  qrels.tsv        query id, document id, grade, with tabs between; ids of a source may be
                   written 4587521 or page:4587521
  corpus.jsonl     {\"id\",\"title\",\"text\"} a line, plain text; also corpus.jsonl.gz
  collection.json  {\"name\",\"from\"}: without a corpus, the source relative to the folder

Figures are means over the questions that have a relevant document. nDCG has linear gain.
none_right: share of the other questions whose list is rightly empty. none_wrong: share of the
questions with an answer whose list is empty. precision_cut: of the list as it is served.
p: paired randomisation test, two-sided.";

/// `status`
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[arg(long)]
    pub(crate) json: bool,
}

/// `serve`
#[derive(Debug, Args)]
#[command(after_long_help = settings_help())]
pub(crate) struct ServeArgs {
    /// Loopback address and port [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    /// Serve the made-up example site from a throw-away data directory
    #[arg(long)]
    pub(crate) demo: bool,
}

/// What the file of settings and the environment may say.
fn settings_help() -> String {
    let mut help = String::from("Settings, as keys of the TOML file and as variables:\n");
    for setting in crate::config::SETTINGS {
        let _ = write!(
            help,
            "\n  {}, {}\n   {}\n",
            setting.name, setting.variable, setting.doc
        );
    }
    help
}
