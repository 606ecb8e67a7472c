//! A zone with the public names, asked before a deploy.

use std::sync::Arc;

use action::SimClock;
use cutover_record::CutoverRecord;
use rehearsal::contract::Vendor;
use rehearsal::in_process::{Invocation, Run};
use rehearsal::postgres::PASSWORD;
use rehearsal::server::Server;
use rehearsal::twins::cloudflare::{Cloudflare, Plan};
use serde_json::json;

use crate::world::{BLUE, World};

/// The token; it must show up nowhere.
const TOKEN: &str = "canary-cloudflare-token-77ab";

pub(crate) struct Zone {
    cloudflare: Cloudflare,
    pub(crate) server: Server,
    pub(crate) id: String,
    clock: Arc<SimClock>,
}

impl Zone {
    /// Every name points at blue.
    pub(crate) fn on_blue() -> Self {
        let clock = Arc::new(SimClock::default());
        let cloudflare = Cloudflare::new(clock.clone());
        cloudflare.set_token(TOKEN);
        let id = cloudflare.add_zone("example.com", Plan::Free, &["a.ns.example", "b.ns.example"]);
        for (host, target) in BLUE.lines().filter_map(|line| line.split_once(' ')) {
            let record = json!({"type": "CNAME", "name": host, "content": target, "ttl": 60});
            cloudflare.add_record(&id, &record).unwrap();
        }
        let server = Server::of(Vendor::Cloudflare, cloudflare.router()).unwrap();
        Self { cloudflare, server, id, clock }
    }

    /// Somebody changes the record of a name.
    pub(crate) fn edit(&self, host: &str, fields: &serde_json::Value) {
        self.cloudflare.edit_records(&self.id, host, fields).unwrap();
    }

    /// `may-deploy` of a run that found every name on blue.
    pub(crate) async fn may_deploy(&self, world: &World, generation: u64) -> Run {
        let run = Invocation::new(self.clock.clone())
            .variable("DATABASE_URL", world.postgres.dsn())
            .variable("CLOUDFLARE_API_URL", format!("{}/client/v4", self.server.base_url()))
            .variable("CLOUDFLARE_API_TOKEN", TOKEN)
            .with("mode", "may-deploy")
            .with("generation", generation.to_string())
            .with("zone-id", &self.id)
            .with("expect", BLUE)
            .canary(PASSWORD)
            .canary(TOKEN)
            .run::<CutoverRecord>()
            .await
            .unwrap();
        assert_eq!(run.leaks(), Vec::<String>::new());
        run
    }
}
