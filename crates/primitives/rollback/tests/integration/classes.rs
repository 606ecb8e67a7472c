//! `mode: plan`: each class of the tree, from a real world.

use rehearsal::twins::render::Trigger;

use crate::world::{Assert as _, GENERATION, NAMES, World};

fn flip_back(world: &World, symptom: &str) -> String {
    format!(
        "rollback --mode flip-back --symptom {symptom} --generation 2 --zone-id $'{}' --nameserver=$'{}'",
        world.zone,
        world.dns.address()
    )
}

fn tag(world: &World, tag: &str) -> [String; 2] {
    [format!("git tag $'{tag}' $'{}'", world.commits[0]), format!("git push origin $'refs/tags/{tag}'")]
}

fn ask_about_1() -> String {
    "# generation 1 (api, workers) is the newest that serves; if that is the trouble, ask about it: \
     gh workflow run rollback.yml -f symptom=behaviour -f generation=1 -f flip-back=true"
        .to_owned()
}

const DRAIN: &str = "gh workflow run drain-legacy-generation.yml -f target_generation=2";

#[tokio::test]
async fn class_1_before_any_name_moved() {
    let world = World::new();
    world.set("intent_at = null, cut_over_at = null, previous_cnames = null");
    let run = world.plan("behaviour").await;
    assert_eq!(run.assert("success").output("class"), "1");
    assert!(
        run.output("commands").starts_with("# nothing of generation 2 is visible"),
        "{}",
        run.output("commands")
    );
    assert_eq!((run.output("tag"), run.output("commit"), run.output("generation")), ("", "", GENERATION));
    assert!(world.render_api.journal().lines().is_empty() && world.api.journal().lines().is_empty());

    // Somebody sees bad behaviour, and it is not this one's.
    assert!(run.output("commands").ends_with(&format!("\n{}", ask_about_1())), "{}", run.output("commands"));
    let run = world.flip_back().await;
    run.refuses("stale", "this is class 1, in which the names are not to go back");
    let line = "gh workflow run rollback.yml -f symptom=behaviour -f generation=1 -f flip-back=true";
    assert!(run.error().contains(line), "{}", run.error());

    // A flip that was announced, and put back.
    let world = World::new();
    world.set("cut_over_at = null");
    NAMES.iter().for_each(|host| world.point(host, &world.blue()));
    let run = world.plan("behaviour").await;
    run.says("1", &["cutover-record --mode rolled-back --generation 2", &ask_about_1()]);
    assert!(world.render_api.journal().lines().is_empty());
}

#[tokio::test]
async fn class_2_while_what_served_before_still_runs() {
    let world = World::new();
    let run = world.plan("behaviour").await;
    run.says("2", &[&flip_back(&world, "behaviour")]);
    assert_eq!((run.output("commit"), run.output("tag")), (world.commits[0].as_str(), ""));
    assert!(run.summary.contains("### Rollback: class 2, the names go back"), "{}", run.summary);
    assert!(run.summary.contains("cut over, in its hold"), "{}", run.summary);
    world.is_untouched();
    // Flipped, and never confirmed.
    world.set("cut_over_at = null");
    world.plan("behaviour").await.says("2", &[&flip_back(&world, "behaviour")]);
    world.plan("data").await.says("3", &[&flip_back(&world, "data"), DRAIN]);
}

#[tokio::test]
async fn a_closed_way_back_is_class_3_and_says_why() {
    type Change = fn(&World);
    let changes: [(Change, &str); 6] = [
        (|world| world.set("cut_over_at = now() - interval '25 hours'"), "its hold is over"),
        (|world| world.set("synced_at = now()"), "the colour that served before was made the same since"),
        (|world| world.deploy("workers-blue", &world.commits[1]), "which served workers before, runs"),
        (
            |world| {
                world
                    .render
                    .trigger(&world.services["api-blue"], Trigger::Manual, &world.commits[0])
                    .unwrap();
            },
            "which served api before, is being deployed onto",
        ),
        // A tag of a rollback that was aborted: the commit is the old one, the deploy is not.
        (
            |world| {
                let sql = "insert into core.deployments (reference, sha, targets, run_id)
                    select reference, sha, targets, 3 from core.deployments where generation = 1";
                world.sql(sql);
            },
            "may have been deployed onto for generation 3 since",
        ),
        (
            |world| {
                let id = &world.services["workers-blue"];
                let request = format!(
                    "POST /v1/services/{id}/suspend HTTP/1.1\r\nHost: twin\r\nConnection: close\r\n\
                     Authorization: Bearer {}\r\nContent-Length: 0\r\n\r\n",
                    crate::world::KEY
                );
                let answer = crate::world::exchange(world.render_api.address(), &request);
                assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
            },
            "which served workers before, is suspended",
        ),
    ];
    for (change, why) in changes {
        let world = World::new();
        change(&world);
        let run = crate::world::run(world.invoke("plan", "behaviour").with("generation", GENERATION)).await;
        let [first, second] = tag(&world, "v1.4.0-rollback");
        run.says("3", &[&first, &second, DRAIN]);
        assert_eq!((run.output("tag"), run.output("commit")), ("v1.4.0-rollback", world.commits[0].as_str()));
        assert!(run.summary.contains(why), "{why}: {}", run.summary);
        let run = world.flip_back().await;
        run.refuses("stale", "this is class 3, in which the names are not to go back");
        assert!(run.error().contains(why), "{}", run.error());
        assert!(run.error().contains("do instead: git tag"), "{}", run.error());
        assert_eq!((world.targets(), world.rolled_back()), ([world.green(), world.green()], "f".to_owned()));
    }
}

#[tokio::test]
async fn class_3_tells_of_the_gate_that_would_stop_the_tag() {
    let world = World::new();
    world.sql("insert into core.outbox (generation, status) values (1, 'pending'), (2, 'pending'), (2, 'in_flight'), (2, 'done')");
    let run = world.plan("data").await;
    let [first, second] = tag(&world, "v1.4.0-rollback");
    let wait = "# wait until core.outbox holds nothing any more that generations below 2 have left behind (rows: 1): until then the hold stops the next cutover";
    run.says("3", &[wait, &first, &second, DRAIN]);
    assert!(run.summary.contains("what generation 2 leaves behind (rows not done: 2)"), "{}", run.summary);
}

#[tokio::test]
async fn work_of_what_serves_the_workers_stops_no_tag() {
    let world = World::new();
    world.sql(
        "insert into core.outbox (generation, status) values (1, 'pending');
        update core.deployments set targets = '{api,workers,jobs}' where generation = 1",
    );
    let run = crate::world::run(world.invoke("plan", "data").with("worker-target", "jobs")).await;
    let [first, second] = tag(&world, "v1.4.0-rollback");
    run.says("3", &[&first, &second, DRAIN]);
    assert!(run.summary.contains("0 of its own, 0 left behind below"), "{}", run.summary);
}

#[tokio::test]
async fn what_serves_elsewhere_is_in_nobody_s_way() {
    let world = World::new();
    world.sql(
        "insert into core.deployments (reference, sha, targets, run_id, intent_at, cut_over_at, previous_cnames) values
         ('r', repeat('e', 40), '{dashboard}', 3, now(), now(), '{\"app.example.localhost\": \"blue.x\"}'),
         ('r', repeat('f', 40), '{docs}', 4, null, now(), null)",
    );
    let plan =
        |symptom: &str| crate::world::run(world.invoke("plan", symptom).with("generation", GENERATION));
    plan("behaviour").await.says("2", &[&flip_back(&world, "behaviour")]);
    // Its code is older than theirs, though.
    let run = plan("data").await;
    let [first, second] = tag(&world, "v1.4.0-rollback");
    let know = "# know that the commit of this tag is older than generation 3 (dashboard), 4 (docs), which serves and which the tag takes back too; where that is to stay, revert the change on the main branch instead and push a usual tag";
    run.says("3", &[know, &first, &second, DRAIN]);
    world.flip_back().await.assert("success");
    world.is_back();
}

#[tokio::test]
async fn the_lines_say_again_what_is_not_usual() {
    let world = World::new();
    let run = crate::world::run(world.invoke("plan", "behaviour").with("hold", "30h")).await;
    let line = run.assert("success").output("commands");
    assert!(line.contains(" --hold=$'1day 6h' "), "{line}");
    world.set("cut_over_at = now() - interval '29 hours'");
    assert_eq!(world.plan("behaviour").await.output("class"), "3");
    let back = world.invoke("flip-back", "behaviour").with("generation", GENERATION).with("hold", "1day 6h");
    crate::world::run(back).await.assert("success");
}

#[tokio::test]
async fn class_4_goes_as_class_3_and_forward() {
    let world = World::migrated("alter table a add column b int;");
    let run = world.plan("migration").await;
    let [first, second] = tag(&world, "v1.4.0-rollback");
    let forward = "# mend the schema by a migration of its own: none that is applied is ever taken back";
    run.says("4", &[&first, &second, DRAIN, forward]);
    // The other symptoms of the same world.
    world.plan("behaviour").await.says("2", &[&flip_back(&world, "behaviour")]);
    world.plan("data").await.says("3", &[&first, &second, DRAIN]);
}

#[tokio::test]
async fn class_5_when_the_code_from_before_is_lost() {
    let gone = "0123456789abcdef0123456789abcdef01234567";
    let world = World::new();
    world.repository.git(&["init", "--quiet", "--bare", "remote.git"]).unwrap();
    world.repository.git(&["remote", "add", "origin", "./remote.git"]).unwrap();
    world.sql(&format!("update core.deployments set sha = '{gone}' where generation = 1"));
    let run = world.plan("data").await;
    assert_eq!(run.assert("success").output("class"), "5");
    let told = run.output("commands");
    assert!(
        told.starts_with(&format!(
            "# declare disaster recovery (ADR-040), for {gone} is in the repository no more"
        )),
        "{told}"
    );
    assert!(told.contains(&format!("git push origin {gone}:refs/heads/rescue")), "{told}");
    assert!(run.stderr.contains("::warning"), "{}", run.stderr);
    assert_eq!((run.output("tag"), run.output("commit")), ("", ""));

    // The commit is there, and Render has forgotten every deploy of it.
    let world = World::new();
    world.repository.write("api/main.py", "print(0)").unwrap();
    let other = world.repository.commit("another").unwrap();
    world.sql(&format!("update core.deployments set sha = '{other}' where generation = 1"));
    let run = world.plan("data").await;
    assert_eq!(run.assert("success").output("class"), "5");
    let told = run.output("commands");
    assert!(told.contains("Render lists no deploy of what api, workers ran before any more"), "{told}");
}

#[tokio::test]
async fn deploys_that_nobody_looked_at_are_not_said_to_be_gone() {
    let world = World::new();
    world.repository.write("api/main.py", "print(0)").unwrap();
    let other = world.repository.commit("another").unwrap();
    world.sql(&format!("update core.deployments set sha = '{other}' where generation = 1"));
    world.deploy("workers-blue", &other);
    // So many that the page with the wanted one is not reached.
    world.deploy("api-blue", &other);
    for _ in 0..1_001 {
        world.deploy("api-blue", &world.commits[0]);
    }
    let run = world.plan("data").await;
    assert_eq!(run.assert("success").output("class"), "3", "{}", run.summary);
    let told =
        format!("api has so many deploys that nobody looked whether Render still lists one of {other}");
    assert!(run.stderr.contains(&format!("::warning title=rollback::{told}")), "{}", run.stderr);
}

#[tokio::test]
async fn what_only_the_standby_lists_can_be_deployed_again() {
    let world = World::new();
    world.repository.write("api/main.py", "print(0)").unwrap();
    let other = world.repository.commit("another").unwrap();
    world.sql(&format!("update core.deployments set sha = '{other}' where generation = 1"));
    for service in ["api-green", "workers-green"] {
        world.deploy(service, &other);
        world.deploy(service, &world.commits[1]);
    }
    let run = world.plan("data").await;
    assert_eq!(run.assert("success").output("class"), "3", "{}", run.summary);
}

#[tokio::test]
async fn the_summary_is_a_thing_to_act_on() {
    let world = World::migrated("alter table a add column b int;");
    world.sql("insert into core.outbox (generation, status) values (1, 'pending'), (2, 'pending')");
    world.set("synced_at = now()");
    let run = world.plan("behaviour").await;
    let [first, second] = &world.commits;
    let summary = run.summary.replace(first.as_str(), "FIRST").replace(second.as_str(), "SECOND");
    insta::assert_snapshot!(summary, @r#"
    ### Rollback: class 3, the code from before is deployed again

    | What | Found |
    | --- | --- |
    | Generation | 2, v1.4.1, SECOND |
    | It is | cut over, and the former colour is synced |
    | Its names are | all where it moved them |
    | Before it | 1, v1.4.0, FIRST |
    | Migrations since | 20260102000000 |
    | Outbox, not done | 1 of its own, 1 left behind below |

    The names cannot simply go back (class 2):

    - the colour that served before was made the same since

    What to do, in this order:

    1. deploy FIRST again as a new generation: push the tag v1.4.0-rollback, as a person or with the token of an app
    2. once what comes back serves, drain what generation 2 leaves behind (rows not done: 1); while its own workers run they do it, and a drain is refused

    Run the actions of these lines, or the lines where their secrets are set:

    ```text
    git tag $'v1.4.0-rollback' $'FIRST'
    git push origin $'refs/tags/v1.4.0-rollback'
    gh workflow run drain-legacy-generation.yml -f target_generation=2
    ```
    "#);
}
