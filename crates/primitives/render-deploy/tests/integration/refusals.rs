//! Everything that is refused: nothing is changed, and the text says what to do.

use rehearsal::twins::render::{AutoDeploy, NewService, ServiceType, Trigger};

use crate::world::{SECRET, World, sha, usual};

/// Runs, and expects this end, with this in the text and no write sent.
#[track_caller]
fn refuse(world: &World, inputs: &[(&str, &str)], end: (u8, &str), told: &str) {
    let report = world.run(inputs);
    assert_eq!(report.end(), end, "{report:?}");
    assert!(report.stderr.contains(told), "{told}: {}", report.stderr);
    assert!(report.stderr.contains("\nhint: "), "{}", report.stderr);
    assert!(world.server.journal().writes().is_empty());
}

#[test]
fn wrong_inputs_are_told_before_anything_is_asked() {
    let world = World::new();
    let service = world.web();
    let commit = sha('b');
    let good = usual(&service, &commit);
    for (name, value, told) in [
        ("service-id", "api-green", "`api-green` is no service id"),
        ("service-id", "srv-1/../srv-2", "is no service id"),
        ("service-id", "", "--service-id"),
        ("commit", "bbbbbbb", "is not a full commit SHA"),
        ("commit", "main", "is not a full commit SHA"),
        ("image-url", "docker.io/acme/api:1", "given beside `commit`"),
        ("env", "GENERATION", "line 1: no `=`"),
        ("env", "GENERATION=", "is empty"),
        ("env", "A=1\nA=2", "line 2: A is given twice"),
        ("env", "GREENROOM_PENDING=x", "Greenroom's own mark"),
        ("env", "A=$UNSET_VARIABLE", "$UNSET_VARIABLE, which is not set"),
        ("timeout", "25", "needs its unit"),
        ("timeout", "0s", "longer than nothing"),
        ("poll-interval", "999ms", "at least 1s"),
        ("log-lines", "101", "101"),
        ("log-lines", "-1", "-1"),
        ("force", "yes", "expected true or false"),
        ("dry-run", "1", "expected true or false"),
        ("INPUT_MISSPELT_DRY_RUN", "true", "its name is `dry-run`"),
        ("RENDER_API_KEY", "", "RENDER_API_KEY"),
        ("RENDER_API_URL", "http://api.render.com/v1", "only https"),
    ] {
        let inputs = good.into_iter().chain([(name, value)]).collect::<Vec<_>>();
        refuse(&world, &inputs, (2, "invalid"), told);
    }
    assert!(world.server.journal().entries().is_empty());
}

#[test]
fn a_bad_line_never_shows_its_value() {
    let world = World::new();
    let service = world.web();
    let commit = sha('b');
    for line in
        [SECRET.to_owned(), format!("A B={SECRET}"), format!("A=${{{SECRET}}}"), format!("A=1\nA={SECRET}")]
    {
        let report = world.run(&[("service-id", &service), ("commit", &commit), ("env", &line)]);
        assert_eq!(report.end(), (2, "invalid"), "{report:?}");
    }
}

#[test]
fn a_commit_or_an_image_must_be_named() {
    let world = World::new();
    let service = world.web();
    refuse(
        &world,
        &[("service-id", &service), ("commit", "")],
        (2, "invalid"),
        "neither `commit` nor `image-url`",
    );
}

#[test]
fn services_that_deploy_by_themselves_are_refused() {
    for (setting, shows_both) in
        [(AutoDeploy::Commit, true), (AutoDeploy::Commit, false), (AutoDeploy::ChecksPass, true)]
    {
        let world = World::new();
        let mut new = NewService::web("api").auto_deploy(setting);
        if !shows_both {
            new = new.without_auto_deploy_trigger();
        }
        let service = world.add(&new);
        refuse(&world, &usual(&service, &sha('b')), (1, "refused"), "deploys by itself (autoDeploy is yes)");
    }
}

#[test]
fn an_older_service_without_the_newer_field_passes() {
    let world = World::new();
    let service = world.add(&NewService::web("api").without_auto_deploy_trigger());
    assert_eq!(world.deploy(&service).end(), (0, "success"));
}

#[test]
fn suspended_unknown_cron_and_image_services() {
    let world = World::new();
    let (commit, web) = (sha('b'), world.web());
    refuse(&world, &usual("srv-unknown", &commit), (4, "denied"), "not found: srv-unknown");
    let cron = world.twin.add_service(&NewService::new("nightly", ServiceType::Cron));
    refuse(&world, &usual(&cron, &commit), (1, "refused"), "is a cron job");
    let image = world.twin.add_service(&NewService::web("image").image("docker.io/acme/api:1"));
    refuse(&world, &usual(&image, &commit), (1, "refused"), "runs an image");
    let other = [("service-id", image.as_str()), ("image-url", "docker.io/acme/web:1")];
    refuse(&world, &other, (1, "refused"), "of another repository");
    let no_image = [("service-id", web.as_str()), ("image-url", "docker.io/acme/api:1")];
    refuse(&world, &no_image, (1, "refused"), "runs no image");
    world.post(&format!("/v1/services/{web}/suspend"), "");
    world.server.journal().clear();
    refuse(&world, &usual(&web, &commit), (1, "refused"), &format!("{web} (api) is suspended"));
    // A dry run refuses the same.
    let dry = usual(&web, &commit).into_iter().chain([("dry-run", "true")]).collect::<Vec<_>>();
    refuse(&world, &dry, (1, "refused"), "is suspended");
}

#[test]
fn a_wrong_key_is_denied() {
    let world = World::new();
    let service = world.web();
    world.twin.set_api_key("rnd_another");
    refuse(&world, &usual(&service, &sha('b')), (4, "denied"), "401, Unauthorized");
}

#[test]
fn an_unknown_deploy_status_elsewhere_does_not_hinder() {
    let world = World::new();
    let service = world.web();
    world.twin.trigger(&service, Trigger::BlueprintSync, &sha('c')).unwrap();
    assert_eq!(world.deploy(&service).end(), (0, "success"));
}
