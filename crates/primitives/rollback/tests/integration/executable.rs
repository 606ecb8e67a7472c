//! The real executable, with nothing but the variables of a step.

use std::process::Command;

use rehearsal::own_process;

use crate::world::{KEY, TOKEN, World};

#[test]
fn a_rollback_from_end_to_end() {
    let world = World::new();
    let run = |mode: &str| {
        own_process::run(
            Command::new(env!("CARGO_BIN_EXE_rollback"))
                .env_clear()
                .envs(world.variables())
                .envs([("INPUT_MODE", mode), ("INPUT_SYMPTOM", "behaviour"), ("INPUT_ZONE_ID", &world.zone)])
                .env("INPUT_NAMESERVER", world.dns.address().to_string())
                .env("INPUT_GENERATION", "")
                .current_dir(world.repository.path()),
        )
    };
    let mut said = Vec::new();
    for (mode, code) in [("plan", 0), ("tag", 6), ("flip-back", 0), ("flip-back", 0)] {
        let run = run(mode);
        assert_eq!(run.code, code, "{mode}: {run:?}");
        run.hides(&[TOKEN, KEY]);
        said.extend(run.written);
    }
    world.is_back();
    for told in ["rollback --mode flip-back", "unchanged", &world.commits[0]] {
        assert!(said.iter().any(|(_, value)| value.contains(told)), "{told}: {said:?}");
    }
}
