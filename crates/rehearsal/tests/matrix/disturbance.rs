//! The faults of the matrix, where each can strike, and how a run may end after it.

use std::fmt;

use rehearsal::dns::{self, DnsServer};
use rehearsal::fault::{Answer, Garble, What, When};
use rehearsal::postgres::Relay;

use super::call::Call;
use super::harness::place::{Kind, Place};
use super::harness::secrets::echo;
use super::harness::statements::Statement;
use super::harness::world::World;

/// What a call can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Refuse,
    Reset,
    Hang,
    TooManyRequests,
    /// 500 (which throws the run's secrets back at it), 502 or 503.
    ServerError(u16),
    /// 403 in the vendor's words, with the run's secrets.
    Forbidden,
    CutBody,
    Html,
    WrongTypes,
    Truncated,
    ApplyThenLose,
    Stale,
}

impl Fault {
    /// Those that can strike any call.
    pub(crate) const EVERYWHERE: [Self; 13] = [
        Self::Refuse,
        Self::Reset,
        Self::Hang,
        Self::TooManyRequests,
        Self::ServerError(500),
        Self::ServerError(502),
        Self::ServerError(503),
        Self::Forbidden,
        Self::CutBody,
        Self::Html,
        Self::WrongTypes,
        Self::Truncated,
        Self::ApplyThenLose,
    ];

    fn what(self, place: &Place, secrets: &[&str]) -> What {
        match self {
            Self::Refuse => What::Refuse,
            Self::Reset => What::Reset,
            Self::Hang => What::Hang,
            Self::TooManyRequests => What::too_many_requests(7),
            Self::ServerError(500) => What::Answer(Answer::text(500, echo(secrets))),
            Self::ServerError(status) => What::status(status),
            Self::Forbidden => What::Answer(place.forbidden(&echo(secrets))),
            Self::CutBody => What::CutBody,
            Self::Html => What::Garble(Garble::Html),
            Self::WrongTypes => What::Garble(Garble::WrongTypes),
            Self::Truncated => What::Garble(Garble::Truncated),
            Self::ApplyThenLose => What::ApplyThenLose,
            Self::Stale => What::Stale,
        }
    }
}

/// One fault at one call, or at one name for a while.
#[derive(Clone, Debug)]
pub(crate) enum Disturbance {
    Http(Call, Fault),
    Dns { name: &'static str, when: When, fault: dns::Fault },
    Sql(Statement),
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(call, fault) => write!(f, "{fault:?} at {call}"),
            Self::Dns { name, when, fault } => write!(f, "{fault} for {name}, {when:?}"),
            Self::Sql(statement) => write!(f, "{statement}"),
        }
    }
}

impl Disturbance {
    /// Every disturbance of these calls: each of [`Fault::EVERYWHERE`], and a stale
    /// answer where there can be one.
    pub(crate) fn of_calls(calls: &[Call]) -> Vec<Self> {
        let everywhere = |call: &Call| Fault::EVERYWHERE.map(|fault| Self::Http(call.clone(), fault));
        let stale = calls.iter().filter(|call| call.is_repeated);
        let stale = stale.map(|call| Self::Http(call.clone(), Fault::Stale));
        calls.iter().flat_map(everywhere).chain(stale).collect()
    }

    /// Every disturbance of these statements, in the words of the relay.
    pub(crate) fn of_statements(statements: &[String]) -> Vec<Self> {
        Statement::all(statements).into_iter().map(Self::Sql).collect()
    }

    /// Arms it.
    pub(crate) fn arm<W: World>(&self, world: &W, places: &[Place]) {
        match (self, world.dns().map(DnsServer::faults)) {
            (Self::Http(call, fault), _) => {
                let place = &places[call.place];
                place.faults.on(call.route.as_str(), When::Nth(call.nth), fault.what(place, world.secrets()));
            }
            (Self::Dns { name, when, fault }, Some(names)) => names.on(name, when.clone(), fault.clone()),
            (Self::Dns { .. }, None) => panic!("the world has no name server"),
            (Self::Sql(statement), _) => statement.arm(world.relay().unwrap()),
        }
    }

    /// How many of the faults that were armed with this one, and in the same way,
    /// never struck.
    pub(crate) fn missed<W: World>(&self, world: &W, places: &[Place]) -> usize {
        match self {
            Self::Http(..) => places.iter().map(|place| place.faults.unfired().len()).sum(),
            Self::Dns { .. } => world.dns().map_or(0, |dns| dns.faults().unfired().len()),
            Self::Sql(_) => world.relay().map_or(0, Relay::pending),
        }
    }

    /// How a run may end that met this and nothing else, where `usual` is how an
    /// undisturbed one ends.
    pub(crate) fn endings<'a, W: World>(&self, world: &W, places: &[Place], usual: &'a str) -> Vec<&'a str> {
        match self {
            // A gate may have seen enough before.
            Self::Http(_, Fault::Forbidden) if world.needs_every_answer() => match world.refusal() {
                Some(_) => vec!["denied", usual],
                None => vec!["denied"],
            },
            Self::Http(call, fault) => endings_of_call(call, *fault, places[call.place].kind, usual),
            Self::Sql(statement) => match world.endings_at(statement, usual) {
                Some(endings) => endings,
                None => vec![statement.ending(world.waits_at(statement), usual)],
            },
            Self::Dns { when: When::From(_) | When::Always, .. } => vec!["refused", "failed"],
            Self::Dns { .. } => vec![usual],
        }
    }
}

fn endings_of_call<'a>(call: &Call, fault: Fault, kind: Kind, usual: &'a str) -> Vec<&'a str> {
    let begins = matches!(call.method(), "POST" | "PATCH") && !call.only_reads();
    let sets = begins || call.method() == "PUT";
    match (fault, kind) {
        // Whatever it answers is judged; what it tells those without a key has no fields.
        (Fault::Html | Fault::WrongTypes | Fault::Truncated, Kind::Judged) if call.is_without_a_key() => {
            vec![usual, "refused"]
        }
        (
            Fault::Forbidden
            | Fault::ServerError(500)
            | Fault::Html
            | Fault::WrongTypes
            | Fault::Truncated
            | Fault::Stale,
            Kind::Judged,
        ) => vec!["refused"],
        (Fault::Forbidden, Kind::Gate) => vec!["refused"],
        (Fault::Forbidden, Kind::Origin) => vec![usual],
        // Nothing is done without its writes.
        (Fault::Forbidden, _) if sets && usual == "success" => vec!["denied"],
        // A log, and a last look to tidy up, can be done without.
        (Fault::Forbidden, _) => vec!["denied", usual],
        // The client cannot know that it was not carried out, and must not repeat it.
        (Fault::Refuse | Fault::Reset | Fault::Hang | Fault::ServerError(_) | Fault::Html, _) if begins => {
            vec![usual, "unreachable", "timed-out"]
        }
        // Everything else passes, or was carried out and is found.
        _ => vec![usual],
    }
}
