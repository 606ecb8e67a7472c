//! Drains what a generation that no longer serves has left behind (ADR-053 D13): a
//! temporary worker of its own commit and number works its outbox off, and is deleted.
//!
//! The way of a run, each stage in its own module:
//!
//! 1. `stranded` reads the generation from the ledger, and refuses one that must not
//!    be drained;
//! 2. `temporary` finds the temporary service by its name, or creates it, and brings
//!    it into the state from which it may be deployed; `deploys` stops the deploy that
//!    the creation began;
//! 3. the operation `deploy` gives it its variables and its commit;
//! 4. `watch` waits until it has said that it is done;
//! 5. `drain` ties them together, and deletes the service.
//!
//! What a rerun relies on is the ledger's outbox and what Render shows of the service:
//! its name, its deploys, its variables.

mod deploys;
mod drain;
mod job;
mod report;
mod stranded;
mod temporary;
mod watch;

use std::time::Duration;

use action::{Context, Done, Effect, Failure, Primitive, Secret};
use postgres::Ledger;

use crate::stranded::Stranded;

pub use job::Job;

/// The primitive.
#[derive(Debug)]
pub struct LegacyDrain;

/// What a run is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Say what the generation was, for the checkout.
    Read,
    /// Drain it.
    Drain,
}

/// What a workflow passes.
#[derive(clap::Args)]
pub struct Inputs {
    /// What to do: `read` gives `reference` and `commit` of the generation, for the checkout; `drain` drains it
    #[arg(long, value_enum, hide_possible_values = true)]
    mode: Mode,

    /// Generation whose work is stranded: a whole number
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    target_generation: u64,

    /// Target of the manifest whose workers do the work: the generation must no longer serve it
    #[arg(long, default_value = "workers")]
    target: String,

    /// For `drain`: the workers' service whose owner, repository, branch, folder, region, plan, runtime and commands the temporary one gets: `srv-...`. Not its variables, and not its pre-deploy command, which may migrate
    #[arg(long)]
    model_service: Option<String>,

    /// For `drain`: env groups to link, one `evg-...` a line. They are linked once the deploy is cancelled that creating a service begins
    #[arg(long)]
    env_groups: Option<String>,

    /// For `drain`: variables that the temporary service is to have, one a line: `KEY=VALUE`, or `KEY=$NAME` to read the variable NAME of the step, which is the way for secrets
    #[arg(long)]
    env: Option<String>,

    /// For `drain`: how long nothing may have been left before the worker ends, such as `30s`; its own setting unless given
    #[arg(long, value_parser = action::duration)]
    cooling: Option<Duration>,

    /// For `drain`: folder of the checkout, which must have the generation's commit
    #[arg(long, default_value = ".")]
    checkout: String,

    /// When to give up; the service stays, and a run like this one goes on with it
    #[arg(long, default_value = "60m", value_parser = action::duration)]
    timeout: Duration,
}

impl std::fmt::Debug for Inputs {
    /// Without `env`, whose values are nobody's business.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inputs")
            .field("mode", &self.mode)
            .field("target_generation", &self.target_generation)
            .finish_non_exhaustive()
    }
}

action::outputs! {
    /// What the generation was, and what became of it.
    pub struct DrainOutputs {
        /// Git reference that the generation was deployed from, such as `refs/tags/prod-7`.
        reference: "reference" => String,
        /// Commit of the generation; a checkout of it cannot move.
        commit: "commit" => String,
        /// Id of the temporary service; known to later steps as soon as it exists.
        service_id: "service-id" => String,
        /// Id of the deploy that drains.
        deploy_id: "deploy-id" => String,
        /// How many rows of the generation were pending or in flight when the run began.
        found: "found" => u64,
        /// How the end was known: `log` by the worker's own words, `outbox` because nothing was left for long enough; empty when nothing was drained.
        signal: "signal" => String,
    }
}

impl Primitive for LegacyDrain {
    const NAME: &'static str = "legacy-drain";
    const ABOUT: &'static str = "Drain what a generation that no longer serves has left behind, with a temporary worker of its own commit";
    const GUIDE: &'static str = "\
A worker takes only rows of core.outbox of its own generation, so after a rollback by redeploy
(class 3) the rows of the generation in between are nobody's. This creates the Render worker
`workers-drain-gen-N` like `model-service`, cancels the deploy that its creation begins, links the
groups, sets SPECTRAL_GENERATION, SPECTRAL_DRAIN_AND_EXIT and what `env` says, deploys the recorded
commit, and waits for the line `drain complete, exiting` in its log while core.outbox has nothing
pending or in flight of the generation. Without the line, nothing left for two minutes and `cooling`
counts as the end. Then it deletes the service.

`unchanged` when nothing is left. Refused, as stale: a generation that never existed, one that still
serves `target`, one whose workers are running with a fresh heartbeat. On failure the service
stays; run again to go on with it. Needs select on core.deployments, core.workers and core.outbox.

Example:
  legacy-drain --mode drain --target-generation 42 --model-service srv-crbq6v3qf0us73dfii20 \\
    --env-groups evg-crbq6v3qf0us73dfii2g --checkout legacy";
    const EXAMPLE: &'static [(&'static str, &'static str)] = &[
        ("mode", "drain"),
        ("target-generation", "${{ inputs.target_generation }}"),
        ("model-service", "${{ vars.WORKERS_BLUE_SERVICE }}"),
        ("env-groups", "${{ vars.WORKERS_ENV_GROUPS }}"),
        ("checkout", "legacy"),
        ("api-key", "${{ secrets.RENDER_API_KEY }}"),
    ];
    const EFFECT: Effect = Effect::Changes;
    const SECRETS: &'static [Secret] = &[
        postgres::ledger::SECRET,
        Secret {
            help: "For `drain`: API key of the workspace that owns the model service (`rnd_...`)",
            required: false,
            ..render::SECRET
        },
    ];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = DrainOutputs;

    async fn run(job: &Job, context: &Context, outputs: &mut DrainOutputs) -> Result<Done, Failure> {
        if let Some(order) = &job.drain {
            deploy::require(&order.variables, context)?;
        }
        let ledger = Ledger::open(context)?;
        let stranded = Stranded::read(&ledger, job.generation, &job.target).await?;
        outputs.reference = Some(stranded.deployment.reference.clone());
        outputs.commit = Some(stranded.deployment.sha.clone());
        outputs.found = Some(stranded.left.pending + stranded.left.in_flight);
        context.publish(outputs)?;
        tracing::info!("{}: {}", stranded.name(), stranded.left_in_words());
        match &job.drain {
            None => {
                report::of_reading(context, &stranded);
                Ok(Done::Success)
            }
            Some(order) => drain::run(order, &stranded, &ledger, context, outputs).await,
        }
    }

    async fn interrupted(_: &Job, _: &Context, outputs: &DrainOutputs) -> Vec<String> {
        report::stays(outputs).into_iter().collect()
    }
}
