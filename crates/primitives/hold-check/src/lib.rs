//! Tells whether a new cutover may end the hold of the last one (ADR-053 D11 and D14.2,
//! runbook step 12).

use std::time::Duration;

use action::{BadInput, Context, Done, Effect, Failure, Primitive, Secret};
use humantime::format_duration;
use postgres::Ledger;
use postgres::ledger::{Deployment, Outbox};

/// The primitive.
#[derive(Debug)]
pub struct HoldCheck;

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// Targets that are about to be deployed onto their standby: a JSON list of names, the output `flips` of color-resolve
    #[arg(long)]
    targets: String,

    /// How long what served before is kept as the way back after a cutover, by the database's clock
    #[arg(long, default_value = "24h", value_parser = action::duration)]
    hold: Duration,
}

action::outputs! {
    /// What was found.
    pub struct Hold {
        /// Generation whose way back the new cutover ends; empty when no hold runs.
        ends: "ends" => u64,
    }
}

/// Validated inputs.
#[derive(Debug)]
pub struct Job {
    targets: Vec<String>,
    hold: Duration,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        let targets = manifest::target_list(&inputs.targets).map_err(|problem| {
            BadInput::new("targets", problem.to_string()).hint("pass the output `flips` of color-resolve")
        })?;
        Ok(Self { targets, hold: inputs.hold })
    }
}

impl Primitive for HoldCheck {
    const NAME: &'static str = "hold-check";
    const ABOUT: &'static str = "Tell whether a new cutover may end the hold of the last one";
    const GUIDE: &'static str = "\
After a cutover the colour that served before stays as it was: names that go back to it are the
fastest way back (class 2). The next deploy goes onto that colour and so ends this way back, and with
it the workers that still do the older generations' work. So while the hold runs, a cutover goes on
only if core.outbox has nothing pending or in flight below the generation that serves; it then warns
that it ends the way back. Else it refuses. Only a flip of the given targets that was cut over and
neither rolled back nor synced is held. Reads only.

Example:
  hold-check --targets '[\"api\",\"workers\"]' --hold 24h";
    const EXAMPLE: &'static [(&'static str, &'static str)] =
        &[("targets", "${{ steps.colors.outputs.flips }}"), ("hold", "24h")];
    const EFFECT: Effect = Effect::Reads;
    const SECRETS: &'static [Secret] = &[postgres::ledger::SECRET];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = Hold;

    async fn run(job: &Job, context: &Context, outputs: &mut Hold) -> Result<Done, Failure> {
        let ledger = Ledger::open(context)?;
        let Some(held) = ledger.held(job.hold, &job.targets).await? else {
            tracing::info!("no hold of these targets runs");
            return Ok(Done::Success);
        };
        let left = whole_seconds(job.hold.saturating_sub(held.since_cut_over.unwrap_or_default()));
        let outbox = ledger.outbox_below(held.generation).await?;
        if !outbox.is_empty() {
            return Err(refusal(&held, outbox, left));
        }
        outputs.ends = Some(held.generation);
        let told = format!(
            "this ends the class-2 way back of generation {} ({}), whose hold would run for another {}; \
             no older generation has work left",
            held.generation,
            name(&held),
            format_duration(left)
        );
        context.warn(&told);
        context.summarise(&format!("### Hold\n\n{}\n", action::markdown::text(&told)));
        Ok(Done::Success)
    }
}

fn refusal(held: &Deployment, outbox: Outbox, left: Duration) -> Failure {
    let mut work = vec![format!("{} pending", outbox.pending), format!("{} in flight", outbox.in_flight)];
    if outbox.unknown > 0 {
        work.push(format!("{} with an unknown status", outbox.unknown));
    }
    Failure::refused(format!(
        "the hold of generation {} ({}) runs for another {}, and generations below it still have work: {}",
        held.generation,
        name(held),
        format_duration(left),
        work.join(", ")
    ))
    .hint("wait until core.outbox has no pending or in-flight rows below it, or until the hold ends")
    .hint("nothing has been deployed; what serves is untouched")
}

/// What was deployed, for a person.
fn name(deployment: &Deployment) -> &str {
    deployment.tag.as_deref().unwrap_or(&deployment.reference)
}

fn whole_seconds(duration: Duration) -> Duration {
    Duration::from_secs(duration.as_secs())
}
