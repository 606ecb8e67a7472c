//! A visitor's resolver: it asks the name server and remembers what it heard.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use action::SharedClock;
use fastrand::Rng;
use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

/// A lost datagram is sent again, so often in all.
const TRIES: u32 = 4;

/// Longer chains of aliases are given up.
const LONGEST_CHAIN: usize = 8;

/// The longest datagram that is read.
const LONGEST_DATAGRAM: usize = 4096;

/// Why a name has no address.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unresolved {
    #[error("DNS: {0:?} is no domain name")]
    BadName(String),
    #[error("DNS: no answer for {name} within {limit:?}")]
    Silence { name: String, limit: Duration },
    #[error("DNS: {name} answered {code:?}")]
    Declined { name: String, code: ResponseCode },
    #[error("DNS: {0} has no address")]
    NoAddress(String),
    #[error("DNS: the chain of aliases from {0} does not end")]
    EndlessChain(String),
    #[error("DNS: asking for {name}: {cause}")]
    Broken { name: String, cause: io::Error },
}

/// One cache, as one household or one office has it.
///
/// It remembers what it heard for the TTL, or for `hold` when that is longer. It
/// does not remember that a name does not exist, and it serves nothing that has
/// run out: a visitor who asks while the name server fails has failed.
#[derive(Debug)]
pub(super) struct Resolver {
    server: SocketAddr,
    timeout: Duration,
    hold: Duration,
    clock: SharedClock,
    cache: HashMap<Name, Kept>,
}

#[derive(Debug)]
struct Kept {
    answer: Answer,
    until: Instant,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    Alias(Name),
    Addresses(Vec<Ipv4Addr>),
}

impl Resolver {
    pub(super) fn new(server: SocketAddr, timeout: Duration, hold: Duration, clock: SharedClock) -> Self {
        Self { server, timeout, hold, clock, cache: HashMap::new() }
    }

    /// An address of `host`, one of several by chance.
    pub(super) async fn resolve(&mut self, host: &str, dice: &mut Rng) -> Result<Ipv4Addr, Unresolved> {
        let absolute = format!("{}.", host.trim_end_matches('.'));
        let bad = |_| Unresolved::BadName(host.to_owned());
        let mut name = Name::from_ascii(absolute).map_err(bad)?.to_lowercase();
        for _ in 0..LONGEST_CHAIN {
            match self.answer(&name).await? {
                Answer::Alias(target) => name = target,
                Answer::Addresses(addresses) => {
                    return dice.choice(addresses).ok_or_else(|| Unresolved::NoAddress(name.to_string()));
                }
            }
        }
        Err(Unresolved::EndlessChain(host.to_owned()))
    }

    async fn answer(&mut self, name: &Name) -> Result<Answer, Unresolved> {
        if let Some(kept) = self.cache.get(name).filter(|kept| kept.until > self.clock.now()) {
            return Ok(kept.answer.clone());
        }
        let message = self.ask(name).await?;
        if message.metadata.response_code != ResponseCode::NoError {
            let code = message.metadata.response_code;
            return Err(Unresolved::Declined { name: name.to_string(), code });
        }
        let (answer, ttl) = read(&message, name).ok_or_else(|| Unresolved::NoAddress(name.to_string()))?;
        let until = self.clock.now() + Duration::from_secs(ttl.into()).max(self.hold);
        self.cache.insert(name.clone(), Kept { answer: answer.clone(), until });
        Ok(answer)
    }

    async fn ask(&self, name: &Name) -> Result<Message, Unresolved> {
        let mut question = Message::query();
        question.add_query(Query::query(name.clone(), RecordType::A));
        for _ in 0..TRIES {
            match tokio::time::timeout(self.timeout / TRIES, self.exchange(&question)).await {
                Ok(Ok(message)) => return Ok(message),
                Ok(Err(cause)) => return Err(Unresolved::Broken { name: name.to_string(), cause }),
                Err(_) => {}
            }
        }
        Err(Unresolved::Silence { name: name.to_string(), limit: self.timeout })
    }

    async fn exchange(&self, question: &Message) -> io::Result<Message> {
        let bytes = question.to_vec().map_err(io::Error::other)?;
        let any: SocketAddr = match self.server {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any).await?;
        socket.connect(self.server).await?;
        socket.send(&bytes).await?;
        let mut buffer = vec![0; LONGEST_DATAGRAM];
        let message = loop {
            let length = socket.recv(&mut buffer).await?;
            let message = Message::from_vec(&buffer[..length]).map_err(io::Error::other)?;
            if belongs(&message, question) {
                break message;
            }
        };
        if message.metadata.truncation { self.exchange_stream(question, &bytes).await } else { Ok(message) }
    }

    async fn exchange_stream(&self, question: &Message, bytes: &[u8]) -> io::Result<Message> {
        let mut stream = TcpStream::connect(self.server).await?;
        let length = u16::try_from(bytes.len()).map_err(io::Error::other)?;
        stream.write_u16(length).await?;
        stream.write_all(bytes).await?;
        let mut answer = vec![0; usize::from(stream.read_u16().await?)];
        stream.read_exact(&mut answer).await?;
        let message = Message::from_vec(&answer).map_err(io::Error::other)?;
        if belongs(&message, question) {
            return Ok(message);
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "an answer to another question"))
    }
}

fn belongs(message: &Message, question: &Message) -> bool {
    message.metadata.id == question.metadata.id && message.queries == question.queries
}

/// What the message says of `name` itself, and for how many seconds.
fn read(message: &Message, name: &Name) -> Option<(Answer, u32)> {
    let own = message.answers.iter().filter(|record| record.name == *name);
    let mut addresses = Vec::new();
    let mut shortest = u32::MAX;
    for record in own {
        match &record.data {
            RData::CNAME(target) => return Some((Answer::Alias(target.0.to_lowercase()), record.ttl)),
            RData::A(address) => addresses.push(address.0),
            _ => continue,
        }
        shortest = shortest.min(record.ttl);
    }
    (!addresses.is_empty()).then_some((Answer::Addresses(addresses), shortest))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use action::SystemClock;
    use hickory_proto::op::MessageType;
    use hickory_proto::rr::Record;
    use hickory_proto::rr::rdata::A;

    use super::*;

    fn reply(question: &Message, name: &Name, last: u8) -> Message {
        let mut reply = question.clone();
        reply.metadata.message_type = MessageType::Response;
        let address = RData::A(A(Ipv4Addr::new(192, 0, 2, last)));
        reply.add_answer(Record::from_rdata(name.clone(), 60, address));
        reply
    }

    #[tokio::test]
    async fn an_answer_to_another_question_is_passed_over() {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let server = socket.local_addr().unwrap();
        let answering = async {
            let mut buffer = [0; 512];
            let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
            let question = Message::from_vec(&buffer[..length]).unwrap();
            let name = question.queries[0].name().clone();
            let mut other_id = reply(&question, &name, 1);
            other_id.metadata.id = !other_id.metadata.id;
            let mut other_name = reply(&question, &name, 2);
            other_name.queries[0].set_name(Name::root());
            for message in [other_id, other_name, reply(&question, &name, 3)] {
                socket.send_to(&message.to_vec().unwrap(), from).await.unwrap();
            }
        };
        let patience = Duration::from_secs(20);
        let mut resolver = Resolver::new(server, patience, Duration::ZERO, Arc::new(SystemClock));
        let mut dice = Rng::with_seed(0);
        let (found, ()) = tokio::join!(resolver.resolve("api.example.com", &mut dice), answering);
        assert_eq!(found.unwrap(), Ipv4Addr::new(192, 0, 2, 3));
    }
}
