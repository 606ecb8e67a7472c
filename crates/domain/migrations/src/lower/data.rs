//! Statements on rows, and settings.

use super::drop::names;
use super::function::calls;
use crate::cursor::Cursor;
use crate::name::Name;
use crate::statement::{Action, Arm, CreateTable, Does, Filter};
use crate::token::{Kind, Token, split_commas};

/// Reads a statement on rows, a `do` block or a setting, if it is one.
pub(super) fn data(cursor: &mut Cursor<'_>) -> Option<Action> {
    if cursor.eat("truncate") {
        cursor.eat("table");
        let tables = names(cursor.until(&["restart", "continue", "cascade", "restrict"]));
        cursor.until(&["cascade"]);
        return Some(Action::Truncate { tables, cascade: cursor.sees("cascade") });
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
        let table = target(cursor)?;
        cursor.until(&["using", "where", "returning"]);
        cursor.eat("using");
        return Some(Action::Delete { table, filter: filter(cursor) });
    }
    if cursor.eat("update") {
        return update(cursor);
    }
    if cursor.eat("insert into") {
        let table = cursor.path()?;
        return Some(Action::Insert { table, from: sources(cursor.rest()) });
    }
    if cursor.eat("merge into") {
        return merge(cursor);
    }
    if cursor.sees("prepare") && !cursor.sees("prepare transaction") {
        cursor.skip();
        let name = cursor.name()?;
        cursor.until(&["as"]);
        cursor.eat("as");
        return Some(Action::Prepare { name, statement: cursor.rest().to_vec() });
    }
    if cursor.eat("execute") {
        return Some(Action::Execute { name: cursor.name()? });
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
    if runs_explained(cursor) { super::action(cursor) } else { Some(Action::Nothing) }
}

/// Takes the options of `explain`, and tells whether it runs what it explains.
fn runs_explained(cursor: &mut Cursor<'_>) -> bool {
    let mut runs = false;
    loop {
        if cursor.eat("analyze") || cursor.eat("analyse") {
            runs = true;
        } else if cursor.sees("(") {
            let options = split_commas(cursor.brackets().unwrap_or_default());
            let off = |token: &Token| ["false", "off", "0", "no"].contains(&token.text.as_str());
            let named = |option: &&[Token]| {
                option.first().is_some_and(|token| token.is("analyze") || token.is("analyse"))
            };
            runs |= options.iter().any(|option| named(option) && !option.get(1).is_some_and(off));
        } else if !cursor.eat("verbose") {
            return runs;
        }
    }
}

/// A query, for the functions that it calls.
fn query(cursor: &mut Cursor<'_>) -> Option<Action> {
    let starts = ["select", "perform", "call", "(", "values", "copy (", "table"];
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

/// `with ...`: what its last part does; parts that change rows are read by [`inner`].
fn common_table(cursor: &mut Cursor<'_>) -> Action {
    let whole = cursor.rest();
    cursor.until(&["select", "insert into", "update", "delete from", "merge into", "values", "table"]);
    match data(cursor) {
        Some(Action::Table(table)) => Action::Table(CreateTable { query: Some(whole.to_vec()), ..table }),
        Some(action) if !matches!(action, Action::Calls { .. }) => action,
        _ => Action::Calls { functions: calls(whole) },
    }
}

/// The statements on rows that run inside of another: in a `with`, and in the brackets of a `copy`. Those in the bodies
/// of functions and in rules do not run with it.
pub(crate) fn inner(tokens: &[Token]) -> Vec<Action> {
    let mut cursor = Cursor::new(tokens);
    if cursor.eat("prepare") || (cursor.eat("explain") && !runs_explained(&mut cursor)) {
        return Vec::new();
    }
    let begins = |at: usize| {
        let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.is(word));
        let after = at
            .checked_sub(1)
            .is_some_and(|before| ["as", "materialized", "copy"].iter().any(|word| is(before, word)));
        is(at, "(") && after && CHANGES.iter().any(|word| is(at + 1, word))
    };
    let found = (0..tokens.len()).filter(|at| begins(*at));
    let read = |at: usize| data(&mut Cursor::new(Cursor::new(tokens.get(at..)?).brackets()?));
    found.filter_map(read).filter(changes_rows).collect()
}

/// Words that begin a statement on rows.
const CHANGES: [&str; 5] = ["delete", "update", "insert", "merge", "with"];

fn changes_rows(action: &Action) -> bool {
    matches!(
        action,
        Action::Delete { .. } | Action::Update { .. } | Action::Insert { .. } | Action::Merge { .. }
    )
}

/// The table that a statement is about, without its alias.
fn target(cursor: &mut Cursor<'_>) -> Option<Name> {
    cursor.eat("only");
    if cursor.sees("(") { Cursor::new(cursor.brackets()?).path() } else { cursor.path() }
}

fn update(cursor: &mut Cursor<'_>) -> Option<Action> {
    let table = target(cursor)?;
    cursor.until(&["set"]);
    cursor.eat("set");
    let assignments = assignments(cursor.until(&["from", "where", "returning"]));
    cursor.eat("from");
    Some(Action::Update { table, assignments, filter: filter(cursor) })
}

/// `a = 1, (b, c) = (2, 3)`.
fn assignments(tokens: &[Token]) -> Vec<(String, Vec<Token>)> {
    let mut found = Vec::new();
    for part in split_commas(tokens) {
        let mut part = Cursor::new(part);
        match part.columns() {
            Some(several) => {
                part.until(&["="]);
                let _ = part.eat("=") && part.eat("row");
                // A query is one value of several columns.
                let values = part.brackets().map(split_commas).unwrap_or_default();
                let fits = values.len() == several.len() && part.is_empty();
                let mut values = values.into_iter().filter(|_| fits);
                let each = several.into_iter();
                found.extend(each.map(|name| (name, values.next().unwrap_or_default().to_vec())));
            }
            None => {
                let name = part.name();
                part.until(&["="]);
                part.eat("=");
                found.extend(name.map(|name| (name, part.rest().to_vec())));
            }
        }
    }
    found
}

/// What follows `using` or `from`, up to the end.
fn filter(cursor: &mut Cursor<'_>) -> Filter {
    let others = cursor.until(&["where", "returning"]).to_vec();
    let condition = cursor.eat("where").then(|| cursor.until(&["returning"]).to_vec());
    Filter { others, condition }
}

fn merge(cursor: &mut Cursor<'_>) -> Option<Action> {
    let table = target(cursor)?;
    cursor.until(&["using"]);
    cursor.eat("using");
    let others = cursor.until(&["on"]).to_vec();
    cursor.eat("on");
    // The `when` of a `case` begins no arm.
    let whens = ["when matched", "when not matched", "returning"];
    let condition = Some(cursor.until(&whens).to_vec());
    let mut arms = Vec::new();
    while cursor.eat("when") {
        arms.push(arm(&mut Cursor::new(cursor.until(&whens))));
    }
    Some(Action::Merge { table, filter: Filter { others, condition }, arms })
}

fn arm(cursor: &mut Cursor<'_>) -> Arm {
    let matched = cursor.eat("matched");
    cursor.until(&["and", "then"]);
    let condition = cursor.eat("and").then(|| cursor.until(&["then"]).to_vec());
    cursor.eat("then");
    let does = if cursor.eat("delete") {
        Does::Delete
    } else if cursor.eat("update set") {
        Does::Update(assignments(cursor.rest()))
    } else {
        Does::Other
    };
    Arm { matched, condition, does }
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
