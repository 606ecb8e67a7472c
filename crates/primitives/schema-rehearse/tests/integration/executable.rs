//! The real executable: run, interrupted in the middle of a rehearsal, asked for help.

use std::process::Command;
use std::time::{Duration, Instant};

use rehearsal::fault::{What, When};
use rehearsal::own_process::{Run, Running, printed};

use crate::world::{CREATE, NAME, PASSWORDS, TOKEN, World};

fn command(world: &World) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_schema-rehearse"));
    command.env_clear().envs(world.variables()).env("GITHUB_ACTIONS", "true");
    command.env("INPUT_PROJECT_REF", &world.production).current_dir(world.repository.path());
    command
}

/// Interrupts a run at a moment; what it came to, and how long it took from there.
fn interrupted_when(command: &mut Command, is_there: impl Fn() -> bool) -> (Run, Duration) {
    let mut running = Running::start(command);
    running.until(is_there);
    let at = Instant::now();
    running.signal("INT");
    let run = running.finish();
    run.hides(&[&PASSWORDS[..], &[TOKEN]].concat());
    (run, at.elapsed())
}

#[test]
fn a_signal_during_the_smoke_command_ends_it_and_deletes_the_branch() {
    let world = World::new();
    world.quick();
    let marker = world.repository.path().join("begun");
    let smoke = format!("echo \"$DATABASE_URL\"; echo $$ > {}; sleep 600", marker.display());
    let has_begun = || std::fs::read_to_string(&marker).is_ok_and(|pid| pid.ends_with('\n'));
    let (run, _) = interrupted_when(command(&world).env("INPUT_SMOKE", smoke), has_begun);
    assert_eq!(run.code, 130, "{run:?}");
    assert!(run.stderr.contains(&format!("branch {NAME} was deleted")), "{run:?}");
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
    let (run, _) = interrupted_when(&mut command(&world), || rule.fired() == 1 && lists.fired() == 1);
    assert_eq!(run.code, 130, "{run:?}");
    assert!(run.stderr.contains(&format!("branch {NAME} was deleted")), "{run:?}");
    assert_eq!((world.branches(), world.made()), (Vec::new(), (1, 1)));
}

#[test]
fn a_vendor_that_hangs_while_it_is_interrupted_is_not_waited_for() {
    let world = World::new();
    let faults = world.server.faults().clone();
    let begun = || {
        let is_there = !world.branches().is_empty();
        if is_there {
            faults.on("DELETE /v1/branches/{branch}", When::Always, What::Hang);
        }
        is_there
    };
    let (run, took) = interrupted_when(&mut command(&world), begun);
    assert_eq!(run.code, 130, "{run:?}");
    assert!(run.stderr.contains("may be left; `mode: clean-up` deletes it"), "{run:?}");
    // Not a measure of speed: the vendor would have hung for a minute.
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert_eq!(world.branches(), [NAME]);
}

#[test]
fn its_help_names_what_it_needs() {
    let help = printed(env!("CARGO_BIN_EXE_schema-rehearse"), "--help");
    for part in ["--smoke", "--dry-run", "SUPABASE_ACCESS_TOKEN", "greenroom-", "clean-up"] {
        assert!(help.contains(part), "{part}: {help}");
    }
}
