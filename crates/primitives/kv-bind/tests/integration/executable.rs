//! The real executable: run, killed, interrupted, asked for help.

use std::process::Command;

use rehearsal::fault::{What, When};
use rehearsal::own_process::{Run, Running, declared, printed};

use crate::world::{CREATE, EDIT_PROJECT, TOKEN, VARIABLE, World};

const PROGRAM: &str = env!("CARGO_BIN_EXE_kv-bind");

fn start(world: &World) -> Running {
    Running::start(
        Command::new(PROGRAM)
            .args(world.to_pages().words)
            .env_clear()
            .envs(world.variables())
            .env("RUNNER_DEBUG", "1"),
    )
}

fn finish(running: Running) -> Run {
    let run = running.finish();
    run.hides(&[TOKEN, VARIABLE]);
    run
}

#[test]
fn killed_after_each_effect_and_run_again() {
    for (route, needs_deploy) in [(CREATE, None), (EDIT_PROJECT, Some("true"))] {
        let world = World::new();
        let rule = world.faults().on(route, When::Always, What::Hang);
        let mut running = start(&world);
        running.until(|| rule.fired() > 0);
        let killed = running.kill();
        rule.cancel();
        assert_eq!(killed.outputs.get("deploy-needed").map(String::as_str), needs_deploy, "{killed:?}");
        let run = finish(start(&world));
        assert_eq!((run.code, run.output("result")), (0, "success"), "{run:?}");
        let run = finish(start(&world));
        assert_eq!((run.code, run.output("result")), (0, "unchanged"), "{run:?}");
        assert_eq!((world.api.journal().count(CREATE), world.api.journal().count(EDIT_PROJECT)), (1, 1));
    }
}

#[test]
fn a_signal_says_what_may_be_left_behind() {
    for (route, told) in [
        (CREATE, "hint: the KV namespace `content` may have been created; it is not bound"),
        (EDIT_PROJECT, "hint: CONTENT of Pages project docs, production may have been bound"),
    ] {
        let world = World::new();
        let rule = world.faults().on(route, When::Always, What::Hang);
        let mut running = start(&world);
        running.until(|| rule.fired() > 0);
        running.signal("INT");
        let run = finish(running);
        assert_eq!((run.code, run.output("result")), (130, "cancelled"), "{run:?}");
        assert!(run.stderr.replace("%0A", "\n").contains(told), "{run:?}");
    }
}

#[test]
fn its_help_teaches_and_its_definition_is_complete() {
    let help = printed(PROGRAM, "--help");
    for taught in ["--worker-script", "every other binding is kept", "deploy-needed", "wrangler deploy"] {
        assert!(help.contains(taught), "{taught}");
    }
    assert_eq!(
        declared(PROGRAM, "inputs"),
        [
            "account-id",
            "namespace",
            "create",
            "binding",
            "pages-project",
            "worker-script",
            "environment",
            "dry-run"
        ]
    );
    assert_eq!(declared(PROGRAM, "outputs"), ["namespace-id", "changed", "deploy-needed", "result"]);
}
