//! The real executable, as a runner starts it.

use std::process::{Command, Output};

use rehearsal::twins::render::Trigger;

use crate::world::{KEY, World};

fn start(world: &World, window: &str) -> (Output, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let output = Command::new(env!("CARGO_BIN_EXE_blue-quiet"))
        .env_clear()
        .envs(world.variables())
        .env("INPUT_SERVICES", world.services())
        .env("INPUT_WINDOW", window)
        .env("INPUT_INTERVAL", "1s")
        .env("INPUT_TIMEOUT", "")
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_OUTPUT", file("output"))
        .env("GITHUB_STEP_SUMMARY", file("summary"))
        .output()
        .unwrap();
    let read = |name: &str| std::fs::read_to_string(file(name)).unwrap_or_default();
    let (outputs, summary) = (read("output"), read("summary"));
    let stderr = String::from_utf8_lossy(&output.stderr).replace(&format!("::add-mask::{KEY}"), "");
    for text in [&outputs, &summary, &stderr] {
        assert!(!text.contains(KEY), "{text}");
    }
    (output, outputs, summary)
}

#[test]
fn it_watches_and_says_so() {
    let world = World::real();
    let (output, outputs, summary) = start(&world, "2s");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(stderr.contains("quiet: 2 serving services started no deploy"), "{stderr}");
    assert!(outputs.contains("result") && outputs.contains("success"), "{outputs}");
    assert!(summary.starts_with("### Serving services"), "{summary}");
}

#[test]
fn it_refuses_with_one_annotation() {
    let world = World::real();
    let id = world.deploy(&world.api, Trigger::ServiceUpdated);
    let (output, outputs, summary) = start(&world, "30s");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(stderr.matches("::error title=blue-quiet::").count(), 1, "{stderr}");
    assert!(stderr.contains(&id) && outputs.contains("refused") && summary.contains(&id), "{stderr}");
    assert_eq!(output.stdout, b"");
}
