//! Whether a commit that no branch and no tag has any more is still to be had: class 5 is never a guess.

use crate::remote::{GITHUB_TOKEN, Remote};
use crate::world::{Assert as _, NAMES, World, run};
use rehearsal::in_process::Run;

/// The commit of the generation before was on a branch that is gone; the remote, which is private, may still have it.
struct Private {
    world: World,
    remote: Remote,
    commit: String,
}

fn private(remote_has_it: bool, protocol: u8) -> Private {
    let world = World::new();
    let git = |arguments: &[&str]| world.repository.git(arguments).unwrap();
    if !remote_has_it {
        git(&["clone", "--quiet", "--bare", ".", ".git/remote.git"]);
    }
    git(&["checkout", "--quiet", "-b", "gone", &world.commits[0]]);
    world.repository.write("api/main.py", "print(0)").unwrap();
    let commit = world.repository.commit("of a branch that is gone").unwrap();
    git(&["checkout", "--quiet", "main"]);
    if remote_has_it {
        git(&["clone", "--quiet", "--bare", ".", ".git/remote.git"]);
        git(&["-C", ".git/remote.git", "branch", "--quiet", "-D", "gone"]);
    }
    git(&["branch", "--quiet", "-D", "gone"]);
    git(&["reflog", "expire", "--expire=now", "--all"]);
    git(&["gc", "--quiet", "--prune=now"]);
    let remote = Remote::start(world.repository.path().join(".git/remote.git"), protocol);
    git(&["remote", "add", "origin", &format!("{}/acme/shop", remote.url)]);
    world.sql(&format!("update core.deployments set sha = '{commit}' where generation = 1"));
    for service in ["api-blue", "workers-blue"] {
        world.deploy(service, &commit);
    }
    Private { world, remote, commit }
}

async fn ask(world: &World, remote: &Remote, symptom: &str, token: Option<&str>) -> Run {
    let mut invocation =
        world.invoke("plan", symptom).variable("GITHUB_SERVER_URL", &remote.url).canary(GITHUB_TOKEN);
    if let Some(token) = token {
        invocation = invocation.variable("GITHUB_TOKEN", token);
    }
    run(invocation).await
}

#[tokio::test]
async fn who_may_not_ask_is_told_nothing_and_says_so() {
    for remote_has_it in [true, false] {
        let Private { world, remote, commit } = private(remote_has_it, 2);
        for token in [None, Some("no-token-of-this")] {
            for symptom in ["behaviour", "data", "migration"] {
                let run = ask(&world, &remote, symptom, token).await;
                let told = format!("tell whether commit {commit}, which served before");
                run.refuses("failed", &told);
                assert_eq!((run.output("class"), run.output("commands")), ("", ""));
                for hint in ["`fetch-depth: 0`", "give `GITHUB_TOKEN` with contents: read", "`mode: restore`"]
                {
                    assert!(run.error().contains(hint), "{hint}: {}", run.error());
                }
            }
        }
        world.is_untouched();
    }
}

#[tokio::test]
async fn with_the_token_the_remote_s_answer_counts() {
    let Private { world, remote, .. } = private(false, 2);
    let run = ask(&world, &remote, "data", Some(GITHUB_TOKEN)).await;
    assert_eq!(run.assert("success").output("class"), "5", "{}", run.summary);
    // Without the commit nobody knows which migrations came since, so the symptom is believed.
    let run = ask(&world, &remote, "migration", Some(GITHUB_TOKEN)).await;
    assert_eq!(run.assert("success").output("class"), "5", "{}", run.summary);

    let Private { world, remote, .. } = private(true, 2);
    let run = ask(&world, &remote, "data", Some(GITHUB_TOKEN)).await;
    assert_eq!(run.assert("success").output("class"), "3", "{}", run.summary);
    assert_eq!(run.output("tag"), "v1.4.0-rollback");
    assert_eq!(world.targets(), NAMES.map(|_| world.green()));
}

#[tokio::test]
async fn a_remote_that_does_not_give_it_out_is_no_remote_that_does_not_have_it() {
    let Private { world, remote, commit } = private(true, 0);
    let run = ask(&world, &remote, "data", Some(GITHUB_TOKEN)).await;
    assert_eq!(run.output("class"), "", "{}", run.summary);
    run.assert("denied");
    assert!(run.error().starts_with(&format!("tell whether commit {commit}")), "{}", run.error());
}
