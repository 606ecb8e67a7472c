//! Several addresses: all must match at the same look, and each is named.

use std::time::Duration;

use action::{Done, Ending};
use rehearsal::fault::{What, When};
use rehearsal::in_process::Invocation;
use rehearsal::origins::{App, Oddity};
use rehearsal::twins::render::NewService;

use crate::world::{COMMIT, World, run};

const OTHER: &str = "0123456789abcdef0123456789abcdef01234567";

/// A second service of the same commit, and a look at both.
fn beside(world: &World, separator: &str) -> (String, String, Invocation) {
    let new = NewService::web("api-second").variable("SPECTRAL_GENERATION", "42").live(COMMIT);
    let second = world.render.add_service(&new);
    let url = world.origins.url_of(&second).unwrap();
    let look = world.look().with("url", format!("{}{separator}{url}", world.url()));
    (second, url, look)
}

#[tokio::test]
async fn all_that_match_are_named() {
    for separator in [" ", "\n", " \r\n\n "] {
        let world = World::new();
        let (_, url, look) = beside(&world, separator);
        let run = run(look).await;
        assert_eq!(run.ending, Ending::Done(Done::Success), "{}", run.stderr);
        let lines = format!("{}/version {COMMIT}\n{url}/version {COMMIT}", world.url());
        assert_eq!((run.output("commit-sha"), run.output("attempts")), (lines.as_str(), "2"));
        assert_eq!(run.summary.matches("### Version at").count(), 2, "{}", run.summary);
    }
}

#[tokio::test]
async fn one_that_never_matches_keeps_all_waiting_until_the_one_deadline() {
    for odd_one in ["first", "second"] {
        let world = World::new();
        let (second, url, look) = beside(&world, " ");
        let (odd, url) =
            if odd_one == "first" { (world.service.clone(), world.url()) } else { (second, url) };
        world.origins.set_app(&odd, App::default().odd(Oddity::Commit(OTHER.to_owned())));
        let run = run(look).await;
        assert_eq!(run.ending, Ending::TimedOut, "{odd_one}: {}", run.stderr);
        let told = format!("{url}/version: commit_sha: wanted \"{COMMIT}\", saw \"{OTHER}\"");
        assert!(run.error().contains(&told), "{told}: {}", run.error());
        assert!(run.output("commit-sha").contains(&format!("{url}/version {OTHER}")));
        assert!(run.output("commit-sha").contains(&format!("/version {COMMIT}")));
        assert_eq!(world.slept(), Duration::from_secs(120), "{odd_one}");
    }
}

#[tokio::test]
async fn one_that_fails_once_makes_all_begin_again() {
    let world = World::new();
    let (second, _, look) = beside(&world, " ");
    let faults = world.origins.faults_of(&second).unwrap();
    faults.on("GET /version", When::Nth(2), What::status(502));
    let run = run(look).await;
    assert_eq!(run.ending, Ending::Done(Done::Success), "{}", run.stderr);
    assert_eq!(run.output("attempts"), "4", "one match, one fault, two matches");
    assert_eq!(faults.unfired(), Vec::<String>::new());
}
