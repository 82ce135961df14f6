//! CQL.
pub(crate) mod fields;
pub(crate) mod plan;
