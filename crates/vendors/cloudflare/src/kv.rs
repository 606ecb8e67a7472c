//! KV namespaces (Cloudflare API reference, "KV namespaces").

use action::Permit;
use http::Error;
use serde::Deserialize;
use serde_json::json;

use crate::Cloudflare;

/// A KV namespace.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Namespace {
    /// 32 hexadecimal digits.
    pub id: String,
    /// For people; it can be changed, the id cannot.
    pub title: String,
}

impl Cloudflare {
    /// Every namespace of an account. The token needs "Workers KV Storage: Read".
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn kv_namespaces(&self, account: &str) -> Result<Vec<Namespace>, Error> {
        // In an order of our own, so that a page shift needs a change in between.
        let query = [("order", "id"), ("direction", "asc")];
        self.list(&["accounts", account, "storage", "kv", "namespaces"], &query).await
    }

    /// One namespace by its id.
    ///
    /// # Errors
    /// See [`Error`]; an unknown id is a 404.
    pub async fn kv_namespace(&self, account: &str, id: &str) -> Result<Namespace, Error> {
        self.result(self.client.get(["accounts", account, "storage", "kv", "namespaces", id])).await
    }

    /// Creates a namespace. The token needs "Workers KV Storage: Edit".
    ///
    /// # Errors
    /// See [`Error`]; after an outcome `Unknown` it may have been created.
    pub async fn create_kv_namespace(
        &self,
        account: &str,
        title: &str,
        permit: &Permit,
    ) -> Result<Namespace, Error> {
        let request = self.client.post(["accounts", account, "storage", "kv", "namespaces"], permit);
        self.result(request.json(&json!({"title": title}))).await
    }
}
