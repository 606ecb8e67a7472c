//! SQL over the API.

use action::Permit;
use http::Error;
use serde_json::{Map, Value, json};

use crate::client::Supabase;
use crate::reference::ProjectRef;

/// A row, by column. Two columns of one name are one here.
pub type Row = Map<String, Value>;

impl Supabase {
    /// Runs SQL that only reads, as a role that can do nothing else: names must be
    /// qualified with their schema. `parameters` stand for `$1`, `$2`, ...
    ///
    /// # Errors
    /// See [`Error`]; SQL that the database refuses is a 400 whose message holds
    /// `ERROR:`, the SQLSTATE and the database's words (recorded in issue 4737 of
    /// stackblitz/bolt.new).
    pub async fn read(
        &self,
        project: &ProjectRef,
        sql: &str,
        parameters: &[Value],
    ) -> Result<Vec<Row>, Error> {
        self.client
            .ask(["v1", "projects", project.as_str(), "database", "query", "read-only"])
            .json(&body(sql, parameters))
            .fetch()
            .await
    }

    /// Runs SQL that may change something, as the role `postgres`. Statements without
    /// rows give none.
    ///
    /// # Errors
    /// As [`Self::read`]; after an unknown outcome look what became of it.
    pub async fn execute(
        &self,
        project: &ProjectRef,
        sql: &str,
        parameters: &[Value],
        permit: &Permit,
    ) -> Result<Vec<Row>, Error> {
        let path = ["v1", "projects", project.as_str(), "database", "query"];
        let answer = self.client.post(path, permit).json(&body(sql, parameters)).send().await?;
        // Text instead of rows is an answer too (Supabase CLI, `db query`).
        match answer.json::<Value>() {
            Ok(Value::Array(_)) => answer.json(),
            Ok(_) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

fn body(sql: &str, parameters: &[Value]) -> Value {
    match parameters {
        [] => json!({"query": sql}),
        _ => json!({"query": sql, "parameters": parameters}),
    }
}
