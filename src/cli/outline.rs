//! `headwater outline`: the headings of a document with their ids.

use anyhow::Result;

use super::args::OutlineArgs;
use super::out::stdout;
use super::{Outcome, identity, ready_app};
use crate::config::High;

pub(crate) fn run(settings: &High, args: &OutlineArgs) -> Result<Outcome> {
    let identity = identity(&args.view)?;
    let Some(app) = ready_app(settings)? else {
        return Ok(Outcome::NotReady);
    };
    let answer = match app.outline(&args.id, &identity) {
        Ok(answer) => answer,
        Err(error) => return super::cql::refused(error),
    };
    let mut out = stdout();
    if args.json {
        let _ = out.json(&answer)?;
    } else {
        for heading in &answer.headings {
            let indent = "  ".repeat(usize::from(heading.level.saturating_sub(1)));
            let _ = out.line(format_args!("{indent}{}  [{}]", heading.text, heading.id))?;
        }
    }
    out.finish()?;
    Ok(Outcome::Done)
}
