//! Waits until a service reports the version that was deployed (ADR-053 D6,
//! runbook step 8).

mod expected;
mod seen;

use std::time::Duration;

use action::{BadInput, Context, Done, Effect, Failure, Primitive, Secret};
use http::{Builder, Client, Error, Retries};
use wait::{Ended, Fault, Look, Schedule};

use crate::expected::Expected;
use crate::seen::Seen;

/// A version document is a few hundred bytes; anything much larger is not one.
const BODY_LIMIT: usize = 64 * 1024;

/// One question may take this long; a cold instance is slow to answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// The primitive.
#[derive(Debug)]
pub struct VersionPoll;

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// Address of the version document, such as `https://api-green.onrender.com/version`; to an origin without a path, or a bare host name, `/version` is added
    #[arg(long)]
    url: String,

    /// Commit that must be running: the full SHA, 40 hexadecimal digits
    #[arg(long)]
    commit_sha: Option<String>,

    /// Schema version that must be reported, exactly
    #[arg(long)]
    schema_version: Option<String>,

    /// Generation that must be reported: a whole number
    #[arg(long)]
    generation: Option<u64>,

    /// When to give up, such as `5m`
    #[arg(long, default_value = "5m", value_parser = action::duration)]
    timeout: Duration,

    /// The longest pause between two looks; the first ones come faster
    #[arg(long, default_value = "10s", value_parser = action::duration)]
    interval: Duration,

    /// How many answers in a row must match: while instances roll, old and new ones take turns
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=100))]
    consecutive: u32,
}

action::outputs! {
    /// The version last seen, matching or not.
    pub struct VersionOutputs {
        /// Commit that the service last reported.
        commit_sha: "commit-sha" => String,
        /// Schema version that the service last reported.
        schema_version: "schema-version" => String,
        /// Generation that the service last reported.
        generation: "generation" => String,
        /// Time of the deploy that the service last reported.
        deployed_at: "deployed-at" => String,
        /// How often the service was asked.
        attempts: "attempts" => u32,
    }
}

/// Validated inputs.
#[derive(Debug)]
pub struct Job {
    url: String,
    expected: Expected,
    schedule: Schedule,
    consecutive: u32,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        let address = http::Address::parse_or_host(&inputs.url)
            .map_err(|error| BadInput::new("url", error.to_string()))?;
        let url = if address.is_origin() {
            address.join(["version"]).map_err(|error| BadInput::new("url", error.to_string()))?
        } else {
            address
        };
        if inputs.timeout.is_zero() {
            return Err(BadInput::new("timeout", "must be longer than nothing"));
        }
        if inputs.interval < wait::Schedule::SHORTEST {
            return Err(BadInput::new(
                "interval",
                "must be at least 1s: a service that starts has better to do",
            ));
        }
        Ok(Self {
            url: url.as_str().to_owned(),
            expected: Expected::new(inputs.commit_sha, inputs.schema_version, inputs.generation)?,
            schedule: Schedule::new(inputs.timeout, inputs.interval),
            consecutive: inputs.consecutive,
        })
    }
}

impl Primitive for VersionPoll {
    const NAME: &'static str = "version-poll";
    const ABOUT: &'static str = "Wait until a service reports the version that was deployed";
    const GUIDE: &'static str = "\
Asks for a JSON document with the fields commit_sha, schema_version, generation and deployed_at
until every field that you name has the wanted value, in one answer, several times in a row.
Anything else (a 404, HTML, an old commit, a number where text is wanted) is \"not yet\" and is
shown when it changes. A redirect to another host is never followed.

Example:
  version-poll --url https://api-green.onrender.com \\
    --commit-sha 3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90 --generation 42";
    const EXAMPLE: &'static [(&'static str, &'static str)] =
        &[("url", "https://api-green.onrender.com"), ("commit-sha", "${{ github.sha }}")];
    const EFFECT: Effect = Effect::Reads;
    const SECRETS: &'static [Secret] = &[];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = VersionOutputs;

    async fn run(job: &Job, context: &Context, outputs: &mut VersionOutputs) -> Result<Done, Failure> {
        let client = Builder::new(&job.url)
            .header("accept", "application/json")
            .header("cache-control", "no-cache")
            .retries(Retries::NONE)
            .timeout(REQUEST_TIMEOUT)
            .body_limit(BODY_LIMIT)
            .follow_same_origin()
            .unpooled()
            .build(context)?;
        tracing::info!("waiting for {} at {}", job.expected, client.base());
        let mut row = 0;
        let matched = wait::until(context.clock(), job.schedule, "version", async |look| {
            outputs.attempts = Some(look + 1);
            let seen = match ask(&client).await? {
                Ok(seen) => seen,
                Err(fault) => {
                    row = 0;
                    return Ok(Look::Fault(fault));
                }
            };
            seen.tell(outputs);
            Ok::<_, Error>(match job.expected.mismatch(&seen) {
                Some(mismatch) => {
                    row = 0;
                    Look::NotYet(mismatch)
                }
                None => {
                    row += 1;
                    if row >= job.consecutive {
                        Look::Done(())
                    } else {
                        Look::Near(format!("matches, {row} of {} in a row", job.consecutive))
                    }
                }
            })
        });
        let matched = matched.await;
        context.summarise(&job.expected.table(client.base(), outputs));
        match matched {
            Ok(()) => {
                tracing::info!("{} is running", job.expected);
                Ok(Done::Success)
            }
            Err(Ended::Failed(error)) => Err(error.into()),
            Err(Ended::TimedOut(timed_out)) => Err(Failure::timed_out(format!(
                "{} was not seen at {}: {timed_out}",
                job.expected,
                client.base()
            ))
            .hint("this only looked and changed nothing: before a flip do not flip, after one think of the way back")
            .hint("see the service's own log for why it does not start, or raise `timeout`")),
        }
    }
}

/// One look. The outer error ends the wait: the request itself is impossible.
async fn ask(client: &Client) -> Result<Result<Seen, Fault>, Error> {
    match client.get([]).answer().await {
        Ok(answer) => Ok(Ok(Seen::read(&answer))),
        Err(error @ Error::Invalid(_)) => Err(error),
        Err(error) => Ok(Err(Fault::from(&error))),
    }
}
