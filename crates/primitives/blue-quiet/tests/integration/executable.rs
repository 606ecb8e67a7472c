//! The real executable, as a runner starts it.

use std::process::Command;

use rehearsal::own_process::{self, Run};
use rehearsal::twins::render::Trigger;

use crate::world::{KEY, World};

fn start(world: &World, window: &str) -> Run {
    let run = own_process::run(
        Command::new(env!("CARGO_BIN_EXE_blue-quiet"))
            .env_clear()
            .envs(world.variables())
            .env("INPUT_SERVICES", world.services())
            .env("INPUT_WINDOW", window)
            .env("INPUT_INTERVAL", "1s")
            .env("INPUT_TIMEOUT", "")
            .env("GITHUB_ACTIONS", "true"),
    );
    run.hides(&[KEY]);
    run
}

#[test]
fn it_watches_and_says_so() {
    let world = World::real();
    let run = start(&world, "2s");
    assert_eq!((run.code, run.output("result")), (0, "success"), "{run:?}");
    assert!(run.stderr.contains("quiet: 2 serving services started no deploy"), "{run:?}");
    assert!(run.summary.starts_with("### Serving services"), "{run:?}");
}

#[test]
fn it_refuses_with_one_annotation() {
    let world = World::real();
    let id = world.deploy(&world.api, Trigger::ServiceUpdated);
    let run = start(&world, "30s");
    assert_eq!((run.code, run.output("result")), (1, "refused"), "{run:?}");
    assert_eq!(run.stderr.matches("::error title=blue-quiet::").count(), 1, "{run:?}");
    assert!(run.stderr.contains(&id) && run.summary.contains(&id), "{run:?}");
    assert_eq!(run.stdout, "");
}
