//! Policies that their own roles cannot work out: they come back to their table, or need what a role may not use.

use std::collections::{BTreeMap, BTreeSet};

use super::Judge;
use super::access::{COMMANDS, commands, is_for, reaches};
use crate::catalogue::{Catalogue, Holder, Id, Needs, Policy, Relation};
use crate::name::Path;
use crate::replay::{Aspect, is_superuser};
use crate::rule::{Level, Rule};

/// The tables of a catalogue that have policies, by their ids.
type Tables<'c> = BTreeMap<Id, (&'c Path, &'c Relation)>;

impl Judge<'_> {
    /// What reads and writes of old tables come to, where policies were made, changed or switched on.
    pub(super) fn policy_queries(&mut self) {
        let now = guarded(self.now());
        let touched = |id: Id, aspect: Aspect| self.replay.touches.contains_key(&(id, aspect));
        let changed = now.iter().any(|(id, (_, table))| {
            touched(*id, Aspect::Access)
                || table.policies.iter().any(|policy| touched(policy.id, Aspect::Shape))
        });
        if !changed {
            return;
        }
        let before = guarded(self.before());
        let named: BTreeSet<&str> = (now.values())
            .flat_map(|(_, table)| table.policies.iter().flat_map(|policy| &policy.roles))
            .map(String::as_str)
            .collect();
        for (id, (path, table)) in &now {
            let Some((_, old)) =
                self.before().relations.get_key_value(*path).filter(|(_, old)| old.id == *id)
            else {
                continue;
            };
            let granted: Vec<(&str, &str)> = self.before().grants.on(Holder::Relation(*id)).collect();
            let users = Users { granted, roles: &self.before().roles };
            let roles: BTreeSet<&str> =
                named.iter().copied().chain(users.granted.iter().map(|(role, _)| *role)).collect();
            self.comes_back(path, *id, &users, &roles, [&before, &now]);
            self.cannot_use(path, old, table, &users, &roles);
        }
    }

    /// A table whose policies read it again: PostgreSQL refuses that when it rewrites the statement, whatever the rows.
    fn comes_back(
        &mut self,
        path: &Path,
        id: Id,
        users: &Users<'_>,
        roles: &BTreeSet<&str>,
        [before, now]: [&Tables<'_>; 2],
    ) {
        let able = COMMANDS
            .iter()
            .flat_map(|command| roles.iter().map(move |role| (*command, *role)))
            .filter(|(command, role)| users.may(role, command));
        for (command, role) in able {
            let Some(round) = Walk::new(now, role).round(id, command) else { continue };
            if Walk::new(before, role).round(id, command).is_some() {
                continue;
            }
            let touches = &self.replay.touches;
            let policy =
                round.iter().map(|(policy, _)| (*policy, Aspect::Shape)).find(|of| touches.contains_key(of));
            let table = || {
                round.iter().map(|(_, table)| (*table, Aspect::Access)).find(|of| touches.contains_key(of))
            };
            let rule = if policy.is_some() { Rule::AlterPolicy } else { Rule::RlsEnable };
            let of = policy.or_else(table).unwrap_or((id, Aspect::Access));
            let sure = round.iter().all(|(_, id)| now.get(id).is_some_and(|(_, table)| table.row_security));
            let level = if sure { Level::Breaking } else { Level::NeedsReview };
            let message = format!(
                "each {command} on {path} by {role} fails: working out its policies comes back to them (42P17, infinite recursion)"
            );
            self.find(rule, level, of, message);
            return;
        }
    }

    /// Policies that call what a role may not execute, or read what it may not read.
    fn cannot_use(
        &mut self,
        path: &Path,
        old: &Relation,
        new: &Relation,
        users: &Users<'_>,
        roles: &BTreeSet<&str>,
    ) {
        let begins = !old.row_security && old.complete;
        let fresh =
            |policy: &&Policy| begins || !old.policies.iter().any(|other| other.says_the_same(policy));
        for policy in new.policies.iter().filter(fresh) {
            let able = commands(policy)
                .into_iter()
                .flat_map(|command| roles.iter().map(move |role| (command, *role)))
                .filter(|(command, role)| reaches(policy, role) && users.may(role, command));
            let lacks =
                able.filter_map(|(command, role)| Some((self.lacking(policy, new, command, role)?, role)));
            if let Some(((level, what), role)) = lacks.max() {
                let message = format!(
                    "the policy {} of {path} needs {what}, which {role} may not use (42501)",
                    policy.name
                );
                self.find(Rule::AlterPolicy, level, (policy.id, Aspect::Shape), message);
            }
        }
    }

    /// What a role lacks to work out a policy for a command.
    fn lacking(
        &self,
        policy: &Policy,
        table: &Relation,
        command: &str,
        role: &str,
    ) -> Option<(Level, String)> {
        let open = |other: &Policy| {
            is_for(other, command) && reaches(other, role) && other.using.as_deref() == Some("true")
        };
        // `true or f()` is true before anything is called.
        if !policy.restrictive && table.policies.iter().any(open) {
            return None;
        }
        policy.needs(command).into_iter().filter_map(|needs| self.lack(needs, role)).max()
    }

    /// Something that a role needs and may not use. Names in a policy are found when it is made, so that no right on a
    /// schema is asked for later.
    fn lack(&self, needs: &Needs, role: &str) -> Option<(Level, String)> {
        let now = self.now();
        let member = now.members.iter().any(|(member, _)| member == role);
        let known = now.roles.contains_key(role) && !member;
        let lacks = |holder: Holder, privilege: &str| {
            if now.grants.has_some(holder, role, privilege) {
                return None;
            }
            let taken = known || role != "public" && now.grants.is_taken(holder, role, privilege);
            Some(if taken { Level::Breaking } else { Level::NeedsReview })
        };
        let function = |id: &Id| {
            let (path, _) = now.functions.iter().find(|(_, all)| all.iter().any(|one| one.id == *id))?;
            Some((lacks(Holder::Function(*id), "execute")?, path.to_string()))
        };
        let relation = |id: &Id| {
            let (path, table) = now.relation_of(*id)?;
            // Platforms give roles of their own new tables of this one schema by default.
            let sure = |level: &Level| *level == Level::Breaking || path.schema != "public";
            let level = lacks(Holder::Relation(*id), "select").filter(sure)?;
            table.complete.then(|| (level, path.to_string()))
        };
        needs.functions.iter().filter_map(function).chain(needs.relations.iter().filter_map(relation)).max()
    }
}

/// Who may use a table, as far as the history tells.
struct Users<'c> {
    /// Roles and their privileges.
    granted: Vec<(&'c str, &'c str)>,
    roles: &'c BTreeMap<String, Id>,
}

impl Users<'_> {
    /// Whether a role, bound by policies, may use the table in a way. What roles from outside the history may do is
    /// not known; a role of Supabase passes all policies (Supabase docs, row level security, service keys).
    fn may(&self, role: &str, command: &str) -> bool {
        if is_superuser(role) || role == "service_role" {
            return false;
        }
        let stranger = if role == "public" { self.roles.is_empty() } else { !self.roles.contains_key(role) };
        let given = |(other, privilege): &(&str, &str)| {
            (*other == role || *other == "public") && *privilege == command
        };
        stranger || self.granted.iter().any(given)
    }
}

/// A way through the policies of tables for one role, as PostgreSQL goes it (`fireRIRrules`, since 9.5).
struct Walk<'w> {
    tables: &'w Tables<'w>,
    role: &'w str,
    active: Vec<Id>,
    done: BTreeSet<Id>,
}

impl<'w> Walk<'w> {
    fn new(tables: &'w Tables<'w>, role: &'w str) -> Self {
        Self { tables, role, active: Vec::new(), done: BTreeSet::new() }
    }

    /// The policies that lead from a table back to one that is on the way, each with its table.
    fn round(&mut self, id: Id, command: &str) -> Option<Vec<(Id, Id)>> {
        let (_, table) = self.tables.get(&id)?;
        let mine = || table.policies.iter().filter(|policy| reaches(policy, self.role));
        let bound: Vec<&Policy> =
            mine().filter(|policy| policy.command == "all" || policy.command == command).collect();
        // Where no policy lets anything through, none is asked.
        let asked = bound.iter().any(|policy| !policy.restrictive);
        // PostgreSQL notes of a whole policy that it has queries, not of which of its conditions.
        let queries = |policy: &&Policy| policy.needs.iter().any(|needs| needs.queries);
        if !asked || !bound.iter().any(queries) {
            return None;
        }
        if self.active.contains(&id) {
            return Some(Vec::new());
        }
        if command == "select" && !self.done.insert(id) {
            return None;
        }
        self.active.push(id);
        for policy in bound {
            let reads = policy.needs(command).into_iter().flat_map(|needs| &needs.relations);
            for next in reads {
                if let Some(mut round) = self.round(*next, "select") {
                    round.push((policy.id, id));
                    return Some(round);
                }
            }
        }
        self.active.pop();
        None
    }
}

fn guarded(catalogue: &Catalogue) -> Tables<'_> {
    let tables = catalogue.relations.iter().filter(|(_, table)| !table.policies.is_empty());
    tables
        .filter(|(_, table)| table.row_security || !table.complete)
        .map(|(path, table)| (table.id, (path, table)))
        .collect()
}
