//! CQL.
pub(crate) mod fields;
pub(crate) mod plan;
pub(crate) fn wildcard_matches(_p: &str, _s: &str) -> bool {
    false
}
pub(crate) fn fuzzy_matches(_p: &str, _s: &str, _d: u8) -> bool {
    false
}
