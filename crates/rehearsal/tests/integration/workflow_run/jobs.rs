//! Which jobs run, side by side or one after the other, and what they tell each other.

use rehearsal::workflow_run::Conclusion::{Failure, Skipped, Success};

use super::{Scene, said, wait_for};

#[tokio::test]
async fn jobs_that_need_nothing_run_at_the_same_time_each_in_a_folder_of_its_own() {
    // Each waits for the other, so one after the other they would both fail.
    let scene = Scene::of_jobs(&format!(
        "  one: {{runs-on: ubuntu-latest, env: {{MEET: '${{{{ vars.MEET }}}}'}}, steps: [{{run: 'touch $MEET/one; {}; pwd >$MEET/pwd-1'}}]}}\n  \
         two: {{runs-on: ubuntu-latest, env: {{MEET: '${{{{ vars.MEET }}}}'}}, steps: [{{run: 'touch $MEET/two; {}; pwd >$MEET/pwd-2'}}]}}\n",
        wait_for("two"),
        wait_for("one"),
    ));
    let run = scene.run().await;
    assert_eq!(run.conclusion, Success, "{run:#?}");
    let (one, two) = (run.job("one").unwrap(), run.job("two").unwrap());
    assert!(one.started.unwrap() < two.ended && two.started.unwrap() < one.ended);
    let folder = |number| std::fs::read_to_string(scene.met(&format!("pwd-{number}"))).unwrap();
    assert_ne!(folder(1), folder(2));
}

#[tokio::test]
async fn outputs_go_from_step_to_job_to_job() {
    let scene = Scene::of_jobs(
        r#"
  first:
    runs-on: ubuntu-latest
    outputs:
      list: ${{ steps.make.outputs.list }}
      lines: ${{ steps.make.outputs.lines }}
      nothing: ${{ steps.make.outputs.nothing }}
    steps:
      - id: make
        run: |
          echo 'list=["a","b"]' >>"$GITHUB_OUTPUT"
          printf 'lines<<E\n1\n2\nE\n' >>"$GITHUB_OUTPUT"
  second:
    needs: first
    if: contains(fromJSON(needs.first.outputs.list), 'b')
    runs-on: ubuntu-latest
    outputs: {all: "${{ steps.say.outputs.all }}"}
    steps:
      - id: say
        env:
          LIST: ${{ fromJSON(needs.first.outputs.list)[1] }}
          LINES: ${{ needs.first.outputs.lines }}
          NOTHING: ${{ needs.first.outputs.nothing || 'empty' }}
        run: echo "all=$LIST $(echo $LINES) $NOTHING ${{ needs.first.result }} $(ls -A)" >>"$GITHUB_OUTPUT"
  third: {needs: [second], if: "contains(needs.second.outputs.all, 'no such thing')", runs-on: ubuntu-latest, steps: [{run: 'true'}]}
"#,
    );
    let run = scene.run().await;
    assert_eq!(run.job("second").unwrap().outputs["all"], "b 1 2 empty success ");
    assert_eq!(run.job("third").unwrap().conclusion, Skipped);
    assert_eq!(run.conclusion, Success);
}

#[tokio::test]
async fn an_output_that_holds_a_hidden_value_does_not_arrive() {
    let scene = Scene::of_jobs(
        r#"
  first:
    runs-on: ubuntu-latest
    outputs: {hidden: "${{ steps.make.outputs.hidden }}", plain: "${{ steps.make.outputs.plain }}"}
    steps:
      - id: make
        run: |
          echo "::add-mask::hush-hush"
          echo "hidden=say hush-hush" >>"$GITHUB_OUTPUT"
          echo "plain=say nothing" >>"$GITHUB_OUTPUT"
      - run: '[ "${{ steps.make.outputs.hidden }}" = "say hush-hush" ] # within the job it arrives'
  second:
    needs: first
    runs-on: ubuntu-latest
    steps:
      - run: '[ "[${{ needs.first.outputs.hidden }}] ${{ needs.first.outputs.plain }}" = "[] say nothing" ]'
"#,
    );
    let run = scene.run().await;
    assert_eq!(run.conclusion, Success, "{run:#?}");
    let first = run.job("first").unwrap();
    assert_eq!(said(first), ["Skip output 'hidden' since it may contain secret."]);
    assert_eq!(first.outputs.keys().collect::<Vec<_>>(), ["plain"]);
    assert_eq!(first.step("make").unwrap().output("hidden"), "say ***");
    assert!(!format!("{run:?}").contains("hush-hush\""));
}

#[tokio::test]
async fn what_failed_decides_what_follows() {
    let job = |rest: &str| format!("{{runs-on: ubuntu-latest, {rest}, steps: [{{run: 'true'}}]}}");
    let scene = Scene::of_jobs(&format!(
        "  bad: {{runs-on: ubuntu-latest, steps: [{{run: 'exit 7'}}]}}\n  good: {}\n  skipped: {}\n  below: {}\n  \
         failed: {}\n  always: {}\n  positive: {}\n  open: {}\n  broken: {}\n",
        job("env: {}"),
        job("needs: bad"),
        job("needs: skipped"),
        job("needs: skipped, if: failure()"),
        job("needs: bad, if: always()"),
        job("needs: [bad, good], if: \"!cancelled() && needs.bad.result == 'success'\""),
        job("needs: [bad, good], if: \"!cancelled() && needs.good.result == 'success'\""),
        job("needs: good, if: \"fromJSON(needs.good.result) == 1\""),
    ));
    let run = scene.run().await;
    let ends = ["bad", "good", "skipped", "below", "failed", "always", "positive", "open", "broken"]
        .map(|id| run.job(id).unwrap().conclusion);
    assert_eq!(ends, [Failure, Success, Skipped, Skipped, Success, Success, Skipped, Success, Failure]);
    assert_eq!(run.conclusion, Failure);
    let bad = &run.job("bad").unwrap().steps[0];
    assert_eq!(
        (bad.exit_code, bad.annotations[0].message.as_str()),
        (Some(7), "Process completed with exit code 7.")
    );
    assert!(run.job("skipped").unwrap().started.is_none());
    assert!(run.job("broken").unwrap().steps.is_empty());
}
