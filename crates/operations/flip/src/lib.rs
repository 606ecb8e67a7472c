//! Moves public names in Cloudflare's DNS from one service to another, and back
//! (ADR-053 D9 step 11 and D14.2, runbook step 11).
//!
//! The way of a run, each stage in its own module:
//!
//! 1. `zone` and the records are read;
//! 2. `plan` decides, name by name, or refuses;
//! 3. `attachment`, `probe` and [`mod@servers`] ask the world whether the targets would
//!    answer, and whether the change could be seen;
//! 4. `change` sends one batch, looks what became of it, and takes it back if it
//!    cannot be verified;
//! 5. `report` and `way_back` tell a person.
//!
//! A caller makes a [`Request`] and has it [carried out](run()); a [`Listener`] hears what
//! the names were before the first of them moves.

mod attachment;
mod change;
mod host;
mod lines;
mod listener;
mod marker;
mod plan;
mod previous;
mod probe;
mod report;
mod request;
mod run;
mod servers;
mod standing;
mod step;
mod ttl;
mod way_back;
mod zone;

pub use dns::NameServer;
pub use host::Host;
pub use lines::{Pointing, Service, pointings, probe_path, servers, services, zone_id};
pub use listener::Listener;
pub use previous::{Previous, parse as previous};
pub use request::{Mode, Request, VerifyDns};
pub use run::run;
pub use step::{Fields, Wish};

/// The variable that holds Cloudflare's token.
pub const TOKEN: &str = "CLOUDFLARE_API_TOKEN";

/// Seconds that a flip lets resolvers keep an answer, unless told otherwise.
pub const DEFAULT_TTL: u32 = 60;

/// The path that targets are asked for, unless told otherwise.
pub const DEFAULT_PROBE: &str = "/version";
