//! The real executable: run, interrupted while a merge is on its way, asked for help.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rehearsal::fault::{What, When};
use rehearsal::postgres::PASSWORD;
use rehearsal::twins::supabase::Merging;

use crate::world::{MERGE, TOKEN, World};

fn command(world: &World) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_schema-merge"));
    command.env_clear().envs(world.variables(&world.postgres.dsn())).env("GITHUB_ACTIONS", "true");
    command.env("INPUT_PROJECT_REF", &world.production).env("INPUT_BRANCH_REF", &world.staging);
    command.env("INPUT_COMMIT", &world.commit).current_dir(world.repository.path());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn it_merges_and_masks_its_secrets() {
    let world = World::new();
    world.supabase.set_merging(Merging {
        step: Duration::ZERO,
        migration: Duration::ZERO,
        ..Merging::default()
    });
    let output = command(&world).output().unwrap();
    let (stdout, stderr) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let (masks, said): (Vec<_>, Vec<_>) = stderr.lines().partition(|line| line.starts_with("::add-mask::"));
    assert!(masks.contains(&format!("::add-mask::{TOKEN}").as_str()), "{masks:?}");
    let said = said.join("\n");
    assert!(!said.contains(PASSWORD) && !said.contains(TOKEN) && !stdout.contains(PASSWORD), "{said}");
    assert_eq!(world.applied(), "abc");
}

#[test]
fn a_signal_says_that_the_merge_goes_on() {
    let world = World::new();
    let rule = world.server.faults().on(MERGE, When::Always, What::Hang);
    let child = command(&world).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(30);
    while rule.fired() == 0 {
        assert!(Instant::now() < until, "it never asked");
        std::thread::sleep(Duration::from_millis(5));
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("it is waited for, and not asked for twice"), "{stderr}");
    assert_eq!(world.ledger(), "bc > ? open");
}

#[test]
fn its_help_names_what_it_needs() {
    let output = Command::new(env!("CARGO_BIN_EXE_schema-merge")).arg("--help").env_clear().output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for part in ["--acknowledge", "--dry-run", "SUPABASE_ACCESS_TOKEN", "DATABASE_URL", "core.schema_merges"]
    {
        assert!(help.contains(part), "{part}: {help}");
    }
}
