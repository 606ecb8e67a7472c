//! Constraints of tables and domains.

use crate::cursor::Cursor;
use crate::statement::{Constraint, ConstraintKind, Foreign, RefAction};
use crate::token::Token;

/// Whether a part of `create table (...)` or of `add ...` declares a constraint.
pub(super) fn starts(tokens: &[Token]) -> bool {
    let cursor = Cursor::new(tokens);
    ["constraint", "check", "unique", "primary key", "foreign key", "not null", "exclude using", "exclude ("]
        .iter()
        .any(|words| cursor.sees(words))
}

/// Reads a constraint; everything of it is in the tokens.
pub(super) fn constraint(tokens: &[Token]) -> Option<Constraint> {
    let mut cursor = Cursor::new(tokens);
    let name = if cursor.eat("constraint") { cursor.name() } else { None };
    let kind = kind(&mut cursor)?;
    let mut found = Constraint { name, kind, not_valid: false, deferrable: false, enforced: true };
    while !cursor.is_empty() {
        let left = cursor.rest().len();
        finish(&mut cursor, &mut found);
        if cursor.rest().len() == left {
            cursor.skip();
        }
    }
    Some(found)
}

fn kind(cursor: &mut Cursor<'_>) -> Option<ConstraintKind> {
    if cursor.eat("check") {
        return Some(ConstraintKind::Check(cursor.brackets()?.to_vec()));
    }
    if cursor.eat("not null") {
        return Some(ConstraintKind::NotNull(cursor.name().unwrap_or_default()));
    }
    if cursor.eat("primary key") {
        let using_index = if cursor.eat("using index") { cursor.name() } else { None };
        let columns = cursor.columns().unwrap_or_default();
        ends(cursor);
        return Some(ConstraintKind::Primary { columns, using_index });
    }
    if cursor.eat("unique") {
        let nulls_not_distinct = cursor.eat("nulls not distinct");
        cursor.eat("nulls distinct");
        let using_index = if cursor.eat("using index") { cursor.name() } else { None };
        let columns = cursor.columns().unwrap_or_default();
        ends(cursor);
        return Some(ConstraintKind::Unique { columns, nulls_not_distinct, using_index });
    }
    if cursor.eat("foreign key") {
        let columns = cursor.columns()?;
        cursor.eat("references");
        return Some(ConstraintKind::Foreign(reference(cursor, columns)?));
    }
    if cursor.eat("exclude") {
        let rest = cursor.until(&["deferrable", "not deferrable", "initially", "not valid"]);
        return Some(ConstraintKind::Exclude(rest.to_vec()));
    }
    None
}

/// What may stand after a key: included columns, storage, a tablespace.
pub(super) fn ends(cursor: &mut Cursor<'_>) {
    for words in ["include", "with"] {
        if cursor.eat(words) {
            cursor.brackets();
        }
    }
    if cursor.eat("using index tablespace") {
        cursor.skip();
    }
}

/// The rest of a foreign key, from its table on.
pub(super) fn reference(cursor: &mut Cursor<'_>, columns: Vec<String>) -> Option<Foreign> {
    let table = cursor.path()?;
    let to = if cursor.sees("(") { cursor.columns().unwrap_or_default() } else { Vec::new() };
    let mut foreign = Foreign {
        columns,
        table,
        to,
        on_delete: RefAction::Refuse,
        on_update: RefAction::Refuse,
        full: false,
    };
    loop {
        if cursor.eat("match") {
            foreign.full = cursor.sees("full");
            cursor.skip();
        } else if cursor.eat("on delete") {
            foreign.on_delete = ref_action(cursor);
        } else if cursor.eat("on update") {
            foreign.on_update = ref_action(cursor);
        } else {
            return Some(foreign);
        }
    }
}

fn ref_action(cursor: &mut Cursor<'_>) -> RefAction {
    let action = match cursor.eat_one(&["cascade", "set null", "set default", "no action", "restrict"]) {
        Some("cascade") => RefAction::Cascade,
        Some("set null") => RefAction::SetNull,
        Some("set default") => RefAction::SetDefault,
        _ => RefAction::Refuse,
    };
    // The columns of `set null (a)`.
    if cursor.sees("(") {
        cursor.brackets();
    }
    action
}

/// Takes what a constraint may end with.
pub(super) fn finish(cursor: &mut Cursor<'_>, constraint: &mut Constraint) {
    loop {
        if cursor.eat("not deferrable") || cursor.eat("initially immediate") || cursor.eat("no inherit") {
        } else if cursor.eat("deferrable") || cursor.eat("initially deferred") {
            constraint.deferrable = true;
        } else if cursor.eat("not valid") {
            constraint.not_valid = true;
        } else if cursor.eat("not enforced") {
            constraint.enforced = false;
        } else if !cursor.eat("enforced") {
            return;
        }
    }
}
