//! Getting a commit that a clone does not have.

use std::fs;
use std::time::Duration;

use git::{CommitId, GitError};

use crate::sandbox::{Sandbox, changed, runs};

#[tokio::test]
async fn a_shallow_clone_gets_that_commit_alone() {
    let sandbox = Sandbox::new();
    sandbox.init("r");
    let first = sandbox.commit("r", &[("a", "1")]);
    let second = sandbox.commit("r", &[("b", "1")]);
    let third = sandbox.commit("r", &[("c", "1")]);
    sandbox.shallow_clone("r", "s");
    let repository = sandbox.open("s").await.unwrap();
    assert_eq!(repository.commit(second.as_str()).await.unwrap(), None);
    repository.fetch(&second).await.unwrap();
    assert_eq!(repository.commit(second.as_str()).await.unwrap().as_ref(), Some(&second));
    assert_eq!(repository.commit(first.as_str()).await.unwrap(), None);
    assert_eq!(changed(&repository, &second, &third).await, ["c"]);
    assert!(!sandbox.path("s/.git/FETCH_HEAD").exists());
}

#[tokio::test]
async fn a_full_clone_stays_one() {
    let sandbox = Sandbox::new();
    sandbox.init("r");
    sandbox.commit("r", &[("a", "1")]);
    sandbox.git(".", &["clone", "--quiet", "r", "full"]);
    sandbox.git("r", &["switch", "--quiet", "--detach"]);
    let forced_away = sandbox.commit("r", &[("b", "1")]);
    let repository = sandbox.open("full").await.unwrap();
    repository.fetch(&forced_away).await.unwrap();
    assert_eq!(repository.commit(forced_away.as_str()).await.unwrap(), Some(forced_away));
    assert!(!sandbox.open("full").await.unwrap().is_shallow());
}

#[tokio::test]
async fn what_the_remote_does_not_have() {
    let sandbox = Sandbox::new();
    sandbox.init("r");
    sandbox.commit("r", &[("a", "1")]);
    sandbox.shallow_clone("r", "s");
    let unknown = CommitId::parse(&"1".repeat(40)).unwrap();
    let error = sandbox.open("s").await.unwrap().fetch(&unknown).await.unwrap_err();
    assert!(matches!(error, GitError::NotOnRemote { .. }), "{error}");
    let error = sandbox.open("r").await.unwrap().fetch(&unknown).await.unwrap_err();
    assert!(matches!(error, GitError::NoRemote("origin")), "{error}");
    let gone = format!("file://{}", sandbox.path("gone").display());
    sandbox.git("s", &["remote", "set-url", "origin", &gone]);
    let error = sandbox.open("s").await.unwrap().fetch(&unknown).await.unwrap_err();
    assert!(matches!(error, GitError::Failed { what: "fetch", .. }), "{error}");
}

#[tokio::test]
async fn configuration_does_not_get_in_the_way() {
    let sandbox = Sandbox::new();
    sandbox.init("r");
    let first = sandbox.commit("r", &[("a", "1")]);
    let second = sandbox.commit("r", &[("b", "1")]);
    sandbox.git("r", &["tag", "v1", second.as_str()]);
    sandbox.commit("r", &[("c", "1")]);
    sandbox.git("r", &["config", "uploadpack.allowAnySHA1InWant", "false"]);
    sandbox.shallow_clone("r", "s");
    for (key, value) in [
        ("fetch.prune", "true"),
        ("fetch.recurseSubmodules", "true"),
        ("remote.origin.tagOpt", "--tags"),
        ("protocol.version", "0"),
    ] {
        sandbox.git("s", &["config", key, value]);
    }
    sandbox.open("s").await.unwrap().fetch(&first).await.unwrap();
    assert_eq!(sandbox.git("s", &["tag"]), "");
}

#[tokio::test]
async fn no_program_that_the_clone_names_runs() {
    let sandbox = Sandbox::new();
    sandbox.init("r");
    let first = sandbox.commit("r", &[("a", "1")]);
    sandbox.commit("r", &[("b", "1")]);
    sandbox.shallow_clone("r", "s");
    sandbox.git(".", &["clone", "--quiet", "--bare", "r", "beside"]);
    sandbox.git("beside", &["update-ref", "-d", "refs/heads/main"]);
    sandbox.git("beside", &["gc", "--quiet", "--prune=now"]);
    fs::write(
        sandbox.path("s/.git/objects/info/alternates"),
        format!("{}\n", sandbox.path("beside/objects").display()),
    )
    .unwrap();
    let ran = sandbox.path("ran");
    let touch = format!("touch {}; false", ran.display());
    for key in ["core.alternateRefsCommand", "core.fsmonitor"] {
        sandbox.git("s", &["config", key, &touch]);
    }
    for hook in ["reference-transaction", "post-index-change", "pre-auto-gc"] {
        sandbox.script(&format!("s/.git/hooks/{hook}"), &touch);
    }
    let repository = sandbox.open("s").await.unwrap();
    repository.fetch(&first).await.unwrap();
    assert_eq!(repository.commit(first.as_str()).await.unwrap(), Some(first));
    assert!(!ran.exists());
}

/// A remote that never answers, behind two processes: ssh's place is taken by a script.
#[tokio::test]
async fn a_dropped_fetch_leaves_no_process_and_no_lock() {
    let mut sandbox = Sandbox::new();
    sandbox.init("r");
    let first = sandbox.commit("r", &[("a", "1")]);
    sandbox.commit("r", &[("b", "1")]);
    sandbox.shallow_clone("r", "s");
    sandbox.git("s", &["remote", "set-url", "origin", "ssh://git@example.invalid/x"]);
    let note = sandbox.path("pid");
    let ssh = sandbox
        .script("ssh", &format!("echo $$ $PPID > {0}.new && mv {0}.new {0}\nexec sleep 600", note.display()));
    sandbox.set("GIT_SSH_COMMAND", ssh.to_str().unwrap());
    let repository = sandbox.open("s").await.unwrap();
    let fetch = async {
        let ended = repository.fetch(&first).await;
        panic!("ended: {ended:?}");
    };
    tokio::select! {
        () = fetch => {}
        () = appears(&note) => {}
    }
    let pids = fs::read_to_string(&note).unwrap();
    let pids: Vec<&str> = pids.split_whitespace().collect();
    assert_eq!(pids.len(), 2);
    let ended = async {
        while pids.iter().any(|pid| runs(pid)) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), ended).await.expect("the fetch goes on");
    assert!(!sandbox.path("s/.git/shallow.lock").exists());
}

async fn appears(path: &std::path::Path) {
    while !path.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
