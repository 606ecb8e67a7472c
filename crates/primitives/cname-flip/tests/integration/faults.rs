//! Every fault at every call, and death at every call: names are never apart for
//! long, no batch is sent twice, and a second run ends as if nothing had been.

use action::{Done, Ending};
use rehearsal::fault::{Answer, Garble, What, When};
use serde_json::json;

use crate::world::{API, BATCH, World};

fn faults() -> Vec<What> {
    let refusal = json!({"success": false, "errors": [{"code": 10000, "message": "Authentication error"}], "messages": [], "result": null});
    vec![
        What::Refuse,
        What::Reset,
        What::status(500),
        What::status(503),
        What::too_many_requests(2),
        What::Answer(Answer::json(401, refusal.to_string())),
        What::Answer(Answer::json(403, refusal.to_string())),
        What::Answer(Answer::json(404, refusal.to_string())),
        What::Answer(Answer::text(403, "blocked")),
        What::Answer(Answer::json(200, r#"{"success":false,"errors":[],"messages":[],"result":null}"#)),
        What::Answer(Answer::json(200, r#"{"success":true,"errors":[],"messages":[],"result":[]}"#)),
        What::Answer(Answer::new(302, "").header("location", "https://elsewhere.example/")),
        What::CutBody,
        What::Garble(Garble::Html),
        What::Garble(Garble::WrongTypes),
        What::Garble(Garble::Truncated),
        What::ApplyThenLose,
        What::Stale,
    ]
}

/// The calls of an undisturbed flip, as `METHOD path`, each with which of its kind
/// it is.
async fn calls() -> Vec<(String, u64)> {
    let world = World::new();
    world.flip().run().await.assert("success");
    let lines = world.api.journal().lines();
    let nth = |index: usize| lines[..=index].iter().filter(|line| **line == lines[index]).count() as u64;
    lines.iter().enumerate().map(|(index, line)| (line.replace(&world.zone, "{zone}"), nth(index))).collect()
}

#[tokio::test]
async fn one_fault_at_any_call_ends_in_order_and_a_second_run_completes() {
    let calls = calls().await;
    assert_eq!(calls.len(), 8, "{calls:?}");
    for (call, nth) in &calls {
        for what in faults() {
            let case = format!("{what} at call {nth} of {call}");
            let world = World::new();
            let rule = world.faults().on(call.as_str(), When::Nth(*nth), what.clone());
            let run = world.flip().run().await;
            if !matches!(what, What::Stale) {
                assert_eq!(rule.fired(), 1, "{case}");
            }
            rule.cancel();
            let error = run.error();
            assert_ne!(run.ending, Ending::Bug, "{case}: {error}");
            let [api, app] = world.targets();
            assert_eq!(api, app, "{case}: {error}");
            let moved = api == world.green();
            let batches = world.api.journal().count(BATCH);
            match run.output("result") {
                "success" => {
                    assert!(moved && run.output("changed") == "true" && batches == 1, "{case}: {error}")
                }
                "failed" => assert!(!moved && run.output("changed") == "false", "{case}: {error}"),
                _ => {
                    assert!(batches <= 1, "{case}: {error}");
                    assert!(!moved || run.output("changed") != "false", "{case}: {error}");
                    assert!(run.error().contains("hint: "), "{case}: {error}");
                }
            }
            let again = world.flip().run().await;
            assert!(matches!(again.ending, Ending::Done(_)), "{case}, then: {}", again.error());
            assert_eq!(world.targets(), [world.green(), world.green()], "{case}");
        }
    }
}

#[tokio::test]
async fn death_at_any_call_leaves_what_a_second_run_completes() {
    let calls = calls().await;
    for (call, nth) in &calls {
        let case = format!("death at call {nth} of {call}");
        let world = World::new();
        let rule = world.faults().on(call.as_str(), When::Nth(*nth), What::Hang);
        world.flip().run_until_struck(&rule).await;
        rule.cancel();
        let moved = world.record(API).content == world.green();
        let batches = world.api.journal().count(BATCH);
        assert_eq!(batches, usize::from(moved), "{case}");
        let again = world.flip().run().await;
        let expected = if moved { Done::Unchanged } else { Done::Success };
        assert_eq!(again.ending, Ending::Done(expected), "{case}: {}", again.error());
        assert_eq!(world.targets(), [world.green(), world.green()], "{case}");
        assert_eq!(world.api.journal().count(BATCH), 1, "{case}: one batch in all");
    }
}

#[tokio::test]
async fn an_api_that_stumbles_all_the_time_is_ridden_out() {
    for seed in 0..20 {
        let world = World::new();
        let chance = When::Chance { probability: 0.3, seed };
        world.faults().on("GET /client/v4/**", chance.clone(), What::status(502));
        world.faults().on(BATCH, chance, What::too_many_requests(1));
        let run = world.flip().run().await;
        run.assert("success");
        assert_eq!(world.api.journal().count(BATCH), 1);
    }
}
