//! What reads a column, so that PostgreSQL lets nobody retype or drop it.

use super::Replay;
use crate::catalogue::{Policy, Relation, Trigger, mentions};
use crate::name::Path;
use crate::rule::{Level, Rule};
use crate::statement::Generated;

/// Something that reads a column, and whether that is certain.
struct Dependent {
    what: String,
    certain: bool,
}

impl Replay {
    /// Refuses another type for a column that something reads, whichever type it is (PostgreSQL docs, `ALTER TABLE`;
    /// `RememberAllDependentForRebuilding` in its source).
    pub(super) fn refuse_retyping(&mut self, path: &Path, name: &str) {
        let Some(relation) = self.now.relations.get(path) else { return };
        let triggers = relation.triggers.iter().filter(|trigger| asks_for(trigger, name));
        let triggers = triggers.map(|trigger| sure(format!("the trigger {}", trigger.name)));
        let worked_out = relation.columns.iter().filter(|column| match &column.generated {
            Some(Generated::Expression(sql)) => column.name != name && mentions(sql, name),
            _ => false,
        });
        let worked_out = worked_out.map(|column| sure(format!("the generated column {}", column.name)));
        let found: Vec<Dependent> =
            self.readers(path, relation, name).into_iter().chain(triggers).chain(worked_out).collect();
        self.tell(found, |what| {
            format!("{what} reads {path}.{name}, whose type cannot change under it (0A000)")
        });
    }

    /// Refuses to drop a column that something reads, without `cascade`.
    pub(super) fn refuse_dropping(&mut self, path: &Path, name: &str) {
        let Some(relation) = self.now.relations.get(path) else { return };
        let mut found = self.readers(path, relation, name);
        found.retain(|dependent| dependent.certain);
        self.tell(found, |what| format!("{what} reads {path}.{name}, which does not go without it (2BP01)"));
    }

    fn tell(&mut self, found: Vec<Dependent>, message: impl Fn(&str) -> String) {
        let known = found.iter().find(|dependent| dependent.certain).or(found.first());
        match known {
            Some(Dependent { what, certain: true }) => self.refused(message(what)),
            Some(Dependent { what, .. }) => {
                let text = format!("perhaps {}", message(what));
                self.event(Rule::MigrationFails, Level::NeedsReview, text);
            }
            None => {}
        }
    }

    /// The views and policies that read a column.
    fn readers(&self, path: &Path, relation: &Relation, name: &str) -> Vec<Dependent> {
        let Some(column) = relation.column(name) else { return Vec::new() };
        let policies = relation.policies.iter().filter_map(|policy| {
            let certain = reads_in_policy(policy, path, name)?;
            Some(Dependent { what: format!("the policy {}", policy.name), certain })
        });
        let views = self.now.relations.iter().filter_map(|(view, other)| {
            // A view reads no column that was made after it.
            let definition = other.view.as_ref().filter(|_| other.id > column.id)?;
            if !definition.reads.contains(&relation.id) {
                return None;
            }
            let shows = definition.columns.iter().flatten().any(|shown| reads(&shown.expression, path, name));
            let filters = reads(&definition.rest, path, name);
            let unread = definition.columns.is_none() && reads(&definition.query, path, name);
            let alone = definition.reads.iter().all(|id| *id == relation.id);
            let certain = alone && (shows || filters);
            (shows || filters || unread)
                .then(|| Dependent { what: format!("the {} {view}", other.kind.word()), certain })
        });
        policies.chain(views).collect()
    }
}

fn sure(what: String) -> Dependent {
    Dependent { what, certain: true }
}

/// Whether a line of SQL names a column: not a function, not something of another table, not a name that is given.
fn reads(line: &str, path: &Path, name: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    let at = |at: usize| words.get(at).copied().unwrap_or_default();
    words.iter().enumerate().any(|(place, word)| {
        let before = place.checked_sub(1).map(at).unwrap_or_default();
        let owner = place.checked_sub(2).map(at).unwrap_or_default();
        let schema = before == "." && owner == "auth" && path.name != "auth";
        word.trim_matches('"') == name && at(place + 1) != "(" && before != "as" && !schema
    })
}

/// Whether a policy reads a column of its table, and whether that is certain: in a query it may be another's.
fn reads_in_policy(policy: &Policy, path: &Path, name: &str) -> Option<bool> {
    let texts: Vec<&String> = [&policy.using, &policy.check].into_iter().flatten().collect();
    if !texts.iter().any(|text| reads(text, path, name)) {
        return None;
    }
    let queries = texts.iter().any(|text| text.split(' ').any(|word| word == "from"));
    Some(!queries)
}

/// Whether a trigger fires on updates of a column, or asks for it in its condition.
fn asks_for(trigger: &Trigger, name: &str) -> bool {
    let mut parts = trigger.definition.split(" | ");
    let (event, condition) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let of = event.split_once(" of ").is_some_and(|(_, columns)| {
        columns.split(' ').take_while(|word| *word != "or").any(|word| word.trim_matches('"') == name)
    });
    let padded = format!(" {condition} ");
    of || ["new", "old"].iter().any(|row| padded.contains(&format!(" {row} . {name} ")))
}
