//! The real executable, as a step runs it.

use std::process::Command;

use rehearsal::own_process;
use rehearsal::postgres::{PASSWORD, Postgres};

use crate::world::SHA;

#[test]
fn it_speaks_to_a_real_database_and_masks_its_address() {
    let postgres = Postgres::with_ledger().unwrap();
    let run = own_process::run(
        Command::new(env!("CARGO_BIN_EXE_generation-allocate"))
            .env_clear()
            .env("DATABASE_URL", postgres.dsn())
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_RUN_ID", "5")
            .env("INPUT_REFERENCE", "refs/heads/main")
            .env("INPUT_SHA", SHA)
            .env("INPUT_TARGETS", r#"["api"]"#),
    );
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.masks(PASSWORD), "{run:?}");
    run.hides(&[PASSWORD]);
    assert_eq!(postgres.value("select run_id from core.deployments").unwrap(), "5");
}
