//! Every rehearsal on the list, played as a newcomer would, and played to the
//! end: after a failure the operator runs the job again.

use std::process::{Command, Output};
use std::thread;

use rehearsal::executables::executables;

/// How many rehearsals run at once: mostly they wait.
const AT_ONCE: usize = 4;

fn rehearse(arguments: &[&str]) -> Output {
    let executables = executables().unwrap();
    let folder = tempfile::tempdir().unwrap();
    Command::new(executables.path("rehearsal").unwrap())
        .arg("cutover")
        .args(arguments)
        .arg("--report")
        .arg(folder.path().join("report.md"))
        .env("GREENROOM_BIN_DIR", executables.dir())
        .output()
        .unwrap()
}

fn faults() -> Vec<String> {
    let list = String::from_utf8(rehearse(&["--list"]).stdout).unwrap();
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    names.map(str::to_owned).collect()
}

fn passed(arguments: &[&str]) -> Result<(), String> {
    let output = rehearse(arguments);
    let text = String::from_utf8_lossy(&output.stdout);
    let noticed = !text.contains(", 0 failed\n");
    if output.status.success() && !noticed {
        return Ok(());
    }
    Err(format!("{arguments:?}: {}\n{text}{}", output.status, String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn a_cutover_ends_on_green_and_nobody_notices() {
    passed(&[]).unwrap();
}

#[test]
fn every_fault_ends_as_promised_and_a_second_run_completes_the_cutover() {
    let faults = faults();
    assert!(faults.len() >= 12, "{faults:?}");
    let mut failures = Vec::new();
    for some in faults.chunks(AT_ONCE) {
        let played = thread::scope(|scope| {
            let playing: Vec<_> =
                some.iter().map(|fault| scope.spawn(|| passed(&["--again", "--fault", fault]))).collect();
            playing.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
        });
        failures.extend(played.into_iter().filter_map(Result::err));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn an_unknown_fault_is_named() {
    let output = rehearse(&["--fault", "earthquake"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stdout).contains("earthquake"));
}
