//! One asker over one generation: everything that a question needs, looked up once.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::App;
use crate::cql::plan::Plan;
use crate::cql::{self, Context, Findings};
use crate::model::{Directory, GateId, Identity, Space, Told, User, Viewer};
use crate::ports::{AccessFilter, EngineQuery, EngineSearcher, PortResult, RunStatus, Store};
use crate::search::api::{CqlMistake, NotLocal};
use crate::search::{Facts, OrderBy, Planner, Reach, Search, Sites};

/// Who asks, of what, and when.
pub(crate) struct Session {
    pub(crate) searcher: Arc<dyn EngineSearcher>,
    pub(crate) reach: Reach,
    pub(crate) facts: Arc<Facts>,
    pub(crate) at: Moment,
}

/// What CQL is read against.
pub(crate) struct Moment {
    pub(crate) now: Timestamp,
    pub(crate) zone: TimeZone,
    pub(crate) week_start: Weekday,
    pub(crate) directory: Arc<Directory>,
    pub(crate) user: Option<User>,
    pub(crate) space_key: Option<String>,
    /// Of the spaces that whoever asks may view.
    pub(crate) space_keys: Vec<String>,
    /// Spaces that whoever asks has starred.
    pub(crate) starred_spaces: BTreeSet<String>,
    /// What the sources told beside content.
    pub(crate) told: Told,
    /// Nothing is hidden from whoever asks, so hints may name anything.
    pub(crate) sees_all: bool,
}

impl Moment {
    pub(crate) fn context(&self) -> Context<'_> {
        Context {
            now: self.now,
            zone: self.zone.clone(),
            week_start: self.week_start,
            viewer: self.user.as_ref(),
            space_key: self.space_key.as_deref(),
            starred_spaces: &self.starred_spaces,
            told: &self.told,
            sees_all: self.sees_all,
            people: &*self.directory,
            space_keys: (!self.space_keys.is_empty()).then_some(&*self.space_keys),
            data_center: false,
        }
    }

    pub(crate) fn findings(&self, text: &str) -> Findings {
        cql::findings(text, &self.context())
    }
}

impl Session {
    pub(crate) fn search(&self) -> Search<'_> {
        Search {
            searcher: &*self.searcher,
            reach: &self.reach,
            planner: &self.at,
            facts: &self.facts,
        }
    }
}

impl Planner for Moment {
    fn plan(&self, text: &str, order: OrderBy) -> Result<Plan, Vec<CqlMistake>> {
        let query = cql::parse(text).map_err(|error| vec![mistake(text, &error)])?;
        let checked = cql::check(&query, &self.context());
        let checked = checked.map_err(|errors| {
            errors
                .iter()
                .map(|error| mistake(text, error))
                .collect::<Vec<_>>()
        })?;
        match query.order.first() {
            Some(sort) if order == OrderBy::Refused => {
                let message = "ORDER BY has no meaning here: the search decides the order";
                let code = cql::ErrorCode::OrderByMisplaced;
                Err(vec![mistake(
                    text,
                    &cql::Error::new(code, sort.field.span.clone(), message),
                )])
            }
            _ => Ok(checked.plan),
        }
    }

    fn plan_in(&self, text: &str, space: Option<&str>) -> Result<Plan, Vec<CqlMistake>> {
        let mistakes = |errors: Vec<cql::Error>| {
            let mistakes = errors.iter().map(|error| mistake(text, error));
            mistakes.collect::<Vec<_>>()
        };
        let query = cql::parse(text).map_err(|error| mistakes(vec![error]))?;
        let context = Context {
            space_key: space,
            ..self.context()
        };
        let checked = cql::check(&query, &context).map_err(mistakes)?;
        Ok(checked.plan)
    }
}

/// An error of CQL as callers get it.
pub(crate) fn mistake(text: &str, error: &cql::Error) -> CqlMistake {
    remark(error.diagnostic(text))
}

/// A warning of CQL as callers get it.
pub(crate) fn warning(text: &str, warning: &cql::Warning) -> CqlMistake {
    remark(warning.diagnostic(text))
}

fn remark(diagnostic: cql::Diagnostic) -> CqlMistake {
    CqlMistake {
        code: diagnostic.code.to_owned(),
        message: diagnostic.message,
        start: diagnostic.start,
        end: diagnostic.end,
        expected: diagnostic.expected,
        hint: diagnostic.hint,
    }
}

/// Clauses that only the site can answer, among the errors of a query.
pub(crate) fn not_local(text: &str, errors: &[cql::Error]) -> Vec<NotLocal> {
    let local = |error: &&cql::Error| error.code == cql::ErrorCode::UnavailableOffline;
    errors
        .iter()
        .filter(local)
        .map(|error| {
            let CqlMistake {
                message,
                start,
                end,
                ..
            } = mistake(text, error);
            let clause = text.get(error.span.clone()).unwrap_or_default().to_owned();
            NotLocal {
                clause,
                reason: message,
                start,
                end,
            }
        })
        .collect()
}

impl App {
    /// What an identity asks of the serving generation, or of an older one that is still
    /// held. `None`: there is no index yet.
    pub(crate) fn session(
        &self,
        identity: &Identity,
        generation: Option<u64>,
    ) -> PortResult<Option<Session>> {
        self.session_at(generation, identity, || self.moment(identity))
    }

    /// The same for a question that has no CQL in it: what only CQL asks about is not read.
    pub(crate) fn plain_session(
        &self,
        identity: &Identity,
        generation: Option<u64>,
    ) -> PortResult<Option<Session>> {
        self.session_at(generation, identity, || self.plain_moment(identity))
    }

    fn session_at(
        &self,
        generation: Option<u64>,
        identity: &Identity,
        moment: impl Fn() -> PortResult<Moment>,
    ) -> PortResult<Option<Session>> {
        let Some(newest) = self.searcher()? else {
            return Ok(None);
        };
        let held = generation.filter(|wanted| *wanted != newest.generation());
        let searcher = held
            .and_then(|wanted| self.generation(wanted))
            .unwrap_or(newest);
        let facts = self.facts(&searcher)?;
        let at = moment()?;
        // Every channel is one of the only project's, so reach is not narrowed by any.
        let reach = Reach::new(&at.directory, identity, None);
        Ok(Some(Session {
            searcher,
            reach,
            facts,
            at,
        }))
    }

    /// Spaces that somebody may view.
    pub(super) fn visible_spaces(
        &self,
        directory: &Directory,
        viewer: &Viewer,
    ) -> PortResult<Vec<Space>> {
        let failed = directory.failed_gates(viewer);
        let failed: HashSet<&str> = failed.iter().map(String::as_str).collect();
        let spaces = self.store.spaces()?.into_iter();
        let visible = spaces.filter(|(site, space)| {
            let gate = GateId::Space(*site, space.key.clone());
            !failed.contains(gate.to_string().as_str())
        });
        Ok(visible.map(|(_, space)| space).collect())
    }

    /// Who asks and when, for CQL.
    pub(crate) fn moment(&self, identity: &Identity) -> PortResult<Moment> {
        let at = self.plain_moment(identity)?;
        let viewer = at.directory.resolve(identity);
        let spaces = self.visible_spaces(&at.directory, &viewer)?.into_iter();
        let sites = self.store.sites()?.into_iter().map(|(_, site)| site.told);
        let told = sites.reduce(|all, more| all.and(&more));
        Ok(Moment {
            zone: self.time_zone()?,
            space_keys: spaces.map(|space| space.key).collect(),
            told: told.unwrap_or_default(),
            ..at
        })
    }

    /// Who asks and when, without what is known of the site.
    fn plain_moment(&self, identity: &Identity) -> PortResult<Moment> {
        let directory = self.directory()?;
        let person = directory.resolve(identity).person().cloned();
        Ok(Moment {
            now: self.now(),
            zone: TimeZone::UTC,
            week_start: self.options.week_start,
            directory,
            user: person.as_ref().map(|person| person.user.clone()),
            space_key: None,
            space_keys: Vec::new(),
            starred_spaces: person
                .map(|person| person.starred_spaces)
                .unwrap_or_default(),
            told: Told::default(),
            sees_all: *identity == Identity::Service,
        })
    }

    /// Facts of a generation, gathered once.
    fn facts(&self, searcher: &Arc<dyn EngineSearcher>) -> PortResult<Arc<Facts>> {
        let mut cached = self.facts.lock().expect("nobody panics while holding it");
        if let Some((of, facts)) = &*cached
            && Arc::ptr_eq(of, searcher)
        {
            return Ok(Arc::clone(facts));
        }
        // Only sites of this generation: one that is still being read has no ids to tell
        // apart from others.
        let present = searcher.sites()?;
        let sites = self.store.sites()?.into_iter();
        let sites = sites.filter(|(id, _)| present.contains(id));
        let sites = sites.map(|(id, site)| (id, site.name)).collect();
        let runs = self.store.runs(20)?;
        let mut reads: Vec<_> = runs.iter().filter(|run| run.kind == "reindex").collect();
        // Newest first, so the first of each source is its last read.
        let mut seen = Vec::new();
        reads.retain(|run| {
            let new = !seen.contains(&&run.source);
            seen.push(&run.source);
            new
        });
        let homes = self.store.spaces()?.into_iter();
        let homes = homes
            .filter_map(|(site, space)| Some(((site, space.key.to_lowercase()), space.homepage?)));
        let facts = Arc::new(Facts {
            homes: homes.collect(),
            sites: Sites(sites),
            documents: searcher.count(&everything())?,
            synced_at: reads.iter().filter_map(|run| run.finished_at).max(),
            permissions_synced_at: None,
            complete: reads.iter().all(|run| run.status == RunStatus::Succeeded),
            ..Facts::default()
        });
        *cached = Some((Arc::clone(searcher), Arc::clone(&facts)));
        Ok(facts)
    }
}

/// Every document, whoever asks: for counts that are shown to nobody but the operator.
pub(crate) fn everything() -> EngineQuery {
    EngineQuery {
        scored: None,
        filter: crate::cql::plan::Filter::All,
        access: AccessFilter::default(),
    }
}
