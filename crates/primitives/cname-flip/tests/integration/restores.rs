//! The way back: the output `previous` and `mode: restore`.

use std::time::Duration;

use rehearsal::dns::Fault;
use rehearsal::fault::When;
use rehearsal::twins::cloudflare::Record;
use serde_json::json;

use rehearsal::in_process::Run;

use crate::world::{API, APP, World};

/// Everything of a record that a person can set.
fn set(record: &Record) -> (String, u32, bool, Option<String>) {
    (record.content.clone(), record.ttl, record.proxied, record.comment.clone())
}

async fn restore(world: &World, previous: &str) -> Run {
    world.invoke().with("mode", "restore").with("previous", previous).run().await
}

#[tokio::test]
async fn what_a_flip_changed_comes_back_exactly() {
    let world = World::new();
    world.edit(API, json!({"ttl": 300, "comment": "it's \"quoted\" \\ and é, 100 %"}));
    world.edit(APP, json!({"proxied": true, "comment": ""}));
    let before = [API, APP].map(|host| set(&world.record(host)));
    let flip = world.flip().with("min-ttl-age", "0s").run().await;
    flip.assert("success");
    assert_ne!([API, APP].map(|host| set(&world.record(host))), before);
    let run = restore(&world, flip.output("previous")).await;
    run.assert("success");
    assert_eq!([API, APP].map(|host| set(&world.record(host))), before);
    assert_eq!(world.writes().len(), 2, "one batch there, one back");
    restore(&world, flip.output("previous")).await.assert("unchanged");

    let again = restore(&world, run.output("previous")).await;
    again.assert("success");
    assert_eq!(world.targets(), [world.green(), world.green()], "a restore can be undone too");
}

#[tokio::test]
async fn a_restore_never_refuses_for_the_age_of_a_ttl() {
    let world = World::new();
    world.edit(API, json!({"content": world.green(), "ttl": 300}));
    let run = restore(&world, &format!("{API} {}", world.blue())).await;
    run.assert("success");
    assert_eq!((world.record(API).content, world.record(API).ttl), (world.blue(), 300));
    assert!(run.stderr.contains("::warning title=cname-flip::"), "{}", run.stderr);
    assert!(run.stderr.contains("restoring all the same"), "{}", run.stderr);
}

#[tokio::test]
async fn a_restore_keeps_to_the_other_rules() {
    let world = World::new();
    let flip = world.flip().run().await;
    let previous = flip.output("previous");
    let expecting = |target: &str| {
        let expect = world.both(target);
        world.invoke().with("mode", "restore").with("previous", previous).with("expect", expect)
    };
    expecting("x.localhost").run().await.assert("stale");
    assert_eq!(world.targets(), [world.green(), world.green()]);
    expecting(&world.green()).run().await.assert("success");
    assert_eq!(world.targets(), [world.blue(), world.blue()]);
}

#[tokio::test]
async fn nothing_that_is_asked_before_stops_a_restore() {
    let world = World::new();
    let flip = world.flip().run().await;
    world.render.detach(&world.blue, APP).unwrap();
    world.dns.faults().on(API, When::First(10), Fault::ServFail);
    let run = world
        .invoke()
        .with("mode", "restore")
        .with("previous", flip.output("previous"))
        .with("render-services", format!("{} {}", world.blue(), world.blue))
        .run()
        .await;
    run.assert("success");
    assert_eq!(world.targets(), [world.blue(), world.blue()]);
    for told in ["is not attached to", "answers 404", "could not be verified afterwards"] {
        assert!(run.stderr.contains(told) && run.summary.contains(told), "{told}: {}", run.summary);
    }
}

#[tokio::test]
async fn a_restore_to_a_target_without_its_service_says_so_and_goes_on() {
    let world = World::new();
    let services = format!("{} {}", world.green(), world.green);
    let flip = world.flip().with("render-services", services).run().await;
    flip.assert("success");
    let told = format!("no line of `render-services` names {}", world.blue());
    assert!(!flip.stderr.contains("no line of"), "{}", flip.stderr);
    let run = world.paste(words(command(&flip.summary))).run().await;
    run.assert("success");
    assert_eq!(world.targets(), [world.blue(), world.blue()]);
    assert!(
        run.stderr.contains("::warning title=cname-flip::") && run.stderr.contains(&told),
        "{}",
        run.stderr
    );
}

#[tokio::test]
async fn a_restore_that_cannot_be_verified_stays() {
    let world = World::new();
    let flip = world.flip().run().await;
    world.api.journal().clear();
    world.dns.faults().on(API, When::Always, Fault::Stale);
    let run = restore(&world, flip.output("previous")).await;
    run.assert("failed");
    assert_eq!(world.targets(), [world.blue(), world.blue()]);
    assert_eq!((world.writes().len(), run.output("changed")), (1, "true"));
    let error = run.error();
    assert!(
        error.starts_with("the restore was accepted and is left as it is, but the name servers"),
        "{error}"
    );
    assert!(error.contains(&world.dns.address().to_string()), "{error}");
}

#[tokio::test]
async fn after_a_restore_the_next_flip_passes_at_once() {
    let world = World::new();
    let flip = world.flip().run().await;
    flip.assert("success");
    assert!(flip.output("previous").ends_with("of the web team\""), "{}", flip.output("previous"));
    world.paste(words(command(&flip.summary))).run().await.assert("success");
    let comment = world.record(API).comment.unwrap();
    assert!(comment.contains(" of the web team [greenroom ttl60 since "), "{comment}");
    restore(&world, flip.output("previous")).await.assert("unchanged");
    world.clock.advance(Duration::from_secs(60));
    world.flip().run().await.assert("success");
}

#[tokio::test]
async fn after_a_restore_to_a_long_ttl_the_next_flip_is_told_what_it_needs() {
    let world = World::new();
    world.edit(API, json!({"ttl": 300}));
    let flip = world.flip().with("min-ttl-age", "0s").run().await;
    let run = restore(&world, flip.output("previous")).await;
    assert!(run.stderr.contains("will again not say since when its TTL is short"), "{}", run.stderr);
    let refused = world.flip().run().await;
    refused.assert("refused");
    assert!(refused.error().contains("`min-ttl-age: 0s`"), "{}", refused.error());
    world.flip().with("min-ttl-age", "0s").run().await.assert("success");
}

#[tokio::test]
async fn a_bare_line_keeps_the_marker_so_the_next_flip_passes() {
    let world = World::new();
    world.flip().run().await.assert("success");
    restore(&world, &world.both(&world.blue())).await.assert("success");
    assert_eq!(world.targets(), [world.blue(), world.blue()]);
    world.clock.advance(Duration::from_secs(60));
    world.flip().run().await.assert("success");
}

#[tokio::test]
async fn a_dry_restore_shows_everything_that_would_change() {
    let world = World::new();
    let flip = world.flip().run().await;
    world.api.journal().clear();
    let run = world
        .invoke()
        .with("mode", "restore")
        .with("previous", flip.output("previous").replace("of the web team", "of nobody"))
        .with("dry-run", "true")
        .run()
        .await;
    run.assert("planned");
    assert_eq!(world.writes().len(), 0);
    assert!(run.summary.contains("comment") && run.summary.contains("greenroom ttl60"), "{}", run.summary);
}

#[tokio::test]
async fn the_printed_way_back_works_as_it_stands() {
    let world = World::new();
    let usual = world.flip().run().await;
    usual.assert("success");
    assert!(command(&usual.summary).ends_with(&format!(" --nameserver=$'{}'", world.dns.address())));

    let world = World::new();
    let services = format!("{} {}\n{} {}", world.green(), world.green, world.blue(), world.blue);
    let run = world
        .flip()
        .with("probe", "/health?it's=deep")
        .with("verify-dns", "1m 30s")
        .with("render-services", services)
        .with("ttl", "120")
        .with("read-back", "45s")
        .run()
        .await;
    run.assert("success");
    let printed = words(command(&run.summary));
    for flag in ["--probe=/health?it's=deep", "--verify-dns=1m 30s", "--ttl=120", "--read-back=45s"] {
        assert!(printed.iter().any(|word| word == flag), "{flag} is not in {printed:?}");
    }
    let services = printed.iter().find(|word| word.starts_with("--render-services=")).unwrap();
    assert_eq!(services.lines().count(), 2, "{services}");
    world.paste(printed).run().await.assert("success");
    assert_eq!(world.targets(), [world.blue(), world.blue()]);

    let run =
        world.flip().with("probe", "off").with("verify-dns", "false").with("min-ttl-age", "0s").run().await;
    run.assert("success");
    let printed = words(command(&run.summary));
    assert!(printed.contains(&"--probe=off".to_owned()), "{printed:?}");
    assert!(printed.contains(&"--verify-dns=false".to_owned()), "{printed:?}");
    world.paste(printed).run().await.assert("success");
    assert_eq!(world.targets(), [world.blue(), world.blue()]);
}

/// The line of a summary that undoes the run.
fn command(summary: &str) -> &str {
    summary.lines().find(|line| line.starts_with("cname-flip --mode restore ")).unwrap()
}

/// The words after the program's name, as bash reads them.
fn words(command: &str) -> Vec<String> {
    let script = format!("cname-flip() {{ printf '%s\\0' \"$@\"; }}; {command}");
    let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.split_terminator('\0').map(str::to_owned).collect()
}
