//! What goes wrong, how often it is tried again, and what errors show.

use action::{Ending, Failure};
use github::{NewStatus, State};
use http::{Error, Outcome};
use rehearsal::fault::{Answer, Garble, What, When};
use rehearsal::twins::github::{Level, TOKEN, Token};

use crate::world::{REPOSITORY, World};

const COMMIT: &str = "GET /repos/acme/api/commits/{sha}";

#[tokio::test]
async fn reads_are_repeated_after_every_passing_fault_unless_told_otherwise() {
    let world = World::new();
    let commit = world.commit();
    let faults = [
        What::Refuse,
        What::Reset,
        What::status(502),
        What::too_many_requests(7),
        What::CutBody,
        What::Garble(Garble::Html),
        What::Garble(Garble::Truncated),
        What::Garble(Garble::WrongTypes),
    ];
    for what in faults {
        let name = format!("{what:?}");
        let rule = world.server.faults().on(COMMIT, When::First(1), what.clone());
        assert!(world.client().commit(&commit).await.unwrap().is_some(), "{name}");
        rule.cancel();
        world.server.faults().on(COMMIT, When::First(1), what);
        let error = world.client().once().commit(&commit).await.unwrap_err();
        assert!(error.is_passing(), "{name}: {error}");
    }
}

#[tokio::test]
async fn a_missing_right_and_a_bad_token_are_told_and_not_repeated() {
    let world = World::new();
    let commit = world.commit();
    world.twin.add_token("ghs_weak", Token::of_a_job(&[("statuses", Level::Write)]));
    for (token, status, told) in
        [("ghs_weak", 403, "Resource not accessible by integration"), ("ghs_none", 401, "Bad credentials")]
    {
        world.server.journal().clear();
        let error = world.client_with(token).commit(&commit).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert!(error.to_string().contains(told), "{error}");
        assert_eq!(world.server.journal().entries().len(), 1);
        assert_eq!(Failure::from(error).ending(), Ending::Denied);
    }
}

#[tokio::test]
async fn a_used_up_limit_is_no_missing_right() {
    let world = World::new();
    let commit = world.commit();
    world.twin.set_rate_limit(0);
    let error = world.client().commit(&commit).await.unwrap_err();
    assert_eq!(error.status(), Some(403), "an hour is more than the budget: {error}");
    assert_eq!(Failure::from(error).ending(), Ending::Unreachable);
    world.twin.set_rate_limit(1_000);
    let words = r#"{"message":"You have exceeded a secondary rate limit."}"#;
    let limited = What::Answer(Answer::json(403, words.to_owned()));
    world.server.faults().on(COMMIT, When::First(1), limited);
    assert!(world.client().commit(&commit).await.unwrap().is_some());
    assert!(world.clock.slept().iter().any(|pause| pause.as_secs() >= 60), "{:?}", world.clock.slept());
}

#[tokio::test]
async fn redirects_are_not_followed_and_bodies_are_bounded() {
    let world = World::new();
    let commit = world.commit();
    let away = Answer::text(301, String::new()).header("location", "https://evil.example.com/");
    world.server.faults().on(COMMIT, When::First(1), What::Answer(away));
    let error = world.client().commit(&commit).await.unwrap_err();
    assert!(error.to_string().contains("a redirect to https://evil.example.com/ is not followed"), "{error}");
    world.server.faults().on(COMMIT, When::Always, What::Garble(Garble::Huge));
    let error = world.client().once().commit(&commit).await.unwrap_err();
    assert!(
        matches!(&error, Error::Undocumented { problem, .. } if problem.contains("more than")),
        "{error}"
    );
}

#[tokio::test]
async fn an_answer_that_throws_the_token_back_does_not_show_it() {
    let world = World::new();
    let commit = world.commit();
    let bodies = [format!(r#"{{"message":"no {TOKEN}"}}"#), format!("<html>{TOKEN}")];
    for body in bodies {
        world.server.faults().on(COMMIT, When::First(1), What::Answer(Answer::json(400, body)));
        let error = world.client().once().commit(&commit).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains(TOKEN), "{error}");
    }
    let body = Answer::json(200, format!(r#"{{"sha":"{TOKEN}","parents":"{TOKEN}"}}"#));
    world.server.faults().on(COMMIT, When::First(1), What::Answer(body));
    let error = world.client().once().commit(&commit).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(TOKEN), "{error}");
    assert!(!format!("{:?}", world.client()).contains(TOKEN));
}

#[tokio::test]
async fn what_github_says_about_a_field_is_told() {
    let world = World::new();
    let commit = world.commit();
    for _ in 0..1_000 {
        world.twin.add_status(REPOSITORY, commit.as_str(), ("pending", "gate"), "octocat").unwrap();
    }
    let status =
        NewStatus { state: State::Success, context: "gate".into(), description: None, target_url: None };
    let error = world.client().create_status(&commit, &status, &world.permit()).await.unwrap_err();
    assert_eq!((error.status(), error.outcome()), (Some(422), Outcome::Refused));
    assert!(error.to_string().contains("maximum number of statuses"), "{error}");
}
