//! Pending files, judged before the first one runs.

use migration_history::{Applied, Drift, Migration, Migrations, Script, compare};
use postgres::MigrationRow;

use crate::error::Error;

/// What to think of a database that has applied what no file tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ahead {
    /// Files are missing: apply nothing.
    Refuse,
    /// The files are those of an older state on purpose, such as the tag of a rollback.
    Accept,
}

/// A file that is about to run.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) stem: String,
    pub(crate) file: String,
    pub(crate) script: Script,
    pub(crate) row: MigrationRow,
}

/// What is to run, in its order.
///
/// # Errors
/// The folder and the database tell different stories, or a pending file cannot run.
pub(crate) fn plan(files: &Migrations, applied: &[Applied], ahead: Ahead) -> Result<Vec<Planned>, Error> {
    let mut comparison = compare(files, applied);
    if ahead == Ahead::Accept {
        comparison.drift.retain(|drift| !matches!(drift, Drift::WithoutFile { .. }));
    }
    if !comparison.drift.is_empty() {
        return Err(Error::Drift(comparison.drift));
    }
    comparison.pending.into_iter().map(planned).collect()
}

fn planned(migration: &Migration) -> Result<Planned, Error> {
    let file = migration.file_name();
    let script = migration.script().map_err(|problem| Error::Script { file: file.clone(), problem })?;
    let row = MigrationRow {
        version: migration.version().to_string(),
        name: Some(migration.name().to_owned()),
        statements: Some(script.texts()),
    };
    Ok(Planned { stem: migration.stem(), file, script, row })
}

/// The rows of a database in the terms of the rules.
pub(crate) fn rows(rows: Vec<MigrationRow>) -> Vec<Applied> {
    let row =
        |row: MigrationRow| Applied { version: row.version, name: row.name, statements: row.statements };
    rows.into_iter().map(row).collect()
}
