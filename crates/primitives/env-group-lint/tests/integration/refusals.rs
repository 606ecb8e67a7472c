//! Wrong inputs, wrong manifests, and Render's troubles.

use rehearsal::fault::{Answer, Garble, What, When};

use crate::world::{MANIFEST, VALUE, World, end, run};

const ROUTES: [&str; 4] = [
    "GET /v1/services/{id}",
    "GET /v1/services/{id}/env-vars",
    "GET /v1/env-groups",
    "GET /v1/env-groups/{id}",
];

#[test]
fn wrong_inputs_and_manifests_are_told_before_anything_is_asked() {
    let world = World::new();
    for (input, value, told) in [
        ("manifest", "gone.yml", "there is no manifest at gone.yml"),
        ("manifest", ".github", "it is not a file"),
        ("services", "api-blue", "`api-blue` is no service id"),
        ("services", "srv-1\nsrv-1", "srv-1 is listed twice"),
    ] {
        let checked = run(world.lint().with(input, value));
        assert_eq!(end(&checked), (2, "invalid"), "{input} {value}: {}", checked.error());
        assert!(checked.error().contains(told), "{told}: {}", checked.error());
    }
    let without = MANIFEST.split("env:").next().unwrap().to_owned();
    for (manifest, told) in [
        (without, "has no variables under `env`"),
        (
            MANIFEST
                .replace("    blue: { service: \"${{ vars.API_BLUE }}\" }\n", "")
                .replace("    green: { service: \"${{ vars.API_GREEN }}\" }\n", ""),
            "names no service",
        ),
        (
            MANIFEST.replace("vars.API_BLUE", "vars.GONE").replace("vars.API_GREEN", "vars.AWAY"),
            "variables that are not set: AWAY, GONE",
        ),
        (MANIFEST.replace("${{ vars.API_BLUE }}", "api-blue"), "`api-blue` is no service id"),
        ("targets: [".to_owned(), "deploy-manifest.yml:"),
    ] {
        world.manifest(&manifest);
        let checked = world.run();
        assert_eq!(end(&checked), (2, "invalid"), "{}", checked.error());
        assert!(checked.error().contains(told), "{told}: {}", checked.error());
    }
    world.manifest(MANIFEST);
    let checked = run(world.lint().variable("RENDER_API_KEY", ""));
    assert_eq!(end(&checked), (2, "invalid"));
    assert!(world.server.journal().entries().is_empty());
}

#[test]
fn an_unknown_service_and_a_wrong_key_are_denied() {
    let world = World::new();
    assert_eq!(end(&run(world.lint().with("services", "srv-unknown"))), (4, "denied"));
    world.twin.set_api_key("rnd_another");
    assert_eq!(end(&world.run()), (4, "denied"));
}

#[test]
fn one_fault_at_any_read_is_ridden_out_and_a_lasting_one_passes_nothing() {
    let kinds = [
        What::Refuse,
        What::Reset,
        What::status(503),
        What::too_many_requests(1),
        What::CutBody,
        What::Garble(Garble::Truncated),
        What::Garble(Garble::Html),
    ];
    for route in ROUTES {
        for what in &kinds {
            let world = World::new();
            world.set(&world.green, "RENDER_API_KEY");
            let rule = world.server.faults().on(route, When::Nth(1), what.clone());
            assert_eq!(world.run().output("findings"), "1", "{route} {what:?}");
            assert_eq!(rule.fired(), 1, "{route} {what:?}");
            let world = World::new();
            world.server.faults().on(route, When::Always, what.clone());
            assert_eq!(end(&world.run()), (5, "unreachable"), "{route} {what:?}");
        }
    }
}

#[test]
fn more_groups_than_one_page_are_not_passed_over() {
    let world = World::new();
    for number in 0..100 {
        let _ = world.twin.add_env_group(&format!("group-{number}"), [("A", "x")]);
    }
    let checked = world.run();
    assert_eq!(end(&checked), (5, "unreachable"), "{}", checked.error());
    assert!(checked.error().contains("a full page of 100 groups"), "{}", checked.error());
}

#[test]
fn hostile_names_stay_text_and_garbled_values_are_not_quoted() {
    let evil = "x\\r\\n::set-output name=findings::0\\n##[error]boom\\u001b[2J|<b>";
    let world = World::new();
    let group = format!(
        r#"{{"id":"{}","name":"{evil}","ownerId":"tea-1","createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-01T00:00:00Z","serviceLinks":[{{"id":"{}","name":"x","type":"web"}}]}}"#,
        world.group, world.blue
    );
    world.server.faults().on(ROUTES[2], When::Always, What::Answer(Answer::json(200, format!("[{group}]"))));
    world.server.faults().on(
        ROUTES[3],
        When::Always,
        What::Answer(Answer::json(
            200,
            r#"{"name":"x","serviceLinks":[],"envVars":[{"key":"render_api_key","value":"x"}]}"#,
        )),
    );
    let checked = world.run();
    assert_eq!(end(&checked), (1, "refused"), "{}", checked.error());
    for text in [&checked.summary, &checked.stderr] {
        for line in text.split(['\n', '\r']) {
            let ours = ["::error title=env-group-lint::", "::add-mask::"];
            let command =
                line.trim_start().starts_with("::") && !ours.iter().any(|our| line.starts_with(our));
            assert!(!command && !line.contains("##[") && !line.contains('\u{1b}'), "{line}");
        }
    }
    // An answer that is not what it should be may hold values; the run's own check for
    // leaks fails if it is quoted.
    for route in [ROUTES[1], ROUTES[3]] {
        let world = World::new();
        world.server.faults().on(
            route,
            When::Always,
            What::Answer(Answer::json(200, format!(r#"{{"value":"{VALUE}"}}"#))),
        );
        assert_eq!(end(&world.run()), (5, "unreachable"));
    }
}
