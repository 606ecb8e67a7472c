//! Defaults and identities that PostgreSQL refuses where they are declared.

use super::Replay;
use crate::catalogue::{Column, CustomKind};
use crate::name::Path;
use crate::statement::{Change, ConstraintKind, Generated};
use crate::token::Token;
use crate::types::{Made, Misfit, Moment, TypeName, misfit};

impl Replay {
    /// Refuses a default that cannot be a value of its type, if it is refused at this moment.
    pub(super) fn refuse_default(
        &mut self,
        what: &str,
        ty: Option<&TypeName>,
        default: &[Token],
        moment: Moment,
    ) {
        let found = ty.and_then(|ty| Some((ty, self.now.misfit(ty, default)?)));
        let Some((ty, misfit)) = found.filter(|(_, misfit)| misfit.moment == moment) else { return };
        let message = format!("the default of {what} is no value of its type, {ty} ({})", misfit.code);
        self.refused(message);
    }

    /// The same for `alter column ... set default`, which works nothing out.
    pub(super) fn refuse_new_default(&mut self, path: &Path, name: &str, default: Option<&[Token]>) {
        let column = self.now.relations.get(path).and_then(|relation| relation.column(name));
        if let Some((ty, default)) = column.and_then(|column| column.ty.clone()).zip(default) {
            self.refuse_default(&format!("{path}.{name}"), Some(&ty), default, Moment::Declared);
        }
    }

    /// The value that `add column` gives to the rows that are there; it works the default out even where there are none.
    pub(super) fn refuse_first_value(&mut self, path: &Path, column: &Column) {
        if let Some(default) = &column.default {
            let what = format!("{path}.{}", column.name);
            self.refuse_default(&what, column.ty.as_ref(), default, Moment::WorkedOut);
        }
    }

    /// Refuses an identity of a type that cannot be one, or beside a default.
    pub(super) fn refuse_identity(&mut self, path: &Path, name: &str, column: &Column) {
        let identity =
            matches!(column.generated, Some(Generated::IdentityAlways | Generated::IdentityByDefault));
        let why = match column.ty.as_ref().filter(|_| identity) {
            Some(_) if column.default.is_some() => "is an identity, which has no default (42601)",
            Some(ty) if !is_integer(ty) => "is no integer, so that it is no identity (22023)",
            _ => return,
        };
        self.refused(format!("{path}.{name} {why}"));
    }

    /// Refuses a change that the way in which a column gets its values does not allow (PostgreSQL docs, `ALTER
    /// TABLE`; the codes are a server's). Of a column that the history does not show, nothing is known.
    pub(super) fn refuse_generated(&mut self, path: &Path, change: &Change) {
        let (Change::Default { column: name, .. }
        | Change::AddIdentity { column: name, .. }
        | Change::SetIdentity { column: name, .. }
        | Change::NotNull { column: name, on: false }) = change
        else {
            return;
        };
        let relation = self.now.relations.get(path);
        let column = relation.and_then(|relation| relation.column(name));
        let Some((relation, column)) = relation.zip(column.filter(|column| column.ty.is_some())) else {
            return;
        };
        let identity =
            matches!(column.generated, Some(Generated::IdentityAlways | Generated::IdentityByDefault));
        let primary = relation.constraints.iter().any(|held| match &held.rule.kind {
            ConstraintKind::Primary { columns, .. } => columns.contains(name),
            _ => false,
        });
        let why = match change {
            Change::Default { .. } if identity => Some("is an identity, which has no default (42601)"),
            Change::Default { .. } if column.generated.is_some() => {
                Some("is worked out, and has no default (42601)")
            }
            Change::AddIdentity { .. } => no_identity(column),
            Change::SetIdentity { .. } if !identity => Some("is no identity (55000)"),
            Change::NotNull { .. } if identity => Some("is an identity, which takes no null (42601)"),
            Change::NotNull { .. } if primary => Some("is in the primary key, which takes no null (42P16)"),
            _ => None,
        };
        if let Some(why) = why {
            let message = format!("{path}.{name} {why}");
            self.refused(message);
        }
    }
}

/// Why a column cannot become an identity.
fn no_identity(column: &Column) -> Option<&'static str> {
    let ty = column.ty.as_ref()?;
    match &column.generated {
        Some(Generated::IdentityAlways | Generated::IdentityByDefault) => {
            Some("is an identity already (55000)")
        }
        _ if !column.not_null => {
            Some("may be null: it must be declared not null before it becomes an identity (55000)")
        }
        _ if column.default.is_some() || column.generated.is_some() => {
            Some("has a default, which must go before it becomes an identity (55000)")
        }
        _ if !is_integer(ty) => Some("is no integer, so that it cannot become an identity (22023)"),
        _ => None,
    }
}

/// Whether a type can be an identity's; a domain over one cannot (seen on 15).
fn is_integer(ty: &TypeName) -> bool {
    let own = ty.schema.as_ref().is_none_or(|schema| schema == "pg_catalog");
    own && !ty.array && ["int2", "int4", "int8"].contains(&ty.name.as_str())
}

impl crate::catalogue::Catalogue {
    /// Why a type refuses a default; `None` where it takes it, or that is not known here.
    pub(crate) fn misfit(&self, ty: &TypeName, default: &[Token]) -> Option<Misfit> {
        let ty = self.base(ty);
        match self.custom(&ty).map(|custom| &custom.kind) {
            None if ty.schema.is_none() => misfit(&ty, Made::Own, default),
            Some(CustomKind::Enum { labels }) => misfit(&ty, Made::Enum(labels), default),
            Some(CustomKind::Composite { .. }) => misfit(&ty, Made::Composite, default),
            _ => None,
        }
    }
}
