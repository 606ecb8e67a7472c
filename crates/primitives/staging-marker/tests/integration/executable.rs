//! The real executable: run, killed, interrupted, asked for help.

use std::process::Command;

use rehearsal::fault::{What, When};
use rehearsal::own_process::{Run, Running, declared, printed};

use crate::world::{CONTEXT, PROGRAM, READER, RECORDER, STATUS, World};

fn start(world: &World, mode: &str) -> Running {
    let token = if mode == "record" { RECORDER } else { READER };
    Running::start(
        Command::new(PROGRAM)
            .args(["--mode", mode, "--commit", world.head()])
            .env_clear()
            .envs(world.variables(token))
            .env("RUNNER_DEBUG", "1"),
    )
}

fn finish(running: Running) -> Run {
    let run = running.finish();
    run.hides(&[READER, RECORDER]);
    run
}

#[test]
fn refused_then_marked_then_let_through() {
    let world = World::new();
    let steps = [
        ("verify", 1, "refused"),
        ("record", 0, "success"),
        ("record", 0, "unchanged"),
        ("verify", 0, "success"),
        ("last", 0, "success"),
    ];
    for (mode, code, result) in steps {
        let run = finish(start(&world, mode));
        assert_eq!((run.code, run.output("result")), (code, result), "{mode}: {run:?}");
    }
    let asked = world.api.journal().entries();
    let is_ours = |entry: &rehearsal::server::Entry| {
        entry.authorized
            && entry.headers.get("x-github-api-version").is_some_and(|version| version == "2022-11-28")
    };
    assert!(asked.iter().all(is_ours), "{asked:?}");
}

#[test]
fn a_signal_says_what_may_be_left_behind() {
    let world = World::new();
    let rule = world.faults().on(STATUS, When::Always, What::Hang);
    let mut running = start(&world, "record");
    running.until(|| rule.fired() > 0);
    running.signal("INT");
    let run = finish(running);
    assert_eq!((run.code, run.output("result")), (130, "cancelled"), "{run:?}");
    assert!(run.stderr.contains("the marker may have been set; a second run finds it"), "{run:?}");
}

#[test]
fn its_help_tells_the_residual_risk_and_its_definition_is_complete() {
    let help = printed(PROGRAM, "--help");
    for taught in ["statuses: write", "forge", CONTEXT, "--depth", "first parents", "shallow"] {
        assert!(help.contains(taught), "{taught}");
    }
    let inputs = [
        "mode",
        "commit",
        "state",
        "context",
        "creator",
        "branch",
        "description",
        "target-url",
        "repository",
        "depth",
        "dry-run",
    ];
    assert_eq!(declared(PROGRAM, "inputs"), inputs);
    let outputs = ["commit", "found", "state", "creator", "created-at", "target-url", "result"];
    assert_eq!(declared(PROGRAM, "outputs"), outputs);
}
