//! Whether a rehearsal ended as promised.

use crate::visitors::{self, Colour, Tally};
use crate::world::World;

use super::fault::{Fault, Guard};

/// How a job ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// Whether every step succeeded.
    pub(super) succeeded: bool,
    /// The action of the last step that ran.
    pub(super) last: &'static str,
    /// Its `result`, empty when it was killed.
    pub(super) result: String,
}

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
        let live = world.platform.render.live_deploy(&world.green);
        if !matches!(live, Ok(Some(_))) {
            self.object("green has no live deploy after the second run".to_owned());
        }
    }

    /// The public name and the visitors are where they must be.
    pub(super) fn settled(&mut self, world: &World, end: Colour, last: Tally) {
        let service = match end {
            Colour::Blue => &world.blue,
            Colour::Green => &world.green,
        };
        let (target, wanted) = (world.public_target(), world.origin(service).unwrap_or_default());
        if target != wanted {
            self.object(format!("the public name points at {target}, not at {wanted}"));
        }
        if !last.is_on(end) {
            let served = last.blue + last.green;
            let wrong = served - last.of_colour(end);
            self.object(format!("{wrong} of {served} visitors were on the other colour in the end"));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(succeeded: bool, last: &'static str, result: &str) -> Ended {
        Ended { succeeded, last, result: result.to_owned() }
    }

    fn objections(judge: impl FnOnce(&mut Verdict)) -> usize {
        let mut verdict = Verdict::default();
        judge(&mut verdict);
        assert_eq!(verdict.passed(), verdict.objections().is_empty());
        verdict.objections().len()
    }

    #[test]
    fn an_end_must_be_the_promised_one() {
        let green = ended(true, "cname-flip", "success");
        let failed = ended(false, "render-deploy", "failed");
        let denied = ended(false, "render-deploy", "denied");
        assert_eq!(objections(|verdict| verdict.ending(Fault::None, &green)), 0);
        assert_eq!(objections(|verdict| verdict.ending(Fault::None, &failed)), 1);
        assert_eq!(objections(|verdict| verdict.ending(Fault::BuildFailure, &failed)), 0);
        assert_eq!(objections(|verdict| verdict.ending(Fault::BuildFailure, &denied)), 1);
        assert_eq!(objections(|verdict| verdict.ending(Fault::BuildFailure, &green)), 1);
    }

    #[test]
    fn one_failed_visit_is_too_many_and_none_at_all_too_few() {
        let seen = |blue, failed| visitors::Report {
            lasted: std::time::Duration::ZERO,
            total: Tally { blue, green: 0, failed },
            hosts: std::collections::BTreeMap::new(),
            failures: Vec::new(),
            failures_left_off: failed,
        };
        assert_eq!(objections(|verdict| verdict.visitors(&seen(9, 0))), 0);
        assert_eq!(objections(|verdict| verdict.visitors(&seen(9, 1))), 1);
        assert_eq!(objections(|verdict| verdict.visitors(&seen(0, 0))), 1);
    }

    #[test]
    fn the_name_and_the_visitors_must_be_on_the_promised_colour() {
        let world = World::start("0123456789abcdef0123456789abcdef01234567").unwrap();
        let last = |blue, green| Tally { blue, green, failed: 0 };
        assert_eq!(objections(|verdict| verdict.settled(&world, Colour::Blue, last(20, 0))), 0);
        assert_eq!(objections(|verdict| verdict.settled(&world, Colour::Blue, last(2, 18))), 1);
        assert_eq!(objections(|verdict| verdict.settled(&world, Colour::Blue, last(0, 0))), 1);
        assert_eq!(objections(|verdict| verdict.settled(&world, Colour::Green, last(20, 0))), 2);
    }
}
