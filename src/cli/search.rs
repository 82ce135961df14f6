//! `headwater search`: the same request and answer as over HTTP, printed for people.

use anyhow::Result;

use super::args::{ContextArg, SearchArgs, SearchFormat};
use super::out::{Out, stdout};
use super::{Outcome, identity, note, ready_app};
use crate::config::High;
use crate::search::api::{
    Context, Cutoff, CutoffRule, PassageObject, SearchRequest, SearchResponse, SearchResult,
};

pub(crate) fn run(settings: &High, args: SearchArgs) -> Result<Outcome> {
    let identity = identity(&args.view)?;
    let cutoff = args.cutoff.as_deref().map(cutoff).transpose()?;
    let Some(app) = ready_app(settings)? else {
        return Ok(Outcome::NotReady);
    };
    let request = SearchRequest {
        query: Some(args.query.into()),
        cql: args.cql,
        limit: args.limit,
        max_tokens: args.max_tokens,
        context: args.context.map(context),
        cutoff,
        cursor: args.cursor,
        explain: args.explain.then_some(true),
        dedupe: args.no_dedupe.then_some(false),
        ..SearchRequest::default()
    };
    let answer = match app.search(&request, &identity) {
        Ok(answer) => answer,
        Err(error) => return super::cql::refused(error),
    };
    let mut out = stdout();
    if args.jsonl {
        for passage in answer.results.iter().flat_map(|result| &result.passages) {
            let _ = out.json_line(passage)?;
        }
    } else if args.json || args.format == SearchFormat::Json {
        let _ = out.json(&answer)?;
    } else {
        print(&mut out, &answer)?;
    }
    out.finish()?;
    Ok(if answer.results.is_empty() {
        Outcome::NoMatch
    } else {
        Outcome::Done
    })
}

fn context(context: ContextArg) -> Context {
    match context {
        ContextArg::Passage => Context::Passage,
        ContextArg::Section => Context::Section,
        ContextArg::Document => Context::Document,
    }
}

fn cutoff(text: &str) -> Result<Cutoff> {
    match text {
        "auto" => Ok(Cutoff::Rule(CutoffRule::Auto)),
        "none" => Ok(Cutoff::Rule(CutoffRule::None)),
        number => number
            .parse()
            .map(Cutoff::Floor)
            .map_err(|_| anyhow::anyhow!("--cutoff {text}: expected auto, none or 0 to 1")),
    }
}

/// An answer for people: notices to standard error, results with their citations.
pub(crate) fn print<W: std::io::Write>(out: &mut Out<W>, answer: &SearchResponse) -> Result<()> {
    for notice in &answer.notices {
        note(format_args!("note: {}", notice.message));
    }
    for (number, result) in answer.results.iter().enumerate() {
        let _ = out.line(heading(number + 1, result))?;
        for passage in &result.passages {
            let _ = out.line("")?;
            print_passage(out, passage)?;
        }
        let _ = out.line("")?;
    }
    if let Some(next) = &answer.omitted.next_cursor {
        note(format_args!("more with --cursor {next}"));
    }
    Ok(())
}

fn heading(number: usize, result: &SearchResult) -> String {
    let document = &result.document;
    format!(
        "{number}. {}  {} (score {:.2})",
        document.title, document.id, result.score
    )
}

fn print_passage<W: std::io::Write>(out: &mut Out<W>, passage: &PassageObject) -> Result<()> {
    for line in passage.text.lines() {
        let _ = out.line(format_args!("   {line}"))?;
    }
    let _ = out.line(format_args!(
        "   [{}] {}",
        passage.citation.label, passage.citation.text
    ))?;
    let _ = out.line(format_args!("       {}", passage.citation.url))?;
    Ok(())
}
