//! Deploys a service on Render and waits until it is live (ADR-053 D7 and D10,
//! runbook steps 6 and 7).
//!
//! The way of a run, each stage in its own module:
//!
//! 1. [`admission`] refuses services that must not be deployed from here;
//! 2. [`decision`] compares the world with what is wanted: nothing to do, a deploy
//!    on its way, or one to begin;
//! 3. [`begin`] writes the variables that differ under a [`mark`] and asks for the
//!    deploy once;
//! 4. [`follow`] waits for its end;
//! 5. [`conclude`] says what the end means;
//! 6. [`clear`] removes the mark.
//!
//! What a rerun relies on is kept on Render alone: the list of deploys, the
//! variables, and the mark. So a run may be killed at any moment.

mod admission;
mod begin;
mod clear;
mod conclude;
mod decision;
mod follow;
mod history;
mod image;
mod mark;
mod run;
mod target;
mod variables;
mod words;

use std::cell::RefCell;
use std::time::Duration;

use action::{BadInput, Context, Done, Effect, Failure, Plan, Primitive, Secret};
use render::{API_KEY, DeployId, Render, ServiceId};

use crate::conclude::Origin;
use crate::decision::{Decision, decide};
use crate::history::History;
use crate::mark::{Intent, Mark};
use crate::run::{Found, Run};
use crate::target::{Target, shipped};
use crate::variables::Line;

/// The runner sends its second signal 7.5 s after the first; a cancel takes one
/// request.
const CANCEL_GRACE: Duration = Duration::from_millis(4_500);

/// The primitive.
#[derive(Debug)]
pub struct RenderDeploy;

/// What a workflow passes.
#[derive(clap::Args)]
pub struct Inputs {
    /// Service to deploy: `srv-...`, or `crn-...` for a cron job
    #[arg(long)]
    service_id: String,

    /// Commit to deploy: the full SHA, 40 hexadecimal digits. Not for a cron job, which takes the head of its branch
    #[arg(long)]
    commit: Option<String>,

    /// Variables that the service is to have, one a line: `KEY=VALUE`, or `KEY=$NAME` to read the variable NAME of the step, which is the way for secrets. `$$` at the beginning of a value is a dollar sign. Others are left alone
    #[arg(long)]
    env: Option<String>,

    /// Image to deploy instead of a commit, such as `docker.io/acme/api:1.2`; host, repository and name must be those of the service. One tagged `latest` is deployed at every run, any other only when it is not live
    #[arg(long)]
    image_url: Option<String>,

    /// Throw the build cache away first
    #[arg(long)]
    clear_cache: bool,

    /// When to give up: nothing is begun after it, and a deploy that was begun goes on at Render. Requests before that are repeated for two minutes at most
    #[arg(long, default_value = "25m", value_parser = action::duration)]
    timeout: Duration,

    /// The longest pause between two looks. The first ones come faster, and so do those in the stages before the end
    #[arg(long, default_value = "10s", value_parser = action::duration)]
    poll_interval: Duration,

    /// Deploy even if this commit with these variables is live. One that is on its way is still waited for instead
    #[arg(long)]
    force: bool,

    /// Cancel the deploy when the job is cancelled, if this run began it
    #[arg(long)]
    cancel_on_interrupt: bool,

    /// How many lines of its log a failed deploy leaves in the job summary
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u8).range(0..=100))]
    log_lines: u8,
}

impl std::fmt::Debug for Inputs {
    /// Without `env`, whose values are nobody's business.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inputs").field("service_id", &self.service_id).finish_non_exhaustive()
    }
}

action::outputs! {
    /// The deploy, as last seen.
    pub struct DeployOutputs {
        /// Id of the deploy; known to later steps as soon as it exists.
        deploy_id: "deploy-id" => String,
        /// Status of the deploy when it was last seen: `live` after a success.
        status: "status" => String,
        /// Commit that the deploy ships; empty for an image.
        commit: "commit" => String,
        /// Address of the service itself, such as `https://api-green.onrender.com`; empty for one that answers no requests.
        url: "url" => String,
        /// Seconds from asking for the deploy, or attaching to it, to its end; 0 when nothing was to be done.
        duration_seconds: "duration-seconds" => u64,
    }
}

/// Validated inputs.
#[derive(Debug)]
pub struct Job {
    service: ServiceId,
    target: Target,
    lines: Vec<Line>,
    clear_cache: bool,
    timeout: Duration,
    poll_interval: Duration,
    force: bool,
    cancel_on_interrupt: bool,
    log_lines: usize,
    /// The deploy that this run began and that has not ended. It stands here since
    /// nothing else outlives a run that a signal stops.
    begun: RefCell<Option<DeployId>>,
}

impl Job {
    fn begun(&self) -> Option<DeployId> {
        self.begun.borrow().clone()
    }
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        let service = inputs.service_id.parse::<ServiceId>().map_err(|error| {
            BadInput::new("service-id", error.to_string())
                .hint("it stands in the address of the service's page on dashboard.render.com")
        })?;
        if inputs.timeout.is_zero() {
            return Err(BadInput::new("timeout", "must be longer than nothing").hint("such as `25m`"));
        }
        if inputs.poll_interval < wait::Schedule::SHORTEST {
            let limits = "must be at least 1s: Render limits the requests of all jobs together";
            return Err(BadInput::new("poll-interval", limits).hint("such as `10s`"));
        }
        Ok(Self {
            service,
            target: Target::new(inputs.commit.as_deref(), inputs.image_url.as_deref())?,
            lines: variables::parse(inputs.env.as_deref().unwrap_or_default())?,
            clear_cache: inputs.clear_cache,
            timeout: inputs.timeout,
            poll_interval: inputs.poll_interval,
            force: inputs.force,
            cancel_on_interrupt: inputs.cancel_on_interrupt,
            log_lines: usize::from(inputs.log_lines),
            begun: RefCell::default(),
        })
    }
}

impl Primitive for RenderDeploy {
    const NAME: &'static str = "render-deploy";
    const ABOUT: &'static str =
        "Deploy a commit or an image to a service on Render, and wait until it is live";
    const GUIDE: &'static str = "\
Sets the variables that differ, asks for the deploy once, and waits. `unchanged` when this commit
is live and no variable differs; a deploy of it that is on its way is waited for. Killed at any
moment and run again it goes on where it was: while variables are written and not yet live, the
service keeps the variable GREENROOM_PENDING; the new processes see it too, and ignore it.

Refused: a service with auto-deploy on, a suspended one, a commit for a cron job. Not seen:
variables that somebody saved without deploying them; `force` deploys all the same.
A failed deploy is never repeated: 1 means that it failed, 6 that a newer one took its place,
3 that it goes on after the time-out.

Example:
  render-deploy --service-id srv-crbq6v3qf0us73dfii20 \\
    --commit 3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90 --env 'SPECTRAL_GENERATION=42'";
    const EXAMPLE: &'static [(&'static str, &'static str)] = &[
        ("service-id", "${{ vars.API_GREEN }}"),
        ("commit", "${{ github.sha }}"),
        ("env", "SPECTRAL_GENERATION=${{ github.run_number }}"),
    ];
    const EFFECT: Effect = Effect::Changes;
    const SECRETS: &'static [Secret] =
        &[Secret { help: "API key of the workspace that owns the service (`rnd_...`)", ..render::SECRET }];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = DeployOutputs;

    async fn run(job: &Job, context: &Context, outputs: &mut DeployOutputs) -> Result<Done, Failure> {
        let run = prepare(job, context).await?;
        // Deploys before variables: variables as wanted and no mark then mean that
        // no other run was in the middle of its work since.
        let history = run.history().await?;
        let found = run
            .compare(&run.render)
            .await
            .map_err(|error| Failure::from(error).context(format!("list the variables of {}", run.name())))?;
        let mut decision = decide(&run.wanted(), &found.stored(), &history);
        if let Decision::Unchanged(deploy) = &decision {
            outputs.duration_seconds = Some(0);
            run.announce(deploy, outputs)?;
            run.summarise(deploy, Origin::Unchanged, &[], Duration::ZERO);
            return Ok(Done::Unchanged);
        }
        let permit = context.approve(&plan(&run, &decision, &found, &history))?;
        if decision == Decision::Search
            && let Some(news) = run.search_for_earlier(&found).await?
        {
            decision = news;
        }
        let now = context.clock().now();
        let (mut deploy, mark, origin, since) = match decision {
            Decision::Attach(deploy) => (deploy, found.mark.clone(), Origin::Attached, now),
            Decision::Finish(deploy) | Decision::Unchanged(deploy) => {
                (deploy, found.mark.clone(), Origin::Finished, now)
            }
            Decision::Search | Decision::Begin(_) => {
                let begun = run.begin(&found, &history, &permit).await?;
                *job.begun.borrow_mut() = Some(begun.deploy.id.clone());
                (begun.deploy, begun.mark, Origin::Begun, begun.asked)
            }
        };
        run.announce(&deploy, outputs)?;
        let followed = run.follow(&mut deploy, outputs).await;
        let took = context.clock().now() - since;
        outputs.duration_seconds = Some(took.as_secs());
        let changed = found.keys();
        run.summarise(&deploy, origin, &changed, took);
        followed?;
        *job.begun.borrow_mut() = None;
        run.conclude(&deploy, &changed, took).await?;
        if let Some(mark) = &mark {
            run.clear(mark, &deploy, &permit).await?;
        }
        Ok(Done::Success)
    }

    fn grace(job: &Job) -> Duration {
        if job.cancel_on_interrupt { CANCEL_GRACE } else { Duration::from_millis(1_500) }
    }

    async fn interrupted(job: &Job, context: &Context, _: &DeployOutputs) -> Vec<String> {
        let Some(deploy) = job.begun().filter(|_| job.cancel_on_interrupt) else {
            return Vec::new();
        };
        vec![match cancel(job, context, &deploy).await {
            Ok(()) => {
                format!("cancelled deploy {deploy}; variables that it was to take along stay as written")
            }
            Err(failure) => {
                format!("deploy {deploy} could not be cancelled and goes on at Render: {}", failure.message())
            }
        }]
    }
}

/// Reads what never changes during the run, and refuses what must not be deployed.
async fn prepare<'a>(job: &'a Job, context: &'a Context) -> Result<Run<'a>, Failure> {
    let started = context.clock().now();
    let key = context.secret(API_KEY)?;
    let variables = variables::resolve(&job.lines, context)?;
    let intent = Intent::new(&key, &job.service, &job.target, &variables)
        .ok_or_else(|| Failure::bug("HMAC refused the API key"))?;
    let render = Render::new(context, key).map_err(|error| {
        Failure::from(error).hint("check or unset RENDER_API_URL, SSL_CERT_FILE and GREENROOM_HOSTS")
    })?;
    let service = render
        .service(&job.service)
        .await
        .map_err(|error| Failure::from(error).context(format!("read the service {}", job.service)))?;
    admission::admit(&service, &job.target)?;
    Ok(Run { job, context, render, service, variables, intent, started })
}

/// Everything that the run may change, without any value.
fn plan(run: &Run<'_>, decision: &Decision, found: &Found, history: &History) -> Plan {
    let mut plan = Plan::new();
    let mark = format!("variable {}", mark::KEY);
    match (&found.mark, found.changes.is_empty()) {
        (Some(_), _) => plan.change(mark, describe(&found.mark, &run.intent), "removed once live"),
        (None, false) => plan.change(mark, "not set", "set first, removed once live"),
        (None, true) => {}
    }
    for change in &found.changes {
        let now = if change.is_new { "not set" } else { "another value" };
        plan.change(format!("variable {}", change.key), now, "the given value");
    }
    match decision {
        Decision::Attach(deploy) => {
            plan.change(
                format!("deploy {} of {}", deploy.id, run.name()),
                deploy.status.word(),
                "waited for",
            );
        }
        Decision::Begin(_) | Decision::Search => {
            let live = history.live().map_or_else(|| "nothing live".to_owned(), shipped);
            plan.change(format!("deploy of {}", run.name()), live, run.job.target.to_string());
        }
        Decision::Finish(_) | Decision::Unchanged(_) => {}
    }
    if let Decision::Begin(reason) = decision {
        tracing::info!("deploying {} to {}, because {}", run.job.target, run.name(), reason.words());
    }
    plan
}

fn describe(mark: &Option<Mark>, own: &Intent) -> &'static str {
    match mark {
        Some(mark) if mark.is_of(own) => "set by an earlier run like this one",
        _ => "set by another run",
    }
}

async fn cancel(job: &Job, context: &Context, deploy: &DeployId) -> Result<(), Failure> {
    let mut plan = Plan::new();
    plan.change(format!("deploy {deploy}"), "on its way", "cancelled");
    let permit = context.approve(&plan)?;
    let render = Render::new(context, context.secret(API_KEY)?)?;
    render.cancel_deploy(&job.service, deploy, &permit).await?;
    Ok(())
}
