//! Every rehearsal of staging and production, and of what an operator starts, played as a maintainer would; each says
//! itself what was not as it promised.

use std::collections::VecDeque;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};
use std::thread;

use rehearsal::executables::executables;
use tempfile::TempDir;

/// How many rehearsals run at once: mostly they wait.
const AT_ONCE: usize = 6;

/// The binaries without what only a debugger reads, where there is a `strip`: each step of each rehearsal hashes
/// the program that it runs, and a debug build is five times as large.
struct Binaries {
    stripped: Option<TempDir>,
}

impl Binaries {
    fn new() -> Self {
        let (executables, folder) = (executables().unwrap(), tempfile::tempdir().unwrap());
        let strip = |name: &str| {
            let mut strip = Command::new("strip");
            strip.arg("-o").arg(folder.path().join(name)).arg(executables.path(name).unwrap());
            strip.status().is_ok_and(|status| status.success())
        };
        let all = executables.names().all(strip);
        Self { stripped: all.then_some(folder) }
    }

    fn folder(&self) -> &Path {
        self.stripped.as_ref().map_or_else(|| executables().unwrap().dir(), TempDir::path)
    }

    fn rehearse(&self, arguments: &[&str]) -> Output {
        let report = tempfile::tempdir().unwrap();
        Command::new(executables().unwrap().path("rehearsal").unwrap())
            .arg("cutover")
            .args(arguments)
            .arg("--report")
            .arg(report.path())
            .env("GREENROOM_BIN_DIR", self.folder())
            .output()
            .unwrap()
    }
}

/// Whoever plays has the machine for himself: each play has waits that end.
static TURN: Mutex<()> = Mutex::new(());

/// The row that is as many plays as a cutover has effects.
const KILLED: &str = "killed";

/// The place whose rehearsals are played by `--all`, in one process.
const AT_ONCE_AS_ONE: &str = "sync";

/// The names in `--list`.
fn names(binaries: &Binaries, place: &'static str) -> Vec<(&'static str, String)> {
    let list = String::from_utf8(binaries.rehearse(&[place, "--list"]).stdout).unwrap();
    let names = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| Some((place, line.split_whitespace().next()?.to_owned()))).collect()
}

/// Why it did not end as promised, if it did not.
fn objections(binaries: &Binaries, place: &str, name: &str) -> Option<String> {
    let output = binaries.rehearse(&[place, "--fault", name]);
    let text = String::from_utf8_lossy(&output.stdout);
    if output.status.success() && text.contains("It ended as promised.") && text.contains(", 0 failed\n") {
        return None;
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Some(format!("{place} --fault {name}: {}\n{text}{errors}", output.status))
}

#[test]
fn every_rehearsal_ends_as_promised() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let binaries = Binaries::new();
    let places = ["production", "staging", "drain", "sync", "rollback"].into_iter();
    let names: VecDeque<_> = places.flat_map(|place| names(&binaries, place)).collect();
    for row in [
        "mutex",
        "marker-absent",
        "generation-fails",
        "build-fails",
        "deploy-hangs",
        "version-mismatch",
        "heartbeat-absent",
        "blue-redeploys",
        "flip-fails",
        "unverified",
    ] {
        assert!(names.contains(&("production", row.to_owned())), "no rehearsal of {row}: {names:?}");
    }
    for row in ["push", "superseded", "build-fails", "poll-times-out", "pages-only", "nothing-affected"] {
        assert!(names.contains(&("staging", row.to_owned())), "no rehearsal of {row}: {names:?}");
    }
    for row in [
        "class-1",
        "class-2",
        "class-3",
        "class-4",
        "class-5",
        "contracted",
        "wrong-symptom",
        "older",
        "failed-tag",
        "unverified",
    ] {
        assert!(names.contains(&("rollback", row.to_owned())), "no rehearsal of {row}: {names:?}");
    }
    for row in [("drain", "drain"), ("sync", "sync")] {
        assert!(names.contains(&(row.0, row.1.to_owned())), "no rehearsal of {row:?}: {names:?}");
    }
    let is_alone = |(place, name): &(&str, String)| name != KILLED && *place != AT_ONCE_AS_ONE;
    let names: VecDeque<_> = names.into_iter().filter(is_alone).collect();
    let (waiting, failures) = (Mutex::new(names), Mutex::new(Vec::new()));
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((place, name)) = next() {
                    let objections = objections(&binaries, place, &name);
                    failures.lock().unwrap_or_else(PoisonError::into_inner).extend(objections);
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// `--all` plays several at a time and says of each how it ended.
#[test]
fn all_rehearsals_of_a_place_are_told_in_the_end() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let binaries = Binaries::new();
    let output = binaries.rehearse(&[AT_ONCE_AS_ONE, "--all"]);
    let text = String::from_utf8_lossy(&output.stdout);
    let failure = || format!("{}\n{text}{}", output.status, String::from_utf8_lossy(&output.stderr));
    let names = names(&binaries, AT_ONCE_AS_ONE);
    let verdict = format!("All {} ended as promised", names.len());
    let (_, summary) = text.split_once("\n\n").unwrap_or_default();
    assert!(output.status.success() && names.len() >= 3 && summary.contains(&verdict), "{}", failure());
    for (_, name) in names {
        let told = |line: &str| line.starts_with(&format!("  ✓ {name} "));
        assert_eq!(summary.lines().filter(|line| told(line)).count(), 1, "{name}: {}", failure());
    }
}

/// A rehearsal that found nothing to be killed after would prove nothing.
#[test]
fn a_cutover_that_is_killed_after_any_effect_ends_as_if_nobody_had_disturbed_it() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let binaries = Binaries::new();
    assert!(names(&binaries, "production").contains(&("production", KILLED.to_owned())));
    let output = binaries.rehearse(&["production", "--fault", KILLED]);
    let text = String::from_utf8_lossy(&output.stdout);
    let failure = || format!("{}\n{text}{}", output.status, String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && text.contains("It ended as promised."), "{}", failure());
    for effect in [
        "supabase: POST /v1/branches/staging/merge",
        "ledger: insert into core.deployments",
        "render: POST /v1/services/api-green/deploys",
        "ledger: update core.deployments set intent_at",
        "cloudflare: POST /client/v4/zones/example.localhost/dns_records/batch",
        "ledger: update core.deployments set cut_over_at",
        "github: POST /repos/example-company/product/statuses/{commit}",
    ] {
        assert!(
            text.lines().any(|line| line.contains('✓') && line.ends_with(effect)),
            "{effect}: {}",
            failure()
        );
    }
}
