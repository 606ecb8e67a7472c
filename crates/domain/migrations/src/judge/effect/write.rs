//! What a trigger writes to other tables: only to new ones, and only what these take.

use super::{Fired, Judge};
use crate::catalogue::{Column, Key, Relation};
use crate::cursor::Cursor;
use crate::judge::check::expression;
use crate::judge::evaluate::{self, Value};
use crate::judge::expression::{Scope, takes};
use crate::name::{Name, Path};
use crate::statement::{ConstraintKind, Generated, RefAction};
use crate::token::{Token, line, split_commas};

/// `insert`, as far as it is read here: one row, or the rows of a query.
struct Insert<'t> {
    columns: Vec<String>,
    values: Vec<&'t [Token]>,
    /// Where the values come from, if not from the body alone.
    from: Option<&'t [Token]>,
    /// The columns of `on conflict do nothing`; empty for any conflict.
    conflict: Option<Vec<String>>,
    /// What `on conflict do update` sets.
    sets: Vec<&'t [Token]>,
}

impl Judge<'_> {
    /// Whether an insert of a trigger goes through.
    pub(super) fn inserts(
        &self,
        fired: Fired<'_>,
        name: &Name,
        tokens: &[Token],
        scope: &Scope<'_>,
        caught: bool,
    ) -> bool {
        let Some((path, table)) = self.new_table(name, scope) else { return false };
        if tokens.iter().any(|token| token.is("returning")) {
            return false;
        }
        if caught {
            return true;
        }
        let Some(insert) = read_insert(tokens, table) else { return false };
        let mut scope = scope.clone();
        if let Some(from) = insert.from {
            let mut cursor = Cursor::new(from);
            let known = cursor.name().is_some_and(|name| fired.moment.transitions.contains(&name));
            if !known || !cursor.is_empty() {
                return false;
            }
            scope.bare = Some(fired.new);
        }
        let set = Scope { bare: Some(table), ..scope.clone() };
        let row = Row { fired, table, insert: &insert, scope: &scope };
        self.may_write(fired, (&path, table), "insert")
            && insert.columns.iter().all(|name| table.column(name).is_some())
            && table.columns.iter().all(|column| self.column_of_row(&row, column))
            && table.constraints.iter().all(|held| self.constraint_of_row(&row, held))
            && table.keys().iter().all(|key| self.key_of_row(&row, key))
            && insert.sets.iter().all(|part| self.is_assigned(fired, table, part, &set))
            && self.its_triggers_pass(fired, &path, table, "insert")
            && (insert.sets.is_empty()
                || (self.may_write(fired, (&path, table), "update")
                    && self.its_triggers_pass(fired, &path, table, "update")))
    }

    /// A table that running code does not know.
    fn new_table(&self, name: &Name, scope: &Scope<'_>) -> Option<(Path, &Relation)> {
        let path = self.now().relation_path(name, &scope.search)?;
        let table = self.now().relations.get(&path)?;
        let partitioned =
            self.now().relations.values().any(|other| other.partition_of.as_ref() == Some(&path));
        (!self.is_old(table.id) && !partitioned && table.rules.is_empty()).then_some((path, table))
    }

    fn column_of_row(&self, row: &Row<'_>, column: &Column) -> bool {
        let Some(value) = row.given(&column.name) else {
            let calls = column.default.as_ref().is_some_and(|sql| self.calls_own_functions(sql));
            return !calls && (!column.not_null || row.left_out(column) != Value::Null);
        };
        let generated =
            matches!(column.generated, Some(Generated::IdentityAlways | Generated::Expression(_)));
        let fits = match (row.scope.sure(value), &column.ty) {
            (Some(sure), Some(ty)) => takes(self.replay, ty, &sure),
            _ => false,
        };
        let fits = fits || self.is_of_its_type(row.fired, row.table, column, value, row.scope);
        !generated && fits && (!column.not_null || self.is_never_null(row.fired, value, row.scope))
    }

    fn constraint_of_row(&self, row: &Row<'_>, held: &crate::catalogue::Held) -> bool {
        let value = |name: &str| match (row.given(name), row.table.column(name)) {
            (Some(value), _) => self.value_of(row.fired, value, row.scope),
            (None, Some(column)) => row.left_out(column),
            (None, None) => Value::Unknown,
        };
        match &held.rule.kind {
            ConstraintKind::Check(_) => {
                let Some(sql) = expression(&held.rule) else { return true };
                matches!(evaluate::value(sql, &value), Value::Bool(true) | Value::Null)
            }
            ConstraintKind::Foreign(foreign) if held.rule.enforced => {
                let null = foreign.columns.iter().any(|name| value(name) == Value::Null) && !foreign.full;
                let known = foreign.columns.first().and_then(|name| row.given(name));
                null || known
                    .is_some_and(|value| self.is_pointed_at(row.fired, held, foreign, value, row.scope))
            }
            ConstraintKind::Exclude(_) => false,
            _ => true,
        }
    }

    fn key_of_row(&self, row: &Row<'_>, key: &Key) -> bool {
        if let Some(columns) = &row.insert.conflict {
            let mut columns = columns.clone();
            columns.sort();
            if columns.is_empty() || (columns == key.parts && key.predicate.is_none() && !key.deferrable) {
                return true;
            }
        }
        let part = |name: &String| match (row.given(name), row.table.column(name)) {
            (Some(value), _) => {
                let once =
                    row.fired.moment.is_only_on("insert") && self.is_unique(row.fired, value, row.scope);
                let null =
                    !key.nulls_not_distinct && self.value_of(row.fired, value, row.scope) == Value::Null;
                once || null
            }
            (None, Some(column)) => {
                crate::judge::key::is_distinct(column)
                    || (!key.nulls_not_distinct && row.left_out(column) == Value::Null)
            }
            (None, None) => false,
        };
        key.parts.iter().any(part)
    }

    fn its_triggers_pass(&self, fired: Fired<'_>, path: &Path, table: &Relation, event: &str) -> bool {
        let Some(depth) = fired.depth.checked_sub(1) else { return table.triggers.is_empty() };
        let on = |trigger: &&crate::catalogue::Trigger| {
            trigger.enabled && crate::judge::moment::Moment::of(trigger).is_on(event)
        };
        table.triggers.iter().filter(on).all(|trigger| self.passes(path, table, trigger, depth))
    }

    /// Whether an update of a trigger goes through.
    pub(super) fn updates(
        &self,
        fired: Fired<'_>,
        name: &Name,
        tokens: &[Token],
        scope: &Scope<'_>,
        caught: bool,
    ) -> bool {
        let Some((path, table)) = self.new_table(name, scope) else { return false };
        if tokens.iter().any(|token| token.is("returning")) {
            return false;
        }
        let scope = Scope { bare: Some(table), ..scope.clone() };
        let mut cursor = Cursor::new(tokens);
        cursor.until(&["set"]);
        cursor.eat("set");
        let assignments = split_commas(cursor.until(&["from", "where"]));
        let plain = cursor.is_empty() || (cursor.eat("where") && scope.sure(cursor.rest()).is_some());
        let assigned = |part: &&[Token]| self.is_assigned(fired, table, part, &scope);
        caught
            || (plain
                && self.may_write(fired, (&path, table), "update")
                && assignments.iter().all(assigned)
                && self.its_triggers_pass(fired, &path, table, "update"))
    }

    /// Whether `column = value` of an update goes through.
    fn is_assigned(&self, fired: Fired<'_>, table: &Relation, part: &[Token], scope: &Scope<'_>) -> bool {
        let [name, equal, value @ ..] = part else { return false };
        let Some(column) = name.name().and_then(|name| table.column(name)) else { return false };
        let fits = match (scope.sure(value), &column.ty) {
            (Some(sure), Some(ty)) => takes(self.replay, ty, &sure),
            _ => false,
        };
        // A variable and a column of one name are ambiguous (42702).
        let twice = |token: &Token| {
            token
                .name()
                .is_some_and(|name| scope.variables.contains_key(name) && table.column(name).is_some())
        };
        equal.is("=")
            && fits
            && !value.iter().any(twice)
            && self.column_takes(fired, table, column, value, scope)
    }

    /// Whether a delete of a trigger goes through.
    pub(super) fn deletes(
        &self,
        fired: Fired<'_>,
        name: &Name,
        tokens: &[Token],
        scope: &Scope<'_>,
        caught: bool,
    ) -> bool {
        let Some((path, table)) = self.new_table(name, scope) else { return false };
        let scope = Scope { bare: Some(table), ..scope.clone() };
        let mut cursor = Cursor::new(tokens);
        cursor.until(&["where", "using", "returning"]);
        let plain = cursor.is_empty() || (cursor.eat("where") && scope.sure(cursor.rest()).is_some());
        let held = self.now().relations.values().flat_map(|other| &other.constraints).any(|held| {
            matches!(&held.rule.kind, ConstraintKind::Foreign(foreign) if foreign.on_delete != RefAction::Cascade)
                && held.target.as_ref() == Some(&path)
        });
        caught
            || (plain
                && !held
                && self.may_write(fired, (&path, table), "delete")
                && self.its_triggers_pass(fired, &path, table, "delete"))
    }
}

/// A row that is put into a new table.
struct Row<'w> {
    fired: Fired<'w>,
    table: &'w Relation,
    insert: &'w Insert<'w>,
    scope: &'w Scope<'w>,
}

impl<'w> Row<'w> {
    /// What a column is given, if it is not left to its default.
    fn given(&self, name: &str) -> Option<&'w [Token]> {
        let at = self.insert.columns.iter().position(|column| column == name)?;
        self.insert.values.get(at).copied().filter(|value| line(value) != "default")
    }

    fn left_out(&self, column: &Column) -> Value {
        match (&column.generated, &column.default) {
            (Some(_), _) => Value::Something,
            (None, None) => Value::Null,
            (None, Some(default)) => match evaluate::value(default, &|_| Value::Unknown) {
                // What no constant is, is seldom null.
                Value::Unknown => Value::Something,
                value => value,
            },
        }
    }
}

fn read_insert<'t>(tokens: &'t [Token], table: &Relation) -> Option<Insert<'t>> {
    let mut cursor = Cursor::new(tokens);
    cursor.eat("insert into").then_some(())?;
    cursor.path()?;
    if cursor.eat("as") {
        cursor.name()?;
    }
    let all = || table.columns.iter().map(|column| column.name.clone()).collect();
    let listed = if cursor.sees("(") && !is_query(&cursor) { Some(cursor.columns()?) } else { None };
    let (short, columns) = (listed.is_none(), listed.unwrap_or_else(all));
    let mut insert = Insert { columns, values: Vec::new(), from: None, conflict: None, sets: Vec::new() };
    if cursor.eat("default values") {
        insert.columns.clear();
    } else if cursor.eat("values") {
        insert.values = split_commas(cursor.brackets()?);
        // Several rows are not told apart here.
        (!cursor.sees(",")).then_some(())?;
    } else if cursor.eat("select") {
        insert.values =
            split_commas(cursor.until(&["from", "on conflict", "where", "limit", "order by", "union"]));
        if cursor.eat("from") {
            let from = cursor.until(&["on conflict"]);
            let [name, alias @ ..] = from else { return None };
            matches!(alias, [] | [_]).then_some(())?;
            insert.from = Some(std::slice::from_ref(name));
        }
    } else {
        return None;
    }
    if short {
        insert.columns.truncate(insert.values.len());
    }
    (insert.columns.len() == insert.values.len()).then_some(())?;
    if cursor.eat("on conflict") {
        let columns = if cursor.sees("(") { cursor.columns()? } else { Vec::new() };
        if cursor.eat("do update set") {
            insert.sets = split_commas(cursor.until(&["where"]));
        } else {
            cursor.eat("do nothing").then_some(())?;
        }
        insert.conflict = Some(columns);
    }
    cursor.is_empty().then_some(insert)
}

/// Whether the brackets that come next hold a query.
fn is_query(cursor: &Cursor<'_>) -> bool {
    let mut ahead = *cursor;
    ahead
        .brackets()
        .is_some_and(|inner| inner.first().is_some_and(|word| word.is("select") || word.is("values")))
}
