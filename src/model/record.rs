//! What an index keeps of a document for what is made of it elsewhere: the places that are
//! filled in when it is read, and what other documents show of it.

use serde::{Deserialize, Serialize};

use super::{
    AttachmentRef, CodeBlock, Converted, Edge, Embed, Excerpt, JiraRef, Link, LinkPlace, Metadata,
    PropertyText, Task,
};

/// The metadata record of a body (storage-format.md 15), as far as an answer may need it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Record {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) edges: Vec<Edge>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) link_places: Vec<LinkPlace>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) excerpts: Vec<Excerpt>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) properties: Vec<PropertyText>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tasks: Vec<Task>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) links: Vec<Link>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) attachments: Vec<AttachmentRef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) code: Vec<CodeBlock>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) jira: Vec<JiraRef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) dates: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) embeds: Vec<Embed>,
}

/// Most places of one document that are kept; each may cost a look-up.
const MOST_EDGES: usize = 1000;

impl Record {
    /// The record of a conversion.
    pub(crate) fn of(converted: &Converted) -> Self {
        let Metadata {
            excerpts,
            properties,
            tasks,
            links,
            attachments,
            code,
            jira,
            dates,
            embeds,
            ..
        } = &converted.meta;
        let link_places = converted.link_places.iter().take(MOST_EDGES);
        Self {
            edges: converted.edges.iter().take(MOST_EDGES).cloned().collect(),
            link_places: link_places.cloned().collect(),
            excerpts: excerpts.clone(),
            properties: properties.clone(),
            tasks: tasks.clone(),
            links: links.clone(),
            attachments: attachments.clone(),
            code: code.clone(),
            jira: jira.clone(),
            dates: dates.clone(),
            embeds: embeds.clone(),
        }
    }

    /// Whether there is nothing to keep.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
