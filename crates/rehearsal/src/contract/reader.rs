//! Reads the operations out of an OpenAPI document.

use std::sync::Arc;

use axum::http::header;
use serde_json::{Map, Value};

use super::body::Content;
use super::operation::{Operation, Request};
use super::parameter::Parameter;
use super::rewrite::Rewriter;
use super::schema::{Components, Schema};

/// Reads operations out of a document.
pub(super) struct Reader<'a> {
    root: &'a Value,
    rewriter: Rewriter<'a>,
    components: Arc<Components>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(root: &'a Value) -> Result<Self, String> {
        let rewriter = Rewriter::new(root);
        let components = Arc::new(Components::new(rewriter.components())?);
        Ok(Self { root, rewriter, components })
    }

    pub(super) fn operations(&self) -> Result<Vec<Operation>, String> {
        const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "head", "options"];
        let paths = self.root.get("paths").and_then(Value::as_object);
        let paths = paths.ok_or("it has no object named paths")?;
        let mut operations = Vec::new();
        for (template, item) in paths {
            for method in METHODS {
                if let Some(operation) = item.get(method) {
                    operations.push(self.operation(template, item, method, operation)?);
                }
            }
        }
        Ok(operations)
    }

    fn operation(
        &self,
        template: &str,
        item: &Value,
        method: &str,
        operation: &Value,
    ) -> Result<Operation, String> {
        let shared = list(item.get("parameters"));
        let own = list(operation.get("parameters"));
        let parameters = shared.chain(own).map(|parameter| {
            let parameter = self.follow(parameter)?;
            let schema = parameter.get("schema").unwrap_or(&Value::Bool(true));
            Parameter::read(parameter, self.schema(schema))
        });
        let request = match operation.get("requestBody") {
            Some(request) => {
                let request = self.follow(request)?;
                let required = request.get("required") == Some(&Value::Bool(true));
                Some(Request { required, content: self.content(request) })
            }
            None => None,
        };
        let responses = operation.get("responses").and_then(Value::as_object);
        let responses = responses.ok_or_else(|| format!("{method} {template} has no responses"))?;
        let responses = responses
            .iter()
            .map(|(status, response)| Ok((status.clone(), self.content(self.follow(response)?))));
        Ok(Operation {
            method: method.to_ascii_uppercase(),
            template: template.to_owned(),
            parameters: parameters.collect::<Result<_, String>>()?,
            security: self.security(operation),
            request,
            responses: responses.collect::<Result<_, String>>()?,
        })
    }

    fn content(&self, holder: &Value) -> Content {
        let empty = Map::new();
        let media = holder.get("content").and_then(Value::as_object).unwrap_or(&empty);
        let media = media.iter().map(|(name, media)| {
            let schema = media.get("schema").unwrap_or(&Value::Bool(true));
            (name.clone(), self.schema(schema))
        });
        Content::new(media.collect())
    }

    fn schema(&self, schema: &Value) -> Schema {
        Schema::new(self.rewriter.value(schema), Arc::clone(&self.components))
    }

    /// The headers that carry each alternative's credentials.
    fn security(&self, operation: &Value) -> Vec<Vec<String>> {
        let alternatives = list(operation.get("security").or_else(|| self.root.get("security")));
        let headers = alternatives.map(|all| {
            let names = all.as_object().into_iter().flat_map(Map::keys);
            names.map(|name| self.credential_header(name)).collect()
        });
        headers.collect()
    }

    fn credential_header(&self, scheme: &str) -> String {
        let scheme = &self.root["components"]["securitySchemes"][scheme];
        match scheme["in"].as_str() {
            Some("header") => scheme["name"].as_str().unwrap_or_default().to_ascii_lowercase(),
            _ => header::AUTHORIZATION.to_string(),
        }
    }

    fn follow(&self, value: &'a Value) -> Result<&'a Value, String> {
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
            return Ok(value);
        };
        let target = self.root.pointer(reference.trim_start_matches('#'));
        target.ok_or_else(|| format!("{reference} leads nowhere"))
    }
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}
