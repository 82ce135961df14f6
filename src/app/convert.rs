//! A body converted by itself: no store, no people, no site.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;

use crate::model::{Converted, RawBody, Representation, Segment, Warning};
use crate::search::api::{
    BodyRepresentation, ConvertBlock, ConvertRequest, ConvertResponse, ConvertWarning,
};
use crate::storage::{self, Context, NoNames};

/// Converts a body; the same body gives the same answer anywhere.
pub(crate) fn convert(request: ConvertRequest) -> ConvertResponse {
    let told = request.representation.map(representation);
    let body = RawBody {
        representation: told.unwrap_or_else(|| storage::detect(&request.body)),
        value: request.body,
    };
    let context = Context {
        title: request.title.as_deref().unwrap_or_default(),
        space_key: None,
        server_rendered: None,
    };
    let Converted {
        markdown,
        text,
        segments,
        mut meta,
        ..
    } = storage::convert(&body, &context, &NoNames);
    let warnings = std::mem::take(&mut meta.warnings);
    let record = serde_json::to_value(&meta).and_then(serde_json::from_value);
    let mut record: BTreeMap<String, Value> =
        record.expect("the record is an object of plain data");
    record.remove("warnings");
    ConvertResponse {
        markdown,
        text,
        blocks: segments.iter().map(block).collect(),
        warnings: warnings.into_iter().map(warning).collect(),
        record,
    }
}

fn block(segment: &Segment) -> ConvertBlock {
    let pair = |range: &Range<usize>| [range.start, range.end];
    ConvertBlock {
        kind: segment.kind.name().to_owned(),
        markdown: pair(&segment.markdown),
        text: pair(&segment.text),
        source: pair(&segment.source),
        heading: segment.heading,
    }
}

fn warning(warning: Warning) -> ConvertWarning {
    let Warning {
        code,
        byte_offset,
        detail,
    } = warning;
    ConvertWarning {
        code,
        byte_offset,
        detail,
    }
}

fn representation(told: BodyRepresentation) -> Representation {
    match told {
        BodyRepresentation::Storage => Representation::Storage,
        BodyRepresentation::Adf => Representation::Adf,
        BodyRepresentation::Wiki => Representation::Wiki,
        BodyRepresentation::Html => Representation::Html,
    }
}
