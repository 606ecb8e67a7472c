//! Statements on rows.

use super::Replay;
use super::reach::Reach;
use crate::catalogue::{Id, is_null};
use crate::name::{Name, Path};
use crate::rule::{Level, Rule};
use crate::statement::{Arm, ConstraintKind, Does, Filter, Object, Sql};
use crate::token::{Token, line};

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

    /// Empties tables, and with `cascade` all that point to them.
    pub(super) fn truncate(&mut self, tables: &[Name], cascade: bool) {
        let mut paths: Vec<Path> =
            tables.iter().filter_map(|name| self.relation(Object::Table, name, false)).collect();
        let mut at = 0;
        while let Some(path) = paths.get(at).cloned() {
            at += 1;
            let old = self.now.relations.get(&path).is_some_and(|relation| self.is_old(relation.id));
            if old {
                self.event(Rule::Truncate, Level::Breaking, format!("every row of {path} goes"));
            } else if cascade && self.pending {
                let pointing = self.pointing_to(&path);
                paths.extend(pointing.into_iter().filter(|path| !paths.contains(path)).collect::<Vec<_>>());
            }
        }
    }

    fn pointing_to(&self, target: &Path) -> Vec<Path> {
        let points = |relation: &crate::catalogue::Relation| {
            relation.constraints.iter().any(|held| {
                matches!(held.rule.kind, ConstraintKind::Foreign(_)) && held.target.as_ref() == Some(target)
            })
        };
        let found = self.now.relations.iter().filter(|(_, relation)| points(relation));
        found.map(|(path, _)| path.clone()).collect()
    }

    /// The table whose rows a statement changes, if running code knows it; with how far the statement reaches.
    fn reached(&mut self, name: &Name, filter: &Filter) -> Option<(Path, Reach)> {
        let path = self.relation(Object::Table, name, false)?;
        if !self.pending {
            return None;
        }
        let named = self.now.relations.get(&path)?.id;
        let (behind, narrowed) = self.table_behind(path.clone())?;
        let relation = self.now.relations.get(&behind)?;
        if !self.is_old(relation.id) {
            return None;
        }
        Some(match self.reach(&behind, filter) {
            // Of a view that running code knows, all that it shows.
            Reach::All if narrowed && self.is_old(named) => (path, Reach::All),
            _ if narrowed => (behind, Reach::Some),
            reach => (behind, reach),
        })
    }

    pub(super) fn delete(&mut self, name: &Name, filter: &Filter) {
        if self.is_catalogue(name) {
            return;
        }
        match self.reached(name, filter) {
            Some((path, Reach::All)) => {
                self.event(Rule::Truncate, Level::Breaking, format!("every row of {path} is deleted"));
            }
            Some((path, Reach::Nearly)) => {
                let text = format!(
                    "as far as the condition can be followed, every row of {path} is deleted: it finds any ordinary \
                     key, or names no column"
                );
                self.event(Rule::Truncate, Level::NeedsReview, text);
            }
            _ => {}
        }
    }

    /// Rows that change all at once: fine in columns that running code does not know.
    pub(super) fn update(&mut self, name: &Name, assignments: &[(String, Sql)], filter: &Filter) {
        if self.is_catalogue(name) {
            return;
        }
        self.write(name, assignments);
        let Some((path, reach)) = self.reached(name, filter) else { return };
        if reach > Reach::Some {
            for (column, value) in assignments {
                self.overwritten(&path, reach, (column, value));
            }
        }
    }

    /// Notes which columns of a table are written, and refuses those that it has not.
    fn write(&mut self, name: &Name, assignments: &[(String, Sql)]) {
        let Some(path) = self.relation(Object::Table, name, false) else { return };
        let Some(relation) = self.now.relations.get(&path) else { return };
        let named: Vec<(&String, Option<Id>)> = assignments
            .iter()
            .map(|(column, _)| (column, relation.column(column).map(|column| column.id)))
            .collect();
        let unknown = named.iter().find(|(_, id)| id.is_none()).filter(|_| relation.complete);
        let message = unknown.map(|(column, _)| format!("{path} has no column {column} (42703)"));
        if self.pending {
            self.written.extend(named.iter().filter_map(|(_, id)| *id));
        }
        if let Some(message) = message {
            self.refused(message);
        }
    }

    /// A column that gets another value in every row.
    fn overwritten(&mut self, path: &Path, reach: Reach, (name, value): (&str, &[Token])) {
        let Some(relation) = self.now.relations.get(path) else { return };
        let column = relation.column(name);
        let known = match column {
            Some(column) => self.is_old(column.id),
            // Of a table that the history does not show, any other column may be an old one.
            None => !relation.complete,
        };
        let same = value.last().is_some_and(|last| last.name() == Some(name))
            && matches!(value, [_] | [_, _, _])
            && value.iter().all(|token| token.name().is_some() || token.is("."));
        if !known || same {
            return;
        }
        let is_required = column.is_some_and(|column| column.not_null);
        // `set x = default` is null without one.
        let default = matches!(value, [word] if word.is("default"));
        let no_default = column.is_some_and(|column| !column.fills_itself());
        if (is_null(value) || (default && no_default)) && reach == Reach::All {
            if is_required {
                self.refused(format!("{path}.{name} takes no null (23502)"));
            } else {
                let text = format!("every row of {path} loses its {name}: it becomes null");
                self.event(Rule::BulkUpdate, Level::Breaking, text);
            }
        } else {
            let text = format!("every row of {path} gets another {name}");
            self.event(Rule::BulkUpdate, Level::NeedsReview, text);
        }
    }

    /// What a `merge` changes depends on rows, but for one that meets all of them.
    pub(super) fn merge(&mut self, name: &Name, filter: &Filter, arms: &[Arm]) {
        if self.is_catalogue(name) {
            return;
        }
        for arm in arms {
            if let Does::Update(assignments) = &arm.does {
                self.write(name, assignments);
            }
        }
        let Some((path, reach)) = self.reached(name, filter) else { return };
        let unconditional = |arm: &Arm| {
            let always = |sql: &Sql| line(sql) == "true";
            reach == Reach::All && arm.matched && arm.condition.as_ref().is_none_or(always)
        };
        // Of the arms that a row fits, the first is taken.
        for arm in arms {
            let all = unconditional(arm);
            match &arm.does {
                Does::Delete if all => {
                    self.event(Rule::Truncate, Level::Breaking, format!("every row of {path} is deleted"));
                }
                Does::Delete => {
                    let text = format!("rows of {path} are deleted by a merge");
                    self.event(Rule::BulkUpdate, Level::NeedsReview, text);
                }
                Does::Update(assignments) => self.merged(&path, assignments),
                Does::Other => {}
            }
            if all {
                return;
            }
        }
    }

    fn merged(&mut self, path: &Path, assignments: &[(String, Sql)]) {
        let Some(relation) = self.now.relations.get(path) else { return };
        let is_known = |name: &str| match relation.column(name) {
            Some(column) => self.is_old(column.id),
            None => !relation.complete,
        };
        if assignments.iter().any(|(name, _)| is_known(name)) {
            let text = format!("rows of {path} are changed by a merge");
            self.event(Rule::BulkUpdate, Level::NeedsReview, text);
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

    /// Runs what was prepared; findings in it are found where it is executed.
    pub(super) fn execute_prepared(&mut self, name: &str) {
        let Some(mut statement) = self.prepared.get(name).cloned() else { return };
        for token in &mut statement {
            token.span = self.site.span;
            token.verbatim = None;
        }
        // A statement that was prepared prepares and executes none.
        if !statement.first().is_some_and(|first| first.is("execute") || first.is("explain")) {
            self.run(&statement);
        }
    }

    /// The statements on rows that stand inside of another one.
    pub(super) fn inner(&mut self, tokens: &[Token]) {
        if let [create, .., execute, name] = tokens
            && create.is("create")
            && execute.is("execute")
        {
            self.execute_prepared(&name.text);
        }
        let inside = crate::lower::inner(tokens);
        let Some(first) = tokens.first().filter(|_| !inside.is_empty()) else { return };
        // Where PostgreSQL takes none: views, cursors, and a `with` that is not at the top.
        let refuses = |word: &Token| ["declare", "insert", "select", "("].iter().any(|known| word.is(known));
        let view = first.is("create") && tokens.iter().take(4).any(|word| word.is("view"));
        if refuses(first) || view {
            self.refused(String::from("a `with` that changes rows may not stand here (0A000)"));
            return;
        }
        let runs = ["with", "update", "delete", "merge", "copy", "explain"];
        let table = first.is("create") && tokens.iter().take(5).any(|word| word.is("table"));
        if table || runs.iter().any(|word| first.is(word)) {
            for action in inside {
                self.perform(&action);
            }
        }
    }
}
