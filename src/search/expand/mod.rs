//! Filling in: what a page shows of other pages when it is read.
//!
//! A page's own text never holds included pages or computed lists; it holds lines that stand
//! for them. When the page is read, these are filled in from the index, below their lines and
//! in quotes, so that what is not the page's own is told apart to its last line. Everything is
//! found through the asker's reach: what may not be seen is filled in as little as what does
//! not exist, and changes no count.
//!
//! Pages may include each other, so the depth, the number of places and the text that is
//! filled in are bounded; where a bound was hit, the text says so.

mod links;
mod lists;
mod names;
mod params;
mod people;
mod report;
mod target;
mod view;

use std::ops::Range;

use crate::model::{
    DocumentKey, Edge, Excerpt, Fill, GeneratedList, LinkPlace, Record, Transclusion,
    TransclusionKind,
};
use crate::ports::{Fetched, Hit};
use crate::storage::escaped;

use super::api::{Filled, FilledKind, FilledSource};
use super::error::Answer;
use super::flow::Search;
pub(crate) use lists::bare;
pub(crate) use view::View;
use view::{Insertion, Side};

/// Pages that may stand in each other, the one that is read not counted.
const DEEPEST: usize = 3;
/// Bytes of text that are filled in, marks of quotes not counted.
const MOST_TEXT: usize = 64 << 10;
/// Places that are filled in, over all depths; each costs look-ups.
const MOST_PLACES: usize = 100;

/// A document of the index that may be seen.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) hit: Hit,
    pub(crate) document: Fetched,
}

/// A list, computed.
#[derive(Debug, Default)]
struct Listing {
    /// What stands above the entries, such as the head of a table.
    head: Vec<String>,
    /// One line each.
    entries: Vec<String>,
    /// How many there are for the asker; `None` when they were not counted to the end.
    total: Option<u64>,
    /// Entries were left out by a bound of ours, not by the author.
    cut: bool,
}

/// A list, or why there is none.
enum Listed {
    List(Listing),
    /// It cannot be computed here; says why. Depends on nothing but what the author wrote.
    Refused(String),
}

/// Text to fill in, without its marks of quotes.
struct Filling {
    text: String,
    filled: Filled,
}

/// A part of a document that stands open around what is filled in now.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    key: DocumentKey,
    /// Place of the excerpt in the document's record; `None`: all of it.
    excerpt: Option<usize>,
}

/// Fills in one document.
struct Filler<'a, 's> {
    search: &'a Search<'s>,
    /// From the document that is read inwards.
    open: Vec<Piece>,
    text_left: usize,
    places_left: usize,
    links_left: usize,
}

/// What a text asks for.
struct Asked<'r> {
    edges: Vec<&'r Edge>,
    links: Vec<&'r LinkPlace>,
}

impl Search<'_> {
    /// A document with the places filled in that lie in a part of its Markdown.
    pub(super) fn expanded(
        &self,
        hit: &Hit,
        document: &Fetched,
        part: &Range<usize>,
    ) -> Answer<View> {
        let record = self.record(hit)?;
        let inside = |edge: &&Edge| part.start < edge.at && edge.at <= part.end;
        let edges: Vec<&Edge> = record.edges.iter().filter(inside).collect();
        let link =
            |place: &&LinkPlace| part.start <= place.label.start && place.label.end <= part.end;
        let links: Vec<&LinkPlace> = record.link_places.iter().filter(link).collect();
        if edges.is_empty() && links.is_empty() {
            return Ok(View::own(document));
        }
        let row = Row {
            hit: hit.clone(),
            document: document.clone(),
        };
        let mut filler = Filler {
            search: self,
            open: vec![Piece {
                key: hit.key.clone(),
                excerpt: None,
            }],
            text_left: MOST_TEXT,
            places_left: MOST_PLACES,
            links_left: links::MOST,
        };
        let asked = Asked { edges, links };
        let insertions = filler.insertions(&asked, &document.markdown, &row)?;
        Ok(View::new(document, insertions))
    }

    pub(super) fn record(&self, hit: &Hit) -> Answer<Record> {
        let records = self.searcher.records(std::slice::from_ref(hit))?;
        Ok(records.into_iter().next().unwrap_or_default())
    }

    /// `[Title](page:ID)`.
    fn titled(&self, row: &Row) -> String {
        let title = escaped(&row.document.summary.title);
        format!("[{title}]({})", self.destination(row))
    }

    /// The id of a document, as the destination of a link.
    fn destination(&self, row: &Row) -> String {
        let id = self
            .facts
            .sites
            .document_id(&row.hit.key, &row.document.summary)
            .to_string();
        if id.contains([' ', '(', ')', '<', '>']) {
            return format!("<{}>", id.replace(['<', '>'], ""));
        }
        id
    }

    fn source(&self, row: &Row) -> FilledSource {
        let summary = &row.document.summary;
        FilledSource {
            id: self
                .facts
                .sites
                .document_id(&row.hit.key, summary)
                .to_string(),
            title: summary.title.clone(),
            url: summary.url.clone(),
            version: summary.version.number,
        }
    }
}

impl Filler<'_, '_> {
    /// What goes into a text at its places.
    fn insertions(
        &mut self,
        asked: &Asked<'_>,
        markdown: &str,
        here: &Row,
    ) -> Answer<Vec<Insertion>> {
        let mut insertions = self.linked(&asked.links, markdown, here)?;
        for edge in &asked.edges {
            // A record that is damaged must not break the text.
            if !markdown.is_char_boundary(edge.at) {
                continue;
            }
            let bound = self.bound_reached();
            let filling = match bound {
                Some(reason) => Some(stopped(reason)),
                None => self.filling(&edge.fill, here)?,
            };
            if let Some(filling) = filling {
                insertions.push(inserted(edge, filling));
            }
            if bound.is_some() {
                break;
            }
        }
        // A link ends before what stands below its line.
        insertions.sort_by_key(|insertion| (insertion.at, insertion.side));
        Ok(insertions)
    }

    /// The bound that keeps anything more from being filled in.
    fn bound_reached(&self) -> Option<&'static str> {
        if self.text_left == 0 {
            Some("64 KB are filled in already")
        } else if self.places_left == 0 {
            Some("100 places are filled in already")
        } else {
            None
        }
    }

    /// What is filled in at one place; `None` where only the line stays.
    fn filling(&mut self, fill: &Fill, here: &Row) -> Answer<Option<Filling>> {
        self.places_left -= 1;
        match fill {
            Fill::Transclusion(edge) => self.transcluded(edge, here),
            Fill::Generated(list) => self.listed(list, here),
        }
    }

    fn transcluded(&mut self, edge: &Transclusion, here: &Row) -> Answer<Option<Filling>> {
        if self.open.len() > DEEPEST {
            return Ok(None);
        }
        let Some(row) = self.search.target(&edge.target, here)? else {
            return Ok(None);
        };
        let record = self.search.record(&row.hit)?;
        let part = match edge.kind {
            TransclusionKind::Page => Some((
                None,
                row.document.markdown.as_str(),
                (&record.edges, &record.link_places),
            )),
            TransclusionKind::Excerpt => {
                let found = excerpt(&record.excerpts, edge.name.as_deref());
                found.map(|(at, excerpt)| {
                    let asked = (&excerpt.edges, &excerpt.link_places);
                    (Some(at), excerpt.markdown.as_str(), asked)
                })
            }
        };
        let Some((excerpt, markdown, (edges, links))) = part else {
            return Ok(None);
        };
        let (kind, label) = match edge.kind {
            TransclusionKind::Page => (FilledKind::Page, "Included from"),
            TransclusionKind::Excerpt => (FilledKind::Excerpt, "Excerpt from"),
        };
        let mut filled = Filled {
            sources: vec![self.search.source(&row)],
            ..filled(kind)
        };
        let mut text = format!("{label}: {}", self.search.titled(&row));
        let piece = Piece {
            key: row.hit.key.clone(),
            excerpt,
        };
        if self.open.contains(&piece) {
            filled.truncated = true;
            text.push_str("\n\n(not repeated: it includes itself)");
            return Ok(Some(Filling { text, filled }));
        }
        self.open.push(piece);
        let end = self.take(markdown);
        let asked = Asked {
            edges: edges.iter().filter(|edge| edge.at <= end).collect(),
            links: links
                .iter()
                .filter(|place| place.label.end <= end)
                .collect(),
        };
        let deepest = self.open.len() > DEEPEST && !asked.edges.is_empty();
        filled.truncated = end < markdown.len() || deepest;
        let nested = self.insertions(&asked, &markdown[..end], &row);
        self.open.pop();
        let body = spliced(&markdown[..end], nested?, &mut filled);
        if !body.trim().is_empty() {
            text.push_str("\n\n");
            text.push_str(body.trim_end());
        }
        if end < markdown.len() {
            let shown = format!("\n\n(cut: {end} of {} bytes are shown)", markdown.len());
            text.push_str(&shown);
        }
        Ok(Some(Filling { text, filled }))
    }

    fn listed(&mut self, list: &GeneratedList, here: &Row) -> Answer<Option<Filling>> {
        let Some(listed) = self.search.listing(list, here)? else {
            return Ok(None);
        };
        let mut filled = Filled {
            macro_name: Some(list.name.clone()),
            ..filled(FilledKind::List)
        };
        let listing = match listed {
            Listed::List(listing) => listing,
            Listed::Refused(reason) => {
                let text = format!("Not listed here: {}", escaped(&reason));
                filled.truncated = true;
                return Ok(Some(Filling { text, filled }));
            }
        };
        let all = listing.entries.len();
        let mut lines = listing.head;
        let head = lines.len();
        for entry in listing.entries {
            let Some(left) = self.text_left.checked_sub(entry.len() + 1) else {
                self.text_left = 0;
                break;
            };
            self.text_left = left;
            lines.push(entry);
        }
        let shown = lines.len() - head;
        filled.listed = Some(shown as u64);
        filled.total = listing.total;
        filled.truncated = listing.cut || shown < all;
        let count = match listing.total {
            _ if shown == 0 && all == 0 => ": nothing".to_owned(),
            Some(total) if total > shown as u64 => format!(" ({shown} of {total})"),
            None if filled.truncated => format!(" ({shown}, and more)"),
            _ => format!(" ({shown})"),
        };
        let mut text = format!("Listed from the index{count}");
        if shown > 0 {
            text.push_str("\n\n");
            text.push_str(&lines.join("\n"));
        }
        Ok(Some(Filling { text, filled }))
    }

    /// How much of a text may still be filled in; ends with a line unless it is all.
    fn take(&mut self, markdown: &str) -> usize {
        if markdown.len() <= self.text_left {
            self.text_left -= markdown.len();
            return markdown.len();
        }
        let most = markdown.floor_char_boundary(self.text_left);
        self.text_left = 0;
        markdown[..most].rfind('\n').unwrap_or(most)
    }
}

/// An excerpt by its name in any case; without a name the first.
fn excerpt<'e>(excerpts: &'e [Excerpt], name: Option<&str>) -> Option<(usize, &'e Excerpt)> {
    let wanted = |excerpt: &Excerpt| {
        name.is_none_or(|name| {
            let own = excerpt.name.as_deref().unwrap_or_default();
            own.trim().to_lowercase() == name.trim().to_lowercase()
        })
    };
    excerpts
        .iter()
        .enumerate()
        .find(|(_, excerpt)| wanted(excerpt))
}

fn filled(kind: FilledKind) -> Filled {
    Filled {
        start: 0,
        end: 0,
        kind,
        macro_name: None,
        sources: Vec::new(),
        listed: None,
        total: None,
        truncated: false,
    }
}

/// Says that nothing more is filled in.
fn stopped(reason: &str) -> Filling {
    Filling {
        text: format!("Not filled in from here on: {reason}"),
        filled: Filled {
            truncated: true,
            ..filled(FilledKind::List)
        },
    }
}

/// A filling in quotes, below the line that asked for it.
fn inserted(edge: &Edge, filling: Filling) -> Insertion {
    let mut text = format!("\n{}", edge.prefix.trim_end());
    for line in filling.text.lines() {
        let mark = if line.is_empty() { ">" } else { "> " };
        text.push('\n');
        text.push_str(&edge.prefix);
        text.push_str(mark);
        text.push_str(line);
    }
    Insertion {
        at: edge.at,
        side: Side::Below,
        text,
        filled: filling.filled,
    }
}

/// A text with what is filled in inside it; what that is from is noted with the outer one.
fn spliced(markdown: &str, insertions: Vec<Insertion>, outer: &mut Filled) -> String {
    let mut text = String::with_capacity(markdown.len());
    let mut done = 0;
    for insertion in insertions {
        text.push_str(&markdown[done..insertion.at]);
        text.push_str(&insertion.text);
        done = insertion.at;
        outer.truncated |= insertion.filled.truncated;
        // Where links lead is no source of the text.
        let link = insertion.filled.kind == FilledKind::Link;
        let sources = Some(insertion.filled.sources).filter(|_| !link);
        for source in sources.into_iter().flatten() {
            if !outer.sources.contains(&source) {
                outer.sources.push(source);
            }
        }
    }
    text.push_str(&markdown[done..]);
    text
}
