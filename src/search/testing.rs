//! An engine in memory, for tests of the flow: it finds words by looking.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::cql::plan::{Clause, Filter, Plan, SortKey, TextExpr};
use crate::model::{
    Brief, ContentId, ContentType, DocumentKey, GateId, Heading, Label, Lang, Passage, Record,
    SegmentKind, SiteId, Status, Summary, Unit, Version,
};
use crate::ports::{
    AccessFilter, EngineQuery, EngineSearcher, Fetched, Hit, Listed, PortResult, Scored,
};

use super::api::CqlMistake;
use super::flow::{OrderBy, Planner};
use super::words;

/// A document whose units are its blank-line-separated blocks; each block that is
/// no heading is a passage.
pub(crate) fn document(id: &str, title: &str, markdown: &str) -> Fetched {
    let mut headings: Vec<Heading> = Vec::new();
    let (mut units, mut passages) = (Vec::new(), Vec::new());
    let mut current: Option<u32> = None;
    let mut group = 0;
    for (start, end) in blocks(markdown) {
        group += 1;
        let block = &markdown[start..end];
        let level = block.len() - block.trim_start_matches('#').len();
        if level > 0 && block[level..].starts_with(' ') {
            let parent = headings.iter().rposition(|h| usize::from(h.level) < level);
            let text = block[level + 1..].to_owned();
            headings.push(Heading {
                level: u8::try_from(level).unwrap(),
                anchor_s: format!("{title}-{text}").replace(' ', ""),
                anchor_f: Some(text.replace(' ', "-")),
                text,
                parent: parent.and_then(|n| u32::try_from(n).ok()),
                block: None,
            });
            current = u32::try_from(headings.len() - 1).ok();
            units.push(unit(SegmentKind::Heading, start..end, current, group));
            continue;
        }
        let table_header = table_units(block, start, current, group, &mut units);
        let kind = if table_header.is_some() {
            "table"
        } else {
            "prose"
        };
        passages.push(Passage {
            markdown: start..end,
            text: 0..0,
            heading: current,
            kind,
            table_header: None,
        });
    }
    Fetched {
        summary: summary(id, title, headings, passages),
        markdown: markdown.to_owned(),
        units,
    }
}

fn unit(
    kind: SegmentKind,
    markdown: std::ops::Range<usize>,
    heading: Option<u32>,
    group: u32,
) -> Unit {
    Unit {
        kind,
        markdown,
        heading,
        group,
    }
}

/// Units of a block; of a table its header and rows.
fn table_units(
    block: &str,
    start: usize,
    heading: Option<u32>,
    group: u32,
    units: &mut Vec<Unit>,
) -> Option<usize> {
    let header = block
        .starts_with('|')
        .then(|| block.match_indices('\n').nth(1))
        .flatten();
    let Some((header, _)) = header else {
        let kind = if block.starts_with("```") {
            SegmentKind::Code
        } else {
            SegmentKind::Paragraph
        };
        units.push(unit(kind, start..start + block.len(), heading, group));
        return None;
    };
    units.push(unit(
        SegmentKind::TableHeader,
        start..start + header,
        heading,
        group,
    ));
    let mut at = start + header + 1;
    for row in block[header + 1..].split('\n') {
        units.push(unit(
            SegmentKind::TableRow,
            at..at + row.len(),
            heading,
            group,
        ));
        at += row.len() + 1;
    }
    Some(header)
}

fn blocks(markdown: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut at = 0;
    for block in markdown.split("\n\n") {
        let trimmed = block.trim_matches('\n');
        let start = at + (block.len() - block.trim_start_matches('\n').len());
        if !trimmed.is_empty() {
            out.push((start, start + trimmed.len()));
        }
        at += block.len() + 2;
    }
    out
}

fn summary(id: &str, title: &str, headings: Vec<Heading>, passages: Vec<Passage>) -> Summary {
    let time: Timestamp = "2026-10-02T07:31:05.123Z".parse().unwrap();
    Summary {
        id: ContentId::new(id),
        kind: ContentType::Page,
        status: Status::Current,
        title: title.to_owned(),
        url: format!("https://brightwater.example/wiki/pages/{id}"),
        space_key: Some("OPS".to_owned()),
        space_name: Some("Operations".to_owned()),
        space_url: None,
        ancestors: Vec::new(),
        version: Version {
            number: 14,
            when: Some(time),
            by: None,
            message: None,
        },
        position: None,
        created: None,
        author: None,
        last_editor: None,
        labels: vec![Label {
            prefix: "global".to_owned(),
            name: "safety".to_owned(),
        }],
        language: Lang::En,
        est_tokens: 0,
        content_hash: "sha256:0".to_owned(),
        indexed_at: time,
        container: None,
        attachment: None,
        current_editor: true,
        tables: 0,
        code_blocks: 0,
        headings,
        passages,
        warnings: Vec::new(),
        warnings_dropped: 0,
    }
}

/// Documents in memory; the address is the place in the list.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) documents: Vec<Fetched>,
    /// Gates of documents, by id.
    pub(crate) gates: HashMap<String, String>,
    pub(crate) generation: u64,
}

impl Memory {
    pub(crate) fn of(documents: &[(&str, &str, &str)]) -> Self {
        let make = |(id, title, markdown): &(&str, &str, &str)| document(id, title, markdown);
        Self {
            documents: documents.iter().map(make).collect(),
            gates: HashMap::new(),
            generation: 7,
        }
    }

    /// Puts a document behind its own gate.
    pub(crate) fn gate(&mut self, id: &str) -> GateId {
        let gate = GateId::Content(SiteId(1), ContentId::new(id));
        self.gates.insert(id.to_owned(), gate.to_string());
        gate
    }

    fn terms(&self, n: usize) -> Vec<String> {
        let document = &self.documents[n];
        let text = format!("{}\n{}", document.summary.title, document.markdown);
        words::tokens(&text, Lang::En)
            .into_iter()
            .map(|t| t.plain)
            .collect()
    }

    fn admits(&self, n: usize, query: &EngineQuery) -> bool {
        self.open(n, &query.access) && self.passes(n, &query.filter)
    }

    fn open(&self, n: usize, access: &AccessFilter) -> bool {
        let gate = self.gates.get(self.documents[n].summary.id.as_str());
        gate.is_none_or(|gate| !access.failed_gates.contains(gate))
    }

    fn passes(&self, n: usize, filter: &Filter) -> bool {
        match filter {
            Filter::All => true,
            Filter::None => false,
            Filter::And(all) => all.iter().all(|f| self.passes(n, f)),
            Filter::Or(any) => any.iter().any(|f| self.passes(n, f)),
            Filter::Not(inner) => !self.passes(n, inner),
            Filter::Clause(Clause::Terms { column, values }) => match *column {
                "space" => values.iter().any(|v| v == "ops"),
                "id" => values.contains(&self.documents[n].summary.id.0),
                _ => false,
            },
            Filter::Clause(Clause::Ids { column, numbers }) => {
                let id = &self.documents[n].summary.id;
                *column == "id" && numbers.iter().any(|number| number.to_string() == id.0)
            }
            Filter::Clause(Clause::Range { .. } | Clause::Between { .. }) => true,
            Filter::Clause(Clause::Text {
                expr: TextExpr::Phrase(positions),
                ..
            }) => {
                let terms = self.terms(n);
                terms.windows(positions.len()).any(|window| {
                    window
                        .iter()
                        .zip(positions)
                        .all(|(term, p)| p.plain.contains(term))
                })
            }
            Filter::Clause(Clause::Text { .. }) => false,
        }
    }

    fn hit(&self, n: usize, score: f32) -> Hit {
        Hit {
            key: DocumentKey::new(SiteId(1), self.documents[n].summary.id.clone()),
            score,
            address: n as u64,
        }
    }
}

/// A third for each time a term stands there, up to one.
fn score(scored: &Scored, terms: &[String]) -> f32 {
    match scored {
        Scored::Term { term, boost, .. } => {
            let n = terms.iter().filter(|t| *t == term).take(3).count();
            boost * f32::from(u8::try_from(n).unwrap()) / 3.0
        }
        Scored::Phrase {
            terms: phrase,
            boost,
            ..
        } => {
            let found = terms
                .windows(phrase.len())
                .any(|window| window == phrase.as_slice());
            if found { *boost } else { 0.0 }
        }
        Scored::AnyOf(all) => all.iter().map(|s| score(s, terms)).sum(),
        Scored::DisMax { clauses, .. } => {
            clauses.iter().map(|s| score(s, terms)).fold(0.0, f32::max)
        }
    }
}

impl EngineSearcher for Memory {
    fn generation(&self) -> u64 {
        self.generation
    }

    fn search(&self, query: &EngineQuery, k: usize) -> PortResult<Vec<Hit>> {
        let mut hits: Vec<Hit> = (0..self.documents.len())
            .filter(|n| self.admits(*n, query))
            .filter_map(|n| {
                let score = query
                    .scored
                    .as_ref()
                    .map_or(1.0, |s| score(s, &self.terms(n)));
                (score > 0.0).then(|| self.hit(n, score))
            })
            .collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.address.cmp(&b.address)));
        hits.truncate(k);
        Ok(hits)
    }

    fn count(&self, query: &EngineQuery) -> PortResult<u64> {
        Ok(self.search(query, usize::MAX)?.len() as u64)
    }

    fn list(
        &self,
        query: &EngineQuery,
        _sort: &[SortKey],
        offset: usize,
        limit: usize,
    ) -> PortResult<Listed> {
        let admitted = (0..self.documents.len()).filter(|n| self.admits(*n, query));
        let page = admitted.clone().skip(offset).take(limit);
        Ok(Listed {
            hits: page.map(|n| self.hit(n, 0.0)).collect(),
            total: admitted.count() as u64,
        })
    }

    fn sites(&self) -> PortResult<Vec<SiteId>> {
        Ok(vec![SiteId(1)])
    }

    fn passages(
        &self,
        documents: &[(&Hit, &Fetched)],
        terms: &[Scored],
        n: usize,
    ) -> PortResult<Vec<Vec<(u32, f32)>>> {
        let best = |(_, document): &(&Hit, &Fetched)| {
            let mut out: Vec<(u32, f32)> = Vec::new();
            for (number, passage) in (0..).zip(&document.summary.passages) {
                let text = &document.markdown[passage.markdown.clone()];
                let words: Vec<String> = words::tokens(text, Lang::En)
                    .into_iter()
                    .map(|t| t.plain)
                    .collect();
                let sum: f32 = terms.iter().map(|s| score(s, &words)).sum();
                if sum > 0.0 {
                    out.push((number, sum));
                }
            }
            out.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            out.truncate(n);
            out
        };
        Ok(documents.iter().map(best).collect())
    }

    fn positions(&self, hits: &[Hit], words: &[&[String]]) -> PortResult<Vec<Vec<Vec<u32>>>> {
        let of_hit = |hit: &Hit| {
            let have = self.terms(usize::try_from(hit.address).unwrap());
            let of_word = |word: &&[String]| {
                let places = (0..).zip(&have).filter(|(_, term)| word.contains(term));
                places.map(|(n, _)| n).collect()
            };
            words.iter().map(of_word).collect()
        };
        Ok(hits.iter().map(of_hit).collect())
    }

    fn stand(&self, hits: &[Hit], terms: &[String]) -> PortResult<Vec<Vec<bool>>> {
        let of_hit = |hit: &Hit| {
            let have = self.terms(usize::try_from(hit.address).unwrap());
            terms.iter().map(|term| have.contains(term)).collect()
        };
        Ok(hits.iter().map(of_hit).collect())
    }

    fn fetch(&self, hits: &[Hit]) -> PortResult<Vec<Fetched>> {
        let get = |hit: &Hit| self.documents[usize::try_from(hit.address).unwrap()].clone();
        Ok(hits.iter().map(get).collect())
    }

    fn briefs(&self, hits: &[Hit]) -> PortResult<Vec<Brief>> {
        let fetched = self.fetch(hits)?.into_iter();
        Ok(fetched.map(|document| document.summary.brief()).collect())
    }

    fn records(&self, hits: &[Hit]) -> PortResult<Vec<Record>> {
        Ok(hits.iter().map(|_| Record::default()).collect())
    }

    fn find(&self, key: &DocumentKey, access: &AccessFilter) -> PortResult<Option<Hit>> {
        let found = (0..self.documents.len())
            .find(|n| self.documents[*n].summary.id == key.id && key.site == SiteId(1));
        Ok(found
            .filter(|n| self.open(*n, access))
            .map(|n| self.hit(n, 0.0)))
    }

    fn doc_freq(&self, terms: &[String]) -> PortResult<Vec<u64>> {
        let of_term = |term: &String| {
            let having = (0..self.documents.len()).filter(|n| self.terms(*n).contains(term));
            having.count() as u64
        };
        Ok(terms.iter().map(of_term).collect())
    }

    fn values(&self, _: &str, _: &str, _: &EngineQuery, _: usize) -> PortResult<Vec<String>> {
        Ok(Vec::new())
    }

    fn count_by_type(&self, query: &EngineQuery) -> PortResult<Vec<(String, u64)>> {
        Ok(vec![("page".to_owned(), self.count(query)?)])
    }
}

/// Knows `space = OPS`, `space = NONE` and `text ~ WORD`.
pub(crate) struct FewClauses;

impl Planner for FewClauses {
    fn plan(&self, cql: &str, _order: OrderBy) -> Result<Plan, Vec<CqlMistake>> {
        let filter = match cql.split_once(" = ") {
            Some(("space", "OPS")) => Filter::All,
            Some(("space", _)) => Filter::None,
            _ => match cql.strip_prefix("text ~ ") {
                Some(word) => Filter::Clause(Clause::Text {
                    fields: &[crate::cql::plan::TextField::Text],
                    expr: TextExpr::Phrase(words::positions(word)),
                }),
                None => {
                    return Err(vec![CqlMistake {
                        code: "unknown_field".to_owned(),
                        message: "unknown field".to_owned(),
                        start: 0,
                        end: 3,
                        ..CqlMistake::default()
                    }]);
                }
            },
        };
        Ok(Plan {
            filter,
            order: Vec::new(),
        })
    }

    fn plan_in(&self, cql: &str, _space: Option<&str>) -> Result<Plan, Vec<CqlMistake>> {
        self.plan(cql, OrderBy::Allowed)
    }
}
