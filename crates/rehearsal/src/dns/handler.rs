//! One question: faults first, then what the zones answer.

use std::sync::Arc;

use hickory_proto::op::{Header, HeaderCounts, Metadata, ResponseCode};
use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{RData, Record as Answer, RecordType};
use hickory_server::net::NetError;
use hickory_server::net::runtime::Time;
use hickory_server::net::xfer::Protocol;
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::{Catalog, MessageResponse, MessageResponseBuilder};

use super::fault::{DnsFaults, Fault};
use super::journal::{DnsJournal, Over, Query};
use super::rdata::{RecordSets, absolute};
use super::record::fold;
use super::zones::Zones;
use crate::order::next_order;

/// The TTL of a wrong answer.
const WRONG_TTL: u32 = 60;

/// Answers for all zones of a server.
pub(super) struct Handler {
    zones: Arc<Zones>,
    catalog: Catalog,
    faults: DnsFaults,
    journal: DnsJournal,
}

impl Handler {
    pub(super) fn new(zones: Arc<Zones>, faults: DnsFaults, journal: DnsJournal) -> Self {
        Self { catalog: zones.catalog(), zones, faults, journal }
    }
}

#[async_trait::async_trait]
impl RequestHandler for Handler {
    async fn handle_request<R: ResponseHandler, T: Time>(&self, request: &Request, reply: R) -> ResponseInfo {
        self.zones.refresh().await;
        let Ok(info) = request.request_info() else {
            return self.catalog.handle_request::<R, T>(request, reply).await;
        };
        let name = fold(&info.query.name().to_string());
        let kind = info.query.query_type();
        let over = match request.protocol() {
            Protocol::Udp => Over::Udp,
            _ => Over::Tcp,
        };
        let past = self.zones.previous(&name);
        let fault = self.faults.strike(&name, past.is_some());
        let query = Query {
            order: next_order(),
            name,
            kind: kind.to_string(),
            over,
            recursion_desired: request.metadata.recursion_desired,
            rcode: None,
            fault: fault.as_ref().map(ToString::to_string),
        };
        let spoilt = fault.and_then(|fault| Spoilt::new(fault, request, kind, past));
        if matches!(spoilt, Some(Spoilt::Silence)) {
            self.journal.note(query);
            return silence(request);
        }
        let reply = Noted { reply, query, journal: self.journal.clone() };
        match spoilt {
            Some(spoilt) => spoilt.send(request, reply).await,
            None => self.catalog.handle_request::<Noted<R>, T>(request, reply).await,
        }
    }
}

/// Notes the question when the answer is about to be sent: whoever has the
/// answer finds the question in the journal.
#[derive(Clone)]
struct Noted<R> {
    reply: R,
    query: Query,
    journal: DnsJournal,
}

#[async_trait::async_trait]
impl<R: ResponseHandler> ResponseHandler for Noted<R> {
    async fn send_response<'a>(
        &mut self,
        response: MessageResponse<
            '_,
            'a,
            impl Iterator<Item = &'a Answer> + Send + 'a,
            impl Iterator<Item = &'a Answer> + Send + 'a,
            impl Iterator<Item = &'a Answer> + Send + 'a,
            impl Iterator<Item = &'a Answer> + Send + 'a,
        >,
    ) -> Result<ResponseInfo, NetError> {
        let rcode = Some(format!("{:?}", response.metadata().response_code));
        self.journal.note(Query { rcode, ..self.query.clone() });
        self.reply.send_response(response).await
    }
}

/// An answer that a fault makes in the zone's place.
enum Spoilt {
    Silence,
    Code(ResponseCode),
    Cut,
    Records(Vec<Answer>),
}

impl Spoilt {
    /// `None` when the fault leaves this question alone.
    fn new(fault: Fault, request: &Request, kind: RecordType, past: Option<RecordSets>) -> Option<Self> {
        match fault {
            Fault::Drop => Some(Self::Silence),
            Fault::ServFail => Some(Self::Code(ResponseCode::ServFail)),
            Fault::Refuse => Some(Self::Code(ResponseCode::Refused)),
            Fault::Truncate => matches!(request.protocol(), Protocol::Udp).then_some(Self::Cut),
            Fault::Stale => past.map(|sets| Self::Records(pick(&sets, kind))),
            Fault::Wrong(target) => wrong(request, &target).map(|answer| Self::Records(vec![answer])),
        }
    }

    async fn send<R: ResponseHandler>(self, request: &Request, mut reply: R) -> ResponseInfo {
        let mut metadata = Metadata::response_from_request(&request.metadata);
        metadata.authoritative = true;
        let mut answers = Vec::new();
        match self {
            Self::Code(code) => metadata.response_code = code,
            Self::Cut => metadata.truncation = true,
            Self::Records(records) => answers = records,
            Self::Silence => {}
        }
        let builder = MessageResponseBuilder::from_message_request(request);
        let response = builder.build(metadata, &answers, &[], &[], &[]);
        match reply.send_response(response).await {
            Ok(info) => info,
            Err(error) => {
                tracing::warn!(%error, "an answer could not be sent");
                silence(request)
            }
        }
    }
}

/// What answers a question of type `kind`: its records, or the alias in their place.
fn pick(sets: &RecordSets, kind: RecordType) -> Vec<Answer> {
    let matching = sets.values().filter(|set| [kind, RecordType::CNAME].contains(&set.record_type()));
    matching.flat_map(|set| set.records_without_rrsigs().cloned()).collect()
}

fn wrong(request: &Request, target: &str) -> Option<Answer> {
    let asked = request.request_info().ok()?;
    let name = absolute(&asked.query.name().to_string())?;
    Some(Answer::from_rdata(name, WRONG_TTL, RData::CNAME(CNAME(absolute(target)?))))
}

/// What the server is told when nothing was sent.
fn silence(request: &Request) -> ResponseInfo {
    let metadata = Metadata::response_from_request(&request.metadata);
    ResponseInfo::from(Header { metadata, counts: HeaderCounts::default() })
}
