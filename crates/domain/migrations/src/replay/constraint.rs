//! Constraints and indexes.

use super::{Aspect, Replay};
use crate::catalogue::{Held, Index, Kind};
use crate::name::{Name, Path};
use crate::rule::{Level, Rule};
use crate::statement::{Constraint, ConstraintKind, CreateIndex};

impl Replay {
    /// `alter table ... add constraint`, which may find the name taken.
    pub(super) fn add_named_constraint(&mut self, path: &Path, constraint: &Constraint) {
        let Some(relation) = self.now.relations.get(path) else { return };
        if constraint.name.as_ref().is_some_and(|name| relation.constraint(name).is_some()) {
            self.refused(format!("{path} has a constraint of that name already (42710)"));
            return;
        }
        let makes_index = matches!(
            constraint.kind,
            ConstraintKind::Unique { using_index: None, .. }
                | ConstraintKind::Primary { using_index: None, .. }
                | ConstraintKind::Exclude(_)
        );
        let taken = constraint.name.as_ref().filter(|name| makes_index && self.is_taken(&path.schema, name));
        if let Some(name) = taken {
            self.refused(format!("the index of {name} would have a name that exists already (42P07)"));
            return;
        }
        let primary = |kind: &ConstraintKind| matches!(kind, ConstraintKind::Primary { .. });
        if primary(&constraint.kind) && relation.constraints.iter().any(|held| primary(&held.rule.kind)) {
            self.refused(format!("{path} has a primary key already (42P16)"));
            return;
        }
        let old = self.is_old(relation.id);
        self.add_constraint(path, constraint);
        if old && constraint.enforced && !constraint.not_valid {
            let (rule, text) = match &constraint.kind {
                ConstraintKind::Check(_) | ConstraintKind::Foreign(_) | ConstraintKind::NotNull(_) => {
                    let text = format!(
                        "checks every row of {path} under a lock; `not valid` and `validate constraint` later does not"
                    );
                    (Rule::LockScan, text)
                }
                ConstraintKind::Unique { using_index: Some(_), .. }
                | ConstraintKind::Primary { using_index: Some(_), .. } => return,
                _ => (Rule::LockIndex, format!("builds an index on {path} while writes wait")),
            };
            self.event(rule, Level::Advisory, text);
        }
    }

    /// Adds a constraint to a table, in whichever place it was declared.
    pub(super) fn add_constraint(&mut self, path: &Path, constraint: &Constraint) {
        let mut rule = constraint.clone();
        if let ConstraintKind::Foreign(foreign) = &rule.kind {
            foreign.columns.iter().for_each(|column| self.presuppose_column(path, column));
        }
        let mut adopted = None;
        if let ConstraintKind::Unique { using_index: Some(index), .. }
        | ConstraintKind::Primary { using_index: Some(index), .. } = &rule.kind
        {
            adopted = self.adopt(path, &index.clone());
        }
        if let (
            Some(index),
            ConstraintKind::Unique { columns, .. } | ConstraintKind::Primary { columns, .. },
        ) = (&adopted, &mut rule.kind)
        {
            *columns = index.parts();
        }
        if let ConstraintKind::Primary { columns, .. } = &rule.kind {
            for column in columns.clone() {
                self.require(path, &column);
            }
        }
        if let ConstraintKind::NotNull(column) = &rule.kind {
            self.require(path, &column.clone());
        }
        let target = match &rule.kind {
            ConstraintKind::Foreign(foreign) => Some(
                self.now
                    .relation_path(&foreign.table, &self.search)
                    .unwrap_or_else(|| self.place(&foreign.table)),
            ),
            _ => None,
        };
        let name = rule.name.clone().unwrap_or_else(|| self.default_name(path, &rule.kind));
        let id = adopted.map_or_else(|| self.id(), |index| index.id);
        if let Some(relation) = self.now.relations.get_mut(path) {
            relation.constraints.push(Held { id, name, rule, target });
            self.touch(id, Aspect::Shape);
        }
    }

    /// Takes the index that a constraint is made of.
    fn adopt(&mut self, path: &Path, name: &str) -> Option<Index> {
        let relation = self.now.relations.get_mut(path)?;
        let at = relation.indexes.iter().position(|index| index.name == name)?;
        Some(relation.indexes.remove(at))
    }

    fn require(&mut self, path: &Path, column: &str) {
        self.presuppose_column(path, column);
        let Some(column) = self.now.relations.get_mut(path).and_then(|relation| relation.column_mut(column))
        else {
            return;
        };
        let (id, changed) = (column.id, !column.not_null);
        column.not_null = true;
        if changed {
            self.touch(id, Aspect::Null);
        }
    }

    /// The name that PostgreSQL gives a constraint (docs, `CREATE TABLE`; `makeObjectName` in its source).
    fn default_name(&self, path: &Path, kind: &ConstraintKind) -> String {
        let table = &path.name;
        let stem = match kind {
            ConstraintKind::Primary { .. } => format!("{table}_pkey"),
            ConstraintKind::Unique { columns, .. } => format!("{table}_{}_key", columns.join("_")),
            ConstraintKind::Foreign(foreign) => format!("{table}_{}_fkey", foreign.columns.join("_")),
            ConstraintKind::Exclude(_) => format!("{table}_excl"),
            ConstraintKind::NotNull(column) => format!("{table}_{column}_not_null"),
            ConstraintKind::Check(sql) => {
                let relation = self.now.relations.get(path);
                let named = relation.iter().flat_map(|relation| &relation.columns);
                let used: Vec<&str> = named
                    .filter(|column| crate::catalogue::mentions(sql, &column.name))
                    .map(|column| column.name.as_str())
                    .collect();
                match used.as_slice() {
                    [column] => format!("{table}_{column}_check"),
                    _ => format!("{table}_check"),
                }
            }
        };
        let taken = |name: &str| {
            self.now.relations.get(path).is_some_and(|relation| relation.constraint(name).is_some())
        };
        let numbered = (1..).map(|number| format!("{stem}{number}"));
        std::iter::once(stem.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or(stem)
    }

    pub(super) fn drop_constraint(&mut self, path: &Path, name: &str, if_exists: bool) {
        let Some(relation) = self.now.relations.get_mut(path) else { return };
        let Some(at) = relation.constraints.iter().position(|held| held.name == name) else {
            if !relation.complete && !if_exists {
                let text = format!("{path} loses the constraint {name}, which the history does not show");
                self.event(Rule::DropUnique, Level::NeedsReview, text);
            } else if !if_exists {
                self.refused(format!("{path} has no constraint {name} (42704)"));
            }
            return;
        };
        let held = relation.constraints.remove(at);
        if let ConstraintKind::NotNull(column) = &held.rule.kind
            && let Some(column) = relation.column_mut(&column.clone())
        {
            column.not_null = false;
            let id = column.id;
            self.touch(id, Aspect::Null);
        }
        self.touch(held.id, Aspect::Gone);
    }

    pub(super) fn alter_constraint(
        &mut self,
        path: &Path,
        name: &str,
        deferrable: Option<bool>,
        enforced: Option<bool>,
    ) {
        self.on_constraint(path, name, |held| {
            held.rule.deferrable = deferrable.unwrap_or(held.rule.deferrable);
            held.rule.enforced = enforced.unwrap_or(held.rule.enforced);
        });
    }

    pub(super) fn validate_constraint(&mut self, path: &Path, name: &str) {
        self.on_constraint(path, name, |held| held.rule.not_valid = false);
    }

    pub(super) fn rename_constraint(&mut self, path: &Path, name: &str, to: &str) {
        self.on_constraint(path, name, |held| held.name = to.to_owned());
    }

    fn on_constraint(&mut self, path: &Path, name: &str, change: impl FnOnce(&mut Held)) {
        let relation = self.now.relations.get_mut(path);
        let held =
            relation.and_then(|relation| relation.constraints.iter_mut().find(|held| held.name == name));
        if let Some(held) = held {
            change(held);
            let id = held.id;
            self.touch(id, Aspect::Shape);
        }
    }

    pub(super) fn create_index(&mut self, index: &CreateIndex) {
        if index.concurrently {
            self.outside_transaction("create index concurrently");
        }
        let Some(path) = self.relation(crate::statement::Object::Table, &index.table, false) else { return };
        let name = index.name.clone().unwrap_or_else(|| self.index_name(&path, index));
        if self.is_taken(&path.schema, &name) {
            if !index.if_not_exists && index.name.is_some() {
                self.refused(format!("an index {name} exists already (42P07)"));
            }
            return;
        }
        let id = self.id();
        let Some(relation) = self.now.relations.get_mut(&path) else { return };
        let (owner, materialized) = (relation.id, relation.kind == Kind::Materialized);
        relation.indexes.push(Index {
            id,
            name,
            unique: index.unique,
            keys: index.keys.clone(),
            predicate: index.predicate.clone(),
            nulls_not_distinct: index.nulls_not_distinct,
        });
        self.touch(id, Aspect::Shape);
        if self.is_old(owner) && !index.concurrently && !materialized {
            let text = format!(
                "writes to {path} wait while the index is built; `create index concurrently` lets them through"
            );
            self.event(Rule::LockIndex, Level::Advisory, text);
        }
    }

    /// Whether an index cannot have a name: relations, indexes and the indexes of constraints share theirs.
    fn is_taken(&self, schema: &str, name: &str) -> bool {
        let place = Name { schema: Some(schema.to_owned()), name: name.to_owned() };
        let inside = self.now.relations.iter().filter(|(path, _)| path.schema == schema);
        let mut held =
            inside.flat_map(|(_, relation)| &relation.constraints).filter(|held| held.name == name);
        self.now.index_place(&place, &[]).is_some()
            || self.now.relations.contains_key(&Path::new(schema, name))
            || held.any(|held| {
                matches!(
                    held.rule.kind,
                    ConstraintKind::Unique { .. }
                        | ConstraintKind::Primary { .. }
                        | ConstraintKind::Exclude(_)
                )
            })
    }

    fn index_name(&self, path: &Path, index: &CreateIndex) -> String {
        let part = |key: &Vec<crate::token::Token>| match key.as_slice() {
            [one] => one.text.clone(),
            [first, ..] if first.name().is_some() => first.text.clone(),
            _ => String::from("expr"),
        };
        let parts: Vec<String> = index.keys.iter().map(part).collect();
        let stem = format!("{}_{}_idx", path.name, parts.join("_"));
        let taken = |name: &str| {
            self.now
                .relations
                .get(path)
                .is_some_and(|relation| relation.indexes.iter().any(|index| index.name == name))
        };
        let numbered = (1..).map(|number| format!("{stem}{number}"));
        std::iter::once(stem.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or(stem)
    }
}
