//! A Pages project and a Worker that are to get one more KV binding.

use std::collections::BTreeMap;
use std::sync::Arc;

use action::SimClock;
use kv_bind::KvBind;
use rehearsal::contract::Vendor;
use rehearsal::in_process::Invocation;
use rehearsal::server::Server;
use rehearsal::twins::cloudflare::{ACCOUNT, Cloudflare};
use serde_json::{Map, Value, json};

use super::place::{Kind, Place};
use super::run::Run;
use super::secrets::{CLOUDFLARE_TOKEN, STORED};
use super::verdict::{Verdict, ensure, same};
use super::world::World;

const PROJECT: &str = "docs";
const SCRIPT: &str = "edge";

/// The binding that is asked for.
const BINDING: &str = "CONTENT";

/// More namespaces than one page of the API holds.
const TWO_PAGES: usize = 110;

/// Where it is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Pages,
    Worker,
}

/// The world.
pub(crate) struct KvWorld {
    pub(crate) twin: Cloudflare,
    pub(crate) server: Server,
    /// Where the client is led.
    pub(crate) url: String,
    clock: Arc<SimClock>,
    target: Target,
    /// The title of the namespace that is to be bound.
    title: String,
    /// The namespaces that there were.
    namespaces: Vec<(String, String)>,
    /// What there was, without the binding.
    others: (Value, Value),
    /// What was bound by its name.
    before: Option<String>,
}

impl KvWorld {
    /// A namespace is to be created and bound to the Pages project.
    pub(crate) fn pages() -> Self {
        Self::start(Target::Pages, 2, |_| "content".to_owned())
    }

    /// One of many namespaces, of the last page, is to be bound to the Worker,
    /// where the name holds another one.
    pub(crate) fn worker() -> Self {
        Self::start(Target::Worker, TWO_PAGES, |namespaces| {
            namespaces.values().next_back().cloned().unwrap_or_default()
        })
    }

    fn start(target: Target, count: usize, choose: impl FnOnce(&BTreeMap<String, String>) -> String) -> Self {
        let clock = Arc::new(SimClock::default());
        let twin = Cloudflare::new(clock.clone());
        twin.set_token(CLOUDFLARE_TOKEN);
        let titles = (0..count).map(|number| format!("site-{number}"));
        let by_id: BTreeMap<String, String> =
            titles.map(|title| (twin.add_namespace(&title), title)).collect();
        let first = by_id.keys().next().cloned().unwrap_or_default();
        add_project(&twin, &first);
        add_worker(&twin, &first);
        let server = Server::of(Vendor::Cloudflare, twin.router()).unwrap();
        let mut world = Self {
            url: server.base_url(),
            title: choose(&by_id),
            namespaces: twin.namespaces(),
            others: Default::default(),
            before: None,
            twin,
            server,
            clock,
            target,
        };
        world.others = world.all_but_the_binding();
        world.before = world.binding();
        world
    }

    /// The ids of the namespaces that have the wanted title.
    fn found(&self) -> Vec<String> {
        let all = self.twin.namespaces().into_iter();
        all.filter(|(_, title)| *title == self.title).map(|(id, _)| id).collect()
    }

    /// What is bound, secrets and all.
    fn binding(&self) -> Option<String> {
        let bound = match self.target {
            Target::Pages => pages_map(&self.twin.pages_project(PROJECT)).get(BINDING).cloned(),
            Target::Worker => {
                self.twin.worker_bindings(SCRIPT).into_iter().find(|binding| binding["name"] == BINDING)
            }
        };
        bound.map(|bound| bound["namespace_id"].as_str().unwrap_or("something else").to_owned())
    }

    fn all_but_the_binding(&self) -> (Value, Value) {
        let mut project = self.twin.pages_project(PROJECT);
        let mut worker = self.twin.worker_bindings(SCRIPT);
        match self.target {
            Target::Pages => {
                let map = project.pointer_mut("/deployment_configs/production/kv_namespaces");
                map.and_then(Value::as_object_mut).unwrap().remove(BINDING);
            }
            Target::Worker => worker.retain(|binding| binding["name"] != BINDING),
        }
        worker.sort_by_key(|binding| binding["name"].to_string());
        (project, Value::from(worker))
    }

    fn waits_for_a_deployment(&self) -> bool {
        self.target == Target::Pages
    }
}

fn pages_map(project: &Value) -> Map<String, Value> {
    let map = &project["deployment_configs"]["production"]["kv_namespaces"];
    map.as_object().cloned().unwrap_or_default()
}

fn add_project(twin: &Cloudflare, namespace: &str) {
    twin.add_pages_project(PROJECT);
    for environment in ["production", "preview"] {
        let set = |field: &str, value: Value| {
            twin.set_in_pages_project(PROJECT, &format!("/deployment_configs/{environment}/{field}"), value);
        };
        set("kv_namespaces", json!({"SESSIONS": {"namespace_id": namespace}}));
        set(
            "env_vars",
            json!({
                "SECRET": {"type": "secret_text", "value": STORED},
                "PLAIN": {"type": "plain_text", "value": STORED},
            }),
        );
        set("r2_buckets", json!({"FILES": {"name": "files"}}));
    }
}

fn add_worker(twin: &Cloudflare, namespace: &str) {
    let bindings = vec![
        json!({"type": "kv_namespace", "name": "SESSIONS", "namespace_id": namespace}),
        json!({"type": "kv_namespace", "name": BINDING, "namespace_id": namespace}),
        json!({"type": "secret_text", "name": "SECRET", "text": STORED}),
        json!({"type": "plain_text", "name": "PLAIN", "text": STORED}),
        json!({"type": "r2_bucket", "name": "FILES", "bucket_name": "files"}),
    ];
    twin.add_worker(SCRIPT, bindings);
}

impl World for KvWorld {
    type Primitive = KvBind;

    fn places(&self) -> Vec<Place> {
        vec![Place::api(Kind::Cloudflare, &self.server)]
    }

    fn clock(&self) -> &Arc<SimClock> {
        &self.clock
    }

    fn secrets(&self) -> &'static [&'static str] {
        &[CLOUDFLARE_TOKEN]
    }

    fn job(&self) -> Invocation {
        let job = Invocation::new(self.clock.clone())
            .with("account-id", ACCOUNT)
            .with("namespace", &self.title)
            .with("binding", BINDING)
            .variable("CLOUDFLARE_API_URL", format!("{}/client/v4", self.url))
            .variable("CLOUDFLARE_API_TOKEN", CLOUDFLARE_TOKEN);
        match self.target {
            Target::Pages => job.with("pages-project", PROJECT).with("create", "true"),
            Target::Worker => job.with("worker-script", SCRIPT),
        }
    }

    fn holds(&self, run: &Run) -> Verdict {
        let found = self.found();
        ensure(found.len() < 2, || format!("{} namespaces have the title", found.len()))?;
        let mut namespaces = self.twin.namespaces();
        namespaces.retain(|namespace| self.namespaces.contains(namespace));
        same("the namespaces that were there", &namespaces, &self.namespaces)?;
        same("everything else that is bound", &self.all_but_the_binding(), &self.others)?;
        if run.is_good() {
            same("the binding", self.binding(), found.first().cloned())?;
            same(
                "the output namespace-id",
                run.output("namespace-id"),
                self.binding().as_deref().unwrap_or_default(),
            )?;
        }
        let is_known = self.binding() == self.before || self.binding() == found.first().cloned();
        ensure(is_known, || format!("the binding is neither old nor new: {:?}", self.binding()))?;
        let (bound, created) = (run.has_applied("PATCH"), run.has_applied("POST"));
        ensure(run.output("changed") != "false" || !bound, || "it denies that it bound".to_owned())?;
        ensure(run.word() != "success" || run.output("changed") == "true" || !(bound || created), || {
            "it did not say that it changed something".to_owned()
        })?;
        let wants_deploy = bound && self.waits_for_a_deployment();
        ensure(!wants_deploy || run.output("deploy-needed") == "true", || {
            "it bound, and does not say that a deployment is needed".to_owned()
        })
    }

    fn tells_all(&self, run: &Run) -> Verdict {
        ensure(run.output("changed") != "false" || !run.has_applied("POST"), || {
            "it denies that it created a namespace".to_owned()
        })
    }

    fn is_reached(&self) -> Verdict {
        let found = self.found();
        same("namespaces of the title", found.len(), 1)?;
        same("the binding", self.binding(), found.first().cloned())
    }
}
