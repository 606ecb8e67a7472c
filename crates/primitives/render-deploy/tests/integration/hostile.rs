//! Text from outside that means harm.

use rehearsal::fault::{Garble, What, When};
use rehearsal::twins::render::{End, NewService, hostile_lines};

use crate::world::{KEY, SECRET, World, slow};

#[test]
fn a_hostile_log_stays_text() {
    let world = World::new();
    let service = world.web();
    let mut log = hostile_lines(SECRET);
    log.extend(hostile_lines(KEY));
    world.twin.plan_deploys(&service, [slow().end(End::UpdateFailed).build_log(log)]).unwrap();
    let commit = crate::world::sha('b');
    let mut inputs = crate::world::usual(&service, &commit).to_vec();
    inputs.push(("log-lines", "100"));
    let report = world.run(&inputs);
    assert_eq!(report.end(), (1, "failed"), "{report:?}");
    assert!(report.summary.contains("echo token=***"), "{}", report.summary);
    assert!(report.summary.len() < 100_000, "long lines are cut");
    for text in [&report.summary, &report.stderr] {
        for line in text.split(['\n', '\r']) {
            assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "{line}");
            assert!(!line.contains('\u{1b}') && !line.contains('\0'), "{line}");
        }
    }
    // The block ends where it should: everything hostile is inside the fence.
    let fence = report.summary.lines().find(|line| line.starts_with("```")).unwrap().trim_end_matches("text");
    assert!(fence.len() > 3, "longer than the one in the log");
    let inside = report.summary.split(fence).nth(1).unwrap();
    assert!(inside.contains("<script>") && inside.contains("| a | table | row |"), "{inside}");
    assert_eq!(report.summary.split(fence).count(), 3);
}

#[test]
fn hostile_names_are_escaped() {
    let world = World::new();
    let name = "api\n::error::forged ##[error]x | [a](b) <img src=x>";
    let service = world.add(&NewService::web(name));
    world.twin.plan_deploys(&service, [slow().end(End::BuildFailed)]).unwrap();
    let report = world.deploy(&service);
    assert_eq!(report.end(), (1, "failed"), "{report:?}");
    for text in [&report.summary, &report.stderr] {
        assert!(
            !text.lines().any(|line| line.trim_start().starts_with("::") || line.contains("##[")),
            "{text}"
        );
    }
    assert!(!report.summary.contains("<img"), "{}", report.summary);
}

#[test]
fn answers_that_are_huge_or_hold_secrets_are_not_quoted() {
    let echo = format!(r#"[{{"envVar":{{"key":"PASSWORD","value":"{SECRET}"}},"cursor":5}}]"#);
    for (route, what) in [
        ("GET /v1/services/{id}/env-vars", What::Garble(Garble::Bytes(echo.clone().into()))),
        ("GET /v1/services/{id}/env-vars", What::Answer(rehearsal::fault::Answer::text(200, echo.clone()))),
        ("GET /v1/services/{id}/env-vars", What::Answer(rehearsal::fault::Answer::text(502, echo))),
        (
            "GET /v1/services/{id}",
            What::Answer(rehearsal::fault::Answer::json(500, format!(r#"{{"message":"key {KEY}"}}"#))),
        ),
        (
            "GET /v1/services/{id}",
            What::Answer(rehearsal::fault::Answer::text(500, format!("your key {KEY}"))),
        ),
    ] {
        let world = World::new();
        let service = world.web();
        world.faults().on(route, When::Always, what.clone());
        // Without the secret among the inputs, so that nothing else hides it.
        let commit = crate::world::sha('b');
        let inputs = [
            ("service-id", service.as_str()),
            ("commit", &commit),
            ("env", "GENERATION=42"),
            ("NEW_PASSWORD", ""),
        ];
        let report = world.run(&inputs);
        assert_eq!(report.end(), (5, "unreachable"), "{what}: {report:?}");
        assert!(world.server.journal().writes().is_empty());
    }
}

#[test]
fn a_hundred_megabytes_are_not_read() {
    for route in ["GET /v1/services/{id}", "GET /v1/services/{id}/deploys", "GET /v1/services/{id}/env-vars"]
    {
        let world = World::new();
        let service = world.web();
        world.faults().on(route, When::Always, What::Garble(Garble::Huge));
        let report = world.deploy(&service);
        assert_eq!(report.end(), (5, "unreachable"), "{report:?}");
        assert!(report.stderr.contains("more than 8388608 bytes"), "{}", report.stderr);
    }
}

#[test]
fn a_list_that_never_ends_is_given_up() {
    let world = World::new();
    let service = world.web();
    let rows: Vec<String> =
        (0..100).map(|n| format!(r#"{{"envVar":{{"key":"K{n}","value":"v"}},"cursor":"again"}}"#)).collect();
    let page = format!("[{}]", rows.join(","));
    let rule = world.faults().on(
        "GET /v1/services/{id}/env-vars",
        When::Always,
        What::Garble(Garble::Bytes(page.into())),
    );
    let report = world.deploy(&service);
    assert_eq!(report.end(), (5, "unreachable"), "{report:?}");
    assert_eq!(rule.fired(), 20);
}

#[test]
fn secrets_travel_only_where_they_must() {
    let world = World::new();
    let service = world.add(&NewService::web("api"));
    world.twin.set_env(&service, "PASSWORD", "another").unwrap();
    assert_eq!(world.deploy(&service).end(), (0, "success"));
    for entry in world.server.journal().entries() {
        assert!(!entry.contains(KEY));
        assert!(entry.authorized);
        let sets_it = entry.method == "PUT" && entry.path.ends_with("/PASSWORD");
        assert_eq!(entry.contains(SECRET), sets_it, "{} {}", entry.method, entry.path);
    }
}
