//! The real executable, as a step runs it.

use std::process::{Command, Output};

use crate::world::{KEY, NEW, TOKEN, World};

fn run(world: &World, inputs: &[(&str, &str)]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_blue-sync"))
        .env_clear()
        .envs(world.environment())
        .envs(inputs.iter().copied())
        .current_dir(world.folder.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let said: Vec<&str> = stderr.lines().filter(|line| !line.starts_with("::add-mask::")).collect();
    assert!(![KEY, TOKEN].iter().any(|secret| said.join("\n").contains(secret)), "{stderr}");
    output
}

#[test]
fn it_takes_its_inputs_from_the_environment() {
    let world = World::real("25 hours");
    assert_eq!(run(&world, &[("INPUT_HOLD", "26h"), ("INPUT_TARGETS", r#"["api"]"#)]).status.code(), Some(6));
    assert_eq!(run(&world, &[("INPUT_HOLD", "24")]).status.code(), Some(2));
    let output = run(&world, &[("INPUT_TARGETS", ""), ("INPUT_HOLD", "24h")]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    world.assert_runs(&["api-blue", "workers-blue", "dashboard-blue"], NEW, "2");
    assert_eq!(world.synced(), "2");
}
