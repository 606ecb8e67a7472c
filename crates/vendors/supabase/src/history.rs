//! What a database says it has applied: `supabase_migrations.schema_migrations`.

use http::Error;
use serde::Deserialize;
use serde_json::Value;

use crate::client::Supabase;
use crate::reference::ProjectRef;

/// One applied migration.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct HistoryRow {
    /// The digits before the first `_` of the file's name.
    pub version: String,
    /// The rest of the file's name, without `.sql`.
    pub name: Option<String>,
    /// What was run. Absent when whoever applied it did not say.
    pub statements: Option<Vec<String>>,
}

/// Whether there is a history. A project that never applied a migration has no such
/// table (Supabase CLI, `CreateMigrationTable`).
const PRESENT: &str = "select to_regclass('supabase_migrations.schema_migrations') is not null as present";

/// Columns by name and through JSON: the oldest tables have `version` alone, the
/// newest have more (Supabase CLI, migration history; Management API,
/// `V1GetMigrationResponse`).
const ROWS: &str = "select m.version, to_jsonb(m) ->> 'name' as name, to_jsonb(m) -> 'statements' as statements \
    from supabase_migrations.schema_migrations m order by m.version";

impl Supabase {
    /// Every migration that a project's database has applied, by version. (The API's
    /// own list is for selected partners only, and shows no statements.)
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn history(&self, project: &ProjectRef) -> Result<Vec<HistoryRow>, Error> {
        let present = self.read(project, PRESENT, &[]).await?;
        if present.first().and_then(|row| row.get("present")) == Some(&Value::Bool(false)) {
            return Ok(Vec::new());
        }
        let request = self.client.ask(["v1", "projects", project.as_str(), "database", "query", "read-only"]);
        request.json(&serde_json::json!({"query": ROWS})).fetch().await
    }
}
