//! Checks that services answer `/version` and `/version/detail` as agreed (ADR-053
//! D6; deployment runbook, "/version and /version/detail contract").

mod ask;
mod contract;
mod document;
mod finding;
mod format;
mod shape;

use std::time::Duration;

use action::{BadInput, Context, Done, Effect, Failure, Primitive, Secret};
use http::Address;
use wait::Schedule;

use crate::ask::Origin;
use crate::finding::{Finding, Findings};

/// The variable that holds the deploy key.
const DEPLOY_KEY: &str = "DEPLOY_KEY";

/// The longest pause between two questions to a service that does not answer.
const INTERVAL: Duration = Duration::from_secs(5);

/// The primitive.
#[derive(Debug)]
pub struct VersionContract;

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// Origins of the services, one a line, such as `https://api-green.onrender.com`
    #[arg(long)]
    urls: String,

    /// How long each question may be repeated while a service gives no usable answer
    #[arg(long, default_value = "1m", value_parser = action::duration)]
    timeout: Duration,
}

action::outputs! {
    /// What was found.
    pub struct ContractOutputs {
        /// How many services were asked.
        services: "services" => usize,
        /// How many things are wrong; 0 when all answered as agreed.
        findings: "findings" => usize,
    }
}

/// Validated inputs.
#[derive(Debug)]
pub struct Job {
    origins: Vec<Address>,
    schedule: Schedule,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        if inputs.timeout.is_zero() {
            return Err(BadInput::new("timeout", "must be longer than nothing"));
        }
        let schedule = Schedule::new(inputs.timeout, INTERVAL).at_once();
        Ok(Self { origins: origins(&inputs.urls)?, schedule })
    }
}

fn origins(text: &str) -> Result<Vec<Address>, BadInput> {
    let mut found: Vec<Address> = Vec::new();
    for line in action::lines(text) {
        let origin = Address::parse(line).map_err(|error| BadInput::new("urls", error.to_string()))?;
        if !origin.is_origin() {
            return Err(BadInput::new("urls", format!("`{origin}` has a path or a query"))
                .hint("give the origin alone, such as `https://api-green.onrender.com`"));
        }
        if found.contains(&origin) {
            return Err(BadInput::new("urls", format!("{origin} is listed twice")));
        }
        found.push(origin);
    }
    if found.is_empty() {
        return Err(BadInput::new("urls", "it lists no service, so there is nothing to check")
            .hint("an output of another job that arrives empty counts as not given; check its `needs:`"));
    }
    Ok(found)
}

impl Primitive for VersionContract {
    const NAME: &'static str = "version-contract";
    const ABOUT: &'static str = "Check that services answer /version and /version/detail as agreed";
    const GUIDE: &'static str = "\
Every web service answers two addresses, all of them in the same shape:

  /version         to everybody: commit_sha, schema_version, generation, deployed_at, and nothing else
  /version/detail  to a deploy key: commit_sha, short_sha, describe, built_at, uv_lock_sha,
                   pnpm_lock_sha, generation, schema_version, service, service_color, deployed_at

commit_sha has 40 lower-case hexadecimal digits and short_sha is its beginning; generation is a whole
number from 1 on, never text; times are RFC 3339; schema_version is the name of a migration without
its ending (14 digits, `_`, a name); the lock digests have 40 or 64 hexadecimal digits; a describe
that ends in -g and digits names the same commit; service_color is blue or green. What both documents
hold is the same in both. /version/detail answers 401 without a key, and says `Cache-Control: no-store`
both times, since a cache in between would hand it to everybody.

Unknown, missing and repeated fields are named, with everything else that is wrong at every service,
in one table; then the run is refused. A service that gives no usable answer is asked again until
`timeout`. Redirects are not followed.

Without DEPLOY_KEY only that /version/detail is closed is checked, and a warning says so.

Run it in a workflow of your own: on a schedule against what serves, or on pull requests against a
preview. Its job names the environment that holds DEPLOY_KEY, and needs no permission of the token. Pull
requests of a fork get no secrets.

Example:
  version-contract --urls https://api-green.onrender.com";
    const EXAMPLE: &'static [(&'static str, &'static str)] =
        &[("urls", "https://api-green.onrender.com"), ("deploy-key", "${{ secrets.DEPLOY_KEY }}")];
    const EFFECT: Effect = Effect::Reads;
    const SECRETS: &'static [Secret] = &[Secret {
        variable: DEPLOY_KEY,
        input: "deploy-key",
        help: "Deploy key (`sk_deploy_...`) that opens /version/detail; without it that document's fields are not checked",
        required: false,
    }];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = ContractOutputs;

    async fn run(job: &Job, context: &Context, outputs: &mut ContractOutputs) -> Result<Done, Failure> {
        let key = context.optional_secret(DEPLOY_KEY);
        if key.is_none() {
            context.warn("DEPLOY_KEY is not set: the fields of /version/detail are not checked");
        }
        let mut origins = Vec::new();
        for address in &job.origins {
            origins.push(Origin::ask(context, address, key.as_ref(), job.schedule).await?);
        }
        let findings = judge(&origins).redacted(|text| context.redact(text));
        outputs.services = Some(origins.len());
        outputs.findings = Some(findings.len());
        context.summarise(&findings.markdown(origins.len()));
        for finding in findings.iter() {
            tracing::info!("{finding}");
        }
        findings.end(origins.len())
    }
}

/// Everything that is wrong, service by service, then between them.
fn judge(origins: &[Origin]) -> Findings {
    let alone = origins.iter().flat_map(Origin::findings);
    let together = shape::differences(origins);
    alone.chain(together).collect::<Vec<Finding>>().into()
}
