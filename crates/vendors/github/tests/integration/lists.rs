//! Statuses, page after page.

use github::State;
use http::Error;
use rehearsal::fault::{Answer, What, When};
use rehearsal::twins::github::ACTIONS;

use crate::world::{REPOSITORY, World};

#[tokio::test]
async fn the_newest_of_a_context_counts_and_pages_behind_it_are_not_read() {
    let world = World::new();
    let client = world.client();
    let commit = world.commit();
    let add = |state: &str, context: &str| {
        world.twin.add_status(REPOSITORY, commit.as_str(), (state, context), ACTIONS).unwrap();
    };
    assert_eq!(client.newest_status(&commit, "gate").await.unwrap(), None);
    add("pending", "gate");
    add("success", "Gate");
    for number in 0..250 {
        add("failure", &format!("noise {number}"));
    }
    let newest = client.newest_status(&commit, "GATE").await.unwrap().unwrap();
    assert_eq!((newest.state, newest.context.as_str()), (State::Success, "Gate"));
    assert_eq!(client.statuses(&commit).await.unwrap().len(), 252);

    world.server.journal().clear();
    add("error", "gate");
    let newest = client.newest_status(&commit, "gate").await.unwrap().unwrap();
    assert_eq!((newest.creator(), &newest.state), (ACTIONS, &State::Error));
    assert_eq!(world.server.journal().entries().len(), 1);
}

#[tokio::test]
async fn a_link_to_another_host_is_not_followed() {
    let world = World::new();
    let commit = world.commit();
    let body = Answer::json(200, "[]".to_owned())
        .header("link", "<https://evil.example.com/repos/acme/api?page=2>; rel=\"next\"");
    world.server.faults().on("GET /repos/acme/api/commits/{sha}/statuses", When::Always, What::Answer(body));
    let error = world.client().statuses(&commit).await.unwrap_err();
    assert!(matches!(&error, Error::Invalid(text) if text.contains("evil.example.com")), "{error}");
}

#[tokio::test]
async fn a_list_that_links_to_itself_ends() {
    let world = World::new();
    let commit = world.commit();
    let path = format!("/repos/acme/api/commits/{commit}/statuses");
    let link = format!("<{}{path}>; rel=\"next\"", world.server.base_url());
    let body = Answer::json(200, "[]".to_owned()).header("link", &link);
    world.server.faults().on("GET /repos/acme/api/commits/{sha}/statuses", When::Always, What::Answer(body));
    let error = world.client().statuses(&commit).await.unwrap_err();
    assert!(error.to_string().contains("does not end after 100 pages"), "{error}");
}
