//! The real executable: run, interrupted while a merge is on its way, asked for help.

use std::process::Command;
use std::time::Duration;

use rehearsal::fault::{What, When};
use rehearsal::own_process::{Running, printed};
use rehearsal::postgres::PASSWORD;
use rehearsal::twins::supabase::Merging;

use crate::world::{MERGE, TOKEN, World};

fn start(world: &World) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_schema-merge"));
    command.env_clear().envs(world.variables(&world.postgres.dsn())).env("GITHUB_ACTIONS", "true");
    command.env("INPUT_PROJECT_REF", &world.production).env("INPUT_BRANCH_REF", &world.staging);
    command.env("INPUT_COMMIT", &world.commit).current_dir(world.repository.path());
    Running::start(&mut command)
}

#[test]
fn it_merges_and_masks_its_secrets() {
    let world = World::new();
    world.supabase.set_merging(Merging {
        step: Duration::ZERO,
        migration: Duration::ZERO,
        ..Merging::default()
    });
    let run = start(&world).finish();
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.masks(TOKEN), "{run:?}");
    run.hides(&[PASSWORD, TOKEN]);
    assert_eq!(world.applied(), "abc");
}

#[test]
fn a_signal_says_that_the_merge_goes_on() {
    let world = World::new();
    let rule = world.server.faults().on(MERGE, When::Always, What::Hang);
    let mut running = start(&world);
    running.until(|| rule.fired() > 0);
    running.signal("INT");
    let run = running.finish();
    assert_eq!(run.code, 130, "{run:?}");
    assert!(run.stderr.contains("it is waited for, and not asked for twice"), "{run:?}");
    assert_eq!(world.ledger(), "bc > ? open");
}

#[test]
fn its_help_names_what_it_needs() {
    let help = printed(env!("CARGO_BIN_EXE_schema-merge"), "--help");
    for part in ["--acknowledge", "--dry-run", "SUPABASE_ACCESS_TOKEN", "DATABASE_URL", "core.schema_merges"]
    {
        assert!(help.contains(part), "{part}: {help}");
    }
}
