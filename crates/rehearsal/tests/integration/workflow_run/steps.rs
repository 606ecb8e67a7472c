//! What steps find, leave to later ones, and are allowed.

use rehearsal::workflow_run::Conclusion::{Failure, Skipped, Success};
use rehearsal::workflow_run::Run;

use super::{Scene, broken};

/// Runs a job `j` of these steps, written with six blanks before each.
async fn steps(steps: &str) -> Run {
    Scene::of_jobs(&format!("  j:\n    runs-on: ubuntu-latest\n    steps:\n{steps}")).run().await
}

#[tokio::test]
async fn each_shell_has_its_own_rules() {
    let run = steps(
        r"
      - {id: plain, run: 'echo $BASH; false | true; echo on'}
      - {id: plain-fails, run: 'false; echo on', continue-on-error: true}
      - {id: bash, shell: bash, run: 'false | true; echo on', continue-on-error: true}
      - {id: sh, shell: sh, run: 'echo $0'}
",
    )
    .await;
    let job = run.job("j").unwrap();
    let of = |id: &str| job.step(id).unwrap();
    assert!(
        of("plain").log.contains("bash -e {0}") && of("plain").log.ends_with("\non\n"),
        "{}",
        of("plain").log
    );
    assert_eq!((of("plain-fails").outcome, of("plain-fails").conclusion), (Failure, Success));
    assert_eq!((of("bash").outcome, of("bash").exit_code), (Failure, Some(1)));
    assert!(of("sh").log.contains("/sh -e {0}") && of("sh").outcome == Success, "{}", of("sh").log);
    assert_eq!(run.conclusion, Success);
}

#[tokio::test]
async fn variables_folders_and_masks_are_the_whole_job_s() {
    let scene = Scene::of(
        r#"
on: {push: {branches: [main]}}
permissions: {}
env: {A: workflow, B: workflow, C: workflow, D: workflow}
jobs:
  j:
    runs-on: ubuntu-latest
    env: {B: job, C: job, D: job}
    steps:
      - run: |
          echo "C=file" >>"$GITHUB_ENV"; echo "D=file" >>"$GITHUB_ENV"; echo "GITHUB_SHA=forged" >>"$GITHUB_ENV"
          mkdir tools; printf '#!/bin/sh\necho from the tool\n' >tools/a-tool; chmod +x tools/a-tool
          echo "$PWD/tools" >>"$GITHUB_PATH"
          echo "::add-mask::hush-hush"
      - id: say
        env: {D: step}
        run: |
          echo "values=$A $B $C $D ${{ env.A }} ${{ env.C }} ${{ env.D }} $(a-tool)" >>"$GITHUB_OUTPUT"
          [ "$GITHUB_SHA" = "${{ github.sha }}" ]
          echo "a hush-hush word"; echo "a hush-hush word" >>"$GITHUB_STEP_SUMMARY"
      - id: after
        run: echo "d=$D ${GITHUB_TOKEN:-no token} $GITHUB_REPOSITORY $GITHUB_REF_NAME $GITHUB_RUN_ATTEMPT $GITHUB_JOB $GITHUB_API_URL" >>"$GITHUB_OUTPUT"
"#,
    );
    let run = scene.run().await;
    let job = run.job("j").unwrap();
    assert_eq!(run.conclusion, Success, "{run:#?}");
    let say = job.step("say").unwrap();
    assert_eq!(say.output("values"), "workflow job file step workflow file step from the tool");
    assert_eq!(say.summary, "a *** word\n");
    assert!(say.log.ends_with("a *** word\n"));
    assert_eq!(
        job.step("after").unwrap().output("d"),
        "file no token octo-org/octo-repo main 1 j https://api.github.com"
    );
}

#[tokio::test]
async fn conditions_ask_how_the_job_stands() {
    let run = steps(
        r"
      - {id: forgiven, run: exit 3, continue-on-error: true}
      - {id: goes-on, if: steps.forgiven.outcome == 'failure' && steps.forgiven.conclusion == 'success', run: 'true'}
      - {id: not-yet, if: failure(), run: 'true'}
      - {id: fails, run: exit 4}
      - {id: skipped, run: 'true'}
      - {id: on-failure, if: failure() && steps.skipped.outcome == 'skipped', run: 'true'}
      - {id: always, if: always(), run: 'test ${{ job.status }} = failure'}
      - {id: positive, if: '!cancelled()', run: 'true'}
      - {id: cancelled, if: cancelled(), run: 'true'}
",
    )
    .await;
    let outcomes: Vec<_> =
        run.job("j").unwrap().steps.iter().map(|step| (step.id.as_deref().unwrap(), step.outcome)).collect();
    assert_eq!(
        outcomes,
        [
            ("forgiven", Failure),
            ("goes-on", Success),
            ("not-yet", Skipped),
            ("fails", Failure),
            ("skipped", Skipped),
            ("on-failure", Success),
            ("always", Success),
            ("positive", Success),
            ("cancelled", Skipped)
        ]
    );
    assert_eq!(run.conclusion, Failure);
}

#[tokio::test]
async fn an_expression_without_a_value_fails_its_step() {
    let run = steps(
        r"
      - {id: condition, if: fromJSON(steps.none.outputs.x) == 1, run: 'true', continue-on-error: true}
      - {id: env, if: always(), run: 'true', env: {A: '${{ fromJSON(job.none) }}'}}
      - {id: script, if: always(), run: 'echo ${{ fromJSON(job.none) }}'}
"
        .replace("steps.none.outputs.x", "job.none")
        .replace("job.none", "env.NONE")
        .as_str(),
    )
    .await;
    let job = run.job("j").unwrap();
    for step in &job.steps {
        assert_eq!((step.outcome, step.conclusion), (Failure, Failure), "{step:#?}");
        assert!(step.annotations[0].message.contains("fromJSON(env.NONE)"), "{step:#?}");
    }
    assert_eq!((job.steps.len(), run.conclusion), (3, Failure));
}

#[tokio::test]
async fn actions_come_from_the_commit_or_from_the_workspace() {
    let scene = Scene::of_jobs(
        r"
  own:
    runs-on: ubuntu-latest
    steps:
      - {id: own, uses: $/actions/say, with: {word: '${{ github.ref_name }}'}, env: {FROM: outside}}
      - {run: 'test ${{ steps.own.outputs.said }} = 1-main-outside && test -z $(ls -A)'}
      - {id: missing, uses: ./actions/say, continue-on-error: true}
      - {run: 'mkdir -p actions && cp -r ${{ steps.own.outputs.folder }} actions/say && sed -i s/1-/2-/ actions/say/action.yml'}
      - {id: workspace, uses: ./actions/say, with: {word: b, worth: 1}, env: {FROM: here}}
  gone: {runs-on: ubuntu-latest, steps: [{run: 'true'}, {uses: $/actions/gone}]}
",
    );
    let action = "name: say\ndescription: Says a word.\ninputs: {word: {description: d}}\n\
        outputs: {said: {description: d, value: '${{ steps.main.outputs.said }}'}, folder: {description: d, value: '${{ steps.main.outputs.folder }}'}}\n\
        runs:\n  using: composite\n  steps:\n    - id: main\n      shell: bash\n      env: {WORD: '${{ inputs.word }}'}\n      \
        run: |\n        echo \"said=1-$WORD-$FROM\" >>$GITHUB_OUTPUT; echo \"folder=$GITHUB_ACTION_PATH\" >>$GITHUB_OUTPUT\n";
    scene.repository.write("actions/say/action.yml", action).unwrap();
    scene.repository.commit("Add an action").unwrap();
    // What is not committed is not there.
    scene.repository.write("actions/say/action.yml", "broken").unwrap();
    let run = scene.run().await;
    let own = run.job("own").unwrap();
    assert_eq!(own.conclusion, Success, "{own:#?}");
    let missing = own.step("missing").unwrap();
    assert!(missing.annotations[0].message.starts_with("Can't find 'action.yml'"), "{missing:?}");
    let workspace = own.step("workspace").unwrap();
    assert_eq!(workspace.output("said"), "2-b-here");
    assert!(workspace.annotations[0].message.starts_with("Unexpected input(s) 'worth'"), "{workspace:?}");
    let gone = run.job("gone").unwrap();
    assert_eq!(
        (gone.conclusion, gone.steps.len()),
        (Failure, 0),
        "an own action is at hand before the first step"
    );
}

#[tokio::test]
async fn an_action_that_is_not_understood_ends_the_rehearsal() {
    let scene = Scene::of_jobs("  j: {runs-on: ubuntu-latest, steps: [{uses: $/a}]}\n");
    let action = "name: a\ndescription: d\nruns: {using: node24, main: x.js}\n";
    scene.repository.write("a/action.yml", action).unwrap();
    scene.repository.commit("Add an action").unwrap();
    let error = broken(&scene).await.to_string();
    assert!(error.contains("a/action.yml"), "{error}");
}
