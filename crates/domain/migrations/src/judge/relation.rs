//! Tables, views and sequences as wholes.

use super::Judge;
use crate::catalogue::{Kind, Relation};
use crate::name::Path;
use crate::replay::Aspect;
use crate::rule::Rule;

impl Judge<'_> {
    /// Schemas with another name; one that goes is told where it goes.
    pub(super) fn schemas(&mut self) {
        for (name, id) in &self.before().schemas {
            let mut named = self.now().schemas.iter().filter(|(_, other)| *other == id);
            if let Some((to, _)) = named.next().filter(|(to, _)| *to != name) {
                let message = format!("the schema {name} is called {to} now (3F000, 42P01)");
                self.breaking(Rule::RenameObject, (*id, Aspect::Name), message);
            }
        }
    }

    pub(super) fn relations(&mut self) {
        for (path, old) in &self.before().relations {
            match self.now().relations.get(path) {
                Some(new) if new.id == old.id => self.same(path, old, new),
                Some(new) => self.replaced(path, old, new),
                None => self.missing(path, old),
            }
        }
    }

    fn same(&mut self, path: &Path, old: &Relation, new: &Relation) {
        if old.kind == Kind::Table {
            self.columns(path, old, new);
        } else {
            self.view(path, old, new);
        }
        self.around(path, old, new);
    }

    /// What stands around a relation that is still there.
    fn around(&mut self, path: &Path, old: &Relation, new: &Relation) {
        self.keys(path, old, new);
        self.indexes(path, old, new);
        self.constraints(path, old, new);
        self.triggers(path, old, new);
        self.row_security(path, old, new);
    }

    fn missing(&mut self, path: &Path, old: &Relation) {
        let word = old.kind.word();
        if let Some((to, _)) = self.now().relation_of(old.id) {
            let message = format!("the {word} {path} is called {to} now (42P01)");
            let of = (old.id, Aspect::Name);
            match (old.kind, &old.serves) {
                (Kind::Sequence, Some(_)) => self.review(Rule::RenameObject, of, message),
                (Kind::Sequence, None) => self.breaking(Rule::RenameObject, of, message),
                _ => self.breaking(Rule::RenameTable, of, message),
            }
            return;
        }
        let of = (old.id, Aspect::Gone);
        match old.kind {
            Kind::Table => {
                self.breaking(Rule::DropTable, of, format!("the table {path} and its rows go (42P01)"))
            }
            Kind::Sequence => self.lost_sequence(path, old),
            Kind::View | Kind::Materialized => {
                self.breaking(Rule::DropView, of, format!("the {word} {path} goes (42P01)"));
            }
        }
    }

    /// A sequence that goes with its column is no loss of its own.
    fn lost_sequence(&mut self, path: &Path, old: &Relation) {
        let of = (old.id, Aspect::Gone);
        let Some((table, column)) = &old.serves else {
            self.breaking(Rule::DropSequence, of, format!("the sequence {path} goes (42P01)"));
            return;
        };
        let column = self.now().relations.get(table).and_then(|relation| relation.column(column));
        match column {
            Some(column) if column.fills_itself() => {
                self.review(
                    Rule::DropSequence,
                    of,
                    format!("the sequence {path} goes; its column counts with another one"),
                );
            }
            Some(_) => {
                self.breaking(
                    Rule::DropSequence,
                    of,
                    format!("the sequence {path} goes, and with it the column's default (23502)"),
                );
            }
            None => {}
        }
    }

    /// Another object has the name now.
    fn replaced(&mut self, path: &Path, old: &Relation, new: &Relation) {
        let is_view = |kind| matches!(kind, Kind::View | Kind::Materialized);
        // `drop ... if exists` before `create`, on a history that shows neither: a migration made to run twice.
        if self.replay.is_doubted(old.id) {
            return;
        }
        let renamed = self.now().relation_of(old.id).is_some();
        if is_view(old.kind) && is_view(new.kind) {
            self.view(path, old, new);
            self.around(path, old, new);
        } else if old.kind == Kind::Table && renamed && is_view(new.kind) {
            self.shim(path, old, new);
        } else if old.kind == Kind::Table
            && new.kind == Kind::Table
            && self.replay.copies.contains(&(old.id, new.id))
        {
            self.rebuilt(path, old, new);
        } else if old.kind == Kind::Table {
            let of = (old.id, if renamed { Aspect::Name } else { Aspect::Gone });
            self.breaking(
                Rule::DropTable,
                of,
                format!("another {} has the name {path}: the rows are not in it", new.kind.word()),
            );
        } else if old.kind == Kind::Sequence && new.kind == Kind::Sequence {
            let message = format!("the sequence {path} begins anew: its values may be in use (23505)");
            self.review(Rule::AlterSequence, (old.id, Aspect::Gone), message);
        } else {
            let message = format!("{path} is no {} any more but a {}", old.kind.word(), new.kind.word());
            self.breaking(Rule::DropView, (old.id, Aspect::Gone), message);
        }
    }

    /// A view that stands in for a renamed table.
    fn shim(&mut self, path: &Path, old: &Relation, new: &Relation) {
        let of = (old.id, Aspect::Name);
        let lacking = old.columns.iter().find(|column| new.complete && new.column(&column.name).is_none());
        match lacking {
            Some(column) => {
                let message = format!("{path} is a view now, and has no column {} (42703)", column.name);
                self.breaking(Rule::RenameTable, of, message);
            }
            None if let Some(column) = unwritable(old, new) => {
                let message = format!("{path} is a view now, and {column} in it takes no value (0A000)");
                self.breaking(Rule::RenameTable, of, message);
            }
            None if !takes_writes(new) => {
                let message = format!("{path} is a view now that takes no writes (55000)");
                self.breaking(Rule::RenameTable, of, message);
            }
            None => {
                let message = format!(
                    "{path} is a view on the renamed table: grants, row security and foreign keys are those of a view"
                );
                self.review(Rule::RenameTable, of, message);
            }
        }
    }

    /// A new table with the rows of the old one in its place.
    fn rebuilt(&mut self, path: &Path, old: &Relation, new: &Relation) {
        let lacking = old.columns.iter().find(|column| new.column(&column.name).is_none());
        let of = (old.id, Aspect::Gone);
        if let Some(column) = lacking.filter(|_| new.complete) {
            self.breaking(
                Rule::DropColumn,
                of,
                format!("{path} is made anew, without its column {} (42703)", column.name),
            );
            return;
        }
        let names = |relation: &Relation, wanted: &str| {
            relation.column(wanted).is_some_and(|column| column.not_null && !column.fills_itself())
        };
        let required =
            new.columns.iter().find(|column| names(new, &column.name) && !names(old, &column.name));
        if let Some(column) = required {
            self.breaking(
                Rule::AddRequiredColumn,
                of,
                format!("{path} is made anew, and its column {} must be given (23502)", column.name),
            );
            return;
        }
        let message = format!(
            "{path} is made anew from its rows: its identity, grants, keys and triggers are those of another table"
        );
        self.review(Rule::DropTable, of, message);
        self.keys(path, old, new);
    }
}

/// Whether what was written to a table can be written to the view in its place.
fn takes_writes(view: &Relation) -> bool {
    let triggers = view.triggers.iter().any(|trigger| trigger.instead && trigger.enabled);
    let rules = view.rules.iter().any(|rule| rule.instead);
    triggers
        || rules
        || (view.kind == Kind::View && view.view.as_ref().is_none_or(|definition| definition.updatable))
}

/// A column that could be written, and is an expression in the view.
fn unwritable<'o>(table: &'o Relation, view: &Relation) -> Option<&'o str> {
    let triggers =
        view.triggers.iter().any(|trigger| trigger.instead) || view.rules.iter().any(|rule| rule.instead);
    let shown = view.view.as_ref().filter(|_| !triggers)?.columns.as_ref()?;
    let worked_out = |column: &&crate::catalogue::Column| {
        let computed = matches!(column.generated, Some(crate::statement::Generated::Expression(_)));
        let expression =
            shown.iter().find(|other| other.name == column.name).map(|other| other.expression.as_str());
        let plain =
            |text: &str| text.replace(" . ", "").chars().all(|c| c.is_alphanumeric() || "_$\"".contains(c));
        !computed && expression.is_some_and(|text| !plain(text))
    };
    table.columns.iter().find(worked_out).map(|column| column.name.as_str())
}
