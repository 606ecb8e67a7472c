//! Names that misbehave on request.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::record::fold;
use crate::fault::{Schedule, When};

/// What a question about a name meets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// SERVFAIL: the server failed.
    ServFail,
    /// REFUSED: the server will not answer.
    Refuse,
    /// No answer at all.
    Drop,
    /// What the name answered before its last change, as a part of the edge does
    /// that the change has not reached. With [`When::Always`] it never arrives;
    /// with [`When::Every`] the name answers old and new in turns. Does not
    /// strike while the name has not changed.
    Stale,
    /// A CNAME to this target, which no record holds.
    Wrong(String),
    /// Over UDP an empty answer that is marked as cut off; over TCP the real one.
    Truncate,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServFail => f.write_str("SERVFAIL"),
            Self::Refuse => f.write_str("REFUSED"),
            Self::Drop => f.write_str("dropped"),
            Self::Stale => f.write_str("stale answer"),
            Self::Wrong(target) => write!(f, "wrong answer {target}"),
            Self::Truncate => f.write_str("truncated"),
        }
    }
}

/// The rules of one name server; a handle, cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct DnsFaults(Arc<Mutex<Vec<Rule>>>);

#[derive(Debug)]
struct Rule {
    /// `None` stands for every name.
    name: Option<String>,
    schedule: Schedule,
    fault: Fault,
    active: bool,
    fired: u64,
}

impl DnsFaults {
    /// Adds a rule for questions of any type about `name`. A question meets the
    /// first rule whose name and time match; each rule counts the questions from
    /// when it was added.
    pub fn on(&self, name: &str, when: When, fault: Fault) {
        self.add(Some(fold(name)), when, fault);
    }

    /// Adds a rule for questions about every name.
    pub fn everywhere(&self, when: When, fault: Fault) {
        self.add(None, when, fault);
    }

    /// Takes all rules back.
    pub fn clear(&self) {
        self.with(|rules| rules.iter_mut().for_each(|rule| rule.active = false));
    }

    /// How many questions met a fault.
    #[must_use]
    pub fn fired(&self) -> u64 {
        self.with(|rules| rules.iter().map(|rule| rule.fired).sum())
    }

    /// The rules that never struck, in words: empty at the end of a good test.
    #[must_use]
    pub fn unfired(&self) -> Vec<String> {
        let in_words = |rule: &Rule| {
            let name = rule.name.as_deref().unwrap_or("every name");
            format!("{} on {name}", rule.fault)
        };
        self.with(|rules| rules.iter().filter(|rule| rule.fired == 0).map(in_words).collect())
    }

    /// Counts a question about `name` (folded) and says what it meets.
    pub(super) fn strike(&self, name: &str, has_past: bool) -> Option<Fault> {
        self.with(|rules| {
            let mut struck = None;
            for rule in rules.iter_mut() {
                let concerns = rule.name.as_deref().is_none_or(|of| of == name);
                if !rule.active || !concerns {
                    continue;
                }
                let due = rule.schedule.is_due();
                let possible = rule.fault != Fault::Stale || has_past;
                if due && possible && struck.is_none() {
                    rule.fired += 1;
                    struck = Some(rule.fault.clone());
                }
            }
            struck
        })
    }

    fn add(&self, name: Option<String>, when: When, fault: Fault) {
        let schedule = Schedule::new(when);
        self.with(|rules| rules.push(Rule { name, schedule, fault, active: true, fired: 0 }));
    }

    fn with<T>(&self, look: impl FnOnce(&mut Vec<Rule>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_matches_strikes_and_all_count() {
        let faults = DnsFaults::default();
        faults.on("API.example.com.", When::First(1), Fault::ServFail);
        faults.everywhere(When::First(2), Fault::Drop);
        faults.on("never.example.com", When::Always, Fault::Refuse);
        assert_eq!(faults.strike("api.example.com", false), Some(Fault::ServFail));
        assert_eq!(faults.strike("app.example.com", false), Some(Fault::Drop));
        assert_eq!(faults.strike("app.example.com", false), None);
        assert_eq!(faults.unfired(), ["REFUSED on never.example.com"]);
        assert_eq!(faults.fired(), 2);
    }

    #[test]
    fn a_stale_answer_needs_a_past() {
        let faults = DnsFaults::default();
        faults.on("api.example.com", When::Always, Fault::Stale);
        assert_eq!(faults.strike("api.example.com", false), None);
        assert_eq!(faults.strike("api.example.com", true), Some(Fault::Stale));
        faults.clear();
        assert_eq!(faults.strike("api.example.com", true), None);
    }
}
