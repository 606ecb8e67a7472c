//! Files that a merge would apply by halves, or not at all.
//!
//! Supabase's merge runs a file in one transaction that ends with the row that records it, so PostgreSQL refuses what
//! only runs outside one (SQLSTATE 25001; Supabase's CLI, issue 2898). Its CLI has run such statements by themselves
//! since version 2.109 (its pull request 5671): then a statement that fails leaves half of the file applied, and no row
//! tells of it. Which of the two a merge does, no document says; neither is what a gate may ask for.

use std::fmt;

use migration_history::{Migration, Migrations, Place, Script, ScriptProblem, Statement};

/// A file that a merge may not be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unfit {
    pub(crate) version: String,
    pub(crate) file: String,
    pub(crate) why: Why,
}

/// What is the matter with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// All of it runs outside a transaction only; this statement on this line is the first.
    Outside { line: usize, statement: String },
    /// Nobody could run it as one migration.
    Script(ScriptProblem),
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = &self.file;
        match &self.why {
            Why::Outside { line, statement } => write!(
                f,
                "{file}, line {line}, cannot run inside a transaction (`{statement}`), and Supabase's merge runs a file in one"
            ),
            Why::Script(problem) => write!(f, "{file}: {problem}"),
        }
    }
}

/// Those of a folder, applied or not, in the order of their versions.
pub(crate) fn among(files: &Migrations) -> Vec<Unfit> {
    files.iter().filter_map(unfit).collect()
}

fn unfit(file: &Migration) -> Option<Unfit> {
    let why = match file.script() {
        Ok(Script::Together(_)) => return None,
        Ok(Script::Apart(statements)) => outside(&statements)?,
        Err(problem) => Why::Script(problem),
    };
    Some(Unfit { version: file.version().to_string(), file: file.file_name(), why })
}

fn outside(statements: &[Statement]) -> Option<Why> {
    let first = statements.iter().find(|statement| statement.place() == Place::Outside)?;
    Some(Why::Outside { line: first.line, statement: first.summary() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<String> {
        let name = "20260101000000_a.sql".to_owned();
        let files = Migrations::new([(name, text.to_owned())]).unwrap();
        among(&files).first().map(ToString::to_string)
    }

    #[test]
    fn what_a_transaction_cannot_hold_is_told_with_its_line() {
        let told_of = told("set lock_timeout = '2s';\ncreate index concurrently i on t (a);\n").unwrap();
        assert!(
            told_of.starts_with("20260101000000_a.sql, line 2, cannot run inside a transaction"),
            "{told_of}"
        );
        assert!(told_of.contains("`create index concurrently i on t"), "{told_of}");
        let mixed = told("alter table t add b int;\ncreate index concurrently i on t (b)").unwrap();
        assert!(mixed.contains("line 2") && mixed.contains("applied by halves"), "{mixed}");
        assert!(told("begin; select 1; commit; select 2").unwrap().contains("begins or ends a transaction"));
        assert!(told("select 'a").is_some());
        assert_eq!(told("create index i on t (a)"), None);
        assert_eq!(told("begin; create table t (a int); commit;"), None);
    }
}
