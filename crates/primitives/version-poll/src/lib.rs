//! Waits until a service reports the version that was deployed (ADR-053 D6,
//! runbook step 8).

mod expected;
mod seen;
mod service;

use std::time::Duration;

use action::{BadInput, Context, Done, Effect, Failure, Primitive, Secret};
use wait::{Ended, Look, Schedule};

use crate::expected::Expected;
use crate::service::{Round, Services};

/// They are asked in turn, each for 15 seconds at most, so the last look overruns the deadline by less than the
/// five minutes that a job has beyond it.
const MOST_ADDRESSES: usize = 10;

/// The primitive.
#[derive(Debug)]
pub struct VersionPoll;

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// Address of the version document, such as `https://api-green.onrender.com/version`; to an origin without a path, or a bare host name, `/version` is added. Several, up to 10, are separated by blanks or line breaks, and all must match
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
    /// The version last seen, matching or not; of several addresses one line each, `ADDRESS VALUE`.
    pub struct VersionOutputs {
        /// Commit that the service last reported.
        commit_sha: "commit-sha" => String,
        /// Schema version that the service last reported.
        schema_version: "schema-version" => String,
        /// Generation that the service last reported.
        generation: "generation" => String,
        /// Time of the deploy that the service last reported; like the three others, of several addresses one line each, `ADDRESS VALUE`.
        deployed_at: "deployed-at" => String,
        /// How often the service was asked, or each of several.
        attempts: "attempts" => u32,
    }
}

/// Validated inputs.
#[derive(Debug)]
pub struct Job {
    urls: Vec<String>,
    expected: Expected,
    schedule: Schedule,
    consecutive: u32,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        let urls = urls(&inputs.url)?;
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
            urls,
            expected: Expected::new(inputs.commit_sha, inputs.schema_version, inputs.generation)?,
            schedule: Schedule::new(inputs.timeout, inputs.interval),
            consecutive: inputs.consecutive,
        })
    }
}

/// The addresses of the documents.
fn urls(text: &str) -> Result<Vec<String>, BadInput> {
    let bad = |text: String| BadInput::new("url", text);
    let mut words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() {
        // Said as of any other text that is no address.
        words.push(text);
    }
    if words.len() > MOST_ADDRESSES {
        return Err(bad(format!("names {} addresses, and {MOST_ADDRESSES} is the most", words.len())));
    }
    let url = |word: &str| {
        let address = http::Address::parse_or_host(word)?;
        let url = if address.is_origin() { address.join(["version"])? } else { address };
        Ok(url.as_str().to_owned())
    };
    words.into_iter().map(|word| url(word).map_err(|error: http::Error| bad(error.to_string()))).collect()
}

impl Primitive for VersionPoll {
    const NAME: &'static str = "version-poll";
    const ABOUT: &'static str = "Wait until a service reports the version that was deployed";
    const GUIDE: &'static str = "\
Asks for a JSON document with the fields commit_sha, schema_version, generation and deployed_at
until every field that you name has the wanted value, in one answer, several times in a row.
Anything else (a 404, HTML, an old commit, a number where text is wanted) is \"not yet\" and is
shown when it changes. A redirect to another host is never followed. Of several addresses, such as
all public names of a service (`join(hostnames, ' ')` in a workflow), all must match at the same look.

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
        let mut services = Services::new(&job.urls, context)?;
        let names = services.names();
        tracing::info!("waiting for {} at {names}", job.expected);
        let mut row = 0;
        let matched = wait::until(context.clock(), job.schedule, "version", async |_| {
            let round = services.ask(&job.expected).await?;
            services.tell(outputs);
            row = if round == Round::Match { row + 1 } else { 0 };
            Ok::<_, http::Error>(match round {
                Round::Match if row >= job.consecutive => Look::Done(()),
                Round::Match => Look::Near(format!("matches, {row} of {} in a row", job.consecutive)),
                Round::Mismatch(mismatch) => Look::NotYet(mismatch),
                Round::Fault(fault) => Look::Fault(fault),
            })
        });
        let matched = matched.await;
        context.summarise(&services.tables(&job.expected));
        match matched {
            Ok(()) => {
                tracing::info!("{} is running", job.expected);
                Ok(Done::Success)
            }
            Err(Ended::Failed(error)) => Err(error.into()),
            Err(Ended::TimedOut(timed_out)) => Err(Failure::timed_out(format!(
                "{} was not seen at {names}: {timed_out}",
                job.expected
            ))
            .hint("this only looked and changed nothing: before a flip do not flip, after one think of the way back")
            .hint("see the service's own log for why it does not start, or raise `timeout`")),
        }
    }
}
