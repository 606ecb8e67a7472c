//! Waits until workers of a generation are at work (ADR-053 D7, runbook step 9).

mod seen;

use std::time::Duration;

use action::{BadInput, Context, Done, Effect, Failure, Primitive, Secret};
use postgres::Ledger;
use wait::{Ended, Fault, Look, Schedule};

use crate::seen::Seen;

/// The primitive.
#[derive(Debug)]
pub struct WorkersHeartbeat;

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// Generation whose workers are waited for: a whole number
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    generation: u64,

    /// How many workers must be running, each with a fresh heartbeat
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    min: u32,

    /// How old a heartbeat may be, by the database's clock
    #[arg(long, default_value = "30s", value_parser = action::duration)]
    max_age: Duration,

    /// The longest pause between two looks; the first ones come faster
    #[arg(long, default_value = "5s", value_parser = action::duration)]
    interval: Duration,

    /// When to give up, such as `2m`
    #[arg(long, default_value = "2m", value_parser = action::duration)]
    timeout: Duration,
}

action::outputs! {
    /// What was seen last.
    pub struct HeartbeatOutputs {
        /// How many workers of the generation were running with a fresh heartbeat.
        running: "running" => u32,
        /// How often the ledger was asked.
        attempts: "attempts" => u32,
    }
}

/// Validated inputs.
#[derive(Debug)]
pub struct Job {
    generation: u64,
    min: u32,
    max_age: Duration,
    schedule: Schedule,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        if inputs.max_age < Duration::from_secs(1) {
            return Err(BadInput::new("max-age", "must be at least 1s: a heartbeat takes its time"));
        }
        if inputs.interval < Schedule::SHORTEST {
            return Err(BadInput::new("interval", "must be at least 1s: the database has better to do"));
        }
        if inputs.timeout.is_zero() {
            return Err(BadInput::new("timeout", "must be longer than nothing"));
        }
        let schedule = Schedule::new(inputs.timeout, inputs.interval);
        Ok(Self { generation: inputs.generation, min: inputs.min, max_age: inputs.max_age, schedule })
    }
}

impl Primitive for WorkersHeartbeat {
    const NAME: &'static str = "workers-heartbeat";
    const ABOUT: &'static str = "Wait until workers of a generation are at work";
    const GUIDE: &'static str = "\
Reads core.workers until at least `min` workers of the generation have the state `running` and a
heartbeat of at most `max-age`, by the database's clock. What it sees is shown when it changes.
A connection that breaks is a look that saw nothing; a missing table or right ends the wait at once.

It runs twice in a cutover: before the flip, and after it, when the new workers have the load.
Needs select on core.workers; changes nothing.

Example:
  workers-heartbeat --generation 42 --min 2";
    const EXAMPLE: &'static [(&'static str, &'static str)] =
        &[("generation", "${{ needs.generation.outputs.generation }}")];
    const EFFECT: Effect = Effect::Reads;
    const SECRETS: &'static [Secret] = &[postgres::ledger::SECRET];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = HeartbeatOutputs;

    async fn run(job: &Job, context: &Context, outputs: &mut HeartbeatOutputs) -> Result<Done, Failure> {
        let ledger = Ledger::open(context)?.once();
        let Job { generation, min, .. } = *job;
        tracing::info!("waiting for {min} running of generation {generation}");
        let mut last = None;
        let waited = wait::until(context.clock(), job.schedule, "workers", async |look| {
            outputs.attempts = Some(look + 1);
            let workers = match ledger.workers(generation).await {
                Ok(workers) => workers,
                Err(error) if error.is_passing() => return Ok(Look::Fault(Fault::from(&error))),
                Err(error) => return Err(error),
            };
            let seen = Seen::new(workers, job.max_age);
            outputs.running = Some(seen.fresh());
            let enough = seen.fresh() >= min;
            let line = seen.to_string();
            last = Some(seen);
            Ok(if enough { Look::Done(()) } else { Look::NotYet(line) })
        });
        let waited = waited.await;
        if let Some(seen) = &last {
            context.summarise(&seen.table(generation));
        }
        match waited {
            Ok(()) => {
                let running = outputs.running.unwrap_or_default();
                tracing::info!("{running} running of generation {generation}");
                Ok(Done::Success)
            }
            Err(Ended::Failed(error)) => Err(error.into()),
            Err(Ended::TimedOut(timed_out)) if last.is_none() => {
                Err(Failure::unreachable(format!("the workers of generation {generation} could not be looked at: {timed_out}"))
                    .hint("check that the runner reaches the database; then run the job again"))
            }
            Err(Ended::TimedOut(timed_out)) => Err(Failure::timed_out(format!(
                "{} of generation {generation} at work: {timed_out}",
                if min == 1 { "no worker".to_owned() } else { format!("fewer than {min} workers") }
            ))
            .hint("this only looked and changed nothing: before a flip do not flip, after one think of the way back")
            .hint("see the workers' own logs, and that SPECTRAL_GENERATION and DATABASE_URL are what they should be")),
        }
    }
}
