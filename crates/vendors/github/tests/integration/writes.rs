//! A write that may have been applied is never sent again.

use std::collections::BTreeMap;

use github::{NewStatus, State};
use http::Outcome;
use rehearsal::fault::{Garble, What, When};
use rehearsal::twins::github::NewWorkflow;

use crate::world::{REPOSITORY, World};

const STATUS: &str = "POST /repos/acme/api/statuses/{sha}";
const DISPATCH: &str = "POST /repos/acme/api/actions/workflows/{id}/dispatches";

fn success() -> NewStatus {
    NewStatus {
        state: State::Success,
        context: "gate".into(),
        description: Some("well".into()),
        target_url: Some("https://example.com/1".into()),
    }
}

#[tokio::test]
async fn a_status_is_made_once_and_comes_back() {
    let world = World::new();
    let commit = world.commit();
    let made = world.client().create_status(&commit, &success(), &world.permit()).await.unwrap();
    assert_eq!((made.state.word(), made.creator()), ("success", "github-actions[bot]"));
    assert_eq!(
        (made.description.as_deref(), made.target_url.as_deref()),
        (Some("well"), Some("https://example.com/1"))
    );
    assert_eq!(world.twin.statuses(REPOSITORY, commit.as_str()).len(), 1);
}

#[tokio::test]
async fn a_lost_answer_is_unclear_and_not_repeated() {
    let faults = [
        What::ApplyThenLose,
        What::CutBody,
        What::Garble(Garble::Truncated),
        What::Garble(Garble::WrongTypes),
        What::Reset,
        What::status(502),
    ];
    for what in faults {
        let name = format!("{what:?}");
        let world = World::new();
        let commit = world.commit();
        world.twin.add_workflow(
            REPOSITORY,
            NewWorkflow { file: "d.yml".into(), name: "D".into(), inputs: Some(Vec::new()) },
        );
        world.server.faults().on(STATUS, When::First(1), what.clone());
        let error = world.client().create_status(&commit, &success(), &world.permit()).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown, "{name}: {error}");
        assert!(world.twin.statuses(REPOSITORY, commit.as_str()).len() <= 1, "{name}");

        world.server.faults().on(DISPATCH, When::First(1), what);
        let sent = world.client().dispatch("d.yml", "main", &BTreeMap::new(), &world.permit()).await;
        assert_eq!(sent.unwrap_err().outcome(), Outcome::Unknown, "{name}");
        assert!(world.twin.dispatches(REPOSITORY).len() <= 1, "{name}");
        assert!(world.clock.slept().is_empty(), "{name}: nothing is waited for");
    }
}

#[tokio::test]
async fn what_certainly_was_not_applied_is_sent_again() {
    let world = World::new();
    let commit = world.commit();
    world.server.faults().on(STATUS, When::First(1), What::too_many_requests(7));
    world.client().create_status(&commit, &success(), &world.permit()).await.unwrap();
    assert_eq!(world.twin.statuses(REPOSITORY, commit.as_str()).len(), 1);
    assert!(world.clock.slept()[0].as_secs() >= 7);
    let once = world.client().once();
    world.server.faults().on(STATUS, When::First(1), What::too_many_requests(7));
    let error = once.create_status(&commit, &success(), &world.permit()).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Refused);
}
