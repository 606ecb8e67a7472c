//! Whether a rehearsal ended as promised.

use crate::visitors::{self, Tally};
use crate::world::World;

use super::fault::{End, Fault, Guard};
use super::job::Ended;

/// The share of visitors whose resolvers hold on to old answers, with room for
/// chance: at the end no more than this share may see the other colour.
const STRAGGLERS: f64 = 0.35;

/// What was not as promised, if anything.
#[derive(Debug, Default)]
pub(super) struct Verdict(Vec<String>);

impl Verdict {
    /// Adds an objection.
    pub(super) fn object(&mut self, objection: String) {
        self.0.push(objection);
    }

    /// The objections so far.
    pub(super) fn objections(&self) -> &[String] {
        &self.0
    }

    /// Whether there are none.
    pub(super) fn passed(&self) -> bool {
        self.0.is_empty()
    }

    /// The verdict as a sentence.
    pub(super) fn words(&self) -> String {
        match self.0.len() {
            0 => "The rehearsal passed: it ended as promised, and no visitor noticed.".to_owned(),
            count => format!("The rehearsal FAILED: {count} things were not as promised."),
        }
    }

    /// The job ended in the step, and with the word, that the fault promises.
    pub(super) fn ending(&mut self, fault: Fault, ended: &Ended) {
        let promised = fault.failing();
        let seen = (!ended.succeeded).then_some((ended.last, ended.result.as_str()));
        if seen != promised {
            self.object(format!("the job ended with {seen:?}, not with {promised:?}"));
        }
    }

    /// The fault really struck: without that nothing was rehearsed.
    pub(super) fn struck(&mut self, fault: Fault, guard: &Guard) {
        if !guard.struck() {
            self.object(format!("the fault {} never struck", fault.name()));
        }
    }

    /// The second run of a job succeeded, and deployed no second time.
    pub(super) fn converged(&mut self, world: &World, again: &Ended) {
        if !again.succeeded {
            self.object(format!("the second run ended in {} as {}", again.last, again.result));
        }
        let live = world.render.live_deploy(&world.green);
        if !matches!(live, Ok(Some(_))) {
            self.object("green has no live deploy after the second run".to_owned());
        }
    }

    /// The public name and the visitors are where they must be.
    pub(super) fn settled(&mut self, world: &World, end: End, last: Tally) {
        let (service, right, wrong) = match end {
            End::Blue => (&world.blue, last.blue, last.green),
            End::Green => (&world.green, last.green, last.blue),
        };
        let (target, wanted) = (world.public_target(), world.origin(service).unwrap_or_default());
        if target != wanted {
            self.object(format!("the public name points at {target}, not at {wanted}"));
        }
        #[expect(clippy::cast_precision_loss, reason = "a second holds few visits")]
        let share = wrong as f64 / (right + wrong).max(1) as f64;
        if right == 0 || share > STRAGGLERS {
            self.object(format!("{wrong} of {} visitors were on the other colour in the end", right + wrong));
        }
    }

    /// Nobody noticed.
    pub(super) fn visitors(&mut self, seen: &visitors::Report) {
        if seen.total.failed > 0 {
            self.object(format!("{} requests of visitors failed", seen.total.failed));
        }
        if seen.total.visits() == 0 {
            self.object("no visitor ever asked".to_owned());
        }
    }
}

/// What came between two counts.
pub(super) fn difference(before: Tally, after: Tally) -> Tally {
    Tally {
        blue: after.blue - before.blue,
        green: after.green - before.green,
        failed: after.failed - before.failed,
    }
}
