//! `create table` and the actions of `alter table`.

use super::column::column;
use super::constraint;
use crate::cursor::Cursor;
use crate::statement::{Action, Change, CreateTable};
use crate::token::{Token, line, split_commas};
use crate::types::TypeName;

/// Reads the rest of `create ... table`.
pub(super) fn create(cursor: &mut Cursor<'_>, temporary: bool) -> Option<Action> {
    let if_not_exists = cursor.eat("if not exists");
    let name = cursor.path()?;
    let mut table = CreateTable { name, if_not_exists, temporary, ..CreateTable::default() };
    if cursor.eat("partition of") {
        table.partition_of = cursor.path();
    } else if cursor.eat("of") {
        cursor.path();
    }
    if cursor.sees("(") {
        elements(cursor.brackets()?, &mut table);
    }
    if cursor.eat("inherits") {
        let parents = split_commas(cursor.brackets()?);
        table.inherits = parents.iter().filter_map(|part| Cursor::new(part).path()).collect();
    }
    while !cursor.is_empty() && !cursor.sees("as") {
        table.partitioned |= cursor.sees("partition by");
        table.default_partition |= table.partition_of.is_some() && cursor.sees("default");
        cursor.skip();
    }
    if cursor.eat("as") {
        table.query = Some(cursor.rest().to_vec());
    }
    Some(Action::Table(table))
}

fn elements(tokens: &[Token], table: &mut CreateTable) {
    for part in split_commas(tokens) {
        if part.first().is_some_and(|word| word.is("like")) {
            let mut cursor = Cursor::new(part);
            cursor.skip();
            let Some(of) = cursor.path() else { continue };
            let mut including = Vec::new();
            while cursor.eat("including") {
                including.extend(cursor.name());
            }
            table.like.push((of, including));
        } else if constraint::starts(part) {
            table.constraints.extend(constraint::constraint(part));
        } else {
            table.columns.extend(column(part));
        }
    }
}

/// Reads the actions of `alter table`, without its name.
pub(super) fn changes(cursor: &Cursor<'_>) -> Vec<Change> {
    let read = |part: &&[Token]| change(part).unwrap_or(Change::Quiet);
    split_commas(cursor.rest()).iter().map(read).collect()
}

fn change(tokens: &[Token]) -> Option<Change> {
    let mut cursor = Cursor::new(tokens);
    if cursor.eat("add") {
        return add(&cursor);
    }
    if cursor.eat("drop") {
        return drop(&mut cursor);
    }
    if cursor.eat("alter constraint") {
        return alter_constraint(&mut cursor);
    }
    if cursor.eat("alter") {
        cursor.eat("column");
        let name = cursor.name()?;
        return alter_column(&mut cursor, name);
    }
    if cursor.eat("rename constraint") {
        let name = cursor.name()?;
        cursor.eat("to");
        return Some(Change::RenameConstraint { name, to: cursor.name()? });
    }
    if cursor.eat("validate constraint") {
        return Some(Change::ValidateConstraint { name: cursor.name()? });
    }
    security(&mut cursor).or_else(|| relatives(&mut cursor))
}

fn add(cursor: &Cursor<'_>) -> Option<Change> {
    if constraint::starts(cursor.rest()) {
        return constraint::constraint(cursor.rest()).map(Change::AddConstraint);
    }
    let mut cursor = *cursor;
    cursor.eat("column");
    let if_not_exists = cursor.eat("if not exists");
    Some(Change::AddColumn { column: column(cursor.rest())?, if_not_exists })
}

fn drop(cursor: &mut Cursor<'_>) -> Option<Change> {
    if cursor.eat("constraint") {
        let if_exists = cursor.eat("if exists");
        return Some(Change::DropConstraint { name: cursor.name()?, if_exists });
    }
    cursor.eat("column");
    let if_exists = cursor.eat("if exists");
    let name = cursor.name()?;
    Some(Change::DropColumn { name, if_exists, cascade: cursor.sees("cascade") })
}

fn alter_constraint(cursor: &mut Cursor<'_>) -> Option<Change> {
    let name = cursor.name()?;
    let (mut deferrable, mut enforced) = (None, None);
    while !cursor.is_empty() {
        if cursor.eat("not deferrable") {
            deferrable = Some(false);
        } else if cursor.eat("deferrable") || cursor.eat("initially deferred") {
            deferrable = Some(true);
        } else if cursor.eat("not enforced") {
            enforced = Some(false);
        } else if cursor.eat("enforced") {
            enforced = Some(true);
        } else {
            cursor.skip();
        }
    }
    Some(Change::AlterConstraint { name, deferrable, enforced })
}

fn alter_column(cursor: &mut Cursor<'_>, column: String) -> Option<Change> {
    if cursor.eat("set data type") || cursor.eat("type") {
        return retype(cursor, column);
    }
    if cursor.eat("set default") {
        return Some(Change::Default { column, value: Some(cursor.rest().to_vec()) });
    }
    if cursor.eat("drop default") {
        return Some(Change::Default { column, value: None });
    }
    if cursor.eat("set not null") {
        return Some(Change::NotNull { column, on: true });
    }
    if cursor.eat("drop not null") {
        return Some(Change::NotNull { column, on: false });
    }
    if cursor.eat("add generated") {
        return Some(Change::AddIdentity { column, always: cursor.eat("always") });
    }
    if cursor.eat("set generated") {
        return Some(Change::SetIdentity { column, always: cursor.eat("always") });
    }
    if ["restart", "set minvalue", "set maxvalue", "set increment", "set cycle"]
        .iter()
        .any(|words| cursor.sees(words))
    {
        return Some(Change::IdentityValues { column });
    }
    if cursor.eat("drop identity") {
        return Some(Change::DropIdentity { column });
    }
    if cursor.eat("drop expression") {
        return Some(Change::DropExpression { column });
    }
    if cursor.eat("set expression as") {
        return Some(Change::SetExpression { column, value: cursor.brackets()?.to_vec() });
    }
    Some(Change::Quiet)
}

fn retype(cursor: &mut Cursor<'_>, column: String) -> Option<Change> {
    let ty = TypeName::read(cursor)?;
    let collation = if cursor.eat("collate") { cursor.path().map(|path| path.name) } else { None };
    let using = cursor.eat("using").then(|| cursor.rest().to_vec());
    Some(Change::Type { column, ty, collation, using })
}

fn security(cursor: &mut Cursor<'_>) -> Option<Change> {
    for (words, change) in [
        ("enable row level security", Change::RowSecurity { on: true }),
        ("disable row level security", Change::RowSecurity { on: false }),
        ("force row level security", Change::ForceRowSecurity { on: true }),
        ("no force row level security", Change::ForceRowSecurity { on: false }),
    ] {
        if cursor.eat(words) {
            return Some(change);
        }
    }
    if cursor.eat("owner to") {
        return Some(Change::Owner { to: cursor.name()? });
    }
    // `enable replica`: in ordinary sessions it does not fire (PostgreSQL docs, `ALTER TABLE`).
    let on = cursor.sees("enable") && !cursor.sees("enable replica");
    if cursor.eat("enable") || cursor.eat("disable") {
        let _ = cursor.eat("always") || cursor.eat("replica");
        if cursor.eat("rule") {
            return Some(Change::Rule { name: cursor.name()?, on });
        }
        return cursor
            .eat("trigger")
            .then(|| Change::Trigger { name: cursor.name().unwrap_or_default(), on });
    }
    None
}

fn relatives(cursor: &mut Cursor<'_>) -> Option<Change> {
    if cursor.eat("replica identity") {
        return Some(Change::ReplicaIdentity { kind: line(cursor.rest()) });
    }
    if cursor.eat("attach partition") {
        return Some(Change::Attach { partition: cursor.path()? });
    }
    if cursor.eat("detach partition") {
        return Some(Change::Detach { partition: cursor.path()? });
    }
    if cursor.eat("no inherit") {
        return Some(Change::Inherit { parent: cursor.path()?, on: false });
    }
    if cursor.eat("inherit") {
        return Some(Change::Inherit { parent: cursor.path()?, on: true });
    }
    if cursor.sees("set (") || cursor.sees("reset (") {
        return Some(Change::Options { text: line(cursor.rest()) });
    }
    None
}
