//! Statements on rows.

use super::Replay;
use crate::name::Name;
use crate::rule::{Level, Rule};
use crate::statement::Object;

impl Replay {
    pub(super) fn truncate(&mut self, tables: &[Name]) {
        for name in tables {
            let Some(path) = self.relation(Object::Table, name, false) else { continue };
            if self.now.relations.get(&path).is_some_and(|relation| self.is_old(relation.id)) {
                self.event(Rule::Truncate, Level::Breaking, format!("every row of {path} goes"));
            }
        }
    }

    pub(super) fn delete(&mut self, name: &Name, filtered: bool) {
        let Some(path) = self.relation(Object::Table, name, false) else { return };
        if !filtered && self.now.relations.get(&path).is_some_and(|relation| self.is_old(relation.id)) {
            self.event(Rule::Truncate, Level::Breaking, format!("every row of {path} is deleted"));
        }
    }

    /// Rows that change all at once: fine in columns that running code does not know.
    pub(super) fn update(&mut self, name: &Name, columns: &[String], filtered: bool) {
        let Some(path) = self.relation(Object::Table, name, false) else { return };
        let Some(relation) = self.now.relations.get(&path) else { return };
        let known =
            columns.iter().find(|name| relation.column(name).is_some_and(|column| self.is_old(column.id)));
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
        let Some(to) = self.relation(Object::Table, name, true) else { return };
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
