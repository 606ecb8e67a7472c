//! Statements on rows.

use super::Replay;
use crate::name::Name;
use crate::rule::{Level, Rule};
use crate::statement::Object;

impl Replay {
    /// Whether rows of the system's own tables change; the schema is no longer what its statements say.
    fn is_catalogue(&mut self, name: &Name) -> bool {
        let own = match &name.schema {
            Some(schema) => schema == "pg_catalog",
            None => name.name.starts_with("pg_"),
        };
        if own {
            let text = format!("writes to the system catalogue {name}: what that changes is not known here");
            self.event(Rule::UnknownStatement, Level::NeedsReview, text);
        }
        own
    }

    pub(super) fn truncate(&mut self, tables: &[Name]) {
        for name in tables {
            let Some(path) = self.relation(Object::Table, name, false) else { continue };
            if self.now.relations.get(&path).is_some_and(|relation| self.is_old(relation.id)) {
                self.event(Rule::Truncate, Level::Breaking, format!("every row of {path} goes"));
            }
        }
    }

    pub(super) fn delete(&mut self, name: &Name, filtered: bool) {
        if self.is_catalogue(name) {
            return;
        }
        let Some(path) = self.relation(Object::Table, name, false) else { return };
        if !filtered && self.now.relations.get(&path).is_some_and(|relation| self.is_old(relation.id)) {
            self.event(Rule::Truncate, Level::Breaking, format!("every row of {path} is deleted"));
        }
    }

    /// Rows that change all at once: fine in columns that running code does not know.
    pub(super) fn update(&mut self, name: &Name, columns: &[String], filtered: bool) {
        if self.is_catalogue(name) {
            return;
        }
        let Some(path) = self.relation(Object::Table, name, false) else { return };
        let Some(relation) = self.now.relations.get(&path) else { return };
        let known = columns.iter().find(|name| match relation.column(name) {
            Some(column) => self.is_old(column.id),
            // Of a table that the history does not show, any other column may be an old one.
            None => !relation.complete && self.is_old(relation.id),
        });
        let unknown =
            columns.iter().find(|name| relation.complete && relation.column(name).is_none()).cloned();
        if let Some(column) = known.filter(|_| !filtered) {
            let text = format!("every row of {path} gets another {column}");
            self.event(Rule::BulkUpdate, Level::NeedsReview, text);
        }
        if let Some(column) = unknown {
            self.refused(format!("{path} has no column {column} (42703)"));
        }
    }

    /// What a `merge` changes depends on rows.
    pub(super) fn merge(&mut self, name: &Name) {
        if self.is_catalogue(name) {
            return;
        }
        let Some(path) = self.relation(Object::Table, name, false) else { return };
        if self.now.relations.get(&path).is_some_and(|relation| self.is_old(relation.id)) {
            self.event(
                Rule::BulkUpdate,
                Level::NeedsReview,
                format!("rows of {path} are changed by a merge"),
            );
        }
    }

    pub(super) fn insert(&mut self, name: &Name, from: &[Name]) {
        if self.is_catalogue(name) {
            return;
        }
        let Some(to) = self.relation(Object::Table, name, true) else { return };
        self.filled.extend(self.now.relations.get(&to).map(|relation| relation.id));
        for name in from {
            let path = self.now.relation_path(name, &self.search);
            let ids = [path.as_ref(), Some(&to)]
                .map(|path| self.now.relations.get(path?).map(|relation| relation.id));
            if let [Some(source), Some(target)] = ids {
                self.copies.insert((source, target));
            }
        }
    }
}
