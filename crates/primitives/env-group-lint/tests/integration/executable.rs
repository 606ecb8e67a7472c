//! The real executable, as a runner starts it.

use std::process::Command;

use rehearsal::own_process;

use crate::world::{KEY, VALUE, World};

#[test]
fn it_refuses_with_one_annotation_and_names_only() {
    let world = World::new();
    world.set(&world.green, "RENDER_API_KEY");
    let run = own_process::run(
        Command::new(env!("CARGO_BIN_EXE_env-group-lint"))
            .env_clear()
            .envs(world.variables())
            .env("INPUT_MANIFEST", "")
            .env("INPUT_SERVICES", "")
            .env("GITHUB_ACTIONS", "true")
            .current_dir(world.folder.path()),
    );
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(run.stderr.matches("::error ").count(), 1, "{run:?}");
    assert!(run.summary.contains("RENDER\\_API\\_KEY"), "{run:?}");
    run.hides(&[KEY, VALUE]);
}
