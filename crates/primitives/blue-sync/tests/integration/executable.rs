//! The real executable, as a step runs it.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output, Stdio};

use rehearsal::fault::{What, When};

use crate::world::{KEY, NEW, TOKEN, World};

fn command(world: &World, inputs: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_blue-sync"));
    command.env_clear().envs(world.environment()).envs(inputs.iter().copied());
    command.current_dir(world.folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn said(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = stderr.lines().filter(|line| !line.starts_with("::add-mask::")).collect();
    let said = lines.join("\n");
    assert!(![KEY, TOKEN].iter().any(|secret| said.contains(secret)), "{said}");
    said
}

fn run(world: &World, inputs: &[(&str, &str)]) -> Output {
    let output = command(world, inputs).output().unwrap();
    let _ = said(&output);
    output
}

#[test]
fn a_cancelled_job_says_what_goes_on_and_the_next_one_does_the_rest() {
    let world = World::real("25 hours");
    let look = "GET /v1/services/{id}/deploys/{deploy}";
    let rule = world.server.faults().on(look, When::Always, What::Hang);
    let child = command(&world, &[]).spawn().unwrap();
    while rule.fired() == 0 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-s", "INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = said(&output);
    assert_eq!((output.status.code(), output.status.signal()), (Some(130), None), "{said}");
    assert!(said.contains("goes on at Render"), "{said}");
    assert_eq!((world.deployed().len(), world.synced().as_str()), (1, ""));
    rule.cancel();
    assert_eq!(run(&world, &[]).status.code(), Some(0));
    assert_eq!((world.deployed().len(), world.synced().as_str()), (3, "2"));
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
