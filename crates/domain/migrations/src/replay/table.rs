//! Tables and their columns.

use super::{Aspect, Replay};
use crate::catalogue::{Column, Holder, Kind, Relation, TEMPORARY, is_null};
use crate::name::{Name, Path};
use crate::rule::{Level, Rule};
use crate::statement::{
    Change, Column as Declared, Constraint, ConstraintKind, CreateTable, Generated, Object,
};
use crate::token::{Token, line};
use crate::types::{Fit, Moment, TypeName, fit};

impl Replay {
    pub(super) fn create_table(&mut self, table: &CreateTable) {
        let path =
            if table.temporary { Path::new(TEMPORARY, &table.name.name) } else { self.place(&table.name) };
        if self.now.relations.contains_key(&path) {
            if !table.if_not_exists {
                self.refused(format!("{path} exists already (42P07)"));
            }
            return;
        }
        let id = self.id();
        let mut relation = Relation::new(id, Kind::Table);
        relation.partition_of = table.partition_of.as_ref().map(|parent| self.place(parent));
        relation.takes_the_rest = table.default_partition;
        self.now.relations.insert(path.clone(), relation);
        self.begin(Holder::Relation(id), &path.schema);
        for parent in table.inherits.iter().chain(&table.partition_of) {
            self.copy_columns(&path, parent, &[String::from("all")]);
        }
        for (other, including) in &table.like {
            self.copy_columns(&path, other, including);
        }
        if let Some(query) = &table.query {
            self.columns_of_query(&path, query);
        }
        for column in &table.columns {
            self.add_declared(&path, column);
        }
        for constraint in &table.constraints {
            self.add_constraint(&path, constraint);
        }
    }

    fn columns_of_query(&mut self, path: &Path, query: &[Token]) {
        let columns = self.query(query).columns;
        let complete = columns.is_some();
        for shown in columns.unwrap_or_default() {
            let id = self.id();
            let column = Column {
                id,
                name: shown.name,
                ty: shown.ty,
                collation: None,
                not_null: false,
                default: None,
                generated: None,
            };
            self.push_column(path, column);
        }
        if let Some(relation) = self.now.relations.get_mut(path) {
            relation.complete = complete;
        }
    }

    fn copy_columns(&mut self, path: &Path, from: &Name, including: &[String]) {
        let Some(source) =
            self.now.relation_path(from, &self.search).and_then(|path| self.now.relations.get(&path))
        else {
            return;
        };
        let has = |what: &str| including.iter().any(|word| word == "all" || word == what);
        let source = source.clone();
        for column in source.columns {
            let keep = has("defaults") || matches!(column.generated, Some(Generated::Expression(_)));
            let id = self.id();
            let default = column.default.filter(|_| keep);
            let generated = column.generated.filter(|_| has("identity") || has("generated"));
            self.push_column(path, Column { id, default, generated, ..column });
        }
        for held in source.constraints {
            let key =
                matches!(held.rule.kind, ConstraintKind::Primary { .. } | ConstraintKind::Unique { .. });
            if if key { has("indexes") } else { has("constraints") } {
                self.add_constraint(path, &held.rule);
            }
        }
    }

    fn push_column(&mut self, path: &Path, column: Column) {
        if let Some(relation) = self.now.relations.get_mut(path) {
            relation.columns.retain(|other| other.name != column.name);
            relation.columns.push(column);
        }
    }

    /// Adds a column with its constraints.
    fn add_declared(&mut self, path: &Path, declared: &Declared) {
        let id = self.id();
        let known =
            self.now.relations.get(path).and_then(|relation| relation.column(&declared.name)).cloned();
        let ty = declared.ty.as_ref().map(|ty| self.resolved(ty));
        if declared.default.as_ref().is_some_and(|default| line(default) == "nextval ( serial )") {
            let sequence = Name {
                schema: Some(path.schema.clone()),
                name: format!("{}_{}_seq", path.name, declared.name),
            };
            let owner = Name { schema: Some(path.schema.clone()), name: path.name.clone() };
            self.create_sequence(&sequence, true, Some(&(owner, declared.name.clone())));
        }
        if let Some(default) = &declared.default {
            let what = format!("{path}.{}", declared.name);
            self.refuse_default(&what, ty.as_ref(), default, Moment::Declared);
        }
        let mut column = Column {
            id,
            name: declared.name.clone(),
            ty: ty.or_else(|| known.and_then(|known| known.ty)),
            collation: declared.collation.clone(),
            not_null: declared.not_null,
            default: declared.default.clone(),
            generated: declared.generated.clone(),
        };
        self.refuse_identity(path, &declared.name, &column);
        self.apply_domain(&mut column);
        self.push_column(path, column);
        for constraint in &declared.constraints {
            self.add_constraint(path, constraint);
        }
    }

    /// A domain's own default and `not null` bind the columns that have it.
    fn apply_domain(&self, column: &mut Column) {
        let domains = column.ty.as_ref().map(|ty| self.now.domains(ty)).unwrap_or_default();
        column.not_null |= domains.iter().any(|domain| domain.not_null);
        if let (None, Some(outermost)) = (&column.default, domains.first()) {
            column.default.clone_from(&outermost.default);
        }
    }

    pub(super) fn alter_relation(&mut self, kind: Object, name: &Name, if_exists: bool, changes: &[Change]) {
        let Some(path) = self.relation(kind, name, if_exists) else { return };
        let mut changes: Vec<&Change> = changes.iter().collect();
        changes.sort_by_key(|change| pass(change));
        for change in changes {
            self.change(&path, change);
        }
    }

    /// The relation that a statement presupposes; `None` when it may be absent and is.
    pub(super) fn relation(&mut self, kind: Object, name: &Name, if_exists: bool) -> Option<Path> {
        if let Some(path) = self.now.relation_path(name, &self.search) {
            return Some(path);
        }
        let path = self.place(name);
        let taken_away = self.before.relations.contains_key(&path);
        if taken_away && !if_exists {
            self.refused(format!("{path} is not there any more (42P01)"));
        }
        if taken_away || (if_exists && (self.knows(&path.schema) || !self.pending)) {
            return None;
        }
        let kind = match kind {
            Object::View => Kind::View,
            Object::Materialized => Kind::Materialized,
            Object::Sequence => Kind::Sequence,
            _ => Kind::Table,
        };
        let id = self.id();
        let relation = Relation { complete: false, ..Relation::new(id, kind) };
        if self.pending {
            self.presupposed.insert(id);
            if if_exists {
                self.doubted.insert(id);
            }
            self.before.relations.insert(path.clone(), relation.clone());
        }
        self.now.relations.insert(path.clone(), relation);
        Some(path)
    }

    /// The column that a statement presupposes.
    pub(super) fn presuppose_column(&mut self, path: &Path, name: &str) {
        let Some(relation) = self.now.relations.get(path) else { return };
        if relation.complete || relation.column(name).is_some() {
            return;
        }
        let relation_id = relation.id;
        let id = self.id();
        let column = Column {
            id,
            name: name.to_owned(),
            ty: None,
            collation: None,
            not_null: false,
            default: None,
            generated: None,
        };
        if self.is_old(relation_id) {
            self.presupposed.insert(id);
            let before = self.before.relations.values_mut().find(|relation| relation.id == relation_id);
            if let Some(before) = before {
                before.columns.push(column.clone());
            }
        }
        self.push_column(path, column);
    }

    fn change(&mut self, path: &Path, change: &Change) {
        self.refuse_generated(path, change);
        match change {
            Change::AddColumn { column, if_not_exists } => self.add_column(path, column, *if_not_exists),
            Change::DropColumn { name, if_exists, cascade } => {
                if !cascade {
                    self.refuse_dropping(path, name);
                }
                self.drop_column(path, name, *if_exists);
            }
            Change::Type { column, ty, collation, using } => {
                self.retype(path, column, ty, collation.as_ref(), using.as_deref());
            }
            Change::Default { column, value } => {
                if value.is_none() {
                    self.doubt(path, column, Rule::DropDefault, "has no default any more");
                }
                self.refuse_new_default(path, column, value.as_deref());
                let value = value.clone();
                self.on_column(path, column, Aspect::Default, |column| column.default = value);
            }
            Change::NotNull { column, on } => {
                let on = *on;
                if !on {
                    self.doubt(path, column, Rule::DropNotNull, "may be null now");
                }
                self.on_column(path, column, Aspect::Null, |column| column.not_null = on);
            }
            Change::AddIdentity { column, always } | Change::SetIdentity { column, always } => {
                let identity = if *always { Generated::IdentityAlways } else { Generated::IdentityByDefault };
                self.on_column(path, column, Aspect::Default, |column| column.generated = Some(identity));
            }
            Change::IdentityValues { column } => self.other_values(path, column),
            Change::DropIdentity { column } | Change::DropExpression { column } => {
                self.doubt(path, column, Rule::DropDefault, "no longer fills itself");
                self.on_column(path, column, Aspect::Default, |column| column.generated = None);
            }
            Change::SetExpression { column, value } => {
                let value = value.clone();
                self.on_column(path, column, Aspect::Default, |column| {
                    column.generated = Some(Generated::Expression(value));
                });
            }
            Change::RenameColumn { name, to } => self.rename_column(path, name, to),
            Change::AddConstraint(constraint) => self.add_named_constraint(path, constraint),
            Change::DropConstraint { name, if_exists } => self.drop_constraint(path, name, *if_exists),
            Change::AlterConstraint { name, deferrable, enforced } => {
                self.alter_constraint(path, name, *deferrable, *enforced);
            }
            Change::ValidateConstraint { name } => self.validate_constraint(path, name),
            Change::RenameConstraint { name, to } => self.rename_constraint(path, name, to),
            other => self.change_access(path, other),
        }
    }

    fn other_values(&mut self, path: &Path, name: &str) {
        let known = self.now.relations.get(path).and_then(|relation| relation.column(name));
        if known.is_none_or(|column| self.is_old(column.id)) {
            let text = format!(
                "the next values of {path}.{name} change: they may meet values that are in use (23505), or their limit (2200H)"
            );
            self.event(Rule::AlterSequence, Level::NeedsReview, text);
        }
    }

    /// Of a column that the history does not show, what it was before is not known either.
    fn doubt(&mut self, path: &Path, name: &str, rule: Rule, what: &str) {
        self.presuppose_column(path, name);
        let relation = self.now.relations.get(path).filter(|relation| !relation.complete);
        let column = relation.and_then(|relation| relation.column(name));
        if column.is_some_and(|column| self.is_old(column.id) && column.ty.is_none()) {
            self.event(
                rule,
                Level::NeedsReview,
                format!("{path}.{name} {what}; the history does not show the column"),
            );
        }
    }

    fn on_column(&mut self, path: &Path, name: &str, aspect: Aspect, change: impl FnOnce(&mut Column)) {
        self.presuppose_column(path, name);
        let Some(column) = self.now.relations.get_mut(path).and_then(|relation| relation.column_mut(name))
        else {
            self.refused(format!("{path} has no column {name} (42703)"));
            return;
        };
        change(column);
        let id = column.id;
        self.touch(id, aspect);
    }

    fn add_column(&mut self, path: &Path, declared: &Declared, if_not_exists: bool) {
        let Some(relation) = self.now.relations.get(path) else { return };
        if let Some(parent) = &relation.partition_of {
            let text = format!("{path} is a partition of {parent}, and gets its columns from there (42809)");
            self.refused(text);
            return;
        }
        if relation.column(&declared.name).is_some() {
            if !if_not_exists {
                self.refused(format!("{path} has a column {} already (42701)", declared.name));
            }
            return;
        }
        let (relation_id, complete) = (relation.id, relation.complete);
        if !complete && if_not_exists && self.is_old(relation_id) {
            // It may be there already; then running code knows it.
            self.presuppose_column(path, &declared.name);
            return;
        }
        let is_primary = |constraint: &Constraint| matches!(constraint.kind, ConstraintKind::Primary { .. });
        if declared.constraints.iter().any(is_primary)
            && relation.constraints.iter().any(|held| is_primary(&held.rule))
        {
            self.refused(format!("{path} has a primary key already (42P16)"));
            return;
        }
        self.add_declared(path, declared);
        let Some(column) =
            self.now.relations.get(path).and_then(|relation| relation.column(&declared.name)).cloned()
        else {
            return;
        };
        self.refuse_first_value(path, &column);
        for aspect in [Aspect::Shape, Aspect::Null, Aspect::Default, Aspect::Type] {
            self.touch(column.id, aspect);
        }
        if self.is_old(relation_id) {
            self.judge_added(path, &column);
        }
    }

    /// What adding a column does at once, however the pending set goes on.
    fn judge_added(&mut self, path: &Path, column: &Column) {
        if column.not_null && !column.fills_itself() {
            let text = format!(
                "{path}.{} is added as not null without a default: rows that are there have no value for it (23502)",
                column.name
            );
            self.event(Rule::AddRequiredColumn, Level::Breaking, text);
        } else if column.default.as_ref().is_some_and(|default| is_volatile(default)) {
            let text = format!(
                "adding {path}.{} writes every row anew under an exclusive lock: its default is not constant",
                column.name
            );
            self.event(Rule::LockRewrite, Level::Advisory, text);
        }
    }

    fn drop_column(&mut self, path: &Path, name: &str, if_exists: bool) {
        if if_exists
            && self
                .now
                .relations
                .get(path)
                .is_some_and(|relation| relation.complete && relation.column(name).is_none())
        {
            return;
        }
        self.presuppose_column(path, name);
        let Some(relation) = self.now.relations.get_mut(path) else { return };
        let Some(at) = relation.columns.iter().position(|column| column.name == name) else {
            self.refused(format!("{path} has no column {name} (42703)"));
            return;
        };
        let column = relation.columns.remove(at);
        let held: Vec<_> =
            relation.constraints.iter().filter(|held| held.names(name)).map(|held| held.id).collect();
        let indexes: Vec<_> =
            relation.indexes.iter().filter(|index| index.names(name)).map(|index| index.id).collect();
        relation.constraints.retain(|constraint| !constraint.names(name));
        relation.indexes.retain(|index| !index.names(name));
        for id in [column.id].into_iter().chain(held).chain(indexes) {
            self.touch(id, Aspect::Gone);
        }
    }

    fn retype(
        &mut self,
        path: &Path,
        name: &str,
        ty: &TypeName,
        collation: Option<&String>,
        using: Option<&[Token]>,
    ) {
        self.presuppose_column(path, name);
        let ty = self.resolved(ty);
        let old = self.now.relations.get(path).and_then(|relation| relation.column(name)).cloned();
        let Some(old) = old else {
            self.refused(format!("{path} has no column {name} (42703)"));
            return;
        };
        self.refuse_retyping(path, name);
        let plain = |using: &[Token]| is_plain_cast(using, name, old.ty.as_ref(), &ty);
        if self.is_old(old.id) && using.is_some_and(|using| !plain(using)) {
            let text = format!(
                "{path}.{name} gets other values: `using` is more than a cast of the column that keeps them"
            );
            self.event(Rule::TypeIncompatible, Level::Breaking, text);
        }
        if self.is_old(old.id) && old.ty.is_none() {
            let text =
                format!("the type of {path}.{name} changes to {ty}; what it was is not in the history");
            self.event(Rule::TypeIncompatible, Level::NeedsReview, text);
        }
        let collation = collation.cloned();
        self.on_column(path, name, Aspect::Type, |column| {
            column.ty = Some(ty);
            column.collation = collation;
        });
    }

    fn rename_column(&mut self, path: &Path, name: &str, to: &str) {
        self.presuppose_column(path, name);
        let Some(relation) = self.now.relations.get_mut(path) else { return };
        if name != to && relation.column_mut(to).is_some() {
            self.refused(format!("{path} has a column {to} already (42701)"));
            return;
        }
        let Some(column) = relation.column_mut(name) else {
            self.refused(format!("{path} has no column {name} (42703)"));
            return;
        };
        column.name = to.to_owned();
        let id = column.id;
        for held in &mut relation.constraints {
            rename_in_constraint(&mut held.rule.kind, name, to);
        }
        for index in &mut relation.indexes {
            for sql in index.keys.iter_mut().chain(&mut index.predicate) {
                rename_in(sql, name, to);
            }
        }
        if let Some(columns) = relation.view.as_mut().and_then(|view| view.columns.as_mut()) {
            columns
                .iter_mut()
                .filter(|column| column.name == name)
                .for_each(|column| column.name = to.to_owned());
        }
        self.touch(id, Aspect::Name);
    }
}

/// In which turn PostgreSQL makes a change, wherever it stands in its statement (`ATPrepCmd` in its source).
fn pass(change: &Change) -> u8 {
    match change {
        Change::DropColumn { .. }
        | Change::DropConstraint { .. }
        | Change::DropIdentity { .. }
        | Change::DropExpression { .. }
        | Change::NotNull { on: false, .. }
        | Change::Default { value: None, .. } => 0,
        Change::Type { .. } => 1,
        Change::AddColumn { .. } => 2,
        Change::SetExpression { .. } => 3,
        Change::NotNull { on: true, .. } => 4,
        Change::AddConstraint(_) => 5,
        Change::Default { .. } | Change::AddIdentity { .. } => 6,
        _ => 7,
    }
}

fn rename_in_constraint(kind: &mut ConstraintKind, name: &str, to: &str) {
    match kind {
        ConstraintKind::Check(sql) | ConstraintKind::Exclude(sql) => rename_in(sql, name, to),
        ConstraintKind::NotNull(column) if column == name => *column = to.to_owned(),
        ConstraintKind::Unique { columns, .. } | ConstraintKind::Primary { columns, .. } => {
            columns.iter_mut().filter(|column| *column == name).for_each(|column| *column = to.to_owned());
        }
        ConstraintKind::Foreign(foreign) => {
            foreign
                .columns
                .iter_mut()
                .filter(|column| *column == name)
                .for_each(|column| *column = to.to_owned());
        }
        ConstraintKind::NotNull(_) => {}
    }
}

fn rename_in(sql: &mut [Token], name: &str, to: &str) {
    sql.iter_mut().filter(|token| token.name() == Some(name)).for_each(|token| token.text = to.to_owned());
}

/// Whether `using` is the column itself, cast through types that keep every value: then the types alone decide.
fn is_plain_cast(using: &[Token], column: &str, from: Option<&TypeName>, to: &TypeName) -> bool {
    let keeps = |ty: &TypeName| {
        let lossless = ty == to || ty.bare() == TypeName::own("text") || *ty == TypeName::own("varchar");
        lossless || from.is_some_and(|from| fit(from, ty) != Fit::Unfit)
    };
    casts(using, column).is_some_and(|types| types.iter().all(keeps))
}

/// The types that a column is cast through; `None` when an expression is more than that.
fn casts(using: &[Token], column: &str) -> Option<Vec<TypeName>> {
    let tokens = crate::token::without_parentheses(using);
    let mut cursor = crate::cursor::Cursor::new(tokens);
    let mut found = if cursor.eat("cast") {
        let mut content = crate::cursor::Cursor::new(cursor.brackets()?);
        let mut inner = casts(content.until(&["as"]), column)?;
        content.eat("as");
        inner.push(TypeName::read(&mut content)?);
        inner
    } else if cursor.sees("(") {
        casts(cursor.brackets()?, column)?
    } else {
        cursor.path().filter(|path| path.name == column)?;
        Vec::new()
    };
    while cursor.eat("::") {
        found.push(TypeName::read(&mut cursor)?);
    }
    cursor.is_empty().then_some(found)
}

/// Whether a default is worked out anew for each row, so that PostgreSQL rewrites the table (docs, `ALTER TABLE`,
/// notes: a volatile default).
pub(super) fn is_volatile(default: &[Token]) -> bool {
    let words = [
        "gen_random_uuid",
        "uuid_generate_v4",
        "uuid_generate_v1",
        "random",
        "clock_timestamp",
        "nextval",
        "uuidv7",
        "uuidv4",
        "gen_random_bytes",
        "timeofday",
    ];
    !is_null(default) && default.iter().any(|token| words.iter().any(|word| token.name() == Some(*word)))
}
