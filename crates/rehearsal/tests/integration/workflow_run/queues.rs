//! Several runs at once: which wait, and which are cancelled.

use rehearsal::workflow_run::Conclusion::{Cancelled, Success};
use rehearsal::workflow_run::Reference;

use super::{Scene, file_appears, push, wait_for};

/// One job that notes its beginning, waits to be let go, and notes its end.
fn scene(concurrency: &str) -> Scene {
    let scene = Scene::of(&format!(
        "on: {{push: {{branches: [main], tags: ['*']}}}}\npermissions: {{}}\nconcurrency: {concurrency}\njobs:\n  j:\n    \
         runs-on: ubuntu-latest\n    env: {{MEET: '${{{{ vars.MEET }}}}'}}\n    steps:\n      \
         - run: echo begin $GITHUB_REF_NAME >>$MEET/log; touch $MEET/at-$GITHUB_REF_NAME\n      \
         - run: {}\n      - run: echo end $GITHUB_REF_NAME >>$MEET/log\n",
        wait_for("go-$GITHUB_REF_NAME")
    ));
    for tag in ["t1", "t2", "t3"] {
        scene.repository.git(&["tag", tag]).unwrap();
    }
    scene
}

#[tokio::test]
async fn with_a_long_queue_runs_work_one_after_the_other_in_their_order() {
    let scene = scene("{group: deploy, cancel-in-progress: false, queue: max}");
    let service = scene.service();
    let mut runs = Vec::new();
    for tag in ["t1", "t2", "t3"] {
        runs.extend(service.push(&Reference::Tag(tag.to_owned())).await.unwrap());
    }
    // The later ones are let go first, and wait all the same.
    for tag in ["t3", "t2", "t1"] {
        file_appears(&scene.met("at-t1")).await;
        std::fs::write(scene.met(&format!("go-{tag}")), "").unwrap();
    }
    let mut over = Vec::new();
    for handle in runs {
        over.push(handle.finish().await.unwrap());
    }
    assert!(over.iter().all(|run| run.conclusion == Success), "{over:#?}");
    let log = std::fs::read_to_string(scene.met("log")).unwrap();
    assert_eq!(log, "begin t1\nend t1\nbegin t2\nend t2\nbegin t3\nend t3\n");
    assert!(over.windows(2).all(|pair| pair[1].started.unwrap() >= pair[0].ended));
    assert_eq!(over.iter().map(|run| (run.id, run.number)).collect::<Vec<_>>(), [(1, 1), (2, 2), (3, 3)]);
}

#[tokio::test]
async fn with_the_usual_queue_a_newer_run_takes_the_place_of_the_one_that_waits() {
    let scene = scene("{group: deploy, cancel-in-progress: false}");
    let service = scene.service();
    let mut runs = Vec::new();
    for tag in ["t1", "t2", "t3"] {
        runs.extend(service.push(&Reference::Tag(tag.to_owned())).await.unwrap());
    }
    for tag in ["t1", "t3"] {
        std::fs::write(scene.met(&format!("go-{tag}")), "").unwrap();
    }
    let mut over = Vec::new();
    for handle in runs {
        over.push(handle.finish().await.unwrap());
    }
    assert_eq!(over.iter().map(|run| run.conclusion).collect::<Vec<_>>(), [Success, Cancelled, Success]);
    assert_eq!((over[1].started, over[1].jobs.len()), (None, 0));
    let why = over[1].remark.as_deref().unwrap();
    assert_eq!(why, "Canceling since a higher priority waiting request for 'deploy' exists");
}

#[tokio::test]
async fn a_newer_push_ends_the_run_of_its_own_ref_that_is_under_way() {
    let scene = scene("{group: 'staging-${{ github.ref }}', cancel-in-progress: true}");
    let service = scene.service();
    let first = push(&service).await;
    file_appears(&scene.met("at-main")).await;
    let other = service.push(&Reference::Tag("t1".to_owned())).await.unwrap().remove(0);
    let second = push(&service).await;
    let first = first.finish().await.unwrap();
    assert_eq!(first.conclusion, Cancelled);
    assert_eq!(first.job("j").unwrap().conclusion, Cancelled);
    std::fs::write(scene.met("go-main"), "").unwrap();
    std::fs::write(scene.met("go-t1"), "").unwrap();
    let second = second.finish().await.unwrap();
    assert_eq!((second.conclusion, other.finish().await.unwrap().conclusion), (Success, Success));
    assert!(second.started.unwrap() >= first.ended, "it waits until the other has come to its end");
}

#[tokio::test]
async fn a_run_that_waits_can_be_cancelled_and_leaves_the_queue() {
    let scene = scene("{group: deploy, cancel-in-progress: false, queue: max}");
    let service = scene.service();
    let mut runs = Vec::new();
    for tag in ["t1", "t2", "t3"] {
        runs.extend(service.push(&Reference::Tag(tag.to_owned())).await.unwrap());
    }
    runs[1].cancel();
    for tag in ["t1", "t3"] {
        std::fs::write(scene.met(&format!("go-{tag}")), "").unwrap();
    }
    let mut ends = Vec::new();
    for handle in runs {
        ends.push(handle.finish().await.unwrap().conclusion);
    }
    assert_eq!(ends, [Success, Cancelled, Success]);
}
