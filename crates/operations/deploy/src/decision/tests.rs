//! Each rule by an example.

use super::*;
use crate::history::tests::deploy;
use crate::mark::Newest;
use crate::mark::tests::intent;

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/// Wants commit A with variables.
fn decided(mark: Option<Mark>, deploys: &[Deploy]) -> Decision {
    decide_for(&Target::Commit(A.into()), true, false, mark, deploys)
}

fn decide_for(
    target: &Target,
    has_variables: bool,
    force: bool,
    mark: Option<Mark>,
    deploys: &[Deploy],
) -> Decision {
    let intent = intent('1');
    let wanted = Wanted { target, has_variables, intent: &intent, force };
    decide(&wanted, &Stored { differs: false, mark }, &History::new(deploys.to_vec()))
}

fn asked(digit: char, after: u64) -> Option<Mark> {
    let after = Newest::Deploy(format!("dep-{after}").parse().unwrap());
    Some(Mark::Asked { intent: intent(digit), after })
}

fn by(trigger: Trigger, deploy: Deploy) -> Deploy {
    Deploy { trigger: Some(trigger), ..deploy }
}

#[test]
fn the_live_commit_is_unchanged_unless_forced() {
    let live = deploy(1, &A.to_uppercase(), Status::Live);
    assert_eq!(decided(None, std::slice::from_ref(&live)), Decision::Unchanged(live.clone()));
    let target = Target::Commit(A.into());
    assert_eq!(decide_for(&target, true, true, None, &[live]), Decision::Begin(Reason::Forced));
    assert_eq!(decided(None, &[deploy(1, B, Status::Live)]), Decision::Begin(Reason::NotLive));
    assert_eq!(decided(None, &[]), Decision::Begin(Reason::NotLive));
}

#[test]
fn a_variable_that_differs_always_begins() {
    let intent = intent('1');
    let target = Target::Commit(A.into());
    let wanted = Wanted { target: &target, has_variables: true, intent: &intent, force: false };
    let stored = Stored { differs: true, mark: asked('1', 0) };
    let history = History::new(vec![deploy(1, A, Status::BuildInProgress)]);
    assert_eq!(decide(&wanted, &stored, &history), Decision::Begin(Reason::Variables));
}

#[test]
fn a_deploy_of_this_commit_under_way_is_attached_to() {
    for status in
        ["created", "queued", "build_in_progress", "pre_deploy_in_progress", "update_in_progress", "new"]
    {
        let mine = deploy(2, A, status.to_owned().into());
        assert_eq!(decided(None, &[mine.clone(), deploy(1, A, Status::Live)]), Decision::Attach(mine));
    }
    for status in ["deactivated", "build_failed", "pre_deploy_failed", "update_failed", "canceled"] {
        let ended = deploy(2, A, status.to_owned().into());
        assert_eq!(decided(None, &[ended]), Decision::Begin(Reason::NotLive));
    }
    let (older, newer) = (deploy(2, A, Status::BuildInProgress), deploy(3, A, Status::Queued));
    assert_eq!(decided(None, &[older, newer.clone()]), Decision::Attach(newer));
}

#[test]
fn what_is_live_is_not_final_while_something_else_is_on_its_way() {
    let deploys = [deploy(1, A, Status::Live), deploy(2, B, Status::Queued)];
    assert_eq!(decided(None, &deploys), Decision::Begin(Reason::Overtaken));
    let deploys = [deploy(1, A, Status::BuildInProgress), deploy(2, B, Status::Queued)];
    assert_eq!(decided(None, &deploys), Decision::Begin(Reason::Overtaken));
}

#[test]
fn a_rollback_carries_older_variables() {
    let live = by(Trigger::Rollback, deploy(2, A, Status::Live));
    assert_eq!(decided(None, std::slice::from_ref(&live)), Decision::Begin(Reason::Rollback));
    let target = Target::Commit(A.into());
    let without = decide_for(&target, false, false, None, std::slice::from_ref(&live));
    assert_eq!(without, Decision::Unchanged(live));
    let coming = by(Trigger::Rollback, deploy(2, A, Status::UpdateInProgress));
    assert_eq!(decided(None, &[coming]), Decision::Begin(Reason::Overtaken));
}

#[test]
fn under_a_mark_only_newer_deploys_of_the_api_count() {
    let writing = Some(Mark::Writing(intent('1')));
    for (mark, deploy, decision) in [
        (writing.clone(), deploy(2, A, Status::Live), Decision::Begin(Reason::Mark)),
        (writing, deploy(2, A, Status::BuildInProgress), Decision::Begin(Reason::Mark)),
        (asked('9', 2), deploy(2, A, Status::Live), Decision::Begin(Reason::Mark)),
        (asked('9', 2), deploy(2, A, Status::BuildInProgress), Decision::Begin(Reason::Mark)),
        (asked('1', 1), by(Trigger::Manual, deploy(2, A, Status::Live)), Decision::Search),
        (Some(Mark::Unknown("x".into())), deploy(2, A, Status::Live), Decision::Begin(Reason::Mark)),
    ] {
        assert_eq!(decided(mark, &[deploy, super::tests::deploy(1, B, Status::Deactivated)]), decision);
    }
    let (live, coming) = (deploy(2, A, Status::Live), deploy(2, A, Status::BuildInProgress));
    let before = deploy(1, B, Status::Deactivated);
    for digit in ['1', '9'] {
        assert_eq!(decided(asked(digit, 1), &[live.clone(), before.clone()]), Decision::Finish(live.clone()));
        assert_eq!(
            decided(asked(digit, 1), &[coming.clone(), before.clone()]),
            Decision::Attach(coming.clone())
        );
    }
}

#[test]
fn a_deploy_that_may_have_been_asked_for_is_looked_for_once() {
    let before = deploy(1, B, Status::Live);
    assert_eq!(decided(asked('1', 1), std::slice::from_ref(&before)), Decision::Search);
    assert_eq!(decided(asked('9', 1), std::slice::from_ref(&before)), Decision::Begin(Reason::Mark));
    // It was asked for, and failed: a new run tries again.
    let failed = deploy(2, A, Status::BuildFailed);
    assert_eq!(decided(asked('1', 1), &[failed, before]), Decision::Begin(Reason::Mark));
}

#[test]
fn what_moves_is_deployed_again() {
    let live = deploy(2, A, Status::Live);
    let head = |mark, deploy: &Deploy| {
        decide_for(
            &Target::Head,
            true,
            false,
            mark,
            &[deploy.clone(), super::tests::deploy(1, B, Status::Deactivated)],
        )
    };
    assert_eq!(head(None, &live), Decision::Begin(Reason::Moving));
    assert_eq!(head(None, &deploy(2, A, Status::BuildInProgress)), Decision::Begin(Reason::Moving));
    assert_eq!(head(asked('9', 1), &live), Decision::Begin(Reason::Mark));
    assert_eq!(head(asked('1', 1), &live), Decision::Finish(live));
}

#[test]
fn the_begun_deploy_is_the_newest_of_this_target_through_the_api() {
    let target = Target::Commit(A.into());
    let fresh = [
        by(Trigger::Manual, deploy(5, A, Status::Queued)),
        deploy(4, A, Status::Queued),
        deploy(3, A, Status::Queued),
        deploy(2, B, Status::Queued),
    ];
    assert_eq!(begun(&target, &fresh).unwrap().id.as_str(), "dep-4");
    assert_eq!(begun(&target, &fresh[3..]), None);
}

#[test]
fn the_successor_is_what_serves_or_will() {
    let mine = deploy(1, A, Status::Canceled);
    let of = |deploys: &[Deploy]| {
        let history = History::new([deploys, std::slice::from_ref(&mine)].concat());
        successor(&history, &mine).map(|deploy| deploy.id.to_string())
    };
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[deploy(0, B, Status::Live)]), None);
    let (live, coming, canceled) =
        (deploy(2, B, Status::Live), deploy(3, B, Status::Queued), deploy(4, B, Status::Canceled));
    assert_eq!(of(&[live, coming.clone(), canceled.clone()]).as_deref(), Some("dep-2"));
    assert_eq!(of(&[coming, canceled.clone()]).as_deref(), Some("dep-3"));
    assert_eq!(of(&[canceled]).as_deref(), Some("dep-4"));
}
