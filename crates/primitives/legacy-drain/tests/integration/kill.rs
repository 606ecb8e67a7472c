//! Killed at any moment and run again: the same end, one service, one deploy, and no
//! row handled twice.

use std::sync::Mutex;

use rehearsal::fault::{What, When};

use crate::world::{World, end};

const SERVICES: &str = "GET /v1/services";
const CREATE: &str = "POST /v1/services";
const CANCEL: &str = "POST /v1/services/{id}/deploys/{deploy}/cancel";
const LINK: &str = "POST /v1/env-groups/{id}/services/{id}";
const SET: &str = "PUT /v1/services/{id}/env-vars/{key}";
const ASK: &str = "POST /v1/services/{id}/deploys";
const LOOK: &str = "GET /v1/services/{id}/deploys/{deploy}";
const UNMARK: &str = "DELETE /v1/services/{id}/env-vars/{key}";
const DELETE: &str = "DELETE /v1/services/{id}";

/// Every request of a run that comes after another one's effect: while it hangs,
/// everything before it has happened, and itself has not.
const MOMENTS: [(&str, u64); 15] = [
    (CREATE, 1),
    ("GET /v1/services/{id}/deploys", 1),
    (CANCEL, 1),
    ("GET /v1/env-groups/{id}", 1),
    (LINK, 1),
    (SET, 1),
    (SET, 2),
    (SET, 4),
    (SET, 5),
    (ASK, 1),
    // The first two are for the deploy that the creation began.
    (LOOK, 1),
    (LOOK, 3),
    (UNMARK, 1),
    ("GET /v1/logs", 1),
    (DELETE, 1),
];

/// Tries every case, four at a time: each has a database of its own.
fn each(cases: &[(&'static str, u64)], attempt: impl Fn(&'static str, u64) + Sync) {
    let queue = Mutex::new(cases.iter());
    let next = || queue.lock().unwrap().next().copied();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((route, nth)) = next() {
                    attempt(route, nth);
                }
            });
        }
    });
}

#[test]
fn killed_anywhere_the_next_run_ends_the_same() {
    each(&MOMENTS, |route, nth| {
        let world = World::new();
        world.kill_at(route, nth);
        let run = world.drain();
        assert_eq!(end(&run), (0, "success"), "{route} {nth}: {}", run.stderr);
        world.assert_drained();
        let counts = ["create", "deploy", "link", "cancel"].map(|effect| world.count(effect));
        // The first deploy may have ended by itself meanwhile.
        assert!(matches!(counts, [1, 1, 1, 0 | 1]), "{route} {nth}: {counts:?}");
        world.assert_settled();
    });
}

/// Every request that changes something is carried out, and the run dies before it hears.
#[test]
fn killed_while_an_effect_is_being_answered() {
    each(
        &[(CREATE, 1), (CANCEL, 1), (LINK, 1), (SET, 3), (ASK, 1), (UNMARK, 1), (DELETE, 1)],
        |route, nth| {
            let world = World::new();
            let rule = world.faults().on(route, When::Nth(nth), What::ApplyThenLose);
            let ended = world.run_until(&rule);
            assert!(ended.is_none(), "{route}: {ended:?}");
            let run = world.drain();
            assert_eq!(run.ending.code(), 0, "{route} {nth}: {}", run.stderr);
            world.assert_drained();
            assert_eq!((world.count("create"), world.count("deploy")), (1, 1), "{route} {nth}");
            world.assert_settled();
        },
    );
}

/// An answer that is lost is no reason to fail, or to do it twice.
#[test]
fn lost_answers_are_looked_after() {
    each(
        &[(CREATE, 1), (CANCEL, 1), (LINK, 1), (SET, 3), (ASK, 1), (DELETE, 1), (SERVICES, 1)],
        |route, nth| {
            let world = World::new();
            let rule = world.faults().on(route, When::Nth(nth), What::ApplyThenLose);
            let run = world.drain();
            assert_eq!(rule.fired(), 1, "{route}");
            assert_eq!(end(&run), (0, "success"), "{route} {nth}: {}", run.stderr);
            world.assert_drained();
            assert_eq!((world.count("create"), world.count("deploy")), (1, 1), "{route} {nth}");
        },
    );
}

/// A vendor that is away for a moment, at every request.
#[test]
fn passing_faults_are_waited_out() {
    each(&MOMENTS, |route, nth| {
        let world = World::new();
        let rule = world.faults().on(route, When::Nth(nth), What::status(503));
        let run = world.drain();
        assert_eq!(rule.fired(), 1, "{route}");
        // A POST that says 503 may have been applied or not: asking again is left to a person.
        if run.ending.code() != 0 {
            assert!(run.error().contains("hint: "), "{route} {nth}: {}", run.error());
            let run = world.drain();
            assert_eq!(end(&run), (0, "success"), "{route} {nth}: {}", run.stderr);
        }
        world.assert_drained();
        assert_eq!((world.count("create"), world.count("deploy")), (1, 1), "{route} {nth}");
    });
}
