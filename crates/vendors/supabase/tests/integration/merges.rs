//! Merges: begun, followed, cut short, lost.

use std::time::Duration;

use rehearsal::fault::{What, When};
use rehearsal::twins::supabase::{Merging, RunsOf, StepEnd};
use supabase::{Outcome, StepName};

use crate::world::{World, id};

const MERGE: &str = "POST /v1/branches/{branch}/merge";

/// Production with one migration, and a staging branch with three more.
fn ahead(world: &World) -> String {
    world.twin.migrate(&world.production, "20260101000000_a", &["create table a (a int)"]).unwrap();
    let staging = world.twin.add_persistent_branch(&world.production, "staging").unwrap();
    for (stem, sql) in [
        ("20260102000000_b", "create table b (a int) -- the end"),
        ("20260103000000_c", "insert into a values (1)"),
        ("20260104000000_d", "create index d on b (a)"),
    ] {
        world.twin.migrate(&staging, stem, &[sql]).unwrap();
    }
    staging
}

#[test]
fn a_merge_goes_on_after_its_answer_and_applies_what_is_missing_once() {
    for runs_of in [RunsOf::Parent, RunsOf::Branch] {
        let world = World::new();
        let staging = ahead(&world);
        world.twin.set_runs_of(runs_of);
        let (production, branch) = (id(&world.production), id(&staging));
        let (clock, twin) = (world.clock.clone(), world.twin.clone());
        world.with(async move |client, permit| {
            let run = client.merge_branch(&branch, &permit).await.unwrap();
            assert_eq!(twin.applied(production.as_str()).unwrap().len(), 1, "nothing yet");
            let look = async || client.merge_run(&production, &branch, &run).await.unwrap();
            let (begun, owner) = look().await;
            assert_eq!((begun.outcome(), begun.current().unwrap().name.word()), (Outcome::Running, "clone"));
            assert_eq!(owner == production, runs_of == RunsOf::Parent);
            clock.advance(Duration::from_secs(9));
            let (going, _) = look().await;
            assert_eq!(
                (going.outcome(), &going.current().unwrap().name),
                (Outcome::Running, &StepName::Migrate)
            );
            assert_eq!(twin.applied(production.as_str()).unwrap().len(), 2, "one after the other");
            clock.advance(Duration::from_secs(60));
            let (ended, _) = look().await;
            assert_eq!(ended.outcome(), Outcome::Ended);
            assert_eq!(twin.applied(production.as_str()).unwrap(), twin.applied(branch.as_str()).unwrap());
            let log = client.action_run_log(&owner, &run).await.unwrap();
            assert!(log.starts_with("Applying migration 20260102000000_b.sql...\n"), "{log}");
            // Again: it skips all.
            let again = client.merge_branch(&branch, &permit).await.unwrap();
            clock.advance(Duration::from_secs(60));
            assert_eq!(
                client.merge_run(&production, &branch, &again).await.unwrap().0.outcome(),
                Outcome::Ended
            );
            let found =
                client.read(&production, "select count(*) as count from public.a", &[]).await.unwrap();
            assert_eq!(found[0]["count"], 1);
            let runs = client.action_runs(&owner, 1).await.unwrap();
            assert_eq!(runs.iter().map(|found| &found.id).collect::<Vec<_>>(), [&again, &run]);
        });
    }
}

#[test]
fn a_merge_that_applies_a_part_may_say_so_or_not() {
    for (end, outcome) in
        [(StepEnd::Dead, Outcome::Failed(StepName::Migrate)), (StepEnd::Exited, Outcome::Ended)]
    {
        let world = World::new();
        let staging = ahead(&world);
        world.twin.next_merge(Merging { applies: Some(1), end, ..Merging::default() });
        let (production, branch) = (id(&world.production), id(&staging));
        let (clock, twin) = (world.clock.clone(), world.twin.clone());
        world.with(async move |client, permit| {
            let run = client.merge_branch(&branch, &permit).await.unwrap();
            clock.advance(Duration::from_secs(600));
            assert_eq!(client.action_run(&production, &run).await.unwrap().outcome(), outcome);
            let versions: Vec<_> =
                client.history(&production).await.unwrap().into_iter().map(|row| row.version).collect();
            assert_eq!(versions, ["20260101000000", "20260102000000"]);
            client.merge_branch(&branch, &permit).await.unwrap();
            clock.advance(Duration::from_secs(600));
            assert_eq!(client.history(&production).await.unwrap().len(), 4, "the rest");
            assert_eq!(twin.effects().len(), 2);
        });
    }
}

#[test]
fn a_migration_that_postgresql_refuses_stops_a_merge_and_leaves_those_before_it() {
    let world = World::new();
    let staging = ahead(&world);
    // Somebody made it by hand in production.
    let (production, branch, clock) = (id(&world.production), id(&staging), world.clock.clone());
    world.with(async move |client, permit| {
        client.execute(&production, "create index d on public.a (a)", &[], &permit).await.unwrap();
        let run = client.merge_branch(&branch, &permit).await.unwrap();
        clock.advance(Duration::from_secs(600));
        let failed = client.action_run(&production, &run).await.unwrap();
        assert_eq!(failed.outcome(), Outcome::Failed(StepName::Migrate));
        let log = client.action_run_log(&production, &run).await.unwrap();
        assert!(log.contains("ERROR:  42P07: relation \"d\" already exists"), "{log}");
        assert_eq!(client.history(&production).await.unwrap().len(), 3);
    });
}

#[test]
fn what_cannot_run_in_a_transaction_cannot_be_merged() {
    let world = World::new();
    let staging = ahead(&world);
    let address = world.twin.address(&staging).unwrap();
    let row = "insert into supabase_migrations.schema_migrations values \
        ('20260105000000', array['create index concurrently e on b (a)'], 'e')";
    let psql = rehearsal::postgres::Postgres::binaries().unwrap().join("psql");
    let done = std::process::Command::new(psql).args([&address, "-qc", row]).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    let (production, branch, clock) = (id(&world.production), id(&staging), world.clock.clone());
    world.with(async move |client, permit| {
        let run = client.merge_branch(&branch, &permit).await.unwrap();
        clock.advance(Duration::from_secs(600));
        let log = client.action_run_log(&production, &run).await.unwrap();
        assert!(log.contains("25001"), "{log}");
        assert_eq!(client.history(&production).await.unwrap().len(), 4);
    });
}

#[test]
fn a_lost_answer_to_a_merge_is_unclear_and_not_repeated() {
    for what in [What::ApplyThenLose, What::CutBody, What::status(502)] {
        let world = World::new();
        let staging = ahead(&world);
        world.server.faults().on(MERGE, When::First(1), what.clone());
        let (production, branch, clock) = (id(&world.production), id(&staging), world.clock.clone());
        let begun = !matches!(what, What::Answer(_));
        world.with(async move |client, permit| {
            let error = client.merge_branch(&branch, &permit).await.unwrap_err();
            assert_eq!(error.outcome(), http::Outcome::Unknown, "{error}");
            clock.advance(Duration::from_secs(600));
            let merged = client.history(&production).await.unwrap().len() == 4;
            let runs = client.action_runs(&production, 10).await.unwrap().len();
            assert_eq!(merged, runs == 1);
            assert!(begun || !merged);
        });
        assert!(world.server.journal().count(MERGE) <= 1);
    }
}
