//! What callers send and get, on every interface: HTTP, command line, MCP and library
//! speak these types and no others.
//!
//! Everything here is plain data that serde reads and writes and that OpenAPI is made
//! from. Requests keep what the caller wrote, absent where the caller wrote nothing; bounds and
//! defaults are applied by `input`, which reports every mistake at once.
//! Times are strings in RFC 3339, UTC with `Z`, to the second.

mod content;
mod convert;
mod cql;
mod request;
mod response;

pub use content::{
    Attachment, Author, Container, Content, ContentAncestor, DocumentObject, DocumentResponse,
    Extraction, Filled, FilledKind, FilledSource, OutlineHeading, OutlineResponse, Parts,
    ReadFormat, ReadRequest, RelatedKind, RelatedRequest, RelatedResponse, SpaceRef,
};
pub use convert::{
    BodyRepresentation, ConvertBlock, ConvertRequest, ConvertResponse, ConvertWarning,
};
pub use cql::{
    CqlCompleteRequest, CqlCompleteResponse, CqlCompletion, CqlExplainResponse, CqlMistake,
    CqlRequest, CqlSearchRequest, CqlSearchResponse, CqlValidation, ListedDocument, NotLocal,
};
pub use request::{
    Context, Cutoff, CutoffRule, Format, Freshness, GroupBy, Include, Mode, OffsetUnit, Queries,
    SearchFilter, SearchRequest, TimeRange, ValueSets, Values,
};
pub use response::{
    Anchor, AnchorConfidence, Citation, ExplainedWord, FieldError, Highlight, IndexState, Match,
    NextCall, Notice, Omitted, PassageObject, QueryEcho, Relation, ResultDocument,
    ResultExplanation, SearchExplanation, SearchResponse, SearchResult, Span, Total, Truncated,
    Usage,
};

/// Name of the estimator behind every number of tokens.
pub const ESTIMATOR: &str = "hw-approx-1";
