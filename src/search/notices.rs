//! What an answer says about itself: who it was for, and why it is empty.
//!
//! Whether a word is known is asked of visible documents alone, at the price of a look-up for each
//! word that no candidate has: statistics of the whole index would tell a caller that
//! a word stands in something hidden.

use crate::cql::plan::Filter;

use super::api::Notice;
use super::error::Answer;
use super::flow::{Asked, Found, Search};
use super::query::word_clause;
use super::rank::Stop;

pub(crate) fn gather(search: &Search<'_>, asked: &Asked, found: &Found) -> Answer<Vec<Notice>> {
    let mut notices = search.reach.notices();
    let unknown = unknown_words(search, asked, found)?;
    if !unknown.is_empty() {
        let named = unknown.iter().map(|word| format!("`{word}`"));
        let named: Vec<String> = named.collect();
        let message = format!("no visible document has {}", named.join(", "));
        notices.push(Notice {
            terms: unknown,
            ..notice("terms_unknown", &message)
        });
    }
    if found.documents.is_empty() {
        notices.push(why_empty(search, asked, found)?);
    }
    Ok(notices)
}

fn why_empty(search: &Search<'_>, asked: &Asked, found: &Found) -> Answer<Notice> {
    if found.stop == Stop::NothingGood {
        let message =
            "what was found shares only a passing word with the question; `cutoff: none` shows it";
        return Ok(notice("no_visible_match", message));
    }
    if asked.given.0 > 0 {
        return Ok(notice("no_visible_match", "the list has ended"));
    }
    if asked.narrowed && matches_without_filter(search, asked)? {
        let message = "visible documents match the question, but none of them passes the filter";
        return Ok(notice("filter_excludes_all", message));
    }
    Ok(notice("no_visible_match", "no visible document matches"))
}

fn matches_without_filter(search: &Search<'_>, asked: &Asked) -> Answer<bool> {
    let query = search.reach.query(asked.scored.clone(), Filter::All);
    Ok(!search.searcher.search(&query, 1)?.is_empty())
}

/// Words of the question that no visible document has.
fn unknown_words(search: &Search<'_>, asked: &Asked, found: &Found) -> Answer<Vec<String>> {
    let mut unknown: Vec<String> = Vec::new();
    for &n in &found.missing {
        let Some(word) = asked.question.words.get(n) else {
            continue;
        };
        let query = search.reach.query(Some(word_clause(word)), Filter::All);
        let nowhere = search.searcher.search(&query, 1)?.is_empty();
        if nowhere && !unknown.contains(&word.text) {
            unknown.push(word.text.clone());
        }
    }
    Ok(unknown)
}

fn notice(code: &str, message: &str) -> Notice {
    Notice {
        code: code.to_owned(),
        message: message.to_owned(),
        terms: Vec::new(),
    }
}
