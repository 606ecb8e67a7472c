//! `grant`, `revoke` and default privileges.

use super::drop::names;
use super::function;
use crate::cursor::Cursor;
use crate::statement::{Action, On, Privileges};
use crate::token::{Token, split_commas};

/// Reads `grant ...` and `revoke ...`.
pub(super) fn privileges(cursor: &mut Cursor<'_>) -> Option<Action> {
    let grant = cursor.eat("grant");
    if !grant {
        cursor.eat("revoke");
    }
    let option_only = cursor.eat("grant option for") || cursor.eat("admin option for");
    let what = cursor.until(&["on", if grant { "to" } else { "from" }]);
    if !cursor.eat("on") {
        cursor.skip();
        let members = roles(cursor);
        return Some(Action::Membership { grant, roles: role_names(what), members });
    }
    let on = on(cursor, grant)?;
    cursor.skip();
    let privileges = Privileges { grant, option_only, privileges: listed(what), on, roles: roles(cursor) };
    Some(Action::Privileges(privileges))
}

/// The privileges by name; none for all of them.
fn listed(tokens: &[Token]) -> Vec<(String, Vec<String>)> {
    let read = |part: &&[Token]| {
        let mut part = Cursor::new(part);
        let name = part.name()?;
        part.eat("privileges");
        Some((name, part.columns().unwrap_or_default()))
    };
    let all: Vec<(String, Vec<String>)> = split_commas(tokens).iter().filter_map(read).collect();
    all.into_iter().filter(|(name, columns)| name != "all" || !columns.is_empty()).collect()
}

fn on(cursor: &mut Cursor<'_>, grant: bool) -> Option<On> {
    let to = if grant { "to" } else { "from" };
    if cursor.eat("all") {
        let kind = cursor.name()?;
        cursor.eat("in schema");
        return Some(On::AllIn { kind, schemas: role_names(cursor.until(&[to])) });
    }
    for (words, make) in
        [("function", On::Functions as fn(_) -> _), ("procedure", On::Functions), ("routine", On::Functions)]
    {
        if cursor.eat(words) {
            return Some(make(function::targets(cursor.until(&[to]))));
        }
    }
    if cursor.eat("schema") {
        return Some(On::Schemas(role_names(cursor.until(&[to]))));
    }
    if cursor.eat("type") || cursor.eat("domain") {
        return Some(On::Types(names(cursor.until(&[to]))));
    }
    let other = ["database", "language", "foreign", "large object", "parameter", "tablespace"];
    if other.iter().any(|words| cursor.sees(words)) {
        cursor.until(&[to]);
        return Some(On::Other);
    }
    let _ = cursor.eat("table") || cursor.eat("sequence");
    Some(On::Relations(names(cursor.until(&[to]))))
}

fn roles(cursor: &mut Cursor<'_>) -> Vec<String> {
    role_names(cursor.until(&["with", "cascade", "restrict", "granted by"]))
}

fn role_names(tokens: &[Token]) -> Vec<String> {
    split_commas(tokens).iter().filter_map(|part| Some(part.last()?.name()?.to_owned())).collect()
}

/// Reads the rest of `alter default privileges`.
pub(super) fn default_privileges(cursor: &mut Cursor<'_>) -> Option<Action> {
    let mut schemas = Vec::new();
    while !cursor.sees("grant") && !cursor.sees("revoke") {
        if cursor.eat("in schema") {
            schemas = role_names(cursor.until(&["grant", "revoke", "for"]));
        } else {
            cursor.next()?;
        }
    }
    let grant = cursor.eat("grant");
    if !grant {
        cursor.eat("revoke");
    }
    let option_only = cursor.eat("grant option for");
    let privileges = listed(cursor.until(&["on"]));
    cursor.eat("on");
    let on = On::Future { kind: cursor.name()? };
    cursor.skip();
    let change = Privileges { grant, option_only, privileges, on, roles: roles(cursor) };
    Some(Action::DefaultPrivileges { schemas, change: Box::new(change) })
}
