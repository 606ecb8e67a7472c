//! The real executable: killed, interrupted, asked for help.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rehearsal::dns::Fault;
use rehearsal::fault::{Rule, What, When};

use rehearsal::runner::outputs;

use crate::world::{API, APP, BATCH, RECORDS, World};

/// A flip by the executable.
struct Started {
    child: Child,
    output: PathBuf,
    summary: PathBuf,
}

impl Started {
    fn flip(world: &World) -> Self {
        let program = rehearsal::executables::executables().unwrap().path("cname-flip").unwrap();
        let (output, summary) = (world.file("output"), world.file("summary"));
        let child = Command::new(program)
            .args(world.flip().words)
            .env_clear()
            .envs(world.variables())
            .env("GITHUB_OUTPUT", &output)
            .env("GITHUB_STEP_SUMMARY", &summary)
            .env("RUNNER_DEBUG", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { child, output, summary }
    }

    fn wait_until(&self, holds: impl Fn() -> bool) {
        for _ in 0..2_000 {
            if holds() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the moment never came");
    }

    fn outputs(&self) -> BTreeMap<String, String> {
        outputs(&std::fs::read_to_string(&self.output).unwrap_or_default())
    }

    /// Waits for the end: the code, and everything that was printed.
    fn finish(self) -> (Option<i32>, String, BTreeMap<String, String>) {
        let found = |path: &PathBuf| std::fs::read_to_string(path).unwrap_or_default();
        let Self { child, output, summary } = self;
        let ended = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let printed = text(ended.stderr) + &text(ended.stdout) + &found(&summary);
        let shown = printed.lines().filter(|line| !line.starts_with("::add-mask::"));
        let shown = shown.collect::<Vec<_>>().join("\n") + &found(&output);
        for canary in [crate::world::TOKEN, crate::world::KEY] {
            assert!(!shown.contains(canary), "{shown}");
        }
        (ended.status.code(), printed, outputs(&found(&output)))
    }
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
    assert!(status.unwrap().success());
}

fn struck(rule: &Rule) -> impl Fn() -> bool + '_ {
    || rule.fired() > 0
}

#[test]
fn a_flip_from_end_to_end() {
    let world = World::new();
    let (code, printed, outputs) = Started::flip(&world).finish();
    assert_eq!((code, outputs["result"].as_str()), (Some(0), "success"), "{printed}");
    assert_eq!(world.targets(), [world.green(), world.green()]);
}

#[test]
fn killed_before_the_batch_nothing_has_moved_and_previous_is_known() {
    let world = World::new();
    let rule = world.faults().on(BATCH, When::Always, What::Hang);
    let mut run = Started::flip(&world);
    run.wait_until(struck(&rule));
    run.child.kill().unwrap();
    assert!(run.outputs()["previous"].starts_with(&format!("{API} {} ttl=60", world.blue())));
    run.child.wait().unwrap();
    rule.cancel();
    assert_eq!(world.targets(), [world.blue(), world.blue()]);
    let (code, printed, outputs) = Started::flip(&world).finish();
    assert_eq!((code, outputs["result"].as_str()), (Some(0), "success"), "{printed}");
}

#[test]
fn killed_between_batch_and_verification_the_second_run_verifies() {
    let world = World::new();
    let rule = world.faults().on(RECORDS, When::From(5), What::Hang);
    let mut run = Started::flip(&world);
    run.wait_until(struck(&rule));
    run.child.kill().unwrap();
    run.child.wait().unwrap();
    rule.cancel();
    assert_eq!(world.targets(), [world.green(), world.green()]);
    let (code, printed, outputs) = Started::flip(&world).finish();
    assert_eq!((code, outputs["result"].as_str()), (Some(0), "unchanged"), "{printed}");
    assert_eq!(world.api.journal().count(BATCH), 1);
}

#[test]
fn a_signal_says_whether_names_have_moved() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let world = World::new();
        world.dns.faults().on(APP, When::Always, Fault::Stale);
        let run = Started::flip(&world);
        run.wait_until(|| world.dns.faults().fired() > 0);
        signal(&run.child, name);
        let (ended, printed, outputs) = run.finish();
        assert_eq!((ended, outputs["result"].as_str()), (Some(code), "cancelled"), "{printed}");
        let told =
            format!("hint: {API}, {APP} moved, not verified yet; run again to verify, or go back with");
        assert!(printed.replace("%0A", "\n").contains(&told), "{printed}");
        assert_eq!(world.targets(), [world.green(), world.green()]);
    }
    let world = World::new();
    let rule = world.faults().on(BATCH, When::Always, What::Hang);
    let run = Started::flip(&world);
    run.wait_until(struck(&rule));
    signal(&run.child, "INT");
    let (_, printed, _) = run.finish();
    assert!(printed.contains("was sent: they may have moved; run again to find out"), "{printed}");

    let world = World::new();
    let rule = world.faults().on(RECORDS, When::Nth(1), What::Hang);
    let run = Started::flip(&world);
    run.wait_until(struck(&rule));
    signal(&run.child, "INT");
    let (code, printed, _) = run.finish();
    assert_eq!(code, Some(130));
    assert!(!printed.contains("moved"), "{printed}");
}

#[test]
fn its_help_teaches_and_its_definition_is_complete() {
    let program = rehearsal::executables::executables().unwrap().path("cname-flip").unwrap();
    let run =
        |word: &str| String::from_utf8(Command::new(program).arg(word).output().unwrap().stdout).unwrap();
    let help = run("--help");
    for taught in ["--expect", "mode: restore", "no conditional requests", "Free plan", "custom domains"] {
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
            "zone-id",
            "records",
            "expect",
            "mode",
            "previous",
            "ttl",
            "min-ttl-age",
            "probe",
            "verify-dns",
            "read-back",
            "nameserver",
            "render-services",
            "dry-run"
        ]
    );
    assert_eq!(names("outputs"), ["previous", "changed", "result"]);
}
