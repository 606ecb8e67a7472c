//! A rewritten schema, compiled when it is first needed.

use std::sync::{Arc, OnceLock};

use jsonschema::{Draft, Registry, Validator};
use serde_json::{Value, json};

/// The address under which schemas refer to their document.
pub(super) const DOCUMENT: &str = "contract:///document";

/// What the schemas of one document share.
#[derive(Debug)]
pub(super) struct Components {
    document: Value,
    registry: Registry<'static>,
}

impl Components {
    /// Takes the rewritten `components` of a document.
    pub(super) fn new(components: Value) -> Result<Self, String> {
        let document = json!({ "components": components });
        let resource = Draft::Draft202012.create_resource(document.clone());
        let registry = Registry::new().add(DOCUMENT, resource).and_then(|registry| registry.prepare());
        Ok(Self { document, registry: registry.map_err(|error| error.to_string())? })
    }

    fn get(&self, reference: &str) -> Option<&Value> {
        self.document.pointer(reference.strip_prefix(DOCUMENT)?.strip_prefix('#')?)
    }
}

/// A schema of a whole value.
#[derive(Debug)]
pub(super) struct Schema {
    schema: Value,
    components: Arc<Components>,
    compiled: OnceLock<Result<Validator, String>>,
}

impl Schema {
    /// Takes a rewritten schema.
    pub(super) fn new(schema: Value, components: Arc<Components>) -> Self {
        Self { schema, components, compiled: OnceLock::new() }
    }

    /// The compiled schema, or why it does not compile.
    pub(super) fn validator(&self) -> Result<&Validator, String> {
        let compiled = self.compiled.get_or_init(|| {
            let options = jsonschema::options().with_draft(Draft::Draft202012);
            let options = options.should_validate_formats(true).with_registry(&self.components.registry);
            options.build(&self.schema).map_err(|error| error.to_string())
        });
        compiled.as_ref().map_err(Clone::clone)
    }

    /// The sub-schema of a property, references followed: for the parts of a form.
    pub(super) fn property(&self, name: &str) -> Option<&Value> {
        Some(self.follow(self.follow(&self.schema).get("properties")?.get(name)?))
    }

    /// Whether it describes a list.
    pub(super) fn is_array(&self) -> bool {
        self.follow(&self.schema).get("type").is_some_and(|kind| kind == "array")
    }

    fn follow<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let reference = schema.get("$ref").and_then(Value::as_str);
        reference.and_then(|reference| self.components.get(reference)).unwrap_or(schema)
    }
}
