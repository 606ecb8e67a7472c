//! Client bugs, planted on purpose: each must turn red, by the contract layer or by
//! what has to hold in a world, and the same scenario without the bug is green. A
//! twin that forgives one of them would let a client with that bug pass every test.

use rehearsal::contract;
use serde_json::{Value, json};

use crate::call::Reply;
use crate::matrix::harness::cname_flip::{CnameWorld, NAMES};
use crate::matrix::harness::course::converge;
use crate::matrix::harness::kv_bind::KvWorld;
use crate::matrix::harness::render_deploy::RenderWorld;
use crate::matrix::harness::verdict::{Verdict, ensure};
use crate::matrix::harness::world::{Mode, World, perform};

mod detour;

use detour::{Bug, Line, Said, detour};

/// A client without bugs.
fn honest(line: Line, said: Said) -> Reply {
    line.send(&said)
}

/// Runs the scenario to its end, or to what does not hold.
fn course<W: World>(world: &W) -> Verdict {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let run = perform(world, Mode::Real).await?;
        ensure(run.word() == "success", || format!("it said: {} {}", run.word(), run.error()))?;
        world.tells_all(&run)?;
        converge(world).await
    })
}

fn flip(bug: impl Bug) -> Verdict {
    let mut world = CnameWorld::flip();
    let detour = detour(&world.server, bug);
    world.url = detour.base_url();
    course(&world)
}

fn deploy(mut world: RenderWorld, bug: impl Bug) -> Verdict {
    let detour = detour(&world.server, bug);
    world.url = detour.base_url();
    course(&world)
}

fn bind(mut world: KvWorld, bug: impl Bug) -> Verdict {
    let detour = detour(&world.server, bug);
    world.url = detour.base_url();
    course(&world)
}

/// The scenario is red for each of these reasons.
#[track_caller]
fn assert_red(ended: Verdict, reasons: &[&str]) {
    let why = ended.expect_err("the bug was not noticed");
    for reason in reasons {
        assert!(why.contains(reason), "wanted {reason:?}:\n{why}");
    }
}

/// Where the contract layer is on, it gives this reason. Without the vendors'
/// documents there is nothing to ask.
#[track_caller]
fn assert_judged(ended: &Verdict, reason: &str) {
    if contract::from_environment().unwrap().is_some() {
        let why = ended.as_ref().expect_err("the bug was not noticed");
        let judged: Vec<&str> =
            why.lines().filter(|line| line.contains("the contract is broken: ")).collect();
        assert!(judged.iter().any(|line| line.contains(reason)), "wanted {reason:?}:\n{why}");
    }
}

#[test]
fn without_a_bug_every_scenario_is_green() {
    flip(honest).unwrap();
    deploy(RenderWorld::new(), honest).unwrap();
    deploy(RenderWorld::accepting(), honest).unwrap();
    bind(KvWorld::pages(), honest).unwrap();
    bind(KvWorld::worker(), honest).unwrap();
}

/// The batch with each of its patches changed.
fn with_patches(said: &Said, list: &str, change: impl Fn(&Value) -> Value) -> Value {
    let body = said.json();
    let patches = body["patches"].as_array().unwrap().iter();
    json!({list: patches.map(change).collect::<Vec<_>>()})
}

#[test]
fn a_misspelt_field() {
    let batch = |line: Line, said: Said| {
        if !said.is("POST", "/dns_records/batch") {
            return line.send(&said);
        }
        let body = with_patches(
            &said,
            "patches",
            |patch| json!({"id": patch["id"], "contnet": patch["content"], "comment": patch["comment"]}),
        );
        line.send(&said.with_json(&body))
    };
    let ended = flip(batch);
    assert_judged(&ended, "'contnet' was unexpected");
    assert_red(ended, &["it said: failed"]);

    let commit = |line: Line, said: Said| match said.is("POST", "/deploys") {
        true => {
            let body = json!({"commitID": said.json()["commitId"]});
            line.send(&said.with_json(&body))
        }
        false => line.send(&said),
    };
    let ended = deploy(RenderWorld::new(), commit);
    assert_judged(&ended, "'commitID' was unexpected");
    assert_red(ended, &["a deploy ships another commit"]);
}

#[test]
fn a_put_for_a_patch() {
    // With the two fields that a patch would need.
    let bare = |line: Line, said: Said| match said.is("POST", "/dns_records/batch") {
        true => {
            let body =
                with_patches(&said, "puts", |patch| json!({"id": patch["id"], "content": patch["content"]}));
            line.send(&said.with_json(&body))
        }
        false => line.send(&said),
    };
    let ended = flip(bare);
    assert_judged(&ended, "dns_records/batch: request body at /puts/0");
    assert_red(ended, &["it said: denied"]);

    // With all that Cloudflare asks for, so that it takes what is left out for empty.
    let complete = |line: Line, said: Said| match said.is("POST", "/dns_records/batch") {
        true => {
            let mut names = NAMES.iter();
            let puts: Vec<Value> = said.json()["patches"]
                .as_array()
                .unwrap()
                .iter()
                .map(|patch| json!({"id": patch["id"], "type": "CNAME", "name": names.next(), "content": patch["content"], "ttl": 60}))
                .collect();
            line.send(&said.with_json(&json!({"puts": puts})))
        }
        false => line.send(&said),
    };
    assert_red(flip(complete), &["the comment of api.example.localhost is"]);

    let settings = |line: Line, said: Said| match said.is("PATCH", "/settings") {
        true => line.send(&Said { method: "PUT".to_owned(), ..said }),
        false => line.send(&said),
    };
    let ended = bind(KvWorld::worker(), settings);
    assert_judged(&ended, "PUT /client/v4/accounts/");
    assert_red(ended, &["it said: unreachable"]);

    // Variables one by one, but by the request that replaces them all.
    let variables = |line: Line, said: Said| match said.path.rsplit_once("/env-vars/") {
        Some((service, key)) if said.method == "PUT" => {
            let body = json!([{"key": key, "value": said.json()["value"]}]);
            let reply = line.send(&Said { path: format!("{service}/env-vars"), ..said.with_json(&body) });
            let one = reply.json()[0]["envVar"].to_string().into_bytes();
            Reply { body: one, ..reply }
        }
        _ => line.send(&said),
    };
    assert_red(deploy(RenderWorld::new(), variables), &["the variable OTHER_0 was touched"]);
}

#[test]
fn an_empty_202_that_is_taken_for_a_deploy() {
    let believes = |line: Line, said: Said| {
        let reply = line.send(&said);
        if reply.status != 202 {
            return reply;
        }
        let deploy = json!({"id": "dep-0123456789abcdefghij", "status": "live", "trigger": "api",
            "commit": {"id": said.json()["commitId"]}});
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Reply { status: 201, headers, body: deploy.to_string().into_bytes() }
    };
    assert_red(deploy(RenderWorld::accepting(), believes), &["success, but aaaa"]);
}

#[test]
fn a_page_that_is_never_read() {
    // Variables: what comes after the first page is taken for nothing.
    let first_page = |line: Line, said: Said| match said.path.contains("cursor=") {
        true => Reply { body: b"[]".to_vec(), ..line.send(&said) },
        false => line.send(&said),
    };
    assert_red(deploy(RenderWorld::accepting(), first_page), &["somebody else changed"]);

    // Namespaces: the number of pages is not looked at.
    let one_page = |line: Line, said: Said| {
        let reply = line.send(&said);
        if !said.is("GET", "/storage/kv/namespaces") {
            return reply;
        }
        let mut body = reply.json();
        body["result_info"]["total_pages"] = 1.into();
        Reply { body: body.to_string().into_bytes(), ..reply }
    };
    assert_red(bind(KvWorld::worker(), one_page), &["it said: refused"]);
}

#[test]
fn a_post_that_is_repeated_after_a_lost_answer() {
    let again = |line: Line, said: Said| {
        if said.is("POST", "/deploys") {
            drop(line.send(&said));
        }
        line.send(&said)
    };
    assert_red(deploy(RenderWorld::new(), again), &["more than 1 deploys"]);
}

#[test]
fn a_binding_that_is_not_listed() {
    let alone = |line: Line, said: Said| {
        if !said.is("PATCH", "/settings") {
            return line.send(&said);
        }
        let form = String::from_utf8(said.body.clone()).unwrap();
        let (start, end) = (form.find('{').unwrap(), form.rfind('}').unwrap() + 1);
        let mut settings: Value = serde_json::from_str(&form[start..end]).unwrap();
        settings["bindings"].as_array_mut().unwrap().retain(|binding| binding["type"] != "inherit");
        let form = format!("{}{settings}{}", &form[..start], &form[end..]);
        line.send(&Said { body: form.into_bytes(), ..said })
    };
    assert_red(bind(KvWorld::worker(), alone), &["everything else that is bound"]);
}

#[test]
fn a_secret_that_is_written_back_as_it_was_shown() {
    let whole = |line: Line, said: Said| {
        if !said.is("PATCH", "/pages/projects/docs") {
            return line.send(&said);
        }
        let read = Said { method: "GET".to_owned(), body: Vec::new(), ..said.clone() };
        let mut configuration =
            line.send(&read.without_header("content-type")).json()["result"]["deployment_configs"].take();
        let environment = &mut configuration["production"];
        environment["kv_namespaces"] =
            said.json()["deployment_configs"]["production"]["kv_namespaces"].take();
        line.send(&said.with_json(&json!({"deployment_configs": {"production": environment}})))
    };
    assert_red(bind(KvWorld::pages(), whole), &["everything else that is bound"]);
}

#[test]
fn a_wrong_content_type() {
    let plain = |line: Line, said: Said| match said.body.is_empty() {
        true => line.send(&said),
        false => line.send(&said.with_header("content-type", "text/plain")),
    };
    // Whether Cloudflare minds is not known, so its twin does not.
    assert_judged(&flip(plain), "text/plain is not a documented content type");
    let ended = deploy(RenderWorld::new(), plain);
    assert_judged(&ended, "text/plain is not a documented content type");
    assert_red(ended, &["it said: denied"]);
}

#[test]
fn a_request_without_credentials() {
    let anonymous = |line: Line, said: Said| line.send(&said.without_header("authorization"));
    let ends = [flip(anonymous), deploy(RenderWorld::new(), anonymous), bind(KvWorld::pages(), anonymous)];
    for ended in ends {
        assert_judged(&ended, "credentials");
        assert_red(ended, &["credentials: false", "it said: denied"]);
    }
}
