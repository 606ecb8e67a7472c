//! The real executable, as a step runs it.

use std::process::Command;

use rehearsal::postgres::{PASSWORD, Postgres};

use crate::world::SHA;

#[test]
fn it_speaks_to_a_real_database_and_masks_its_address() {
    let postgres = Postgres::with_ledger().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_generation-allocate"))
        .env_clear()
        .env("DATABASE_URL", postgres.dsn())
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_RUN_ID", "5")
        .env("INPUT_REFERENCE", "refs/heads/main")
        .env("INPUT_SHA", SHA)
        .env("INPUT_TARGETS", r#"["api"]"#)
        .output()
        .unwrap();
    let (stdout, stderr) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let (masks, said): (Vec<_>, Vec<_>) = stderr.lines().partition(|line| line.starts_with("::add-mask::"));
    assert!(masks.contains(&format!("::add-mask::{PASSWORD}").as_str()), "{masks:?}");
    assert!(!said.join("\n").contains(PASSWORD) && !stdout.contains(PASSWORD), "{said:?}");
    assert_eq!(postgres.value("select run_id from core.deployments").unwrap(), "5");
}
