//! What a run does when the world is in order.

use rehearsal::fault::{What, When};
use rehearsal::twins::render::{NewService, Plan, ServiceType, Status, Trigger};

use crate::world::{MARK, SECRET, World, seconds, sha, usual};

#[test]
fn variables_go_first_under_a_mark_and_the_mark_goes_last() {
    let world = World::new();
    let service = world.web();
    let report = world.deploy(&service);
    assert_eq!(report.end(), (0, "success"), "{report:?}");
    let set_mark = format!("set {MARK}");
    let delete_mark = format!("delete {MARK}");
    assert_eq!(world.effects(), [&set_mark, "set GENERATION", &set_mark, "deploy", &delete_mark]);
    world.assert_deployed(&service);
    // What differs was written, what did not was left alone.
    assert_eq!(world.twin.env(&service).unwrap()["PASSWORD"], SECRET);
    world.assert_settled(&service);
}

#[test]
fn outputs_and_summary_say_what_happened() {
    let world = World::new();
    let service = world.web();
    let report = world.deploy(&service);
    let deploy = world.newest(&service).id;
    let took = report.outputs["duration-seconds"].parse::<u64>().unwrap();
    assert!((80..92).contains(&took), "{took}");
    for (name, value) in [
        ("deploy-id", deploy.as_str()),
        ("status", "live"),
        ("commit", &sha('b')),
        ("url", "https://api.onrender.localhost"),
        ("result", "success"),
    ] {
        assert_eq!(report.outputs[name], value);
    }
    let summary = report.summary.replace(&service, "SERVICE").replace(&deploy, "DEPLOY");
    let summary = summary.replace(&format!("1m{}s", took - 60), "TOOK");
    insta::assert_snapshot!(summary, @"
    ### render-deploy

    | What |  |
    | --- | --- |
    | Service | SERVICE (api) |
    | Ships | <code>commit bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb</code> |
    | Deploy | [<code>DEPLOY</code>](https://dashboard.render.com/web/SERVICE/deploys/DEPLOY), begun by this run |
    | Status | <code>live</code> |
    | Took | TOOK |
    | Variables changed | <code>GENERATION</code> |
    ");
}

#[test]
fn the_time_that_variables_take_is_not_the_deploys() {
    let world = World::new();
    let service = world.web();
    let rule = world.faults().on(
        "PUT /v1/services/{id}/env-vars/{key}",
        When::First(1),
        What::too_many_requests(100),
    );
    let report = world.deploy(&service);
    assert_eq!((report.end(), rule.fired()), ((0, "success"), 1), "{report:?}");
    let took = report.outputs["duration-seconds"].parse::<u64>().unwrap();
    assert!((80..92).contains(&took), "{took}");
}

#[test]
fn nothing_differs_nothing_happens() {
    let world = World::new();
    let service = world.web();
    let commit = sha('a').to_uppercase();
    let report = world.run(&[
        ("service-id", &service),
        ("commit", &commit),
        ("env", "GENERATION=41\nPASSWORD=$NEW_PASSWORD"),
    ]);
    assert_eq!(report.end(), (0, "unchanged"), "{report:?}");
    assert_eq!(report.outputs["deploy-id"], world.newest(&service).id);
    assert_eq!(report.outputs["duration-seconds"], "0");
    assert!(world.server.journal().writes().is_empty());
}

#[test]
fn without_variables_no_mark_is_set() {
    let world = World::new();
    let service = world.web();
    let commit = sha('b');
    let inputs = [("service-id", service.as_str()), ("commit", &commit), ("clear-cache", "true")];
    assert_eq!(world.run(&inputs).end(), (0, "success"));
    assert_eq!(world.effects(), ["deploy"]);
    let posted = world.server.journal().of("POST /v1/services/{id}/deploys")[0].json();
    assert_eq!(posted, serde_json::json!({"commitId": commit, "clearCache": "clear"}));
    assert_eq!(world.run(&inputs).end(), (0, "unchanged"));
}

#[test]
fn force_deploys_what_is_live() {
    let world = World::new();
    let service = world.web();
    let commit = sha('a');
    let inputs = [("service-id", service.as_str()), ("commit", &commit), ("force", "true")];
    for round in 1..=2 {
        assert_eq!(world.run(&inputs).end(), (0, "success"));
        assert_eq!(world.triggered(), round);
    }
}

#[test]
fn a_variable_on_the_second_page_is_found() {
    let world = World::new();
    let mut new = NewService::web("api");
    for number in 0..230 {
        new = new.variable(&format!("VARIABLE_{number}"), &number.to_string());
    }
    let service = world.add(&new);
    let commit = sha('a');
    let report = world.run(&[("service-id", &service), ("commit", &commit), ("env", "GENERATION=41")]);
    assert_eq!(report.end(), (0, "unchanged"), "{report:?}");
    assert_eq!(world.server.journal().count("GET /v1/services/{id}/env-vars"), 3);
}

#[test]
fn a_deploy_of_this_commit_on_its_way_is_waited_for() {
    for status in [Status::Queued, Status::BuildInProgress, Status::UpdateInProgress] {
        let world = World::new();
        let service = world.web();
        let plan = Plan::live().queued(seconds(10)).build(seconds(10)).update(seconds(30));
        world.twin.plan_deploys(&service, [plan]).unwrap();
        let theirs = world.twin.trigger(&service, Trigger::Manual, &sha('b')).unwrap();
        world.clock.advance(match status {
            Status::Queued => seconds(5),
            Status::BuildInProgress => seconds(15),
            _ => seconds(25),
        });
        assert_eq!(world.newest(&service).status, status);
        let commit = sha('b');
        let report = world.run(&[("service-id", &service), ("commit", &commit), ("env", "GENERATION=41")]);
        assert_eq!(report.end(), (0, "success"), "{report:?}");
        assert_eq!(report.outputs["deploy-id"], theirs);
        assert!(world.server.journal().writes().is_empty());
    }
}

#[test]
fn a_deploy_on_its_way_that_is_older_than_the_variables_is_not_waited_for() {
    let world = World::new();
    let service = world.web();
    world.twin.trigger(&service, Trigger::Manual, &sha('b')).unwrap();
    assert_eq!(world.deploy(&service).end(), (0, "success"));
    assert_eq!(world.triggered(), 1);
    assert_eq!(world.running(&service), (sha('b'), "42".to_owned()));
}

#[test]
fn a_rollback_to_this_commit_has_older_variables() {
    let world = World::new();
    let service = world.web();
    let old = world.newest(&service).id;
    world.twin.set_env(&service, "GENERATION", "42").unwrap();
    let commit = sha('a');
    let inputs = [("service-id", service.as_str()), ("commit", &commit), ("env", "GENERATION=42")];
    let forced = [("force", "true")].into_iter().chain(inputs).collect::<Vec<_>>();
    assert_eq!(world.run(&forced).end(), (0, "success"));
    // A person does it in the dashboard; the API does the same.
    let body = serde_json::json!({"deployId": old}).to_string();
    world.post(&format!("/v1/services/{service}/rollback"), &body);
    world.clock.advance(seconds(600));
    assert_eq!(world.running(&service), (sha('a'), "41".to_owned()));
    assert_eq!(world.run(&inputs).end(), (0, "success"));
    assert_eq!(world.running(&service), (sha('a'), "42".to_owned()));
}

#[test]
fn an_image_is_deployed_by_tag_or_digest() {
    let world = World::new();
    let image = NewService::web("api").image("docker.io/acme/api:1");
    let service = world.add(&image);
    let inputs =
        [("service-id", service.as_str()), ("image-url", "docker.io/acme/api:2"), ("env", "GENERATION=42")];
    let report = world.run(&inputs);
    assert_eq!(report.end(), (0, "success"), "{report:?}");
    assert_eq!(report.outputs.get("commit"), None);
    assert_eq!(world.running(&service).1, "42");
    assert_eq!(world.run(&inputs).end(), (0, "unchanged"));
    let latest = [("service-id", service.as_str()), ("image-url", "docker.io/acme/api:latest")];
    assert_eq!(world.run(&latest).end(), (0, "success"));
    assert_eq!(world.run(&latest).end(), (0, "success"), "a tag that moves is deployed again");
    assert_eq!(world.triggered(), 3);
}

#[test]
fn a_cron_job_deploys_the_head_of_its_branch() {
    let world = World::new();
    let cron = NewService::new("nightly", ServiceType::Cron).live(&sha('a')).variable("GENERATION", "41");
    let service = world.twin.add_service(&cron);
    world.twin.push(&service, &sha('b')).unwrap();
    let inputs = [("service-id", service.as_str()), ("env", "GENERATION=42")];
    let report = world.run(&inputs);
    assert_eq!(report.end(), (0, "success"), "{report:?}");
    assert_eq!(report.outputs["commit"], sha('b'));
    assert_eq!(report.outputs.get("url"), None);
    world.assert_deployed(&service);
    assert_eq!(world.run(&inputs).end(), (0, "success"), "whether the head moved cannot be known");
    assert_eq!(world.triggered(), 2);
}

#[test]
fn a_dry_run_says_what_it_would_do_and_sends_no_write() {
    let world = World::new();
    let service = world.web();
    let (commit, live) = (sha('b'), sha('a'));
    let mut inputs = usual(&service, &commit).to_vec();
    inputs[2].1 = "GENERATION=42\nPASSWORD=$NEW_PASSWORD\nOTHER=$NEW_PASSWORD";
    inputs.push(("dry-run", "true"));
    let report = world.run(&inputs);
    assert_eq!(report.end(), (0, "planned"), "{report:?}");
    let summary = report.summary.replace(&service, "SERVICE").replace(&commit, "B").replace(&live, "A");
    insta::assert_snapshot!(summary, @r"
    ### Dry run: nothing was changed

    | What | Now | Would become |
    | --- | --- | --- |
    | variable GREENROOM\_PENDING of api | <code>not set</code> | <code>set first, removed once live</code> |
    | variable GENERATION of api | <code>another value</code> | <code>the given value</code> |
    | variable OTHER of api | <code>not set</code> | <code>the given value</code> |
    | deploy of SERVICE (api) | <code>commit A</code> | <code>commit B</code> |
    ");
    // One that is on its way is not waited for either.
    world.twin.trigger(&service, Trigger::Manual, &commit).unwrap();
    inputs.remove(2);
    let report = world.run(&inputs);
    assert_eq!(report.end(), (0, "planned"), "{report:?}");
    assert!(report.summary.contains("waited for"), "{}", report.summary);
    assert!(world.server.journal().writes().is_empty());
    assert_eq!(world.newest(&service).status, Status::BuildInProgress);
}
