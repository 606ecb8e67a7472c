//! Types: those of columns, and those that the schema makes.

use super::Judge;
use super::check::{Given, expression};
use crate::catalogue::{Attribute, Custom, CustomKind, Domain, is_null};
use crate::name::Path;
use crate::replay::Aspect;
use crate::rule::Rule;
use crate::types::{Fit, TypeName, fit};

/// What a change of type means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Change {
    None,
    Doubtful,
    Breaking,
}

impl Judge<'_> {
    /// Compares the type that something had with the one that it has.
    pub(super) fn type_change(&self, from: &TypeName, to: &TypeName) -> Change {
        let ids =
            [self.before().custom(from), self.now().custom(to)].map(|custom| custom.map(|custom| custom.id));
        if from == to || (ids[0].is_some() && ids[0] == ids[1] && from.array == to.array) {
            return Change::None;
        }
        let old = self.before().base(from);
        if self.now().refuses(to) {
            return Change::Breaking;
        }
        match fit(&old, &self.now().base(to)) {
            Fit::Same => Change::None,
            Fit::Doubtful => Change::Doubtful,
            Fit::Unfit => Change::Breaking,
        }
    }

    pub(super) fn types(&mut self) {
        for (path, old) in &self.before().types {
            match self.now().types.get(path) {
                Some(new) => self.custom(path, old, new),
                None => self.lost_type(path, old),
            }
        }
    }

    fn lost_type(&mut self, path: &Path, old: &Custom) {
        let renamed = self.now().types.iter().find(|(_, custom)| custom.id == old.id);
        match renamed {
            Some((to, _)) => {
                let message = format!(
                    "the type {path} is called {to} now: code that casts to it by name fails (42704)"
                );
                self.review(Rule::RenameObject, (old.id, Aspect::Name), message);
            }
            None => {
                self.breaking(Rule::DropType, (old.id, Aspect::Gone), format!("the type {path} goes (42704)"))
            }
        }
    }

    fn custom(&mut self, path: &Path, old: &Custom, new: &Custom) {
        let of = (if old.id == new.id { new.id } else { old.id }, Aspect::Shape);
        match (&old.kind, &new.kind) {
            (CustomKind::Enum { labels: before }, CustomKind::Enum { labels: after }) => {
                if let Some(label) = before.iter().find(|label| !after.contains(label)) {
                    self.breaking(
                        Rule::AlterType,
                        of,
                        format!("the enum {path} has no value '{label}' any more (22P02)"),
                    );
                } else if !after.iter().filter(|label| before.contains(label)).eq(before) {
                    self.review(
                        Rule::AlterType,
                        of,
                        format!("the values of the enum {path} sort and compare in another order"),
                    );
                }
            }
            (CustomKind::Composite { attributes: before }, CustomKind::Composite { attributes: after }) => {
                self.attributes(path, of.0, before, after);
            }
            (CustomKind::Domain(before), CustomKind::Domain(after)) => self.domain(path, of.0, before, after),
            (CustomKind::Other, _) => {}
            _ => self.breaking(
                Rule::DropType,
                (old.id, Aspect::Gone),
                format!("the type {path} is of another kind now"),
            ),
        }
    }

    /// Whether a column of a domain takes no null.
    fn is_required(&self, domain: &Path) -> bool {
        let mut columns = self.now().relations.values().flat_map(|relation| &relation.columns);
        columns.any(|column| {
            let of = |ty: &TypeName| ty.name == domain.name && ty.schema.as_ref() == Some(&domain.schema);
            column.not_null && column.ty.as_ref().is_some_and(of)
        })
    }

    fn attributes(
        &mut self,
        path: &Path,
        id: crate::catalogue::Id,
        before: &[Attribute],
        after: &[Attribute],
    ) {
        let of = (id, Aspect::Shape);
        let names =
            |all: &[Attribute]| all.iter().map(|attribute| attribute.name.clone()).collect::<Vec<_>>();
        if names(before) != names(after) {
            let message = format!(
                "the attributes of {path} are others: values written or read whole do not fit (42804)"
            );
            self.breaking(Rule::AlterType, of, message);
            return;
        }
        for (old, new) in before.iter().zip(after) {
            let (Some(from), Some(to)) = (&old.ty, &new.ty) else { continue };
            match self.type_change(from, to) {
                Change::None => {}
                Change::Doubtful => self.review(
                    Rule::AlterType,
                    of,
                    format!("{path}.{} turns from {from} into {to}", old.name),
                ),
                Change::Breaking => self.breaking(
                    Rule::AlterType,
                    of,
                    format!("{path}.{} turns from {from} into {to}", old.name),
                ),
            }
        }
    }

    fn domain(&mut self, path: &Path, id: crate::catalogue::Id, before: &Domain, after: &Domain) {
        let of = (id, Aspect::Shape);
        if let (Some(from), Some(to)) = (&before.base, &after.base)
            && self.type_change(from, to) != Change::None
        {
            self.breaking(
                Rule::AlterType,
                of,
                format!("the domain {path} is made of {to} and no longer of {from}"),
            );
        }
        if after.not_null && !before.not_null {
            self.breaking(Rule::SetNotNull, of, format!("the domain {path} takes no null any more (23502)"));
        }
        if before.not_null && !after.not_null {
            self.review(Rule::DropNotNull, of, format!("the domain {path} may be null now"));
        }
        let old = Given::of(before.checks.iter().filter_map(|(_, check)| expression(check)));
        for (_, check) in &after.checks {
            let Some(new) = expression(check) else { continue };
            if !old.implies(new) {
                self.breaking(
                    Rule::NewWriteRestriction,
                    of,
                    format!("the domain {path} refuses values that it took (23514)"),
                );
            }
        }
        let fills = |domain: &Domain| domain.default.as_ref().is_some_and(|default| !is_null(default));
        if fills(before) && !fills(after) {
            let message = format!("the domain {path} has no default any more");
            if after.not_null || self.is_required(path) {
                self.breaking(
                    Rule::DropDefault,
                    of,
                    format!("{message}: inserts that leave it out fail (23502)"),
                );
            } else {
                self.review(Rule::DropDefault, of, message);
            }
        }
    }
}
