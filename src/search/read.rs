//! From an id to text: the document object, a part of its text, its outline.
//!
//! The Markdown of the index is what citations count in, so that is what is read. Other forms
//! are made from the kept source, and only while it is the indexed version; otherwise the
//! answer would mix two versions.

use std::ops::Range;

use crate::analysis::estimate::est_tokens;
use crate::model::{ContentId, DocumentKey, PublicId};
use crate::ports::{Fetched, Hit, PortResult};

use super::address::{self, Address};
use super::api::{
    Content, DocumentResponse, ESTIMATOR, FieldError, OffsetUnit, OutlineHeading, OutlineResponse,
    ReadFormat, ReadRequest, Truncated,
};
use super::cite;
use super::cursor::{ANY_GENERATION, Binding, Cursor};
use super::error::{Answer, SearchError};
use super::expand::View;
use super::flow::Search;
use super::input::{self, ReadOptions};
use super::{cut, offsets, sections};

/// The kept source of documents, for forms that the index does not hold.
pub(crate) trait Originals {
    /// The source of a document, if it is kept.
    fn original(&self, key: &DocumentKey) -> PortResult<Option<Original>>;
}

/// A document's source and what conversion makes of it.
#[derive(Debug, Clone)]
pub(crate) struct Original {
    /// Version of the content that the source is of.
    pub(crate) version: u32,
    /// `storage`, `adf`, `wiki`, `html`.
    pub(crate) representation: String,
    pub(crate) source: String,
    pub(crate) text: String,
    /// The block tree.
    pub(crate) body: serde_json::Value,
}

/// A document that may be seen.
pub(super) struct Opened {
    pub(super) id: PublicId,
    pub(super) hit: Hit,
    pub(super) document: Fetched,
}

impl Search<'_> {
    /// A document, with text when a form, a part or a budget is asked for.
    pub(crate) fn read(
        &self,
        id: &str,
        request: &ReadRequest,
        originals: &dyn Originals,
    ) -> Answer<DocumentResponse> {
        let mut errors = Vec::new();
        let options = input::read_options(request, &mut errors);
        if !errors.is_empty() {
            return Err(SearchError::Invalid(errors));
        }
        let opened = self.open(id)?;
        let summary = &opened.document.summary;
        let document = cite::document_object(&self.facts.sites, &opened.hit.key, summary);
        let content = match (wants_text(request), options.format) {
            (false, _) => None,
            (true, ReadFormat::Markdown) => Some(self.markdown(&opened, request, &options)?),
            (true, _) => Some(other(&opened, request, &options, originals)?),
        };
        Ok(DocumentResponse { document, content })
    }

    /// The headings of a document.
    pub(crate) fn outline(&self, id: &str) -> Answer<OutlineResponse> {
        let opened = self.open(id)?;
        let document = &opened.document;
        let summary = &document.summary;
        Ok(OutlineResponse {
            id: opened.id.to_string(),
            title: summary.title.clone(),
            url: summary.url.clone(),
            version: summary.version.number,
            updated_at: cite::updated_at(summary),
            est_tokens: summary.est_tokens,
            headings: outline_headings(document),
            index: self.index_state(),
        })
    }

    /// Finds the row of an id. Missing, invisible and of another type look the same.
    pub(super) fn open(&self, text: &str) -> Answer<Opened> {
        let not_found = || SearchError::NotFound(text.to_owned());
        let address = Address::parse(text);
        let (id, hit) = if let Some(address) = &address {
            self.addressed(address)?.ok_or_else(not_found)?
        } else {
            let id: PublicId = text.parse().map_err(|_| not_found())?;
            let hit = self.row(&id)?.ok_or_else(not_found)?;
            (id, hit)
        };
        let fetched = self.searcher.fetch(std::slice::from_ref(&hit))?;
        let document = fetched.into_iter().next().ok_or_else(not_found)?;
        let summary = &document.summary;
        if id.kind.as_ref().is_some_and(|kind| *kind != summary.kind) {
            return Err(not_found());
        }
        if address.is_some() && !address::same_server(text, &summary.url) {
            return Err(not_found());
        }
        let public = self.facts.sites.document_id(&hit.key, summary);
        match id.version {
            Some(asked) if asked != summary.version.number => Err(SearchError::VersionNotKept {
                id: public.to_string(),
                asked,
                kept: summary.version.number,
            }),
            _ => Ok(Opened {
                id: public,
                hit,
                document,
            }),
        }
    }

    /// Finds the row of a URL of the site.
    fn addressed(&self, address: &Address) -> Answer<Option<(PublicId, Hit)>> {
        let bare = |id| PublicId {
            site: None,
            kind: None,
            id,
            version: None,
            passage: None,
        };
        match address {
            Address::Id(id) => {
                // An attachment is named without its prefix in some links.
                let attachment = ContentId::new(format!("att{id}"));
                for id in [id.clone(), attachment] {
                    let id = bare(id);
                    if let Some(hit) = self.row(&id)? {
                        return Ok(Some((id, hit)));
                    }
                }
                Ok(None)
            }
            Address::Title { space, title } => {
                let query = self.reach.query(None, Address::filter(space, title));
                let found = self
                    .searcher
                    .list(&query, &[], 0, 1)?
                    .hits
                    .into_iter()
                    .next();
                Ok(found.map(|hit| (bare(hit.key.id.clone()), hit)))
            }
        }
    }

    fn row(&self, id: &PublicId) -> Answer<Option<Hit>> {
        for site in self.facts.sites.meant_by(id) {
            let key = DocumentKey::new(site, id.id.clone());
            if let Some(hit) = self.reach.find(self.searcher, &key)? {
                return Ok(Some(hit));
            }
        }
        Ok(None)
    }
}

impl Search<'_> {
    /// The Markdown of a part, with included pages and computed lists filled in.
    fn markdown(
        &self,
        opened: &Opened,
        request: &ReadRequest,
        options: &ReadOptions,
    ) -> Answer<Content> {
        let part = part(opened, request, options)?;
        // A window of the document's own offsets is read to see what stands there.
        let window = request.lines.is_some() || request.span.is_some();
        let view = if request.expand.unwrap_or(!window) {
            self.expanded(&opened.hit, &opened.document, &part)?
        } else {
            View::own(&opened.document)
        };
        markdown(opened, &view, request, options, &part)
    }
}

fn wants_text(request: &ReadRequest) -> bool {
    *request
        != ReadRequest {
            offset_unit: request.offset_unit,
            ..ReadRequest::default()
        }
}

/// The part of the Markdown that a request means.
fn part(opened: &Opened, request: &ReadRequest, options: &ReadOptions) -> Answer<Range<usize>> {
    let document = &opened.document;
    let markdown = document.markdown.as_str();
    let mut errors = Vec::new();
    let mut window = |pointer, text: &Option<String>| {
        let text = text.as_ref()?;
        input::window(pointer, text, &mut errors)
    };
    let lines = window("/lines", &request.lines);
    let span = window("/span", &request.span);
    if !errors.is_empty() {
        return Err(SearchError::Invalid(errors));
    }
    if let Some((first, last)) = lines {
        return Ok(offsets::line_range(markdown, first.max(1), last));
    }
    if let Some((start, end)) = span {
        let byte = |offset| offsets::byte_of(markdown, offset, options.unit);
        return Ok(byte(start)..byte(end));
    }
    let Some(section) = &request.section else {
        return Ok(0..markdown.len());
    };
    let heading = sections::find(&document.summary, section);
    let range = heading.map(|heading| sections::around(document, Some(heading)));
    range.ok_or_else(|| SearchError::NoSection {
        id: opened.id.to_string(),
        section: section.clone(),
    })
}

fn markdown(
    opened: &Opened,
    view: &View,
    request: &ReadRequest,
    options: &ReadOptions,
    own: &Range<usize>,
) -> Answer<Content> {
    let document = &opened.document;
    let part = view.of_own(own.start)..view.of_own(own.end);
    let begin = begin(&view.text, opened, request, &part)?;
    let rest = begin..part.end;
    let end = cut::page_end(&view.text, &view.units, &rest, options.max_tokens);
    let own = view.to_own(begin)..view.to_own(end);
    let page = Page {
        whole: &view.text,
        part,
        range: begin..end,
    };
    let heading = document
        .units
        .iter()
        .find(|unit| unit.markdown.end > own.start)
        .and_then(|unit| unit.heading);
    Ok(Content {
        span: Some(offsets::span(&document.markdown, &own, options.unit)),
        filled: view.filled(&page.range, options.unit),
        heading_path: sections::path_texts(&document.summary, heading),
        ..page.content(request, options)
    })
}

/// Text and block tree, and the source as it was read. Only text is given in pages; a tree
/// that is cut is none.
fn other(
    opened: &Opened,
    request: &ReadRequest,
    options: &ReadOptions,
    originals: &dyn Originals,
) -> Answer<Content> {
    let unavailable = |format| SearchError::FormatUnavailable {
        id: opened.id.to_string(),
        format,
    };
    let name = match options.format {
        ReadFormat::Markdown => "markdown",
        ReadFormat::Text => "text",
        ReadFormat::Json => "json",
        ReadFormat::Storage => "storage",
    };
    let original = originals.original(&opened.hit.key)?;
    let version = opened.document.summary.version.number;
    let original = original
        .filter(|original| original.version == version)
        .ok_or_else(|| unavailable(name))?;
    if options.format == ReadFormat::Json {
        return tree(original.body, opened, request, options);
    }
    let (whole, representation) = match options.format {
        ReadFormat::Storage => (original.source, Some(original.representation)),
        _ => (original.text, None),
    };
    let part = 0..whole.len();
    let begin = begin(&whole, opened, request, &part)?;
    let end = cut::page_end(&whole, &[], &(begin..part.end), options.max_tokens);
    let page = Page {
        whole: &whole,
        part,
        range: begin..end,
    };
    Ok(Content {
        representation,
        ..page.content(request, options)
    })
}

/// The whole block tree, if it fits; a tree cannot be cut without being another one.
fn tree(
    body: serde_json::Value,
    opened: &Opened,
    request: &ReadRequest,
    options: &ReadOptions,
) -> Answer<Content> {
    let est_tokens = est_tokens(&body.to_string());
    if est_tokens > options.max_tokens {
        return Err(SearchError::TooLarge {
            id: opened.id.to_string(),
            est_tokens,
            max_tokens: options.max_tokens,
        });
    }
    let page = Page {
        whole: "",
        part: 0..0,
        range: 0..0,
    };
    Ok(Content {
        text: None,
        body: Some(body),
        est_tokens,
        ..page.content(request, options)
    })
}

/// A page of a part of a text.
struct Page<'a> {
    whole: &'a str,
    part: Range<usize>,
    range: Range<usize>,
}

impl Page<'_> {
    fn content(&self, request: &ReadRequest, options: &ReadOptions) -> Content {
        let next_cursor = (self.range.end < self.part.end).then(|| {
            let cursor = Cursor {
                generation: ANY_GENERATION,
                binding: binding(self.whole, request),
                place: self.range.end as u64,
                passages: 0,
            };
            cursor.to_string()
        });
        let before = self.part.start < self.range.start;
        let truncated = match (before, self.range.end < self.part.end) {
            (false, false) => None,
            (true, false) => Some(Truncated::Head),
            (false, true) => Some(Truncated::Tail),
            (true, true) => Some(Truncated::Both),
        };
        let text = self.whole[self.range.clone()].to_owned();
        Content {
            format: options.format,
            est_tokens: est_tokens(&text),
            text: Some(text),
            body: None,
            representation: None,
            span: None,
            filled: Vec::new(),
            heading_path: Vec::new(),
            truncated,
            max_tokens: options.max_tokens,
            estimator: ESTIMATOR.to_owned(),
            next_cursor,
        }
    }
}

/// Where the page begins: at the cursor, or at the beginning of the part.
fn begin(
    whole: &str,
    opened: &Opened,
    request: &ReadRequest,
    part: &Range<usize>,
) -> Answer<usize> {
    let Some(text) = &request.cursor else {
        return Ok(part.start);
    };
    let bad = |message: &str| {
        SearchError::Invalid(vec![FieldError {
            pointer: "/cursor".to_owned(),
            code: "invalid_value".to_owned(),
            message: message.to_owned(),
            ..FieldError::default()
        }])
    };
    let cursor: Cursor = text.parse().map_err(|()| bad("this is not a cursor"))?;
    // Bound to the text itself, so a cursor outlives generations that leave it as it was.
    let cursor = cursor
        .continues(ANY_GENERATION, binding(whole, request))
        .ok_or(SearchError::CursorExpired)?;
    let place = usize::try_from(cursor.place).unwrap_or(usize::MAX);
    if !(part.start..=part.end).contains(&place) || !whole.is_char_boundary(place) {
        return Err(bad(&format!("this is not a cursor of `{}`", opened.id)));
    }
    Ok(place)
}

/// A text and the part of it that is read; how much at a time may change on the way.
fn binding(whole: &str, request: &ReadRequest) -> Binding {
    let part = (
        request.format.unwrap_or_default(),
        &request.section,
        &request.lines,
        &request.span,
    );
    Binding::of(&["read", whole, &format!("{part:?}")])
}

/// The headings of a document in order.
pub(crate) fn outline_headings(document: &Fetched) -> Vec<OutlineHeading> {
    let ranges = sections::ranges(document).into_iter();
    let headings = ranges.filter_map(|(index, range)| outline_heading(document, index, &range));
    headings.collect()
}

fn outline_heading(document: &Fetched, index: u32, range: &Range<usize>) -> Option<OutlineHeading> {
    let summary = &document.summary;
    let heading = summary.headings.get(index as usize)?;
    let section = document.markdown.get(range.clone())?;
    let end = range.start + section.trim_end().len();
    let span = offsets::span(
        &document.markdown,
        &(range.start..end),
        OffsetUnit::CodePoint,
    );
    let anchor = cite::anchor(summary, Some(index));
    Some(OutlineHeading {
        id: sections::outline_id(index as usize),
        level: heading.level,
        text: heading.text.clone(),
        parent: heading.parent.map(|n| sections::outline_id(n as usize)),
        url: cite::deep_url(&summary.url, &anchor),
        anchor,
        start_line: span.start_line,
        end_line: span.end_line,
        est_tokens: est_tokens(section),
    })
}
