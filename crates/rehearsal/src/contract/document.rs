//! One vendor's OpenAPI document, as operations that judge exchanges.

use std::path::Path;

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::Value;

use super::body::Content;
use super::operation::Operation;
use super::overlay::Overlay;
use super::reader::Reader;
use super::{ContractError, Vendor, Violation};

/// A vendor's operations.
#[derive(Debug)]
pub(super) struct Document {
    base_path: &'static str,
    operations: Vec<Operation>,
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
        operation.judge(parts, sent, answer).await
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
