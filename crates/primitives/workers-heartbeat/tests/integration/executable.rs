//! The real executable, as a step runs it.

use std::process::Command;

use rehearsal::postgres::PASSWORD;

use crate::world::World;

#[test]
fn it_sees_a_worker_and_exits_with_zero() {
    let world = World::new();
    world.worker("w-1", 42, "running", 0);
    let output = Command::new(env!("CARGO_BIN_EXE_workers-heartbeat"))
        .env_clear()
        .env("DATABASE_URL", world.postgres.dsn())
        .env("INPUT_GENERATION", "42")
        .output()
        .unwrap();
    let (stdout, stderr) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(stdout.contains("running=1\n") && stdout.ends_with("result=success\n"), "{stdout}");
    assert!(!stderr.contains(PASSWORD) && !stdout.contains(PASSWORD));
}
