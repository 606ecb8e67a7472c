//! From the words of a statement to what it does.
//!
//! The parser has vouched for the statement, so this reads it by its first words and takes what it needs; what it
//! does not know becomes [`Action::Unknown`], which no rule passes in silence.

mod alter;
mod column;
mod constraint;
mod create;
mod data;
mod drop;
mod function;
mod privilege;
mod table;
mod view;

pub(crate) use data::inner;
pub(crate) use function::calls;

use crate::cursor::Cursor;
use crate::source::Span;
use crate::statement::{Action, Object, Statement};
use crate::token::Token;

/// Reads one statement.
pub(crate) fn statement(tokens: &[Token]) -> Statement {
    let first = tokens.first().map(|token| token.span).unwrap_or_default();
    let last = tokens.last().map(|token| token.span).unwrap_or_default();
    let mut cursor = Cursor::new(tokens);
    let action = action(&mut cursor).unwrap_or_else(|| unknown(tokens));
    Statement { action, span: first.to(last) }
}

/// Words that begin a statement which changes no schema that running code could notice.
const QUIET: [&str; 29] = [
    "comment",
    "analyze",
    "analyse",
    "notify",
    "listen",
    "unlisten",
    "show",
    "explain",
    "discard",
    "checkpoint",
    "security",
    "load",
    "fetch",
    "move",
    "close",
    "declare",
    "deallocate",
    "prepare",
    "execute",
    "lock",
    "copy",
    "reset",
    "release",
    "import",
    "table",
    "values",
    "perform",
    "reassign",
    "set",
];

fn action(cursor: &mut Cursor<'_>) -> Option<Action> {
    if cursor.eat("create") {
        return create::create(cursor);
    }
    if cursor.eat("alter") {
        return alter::alter(cursor);
    }
    if cursor.eat("drop") {
        return drop::drop(cursor);
    }
    if cursor.sees("grant") || cursor.sees("revoke") {
        return privilege::privileges(cursor);
    }
    data::data(cursor).or_else(|| transaction(cursor)).or_else(|| quiet(cursor))
}

fn transaction(cursor: &mut Cursor<'_>) -> Option<Action> {
    if cursor.eat("begin") || cursor.eat("start transaction") {
        return Some(Action::Begin);
    }
    if cursor.eat("commit") || cursor.eat("end") {
        return Some(Action::Commit);
    }
    if cursor.eat("savepoint") {
        return Some(Action::Savepoint { name: cursor.name()? });
    }
    if cursor.eat("rollback") || cursor.eat("abort") {
        let _ = cursor.eat("work") || cursor.eat("transaction");
        let back = cursor.eat("to savepoint") || cursor.eat("to");
        return Some(Action::Rollback { savepoint: if back { cursor.name() } else { None } });
    }
    for what in ["vacuum", "cluster", "reindex"] {
        if cursor.eat(what) {
            return Some(if what == "vacuum" {
                Action::OutsideTransaction { what: "vacuum" }
            } else {
                Action::Nothing
            });
        }
    }
    None
}

fn quiet(cursor: &Cursor<'_>) -> Option<Action> {
    let first = cursor.peek()?;
    QUIET.iter().any(|word| first.is(word)).then_some(Action::Nothing)
}

fn unknown(tokens: &[Token]) -> Action {
    let words: Vec<&str> = tokens.iter().take(3).map(|token| token.text.as_str()).collect();
    Action::Unknown { what: words.join(" ") }
}

/// Kinds of objects by their words, longest first.
pub(crate) const KINDS: [(&str, Object); 33] = [
    ("materialized view", Object::Materialized),
    ("foreign table", Object::Table),
    ("foreign data wrapper", Object::Other("foreign data wrapper")),
    ("table", Object::Table),
    ("view", Object::View),
    ("index", Object::Index),
    ("sequence", Object::Sequence),
    ("schema", Object::Schema),
    ("type", Object::Type),
    ("domain", Object::Domain),
    ("extension", Object::Extension),
    ("role", Object::Role),
    ("user mapping", Object::Other("user mapping")),
    ("user", Object::Role),
    ("group", Object::Role),
    ("publication", Object::Publication),
    ("access method", Object::Other("access method")),
    ("cast", Object::Other("cast")),
    ("collation", Object::Other("collation")),
    ("conversion", Object::Other("conversion")),
    ("database", Object::Other("database")),
    ("event trigger", Object::Other("event trigger")),
    ("language", Object::Other("language")),
    ("procedural language", Object::Other("language")),
    ("operator class", Object::Other("operator class")),
    ("operator family", Object::Other("operator family")),
    ("operator", Object::Other("operator")),
    ("server", Object::Other("server")),
    ("statistics", Object::Other("statistics")),
    ("subscription", Object::Other("subscription")),
    ("tablespace", Object::Other("tablespace")),
    ("text search", Object::Other("text search")),
    ("transform", Object::Other("transform")),
];

/// The kind of object whose words come next.
fn kind(cursor: &mut Cursor<'_>) -> Option<Object> {
    KINDS.iter().find(|(words, _)| cursor.eat(words)).map(|(_, kind)| *kind)
}

/// The place of a part of a statement.
pub(crate) fn span(tokens: &[Token]) -> Span {
    let first = tokens.first().map(|token| token.span).unwrap_or_default();
    tokens.last().map_or(first, |last| first.to(last.span))
}
