//! Views that are still there.

use super::Judge;
use super::types::Change;
use crate::catalogue::{Kind, Relation, ViewColumn, ViewDefinition};
use crate::name::Path;
use crate::replay::Aspect;
use crate::rule::Rule;

impl Judge<'_> {
    pub(super) fn view(&mut self, path: &Path, old: &Relation, new: &Relation) {
        if old.kind != new.kind {
            let message = format!(
                "{path} is a {} now: it takes no writes, and shows what it was last refreshed with",
                new.kind.word()
            );
            self.review(Rule::ReplaceView, (new.id, Aspect::Shape), message);
        }
        self.view_columns(path, old, new);
        if let (Some(before), Some(after)) = (&old.view, &new.view) {
            self.definition(path, old, new, before, after);
        }
    }

    fn view_columns(&mut self, path: &Path, old: &Relation, new: &Relation) {
        let of = (new.id, Aspect::Shape);
        for column in &old.columns {
            let renamed = new.columns.iter().find(|other| other.id == column.id && other.name != column.name);
            let name = &column.name;
            match (new.column(name), renamed) {
                (Some(other), _) => self.shown(path, column, other, of.0),
                (None, Some(to)) => {
                    let message = format!("the column {path}.{name} is called {} now (42703)", to.name);
                    self.breaking(Rule::RenameColumn, (column.id, Aspect::Name), message);
                }
                (None, None) if new.complete => {
                    self.breaking(
                        Rule::ReplaceView,
                        of,
                        format!("the view {path} has no column {name} any more (42703)"),
                    );
                }
                (None, None) => {}
            }
        }
        let names = |relation: &Relation| {
            relation.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>()
        };
        let (before, after) = (names(old), names(new));
        let kept: Vec<&String> = after.iter().filter(|name| before.contains(name)).collect();
        let same = kept.len() == before.len() && kept.iter().zip(&before).all(|(one, other)| *one == other);
        let prefix = after.get(..before.len()).is_some_and(|first| first == before);
        if kept.len() == before.len() && !(same && prefix) {
            let message = format!(
                "the columns of {path} stand in another order: code that reads them by place reads others"
            );
            self.review(Rule::ReplaceView, of, message);
        }
    }

    fn shown(
        &mut self,
        path: &Path,
        old: &crate::catalogue::Column,
        new: &crate::catalogue::Column,
        id: crate::catalogue::Id,
    ) {
        let (Some(from), Some(to)) = (&old.ty, &new.ty) else { return };
        let of = (id, Aspect::Shape);
        match self.type_change(from, to) {
            Change::None => {}
            Change::Doubtful => {
                self.review(Rule::ReplaceView, of, format!("{path}.{} turns from {from} into {to}", old.name))
            }
            Change::Breaking => self.breaking(
                Rule::ReplaceView,
                of,
                format!("{path}.{} turns from {from} into {to}", old.name),
            ),
        }
    }

    fn definition(
        &mut self,
        path: &Path,
        old: &Relation,
        new: &Relation,
        before: &ViewDefinition,
        after: &ViewDefinition,
    ) {
        let of = (new.id, Aspect::Shape);
        if after.empty && !before.empty {
            let message = format!("{path} has no rows, not even none, before it is refreshed (55000)");
            self.breaking(Rule::ReplaceView, of, message);
        }
        if before.options != after.options || before.invoker != after.invoker {
            let message =
                format!("{path} has other options: whose rights it reads with, or which writes it takes");
            self.review(Rule::ReplaceView, of, message);
        }
        if before.query == after.query {
            return;
        }
        let (Some(shown), Some(shows)) = (&before.columns, &after.columns) else {
            self.review(
                Rule::ReplaceView,
                of,
                format!("{path} shows another query, whose columns cannot be told here"),
            );
            return;
        };
        if before.rest != after.rest {
            self.review(
                Rule::ReplaceView,
                of,
                format!("{path} reads other rows than before, or in another order"),
            );
        } else if let Some(column) = shown.iter().find(|column| differs(column, shows)) {
            self.review(Rule::ReplaceView, of, format!("{path}.{} shows something else", column.name));
        }
        if old.kind == Kind::Materialized && new.kind == Kind::View {
            self.review(Rule::ReplaceView, of, format!("{path} is worked out at each read now"));
        }
    }
}

fn differs(column: &ViewColumn, others: &[ViewColumn]) -> bool {
    let other = others.iter().find(|other| other.name == column.name);
    let bare = |text: &str| text.rsplit(" . ").next().unwrap_or_default().to_owned();
    other.is_some_and(|other| {
        other.expression != column.expression && bare(&other.expression) != bare(&column.expression)
    })
}
