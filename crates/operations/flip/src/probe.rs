//! Does the target answer for the public name? Asked before anything moves.

use std::time::Duration;

use action::{Context, Failure};
use http::{Answer, Builder, Client, Error, Retries};
use wait::{Ended, Fault, Look, Schedule};

use crate::host::Host;

/// One question may take this long; a cold instance is slow to answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// A target that stumbles is asked again for this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The longest pause between two questions.
const CADENCE: Duration = Duration::from_secs(5);

/// Connects to `target` and asks for `path` of `host`, named in the TLS handshake
/// and in the `Host` header alike, as a visitor would after the flip. Returns the
/// status, a 2xx. Names below `localhost` are asked over plain http: they never
/// leave this machine. A target that stumbles is asked again within `patience`.
///
/// # Errors
/// Refused: another answer, or none.
pub(crate) async fn probe(
    context: &Context,
    host: &Host,
    target: &Host,
    path: &str,
    patience: Duration,
) -> Result<u16, Failure> {
    let name = host.concrete();
    let scheme = if host.is_loopback() { "http" } else { "https" };
    let client = Builder::new(&format!("{scheme}://{name}{path}"))
        .connect_to(&name, target.as_str())
        .header("cache-control", "no-cache")
        .retries(Retries::NONE)
        .timeout(REQUEST_TIMEOUT)
        .unpooled()
        .build(context)?;
    let schedule = Schedule::new(patience, CADENCE).at_once();
    let what = format!("{target} asked for {name}");
    let asked = wait::until(context.clock(), schedule, &what, async |_| look(&client).await);
    match asked.await {
        Ok(status) => Ok(status),
        Err(Ended::Failed(Refusal::Impossible(error))) => Err(error.into()),
        Err(Ended::Failed(Refusal::Answer(told))) => {
            Err(refused(host, format!("{target} answers {told} to GET {}", client.base())))
        }
        Err(Ended::TimedOut(timed_out)) => {
            Err(refused(host, format!("{target} does not answer GET {}: {timed_out}", client.base())))
        }
    }
}

/// Why asking again is of no use.
enum Refusal {
    /// An answer that will not become another one by itself.
    Answer(String),
    /// The question cannot be asked.
    Impossible(Error),
}

async fn look(client: &Client) -> Result<Look<u16, String>, Refusal> {
    match client.get([]).answer().await {
        Ok(answer) => judge(&answer),
        Err(error @ Error::Invalid(_)) => Err(Refusal::Impossible(error)),
        Err(error) => Ok(Look::Fault(Fault::from(&error))),
    }
}

fn judge(answer: &Answer) -> Result<Look<u16, String>, Refusal> {
    match answer.status() {
        status @ 200..=299 => Ok(Look::Done(status)),
        status @ (408 | 425 | 429 | 500..=599) => Ok(Look::NotYet(format!("status {status}"))),
        status @ 300..=399 => {
            let to = answer.header("location").unwrap_or("nowhere");
            Err(Refusal::Answer(format!("{status}, a redirect to {to},")))
        }
        status => Err(Refusal::Answer(status.to_string())),
    }
}

fn refused(host: &Host, message: String) -> Failure {
    Failure::refused(message)
        .hint(format!(
            "a Render service answers only for custom domains attached to it: attach {host} to the service behind this target, and wait until its certificate is there"
        ))
        .hint("`probe` names another path that answers 2xx; `probe: off` flips without asking")
        .hint("no name has been moved")
}
