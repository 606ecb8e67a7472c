//! Flips that go wrong after the batch: what is put back, and what is said.

use rehearsal::dns::Fault;
use rehearsal::fault::{Answer, What, When};
use serde_json::json;

use crate::world::{API, APP, BATCH, RECORDS, World};

#[tokio::test]
async fn servers_that_do_not_follow_bring_the_names_back() {
    let world = World::new();
    world.dns.faults().on(APP, When::Always, Fault::Stale);
    let run = world.flip().run().await;
    run.assert("failed");
    let (error, blue) = (run.error(), world.blue());
    assert!(error.starts_with("the name servers do not follow: "), "{error}");
    assert!(error.contains(&format!("answers {blue} for {APP}, not {}", world.green())), "{error}");
    assert!(!error.contains(&format!("for {API}")), "only the name that is wrong is named: {error}");
    assert!(error.contains(&format!("hint: put back: {API} to {blue}, {APP} to {blue}")), "{error}");
    assert_eq!(world.targets(), [blue.clone(), blue]);
    assert_eq!((run.output("changed"), world.api.journal().count(BATCH)), ("false", 2));
    assert!(run.output("previous").contains(API), "it was written before the first name moved");
    assert!(run.summary.contains("Public names") && !run.summary.contains("The way back"), "{}", run.summary);

    // The marker of the failed flip stays, so that the next one passes at once.
    world.dns.faults().clear();
    world.flip().run().await.assert("success");
}

#[tokio::test]
async fn patience_is_what_verify_dns_says() {
    let world = World::new();
    world.dns.faults().on(APP, When::Always, Fault::Stale);
    world.flip().with("verify-dns", "7s").run().await.assert("failed");
    let slept: std::time::Duration = world.clock.slept().iter().sum();
    assert_eq!(slept.as_secs(), 7);
}

#[tokio::test]
async fn patience_with_the_api_is_what_read_back_says() {
    for (given, seconds) in [(None, 30), (Some("7s"), 7)] {
        let world = World::new();
        world.faults().on(BATCH, When::Always, What::status(502));
        let flip = given.into_iter().fold(world.flip(), |flip, given| flip.with("read-back", given));
        let run = flip.run().await;
        run.assert("unreachable");
        assert!(run.error().contains("hint: no name has moved so far"), "{}", run.error());
        let slept: std::time::Duration = world.clock.slept().iter().sum();
        assert_eq!(slept.as_secs(), seconds, "{given:?}");
    }
}

#[tokio::test]
async fn a_ttl_that_a_flip_changed_comes_back_with_the_name() {
    let world = World::new();
    world.edit(API, json!({"ttl": 300}));
    let before = world.record(API);
    world.dns.faults().on(API, When::Always, Fault::Stale);
    world.flip().with("min-ttl-age", "0s").run().await.assert("failed");
    let after = world.record(API);
    assert_eq!((after.content, after.ttl, after.comment), (before.content, before.ttl, before.comment));
}

#[tokio::test]
async fn a_refused_way_back_says_what_stands_where_and_what_to_do() {
    let world = World::new();
    world.dns.faults().on(API, When::Always, Fault::Stale);
    let refusal = json!({"success": false, "errors": [{"code": 10000, "message": "Authentication error"}], "messages": [], "result": null});
    let rule = world.faults().on(BATCH, When::Nth(2), What::Answer(Answer::json(403, refusal.to_string())));
    let run = world.flip().run().await;
    run.assert("failed");
    assert_eq!(rule.fired(), 1);
    let (error, green) = (run.error(), world.green());
    assert!(error.contains(&format!("{API}, {APP} could not be put back")), "{error}");
    assert!(error.contains("Authentication error"), "{error}");
    assert!(error.contains(&format!("{API} points at {green}, {APP} points at {green}")), "{error}");
    let command = format!(
        "go back with `cname-flip --mode restore --zone-id $'{}' --previous $'{API} {}",
        world.zone,
        world.blue()
    );
    assert!(error.contains(&command), "{error}");
    assert_eq!(run.output("changed"), "true");
    assert_eq!(world.targets(), [green.clone(), green]);

    // What the message says works.
    let previous = run.output("previous");
    world.invoke().with("mode", "restore").with("previous", previous).run().await.assert("failed");
    world.dns.faults().clear();
    world.invoke().with("mode", "restore").with("previous", previous).run().await.assert("unchanged");
    assert_eq!(world.targets(), [world.blue(), world.blue()]);
}

#[tokio::test]
async fn a_way_back_whose_answer_is_lost_is_looked_for() {
    let world = World::new();
    world.dns.faults().on(API, When::Always, Fault::Stale);
    let rule = world.faults().on(BATCH, When::Nth(2), What::ApplyThenLose);
    let run = world.flip().run().await;
    run.assert("failed");
    assert_eq!((rule.fired(), world.api.journal().count(BATCH)), (1, 2));
    assert!(run.error().contains("hint: put back: "), "{}", run.error());
    assert_eq!(world.targets(), [world.blue(), world.blue()]);
}

#[tokio::test]
async fn a_way_back_that_had_no_effect_is_tried_again_after_a_look() {
    let world = World::new();
    world.dns.faults().on(API, When::Always, Fault::Stale);
    let stumble = |nth| world.faults().on(BATCH, When::Nth(nth), What::status(502));
    let rules = [stumble(2), stumble(3)];
    let run = world.flip().run().await;
    run.assert("failed");
    assert!(rules.iter().all(|rule| rule.fired() == 1));
    assert!(run.error().contains("hint: put back: "), "{}", run.error());
    assert_eq!(world.targets(), [world.blue(), world.blue()]);

    let world = World::new();
    world.dns.faults().on(API, When::Always, Fault::Stale);
    let rule = world.faults().on(BATCH, When::From(2), What::status(502));
    let run = world.flip().run().await;
    run.assert("failed");
    let told = format!("last seen: {API} points at {green}, {APP} points at {green}", green = world.green());
    assert!(run.error().contains(&told) && run.error().contains("--mode restore"), "{}", run.error());
    assert_eq!((rule.fired(), run.output("changed")), (3, "true"));
}

#[tokio::test]
async fn a_name_that_somebody_else_moves_on_is_left_alone() {
    let world = World::new();
    world.dns.faults().on(API, When::Always, Fault::Stale);
    // While the servers are asked, somebody moves the other name.
    let elsewhere = json!({"success": true, "errors": [], "messages": [], "result": [{
        "id": world.record(APP).id, "name": APP, "type": "CNAME", "content": "x.localhost", "ttl": 60}]});
    let reads_before = 6;
    let path = RECORDS.replace("{zone}", &world.zone);
    let rule = world.faults().on(
        path.as_str(),
        When::Nth(reads_before + 2),
        What::Answer(Answer::json(200, elsewhere.to_string())),
    );
    let run = world.flip().run().await;
    run.assert("failed");
    assert_eq!(rule.fired(), 1);
    let error = run.error();
    assert!(
        error.contains(&format!("changed by somebody else, and left alone: {APP} points at x.localhost")),
        "{error}"
    );
    let batches = world.api.journal().of(BATCH);
    assert_eq!(batches[1].json()["patches"].as_array().unwrap().len(), 1);
    assert_eq!(world.record(API).content, world.blue());
}

#[tokio::test]
async fn a_batch_whose_answer_is_lost_is_read_back_and_never_sent_again() {
    for what in [What::ApplyThenLose, What::CutBody] {
        let world = World::new();
        let rule = world.faults().on(BATCH, When::Always, what);
        let run = world.flip().run().await;
        run.assert("success");
        assert_eq!((rule.fired(), world.api.journal().count(BATCH)), (1, 1));
        assert_eq!(world.targets(), [world.green(), world.green()]);
    }
    for what in [What::Reset, What::Refuse, What::status(502)] {
        let world = World::new();
        let rule = world.faults().on(BATCH, When::Always, what);
        let run = world.flip().run().await;
        run.assert("unreachable");
        assert_eq!(rule.fired(), 1, "once, whatever became of it");
        assert!(run.error().contains("no name has moved so far; run again"), "{}", run.error());
        assert_eq!((run.output("changed"), world.targets()), ("false", [world.blue(), world.blue()]));
        rule.cancel();
        world.flip().run().await.assert("success");
    }
}

#[tokio::test]
async fn a_batch_that_was_certainly_not_applied_is_sent_again() {
    let world = World::new();
    let rule = world.faults().on(BATCH, When::First(2), What::too_many_requests(3));
    world.flip().run().await.assert("success");
    assert_eq!((rule.fired(), world.api.journal().count(BATCH)), (2, 1));
}

#[tokio::test]
async fn an_accepted_batch_that_cannot_be_seen_ends_without_a_guess() {
    let world = World::new();
    let rule = world.faults().on(RECORDS, When::From(5), What::status(500));
    let run = world.flip().run().await;
    run.assert("unreachable");
    let error = run.error();
    assert!(error.starts_with(&format!("{API}, {APP} moved, but cannot be looked at")), "{error}");
    assert!(error.contains("run again with the same inputs") && error.contains("--mode restore"), "{error}");
    assert_eq!((run.output("changed"), world.api.journal().count(BATCH)), ("true", 1));
    rule.cancel();
    world.flip().run().await.assert("unchanged");
}

#[tokio::test]
async fn a_lost_answer_and_a_blind_api_are_said_to_be_unknown() {
    let world = World::new();
    world.faults().on(BATCH, When::Always, What::ApplyThenLose);
    let rule = world.faults().on(RECORDS, When::From(5), What::status(500));
    let run = world.flip().run().await;
    run.assert("unreachable");
    assert!(run.error().contains(&format!("whether {API}, {APP} moved cannot be seen")), "{}", run.error());
    assert_eq!(run.output("changed"), "");
    rule.cancel();
    world.flip().run().await.assert("unchanged");
}

#[tokio::test]
async fn an_api_that_keeps_showing_the_old_state_ends_with_the_old_state() {
    let world = World::new();
    // From after the batch on every look is answered as before it.
    world.faults().on(RECORDS, When::From(5), What::Stale);
    let run = world.flip().run().await;
    run.assert("failed");
    assert!(
        run.error().starts_with(&format!("the batch was accepted, but {API} points at")),
        "{}",
        run.error()
    );
    assert_eq!(world.targets(), [world.blue(), world.blue()], "put back although it looked as if it were");
}

#[tokio::test]
async fn an_api_that_lags_is_waited_for() {
    let world = World::new();
    let rule = world.faults().on(RECORDS, When::Nth(5), What::Stale);
    world.flip().run().await.assert("success");
    assert_eq!(rule.fired(), 1);
}

#[tokio::test]
async fn servers_that_lag_are_waited_for() {
    let world = World::new();
    world.dns.delay(APP, std::time::Duration::from_secs(45));
    world.flip().run().await.assert("success");
    let slept: std::time::Duration = world.clock.slept().iter().sum();
    assert!(slept.as_secs() >= 45, "{slept:?}");
}

#[tokio::test]
async fn an_unchanged_run_whose_servers_do_not_follow_fails_without_a_change() {
    let world = World::new();
    world.flip().with("verify-dns", "false").run().await.assert("success");
    world.api.journal().clear();
    world.dns.faults().on(API, When::Always, Fault::Wrong("x.localhost".into()));
    let run = world.flip().run().await;
    run.assert("failed");
    assert!(run.error().starts_with("the records hold the targets, but "), "{}", run.error());
    assert!(run.error().contains("nothing was changed by this run"), "{}", run.error());
    assert_eq!(world.writes().len(), 0);
}
