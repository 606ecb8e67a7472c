//! The smoke command: passing, failing, hanging, absent, nosy.

use crate::world::{A, B, C, World, assert, run};

fn world() -> World {
    let world = World::new();
    world.quick();
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn it_sees_the_migrated_branch_and_none_of_our_secrets() {
    let world = world();
    let marker = world.repository.path().join("seen");
    let psql = rehearsal::postgres::Postgres::binaries().unwrap().join("psql");
    let smoke = format!(
        "{} \"$DATABASE_URL\" -Atc \"select count(*) from supabase_migrations.schema_migrations\" > {}\nenv > {}.env\npwd >> {}",
        psql.display(),
        marker.display(),
        marker.display(),
        marker.display()
    );
    let done =
        run(world.rehearse().with("smoke", smoke).variable("KEPT", "yes").variable("INPUT_X", "no")).await;
    assert(&done, "success", "");
    let seen = std::fs::read_to_string(&marker).unwrap();
    assert_eq!(
        seen.lines().collect::<Vec<_>>(),
        ["3", &*world.repository.path().canonicalize().unwrap().to_string_lossy()]
    );
    let env = std::fs::read_to_string(marker.with_extension("env")).unwrap();
    assert!(env.contains("KEPT=yes") && env.contains("DATABASE_URL=postgresql://postgres%2E"), "{env}");
    for ours in ["SUPABASE_ACCESS_TOKEN", "INPUT_X", "GITHUB_OUTPUT"] {
        assert!(!env.contains(ours), "{ours}");
    }
    assert_eq!(world.branches(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_fails_the_rehearsal_and_the_branch_goes() {
    for (smoke, told) in [
        ("echo first; exit 3", "the smoke command ended with exit status: 3"),
        ("false | true", "exit status: 1"),
        ("there-is-no-such-program", "exit status: 127"),
        ("kill -9 $$", "signal: 9"),
    ] {
        let world = world();
        let done = run(world.rehearse().with("smoke", smoke)).await;
        assert(&done, "failed", told);
        assert!(done.error().contains("the branch is deleted"), "{}", done.error());
        assert_eq!((world.branches(), done.output("applied")), (Vec::new(), &*format!("{}\n{}", B.0, C.0)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_prints_reaches_the_summary_without_the_password() {
    let world = world();
    let smoke = "echo \"$DATABASE_URL\"; p=${DATABASE_URL#*:*:}; echo \"${p%%@*}\" >&2; echo '::set-output name=x::y'; exit 1";
    let done = run(world.rehearse().with("smoke", smoke)).await;
    assert(&done, "failed", "what it printed last is in the job summary");
    assert!(done.summary.contains("***") && done.summary.contains("set-output"), "{}", done.summary);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_hangs_is_stopped_with_everything_that_it_began() {
    let world = world();
    let marker = world.repository.path().join("pid");
    let smoke =
        format!("trap '' TERM; (trap '' TERM; sleep 600) & echo $! > {}; wait; sleep 600", marker.display());
    let done = run(world.rehearse().with("smoke", smoke).with("smoke-timeout", "1s")).await;
    assert(&done, "timed-out", "the smoke command took longer than 1s");
    assert_eq!(world.branches(), Vec::<String>::new());
    let child = std::fs::read_to_string(marker).unwrap();
    let alive =
        || std::process::Command::new("kill").args(["-0", child.trim()]).output().unwrap().status.success();
    for _ in 0..100 {
        if !alive() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("process {child} goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_leaves_something_behind_does_not_hold_the_rehearsal_up() {
    let world = world();
    let done = run(world.rehearse().with("smoke", "sleep 600 & echo done")).await;
    assert(&done, "success", "");
}

#[tokio::test(flavor = "multi_thread")]
async fn none_is_none() {
    let world = World::with(&[A], &[A, B]);
    world.quick();
    let done = run(world.rehearse().with("smoke", " \n")).await;
    assert(&done, "success", "");
    assert!(done.summary.contains("| Smoke command | none |"), "{}", done.summary);
}
