//! The real executable, as a step runs it.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output, Stdio};

use rehearsal::fault::{What, When};

use crate::world::{KEY, World};

fn command(world: &World, inputs: &[(&'static str, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_legacy-drain"));
    command.env_clear().envs(world.environment()).current_dir(world.repository.path());
    command.envs(inputs.iter().map(|(input, value)| (action::variable(input), value)));
    command.env("GITHUB_ACTIONS", "true").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn said(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = stderr.lines().filter(|line| !line.starts_with("::add-mask::")).collect();
    let said = lines.join("\n");
    assert!(!said.contains(KEY), "{said}");
    said
}

#[test]
fn it_drains_and_a_second_one_has_nothing_to_do() {
    let world = World::real();
    let output = command(&world, &world.usual()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    world.assert_drained();
    let output = command(&world, &world.usual()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let mut inputs = world.usual();
    inputs[1].1 = "9".to_owned();
    assert_eq!(command(&world, &inputs).output().unwrap().status.code(), Some(6));
}

#[test]
fn a_cancelled_job_says_what_stays() {
    let world = World::real();
    let rule = world.faults().on("GET /v1/logs", When::Always, What::Hang);
    let child = command(&world, &world.usual()).spawn().unwrap();
    while rule.fired() == 0 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-s", "INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.status.signal()), (Some(130), None));
    let (said, service) = (said(&output), world.temporary().unwrap());
    assert!(said.contains(&format!("the temporary service {service} stays")), "{said}");
    rule.cancel();
    let output = command(&world, &world.usual()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    world.assert_drained();
}
