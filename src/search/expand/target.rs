//! Which document a page means, as far as the asker may see it.

use jiff::tz::TimeZone;

use crate::cql::plan::{Filter, SortKey};
use crate::model::{ContentId, ContentType, DocumentKey, Target};
use crate::search::address::{self, Address};
use crate::search::error::Answer;
use crate::search::flow::Search;

use super::Row;
use super::params::is;

/// Most documents of one title that are looked at: one for each site and type.
const NAMESAKES: usize = 50;
/// Rows that are looked through where several sites share an index, so that those of one
/// can be counted.
const MOST_OF_SITES: usize = 2000;

impl Search<'_> {
    /// The page or blog post that a resource on the page `here` names. Missing and hidden
    /// look the same.
    pub(crate) fn target(&self, target: &Target, here: &Row) -> Answer<Option<Row>> {
        match target {
            Target::Page { id: Some(id), .. } | Target::Content { id } => self.by_id(id, here),
            Target::Page {
                space,
                title: Some(title),
                ..
            } => self.named(space.as_deref(), title, &["page", "blogpost"], here),
            Target::BlogPost {
                space, title, day, ..
            } => self.blog_post(space.as_deref(), title, day.as_deref(), here),
            _ => Ok(None),
        }
    }

    /// The page that a parameter names: `@self`, `@parent`, `@home`, `page:ID`, a title, or
    /// a title behind the key of its space.
    pub(super) fn named_page(&self, text: &str, here: &Row) -> Answer<Option<Row>> {
        let ancestors = &here.document.summary.ancestors;
        match text.to_ascii_lowercase().as_str() {
            "@self" => return Ok(Some(here.clone())),
            "@parent" => {
                let Some(parent) = ancestors.last() else {
                    return Ok(None);
                };
                return self.by_id(&parent.id, here);
            }
            "@home" => return self.home(here),
            "@none" => return Ok(None),
            _ => {}
        }
        if let Some(id) = text.strip_prefix("page:") {
            return self.by_id(&ContentId::new(id), here);
        }
        if let Some((space, title)) = text.split_once(':') {
            let found = self.named(Some(space.trim()), title.trim(), &["page"], here)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        self.named(None, text, &["page"], here)
    }

    /// The home page of the space: as the space says, else what is above all.
    fn home(&self, here: &Row) -> Answer<Option<Row>> {
        let summary = &here.document.summary;
        let key = summary.space_key.as_deref().unwrap_or_default();
        let homes = &self.facts.homes;
        if let Some(id) = homes.get(&(here.hit.key.site, key.to_lowercase())) {
            return self.by_id(id, here);
        }
        match summary.ancestors.first() {
            Some(root) => self.by_id(&root.id, here),
            None => Ok(Some(here.clone())),
        }
    }

    /// A file by its name, on the page that is named or on `here`.
    pub(super) fn file(
        &self,
        file_name: &str,
        container: Option<&Target>,
        here: &Row,
    ) -> Answer<Option<Row>> {
        let page = match container {
            Some(target) => self.target(target, here)?,
            None => Some(here.clone()),
        };
        let Some(page) = page else {
            return Ok(None);
        };
        let filter = Filter::And(vec![
            is("container", [page.hit.key.id.as_str()]),
            is("title_key", [file_name]),
            is("type", ["attachment"]),
        ]);
        let (rows, _) = self.rows(&filter, &[], 1, here)?;
        Ok(rows.into_iter().next())
    }

    fn by_id(&self, id: &ContentId, here: &Row) -> Answer<Option<Row>> {
        let key = DocumentKey::new(here.hit.key.site, id.clone());
        let Some(hit) = self.reach.find(self.searcher, &key)? else {
            return Ok(None);
        };
        let fetched = self.searcher.fetch(std::slice::from_ref(&hit))?;
        let row = fetched
            .into_iter()
            .next()
            .map(|document| Row { hit, document });
        let wanted = |row: &Row| {
            let kind = &row.document.summary.kind;
            !matches!(kind, ContentType::Comment | ContentType::Attachment)
        };
        Ok(row.filter(wanted))
    }

    /// By the address at which Confluence shows it.
    pub(super) fn at_url(&self, url: &str, here: &Row) -> Answer<Option<Row>> {
        let found = match Address::parse(url) {
            Some(Address::Id(id)) => self.by_id(&id, here)?,
            Some(Address::Title { space, title }) => {
                self.named(Some(&space), &title, &["page"], here)?
            }
            None => None,
        };
        Ok(found.filter(|row| address::same_server(url, &row.document.summary.url)))
    }

    /// By title, in the space of the page that names it unless another one is given.
    fn named(
        &self,
        space: Option<&str>,
        title: &str,
        types: &[&str],
        here: &Row,
    ) -> Answer<Option<Row>> {
        let own = here.document.summary.space_key.as_deref();
        let Some(space) = space.or(own) else {
            return Ok(None);
        };
        for kind in types {
            let filter = titled(space, title, kind);
            let (rows, _) = self.rows(&filter, &[], NAMESAKES, here)?;
            if let Some(row) = rows.into_iter().next() {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// Titles of blog posts may be used again on another day.
    fn blog_post(
        &self,
        space: Option<&str>,
        title: &str,
        day: Option<&str>,
        here: &Row,
    ) -> Answer<Option<Row>> {
        let own = here.document.summary.space_key.as_deref();
        let Some(space) = space.or(own) else {
            return Ok(None);
        };
        let filter = titled(space, title, "blogpost");
        let (rows, _) = self.rows(&filter, &[], NAMESAKES, here)?;
        let posted = |row: &&Row| {
            let created = row.document.summary.created;
            let date = created.map(|at| at.to_zoned(TimeZone::UTC).date().to_string());
            day.is_some() && date.as_deref() == day
        };
        let of_day = rows.iter().find(posted).cloned();
        Ok(of_day.or_else(|| rows.into_iter().next()))
    }

    /// Documents of the site of `here` that pass a filter, in an order, with how many there
    /// are. At most `limit` are read.
    pub(crate) fn rows(
        &self,
        filter: &Filter,
        order: &[SortKey],
        limit: usize,
        here: &Row,
    ) -> Answer<(Vec<Row>, u64)> {
        let several = self.facts.sites.0.len() > 1;
        let most = if several { MOST_OF_SITES } else { limit.max(1) };
        let (mut hits, mut total) = self.listed(filter.clone(), order, 0, most)?;
        if several {
            hits.retain(|hit| hit.key.site == here.hit.key.site);
            total = hits.len() as u64;
        }
        hits.truncate(limit);
        let documents = self.searcher.fetch(&hits)?;
        let rows = hits.into_iter().zip(documents);
        let rows = rows.map(|(hit, document)| Row { hit, document });
        Ok((rows.collect(), total))
    }
}

fn titled(space: &str, title: &str, kind: &str) -> Filter {
    Filter::And(vec![
        is("space", [space]),
        is("title_key", [title]),
        is("type", [kind]),
    ])
}
