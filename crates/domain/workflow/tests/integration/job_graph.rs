//! GitHub's rules of the job graph, as cases, each with the page that states its rule.

use workflow::expression::Contexts;
use workflow::{Conclusion, Run, Verdict, Workflow};

const NEEDS: &str =
    "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idneeds";
const STATUS: &str =
    "https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions";
const CONTEXT: &str =
    "https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#needs-context";
const CANCEL: &str =
    "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation";
const ISSUE_491: &str = "https://github.com/actions/runner/issues/491";
const ISSUE_2205: &str = "https://github.com/actions/runner/issues/2205";

/// Jobs as `id < needs ? if`, how those end that do not succeed (`!id` cancels the run while it runs), how all end.
type Case = (&'static [&'static str], &'static [(&'static str, Conclusion)], &'static str, &'static str);

use Conclusion::{Cancelled, Failure, Success};

const CASES: &[Case] = &[
    (&["a", "b < a"], &[], "a success, b success", NEEDS),
    (&["a", "b"], &[("a", Failure)], "a failure, b success", NEEDS),
    (&["a", "b < a"], &[("a", Failure)], "a failure, b skipped", NEEDS),
    (&["a", "b < a", "c < b"], &[("a", Failure)], "a failure, b skipped, c skipped", NEEDS),
    (&["a ? false", "b < a"], &[], "a skipped, b skipped", NEEDS),
    (&["a ? false", "b < a", "c < b"], &[], "a skipped, b skipped, c skipped", NEEDS),
    (&["a", "b < a ? always()"], &[("a", Failure)], "a failure, b success", NEEDS),
    (&["a", "b < a"], &[("a", Cancelled)], "a cancelled, b skipped", NEEDS),
    (&["a", "b", "c < a, b"], &[("b", Failure)], "a success, b failure, c skipped", NEEDS),
    (&["a", "b < a ? true"], &[("a", Failure)], "a failure, b skipped", STATUS),
    (&["a", "b < a ? success() || true"], &[("a", Failure)], "a failure, b success", STATUS),
    (&["a", "b < a ? failure()"], &[("a", Failure)], "a failure, b success", STATUS),
    (&["a", "b < a ? failure()"], &[], "a success, b skipped", STATUS),
    (&["a", "b < a", "c < b ? failure()"], &[("a", Failure)], "a failure, b skipped, c success", STATUS),
    (&["a ? false", "b < a ? failure()"], &[], "a skipped, b skipped", STATUS),
    (&["a", "b < a ? failure()"], &[("a", Cancelled)], "a cancelled, b skipped", STATUS),
    (&["a", "b < a ? cancelled()"], &[("a", Cancelled)], "a cancelled, b skipped", STATUS),
    (&["a", "b < a ? !cancelled()"], &[("a", Failure)], "a failure, b success", STATUS),
    (&["a", "b < a ? ${{ always() }}"], &[("a", Failure)], "a failure, b success", STATUS),
    (&["a ? false", "b < a ? needs.a.result == 'skipped'"], &[], "a skipped, b skipped", ISSUE_491),
    (
        &["a ? false", "b < a ? always() && needs.a.result == 'skipped'"],
        &[],
        "a skipped, b success",
        ISSUE_491,
    ),
    (&["a ? false", "b < a ? always()", "c < b"], &[], "a skipped, b success, c skipped", ISSUE_2205),
    (
        &["a ? false", "b < a ? always()", "c < b ? always() && needs.b.result == 'success'"],
        &[],
        "a skipped, b success, c success",
        ISSUE_2205,
    ),
    (
        &["a", "b < a ? always() && needs.a.result == 'failure'"],
        &[("a", Failure)],
        "a failure, b success",
        CONTEXT,
    ),
    (
        &["a", "b < a ? always() && contains(needs.*.result, 'cancelled')"],
        &[("a", Cancelled)],
        "a cancelled, b success",
        CONTEXT,
    ),
    (&["a", "b < a ? fromJSON(needs.a.result)"], &[], "a success, b failure", CONTEXT),
    (&["a", "b < a"], &[("!a", Success)], "a cancelled, b skipped", CANCEL),
    (&["a ? always()", "b < a"], &[("!a", Success)], "a success, b skipped", CANCEL),
    (&["a", "b < a ? always()"], &[("!a", Success)], "a cancelled, b success", CANCEL),
    (&["a", "b < a ? cancelled()"], &[("!a", Success)], "a cancelled, b success", CANCEL),
    (&["a", "b < a ? !cancelled()"], &[("!a", Success)], "a cancelled, b skipped", CANCEL),
    (&["a", "b"], &[("!a", Success)], "a cancelled, b cancelled", CANCEL),
];

fn file(jobs: &[&str]) -> Workflow {
    let mut text = "on: {push: {}}\njobs:\n".to_owned();
    for job in jobs {
        let (head, condition) = job.split_once(" ? ").map_or((*job, None), |(head, text)| (head, Some(text)));
        let (id, needs) = head.split_once(" < ").unwrap_or((head, ""));
        let condition = condition.map(|text| format!("    if: \"{text}\"\n")).unwrap_or_default();
        text +=
            &format!("  {id}:\n    needs: [{needs}]\n{condition}    runs-on: x\n    steps: [{{run: x}}]\n");
    }
    Workflow::parse(&text).unwrap_or_else(|problem| panic!("{problem}\n{text}"))
}

fn play(file: &Workflow, ends: &[(&str, Conclusion)]) -> String {
    let mut run = Run::new(file, Contexts::new());
    let mut running: Vec<&str> = Vec::new();
    loop {
        let due = run.next().into_iter().filter(|(_, verdict)| *verdict == Verdict::Start);
        running.extend(due.map(|(job, _)| job.id.as_str()));
        if running.is_empty() {
            break;
        }
        let id = running.remove(0);
        let of = |name: &str| ends.iter().find(|(known, _)| *known == name).map(|(_, end)| *end);
        let mut own = of(id).unwrap_or(Success);
        if of(&format!("!{id}")).is_some() {
            for job in run.cancel() {
                running.retain(|other| *other != job.id);
                match job.id == id {
                    true => own = Cancelled,
                    false => run.finish(&job.id, Cancelled, Vec::new()).unwrap(),
                }
            }
        }
        run.finish(id, own, Vec::new()).unwrap();
    }
    let ends = file.jobs.iter().map(|job| format!("{} {}", job.id, run.conclusion_of(&job.id).unwrap()));
    ends.collect::<Vec<_>>().join(", ")
}

#[test]
fn jobs_start_and_are_skipped_as_on_github() {
    for (jobs, ends, expected, source) in CASES {
        assert_eq!(play(&file(jobs), ends), *expected, "{jobs:?} with {ends:?}: {source}");
    }
    assert_eq!(CASES.len(), 32);
}
