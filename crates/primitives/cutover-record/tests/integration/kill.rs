//! Killed before and after each statement, and run again: the same row.

use std::process::{Command, Stdio};

use rehearsal::postgres::{PASSWORD, Relay, Strike};

use crate::world::{BLUE, World};

/// A generation, and one without a flip.
const ROWS: &str = "truncate core.deployments restart identity;
    insert into core.deployments (reference, sha, targets, run_id)
    values ('refs/tags/prod-1', repeat('a', 40), '{api}', 1), ('refs/tags/prod-2', repeat('b', 40), '{}', 2)";

const ANNOUNCE: &str = "update core.deployments set intent_at = now(), previous_cnames = '{\"a.example.com\": \"b\"}' where generation = 1";

fn program(relay: &Relay, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cutover-record"));
    command
        .env_clear()
        .env("DATABASE_URL", relay.dsn())
        .args(words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The usual run, then one that is killed at each statement of it, and runs after that.
fn killed_anywhere(words: &[&str], announced: bool, generation: u64, wanted: &str) {
    let world = World::new();
    let relay = world.postgres.relay().unwrap();
    let begin = || {
        world.postgres.execute(ROWS).unwrap();
        if announced {
            world.postgres.execute(ANNOUNCE).unwrap();
        }
        relay.clear();
    };
    let run = |name: &str| {
        let done = program(&relay, words).output().unwrap();
        let printed = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(0), "{name}: {printed}");
        assert!(!printed.contains(PASSWORD), "{name}: {printed}");
        assert_eq!(world.row(generation), wanted, "{name}");
    };
    begin();
    run("not killed");
    let statements = relay.statements();
    assert!(statements.iter().any(|told| told.starts_with("run update")), "{statements:#?}");
    for (index, statement) in statements.iter().enumerate() {
        for strike in [Strike::Hold, Strike::Silence] {
            let name = format!("{strike:?} at {statement}");
            begin();
            let before = world.row(generation);
            relay.strike_at(index + 1, strike);
            let struck = relay.kill_when_struck(program(&relay, words).spawn().unwrap()).unwrap();
            assert!(struck, "it never came to the statement");
            let between = world.row(generation);
            assert!(between == before || between == wanted, "{name}: half done: {between}");
            run(&name);
            run(&name);
        }
    }
}

#[test]
fn an_intent() {
    killed_anywhere(
        &["--mode=intent", "--generation=1", &format!("--previous={BLUE}")],
        false,
        1,
        "intent {api}",
    );
}

#[test]
fn a_cutover() {
    killed_anywhere(&["--mode=cut-over", "--generation=1"], true, 1, "intent cut-over {api}");
}

#[test]
fn a_publication() {
    killed_anywhere(&["--mode=publish", "--generation=2", "--target=docs"], false, 2, "cut-over {docs}");
}

#[test]
fn a_roll_back() {
    killed_anywhere(&["--mode=rolled-back", "--generation=1"], true, 1, "intent rolled-back {api}");
}
