//! `render-deploy`: a whole deploy against the twin of Render: how soon it notices, how often it asks, how much
//! memory it takes.
//!
//! The floor of the noticing is the twin's own clock: the moment at which the deploy went live there.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};
use std::{fs, thread};

use anyhow::{Context as _, Result, bail};
use rehearsal::server::{Options, Server};
use rehearsal::twins::render::{API_KEY, NewService, Plan, Render};

use super::Stage;
use super::measure::{median, milliseconds};
use crate::dist::megabytes;
use crate::table::Table;

pub(super) const ABOUT: &str = "a deploy that is live after two seconds (wanted: noticed within 1 s, 15 MB)";
pub(super) const ABOUT_LONG: &str = "a deploy of five minutes (wanted: noticed within 1 s, at most 60 calls)";

const LIVE: &str = "1111111111111111111111111111111111111111";
const NEXT: &str = "2222222222222222222222222222222222222222";
const ROUNDS: usize = 5;

/// One deploy.
#[derive(Clone, Copy, Debug)]
struct Deployed {
    /// From live to the end of the program, which includes what it does after it noticed.
    noticed: Duration,
    calls: usize,
    writes: usize,
    /// Peak resident bytes, as last seen before the end; 0 where the system does not tell.
    peak: u64,
}

/// A deploy of two seconds, several times.
pub(super) fn run(stage: &Stage<'_>) -> Result<Table> {
    let plan = Plan::live().build(Duration::from_millis(1_500)).update(Duration::from_millis(500));
    let runs: Vec<Deployed> = (0..ROUNDS).map(|_| deploy(stage, &plan)).collect::<Result<_>>()?;
    Ok(table("2 s", &runs))
}

/// A deploy of five minutes, once.
pub(super) fn run_long(stage: &Stage<'_>) -> Result<Table> {
    let plan = Plan::live()
        .queued(Duration::from_secs(10))
        .build(Duration::from_secs(240))
        .pre_deploy(Duration::from_secs(20))
        .update(Duration::from_secs(30));
    Ok(table("5 min", &[deploy(stage, &plan)?]))
}

fn table(takes: &str, runs: &[Deployed]) -> Table {
    let mut table =
        Table::new(&["deploy takes", "rounds", "live to end", "calls", "of which writes", "peak memory"]);
    table.row([
        takes.to_owned(),
        runs.len().to_string(),
        milliseconds(median(runs.iter().map(|run| run.noticed))),
        median(runs.iter().map(|run| run.calls)).to_string(),
        median(runs.iter().map(|run| run.writes)).to_string(),
        megabytes(median(runs.iter().map(|run| run.peak))),
    ]);
    table
}

fn deploy(stage: &Stage<'_>, plan: &Plan) -> Result<Deployed> {
    let twin = Render::new(Arc::new(action::SystemClock));
    let service = twin.add_service(&NewService::web("bench").live(LIVE).plan(plan.clone()));
    twin.push(&service, NEXT)?;
    let server = Server::start("render", twin.router(), Options::default())?;

    let mut command = Command::new(stage.binary("render-deploy"));
    command
        .env_clear()
        .env("RENDER_API_URL", format!("{}/v1", server.base_url()))
        .env("RENDER_API_KEY", API_KEY)
        .args([format!("--service-id={service}"), format!("--commit={NEXT}")])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let (ended, peak) = watched(command.spawn().context("run render-deploy")?)?;

    let live = twin.live_deploy(&service)?.context("find the live deploy")?;
    if live.commit() != Some(NEXT) {
        bail!("deploy in the twin: another commit is live");
    }
    let live_at = live.finished_at.context("find when the deploy went live")?;
    let journal = server.journal();
    Ok(Deployed {
        noticed: ended.duration_since(live_at).unwrap_or_default(),
        calls: journal.entries().len(),
        writes: journal.writes().len(),
        peak,
    })
}

/// Waits for a child; gives when it ended and its peak memory. Not through `wait4`, whose figure is never less than
/// the memory of this process, which holds the twin.
fn watched(mut child: Child) -> Result<(SystemTime, u64)> {
    let over = AtomicBool::new(false);
    let status = format!("/proc/{}/status", child.id());
    let first = peak_of(Path::new(&status));
    thread::scope(|scope| {
        let sampler = scope.spawn(|| {
            let mut peak = first;
            while !over.load(Ordering::Relaxed) {
                peak = peak.max(peak_of(Path::new(&status)));
                thread::sleep(Duration::from_millis(5));
            }
            peak
        });
        let waited = child.wait();
        let ended = SystemTime::now();
        over.store(true, Ordering::Relaxed);
        let peak = sampler.join().unwrap_or_default();
        let status = waited.context("wait for render-deploy")?;
        if !status.success() {
            bail!("`render-deploy` ended with {status}");
        }
        Ok((ended, peak))
    })
}

/// The high-water mark in a status file (proc_pid_status(5), `VmHWM`), in bytes.
fn peak_of(status: &Path) -> u64 {
    let text = fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kibibytes.unwrap_or_default() * 1024
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_peak_of_a_process_is_read() {
        assert!(peak_of(Path::new("/proc/self/status")) > 500_000);
        assert_eq!(peak_of(Path::new("/proc/0/status")), 0);
    }

    #[test]
    fn a_child_that_fails_is_an_error() {
        // `wait` closes its stdin, so it lives until it has been looked at.
        let bash = |script| Command::new("bash").args(["-c", script]).stdin(Stdio::piped()).spawn().unwrap();
        assert!(watched(bash("read; exit 0")).unwrap().1 > 0);
        assert!(watched(bash("exit 3")).unwrap_err().to_string().contains("exit status: 3"));
    }
}
