//! Faults on request: any route of any server can be told to misbehave.
//!
//! A rule says where (a [`Route`]), when (a [`When`]) and what (a [`What`]).
//! Every strike is noted, and a rule that never struck can be asserted, so that
//! a test cannot pass because its fault missed.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Method, Uri};
use axum::response::Response;

use crate::order::next_order;
use crate::route::Route;

mod answer;
mod schedule;

pub use answer::{Answer, Garble, HUGE};
pub use schedule::When;

pub(crate) use schedule::Schedule;

/// What a rule does to a request.
///
/// Unless said otherwise the twin never sees the request, so nothing changes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum What {
    /// The connection is closed in good order, without an answer.
    Refuse,
    /// The connection ends in a TCP reset, without an answer.
    Reset,
    /// No answer until the client gives up or the server stops.
    Hang,
    /// This answer instead of the twin's: 429, 5xx, anything.
    Answer(Answer),
    /// The twin processes the request; of its answer half the body arrives, and
    /// `Content-Length` promised all of it.
    CutBody,
    /// An answer that is not what the vendor documents. See [`Garble`] for which
    /// of them are processed by the twin.
    Garble(Garble),
    /// The twin processes the request, and the answer is lost: the connection is
    /// closed instead.
    ApplyThenLose,
    /// The answer of the previous identical GET (same path and query) is served
    /// again. Does not strike while there is none.
    Stale,
}

impl What {
    /// Answers 429 with `Retry-After` in seconds and an empty JSON object.
    #[must_use]
    pub fn too_many_requests(retry_after: u64) -> Self {
        Self::Answer(Answer::json(429, "{}").header("retry-after", &retry_after.to_string()))
    }

    /// Answers `status` with a short plain text, as a proxy in front of a vendor does.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Answer(Answer::text(status, "upstream request failed\n"))
    }

    /// Whether the twin processes the request all the same.
    fn applies(&self) -> bool {
        match self {
            Self::CutBody | Self::ApplyThenLose => true,
            Self::Garble(garble) => garble.applies(),
            Self::Refuse | Self::Reset | Self::Hang | Self::Answer(_) | Self::Stale => false,
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refuse => f.write_str("refuse"),
            Self::Reset => f.write_str("reset"),
            Self::Hang => f.write_str("hang"),
            Self::Answer(answer) => write!(f, "answer {}", answer.status()),
            Self::CutBody => f.write_str("cut body"),
            Self::Garble(garble) => write!(f, "garble ({garble})"),
            Self::ApplyThenLose => f.write_str("apply, then lose the answer"),
            Self::Stale => f.write_str("stale answer"),
        }
    }
}

/// One strike: a fault that a request met.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Strike {
    /// In one order with the entries of every journal.
    pub order: u64,
    /// The server that was struck.
    pub server: &'static str,
    /// The request's method.
    pub method: Method,
    /// The request's path.
    pub path: String,
    /// What was done, in words.
    pub what: String,
}

/// The rules of one or more servers; a handle, cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<State>>);

/// A rule that was added: asks it how often it struck, or takes it back.
#[derive(Clone, Debug)]
pub struct Rule {
    faults: Faults,
    index: usize,
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<Armed>,
    strikes: Vec<Strike>,
    answers: HashMap<Key, Response<Bytes>>,
}

#[derive(Debug)]
struct Armed {
    route: Route,
    schedule: Schedule,
    what: What,
    active: bool,
    fired: u64,
}

/// Server, path and query: what makes two GETs identical.
type Key = (&'static str, String);

/// Answers larger than this are not kept for [`What::Stale`].
const REMEMBERED: usize = 1 << 20;

impl Faults {
    /// Adds a rule. A request is struck by the first rule whose route and time
    /// match; the calls of a route are counted for each rule from when it was added.
    pub fn on(&self, route: impl Into<Route>, when: When, what: What) -> Rule {
        self.with(|state| {
            state.rules.push(Armed {
                route: route.into(),
                schedule: Schedule::new(when),
                what,
                active: true,
                fired: 0,
            });
            Rule { faults: self.clone(), index: state.rules.len() - 1 }
        })
    }

    /// Takes all rules back; what was struck stays on record.
    pub fn clear(&self) {
        self.with(|state| state.rules.iter_mut().for_each(|rule| rule.active = false));
    }

    /// Every strike so far, in order.
    #[must_use]
    pub fn strikes(&self) -> Vec<Strike> {
        self.with(|state| state.strikes.clone())
    }

    /// The rules that never struck, in words: empty at the end of a good test.
    #[must_use]
    pub fn unfired(&self) -> Vec<String> {
        self.with(|state| {
            let unfired = state.rules.iter().filter(|rule| rule.fired == 0);
            unfired.map(|rule| format!("{} on {}", rule.what, rule.route)).collect()
        })
    }

    /// Counts the call, and says which fault it meets, if any.
    pub(crate) fn strike(&self, call: &Call) -> Option<Struck> {
        self.with(|state| {
            let stale = state.answers.get(&call.key());
            let mut struck = None;
            for rule in &mut state.rules {
                if !rule.active || !rule.route.matches(&call.method, &call.path) {
                    continue;
                }
                let due = rule.schedule.is_due();
                let possible = !matches!(rule.what, What::Stale) || stale.is_some();
                if due && possible && struck.is_none() {
                    rule.fired += 1;
                    struck = Some(rule.what.clone());
                }
            }
            let what = struck?;
            let old = match what {
                What::Stale => stale.cloned(),
                _ => None,
            };
            state.strikes.push(Strike {
                order: next_order(),
                server: call.server,
                method: call.method.clone(),
                path: call.path.clone(),
                what: what.to_string(),
            });
            Some(Struck { what, old })
        })
    }

    /// Keeps the answer of a GET, to be served stale later.
    pub(crate) fn remember(&self, call: &Call, answer: &Response<Bytes>) {
        if call.method == Method::GET && answer.body().len() <= REMEMBERED {
            self.with(|state| state.answers.insert(call.key(), answer.clone()));
        }
    }

    /// What the connection does, given the strike and the twin's answer.
    pub(crate) fn effect(struck: Option<Struck>, answer: Option<Response<Bytes>>) -> Effect {
        let Some(Struck { what, old }) = struck else {
            return answer.map_or(Effect::Close, whole);
        };
        match what {
            What::Refuse | What::ApplyThenLose => Effect::Close,
            What::Reset => Effect::Reset,
            What::Hang => Effect::Hang,
            What::Answer(made) => Effect::Answer(made.into_response()),
            What::Stale => old.map_or(Effect::Close, whole),
            What::CutBody => answer.map_or(Effect::Close, |answer| Effect::Answer(answer::cut(answer))),
            What::Garble(garble) => Effect::Answer(garble.spoil(answer)),
        }
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn whole(answer: Response<Bytes>) -> Effect {
    Effect::Answer(answer.map(Body::from))
}

impl Rule {
    /// How often it struck.
    #[must_use]
    pub fn fired(&self) -> u64 {
        self.faults.with(|state| state.rules.get(self.index).map_or(0, |rule| rule.fired))
    }

    /// Lets `run` go on until the rule strikes and drops it then, which is what SIGKILL is to a process; then takes the
    /// rule back. Gives what the run came to, if it ended before.
    pub async fn kills<T>(&self, run: impl Future<Output = T>) -> Option<T> {
        let struck = async {
            while self.fired() == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let ended = tokio::select! {
            ended = run => Some(ended),
            () = struck => None,
        };
        self.cancel();
        ended
    }

    /// Takes the rule back.
    pub fn cancel(&self) {
        self.faults.with(|state| {
            if let Some(rule) = state.rules.get_mut(self.index) {
                rule.active = false;
            }
        });
    }
}

/// A request as far as faults care.
#[derive(Debug)]
pub(crate) struct Call {
    server: &'static str,
    method: Method,
    path: String,
    query: Option<String>,
}

impl Call {
    pub(crate) fn new(server: &'static str, method: &Method, uri: &Uri) -> Self {
        Self {
            server,
            method: method.clone(),
            path: uri.path().to_owned(),
            query: uri.query().map(str::to_owned),
        }
    }

    pub(crate) fn method(&self) -> &Method {
        &self.method
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    fn key(&self) -> Key {
        let query = self.query.as_deref().unwrap_or_default();
        (self.server, format!("{}?{query}", self.path))
    }
}

/// The fault that a request met, with the old answer when that is the fault.
#[derive(Debug)]
pub(crate) struct Struck {
    what: What,
    old: Option<Response<Bytes>>,
}

impl Struck {
    pub(crate) fn applies(&self) -> bool {
        self.what.applies()
    }
}

/// What the connection does next.
#[derive(Debug)]
pub(crate) enum Effect {
    Answer(Response),
    Close,
    Reset,
    Hang,
}
