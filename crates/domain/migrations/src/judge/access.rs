//! Privileges, row level security and publications.

use super::Judge;
use crate::catalogue::{Holder, Id, Kind, Policy, Publication, Relation};
use crate::name::Path;
use crate::replay::{Aspect, is_superuser};
use crate::rule::{Level, Rule};

/// The commands that a policy may be for.
pub(super) const COMMANDS: [&str; 4] = ["select", "insert", "update", "delete"];

impl Judge<'_> {
    pub(super) fn row_security(&mut self, path: &Path, old: &Relation, new: &Relation) {
        let of = (new.id, Aspect::Access);
        if new.row_security && !old.row_security {
            if let Some(role) = self.shut_out(old, new) {
                self.breaking(
                    Rule::RlsEnable,
                    of,
                    format!("{path} has row level security and no policy for {role}: it sees nothing (42501 on writes)"),
                );
            } else if new.policies.iter().any(|policy| !policy.restrictive) {
                self.review(
                    Rule::RlsEnable,
                    of,
                    format!("{path} shows and takes only the rows that its policies let through"),
                );
            } else {
                self.breaking(Rule::RlsEnable, of, format!("{path} has row level security and no policy: all but its owner see nothing (42501 on writes)"));
            }
        }
        if new.forced && !old.forced {
            self.review(Rule::RlsEnable, of, format!("the policies of {path} bind its owner, too"));
        }
        if old.row_security && !new.row_security {
            self.review(
                Rule::RlsDisable,
                of,
                format!("{path} shows and takes all rows: its policies no longer count"),
            );
        }
        self.policies(path, old, new);
    }

    /// A role with privileges on a table, and no policy for any of them.
    fn shut_out(&self, old: &Relation, new: &Relation) -> Option<&str> {
        let held = self.before().grants.on(Holder::Relation(old.id));
        let granted: Vec<(&str, &str)> = held.filter(|(_, privilege)| COMMANDS.contains(privilege)).collect();
        let reached = |role: &str| {
            let member = |policy: &Policy| policy.roles.iter().any(|other| self.may_act_as(role, other));
            new.policies.iter().any(|policy| !policy.restrictive && member(policy))
        };
        granted.iter().map(|(role, _)| *role).find(|role| *role != "public" && !reached(role))
    }

    /// Whether a role is another, or one that migrations say nothing of, so that it may be a member.
    fn may_act_as(&self, role: &str, other: &str) -> bool {
        let member = || self.now().members.contains(&(role.to_owned(), other.to_owned()));
        other == role || other == "public" || !self.before().roles.contains_key(role) || member()
    }

    fn policies(&mut self, path: &Path, old: &Relation, new: &Relation) {
        if !is_guarded(old) || !is_guarded(new) {
            return;
        }
        for policy in &old.policies {
            let again = new.policies.iter().any(|other| other.says_the_same(policy));
            if !again {
                self.lost_policy(path, new, policy);
            }
        }
        for policy in new.policies.iter().filter(|policy| policy.restrictive) {
            let known = old.policies.iter().any(|other| other.says_the_same(policy) || other.id == policy.id);
            let reaches = |role: &str| {
                policy.roles.iter().any(|other| other == role || other == "public" || role == "public")
            };
            let bites = old.policies.iter().any(|other| {
                let same =
                    policy.command == "all" || other.command == "all" || policy.command == other.command;
                !other.restrictive && same && other.roles.iter().any(|role| reaches(role))
            });
            let of = (policy.id, Aspect::Shape);
            let name = &policy.name;
            if !known && bites {
                let message = format!(
                    "the restrictive policy {name} of {path} takes rows away from everybody it is for"
                );
                self.breaking(Rule::AlterPolicy, of, message);
            } else if !known && !old.complete {
                let message = format!(
                    "the restrictive policy {name} of {path} takes away what policies let through that are not known here"
                );
                self.review(Rule::AlterPolicy, of, message);
            }
        }
    }

    fn lost_policy(&mut self, path: &Path, new: &Relation, policy: &Policy) {
        let same = new.policies.iter().find(|other| other.id == policy.id);
        let of = (policy.id, if same.is_some() { Aspect::Shape } else { Aspect::Gone });
        if policy.restrictive {
            self.review(
                Rule::AlterPolicy,
                of,
                format!("the restrictive policy {} of {path} says something else, or goes", policy.name),
            );
            return;
        }
        let mut changed = false;
        for command in commands(policy) {
            for role in &policy.roles {
                match self.fate(new, policy, command, role) {
                    Fate::Kept => {}
                    Fate::Changed => changed = true,
                    Fate::Lost(role) => {
                        let message = format!("no policy of {path} lets {role} {command} any more");
                        self.breaking(Rule::DropPolicy, of, message);
                        return;
                    }
                }
            }
        }
        if changed {
            let message = format!("the policy {} of {path} may let other rows through", policy.name);
            self.review(Rule::AlterPolicy, of, message);
        }
    }

    /// What becomes of that which a policy let a role do.
    fn fate<'n>(&'n self, new: &Relation, policy: &Policy, command: &str, role: &'n str) -> Fate<'n> {
        let others: Vec<&Policy> = new.policies.iter().filter(|other| is_for(other, command)).collect();
        let covered = |role: &str| others.iter().any(|other| reaches(other, role));
        let kept =
            |role: &str| others.iter().any(|other| reaches(other, role) && is_wider(policy, other, command));
        if kept(role) {
            return Fate::Kept;
        }
        if covered(role) {
            return Fate::Changed;
        }
        if role != "public" || others.is_empty() {
            return Fate::Lost(role);
        }
        // Everybody is who may do it at all, each by a policy of their own.
        let granted: Vec<(&str, &str)> = (self.before().grants.on(Holder::Relation(new.id)))
            .filter(|(role, _)| !is_superuser(role))
            .collect();
        let able = || granted.iter().filter(|(role, privilege)| *role != "public" && *privilege == command);
        if let Some((role, _)) = able().find(|(role, _)| !covered(role)) {
            return Fate::Lost(role);
        }
        let known = |role: &str| role != "public" && self.before().roles.contains_key(role);
        if !granted.is_empty() && granted.iter().all(|(role, _)| known(role)) {
            return if able().all(|(role, _)| kept(role)) { Fate::Kept } else { Fate::Changed };
        }
        // The roles of Supabase; who is not signed in has no id there, so that conditions on it find nothing.
        let signed_in =
            [&policy.using, &policy.check].into_iter().flatten().any(|text| text.contains("auth . uid ("));
        let all = covered("authenticated") && (covered("anon") || signed_in && kept("authenticated"));
        if all || able().next().is_some() { Fate::Changed } else { Fate::Lost(role) }
    }

    pub(super) fn grants(&mut self) {
        for (holder, role, privilege, extent) in self.before().grants.all() {
            let Some(now) = self.successor(holder) else { continue };
            let given = |column: Option<&str>| self.now().grants.has(now, role, privilege, column);
            let columns: Vec<String> = match extent {
                Some(some) => some.iter().cloned().collect(),
                None => Vec::new(),
            };
            let kept = match extent {
                Some(_) => columns.iter().all(|column| given(Some(column))),
                None => given(None) || self.covers_columns(holder, &given),
            };
            let known = role == "public"
                || self.now().roles.contains_key(role)
                || !self.before().roles.contains_key(role);
            if kept || !known {
                continue;
            }
            self.revoked(holder, role, privilege);
        }
        for (holder, role, privilege) in self.before().grants.presumed() {
            let made_again = self.successor(holder).filter(|now| *now != holder);
            if made_again.is_some_and(|now| !self.now().grants.has(now, role, privilege, None)) {
                self.revoked(holder, role, privilege);
            }
        }
        self.new_references();
    }

    fn revoked(&mut self, holder: Holder, role: &str, privilege: &str) {
        let what = self.name_of(holder);
        let same = self.successor(holder) == Some(holder);
        let of = (holder.id(), if same { Aspect::Access } else { Aspect::Gone });
        let message = format!("{role} no longer has {privilege} on {what} (42501)");
        let rare = matches!(privilege, "truncate" | "references" | "trigger" | "maintain");
        let strangers = role == "public" && self.known_roles_keep(holder, privilege);
        let level = if rare || strangers { Level::NeedsReview } else { Level::Breaking };
        self.find(Rule::Revoke, level, of, message);
    }

    /// Whether every role that the history made has a privilege of its own: only strangers had it as everybody has.
    fn known_roles_keep(&self, holder: Holder, privilege: &str) -> bool {
        let Some(now) = self.successor(holder) else { return false };
        let mut roles = self.before().roles.keys().peekable();
        roles.peek().is_some() && roles.all(|role| self.now().grants.has(now, role, privilege, None))
    }

    /// Whether privileges on columns make up for one on the whole, for all columns that running code knows.
    fn covers_columns(&self, holder: Holder, given: &dyn Fn(Option<&str>) -> bool) -> bool {
        let Holder::Relation(id) = holder else { return false };
        let Some((_, relation)) = self.before().relation_of(id) else { return false };
        relation.complete
            && !relation.columns.is_empty()
            && relation.columns.iter().all(|column| given(Some(&column.name)))
    }

    /// What has the name of an old object now.
    fn successor(&self, holder: Holder) -> Option<Holder> {
        let id = match holder {
            Holder::Relation(id) | Holder::Sequence(id) => {
                let (path, _) = self.before().relation_of(id)?;
                self.now().relations.get(path)?.id
            }
            Holder::Function(id) => self.successor_of_function(id)?,
            Holder::Schema(id) => self.now().schemas.values().find(|other| **other == id).copied()?,
            Holder::Type(id) => self.now().types.values().find(|custom| custom.id == id)?.id,
        };
        Some(match holder {
            Holder::Relation(_) => Holder::Relation(id),
            Holder::Sequence(_) => Holder::Sequence(id),
            Holder::Function(_) => Holder::Function(id),
            Holder::Schema(_) => Holder::Schema(id),
            Holder::Type(_) => Holder::Type(id),
        })
    }

    fn successor_of_function(&self, id: Id) -> Option<Id> {
        let mut all = self
            .before()
            .functions
            .iter()
            .flat_map(|(path, overloads)| overloads.iter().map(move |one| (path, one)));
        let (path, old) = all.find(|(_, function)| function.id == id)?;
        let new = self
            .now()
            .functions
            .get(path)?
            .iter()
            .find(|new| new.inputs() == old.inputs() || new.id == id)?;
        Some(new.id)
    }

    fn name_of(&self, holder: Holder) -> String {
        let before = self.before();
        let name = match holder {
            Holder::Relation(id) | Holder::Sequence(id) => {
                before.relation_of(id).map(|(path, _)| path.to_string())
            }
            Holder::Function(id) => {
                let mut all = before
                    .functions
                    .iter()
                    .flat_map(|(path, overloads)| overloads.iter().map(move |one| (path, one)));
                all.find(|(_, function)| function.id == id).map(|(path, function)| function.signature(path))
            }
            Holder::Schema(id) => before
                .schemas
                .iter()
                .find(|(_, other)| **other == id)
                .map(|(name, _)| format!("the schema {name}")),
            Holder::Type(id) => {
                before.types.iter().find(|(_, custom)| custom.id == id).map(|(path, _)| path.to_string())
            }
        };
        name.unwrap_or_default()
    }

    /// A publication that went, and perhaps came back.
    fn publication(&mut self, name: &str, old: &Publication) {
        let of = (old.id, Aspect::Gone);
        let Some(new) = self.now().publications.get(name) else {
            let message = format!("the publication {name} goes: its subscribers hear nothing more");
            self.breaking(Rule::Publication, of, message);
            return;
        };
        let lost = self.now().relations.iter().find(|(path, table)| {
            self.is_old(table.id) && table.kind == Kind::Table && old.holds(path) && !new.holds(path)
        });
        let unseen = || {
            old.tables.iter().flatten().find(|path| {
                !new.holds(path)
                    && !self.now().relations.contains_key(*path)
                    && !self.before().relations.contains_key(*path)
            })
        };
        if let Some(table) = lost.map(|(path, _)| path).or_else(unseen) {
            let message = format!("{name} no longer publishes {table}: its subscribers hear nothing of it");
            self.breaking(Rule::Publication, of, message);
        } else if old.limits != new.limits {
            let message =
                format!("{name} publishes other columns, rows or operations: its subscribers may miss some");
            self.review(Rule::Publication, of, message);
        } else if old.tables.is_none() && new.tables.is_some() {
            let message = format!("{name} no longer publishes all tables, but those that are known here");
            self.review(Rule::Publication, of, message);
        }
    }

    /// A table that is published needs a way to tell its rows apart, else its updates and deletes fail.
    pub(super) fn publications(&mut self) {
        for (name, old) in &self.before().publications {
            let stays = self.now().publications.values().any(|publication| publication.id == old.id);
            if !stays {
                self.publication(name, old);
            }
        }
        for (path, old) in
            self.before().relations.iter().filter(|(_, old)| old.kind == Kind::Table && old.complete)
        {
            let Some(new) = self.now().relations.get(path).filter(|new| new.id == old.id) else { continue };
            let publishing = self.now().publications.iter().find(|(_, publication)| publication.holds(path));
            let published = self.before().publications.values().any(|publication| publication.holds(path));
            let Some((name, publication)) = publishing else { continue };
            if !new.has_identity() && (!published || old.has_identity()) {
                let of = if published { (new.id, Aspect::Access) } else { (publication.id, Aspect::Shape) };
                let message = format!(
                    "{name} publishes {path}, which has no replica identity: its updates and deletes fail (55000)"
                );
                self.breaking(Rule::Publication, of, message);
            }
        }
    }
}

/// Whether policies of a table count: so they do where other hands made it, such as `storage.objects`, which has row
/// level security from the start (Supabase docs, storage, access control); no policy would be made for nothing.
fn is_guarded(relation: &Relation) -> bool {
    relation.row_security || !relation.complete
}

pub(super) fn commands(policy: &Policy) -> Vec<&str> {
    if policy.command == "all" { COMMANDS.to_vec() } else { vec![policy.command.as_str()] }
}

/// What becomes of that which a policy let a role do.
enum Fate<'n> {
    Kept,
    Changed,
    /// Who can no longer do it.
    Lost(&'n str),
}

pub(super) fn is_for(policy: &Policy, command: &str) -> bool {
    !policy.restrictive && (policy.command == "all" || policy.command == command)
}

pub(super) fn reaches(policy: &Policy, role: &str) -> bool {
    policy.roles.iter().any(|other| other == role || other == "public")
}

/// Whether another policy lets through all rows that one did, for a command; without a check of its own one checks
/// new rows by the other condition (PostgreSQL docs, `CREATE POLICY`).
fn is_wider(policy: &Policy, other: &Policy, command: &str) -> bool {
    let fits =
        |old: Option<&String>, new: Option<&String>| new.is_some_and(|text| text == "true") || old == new;
    let rows = command == "insert" || fits(policy.using.as_ref(), other.using.as_ref());
    let writes = matches!(command, "select" | "delete")
        || fits(
            policy.check.as_ref().or(policy.using.as_ref()),
            other.check.as_ref().or(other.using.as_ref()),
        );
    rows && writes
}
