//! Brings what stands by to what serves, once the hold of a cutover is over (ADR-053 D11,
//! runbook step 12).
//!
//! The way of a run, each stage in its own module:
//!
//! 1. `standing` tells, group by group and from the ledger alone, what is due;
//! 2. `sync` refuses while older work is left or a name has gone back, finds what
//!    stands by, and lets the operation `deploy` bring it to the live commit and
//!    generation, service by service; then it records the sync;
//! 3. `premise` looks again at names and ledger before each service and before the
//!    record, for every deploy takes minutes.
//!
//! What a rerun relies on is the ledger, and what Render shows of the services.

mod job;
mod premise;
mod report;
mod standing;
mod sync;

use std::time::Duration;

use action::{Context, Done, Effect, Failure, Primitive, Secret};

pub use job::Job;

/// The primitive.
#[derive(Debug)]
pub struct BlueSync;

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// Targets to sync now, as a JSON list of names: one that is not due is refused. Unless given, whatever is due of the manifest is synced, which may be nothing
    #[arg(long)]
    targets: Option<String>,

    /// Id of the Cloudflare zone that holds the public names: 32 hexadecimal digits
    #[arg(long)]
    zone_id: String,

    /// How long what served before is kept as the way back after a cutover, by the database's clock
    #[arg(long, default_value = "24h", value_parser = action::duration)]
    hold: Duration,

    /// Target whose workers do the work of core.outbox: what the generation that serves it has left is live work
    #[arg(long, default_value = "workers")]
    worker_target: String,

    /// Path of the deploy manifest, from the working directory on
    #[arg(long, default_value = manifest_file::USUAL)]
    manifest: String,

    /// When to give up on one service; its deploy goes on at Render
    #[arg(long, default_value = "25m", value_parser = action::duration)]
    timeout: Duration,
}

action::outputs! {
    /// What was synced.
    pub struct Synced {
        /// Targets whose standby runs what serves now: a sorted JSON list of names; `[]` when nothing was due.
        synced: "synced" => String,
        /// Generations that were recorded as synced, one a line.
        generations: "generations" => String,
    }
}

impl Primitive for BlueSync {
    const NAME: &'static str = "blue-sync";
    const ABOUT: &'static str = "Bring what stands by to what serves, once the hold of a cutover is over";
    const GUIDE: &'static str = "\
After a cutover the colour that served before stays as it was for `hold`: the fastest way back. Then it
is brought to the live commit and generation, so that both colours are the same again. Of each group of
coupled targets the newest flip counts: cut over at least `hold` ago by the database's clock, not rolled
back, not synced. The colours come from the public names, and commit and generation from the ledger. A
row of the ledger is synced as a whole: also for targets of it that were not named.

Refused, as stale: `targets` before their hold ends, after a rollback, or in an unfinished flip (a run
without `targets` passes over these, and says so); older generations with work left in core.outbox,
since the older workers go; names that are back where they were before the flip. Names and ledger are
read again before each service and before the record: if they have changed, it stops. A second run ends as
unchanged. Let it share the queue of the cutovers (`concurrency:`), and render-deploy's refusals hold.

Example:
  blue-sync --zone-id 023e105f4ecef8ad9ca31a8372d0c353 --hold 24h";
    const EXAMPLE: &'static [(&'static str, &'static str)] =
        &[("zone-id", "${{ vars.ZONE_ID }}"), ("hold", "${{ vars.HOLD || '24h' }}")];
    const EFFECT: Effect = Effect::Changes;
    const SECRETS: &'static [Secret] = &[
        postgres::ledger::SECRET,
        Secret { help: "API key of the workspace that owns the services (`rnd_...`)", ..render::SECRET },
        Secret {
            variable: colours::TOKEN,
            input: "cloudflare-api-token",
            help: "Cloudflare API token with the permission DNS: Read for the zone.",
            required: true,
        },
    ];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = Synced;

    async fn run(job: &Job, context: &Context, outputs: &mut Synced) -> Result<Done, Failure> {
        sync::run(job, context, outputs).await
    }
}
