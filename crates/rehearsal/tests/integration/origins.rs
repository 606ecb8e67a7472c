//! The origins: which service answers where, and what its process says.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use action::SimClock;
use axum::http::StatusCode;
use rehearsal::origins::{App, Build, DEPLOY_KEY, Oddity, Origins};
use rehearsal::twins::render::{End, NewService, Plan, Render, ServiceType, Trigger};
use serde_json::{Value, json};

struct World {
    clock: Arc<SimClock>,
    render: Render,
    origins: Origins,
}

struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value)
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

fn sha(digit: char) -> String {
    digit.to_string().repeat(40)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn fetch_with(address: SocketAddr, host: &str, path: &str, headers: &str) -> Reply {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut raw = String::new();
    stream.read_to_string(&mut raw).unwrap();
    let (head, body) = raw.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Reply { status, head: head.to_owned(), body: body.to_owned() }
}

fn fetch(address: SocketAddr, host: &str, path: &str) -> Reply {
    fetch_with(address, host, path, "")
}

impl World {
    fn new() -> Self {
        let clock = Arc::new(SimClock::default());
        let render = Render::new(clock.clone());
        let origins = Origins::start(render.clone()).unwrap();
        Self { clock, render, origins }
    }

    fn live(&self, name: &str, digit: char) -> String {
        let plan = Plan::live().build(seconds(60)).update(seconds(30));
        let new = NewService::web(name).live(&sha(digit)).plan(plan);
        self.render.add_service(&new.variable("SPECTRAL_GENERATION", "41"))
    }

    fn deploy(&self, service: &str, digit: char) {
        self.render.trigger(service, Trigger::Manual, &sha(digit)).unwrap();
    }

    /// Asks a service at its own address under its own name.
    fn ask(&self, service: &str, path: &str) -> Reply {
        let address = self.origins.address_of(service).unwrap();
        fetch(address, &self.render.public_name(service).unwrap(), path)
    }

    fn version(&self, service: &str) -> Value {
        self.ask(service, "/version").json()
    }
}

#[test]
fn each_service_answers_at_its_own_address_for_its_own_names() {
    let world = World::new();
    let (blue, green) = (world.live("api-blue", 'a'), world.live("api-green", 'b'));
    let (at_blue, at_green) =
        (world.origins.address_of(&blue).unwrap(), world.origins.address_of(&green).unwrap());
    assert_ne!(at_blue, at_green);
    assert!(at_blue.ip().is_loopback() && at_green.ip().is_loopback());
    assert_eq!(world.origins.address_of(&blue).unwrap(), at_blue, "it stays");

    let host = "api.example.com";
    world.render.attach(&blue, host, true).unwrap();
    assert_eq!(fetch(at_blue, host, "/").header("x-colour"), Some("blue"));
    let refused = fetch(at_green, host, "/");
    assert_eq!((refused.status, refused.header("x-render-routing")), (404, Some("no-server")));
    world.render.attach(&green, host, false).unwrap();
    assert_eq!(fetch(at_green, host, "/").status, 404, "attached, but not verified");
    world.render.attach(&green, host, true).unwrap();
    assert_eq!(fetch(at_green, host, "/").header("x-colour"), Some("green"));
    assert_eq!(fetch(at_blue, host, "/").header("x-colour"), Some("blue"), "both hold it");

    assert_eq!(fetch(at_green, "API.Example.com.:8443", "/").status, 200, "case, dot and port do not count");
    assert_eq!(fetch(at_green, "other.example.com", "/").status, 404);
    assert_eq!(fetch(at_green, "api-blue.onrender.localhost", "/").status, 404);
    world.render.detach(&green, host).unwrap();
    assert_eq!(fetch(at_green, host, "/").status, 404);
}

/// Whoever asks over TLS would see a failed handshake there.
#[test]
fn a_custom_domain_without_a_certificate_gets_no_answer_and_the_service_s_own_name_does() {
    let world = World::new();
    let green = world.live("api-green", 'b');
    world.render.attach(&green, "api.example.com", true).unwrap();
    world.render.set_certificate(&green, "API.example.com", false).unwrap();
    let mut stream = TcpStream::connect(world.origins.address_of(&green).unwrap()).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n").unwrap();
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).unwrap();
    assert_eq!(String::from_utf8_lossy(&raw), "");
    assert_eq!(world.ask(&green, "/").status, 200);
    world.render.set_certificate(&green, "api.example.com", true).unwrap();
    assert_eq!(fetch(world.origins.address_of(&green).unwrap(), "api.example.com", "/").status, 200);
}

#[test]
fn services_with_addresses_share_the_fronts_port() {
    let world = World::new();
    let services = ["one", "two", "three"].map(|name| world.live(name, 'a'));
    let _ = world.render.add_service(&NewService::new("worker", ServiceType::Worker));
    let addresses = world.origins.addresses().unwrap();
    assert_eq!(addresses.len(), 3, "a worker serves nobody: {addresses:?}");
    for service in &services {
        let address = world.origins.address_of(service).unwrap();
        assert_eq!(addresses[&world.render.public_name(service).unwrap()], address);
        if cfg!(target_os = "linux") {
            assert_eq!(address.port(), world.origins.port());
        }
        assert_eq!(fetch(address, "one.onrender.localhost", "/").status == 200, service == &services[0]);
    }
    assert!(world.origins.address_of("srv-unknown").is_err());
}

#[test]
#[cfg(target_os = "linux")]
fn an_address_that_somebody_else_has_is_passed_over() {
    let world = World::new();
    let squatter = TcpListener::bind(("127.0.1.1", world.origins.port())).unwrap();
    let (one, two) = (world.live("one", 'a'), world.live("two", 'b'));
    let addresses = [&one, &two].map(|service| world.origins.address_of(service).unwrap());
    assert!(!addresses.contains(&squatter.local_addr().unwrap()) && addresses[0] != addresses[1]);
    assert_eq!(world.version(&two)["commit_sha"], sha('b'));
}

#[test]
fn the_front_goes_by_the_name_alone() {
    let world = World::new();
    let (blue, green) = (world.live("api-blue", 'a'), world.live("api-green", 'b'));
    let front = world.origins.front().address();
    let at = |host: &str| fetch(front, host, "/");
    assert_eq!(at("api-green.onrender.localhost").header("x-colour"), Some("green"));
    let url = world.origins.url_of(&green).unwrap();
    assert_eq!(url, format!("http://api-green.onrender.localhost:{}", world.origins.port()));
    assert_eq!(at("nobody.onrender.localhost").status, 404);
    assert_eq!(at("api.example.com").status, 404);
    world.render.attach(&blue, "api.example.com", true).unwrap();
    assert_eq!(at("api.example.com").header("x-colour"), Some("blue"));
    world.render.attach(&green, "api.example.com", true).unwrap();
    assert_eq!(at("api.example.com").status, 421);
}

#[test]
fn version_tells_what_the_live_deploy_runs_with() {
    let world = World::new();
    let green = world.live("api-green", 'a');
    world.origins.bake(&sha('b'), Build::of(&sha('b')).schema_version("20260422170300_core_event_handled"));
    let before = world.version(&green);
    assert_eq!((&before["commit_sha"], &before["generation"]), (&json!(sha('a')), &json!(41)));
    world.render.set_env(&green, "SPECTRAL_GENERATION", "42").unwrap();
    assert_eq!(world.version(&green), before, "a stored variable is not a running one");
    world.deploy(&green, 'b');
    world.clock.advance(seconds(89));
    assert_eq!(world.version(&green), before, "the old deploy serves until the new one is live");
    world.clock.advance(seconds(1));
    let live = world.render.live_deploy(&green).unwrap().unwrap();
    let deployed_at = humantime::format_rfc3339_seconds(live.finished_at.unwrap()).to_string();
    let reply = world.ask(&green, "/version");
    assert_eq!(
        reply.json(),
        json!({
            "commit_sha": sha('b'),
            "schema_version": "20260422170300_core_event_handled",
            "generation": 42,
            "deployed_at": deployed_at,
        })
    );
    assert_eq!(reply.header("content-type"), Some("application/json"));

    world.render.plan_deploys(&green, [Plan::live().end(End::UpdateFailed)]).unwrap();
    world.deploy(&green, 'c');
    world.clock.advance(seconds(600));
    assert_eq!(world.version(&green)["commit_sha"], json!(sha('b')), "a failed deploy changes nothing");
}

#[test]
fn detail_needs_the_deploy_key_and_has_eleven_fields() {
    let world = World::new();
    let green = world.live("api-green", 'b');
    let address = world.origins.address_of(&green).unwrap();
    let host = world.render.public_name(&green).unwrap();
    let detail = |key: &str| {
        fetch_with(address, &host, "/version/detail", &format!("Authorization: Bearer {key}\r\n"))
    };
    assert_eq!(fetch(address, &host, "/version/detail").status, 401);
    assert_eq!(detail("sk_deploy_other").status, 401);
    let reply = detail(DEPLOY_KEY);
    assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-store")));
    let fields = reply.json();
    let names: Vec<&str> = fields.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "built_at",
        "commit_sha",
        "deployed_at",
        "describe",
        "generation",
        "pnpm_lock_sha",
        "schema_version",
        "service",
        "service_color",
        "short_sha",
        "uv_lock_sha",
    ];
    assert_eq!(names, expected);
    assert_eq!((&fields["service"], &fields["service_color"]), (&json!("api"), &json!("green")));
    assert_eq!(fields["short_sha"], "bbbbbbb");
    world.origins.set_deploy_keys(["sk_deploy_new"]);
    assert_eq!((detail(DEPLOY_KEY).status, detail("sk_deploy_new").status), (401, 200));
}

#[test]
fn every_page_names_service_colour_and_commit() {
    let world = World::new();
    let (green, plain) = (world.live("api-green", 'b'), world.live("landing", 'c'));
    let page = world.ask(&green, "/orders/7?x=1");
    assert_eq!(page.body, format!("service=api colour=green commit={}\n", sha('b')));
    let named = |reply: &Reply, name: &str| reply.header(name).unwrap().to_owned();
    for path in ["/", "/version", "/version/detail", "/health"] {
        let reply = world.ask(&green, path);
        assert_eq!(named(&reply, "x-service"), "api", "{path}");
        assert_eq!(named(&reply, "x-colour"), "green", "{path}");
        assert_eq!(named(&reply, "x-commit"), sha('b'), "{path}");
    }
    assert_eq!(world.ask(&green, "/health").json(), json!({"status": "ok"}));
    assert_eq!(named(&world.ask(&plain, "/"), "x-colour"), "none");
    world.origins.set_app(&plain, App::new("shop", "blue"));
    assert_eq!(named(&world.ask(&plain, "/"), "x-service"), "shop");
}

#[test]
fn without_a_live_deploy_or_suspended_nothing_answers() {
    let world = World::new();
    let fresh = world.render.add_service(&NewService::web("fresh").plan(Plan::live().build(seconds(60))));
    assert_eq!(world.ask(&fresh, "/").status, 502);
    world.origins.set_status_without_deploy(StatusCode::NOT_FOUND);
    assert_eq!(world.ask(&fresh, "/").status, 404);
    world.deploy(&fresh, 'a');
    world.clock.advance(seconds(61));
    assert_eq!(world.ask(&fresh, "/").status, 200);

    let token = rehearsal::twins::render::API_KEY;
    let options = rehearsal::server::Options::default();
    let api = rehearsal::server::Server::start("render", world.render.router(), options).unwrap();
    let path = format!("/v1/services/{fresh}/suspend");
    assert_eq!(crate::call::call("POST", &path).bearer(token).send(&api).status, 202);
    assert_eq!(world.ask(&fresh, "/").status, 503);
    let shown = crate::call::call("GET", &format!("/v1/services/{fresh}")).bearer(token).send(&api).json();
    assert_eq!(shown["serviceDetails"]["url"], json!(world.origins.url_of(&fresh).unwrap()));
    let address = world.origins.address_of(&fresh).unwrap();
    let path = format!("/v1/services/{fresh}");
    assert_eq!(crate::call::call("DELETE", &path).bearer(token).send(&api).status, 204);
    assert_eq!(fetch(address, "fresh.onrender.localhost", "/").status, 404, "a deleted one holds no name");
}

#[test]
fn while_instances_roll_old_and_new_answers_alternate() {
    let world = World::new();
    let green = world.live("api-green", 'a');
    world.origins.set_app(&green, App::default().boot(seconds(5)));
    world.deploy(&green, 'b');
    world.clock.advance(seconds(90));
    let next = || world.ask(&green, "/").header("x-commit").unwrap().to_owned();
    let seen: Vec<String> = (0..4).map(|_| next()).collect();
    assert_eq!(seen, [sha('a'), sha('b'), sha('a'), sha('b')]);
    world.clock.advance(seconds(5));
    assert_eq!([next(), next()], [sha('b'), sha('b')]);

    let plan = Plan::live().build(seconds(60));
    let fresh = world.render.add_service(&NewService::web("fresh").plan(plan));
    world.origins.set_app(&fresh, App::default().boot(seconds(5)));
    world.deploy(&fresh, 'c');
    world.clock.advance(seconds(61));
    assert_eq!([world.ask(&fresh, "/").status, world.ask(&fresh, "/").status], [502, 200]);
}

#[test]
fn a_process_may_answer_wrong_things() {
    let world = World::new();
    let green = world.live("api-green", 'a');
    let with = |oddity: Oddity| {
        world.origins.set_app(&green, App::default().odd(oddity));
        world.ask(&green, "/version")
    };
    let html = with(Oddity::Html);
    assert_eq!((html.status, html.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert_eq!(with(Oddity::Status(500)).status, 500);
    let typed = with(Oddity::ContentType("text/plain".to_owned()));
    assert_eq!((typed.header("content-type"), &typed.json()["generation"]), (Some("text/plain"), &json!(41)));
    assert_eq!(with(Oddity::GenerationAsText).json()["generation"], "41");
    assert!(with(Oddity::Without("generation".to_owned())).json().get("generation").is_none());
    let redirect = with(Oddity::Redirect("https://elsewhere.example/version".to_owned()));
    assert_eq!(
        (redirect.status, redirect.header("location")),
        (302, Some("https://elsewhere.example/version"))
    );
    let huge = with(Oddity::Huge(5_000_000));
    assert!(huge.body.len() > 5_000_000);
    assert_eq!(huge.json()["commit_sha"], json!(sha('a')));
    assert!(serde_json::from_str::<Value>(&with(Oddity::NotJson).body).is_err());
    assert_eq!(world.ask(&green, "/health").status, 200, "only the version is odd");
}

#[test]
fn an_oddity_may_pass_and_may_belong_to_one_commit() {
    let world = World::new();
    let green = world.live("api-green", 'a');
    let stale = App::default().odd_for(Oddity::Commit(sha('a')), seconds(30));
    world.origins.set_app_of_commit(&green, &sha('b'), stale);
    world.deploy(&green, 'b');
    world.clock.advance(seconds(90));
    assert_eq!(world.version(&green)["commit_sha"], json!(sha('a')));
    world.clock.advance(seconds(29));
    assert_eq!(world.version(&green)["commit_sha"], json!(sha('a')));
    world.clock.advance(seconds(1));
    assert_eq!(world.version(&green)["commit_sha"], json!(sha('b')));
    world.deploy(&green, 'c');
    world.clock.advance(seconds(90));
    assert_eq!(world.version(&green)["commit_sha"], json!(sha('c')), "another commit is not odd");
}

#[test]
fn an_image_tells_the_commit_that_it_was_told() {
    let world = World::new();
    let image = NewService::web("api").image("docker.io/acme/api:1").live(&sha('a'));
    let id = world.render.add_service(&image);
    let made_up = world.version(&id)["commit_sha"].as_str().unwrap().to_owned();
    assert_eq!(made_up.len(), 40);
    world.origins.set_image_commit("docker.io/acme/api:1", &sha('d'));
    assert_eq!(world.version(&id)["commit_sha"], json!(sha('d')));
    assert_eq!(world.version(&id)["generation"], Value::Null, "no generation was set");
}

#[test]
fn journal_and_faults_are_per_service() {
    let world = World::new();
    let (blue, green) = (world.live("api-blue", 'a'), world.live("api-green", 'b'));
    world.ask(&green, "/version");
    assert_eq!(world.origins.journal_of(&green).unwrap().count("GET /version"), 1);
    assert_eq!(world.origins.journal_of(&blue).unwrap().entries().len(), 0);
    let faults = world.origins.faults_of(&green).unwrap();
    let _rule =
        faults.on("GET /version", rehearsal::fault::When::Always, rehearsal::fault::What::status(503));
    assert_eq!((world.ask(&green, "/version").status, world.ask(&blue, "/version").status), (503, 200));
}
