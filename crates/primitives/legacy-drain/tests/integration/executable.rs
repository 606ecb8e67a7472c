//! The real executable, as a step runs it.

use std::process::Command;

use rehearsal::fault::{What, When};
use rehearsal::own_process::{Run, Running};

use crate::world::{KEY, World};

fn start(world: &World, inputs: &[(&'static str, String)]) -> Running {
    Running::start(
        Command::new(env!("CARGO_BIN_EXE_legacy-drain"))
            .env_clear()
            .envs(world.environment())
            .envs(inputs.iter().map(|(input, value)| (action::variable(input), value)))
            .env("GITHUB_ACTIONS", "true")
            .current_dir(world.repository.path()),
    )
}

fn finish(running: Running) -> Run {
    let run = running.finish();
    run.hides(&[KEY]);
    run
}

#[test]
fn it_drains_and_a_second_one_has_nothing_to_do() {
    let world = World::real();
    let run = finish(start(&world, &world.usual()));
    assert_eq!(run.code, 0, "{run:?}");
    world.assert_drained();
    let run = finish(start(&world, &world.usual()));
    assert_eq!(run.code, 0, "{run:?}");
    let mut inputs = world.usual();
    inputs[1].1 = "9".to_owned();
    assert_eq!(finish(start(&world, &inputs)).code, 6);
}

#[test]
fn a_cancelled_job_says_what_stays() {
    let world = World::real();
    let rule = world.faults().on("GET /v1/logs", When::Always, What::Hang);
    let mut running = start(&world, &world.usual());
    running.until(|| rule.fired() > 0);
    running.signal("INT");
    let run = finish(running);
    assert_eq!(run.code, 130, "{run:?}");
    let service = world.temporary().unwrap();
    assert!(run.stderr.contains(&format!("the temporary service {service} stays")), "{run:?}");
    rule.cancel();
    let run = finish(start(&world, &world.usual()));
    assert_eq!(run.code, 0, "{run:?}");
    world.assert_drained();
}
