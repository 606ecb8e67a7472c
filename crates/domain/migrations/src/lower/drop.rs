//! `drop ...`.

use super::function;
use crate::cursor::Cursor;
use crate::name::Name;
use crate::statement::{Action, EventTriggerChange, Object, OnTable};
use crate::token::{Token, split_commas};

/// Reads the rest of a `drop` statement.
pub(super) fn drop(cursor: &mut Cursor<'_>) -> Option<Action> {
    for words in ["function", "procedure", "routine", "aggregate"] {
        if cursor.eat(words) {
            let if_exists = cursor.eat("if exists");
            let targets = function::targets(cursor.until(&["cascade", "restrict"]));
            return Some(Action::DropFunctions { targets, if_exists, cascade: cursor.sees("cascade") });
        }
    }
    for (words, kind) in [("policy", OnTable::Policy), ("trigger", OnTable::Trigger), ("rule", OnTable::Rule)]
    {
        if cursor.eat(words) {
            let if_exists = cursor.eat("if exists");
            let name = cursor.name()?;
            cursor.eat("on");
            return Some(Action::DropOnTable { kind, name, table: cursor.path()?, if_exists });
        }
    }
    if cursor.eat("event trigger") {
        let change = EventTriggerChange::Drop { if_exists: cursor.eat("if exists") };
        return Some(Action::EventTrigger { name: cursor.name()?, change });
    }
    if cursor.eat("owned by") {
        let roles = names(cursor.until(&["cascade", "restrict"]));
        return Some(Action::DropOwned { roles: roles.into_iter().map(|role| role.name).collect() });
    }
    let kind = super::kind(cursor)?;
    cursor.eat("concurrently");
    let if_exists = cursor.eat("if exists");
    let names =
        if let Object::Other(_) = kind { Vec::new() } else { names(cursor.until(&["cascade", "restrict"])) };
    Some(Action::Drop { kind, names, if_exists, cascade: cursor.sees("cascade") })
}

/// Names separated by commas.
pub(super) fn names(tokens: &[Token]) -> Vec<Name> {
    let read = |part: &&[Token]| {
        let mut part = Cursor::new(part);
        part.eat("only");
        part.path()
    };
    split_commas(tokens).iter().filter_map(read).collect()
}
