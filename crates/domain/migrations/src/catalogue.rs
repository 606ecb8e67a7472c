//! The schema as far as migrations tell of it.

mod domain;
mod find;
mod grants;
mod relation;

use std::collections::{BTreeMap, BTreeSet};

use crate::name::Path;
use crate::statement::{Column as Declared, Constraint, Parameter, Sql};
use crate::token::Token;
use crate::types::TypeName;

pub(crate) use find::TEMPORARY;
pub(crate) use grants::{Grants, Holder};
pub(crate) use relation::{
    Column, Held, Index, Key, Kind, Needs, Policy, Relation, Rule, Trigger, ViewColumn, ViewDefinition,
    is_null, mentions,
};

/// What stays the same of an object when it is renamed.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Id(pub(crate) u32);

/// Everything that a schema holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalogue {
    pub(crate) schemas: BTreeMap<String, Id>,
    pub(crate) relations: BTreeMap<Path, Relation>,
    pub(crate) types: BTreeMap<Path, Custom>,
    pub(crate) functions: BTreeMap<Path, Vec<Function>>,
    pub(crate) event_triggers: BTreeMap<String, EventTrigger>,
    pub(crate) extensions: BTreeMap<String, Id>,
    pub(crate) roles: BTreeMap<String, Id>,
    pub(crate) publications: BTreeMap<String, Publication>,
    /// Who was made a member of which role, by name.
    pub(crate) members: BTreeSet<(String, String)>,
    pub(crate) grants: Grants,
}

/// A type that a migration made.
#[derive(Clone, Debug)]
pub(crate) struct Custom {
    pub(crate) id: Id,
    pub(crate) kind: CustomKind,
}

/// What kind of type.
#[derive(Clone, Debug)]
pub(crate) enum CustomKind {
    Enum { labels: Vec<String> },
    Composite { attributes: Vec<Attribute> },
    Domain(Box<Domain>),
    Other,
}

/// An attribute of a composite type.
#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    pub(crate) ty: Option<TypeName>,
}

/// A domain.
#[derive(Clone, Debug)]
pub(crate) struct Domain {
    pub(crate) base: Option<TypeName>,
    pub(crate) not_null: bool,
    pub(crate) default: Option<Sql>,
    pub(crate) checks: Vec<(Id, Constraint)>,
}

impl Domain {
    /// From how it is declared, with an id for each check.
    pub(crate) fn of(column: Declared, mut id: impl FnMut() -> Id) -> Self {
        Self {
            base: column.ty,
            not_null: column.not_null,
            default: column.default,
            checks: column.constraints.into_iter().map(|constraint| (id(), constraint)).collect(),
        }
    }

    /// Whether it refuses nothing that its base type takes.
    pub(crate) fn is_open(&self) -> bool {
        !self.not_null && self.checks.is_empty()
    }
}

/// A function, procedure or aggregate.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) id: Id,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) returns: Option<TypeName>,
    pub(crate) set_of: bool,
    pub(crate) returns_table: bool,
    pub(crate) definer: bool,
    pub(crate) search_path: Option<Vec<String>>,
    pub(crate) language: String,
    pub(crate) body: Option<Token>,
    /// Whether its names were found when it was made.
    pub(crate) bound: bool,
    pub(crate) procedure: bool,
    /// Whether it is null wherever an argument is, and does not run then.
    pub(crate) strict: bool,
    /// Whether it is declared `stable` or `immutable`, so that it may not write.
    pub(crate) stable: bool,
}

impl Function {
    /// What tells overloads apart: the types of its inputs.
    pub(crate) fn inputs(&self) -> Vec<TypeName> {
        self.input_parameters().map(|parameter| parameter.ty.bare()).collect()
    }

    /// Its input parameters.
    pub(crate) fn input_parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| parameter.input)
    }

    /// Its outputs, by name and type.
    pub(crate) fn outputs(&self) -> Vec<(Option<String>, TypeName)> {
        let outputs = self.parameters.iter().filter(|parameter| parameter.output);
        outputs.map(|parameter| (parameter.name.clone(), parameter.ty.clone())).collect()
    }

    /// `f(int, text)`, for messages.
    pub(crate) fn signature(&self, path: &Path) -> String {
        let types: Vec<String> = self.inputs().iter().map(ToString::to_string).collect();
        format!("{path}({})", types.join(", "))
    }
}

/// An event trigger.
#[derive(Clone, Debug)]
pub(crate) struct EventTrigger {
    pub(crate) id: Id,
    pub(crate) enabled: bool,
    pub(crate) event: String,
    pub(crate) tags: Vec<String>,
    pub(crate) function: Path,
}

/// A publication for logical replication.
#[derive(Clone, Debug)]
pub(crate) struct Publication {
    pub(crate) id: Id,
    /// `None` for all tables, or when migrations do not tell.
    pub(crate) tables: Option<Vec<Path>>,
    pub(crate) schemas: Vec<String>,
    /// What narrows it to columns, rows or operations, as it is written.
    pub(crate) limits: Vec<String>,
}

impl Publication {
    /// Whether it publishes a table.
    pub(crate) fn holds(&self, path: &Path) -> bool {
        self.schemas.contains(&path.schema) || self.tables.as_ref().is_none_or(|tables| tables.contains(path))
    }
}
