//! The real executable, with nothing but the variables of a step.

use crate::world::{BLUE, World};

#[test]
fn inputs_come_from_the_environment() {
    let world = World::new();
    let outputs = tempfile::NamedTempFile::new().unwrap();
    let run = |mode: &str| {
        std::process::Command::new(env!("CARGO_BIN_EXE_cutover-record"))
            .env_clear()
            .env("GITHUB_OUTPUT", outputs.path())
            .envs([("INPUT_MODE", mode), ("INPUT_GENERATION", "1"), ("INPUT_PREVIOUS", BLUE)])
            .env("DATABASE_URL", world.postgres.dsn())
            .output()
            .unwrap()
    };
    let done = run("intent");
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    assert_eq!(world.row(1), "intent {api,workers,dashboard}");
    let written = std::fs::read_to_string(outputs.path()).unwrap();
    assert!(written.contains(BLUE) && written.contains("\nsuccess\n"), "{written}");
    assert_eq!(run("cut-over").status.code(), Some(2));
}
