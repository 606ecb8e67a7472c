//! Migrations that are tried, and branches that go afterwards.

use rehearsal::twins::supabase::{Creating, CreationEnd};

use crate::world::{A, B, C, CREATE, NAME, World, assert, run};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pending_is_applied_to_a_branch_that_is_gone_afterwards() {
    let world = World::new();
    let done = run(world.rehearse()).await;
    assert(&done, "success", "");
    assert_eq!((done.output("branch"), done.output("applied")), (NAME, &*format!("{}\n{}", B.0, C.0)));
    assert_eq!((world.branches(), world.made(), world.production()), (Vec::new(), (1, 1), 1));
    insta::assert_snapshot!(done.summary, @r"
    ### Schema rehearsal

    | What |  |
    | --- | --- |
    | Branch | <code>greenroom-77</code>, deleted |
    | Applied | <code>20260102000000\_b</code><br><code>20260103000000\_c</code> |
    | Smoke command | none |
    ");
    // Another rehearsal makes another branch.
    assert(&run(world.rehearse()).await, "success", "");
    assert_eq!((world.branches(), world.made()), (Vec::new(), (2, 2)));
    let body = world.server.journal().of(CREATE)[0].json();
    assert_eq!(body["with_data"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_pending_makes_no_branch() {
    for (production, files) in [(&[A][..], &[A][..]), (&[A, B, C], &[A, B])] {
        let world = World::with(production, files);
        let done = run(world.rehearse().with("smoke", "false")).await;
        assert(&done, "unchanged", "");
        assert_eq!((world.made(), done.output("applied")), ((0, 0), ""));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fix_on_the_tag_of_a_rollback_is_tried_on_top_of_what_production_has() {
    let world = World::with(&[A, B], &[A, (C.0, "alter table b add c int")]);
    let done = run(world.rehearse()).await;
    assert(&done, "success", "");
    assert_eq!((done.output("applied"), world.branches()), (C.0, Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_is_built_concurrently_is_tried_outside_a_transaction() {
    let world = World::with(&[A], &[A, (B.0, "create index concurrently i on a (id)")]);
    assert(&run(world.rehearse()).await, "success", "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_migration_in_the_middle_is_told_with_its_place() {
    let world = World::with(
        &[A],
        &[A, B, (C.0, "create table c (id int);\nselect 1/0"), ("20260104000000_d", "select 1")],
    );
    let done = run(world.rehearse()).await;
    assert(&done, "failed", "20260103000000_c.sql, line 2: division by zero");
    insta::assert_snapshot!(done.error(), @r"
    rehearsal on branch greenroom-77: 20260103000000_c.sql, line 2: division by zero (SQLSTATE 22012)
    hint: the statement: select 1 / 0
    hint: nothing of 20260103000000_c.sql is applied: its transaction was rolled back
    hint: applied by this run: 20260102000000_b; not applied: 20260103000000_c, 20260104000000_d
    hint: correct the file, then run again: what is applied is not run a second time
    hint: the branch is deleted, and production was only read
    ");
    assert_eq!((world.branches(), world.production()), (Vec::new(), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_writes_into_the_history_itself_is_caught_by_the_count() {
    let sly =
        "insert into supabase_migrations.schema_migrations (version, name) values ('20270101000000', 'sly')";
    let world = World::with(&[A], &[A, (B.0, sly)]);
    let done = run(world.rehearse()).await;
    assert(
        &done,
        "failed",
        "did not gain exactly the 1 pending migrations: its table has 20270101000000_sly beyond it",
    );
    assert_eq!(world.branches(), Vec::<String>::new());
    let sly = "delete from supabase_migrations.schema_migrations";
    let world = World::with(&[A], &[A, (B.0, sly)]);
    let done = run(world.rehearse()).await;
    assert(&done, "failed", "its table lacks 20260101000000");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_does_not_come_up_is_told_and_deleted() {
    for (end, result, told) in [
        (CreationEnd::InitFailed, "failed", "cannot come up: project INIT_FAILED"),
        (CreationEnd::MigrationsFailed(0), "failed", "production's own migrations cannot be replayed"),
    ] {
        let world = World::new();
        world.supabase.set_creating(Creating { end, ..Creating::default() });
        let done = run(world.rehearse()).await;
        assert(&done, result, told);
        assert_eq!((world.branches(), world.made()), (Vec::new(), (1, 1)));
    }
    let world = World::new();
    world
        .supabase
        .set_creating(Creating { project: std::time::Duration::from_secs(3600), ..Creating::default() });
    let done = run(world.rehearse().with("timeout", "5m")).await;
    assert(&done, "timed-out", "did not become ready: gave up after 5m");
    assert_eq!((world.branches(), world.made()), (Vec::new(), (1, 1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_makes_nothing() {
    let world = World::new();
    let done = run(world.rehearse().with("dry-run", "true")).await;
    assert(&done, "planned", "");
    assert!(done.summary.contains("applied"), "{}", done.summary);
    assert_eq!(world.made(), (0, 0));
}
