//! The real executable: killed, interrupted, asked for help.

use std::process::Command;

use rehearsal::dns::Fault;
use rehearsal::fault::{What, When};
use rehearsal::own_process::{Run, Running, declared, printed};

use crate::world::{API, APP, BATCH, KEY, RECORDS, TOKEN, World};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cname-flip");

fn start(world: &World) -> Running {
    Running::start(
        Command::new(PROGRAM)
            .args(world.flip().words)
            .env_clear()
            .envs(world.variables())
            .env("RUNNER_DEBUG", "1"),
    )
}

fn finish(running: Running) -> Run {
    let run = running.finish();
    run.hides(&[TOKEN, KEY]);
    run
}

#[test]
fn a_flip_from_end_to_end() {
    let world = World::new();
    let run = finish(start(&world));
    assert_eq!((run.code, run.output("result")), (0, "success"), "{run:?}");
    assert_eq!(world.targets(), [world.green(), world.green()]);
}

#[test]
fn killed_before_the_batch_nothing_has_moved_and_previous_is_known() {
    let world = World::new();
    let rule = world.faults().on(BATCH, When::Always, What::Hang);
    let mut running = start(&world);
    running.until(|| rule.fired() > 0);
    let killed = running.kill();
    assert!(killed.output("previous").starts_with(&format!("{API} {} ttl=60", world.blue())), "{killed:?}");
    rule.cancel();
    assert_eq!(world.targets(), [world.blue(), world.blue()]);
    let run = finish(start(&world));
    assert_eq!((run.code, run.output("result")), (0, "success"), "{run:?}");
}

#[test]
fn killed_between_batch_and_verification_the_second_run_verifies() {
    let world = World::new();
    let rule = world.faults().on(RECORDS, When::From(5), What::Hang);
    let mut running = start(&world);
    running.until(|| rule.fired() > 0);
    assert_eq!(running.kill().code, -9);
    rule.cancel();
    assert_eq!(world.targets(), [world.green(), world.green()]);
    let run = finish(start(&world));
    assert_eq!((run.code, run.output("result")), (0, "unchanged"), "{run:?}");
    assert_eq!(world.api.journal().count(BATCH), 1);
}

#[test]
fn a_signal_says_whether_names_have_moved() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let world = World::new();
        world.dns.faults().on(APP, When::Always, Fault::Stale);
        let mut running = start(&world);
        running.until(|| world.dns.faults().fired() > 0);
        running.signal(name);
        let run = finish(running);
        assert_eq!((run.code, run.output("result")), (code, "cancelled"), "{run:?}");
        let told =
            format!("hint: {API}, {APP} moved, not verified yet; run again to verify, or go back with");
        assert!(run.stderr.replace("%0A", "\n").contains(&told), "{run:?}");
        assert_eq!(world.targets(), [world.green(), world.green()]);
    }
    let world = World::new();
    let rule = world.faults().on(BATCH, When::Always, What::Hang);
    let mut running = start(&world);
    running.until(|| rule.fired() > 0);
    running.signal("INT");
    let run = finish(running);
    assert!(run.stderr.contains("was sent: they may have moved; run again to find out"), "{run:?}");

    let world = World::new();
    let rule = world.faults().on(RECORDS, When::Nth(1), What::Hang);
    let mut running = start(&world);
    running.until(|| rule.fired() > 0);
    running.signal("INT");
    let run = finish(running);
    assert_eq!(run.code, 130);
    assert!(![&run.stderr, &run.stdout, &run.summary].iter().any(|text| text.contains("moved")), "{run:?}");
}

#[test]
fn its_help_teaches_and_its_definition_is_complete() {
    let help = printed(PROGRAM, "--help");
    for taught in ["--expect", "mode: restore", "no conditional requests", "Free plan", "custom domains"] {
        assert!(help.contains(taught), "{taught}");
    }
    assert_eq!(
        declared(PROGRAM, "inputs"),
        [
            "zone-id",
            "records",
            "expect",
            "mode",
            "previous",
            "ttl",
            "min-ttl-age",
            "probe",
            "verify-dns",
            "read-back",
            "nameserver",
            "render-services",
            "dry-run"
        ]
    );
    assert_eq!(declared(PROGRAM, "outputs"), ["previous", "changed", "result"]);
}
