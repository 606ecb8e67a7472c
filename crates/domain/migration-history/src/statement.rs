//! One statement, and where it may run.

/// A statement of a migration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What is sent: without its semicolon, with the comments before it.
    pub text: String,
    /// The line of its first word, from 1.
    pub line: usize,
    /// The line on which [`Self::text`] begins, from 1.
    pub(crate) first_line: usize,
    /// Everything but white space and comments.
    pub(crate) tokens: Vec<String>,
    /// Its words without quotes, in lower case.
    pub(crate) words: Vec<String>,
}

/// Where a statement may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a transaction, as nearly all of them.
    Inside,
    /// Outside one only: PostgreSQL refuses it in a transaction block (SQLSTATE 25001).
    Outside,
    /// Anywhere: it changes a setting of the session.
    Anywhere,
    /// It begins a transaction.
    Begins,
    /// It ends one.
    Ends,
}

impl Statement {
    /// The line of a position that the server complains about: characters of
    /// [`Self::text`], from 1 (PostgreSQL docs, error and notice message fields).
    #[must_use]
    pub fn line_at(&self, position: u32) -> usize {
        let before = usize::try_from(position).unwrap_or(1).saturating_sub(1);
        self.first_line + self.text.chars().take(before).filter(|found| *found == '\n').count()
    }

    /// Its first words, for a person.
    #[must_use]
    pub fn summary(&self) -> String {
        const LONGEST: usize = 80;
        let line = self.tokens.join(" ");
        match line.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}...", line.get(..end).unwrap_or_default()),
            None => line,
        }
    }

    /// Where it may run (PostgreSQL docs: the pages of these commands say that they
    /// cannot be executed inside a transaction block). What a procedure or a `DO` body
    /// does is its own.
    #[must_use]
    pub fn place(&self) -> Place {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let has = |word: &str| words.contains(&word);
        match words[..] {
            ["begin", ..] | ["start", "transaction", ..] => Place::Begins,
            ["rollback", ..] if has("to") => Place::Inside,
            ["commit" | "end" | "rollback" | "abort", ..] | ["prepare", "transaction", ..] => Place::Ends,
            ["set" | "reset" | "show", ..] => Place::Anywhere,
            ["create", "database" | "tablespace" | "subscription", ..]
            | ["drop", "database" | "tablespace" | "subscription", ..]
            | ["vacuum", ..]
            | ["alter", "system", ..]
            | ["discard", "all", ..]
            | ["cluster"] => Place::Outside,
            ["create", "index", "concurrently", ..]
            | ["create", "unique", "index", "concurrently", ..]
            | ["drop", "index", "concurrently", ..] => Place::Outside,
            ["reindex", ..] if has("concurrently") => Place::Outside,
            ["reindex", "database" | "system" | "schema", ..] => Place::Outside,
            ["alter", "database", ..] if follows(&words, "set", "tablespace") => Place::Outside,
            ["alter", "table", ..] if has("detach") && has("partition") && has("concurrently") => {
                Place::Outside
            }
            _ => Place::Inside,
        }
    }
}

fn follows(words: &[&str], one: &str, other: &str) -> bool {
    words.windows(2).any(|pair| pair == [one, other])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::split;

    fn place(sql: &str) -> Place {
        split(sql).unwrap().remove(0).place()
    }

    #[test]
    fn what_a_transaction_forbids_runs_outside_and_what_only_looks_like_it_inside() {
        for outside in [
            "create index concurrently i on t (a)",
            "CREATE UNIQUE INDEX /* now */ CONCURRENTLY if not exists i on t (a)",
            "drop index concurrently i",
            "reindex table concurrently t",
            "reindex (verbose, concurrently) index i",
            "vacuum analyze t",
            "alter system set work_mem = '1MB'",
            "alter table t detach partition p concurrently",
            "create database d",
            "alter database d set tablespace x",
        ] {
            assert_eq!(place(outside), Place::Outside, "{outside}");
        }
        for inside in [
            "create index i on t (a)",
            "create index \"concurrently\" on t (a)",
            "refresh materialized view concurrently v",
            "comment on table t is 'create index concurrently'",
            "alter type e add value 'x'",
            "rollback to savepoint s",
            "savepoint s",
            "alter database d set work_mem = '1MB'",
            "cluster t using i",
        ] {
            assert_eq!(place(inside), Place::Inside, "{inside}");
        }
        assert_eq!(place("start transaction read write"), Place::Begins);
        assert_eq!(place("end"), Place::Ends);
        assert_eq!(place("set local lock_timeout = '1s'"), Place::Anywhere);
    }

    #[test]
    fn a_position_is_a_line_of_the_file() {
        let statement = split("select 1;\n-- \u{e9}\nselect\n  x").unwrap().remove(1);
        assert_eq!((statement.line, statement.text.as_str()), (3, "-- \u{e9}\nselect\n  x"));
        let at = u32::try_from(statement.text.chars().position(|found| found == 'x').unwrap()).unwrap() + 1;
        assert_eq!((statement.line_at(at), statement.line_at(1), statement.line_at(0)), (4, 2, 2));
        assert_eq!(statement.summary(), "select x");
    }
}
