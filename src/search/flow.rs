//! The entry: what a search runs over, and the road from a request to an answer.
//!
//! A question with words is ranked; one that only narrows is a listing with the opening
//! passage of each document. Both end in the same assembly under the same budget.

use std::collections::HashMap;

use crate::cql::plan::{Filter, Plan, SortKey};
use crate::model::{ContentId, DocumentKey, SiteId};
use crate::ports::{EngineQuery, EngineSearcher, Hit, Scored};

use super::answer;
use super::api::{
    CqlMistake, Cutoff, CutoffRule, FieldError, Freshness, IndexState, Queries, QueryEcho,
    Relation, SearchRequest, SearchResponse, Total,
};
use super::cite::{self, Sites};
use super::cursor::{Binding, Cursor};
use super::error::{Answer, SearchError};
use super::filter::{self, Kinds, column};
use super::input::{self, SearchOptions};
use super::query::{Question, Word, all_of};
use super::rank::{self, Beyond, CANDIDATES, Occurrences, Ranked, Stop, Weights};
use super::reach::Reach;
use super::textual;
use super::words::Analyzers;

/// Turns CQL into a plan, with the asker's identity, clock and zone already known.
pub(crate) trait Planner {
    /// # Errors
    ///
    /// Every mistake of the text, clauses that are not local included.
    fn plan(&self, cql: &str, order: OrderBy) -> Result<Plan, Vec<CqlMistake>>;

    /// The plan of a text that stands on a page, `ORDER BY` allowed; the space that the page
    /// is in is CQL's `currentSpace()`.
    ///
    /// # Errors
    ///
    /// As for [`Planner::plan`].
    fn plan_in(&self, cql: &str, space: Option<&str>) -> Result<Plan, Vec<CqlMistake>>;
}

/// Whether `ORDER BY` may stand in a CQL text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderBy {
    Allowed,
    Refused,
}

/// Facts about the generation that answers; gathered once for each generation.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) sites: Sites,
    /// Documents in the index, for the weights of words.
    pub(crate) documents: u64,
    pub(crate) synced_at: Option<jiff::Timestamp>,
    pub(crate) permissions_synced_at: Option<jiff::Timestamp>,
    pub(crate) complete: bool,
    /// Home pages of spaces, by site and key in lower case.
    pub(crate) homes: HashMap<(SiteId, String), ContentId>,
    pub(crate) analyzers: Analyzers,
}

/// One asker over one generation.
pub(crate) struct Search<'a> {
    pub(crate) searcher: &'a dyn EngineSearcher,
    pub(crate) reach: &'a Reach,
    pub(crate) planner: &'a dyn Planner,
    pub(crate) facts: &'a Facts,
}

/// A request, understood.
pub(crate) struct Asked {
    pub(crate) question: Question,
    pub(crate) options: SearchOptions,
    /// Each question alone, where there are several.
    pub(crate) parts: Vec<Question>,
    /// What narrows: of the question, the filter and the CQL text.
    pub(crate) filter: Filter,
    /// The same without the question.
    pub(crate) narrowing: Filter,
    /// Whether the caller narrowed at all.
    pub(crate) narrowed: bool,
    pub(crate) kinds: Option<Kinds>,
    /// Ranks; `None` for a listing.
    pub(crate) scored: Option<Scored>,
    pub(crate) binding: Binding,
    /// Documents and passages that earlier answers of the list gave.
    pub(crate) given: (usize, u32),
}

/// The documents of a list, in order, as far as this answer looked.
pub(crate) struct Found {
    pub(crate) documents: Vec<Ranked>,
    /// Place of the first of them in the list.
    pub(crate) offset: usize,
    /// Documents above the cutoff, as far as it is known.
    pub(crate) total: Total,
    pub(crate) by_cutoff: u64,
    pub(crate) stop: Stop,
    pub(crate) shares: Vec<f64>,
    /// Words of the question that no candidate has.
    pub(crate) missing: Vec<usize>,
}

impl Search<'_> {
    /// Ranked, cited passages for a question. `took_ms` is left 0 for whoever measures.
    pub(crate) fn search(&self, request: &SearchRequest) -> Answer<SearchResponse> {
        let asked = self.understand(request)?;
        let found = self.found(&asked)?;
        let mut response = answer::assemble(self, &asked, &found)?;
        response.query = QueryEcho {
            text: request.query.clone(),
            cql: request.cql.clone(),
            language: asked.question.lang.map(|lang| lang.code().to_owned()),
            mode: "lexical".to_owned(),
        };
        Ok(response)
    }

    /// The first `n` documents in order, without their passages: what a ranking is measured
    /// by. `limit` of the request does not count.
    pub(crate) fn ranking(&self, request: &SearchRequest, n: usize) -> Answer<Vec<DocumentKey>> {
        let mut asked = self.understand(request)?;
        asked.options.limit = n;
        let documents = self.found(&asked)?.documents.into_iter().take(n);
        Ok(documents.map(|ranked| ranked.hit.key).collect())
    }

    fn found(&self, asked: &Asked) -> Answer<Found> {
        match &asked.scored {
            Some(_) if asked.parts.len() > 1 => self.fuse(asked),
            Some(scored) => self.rank(asked, scored),
            None => self.list_documents(asked),
        }
    }

    fn understand(&self, request: &SearchRequest) -> Answer<Asked> {
        let mut errors = Vec::new();
        let options = input::search_options(request, &mut errors);
        let narrowing = request.filter.as_ref();
        let narrowing = narrowing.map(|f| filter::compile(f, &mut errors));
        let narrowing = narrowing.unwrap_or_default();
        let plan = self.plan(request.cql.as_deref(), OrderBy::Refused, &mut errors)?;
        let binding = self.binding(request);
        let cursor = self.cursor(request.cursor.as_deref(), binding, &mut errors);
        if !errors.is_empty() {
            return Err(SearchError::Invalid(errors));
        }
        let cursor = cursor?;
        let questions = request.query.as_ref().map_or(&[][..], Queries::as_slice);
        let written = questions
            .iter()
            .filter(|question| !question.trim().is_empty());
        let parts: Vec<Question> = written.map(|text| Question::parse(text)).collect();
        let question = Question::all(&parts);
        let given = plan.map_or(Filter::All, |plan| plan.filter);
        let given = all_of(vec![narrowing.filter, given]);
        let filter = all_of(vec![question.filter.clone(), given.clone()]);
        let place = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        Ok(Asked {
            scored: question.scored(),
            narrowed: filter != Filter::All || narrowing.kinds.is_some(),
            question,
            parts,
            options,
            filter,
            narrowing: given,
            kinds: narrowing.kinds,
            binding,
            given: cursor.map_or((0, 0), |c| {
                (
                    place(c.place),
                    u32::try_from(c.passages).unwrap_or(u32::MAX),
                )
            }),
        })
    }

    /// The plan of a CQL text. Its mistakes alone are a CQL error; beside others they are
    /// reported together with them.
    pub(crate) fn plan(
        &self,
        cql: Option<&str>,
        order: OrderBy,
        errors: &mut Vec<FieldError>,
    ) -> Answer<Option<Plan>> {
        let Some(cql) = cql.filter(|cql| !cql.trim().is_empty()) else {
            return Ok(None);
        };
        match self.planner.plan(cql, order) {
            Ok(plan) => Ok(Some(plan)),
            Err(mistakes) => {
                let error = SearchError::Cql {
                    cql: cql.to_owned(),
                    mistakes,
                };
                if errors.is_empty() {
                    return Err(error);
                }
                errors.extend(error.fields());
                Ok(None)
            }
        }
    }

    /// What a cursor is bound to: everything that was asked, and by whom.
    fn binding(&self, request: &SearchRequest) -> Binding {
        let asked = SearchRequest {
            cursor: None,
            ..request.clone()
        };
        Binding::of(&[&format!("{asked:?}"), &self.reach.fingerprint()])
    }

    /// Reads a cursor. One that cannot be read or belongs to another question is a mistake of the
    /// request; one of another generation has expired.
    pub(crate) fn cursor(
        &self,
        cursor: Option<&str>,
        binding: Binding,
        errors: &mut Vec<FieldError>,
    ) -> Answer<Option<Cursor>> {
        let Some(text) = cursor else { return Ok(None) };
        let parsed: Option<Cursor> = text.parse().ok();
        let message = match parsed {
            Some(cursor) if cursor.generation != self.searcher.generation() => {
                return Err(SearchError::CursorExpired);
            }
            Some(cursor) if cursor.binding == binding => return Ok(Some(cursor)),
            Some(_) => "this cursor belongs to another question or identity",
            None => "this is not a cursor",
        };
        errors.push(FieldError {
            pointer: "/cursor".to_owned(),
            code: "invalid_value".to_owned(),
            message: message.to_owned(),
            ..FieldError::default()
        });
        Ok(None)
    }

    /// Asks each question alone, with its own filter and cutoff, and fuses the lists by the
    /// reciprocals of the places (Cormack, Clarke and Büttcher 2009, with their constant): a
    /// document counts for every question it answers, and no question drowns another.
    fn fuse(&self, asked: &Asked) -> Answer<Found> {
        let mut lists = Vec::new();
        for part in &asked.parts {
            let Some(scored) = part.scored() else {
                continue;
            };
            let alone = Asked {
                question: part.clone(),
                parts: Vec::new(),
                options: asked.options.clone(),
                filter: all_of(vec![part.filter.clone(), asked.narrowing.clone()]),
                narrowing: asked.narrowing.clone(),
                narrowed: asked.narrowed,
                kinds: asked.kinds.clone(),
                scored: None,
                binding: asked.binding,
                given: asked.given,
            };
            lists.push(self.rank(&alone, &scored)?);
        }
        let exact = lists
            .iter()
            .all(|list| list.total.relation == Relation::Exact);
        let by_cutoff = lists.iter().map(|list| list.by_cutoff).sum();
        let open = lists.iter().any(|list| list.stop == Stop::Open);
        let documents = rank::fused(lists.into_iter().map(|list| list.documents));
        Ok(Found {
            total: Total {
                documents: documents.len() as u64,
                relation: if exact {
                    Relation::Exact
                } else {
                    Relation::AtLeast
                },
            },
            documents,
            offset: 0,
            by_cutoff,
            stop: if open { Stop::Open } else { Stop::FellOff },
            shares: Vec::new(),
            missing: Vec::new(),
        })
    }

    fn rank(&self, asked: &Asked, scored: &Scored) -> Answer<Found> {
        let query = self.reach.query(Some(scored.clone()), asked.filter.clone());
        let wanted = asked.given.0.saturating_add(asked.options.limit + 1);
        let k = wanted
            .div_ceil(CANDIDATES)
            .max(1)
            .saturating_mul(CANDIDATES);
        let mut hits = self.searcher.search(&query, k)?;
        let beyond = if hits.len() < k {
            Beyond::Nothing
        } else {
            Beyond::Maybe
        };
        if let Some(kinds) = &asked.kinds {
            hits = self.having(hits, kinds)?;
        }
        let words = &asked.question.words;
        let later = hits.split_off(hits.len().min(CANDIDATES));
        let occurrences = self.occurrences(&hits, asked)?;
        let weights = self.weights(asked)?;
        let mut ranked = rank::order(hits, words, &occurrences, &weights);
        rank::append(&mut ranked, later);
        self.prefer_recent(&mut ranked, asked)?;
        let (kept, stop) = rank::cut(&ranked, asked.options.cutoff, beyond);
        let by_cutoff = (ranked.len() - kept) as u64;
        let missing = (0..words.len()).filter(|n| !ranked.iter().any(|r| r.has(*n)));
        let missing = missing.collect();
        ranked.truncate(kept);
        let total = match (asked.options.cutoff, stop) {
            (Cutoff::Rule(CutoffRule::None), Stop::Open) if asked.kinds.is_none() => {
                exact(self.searcher.count(&query)?)
            }
            (_, Stop::Open) => Total {
                documents: kept as u64,
                relation: Relation::AtLeast,
            },
            _ => exact(kept as u64),
        };
        Ok(Found {
            documents: ranked,
            offset: 0,
            total,
            by_cutoff,
            stop,
            shares: weights.shares(),
            missing,
        })
    }

    /// Moves recent versions before near-equals, when that is asked for. Only candidates: the
    /// times of all matches would have to be read else.
    fn prefer_recent(&self, ranked: &mut Vec<Ranked>, asked: &Asked) -> Answer<()> {
        let weight = match asked.options.freshness {
            Freshness::Mild => rank::MILD,
            Freshness::Strong => rank::STRONG_AGE,
            Freshness::Auto if asked.question.wants_current() => rank::MILD,
            Freshness::Auto | Freshness::None => return Ok(()),
        };
        let later = ranked.split_off(ranked.len().min(CANDIDATES));
        let hits: Vec<Hit> = ranked.iter().map(|ranked| ranked.hit.clone()).collect();
        let documents = self.searcher.fetch(&hits)?;
        let when = |document: &crate::ports::Fetched| {
            document
                .summary
                .version
                .when
                .map(jiff::Timestamp::as_second)
        };
        let times: Vec<Option<i64>> = documents.iter().map(when).collect();
        rank::by_age(ranked, &times, weight);
        ranked.extend(later);
        Ok(())
    }

    /// Hits that have a passage of these kinds.
    fn having(&self, hits: Vec<Hit>, kinds: &Kinds) -> Answer<Vec<Hit>> {
        let documents = self.searcher.fetch(&hits)?;
        let having = hits.into_iter().zip(documents).filter(|(_, document)| {
            let mut passages = document.summary.passages.iter();
            passages.any(|passage| kinds.admits(passage.kind))
        });
        Ok(having.map(|(hit, _)| hit).collect())
    }

    fn occurrences(&self, hits: &[Hit], asked: &Asked) -> Answer<Vec<Occurrences>> {
        let words = &asked.question.words;
        let plain: Vec<&[String]> = words.iter().map(|word| &word.plain[..]).collect();
        let positions = self.searcher.positions(hits, &plain)?;
        let exact: Vec<String> = words.iter().filter_map(|word| word.exact.clone()).collect();
        let stand = self.searcher.stand(hits, &exact)?;
        let of_hit = |(plain, stand): (Vec<Vec<u32>>, Vec<bool>)| {
            let mut stand = stand.into_iter();
            let of_word = |word: &Word| word.exact.is_some() && stand.next().unwrap_or(false);
            Occurrences {
                plain,
                exact: words.iter().map(of_word).collect(),
            }
        };
        Ok(positions.into_iter().zip(stand).map(of_hit).collect())
    }

    fn weights(&self, asked: &Asked) -> Answer<Weights> {
        let words = &asked.question.words;
        let of_word = words.iter().map(|word| {
            // Variants of one word: the most frequent one is nearest to their union.
            let of_variants = self.searcher.doc_freq(&word.plain)?;
            Ok(of_variants.into_iter().max().unwrap_or(0))
        });
        let of_word: Vec<u64> = of_word.collect::<Answer<_>>()?;
        Ok(Weights::new(&of_word, self.facts.documents))
    }

    /// A page of the listing of those that have a passage of these kinds, which only their
    /// rows tell: the list is gone through from its beginning, window by window.
    fn listed_having(&self, asked: &Asked, kinds: &Kinds, limit: usize) -> Answer<Vec<Ranked>> {
        const WINDOW: usize = 200;
        let wanted = asked.given.0.saturating_add(limit);
        let mut having = Vec::new();
        let mut offset = 0;
        loop {
            let (hits, _) = self.listed(asked.filter.clone(), &[], offset, WINDOW)?;
            let last = hits.len() < WINDOW;
            having.extend(self.having(hits, kinds)?);
            if last || having.len() >= wanted {
                break;
            }
            offset += WINDOW;
        }
        let page = having.into_iter().skip(asked.given.0).take(limit);
        Ok(page.map(Ranked::unranked).collect())
    }

    /// Documents that pass the filter, in the default order of CQL.
    fn list_documents(&self, asked: &Asked) -> Answer<Found> {
        let limit = asked.options.limit + 1;
        let (documents, total) = if let Some(kinds) = &asked.kinds {
            let documents = self.listed_having(asked, kinds, limit)?;
            // More are not counted: each would have to be read.
            let relation = if documents.len() < limit {
                Relation::Exact
            } else {
                Relation::AtLeast
            };
            let known = asked.given.0 as u64 + documents.len() as u64;
            (
                documents,
                Total {
                    documents: known,
                    relation,
                },
            )
        } else {
            let (hits, count) = self.listed(asked.filter.clone(), &[], asked.given.0, limit)?;
            let documents = hits.into_iter().map(Ranked::unranked).collect();
            (documents, exact(count))
        };
        Ok(Found {
            documents,
            offset: asked.given.0,
            total,
            by_cutoff: 0,
            stop: Stop::Exhausted,
            shares: Vec::new(),
            missing: Vec::new(),
        })
    }

    /// A window of the documents that pass a filter, in CQL's order, and how many there are.
    ///
    /// Without an order of its own, a text clause that every match satisfies orders by score,
    /// anything else by the last modification, newest first.
    pub(crate) fn listed(
        &self,
        filter: Filter,
        order: &[SortKey],
        offset: usize,
        limit: usize,
    ) -> Answer<(Vec<Hit>, u64)> {
        let newest = [SortKey {
            column: column::MODIFIED,
            descending: true,
        }];
        let scored = textual::scored(&filter).filter(|_| order.is_empty());
        // A list of ids is long: it is handed on, not copied.
        let narrowed = self.reach.query(None, filter);
        let Some(scored) = scored else {
            let order = if order.is_empty() { &newest } else { order };
            let listed = self.searcher.list(&narrowed, order, offset, limit)?;
            return Ok((listed.hits, listed.total));
        };
        let count = self.searcher.count(&narrowed)?;
        let query = EngineQuery {
            scored: Some(scored),
            ..narrowed
        };
        let hits = self.searcher.search(&query, offset.saturating_add(limit))?;
        Ok((hits.into_iter().skip(offset).collect(), count))
    }

    pub(crate) fn index_state(&self) -> IndexState {
        IndexState {
            generation: self.searcher.generation(),
            synced_at: self.facts.synced_at.map(cite::time),
            permissions_synced_at: self.facts.permissions_synced_at.map(cite::time),
            complete: self.facts.complete,
        }
    }
}

pub(crate) fn exact(documents: u64) -> Total {
    Total {
        documents,
        relation: Relation::Exact,
    }
}
