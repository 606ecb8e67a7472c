//! Deploys a service on Render and waits until it is live (ADR-053 D7 and D10,
//! runbook steps 6 and 7): inputs and outputs of the operation [`deploy`], which
//! does all of it.

use std::time::Duration;

use action::{BadInput, Context, Done, Effect, Failure, Plan, Primitive, Secret};
use deploy::{Listener, Request, Seen, Target};
use render::ServiceId;

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
pub struct Job(Request);

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
        let target = Target::new(inputs.commit.as_deref(), inputs.image_url.as_deref())?;
        let variables = deploy::lines(inputs.env.as_deref().unwrap_or_default())?;
        let mut request = Request::new(RenderDeploy::NAME, service, target, variables);
        request.clear_cache = inputs.clear_cache;
        request.timeout = inputs.timeout;
        request.poll_interval = inputs.poll_interval;
        request.force = inputs.force;
        request.cancel_on_interrupt = inputs.cancel_on_interrupt;
        request.log_lines = usize::from(inputs.log_lines);
        Ok(Self(request))
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
        ("service-id", "${{ vars.API_GREEN_SERVICE }}"),
        ("commit", "${{ github.sha }}"),
        ("env", "SPECTRAL_GENERATION=${{ github.run_number }}"),
    ];
    const EFFECT: Effect = Effect::Changes;
    const SECRETS: &'static [Secret] =
        &[Secret { help: "API key of the workspace that owns the service (`rnd_...`)", ..render::SECRET }];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = DeployOutputs;

    async fn run(
        Job(request): &Job,
        context: &Context,
        outputs: &mut DeployOutputs,
    ) -> Result<Done, Failure> {
        let prepared = deploy::prepare(request, context).await?;
        let mut outlet = Outlet { context, outputs };
        if prepared.is_unchanged() {
            return prepared.leave(&mut outlet);
        }
        let mut plan = Plan::new();
        prepared.plan(&mut plan);
        let permit = context.approve(&plan)?;
        prepared.carry_out(&permit, &mut outlet).await
    }

    fn grace(Job(request): &Job) -> Duration {
        if request.cancel_on_interrupt { CANCEL_GRACE } else { Duration::from_millis(1_500) }
    }

    async fn interrupted(Job(request): &Job, context: &Context, _: &DeployOutputs) -> Vec<String> {
        request.interrupt(context).await
    }
}

/// Turns what is learnt into outputs.
struct Outlet<'a> {
    context: &'a Context,
    outputs: &'a mut DeployOutputs,
}

impl Listener for Outlet<'_> {
    /// Known to later steps at once: a killed step keeps what it has written.
    fn identified(&mut self, seen: Seen<'_>) -> Result<(), Failure> {
        self.outputs.deploy_id = Some(seen.deploy.id.to_string());
        self.seen(seen);
        self.context.publish(self.outputs)
    }

    fn seen(&mut self, seen: Seen<'_>) {
        self.outputs.status = Some(seen.deploy.status.to_string());
        self.outputs.url.clone_from(&seen.service.service_details.url);
        if let Some(commit) = &seen.deploy.commit {
            self.outputs.commit = Some(commit.id.clone());
        }
    }

    fn took(&mut self, duration: Duration) {
        self.outputs.duration_seconds = Some(duration.as_secs());
    }
}
