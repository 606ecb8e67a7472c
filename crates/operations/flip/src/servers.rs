//! What the authoritative name servers answer. Only they are asked: a resolver
//! keeps an old answer for as long as its TTL said, which proves nothing.

use std::fmt;
use std::time::Duration;

use action::{Context, Failure};
use dns::{CnameAnswer, NameServer};
use tokio::task::JoinSet;
use wait::{Ended, Look, Schedule};

use crate::host::Host;

/// How long the servers have to answer at all, before anything moves.
const BEFORE: Duration = Duration::from_secs(15);

/// The longest pause between two looks.
const CADENCE: Duration = Duration::from_secs(5);

/// One question may take this long.
const LOOKUP: Duration = Duration::from_secs(3);

/// So many questions are under way at once.
const AT_ONCE: usize = 64;

/// How many open questions a message lists.
const LISTED: usize = 5;

/// What is asked of every server, and which answer is wanted.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    host: Host,
    target: Option<Host>,
}

impl Question {
    /// Any CNAME will do.
    pub(crate) fn any(host: &Host) -> Self {
        Self { host: host.clone(), target: None }
    }

    /// Only this target will do.
    pub(crate) fn exactly(host: &Host, target: &Host) -> Self {
        Self { host: host.clone(), target: Some(target.clone()) }
    }

    /// What is wrong with the server's answer, if anything.
    async fn put_to(self, server: NameServer) -> Option<String> {
        let Self { host, target } = self;
        match dns::lookup_cname(&server, &host.concrete(), LOOKUP).await {
            Ok(CnameAnswer::Target { authoritative: false, .. }) => {
                Some(format!("{server} does not speak for {host} with authority"))
            }
            Ok(CnameAnswer::Target { name, .. }) => target
                .filter(|target| target.as_str() != name)
                .map(|target| format!("{server} answers {name} for {host}, not {target}")),
            Ok(CnameAnswer::NoCname { types }) if types.is_empty() => {
                Some(format!("{server} answers no CNAME for {host}"))
            }
            Ok(CnameAnswer::NoCname { types }) => {
                Some(format!("{server} answers {} for {host}, no CNAME", types.join(", ")))
            }
            Ok(CnameAnswer::NxDomain) => Some(format!("{server} does not know {host}")),
            Err(error) => Some(format!("failed to {error}")),
        }
    }
}

/// The zone's servers, and how long they have to follow a change.
#[derive(Debug)]
pub(crate) struct Servers {
    asked: Vec<NameServer>,
    patience: Duration,
}

impl Servers {
    /// Those that the input `nameserver` names, else those of the zone.
    ///
    /// # Errors
    /// Refused when there are none, or when one's name cannot be understood.
    pub(crate) fn choose(
        given: &[NameServer],
        of_zone: &[String],
        patience: Duration,
    ) -> Result<Self, Failure> {
        let hint = "`nameserver` names the authoritative servers; `verify-dns: false` goes without them";
        if !given.is_empty() {
            return Ok(Self { asked: given.to_vec(), patience });
        }
        if of_zone.is_empty() {
            return Err(Failure::refused("the zone names no name servers that could be asked").hint(hint));
        }
        let read = |name: &String| {
            name.parse().map_err(|error: dns::Error| Failure::refused(error.to_string()).hint(hint))
        };
        let asked = of_zone.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { asked, patience })
    }

    /// Before anything moves: does every server answer a CNAME for each host? What
    /// cannot be seen now could not be verified afterwards either.
    ///
    /// # Errors
    /// Refused, with the answers.
    pub(crate) async fn answer_at_all(&self, context: &Context, hosts: &[&Host]) -> Result<(), Failure> {
        let questions = hosts.iter().map(|host| Question::any(host)).collect();
        let schedule = Schedule::new(BEFORE, CADENCE).at_once();
        self.ask_until_right(context, "name servers, before the flip", schedule, questions).await.map_err(|open| {
            Failure::refused(format!("the flip could not be verified afterwards: {open}"))
                .hint("a name server that flattens CNAMEs, or that the runner cannot reach, shows no target; `nameserver` names others, `verify-dns: false` goes without them")
                .hint("no name has been moved")
        })
    }

    /// Waits until every server answers every question as wanted, no longer than
    /// its patience.
    ///
    /// # Errors
    /// The questions that were still open at the deadline, in words.
    pub(crate) async fn answer_as_wanted(
        &self,
        context: &Context,
        questions: Vec<Question>,
    ) -> Result<(), String> {
        let schedule = Schedule::new(self.patience, CADENCE);
        self.ask_until_right(context, "name servers", schedule, questions).await
    }

    async fn ask_until_right(
        &self,
        context: &Context,
        what: &str,
        schedule: Schedule,
        questions: Vec<Question>,
    ) -> Result<(), String> {
        let pair = |question: &Question| {
            let question = question.clone();
            self.asked.iter().map(move |server| (server.clone(), question.clone())).collect::<Vec<_>>()
        };
        let mut open: Vec<(NameServer, Question)> = questions.iter().flat_map(pair).collect();
        let asked = wait::until(context.clock(), schedule, what, async |_| {
            let problems = ask_all(&mut open).await;
            Ok::<_, std::convert::Infallible>(if open.is_empty() {
                Look::Done(())
            } else {
                Look::NotYet(problems)
            })
        });
        match asked.await {
            Ok(()) => Ok(()),
            Err(Ended::TimedOut(timed_out)) => {
                Err(timed_out.last.map_or_else(String::new, |last| last.to_string()))
            }
            Err(Ended::Failed(never)) => match never {},
        }
    }
}

/// Puts every open question once, and keeps those whose answer is not right.
async fn ask_all(open: &mut Vec<(NameServer, Question)>) -> Problems {
    let mut still_open = Vec::new();
    let mut problems = Vec::new();
    for chunk in open.chunks(AT_ONCE) {
        let mut asking = JoinSet::new();
        for (index, (server, question)) in chunk.iter().cloned().enumerate() {
            asking.spawn(async move { (index, question.put_to(server).await) });
        }
        let mut answers: Vec<_> = asking.join_all().await;
        answers.sort_by_key(|(index, _)| *index);
        for (index, problem) in answers {
            if let Some(problem) = problem {
                problems.push(problem);
                still_open.push(chunk[index].clone());
            }
        }
    }
    *open = still_open;
    Problems(problems)
}

/// What was wrong with answers.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Problems(Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = self.0.len().min(LISTED);
        f.write_str(&self.0[..listed].join("; "))?;
        match self.0.len() - listed {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_servers_go_before_the_zone_s() {
        let given: Vec<NameServer> = vec!["127.0.0.1:5353".parse().unwrap()];
        let of_zone = vec!["a.ns.cloudflare.com".to_owned()];
        let shown = |servers: Servers| servers.asked.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(shown(Servers::choose(&given, &of_zone, LOOKUP).unwrap()), ["127.0.0.1:5353"]);
        assert_eq!(shown(Servers::choose(&[], &of_zone, LOOKUP).unwrap()), ["a.ns.cloudflare.com:53"]);
        assert!(Servers::choose(&[], &[], LOOKUP).unwrap_err().message().contains("names no name servers"));
        assert!(Servers::choose(&[], &["no server!".to_owned()], LOOKUP).is_err());
    }

    /// A server that answers one question with a CNAME to `x.y`, with or without
    /// authority.
    async fn server(authority: bool) -> NameServer {
        let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut message = [0; 512];
            let (length, from) = socket.recv_from(&mut message).await.unwrap();
            let mut message = message[..length].to_vec();
            // An answer, and one record in it (RFC 1035, section 4.1.1).
            message[2] = if authority { 0x84 } else { 0x80 };
            message[7] = 1;
            // The name of the question; CNAME, IN; 60 s; 5 bytes: x.y.
            message.extend([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 5, 1, b'x', 1, b'y', 0]);
            socket.send_to(&message, from).await.unwrap();
        });
        address.into()
    }

    #[tokio::test]
    async fn only_the_wanted_target_from_an_authority_is_right() {
        let host = |name: &str| Host::parse(name).unwrap();
        let api = host("api.example.com");
        let right = Question::exactly(&api, &host("x.y"));
        assert_eq!(right.clone().put_to(server(true).await).await, None);
        let told = right.put_to(server(false).await).await.unwrap();
        assert!(told.ends_with("does not speak for api.example.com with authority"), "{told}");
        assert_eq!(Question::any(&api).put_to(server(true).await).await, None);
        let told = Question::exactly(&api, &host("y.x")).put_to(server(true).await).await.unwrap();
        assert!(told.ends_with("answers x.y for api.example.com, not y.x"), "{told}");
    }

    #[test]
    fn a_long_list_of_problems_is_cut() {
        let problems = Problems((0..7).map(|n| format!("p{n}")).collect());
        assert_eq!(problems.to_string(), "p0; p1; p2; p3; p4; and 2 more");
    }
}
