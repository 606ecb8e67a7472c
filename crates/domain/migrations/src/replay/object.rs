//! Dropping, renaming and moving whole objects.

use super::{Aspect, Replay};
use crate::catalogue::{Holder, Id, Kind, Publication, Relation};
use crate::name::{Name, Path};
use crate::rule::{Level, Rule};
use crate::statement::{Action, Object, PublicationChange, SequenceChange};

impl Replay {
    pub(super) fn create_schema(&mut self, name: &str, if_not_exists: bool, elements: &[Action]) {
        if self.now.schemas.contains_key(name) && !if_not_exists {
            self.refused(format!("the schema {name} exists already (42P06)"));
        }
        let id = self.id();
        self.now.schemas.entry(name.to_owned()).or_insert(id);
        let outer = std::mem::replace(&mut self.search, vec![name.to_owned()]);
        for element in elements {
            self.apply(element);
        }
        self.search = outer;
    }

    pub(super) fn create_sequence(
        &mut self,
        name: &Name,
        if_not_exists: bool,
        serves: Option<&(Name, String)>,
    ) {
        let path = self.place(name);
        if self.now.relations.contains_key(&path) {
            if !if_not_exists {
                self.refused(format!("{path} exists already (42P07)"));
            }
            return;
        }
        let serves = serves.map(|(table, column)| (self.place(table), column.clone()));
        let id = self.id();
        let relation = Relation { serves, ..Relation::new(id, Kind::Sequence) };
        self.begin(Holder::Sequence(id), &path.schema);
        self.now.relations.insert(path, relation);
    }

    pub(super) fn alter_sequence(&mut self, name: &Name, if_exists: bool, change: &SequenceChange) {
        let Some(path) = self.relation(Object::Sequence, name, if_exists) else { return };
        let serves = change.owned_by.as_ref().map(|(table, column)| (self.place(table), column.clone()));
        let Some(relation) = self.now.relations.get_mut(&path) else { return };
        let id = relation.id;
        if serves.is_some() {
            relation.serves = serves;
        }
        if change.values && self.is_old(id) {
            let text = format!(
                "the next values of the sequence {path} change: they may meet values that are in use (23505), or their limit (2200H)"
            );
            self.event(Rule::AlterSequence, Level::NeedsReview, text);
        }
    }

    pub(super) fn set_value(&mut self, name: Option<&Name>) {
        let known = name.and_then(|name| self.now.relation_path(name, &self.search));
        let id = known.and_then(|path| Some(self.now.relations.get(&path)?.id));
        if id.is_none_or(|id| self.is_old(id)) {
            let text = "a sequence goes on at another value: it may meet values that are in use (23505)";
            self.event(Rule::AlterSequence, Level::NeedsReview, text.to_owned());
        }
    }

    pub(super) fn drop_objects(&mut self, kind: Object, names: &[Name], if_exists: bool, cascade: bool) {
        for name in names {
            match kind {
                Object::Table | Object::View | Object::Materialized | Object::Sequence => {
                    if let Some(path) = self.relation(kind, name, if_exists)
                        && self.is_called_rightly(kind, &path)
                    {
                        self.drop_readers(&path, names, cascade);
                        self.drop_functions_of(&path);
                        self.drop_relation(&path);
                    }
                }
                Object::Index => self.drop_index(name, if_exists),
                Object::Type | Object::Domain => self.drop_type(name, if_exists, cascade),
                Object::Schema => self.drop_schema(&name.name, if_exists, cascade),
                Object::Extension => {
                    let known = self.now.extensions.remove(&name.name);
                    if known.is_none_or(|id| self.is_old(id)) {
                        self.event(
                            Rule::DropExtension,
                            Level::Breaking,
                            format!("the extension {} goes with all that it made", name.name),
                        );
                    }
                }
                Object::Role => {
                    let known = self.now.roles.remove(&name.name);
                    if known.map_or(!if_exists, |id| self.is_old(id)) {
                        self.event(
                            Rule::DropRole,
                            Level::Breaking,
                            format!("the role {} goes: its sessions cannot log in (28000)", name.name),
                        );
                    }
                }
                Object::Publication => {
                    let known = self.now.publications.remove(&name.name);
                    match known {
                        Some(publication) => self.touch(publication.id, Aspect::Gone),
                        None => {
                            let text = format!(
                                "the publication {} goes, which the history does not show: its subscribers may hear nothing more",
                                name.name
                            );
                            let path = Path::new("", &name.name);
                            self.lost_unseen(path, "", if_exists, Rule::Publication, text);
                        }
                    }
                }
                Object::Other(_) => {}
            }
        }
        if let Object::Other(what) = kind
            && what != "statistics"
        {
            self.event(
                Rule::DropObject,
                Level::Breaking,
                format!("drops a {what}, which the history is not searched for"),
            );
        }
    }

    /// Owners are not tracked, so whatever an old role may own is taken to go.
    pub(super) fn drop_owned(&mut self, roles: &[String]) {
        for role in roles {
            if self.now.roles.get(role).is_none_or(|id| self.is_old(*id)) {
                let text = format!("everything that {role} owns goes, and all its privileges (42P01, 42501)");
                self.event(Rule::DropRole, Level::Breaking, text);
            }
        }
    }

    /// Whether a relation is what a statement calls it; nothing of another kind is dropped.
    fn is_called_rightly(&mut self, kind: Object, path: &Path) -> bool {
        let known = self.now.relations.get(path).filter(|relation| relation.complete);
        let Some(found) = known.map(|relation| relation.kind) else { return true };
        let fits = matches!(
            (kind, found),
            (Object::Table, Kind::Table)
                | (Object::View, Kind::View)
                | (Object::Materialized, Kind::Materialized)
                | (Object::Sequence, Kind::Sequence)
        );
        if !fits {
            self.refused(format!("{path} is a {}, and is dropped as something else (42809)", found.word()));
        }
        fits
    }

    /// What `cascade` takes with a relation: the views that read it. Without the word it does not go at all.
    fn drop_readers(&mut self, path: &Path, together: &[Name], cascade: bool) {
        let Some(id) = self.now.relations.get(path).map(|relation| relation.id) else { return };
        let reads = |relation: &Relation| relation.view.as_ref().is_some_and(|view| view.reads.contains(&id));
        let readers = self.now.relations.iter().filter(|(_, relation)| relation.id != id && reads(relation));
        for reader in readers.map(|(path, _)| path.clone()).collect::<Vec<_>>() {
            let named = together
                .iter()
                .any(|name| self.now.relation_path(name, &self.search).as_ref() == Some(&reader));
            if cascade {
                self.drop_readers(&reader, together, true);
                self.drop_relation(&reader);
            } else if !named {
                self.refused(format!("{reader} reads {path}, which does not go without it (2BP01)"));
            }
        }
    }

    /// The views that call a function go with it, and what reads them.
    pub(super) fn drop_callers(&mut self, name: &str) {
        let call = format!("{name} (");
        let calls =
            |relation: &Relation| relation.view.as_ref().is_some_and(|view| view.query.contains(&call));
        let callers: Vec<Path> =
            self.now.relations.iter().filter(|(_, one)| calls(one)).map(|(path, _)| path.clone()).collect();
        for caller in callers {
            self.drop_readers(&caller, &[], true);
            self.drop_relation(&caller);
        }
    }

    /// Functions that take or return rows of a relation or values of a type go with it: nothing else lets it go.
    fn drop_functions_of(&mut self, path: &Path) {
        let of = |ty: &crate::types::TypeName| {
            ty.name == path.name && ty.schema.as_ref().is_none_or(|schema| *schema == path.schema)
        };
        let mut gone = Vec::new();
        for overloads in self.now.functions.values_mut() {
            overloads.retain(|function| {
                let uses = function.returns.as_ref().is_some_and(of)
                    || function.parameters.iter().any(|one| of(&one.ty));
                if uses {
                    gone.push(function.id);
                }
                !uses
            });
        }
        self.now.functions.retain(|_, overloads| !overloads.is_empty());
        gone.into_iter().for_each(|id| self.touch(id, Aspect::Gone));
    }

    fn drop_relation(&mut self, path: &Path) {
        let Some(relation) = self.now.relations.remove(path) else { return };
        self.touch(relation.id, Aspect::Gone);
        let sequences = self
            .now
            .relations
            .iter()
            .filter(|(_, other)| other.serves.as_ref().is_some_and(|(table, _)| table == path));
        for sequence in sequences.map(|(path, _)| path.clone()).collect::<Vec<_>>() {
            self.now.relations.remove(&sequence);
        }
        if relation.kind == Kind::Sequence {
            self.orphan(path, &relation);
        }
        let partitions =
            self.now.relations.iter().filter(|(_, other)| other.partition_of.as_ref() == Some(path));
        for partition in partitions.map(|(path, _)| path.clone()).collect::<Vec<_>>() {
            self.drop_relation(&partition);
        }
        // Foreign keys to it go with it: `drop table` does not work otherwise.
        for other in self.now.relations.values_mut() {
            other.constraints.retain(|held| held.target.as_ref() != Some(path));
        }
        if relation.partition_of.is_some() && self.is_old(relation.id) {
            let text =
                format!("{path} goes, and its rows are missing in the table that it is a partition of");
            self.event(Rule::DetachPartition, Level::NeedsReview, text);
        }
    }

    /// The columns that a sequence fed lose their defaults with it.
    fn orphan(&mut self, path: &Path, sequence: &Relation) {
        let mut emptied = Vec::new();
        for (table, relation) in &mut self.now.relations {
            for column in &mut relation.columns {
                let serves = sequence
                    .serves
                    .as_ref()
                    .is_some_and(|(owner, name)| owner == table && *name == column.name);
                let named = column.default.iter().flatten().any(|token| {
                    token.kind == crate::token::Kind::Text
                        && token.text.trim_matches('"').rsplit('.').next() == Some(&path.name)
                });
                if named || (serves && column.default.is_some()) {
                    column.default = None;
                    emptied.push(column.id);
                }
            }
        }
        emptied.into_iter().for_each(|id| self.touch(id, Aspect::Default));
    }

    fn drop_index(&mut self, name: &Name, if_exists: bool) {
        match self.now.index_place(name, &self.search) {
            Some((path, at)) => {
                let index = self.now.relations.get_mut(&path).map(|relation| relation.indexes.remove(at));
                if let Some(index) = index {
                    self.touch(index.id, Aspect::Gone);
                }
            }
            None if self.key_place(name).is_some() => {
                self.refused(format!("the index {name} is that of a constraint (2BP01)"));
            }
            None if !if_exists || !self.knows(&self.place(name).schema) => {
                let text = format!("the index {name} goes; the history does not show whether it was unique");
                self.event(Rule::DropUnique, Level::NeedsReview, text);
            }
            None => {}
        }
    }

    fn drop_type(&mut self, name: &Name, if_exists: bool, cascade: bool) {
        let Some(path) = self.now.type_path(name, &self.search) else {
            let path = self.place(name);
            if !if_exists || !self.knows(&path.schema) {
                let text = format!("the type {path} goes; the history does not show it");
                self.lost_unseen(path, "", if_exists, Rule::DropType, text);
            }
            return;
        };
        let Some(custom) = self.now.types.remove(&path) else { return };
        self.touch(custom.id, Aspect::Gone);
        if !cascade {
            self.refuse_type_in_use(&path);
            return;
        }
        self.drop_functions_of(&path);
        let uses = |ty: Option<&crate::types::TypeName>| {
            ty.is_some_and(|ty| ty.name == path.name && ty.schema.as_ref() == Some(&path.schema))
        };
        let mut gone: Vec<Id> = Vec::new();
        for relation in self.now.relations.values_mut() {
            gone.extend(
                relation.columns.iter().filter(|column| uses(column.ty.as_ref())).map(|column| column.id),
            );
            relation.columns.retain(|column| !uses(column.ty.as_ref()));
        }
        gone.into_iter().for_each(|id| self.touch(id, Aspect::Gone));
    }

    /// Without `cascade` a type stays as long as a column is of it.
    fn refuse_type_in_use(&mut self, path: &Path) {
        let uses = |column: &crate::catalogue::Column| {
            column
                .ty
                .as_ref()
                .is_some_and(|ty| ty.name == path.name && ty.schema.as_ref() == Some(&path.schema))
        };
        let mut used = self.now.relations.iter().filter_map(|(table, relation)| {
            relation
                .columns
                .iter()
                .find(|column| uses(column))
                .map(|column| format!("{table}.{}", column.name))
        });
        if let Some(column) = used.next() {
            self.refused(format!("{column} is of the type {path}, which does not go without it (2BP01)"));
        }
    }

    fn drop_schema(&mut self, schema: &str, if_exists: bool, cascade: bool) {
        let id = self.now.schemas.remove(schema);
        let known = id.is_some() || self.knows(schema);
        let inside: Vec<Path> =
            self.now.relations.keys().filter(|path| path.schema == schema).cloned().collect();
        inside.iter().for_each(|path| self.drop_relation(path));
        let types: Vec<Id> = self
            .now
            .types
            .iter()
            .filter(|(path, _)| path.schema == schema)
            .map(|(_, custom)| custom.id)
            .collect();
        self.now.types.retain(|path, _| path.schema != schema);
        let functions = self
            .now
            .functions
            .iter()
            .filter(|(path, _)| path.schema == schema)
            .flat_map(|(_, overloads)| overloads);
        let functions: Vec<Id> = functions.map(|function| function.id).collect();
        self.now.functions.retain(|path, _| path.schema != schema);
        let empty = inside.is_empty() && types.is_empty() && functions.is_empty() && !cascade;
        types.into_iter().chain(functions).for_each(|id| self.touch(id, Aspect::Gone));
        if id.map_or(known || !if_exists || !self.pending, |id| self.is_old(id)) {
            // Without `cascade` it must be empty; who names it in a search path or exposes it still notices.
            let level = if empty { Level::NeedsReview } else { Level::Breaking };
            self.event(Rule::DropSchema, level, format!("the schema {schema} goes (3F000)"));
        }
    }

    pub(super) fn rename(&mut self, kind: Object, name: &Name, to: &str, if_exists: bool) {
        match kind {
            Object::Table | Object::View | Object::Materialized | Object::Sequence => {
                if let Some(path) = self.relation(kind, name, if_exists) {
                    self.move_relation(&path, &Path::new(&path.schema, to));
                }
            }
            Object::Index => {
                if let Some((path, at)) = self.now.index_place(name, &self.search)
                    && let Some(index) =
                        self.now.relations.get_mut(&path).and_then(|relation| relation.indexes.get_mut(at))
                {
                    to.clone_into(&mut index.name);
                } else if let Some(path) = self.now.relation_path(name, &self.search) {
                    self.move_relation(&path, &Path::new(&path.schema, to));
                } else {
                    self.rename_key(name, to);
                }
            }
            Object::Type | Object::Domain => self.move_type(name, |path| Path::new(&path.schema, to)),
            Object::Schema => self.rename_schema(&name.name, to),
            Object::Publication => {
                self.alter_publication(&name.name, &PublicationChange::Rename { to: to.to_owned() });
            }
            Object::Role => {
                let known = self.now.roles.remove(&name.name);
                if known.is_none_or(|id| self.is_old(id)) {
                    self.event(
                        Rule::DropRole,
                        Level::Breaking,
                        format!("the role {} gets another name", name.name),
                    );
                }
                let id = known.unwrap_or_else(|| self.id());
                self.now.roles.insert(to.to_owned(), id);
            }
            Object::Extension | Object::Other(_) => {}
        }
    }

    /// The table that has a constraint of a name.
    fn key_place(&self, name: &Name) -> Option<Path> {
        let mut holders = self.now.relations.iter();
        holders.find(|(_, relation)| relation.constraint(&name.name).is_some()).map(|(path, _)| path.clone())
    }

    /// The index of a constraint has the constraint's name.
    fn rename_key(&mut self, name: &Name, to: &str) {
        if let Some(path) = self.key_place(name) {
            self.rename_constraint(&path, &name.name, to);
        }
    }

    pub(super) fn move_relation(&mut self, from: &Path, to: &Path) {
        if self.now.relations.contains_key(to) {
            self.refused(format!("{to} exists already (42P07)"));
            return;
        }
        let Some(relation) = self.now.relations.remove(from) else { return };
        let id = relation.id;
        self.now.relations.insert(to.clone(), relation);
        for other in self.now.relations.values_mut() {
            for target in other
                .constraints
                .iter_mut()
                .filter_map(|held| held.target.as_mut())
                .filter(|target| *target == from)
            {
                target.clone_from(to);
            }
            if other.partition_of.as_ref() == Some(from) {
                other.partition_of = Some(to.clone());
            }
            if let Some((owner, _)) = other.serves.as_mut().filter(|(owner, _)| owner == from) {
                owner.clone_from(to);
            }
        }
        for publication in self.now.publications.values_mut() {
            for table in publication.tables.iter_mut().flatten().filter(|table| *table == from) {
                table.clone_from(to);
            }
        }
        self.touch(id, Aspect::Name);
    }

    fn move_type(&mut self, name: &Name, place: impl FnOnce(&Path) -> Path) {
        let Some(path) = self.now.type_path(name, &self.search) else {
            if !self.pending {
                return;
            }
            self.event(Rule::RenameObject, Level::NeedsReview, format!("the type {name} gets another name"));
            return;
        };
        let to = place(&path);
        if let Some(custom) = self.now.types.remove(&path) {
            self.touch(custom.id, Aspect::Name);
            self.now.types.insert(to.clone(), custom);
            self.rename_uses(&path, &to);
        }
    }

    fn rename_schema(&mut self, from: &str, to: &str) {
        // In the pending set: what was there under the name has moved away or gone.
        let moved = self.before.schemas.contains_key(from) && !self.now.schemas.contains_key(from);
        if self.pending && moved {
            self.refused(format!("there is no schema {from} any more (3F000)"));
            return;
        }
        let known = self.now.schemas.remove(from);
        let id = known.unwrap_or_else(|| {
            let id = self.id();
            if self.pending {
                self.presupposed.insert(id);
                self.before.schemas.insert(from.to_owned(), id);
            }
            id
        });
        self.now.schemas.insert(to.to_owned(), id);
        self.touch(id, Aspect::Name);
        let relations: Vec<Path> =
            self.now.relations.keys().filter(|path| path.schema == from).cloned().collect();
        relations.iter().for_each(|path| self.move_relation(path, &path.in_schema(to)));
        let types: Vec<Path> = self.now.types.keys().filter(|path| path.schema == from).cloned().collect();
        for path in types {
            let name = Name { schema: Some(path.schema.clone()), name: path.name.clone() };
            self.move_type(&name, |path| path.in_schema(to));
        }
        let functions: Vec<Path> =
            self.now.functions.keys().filter(|path| path.schema == from).cloned().collect();
        for path in functions {
            if let Some(overloads) = self.now.functions.remove(&path) {
                let ids: Vec<Id> = overloads.iter().map(|function| function.id).collect();
                self.now.functions.insert(path.in_schema(to), overloads);
                ids.into_iter().for_each(|id| self.touch(id, Aspect::Gone));
            }
        }
    }

    pub(super) fn set_schema(&mut self, kind: Object, name: &Name, schema: &str, if_exists: bool) {
        match kind {
            Object::Table | Object::View | Object::Materialized | Object::Sequence => {
                if let Some(path) = self.relation(kind, name, if_exists) {
                    self.move_relation(&path, &path.in_schema(schema));
                }
            }
            Object::Type | Object::Domain => self.move_type(name, |path| path.in_schema(schema)),
            Object::Extension => {
                let text = format!("what the extension {name} made moves to the schema {schema}");
                self.event(Rule::DropExtension, Level::NeedsReview, text);
            }
            _ => {}
        }
    }

    pub(super) fn create_publication(
        &mut self,
        name: &str,
        tables: Option<&Vec<Name>>,
        schemas: &[String],
        limits: &[String],
    ) {
        // What it published before is not known.
        let path = Path::new("", name);
        let again = self.unseen.iter_mut().filter(|unseen| unseen.path == path);
        again.for_each(|unseen| unseen.event.level = Level::NeedsReview);
        let tables: Option<Vec<Path>> =
            tables.map(|tables| tables.iter().map(|table| self.named(table)).collect());
        let id = self.id();
        self.now.publications.insert(
            name.to_owned(),
            Publication { id, tables, schemas: schemas.to_vec(), limits: limits.to_vec() },
        );
        self.touch(id, Aspect::Shape);
    }

    fn named(&self, name: &Name) -> Path {
        self.now.relation_path(name, &self.search).unwrap_or_else(|| self.place(name))
    }

    pub(super) fn alter_publication(&mut self, name: &str, change: &PublicationChange) {
        let known = self.now.publications.get(name).cloned();
        let old = known.as_ref().is_none_or(|publication| self.is_old(publication.id));
        let dropped: Vec<Path> = match change {
            PublicationChange::Drop(tables) => tables.iter().map(|table| self.named(table)).collect(),
            PublicationChange::Set { tables, .. } => {
                let kept: Vec<Path> = tables.iter().map(|table| self.named(table)).collect();
                let before = known.iter().flat_map(|publication| publication.tables.iter().flatten());
                before.filter(|table| !kept.contains(table)).cloned().collect()
            }
            PublicationChange::Rename { to } => {
                if old {
                    self.event(
                        Rule::Publication,
                        Level::Breaking,
                        format!("the publication {name} is called {to} now (42704)"),
                    );
                }
                if let Some(publication) = self.now.publications.remove(name) {
                    self.now.publications.insert(to.clone(), publication);
                }
                return;
            }
            _ => Vec::new(),
        };
        for table in &dropped {
            let knows = self.now.relations.get(table).is_none_or(|relation| self.is_old(relation.id));
            if old && knows {
                self.event(
                    Rule::Publication,
                    Level::Breaking,
                    format!("{name} no longer publishes {table}: its subscribers hear nothing of it"),
                );
            }
        }
        if old && matches!(change, PublicationChange::Options) {
            let text = format!("{name} publishes other operations: its subscribers may miss some");
            self.event(Rule::Publication, Level::NeedsReview, text);
        }
        if old && known.is_some() && matches!(change, PublicationChange::Set { narrowed: true, .. }) {
            let text = format!(
                "{name} publishes only some columns or rows of its tables: its subscribers may miss some"
            );
            self.event(Rule::Publication, Level::NeedsReview, text);
        }
        if known.is_none() && matches!(change, PublicationChange::Set { .. }) {
            self.event(
                Rule::Publication,
                Level::NeedsReview,
                format!("{name} publishes another set of tables; the history does not show the old one"),
            );
        }
        let added: Vec<Path> = match change {
            PublicationChange::Add(tables) | PublicationChange::Set { tables, .. } => {
                tables.iter().map(|table| self.named(table)).collect()
            }
            _ => Vec::new(),
        };
        let id = self.id();
        let publication = self.now.publications.entry(name.to_owned()).or_insert_with(|| Publication {
            id,
            tables: Some(Vec::new()),
            schemas: Vec::new(),
            limits: Vec::new(),
        });
        let id = publication.id;
        if matches!(change, PublicationChange::Options | PublicationChange::Set { narrowed: true, .. }) {
            publication.limits.push(format!("{change:?}"));
        }
        if let Some(tables) = &mut publication.tables {
            tables.retain(|table| !dropped.contains(table));
            tables.extend(added);
        }
        self.touch(id, Aspect::Shape);
    }
}
