//! Statements on rows, and settings.

use super::drop::names;
use super::function::calls;
use crate::cursor::Cursor;
use crate::name::Name;
use crate::statement::{Action, CreateTable};
use crate::token::{Kind, Token, split_commas};

/// Reads a statement on rows, a `do` block or a setting, if it is one.
pub(super) fn data(cursor: &mut Cursor<'_>) -> Option<Action> {
    if cursor.eat("truncate") {
        cursor.eat("table");
        let tables = names(cursor.until(&["restart", "continue", "cascade", "restrict"]));
        return Some(Action::Truncate { tables });
    }
    if cursor.eat("refresh materialized view") {
        cursor.eat("concurrently");
        return Some(Action::Refresh { view: cursor.path()?, empty: cursor.sees("with no data") });
    }
    if cursor.eat("explain") {
        return explained(cursor);
    }
    if cursor.sees("with") {
        return Some(common_table(cursor));
    }
    if cursor.eat("delete from") {
        cursor.eat("only");
        let table = cursor.path()?;
        return Some(Action::Delete { table, filtered: is_filtered(cursor.rest()) });
    }
    if cursor.eat("update") {
        return update(cursor);
    }
    if cursor.eat("insert into") {
        let table = cursor.path()?;
        return Some(Action::Insert { table, from: sources(cursor.rest()) });
    }
    if cursor.eat("merge into") {
        cursor.eat("only");
        return Some(Action::Merge { table: cursor.path()? });
    }
    if cursor.eat("do") {
        return block(cursor);
    }
    if cursor.sees("set") {
        return setting(cursor);
    }
    query(cursor)
}

/// `explain analyze` runs what it explains.
fn explained(cursor: &mut Cursor<'_>) -> Option<Action> {
    let mut runs = false;
    loop {
        if cursor.eat("analyze") {
            runs = true;
        } else if cursor.sees("(") {
            runs |= cursor.brackets()?.iter().any(|token| token.is("analyze"));
        } else if !cursor.eat("verbose") {
            return if runs { data(cursor) } else { Some(Action::Nothing) };
        }
    }
}

/// A query, for the functions that it calls.
fn query(cursor: &mut Cursor<'_>) -> Option<Action> {
    let starts = ["select", "perform", "call", "("];
    if !starts.iter().any(|word| cursor.sees(word)) {
        return None;
    }
    let tokens = cursor.rest();
    if let Some(schemas) = configured_path(tokens) {
        return Some(Action::SearchPath { schemas });
    }
    if let Some(action) = set_value(tokens) {
        return Some(action);
    }
    let mut ahead = *cursor;
    ahead.until(&["into", "from"]);
    if ahead.eat("into") {
        let _ = ahead.eat("temporary") || ahead.eat("temp");
        cursor_table(&mut ahead, tokens)
    } else {
        Some(Action::Calls { functions: calls(tokens) })
    }
}

/// `setval` to a constant; one that is read from the rows keeps clear of them.
fn set_value(tokens: &[Token]) -> Option<Action> {
    let at = tokens.iter().position(|token| token.is("setval"))?;
    let arguments = split_commas(Cursor::new(tokens.get(at + 1..)?).brackets()?);
    let constant = |part: &[Token]| part.iter().all(|token| token.kind == Kind::Number || token.is("-"));
    arguments.get(1).filter(|value| constant(value))?;
    let sequence = match arguments.first()? {
        [text] if text.kind == Kind::Text => {
            let mut parts = text.text.rsplitn(2, '.').map(|part| part.trim_matches('"').to_owned());
            Some(Name { name: parts.next()?, schema: parts.next() })
        }
        _ => None,
    };
    Some(Action::SetValue { sequence })
}

/// `select ... into table` makes a table.
fn cursor_table(cursor: &mut Cursor<'_>, tokens: &[Token]) -> Option<Action> {
    cursor.eat("unlogged");
    cursor.eat("table");
    let name = cursor.path()?;
    Some(Action::Table(CreateTable { name, query: Some(tokens.to_vec()), ..CreateTable::default() }))
}

/// `with ...`: what it does is what its last part does, or a part that changes rows.
fn common_table(cursor: &Cursor<'_>) -> Action {
    let mut tokens = cursor.rest();
    while let Some((first, rest)) = tokens.split_first() {
        let changes = [("delete", "from"), ("insert", "into"), ("update", "")];
        let next = rest.first();
        let hit = changes.iter().any(|(verb, then)| {
            first.is(verb) && (then.is_empty() || next.is_some_and(|token| token.is(then)))
        });
        if hit && !(first.is("update") && next.is_none_or(|token| token.name().is_none() || token.is("set")))
        {
            let end = closing(tokens);
            if let Some(action) = data(&mut Cursor::new(tokens.get(..end).unwrap_or_default())) {
                return action;
            }
        }
        tokens = rest;
    }
    Action::Calls { functions: calls(cursor.rest()) }
}

/// Where the bracket closes that these tokens stand in.
fn closing(tokens: &[Token]) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        depth += crate::token::nesting(token);
        if depth < 0 {
            return at;
        }
    }
    tokens.len()
}

fn update(cursor: &mut Cursor<'_>) -> Option<Action> {
    cursor.eat("only");
    let table = cursor.path()?;
    cursor.until(&["set"]);
    cursor.eat("set");
    let assignments = cursor.until(&["from", "where", "returning"]);
    let mut columns = Vec::new();
    for part in split_commas(assignments) {
        let mut part = Cursor::new(part);
        match part.columns() {
            Some(several) => columns.extend(several),
            None => columns.extend(part.name()),
        }
    }
    Some(Action::Update { table, columns, filtered: is_filtered(cursor.rest()) })
}

/// Whether a condition stands at the end, other than `where true`.
fn is_filtered(tokens: &[Token]) -> bool {
    let mut cursor = Cursor::new(tokens);
    cursor.until(&["where"]);
    if !cursor.eat("where") {
        return false;
    }
    let condition = cursor.until(&["returning"]);
    !matches!(crate::token::line(condition).as_str(), "true" | "1 = 1")
}

/// The tables that a query reads, as far as `from` and `join` tell.
fn sources(tokens: &[Token]) -> Vec<Name> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.is("from") || token.is("join") {
            found.extend(Cursor::new(tokens.get(at + 1..).unwrap_or_default()).path());
        }
    }
    found
}

fn block(cursor: &mut Cursor<'_>) -> Option<Action> {
    let mut plpgsql = true;
    let mut body = None;
    while let Some(token) = cursor.next() {
        if token.is("language") {
            plpgsql = cursor.next().is_some_and(|language| language.text.eq_ignore_ascii_case("plpgsql"));
        } else if token.kind == Kind::Text {
            body = Some(token.clone());
        }
    }
    Some(Action::Do { body: body?, plpgsql })
}

fn setting(cursor: &mut Cursor<'_>) -> Option<Action> {
    cursor.eat("set");
    let _ = cursor.eat("local") || cursor.eat("session");
    if !cursor.eat("search_path") {
        return Some(Action::Nothing);
    }
    cursor.skip();
    let schemas =
        split_commas(cursor.rest()).iter().filter_map(|part| Some(part.first()?.text.clone())).collect();
    Some(Action::SearchPath { schemas })
}

/// `select set_config('search_path', '...', ...)`, as dumps write it.
fn configured_path(tokens: &[Token]) -> Option<Vec<String>> {
    let at = tokens.iter().position(|token| token.is("set_config"))?;
    let setting = tokens.get(at + 2).filter(|token| token.text == "search_path")?;
    let value = tokens.get(at + 4).filter(|_| setting.kind == Kind::Text)?;
    let schemas = value.text.split(',').map(|schema| schema.trim().trim_matches('"').to_owned());
    Some(schemas.filter(|schema| !schema.is_empty()).collect())
}
