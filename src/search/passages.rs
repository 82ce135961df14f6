//! Which parts of a document are shown, and how a shown part is cited.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::analysis::estimate::est_tokens;
use crate::model::{DocumentKey, Lang};
use crate::ports::Fetched;

use super::api::{Context, OffsetUnit, PassageObject, Truncated};
use super::cite::{self, Sites};
use super::cursor::content_hash;
use super::filter::Kinds;
use super::words::{Analyzers, Wanted};
use super::{cut, marks, offsets, sections};

/// A part of a document's Markdown, chosen to be shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piece {
    /// Number of the passage within the document.
    pub(crate) number: u32,
    pub(crate) range: Range<usize>,
    /// Header rows that are repeated before it.
    pub(crate) table_header: Option<Range<usize>>,
    pub(crate) heading: Option<u32>,
    pub(crate) kind: &'static str,
    /// Relevance beside the other pieces of the document, 0 to 1.
    pub(crate) relevance: f64,
    pub(crate) truncated: Option<Truncated>,
    pub(crate) est_tokens: u32,
}

/// How pieces are shown.
pub(crate) struct Showing<'a> {
    pub(crate) sites: &'a Sites,
    pub(crate) unit: OffsetUnit,
    /// Plain terms whose words are highlighted.
    pub(crate) wanted: Wanted<'a>,
    pub(crate) analyzers: &'a Analyzers,
}

impl Showing<'_> {
    /// Ranges of the words of the question.
    fn matched(&self, text: &str, lang: Lang) -> Vec<Range<usize>> {
        self.analyzers
            .with(|analyzer| marks::highlights(analyzer, text, lang, &self.wanted))
    }
}

/// The pieces of a document that its best passages mean, best first. Without any, the
/// beginning of the document stands for it.
pub(crate) fn pieces(
    document: &Fetched,
    best: &[(u32, f32)],
    context: Context,
    kinds: Option<&Kinds>,
    most: usize,
) -> Vec<Piece> {
    let admitted = |number: u32| {
        let passage = document.summary.passages.get(number as usize);
        passage.is_some_and(|p| kinds.is_none_or(|kinds| kinds.admits(p.kind)))
    };
    let mut best: Vec<(u32, f32)> = best.iter().copied().filter(|b| admitted(b.0)).collect();
    if best.is_empty() {
        let count = u32::try_from(document.summary.passages.len()).unwrap_or(u32::MAX);
        best.extend((0..count).find(|n| admitted(*n)).map(|first| (first, 1.0)));
    }
    let top = best.first().map_or(1.0, |b| b.1).max(f32::MIN_POSITIVE);
    let mut pieces: Vec<Piece> = Vec::new();
    for (number, score) in best {
        let relevance = f64::from((score / top).clamp(0.0, 1.0));
        let Some(piece) = piece(document, number, context, relevance) else {
            continue;
        };
        // Passages of one section or document are shown once, at the best one's place.
        let inside = |other: &Piece| {
            other.range.start <= piece.range.start && piece.range.end <= other.range.end
        };
        if pieces.len() < most && !pieces.iter().any(inside) {
            pieces.push(piece);
        }
    }
    pieces
}

/// The passages right before and after those shown that are not shown themselves, in the
/// order of the document.
pub(crate) fn neighbors(document: &Fetched, shown: &[Piece]) -> Vec<Piece> {
    let beside = |piece: &Piece| [piece.number.checked_sub(1), piece.number.checked_add(1)];
    let numbers: BTreeSet<u32> = shown.iter().flat_map(beside).flatten().collect();
    let new = |piece: &Piece| {
        let apart = |other: &Piece| {
            piece.range.end <= other.range.start || other.range.end <= piece.range.start
        };
        shown.iter().all(apart)
    };
    let pieces = numbers
        .into_iter()
        .filter_map(|n| piece(document, n, Context::Passage, 0.0));
    pieces.filter(new).collect()
}

/// A passage with as much around it as the context asks for.
fn piece(document: &Fetched, number: u32, context: Context, relevance: f64) -> Option<Piece> {
    let passage = document.summary.passages.get(number as usize)?;
    let wide = match context {
        Context::Passage => None,
        Context::Section => Some(sections::around(document, passage.heading)),
        Context::Document => Some(0..document.markdown.len()),
    };
    let own = trimmed(&document.markdown, passage.markdown.clone())?;
    let range = wide.and_then(|wide| trimmed(&document.markdown, wide));
    let table_header = match range {
        None => passage
            .table_header
            .clone()
            .and_then(|header| with_line_end(&document.markdown, header)),
        Some(_) => None,
    };
    let mut piece = Piece {
        number,
        range: range.unwrap_or(own),
        table_header,
        heading: passage.heading,
        kind: passage.kind,
        relevance,
        truncated: None,
        est_tokens: 0,
    };
    piece.est_tokens = est_tokens(&piece.text(document));
    Some(piece)
}

impl Piece {
    /// What is shown.
    pub(crate) fn text(&self, document: &Fetched) -> String {
        let header = self.table_header.clone().unwrap_or(0..0);
        format!(
            "{}{}",
            &document.markdown[header],
            &document.markdown[self.range.clone()]
        )
    }

    /// This piece in at most `budget` tokens: less around the passage, or else its
    /// beginning; nothing when there is no place to cut.
    pub(crate) fn within(&self, document: &Fetched, budget: u32) -> Option<Self> {
        if self.est_tokens <= budget {
            return Some(self.clone());
        }
        let narrower = [Context::Section, Context::Passage];
        let narrower = narrower
            .into_iter()
            .filter_map(|context| piece(document, self.number, context, self.relevance))
            .filter(|less| less.range.len() < self.range.len());
        let mut last = self.clone();
        for mut less in narrower {
            less.truncated = truncation(&self.range, &less.range);
            if less.est_tokens <= budget {
                return Some(less);
            }
            last = less;
        }
        last.beginning(document, budget)
    }

    fn beginning(mut self, document: &Fetched, budget: u32) -> Option<Self> {
        let header = self.table_header.clone().unwrap_or(0..0);
        let left = budget.checked_sub(est_tokens(&document.markdown[header]))?;
        let end = cut::passage_end(&document.markdown, &document.units, &self.range, left)?;
        self.range = trimmed(&document.markdown, self.range.start..end)?;
        self.truncated = Some(match self.truncated {
            Some(Truncated::Head | Truncated::Both) => Truncated::Both,
            _ => Truncated::Tail,
        });
        self.est_tokens = est_tokens(&self.text(document));
        (self.est_tokens <= budget).then_some(self)
    }
}

fn truncation(whole: &Range<usize>, part: &Range<usize>) -> Option<Truncated> {
    match (whole.start < part.start, part.end < whole.end) {
        (true, true) => Some(Truncated::Both),
        (true, false) => Some(Truncated::Head),
        (false, true) => Some(Truncated::Tail),
        (false, false) => None,
    }
}

/// Without line breaks at either end; nothing when nothing is left, or when the range is not of
/// this text, as after damage.
fn trimmed(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let inside = text.get(range.clone())?;
    let end = range.start + inside.trim_end().len();
    let start = range.start + (inside.len() - inside.trim_start_matches(['\n', '\r']).len());
    (start < end).then_some(start..end)
}

/// Header rows with the line break behind them, so that rows can follow.
fn with_line_end(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let rows = text.get(range.clone())?;
    let broken = rows.ends_with('\n') || !text[range.end..].starts_with('\n');
    Some(range.start..range.end + usize::from(!broken))
}

/// A piece with everything that a citation needs.
pub(crate) fn passage_object(
    showing: &Showing<'_>,
    key: &DocumentKey,
    document: &Fetched,
    piece: &Piece,
    rank: u32,
) -> PassageObject {
    let summary = &document.summary;
    let text = piece.text(document);
    let ranges = showing.matched(&text, summary.language);
    let anchor = cite::anchor(summary, piece.heading);
    let deep_url = cite::deep_url(&summary.url, &anchor);
    let span = |range: &Range<usize>| offsets::span(&document.markdown, range, showing.unit);
    PassageObject {
        rank,
        id: showing.sites.passage_id(key, summary, piece.number),
        document_id: showing.sites.document_id(key, summary).to_string(),
        r#type: summary.kind.to_string(),
        title: summary.title.clone(),
        heading_path: sections::path_texts(summary, piece.heading),
        format: "markdown".to_owned(),
        kind: piece.kind.to_owned(),
        highlights: offsets::highlights(&text, &ranges, showing.unit),
        span: span(&piece.range),
        table_header: piece.table_header.as_ref().map(span),
        truncated: piece.truncated,
        url: summary.url.clone(),
        citation: cite::citation(summary, piece.heading, rank, &deep_url),
        deep_url,
        anchor,
        space: cite::short_space(summary),
        ancestors: cite::ancestors(summary),
        version: summary.version.number,
        updated_at: cite::updated_at(summary),
        labels: cite::labels(summary),
        score: 0.0,
        est_tokens: piece.est_tokens,
        content_hash: content_hash(&text),
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::testing::document;

    const PAGE: &str = "# Ice rules\n\nA sailing is cancelled at 9 cm. Always.\n\nGauges stand at the pier.\n\n# Contacts\n\nCall the harbour.\n";

    fn shown(document: &Fetched, piece: &Piece) -> (String, Option<Truncated>) {
        (piece.text(document), piece.truncated)
    }

    #[test]
    fn context_widens_and_merges() {
        let document = document("1", "Winter", PAGE);
        let best = [(1, 2.0), (0, 1.0), (2, 1.0)];
        let texts = |context| -> Vec<String> {
            let pieces = pieces(&document, &best, context, None, 3);
            pieces.iter().map(|p| p.text(&document)).collect()
        };
        assert_eq!(texts(Context::Passage).len(), 3);
        assert_eq!(texts(Context::Passage)[0], "Gauges stand at the pier.");
        let sections = texts(Context::Section);
        assert_eq!(sections.len(), 2);
        assert!(sections[0].starts_with("# Ice rules") && sections[0].ends_with("pier."));
        assert_eq!(texts(Context::Document), [PAGE.trim_end()]);
    }

    #[test]
    fn a_piece_gives_up_its_surroundings_before_it_is_cut() {
        let document = document("1", "Winter", PAGE);
        let whole = &pieces(&document, &[(0, 1.0)], Context::Document, None, 3)[0];
        let within = |budget| {
            whole
                .within(&document, budget)
                .map(|p| shown(&document, &p))
        };
        let (section, cut) = within(whole.est_tokens - 1).unwrap();
        assert!(section.ends_with("pier.") && cut == Some(Truncated::Tail));
        let passage = "A sailing is cancelled at 9 cm. Always.".to_owned();
        assert_eq!(within(14), Some((passage, Some(Truncated::Both))));
        let sentence = "A sailing is cancelled at 9 cm.".to_owned();
        assert_eq!(within(11), Some((sentence, Some(Truncated::Both))));
        assert_eq!(within(0), None);
    }

    #[test]
    fn rows_below_the_header_repeat_it() {
        let markdown = "| Pier | Gauge |\n| --- | --- |\n| North | 4 cm |\n| South | 9 cm |";
        let mut document = document("1", "T", markdown);
        let header = markdown.find("| North").unwrap() - 1;
        let passage = &mut document.summary.passages[0];
        passage.markdown = markdown.find("| South").unwrap()..markdown.len();
        passage.table_header = Some(0..header);
        let piece = &pieces(&document, &[(0, 1.0)], Context::Passage, None, 1)[0];
        let sites = Sites::default();
        let words = crate::search::words::positions("south gauge");
        let showing = Showing {
            sites: &sites,
            unit: OffsetUnit::Byte,
            analyzers: &Analyzers::default(),
            wanted: Wanted::new(
                words
                    .iter()
                    .flat_map(|p| p.plain.iter().map(String::as_str)),
            ),
        };
        let key = DocumentKey::new(crate::model::SiteId(1), document.summary.id.clone());
        let object = passage_object(&showing, &key, &document, piece, 1);
        assert_eq!(
            object.text,
            "| Pier | Gauge |\n| --- | --- |\n| South | 9 cm |"
        );
        let header = object.table_header.unwrap();
        let rows = &markdown[object.span.start..object.span.end];
        assert_eq!(
            object.text,
            format!("{}{rows}", &markdown[header.start..header.end])
        );
        let marked: Vec<_> = object
            .highlights
            .iter()
            .map(|h| &object.text[h.start..h.end])
            .collect();
        assert_eq!(marked, ["Gauge", "South"]);
    }
}
