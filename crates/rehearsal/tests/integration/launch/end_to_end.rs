//! A generated action, the launcher and a real binary, under the runner's rules: the seams all at once.

use rehearsal::executables::executables;
use rehearsal::runner::{Action, Conclusion, Level, Runner, Running, Signal, Step};

use super::releases::{Answer, Releases};
use super::signals::finished;

const WANTED: &str = "3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90";
const OTHER: &str = "0000000000000000000000000000000000000000";

/// A service that reports one version.
async fn service(commit: &str) -> Releases {
    let version = format!(
        r#"{{"commit_sha":"{commit}","schema_version":"12","generation":7,"deployed_at":"2026-11-20T10:00:00Z"}}"#
    );
    Releases::start(vec![Answer::Body(version.into_bytes())]).await
}

/// Starts the action version-poll of this checkout, with this workspace's own binary.
fn poll(runner: &Runner, url: &str, timeout: &str) -> Running {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../actions/version-poll");
    let action = Action::load(dir.as_ref()).unwrap();
    let step = runner.uses(&action).with("url", url).with("commit-sha", WANTED).with("timeout", timeout);
    let step = step.with("bin-dir", executables().unwrap().dir().display().to_string());
    step.with("consecutive", "1").start().unwrap()
}

fn errors(step: &Step) -> Vec<&str> {
    let errors = step.annotations.iter().filter(|annotation| annotation.level == Level::Error);
    errors.map(|annotation| annotation.message.as_str()).collect()
}

#[tokio::test]
async fn outputs_arrive_after_success() {
    let (runner, service) = (Runner::new().unwrap(), service(WANTED).await);
    let step = finished(poll(&runner, &service.url, "1m")).await;
    assert_eq!((step.conclusion, step.exit_code()), (Conclusion::Success, Some(0)), "{}", step.log);
    assert_eq!((step.output("result"), step.output("commit-sha")), ("success", WANTED));
    assert_eq!((step.output("generation"), step.output("schema-version")), ("7", "12"));
    assert_eq!(errors(&step), [""; 0]);
}

#[tokio::test]
async fn outputs_arrive_after_failure() {
    let (runner, service) = (Runner::new().unwrap(), service(OTHER).await);
    let step = finished(poll(&runner, &service.url, "2s")).await;
    assert_eq!((step.conclusion, step.exit_code()), (Conclusion::Failure, Some(3)), "{}", step.log);
    assert_eq!((step.output("result"), step.output("commit-sha")), ("timed-out", OTHER), "{}", step.log);
    assert_eq!(errors(&step).len(), 1, "{:?}", step.annotations);

    let step = finished(poll(&runner, "no address", "2s")).await;
    assert_eq!((step.exit_code(), step.output("result")), (Some(2), "invalid"), "{}", step.log);
}

#[tokio::test]
async fn a_cancelled_job_says_so_and_leaves_nobody_behind() {
    let (runner, service) = (Runner::new().unwrap(), service(OTHER).await);
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let running = poll(&runner, &service.url, "10m");
        running.said(OTHER).await.unwrap();
        if signal == Signal::SIGINT {
            running.cancel()
        } else {
            running.signal(signal)
        }
        let step = finished(running).await;
        assert_eq!(step.status.unwrap().code(), Some(code), "by itself, not by the signal: {}", step.log);
        assert_eq!((step.output("result"), step.output("commit-sha")), ("cancelled", OTHER), "{}", step.log);
        assert!(step.survivors.is_empty(), "{:?}", step.survivors);
        assert_eq!(step.conclusion == Conclusion::Cancelled, signal == Signal::SIGINT);
    }
}
