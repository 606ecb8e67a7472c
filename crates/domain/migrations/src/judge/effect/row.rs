//! What a trigger puts into new columns of the row that is written.

use super::{Fired, Judge};
use crate::catalogue::{Column, Relation, mentions};
use crate::judge::check::expression;
use crate::judge::evaluate::{self, Value};
use crate::judge::expression::{Scope, takes};
use crate::statement::{ConstraintKind, Generated};
use crate::token::Token;

impl Judge<'_> {
    /// Whether a value goes into a column that running code does not know, and everything about the column takes it.
    pub(super) fn fills(
        &self,
        fired: Fired<'_>,
        name: &str,
        value: &[Token],
        scope: &Scope<'_>,
        caught: bool,
    ) -> bool {
        let sure = scope.sure(value);
        if !(fired.moment.before && fired.moment.row) {
            return caught || sure.is_some();
        }
        let Some(column) = fired.new.column(name).filter(|column| !self.is_old(column.id)) else {
            return false;
        };
        let fits = match (&sure, &column.ty) {
            (Some(sure), Some(ty)) => takes(self.replay, ty, sure),
            _ => false,
        };
        (caught || fits) && self.column_takes(fired, fired.new, column, value, scope)
    }

    /// Whether the constraints of a table take a value in a column of it.
    pub(super) fn column_takes(
        &self,
        fired: Fired<'_>,
        table: &Relation,
        column: &Column,
        value: &[Token],
        scope: &Scope<'_>,
    ) -> bool {
        let name = &column.name;
        if column.not_null && !self.is_never_null(fired, value, scope) {
            return false;
        }
        let worked_out = self.value_of(fired, value, scope);
        let given = |other: &str| match table.column(other) {
            _ if other == name => worked_out.clone(),
            Some(_) if std::ptr::eq(table, fired.new) => self.written(fired.old, fired.new, other),
            _ => Value::Unknown,
        };
        let refuses = |sql: &Vec<Token>| {
            mentions(sql, name) && !matches!(evaluate::value(sql, &given), Value::Bool(true) | Value::Null)
        };
        let generated = table.columns.iter().any(|other| match &other.generated {
            Some(Generated::Expression(sql)) => mentions(sql, name),
            _ => false,
        });
        let held = table.constraints.iter().any(|held| match &held.rule.kind {
            ConstraintKind::Check(_) => expression(&held.rule).is_some_and(refuses),
            ConstraintKind::Foreign(foreign) => {
                held.rule.enforced
                    && foreign.columns.contains(name)
                    && worked_out != Value::Null
                    && !self.is_pointed_at(fired, held, foreign, value, scope)
            }
            ConstraintKind::Exclude(sql) => mentions(sql, name),
            _ => false,
        });
        !generated && !held && !self.may_collide(fired, table, name, value, scope)
    }

    /// Whether a key of a table may refuse what a column of it is given.
    fn may_collide(
        &self,
        fired: Fired<'_>,
        table: &Relation,
        name: &str,
        value: &[Token],
        scope: &Scope<'_>,
    ) -> bool {
        let named = |part: &String| part.split(' ').any(|word| word.trim_matches('"') == name);
        let keys = table.keys();
        let mut keys = keys.iter().filter(|key| key.parts.iter().any(named));
        keys.any(|key| {
            let alone = key.parts == [name.to_owned()];
            let null = !key.nulls_not_distinct && self.value_of(fired, value, scope) == Value::Null;
            let copied = std::ptr::eq(table, fired.new) && self.is_unique(fired, value, scope);
            !(alone && (null || copied || makes_distinct(value)))
        })
    }

    /// Whether a value is that of a column by which rows of the trigger's table are told apart.
    pub(super) fn is_unique(&self, fired: Fired<'_>, value: &[Token], scope: &Scope<'_>) -> bool {
        let Some(name) = source(value, scope) else { return false };
        let keys = fired.old.keys();
        is_key_of_unknown(fired, name)
            || keys.iter().any(|key| key.predicate.is_none() && key.parts == [name.to_owned()])
    }

    /// Whether a value is that of a column that points to the same table already, or of the row itself.
    pub(super) fn is_pointed_at(
        &self,
        fired: Fired<'_>,
        held: &crate::catalogue::Held,
        foreign: &crate::statement::Foreign,
        value: &[Token],
        scope: &Scope<'_>,
    ) -> bool {
        let (Some(name), [_]) = (source(value, scope), foreign.columns.as_slice()) else { return false };
        let to = self.target_column(held, foreign);
        let itself = held.target.as_ref() == Some(fired.path)
            && (to.as_deref() == Some(name) || (to.is_none() && is_key_of_unknown(fired, name)))
            && !fired.moment.before
            && !fired.moment.is_on("delete");
        let along = fired.old.constraints.iter().any(|other| match &other.rule.kind {
            ConstraintKind::Foreign(known) => {
                known.columns == [name.to_owned()]
                    && other.target == held.target
                    && self.target_column(other, known) == to
                    && !fired.moment.is_on("delete")
            }
            _ => false,
        });
        itself || along
    }

    fn target_column(
        &self,
        held: &crate::catalogue::Held,
        foreign: &crate::statement::Foreign,
    ) -> Option<String> {
        if let [to] = foreign.to.as_slice() {
            return Some(to.clone());
        }
        let target = self.now().relations.get(held.target.as_ref()?)?;
        target.constraints.iter().find_map(|held| match &held.rule.kind {
            ConstraintKind::Primary { columns, .. } if columns.len() == 1 => columns.first().cloned(),
            _ => None,
        })
    }

    /// What a value comes to.
    pub(super) fn value_of(&self, fired: Fired<'_>, value: &[Token], scope: &Scope<'_>) -> Value {
        let column = |name: &str| {
            if scope.variables.contains_key(name) {
                Value::Unknown
            } else {
                self.written(fired.old, fired.new, name)
            }
        };
        evaluate::value(value, &column)
    }

    /// Whether a column takes a value, since it points to the column that the value is.
    pub(super) fn is_of_its_type(
        &self,
        fired: Fired<'_>,
        table: &Relation,
        column: &Column,
        value: &[Token],
        scope: &Scope<'_>,
    ) -> bool {
        table.constraints.iter().any(|held| match &held.rule.kind {
            ConstraintKind::Foreign(foreign) if foreign.columns == [column.name.clone()] => {
                self.is_pointed_at(fired, held, foreign, value, scope)
            }
            _ => false,
        })
    }

    /// Whether a value is never null.
    pub(super) fn is_never_null(&self, fired: Fired<'_>, value: &[Token], scope: &Scope<'_>) -> bool {
        if source(value, scope).is_some_and(|name| is_key_of_unknown(fired, name)) {
            return true;
        }
        const OPAQUE: [&str; 12] = [
            "old",
            "->",
            "-",
            "#",
            "case",
            "nullif",
            "current_setting",
            "auth",
            "select",
            "[",
            "tg_argv",
            "currval",
        ];
        match self.value_of(fired, value, scope) {
            Value::Null => false,
            Value::Unknown => {
                let variable =
                    |token: &Token| token.name().is_some_and(|name| scope.variables.contains_key(name));
                let opaque = |token: &Token| OPAQUE.iter().any(|word| token.is(word));
                !value.iter().any(|token| variable(token) || opaque(token))
                    && self.worked_out(fired.old, fired.new, value) == Value::Something
            }
            _ => true,
        }
    }
}

/// Of a table that the history does not show, `id` is taken for its key.
fn is_key_of_unknown(fired: Fired<'_>, name: &str) -> bool {
    !fired.old.complete && name == "id" && fired.old.keys().is_empty()
}

/// The column of the trigger's table that a value is.
fn source<'t>(value: &'t [Token], scope: &Scope<'_>) -> Option<&'t str> {
    match value {
        [new, dot, column] if new.is("new") && dot.is(".") => column.name(),
        [column] => column.name().filter(|name| scope.bare.is_some_and(|bare| bare.column(name).is_some())),
        _ => None,
    }
}

/// Whether a value is another one each time.
fn makes_distinct(value: &[Token]) -> bool {
    matches!(value, [function, open, .., close] if open.is("(") && close.is(")")
        && ["gen_random_uuid", "uuid_generate_v4", "uuidv4", "uuidv7", "nextval"].iter().any(|name| function.is(name)))
}
