//! Unique constraints and indexes: what they forbid, and what `on conflict` finds in them.

use super::Judge;
use crate::catalogue::{Column, Key, Kind, Relation};
use crate::name::Path;
use crate::replay::Aspect;
use crate::rule::Rule;
use crate::statement::Generated;
use crate::token::{line, spelled};

/// Functions whose value differs at each call, so that no two rows collide.
const DISTINCT: [&str; 12] = [
    "gen_random_uuid",
    "uuid_generate_v4",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuidv4",
    "uuidv7",
    "nextval",
    "random",
    "gen_random_bytes",
    "clock_timestamp",
    "nanoid",
    "gen_ulid",
];

/// What makes a value of a null: a range without an end, an array with a null in it.
const NEVER_NULL: [&str; 9] =
    ["coalesce", "concat", "is null", "is not null", "case", "jsonb_build", "row (", "range (", "array ["];

impl Judge<'_> {
    pub(super) fn keys(&mut self, path: &Path, old: &Relation, new: &Relation) {
        let (before, after) = (old.keys(), new.keys());
        if old.kind == Kind::Table {
            let before = renamed(before.clone(), old, new);
            for key in &after {
                self.new_key(path, new, &before, key);
            }
        }
        for key in &before {
            self.lost_key(path, old, new, key, &after);
        }
    }

    fn new_key(&mut self, path: &Path, relation: &Relation, before: &[Key], key: &Key) {
        let known = before.iter().any(|old| {
            old.id == key.id
                && old.parts.len() == key.parts.len()
                && old.nulls_not_distinct == key.nulls_not_distinct
        });
        if known || before.iter().any(|old| implies(old, key)) || self.cannot_collide(relation, key) {
            return;
        }
        let message = format!("{path} refuses a second row with the same {} (23505)", key.parts.join(", "));
        self.breaking(Rule::AddUnique, (key.id, Aspect::Shape), message);
    }

    /// Whether rows that do not know the new columns of a key never collide in it.
    pub(super) fn cannot_collide(&self, relation: &Relation, key: &Key) -> bool {
        let new = |column: &&Column| !self.is_old(column.id);
        let mut columns = relation.columns.iter().filter(new);
        let excluded = key
            .predicate
            .as_ref()
            .is_some_and(|predicate| columns.clone().any(|column| leaves_out(predicate, column)));
        excluded
            || columns.any(|column| {
                key.parts.iter().any(|part| {
                    let null = !column.fills_itself() && !column.not_null && !key.nulls_not_distinct;
                    // No insert that leaves out a required column comes so far (`add-required-column` tells of it).
                    let required = !column.fills_itself() && column.not_null;
                    (null && stays_null(part, &column.name))
                        || (*part == column.name && (required || is_distinct(column)))
                })
            })
    }

    fn lost_key(&mut self, path: &Path, old: &Relation, new: &Relation, key: &Key, after: &[Key]) {
        // A key that could wait was never one for `on conflict` (55000).
        if key.deferrable {
            return;
        }
        // Columns that went or have another name are findings of their own.
        let gone = old
            .columns
            .iter()
            .filter(|column| new.column(&column.name).is_none_or(|other| other.id != column.id));
        if old.kind == Kind::Table
            && gone.into_iter().any(|column| key.parts.iter().any(|part| names(part, &column.name)))
        {
            return;
        }
        let arbiter = after.iter().find(|other| {
            other.parts == key.parts
                && !other.deferrable
                && (other.predicate.is_none() || other.predicate == key.predicate)
        });
        let of = (key.id, Aspect::Gone);
        match arbiter {
            None if old.kind == Kind::Materialized => {
                self.review(
                    Rule::DropUnique,
                    of,
                    format!(
                        "{path} has no unique index {} any more: it cannot be refreshed concurrently (55000)",
                        key.name
                    ),
                );
            }
            None => {
                let message = format!(
                    "{path} has no key on {} any more: `on conflict` finds none (42P10)",
                    key.parts.join(", ")
                );
                self.breaking(Rule::DropUnique, of, message);
            }
            Some(_)
                if key.constraint
                    && !after.iter().any(|other| other.constraint && other.name == key.name) =>
            {
                let message = format!(
                    "the constraint {} of {path} is gone by that name: `on conflict on constraint` fails (42704)",
                    key.name
                );
                self.review(Rule::RenameObject, (key.id, Aspect::Shape), message);
            }
            Some(other) if key.nulls_not_distinct && !other.nulls_not_distinct => {
                let message = format!(
                    "nulls no longer collide in {} of {path}: a second row with one is taken",
                    key.parts.join(", ")
                );
                self.review(Rule::DropUnique, (other.id, Aspect::Shape), message);
            }
            Some(_) => {}
        }
    }
}

/// Old keys under the names that their columns have now.
fn renamed(mut keys: Vec<Key>, old: &Relation, new: &Relation) -> Vec<Key> {
    for column in &old.columns {
        let now = new.columns.iter().find(|other| other.id == column.id && other.name != column.name);
        let Some(now) = now else { continue };
        for part in keys.iter_mut().flat_map(|key| &mut key.parts) {
            if *part == column.name {
                part.clone_from(&now.name);
            }
        }
    }
    keys
}

/// Whether a key forbids all that another one forbids.
fn implies(old: &Key, key: &Key) -> bool {
    let narrower = old.parts.iter().all(|part| key.parts.contains(part));
    let wider = old.predicate.is_none() || old.predicate == key.predicate;
    // Where nulls collide in the new key, they must have collided before, and on no more columns.
    let nulls = !key.nulls_not_distinct || old.nulls_not_distinct;
    narrower && wider && nulls && !old.deferrable | key.deferrable
}

/// Whether a part of a key is null when a column is: the column itself, or a function of it that is strict.
fn stays_null(part: &str, column: &str) -> bool {
    names(part, column) && !NEVER_NULL.iter().any(|word| part.contains(word))
}

fn names(part: &str, column: &str) -> bool {
    part.split(' ').any(|word| word.trim_matches('"') == column)
}

/// Whether a condition on a new column leaves out rows that do not know it.
fn leaves_out(predicate: &str, column: &Column) -> bool {
    let name = &spelled(&column.name);
    let default = column.default.as_ref().map(|sql| line(sql));
    let conditions: Vec<&str> = predicate.split(" and ").collect();
    if predicate.contains(" or ") {
        return false;
    }
    let is =
        |text: String| conditions.iter().any(|condition| condition.trim_matches(['(', ')', ' ']) == text);
    match default.as_deref() {
        None | Some("null") => {
            let compared = conditions.iter().any(|condition| {
                condition.trim_matches(['(', ' ']).starts_with(&format!("{name} "))
                    && !condition.contains("is null")
                    && !condition.contains("is not true")
                    && !condition.contains("distinct from")
            });
            compared || is(name.clone()) || is(format!("not {name}"))
        }
        Some("false") => is(name.clone()) || is(format!("{name} = true")) || is(format!("{name} is true")),
        Some("true") => {
            is(format!("not {name}")) || is(format!("{name} = false")) || is(format!("{name} is false"))
        }
        Some(_) => false,
    }
}

pub(super) fn is_distinct(column: &Column) -> bool {
    matches!(column.generated, Some(Generated::IdentityAlways | Generated::IdentityByDefault))
        || column
            .default
            .iter()
            .flatten()
            .any(|token| DISTINCT.iter().any(|name| token.name() == Some(*name)))
}
