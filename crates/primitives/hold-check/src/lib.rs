//! Tells whether a new cutover may end the hold of the last one (ADR-053 D11 and D14.2,
//! runbook step 12).

mod stranded;

use std::time::Duration;

use action::{BadInput, Context, Done, Effect, Failure, Primitive, Secret};
use humantime::{FormattedDuration, format_duration};
use postgres::Ledger;
use postgres::ledger::{Deployment, Hold, Outbox};

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

    /// Target whose workers do the work of core.outbox: what the generation that serves it has left is live work
    #[arg(long, default_value = "workers")]
    worker_target: String,
}

action::outputs! {
    /// What was found.
    pub struct Holds {
        /// Generations whose way back the new cutover ends, one a line, the newest first; empty when no hold runs.
        ends: "ends" => String,
    }
}

/// Validated inputs.
#[derive(Debug)]
pub struct Job {
    targets: Vec<String>,
    hold: Duration,
    worker_target: String,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        let targets = manifest::target_list(&inputs.targets).map_err(|problem| {
            BadInput::new("targets", problem.to_string()).hint("pass the output `flips` of color-resolve")
        })?;
        Ok(Self { targets, hold: inputs.hold, worker_target: inputs.worker_target })
    }
}

impl Primitive for HoldCheck {
    const NAME: &'static str = "hold-check";
    const ABOUT: &'static str = "Tell whether a new cutover may end the hold of the last one";
    const GUIDE: &'static str = "\
After a cutover the colour that served before stays as it was: names that go back to it are the
fastest way back (class 2). The next deploy goes onto that colour and so ends this way back, and with
it the workers that still do the older generations' work. So while the hold runs, a cutover goes on
only if core.outbox has nothing pending or in flight below the generation that is held; it then warns
that it ends the way back. Else it refuses. What the generation that serves `worker-target` has left is
live work and does not count. Held is every newest flip of one of the given targets that was cut over and
neither rolled back nor synced: different targets may be held by different generations.

Once no hold runs, nothing keeps the workers of older generations: what these have left is warned of, with
the line that drains it. So is every flip that was announced longer than `hold` ago and that nobody
confirmed or undid. Neither stops anything. Reads only.

Example:
  hold-check --targets '[\"api\",\"workers\"]' --hold 24h";
    const EXAMPLE: &'static [(&'static str, &'static str)] =
        &[("targets", "${{ steps.colors.outputs.flips }}"), ("hold", "24h")];
    const EFFECT: Effect = Effect::Reads;
    const SECRETS: &'static [Secret] = &[postgres::ledger::SECRET];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = Holds;

    async fn run(job: &Job, context: &Context, outputs: &mut Holds) -> Result<Done, Failure> {
        let ledger = Ledger::open(context)?;
        let holds = ledger.holds(job.hold, &job.targets, &job.worker_target).await?;
        let stranded = ledger.stranded(job.hold, &job.worker_target).await?;
        stranded::warn_of_flips(context, &stranded.flips);
        if holds.is_empty() {
            tracing::info!("no hold of these targets runs");
            stranded::warn_of_work(context, &stranded.work);
            return Ok(Done::Success);
        }
        if holds.iter().any(|hold| !hold.left_behind.is_empty()) {
            return Err(refusal(&holds, job.hold));
        }
        let ends: Vec<String> = holds.iter().map(|hold| hold.flip.generation.to_string()).collect();
        outputs.ends = Some(ends.join("\n"));
        let ended = holds.iter().map(|hold| {
            let (flip, left) = (&hold.flip, left(&hold.flip, job.hold));
            format!("of {}, whose hold would run for another {left}", name(flip))
        });
        let told = format!(
            "this ends the class-2 way back {}; no older generation has work left that this would strand",
            ended.collect::<Vec<_>>().join(", and ")
        );
        context.warn(&told);
        context.summarise(&format!("### Hold\n\n{}\n", action::markdown::text(&told)));
        Ok(Done::Success)
    }
}

/// Names each hold that older work stands against.
fn refusal(holds: &[Hold], hold: Duration) -> Failure {
    let against = holds.iter().filter(|hold| !hold.left_behind.is_empty()).map(|held| {
        format!(
            "the hold of {} runs for another {}, and generations below it still have work: {}",
            name(&held.flip),
            left(&held.flip, hold),
            rows(held.left_behind)
        )
    });
    Failure::refused(against.collect::<Vec<_>>().join("; "))
        .hint("wait until core.outbox has no pending or in-flight rows below it, or until the hold ends")
        .hint("nothing has been deployed; what serves is untouched")
}

/// `1 pending, 0 in flight`.
fn rows(outbox: Outbox) -> String {
    let mut work = vec![format!("{} pending", outbox.pending), format!("{} in flight", outbox.in_flight)];
    if outbox.unknown > 0 {
        work.push(format!("{} with an unknown status", outbox.unknown));
    }
    work.join(", ")
}

/// `generation 42 (prod-7)`.
fn name(deployment: &Deployment) -> String {
    let what = deployment.tag.as_deref().unwrap_or(&deployment.reference);
    format!("generation {} ({what})", deployment.generation)
}

/// How long the hold of `flip` still runs, to the second.
fn left(flip: &Deployment, hold: Duration) -> FormattedDuration {
    let left = hold.saturating_sub(flip.since_cut_over.unwrap_or_default());
    format_duration(Duration::from_secs(left.as_secs()))
}
