//! Conditions of policies.

use super::Replay;
use crate::catalogue::{Function, Id, Needs};
use crate::cursor::Cursor;
use crate::token::{Kind, Token, line, nesting, split_commas};

impl Replay {
    /// What a condition reads and calls, of what the history shows.
    pub(super) fn needs(&self, sql: &[Token]) -> Needs {
        Needs {
            queries: sql.iter().any(|token| token.is("select")),
            relations: self.reads(sql),
            functions: (0..sql.len()).filter_map(|at| self.called_at(sql, at)).collect(),
        }
    }

    /// The function that is called at a place, if its name and the number of arguments leave but one.
    fn called_at(&self, sql: &[Token], at: usize) -> Option<Id> {
        let after_dot = at.checked_sub(1).and_then(|at| sql.get(at)).is_some_and(|token| token.is("."));
        let named = sql.get(at)?.kind != Kind::Text && sql.get(at)?.name().is_some();
        (named && !after_dot).then_some(())?;
        let mut cursor = Cursor::new(sql.get(at..)?);
        let name = cursor.path()?;
        let count = split_commas(cursor.brackets()?).len();
        let overloads = self.now.functions.get(&self.now.function_path(&name, &self.search)?)?;
        let takes = |function: &&Function| {
            let needed = function.input_parameters().filter(|parameter| !parameter.default).count();
            (needed..=function.input_parameters().count()).contains(&count)
        };
        let mut fits = overloads.iter().filter(takes);
        fits.next().filter(|_| fits.next().is_none()).map(|function| function.id)
    }
}

/// A condition as one line. A scalar `(select f())` without a `from` is `f()`: it is the same value, worked out once
/// instead of for each row (Supabase docs, row level security, performance).
pub(super) fn condition(sql: &[Token]) -> String {
    line(&folded(sql))
}

fn folded(tokens: &[Token]) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match scalar(tokens, at) {
            Some((value, end)) if is_call(value) => {
                out.extend(folded(value));
                at = end;
            }
            Some((value, end)) => {
                out.push(token.clone());
                out.extend(folded(value));
                out.extend(tokens.get(end - 1).cloned());
                at = end;
            }
            None => {
                out.push(token.clone());
                at += 1;
            }
        }
    }
    out
}

/// What a bare scalar query at a place works out, and where the query ends.
fn scalar(tokens: &[Token], at: usize) -> Option<(&[Token], usize)> {
    const SETS: [&str; 6] = ["in", "any", "all", "some", "exists", "array"];
    const CLAUSES: [&str; 14] = [
        ",",
        "from",
        "where",
        "group",
        "having",
        "window",
        "order",
        "limit",
        "offset",
        "fetch",
        "union",
        "intersect",
        "except",
        "distinct",
    ];
    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
    if before.is_some_and(|word| SETS.iter().any(|set| word.is(set))) {
        return None;
    }
    let inner = Cursor::new(tokens.get(at..)?).brackets()?;
    let [select, value @ ..] = inner else { return None };
    select.is("select").then_some(())?;
    let value = match value {
        [value @ .., word, alias] if word.is("as") && alias.name().is_some() => value,
        value => value,
    };
    let mut depth = 0;
    let plain = value.iter().all(|token| {
        let clause = depth == 0 && CLAUSES.iter().any(|clause| token.is(clause));
        depth += nesting(token);
        !clause
    });
    (plain && !value.is_empty()).then_some((value, at + inner.len() + 2))
}

/// Whether an expression is nothing but the call of one function.
fn is_call(value: &[Token]) -> bool {
    let mut cursor = Cursor::new(value);
    cursor.path().is_some() && cursor.brackets().is_some() && cursor.is_empty()
}
