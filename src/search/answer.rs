//! Puts an answer together: passages under documents, within the budget.
//!
//! The budget goes round by round: the best passage of every document first, in order, then
//! the second ones. So a caller who asks for eight documents sees eight when their best
//! passages fit. The first document whose best passage does not fit begins the next answer of
//! the list, and nothing is lost on the way.

use crate::model::ContentType;
use crate::ports::{Fetched, Hit, Scored};

use super::api::{
    Context, ESTIMATOR, ExplainedWord, GroupBy, Include, Match, NextCall, Omitted, PassageObject,
    QueryEcho, Relation, ResultExplanation, SearchExplanation, SearchResponse, SearchResult, Usage,
};
use super::cite;
use super::copies;
use super::cursor::Cursor;
use super::error::Answer;
use super::flow::{Asked, Found, Search};
use super::passages::{self, Piece, Showing};
use super::query::{Word, word_clause};
use super::rank::{self, Ranked, Stop};
use super::read::outline_headings;
use super::words::Wanted;
use super::{notices, sections, textual};

/// How many passages are looked at where not every kind is shown.
const PASSAGES_OF_SOME_KIND: usize = 50;

/// A document of the answer and what of it is shown.
struct Shown<'a> {
    ranked: &'a Ranked,
    document: Fetched,
    /// Best first.
    pieces: Vec<Piece>,
    /// As many of them as are shown.
    taken: Vec<Piece>,
    /// Place of the document whose best passage this one's is a copy of; it is named there
    /// and not shown.
    copy_of: Option<usize>,
}

pub(crate) fn assemble(
    search: &Search<'_>,
    asked: &Asked,
    found: &Found,
) -> Answer<SearchResponse> {
    let words = words(asked);
    let begin = asked.given.0.saturating_sub(found.offset);
    let rest = found.documents.get(begin..).unwrap_or_default();
    let window = &rest[..rest.len().min(asked.options.limit)];
    let mut shown = open(search, asked, window, &words)?;
    if asked.options.dedupe {
        collapse(&mut shown);
    }
    let fitted = fit(&mut shown, asked);
    let next = asked.given.0 + fitted.documents;
    let goes_on = rest.len() > fitted.documents;
    shown.truncate(fitted.documents);
    let passages: usize = shown.iter().map(|s| s.taken.len()).sum();
    let next_cursor = (goes_on && fitted.documents > 0).then(|| {
        let cursor = Cursor {
            generation: search.searcher.generation(),
            binding: asked.binding,
            place: next as u64,
            passages: u64::from(asked.given.1) + passages as u64,
        };
        cursor.to_string()
    });
    let omitted = Omitted {
        by_budget: fitted.left_out,
        by_cutoff: found.by_cutoff,
        next_cursor,
    };
    let next_score = rest
        .get(fitted.documents)
        .map_or(0.0, |ranked| ranked.score);
    let results = results(search, asked, &shown, next_score, &words)?;
    let est_tokens = results
        .iter()
        .flat_map(|r| r.passages.iter().chain(&r.neighbors))
        .map(|p| p.est_tokens);
    Ok(SearchResponse {
        query: QueryEcho::default(),
        r#match: strength(found, asked),
        total: found.total,
        notices: notices::gather(search, asked, found)?,
        next: next_calls(&results, &shown, &omitted),
        usage: Usage {
            est_tokens: est_tokens.sum(),
            max_tokens: asked.options.max_tokens,
            estimator: ESTIMATOR.to_owned(),
        },
        index: search.index_state(),
        explain: asked.options.explain.then(|| explanation(asked, found)),
        results,
        omitted,
        took_ms: 0,
    })
}

/// The words that passages are chosen and highlighted by.
fn words(asked: &Asked) -> Vec<Word> {
    if asked.question.words.is_empty() {
        textual::words(&asked.filter)
    } else {
        asked.question.words.clone()
    }
}

fn open<'a>(
    search: &Search<'_>,
    asked: &Asked,
    window: &'a [Ranked],
    words: &[Word],
) -> Answer<Vec<Shown<'a>>> {
    let options = &asked.options;
    let hits: Vec<Hit> = window.iter().map(|ranked| ranked.hit.clone()).collect();
    let documents = search.searcher.fetch(&hits)?;
    let clauses: Vec<Scored> = if asked.question.words.is_empty() {
        words.iter().map(word_clause).collect()
    } else {
        asked.question.clauses()
    };
    // Several passages of one section are shown as one, so more are looked at.
    let n = match (&asked.kinds, options.context) {
        (Some(_), _) => PASSAGES_OF_SOME_KIND,
        (None, Context::Passage) => options.passages,
        (None, _) => options.passages * 4,
    };
    let best = if clauses.is_empty() {
        vec![Vec::new(); hits.len()]
    } else {
        let of_hits: Vec<(&Hit, &Fetched)> = hits.iter().zip(&documents).collect();
        search.searcher.passages(&of_hits, &clauses, n)?
    };
    let shown = window.iter().zip(documents).zip(best);
    Ok(shown
        .map(|((ranked, document), best)| Shown {
            pieces: passages::pieces(
                &document,
                &best,
                options.context,
                asked.kinds.as_ref(),
                options.passages,
            ),
            ranked,
            document,
            taken: Vec::new(),
            copy_of: None,
        })
        .collect())
}

/// Marks documents whose best passage repeats an earlier one's.
fn collapse(shown: &mut [Shown<'_>]) {
    let mut kept: Vec<(usize, copies::Prints)> = Vec::new();
    for (at, one) in shown.iter_mut().enumerate() {
        let Some(best) = one.pieces.first() else {
            continue;
        };
        let text = one.document.markdown.get(best.range.clone());
        let mut prints = copies::Prints::of(text.unwrap_or_default());
        let copied = kept
            .iter_mut()
            .find_map(|(original, have)| have.is_copy(&mut prints).then_some(*original));
        match copied {
            Some(original) => {
                one.copy_of = Some(original);
                one.pieces.clear();
            }
            None => kept.push((at, prints)),
        }
    }
}

/// What fitted.
struct Fitted {
    /// Documents from the beginning that are in the answer.
    documents: usize,
    /// Passages that are not in the answer for want of tokens.
    left_out: u64,
}

fn fit(shown: &mut [Shown<'_>], asked: &Asked) -> Fitted {
    let mut documents = match asked.options.group_by {
        GroupBy::Document => shown.len(),
        GroupBy::None => flat(shown, asked.options.limit),
    };
    let pieces: usize = shown[..documents].iter().map(|s| s.pieces.len()).sum();
    let rounds = shown.iter().map(|s| s.pieces.len()).max().unwrap_or(0);
    let mut budget = Budget {
        left: asked.options.max_tokens,
        taken: 0,
    };
    for round in 0..rounds {
        let fitting = budget.spend(&mut shown[..documents], round);
        if round == 0 {
            documents = fitting;
        }
    }
    Fitted {
        documents,
        left_out: (pieces - budget.taken) as u64,
    }
}

/// Tokens that are left, and passages that were taken.
struct Budget {
    left: u32,
    taken: usize,
}

impl Budget {
    /// Takes one more passage of each document. The first round ends at a document whose
    /// passage does not fit, since the next answer begins there; later ones pass it over.
    /// Returns how many documents were gone through.
    fn spend(&mut self, shown: &mut [Shown<'_>], round: usize) -> usize {
        for (n, one) in shown.iter_mut().enumerate() {
            let Some(piece) = one.pieces.get(round) else {
                continue;
            };
            // Something is always shown when it can be: the first one may be cut.
            let piece = if self.taken == 0 {
                piece.within(&one.document, self.left)
            } else {
                Some(piece.clone()).filter(|piece| piece.est_tokens <= self.left)
            };
            match piece {
                Some(piece) => {
                    self.left = self.left.saturating_sub(piece.est_tokens);
                    self.taken += 1;
                    one.taken.push(piece);
                }
                None if round == 0 && self.taken > 0 => return n,
                None => {}
            }
        }
        shown.len()
    }
}

/// How many documents have at most `limit` passages together; the first one gives up
/// passages rather than its place.
fn flat(shown: &mut [Shown<'_>], limit: usize) -> usize {
    let mut passages = 0;
    for (n, shown) in shown.iter_mut().enumerate() {
        shown.pieces.truncate(limit);
        passages += shown.pieces.len();
        if passages > limit {
            return n;
        }
    }
    shown.len()
}

fn results(
    search: &Search<'_>,
    asked: &Asked,
    shown: &[Shown<'_>],
    next_score: f64,
    words: &[Word],
) -> Answer<Vec<SearchResult>> {
    let showing = Showing {
        sites: &search.facts.sites,
        unit: asked.options.unit,
        analyzers: &search.facts.analyzers,
        wanted: Wanted::new(
            words
                .iter()
                .flat_map(|word| word.plain.iter().map(String::as_str)),
        ),
    };
    let mut rank = asked.given.1;
    let taken = shown
        .iter()
        .flat_map(|one| &one.taken)
        .map(|piece| piece.est_tokens);
    let mut left = asked.options.max_tokens.saturating_sub(taken.sum());
    let mut results = Vec::with_capacity(shown.len());
    for (n, one) in shown.iter().enumerate() {
        if one.copy_of.is_some() {
            continue;
        }
        let below = shown
            .get(n + 1)
            .map_or(next_score, |next| next.ranked.score);
        let key = &one.ranked.hit.key;
        let mut score = one.ranked.score;
        let mut objects = Vec::with_capacity(one.taken.len());
        for piece in &one.taken {
            rank += 1;
            let mut object = passages::passage_object(&showing, key, &one.document, piece, rank);
            // Between this document's score and the next one's, and never rising.
            let own = rank::round_score(one.ranked.score * piece.relevance);
            score = score.min(own.max(below));
            object.score = score;
            objects.push(object);
        }
        let mut result = SearchResult {
            document: cite::result_document(&search.facts.sites, key, &one.document.summary),
            score: one.ranked.score,
            also_in: copies_of(search, shown, n),
            passages: objects,
            neighbors: Vec::new(),
            outline: Vec::new(),
            attachments: Vec::new(),
            comments: Vec::new(),
            explain: asked.options.explain.then(|| why(one.ranked, asked)),
        };
        for part in &asked.options.include {
            match part {
                Include::Neighbors => result.neighbors = beside(&showing, one, rank, &mut left),
                Include::Outline => result.outline = outline_headings(&one.document),
                Include::Attachments => {
                    let kind = ContentType::Attachment;
                    result.attachments = search.hanging(&one.ranked.hit, &kind)?;
                }
                Include::Comments => {
                    result.comments = search.hanging(&one.ranked.hit, &ContentType::Comment)?;
                }
                Include::Explain => {}
            }
        }
        match asked.options.group_by {
            GroupBy::Document => results.push(result),
            GroupBy::None => results.extend(apart(&result)),
        }
    }
    Ok(results)
}

/// Neighbours of what is shown of a document, as long as the budget lasts.
fn beside(showing: &Showing<'_>, one: &Shown<'_>, rank: u32, left: &mut u32) -> Vec<PassageObject> {
    let mut objects = Vec::new();
    for piece in passages::neighbors(&one.document, &one.taken) {
        let Some(rest) = left.checked_sub(piece.est_tokens) else {
            break;
        };
        *left = rest;
        let key = &one.ranked.hit.key;
        objects.push(passages::passage_object(
            showing,
            key,
            &one.document,
            &piece,
            rank,
        ));
    }
    objects
}

/// Ids of the documents that repeat one.
fn copies_of(search: &Search<'_>, shown: &[Shown<'_>], original: usize) -> Vec<String> {
    let copies = shown.iter().filter(|one| one.copy_of == Some(original));
    let id = |one: &Shown<'_>| {
        let summary = &one.document.summary;
        search
            .facts
            .sites
            .document_id(&one.ranked.hit.key, summary)
            .to_string()
    };
    copies.map(id).collect()
}

/// One result for each passage; what was included stands with the first.
fn apart(result: &SearchResult) -> Vec<SearchResult> {
    let plain = SearchResult {
        neighbors: Vec::new(),
        outline: Vec::new(),
        attachments: Vec::new(),
        comments: Vec::new(),
        ..result.clone()
    };
    let passages = result.passages.iter().enumerate();
    let of_passage = |(n, passage): (usize, &PassageObject)| SearchResult {
        score: passage.score,
        passages: vec![passage.clone()],
        ..if n == 0 {
            result.clone()
        } else {
            plain.clone()
        }
    };
    passages.map(of_passage).collect()
}

fn strength(found: &Found, asked: &Asked) -> Match {
    match found.documents.first() {
        None => Match::None,
        // A listing has exactly what was asked for.
        Some(_) if asked.scored.is_none() => Match::Strong,
        Some(best) if rank::is_strong(best) => Match::Strong,
        Some(_) => Match::Weak,
    }
}

fn next_calls(results: &[SearchResult], shown: &[Shown<'_>], omitted: &Omitted) -> Vec<NextCall> {
    let mut calls = Vec::new();
    if let (Some(result), Some(best)) = (results.first(), shown.first()) {
        calls.extend(read_on(result, best));
    }
    let search = |why: String| NextCall {
        call: "search".to_owned(),
        id: None,
        section: None,
        why,
    };
    if omitted.next_cursor.is_some() {
        let why = "`cursor` with `omitted.next_cursor` continues the list";
        calls.push(search(why.to_owned()));
    } else if omitted.by_cutoff > 0 {
        let why = format!(
            "`cutoff: none` also shows less relevant documents ({} were looked at)",
            omitted.by_cutoff
        );
        calls.push(search(why));
    }
    calls
}

/// Reading more of the best document, when there is more of it.
fn read_on(result: &SearchResult, best: &Shown<'_>) -> Option<NextCall> {
    let piece = best.taken.first()?;
    let whole = best.document.markdown.trim().len();
    if piece.range.len() >= whole {
        return None;
    }
    let path = sections::path_texts(&best.document.summary, piece.heading);
    let section = (!path.is_empty()).then(|| path.join(" > "));
    let why = match section {
        Some(_) => "the whole section around the best passage",
        None => "the whole document around the best passage",
    };
    Some(NextCall {
        call: "read".to_owned(),
        id: Some(result.document.id.clone()),
        section,
        why: why.to_owned(),
    })
}

fn why(ranked: &Ranked, asked: &Asked) -> ResultExplanation {
    let words = asked.question.words.iter().enumerate();
    let matched = words.filter(|(n, _)| ranked.has(*n));
    ResultExplanation {
        lexical: rank::round_score(ranked.lexical),
        proximity: rank::round_score(ranked.proximity),
        stretch: rank::round_score(ranked.stretch),
        freshness: rank::round_score(ranked.freshness),
        coverage: rank::round_score(ranked.coverage),
        matched: matched.map(|(_, word)| word.text.clone()).collect(),
    }
}

fn explanation(asked: &Asked, found: &Found) -> SearchExplanation {
    let words = asked.question.words.iter().zip(&found.shares);
    let stopped = match (found.stop, found.total.relation) {
        (Stop::Open, _) => "the list goes on",
        (Stop::Exhausted, Relation::Exact) => "no further visible document matches",
        (Stop::Exhausted, Relation::AtLeast) => "no further document was looked at",
        (Stop::FellOff, _) => "later documents have less than half of the best score",
        (Stop::Floor, _) => "later documents are below the floor that was asked for",
        (Stop::NothingGood, _) => "no document has enough of what was asked",
    };
    SearchExplanation {
        words: words
            .map(|(word, share)| ExplainedWord {
                word: word.text.clone(),
                terms: word.plain.clone(),
                weight: rank::round_score(*share),
            })
            .collect(),
        dropped: asked.question.dropped.clone(),
        stopped: stopped.to_owned(),
    }
}
