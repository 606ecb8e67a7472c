//! What nobody can tell, what is wrong, and Cloudflare's troubles.

use rehearsal::fault::{Answer, Garble, What, When};

use crate::world::{ALL, MANIFEST, World, run};

const RECORDS: &str = "GET /client/v4/zones/{zone}/dns_records";
const API: &str = r#"["api","workers"]"#;

#[test]
fn names_that_disagree_are_stale() {
    let world = World::pointing(&[
        ("api.example.com", "api-green.onrender.com"),
        ("www.example.com", "api-blue.onrender.com"),
    ]);
    let told = "the public names of api, workers disagree: www.example.com on blue, api.example.com on green";
    world.run(API).assert((6, "stale"), told);
}

#[test]
fn a_name_that_points_elsewhere_or_nowhere_is_refused_and_named() {
    let world = World::pointing(&[("api.example.com", "old.herokuapp.com")]);
    let report = world.run(API);
    report.assert((1, "refused"), "api.example.com points at old.herokuapp.com, which is neither blue (api-blue.onrender.com) nor green (api-green.onrender.com) of target api");
    assert!(report.0.error().contains("www.example.com (target api) has no CNAME"), "{}", report.0.error());
}

#[test]
fn a_group_without_any_name_is_refused_with_the_fix() {
    let world = World::new();
    world.manifest(&MANIFEST.replace("coupling: [[api, workers]]", ""));
    let report = world.run(r#"["workers"]"#);
    report.assert((1, "refused"), "nothing tells which colour of workers is live");
    assert!(report.0.error().contains("hint: couple it in the manifest"), "{}", report.0.error());
    // A coupled target without colours lends no name.
    world.manifest(&MANIFEST.replace("[[api, workers]]", "[[docs, workers]]"));
    world.run(r#"["docs","workers"]"#).assert((1, "refused"), "nothing tells");
}

#[test]
fn a_manifest_that_cannot_be_cut_over_is_invalid() {
    let both = "green: { service: srv-dashgreen, origin: dash-green.onrender.com }";
    for (old, new, told) in [
        (both, "", "dashboard has one of `blue` and `green` only"),
        (
            both,
            "green: { service: srv-dashgreen }",
            "target dashboard has public names and no origin for green",
        ),
        (
            both,
            "green: { service: srv-dashblue, origin: dash-green.onrender.com }",
            "the same service for blue and green",
        ),
        (
            both,
            "green: { service: srv-x, origin: DASH-blue.onrender.com }",
            "the same origin for blue and green",
        ),
        (
            both,
            "green: { service: srv-x, origin: \"https://a.b/path\" }",
            "neither a host name nor an address",
        ),
        (
            both,
            "green: { service: \"${{ vars.NOT_SET }}\", origin: \"${{ vars.NOR_THIS }}\" }",
            "variables that are not set: NOR_THIS, NOT_SET",
        ),
        ("version: 1", "version: 2", "version 2 is not supported"),
    ] {
        let world = World::new();
        world.manifest(&MANIFEST.replace(old, new));
        world.run(r#"["dashboard"]"#).assert((2, "invalid"), told);
        assert!(world.server.journal().writes().is_empty());
    }
}

#[test]
fn wrong_inputs_are_told_before_anything_is_asked() {
    let world = World::new();
    for (input, value, told) in [
        ("targets", "", "is no JSON list of names"),
        ("targets", "api", "is no JSON list of names"),
        ("targets", r#"["nope"]"#, "no target \"nope\""),
        ("targets", r#"["api"]"#, "workers is not listed, and it is coupled to a target that is"),
        ("zone-id", "example.com", "is not a zone id"),
        ("zone-id", "../../../../../../../../../../../a", "is not a zone id"),
        ("manifest", "gone.yml", "there is no manifest at gone.yml"),
        ("manifest", ".github", "cannot be read: it is not a file"),
        ("manifest", "a\u{7}", "is not the path of a file"),
        ("run-id", "0", "must be at least 1"),
    ] {
        run(world.look(ALL).with(input, value)).assert((2, "invalid"), told);
    }
    run(world.look(ALL).variable("CLOUDFLARE_API_TOKEN", "")).assert((2, "invalid"), "CLOUDFLARE_API_TOKEN");
    let report = run(world.look(ALL).with("run-id", "x"));
    assert_eq!(report.end(), (2, "invalid"));
    assert!(world.server.journal().entries().is_empty());
}

#[test]
fn a_run_id_of_the_runner_that_is_none_is_not_passed_over() {
    let world = World::new();
    for id in ["seven", "0", "-1", "7001x", "18446744073709551616"] {
        let report = run(world.look(ALL).variable("GITHUB_RUN_ID", id));
        report.assert(
            (2, "invalid"),
            "input `run-id`: not given, and GITHUB_RUN_ID is no whole number from 1 on",
        );
    }
    assert!(world.server.journal().entries().is_empty());
    // What is given counts, whatever the runner says; and nothing at all is nobody's run.
    let given = run(world.look(ALL).variable("GITHUB_RUN_ID", "seven").with("run-id", "7"));
    given.success();
    run(world.look(ALL).variable("GITHUB_RUN_ID", "")).success();
}

#[test]
fn a_wrong_token_and_an_unknown_zone_are_denied() {
    let world = World::new();
    world.cloudflare.set_token("another");
    assert_eq!(world.run(ALL).end(), (4, "denied"));
    let world = World::new();
    assert_eq!(run(world.look(ALL).with("zone-id", "0".repeat(32))).end(), (4, "denied"));
}

#[test]
fn one_fault_at_any_name_is_ridden_out_and_a_lasting_one_tells_nothing() {
    let kinds = [
        What::Refuse,
        What::Reset,
        What::status(502),
        What::too_many_requests(1),
        What::CutBody,
        What::Garble(Garble::Truncated),
    ];
    for what in kinds {
        for nth in 1..=3 {
            let world = World::new();
            let rule = world.server.faults().on(RECORDS, When::Nth(nth), what.clone());
            assert_eq!(
                world.run(ALL).success().output("flips"),
                r#"["api","dashboard","workers"]"#,
                "{what:?}"
            );
            assert_eq!(rule.fired(), 1);
        }
        let world = World::new();
        world.server.faults().on(RECORDS, When::From(2), what);
        world.run(ALL).assert((5, "unreachable"), "GET ");
    }
}

#[test]
fn answers_that_mean_harm() {
    // Another name's record, or none of the kind, is no answer to the question.
    for record in [
        r#"{"id":"r","name":"evil.example.com","type":"CNAME","content":"api-green.onrender.com","ttl":60}"#,
        r#"{"id":"r","name":"api.example.com","type":"TXT","content":"api-green.onrender.com","ttl":60}"#,
    ] {
        let world = World::new();
        let body = format!(
            r#"{{"success":true,"errors":[],"messages":[],"result":[{record}],"result_info":{{"page":1,"per_page":100,"count":1,"total_count":1,"total_pages":1}}}}"#
        );
        world.server.faults().on(RECORDS, When::Nth(1), What::Answer(Answer::json(200, body)));
        world.run(ALL).assert((1, "refused"), "api.example.com (target api) has no CNAME");
    }
    let evil = "x\\r\\n::set-output name=flips::[]\\n##[error]boom\\u001b[2J|<b>";
    let world = World::new();
    let body = format!(
        r#"{{"success":true,"errors":[],"messages":[],"result":[{{"id":"r","name":"api.example.com","type":"CNAME","content":"{evil}","ttl":60}}],"result_info":{{"page":1,"per_page":100,"count":1,"total_count":1,"total_pages":1}}}}"#
    );
    world.server.faults().on(RECORDS, When::Nth(1), What::Answer(Answer::json(200, body)));
    let report = world.run(ALL);
    assert_eq!(report.end(), (1, "refused"));
    for text in [&report.0.summary, &report.0.stderr] {
        for line in text.split(['\n', '\r']) {
            let ours = ["::error title=color-resolve::", "::warning title=color-resolve::", "::add-mask::"];
            let command =
                line.trim_start().starts_with("::") && !ours.iter().any(|our| line.starts_with(our));
            assert!(!command && !line.contains("##[") && !line.contains('\u{1b}'), "{line}");
        }
    }
}
