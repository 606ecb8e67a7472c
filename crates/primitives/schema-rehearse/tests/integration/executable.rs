//! The real executable: run, interrupted in the middle of a rehearsal, asked for help.

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rehearsal::fault::{What, When};

use crate::world::{CREATE, NAME, PASSWORDS, TOKEN, World};

fn command(world: &World) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_schema-rehearse"));
    command.env_clear().envs(world.variables()).env("GITHUB_ACTIONS", "true");
    command.env("INPUT_PROJECT_REF", &world.production).current_dir(world.repository.path());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn interrupted_when(mut child: Child, is_there: impl Fn() -> bool) -> (Output, Duration) {
    let until = Instant::now() + Duration::from_secs(60);
    while !is_there() {
        if Instant::now() > until || child.try_wait().unwrap().is_some() {
            let output = child.wait_with_output().unwrap();
            panic!("it never came to that: {}", String::from_utf8_lossy(&output.stderr));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let id = child.id().to_string();
    let at = Instant::now();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    (child.wait_with_output().unwrap(), at.elapsed())
}

fn said(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<_> = stderr.lines().filter(|line| !line.starts_with("::add-mask::")).collect();
    let said = lines.join("\n") + &String::from_utf8_lossy(&output.stdout);
    for secret in PASSWORDS.iter().chain([&TOKEN]) {
        assert!(!said.contains(secret), "{secret}: {said}");
    }
    said
}

#[test]
fn a_signal_during_the_smoke_command_ends_it_and_deletes_the_branch() {
    let world = World::new();
    world.quick();
    let marker = world.repository.path().join("begun");
    let smoke = format!("echo \"$DATABASE_URL\"; echo $$ > {}; sleep 600", marker.display());
    let child = command(&world).env("INPUT_SMOKE", smoke).spawn().unwrap();
    let (output, _) =
        interrupted_when(child, || std::fs::read_to_string(&marker).is_ok_and(|pid| pid.ends_with('\n')));
    let said = said(&output);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains(&format!("branch {NAME} was deleted")), "{said}");
    assert_eq!((world.branches(), world.made()), (Vec::new(), (1, 1)));
    let pid = std::fs::read_to_string(&marker).unwrap();
    let gone = || !Command::new("kill").args(["-0", pid.trim()]).output().unwrap().status.success();
    assert!(
        (0..100).any(|_| gone() || {
            std::thread::sleep(Duration::from_millis(20));
            false
        }),
        "{pid} goes on"
    );
}

#[test]
fn a_signal_while_the_branch_is_asked_for_looks_for_it_by_its_name() {
    let world = World::new();
    // It exists, and its maker has not heard of it.
    let rule = world.server.faults().on(CREATE, When::Always, What::ApplyThenLose);
    let lists = world.server.faults().on("GET /v1/projects/{project}/branches", When::Nth(3), What::Hang);
    let child = command(&world).spawn().unwrap();
    let (output, _) = interrupted_when(child, || rule.fired() == 1 && lists.fired() == 1);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains(&format!("branch {NAME} was deleted")), "{said}");
    assert_eq!((world.branches(), world.made()), (Vec::new(), (1, 1)));
}

#[test]
fn a_vendor_that_hangs_while_it_is_interrupted_is_not_waited_for() {
    let world = World::new();
    let child = command(&world).spawn().unwrap();
    let faults = world.server.faults().clone();
    let begun = || {
        let is_there = !world.branches().is_empty();
        if is_there {
            faults.on("DELETE /v1/branches/{branch}", When::Always, What::Hang);
        }
        is_there
    };
    let (output, took) = interrupted_when(child, begun);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("may be left; `mode: clean-up` deletes it"), "{said}");
    // Not a measure of speed: the vendor would have hung for a minute.
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert_eq!(world.branches(), [NAME]);
}

#[test]
fn its_help_names_what_it_needs() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_schema-rehearse")).arg("--help").env_clear().output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for part in ["--smoke", "--dry-run", "SUPABASE_ACCESS_TOKEN", "greenroom-", "clean-up"] {
        assert!(help.contains(part), "{part}: {help}");
    }
}
