//! A twin on a simulated clock, behind a real server with the contract layer on.

use std::sync::Arc;
use std::time::Duration;

use action::SimClock;
use rehearsal::contract::Vendor;
use rehearsal::server::Server;
use rehearsal::twins::render::{API_KEY, Deploy, Limits, NewService, Plan, Render, Status};
use serde_json::{Value, json};

use crate::call::{Call, Reply, call};

pub(super) struct Bench {
    pub(super) clock: Arc<SimClock>,
    pub(super) render: Render,
    server: Server,
}

/// A commit whose SHA is this digit forty times.
pub(super) fn sha(digit: char) -> String {
    digit.to_string().repeat(40)
}

pub(super) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Builds for 60 s, updates for 30 s.
pub(super) fn slow() -> Plan {
    Plan::live().build(seconds(60)).update(seconds(30))
}

impl Bench {
    /// Without rate limits, so that only the tests of limits meet them.
    pub(super) fn new() -> Self {
        let clock = Arc::new(SimClock::default());
        let render = Render::new(clock.clone());
        render.set_limits(Limits::none());
        let server = Server::of(Vendor::Render, render.router()).unwrap();
        Self { clock, render, server }
    }

    /// A web service whose live deploy is of [`sha`]`('a')`.
    pub(super) fn web(&self, name: &str) -> String {
        self.render.add_service(&NewService::web(name).live(&sha('a')).plan(slow()))
    }

    pub(super) fn send(&self, call: Call) -> Reply {
        call.bearer(API_KEY).send(&self.server)
    }

    /// Sends what a client should not: the contract layer must find fault with the
    /// request, and with nothing that the twin says.
    #[track_caller]
    pub(super) fn misuse(&self, call: Call) -> Reply {
        let reply = self.send(call);
        self.forgive_requests();
        reply
    }

    /// The same without a key, or with another one.
    #[track_caller]
    pub(super) fn send_as_is(&self, call: Call) -> Reply {
        let reply = call.send(&self.server);
        self.forgive_requests();
        reply
    }

    #[track_caller]
    fn forgive_requests(&self) {
        let found = self.server.contract().map(|judge| judge.take_violations()).unwrap_or_default();
        let by_twin: Vec<_> = found.iter().filter(|one| one.place.starts_with("response")).collect();
        assert!(by_twin.is_empty(), "{by_twin:?}");
    }

    #[track_caller]
    pub(super) fn get(&self, path: &str) -> Value {
        let reply = self.send(call("GET", path));
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        reply.json()
    }

    /// Sends JSON and expects this status.
    #[track_caller]
    pub(super) fn write(&self, method: &str, path: &str, body: &Value, status: u16) -> Reply {
        let reply = self.send(call(method, path).json(body));
        assert_eq!(reply.status, status, "{method} {path}: {}", reply.text());
        reply
    }

    /// Sends no body and expects this status.
    #[track_caller]
    pub(super) fn bare(&self, method: &str, path: &str, status: u16) -> Reply {
        let reply = self.send(call(method, path));
        assert_eq!(reply.status, status, "{method} {path}: {}", reply.text());
        reply
    }

    /// Triggers a deploy of a commit, and returns its id.
    #[track_caller]
    pub(super) fn deploy(&self, service: &str, commit: &str) -> String {
        let path = format!("/v1/services/{service}/deploys");
        let reply = self.write("POST", &path, &json!({"commitId": commit}), 201).json();
        reply["id"].as_str().unwrap().to_owned()
    }

    /// A deploy's status as the API shows it.
    #[track_caller]
    pub(super) fn status(&self, service: &str, deploy: &str) -> String {
        let deploy = self.get(&format!("/v1/services/{service}/deploys/{deploy}"));
        deploy["status"].as_str().unwrap().to_owned()
    }

    /// The ids of a page of deploys.
    #[track_caller]
    pub(super) fn listed(&self, service: &str, query: &str) -> Vec<String> {
        let rows = self.get(&format!("/v1/services/{service}/deploys{query}"));
        let ids = rows.as_array().unwrap().iter().map(|row| row["deploy"]["id"].as_str().unwrap());
        ids.map(str::to_owned).collect()
    }

    /// The deploy behind the API's back.
    #[track_caller]
    pub(super) fn seen(&self, service: &str, deploy: &str) -> Deploy {
        let deploys = self.render.deploys(service).unwrap();
        deploys.into_iter().find(|known| known.id == deploy).unwrap()
    }

    pub(super) fn pass(&self, duration: Duration) {
        self.clock.advance(duration);
    }
}

/// The words of every status that a deploy had, in order.
pub(super) fn words(deploy: &Deploy) -> Vec<&'static str> {
    deploy.history.iter().map(|(_, status)| Status::word(*status)).collect()
}
