//! An account with a Pages project and a Worker that hold bindings already, and a
//! run of the primitive.

use std::collections::BTreeMap;
use std::sync::Arc;

use action::SimClock;
use kv_bind::KvBind;
use rehearsal::contract::Vendor;
use rehearsal::fault::{Faults, Rule};
use rehearsal::in_process::{self, Run};
use rehearsal::server::{Entry, Server};
use rehearsal::twins::cloudflare::{ACCOUNT, Cloudflare};
use serde_json::{Value, json};

pub(crate) const PROJECT: &str = "docs";
pub(crate) const SCRIPT: &str = "edge";

/// A credential that must show up nowhere but in an `Authorization` header, and
/// values of variables that must show up nowhere at all.
pub(crate) const TOKEN: &str = "canary-of-cloudflare-91c2aa";
pub(crate) const VARIABLE: &str = "canary-of-a-variable-5e0d41";

pub(crate) const LIST: &str = "GET /client/v4/accounts/{account}/storage/kv/namespaces";
pub(crate) const CREATE: &str = "POST /client/v4/accounts/{account}/storage/kv/namespaces";
pub(crate) const READ_PROJECT: &str = "GET /client/v4/accounts/{account}/pages/projects/{project}";
pub(crate) const EDIT_PROJECT: &str = "PATCH /client/v4/accounts/{account}/pages/projects/{project}";
pub(crate) const EDIT_WORKER: &str = "PATCH /client/v4/accounts/{account}/workers/scripts/{script}/settings";

pub(crate) struct World {
    clock: Arc<SimClock>,
    pub(crate) cloudflare: Cloudflare,
    pub(crate) api: Server,
    /// The namespace that is bound as `SESSIONS`.
    pub(crate) sessions: String,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(SimClock::default());
        let cloudflare = Cloudflare::new(clock.clone());
        cloudflare.set_token(TOKEN);
        let sessions = cloudflare.add_namespace("sessions");
        cloudflare.add_pages_project(PROJECT);
        for environment in ["production", "preview"] {
            let set = |field: &str, value: Value| {
                let pointer = format!("/deployment_configs/{environment}/{field}");
                cloudflare.set_in_pages_project(PROJECT, &pointer, value);
            };
            set("kv_namespaces", json!({"SESSIONS": {"namespace_id": sessions}}));
            set(
                "env_vars",
                json!({
                    "SECRET": {"type": "secret_text", "value": VARIABLE},
                    "PLAIN": {"type": "plain_text", "value": VARIABLE},
                }),
            );
            set("r2_buckets", json!({"FILES": {"name": "files"}}));
            set("placement", json!({"mode": "smart"}));
        }
        cloudflare.add_worker(
            SCRIPT,
            vec![
                json!({"type": "kv_namespace", "name": "SESSIONS", "namespace_id": sessions}),
                json!({"type": "secret_text", "name": "SECRET", "text": VARIABLE}),
                json!({"type": "plain_text", "name": "PLAIN", "text": VARIABLE}),
                json!({"type": "r2_bucket", "name": "FILES", "bucket_name": "files"}),
            ],
        );
        Self {
            api: Server::of(Vendor::Cloudflare, cloudflare.router()).unwrap(),
            clock,
            cloudflare,
            sessions,
        }
    }

    pub(crate) fn faults(&self) -> &Faults {
        self.api.faults()
    }

    pub(crate) fn writes(&self) -> Vec<Entry> {
        self.api.journal().writes()
    }

    /// One environment of the project, secrets and all.
    pub(crate) fn pages(&self, environment: &str) -> Value {
        self.cloudflare.pages_project(PROJECT)["deployment_configs"][environment].clone()
    }

    /// The Worker's binding of this name, secrets and all.
    pub(crate) fn worker(&self, name: &str) -> Value {
        let mut bindings = self.cloudflare.worker_bindings(SCRIPT).into_iter();
        bindings.find(|binding| binding["name"] == name).unwrap_or_default()
    }

    /// The id of the namespace of this title.
    pub(crate) fn namespace(&self, title: &str) -> Option<String> {
        let mut all = self.cloudflare.namespaces().into_iter();
        all.find(|(_, found)| found == title).map(|(id, _)| id)
    }

    /// A run that binds `CONTENT` of the project to a new namespace `content`.
    pub(crate) fn to_pages(&self) -> Invocation<'_> {
        self.invoke("content").with("create", "true").with("pages-project", PROJECT)
    }

    /// The same for the Worker.
    pub(crate) fn to_worker(&self) -> Invocation<'_> {
        self.invoke("content").with("create", "true").with("worker-script", SCRIPT)
    }

    /// A run for the namespace `namespace`, bound as `CONTENT` to nothing yet.
    pub(crate) fn invoke(&self, namespace: &str) -> Invocation<'_> {
        Invocation { world: self, words: Vec::new(), extra: Vec::new() }
            .with("account-id", ACCOUNT)
            .with("namespace", namespace)
            .with("binding", "CONTENT")
    }

    pub(crate) fn variables(&self) -> BTreeMap<String, String> {
        [
            ("CLOUDFLARE_API_URL", format!("{}/client/v4", self.api.base_url())),
            ("CLOUDFLARE_API_TOKEN", TOKEN.to_owned()),
            ("GITHUB_ACTIONS", "true".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}

pub(crate) struct Invocation<'w> {
    world: &'w World,
    pub(crate) words: Vec<String>,
    extra: Vec<(String, String)>,
}

impl Invocation<'_> {
    pub(crate) fn with(mut self, input: &str, value: impl Into<String>) -> Self {
        self.words.push(format!("--{input}={}", value.into()));
        self
    }

    /// Sets a variable; an empty one counts as absent.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.extra.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs in process and vanishes, as by SIGKILL, once a fault has struck.
    pub(crate) async fn run_until_struck(self, rule: &Rule) {
        assert!(rule.kills(self.run()).await.is_none(), "the run ended before the fault struck");
    }

    /// Runs in process, on the world's clock.
    pub(crate) async fn run(self) -> Run {
        let invocation = in_process::Invocation::new(self.world.clock.clone())
            .words(self.words)
            .variables(self.world.variables())
            .variables(self.extra)
            .canary(TOKEN)
            .canary(VARIABLE);
        let run = invocation.run::<KvBind>().await.unwrap();
        assert_eq!(run.leaks(), Vec::<String>::new());
        run
    }
}
