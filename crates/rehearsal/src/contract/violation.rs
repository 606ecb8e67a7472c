//! What broke a contract, in words.

use std::fmt;

use super::Vendor;

/// One way in which an exchange broke the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The operation (`POST /services/{serviceId}/deploys`), or the method and
    /// path of a call that the document does not know.
    pub operation: String,
    /// Where: `request body`, `response 200`, `query`, ...
    pub place: String,
    /// The JSON pointer within a body; empty for its root and elsewhere.
    pub pointer: String,
    /// What is wrong, with no values in it.
    pub what: String,
    /// What stood there, secrets taken out; empty when nothing did.
    pub excerpt: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, self.place)?;
        if !self.pointer.is_empty() {
            write!(f, " at {}", self.pointer)?;
        }
        write!(f, ": {}", self.what)?;
        if !self.excerpt.is_empty() {
            write!(f, ": {}", self.excerpt)?;
        }
        Ok(())
    }
}

/// A violation that does not know its operation yet.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) place: String,
    pub(super) pointer: String,
    pub(super) what: String,
    pub(super) excerpt: String,
}

impl Finding {
    pub(super) fn new(place: &str, what: impl Into<String>) -> Self {
        Self { place: place.to_owned(), pointer: String::new(), what: what.into(), excerpt: String::new() }
    }

    pub(super) fn of(self, operation: &str) -> Violation {
        Violation {
            operation: operation.to_owned(),
            place: self.place,
            pointer: self.pointer,
            what: self.what,
            excerpt: self.excerpt,
        }
    }
}

/// Every violation that a judge found.
#[derive(Debug, thiserror::Error)]
#[error("keep the {} contract: {} violations in {judged} exchanges\n{}", .vendor.name(), .violations.len(), lines(.violations))]
#[non_exhaustive]
pub struct Violations {
    /// Whose contract.
    pub vendor: Vendor,
    /// How many exchanges were judged.
    pub judged: u64,
    /// What was found.
    pub violations: Vec<Violation>,
}

fn lines(violations: &[Violation]) -> String {
    const SHOWN: usize = 20;
    let mut lines: Vec<String> =
        violations.iter().take(SHOWN).map(|violation| format!("  {violation}")).collect();
    if violations.len() > SHOWN {
        lines.push(format!("  and {} more", violations.len() - SHOWN));
    }
    lines.join("\n")
}
