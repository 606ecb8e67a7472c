//! The real executable, as a runner starts it.

use std::process::Command;

use crate::world::{TOKEN, World};

#[test]
fn it_resolves_and_writes_its_outputs() {
    let world = World::new();
    let file = |name: &str| world.folder.path().join(name);
    let output = Command::new(env!("CARGO_BIN_EXE_color-resolve"))
        .env_clear()
        .envs(world.variables())
        .env("INPUT_TARGETS", r#"["dashboard"]"#)
        .env("INPUT_ZONE_ID", &world.zone)
        .env("INPUT_RUN_ID", "")
        .env("INPUT_MANIFEST", "")
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_OUTPUT", file("output"))
        .env("GITHUB_STEP_SUMMARY", file("summary"))
        .current_dir(world.folder.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).replace(&format!("::add-mask::{TOKEN}"), "");
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let outputs = std::fs::read_to_string(file("output")).unwrap();
    assert!(outputs.contains("app.example.com dash-blue.onrender.com"), "{outputs}");
    assert!(outputs.contains(r#"["dashboard"]"#), "{outputs}");
    for text in [&stderr, &outputs, &std::fs::read_to_string(file("summary")).unwrap()] {
        assert!(!text.contains(TOKEN), "{text}");
    }
}
