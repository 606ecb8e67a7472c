//! The faults of a database, statement by statement, and how a run may end after one.

use std::fmt;

use rehearsal::postgres::{Relay, Strike};

/// One fault at one statement.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    /// Which one of the run, from 1.
    nth: usize,
    /// In the words of the relay.
    pub(crate) told: String,
    pub(crate) strike: Strike,
    /// Whether the same was asked before.
    pub(crate) is_repeated: bool,
    /// How often somebody had logged in before it, with it.
    pub(crate) session: usize,
    /// Whether it belongs to a transaction that only reads.
    pub(crate) only_reads: bool,
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at statement {}: {}", self.strike, self.nth, self.told)
    }
}

/// No right, a read-only server, a missing table, a statement that took too long, a defect of the server.
const REFUSALS: [&str; 5] = ["42501", "25006", "42P01", "57014", "XX000"];

/// No room for one more client, still starting, a wrong password.
const REFUSED_LOGINS: [&str; 3] = ["53300", "57P03", "28P01"];

/// Codes that mean "later" (PostgreSQL docs, appendix A).
const PASSING: [&str; 3] = ["57014", "53300", "57P03"];

/// What is set before anything is asked for: in most sessions, and in those that migrate.
const SETTINGS: [&str; 2] = ["set statement_timeout", "reset session authorization"];

impl Statement {
    /// Every fault at every one of these.
    pub(crate) fn all(statements: &[String]) -> Vec<Self> {
        let (mut session, mut only_reads) = (0, false);
        let mut all = Vec::new();
        for (index, told) in statements.iter().enumerate() {
            session += usize::from(told == "log in");
            if told.starts_with("START TRANSACTION") {
                only_reads = told.contains("READ ONLY");
            }
            let strikes = Self::strikes(told).into_iter();
            let (told, is_repeated) =
                (told.clone(), statements.iter().take(index).any(|other| other == told));
            all.extend(strikes.map(|strike| Self {
                nth: index + 1,
                told: told.clone(),
                strike,
                is_repeated,
                session,
                only_reads,
            }));
            // What follows stands in no transaction until the next one begins.
            only_reads &= told != "COMMIT";
        }
        all
    }

    fn strikes(told: &str) -> Vec<Strike> {
        let mut strikes = vec![Strike::Before, Strike::After, Strike::Silence];
        if told == "log in" {
            strikes.extend(REFUSED_LOGINS.map(Strike::Refuse));
        } else {
            strikes.push(Strike::Terminate);
            strikes.extend(REFUSALS.map(Strike::Refuse));
        }
        strikes
    }

    pub(crate) fn arm(&self, relay: &Relay) {
        relay.strike_at(self.nth, self.strike);
    }

    /// How a run ends that met it; one that `waits` looks again.
    pub(crate) fn ending<'a>(&self, waits: bool, usual: &'a str) -> &'a str {
        match self.strike {
            Strike::Refuse(code) if !PASSING.contains(&code) => "denied",
            Strike::Refuse(_) if !waits && !self.is_of_a_connection() => "unreachable",
            // A connection that breaks is made anew, and what was asked is asked again.
            _ => usual,
        }
    }

    /// Whether it comes before anything is asked of the ledger.
    fn is_of_a_connection(&self) -> bool {
        self.told == "log in" || SETTINGS.iter().any(|settings| self.told.starts_with(settings))
    }
}
