//! A database's own list of migrations, and applying one as Supabase does it.

use serde_json::Value;

use super::sql::{SqlError, batch, rows};

/// A row of `supabase_migrations.schema_migrations`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) version: String,
    pub(super) name: String,
    pub(super) statements: Vec<String>,
}

/// The table, as Supabase's CLI makes it.
const TABLE: &str = "create schema if not exists supabase_migrations; \
    create table if not exists supabase_migrations.schema_migrations (version text not null primary key); \
    alter table supabase_migrations.schema_migrations add column if not exists statements text[]; \
    alter table supabase_migrations.schema_migrations add column if not exists name text";

/// What is applied, by version.
pub(super) fn history(dsn: &str) -> Result<Vec<Row>, SqlError> {
    let present =
        rows(dsn, "select to_regclass('supabase_migrations.schema_migrations') is not null as present", &[])?;
    if present.first().is_none_or(|row| row["present"] != true) {
        return Ok(Vec::new());
    }
    let sql = "select version, coalesce(name, '') as name, coalesce(statements, '{}') as statements \
        from supabase_migrations.schema_migrations order by version";
    Ok(rows(dsn, sql, &[])?.iter().map(row).collect())
}

fn row(row: &Value) -> Row {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let statements = row["statements"].as_array().map(|all| all.iter().map(text).collect());
    Row {
        version: text(&row["version"]),
        name: text(&row["name"]),
        statements: statements.unwrap_or_default(),
    }
}

/// Applies one migration in one implicit transaction that ends with its row, as
/// Supabase's CLI does (`ExecBatch`). So `CREATE INDEX CONCURRENTLY` is refused here.
pub(super) fn apply(dsn: &str, row: &Row) -> Result<(), SqlError> {
    batch(dsn, TABLE)?;
    // A line of its own, for a statement may end in a comment.
    let statements: String = row.statements.iter().map(|statement| format!("{statement}\n;\n")).collect();
    batch(dsn, &format!("{statements}{}", record(row)))
}

/// Writes the row alone: somebody has run the migration in another way.
pub(super) fn note(dsn: &str, row: &Row) -> Result<(), SqlError> {
    batch(dsn, TABLE)?;
    batch(dsn, &record(row))
}

fn record(row: &Row) -> String {
    let statements: Vec<String> = row.statements.iter().map(|statement| quoted(statement)).collect();
    format!(
        "insert into supabase_migrations.schema_migrations (version, name, statements) values ({}, {}, array[{}]::text[])",
        quoted(&row.version),
        quoted(&row.name),
        statements.join(", ")
    )
}

fn quoted(text: &str) -> String {
    // An escape string means the same whatever standard_conforming_strings is.
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}
