//! The real executable: run, killed, interrupted, asked for help.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rehearsal::fault::{Rule, What, When};

use rehearsal::runner::outputs;

use crate::world::{CREATE, EDIT_PROJECT, World, check_canaries};

fn program() -> &'static std::path::Path {
    rehearsal::executables::executables().unwrap().path("kv-bind").unwrap()
}

fn start(world: &World) -> (Child, std::path::PathBuf) {
    let output = world.file("output");
    let child = Command::new(program())
        .args(world.to_pages().words)
        .env_clear()
        .envs(world.variables())
        .env("GITHUB_OUTPUT", &output)
        .env("GITHUB_STEP_SUMMARY", world.file("summary"))
        .env("RUNNER_DEBUG", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    (child, output)
}

/// The exit code, what was printed, and the outputs.
fn finish(
    (child, output): (Child, std::path::PathBuf),
) -> (Option<i32>, String, std::collections::BTreeMap<String, String>) {
    let ended = child.wait_with_output().unwrap();
    let printed = String::from_utf8(ended.stderr).unwrap() + &String::from_utf8(ended.stdout).unwrap();
    let written = std::fs::read_to_string(output).unwrap_or_default();
    check_canaries(&[&printed, &written]);
    (ended.status.code(), printed, outputs(&written))
}

fn wait_until_struck(rule: &Rule) {
    for _ in 0..2_000 {
        if rule.fired() > 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the fault never struck");
}

#[test]
fn killed_after_each_effect_and_run_again() {
    for (route, needs_deploy) in [(CREATE, None), (EDIT_PROJECT, Some("true"))] {
        let world = World::new();
        let rule = world.faults().on(route, When::Always, What::Hang);
        let (mut child, output) = start(&world);
        wait_until_struck(&rule);
        child.kill().unwrap();
        child.wait().unwrap();
        rule.cancel();
        let written = outputs(&std::fs::read_to_string(output).unwrap_or_default());
        assert_eq!(written.get("deploy-needed").map(String::as_str), needs_deploy, "{written:?}");
        let (code, printed, outputs) = finish(start(&world));
        assert_eq!((code, outputs["result"].as_str()), (Some(0), "success"), "{printed}");
        let (code, _, outputs) = finish(start(&world));
        assert_eq!((code, outputs["result"].as_str()), (Some(0), "unchanged"));
        assert_eq!((world.api.journal().count(CREATE), world.api.journal().count(EDIT_PROJECT)), (1, 1));
    }
}

#[test]
fn a_signal_says_what_may_be_left_behind() {
    for (route, told) in [
        (CREATE, "hint: the KV namespace `content` may have been created; it is not bound"),
        (EDIT_PROJECT, "hint: CONTENT of Pages project docs, production may have been bound"),
    ] {
        let world = World::new();
        let rule = world.faults().on(route, When::Always, What::Hang);
        let (child, output) = start(&world);
        wait_until_struck(&rule);
        let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(status.unwrap().success());
        let (code, printed, outputs) = finish((child, output));
        assert_eq!((code, outputs["result"].as_str()), (Some(130), "cancelled"), "{printed}");
        assert!(printed.replace("%0A", "\n").contains(told), "{printed}");
    }
}

#[test]
fn its_help_teaches_and_its_definition_is_complete() {
    let run =
        |word: &str| String::from_utf8(Command::new(program()).arg(word).output().unwrap().stdout).unwrap();
    let help = run("--help");
    for taught in ["--worker-script", "every other binding is kept", "deploy-needed", "wrangler deploy"] {
        assert!(help.contains(taught), "{taught}");
    }
    let definition: serde_json::Value = serde_json::from_str(&run("--describe")).unwrap();
    let names = |of: &str| {
        let rows = definition[of].as_array().unwrap().iter();
        rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        names("inputs"),
        [
            "account-id",
            "namespace",
            "create",
            "binding",
            "pages-project",
            "worker-script",
            "environment",
            "dry-run"
        ]
    );
    assert_eq!(names("outputs"), ["namespace-id", "changed", "deploy-needed", "result"]);
}
