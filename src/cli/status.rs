//! `headwater status`: what is kept, what is indexed, how the last runs went.

use anyhow::Result;

use super::args::StatusArgs;
use super::out::stdout;
use super::{Outcome, open_app};
use crate::app::Status;
use crate::config::High;

pub(crate) fn run(settings: &High, args: &StatusArgs) -> Result<Outcome> {
    let app = open_app(settings)?;
    let status = app.status()?;
    let mut out = stdout();
    if args.json {
        let _ = out.json(&status)?;
    } else {
        for line in lines(&status) {
            let _ = out.line(line)?;
        }
    }
    out.finish()?;
    Ok(if status.generation.is_some() {
        Outcome::Done
    } else {
        Outcome::NotReady
    })
}

fn lines(status: &Status) -> Vec<String> {
    let mut lines = vec![format!("data directory: {}", status.data_dir)];
    lines.push(match status.generation {
        Some(generation) => format!(
            "index: generation {generation}, {} documents, {}",
            status.documents.iter().map(|(_, count)| count).sum::<u64>(),
            indicatif::BinaryBytes(status.bytes_on_disk)
        ),
        None => "index: none yet; `headwater reindex --from PATH` makes one".to_owned(),
    });
    if status.behind > 0 {
        lines.push(format!(
            "the index is {} changes behind the store",
            status.behind
        ));
    }
    for (kind, count) in &status.documents {
        lines.push(format!("  {kind}: {count}"));
    }
    let aside: u64 = status
        .kept
        .iter()
        .filter(|kept| kept.status != "current")
        .map(|kept| kept.count)
        .sum();
    if aside > 0 {
        lines.push(format!(
            "  kept, not served: {aside} drafts, archived and trashed items"
        ));
    }
    for site in &status.sites {
        lines.push(format!("site {}: {}", site.name, site.base_url));
    }
    for run in &status.runs {
        let counts = run.counts;
        lines.push(format!(
            "run {}: {} {} of {}: {} added, {} updated, {} removed, {} failed",
            run.id.0,
            run.kind,
            serde_json::to_value(run.status)
                .ok()
                .and_then(|status| status.as_str().map(str::to_owned))
                .unwrap_or_default(),
            run.source,
            counts.added,
            counts.updated,
            counts.removed,
            counts.failed
        ));
    }
    for failure in status.failures.iter().take(10) {
        lines.push(format!("failed: {failure}"));
    }
    lines
}
