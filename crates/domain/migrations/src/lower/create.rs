//! `create ...`.

use super::{column, function, table, view};
use crate::cursor::Cursor;
use crate::statement::{Action, Column, CreateIndex, CreatePolicy, CreateTrigger, EventTriggerChange};
use crate::token::{Kind, Token, line, split_commas};
use crate::types::TypeName;

/// Kinds whose creation running code cannot notice.
const QUIET: [&str; 18] = [
    "access method",
    "cast",
    "collation",
    "conversion",
    "database",
    "foreign data wrapper",
    "language",
    "procedural language",
    "trusted language",
    "operator",
    "server",
    "statistics",
    "subscription",
    "tablespace",
    "text search",
    "transform",
    "user mapping",
    "default conversion",
];

/// Reads the rest of a `create` statement.
pub(super) fn create(cursor: &mut Cursor<'_>) -> Option<Action> {
    let or_replace = cursor.eat("or replace");
    let _ = cursor.eat("global") || cursor.eat("local");
    let temporary = cursor.eat("temporary") || cursor.eat("temp");
    cursor.eat("unlogged");
    if cursor.eat("table") || cursor.eat("foreign table") {
        return table::create(cursor, temporary);
    }
    cursor.eat("recursive");
    if cursor.eat("view") {
        return view::create(cursor, or_replace, temporary);
    }
    if cursor.eat("materialized view") {
        return view::create_materialized(cursor);
    }
    if cursor.sees("unique index") || cursor.sees("index") {
        return index(cursor);
    }
    if cursor.eat("function") {
        return function::create(cursor, or_replace, false);
    }
    if cursor.eat("procedure") {
        return function::create(cursor, or_replace, true);
    }
    if cursor.eat("aggregate") {
        return function::create_aggregate(cursor, or_replace);
    }
    if cursor.eat("constraint trigger") || cursor.eat("trigger") {
        return trigger(cursor, or_replace);
    }
    named(cursor, or_replace)
}

fn named(cursor: &mut Cursor<'_>, or_replace: bool) -> Option<Action> {
    if cursor.eat("sequence") {
        let if_not_exists = cursor.eat("if not exists");
        let name = cursor.path()?;
        return Some(Action::Sequence { name, if_not_exists, owned_by: owned_by(cursor) });
    }
    if cursor.eat("schema") {
        return schema(cursor);
    }
    if cursor.eat("type") {
        return custom_type(cursor);
    }
    if cursor.eat("domain") {
        return domain(cursor);
    }
    if cursor.eat("policy") {
        let name = cursor.name()?;
        cursor.eat("on");
        let table = cursor.path()?;
        return Some(Action::Policy(policy(cursor, name, table)));
    }
    if cursor.eat("rule") {
        let name = cursor.name()?;
        let event = cursor.until(&["to"]);
        cursor.skip();
        let table = cursor.path()?;
        let definition = [event, cursor.rest()].map(line).join(" | ");
        let conditional = cursor.sees("where");
        cursor.until(&["do"]);
        let instead = cursor.sees("do instead");
        return Some(Action::Rule { name, table, or_replace, instead, conditional, definition });
    }
    if cursor.eat("extension") {
        cursor.eat("if not exists");
        return Some(Action::Extension { name: cursor.name()? });
    }
    if cursor.eat("role") || cursor.eat("user") && !cursor.sees("mapping") || cursor.eat("group") {
        return Some(Action::Role { name: cursor.name()? });
    }
    if cursor.eat("publication") {
        return publication(cursor);
    }
    if cursor.eat("event trigger") {
        return event_trigger(cursor);
    }
    QUIET.iter().any(|words| cursor.sees(words)).then_some(Action::Nothing)
}

fn event_trigger(cursor: &mut Cursor<'_>) -> Option<Action> {
    let name = cursor.name()?;
    cursor.eat("on");
    let event = cursor.name()?;
    let condition = cursor.until(&["execute"]);
    let tags =
        condition.iter().filter(|token| token.kind == Kind::Text).map(|token| token.text.to_lowercase());
    let tags = tags.collect();
    let _ = cursor.eat("execute function") || cursor.eat("execute procedure");
    let function = cursor.path()?;
    Some(Action::EventTrigger { name, change: EventTriggerChange::Create { event, tags, function } })
}

/// `owned by table.column` anywhere in what is left.
pub(super) fn owned_by(cursor: &mut Cursor<'_>) -> Option<(crate::name::Name, String)> {
    cursor.until(&["owned by"]);
    if !cursor.eat("owned by") || cursor.sees("none") {
        return None;
    }
    let mut parts = vec![cursor.name()?];
    while cursor.eat(".") {
        parts.push(cursor.name()?);
    }
    let column = parts.pop()?;
    let name = parts.pop()?;
    Some((crate::name::Name { schema: parts.pop(), name }, column))
}

fn schema(cursor: &mut Cursor<'_>) -> Option<Action> {
    let if_not_exists = cursor.eat("if not exists");
    let named = if cursor.sees("authorization") { None } else { cursor.name() };
    let owner = if cursor.eat("authorization") { cursor.name() } else { None };
    let mut elements = Vec::new();
    while cursor.eat("create") {
        let mut element = Cursor::new(cursor.until(&["create", "grant"]));
        elements.extend(create(&mut element));
    }
    Some(Action::Schema { name: named.or(owner)?, if_not_exists, elements })
}

fn custom_type(cursor: &mut Cursor<'_>) -> Option<Action> {
    let name = cursor.path()?;
    if cursor.eat("as enum") {
        let labels = split_commas(cursor.brackets()?);
        let labels = labels.iter().filter_map(|part| Some(part.first()?.text.clone())).collect();
        return Some(Action::Enum { name, labels });
    }
    if cursor.eat("as") && cursor.sees("(") {
        let attributes = split_commas(cursor.brackets()?);
        return Some(Action::Composite {
            name,
            attributes: attributes.iter().filter_map(|part| column::column(part)).collect(),
        });
    }
    Some(Action::OtherType { name })
}

fn domain(cursor: &mut Cursor<'_>) -> Option<Action> {
    let name = cursor.path()?;
    cursor.eat("as");
    // A domain is declared as a column is, with its own name in the column's place.
    let rest = cursor.rest();
    let first = rest.first()?;
    let mut tokens = vec![Token { text: name.name.clone(), ..first.clone() }];
    tokens.extend_from_slice(rest);
    Some(Action::Domain { name, column: column::column(&tokens)? })
}

/// An attribute of a composite type, or a column: the same words.
pub(super) fn attribute(tokens: &[Token]) -> Option<Column> {
    column::column(tokens)
}

fn index(cursor: &mut Cursor<'_>) -> Option<Action> {
    let unique = cursor.eat("unique");
    cursor.eat("index");
    let concurrently = cursor.eat("concurrently");
    let if_not_exists = cursor.eat("if not exists");
    let name = if cursor.sees("on") { None } else { cursor.path().map(|path| path.name) };
    cursor.eat("on");
    cursor.eat("only");
    let table = cursor.path()?;
    if cursor.eat("using") {
        cursor.skip();
    }
    let keys = split_commas(cursor.brackets()?).iter().map(|part| key(part)).collect();
    cursor.until(&["nulls not distinct", "where"]);
    let nulls_not_distinct = cursor.eat("nulls not distinct");
    cursor.until(&["where"]);
    let predicate = cursor.eat("where").then(|| cursor.rest().to_vec());
    let index =
        CreateIndex { name, table, unique, concurrently, if_not_exists, keys, predicate, nulls_not_distinct };
    Some(Action::Index(index))
}

/// A key of an index without order, which does not matter to what it forbids.
fn key(tokens: &[Token]) -> Vec<Token> {
    let mut cursor = Cursor::new(tokens);
    cursor.until(&["asc", "desc", "nulls first", "nulls last"]).to_vec()
}

fn trigger(cursor: &mut Cursor<'_>, or_replace: bool) -> Option<Action> {
    let name = cursor.name()?;
    let before = cursor.sees("before");
    let instead = cursor.sees("instead of");
    let event = cursor.until(&["on"]);
    cursor.skip();
    let table = cursor.path()?;
    let condition = cursor.until(&["execute"]);
    let _ = cursor.eat("execute function") || cursor.eat("execute procedure");
    let function = cursor.path()?;
    let definition = [event, condition, cursor.rest()].map(line).join(" | ");
    Some(Action::Trigger(CreateTrigger { name, table, or_replace, before, instead, function, definition }))
}

/// Reads what follows the table of `create policy` and `alter policy`.
pub(super) fn policy(cursor: &mut Cursor<'_>, name: String, table: crate::name::Name) -> CreatePolicy {
    let mut policy = CreatePolicy {
        name,
        table,
        restrictive: false,
        command: String::from("all"),
        roles: None,
        using: None,
        check: None,
    };
    while !cursor.is_empty() {
        if cursor.eat("as restrictive") {
            policy.restrictive = true;
        } else if cursor.eat("for") {
            policy.command = cursor.name().unwrap_or_default();
        } else if cursor.eat("to") {
            let roles = split_commas(cursor.until(&["using", "with check"]));
            policy.roles =
                Some(roles.iter().filter_map(|part| Some(part.last()?.name()?.to_owned())).collect());
        } else if cursor.eat("using") {
            policy.using = cursor.brackets().map(<[Token]>::to_vec);
        } else if cursor.eat("with check") {
            policy.check = cursor.brackets().map(<[Token]>::to_vec);
        } else {
            cursor.skip();
        }
    }
    policy
}

fn publication(cursor: &mut Cursor<'_>) -> Option<Action> {
    let name = cursor.name()?;
    let mut publication = (Some(Vec::new()), Vec::new());
    let mut limits = Vec::new();
    if cursor.eat("for all tables") {
        publication.0 = None;
    } else if cursor.eat("for") {
        for part in split_commas(cursor.until(&["with"])) {
            let mut part = Cursor::new(part);
            if part.eat("tables in schema") {
                publication.1.extend(part.name());
            } else if let Some(tables) = publication.0.as_mut() {
                part.eat("table");
                part.eat("only");
                tables.extend(part.path());
                limits.extend((!part.is_empty()).then(|| line(part.rest())));
            }
        }
    }
    limits.extend(cursor.eat("with").then(|| line(cursor.rest())));
    Some(Action::Publication { name, tables: publication.0, schemas: publication.1, limits })
}

/// The names of a list of tables, as `alter publication` writes it.
pub(super) fn published(cursor: &Cursor<'_>) -> Vec<crate::name::Name> {
    let parts = split_commas(cursor.rest());
    let table = |part: &&[Token]| {
        let mut part = Cursor::new(part);
        part.eat("table");
        part.eat("only");
        part.path()
    };
    parts.iter().filter_map(table).collect()
}

/// Reads a type from the start of what is left.
pub(super) fn type_name(cursor: &mut Cursor<'_>) -> Option<TypeName> {
    TypeName::read(cursor)
}
