//! Runs that wait for one another.

use std::collections::{BTreeMap, VecDeque};

use workflow::workflow::{Concurrency, Queue};

/// One attempt of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) run: u64,
    pub(super) attempt: u32,
}

/// What is to be done with a run.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Order {
    Start(Key),
    /// For this reason.
    Cancel(Key, String),
}

/// All concurrency groups of a repository, by name in small letters.
#[derive(Debug, Default)]
pub(super) struct Queues(BTreeMap<String, Group>);

#[derive(Debug, Default)]
struct Group {
    working: Option<Key>,
    waiting: VecDeque<Key>,
}

impl Queues {
    /// A run comes into a group.
    pub(super) fn arrive(&mut self, group: &str, key: Key, rules: &Concurrency) -> Vec<Order> {
        let superseded = |key| {
            Order::Cancel(
                key,
                format!("Canceling since a higher priority waiting request for '{group}' exists"),
            )
        };
        let state = self.0.entry(group.to_lowercase()).or_default();
        let Some(working) = state.working else {
            state.working = Some(key);
            return vec![Order::Start(key)];
        };
        let mut orders = Vec::new();
        if rules.queue == Queue::Single {
            orders.extend(state.waiting.drain(..).map(superseded));
        }
        if rules.cancel_in_progress {
            orders.push(superseded(working));
        }
        state.waiting.push_back(key);
        orders
    }

    /// A run is over, or was cancelled while it waited.
    pub(super) fn leave(&mut self, group: &str, key: Key) -> Vec<Order> {
        let Some(state) = self.0.get_mut(&group.to_lowercase()) else { return Vec::new() };
        state.waiting.retain(|waiting| *waiting != key);
        if state.working != Some(key) {
            return Vec::new();
        }
        state.working = state.waiting.pop_front();
        state.working.map(Order::Start).into_iter().collect()
    }
}
