//! The real executable, signals and all.

use std::process::Command;
use std::time::Duration;

use rehearsal::fault::{What, When};
use rehearsal::own_process::{Run, Running, declared, printed};
use rehearsal::twins::render::{End, Plan, Status, Trigger};

use crate::world::{KEY, MARK, SECRET, World, sha, usual};

const PROGRAM: &str = env!("CARGO_BIN_EXE_render-deploy");

fn start(world: &World, inputs: &[(&str, &str)]) -> Running {
    Running::start(
        Command::new(PROGRAM)
            .env_clear()
            .envs(world.environment(inputs))
            .env("GITHUB_ACTIONS", "true")
            .current_dir(std::env::temp_dir()),
    )
}

fn finish(running: Running) -> Run {
    checked(running.finish())
}

/// Asserts what holds for every run.
fn checked(run: Run) -> Run {
    assert!(run.masks(KEY) && run.masks(SECRET), "{run:?}");
    run.hides(&[KEY, SECRET]);
    assert_eq!(run.stdout, "");
    run
}

const LOOK: &str = "GET /v1/services/{id}/deploys/{deploy}";

#[test]
fn it_deploys_and_shows_its_way() {
    let world = World::real();
    let service = world.web();
    let plan = Plan::live().build(Duration::from_millis(1_200));
    world.twin.plan_deploys(&service, [plan]).unwrap();
    let run = finish(start(&world, &usual(&service, &sha('b'))));
    assert_eq!((run.code, run.output("result")), (0, "success"), "{run:?}");
    world.assert_deployed(&service);
    let deploy = world.newest(&service).id;
    for told in [
        &format!("deploying commit {} to {service} (api), because variables differ", sha('b')),
        "GENERATION is changed",
        &format!("deploy {deploy}: build_in_progress ("),
        &format!("deploy {deploy} of {service} (api) is live after "),
    ] {
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
    }
    let run = finish(start(&world, &usual(&service, &sha('b'))));
    assert_eq!(run.output("result"), "unchanged", "{run:?}");
}

#[test]
fn a_failure_is_one_annotation() {
    let world = World::real();
    let service = world.web();
    world.twin.plan_deploys(&service, [Plan::at_once().end(End::BuildFailed)]).unwrap();
    let run = finish(start(&world, &usual(&service, &sha('b'))));
    assert_eq!((run.code, run.output("result")), (1, "failed"));
    let errors: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("::error ")).collect();
    assert_eq!(errors.len(), 1, "{}", run.stderr);
    assert!(errors[0].contains("ended as build_failed after 0s%0Ahint: "), "{errors:?}");
}

#[test]
fn the_id_of_a_deploy_is_known_before_the_first_look() {
    let world = World::real();
    let service = world.web();
    world.twin.plan_deploys(&service, [Plan::never_ends()]).unwrap();
    let rule = world.faults().on(LOOK, When::Always, What::Hang);
    let mut running = start(&world, &usual(&service, &sha('b')));
    running.until(|| rule.fired() > 0);
    let run = checked(running.kill());
    assert_eq!(run.code, -9);
    assert_eq!(run.outputs["deploy-id"], world.newest(&service).id);
    assert_eq!(run.outputs.get("result"), None);
}

#[test]
fn signals_stop_it_and_it_says_what_goes_on() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let world = World::real();
        let service = world.web();
        world.twin.plan_deploys(&service, [Plan::never_ends()]).unwrap();
        let mut running = start(&world, &usual(&service, &sha('b')));
        running.until(|| world.server.journal().count(LOOK) > 0);
        running.signal(name);
        let run = finish(running);
        assert_eq!((run.code, run.output("result")), (code, "cancelled"));
        let deploy = world.newest(&service);
        assert!(run.stderr.contains(&format!("deploy {} goes on at Render", deploy.id)), "{}", run.stderr);
        assert_eq!(deploy.status, Status::BuildInProgress);
        assert_eq!(run.outputs["deploy-id"], deploy.id);
    }
}

#[test]
fn cancel_on_interrupt_cancels_what_this_run_began() {
    let world = World::real();
    let service = world.web();
    world.twin.plan_deploys(&service, [Plan::never_ends()]).unwrap();
    let commit = sha('b');
    let mut inputs = usual(&service, &commit).to_vec();
    inputs.push(("cancel-on-interrupt", "true"));
    let mut running = start(&world, &inputs);
    running.until(|| world.server.journal().count(LOOK) > 0);
    running.signal("INT");
    let run = finish(running);
    assert_eq!(run.code, 130);
    assert!(run.stderr.contains("cancelled deploy "), "{}", run.stderr);
    assert_eq!(world.newest(&service).status, Status::Canceled);
    assert!(world.is_marked(&service));
    // The next run deploys anew.
    let running = start(&world, &inputs);
    world.twin.plan_deploys(&service, [Plan::live()]).unwrap();
    let run = finish(running);
    assert_eq!(run.output("result"), "success", "{run:?}");
}

#[test]
fn cancel_on_interrupt_leaves_alone_what_others_began() {
    let world = World::real();
    let service = world.web();
    world.twin.plan_deploys(&service, [Plan::never_ends()]).unwrap();
    world.twin.trigger(&service, Trigger::Manual, &sha('b')).unwrap();
    let commit = sha('b');
    let inputs = [
        ("service-id", service.as_str()),
        ("commit", &commit),
        ("env", "PASSWORD=$NEW_PASSWORD"),
        ("cancel-on-interrupt", "true"),
    ];
    let mut running = start(&world, &inputs);
    running.until(|| world.server.journal().count(LOOK) > 0);
    running.signal("INT");
    let run = finish(running);
    assert_eq!(run.code, 130);
    assert!(run.stderr.contains("goes on at Render"), "{}", run.stderr);
    assert_eq!(world.newest(&service).status, Status::BuildInProgress);
    assert!(world.server.journal().writes().is_empty());
}

#[test]
fn a_cancel_that_fails_or_hangs_does_not_keep_it() {
    for (what, told) in
        [(What::status(503), "could not be cancelled"), (What::Hang, "clean-up took too long")]
    {
        let world = World::real();
        let service = world.web();
        world.twin.plan_deploys(&service, [Plan::never_ends()]).unwrap();
        world.faults().on("POST /v1/services/{id}/deploys/{deploy}/cancel", When::Always, what);
        let commit = sha('b');
        let mut inputs = usual(&service, &commit).to_vec();
        inputs.push(("cancel-on-interrupt", "true"));
        let mut running = start(&world, &inputs);
        running.until(|| world.server.journal().count(LOOK) > 0);
        running.signal("TERM");
        let run = finish(running);
        assert_eq!(run.code, 143);
        assert!(run.stderr.contains(told), "{}", run.stderr);
        let deploy = world.newest(&service).id;
        assert!(run.stderr.contains(&format!("this run began deploy {deploy}")), "{}", run.stderr);
    }
}

#[test]
fn stopped_between_the_variables_it_says_so() {
    let world = World::real();
    let service = world.web();
    let rule = world.faults().on("PUT /v1/services/{id}/env-vars/GENERATION", When::Always, What::Hang);
    let mut running = start(&world, &usual(&service, &sha('b')));
    running.until(|| rule.fired() > 0);
    running.signal("INT");
    let run = finish(running);
    assert_eq!(run.code, 130);
    assert!(run.stderr.contains("are partly written"), "{}", run.stderr);
    assert!(world.is_marked(&service));
    assert_eq!(world.effects(), [format!("set {MARK}")]);
}

#[test]
fn killed_by_sigkill_the_next_run_attaches() {
    let world = World::real();
    let service = world.web();
    let plan = Plan::live().build(Duration::from_millis(2_500));
    world.twin.plan_deploys(&service, [plan]).unwrap();
    let mut running = start(&world, &usual(&service, &sha('b')));
    running.until(|| world.server.journal().count(LOOK) > 0);
    assert_eq!(checked(running.kill()).code, -9);
    let run = finish(start(&world, &usual(&service, &sha('b'))));
    assert_eq!(run.output("result"), "success", "{run:?}");
    world.assert_deployed(&service);
    assert_eq!(world.triggered(), 1);
}

#[test]
fn help_and_description_need_nothing() {
    let help = printed(PROGRAM, "--help");
    for told in ["GREENROOM_PENDING", "--service-id", "--dry-run", "Example:"] {
        assert!(help.contains(told), "{help}");
    }
    assert_eq!(
        declared(PROGRAM, "inputs"),
        [
            "service-id",
            "commit",
            "env",
            "image-url",
            "clear-cache",
            "timeout",
            "poll-interval",
            "force",
            "cancel-on-interrupt",
            "log-lines",
            "dry-run"
        ]
    );
}
