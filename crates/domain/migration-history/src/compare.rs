//! Files against what is applied: what is pending, and where the two differ.

use std::fmt;

use crate::applied::Applied;
use crate::file::Migration;
use crate::migrations::Migrations;
use crate::script::essence;

/// What a database lacks of a folder, and what speaks against applying it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison<'a> {
    /// The files that are not applied, in their order.
    pub pending: Vec<&'a Migration>,
    /// Where folder and database tell different stories; in the order of versions.
    pub drift: Vec<Drift>,
}

/// A difference between a folder and a database that applying the pending files would
/// not remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drift {
    /// Applied, and no file of that version: the database is ahead of the folder, or a
    /// file was removed.
    WithoutFile {
        /// Version and name as applied.
        stem: String,
    },
    /// The file's statements are not those that were run.
    Edited {
        /// The file's stem.
        stem: String,
    },
    /// The file has another name than what was applied under its version.
    Renamed {
        /// The file's stem.
        stem: String,
        /// Version and name as applied.
        applied: String,
    },
    /// Not applied, and older than what is: it was made on a branch that was merged
    /// late, and would run after what was written without it.
    Inserted {
        /// The file's stem.
        stem: String,
        /// Version and name of the newest that is applied.
        head: String,
    },
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WithoutFile { stem } => {
                write!(f, "{stem} is applied, and there is no file of that version")
            }
            Self::Edited { stem } => write!(f, "{stem}.sql was edited after it was applied"),
            Self::Renamed { stem, applied } => write!(f, "{stem}.sql was applied as {applied}"),
            Self::Inserted { stem, head } => {
                write!(f, "{stem}.sql is not applied, and older than {head}, which is")
            }
        }
    }
}

impl Drift {
    /// What to do about it.
    #[must_use]
    pub const fn fix(&self) -> &'static str {
        match self {
            Self::WithoutFile { .. } => {
                "deploy a commit that has the file; what is applied cannot be taken back, only followed by a migration"
            }
            Self::Edited { .. } => {
                "put the file back as it was applied, and write the change as a new migration"
            }
            Self::Renamed { .. } => "give the file back the name under which it was applied",
            Self::Inserted { .. } => {
                "rename the file to a version newer than all that are applied, before it is merged"
            }
        }
    }
}

/// Holds a folder against a database's history. Whether a file was edited is seen by
/// the statements that were recorded, whatever way they were cut, and not seen where
/// none were; white space and comments do not count.
#[must_use]
pub fn compare<'a>(files: &'a Migrations, applied: &[Applied]) -> Comparison<'a> {
    let mut rows: Vec<&Applied> = applied.iter().collect();
    rows.sort_by(|one, other| order(&one.version).cmp(&order(&other.version)));
    let mut drift: Vec<_> = rows.iter().filter_map(|row| of_row(files, row)).collect();
    let is_applied = |file: &&Migration| rows.iter().any(|row| row.version == file.version().as_str());
    let pending: Vec<_> = files.iter().filter(|file| !is_applied(file)).collect();
    if let Some(head) = rows.last() {
        let inserted = pending.iter().filter(|file| order(file.version().as_str()) < order(&head.version));
        drift.extend(inserted.map(|file| Drift::Inserted { stem: file.stem(), head: head.stem() }));
    }
    Comparison { pending, drift }
}

fn of_row(files: &Migrations, row: &Applied) -> Option<Drift> {
    let Some(file) = files.of_version(&row.version) else {
        return Some(Drift::WithoutFile { stem: row.stem() });
    };
    if row.name.as_deref().is_some_and(|name| !name.is_empty() && name != file.name()) {
        return Some(Drift::Renamed { stem: file.stem(), applied: row.stem() });
    }
    let run = row.statements.as_ref()?;
    // Joined and cut again, for others cut in other ways.
    let run = essence(&run.join("\n;\n"));
    (run != essence(file.text())).then(|| Drift::Edited { stem: file.stem() })
}

/// Versions are numbers: fewer digits come first.
fn order(version: &str) -> (usize, &str) {
    let digits = version.trim_start_matches('0');
    (digits.len(), digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, &str)]) -> Migrations {
        let named = |(stem, text): &(&str, &str)| (format!("{stem}.sql"), (*text).to_owned());
        Migrations::new(files.iter().map(named)).unwrap()
    }

    fn row(stem: &str, statements: Option<&[&str]>) -> Applied {
        let (version, name) = stem.split_once('_').unwrap();
        let statements = statements.map(|found| found.iter().map(|text| (*text).to_owned()).collect());
        Applied { version: version.to_owned(), name: Some(name.to_owned()), statements }
    }

    const A: (&str, &str) = ("20260101000000_a", "create table t (a int);\ninsert into t values (1);");
    const B: (&str, &str) = ("20260102000000_b", "select 2;");
    const C: (&str, &str) = ("20260103000000_c", "select 3;");

    #[test]
    fn what_is_not_applied_is_pending_in_order() {
        let files = files(&[C, A, B]);
        let found = compare(&files, &[row(A.0, None)]);
        assert_eq!(found.pending.iter().map(|file| file.name()).collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(found.drift, []);
        assert_eq!(compare(&files, &[]).pending.len(), 3);
    }

    #[test]
    fn statements_are_compared_by_what_they_do_and_not_by_how_they_were_cut() {
        let files = files(&[A]);
        for same in [
            &["create table t (a int)", "insert into t values (1)"][..],
            &["-- by hand\ncreate table t (a int);\n\ninsert into t\nvalues (1);\n"],
            &["begin", "create table t (a int)", "insert into t values (1)", "commit"],
        ] {
            assert_eq!(compare(&files, &[row(A.0, Some(same))]).drift, [], "{same:?}");
        }
        for other in
            [&["create table t (a int)"][..], &["create table t (a int)", "insert into t values (2)"], &[]]
        {
            let found = compare(&files, &[row(A.0, Some(other))]);
            assert_eq!(found.drift, [Drift::Edited { stem: A.0.into() }], "{other:?}");
        }
    }

    #[test]
    fn a_file_that_was_removed_renamed_or_put_before_the_head_is_named() {
        let ahead = compare(&files(&[A]), &[row(A.0, None), row(B.0, None)]).drift;
        assert_eq!(ahead, [Drift::WithoutFile { stem: B.0.into() }]);
        let renamed = compare(&files(&[A]), &[row("20260101000000_z", None)]).drift;
        assert_eq!(renamed, [Drift::Renamed { stem: A.0.into(), applied: "20260101000000_z".into() }]);
        let all = files(&[A, B, C]);
        let found = compare(&all, &[row(A.0, None), row(C.0, None)]);
        assert_eq!(found.drift, [Drift::Inserted { stem: B.0.into(), head: C.0.into() }]);
        assert_eq!(found.pending.len(), 1);
        for drift in ahead.iter().chain(&renamed).chain(&found.drift) {
            assert!(!drift.to_string().is_empty() && !drift.fix().is_empty());
        }
    }

    #[test]
    fn versions_are_numbers_and_a_row_without_a_name_is_no_rename() {
        let nameless = Applied { version: "20260101000000".into(), name: None, statements: None };
        assert_eq!(compare(&files(&[A, B]), &[nameless]).drift, []);
        // Short versions of old tools are older than any file.
        let old = Applied { version: "0001".into(), name: Some("init".into()), statements: None };
        let files = files(&[A]);
        let found = compare(&files, &[old]);
        assert_eq!(found.drift, [Drift::WithoutFile { stem: "0001_init".into() }]);
        assert_eq!(found.pending.len(), 1);
    }
}
