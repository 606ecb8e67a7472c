//! Everything that is refused before or while looking.

use rehearsal::fault::{Answer, What, When};
use rehearsal::twins::render::{AutoDeploy, NewService, Plan};
use serde_json::json;

use crate::world::{SERVICE, World, run, seconds, sha};

#[test]
fn wrong_inputs_are_told_before_anything_is_asked() {
    let world = World::new();
    let many: String = (0..51).map(|number| format!("srv-{number}\n")).collect();
    for (input, value, told) in [
        ("services", "", "lists no service"),
        ("services", "\n \n", "lists no service"),
        ("services", "api-blue", "`api-blue` is no service id"),
        ("services", "srv-1/../srv-2", "is no service id"),
        ("services", "srv-1\nsrv-1", "srv-1 is listed twice"),
        ("services", many.as_str(), "more than 50 services"),
        ("window", "30", "needs its unit"),
        ("window", "0s", "longer than nothing"),
        ("window", "2h", "an hour at most"),
        ("interval", "999ms", "at least 1s"),
        ("timeout", "30s", "longer than `window`"),
    ] {
        let report = world.run_with(&[(input, value)]);
        assert_eq!(report.end(), (2, "invalid"), "{input} {value}: {}", report.run.stderr);
        assert!(report.error().contains(told), "{told}: {}", report.error());
    }
    let report = run(world.watch().variable("RENDER_API_KEY", ""));
    assert_eq!(report.end(), (2, "invalid"));
    assert!(report.error().contains("RENDER_API_KEY"), "{}", report.error());
    assert!(world.server.journal().entries().is_empty());
}

#[test]
fn a_service_that_deploys_by_itself_is_refused() {
    for (setting, both, told) in [
        (AutoDeploy::Commit, true, "autoDeploy is yes"),
        (AutoDeploy::Commit, false, "autoDeploy is yes"),
        (AutoDeploy::ChecksPass, true, "autoDeploy is yes"),
    ] {
        let world = World::new();
        let mut new = NewService::web("eager").auto_deploy(setting).live(&sha('a'));
        if !both {
            new = new.without_auto_deploy_trigger();
        }
        let eager = world.twin.add_service(&new);
        let report = run(world.watch().with("services", format!("{}{eager}", world.services())));
        report.assert_refused(&format!("{eager} (eager) deploys by itself ({told})"));
        assert!(world.slept() < seconds(1));
    }
}

#[test]
fn auto_deploy_that_is_turned_on_while_we_look_is_seen_by_the_last_look() {
    for (word, newer, told) in [
        ("yes", "off", "autoDeploy is yes"),
        ("no", "commit", "autoDeployTrigger is commit"),
        ("no", "checksPass", "autoDeployTrigger is checksPass"),
    ] {
        let world = World::new();
        let settings = json!({
            "id": world.api, "name": "api-blue", "type": "web_service", "ownerId": "tea-1",
            "suspended": "not_suspended", "autoDeploy": word, "autoDeployTrigger": newer,
        });
        let answer = What::Answer(Answer::json(200, settings.to_string()));
        let rule = world.faults().on(SERVICE, When::Nth(3), answer);
        world.run().assert_refused(&format!("{} (api-blue) deploys by itself ({told})", world.api));
        assert_eq!(rule.fired(), 1);
        assert!(world.slept() >= seconds(30));
    }
}

#[test]
fn a_service_that_never_deployed_cannot_be_what_serves() {
    let world = World::new();
    let new = world.twin.add_service(&NewService::web("new").plan(Plan::at_once()));
    run(world.watch().with("services", &new)).assert_refused(&format!("{new} has no deploys"));
}

#[test]
fn an_unknown_service_and_a_wrong_key_are_denied() {
    let world = World::new();
    let report = world.run_with(&[("services", "srv-unknown")]);
    assert_eq!(report.end(), (4, "denied"));
    assert!(report.error().contains("not found: srv-unknown"), "{}", report.error());
    world.twin.set_api_key("rnd_another");
    assert_eq!(world.run().end(), (4, "denied"));
}
