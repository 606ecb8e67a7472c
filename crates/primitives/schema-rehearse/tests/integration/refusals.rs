//! What is refused before a branch is made.

use crate::world::{A, B, C, World, assert, run};

#[tokio::test(flavor = "multi_thread")]
async fn migrations_that_tell_another_story_or_cannot_run() {
    for (production, files, result, told) in [
        (
            &[A][..],
            &[(A.0, "create table a (id bigint)"), B][..],
            "stale",
            "20260101000000_a.sql was edited after it was applied",
        ),
        (
            &[A],
            &[("20260101000000_z", A.1), B],
            "stale",
            "20260101000000_z.sql was applied as 20260101000000_a",
        ),
        (
            &[A, C],
            &[A, B, C],
            "stale",
            "20260102000000_b.sql is not applied, and older than 20260103000000_c",
        ),
        (
            &[A],
            &[A, (B.0, "create table b (id int);\ncreate index concurrently i on b (id)")],
            "refused",
            "20260102000000_b.sql: line 2 cannot run inside a transaction",
        ),
        (
            &[A],
            &[A, (B.0, "select 1;\ncommit;\nselect 2")],
            "refused",
            "20260102000000_b.sql: line 2 begins or ends a transaction",
        ),
        (&[A], &[A, (B.0, "select 'open")], "refused", "20260102000000_b.sql"),
    ] {
        let world = World::with(production, files);
        let done = run(world.rehearse()).await;
        assert(&done, result, told);
        assert_eq!(world.made(), (0, 0), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn inputs_that_do_not_fit() {
    let world = World::new();
    let cases = [
        (world.rehearse().with("migrations", "db"), "there is no folder db"),
        (world.rehearse().with("migrations", "/etc"), "is not a folder of the repository"),
        (world.rehearse().with("commit", "main"), "is not a full commit SHA"),
        (
            world.rehearse().with("commit", "0123456789abcdef0123456789abcdef01234567"),
            "this clone has no commit 0123",
        ),
        (world.rehearse().with("timeout", "0s"), "must be longer than nothing"),
        (world.clean_up().with("smoke", "true"), "is for `mode: rehearse` only"),
        (world.rehearse().variable("GITHUB_RUN_ID", ""), "GITHUB_RUN_ID holds no whole number"),
        (world.rehearse().variable("SUPABASE_ACCESS_TOKEN", ""), "SUPABASE_ACCESS_TOKEN"),
    ];
    for (invocation, told) in cases {
        assert(&run(invocation).await, "invalid", told);
    }
    assert_eq!(world.made(), (0, 0));
    world.supabase.set_token("another");
    assert(&run(world.rehearse()).await, "denied", "401");
}
