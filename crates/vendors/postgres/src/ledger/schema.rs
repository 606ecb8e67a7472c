//! What the ledger needs of a database, and what a database lacks of it.

use std::collections::BTreeSet;

use tokio_postgres::Transaction;

use crate::error::Missing;

/// The statements that create what is not there yet: this project's own migrations, one after the other. A release
/// that is pinned somewhere reads these tables with the columns that it knows, so `ci.yml` lints what is added here.
pub const SCHEMA: &str = concat!(
    include_str!("../../migrations/20261120211146_ledger.sql"),
    "\n",
    include_str!("../../migrations/20261121004218_schema_merges.sql"),
);

const CREATE: &str = "create table if not exists ";

/// The columns there are, as `core.deployments.sha`, for every table of the ledger.
pub(super) async fn present(
    transaction: &Transaction<'_>,
) -> Result<BTreeSet<String>, tokio_postgres::Error> {
    let sql = "select n.nspname::text || '.' || c.relname::text || '.' || a.attname::text as name
        from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where n.nspname = 'core' and c.relkind in ('r', 'p', 'v', 'm', 'f')";
    transaction.query(sql, &[]).await?.iter().map(|row| row.try_get("name")).collect()
}

/// What the schema has and `present` has not: whole tables first, then columns.
pub(super) fn missing(present: &BTreeSet<String>) -> Vec<Missing> {
    let mut missing = Vec::new();
    for statement in SCHEMA.split(";\n") {
        let Some((name, body)) = table(statement) else { continue };
        let of_table = format!("{name}.");
        if !present.iter().any(|column| column.starts_with(&of_table)) {
            missing.push(Missing {
                name: name.to_owned(),
                sql: format!("create schema if not exists core; {CREATE}{name} ({body});"),
            });
            continue;
        }
        for definition in body.split(", ") {
            let Some((column, kind)) = definition.trim().split_once(' ') else { continue };
            let column_name = format!("{name}.{column}");
            if !present.contains(&column_name) {
                let sql = format!("alter table {name} add column {column} {kind};");
                missing.push(Missing { name: column_name, sql });
            }
        }
    }
    missing
}

/// A table's name and the definitions of its columns, on one line.
fn table(statement: &str) -> Option<(&str, String)> {
    let (name, body) = statement.split_once(CREATE)?.1.split_once(" (\n")?;
    let body = body.trim_end().strip_suffix(')')?;
    Some((name, body.lines().map(str::trim).collect::<Vec<_>>().join(" ")))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_schema_is_every_migration_in_order() {
        let folder = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap();
        let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let texts: Vec<_> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
        assert_eq!(texts.join("\n"), SCHEMA);
    }

    #[test]
    fn an_empty_database_lacks_every_table_and_a_table_may_lack_columns() {
        let names = |present: &[&str]| {
            let present = present.iter().map(|&name| name.to_owned()).collect();
            missing(&present).into_iter().map(|missing| missing.name).collect::<Vec<_>>()
        };
        assert_eq!(names(&[]), ["core.deployments", "core.workers", "core.outbox", "core.schema_merges"]);
        let workers = ["core.workers.worker_id", "core.workers.state", "core.workers.more", "core.outbox.id"];
        assert_eq!(
            names(&workers),
            [
                "core.deployments",
                "core.workers.generation",
                "core.workers.last_heartbeat",
                "core.outbox.generation",
                "core.outbox.status",
                "core.schema_merges"
            ]
        );
        let present = workers.iter().map(|&name| name.to_owned()).collect();
        let sql: Vec<_> = missing(&present).into_iter().map(|missing| missing.sql).collect();
        assert_eq!(sql[2], "alter table core.workers add column last_heartbeat timestamptz;");
        assert!(sql[0].ends_with("previous_cnames jsonb);"), "{}", sql[0]);
    }
}
