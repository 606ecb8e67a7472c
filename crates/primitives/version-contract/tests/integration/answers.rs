//! What is as agreed passes; everything else is named, all at once.

use rehearsal::fault::{Answer, What, When};
use rehearsal::origins::{App, Oddity};
use serde_json::{Value, json};

use crate::world::{COMMIT, DETAIL, KEY, VERSION, World, end, run};

#[test]
fn three_services_answer_as_agreed() {
    let world = World::new();
    let checked = world.run();
    assert_eq!(end(&checked), (0, "success"), "{}", checked.error());
    assert_eq!((checked.output("services"), checked.output("findings")), ("3", "0"));
    assert_eq!(checked.summary, "### Version contract: 3 services\n\nAll answer as agreed.\n");
    let journal = world.origins.journal_of(&world.services[0]).unwrap();
    assert_eq!(journal.lines(), ["GET /version", "GET /version/detail", "GET /version/detail"]);
}

#[test]
fn without_a_key_the_fields_of_the_detail_are_not_checked_and_that_is_said() {
    let world = World::new().odd(0, Oddity::Without("uv_lock_sha".to_owned()));
    let checked = run(world.check().variable("DEPLOY_KEY", ""));
    assert_eq!(end(&checked), (0, "success"), "{}", checked.error());
    assert!(
        checked.stderr.contains("::warning title=version-contract::DEPLOY_KEY is not set"),
        "{}",
        checked.stderr
    );
    let journal = world.origins.journal_of(&world.services[0]).unwrap();
    assert_eq!(journal.lines(), ["GET /version", "GET /version/detail"]);
    // The detail is closed all the same, or else it is said.
    let open = What::Answer(Answer::json(200, "{}").header("cache-control", "no-store"));
    world.faults(1).on(DETAIL, When::Always, open);
    let checked = run(world.check().variable("DEPLOY_KEY", ""));
    assert_eq!(end(&checked), (1, "refused"));
    assert!(
        checked.error().contains("answered 200 without a key, it must answer 401"),
        "{}",
        checked.error()
    );
}

#[test]
fn the_table_names_everything_that_is_wrong() {
    let world = World::new().odd(1, Oddity::GenerationAsText);
    let extra =
        json!({"commit_sha": "3fc271e", "generation": 0, "deployed_at": "yesterday", "region": "oregon|<b>"});
    let answer = Answer::json(200, extra.to_string());
    world.faults(2).on(VERSION, When::Always, What::Answer(answer));
    let checked = world.run();
    assert_eq!(end(&checked), (1, "refused"));
    insta::assert_snapshot!(world.stable(&checked.summary), @r#"
    ### Version contract: 3 services

    | Service | Document | Field | Finding |
    | --- | --- | --- | --- |
    | http://dashboard-green.onrender.localhost/ | <code>/version</code> | <code>generation</code> | "42" is not a whole number from 1 on |
    | http://dashboard-green.onrender.localhost/ | <code>/version/detail</code> | <code>generation</code> | "42" is not a whole number from 1 on |
    | http://operations-green.onrender.localhost/ | <code>/version</code> | <code>commit\_sha</code> | "3fc271e" is not a commit SHA of 40 lower-case hexadecimal digits, as text |
    | http://operations-green.onrender.localhost/ | <code>/version</code> | <code>schema\_version</code> | is missing |
    | http://operations-green.onrender.localhost/ | <code>/version</code> | <code>generation</code> | 0 is not a whole number from 1 on |
    | http://operations-green.onrender.localhost/ | <code>/version</code> | <code>deployed\_at</code> | "yesterday" is not an RFC 3339 time such as 2026-04-25T14:32:11Z, as text |
    | http://operations-green.onrender.localhost/ | <code>/version</code> | <code>region</code> | is not part of the contract |
    | http://operations-green.onrender.localhost/ | <code>/version/detail</code> | <code>commit\_sha</code> | "3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90" is not what /version says, "3fc271e" |
    | http://operations-green.onrender.localhost/ | <code>/version/detail</code> | <code>generation</code> | 42 is not what /version says, 0 |
    | http://operations-green.onrender.localhost/ | <code>/version/detail</code> | <code>deployed\_at</code> | "2026-11-19T10:00:00Z" is not what /version says, "yesterday" |
    | http://dashboard-green.onrender.localhost/ | <code>/version</code> | - | another shape than http://api-green.onrender.localhost/ has: generation is text, there a number |
    | http://operations-green.onrender.localhost/ | <code>/version</code> | - | another shape than http://api-green.onrender.localhost/ has: schema\_version is missing, region is not there |
    | http://dashboard-green.onrender.localhost/ | <code>/version/detail</code> | - | another shape than http://api-green.onrender.localhost/ has: generation is text, there a number |
    ### version-contract refused

    13 findings against the version contract: http://dashboard-green.onrender.localhost/version: generation "42" is not a whole number from 1 on; http://dashboard-green.onrender.localhost/version/detail: generation "42" is not a whole number from 1 on; http://operations-green.onrender.localhost/version: commit\_sha "3fc271e" is not a commit SHA of 40 lower-case hexadecimal digits, as text; http://operations-green.onrender.localhost/version: schema\_version is missing; http://operations-green.onrender.localhost/version: generation 0 is not a whole number from 1 on; and 8 more, see the summary

    - the contract is four fields in /version and eleven in /version/detail; \`--help\` lists them
    - nothing was changed: mend the services, deploy them and run this again
    "#);
    assert_eq!(checked.output("findings"), "13");
    assert!(checked.error().starts_with("13 findings against the version contract: "), "{}", checked.error());
    assert!(checked.error().contains("and 8 more, see the summary"), "{}", checked.error());
    assert!(checked.error().contains("\nhint: the contract is four fields"), "{}", checked.error());
}

#[test]
fn each_oddity_is_told() {
    for (oddity, told) in [
        (Oddity::Html, "/version: Content-Type is `text/html; charset=utf-8`, it must be application/json"),
        (Oddity::NotJson, "/version: is no JSON object (line 1, column"),
        (Oddity::Status(404), "/version: answered 404, it must answer 200"),
        (Oddity::Status(500), "/version: answered 500, it must answer 200"),
        (Oddity::ContentType("text/plain".to_owned()), "Content-Type is `text/plain`"),
        (Oddity::Commit("3fc271e".to_owned()), "commit_sha \"3fc271e\" is not a commit SHA of 40"),
        (Oddity::GenerationAsText, "generation \"42\" is not a whole number from 1 on"),
        (Oddity::Without("schema_version".to_owned()), "schema_version is missing"),
        (
            Oddity::Redirect("https://elsewhere.example".to_owned()),
            "answered 302 to https://elsewhere.example, it must answer 200",
        ),
    ] {
        let world = World::new().odd(0, oddity.clone());
        let checked = world.run();
        assert_eq!(end(&checked), (1, "refused"), "{oddity:?}");
        assert!(
            checked.error().contains(told) || checked.summary.contains(told),
            "{oddity:?}: {}",
            checked.error()
        );
    }
}

#[test]
fn another_colour_than_the_two_and_another_commit_are_told() {
    let world = World::new();
    world.origins.set_app(&world.services[0], App::new("api", "none"));
    let checked = world.run();
    assert!(
        checked.error().contains("service_color \"none\" is not \"blue\" or \"green\""),
        "{}",
        checked.error()
    );
    assert_eq!(checked.output("findings"), "1");
}

/// Something that a service gets wrong.
type Change = fn(&mut Value);

/// The detail of a service as it is, changed.
fn detail(change: impl FnOnce(&mut Value)) -> Value {
    let mut fields = json!({
        "commit_sha": COMMIT, "short_sha": &COMMIT[..7], "describe": format!("v1.0.0-3-g{}", &COMMIT[..9]),
        "built_at": "2026-11-19T10:00:00Z", "uv_lock_sha": "ab".repeat(32), "pnpm_lock_sha": "cd".repeat(32),
        "generation": 42, "schema_version": "20260101000000_initial", "service": "api", "service_color": "green",
        "deployed_at": "2026-11-19T10:00:00Z",
    });
    change(&mut fields);
    fields
}

fn with_key(world: &World, answer: Answer) {
    world.faults(0).on(DETAIL, When::Nth(2), What::Answer(answer));
}

#[test]
fn what_the_detail_gets_wrong_is_told() {
    let wrong: [(Change, &str); 6] = [
        (
            |fields| fields["short_sha"] = json!("0123456"),
            "short_sha 0123456 is not the beginning of commit_sha",
        ),
        (
            |fields| fields["describe"] = json!("v1-2-g0123456"),
            "describe 0123456 is not the beginning of commit_sha",
        ),
        (|fields| fields["generation"] = json!(41), "generation 41 is not what /version says, 42"),
        (
            |fields| fields["pnpm_lock_sha"] = json!("abc123..."),
            "pnpm_lock_sha \"abc123...\" is not a digest",
        ),
        (|fields| fields["built_at"] = json!(1_777_127_531), "built_at 1777127531 is not an RFC 3339 time"),
        (|fields| fields["key"] = json!(KEY), "key is not part of the contract"),
    ];
    for (change, told) in wrong {
        let world = World::new();
        let body = detail(change).to_string();
        with_key(&world, Answer::json(200, body).header("cache-control", "private, No-Store"));
        let checked = world.run();
        assert_eq!(end(&checked), (1, "refused"));
        assert!(checked.error().contains(told), "{told}: {}", checked.error());
    }
    let world = World::new();
    with_key(&world, Answer::json(200, detail(|_| {}).to_string()).header("cache-control", "no-store"));
    assert_eq!(end(&world.run()), (0, "success"));
}

#[test]
fn a_detail_that_may_be_stored_is_told_with_the_key_and_without() {
    let world = World::new();
    with_key(&world, Answer::json(200, detail(|_| {}).to_string()).header("cache-control", "no-cache"));
    let checked = world.run();
    assert!(
        checked.error().contains("/version/detail: Cache-Control is `no-cache`, it must say no-store"),
        "{}",
        checked.error()
    );
    let world = World::new();
    world.faults(0).on(DETAIL, When::Nth(1), What::Answer(Answer::json(401, "{}")));
    let checked = world.run();
    assert!(
        checked.error().contains("Cache-Control is missing, it must say no-store (asked without a key)"),
        "{}",
        checked.error()
    );
    assert_eq!(checked.output("findings"), "1");
}

#[test]
fn a_key_that_is_not_in_the_registry_is_told() {
    let world = World::new();
    world.origins.set_deploy_keys(["sk_deploy_another"]);
    let checked = world.run();
    assert_eq!(end(&checked), (1, "refused"));
    assert!(
        checked.error().contains("answered 401 to the deploy key: is it in the registry"),
        "{}",
        checked.error()
    );
}
