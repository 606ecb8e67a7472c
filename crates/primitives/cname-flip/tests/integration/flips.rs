//! Flips that go well, checks, dry runs.

use std::time::Duration;

use action::Clock as _;
use rehearsal::twins::cloudflare::Plan;
use serde_json::json;

use crate::world::{API, APP, BATCH, DAY, World, ZONE};

#[tokio::test]
async fn both_names_move_in_one_batch_and_say_how_to_go_back() {
    let world = World::new();
    let since = humantime::format_rfc3339_seconds(world.clock.wall() - DAY);
    let services = format!("{} {}\n{} {}", world.green(), world.green, world.blue(), world.blue);
    let run = world.flip().with("render-services", services).run().await;
    run.assert("success");
    assert_eq!(run.output("changed"), "true");
    assert_eq!(world.targets(), [world.green(), world.green()]);

    let writes = world.writes();
    assert_eq!(writes.len(), 1, "{writes:?}");
    let body = writes[0].json();
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["patches"]);
    let comment = format!("{API} of the web team [greenroom ttl60 since {since}]");
    assert_eq!(
        body["patches"][0],
        json!({"id": world.record(API).id, "content": world.green(), "comment": comment}),
        "the TTL is 60 already"
    );
    assert_eq!(world.record(API).comment.unwrap(), comment);

    let blue = world.blue();
    assert_eq!(
        run.output("previous"),
        format!(
            "{API} {blue} ttl=60 comment=\"{API} of the web team\"\n{APP} {blue} ttl=60 comment=\"{APP} of the web team\""
        )
    );
    let mut summary = run.summary.replace(&world.zone, "ZONE");
    let server = world.dns.address().to_string();
    for (own, word) in [(&server, "SERVER"), (&world.green, "srv-green"), (&world.blue, "srv-blue")] {
        summary = summary.replace(own, word);
    }
    insta::assert_snapshot!(summary, @r#"
    ### Public names

    | Host | From | To | TTL | Proxied | Probe | DNS |
    | --- | --- | --- | --- | --- | --- | --- |
    | <code>api.example.localhost</code> | api-blue.onrender.localhost | api-green.onrender.localhost | 60 s | no | 200 | shows the target |
    | <code>app.example.localhost</code> | api-blue.onrender.localhost | api-green.onrender.localhost | 60 s | no | 200 | shows the target |

    The way back:

    ```text
    cname-flip --mode restore --zone-id $'ZONE' --previous $'api.example.localhost api-blue.onrender.localhost ttl=60 comment="api.example.localhost of the web team"\napp.example.localhost api-blue.onrender.localhost ttl=60 comment="app.example.localhost of the web team"' --nameserver=$'SERVER' --render-services=$'api-green.onrender.localhost srv-green\napi-blue.onrender.localhost srv-blue'
    ```
    "#);
}

#[tokio::test]
async fn a_second_run_changes_nothing_and_still_verifies() {
    let world = World::new();
    world.flip().run().await.assert("success");
    world.api.journal().clear();
    let asked = world.dns.journal().queries().len();
    let run = world.flip().run().await;
    run.assert("unchanged");
    assert_eq!(run.output("changed"), "false");
    assert_eq!(world.writes().len(), 0);
    assert!(world.dns.journal().queries().len() > asked, "the servers were asked again");
    let blue = world.blue();
    assert_eq!(
        run.output("previous"),
        format!("{API} {blue}\n{APP} {blue}"),
        "it can be undone like the first"
    );
}

#[tokio::test]
async fn a_half_flipped_group_is_completed() {
    let world = World::new();
    world.edit(API, json!({"content": world.green()}));
    let run = world.flip().run().await;
    run.assert("success");
    assert_eq!(world.targets(), [world.green(), world.green()]);
    let patches = world.writes()[0].json()["patches"].clone();
    assert_eq!(patches.as_array().unwrap().len(), 1);
    assert_eq!(patches[0]["id"], world.record(APP).id);
}

#[tokio::test]
async fn spelling_makes_no_difference() {
    let world = World::new();
    let name = format!("xn--bcher-kva.{ZONE}");
    for service in [&world.blue, &world.green] {
        world.render.attach(service, &name, true).unwrap();
    }
    world.add(json!({"type": "CNAME", "name": name, "content": world.blue(), "ttl": 60}));
    world.clock.advance(Duration::from_secs(3 * 3600));
    let records =
        format!("BÜCHER.{ZONE}. {}.\r\n  API.{ZONE}\t{}", world.green().to_uppercase(), world.green());
    let expect = format!("bücher.{ZONE} {}.", world.blue());
    let run = world.invoke().with("records", records).with("expect", expect).run().await;
    run.assert("success");
    assert_eq!(world.record(&name).content, world.green());
    assert_eq!(world.targets(), [world.green(), world.blue()]);
}

#[tokio::test]
async fn a_wildcard_is_asked_by_a_name_below_it() {
    let world = World::new();
    let wildcard = format!("*.apps.{ZONE}");
    world.render.attach(&world.green, &wildcard, true).unwrap();
    world.add(json!({"type": "CNAME", "name": wildcard, "content": world.blue(), "ttl": 60}));
    world.clock.advance(Duration::from_secs(3 * 3600));
    let services = format!("{} {}", world.green(), world.green);
    let run = world
        .invoke()
        .with("records", format!("{wildcard} {}", world.green()))
        .with("render-services", services)
        .run()
        .await;
    run.assert("success");
    assert_eq!(world.record(&wildcard).content, world.green());
    let asked = world.origins.journal_of(&world.green).unwrap().entries();
    assert_eq!(asked[0].headers["host"], format!("greenroom-probe.apps.{ZONE}").as_str());
}

#[tokio::test]
async fn a_proxied_name_moves_without_ttl_marker_and_dns() {
    let world = World::new();
    world.edit(API, json!({"proxied": true}));
    let run = world.invoke().with("records", format!("{API} {}", world.green())).run().await;
    run.assert("success");
    let patch = &world.writes()[0].json()["patches"][0];
    assert_eq!(*patch, json!({"id": world.record(API).id, "content": world.green()}));
    assert!(run.stderr.contains("is proxied: Cloudflare answers for it"), "{}", run.stderr);
    assert!(run.summary.contains("proxied: shows no target"), "{}", run.summary);
    assert!(world.record(API).proxied);
    assert_eq!(world.dns.journal().queries().len(), 0, "nobody was asked in vain");
}

#[tokio::test]
async fn a_dry_run_checks_everything_and_sends_nothing() {
    let world = World::new();
    let run = world.flip().with("dry-run", "true").run().await;
    run.assert("planned");
    assert_eq!(world.writes().len(), 0);
    assert_eq!(world.targets(), [world.blue(), world.blue()]);
    assert_eq!(run.output("changed"), "false");
    assert!(run.summary.contains("nothing was changed") && run.summary.contains(API), "{}", run.summary);
    assert!(!world.origins.journal_of(&world.green).unwrap().entries().is_empty(), "the target was asked");
    world.render.detach(&world.green, APP).unwrap();
    world.flip().with("dry-run", "true").run().await.assert("refused");
}

#[tokio::test]
async fn a_check_verifies_what_a_flip_would_and_changes_nothing() {
    let world = World::new();
    let run = world.flip().with("mode", "check").run().await;
    run.assert("success");
    assert_eq!((world.writes().len(), run.output("changed")), (0, "false"));
    assert!(run.output("previous").starts_with(&format!("{API} {} ttl=60", world.blue())));
    assert!(!world.origins.journal_of(&world.green).unwrap().entries().is_empty());

    world.dns.faults().on(APP, rehearsal::fault::When::Always, dns_fault());
    world.flip().with("mode", "check").run().await.assert("refused");
    world.dns.faults().clear();
    world.flip().run().await.assert("success");
    world.api.journal().clear();
    world.flip().with("mode", "check").run().await.assert("unchanged");
    assert_eq!(world.writes().len(), 0);
}

fn dns_fault() -> rehearsal::dns::Fault {
    rehearsal::dns::Fault::ServFail
}

#[tokio::test]
async fn a_ttl_is_lowered_hours_ahead_by_naming_the_present_target() {
    let world = World::new();
    world.edit(API, json!({"ttl": 1}));
    let run = world.invoke().with("records", format!("{API} {}", world.blue())).run().await;
    run.assert("success");
    assert_eq!((world.record(API).ttl, world.record(API).content), (60, world.blue()));
    let flip = || world.invoke().with("records", format!("{API} {}", world.green())).run();
    world.clock.advance(Duration::from_secs(3600));
    flip().await.assert("refused");
    world.clock.advance(Duration::from_secs(3600));
    flip().await.assert("success");
}

#[tokio::test]
async fn the_marker_lets_the_next_flip_pass_and_a_full_comment_does_not() {
    let world = World::new();
    world.flip().run().await.assert("success");
    let back = world.invoke().with("records", world.both(&world.blue())).run().await;
    back.assert("success");
    assert_eq!(world.targets(), [world.blue(), world.blue()]);

    world.edit(API, json!({"comment": "x".repeat(90)}));
    world.clock.advance(Duration::from_secs(2 * 3600));
    let there = world.flip().run().await;
    there.assert("success");
    assert!(there.stderr.contains("::warning") && there.stderr.contains("has no room"), "{}", there.stderr);
    assert_eq!(world.record(API).comment.unwrap(), "x".repeat(90));
    let back = world.invoke().with("records", world.both(&world.blue())).run().await;
    back.assert("refused");
    assert!(
        back.error().contains(&format!("{API} is known to have a TTL of at most 60 s for 1s only")),
        "{}",
        back.error()
    );
}

#[tokio::test]
async fn another_ttl_is_set_and_the_age_rule_can_be_switched_off() {
    let world = World::of_plan(Plan::Enterprise);
    let run = world.flip().with("ttl", "30").run().await;
    run.assert("refused");
    assert!(run.error().contains("has a TTL of 60 s, not 30 s for 2h"), "{}", run.error());
    let run = world.flip().with("ttl", "30").with("min-ttl-age", "0s").run().await;
    run.assert("success");
    assert_eq!(world.record(API).ttl, 30);
    assert!(world.record(API).comment.unwrap().contains("[greenroom ttl30 since "));
}

#[tokio::test]
async fn two_hundred_names_fit_in_one_batch() {
    let world = World::of_plan(Plan::Free);
    let hosts: Vec<String> = (0..200).map(|n| format!("h{n}.{ZONE}")).collect();
    for host in &hosts {
        world.add(json!({"type": "CNAME", "name": host, "content": world.blue(), "ttl": 60}));
    }
    world.clock.advance(Duration::from_secs(3 * 3600));
    let records: String = hosts.iter().map(|host| format!("{host} {}\n", world.green())).collect();
    let run = world.invoke().with("records", records).with("probe", "off").run().await;
    run.assert("success");
    assert_eq!(world.api.journal().count(BATCH), 1);
    assert!(hosts.iter().all(|host| world.record(host).content == world.green()));
}
