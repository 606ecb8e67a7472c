//! Services that do not answer, and answers that mean harm.

use std::time::Duration;

use rehearsal::fault::{Answer, Garble, What, When};

use crate::world::{DETAIL, KEY, VERSION, World, end};

#[test]
fn passing_faults_are_ridden_out() {
    let kinds = [
        What::Refuse,
        What::Reset,
        What::status(502),
        What::status(503),
        What::too_many_requests(2),
        What::CutBody,
        What::Garble(Garble::Huge),
    ];
    for route in [VERSION, DETAIL] {
        for nth in [1, 2] {
            for what in &kinds {
                let world = World::new();
                let rule = world.faults(1).on(route, When::Nth(nth), what.clone());
                let checked = world.run();
                assert_eq!(end(&checked), (0, "success"), "{route} {what:?}: {}", checked.error());
                let struck = if route == VERSION && nth == 2 { 0 } else { 1 };
                assert_eq!(rule.fired(), struck, "{route} {what:?}");
            }
        }
    }
}

#[test]
fn a_service_that_never_answers_is_a_time_out_and_the_others_are_checked() {
    let world = World::new();
    world.faults(0).on(VERSION, When::Always, What::status(502));
    let checked = world.run();
    assert_eq!(end(&checked), (3, "timed-out"), "{}", checked.error());
    assert!(
        checked.error().contains("/version: gave no usable answer: gave up after 1m"),
        "{}",
        checked.error()
    );
    assert_eq!(world.slept(), Duration::from_secs(60));
    // With something wrong elsewhere the answer is no, and both are told.
    world.faults(2).on(VERSION, When::Always, What::Answer(Answer::json(200, "{}")));
    let checked = world.run();
    assert_eq!(end(&checked), (1, "refused"));
    assert!(
        checked.summary.contains("gave no usable answer") && checked.summary.contains("is missing"),
        "{}",
        checked.summary
    );
}

#[test]
fn a_look_is_one_request() {
    for what in [What::status(502), What::Refuse, What::Reset] {
        let world = World::new();
        let rule = world.faults(0).on(VERSION, When::Always, what.clone());
        let told = world.run().error();
        let asked = rule.fired();
        assert!(told.contains(&format!("gave up after 1m and {asked} looks")), "{what:?}, {asked}: {told}");
    }
}

#[test]
fn a_document_that_is_far_too_long_is_no_answer() {
    let world = World::new();
    let document = |padding: usize| {
        let fields = serde_json::json!({
            "commit_sha": crate::world::COMMIT, "schema_version": "20260101000000_initial", "generation": 42,
            "deployed_at": "2026-11-19T10:00:00Z",
        });
        What::Answer(Answer::json(200, fields.to_string() + &" ".repeat(padding)))
    };
    let rule = world.faults(0).on(VERSION, When::Always, document(1_000));
    assert_eq!(end(&world.run()), (0, "success"));
    rule.cancel();
    world.faults(0).on(VERSION, When::Always, document(64 * 1024));
    let checked = world.run();
    assert_eq!(end(&checked), (3, "timed-out"), "{}", checked.error());
}

#[test]
fn a_document_that_is_none_is_not_quoted() {
    for body in
        [r#""the-value-of-somebody""#, r#"["the-value-of-somebody"]"#, r#"{"a": the-value-of-somebody}"#]
    {
        let world = World::new();
        world.faults(0).on(VERSION, When::Always, What::Answer(Answer::json(200, body)));
        let checked = world.run();
        assert_eq!(end(&checked), (1, "refused"), "{body}");
        assert!(checked.error().contains("is no JSON object (line 1, column "), "{}", checked.error());
        for text in [&checked.stderr, &checked.summary] {
            assert!(!text.contains("the-value-of"), "{text}");
        }
    }
}

#[test]
fn a_key_never_leaves_its_service() {
    let world = World::new();
    let elsewhere = format!("{}/version/detail", world.url(1));
    let redirect = Answer::new(302, "").header("location", &elsewhere);
    world.faults(0).on(DETAIL, When::Always, What::Answer(redirect));
    let checked = world.run();
    assert_eq!(end(&checked), (1, "refused"));
    let there = world.origins.journal_of(&world.services[1]).unwrap();
    assert_eq!(there.entries().len(), 3, "only what was asked of it");
}

#[test]
fn hostile_answers_stay_text_and_repeat_no_key() {
    let evil = format!("x\r\n::set-output name=result::success\n##[error]{KEY}\u{1b}[2J|<b>");
    let fields = serde_json::json!({ "commit_sha": evil, evil.as_str(): 1 });
    let world = World::new();
    let answer = Answer::json(200, fields.to_string()).header("cache-control", KEY);
    world.faults(0).on(DETAIL, When::Always, What::Answer(answer));
    let checked = world.run();
    assert_eq!(end(&checked), (1, "refused"));
    assert!(checked.summary.contains("\\*\\*\\*"), "{}", checked.summary);
    for text in [&checked.summary, &checked.stderr] {
        for line in text.split(['\n', '\r']) {
            let command = line.trim_start().starts_with("::")
                && !line.starts_with("::error title=version-contract::")
                && !line.starts_with("::add-mask::");
            assert!(!command && !line.contains("##[") && !line.contains('\u{1b}'), "{line}");
        }
    }
}
