//! Running migrations against a [`Catalogue`] instead of a database.
//!
//! History and the pending set run through the same code. From the moment at which the pending set begins, this
//! notes where each object was last touched, and what happened that no comparison of two schemas could show.

mod access;
mod body;
mod compare;
mod condition;
mod constraint;
mod custom;
mod data;
mod default;
mod dependents;
mod event;
mod fire;
mod function;
mod object;
mod query;
mod reach;
mod table;
mod view;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use access::is_superuser;

use crate::catalogue::{Catalogue, Column, Holder, Id};
use crate::lower;
use crate::name::{Name, Path};
use crate::rule::{Level, Rule};
use crate::source::Span;
use crate::statement::Action;
use crate::token::{Kind, Token};
use crate::types::TypeName;

/// A place in one of the files.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Site {
    /// The place of the file among those replayed.
    pub(crate) file: usize,
    pub(crate) span: Span,
}

/// What of an object a statement touched.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Aspect {
    Gone,
    Name,
    Type,
    Null,
    Default,
    Shape,
    Access,
}

/// Something that the end state does not show.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) rule: Rule,
    pub(crate) level: Level,
    pub(crate) site: Site,
    pub(crate) message: String,
}

/// Something dropped that the history does not show: it may come back in the same pending set.
#[derive(Clone, Debug)]
struct Unseen {
    path: Path,
    /// Of what belongs to a table its own name.
    name: String,
    if_exists: bool,
    event: Event,
}

/// What a rollback goes back to.
#[derive(Debug)]
struct Saved {
    savepoint: Option<String>,
    catalogue: Catalogue,
    events: usize,
}

/// A schema in the making.
#[derive(Debug)]
pub(crate) struct Replay {
    /// As it is after the last statement.
    pub(crate) now: Catalogue,
    /// As it was when the pending set began, with what pending statements presuppose.
    pub(crate) before: Catalogue,
    pub(crate) touches: BTreeMap<(Id, Aspect), Site>,
    pub(crate) events: Vec<Event>,
    unseen: Vec<Unseen>,
    /// Blocks of the history that do not parse: what they made is not known.
    pub(crate) unread: Vec<Event>,
    pub(crate) site: Site,
    pending: bool,
    next: u32,
    boundary: u32,
    presupposed: BTreeSet<Id>,
    /// Of those, what only an `if exists` speaks of.
    doubted: BTreeSet<Id>,
    search: Vec<String>,
    saved: Vec<Saved>,
    /// The schemas in which migrations made anything, so that what they did not make there is not there.
    made: BTreeSet<String>,
    /// Whether rollbacks occur in the file, so that states are worth keeping.
    keeps: bool,
    explicit: bool,
    /// The functions that the statement called.
    called: BTreeSet<Id>,
    /// Whether the file ran a statement whose text is not known: the schema may be another one.
    opaque: bool,
    /// Whether a branch or a handler decides if the statement runs.
    guarded: bool,
    depth: u8,
    /// Labels of enums that this transaction added, with their types.
    labels: Vec<(String, Path)>,
    /// Tables that rows were put into.
    pub(crate) filled: BTreeSet<Id>,
    /// Columns that a pending statement wrote to.
    written: BTreeSet<Id>,
    /// What was prepared, to be executed later.
    prepared: BTreeMap<String, Vec<Token>>,
    /// Pairs of tables that rows were copied between, by id.
    pub(crate) copies: BTreeSet<(Id, Id)>,
}

impl Replay {
    pub(crate) fn new() -> Self {
        // What `initdb` makes (PostgreSQL docs, privileges: everybody may use the schema `public`).
        let mut now = Catalogue::default();
        let public = Id(1);
        now.schemas.insert(String::from("public"), public);
        now.grants.give(Holder::Schema(public), "public", "usage", &[]);
        Self {
            now,
            before: Catalogue::default(),
            touches: BTreeMap::new(),
            events: Vec::new(),
            unseen: Vec::new(),
            unread: Vec::new(),
            site: Site::default(),
            pending: false,
            next: 1,
            boundary: 0,
            presupposed: BTreeSet::new(),
            doubted: BTreeSet::new(),
            search: default_search(),
            saved: Vec::new(),
            made: BTreeSet::new(),
            keeps: false,
            explicit: false,
            called: BTreeSet::new(),
            opaque: false,
            guarded: false,
            depth: 0,
            labels: Vec::new(),
            filled: BTreeSet::new(),
            written: BTreeSet::new(),
            prepared: BTreeMap::new(),
            copies: BTreeSet::new(),
        }
    }

    /// Ends the history: what follows is pending.
    pub(crate) fn begin_pending(&mut self) {
        self.before = self.now.clone();
        self.boundary = self.next;
        self.pending = true;
    }

    /// Runs the statements of one file.
    pub(crate) fn file(&mut self, file: usize, statements: &[Vec<Token>]) {
        self.site.file = file;
        self.opaque = false;
        self.search = default_search();
        self.keeps = statements
            .iter()
            .any(|tokens| tokens.first().is_some_and(|word| word.is("rollback") || word.is("abort")));
        for tokens in statements {
            self.run(tokens);
        }
        self.saved.clear();
        self.labels.clear();
        self.explicit = false;
        self.now.relations.retain(|path, _| path.schema != crate::catalogue::TEMPORARY);
    }

    fn run(&mut self, tokens: &[Token]) {
        let statement = lower::statement(tokens);
        self.site.span = statement.span;
        self.use_of_labels(tokens);
        if self.depth == 0 {
            self.called.clear();
        }
        self.inner(tokens);
        self.perform(&statement.action);
        if runs_a_query(&statement.action) {
            self.evaluated(tokens);
        } else if matches!(statement.action, Action::Calls { .. }) {
            self.elsewhere(tokens);
        }
    }

    fn perform(&mut self, action: &Action) {
        self.apply(action);
        self.refuse_values(action);
        self.fires(action);
    }

    fn apply(&mut self, action: &Action) {
        match action {
            Action::Table(table) => self.create_table(table),
            Action::View(view) => self.create_view(view),
            Action::Index(index) => self.create_index(index),
            Action::Sequence { name, if_not_exists, owned_by } => {
                self.create_sequence(name, *if_not_exists, owned_by.as_ref());
            }
            Action::Schema { name, if_not_exists, elements } => {
                self.create_schema(name, *if_not_exists, elements);
            }
            Action::Enum { .. }
            | Action::Composite { .. }
            | Action::OtherType { .. }
            | Action::Domain { .. } => {
                self.create_type(action);
            }
            Action::Function(function) => self.create_function(function),
            Action::Trigger(trigger) => self.create_trigger(trigger),
            Action::Policy(policy) => self.create_policy(policy),
            Action::Rule { .. } => self.create_rule(action),
            Action::EventTrigger { name, change } => self.event_trigger(name, change),
            Action::Extension { name } => {
                let id = self.id();
                self.now.extensions.entry(name.clone()).or_insert(id);
            }
            Action::Role { name } => {
                let id = self.id();
                self.now.roles.entry(name.clone()).or_insert(id);
            }
            Action::Publication { name, tables, schemas, limits } => {
                self.create_publication(name, tables.as_ref(), schemas, limits);
            }
            Action::Alter { name, if_exists, changes, kind } => {
                self.alter_relation(*kind, name, *if_exists, changes)
            }
            Action::AlterType { name, change } => self.alter_type(name, change),
            Action::AlterDomain { name, change } => self.alter_domain(name, change),
            Action::AlterFunction { target, change } => self.alter_function(target, change),
            Action::AlterSequence { name, if_exists, change } => {
                self.alter_sequence(name, *if_exists, change)
            }
            Action::AlterPolicy { name, table, rename, policy } => {
                self.alter_policy(name, table, rename.as_deref(), policy);
            }
            Action::AlterRole { name, what } => self.alter_role(name.as_deref(), what),
            Action::AlterPublication { name, change } => self.alter_publication(name, change),
            Action::AlterExtension { name } => {
                let text = format!("extension {name} changes its version or schema");
                self.event(Rule::DropExtension, Level::NeedsReview, text);
            }
            other => self.apply_more(other),
        }
    }

    fn apply_more(&mut self, action: &Action) {
        match action {
            Action::Rename { kind, name, to, if_exists } => self.rename(*kind, name, to, *if_exists),
            Action::RenameOnTable { kind, name, table, to } => self.rename_on_table(*kind, name, table, to),
            Action::SetSchema { kind, name, schema, if_exists } => {
                self.set_schema(*kind, name, schema, *if_exists)
            }
            Action::Drop { kind, names, if_exists, cascade } => {
                self.drop_objects(*kind, names, *if_exists, *cascade)
            }
            Action::DropOwned { roles } => self.drop_owned(roles),
            Action::DropFunctions { targets, if_exists, cascade } => {
                self.drop_functions(targets, *if_exists, *cascade)
            }
            Action::DropOnTable { kind, name, table, if_exists } => {
                self.drop_on_table(*kind, name, table, *if_exists);
            }
            Action::Privileges(privileges) => self.privileges(privileges),
            Action::DefaultPrivileges { schemas, change } => self.default_privileges(schemas, change),
            Action::Membership { grant, roles, members } => self.membership(*grant, roles, members),
            Action::Refresh { view, empty } => self.refresh(view, *empty),
            Action::Truncate { tables, cascade } => self.truncate(tables, *cascade),
            Action::Delete { table, filter } => self.delete(table, filter),
            Action::Update { table, assignments, filter } => self.update(table, assignments, filter),
            Action::Insert { table, from } => self.insert(table, from),
            Action::Merge { table, filter, arms } => self.merge(table, filter, arms),
            Action::Prepare { name, statement } => {
                self.prepared.insert(name.clone(), statement.clone());
            }
            Action::Execute { name } => self.execute_prepared(name),
            Action::SearchPath { schemas } => self.search.clone_from(schemas),
            Action::Begin | Action::Commit | Action::Rollback { .. } | Action::Savepoint { .. } => {
                self.transaction(action);
            }
            Action::Do { body, plpgsql } => self.block(body, *plpgsql),
            Action::SetValue { sequence } => self.set_value(sequence.as_ref()),
            Action::Calls { functions } => self.calls(functions),
            Action::OutsideTransaction { what } => self.outside_transaction(what),
            Action::Unknown { what } => {
                self.event(
                    Rule::UnknownStatement,
                    Level::NeedsReview,
                    format!("what `{what}` does is not known here"),
                );
            }
            _ => {}
        }
    }

    fn transaction(&mut self, action: &Action) {
        match action {
            Action::Begin => {
                self.explicit = true;
                self.save(None);
            }
            Action::Savepoint { name } => self.save(Some(name.clone())),
            Action::Rollback { savepoint } => {
                let at = self.saved.iter().rposition(|saved| saved.savepoint == *savepoint);
                if let Some(at) = at {
                    let saved = self.saved.swap_remove(at);
                    self.saved.truncate(at);
                    self.now = saved.catalogue;
                    self.events.truncate(saved.events);
                }
                self.explicit &= savepoint.is_some();
            }
            _ => {
                self.explicit = false;
                self.labels.clear();
                self.saved.clear();
            }
        }
    }

    fn save(&mut self, savepoint: Option<String>) {
        if self.keeps {
            self.saved.push(Saved { savepoint, catalogue: self.now.clone(), events: self.events.len() });
        }
    }

    /// A statement that PostgreSQL refuses inside a transaction (25001).
    fn outside_transaction(&mut self, what: &str) {
        if self.explicit || self.depth > 0 {
            let text = format!("`{what}` cannot run inside a transaction (25001)");
            self.event(Rule::MigrationFails, Level::Breaking, text);
        }
    }

    /// A new value of an enum cannot be used by the transaction that adds it (55P04).
    fn use_of_labels(&mut self, tokens: &[Token]) {
        if tokens.first().is_some_and(|token| token.is("comment")) {
            return;
        }
        let holds = |text: &str| tokens.iter().any(|token| token.kind == Kind::Text && token.text == text);
        let used = self.labels.iter().find(|(label, ty)| holds(label) && self.speaks_of(tokens, ty));
        if let Some((label, _)) = used.cloned() {
            let text = format!("uses the enum value '{label}' in the transaction that adds it (55P04)");
            self.event(Rule::EnumAddValueSameTx, Level::Breaking, text);
        }
    }

    /// Whether a statement names a type, or a relation with a column of that type.
    fn speaks_of(&self, tokens: &[Token], ty: &Path) -> bool {
        let of = |column: &Column| {
            column
                .ty
                .as_ref()
                .is_some_and(|known| known.name == ty.name && known.schema.as_ref() == Some(&ty.schema))
        };
        tokens.iter().filter_map(Token::name).any(|name| {
            let mut named = self.now.relations.iter().filter(|(path, _)| path.name == name);
            name == ty.name
                || named.any(|(_, relation)| !relation.complete || relation.columns.iter().any(of))
        })
    }

    fn id(&mut self) -> Id {
        self.next += 1;
        Id(self.next)
    }

    /// Whether running code may know an object.
    pub(crate) fn is_old(&self, id: Id) -> bool {
        id.0 <= self.boundary || self.presupposed.contains(&id)
    }

    /// Whether only an `if exists` speaks of it: it may never have been there.
    pub(crate) fn is_doubted(&self, id: Id) -> bool {
        self.doubted.contains(&id)
    }

    fn touch(&mut self, id: Id, aspect: Aspect) {
        if self.pending {
            self.touches.insert((id, aspect), self.site);
        }
    }

    fn event(&mut self, rule: Rule, level: Level, message: String) {
        if self.pending {
            self.events.push(Event { rule, level, site: self.site, message });
        }
    }

    /// Gives a new object the privileges that it begins with.
    fn begin(&mut self, holder: Holder, schema: &str) {
        self.now.grants.begin(holder, schema);
        if !self.pending {
            self.made.insert(schema.to_owned());
        }
    }

    /// Whether the history made anything in a schema.
    fn knows(&self, schema: &str) -> bool {
        self.made.contains(schema)
    }

    /// Notes that something goes which the history does not show.
    fn lost_unseen(&mut self, path: Path, name: &str, if_exists: bool, rule: Rule, message: String) {
        if self.pending {
            let event = Event { rule, level: Level::Breaking, site: self.site, message };
            self.unseen.push(Unseen { path, name: name.to_owned(), if_exists, event });
        }
    }

    /// Whether something was dropped that the history does not show.
    fn is_unseen(&self, path: &Path, name: &str) -> bool {
        self.unseen.iter().any(|unseen| unseen.path == *path && unseen.name == name && unseen.if_exists)
    }

    /// Notes that something is made: if it was dropped unseen before, it comes back, perhaps otherwise than it was.
    fn comes_back(&mut self, path: &Path, name: &str) {
        let again = |unseen: &Unseen| unseen.path == *path && unseen.name == name;
        self.unseen.retain(|unseen| !(again(unseen) && unseen.if_exists));
        self.unseen
            .iter_mut()
            .filter(|unseen| again(unseen))
            .for_each(|unseen| unseen.event.level = Level::NeedsReview);
    }

    /// Everything that happened, and what was dropped unseen and did not come back.
    pub(crate) fn all_events(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().chain(self.unseen.iter().map(|unseen| &unseen.event))
    }

    /// Says that PostgreSQL would refuse the statement, unless something guards it.
    fn refused(&mut self, message: String) {
        if !self.guarded {
            let level = if self.opaque { Level::NeedsReview } else { Level::Breaking };
            self.event(Rule::MigrationFails, level, message);
        }
    }

    /// Where a new object goes.
    fn place(&self, name: &Name) -> Path {
        let schema = name.schema.clone().or_else(|| self.search.first().cloned());
        Path::new(schema.unwrap_or_else(|| String::from("public")), &name.name)
    }

    /// A type with the schema of the migration that made it, and its id.
    fn resolved(&self, ty: &TypeName) -> TypeName {
        match self.now.type_path(&ty.path(), &self.search) {
            Some(path) => TypeName { schema: Some(path.schema), ..ty.clone() },
            None => ty.clone(),
        }
    }
}

/// Whether a statement works out expressions when it runs, so that functions in it run.
fn runs_a_query(action: &Action) -> bool {
    match action {
        Action::Insert { .. } | Action::Update { .. } | Action::Delete { .. } | Action::Merge { .. } => true,
        // Rows that are there get their defaults, pass checks and are put into indexes.
        Action::Alter { .. } | Action::Index(_) | Action::AlterDomain { .. } => true,
        Action::Table(table) => table.query.is_some(),
        Action::View(view) => view.materialized && !view.empty,
        _ => false,
    }
}

fn default_search() -> Vec<String> {
    vec![String::from("public")]
}
