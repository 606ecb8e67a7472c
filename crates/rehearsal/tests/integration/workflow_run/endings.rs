//! Ends before their time: timeouts, cancellations, kills, and what is left behind.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rehearsal::runner::Signal;
use rehearsal::workflow_run::Conclusion::{Cancelled, Failure, Skipped, Success};
use rehearsal::workflow_run::{Hooks, Moment, What};

use super::{Scene, file_appears, push, said};

/// A step that says it was interrupted.
const PATIENT: &str = "trap 'echo interrupted; exit 130' INT; touch ${{ vars.MEET }}/at; for _ in $(seq 3000); do sleep 0.01; done";

#[tokio::test]
async fn a_step_whose_time_is_up_fails_and_the_job_goes_on_to_its_last_words() {
    let scene = Scene::of_jobs(&format!(
        "  j:\n    runs-on: ubuntu-latest\n    steps:\n      - {{id: slow, name: Wait, timeout-minutes: 1, run: \"{PATIENT}\"}}\n      \
         - {{id: next, run: 'true'}}\n      - {{id: last, if: failure(), run: 'true'}}\n"
    ));
    let run = scene.run().await;
    let job = run.job("j").unwrap();
    let slow = job.step("slow").unwrap();
    assert!(slow.log.contains("\ninterrupted\n"), "{}", slow.log);
    let words: Vec<_> = slow.annotations.iter().map(|annotation| annotation.message.as_str()).collect();
    assert_eq!(words, ["The action 'Wait' has timed out after 1 minutes."]);
    assert_eq!((slow.outcome, slow.exit_code), (Failure, Some(130)));
    let ends = ["next", "last"].map(|id| job.step(id).unwrap().outcome);
    assert_eq!((ends, job.conclusion, run.conclusion), ([Skipped, Success], Failure, Failure));
}

#[tokio::test]
async fn a_job_whose_time_is_up_is_cancelled() {
    let scene = Scene::of_jobs(&format!(
        "  j:\n    runs-on: ubuntu-latest\n    timeout-minutes: 1\n    steps:\n      - {{id: slow, run: \"{PATIENT}\"}}\n      \
         - {{id: on-failure, if: failure(), run: 'true'}}\n      - {{id: last, if: always(), run: 'test ${{{{ job.status }}}} = cancelled'}}\n  \
         after: {{needs: j, runs-on: ubuntu-latest, steps: [{{run: 'true'}}]}}\n  \
         asks: {{needs: j, if: \"!cancelled() && needs.j.result == 'cancelled'\", runs-on: ubuntu-latest, steps: [{{run: 'true'}}]}}\n"
    ));
    let run = scene.run().await;
    let job = run.job("j").unwrap();
    let ends = ["slow", "on-failure", "last"].map(|id| job.step(id).unwrap().outcome);
    assert_eq!((ends, job.conclusion), ([Cancelled, Skipped, Success], Cancelled), "{job:#?}");
    assert_eq!(said(job), ["The job has exceeded the maximum execution time of 1m0s"]);
    assert_eq!(run.job("after").unwrap().conclusion, Skipped);
    assert_eq!(run.job("asks").unwrap().conclusion, Success);
}

#[tokio::test]
async fn a_person_cancels_a_run() {
    let scene = Scene::of_jobs(&format!(
        "  works:\n    runs-on: ubuntu-latest\n    steps:\n      - {{id: slow, run: \"{PATIENT}\"}}\n      - {{id: next, run: 'true'}}\n  \
         after: {{needs: works, if: \"!cancelled()\", runs-on: ubuntu-latest, steps: [{{run: 'true'}}]}}\n  \
         always: {{needs: works, if: always(), runs-on: ubuntu-latest, steps: [{{run: 'true'}}]}}\n"
    ));
    let handle = push(&scene.service()).await;
    file_appears(&scene.met("at")).await;
    handle.cancel();
    let run = handle.finish().await.unwrap();
    let works = run.job("works").unwrap();
    assert_eq!(["slow", "next"].map(|id| works.step(id).unwrap().outcome), [Cancelled, Skipped]);
    let ends = ["works", "after", "always"].map(|id| run.job(id).unwrap().conclusion);
    assert_eq!((ends, run.conclusion), ([Cancelled, Skipped, Success], Cancelled));
    assert!(run.remark.unwrap().contains("canceled"));
}

#[tokio::test]
async fn a_step_that_holds_in_spite_of_a_cancellation_is_not_interrupted() {
    let mut scene = Scene::of_jobs(
        "  j:\n    runs-on: ubuntu-latest\n    steps:\n      - id: last\n        if: always()\n        \
         run: touch ${{ vars.MEET }}/at; for _ in $(seq 20); do sleep 0.01; done; echo done\n",
    );
    // It has time enough, however slow the machine is.
    scene.settings.minute = Duration::from_secs(60);
    let handle = push(&scene.service()).await;
    file_appears(&scene.met("at")).await;
    handle.cancel();
    let run = handle.finish().await.unwrap();
    let job = run.job("j").unwrap();
    assert_eq!((job.steps[0].outcome, job.conclusion), (Success, Cancelled), "{job:#?}");
    assert!(job.steps[0].log.ends_with("done\n"));
}

#[tokio::test]
async fn what_steps_leave_behind_dies_with_the_job() {
    let scene = Scene::of_jobs(
        "  j:\n    runs-on: ubuntu-latest\n    steps:\n      - run: sleep 300 >/dev/null 2>&1 & echo $! >${{ vars.MEET }}/pid\n      \
         - {id: alive, run: 'kill -0 $(cat ${{ vars.MEET }}/pid)'}\n",
    );
    let run = scene.run().await;
    let job = run.job("j").unwrap();
    assert_eq!(job.conclusion, Success, "beside the job's other steps it lives: {job:#?}");
    let pid: i32 = std::fs::read_to_string(scene.met("pid")).unwrap().trim().parse().unwrap();
    assert_eq!(job.survivors.iter().map(|survivor| survivor.pid).collect::<Vec<_>>(), [pid]);
    for _ in 0..1000 {
        let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // Killed, though perhaps not yet waited for by whoever adopted it.
        if state.is_empty() || state.contains(") Z ") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{pid} lives on");
}

/// Kills the step `victim` as soon as it says that it is there, and notes every moment.
#[derive(Debug, Default)]
struct Killer(std::sync::Mutex<Vec<String>>);

#[async_trait]
impl Hooks for Killer {
    async fn at(&self, moment: Moment<'_>) {
        let note = match moment.what {
            What::RunStarts => format!("run {} of {}", moment.run, moment.file),
            What::JobStarts { job } => format!("job {job}"),
            What::StepStarts { step, .. } => format!("step {}", step.name),
            What::StepRuns { step, remote, .. } => {
                if step.id == Some("victim") {
                    remote.said("here I am").await.unwrap();
                    remote.signal(Signal::SIGKILL);
                }
                return;
            }
            What::StepEnded { step, .. } => format!("step {} {}", step.number, step.outcome),
            What::JobEnded { job } => format!("job {} {}", job.id, job.conclusion),
            What::RunEnded => "over".to_owned(),
        };
        self.0.lock().unwrap().push(note);
    }
}

#[tokio::test]
async fn a_hook_kills_a_step_and_hears_of_every_moment() {
    let scene = Scene::of_jobs(
        "  j:\n    runs-on: ubuntu-latest\n    steps:\n      - {id: victim, name: Victim, run: 'echo here I am; sleep 300'}\n      \
         - {name: Later, run: 'true'}\n",
    );
    let killer = Arc::new(Killer::default());
    let run = scene.run_with(killer.clone()).await;
    let victim = run.job("j").unwrap().step("victim").unwrap();
    assert_eq!((victim.outcome, victim.exit_code, run.conclusion), (Failure, Some(137), Failure));
    let notes = killer.0.lock().unwrap().clone();
    assert_eq!(
        notes,
        [
            "run 1 of test.yml",
            "job j",
            "step Victim",
            "step 1 failure",
            "step 2 skipped",
            "job j failure",
            "over"
        ]
    );
}
