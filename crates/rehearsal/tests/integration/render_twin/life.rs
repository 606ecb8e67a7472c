//! The life of deploys: stages, ends, order, overlap.

use rehearsal::twins::render::{
    AutoDeploy, End, Habits, NewService, Overlap, Plan, ServiceType, Status, Trigger, TriggerAnswer,
};
use serde_json::json;

use super::bench::{Bench, seconds, sha, slow, words};

#[test]
fn a_deploy_passes_every_stage_and_takes_the_place_of_the_live_one() {
    let bench = Bench::new();
    let id = bench.web("api");
    let before = bench.render.live_deploy(&id).unwrap().unwrap().id;
    let plan = slow().created(seconds(2)).queued(seconds(3)).pre_deploy(seconds(10));
    bench.render.plan_deploys(&id, [plan]).unwrap();
    let deploy = bench.deploy(&id, &sha('b'));
    let path = format!("/v1/services/{id}/deploys/{deploy}");
    let first = bench.get(&path);
    assert_eq!(first["status"], "created");
    assert_eq!((&first["startedAt"], &first["finishedAt"]), (&json!(null), &json!(null)));
    assert_eq!((&first["trigger"], &first["commit"]["id"]), (&json!("api"), &json!(sha('b'))));
    let stages = [
        (1, "created"),
        (1, "queued"),
        (3, "build_in_progress"),
        (59, "build_in_progress"),
        (1, "pre_deploy_in_progress"),
        (10, "update_in_progress"),
        (29, "update_in_progress"),
    ];
    for (wait, status) in stages {
        bench.pass(seconds(wait));
        assert_eq!(bench.status(&id, &deploy), status);
        assert_eq!(bench.status(&id, &before), "live", "the old one serves until the end");
    }
    bench.pass(seconds(1));
    let last = bench.get(&path);
    assert_eq!(last["status"], "live");
    assert!(last["startedAt"].is_string() && last["finishedAt"].is_string());
    assert_eq!(bench.status(&id, &before), "deactivated");
    let all =
        ["created", "queued", "build_in_progress", "pre_deploy_in_progress", "update_in_progress", "live"];
    assert_eq!(words(&bench.seen(&id, &deploy)), all);
}

#[test]
fn time_that_passes_unwatched_leaves_the_same_trace() {
    let (watched, unwatched) = (Bench::new(), Bench::new());
    let [first, second] = [&watched, &unwatched].map(|bench| {
        let id = bench.web("api");
        let deploy = bench.deploy(&id, &sha('b'));
        (id, deploy)
    });
    for _ in 0..200 {
        watched.pass(seconds(1));
        watched.status(&first.0, &first.1);
    }
    unwatched.pass(seconds(200));
    let trace = |bench: &Bench, (id, deploy): &(String, String)| {
        let deploy = bench.seen(id, deploy);
        let spent = |at: std::time::SystemTime| at.duration_since(deploy.created_at).unwrap();
        deploy.history.iter().map(|(at, status)| (spent(*at), *status)).collect::<Vec<_>>()
    };
    assert_eq!(trace(&watched, &first), trace(&unwatched, &second));
}

#[test]
fn every_bad_end_leaves_the_old_deploy_live() {
    let bench = Bench::new();
    let id = bench.web("api");
    let ends = [
        (End::BuildFailed, "build_failed"),
        (End::PreDeployFailed, "pre_deploy_failed"),
        (End::UpdateFailed, "update_failed"),
        (End::Canceled, "canceled"),
    ];
    for (end, word) in ends {
        bench.render.plan_deploys(&id, [slow().end(end)]).unwrap();
        let deploy = bench.deploy(&id, &sha('b'));
        bench.pass(seconds(600));
        assert_eq!(bench.status(&id, &deploy), word);
        assert!(bench.seen(&id, &deploy).status.is_terminal());
        let live = bench.render.live_deploy(&id).unwrap().unwrap();
        assert_eq!(live.commit(), Some(sha('a').as_str()));
    }
}

#[test]
fn a_deploy_may_never_end() {
    let bench = Bench::new();
    let id = bench.web("api");
    bench.render.plan_deploys(&id, [Plan::never_ends()]).unwrap();
    let deploy = bench.deploy(&id, &sha('b'));
    bench.pass(seconds(7 * 86_400));
    assert_eq!(bench.status(&id, &deploy), "build_in_progress");
}

#[test]
fn waiting_deploys_are_skipped_for_the_newest() {
    let bench = Bench::new();
    let id = bench.web("api");
    let deploys: Vec<String> = "bcde".chars().map(|digit| bench.deploy(&id, &sha(digit))).collect();
    bench.pass(seconds(89));
    let now = |bench: &Bench| deploys.iter().map(|deploy| bench.status(&id, deploy)).collect::<Vec<_>>();
    assert_eq!(now(&bench), ["update_in_progress", "queued", "queued", "queued"]);
    bench.pass(seconds(1));
    assert_eq!(now(&bench), ["live", "canceled", "canceled", "build_in_progress"]);
    bench.pass(seconds(90));
    assert_eq!(now(&bench), ["deactivated", "canceled", "canceled", "live"]);
    assert!(bench.seen(&id, &deploys[1]).started_at.is_none(), "it never began");
}

#[test]
fn under_override_a_new_deploy_cancels_the_running_one_at_once() {
    let bench = Bench::new();
    bench.render.set_overlap(Overlap::Override);
    let id = bench.web("api");
    let first = bench.deploy(&id, &sha('b'));
    bench.pass(seconds(70));
    assert_eq!(bench.status(&id, &first), "update_in_progress");
    let second = bench.deploy(&id, &sha('c'));
    assert_eq!(bench.status(&id, &first), "canceled");
    assert_eq!(bench.status(&id, &second), "build_in_progress");
    bench.pass(seconds(90));
    assert_eq!(bench.render.live_deploy(&id).unwrap().unwrap().id, second);
}

#[test]
fn one_service_does_not_wait_for_another() {
    let bench = Bench::new();
    let (blue, green) = (bench.web("api-blue"), bench.web("api-green"));
    let deploys =
        [(blue.clone(), bench.deploy(&blue, &sha('b'))), (green.clone(), bench.deploy(&green, &sha('b')))];
    for (service, deploy) in deploys {
        assert_eq!(bench.status(&service, &deploy), "build_in_progress");
    }
}

#[test]
fn cancelling_the_running_deploy_starts_the_waiting_one() {
    let bench = Bench::new();
    let id = bench.web("api");
    let (first, second) = (bench.deploy(&id, &sha('b')), bench.deploy(&id, &sha('c')));
    let cancel = |deploy: &str| format!("/v1/services/{id}/deploys/{deploy}/cancel");
    let canceled = bench.bare("POST", &cancel(&first), 200).json();
    assert_eq!((&canceled["id"], &canceled["status"]), (&json!(first), &json!("canceled")));
    assert_eq!(bench.status(&id, &second), "build_in_progress");
    let third = bench.deploy(&id, &sha('d'));
    bench.bare("POST", &cancel(&third), 200);
    assert_eq!(bench.status(&id, &second), "build_in_progress", "a waiting one can be cancelled too");
    bench.bare("POST", &cancel(&third), 400);
    bench.bare("POST", &cancel("dep-unknown"), 404);
}

#[test]
fn somebody_else_may_deploy_in_the_meantime() {
    let bench = Bench::new();
    let id = bench.web("api");
    let plan = || slow().newcomer(seconds(20), sha('f'));
    bench.render.plan_deploys(&id, [plan()]).unwrap();
    let ours = bench.deploy(&id, &sha('b'));
    bench.pass(seconds(20));
    let theirs = bench.render.deploys(&id).unwrap().pop().unwrap();
    assert_eq!((theirs.commit(), theirs.trigger), (Some(sha('f').as_str()), Trigger::Manual));
    assert_eq!(bench.status(&id, &ours), "build_in_progress");
    bench.pass(seconds(200));
    assert_eq!(bench.status(&id, &ours), "deactivated", "it was live for a while");

    bench.render.set_overlap(Overlap::Override);
    bench.render.plan_deploys(&id, [plan()]).unwrap();
    let ours = bench.deploy(&id, &sha('c'));
    bench.pass(seconds(20));
    assert_eq!(bench.status(&id, &ours), "canceled");
    bench.render.trigger_after(&id, seconds(500), &sha('e')).unwrap();
    bench.pass(seconds(499));
    assert_eq!(bench.render.live_deploy(&id).unwrap().unwrap().commit(), Some(sha('f').as_str()));
    bench.pass(seconds(1));
    assert_eq!(bench.render.deploys(&id).unwrap().pop().unwrap().commit(), Some(sha('e').as_str()));
}

#[test]
fn a_push_deploys_only_with_auto_deploy_on() {
    let bench = Bench::new();
    let off = bench.web("off");
    bench.render.push(&off, &sha('b')).unwrap();
    assert_eq!(bench.listed(&off, "").len(), 1);
    bench.write("POST", &format!("/v1/services/{off}/deploys"), &json!({}), 201);
    let deploy = bench.render.deploys(&off).unwrap().pop().unwrap();
    assert_eq!(deploy.commit(), Some(sha('b').as_str()), "the branch head, unless a commit is given");

    let on = NewService::web("on").live(&sha('a')).plan(slow()).auto_deploy(AutoDeploy::Commit);
    let on = bench.render.add_service(&on);
    bench.deploy(&on, &sha('b'));
    bench.render.push(&on, &sha('c')).unwrap();
    bench.pass(seconds(180));
    let live = bench.render.live_deploy(&on).unwrap().unwrap();
    let seen = (live.commit(), live.trigger);
    assert_eq!(seen, (Some(sha('c').as_str()), Trigger::NewCommit), "a given commit does not stop pushes");
}

#[test]
fn an_empty_202_hides_the_deploy_until_it_appears() {
    let bench = Bench::new();
    let habits =
        Habits { trigger_answer: TriggerAnswer::Accepted { appears_after: seconds(5) }, ..Habits::default() };
    let id = bench.web("api");
    bench.render.set_habits(&id, habits).unwrap();
    let path = format!("/v1/services/{id}/deploys");
    let asked = bench.render.now();
    let reply = bench.write("POST", &path, &json!({"commitId": sha('b')}), 202);
    assert_eq!((reply.text().as_str(), reply.header("content-type")), ("", None));
    bench.pass(seconds(4));
    assert_eq!(bench.listed(&id, "?status=queued&status=created&status=build_in_progress").len(), 0);
    bench.pass(seconds(1));
    let listed = bench.listed(&id, "?status=build_in_progress&limit=1");
    let deploy = bench.seen(&id, &listed[0]);
    assert_eq!((deploy.commit(), deploy.trigger), (Some(sha('b').as_str()), Trigger::Api));
    assert!(deploy.created_at >= asked);
}

#[test]
fn a_private_service_answers_with_an_empty_202_by_itself() {
    let bench = Bench::new();
    let id = bench.render.add_service(&NewService::new("internal", ServiceType::Private).live(&sha('a')));
    bench.write("POST", &format!("/v1/services/{id}/deploys"), &json!({}), 202);
    assert_eq!(bench.listed(&id, "").len(), 1);
    bench.pass(seconds(1));
    assert_eq!(bench.listed(&id, "").len(), 2);
}

#[test]
fn the_answers_to_triggers_can_be_told_one_by_one() {
    let bench = Bench::new();
    let id = bench.web("api");
    let answers = [TriggerAnswer::Lost, TriggerAnswer::Created];
    bench.render.answer_triggers(&id, answers).unwrap();
    let path = format!("/v1/services/{id}/deploys");
    bench.write("POST", &path, &json!({"commitId": sha('b')}), 202);
    bench.pass(seconds(86_400));
    assert_eq!(bench.listed(&id, "").len(), 1, "a lost one never appears");
    bench.deploy(&id, &sha('b'));
    bench.deploy(&id, &sha('c'));
}

#[test]
fn the_list_may_lag_behind() {
    let bench = Bench::new();
    let id = bench.web("api");
    bench.render.set_habits(&id, Habits { list_lag: seconds(8), ..Habits::default() }).unwrap();
    let deploy = bench.deploy(&id, &sha('b'));
    assert_eq!(bench.status(&id, &deploy), "build_in_progress", "by its id it is there");
    bench.pass(seconds(7));
    assert!(!bench.listed(&id, "").contains(&deploy));
    bench.pass(seconds(1));
    assert_eq!(bench.listed(&id, "")[0], deploy);
}

#[test]
fn a_cron_job_is_live_in_the_first_answer_and_takes_no_commit() {
    let bench = Bench::new();
    let cron = NewService::new("nightly", ServiceType::Cron).live(&sha('a'));
    let id = bench.render.add_service(&cron);
    let path = format!("/v1/services/{id}/deploys");
    let deploy = bench.write("POST", &path, &json!({}), 201).json();
    assert_eq!(deploy["status"], "live");
    bench.write("POST", &path, &json!({"commitId": sha('b')}), 400);
    bench.bare("POST", &format!("/v1/services/{id}/restart"), 400);
    bench.render.plan_deploys(&id, [slow()]).unwrap();
    let deploy = bench.write("POST", &path, &json!({}), 201).json();
    let deploy = deploy["id"].as_str().unwrap();
    bench.bare("POST", &format!("{path}/{deploy}/cancel"), 400);
}

#[test]
fn all_eleven_statuses_can_be_filtered_for() {
    let bench = Bench::new();
    let id = bench.web("api");
    let reach = |plan: Plan, wait: u64| {
        bench.render.plan_deploys(&id, [plan]).unwrap();
        let deploy = bench.deploy(&id, &sha('b'));
        bench.pass(seconds(wait));
        deploy
    };
    let ends = [End::Live, End::BuildFailed, End::PreDeployFailed, End::UpdateFailed, End::Canceled];
    for end in ends {
        reach(slow().end(end), 600);
    }
    let moving = [
        (slow().created(seconds(9)), "created"),
        (slow().queued(seconds(9)), "queued"),
        (slow(), "build_in_progress"),
        (slow().build(seconds(0)).pre_deploy(seconds(9)), "pre_deploy_in_progress"),
        (slow().build(seconds(0)), "update_in_progress"),
    ];
    for (plan, word) in moving {
        let deploy = reach(plan, 0);
        assert_eq!(bench.listed(&id, &format!("?status={word}")), std::slice::from_ref(&deploy), "{word}");
        bench.bare("POST", &format!("/v1/services/{id}/deploys/{deploy}/cancel"), 200);
    }
    for word in ["live", "deactivated", "build_failed", "pre_deploy_failed", "update_failed"] {
        assert_eq!(bench.listed(&id, &format!("?status={word}")).len(), 1, "{word}");
    }
    assert_eq!(bench.listed(&id, "?status=canceled").len(), 6);
    assert_eq!(bench.listed(&id, "?status=live&status=deactivated").len(), 2);
    assert_eq!(Status::Deactivated.word(), "deactivated");
}
