//! The real executable, with nothing but the variables of a step.

use std::process::Command;

use crate::world::{KEY, TOKEN, World};

#[test]
fn a_rollback_from_end_to_end() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let run = |mode: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_rollback"))
            .env_clear()
            .envs(world.variables())
            .envs([("INPUT_MODE", mode), ("INPUT_SYMPTOM", "behaviour"), ("INPUT_ZONE_ID", &world.zone)])
            .env("INPUT_NAMESERVER", world.dns.address().to_string())
            .env("INPUT_GENERATION", "")
            .env("GITHUB_OUTPUT", folder.path().join("output"))
            .env("GITHUB_STEP_SUMMARY", folder.path().join("summary"))
            .current_dir(world.repository.path())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), told)
    };
    for (mode, code) in [("plan", 0), ("tag", 6), ("flip-back", 0), ("flip-back", 0)] {
        let (ended, told) = run(mode);
        assert_eq!(ended, Some(code), "{mode}: {told}");
        assert!(!told.contains(TOKEN) && !told.contains(KEY), "{told}");
    }
    world.is_back();
    let outputs = std::fs::read_to_string(folder.path().join("output")).unwrap();
    for told in ["rollback --mode flip-back", "unchanged", &world.commits[0]] {
        assert!(outputs.contains(told), "{told}: {outputs}");
    }
}
