//! Whether who fires a trigger may write where the trigger writes: it runs with the rights of who fires it, unless its
//! function is `security definer`.

use super::{Fired, Judge};
use crate::catalogue::{Holder, Policy, Relation};
use crate::name::Path;
use crate::replay::is_superuser;

/// The roles that platforms let write, whose privileges no migration shows (Supabase docs, roles).
const STRANGERS: [&str; 2] = ["anon", "authenticated"];

impl Judge<'_> {
    /// Whether who writes to the trigger's table may write to the other one, too (42501).
    pub(super) fn may_write(
        &self,
        fired: Fired<'_>,
        (path, table): (&Path, &Relation),
        privilege: &str,
    ) -> bool {
        if fired.function.definer {
            return true;
        }
        let guarded = table.row_security
            && !(self.each_writer(fired, &|role| lets_all(table, role, privilege))
                && is_open(table, privilege));
        self.is_granted(fired, table, privilege) && self.may_enter(fired, path) && !guarded && !table.forced
    }

    /// Whether nobody who has the privilege on the trigger's table lacks it on the other one, as far as grants tell.
    fn is_granted(&self, fired: Fired<'_>, table: &Relation, privilege: &str) -> bool {
        let grants = &self.now().grants;
        let to = Holder::Relation(table.id);
        let lacking = self.granted(fired).iter().any(|role| !grants.has(to, role, privilege, None));
        let taken = STRANGERS.iter().any(|role| {
            grants.is_taken(to, role, privilege)
                && !grants.has(to, role, privilege, None)
                && !self.may_not_fire(fired, role)
        });
        !lacking && !taken
    }

    /// Whether who writes to the trigger's table may look into the other one's schema.
    fn may_enter(&self, fired: Fired<'_>, path: &Path) -> bool {
        let Some(schema) = self.now().schemas.get(&path.schema) else { return true };
        path.schema == fired.path.schema
            || path.schema == "public"
            || self.each_writer(fired, &|role| {
                self.now().grants.has(Holder::Schema(*schema), role, "usage", None)
            })
    }

    /// Whether something is so for all roles that may fire a trigger.
    fn each_writer(&self, fired: Fired<'_>, may: &dyn Fn(&str) -> bool) -> bool {
        let all = |role: &str| {
            let granted = self.granted(fired);
            match role {
                "public" if granted.is_empty() => {
                    may(role) || STRANGERS.iter().all(|role| self.may_not_fire(fired, role) || may(role))
                }
                "public" => granted.iter().all(|role| may(role)),
                _ => may(role),
            }
        };
        if !fired.new.row_security {
            return all("public");
        }
        let lets = |policy: &&Policy| {
            !policy.restrictive && fired.moment.events.iter().any(|(event, _)| is_for(policy, event))
        };
        fired.new.policies.iter().filter(lets).all(|policy| {
            let texts = [&policy.using, &policy.check];
            // It is null for who has not signed in (Supabase docs, row level security).
            let signed_in = texts.into_iter().flatten().any(|text| text.contains("auth . uid ("));
            policy
                .roles
                .iter()
                .all(|role| all(role) || (signed_in && role == "public" && may("authenticated")))
        })
    }

    /// The roles that a migration lets write to the trigger's table.
    fn granted<'f>(&'f self, fired: Fired<'f>) -> Vec<&'f str> {
        let of = Holder::Relation(fired.new.id);
        let all = self.now().grants.all();
        let writes = all.filter(|(holder, _, kind, _)| *holder == of && fired.moment.is_on(kind));
        writes.map(|(_, role, ..)| role).filter(|role| !is_superuser(role)).collect()
    }

    /// Whether a role that platforms make cannot write to the trigger's table.
    fn may_not_fire(&self, fired: Fired<'_>, role: &str) -> bool {
        let of = Holder::Relation(fired.new.id);
        let grants = &self.now().grants;
        let without = |event: &str| {
            !grants.has(of, role, event, None)
                && (grants.is_taken(of, role, event) || self.now().roles.contains_key(role))
        };
        fired.moment.events.iter().all(|(event, _)| without(event))
    }
}

fn is_for(policy: &Policy, command: &str) -> bool {
    policy.command == "all" || policy.command == command
}

/// Whether a policy lets a role write any row.
fn lets_all(table: &Relation, role: &str, privilege: &str) -> bool {
    table.policies.iter().any(|policy| {
        !policy.restrictive
            && is_for(policy, privilege)
            && policy.roles.iter().any(|other| other == "public" || other == role)
            && policy.check.as_deref().or(policy.using.as_deref()) == Some("true")
    })
}

/// Whether no restrictive policy takes rows away from what others let through.
fn is_open(table: &Relation, privilege: &str) -> bool {
    !table.policies.iter().any(|policy| policy.restrictive && is_for(policy, privilege))
}
