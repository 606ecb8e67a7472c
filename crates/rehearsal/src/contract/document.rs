//! One vendor's OpenAPI document, as operations that judge exchanges.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde_json::{Map, Value};

use super::body::{self, Content};
use super::overlay::Overlay;
use super::parameter::Parameter;
use super::rewrite::Rewriter;
use super::schema::{Components, Schema};
use super::{ContractError, Vendor, Violation};

/// A vendor's operations.
#[derive(Debug)]
pub(super) struct Document {
    base_path: &'static str,
    operations: Vec<Operation>,
}

/// One operation of the document.
#[derive(Debug)]
pub(super) struct Operation {
    method: String,
    template: String,
    parameters: Vec<Parameter>,
    /// Alternatives; each is a list of headers that must all be there.
    security: Vec<Vec<String>>,
    request: Option<Request>,
    responses: BTreeMap<String, Content>,
}

#[derive(Debug)]
struct Request {
    required: bool,
    content: Content,
}

impl Document {
    pub(super) fn load(vendor: Vendor, path: &Path, overlay: &Overlay) -> Result<Self, ContractError> {
        let text =
            std::fs::read(path).map_err(|source| ContractError::Read { path: path.to_owned(), source })?;
        let malformed = |what: String| ContractError::Malformed { path: path.to_owned(), what };
        let mut root: Value = serde_json::from_slice(&text).map_err(|error| malformed(error.to_string()))?;
        overlay.apply(vendor, &mut root);
        let operations = Reader::new(&root).and_then(|reader| reader.operations()).map_err(malformed)?;
        Ok(Self { base_path: vendor.base_path(), operations })
    }

    pub(super) async fn judge(
        &self,
        parts: &Parts,
        sent: &Bytes,
        answer: &Response<Bytes>,
    ) -> Vec<Violation> {
        let path = parts.uri.path();
        let found = path.strip_prefix(self.base_path).and_then(|path| self.find(parts.method.as_str(), path));
        let Some(operation) = found else {
            return vec![Violation {
                operation: format!("{} {path}", parts.method),
                place: "request".to_owned(),
                pointer: String::new(),
                what: "the document has no such operation".to_owned(),
                excerpt: String::new(),
            }];
        };
        let mut findings = operation.judge_head(parts);
        findings.extend(operation.judge_request_body(&parts.headers, sent).await);
        findings.extend(operation.judge_response(answer).await);
        let operation = operation.to_string();
        findings.into_iter().map(|finding| finding.of(&operation)).collect()
    }

    /// The operation that a path means. Literal segments win over placeholders;
    /// only when nothing fits may the last placeholder take the rest of the path,
    /// slashes and all (KV keys, git refs).
    fn find(&self, method: &str, path: &str) -> Option<&Operation> {
        let of_method = || self.operations.iter().filter(|operation| operation.method == method);
        let exact = of_method().filter_map(|operation| {
            let placeholders = match_template(&operation.template, path, false)?;
            Some((placeholders, operation))
        });
        let exact = exact.min_by_key(|(placeholders, _)| *placeholders);
        let greedy = || {
            of_method()
                .filter(|operation| match_template(&operation.template, path, true).is_some())
                .max_by_key(|operation| operation.template.len())
        };
        exact.map(|(_, operation)| operation).or_else(greedy)
    }

    pub(super) fn compile_all(&self) -> Result<usize, ContractError> {
        let mut compiled = 0;
        for operation in &self.operations {
            let request = operation.request.iter().map(|request| &request.content);
            let parameters = operation.parameters.iter().map(|parameter| &parameter.schema);
            let bodies = request.chain(operation.responses.values()).flat_map(Content::schemas);
            for schema in bodies.chain(parameters) {
                schema
                    .validator()
                    .map_err(|what| ContractError::Schema { operation: operation.to_string(), what })?;
                compiled += 1;
            }
        }
        Ok(compiled)
    }
}

/// How many placeholders the template needs to match the path; `None`: it does not.
fn match_template(template: &str, path: &str, greedy: bool) -> Option<usize> {
    let mut wanted = template.split('/').peekable();
    let mut given = path.split('/');
    let mut placeholders = 0;
    while let Some(segment) = wanted.next() {
        let value = given.next()?;
        let is_placeholder = segment.starts_with('{') && segment.ends_with('}');
        if is_placeholder && !value.is_empty() {
            placeholders += 1;
            if greedy && wanted.peek().is_none() {
                return Some(placeholders);
            }
        } else if segment != value {
            return None;
        }
    }
    given.next().is_none().then_some(placeholders)
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.template)
    }
}

impl Operation {
    /// Query, headers and credentials.
    fn judge_head(&self, parts: &Parts) -> Vec<Finding> {
        let mut findings = super::parameter::judge(&self.parameters, parts);
        let has = |header: &String| parts.headers.contains_key(header);
        let authorized = self.security.is_empty() || self.security.iter().any(|all| all.iter().all(has));
        if !authorized {
            findings.push(Finding::new("headers", "no credentials; the operation requires them"));
        }
        findings
    }

    async fn judge_request_body(&self, headers: &HeaderMap, sent: &Bytes) -> Vec<Finding> {
        const PLACE: &str = "request body";
        match &self.request {
            None if sent.is_empty() => Vec::new(),
            None => vec![Finding::new(PLACE, "the operation takes none")],
            Some(request) if sent.is_empty() && request.required => {
                vec![Finding::new(PLACE, "missing; the operation requires one")]
            }
            Some(_) if sent.is_empty() => Vec::new(),
            Some(request) => body::judge(&request.content, headers, sent, PLACE).await,
        }
    }

    async fn judge_response(&self, answer: &Response<Bytes>) -> Vec<Finding> {
        let status = answer.status().as_u16();
        let place = format!("response {status}");
        let range = format!("{}XX", status / 100);
        let documented = [status.to_string(), range, "default".to_owned()];
        let Some(content) = documented.iter().find_map(|key| self.responses.get(key)) else {
            return vec![Finding::new(&place, "the status is not documented")];
        };
        match (content.is_empty(), answer.body().is_empty()) {
            (true, true) => Vec::new(),
            (true, false) => vec![Finding::new(&place, "has a body; none is documented")],
            (false, true) => vec![Finding::new(&place, "has no body; one is documented")],
            (false, false) => body::judge(content, answer.headers(), answer.body(), &place).await,
        }
    }
}

/// A violation that does not know its operation yet.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) place: String,
    pub(super) pointer: String,
    pub(super) what: String,
    pub(super) excerpt: String,
}

impl Finding {
    pub(super) fn new(place: &str, what: impl Into<String>) -> Self {
        Self { place: place.to_owned(), pointer: String::new(), what: what.into(), excerpt: String::new() }
    }

    fn of(self, operation: &str) -> Violation {
        Violation {
            operation: operation.to_owned(),
            place: self.place,
            pointer: self.pointer,
            what: self.what,
            excerpt: self.excerpt,
        }
    }
}

/// Reads operations out of a document.
struct Reader<'a> {
    root: &'a Value,
    rewriter: Rewriter<'a>,
    components: Arc<Components>,
}

impl<'a> Reader<'a> {
    fn new(root: &'a Value) -> Result<Self, String> {
        let rewriter = Rewriter::new(root);
        let components = Arc::new(Components::new(rewriter.components())?);
        Ok(Self { root, rewriter, components })
    }

    fn operations(&self) -> Result<Vec<Operation>, String> {
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

#[cfg(test)]
mod tests {
    use super::match_template;

    #[test]
    fn templates_match_by_segment_and_greedily_at_the_end_alone() {
        assert_eq!(match_template("/zones/{id}", "/zones/1", false), Some(1));
        assert_eq!(match_template("/zones/{id}", "/zones/1/x", false), None);
        assert_eq!(match_template("/kv/{ns}/values/{key}", "/kv/1/values/a/b", true), Some(2));
        assert_eq!(match_template("/kv/{ns}/values", "/kv/1/2/values", true), None);
        assert_eq!(match_template("/zones/{id}", "/zones/", true), None);
        assert_eq!(match_template("/zones", "/zones", true), Some(0));
    }
}
