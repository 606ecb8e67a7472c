//! Runs between two steps: how long nothing new has shown of them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use supabase::ActionRun;

/// What was last seen of each run, and since when.
///
/// The runs' own times are text of no promised form, so what counts is how long this run has watched, by its own clock.
#[derive(Debug, Default)]
pub(crate) struct Quiet(RefCell<BTreeMap<String, (usize, Instant)>>);

impl Quiet {
    /// For how long a run has shown no further step, as far as was watched.
    pub(crate) fn lasts(&self, run: &ActionRun, now: Instant) -> Duration {
        let (mut watched, steps) = (self.0.borrow_mut(), run.steps.len());
        let seen = watched.entry(run.id.to_string()).or_insert((steps, now));
        if seen.0 != steps {
            *seen = (steps, now);
        }
        now - seen.1
    }
}
