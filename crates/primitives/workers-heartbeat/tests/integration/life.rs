//! Enough workers at work is success; anything else is "not yet", and says what was seen.

use std::time::Duration;

use action::{Done, Ending};
use rehearsal::postgres::Strike;

use crate::world::{World, run};

#[tokio::test]
async fn one_fresh_running_worker_is_enough() {
    let world = World::new();
    world.worker("w-1", 42, "running", 20);
    world.worker("w-old", 41, "running", 0);
    let run = run(world.look()).await;
    assert_eq!(run.ending, Ending::Done(Done::Success), "{}", run.stderr);
    assert_eq!((run.output("running"), run.output("attempts"), run.output("result")), ("1", "1", "success"));
    assert!(
        run.summary.contains("Workers of generation 42")
            && run.summary.contains("w-1")
            && !run.summary.contains("w-old"),
        "{}",
        run.summary
    );
    assert_eq!(world.slept(), Duration::from_secs(1));
}

#[tokio::test]
async fn what_does_not_count_is_named_until_the_deadline() {
    let world = World::new();
    world.worker("w-1", 42, "starting", 0);
    world.worker("w-2", 42, "running", 3600);
    world.worker("w-3", 42, "running", -3600);
    world.worker("w-4", 41, "running", 0);
    let ended = run(world.look()).await;
    assert_eq!(ended.ending, Ending::TimedOut, "{}", ended.stderr);
    assert_eq!(world.slept(), Duration::from_secs(120));
    insta::assert_snapshot!(ended.error(), @r"
    no worker of generation 42 at work: gave up after 2m and 27 looks; last seen: 0 of 3 at work: w-1 starting, w-2 running but silent, w-3 running but silent
    hint: this only looked and changed nothing: before a flip do not flip, after one think of the way back
    hint: see the workers' own logs, and that SPECTRAL_GENERATION and DATABASE_URL are what they should be
    ");
    let table = ended.summary.split("### workers-heartbeat").next().unwrap();
    insta::assert_snapshot!(table.lines().map(without_age).collect::<Vec<_>>().join("\n"), @r"
    ### Workers of generation 42

    | Worker | State | Heartbeat | Counts |
    | --- | --- | --- | --- |
    | <code>w-1</code> | starting | (age) | no |
    | <code>w-2</code> | running | (age) | no |
    | <code>w-3</code> | running | (age) | no |
    ");
    let shown = ended.stderr.lines().filter(|line| line.contains("0 of 3 at work")).count();
    assert!(shown <= 4, "what does not change is shown once, and once a minute: {}", ended.stderr);
}

/// A row of the table without the time, which goes on while the test runs.
fn without_age(line: &str) -> String {
    let mut cells: Vec<&str> = line.split(" | ").collect();
    if let Some(age) = cells.iter_mut().find(|cell| cell.ends_with(" ago")) {
        *age = "(age)";
    }
    cells.join(" | ")
}

#[tokio::test]
async fn nobody_at_all_is_said_so() {
    let world = World::new();
    let run = run(world.look()).await;
    assert_eq!((run.ending, run.output("running")), (Ending::TimedOut, "0"));
    assert!(
        run.error().contains("no worker has reported itself") && run.error().contains("do not flip"),
        "{}",
        run.error()
    );
}

#[tokio::test]
async fn min_and_max_age_are_inputs() {
    let world = World::new();
    world.worker("w-1", 42, "running", 0);
    world.worker("w-2", 42, "running", 1000);
    let few = run(world.look().with("min", "2").with("timeout", "10s")).await;
    assert_eq!((few.ending, few.output("running")), (Ending::TimedOut, "1"));
    let enough = run(world.look().with("min", "2").with("max-age", "1h")).await;
    assert_eq!(enough.ending, Ending::Done(Done::Success), "{}", enough.stderr);
}

#[tokio::test]
async fn a_connection_that_breaks_is_one_look_that_saw_nothing() {
    let world = World::new();
    world.worker("w-1", 42, "running", 0);
    let relay = world.postgres.relay().unwrap();
    for statement in ["row_security", "START TRANSACTION", "from core.workers", "COMMIT\0"] {
        relay.strike(statement, Strike::Before);
        relay.strike(statement, Strike::After);
    }
    let run = run(world.look_at(&relay.dsn())).await;
    assert_eq!(run.ending, Ending::Done(Done::Success), "{}", run.stderr);
    assert_eq!((run.output("attempts"), relay.pending()), ("9", 0));
}

#[tokio::test]
async fn a_server_that_goes_in_the_middle_is_waited_for() {
    let world = World::new();
    let relay = world.postgres.relay().unwrap();
    relay.refuse(true);
    let run = run(world.look_at(&relay.dsn())).await;
    assert_eq!(run.ending, Ending::Unreachable, "{}", run.stderr);
    assert!(
        run.error().contains("could not be looked at") && run.error().contains("nothing was ever seen"),
        "{}",
        run.error()
    );
    assert_eq!(world.slept(), Duration::from_secs(120));
}
