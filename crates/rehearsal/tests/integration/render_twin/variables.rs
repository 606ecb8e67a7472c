//! Variables, env groups, and what a process sees of them.

use rehearsal::twins::render::{AutoDeploy, Change, NewService, Trigger};
use serde_json::{Value, json};

use super::bench::{Bench, seconds, sha, slow};
use crate::call::call;

fn keys(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|row| row["envVar"]["key"].as_str().unwrap()).collect()
}

#[test]
fn variables_come_in_pages_of_twenty() {
    let bench = Bench::new();
    let id = bench.web("api");
    let path = format!("/v1/services/{id}/env-vars");
    for number in 0..23 {
        bench.render.set_env(&id, &format!("K{number}"), "v").unwrap();
    }
    let first = bench.get(&path);
    assert_eq!(keys(&first).len(), 20);
    let cursor = first[19]["cursor"].as_str().unwrap();
    let second = bench.get(&format!("{path}?cursor={cursor}"));
    assert_eq!(keys(&second).len(), 3);
    let mut all = [keys(&first), keys(&second)].concat();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 23);
    let third = format!("{path}?cursor={}", second[2]["cursor"].as_str().unwrap());
    assert_eq!(bench.get(&third), json!([]));
}

#[test]
fn replacing_drops_what_is_not_named() {
    let bench = Bench::new();
    let id = bench.render.add_service(&NewService::web("api").variable("OLD", "1").variable("KEPT", "2"));
    let path = format!("/v1/services/{id}/env-vars");
    let body = json!([{"key": "KEPT", "value": "3"}, {"key": "MADE", "generateValue": true}]);
    let rows = bench.write("PUT", &path, &body, 200).json();
    assert_eq!(keys(&rows).len(), 2);
    let env = bench.render.env(&id).unwrap();
    assert_eq!(env.keys().map(String::as_str).collect::<Vec<_>>(), ["KEPT", "MADE"]);
    assert_eq!(env["KEPT"], "3");
    let many: Vec<Value> = (0..30).map(|n| json!({"key": format!("K{n}"), "value": ""})).collect();
    assert_eq!(keys(&bench.write("PUT", &path, &json!(many), 200).json()).len(), 30);
    let twice = json!([{"key": "A", "value": "1"}, {"key": "A", "value": "2"}]);
    bench.write("PUT", &path, &twice, 400);
    for bad in [json!({"A": "1"}), json!([{"key": "A"}]), json!(["A=1"])] {
        assert_eq!(bench.misuse(call("PUT", &path).json(&bad)).status, 400, "{bad}");
    }
    assert_eq!(bench.render.env(&id).unwrap().len(), 30, "a refused list changes nothing");
}

#[test]
fn one_variable_is_set_read_and_deleted() {
    let bench = Bench::new();
    let id = bench.web("api");
    let path = format!("/v1/services/{id}/env-vars/GENERATION");
    bench.bare("GET", &path, 404);
    let set = bench.write("PUT", &path, &json!({"value": "42"}), 200).json();
    assert_eq!(set, json!({"key": "GENERATION", "value": "42"}));
    bench.write("PUT", &path, &json!({"value": "43"}), 200);
    assert_eq!(bench.get(&path)["value"], "43");
    assert_eq!(bench.get(&format!("/v1/services/{id}/env-vars")).as_array().unwrap().len(), 1);
    let made = bench.write("PUT", &path, &json!({"generateValue": true}), 200).json();
    assert_eq!(made["value"].as_str().unwrap().len(), 44);
    bench.bare("DELETE", &path, 204);
    bench.bare("DELETE", &path, 404);
    for bad in [json!({}), json!({"value": 7}), json!({"value": "a", "generateValue": true})] {
        assert_eq!(bench.misuse(call("PUT", &path).json(&bad)).status, 400, "{bad}");
    }
    for bad in ["1ST", "A%20B", "A%3DB", "%C3%84"] {
        let path = format!("/v1/services/{id}/env-vars/{bad}");
        bench.write("PUT", &path, &json!({"value": "x"}), 400);
    }
}

#[test]
fn setting_a_variable_only_saves_it() {
    let bench = Bench::new();
    let on = NewService::web("api").live(&sha('a')).plan(slow()).auto_deploy(AutoDeploy::Commit);
    let id = bench.render.add_service(&on);
    let path = format!("/v1/services/{id}");
    bench.write("PUT", &format!("{path}/env-vars/K"), &json!({"value": "1"}), 200);
    bench.write("PUT", &format!("{path}/env-vars"), &json!([{"key": "K", "value": "2"}]), 200);
    bench.bare("POST", &format!("{path}/restart"), 200);
    bench.pass(seconds(600));
    assert_eq!(bench.listed(&id, "").len(), 1, "no deploy, auto-deploy or not");
    assert!(!bench.render.running_env(&id).unwrap().unwrap().contains_key("K"), "restart or not");
    bench.deploy(&id, &sha('a'));
    bench.pass(seconds(90));
    assert_eq!(bench.render.running_env(&id).unwrap().unwrap()["K"], "2");
}

#[test]
fn a_deploy_takes_the_variables_of_the_moment_it_starts() {
    let bench = Bench::new();
    let id = bench.web("api");
    bench.render.set_env(&id, "K", "1").unwrap();
    bench.deploy(&id, &sha('b'));
    bench.render.set_env(&id, "K", "2").unwrap();
    let waiting = bench.deploy(&id, &sha('c'));
    bench.render.set_env(&id, "K", "3").unwrap();
    bench.pass(seconds(90));
    assert_eq!(bench.render.running_env(&id).unwrap().unwrap()["K"], "1");
    bench.render.set_env(&id, "K", "4").unwrap();
    bench.pass(seconds(90));
    assert_eq!(bench.render.live_deploy(&id).unwrap().unwrap().id, waiting);
    assert_eq!(bench.render.running_env(&id).unwrap().unwrap()["K"], "3", "when its turn came");
}

#[test]
fn a_services_own_value_wins_over_groups_and_the_newest_group_over_older_ones() {
    let bench = Bench::new();
    let id = bench.web("api");
    let older = bench.render.add_env_group("older", [("OWN", "o"), ("BOTH", "o"), ("OLDER", "o")]);
    let newer = bench.render.add_env_group("newer", [("BOTH", "n")]);
    bench.render.link_env_group(&newer, &id).unwrap();
    bench.render.link_env_group(&older, &id).unwrap();
    bench.render.set_env(&id, "OWN", "mine").unwrap();
    bench.deploy(&id, &sha('b'));
    bench.pass(seconds(90));
    let seen = bench.render.running_env(&id).unwrap().unwrap();
    assert_eq!((seen["OWN"].as_str(), seen["BOTH"].as_str(), seen["OLDER"].as_str()), ("mine", "n", "o"));
    let listed = bench.get(&format!("/v1/services/{id}/env-vars"));
    assert_eq!(keys(&listed), ["OWN"], "variables of groups are not shown");
    bench.bare("GET", &format!("/v1/services/{id}/env-vars/OLDER"), 404);
}

#[test]
fn changing_a_group_deploys_linked_services_with_auto_deploy_on() {
    let bench = Bench::new();
    let add = |name: &str, auto_deploy: AutoDeploy| {
        let new = NewService::web(name).live(&sha('a')).plan(slow()).auto_deploy(auto_deploy);
        bench.render.add_service(&new)
    };
    let (on, off) = (add("on", AutoDeploy::Commit), add("off", AutoDeploy::Off));
    let unlinked = add("unlinked", AutoDeploy::Commit);
    let group = bench.render.add_env_group("shared", [("B", "1")]);
    bench.render.link_env_group(&group, &on).unwrap();
    bench.render.link_env_group(&group, &off).unwrap();
    let path = format!("/v1/env-groups/{group}/env-vars/A");
    let whole = bench.write("PUT", &path, &json!({"value": "2"}), 200).json();
    assert_eq!(whole["envVars"], json!([{"key": "A", "value": "2"}, {"key": "B", "value": "1"}]));
    let count = |id: &str| bench.render.deploys(id).unwrap().len();
    assert_eq!((count(&on), count(&off), count(&unlinked)), (2, 1, 1));
    assert_eq!(bench.render.deploys(&on).unwrap()[1].trigger, Trigger::ServiceUpdated);
    assert_eq!(bench.render.effects()[0].change, Change::GroupVariableSet { key: "A".to_owned() });
    bench.write("PUT", "/v1/env-groups/evg-unknown/env-vars/A", &json!({"value": "2"}), 404);

    // In the dashboard it is the same.
    bench.render.set_auto_deploy(&on, AutoDeploy::Off).unwrap();
    bench.render.set_auto_deploy(&off, AutoDeploy::Commit).unwrap();
    bench.render.change_env_group("shared", "A", "3").unwrap();
    assert_eq!((count(&on), count(&off), count(&unlinked)), (2, 2, 1));
    assert!(bench.render.change_env_group("unknown", "A", "3").is_err());
}

#[test]
fn groups_are_listed_shown_linked_and_unlinked() {
    let bench = Bench::new();
    let id = bench.web("api");
    let first = bench.render.add_env_group("first", [("A", "1")]);
    let second = bench.render.add_env_group("second", []);
    let list = bench.get("/v1/env-groups");
    assert_eq!(
        (list[0]["id"].as_str(), list[1]["id"].as_str()),
        (Some(second.as_str()), Some(first.as_str()))
    );
    assert!(list[0].get("envVars").is_none(), "the list has no variables");
    assert_eq!(bench.get("/v1/env-groups?name=first").as_array().unwrap().len(), 1);
    assert_eq!(bench.get("/v1/env-groups?limit=1").as_array().unwrap().len(), 1);
    assert_eq!(bench.get(&format!("/v1/env-groups?cursor={second}"))[0]["id"], json!(first));

    let link = format!("/v1/env-groups/{first}/services/{id}");
    let linked = bench.bare("POST", &link, 200).json();
    assert_eq!(linked["serviceLinks"], json!([{"id": id, "name": "api", "type": "web"}]));
    assert_eq!(bench.get(&format!("/v1/env-groups/{first}"))["serviceLinks"], linked["serviceLinks"]);
    bench.bare("DELETE", &link, 204);
    bench.bare("DELETE", &link, 404);
    bench.bare("POST", "/v1/env-groups/evg-unknown/services/srv-unknown", 404);
    assert_eq!(bench.render.deploys(&id).unwrap().len(), 1, "auto-deploy is off");
}

#[test]
fn linking_deploys_a_service_with_auto_deploy_on_unless_switched_off() {
    let bench = Bench::new();
    let new = NewService::web("api").live(&sha('a')).plan(slow()).auto_deploy(AutoDeploy::Commit);
    let id = bench.render.add_service(&new);
    let groups = ["one", "two"].map(|name| bench.render.add_env_group(name, []));
    bench.bare("POST", &format!("/v1/env-groups/{}/services/{id}", groups[0]), 200);
    assert_eq!(bench.render.deploys(&id).unwrap().len(), 2);
    bench.render.set_linking_deploys(false);
    bench.bare("POST", &format!("/v1/env-groups/{}/services/{id}", groups[1]), 200);
    assert_eq!(bench.render.deploys(&id).unwrap().len(), 2);
}
