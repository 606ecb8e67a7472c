//! What was not seen must be looked at again; what cannot be true is not believed.

use rehearsal::fault::{Answer, Garble, What, When};
use rehearsal::twins::render::Plan;
use serde_json::{Value, json};

use crate::world::{DEPLOYS, SERVICE, World, seconds, sha};

fn passing() -> Vec<What> {
    vec![
        What::Refuse,
        What::Reset,
        What::status(500),
        What::status(503),
        What::too_many_requests(4),
        What::CutBody,
        What::ApplyThenLose,
        What::Garble(Garble::Truncated),
        What::Garble(Garble::Html),
    ]
}

#[test]
fn one_failed_read_anywhere_costs_one_look_and_no_more() {
    for route in [DEPLOYS, SERVICE] {
        for nth in [1, 2, 3, 4] {
            for what in passing() {
                let world = World::new();
                let rule = world.faults().on(route, When::Nth(nth), what.clone());
                let report = world.run();
                report.assert_quiet();
                assert_eq!(rule.fired(), 1, "{what:?}");
                assert!(world.slept() < seconds(45), "{what:?} {:?}", world.slept());
            }
        }
    }
}

#[test]
fn a_deploy_that_no_look_could_see_is_found_afterwards() {
    let world = World::new();
    world.twin.trigger_after(&world.api, seconds(10), &sha('c')).unwrap();
    // From the second look on nothing is seen, until long after the window.
    for nth in 3..=30 {
        world.faults().on(DEPLOYS, When::Nth(nth), What::status(503));
    }
    let report = world.run();
    report.assert_refused("(trigger manual, live) began at ");
    assert_eq!(world.faults().unfired(), Vec::<String>::new());
    assert!(world.slept() > seconds(40), "{:?}", world.slept());
}

#[test]
fn blindness_to_the_end_is_a_time_out() {
    for what in [What::status(503), What::Refuse] {
        let world = World::new();
        world.faults().on(DEPLOYS, When::From(7), what);
        let report = world.run();
        assert_eq!(report.end(), (3, "timed-out"), "{}", report.run.stderr);
        assert!(
            report.error().contains("2 serving services could not be watched for 30s: gave up after 5m"),
            "{}",
            report.error()
        );
        assert!(report.error().contains("hint: do not flip"), "{}", report.error());
        assert_eq!(world.slept(), seconds(300));
    }
}

#[test]
fn one_service_that_cannot_be_seen_is_enough_for_a_time_out() {
    let world = World::new();
    let path = format!("GET /v1/services/{}/deploys", world.workers);
    world.faults().on(path.as_str(), When::Always, What::status(502));
    assert_eq!(world.run().end(), (3, "timed-out"));
}

#[test]
fn an_old_answer_out_of_a_cache_is_not_believed() {
    // Every list from the second look on is the one of the look before: with its Date.
    let world = World::new();
    world.faults().on(DEPLOYS, When::From(3), What::Stale);
    world.twin.trigger_after(&world.api, seconds(10), &sha('c')).unwrap();
    let report = world.run();
    assert_eq!(report.end(), (3, "timed-out"), "{}", report.run.stderr);
    assert!(
        report.error().contains("the Date of the answer does not go on with the time"),
        "{}",
        report.error()
    );
}

/// A list with one old deploy, dated as given.
fn list(deploys: &Value, date: Option<&str>) -> What {
    let rows: Vec<Value> =
        deploys.as_array().unwrap().iter().map(|deploy| json!({"cursor": "c", "deploy": deploy})).collect();
    let answer = Answer::json(200, serde_json::to_vec(&rows).unwrap());
    What::Answer(match date {
        Some(date) => answer.header("date", date),
        None => answer,
    })
}

fn old() -> Value {
    json!([{"id": "dep-old", "status": "live", "trigger": "api", "createdAt": "2026-11-19T10:00:00Z", "finishedAt": "2026-11-19T10:01:00Z"}])
}

#[test]
fn a_date_that_is_wrong_or_no_date_proves_nothing() {
    // A Date of next year would make every deploy look old.
    for date in ["Sat, 20 Nov 2027 10:00:00 GMT", "Thu, 20 Nov 2025 10:00:00 GMT", "yesterday"] {
        let world = World::new();
        world.faults().on(DEPLOYS, When::From(2), list(&old(), Some(date)));
        let report = world.run();
        assert_eq!(report.end(), (3, "timed-out"), "{date}: {}", report.run.stderr);
        assert!(report.error().contains("Date"), "{}", report.error());
    }
    // A first answer that is dated wrongly makes all others wrong, so nothing passes.
    let world = World::new();
    world.faults().on(DEPLOYS, When::Nth(1), list(&old(), Some("Sat, 20 Nov 2027 10:00:00 GMT")));
    assert_eq!(world.run().end(), (3, "timed-out"));
}

#[test]
fn a_list_without_what_was_there_before_is_an_older_one() {
    let world = World::new();
    world.deployed_ago(&world.api, Plan::at_once(), seconds(100));
    let path = format!("GET /v1/services/{}/deploys", world.api);
    let dates = (0..200).map(|second| {
        format!("Fri, 20 Nov 2026 10:{:02}:{:02} GMT", (100 + second) / 60, (100 + second) % 60)
    });
    // Dated as of now by whoever hides the newest deploy.
    for (number, date) in (2_u64..).zip(dates.skip(1).step_by(3).take(4)) {
        world.faults().on(path.as_str(), When::Nth(number), list(&old(), Some(&date)));
    }
    let report = world.run();
    report.assert_quiet();
    assert_eq!(world.faults().unfired(), Vec::<String>::new());
    let looks: usize = report.run.output("looks").parse().unwrap();
    // The journal holds what reached the twin: the four made-up lists did not, and
    // were no looks either.
    assert_eq!(world.asked(&path), looks);
}

#[test]
fn a_last_look_that_is_dated_before_the_end_is_not_the_last() {
    let world = World::new();
    let newest = world.twin.deploys(&world.api).unwrap().pop().unwrap().id;
    let mut deploys = old();
    deploys[0]["id"] = json!(newest);
    // The ninth look is the last of a quiet watch, when 30s have passed. This Date is
    // within the allowance, and yet what it shows is of before the end.
    let path = format!("GET /v1/services/{}/deploys", world.api);
    let early = list(&deploys, Some("Fri, 20 Nov 2026 10:00:26 GMT"));
    let rule = world.faults().on(path.as_str(), When::Nth(9), early);
    let report = world.run();
    report.assert_quiet();
    assert_eq!((rule.fired(), report.run.output("looks")), (1, "10"));
}

#[test]
fn what_will_never_pass_ends_the_watch_at_once() {
    for (status, end) in [(401, (4, "denied")), (403, (4, "denied")), (404, (4, "denied"))] {
        let world = World::new();
        let answer = Answer::json(status, r#"{"message":"no"}"#);
        world.faults().on(DEPLOYS, When::Nth(3), What::Answer(answer));
        let report = world.run();
        assert_eq!(report.end(), end, "{}", report.run.stderr);
        assert!(world.slept() < seconds(5));
    }
}

#[test]
fn hostile_words_stay_words() {
    let world = World::new();
    let evil = "x\r\n::set-output name=result::success\n##[error]boom\u{1b}[2J|<b>";
    let deploys =
        json!([{"id": "dep-1", "status": evil, "trigger": evil, "createdAt": "2026-11-20T10:00:00Z"}]);
    world.faults().on(DEPLOYS, When::Nth(1), list(&deploys, Some("Fri, 20 Nov 2026 10:00:00 GMT")));
    let report = world.run();
    report.assert_refused("dep-1");
    for text in [&report.run.summary, &report.run.stderr] {
        for line in text.split(['\n', '\r']) {
            let command = line.trim_start().starts_with("::")
                && !line.starts_with("::error title=blue-quiet::")
                && !line.starts_with("::add-mask::");
            assert!(!command && !line.contains("##[") && !line.contains('\u{1b}'), "{line}");
        }
    }
    for evil_id in ["dep-1/../../x", "dep-1\n::error::x", ""] {
        let world = World::new();
        let deploys = json!([{"id": evil_id, "status": "live"}]);
        world.faults().on(DEPLOYS, When::Always, list(&deploys, Some("Fri, 20 Nov 2026 10:00:00 GMT")));
        assert_eq!(world.run().end(), (3, "timed-out"), "{evil_id:?}");
    }
}
