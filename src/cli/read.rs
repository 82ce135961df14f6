//! `headwater read`: a document's text, or all that is known of it.

use anyhow::Result;

use super::args::{ReadArgs, ReadForm};
use super::out::stdout;
use super::{Outcome, identity, note, ready_app};
use crate::config::High;
use crate::search::api::{ReadFormat, ReadRequest};

pub(crate) fn run(settings: &High, args: ReadArgs) -> Result<Outcome> {
    let identity = identity(&args.view)?;
    let Some(app) = ready_app(settings)? else {
        return Ok(Outcome::NotReady);
    };
    let format = match args.format {
        ReadForm::Markdown => ReadFormat::Markdown,
        ReadForm::Text => ReadFormat::Text,
        ReadForm::Json => ReadFormat::Json,
    };
    let request = ReadRequest {
        format: Some(format),
        section: args.section,
        max_tokens: args.max_tokens,
        cursor: args.cursor,
        expand: args.own.then_some(false),
        ..ReadRequest::default()
    };
    let answer = match app.read(&args.id, &request, &identity) {
        Ok(answer) => answer,
        Err(error) => return super::cql::refused(error),
    };
    let mut out = stdout();
    let content = answer.content.as_ref();
    match content
        .and_then(|content| content.text.as_deref())
        .filter(|_| !args.json)
    {
        Some(text) => {
            let _ = out.text(text)?;
            if !text.ends_with('\n') {
                let _ = out.line("")?;
            }
        }
        None => {
            let _ = out.json(&answer)?;
        }
    }
    out.finish()?;
    if let Some(cursor) = content.and_then(|content| content.next_cursor.as_ref()) {
        note(format_args!("more with --cursor {cursor}"));
    }
    Ok(Outcome::Done)
}
