//! What a record may be, alone and beside others.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::super::envelope::Failure;
use super::super::zone::Plan;
use super::record::{AUTOMATIC, Record, invalid};

/// Every type of the API reference, DNS records.
const TYPES: [&str; 21] = [
    "A",
    "AAAA",
    "CAA",
    "CERT",
    "CNAME",
    "DNSKEY",
    "DS",
    "HTTPS",
    "LOC",
    "MX",
    "NAPTR",
    "NS",
    "OPENPGPKEY",
    "PTR",
    "SMIMEA",
    "SRV",
    "SSHFP",
    "SVCB",
    "TLSA",
    "TXT",
    "URI",
];

/// Brings a record into the form that the API keeps, or refuses it.
///
/// Codes: 9021 within 1004 for a TTL is quoted in timothymiller/cloudflare-ddns
/// issue 179; 9005, 9006, 9007 and 9004 are widely seen, not in official text.
pub(super) fn settle(record: &mut Record, plan: Plan) -> Result<(), Failure> {
    if !TYPES.contains(&record.kind.as_str()) {
        return Err(invalid("DNS record type is invalid"));
    }
    check_name(record)?;
    check_content(record)?;
    check_comment(record, plan)?;
    check_tags(record)?;
    if record.proxied && !record.is_proxiable() {
        return Err(Failure::bad_request(9004, "This record type cannot be proxied."));
    }
    check_ttl(record, plan)?;
    if record.proxied {
        // Proxied records always act as automatic (Cloudflare docs, time to live).
        record.ttl = AUTOMATIC;
    }
    Ok(())
}

fn check_name(record: &Record) -> Result<(), Failure> {
    let label_is_fine = |label: &str| {
        let plain = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '*');
        !label.is_empty() && label.len() <= 63 && plain
    };
    // Cloudflare turns Unicode into Punycode; this twin refuses it instead.
    if record.name.len() > 253 || !record.name.split('.').all(label_is_fine) {
        return Err(invalid("DNS name is invalid."));
    }
    Ok(())
}

fn check_content(record: &Record) -> Result<(), Failure> {
    let content = record.content.as_str();
    let refuse = |code, message: &str| Err(invalid_because(code, message));
    match record.kind.as_str() {
        "A" if content.parse::<Ipv4Addr>().is_err() => {
            refuse(9005, "Content for A record must be a valid IPv4 address.")
        }
        "AAAA" if content.parse::<Ipv6Addr>().is_err() => {
            refuse(9006, "Content for AAAA record must be a valid IPv6 address.")
        }
        "CNAME" if !is_hostname(content) => refuse(9007, "Content for CNAME record is invalid."),
        // "Must not match the record's name" (API reference); its code is unverified.
        "CNAME" if content.eq_ignore_ascii_case(&record.name) => {
            refuse(9007, "CNAME content cannot reference itself.")
        }
        _ if content.is_empty() && record.data.is_none() => refuse(9000, "content is required"),
        _ => Ok(()),
    }
}

fn is_hostname(content: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let label = |label: &str| !label.is_empty() && label.len() <= 63 && label.chars().all(plain);
    content.contains('.')
        && content.len() <= 253
        && content.parse::<Ipv4Addr>().is_err()
        && content.split('.').all(label)
}

/// No line breaks (Cloudflare docs, record attributes). The length caps, 100 on
/// Free and 500 elsewhere, are unverified, and so is the code.
fn check_comment(record: &Record, plan: Plan) -> Result<(), Failure> {
    let Some(comment) = &record.comment else { return Ok(()) };
    if comment.contains(['\n', '\r']) {
        return Err(invalid("comments cannot hold line breaks"));
    }
    let longest = if plan == Plan::Free { 100 } else { 500 };
    if comment.chars().count() > longest {
        return Err(invalid("the comment is too long"));
    }
    Ok(())
}

/// `name:value`, the name of letters, digits, `-` and `_` (Cloudflare docs,
/// record attributes).
fn check_tags(record: &Record) -> Result<(), Failure> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let fine = |tag: &String| {
        let name = tag.split(':').next().unwrap_or_default();
        !name.is_empty() && name.chars().all(plain) && !tag.contains(['\n', '\r'])
    };
    if record.tags.iter().all(fine) { Ok(()) } else { Err(invalid("a tag is malformed")) }
}

/// 1, or 60 to 86,400 seconds; from 30 on Enterprise (API reference, DNS records).
fn check_ttl(record: &Record, plan: Plan) -> Result<(), Failure> {
    let least = if plan == Plan::Enterprise { 30 } else { 60 };
    if record.ttl == AUTOMATIC || (least..=86_400).contains(&record.ttl) {
        return Ok(());
    }
    let message = format!("TTL must be between {least} and 86400 seconds, or 1 for Automatic.");
    Err(invalid_because(9021, &message))
}

fn invalid_because(code: u32, message: &str) -> Failure {
    Failure::bad_request(1004, "DNS Validation Error").because(code, message)
}

/// What `record` may not stand beside.
///
/// A and AAAA cannot share a name with a CNAME, nor NS with any other type (API
/// reference, create DNS record). 81056 is Cloudflare docs, "NS records already
/// exist"; 81053, 81054, 81055 and 81058 are quoted by many clients, not in
/// official text. Older answers used 81057, "Record already exists.", for what
/// is 81058 today.
pub(super) fn check_neighbours<'a>(
    record: &Record,
    others: impl Iterator<Item = &'a Record>,
    apex: &str,
) -> Result<(), Failure> {
    let refuse = |code, message: &str| Err(Failure::bad_request(code, message));
    let is_address = |kind: &str| matches!(kind, "A" | "AAAA");
    for other in others.filter(|other| other.id != record.id && other.name == record.name) {
        let (kind, beside) = (record.kind.as_str(), other.kind.as_str());
        if kind == beside && record.content == other.content && record.data == other.data {
            return refuse(81058, "An identical record already exists.");
        }
        if kind == "CNAME" && (beside == "CNAME" || is_address(beside)) {
            return refuse(81053, "An A, AAAA, or CNAME record with that host already exists.");
        }
        if is_address(kind) && beside == "CNAME" {
            return refuse(81054, "A CNAME record with that host already exists.");
        }
        if record.name != apex && kind == "NS" && beside != "NS" {
            return refuse(81055, "Non-NS records with that host already exist.");
        }
        if record.name != apex && kind != "NS" && beside == "NS" {
            return refuse(81056, "NS records with that host already exist.");
        }
    }
    Ok(())
}
