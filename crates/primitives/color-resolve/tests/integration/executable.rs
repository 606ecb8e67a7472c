//! The real executable, as a runner starts it.

use std::process::Command;

use rehearsal::own_process;

use crate::world::{TOKEN, World};

#[test]
fn it_resolves_and_writes_its_outputs() {
    let world = World::new();
    let run = own_process::run(
        Command::new(env!("CARGO_BIN_EXE_color-resolve"))
            .env_clear()
            .envs(world.variables())
            .env("INPUT_TARGETS", r#"["dashboard"]"#)
            .env("INPUT_ZONE_ID", &world.zone)
            .env("INPUT_RUN_ID", "")
            .env("INPUT_MANIFEST", "")
            .env("GITHUB_ACTIONS", "true")
            .current_dir(world.folder.path()),
    );
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.output("records").contains("app.example.com dash-blue.onrender.com"), "{run:?}");
    assert_eq!(run.output("flips"), r#"["dashboard"]"#, "{run:?}");
    assert!(!run.summary.is_empty());
    run.hides(&[TOKEN]);
}
