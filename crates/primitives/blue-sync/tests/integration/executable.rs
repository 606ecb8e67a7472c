//! The real executable, as a step runs it.

use std::process::Command;

use rehearsal::fault::{What, When};
use rehearsal::own_process::{Run, Running};

use crate::world::{KEY, NEW, TOKEN, World};

fn start(world: &World, inputs: &[(&str, &str)]) -> Running {
    Running::start(
        Command::new(env!("CARGO_BIN_EXE_blue-sync"))
            .env_clear()
            .envs(world.environment())
            .envs(inputs.iter().copied())
            .current_dir(world.folder.path()),
    )
}

fn finish(running: Running) -> Run {
    let run = running.finish();
    run.hides(&[KEY, TOKEN]);
    run
}

#[test]
fn a_cancelled_job_says_what_goes_on_and_the_next_one_does_the_rest() {
    let world = World::real("25 hours");
    let look = "GET /v1/services/{id}/deploys/{deploy}";
    let rule = world.server.faults().on(look, When::Always, What::Hang);
    let mut running = start(&world, &[]);
    running.until(|| rule.fired() > 0);
    running.signal("INT");
    let run = finish(running);
    assert_eq!(run.code, 130, "{run:?}");
    assert!(run.stderr.contains("goes on at Render"), "{run:?}");
    assert_eq!((world.deployed().len(), world.synced().as_str()), (1, ""));
    rule.cancel();
    assert_eq!(finish(start(&world, &[])).code, 0);
    assert_eq!((world.deployed().len(), world.synced().as_str()), (3, "2"));
}

#[test]
fn it_takes_its_inputs_from_the_environment() {
    let world = World::real("25 hours");
    let run = |inputs: &[(&str, &str)]| finish(start(&world, inputs));
    assert_eq!(run(&[("INPUT_HOLD", "26h"), ("INPUT_TARGETS", r#"["api"]"#)]).code, 6);
    assert_eq!(run(&[("INPUT_HOLD", "24")]).code, 2);
    let done = run(&[("INPUT_TARGETS", ""), ("INPUT_HOLD", "24h")]);
    assert_eq!(done.code, 0, "{done:?}");
    world.assert_runs(&["api-blue", "workers-blue", "dashboard-blue"], NEW, "2");
    assert_eq!(world.synced(), "2");
}
