//! Two services with an env group, a manifest, and runs that check them.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use action::{Ending, SimClock};
use env_group_lint::EnvGroupLint;
use rehearsal::contract::Vendor;
use rehearsal::in_process::{Invocation, Run};
use rehearsal::server::Server;
use rehearsal::twins::render::{NewService, Render};
use tempfile::TempDir;

/// The API key; it must show up nowhere.
pub const KEY: &str = "rnd_canary_c93e55";

/// The value of every variable; it must show up nowhere.
pub const VALUE: &str = "canary-value-2b7714";

pub const MANIFEST: &str = r#"
version: 1
targets:
  api:
    paths: [api/**]
    blue: { service: "${{ vars.API_BLUE }}" }
    green: { service: "${{ vars.API_GREEN }}" }
env:
  per_service: [SPECTRAL_GENERATION, HANDLER_MAX]
  group: [SUPABASE_URL, SENTRY_DSN]
  image_baked: [schema_version]
  github: [CLOUDFLARE_API_TOKEN, RENDER_API_KEY]
"#;

pub struct World {
    pub twin: Render,
    pub server: Server,
    pub blue: String,
    pub green: String,
    pub group: String,
    pub folder: TempDir,
    clock: Arc<SimClock>,
}

impl World {
    /// Everything stands where it belongs.
    pub fn new() -> Self {
        let clock = Arc::new(SimClock::default());
        let twin = Render::new(clock.clone());
        twin.set_api_key(KEY);
        let server = Server::of(Vendor::Render, twin.router()).unwrap();
        let add = |name: &str| {
            let service = NewService::web(name).variable("SPECTRAL_GENERATION", VALUE).variable("OWN", VALUE);
            twin.add_service(&service)
        };
        let (blue, green) = (add("api-blue"), add("api-green"));
        let group = twin.add_env_group("shared", [("SUPABASE_URL", VALUE), ("SENTRY_DSN", VALUE)]);
        for service in [&blue, &green] {
            twin.link_env_group(&group, service).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".github")).unwrap();
        let world = Self { twin, server, blue, green, group, folder, clock };
        world.manifest(MANIFEST);
        world
    }

    pub fn manifest(&self, text: &str) {
        fs::write(self.folder.path().join(".github/deploy-manifest.yml"), text).unwrap();
    }

    pub fn set(&self, service: &str, key: &str) {
        self.twin.set_env(service, key, VALUE).unwrap();
    }

    /// One more group, linked to a service.
    pub fn link(&self, service: &str, name: &str, keys: &[&str]) -> String {
        let group = self.twin.add_env_group(name, keys.iter().map(|key| (*key, VALUE)));
        self.twin.link_env_group(&group, service).unwrap();
        group
    }

    pub fn variables(&self) -> BTreeMap<String, String> {
        [
            ("RENDER_API_URL", format!("{}/v1", self.server.base_url())),
            ("RENDER_API_KEY", KEY.to_owned()),
            ("API_BLUE", self.blue.clone()),
            ("API_GREEN", self.green.clone()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    pub fn lint(&self) -> Invocation {
        Invocation::new(self.clock.clone())
            .variables(self.variables())
            .directory(self.folder.path())
            .canary(KEY)
            .canary(VALUE)
    }

    pub fn run(&self) -> Run {
        run(self.lint())
    }

    /// A text with ids that do not change from run to run.
    pub fn stable(&self, text: &str) -> String {
        text.replace(&self.blue, "srv-blue")
            .replace(&self.green, "srv-green")
            .replace(&self.group, "evg-shared")
    }
}

pub fn run(lint: Invocation) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let run = runtime.block_on(lint.run::<EnvGroupLint>()).unwrap();
    assert_eq!(run.leaks(), Vec::<String>::new());
    assert_ne!(run.ending, Ending::Bug, "{}", run.stderr);
    run
}

pub fn end(run: &Run) -> (u8, &str) {
    (run.ending.code(), run.output("result"))
}
