//! Views.

use super::{Aspect, Replay};
use crate::catalogue::{Column, Holder, Kind, Relation, TEMPORARY, ViewDefinition};
use crate::name::{Name, Path};
use crate::rule::{Level, Rule};
use crate::statement::CreateView;
use crate::token::line;

impl Replay {
    pub(super) fn create_view(&mut self, view: &CreateView) {
        let path =
            if view.temporary { Path::new(TEMPORARY, &view.name.name) } else { self.place(&view.name) };
        let kind = if view.materialized { Kind::Materialized } else { Kind::View };
        let definition = self.definition(view);
        let Some(known) = self.now.relations.get(&path) else {
            self.new_view(&path, kind, definition);
            return;
        };
        if !view.or_replace {
            if !view.if_not_exists {
                self.refused(format!("{path} exists already (42P07)"));
            }
            return;
        }
        if known.kind != Kind::View {
            self.refused(format!("{path} is not a view (42809)"));
            return;
        }
        let id = known.id;
        if !extends(known, &definition) {
            let text = format!(
                "`create or replace view` cannot take away, rename or retype a column of {path} (42P16)"
            );
            self.refused(text);
        }
        let columns = self.shown(&definition);
        if let Some(relation) = self.now.relations.get_mut(&path) {
            for column in columns {
                if relation.column(&column.name).is_none() {
                    relation.columns.push(column);
                }
            }
            relation.view = Some(definition);
        }
        self.touch(id, Aspect::Shape);
    }

    fn definition(&self, view: &CreateView) -> ViewDefinition {
        let shape = self.query(&view.query);
        let mut columns = shape.columns;
        if let Some(columns) = &mut columns {
            for (column, name) in columns.iter_mut().zip(&view.columns) {
                column.name.clone_from(name);
            }
        }
        ViewDefinition {
            rest: shape.rest,
            query: line(&view.query),
            options: view.options.clone(),
            invoker: view.invoker,
            sources: shape.sources,
            columns,
            reads: self.reads(&view.query),
            updatable: shape.updatable,
            empty: view.empty,
        }
    }

    pub(super) fn refresh(&mut self, name: &Name, empty: bool) {
        let Some(path) = self.now.relation_path(name, &self.search) else { return };
        let Some(relation) = self.now.relations.get_mut(&path) else { return };
        let id = relation.id;
        if let Some(view) = &mut relation.view {
            view.empty = empty;
        }
        self.touch(id, Aspect::Shape);
    }

    fn shown(&mut self, definition: &ViewDefinition) -> Vec<Column> {
        let shown = definition.columns.clone().unwrap_or_default();
        let column = |shown: crate::catalogue::ViewColumn| Column {
            id: self.id(),
            name: shown.name,
            ty: shown.ty,
            collation: None,
            not_null: false,
            default: None,
            generated: None,
        };
        shown.into_iter().map(column).collect()
    }

    fn new_view(&mut self, path: &Path, kind: Kind, definition: ViewDefinition) {
        let id = self.id();
        let mut relation = Relation::new(id, kind);
        relation.columns = self.shown(&definition);
        relation.complete = definition.columns.is_some();
        let mut sources = definition.sources.iter().filter_map(|source| self.now.relations.get(source));
        // In a table's place a view has that table's readers.
        let replaces = self.before.relations.get(path).is_some_and(|before| before.kind == Kind::Table);
        let bypasses = !definition.invoker && (replaces || sources.any(|source| source.row_security));
        relation.view = Some(definition);
        self.now.relations.insert(path.clone(), relation);
        self.begin(Holder::Relation(id), &path.schema);
        self.touch(id, Aspect::Shape);
        if bypasses {
            let text = format!(
                "{path} reads with the rights of its owner, past row level security; `with (security_invoker = true)` does not"
            );
            self.event(Rule::DefinerView, Level::Advisory, text);
        }
    }
}

/// Whether PostgreSQL lets a view be replaced: every column stays, in its place, with its name and type.
fn extends(known: &Relation, definition: &ViewDefinition) -> bool {
    let (true, Some(columns)) = (known.complete, &definition.columns) else { return true };
    let same =
        known.columns.iter().zip(columns).all(|(old, new)| {
            old.name == new.name && (old.ty.is_none() || new.ty.is_none() || old.ty == new.ty)
        });
    same && columns.len() >= known.columns.len()
}
