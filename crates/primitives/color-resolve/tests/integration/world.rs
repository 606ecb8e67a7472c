//! A zone with two public names, a manifest, and runs that look at them.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use action::{Ending, SimClock};
use color_resolve::ColorResolve;
use rehearsal::contract::Vendor;
use rehearsal::in_process::{Invocation, Run};
use rehearsal::server::Server;
use rehearsal::twins::cloudflare::{Cloudflare, Plan};
use serde_json::json;
use tempfile::TempDir;

/// The token; it must show up nowhere.
pub const TOKEN: &str = "canary-cloudflare-token-1f0d";

pub const ALL: &str = r#"["api","dashboard","docs","workers"]"#;

pub const MANIFEST: &str = r#"
version: 1
targets:
  api:
    paths: [api/**]
    hostnames: [api.example.com, www.example.com]
    blue: { service: "${{ vars.API_BLUE }}", origin: api-blue.onrender.com }
    green: { service: srv-apigreen, origin: "https://api-green.onrender.com" }
  workers:
    paths: [workers/**]
    blue: { service: srv-workersblue }
    green: { service: srv-workersgreen }
  dashboard:
    paths: [dashboard/**]
    hostnames: [app.example.com]
    blue: { service: srv-dashblue, origin: dash-blue.onrender.com }
    green: { service: srv-dashgreen, origin: dash-green.onrender.com }
  docs:
    kind: pages
    paths: [docs/**]
    hostnames: [docs.example.com]
coupling: [[api, workers]]
"#;

pub struct World {
    pub cloudflare: Cloudflare,
    pub server: Server,
    pub zone: String,
    pub folder: TempDir,
    clock: Arc<SimClock>,
}

impl World {
    /// api on blue, dashboard on green.
    pub fn new() -> Self {
        Self::pointing(&[
            ("api.example.com", "api-blue.onrender.com"),
            ("www.example.com", "api-blue.onrender.com"),
            ("app.example.com", "dash-green.onrender.com"),
        ])
    }

    pub fn pointing(names: &[(&str, &str)]) -> Self {
        let clock = Arc::new(SimClock::default());
        let cloudflare = Cloudflare::new(clock.clone());
        cloudflare.set_token(TOKEN);
        let zone = cloudflare.add_zone("example.com", Plan::Free, &["a.ns.example", "b.ns.example"]);
        for (host, target) in names {
            let record = json!({"type": "CNAME", "name": host, "content": target, "ttl": 60});
            cloudflare.add_record(&zone, &record).unwrap();
        }
        let server = Server::of(Vendor::Cloudflare, cloudflare.router()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".github")).unwrap();
        let world = Self { cloudflare, server, zone, folder, clock };
        world.manifest(MANIFEST);
        world
    }

    pub fn manifest(&self, text: &str) {
        fs::write(self.folder.path().join(".github/deploy-manifest.yml"), text).unwrap();
    }

    pub fn variables(&self) -> BTreeMap<String, String> {
        [
            ("CLOUDFLARE_API_URL", format!("{}/client/v4", self.server.base_url())),
            ("CLOUDFLARE_API_TOKEN", TOKEN.to_owned()),
            ("API_BLUE", "srv-apiblue".to_owned()),
            ("GITHUB_RUN_ID", "7001".to_owned()),
            ("GITHUB_SERVER_URL", "https://github.com".to_owned()),
            ("GITHUB_REPOSITORY", "acme/app".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    pub fn look(&self, targets: &str) -> Invocation {
        Invocation::new(self.clock.clone())
            .variables(self.variables())
            .directory(self.folder.path())
            .with("targets", targets)
            .with("zone-id", &self.zone)
            .canary(TOKEN)
    }

    pub fn run(&self, targets: &str) -> Report {
        run(self.look(targets))
    }
}

#[derive(Debug)]
pub struct Report(pub Run);

impl Report {
    pub fn end(&self) -> (u8, &str) {
        (self.0.ending.code(), self.0.output("result"))
    }

    pub fn output(&self, name: &str) -> &str {
        self.0.output(name)
    }

    #[track_caller]
    pub fn assert(&self, end: (u8, &str), told: &str) {
        assert_eq!(self.end(), end, "{}\n{}", self.0.error(), self.0.stderr);
        assert!(self.0.error().contains(told), "{told}: {}", self.0.error());
        assert!(self.0.error().contains("\nhint: "), "{}", self.0.error());
        for output in ["flips", "records", "standby", "live-services"] {
            assert!(!self.0.outputs.contains_key(output), "{output} is set although it failed");
        }
    }

    #[track_caller]
    pub fn success(&self) -> &Self {
        assert_eq!(self.end(), (0, "success"), "{}", self.0.error());
        self
    }

    pub fn warned(&self, told: &str) -> bool {
        self.0.stderr.lines().any(|line| line.starts_with("::warning ") && line.contains(told))
    }
}

pub fn run(look: Invocation) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let run = runtime.block_on(look.run::<ColorResolve>()).unwrap();
    assert_eq!(run.leaks(), Vec::<String>::new());
    assert_ne!(run.ending, Ending::Bug, "{}", run.stderr);
    Report(run)
}
