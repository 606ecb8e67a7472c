//! Every way in which a deploy ends, and the wait's own end.

use rehearsal::twins::render::{End, Overlap, Plan, Status, Trigger};

use crate::world::{MARK, World, seconds, sha, slow, usual};

#[test]
fn every_bad_end_fails_at_once_with_the_log() {
    for (end, status) in [
        (End::BuildFailed, "build_failed"),
        (End::PreDeployFailed, "pre_deploy_failed"),
        (End::UpdateFailed, "update_failed"),
    ] {
        let world = World::new();
        let service = world.web();
        let log = (0..60).map(|line| format!("step {line}"));
        world.twin.plan_deploys(&service, [slow().end(end).build_log(log)]).unwrap();
        let report = world.deploy(&service);
        assert_eq!(report.end(), (1, "failed"), "{report:?}");
        let deploy = world.newest(&service).id;
        assert_eq!((&report.outputs["deploy-id"], &report.outputs["status"][..]), (&deploy, status));
        let text = &report.stderr;
        assert!(
            text.contains(&format!("deploy {deploy} of {service} (api) ended as {status} after 1m")),
            "{text}"
        );
        assert!(text.contains("hint: the last 40 log lines are in the job summary"), "{text}");
        assert!(text.contains("nothing visible changed"), "{text}");
        assert!(text.contains("variables that stay as written: GENERATION;"), "{text}");
        assert!(
            report.summary.contains("\nstep 59\n") && !report.summary.contains("\nstep 2\n"),
            "{}",
            report.summary
        );
        assert_eq!(world.triggered(), 1);
        assert_eq!(world.running(&service), (sha('a'), "41".to_owned()));
        // Run again by a person it is a new attempt, and goes on under the mark.
        assert!(world.is_marked(&service));
        assert_eq!(world.deploy(&service).end(), (0, "success"));
        assert_eq!(world.running(&service), (sha('b'), "42".to_owned()));
        world.assert_settled(&service);
    }
}

#[test]
fn as_many_log_lines_as_wanted() {
    for (lines, shown) in [("3", 3), ("0", 0)] {
        let world = World::new();
        let service = world.web();
        let log = (0..60).map(|line| format!("step {line}"));
        world.twin.plan_deploys(&service, [slow().end(End::BuildFailed).build_log(log)]).unwrap();
        let commit = sha('b');
        let inputs = usual(&service, &commit).into_iter().chain([("log-lines", lines)]).collect::<Vec<_>>();
        let report = world.run(&inputs);
        assert_eq!(report.end(), (1, "failed"), "{report:?}");
        let found = report
            .summary
            .lines()
            .filter(|line| line.starts_with("step ") || line.starts_with("==> "))
            .count();
        assert_eq!(found, shown, "{}", report.summary);
    }
}

#[test]
fn a_log_that_cannot_be_read_changes_nothing() {
    let world = World::new();
    let service = world.web();
    world.twin.plan_deploys(&service, [slow().end(End::BuildFailed)]).unwrap();
    world.faults().on("GET /v1/logs", rehearsal::fault::When::Always, rehearsal::fault::What::status(403));
    let report = world.deploy(&service);
    assert_eq!(report.end(), (1, "failed"), "{report:?}");
    assert!(report.stderr.contains("hint: its log could not be read: "), "{}", report.stderr);
}

#[test]
fn the_first_answer_may_be_the_end() {
    for (end, expected, status) in [
        (End::Live, (0, "success"), "live"),
        (End::BuildFailed, (1, "failed"), "build_failed"),
        (End::UpdateFailed, (1, "failed"), "update_failed"),
        (End::Canceled, (1, "failed"), "canceled"),
    ] {
        let world = World::new();
        let service = world.web();
        world.twin.plan_deploys(&service, [Plan::at_once().end(end)]).unwrap();
        let report = world.deploy(&service);
        assert_eq!(report.end(), expected, "{report:?}");
        assert_eq!(report.outputs["status"], status);
        assert_eq!(world.server.journal().count("GET /v1/services/{id}/deploys/{deploy}"), 0);
        assert_eq!(world.is_marked(&service), end != End::Live);
    }
}

#[test]
fn cancelled_by_a_person_is_a_failure() {
    let world = World::new();
    let service = world.web();
    world.twin.plan_deploys(&service, [slow().end(End::Canceled)]).unwrap();
    let report = world.deploy(&service);
    assert_eq!(report.end(), (1, "failed"), "{report:?}");
    assert!(report.stderr.contains("ended as canceled"), "{}", report.stderr);
    assert!(report.stderr.contains("somebody cancelled it"), "{}", report.stderr);
}

#[test]
fn a_newer_deploy_that_takes_its_place_is_named() {
    // Under override the newcomer cancels ours while it builds; also when the list
    // shows the newcomer late.
    for lag in [0, 2] {
        let world = World::new();
        let service = world.web();
        world.twin.set_overlap(Overlap::Override);
        world.twin.plan_deploys(&service, [slow().newcomer(seconds(30), sha('c'))]).unwrap();
        world.twin.set_habits(&service, lagging(lag)).unwrap();
        assert_superseded(&world, &service, "canceled");
    }
    // Under wait ours is skipped in the queue behind another one.
    let world = World::new();
    let service = world.web();
    world.twin.trigger(&service, Trigger::Manual, &sha('d')).unwrap();
    world.twin.plan_deploys(&service, [slow().newcomer(seconds(5), sha('c'))]).unwrap();
    assert_superseded(&world, &service, "canceled");
    // Ours was live for a moment between two looks.
    let world = World::new();
    let service = world.web();
    let plan = Plan::live().build(seconds(30)).newcomer(seconds(1), sha('c'));
    world.twin.plan_deploys(&service, [plan, Plan::at_once()]).unwrap();
    assert_superseded(&world, &service, "deactivated");
}

fn lagging(lag: u64) -> rehearsal::twins::render::Habits {
    rehearsal::twins::render::Habits { list_lag: seconds(lag), ..Default::default() }
}

#[track_caller]
fn assert_superseded(world: &World, service: &str, status: &str) {
    let report = world.deploy(service);
    assert_eq!(report.end(), (6, "stale"), "{report:?}");
    let deploys = world.twin.deploys(service).unwrap();
    let of = |digit: char| &deploys.iter().find(|deploy| deploy.commit() == Some(&sha(digit))).unwrap().id;
    let told = format!("ended as {status} after ");
    assert!(report.stderr.contains(&told), "{}", report.stderr);
    assert!(
        report.stderr.contains(&format!("the newer deploy {} took its place", of('c'))),
        "{}",
        report.stderr
    );
    assert!(report.stderr.contains(&format!("ships commit {}", sha('c'))), "{}", report.stderr);
    assert_eq!((&report.outputs["deploy-id"], &report.outputs["status"][..]), (of('b'), status));
    assert_eq!(world.triggered(), 1);
    assert!(world.is_marked(service));
}

#[test]
fn ours_waits_for_its_turn_behind_another() {
    let world = World::new();
    let service = world.web();
    world.twin.trigger(&service, Trigger::Manual, &sha('c')).unwrap();
    assert_eq!(world.deploy(&service).end(), (0, "success"));
    world.assert_deployed(&service);
}

#[test]
fn after_the_time_out_the_deploy_goes_on_and_a_second_run_attaches() {
    let world = World::new();
    let service = world.web();
    world.twin.plan_deploys(&service, [slow().build(seconds(30 * 60))]).unwrap();
    let report = world.deploy(&service);
    assert_eq!(report.end(), (3, "timed-out"), "{report:?}");
    let deploy = world.newest(&service).id;
    assert_eq!(report.outputs["status"], "build_in_progress");
    let text = &report.stderr;
    assert!(
        text.contains(&format!("deploy {deploy} of {service} (api) is still build_in_progress after 25m")),
        "{text}"
    );
    let page = format!("https://dashboard.render.com/web/{service}/deploys/{deploy}");
    assert!(text.contains(&format!("goes on at Render ({page})")), "{text}");
    assert!(text.contains("run again to attach"), "{text}");
    assert_eq!(report.outputs["duration-seconds"], "1500");
    assert!(report.summary.contains("| Status | <code>build\\_in\\_progress</code> |"), "{}", report.summary);
    assert_eq!(world.effects().last().unwrap(), "deploy", "nothing was cancelled");
    let report = world.deploy(&service);
    assert_eq!(report.end(), (0, "success"), "{report:?}");
    assert_eq!(report.outputs["deploy-id"], deploy);
    world.assert_deployed(&service);
    assert_eq!(world.triggered(), 1);
}

#[test]
fn a_deploy_that_stays_in_the_queue_while_a_newer_one_is_live_was_overtaken() {
    let world = World::new();
    let service = world.web();
    world.twin.trigger(&service, Trigger::Manual, &sha('d')).unwrap();
    world.twin.plan_deploys(&service, [slow().newcomer(seconds(5), sha('c'))]).unwrap();
    // The twin cancels what it skips; nobody says that Render does.
    let look = "GET /v1/services/{id}/deploys/{deploy}";
    world.faults().on(look, rehearsal::fault::When::From(2), rehearsal::fault::What::Stale);
    let report = world.deploy(&service);
    assert_eq!(report.end(), (6, "stale"), "{report:?}");
    let newest = world.newest(&service).id;
    assert!(report.stderr.contains("is still queued after 25m"), "{}", report.stderr);
    assert!(report.stderr.contains(&format!("the newer deploy {newest} is live")), "{}", report.stderr);
}

#[test]
fn a_deploy_that_went_live_after_the_time_out_is_only_finished() {
    let world = World::new();
    let service = world.web();
    world.twin.plan_deploys(&service, [slow().build(seconds(30 * 60))]).unwrap();
    assert_eq!(world.deploy(&service).end(), (3, "timed-out"));
    world.clock.advance(seconds(3600));
    let report = world.deploy(&service);
    assert_eq!(report.end(), (0, "success"), "{report:?}");
    assert!(report.summary.contains("begun by an earlier run, live already"), "{}", report.summary);
    assert_eq!(world.effects().last().unwrap(), &format!("delete {MARK}"));
    assert_eq!(world.triggered(), 1);
    world.assert_settled(&service);
}

#[test]
fn somebody_else_writes_while_the_deploy_is_on_its_way() {
    for (key, value, told) in [
        ("GENERATION", "43", "somebody else changed GENERATION of "),
        (MARK, "v1:00000000000000000000000000000000:writing", "another run replaced GREENROOM_PENDING of "),
    ] {
        let world = World::new();
        let service = world.web();
        let twin = world.twin.clone();
        let report = crate::world::block_on(async {
            let commit = sha('b');
            let inputs = usual(&service, &commit);
            let run = world.start(&inputs);
            let intrude = async {
                while world.triggered() == 0 {
                    tokio::task::yield_now().await;
                }
                twin.set_env(&service, key, value).unwrap();
            };
            tokio::join!(run, intrude).0
        });
        assert_eq!(report.end(), (6, "stale"), "{report:?}");
        assert!(report.stderr.contains(told), "{}", report.stderr);
        assert_eq!(world.newest(&service).status, Status::Live);
        assert!(world.is_marked(&service), "the mark is left to whoever comes next");
    }
}

#[test]
fn a_five_minute_deploy_takes_at_most_sixty_calls() {
    let pre_deploys = [None, Some(5), Some(10), Some(30), Some(60), Some(200)];
    let updates = [2, 5, 10, 20, 30, 40, 60, 100];
    for (pre_deploy, update) in pre_deploys.into_iter().flat_map(|pre| updates.map(|update| (pre, update))) {
        let world = World::new();
        let service = world.web();
        let build = 300 - pre_deploy.unwrap_or_default() - update;
        let mut plan = Plan::live().build(seconds(build)).update(seconds(update));
        if let Some(pre_deploy) = pre_deploy {
            plan = plan.pre_deploy(seconds(pre_deploy));
        }
        world.twin.plan_deploys(&service, [plan]).unwrap();
        assert_eq!(world.deploy(&service).end(), (0, "success"));
        let calls = world.server.journal().entries().len();
        assert!(calls <= 60, "{calls} calls for {build} s, {pre_deploy:?} s and {update} s");
    }
}

#[test]
fn near_the_end_looks_come_every_second() {
    let world = World::new();
    let service = world.web();
    world.twin.plan_deploys(&service, [Plan::live().build(seconds(120)).update(seconds(5))]).unwrap();
    assert_eq!(world.deploy(&service).end(), (0, "success"));
    let slept = world.clock.slept();
    assert!(slept[slept.len() - 2..].iter().all(|pause| pause.as_secs_f32() <= 1.25), "{slept:?}");
    assert!(slept.iter().all(|pause| pause.as_secs_f32() <= 10.0), "{slept:?}");
}
