//! The served item: a content item with its text, as it goes into an index and as
//! CQL is evaluated over it.

use serde::{Deserialize, Serialize};

use super::{Content, ContentId, Converted, DocumentKey, GateId, SiteId, Space};

/// Language whose stems a document's tokens carry.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default,
)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Lang {
    #[default]
    En,
    De,
    Fr,
    Es,
    It,
    Nl,
    Pt,
    Ja,
    Ko,
    Zh,
    /// Detected, but without a stemmer here.
    Other,
}

impl Lang {
    /// Every language, in a fixed order.
    pub(crate) const ALL: [Self; 11] = [
        Self::En,
        Self::De,
        Self::Fr,
        Self::Es,
        Self::It,
        Self::Nl,
        Self::Pt,
        Self::Ja,
        Self::Ko,
        Self::Zh,
        Self::Other,
    ];

    /// ISO 639-1, `und` for others.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::It => "it",
            Self::Nl => "nl",
            Self::Pt => "pt",
            Self::Ja => "ja",
            Self::Ko => "ko",
            Self::Zh => "zh",
            Self::Other => "und",
        }
    }
}

/// One content item with everything that is asked of it.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) site: SiteId,
    pub(crate) content: Content,
    /// The space it is in, as far as the source described it.
    pub(crate) space: Option<Space>,
    /// What is above the page that an attachment or comment hangs on, root first.
    /// Gates stand there too, but CQL's `ancestor` does not look there.
    pub(crate) container_ancestors: Vec<ContentId>,
    pub(crate) converted: Converted,
    pub(crate) language: Lang,
    /// Ids of the channels that reach it.
    pub(crate) channels: Vec<String>,
    /// `sha256:…` of the raw body and the metadata that is served.
    pub(crate) content_hash: String,
}

impl Document {
    pub(crate) fn key(&self) -> DocumentKey {
        DocumentKey::new(self.site, self.content.id.clone())
    }

    /// Every gate that stands before this item: its space, its ancestors, what it
    /// hangs on, itself. Restricted today or not, so that a later restriction holds
    /// without re-indexing.
    pub(crate) fn lineage(&self) -> Vec<GateId> {
        let content = &self.content;
        let space = content
            .space_key
            .iter()
            .map(|key| GateId::Space(self.site, key.clone()));
        let above = content.ancestors.iter().map(|ancestor| &ancestor.id);
        let container = content.container.iter().map(|container| &container.id);
        let above = above.chain(&self.container_ancestors);
        let ids = above.chain(container).chain(std::iter::once(&content.id));
        space
            .chain(ids.map(|id| GateId::Content(self.site, id.clone())))
            .collect()
    }
}
