//! Lists in pages: `page` and `per_page` in, a `Link` header out (GitHub's REST docs,
//! using pagination).

use axum::Json;
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::answer::Refusal;

/// Rows on a page unless asked for otherwise, and the most.
const DEFAULT: usize = 30;
const MOST: usize = 100;

/// Which page is asked for, and of which address.
#[derive(Clone, Debug)]
pub(super) struct Page {
    base: String,
    query: Vec<(String, String)>,
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        let query = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri);
        let query = query.map(|query| query.0).unwrap_or_default();
        Ok(Self { base: format!("http://{host}{}", uri.path()), query })
    }
}

impl Page {
    /// A query parameter that is not empty.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().rev().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The address without its query: where the thing itself is.
    pub(super) fn root(&self) -> &str {
        let end = self.base.find("/repos/").unwrap_or(self.base.len());
        &self.base[..end]
    }

    /// The rows of this page. A size beyond the limits is taken for the nearest one,
    /// and a page past the end is empty (seen in the API; not in its docs).
    pub(super) fn rows<'r, T>(&self, all: &'r [T], default: usize) -> &'r [T] {
        let (page, size) = self.numbers(default);
        let start = all.len().min((page - 1).saturating_mul(size));
        &all[start..all.len().min(start + size)]
    }

    /// `body` with the links of a list of `total` rows.
    pub(super) fn linked(&self, body: &Value, total: usize) -> Response {
        let mut headers = HeaderMap::new();
        let links = self.links(total).join(", ");
        if !links.is_empty()
            && let Ok(links) = HeaderValue::try_from(links)
        {
            headers.insert(header::LINK, links);
        }
        (headers, Json(body)).into_response()
    }

    /// A whole list as a page with links.
    pub(super) fn list(&self, all: &[Value]) -> Response {
        let rows = self.rows(all, DEFAULT).to_vec();
        self.linked(&Value::from(rows), all.len())
    }

    /// The same inside an object, beside the total.
    pub(super) fn listed_as(&self, name: &str, all: &[Value]) -> Response {
        let rows = self.rows(all, DEFAULT).to_vec();
        self.linked(&serde_json::json!({"total_count": all.len(), name: rows}), all.len())
    }

    fn numbers(&self, default: usize) -> (usize, usize) {
        let number = |name| self.parameter(name).and_then(|text| text.parse::<usize>().ok());
        (
            number("page").unwrap_or(1).max(1),
            number("per_page").unwrap_or(default).clamp(1, MOST.max(default)),
        )
    }

    /// GitHub's own links hold the repository's id instead of its name; these keep the
    /// path, so that the contract can judge what follows them.
    fn links(&self, total: usize) -> Vec<String> {
        let (page, size) = self.numbers(DEFAULT);
        let last = total.div_ceil(size).max(1);
        let mut links = Vec::new();
        if page > 1 {
            links.extend([(page - 1, "prev"), (1, "first")]);
        }
        if page < last {
            links.extend([(page + 1, "next"), (last, "last")]);
        }
        links.iter().map(|(page, name)| format!("<{}>; rel=\"{name}\"", self.address(*page))).collect()
    }

    fn address(&self, page: usize) -> String {
        let others = self.query.iter().filter(|(name, _)| name != "page");
        let others = others.map(|(name, value)| {
            let value = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
            format!("{name}={value}&")
        });
        format!("{}?{}page={page}", self.base, others.collect::<String>())
    }
}
