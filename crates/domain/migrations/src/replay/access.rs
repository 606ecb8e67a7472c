//! Privileges, row level security, triggers, rules and what else stands around a table.

use std::collections::BTreeSet;

use super::condition::condition;
use super::{Aspect, Replay};
use crate::catalogue::{self, Holder, Kind, Policy, Trigger};
use crate::name::{Name, Path};
use crate::rule::{Level, Rule};
use crate::statement::{Action, Change, CreatePolicy, CreateTrigger, Object, On, OnTable, Privileges};

impl Replay {
    /// The changes of `alter table` that leave its columns alone.
    pub(super) fn change_access(&mut self, path: &Path, change: &Change) {
        let Some(relation) = self.now.relations.get_mut(path) else { return };
        let id = relation.id;
        match change {
            Change::RowSecurity { on } => relation.row_security = *on,
            Change::ForceRowSecurity { on } => relation.forced = *on,
            Change::ReplicaIdentity { kind } => relation.replica_identity = Some(kind.clone()),
            Change::Trigger { name, on } => {
                let all = matches!(name.as_str(), "all" | "user");
                let mut touched = Vec::new();
                for trigger in relation.triggers.iter_mut().filter(|trigger| all || trigger.name == *name) {
                    trigger.enabled = *on;
                    touched.push(trigger.id);
                }
                if name == "all" {
                    relation.unchecked = !on;
                    touched.push(id);
                }
                touched.into_iter().for_each(|id| self.touch(id, Aspect::Shape));
                return;
            }
            Change::Rule { name, on } => {
                let rule = relation.rules.iter_mut().find(|rule| rule.name == *name);
                let id = rule.map(|rule| {
                    rule.enabled = *on;
                    rule.id
                });
                id.into_iter().for_each(|id| self.touch(id, Aspect::Shape));
                return;
            }
            Change::Options { text } => {
                if let Some(view) = &mut relation.view
                    && text.contains("security_invoker")
                {
                    view.invoker =
                        !text.contains("false") && !text.contains("off") && text.starts_with("set");
                }
                self.touch(id, Aspect::Shape);
                return;
            }
            Change::Attach { partition } => return self.attach(path, partition),
            Change::Detach { partition } => return self.detach(path, partition),
            Change::Inherit { parent, on } => return self.inherit(path, parent, *on),
            Change::Owner { to } => return self.owner(path, to),
            _ => return,
        }
        self.touch(id, Aspect::Access);
    }

    fn owner(&mut self, path: &Path, to: &str) {
        let known = self.now.relations.get(path).is_some_and(|relation| self.is_old(relation.id));
        if known && !is_superuser(to) {
            let text =
                format!("{path} belongs to {to} now: who connects as its old owner may lose it (42501)");
            self.event(Rule::Revoke, Level::NeedsReview, text);
        }
    }

    fn attach(&mut self, parent: &Path, partition: &Name) {
        let Some(path) = self.relation(Object::Table, partition, false) else { return };
        let old = [parent, &path]
            .map(|path| self.now.relations.get(path).is_some_and(|relation| self.is_old(relation.id)));
        if let Some(relation) = self.now.relations.get_mut(&path) {
            relation.partition_of = Some(parent.clone());
        }
        if old[1] {
            let text =
                format!("{path} takes only rows of its bounds now (23514), and {parent} shows its rows");
            self.event(Rule::AttachPartition, Level::Breaking, text);
        }
    }

    fn detach(&mut self, parent: &Path, partition: &Name) {
        let Some(path) = self.relation(Object::Table, partition, false) else { return };
        let id = self.now.relations.get(&path).map(|relation| relation.id);
        if let Some(relation) = self.now.relations.get_mut(&path) {
            relation.partition_of = None;
        }
        if id.is_some_and(|id| self.is_old(id)) {
            let text =
                format!("the rows of {path} are missing in {parent}, and new ones find no partition (23514)");
            self.event(Rule::DetachPartition, Level::NeedsReview, text);
        }
    }

    fn inherit(&mut self, path: &Path, parent: &Name, on: bool) {
        let child = self.now.relations.get(path).is_some_and(|relation| self.is_old(relation.id));
        if child {
            let what = if on { "shows" } else { "no longer shows" };
            self.event(
                Rule::DetachPartition,
                Level::NeedsReview,
                format!("{parent} {what} the rows of {path}"),
            );
        }
    }

    pub(super) fn create_trigger(&mut self, create: &CreateTrigger) {
        let Some(path) = self.relation(Object::Table, &create.table, false) else { return };
        let was_there = self.is_unseen(&path, &create.name);
        self.comes_back(&path, &create.name);
        let id = self.id();
        let function = self
            .now
            .function_path(&create.function, &self.search)
            .unwrap_or_else(|| self.place(&create.function));
        let Some(relation) = self.now.relations.get_mut(&path) else { return };
        let known = relation.triggers.iter().position(|trigger| trigger.name == create.name);
        if known.is_some() && !create.or_replace {
            self.refused(format!("{path} has a trigger {} already (42710)", create.name));
            return;
        }
        let id = known.map_or(id, |at| relation.triggers.remove(at).id);
        let trigger = Trigger {
            id,
            name: create.name.clone(),
            before: create.before,
            instead: create.instead,
            enabled: true,
            function,
            definition: create.definition.clone(),
        };
        relation.triggers.push(trigger.clone());
        // Dropped unseen and made again, it is taken to be the one that was there.
        if let Some(before) = self.before.relations.get_mut(&path).filter(|_| was_there) {
            self.presupposed.insert(id);
            before.triggers.push(trigger);
        }
        self.touch(id, Aspect::Shape);
    }

    pub(super) fn create_rule(&mut self, action: &Action) {
        let Action::Rule { name, table, or_replace, instead, conditional, definition } = action else {
            return;
        };
        let Some(path) = self.relation(Object::Table, table, false) else { return };
        let id = self.id();
        let Some(relation) = self.now.relations.get_mut(&path) else { return };
        let known = relation.rules.iter().position(|rule| rule.name == *name);
        if known.is_some() && !or_replace {
            self.refused(format!("{path} has a rule {name} already (42710)"));
            return;
        }
        let id = known.map_or(id, |at| relation.rules.remove(at).id);
        relation.rules.push(catalogue::Rule {
            id,
            name: name.clone(),
            instead: *instead,
            conditional: *conditional,
            enabled: true,
            definition: definition.clone(),
        });
        self.touch(id, Aspect::Shape);
    }

    pub(super) fn create_policy(&mut self, create: &CreatePolicy) {
        let Some(path) = self.relation(Object::Table, &create.table, false) else { return };
        let id = self.id();
        self.comes_back(&path, &create.name);
        let Some(relation) = self.now.relations.get_mut(&path) else { return };
        if relation.policies.iter().any(|policy| policy.name == create.name) {
            self.refused(format!("{path} has a policy {} already (42710)", create.name));
            return;
        }
        let needs = [&create.using, &create.check].map(|sql| self.needs(sql.as_deref().unwrap_or_default()));
        let Some(relation) = self.now.relations.get_mut(&path) else { return };
        let mut roles = create.roles.clone().unwrap_or_else(|| vec![String::from("public")]);
        roles.sort();
        relation.policies.push(Policy {
            id,
            name: create.name.clone(),
            restrictive: create.restrictive,
            command: create.command.clone(),
            roles,
            using: create.using.as_ref().map(|sql| condition(sql)),
            check: create.check.as_ref().map(|sql| condition(sql)),
            needs,
        });
        self.touch(id, Aspect::Shape);
    }

    pub(super) fn alter_policy(
        &mut self,
        name: &str,
        table: &Name,
        rename: Option<&str>,
        change: &CreatePolicy,
    ) {
        let Some(path) = self.relation(Object::Table, table, false) else { return };
        let [using_needs, check_needs] =
            [&change.using, &change.check].map(|sql| self.needs(sql.as_deref().unwrap_or_default()));
        let Some(relation) = self.now.relations.get_mut(&path) else { return };
        let Some(policy) = relation.policies.iter_mut().find(|policy| policy.name == name) else {
            if rename.is_none() {
                self.event(
                    Rule::AlterPolicy,
                    Level::NeedsReview,
                    format!("the policy {name} of {path} changes; the history does not show it"),
                );
            }
            return;
        };
        if let Some(to) = rename {
            to.clone_into(&mut policy.name);
        }
        if let Some(roles) = &change.roles {
            policy.roles.clone_from(roles);
            policy.roles.sort();
        }
        if let Some(using) = &change.using {
            policy.using = Some(condition(using));
            policy.needs[0] = using_needs;
        }
        if let Some(check) = &change.check {
            policy.check = Some(condition(check));
            policy.needs[1] = check_needs;
        }
        let id = policy.id;
        self.touch(id, Aspect::Shape);
    }

    pub(super) fn drop_on_table(&mut self, kind: OnTable, name: &str, table: &Name, if_exists: bool) {
        let Some(path) = self.relation(Object::Table, table, if_exists) else { return };
        let Some(relation) = self.now.relations.get_mut(&path) else { return };
        let gone = match kind {
            OnTable::Trigger => {
                take(&mut relation.triggers, |trigger| trigger.name == name).map(|trigger| trigger.id)
            }
            OnTable::Policy => {
                take(&mut relation.policies, |policy| policy.name == name).map(|policy| policy.id)
            }
            OnTable::Rule => take(&mut relation.rules, |rule| rule.name == name).map(|rule| rule.id),
        };
        let complete = relation.complete;
        match gone {
            Some(id) => self.touch(id, Aspect::Gone),
            None if if_exists && complete => {}
            None => {
                let rule = if kind == OnTable::Policy { Rule::DropPolicy } else { Rule::DropTrigger };
                let text = format!("{name} of {path} goes; the history does not show it");
                self.lost_unseen(path, name, if_exists, rule, text);
            }
        }
    }

    pub(super) fn rename_on_table(&mut self, kind: OnTable, name: &str, table: &Name, to: &str) {
        let Some(path) = self.relation(Object::Table, table, false) else { return };
        let Some(relation) = self.now.relations.get_mut(&path) else { return };
        match kind {
            OnTable::Trigger => relation
                .triggers
                .iter_mut()
                .filter(|trigger| trigger.name == name)
                .for_each(|trigger| to.clone_into(&mut trigger.name)),
            OnTable::Policy => relation
                .policies
                .iter_mut()
                .filter(|policy| policy.name == name)
                .for_each(|policy| to.clone_into(&mut policy.name)),
            OnTable::Rule => relation
                .rules
                .iter_mut()
                .filter(|rule| rule.name == name)
                .for_each(|rule| to.clone_into(&mut rule.name)),
        }
    }

    pub(super) fn privileges(&mut self, change: &Privileges) {
        if change.option_only {
            return;
        }
        if let On::Other = change.on
            && !change.grant
        {
            self.revoked_elsewhere(change);
        }
        if !change.grant {
            self.revoked_unseen(change);
        }
        let holders = self.holders(&change.on, change.grant);
        for holder in holders {
            for role in &change.roles {
                self.on_holder(holder, role, change);
            }
        }
    }

    /// Databases, languages, servers and the like: who holds what on them is not tracked.
    fn revoked_elsewhere(&mut self, change: &Privileges) {
        let only_new =
            change.roles.iter().all(|role| self.now.roles.get(role).is_some_and(|id| !self.is_old(*id)));
        let creates = |(name, _): &(String, Vec<String>)| name == "create";
        if only_new || (!change.privileges.is_empty() && change.privileges.iter().all(creates)) {
            return;
        }
        let text = format!(
            "takes privileges from {} on a database, a language or a server: who needs them is not known here (42501)",
            change.roles.join(", ")
        );
        self.event(Rule::Revoke, Level::NeedsReview, text);
    }

    fn on_holder(&mut self, holder: Holder, role: &str, change: &Privileges) {
        let all: Vec<(String, Vec<String>)> =
            holder.all().iter().map(|name| ((*name).to_owned(), Vec::new())).collect();
        let named = if change.privileges.is_empty() { &all } else { &change.privileges };
        let mut taken = false;
        for (privilege, columns) in named {
            if change.grant {
                self.now.grants.give(holder, role, privilege, columns);
            } else {
                taken |= self.now.grants.take(holder, role, privilege, columns);
            }
        }
        self.touch(holder.id(), Aspect::Access);
        // As one of everybody it can do what it could.
        let kept =
            |(privilege, _): &(String, Vec<String>)| self.now.grants.has(holder, "public", privilege, None);
        if !change.grant
            && !taken
            && self.is_stranger(role)
            && self.is_old(holder.id())
            && !named.iter().all(kept)
        {
            let text = format!(
                "takes privileges from {role}, a role that the history did not make: platforms give such roles theirs by default (42501)"
            );
            self.event(Rule::Revoke, Level::Breaking, text);
        }
    }

    /// Whether a role comes from outside the history, with privileges that it does not show.
    fn is_stranger(&self, role: &str) -> bool {
        role != "public" && !is_superuser(role) && !self.now.roles.contains_key(role)
    }

    /// Functions that the history does not show: whether everybody may call them is not known.
    fn revoked_unseen(&mut self, change: &Privileges) {
        let On::Functions(targets) = &change.on else { return };
        let only_new =
            change.roles.iter().all(|role| self.now.roles.get(role).is_some_and(|id| !self.is_old(*id)));
        let unseen =
            targets.iter().find(|target| self.now.function_path(&target.name, &self.search).is_none());
        if let Some(target) = unseen.filter(|_| !only_new) {
            let text = format!(
                "takes {} from {}; the history does not show it, nor who else may call it (42501)",
                target.name,
                change.roles.join(", ")
            );
            self.event(Rule::Revoke, Level::NeedsReview, text);
        }
    }

    fn holders(&mut self, on: &On, grant: bool) -> Vec<Holder> {
        match on {
            On::Relations(names) => {
                let paths: Vec<Path> =
                    names.iter().filter_map(|name| self.relation(Object::Table, name, grant)).collect();
                paths.iter().filter_map(|path| self.relation_holder(path)).collect()
            }
            On::Functions(targets) => {
                let found = targets.iter().filter_map(|target| self.found(target));
                let function = |(path, at): (Path, usize)| {
                    self.now.functions.get(&path)?.get(at).map(|function| Holder::Function(function.id))
                };
                found.filter_map(function).collect()
            }
            On::Schemas(names) => names.iter().map(|name| Holder::Schema(self.schema_id(name))).collect(),
            On::Types(names) => {
                let paths = names.iter().filter_map(|name| self.now.type_path(name, &self.search));
                paths
                    .filter_map(|path| self.now.types.get(&path).map(|custom| Holder::Type(custom.id)))
                    .collect()
            }
            On::AllIn { kind, schemas } => self.all_in(kind, schemas),
            On::Future { .. } | On::Other => Vec::new(),
        }
    }

    fn schema_id(&mut self, name: &str) -> catalogue::Id {
        if let Some(id) = self.now.schemas.get(name) {
            return *id;
        }
        let id = self.id();
        self.now.schemas.insert(name.to_owned(), id);
        if self.pending {
            self.presupposed.insert(id);
            self.before.schemas.insert(name.to_owned(), id);
        }
        id
    }

    fn relation_holder(&self, path: &Path) -> Option<Holder> {
        let relation = self.now.relations.get(path)?;
        Some(match relation.kind {
            Kind::Sequence => Holder::Sequence(relation.id),
            _ => Holder::Relation(relation.id),
        })
    }

    fn all_in(&self, kind: &str, schemas: &[String]) -> Vec<Holder> {
        let inside = |path: &Path| schemas.contains(&path.schema);
        if kind == "tables" || kind == "sequences" {
            let sequences = kind == "sequences";
            let relations =
                self.now.relations.iter().filter(|(path, relation)| {
                    inside(path) && (relation.kind == Kind::Sequence) == sequences
                });
            return relations.filter_map(|(path, _)| self.relation_holder(path)).collect();
        }
        let functions =
            self.now.functions.iter().filter(|(path, _)| inside(path)).flat_map(|(_, overloads)| overloads);
        functions.map(|function| Holder::Function(function.id)).collect()
    }

    pub(super) fn default_privileges(&mut self, schemas: &[String], change: &Privileges) {
        let On::Future { kind } = &change.on else { return };
        let privileges: Vec<String> = change.privileges.iter().map(|(name, _)| name.clone()).collect();
        for role in &change.roles {
            if !change.grant && self.is_stranger(role) {
                self.presume(schemas, kind, role, &privileges);
            }
            self.now.grants.in_future(schemas, kind, change.grant, role, &privileges);
        }
    }

    /// What new objects no longer give a role from outside the history, the old ones gave it.
    fn presume(&mut self, schemas: &[String], kind: &str, role: &str, privileges: &[String]) {
        if self.now.grants.is_withheld(schemas, kind, role) {
            return;
        }
        let schemas: Vec<String> = if schemas.is_empty() {
            let every: BTreeSet<String> = self
                .now
                .relations
                .keys()
                .chain(self.now.functions.keys())
                .map(|path| path.schema.clone())
                .collect();
            every.into_iter().collect()
        } else {
            schemas.to_vec()
        };
        for holder in self.all_in(kind, &schemas) {
            self.now.grants.presume(holder, role, privileges);
            if self.pending && self.is_old(holder.id()) {
                self.before.grants.presume(holder, role, privileges);
            }
        }
    }

    pub(super) fn alter_role(&mut self, name: Option<&str>, what: &str) {
        let known = name.and_then(|name| self.now.roles.get(name));
        if known.is_none_or(|id| self.is_old(*id)) {
            let whose = name.map_or_else(|| String::from("everybody"), |name| format!("the role {name}"));
            let text = format!(
                "`{what}` of {whose} changes: sessions that begin from now on may fail or read otherwise"
            );
            self.event(Rule::UnknownStatement, Level::NeedsReview, text);
        }
    }

    pub(super) fn membership(&mut self, grant: bool, roles: &[String], members: &[String]) {
        if grant {
            let pairs =
                members.iter().flat_map(|member| roles.iter().map(|role| (member.clone(), role.clone())));
            self.now.members.extend(pairs);
        }
        let new =
            |replay: &Self, role: &String| replay.now.roles.get(role).is_some_and(|id| !replay.is_old(*id));
        if grant || members.iter().all(|member| new(self, member)) {
            return;
        }
        let text = format!("{} no longer act as {} (42501)", members.join(", "), roles.join(", "));
        self.event(Rule::Revoke, Level::Breaking, text);
    }
}

fn take<T>(items: &mut Vec<T>, fits: impl Fn(&T) -> bool) -> Option<T> {
    let at = items.iter().position(fits)?;
    Some(items.remove(at))
}

/// The role that migrations run as, by the names that dumps give it.
pub(crate) fn is_superuser(role: &str) -> bool {
    matches!(role, "postgres" | "current_user" | "session_user" | "current_role")
}
