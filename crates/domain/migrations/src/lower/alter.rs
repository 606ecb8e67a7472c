//! `alter ...`, without the actions on tables.

use super::create::{attribute, owned_by, policy, published, type_name};
use super::{constraint, function, privilege, table};
use crate::cursor::Cursor;
use crate::name::Name;
use crate::statement::{
    Action, DomainChange, EventTriggerChange, Object, OnTable, PublicationChange, SequenceChange, TypeChange,
};

/// Reads the rest of an `alter` statement.
pub(super) fn alter(cursor: &mut Cursor<'_>) -> Option<Action> {
    if cursor.eat("default privileges") {
        return privilege::default_privileges(cursor);
    }
    for words in ["function", "procedure", "routine", "aggregate"] {
        if cursor.eat(words) {
            return function::alter(cursor);
        }
    }
    for (words, kind) in [("policy", OnTable::Policy), ("trigger", OnTable::Trigger), ("rule", OnTable::Rule)]
    {
        if cursor.eat(words) {
            return on_table(cursor, kind);
        }
    }
    if cursor.eat("event trigger") {
        return event_trigger(cursor);
    }
    if cursor.eat("large object") || cursor.eat("system") {
        return Some(Action::Nothing);
    }
    let kind = super::kind(cursor)?;
    if kind == Object::Other("database")
        && let Some(what) = setting(cursor)
    {
        return Some(Action::AlterRole { name: None, what });
    }
    if let Object::Other(_) = kind {
        return Some(other(cursor, kind));
    }
    if cursor.eat("all in tablespace") {
        return Some(Action::Nothing);
    }
    let if_exists = cursor.eat("if exists");
    let only = cursor.eat("only");
    let name =
        if only && cursor.sees("(") { Cursor::new(cursor.brackets()?).path()? } else { cursor.path()? };
    cursor.eat("*");
    if let Some(action) = renamed(cursor, kind, &name, if_exists) {
        return Some(action);
    }
    match kind {
        Object::Table | Object::View | Object::Materialized => {
            Some(Action::Alter { kind, name, if_exists, changes: table::changes(cursor) })
        }
        Object::Sequence => Some(sequence(cursor, name, if_exists)),
        Object::Type => {
            Some(Action::AlterType { name, change: of_type(cursor).unwrap_or(TypeChange::Quiet) })
        }
        Object::Domain => {
            Some(Action::AlterDomain { name, change: of_domain(cursor).unwrap_or(DomainChange::Quiet) })
        }
        Object::Publication => {
            Some(Action::AlterPublication { name: name.name, change: of_publication(cursor)? })
        }
        Object::Extension => Some(Action::AlterExtension { name: name.name }),
        Object::Role if cursor.eat("drop user") => {
            let members = super::drop::names(cursor.rest()).into_iter().map(|member| member.name).collect();
            Some(Action::Membership { grant: false, roles: vec![name.name], members })
        }
        Object::Role => Some(role(cursor, name.name)),
        _ => Some(Action::Nothing),
    }
}

/// Of another kind only a new name or another schema can be noticed.
fn other(cursor: &Cursor<'_>, kind: Object) -> Action {
    let moved = cursor.rest().iter().any(|token| token.is("rename")) || cursor.rest().ends_with_schema();
    match kind {
        Object::Other(what) if moved => Action::Unknown { what: format!("alter {what}") },
        _ => Action::Nothing,
    }
}

fn event_trigger(cursor: &mut Cursor<'_>) -> Option<Action> {
    let name = cursor.name()?;
    let change = if cursor.eat("rename to") {
        EventTriggerChange::Rename { to: cursor.name()? }
    } else if cursor.sees("enable") || cursor.sees("disable") {
        EventTriggerChange::Switch { on: cursor.sees("enable") && !cursor.sees("enable replica") }
    } else {
        return Some(Action::Nothing);
    };
    Some(Action::EventTrigger { name, change })
}

trait EndsWithSchema {
    fn ends_with_schema(&self) -> bool;
}

impl EndsWithSchema for [crate::token::Token] {
    fn ends_with_schema(&self) -> bool {
        matches!(self, [.., set, schema, _] if set.is("set") && schema.is("schema"))
    }
}

fn renamed(cursor: &mut Cursor<'_>, kind: Object, name: &Name, if_exists: bool) -> Option<Action> {
    if cursor.eat("rename to") {
        return Some(Action::Rename { kind, name: name.clone(), to: cursor.name()?, if_exists });
    }
    if cursor.eat("set schema") {
        return Some(Action::SetSchema { kind, name: name.clone(), schema: cursor.name()?, if_exists });
    }
    let relation = matches!(kind, Object::Table | Object::View | Object::Materialized);
    if relation && cursor.sees("rename") && !cursor.sees("rename constraint") {
        cursor.eat("rename");
        cursor.eat("column");
        let from = cursor.name()?;
        cursor.eat("to");
        let change = crate::statement::Change::RenameColumn { name: from, to: cursor.name()? };
        return Some(Action::Alter { kind, name: name.clone(), if_exists, changes: vec![change] });
    }
    None
}

fn on_table(cursor: &mut Cursor<'_>, kind: OnTable) -> Option<Action> {
    let name = cursor.name()?;
    cursor.eat("on");
    let table = cursor.path()?;
    let rename = if cursor.eat("rename to") { cursor.name() } else { None };
    if kind == OnTable::Policy {
        let policy = policy(cursor, name.clone(), table.clone());
        return Some(Action::AlterPolicy { name, table, rename, policy });
    }
    match rename {
        Some(to) => Some(Action::RenameOnTable { kind, name, table, to }),
        None => Some(Action::Nothing),
    }
}

fn sequence(cursor: &mut Cursor<'_>, name: Name, if_exists: bool) -> Action {
    let words = ["restart", "minvalue", "maxvalue", "increment", "cycle", "as"];
    let values = cursor.rest().iter().any(|token| words.iter().any(|word| token.is(word)));
    let change = SequenceChange { owned_by: owned_by(cursor), values };
    Action::AlterSequence { name, if_exists, change }
}

fn of_type(cursor: &mut Cursor<'_>) -> Option<TypeChange> {
    if cursor.eat("add value") {
        let if_not_exists = cursor.eat("if not exists");
        return Some(TypeChange::AddValue { label: cursor.text()?.clone(), if_not_exists });
    }
    if cursor.eat("rename value") {
        let from = cursor.text()?.text.clone();
        cursor.eat("to");
        return Some(TypeChange::RenameValue { from, to: cursor.text()?.text.clone() });
    }
    if cursor.eat("add attribute") {
        return Some(TypeChange::AddAttribute(attribute(cursor.until(&["cascade", "restrict"]))?));
    }
    if cursor.eat("drop attribute") {
        cursor.eat("if exists");
        return Some(TypeChange::DropAttribute { name: cursor.name()? });
    }
    if cursor.eat("rename attribute") {
        let name = cursor.name()?;
        cursor.eat("to");
        return Some(TypeChange::RenameAttribute { name, to: cursor.name()? });
    }
    if cursor.eat("alter attribute") {
        let name = cursor.name()?;
        cursor.eat("set data");
        cursor.eat("type");
        return Some(TypeChange::AttributeType { name, ty: type_name(cursor)? });
    }
    None
}

fn of_domain(cursor: &mut Cursor<'_>) -> Option<DomainChange> {
    if cursor.eat("add") {
        return constraint::constraint(cursor.rest()).map(DomainChange::Add);
    }
    if cursor.eat("drop constraint") {
        cursor.eat("if exists");
        return Some(DomainChange::Drop { name: cursor.name()? });
    }
    if cursor.eat("set not null") {
        return Some(DomainChange::NotNull { on: true });
    }
    if cursor.eat("drop not null") {
        return Some(DomainChange::NotNull { on: false });
    }
    if cursor.eat("set default") {
        return Some(DomainChange::Default { value: Some(cursor.rest().to_vec()) });
    }
    if cursor.eat("drop default") {
        return Some(DomainChange::Default { value: None });
    }
    if cursor.eat("rename constraint") {
        let name = cursor.name()?;
        cursor.eat("to");
        return Some(DomainChange::RenameConstraint { name, to: cursor.name()? });
    }
    None
}

fn of_publication(cursor: &mut Cursor<'_>) -> Option<PublicationChange> {
    if cursor.eat("add") {
        return Some(PublicationChange::Add(published(cursor)));
    }
    if cursor.eat("drop") {
        return Some(PublicationChange::Drop(published(cursor)));
    }
    if cursor.sees("set table") {
        cursor.eat("set");
        let narrowed = cursor.rest().iter().any(|token| token.is("(") || token.is("where"));
        return Some(PublicationChange::Set { tables: published(cursor), narrowed });
    }
    if cursor.eat("rename to") {
        return Some(PublicationChange::Rename { to: cursor.name()? });
    }
    if cursor.sees("set (") {
        return Some(PublicationChange::Options);
    }
    Some(PublicationChange::Quiet)
}

/// What of a role shuts its sessions out, or makes them read and write otherwise.
fn role(cursor: &Cursor<'_>, name: String) -> Action {
    let shut = ["nologin", "password", "noinherit", "nobypassrls", "nosuperuser", "valid", "connection"];
    let hit = cursor.rest().iter().find(|token| shut.iter().any(|word| token.is(word)));
    let what = hit.map(|token| token.text.clone()).or_else(|| setting(cursor));
    match what {
        Some(what) => Action::AlterRole { name: Some(name), what },
        None => Action::Nothing,
    }
}

/// The setting that sessions begin with from now on, if statements can notice it.
fn setting(cursor: &Cursor<'_>) -> Option<String> {
    const NOTICED: [&str; 15] = [
        "search_path",
        "role",
        "default_transaction_read_only",
        "default_transaction_isolation",
        "default_transaction_deferrable",
        "row_security",
        "session_replication_role",
        "timezone",
        "datestyle",
        "intervalstyle",
        "bytea_output",
        "standard_conforming_strings",
        "statement_timeout",
        "lock_timeout",
        "pgrst",
    ];
    let mut cursor = *cursor;
    cursor.until(&["set", "reset"]);
    let _ = cursor.eat("set") || cursor.eat("reset");
    let name = cursor.name()?;
    NOTICED.contains(&name.as_str()).then_some(name)
}
