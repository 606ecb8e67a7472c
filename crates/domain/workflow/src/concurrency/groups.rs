//! Runs that wait for one another, in the groups of a repository.
//!
//! | rule | source |
//! |---|---|
//! | one run of a group works; upper and lower case of its name are the same | GitHub, "Control the concurrency of workflows and jobs" |
//! | `queue: single`: a newer run takes the place of the one that waits, which is cancelled | the same |
//! | `queue: max`: a hundred wait and start in the order in which they came; one more is cancelled | the same |
//! | `cancel-in-progress`: the run that works is cancelled; the newer one starts when that has ended | the same |

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use super::{Concurrency, Queue};

/// How many runs of one group may wait with [`Queue::Max`] (GitHub, "Control the concurrency of workflows and jobs").
pub const MAX_WAITING: usize = 100;

/// All concurrency groups of a repository. `K` tells runs apart.
#[derive(Clone, Debug)]
pub struct Groups<K> {
    /// By name in small letters.
    groups: BTreeMap<String, Group<K>>,
}

/// What is to be done with a run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Order<K> {
    /// It is its turn.
    Start(K),
    /// It is to be cancelled, whether it works or waits; one that works is still to [`Groups::leave`].
    Cancel(K, Cause),
}

/// Why a run is cancelled; printed as a sentence that names the group.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Cause {
    /// A newer run of this group came.
    Superseded(String),
    /// As many as may wait in this group did so already.
    Full(String),
}

/// The first in the words of GitHub's annotation.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Superseded(group) => {
                write!(f, "Canceling since a higher priority waiting request for '{group}' exists")
            }
            Self::Full(group) => {
                write!(f, "Canceling since {MAX_WAITING} requests for '{group}' are waiting already")
            }
        }
    }
}

#[derive(Clone, Debug)]
struct Group<K> {
    working: K,
    waiting: VecDeque<K>,
}

impl<K> Default for Groups<K> {
    fn default() -> Self {
        Self { groups: BTreeMap::new() }
    }
}

impl<K: Copy + Eq> Groups<K> {
    /// A run comes into a group, with the rules of its own workflow file. It waits unless it is told to start.
    pub fn arrive(&mut self, group: &str, run: K, rules: &Concurrency) -> Vec<Order<K>> {
        let Some(state) = self.groups.get_mut(&group.to_lowercase()) else {
            let state = Group { working: run, waiting: VecDeque::new() };
            self.groups.insert(group.to_lowercase(), state);
            return vec![Order::Start(run)];
        };
        let mut orders = Vec::new();
        let superseded = |run| Order::Cancel(run, Cause::Superseded(group.to_owned()));
        match rules.queue {
            Queue::Single => orders.extend(state.waiting.drain(..).map(superseded)),
            Queue::Max if state.waiting.len() >= MAX_WAITING => {
                return vec![Order::Cancel(run, Cause::Full(group.to_owned()))];
            }
            Queue::Max => {}
        }
        if rules.cancel_in_progress {
            orders.push(superseded(state.working));
        }
        state.waiting.push_back(run);
        orders
    }

    /// A run is over, or was cancelled while it waited. A run that is in no group changes nothing.
    pub fn leave(&mut self, group: &str, run: K) -> Vec<Order<K>> {
        let group = group.to_lowercase();
        let Some(state) = self.groups.get_mut(&group) else { return Vec::new() };
        if state.working != run {
            state.waiting.retain(|waiting| *waiting != run);
            return Vec::new();
        }
        let Some(next) = state.waiting.pop_front() else {
            self.groups.remove(&group);
            return Vec::new();
        };
        state.working = next;
        vec![Order::Start(next)]
    }
}

#[cfg(test)]
mod tests {
    use super::Order::{Cancel, Start};
    use super::*;
    use crate::Workflow;

    fn rules(text: &str) -> Concurrency {
        let job = "jobs: {a: {runs-on: x, steps: [{run: x}]}}";
        let text = format!("on: {{push: {{}}}}\nconcurrency: {{group: x{text}}}\n{job}\n");
        Workflow::parse(&text).unwrap().concurrency.unwrap()
    }

    fn superseded(run: u32) -> Order<u32> {
        Cancel(run, Cause::Superseded("x".to_owned()))
    }

    /// GitHub, "Control the concurrency of workflows and jobs": `single`, the default.
    #[test]
    fn by_default_one_waits_and_a_newer_one_replaces_it() {
        for rules in [rules(""), rules(", queue: single"), rules(", cancel-in-progress: false")] {
            let mut groups = Groups::default();
            assert_eq!(groups.arrive("x", 1, &rules), [Start(1)]);
            assert_eq!(groups.arrive("x", 2, &rules), []);
            assert_eq!(groups.arrive("x", 3, &rules), [superseded(2)]);
            assert_eq!(groups.leave("x", 2), [], "it has left already");
            assert_eq!(groups.leave("x", 1), [Start(3)]);
            assert_eq!(groups.leave("x", 3), []);
            assert_eq!(groups.arrive("x", 4, &rules), [Start(4)]);
        }
    }

    /// The same page: `cancel-in-progress`.
    #[test]
    fn the_one_that_works_is_cancelled_and_the_newer_one_waits_for_its_end() {
        let rules = rules(", cancel-in-progress: true");
        let mut groups = Groups::default();
        assert_eq!(groups.arrive("x", 1, &rules), [Start(1)]);
        assert_eq!(groups.arrive("x", 2, &rules), [superseded(1)]);
        assert_eq!(groups.arrive("x", 3, &rules), [superseded(2), superseded(1)]);
        assert_eq!(groups.leave("x", 1), [Start(3)]);
    }

    /// The same page: `max`.
    #[test]
    fn a_hundred_wait_and_start_in_the_order_in_which_they_came() {
        let rules = rules(", queue: max");
        let mut groups = Groups::default();
        assert_eq!(groups.arrive("x", 0, &rules), [Start(0)]);
        for run in 1..=100 {
            assert_eq!(groups.arrive("x", run, &rules), [], "{run}");
        }
        assert_eq!(groups.arrive("x", 101, &rules), [Cancel(101, Cause::Full("x".to_owned()))]);
        assert_eq!(groups.leave("x", 101), []);
        assert_eq!(groups.leave("x", 50), [], "cancelled while it waited");
        assert_eq!(groups.arrive("x", 102, &rules), [], "there is room again");
        let order = (1..=102).filter(|run| ![50, 101].contains(run));
        let mut working = 0;
        for run in order {
            assert_eq!(groups.leave("x", working), [Start(run)]);
            working = run;
        }
        assert_eq!(groups.leave("x", working), []);
    }

    /// The same page: the name ignores case; groups do not wait for each other.
    #[test]
    fn a_group_is_its_name_in_any_case() {
        let rules = rules("");
        let mut groups = Groups::default();
        assert_eq!(groups.arrive("Prod", 1, &rules), [Start(1)]);
        assert_eq!(groups.arrive("prod", 2, &rules), []);
        assert_eq!(groups.arrive("staging", 3, &rules), [Start(3)]);
        assert_eq!(groups.leave("PROD", 1), [Start(2)]);
        assert_eq!(groups.leave("nothing", 9), []);
    }

    #[test]
    fn causes_name_the_group() {
        let words = Cause::Superseded("deploy".to_owned()).to_string();
        assert_eq!(words, "Canceling since a higher priority waiting request for 'deploy' exists");
        let words = Cause::Full("deploy".to_owned()).to_string();
        assert_eq!(words, "Canceling since 100 requests for 'deploy' are waiting already");
    }
}
