//! When a trigger fires: before or after what, for rows or statements, and on which condition.

use super::Judge;
use super::evaluate::{self, Value};
use crate::catalogue::{Relation, Trigger};
use crate::cursor::Cursor;
use crate::syntax;
use crate::token::{Token, line, split_commas};

/// The moment of a trigger.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) before: bool,
    pub(super) row: bool,
    /// `insert`, `update`, `delete`, `truncate`; of updates the columns, if not all count.
    pub(super) events: Vec<(String, Vec<String>)>,
    pub(super) when: Vec<Token>,
    /// The names of its tables of old and new rows.
    pub(super) transitions: Vec<String>,
    /// All but its events and its condition, in one spelling.
    rest: String,
}

impl Moment {
    pub(super) fn of(trigger: &Trigger) -> Self {
        let (event, rest) = trigger.definition.split_once(" | ").unwrap_or((&trigger.definition, ""));
        let (condition, arguments) = rest.rsplit_once(" | ").unwrap_or((rest, ""));
        let (events, words) = (syntax::words(event), syntax::words(condition));
        let mut cursor = Cursor::new(&words);
        let mut kept = cursor.until(&["when"]).to_vec();
        let when =
            if cursor.eat("when") { cursor.brackets().unwrap_or_default().to_vec() } else { Vec::new() };
        kept.extend_from_slice(cursor.rest());
        kept.retain(|token| !token.is("each"));
        let words = |at: usize| kept.get(at).map(|token| token.text.as_str()).unwrap_or_default();
        let row = (0..kept.len()).any(|at| words(at) == "for" && words(at + 1) == "row");
        let table = |at: usize| {
            let named = if words(at + 2) == "as" { at + 3 } else { at + 2 };
            matches!(words(at), "old" | "new")
                .then(|| words(named).to_owned())
                .filter(|_| words(at + 1) == "table")
        };
        let transitions = (0..kept.len()).filter_map(table).collect();
        // For each statement it fires, if nothing is said.
        kept.retain(|token| !["for", "row", "statement"].iter().any(|word| token.is(word)));
        let rest = format!("{} {} {row} {arguments}", trigger.before, line(&kept));
        Self { before: trigger.before, row, events: read_events(&events), when, transitions, rest }
    }

    /// Whether it fires on an event at all.
    pub(super) fn is_on(&self, event: &str) -> bool {
        self.events.iter().any(|(known, _)| known == event)
    }

    /// Whether it fires on nothing else.
    pub(super) fn is_only_on(&self, event: &str) -> bool {
        self.events.iter().all(|(known, _)| known == event)
    }

    /// Whether it fires whenever another one does, in the same way.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let covers = |(event, columns): &(String, Vec<String>)| {
            self.events.iter().any(|(known, all)| {
                known == event
                    && (all.is_empty()
                        || (!columns.is_empty() && columns.iter().all(|one| all.contains(one))))
            })
        };
        let condition = self.when.is_empty() || line(&self.when) == line(&other.when);
        self.rest == other.rest && condition && other.events.iter().all(covers)
    }

    /// Whether it fires always when one of its events happens, and one of them is a write of rows.
    pub(super) fn is_certain(&self) -> bool {
        self.when.is_empty() && !self.is_only_on("truncate")
    }
}

fn read_events(tokens: &[Token]) -> Vec<(String, Vec<String>)> {
    let mut cursor = Cursor::new(tokens);
    let _ = cursor.eat("before") || cursor.eat("after") || cursor.eat("instead of");
    let mut events = Vec::new();
    while let Some(event) = cursor.next() {
        let columns = if cursor.eat("of") { split_commas(cursor.until(&["or"])) } else { Vec::new() };
        let columns = columns.iter().filter_map(|part| Some(part.first()?.name()?.to_owned()));
        events.push((event.text.clone(), columns.collect()));
        cursor.eat("or");
    }
    events
}

impl Judge<'_> {
    /// Whether what running code writes never fires a trigger: it waits for columns that running code does not know.
    pub(super) fn never_fires(&self, relation: &Relation, moment: &Moment) -> bool {
        let is_new = |name: &String| relation.column(name).is_some_and(|column| !self.is_old(column.id));
        let untouched = |name: &String| is_new(name) && !self.is_filled_by_a_trigger(relation, name);
        let waits =
            |(_, columns): &(String, Vec<String>)| !columns.is_empty() && columns.iter().all(untouched);
        if moment.events.iter().all(waits) {
            return true;
        }
        if moment.when.is_empty() || !moment.row {
            return false;
        }
        if let [one, _, column, is, distinct, from, other, _, same] = moment.when.as_slice() {
            let changed = is.is("is") && distinct.is("distinct") && from.is("from");
            let both = (one.is("old") && other.is("new")) || (one.is("new") && other.is("old"));
            let name = column.name().filter(|name| same.name() == Some(name));
            if moment.is_only_on("update")
                && changed
                && both
                && name.is_some_and(|name| untouched(&name.to_owned()))
            {
                return true;
            }
        }
        // What other code wrote into a new column stays there when running code updates the row.
        let given = |name: &str| match relation.column(name) {
            Some(column) if untouched(&column.name) => self.written(relation, relation, name),
            _ => Value::Unknown,
        };
        moment.is_only_on("insert")
            && matches!(evaluate::value(&moment.when, &given), Value::Bool(false) | Value::Null)
    }
}
