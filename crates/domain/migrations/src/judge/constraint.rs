//! Checks, foreign keys and exclusions.

use super::Judge;
use super::check::{Given, expression};
use super::evaluate::{self, Value};
use crate::catalogue::{Column, Held, Key, Relation, mentions};
use crate::cursor::Cursor;
use crate::lower;
use crate::name::{Name, Path};
use crate::replay::Aspect;
use crate::rule::{Level, Rule};
use crate::statement::{ConstraintKind, Foreign, Generated, RefAction};
use crate::token::{Token, line, split_commas};

impl Judge<'_> {
    pub(super) fn constraints(&mut self, path: &Path, old: &Relation, new: &Relation) {
        let before = Given::of(old.constraints.iter().filter_map(|held| expression(&held.rule)));
        for held in &new.constraints {
            match &held.rule.kind {
                ConstraintKind::Check(sql) if held.rule.enforced => {
                    self.check(path, (old, &before), new, held, sql);
                }
                ConstraintKind::Exclude(sql) => self.exclusion(path, old, new, held, sql),
                ConstraintKind::Foreign(foreign) if held.rule.enforced => {
                    self.foreign(path, old, new, held, foreign)
                }
                _ => {}
            }
        }
        for held in &old.constraints {
            if let ConstraintKind::Foreign(foreign) = &held.rule.kind {
                self.lost_foreign(path, new, held, foreign);
            }
        }
    }

    fn check(
        &mut self,
        path: &Path,
        (old, before): (&Relation, &Given),
        new: &Relation,
        held: &Held,
        sql: &[Token],
    ) {
        if before.implies(sql) {
            return;
        }
        if self.only_new(new, sql) && self.calls_own_functions(sql) {
            let message =
                format!("{path} asks a function of the schema about every row: {} (23514)", held.name);
            self.review(Rule::NewWriteRestriction, (held.id, Aspect::Shape), message);
            return;
        }
        if self.only_new(new, sql) && self.asks_for_a_pattern(old, new, sql) {
            let message =
                format!("{path} may refuse what its new columns are by default: {} (23514)", held.name);
            self.review(Rule::NewWriteRestriction, (held.id, Aspect::Shape), message);
            return;
        }
        if self.takes_what_is_known(old, new, sql) {
            return;
        }
        // An old check whose column has another name now says what it said.
        if old.constraints.iter().any(|other| other.id == held.id && expression(&other.rule).is_some()) {
            return;
        }
        let message = format!("{path} refuses rows that it took: {} (23514)", held.name);
        self.breaking(Rule::NewWriteRestriction, (held.id, Aspect::Shape), message);
    }

    /// Whether a check takes the rows that running code writes: new columns are left out, so they are null or have
    /// their default; of the old ones it is known which are never null.
    fn takes_what_is_known(&self, old: &Relation, new: &Relation, sql: &[Token]) -> bool {
        let column = |name: &str| self.written(old, new, name);
        match evaluate::value(sql, &column) {
            Value::Bool(value) => value,
            Value::Null => true,
            _ => self.only_new(new, sql),
        }
    }

    /// Whether a check holds a default against a pattern, which is not worked out here.
    fn asks_for_a_pattern(&self, old: &Relation, new: &Relation, sql: &[Token]) -> bool {
        let given = |column: &&Column| {
            mentions(sql, &column.name) && self.written(old, new, &column.name) != Value::Null
        };
        let patterns = ["~", "like", "ilike", "similar", "regexp_like", "regexp_match"];
        sql.iter().any(|token| patterns.iter().any(|word| token.is(word)))
            && new.columns.iter().any(|column| given(&column))
            && evaluate::value(sql, &|name| self.written(old, new, name)) == Value::Unknown
    }

    /// Whether an expression calls functions that the history or the pending set made.
    pub(super) fn calls_own_functions(&self, sql: &[Token]) -> bool {
        let known = |name: &Name| self.now().functions.keys().any(|path| path.name == name.name);
        lower::calls(sql).iter().any(known)
    }

    /// What running code writes into a column.
    pub(super) fn written(&self, old: &Relation, new: &Relation, name: &str) -> Value {
        let Some(column) = new.column(name) else { return Value::Unknown };
        if self.is_old(column.id) {
            let required = old.columns.iter().any(|other| other.id == column.id && other.not_null);
            return if required { Value::Something } else { Value::Unknown };
        }
        match (&column.generated, &column.default) {
            (Some(Generated::Expression(sql)), _) => self.worked_out(old, new, sql),
            (Some(_), _) => Value::Unknown,
            (None, None) => Value::Null,
            (None, Some(default)) => evaluate::value(default, &|_| Value::Unknown),
        }
    }

    /// Whether an expression is about columns that running code does not know, and no others.
    fn only_new(&self, relation: &Relation, sql: &[Token]) -> bool {
        let mut used = relation.columns.iter().filter(|column| mentions(sql, &column.name)).peekable();
        used.peek().is_some()
            && used.all(|column| !self.is_old(column.id) && !self.is_made_of_old(relation, column))
    }

    fn exclusion(&mut self, path: &Path, old: &Relation, new: &Relation, held: &Held, sql: &[Token]) {
        let known = old.constraints.iter().any(|other| match &other.rule.kind {
            ConstraintKind::Exclude(before) => other.id == held.id || line(before) == line(sql),
            _ => false,
        });
        if !known && !self.cannot_meet(new, held, sql) {
            let message = format!("{path} refuses rows that it took: {} (23P01)", held.name);
            self.breaking(Rule::NewWriteRestriction, (held.id, Aspect::Shape), message);
        }
    }

    /// Whether rows that do not know the new columns of an exclusion never meet in it: like a key, it passes a row of
    /// which one element is null (PostgreSQL docs, `CREATE TABLE`: `EXCLUDE`).
    fn cannot_meet(&self, new: &Relation, held: &Held, sql: &[Token]) -> bool {
        let mut cursor = Cursor::new(sql);
        cursor.until(&["("]);
        let elements = split_commas(cursor.brackets().unwrap_or_default());
        cursor.until(&["where"]);
        let predicate = cursor.eat("where").then(|| line(cursor.rest()));
        let (parts, operators): (Vec<String>, Vec<String>) = elements.into_iter().map(element).unzip();
        let alike = parts.iter().zip(&operators).any(|(part, operator)| {
            let column = new.column(part).filter(|column| !self.is_old(column.id));
            let default = column.and_then(|column| column.default.as_ref());
            let constant = default.map(|sql| evaluate::value(sql, &|_| Value::Unknown));
            let known = matches!(constant, Some(Value::Bool(_) | Value::Number(_) | Value::Text(_)));
            known && matches!(operator.as_str(), "<>" | "! =" | "!=" | "< >")
        });
        let key = Key {
            id: held.id,
            name: held.name.clone(),
            parts,
            predicate,
            nulls_not_distinct: false,
            deferrable: held.rule.deferrable,
            constraint: true,
        };
        alike || self.cannot_collide(new, &key)
    }

    fn foreign(&mut self, path: &Path, old: &Relation, new: &Relation, held: &Held, foreign: &Foreign) {
        let of = (held.id, Aspect::Shape);
        let gone =
            |other: &&Held| other.id == held.id || !new.constraints.iter().any(|kept| kept.id == other.id);
        let predecessor =
            old.constraints.iter().filter(gone).find_map(|other| same_pair(other, held, foreign));
        let doubles = |other: &&Held| other.id != held.id && same_pair(other, held, foreign).is_some();
        let doubled = old.constraints.iter().any(|other| doubles(&other));
        if let Some((other, before)) = predecessor {
            self.foreign_again(path, held, foreign, other, before);
            return;
        }
        let columns = foreign.columns.iter().filter_map(|name| new.column(name));
        // A key of which one column is null is not looked up (PostgreSQL docs, `CREATE TABLE`: `match simple`).
        let null = |column: &Column| {
            !self.is_old(column.id) && !column.fills_itself() && !column.not_null && !foreign.full
        };
        let unasked = columns.clone().any(null);
        if !doubled
            && !unasked
            && columns.clone().any(|column| self.is_old(column.id) || self.is_made_of_old(new, column))
        {
            let message = format!(
                "{path} refuses rows whose {} is in no other table (23503)",
                foreign.columns.join(", ")
            );
            self.breaking(Rule::NewWriteRestriction, of, message);
            return;
        }
        let constant = columns.clone().find(|column| column.default.is_some() && column.fills_itself());
        if let Some(column) = constant {
            let message = format!(
                "every insert that does not know {path}.{} points to the row of its default (23503)",
                column.name
            );
            self.review(Rule::NewWriteRestriction, of, message);
        }
        // One that goes leaves nothing to be told apart.
        let beside =
            |other: &Held| other.id != held.id && other.target == held.target && was_there(old, other);
        if held.target.is_some() && new.constraints.iter().any(beside) {
            let to = held.target.as_ref().map(ToString::to_string).unwrap_or_default();
            let message = format!(
                "a second foreign key from {path} to {to}: embedding by table name is ambiguous (PGRST201)"
            );
            self.review(Rule::EmbedAmbiguous, of, message);
        }
    }

    /// A foreign key that was there, perhaps under another name or with other actions.
    fn foreign_again(&mut self, path: &Path, held: &Held, foreign: &Foreign, other: &Held, before: &Foreign) {
        let of = (held.id, Aspect::Shape);
        if other.name != held.name {
            let message = format!(
                "the foreign key {} of {path} is called {} now: hints for embedding use its name (PGRST200)",
                other.name, held.name
            );
            self.review(Rule::RenameObject, of, message);
        }
        if !other.rule.enforced {
            self.breaking(
                Rule::NewWriteRestriction,
                of,
                format!("{path} enforces {} now (23503)", held.name),
            );
        }
        if other.rule.deferrable && !held.rule.deferrable {
            let message = format!(
                "{} no longer waits for the end of a transaction: rows must be written after what they point to (23503)",
                held.name
            );
            self.review(Rule::ForeignKeyAction, of, message);
        }
        let tightened = |old: RefAction, new: RefAction| old != RefAction::Refuse && new == RefAction::Refuse;
        if tightened(before.on_delete, foreign.on_delete) || tightened(before.on_update, foreign.on_update) {
            let message = format!(
                "{} refuses what it followed: deletes or updates of its target fail (23503)",
                held.name
            );
            self.breaking(Rule::ForeignKeyAction, of, message);
        } else if (before.on_delete, before.on_update) != (foreign.on_delete, foreign.on_update) {
            let message = format!(
                "{} does something else on deletes or updates of its target: rows of {path} change in another way",
                held.name
            );
            self.review(Rule::ForeignKeyAction, of, message);
        }
    }

    fn lost_foreign(&mut self, path: &Path, new: &Relation, held: &Held, foreign: &Foreign) {
        let again = new.constraints.iter().any(|other| match &other.rule.kind {
            ConstraintKind::Foreign(now) => same_pair(held, other, now).is_some(),
            _ => false,
        });
        let target = held.target.as_ref().is_none_or(|target| {
            let was = self.before().relations.get(target).map(|relation| relation.id);
            was.is_none_or(|id| self.now().relation_of(id).is_some())
        });
        let columns = foreign.columns.iter().all(|name| new.column(name).is_some());
        if !again && target && columns {
            let message = format!(
                "the foreign key {} of {path} goes: nothing follows or refuses any more, and embedding by it fails (PGRST200)",
                held.name
            );
            self.review(Rule::DropForeignKey, (held.id, Aspect::Gone), message);
        }
    }

    /// New tables with foreign keys to old ones: advice only, until rows are in them.
    pub(super) fn new_references(&mut self) {
        let replay = self.replay;
        for (path, relation) in
            self.now().relations.iter().filter(|(_, relation)| !replay.is_old(relation.id))
        {
            for held in &relation.constraints {
                let ConstraintKind::Foreign(foreign) = &held.rule.kind else { continue };
                let known = |target: &&Path| self.before().relations.contains_key(*target);
                let Some(target) = held.target.as_ref().filter(known) else { continue };
                if foreign.on_delete == RefAction::Refuse {
                    let filled = replay.filled.contains(&relation.id) || self.is_fed(relation.id);
                    let (level, when) = if filled {
                        (Level::NeedsReview, "the pending set puts rows into it")
                    } else {
                        (Level::Advisory, "once it has rows")
                    };
                    let message =
                        format!("rows of {target} that {path} points to cannot be deleted (23503): {when}");
                    self.find(Rule::ForeignKeyAction, level, (held.id, Aspect::Shape), message);
                }
            }
        }
    }
}

/// What an element of an exclusion compares, without its operator class, and by which operator.
fn element(tokens: &[Token]) -> (String, String) {
    let mut cursor = Cursor::new(tokens);
    let compared = cursor.until(&["with"]);
    cursor.eat("with");
    let plain = !compared.get(1).is_some_and(|next| next.is("(") || next.is("."));
    let part = match compared.first().and_then(Token::name) {
        Some(name) if plain => name.to_owned(),
        _ => line(compared),
    };
    (part, line(cursor.rest()))
}

/// Whether a foreign key was there before, or one between the same columns.
fn was_there(old: &Relation, held: &Held) -> bool {
    let ConstraintKind::Foreign(foreign) = &held.rule.kind else { return false };
    old.constraints.iter().any(|other| same_pair(other, held, foreign).is_some())
}

/// The old one of two foreign keys between the same columns.
fn same_pair<'h>(old: &'h Held, new: &Held, foreign: &Foreign) -> Option<(&'h Held, &'h Foreign)> {
    let ConstraintKind::Foreign(before) = &old.rule.kind else { return None };
    let to = |foreign: &Foreign| foreign.to.clone();
    let columns = before.columns == foreign.columns && old.target == new.target;
    let targets = to(before) == to(foreign) || to(before).is_empty() || to(foreign).is_empty();
    (old.id == new.id || (columns && targets)).then_some((old, before))
}
