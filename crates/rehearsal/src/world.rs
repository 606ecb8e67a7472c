//! The world of one cutover: one target in blue and green, ready to be flipped.
//!
//! Blue has been live since yesterday, the public name has pointed at it with a
//! TTL of 60 for as long, and visitors can be let in.

use std::io;

use anyhow::Result;
use serde_json::json;

pub use crate::platform::{BLUE_GENERATION, GENERATION, Platform, SCHEMA_VERSION, ZONE};

use crate::origins::Build;
use crate::platform::Foundation;
use crate::twins::render::NewService;
use crate::visitors::Visitors;

/// The name that visitors ask for.
pub const HOST: &str = "api.example.localhost";

/// The Worker that serves the zone's edge.
pub const WORKER: &str = "edge";

/// Requests a second, by all visitors together.
const RATE: f64 = 20.0;

/// Everything that a cutover of one target touches, at work.
#[derive(Debug)]
pub struct World {
    /// The vendors and the network.
    pub platform: Platform,
    /// The blue service's id.
    pub blue: String,
    /// The green service's id.
    pub green: String,
}

impl World {
    /// Starts everything. `blue_commit` is what blue has been running.
    ///
    /// # Errors
    /// A port or a thread is not to be had, or the contracts cannot be read.
    pub fn start(blue_commit: &str) -> Result<Self> {
        let ground = Foundation::lay()?;
        let [blue, green] = ["api-blue", "api-green"].map(|name| {
            let generation = BLUE_GENERATION.to_string();
            ground
                .render
                .add_service(&NewService::web(name).variable(GENERATION, &generation).live(blue_commit))
        });
        ground.origins.bake(blue_commit, Build::of(blue_commit).schema_version(SCHEMA_VERSION));
        ground.publish(HOST, &blue, &green)?;
        ground.cloudflare.add_worker(
            WORKER,
            vec![
                json!({"type": "plain_text", "name": "REGION", "text": "eu"}),
                json!({"type": "secret_text", "name": "SIGNING_KEY", "text": "rehearsal-signing-key"}),
            ],
        );
        Ok(Self { platform: ground.open()?, blue, green })
    }

    /// Pushes a commit that can be deployed to green.
    ///
    /// # Errors
    /// Green is not one of this world's services any more.
    pub fn push(&self, commit: &str) -> Result<()> {
        self.platform.push(commit, SCHEMA_VERSION, &[&self.green])
    }

    /// The variables with which a primitive works on this world instead of the
    /// real one. The credentials among them open nothing else.
    ///
    /// # Errors
    /// A service has no address.
    pub fn environment(&self) -> Result<Vec<(&'static str, String)>> {
        let mut variables = self.platform.addresses()?;
        variables.extend(self.platform.credentials());
        Ok(variables)
    }

    /// The name by which a service is reached before the public name points at it.
    ///
    /// # Errors
    /// The service is not one of this world's.
    pub fn origin(&self, service: &str) -> Result<String> {
        self.platform.origin(service)
    }

    /// Where the public name points now, as the zone's records say.
    #[must_use]
    pub fn public_target(&self) -> String {
        self.platform.target_of(HOST)
    }

    /// Lets visitors in: twenty requests a second for the public name.
    ///
    /// # Errors
    /// The system grants no thread.
    pub fn let_visitors_in(&self) -> io::Result<Visitors> {
        self.platform.let_visitors_in(&[HOST], RATE)
    }

    /// Stops the servers.
    ///
    /// # Errors
    /// An exchange broke a vendor's contract.
    pub fn stop(self) -> Result<()> {
        self.platform.stop()
    }
}
