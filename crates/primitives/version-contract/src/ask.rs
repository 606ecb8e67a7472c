//! What one service answered.

use std::time::Duration;

use action::{Context, Failure, SecretString};
use http::{Address, Answer, Builder, Client, Error, Retries};
use wait::{Ended, Fault, Look, Schedule};

use crate::contract::{self, Which, Wrong};
use crate::document::Document;
use crate::finding::Finding;

/// A version document is a few hundred bytes; anything much larger is not one.
const BODY_LIMIT: usize = 64 * 1024;

/// One question may take this long; a cold instance is slow to answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// The answers of one service.
#[derive(Debug)]
pub(crate) struct Origin {
    name: String,
    version: Answered,
    /// Without a key.
    closed: Answered,
    /// With the key, if there is one.
    detail: Option<Answered>,
}

/// An answer of any status, or why there is none.
type Answered = Result<Answer, String>;

impl Origin {
    /// Asks for all of it.
    pub(crate) async fn ask(
        context: &Context,
        address: &Address,
        key: Option<&SecretString>,
        schedule: Schedule,
    ) -> Result<Self, Failure> {
        let open = client(context, address, None)?;
        let version = answer(context, &open, Which::Version, schedule).await?;
        let closed = answer(context, &open, Which::Detail, schedule).await?;
        let detail = match key {
            Some(key) => {
                let with_key = client(context, address, Some(key))?;
                Some(answer(context, &with_key, Which::Detail, schedule).await?)
            }
            None => None,
        };
        Ok(Self { name: address.to_string(), version, closed, detail })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// A document, if it could be read.
    pub(crate) fn document(&self, which: Which) -> Option<Document> {
        let answer = match which {
            Which::Version => Some(&self.version),
            Which::Detail => self.detail.as_ref(),
        };
        read(answer?.as_ref().ok()?).ok()
    }

    /// Everything that is wrong with this service.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let mut found = self.of(Which::Version, &self.version, |answer| of_document(Which::Version, answer));
        found.extend(self.of(Which::Detail, &self.closed, of_closed));
        if let Some(detail) = &self.detail {
            found.extend(self.of(Which::Detail, detail, of_detail));
        }
        if let (Some(version), Some(detail)) = (self.document(Which::Version), self.document(Which::Detail)) {
            let contradictions = contract::contradictions(&version, &detail);
            found.extend(contradictions.into_iter().map(|wrong| self.finding(Which::Detail, wrong)));
        }
        found
    }

    fn of(&self, which: Which, answered: &Answered, judge: impl Fn(&Answer) -> Vec<Wrong>) -> Vec<Finding> {
        match answered {
            Ok(answer) => judge(answer).into_iter().map(|wrong| self.finding(which, wrong)).collect(),
            Err(why) => {
                let wrong = (String::new(), format!("gave no usable answer: {why}"));
                vec![Finding { unseen: true, ..self.finding(which, wrong) }]
            }
        }
    }

    pub(crate) fn finding(&self, which: Which, (field, problem): Wrong) -> Finding {
        Finding { origin: self.name.clone(), path: which.path(), field, problem, unseen: false }
    }
}

fn client(context: &Context, address: &Address, key: Option<&SecretString>) -> Result<Client, Error> {
    let builder = Builder::new(address.as_str())
        .header("accept", "application/json")
        .header("cache-control", "no-cache")
        .retries(Retries::NONE)
        .timeout(REQUEST_TIMEOUT)
        .body_limit(BODY_LIMIT);
    let builder = match key {
        Some(key) => builder.bearer(key.clone()),
        None => builder,
    };
    builder.build(context)
}

/// Asks until there is an answer that says something about the service.
async fn answer(
    context: &Context,
    client: &Client,
    which: Which,
    schedule: Schedule,
) -> Result<Answered, Failure> {
    let asked = wait::until(context.clock(), schedule, which.path(), async |_| {
        match client.get(which.segments().iter().copied()).answer().await {
            Ok(answer) if is_passing(answer.status()) => {
                Ok(Look::<Answer, String>::NotYet(format!("status {}", answer.status())))
            }
            Ok(answer) => Ok(Look::Done(answer)),
            Err(error @ Error::Invalid(_)) => Err(error),
            Err(error) => Ok(Look::Fault(Fault::from(&error))),
        }
    });
    match asked.await {
        Ok(answer) => Ok(Ok(answer)),
        Err(Ended::TimedOut(timed_out)) => Ok(Err(timed_out.to_string())),
        Err(Ended::Failed(error)) => Err(error.into()),
    }
}

/// What a gateway answers for a service that starts, or is asked too often.
const fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 502..=504)
}

fn of_document(which: Which, answer: &Answer) -> Vec<Wrong> {
    if answer.status() != 200 {
        return vec![(String::new(), format!("answered {}, it must answer 200", status(answer)))];
    }
    let mut wrong: Vec<Wrong> = content_type(answer).into_iter().collect();
    match read(answer) {
        Ok(document) => wrong.extend(which.check(&document)),
        Err(problem) => wrong.push((String::new(), problem)),
    }
    wrong
}

fn of_detail(answer: &Answer) -> Vec<Wrong> {
    if matches!(answer.status(), 401 | 403) {
        let problem =
            format!("answered {} to the deploy key: is it in the registry of this service?", answer.status());
        return vec![(String::new(), problem)];
    }
    let mut wrong = of_document(Which::Detail, answer);
    wrong.extend(no_store(answer));
    wrong
}

fn of_closed(answer: &Answer) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if answer.status() != 401 {
        let problem = format!("answered {} without a key, it must answer 401", status(answer));
        wrong.push((String::new(), problem));
    }
    wrong
        .extend(no_store(answer).map(|(field, problem)| (field, format!("{problem} (asked without a key)"))));
    wrong
}

fn read(answer: &Answer) -> Result<Document, String> {
    if answer.status() != 200 {
        return Err(format!("status {}", answer.status()));
    }
    // The parser's own words may quote a value.
    serde_json::from_slice(answer.body())
        .map_err(|error| format!("is no JSON object (line {}, column {})", error.line(), error.column()))
}

fn status(answer: &Answer) -> String {
    let to = answer.header("location").map(|to| format!(" to {}", cut(to)));
    format!("{}{}", answer.status(), to.unwrap_or_default())
}

fn content_type(answer: &Answer) -> Option<Wrong> {
    let given = answer.header("content-type").unwrap_or_default();
    let kind = given.split(';').next().unwrap_or_default().trim();
    let problem = if given.is_empty() { "is missing".to_owned() } else { format!("is `{}`", cut(given)) };
    (!kind.eq_ignore_ascii_case("application/json"))
        .then(|| ("Content-Type".to_owned(), format!("{problem}, it must be application/json")))
}

fn no_store(answer: &Answer) -> Option<Wrong> {
    let given = answer.header("cache-control").unwrap_or_default();
    let says = given.split(',').any(|directive| directive.trim().eq_ignore_ascii_case("no-store"));
    let problem = if given.is_empty() { "is missing".to_owned() } else { format!("is `{}`", cut(given)) };
    (!says).then(|| ("Cache-Control".to_owned(), format!("{problem}, it must say no-store")))
}

/// The beginning of a header.
fn cut(text: &str) -> String {
    text.chars().take(100).collect()
}
