//! What no wait can mend ends it at once.

use std::time::Duration;

use action::Ending;
use rehearsal::postgres::PASSWORD;

use crate::world::{World, run};

#[tokio::test]
async fn missing_tables_rights_and_logins_end_the_wait_at_the_first_look() {
    let world = World::new();
    world.postgres.execute("create role blind login; grant usage on schema core to blind").unwrap();
    let blind = run(world.look_at(&world.postgres.dsn_of("blind"))).await;
    assert!(blind.error().contains("permission denied for table workers"), "{}", blind.error());
    let nobody = run(world.look_at(&world.postgres.dsn_of("who"))).await;
    assert!(nobody.error().contains("refused the login"), "{}", nobody.error());
    world.postgres.execute("alter table core.workers drop column state").unwrap();
    let without = run(world.look()).await;
    assert!(
        without.error().contains("alter table core.workers add column state text;"),
        "{}",
        without.error()
    );
    for run in [blind, nobody, without] {
        assert_eq!((run.ending, run.output("attempts")), (Ending::Denied, "1"), "{}", run.stderr);
    }
    assert_eq!(world.slept(), Duration::from_secs(3));
}

#[tokio::test]
async fn a_hostile_worker_prints_no_command() {
    let world = World::new();
    world.worker("\n::error::x##[error]\u{1b}[2J", 42, "starting", 0);
    let run = run(world.look().with("timeout", "5s")).await;
    assert_eq!(run.ending, Ending::TimedOut);
    for line in run.stderr.split(['\n', '\r']) {
        let command = line.trim_start().starts_with("::")
            && !line.starts_with("::error title=workers-heartbeat::")
            && !line.starts_with("::add-mask::");
        assert!(!command && !line.contains("##["), "{line}");
    }
}

#[tokio::test]
async fn a_wrong_address_is_told_without_its_password() {
    let world = World::new();
    let run = run(world.look_at(&format!("postgres://u:{PASSWORD}#x@db.example.com/d"))).await;
    assert_eq!(run.ending, Ending::Invalid);
    assert!(run.error().contains("holds `#` as it is") && run.error().contains("%23"), "{}", run.error());
}
