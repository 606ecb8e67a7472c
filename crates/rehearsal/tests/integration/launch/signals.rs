//! A cancelled job signals one process id. It must be the binary's, or the launcher's while that still works.

use std::time::Duration;

use rehearsal::runner::{Action, Conclusion, Runner, Running, Signal, Step, Timing};

use super::checkout::{Checkout, RUN_LINE, SAMPLE, TARGET, cached, files_below, write_executable};
use super::releases::{Answer, Releases};

/// A runner that loses patience soon, so that tests need not wait as long as a real one.
fn hasty_runner() -> Runner {
    let mut runner = Runner::new().unwrap();
    let soon = Duration::from_millis(400);
    runner.timing = Timing { interrupt: soon, terminate: soon, drain: soon, ..Timing::default() };
    runner
}

async fn waiting(runner: &Runner, action: &Action) -> Running {
    let running = runner.uses(action).with("wait", "yes").start().unwrap();
    running.said("sample waits").await.unwrap();
    running
}

/// A step that no signal reaches would go on for ever.
pub(super) async fn finished(running: Running) -> Step {
    tokio::time::timeout(Duration::from_secs(60), running.finish()).await.expect("it ends").unwrap()
}

fn ended_itself(step: &Step, by: &str, code: i32) {
    assert!(step.stdout.contains(&format!("sample ends by {by}")), "{}", step.log);
    assert_eq!(
        step.status.unwrap().code(),
        Some(code),
        "by its own hand, not by the signal: {:?}",
        step.status
    );
    assert_eq!((step.output("result"), &step.survivors[..]), ("cancelled", &[][..]), "{}", step.log);
}

#[tokio::test]
async fn a_cancellation_reaches_the_binary() {
    let checkout = Checkout::releasing(SAMPLE.as_bytes(), "http://127.0.0.1:1");
    let (runner, action) = (Runner::new().unwrap(), checkout.action());
    write_executable(&cached(&runner, TARGET, SAMPLE.as_bytes()), SAMPLE.as_bytes());
    let running = waiting(&runner, &action).await;
    running.cancel();
    let step = finished(running).await;
    ended_itself(&step, "INT", 130);
    assert_eq!(step.conclusion, Conclusion::Cancelled);
}

#[tokio::test]
async fn either_signal_alone_reaches_the_binary_also_from_bin_dir() {
    let checkout = Checkout::new();
    let folder = checkout.executable("bins/sample", SAMPLE).display().to_string();
    let (runner, action) = (Runner::new().unwrap(), checkout.action());
    for (signal, name, code) in [(Signal::SIGINT, "INT", 130), (Signal::SIGTERM, "TERM", 143)] {
        let running = runner.uses(&action).with("wait", "yes").with("bin-dir", &folder).start().unwrap();
        running.said("sample waits").await.unwrap();
        running.signal(signal);
        ended_itself(&finished(running).await, name, code);
    }
}

/// Why both `exec`s are there. Each variant leaves a shell between the runner and the binary: the shell dies of
/// the signals, and the binary goes on with nobody left to stop it.
#[tokio::test]
async fn without_exec_in_both_places_the_binary_outlives_its_cancellation() {
    let launcher = std::fs::read_to_string(super::checkout::LAUNCHER).unwrap();
    let bare = launcher.replace(r#"exec -- "$1""#, r#""$1""#);
    assert_ne!(launcher, bare);
    let no_exec = RUN_LINE.strip_prefix("exec ").unwrap();
    for (run_line, launcher) in [(no_exec, &launcher), (RUN_LINE, &bare), (no_exec, &bare)] {
        let checkout = Checkout::releasing(SAMPLE.as_bytes(), "http://127.0.0.1:1");
        std::fs::write(checkout.launcher(), launcher).unwrap();
        let (runner, action) = (hasty_runner(), checkout.action_with(run_line));
        write_executable(&cached(&runner, TARGET, SAMPLE.as_bytes()), SAMPLE.as_bytes());
        let running = waiting(&runner, &action).await;
        running.cancel();
        let step = finished(running).await;
        assert_eq!(step.conclusion, Conclusion::Cancelled);
        assert!(step.survivors.iter().any(|left| left.command.contains("/sample-")), "{:?}", step.survivors);
        assert_eq!(step.output("result"), "", "and nothing says how it ended");
    }
}

#[tokio::test]
async fn a_download_stops_at_either_signal_and_leaves_nothing() {
    let releases = Releases::start(vec![Answer::Hang]).await;
    let checkout = Checkout::releasing(SAMPLE.as_bytes(), &releases.url);
    let action = checkout.action();
    for (number, (name, code)) in [("cancel", 130), ("TERM alone", 143)].into_iter().enumerate() {
        let runner = Runner::new().unwrap();
        let running = runner.uses(&action).start().unwrap();
        until(|| releases.asked().len() > number && !files_below(runner.tool_cache()).is_empty()).await;
        if code == 130 {
            running.cancel()
        } else {
            running.signal(Signal::SIGTERM)
        }
        let step = finished(running).await;
        assert_eq!(step.status.unwrap().code(), Some(code), "{name}: {:?}\n{}", step.status, step.log);
        assert_eq!((step.output("result"), &step.survivors[..]), ("cancelled", &[][..]), "{}", step.log);
        assert_eq!(files_below(runner.tool_cache()).len(), 0);
        assert!(
            step.annotations.is_empty(),
            "a cancellation is no error of the launcher: {:?}",
            step.annotations
        );
    }
}

#[tokio::test]
async fn the_pause_between_two_tries_can_be_cancelled() {
    let releases = Releases::start(vec![Answer::Status(503)]).await;
    let checkout = Checkout::releasing(SAMPLE.as_bytes(), &releases.url);
    let (runner, action) = (Runner::new().unwrap(), checkout.action());
    let running = runner.uses(&action).start().unwrap();
    running.said("503").await.unwrap();
    running.cancel();
    let step = finished(running).await;
    assert_eq!(
        (step.status.unwrap().code(), step.output("result")),
        (Some(130), "cancelled"),
        "{}",
        step.log
    );
    assert!(step.survivors.is_empty(), "{:?}", step.survivors);
    assert_eq!((releases.asked().len(), files_below(runner.tool_cache()).len()), (1, 0));
}

async fn until(condition: impl Fn() -> bool) {
    let patient = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), patient).await.expect("it came to pass");
}
