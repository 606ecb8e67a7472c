//! One operation of a document, which judges exchanges of its own.

use std::collections::BTreeMap;
use std::fmt;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;

use super::body::{self, Content};
use super::parameter::{self, Parameter};
use super::violation::{Finding, Violation};

/// One operation of the document.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) method: String,
    pub(super) template: String,
    pub(super) parameters: Vec<Parameter>,
    /// Alternatives; each is a list of headers that must all be there.
    pub(super) security: Vec<Vec<String>>,
    pub(super) request: Option<Request>,
    pub(super) responses: BTreeMap<String, Content>,
}

#[derive(Debug)]
pub(super) struct Request {
    pub(super) required: bool,
    pub(super) content: Content,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.template)
    }
}

impl Operation {
    /// How an exchange breaks the contract.
    pub(super) async fn judge(
        &self,
        parts: &Parts,
        sent: &Bytes,
        answer: &Response<Bytes>,
    ) -> Vec<Violation> {
        let mut findings = self.judge_head(parts);
        findings.extend(self.judge_request_body(&parts.headers, sent).await);
        findings.extend(self.judge_response(answer).await);
        let operation = self.to_string();
        findings.into_iter().map(|finding| finding.of(&operation)).collect()
    }

    /// Query, headers and credentials.
    fn judge_head(&self, parts: &Parts) -> Vec<Finding> {
        let mut findings = parameter::judge(&self.parameters, parts);
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
