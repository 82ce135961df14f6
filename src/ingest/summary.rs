//! The facts that are served of a document, put together once when it is indexed.

use jiff::Timestamp;

use super::cut_passages;
use crate::model::{Content, ContentType, Document, SegmentKind, Summary};
use crate::ports::{Deployment, SiteInfo};

/// Warnings kept with a document.
const KEPT_WARNINGS: usize = 20;

/// Everything about a document but its text.
pub(crate) fn summarize(document: &Document, site: &SiteInfo, now: Timestamp) -> Summary {
    let content = &document.content;
    let converted = &document.converted;
    let space = document.space.as_ref();
    let (mut passages, est_tokens) = cut_passages(converted);
    if let Some(kind) = whole_kind(&content.kind) {
        for passage in &mut passages {
            passage.kind = kind;
        }
    }
    let warnings = &converted.meta.warnings;
    let dropped = warnings.len().saturating_sub(KEPT_WARNINGS);
    Summary {
        id: content.id.clone(),
        kind: content.kind.clone(),
        status: content.status.clone(),
        title: content.title.clone(),
        url: document_url(site, content),
        space_key: content.space_key.clone(),
        space_name: space.map(|space| space.name.clone()),
        space_url: space_url(site, document),
        ancestors: content.ancestors.clone(),
        version: content.version.clone(),
        position: content.position,
        created: content.created,
        author: content
            .creator
            .as_ref()
            .and_then(|user| user.name())
            .map(str::to_owned),
        last_editor: content
            .version
            .by
            .as_ref()
            .and_then(|by| by.name())
            .map(str::to_owned),
        labels: content.labels.clone(),
        language: document.language,
        est_tokens,
        content_hash: document.content_hash.clone(),
        indexed_at: now,
        container: content.container.clone(),
        attachment: content.attachment.clone(),
        current_editor: converted.meta.current_editor,
        tables: count(converted, SegmentKind::TableHeader),
        code_blocks: count(converted, SegmentKind::Code),
        headings: converted.meta.headings.clone(),
        passages,
        warnings: warnings.iter().take(KEPT_WARNINGS).cloned().collect(),
        warnings_dropped: converted.meta.warnings_dropped + u32::try_from(dropped).unwrap_or(0),
    }
}

/// Passages of comments and attachments are called so, whatever they consist of.
fn whole_kind(kind: &ContentType) -> Option<&'static str> {
    match kind {
        ContentType::Comment => Some("comment"),
        ContentType::Attachment => Some("attachment"),
        _ => None,
    }
}

/// Groups, not units: a table has one header, but may have none, so its first row counts.
fn count(converted: &crate::model::Converted, kind: SegmentKind) -> u32 {
    let table = kind == SegmentKind::TableHeader;
    let of_kind =
        |wanted: SegmentKind| wanted == kind || (table && wanted == SegmentKind::TableRow);
    let mut groups: Vec<u32> = converted
        .segments
        .iter()
        .filter(|segment| of_kind(segment.kind))
        .map(|segment| segment.group)
        .collect();
    groups.dedup();
    u32::try_from(groups.len()).unwrap_or(u32::MAX)
}

/// Where the item is at the site: as the source said, else by the form that works for any
/// page of that product.
fn document_url(site: &SiteInfo, content: &Content) -> String {
    if let Some(url) = &content.url {
        return url.clone();
    }
    let base = base_url(site);
    let page = match (&content.kind, &content.container) {
        (ContentType::Comment | ContentType::Attachment, Some(container)) => &container.id,
        _ => &content.id,
    };
    match (site.deployment, &content.space_key) {
        (Deployment::Cloud, Some(key)) => format!("{base}/spaces/{key}/pages/{page}"),
        _ => format!("{base}/pages/viewpage.action?pageId={page}"),
    }
}

fn space_url(site: &SiteInfo, document: &Document) -> Option<String> {
    if let Some(url) = document.space.as_ref().and_then(|space| space.url.clone()) {
        return Some(url);
    }
    let key = document.content.space_key.as_ref()?;
    let base = base_url(site);
    Some(match site.deployment {
        Deployment::Cloud => format!("{base}/spaces/{key}"),
        Deployment::Datacenter => format!("{base}/display/{key}"),
    })
}

/// A dump may not say where it is from; a citation needs an absolute URL all the same, and
/// `.invalid` is reserved so that it leads nowhere.
fn base_url(site: &SiteInfo) -> &str {
    match site.base_url.as_str() {
        "" => "https://confluence.invalid",
        base => base,
    }
}
