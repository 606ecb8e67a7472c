//! Everything that ends a run before a name moves.

use std::time::Duration;

use rehearsal::dns::Fault;
use rehearsal::fault::{Answer, What, When};
use rehearsal::twins::cloudflare::Plan;
use serde_json::{Value, json};

use crate::world::{API, APP, BATCH, Invocation, KEY, OTHER_ZONE, RECORDS, World, ZONE};

/// Runs what must not move anything, and gives the error.
async fn refused(world: &World, invocation: Invocation<'_>, result: &str) -> String {
    let before: Vec<_> = world.cloudflare.records(&world.zone);
    let run = invocation.run().await;
    run.assert(result);
    assert_eq!(world.cloudflare.records(&world.zone), before, "nothing has changed");
    assert_eq!(world.api.journal().count(BATCH), 0, "and nothing was tried");
    run.error()
}

#[tokio::test]
async fn anything_but_one_cname() {
    let world = World::new();
    world.add(json!({"type": "A", "name": format!("a.{ZONE}"), "content": "192.0.2.1"}));
    world.add(json!({"type": "AAAA", "name": format!("a.{ZONE}"), "content": "2001:db8::1"}));
    for (host, told) in [
        ("a", "a.example.localhost is not one CNAME but A 192.0.2.1, AAAA 2001:db8::1"),
        ("none", "none.example.localhost has no record in the zone example.localhost"),
    ] {
        let records = format!("{API} {green}\n{host}.{ZONE} {green}", green = world.green());
        let error = refused(&world, world.invoke().with("records", records), "refused").await;
        assert!(error.contains(told) && error.contains("hint: no name has been moved"), "{error}");
    }

    // Cloudflare refuses a second CNAME of one name; other servers have shown them.
    let two: Vec<Value> = ["x.localhost", "y.localhost"]
        .map(|content| json!({"id": content, "name": API, "type": "CNAME", "content": content, "ttl": 60}))
        .into();
    let answer = json!({"success": true, "errors": [], "messages": [], "result": two});
    let rule = world.faults().on(RECORDS, When::Nth(1), What::Answer(Answer::json(200, answer.to_string())));
    let error = refused(&world, world.flip(), "refused").await;
    assert!(error.contains("has 2 CNAMEs: CNAME x.localhost, CNAME y.localhost"), "{error}");
    assert_eq!(rule.fired(), 1);
}

#[tokio::test]
async fn a_name_that_points_elsewhere_than_expected() {
    let world = World::new();
    world.edit(APP, json!({"content": "old.onrender.localhost"}));
    let error = refused(&world, world.flip(), "stale").await;
    let told = format!("{APP} points at old.onrender.localhost, not at {} as expected", world.blue());
    assert!(error.starts_with(&told), "{error}");
}

#[tokio::test]
async fn a_name_that_changes_while_it_is_checked() {
    for change in [
        json!({"content": "x.localhost"}),
        json!({"ttl": 120}),
        json!({"comment": "mine"}),
        json!({"proxied": true}),
    ] {
        let world = World::new();
        world.flip().with("mode", "check").run().await.assert("success");
        world.edit(API, change.clone());
        world.clock.advance(Duration::from_secs(3 * 3600));
        // The plan is made of what the API said before the change.
        let rule = world.faults().on(RECORDS, When::Nth(1), What::Stale);
        let error = refused(&world, world.flip().with("verify-dns", "false"), "stale").await;
        assert!(
            error.starts_with(&format!("{API} was changed while it was being checked")),
            "{change}: {error}"
        );
        assert_eq!(rule.fired(), 1);
    }
}

#[tokio::test]
async fn a_name_that_gets_a_second_record_while_it_is_checked() {
    let world = World::new();
    let own = json!({"id": world.record(API).id, "name": API, "type": "CNAME", "content": world.blue(),
        "ttl": 60, "proxied": false, "comment": world.record(API).comment});
    let second = json!({"id": "a", "name": API, "type": "A", "content": "192.0.2.1", "ttl": 60});
    let answer = json!({"success": true, "errors": [], "messages": [], "result": [own, second]});
    let rule = world.faults().on(RECORDS, When::Nth(3), What::Answer(Answer::json(200, answer.to_string())));
    let error = refused(&world, world.flip(), "stale").await;
    assert!(
        error.contains("was changed while it was being checked: ") && error.contains("192.0.2.1"),
        "{error}"
    );
    assert_eq!(rule.fired(), 1);
}

#[tokio::test]
async fn a_ttl_that_has_not_been_short_for_long_enough() {
    let world = World::new();
    world.edit(API, json!({"comment": "touched"}));
    world.edit(APP, json!({"ttl": 1}));
    let error = refused(&world, world.flip(), "refused").await;
    assert!(
        error.contains(&format!("{API} is known to have a TTL of at most 60 s for 0s only, not for 2h")),
        "{error}"
    );
    assert!(error.contains(&format!("also: {APP} has a TTL of 300 s, not 60 s for 2h")), "{error}");
    assert!(error.contains("`min-ttl-age: 0s`"), "{error}");
    world.flip().with("min-ttl-age", "0s").run().await.assert("success");
    assert_eq!(world.record(APP).ttl, 60);
}

#[tokio::test]
async fn a_target_that_does_not_answer_for_the_name() {
    let world = World::new();
    world.render.detach(&world.green, APP).unwrap();
    let error = refused(&world, world.flip(), "refused").await;
    let told = format!("{} answers 404 to GET http://{APP}/version", world.green());
    assert!(error.starts_with(&told), "{error}");
    assert!(error.contains(&format!("attach {APP} to the service")), "{error}");
    world.flip().with("probe", "off").run().await.assert("success");
}

#[tokio::test]
async fn a_target_that_redirects_stumbles_or_is_not_there() {
    let world = World::new();
    let target = world.origins.faults_of(&world.green).unwrap();
    let redirect = Answer::new(302, "").header("location", "https://login.example/");
    let rule = target.on("GET /version", When::Always, What::Answer(redirect));
    let error = refused(&world, world.flip(), "refused").await;
    assert!(error.contains("answers 302, a redirect to https://login.example/, to GET"), "{error}");
    rule.cancel();

    let rule = target.on("GET /version", When::Always, What::status(503));
    let error = refused(&world, world.flip(), "refused").await;
    assert!(error.contains("does not answer GET") && error.contains("last seen: status 503"), "{error}");
    rule.cancel();

    let rule = target.on("GET /version", When::First(2), What::Reset);
    world.flip().with("mode", "check").run().await.assert("success");
    assert_eq!(rule.fired(), 2, "what passes is waited out");

    let records = format!("{API} nobody.onrender.localhost");
    let error = refused(&world, world.invoke().with("records", records), "refused").await;
    assert!(
        error.contains("nobody.onrender.localhost does not answer") && error.contains("cannot connect"),
        "{error}"
    );
}

#[tokio::test]
async fn another_path_can_be_asked_for() {
    let world = World::new();
    world.render.detach(&world.green, APP).unwrap();
    let records = format!("{API} {}", world.green());
    let run = world.invoke().with("records", records).with("probe", "/health?deep=1").run().await;
    run.assert("success");
    let asked = world.origins.journal_of(&world.green).unwrap().entries();
    assert_eq!((asked[0].path.as_str(), asked[0].query.as_deref()), ("/health", Some("deep=1")));
}

#[tokio::test]
async fn a_name_that_render_has_not_attached_or_not_verified() {
    let world = World::new();
    let services = format!("{} {}", world.green(), world.green);
    world.render.detach(&world.green, API).unwrap();
    world.render.attach(&world.green, APP, false).unwrap();
    let error = refused(&world, world.flip().with("render-services", &services), "refused").await;
    let green = world.green();
    assert!(
        error.starts_with(&format!(
            "{API} is not attached to {} ({green}), which would answer 404",
            world.green
        )),
        "{error}"
    );
    assert!(
        error.contains(&format!("also: {APP} is attached to {} ({green}) but not verified", world.green)),
        "{error}"
    );

    let without_key = world.flip().with("render-services", &services).variable("RENDER_API_KEY", "");
    let error = refused(&world, without_key, "invalid").await;
    assert!(error.contains("RENDER_API_KEY"), "{error}");
    let wrong_key =
        world.flip().with("render-services", &services).variable("RENDER_API_KEY", &format!("{KEY}x"));
    let error = refused(&world, wrong_key, "denied").await;
    assert!(error.starts_with(&format!("read the domains of {}", world.green)), "{error}");
}

#[tokio::test]
async fn a_workspace_where_names_are_exclusive() {
    let world = World::new();
    for host in [API, APP] {
        world.render.detach(&world.green, host).unwrap();
    }
    world.render.set_exclusive_domains(true);
    let error = refused(&world, world.flip(), "refused").await;
    assert!(error.contains("answers 404"), "{error}");
}

#[tokio::test]
async fn name_servers_that_could_not_show_the_flip() {
    let world = World::new();
    for (fault, told) in
        [(Fault::ServFail, "SERVFAIL"), (Fault::Refuse, "REFUSED"), (Fault::Drop, "within 3s")]
    {
        world.dns.faults().on(API, When::Always, fault);
        let error = refused(&world, world.flip(), "refused").await;
        assert!(
            error.starts_with("the flip could not be verified afterwards") && error.contains(told),
            "{error}"
        );
        world.dns.faults().clear();
    }
    world.dns.faults().on(API, When::First(1), Fault::Drop);
    world.flip().run().await.assert("success");
}

#[tokio::test]
async fn the_zone_s_own_servers_are_asked_and_none_only_on_request() {
    let world = World::new();
    let host = format!("api.{OTHER_ZONE}");
    world.render.attach(&world.green, &host, true).unwrap();
    let record = json!({"type": "CNAME", "name": host, "content": world.blue(), "ttl": 60});
    let records = format!("{host} {}", world.green());
    for (servers, told) in [(vec![], "the zone names no name servers"), (vec!["no server!"], "read ")] {
        let zone = world.cloudflare.add_zone(OTHER_ZONE, Plan::Free, &servers);
        world.cloudflare.add_record(&zone, &record).unwrap();
        world.clock.advance(Duration::from_secs(3 * 3600));
        let flip = || world.invoke_in(&zone).with("records", &records);
        let error = refused(&world, flip(), "refused").await;
        assert!(error.starts_with(told), "{error}");
        flip().with("verify-dns", "false").run().await.assert("success");
        world.api.journal().clear();
    }
    let world = World::new();
    world.render.attach(&world.green, &host, true).unwrap();
    let zone = world.cloudflare.add_zone(OTHER_ZONE, Plan::Free, &[&world.dns.address().to_string()]);
    world.cloudflare.add_record(&zone, &record).unwrap();
    world.clock.advance(Duration::from_secs(3 * 3600));
    world.invoke_in(&zone).with("records", records).run().await.assert("success");
    assert!(world.dns.journal().count(&host) >= 2);
}

#[tokio::test]
async fn more_names_than_a_batch_may_change() {
    let world = World::new();
    let hosts: Vec<String> = (0..201).map(|n| format!("h{n}.{ZONE}")).collect();
    for host in &hosts {
        world.add(json!({"type": "CNAME", "name": host, "content": world.blue(), "ttl": 60}));
    }
    world.clock.advance(Duration::from_secs(3 * 3600));
    let records: String = hosts.iter().map(|host| format!("{host} {}\n", world.green())).collect();
    let error = refused(&world, world.invoke().with("records", records), "refused").await;
    assert!(
        error.starts_with("201 records are more than one batch may change: 200 on the plan free"),
        "{error}"
    );
}

#[tokio::test]
async fn credentials_and_ids_that_open_nothing() {
    let world = World::new();
    let error = refused(&world, world.flip().variable("CLOUDFLARE_API_TOKEN", ""), "invalid").await;
    assert!(error.contains("CLOUDFLARE_API_TOKEN"), "{error}");
    let error = refused(&world, world.flip().variable("CLOUDFLARE_API_TOKEN", "wrong-token"), "denied").await;
    assert!(error.starts_with("read the zone: "), "{error}");
    let error = refused(&world, world.flip().with("zone-id", "0".repeat(32)), "denied").await;
    assert!(error.contains("code 7003"), "{error}");
    world.cloudflare.forbid(RECORDS);
    let error = refused(&world, world.flip(), "denied").await;
    assert!(error.starts_with("read the DNS records: "), "{error}");
}

#[tokio::test]
async fn a_batch_that_cloudflare_refuses() {
    let world = World::new();
    world.cloudflare.forbid(BATCH);
    let run = world.flip().run().await;
    run.assert("denied");
    assert!(run.error().contains("no name has been moved: a batch is one transaction"), "{}", run.error());
    assert_eq!(run.output("changed"), "false");
    assert_eq!(world.targets(), [world.blue(), world.blue()]);

    let world = World::new();
    let gone = json!({"success": false, "errors": [{"code": 81044, "message": "Record does not exist."}], "messages": [], "result": null});
    world.faults().on(BATCH, When::Always, What::Answer(Answer::json(404, gone.to_string())));
    let run = world.flip().run().await;
    run.assert("stale");
    assert!(run.error().starts_with("a record was deleted in the meantime"), "{}", run.error());
}

#[tokio::test]
async fn inputs_that_cannot_be_meant() {
    let world = World::new();
    let green = world.green();
    let records = format!("{API} {green}");
    for (inputs, told) in [
        (vec![], "input `records`: nothing to move"),
        (vec![("records", "api.example.localhost")], "input `records`: line 1"),
        (
            vec![("records", &records), ("expect", "x.example.localhost y.localhost")],
            "x.example.localhost is not among",
        ),
        (vec![("records", &records), ("previous", &records)], "input `previous`: only a restore takes it"),
        (vec![("mode", "restore"), ("records", &records)], "input `records`: a restore takes `previous`"),
        (vec![("mode", "restore")], "input `previous`: nothing to restore"),
        (vec![("records", &records), ("mode", "swap")], "invalid value 'swap'"),
        (vec![("records", &records), ("ttl", "29")], "29 is not in 30..=86400"),
        (vec![("records", &records), ("min-ttl-age", "2")], "needs its unit"),
        (vec![("records", &records), ("probe", "version")], "input `probe`"),
        (vec![("records", &records), ("probe", "//evil.example/")], "input `probe`"),
        (vec![("records", &records), ("verify-dns", "maybe")], "verify-dns"),
        (vec![("records", &records), ("nameserver", "not a server")], "input `nameserver`"),
        (vec![("records", &records), ("render-services", "x")], "input `render-services`"),
        (
            vec![("records", &records), ("render-services", "api-grene.onrender.localhost srv-1")],
            "input `render-services`: no line names api-green.onrender.localhost, the target of api.example.localhost",
        ),
        (vec![("records", &records), ("read-back", "0s")], "input `read-back`: must be longer than 0s"),
        (vec![("records", &records), ("zone-id", "example.com")], "input `zone-id`"),
        (vec![("records", &records), ("zone-id", "x")], "input `zone-id`"),
        (vec![("records", "api.other.localhost x.localhost")], "api.other.localhost is not in the zone"),
    ] {
        let mut invocation = world.invoke();
        for (input, value) in inputs {
            invocation = invocation.with(input, value);
        }
        let error = refused(&world, invocation, "invalid").await;
        assert!(error.contains(told), "{error}");
    }
}
