//! The launcher, run as the runner runs it: the `run` line of an action, under bash, with the action's `env:`.

mod checkout;
mod end_to_end;
mod hostile;
mod releases;
mod signals;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use rehearsal::runner::{Conclusion, Level, Runner, Step};

use checkout::{Checkout, SAMPLE, TARGET, cached, files_below, sha256, write_executable};
use releases::{Answer, Releases};

fn ran(step: &Step) {
    assert_eq!(step.conclusion, Conclusion::Success, "{}", step.log);
    assert_eq!((step.output("result"), step.output("arguments")), ("success", "0"), "{}", step.log);
}

/// The launcher refused: exit 70, `result` is `bug`, one error annotation, and nothing of the binary ran.
fn refused(step: &Step, because: &str) {
    assert_eq!((step.exit_code(), step.output("result")), (Some(70), "bug"), "{}", step.log);
    assert!(!step.stdout.contains("sample"), "{}", step.stdout);
    let [error] = &step.annotations[..] else { panic!("one annotation, not {:?}", step.annotations) };
    assert_eq!((error.level, error.title()), (Level::Error, "sample did not start"));
    assert!(error.message.contains(because), "{:?} in {:?}", because, error.message);
    let hint = error.message.split_once("\nhint: ").expect("a hint").1;
    assert!(hint.contains("bin-dir"), "{hint}");
    assert!(
        step.stderr.contains(&format!("error: {}", error.message.lines().next().unwrap())),
        "{}",
        step.stderr
    );
}

#[tokio::test]
async fn a_cold_start_downloads_once_and_a_warm_one_needs_no_network() {
    let releases = Releases::start(vec![Answer::Body(SAMPLE.into()), Answer::Status(500)]).await;
    let checkout = Checkout::releasing(SAMPLE.as_bytes(), &releases.url);
    let (runner, action) = (Runner::new().unwrap(), checkout.action());

    ran(&runner.uses(&action).with("text", "cold").run().await.unwrap());
    assert_eq!(releases.asked(), [format!("/bin-v9.9.9/sample-{TARGET}")]);
    assert_eq!(files_below(runner.tool_cache()), [cached(&runner, TARGET, SAMPLE.as_bytes())]);

    let warm = runner.uses(&action).with("text", "warm").run().await.unwrap();
    ran(&warm);
    assert_eq!(warm.output("text"), "warm");
    assert_eq!(releases.asked().len(), 1);
}

#[tokio::test]
async fn a_poisoned_cache_is_never_run_and_heals_by_a_download() {
    let releases = Releases::start(vec![Answer::Body(SAMPLE.into())]).await;
    let checkout = Checkout::releasing(SAMPLE.as_bytes(), "http://127.0.0.1:1");
    let (runner, action) = (Runner::new().unwrap(), checkout.action());
    let file = cached(&runner, TARGET, SAMPLE.as_bytes());
    write_executable(&file, b"#!/bin/sh\necho sample is poisoned\n");

    refused(
        &runner.uses(&action).run().await.unwrap(),
        "cannot download http://127.0.0.1:1/bin-v9.9.9/sample-",
    );
    assert_eq!(files_below(runner.tool_cache()), std::slice::from_ref(&file), "no part file stays");

    checkout.manifest(&releases.url, &[("sample", TARGET, &sha256(SAMPLE.as_bytes()))]);
    ran(&runner.uses(&action).run().await.unwrap());
    assert_eq!(fs::read(&file).unwrap(), SAMPLE.as_bytes());
}

#[tokio::test]
async fn a_cached_file_that_lost_its_mode_heals_too() {
    let releases = Releases::start(vec![Answer::Body(SAMPLE.into())]).await;
    let checkout = Checkout::releasing(SAMPLE.as_bytes(), &releases.url);
    let (runner, action) = (Runner::new().unwrap(), checkout.action());
    let file = cached(&runner, TARGET, SAMPLE.as_bytes());
    write_executable(&file, SAMPLE.as_bytes());
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    ran(&runner.uses(&action).run().await.unwrap());
}

#[tokio::test]
async fn other_bytes_than_the_pinned_ones_are_refused_and_leave_nothing() {
    let other = SAMPLE.replace("sample", "simple");
    let releases = Releases::start(vec![Answer::Body(other.into_bytes())]).await;
    let checkout = Checkout::releasing(SAMPLE.as_bytes(), &releases.url);
    let runner = Runner::new().unwrap();
    let step = runner.uses(&checkout.action()).run().await.unwrap();
    refused(&step, "does not have the sha256");
    assert!(!step.stdout.contains("simple"));
    assert!(files_below(runner.tool_cache()).is_empty());
    assert_eq!(releases.asked().len(), 1, "another try would not make it right");
}

#[tokio::test]
async fn a_download_is_tried_three_times() {
    let (cut, whole) = (Answer::Cut(SAMPLE.into()), Answer::Body(SAMPLE.into()));
    let releases = Releases::start(vec![Answer::Status(503), cut, whole]).await;
    let checkout = Checkout::releasing(SAMPLE.as_bytes(), &releases.url);
    ran(&Runner::new().unwrap().uses(&checkout.action()).run().await.unwrap());
    assert_eq!(releases.asked().len(), 3);
}

#[tokio::test]
async fn a_server_that_stays_away_is_asked_three_times_and_no_more() {
    let releases = Releases::start(vec![Answer::Status(503)]).await;
    let checkout = Checkout::releasing(SAMPLE.as_bytes(), &releases.url);
    let runner = Runner::new().unwrap();
    refused(&runner.uses(&checkout.action()).run().await.unwrap(), "cannot download");
    assert_eq!(releases.asked().len(), 3);
    assert!(files_below(runner.tool_cache()).is_empty());
}

#[tokio::test]
async fn every_platform_gets_its_own_binary() {
    let platforms = [
        ("Linux", "x86_64", "x86_64-unknown-linux-gnu"),
        ("Linux", "aarch64", "aarch64-unknown-linux-gnu"),
        ("Darwin", "arm64", "aarch64-apple-darwin"),
    ];
    let binary = |target: &str| SAMPLE.replace("sample ran", &format!("for {target}")).into_bytes();
    for (system, machine, target) in platforms {
        let releases = Releases::start(vec![Answer::Body(binary(target))]).await;
        let checkout = Checkout::new();
        let rows = platforms.map(|(_, _, target)| (target, sha256(&binary(target))));
        checkout
            .manifest(&releases.url, &rows.each_ref().map(|(target, sha)| ("sample", *target, sha.as_str())));
        let mut runner = Runner::new().unwrap();
        checkout.fake_uname(&mut runner, system, machine);
        let step = runner.uses(&checkout.action()).run().await.unwrap();
        ran(&step);
        assert!(step.stdout.contains(&format!("for {target}")), "{}", step.stdout);
        assert_eq!(releases.asked(), [format!("/bin-v9.9.9/sample-{target}")]);
    }
}

#[tokio::test]
async fn what_was_never_released_is_refused_and_says_what_to_do() {
    let checkout = Checkout::new();
    let action = checkout.action();
    let step = Runner::new().unwrap().uses(&action).run().await.unwrap();
    refused(&step, &format!("this checkout has no released binary of sample for {TARGET}"));

    let digest = sha256(SAMPLE.as_bytes());
    checkout
        .manifest("http://127.0.0.1:1", &[("other", TARGET, &digest), ("sample", "riscv64-none", &digest)]);
    refused(&Runner::new().unwrap().uses(&action).run().await.unwrap(), "no released binary of sample");

    for (system, machine) in [("SunOS", "sun4v"), ("Linux", "riscv64"), ("Darwin", "x86_64"), ("Linux", "")] {
        let mut runner = Runner::new().unwrap();
        checkout.fake_uname(&mut runner, system, machine);
        refused(
            &runner.uses(&action).run().await.unwrap(),
            &format!("nothing is released for {system}/{machine}"),
        );
    }
}

#[tokio::test]
async fn a_launcher_that_breaks_off_is_a_bug_too() {
    let checkout = Checkout::new();
    fs::remove_file(checkout.path("actions/launch/manifest.txt")).unwrap();
    let step = Runner::new().unwrap().uses(&checkout.action()).run().await.unwrap();
    refused(&step, "the launcher broke off, see above");
    assert!(step.stderr.contains("manifest.txt"), "{}", step.stderr);

    let checkout = Checkout::releasing(SAMPLE.as_bytes(), "http://127.0.0.1:1");
    let mut runner = Runner::new().unwrap();
    runner.use_tool_cache("/proc/no cache".as_ref());
    refused(&runner.uses(&checkout.action()).run().await.unwrap(), "the launcher broke off, see above");
}

#[tokio::test]
async fn local_binaries_run_from_bin_dir_and_say_so() {
    let checkout = Checkout::new();
    let folder = checkout.executable("my bins/sample", SAMPLE);
    let runner = Runner::new().unwrap();
    let step =
        runner.uses(&checkout.action()).with("bin-dir", folder.display().to_string()).run().await.unwrap();
    ran(&step);
    let [notice] = &step.annotations[..] else { panic!("one annotation, not {:?}", step.annotations) };
    assert_eq!((notice.level, notice.title()), (Level::Notice, "sample is not the pinned release"));
    assert!(notice.message.contains(&sha256(SAMPLE.as_bytes())), "{}", notice.message);
    assert!(files_below(runner.tool_cache()).is_empty());
}

#[tokio::test]
async fn a_relative_bin_dir_counts_from_the_workspace() {
    let (checkout, runner) = (Checkout::new(), Runner::new().unwrap());
    write_executable(&runner.workspace().join("bins/sample"), SAMPLE.as_bytes());
    ran(&runner.uses(&checkout.action()).with("bin-dir", "bins").run().await.unwrap());
}

#[tokio::test]
async fn a_bin_dir_without_a_usable_binary_is_refused() {
    let checkout = Checkout::new();
    let (runner, action) = (Runner::new().unwrap(), checkout.action());
    let try_dir = async |dir: std::path::PathBuf| {
        runner.uses(&action).with("bin-dir", dir.display().to_string()).run().await.unwrap()
    };
    refused(&try_dir(checkout.path("absent")).await, "is no executable file");

    let folder = checkout.executable("plain/sample", SAMPLE);
    fs::set_permissions(folder.join("sample"), fs::Permissions::from_mode(0o644)).unwrap();
    refused(&try_dir(folder).await, "is no executable file");

    fs::create_dir_all(checkout.path("folder/sample")).unwrap();
    refused(&try_dir(checkout.path("folder")).await, "is no executable file");

    // What cannot be executed after all has already been announced.
    let folder = checkout.executable("foreign/sample", "\u{7f}ELF\0of another machine");
    let step = try_dir(folder).await;
    assert_eq!((step.exit_code(), step.output("result")), (Some(70), "bug"), "{}", step.log);
    assert!(step.annotations[1].message.contains("cannot execute"), "{:?}", step.annotations);
}

#[tokio::test]
async fn twenty_cold_starts_at_once_all_run() {
    let releases = Releases::start(vec![Answer::Body(SAMPLE.into())]).await;
    let checkout = Checkout::releasing(SAMPLE.as_bytes(), &releases.url);
    let (runner, action) = (Runner::new().unwrap(), checkout.action());
    let start = |number: usize| runner.uses(&action).with("text", number.to_string()).start().unwrap();
    let running: Vec<_> = (0..20).map(start).collect();
    for (number, running) in running.into_iter().enumerate() {
        let step = running.finish().await.unwrap();
        ran(&step);
        assert_eq!(step.output("text"), number.to_string());
    }
    assert_eq!(files_below(runner.tool_cache()), [cached(&runner, TARGET, SAMPLE.as_bytes())]);
}
