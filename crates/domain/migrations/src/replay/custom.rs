//! Types, enums and domains.

use super::{Aspect, Replay};
use crate::catalogue::{Attribute, Custom, CustomKind, Domain, Holder};
use crate::name::{Name, Path};
use crate::rule::{Level, Rule};
use crate::statement::{Action, Column, Constraint, DomainChange, TypeChange};
use crate::types::{Moment, TypeName};

impl Replay {
    pub(super) fn create_type(&mut self, action: &Action) {
        let (name, kind) = match action {
            Action::Enum { name, labels } => (name, CustomKind::Enum { labels: labels.clone() }),
            Action::Composite { name, attributes } => {
                let attributes = attributes.iter().map(|column| self.attribute(column)).collect();
                (name, CustomKind::Composite { attributes })
            }
            Action::Domain { name, column } => {
                let mut column = column.clone();
                column.ty = column.ty.as_ref().map(|ty| self.resolved(ty));
                self.default_of_domain(&name.to_string(), &mut column);
                (name, CustomKind::Domain(Box::new(Domain::of(column, || self.id()))))
            }
            Action::OtherType { name } => (name, CustomKind::Other),
            _ => return,
        };
        let path = self.place(name);
        self.comes_back(&path, "");
        // `create type x;` is a shell that a later `create type x (...)` fills.
        if self.now.types.contains_key(&path) && !matches!(kind, CustomKind::Other) {
            self.refused(format!("the type {path} exists already (42710)"));
            return;
        }
        let id = self.id();
        self.begin(Holder::Type(id), &path.schema);
        self.now.types.insert(path, Custom { id, kind });
    }

    /// Refuses a default that is no value of the domain's base; without one a domain takes over that of its base,
    /// for good (`DefineDomain` in PostgreSQL's source).
    fn default_of_domain(&mut self, what: &str, column: &mut Column) {
        match (&column.default, &column.ty) {
            (Some(default), ty) => {
                self.refuse_default(what, ty.as_ref(), default, Moment::Declared);
            }
            (None, Some(ty)) => {
                column.default = self.now.domains(ty).first().and_then(|base| base.default.clone());
            }
            (None, None) => {}
        }
    }

    fn attribute(&self, column: &Column) -> Attribute {
        Attribute { name: column.name.clone(), ty: column.ty.as_ref().map(|ty| self.resolved(ty)) }
    }

    /// The type that a statement presupposes.
    fn custom(&mut self, name: &Name) -> Path {
        if let Some(path) = self.now.type_path(name, &self.search) {
            return path;
        }
        let path = self.place(name);
        let id = self.id();
        let custom = Custom { id, kind: CustomKind::Other };
        if self.pending {
            self.presupposed.insert(id);
            self.before.types.insert(path.clone(), custom.clone());
        }
        self.now.types.insert(path.clone(), custom);
        path
    }

    pub(super) fn alter_type(&mut self, name: &Name, change: &TypeChange) {
        let path = self.custom(name);
        let Some(custom) = self.now.types.get(&path) else { return };
        let (id, old) = (custom.id, self.is_old(custom.id));
        let unknown = matches!(custom.kind, CustomKind::Other);
        self.touch(id, Aspect::Shape);
        if old && unknown {
            self.of_unknown(&path, change);
        }
        match change {
            TypeChange::AddValue { label, if_not_exists } => {
                self.add_label(&path, &label.text, *if_not_exists)
            }
            TypeChange::RenameValue { from, to } => {
                if let Some(CustomKind::Enum { labels }) =
                    self.now.types.get_mut(&path).map(|custom| &mut custom.kind)
                {
                    labels.iter_mut().filter(|label| *label == from).for_each(|label| label.clone_from(to));
                }
            }
            TypeChange::AddAttribute(column) => {
                let attribute = self.attribute(column);
                self.on_attributes(&path, |attributes| attributes.push(attribute));
            }
            TypeChange::DropAttribute { name } => {
                self.on_attributes(&path, |attributes| {
                    attributes.retain(|attribute| attribute.name != *name)
                });
            }
            TypeChange::RenameAttribute { name, to } => self.on_attributes(&path, |attributes| {
                attributes
                    .iter_mut()
                    .filter(|attribute| attribute.name == *name)
                    .for_each(|attribute| attribute.name.clone_from(to));
            }),
            TypeChange::AttributeType { name, ty } => {
                let ty = self.resolved(ty);
                self.on_attributes(&path, |attributes| {
                    attributes
                        .iter_mut()
                        .filter(|attribute| attribute.name == *name)
                        .for_each(|attribute| attribute.ty = Some(ty.clone()));
                });
            }
            TypeChange::Quiet => {}
        }
    }

    /// A type that the history does not show: the statement itself tells what breaks.
    fn of_unknown(&mut self, path: &Path, change: &TypeChange) {
        let what = match change {
            TypeChange::RenameValue { from, .. } => format!("the value '{from}' of {path} gets another name"),
            TypeChange::AddAttribute(_)
            | TypeChange::DropAttribute { .. }
            | TypeChange::RenameAttribute { .. }
            | TypeChange::AttributeType { .. } => {
                format!("the attributes of {path} change")
            }
            TypeChange::AddValue { .. } | TypeChange::Quiet => return,
        };
        self.event(Rule::AlterType, Level::Breaking, what);
    }

    fn add_label(&mut self, path: &Path, label: &str, if_not_exists: bool) {
        let Some(custom) = self.now.types.get_mut(path) else { return };
        let id = custom.id;
        if let CustomKind::Enum { labels } = &mut custom.kind {
            if labels.iter().any(|known| known == label) {
                if !if_not_exists {
                    self.refused(format!("{path} has a value '{label}' already (42710)"));
                }
                return;
            }
            labels.push(label.to_owned());
        }
        // Of a type that this transaction made, new values may be used at once.
        if self.is_old(id) {
            self.labels.push((label.to_owned(), path.clone()));
        }
    }

    fn on_attributes(&mut self, path: &Path, change: impl FnOnce(&mut Vec<Attribute>)) {
        if let Some(CustomKind::Composite { attributes }) =
            self.now.types.get_mut(path).map(|custom| &mut custom.kind)
        {
            change(attributes);
        }
    }

    pub(super) fn alter_domain(&mut self, name: &Name, change: &DomainChange) {
        let path = self.custom(name);
        let id = self.id();
        let Some(custom) = self.now.types.get_mut(&path) else { return };
        let domain_id = custom.id;
        let CustomKind::Domain(domain) = &mut custom.kind else {
            self.of_unknown_domain(&path, change);
            return;
        };
        let base = domain.base.clone();
        match change {
            DomainChange::Add(Constraint { kind: crate::statement::ConstraintKind::NotNull(_), .. }) => {
                domain.not_null = true
            }
            DomainChange::Add(constraint) => domain.checks.push((id, constraint.clone())),
            DomainChange::Drop { name } => {
                domain.checks.retain(|(_, check)| check.name.as_ref() != Some(name))
            }
            DomainChange::NotNull { on } => domain.not_null = *on,
            DomainChange::Default { value } => domain.default.clone_from(value),
            DomainChange::RenameConstraint { name, to } => {
                let named = domain.checks.iter_mut().filter(|(_, check)| check.name.as_ref() == Some(name));
                named.for_each(|(_, check)| check.name = Some(to.clone()));
            }
            DomainChange::Quiet => {}
        }
        if let DomainChange::Default { value: Some(default) } = change {
            self.refuse_default(&path.to_string(), base.as_ref(), default, Moment::Declared);
        }
        self.touch(domain_id, Aspect::Shape);
    }

    fn of_unknown_domain(&mut self, path: &Path, change: &DomainChange) {
        let what = match change {
            DomainChange::Add(_) | DomainChange::NotNull { on: true } => "refuses values that it took",
            _ => return,
        };
        self.event(Rule::NewWriteRestriction, Level::Breaking, format!("the domain {path} {what}"));
    }

    /// Gives every column and parameter of a type its new name.
    pub(super) fn rename_uses(&mut self, from: &Path, to: &Path) {
        let moved = |ty: &mut TypeName| {
            if ty.name == from.name && ty.schema.as_ref() == Some(&from.schema) {
                ty.name.clone_from(&to.name);
                ty.schema = Some(to.schema.clone());
            }
        };
        let columns = self.now.relations.values_mut().flat_map(|relation| &mut relation.columns);
        columns.filter_map(|column| column.ty.as_mut()).for_each(moved);
        for function in self.now.functions.values_mut().flatten() {
            function.parameters.iter_mut().map(|parameter| &mut parameter.ty).for_each(moved);
            function.returns.as_mut().map(moved);
        }
    }
}
