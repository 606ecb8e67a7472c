//! Everything that a job and a person read: outputs, summaries, errors.

use rehearsal::in_process::Run;
use rehearsal::twins::github::ACTIONS;

use crate::world::{World, run};

/// All of it, with names for what differs from run to run.
fn told(world: &World, run: &Run) -> String {
    let outputs = run.outputs.iter().map(|(name, value)| format!("{name}={value}\n")).collect::<String>();
    let mut text = format!("{outputs}\n{}\n{}", run.summary, run.error());
    for (index, commit) in world.commits.iter().enumerate() {
        text = text.replace(commit.as_str(), &format!("(commit {})", index + 1));
    }
    let time = run.output("created-at");
    if !time.is_empty() {
        text = text.replace(time, "(time)");
    }
    text.trim_end().to_owned()
}

async fn of(world: &World, mode: &str) -> String {
    told(world, &run(world.job(mode, world.head())).await)
}

#[tokio::test]
async fn a_marker_that_is_set_and_one_that_is_there() {
    let world = World::new();
    insta::assert_snapshot!(of(&world, "record").await, @r"
    commit=(commit 4)
    created-at=(time)
    creator=github-actions[bot]
    found=true
    result=success
    state=success
    target-url=https://github.example.com/acme/api/actions/runs/77

    ### Marker <code>staging-success</code>

    | Marker | staging-success |
    | --- | --- |
    | Commit | <code>(commit 4)</code> |
    | Newest status | <code>success by github-actions\[bot\], (time)</code> |
    ");
    insta::assert_snapshot!(of(&world, "record").await, @r"
    commit=(commit 4)
    created-at=(time)
    creator=github-actions[bot]
    found=true
    result=unchanged
    state=success
    target-url=https://github.example.com/acme/api/actions/runs/77

    ### Marker <code>staging-success</code>

    | Marker | staging-success |
    | --- | --- |
    | Commit | <code>(commit 4)</code> |
    | Newest status | <code>success by github-actions\[bot\], (time)</code> |
    ");
    insta::assert_snapshot!(of(&world, "verify").await, @r"
    commit=(commit 4)
    created-at=(time)
    creator=github-actions[bot]
    found=true
    result=success
    state=success
    target-url=https://github.example.com/acme/api/actions/runs/77

    ### Marker <code>staging-success</code>

    | Marker | staging-success |
    | --- | --- |
    | Commit | <code>(commit 4)</code> |
    | Newest status | <code>success by github-actions\[bot\], (time)</code> |
    ");
    insta::assert_snapshot!(of(&world, "last").await, @r"
    commit=(commit 4)
    created-at=(time)
    creator=github-actions[bot]
    found=true
    result=success
    state=success
    target-url=https://github.example.com/acme/api/actions/runs/77

    ### Marker <code>staging-success</code>

    | Marker | staging-success |
    | --- | --- |
    | Commit | <code>(commit 4)</code> |
    | Newest status | <code>success by github-actions\[bot\], (time)</code> |
    ");
}

#[tokio::test]
async fn what_a_dry_run_would_do() {
    let world = World::new();
    let dry = run(world.job("record", world.head()).with("dry-run", "true")).await;
    insta::assert_snapshot!(told(&world, &dry), @r"
    commit=(commit 4)
    result=planned

    ### Dry run: nothing was changed

    | What | Now | Would become |
    | --- | --- | --- |
    | status staging-success of (commit 4) | <code>none</code> | <code>success by github-actions\[bot\]</code> |
    ");
}

#[tokio::test]
async fn a_commit_without_a_marker() {
    insta::assert_snapshot!(of(&World::new(), "verify").await, @r"
    commit=(commit 4)
    found=false
    result=refused

    ### Marker <code>staging-success</code>

    | Marker | staging-success |
    | --- | --- |
    | Commit | <code>(commit 4)</code> |
    | Newest status | <code>none</code> |

    ### staging-marker refused

    (commit 4) has no status \`staging-success\`

    - deploy this very commit to staging first: push it, and wait until staging has marked it
    - a marker on another commit does not count, neither a parent's nor a merge's
    - nothing has been deployed

    (commit 4) has no status `staging-success`
    hint: deploy this very commit to staging first: push it, and wait until staging has marked it
    hint: a marker on another commit does not count, neither a parent's nor a merge's
    hint: nothing has been deployed
    ");
}

#[tokio::test]
async fn a_marker_that_a_later_run_took_back() {
    let world = World::new();
    world.passed(world.head());
    world.clock.advance(std::time::Duration::from_secs(60));
    world.mark(world.head(), "failure", ACTIONS);
    insta::assert_snapshot!(of(&world, "verify").await, @r"
    commit=(commit 4)
    created-at=(time)
    creator=github-actions[bot]
    found=false
    result=refused
    state=failure

    ### Marker <code>staging-success</code>

    | Marker | staging-success |
    | --- | --- |
    | Commit | <code>(commit 4)</code> |
    | Newest status | <code>failure by github-actions\[bot\], (time)</code> |

    ### staging-marker refused

    the newest status \`staging-success\` of (commit 4) is no success: failure by github-actions\[bot\], (time)

    - see why staging failed, then let it deploy this commit again
    - an older success does not count any more
    - nothing has been deployed

    the newest status `staging-success` of (commit 4) is no success: failure by github-actions[bot], (time)
    hint: see why staging failed, then let it deploy this commit again
    hint: an older success does not count any more
    hint: nothing has been deployed
    ");
}

#[tokio::test]
async fn a_marker_that_somebody_else_set() {
    let world = World::new();
    world.mark(world.head(), "success", "mallory");
    insta::assert_snapshot!(of(&world, "verify").await, @r"
    commit=(commit 4)
    created-at=(time)
    creator=mallory
    found=false
    result=refused
    state=success

    ### Marker <code>staging-success</code>

    | Marker | staging-success |
    | --- | --- |
    | Commit | <code>(commit 4)</code> |
    | Newest status | <code>success by mallory, (time)</code> |

    ### staging-marker refused

    the status \`staging-success\` of (commit 4) was not set by \`github-actions\[bot\]\`: success by mallory, (time)

    - find out who set it and why; then let staging mark the commit again
    - when another account is to set it, name that account in \`creator\`
    - nothing has been deployed

    the status `staging-success` of (commit 4) was not set by `github-actions[bot]`: success by mallory, (time)
    hint: find out who set it and why; then let staging mark the commit again
    hint: when another account is to set it, name that account in `creator`
    hint: nothing has been deployed
    ");
}

#[tokio::test]
async fn a_history_without_any() {
    insta::assert_snapshot!(of(&World::new(), "last").await, @"
    commit=
    found=false
    result=success
    ");
}
