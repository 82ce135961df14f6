//! A collection's figures for people.

use std::fmt::Write;

use crate::eval::{Comparison, Figures, Paired, Report};

/// Width of the first column.
const NAMES: usize = 18;
/// Width of the others.
const CELL: usize = 11;

pub(crate) fn table(report: &Report) -> String {
    let mut out = String::new();
    let Report {
        collection,
        documents,
        queries,
        answerable,
        k,
        ..
    } = report;
    line(
        &mut out,
        format_args!(
            "{collection}: {documents} documents, {queries} questions, {answerable} of them with an answer"
        ),
    );
    let heads = [
        format!("ndcg@{k}"),
        "recall@5".to_owned(),
        "recall@10".to_owned(),
        "recall@100".to_owned(),
        format!("mrr@{k}"),
        "p50 ms".to_owned(),
        "p99 ms".to_owned(),
    ];
    row(&mut out, "", &heads);
    let times = |p50: Option<f64>, p99: Option<f64>| [p50, p99].map(|ms| number(ms, 2));
    let ours = times(report.p50_ms, report.p99_ms);
    row(&mut out, "headwater", &cells(&report.figures, &ours));
    let baseline = &report.baseline;
    let theirs = times(baseline.p50_ms, baseline.p99_ms);
    row(&mut out, "plain BM25", &cells(&baseline.figures, &theirs));
    let against = &report.against_baseline;
    differences(&mut out, "  difference", against.ndcg, against.mrr);
    if let Some(earlier) = &report.against_earlier {
        compared(&mut out, earlier);
    }
    served(&mut out, report);
    for (name, groups) in &report.groups {
        for (value, group) in groups {
            let label = format!("{name} {value}");
            let count = [format!("{} q", group.queries)];
            row(&mut out, &label, &cells(&group.figures, &count));
        }
    }
    out.push('\n');
    out
}

fn served(out: &mut String, report: &Report) {
    let empty = |share: Option<f64>, of: usize, what: &str| {
        let share = share.map(|share| (share * of as f64).round());
        share.map_or_else(String::new, |count| {
            format!("; empty for {count} of {of} {what}")
        })
    };
    line(
        out,
        format_args!(
            "  served list: {} documents, precision {}{}{}",
            number(report.served, 1),
            number(report.precision_cut, 3),
            empty(
                report.none_wrong,
                report.answerable,
                "with an answer (wrong)"
            ),
            empty(report.none_right, report.unanswerable, "without (right)"),
        ),
    );
    if report.unknown_queries + report.unknown_documents + report.failed > 0 {
        line(
            out,
            format_args!(
                "  left aside: {} judgements of unknown queries, {} of documents that are not there; {} questions refused",
                report.unknown_queries, report.unknown_documents, report.failed
            ),
        );
    }
}

fn compared(out: &mut String, earlier: &Comparison) {
    let before = Figures {
        ndcg: earlier.ndcg_before,
        mrr: earlier.mrr_before,
        ..Figures::default()
    };
    let label = format!("earlier ({} q)", earlier.queries);
    row(out, &label, &cells(&before, &[]));
    let now = &earlier.differences;
    differences(out, "  difference", now.ndcg, now.mrr);
    if earlier.unmatched > 0 {
        let unmatched = earlier.unmatched;
        line(
            out,
            format_args!("  {unmatched} questions are not in the earlier run"),
        );
    }
}

fn differences(out: &mut String, label: &str, ndcg: Paired, mrr: Paired) {
    let apart = |show: fn(Paired) -> String| {
        let nothing = String::new;
        [show(ndcg), nothing(), nothing(), nothing(), show(mrr)]
    };
    row(out, label, &apart(|p| format!("{:+.4}", p.difference)));
    row(out, "  p", &apart(|p| format!("{:.4}", p.p)));
    let counts = |p: Paired| format!("{}/{}/{}", p.wins, p.losses, p.ties);
    row(out, "  won/lost/tied", &apart(counts));
}

fn cells(figures: &Figures, more: &[String]) -> Vec<String> {
    let Figures {
        ndcg,
        recall_5,
        recall_10,
        recall_100,
        mrr,
    } = *figures;
    let figures = [ndcg, recall_5, recall_10, recall_100, mrr];
    let figures = figures.map(|figure| number(figure, 4));
    figures.into_iter().chain(more.iter().cloned()).collect()
}

fn number(value: Option<f64>, places: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.places$}"))
}

fn row(out: &mut String, name: &str, cells: &[String]) {
    let mut text = format!("  {name:NAMES$}");
    for cell in cells {
        let _ = write!(text, "{cell:>CELL$}");
    }
    line(out, format_args!("{}", text.trim_end()));
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = writeln!(out, "{text}");
}
