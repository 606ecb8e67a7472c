//! What an earlier step or a caller may put in the launcher's way.

use std::time::Duration;

use rehearsal::runner::{Conclusion, Runner};
use tokio::net::TcpListener;

use super::checkout::{Checkout, SAMPLE, TARGET, cached, write_executable};
use super::releases::{Answer, Releases};
use super::{ran, refused};

#[tokio::test]
async fn values_arrive_as_they_were_written() {
    let checkout = Checkout::new();
    let folder = checkout.executable("bins/sample", SAMPLE).display().to_string();
    let (runner, action) = (Runner::new().unwrap(), checkout.action());
    for value in [
        "$(touch oops) `touch oops` ${PATH} $((1+1)) \\$x",
        "'single' \"double\" ; touch oops & | > oops",
        "two\nlines\n\nand: a blank one, with\ttabs and a trailing one\n",
        "-n --help *? [a-z] {a,b} ~ !history %s %25",
        "${{ inputs.text }} ::error::x ##[error]y",
        "größe ☃ \u{1f600}",
        "",
    ] {
        let step = runner.uses(&action).with("text", value).with("bin-dir", &folder).run().await.unwrap();
        ran(&step);
        assert_eq!(step.output("text"), value);
        assert_eq!(std::fs::read_dir(runner.workspace()).unwrap().count(), 0, "nothing was run: {value}");
    }
}

#[tokio::test]
async fn the_launcher_is_not_led_astray_by_its_environment() {
    // The sample is a bash script too; `-p` keeps it clean, so that the launcher alone is on trial.
    let sample = SAMPLE.replace("#!/bin/bash", "#!/bin/bash -p");
    let checkout = Checkout::releasing(sample.as_bytes(), "http://127.0.0.1:1");
    let (mut runner, action) = (Runner::new().unwrap(), checkout.action());
    write_executable(&cached(&runner, TARGET, sample.as_bytes()), sample.as_bytes());
    // GitHub's own bash reads BASH_ENV and takes over functions, which cannot be helped from here.
    checkout.executable("startup.sh", r#"echo "$0" >>"$RUNNER_TEMP/read-startup""#);
    let startup = checkout.path("startup.sh").display().to_string();
    runner.env("BASH_ENV", &startup).env("ENV", &startup).env("CDPATH", "/:/tmp").env("GLOBIGNORE", "*");
    runner
        .env("SHELLOPTS", "xtrace:nounset")
        .env("BASHOPTS", "failglob")
        .env("IFS", "/")
        .env("PS4", "$(touch oops)");
    for name in ["uname", "printf", "sha256sum", "shasum", "cut", "command", "trap", "read", "rm"] {
        runner.env(&format!("BASH_FUNC_{name}%%"), format!("() {{ echo hijacked {name} >&2; }}"));
    }
    let step = runner.uses(&action).with("text", "x").run().await.unwrap();
    ran(&step);
    assert_eq!(step.output("text"), "x");
    assert!(!step.stderr.contains("hijacked"), "{}", step.stderr);
    let read_by = std::fs::read_to_string(runner.temp().join("read-startup")).unwrap_or_default();
    assert!(
        read_by.ends_with(".sh\n") && !read_by.contains("launch.sh"),
        "by GitHub's bash alone: {read_by}"
    );
}

#[tokio::test]
async fn a_leaked_bin_dir_is_overwritten_by_the_input() {
    let checkout = Checkout::releasing(SAMPLE.as_bytes(), "http://127.0.0.1:1");
    let (mut runner, action) = (Runner::new().unwrap(), checkout.action());
    write_executable(&cached(&runner, TARGET, SAMPLE.as_bytes()), SAMPLE.as_bytes());
    let evil = checkout.executable("evil/sample", "#!/bin/sh\necho evil ran\n");
    runner.env("GREENROOM_BIN_DIR", evil.display().to_string());
    let step = runner.uses(&action).run().await.unwrap();
    ran(&step);
    assert!(!step.stdout.contains("evil"), "{}", step.stdout);
}

#[tokio::test]
async fn a_bin_dir_can_hold_no_workflow_command() {
    let (checkout, runner) = (Checkout::new(), Runner::new().unwrap());
    for name in [
        "x\n::set-output name=result::success",
        "x ##[set-output name=result]success",
        "100%25\r::warning::y",
    ] {
        let step = runner.uses(&checkout.action()).with("bin-dir", format!("/{name}")).run().await.unwrap();
        refused(&step, "is no executable file");
    }
    let folder = checkout.executable("##[set-output name=text]%0A\n::warning::y/sample", SAMPLE);
    let step =
        runner.uses(&checkout.action()).with("bin-dir", folder.display().to_string()).run().await.unwrap();
    ran(&step);
    assert_eq!((step.output("text"), step.annotations.len()), ("", 1), "{}", step.log);
    assert!(step.annotations[0].message.contains("%0A"), "shown as it is: {}", step.annotations[0].message);
}

#[tokio::test]
async fn only_https_or_this_very_host_is_asked() {
    let checkout = Checkout::releasing(SAMPLE.as_bytes(), "http://releases.example.invalid");
    let step = Runner::new().unwrap().uses(&checkout.action()).run().await.unwrap();
    refused(&step, "cannot download");
    assert!(
        step.stderr.contains("rotocol \"http\""),
        "refused by scheme, not by its absence: {}",
        step.stderr
    );
}

#[tokio::test]
async fn a_redirect_to_another_scheme_is_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("ftp://{}/sample", elsewhere.local_addr().unwrap());
    let releases = Releases::start(vec![Answer::Redirect(target)]).await;
    let checkout = Checkout::releasing(SAMPLE.as_bytes(), &releases.url);
    refused(&Runner::new().unwrap().uses(&checkout.action()).run().await.unwrap(), "cannot download");
    let visit = tokio::time::timeout(Duration::ZERO, elsewhere.accept()).await;
    assert!(visit.is_err(), "nobody came: {visit:?}");
}

#[tokio::test]
async fn a_curlrc_of_the_runner_s_user_changes_nothing() {
    let releases = Releases::start(vec![Answer::Body(SAMPLE.into())]).await;
    let checkout = Checkout::releasing(SAMPLE.as_bytes(), &releases.url);
    let mut runner = Runner::new().unwrap();
    checkout.executable("home/.curlrc", "output = /dev/null\nproxy = http://127.0.0.1:1\n");
    runner.env("HOME", checkout.path("home").display().to_string());
    let step = runner.uses(&checkout.action()).run().await.unwrap();
    assert_eq!(step.conclusion, Conclusion::Success, "{}", step.log);
}
