//! What the name server was asked, in order.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use super::record::fold;

/// How many questions are kept; the counts go on beyond.
const KEPT: usize = 20_000;

/// How a question came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Over {
    /// A datagram.
    Udp,
    /// A stream.
    Tcp,
}

/// One question, and how it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Query {
    /// In one order with the entries of every twin's journal.
    pub order: u64,
    /// The name in lower case, without a dot at its end.
    pub name: String,
    /// The type, such as `CNAME`.
    pub kind: String,
    /// How it came.
    pub over: Over,
    /// Whether the client asked for recursion, as a resolver's client would.
    pub recursion_desired: bool,
    /// The code of the answer, such as `NoError`; `None` when none was sent.
    pub rcode: Option<String>,
    /// The fault that it met, in words.
    pub fault: Option<String>,
}

/// Every question to a name server; a handle, cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct DnsJournal(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    kept: VecDeque<Query>,
    /// By name and type.
    counts: HashMap<(String, String), u64>,
}

impl DnsJournal {
    /// The latest 20,000 questions, oldest first.
    #[must_use]
    pub fn queries(&self) -> Vec<Query> {
        self.with(|state| state.kept.iter().cloned().collect())
    }

    /// How often `name` was asked for, whatever the type, since the start.
    #[must_use]
    pub fn count(&self, name: &str) -> u64 {
        let name = fold(name);
        self.with(|state| {
            let of_name = state.counts.iter().filter(|((asked, _), _)| *asked == name);
            of_name.map(|(_, count)| count).sum()
        })
    }

    /// How often `name` was asked for records of type `kind`, such as `CNAME`.
    #[must_use]
    pub fn count_of(&self, name: &str, kind: &str) -> u64 {
        let key = (fold(name), kind.to_owned());
        self.with(|state| state.counts.get(&key).copied().unwrap_or_default())
    }

    /// Every name and type that was asked for, with how often, sorted.
    #[must_use]
    pub fn counts(&self) -> Vec<(String, String, u64)> {
        let mut counts = self.with(|state| {
            let counts = state.counts.iter();
            counts.map(|((name, kind), count)| (name.clone(), kind.clone(), *count)).collect::<Vec<_>>()
        });
        counts.sort();
        counts
    }

    pub(super) fn note(&self, query: Query) {
        self.with(|state| {
            *state.counts.entry((query.name.clone(), query.kind.clone())).or_default() += 1;
            if state.kept.len() == KEPT {
                state.kept.pop_front();
            }
            state.kept.push_back(query);
        });
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
