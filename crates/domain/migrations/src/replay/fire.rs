//! What rows that a migration writes set off: the triggers of their table, and the defaults of its columns.

use super::{Aspect, Replay};
use crate::catalogue::{Id, Trigger};
use crate::name::Name;
use crate::statement::Action;

impl Replay {
    /// Runs what a statement on rows sets off, as far as it may change a schema.
    pub(super) fn fires(&mut self, action: &Action) {
        match action {
            Action::Insert { table, .. } => {
                self.defaults(table);
                self.triggers(table, "insert");
            }
            Action::Update { table, .. } => self.triggers(table, "update"),
            Action::Delete { table, .. } => self.triggers(table, "delete"),
            Action::Merge { table, .. } => {
                self.defaults(table);
                ["insert", "update", "delete"].iter().for_each(|event| self.triggers(table, event));
            }
            Action::Refresh { view, empty: false } => self.shown_again(view),
            Action::Truncate { tables, .. } => {
                tables.iter().for_each(|table| self.triggers(table, "truncate"))
            }
            _ => {}
        }
    }

    /// A materialized view that is refreshed runs its query.
    fn shown_again(&mut self, view: &Name) {
        let path = self.now.relation_path(view, &self.search);
        let shown = path.and_then(|path| self.now.relations.get(&path)?.view.as_ref());
        if let Some(query) = shown.map(|view| view.query.clone()).filter(|_| !self.now.functions.is_empty()) {
            self.evaluated(&crate::syntax::words(&query));
        }
    }

    fn defaults(&mut self, table: &Name) {
        if self.now.functions.is_empty() {
            return;
        }
        let path = self.now.relation_path(table, &self.search);
        let Some(relation) = path.and_then(|path| self.now.relations.get(&path)) else { return };
        let calls = relation.columns.iter().filter_map(|column| column.default.as_deref());
        let called: Vec<Name> = calls.flat_map(crate::lower::calls).collect();
        self.calls(&called);
    }

    fn triggers(&mut self, table: &Name, event: &str) {
        let path = self.now.relation_path(table, &self.search);
        let Some(relation) = path.and_then(|path| self.now.relations.get(&path)) else { return };
        if relation.triggers.is_empty() {
            return;
        }
        let fired = |trigger: &&Trigger| {
            let moment = trigger.definition.split(" | ").next().unwrap_or_default();
            trigger.enabled && moment.split(' ').any(|word| word == event)
        };
        let fired: Vec<Trigger> = relation.triggers.iter().filter(fired).cloned().collect();
        for trigger in fired {
            let functions = self.now.functions.get(&trigger.function).cloned().unwrap_or_default();
            for function in functions {
                let Some(body) = function.body else { continue };
                // What running code sets off with each of its writes is nothing that this change does.
                let new = !self.is_old(trigger.id) || self.is_changed(function.id);
                let acts = new && (self.pending || may_change_a_schema(&body.text));
                if acts && self.called.insert(function.id) {
                    self.run_called(&body, &function.language);
                }
            }
        }
    }

    /// Whether the pending set made or changed a function.
    fn is_changed(&self, function: Id) -> bool {
        !self.is_old(function) || self.touches.contains_key(&(function, Aspect::Shape))
    }
}

/// Whether a text has a word that begins a statement on the schema, or one that runs what stands elsewhere.
fn may_change_a_schema(text: &str) -> bool {
    const WORDS: [&str; 9] =
        ["create", "alter", "drop", "truncate", "execute", "perform", "call", "grant", "revoke"];
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.any(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}
