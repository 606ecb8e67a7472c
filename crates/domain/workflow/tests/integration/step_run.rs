//! GitHub's rules of the steps of a job, as cases, each with the page or the source that states its rule.

use workflow::expression::Contexts;
use workflow::value::Value;
use workflow::{Conclusion, StepRun, StepVerdict, Workflow};

const IF: &str =
    "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsif";
const STATUS: &str =
    "https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions";
const CONTEXT: &str =
    "https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#steps-context";
const FORGIVE: &str = "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepscontinue-on-error";
const CANCEL: &str =
    "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation";
const STEPS_RUNNER: &str = "https://github.com/actions/runner/blob/main/src/Runner.Worker/StepsRunner.cs";
const FAILURE: &str =
    "https://github.com/actions/runner/blob/main/src/Runner.Worker/Expressions/FailureFunction.cs";

use Conclusion::{Cancelled, Failure, Success};

/// Steps as `id ? if`, `~id` with `continue-on-error`; how those end that do not succeed (`!id` cancels the job
/// while the step runs, which then ends as told unless it is stopped); how all end, `outcome/conclusion` where these
/// differ; how the job ends; who says so.
type Case =
    (&'static [&'static str], &'static [(&'static str, Conclusion)], &'static str, Conclusion, &'static str);

const CASES: &[Case] = &[
    (&["a", "b"], &[], "a success, b success", Success, IF),
    // Without a status function `success()` is part of it.
    (&["a", "b", "c"], &[("a", Failure)], "a failure, b skipped, c skipped", Failure, STATUS),
    (&["a", "b ? true"], &[("a", Failure)], "a failure, b skipped", Failure, STATUS),
    (&["a", "b ? steps.a.outcome == 'failure'"], &[("a", Failure)], "a failure, b skipped", Failure, STATUS),
    (&["a ? false", "b"], &[], "a skipped, b success", Success, IF),
    (&["a ? false", "b ? steps.a.outcome == 'skipped'"], &[], "a skipped, b success", Success, CONTEXT),
    (&["a ? false"], &[], "a skipped", Success, IF),
    // `success()` asks all earlier steps, not the last one.
    (&["a", "b ? always()", "c"], &[("a", Failure)], "a failure, b success, c skipped", Failure, STATUS),
    (&["a", "b ? success() || true"], &[("a", Failure)], "a failure, b success", Failure, STATUS),
    // `failure()`.
    (&["a", "b ? failure()"], &[("a", Failure)], "a failure, b success", Failure, STATUS),
    (&["a", "b ? failure()"], &[], "a success, b skipped", Success, STATUS),
    (&["a", "b", "c ? failure()"], &[("a", Failure)], "a failure, b skipped, c success", Failure, FAILURE),
    (
        &["a", "b", "c ? failure() && steps.b.conclusion == 'failure'"],
        &[("a", Failure)],
        "a failure, b skipped, c skipped",
        Failure,
        STATUS,
    ),
    (
        &["a", "b ? failure()", "c ? failure()"],
        &[("a", Failure)],
        "a failure, b success, c success",
        Failure,
        FAILURE,
    ),
    // `always()`, `cancelled()`.
    (&["a", "b ? always()"], &[("a", Failure)], "a failure, b success", Failure, STATUS),
    (&["a", "b ? cancelled()"], &[("a", Failure)], "a failure, b skipped", Failure, STATUS),
    (&["a", "b ? !cancelled()"], &[("a", Failure)], "a failure, b success", Failure, STATUS),
    (&["a", "b ? ${{ always() }}"], &[("a", Failure)], "a failure, b success", Failure, IF),
    // `continue-on-error`.
    (&["~a", "b"], &[("a", Failure)], "a failure/success, b success", Success, FORGIVE),
    (&["~a", "b ? failure()"], &[("a", Failure)], "a failure/success, b skipped", Success, CONTEXT),
    (
        &["~a", "b ? steps.a.outcome == 'failure' && steps.a.conclusion == 'success'"],
        &[("a", Failure)],
        "a failure/success, b success",
        Success,
        CONTEXT,
    ),
    (&["~a", "b"], &[], "a success, b success", Success, FORGIVE),
    (
        &["a", "~b ? always()"],
        &[("a", Failure), ("b", Failure)],
        "a failure, b failure/success",
        Failure,
        FORGIVE,
    ),
    // An `if` that has no value.
    (&["a ? fromJSON('{')", "b"], &[], "a failure, b skipped", Failure, STEPS_RUNNER),
    (&["a ? fromJSON('{')", "b ? failure()"], &[], "a failure, b success", Failure, STEPS_RUNNER),
    (&["~a ? fromJSON('{')", "b"], &[], "a failure, b skipped", Failure, STEPS_RUNNER),
    (&["a", "b ? fromJSON('{')", "c"], &[("a", Failure)], "a failure, b skipped, c skipped", Failure, STATUS),
    // A cancellation.
    (&["a", "b"], &[("!a", Success)], "a cancelled, b skipped", Cancelled, CANCEL),
    (&["a", "b ? always()"], &[("!a", Success)], "a cancelled, b success", Cancelled, CANCEL),
    (&["a", "b ? cancelled()"], &[("!a", Success)], "a cancelled, b success", Cancelled, CANCEL),
    (&["a", "b ? !cancelled()"], &[("!a", Success)], "a cancelled, b skipped", Cancelled, CANCEL),
    (&["a", "b ? failure()"], &[("!a", Success)], "a cancelled, b skipped", Cancelled, FAILURE),
    (&["a ? always()", "b"], &[("!a", Success)], "a success, b skipped", Cancelled, CANCEL),
    (&["a ? always()", "b ? failure()"], &[("!a", Failure)], "a failure, b skipped", Cancelled, FAILURE),
    (
        &["a", "b ? failure()", "c ? cancelled()"],
        &[("a", Failure), ("!b", Success)],
        "a failure, b cancelled, c success",
        Cancelled,
        CANCEL,
    ),
];

fn file(steps: &[&str]) -> Workflow {
    let mut text = "on: {push: {}}\njobs:\n  j:\n    runs-on: x\n    steps:\n".to_owned();
    for step in steps {
        let (head, condition) =
            step.split_once(" ? ").map_or((*step, None), |(head, condition)| (head, Some(condition)));
        let condition = condition.map(|text| format!("        if: \"{text}\"\n")).unwrap_or_default();
        let forgiven = if head.starts_with('~') { "        continue-on-error: true\n" } else { "" };
        let id = head.trim_start_matches('~');
        text += &format!("      - id: {id}\n        run: x\n{condition}{forgiven}");
    }
    Workflow::parse(&text).unwrap_or_else(|problem| panic!("{problem}\n{text}"))
}

/// The ends of all steps, and of the job.
fn play(file: &Workflow, ends: &[(&str, Conclusion)]) -> (String, Conclusion) {
    let contexts = Contexts::new();
    let mut run = StepRun::new(&file.jobs[0]);
    let of = |name: &str| ends.iter().find(|(known, _)| *known == name).map(|(_, end)| *end);
    while let Some((step, verdict)) = run.next(&contexts) {
        if verdict != StepVerdict::Run {
            continue;
        }
        assert!(run.next(&contexts).is_none(), "one after the other");
        let id = step.id.as_deref().unwrap();
        let end = match of(&format!("!{id}")) {
            Some(_) if run.cancel(&contexts) => Cancelled,
            Some(told) => told,
            None => of(id).unwrap_or(Success),
        };
        run.finish(end, vec![("said".to_owned(), id.to_owned())]);
    }
    assert!(run.current().is_none());
    (ends_of(file, &run), run.status())
}

fn ends_of(file: &Workflow, run: &StepRun<'_>) -> String {
    let Value::Object(steps) = run.context() else { panic!("no object") };
    let property = |id: &str, name: &str| match steps.get(id).unwrap() {
        Value::Object(step) => step.get(name).unwrap().to_text(),
        other => panic!("{other:?}"),
    };
    let end = |id: &str| match (property(id, "outcome"), property(id, "conclusion")) {
        (outcome, conclusion) if outcome == conclusion => format!("{id} {outcome}"),
        (outcome, conclusion) => format!("{id} {outcome}/{conclusion}"),
    };
    let ids = file.jobs[0].steps.iter().map(|step| end(step.id.as_deref().unwrap()));
    ids.collect::<Vec<_>>().join(", ")
}

#[test]
fn steps_run_and_are_skipped_as_on_github() {
    for (steps, ends, expected, job, source) in CASES {
        let played = play(&file(steps), ends);
        assert_eq!(played, ((*expected).to_owned(), *job), "{steps:?} with {ends:?}: {source}");
    }
    assert_eq!(CASES.len(), 35);
}

/// GitHub, "Contexts reference": `steps.<id>.outputs`.
#[test]
fn a_step_sees_the_outputs_of_those_before_it() {
    let file = file(&[
        "a",
        "b ? steps.a.outputs.said == 'a'",
        "c ? steps.b.outputs.SAID == 'b' && steps.a.outputs.x == ''",
    ]);
    assert_eq!(play(&file, &[]), ("a success, b success, c success".to_owned(), Success));
}
