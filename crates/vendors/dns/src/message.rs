//! The question and the answer as messages, RFC 1035 section 4. No I/O here.

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, OPCODE, Packet, QCLASS, QTYPE, Question, TYPE};

use crate::host::{self, HostName};
use crate::{CnameAnswer, Rcode};

/// The length of a header, RFC 1035 section 4.1.1.
const HEADER: usize = 12;

/// The shortest record: a name of one byte, type, class, TTL, length.
const SHORTEST_RECORD: usize = 11;

/// What a message that came back is to the one who asked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// It does not belong to this question: a late, stray or forged message.
    NotOurs,
    /// The answer did not fit: ask over TCP.
    Truncated,
    /// The answer.
    Answer(CnameAnswer),
    /// The server will not or cannot answer.
    Declined(Rcode),
    /// "Nothing there", from a server that has no authority to say so.
    NotAuthoritative,
    /// It belongs to this question and cannot be used, with the reason.
    Malformed(String),
}

/// The question for a CNAME, recursion not desired: this is for servers that
/// know, not for those that ask around.
pub(crate) fn question(id: u16, host: &HostName) -> Result<Vec<u8>, String> {
    let name = Name::new(host.as_str()).map_err(|error| error.to_string())?;
    let mut packet = Packet::new_query(id);
    packet.questions.push(Question::new(name, QTYPE::TYPE(TYPE::CNAME), QCLASS::CLASS(CLASS::IN), false));
    packet.build_bytes_vec().map_err(|error| error.to_string())
}

/// Reads what came back for the question `id` about `host`.
///
/// Takes any bytes: they come from the network.
pub(crate) fn read(bytes: &[u8], id: u16, host: &HostName) -> Reading {
    let Some(header) = bytes.first_chunk::<HEADER>() else {
        return Reading::NotOurs;
    };
    let is_response = header[2] & 0x80 != 0;
    if u16::from_be_bytes([header[0], header[1]]) != id || !is_response {
        return Reading::NotOurs;
    }
    // Before parsing: a message may have been cut in the middle of a record.
    let is_truncated = header[2] & 0x02 != 0;
    if is_truncated {
        return Reading::Truncated;
    }
    if !counts_are_plausible(header, bytes.len()) {
        return Reading::Malformed("it claims more records than it has room for".to_owned());
    }
    match Packet::parse(bytes) {
        Ok(packet) => read_packet(&packet, Rcode(header[3] & 0x0f), host),
        Err(error) => Reading::Malformed(format!("it is no DNS message ({error})")),
    }
}

/// Twelve bytes can claim a quarter of a million records, for each of which the
/// parser would set memory aside.
fn counts_are_plausible(header: &[u8; HEADER], length: usize) -> bool {
    let count = |at: usize| usize::from(u16::from_be_bytes([header[at], header[at + 1]]));
    let records = count(6) + count(8) + count(10);
    count(4) <= 1 && records * SHORTEST_RECORD <= length - HEADER
}

fn read_packet(packet: &Packet<'_>, rcode: Rcode, host: &HostName) -> Reading {
    if packet.opcode() != OPCODE::StandardQuery {
        return Reading::NotOurs;
    }
    let answers = matches!(rcode, Rcode::NO_ERROR | Rcode::NAME_ERROR);
    match packet.questions.first() {
        Some(question) if !is_ours(question, host) => return Reading::NotOurs,
        // A server that declines may leave the question out.
        None if answers => return Reading::Malformed("it repeats no question".to_owned()),
        _ => {}
    }
    if !answers {
        return Reading::Declined(rcode);
    }
    read_answers(packet, rcode, host)
}

fn is_ours(question: &Question<'_>, host: &HostName) -> bool {
    question.qtype == QTYPE::TYPE(TYPE::CNAME)
        && question.qclass == QCLASS::CLASS(CLASS::IN)
        && text(&question.qname) == host.as_str()
}

fn read_answers(packet: &Packet<'_>, rcode: Rcode, host: &HostName) -> Reading {
    let authoritative = packet.has_flags(simple_dns::PacketFlag::AUTHORITATIVE_ANSWER);
    let mut found: Option<CnameAnswer> = None;
    let mut types = Vec::new();
    for record in &packet.answers {
        // A server may add where the chain leads on: only the host's own counts.
        if record.class != CLASS::IN || text(&record.name) != host.as_str() {
            continue;
        }
        let RData::CNAME(target) = &record.rdata else {
            types.push(type_name(record.rdata.type_code()));
            continue;
        };
        let target = CnameAnswer::Target { name: text(&target.0), ttl: record.ttl, authoritative };
        if found.as_ref().is_some_and(|other| *other != target) {
            return Reading::Malformed("it has two CNAMEs for one name".to_owned());
        }
        found = Some(target);
    }
    match found {
        // The code is about the end of the chain, RFC 6604 section 3: the host
        // itself has a CNAME.
        Some(target) => Reading::Answer(target),
        None if !authoritative => Reading::NotAuthoritative,
        None if rcode == Rcode::NAME_ERROR => Reading::Answer(CnameAnswer::NxDomain),
        None => {
            types.sort();
            types.dedup();
            Reading::Answer(CnameAnswer::NoCname { types })
        }
    }
}

fn text(name: &Name<'_>) -> String {
    host::display(name.as_bytes())
}

/// `A`, `AAAA`, ...; a type without a name as `TYPE65280` (RFC 3597).
fn type_name(kind: TYPE) -> String {
    match kind {
        TYPE::Unknown(number) => format!("TYPE{number}"),
        known => format!("{known:?}"),
    }
}

#[cfg(test)]
mod tests;
