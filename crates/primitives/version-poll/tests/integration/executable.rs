//! The real executable, as a maintainer starts it.

use std::process::Command;

use rehearsal::executables::executables;

use crate::world::{COMMIT, World};

#[test]
fn it_prints_outputs_on_a_terminal_and_exits_with_zero() {
    let world = World::new();
    let output = Command::new(executables().unwrap().path("version-poll").unwrap())
        .args(["--url", &world.url(), "--commit-sha", COMMIT, "--consecutive", "1"])
        .env_clear()
        .env("GREENROOM_HOSTS", world.hosts())
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(
        stdout.contains(&format!("commit-sha={COMMIT}\n")) && stdout.ends_with("result=success\n"),
        "{stdout}"
    );
}
