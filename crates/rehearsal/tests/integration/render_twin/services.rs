//! Services, custom domains and events.

use rehearsal::twins::render::{AutoDeploy, Change, NewService, OWNER, SeedError, ServiceType, Status};
use serde_json::{Value, json};

use super::bench::{Bench, seconds, sha};
use crate::call::call;

fn names(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|row| row["service"]["name"].as_str().unwrap()).collect()
}

#[test]
fn every_type_of_service_has_its_own_shape_and_prefix() {
    let bench = Bench::new();
    let kinds = [
        (ServiceType::Web, "web_service", "srv-"),
        (ServiceType::Private, "private_service", "srv-"),
        (ServiceType::Worker, "background_worker", "srv-"),
        (ServiceType::Cron, "cron_job", "crn-"),
        (ServiceType::Static, "static_site", "srv-"),
    ];
    for (kind, word, prefix) in kinds {
        let id = bench.render.add_service(&NewService::new(word, kind));
        assert!(id.starts_with(prefix) && id.len() == 24, "{id}");
        let service = bench.get(&format!("/v1/services/{id}"));
        assert_eq!((service["type"].as_str(), service["id"].as_str()), (Some(word), Some(id.as_str())));
    }
    let image = NewService::web("imaged").image("docker.io/acme/api:1");
    let image = bench.get(&format!("/v1/services/{}", bench.render.add_service(&image)));
    assert_eq!(image["imagePath"], "docker.io/acme/api:1");
    assert!(image.get("repo").is_none() && image.get("branch").is_none());
}

#[test]
fn services_are_listed_newest_first_in_pages_of_twenty() {
    let bench = Bench::new();
    for number in 0..45 {
        let _ = bench.render.add_service(&NewService::web(&format!("s{number}")));
    }
    let (mut seen, mut cursor, mut sizes) = (Vec::new(), String::new(), Vec::new());
    loop {
        let page = bench.get(&format!("/v1/services{cursor}"));
        let rows = page.as_array().unwrap();
        sizes.push(rows.len());
        seen.extend(names(&page).into_iter().map(str::to_owned));
        match rows.last() {
            Some(last) => cursor = format!("?cursor={}", last["cursor"].as_str().unwrap()),
            None => break,
        }
    }
    assert_eq!(sizes, [20, 20, 5, 0]);
    let expected: Vec<String> = (0..45).rev().map(|number| format!("s{number}")).collect();
    assert_eq!(seen, expected);
    assert_eq!(bench.get("/v1/services?limit=100").as_array().unwrap().len(), 45);
    for bad in ["limit=0", "limit=101", "limit=many", "cursor=zz"] {
        assert_eq!(bench.misuse(call("GET", &format!("/v1/services?{bad}"))).status, 400, "{bad}");
    }
}

#[test]
fn services_are_filtered() {
    let bench = Bench::new();
    let add = |new: NewService| bench.render.add_service(&new);
    let _ = add(NewService::web("api-blue").region("frankfurt"));
    let _ = add(NewService::web("api-green").environment("evm-1"));
    let _ = add(NewService::new("workers-blue", ServiceType::Worker));
    let suspended = add(NewService::web("old").owner("tea-other"));
    bench.bare("POST", &format!("/v1/services/{suspended}/suspend"), 202);
    let filtered = |query: &str| {
        let rows = bench.get(&format!("/v1/services?{query}"));
        names(&rows).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(filtered("name=api-blue,workers-blue"), ["workers-blue", "api-blue"]);
    assert_eq!(filtered("type=background_worker"), ["workers-blue"]);
    assert_eq!(filtered("suspended=suspended"), ["old"]);
    assert_eq!(filtered("ownerId=tea-other"), ["old"]);
    assert_eq!(filtered(&format!("ownerId={OWNER}&type=web_service")), ["api-green", "api-blue"]);
    assert_eq!(filtered("region=frankfurt"), ["api-blue"]);
    assert_eq!(filtered("environmentId=evm-1"), ["api-green"]);
    assert_eq!(filtered("createdAfter=2999-01-01T00:00:00Z"), Vec::<String>::new());
    assert_eq!(filtered("createdBefore=2999-01-01T00:00:00%2B01:00").len(), 4);
}

#[test]
fn either_auto_deploy_field_changes_both() {
    let bench = Bench::new();
    let id = bench.render.add_service(&NewService::web("api").auto_deploy(AutoDeploy::Commit));
    let path = format!("/v1/services/{id}");
    let patch = |body: Value| {
        let service = bench.write("PATCH", &path, &body, 200).json();
        (service["autoDeploy"].clone(), service["autoDeployTrigger"].clone())
    };
    assert_eq!(patch(json!({"autoDeploy": "no"})), (json!("no"), json!("off")));
    assert_eq!(patch(json!({"autoDeployTrigger": "checksPass"})), (json!("yes"), json!("checksPass")));
    assert_eq!(patch(json!({"name": "renamed"})), (json!("yes"), json!("checksPass")));
    assert_eq!(bench.misuse(call("PATCH", &path).json(&json!({"autoDeploy": "maybe"}))).status, 400);

    let older = bench.render.add_service(&NewService::web("older").without_auto_deploy_trigger());
    let older = bench.get(&format!("/v1/services/{older}"));
    assert_eq!(older["autoDeploy"], "no");
    assert!(older.get("autoDeployTrigger").is_none());
}

#[test]
fn settings_that_are_patched_stay() {
    let bench = Bench::new();
    let id = bench.web("api");
    let path = format!("/v1/services/{id}");
    let changes = json!({
        "branch": "production", "rootDir": "api", "buildFilter": {"paths": ["api/**"], "ignoredPaths": []},
        "serviceDetails": {"healthCheckPath": "/health", "plan": "pro", "preDeployCommand": "migrate",
            "envSpecificDetails": {"dockerCommand": "serve"}}
    });
    bench.write("PATCH", &path, &changes, 200);
    let service = bench.get(&path);
    assert_eq!(service["branch"], "production");
    assert_eq!(service["rootDir"], "api");
    assert_eq!(service["buildFilter"]["paths"], json!(["api/**"]));
    let details = &service["serviceDetails"];
    assert_eq!(details["healthCheckPath"], "/health");
    assert_eq!(details["envSpecificDetails"]["dockerCommand"], "serve");
    assert_eq!(details["envSpecificDetails"]["preDeployCommand"], "migrate");
    assert_eq!(bench.render.deploys(&id).unwrap().len(), 1, "a patch deploys nothing");
}

#[test]
fn a_new_service_deploys_its_branch_head_at_once() {
    let bench = Bench::new();
    let body = json!({
        "type": "web_service", "name": "API 2", "ownerId": OWNER, "repo": "https://github.com/acme/app",
        "envVars": [{"key": "A", "value": "1"}, {"key": "B", "generateValue": true}],
        "serviceDetails": {"runtime": "docker", "region": "ohio"}
    });
    let created = bench.write("POST", "/v1/services", &body, 201).json();
    let (service, deploy) = (&created["service"], created["deployId"].as_str().unwrap());
    let id = service["id"].as_str().unwrap();
    assert_eq!((&service["autoDeploy"], &service["slug"]), (&json!("yes"), &json!("api-2")));
    assert_eq!(service["serviceDetails"]["region"], "ohio");
    assert_eq!(bench.listed(id, ""), [deploy]);
    assert_eq!(bench.seen(id, deploy).trigger.word(), "new_commit");
    let env = bench.render.env(id).unwrap();
    assert_eq!(env["A"], "1");
    assert!(!env["B"].is_empty());

    let again = bench.write("POST", "/v1/services", &body, 201).json();
    let slug = again["service"]["slug"].as_str().unwrap();
    assert!(slug.starts_with("api-2-") && slug.len() == 10, "{slug}");
    for missing in ["type", "name", "ownerId"] {
        let mut body = body.clone();
        body.as_object_mut().unwrap().remove(missing);
        assert_eq!(bench.misuse(call("POST", "/v1/services").json(&body)).status, 400, "{missing}");
    }
}

#[test]
fn a_suspended_service_refuses_and_a_resumed_one_deploys_what_was_live() {
    let bench = Bench::new();
    let id = bench.web("api");
    let running = bench.deploy(&id, &sha('b'));
    let reply = bench.bare("POST", &format!("/v1/services/{id}/suspend"), 202);
    assert_eq!(reply.text(), "");
    assert_eq!(bench.status(&id, &running), "canceled");
    assert_eq!(bench.get(&format!("/v1/services/{id}"))["suspended"], "suspended");
    assert!(bench.render.running(&id).unwrap().is_none());
    let refused = bench.write("POST", &format!("/v1/services/{id}/deploys"), &json!({}), 400);
    assert_eq!(refused.json()["message"], "service is suspended");
    bench.bare("POST", &format!("/v1/services/{id}/restart"), 400);

    bench.bare("POST", &format!("/v1/services/{id}/resume"), 202);
    assert!(bench.render.running(&id).unwrap().is_none(), "not before a deploy is live");
    bench.pass(seconds(60));
    let live = bench.render.live_deploy(&id).unwrap().unwrap();
    assert_eq!((live.commit(), live.trigger.word()), (Some(sha('a').as_str()), "service_resumed"));
    assert!(bench.render.running(&id).unwrap().is_some());
}

#[test]
fn a_deleted_service_is_not_found() {
    let bench = Bench::new();
    let id = bench.web("api");
    bench.bare("DELETE", &format!("/v1/services/{id}"), 204);
    let reply = bench.bare("GET", &format!("/v1/services/{id}"), 404);
    assert_eq!(reply.json(), json!({"message": format!("not found: {id}")}));
    bench.bare("DELETE", &format!("/v1/services/{id}"), 404);
    assert_eq!(bench.render.env(&id), Err(SeedError::UnknownService(id)));
}

#[test]
fn custom_domains_are_listed_with_their_verification() {
    let bench = Bench::new();
    let id = bench.web("api");
    bench.render.attach(&id, "api.example.com", true).unwrap();
    bench.render.attach(&id, "example.com", false).unwrap();
    let path = format!("/v1/services/{id}/custom-domains");
    let rows = bench.get(&path);
    let domain = |index: usize| rows[index]["customDomain"].clone();
    assert_eq!(domain(0)["name"], "example.com");
    assert_eq!(
        (&domain(0)["domainType"], &domain(0)["verificationStatus"]),
        (&json!("apex"), &json!("unverified"))
    );
    assert_eq!(domain(1)["domainType"], "subdomain");
    assert!(domain(1)["id"].as_str().unwrap().starts_with("cdm-"));
    let count = |query: &str| bench.get(&format!("{path}?{query}")).as_array().unwrap().len();
    assert_eq!(count("verificationStatus=verified"), 1);
    assert_eq!(count("name=api.example.com"), 1);
    assert_eq!(count("domainType=apex&verificationStatus=verified"), 0);
    let cursor = rows[0]["cursor"].as_str().unwrap();
    assert_eq!(count(&format!("cursor={cursor}")), 1);
}

#[test]
fn two_services_share_a_plain_name_unless_names_are_exclusive() {
    let bench = Bench::new();
    let (blue, green) = (bench.web("api-blue"), bench.web("api-green"));
    bench.render.attach(&blue, "api.example.com", true).unwrap();
    bench.render.attach(&green, "api.example.com", true).unwrap();
    bench.render.detach(&green, "API.example.com").unwrap();
    assert!(!bench.render.answers_for(&green, "api.example.com").unwrap());

    bench.render.set_exclusive_domains(true);
    let taken = bench.render.attach(&green, "api.example.com", true);
    let holder = blue.clone();
    assert_eq!(taken, Err(SeedError::DomainTaken { name: "api.example.com".to_owned(), holder }));
    bench.render.attach(&blue, "api.example.com", true).unwrap();

    bench.render.set_exclusive_domains(false);
    bench.render.attach(&blue, "*.example.com", true).unwrap();
    assert!(bench.render.attach(&green, "*.example.com", true).is_err(), "a wildcard has one holder");
    assert!(bench.render.answers_for(&blue, "www.example.com").unwrap());
    assert!(!bench.render.answers_for(&blue, "a.b.example.com").unwrap());
}

#[test]
fn events_tell_of_deploys_and_their_ends() {
    let bench = Bench::new();
    let id = bench.web("api");
    let deploy = bench.deploy(&id, &sha('b'));
    bench.pass(seconds(90));
    let rows = bench.get(&format!("/v1/services/{id}/events"));
    let event = |index: usize| rows[index]["event"].clone();
    assert_eq!(event(0)["type"], "deploy_ended");
    assert_eq!(event(0)["details"]["deployStatus"], "succeeded");
    assert_eq!(event(1)["type"], "deploy_started");
    assert_eq!(event(1)["details"]["deployId"], json!(deploy));
    assert_eq!(event(1)["details"]["trigger"]["manual"], true);
    bench.write("PATCH", &format!("/v1/services/{id}"), &json!({"autoDeploy": "yes"}), 200);
    let rows = bench.get(&format!("/v1/services/{id}/events?type=auto_deploy_enabled"));
    assert_eq!(rows[0]["event"]["details"]["newTrigger"], "commit");
    bench.pass(seconds(3601));
    assert_eq!(bench.get(&format!("/v1/services/{id}/events")), json!([]), "the last hour unless asked");
}

#[test]
fn changes_to_a_service_are_events_too() {
    let bench = Bench::new();
    let id =
        bench.render.add_service(&NewService::web("api").auto_deploy(AutoDeploy::Commit).live(&sha('a')));
    let path = format!("/v1/services/{id}");
    bench.write("PATCH", &path, &json!({"autoDeploy": "no"}), 200);
    for action in ["restart", "suspend", "resume"] {
        bench.send(call("POST", &format!("{path}/{action}")));
    }
    let rows = bench.get(&format!("{path}/events?limit=100"));
    let kinds = rows.as_array().unwrap().iter().rev().map(|row| row["event"]["type"].as_str().unwrap());
    let expected = [
        "auto_deploy_disabled",
        "server_restarted",
        "service_suspended",
        "deploy_started",
        "service_resumed",
    ];
    assert_eq!(kinds.collect::<Vec<_>>(), expected);
}

#[test]
fn effects_hold_every_change_in_order_and_nothing_else() {
    let bench = Bench::new();
    let id = bench.web("api");
    let path = format!("/v1/services/{id}");
    bench.get(&path);
    bench.write("PUT", &format!("{path}/env-vars/K"), &json!({"value": "hidden"}), 200);
    let deploy = bench.deploy(&id, &sha('b'));
    bench.bare("POST", &format!("{path}/deploys/{deploy}/cancel"), 200);
    bench.bare("POST", &format!("{path}/deploys/{deploy}/cancel"), 400);
    bench.write("POST", &format!("{path}/deploys"), &json!({"commitId": "nonsense"}), 400);
    bench.bare("POST", &format!("{path}/restart"), 200);
    bench.bare("DELETE", &format!("{path}/env-vars/K"), 204);
    let effects = bench.render.effects();
    assert!(effects.iter().all(|effect| effect.target == id));
    let changes: Vec<Change> = effects.iter().map(|effect| effect.change.clone()).collect();
    let key = || "K".to_owned();
    assert_eq!(
        changes,
        [
            Change::VariableSet { key: key() },
            Change::DeployTriggered { deploy: Some(deploy.clone()) },
            Change::DeployCanceled { deploy },
            Change::Restarted,
            Change::VariableDeleted { key: key() },
        ]
    );
    bench.write("PUT", &format!("{path}/env-vars/K"), &json!({"value": "hidden"}), 200);
    bench.deploy(&id, &sha('c'));
    bench.pass(seconds(90));
    let running = bench.render.running(&id).unwrap().unwrap();
    assert_eq!(running.current.variables["K"], "hidden");
    let printed = format!("{effects:?} {running:?} {:?} {:?}", bench.render, bench.render.deploys(&id));
    assert!(!printed.contains("hidden"), "values do not print: {printed}");
    assert_eq!(bench.render.live_deploy(&id).unwrap().unwrap().status, Status::Live);
}
