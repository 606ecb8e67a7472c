//! The real executable, with nothing but the variables of a step.

use std::process::Command;

use rehearsal::own_process;

use crate::world::{BLUE, World};

#[test]
fn inputs_come_from_the_environment() {
    let world = World::new();
    let run = |mode: &str| {
        own_process::run(
            Command::new(env!("CARGO_BIN_EXE_cutover-record"))
                .env_clear()
                .envs([("INPUT_MODE", mode), ("INPUT_GENERATION", "1"), ("INPUT_PREVIOUS", BLUE)])
                .env("DATABASE_URL", world.postgres.dsn()),
        )
    };
    let done = run("intent");
    assert_eq!((done.code, done.output("result")), (0, "success"), "{done:?}");
    assert_eq!(world.row(1), "intent {api,workers,dashboard}");
    assert!(done.outputs.values().any(|value| value.contains(BLUE)), "{done:?}");
    assert_eq!(run("cut-over").code, 2);
}
