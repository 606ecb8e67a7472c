//! The services that are asked, and what each said last.

use std::time::Duration;

use action::{Context, Failure};
use http::{Builder, Client, Error, Retries};
use wait::Fault;

use crate::VersionOutputs;
use crate::expected::Expected;
use crate::seen::Seen;

/// A version document is a few hundred bytes; anything much larger is not one.
const BODY_LIMIT: usize = 64 * 1024;

/// One question may take this long; a cold instance is slow to answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// All of them, in the order in which they were given.
pub(crate) struct Services(Vec<Service>);

struct Service {
    client: Client,
    last: VersionOutputs,
}

/// What came of asking all of them once.
#[derive(Debug, PartialEq)]
pub(crate) enum Round {
    /// Every one says what is wanted.
    Match,
    /// What the others say.
    Mismatch(String),
    /// One at least could not be asked; what the others say that do not match stands beside it.
    Fault(Fault),
}

impl Services {
    /// Clients that take every answer as it comes: the wait is the retry.
    pub(crate) fn new(urls: &[String], context: &Context) -> Result<Self, Failure> {
        let service = |url: &String| {
            let client = Builder::new(url)
                .header("accept", "application/json")
                .header("cache-control", "no-cache")
                .retries(Retries::NONE)
                .timeout(REQUEST_TIMEOUT)
                .body_limit(BODY_LIMIT)
                .follow_same_origin()
                .unpooled()
                .build(context)?;
            Ok(Service { client, last: VersionOutputs::default() })
        };
        urls.iter().map(service).collect::<Result<_, Failure>>().map(Self)
    }

    /// Their addresses, for a sentence.
    pub(crate) fn names(&self) -> String {
        self.0.iter().map(Service::name).collect::<Vec<_>>().join(", ")
    }

    /// Asks each once, in turn. The error ends the wait: a request is impossible.
    pub(crate) async fn ask(&mut self, expected: &Expected) -> Result<Round, Error> {
        let is_one = self.0.len() == 1;
        let (mut told, mut faults, mut retry_after) = (Vec::new(), 0, None);
        for service in &mut self.0 {
            let what = match service.ask().await? {
                Ok(seen) => expected.mismatch(&seen),
                Err(fault) => {
                    faults += 1;
                    retry_after = retry_after.max(fault.retry_after);
                    Some(fault.what)
                }
            };
            let named = |what| if is_one { what } else { format!("{}: {what}", service.name()) };
            told.extend(what.map(named));
        }
        let told = told.join("; ");
        Ok(match faults {
            0 if told.is_empty() => Round::Match,
            0 => Round::Mismatch(told),
            _ => Round::Fault(Fault { what: told, retry_after }),
        })
    }

    /// Fills the outputs with what each said last.
    pub(crate) fn tell(&self, outputs: &mut VersionOutputs) {
        outputs.commit_sha = self.each(|last| last.commit_sha.as_deref());
        outputs.schema_version = self.each(|last| last.schema_version.as_deref());
        outputs.generation = self.each(|last| last.generation.as_deref());
        outputs.deployed_at = self.each(|last| last.deployed_at.as_deref());
        outputs.attempts = self.0.first().and_then(|service| service.last.attempts);
    }

    /// One table each, for the job summary.
    pub(crate) fn tables(&self, expected: &Expected) -> String {
        let table = |service: &Service| expected.table(service.client.base(), &service.last);
        self.0.iter().map(table).collect::<Vec<_>>().join("\n")
    }

    /// A field of the only one as it is; of several one line each that said it.
    fn each(&self, field: impl Fn(&VersionOutputs) -> Option<&str>) -> Option<String> {
        if let [only] = self.0.as_slice() {
            return field(&only.last).map(str::to_owned);
        }
        let line = |service: &Service| Some(format!("{} {}", service.name(), field(&service.last)?));
        let lines: Vec<_> = self.0.iter().filter_map(line).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

impl Service {
    fn name(&self) -> String {
        self.client.base().to_string()
    }

    async fn ask(&mut self) -> Result<Result<Seen, Fault>, Error> {
        *self.last.attempts.get_or_insert(0) += 1;
        match self.client.get([]).answer().await {
            Ok(answer) => {
                let seen = Seen::read(&answer);
                seen.tell(&mut self.last);
                Ok(Ok(seen))
            }
            Err(error @ Error::Invalid(_)) => Err(error),
            Err(error) => Ok(Err(Fault::from(&error))),
        }
    }
}
