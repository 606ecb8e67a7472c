//! Killed before and after each request, and run again: one marker.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rehearsal::fault::{Rule, What, When};

use crate::world::{RECORDER, STATUS, STATUSES, World};

fn program(world: &World, commit: &str, outputs: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_staging-marker"));
    command
        .args(["--mode", "record", "--commit", commit])
        .env_clear()
        .envs(world.variables(RECORDER))
        .env("GITHUB_OUTPUT", outputs)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs until the rule strikes, then is gone.
fn kill_at(world: &World, rule: &Rule) {
    let folder = tempfile::tempdir().unwrap();
    let mut child = program(world, world.head(), &folder.path().join("output")).spawn().unwrap();
    let struck = (0..2_000).any(|_| {
        std::thread::sleep(Duration::from_millis(5));
        rule.fired() > 0
    });
    child.kill().unwrap();
    child.wait().unwrap();
    rule.cancel();
    assert!(struck, "it never came to the request");
}

/// The word that a whole run ends with.
fn run(world: &World) -> String {
    let folder = tempfile::tempdir().unwrap();
    let outputs = folder.path().join("output");
    let done = program(world, world.head(), &outputs).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let written = rehearsal::runner::outputs(&std::fs::read_to_string(&outputs).unwrap());
    assert_eq!(written.get("found").map(String::as_str), Some("true"));
    written.get("result").cloned().unwrap_or_default()
}

#[test]
fn killed_before_any_request_the_next_run_marks_once() {
    let world = World::new();
    assert_eq!(run(&world), "success");
    let asked = world.api.journal().lines();
    assert_eq!(asked.len(), 3, "every request has its place below: {asked:?}");
    for (route, nth) in [(STATUSES, 1), (STATUSES, 2), (STATUS, 1)] {
        let world = World::new();
        kill_at(&world, &world.faults().on(route, When::Nth(nth), What::Hang));
        assert_eq!(world.states(world.head()), [""; 0], "{route} {nth}");
        assert_eq!(
            (run(&world), run(&world)),
            ("success".to_owned(), "unchanged".to_owned()),
            "{route} {nth}"
        );
        assert_eq!(world.states(world.head()), ["success"], "{route} {nth}");
    }
}

#[test]
fn killed_after_the_marker_was_set_the_next_run_finds_it() {
    let world = World::new();
    // Its answer is lost, and the search for it hangs: the marker is there, and nobody knows.
    let lost = world.faults().on(STATUS, When::First(1), What::ApplyThenLose);
    kill_at(&world, &world.faults().on(STATUSES, When::Nth(3), What::Hang));
    assert_eq!((lost.fired(), world.states(world.head())), (1, vec!["success".to_owned()]));
    assert_eq!(run(&world), "unchanged");
    assert_eq!(world.states(world.head()), ["success"]);
}
