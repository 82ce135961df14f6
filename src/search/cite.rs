//! The facts of a document as callers see them: ids, links into the page, citations.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::model::{ContentId, ContentType, DocumentKey, PublicId, SiteId, Summary};

use super::api::{
    Anchor, AnchorConfidence, Attachment, Author, Citation, Container, ContentAncestor,
    DocumentObject, Extraction, Parts, ResultDocument, SpaceRef,
};
use super::sections;

/// Names of sites, as ids carry them. With one site, ids carry none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sites(pub(crate) Vec<(SiteId, String)>);

impl Sites {
    /// The name to put before ids of this site.
    fn prefix(&self, site: SiteId) -> Option<String> {
        let several = self.0.len() > 1;
        let named = self.0.iter().find(|(id, _)| *id == site);
        named.filter(|_| several).map(|(_, name)| name.clone())
    }

    /// The sites that an id may mean: the named one, or all when none is named.
    pub(crate) fn meant_by(&self, id: &PublicId) -> Vec<SiteId> {
        let meant = |(_, name): &&(SiteId, String)| id.site.as_ref().is_none_or(|s| s == name);
        self.0.iter().filter(meant).map(|(site, _)| *site).collect()
    }

    pub(crate) fn document_id(&self, key: &DocumentKey, summary: &Summary) -> PublicId {
        self.public_id(key, &summary.kind, &summary.id)
    }

    pub(crate) fn public_id(
        &self,
        key: &DocumentKey,
        kind: &ContentType,
        id: &ContentId,
    ) -> PublicId {
        PublicId {
            site: self.prefix(key.site),
            ..PublicId::new(kind.clone(), id.clone())
        }
    }

    pub(crate) fn passage_id(&self, key: &DocumentKey, summary: &Summary, n: u32) -> String {
        let id = PublicId {
            version: Some(summary.version.number),
            passage: Some(n),
            ..self.document_id(key, summary)
        };
        id.to_string()
    }
}

/// RFC 3339 in UTC, to the second.
pub(crate) fn time(time: Timestamp) -> String {
    // Seconds are cut, not rounded: a version never seems newer than it is.
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub(crate) fn updated_at(summary: &Summary) -> Option<String> {
    summary.version.when.map(time)
}

pub(crate) fn space(summary: &Summary) -> Option<SpaceRef> {
    Some(SpaceRef {
        key: summary.space_key.clone()?,
        name: summary.space_name.clone(),
        url: summary.space_url.clone(),
    })
}

/// The space without its URL, as it stands beside passages.
pub(crate) fn short_space(summary: &Summary) -> Option<SpaceRef> {
    let space = space(summary)?;
    Some(SpaceRef { url: None, ..space })
}

pub(crate) fn labels(summary: &Summary) -> Vec<String> {
    summary.labels.iter().map(|l| l.name.clone()).collect()
}

pub(crate) fn ancestors(summary: &Summary) -> Vec<String> {
    summary.ancestors.iter().map(|a| a.title.clone()).collect()
}

/// The anchor of a heading: rule F on pages of Cloud's current editor, else rule S.
pub(crate) fn anchor(summary: &Summary, heading: Option<u32>) -> Anchor {
    let heading = heading.and_then(|n| summary.headings.get(n as usize));
    let value = heading.and_then(|heading| {
        if summary.current_editor {
            heading.anchor_f.clone()
        } else {
            Some(heading.anchor_s.clone())
        }
    });
    let value = value.filter(|value| !value.is_empty());
    let confidence = match value {
        Some(_) => AnchorConfidence::Derived,
        None => AnchorConfidence::None,
    };
    Anchor { value, confidence }
}

/// The page opened at an anchor. A URL that has a fragment already (a comment's) keeps it.
pub(crate) fn deep_url(url: &str, anchor: &Anchor) -> String {
    match &anchor.value {
        Some(value) if !url.contains('#') => format!("{url}#{}", percent_encode(value)),
        _ => url.to_owned(),
    }
}

/// Everything that RFC 3986 does not allow in a fragment is encoded.
fn percent_encode(fragment: &str) -> String {
    let mut out = String::with_capacity(fragment.len());
    for byte in fragment.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// `Title › Heading (SPACE, v14, 2026-10-02)`.
pub(crate) fn citation(summary: &Summary, heading: Option<u32>, rank: u32, url: &str) -> Citation {
    let mut text = summary.title.clone();
    if let Some(heading) = sections::path_texts(summary, heading).last() {
        text.push_str(" › ");
        text.push_str(heading);
    }
    let version = Some(format!("v{}", summary.version.number));
    let date = summary.version.when;
    let date = date.map(|when| when.strftime("%Y-%m-%d").to_string());
    let facts = [summary.space_key.clone(), version, date];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    let _ = write!(text, " ({})", facts.join(", "));
    Citation {
        label: rank.to_string(),
        text,
        url: url.to_owned(),
    }
}

pub(crate) fn result_document(
    sites: &Sites,
    key: &DocumentKey,
    summary: &Summary,
) -> ResultDocument {
    ResultDocument {
        id: sites.document_id(key, summary).to_string(),
        r#type: summary.kind.to_string(),
        title: summary.title.clone(),
        url: summary.url.clone(),
        version: summary.version.number,
        updated_at: updated_at(summary),
        space: short_space(summary),
        ancestors: ancestors(summary),
        labels: labels(summary),
        est_tokens: summary.est_tokens,
    }
}

pub(crate) fn document_object(
    sites: &Sites,
    key: &DocumentKey,
    summary: &Summary,
) -> DocumentObject {
    let public = |kind, id| PublicId {
        site: sites.prefix(key.site),
        kind,
        id,
        version: None,
        passage: None,
    };
    let author = |name: &Option<String>| name.clone().map(|name| Author { name });
    DocumentObject {
        id: sites.document_id(key, summary).to_string(),
        r#type: summary.kind.to_string(),
        title: summary.title.clone(),
        url: summary.url.clone(),
        space: space(summary),
        ancestors: summary
            .ancestors
            .iter()
            .map(|ancestor| ContentAncestor {
                id: public(Some(ancestor.kind.clone()), ancestor.id.clone()).to_string(),
                title: ancestor.title.clone(),
            })
            .collect(),
        status: summary.status.as_str().to_owned(),
        version: summary.version.number,
        created_at: summary.created.map(time),
        updated_at: updated_at(summary),
        author: author(&summary.author),
        last_editor: author(&summary.last_editor),
        labels: labels(summary),
        language: summary.language.code().to_owned(),
        est_tokens: summary.est_tokens,
        content_hash: summary.content_hash.clone(),
        indexed_at: time(summary.indexed_at),
        parts: parts(summary),
        extraction: extraction(summary),
        attachment: attachment(summary),
        container: summary.container.clone().map(|container| Container {
            id: public(container.kind, container.id).to_string(),
            title: container.title,
        }),
    }
}

fn parts(summary: &Summary) -> Parts {
    Parts {
        sections: u32::try_from(summary.headings.len()).unwrap_or(u32::MAX),
        tables: summary.tables,
        code_blocks: summary.code_blocks,
    }
}

fn extraction(summary: &Summary) -> Extraction {
    let mut warnings = Vec::new();
    for warning in &summary.warnings {
        let text = match warning.detail.as_str() {
            "" => warning.code.clone(),
            detail => format!("{}: {detail}", warning.code),
        };
        if !warnings.contains(&text) {
            warnings.push(text);
        }
    }
    Extraction {
        complete: warnings.is_empty(),
        warnings,
        more_warnings: Some(summary.warnings_dropped).filter(|dropped| *dropped > 0),
    }
}

fn attachment(summary: &Summary) -> Option<Attachment> {
    let info = summary.attachment.as_ref()?;
    Some(Attachment {
        file_name: summary.title.clone(),
        media_type: info.media_type.clone(),
        size_bytes: info.size_bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::testing::document;

    #[test]
    fn citations_name_title_heading_space_version_and_day() {
        let summary = document("1", "Winter timetable", "# Ice\n\n## At 9 cm\n\nText.").summary;
        let anchor = anchor(&summary, Some(1));
        let url = deep_url(&summary.url, &anchor);
        let citation = citation(&summary, Some(1), 3, &url);
        assert_eq!(
            citation.text,
            "Winter timetable › At 9 cm (OPS, v14, 2026-10-02)"
        );
        assert_eq!(
            citation.url,
            "https://brightwater.example/wiki/pages/1#At-9-cm"
        );
        assert_eq!(citation.label, "3");
    }

    #[test]
    fn anchors_follow_the_editor_of_the_page() {
        let mut summary = document("1", "Winter timetable", "# Ice rules").summary;
        let value = |summary: &Summary| anchor(summary, Some(0)).value;
        assert_eq!(value(&summary).as_deref(), Some("Ice-rules"));
        summary.current_editor = false;
        assert_eq!(value(&summary).as_deref(), Some("Wintertimetable-Icerules"));
        assert_eq!(anchor(&summary, None).confidence, AnchorConfidence::None);
        summary.current_editor = true;
        summary.headings[0].anchor_f = None;
        assert_eq!(anchor(&summary, Some(0)).confidence, AnchorConfidence::None);
    }

    #[test]
    fn fragments_are_percent_encoded() {
        let anchor = |value: &str| Anchor {
            value: Some(value.to_owned()),
            confidence: AnchorConfidence::Derived,
        };
        assert_eq!(
            deep_url("https://x/a", &anchor("Für \"9\" %")),
            "https://x/a#F%C3%BCr%20%229%22%20%25"
        );
        assert_eq!(
            deep_url("https://x/a#comment-1", &anchor("b")),
            "https://x/a#comment-1"
        );
    }

    #[test]
    fn sites_stand_before_ids_only_where_there_are_several() {
        let summary = document("1", "T", "x").summary;
        let key = DocumentKey::new(SiteId(2), ContentId::new("1"));
        let mut sites = Sites(vec![(SiteId(2), "wiki".to_owned())]);
        assert_eq!(sites.passage_id(&key, &summary, 0), "page:1@14#p0");
        sites.0.push((SiteId(3), "other".to_owned()));
        assert_eq!(sites.passage_id(&key, &summary, 0), "wiki/page:1@14#p0");
    }
}
