//! The real executable, signals and all.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};

use action::{Done, Ending, Signal};
use rehearsal::fault::{What, When};
use rehearsal::twins::render::{End, Plan, Status, Trigger};
use tempfile::TempDir;

use crate::world::{KEY, MARK, Report, SECRET, World, sha, usual};

struct Running {
    child: Child,
    folder: TempDir,
}

fn start(world: &World, inputs: &[(&str, &str)]) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_render-deploy"))
        .env_clear()
        .envs(world.environment(inputs))
        .env("GITHUB_OUTPUT", folder.path().join("output"))
        .env("GITHUB_STEP_SUMMARY", folder.path().join("summary"))
        .env("GITHUB_ACTIONS", "true")
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    Running { child, folder }
}

impl Running {
    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    fn end(self) -> (ExitStatus, Report) {
        let output = self.child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        // Masks hold the secrets, and the runner swallows them.
        let (masks, said): (Vec<&str>, Vec<&str>) =
            stderr.lines().partition(|line| line.starts_with("::add-mask::"));
        for secret in [KEY, SECRET] {
            assert!(masks.contains(&format!("::add-mask::{secret}").as_str()), "{masks:?}");
        }
        let stdout = String::from_utf8(output.stdout).unwrap();
        let ending =
            Ending::ALL.into_iter().find(|ending| Some(i32::from(ending.code())) == output.status.code());
        let ending = ending.unwrap_or(Ending::Bug);
        let file = |name: &str| std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        let report = Report {
            ending,
            outputs: outputs(&file("output")),
            summary: file("summary"),
            stderr: said.join("\n"),
        };
        for text in [&stdout, &report.stderr, &report.summary, &file("output")] {
            assert!(!text.contains(KEY) && !text.contains(SECRET), "a secret shows: {text}");
        }
        assert_eq!(stdout, "");
        (output.status, report)
    }
}

/// Reads the runner's output file; a later value wins.
fn outputs(text: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").expect(text);
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        outputs.insert(name.to_owned(), value.join("\n"));
    }
    outputs
}

fn until(mut is_so: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !is_so() {
        assert!(std::time::Instant::now() < deadline, "it never was so");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

const LOOK: &str = "GET /v1/services/{id}/deploys/{deploy}";

#[test]
fn it_deploys_and_shows_its_way() {
    let world = World::real();
    let service = world.web();
    let plan = Plan::live().build(std::time::Duration::from_millis(1_200));
    world.twin.plan_deploys(&service, [plan]).unwrap();
    let (_, report) = start(&world, &usual(&service, &sha('b'))).end();
    assert_eq!(report.ending, Ending::Done(Done::Success), "{report:?}");
    assert_eq!(report.result(), "success");
    world.assert_deployed(&service);
    let deploy = world.newest(&service).id;
    for told in [
        &format!("deploying commit {} to {service} (api), because variables differ", sha('b')),
        "GENERATION is changed",
        &format!("deploy {deploy}: build_in_progress ("),
        &format!("deploy {deploy} of {service} (api) is live after "),
    ] {
        assert!(report.stderr.contains(told), "{told}: {}", report.stderr);
    }
    let (_, report) = start(&world, &usual(&service, &sha('b'))).end();
    assert_eq!(report.result(), "unchanged", "{report:?}");
}

#[test]
fn a_failure_is_one_annotation() {
    let world = World::real();
    let service = world.web();
    world.twin.plan_deploys(&service, [Plan::at_once().end(End::BuildFailed)]).unwrap();
    let (status, report) = start(&world, &usual(&service, &sha('b'))).end();
    assert_eq!((status.code(), report.result()), (Some(1), "failed"));
    let errors: Vec<&str> = report.stderr.lines().filter(|line| line.starts_with("::error ")).collect();
    assert_eq!(errors.len(), 1, "{}", report.stderr);
    assert!(errors[0].contains("ended as build_failed after 0s%0Ahint: "), "{errors:?}");
}

#[test]
fn the_id_of_a_deploy_is_known_before_the_first_look() {
    let world = World::real();
    let service = world.web();
    world.twin.plan_deploys(&service, [Plan::never_ends()]).unwrap();
    let rule = world.faults().on(LOOK, When::Always, What::Hang);
    let running = start(&world, &usual(&service, &sha('b')));
    until(|| rule.fired() > 0);
    running.signal("KILL");
    let (status, report) = running.end();
    assert_eq!(status.signal(), Some(9));
    assert_eq!(report.outputs["deploy-id"], world.newest(&service).id);
    assert_eq!(report.outputs.get("result"), None);
}

#[test]
fn signals_stop_it_and_it_says_what_goes_on() {
    for (name, signal) in [("INT", Signal::Interrupt), ("TERM", Signal::Terminate)] {
        let world = World::real();
        let service = world.web();
        world.twin.plan_deploys(&service, [Plan::never_ends()]).unwrap();
        let running = start(&world, &usual(&service, &sha('b')));
        until(|| world.server.journal().count(LOOK) > 0);
        running.signal(name);
        let (_, report) = running.end();
        assert_eq!((report.ending, report.result()), (Ending::Cancelled(signal), "cancelled"));
        let deploy = world.newest(&service);
        assert!(
            report.stderr.contains(&format!("deploy {} goes on at Render", deploy.id)),
            "{}",
            report.stderr
        );
        assert_eq!(deploy.status, Status::BuildInProgress);
        assert_eq!(report.outputs["deploy-id"], deploy.id);
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
    let running = start(&world, &inputs);
    until(|| world.server.journal().count(LOOK) > 0);
    running.signal("INT");
    let (_, report) = running.end();
    assert_eq!(report.ending, Ending::Cancelled(Signal::Interrupt));
    assert!(report.stderr.contains("cancelled deploy "), "{}", report.stderr);
    assert_eq!(world.newest(&service).status, Status::Canceled);
    assert!(world.is_marked(&service));
    // The next run deploys anew.
    let (_, report) = start(&world, &inputs).end_after(&world, &service);
    assert_eq!(report.result(), "success", "{report:?}");
}

impl Running {
    /// Lets the next deploy end, then waits for the run.
    fn end_after(self, world: &World, service: &str) -> (ExitStatus, Report) {
        world.twin.plan_deploys(service, [Plan::live()]).unwrap();
        self.end()
    }
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
    let running = start(&world, &inputs);
    until(|| world.server.journal().count(LOOK) > 0);
    running.signal("INT");
    let (_, report) = running.end();
    assert_eq!(report.ending, Ending::Cancelled(Signal::Interrupt));
    assert!(report.stderr.contains("goes on at Render"), "{}", report.stderr);
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
        let running = start(&world, &inputs);
        until(|| world.server.journal().count(LOOK) > 0);
        running.signal("TERM");
        let (_, report) = running.end();
        assert_eq!(report.ending, Ending::Cancelled(Signal::Terminate));
        assert!(report.stderr.contains(told), "{}", report.stderr);
        let deploy = world.newest(&service).id;
        assert!(report.stderr.contains(&format!("this run began deploy {deploy}")), "{}", report.stderr);
    }
}

#[test]
fn stopped_between_the_variables_it_says_so() {
    let world = World::real();
    let service = world.web();
    let rule = world.faults().on("PUT /v1/services/{id}/env-vars/GENERATION", When::Always, What::Hang);
    let running = start(&world, &usual(&service, &sha('b')));
    until(|| rule.fired() > 0);
    running.signal("INT");
    let (_, report) = running.end();
    assert_eq!(report.ending, Ending::Cancelled(Signal::Interrupt));
    assert!(report.stderr.contains("are partly written"), "{}", report.stderr);
    assert!(world.is_marked(&service));
    assert_eq!(world.effects(), [format!("set {MARK}")]);
}

#[test]
fn killed_by_sigkill_the_next_run_attaches() {
    let world = World::real();
    let service = world.web();
    let plan = Plan::live().build(std::time::Duration::from_millis(2_500));
    world.twin.plan_deploys(&service, [plan]).unwrap();
    let running = start(&world, &usual(&service, &sha('b')));
    until(|| world.server.journal().count(LOOK) > 0);
    running.signal("KILL");
    assert_eq!(running.end().0.signal(), Some(9));
    let (_, report) = start(&world, &usual(&service, &sha('b'))).end();
    assert_eq!(report.result(), "success", "{report:?}");
    world.assert_deployed(&service);
    assert_eq!(world.triggered(), 1);
}

#[test]
fn help_and_description_need_nothing() {
    let run = |word: &str| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_render-deploy")).arg(word).env_clear().output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let help = run("--help");
    for told in ["GREENROOM_PENDING", "--service-id", "--dry-run", "Example:"] {
        assert!(help.contains(told), "{help}");
    }
    let description: serde_json::Value = serde_json::from_str(&run("--describe")).unwrap();
    let inputs = description["inputs"].as_array().unwrap();
    let names: Vec<&str> = inputs.iter().map(|input| input["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
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
