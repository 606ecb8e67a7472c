//! One file as it is run: in one transaction, or statement by statement.

use crate::split::{SplitProblem, split};
use crate::statement::{Place, Statement};

/// The statements of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Script {
    /// They run in one transaction, together with the row that records them.
    Together(Vec<Statement>),
    /// PostgreSQL takes them outside transactions only, so they run one by one and the
    /// row is written after the last.
    Apart(Vec<Statement>),
}

/// A file whose statements cannot be run as one migration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptProblem {
    /// It cannot be cut.
    #[error(transparent)]
    Split(#[from] SplitProblem),
    /// What must run outside a transaction, and something else beside it.
    #[error(
        "line {line} cannot run inside a transaction (`{statement}`), and line {other} has to: together they would be \
         applied by halves"
    )]
    Mixed {
        /// The line of what must run outside.
        line: usize,
        /// Its first words.
        statement: String,
        /// The line of another statement.
        other: usize,
    },
    /// The file itself begins or ends a transaction somewhere in its middle.
    #[error("line {line} begins or ends a transaction (`{statement}`)")]
    Control {
        /// The line.
        line: usize,
        /// The statement.
        statement: String,
    },
}

impl ScriptProblem {
    /// What to do about it.
    #[must_use]
    pub const fn fix(&self) -> &'static str {
        match self {
            Self::Split(_) => "correct the file",
            Self::Mixed { .. } => "give the statement that runs outside a transaction a file of its own",
            Self::Control { .. } => {
                "leave it out: every file runs in a transaction of its own, together with the row that records it"
            }
        }
    }
}

impl Script {
    /// Cuts a file. `BEGIN` at its very beginning with `COMMIT` at its very end says
    /// what happens anyway and is left out.
    ///
    /// # Errors
    /// The first [`ScriptProblem`].
    pub(crate) fn read(text: &str) -> Result<Self, ScriptProblem> {
        let statements = unwrapped(split(text)?);
        if let Some(control) = find(&statements, |place| matches!(place, Place::Begins | Place::Ends)) {
            return Err(ScriptProblem::Control { line: control.line, statement: control.summary() });
        }
        let Some(outside) = find(&statements, |place| place == Place::Outside) else {
            return Ok(Self::Together(statements));
        };
        if let Some(inside) = find(&statements, |place| place == Place::Inside) {
            let (line, statement) = (outside.line, outside.summary());
            return Err(ScriptProblem::Mixed { line, statement, other: inside.line });
        }
        Ok(Self::Apart(statements))
    }

    /// Its statements, in their order.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        match self {
            Self::Together(statements) | Self::Apart(statements) => statements,
        }
    }

    /// Its statements as `schema_migrations.statements` keeps them.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        self.statements().iter().map(|statement| statement.text.clone()).collect()
    }
}

/// The tokens of a text without what changes nothing: white space, comments,
/// semicolons, a transaction around the whole. `None` when it cannot be cut.
pub(crate) fn essence(text: &str) -> Option<Vec<String>> {
    Some(unwrapped(split(text).ok()?).into_iter().flat_map(|statement| statement.tokens).collect())
}

fn find(statements: &[Statement], wanted: impl Fn(Place) -> bool) -> Option<&Statement> {
    statements.iter().find(|statement| wanted(statement.place()))
}

fn unwrapped(mut statements: Vec<Statement>) -> Vec<Statement> {
    if let [first, .., last] = &statements[..]
        && first.place() == Place::Begins
        && last.place() == Place::Ends
        && matches!(last.words.first().map(String::as_str), Some("commit" | "end"))
    {
        statements.pop();
        statements.remove(0);
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_runs_in_one_transaction_unless_postgresql_forbids_it() {
        let together =
            Script::read("set lock_timeout = '1s'; create table t (a int); insert into t values (1)")
                .unwrap();
        assert!(matches!(&together, Script::Together(found) if found.len() == 3));
        let apart = Script::read("set lock_timeout = '1s'; create index concurrently i on t (a);").unwrap();
        assert!(matches!(&apart, Script::Apart(found) if found.len() == 2));
        assert_eq!(Script::read("-- nothing yet").unwrap(), Script::Together(Vec::new()));
    }

    #[test]
    fn a_transaction_around_the_whole_is_left_out_and_any_other_refused() {
        let wrapped = Script::read("begin;\nselect 1;\ncommit;\n").unwrap();
        assert_eq!(wrapped.texts(), ["select 1"]);
        for (sql, at) in [
            ("begin; select 1; commit; select 2", 1),
            ("select 1;\ncommit;\nselect 2", 2),
            ("begin;\nselect 1;\nrollback", 1),
            ("begin;\nselect 1;\ncommit;\nbegin;\nselect 2;\ncommit", 3),
        ] {
            let problem = Script::read(sql).unwrap_err();
            assert!(matches!(problem, ScriptProblem::Control { line, .. } if line == at), "{sql}: {problem}");
        }
    }

    #[test]
    fn what_runs_outside_a_transaction_stands_alone() {
        for sql in [
            "alter table t add b int;\ncreate index concurrently i on t (b)",
            "begin;\ncreate index concurrently i on t (a);\nselect 1;\ncommit",
        ] {
            let problem = Script::read(sql).unwrap_err();
            let told = problem.to_string();
            assert!(matches!(problem, ScriptProblem::Mixed { line: 2, .. }), "{problem:?}");
            assert!(told.contains("create index concurrently i on t"), "{told}");
        }
    }

    #[test]
    fn the_essence_is_what_is_run() {
        let one = essence("begin; -- why\nselect  1;\nselect 'a  b'; commit;").unwrap();
        assert_eq!(Some(&one), essence("select 1; /* so */ select 'a  b'").as_ref());
        assert_ne!(Some(&one), essence("select 1; select 'a b'").as_ref());
        assert_eq!(essence("select 'a"), None);
    }
}
