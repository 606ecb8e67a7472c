//! What cannot be done here is an error that names it, before anything is begun.

use rehearsal::workflow_run::{Conclusion, Reference, Settings};
use std::collections::{BTreeMap, BTreeSet};

use super::{HEAD, Scene, broken, push};

/// Started by the clock, or by hand.
const TICK: &str = "\
on: {schedule: [{cron: '17 6 * * *'}], workflow_dispatch: {inputs: {what: {default: a}}}}
jobs:
  j:
    runs-on: ubuntu-latest
    steps:
      - {id: x, run: 'echo \"o=${{ github.event_name }} ${{ github.ref_name }} [${{ inputs.what }}]\" >>$GITHUB_OUTPUT'}
";

#[tokio::test]
async fn what_is_not_supported_is_named_and_nothing_starts() {
    let mark = "{run: 'touch ${{ vars.MEET }}/ran'}";
    for (jobs, named) in [
        (
            format!("  j: {{runs-on: ubuntu-latest, steps: [{mark}, {{uses: actions/cache@v4}}]}}\n"),
            "actions/cache",
        ),
        (
            format!("  j: {{runs-on: ubuntu-latest, steps: [{mark}, {{uses: actions/checkout/sub@v4}}]}}\n"),
            "actions/checkout/sub",
        ),
        (format!("  j: {{runs-on: windows-2022, steps: [{mark}]}}\n"), "windows-2022"),
        (format!("  j: {{runs-on: '${{{{ vars.LABEL }}}}', steps: [{mark}]}}\n"), "runs-on"),
        (
            format!("  j: {{runs-on: ubuntu-latest, strategy: {{matrix: {{a: [1]}}}}, steps: [{mark}]}}\n"),
            "strategy",
        ),
        (format!("  j: {{runs-on: ubuntu-latest, container: debian, steps: [{mark}]}}\n"), "container"),
        (format!("  j: {{runs-on: ubuntu-latest, steps: [{mark}, {{run: 'x', shell: pwsh}}]}}\n"), "pwsh"),
        (
            format!(
                "  j: {{runs-on: ubuntu-latest, steps: [{mark}, {{run: 'x ${{{{ hashFiles(1) }}}}'}}]}}\n"
            ),
            "hashFiles",
        ),
        ("  j: {uses: ./.github/workflows/other.yml}\n".to_owned(), "uses"),
    ] {
        let scene = Scene::of(&format!("{HEAD}{jobs}"));
        let error = scene.refusal().await;
        assert!(error.starts_with("test.yml") && error.contains(named), "{error}");
        assert!(!scene.met("ran").exists());
    }
}

#[tokio::test]
async fn a_stand_in_names_what_it_cannot_do() {
    let scene = Scene::of_jobs(
        "  j: {runs-on: ubuntu-latest, steps: [{name: Fetch, uses: actions/checkout@v6, with: {submodules: true}}]}\n",
    );
    let error = broken(&scene).await.to_string();
    let place =
        "test.yml, job `j`, step `Fetch`: actions/checkout: the input `submodules` is not supported here";
    assert_eq!(error, place);
}

#[tokio::test]
async fn events_start_what_they_are_for() {
    let mut scene = Scene::of(
        "on: {push: {tags: ['v*']}}\njobs: {j: {runs-on: ubuntu-latest, steps: [{run: 'true'}]}}\n",
    );
    let dispatch = "on: {workflow_dispatch: {inputs: {what: {required: true, type: choice, options: [a, b]}, more: {default: m}, sure: {type: boolean, default: false}}}}\n\
        jobs: {j: {runs-on: ubuntu-latest, steps: [{id: x, run: 'echo \"o=${{ inputs.what }}${{ inputs.more }}${{ github.event_name }}${{ inputs.sure && 1 || 2 }}\" >>$GITHUB_OUTPUT'}]}}\n";
    scene.repository.write(".github/workflows/hand.yml", dispatch).unwrap();
    scene.repository.write(".github/workflows/odd.yml", "on: {schedule: [{cron: x}]}\n").unwrap();
    scene.repository.write(".github/workflows/tick.yml", TICK).unwrap();
    scene.repository.commit("Add more").unwrap();
    for tag in ["v1", "w1"] {
        scene.repository.git(&["tag", "--annotate", "--message", "x", tag]).unwrap();
    }
    assert!(scene.refusal().await.starts_with("odd.yml"));
    scene.settings.disabled = BTreeSet::from(["odd.yml".to_owned()]);
    let service = scene.service();
    assert_eq!(service.push(&super::main()).await.unwrap().len(), 0);
    assert_eq!(service.push(&Reference::Tag("w1".to_owned())).await.unwrap().len(), 0);
    let run = service.push(&Reference::Tag("v1".to_owned())).await.unwrap().remove(0).finish().await.unwrap();
    assert_eq!(run.event.commit, scene.repository.git(&["rev-parse", "HEAD"]).unwrap().trim());
    assert!(service.push(&Reference::Tag("none".to_owned())).await.is_err());
    let odd = Scene::of(
        "on: {push: {branches: ['rel/[a-Z]']}}\njobs: {j: {runs-on: ubuntu-latest, steps: [{run: 'true'}]}}\n",
    );
    let error = odd.refusal().await;
    assert!(
        error.starts_with("test.yml") && error.contains("on.push.branches[0]: the pattern `rel/[a-Z]`"),
        "{error}"
    );

    let given = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
    let run = service
        .dispatch("hand.yml", &super::main(), given("what", "b"))
        .await
        .unwrap()
        .finish()
        .await
        .unwrap();
    assert_eq!(run.job("j").unwrap().step("x").unwrap().output("o"), "bmworkflow_dispatch2");
    let run = service.tick("tick.yml", &super::main()).await.unwrap().finish().await.unwrap();
    assert_eq!(run.job("j").unwrap().step("x").unwrap().output("o"), "schedule main []");
    let error = service.tick("hand.yml", &super::main()).await.unwrap_err().to_string();
    assert!(error.contains("hand.yml by the clock: it has no `schedule`"), "{error}");
    for (file, inputs, named) in [
        ("hand.yml", given("more", "x"), "`what` is required"),
        ("hand.yml", given("what", "c"), "one of a, b"),
        ("test.yml", BTreeMap::new(), "workflow_dispatch"),
        ("none.yml", BTreeMap::new(), "no workflow none.yml"),
    ] {
        let error = service.dispatch(file, &super::main(), inputs).await.unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
}

#[tokio::test]
async fn settings_can_change_between_runs() {
    let scene =
        Scene::of_jobs("  j: {if: vars.ON == 'yes', runs-on: ubuntu-latest, steps: [{run: 'true'}]}\n");
    let service = scene.service();
    assert_eq!(push(&service).await.finish().await.unwrap().conclusion, Conclusion::Skipped);
    service
        .change(|settings: &mut Settings| drop(settings.variables.insert("ON".to_owned(), "yes".to_owned())));
    assert_eq!(push(&service).await.finish().await.unwrap().conclusion, Conclusion::Success);
}
