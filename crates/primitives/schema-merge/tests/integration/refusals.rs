//! What is refused before anything is asked for.

use rehearsal::postgres::{PASSWORD, Postgres};

use crate::world::{A, B, C, D, MERGE, World, assert, run};

async fn refused(world: &World, result: &str, told: &str) -> String {
    let done = run(world.merge()).await;
    assert(&done, result, told);
    assert_eq!((world.server.journal().count(MERGE), world.ledger()), (0, String::new()), "{told}");
    done.error()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_ahead_of_the_tag_or_behind_it() {
    let ahead = World::with(&[A], &[B, C, D], &[A, B, C]);
    let told = refused(
        &ahead,
        "stale",
        &format!("would add to production what commit {} lacks: {}", ahead.commit, D.0),
    )
    .await;
    assert!(told.contains("deploy a commit that has these files"), "{told}");
    let behind = World::with(&[A], &[B], &[A, B, C]);
    let told = refused(&behind, "stale", &format!("would not add to production: {}", C.0)).await;
    assert!(told.contains("let staging deploy this commit first"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_is_not_what_was_applied() {
    let edited = (A.0, "create table a (id bigint)");
    refused(
        &World::with(&[A], &[B], &[edited, B]),
        "stale",
        "20260101000000_a.sql was edited after it was applied",
    )
    .await;
    // Edited after staging had it: production would get what staging has.
    let edited = (B.0, "create table b (id bigint)");
    refused(
        &World::with(&[A], &[B], &[A, edited]),
        "stale",
        "20260102000000_b.sql was edited after it was applied",
    )
    .await;
    let renamed = ("20260101000000_z", A.1);
    refused(
        &World::with(&[A], &[B], &[renamed, B]),
        "stale",
        "20260101000000_z.sql was applied as 20260101000000_a",
    )
    .await;
    let world = World::with(&[A, C], &[B], &[A, B, C]);
    refused(&world, "stale", "20260102000000_b.sql is not applied, and older than 20260103000000_c").await;
    // Comments and white space are no edit.
    let same = (A.0, "-- why\ncreate table  a (id int)");
    assert(&run(World::with(&[A], &[B], &[same, B]).merge()).await, "success", "");
}

/// PostgreSQL takes it outside transactions only, and the merge would stop at it with what came before it applied.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_run_inside_a_transaction() {
    let index = (C.0, "create index concurrently on a (id)");
    // The branch has it recorded, as if it had been built there by hand.
    let world = World::with(&[A], &[B], &[A, B, index]);
    world.record(&world.staging, index);
    let told =
        refused(&world, "refused", &format!("{}.sql, line 1, cannot run inside a transaction", C.0)).await;
    assert!(told.contains("goes first: deploy a commit that ends with it: 20260102000000_b"), "{told}");
    assert!(told.contains("supabase migration repair 20260103000000 --status applied"), "{told}");
    assert_eq!(world.applied(), "a", "nothing is half done");

    // Somebody did as told.
    let world = World::with(&[A, B], &[], &[A, B, index]);
    world.record(&world.staging, index);
    let told = refused(&world, "refused", "cannot run inside a transaction").await;
    assert!(!told.contains("goes first"), "{told}");
    world.postgres.execute(index.1).unwrap();
    world.record(&world.production, index);
    assert(&run(world.merge()).await, "unchanged", "");

    let mixed = (C.0, "alter table a add b int;\ncreate index concurrently on a (b)");
    let world = World::with(&[A], &[B], &[A, B, mixed]);
    let told = refused(&world, "refused", "line 2 cannot run inside a transaction").await;
    assert!(told.contains("a file of its own"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_leads_elsewhere() {
    let world = World::new();
    let other = Postgres::with_ledger().unwrap();
    let done = run(world.merge_over(&other.dsn())).await;
    assert(&done, "stale", &format!("are not those of project {}", world.production));
    assert_eq!(other.value("select count(*) from core.schema_merges").unwrap(), "0");
    let pooler = format!(
        "postgresql://postgres.zzzzzzzzzzzzzzzzzzzz:{PASSWORD}@aws-0-eu-west-1.pooler.supabase.com:5432/postgres"
    );
    let done = run(world.merge_over(&pooler)).await;
    assert(&done, "invalid", "DATABASE_URL leads to project zzzzzzzzzzzzzzzzzzzz");
    let transaction = format!(
        "postgresql://postgres.{}:{PASSWORD}@aws-0-eu-west-1.pooler.supabase.com:6543/postgres",
        world.production
    );
    assert(&run(world.merge_over(&transaction)).await, "invalid", "transaction pooler");
    assert(&run(world.merge_over("postgresql://u:p@x@h/d")).await, "invalid", "holds `@` as it is");
    assert_eq!(world.merges(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn references_that_do_not_fit() {
    let world = World::new();
    let dsn = world.postgres.dsn();
    let unknown = "yyyyyyyyyyyyyyyyyyyy";
    let done = run(world.invocation(&world.production, unknown, &dsn)).await;
    assert(&done, "invalid", &format!("has no branch {unknown}"));
    assert!(done.error().contains(&format!("{} (staging)", world.staging)), "{}", done.error());
    let done = run(world.invocation(&world.production, &world.production, &dsn)).await;
    assert(&done, "invalid", "is that of production itself");
    assert(
        &run(world.invocation("staging", &world.staging, &dsn)).await,
        "invalid",
        "no reference of a Supabase project",
    );
    assert(&run(world.invocation(unknown, &world.staging, &dsn)).await, "denied", "404");
    assert_eq!(world.merges(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_and_folders_that_are_not_there() {
    let mut world = World::new();
    let done = run(world.merge().with("migrations", "db/migrations")).await;
    assert(&done, "invalid", "there is no folder db/migrations");
    assert(
        &run(world.merge().with("migrations", "../x")).await,
        "invalid",
        "is not a folder of the repository",
    );
    world.commit = "0123456789abcdef0123456789abcdef01234567".to_owned();
    assert(&run(world.merge()).await, "invalid", "this clone has no commit 0123456789");
    world.commit = "main".to_owned();
    assert(&run(world.merge()).await, "invalid", "is not a full commit SHA");
    assert_eq!(world.merges(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledging_what_is_not_applied_or_is_no_version() {
    let world = World::new();
    let done = run(world.merge().with("acknowledge", C.0)).await;
    assert(&done, "stale", &format!("lists what is not applied in production: {}", C.0));
    assert(
        &run(world.merge().with("acknowledge", "all of it")).await,
        "invalid",
        "is no version of a migration",
    );
    assert_eq!((world.merges(), world.ledger()), (0, String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_or_a_ledger_that_does_not_serve() {
    let world = World::new();
    world.supabase.set_token("another");
    refused(&world, "denied", "401").await;
    let world = World::new();
    world.postgres.execute("drop table core.schema_merges").unwrap();
    let done = run(world.merge()).await;
    assert(&done, "denied", "lacks core.schema_merges");
    assert!(done.error().contains("create table if not exists core.schema_merges"), "{}", done.error());
    assert_eq!(world.merges(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_working_tree_does_not_count() {
    let world = World::with(&[A], &[B], &[A, B]);
    world.repository.write(&format!("supabase/migrations/{}.sql", C.0), C.1).unwrap();
    let done = run(world.merge()).await;
    assert(&done, "success", "");
    assert_eq!(done.output("schema-version"), B.0);
}
