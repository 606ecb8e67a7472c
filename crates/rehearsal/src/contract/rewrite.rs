//! Rewrites OpenAPI 3.0 schemas as JSON Schema 2020-12, closed.
//!
//! As published, the vendors' documents let every object carry anything, so a
//! misspelt field would pass. Wherever a document describes a *value* (a body, a
//! property, an item) the value is closed with `unevaluatedProperties: false`.
//! Parts of a composition (`allOf`, `anyOf`) stay open, since each describes
//! only a part of the value; the composition as a whole is closed.

use serde_json::{Map, Value, json};

use super::schema::DOCUMENT;

/// Rewrites one document's schemas; references resolve within `root`.
pub(super) struct Rewriter<'a> {
    root: &'a Value,
}

/// Whether a schema describes a whole value or a part of one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Value,
    Part,
}

impl<'a> Rewriter<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        Self { root }
    }

    /// The schema of a whole value: a body, a parameter.
    pub(super) fn value(&self, schema: &Value) -> Value {
        self.rewrite(schema, Scope::Value)
    }

    /// `components`, with every schema in it rewritten. A component itself stays
    /// open, since it may be used as a part; its users close it.
    pub(super) fn components(&self) -> Value {
        let mut components = self.root["components"].clone();
        let rewrite_all = |named: &mut Value, pointer: &str| {
            let Some(named) = named.as_object_mut() else {
                return;
            };
            for one in named.values_mut() {
                if let Some(schema) = one.pointer_mut(pointer) {
                    *schema = self.rewrite(schema, Scope::Part);
                }
            }
        };
        rewrite_all(&mut components["schemas"], "");
        rewrite_all(&mut components["parameters"], "/schema");
        json!({
            "schemas": components["schemas"],
            "parameters": components["parameters"],
        })
    }

    fn rewrite(&self, whole: &Value, scope: Scope) -> Value {
        let Some(schema) = whole.as_object() else {
            return whole.clone();
        };
        if schema.get("nullable") == Some(&Value::Bool(true)) {
            let mut bare = schema.clone();
            bare.remove("nullable");
            let bare = self.rewrite(&Value::Object(bare), scope);
            return json!({ "anyOf": [bare, { "type": "null" }] });
        }
        let mut rewritten = match schema.get("$ref") {
            // OpenAPI 3.0: whatever stands beside a reference does not count.
            Some(reference) => Map::from_iter([("$ref".to_owned(), self.reference(reference))]),
            None => self.keywords(schema, scope),
        };
        if scope == Scope::Value && self.is_described(whole, 0) {
            rewritten.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
        }
        if scope == Scope::Part && is_free(&rewritten) {
            // Says that any property is welcome, so that a composition with such
            // a part is not closed against it.
            rewritten.insert("additionalProperties".to_owned(), Value::Bool(true));
        }
        Value::Object(rewritten)
    }

    /// A reference as an address, so that a schema can stand apart from its
    /// document. It
    /// follows alternatives that [`Self::alternatives`] renamed.
    fn reference(&self, reference: &Value) -> Value {
        let Some(pointer) = reference.as_str().and_then(|text| text.strip_prefix('#')) else {
            return reference.clone();
        };
        let (mut from, mut to) = (String::new(), String::new());
        for step in pointer.split('/').skip(1) {
            let alternatives = self.root.pointer(&from).and_then(Value::as_object);
            let renamed = match (step, alternatives) {
                ("oneOf", Some(parent)) => self.alternatives(parent, scope_of(&from)).0,
                _ => step,
            };
            to.extend(["/", renamed]);
            from.extend(["/", step]);
        }
        Value::String(format!("{DOCUMENT}#{to}"))
    }

    fn keywords(&self, schema: &Map<String, Value>, scope: Scope) -> Map<String, Value> {
        let mut rewritten = Map::new();
        for (keyword, value) in schema {
            let (keyword, value) = match keyword.as_str() {
                "properties" => (keyword.as_str(), self.each_property(value)),
                "items" => (keyword.as_str(), self.value(value)),
                "additionalProperties" if value.is_object() => (keyword.as_str(), self.value(value)),
                "allOf" | "anyOf" => (keyword.as_str(), self.each(value, Scope::Part)),
                "oneOf" => {
                    let (keyword, scope) = self.alternatives(schema, scope);
                    (keyword, self.each(value, scope))
                }
                "not" => (keyword.as_str(), self.rewrite(value, Scope::Part)),
                "nullable" | "discriminator" | "example" | "xml" | "externalDocs" => continue,
                _ => (keyword.as_str(), value.clone()),
            };
            rewritten.insert(keyword.to_owned(), value);
        }
        strict_bound(&mut rewritten, "exclusiveMinimum", "minimum");
        strict_bound(&mut rewritten, "exclusiveMaximum", "maximum");
        rewritten
    }

    fn each_property(&self, properties: &Value) -> Value {
        let Some(properties) = properties.as_object() else {
            return properties.clone();
        };
        let rewritten = properties.iter().map(|(name, schema)| (name.clone(), self.value(schema)));
        Value::Object(rewritten.collect())
    }

    fn each(&self, schemas: &Value, scope: Scope) -> Value {
        let Some(schemas) = schemas.as_array() else {
            return schemas.clone();
        };
        schemas.iter().map(|schema| self.rewrite(schema, scope)).collect()
    }

    /// Published alternatives overlap when they are open (a web service's
    /// details also fit a private service), so "exactly one" would refuse good
    /// answers. Alternatives that make up a whole value are closed one by one,
    /// and any of them will do. In a part they cannot be closed; there "exactly
    /// one" stays, if each alternative requires something that sets it apart.
    fn alternatives(&self, parent: &Map<String, Value>, scope: Scope) -> (&'static str, Scope) {
        let stands_alone = ["properties", "allOf", "anyOf", "additionalProperties"]
            .iter()
            .all(|keyword| !parent.contains_key(*keyword));
        if scope == Scope::Value && stands_alone {
            return ("anyOf", Scope::Value);
        }
        let mut schemas = parent.get("oneOf").and_then(Value::as_array).into_iter().flatten();
        let keyword = if schemas.all(|schema| self.requires(schema)) { "oneOf" } else { "anyOf" };
        (keyword, Scope::Part)
    }

    fn requires(&self, schema: &Value) -> bool {
        let reference = schema.get("$ref").and_then(Value::as_str);
        let target = reference.and_then(|name| self.root.pointer(after_hash(name)));
        target.unwrap_or(schema).get("required").is_some()
    }

    /// Whether the schema, or a part of it, names properties: only then does
    /// closing it mean anything.
    fn is_described(&self, schema: &Value, depth: usize) -> bool {
        const DEEPEST: usize = 16;
        if depth > DEEPEST {
            return false;
        }
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let target = self.root.pointer(after_hash(reference));
            return target.is_some_and(|target| self.is_described(target, depth + 1));
        }
        let in_parts = || {
            ["allOf", "anyOf", "oneOf"]
                .iter()
                .filter_map(|keyword| schema.get(*keyword)?.as_array())
                .flatten()
                .any(|part| self.is_described(part, depth + 1))
        };
        schema.get("properties").is_some() || in_parts()
    }
}

fn after_hash(reference: &str) -> &str {
    reference.split_once('#').map_or("", |(_, pointer)| pointer)
}

/// Whether the schema at this pointer is a whole value: a component itself and
/// the parts of a composition are not.
fn scope_of(pointer: &str) -> Scope {
    let mut steps = pointer.rsplit('/');
    let (_, holder) = (steps.next(), steps.next());
    match holder {
        Some("schemas" | "allOf" | "anyOf" | "oneOf") => Scope::Part,
        _ => Scope::Value,
    }
}

/// Whether a part says nothing about properties at all: `{}` or a bare object.
fn is_free(schema: &Map<String, Value>) -> bool {
    const SAYS_SOMETHING: [&str; 7] =
        ["$ref", "properties", "additionalProperties", "allOf", "anyOf", "oneOf", "enum"];
    let object = schema.get("type").is_none_or(|kind| kind == "object");
    object && SAYS_SOMETHING.iter().all(|keyword| !schema.contains_key(*keyword))
}

/// OpenAPI 3.0 says `exclusiveMinimum: true` beside `minimum`; JSON Schema
/// 2020-12 puts the number in its place.
fn strict_bound(schema: &mut Map<String, Value>, exclusive: &str, inclusive: &str) {
    match schema.get(exclusive) {
        Some(Value::Bool(true)) => {
            if let Some(bound) = schema.remove(inclusive) {
                schema.insert(exclusive.to_owned(), bound);
            }
        }
        Some(Value::Bool(false)) => {
            schema.remove(exclusive);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::schema::{Components, Schema};
    use super::*;

    fn accepts(root: &Value, schema: &Value, instance: &Value) -> bool {
        let rewriter = Rewriter::new(root);
        let components = Components::new(rewriter.components()).unwrap();
        let schema = Schema::new(rewriter.value(schema), Arc::new(components));
        schema.validator().unwrap().is_valid(instance)
    }

    #[test]
    fn a_value_is_closed_and_its_properties_too() {
        let schema = json!({ "type": "object", "properties": {
            "inner": { "type": "object", "properties": { "a": { "type": "string" } } },
            "free": { "type": "object" }
        }});
        let ok = |instance| accepts(&json!({}), &schema, &instance);
        assert!(ok(json!({ "inner": { "a": "x" }, "free": { "any": 1 } })));
        assert!(!ok(json!({ "iner": {} })));
        assert!(!ok(json!({ "inner": { "b": "x" } })));
    }

    #[test]
    fn a_composition_is_closed_as_a_whole() {
        let root = json!({ "components": { "schemas": {
            "meta": { "type": "object", "properties": { "id": { "type": "string" } } }
        }}});
        let schema = json!({ "allOf": [
            { "$ref": "#/components/schemas/meta" },
            { "type": "object", "properties": { "name": { "type": "string" } } }
        ]});
        assert!(accepts(&root, &schema, &json!({ "id": "1", "name": "n" })));
        assert!(!accepts(&root, &schema, &json!({ "id": "1", "nam": "n" })));
    }

    #[test]
    fn a_reference_is_closed_where_it_is_a_value_and_its_siblings_do_not_count() {
        let root = json!({ "components": { "schemas": {
            "row": { "type": "object", "properties": { "id": { "type": "string" } } }
        }}});
        let schema = json!({ "type": "array", "items": {
            "$ref": "#/components/schemas/row", "type": "string"
        }});
        assert!(accepts(&root, &schema, &json!([{ "id": "1" }])));
        assert!(!accepts(&root, &schema, &json!([{ "id": "1", "x": 2 }])));
    }

    #[test]
    fn nullable_admits_null_even_beside_an_enum() {
        let schema = json!({ "type": "string", "enum": ["a"], "nullable": true });
        assert!(accepts(&json!({}), &schema, &Value::Null));
        assert!(accepts(&json!({}), &schema, &json!("a")));
        assert!(!accepts(&json!({}), &schema, &json!("b")));
    }

    #[test]
    fn strict_bounds_become_numbers() {
        let schema = json!({ "type": "number", "minimum": 0, "exclusiveMinimum": true });
        assert!(!accepts(&json!({}), &schema, &json!(0)));
        assert!(accepts(&json!({}), &schema, &json!(0.5)));
    }

    #[test]
    fn overlapping_alternatives_are_closed_one_by_one() {
        let schema = json!({ "oneOf": [
            { "type": "object", "required": ["value"],
              "properties": { "value": { "type": "string" } } },
            { "type": "object", "required": ["generate"],
              "properties": { "generate": { "type": "boolean" } } }
        ]});
        let ok = |instance| accepts(&json!({}), &schema, &instance);
        assert!(ok(json!({ "value": "x" })));
        assert!(ok(json!({ "generate": true })));
        assert!(!ok(json!({ "value": "x", "generate": true })));
    }

    #[test]
    fn a_free_alternative_welcomes_any_property() {
        let schema = json!({ "anyOf": [
            { "type": "object", "required": ["a"], "properties": { "a": { "type": "string" } } },
            { "type": "object" }
        ]});
        assert!(accepts(&json!({}), &schema, &json!({ "b": 1 })));
    }
}
