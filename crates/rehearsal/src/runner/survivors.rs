//! Processes that outlive the step that began them.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::time::{Instant, sleep};

/// A process that was still there when its step had ended: nobody watches it, nobody cancels it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survivor {
    /// Its process id.
    pub pid: i32,
    /// Its command line, words joined by blanks.
    pub command: String,
}

/// Those whose environment holds `variable` (as `NAME=VALUE`), once `grace` has passed or none is left.
///
/// The real runner finds what a job left behind in the same way, by `RUNNER_TRACKING_ID`, and kills it when the
/// job is over (actions/runner, `JobExtension.cs`); until then it lives on beside the job's other steps.
pub(super) async fn survivors(variable: &str, grace: Duration) -> Vec<Survivor> {
    let until = Instant::now() + grace;
    loop {
        let found = processes_with(variable);
        if found.is_empty() || Instant::now() >= until {
            return found;
        }
        sleep(Duration::from_millis(10)).await;
    }
}

/// Kills them, as the end of a job does.
pub(super) fn kill_all(variable: &str) -> Vec<Survivor> {
    let found = processes_with(variable);
    for Survivor { pid, command } in &found {
        tracing::debug!(pid, command, "killed what a job left behind");
        // It may have ended by itself meanwhile.
        let _ = kill(Pid::from_raw(*pid), Signal::SIGKILL);
    }
    found
}

#[cfg(target_os = "linux")]
fn processes_with(variable: &str) -> Vec<Survivor> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| has_variable(*pid, variable))
        .map(|pid| Survivor { pid, command: words(&read(pid, "cmdline")).join(" ") })
        .collect()
}

#[cfg(target_os = "linux")]
fn has_variable(pid: i32, variable: &str) -> bool {
    words(&read(pid, "environ")).iter().any(|word| word == variable)
}

/// Empty for a process that is gone, that is a zombie, or that belongs to somebody else.
#[cfg(target_os = "linux")]
fn read(pid: i32, file: &str) -> Vec<u8> {
    std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default()
}

#[cfg(target_os = "linux")]
fn words(list: &[u8]) -> Vec<String> {
    let words = list.split(|byte| *byte == 0).filter(|word| !word.is_empty());
    words.map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

/// Without `/proc`: `ps` with the environment behind the command (`ps(1)` of macOS, `-E`), which is cut off again.
#[cfg(not(target_os = "linux"))]
fn processes_with(variable: &str) -> Vec<Survivor> {
    let output = std::process::Command::new("ps").args(["-axwwE", "-o", "pid=,command="]).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let rows = text.lines().filter_map(|line| line.trim_start().split_once(' '));
    rows.filter(|(_, rest)| rest.split_whitespace().any(|word| word == variable))
        .filter_map(|(pid, rest)| {
            let command: Vec<&str> = rest.split_whitespace().take_while(|word| !word.contains('=')).collect();
            Some(Survivor { pid: pid.parse().ok()?, command: command.join(" ") })
        })
        .collect()
}
