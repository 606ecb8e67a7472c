//! Worlds and inputs in which there is no way back to tell.

use rehearsal::fault::{What, When};

use crate::world::{Assert as _, GENERATION, NAMES, SECOND, World, run};

const MODES: [&str; 3] = ["plan", "flip-back", "tag"];

async fn all_refuse(world: &World, symptom: &str, result: &str, told: &str) {
    for mode in MODES {
        let run = run(world.invoke(mode, symptom).with("generation", GENERATION)).await;
        run.refuses(result, told);
        assert_eq!((run.output("class"), run.output("tag")), ("", ""), "{mode}");
    }
    assert_eq!(world.writes(), 0);
}

#[tokio::test]
async fn a_schema_that_older_code_does_not_run_on() {
    let world =
        World::migrated("-- compat: breaking (reason: nobody reads it)\nalter table a drop column b;");
    for symptom in ["behaviour", "data", "migration"] {
        all_refuse(&world, symptom, "refused", &format!("{SECOND} took away what it needs")).await;
    }
    // Recorded by nobody, and in no commit that is here.
    let world = World::new();
    world.sql("insert into supabase_migrations.schema_migrations (version) values ('20270101000000')");
    all_refuse(&world, "behaviour", "refused", "the text of 20270101000000 is not to be had").await;
    // The database remembers what was run.
    world.sql("update supabase_migrations.schema_migrations set statements = '{select 1}' where version = '20270101000000'");
    assert_eq!(world.plan("behaviour").await.assert("success").output("class"), "2");
    world.sql("update supabase_migrations.schema_migrations set statements = array['-- compat: breaking (reason: x)' || chr(10) || 'drop table a'] where version = '20270101000000'");
    all_refuse(&world, "data", "refused", "20270101000000 took away what it needs").await;
}

#[tokio::test]
async fn a_symptom_that_does_not_fit() {
    let world = World::new();
    all_refuse(
        &world,
        "migration",
        "stale",
        "generation 2 applied no migration that generation 1 does not know",
    )
    .await;
    world.sql("drop schema supabase_migrations cascade");
    all_refuse(&world, "migration", "stale", "applied no migration").await;
    world.set("intent_at = null, cut_over_at = null, previous_cnames = null");
    for symptom in ["data", "migration"] {
        all_refuse(&world, symptom, "stale", "nobody was served by generation 2").await;
        let run = world.plan(symptom).await;
        let line = format!("hint: gh workflow run rollback.yml -f symptom={symptom} -f generation=1\n");
        assert!(run.error().contains(&line), "{}", run.error());
    }
}

#[tokio::test]
async fn a_newer_flip_of_the_same_names_that_is_under_way() {
    let world = World::new();
    let columns = "(reference, sha, targets, run_id, intent_at, previous_cnames)";
    let announce = |targets: &str, host: &str| {
        world.sql(&format!(
            "insert into core.deployments {columns} values ('r', repeat('f', 40), '{targets}', 3, now(), '{{\"{host}\": \"x.example\"}}')"
        ));
    };
    // Of another name it is in nobody's way.
    announce("{dashboard}", "app.example.localhost");
    let plan = || run(world.invoke("plan", "behaviour").with("generation", GENERATION));
    assert_eq!(plan().await.assert("success").output("class"), "2");
    announce("{api,workers}", NAMES[0]);
    for symptom in ["behaviour", "data"] {
        let told =
            "the flip of generation 4, of names that generation 2 moved, is neither confirmed nor undone";
        all_refuse(&world, symptom, "stale", told).await;
    }
    let line = "hint: gh workflow run rollback.yml -f symptom=behaviour -f generation=4 -f flip-back=true\n";
    assert!(plan().await.error().contains(line), "{}", plan().await.error());
    world.sql("update core.deployments set rolled_back_at = now() where generation = 4");
    assert_eq!(plan().await.assert("success").output("class"), "2");
}

#[tokio::test]
async fn a_generation_in_between_or_none_at_all() {
    let world = World::new();
    world.sql("insert into core.deployments (reference, sha, targets, run_id, intent_at, cut_over_at) values ('r', repeat('f', 40), '{api}', 3, now(), now())");
    all_refuse(&world, "behaviour", "stale", "generation 3 was cut over since").await;
    let run = run(world.invoke("plan", "behaviour").with("generation", "99")).await;
    run.refuses("stale", "the ledger has no generation 99");
    world.sql("truncate core.deployments");
    world.plan("behaviour").await.refuses("stale", "the ledger has no generation");
}

#[tokio::test]
async fn nothing_older_or_the_same_commit() {
    let world = World::new();
    world.sql("update core.deployments set sha = (select sha from core.deployments where generation = 2) where generation = 1");
    let run = world.plan("data").await;
    run.refuses("stale", "is of the same commit");
    world.sql("delete from core.deployments where generation = 1");
    world.plan("data").await.refuses("stale", "nothing was cut over before generation 2");
    // What still runs needs nothing older.
    assert_eq!(world.plan("behaviour").await.assert("success").output("class"), "2");
}

#[tokio::test]
async fn names_elsewhere_and_a_manifest_of_another_time() {
    let world = World::new();
    world.point(NAMES[1], "other.example.com");
    all_refuse(&world, "behaviour", "stale", "www.example.localhost points at other.example.com").await;
    let world = World::new();
    world.set(r#"previous_cnames = '{"api.example.localhost": "gone.onrender.localhost", "www.example.localhost": "gone.onrender.localhost"}'"#);
    all_refuse(&world, "behaviour", "stale", "the manifest does not fit what the ledger recorded").await;
    // The workflow has today's manifest only.
    let told = run(world.invoke("plan", "behaviour")).await;
    let show = format!("git show $'{}:.github/deploy-manifest.yml' >manifest-2.yml\n", world.commits[1]);
    let again = format!(
        "rollback --mode plan --symptom behaviour --generation 2 --zone-id $'{}' --manifest=$'manifest-2.yml'",
        world.zone
    );
    for line in [show, again] {
        assert!(told.error().contains(&format!("hint: {line}")), "{line}: {}", told.error());
    }
    world.set("targets = '{api,workers,gone}'");
    all_refuse(&world, "behaviour", "stale", "generation 2: the manifest has no target \"gone\"").await;
    // The coupling is of a later time.
    world.set("targets = '{api}'");
    all_refuse(&world, "behaviour", "stale", "generation 2: workers is not listed, and it is coupled").await;
    world.set("previous_cnames = '[1]'");
    all_refuse(&world, "behaviour", "stale", "previous names of an unknown form").await;
    world.set("previous_cnames = null, cut_over_at = null");
    all_refuse(&world, "behaviour", "stale", "does not say which names").await;
}

#[tokio::test]
async fn a_rollback_that_was_done_by_hand_and_left_its_names() {
    let world = World::new();
    world.set("rolled_back_at = now()");
    all_refuse(&world, "behaviour", "stale", "generation 2 was rolled back already").await;
    let run = world.plan("behaviour").await;
    let line = "hint: gh workflow run rollback.yml -f symptom=behaviour -f generation=1 -f flip-back=true\n";
    assert!(run.error().contains(line), "{}", run.error());
}

#[tokio::test]
async fn a_vendor_that_does_not_answer_changes_nothing() {
    let world = World::new();
    let rule = world.render_api.faults().on("GET /v1/**", When::Always, What::status(503));
    let refused = world.flip_back().await;
    refused.refuses("unreachable", "look at the service");
    assert!(refused.error().contains("use cname-flip with `mode: restore`"), "{}", refused.error());
    rule.cancel();
    world.api.faults().on("GET /client/v4/**", When::Always, What::status(503));
    world.flip_back().await.refuses("unreachable", "read the DNS records");
    assert_eq!((world.writes(), world.rolled_back().as_str()), (0, "f"));
}

#[tokio::test]
async fn inputs_that_are_none() {
    let world = World::new();
    for (input, value) in [
        ("generation", "0"),
        ("generation", "two"),
        ("symptom", "mood"),
        ("mode", "undo"),
        ("zone-id", "example.com"),
        ("migrations", "../x"),
        ("nameserver", "no server!"),
        ("hold", "soon"),
    ] {
        let run = run(world.invoke("plan", "data").with(input, value)).await;
        assert_eq!(run.assert("invalid").output("generation"), "", "{input}");
    }
    let nowhere = world.invoke("plan", "data").with("manifest", "none.yml");
    run(nowhere).await.refuses("invalid", "there is no manifest at none.yml");
    let outside = tempfile::tempdir().unwrap();
    std::fs::create_dir(outside.path().join(".github")).unwrap();
    let manifest = ".github/deploy-manifest.yml";
    std::fs::copy(world.repository.path().join(manifest), outside.path().join(manifest)).unwrap();
    run(world.invoke("plan", "data").directory(outside.path()))
        .await
        .refuses("failed", "not in a git repository");
}
