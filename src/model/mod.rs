//! The words of the domain, as plain data: what Confluence has (content, spaces,
//! people), what a body becomes (block tree), what is served (document, citation)
//! and who may see it (gates).
//!
//! Nothing here does anything but hold, compare and print itself. No file, clock,
//! thread or foreign engine is known here.

mod access;
mod body;
mod content;
mod converted;
mod document;
mod ids;
mod packing;
mod property;
mod record;
mod summary;

pub(crate) use access::{Directory, Gate, GateId, GateState, Identity, Person, Viewer};
pub(crate) use body::*;
pub(crate) use content::{
    Ancestor, AttachmentInfo, Content, ContentRef, ContentType, Label, RawBody, Representation,
    Restrictions, Space, SpacePermissions, Status, User, Version,
};
pub(crate) use converted::*;
pub(crate) use document::{Document, Lang};
pub(crate) use ids::{ContentId, DocumentKey, PublicId, SiteId, id_number};
pub(crate) use packing::{
    pack_headings, pack_passages, pack_units, unpack_headings, unpack_passages, unpack_units,
};
pub(crate) use property::{ContentProperty, Leaf, PropertyKind, Told, property_name};
pub(crate) use record::Record;
pub(crate) use summary::{Brief, PASSAGE_KINDS, Passage, Summary, Unit};
