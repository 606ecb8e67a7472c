//! A match is a match; everything else is "not yet", and says what was seen.

use std::time::Duration;

use action::{Done, Ending};
use rehearsal::fault::{Garble, What, When};
use rehearsal::origins::{App, Oddity};

use crate::world::{COMMIT, SCHEMA, World, run};

const OTHER: &str = "0123456789abcdef0123456789abcdef01234567";

#[tokio::test]
async fn what_is_wanted_is_seen_twice_in_a_row() {
    let world = World::new();
    let run = run(world.look()).await;
    assert_eq!(run.ending, Ending::Done(Done::Success), "{}", run.stderr);
    assert_eq!((run.output("commit-sha"), run.output("generation")), (COMMIT, "42"));
    assert_eq!((run.output("schema-version"), run.output("attempts")), (SCHEMA, "2"));
    assert!(!run.output("deployed-at").is_empty());
    assert!(
        run.summary.contains(&format!(
            "| <code>commit\\_sha</code> | <code>{COMMIT}</code> | <code>{COMMIT}</code> |"
        )),
        "{}",
        run.summary
    );
    assert_eq!(
        world.slept(),
        Duration::from_millis(1_900),
        "a second before the first look, less before the next"
    );
}

#[tokio::test]
async fn anything_else_is_shown_and_waited_for_until_the_deadline() {
    let oddities = [
        (Oddity::Html, "no JSON but text/html"),
        (Oddity::NotJson, "no JSON but application/json"),
        (Oddity::Status(404), "status 404"),
        (Oddity::Status(500), "status 500"),
        (
            Oddity::Commit(OTHER.to_owned()),
            "commit_sha: wanted \"3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90\", saw \"0123456789abcdef0123456789abcdef01234567\"",
        ),
        (Oddity::GenerationAsText, "generation: wanted 42, saw \"42\""),
        (
            Oddity::Without("schema_version".to_owned()),
            "schema_version: wanted \"20260422170300_core_event_handled\", the field is missing",
        ),
        (
            Oddity::Redirect("http://elsewhere.localhost/version".to_owned()),
            "status 302, to http://elsewhere.localhost/version",
        ),
        (Oddity::Huge(200_000), "more than 65536 bytes"),
    ];
    for (oddity, told) in oddities {
        let world = World::new().app(App::default().odd(oddity.clone()));
        let run = run(world.look()).await;
        assert_eq!(run.ending, Ending::TimedOut, "{oddity:?}");
        assert_eq!(run.output("result"), "timed-out");
        assert!(run.error().contains(told), "{oddity:?}: {}", run.error());
        assert!(run.error().contains("hint: this only looked and changed nothing"), "{}", run.error());
        assert_eq!(world.slept(), Duration::from_secs(120), "{oddity:?}");
    }
}

#[tokio::test]
async fn another_content_type_does_not_matter() {
    let world = World::new().app(App::default().odd(Oddity::ContentType("text/plain".to_owned())));
    assert_eq!(run(world.look()).await.ending, Ending::Done(Done::Success));
}

#[tokio::test]
async fn while_instances_roll_one_match_is_not_enough() {
    let world = World::new();
    world.render.push(&world.service, OTHER).unwrap();
    let _ = world.render.trigger(&world.service, rehearsal::twins::render::Trigger::Manual, OTHER).unwrap();
    world.origins.bake(OTHER, rehearsal::origins::Build::of(OTHER).schema_version(SCHEMA));
    let world = world.app(App::default().boot(Duration::from_secs(30)));
    let run = run(world.look_for(OTHER).with("consecutive", "3")).await;
    assert_eq!(run.ending, Ending::Done(Done::Success), "{run:?}");
    assert!(world.slept() > Duration::from_secs(30), "old and new took turns for half a minute");
}

#[tokio::test]
async fn passing_faults_are_counted_and_ridden_out() {
    let world = World::new();
    let faults = world.origins.faults_of(&world.service).unwrap();
    let kinds = [
        What::Refuse,
        What::Reset,
        What::status(502),
        What::CutBody,
        What::Garble(Garble::Truncated),
        What::Garble(Garble::Huge),
    ];
    for (number, what) in (1..).zip(kinds) {
        faults.on("GET /version", When::Nth(number), what);
    }
    let run = run(world.look()).await;
    assert_eq!(run.ending, Ending::Done(Done::Success), "{}", run.stderr);
    assert_eq!(run.output("attempts"), "8", "six faults, two matches");
    assert_eq!(faults.unfired(), Vec::<String>::new());
}

#[tokio::test]
async fn a_hostile_answer_prints_no_command() {
    let hostile = "\r\n::set-output name=result::success\n##[error]x\u{1b}[2J".to_owned();
    let world = World::new().app(App::default().odd(Oddity::Commit(hostile)));
    let run = run(world.look()).await;
    assert_eq!(run.ending, Ending::TimedOut);
    for line in run.stderr.split(['\n', '\r']) {
        let command =
            line.trim_start().starts_with("::") && !line.starts_with("::error title=version-poll::");
        assert!(!command && !line.contains("##["), "{line}");
    }
    assert_eq!(run.output("result"), "timed-out");
}
