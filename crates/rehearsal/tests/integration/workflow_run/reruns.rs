//! A run that is over, run again.

use rehearsal::workflow_run::Conclusion::{Failure, Skipped, Success};

use super::{Scene, push};

/// `flaky` fails until the file `fixed` is there; every job notes that it ran.
fn scene() -> Scene {
    let note = |id: &str, then: &str| {
        format!(
            "[{{id: x, run: 'echo {id}-$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT >>${{{{ vars.MEET }}}}/log; echo v={id}-$GITHUB_RUN_ATTEMPT >>$GITHUB_OUTPUT; {then}'}}]"
        )
    };
    Scene::of_jobs(&format!(
        "  base: {{runs-on: ubuntu-latest, outputs: {{v: '${{{{ steps.x.outputs.v }}}}'}}, steps: {}}}\n  \
         flaky: {{needs: base, runs-on: ubuntu-latest, steps: {}}}\n  \
         beside: {{needs: base, runs-on: ubuntu-latest, steps: {}}}\n  \
         left-out: {{needs: base, if: 'false', runs-on: ubuntu-latest, steps: {}}}\n  \
         above: {{needs: [base, flaky], runs-on: ubuntu-latest, steps: {}}}\n  \
         always: {{needs: flaky, if: always(), runs-on: ubuntu-latest, steps: {}}}\n",
        note("base", "true"),
        note("flaky", "test -e ${{ vars.MEET }}/fixed"),
        note("beside", "true"),
        note("left-out", "true"),
        note("above", "test ${{ needs.base.outputs.v }} = base-1"),
        note("always", "true"),
    ))
}

fn log(scene: &Scene) -> Vec<String> {
    let mut lines: Vec<String> =
        std::fs::read_to_string(scene.met("log")).unwrap().lines().map(str::to_owned).collect();
    lines.sort();
    std::fs::remove_file(scene.met("log")).unwrap();
    lines
}

#[tokio::test]
async fn failed_jobs_and_what_needs_them_run_again_and_the_rest_keeps_its_results() {
    let scene = scene();
    let service = scene.service();
    let first = push(&service).await.finish().await.unwrap();
    assert_eq!(first.conclusion, Failure, "{first:#?}");
    assert_eq!(log(&scene), ["always-1-1", "base-1-1", "beside-1-1", "flaky-1-1"]);

    std::fs::write(scene.met("fixed"), "").unwrap();
    let second = service.rerun_failed(first.id).unwrap().finish().await.unwrap();
    assert_eq!((second.id, second.attempt, second.conclusion), (first.id, 2, Success), "{second:#?}");
    assert_eq!(log(&scene), ["above-1-2", "always-1-2", "flaky-1-2"]);
    let attempts = ["base", "beside", "flaky", "above", "always"].map(|id| second.job(id).unwrap().attempt);
    assert_eq!(attempts, [1, 1, 2, 2, 2]);
    assert_eq!(second.job("left-out").unwrap().conclusion, Skipped);

    let refused = service.rerun_failed(first.id).unwrap_err().to_string();
    assert_eq!(refused, "run 1 has no failed jobs");
    assert!(service.rerun(7).unwrap_err().to_string().contains("no run 7"));
}

#[tokio::test]
async fn a_whole_run_runs_again_at_the_same_commit() {
    let scene = scene();
    let service = scene.service();
    let first = push(&service).await.finish().await.unwrap();
    log(&scene);
    std::fs::write(scene.met("fixed"), "").unwrap();
    scene.repository.write("new", "").unwrap();
    scene.repository.commit("Move on").unwrap();
    let second = service.rerun(first.id).unwrap().finish().await.unwrap();
    assert_eq!((second.id, second.number, second.attempt), (1, 1, 2));
    assert_eq!(second.event, first.event);
    let ran: Vec<_> =
        log(&scene).into_iter().map(|line| line.split('-').next().unwrap().to_owned()).collect();
    assert_eq!(ran, ["above", "always", "base", "beside", "flaky"]);
    // `above` asks for what the first attempt said.
    assert_eq!(second.job("above").unwrap().conclusion, Failure);
}
