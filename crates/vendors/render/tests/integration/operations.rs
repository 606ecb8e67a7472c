//! What each operation sends and reads.

use std::time::Duration;

use action::{ExposeSecret as _, SecretString};
use rehearsal::twins::render::{
    AutoDeploy, NewService, Plan, ServiceType as Kind, Trigger as By, TriggerAnswer,
};
use render::{
    AutoDeploy as Older, AutoDeployTrigger as Newer, DeployFilter, LogFilter, LogType, NewDeploy, NewWorker,
    Service, ServiceType, Status, Suspension, Trigger, Triggered, Verification,
};

use crate::world::{World, id, sha};

#[test]
fn services_of_every_kind() {
    let world = World::new();
    let web = world.twin.add_service(&NewService::web("api").auto_deploy(AutoDeploy::ChecksPass));
    let image = NewService::new("worker", Kind::Worker).image("docker.io/acme/worker:1");
    let worker = world.twin.add_service(&image.without_auto_deploy_trigger());
    let cron = world.twin.add_service(&NewService::new("nightly", Kind::Cron));
    world.with(async move |client, _| {
        let found = client.service(&id(&web)).await.unwrap();
        assert_eq!(
            (found.id.as_str(), &found.name[..], &found.kind),
            (&web[..], "api", &ServiceType::WebService)
        );
        assert_eq!(found.suspended, Suspension::NotSuspended);
        assert_eq!(found.auto_deploy, Some(Older::Yes));
        assert_eq!(found.auto_deploy_trigger, Some(Newer::ChecksPass));
        assert_eq!(found.service_details.url.as_deref(), Some("https://api.onrender.localhost"));
        assert!(found.repo.is_some() && found.image_path.is_none() && found.dashboard_url.is_some());
        let found = client.service(&id(&worker)).await.unwrap();
        assert_eq!(found.image_path.as_deref(), Some("docker.io/acme/worker:1"));
        assert_eq!((found.repo, found.auto_deploy_trigger), (None, None));
        assert_eq!(client.service(&id(&cron)).await.unwrap().kind, ServiceType::CronJob);
    });
}

#[test]
fn lists_are_read_to_their_end() {
    let world = World::new();
    let mut new = NewService::web("api");
    for number in 0..200 {
        new = new.variable(&format!("KEY_{number}"), &format!("value {number}"));
    }
    let first = world.twin.add_service(&new);
    for number in 1..120 {
        let _ = world.twin.add_service(&NewService::web(&format!("other-{number}")));
    }
    world.with(async move |client, _| {
        assert_eq!(client.services().await.unwrap().len(), 120);
        // Two full pages, and an empty one that says that they were all.
        let variables = client.variables(&id(&first)).await.unwrap();
        assert_eq!(variables.len(), 200);
        assert!(variables.iter().any(|row| row.key == "KEY_199" && row.value.expose_secret() == "value 199"));
    });
    assert_eq!(world.server.journal().count("GET /v1/services"), 2);
    assert_eq!(world.server.journal().count("GET /v1/services/{id}/env-vars"), 3);
}

#[test]
fn one_variable_is_set_read_and_deleted_and_the_others_stay() {
    let world = World::new();
    let service = world.twin.add_service(&NewService::web("api").variable("KEPT", "as it is"));
    let name = service.clone();
    world.with(async move |client, permit| {
        let service = id(&name);
        assert!(client.variable(&service, "A/B").await.unwrap().is_none());
        for value in ["one", "two\nlines\u{1f980}"] {
            client.set_variable(&service, "KEY", &SecretString::from(value), &permit).await.unwrap();
            let stored = client.variable(&service, "KEY").await.unwrap().unwrap();
            assert_eq!(stored.value.expose_secret(), value);
        }
        client.delete_variable(&service, "KEY", &permit).await.unwrap();
        client.delete_variable(&service, "KEY", &permit).await.expect("gone already");
    });
    let stored = world.twin.env(&service).unwrap();
    assert_eq!(stored.into_iter().collect::<Vec<_>>(), [("KEPT".to_owned(), "as it is".to_owned())]);
}

#[test]
fn deploys_are_listed_by_page_and_by_status() {
    let world = World::new();
    let service = world.twin.add_service(&NewService::web("api").live(&sha('0')).plan(Plan::at_once()));
    for digit in ['1', '2', '3', '4'] {
        world.clock.advance(Duration::from_secs(60));
        world.twin.trigger(&service, By::Manual, &sha(digit)).unwrap();
    }
    world.with(async move |client, _| {
        let service = id(&service);
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let filter = DeployFilter { limit: 2, cursor, ..DeployFilter::default() };
            let page = client.deploys(&service, &filter).await.unwrap();
            assert!(page.items.len() <= 2);
            seen.extend(page.items.into_iter().map(|deploy| deploy.commit.unwrap().id));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, ['4', '3', '2', '1', '0'].map(sha));
        let statuses = vec![Status::Live, Status::Canceled];
        let filter = DeployFilter { statuses, ..DeployFilter::default() };
        let page = client.deploys(&service, &filter).await.unwrap();
        let [live] = &page.items[..] else { panic!("{page:?}") };
        assert_eq!((&live.status, &live.trigger), (&Status::Live, &Some(Trigger::Manual)));
        assert_eq!(client.deploy(&service, &live.id).await.unwrap(), *live);
        assert!(live.created_at <= live.finished_at);
    });
}

#[test]
fn a_deploy_is_triggered_named_or_not_and_cancelled() {
    let world = World::new();
    let service = world.twin.add_service(&NewService::web("api").plan(Plan::never_ends()));
    let answer = TriggerAnswer::Accepted { appears_after: Duration::ZERO };
    world.twin.answer_triggers(&service, [TriggerAnswer::Created, answer]).unwrap();
    world.with(async move |client, permit| {
        let service = id(&service);
        let new = NewDeploy { commit_id: Some(sha('1')), clear_cache: true, ..NewDeploy::default() };
        let triggered = client.trigger_deploy(&service, &new, &permit).await.unwrap();
        let Triggered::Deploy(deploy) = triggered else { panic!("{triggered:?}") };
        assert_eq!((deploy.commit.unwrap().id, deploy.trigger), (sha('1'), Some(Trigger::Api)));
        let cancelled = client.cancel_deploy(&service, &deploy.id, &permit).await.unwrap();
        assert_eq!((&cancelled.id, cancelled.status), (&deploy.id, Status::Canceled));
        let again = client.cancel_deploy(&service, &deploy.id, &permit).await.unwrap_err();
        assert_eq!(again.status(), Some(400));
        let triggered = client.trigger_deploy(&service, &NewDeploy::default(), &permit).await.unwrap();
        assert_eq!(triggered, Triggered::Accepted);
    });
}

#[test]
fn an_image_deploy_shows_reference_and_digest() {
    let world = World::new();
    let service = world.twin.add_service(&NewService::web("api").image("docker.io/acme/api:1"));
    world.with(async move |client, permit| {
        let new = NewDeploy { image_url: Some("docker.io/acme/api:2".to_owned()), ..NewDeploy::default() };
        let triggered = client.trigger_deploy(&id(&service), &new, &permit).await.unwrap();
        let Triggered::Deploy(deploy) = triggered else { panic!("{triggered:?}") };
        assert_eq!(deploy.commit, None);
        let image = deploy.image.unwrap();
        assert_eq!(image.reference.as_deref(), Some("docker.io/acme/api:2"));
        assert!(image.sha.unwrap().starts_with("sha256:"));
    });
}

#[test]
fn custom_domains_all_or_by_name() {
    let world = World::new();
    let service = world.twin.add_service(&NewService::web("api"));
    world.twin.attach(&service, "api.example.com", true).unwrap();
    world.twin.attach(&service, "www.example.com", false).unwrap();
    world.with(async move |client, _| {
        let service = id(&service);
        assert_eq!(client.custom_domains(&service, None).await.unwrap().len(), 2);
        let found = client.custom_domains(&service, Some("www.example.com")).await.unwrap();
        let [domain] = &found[..] else { panic!("{found:?}") };
        assert_eq!(
            (&domain.name[..], &domain.verification_status),
            ("www.example.com", &Verification::Unverified)
        );
        assert_eq!(client.custom_domains(&service, Some("other.example.com")).await.unwrap(), []);
    });
}

/// As it is in Render's dashboard, apart from its name.
fn like(model: &Service, name: &str) -> NewWorker {
    let details = model.service_details.clone();
    NewWorker {
        name: name.to_owned(),
        owner_id: model.owner_id.clone(),
        repo: model.repo.clone().unwrap(),
        branch: model.branch.clone(),
        root_dir: model.root_dir.clone(),
        environment_id: model.environment_id.clone(),
        runtime: details.runtime.unwrap(),
        plan: details.plan,
        region: details.region,
        commands: details.commands,
    }
}

#[test]
fn a_worker_like_another_one_is_made_found_and_deleted() {
    let world = World::new();
    let model =
        NewService::new("workers", Kind::Worker).region("ohio").branch("release").environment("evm-1");
    let model = world.twin.add_service(&model);
    let twin = world.twin.clone();
    world.with(async move |client, permit| {
        let model = client.service(&id(&model)).await.unwrap();
        assert_eq!(client.services_named(&model.owner_id, "drain").await.unwrap(), []);
        let made = client.create_worker(&like(&model, "drain"), &permit).await.unwrap();
        let first = made.deploy_id.unwrap();
        let made = made.service;
        assert_eq!(made.kind, ServiceType::BackgroundWorker);
        assert_eq!((made.auto_deploy.clone(), &made.branch), (Some(Older::No), &model.branch));
        assert_eq!((&made.environment_id, &made.root_dir), (&model.environment_id, &model.root_dir));
        assert_eq!(made.service_details, model.service_details);
        assert!(made.service_details.commands.is_some() && made.service_details.plan.is_some());
        assert_eq!(twin.deploys(made.id.as_str()).unwrap()[0].id, first.as_str());
        assert_eq!(
            client.services_named(&made.owner_id, "drain").await.unwrap(),
            std::slice::from_ref(&made)
        );
        assert_eq!(client.services_named("tea-other", "drain").await.unwrap(), []);

        let group = twin.add_env_group("shared", [("A", "1")]).parse().unwrap();
        for _ in 0..2 {
            client.link_env_group(&group, &made.id, &permit).await.unwrap();
        }
        assert_eq!(client.env_group(&group).await.unwrap().services, [made.id.to_string()]);
        assert_eq!(twin.deploys(made.id.as_str()).unwrap().len(), 1, "auto-deploy is off");

        for _ in 0..2 {
            client.delete_service(&made.id, &permit).await.unwrap();
        }
        assert_eq!(client.services_named(&made.owner_id, "drain").await.unwrap(), []);
    });
}

#[test]
fn the_end_of_a_log_oldest_line_first() {
    let world = World::new();
    let service = world.twin.add_service(&NewService::web("api"));
    for line in 1..=5 {
        world.clock.advance(Duration::from_secs(10));
        world.twin.log(&service, &format!("line {line}")).unwrap();
    }
    world.with(async move |client, _| {
        let (service, owner) = (id(&service), rehearsal::twins::render::OWNER);
        let tail = async |types: &[LogType], since, limit| {
            let filter = LogFilter { owner, service: &service, types, since, limit };
            let lines = client.log_tail(&filter).await.unwrap();
            lines.into_iter().map(|line| (line.message, line.timestamp)).collect::<Vec<_>>()
        };
        let last = tail(&[LogType::App], None, 2).await;
        assert_eq!(
            last.iter().map(|(message, _)| message.as_str()).collect::<Vec<_>>(),
            ["line 4", "line 5"]
        );
        assert_eq!(tail(&[LogType::Build], None, 100).await, []);
        assert_eq!(tail(&[], last[0].1, 100).await, last);
        assert_eq!(tail(&[LogType::Build, LogType::App], None, 100).await.len(), 5);
    });
}
