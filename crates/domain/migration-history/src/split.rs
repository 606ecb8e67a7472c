//! Cuts SQL into statements, as `psql` does it: at semicolons outside quotes,
//! comments, parentheses (`CREATE RULE ... DO (a; b)`) and `BEGIN ATOMIC` bodies.

use crate::lexer::{Kind, Token, tokens};
use crate::statement::Statement;

/// SQL that cannot be cut into statements.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SplitProblem {
    /// A quote or a comment without an end.
    #[error("the {what} that begins on line {line} never ends")]
    Endless {
        /// What it is.
        what: &'static str,
        /// Where it begins, from 1.
        line: usize,
    },
    /// A command of `psql`, such as `\copy`, which the server does not know.
    #[error("line {0} has a backslash outside quotes: commands of psql are not SQL")]
    PsqlCommand(usize),
    /// Text that PostgreSQL takes nowhere.
    #[error("line {0} has a NUL character")]
    Nul(usize),
    /// `COPY ... FROM STDIN`, whose rows stand in the file for `psql` alone.
    #[error("the statement on line {0} reads from STDIN: write its rows as INSERT")]
    CopyFromStdin(usize),
}

/// The statements of a text, without those that are nothing but comments.
///
/// # Errors
/// The first [`SplitProblem`].
pub(crate) fn split(text: &str) -> Result<Vec<Statement>, SplitProblem> {
    if let Some(at) = text.find('\0') {
        return Err(SplitProblem::Nul(line_of(text, at)));
    }
    let mut statements = Vec::new();
    let mut lines = Lines { text, at: 0, line: 1 };
    let mut cutter = Cutter::default();
    for token in tokens(text) {
        match token.kind {
            Kind::Endless(what) => {
                return Err(SplitProblem::Endless { what, line: line_of(text, token.range.start) });
            }
            Kind::Backslash => return Err(SplitProblem::PsqlCommand(line_of(text, token.range.start))),
            Kind::Semicolon if cutter.is_at_top() => {
                cutter.end(&mut lines, token.range.start, &mut statements)?;
                cutter = Cutter { start: token.range.end, ..Cutter::default() };
            }
            _ => cutter.take(text, token),
        }
    }
    cutter.end(&mut lines, text.len(), &mut statements)?;
    Ok(statements)
}

/// The statement that is being read.
#[derive(Default)]
struct Cutter {
    start: usize,
    tokens: Vec<Token>,
    /// Words in lower case, as many as tell a function's definition from the rest.
    words: Vec<String>,
    parentheses: usize,
    /// How many `BEGIN ATOMIC` and `CASE` have no `END` yet.
    blocks: usize,
}

impl Cutter {
    const fn is_at_top(&self) -> bool {
        self.parentheses == 0 && self.blocks == 0
    }

    fn take(&mut self, text: &str, token: Token) {
        match token.kind {
            Kind::Nothing => return,
            Kind::Open => self.parentheses += 1,
            // One too many is the server's to name.
            Kind::Close => self.parentheses = self.parentheses.saturating_sub(1),
            Kind::Word => self.word(text.get(token.range.clone()).unwrap_or_default()),
            _ => {}
        }
        self.tokens.push(token);
    }

    fn word(&mut self, word: &str) {
        let word = word.to_ascii_lowercase();
        if self.is_routine() {
            match word.as_str() {
                "atomic" if self.words.last().is_some_and(|last| last == "begin") => self.blocks = 1,
                "case" if self.blocks > 0 => self.blocks += 1,
                "end" => self.blocks = self.blocks.saturating_sub(1),
                _ => {}
            }
        }
        self.words.push(word);
    }

    /// Whether it defines a function or a procedure: only they have such bodies
    /// (PostgreSQL docs, CREATE FUNCTION).
    fn is_routine(&self) -> bool {
        let words: Vec<&str> = self.words.iter().take(4).map(String::as_str).collect();
        matches!(
            words[..],
            ["create", "function" | "procedure", ..] | ["create", "or", "replace", "function" | "procedure"]
        )
    }

    fn end(
        &self,
        lines: &mut Lines<'_>,
        end: usize,
        statements: &mut Vec<Statement>,
    ) -> Result<(), SplitProblem> {
        let Some(first) = self.tokens.first() else { return Ok(()) };
        let text = lines.text;
        // A byte order mark is white space to nobody but us.
        let piece = text.get(self.start..end).unwrap_or_default().trim_start_matches('\u{feff}').trim_start();
        let first_line = lines.of(end - piece.len());
        let line = lines.of(first.range.start);
        let copies = self.words.first().is_some_and(|word| word == "copy");
        if copies && self.words.windows(2).any(|pair| pair == ["from", "stdin"]) {
            return Err(SplitProblem::CopyFromStdin(line));
        }
        let token = |token: &Token| text.get(token.range.clone()).unwrap_or_default().to_owned();
        statements.push(Statement {
            text: piece.trim_end().to_owned(),
            line,
            first_line,
            tokens: self.tokens.iter().map(token).collect(),
            words: self.words.clone(),
        });
        Ok(())
    }
}

/// Lines of bytes that are asked for in their order, so that a text is read once.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn of(&mut self, at: usize) -> usize {
        let passed = self.text.as_bytes().get(self.at..at).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count();
        self.at = self.at.max(at);
        self.line
    }
}

/// The line of a byte, from 1.
fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(sql: &str) -> Vec<String> {
        split(sql).unwrap().into_iter().map(|statement| statement.text).collect()
    }

    #[test]
    fn semicolons_in_quotes_comments_and_bodies_cut_nothing() {
        for one in [
            "select ';'",
            "select 'it''s; so'",
            r"select E'a\';b'",
            "select \"a;b\" from t",
            "select U&\"a;b\"",
            "do $$ begin perform 1; end $$",
            "do $x$ a; $$ b; $$ c; $x$",
            "select 1 /* a; /* b; */ c; */ + 1",
            "select 1 -- a; b\n + 1",
            "create rule r as on insert to t do instead (delete from a; delete from b)",
            "create function f() returns int language sql begin atomic select 1; select case when true then 2 end; end",
            "create or replace procedure p() begin atomic insert into t values (1); end",
        ] {
            assert_eq!(texts(&format!("{one};\nselect 2;")), [one, "select 2"], "{one}");
        }
    }

    #[test]
    fn words_of_other_statements_open_no_body() {
        let cut = texts("begin; select atomic from t; create table t (begin atomic); commit");
        assert_eq!(cut.len(), 4, "{cut:?}");
        let cut = texts(
            "create function f() returns int as $$ select 1 $$ language sql; select case when a then b end; select 1",
        );
        assert_eq!(cut.len(), 3, "{cut:?}");
    }

    #[test]
    fn comments_belong_to_what_follows_and_alone_are_no_statement() {
        let sql = "-- why\nselect 1; /* between */ ;;\n\n-- and\nselect\n 2;\n-- the end\n";
        let statements = split(sql).unwrap();
        let seen: Vec<_> =
            statements.iter().map(|found| (found.text.as_str(), found.line, found.first_line)).collect();
        assert_eq!(seen, [("-- why\nselect 1", 2, 1), ("-- and\nselect\n 2", 5, 4)]);
        assert!(split("\u{feff}\n -- nothing\n").unwrap().is_empty());
        assert_eq!(split("\u{feff}select 1").unwrap()[0].text, "select 1");
    }

    #[test]
    fn what_cannot_be_cut_is_named_with_its_line() {
        let problem = |sql: &str| split(sql).unwrap_err();
        assert_eq!(problem("select 1;\n select 'a"), SplitProblem::Endless { what: "string", line: 2 });
        assert_eq!(problem("do $$ begin"), SplitProblem::Endless { what: "string", line: 1 });
        assert_eq!(problem("/* a /* b */"), SplitProblem::Endless { what: "comment", line: 1 });
        assert_eq!(problem("\n\n\"a"), SplitProblem::Endless { what: "quoted identifier", line: 3 });
        assert_eq!(problem("select 1;\n\\copy t from 'x'"), SplitProblem::PsqlCommand(2));
        assert_eq!(problem("\ncopy t from stdin;\n1\t2\n"), SplitProblem::CopyFromStdin(2));
        assert_eq!(problem("a\n\0"), SplitProblem::Nul(2));
    }

    proptest! {
        #[test]
        fn nothing_panics_and_no_token_is_lost(sql in "[a-z ;'\"$()/*\n-]{0,60}") {
            if let Ok(statements) = split(&sql) {
                let kept: usize = statements.iter().map(|statement| statement.tokens.concat().len()).sum();
                let all: usize = tokens(&sql)
                    .iter()
                    .filter(|token| !matches!(token.kind, Kind::Nothing))
                    .map(|token| token.range.len())
                    .sum();
                prop_assert!(kept <= all);
                // What is missing are the semicolons that cut.
                prop_assert!(all - kept <= sql.matches(';').count());
            }
        }
    }
}
