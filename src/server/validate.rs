//! Checks JSON against the schemas of the API's own description, and finds every
//! mistake at once.
//!
//! serde stops at the first mistake, and lets fields pass that an untagged enum does not
//! know. The schemas are made from the same types that serde reads into, so the two
//! cannot disagree about names. Only what those types use is understood here: objects,
//! arrays, scalars, `enum`, bounds, `oneOf`, `$ref`. Objects with `properties` are closed,
//! unless they say what else may be there.
//!
//! Depth is bounded by the schemas, which do not recur.

use serde_json::{Map, Value};

use crate::search::api::FieldError;

/// The named schemas of the API's description.
#[derive(Debug, Clone)]
pub(crate) struct Schemas(Map<String, Value>);

impl Schemas {
    /// Takes `components.schemas` out of an OpenAPI document.
    pub(super) fn of(document: &Value) -> Self {
        let schemas = document.pointer("/components/schemas");
        Self(
            schemas
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default(),
        )
    }

    /// All mistakes of a value, in the order of its fields.
    pub(super) fn check(&self, name: &str, value: &Value) -> Vec<FieldError> {
        self.check_with(self.named(name), value)
    }

    /// The same for a schema without a name.
    pub(super) fn check_with(&self, schema: &Value, value: &Value) -> Vec<FieldError> {
        let mut errors = Vec::new();
        self.walk(schema, value, "", &mut errors);
        errors
    }

    /// What a query parameter means: a number or a truth value where the field takes
    /// one and the text is one, else the text.
    pub(super) fn parameter(&self, schema: &str, field: &str, text: &str) -> Value {
        let field = &self.named(schema)["properties"][field];
        let types = self.types(field);
        let takes = |kind: &str| types.iter().any(|have| have == kind);
        let parsed = serde_json::from_str::<Value>(text).ok();
        match parsed {
            Some(number @ Value::Number(_)) if takes("integer") || takes("number") => number,
            Some(truth @ Value::Bool(_)) if takes("boolean") => truth,
            _ => Value::String(text.to_owned()),
        }
    }

    fn named(&self, name: &str) -> &Value {
        self.0.get(name).expect("types of requests are described")
    }

    /// The schema itself, without the names it goes by.
    fn resolve<'a>(&'a self, mut schema: &'a Value) -> &'a Value {
        while let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap_or_default();
            match self.0.get(name) {
                Some(found) => schema = found,
                None => return &Value::Null,
            }
        }
        schema
    }

    /// The schemas of which one must hold, choices of choices included; itself, where
    /// there is no choice.
    fn alternatives<'a>(&'a self, schema: &'a Value) -> Vec<&'a Value> {
        let mut open = vec![schema];
        let mut found = Vec::new();
        while let Some(schema) = open.pop() {
            let schema = self.resolve(schema);
            match schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
                Some(choices) => open.extend(choices.iter().rev()),
                None => found.push(schema),
            }
        }
        found
    }

    /// Names of the JSON types that a schema takes, `null` left out.
    fn types(&self, schema: &Value) -> Vec<String> {
        let mut types: Vec<String> = Vec::new();
        for schema in self.alternatives(schema) {
            let own = match &schema["type"] {
                Value::String(one) => vec![one.clone()],
                Value::Array(several) => strings(several),
                _ => Vec::new(),
            };
            for kind in own.into_iter().filter(|kind| kind != "null") {
                if !types.contains(&kind) {
                    types.push(kind);
                }
            }
        }
        types
    }

    fn walk(&self, schema: &Value, value: &Value, at: &str, errors: &mut Vec<FieldError>) {
        let alternatives = self.alternatives(schema);
        // Null and absent mean the same.
        if value.is_null() && !at.is_empty() {
            return;
        }
        let fitting = alternatives
            .iter()
            .filter(|schema| takes_type(schema, value));
        let mut best: Option<Vec<FieldError>> = None;
        for schema in fitting {
            let mut found = Vec::new();
            self.walk_one(schema, value, at, &mut found);
            if found.is_empty() {
                return;
            }
            best.get_or_insert(found);
        }
        match best {
            Some(found) => errors.extend(found),
            None => errors.push(self.wrong_type(schema, value, at)),
        }
    }

    fn walk_one(&self, schema: &Value, value: &Value, at: &str, errors: &mut Vec<FieldError>) {
        match value {
            Value::Object(fields) => self.object(schema, fields, at, errors),
            Value::Array(items) => {
                errors.extend(count_mistake(schema, items.len(), at));
                for (n, item) in items.iter().enumerate() {
                    let at = format!("{at}/{n}");
                    // Absent has no meaning inside a list.
                    if item.is_null() {
                        errors.push(self.wrong_type(&schema["items"], item, &at));
                    } else {
                        self.walk(&schema["items"], item, &at, errors);
                    }
                }
            }
            Value::String(text) => errors.extend(text_mistake(schema, text, at)),
            Value::Number(number) => {
                let number = number.as_f64().unwrap_or(f64::NAN);
                errors.extend(number_mistake(schema, number, at));
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn object(
        &self,
        schema: &Value,
        fields: &Map<String, Value>,
        at: &str,
        errors: &mut Vec<FieldError>,
    ) {
        let Some(known) = schema["properties"].as_object() else {
            return;
        };
        let open = schema["additionalProperties"].is_object();
        for (name, value) in fields {
            let pointer = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            match known.get(name) {
                Some(schema) => self.walk(schema, value, &pointer, errors),
                None if open => {}
                None => errors.push(unknown_field(name, pointer, known)),
            }
        }
        for name in schema["required"]
            .as_array()
            .map(|names| strings(names))
            .unwrap_or_default()
        {
            if fields.get(&name).is_none_or(Value::is_null) {
                let message = format!("`{name}` is required");
                errors.push(mistake(format!("{at}/{name}"), "required", message));
            }
        }
    }

    fn wrong_type(&self, schema: &Value, value: &Value, at: &str) -> FieldError {
        let expected = self.types(schema);
        let message = format!(
            "{} must be {}, not {}",
            field_name(at),
            expected.join(" or "),
            type_name(value)
        );
        FieldError {
            expected,
            ..mistake(at, "wrong_type", message)
        }
    }
}

fn takes_type(schema: &Value, value: &Value) -> bool {
    let takes = |kind: &str| match kind {
        "integer" => value.is_i64() || value.is_u64(),
        kind => kind == type_name(value),
    };
    match &schema["type"] {
        Value::String(kind) => takes(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).any(takes),
        // A schema that says nothing takes everything.
        _ => true,
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn count_mistake(schema: &Value, count: usize, at: &str) -> Option<FieldError> {
    let bound = |name: &str| schema[name].as_u64().and_then(|n| usize::try_from(n).ok());
    let (least, most) = (
        bound("minItems").unwrap_or(0),
        bound("maxItems").unwrap_or(usize::MAX),
    );
    if (least..=most).contains(&count) {
        return None;
    }
    let message = format!("{} must have {least} to {most} items", field_name(at));
    Some(mistake(at, "out_of_range", message))
}

fn text_mistake(schema: &Value, text: &str, at: &str) -> Option<FieldError> {
    if let Some(allowed) = schema["enum"].as_array() {
        let expected = strings(allowed);
        if !expected.iter().any(|one| one == text) {
            let message = format!(
                "{} must be one of `{}`",
                field_name(at),
                expected.join("`, `")
            );
            return Some(FieldError {
                expected,
                ..mistake(at, "invalid_value", message)
            });
        }
    }
    let length = text.chars().count() as u64;
    let least = schema["minLength"].as_u64().filter(|least| length < *least);
    let most = schema["maxLength"].as_u64().filter(|most| length > *most);
    let message = match (least, most) {
        (Some(least), _) => format!("{} must have at least {least} characters", field_name(at)),
        (_, Some(most)) => format!("{} must have at most {most} characters", field_name(at)),
        _ => return None,
    };
    Some(mistake(at, "out_of_range", message))
}

fn number_mistake(schema: &Value, number: f64, at: &str) -> Option<FieldError> {
    let least = schema["minimum"].as_f64();
    let most = schema["maximum"].as_f64();
    let outside =
        least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most);
    if !outside {
        return None;
    }
    let range = match (least, most) {
        (Some(least), Some(most)) => format!("from {least} to {most}"),
        (Some(least), None) => format!("at least {least}"),
        (None, Some(most)) => format!("at most {most}"),
        (None, None) => return None,
    };
    let message = format!("{} must be {range}", field_name(at));
    Some(mistake(at, "out_of_range", message))
}

fn unknown_field(name: &str, pointer: String, known: &Map<String, Value>) -> FieldError {
    let message = format!("unknown field `{name}`");
    FieldError {
        expected: known.keys().cloned().collect(),
        ..mistake(pointer, "unknown_field", message)
    }
}

pub(super) fn mistake(
    pointer: impl Into<String>,
    code: &str,
    message: impl Into<String>,
) -> FieldError {
    FieldError {
        pointer: pointer.into(),
        code: code.to_owned(),
        message: message.into(),
        ..FieldError::default()
    }
}

/// `/filter/labels` as a message names it.
fn field_name(pointer: &str) -> String {
    match pointer.strip_prefix('/') {
        Some(path) => format!("`{}`", path.replace('/', ".")),
        None => "the body".to_owned(),
    }
}

fn strings(values: &[Value]) -> Vec<String> {
    let texts = values.iter().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Mistakes as `pointer code: message` lines.
    #[track_caller]
    fn check(schema: &Value, value: &Value, expected: &[&str]) {
        let schemas = Schemas::of(&json!({"components": {"schemas": {
            "Body": schema,
            "Rule": {"type": "string", "enum": ["auto", "none"]},
        }}}));
        let errors = schemas.check("Body", value);
        let got: Vec<_> = errors
            .iter()
            .map(|error| format!("{} {}: {}", error.pointer, error.code, error.message))
            .collect();
        assert_eq!(got, expected);
    }

    fn search() -> Value {
        json!({"type": "object", "required": ["query"], "properties": {
            "query": {"type": "string", "minLength": 1},
            "limit": {"type": ["integer", "null"], "minimum": 1, "maximum": 50},
            "cutoff": {"oneOf": [{"type": "null"}, {"oneOf": [
                {"$ref": "#/components/schemas/Rule"}, {"type": "number"}
            ]}]},
            "labels": {"oneOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "properties": {"any": {"type": "array", "items": {"type": "string"}}}},
            ]},
        }})
    }

    #[test]
    fn a_value_that_fits_has_no_mistakes() {
        check(
            &search(),
            &json!({"query": "ice", "limit": null, "cutoff": 0.5}),
            &[],
        );
        check(
            &search(),
            &json!({"query": "ice", "cutoff": "auto", "labels": ["a"]}),
            &[],
        );
        check(
            &search(),
            &json!({"query": "ice", "labels": {"any": ["a"]}}),
            &[],
        );
    }

    #[test]
    fn all_mistakes_are_found_at_once() {
        check(
            &search(),
            &json!({"limit": 99, "filtr": {}, "labels": {"nome": []}, "cutoff": "never"}),
            &[
                "/cutoff invalid_value: `cutoff` must be one of `auto`, `none`",
                "/filtr unknown_field: unknown field `filtr`",
                "/labels/nome unknown_field: unknown field `nome`",
                "/limit out_of_range: `limit` must be from 1 to 50",
                "/query required: `query` is required",
            ],
        );
    }

    #[test]
    fn types_are_named() {
        check(
            &search(),
            &json!([]),
            &[" wrong_type: the body must be object, not array"],
        );
        check(
            &search(),
            &json!({"query": 5, "limit": "3", "labels": [1], "cutoff": true}),
            &[
                "/cutoff wrong_type: `cutoff` must be string or number, not boolean",
                "/labels/0 wrong_type: `labels.0` must be string, not number",
                "/limit wrong_type: `limit` must be integer, not string",
                "/query wrong_type: `query` must be string, not number",
            ],
        );
    }

    #[test]
    fn pointers_escape_names() {
        check(
            &search(),
            &json!({"query": "x", "a/b~c": 1}),
            &["/a~1b~0c unknown_field: unknown field `a/b~c`"],
        );
    }
}
