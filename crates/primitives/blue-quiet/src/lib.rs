//! Watches that no serving service starts a deploy just before a cutover (ADR-053
//! D9 step 10, runbook step 10): the race with an env group that somebody changes.

mod disturbance;
mod report;
mod their_time;
mod watch;
mod words;

use std::time::Duration;

use action::{BadInput, Context, Done, Effect, Failure, Primitive, Secret};
use render::{API_KEY, Render, ServiceId};
use wait::{Ended, Schedule, TimedOut};

use crate::watch::{Progress, Watch};
use crate::words::{count, short};

/// More services than this cannot be read every few seconds within Render's limit
/// of 400 reads a minute for a key (its API reference, rate limiting).
const MOST_SERVICES: usize = 50;

/// One page of deploys surely reaches back this far.
const LONGEST_WINDOW: Duration = Duration::from_secs(3_600);

/// The primitive.
#[derive(Debug)]
pub struct BlueQuiet;

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// Ids of the services that serve now, one a line, such as `srv-crbq6v3qf0us73dfii20`: the output `live-services` of color-resolve
    #[arg(long)]
    services: String,

    /// How long to watch; deploys that began up to this long before the first look count too
    #[arg(long, default_value = "30s", value_parser = action::duration)]
    window: Duration,

    /// The longest pause between two looks; the first ones come faster
    #[arg(long, default_value = "5s", value_parser = action::duration)]
    interval: Duration,

    /// When to give up if Render does not answer; longer than `window`
    #[arg(long, default_value = "5m", value_parser = action::duration)]
    timeout: Duration,
}

action::outputs! {
    /// What was seen.
    pub struct QuietOutputs {
        /// How many looks saw every service.
        looks: "looks" => u32,
        /// Seconds from the first look to the last, by the time of Render's answers.
        watched_seconds: "watched-seconds" => u64,
        /// Deploys that were found, one a line as `service deploy`; empty when all was quiet.
        deploys: "deploys" => String,
    }
}

/// Validated inputs.
#[derive(Debug)]
pub struct Job {
    services: Vec<ServiceId>,
    window: Duration,
    schedule: Schedule,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        if inputs.window.is_zero() || inputs.window > LONGEST_WINDOW {
            return Err(BadInput::new("window", "must be longer than nothing, and an hour at most")
                .hint("the runbook watches for 30s"));
        }
        if inputs.interval < Schedule::SHORTEST {
            return Err(BadInput::new(
                "interval",
                "must be at least 1s: Render limits how often it is asked",
            ));
        }
        if inputs.timeout <= inputs.window {
            return Err(BadInput::new("timeout", "must be longer than `window`")
                .hint("the watch takes `window`, and reads that fail must be made up for after it"));
        }
        Ok(Self {
            services: services(&inputs.services)?,
            window: inputs.window,
            schedule: Schedule::new(inputs.timeout, inputs.interval).at_once(),
        })
    }
}

fn services(text: &str) -> Result<Vec<ServiceId>, BadInput> {
    let mut found: Vec<ServiceId> = Vec::new();
    for line in action::lines(text) {
        let id: ServiceId =
            line.parse().map_err(|error: render::NotAnId| BadInput::new("services", error.to_string()))?;
        if found.contains(&id) {
            return Err(BadInput::new("services", format!("{id} is listed twice")));
        }
        found.push(id);
    }
    if found.is_empty() {
        return Err(BadInput::new("services", "it lists no service, so there is nothing to watch")
            .hint("an output of another job that arrives empty counts as not given; check its `needs:`"));
    }
    if found.len() > MOST_SERVICES {
        return Err(BadInput::new("services", format!("more than {MOST_SERVICES} services"))
            .hint("Render answers 400 reads a minute for a key; watch them in several jobs"));
    }
    Ok(found)
}

impl Primitive for BlueQuiet {
    const NAME: &'static str = "blue-quiet";
    const ABOUT: &'static str = "Watch that no serving service starts a deploy just before a cutover";
    const GUIDE: &'static str = "\
Looks at the services that serve now, right before their public names move away from them. It is
quiet when, from `window` before the first look until `window` after it, none of them began, ran or
ended a deploy, of whatever kind and however it ended, and none deploys by itself (auto-deploy is
off, in whichever of Render's two fields the service shows). The usual cause of one is a change of a
linked env group (trigger service_updated), which could start the serving services with values that
were meant for the others.

Time is Render's own throughout: the createdAt and finishedAt of deploys are compared with the Date
header of Render's answers, with 5s of allowance since these may be shown by different machines. The
clock of this machine only measures durations. A Date that does not advance with it, such as that of
an old answer out of a cache, counts as not seen.

A look that fails proves nothing. The watch ends with a look that saw every service after `window`
had passed, and its list of deploys reaches back over the whole watch. Without one by `timeout` it
ends as timed-out.

What it cannot see: a deploy that Render does not list yet when it is asked the last time.

Example:
  blue-quiet --services srv-crbq6v3qf0us73dfii20 --window 30s";
    const EXAMPLE: &'static [(&'static str, &'static str)] =
        &[("services", "${{ needs.changes.outputs.live-services }}")];
    const EFFECT: Effect = Effect::Reads;
    const SECRETS: &'static [Secret] = &[render::SECRET];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = QuietOutputs;

    async fn run(job: &Job, context: &Context, outputs: &mut QuietOutputs) -> Result<Done, Failure> {
        let render = Render::new(context, context.secret(API_KEY)?)?.once();
        let mut watch = Watch::new(render, context.clock(), &job.services, job.window);
        tracing::info!("watching {} for {}", count(job.services.len()), short(job.window));
        let watched = wait::until(context.clock(), job.schedule, "quiet", async |_| watch.look().await).await;
        outputs.looks = Some(watch.looks());
        outputs.watched_seconds = watch.watched().map(|watched| watched.as_secs());
        outputs.deploys = Some(report::lines(watch.disturbances()));
        context.summarise(&report::markdown(&watch));
        match watched {
            Ok(()) => {
                tracing::info!("quiet: {} started no deploy", count(job.services.len()));
                Ok(Done::Success)
            }
            Err(Ended::Failed(failure)) => Err(failure),
            Err(Ended::TimedOut(timed_out)) => Err(unseen(job, &timed_out)),
        }
    }
}

fn unseen(job: &Job, timed_out: &TimedOut<Progress>) -> Failure {
    Failure::timed_out(format!(
        "{} could not be watched for {}: {timed_out}",
        count(job.services.len()),
        short(job.window)
    ))
    .hint("do not flip: that nothing was seen does not mean that nothing happened")
    .hint("see status.render.com, then run the failed jobs again")
}
