//! The real executable, as a runner starts it.

use std::process::Command;

use crate::world::{KEY, VALUE, World};

#[test]
fn it_refuses_with_one_annotation_and_names_only() {
    let world = World::new();
    world.set(&world.green, "RENDER_API_KEY");
    let file = |name: &str| world.folder.path().join(name);
    let output = Command::new(env!("CARGO_BIN_EXE_env-group-lint"))
        .env_clear()
        .envs(world.variables())
        .env("INPUT_MANIFEST", "")
        .env("INPUT_SERVICES", "")
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_OUTPUT", file("output"))
        .env("GITHUB_STEP_SUMMARY", file("summary"))
        .current_dir(world.folder.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).replace(&format!("::add-mask::{KEY}"), "");
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(stderr.matches("::error ").count(), 1, "{stderr}");
    let summary = std::fs::read_to_string(file("summary")).unwrap();
    assert!(summary.contains("RENDER\\_API\\_KEY"), "{summary}");
    for text in [&stderr, &summary] {
        assert!(!text.contains(KEY) && !text.contains(VALUE), "{text}");
    }
}
