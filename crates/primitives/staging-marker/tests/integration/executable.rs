//! The real executable: run, killed, interrupted, asked for help.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use rehearsal::fault::{Rule, What, When};

use crate::world::{CONTEXT, READER, RECORDER, STATUS, World};

fn program(world: &World, mode: &str, outputs: &Path) -> Command {
    let token = if mode == "record" { RECORDER } else { READER };
    let mut command = Command::new(env!("CARGO_BIN_EXE_staging-marker"));
    command
        .args(["--mode", mode, "--commit", world.head()])
        .env_clear()
        .envs(world.variables(token))
        .env("GITHUB_OUTPUT", outputs)
        .env("RUNNER_DEBUG", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The exit code, what was printed, and the output `result`.
fn told(output: Output, outputs: &Path) -> (Option<i32>, String, String) {
    let printed = String::from_utf8(output.stderr).unwrap() + &String::from_utf8(output.stdout).unwrap();
    let shown = printed.lines().filter(|line| !line.starts_with("::add-mask::"));
    assert!(!shown.clone().any(|line| line.contains(READER) || line.contains(RECORDER)), "{printed}");
    let written = rehearsal::runner::outputs(&std::fs::read_to_string(outputs).unwrap_or_default());
    (output.status.code(), printed, written.get("result").cloned().unwrap_or_default())
}

fn run(world: &World, mode: &str) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let outputs = folder.path().join("output");
    told(program(world, mode, &outputs).output().unwrap(), &outputs)
}

fn wait_until_struck(rule: &Rule) {
    for _ in 0..2_000 {
        if rule.fired() > 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the fault never struck");
}

#[test]
fn refused_then_marked_then_let_through() {
    let world = World::new();
    let (code, printed, result) = run(&world, "verify");
    assert_eq!((code, result.as_str()), (Some(1), "refused"), "{printed}");
    let (code, printed, result) = run(&world, "record");
    assert_eq!((code, result.as_str()), (Some(0), "success"), "{printed}");
    let (code, _, result) = run(&world, "record");
    assert_eq!((code, result.as_str()), (Some(0), "unchanged"));
    let (code, printed, result) = run(&world, "verify");
    assert_eq!((code, result.as_str()), (Some(0), "success"), "{printed}");
    let (code, _, result) = run(&world, "last");
    assert_eq!((code, result.as_str()), (Some(0), "success"));
    let asked = world.api.journal().entries();
    let is_ours = |entry: &rehearsal::server::Entry| {
        entry.authorized
            && entry.headers.get("x-github-api-version").is_some_and(|version| version == "2022-11-28")
    };
    assert!(asked.iter().all(is_ours), "{asked:?}");
}

#[test]
fn a_signal_says_what_may_be_left_behind() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let outputs = folder.path().join("output");
    let rule = world.faults().on(STATUS, When::Always, What::Hang);
    let child = program(&world, "record", &outputs).spawn().unwrap();
    wait_until_struck(&rule);
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let (code, printed, result) = told(child.wait_with_output().unwrap(), &outputs);
    assert_eq!((code, result.as_str()), (Some(130), "cancelled"), "{printed}");
    assert!(printed.contains("the marker may have been set; a second run finds it"), "{printed}");
}

#[test]
fn its_help_tells_the_residual_risk_and_its_definition_is_complete() {
    let ask = |word: &str| {
        let asked = Command::new(env!("CARGO_BIN_EXE_staging-marker")).arg(word).output().unwrap();
        String::from_utf8(asked.stdout).unwrap()
    };
    let help = ask("--help");
    for taught in ["statuses: write", "forge", CONTEXT, "--depth", "first parents", "shallow"] {
        assert!(help.contains(taught), "{taught}");
    }
    let definition: serde_json::Value = serde_json::from_str(&ask("--describe")).unwrap();
    let names = |of: &str| {
        let rows = definition[of].as_array().unwrap().iter();
        rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let inputs = [
        "mode",
        "commit",
        "state",
        "context",
        "creator",
        "branch",
        "description",
        "target-url",
        "repository",
        "depth",
        "dry-run",
    ];
    assert_eq!(names("inputs"), inputs);
    let outputs = ["commit", "found", "state", "creator", "created-at", "target-url", "result"];
    assert_eq!(names("outputs"), outputs);
}
